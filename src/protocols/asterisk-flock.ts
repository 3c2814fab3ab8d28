import { type BigIntStats, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { quote } from '../base/sanitise.ts';
import { shellQuote } from '../base/shell.ts';
import { codeOf } from '../store/local-io.ts';
import {
  ASTERISK_TIMINGS,
  type AsteriskOptions,
  type AsteriskProtocol,
  type AsteriskTiming,
  OURS,
  requireDirectory,
} from './asterisk.ts';
import { closeQuietly, problemOf } from './files.ts';
import { commandOf, listedLock, lockDescriptor, lockingProcess, requireFlock } from './flock.ts';
import {
  type Abilities,
  type Attempt,
  type Check,
  type Held,
  type Hold,
  type Holding,
  ProtocolError,
  type Request,
  type Surroundings,
} from './protocol.ts';

/*
 * Asterisk's `lockmode=flock`: a directory is locked while somebody has an exclusive flock(2) on the file `lock` in it. The
 * kernel frees it with its holder, so nothing is ever taken over.
 *
 * Asterisk refuses the file when it is a symbolic link or has a second name, runs unlocked then, and removes the file of who
 * holds it. So nothing here ever gives `lock` a second name, or removes it.
 */

/** How often a try begins again because somebody exchanges the file under its hands, as Asterisk does at each unlock. */
const MOST_ROUNDS = 8;

const LOCK = 'lock';

const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['darwin', 'macOS'],
  ['win32', 'Windows'],
]);

type FileId = Pick<BigIntStats, 'dev' | 'ino'>;

export class AsteriskFlock implements AsteriskProtocol {
  readonly name = 'asterisk-flock';
  readonly abilities: Abilities = {
    ttl: 'none',
    owner: 'none',
    takeover: 'freed',
    limits: [
      "The lock lasts exactly as long as the process that holds it: there is no ttl, and it can't be broken by hand.",
      'A program that removes the lock file, or gives it a second name, lets others in beside the holder: that is noticed within seconds, not prevented.',
    ],
  };
  readonly timing: AsteriskTiming;
  readonly retry: AsteriskProtocol['retry'];
  readonly #surroundings: Surroundings;
  #flockIsThere = false;
  /** Who was found to have the lock that the kernel lists by this key: finding out reads all of /proc. */
  #known: { readonly key: string; readonly pid: number | undefined } | undefined;

  constructor(surroundings: Surroundings, { variant = 'asterisk' }: AsteriskOptions = {}) {
    this.#surroundings = surroundings;
    this.timing = ASTERISK_TIMINGS[variant];
    this.retry = { everyMs: this.timing.everyMs, jitterMs: 0 };
  }

  async tryAcquire({ path: given, pid, signal }: Request): Promise<Attempt> {
    const directory = resolve(given);
    const path = lockIn(directory);
    await this.#requireSystem(directory, signal);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const file = openLock(path, constants.O_RDWR | constants.O_CREAT);
      let kept = false;
      try {
        const stat = statOf(file, path);
        requireOneName(stat, path);
        if (await this.#isHeld(file, { stat, how: 'exclusive', signal }))
          return { kind: 'held', by: this.#heldBy(given, stat) };
        const there = lookAt(path);
        if (!there || !isSame(there, stat)) continue;
        requireOneName(there, path);
        const identity = { dev: String(stat.dev), ino: String(stat.ino) };
        const holding: Holding = { protocol: this.name, path: directory, pid, identity };
        const find = (other: FileId): Held => this.#heldBy(given, other);
        kept = true;
        return { kind: 'acquired', hold: new FlockHold(holding, file, find) };
      } finally {
        if (!kept) closeQuietly(file);
      }
    }
    throw new ProtocolError(
      'vanished',
      `${quote(path)} was exchanged ${MOST_ROUNDS} times while it was being locked. Nothing is held; try again.`,
    );
  }

  /** Where the kernel does not say, it is tried with a shared lock for a moment. */
  async inspect(given: string, signal?: AbortSignal): Promise<Held | undefined> {
    const directory = resolve(given);
    const path = lockIn(directory);
    await this.#requireSystem(directory, signal);
    if (!lookAt(path)) return undefined;
    const file = openLock(path, constants.O_RDONLY);
    try {
      const stat = statOf(file, path);
      const held = await this.#isHeld(file, { stat, how: 'shared', signal });
      return held ? this.#heldBy(given, stat) : undefined;
    } finally {
      closeQuietly(file);
    }
  }

  /** The lock ends with the process that has its descriptor. */
  resume(): undefined {
    return undefined;
  }

  /** Asterisk removes the file when it unlocks; what only closes it is not seen. */
  watched(path: string): string {
    return resolve(path);
  }

  concerns(name: string): boolean {
    return name === LOCK;
  }

  async #requireSystem(directory: string, signal: AbortSignal | undefined): Promise<void> {
    const { platform } = this.#surroundings;
    if (platform !== 'linux')
      throw new ProtocolError(
        'unsupported',
        `asterisk-flock is offered on Linux only, not on ${SYSTEMS.get(platform) ?? platform}: it locks by the program flock of util-linux. Run the job on Linux, or use asterisk-lockfile if Asterisk is set to it (lockmode=lockfile).`,
      );
    requireDirectory(directory);
    if (this.#flockIsThere) return;
    await requireFlock(signal);
    this.#flockIsThere = true;
  }

  /** Locks it otherwise. */
  async #isHeld(
    file: number,
    { stat, how, signal }: { stat: FileId; how: 'exclusive' | 'shared'; signal: AbortSignal | undefined },
  ): Promise<boolean> {
    return listedLock(stat) !== undefined || (await lockDescriptor(file, how, signal)) === 'held';
  }

