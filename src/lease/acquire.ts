import { instantOf } from '../base/clock.ts';
import { formatInstant } from '../base/duration.ts';
import { jitter } from '../base/random.ts';
import { sanitise } from '../base/sanitise.ts';
import { StoreError } from '../store/store.ts';
import { trustStore } from '../store/trust.ts';
import { type CommitOutcome, commit } from './commit.ts';
import {
  backOff,
  callStore,
  firstToken,
  isStoreError,
  type LockContext,
  look,
  type Seen,
} from './context.ts';
import { type Decision, decide, type Observation, observe, type StealReason } from './decide.ts';
import { type Evidence, type Verdict, weigh } from './evidence.ts';
import { keep } from './keeper.ts';
import { isHeldBy, Lease } from './lease.ts';
import { recordKey } from './name.ts';
import type { StalePolicy, Timing } from './policy.ts';
import { type HeldRecord, type Holder, type LeaseRecord, successor } from './record.ts';
import type { Veto } from './veto.ts';

export interface AcquireRequest {
  readonly holder: Holder;
  readonly timing: Timing;
  readonly stalePolicy: StalePolicy;
  readonly evidence: readonly Evidence[];
  /** The `on-stale` command, which may forbid a steal. */
  readonly veto?: Veto;
  /** How long to wait for a held lock; 0 looks once. */
  readonly waitTimeoutMs: number;
  /**
   * How long to hold a stolen lock before it is entered, in milliseconds: for resources that can't check a token, and a
   * victim that may still be at work.
   */
  readonly lockDelayMs?: number;
  /** Cancels the wait. What may have been acquired is given back. */
  readonly signal?: AbortSignal;
  /** Looked at before and after the write: `true` means that the job is over and nothing may be acquired any more. */
  readonly closed?: () => boolean;
  /** Called at every look at a lock that is held. */
  readonly onWait?: (wait: Waiting) => void;
  /** Called when the lock was stolen, before the delay. */
  readonly onStolen?: (stolen: Stolen) => void;
  /** Called when the store did not answer and will be tried again. */
  readonly onTrouble?: (error: StoreError) => void;
}

/** From whom a lock was stolen, and what made that right. */
export interface Stolen {
  readonly from: LeaseRecord;
  readonly because: StealReason;
  readonly proof?: string;
}

/** What a waiter knows at one poll. */
export interface Waiting {
  readonly record: LeaseRecord;
  readonly observation: Observation;
  readonly decision: Decision;
  readonly verdict?: Verdict;
  /** What the veto command said, when it forbade a steal. */
  readonly vetoed?: string;
  readonly waitedMs: number;
  readonly nextLookMs: number;
}

export type AcquireOutcome =
  | {
      readonly kind: 'acquired';
      readonly lease: Lease;
      readonly waitedMs: number;
      readonly stolen?: Stolen;
    }
  /** It is held, and one look was all that was asked for. */
  | { readonly kind: 'busy'; readonly record: LeaseRecord }
  | { readonly kind: 'timed-out'; readonly record: LeaseRecord; readonly waitedMs: number }
  | {
      readonly kind: 'cancelled';
      /** What was or may have been acquired by then could not be given back: it runs out by itself. */
      readonly mayBeHeld?: true;
    };

/** How long a store may stay silent before the wait is given up, when the wait itself may be longer. */
const STORE_PATIENCE_MS = 120_000;
/** How long finding out whether the store can be trusted may take at a time: some thirty calls, if it has to be probed. */
const PROBE_TIMEOUT_MS = 60_000;
/** How long a write without an answer is followed up before the acquisition is given up. */
const SETTLE_MS = 120_000;
/** How long giving back may take: a cancelled step is killed 10 s after the first signal. */
export const GIVE_UP_MS = 5_000;
/** How long a "no" of the veto command stands before it is asked again about the same version. */
const VETO_STANDS_MS = 60_000;

/**
 * Takes the lock, waiting for it as long as the request allows.
 *
 * @throws StoreError when the store can't be used: `denied`, `misconfigured`, `corrupt` at once, `unavailable` after the
 * wait or two minutes of silence, `indeterminate` when it could not be found out whether the lock was taken
 */
export async function acquire(lock: LockContext, request: AcquireRequest): Promise<AcquireOutcome> {
  return new Acquisition(lock, request).run();
}

class Acquisition {
  readonly #lock: LockContext;
  readonly #request: AcquireRequest;
  readonly #startedMs: number;
  #seen: Seen | undefined;
  #observation: Observation | undefined;
  /** How often this version was looked at. */
  #looks = 0;
  #verdict: Verdict | undefined;
  #vetoed: { readonly detail: string; readonly untilMs: number } | undefined;
  #wake: (() => void) | undefined;
  #watch: AbortController | undefined;
  #probed: string | undefined;
  #mayBeHeld = false;

