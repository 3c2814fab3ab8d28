import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { finishHold } from '../../src/keeper/finish.ts';
import { KeeperFolder } from '../../src/keeper/folder.ts';
import { acquire } from '../../src/lease/acquire.ts';
import { LocalStore } from '../../src/store/local.ts';
import { pooledDisk } from '../../src/store/local-io.ts';
import { FakeLock, holderOf, isHeld, leaseIdOf, leaseOf, TIMING } from '../support/fake-lock.ts';

/* Bugs of other locks that no other test here stands for: docs/known-bugs.md names them all. */

describe('an owner id is no identity', () => {
  const [first, second] = [holderOf('a', { ownerId: 'mona' }), holderOf('b', { ownerId: 'mona' })];

  test('a second lease of the same owner waits for the first', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquired({ holder: first });
    expect(await lock.acquire({ holder: second, waitTimeoutMs: 10_000 })).toMatchObject({
      kind: 'timed-out',
      record: { holder: { leaseId: leaseIdOf('a') } },
    });
  });

  test('what the first does at its end changes nothing for the second', async () => {
    const lock = await FakeLock.trusted();
    const early = await lock.acquired({ holder: first });
    const acquiring = acquire(lock.context, lock.request({ holder: second }));
    await lock.clock.advance(1_000);
    await lock.clock.run(early.release(lock.clock.monotonicMs() + 1_000));
    const late = leaseOf(await lock.clock.run(acquiring));
    expect(await lock.clock.run(early.release(lock.clock.monotonicMs() + 1_000))).toMatchObject({
      kind: 'lost',
    });
    expect(await lock.clock.run(early.renew(lock.clock.monotonicMs() + 1_000))).toMatchObject({
      kind: 'lost',
    });
    expect(await isHeld(late)).toBe(true);
  });
});

describe('the end of a job that never got the lock', () => {
  let folder: KeeperFolder;
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'known-bugs-'));
    folder = KeeperFolder.of(temporary, leaseIdOf('a'));
  });
  afterEach(() => rmSync(temporary, { recursive: true }));

  test.each(['timed out', 'was cancelled'])('because it %s leaves the lock to its holder', async (how) => {
    const lock = await FakeLock.trusted();
    const holding = await lock.acquiredElsewhere();
    const stop = new AbortController();
    const waiting = acquire(lock.context, lock.request({ waitTimeoutMs: 5_000, signal: stop.signal }));
    await lock.clock.advance(2_000);
    if (how === 'was cancelled') stop.abort();
    expect((await lock.clock.run(waiting)).kind).toBe(how === 'timed out' ? 'timed-out' : 'cancelled');
    const before = await lock.stored();
    const ending = finishHold({
      ...{
        folder,
        holder: holderOf('a'),
        timing: TIMING,
        acquired: false,
        clock: lock.clock,
        withinMs: 18_000,
      },
      openLock: async () => lock.context,
    });
    expect(await lock.clock.run(ending)).toEqual({ kind: 'nothing' });
    expect(await lock.stored()).toEqual(before);
    expect(await isHeld(holding)).toBe(true);
  });
});

test('of two that find the same lease stale, the slower one steals nothing from the faster', async () => {
  const lock = await FakeLock.trusted();
  await lock.acquiredElsewhere('c');
  await lock.clock.advance(100_000);
  // The slower one has looked, has decided, and is held up right before its write.
  lock.store.beforeNextWrite(async () => {
    const faster = acquire(
      lock.elsewhere,
      lock.request({ holder: holderOf('b'), stalePolicy: 'holder-finished', evidence: [DEAD] }),
    );
    expect((await faster).kind).toBe('acquired');
  });
  const outcome = await lock.acquire({ waitTimeoutMs: 3_000 });
  expect(outcome).toMatchObject({
    kind: 'timed-out',
    record: { holder: { leaseId: leaseIdOf('b') }, token: expect.any(Number) },
  });
  expect(await lock.stored()).toMatchObject({ state: 'held', holder: { leaseId: leaseIdOf('b') } });
});

const DEAD = { name: 'dead', check: async () => ({ kind: 'finished' as const, proof: 'it is dead' }) };

test('a write that another was in the way of (409) is sent again, and the lock is taken', async () => {
  const lock = await FakeLock.trusted();
  lock.store.script('write', { kind: 'fail', error: 'unavailable' }, { kind: 'fail', error: 'unavailable' });
  expect((await lock.acquired()).record).toMatchObject({
    state: 'held',
    holder: { leaseId: leaseIdOf('a') },
  });
});

test('a record that went stale under a reader of NFS (ESTALE) is looked for again', async () => {
  const root = mkdtempSync(join(tmpdir(), 'known-bugs-'));
  let stale = false;
  const store = await LocalStore.open(root, {
    filesystem: { name: 'nfs', local: false },
    disk: {
      ...pooledDisk,
      read: async (path, limit) => {
        if (stale) throw Object.assign(new Error('ESTALE: stale file handle, read'), { code: 'ESTALE' });
        return pooledDisk.read(path, limit);
      },
    },
  });
  await store.write('locks/x', 'one', 'absent');
  stale = true;
  await expect(store.read('locks/x')).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
  stale = false;
  expect(await store.read('locks/x')).toMatchObject({ kind: 'found', body: 'one' });
  rmSync(root, { recursive: true });
});
