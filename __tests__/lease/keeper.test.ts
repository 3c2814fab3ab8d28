import { describe, expect, test } from '@jest/globals';
import { instantOf } from '../../src/base/clock.ts';
import { breakLease } from '../../src/lease/break.ts';
import { type Keeping, type KeepOptions, keep } from '../../src/lease/keeper.ts';
import { Lease } from '../../src/lease/lease.ts';
import { buildTiming } from '../../src/lease/policy.ts';
import { FakeLock, holderOf, isHeld, KEY } from '../support/fake-lock.ts';
import type { Fault } from '../support/fake-store.ts';

const UNAVAILABLE: Fault = { kind: 'fail', error: 'unavailable' };
const HANGS: Fault = { kind: 'hang', applies: false };
const TTL_MS = 90_000;
const DEADLINE_MS = 80_000;

/** A lease that is kept from the moment it was acquired, and what the keeper said. */
class Kept {
  readonly renewedMs: number[] = [];
  readonly lateMs: (number | undefined)[] = [];
  readonly troubles: Error[] = [];
  readonly stop = new AbortController();
  readonly lock: FakeLock;
  readonly lease: Lease;
  readonly keeping: Keeping;
  readonly #startMs: number;
  lostMs: number | undefined;

  private constructor(lock: FakeLock, lease: Lease, options: Partial<KeepOptions>) {
    this.lock = lock;
    this.lease = lease;
    this.#startMs = lock.clock.monotonicMs();
    this.keeping = keep(lease, {
      signal: this.stop.signal,
      onRenewed: (lateMs) => {
        this.renewedMs.push(this.nowMs);
        this.lateMs.push(lateMs);
      },
      onTrouble: (error) => this.troubles.push(error),
      ...options,
    });
    this.keeping.lost.addEventListener('abort', () => {
      this.lostMs = this.nowMs;
    });
  }

  static async start(options: Partial<KeepOptions> = {}): Promise<Kept> {
    const lock = await FakeLock.trusted();
    return new Kept(lock, await lock.acquired(), options);
  }

  /** Since the acquisition. */
  get nowMs(): number {
    return this.lock.clock.monotonicMs() - this.#startMs;
  }

  fails(fault: Fault | undefined): void {
    for (const operation of ['read', 'write'] as const) this.lock.store.stand(operation, fault);
  }

  end(): ReturnType<FakeLock['clock']['run']> {
    return this.lock.clock.run(this.keeping.ended);
  }
}

describe('keeping', () => {
  test('renews every third of the ttl, give or take a tenth, by one write each', async () => {
    const kept = await Kept.start();
    kept.lock.store.forgetCalls();
    await kept.lock.clock.advance(600_000);
    const gapsMs = kept.renewedMs.map((ms, index) => ms - (kept.renewedMs[index - 1] ?? 0));
    expect(gapsMs.length).toBeGreaterThanOrEqual(18);
    for (const ms of gapsMs) {
      expect(ms).toBeGreaterThanOrEqual(27_000);
      expect(ms).toBeLessThanOrEqual(33_001);
    }
    expect(new Set(gapsMs.map(Math.round)).size).toBeGreaterThan(5);
    expect(kept.lock.store.count('write')).toBe(kept.renewedMs.length);
    expect(kept.lock.store.count('read')).toBe(0);
    expect(kept.lateMs.every((ms) => ms === undefined)).toBe(true);
    expect(kept.keeping.lost.aborted).toBe(false);
  });

  test('keeps others out for as long as it goes on', async () => {
    const kept = await Kept.start();
    expect(await kept.lock.acquire({ holder: holderOf('c'), waitTimeoutMs: 3_600_000 })).toMatchObject({
      kind: 'timed-out',
    });
    expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(true);
  });

  test('stops when told, and leaves the lease held', async () => {
    const kept = await Kept.start();
    await kept.lock.clock.advance(100_000);
    kept.stop.abort();
    expect(await kept.end()).toEqual({ kind: 'stopped' });
    expect(await isHeld(kept.lease)).toBe(true);
    expect(kept.keeping.lost.aborted).toBe(false);
    expect(kept.lock.clock.timeline.sleepers).toBe(0);
  });

  test('stops when told while a renewal hangs, and the release after it goes through', async () => {
    const kept = await Kept.start();
    kept.lock.store.script('write', { kind: 'hang', applies: true });
    await kept.lock.clock.advance(34_000);
    kept.stop.abort();
    expect(await kept.end()).toEqual({ kind: 'stopped' });
    expect(await kept.lock.clock.run(kept.lease.release(kept.lock.clock.monotonicMs() + 5_000))).toEqual({
      kind: 'released',
    });
    expect(await kept.lock.stored()).toMatchObject({ state: 'released', renewals: 1 });
    expect(kept.lock.clock.timeline.sleepers).toBe(0);
  });

  test('ends at the longest hold, and leaves the lease to run out', async () => {
    const kept = await Kept.start({ maxHoldMs: 300_000 });
    expect(await kept.end()).toEqual({ kind: 'lost', cause: { kind: 'max-hold', maxHoldMs: 300_000 } });
    expect(kept.lostMs).toBeGreaterThanOrEqual(300_000);
    expect(kept.lostMs).toBeLessThan(300_501);
  });

  test('an error that is no fault of the store ends it, and aborts the lost signal', async () => {
    const broken = new Error('disk full');
    const kept = await Kept.start({
      onRenewed: () => {
        throw broken;
      },
    });
    await expect(kept.end()).rejects.toBe(broken);
    expect(kept.keeping.lost.reason).toBe(broken);
  });
});

