import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { basename, dirname } from 'node:path';
import type { Random } from '../base/random.ts';
import { quote } from '../base/sanitise.ts';
import { codeOf } from '../store/local-io.ts';
import { type Identity, ProtocolError } from './protocol.ts';

/*
 * What the protocols do with files. The calls block: they are a few small ones on a directory that other programs of this
 * machine lock by blocking calls too.
 */

/** A file as one look found it. */
export interface FileState {
  readonly identity: Identity & { readonly dev: string; readonly ino: string; readonly bytes: string };
  /** By the clock of its filesystem, milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** When the file itself was created, whatever was written to it since; its mtime where the filesystem does not say. */
  readonly bornMs: number;
  readonly links: number;
}

/** No record of these protocols is near this long; more is somebody's mistake, and is not read. */
const LONGEST_RECORD = 64 * 1024;

// One for all: nothing else runs between reading a record and making a string of it.
const scratch = Buffer.allocUnsafe(LONGEST_RECORD + 1);

/**
 * The file at `path`, whole, with its identity; `undefined` when there is none. A file that was exchanged between opening
 * and reading is read as the one that was opened. Bytes are read as Latin-1: each is one character, whatever they are.
 * @throws ProtocolError
 */
export function readFileState(path: string): FileState | undefined {
  let file: number;
  try {
    // Never waits for the other end of a FIFO that lies there.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw problemOf(error, 'read', path);
  }
  try {
    const stat = fstatSync(file, { bigint: true });
    if (!stat.isFile())
      throw new ProtocolError(
        'refused-file',
        `${quote(path)} is no ordinary file. Look what it is: ls -l ${quote(path)}`,
      );
    const size = Math.min(Number(stat.size), scratch.length);
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read)
      read = readSync(file, scratch, length, scratch.length - length, length);
    const bytes = scratch.toString('latin1', 0, length);
    const mtimeMs = Number(stat.mtimeNs) / 1e6;
    return {
      identity: { dev: String(stat.dev), ino: String(stat.ino), bytes },
      mtimeMs,
      // Where there is no birth time, it is 0 or one of the other times, none of which is before it.
      bornMs: stat.birthtimeNs > 0n ? Math.min(Number(stat.birthtimeNs) / 1e6, mtimeMs) : mtimeMs,
      links: Number(stat.nlink),
    };
  } catch (error) {
    throw problemOf(error, 'read', path);
  } finally {
    closeQuietly(file);
  }
}

export function isSameFile(one: Identity, other: Identity): boolean {
  return one.dev === other.dev && one.ino === other.ino && one.bytes === other.bytes;
}

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
export function publish(
  publishing: Publishing,
  { before }: PublishOptions = {},
): FileState['identity'] | undefined {
  const { temporary, path } = publishing;
  const written = writeTemporary(publishing);
  try {
    if (before?.() === false) return undefined;
    const failure = failureOf(() => linkSync(temporary, path));
    if (liesAt(path, written, failure)) return written;
    if (codeOf(failure) === 'EEXIST' || lstatSync(path, { throwIfNoEntry: false })) return undefined;
    throw (
      failure ??
      new ProtocolError(
        'vanished',
        `${quote(path)} was created and was gone at once: somebody removes what is not theirs.`,
      )
    );
  } catch (error) {
    throw problemOf(error, 'create', path);
  } finally {
    removeQuietly(temporary);
  }
}

/**
 * Whether `expected` has this name now, after a call to give it the name. Where that can't be looked at, the call's success is
 * believed, and its failure is not: nothing but who made the record could tell whose it is then, or would remove it.
 * @param failure of that call
 * @throws it, where it is all that is known
 */
export function liesAt(path: string, { dev, ino }: Identity, failure: unknown): boolean {
  let there: BigIntStats | undefined;
  try {
    there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    if (failure === undefined) return true;
    throw failure;
  }
  return there !== undefined && String(there.dev) === dev && String(there.ino) === ino;
}

/**
 * Writes a file under a name of our own. @throws ProtocolError, after which it is not there
 */
export function writeTemporary({
  temporary,
  bytes,
  mode,
  durable,
}: Omit<Publishing, 'path'>): FileState['identity'] {
  let file: number;
  try {
    file = openSync(temporary, 'wx', mode);
  } catch (error) {
    throw problemOf(error, 'create', temporary);
  }
  try {
    const buffer = Buffer.from(bytes, 'latin1');
    for (let done = 0; done < buffer.length; ) done += writeSync(file, buffer, done);
    if (durable) fsyncSync(file);
    const { dev, ino } = fstatSync(file, { bigint: true });
    closeSync(file);
    return { dev: String(dev), ino: String(ino), bytes };
  } catch (error) {
    closeQuietly(file);
    removeQuietly(temporary);
    throw problemOf(error, 'write', temporary);
  }
}

/**
 * Removes the file at `path` if it is still exactly `expected`: it is renamed to `aside` first, so that what is looked at is
 * what is removed. Something else that was caught is put back.
 * @returns `gone` there was nothing; `other` it is not what was expected, and is there as before; `lost` it was not, and
 * somebody has taken its name in the meantime
 * @throws ProtocolError
 */
