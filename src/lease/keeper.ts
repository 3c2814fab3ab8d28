import { type Instant, instantOf } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { jitter } from '../base/random.ts';
import { backOff, isStoreError } from './context.ts';
import type { Lease, LossCause } from './lease.ts';
import { DEADLINE_CHECK_MS } from './policy.ts';

export type KeepEnd = { readonly kind: 'stopped' } | { readonly kind: 'lost'; readonly cause: LossCause };

export interface KeepOptions {
  /** Stops renewing. The lease stays held: releasing is the caller's. */
  readonly signal: AbortSignal;
  /** Longest hold in milliseconds; then the lease is left to run out. */
  readonly maxHoldMs?: number;
  /** After each renewal that applied. `lateMs`: how far past its deadline the lease was, if it was. */
  readonly onRenewed?: (lateMs: number | undefined) => void;
  /** A renewal did not get through; it will be tried again. */
  readonly onTrouble?: (error: Error) => void;
}

/** A lease that is being kept. */
export interface Keeping {
  /** Aborts when the lease is lost, with the cause as its reason (or the error that ended the keeping): stop whatever the lock protects. */
  readonly lost: AbortSignal;
  /** Settles when renewing has ended, by `signal` or by the loss. */
  readonly ended: Promise<KeepEnd>;
}

/** Starts to renew `lease` until `options.signal` aborts or it is lost. */
export function keep(lease: Lease, options: KeepOptions): Keeping {
  const lost = new AbortController();
  const ended = new KeeperLoop(lease, options).run().then(
    (end) => {
      if (end.kind === 'lost') lost.abort(end.cause);
      return end;
    },
    (error: unknown) => {
      // Nobody renews any more (a callback threw): whoever only looks at the signal must learn it too.
      lost.abort(error);
      throw error;
    },
  );
  return { lost: lost.signal, ended };
}

/** How long the one late renewal may take: the loss must be known before anybody else may enter. */
const LATE_RENEWAL_MS = 5_000;

/** More than two clocks drift apart between two looks, and far less than a margin. */
const SET_BACK_MS = 100;

class KeeperLoop {
  readonly #lease: Lease;
  readonly #options: KeepOptions;
  readonly #startedMs: number;
  /** The clocks when they were last looked at. */
  #looked: Instant;
  /** What was seen of a wall clock that was set back since the last renewal that applied, and when. */
  #setBacks: { readonly seenMs: number; readonly ms: number }[] = [];
  #dueMs: number;
  #failures = 0;

  constructor(lease: Lease, options: KeepOptions) {
    this.#lease = lease;
    this.#options = options;
    this.#startedMs = lease.lock.clock.monotonicMs();
    this.#looked = lease.snapshot.sentAt;
    this.#dueMs = this.#nextDueMs();
  }

