import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { historyKey, recordKey } from '../../src/lease/name.ts';
import { type LeaseRecord, parseRecord } from '../../src/lease/record.ts';
import { killAll } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, rawLog, shownLog } from '../support/runner/runner.mjs';
import type { JobSpec } from '../support/runner/types.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';
import {
  expectCourse,
  Gate,
  hold,
  LOCK,
  lockStep,
  NORMAL,
  readStatus,
  removeAll,
  runWith,
  said,
  startWith,
  temporary,
  until,
  untilLine,
} from './action-jobs.ts';

/* The Action on S3: what it asks of the server, and where its credentials go. */

jest.setTimeout(60_000);

const WORK = { id: 'work', run: 'echo working' };
let server: Awaited<ReturnType<typeof startMiniflareS3>>;
/** With credentials in the job's environment, and no others to be found. */
let account: Partial<JobSpec>;

beforeAll(async () => {
  server = await startMiniflareS3({ clock: true });
  const env = {
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  account = { env, processEnv: { HOME: temporary() } };
  // Probes the store, which only the first job of all does.
  expectCourse(await runWith([lockStep(server.url), WORK], account), NORMAL);
}, 120_000);
afterEach(async () => {
  server.reset();
  await killJobs();
});
afterAll(async () => {
  await server.close();
  removeAll();
});

const HISTORY = historyKey(LOCK);

/** What was asked since the last `reset`, but for the history: `GET 200`, `PUT 412`. */
function asked(): string[] {
  return server
    .requests()
    .filter(({ path }) => !path.includes(HISTORY))
    .map(({ method, status }) => `${method} ${status}`);
}

/** The same of the history alone, with where it stood among all. */
function askedOfHistory(): { at: number; what: string }[] {
  return server
    .requests()
    .map(({ method, status, path }, at) => ({ at, what: `${method} ${status}`, path }))
    .filter(({ path }) => path.includes(HISTORY))
    .map(({ at, what }) => ({ at, what }));
}

/** The record, by what the jobs themselves were last answered or wrote. */
function lastWritten(): LeaseRecord {
  const { body = '' } =
    server
      .requests()
      .findLast(
        ({ method, status, path }) => method === 'PUT' && status === 200 && !path.includes(HISTORY),
      ) ?? {};
  return parseRecord(body, { name: LOCK, key: recordKey(LOCK), storeUrl: server.url });
}

test('a job costs one read and two writes: to acquire, and to release', async () => {
  server.reset();
  const result = await runWith([lockStep(server.url), WORK], account);
  expectCourse(result, NORMAL);
  expect(asked()).toEqual(['GET 200', 'PUT 200', 'PUT 200']);
  // The history: after the lock is free, by the keeper.
  expect(askedOfHistory()).toEqual([
    { at: 3, what: 'GET 200' },
    { at: 4, what: 'PUT 200' },
  ]);
  expect(lastWritten()).toMatchObject({ state: 'released', token: Number(result.steps.lock?.outputs.token) });
  expect(result.swept).toEqual([]);
});

test('a renewal is one write, a look at a held lock one read without a body', async () => {
  const gate = new Gate();
  const holder = startWith([lockStep(server.url), gate.step], account);
  await untilLine(holder, 'holding');
  server.reset();
  await until('a renewal', () => server.requests().some(({ status }) => status > 0));
  expect(asked()).toEqual(['PUT 200']);
  expect(lastWritten()).toMatchObject({ state: 'held', renewals: 1 });

  server.reset();
  const waiter = startWith([lockStep(server.url), WORK], account);
  await untilLine(waiter, 'is held by');
  await sleep(1_500);
  const looks = asked();
  expect(looks[0]).toBe('GET 200');
  expect(looks.slice(1).length).toBeGreaterThan(2);
  expect(new Set(looks.slice(1))).toEqual(new Set(['GET 304']));
  // Who waits reads the history once, after its first look.
  const [read, ...more] = askedOfHistory();
  expect(read).toMatchObject({ what: 'GET 200' });
  expect(read?.at).toBeGreaterThan(0);
  expect(more).toEqual([]);
  gate.open();
  expectCourse(await holder.done, NORMAL);
  expectCourse(await waiter.done, NORMAL);
});

test('the secret is in no command line, environment of the keeper, state, log, record', async () => {
  const { folder, keeperPid, job, end } = await hold(server.url, {}, account);
  const secret = server.secretAccessKey;
  const environment = readFileSync(`/proc/${keeperPid}/environ`, 'utf8');
  expect(environment).toContain('RUNNER_TRACKING_ID=');
  expect(environment).not.toContain('AWS_SECRET_ACCESS_KEY');
  expect(environment).not.toContain(secret);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    expect(commandLineOf(pid)).not.toContain(secret);
  }
  for (const name of readdirSync(folder)) {
    expect(readFileSync(join(folder, name), 'utf8')).not.toContain(secret);
  }
  expect(readFileSync(join(folder, 'keeper.log'), 'utf8')).toContain('keeping lease');
  expect(JSON.stringify(job.result.steps.lock?.state)).not.toContain(secret);
  const result = await end();
  expectCourse(result, NORMAL);
  expect(rawLog(result)).not.toContain(secret);
  for (const { body } of server.requests()) expect(body).not.toContain(secret);
});

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** What configure-aws-credentials does at its end, before our post. */
const BLANK = {
  id: 'blank',
  run: 'for v in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; do echo "$v=" >> "$GITHUB_ENV"; done',
};

