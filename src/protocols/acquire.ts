import { watch } from 'node:fs';
import { type Instant, instantOf } from '../base/clock.ts';
import type { StalePolicy } from '../lease/policy.ts';
import {
  type Held,
  type Hold,
  type Protocol,
  ProtocolError,
  type Request,
  type Surroundings,
} from './protocol.ts';

export interface AcquireRequest extends Omit<Request, 'mayTake'> {
  readonly stalePolicy: StalePolicy;
  /** The `on-stale` command, which may forbid that a stale lock is taken over. */
  readonly veto?: (held: Held, signal?: AbortSignal) => Promise<{ allowed: boolean; detail: string }>;
  /** How long to wait for a held lock; 0 tries once. */
  readonly waitTimeoutMs: number;
  /** `true` means that the job is over and nothing may be acquired any more. */
  readonly closed?: () => boolean;
  /** Called after every try that found the lock held. */
  readonly onWait?: (waiting: Waiting) => void;
  /** Called when a try failed for a reason that may pass; of many such tries, now and then. */
  readonly onTrouble?: (error: ProtocolError) => void;
}

/** What a waiter knows after a try. */
export interface Waiting {
  readonly held: Held;
  readonly decision: Decision;
  readonly waitedMs: number;
  readonly nextTryMs: number;
}

/** What the policy made of a lock that was held. */
export type Decision =
  | { readonly kind: 'wait' }
  /** It is stale by the protocol's rule, but the policy or the veto leaves it alone. */
  | { readonly kind: 'spare'; readonly why: string };

export type AcquireOutcome =
  | {
      readonly kind: 'acquired';
      readonly hold: Hold;
      /** Just before it was taken: its ttl counts from then. */
      readonly triedAt: Instant;
      readonly waitedMs: number;
      /** The stale lock that was taken over. */
      readonly took?: Held;
    }
  | { readonly kind: 'busy'; readonly by: Held }
  | { readonly kind: 'timed-out'; readonly by: Held; readonly waitedMs: number }
  | { readonly kind: 'cancelled' };

/** How long failures that may pass are tried again, when the wait itself may be longer. */
const PATIENCE_MS = 120_000;
/** How often they are told of. */
const TELL_EVERY_MS = 10_000;
/** The on-stale command is not asked again so soon about the same lock, however often the protocol tries. */
const VETO_HOLDS_MS = 5_000;

/**
 * Takes a lock by `protocol`, waiting for it as long as the request allows: with the protocol's own timing between two tries,
 * and sooner when the directory shows that something has changed.
 * @throws ProtocolError when it can't be taken like this; nothing is held then
 */
export async function acquireBy(
  protocol: Protocol,
  request: AcquireRequest,
  surroundings: Surroundings,
): Promise<AcquireOutcome> {
  return new Acquisition(protocol, request, surroundings).run();
}

class Acquisition {
  readonly #protocol: Protocol;
  readonly #request: AcquireRequest;
  readonly #surroundings: Surroundings;
  readonly #startedMs: number;
  #troubleSinceMs: number | undefined;
  #troubleToldMs = Number.NEGATIVE_INFINITY;
  #vetoed: { readonly lock: string; readonly detail: string; readonly untilMs: number } | undefined;
  #triedAt: Instant;
  /** Why the lock of the last try was spared. */
  #spared: string | undefined;
  #last: Held | undefined;

  constructor(protocol: Protocol, request: AcquireRequest, surroundings: Surroundings) {
    this.#protocol = protocol;
    this.#request = request;
    this.#surroundings = surroundings;
    this.#triedAt = instantOf(surroundings.clock);
    this.#startedMs = this.#triedAt.monotonicMs;
  }