  #heldBy(path: string, stat: FileId): Held {
    const pid = this.#holder(lockIn(resolve(path)), stat);
    const command = pid === undefined ? undefined : commandOf(pid);
    const detail =
      pid === undefined
        ? `a process has it locked; to see which: sudo fuser -v ${shellQuote(lockIn(resolve(path)))}`
        : `process ${pid}${command === undefined ? '' : ` (${command})`} has it locked`;
    return {
      path,
      ...(pid === undefined ? {} : { pid }),
      standing: { holder: 'alive', takeable: false, detail },
      identity: { dev: String(stat.dev), ino: String(stat.ino) },
    };
  }

  #holder(path: string, stat: FileId): number | undefined {
    const listed = listedLock(stat);
    if (!listed) return undefined;
    if (this.#known?.key !== listed.key)
      this.#known = { key: listed.key, pid: lockingProcess(path, stat, listed.pid) };
    return this.#known.pid;
  }
}

/** A lock of ours, as long as the descriptor is open. Children do not inherit it: Node opens files close-on-exec. */
class FlockHold implements Hold {
  readonly holding: Holding;
  readonly #path: string;
  readonly #find: (file: FileId) => Held;
  #file: number | undefined;

  constructor(holding: Holding, file: number, find: (file: FileId) => Held) {
    this.holding = holding;
    this.#path = lockIn(holding.path);
    this.#file = file;
    this.#find = find;
  }

  async check(): Promise<Check> {
    const path = quote(this.#path);
    if (this.#file === undefined) return { kind: 'compromised', detail: `${path} was unlocked already` };
    const there = lookAt(this.#path);
    if (!there)
      return {
        kind: 'compromised',
        detail: `somebody has removed ${path}: whoever makes it anew does not see our lock`,
      };
    if (!isSame(there, statOf(this.#file, this.#path))) {
      const by = listedLock(there) ? { by: this.#find(there) } : {};
      return {
        kind: 'compromised',
        detail: `${path} is another file than ours: somebody has removed ours and made it anew`,
        ...by,
      };
    }
    if (there.nlink === 1n) return OURS;
    return {
      kind: 'compromised',
      detail: `somebody has given ${path} a second name, which makes Asterisk go on without a lock; to find it: ${findOther(this.#path)}`,
    };
  }

  async release(): Promise<Check> {
    // What can't be looked at now stays locked: to be released, and judged, by the next try.
    const check = await this.check();
    if (this.#file !== undefined) closeQuietly(this.#file);
    this.#file = undefined;
    return check;
  }
}

function lockIn(directory: string): string {
  return join(directory, LOCK);
}

/** @throws ProtocolError when it is no ordinary file, or can't be opened */
function openLock(path: string, flags: number): number {
  let file: number;
  try {
    file = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    switch (codeOf(error)) {
      case 'ELOOP':
        throw refused(path, 'is a symbolic link', error);
      case 'EISDIR':
      case 'ENXIO':
        throw refused(path, 'is no ordinary file', error);
      default:
        throw problemOf(error, 'open', path);
    }
  }
  try {
    if (statOf(file, path).isFile()) return file;
    throw refused(path, 'is no ordinary file');
  } catch (error) {
    closeQuietly(file);
    throw error;
  }
}

function refused(path: string, why: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    'refused-file',
    `${quote(path)} ${why}, which Asterisk refuses to lock. Look what it is, and remove it if it is nobody's: ls -l ${shellQuote(path)}`,
    { cause },
  );
}

/** @throws ProtocolError when the file has a second name */
function requireOneName({ nlink }: BigIntStats, path: string): void {
  if (nlink <= 1n) return;
  throw new ProtocolError(
    'refused-file',
    `${quote(path)} has ${nlink} names (hard links). Asterisk refuses to lock it then and goes on unlocked. Find the others and remove them: ${findOther(path)}`,
  );
}

function findOther(path: string): string {
  const word = shellQuote(path);
  return `find "$(stat -c %m ${word})" -xdev -samefile ${word}`;
}

function statOf(file: number, path: string): BigIntStats {
  try {
    return fstatSync(file, { bigint: true });
  } catch (error) {
    throw problemOf(error, 'look at', path);
  }
}

function lookAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw problemOf(error, 'look at', path);
  }
}

function isSame(one: FileId, other: FileId): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}
