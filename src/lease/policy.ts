import { formatDuration, parseDuration } from '../base/duration.ts';
import { UsageError } from '../base/usage-error.ts';

/**
 * When a stale lease may be stolen.
 * - `never`
 * - `expired` its ttl has passed without a renewal
 * - `holder-finished` there is proof that the holder is gone
 * - `expired-and-holder-finished` both: for deploys where a runner that lost its network may still be working
 */
export const STALE_POLICIES = ['never', 'expired', 'holder-finished', 'expired-and-holder-finished'] as const;
export type StalePolicy = (typeof STALE_POLICIES)[number];

export const SHORTEST_TTL_MS = 15_000;
export const LONGEST_TTL_MS = 86_400_000;
export const DEFAULT_TTL_MS = 90_000;

/**
 * How much longer than the ttl a waiter waits before it calls a lease expired: covers the one-second grain of S3's
 * times at both ends.
 */
export const EXPIRY_GRACE_MS = 2_000;

/**
 * How long a waiter must have watched a version unchanged before it steals, however old the store says it is. A store's
 * clock that was set forward just before makes every lease look old; a live keeper sees that jump on its own wall clock,
 * renews within `DEADLINE_CHECK_MS`, and the version changes under the waiter's eyes. A jump while a waiter watches makes
 * nothing look old: see `observe`. For a clock whose jumps no keeper can see, `decide` takes longer.
 */
export const STEAL_WATCH_MS = 2_000;

/** How often a keeper compares its deadline with both of its clocks. Must be well below `STEAL_WATCH_MS`. */
export const DEADLINE_CHECK_MS = 500;

/** How long a grant waits to be claimed before the lock is anybody's again. */
export const CLAIM_WINDOW_MS = 15_000;

/** The times of one lease, all in milliseconds, checked together. */
export interface Timing {
  /** Without a renewal for this long, others may call the lease expired. */
  readonly ttlMs: number;
  /** How often the keeper renews (± 10 %). */
  readonly renewEveryMs: number;
  /** How long before the ttl is over the holder stops believing: covers clock rates that differ. */
  readonly marginMs: number;
  /** How long one call to the store may take. */
  readonly callTimeoutMs: number;
}

/**
 * @throws UsageError for a ttl out of bounds, or for a combination that can't work, naming both fields
 */
export function buildTiming(given: { ttlMs: number; renewEveryMs?: number; marginMs?: number }): Timing {
  const { ttlMs } = given;
  if (!(ttlMs >= SHORTEST_TTL_MS && ttlMs <= LONGEST_TTL_MS)) {
    throw new UsageError(
      `ttl: ${formatDuration(ttlMs)} is not between ${formatDuration(SHORTEST_TTL_MS)} and ${formatDuration(LONGEST_TTL_MS)}. The default is ${formatDuration(DEFAULT_TTL_MS)}: a dead holder's lock is free after about that long.`,
    );
  }
  const renewEveryMs = given.renewEveryMs ?? ttlMs / 3;
  const marginMs = given.marginMs ?? ttlMs / 9;
  const callTimeoutMs = Math.min(10_000, ttlMs / 6);
  if (!(marginMs >= 1_000)) throw new UsageError(`margin: ${formatDuration(marginMs)} is under 1s.`);
  if (!(renewEveryMs >= 1_000))
    throw new UsageError(`renew-every: ${formatDuration(renewEveryMs)} is under 1s.`);
  if (!(marginMs <= ttlMs / 2)) {
    throw new UsageError(
      `margin and ttl: a margin of ${formatDuration(marginMs)} is more than half of the ttl of ${formatDuration(ttlMs)}. Lower the margin, or raise the ttl.`,
    );
  }
  if (2 * renewEveryMs * 1.1 > ttlMs - marginMs) {
    throw new UsageError(
      `renew-every and ttl: renewing every ${formatDuration(renewEveryMs)} leaves no second chance within a ttl of ${formatDuration(ttlMs)} less the margin of ${formatDuration(marginMs)}. Renew at most every ${formatDuration((ttlMs - marginMs) / 2.2)}, or raise the ttl.`,
    );
  }
  return { ttlMs, renewEveryMs, marginMs, callTimeoutMs };
}

const LONGEST_LOCK_DELAY_MS = 3_600_000;

/**
 * The lock delay in milliseconds: how long a stolen lock is held before it is entered.
 * @throws UsageError when it is no duration, or over an hour
 */
export function parseLockDelay(text: string, field: string): number {
  const ms = parseDuration(text, field);
  if (ms > LONGEST_LOCK_DELAY_MS) {
    throw new UsageError(
      `${field}: ${formatDuration(ms)} is over ${formatDuration(LONGEST_LOCK_DELAY_MS)}. It is how long a stolen lock is held before it is entered; the default is none.`,
    );
  }
  return ms;
}
