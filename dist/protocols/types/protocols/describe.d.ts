import type { StalePolicy } from '../lease/policy.js';
import type { Waiting } from './acquire.js';
import type { LossCause } from './keep.js';
import type { Held, Holding, Protocol, ProtocolName } from './protocol.js';
/** Which lock: `Lock "/var/run/agent.lock"`. */
export declare function describeLock(path: string): string;
/** Who has it, as far as its record says: `"nightly" (process 4711 on host "ci-3")`, `process 4711`. */
export declare function describeHolder({ pid, host, ownerId }: Held): string;
/** Who has it, since when, and what is known of them, one fact a line. */
export declare function describeHeld(protocol: ProtocolName, held: Held): string[];
/** `describeHeld`, and what will come of the wait. */
export declare function describeWaiting(protocol: Protocol, waiting: Waiting, stalePolicy: StalePolicy): string[];
/** What the stale policy makes of a lock that is held, and why. */
export declare function describePolicy({ abilities }: Protocol, { held, decision }: Pick<Waiting, 'held' | 'decision'>, stalePolicy: StalePolicy): string;
/** Why a stale lock could be taken over: `from process 4711 (its process 4711 is gone)`. */
export declare function describeTakenOver(took: Held): string;
/** Why a hold is lost, as the end of a sentence that begins with "The lock was lost: ". */
export declare function describeLossCause(cause: LossCause): string;
/** What the protocol cannot promise, sentences to be said once before the lock is taken. */
export declare function describeLimits({ name, abilities }: Pick<Protocol, 'name' | 'abilities'>): string[];
/** What may be done by hand about a lock whose holder is dead. */
export declare function describeHelp(protocol: Protocol, { path, pid }: Held): string;
/** What becomes of a hold that could not be given back. */
export declare function describeLeftBehind({ abilities }: Protocol, { ttlMs }: Holding): string;
/** A lock as JSON for programs: outputs, events, the `on-stale` command. Its texts are somebody else's, and not sanitised. */
export interface HeldDocument {
    readonly protocol: ProtocolName;
    readonly path: string;
    readonly pid?: number;
    readonly host?: string;
    readonly ownerId?: string;
    readonly since?: string;
    readonly ttlMs?: number;
    readonly standing: Held['standing'];
    /** The record as it was read, one character a byte; absent where there is none. */
    readonly record?: string;
}
export declare function heldDocument(protocol: ProtocolName, { identity, ...held }: Held): HeldDocument;
/** Decides what a wait says when: everything once for each change, and a line each minute in between. */
export declare class WaitLog {
    #private;
    constructor(protocol: Protocol, stalePolicy: StalePolicy);
    /**
     * The lines to print for this look at the lock, often none.
     * @param nowMs the monotonic clock
     */
    lines(waiting: Waiting, nowMs: number): string[];
}
