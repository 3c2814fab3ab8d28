import { dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { codeOf, type Disk, type Filesystem } from './local-io.ts';
import {
  CHAIN_LENGTH,
  decodeRecord,
  encodeRecord,
  hasNonce,
  ID_BYTES,
  isTemporary,
  LONGEST_FILE,
  type LocalRecord,
  NONCE_BYTES,
  nextRecord,
  numberOf,
  type RecordId,
  recordName,
  temporaryName,
  versionOf,
} from './local-record.ts';
import { LONGEST_BODY, StoreError, type Version, type WriteResult } from './store.ts';

/** What the directories of one store share. */
export interface Surroundings {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  /** The directory of the whole store. It is created for its owner only; what is in it follows the umask. */
  readonly root: string;
  readonly fsync: boolean;
  readonly filesystem: Filesystem;
}

interface Change {
  readonly body: string;
  readonly expected: Version | 'absent';
  readonly durable: boolean;
}

/** What a write is about to do. */
interface Step {
  /** The record that counts; none when the key is absent. */
  readonly previous: LocalRecord | undefined;
  readonly next: LocalRecord;
}

/** A link that was tried. */
interface Linked {
  readonly temporary: string;
  /** What it said. */
  readonly fault: unknown;
}

const RETAINED_RECORDS = 32;
const RETAINED_MS = 10 * 60_000;
/** How many stay when nobody needs them; each costs every listing 0.4 µs. */
const RETAINED_WHEN_QUIET = 8;
/** Every how many records one cleans up. */
const CLEANING_INTERVAL = 8;
// A file can vanish between a listing and its use, and each time somebody else got on: more than this is not bad luck.
const ATTEMPTS = 20;
const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'ENOSYS']);
const NOT_LINKED: ReadonlySet<string> = new Set(['ENOTDIR', 'EACCES', 'EROFS', 'ENOSPC', 'EDQUOT', 'EMLINK']);
// One may be allowed to create in a directory and not to open it, and what a disk is mounted on may be no disk itself.
const NOT_SYNCABLE: ReadonlySet<string> = new Set(['EACCES', 'EINVAL', 'EROFS']);
const LISTINGS = 5;
const LISTING_PAUSE_MS = 20;

/**
 * Compare-and-set in one directory with link(2) alone. The directory is a key, its files are records `v.<N>` that never
 * change, and the highest is the one that counts. To write, link a finished file to the next number, do **not** believe
 * what link returned (the lost reply of an NFS server reads EEXIST although it worked, and there are clients that report
 * a success that never was), and look again: the write applied if and only if the highest record is one's own or has
 * one's nonce in its chain.
 *
 * A crash at any point leaves at most a temporary file behind.
 *
 * On a disk of this machine, a process that wrote record N can do without most listings. A record gets the number after
 * the highest, and the oldest are deleted first, so while N is there no number above it has ever been deleted:
 * - N + 1 is missing, and *then* N is there: N was the highest at the moment when N + 1 was missing.
 * - link gave the file its second name, N + 1, and *then* N is there: the number was new, so the record follows N.
 *
 * "N is there" means the file with its nonce, for a writer that slept for long may link a name that was deleted. Only a
 * record of one's own is trusted to have been the highest: one that was listed and then read may be such a late one. All
 * else takes listings. `local-model.test.ts` tries all orders in which three processes can do this.
 */
export class RecordDirectory {
  readonly path: string;
  readonly #around: Surroundings;
  readonly #disk: Disk;
  /** The last record that this process added, as long as none is known to follow it. Only on a disk of this machine. */
  #own: LocalRecord | undefined;
  /** The highest directory that is new: that of the store, as far as one can know, or one above it that this process made. */
  #top: string;

  constructor(path: string, around: Surroundings) {
    this.path = path;
    this.#top = around.root;
    this.#around = around;
    this.#disk = around.disk;
  }

