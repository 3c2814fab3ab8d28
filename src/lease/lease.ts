import type { Instant } from '../base/clock.ts';
import { formatInstant, parseInstant } from '../base/duration.ts';
import type { Version } from '../store/store.ts';
import { commit } from './commit.ts';
import type { LockContext, Seen } from './context.ts';
import type { Timing } from './policy.ts';
import { type HeldRecord, type Holder, type LeaseRecord, successor } from './record.ts';
import { left, renewed } from './shared.ts';

/** Why a lease is no longer ours. `at`: when it was ended, by the clock of who ended it. */
export type LossCause =
  | { readonly kind: 'stolen'; readonly by: Holder; readonly token: number; readonly at?: string }
  | { readonly kind: 'broken'; readonly by?: string; readonly reason?: string; readonly at?: string }
  /** It was released, though not here. */
  | { readonly kind: 'released'; readonly at?: string }
  /** It had run out, and whoever wants the tree that it is in, or that it is on, has ended it. */
  | { readonly kind: 'expired'; readonly by?: string; readonly at?: string }
  /** The record is not there any more: somebody deleted it. */
  | { readonly kind: 'missing' }
  /** The deadline passed without an answer from the store. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  /** The record can't be read, or the store does not let us in any more. */
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'max-hold'; readonly maxHoldMs: number };

export type RenewOutcome =
  | { readonly kind: 'renewed' }
  | { readonly kind: 'lost'; readonly cause: LossCause };
export type ReleaseOutcome =
  | { readonly kind: 'released' }
  /** It was not ours any more, and was left as it is. */
  | { readonly kind: 'lost'; readonly cause: LossCause };

/** What is needed to go on with a lease in another process. Times are of this boot's clocks. */
export interface LeaseSnapshot {
  readonly record: HeldRecord;
  readonly version: Version;
  readonly sentAt: Instant;
  /** Who of those that share the lease this is; absent: the one that took it. */
  readonly memberId?: string;
}

/**
 * One acquisition of a lock, as its holder sees it. It never says "held" by the answer of a store alone: what counts is
 * the moment before the last write that applied was *sent*. Counted from the answer, a slow answer makes two holders.
 */
export class Lease {
  readonly lock: LockContext;
  readonly timing: Timing;
  #record: HeldRecord;
  #version: Version;
  #sentAt: Instant;
  readonly #memberId: string;

  constructor(lock: LockContext, timing: Timing, snapshot: LeaseSnapshot) {
    this.lock = lock;
    this.timing = timing;
    this.#record = snapshot.record;
    this.#version = snapshot.version;
    this.#sentAt = snapshot.sentAt;
    this.#memberId = snapshot.memberId ?? snapshot.record.holder.leaseId;
  }

  /** The same for all that share it. */
  get id(): string {
    return this.#record.holder.leaseId;
  }

  get token(): number {
    return this.#record.token;
  }

  get record(): HeldRecord {
    return this.#record;
  }

