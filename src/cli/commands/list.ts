import { withTimeout } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import { sanitise } from '../../base/sanitise.ts';
import { isStoreError } from '../../lease/context.ts';
import { describeHolder } from '../../lease/describe.ts';
import { isRecordKey, RECORDS_PREFIX } from '../../lease/name.ts';
import { parseRecord } from '../../lease/record.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import { type LockDocument, lockDocument } from '../documents.ts';
import { type Cli, messageLines } from '../io.ts';
import { jsonLine } from '../json.ts';
import { CALL_TIMEOUT_MS } from '../lock.ts';
import type { Common } from '../options.ts';
import { table } from '../table.ts';

/** One lock of a listing, or a record that can't be read; part of the documented contract. */
export type Entry =
  | LockDocument
  | { readonly key: string; readonly store: string; readonly state: 'corrupt'; readonly message: string };

const READS_AT_A_TIME = 8;

/**
 * Says who holds which lock of the store.
 * @throws StoreError
 */
export async function list(cli: Cli, options: Common): Promise<number> {
  const store = await openStore(options.store);
  const keys = await withTimeout(cli.clock, CALL_TIMEOUT_MS, undefined, (signal) =>
    store.list(RECORDS_PREFIX, { signal }),
  );
  const read = await inParallel(keys.filter(isRecordKey), (key) => readEntry(cli, options, { store, key }));
  const entries = read.filter((entry) => entry !== undefined);
  if (options.json) cli.print(jsonLine(entries));
  else for (const line of listLines(entries, options.store)) cli.print(line);
  return 0;
}

/** `undefined`: it is gone since it was listed. */
async function readEntry(
  cli: Cli,
  options: Common,
  { store, key }: { store: Store; key: string },
): Promise<Entry | undefined> {
  try {
    const reading = await withTimeout(cli.clock, CALL_TIMEOUT_MS, undefined, (signal) =>
      store.read(key, { age: true, signal }),
    );
    if (reading.kind !== 'found') return undefined;
    const record = parseRecord(reading.body, { key, storeUrl: store.url });
    return lockDocument({ name: record.name, store: options.store, ageMs: reading.ageMs }, record);
  } catch (error) {
    // One broken record hides no other.
    if (!isStoreError(error, 'corrupt')) throw error;
    return { key, store: options.store, state: 'corrupt', message: error.message };
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: READS_AT_A_TIME }, worker));
  return results;
}

const HEAD = ['NAME', 'STATE', 'TOKEN', 'SINCE', 'LEASE LEFT', 'HOLDER'];

/** A table for people, and below it what can't be put into one. */
export function listLines(entries: readonly Entry[], store: string): string[] {
  if (entries.length === 0) return [`There is no lock in ${sanitise(store)}.`];
  const locks = entries.filter((entry) => entry.state !== 'corrupt');
  const rows = [HEAD, ...locks.map(rowOf)];
  const corrupt = entries.filter((entry) => entry.state === 'corrupt');
  return [
    ...(locks.length === 0 ? [] : table(rows)),
    ...corrupt.flatMap(({ message }) => messageLines(`corrupt: ${message}`)),
  ];
}

function rowOf(lock: LockDocument): string[] {
  const { name, token, acquiredAt, holder } = lock;
  const held = lock.state === 'held';
  return [
    name,
    stateOf(lock),
    String(token ?? ''),
    held ? sanitise(acquiredAt ?? '') : '',
    held ? leaseLeft(lock) : '',
    held && holder ? `${describeHolder(holder)}${jobsOf(lock)}` : '',
  ];
}

function stateOf({ state, tree, reservedUntil }: LockDocument): string {
  if (state === 'released') return 'free';
  return `${reservedUntil === undefined ? state : 'reserved'}${tree ? ', tree' : ''}`;
}

function jobsOf({ members }: LockDocument): string {
  if (members === undefined) return '';
  return members.length === 1 ? ', 1 job' : `, ${members.length} jobs`;
}

function leaseLeft({ ttlMs = 0, ageMs }: LockDocument): string {
  if (ageMs === undefined) return 'unknown';
  return ageMs < ttlMs ? formatDuration(ttlMs - ageMs) : `ran out ${formatDuration(ageMs - ttlMs)} ago`;
}
