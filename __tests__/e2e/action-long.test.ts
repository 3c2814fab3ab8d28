import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { recordKey } from '../../src/lease/name.ts';
import { parseRecord } from '../../src/lease/record.ts';
import { FastTime } from '../support/fast-time.mjs';
import { IdentityServer } from '../support/identity-server.mjs';
import { killJobs } from '../support/runner/runner.mjs';
import { startMiniflareS3 } from '../support/s3-server.mjs';
import { StsServer } from '../support/sts-server.mjs';
import {
  expectCourse,
  hold,
  LOCK,
  NORMAL,
  nodeWith,
  readStatus,
  removeAll,
  temporary,
  until,
} from './action-jobs.ts';

/*
 * A hold that is longer than the credentials it began with. Pre, main, keeper and post, the provider of identities, the STS
 * and the dates of the S3 server are in one time, which runs 50 times as fast while the job works. action-role.test.ts has
 * the same with a real STS, in real time, and credentials for seconds.
 */

jest.setTimeout(240_000);

const MINUTE_MS = 60_000;
const RATE = 50;
const EXPIRED =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';

const time = new FastTime(temporary());
let identity: IdentityServer;
let sts: StsServer;
let server: Awaited<ReturnType<typeof startMiniflareS3>>;

beforeAll(async () => {
  [identity, sts, server] = await Promise.all([
    IdentityServer.start(),
    StsServer.start(),
    startMiniflareS3({ clock: true }),
  ]);
  sts.nowMs = () => time.nowMs;
  identity.nowS = () => Math.floor(time.nowMs / 1_000);
}, 120_000);
afterEach(killJobs);
afterAll(async () => {
  await Promise.all([identity.close(), sts.close(), server.close()]);
  removeAll();
});

/**
 * The server takes the credentials of the STS as long as they last. What reaches it behind that is signed with its own, at the
 * real time: it takes no request that is a quarter of an hour off.
 */
function takeSessions(): { refused: () => number } {
  let refused = 0;
  server.inject(({ headers }) => {
    const date = new Date(time.nowMs).toUTCString();
    if (sts.isValid(String(headers['x-amz-security-token']))) {
      const set = { 'x-amz-date': new Date().toISOString().replace(/\.\d+|[:-]/g, '') };
      return { strip: ['x-amz-security-token'], set, addHeaders: { date } };
    }
    refused += 1;
    return { status: 400, body: EXPIRED, headers: { date, 'content-type': 'application/xml' } };
  });
  return { refused: () => refused };
}

test('a hold of 70 minutes outlives its credentials twice, each renewed by a new identity token', async () => {
  sts.lifetimeMs = 30 * MINUTE_MS;
  const { refused } = takeSessions();
  const role = { 'role-to-assume': 'arn:aws:iam::111122223333:role/locks', 'aws-region': 'us-east-1' };
  const { folder, end } = await hold(
    server.url,
    { ...role, ttl: '5m', 'on-lost': 'fail' },
    {
      runner: { nodePath: nodeWith(time.preload) },
      processEnv: {
        HOME: temporary(),
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ENDPOINT_URL_STS: sts.endpoint,
        ...identity.environment,
      },
    },
  );
  const ofPre = 1;
  expect(sts.assumed).toHaveLength(ofPre);
  const startedMs = time.nowMs;
  time.run(RATE);
  await until('70 minutes', () => time.nowMs - startedMs >= 70 * MINUTE_MS, 180_000);
  time.slowDown();

  // By its own clock, and not by ours alone, the keeper has renewed for 70 minutes, every 100 s or so.
  const status = readStatus(folder);
  expect(status?.state).toEqual({ kind: 'keeping' });
  expect((status?.snapshot.sentAt.wallMs ?? 0) - startedMs).toBeGreaterThan(66 * MINUTE_MS);
  expect(status?.renewals).toBeGreaterThan(36);
  expect(readFileSync(join(folder, 'keeper.log'), 'utf8')).not.toMatch(/role-to-assume|denied|expired/i);
  const result = await end();
  expectCourse(result, NORMAL);
  expect(result.annotations).toEqual([]);

  // The keeper signs in by itself, and again after 25 and 50 minutes.
  const ofKeeper = sts.assumed.slice(ofPre);
  expect(ofKeeper).toHaveLength(3);
  const [first = 0, second = 0, third = 0] = ofKeeper.map(({ atMs }) => (atMs - startedMs) / MINUTE_MS);
  for (const between of [second - first, third - second]) {
    expect(between).toBeGreaterThan(24);
    expect(between).toBeLessThan(29);
  }
  expect(new Set(sts.assumed.map(({ jti }) => jti)).size).toBe(sts.assumed.length);
  expect(refused()).toBe(0);

  const key = recordKey(LOCK);
  const writes = server.requests().filter(({ method, path }) => method === 'PUT' && path.includes(key));
  const { body = '' } = writes.at(-1) ?? {};
  const last = parseRecord(body, { name: LOCK, key, storeUrl: server.url });
  if (last.state !== 'released') throw new Error(`The lock is ${last.state} in the end.`);
  expect(last.ended.how).toBe('released');
  expect(Date.parse(last.ended.at) - Date.parse(last.acquiredAt)).toBeGreaterThan(70 * MINUTE_MS);
});
