import { EXPIRY_GRACE_MS } from '../lease/policy.ts';
import type { HeldRecord, Holder, LeaseRecord, Member } from '../lease/record.ts';

/** One lock as JSON; part of the documented contract. */
export interface LockDocument {
  readonly name: string;
  readonly store: string;
  /** `absent`: it was never held. */
  readonly state: LeaseRecord['state'] | 'absent';
  readonly token?: number;
  /** Who holds it; of a lock that is released: who held it last. */
  readonly holder?: Holder;
  readonly ttlMs?: number;
  readonly renewals?: number;
  readonly acquiredAt?: string;
  /** How long ago the record was written, by the store's clock; absent where the store has none. */
  readonly ageMs?: number;
  /** Whether others may take it (by the policy `expired`); absent where the store has no clock, and when it is not held. */
  readonly expired?: boolean;
  /** Whether it is held with all locks below it. */
  readonly tree?: true;
  /** Since it is reserved: when that ends, by the clock of who reserved it. */
  readonly reservedUntil?: string;
  /** The jobs that have it, where a run holds it for its jobs; none between two of them. */
  readonly members?: readonly Member[];
  /** The lock above that is held with all below it, by which this one can't be had. Only `status` looks for it. */
  readonly frozenBy?: LockDocument;
  readonly ended?: Extract<LeaseRecord, { state: 'released' }>['ended'];
}

/** A record, or that there is none, as the JSON documents show it. */
export function lockDocument(
  { name, store, ageMs }: { name: string; store: string; ageMs?: number | undefined },
  record: LeaseRecord | undefined,
): LockDocument {
  if (!record) return { name, store, state: 'absent' };
  const { state, token, holder, ttlMs, renewals, acquiredAt } = record;
  return {
    name,
    store,
    state,
    token,
    holder,
    ttlMs,
    renewals,
    acquiredAt,
    ...(ageMs === undefined ? {} : { ageMs: Math.round(ageMs) }),
    ...(ageMs === undefined || state !== 'held' ? {} : { expired: isExpired(ttlMs, ageMs) }),
    ...(state === 'held' ? heldFields(record) : {}),
    ...(state === 'released' ? { ended: record.ended } : {}),
  };
}

function heldFields({ tree, reserved, shared }: HeldRecord): Partial<LockDocument> {
  return {
    ...(tree ? { tree } : {}),
    ...(reserved ? { reservedUntil: reserved.until } : {}),
    ...(shared ? { members: shared.members } : {}),
  };
}

/** Whether others may call a lease of that age expired. */
export function isExpired(ttlMs: number, ageMs: number): boolean {
  return ageMs >= ttlMs + EXPIRY_GRACE_MS;
}
