import { endedHold, type Hold, ownHold, recordHolds } from '../lease/history.ts';
import type { LossCause } from '../lease/lease.ts';
import type { Acquired } from './events.ts';

/** How long writing the history may hold up the end of a command. */
export const RECORD_WITHIN_MS = 2_000;

/** What the lock's history is told of a hold of this process, beside everything else and best effort. */
export class Memory {
  readonly #taken: Acquired;
  readonly #acquiredMs: number;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(taken: Acquired) {
    this.#taken = taken;
    const { clock } = taken.lease.lock;
    this.#acquiredMs = clock.monotonicMs();
    // At once: the hold that was stolen may be told of by nobody else, and this process may not live to do it later.
    if (taken.stolen) this.#write(endedHold(taken.stolen.from, 'stolen', clock.wallMs()));
  }

  get heldMs(): number {
    return this.#taken.lease.lock.clock.monotonicMs() - this.#acquiredMs;
  }

  /** The hold is over. */
  add(ended: 'released' | LossCause): void {
    const { lease, waitedMs } = this.#taken;
    const nowMs = lease.lock.clock.wallMs();
    this.#write(ownHold(lease.record, { ended, waitedMs, heldMs: this.heldMs, nowMs }));
  }

  /** All that was added is written, or was given up. */
  get written(): Promise<unknown> {
    return this.#queue;
  }

  #write(hold: Hold): void {
    const { lock } = this.#taken.lease;
    this.#queue = this.#queue.then(() => recordHolds(lock, [hold], { withinMs: RECORD_WITHIN_MS }));
  }
}
