import { describe, expect, test } from '@jest/globals';
import { instantOf } from '../../src/base/clock.ts';
import { acquire, type Waiting } from '../../src/lease/acquire.ts';
import { breakLease } from '../../src/lease/break.ts';
import type { Evidence } from '../../src/lease/evidence.ts';
import { keep } from '../../src/lease/keeper.ts';
import { type LeaseRecord, serialise } from '../../src/lease/record.ts';
import type { Veto } from '../../src/lease/veto.ts';
import type { StoreError } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  FakeLock,
  heldRecord,
  holderOf,
  isHeld,
  KEY,
  leaseIdOf,
  leaseOf,
  TIMING,
} from '../support/fake-lock.ts';

const LOSES_ANSWER = { kind: 'lose-answer' } as const;
const LOSES_REQUEST = { kind: 'lose-request' } as const;
const UNAVAILABLE = { kind: 'fail', error: 'unavailable' } as const;
const DENIED = { kind: 'fail', error: 'denied' } as const;

const released: LeaseRecord = {
  ...heldRecord({ token: 7 }),
  state: 'released',
  ended: { how: 'released', at: '2026-03-01T12:00:00Z' },
};

/** Whether the lock is free for others: nothing there, or released. */
async function isFree(lock: FakeLock): Promise<boolean> {
  const record = await lock.stored();
  return record === undefined || record.state === 'released';
}

describe('what it costs', () => {
  test('an uncontended acquisition of a lock that was used before is 1 read and 1 write', async () => {
    const lock = new FakeLock();
    const first = await lock.acquired();
    await lock.clock.run(first.release(lock.clock.monotonicMs() + 1_000));
    lock.store.forgetCalls();
    await lock.acquired({ holder: holderOf('c') });
    expect(lock.store.calls.map(({ operation, key }) => [operation, key])).toEqual([
      ['read', KEY],
      ['write', KEY],
    ]);
  });

  test('a first acquisition in a store that was probed before reads the mark once more', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquired();
    expect([lock.store.count('read'), lock.store.count('write')]).toEqual([2, 1]);
  });

  test('renewing and releasing are 1 write each', async () => {
    const lock = new FakeLock();
    const lease = await lock.acquired();
    const untilMs = lock.clock.monotonicMs() + 1_000;
    lock.store.forgetCalls();
    await lease.renew(untilMs);
    expect([lock.store.count('read'), lock.store.count('write')]).toEqual([0, 1]);
    await lease.release(untilMs);
    expect([lock.store.count('read'), lock.store.count('write')]).toEqual([0, 2]);
  });
});

describe('the fencing token', () => {
  test('starts with the clock of the store, whatever the own wall clock says', async () => {
    const lock = await FakeLock.trusted();
    const storeTimeMs = lock.clock.wallMs();
    const skewed = new FakeClock({ timeline: lock.clock.timeline, wallMs: 0 });
    const lease = leaseOf(await lock.clock.run(acquire({ ...lock.context, clock: skewed }, lock.request())));
    expect(lease.token).toBe(Math.floor(storeTimeMs / 1_000));
  });

  test('starts with the own wall clock where the store has none', async () => {
    const lock = await FakeLock.trusted('none');
    const lease = await lock.acquired();
    expect(lease.token).toBe(Math.floor(lock.clock.wallMs() / 1_000));
  });

  test('rises by one with each holder, over releases, steals and breaks', async () => {
    const lock = await FakeLock.trusted();
    const tokens: number[] = [];
    for (const [index, digit] of ['1', '2', '3', '4'].entries()) {
      const lease = await lock.acquired({ holder: holderOf(digit) });
      tokens.push(lease.token);
      const untilMs = lock.clock.monotonicMs() + 1_000;
      if (index === 0) await lease.release(untilMs);
      if (index === 2)
        await breakLease(lock.context, { leaseId: lease.id, by: 'me', reason: 'stuck', untilMs });
    }
    const [first = 0] = tokens;
    expect(tokens).toEqual([first, first + 1, first + 2, first + 3]);
  });

  test('a lost record does not send it back', async () => {
    const lock = await FakeLock.trusted();
    const before = await lock.acquired();
    await lock.clock.advance(2_000);
    await lock.memory.remove(KEY);
    const after = await lock.acquired({ holder: holderOf('c') });
    expect(after.token).toBeGreaterThan(before.token);
  });
});

