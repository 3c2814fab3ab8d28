import { renameSync, unlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { isAlive } from '../base/process.ts';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { codeOf } from '../store/local-io.ts';
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
import { companionRecord, pidRecord } from './pid-record.ts';
import {
  companionOf,
  exists,
  forget,
  isSameSight,
  readIfAllowed,
  remember,
  type Sight,
  see,
} from './pid-sight.ts';
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
 * The pid files of github.com/nightlyone/lockfile, and of its fork with expiry in the AWS SSM agent: `L` names a process, and
 * its companion `L.expire` the second after which others may take the lock from a process that runs.
 *
 * The order of the two files is what keeps both of them true:
 * - Our companion is whole before our lock is there, so nobody ever sees the lock with an empty one, which the fork takes for
 *   an expired one. It is created under a name that must be free: where a lock came in between, with or without a companion,
 *   nothing of it is overwritten, and ours is taken away again.
 * - A companion without a lock is an orphan; it is removed before our lock is there, or it would let ours expire. It was read
 *   before the lock was seen absent, and only those very bytes in that very file are removed: who has taken the lock since
 *   then has written others into it. Should a companion be removed from under its lock all the same, then the lock no longer
 *   expires while its process runs: nobody enters who must not.
 * - Two of Leasehold that would meet at a companion, or at a stale lock, take turns by `alone`. The one who holds a lock
 *   without a ttl and needs no turn removes what comes beside it later, at each check; it has a minute or more for that.
 */

/** How long a record that makes no sense is left to whoever may be writing it. */
const MOMENT_MS = 100;
/** So often the lock may change under one try, or others of Leasehold be at it, before it gives up. */
const ROUNDS = 20;
const BETWEEN_ROUNDS_MS = 20;
const MODE = 0o600;
const MINUTE_MS = 60_000;

const ABILITIES: Abilities = {
  ttl: 'minutes',
  owner: 'pid',
  takeover: 'yes',
  limits: [
    'The record names a process of this machine: it excludes nobody on another machine, or in a container with pids of its own.',
    'Programs with the original library can remove a lock that is held (see docs/protocols.md); that is noticed, and cannot be prevented.',
  ],
};

export type PidAttempt =
  | { readonly kind: 'acquired'; readonly hold: PidHold; readonly took?: Held }
  | Extract<Attempt, { kind: 'held' }>;

/** The protocol `pid`; the operations of the original library stand in pid-lockfile.ts. */
export class PidProtocol implements Protocol {
  readonly name = 'pid';
  readonly abilities = ABILITIES;
  readonly retry = { everyMs: 100, jitterMs: 20 };
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** @throws UsageError when the ttl is not in whole minutes */
  async tryAcquire(request: Request): Promise<PidAttempt> {
    this.#refuse(request.path);
    refuseRequest(request);
    let took: Held | undefined;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round > 0 && !took) await this.#stepAside(request.signal);
      const sight = exists(request.path) ? await this.#look(request.path, request.signal) : undefined;
      if (!sight) {
        const hold = await this.#enter(request);
        if (hold) return { kind: 'acquired', hold, ...(took ? { took } : {}) };
        continue;
      }
      if (!sight.held.standing.takeable || !(await request.mayTake(sight.held)))
        return { kind: 'held', by: sight.held };
      if (await this.#takeOver(sight)) took = sight.held;
    }
    throw new ProtocolError(
      'contended',
      `${quote(request.path)} changed hands again and again while it was tried, or somebody on this machine is at it all the time: try again.`,
    );
  }

  async inspect(path: string, signal?: AbortSignal): Promise<Held | undefined> {
    this.#refuse(path);
    return (await this.#look(path, signal))?.held;
  }

  resume(holding: Holding): PidHold {
    return new PidHold(holding, this.#surroundings);
  }

  async break({ path, identity }: Held): Promise<boolean> {
    const broken = await alone(path, async () => {
      const sight = this.#see(path);
      return sight !== undefined && isSameFile(sight.held.identity, identity) && this.#remove(sight);
    });
    return broken === true;
  }

  watched(path: string): string {
    return dirname(path);
  }

  /** Other locks lie in the same directory, and what others try with comes and goes there. */
  concerns(name: string, path: string): boolean {
    return join(dirname(path), name) === normalize(path);
  }

  #refuse(path: string): void {
    if (this.#surroundings.platform === 'win32')
      throw new ProtocolError(
        'unsupported',
        'The protocol pid is not offered on Windows, where its record and its files mean something else. Use a lease there: leave out "protocol".',
      );
    if (!isAbsolute(path))
      throw new ProtocolError(
        'not-absolute',
        `${quote(path)} is not an absolute path, and the protocol pid wants one: begin it with "/".`,
      );
  }

  async #stepAside(signal?: AbortSignal): Promise<void> {
    const { clock, random } = this.#surroundings;
    await clock.sleep(BETWEEN_ROUNDS_MS * random.fraction(), signal);
  }

  /** Looks twice before it is content with a record that makes no sense. */
  async #look(path: string, signal?: AbortSignal): Promise<Sight | undefined> {
    const first = this.#see(path);
    if (!first?.unclear) return first;
    await this.#surroundings.clock.sleep(MOMENT_MS, signal);
    return this.#see(path);
  }

  #see(path: string): Sight | undefined {
    return see(path, this.#surroundings.clock.wallMs());
  }

  /** Takes a lock that nobody has. `undefined`: somebody was faster, or is at it. */
  async #enter(request: Request): Promise<PidHold | undefined> {
    const companion = companionOf(request.path);
    if (request.ttlMs === undefined && !exists(companion)) return this.#publish(request, request.path);
    return alone(request.path, async () => {
      const orphan = readFileState(companion);
      if (exists(request.path)) return undefined;
      if (orphan) takeAway(companion, orphan.identity, this.#beside(request.path));
      return this.#publish(request, request.path);
    });
  }

  #publish({ pid, ttlMs }: Request, path: string): PidHold | undefined {
    const companion = companionOf(path);
    let placed: Identity | undefined;
    const place = (ttlMs: number): boolean => {
      placed = publish({
        ...this.#record(path, companionRecord(this.#surroundings.clock.wallMs(), ttlMs)),
        path: companion,
      });
      return placed !== undefined;
    };
    let identity: Identity | undefined;
    try {
      const record = { ...this.#record(path, pidRecord(pid)), path };
      identity = publish(record, ttlMs === undefined ? {} : { before: () => place(ttlMs) });
    } finally {
      if (!identity && placed) takeAway(companion, placed, this.#beside(path));
    }
    if (!identity) return undefined;
    const ttl = ttlMs === undefined ? {} : { ttlMs };
    return new PidHold({ protocol: 'pid', path, pid, identity, ...ttl }, this.#surroundings);
  }

  #record(path: string, bytes: string): { temporary: string; bytes: string; mode: number; durable: false } {
    return { temporary: this.#beside(path), bytes, mode: MODE, durable: false };
  }

  /** @returns whether the stale lock is gone, by our hand */
  async #takeOver(stale: Sight): Promise<boolean> {
    const { path } = stale.held;
    const taken = await alone(path, async () => {
      // Its holder may have renewed it while the policy was asked.
      const sight = this.#see(path);
      return sight?.held.standing.takeable === true && isSameSight(sight, stale) && this.#remove(sight);
    });
    return taken === true;
  }

  /**
   * Removes a lock, and its companion after it: without its companion it would no longer expire.
   * @throws ProtocolError when another lock than this was caught, and could not be put back
   */
  #remove({ held: { path, identity }, companion }: Sight): boolean {
    const removed = takeAway(path, identity, this.#beside(path));
    if (removed === 'lost')
      throw new ProtocolError(
        'rogue-deletion',
        `${quote(path)} was exchanged just when it was to be removed, and two programs may now believe that they hold it.`,
      );
    if (removed !== 'removed') return false;
    if (companion) takeAway(companionOf(path), companion.identity, this.#beside(path));
    return true;
  }

  #beside(path: string): string {
    return temporaryBeside(path, this.#surroundings.random);
  }
}

function refuseRequest({ pid, ttlMs }: Request): void {
  if (!Number.isSafeInteger(pid) || pid <= 0)
    throw new UsageError(`pid: ${pid} is not the pid of a process.`);
  if (ttlMs !== undefined && !(Number.isSafeInteger(ttlMs / MINUTE_MS) && ttlMs > 0))
    throw new UsageError(
      'ttl: the protocol pid counts whole minutes: write 5m or 1h, or leave it out, and the lock lasts as long as its process.',
    );
}

/** A pid file that is ours. */
export class PidHold implements Hold {
  readonly holding: Holding;
  readonly renew?: () => Promise<Check>;
  readonly #surroundings: Surroundings;
  /** The companion of the lock, once that is removed, until it is removed too. */
  #orphan: Identity | undefined;

  constructor(holding: Holding, surroundings: Surroundings) {
    this.holding = holding;
    this.#surroundings = surroundings;
    const { ttlMs } = holding;
    if (ttlMs !== undefined) this.renew = async () => this.#renew(ttlMs);
    remember(holding.pid, holding.identity);
  }

  async check(): Promise<Check> {
    const check = this.#check();
    if (check.kind === 'ours' && this.holding.ttlMs === undefined) this.#removeStray();
    return check;
  }

  async release(): Promise<Check> {
    const { path, identity, ttlMs } = this.holding;
    if (!this.#orphan) {
      const check = this.#check();
      if (check.kind === 'compromised') return check;
      // As long as the lock is ours the companion is too, whichever of our processes has written it.
      const companion = ttlMs === undefined ? undefined : readFileState(companionOf(path));
      if (!this.#remove()) return this.#compromised();
      forget(identity);
      this.#orphan = companion?.identity;
    }
    if (this.#orphan) takeAway(companionOf(path), this.#orphan, this.#beside());
    this.#orphan = undefined;
    return { kind: 'ours' };
  }

  /**
   * Makes `pid` its holder, as ChangeOwner of the original does; its time, if it has one, begins anew. The record is exchanged
   * whole: the original empties it first, and counts as stale until it has written it.
   * @returns the new hold; this one is over then
   * @throws ProtocolError `dead-owner` when there is no such process, `rogue-deletion` when the lock is no longer ours
   */
  async changeOwner(pid: number): Promise<PidHold> {
    if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive({ pid }))
      throw new ProtocolError('dead-owner', `Process ${pid} does not run: it can't hold a lock.`);
    const { path, identity } = this.holding;
    // Whose time was over could meet its successor here.
    const check = this.renew ? await this.renew() : this.#check();
    if (check.kind === 'compromised')
      throw new ProtocolError('rogue-deletion', `${quote(path)} is no longer ours: ${check.detail}.`);
    const changed = this.#replace(path, pidRecord(pid));
    forget(identity);
    const hold = new PidHold({ ...this.holding, pid, identity: changed }, this.#surroundings);
    await hold.renew?.();
    return hold;
  }

  #remove(): boolean {
    const { path, pid, ttlMs, identity } = this.holding;
    // Nobody may take over what never expires from a process that runs, least of all between this call and the last.
    if (pid !== process.pid || ttlMs !== undefined)
      return takeAway(path, identity, this.#beside()) === 'removed';
    try {
      unlinkSync(path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      // Over NFS the answer to one that was done may be lost.
      if (!exists(path)) return true;
      throw problemOf(error, 'remove', path);
    }
  }

  #check(): Check {
    const { path, identity } = this.holding;
    const now = readIfAllowed(path);
    return now && now !== 'denied' && isSameFile(now.identity, identity)
      ? { kind: 'ours' }
      : this.#compromised();
  }

  #compromised(): Check {
    const { path, identity } = this.holding;
    forget(identity);
    const by = see(path, this.#surroundings.clock.wallMs())?.held;
    if (!by) return { kind: 'compromised', detail: `somebody has removed ${quote(path)}` };
    const who = by.pid === undefined ? 'somebody else' : `process ${by.pid}`;
    return { kind: 'compromised', detail: `${who} has put its own record into ${quote(path)}`, by };
  }

  #renew(ttlMs: number): Check {
    const before = this.#check();
    if (before.kind === 'compromised') return before;
    const { path } = this.holding;
    const companion = companionOf(path);
    const written = this.#replace(companion, companionRecord(this.#surroundings.clock.wallMs(), ttlMs));
    const after = this.#check();
    // It lies beside somebody else's lock now.
    if (after.kind === 'compromised') takeAway(companion, written, this.#beside());
    return after;
  }

  /** Puts a new file in the place of one, whole. */
  #replace(target: string, bytes: string): Identity {
    const temporary = this.#beside();
    const written = writeTemporary({ temporary, bytes, mode: MODE, durable: false });
    try {
      renameSync(temporary, target);
    } catch (error) {
      removeQuietly(temporary);
      throw problemOf(error, 'write', target);
    }
    return written;
  }

  /** A companion beside a lock without a ttl would let it expire. */
  #removeStray(): void {
    const companion = companionOf(this.holding.path);
    const stray = exists(companion) ? readFileState(companion) : undefined;
    if (stray) takeAway(companion, stray.identity, this.#beside());
  }

  #beside(): string {
    return temporaryBeside(this.holding.path, this.#surroundings.random);
  }
}
