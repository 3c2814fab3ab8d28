import { formatInstant } from '../base/duration.ts';
import type { Lease, RenewOutcome } from './lease.ts';

/**
 * Makes of a lease that was just acquired a reservation: from now on it needs no keeper, and ends after `forMs` by itself.
 * @param untilMs when to stop trying, on the monotonic clock
 * @throws StoreError as `Lease.renew` does
 */
export function reserve(
  lease: Lease,
  {
    forMs,
    untilMs,
    signal,
  }: { readonly forMs: number; readonly untilMs: number; readonly signal?: AbortSignal },
): Promise<RenewOutcome> {
  const until = formatInstant(lease.lock.clock.wallMs() + forMs);
  return lease.rewrite(
    (record) => ({ ...record, renewals: record.renewals + 1, ttlMs: forMs, reserved: { until } }),
    { untilMs, signal },
  );
}
