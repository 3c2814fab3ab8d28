/**
 * The store contract: the few things the lease algorithm asks of a place where records live.
 *
 * A store is small and dumb. It makes **one** attempt: waiting and retrying live above it. It knows nothing of leases,
 * of time-outs (it gets an `AbortSignal`) or of what is in a body.
 *
 * What must hold, for each key on its own: reads and writes are linearizable; a write applies only if the version is the
 * expected one; a version is never used twice. A call settles soon after its signal aborts, whatever hangs: a keeper must
 * notice its deadline. `probe.ts` tests the promises about versions, for services exist that accept a condition and ignore it.
 */
/** A store's opaque name for one state of a key. Only the store that gave it can read it. */
export type Version = string & {
    readonly __brand: 'Version';
};
export interface ReadOptions {
    /** The version the caller has: an unchanged key then costs no body (S3: 304). */
    readonly known?: Version;
    /** Asks for `ageMs` although it may cost something. A store that has it for nothing gives it anyway. */
    readonly age?: boolean;
    readonly signal?: AbortSignal;
}
/** What one read showed. */
export type Reading = {
    readonly kind: 'found';
    readonly body: string;
    readonly version: Version;
    /** How long ago this version was written, by the store's own clock; absent where the store has none. */
    readonly ageMs?: number;
}
/** Still `options.known`. */
 | {
    readonly kind: 'unchanged';
    readonly ageMs?: number;
}
/** No such key. `storeTimeMs`: the store's own clock, milliseconds since the epoch, where it has one. */
 | {
    readonly kind: 'absent';
    readonly storeTimeMs?: number;
};
export interface WriteOptions {
    /** The write must survive a power cut once it is answered: a fencing token depends on it. */
    readonly durable?: boolean;
    readonly signal?: AbortSignal;
}
export type WriteResult = {
    readonly kind: 'written';
    readonly version: Version;
}
/** It did not apply: the version is another one (or the key is absent, or exists). */
 | {
    readonly kind: 'conflict';
};
export interface Store {
    /** For messages: which store this is, without secrets. */
    readonly url: string;
    /** The longest a key may be, and how large a body a read accepts, are the same everywhere: see `LONGEST_BODY`. */
    read(key: string, options?: ReadOptions): Promise<Reading>;
    /** Applies only if the key is at `expected`, atomically. */
    write(key: string, body: string, expected: Version | 'absent', options?: WriteOptions): Promise<WriteResult>;
    /** All keys that start with `prefix`, sorted, read after write. */
    list(prefix: string, options?: {
        readonly signal?: AbortSignal;
    }): Promise<string[]>;
    /** Only for keys that are never used twice (tickets, probes). Removing what is not there is no error. */
    remove(key: string, options?: {
        readonly signal?: AbortSignal;
    }): Promise<void>;
    /**
     * Removes the key if it is at `expected`. S3 does that atomically (DeleteObject with If-Match); some services like it ignore
     * the condition, so who calls this looks first. Absent: the store can't.
     */
    removeVersion?(key: string, expected: Version, options?: {
        readonly signal?: AbortSignal;
    }): Promise<'removed' | 'conflict'>;
    /** Calls `wake` when the key may have changed, until `signal` aborts. An accelerator, never relied on: it may stay silent. */
    watch?(key: string, wake: () => void, signal: AbortSignal): void;
    /** Its calls wait for nothing outside this process, so that no time limit could ever cut one short. */
    readonly prompt?: boolean;
    /**
     * Its clock is that of another machine, which may be set without any keeper seeing it: a file server, an S3 service of
     * one's own. Its word alone then ends no lease, see `decide`.
     */
    readonly remoteClock?: boolean;
    /**
     * Variants of the wire protocol between which the probe chooses (S3: quoted and bare ETags), the likeliest first.
     * A store starts with the first.
     */
    readonly dialects?: readonly string[];
    speak?(dialect: string): void;
}
/** A larger body is refused as `corrupt` before it is read: a record is a few hundred bytes. */
export declare const LONGEST_BODY: number;
/**
 * - `unavailable` not applied, may be tried again
 * - `denied` credentials are missing, expired or not allowed to do this
 * - `misconfigured` it can never work like this: wrong bucket, no hard links, a promise of the contract broken
 * - `corrupt` what is stored is not what was written
 * - `indeterminate` it was sent, and nobody knows whether it applied
 */
export type StoreErrorKind = 'unavailable' | 'denied' | 'misconfigured' | 'corrupt' | 'indeterminate';
/** Everything that is not an expected outcome. The message says what happened, where, and what to do next. */
export declare class StoreError extends Error {
    readonly name = "StoreError";
    readonly kind: StoreErrorKind;
    constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions);
}
/**
 * Every call of a store begins with it.
 * @throws StoreError `unavailable` when `signal` has aborted already: nothing was sent
 */
export declare function refuseAborted(signal: AbortSignal | undefined, url: string, key: string): void;