describe('trouble that passes', () => {
  test.each<[string, Fault]>([
    ['unavailable', UNAVAILABLE],
    ['denied', { kind: 'fail', error: 'denied' }],
    ['requests that get lost', { kind: 'lose-request' }],
    ['answers that get lost', { kind: 'lose-answer' }],
    ['no answer at all', HANGS],
  ])('for 40 s, of the kind %s, loses nothing', async (_, fault) => {
    const kept = await Kept.start();
    await kept.lock.clock.advance(26_000);
    kept.lock.store.stand('write', fault);
    await kept.lock.clock.advance(40_000);
    kept.lock.store.stand('write', undefined);
    await kept.lock.clock.advance(200_000);
    expect(kept.keeping.lost.aborted).toBe(false);
    expect(kept.renewedMs.length).toBeGreaterThanOrEqual(5);
    expect(await isHeld(kept.lease)).toBe(true);
  });

  test.each(['unavailable', 'denied'] as const)(
    'is told each time, and not tried again in a frenzy (%s)',
    async (error) => {
      const kept = await Kept.start();
      kept.fails({ kind: 'fail', error });
      await kept.lock.clock.advance(70_000);
      expect(kept.lock.store.count('write')).toBeGreaterThan(5);
      expect(kept.lock.store.count('write')).toBeLessThan(30);
      if (error === 'denied') expect(kept.troubles.length).toBeGreaterThan(5);
    },
  );
});

