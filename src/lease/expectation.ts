import { formatDuration, parseInstant } from '../base/duration.ts';
import type { LockContext } from './context.ts';
import { type Hold, readHistory } from './history.ts';
import type { LeaseRecord } from './record.ts';

/** Fewer holds than that say nothing of the next. */
const FEWEST = 3;

/** How long a lock is usually held: the median of the holds that ended by themselves, reservations aside. */
export interface Usual {
  readonly heldMs: number;
  readonly holds: number;
}

/** `undefined` when too few holds are known. */
export function usualHold(holds: readonly Hold[]): Usual | undefined {
  const times = holds
    .filter(({ how, reserved }) => how === 'released' && !reserved)
    .map(({ heldMs }) => heldMs)
    .filter((ms) => ms !== undefined)
    .sort((a, b) => a - b);
  if (times.length < FEWEST) return undefined;
  const [lower = 0, upper = 0] = [times[(times.length - 1) >> 1], times[times.length >> 1]];
  return { heldMs: (lower + upper) / 2, holds: times.length };
}

/**
 * What who waits for a lock may expect, by the lock's history. It is read once, in the background, after the first look: a
 * wait is no slower for it, and a lock that is free never pays for it.
 */
export class Expectation {
  readonly #lock: LockContext;
  readonly #over = new AbortController();
  #record: LeaseRecord | undefined;
  #usual: Usual | undefined;

  constructor(lock: LockContext) {
    this.#lock = lock;
  }

  /** To be called at every look at a lock that is held. `onKnown` is called once, if there is something to be said. */
  follow(record: LeaseRecord, onKnown: () => void): void {
    const first = this.#record === undefined;
    this.#record = record;
    if (first) void this.#read(onKnown);
  }

  get usual(): Usual | undefined {
    return this.#usual;
  }

  /**
   * How much of the usual time is left to the present holder, in milliseconds, by its own clock and ours; 0 when it holds
   * longer than usual. `undefined`: nobody knows; of a reservation its own end is known.
   */
  get leftMs(): number | undefined {
    const held = this.#record?.state === 'held' && !this.#record.reserved ? this.#record : undefined;
    const acquiredMs = parseInstant(held?.acquiredAt ?? '');
    if (!this.#usual || acquiredMs === undefined) return undefined;
    const heldMs = Math.max(0, this.#lock.clock.wallMs() - acquiredMs);
    return Math.max(0, this.#usual.heldMs - heldMs);
  }

  /** `about 3m left`, or `longer than usual`. */
  get left(): string | undefined {
    const { leftMs } = this;
    if (leftMs === undefined) return undefined;
    return leftMs > 0 ? `about ${formatDuration(roughly(leftMs))} left` : 'longer than usual';
  }

  /** `about 3m left; it is usually held for 4m12s (median of 12 holds)`. */
  get words(): string | undefined {
    const { usual, left } = this;
    if (!usual || left === undefined) return undefined;
    return `${left}; it is usually held for ${formatDuration(usual.heldMs)} (median of ${usual.holds} holds)`;
  }

  /** The wait is over. */
  end(): void {
    this.#over.abort();
  }

  async #read(onKnown: () => void): Promise<void> {
    try {
      this.#usual = usualHold(await readHistory(this.#lock, this.#over.signal));
    } catch {
      // It is a help for people. Whoever waits has other ways to learn of a store that does not answer.
      return;
    }
    if (!this.#over.signal.aborted && this.words !== undefined) onKnown();
  }
}

/** To 10 s below a minute, then to whole minutes: nobody can know it better. */
function roughly(ms: number): number {
  const grainMs = ms < 60_000 ? 10_000 : 60_000;
  return Math.ceil(ms / grainMs) * grainMs;
}
