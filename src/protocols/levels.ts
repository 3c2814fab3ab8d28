import { lstatSync, renameSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatInstant } from '../base/duration.ts';
import { quote } from '../base/sanitise.ts';
import {
  type FileState,
  failureOf,
  isSameFile,
  liesAt,
  problemOf,
  publish,
  readFileState,
  removeQuietly,
  takeAway,
  writeTemporary,
} from './files.ts';
import { climb, type Levels } from './levels-climb.ts';
import { Judge, parseRecord, Scribe, type System, thisSystem } from './levels-record.ts';
import {
  type Abilities,
  type Attempt,
  type Check,
  type Held,
  type Hold,
  type Holding,
  type Identity,
  type Protocol,
  ProtocolError,
  type Request,
  type Surroundings,
} from './protocol.ts';

/*
 * The directory lock of Vanadium: `NewDirLock` of v.io@v0.1.9, package x/ref/services/agent/internal/lock. `lock0` in the
 * locked directory is the lock; `lock1` to `lock19` are there while one whose holder died is taken over (levels-climb.ts).
 */

const ABILITIES: Abilities = {
  ttl: 'none',
  owner: 'pid',
  takeover: 'yes',
  limits: [
    'Whether a holder lives is judged by its pid and by what ps says of it: machines or containers that share a machine id (clones, one image) must not share the directory.',
    'The original program takes a live lock when ps describes its holder in other words than the record: all who lock the directory need one time zone (TZ), and the holder must not change its name.',
  ],
};

const MODE = 0o600;
/** As long as the original sleeps, before it tries again. */
const RETRY = { everyMs: 100, jitterMs: 20 } as const;
/** How long a record that nobody can read may take to be written by a program that does not publish it whole. */
const REREAD_MS = 50;

/** @throws ProtocolError on another system than Linux */
export function levelsProtocol(surroundings: Surroundings, system: System = thisSystem): Protocol {
  const { platform } = surroundings;
  if (platform !== 'linux')
    throw new ProtocolError(
      'unsupported',
      `The protocol levels is not offered on ${platform}. ${hint(platform)}`,
    );
  const scribe = new Scribe(surroundings.clock, system);
  const context: Context = { surroundings, judge: new Judge(system), scribe };
  return {
    name: 'levels',
    abilities: ABILITIES,
    retry: RETRY,
    tryAcquire: (request) => tryAcquire(request, new Directory(request, context)),
    inspect: async (path, signal) => {
      requireDirectory(path);
      return new Directory({ path, signal }, context).look(0);
    },
    resume: (holding) => (holding.protocol === 'levels' ? new LevelsHold(holding, context) : undefined),
    break: async ({ path, identity }) =>
      takeAway(masterOf(path), identity, temporaryIn(path, surroundings)) === 'removed',
  };
}

function hint(platform: NodeJS.Platform): string {
  return platform === 'darwin'
    ? 'Its records name the machine by /etc/machine-id or /proc, which macOS has not; the original asks ioreg there, and Leasehold was never tried against it.'
    : 'It needs hard links, signal 0 and ps as Linux has them.';
}

async function tryAcquire(request: Request, directory: Directory): Promise<Attempt> {
  if (request.ttlMs !== undefined)
    throw new ProtocolError(
      'unsupported',
      'The protocol levels has no ttl: its lock is stale when the process of its holder ends, and never before. Leave the ttl out.',
    );
  const climbed = await climb(directory, request.mayTake);
  if (climbed.kind === 'held') return climbed;
  const { identity, took } = climbed;
  const holding: Holding = { protocol: 'levels', path: directory.path, pid: request.pid, identity };
  return { kind: 'acquired', hold: directory.hold(holding), ...(took ? { took } : {}) };
}

interface Context {
  readonly surroundings: Surroundings;
  readonly judge: Judge;
  readonly scribe: Scribe;
}

/** The locked directory, as one try meets it. */
class Directory implements Levels {
  readonly path: string;
  readonly #request: { readonly pid?: number; readonly signal?: AbortSignal | undefined };
  readonly #context: Context;

