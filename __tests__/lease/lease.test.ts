import { describe, expect, test } from '@jest/globals';
import { instantOf } from '../../src/base/clock.ts';
import { formatInstant } from '../../src/base/duration.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import { breakLease } from '../../src/lease/break.ts';
import { commit } from '../../src/lease/commit.ts';
import { look } from '../../src/lease/context.ts';
import { aloneUntilMs, Lease, type LossCause } from '../../src/lease/lease.ts';
import { successor } from '../../src/lease/record.ts';
import { FakeLock, heldRecord, holderOf, KEY, leaseIdOf, NAME, TIMING } from '../support/fake-lock.ts';

const soonMs = (lock: FakeLock): number => lock.clock.monotonicMs() + 10_000;

describe('what the holder believes', () => {
  test('counts from before the write was sent, not from its answer', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', { kind: 'slow', thereMs: 4_000, backMs: 4_000 });
    const sentMs = lock.clock.monotonicMs();
    const lease = await lock.acquired();
    expect(lock.clock.monotonicMs() - sentMs).toBeGreaterThanOrEqual(8_000);
    expect(lease.deadline.monotonicMs).toBe(sentMs + 80_000);
  });

  test('counts from the first send that can have applied, when an answer was lost', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.script('write', { kind: 'lose-answer' });
    lock.store.script('read', { kind: 'fail', error: 'unavailable' }, { kind: 'fail', error: 'unavailable' });
    const sentMs = lock.clock.monotonicMs();
    await lock.clock.run(lease.renew(soonMs(lock)));
    expect(lock.clock.monotonicMs()).toBeGreaterThan(sentMs);
    expect(lease.deadline.monotonicMs).toBe(sentMs + 80_000);
  });

  test('counts from the first send too when a later one was answered', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.script('write', { kind: 'lose-request' });
    const sentMs = lock.clock.monotonicMs();
    await lock.clock.run(lease.renew(soonMs(lock)));
    expect(lock.clock.monotonicMs()).toBeGreaterThan(sentMs);
    expect(lease.deadline.monotonicMs).toBe(sentMs + 80_000);
  });

  test('ends at ttl - margin exactly, on either clock', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    const { wallMs, monotonicMs } = lease.deadline;
    expect(lease.believes({ wallMs: wallMs - 1, monotonicMs: monotonicMs - 1 })).toBe(true);
    expect(lease.believes({ wallMs, monotonicMs: monotonicMs - 1 })).toBe(false);
    expect(lease.believes({ wallMs: wallMs - 1, monotonicMs })).toBe(false);
  });

  test('ends when the machine slept, although its monotonic clock stood still', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.clock.suspend(80_000);
    await lock.clock.advance(80_000);
    expect(lease.believes(instantOf(lock.clock))).toBe(false);
  });

  test('ends in time although the wall clock is set back', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.clock.jumpWall(-3_600_000);
    await lock.clock.advance(79_999);
    expect(lease.believes(instantOf(lock.clock))).toBe(true);
    await lock.clock.advance(1);
    expect(lease.believes(instantOf(lock.clock))).toBe(false);
  });
});