describe('a token at the end of its range', () => {
  test('lets nobody in, and nothing is written that nobody could read', async () => {
    const lock = await FakeLock.trusted();
    await lock.put({ ...released, token: Number.MAX_SAFE_INTEGER });
    await expect(lock.acquire()).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringMatching(/largest fencing token.*delete it/),
    });
    expect(lock.store.count('write', KEY)).toBe(0);
  });

  test('a store whose clock stands before 1970 gives a token that can be read', async () => {
    const lock = await FakeLock.trusted();
    const read = lock.store.read.bind(lock.store);
    lock.store.read = async (key, options) => {
      const reading = await read(key, options);
      return reading.kind === 'absent' ? { kind: 'absent', storeTimeMs: -5_000 } : reading;
    };
    expect((await lock.acquired()).token).toBe(0);
    expect(await lock.stored()).toMatchObject({ state: 'held', token: 0 });
  });
});

describe('when the answer to the write is lost', () => {
  test('and it applied: the acquisition stands, after one more renewal', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', LOSES_ANSWER);
    const sentMs = lock.clock.monotonicMs();
    const lease = await lock.acquired();
    expect(lease.record.renewals).toBe(1);
    expect(await lock.stored()).toEqual(lease.record);
    expect(lease.snapshot.sentAt.monotonicMs).toBeGreaterThanOrEqual(sentMs);
  });

  test('and it did not apply: the identical bytes are sent again', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', LOSES_REQUEST);
    const bodies: string[] = [];
    const write = lock.store.write.bind(lock.store);
    lock.store.write = (key, body, ...rest) => {
      bodies.push(body);
      return write(key, body, ...rest);
    };
    const lease = await lock.acquired();
    expect(bodies.slice(0, 2)).toEqual([bodies[0], bodies[0]]);
    // Found out late, so it counts only after one more renewal.
    expect(lease.record.renewals).toBe(1);
    expect(await lock.stored()).toEqual(lease.record);
  });

  test('and somebody has broken it since: it does not count, and the next look starts anew', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', LOSES_ANSWER);
    lock.store.afterNextWrite(async () => {
      await breakLease(lock.elsewhere, { leaseId: leaseIdOf('a'), by: 'ops', reason: 'test', untilMs: 9e9 });
    });
    const lease = await lock.acquired();
    const record = await lock.stored();
    expect(record).toEqual(lease.record);
    // The broken one had the first token.
    expect(lease.token).toBe(Math.floor(lock.clock.wallMs() / 1_000) + 1);
  });

  test('and another holder came after the break: it waits for that one', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', LOSES_ANSWER);
    lock.store.afterNextWrite(async () => {
      await breakLease(lock.elsewhere, { leaseId: leaseIdOf('a'), by: 'ops', reason: 'test', untilMs: 9e9 });
      await lock.acquiredElsewhereNow('b');
    });
    expect(await lock.acquire({ waitTimeoutMs: 1_000 })).toMatchObject({
      kind: 'timed-out',
      record: { holder: { leaseId: leaseIdOf('b') } },
    });
  });

  test('and the request applies only after it was sent again: one hold, no conflict with itself', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', { kind: 'apply-later', ms: 5 });
    const lease = await lock.acquired();
    expect(await lock.stored()).toEqual(lease.record);
  });

  test('a request that was delivered twice and so conflicts with itself is found to have applied', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', { kind: 'deliver-twice' });
    const lease = await lock.acquired();
    expect(await lock.stored()).toEqual(lease.record);
  });

  test('found out when half of the ttl is gone: it is given back, and taken anew with the full ttl', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', LOSES_ANSWER);
    // The mark of the probe and the first look go through, then nothing can be read for 50 s.
    lock.store.script('read', undefined, undefined);
    lock.store.stand('read', UNAVAILABLE);
    const firstToken = Math.floor(lock.clock.wallMs() / 1_000);
    const acquiring = acquire(lock.context, lock.request());
    await lock.clock.advance(50_000);
    lock.store.stand('read', undefined);
    const lease = leaseOf(await lock.clock.run(acquiring));
    expect(lease.token).toBe(firstToken + 1);
    expect(lease.deadline.monotonicMs - lock.clock.monotonicMs()).toBeGreaterThan(79_000);
  });

  test('and nothing answers for two minutes: it says that it does not know, and has given the write up', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', LOSES_ANSWER);
    lock.store.script('read', undefined, undefined);
    lock.store.stand('read', UNAVAILABLE);
    // The next write is the one that gives up.
    lock.store.afterNextWrite(async () => {
      lock.store.beforeNextWrite(async () => lock.store.stand('read', undefined));
    });
    await expect(lock.acquire()).rejects.toMatchObject({ kind: 'indeterminate' });
    expect(await lock.stored()).toMatchObject({ state: 'released', holder: { leaseId: leaseIdOf('a') } });
  });
});

