import { formatInstant } from '../base/duration.ts';
import { UsageError } from '../base/usage-error.ts';
import { commit } from './commit.ts';
import { type LockContext, look } from './context.ts';
import { isLease } from './lease.ts';
import { ended, type LeaseRecord, successor } from './record.ts';

export type BreakOutcome =
  | { readonly kind: 'broken'; readonly record: LeaseRecord }
  /** The lock is not held by that lease (any more): nothing was written. */
  | { readonly kind: 'not-held'; readonly record: LeaseRecord | undefined };

/**
 * Ends somebody else's lease by hand: writes it as released, conditionally on the very version that was read, so that the
 * next acquisition gets a greater token and the holder sees at its next renewal that it was broken, by whom and why.
 *
 * @param leaseId the lease that `status` showed: a lock that changed hands since then is left alone
 * @throws StoreError
 */
export async function breakLease(
  lock: LockContext,
  request: { leaseId: string; by: string; reason: string; untilMs: number },
): Promise<BreakOutcome> {
  if (request.reason.trim() === '')
    throw new UsageError('reason: is empty. Say why the lease is broken: its holder will read it.');
  for (;;) {
    const seen = await look(lock);
    if (!isLease(seen.record, request.leaseId)) return { kind: 'not-held', record: seen.record };
    const broken = ended(seen.record, {
      how: 'broken',
      at: formatInstant(lock.clock.wallMs()),
      by: request.by,
      reason: request.reason,
    });
    const released = successor(seen.record, broken, lock.random);
    const outcome = await commit(lock, released, {
      expected: seen.version,
      untilMs: request.untilMs,
      durable: true,
    });
    // A conflict is the holder's renewal more often than its end: look again.
    if (outcome.kind !== 'conflict') return { kind: 'broken', record: seen.record };
  }
}
