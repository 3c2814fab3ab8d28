import type { ProtocolOptions } from './open.js';
import { type Attempt, type Check, type Held, type Hold, type Holding, type Protocol, type Request, type Surroundings } from './protocol.js';
export declare class VfsProtocol implements Protocol {
    #private;
    readonly name = "vfs";
    readonly abilities: {
        readonly ttl: 'any';
        readonly owner: 'pid-and-text';
        readonly takeover: 'yes';
        readonly limits: readonly ["The original programs of the vfs protocol do not lock exclusively: one that looked just before the lock was taken writes over it. That is noticed, at once or at the next check, but not prevented.", "When a vfs lock is stale is judged by the clock of who looks: machines that share one need clocks that agree."];
    };
    readonly retry: {
        everyMs: number;
        jitterMs: number;
    };
    constructor(surroundings: Surroundings, options?: ProtocolOptions);
    tryAcquire(request: Request): Promise<Attempt>;
    inspect(path: string, signal?: AbortSignal): Promise<Held | undefined>;
    /** What its record says. @throws ProtocolError `refused-file` when nobody can read it */
    metadata(path: string, signal?: AbortSignal): Promise<Metadata | undefined>;
    resume(holding: Holding): Hold;
    break(held: Held): Promise<boolean>;
    watched(path: string): string | undefined;
    /** A directory that files are taken in from has locks that come and go beside this one. */
    concerns(name: string, path: string): boolean;
}
/** A record as the original's `Metadata`. All of it is somebody else's text: sanitise before people see it. */
export interface Metadata {
    /** RFC 3339, UTC. */
    readonly createdAt: string;
    /** The same in milliseconds since the epoch. */
    readonly createdAtMs: number;
    /** Milliseconds; 0: never stale. */
    readonly ttlMs: number;
    readonly hostname: string;
    readonly pid: number;
    /** Empty: none. */
    readonly ownerId: string;
}
export interface LockOptions extends ProtocolOptions {
    /** The original's `WithTTL`, milliseconds. Absent: never stale. */
    readonly ttlMs?: number;
    /** The original's `WithOwnerID`. */
    readonly ownerId?: string;
    /** The original's `OnStale`: what it throws forbids that a stale lock is taken over. */
    readonly onStale?: (stale: Metadata) => void | Promise<void>;
    /** The process that the record names. Default: this one. */
    readonly pid?: number;
    readonly signal?: AbortSignal;
    readonly surroundings?: Surroundings;
}
/**
 * The original's `NewLock` and `Acquire`: takes the lock of a file or an object, a stale one too. One try. The hold is not
 * renewed by itself: see `keepHold`, or use `withLock`.
 * @returns the hold, whose `release` is the original's `Release`; or who holds the lock, where the original has
 * `ErrLockAlreadyHeld`
 * @throws ProtocolError; `vetoed` when `onStale` threw
 */
export declare function acquire(path: string, options?: LockOptions): Promise<Attempt>;
/**
 * The original's `Release`, but only of what is ours: `compromised` says that it was somebody else's by now, or gone.
 * @throws ProtocolError when it may still be there
 */
export declare function release(hold: Hold, signal?: AbortSignal): Promise<Check>;
type LookOptions = Pick<LockOptions, 'region' | 'role' | 'surroundings' | 'signal'>;
/**
 * The original's `Metadata`, never from a cache. Anybody may ask.
 * @returns `undefined` when nobody holds the lock
 * @throws ProtocolError `refused-file` for a record that nobody can read
 */
export declare function metadata(path: string, options?: LookOptions): Promise<Metadata | undefined>;
/** The original's `Age`: milliseconds since the lock was taken or last renewed, by this machine's clock. */
export declare function age(path: string, options?: LookOptions): Promise<number | undefined>;
/** The original's `IsStale`, by this machine's clock. `undefined`: nobody holds the lock. */
export declare function isStale(path: string, options?: LookOptions): Promise<boolean | undefined>;
/** `released`: whether it was ours to the end. */
export type Scoped<T> = {
    readonly kind: 'done';
    readonly result: T;
    readonly released: Check;
} | {
    readonly kind: 'held';
    readonly by: Held;
};
/**
 * The original's `WithLock`: takes the lock, does `work`, releases it, whatever happens. With a ttl it is renewed in between;
 * the signal that `work` gets aborts when the lock is lost.
 * @throws ProtocolError when the lock could not be tried; otherwise what `work` throws
 */
export declare function withLock<T>(path: string, work: (signal: AbortSignal) => T | Promise<T>, options?: LockOptions): Promise<Scoped<T>>;
export {};