  constructor(lock: LockContext, request: AcquireRequest) {
    this.#lock = lock;
    this.#request = request;
    this.#startedMs = lock.clock.monotonicMs();
  }

  async run(): Promise<AcquireOutcome> {
    try {
      while (!this.#over()) {
        const outcome = await this.#round();
        if (outcome) return outcome;
      }
      return this.#cancelled();
    } catch (error) {
      // What a cancel cuts off ends as a fault of the store.
      if (this.#over() && isStoreError(error)) return this.#cancelled();
      throw error;
    } finally {
      this.#watch?.abort();
    }
  }

  /** One look and what follows from it; `undefined`: look again. */
  async #round(): Promise<AcquireOutcome | undefined> {
    const seen = await this.#look();
    this.#probed ??= await this.#trust(seen);
    const left = this.#leaseIn(seen);
    // Where giving it back fails again it is a held lock like any other, waited for at the same pace.
    if (left)
      return (await this.#giveBack(left)) ? undefined : this.#wait(seen, { kind: 'wait', confirming: false });
    return this.#act(seen, await this.#decide(seen));
  }

  get #nowMs(): number {
    return this.#lock.clock.monotonicMs();
  }

  get #waitedMs(): number {
    return this.#nowMs - this.#startedMs;
  }

  #over(): boolean {
    return this.#request.signal?.aborted === true || this.#request.closed?.() === true;
  }

  #cancelled(): AcquireOutcome {
    return { kind: 'cancelled', ...(this.#mayBeHeld ? { mayBeHeld: true } : {}) };
  }

  /** The record as it is now, kept with since when it has been so. */
  async #look(): Promise<Seen> {
    const seen = await this.#patiently(() =>
      look(this.#lock, {
        previous: this.#seen,
        age: this.#seen !== undefined,
        signal: this.#request.signal,
      }),
    );
    this.#observe(seen);
    return seen;
  }

  get #patienceMs(): number {
    const { waitTimeoutMs } = this.#request;
    return Math.min(STORE_PATIENCE_MS, Math.max(waitTimeoutMs, 4 * this.#lock.callTimeoutMs));
  }

  /** Calls a store that is silent for a while again, as long as the wait allows. For calls that change no lock. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    const patienceMs = this.#patienceMs;
    const silentSinceMs = this.#nowMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const passing = isStoreError(error, 'unavailable', 'indeterminate');
        if (!passing || this.#over() || this.#nowMs - silentSinceMs >= patienceMs) throw error;
        this.#request.onTrouble?.(error);
        await backOff(this.#lock, attempt, this.#request.signal);
      }
    }
  }

  #observe(seen: Seen): void {
    const same = this.#seen?.version === seen.version;
    if (!same) {
      this.#looks = 0;
      this.#verdict = undefined;
      this.#vetoed = undefined;
    }
    this.#looks += 1;
    this.#observation = observe(same ? this.#observation : undefined, {
      seenMs: this.#nowMs,
      ...(seen.ageMs === undefined ? {} : { ageMs: seen.ageMs }),
    });
    this.#seen = seen;
  }

  async #trust({ record }: Seen): Promise<string> {
    const { store, clock, random } = this.#lock;
    const known = record?.probed;
    return this.#patiently(() =>
      callStore(this.#lock, { limitMs: PROBE_TIMEOUT_MS, signal: this.#request.signal }, (limited) =>
        trustStore(store, { clock, random, known, ...limited }),
      ),
    );
  }

  async #decide(seen: Seen): Promise<Decision> {
    const observation = this.#observation;
    if (!observation) throw new Error('a record is looked at before it is decided on');
    const request = {
      stalePolicy: this.#request.stalePolicy,
      remoteClock: this.#lock.store.remoteClock ?? false,
      firstToken: firstToken(this.#lock, seen),
    };
    const decision = decide(seen.record, observation, this.#nowMs, request);
    if (decision.kind !== 'ask' || !seen.record) return decision;
    this.#verdict = await weigh(this.#request.evidence, seen.record, this.#request.signal);
    return decide(seen.record, observation, this.#nowMs, { ...request, verdict: this.#verdict });
  }

  async #act(seen: Seen, decision: Decision): Promise<AcquireOutcome | undefined> {
    switch (decision.kind) {
      case 'take':
        return this.#enter(seen, decision);
      case 'steal':
        return (await this.#allowed(seen)) ? this.#enter(seen, decision) : this.#wait(seen, decision);
      case 'ask':
      case 'wait':
        return this.#wait(seen, decision);
    }
  }

  /** Asks the veto command, once for each version and minute. */
  async #allowed({ record }: Seen): Promise<boolean> {
    const { veto, signal } = this.#request;
    if (!veto || !record) return true;
    if (this.#vetoed && this.#nowMs < this.#vetoed.untilMs) return false;
    const answer = await veto(record, signal);
    this.#vetoed = answer.allowed
      ? undefined
      : { detail: answer.detail, untilMs: this.#nowMs + VETO_STANDS_MS };
    return answer.allowed;
  }

  /** Writes ourselves in, conditionally on what was seen. `undefined`: somebody was faster, look again. */
  async #enter(
    seen: Seen,
    decision: Extract<Decision, { kind: 'take' | 'steal' }>,
  ): Promise<AcquireOutcome | undefined> {
    if (this.#over()) return this.#cancelled();
    const record = this.#heldRecord(seen, decision.token);
    let outcome: CommitOutcome;
    try {
      outcome = await commit(this.#lock, record, {
        expected: seen.version,
        untilMs: this.#nowMs + this.#patienceMs,
        settleUntilMs: this.#nowMs + SETTLE_MS,
        durable: true,
        signal: this.#request.signal,
        onTrouble: this.#request.onTrouble,
      });
    } catch (error) {
      if (isStoreError(error, 'indeterminate')) await this.#giveUp(seen, record);
      throw error;
    }
    if (outcome.kind !== 'applied') {
      this.#observe(outcome.seen);
      return undefined;
    }
    const lease = new Lease(this.#lock, this.#request.timing, { record, ...outcome });
    if (!(await this.#counts(lease, outcome.late))) return undefined;
    const stolen = stolenBy(decision, seen);
    if (stolen) {
      this.#request.onStolen?.(stolen);
      if (!(await this.#delay(lease))) return undefined;
    }
    if (this.#over()) {
      await this.#giveBack(lease);
      return this.#cancelled();
    }
    return { kind: 'acquired', lease, waitedMs: this.#waitedMs, ...(stolen ? { stolen } : {}) };
  }

  /** Keeps a stolen lease for the lock delay. Whether it is still ours afterwards. */
  async #delay(lease: Lease): Promise<boolean> {
    const { lockDelayMs = 0, signal, onTrouble } = this.#request;
    if (lockDelayMs === 0) return true;
    const stop = new AbortController();
    const keeping = keep(lease, {
      signal: stop.signal,
      onTrouble: (error) => {
        if (isStoreError(error)) onTrouble?.(error);
      },
    });
    await this.#lock.clock.sleep(
      lockDelayMs,
      signal ? AbortSignal.any([signal, keeping.lost]) : keeping.lost,
    );
    stop.abort();
    return (await keeping.ended).kind === 'stopped';
  }

  #heldRecord(seen: Seen, token: number): HeldRecord {
    const { holder, timing } = this.#request;
    if (!Number.isSafeInteger(token)) throw tokensUsedUp(this.#lock);
    return successor(
      seen.record,
      {
        state: 'held' as const,
        name: this.#lock.name,
        token,
        ttlMs: timing.ttlMs,
        renewals: 0,
        acquiredAt: formatInstant(this.#lock.clock.wallMs()),
        holder,
        ...(this.#probed ? { probed: this.#probed } : {}),
      },
      this.#lock.random,
    );
  }

  /**
   * Whether an acquisition may be entered on. One that was found to have applied only afterwards, or that took long,
   * counts only with more than half of its ttl left and after one more renewal; else it is given back.
   */
  async #counts(lease: Lease, late: boolean): Promise<boolean> {
    const { clock } = this.#lock;
    const { sentAt } = lease.snapshot;
    const halfMs = lease.timing.ttlMs / 2;
    const fresh = (): boolean =>
      clock.monotonicMs() - sentAt.monotonicMs < halfMs && clock.wallMs() - sentAt.wallMs < halfMs;
    if (fresh() && !late) return true;
    try {
      if (fresh()) {
        const outcome = await lease.renew(sentAt.monotonicMs + halfMs, this.#request.signal);
        if (outcome.kind === 'lost') return false;
        if (lease.believes(instantOf(clock))) return true;
      }
    } catch (error) {
      if (!isStoreError(error)) throw error;
      this.#request.onTrouble?.(error);
    }
    await this.#giveBack(lease);
    return false;
  }

  /** An acquisition of ours that was given up, and that could not be given back then. */
  #leaseIn({ record, version }: Seen): Lease | undefined {
    if (!isHeldBy(record, this.#request.holder.leaseId) || version === 'absent') return undefined;
    const sentAt = instantOf(this.#lock.clock);
    return new Lease(this.#lock, this.#request.timing, { record, version, sentAt });
  }

  /** Best effort: what fails here is tried again at the next look, or runs out after the ttl. Tells whether it is done. */
  async #giveBack(lease: Lease): Promise<boolean> {
    this.#mayBeHeld = true;
    try {
      await lease.release(this.#nowMs + GIVE_UP_MS);
      this.#mayBeHeld = false;
      return true;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      this.#request.onTrouble?.(error);
      return false;
    }
  }

  /**
   * Makes sure that a write in flight never becomes a hold that nobody knows of: writes the lock as released over the
   * very version that the write expects, after which it can't match any more; or releases it if it has applied.
   * Best effort: what fails here runs out after the ttl.
   */
  async #giveUp(seen: Seen, record: HeldRecord): Promise<void> {
    const { clock, random } = this.#lock;
    const untilMs = clock.monotonicMs() + GIVE_UP_MS;
    const ended = { how: 'given-up' as const, at: formatInstant(clock.wallMs()) };
    const released = successor(seen.record, { ...record, state: 'released', ended }, random);
    this.#mayBeHeld = true;
    try {
      const outcome = await commit(this.#lock, released, { expected: seen.version, untilMs });
      if (outcome.kind === 'conflict') await this.#leaseIn(outcome.seen)?.release(untilMs);
      this.#mayBeHeld = false;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      this.#request.onTrouble?.(error);
    }
  }

  async #wait({ record }: Seen, decision: Decision): Promise<AcquireOutcome | undefined> {
    const { waitTimeoutMs, signal } = this.#request;
    const observation = this.#observation;
    if (!record || !observation) return undefined;
    // A first look does not ask for the age, which costs extra on some stores; now it matters: look again at once.
    if (observation.ageMs === undefined && this.#looks === 1) return undefined;
    const confirming = decision.kind === 'wait' && decision.confirming;
    if (waitTimeoutMs === 0 && !confirming) return { kind: 'busy', record };
    const leftMs = waitTimeoutMs - this.#waitedMs;
    if (leftMs <= 0 && !(waitTimeoutMs === 0 && confirming)) {
      return { kind: 'timed-out', record, waitedMs: this.#waitedMs };
    }
    const nextLookMs = this.#nextLookMs(decision, leftMs > 0 ? leftMs : Number.POSITIVE_INFINITY);
    this.#request.onWait?.({
      record,
      observation,
      decision,
      ...(this.#verdict ? { verdict: this.#verdict } : {}),
      ...(this.#vetoed ? { vetoed: this.#vetoed.detail } : {}),
      waitedMs: this.#waitedMs,
      nextLookMs,
    });
    await this.#sleep(nextLookMs, signal);
    return undefined;
  }

  /**
   * A waiting runner costs far more than the reads it makes, so a wait starts with 4 looks a second and slows down with
   * the square root of the time already waited, to one in 5 s.
   */
  #nextLookMs(decision: Decision, leftMs: number): number {
    const { random } = this.#lock;
    const pollMs = Math.min(Math.max(250, 90 * Math.sqrt(this.#waitedMs / 1_000)), 5_000);
    const dueMs =
      decision.kind === 'wait' && decision.dueMs !== undefined ? decision.dueMs : Number.POSITIVE_INFINITY;
    return Math.max(1, Math.min(jitter(random, pollMs, 0.1), dueMs, leftMs));
  }

  /** Sleeps until the next look, less if the store says that the record may have changed. */
  async #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const awake = new AbortController();
    this.#wake = () => awake.abort();
    if (!this.#watch && this.#lock.store.watch) {
      this.#watch = new AbortController();
      this.#lock.store.watch(recordKey(this.#lock.name), () => this.#wake?.(), this.#watch.signal);
    }
    await this.#lock.clock.sleep(ms, signal ? AbortSignal.any([signal, awake.signal]) : awake.signal);
    this.#wake = undefined;
  }
}

/** A record with a greater token could not be read again, by anybody. No lock comes here by itself: somebody wrote it. */
function tokensUsedUp({ name, store }: LockContext): StoreError {
  return new StoreError(
    'corrupt',
    `The record of lock "${name}" has the largest fencing token there is, so nobody can get a greater one. It is at ${recordKey(name)} in ${sanitise(store.url)}; delete it once you are sure that nobody holds the lock: tokens then begin anew with the store's clock.`,
  );
}

function stolenBy(
  decision: Extract<Decision, { kind: 'take' | 'steal' }>,
  { record }: Seen,
): Stolen | undefined {
  if (decision.kind === 'take' || !record) return undefined;
  const { because, proof } = decision;
  return { from: record, because, ...(proof ? { proof } : {}) };
}
