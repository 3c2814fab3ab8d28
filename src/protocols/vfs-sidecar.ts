import { renameSync } from 'node:fs';
import { type Clock, withTimeout } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { quote } from '../base/sanitise.ts';
import { filesystemOf } from '../store/local-io.ts';
import { type Store, StoreError, type StoreErrorKind, type Version } from '../store/store.ts';
import {
  alone,
  isSameFile,
  problemOf,
  publish,
  readFileState,
  removeQuietly,
  takeAway,
  temporaryBeside,
  writeTemporary,
} from './files.ts';
import { type Identity, ProtocolError, type ProtocolProblem } from './protocol.ts';

/** Where a lock's record lies: a file beside the one that is locked, or an object beside an object. */
export interface Sidecar {
  /** How long after a write the original may still write over it: it looks first and writes later, without a condition. */
  readonly settleMs: number;
  /** Whether only processes of this machine can have written the record. */
  ofThisMachine(): Promise<boolean>;
  /** @throws ProtocolError, as all of these do */
  read(signal?: AbortSignal): Promise<Identity | undefined>;
  isSame(one: Identity, other: Identity): boolean;
  /** @returns `undefined` when there is one */
  create(bytes: string): Promise<Identity | undefined>;
  /** Puts ours in the place of one that is stale. @returns `undefined` when `expected` is not there any more */
  takeOver(bytes: string, expected: Identity): Promise<Identity | undefined>;
  /** Puts a newer one of ours in the place of ours, and leaves no moment without. */
  renew(bytes: string, expected: Identity, renewing?: Renewing): Promise<Identity | undefined>;
  remove(expected: Identity, signal?: AbortSignal): Promise<'removed' | 'gone' | 'other' | 'lost'>;
}

export interface Renewing {
  readonly signal?: AbortSignal | undefined;
  /** Whether the record may be taken over by now. Default: it may. */
  readonly isStale?: () => boolean;
}

/** How often, and how long in between, a renewal tries to be alone. Nobody is at a lock for longer than an fsync or two. */
const TURNS = { most: 100, everyMs: 20 } as const;

export class FileSidecar implements Sidecar {
  readonly settleMs = 50;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #random: Random;

  /** @param path of the sidecar itself */
  constructor(path: string, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#path = path;
    this.#clock = clock;
    this.#random = random;
  }

