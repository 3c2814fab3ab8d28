import type { Clock } from '../base/clock.js';
import type { Random } from '../base/random.js';
import { StoreError } from '../store/store.js';
export declare const PROTOCOLS: readonly ['pid', 'vfs', 'levels', 'asterisk-lockfile', 'asterisk-flock'];
export type ProtocolName = (typeof PROTOCOLS)[number];
/** What a protocol can express. None of them has a fencing token. */
export interface Abilities {
    /**
     * What a holder may say of when its lock is stale: nothing; whole minutes, renewed or not; any time; or nothing in the
     * record, but its age may be judged by who comes.
     */
    readonly ttl: 'none' | 'minutes' | 'any' | 'age';
    /** What the record says of its holder. */
    readonly owner: 'none' | 'pid' | 'pid-and-text';
    /** Whether a lock that a dead holder left can be taken over; `freed`: the system frees it, so there never is one. */
    readonly takeover: 'yes' | 'by-age' | 'freed';
    /** What it cannot promise: sentences for people, said once before the lock is taken. */
    readonly limits: readonly string[];
}
/** What a protocol takes time, chance and its surroundings from. */
export interface Surroundings {
    readonly clock: Clock;
    readonly random: Random;
    /** `process.platform`. */
    readonly platform: NodeJS.Platform;
}
export interface Protocol {
    readonly name: ProtocolName;
    readonly abilities: Abilities;
    /** How long who waits sleeps between two tries, as the original does; `jitterMs` is added at random. */
    readonly retry: {
        readonly everyMs: number;
        readonly jitterMs: number;
    };
    /**
     * One try: it waits for nobody.
     * @throws ProtocolError when it could not be tried; nothing is held then
     */
    tryAcquire(request: Request): Promise<Attempt>;
    /** Who holds the lock now. Changes nothing. @throws ProtocolError when it can't be looked at */
    inspect(path: string, signal?: AbortSignal): Promise<Held | undefined>;
    /**
     * The hold that another process of this machine has left. `undefined`: it can't outlive its process, so there is none.
     */
    resume(holding: Holding): Hold | undefined;
    /**
     * Ends somebody else's lock by hand, if it is still the very one that `held` describes. Absent: it cannot be done.
     * @returns whether it was there, and is gone
     */
    break?(held: Held): Promise<boolean>;
    /** The directory in which something changes when the lock becomes free, for `fs.watch`. Absent, `undefined`: nothing to watch. */
    watched?(path: string): string | undefined;
    /** Whether a change of this name in the directory watched for `path` may have freed the lock. Absent: any may have. */
    concerns?(name: string, path: string): boolean;
}
export interface Request {
    /** What is locked, as the protocol names it. */
    readonly path: string;
    /** The process that the record names: it lives exactly as long as the hold does. */
    readonly pid: number;
    /** What the holder is called, where the record has room for it. */
    readonly ownerId?: string;
    /** When the lock counts as stale without a renewal; absent: never. */
    readonly ttlMs?: number;
    /** Asked before a stale lock is taken over; false leaves it alone. */
    readonly mayTake: (held: Held) => Promise<boolean>;
    readonly signal?: AbortSignal;
}
export type Attempt = 
/** `took`: the stale lock that was taken over. */
{
    readonly kind: 'acquired';
    readonly hold: Hold;
    readonly took?: Held;
} | {
    readonly kind: 'held';
    readonly by: Held;
};
/** A lock that is there. All of it is somebody else's text: it goes through the sanitiser before people see it. */
export interface Held {
    readonly path: string;
    readonly pid?: number;
    readonly host?: string;
    readonly ownerId?: string;
    /** When it was taken or last renewed, as far as the record or its file says; ISO 8601. */
    readonly since?: string;
    readonly ttlMs?: number;
    readonly standing: Standing;
    /** What the lock was when it was looked at, so that nothing else is ever taken away in its place. */
    readonly identity: Identity;
}
/** Whether its holder still has it. */
export interface Standing {
    /** By the time that its record tells, or its age where that is asked for. Absent: there is no such time. */
    readonly expired?: boolean;
    /** What is known of its process. `unknown` is never proof: another host, no permission, a record nobody can read. */
    readonly holder: 'alive' | 'finished' | 'unknown';
    /** Whether the protocol's own rule lets another program take it now, dead holder or not. */
    readonly takeable: boolean;
    /** Why, as a part of a sentence: `its process 4711 is gone`. */
    readonly detail: string;
}
/** One state of a lock, exactly: which file (or version of an object) with which bytes. Plain JSON. */
export interface Identity {
    readonly dev?: string;
    readonly ino?: string;
    /** Of an object in a store. */
    readonly version?: string;
    readonly bytes?: string;
    /** Of a file without bytes: the microseconds of its mtime, which renewals keep. Inode numbers are given anew at once. */
    readonly mark?: string;
}
/** A hold as plain JSON, so that another process can look after it and release it. No secret is in it. */
export interface Holding {
    readonly protocol: ProtocolName;
    readonly path: string;
    readonly pid: number;
    readonly identity: Identity;
    readonly ownerId?: string;
    readonly ttlMs?: number;
}
/** A lock that is ours. Its methods do nothing to anybody else's. */
export interface Hold {
    /** As it is now: a renewal changes it. */
    readonly holding: Holding;
    /** Whether it is still ours. @throws ProtocolError when that can't be found out now */
    check(signal?: AbortSignal): Promise<Check>;
    /** Checks, and makes it last its ttl from now on. Absent: there is nothing to renew. @throws ProtocolError */
    renew?(signal?: AbortSignal): Promise<Check>;
    /** Gives it back, if it is still ours. @throws ProtocolError when it may still be there */
    release(signal?: AbortSignal): Promise<Check>;
}
/** `compromised`: another program has taken or removed the lock, against the protocol or by its faults. */
export type Check = {
    readonly kind: 'ours';
} | {
    readonly kind: 'compromised';
    readonly detail: string;
    readonly by?: Held;
};
/**
 * Why a protocol could not do what it was asked for. Where the original program has an error of its own for it, that is named
 * in docs/protocols.md.
 * - `not-absolute`, `path-missing`, `not-a-directory`, `refused-file` what the path names can't be locked
 * - `unsupported` not on this system, or not on this filesystem
 * - `denied`, `no-space`, `io` the system refuses
 * - `vanished` it was there and is gone: try again
 * - `contended` others were faster as often as the protocol tries: try again
 * - `invalid-pid`, `dead-owner`, `rogue-deletion` operations on a lock that is not as it should be
 * - `vetoed` a handler refused
 */
export type ProtocolProblem = 'not-absolute' | 'path-missing' | 'not-a-directory' | 'refused-file' | 'unsupported' | 'denied' | 'no-space' | 'io' | 'vanished' | 'contended' | 'invalid-pid' | 'dead-owner' | 'rogue-deletion' | 'vetoed';
/** The message says what happened, to which path, and what to do next. */
export declare class ProtocolError extends StoreError {
    readonly problem: ProtocolProblem;
    constructor(problem: ProtocolProblem, message: string, options?: ErrorOptions);
    /** Whether the same may succeed a moment later. */
    get temporary(): boolean;
}
