import { EXPIRY_GRACE_MS, STEAL_WATCH_MS } from '../../src/lease/policy.ts';
import { Client } from './client.ts';
import { Operator } from './operator.ts';
import { RATE_SPREAD } from './plan.ts';
import type { World } from './world.ts';

/** The slowest poll of a waiter (docs/algorithm.md, Waiting), with its jitter. */
const POLL_MS = 5_500;
/** A back-off that began before the calm, with its jitter: what a holder's last write or a waiter's next look may wait for. */
const BACK_OFF_MS = 6_500;
/** The longest lock delay that a client draws. */
const LOCK_DELAY_MS = 8_000;
/** A dozen calls one after the other, each 0.2 s at most, and alarms that ring on the next stroke of the grid. */
const CALLS_MS = 4_000;

/**
 * The moment at which all faults stop: whoever was paused goes on, every machine is awake, nothing is under way any more.
 * Jobs end then, and one more client comes who waits. Somebody must get the lock within a bound, and he himself in the end.
 */
export class Calm {
  readonly #world: World;
  readonly #signal = new AbortController();
  #entered = false;
  #patientGotIt = false;

  constructor(world: World) {
    this.#world = world;
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  schedule(): void {
    const { timeline, plan } = this.#world;
    // What arrives at the very last moment of the faults comes first.
    timeline.schedule(plan.calmMs + 1, () => this.#begin());
  }

  /** Somebody got the lock. */
  entered(): void {
    if (this.#signal.signal.aborted) this.#entered = true;
  }

  checkEnd(): void {
    if (!this.#patientGotIt) this.#world.violated('the client that came last never got the lock');
  }

  #begin(): void {
    const world = this.#world;
    world.say('calm', () => 'all faults have stopped');
    this.#countLock();
    this.#signal.abort();
    const patient = world.startProcess('p', world.newMachine('p'));
    world.run(patient, async () => {
      this.#patientGotIt = await new Client(world, 'p', patient.machine).takeOnce(patient);
    });
    if (world.policyOf('p') === 'never') this.#freeByOperator();
    this.#expectEntry();
  }

  #countLock(): void {
    const { referee } = this.#world;
    const { newest } = referee;
    const life = newest?.state === 'held' ? this.#world.lifeOf(newest.holder.leaseId) : undefined;
    if (!life) this.#world.count('calm: lock free');
    else if (life.finished) this.#world.count('calm: lock held by a dead holder');
    else this.#world.count('calm: lock held by a living holder');
  }

  /** Under `never` what a dead holder left is freed by a person; once all that live have given back what they hold. */
  #freeByOperator(): void {
    const { timeline } = this.#world;
    timeline.schedule(timeline.nowMs + BACK_OFF_MS + CALLS_MS, () =>
      new Operator(this.#world, 'q').startToFree(),
    );
  }

  /**
   * Counted from the calm: a holder that lives gives back what it holds after one more back-off at most. What a dead one
   * has left is stolen, at the latest, when a waiter that came at the calm has watched it for the ttl and the grace, was
   * watched for a moment more, and has looked again; by the slowest clock. Then it may be held for a lock delay.
   */
  get #boundMs(): number {
    const { ttlMs } = this.#world.plan.timing;
    const expiryMs = (ttlMs + EXPIRY_GRACE_MS + STEAL_WATCH_MS + POLL_MS) / (1 - RATE_SPREAD);
    return 2 * BACK_OFF_MS + expiryMs + LOCK_DELAY_MS + CALLS_MS;
  }

  #expectEntry(): void {
    const { timeline } = this.#world;
    timeline.schedule(timeline.nowMs + this.#boundMs, () => {
      if (!this.#entered)
        this.#world.violated(
          `nobody got the lock within ${Math.round(this.#boundMs)} ms after the last fault`,
        );
    });
  }
}