describe('losing', () => {
  test('to a thief: known at the next renewal, with who', async () => {
    const kept = await Kept.start();
    await kept.lock.put({
      ...kept.lease.record,
      nonce: 'd'.repeat(32),
      token: kept.lease.token + 1,
      holder: holderOf('c'),
    });
    expect(await kept.end()).toEqual({
      kind: 'lost',
      cause: {
        kind: 'stolen',
        by: holderOf('c'),
        token: kept.lease.token + 1,
        at: kept.lease.record.acquiredAt,
      },
    });
    expect(kept.keeping.lost.reason).toMatchObject({ kind: 'stolen' });
    expect(kept.lostMs).toBeLessThanOrEqual(33_001);
  });

  test('to a break: with who and why', async () => {
    const kept = await Kept.start();
    await breakLease(kept.lock.elsewhere, {
      leaseId: kept.lease.id,
      by: 'ops',
      reason: 'stuck',
      untilMs: 9e9,
    });
    expect(await kept.end()).toEqual({
      kind: 'lost',
      cause: { kind: 'broken', by: 'ops', reason: 'stuck', at: '2026-03-01T12:00:00Z' },
    });
    expect(kept.lostMs).toBeLessThanOrEqual(33_001);
  });

  test('because the record was deleted', async () => {
    const kept = await Kept.start();
    await kept.lock.memory.remove(KEY);
    expect(await kept.end()).toEqual({ kind: 'lost', cause: { kind: 'missing' } });
    expect(await kept.lock.stored()).toBeUndefined();
  });

  test('because the record was overwritten with something else', async () => {
    const kept = await Kept.start();
    await kept.lock.put('<html>');
    expect(await kept.end()).toMatchObject({
      kind: 'lost',
      cause: { kind: 'refused', detail: expect.stringContaining('is not JSON') },
    });
    expect(kept.lostMs).toBeLessThanOrEqual(33_001);
  });

  test.each<[string, Fault, RegExp]>([
    ['is unavailable', UNAVAILABLE, /^no renewal got through for 1m20s: .* is unavailable$/],
    ['hangs', HANGS, /^no renewal got through for 1m20s: .*: no answer about .* \(hang\)$/],
    [
      'loses every request',
      { kind: 'lose-request' },
      /^no renewal got through for 1m20s: .*: no answer about .* \(lose-request\)$/,
    ],
  ])('because the store %s: known before the ttl is over, with the reason', async (_, fault, detail) => {
    const kept = await Kept.start();
    kept.fails(fault);
    expect(await kept.end()).toMatchObject({
      kind: 'lost',
      // What the store did, not that the keeper stopped asking.
      cause: { kind: 'unreachable', detail: expect.stringMatching(detail) },
    });
    expect(kept.troubles.join()).not.toContain('stopped before anything was sent');
    expect(kept.lostMs).toBeGreaterThanOrEqual(DEADLINE_MS);
    expect(kept.lostMs).toBeLessThan(TTL_MS - 4_000);
    expect(kept.lock.clock.timeline.sleepers).toBe(0);
  });

  test('because every answer gets lost, reads too: known before the ttl of what did apply is over', async () => {
    const kept = await Kept.start();
    kept.lock.store.stand('write', { kind: 'lose-answer' });
    kept.lock.store.stand('read', UNAVAILABLE);
    expect(await kept.end()).toMatchObject({ kind: 'lost', cause: { kind: 'unreachable' } });
    expect(kept.lostMs).toBeLessThan(TTL_MS);
  });

  test('because we are not let in any more', async () => {
    const kept = await Kept.start();
    kept.fails({ kind: 'fail', error: 'denied' });
    expect(await kept.end()).toMatchObject({ kind: 'lost', cause: { kind: 'refused' } });
    expect(kept.lostMs).toBeLessThan(TTL_MS);
  });

  test('a renewal that hangs is cut at the deadline, and the late one decides', async () => {
    const kept = await Kept.start();
    kept.lock.store.stand('write', UNAVAILABLE);
    await kept.lock.clock.advance(71_000);
    // The next try comes within 6.5 s and may take 10 s: it is under way when the deadline comes.
    kept.lock.store.stand('write', HANGS);
    await kept.lock.clock.advance(8_900);
    kept.lock.store.stand('write', undefined);
    await kept.lock.clock.advance(1_100);
    expect(kept.lateMs).toHaveLength(1);
    expect(kept.lateMs[0]).toBeLessThanOrEqual(600);
    expect(kept.keeping.lost.aborted).toBe(false);
  });

  test.each(['suspended', 'awake'])(
    'with a ttl of 15 s the loss is known before it is over (%s)',
    async (state) => {
      const lock = await FakeLock.trusted();
      const timing = buildTiming({ ttlMs: 15_000 });
      const lease = await lock.acquired({ timing });
      const startMs = lock.clock.wallMs();
      for (const operation of ['read', 'write'] as const) lock.store.stand(operation, HANGS);
      const keeping = keep(lease, { signal: new AbortController().signal });
      if (state === 'suspended') {
        await lock.clock.advance(1_000);
        lock.clock.suspend(11_000);
      }
      await lock.clock.run(keeping.ended);
      expect(lock.clock.wallMs() - startMs).toBeLessThan(15_000);
    },
  );
});