describe('renewing', () => {
  test('moves the deadline, keeps the token, and counts', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    const { token } = lease;
    await lock.clock.advance(30_000);
    expect(await lease.renew(soonMs(lock))).toEqual({ kind: 'renewed' });
    expect(lease.deadline.monotonicMs).toBe(lock.clock.monotonicMs() + 80_000);
    expect(await lock.stored()).toMatchObject({ token, renewals: 1, state: 'held' });
  });

  test('whose answer is lost is found by reading, and leaves one renewal', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.script('write', { kind: 'lose-answer' });
    expect(await lock.clock.run(lease.renew(soonMs(lock)))).toEqual({ kind: 'renewed' });
    expect(await lock.stored()).toEqual(lease.record);
    expect(lease.record.renewals).toBe(1);
  });

  test('that throws leaves the deadline; the next one goes on from what did apply', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    const before = lease.deadline;
    lock.store.script('write', { kind: 'lose-answer' });
    lock.store.stand('read', { kind: 'fail', error: 'unavailable' });
    await expect(lock.clock.run(lease.renew(soonMs(lock)))).rejects.toMatchObject({ kind: 'indeterminate' });
    expect(lease.deadline).toEqual(before);
    lock.store.stand('read', undefined);
    expect(await lock.clock.run(lease.renew(soonMs(lock)))).toEqual({ kind: 'renewed' });
    expect(await lock.stored()).toEqual(lease.record);
    expect(lease.record.renewals).toBe(2);
  });

  test('a renewal of the past that applies late harms nothing: the next one adopts it', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.script('write', { kind: 'apply-later', ms: 30_000 });
    lock.store.stand('write', { kind: 'fail', error: 'unavailable' });
    await expect(lock.clock.run(lease.renew(soonMs(lock)))).rejects.toMatchObject({ kind: 'indeterminate' });
    await lock.clock.advance(40_000);
    lock.store.stand('write', undefined);
    expect(await lock.clock.run(lease.renew(soonMs(lock)))).toEqual({ kind: 'renewed' });
    expect(await lock.stored()).toEqual(lease.record);
  });

  test.each(['denied', 'misconfigured'] as const)('that is %s says so at once', async (error) => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.stand('write', { kind: 'fail', error });
    const startMs = lock.clock.monotonicMs();
    await expect(lock.clock.run(lease.renew(soonMs(lock)))).rejects.toMatchObject({ kind: error });
    expect(lock.clock.monotonicMs()).toBe(startMs);
  });

  test('past the deadline it succeeds as long as nobody entered', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    await lock.clock.advance(3_600_000);
    expect(await lease.renew(soonMs(lock))).toEqual({ kind: 'renewed' });
    expect(lease.believes(instantOf(lock.clock))).toBe(true);
  });
});

describe("a lease that is somebody else's by now", () => {
  async function stolen(): Promise<{ lock: FakeLock; lease: Lease; thief: Lease }> {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    const thief = await lock.acquired({ holder: holderOf('c') });
    return { lock, lease, thief };
  }

  test('is not renewed, and the loss names the thief', async () => {
    const { lock, lease, thief } = await stolen();
    const outcome = await lease.renew(soonMs(lock));
    expect(outcome).toEqual({
      kind: 'lost',
      cause: {
        kind: 'stolen',
        by: holderOf('c'),
        token: lease.token + 1,
        at: thief.record.acquiredAt,
      },
    });
    expect(await lock.stored()).toEqual(thief.record);
  });

  test('is not released: the other one keeps it', async () => {
    const { lock, lease, thief } = await stolen();
    expect(await lease.release(soonMs(lock))).toMatchObject({ kind: 'lost', cause: { kind: 'stolen' } });
    expect(await lock.stored()).toEqual(thief.record);
  });

  test.each(['renew', 'release'] as const)(
    'that was deleted by hand is missing: %s does not create it',
    async (operation) => {
      const lock = await FakeLock.trusted();
      const lease = await lock.acquired();
      await lock.memory.remove(KEY);
      expect(await lease[operation](soonMs(lock))).toEqual({ kind: 'lost', cause: { kind: 'missing' } });
      expect(await lock.stored()).toBeUndefined();
    },
  );
});

describe('releasing', () => {
  test('leaves the token, and the next one gets a greater', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    expect(await lease.release(soonMs(lock))).toEqual({ kind: 'released' });
    expect(await lock.stored()).toMatchObject({
      state: 'released',
      token: lease.token,
      ended: { how: 'released' },
    });
    expect((await lock.acquired({ holder: holderOf('c') })).token).toBe(lease.token + 1);
  });

  test.each([['lose-answer'], ['lose-request'], ['deliver-twice']] as const)(
    'is done although the store does this: %s',
    async (kind) => {
      const lock = await FakeLock.trusted();
      const lease = await lock.acquired();
      lock.store.script('write', { kind });
      expect(await lock.clock.run(lease.release(soonMs(lock)))).toEqual({ kind: 'released' });
      expect(await lock.stored()).toMatchObject({ state: 'released' });
    },
  );

  test('whose answer is lost, with the next holder in already, is a release and leaves that one alone', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.script('write', { kind: 'lose-answer' });
    lock.store.afterNextWrite(async () => {
      await lock.acquiredElsewhereNow('c');
    });
    expect(await lock.clock.run(lease.release(soonMs(lock)))).toEqual({ kind: 'released' });
    expect(await lock.stored()).toMatchObject({ state: 'held', holder: { leaseId: leaseIdOf('c') } });
  });

  test('goes over a renewal of ours whose answer never came', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    const elsewhere = new Lease(lock.elsewhere, lease.timing, lease.snapshot);
    await elsewhere.renew(soonMs(lock));
    expect(await lease.release(soonMs(lock))).toEqual({ kind: 'released' });
    expect(await lock.stored()).toMatchObject({ state: 'released', renewals: 1 });
  });

  test('a second time tells that it was released', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    await lease.release(soonMs(lock));
    const again = await lock.stored();
    expect(await lease.release(soonMs(lock))).toMatchObject({ kind: 'lost', cause: { kind: 'released' } });
    expect(await lock.stored()).toEqual(again);
  });

  test('stops trying in time when the store is down', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.stand('write', { kind: 'fail', error: 'unavailable' });
    const startMs = lock.clock.monotonicMs();
    await expect(lock.clock.run(lease.release(startMs + 5_000))).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(lock.clock.monotonicMs() - startMs).toBeLessThan(12_000);
  });
});