export function takeAway(
  path: string,
  expected: Identity,
  aside: string,
): 'removed' | 'gone' | 'other' | 'lost' {
  const before = readFileState(path);
  if (!before) return 'gone';
  if (!isSameFile(before.identity, expected)) return 'other';
  const failure = failureOf(() => renameSync(path, aside));
  const caught = readCaught(aside, path);
  if (!caught) {
    if (codeOf(failure) === 'ENOENT') return 'gone';
    throw problemOf(failure ?? vanishedAside(path), 'remove', path);
  }
  if (!isSameFile(caught.identity, expected)) return putBack(aside, path);
  removeQuietly(aside);
  return 'removed';
}

function vanishedAside(path: string): ProtocolError {
  const said = `${quote(path)} was moved aside and is gone there: somebody removes what is not theirs. Look what lies there now.`;
  return new ProtocolError('vanished', said);
}

/** What lies aside now, whatever rename(2) has answered: over NFS its answer may be lost. What can't be read is put back. */
function readCaught(aside: string, path: string): FileState | undefined {
  try {
    return readFileState(aside);
  } catch (error) {
    putBack(aside, path);
    throw error;
  }
}

/**
 * Gives a file its name back. By rename(2) where link(2) is refused, as for a file of another user's
 * (fs.protected_hardlinks, proc_sys_fs(5)): better by a call that could meet a newer one, than never.
 * @returns `lost`: somebody has taken its name in the meantime
 * @throws ProtocolError; it still lies aside then
 */
export function putBack(aside: string, path: string): 'other' | 'lost' {
  const failure = failureOf(() => linkSync(aside, path));
  if (failure === undefined || codeOf(failure) === 'EEXIST') {
    removeQuietly(aside);
    return failure === undefined ? 'other' : 'lost';
  }
  try {
    if (!lstatSync(path, { throwIfNoEntry: false })) {
      renameSync(aside, path);
      return 'other';
    }
    removeQuietly(aside);
    return 'lost';
  } catch (error) {
    throw problemOf(error, 'put back', path);
  }
}

/** What a call throws; `undefined` when it does not. */
export function failureOf(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A name beside `path` for a moment. */
export function temporaryBeside(path: string, random: Random): string {
  return `${path}.${Number.parseInt(random.hex(4), 16)}`;
}

/**
 * Does `work` while no other process of Leasehold on this machine does the same to `path`: by a socket in the abstract
 * namespace (unix(7)), which the kernel takes back from who dies. It leaves no file. Where there is none (not Linux), and
 * between machines, `takeAway` alone has to do.
 * @returns `undefined` when another process is at it
 */
export async function alone<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  if (process.platform !== 'linux') return work();
  const server = await listen(socketOf(path));
  if (!server) return undefined;
  try {
    return await work();
  } finally {
    server.close();
  }
}

/** As long as sun_path of unix(7) is: shorter names are padded by the libuv of Node 20, and not by that of Node 24. */
const SOCKET_LENGTH = 108;

/** One for each file, by whatever path its directory is reached. */
function socketOf(path: string): string {
  let file = path;
  try {
    const { dev, ino } = statSync(dirname(path), { bigint: true });
    file = `${dev} ${ino} ${basename(path)}`;
  } catch {
    // What it is, the call that needs it will say.
  }
  return `\0leasehold-${createHash('sha512').update(file).digest('hex')}`.slice(0, SOCKET_LENGTH);
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.on('error', (error) => (codeOf(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}

export function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or stays as one file too many.
  }
}

export function closeQuietly(file: number): void {
  try {
    closeSync(file);
  } catch {
    // The failure before it is the one to tell.
  }
}

/** The error for people, of one of the file system. Any other error as it is. */
export function problemOf(error: unknown, action: string, path: string): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof ProtocolError) return error;
  const message = (hint: string): string => `Can't ${action} ${quote(path)} (${code}). ${hint}`;
  const options = { cause: error };
  switch (code) {
    case 'ENOENT':
      return new ProtocolError(
        'path-missing',
        message('The directory must be there before it can be locked in.'),
        options,
      );
    case 'ENOTDIR':
      return new ProtocolError('not-a-directory', message('A part of the path is no directory.'), options);
    case 'EACCES':
    case 'EPERM':
      return new ProtocolError(
        'denied',
        message(
          `The user of this process (uid ${process.getuid?.() ?? '?'}) may not: see who owns the directory and what its mode is.`,
        ),
        options,
      );
    case 'EROFS':
      return new ProtocolError('denied', message('The filesystem is mounted read-only.'), options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new ProtocolError('no-space', message('There is no space left: make room.'), options);
    case 'EMLINK':
    case 'ENOSYS':
    case 'ENOTSUP':
    case 'EOPNOTSUPP':
      return new ProtocolError(
        'unsupported',
        message('This filesystem has no hard links, and the protocol needs them.'),
        options,
      );
    case 'ENAMETOOLONG':
      return new ProtocolError(
        'refused-file',
        message('The name is too long: beside it the protocol needs one that is some characters longer.'),
        options,
      );
    case 'ELOOP':
      return new ProtocolError('refused-file', message('It is a symbolic link that leads nowhere.'), options);
    default:
      return new ProtocolError('io', message('See the log of the system.'), options);
  }
}