  constructor(
    request: { readonly path: string; readonly pid?: number; readonly signal?: AbortSignal | undefined },
    context: Context,
  ) {
    this.path = resolve(request.path);
    this.#request = request;
    this.#context = context;
  }

  hold(holding: Holding): Hold {
    return new LevelsHold(holding, this.#context);
  }

  async look(level: number): Promise<Held | undefined> {
    const file = this.#file(level);
    try {
      const state = readFileState(file);
      if (!state || parseRecord(state.identity.bytes)) return state && this.#judged(state);
      await this.#context.surroundings.clock.sleep(REREAD_MS, this.#request.signal);
      const again = readFileState(file);
      return again && this.#judged(again);
    } catch (error) {
      const secret = error instanceof ProtocolError && error.problem === 'denied' && this.#unreadable(file);
      if (secret) return secret;
      throw error;
    }
  }

  /** A record is there for its writer's eyes only: another user's is held, and that is all that can be known. */
  #unreadable(file: string): Held | undefined {
    const stat = lstatSync(file, { bigint: true, throwIfNoEntry: false });
    return (
      stat && {
        path: this.path,
        since: formatInstant(Number(stat.mtimeMs)),
        standing: {
          holder: 'unknown',
          takeable: false,
          detail: `its record belongs to another user (uid ${stat.uid}), and only that one may read it`,
        },
        identity: { dev: String(stat.dev), ino: String(stat.ino) },
      }
    );
  }

