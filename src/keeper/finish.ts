import { type Clock, instantOf, withTimeout } from '../base/clock.ts';
import { formatInstant } from '../base/duration.ts';
import { isAlive } from '../base/process.ts';
import { commit } from '../lease/commit.ts';
import { firstToken, type LockContext, lookUntil, type Seen } from '../lease/context.ts';
import { isSameAttempt } from '../lease/evidence.ts';
import { isHeldBy, Lease, type LossCause, lossCause, type ReleaseOutcome } from '../lease/lease.ts';
import type { Timing } from '../lease/policy.ts';
import { type Holder, successor } from '../lease/record.ts';
import { StoreError } from '../store/store.ts';
import type { KeeperFolder } from './folder.ts';
import type { KeeperStatus } from './handover.ts';
import { RELEASE_WITHIN_MS } from './run.ts';

/** How long a keeper that has said its last word is waited for. */
export const GONE_WITHIN_MS = 2_000;

/** How a hold ended. `status` is the keeper's last word, where there was a keeper. */
export type HoldEnd =
  | { readonly kind: 'released'; readonly keeperDied: boolean; readonly status?: KeeperStatus }
  | { readonly kind: 'lost'; readonly cause: LossCause; readonly status?: KeeperStatus }
  /** The lock is not held by this lease, and as far as is known never was. */
  | { readonly kind: 'nothing' };

export interface FinishOptions {
  readonly folder: KeeperFolder;
  readonly holder: Holder;
  readonly timing: Timing;
  /** Whether it may be a member of the lease of its run. */
  readonly shares?: boolean;
  /** Whether the lease is known to have been held: if it is not any more, it was lost. A keeper's status says so too. */
  readonly acquired: boolean;
  /** Opened only when the keeper is not there to release. */
  readonly openLock: () => Promise<LockContext>;
  readonly clock: Clock;
  /** How long all of it may take. */
  readonly withinMs: number;
}

/**
 * Ends a hold: closes it, lets the keeper release, and releases itself if there is no keeper (any more). Works with
 * whatever the process that acquired has left behind, down to nothing but the lease id.
 * @throws StoreError when it could not be released; the lease then runs out by itself
 */
export async function finishHold(options: FinishOptions): Promise<HoldEnd> {
  const { folder, clock } = options;
  const startedMs = clock.monotonicMs();
  const untilMs = startedMs + options.withinMs;
  const keeperHears = folder.tryClose();
  const patienceMs = keeperHears ? RELEASE_WITHIN_MS + 2_000 : 0;
  const status = await untilKeeperEnds(options, Math.min(untilMs, startedMs + patienceMs));
  if (status?.state.kind === 'released') return { kind: 'released', keeperDied: false, status };
  if (status?.state.kind === 'lost') {
    await freeEarly(options, { status, untilMs });
    return { kind: 'lost', cause: status.state.cause, status };
  }
  const outcome = await releaseById(options, untilMs);
  const last = status ? { status } : {};
  // Released by this very lease: its keeper, or the process that acquired, died after its last write.
  if (outcome.kind === 'released' || outcome.cause.kind === 'released')
    return { kind: 'released', keeperDied: status !== undefined, ...last };
  return options.acquired || status ? { kind: 'lost', cause: outcome.cause, ...last } : { kind: 'nothing' };
}

/**
 * A lease that its keeper had to give up on may still stand in the store until its ttl is over: then nobody needs to wait
 * for that. Best effort.
 */
async function freeEarly(
  options: FinishOptions,
  { status, untilMs }: { status: KeeperStatus; untilMs: number },
): Promise<void> {
  const { state } = status;
  if (state.kind !== 'lost' || !['unreachable', 'refused', 'max-hold'].includes(state.cause.kind)) return;
  try {
    await releaseById(options, untilMs);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}

/**
 * The keeper's last word, once it is gone: one that is about to end would be swept by the runner as an orphan. A status that
 * says `keeping` is the word of one that died or does not answer.
 */
async function untilKeeperEnds(
  { folder, clock }: FinishOptions,
  untilMs: number,
): Promise<KeeperStatus | undefined> {
  let endMs = untilMs;
  for (let status = folder.readStatus(); status; status = folder.readStatus()) {
    const nowMs = clock.monotonicMs();
    if (!isAlive(status.keeper) || nowMs >= endMs) break;
    // Its last word is said; on a mount that hangs it may never be gone.
    if (status.state.kind !== 'keeping' && endMs === untilMs)
      endMs = Math.min(untilMs, nowMs + GONE_WITHIN_MS);
    await clock.sleep(20);
  }
  return folder.readStatus();
}

/** Releases the lease by its id alone. No call to the store outlasts `untilMs`: a job's end is killed if it takes too long. */
async function releaseById(options: FinishOptions, untilMs: number): Promise<ReleaseOutcome> {
  const { clock } = options;
  const lock = await options.openLock();
  return withTimeout(clock, untilMs - clock.monotonicMs(), undefined, (signal) =>
    releaseOrSeal(lock, options, { untilMs, signal }),
  );
}

/**
 * If the lock is free, the process that wanted it may have died with its write on the wire: the lock is then written anew
 * as released, after which such a write can't match any more.
 */
async function releaseOrSeal(
  lock: LockContext,
  { holder, timing, shares = false, acquired }: FinishOptions,
  within: { untilMs: number; signal: AbortSignal },
): Promise<ReleaseOutcome> {
  const { untilMs, signal } = within;
  for (;;) {
    const seen = await lookUntil(lock, untilMs, signal);
    const { record, version } = seen;
    if (isHeldBy(record, holder.leaseId) && version !== 'absent') {
      const sentAt = instantOf(lock.clock);
      const lease = new Lease(lock, timing, { record, version, sentAt, memberId: holder.leaseId });
      return lease.release(untilMs, signal, { entered: acquired });
    }
    const ofRun = shares && record !== undefined && isSameAttempt(record.holder, holder);
    const leaseId = ofRun ? record.holder.leaseId : holder.leaseId;
    const lost = { kind: 'lost', cause: lossCause(seen, leaseId) } as const;
    if (record && record.state !== 'released') return lost;
    const sealed = successor(record, record ?? neverHeld(lock, holder, { timing, seen }), lock.random);
    const outcome = await commit(lock, sealed, { expected: version, ...within });
    if (outcome.kind !== 'conflict') return lost;
  }
}

function neverHeld(lock: LockContext, holder: Holder, { timing, seen }: { timing: Timing; seen: Seen }) {
  const now = formatInstant(lock.clock.wallMs());
  return {
    state: 'released' as const,
    name: lock.name,
    token: firstToken(lock, seen),
    ttlMs: timing.ttlMs,
    renewals: 0,
    acquiredAt: now,
    holder,
    ended: { how: 'given-up' as const, at: now },
  };
}