describe('a conflict', () => {
  test('with somebody who was faster: it waits for that one', async () => {
    const lock = await FakeLock.trusted();
    lock.store.beforeNextWrite(async () => {
      await lock.acquiredElsewhereNow('b');
    });
    const outcome = await lock.acquire({ waitTimeoutMs: 0 });
    expect(outcome).toMatchObject({ kind: 'busy', record: { holder: { leaseId: leaseIdOf('b') } } });
  });

  test('a store that answers "conflict" although nothing changed is called broken', async () => {
    const lock = await FakeLock.trusted();
    lock.store.write = async () => ({ kind: 'conflict' });
    await expect(lock.acquire()).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringMatching(
        /memory:.*although its version is the expected one.*leasehold doctor --store memory:$/,
      ),
    });
  });

  test('of 8 at once exactly one gets in', async () => {
    const lock = await FakeLock.trusted();
    const outcomes = await lock.clock.run(
      Promise.all(
        [...'12345678'].map((digit) =>
          acquire(lock.context, lock.request({ holder: holderOf(digit), waitTimeoutMs: 0 })),
        ),
      ),
    );
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['acquired', ...Array(7).fill('busy')]);
  });
});

describe('waiting', () => {
  test('ends when the holder releases', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    const acquiring = acquire(lock.context, lock.request());
    await lock.clock.advance(20_000);
    await other.release(lock.clock.monotonicMs() + 1_000);
    const outcome = await lock.clock.run(acquiring);
    expect(outcome).toMatchObject({ kind: 'acquired' });
    expect(outcome).not.toHaveProperty('stolen');
    expect(leaseOf(outcome).token).toBe(other.token + 1);
  });

  test('is woken by a store that watches, long before the next poll', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    Object.assign(lock.store, { watch: lock.memory.watch.bind(lock.memory) });
    const acquiring = acquire(lock.context, lock.request());
    await lock.clock.advance(60_000);
    await other.release(lock.clock.monotonicMs() + 1_000);
    const releasedMs = lock.clock.monotonicMs();
    await lock.clock.run(acquiring);
    expect(lock.clock.monotonicMs() - releasedMs).toBeLessThan(1);
  });

  test('polls four times a second at first, and every 5 s in the end', async () => {
    const lock = await FakeLock.trusted();
    await lock.put(heldRecord({ ttlMs: 86_400_000 }));
    const nextMs: number[] = [];
    await lock.acquire({ waitTimeoutMs: 7_200_000, onWait: ({ nextLookMs }) => nextMs.push(nextLookMs) });
    for (const ms of nextMs.slice(0, 5)) expect(Math.abs(ms - 250)).toBeLessThanOrEqual(25);
    for (const ms of nextMs.slice(-11, -1)) expect(Math.abs(ms - 5_000)).toBeLessThanOrEqual(500);
  });

  test('times out when told, with the record that stood in the way', async () => {
    const lock = await FakeLock.trusted();
    await lock.put(heldRecord({ ttlMs: 3_600_000 }));
    const startMs = lock.clock.monotonicMs();
    const outcome = await lock.acquire({ waitTimeoutMs: 30_000 });
    expect(outcome).toMatchObject({ kind: 'timed-out', record: { token: 7 } });
    expect(lock.clock.monotonicMs() - startMs).toBeCloseTo(30_000, 0);
    expect(lock.store.count('write')).toBe(0);
  });

  test('with no time to wait it looks once, writes nothing and says who holds', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    const startMs = lock.clock.monotonicMs();
    expect(await lock.acquire({ waitTimeoutMs: 0 })).toMatchObject({
      kind: 'busy',
      record: { holder: { leaseId: leaseIdOf('b') } },
    });
    expect(lock.clock.monotonicMs()).toBe(startMs);
    expect(lock.store.count('write')).toBe(0);
  });

  test('a renewal that is seen while waiting starts the count anew', async () => {
    const lock = await FakeLock.trusted('none');
    const other = await lock.acquiredElsewhere();
    const acquiring = acquire(lock.context, lock.request({ waitTimeoutMs: 150_000 }));
    await lock.clock.advance(80_000);
    await other.renew(lock.clock.monotonicMs() + 1_000);
    expect(await lock.clock.run(acquiring)).toMatchObject({ kind: 'timed-out' });
  });

  test('tells what it waits for at every look', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    const waits: Waiting[] = [];
    await lock.acquire({ waitTimeoutMs: 1_000, onWait: (waiting) => waits.push(waiting) });
    expect(waits.length).toBeGreaterThan(3);
    expect(waits[0]).toMatchObject({
      record: { state: 'held' },
      decision: { kind: 'wait', confirming: false },
    });
    expect(waits[0]?.observation.ageMs).toBe(0);
  });
});

