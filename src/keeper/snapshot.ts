import type { LockContext } from '../lease/context.ts';
import { Lease } from '../lease/lease.ts';
import { recordKey } from '../lease/name.ts';
import type { Timing } from '../lease/policy.ts';
import { parseRecord, serialise } from '../lease/record.ts';
import { StoreError, type Version } from '../store/store.ts';
import { speakProbed } from '../store/trust.ts';
import type { StoredSnapshot } from './handover.ts';

/** A lease as it is handed from process to process. */
export function storeSnapshot(lease: Lease): StoredSnapshot {
  const { record, ...rest } = lease.snapshot;
  return { body: serialise(record), ...rest };
}

/**
 * The lease that another process of this boot left.
 * @throws StoreError `corrupt` when the snapshot holds no lease of this lock
 */
export function resumeLease(lock: LockContext, timing: Timing, snapshot: StoredSnapshot): Lease {
  const { body, version, ...rest } = snapshot;
  const record = parseRecord(body, { name: lock.name, key: recordKey(lock.name), storeUrl: lock.store.url });
  if (record.state !== 'held') {
    throw new StoreError('corrupt', `The snapshot of lock "${lock.name}" is ${record.state}, not held.`);
  }
  speakProbed(lock.store, record.probed);
  return new Lease(lock, timing, { record, version: version as Version, ...rest });
}
