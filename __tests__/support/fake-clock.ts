import type { Clock } from '../../src/base/clock.ts';

export interface TimelineOptions {
  /**
   * How everything that needs no time is let run. `immediate` waits for real input and output too, as far as it is there.
   * `tick` is five times as fast, and exact as long as there is none: what process.nextTick calls runs only once no
   * microtask is left.
   */
  readonly settle?: 'immediate' | 'tick';
  /** Who goes first of those that are due at the same moment: the least. Default: who came first. */
  readonly tie?: () => number;
}

/** One that waits for its moment. The moment may have moved on by the time it comes, never back. */
class Timer {
  atMs: number;
  readonly tie: number;
  readonly sequence: number;
  readonly dueMs: (() => number) | undefined;
  ring: (() => void) | undefined;

  constructor(due: number | (() => number), order: { tie: number; sequence: number }, ring: () => void) {
    this.dueMs = typeof due === 'number' ? undefined : due;
    this.atMs = typeof due === 'number' ? due : due();
    this.tie = order.tie;
    this.sequence = order.sequence;
    this.ring = ring;
  }

  before(other: Timer): boolean {
    if (this.atMs !== other.atMs) return this.atMs < other.atMs;
    if (this.tie !== other.tie) return this.tie < other.tie;
    return this.sequence < other.sequence;
  }
}

/** A binary heap, the next timer on top. */
class Timers {
  readonly #heap: Timer[] = [];

  get next(): Timer | undefined {
    return this.#heap[0];
  }

