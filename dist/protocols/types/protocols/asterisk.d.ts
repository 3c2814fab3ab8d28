import { type Check, type Held, type Hold, type Protocol, ProtocolError, type Surroundings } from './protocol.js';
/** Whose timing and file mode are used; the locks are the same. */
export declare const ASTERISK_VARIANTS: readonly ['asterisk', 'blog'];
export type AsteriskVariant = (typeof ASTERISK_VARIANTS)[number];
export interface AsteriskTiming {
    /** Between two tries. Asterisk itself does not pause at all, or for a millisecond. */
    readonly everyMs: number;
    /** How long `lockPath` goes on trying. */
    readonly waitMs: number;
    /** Of the file `.lock`, before the umask. */
    readonly mode: number;
}
/** The program's own, which tries for less than 5 s, and those of the Go variant: 12 tries, half a second apart. */
export declare const ASTERISK_TIMINGS: Readonly<Record<AsteriskVariant, AsteriskTiming>>;
export interface AsteriskOptions {
    /** Default: `asterisk`. */
    readonly variant?: AsteriskVariant;
}
/** A protocol of Asterisk's, with the timing of its variant. */
export interface AsteriskProtocol extends Protocol {
    readonly timing: AsteriskTiming;
}
/** How Asterisk's `ast_lock_path` ends, and `cancelled` by the caller's signal. */
export type LockPathOutcome = {
    readonly kind: 'success';
    readonly hold: Hold;
} | {
    readonly kind: 'timeout';
    readonly by: Held;
} | {
    readonly kind: 'path-not-found' | 'failure';
    readonly error: ProtocolError;
} | {
    readonly kind: 'cancelled';
};
export interface LockPathOptions extends Surroundings {
    /** With `asterisk-lockfile`: the age at which a `.lock` is taken over. Absent: never, as Asterisk. */
    readonly ttlMs?: number;
    readonly signal?: AbortSignal;
}
/**
 * Asterisk's `ast_lock_path`: locks a directory, trying for as long as the protocol's variant does. Its `ast_unlock_path` is
 * the hold's `release`.
 */
export declare function lockPath(protocol: AsteriskProtocol, directory: string, { ttlMs, signal, ...surroundings }: LockPathOptions): Promise<LockPathOutcome>;
export declare const OURS: Check;
/** @throws ProtocolError `path-missing` or `not-a-directory` */
export declare function requireDirectory(directory: string): void;
