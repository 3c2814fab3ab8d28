import { describe, expect, test } from '@jest/globals';
import { type Decision, decide, expiresInMs, type Observation, observe } from '../../src/lease/decide.ts';
import type { Verdict } from '../../src/lease/evidence.ts';
import {
  buildTiming,
  LONGEST_TTL_MS,
  SHORTEST_TTL_MS,
  STALE_POLICIES,
  type StalePolicy,
} from '../../src/lease/policy.ts';
import type { LeaseRecord } from '../../src/lease/record.ts';
import { heldRecord, holderOf } from '../support/fake-lock.ts';

const NOW_MS = 1_000_000;
const held = heldRecord({ token: 7, ttlMs: 90_000 });
const released: LeaseRecord = {
  ...held,
  state: 'released',
  ended: { how: 'released', at: '2026-03-01T12:00:00Z' },
};
const granted: LeaseRecord = {
  ...held,
  state: 'granted',
  grant: { ticket: '5-1', leaseId: holderOf('c').leaseId },
};

const finished: Verdict = { kind: 'finished', proof: 'its process 42 is gone' };
const alive: Verdict = { kind: 'alive', detail: 'its process 42 runs' };
const unknown: Verdict = { kind: 'unknown', detail: 'another machine' };

/** A version that has been watched for `watchedMs`, and whose newest answer came `sinceMs` ago and gave `ageMs`. */
function seen(watchedMs: number, ageMs?: number, sinceMs = 0): Observation {
  return {
    firstSeenMs: NOW_MS - watchedMs,
    seenMs: NOW_MS - sinceMs,
    ...(ageMs === undefined ? {} : { ageMs }),
  };
}

function decided(
  record: LeaseRecord | undefined,
  observation: Observation,
  stalePolicy: StalePolicy,
  verdict?: Verdict,
): Decision {
  return decide(record, observation, NOW_MS, {
    stalePolicy,
    firstToken: 1_770_000_000,
    ...(verdict ? { verdict } : {}),
  });
}

const STEAL = { kind: 'steal', token: 8, because: 'expired' } as const;
const proven = (because: 'holder-finished' | 'expired-and-holder-finished') =>
  ({ kind: 'steal', token: 8, because, proof: 'its process 42 is gone' }) as const;
const waits = (dueMs: number, confirming = false) => ({ kind: 'wait', dueMs, confirming }) as const;
const WAITS_FOR_OTHERS = { kind: 'wait', confirming: false } as const;

describe.each(STALE_POLICIES)('whatever the evidence, under the policy %s', (policy) => {
  test.each([undefined, finished, alive, unknown])('with the verdict %j', (verdict) => {
    expect(decided(undefined, seen(0), policy, verdict)).toEqual({ kind: 'take', token: 1_770_000_000 });
    expect(decided(released, seen(0), policy, verdict)).toEqual({ kind: 'take', token: 8 });
    expect(decided(granted, seen(0, 0), policy, verdict)).toEqual(waits(17_000));
  });
});

describe('a lease that is old by the clock of another machine', () => {
  const old = (watchedMs: number): Decision =>
    decide(held, seen(watchedMs, 3_600_000), NOW_MS, {
      stalePolicy: 'expired',
      firstToken: 1,
      remoteClock: true,
    });

  test.each([
    ['is watched for its ttl and the grace', 0, waits(92_000, true)],
    ['is watched to the last millisecond', 91_999, waits(1, true)],
    ['is stolen then', 92_000, STEAL],
  ])('%s', (_, watchedMs, expected) => {
    expect(old(watchedMs)).toEqual(expected);
  });

  test('is not believed in any more by then, by the slowest clock that the margin covers', () => {
    for (const ttlMs of [SHORTEST_TTL_MS, 90_000, LONGEST_TTL_MS]) {
      const { marginMs } = buildTiming({ ttlMs });
      expect((ttlMs - marginMs) * (9 / 8)).toBeLessThanOrEqual(ttlMs);
    }
  });
});

describe('a grant that is not claimed', () => {
  test.each([
    ['waits until the claim window and the grace are over, by the store', seen(0, 16_999), waits(1)],
    ['lapses exactly then', seen(0, 17_000), { kind: 'take', token: 8 }],
    ['waits on when no age is given', seen(16_999), waits(1)],
    ['lapses by watching alone', seen(17_000), { kind: 'take', token: 8 }],
  ])('%s', (_, observation, expected) => {
    expect(decided(granted, observation, 'never')).toEqual(expected);
  });
});

