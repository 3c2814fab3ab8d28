import { watch } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Clock, systemClock } from '../base/clock.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { UsageError } from '../base/usage-error.ts';
import { RecordDirectory, type Surroundings } from './local-directory.ts';
import { blockingDisk, codeOf, type Disk, type Filesystem, filesystemOf, pooledDisk } from './local-io.ts';
import { NONCE_BYTES, numberOf, recordName, temporaryName, versionOf } from './local-record.ts';
import {
  type Reading,
  type ReadOptions,
  refuseAborted,
  type Store,
  StoreError,
  type StoreErrorKind,
  type Version,
  type WriteOptions,
  type WriteResult,
} from './store.ts';

export interface LocalStoreOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  /** Default: by the filesystem, calls that block where they can't hang. */
  readonly disk?: Disk;
  /** Default: what the system says. */
  readonly filesystem?: Filesystem;
}

interface Call {
  readonly signal: AbortSignal | undefined;
  /** What it is when the call is given up halfway. */
  readonly abandoned: StoreErrorKind;
}

const MOST_DIRECTORIES = 16;

/** A directory on a disk, local or shared. A key is a directory of its own below it: see `RecordDirectory`. */
export class LocalStore implements Store {
  readonly url: string;
  readonly remoteClock: boolean;
  /** Without fsync, calls that block are over before a timer can ring. */
  readonly prompt: boolean;
  readonly #root: string;
  readonly #disk: Disk;
  readonly #random: Random;
  readonly #around: Surroundings;
  readonly #watchable: boolean;
  /** Kept for what they know. A process works with a lock or two. */
  readonly #directories = new Map<string, RecordDirectory>();