test('credentials that are blanked before post: the keeper still has its own, and releases', async () => {
  server.reset();
  const result = await runWith([lockStep(server.url), BLANK], account);
  expect(result.env.AWS_SECRET_ACCESS_KEY).toBe('');
  expectCourse(result, ['lock.pre success', 'lock.main success', 'blank.main success', 'lock.post success']);
  expect(result.annotations).toEqual([]);
  expect(lastWritten()).toMatchObject({ state: 'released', ended: { how: 'released' } });
});

test('blanked, and the keeper is dead: the warning says what is wrong and when the lock is free', async () => {
  const gate = new Gate();
  const job = startWith([lockStep(server.url, { name: 'orphaned' }), BLANK, gate.step], account);
  await untilLine(job, 'holding');
  const { folder } = JSON.parse(job.result.steps.lock?.state.config ?? '');
  await killAll([readStatus(folder)?.keeper.pid ?? 0]);
  gate.open();
  const result = await job.done;
  expect(result.conclusion).toBe('success');
  expect(said(result, 'warning')).toMatch(
    /^Lock "orphaned" could not be released: .*credentials.* If it is held, its lease runs out by itself within 15s\.$/i,
  );
});

test('wrong credentials: denied, and neither key is in the message', async () => {
  const AWS_SECRET_ACCESS_KEY = 'wrong-secret-of-somebody';
  const result = await runWith([lockStep(server.url), WORK], {
    ...account,
    env: { ...account.env, AWS_SECRET_ACCESS_KEY },
  });
  expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
  expect(phaseOf(result, 'lock', 'pre').durationMs).toBeLessThan(5_000);
  expect(said(result, 'error')).toMatch(/denied|not allowed|signature|credentials/i);
  expect(rawLog(result)).not.toContain(AWS_SECRET_ACCESS_KEY);
  expect(phaseOf(result, 'lock', 'post').status).toBe('success');
});

test('the server is away for a while during the hold: the keeper tries until it is back', async () => {
  const { folder, end } = await hold(server.url, { 'on-lost': 'fail' }, account);
  server.reset();
  server.inject(() => 'cut-before');
  await until('two attempts in vain', () => server.requests().length >= 2);
  expect(readStatus(folder)).toMatchObject({ state: { kind: 'keeping' }, renewals: 0 });
  server.inject();
  await until('a renewal', () => (readStatus(folder)?.renewals ?? 0) >= 1);
  const result = await end();
  expectCourse(result, NORMAL);
  expect(result.annotations).toEqual([]);
});

test('the server is away past the deadline: the loss is told with its reason, and the lock is freed at the end', async () => {
  const { folder, leaseId, end } = await hold(server.url, { 'on-lost': 'fail' }, account);
  server.inject(() => ({ status: 503, body: '<Error><Code>SlowDown</Code></Error>' }));
  await until('the keeper gives up', () => readStatus(folder)?.state.kind === 'lost', 20_000);
  server.inject();
  server.reset();
  const result = await end();
  expect(phaseOf(result, 'lock', 'post').status).toBe('failure');
  expect(said(result, 'error')).toMatch(
    /^Lock "deploy" was lost while the job ran, at .*: no renewal got through for 1[3-5]s: .*503/,
  );
  expect(lastWritten()).toMatchObject({ state: 'released', holder: { leaseId } });
  // The keeper could not write the history: post does.
  const history = server
    .requests()
    .findLast(({ method, path }) => method === 'PUT' && path.includes(HISTORY));
  expect(JSON.parse(history?.body ?? '').holds[0]).toMatchObject({ leaseId, how: 'lost' });
});

test('a storm of 503 while waiting: the log says so, the wait goes on', async () => {
  const gate = new Gate();
  const holder = startWith([lockStep(server.url), gate.step], account);
  await untilLine(holder, 'holding');
  const waiter = startWith([lockStep(server.url), WORK], account);
  await untilLine(waiter, 'is held by');
  server.inject(({ method }) => (method === 'GET' ? { status: 503 } : undefined));
  await untilLine(waiter, 'Trying again.');
  await sleep(1_000);
  server.inject();
  gate.open();
  expectCourse(await holder.done, NORMAL);
  const result = await waiter.done;
  expectCourse(result, NORMAL);
  expect(shownLog(result)).toMatch(/503.*Trying again\./);
});

test('the answer to the write that acquires is lost: the lock is acquired all the same, once', async () => {
  server.reset();
  let lost = false;
  server.inject(({ method }) => {
    if (method !== 'PUT' || lost) return undefined;
    lost = true;
    return 'cut-after';
  });
  const result = await runWith([lockStep(server.url), WORK], account);
  expectCourse(result, NORMAL);
  expect(lost).toBe(true);
  expect(lastWritten()).toMatchObject({ state: 'released', token: Number(result.steps.lock?.outputs.token) });
});
