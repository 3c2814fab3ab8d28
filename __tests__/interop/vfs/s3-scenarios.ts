import { setTimeout as pause } from 'node:timers/promises';
import { openStore } from '../../../src/store/open.ts';
import { startRecordingProxy, startVersitygw } from '../../support/s3-server.mjs';
import { ask, Checks } from '../pid/side.ts';
import type { Driver, Scenario, Trial } from '../suite.ts';
import { heldOf, TTL_MS, tell } from './scenarios.ts';

/** A bucket, with both programs as its clients. */
interface Bucket {
  readonly checks: Checks;
  /** What all requests pass through. */
  readonly wire: Awaited<ReturnType<typeof startRecordingProxy>>;
  /** What is locked, as each side says it. */
  readonly our: string;
  readonly their: string;
  ours(options?: Readonly<Record<string, unknown>>): Driver;
  theirs(): Promise<Driver>;
  record(): Promise<string | undefined>;
}

const KEY = 'inbox/in.csv';

async function inBucket(
  trial: Trial,
  keys: 'new' | 'both',
  run: (bucket: Bucket) => Promise<void>,
): Promise<number> {
  // The original's client signs more headers than miniflare knows how to check.
  const server = await startVersitygw({ bucket: 'data' });
  const wire = await startRecordingProxy(new URL(server.endpoint), { clock: false });
  const url = server.url.replace(encodeURIComponent(server.endpoint), encodeURIComponent(wire.origin));
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  const checks = new Checks();
  const store = await openStore(url);
  try {
    await run({
      checks,
      wire,
      our: url.replace('s3://data', `s3://data/${KEY}`),
      their: `s3://data/${KEY}`,
      ours: (options = {}) => trial.ours({ keys, ...options }),
      theirs: async () => {
        const driver = trial.theirs();
        await tell(driver, `set endpoint ${wire.origin}`);
        return driver;
      },
      record: async () => {
        const reading = await store.read(`${KEY}.lock`);
        return reading.kind === 'found' ? reading.body : undefined;
      },
    });
  } finally {
    await wire.close();
    await server.close();
  }
  return checks.count;
}

/** The scenarios in S3, with an original that has a backend for it. */
export function s3ScenariosOf(spelling: 'new' | 'old'): readonly Scenario[] {
  const keys = spelling === 'new' ? 'new' : 'both';
  return [
    {
      direction: 'ours → theirs',
      name: 'in S3, we hold: refused until we release',
      run: (trial) =>
        inBucket(trial, keys, async ({ checks, our, their, record, ...start }) => {
          const [ours, theirs] = [start.ours({ ttlMs: 60_000, ownerId: 'job' }), await start.theirs()];
          checks.same('ours', (await ask(ours, `try ${our}`)).kind, 'acquired');
          checks.same('theirs', (await tell(theirs, `try ${their}`)).kind, 'held');
          const meta = await tell(theirs, `meta ${their}`);
          checks.same(
            'what they read',
            [meta.pid, meta.ownerId, meta.ttlNs],
            [ours.pid, 'job', '60000000000'],
          );
          checks.same('the time that they read', meta.createdAt, (await heldOf(ours, our))?.since);
          checks.same('our renewal', (await ask(ours, 'renew')).kind, 'ours');
          checks.same('our release', await ask(ours, 'unlock'), { kind: 'ours' });
          checks.same('what is left', await record(), undefined);
          checks.same('theirs, then', (await tell(theirs, `try ${their}`)).kind, 'acquired');
        }),
    },
    {
      direction: 'theirs → ours',
      name: 'in S3, it holds: we are refused until it releases',
      run: (trial) =>
        inBucket(trial, keys, async ({ checks, our, their, ...start }) => {
          const [ours, theirs] = [start.ours(), await start.theirs()];
          await tell(theirs, 'set ttl 60s');
          await tell(theirs, 'set owner ingest');
          checks.same('theirs', (await tell(theirs, `try ${their}`)).kind, 'acquired');
          checks.same('ours', (await ask(ours, `try ${our}`)).kind, 'held');
          const held = await heldOf(ours, our);
          checks.same(
            'who it is, we say',
            [held?.pid, held?.ownerId, held?.ttlMs],
            [theirs.pid, 'ingest', 60_000],
          );
          checks.same('their release', (await tell(theirs, 'unlock')).kind, 'done');
          checks.same('ours, then', (await ask(ours, `try ${our}`)).kind, 'acquired');
        }),
    },
    {
      direction: 'theirs → ours',
      name: 'in S3, it is killed: we take over when its ttl is over',
      run: (trial) =>
        inBucket(trial, keys, async ({ checks, our, their, ...start }) => {
          const [ours, theirs] = [start.ours(), await start.theirs()];
          await tell(theirs, `set ttl ${2 * TTL_MS}ms`);
          checks.same('theirs', (await tell(theirs, `try ${their}`)).kind, 'acquired');
          await theirs.kill();
          checks.same('ours', (await ask(ours, `try ${our}`)).kind, 'held');
          await pause(2 * TTL_MS + 100);
          const taken = await ask(ours, `try ${our}`);
          checks.same('ours, then', [taken.kind, taken.took?.pid], ['acquired', theirs.pid]);
          checks.same('our check', (await ask(ours, 'check')).kind, 'ours');
        }),
    },
    {
      direction: 'ours → theirs',
      name: 'in S3, we are killed: it takes over when our ttl is over',
      run: (trial) =>
        inBucket(trial, keys, async ({ checks, our, their, ...start }) => {
          const [ours, theirs] = [start.ours({ ttlMs: 2 * TTL_MS }), await start.theirs()];
          checks.same('ours', (await ask(ours, `try ${our}`)).kind, 'acquired');
          await ours.kill();
          checks.same('theirs', (await tell(theirs, `try ${their}`)).kind, 'held');
          await pause(2 * TTL_MS + 100);
          checks.same('theirs, then', (await tell(theirs, `try ${their}`)).kind, 'acquired');
        }),
    },
    {
      direction: 'ours → theirs',
      name: 'in S3, the original has looked, and writes when we have entered: we are told, and leave it',
      run: (trial) =>
        inBucket(trial, keys, async ({ checks, wire, our, their, record, ...start }) => {
          const [ours, theirs] = [start.ours({ ttlMs: 60_000 }), await start.theirs()];
          let letThrough = (): void => {};
          const entered = new Promise<void>((resolve) => {
            letThrough = resolve;
          });
          wire.onRequest = async ({ method, path }) => {
            if (method === 'PUT' && path.includes('.lock.tmp')) await entered;
            return undefined;
          };
          const trying = tell(theirs, `try ${their}`);
          while (!wire.recorded.some(({ path }) => path.includes('.lock.tmp'))) await pause(5);
          checks.same('ours', (await ask(ours, `try ${our}`)).kind, 'acquired');
          letThrough();
          checks.same('theirs', (await trying).kind, 'acquired');
          const text = await record();
          for (const command of ['check', 'renew', 'unlock']) {
            const { kind, by } = await ask(ours, command);
            checks.same(`our ${command}`, [kind, by?.pid], ['compromised', theirs.pid]);
          }
          checks.same('their record', await record(), text);
        }),
    },
  ];
}