describe('being late', () => {
  test('after the machine slept for an hour it goes on, and says how late it was', async () => {
    const kept = await Kept.start();
    await kept.lock.clock.advance(10_000);
    kept.lock.clock.suspend(3_600_000);
    await kept.lock.clock.advance(3_600_000 + 600);
    expect(kept.lateMs).toHaveLength(1);
    expect(kept.lateMs[0]).toBeGreaterThanOrEqual(3_600_000 + 10_000 - DEADLINE_MS);
    expect(kept.lateMs[0]).toBeLessThan(3_600_000 + 11_000 - DEADLINE_MS);
    expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(true);
    await kept.lock.clock.advance(600_000);
    expect(kept.keeping.lost.aborted).toBe(false);
  });

  test('after the machine slept and somebody entered meanwhile, it is lost to that one', async () => {
    const kept = await Kept.start();
    await kept.lock.clock.advance(10_000);
    kept.lock.clock.suspend(3_600_000);
    // The other machine does not sleep: here, the record of one that entered in the meantime.
    await kept.lock.put({
      ...kept.lease.record,
      nonce: 'd'.repeat(32),
      token: kept.lease.token + 1,
      holder: holderOf('c'),
    });
    expect(await kept.end()).toMatchObject({ kind: 'lost', cause: { kind: 'stolen', by: holderOf('c') } });
    expect(kept.nowMs).toBeLessThan(11_000);
  });

  test('after the wall clock was set forward by an hour it goes on, within a second', async () => {
    const kept = await Kept.start();
    await kept.lock.clock.advance(10_000);
    kept.lock.clock.jumpWall(3_600_000);
    expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(false);
    await kept.lock.clock.advance(1_000);
    expect(kept.lateMs).toHaveLength(1);
    expect(kept.lateMs[0]).toBeGreaterThan(3_500_000);
    expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(true);
  });

  test('after the wall clock was set back by an hour nothing is late', async () => {
    const kept = await Kept.start();
    await kept.lock.clock.advance(10_000);
    kept.lock.clock.jumpWall(-3_600_000);
    await kept.lock.clock.advance(200_000);
    expect(kept.lateMs.length).toBeGreaterThanOrEqual(6);
    expect(kept.lateMs.every((ms) => ms === undefined)).toBe(true);
  });

  test('when the wall clock was set back it renews at once, once, so that a sleep after that does not go unnoticed', async () => {
    const kept = await Kept.start();
    await kept.lock.clock.advance(10_000);
    kept.lock.clock.jumpWall(-3_600_000);
    await kept.lock.clock.advance(2_000);
    expect(kept.renewedMs).toHaveLength(1);
    expect(kept.renewedMs[0]).toBeLessThan(11_000);
    kept.lock.clock.suspend(600_000);
    await kept.lock.clock.timeline.advance(599_000);
    expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(false);
  });

  test.each(['before', 'after'])(
    'when the store is silent, a clock that was set back %s a sleep hides none of it',
    async (order) => {
      const kept = await Kept.start();
      await kept.lock.clock.advance(1_000);
      kept.fails(UNAVAILABLE);
      const setBack = (): void => kept.lock.clock.jumpWall(-60_000);
      if (order === 'before') setBack();
      await kept.lock.clock.advance(2_000);
      kept.lock.clock.suspend(50_000);
      await kept.lock.clock.timeline.advance(52_000);
      if (order === 'after') setBack();
      await kept.lock.clock.advance(24_000);
      expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(true);
      await kept.lock.clock.advance(2_000);
      expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(false);
    },
  );

  test('a clock that was set back while a renewal was under way hides no sleep after it', async () => {
    const kept = await Kept.start();
    kept.lock.store.script('write', { kind: 'slow', thereMs: 0, backMs: 9_000 });
    await kept.lock.clock.advance(34_500);
    expect(kept.renewedMs).toHaveLength(0);
    kept.lock.clock.jumpWall(-60_000);
    while (kept.renewedMs.length === 0) await kept.lock.clock.advance(100);
    // From here on the store is silent, and the machine sleeps.
    kept.fails(UNAVAILABLE);
    kept.lock.clock.suspend(50_000);
    await kept.lock.clock.timeline.advance(50_000);
    expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(true);
    // Sent 9 s before it was answered: 80 s after that it is over.
    await kept.lock.clock.advance(21_500);
    expect(kept.lease.believes(instantOf(kept.lock.clock))).toBe(false);
  });

  test('a clock that is set forward while a renewal hangs cuts that renewal', async () => {
    const kept = await Kept.start();
    kept.lock.store.script('write', HANGS);
    await kept.lock.clock.advance(33_500);
    expect(kept.lock.store.count('write')).toBe(2);
    kept.lock.clock.jumpWall(3_600_000);
    await kept.lock.clock.advance(1_500);
    expect(kept.lateMs).toHaveLength(1);
    expect(kept.lateMs[0]).toBeGreaterThan(3_500_000);
  });

  test('a keeper that is handed a lease past its deadline renews it at once', async () => {
    const lock = await FakeLock.trusted();
    const { snapshot, timing } = await lock.acquired();
    await lock.clock.advance(85_000);
    const lateMs: (number | undefined)[] = [];
    const stop = new AbortController();
    const keeping = keep(new Lease(lock.context, timing, snapshot), {
      signal: stop.signal,
      onRenewed: (ms) => lateMs.push(ms),
    });
    await lock.clock.advance(10);
    stop.abort();
    expect(await lock.clock.run(keeping.ended)).toEqual({ kind: 'stopped' });
    expect(lateMs).toEqual([5_000]);
  });

  test('only one try is made past the deadline', async () => {
    const kept = await Kept.start();
    kept.lock.store.stand('write', HANGS);
    await kept.lock.clock.advance(79_000);
    kept.lock.store.forgetCalls();
    kept.lock.clock.suspend(60_000);
    await kept.end();
    expect(kept.lostMs).toBeLessThan(79_000 + 6_000);
    expect(kept.lock.store.count('write')).toBe(1);
  });
});
