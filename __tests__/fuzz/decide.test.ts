import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Decision, decide, type Observation, observe } from '../../src/lease/decide.ts';
import type { Verdict } from '../../src/lease/evidence.ts';
import { STALE_POLICIES, type StalePolicy } from '../../src/lease/policy.ts';
import type { LeaseRecord } from '../../src/lease/record.ts';
import { catches, holds } from './fuzz.ts';
import { hostileText } from './hostile.ts';
import { record } from './records.ts';

/*
 * No record, and nothing that a store says of its age, makes a held lock free before its time. When that is, is said once
 * more here, from docs/algorithm.md, over the answers themselves.
 */

interface Answer {
  readonly afterMs: number;
  readonly ageMs?: number;
}

interface Scene {
  readonly record: LeaseRecord;
  readonly answers: readonly Answer[];
  readonly thenMs: number;
  readonly stalePolicy: StalePolicy;
  readonly verdict?: Verdict;
  readonly remoteClock: boolean;
}

const aroundMs = (ms: number): fc.Arbitrary<number> =>
  fc.integer({ min: -3, max: 3 }).map((off) => Math.max(0, ms + off));
// Near what decides, and anything.
const delayMs = fc.oneof(
  fc.nat({ max: 10_000 }),
  ...[2_000, 15_000, 17_000, 45_000, 92_000].map(aroundMs),
  fc.maxSafeNat(),
);
const ageMs = fc.oneof(delayMs, fc.constantFrom(0, 1e15, Number.MAX_VALUE));

const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.record({ kind: fc.constant('finished' as const), proof: hostileText }),
  fc.record({ kind: fc.constantFrom('alive' as const, 'unknown' as const), detail: hostileText }),
);

const scene: fc.Arbitrary<Scene> = fc
  .tuple(
    fc
      .tuple(record, fc.constantFrom(15_000, 90_000, 86_400_000, undefined))
      .map(([any, ttlMs]) => (ttlMs ? { ...any, ttlMs } : any)),
    fc.array(
      fc.tuple(delayMs, fc.option(ageMs, { nil: undefined })).map(([afterMs, age]) => ({
        afterMs,
        ...(age === undefined ? {} : { ageMs: age }),
      })),
      { minLength: 1, maxLength: 4 },
    ),
    fc.record({
      thenMs: delayMs,
      stalePolicy: fc.constantFrom(...STALE_POLICIES),
      remoteClock: fc.boolean(),
    }),
    fc.option(verdict, { nil: undefined }),
  )
  .map(([any, answers, around, said]) => ({
    record: any,
    answers,
    ...around,
    ...(said ? { verdict: said } : {}),
  }));

interface Seen {
  readonly seenMs: number;
  readonly ageMs?: number;
}

/** When each answer came, on the observer's monotonic clock. */
function timesOf(answers: readonly Answer[]): Seen[] {
  let nowMs = 1_000;
  return answers.map(({ afterMs, ...answer }) => {
    nowMs += afterMs;
    return { seenMs: nowMs, ...answer };
  });
}

/** Whether a lease is one that nobody renews: a run's between two jobs, or a reservation. */
function endsByItself(there: LeaseRecord): boolean {
  return there.state === 'held' && (there.reserved !== undefined || isEmpty(there));
}

function isEmpty(there: LeaseRecord): boolean {
  return there.state === 'held' && there.shared !== undefined && there.shared.members.length === 0;
}

/** Whether a lease may be called expired, by all that was seen of one version. */
function mayBeCalledExpired(
  { record: there, remoteClock }: Scene,
  seen: readonly Seen[],
  nowMs: number,
): boolean {
  const { ttlMs } = there;
  const watchedMs = nowMs - (seen[0]?.seenMs ?? nowMs);
  // Each answer says since when the version stands at the earliest; the one that says the latest is believed.
  const byStore = seen.flatMap(({ seenMs, ageMs: age }) =>
    age === undefined ? [] : [age + (nowMs - seenMs)],
  );
  const oldEnough =
    watchedMs >= ttlMs + 2_000 || (byStore.length > 0 && byStore.every((ms) => ms >= ttlMs + 2_000));
  const watchedEnough =
    watchedMs >= 2_000 && (!remoteClock || endsByItself(there) || watchedMs >= ttlMs + 2_000);
  return oldEnough && watchedEnough;
}

/** Counting in floating point, a sum may be off by its last bit. */
function isAtTheEdge({ record: { ttlMs }, answers }: Scene): boolean {
  return ttlMs > 2 ** 50 || answers.some(({ afterMs, ageMs: age = 0 }) => afterMs > 2 ** 50 || age > 2 ** 50);
}

type Decide = typeof decide;
const decisions = new Map<string, number>();

const keepsToTheRules = (rules: Decide, look: typeof observe = observe) =>
  fc.property(scene, (given) => {
    const seen = timesOf(given.answers);
    const nowMs = (seen.at(-1)?.seenMs ?? 0) + given.thenMs;
    const observation = seen.reduce<Observation | undefined>(
      (before, answer) => look(before, answer),
      undefined,
    );
    if (!observation) return false;
    const { stalePolicy, remoteClock, verdict: said } = given;
    const decision = rules(given.record, observation, nowMs, {
      stalePolicy,
      remoteClock,
      firstToken: 5,
      ...(said ? { verdict: said } : {}),
    });
    decisions.set(decision.kind, (decisions.get(decision.kind) ?? 0) + 1);
    if ('token' in decision && decision.token !== given.record.token + 1) return false;
    if (decision.kind === 'wait' && !((decision.dueMs ?? 1) > 0 || decision.confirming)) return false;
    return isAtTheEdge(given) || fits(decision, given, mayBeCalledExpired(given, seen, nowMs));
  });

