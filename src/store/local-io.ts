import {
  close,
  closeSync,
  type Dirent,
  fsync,
  link,
  linkSync,
  mkdir,
  mkdirSync,
  open,
  openSync,
  read,
  readdir,
  readdirSync,
  readSync,
  rmdir,
  rmdirSync,
  stat,
  statfs,
  statSync,
  unlink,
  unlinkSync,
  writeFile,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** A value that is there already, or a promise of it; `await` takes either, and the first costs no trip to a thread. */
export type Eventually<T> = T | Promise<T>;

/**
 * The file system calls of the local store: one table, so that the algorithm is written once over calls that block and
 * calls that don't, and so that tests can hand in a disk that lies. All of them fail with Node's `ErrnoException`.
 */
export interface Disk {
  /** Creates a file that must not exist (O_EXCL), open for writing. */
  create(path: string): Eventually<number>;
  /** Writes all of `text`. */
  write(file: number, text: string): Eventually<void>;
  /** Opens a directory, for `sync`. */
  open(directory: string): Eventually<number>;
  /** Always off the main thread: it takes milliseconds on a good disk. */
  sync(file: number): Promise<void>;
  close(file: number): Eventually<void>;
  /** The first `limitBytes + 1` bytes of a file as UTF-8, so that the caller sees that there are too many. */
  read(path: string, limitBytes: number): Eventually<string>;
  exists(path: string): Eventually<boolean>;
  /** How many names a file has. */
  links(path: string): Eventually<number>;
  /** When the file was written, by the clock of its filesystem, milliseconds since the epoch. */
  mtimeMs(path: string): Eventually<number>;
  link(existing: string, path: string): Eventually<void>;
  unlink(path: string): Eventually<void>;
  /** With all parents. `undefined` when it was there. */
  mkdir(path: string, mode: number): Eventually<string | undefined>;
  rmdir(path: string): Eventually<void>;
  list(directory: string): Eventually<string[]>;
  entries(directory: string): Eventually<Dirent[]>;
}

// libuv has no name for some, EDQUOT and ESTALE among them: Node then gives `Unknown system error -122` for a code.
const UNNAMED = /^Unknown system error -(\d+)$/;
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** `ENOENT` and the like, of any error that has one. Node's errors are not always `instanceof Error` (vm contexts). */
export function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { readonly code?: unknown };
  if (typeof code !== 'string') return undefined;
  const [, number] = UNNAMED.exec(code) ?? [];
  return number === undefined ? code : (NAMES.get(Number(number)) ?? code);
}

const opened = promisify(open);
const closed = promisify(close);
const fsynced = promisify(fsync);
const readInto = promisify(read);
const madeDirectory = promisify(mkdir);
const statted = promisify(stat);
const listed = promisify(readdir);

// Allocating 70 kB for each read would cost more than the read.
let scratch = Buffer.alloc(0);

/** Calls that block: 2 to 5 µs each where a trip through the thread pool is 20 to 50. Only for disks that can't hang. */
export const blockingDisk: Disk = {
  create: (path) => openSync(path, 'wx'),
  write: (file, text) => {
    const written = writeSync(file, text);
    // A signal or a disk that fills up may cut it short.
    if (written < Buffer.byteLength(text)) writeFileSync(file, Buffer.from(text).subarray(written));
  },
  open: (directory) => openSync(directory, 'r'),
  sync: fsynced,
  close: closeSync,
  read: (path, limitBytes) => {
    if (scratch.length <= limitBytes) scratch = Buffer.allocUnsafeSlow(limitBytes + 1);
    const file = openSync(path, 'r');
    try {
      return scratch.toString('utf8', 0, readSync(file, scratch, 0, limitBytes + 1, 0));
    } finally {
      closeSync(file);
    }
  },
  exists: (path) => statSync(path, { throwIfNoEntry: false }) !== undefined,
  links: (path) => statSync(path).nlink,
  mtimeMs: (path) => statSync(path).mtimeMs,
  link: linkSync,
  unlink: unlinkSync,
  mkdir: (path, mode) => mkdirSync(path, { recursive: true, mode }),
  rmdir: (path) => rmdirSync(path),
  list: (directory) => readdirSync(directory),
  entries: (directory) => readdirSync(directory, { withFileTypes: true }),
};