  private constructor(place: Place, filesystem: Filesystem, options: LocalStoreOptions) {
    this.url = pathToFileURL(place.root).href;
    this.#root = place.root;
    this.#disk = options.disk ?? (filesystem.local ? blockingDisk : pooledDisk);
    this.remoteClock = !filesystem.local;
    this.prompt = this.#disk === blockingDisk && !place.fsync;
    this.#random = options.random ?? systemRandom;
    this.#around = {
      ...place,
      disk: this.#disk,
      random: this.#random,
      clock: options.clock ?? systemClock,
      filesystem,
    };
    // Elsewhere than on Linux nobody tells which filesystems are local.
    this.#watchable = filesystem.local || process.platform !== 'linux';
  }

  /**
   * Nothing is created before the first write.
   *
   * @param location an absolute path, or `file:///directory?fsync=never`. `fsync` is `always` (default) or `never`: then a
   *   power cut may take records back, and a fencing token may be given twice.
   * @throws UsageError when it is neither
   * @throws StoreError when the filesystem can't be asked what it is
   */
  static async open(location: string, options: LocalStoreOptions = {}): Promise<LocalStore> {
    const place = parseLocation(location);
    try {
      return new LocalStore(place, options.filesystem ?? (await filesystemOf(place.root)), options);
    } catch (error) {
      throw translate(error, pathToFileURL(place.root).href);
    }
  }

  /** An age costs a file that is created and removed; it is left out where that fails (the disk is full or read-only). */
  read(key: string, options: ReadOptions = {}): Promise<Reading> {
    return this.#call(key, { signal: options.signal, abandoned: 'unavailable' }, () =>
      this.#read(key, options),
    );
  }

  write(
    key: string,
    body: string,
    expected: Version | 'absent',
    options: WriteOptions = {},
  ): Promise<WriteResult> {
    return this.#call(key, { signal: options.signal, abandoned: 'indeterminate' }, () =>
      this.#directoryOf(key).append({ body, expected, durable: options.durable ?? false }),
    );
  }

  list(prefix: string, options: { readonly signal?: AbortSignal } = {}): Promise<string[]> {
    return this.#call(prefix, { signal: options.signal, abandoned: 'unavailable' }, () => this.#list(prefix));
  }

  remove(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#call(key, { signal: options.signal, abandoned: 'unavailable' }, () =>
      this.#directoryOf(key).remove(),
    );
  }

  /** Sees what is done on this machine, to a key that exists. Silent on network filesystems, where even to ask may hang. */
  watch(key: string, wake: () => void, signal: AbortSignal): void {
    const { path } = this.#directoryOf(key);
    if (!this.#watchable || signal.aborted) return;
    try {
      const watcher = watch(path, { persistent: false, signal });
      watcher.on('change', (_event, name) => {
        if (name === null || numberOf(String(name)) > 0) wake();
      });
      watcher.on('error', () => watcher.close());
    } catch {
      // There is no such key yet, or the system has no watches left: the caller polls.
    }
  }

  async #read(key: string, { known, age }: ReadOptions): Promise<Reading> {
    const directory = this.#directoryOf(key);
    const highest = await directory.latest();
    if (!highest) {
      const storeTimeMs = await this.#storeTimeMs();
      return { kind: 'absent', ...(storeTimeMs === undefined ? {} : { storeTimeMs }) };
    }
    const ageMs = age ? await this.#ageMs(join(directory.path, recordName(highest.number))) : undefined;
    const aged = ageMs === undefined ? {} : { ageMs };
    const version = versionOf(highest);
    if (version === known) return { kind: 'unchanged', ...aged };
    return { kind: 'found', body: directory.bodyOf(highest), version, ...aged };
  }

  async #ageMs(path: string): Promise<number | undefined> {
    const storeTimeMs = await this.#storeTimeMs();
    if (storeTimeMs === undefined) return undefined;
    try {
      return Math.max(0, storeTimeMs - (await this.#disk.mtimeMs(path)));
    } catch {
      return undefined;
    }
  }

  /** The disk's own clock: when it says that a file was made which is made now. */
  async #storeTimeMs(): Promise<number | undefined> {
    const probe = join(this.#root, temporaryName(this.#random.hex(NONCE_BYTES)));
    try {
      const file = await this.#disk.create(probe);
      try {
        await this.#disk.close(file);
        return await this.#disk.mtimeMs(probe);
      } finally {
        await this.#disk.unlink(probe);
      }
    } catch {
      return undefined;
    }
  }

  async #list(prefix: string): Promise<string[]> {
    const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (start !== '') assertKey(start.slice(0, -1));
    const keys: string[] = [];
    const pending = [start];
    for (let above = pending.pop(); above !== undefined; above = pending.pop()) {
      const entries = await this.#entries(above);
      if (above !== '' && entries.some((entry) => numberOf(entry.name) > 0)) keys.push(above.slice(0, -1));
      for (const entry of entries)
        if (entry.isDirectory() && SEGMENT.test(entry.name)) pending.push(`${above}${entry.name}/`);
    }
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }

  async #entries(above: string): Promise<Awaited<ReturnType<Disk['entries']>>> {
    try {
      return await this.#disk.entries(join(this.#root, above));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #directoryOf(key: string): RecordDirectory {
    const known = this.#directories.get(key);
    if (known) return known;
    assertKey(key);
    if (this.#directories.size >= MOST_DIRECTORIES) this.#directories.clear();
    const directory = new RecordDirectory(join(this.#root, key), this.#around);
    this.#directories.set(key, directory);
    return directory;
  }

  /** One call, its faults translated. When its signal aborts it is given up: on a mount that hangs it would never end. */
  async #call<T>(key: string, { signal, abandoned }: Call, work: () => Promise<T>): Promise<T> {
    refuseAborted(signal, this.url, key);
    const fault = (): StoreError =>
      new StoreError(
        abandoned,
        `${this.url}: no answer in time from the filesystem (${this.#around.filesystem.name}) for ${key}. See whether the disk is overloaded or the mount hangs.`,
        { cause: signal?.reason },
      );
    try {
      return await unlessAborted(signal, work(), fault);
    } catch (error) {
      throw translate(error, `${this.url}, key ${key}`);
    }
  }
}

/** `work`, or `fault` as soon as `signal` aborts. What was begun goes on, and may still apply. */
function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: Promise<T>,
  fault: () => StoreError,
): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(fault());
    signal.addEventListener('abort', giveUp, { once: true });
    void work.then(resolve, reject).then(() => signal.removeEventListener('abort', giveUp));
  });
}