describe('an expired lease', () => {
  test.each(['exact', 'seconds', 'asked', 'none'] as const)(
    'is stolen after ttl + 2 s, not before, with times: %s',
    async (times) => {
      const lock = await FakeLock.trusted(times);
      const other = await lock.acquiredElsewhere();
      const startMs = lock.clock.monotonicMs();
      const outcome = await lock.acquire();
      const tookMs = lock.clock.monotonicMs() - startMs;
      expect(outcome).toMatchObject({ kind: 'acquired', stolen: { because: 'expired', from: other.record } });
      expect(tookMs).toBeGreaterThanOrEqual(times === 'seconds' ? 91_000 : 91_999);
      expect(tookMs).toBeLessThan(93_001);
      expect(leaseOf(outcome).token).toBe(other.token + 1);
    },
  );

  test.each(['exact', 'seconds', 'asked'] as const)(
    'is stolen by a single look too, after 2 s of watching, with times: %s',
    async (times) => {
      const lock = await FakeLock.trusted(times);
      await lock.acquiredElsewhere();
      await lock.clock.advance(3_600_000);
      const startMs = lock.clock.monotonicMs();
      const outcome = await lock.acquire({ waitTimeoutMs: 0 });
      expect(outcome).toMatchObject({ kind: 'acquired', stolen: { because: 'expired' } });
      const tookMs = lock.clock.monotonicMs() - startMs;
      expect(tookMs).toBeGreaterThanOrEqual(2_000);
      expect(tookMs).toBeLessThan(2_500);
    },
  );

  test('that is renewed while a single look watches it is left alone', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    await lock.clock.advance(3_600_000);
    const acquiring = acquire(lock.context, lock.request({ waitTimeoutMs: 0 }));
    await lock.clock.advance(1_000);
    await other.renew(lock.clock.monotonicMs() + 1_000);
    expect(await lock.clock.run(acquiring)).toMatchObject({ kind: 'busy', record: { renewals: 1 } });
    expect(await isHeld(other)).toBe(true);
  });

  test('that is renewed between the decision and the write is not stolen: the steal names the version', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    lock.store.beforeNextWrite(async () => {
      await other.renew(lock.clock.monotonicMs() + 1_000);
    });
    expect(await lock.acquire({ waitTimeoutMs: 100_000 })).toMatchObject({
      kind: 'timed-out',
      record: { renewals: 1, holder: { leaseId: leaseIdOf('b') } },
    });
    expect(await isHeld(other)).toBe(true);
  });

  describe('whose holder is on another machine than the store, when the clock of the store was just set forward by an hour', () => {
    async function comeAfterTheJump(remoteClock: boolean): Promise<{ kind: string; held: boolean }> {
      const lock = await FakeLock.trusted();
      lock.store.remoteClock = remoteClock;
      const elsewhere = new FakeClock({ timeline: lock.clock.timeline });
      const other = leaseOf(
        await lock.clock.run(
          acquire({ ...lock.elsewhere, clock: elsewhere }, lock.request({ holder: holderOf('b') })),
        ),
      );
      const stop = new AbortController();
      const { ended } = keep(other, { signal: stop.signal });
      await lock.clock.advance(1_000);
      lock.clock.jumpWall(3_600_000);
      const { kind } = await lock.acquire({ waitTimeoutMs: 200_000 });
      const held = await isHeld(other);
      stop.abort();
      await lock.clock.run(ended);
      return { kind, held };
    }

    test('a store that says whose clock it has is not believed until a keeper must have renewed', async () => {
      expect(await comeAfterTheJump(true)).toEqual({ kind: 'timed-out', held: true });
    });

    test('nor before a holder that is paused has stopped believing', async () => {
      const lock = await FakeLock.trusted();
      lock.store.remoteClock = true;
      const elsewhere = new FakeClock({ timeline: lock.clock.timeline });
      const other = leaseOf(
        await lock.clock.run(
          acquire({ ...lock.elsewhere, clock: elsewhere }, lock.request({ holder: holderOf('b') })),
        ),
      );
      lock.clock.jumpWall(3_600_000);
      expect(await lock.acquire({ waitTimeoutMs: 200_000 })).toMatchObject({ kind: 'acquired' });
      expect(other.believes(instantOf(elsewhere))).toBe(false);
    });

    test('one that does not is: two seconds are enough only for a keeper that sees the same clock', async () => {
      expect(await comeAfterTheJump(false)).toEqual({ kind: 'acquired', held: false });
    });
  });

  test('a store clock that is set forward by an hour while somebody waits makes no lease expired', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    const acquiring = acquire(lock.context, lock.request({ waitTimeoutMs: 60_000 }));
    await lock.clock.advance(30_000);
    // The clock of the memory store, and no other that this waiter goes by.
    lock.clock.jumpWall(3_600_000);
    expect(await lock.clock.run(acquiring)).toMatchObject({ kind: 'timed-out' });
    expect(await isHeld(other)).toBe(true);
  });

  test('is never stolen under the policy never', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    expect(await lock.acquire({ stalePolicy: 'never', waitTimeoutMs: 3_600_000 })).toMatchObject({
      kind: 'timed-out',
    });
    expect(lock.store.count('write')).toBe(0);
  });

  test('the ttl of its record counts, not the own', async () => {
    const lock = await FakeLock.trusted();
    await lock.put(heldRecord({ ttlMs: 200_000 }));
    const startMs = lock.clock.monotonicMs();
    await lock.acquired();
    expect(lock.clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(202_000);
  });
});

