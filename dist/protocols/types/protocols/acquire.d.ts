import { type Instant } from '../base/clock.js';
import type { StalePolicy } from '../lease/policy.js';
import { type Held, type Hold, type Protocol, ProtocolError, type Request, type Surroundings } from './protocol.js';
export interface AcquireRequest extends Omit<Request, 'mayTake'> {
    readonly stalePolicy: StalePolicy;
    /** The `on-stale` command, which may forbid that a stale lock is taken over. */
    readonly veto?: (held: Held, signal?: AbortSignal) => Promise<{
        allowed: boolean;
        detail: string;
    }>;
    /** How long to wait for a held lock; 0 tries once. */
    readonly waitTimeoutMs: number;
    /** `true` means that the job is over and nothing may be acquired any more. */
    readonly closed?: () => boolean;
    /** Called after every try that found the lock held. */
    readonly onWait?: (waiting: Waiting) => void;
    /** Called when a try failed for a reason that may pass; of many such tries, now and then. */
    readonly onTrouble?: (error: ProtocolError) => void;
}
/** What a waiter knows after a try. */
export interface Waiting {
    readonly held: Held;
    readonly decision: Decision;
    readonly waitedMs: number;
    readonly nextTryMs: number;
}
/** What the policy made of a lock that was held. */
export type Decision = {
    readonly kind: 'wait';
}
/** It is stale by the protocol's rule, but the policy or the veto leaves it alone. */
 | {
    readonly kind: 'spare';
    readonly why: string;
};
export type AcquireOutcome = {
    readonly kind: 'acquired';
    readonly hold: Hold;
    /** Just before it was taken: its ttl counts from then. */
    readonly triedAt: Instant;
    readonly waitedMs: number;
    /** The stale lock that was taken over. */
    readonly took?: Held;
} | {
    readonly kind: 'busy';
    readonly by: Held;
} | {
    readonly kind: 'timed-out';
    readonly by: Held;
    readonly waitedMs: number;
} | {
    readonly kind: 'cancelled';
};
/**
 * Takes a lock by `protocol`, waiting for it as long as the request allows: with the protocol's own timing between two tries,
 * and sooner when the directory shows that something has changed.
 * @throws ProtocolError when it can't be taken like this; nothing is held then
 */
export declare function acquireBy(protocol: Protocol, request: AcquireRequest, surroundings: Surroundings): Promise<AcquireOutcome>;
/**
 * Whether a policy lets a held lock be taken over. `expired` is the protocol's own rule, which other programs go by; a dead
 * holder is proof under `holder-finished` even where the protocol would wait for its ttl.
 */
export declare function isStale({ standing }: Held, policy: StalePolicy): boolean;