/** Calls through the thread pool: on a mount that hangs the event loop goes on, and a keeper notices its deadline. */
export const pooledDisk: Disk = {
  create: (path) => opened(path, 'wx'),
  write: promisify<number, string, void>(writeFile),
  open: (directory) => opened(directory, 'r'),
  sync: fsynced,
  close: closed,
  read: async (path, limitBytes) => {
    const file = await opened(path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(limitBytes + 1);
      let length = 0;
      // A network filesystem may answer with fewer bytes than there are: only zero is the end.
      while (length < buffer.length) {
        const { bytesRead } = await readInto(file, buffer, length, buffer.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return buffer.toString('utf8', 0, length);
    } finally {
      await closed(file);
    }
  },
  exists: async (path) => {
    try {
      await statted(path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  },
  links: async (path) => (await statted(path)).nlink,
  mtimeMs: async (path) => (await statted(path)).mtimeMs,
  link: promisify(link),
  unlink: promisify(unlink),
  mkdir: (path, mode) => madeDirectory(path, { recursive: true, mode }),
  rmdir: promisify<string, void>(rmdir),
  list: (directory) => listed(directory),
  entries: (directory) => listed(directory, { withFileTypes: true }),
};

/** What statfs(2) says about a directory's filesystem. */
export interface Filesystem {
  /** For messages. */
  readonly name: string;
  /** Known to be a disk (or memory) of this machine, so that a call on it does not hang. */
  readonly local: boolean;
}

const LOCAL = true;
const REMOTE = false;

// The magic numbers of statfs(2) and linux/magic.h. FUSE may be anything, so it counts as remote.
const FILESYSTEMS: ReadonlyMap<number, readonly [name: string, local: boolean]> = new Map([
  [0xef53, ['ext2/3/4', LOCAL]],
  [0x58465342, ['xfs', LOCAL]],
  [0x9123683e, ['btrfs', LOCAL]],
  [0x01021994, ['tmpfs', LOCAL]],
  [0x858458f6, ['ramfs', LOCAL]],
  [0x794c7630, ['overlayfs', LOCAL]],
  [0xf2f52010, ['f2fs', LOCAL]],
  [0x2fc12fc1, ['zfs', LOCAL]],
  [0xca451a4e, ['bcachefs', LOCAL]],
  [0x7366746e, ['ntfs3', LOCAL]],
  [0x4d44, ['fat', LOCAL]],
  [0x2011bab0, ['exfat', LOCAL]],
  [0x6969, ['nfs', REMOTE]],
  [0x517b, ['smb', REMOTE]],
  [0xff534d42, ['cifs', REMOTE]],
  [0xfe534d42, ['smb2', REMOTE]],
  [0x65735546, ['fuse', REMOTE]],
  [0x01021997, ['9p', REMOTE]],
  [0x00c36400, ['ceph', REMOTE]],
  [0x0bd00bd0, ['lustre', REMOTE]],
  [0x786f4256, ['vboxsf', REMOTE]],
]);

/**
 * The filesystem that `directory` is on, or will be on when it is created. Only Linux gives types that mean something.
 * @throws Node's `ErrnoException`, for any reason other than that the directory is missing
 */
export async function filesystemOf(directory: string): Promise<Filesystem> {
  if (process.platform !== 'linux') return { name: `a filesystem of ${process.platform}`, local: false };
  try {
    const { type } = await promisify(statfs)(directory);
    const [name, local] = FILESYSTEMS.get(Number(type)) ?? [`type 0x${type.toString(16)}`, REMOTE];
    return { name, local };
  } catch (error) {
    const parent = dirname(directory);
    if (codeOf(error) === 'ENOENT' && parent !== directory) return filesystemOf(parent);
    throw error;
  }
}