describe('evidence', () => {
  const dead: Evidence = { name: 'dead', check: async () => ({ kind: 'finished', proof: 'it is gone' }) };
  const alive: Evidence = { name: 'alive', check: async () => ({ kind: 'alive', detail: 'it runs' }) };

  test('holder-finished: a proof is enough, at once', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    const startMs = lock.clock.monotonicMs();
    const unsure: Evidence = {
      name: 'unsure',
      check: async () => ({ kind: 'unknown', detail: 'elsewhere' }),
    };
    expect(await lock.acquire({ stalePolicy: 'holder-finished', evidence: [unsure, dead] })).toMatchObject({
      kind: 'acquired',
      stolen: { because: 'holder-finished', proof: 'it is gone' },
    });
    expect(lock.clock.monotonicMs()).toBe(startMs);
  });

  test('holder-finished: a holder that is seen to run is left alone, whatever is believed elsewhere', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    expect(await lock.acquire({ stalePolicy: 'holder-finished', evidence: [alive, dead] })).toMatchObject({
      kind: 'timed-out',
    });
  });

  test('holder-finished: without a proof even an old lease is left alone', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    const waits: Waiting[] = [];
    expect(
      await lock.acquire({
        stalePolicy: 'holder-finished',
        evidence: [alive],
        waitTimeoutMs: 600_000,
        onWait: (waiting) => waits.push(waiting),
      }),
    ).toMatchObject({ kind: 'timed-out' });
    expect(waits.at(-1)?.verdict).toEqual({ kind: 'alive', detail: 'it runs' });
  });

  test('expired-and-holder-finished: the evidence is asked only once it is expired', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    const startMs = lock.clock.monotonicMs();
    const askedMs: number[] = [];
    const asked: Evidence = {
      name: 'asked',
      check: async () => {
        askedMs.push(lock.clock.monotonicMs() - startMs);
        return { kind: 'finished', proof: 'it is gone' };
      },
    };
    expect(
      await lock.acquire({ stalePolicy: 'expired-and-holder-finished', evidence: [asked] }),
    ).toMatchObject({
      stolen: { because: 'expired-and-holder-finished', proof: 'it is gone' },
    });
    expect(askedMs).toHaveLength(1);
    expect(askedMs[0]).toBeGreaterThanOrEqual(91_999);
  });
});

describe('the veto', () => {
  test('is asked before a steal with the stale record, and its no stands for a minute', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    const asked: LeaseRecord[] = [];
    const waits: Waiting[] = [];
    const outcome = await lock.acquire({
      waitTimeoutMs: 92_000 + 150_000,
      veto: async (record) => {
        asked.push(record);
        return { allowed: false, detail: 'exit status 1: still deploying' };
      },
      onWait: (waiting) => waits.push(waiting),
    });
    expect(outcome).toMatchObject({ kind: 'timed-out' });
    expect(asked).toEqual([other.record, other.record, other.record]);
    expect(waits.at(-1)?.vetoed).toBe('exit status 1: still deploying');
    expect(await lock.stored()).toEqual(other.record);
  });

  test('is not asked about a free lock', async () => {
    const lock = await FakeLock.trusted();
    await lock.put(released);
    const veto: Veto = async () => {
      throw new Error('nobody is robbed here');
    };
    expect(await lock.acquire({ veto })).toMatchObject({ kind: 'acquired' });
  });
});

