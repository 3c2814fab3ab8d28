import type { Verdict } from './evidence.ts';
import { CLAIM_WINDOW_MS, EXPIRY_GRACE_MS, STEAL_WATCH_MS, type StalePolicy } from './policy.ts';
import { type HeldRecord, type Holder, isBetweenJobs, type LeaseRecord } from './record.ts';
import { endsByItself, hasRoom, isOwnRun } from './shared.ts';

/** What looking at the record has shown so far of the version that is there now. Times are the observer's monotonic clock. */
export interface Observation {
  /** When the answer that first showed this version had arrived: the version is at least that old. */
  readonly firstSeenMs: number;
  /** When the newest answer had arrived. */
  readonly seenMs: number;
  /** The version's age at `seenMs` by the store's own clock, where the store has a clock: the least that any answer implies. */
  readonly ageMs?: number;
}

/**
 * What is known after one more answer about a version; `before` is undefined for the first. Of all the ages that the store
 * gave, each counted on by the observer's monotonic clock, the least stands: when the store's clock is set forward while a
 * waiter watches, its lease must not look old at once, for its keeper needs a moment to notice.
 */
export function observe(
  before: Observation | undefined,
  answer: { readonly seenMs: number; readonly ageMs?: number },
): Observation {
  const { seenMs } = answer;
  if (!before) return { firstSeenMs: seenMs, ...answer };
  const ages = [
    ...(answer.ageMs === undefined ? [] : [answer.ageMs]),
    ...(before.ageMs === undefined ? [] : [before.ageMs + seenMs - before.seenMs]),
  ];
  return {
    firstSeenMs: before.firstSeenMs,
    seenMs,
    ...(ages.length > 0 ? { ageMs: Math.min(...ages) } : {}),
  };
}

export interface Request {
  readonly stalePolicy: StalePolicy;
  /** What the evidence says of the holder, once it was asked. */
  readonly verdict?: Verdict;
  /** The store's clock is another machine's, see `Store.remoteClock`. */
  readonly remoteClock?: boolean;
  /** Who asks, if it would share the lease that its own run holds. */
  readonly sharing?: Holder;
}

export type StealReason = 'expired' | 'holder-finished' | 'expired-and-holder-finished';

export type Decision =
  /** The lock is free, or its lease has ended by its own terms: take it. */
  | { readonly kind: 'take'; readonly token: number }
  /** Our own run holds it: become one more of its members. */
  | { readonly kind: 'join' }
  /** It may be stolen, unless the veto command says no. */
  | { readonly kind: 'steal'; readonly token: number; readonly because: StealReason; readonly proof?: string }
  /** The evidence must be asked first. */
  | { readonly kind: 'ask' }
  | {
      readonly kind: 'wait';
      /** How long until something changes by itself, if it may: the lease runs out, a grant lapses. */
      readonly dueMs?: number;
      /** It is past its ttl by the store's clock and only watched a moment longer: worth waiting for even in a single try. */
      readonly confirming: boolean;
    };

/**
 * What a client that wants the lock may do about the record it saw. Pure: the whole policy, without a clock or a store.
 * A decision to write is only ever carried out conditionally on the version that was seen, so a stale decision does no harm.
 *
 * @param record what is stored, `undefined` if nothing is
 * @param nowMs the observer's monotonic clock
 */
export function decide(
  record: LeaseRecord | undefined,
  observation: Observation,
  nowMs: number,
  request: Request & { readonly firstToken: number },
): Decision {
  if (!record) return { kind: 'take', token: request.firstToken };
  const token = record.token + 1;
  switch (record.state) {
    case 'released':
      return { kind: 'take', token };
    case 'granted': {
      const dueMs = CLAIM_WINDOW_MS + EXPIRY_GRACE_MS - quietMs(observation, nowMs);
      return dueMs <= 0 ? { kind: 'take', token } : { kind: 'wait', dueMs, confirming: false };
    }
    case 'held':
      return decideHeld(record, observation, nowMs, request);
  }
}