function fits(decision: Decision, given: Scene, expired: boolean): boolean {
  const { record: there, stalePolicy, verdict: said } = given;
  if (there.state === 'released') return decision.kind === 'take';
  if (there.state === 'granted') return decision.kind === 'take' || decision.kind === 'wait';
  if (endsByItself(there)) {
    if (expired) return decision.kind === 'take';
    if (!isEmpty(there) || stalePolicy === 'never') return decision.kind === 'wait';
    if (!said) return decision.kind === 'ask';
    return decision.kind === (said.kind === 'finished' ? 'take' : 'wait');
  }
  if (decision.kind === 'take') return false;
  const needsTime = stalePolicy !== 'holder-finished';
  const needsProof = stalePolicy !== 'expired';
  if (stalePolicy === 'never' || (needsTime && !expired)) return decision.kind === 'wait';
  if (!needsProof) return decision.kind === 'steal';
  if (!said) return decision.kind === 'ask';
  return decision.kind === (said.kind === 'finished' ? 'steal' : 'wait');
}

test('a held lock is taken by nobody, and stolen exactly when policy, time and proof allow it', async () => {
  await holds(keepsToTheRules(decide), 6_000);
  for (const kind of ['take', 'steal', 'ask', 'wait']) expect(decisions.get(kind) ?? 0).toBeGreaterThan(100);
});

test('what is not there is taken with the token that the store begins with', () => {
  const observation = { firstSeenMs: 0, seenMs: 0 };
  expect(decide(undefined, observation, 0, { stalePolicy: 'never', firstToken: 5 })).toEqual({
    kind: 'take',
    token: 5,
  });
});

function without({ shared: _, ...there }: Extract<LeaseRecord, { state: 'held' }>): LeaseRecord {
  return there;
}

describe('that would not pass for rules that', () => {
  const PROOF: Verdict = { kind: 'finished', proof: '' };
  test.each<{ mistake: string; rules?: Decide; look?: typeof observe }>([
    {
      mistake: 'steal without watching',
      rules: (there, seen, nowMs, request) =>
        decide(there, { ...seen, firstSeenMs: -1e15, ageMs: seen.ageMs ?? 0 }, nowMs, request),
    },
    {
      mistake: 'leave the grace out',
      rules: (there, seen, nowMs, request) =>
        decide(there && { ...there, ttlMs: Math.max(1, there.ttlMs - 2_000) }, seen, nowMs, request),
    },
    {
      mistake: 'believe the newest age',
      look: (before, answer) => ({ firstSeenMs: before?.firstSeenMs ?? answer.seenMs, ...answer }),
    },
    {
      mistake: 'believe the clock of another machine',
      rules: (there, seen, nowMs, request) => decide(there, seen, nowMs, { ...request, remoteClock: false }),
    },
    {
      mistake: 'ask for proof of what ends by itself',
      rules: (there, seen, nowMs, request) =>
        decide(there?.state === 'held' && isEmpty(there) ? without(there) : there, seen, nowMs, request),
    },
    {
      mistake: 'steal a reservation that stands',
      rules: (there, seen, nowMs, request) =>
        decide(
          there?.state === 'held' && there.reserved ? { ...there, ttlMs: 1 } : there,
          seen,
          nowMs,
          request,
        ),
    },
    {
      mistake: 'take "unknown" for a proof',
      rules: (there, seen, nowMs, request) =>
        decide(
          there,
          seen,
          nowMs,
          request.verdict?.kind === 'unknown' ? { ...request, verdict: PROOF } : request,
        ),
    },
    {
      mistake: 'need no proof',
      rules: (there, seen, nowMs, request) =>
        decide(there, seen, nowMs, {
          ...request,
          stalePolicy: request.stalePolicy === 'never' ? 'never' : 'expired',
        }),
    },
    {
      mistake: 'take "never" for "expired"',
      rules: (there, seen, nowMs, request) =>
        decide(there, seen, nowMs, {
          ...request,
          stalePolicy: request.stalePolicy === 'never' ? 'expired' : request.stalePolicy,
        }),
    },
    {
      mistake: "give the victim's token again",
      rules: (there, seen, nowMs, request) => {
        const decision = decide(there, seen, nowMs, request);
        return decision.kind === 'steal' ? { ...decision, token: decision.token - 1 } : decision;
      },
    },
    {
      mistake: 'go by a time in the record',
      rules: (there, seen, nowMs, request) =>
        decide(
          there,
          Date.parse(there?.acquiredAt ?? '') > 0 ? { firstSeenMs: 0, seenMs: 0, ageMs: 1e15 } : seen,
          nowMs,
          request,
        ),
    },
  ])('$mistake', async ({ rules = decide, look = observe }) => {
    expect(await catches(keepsToTheRules(rules, look), 50_000)).toBe(true);
  });
});
