import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../src/base/usage-error.ts';
import { buildTiming, DEADLINE_CHECK_MS, EXPIRY_GRACE_MS, STEAL_WATCH_MS } from '../../src/lease/policy.ts';

test('the default: a ttl of 90 s, a renewal every 30 s, a margin of 10 s', () => {
  expect(buildTiming({ ttlMs: 90_000 })).toEqual({
    ttlMs: 90_000,
    renewEveryMs: 30_000,
    marginMs: 10_000,
    callTimeoutMs: 10_000,
  });
});

describe('times that can not work are refused, and the message names what they are called', () => {
  test.each<[string, Parameters<typeof buildTiming>[0], RegExp[]]>([
    ['a ttl that is too short', { ttlMs: 14_999 }, [/^ttl: 15s is not between 15s|^ttl: /, /1d/]],
    ['a ttl of more than a day', { ttlMs: 86_400_001 }, [/^ttl: /]],
    ['a ttl of zero', { ttlMs: 0 }, [/^ttl: 0ms is not between 15s and 1d/]],
    ['a negative ttl', { ttlMs: -90_000 }, [/^ttl: -1m30s/]],
    ['no number', { ttlMs: Number.NaN }, [/^ttl: /]],
    [
      'a renewal that leaves no second chance',
      { ttlMs: 90_000, renewEveryMs: 60_000 },
      [/^renew-every and ttl: /, /every 1m /, /Renew at most every 36s/],
    ],
    ['a renewal slower than the ttl', { ttlMs: 90_000, renewEveryMs: 120_000 }, [/^renew-every and ttl: /]],
    ['a renewal all the time', { ttlMs: 90_000, renewEveryMs: 10 }, [/^renew-every: 10ms is under 1s/]],
    ['a renewal that is no number', { ttlMs: 90_000, renewEveryMs: Number.NaN }, [/^renew-every: /]],
    ['no margin', { ttlMs: 90_000, marginMs: 0 }, [/^margin: 0ms is under 1s/]],
    ['a margin that is no number', { ttlMs: 90_000, marginMs: Number.NaN }, [/^margin: /]],
    [
      'a margin that leaves too little',
      { ttlMs: 90_000, marginMs: 60_000 },
      [/^margin and ttl: /, /1m.*1m30s/],
    ],
    ['a margin beyond the ttl', { ttlMs: 90_000, marginMs: 100_000 }, [/^margin and ttl: /]],
    ['an endless margin', { ttlMs: 90_000, marginMs: Number.POSITIVE_INFINITY }, [/^margin and ttl: /]],
    [
      'a margin and a renewal that do not fit',
      { ttlMs: 90_000, marginMs: 40_000 },
      [/^renew-every and ttl: /, /margin of 40s/],
    ],
  ])('%s', (_, given, messages) => {
    expect(() => buildTiming(given)).toThrow(UsageError);
    for (const message of messages) expect(() => buildTiming(given)).toThrow(message);
  });
});

test('the edges: 15 s and a day are taken, and a renewal that just leaves a second chance', () => {
  expect(buildTiming({ ttlMs: 15_000 }).renewEveryMs).toBe(5_000);
  expect(buildTiming({ ttlMs: 86_400_000 }).callTimeoutMs).toBe(10_000);
  expect(() => buildTiming({ ttlMs: 90_000, renewEveryMs: 36_363 })).not.toThrow();
  expect(() => buildTiming({ ttlMs: 90_000, renewEveryMs: 36_364 })).toThrow(UsageError);
});

test('whatever is taken leaves two slow renewals before the deadline, and the loss known before the ttl is over', () => {
  const ms = fc.integer({ min: 1, max: 100_000_000 });
  fc.assert(
    fc.property(
      fc.record({ ttlMs: ms, renewEveryMs: ms, marginMs: ms }, { requiredKeys: ['ttlMs'] }),
      (given) => {
        try {
          const { ttlMs, renewEveryMs, marginMs, callTimeoutMs } = buildTiming(given);
          expect(2.2 * renewEveryMs).toBeLessThanOrEqual(ttlMs - marginMs);
          expect(callTimeoutMs).toBeLessThanOrEqual(ttlMs / 6);
          // The deadline is noticed by then, and the one late renewal has had its half of the margin.
          expect(DEADLINE_CHECK_MS + Math.min(5_000, marginMs / 2)).toBeLessThanOrEqual(marginMs);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a keeper sees a clock that was set well before a waiter has watched long enough', () => {
  expect(4 * DEADLINE_CHECK_MS).toBeLessThanOrEqual(STEAL_WATCH_MS);
  expect(EXPIRY_GRACE_MS).toBeGreaterThanOrEqual(2_000);
});
