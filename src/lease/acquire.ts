import { instantOf } from '../base/clock.ts';
import { formatInstant } from '../base/duration.ts';
import { jitter } from '../base/random.ts';
import { sanitise } from '../base/sanitise.ts';
import { StoreError } from '../store/store.ts';
import { trustStore } from '../store/trust.ts';
import { type CommitOutcome, commit } from './commit.ts';
import { backOff, callStore, isStoreError, type LockContext, type Seen } from './context.ts';
import type { Decision, Observation, StealReason } from './decide.ts';
import type { Evidence, Verdict } from './evidence.ts';
import { keep } from './keeper.ts';
import { isHeldBy, isLease, Lease } from './lease.ts';
import { ancestorsOf, recordKey } from './name.ts';
import { Observer } from './observer.ts';
import type { StalePolicy, Timing } from './policy.ts';
import { ended, type HeldRecord, type Holder, type LeaseRecord, type Member, successor } from './record.ts';
import { entered, joined, type Sharing } from './shared.ts';
import { type Frozen, heldBelow, treeAbove } from './tree.ts';
import type { Veto } from './veto.ts';

export interface AcquireRequest {
  readonly holder: Holder;
  readonly timing: Timing;
  readonly stalePolicy: StalePolicy;
  readonly evidence: readonly Evidence[];
  /** The `on-stale` command, which may forbid a steal. */
  readonly veto?: Veto;
  /** To share the lease with the other jobs of the holder's run. The holder's lease id is this job's member id then. */
  readonly sharing?: Sharing & Pick<Member, 'job' | 'checkRunId' | 'host'>;
  /** To take the name and all names below it. */
  readonly tree?: boolean;
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
  /** Called when the stale lease of another lock was ended, one that stood in the way of this one. */
  readonly onEnded?: (ended: Stolen) => void;
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
  /** The lock that is wanted. */
  readonly name: string;
  /** What it waits for: its own record, or that of a lock that stands in the way. */
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
      /** Its run had it already. */
      readonly joined?: true;
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

/**
 * Takes the lock, waiting for it as long as the request allows.
 *
 * @throws StoreError when the store can't be used: `denied`, `misconfigured`, `corrupt` at once, `unavailable` after the
 * wait or two minutes of silence, `indeterminate` when it could not be found out whether the lock was taken
 */
export async function acquire(lock: LockContext, request: AcquireRequest): Promise<AcquireOutcome> {
  return new Acquisition(lock, request).run();
}

/** What is written to get the lock. */
type Entry = Extract<Decision, { kind: 'take' | 'steal' | 'join' }>;

class Acquisition {
  readonly #lock: LockContext;
  readonly #request: AcquireRequest;
  readonly #own: Observer;
  readonly #startedMs: number;
  #probed: string | undefined;
  #mayBeHeld = false;
  /** Whether a holder was ended who may not know it yet. */
  #robbed = false;

  constructor(lock: LockContext, request: AcquireRequest) {
    this.#lock = lock;
    this.#request = request;
    this.#own = this.#observe(lock, request.sharing ? request.holder : undefined);
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
      this.#own.close();
    }
  }

  /** One look and what follows from it; `undefined`: look again. */
  async #round(): Promise<AcquireOutcome | undefined> {
    const seen = await this.#patiently(() => this.#own.look());
    this.#probed ??= await this.#trust(seen);
    const left = this.#leaseIn(seen);
    // Where giving it back fails again it is a held lock like any other, waited for at the same pace.
    if (left) return (await this.#giveBack(left)) ? undefined : this.#wait(this.#own, seen);
    return this.#act(seen, await this.#own.decide(seen));
  }

