import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { identify } from '../../src/base/process.ts';
import { finishHold, type HoldEnd } from '../../src/keeper/finish.ts';
import { KeeperFolder } from '../../src/keeper/folder.ts';
import type { KeeperStatus } from '../../src/keeper/handover.ts';
import { storeSnapshot } from '../../src/keeper/snapshot.ts';
import { StoreError } from '../../src/store/store.ts';
import { FakeLock, holderOf, leaseIdOf, TIMING } from '../support/fake-lock.ts';
import type { Fault } from '../support/fake-store.ts';

const WITHIN_MS = 18_000;
const DOWN: Fault = { kind: 'fail', error: 'unavailable' };

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'finish-'));
});
afterEach(() => rmSync(temporary, { recursive: true }));

/** Ends the hold of the lease `a`, whose keeper is not there. */
function finish(lock: FakeLock): Promise<HoldEnd> {
  return finishHold({
    folder: KeeperFolder.of(temporary, leaseIdOf('a')),
    holder: holderOf('a'),
    timing: TIMING,
    acquired: true,
    openLock: async () => lock.context,
    clock: lock.clock,
    withinMs: WITHIN_MS,
  });
}

describe('the end of a hold without a keeper', () => {
  test('a store that does not answer the first reads is asked again, and the lease is released', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquired();
    lock.store.script('read', DOWN, DOWN, DOWN);
    expect(await lock.clock.run(finish(lock))).toMatchObject({ kind: 'released' });
    expect(await lock.stored()).toMatchObject({ state: 'released', ended: { how: 'released' } });
  });

  test.each(['read', 'write'] as const)(
    'a %s that hangs does not hold the job up for longer',
    async (call) => {
      const lock = await FakeLock.trusted();
      await lock.acquired();
      lock.store.stand(call, { kind: 'hang', applies: false });
      const startMs = lock.clock.monotonicMs();
      await expect(lock.clock.run(finish(lock))).rejects.toThrow(StoreError);
      expect(lock.clock.monotonicMs() - startMs).toBeLessThanOrEqual(WITHIN_MS + 1);
    },
  );

  test('a free lock is written anew, so that a write of the dead can not apply any more', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    await other.release(lock.clock.monotonicMs() + 1_000);
    const before = await lock.stored();
    expect(await lock.clock.run(finish(lock))).toMatchObject({ kind: 'lost', cause: { kind: 'stolen' } });
    const after = await lock.stored();
    expect(after).toEqual({ ...before, nonce: after?.nonce, trail: after?.trail });
    expect(after?.trail[0]).toBe(before?.nonce);
  });
});

describe('the end of a hold with a keeper', () => {
  async function lastWord(
    state: KeeperStatus['state'],
  ): Promise<{ lock: FakeLock; elapsedMs: () => number }> {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    const folder = KeeperFolder.of(temporary, leaseIdOf('a'));
    folder.create();
    // A process that is there and does not end: this one.
    folder.writeStatus({ keeper: identify(process.pid), state, snapshot: storeSnapshot(lease), renewals: 3 });
    const startMs = lock.clock.monotonicMs();
    return { lock, elapsedMs: () => lock.clock.monotonicMs() - startMs };
  }

  test('one that has said its last word and can not end, on a mount that hangs, is waited for a moment only', async () => {
    const { lock, elapsedMs } = await lastWord({ kind: 'released' });
    expect(await lock.clock.run(finish(lock))).toMatchObject({ kind: 'released', keeperDied: false });
    expect(elapsedMs()).toBeGreaterThanOrEqual(2_000);
    expect(elapsedMs()).toBeLessThan(2_100);
  });

  test('one that stands still is waited for as long as it may take to release, then the lease is released without it', async () => {
    const { lock, elapsedMs } = await lastWord({ kind: 'keeping' });
    expect(await lock.clock.run(finish(lock))).toMatchObject({ kind: 'released' });
    expect(elapsedMs()).toBeGreaterThanOrEqual(12_000);
    expect(await lock.stored()).toMatchObject({ state: 'released' });
  });
});
