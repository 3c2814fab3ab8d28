import type { Random } from '../base/random.js';
import { type Identity } from './protocol.js';
/** A file as one look found it. */
export interface FileState {
    readonly identity: Identity & {
        readonly dev: string;
        readonly ino: string;
        readonly bytes: string;
    };
    /** By the clock of its filesystem, milliseconds since the epoch. */
    readonly mtimeMs: number;
    /** When the file itself was created, whatever was written to it since; its mtime where the filesystem does not say. */
    readonly bornMs: number;
    readonly links: number;
}
/**
 * The file at `path`, whole, with its identity; `undefined` when there is none. A file that was exchanged between opening
 * and reading is read as the one that was opened. Bytes are read as Latin-1: each is one character, whatever they are.
 * @throws ProtocolError
 */
export declare function readFileState(path: string): FileState | undefined;
export declare function isSameFile(one: Identity, other: Identity): boolean;
export interface Publishing {
    /** A name beside `path` that is nobody else's. */
    readonly temporary: string;
    readonly path: string;
    /** One character a byte. */
    readonly bytes: string;
    readonly mode: number;
    /** Whether it must survive a power cut whole. A record that names a process need not: after it there is no process. */
    readonly durable: boolean;
}
export interface PublishOptions {
    /** What has to be done once the record can be written, and before anybody sees it. `false` calls it off. */
    readonly before?: () => boolean;
}
/**
 * Publishes a record under a name that must be free: whole or not at all, whoever looks. Judged by what lies there afterwards,
 * not by what link(2) returned: over NFS its answer may be lost or be that of a repeated call.
 * @returns what was published; `undefined` when the name is taken
 * @throws ProtocolError when it can't be written; nothing is left behind then
 */
export declare function publish(publishing: Publishing, { before }?: PublishOptions): FileState['identity'] | undefined;
/**
 * Whether `expected` has this name now, after a call to give it the name. Where that can't be looked at, the call's success is
 * believed, and its failure is not: nothing but who made the record could tell whose it is then, or would remove it.
 * @param failure of that call
 * @throws it, where it is all that is known
 */
export declare function liesAt(path: string, { dev, ino }: Identity, failure: unknown): boolean;
/**
 * Writes a file under a name of our own. @throws ProtocolError, after which it is not there
 */
export declare function writeTemporary({ temporary, bytes, mode, durable, }: Omit<Publishing, 'path'>): FileState['identity'];
/**
 * Removes the file at `path` if it is still exactly `expected`: it is renamed to `aside` first, so that what is looked at is
 * what is removed. Something else that was caught is put back.
 * @returns `gone` there was nothing; `other` it is not what was expected, and is there as before; `lost` it was not, and
 * somebody has taken its name in the meantime
 * @throws ProtocolError
 */
export declare function takeAway(path: string, expected: Identity, aside: string): 'removed' | 'gone' | 'other' | 'lost';
/**
 * Gives a file its name back. By rename(2) where link(2) is refused, as for a file of another user's
 * (fs.protected_hardlinks, proc_sys_fs(5)): better by a call that could meet a newer one, than never.
 * @returns `lost`: somebody has taken its name in the meantime
 * @throws ProtocolError; it still lies aside then
 */
export declare function putBack(aside: string, path: string): 'other' | 'lost';
/** What a call throws; `undefined` when it does not. */
export declare function failureOf(work: () => void): unknown;
/** A name beside `path` for a moment. */
export declare function temporaryBeside(path: string, random: Random): string;
/**
 * Does `work` while no other process of Leasehold on this machine does the same to `path`: by a socket in the abstract
 * namespace (unix(7)), which the kernel takes back from who dies. It leaves no file. Where there is none (not Linux), and
 * between machines, `takeAway` alone has to do.
 * @returns `undefined` when another process is at it
 */
export declare function alone<T>(path: string, work: () => Promise<T>): Promise<T | undefined>;
export declare function removeQuietly(path: string): void;
export declare function closeQuietly(file: number): void;
/** The error for people, of one of the file system. Any other error as it is. */
export declare function problemOf(error: unknown, action: string, path: string): unknown;
