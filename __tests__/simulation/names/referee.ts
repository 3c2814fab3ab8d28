import type { LeaseRecord } from '../../../src/lease/record.ts';
import type { Process } from '../process.ts';
import type { Life, Run } from './life.ts';

/** Something happened that must not. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** What the referee asks of the world that it watches. */
export interface Scene {
  readonly nowMs: number;
  /** Whether the store's clock was ever set: then nothing follows from true time about an age. */
  readonly storeClockSet: boolean;
  lifeOf(id: string): Life | undefined;
  runNamed(id: string | undefined, attempt: number | undefined): Run | undefined;
  count(event: string): void;
  violated(what: string): void;
}

type Held = Extract<LeaseRecord, { state: 'held' }>;

/** Watches every write that applies to one lock, in their order, and checks what must hold of each in true time. */
export class Referee {
  readonly #scene: Scene;
  readonly #name: string;
  #newest: LeaseRecord | undefined;
  #newestAtMs = 0;

  constructor(scene: Scene, name: string) {
    this.#scene = scene;
    this.#name = name;
  }

  applied(by: Process, next: LeaseRecord): void {
    const previous = this.#newest;
    const ageMs = this.#scene.nowMs - this.#newestAtMs;
    this.#newest = next;
    this.#newestAtMs = this.#scene.nowMs;
    if (next.name !== this.#name) this.#violated(`has the record of ${next.name}`);
    if (!previous) return;
    if (next.trail[0] !== previous.nonce) this.#violated('a write is not the successor of the one before');
    this.#checkToken(previous, next);
    if (previous.state !== 'held') return;
    if (next.holder.leaseId !== previous.holder.leaseId) {
      this.#scene.count(
        previous.shared?.members.length === 0
          ? 'gap: taken'
          : previous.reserved
            ? 'reservation: taken'
            : 'steal',
      );
      this.#checkEnd(previous, ageMs);
    } else if (next.state === 'released') {
      if (next.ended.how === 'expired') this.#checkEnd(previous, ageMs);
      else this.#checkReleased(by, previous);
    } else if (next.state === 'held') this.#checkMembers(by, previous, next);
  }

  #violated(what: string): void {
    this.#scene.violated(`${this.#name}: ${what}`);
  }

  #checkToken(previous: LeaseRecord, next: LeaseRecord): void {
    const same = next.holder.leaseId === previous.holder.leaseId;
    const taken = !same || (previous.state === 'released' && next.state === 'held');
    // Over a lock that it had just given back, a client may give up a write that would have taken it again.
    const either = same && previous.state === 'released' && next.state === 'released';
    const rise = next.token - previous.token;
    if (either ? rise !== 0 && rise !== 1 : rise !== (taken ? 1 : 0))
      this.#violated(`token ${next.token} came after ${previous.token}`);
  }

  #checkMembers(by: Process, previous: Held, next: Held): void {
    if (!previous.shared || !next.shared) return;
    const before = previous.shared.members.map(({ memberId }) => memberId);
    const now = next.shared.members.map(({ memberId }) => memberId);
    const joined = now.filter((id) => !before.includes(id));
    this.#checkLeft(by, previous, now);
    for (const id of joined) {
      const { run } = this.#scene.lifeOf(id) ?? {};
      const { runId, runAttempt } = next.holder;
      if (run !== this.#scene.runNamed(runId, runAttempt)) this.#violated('a job of another run has joined');
      this.#scene.count(before.length === 0 ? 'gap: joined' : 'joined beside others');
    }
    const longest = Math.max(...next.shared.members.map(({ ttlMs }) => ttlMs));
    const renews = next.renewals > previous.renewals;
    if (renews && now.length > 0 && next.ttlMs !== longest)
      this.#violated(`a renewal of a lease that jobs have is for ${next.ttlMs} ms`);
  }

  /** Only who has worked under it, or has taken it for nothing, frees the lease of a run. */
  #checkReleased(by: Process, previous: Held): void {
    this.#checkLeft(by, previous, []);
    const { shared, holder } = previous;
    const last = shared?.members.at(0)?.memberId ?? holder.leaseId;
    const entered = this.#scene.lifeOf(last)?.entered === true;
    if (shared && !shared.closing && !entered && last !== holder.leaseId)
      this.#violated('a job that never entered has freed the lease of its run');
  }

  /** Each takes only itself off the list; to release is to take off the last. */
  #checkLeft(by: Process, previous: Held, now: readonly string[]): void {
    const gone = (previous.shared?.members ?? []).filter(({ memberId }) => !now.includes(memberId));
    if (gone.length > 1) this.#violated(`${gone.length} jobs were taken off the list at once`);
    for (const { memberId } of gone) {
      const life = this.#scene.lifeOf(memberId);
      if (!life || !by.name.startsWith(life.client)) this.#violated('a job took another one off the list');
      this.#scene.count(now.length > 0 ? 'left to others' : 'left as the last');
    }
  }

  /** A lease that somebody else ends must be over in true time, or proof must be true. */
  #checkEnd(previous: Held, ageMs: number): void {
    const { holder, shared, reserved, ttlMs } = previous;
    const ids = shared ? shared.members.map(({ memberId }) => memberId) : [holder.leaseId];
    const run = this.#scene.runNamed(holder.runId, holder.runAttempt);
    const lives = ids.flatMap((id) => this.#scene.lifeOf(id) ?? []);
    const over = shared ? run?.over === true : !reserved && lives.every(({ finished }) => finished);
    const oldEnough = this.#scene.storeClockSet || ageMs >= 0.88 * ttlMs;
    if (!over && !oldEnough) this.#violated(`a lease was ended ${Math.round(ageMs)} ms after its last write`);
    const believer = lives.find(({ believes }) => believes);
    if (believer) this.#violated(`the lease of ${believer} was ended, which believes in it`);
  }
}