  async run(): Promise<AcquireOutcome> {
    const over = new AbortController();
    const alarm = new Alarm(this.#protocol, this.#request.path, over.signal);
    try {
      while (!this.#over()) {
        const outcome = await this.#round(alarm);
        if (outcome) return outcome;
      }
      return { kind: 'cancelled' };
    } finally {
      over.abort();
    }
  }

  /** One try; what is left of the wait is slept away. */
  async #round(alarm: Alarm): Promise<AcquireOutcome | undefined> {
    const changed = alarm.armed();
    const held = await this.#try();
    if (held && 'kind' in held) return held;
    const { everyMs, jitterMs } = this.#protocol.retry;
    const leftMs = this.#request.waitTimeoutMs - this.#waitedMs();
    const by = held ?? this.#last;
    if (leftMs <= 0 && by) {
      const outcome = { by, waitedMs: this.#waitedMs() };
      return this.#request.waitTimeoutMs === 0 ? { kind: 'busy', by } : { kind: 'timed-out', ...outcome };
    }
    const nextTryMs = Math.min(
      everyMs + jitterMs * this.#surroundings.random.fraction(),
      Math.max(leftMs, 1),
    );
    if (held) this.#tell(held, nextTryMs);
    await this.#sleep(nextTryMs, changed);
    return undefined;
  }

  /** @returns the outcome when the lock was taken, else who holds it; `undefined` when that could not be found out this time */
  async #try(): Promise<Extract<AcquireOutcome, { kind: 'acquired' | 'cancelled' }> | Held | undefined> {
    this.#spared = undefined;
    this.#triedAt = instantOf(this.#surroundings.clock);
    try {
      const attempt = await this.#protocol.tryAcquire({
        ...this.#request,
        mayTake: (held) => this.#mayTake(held),
      });
      this.#troubleSinceMs = undefined;
      if (attempt.kind === 'held') {
        this.#last = attempt.by;
        return attempt.by;
      }
      const { hold, took } = attempt;
      if (this.#over()) {
        await hold.release();
        return { kind: 'cancelled' };
      }
      const outcome = { hold, triedAt: this.#triedAt, waitedMs: this.#waitedMs() };
      return { kind: 'acquired', ...outcome, ...(took ? { took } : {}) };
    } catch (error) {
      this.#bear(error);
      return undefined;
    }
  }

  /** @throws the error, unless it may pass and there is time left */
  #bear(error: unknown): void {
    if (this.#over() && error instanceof ProtocolError) return;
    if (!(error instanceof ProtocolError) || !error.temporary) throw error;
    const nowMs = this.#surroundings.clock.monotonicMs();
    this.#troubleSinceMs ??= nowMs;
    if (this.#waitedMs() >= this.#request.waitTimeoutMs) {
      // It was held whenever that could be seen.
      if (this.#last) return;
      throw error;
    }
    if (nowMs - this.#troubleSinceMs >= PATIENCE_MS) throw error;
    if (nowMs - this.#troubleToldMs < TELL_EVERY_MS) return;
    this.#troubleToldMs = nowMs;
    this.#request.onTrouble?.(error);
  }

  async #mayTake(held: Held): Promise<boolean> {
    const { stalePolicy } = this.#request;
    if (!isStale(held, stalePolicy)) {
      if (held.standing.takeable) this.#spared = `stale-policy is ${stalePolicy}`;
      return false;
    }
    const vetoed = await this.#ask(held);
    // The command may have taken its time, and nothing is taken before its answer.
    this.#triedAt = instantOf(this.#surroundings.clock);
    if (vetoed !== undefined) this.#spared = `the on-stale command forbids it (${vetoed})`;
    return vetoed === undefined;
  }

  /** @returns why the on-stale command forbids it */
  async #ask(held: Held): Promise<string | undefined> {
    const { veto, signal } = this.#request;
    const { clock } = this.#surroundings;
    const lock = JSON.stringify(held.identity);
    if (this.#vetoed?.lock === lock && clock.monotonicMs() < this.#vetoed.untilMs) return this.#vetoed.detail;
    const verdict = await veto?.(held, signal);
    if (verdict?.allowed !== false) return undefined;
    this.#vetoed = { lock, detail: verdict.detail, untilMs: clock.monotonicMs() + VETO_HOLDS_MS };
    return verdict.detail;
  }

  #tell(held: Held, nextTryMs: number): void {
    const decision: Decision =
      this.#spared === undefined ? { kind: 'wait' } : { kind: 'spare', why: this.#spared };
    this.#request.onWait?.({ held, decision, waitedMs: this.#waitedMs(), nextTryMs });
  }

  async #sleep(ms: number, changed: AbortSignal): Promise<void> {
    const { signal } = this.#request;
    const any = signal ? AbortSignal.any([signal, changed]) : changed;
    await this.#surroundings.clock.sleep(ms, any);
  }

  #over(): boolean {
    return this.#request.signal?.aborted === true || this.#request.closed?.() === true;
  }

  #waitedMs(): number {
    return this.#surroundings.clock.monotonicMs() - this.#startedMs;
  }
}

/**
 * Whether a policy lets a held lock be taken over. `expired` is the protocol's own rule, which other programs go by; a dead
 * holder is proof under `holder-finished` even where the protocol would wait for its ttl.
 */
export function isStale({ standing }: Held, policy: StalePolicy): boolean {
  switch (policy) {
    case 'never':
      return false;
    case 'expired':
      return standing.takeable;
    case 'holder-finished':
      return standing.holder === 'finished';
    case 'expired-and-holder-finished':
      return standing.holder === 'finished' && standing.expired !== false;
  }
}

/** Wakes who sleeps between two tries when the lock's directory changes. An accelerator: it may stay silent. */
class Alarm {
  #changed = new AbortController();

  constructor(protocol: Protocol, path: string, signal: AbortSignal) {
    const directory = protocol.watched?.(path);
    if (directory === undefined) return;
    try {
      const watcher = watch(directory, { signal, persistent: false }, (_, name) => {
        if (name === null || protocol.concerns?.(name, path) !== false) this.#changed.abort();
      });
      watcher.on('error', () => {});
    } catch {
      // Trying again does.
    }
  }

  /** Aborts with the first change after this call. */
  armed(): AbortSignal {
    this.#changed = new AbortController();
    return this.#changed.signal;
  }
}