  /**
   * The record that counts; `undefined` when the key is absent.
   *
   * @throws StoreError `corrupt` when it is damaged
   */
  async latest(): Promise<LocalRecord | undefined> {
    const own = this.#own;
    // In this order: it may be followed by others and deleted right after one has seen that it is there.
    if (own && !(await this.#isUsed(own.number + 1)) && (await this.#isThere(own))) return own;
    this.#own = undefined;
    return this.#highest();
  }

  async #highest(): Promise<LocalRecord | undefined> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const number = (await this.#names()).reduce((highest, name) => Math.max(highest, numberOf(name)), 0);
      if (number === 0) return undefined;
      // Gone again: it was superseded by many, or the key was removed.
      const highest = await unlessMissing(() => this.#record(number));
      if (highest) return highest;
    }
    throw new StoreError(
      'unavailable',
      `The records in ${this.path} vanish as fast as they are listed. Try again.`,
    );
  }

  /** @throws StoreError `corrupt` when the body is longer than one of ours can be */
  bodyOf({ number, body }: LocalRecord): string {
    if (Buffer.byteLength(body) <= LONGEST_BODY) return body;
    throw this.#corrupt(number, `has more than ${LONGEST_BODY} bytes`);
  }

  /**
   * Adds the record that follows `expected`.
   *
   * @throws StoreError `indeterminate` when it may have been added and that can't be seen; `misconfigured` where the
   *   filesystem has no hard links; Node's `ErrnoException` when it was not added for any other reason
   */
  async append(change: Change): Promise<WriteResult> {
    const nonce = this.#around.random.hex(NONCE_BYTES);
    const temporary = `${this.path}/${temporaryName(nonce)}`;
    // It is there before the first look and until after the last: a directory that is removed meanwhile takes it along, so
    // that nothing is linked into its successor, and a cleaner sees that somebody may be about to use an old number.
    const file = await this.#createTemporary(temporary, change.expected === 'absent');
    if (file === undefined) return { kind: 'conflict' };
    let result: WriteResult;
    try {
      const step = await this.#fill(file, nonce, change);
      if (!step) return { kind: 'conflict' };
      const fault = await this.#link(temporary, step.next.number);
      const applied = fault === undefined && (await this.#isApplied(temporary, step.previous));
      result = applied ? written(step.next) : await this.#settle(step.next, { temporary, fault });
      if (result.kind === 'written') {
        if (this.#around.filesystem.local) this.#own = step.next;
        await quietly(() => this.#clean(step.next));
      }
    } finally {
      await quietly(() => this.#disk.unlink(temporary));
    }
    if (result.kind === 'written' && change.durable) await this.#confirm();
    return result;
  }

  /** Removes the key. Only for keys that are never used again. */
  async remove(): Promise<void> {
    this.#own = undefined;
    const names = await this.#names();
    // Writers under way first: their link fails then. The highest record last: no older one counts for a moment.
    const temporaries = names.filter(isTemporary);
    for (const name of [...temporaries, ...recordNames(names)]) {
      await unlessMissing(() => this.#disk.unlink(`${this.path}/${name}`));
    }
    // Other keys may be below, or a writer came in between.
    await quietly(() => this.#disk.rmdir(this.path));
  }

  /** `undefined` when the key is absent and must not be. */
  async #createTemporary(temporary: string, mayCreateKey: boolean): Promise<number | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#disk.create(temporary);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
        if (!mayCreateKey) return undefined;
        await this.#create();
      }
    }
  }

  async #create(): Promise<void> {
    const first =
      (await this.#disk.mkdir(this.#around.root, 0o700)) ?? (await this.#disk.mkdir(this.path, 0o777));
    await this.#disk.mkdir(this.path, 0o777);
    if (first !== undefined && first.length < this.#top.length) this.#top = first;
  }

  /** Writes and closes the file of the next record; `undefined` is a conflict. */
  async #fill(file: number, nonce: string, { body, expected }: Change): Promise<Step | undefined> {
    try {
      const previous = await this.latest();
      if ((previous ? versionOf(previous) : 'absent') !== expected) return undefined;
      const next = nextRecord(nonce, body, previous);
      if (!previous) await this.#syncParents();
      await this.#disk.write(file, encodeRecord(next));
      // Also for writes that need not be durable: a power cut may take a record away, but never leave an empty one.
      if (this.#around.fsync) await this.#disk.sync(file);
      return { previous, next };
    } finally {
      await this.#disk.close(file);
    }
  }

  /** What link said, for the case that nothing is to be seen of it. */
  async #link(temporary: string, number: number): Promise<unknown> {
    try {
      await this.#disk.link(temporary, this.#pathOf(number));
      return undefined;
    } catch (fault) {
      return fault;
    }
  }

  /**
   * Whether it is plain, without a listing, that the link of `temporary` made it the record after `previous`: the file has
   * its second name, and the record before it, one of ours, is there.
   */
  async #isApplied(temporary: string, previous: LocalRecord | undefined): Promise<boolean> {
    if (!previous || previous !== this.#own) return false;
    try {
      return (await this.#disk.links(temporary)) === 2 && (await this.#isThere(previous));
    } catch {
      return false;
    }
  }

  async #settle(mine: RecordId, { temporary, fault }: Linked): Promise<WriteResult> {
    for (let listing = 1; listing <= LISTINGS; listing++) {
      if (listing > 1) await this.#around.clock.sleep(LISTING_PAUSE_MS);
      const highest = await this.#highestAfterwards();
      if (highest && highest.number >= mine.number) {
        if (highest.chain.includes(mine.nonce)) return written(mine);
        // So much later a chain does not reach back to us.
        if (highest.number - mine.number < CHAIN_LENGTH) return { kind: 'conflict' };
        throw this.#indeterminate(`${highest.number - mine.number} records were added meanwhile`, fault);
      }
      const refusal = await this.#refusal({ temporary, fault });
      if (refusal) throw refusal;
    }
    throw this.#indeterminate(`the new record is not to be seen after ${LISTINGS} listings`, fault);
  }

  /** Whatever goes wrong after the link, it may have been added. */
  async #highestAfterwards(): Promise<LocalRecord | undefined> {
    try {
      return await this.#highest();
    } catch (error) {
      throw this.#indeterminate('the directory could not be read afterwards', error);
    }
  }

  /** The error to throw when link certainly did nothing. Any other fault may be a lost reply. */
  async #refusal({ temporary, fault }: Linked): Promise<unknown> {
    const code = codeOf(fault);
    if (code === undefined) return undefined;
    if (NO_HARD_LINKS.has(code)) {
      if (await this.#canLink(temporary)) return undefined;
      return new StoreError(
        'misconfigured',
        `Hard links are refused in ${this.path} (${code}; filesystem: ${this.#around.filesystem.name}), and a lock is taken by one. Use a directory on a filesystem that has them (ext4, xfs, btrfs, APFS, NTFS, NFS), or an S3 store.`,
        { cause: fault },
      );
    }
    if (code === 'ENOENT') {
      return new StoreError(
        'unavailable',
        `The directory ${this.path} was removed during the write. Try again.`,
        { cause: fault },
      );
    }
    return NOT_LINKED.has(code) ? fault : undefined;
  }

  /** Whether there are hard links here after all: of a name that exists an SFTP server says no more than that it failed. */
  async #canLink(temporary: string): Promise<boolean> {
    const trial = `${this.path}/${temporaryName(this.#around.random.hex(NONCE_BYTES))}`;
    try {
      await this.#disk.link(temporary, trial);
    } catch (error) {
      return !NO_HARD_LINKS.has(codeOf(error) ?? '');
    }
    await quietly(() => this.#disk.unlink(trial));
    return true;
  }

  /** fsync of the directory, so that the new name survives a power cut. */
  async #confirm(): Promise<void> {
    if (!this.#around.fsync) return;
    try {
      await this.#sync(this.path);
    } catch (error) {
      throw this.#indeterminate('the disk did not confirm the directory', error);
    }
  }

  /**
   * Each new directory is an entry of its parent. That is synced by whoever writes the first record, for whoever made the
   * directories may have died before it could: what follows a record then never hangs on a directory that is not.
   */
  async #syncParents(): Promise<void> {
    if (!this.#around.fsync) return;
    for (let parent = dirname(this.path); ; parent = dirname(parent)) {
      await this.#syncParent(parent);
      if (parent.length < this.#top.length) return;
    }
  }

  async #syncParent(directory: string): Promise<void> {
    try {
      await this.#sync(directory);
    } catch (error) {
      if (!NOT_SYNCABLE.has(codeOf(error) ?? '')) throw error;
    }
  }

  async #sync(directory: string): Promise<void> {
    // Windows has no such thing.
    if (process.platform === 'win32') return;
    const file = await this.#disk.open(directory);
    try {
      await this.#disk.sync(file);
    } finally {
      await this.#disk.close(file);
    }
  }

  /**
   * Deletes old records, but keeps the newest 32 and all that are younger than ten minutes, for a number must not be linked
   * anew by a writer that has been slow since it was the next. Such a writer has had a temporary file here since before the
   * number existed. So on a disk of this machine, whose listings are exact, a listing without another's temporary file
   * proves that there is none, and but a few records can go. Temporary files older than ten minutes are left of crashes.
   */
  async #clean(newest: RecordId): Promise<void> {
    if (newest.number % CLEANING_INTERVAL !== 0) return;
    const nowMs = await this.#disk.mtimeMs(this.#pathOf(newest.number));
    const names = await this.#names();
    const others = names.filter((name) => name !== temporaryName(newest.nonce));
    const isQuiet = (await this.#sweep(this.path, others, nowMs)) === 0 && this.#around.filesystem.local;
    for (const name of recordNames(names).slice(0, isQuiet ? -RETAINED_WHEN_QUIET : -RETAINED_RECORDS)) {
      const path = `${this.path}/${name}`;
      // They come in the order of their age.
      if (!isQuiet && !(await this.#isOld(path, nowMs))) break;
      await unlessMissing(() => this.#disk.unlink(path));
    }
    // There a file is made to learn what time it is.
    const { root } = this.#around;
    await this.#sweep(root, await this.#disk.list(root), nowMs);
  }

  /** Removes the temporary files that are left of crashes. How many others there are. */
  async #sweep(directory: string, names: readonly string[], nowMs: number): Promise<number> {
    let inUse = 0;
    for (const name of names.filter(isTemporary)) {
      const path = `${directory}/${name}`;
      if (await unlessMissing(() => this.#isOld(path, nowMs))) {
        await unlessMissing(() => this.#disk.unlink(path));
      } else inUse += 1;
    }
    return inUse;
  }

  async #isOld(path: string, nowMs: number): Promise<boolean> {
    return nowMs - (await this.#disk.mtimeMs(path)) > RETAINED_MS;
  }

  async #names(): Promise<string[]> {
    return (await unlessMissing(() => this.#disk.list(this.path))) ?? [];
  }

  #pathOf(number: number): string {
    return `${this.path}/${recordName(number)}`;
  }

  async #isUsed(number: number): Promise<boolean> {
    return this.#disk.exists(this.#pathOf(number));
  }

  /** By its nonce: the file of this number may be another one. */
  async #isThere({ number, nonce }: RecordId): Promise<boolean> {
    const path = this.#pathOf(number);
    const start = await unlessMissing(() => this.#disk.read(path, ID_BYTES));
    return start !== undefined && hasNonce(start, nonce);
  }

  async #record(number: number): Promise<LocalRecord> {
    const content = await this.#disk.read(this.#pathOf(number), LONGEST_FILE);
    const record = decodeRecord(number, content);
    if ('damage' in record) throw this.#corrupt(number, record.damage);
    return record;
  }

  #corrupt(number: number, damage: string): StoreError {
    const path = this.#pathOf(number);
    return new StoreError(
      'corrupt',
      `The file ${path} ${damage}, so it is no record of a lock, and nobody gets the lock until it is put right. Look at it with: head -c 400 '${path}'. If nobody holds the lock, delete the whole directory ${this.path}: with this file alone gone, an older record would count again, and a fencing token would be given twice.`,
    );
  }

  #indeterminate(why: string, cause: unknown): StoreError {
    return new StoreError(
      'indeterminate',
      `A record was written to ${this.path}, but whether it counts is not known: ${why} (filesystem: ${this.#around.filesystem.name}).`,
      { cause },
    );
  }
}

function written(record: RecordId): WriteResult {
  return { kind: 'written', version: versionOf(record) };
}

/** The records among `names`, oldest first. */
function recordNames(names: readonly string[]): string[] {
  return names.filter((name) => numberOf(name) > 0).sort((a, b) => numberOf(a) - numberOf(b));
}

/** `undefined` when a file or directory is not there (any more). */
async function unlessMissing<T>(work: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** For tidying up, which the next write does again where it fails. */
async function quietly(work: () => Promise<unknown> | unknown): Promise<void> {
  try {
    await work();
  } catch {
    // Whatever is left behind is swept when it is old.
  }
}