// `v.<N>` is what records are called.
const SEGMENT = /^(?!\.{1,2}$|v\.\d+$)[A-Za-z0-9._-]+$/;

/** Keys are made by the project, so this is no message for users. */
function assertKey(key: string): void {
  if (!key.split('/').every((segment) => SEGMENT.test(segment))) {
    throw new Error(
      `Not a key: ${JSON.stringify(key)}. Segments of [A-Za-z0-9._-], not "v.<number>", joined by "/".`,
    );
  }
}

interface Place {
  readonly root: string;
  readonly fsync: boolean;
}

function parseLocation(location: string): Place {
  if (!/^file:/i.test(location)) {
    if (isAbsolute(location)) return { root: resolve(location), fsync: true };
    throw new UsageError(
      `store: ${JSON.stringify(location)} is no absolute path. Write /directory or file:///directory.`,
    );
  }
  const wrong = (what: string): UsageError =>
    new UsageError(
      `store: ${JSON.stringify(location)} ${what}. Write file:///directory, or file:///directory?fsync=never.`,
    );
  if (!/^file:\/\/\//i.test(location))
    throw wrong('names a host or a relative path; a directory must be on this machine');
  const url = new URL(location);
  if (url.hash !== '') throw wrong('has a "#"; in a path it is written %23');
  for (const key of url.searchParams.keys()) {
    if (key !== 'fsync') throw wrong(`has the option ${JSON.stringify(key)}; the only one is "fsync"`);
  }
  const fsync = url.searchParams.get('fsync') ?? 'always';
  if (fsync !== 'always' && fsync !== 'never') {
    throw wrong(`has fsync=${JSON.stringify(fsync)}; it is "always" or "never"`);
  }
  url.search = '';
  try {
    return { root: resolve(fileURLToPath(url)), fsync: fsync === 'always' };
  } catch (error) {
    throw new UsageError(`store: ${JSON.stringify(location)} is no path of this system: ${String(error)}.`);
  }
}

/** Faults of the operating system, each with what to do about it. What is a `StoreError` already passes. */
function translate(error: unknown, where: string): unknown {
  const code = codeOf(error);
  if (error instanceof StoreError || code === undefined) return error;
  const [kind, advice] = FAULTS.get(code) ?? ['unavailable', 'Try again; if it stays, look at the disk.'];
  const { message } = error as Error;
  const said = message.startsWith(code) ? message : `${code}: ${message}`;
  return new StoreError(kind, `${where}: ${said}. ${advice}`, { cause: error });
}

const NOT_ALLOWED =
  'The user that this runs as must be able to read and write this directory and all that is in it.';
// Node tells EROFS of a recursive mkdir as ENOENT.
const NO_DIRECTORY =
  'Every part of the path must be a directory, or be missing so that it can be created; is the filesystem mounted read-only?';

// errno(3); what is not here may pass.
const FAULTS: ReadonlyMap<string, readonly [kind: StoreErrorKind, advice: string]> = new Map([
  ['EACCES', ['denied', NOT_ALLOWED]],
  ['EPERM', ['denied', NOT_ALLOWED]],
  ['EROFS', ['denied', 'The filesystem is mounted read-only.']],
  ['ENOSPC', ['unavailable', 'The disk is full (or has no inodes left): make room.']],
  ['EDQUOT', ['unavailable', 'The disk quota is used up: make room.']],
  ['EMFILE', ['unavailable', 'This process has too many files open.']],
  ['ENFILE', ['unavailable', 'The system has too many files open.']],
  ['ENOENT', ['misconfigured', NO_DIRECTORY]],
  ['ENOTDIR', ['misconfigured', NO_DIRECTORY]],
  ['EEXIST', ['misconfigured', NO_DIRECTORY]],
  ['EISDIR', ['misconfigured', 'A directory is in the place of a file: these files are not of this store.']],
  ['ELOOP', ['misconfigured', 'Its symbolic links go round in a circle.']],
  ['ENAMETOOLONG', ['misconfigured', 'The path is too long for this filesystem: choose a shorter one.']],
]);
