/**
 * When a stale lease may be stolen.
 * - `never`
 * - `expired` its ttl has passed without a renewal
 * - `holder-finished` there is proof that the holder is gone
 * - `expired-and-holder-finished` both: for deploys where a runner that lost its network may still be working
 */
export declare const STALE_POLICIES: readonly ['never', 'expired', 'holder-finished', 'expired-and-holder-finished'];
export type StalePolicy = (typeof STALE_POLICIES)[number];
export declare const SHORTEST_TTL_MS = 15000;
export declare const LONGEST_TTL_MS = 86400000;
export declare const DEFAULT_TTL_MS = 90000;
/**
 * How much longer than the ttl a waiter waits before it calls a lease expired: covers the one-second grain of S3's
 * times at both ends.
 */
export declare const EXPIRY_GRACE_MS = 2000;
/**
 * How long a waiter must have watched a version unchanged before it steals, however old the store says it is. A store's
 * clock that was set forward just before makes every lease look old; a live keeper sees that jump on its own wall clock,
 * renews within `DEADLINE_CHECK_MS`, and the version changes under the waiter's eyes. A jump while a waiter watches makes
 * nothing look old: see `observe`. For a clock whose jumps no keeper can see, `decide` takes longer.
 */
export declare const STEAL_WATCH_MS = 2000;
/** How often a keeper compares its deadline with both of its clocks. Must be well below `STEAL_WATCH_MS`. */
export declare const DEADLINE_CHECK_MS = 500;
/** How long a grant waits to be claimed before the lock is anybody's again. */
export declare const CLAIM_WINDOW_MS = 15000;
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
export declare function buildTiming(given: {
    ttlMs: number;
    renewEveryMs?: number;
    marginMs?: number;
}): Timing;
/**
 * The lock delay in milliseconds: how long a stolen lock is held before it is entered.
 * @throws UsageError when it is no duration, or over an hour
 */
export declare function parseLockDelay(text: string, field: string): number;