  get #nowMs(): number {
    return this.#lock.clock.monotonicMs();
  }

  get #waitedMs(): number {
    return this.#nowMs - this.#startedMs;
  }

  #observe(lock: LockContext, sharing?: Holder): Observer {
    const { stalePolicy, evidence, veto, signal } = this.#request;
    return new Observer(lock, {
      stalePolicy,
      evidence,
      ...(veto ? { veto } : {}),
      ...(sharing ? { sharing } : {}),
      ...(signal ? { signal } : {}),
    });
  }

  #over(): boolean {
    return this.#request.signal?.aborted === true || this.#request.closed?.() === true;
  }

  #cancelled(): AcquireOutcome {
    return { kind: 'cancelled', ...(this.#mayBeHeld ? { mayBeHeld: true } : {}) };
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

  async #trust({ record }: Seen): Promise<string> {
    const { store, clock, random } = this.#lock;
    const known = record?.probed;
    return this.#patiently(() =>
      callStore(this.#lock, { limitMs: PROBE_TIMEOUT_MS, signal: this.#request.signal }, (limited) =>
        trustStore(store, { clock, random, known, ...limited }),
      ),
    );
  }

  async #act(seen: Seen, decision: Decision): Promise<AcquireOutcome | undefined> {
    switch (decision.kind) {
      case 'take':
      case 'join':
        return this.#write(seen, decision);
      case 'steal':
        if (await this.#own.allows(seen)) return this.#write(seen, decision);
        return this.#own.mayLearnAge ? undefined : this.#wait(this.#own, seen, decision);
      case 'ask':
      case 'wait':
        return this.#own.mayLearnAge ? undefined : this.#wait(this.#own, seen, decision);
    }
  }

  /** Writes ourselves in, conditionally on what was seen. `undefined`: somebody was faster, look again. */
  async #write(seen: Seen, decision: Entry): Promise<AcquireOutcome | undefined> {
    if (this.#over()) return this.#cancelled();
    const record = this.#recordAfter(seen, decision);
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
      this.#own.saw(outcome.seen);
      return undefined;
    }
    const memberId = this.#request.holder.leaseId;
    const lease = new Lease(this.#lock, this.#request.timing, { record, ...outcome, memberId });
    return this.#enter(lease, { seen, decision, late: outcome.late });
  }

  /** From the write to the lock: what else must hold before it may be entered. Else the lease is given back. */
  async #enter(
    lease: Lease,
    how: { readonly seen: Seen; readonly decision: Entry; readonly late: boolean },
  ): Promise<AcquireOutcome | undefined> {
    const { seen, decision } = how;
    const stolen = stolenBy(decision, seen);
    this.#robbed ||= stolen !== undefined;
    const above = await this.#clearAbove(lease, how);
    if (above !== 'clear') return above;
    if (!(await this.#counts(lease, how.late))) return undefined;
    if (stolen) this.#request.onStolen?.(stolen);
    const below = await this.#clearBelow(lease);
    if (below !== 'clear') return below;
    if (this.#over()) {
      await this.#giveBack(lease);
      return this.#cancelled();
    }
    return {
      kind: 'acquired',
      lease,
      waitedMs: this.#waitedMs,
      ...(stolen ? { stolen } : {}),
      ...(decision.kind === 'join' ? { joined: true } : {}),
    };
  }

  /**
   * Reads the records of the names above, after our own was written: a lease on a tree there, that began before, goes first.
   * Ours is given back, and we look again once that one has ended.
   */
  async #clearAbove(
    lease: Lease,
    { seen, decision }: { readonly seen: Seen; readonly decision: Entry },
  ): Promise<AcquireOutcome | 'clear' | undefined> {
    // The lease of our run has been there since one of its jobs has looked: whoever came later waits for it.
    const above = lease.record.shared?.entered ? [] : ancestorsOf(this.#lock.name);
    if (above.length === 0) return 'clear';
    let frozen: Frozen | undefined;
    try {
      frozen = await treeAbove(this.#lock, above, {
        untilMs: this.#halfTime(lease),
        signal: this.#request.signal,
      });
    } catch (error) {
      await this.#giveBack(lease);
      if (!isStoreError(error, 'unavailable', 'indeterminate')) throw error;
      this.#request.onTrouble?.(error);
      // Not before they can be read again, and not for ever.
      const { signal } = this.#request;
      await this.#patiently(() => treeAbove(this.#lock, above, { untilMs: this.#nowMs, signal }));
      return undefined;
    }
    if (!frozen) return this.#markEntered(lease);
    await this.#giveBack(lease);
    // Who took it may have been in time, or also gives way: its lease will tell.
    if (decision.kind === 'join') return this.#wait(this.#own, { ...seen, record: frozen.record });
    return this.#outlast(frozen.lock, ({ tree }) => tree === true);
  }

  /** So that no later job of our run gives way to a freeze that waits for the run. */
  async #markEntered(lease: Lease): Promise<'clear' | undefined> {
    if (!lease.record.shared) return 'clear';
    try {
      const outcome = await lease.rewrite(entered, {
        untilMs: this.#halfTime(lease),
        signal: this.#request.signal,
      });
      return outcome.kind === 'renewed' ? 'clear' : undefined;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      this.#request.onTrouble?.(error);
      return 'clear';
    }
  }

  /**
   * What the lease is kept for before it is entered: until the leases below a tree have ended, for new ones give way; and
   * for the lock delay, where somebody was robbed.
   */
  async #clearBelow(lease: Lease): Promise<AcquireOutcome | 'clear' | undefined> {
    const { tree = false, lockDelayMs = 0, signal } = this.#request;
    const delays = this.#robbed && lockDelayMs > 0;
    if (!tree && !delays) return 'clear';
    const stop = new AbortController();
    const keeping = keep(lease, {
      signal: stop.signal,
      onTrouble: (error) => {
        if (isStoreError(error)) this.#request.onTrouble?.(error);
      },
    });
    let outcome: AcquireOutcome | undefined;
    try {
      if (tree) outcome = await this.#outlastBelow(keeping.lost);
      if (!outcome && this.#robbed && lockDelayMs > 0)
        await this.#lock.clock.sleep(
          lockDelayMs,
          signal ? AbortSignal.any([signal, keeping.lost]) : keeping.lost,
        );
    } catch (error) {
      stop.abort();
      await keeping.ended;
      await this.#giveBack(lease);
      throw error;
    }
    stop.abort();
    if ((await keeping.ended).kind === 'lost') return undefined;
    if (outcome) await this.#giveBack(lease);
    else if (!lease.believes(instantOf(this.#lock.clock))) {
      // A clock was set, or the machine slept, while the last renewal was under way.
      await this.#giveBack(lease);
      return undefined;
    }
    return outcome ?? 'clear';
  }

  async #outlastBelow(lost: AbortSignal): Promise<AcquireOutcome | undefined> {
    const below = await this.#patiently(() => heldBelow(this.#lock, this.#request.signal));
    for (const other of below) {
      const outcome = await this.#outlast(other, () => true, lost);
      if (outcome || lost.aborted) return outcome;
    }
    return undefined;
  }

  /**
   * Waits until a lease on another name has ended. One that is stale there is not merely judged ended, for a late renewal
   * of its holder would still apply: it is ended by the same write as a steal, on the same grounds.
   */
  async #outlast(
    other: LockContext,
    inTheWay: (record: HeldRecord) => boolean,
    stop?: AbortSignal,
  ): Promise<AcquireOutcome | undefined> {
    const observer = this.#observe(other);
    try {
      while (!this.#over() && stop?.aborted !== true) {
        const seen = await this.#patiently(() => observer.look());
        const { record } = seen;
        if (record?.state !== 'held' || !inTheWay(record)) return undefined;
        const decision = await observer.decide(seen);
        const over = decision.kind === 'take' || (decision.kind === 'steal' && (await observer.allows(seen)));
        if (over) await this.#end(other, { ...seen, record }, decision);
        if (over || observer.mayLearnAge) continue;
        const outcome = await this.#wait(observer, seen, decision, stop);
        if (outcome) return outcome;
      }
      return this.#over() ? this.#cancelled() : undefined;
    } finally {
      observer.close();
    }
  }

  /** Ends the lease of another lock. A conflict is its holder's renewal, or its end. */
  async #end(other: LockContext, seen: Seen & { record: HeldRecord }, decision: Decision): Promise<void> {
    const { holder, signal, onTrouble } = this.#request;
    const { record, version } = seen;
    const at = formatInstant(this.#lock.clock.wallMs());
    const next = successor(
      record,
      ended(record, { how: 'expired', at, by: holder.ownerId }),
      this.#lock.random,
    );
    const outcome = await commit(other, next, {
      expected: version,
      untilMs: this.#nowMs + this.#patienceMs,
      durable: true,
      signal,
      onTrouble,
    });
    const stolen = decision.kind === 'steal' ? stolenBy(decision, seen) : undefined;
    if (outcome.kind === 'conflict' || !stolen) return;
    this.#robbed = true;
    this.#request.onEnded?.(stolen);
  }

  #recordAfter(seen: Seen, decision: Entry): HeldRecord {
    const { record } = seen;
    if (decision.kind === 'join') {
      if (record?.state !== 'held') throw new Error('what is joined is held');
      return successor(record, joined(record, this.#member(this.#request.sharing)), this.#lock.random);
    }
    const { holder, timing, sharing, tree } = this.#request;
    if (!Number.isSafeInteger(decision.token)) throw tokensUsedUp(this.#lock);
    return successor(
      record,
      {
        state: 'held' as const,
        name: this.#lock.name,
        token: decision.token,
        ttlMs: timing.ttlMs,
        renewals: 0,
        acquiredAt: formatInstant(this.#lock.clock.wallMs()),
        holder,
        ...(sharing ? { shared: { members: [this.#member(sharing)] } } : {}),
        ...(tree ? { tree } : {}),
        ...(this.#probed ? { probed: this.#probed } : {}),
      },
      this.#lock.random,
    );
  }

  #member(sharing: AcquireRequest['sharing']): Member {
    const { holder, timing } = this.#request;
    const { gapMs = timing.ttlMs, last = false, ...about } = sharing ?? {};
    return {
      memberId: holder.leaseId,
      ttlMs: timing.ttlMs,
      gapMs,
      ...(last ? { last } : {}),
      ...about,
      joinedAt: formatInstant(this.#lock.clock.wallMs()),
    };
  }

  /** An acquisition that took longer does not count, or only after one more renewal. On the monotonic clock. */
  #halfTime({ snapshot, timing }: Lease): number {
    return snapshot.sentAt.monotonicMs + timing.ttlMs / 2;
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
    const memberId = this.#request.holder.leaseId;
    return new Lease(this.#lock, this.#request.timing, { record, version, sentAt, memberId });
  }

  /** Best effort: what fails here is tried again at the next look, or runs out after the ttl. Tells whether it is done. */
  async #giveBack(lease: Lease): Promise<boolean> {
    this.#mayBeHeld = true;
    try {
      await lease.release(this.#nowMs + GIVE_UP_MS, undefined, { entered: false });
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
    const joins = isLease(seen.record, record.holder.leaseId);
    const over = joins ? seen.record : ended(record, { how: 'given-up', at: formatInstant(clock.wallMs()) });
    this.#mayBeHeld = true;
    try {
      const outcome = await commit(this.#lock, successor(seen.record, over, random), {
        expected: seen.version,
        untilMs,
      });
      if (outcome.kind === 'conflict')
        await this.#leaseIn(outcome.seen)?.release(untilMs, undefined, { entered: false });
      this.#mayBeHeld = false;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      this.#request.onTrouble?.(error);
    }
  }

  /** Waits for the next look at a lock that is held, ours or one that is in the way, as long as the request allows. */
  async #wait(
    observer: Observer,
    { record }: Seen,
    decision: Decision = { kind: 'wait', confirming: false },
    stop?: AbortSignal,
  ): Promise<AcquireOutcome | undefined> {
    const { waitTimeoutMs } = this.#request;
    if (!record) return undefined;
    const confirming = decision.kind === 'wait' && decision.confirming;
    if (waitTimeoutMs === 0 && !confirming) return { kind: 'busy', record };
    const leftMs = waitTimeoutMs - this.#waitedMs;
    if (leftMs <= 0 && !(waitTimeoutMs === 0 && confirming)) {
      return { kind: 'timed-out', record, waitedMs: this.#waitedMs };
    }
    const nextLookMs = this.#nextLookMs(decision, leftMs > 0 ? leftMs : Number.POSITIVE_INFINITY);
    this.#request.onWait?.({
      name: this.#lock.name,
      record,
      decision,
      ...observer.findings,
      waitedMs: this.#waitedMs,
      nextLookMs,
    });
    await observer.sleep(nextLookMs, stop);
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
}

/** A record with a greater token could not be read again, by anybody. No lock comes here by itself: somebody wrote it. */
function tokensUsedUp({ name, store }: LockContext): StoreError {
  return new StoreError(
    'corrupt',
    `The record of lock "${name}" has the largest fencing token there is, so nobody can get a greater one. It is at ${recordKey(name)} in ${sanitise(store.url)}; delete it once you are sure that nobody holds the lock: tokens then begin anew with the store's clock.`,
  );
}

function stolenBy(decision: Entry, { record }: Seen): Stolen | undefined {
  if (decision.kind !== 'steal' || !record) return undefined;
  const { because, proof } = decision;
  return { from: record, because, ...(proof ? { proof } : {}) };
}
