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
export declare function instantOf(clock: Clock): Instant;
export declare const systemClock: Clock;
/**
 * A signal that aborts when `parent` does or after `ms` of `clock`, for the one call that `work` makes with it.
 * The timer ends with the call, so nothing keeps a process alive.
 */
export declare function withTimeout<T>(clock: Clock, ms: number, parent: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
