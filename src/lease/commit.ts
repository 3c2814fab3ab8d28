import { type Instant, instantOf } from '../base/clock.ts';
import { shellQuote } from '../base/shell.ts';
import { StoreError, type Version } from '../store/store.ts';
import { backOff, callStore, isStoreError, type LockContext, lookUntil, type Seen } from './context.ts';
import { recordKey } from './name.ts';
import { type LeaseRecord, serialise } from './record.ts';

export type CommitOutcome =
  /** It is what the record was at `version`. */
  | {
      readonly kind: 'applied';
      readonly version: Version;
      /** The moment before the first send that can have been the one that applied. */
      readonly sentAt: Instant;
      /** An answer was lost on the way, so that it is known only by reading. */
      readonly late: boolean;
    }
  /** It applied, and somebody has written over it since. */
  | { readonly kind: 'superseded'; readonly seen: Seen }
  /** It did not apply, and never can. */
  | { readonly kind: 'conflict'; readonly seen: Seen };

export interface CommitOptions {
  readonly expected: Version | 'absent';
  /** When to stop trying, on the monotonic clock. */
  readonly untilMs: number;
  /** When to stop following up a write that was sent and may apply. Default: `untilMs`. */
  readonly settleUntilMs?: number;
  /** Called when the store did not take the write, and it will be tried again. */
  readonly onTrouble?: ((error: StoreError) => void) | undefined;
  readonly durable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Rounds of "conflict" answered while the version is still the expected one, before the store is called broken. */
const MOST_CONTRADICTIONS = 8;

/**
 * One transition: writes `record` if the lock is still at `expected`, and does not return before it is known whether that
 * applied. What a lost answer leaves open, and what a conflict may only seem to be (a request delivered twice conflicts
 * with itself), is settled by reading: the nonce is ours → applied; ours is in the trail → applied and superseded; still
 * the expected version → the identical bytes are sent again; anything else → it can never apply.
 *
 * @throws StoreError `unavailable` when time ran out and nothing was ever sent that may apply; `indeterminate` when time
 * ran out and something was; `denied`, `misconfigured`, `corrupt` at once unless an earlier send is open
 */
export async function commit(
  lock: LockContext,
  record: LeaseRecord,
  options: CommitOptions,
): Promise<CommitOutcome> {
  const { expected, signal } = options;
  const key = recordKey(lock.name);
  const body = serialise(record);
  let openSince: Instant | undefined;
  let contradictions = 0;
  for (let attempt = 0; ; attempt += 1) {
    const sentAt = openSince ?? instantOf(lock.clock);
    let failure: StoreError | undefined;
    try {
      const result = await callStore(lock, { limitMs: lock.callTimeoutMs, signal }, (limited) =>
        lock.store.write(key, body, expected, { durable: options.durable ?? false, ...limited }),
      );
      if (result.kind === 'written') {
        return { kind: 'applied', version: result.version, sentAt, late: openSince !== undefined };
      }
      contradictions += 1;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      failure = error;
      if (error.kind === 'indeterminate') openSince = sentAt;
      else if (error.kind !== 'unavailable' && !openSince) throw error;
    }
    // Not applied for certain, and nothing open: no need to read.
    if (failure?.kind !== 'unavailable' || openSince) {
      const settled = await settle(lock, record, {
        ...options,
        sentAt,
        open: openSince !== undefined,
        failure,
      });
      if (settled) return settled;
      // Also after a conflict that the read contradicts: the request may still be delivered a second time, and apply.
      openSince ??= sentAt;
    }
    if (contradictions >= MOST_CONTRADICTIONS) {
      throw new StoreError(
        'misconfigured',
        `${lock.store.url} refuses to write ${key} although its version is the expected one, ${contradictions} times over. See what is wrong with the store: leasehold doctor --store ${shellQuote(lock.store.url)}`,
      );
    }
    const open = openSince !== undefined;
    if (isOver(lock, { ...options, open })) throw timeIsUp(lock, openSince, failure);
    if (failure) options.onTrouble?.(failure);
    await backOff(lock, attempt, signal);
    if (isOver(lock, { ...options, open })) throw timeIsUp(lock, openSince, failure);
  }
}

/** What a read says of a write whose fate is open; `undefined`: it has not applied yet, and still may. */
async function settle(
  lock: LockContext,
  record: LeaseRecord,
  options: CommitOptions & { sentAt: Instant; open: boolean; failure: StoreError | undefined },
): Promise<CommitOutcome | undefined> {
  const { sentAt, open, failure, signal } = options;
  // A read that our own stop keeps from being made says less than the write before it.
  const stopped = signal?.aborted === true;
  let seen: Seen;
  try {
    seen = await lookUntil(lock, lastMs(options), signal);
  } catch (error) {
    // What nobody wrote is there: after a conflict, that is neither what was expected nor ours.
    if (!open && isStoreError(error, 'corrupt')) throw error;
    // Nothing can be settled by a store that will not let us read, not even a conflict: it may be one with ourselves. What
    // is open stays open: say so, not less.
    throw timeIsUp(lock, sentAt, (stopped && failure) || error);
  }
  if (seen.record?.nonce === record.nonce && seen.version !== 'absent') {
    return { kind: 'applied', version: seen.version, sentAt, late: true };
  }
  if (seen.record?.trail.includes(record.nonce)) return { kind: 'superseded', seen };
  return seen.version === options.expected ? undefined : { kind: 'conflict', seen };
}

function isOver({ clock }: LockContext, options: CommitOptions & { open: boolean }): boolean {
  return options.signal?.aborted === true || clock.monotonicMs() >= lastMs(options);
}

/** When to stop, on the monotonic clock: what is open is followed up for longer. */
function lastMs({ untilMs, settleUntilMs = untilMs, open }: CommitOptions & { open: boolean }): number {
  return open ? settleUntilMs : untilMs;
}

function timeIsUp(lock: LockContext, openSince: Instant | undefined, cause: unknown): StoreError {
  const why = cause instanceof Error ? ` ${cause.message}` : '';
  return openSince
    ? new StoreError(
        'indeterminate',
        `Lock "${lock.name}": a write was sent and no answer says whether it applied.${why}`,
        { cause },
      )
    : new StoreError('unavailable', `Lock "${lock.name}": could not be written.${why}`, { cause });
}