describe('cancelling', () => {
  test('a wait leaves nothing behind', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    const cancel = new AbortController();
    const acquiring = acquire(lock.context, lock.request({ signal: cancel.signal }));
    await lock.clock.advance(10_000);
    cancel.abort();
    expect(await lock.clock.run(acquiring)).toEqual({ kind: 'cancelled' });
    expect(lock.store.count('write')).toBe(0);
    expect(await lock.stored()).toEqual(other.record);
    expect(lock.clock.timeline.sleepers).toBe(0);
  });

  test('before anything began does nothing', async () => {
    const lock = await FakeLock.trusted();
    expect(await lock.acquire({ signal: AbortSignal.abort() })).toEqual({ kind: 'cancelled' });
    expect(await lock.acquire({ closed: () => true })).toEqual({ kind: 'cancelled' });
    expect(lock.store.calls).toEqual([]);
  });

  test.each([
    ['before it applies: it never can', { kind: 'slow', thereMs: 3_000, backMs: 0 }],
    ['after it has applied: it is released', { kind: 'slow', thereMs: 0, backMs: 3_000 }],
    ['and the store never answers, but it applied', { kind: 'hang', applies: true }],
    ['and the store never answers, nor did it apply', { kind: 'hang', applies: false }],
  ] as const)('while the write is in flight, %s', async (_, fault) => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', fault);
    const cancel = new AbortController();
    const acquiring = acquire(lock.context, lock.request({ signal: cancel.signal }));
    await lock.clock.advance(1_000);
    cancel.abort();
    const startMs = lock.clock.monotonicMs();
    expect(await lock.clock.run(acquiring)).toEqual({ kind: 'cancelled' });
    expect(lock.clock.monotonicMs() - startMs).toBeLessThanOrEqual(5_500);
    await lock.clock.advance(60_000);
    expect(await isFree(lock)).toBe(true);
  });

  test.each([
    ['a write in flight', { kind: 'hang', applies: true }, 1_000],
    ['what was acquired at the last moment', { kind: 'slow', thereMs: 500, backMs: 500 }, 1_001],
  ] as const)('tells that it could not give back %s', async (_, fault, cancelMs) => {
    const lock = await FakeLock.trusted();
    lock.store.script('write', fault);
    lock.store.stand('write', UNAVAILABLE);
    let over = false;
    const cancel = new AbortController();
    const acquiring = acquire(lock.context, lock.request({ signal: cancel.signal, closed: () => over }));
    lock.store.afterNextWrite(async () => {
      over = fault.kind === 'slow';
    });
    await lock.clock.advance(cancelMs);
    cancel.abort();
    expect(await lock.clock.run(acquiring)).toEqual({ kind: 'cancelled', mayBeHeld: true });
    expect(await lock.stored()).toMatchObject({ state: 'held', holder: { leaseId: leaseIdOf('a') } });
  });

  test('while a steal is in flight: the late write can not match any more', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    await lock.clock.advance(3_600_000);
    lock.store.script('write', { kind: 'slow', thereMs: 20_000, backMs: 0 });
    const cancel = new AbortController();
    const acquiring = acquire(lock.context, lock.request({ signal: cancel.signal }));
    await lock.clock.advance(2_600);
    expect(lock.store.count('write')).toBe(1);
    cancel.abort();
    expect(await lock.clock.run(acquiring)).toEqual({ kind: 'cancelled' });
    await lock.clock.advance(60_000);
    expect(await lock.stored()).toMatchObject({
      state: 'released',
      ended: { how: 'given-up' },
      holder: { leaseId: leaseIdOf('a') },
    });
  });

  test.each([
    ['is cancelled', { kind: 'hang', applies: false }, { kind: 'cancelled' }],
    ['is denied', DENIED, { kind: 'indeterminate' }],
  ] as const)(
    'while the read %s that tells a conflict with itself: it is released',
    async (_, fault, end) => {
      const lock = await FakeLock.trusted();
      lock.store.script('write', { kind: 'deliver-twice' });
      lock.store.script('read', undefined, undefined, fault);
      const cancel = new AbortController();
      const acquiring = acquire(lock.context, lock.request({ signal: cancel.signal })).catch(
        (error: unknown) => error,
      );
      await lock.clock.advance(1_000);
      cancel.abort();
      expect(await lock.clock.run(acquiring)).toMatchObject(end);
      expect(await lock.stored()).toMatchObject({ state: 'released', holder: { leaseId: leaseIdOf('a') } });
    },
  );

  test('just as the answer arrives: what was acquired is given back', async () => {
    const lock = await FakeLock.trusted();
    const cancel = new AbortController();
    lock.store.afterNextWrite(async () => cancel.abort());
    expect(await lock.acquire({ signal: cancel.signal })).toEqual({ kind: 'cancelled' });
    expect(await lock.stored()).toMatchObject({ state: 'released', holder: { leaseId: leaseIdOf('a') } });
  });
});