  async run(): Promise<KeepEnd> {
    const { clock } = this.#lease.lock;
    const { signal, maxHoldMs = Number.POSITIVE_INFINITY } = this.#options;
    while (!signal.aborted) {
      const now = this.#look();
      let end: KeepEnd | undefined;
      if (now.monotonicMs - this.#startedMs >= maxHoldMs) end = lostTo({ kind: 'max-hold', maxHoldMs });
      else if (!this.#lease.believes(now)) end = await this.#renewLate();
      else if (now.monotonicMs >= this.#dueMs) end = await this.#renew();
      else await clock.sleep(Math.min(this.#dueMs - now.monotonicMs, DEADLINE_CHECK_MS), signal);
      if (end) return end;
    }
    return { kind: 'stopped' };
  }

  /**
   * Looks at both clocks. Where the wall clock was set back since the last look, the deadline goes back with it: if the
   * machine sleeps before the next renewal, or slept before, neither clock would show else how much time has passed, for the
   * monotonic one stands still and the wall clock starts from too early. A renewal is due then, so that what other processes
   * know of this lease is by the new time.
   */
  #look(): Instant {
    const now = instantOf(this.#lease.lock.clock);
    const { sentAt } = this.#lease.snapshot;
    const last = sentAt.monotonicMs > this.#looked.monotonicMs ? sentAt : this.#looked;
    const setBackMs = now.monotonicMs - last.monotonicMs - (now.wallMs - last.wallMs);
    this.#looked = now;
    if (setBackMs > SET_BACK_MS) {
      this.#lease.setBack(setBackMs);
      this.#setBacks.push({ seenMs: now.monotonicMs, ms: setBackMs });
      this.#dueMs = now.monotonicMs;
    }
    return now;
  }

  #nextDueMs(): number {
    const { timing, lock, snapshot } = this.#lease;
    return snapshot.sentAt.monotonicMs + jitter(lock.random, timing.renewEveryMs, 0.1);
  }

  async #renew(): Promise<KeepEnd | undefined> {
    const guard = this.#guardDeadline();
    try {
      const outcome = await this.#lease.renew(this.#lease.deadline.monotonicMs, guard.signal);
      if (outcome.kind === 'lost') return lostTo(outcome.cause);
      this.#renewed(undefined);
    } catch (error) {
      if (this.#options.signal.aborted) return undefined;
      if (!isStoreError(error)) throw error;
      if (error.kind === 'corrupt') return lostTo({ kind: 'refused', detail: error.message });
      // Denied or misconfigured may pass too (credentials being rotated): tried until the deadline decides.
      this.#options.onTrouble?.(error);
      if (!guard.signal.aborted) await backOff(this.#lease.lock, this.#failures, guard.signal);
      this.#failures += 1;
    } finally {
      guard.end();
    }
    return undefined;
  }

  /**
   * A separate check of the deadline, for a renewal that hangs while time runs out or a clock is set: cuts it off, so that
   * the late renewal can decide.
   */
  #guardDeadline(): { signal: AbortSignal; end: () => void } {
    const { clock } = this.#lease.lock;
    const cut = new AbortController();
    const done = new AbortController();
    const watch = async (): Promise<void> => {
      while (!done.signal.aborted) {
        if (!this.#lease.believes(this.#look())) return cut.abort(new Error('no answer before the deadline'));
        const leftMs = this.#lease.deadline.monotonicMs - clock.monotonicMs();
        await clock.sleep(Math.max(1, Math.min(leftMs, DEADLINE_CHECK_MS)), done.signal);
      }
    };
    void watch();
    return { signal: AbortSignal.any([cut.signal, this.#options.signal]), end: () => done.abort() };
  }

  /**
   * The one renewal past the deadline. If it applies, the version was still this lease's own, so nobody entered in
   * between (a machine that slept, a clock that was set) and the hold goes on. Anything else is the loss.
   */
  async #renewLate(): Promise<KeepEnd | undefined> {
    const { clock } = this.#lease.lock;
    const { deadline, timing } = this.#lease;
    const now = instantOf(clock);
    const lateMs = Math.max(now.monotonicMs - deadline.monotonicMs, now.wallMs - deadline.wallMs);
    const untilMs = now.monotonicMs + Math.min(LATE_RENEWAL_MS, timing.marginMs / 2);
    const timeUp = new AbortController();
    const done = new AbortController();
    const leftMs = untilMs - now.monotonicMs;
    const tooLate = new Error(`no answer within ${Math.round(leftMs)} ms`);
    void clock.sleep(leftMs, done.signal).then(() => timeUp.abort(tooLate));
    try {
      const outcome = await this.#lease.renew(
        untilMs,
        AbortSignal.any([timeUp.signal, this.#options.signal]),
      );
      if (outcome.kind === 'lost') return lostTo(outcome.cause);
      this.#renewed(lateMs);
      return undefined;
    } catch (error) {
      if (this.#options.signal.aborted) return undefined;
      if (!isStoreError(error)) throw error;
      const detail = `no renewal got through for ${formatDuration(timing.ttlMs - timing.marginMs + Math.max(lateMs, 0))}: ${error.message.replace(/\.$/, '')}`;
      return lostTo(
        error.kind === 'unavailable' || error.kind === 'indeterminate'
          ? { kind: 'unreachable', detail }
          : { kind: 'refused', detail },
      );
    } finally {
      done.abort();
    }
  }

  #renewed(lateMs: number | undefined): void {
    // The deadline is now by a write that was under way when the clock was set back.
    const { sentAt } = this.#lease.snapshot;
    for (const { seenMs, ms } of this.#setBacks) if (seenMs > sentAt.monotonicMs) this.#lease.setBack(ms);
    this.#setBacks = [];
    this.#failures = 0;
    this.#dueMs = this.#nextDueMs();
    this.#options.onRenewed?.(lateMs);
  }
}

function lostTo(cause: LossCause): KeepEnd {
  return { kind: 'lost', cause };
}