  #judged(state: FileState): Held {
    const record = parseRecord(state.identity.bytes);
    return {
      path: this.path,
      ...(record ? { pid: record.pid } : {}),
      since: formatInstant(state.mtimeMs),
      standing: this.#context.judge.standingOf(state),
      identity: state.identity,
    };
  }

  master(): Identity | undefined {
    return readFileState(this.#file(0))?.identity;
  }

  grab(level: number): Identity | undefined {
    return publish({ ...this.#written(), path: this.#file(level) });
  }

  replaceMaster(): Identity {
    const master = this.#file(0);
    const written = this.#written();
    const identity = writeTemporary(written);
    const failure = failureOf(() => renameSync(written.temporary, master));
    try {
      // Over NFS the answer to a rename that was done may be lost.
      if (liesAt(master, identity, failure)) return identity;
      throw failure ?? vanished(master);
    } catch (error) {
      removeQuietly(written.temporary);
      throw problemOf(error, 'replace', master);
    }
  }

  drop(level: number): void {
    removeQuietly(this.#file(level));
  }

  async pause(): Promise<boolean> {
    const { clock, random } = this.#context.surroundings;
    const { signal } = this.#request;
    await clock.sleep(RETRY.everyMs + RETRY.jitterMs * random.fraction(), signal);
    return signal?.aborted !== true;
  }

  #written(): { temporary: string; bytes: string; mode: number; durable: boolean } {
    const { surroundings, scribe } = this.#context;
    const bytes = scribe.recordOf(this.#request.pid ?? -1);
    // Not durable: after a power cut there is no process that the record could name.
    return { temporary: temporaryIn(this.path, surroundings), bytes, mode: MODE, durable: false };
  }

  #file(level: number): string {
    return join(this.path, `lock${level}`);
  }
}

function vanished(master: string): ProtocolError {
  return new ProtocolError(
    'vanished',
    `${quote(master)} was replaced and was another file at once: somebody takes what is not theirs.`,
  );
}

function masterOf(path: string): string {
  return join(resolve(path), 'lock0');
}

function temporaryIn(path: string, { random }: Surroundings): string {
  return join(resolve(path), `templock${Number.parseInt(random.hex(6), 16)}`);
}

/** @throws ProtocolError when there is no such directory */
function requireDirectory(path: string): void {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (error) {
    throw problemOf(error, 'look into', path);
  }
  if (!isDirectory)
    throw new ProtocolError(
      'not-a-directory',
      `${quote(path)} is no directory, and the protocol levels locks a directory.`,
    );
}

class LevelsHold implements Hold {
  readonly holding: Holding;
  readonly #context: Context;

  constructor(holding: Holding, context: Context) {
    this.holding = holding;
    this.#context = context;
  }

  async check(): Promise<Check> {
    const { path, identity } = this.holding;
    const state = readFileState(masterOf(path));
    return state && isSameFile(state.identity, identity) ? { kind: 'ours' } : this.#compromised();
  }

  async release(): Promise<Check> {
    const { path, identity } = this.holding;
    switch (takeAway(masterOf(path), identity, temporaryIn(path, this.#context.surroundings))) {
      case 'removed':
        return { kind: 'ours' };
      case 'gone':
      case 'other':
      case 'lost':
        return this.#compromised();
    }
  }

  async #compromised(): Promise<Check> {
    const by = await new Directory(this.holding, this.#context).look(0);
    const what = by
      ? 'was replaced by another program, which took its holder for dead'
      : 'was removed by another program';
    return {
      kind: 'compromised',
      detail: `${quote(masterOf(this.holding.path))} ${what}`,
      ...(by ? { by } : {}),
    };
  }
}

/*
 * The API of the original. `TryLockerSafe` answers with errors, `Must` fails with them.
 */

export type TryLocked =
  | { readonly kind: 'locked' }
  | { readonly kind: 'held'; readonly by: Held }
  | { readonly kind: 'failed'; readonly error: ProtocolError };

export type Unlocked =
  | { readonly kind: 'unlocked' }
  /** It was not ours any more, and is as it was. */
  | Extract<Check, { kind: 'compromised' }>
  | { readonly kind: 'failed'; readonly error: ProtocolError };

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
export function directoryLock(path: string, options: DirectoryLockOptions): DirectoryLock {
  return new SafeDirectoryLock(path, options);
}

class SafeDirectoryLock implements DirectoryLock {
  readonly #path: string;
  readonly #pid: number;
  readonly #surroundings: Surroundings;
  readonly #protocol: Protocol;
  #hold: Hold | undefined;

  constructor(path: string, { surroundings, pid = process.pid }: DirectoryLockOptions) {
    this.#path = path;
    this.#pid = pid;
    this.#surroundings = surroundings;
    this.#protocol = levelsProtocol(surroundings);
  }

  tryLock(): Promise<TryLocked> {
    return this.#try();
  }

  async lock(signal?: AbortSignal): Promise<TryLocked> {
    const { clock, random } = this.#surroundings;
    for (;;) {
      const tried = await this.#try(signal);
      if (tried.kind !== 'held' || signal?.aborted) return tried;
      await clock.sleep(RETRY.everyMs + RETRY.jitterMs * random.fraction(), signal);
    }
  }

  async unlock(): Promise<Unlocked> {
    const hold = this.#hold;
    if (!hold) return { kind: 'compromised', detail: `${quote(this.#path)} is not locked by this object` };
    return orFailed(async () => {
      const released = await hold.release();
      this.#hold = undefined;
      return released.kind === 'ours' ? { kind: 'unlocked' } : released;
    });
  }

  must(): MustDirectoryLock {
    return {
      tryLock: async () => orThrow(await this.tryLock()).kind === 'locked',
      lock: async (signal) => orThrow(await this.lock(signal)).kind === 'locked',
      unlock: async () => {
        const unlocked = orThrow(await this.unlock());
        if (unlocked.kind === 'compromised') throw new ProtocolError('rogue-deletion', unlocked.detail);
      },
    };
  }

  #try(signal?: AbortSignal): Promise<TryLocked> {
    return orFailed(async () => {
      const attempt = await this.#protocol.tryAcquire({
        path: this.#path,
        pid: this.#pid,
        mayTake: async () => true,
        ...(signal ? { signal } : {}),
      });
      if (attempt.kind === 'held') return attempt;
      this.#hold = attempt.hold;
      return { kind: 'locked' };
    });
  }
}

type Failed = { readonly kind: 'failed'; readonly error: ProtocolError };

async function orFailed<T>(work: () => Promise<T>): Promise<T | Failed> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProtocolError) return { kind: 'failed', error };
    throw error;
  }
}

function orThrow<T extends { readonly kind: string }>(outcome: T | Failed): Exclude<T, Failed> {
  if ('error' in outcome) throw outcome.error;
  return outcome as Exclude<T, Failed>;
}
