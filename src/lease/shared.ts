import { isSameAttempt } from './evidence.ts';
import {
  ended,
  type HeldRecord,
  type Holder,
  isBetweenJobs,
  type Member,
  MOST_MEMBERS,
  type ReleasedRecord,
  type Unsigned,
} from './record.ts';

/*
 * A lease that the jobs of one run attempt share. Each job is a member under an id of its own, and whoever leaves takes
 * only itself off the list. Every change is a conditional write of the lock's one record, as everywhere.
 */

/** What becomes of a shared lease when a job of it is done. */
export interface Sharing {
  /** How long it lives on for the next job of the run. */
  readonly gapMs: number;
  /** Nobody is to come after this job. */
  readonly last: boolean;
}

/** Whether `asking`, which wants to share, is a job of the very run that holds the lease. */
export function isOwnRun(record: HeldRecord, asking: Holder): boolean {
  return record.shared !== undefined && isSameAttempt(record.holder, asking);
}

export function hasRoom({ shared }: HeldRecord): boolean {
  return shared !== undefined && shared.members.length < MOST_MEMBERS;
}

/** Whether the lease ends by its own terms, and nobody is told who believes in it: a run between two jobs, a reservation. */
export function endsByItself(record: HeldRecord): boolean {
  return record.reserved !== undefined || isBetweenJobs(record);
}

/** `record` with one more member, which also renews it. */
export function joined(record: HeldRecord, member: Member): HeldRecord {
  const { shared = { members: [] } } = record;
  return renewed({ ...record, shared: { ...shared, members: [...shared.members, member] } });
}

/** `record` renewed. One that is shared never runs out before a member may believe that it does. */
export function renewed(record: HeldRecord): HeldRecord {
  const { shared, ttlMs, renewals } = record;
  return { ...record, ttlMs: shared ? longestTtl(shared.members, 0) : ttlMs, renewals: renewals + 1 };
}

/** `record` renewed by a member that has seen that no lease on a tree above is in the way. */
export function entered(record: HeldRecord): HeldRecord {
  const next = renewed(record);
  return next.shared ? { ...next, shared: { ...next.shared, entered: true } } : next;
}

/**
 * `record` once its holder, or this member of it, is gone. A lease that is shared lives on for the gap, whether or not
 * others have it: their renewals make that the ttl again, and where they are dead jobs that are still to come find it.
 *
 * @param how.entered whether its job ever began. If not, nothing is left for others by who took the lock
 */
export function left(
  record: HeldRecord,
  memberId: string,
  { entered: began, at }: { readonly entered: boolean; readonly at: string },
): HeldRecord | Unsigned<ReleasedRecord> {
  const released = ended(record, { how: 'released', at });
  const { shared } = record;
  if (!shared) return released;
  const { members: before, closing: closed } = shared;
  const own = before.find((member) => member.memberId === memberId);
  const members = before.filter((member) => member !== own);
  const closing = closed ?? (began && own?.last ? true : undefined);
  const unused = !began && record.holder.leaseId === memberId;
  if (members.length === 0 && (closing || unused)) return released;
  return {
    ...record,
    // Who never entered changes nothing for those that are there.
    ttlMs: longestTtl(members, began || members.length === 0 ? (own?.gapMs ?? record.ttlMs) : 0),
    shared: { ...shared, members, ...(closing ? { closing } : {}) },
  };
}

function longestTtl(members: readonly Member[], leastMs: number): number {
  return Math.max(leastMs, ...members.map(({ ttlMs }) => ttlMs));
}
