import { type Clock, type Instant } from '../base/clock.js';
import { type Check, type Hold, ProtocolError } from './protocol.js';
export type KeepEnd = 
/** `signal` aborted: it is still ours as far as is known. */
{
    readonly kind: 'stopped';
} | {
    readonly kind: 'lost';
    readonly cause: LossCause;
    /** Wall clock: until then nobody else can have held it, as far as is known. */
    readonly aloneUntilMs: number;
};
export type LossCause = Extract<Check, {
    kind: 'compromised';
}>
/** It could not be renewed before others may call it stale. */
 | {
    readonly kind: 'unreachable';
    readonly detail: string;
} | {
    readonly kind: 'max-hold';
    readonly maxHoldMs: number;
};
export interface KeepOptions {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly maxHoldMs?: number;
    /** Just before it was taken. Default: now. */
    readonly since?: Instant;
    /** Told of each renewal, and when it was begun: the ttl counts from then. */
    readonly onRenewed?: (at: Instant) => void;
    /** Told of each look, renewals too, that found it ours, and when it was begun. */
    readonly onOurs?: (at: Instant) => void;
    /** Told when it could not be looked at this time. */
    readonly onTrouble?: (error: ProtocolError) => void;
}
/**
 * Looks after a hold until `signal` aborts: renews it three times in its ttl where it has one, and looks every 2 s whether it
 * is still there. With a ttl the holder stops believing a ninth of it before it is over.
 */
export declare function keepHold(hold: Hold, options: KeepOptions): Promise<KeepEnd>;
/**
 * Gives a hold back, trying again for `withinMs` when that fails for a reason that may pass.
 * @throws ProtocolError when it may still be there
 */
export declare function releaseWithin(hold: Hold, clock: Clock, withinMs: number): Promise<Check>;
