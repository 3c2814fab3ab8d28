import type { Clock } from '../../src/base/clock.ts';

interface Timer {
  /** When it is due in true time; asked anew each time, since a suspend moves it. */
  readonly dueMs: () => number;
  readonly ring: () => void;
}

/**
 * The true time of a test. It moves only when told, from one sleeper to the next, and between two moves everything that
 * can run runs. Several clocks that disagree can live on one timeline.
 */
export class Timeline {
  /** Called after each step, when all that could run has run. What it throws ends the move. */
  onStep: (() => void) | undefined;
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many sleepers wait. */
  get sleepers(): number {
    return this.#timers.size;
  }

  /** Calls `ring` once at the moment that `dueMs` names; the answer cancels it. */
  schedule(dueMs: () => number, ring: () => void): () => void {
    const timer = { dueMs, ring };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets everything run that needs no time: all microtasks are done before an immediate is. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves on by `ms`, waking whoever is due on the way, each at its own moment. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    while (await this.#step(endMs));
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
      if (!(await this.#step(endMs))) {
        throw new Error(
          this.#timers.size === 0
            ? 'nobody sleeps, and the promise is still open: it waits for ever'
            : `still open after ${limitMs} ms`,
        );
      }
    }
    return promise;
  }

  /** Moves on until nobody sleeps any more. */
  async runUntilIdle(limitMs = 86_400_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (await this.#step(endMs));
    if (this.#timers.size > 0) throw new Error(`somebody still sleeps after ${limitMs} ms`);
  }

  async #step(endMs: number): Promise<boolean> {
    let next: Timer | undefined;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers) {
      const dueMs = timer.dueMs();
      if (dueMs < nextMs) [next, nextMs] = [timer, dueMs];
    }
    if (!next || nextMs > endMs) return false;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, nextMs);
    next.ring();
    await this.settle();
    this.onStep?.();
    return true;
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
    return this.timeline.schedule(() => this.#trueTimeOf(untilMs), ring);
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

  advance(ms: number): Promise<void> {
    return this.timeline.advance(ms);
  }

  run<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    return this.timeline.run(promise, limitMs);
  }

  #trueTimeOf(monotonicMs: number): number {
    const { trueMs, monotonicMs: anchorMs } = this.#anchor;
    return trueMs + Math.max(0, monotonicMs - anchorMs) / this.#rate + ROUNDING_MS;
  }
}
