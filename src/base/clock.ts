/**
 * The only source of time. Everything else takes a `Clock`, so that the simulation and the tests own time.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump either way. For people, and as the second opinion of a deadline. */
  wallMs(): number;
  /**
   * Monotonic clock in milliseconds from an arbitrary start. On Linux it is CLOCK_MONOTONIC, which all processes of one
   * boot share, and which stands still while the machine sleeps.
   */
  monotonicMs(): number;
  /** Calls `ring` once, after `ms`. The answer cancels it. */
  alarm(ms: number, ring: () => void): () => void;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects: the caller looks at its signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One moment on both clocks. */
export interface Instant {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export function instantOf(clock: Clock): Instant {
  return { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
}

// setTimeout turns longer delays into 1 ms.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  alarm,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = alarm(ms, done);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

function alarm(ms: number, ring: () => void): () => void {
  const timer = setTimeout(ring, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
  return () => clearTimeout(timer);
}

/**
 * A signal that aborts when `parent` does or after `ms` of `clock`, for the one call that `work` makes with it.
 * The timer ends with the call, so nothing keeps a process alive.
 */
export async function withTimeout<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const call = new AbortController();
  const pass = (): void => call.abort(parent?.reason);
  if (parent?.aborted) pass();
  parent?.addEventListener('abort', pass, { once: true });
  const cancel = clock.alarm(ms, () => call.abort(new Error(`no answer within ${Math.round(ms)} ms`)));
  try {
    return await work(call.signal);
  } finally {
    cancel();
    parent?.removeEventListener('abort', pass);
  }
}
