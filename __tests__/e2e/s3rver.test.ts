import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { openStore } from '../../src/store/open.ts';
import { probeStore } from '../../src/store/probe.ts';
import { startS3rver } from '../support/s3-server.mjs';

let server: Awaited<ReturnType<typeof startS3rver>>;
beforeAll(async () => {
  // The first start installs it.
  server = await startS3rver();
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
}, 120_000);
afterAll(() => server?.close());

test('s3rver accepts conditions and ignores them: the probe says so, and what else it can', async () => {
  const store = await openStore(server.url);
  const report = await probeStore(store, { clock: systemClock, random: systemRandom });
  expect(report).toMatchObject({ ok: false, storeClock: true });
  expect(Object.fromEntries(report.promises.map(({ id, held }) => [id, held]))).toEqual({
    create: 'no',
    replace: 'yes',
    stale: 'no',
    missing: 'no',
    'replace-race': 'no',
    list: 'yes',
    clock: 'yes',
    remove: 'yes',
  });
});
