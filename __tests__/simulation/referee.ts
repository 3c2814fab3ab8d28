import type { LeaseRecord } from '../../src/lease/record.ts';
import type { Event } from './coverage.ts';
import type { Life } from './life.ts';
import type { Process } from './process.ts';

/** Something happened that must not. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** As src/lease/record.ts has it. */
const TRAIL = 8;

/** What the referee asks of the world that it watches. */
export interface Scene {
  readonly nowMs: number;
  /** Whether the store's clock was ever set: then nothing follows from true time about an age. */
  readonly storeClockSet: boolean;
  lifeOf(leaseId: string): Life | undefined;
  /** The lease that this process, an operator's, was told to break. */
  breakingBy(process: Process): string | undefined;
  /** Whether this process may write for that life: its own client's. */
  isOwn(process: Process, life: Life): boolean;
  count(event: Event): void;
  violated(what: string): void;
}

/**
 * Watches every write that applies to the lock, in the order in which they do, and checks what must hold of each in true
 * time.
 */
export class Referee {
  readonly #scene: Scene;
  readonly #tokens = new Map<number, string>();
  #newest: LeaseRecord | undefined;
  #newestAtMs = 0;
  #writes = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** The record as the last write left it. */
  get newest(): LeaseRecord | undefined {
    return this.#newest;
  }

  get writes(): number {
    return this.#writes;
  }

  /** Whether the trail of the newest record still reaches back to that write: further back nobody can see. */
  remembers(write: number): boolean {
    return this.#writes - write <= TRAIL;
  }

  applied(by: Process, body: string): LeaseRecord {
    const next = JSON.parse(body) as LeaseRecord;
    const previous = this.#newest;
    const ageMs = this.#scene.nowMs - this.#newestAtMs;
    this.#newest = next;
    this.#writes += 1;
    this.#newestAtMs = this.#scene.nowMs;
    this.#checkChain(previous, next);
    this.#checkToken(previous, next);
    this.#checkWriter(by, previous, next);
    const life = this.#scene.lifeOf(next.holder.leaseId);
    if (life) this.#noteWrite(life, by, { body, next });
    if (life && !this.#scene.breakingBy(by)) this.#checkTransition(life, { previous, next, ageMs });
    return next;
  }

  #checkChain(previous: LeaseRecord | undefined, next: LeaseRecord): void {
    if (previous && next.trail[0] !== previous.nonce)
      this.#scene.violated('a write is not the successor of the one before');
  }