  add(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    for (; at > 0; ) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Timer;
      if (!timer.before(parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  removeNext(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) this.#sink(last);
  }

  #sink(timer: Timer): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as Timer).before(heap[below] as Timer)) below += 1;
      const child = heap[below] as Timer;
      if (!child.before(timer)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = timer;
  }
}

/**
 * The true time of a test. It moves only when told, from one sleeper to the next, and between two moves everything that
 * can run runs. Several clocks that disagree can live on one timeline.
 */
export class Timeline {
  /** Called after each step, when all that could run has run. What it throws ends the move. */
  onStep: (() => void) | undefined;
  readonly #settleBy: (resolve: () => void) => void;
  readonly #tie: (() => number) | undefined;
  readonly #timers = new Timers();
  #nowMs = 0;
  #sleepers = 0;
  #sequence = 0;

  constructor({ settle = 'immediate', tie }: TimelineOptions = {}) {
    this.#settleBy =
      settle === 'tick' ? (resolve) => process.nextTick(resolve) : (resolve) => setImmediate(resolve);
    this.#tie = tie;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many sleepers wait. */
  get sleepers(): number {
    return this.#sleepers;
  }

  /**
   * Calls `ring` once at the moment `due`; the answer cancels it.
   * @param due in true time. A function is asked again when the moment comes, since a suspend may have moved it on
   */
  schedule(due: number | (() => number), ring: () => void): () => void {
    this.#sequence += 1;
    const timer = new Timer(due, { tie: this.#tie?.() ?? 0, sequence: this.#sequence }, ring);
    this.#timers.add(timer);
    this.#sleepers += 1;
    return () => {
      if (!timer.ring) return;
      timer.ring = undefined;
      this.#sleepers -= 1;
    };
  }

  /** Lets everything run that needs no time: all microtasks are done before an immediate is. */
  settle(): Promise<void> {
    return new Promise(this.#settleBy);
  }

  /** Moves on by `ms`, waking whoever is due on the way, each at its own moment. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    while (this.#ring(endMs)) await this.#stepped();
    this.#nowMs = endMs;
    await this.settle();
  }

  /** Moves on from sleeper to sleeper until `promise` settles, and hands on how it did. */
  async run<T>(promise: Promise<T>, limitMs = 86_400_000): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (!settled) {
      if (!this.#ring(endMs)) {
        throw new Error(
          this.#sleepers === 0
            ? 'nobody sleeps, and the promise is still open: it waits for ever'
            : `still open after ${limitMs} ms`,
        );
      }
      await this.settle();
      this.onStep?.();
    }
    return promise;
  }

  /** Moves on until nobody sleeps any more. */
  async runUntilIdle(limitMs = 86_400_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (this.#ring(endMs)) await this.#stepped();
    if (this.#sleepers > 0) throw new Error(`somebody still sleeps after ${limitMs} ms`);
  }

  /** Wakes whoever is due next; nobody if that is after `endMs`. */
  #ring(endMs: number): boolean {
    const timer = this.#next();
    if (!timer?.ring || timer.atMs > endMs) return false;
    this.#timers.removeNext();
    this.#nowMs = Math.max(this.#nowMs, timer.atMs);
    const { ring } = timer;
    timer.ring = undefined;
    this.#sleepers -= 1;
    ring();
    return true;
  }

  async #stepped(): Promise<void> {
    await this.settle();
    this.onStep?.();
  }

  /** Who is due next: without those that were cancelled, and with those put back whose moment has moved. */
  #next(): Timer | undefined {
    for (;;) {
      const timer = this.#timers.next;
      if (!timer) return undefined;
      const dueMs = timer.ring ? (timer.dueMs?.() ?? timer.atMs) : Number.NEGATIVE_INFINITY;
      if (timer.ring && dueMs <= timer.atMs) return timer;
      this.#timers.removeNext();
      if (!timer.ring) continue;
      timer.atMs = dueMs;
      this.#timers.add(timer);
    }
  }
}

// Without it a sleeper may wake a rounding error before its time and sleep again for nothing.
const ROUNDING_MS = 1e-6;

/** A clock that moves with its timeline, at a rate of its own, and can be set, or suspended with its machine. */
export class FakeClock implements Clock {
  readonly timeline: Timeline;
  readonly #rate: number;
  #wallOffsetMs: number;
  #anchor: { readonly trueMs: number; readonly monotonicMs: number };

  constructor(
    options: {
      readonly timeline?: Timeline;
      readonly wallMs?: number;
      readonly monotonicMs?: number;
      readonly rate?: number;
    } = {},
  ) {
    this.timeline = options.timeline ?? new Timeline();
    this.#rate = options.rate ?? 1;
    this.#wallOffsetMs = (options.wallMs ?? Date.UTC(2026, 2, 1, 12)) - this.timeline.nowMs * this.#rate;
    this.#anchor = { trueMs: this.timeline.nowMs, monotonicMs: options.monotonicMs ?? 5_000_000 };
  }

  /** Whole milliseconds, as the system gives them. */
  wallMs(): number {
    return Math.floor(this.#wallOffsetMs + this.timeline.nowMs * this.#rate);
  }

  monotonicMs(): number {
    const { trueMs, monotonicMs } = this.#anchor;
    return monotonicMs + Math.max(0, this.timeline.nowMs - trueMs) * this.#rate;
  }

  alarm(ms: number, ring: () => void): () => void {
    const untilMs = this.monotonicMs() + Math.max(0, ms);
    return this.timeline.schedule(() => this.trueTimeOf(untilMs), ring);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        cancel();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = this.alarm(ms, wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Sets the wall clock by `ms`, forward or back. The monotonic one does not notice. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  /** The machine sleeps for the next `ms`: its monotonic clock and all its timers stand still, its wall clock goes on. */
  suspend(ms: number): void {
    const monotonicMs = this.monotonicMs();
    this.#anchor = { trueMs: Math.max(this.timeline.nowMs, this.#anchor.trueMs) + ms, monotonicMs };
  }

  get suspended(): boolean {
    return this.timeline.nowMs < this.#anchor.trueMs;
  }

  /** The true time at which the machine wakes, or last woke. */
  get wakesMs(): number {
    return this.#anchor.trueMs;
  }

  advance(ms: number): Promise<void> {
    return this.timeline.advance(ms);
  }

  run<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    return this.timeline.run(promise, limitMs);
  }

  /** The true time at which the monotonic clock will show `monotonicMs`, as far as is known now. */
  trueTimeOf(monotonicMs: number): number {
    const { trueMs, monotonicMs: anchorMs } = this.#anchor;
    return trueMs + Math.max(0, monotonicMs - anchorMs) / this.#rate + ROUNDING_MS;
  }
}
