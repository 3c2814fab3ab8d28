import {
  type BigIntStats,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { formatDuration, formatInstant } from '../base/duration.ts';
import type { Random } from '../base/random.ts';
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
import { alone, closeQuietly, failureOf, problemOf, putBack, removeQuietly } from './files.ts';
import {
  type Abilities,
  type Attempt,
  type Check,
  type Held,
  type Hold,
  type Holding,
  type Identity,
  ProtocolError,
  type Request,
  type Standing,
  type Surroundings,
} from './protocol.ts';

/*
 * Asterisk's `lockmode=lockfile`: a directory is locked while there is a file `.lock` in it, made by a hard link so that only
 * one can. The file is empty and lasts until it is removed: it says neither whose it is nor that its holder is dead.
 *
 * Whose it is is told by its inode, and because a freed inode number is given anew at once, by the microseconds of its mtime:
 * they are drawn for each hold, and every renewal keeps them. That its holder is dead is told by its age, if whoever comes
 * names one (`ttlMs`): a hold with a ttl sets the mtime anew in time, always to a moment within the next two seconds, so that
 * no filesystem's grain makes it look older than it is. Ages are taken by the filesystem's own clock alone.
 */

/** A lock without a ttl that was made so lately is stale for nobody: the shortest ttl that a user may give is 5 s. */
const YOUNG_MS = 1_000;

const LOCK = '.lock';
const MICROS = 1_000_000;

/** How often a try begins again because the lock came or went under its hands. */
const MOST_ROUNDS = 8;

/** What one look found at a path. */
interface Look {
  readonly identity: Identity;
  readonly mtimeNs: bigint;
  /** Why it is no lock of this protocol's: then nobody takes it over. */
  readonly alien?: string;
}

export class AsteriskLockfile implements AsteriskProtocol {
  readonly name = 'asterisk-lockfile';
  readonly abilities: Abilities = {
    ttl: 'age',
    owner: 'none',
    takeover: 'by-age',
    limits: [
      'Its record is empty: nobody can see who holds it, or whether the holder is still there.',
      'What a dead holder left is taken over only with a ttl, by its age. Asterisk never does that, and never renews its own: the ttl must be longer than Asterisk ever holds the lock.',
      'A clock that is set forward makes a lock look older than it is.',
    ],
  };
  readonly timing: AsteriskTiming;
  readonly retry: AsteriskProtocol['retry'];
  readonly #surroundings: Surroundings;
  /** Who waits makes no file in vain at every try. */
  #looksFirst = false;
  /** A lock that can't be old enough until then, by the monotonic clock: who waits for it need not measure. */
  #young: { readonly look: Look; readonly untilMs: number } | undefined;

  constructor(surroundings: Surroundings, { variant = 'asterisk' }: AsteriskOptions = {}) {
    this.#surroundings = surroundings;
    this.timing = ASTERISK_TIMINGS[variant];
    this.retry = { everyMs: this.timing.everyMs, jitterMs: 0 };
  }

  async tryAcquire(request: Request): Promise<Attempt> {
    this.#requireSystem();
    const directory = resolve(request.path);
    let took: Held | undefined;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const look = this.#looksFirst ? lookAt(lockIn(directory)) : undefined;
      if (!look) {
        const hold = this.#publish(directory, request);
        this.#looksFirst = hold === undefined;
        if (hold) return { kind: 'acquired', hold, ...(took ? { took } : {}) };
        continue;
      }
      const by = heldBy(request.path, look, this.#standing(directory, look, request.ttlMs));
      if (!by.standing.takeable || !(await request.mayTake(by))) return { kind: 'held', by };
      const removed = await alone(lockIn(directory), async () => this.#remove(directory, look));
      if (removed === undefined) return { kind: 'held', by };
      if (removed) took = by;
    }
    throw new ProtocolError(
      'vanished',
      `${quote(lockIn(directory))} came and went ${MOST_ROUNDS} times while it was looked at. Nothing is held; try again.`,
    );
  }

  async inspect(path: string): Promise<Held | undefined> {
    const directory = resolve(path);
    const look = lookAt(lockIn(directory));
    if (look) return heldBy(path, look, this.#standing(directory, look, undefined));
    requireDirectory(directory);
    return undefined;
  }

  resume(holding: Holding): Hold {
    return new LockfileHold(holding, this.#surroundings);
  }

  async break(held: Held): Promise<boolean> {
    const directory = resolve(held.path);
    const look = lookAt(lockIn(directory));
    if (!look || !isSame(look.identity, held.identity)) return false;
    if (look.alien === undefined) return this.#remove(directory, look);
    throw new ProtocolError(
      'refused-file',
      `${quote(lockIn(directory))} is ${look.alien}, which no program of this protocol makes. See what it is, and remove it by hand if it is nobody's: ls -ld ${shellQuote(lockIn(directory))}`,
    );
  }

  watched(path: string): string {
    return resolve(path);
  }

  /** The temporary files of each try come and go too. */
  concerns(name: string): boolean {
    return name === LOCK;
  }

  #requireSystem(): void {
    if (this.#surroundings.platform !== 'win32') return;
    throw new ProtocolError(
      'unsupported',
      'asterisk-lockfile is not offered on Windows, where Asterisk does not run. Run the job on Linux or macOS.',
    );
  }

  /** @returns `undefined` when somebody else was faster */
  #publish(directory: string, { pid, ttlMs }: Request): Hold | undefined {
    const path = lockIn(directory);
    const startedMs = this.#surroundings.clock.monotonicMs();
    const { file, temporary, stat } = createTemporary(directory, this.timing.mode, this.#surroundings);
    let published = false;
    try {
      touch(file, stat.mtimeNs, drawn(this.#surroundings.random) % MICROS);
      // Its answer alone proves nothing: over NFS it may be lost, or be that of a repeated call.
      const failure = failureOf(() => linkSync(temporary, path));
      const look = lookAt(path);
      published = look?.identity.dev === String(stat.dev) && look.identity.ino === String(stat.ino);
      if (look && published) {
        const { identity } = look;
        const timed = ttlMs === undefined ? {} : { ttlMs };
        const holding: Holding = { protocol: this.name, path: directory, pid, identity, ...timed };
        return new LockfileHold(holding, this.#surroundings, { file, madeMs: startedMs });
      }
      if (!look && failure !== undefined && codeOf(failure) !== 'EEXIST') throw failure;
      return undefined;
    } catch (error) {
      // It may be there already, and nobody would ever remove it.
      if (fstatSync(file).nlink > 1) removeQuietly(path);
      throw problemOf(error, 'create', path);
    } finally {
      removeQuietly(temporary);
      if (!published) closeQuietly(file);
    }
  }

  #standing(directory: string, look: Look, ttlMs: number | undefined): Standing {
    const unknown = { holder: 'unknown', takeable: false } as const;
    if (look.alien !== undefined)
      return { ...unknown, detail: `it is ${look.alien}, which Asterisk never makes: see what it is` };
    if (ttlMs === undefined)
      return { ...unknown, detail: 'its record is empty, and no ttl says when it is too old' };
    const ageMs = this.#ageMs(directory, look, ttlMs);
    const expired = ageMs >= ttlMs;
    const detail = `it was touched ${formatDuration(Math.max(ageMs, 0))} ago, with a ttl of ${formatDuration(ttlMs)}`;
    return { ...unknown, expired, takeable: expired, detail };
  }

  /** By the filesystem's clock; while it can't have reached the ttl yet, by ours since that was last asked. */
  #ageMs(directory: string, look: Look, ttlMs: number): number {
    const nowMs = this.#surroundings.clock.monotonicMs();
    const young = this.#young;
    if (young && isUntouched(young.look, look) && nowMs < young.untilMs)
      return ttlMs - (young.untilMs - nowMs);
    const ageMs = Number(filesystemNow(directory, this.#surroundings) - look.mtimeNs) / 1e6;
    this.#young = { look, untilMs: nowMs + ttlMs - ageMs };
    return ageMs;
  }

  /** @returns whether it was still there, untouched since that look, and is gone */
  #remove(directory: string, look: Look): boolean {
    return takeAway(directory, (now) => isUntouched(now, look), this.#surroundings);
  }
}

/** A `.lock` of ours. While it is open nobody else's file gets its inode number. */
class LockfileHold implements Hold {
  readonly holding: Holding;
  readonly #surroundings: Surroundings;
  readonly #lock: string;
  readonly #madeMs: number;
  #file: number | undefined;
  #released = false;

  /** @param open the file of a lock that this process has made; without it, one that another process has left */
  constructor(holding: Holding, surroundings: Surroundings, open?: { file: number; madeMs: number }) {
    this.holding = holding;
    this.#surroundings = surroundings;
    this.#lock = lockIn(holding.path);
    this.#file = open?.file;
    this.#madeMs = open?.madeMs ?? Number.NEGATIVE_INFINITY;
  }

  async check(): Promise<Check> {
    return this.#look();
  }

  async renew(): Promise<Check> {
    this.#claim();
    if (this.#file === undefined) return this.#compromised();
    try {
      touch(this.#file, this.#filesystemNow(this.#file), Number(this.holding.identity.mark));
    } catch (error) {
      throw problemOf(error, 'renew', this.#lock);
    }
    // The file is ours, but whether it still has the name is not known: who judged it stale may have taken it over.
    return this.#look();
  }

  async release(): Promise<Check> {
    const check = this.#look();
    if (check.kind === 'ours') {
      const removed = this.#isNobodyElses() ? this.#unlink() : this.#takeAway();
      if (!removed) return this.#compromised();
    }
    this.#released = true;
    if (this.#file !== undefined) closeQuietly(this.#file);
    this.#file = undefined;
    return check;
  }

  #look(): Check {
    this.#claim();
    const look = lookAt(this.#lock);
    return look && this.#isOurs(look) ? OURS : this.#compromised(look);
  }

  /** Opens what another process has left, if it is what that process had. */
  #claim(): void {
    if (this.#released || this.#file !== undefined) return;
    const look = lookAt(this.#lock);
    if (!look || look.alien !== undefined || !isSame(look.identity, this.holding.identity)) return;
    let file: number;
    try {
      file = openSync(this.#lock, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw problemOf(error, 'open', this.#lock);
    }
    if (isSame(identityOf(fstatSync(file, { bigint: true })), this.holding.identity)) this.#file = file;
    else closeQuietly(file);
  }

  #isOurs({ identity: { dev, ino } }: Look): boolean {
    return this.#file !== undefined && dev === this.holding.identity.dev && ino === this.holding.identity.ino;
  }

  #compromised(look = lookAt(this.#lock)): Check {
    if (!look) return { kind: 'compromised', detail: `somebody has removed ${quote(this.#lock)}` };
    const standing = { holder: 'unknown', takeable: false, detail: 'its record is empty' } as const;
    return {
      kind: 'compromised',
      detail: `${quote(this.#lock)} is another file than ours: somebody has removed ours, and it was locked anew`,
      by: heldBy(this.holding.path, look, standing),
    };
  }

  /** The time by the filesystem's clock: what it writes when a file is cut to the length that it has. Needs no space. */
  #filesystemNow(file: number): bigint {
    const before = fstatSync(file, { bigint: true });
    ftruncateSync(file, 0);
    const after = fstatSync(file, { bigint: true });
    // Either the system leaves such a file alone, or the same moment came by chance.
    return after.mtimeNs === before.mtimeNs
      ? filesystemNow(this.holding.path, this.#surroundings)
      : after.mtimeNs;
  }

  /** However long this process may be stopped before its next call. With a ttl it may be somebody else's by then. */
  #isNobodyElses(): boolean {
    const { ttlMs } = this.holding;
    return ttlMs === undefined && this.#surroundings.clock.monotonicMs() - this.#madeMs < YOUNG_MS;
  }

  #unlink(): boolean {
    try {
      unlinkSync(this.#lock);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw problemOf(error, 'remove', this.#lock);
    }
  }

  #takeAway(): boolean {
    return takeAway(this.holding.path, (look) => this.#isOurs(look), this.#surroundings);
  }
}

function lockIn(directory: string): string {
  return join(directory, LOCK);
}

/** As Asterisk names its temporary files. */
function besideLock(directory: string, { random }: Surroundings): string {
  return `${lockIn(directory)}-${drawn(random).toString(16).padStart(8, '0')}`;
}

/** 31 random bits, as random(3) gives them. */
function drawn(random: Random): number {
  return Number.parseInt(random.hex(4), 16) >>> 1;
}

/** @throws ProtocolError when it can't be looked at */
function lookAt(path: string): Look | undefined {
  try {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return (
      stat && { identity: identityOf(stat), mtimeNs: stat.mtimeNs, ...(isPlain(stat) ? {} : alienOf(stat)) }
    );
  } catch (error) {
    throw problemOf(error, 'look at', path);
  }
}

function identityOf({ dev, ino, mtimeNs }: BigIntStats): Identity {
  return { dev: String(dev), ino: String(ino), mark: String((mtimeNs / 1_000n) % BigInt(MICROS)) };
}

function isPlain(stat: BigIntStats): boolean {
  return stat.isFile() && stat.size === 0n;
}

function alienOf(stat: BigIntStats): { alien: string } {
  if (stat.isFile()) return { alien: `a file of ${stat.size} bytes` };
  if (stat.isDirectory()) return { alien: 'a directory' };
  return { alien: stat.isSymbolicLink() ? 'a symbolic link' : 'no file' };
}

function isSame(one: Identity, other: Identity): boolean {
  return one.dev === other.dev && one.ino === other.ino && one.mark === other.mark;
}

/** Nor was it renewed. */
function isUntouched(one: Look, other: Look): boolean {
  return isSame(one.identity, other.identity) && one.mtimeNs === other.mtimeNs;
}

/** Sets the mtime to the microsecond `mark` of the second that comes next. */
function touch(file: number, nowNs: bigint, mark: number): void {
  // Half a microsecond more, so that no rounding on the way to the system and the disk makes it the one before.
  const seconds = Number(nowNs / 1_000_000_000n) + 1 + (mark + 0.5) / MICROS;
  futimesSync(file, seconds, seconds);
}

/** The time by the clock of the directory's filesystem, nanoseconds. */
function filesystemNow(directory: string, surroundings: Surroundings): bigint {
  const { file, temporary, stat } = createTemporary(directory, 0o600, surroundings);
  closeQuietly(file);
  removeQuietly(temporary);
  return stat.mtimeNs;
}

function createTemporary(
  directory: string,
  mode: number,
  surroundings: Surroundings,
): { file: number; temporary: string; stat: BigIntStats } {
  for (let round = 0; ; round += 1) {
    const temporary = besideLock(directory, surroundings);
    let file: number;
    try {
      file = openSync(temporary, 'wx', mode);
    } catch (error) {
      if (codeOf(error) === 'EEXIST' && round < MOST_ROUNDS) continue;
      throw problemOf(error, 'create', temporary);
    }
    try {
      return { file, temporary, stat: fstatSync(file, { bigint: true }) };
    } catch (error) {
      closeQuietly(file);
      removeQuietly(temporary);
      throw problemOf(error, 'create', temporary);
    }
  }
}

/**
 * Removes the `.lock` if `isIt` says so, by a name of our own, so that what is judged is what is removed. Anything else that
 * was caught is put back.
 * @returns whether it was there, and is gone
 * @throws ProtocolError when it could not be removed; `rogue-deletion` when what was caught could not be put back
 */
function takeAway(directory: string, isIt: (look: Look) => boolean, surroundings: Surroundings): boolean {
  const path = lockIn(directory);
  const before = lookAt(path);
  if (!before || !isIt(before)) return false;
  const aside = besideLock(directory, surroundings);
  const failure = failureOf(() => renameSync(path, aside));
  const caught = lookAside(aside, path);
  if (!caught && failure !== undefined && codeOf(failure) !== 'ENOENT')
    throw problemOf(failure, 'remove', path);
  if (!caught) return failure === undefined;
  const isOurs = isIt(caught);
  if (isOurs) removeQuietly(aside);
  else returnTo(path, aside);
  return isOurs;
}

function returnTo(path: string, aside: string): void {
  if (putBack(aside, path) === 'other') return;
  throw new ProtocolError(
    'rogue-deletion',
    `${quote(path)} changed while it was being removed, and could not be put back: somebody has locked the directory anew. Whoever held it has lost it. Nothing is held here.`,
  );
}

/** What lies aside now, whatever rename(2) has answered: over NFS its answer may be lost. What can't be looked at is put back. */
function lookAside(aside: string, path: string): Look | undefined {
  try {
    return lookAt(aside);
  } catch (error) {
    returnTo(path, aside);
    throw error;
  }
}

function heldBy(path: string, { identity, mtimeNs }: Look, standing: Standing): Held {
  return { path, since: formatInstant(Number(mtimeNs) / 1e6), standing, identity };
}
