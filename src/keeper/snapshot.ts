import type { Lease } from '../lease/lease.ts';
import { serialise } from '../lease/record.ts';
import type { StoredSnapshot } from './handover.ts';

/** A lease as it is handed from process to process. */
export function storeSnapshot(lease: Lease): StoredSnapshot {
  const { record, version, sentAt } = lease.snapshot;
  return { body: serialise(record), version, sentAt };
}
