import {
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { acquireBy } from '../../src/protocols/acquire.ts';
import {
  ASTERISK_VARIANTS,
  type AsteriskProtocol,
  type AsteriskVariant,
  lockPath,
} from '../../src/protocols/asterisk.ts';
import { AsteriskLockfile } from '../../src/protocols/asterisk-lockfile.ts';
import { openProtocol } from '../../src/protocols/open.ts';
import type { Surroundings } from '../../src/protocols/protocol.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeRandom } from '../support/fake-random.ts';

let folder: string;
let lock: string;
let clock: FakeClock;
let surroundings: Surroundings;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-asterisk-'));
  lock = join(folder, '.lock');
  clock = new FakeClock();
  surroundings = { clock, random: new FakeRandom(1), platform: 'linux' };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** When it was tried, milliseconds after the first time. */
function triesOf(protocol: AsteriskProtocol): number[] {
  const tries: number[] = [];
  const { tryAcquire } = protocol;
  const startedMs = clock.monotonicMs();
  protocol.tryAcquire = (request) => {
    tries.push(Math.round(clock.monotonicMs() - startedMs));
    return tryAcquire.call(protocol, request);
  };
  return tries;
}

function lockfile(variant: AsteriskVariant = 'asterisk'): AsteriskLockfile {
  return new AsteriskLockfile(surroundings, { variant });
}

describe('lockPath, which is ast_lock_path', () => {
  test('succeeds at once, and its hold unlocks', async () => {
    const outcome = await lockPath(lockfile(), folder, surroundings);
    if (outcome.kind !== 'success') throw new Error(outcome.kind);
    expect(readdirSync(folder)).toEqual(['.lock']);
    expect(await outcome.hold.release()).toEqual({ kind: 'ours' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("tries for less than Asterisk's 5 s", async () => {
    writeFileSync(lock, '');
    const protocol = lockfile();
    const tries = triesOf(protocol);
    const outcome = await clock.run(lockPath(protocol, folder, surroundings));
    expect(outcome).toMatchObject({ kind: 'timeout', by: { path: folder } });
    expect(tries).toHaveLength(100);
    expect(tries.at(-1)).toBe(4_950);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test("times out after the blog's 12 tries, half a second apart", async () => {
    writeFileSync(lock, '');
    const protocol = lockfile('blog');
    const tries = triesOf(protocol);
    const outcome = await clock.run(lockPath(protocol, folder, surroundings));
    expect(outcome.kind).toBe('timeout');
    expect(tries).toEqual([0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500]);
  });

  test('takes over what is older than the ttl, if one is given', async () => {
    writeFileSync(lock, '');
    utimesSync(lock, 1, 1);
    const outcome = await clock.run(lockPath(lockfile(), folder, surroundings));
    expect(outcome.kind).toBe('timeout');
    expect((await lockPath(lockfile(), folder, { ...surroundings, ttlMs: 60_000 })).kind).toBe('success');
  });

  test.each(ASTERISK_VARIANTS)('tells a missing path from a failure, %s', async (variant) => {
    const missing = await lockPath(lockfile(variant), join(folder, 'missing'), surroundings);
    expect(missing).toMatchObject({ kind: 'path-not-found', error: { problem: 'path-missing' } });
    writeFileSync(join(folder, 'file'), '');
    const file = await lockPath(lockfile(variant), join(folder, 'file'), surroundings);
    expect(file).toMatchObject({ kind: 'path-not-found', error: { problem: 'not-a-directory' } });
    const windows = new AsteriskLockfile({ ...surroundings, platform: 'win32' }, { variant });
    expect(await lockPath(windows, folder, surroundings)).toMatchObject({
      kind: 'failure',
      error: { problem: 'unsupported' },
    });
  });

  test('fails at once on a symbolic link, with flock', async () => {
    symlinkSync('target', join(folder, 'lock'));
    const flock = (await openProtocol('asterisk-flock', surroundings)) as AsteriskProtocol;
    const outcome = await lockPath(flock, folder, surroundings);
    expect(outcome).toMatchObject({ kind: 'failure', error: { problem: 'refused-file' } });
  });

  test('is cancelled', async () => {
    writeFileSync(lock, '');
    const over = new AbortController();
    const waiting = lockPath(lockfile(), folder, { ...surroundings, signal: over.signal });
    await clock.advance(1_000);
    over.abort();
    expect(await waiting).toEqual({ kind: 'cancelled' });
  });
});

describe('waiting', () => {
  test('ends with the removal of the lock, long before the next try', async () => {
    writeFileSync(lock, '');
    const protocol = lockfile('blog');
    const request = {
      path: folder,
      pid: process.pid,
      stalePolicy: 'expired',
      waitTimeoutMs: 60_000,
    } as const;
    const waiting = acquireBy(protocol, { ...request, onWait: () => unlinkSync(lock) }, surroundings);
    // Its clock stands still: only the directory wakes it.
    expect(await waiting).toMatchObject({ kind: 'acquired', waitedMs: 0 });
  });

  test('is not ended by its own temporary files', async () => {
    writeFileSync(lock, '');
    const protocol = lockfile('blog');
    const tries = triesOf(protocol);
    const over = new AbortController();
    const waiting = acquireBy(
      protocol,
      {
        path: folder,
        pid: process.pid,
        stalePolicy: 'expired',
        ttlMs: 60_000,
        waitTimeoutMs: 60_000,
        signal: over.signal,
      },
      surroundings,
    );
    // Time for what the first try has done in the directory to be heard of.
    await systemClock.sleep(200);
    over.abort();
    await waiting;
    expect(tries).toEqual([0]);
  });
});