describe('a held lock', () => {
  test.each<[string, StalePolicy, Observation, Verdict | undefined, Decision]>([
    ['never: fresh', 'never', seen(0, 0), undefined, WAITS_FOR_OTHERS],
    ['never: a year old, and its holder is dead', 'never', seen(9e9, 9e9), finished, WAITS_FOR_OTHERS],

    ['expired: fresh', 'expired', seen(0, 0), undefined, waits(92_000)],
    ['expired: its ttl is over, the grace is not', 'expired', seen(50_000, 90_000), undefined, waits(2_000)],
    ['expired: a millisecond before ttl + grace', 'expired', seen(50_000, 91_999), undefined, waits(1)],
    ['expired: exactly at ttl + grace', 'expired', seen(50_000, 92_000), undefined, STEAL],
    [
      'expired: old by the store, but only just seen',
      'expired',
      seen(0, 3_600_000),
      undefined,
      waits(2_000, true),
    ],
    [
      'expired: old by the store, watched 1 ms too short',
      'expired',
      seen(1_999, 3_600_000),
      undefined,
      waits(1, true),
    ],
    [
      'expired: old by the store, watched for exactly 2 s',
      'expired',
      seen(2_000, 3_600_000),
      undefined,
      STEAL,
    ],
    ['expired: no age, watched 1 ms too short', 'expired', seen(91_999), undefined, waits(1)],
    ['expired: no age, watched for ttl + grace', 'expired', seen(92_000), undefined, STEAL],
    ['expired: the age counts on since its answer', 'expired', seen(50_000, 90_000, 2_000), undefined, STEAL],
    [
      'expired: what was watched counts when the store says less',
      'expired',
      seen(92_000, 5_000),
      undefined,
      STEAL,
    ],
    [
      'expired: a store clock set back says less than nothing',
      'expired',
      seen(1_000, -3_600_000),
      undefined,
      waits(91_000),
    ],
    ['expired: that its holder is dead does not matter', 'expired', seen(0, 0), finished, waits(92_000)],
    ['expired: nor that it is alive', 'expired', seen(92_000), alive, STEAL],

    ['holder-finished: not asked yet', 'holder-finished', seen(0, 0), undefined, { kind: 'ask' }],
    ['holder-finished: dead and fresh', 'holder-finished', seen(0, 0), finished, proven('holder-finished')],
    ['holder-finished: alive and old', 'holder-finished', seen(9e9, 9e9), alive, WAITS_FOR_OTHERS],
    ['holder-finished: unknown and old', 'holder-finished', seen(9e9, 9e9), unknown, WAITS_FOR_OTHERS],

    ['both: fresh, so nobody is asked', 'expired-and-holder-finished', seen(0, 0), undefined, waits(92_000)],
    ['both: dead, but not expired', 'expired-and-holder-finished', seen(91_999), finished, waits(1)],
    ['both: expired, not asked yet', 'expired-and-holder-finished', seen(92_000), undefined, { kind: 'ask' }],
    [
      'both: expired and only just seen',
      'expired-and-holder-finished',
      seen(0, 9e9),
      finished,
      waits(2_000, true),
    ],
    ['both: expired, and alive', 'expired-and-holder-finished', seen(92_000), alive, WAITS_FOR_OTHERS],
    ['both: expired, and unknown', 'expired-and-holder-finished', seen(92_000), unknown, WAITS_FOR_OTHERS],
    [
      'both: expired and dead',
      'expired-and-holder-finished',
      seen(92_000),
      finished,
      proven('expired-and-holder-finished'),
    ],
  ])('%s', (_, policy, observation, verdict, expected) => {
    expect(decided(held, observation, policy, verdict)).toEqual(expected);
  });
});

describe('when a lease expires', () => {
  test.each([
    ['the ttl in the record counts, not that of the one who looks', 15_000, seen(0, 0), 17_000],
    ['it is negative once it is over', 90_000, seen(0, 100_000), -8_000],
  ])('%s', (_, ttlMs, observation, expected) => {
    expect(expiresInMs(heldRecord({ ttlMs }), observation, NOW_MS)).toBe(expected);
  });

  test('a time in the record decides nothing', () => {
    const ancient = heldRecord({ acquiredAt: '1970-01-01T00:00:00Z' });
    expect(decided(ancient, seen(0, 0), 'expired')).toEqual(waits(92_000));
  });
});

describe('what several answers about one version say together', () => {
  test.each<[string, { seenMs: number; ageMs?: number }[], Observation]>([
    ['one without an age', [{ seenMs: 100 }], { firstSeenMs: 100, seenMs: 100 }],
    ['one with an age', [{ seenMs: 100, ageMs: 5 }], { firstSeenMs: 100, seenMs: 100, ageMs: 5 }],
    [
      'the age came with the second',
      [{ seenMs: 100 }, { seenMs: 200, ageMs: 150 }],
      { firstSeenMs: 100, seenMs: 200, ageMs: 150 },
    ],
    [
      'the age goes on without the store',
      [{ seenMs: 100, ageMs: 5 }, { seenMs: 200 }],
      { firstSeenMs: 100, seenMs: 200, ageMs: 105 },
    ],
    [
      'time passed alike for both',
      [
        { seenMs: 100, ageMs: 5 },
        { seenMs: 200, ageMs: 105 },
      ],
      { firstSeenMs: 100, seenMs: 200, ageMs: 105 },
    ],
    [
      'the clock of the store was set forward by an hour: nobody is old for that',
      [
        { seenMs: 100, ageMs: 5 },
        { seenMs: 200, ageMs: 3_600_105 },
        { seenMs: 300, ageMs: 3_600_205 },
      ],
      { firstSeenMs: 100, seenMs: 300, ageMs: 205 },
    ],
    [
      'the clock of the store was set back: the younger age stands',
      [
        { seenMs: 100, ageMs: 50_000 },
        { seenMs: 200, ageMs: -10_000 },
        { seenMs: 300, ageMs: -9_900 },
      ],
      { firstSeenMs: 100, seenMs: 300, ageMs: -9_900 },
    ],
    [
      'a grain of a second: the least that was said',
      [
        { seenMs: 100, ageMs: 1_000 },
        { seenMs: 350, ageMs: 1_000 },
        { seenMs: 600, ageMs: 2_000 },
      ],
      { firstSeenMs: 100, seenMs: 600, ageMs: 1_250 },
    ],
  ])('%s', (_, answers, expected) => {
    let observation: Observation | undefined;
    for (const answer of answers) observation = observe(observation, answer);
    expect(observation).toEqual(expected);
  });
});
