import { type System } from './levels-record.js';
import { type Check, type Held, type Protocol, ProtocolError, type Surroundings } from './protocol.js';
/** @throws ProtocolError on another system than Linux */
export declare function levelsProtocol(surroundings: Surroundings, system?: System): Protocol;
export type TryLocked = {
    readonly kind: 'locked';
} | {
    readonly kind: 'held';
    readonly by: Held;
} | {
    readonly kind: 'failed';
    readonly error: ProtocolError;
};
export type Unlocked = {
    readonly kind: 'unlocked';
}
/** It was not ours any more, and is as it was. */
 | Extract<Check, {
    kind: 'compromised';
}> | {
    readonly kind: 'failed';
    readonly error: ProtocolError;
};
/** `TryLockerSafe` of the original: what goes wrong is an answer. */
export interface DirectoryLock {
    /** Does not wait for a holder that lives. */
    tryLock(): Promise<TryLocked>;
    /** Waits until it has the lock. `held`: `signal` has aborted before that. */
    lock(signal?: AbortSignal): Promise<TryLocked>;
    /** Gives the lock back if it is still ours; the original removes anybody's. */
    unlock(): Promise<Unlocked>;
    /** The form whose operations fail instead. */
    must(): MustDirectoryLock;
}
/** `TryLocker` of the original. Each operation throws a ProtocolError where the other form answers with what went wrong. */
export interface MustDirectoryLock {
    /** @returns false when another process has the lock */
    tryLock(): Promise<boolean>;
    /** @returns false when `signal` has aborted before it was locked */
    lock(signal?: AbortSignal): Promise<boolean>;
    unlock(): Promise<void>;
}
export interface DirectoryLockOptions {
    readonly surroundings: Surroundings;
    /** The process that the record names. Default: this one. */
    readonly pid?: number;
}
/**
 * The lock of a directory, as `NewDirLock` makes it. One object holds it at most once.
 * @throws ProtocolError on another system than Linux
 */
export declare function directoryLock(path: string, options: DirectoryLockOptions): DirectoryLock;