describe('a job that is closed', () => {
  test('between the look and the write: nothing is written', async () => {
    const lock = await FakeLock.trusted();
    let asked = 0;
    const closed = (): boolean => {
      asked += 1;
      return asked > 1;
    };
    expect(await lock.acquire({ closed })).toEqual({ kind: 'cancelled' });
    expect(lock.store.count('write')).toBe(0);
  });

  test('while the write is under way: what was acquired is given back', async () => {
    const lock = await FakeLock.trusted();
    let over = false;
    lock.store.afterNextWrite(async () => {
      over = true;
    });
    expect(await lock.acquire({ closed: () => over })).toEqual({ kind: 'cancelled' });
    expect(await lock.stored()).toMatchObject({ state: 'released', ended: { how: 'released' } });
  });

  test('while a late acquisition is renewed: it is given back too', async () => {
    const lock = await FakeLock.trusted();
    let over = false;
    lock.store.script('write', LOSES_ANSWER);
    lock.store.afterNextWrite(async () => {
      lock.store.afterNextWrite(async () => {
        over = true;
      });
    });
    expect(await lock.acquire({ closed: () => over })).toEqual({ kind: 'cancelled' });
    expect(await lock.stored()).toMatchObject({ state: 'released', renewals: 1 });
  });

  test('while it waits: it stops at the next look', async () => {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    const startMs = lock.clock.monotonicMs();
    const outcome = await lock.acquire({ closed: () => lock.clock.monotonicMs() - startMs > 5_000 });
    expect(outcome).toEqual({ kind: 'cancelled' });
    expect(lock.clock.monotonicMs() - startMs).toBeLessThan(6_000);
  });
});

describe('a store in trouble', () => {
  test('that is down for a minute and comes back: the wait goes on', async () => {
    const lock = await FakeLock.trusted();
    const other = await lock.acquiredElsewhere();
    const troubles: StoreError[] = [];
    const acquiring = acquire(lock.context, lock.request({ onTrouble: (error) => troubles.push(error) }));
    await lock.clock.advance(10_000);
    for (const operation of ['read', 'write'] as const) lock.store.stand(operation, UNAVAILABLE);
    await lock.clock.advance(60_000);
    for (const operation of ['read', 'write'] as const) lock.store.stand(operation, undefined);
    await other.release(lock.clock.monotonicMs() + 1_000);
    expect(await lock.clock.run(acquiring)).toMatchObject({ kind: 'acquired' });
    expect(troubles.length).toBeGreaterThan(5);
    expect(troubles.every(({ kind }) => kind === 'unavailable')).toBe(true);
  });

  test('that stays down is given up after two minutes of a longer wait', async () => {
    const lock = await FakeLock.trusted();
    lock.store.stand('read', UNAVAILABLE);
    const startMs = lock.clock.monotonicMs();
    await expect(lock.acquire({ waitTimeoutMs: 3_600_000 })).rejects.toMatchObject({ kind: 'unavailable' });
    const tookMs = lock.clock.monotonicMs() - startMs;
    expect(tookMs).toBeGreaterThanOrEqual(120_000);
    expect(tookMs).toBeLessThan(130_000);
  });

  test('that hangs is asked again after the time-out of a call', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('read', { kind: 'hang', applies: false });
    const startMs = lock.clock.monotonicMs();
    await lock.acquired();
    const tookMs = lock.clock.monotonicMs() - startMs;
    expect(tookMs).toBeGreaterThanOrEqual(TIMING.callTimeoutMs);
    expect(tookMs).toBeLessThan(TIMING.callTimeoutMs + 1_000);
  });

  test('that hangs while it is probed does not hold the acquisition for ever', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('read', undefined, { kind: 'hang', applies: false });
    await lock.acquired();
  });

  test('that is busy while it is probed is asked again', async () => {
    const lock = await FakeLock.trusted();
    lock.store.script('read', undefined, UNAVAILABLE);
    await lock.acquired();
  });

  test.each([
    ['denied', 'read'],
    ['denied', 'write'],
    ['misconfigured', 'read'],
    ['misconfigured', 'write'],
  ] as const)('that says "%s" to a %s is not asked again', async (error, operation) => {
    const lock = await FakeLock.trusted();
    lock.store.stand(operation, { kind: 'fail', error });
    const startMs = lock.clock.monotonicMs();
    await expect(lock.acquire()).rejects.toMatchObject({ kind: error });
    expect(lock.clock.monotonicMs()).toBe(startMs);
    expect(lock.store.count(operation, KEY)).toBe(1);
  });

  test('a record that can not be read lets nobody in, at once', async () => {
    const lock = await FakeLock.trusted();
    await lock.put(serialise(heldRecord()).slice(0, 50));
    await expect(lock.acquire()).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining(KEY),
    });
    expect(lock.store.count('write')).toBe(0);
  });

  test('a lease of ours that may not be given back is waited for like any other, and ends with the time-out', async () => {
    const lock = await FakeLock.trusted();
    // It applied, that is found out too late to count, and by then nothing may be written any more.
    lock.store.script('write', LOSES_ANSWER);
    lock.store.script('read', undefined, undefined);
    lock.store.stand('read', UNAVAILABLE);
    lock.store.stand('write', DENIED);
    const acquiring = acquire(lock.context, lock.request({ waitTimeoutMs: 120_000, stalePolicy: 'never' }));
    await lock.clock.advance(50_000);
    lock.store.stand('read', undefined);
    lock.store.forgetCalls();
    expect(await lock.clock.run(acquiring)).toMatchObject({
      kind: 'timed-out',
      record: { holder: { leaseId: leaseIdOf('a') } },
    });
    expect(lock.store.calls.length).toBeLessThan(400);
  });
});