  async ofThisMachine(): Promise<boolean> {
    return (await filesystemOf(this.#path)).local;
  }

  async read(): Promise<Identity | undefined> {
    return readFileState(this.#path)?.identity;
  }

  isSame(one: Identity, other: Identity): boolean {
    return isSameFile(one, other);
  }

  async create(bytes: string): Promise<Identity | undefined> {
    return publish({ ...this.#temporary(bytes), path: this.#path });
  }

  /** Taken away and published anew, not renamed over: what a faster one has put there in between stays. */
  async takeOver(bytes: string, expected: Identity): Promise<Identity | undefined> {
    return alone(this.#path, async () => {
      const taken = takeAway(this.#path, expected, temporaryBeside(this.#path, this.#random));
      if (taken === 'removed') return this.create(bytes);
      if (taken !== 'lost') return undefined;
      throw new ProtocolError(
        'rogue-deletion',
        `While the stale lock ${quote(this.#path)} was taken away, it was replaced twice by programs that do not lock exclusively: two of them may believe that they have it. Nothing is held here.`,
      );
    });
  }

  /**
   * In turn with others of ours, who may be taking it over. While it is not stale none is, and a turn that somebody keeps to
   * himself is not waited for: any user of the machine may.
   */
  async renew(
    bytes: string,
    expected: Identity,
    { isStale = () => true }: Renewing = {},
  ): Promise<Identity | undefined> {
    for (let turns = 0; turns < TURNS.most; turns += 1) {
      const turn = await alone(this.#path, async () => ({ done: this.#exchange(bytes, expected) }));
      if (turn) return turn.done;
      await this.#clock.sleep(TURNS.everyMs);
    }
    if (!isStale()) return this.#exchange(bytes, expected);
    throw new ProtocolError(
      'contended',
      `${quote(this.#path)} could not be renewed: another process of Leasehold is at it and does not end.`,
    );
  }

  /** Between the last look and the rename lie microseconds; only who takes a lock that is not stale can come in between. */
  #exchange(bytes: string, expected: Identity): Identity | undefined {
    const publishing = this.#temporary(bytes);
    const written = writeTemporary(publishing);
    try {
      const there = readFileState(this.#path);
      if (!there || !isSameFile(there.identity, expected)) return undefined;
      renameSync(publishing.temporary, this.#path);
      return written;
    } catch (error) {
      throw problemOf(error, 'renew', this.#path);
    } finally {
      removeQuietly(publishing.temporary);
    }
  }

  async remove(expected: Identity): Promise<'removed' | 'gone' | 'other' | 'lost'> {
    return takeAway(this.#path, expected, temporaryBeside(this.#path, this.#random));
  }

  #temporary(bytes: string): { temporary: string; bytes: string; mode: number; durable: boolean } {
    return { temporary: temporaryBeside(this.#path, this.#random), bytes, mode: 0o666, durable: true };
  }
}

/** How often a write is sent whose answer does not come. */
const MOST_SENDS = 3;

export interface ObjectSidecarOptions {
  readonly clock: Clock;
  /** How long one call may take, milliseconds. */
  readonly callTimeoutMs: number;
}

/**
 * A sidecar object. All writes have a condition, so none of ours ever replaces what we have not seen. Every record of ours is
 * another one (see `stamp`), so its bytes say whether it is ours.
 */
export class ObjectSidecar implements Sidecar {
  readonly settleMs = 500;
  readonly #store: Store;
  readonly #key: string;
  readonly #options: ObjectSidecarOptions;

  /** @param key of the sidecar itself */
  constructor(store: Store, key: string, options: ObjectSidecarOptions) {
    this.#store = store;
    this.#key = key;
    this.#options = options;
  }

  async ofThisMachine(): Promise<boolean> {
    return false;
  }

  async read(signal?: AbortSignal): Promise<Identity | undefined> {
    const reading = await this.#call(signal, (limited) => this.#store.read(this.#key, { signal: limited }));
    if (reading.kind !== 'found') return undefined;
    return { version: reading.version, bytes: Buffer.from(reading.body, 'utf8').toString('latin1') };
  }

  isSame(one: Identity, other: Identity): boolean {
    return one.bytes === other.bytes;
  }

  create(bytes: string): Promise<Identity | undefined> {
    return this.#put(bytes, 'absent');
  }

  takeOver(bytes: string, expected: Identity): Promise<Identity | undefined> {
    return this.#put(bytes, versionOf(expected));
  }

  renew(bytes: string, expected: Identity, { signal }: Renewing = {}): Promise<Identity | undefined> {
    return this.#put(bytes, versionOf(expected), signal);
  }

  /** Sent again when no answer comes: at most one of them can apply, and what lies there then tells which. */
  async #put(
    bytes: string,
    expected: Version | 'absent',
    signal?: AbortSignal,
  ): Promise<Identity | undefined> {
    const body = Buffer.from(bytes, 'latin1').toString('utf8');
    for (let sends = 1; ; sends += 1) {
      try {
        const result = await this.#call(signal, (limited) =>
          this.#store.write(this.#key, body, expected, { signal: limited }),
        );
        if (result.kind === 'written') return { version: result.version, bytes };
        const there = sends > 1 ? await this.read(signal) : undefined;
        return there?.bytes === bytes ? there : undefined;
      } catch (error) {
        if (!isIndeterminate(error)) throw error;
        if (sends === MOST_SENDS || signal?.aborted) throw error;
      }
    }
  }

  async remove(expected: Identity, signal?: AbortSignal): Promise<'removed' | 'gone' | 'other'> {
    const there = await this.read(signal);
    if (!there) return 'gone';
    if (!this.isSame(there, expected)) return 'other';
    const removed = await this.#removeVersion(versionOf(there), signal);
    if (removed === 'removed') return removed;
    return (await this.read(signal)) ? 'other' : 'gone';
  }

  async #removeVersion(version: Version, signal?: AbortSignal): Promise<'removed' | 'conflict'> {
    const store = this.#store;
    const removeVersion = store.removeVersion?.bind(store);
    if (removeVersion) {
      try {
        return await this.#call(signal, (limited) => removeVersion(this.#key, version, { signal: limited }));
      } catch (error) {
        if (!(error instanceof ProtocolError && error.problem === 'unsupported')) throw error;
      }
    }
    await this.#call(signal, (limited) => store.remove(this.#key, { signal: limited }));
    return 'removed';
  }

  /** One call, for as long as one may take. @throws ProtocolError */
  async #call<T>(signal: AbortSignal | undefined, work: (limited: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, callTimeoutMs } = this.#options;
    try {
      return await withTimeout(clock, callTimeoutMs, signal, work);
    } catch (error) {
      throw error instanceof StoreError
        ? new ProtocolError(PROBLEMS[error.kind], error.message, { cause: error })
        : error;
    }
  }
}

const PROBLEMS: Readonly<Record<StoreErrorKind, ProtocolProblem>> = {
  unavailable: 'io',
  indeterminate: 'io',
  denied: 'denied',
  misconfigured: 'unsupported',
  corrupt: 'refused-file',
};

function isIndeterminate(error: unknown): boolean {
  const { cause } = Object(error) as { readonly cause?: unknown };
  return cause instanceof StoreError && cause.kind === 'indeterminate';
}

function versionOf({ version }: Identity): Version {
  if (version === undefined) throw new TypeError('a file was taken for an object');
  return version as Version;
}
