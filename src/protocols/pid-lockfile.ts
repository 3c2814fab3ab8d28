import { isAlive } from '../base/process.ts';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { readFileState } from './files.ts';
import { type PidAttempt, type PidHold, PidProtocol } from './pid.ts';
import { parsePid } from './pid-record.ts';
import { type Held, ProtocolError, type Surroundings } from './protocol.ts';

const MINUTE_MS = 60_000;
const PAUSE_MS = 100;
const RETRY_ROUNDS = 2;

/** `hold`: the lock, under its new owner. */
export type OwnerChange =
  | { readonly kind: 'changed'; readonly hold: PidHold }
  | Extract<PidAttempt, { kind: 'held' }>;

/**
 * The operations of github.com/nightlyone/lockfile v1.0.0 and of its fork with expiry in the AWS SSM agent, for this process
 * and one path. What the original calls busy is the outcome `held`; its other errors are `ProtocolError`s, those that may
 * pass with `temporary`. A lock that this process holds already is held; the original takes it once more.
 */
export class PidLockfile {
  readonly path: string;
  readonly #protocol: PidProtocol;
  readonly #surroundings: Surroundings;
  #hold: PidHold | undefined;

  constructor(path: string, surroundings: Surroundings) {
    this.path = path;
    this.#surroundings = surroundings;
    this.#protocol = new PidProtocol(surroundings);
  }

  /**
   * TryLock: one try, for as long as this process runs.
   * @throws ProtocolError `not-absolute`; `vanished` (temporary) when it was there and is gone; others as the system refuses
   */
  async tryLock(): Promise<PidAttempt> {
    return this.#try();
  }

  /**
   * TryLockExpire: one try; others may take the lock when `minutes` are over.
   * @throws UsageError when `minutes` is not a whole number above 0, ProtocolError as `tryLock`
   */
  async tryLockExpire(minutes: number): Promise<PidAttempt> {
    if (!Number.isSafeInteger(minutes) || minutes <= 0)
      throw new UsageError(`minutes: ${minutes} is not a whole number above 0.`);
    return this.#try(minutes * MINUTE_MS);
  }

  /**
   * TryLockExpireWithRetry: up to two rounds of a try, 100 ms, and another, as long as they fail; a lock that is held ends
   * them. After a round the original deletes the lock, whoever's it is; this deletes nothing.
   * @throws as `tryLockExpire`
   */
  async tryLockExpireWithRetry(minutes: number): Promise<PidAttempt> {
    for (let round = 1; ; round += 1) {
      const first = await this.#bearing(() => this.tryLockExpire(minutes));
      if (!(first instanceof ProtocolError)) return first;
      await this.#surroundings.clock.sleep(PAUSE_MS);
      const second = await this.#bearing(() => this.tryLockExpire(minutes));
      if (!(second instanceof ProtocolError)) return second;
      if (round === RETRY_ROUNDS) throw second;
    }
  }

  /**
   * GetOwner.
   * @returns the pid of the process that has the lock; `undefined` when there is no lock
   * @throws ProtocolError `invalid-pid` when the record names none, `dead-owner` when that process is gone
   */
  async getOwner(): Promise<number | undefined> {
    const record = readFileState(this.path);
    if (!record) return undefined;
    const pid = parsePid(record.identity.bytes);
    if (pid === undefined)
      throw new ProtocolError('invalid-pid', `${quote(this.path)} names no process: look at it (cat).`);
    if (!isAlive({ pid }))
      throw new ProtocolError('dead-owner', `${quote(this.path)} names process ${pid}, which is gone.`);
    return pid;
  }

  /**
   * ChangeOwner: hands the lock over to a process that runs; only its owner can. The time of a lock with one begins anew.
   * @throws ProtocolError `dead-owner` when there is no process `pid`, `rogue-deletion` when the lock is gone
   */
  async changeOwner(pid: number): Promise<OwnerChange> {
    const hold = await this.#owned();
    if ('standing' in hold) return { kind: 'held', by: hold };
    const changed = await hold.changeOwner(pid);
    this.#hold = pid === process.pid ? changed : undefined;
    return { kind: 'changed', hold: changed };
  }

  /**
   * Unlock: removes the lock, and its companion after it.
   * @throws ProtocolError `rogue-deletion` when it is not ours (any more); it is left as it is then
   */
  async unlock(): Promise<void> {
    const hold = await this.#owned();
    if ('standing' in hold)
      throw new ProtocolError('rogue-deletion', `${quote(this.path)} is not ours: ${hold.standing.detail}.`);
    this.#hold = undefined;
    const released = await hold.release();
    if (released.kind === 'compromised')
      throw new ProtocolError('rogue-deletion', `${quote(this.path)} was ours: ${released.detail}.`);
  }

  async #try(ttlMs?: number): Promise<PidAttempt> {
    const attempt = await this.#protocol.tryAcquire({
      path: this.path,
      pid: process.pid,
      ...(ttlMs === undefined ? {} : { ttlMs }),
      mayTake: async ({ standing }) => standing.takeable,
    });
    if (attempt.kind === 'acquired') this.#hold = attempt.hold;
    return attempt;
  }

  /** Ours, or one that its owner has made ours by ChangeOwner: its record names this process. Else who has it. */
  async #owned(): Promise<PidHold | Held> {
    if (this.#hold) return this.#hold;
    const held = await this.#protocol.inspect(this.path);
    if (!held) throw new ProtocolError('rogue-deletion', `${quote(this.path)} is not there.`);
    // Another hold of this process has it: that one ends it.
    if (held.pid !== process.pid || held.standing.holder === 'alive') return held;
    const { path, identity, ttlMs = MINUTE_MS } = held;
    const ttl = held.standing.expired === undefined ? {} : { ttlMs };
    this.#hold = this.#protocol.resume({ protocol: 'pid', path, pid: process.pid, identity, ...ttl });
    return this.#hold;
  }

  async #bearing(work: () => Promise<PidAttempt>): Promise<PidAttempt | ProtocolError> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProtocolError) return error;
      throw error;
    }
  }
}