describe('the same lock, many times', () => {
  test('one after another, each gets in when the one before is out, with tokens that rise', async () => {
    const lock = await FakeLock.trusted();
    const order: number[] = [];
    const worker = async (digit: string): Promise<void> => {
      const outcome = await acquire(lock.context, lock.request({ holder: holderOf(digit) }));
      const lease = leaseOf(outcome);
      order.push(lease.token);
      await lock.clock.sleep(5_000);
      expect(lease.believes({ wallMs: lock.clock.wallMs(), monotonicMs: lock.clock.monotonicMs() })).toBe(
        true,
      );
      await lease.release(lock.clock.monotonicMs() + 1_000);
    };
    await lock.clock.run(Promise.all([...'12345'].map(worker)));
    const [first = 0] = order;
    expect(order).toEqual([0, 1, 2, 3, 4].map((step) => first + step));
  });
});

describe('a lock delay', () => {
  const DELAY_MS = 100_000;

  async function expired(): Promise<FakeLock> {
    const lock = await FakeLock.trusted();
    await lock.acquiredElsewhere();
    await lock.clock.advance(3_600_000);
    return lock;
  }

  test('holds a stolen lock, renewed, for that long before it is entered, and says so at the steal', async () => {
    const lock = await expired();
    const startMs = lock.clock.monotonicMs();
    const stolenMs: number[] = [];
    const lease = await lock.acquired({
      lockDelayMs: DELAY_MS,
      onStolen: ({ from }) => {
        expect(from.holder.leaseId).toBe(leaseIdOf('b'));
        stolenMs.push(lock.clock.monotonicMs() - startMs);
      },
    });
    expect(stolenMs).toHaveLength(1);
    const enteredMs = lock.clock.monotonicMs() - startMs;
    expect(enteredMs - (stolenMs[0] ?? 0)).toBeGreaterThanOrEqual(DELAY_MS);
    // It would have run out twice over.
    expect(lease.record.renewals).toBeGreaterThanOrEqual(2);
    expect(lease.believes(instantOf(lock.clock))).toBe(true);
  });

  test('is nothing to a lock that was free', async () => {
    const lock = await FakeLock.trusted();
    const startMs = lock.clock.monotonicMs();
    await lock.acquired({ lockDelayMs: DELAY_MS });
    expect(lock.clock.monotonicMs() - startMs).toBeLessThan(1_000);
  });

  test('that is cancelled gives the lock back', async () => {
    const lock = await expired();
    const cancel = new AbortController();
    const acquiring = acquire(lock.context, lock.request({ lockDelayMs: DELAY_MS, signal: cancel.signal }));
    await lock.clock.advance(30_000);
    expect(await lock.stored()).toMatchObject({ state: 'held', holder: { leaseId: leaseIdOf('a') } });
    cancel.abort();
    expect(await lock.clock.run(acquiring)).toEqual({ kind: 'cancelled' });
    expect(await lock.stored()).toMatchObject({ state: 'released' });
  });

  test('in which the lease is broken does not enter on it, but waits on and takes the lock anew', async () => {
    const lock = await expired();
    const acquiring = acquire(lock.context, lock.request({ lockDelayMs: DELAY_MS }));
    await lock.clock.advance(10_000);
    const stolen = await lock.stored();
    const untilMs = lock.clock.monotonicMs() + 1_000;
    await breakLease(lock.elsewhere, { leaseId: leaseIdOf('a'), by: 'mona', reason: 'not yet', untilMs });
    const lease = leaseOf(await lock.clock.run(acquiring));
    expect(lease.token).toBe((stolen?.token ?? 0) + 1);
    expect(await isHeld(lease)).toBe(true);
  });
});