function decideHeld(record: HeldRecord, observation: Observation, nowMs: number, request: Request): Decision {
  const { stalePolicy, verdict, remoteClock = false, sharing } = request;
  // Sound however old it is: the join applies only if nobody has ended the lease, and it renews it.
  if (sharing && isOwnRun(record, sharing))
    return hasRoom(record) ? { kind: 'join' } : { kind: 'wait', confirming: false };
  if (endsByItself(record)) return decideEnding(record, observation, nowMs, request);
  const token = record.token + 1;
  const leftMs = expiresInMs(record, observation, nowMs);
  const watchMs = stealWatchMs(record, remoteClock) - (nowMs - observation.firstSeenMs);
  const expired = leftMs <= 0 && watchMs <= 0;
  const notYet: Decision = { kind: 'wait', dueMs: Math.max(leftMs, watchMs), confirming: leftMs <= 0 };
  switch (stalePolicy) {
    case 'never':
      return { kind: 'wait', confirming: false };
    case 'expired':
      return expired ? { kind: 'steal', token, because: 'expired' } : notYet;
    case 'holder-finished':
      if (!verdict) return { kind: 'ask' };
      return verdict.kind === 'finished'
        ? { kind: 'steal', token, because: 'holder-finished', proof: verdict.proof }
        : { kind: 'wait', confirming: false };
    case 'expired-and-holder-finished':
      if (!expired) return notYet;
      if (!verdict) return { kind: 'ask' };
      return verdict.kind === 'finished'
        ? { kind: 'steal', token, because: 'expired-and-holder-finished', proof: verdict.proof }
        : { kind: 'wait', confirming: false };
  }
}

/**
 * Nobody renews such a lease, and nobody is stolen from when it is over: so it is for every policy. The word of the store's
 * clock is enough whoever may set it, or who waits for less than hours would never see one end. Of a run that is over no job
 * is to come.
 */
function decideEnding(
  record: HeldRecord,
  observation: Observation,
  nowMs: number,
  { stalePolicy, verdict }: Request,
): Decision {
  const take: Decision = { kind: 'take', token: record.token + 1 };
  const leftMs = expiresInMs(record, observation, nowMs);
  const watchMs = STEAL_WATCH_MS - (nowMs - observation.firstSeenMs);
  if (leftMs <= 0 && watchMs <= 0) return take;
  const askable = isBetweenJobs(record) && stalePolicy !== 'never';
  if (askable && !verdict) return { kind: 'ask' };
  if (askable && verdict?.kind === 'finished') return take;
  return { kind: 'wait', dueMs: Math.max(leftMs, watchMs), confirming: leftMs <= 0 };
}

/**
 * How long the version must have stood still before the observer's own eyes, however old the store says it is. Where the
 * holder can't see that the store's clock jumped, until the deadline of any holder is over: one that is paused or cut off
 * renews nothing, and believes until then.
 */
function stealWatchMs({ ttlMs }: LeaseRecord, remoteClock: boolean): number {
  return remoteClock ? ttlMs + EXPIRY_GRACE_MS : STEAL_WATCH_MS;
}

/**
 * Milliseconds until this observer may call the lease expired; 0 or less when it may now. Either of two ages is enough:
 * the store's word (its clock, its own difference), or how long the observer itself has seen the version stand still.
 * Never a time in the record against a local clock: that breaks with the first skewed machine.
 */
export function expiresInMs(record: LeaseRecord, observation: Observation, nowMs: number): number {
  return record.ttlMs + EXPIRY_GRACE_MS - quietMs(observation, nowMs);
}

function quietMs({ firstSeenMs, seenMs, ageMs }: Observation, nowMs: number): number {
  const watchedMs = nowMs - firstSeenMs;
  return ageMs === undefined ? watchedMs : Math.max(ageMs + (nowMs - seenMs), watchedMs);
}