describe('breaking', () => {
  const why = { by: 'octocat', reason: 'runner is gone' };

  test('ends the lease with who and why; the holder learns it at its next renewal', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    const { record } = lease;
    const outcome = await breakLease(lock.elsewhere, { leaseId: lease.id, ...why, untilMs: soonMs(lock) });
    expect(outcome).toEqual({ kind: 'broken', record });
    expect(await lock.stored()).toMatchObject({
      state: 'released',
      token: lease.token,
      ended: { how: 'broken', ...why },
    });
    const at = formatInstant(lock.clock.wallMs());
    expect(await lease.renew(soonMs(lock))).toEqual({ kind: 'lost', cause: { kind: 'broken', at, ...why } });
  });

  test('leaves a lock alone that has changed hands, and one that nobody holds', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    const request = { leaseId: leaseIdOf('f'), ...why, untilMs: soonMs(lock) };
    expect(await breakLease(lock.context, request)).toEqual({ kind: 'not-held', record: lease.record });
    await lease.release(soonMs(lock));
    const released = await lock.stored();
    expect(await breakLease(lock.context, { ...request, leaseId: lease.id })).toEqual({
      kind: 'not-held',
      record: released,
    });
    await lock.memory.remove(KEY);
    expect(await breakLease(lock.context, request)).toEqual({ kind: 'not-held', record: undefined });
  });

  test('goes over a renewal that came in between', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.beforeNextWrite(async () => {
      await new Lease(lock.elsewhere, lease.timing, lease.snapshot).renew(soonMs(lock));
    });
    const outcome = await lock.clock.run(
      breakLease(lock.context, { leaseId: lease.id, ...why, untilMs: soonMs(lock) }),
    );
    expect(outcome).toMatchObject({ kind: 'broken', record: { renewals: 1 } });
  });

  test('does not break the next holder, who came in between', async () => {
    const lock = await FakeLock.trusted();
    const lease = await lock.acquired();
    lock.store.beforeNextWrite(async () => {
      await new Lease(lock.elsewhere, lease.timing, lease.snapshot).release(soonMs(lock));
      await lock.acquiredElsewhereNow('c');
    });
    const outcome = await lock.clock.run(
      breakLease(lock.context, { leaseId: lease.id, ...why, untilMs: soonMs(lock) }),
    );
    expect(outcome).toMatchObject({ kind: 'not-held', record: { holder: { leaseId: leaseIdOf('c') } } });
  });

  test('asks for a reason before anything is read', async () => {
    const lock = await FakeLock.trusted();
    await expect(
      breakLease(lock.context, { leaseId: leaseIdOf('a'), by: 'x', reason: ' ', untilMs: 0 }),
    ).rejects.toThrow(UsageError);
    expect(lock.store.calls).toEqual([]);
  });
});