  #checkToken(previous: LeaseRecord | undefined, next: LeaseRecord): void {
    const { leaseId } = next.holder;
    const before = this.#tokens.get(next.token);
    if (before !== undefined && before !== leaseId)
      this.#scene.violated(`token ${next.token} was given out twice`);
    this.#tokens.set(next.token, leaseId);
    if (!previous) return;
    if (next.token < previous.token)
      this.#scene.violated(`the token fell from ${previous.token} to ${next.token}`);
    const enters = leaseId !== previous.holder.leaseId;
    if (enters && next.token !== previous.token + 1)
      this.#scene.violated(`a new holder has token ${next.token} after ${previous.token}`);
  }

  /** Nobody changes a lease that is not his own. A break by an operator is the exception, and only of the lease it named. */
  #checkWriter(by: Process, previous: LeaseRecord | undefined, next: LeaseRecord): void {
    const { leaseId } = next.holder;
    const named = this.#scene.breakingBy(by);
    if (named !== undefined) {
      const held = previous?.state === 'held' && previous.holder.leaseId === named;
      if (!held || leaseId !== named || next.state !== 'released')
        this.#scene.violated('an operator changed another lease than the one that was named');
      else {
        this.#scene.count('transition: break');
        const life = this.#scene.lifeOf(named);
        if (life) {
          life.broken = true;
          life.brokenAt = this.#writes;
        }
      }
      return;
    }
    const life = this.#scene.lifeOf(leaseId);
    if (!life || !this.#scene.isOwn(by, life))
      this.#scene.violated('a client wrote the lease of somebody else');
  }

  #noteWrite(life: Life, by: Process, { body, next }: { body: string; next: LeaseRecord }): void {
    if (life.newest && !life.newest.heard && life.newest.by === by && next.state === 'held')
      this.#scene.count('hold: adopted a renewal whose answer was lost');
    const appliedAtMs = life.machine.clock.monotonicMs();
    life.newest = { body, nonce: next.nonce, by, appliedAtMs, heard: false };
    if (next.state === 'held' && next.renewals === 0) {
      // It may enter anew when it has given back, or lost, what it had while it was still acquiring.
      life.entry = { body, heard: false };
      life.broken = false;
      life.releasedBy.clear();
    }
    if (next.state === 'released' && next.ended.how === 'released') life.releasedBy.set(by, this.#writes);
    if (next.state === 'held' && life.gaveUp !== undefined)
      this.#scene.violated(`a lease whose client had said "${life.gaveUp}" is held after all`);
  }

  #checkTransition(
    life: Life,
    { previous, next, ageMs }: { previous: LeaseRecord | undefined; next: LeaseRecord; ageMs: number },
  ): void {
    const held = next.state === 'held';
    if (!previous) {
      this.#scene.count(held ? 'transition: absent to held' : 'transition: given up over nothing');
    } else if (previous.state !== 'held') {
      this.#scene.count(held ? 'transition: released to held' : 'transition: given up over a released lock');
    } else if (previous.holder.leaseId === next.holder.leaseId) {
      this.#checkOwn(life, previous, next);
    } else {
      const victim = this.#scene.lifeOf(previous.holder.leaseId);
      this.#checkSteal(life, victim, { ttlMs: previous.ttlMs, ageMs });
      if (life.vetoes && life.allowed !== previous.nonce)
        this.#scene.violated('a lock was stolen that the veto command had not allowed to steal');
      if (held && life.policy !== 'never') this.#scene.count(`transition: steal: ${life.policy}`);
      if (!held) this.#scene.count('transition: given up over a stale lease');
    }
  }

  #checkOwn(life: Life, previous: LeaseRecord, next: LeaseRecord): void {
    if (next.token !== previous.token)
      this.#scene.violated(`a lease changed its token from ${previous.token} to ${next.token}`);
    if (next.state !== 'held') {
      this.#scene.count(life.state === 'acquiring' ? 'acquisition: given back' : 'transition: release');
      return;
    }
    if (next.renewals !== previous.renewals + 1)
      this.#scene.violated(`renewal ${next.renewals} came after ${previous.renewals}`);
    this.#scene.count('transition: renewal');
  }

  /** A steal is right when the policy of the thief has it so, in true time. */
  #checkSteal(
    thief: Life,
    victim: Life | undefined,
    { ttlMs, ageMs }: { ttlMs: number; ageMs: number },
  ): void {
    const { policy } = thief;
    if (!victim) return;
    if (!victim.finished) this.#scene.count('transition: steal from a holder that lives');
    const needsExpiry = policy === 'expired' || policy === 'expired-and-holder-finished';
    const needsProof = policy === 'holder-finished' || policy === 'expired-and-holder-finished';
    if (policy === 'never') this.#scene.violated('a lock was stolen under the policy never');
    if (needsProof && !victim.finished)
      this.#scene.violated('a lock was stolen without proof from a holder that is not gone');
    if (needsExpiry && victim.believes)
      this.#scene.violated('a lock was stolen before the deadline of a holder that is there');
    // A thief whose reads fail may learn an age for the first time when the clock of the store was just set.
    if (needsExpiry && victim.healthy && thief.job.troubledUntilMs < thief.beganMs)
      this.#scene.violated('a lock was stolen from a holder that was alive and well and could renew');
    if (needsExpiry && !this.#scene.storeClockSet && ageMs < 0.9 * ttlMs)
      this.#scene.violated(`a lease was stolen ${Math.round(ageMs)} ms after its last write`);
  }
}