  get snapshot(): LeaseSnapshot {
    const joined = this.#memberId === this.id ? {} : { memberId: this.#memberId };
    return { record: this.#record, version: this.#version, sentAt: this.#sentAt, ...joined };
  }

  get deadline(): Instant {
    return deadlineOf(this.#sentAt, this.timing);
  }

  /** Whether the holder may believe that it holds the lease. */
  believes(now: Instant): boolean {
    return isBefore(now, this.deadline);
  }

  /** The wall clock was set back by `ms` since the last write was sent: the deadline goes back with it. */
  setBack(ms: number): void {
    const { wallMs, monotonicMs } = this.#sentAt;
    this.#sentAt = { wallMs: wallMs - ms, monotonicMs };
  }

  /**
   * Renews by one conditional write. Sound at any time, even past the deadline: if it applies, the version was still ours,
   * so nobody entered in between.
   *
   * @param untilMs when to stop trying, on the monotonic clock
   * @throws StoreError when the store did not let it be known: the lease may or may not be renewed then
   */
  async renew(untilMs: number, signal?: AbortSignal): Promise<RenewOutcome> {
    return this.rewrite(renewed, { untilMs, signal });
  }

  /**
   * Writes the lease anew, changed, which also renews it.
   * @param change what it is to be by what it is: others who share it may have written in between
   * @throws StoreError as `renew` does
   */
  async rewrite(
    change: (record: HeldRecord) => HeldRecord,
    { untilMs, signal }: { readonly untilMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<RenewOutcome> {
    for (;;) {
      const next = successor(this.#record, change(this.#record), this.lock.random);
      const outcome = await commit(this.lock, next, { expected: this.#version, untilMs, signal });
      if (outcome.kind === 'applied') {
        this.#record = next;
        this.#version = outcome.version;
        this.#sentAt = outcome.sentAt;
        return { kind: 'renewed' };
      }
      if (!this.#adopt(outcome.seen)) return { kind: 'lost', cause: this.#lossCause(outcome.seen) };
    }
  }

  /**
   * Releases by a write, never by a delete: the token stays, and a late write of the past can't apply. Releases nothing
   * but this lease, and of one that is shared only the own part.
   *
   * @param entered whether anything was ever done under it: what was not leaves nothing for the next job of its run
   * @throws StoreError when it could not be done until `untilMs`; the lease then runs out by itself
   */
  async release(
    untilMs: number,
    signal?: AbortSignal,
    { entered = true }: { readonly entered?: boolean } = {},
  ): Promise<ReleaseOutcome> {
    for (;;) {
      const at = formatInstant(this.lock.clock.wallMs());
      const next = successor(
        this.#record,
        left(this.#record, this.#memberId, { entered, at }),
        this.lock.random,
      );
      const outcome = await commit(this.lock, next, { expected: this.#version, untilMs, signal });
      // Superseded: it was released, and the next holder is already in.
      if (outcome.kind !== 'conflict') return { kind: 'released' };
      if (this.#adopt(outcome.seen)) continue;
      // Nobody but ourselves takes us off the list.
      if (isLease(outcome.seen.record, this.id)) return { kind: 'released' };
      return { kind: 'lost', cause: this.#lossCause(outcome.seen) };
    }
  }

  /**
   * Goes on from a version of this same lease that we did not know of: a renewal whose answer was lost, or a write of
   * another job that shares it. The deadline is not moved, since nothing says when that was sent, or it was not ours.
   */
  #adopt({ record, version }: Seen): boolean {
    if (!isHeldBy(record, this.#memberId) || version === 'absent') return false;
    this.#record = record;
    this.#version = version;
    return true;
  }

  #lossCause(seen: Seen): LossCause {
    return lossCause(seen, this.id);
  }
}

/** Until when a holder may believe in a lease whose last write that applied was sent at `sentAt`, on each clock. */
export function deadlineOf(sentAt: Instant, { ttlMs, marginMs }: Timing): Instant {
  const believedMs = ttlMs - marginMs;
  return { wallMs: sentAt.wallMs + believedMs, monotonicMs: sentAt.monotonicMs + believedMs };
}

/** Both clocks must agree: the monotonic one stands still while a machine sleeps, the wall clock may be set back. */
export function isBefore(now: Instant, deadline: Instant): boolean {
  return now.wallMs < deadline.wallMs && now.monotonicMs < deadline.monotonicMs;
}

/** Whether the lock is held by that lease, whoever shares it. */
export function isLease(record: LeaseRecord | undefined, leaseId: string): record is HeldRecord {
  return record?.state === 'held' && record.holder.leaseId === leaseId;
}

/** Whether the lock is held by who calls itself `id`: by that lease, or by that member of one that is shared. */
export function isHeldBy(record: LeaseRecord | undefined, id: string): record is HeldRecord {
  if (record?.state !== 'held') return false;
  const { shared, holder } = record;
  return shared ? shared.members.some(({ memberId }) => memberId === id) : holder.leaseId === id;
}

/** What a record that is not our lease any more says about how that came. */
export function lossCause({ record }: Seen, leaseId: string): LossCause {
  if (!record) return { kind: 'missing' };
  if (record.holder.leaseId !== leaseId) {
    return { kind: 'stolen', by: record.holder, token: record.token, at: record.acquiredAt };
  }
  if (record.state !== 'released') return { kind: 'released' };
  const { how, at, by, reason } = record.ended;
  const who = by === undefined ? {} : { by };
  switch (how) {
    case 'broken':
      return { kind: 'broken', at, ...who, ...(reason === undefined ? {} : { reason }) };
    case 'expired':
      return { kind: 'expired', at, ...who };
    case 'released':
    case 'given-up':
      return { kind: 'released', at };
  }
}

/**
 * Until when a holder that lost its lease was alone for certain, in milliseconds of its wall clock: until the deadline of
 * its last renewal; where somebody else has ended the lease, until then. That is by the other's clock, but neither before
 * our last renewal was sent, when nobody had, nor in the future.
 */
export function aloneUntilMs(
  cause: LossCause,
  { sentAt, token }: { readonly sentAt: Instant; readonly token: number },
  { timing, nowMs }: { readonly timing: Timing; readonly nowMs: number },
): number {
  const bounded = (at: string | undefined): number =>
    Math.max(sentAt.wallMs, Math.min(parseInstant(at ?? '') ?? sentAt.wallMs, nowMs));
  switch (cause.kind) {
    case 'stolen':
      // Of a later thief's acquisition only, which was not the first.
      return bounded(cause.token === token + 1 ? cause.at : undefined);
    case 'broken':
    case 'expired':
    case 'released':
      return bounded(cause.at);
    case 'missing':
      return sentAt.wallMs;
    case 'unreachable':
    case 'refused':
    case 'max-hold':
      return deadlineOf(sentAt, timing).wallMs;
  }
}