describe('a single transition', () => {
  test('is superseded when its nonce is in the trail', async () => {
    const lock = await FakeLock.trusted();
    const record = successor(undefined, heldRecord(), lock.random);
    lock.store.script('write', { kind: 'lose-answer' });
    lock.store.afterNextWrite(async () => {
      const seen = await look(lock.elsewhere);
      const next = successor(seen.record, heldRecord({ token: 8 }), lock.random);
      await commit(lock.elsewhere, next, { expected: seen.version, untilMs: soonMs(lock) });
    });
    const outcome = await lock.clock.run(
      commit(lock.context, record, { expected: 'absent', untilMs: soonMs(lock) }),
    );
    expect(outcome).toMatchObject({ kind: 'superseded', seen: { record: { token: 8 } } });
  });

  test('says that it does not know when an earlier send is open and the store then refuses everything', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', { kind: 'lose-request' });
    lock.store.stand('read', { kind: 'fail', error: 'denied' });
    await expect(
      lock.clock.run(commit(lock.context, heldRecord(), { expected: 'absent', untilMs: soonMs(lock) })),
    ).rejects.toMatchObject({ kind: 'indeterminate', message: expect.stringContaining(`Lock "${NAME}"`) });
  });

  test('says that nothing was written when every send was refused unsent', async () => {
    const lock = await FakeLock.trusted();
    lock.store.stand('write', { kind: 'fail', error: 'unavailable' });
    await expect(
      lock.clock.run(commit(lock.context, heldRecord(), { expected: 'absent', untilMs: soonMs(lock) })),
    ).rejects.toMatchObject({ kind: 'unavailable' });
    expect(lock.store.count('read')).toBe(0);
  });

  test('is not sent again once its time is over', async () => {
    const lock = await FakeLock.trusted();
    lock.store.stand('write', { kind: 'lose-request' });
    const startMs = lock.clock.monotonicMs();
    await expect(
      lock.clock.run(commit(lock.context, heldRecord(), { expected: 'absent', untilMs: startMs + 3_000 })),
    ).rejects.toMatchObject({ kind: 'indeterminate' });
    const writes = lock.store.count('write');
    await lock.clock.advance(60_000);
    expect(lock.store.count('write')).toBe(writes);
    expect(lock.clock.timeline.sleepers).toBe(0);
  });
});

test('a conflict that the read contradicts, of a request that applies after all: the deadline counts from its own send', async () => {
  const lock = await FakeLock.trusted();
  const lease = await lock.acquired();
  await lock.clock.advance(30_000);
  const sentMs = lock.clock.monotonicMs();
  const write = lock.memory.write.bind(lock.memory);
  let first = true;
  lock.memory.write = async (key, body, expected, options) => {
    if (!first) return write(key, body, expected, options);
    first = false;
    // Before the second send, which comes 140 ms after the answer at the earliest.
    lock.clock.alarm(100, () => void write(key, body, expected));
    return { kind: 'conflict' };
  };
  expect(await lock.clock.run(lease.renew(sentMs + 20_000))).toEqual({ kind: 'renewed' });
  expect(lease.record.renewals).toBe(1);
  expect(lease.snapshot.sentAt.monotonicMs).toBe(sentMs);
});

describe('until when a holder that lost its lease was alone', () => {
  const sentMs = Date.UTC(2026, 2, 1, 12);
  const nowMs = sentMs + 200_000;
  const stolen = (more: Partial<Extract<LossCause, { kind: 'stolen' }>> = {}): LossCause => ({
    kind: 'stolen',
    by: holderOf('c'),
    token: 8,
    at: '2026-03-01T12:02:00Z',
    ...more,
  });

  test.each<[string, LossCause, number]>([
    ['until it was stolen', stolen(), 120_000],
    [
      'not longer than now, though the clock of the thief is ahead',
      stolen({ at: '2026-03-01T13:00:00Z' }),
      200_000,
    ],
    [
      'at least until its last renewal, though that clock is behind',
      stolen({ at: '2026-03-01T11:00:00Z' }),
      0,
    ],
    ['until its last renewal where it is not known who was the first thief', stolen({ token: 9 }), 0],
    ['the same where the thief does not say when', stolen({ at: 'noon' }), 0],
    ['until it was broken', { kind: 'broken', at: '2026-03-01T12:01:00Z' }, 60_000],
    ['until it was released elsewhere', { kind: 'released', at: '2026-03-01T12:01:00Z' }, 60_000],
    ['until its last renewal where the record is gone', { kind: 'missing' }, 0],
    ['until its deadline where the store does not answer', { kind: 'unreachable', detail: '' }, 80_000],
    ['until its deadline where the record can not be read', { kind: 'refused', detail: '' }, 80_000],
    ['until its deadline after the longest hold', { kind: 'max-hold', maxHoldMs: 1 }, 80_000],
  ])('%s', (_, cause, afterMs) => {
    const snapshot = { sentAt: { wallMs: sentMs, monotonicMs: 5 }, token: 7 };
    expect(aloneUntilMs(cause, snapshot, { timing: TIMING, nowMs }) - sentMs).toBe(afterMs);
  });
});
