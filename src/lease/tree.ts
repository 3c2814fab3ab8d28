import { callStore, type LockContext, lookUntil } from './context.ts';
import { isRecordKey, recordKey, treePrefix } from './name.ts';
import { type HeldRecord, parseRecord } from './record.ts';

/*
 * A lease on a tree and the leases below it are records of their own, and no write spans two. So each side writes its own
 * first and reads the other's after: of two that overlap at least one sees the other, and the lower one gives way.
 */

/** A lock whose tree is held. */
export interface Frozen {
  readonly lock: LockContext;
  readonly record: HeldRecord;
}

/** Few enough that nothing else of the process waits for them. */
const READS_AT_A_TIME = 4;

/**
 * The outermost of the names `above` on which a lease on its tree is held, at the moment of the read.
 * @param untilMs until when to try, on the monotonic clock
 * @throws StoreError
 */
export async function treeAbove(
  lock: LockContext,
  above: readonly string[],
  { untilMs, signal }: { readonly untilMs: number; readonly signal: AbortSignal | undefined },
): Promise<Frozen | undefined> {
  const locks = above.map((name) => ({ ...lock, name }));
  const seen = await all(locks.map((each) => lookUntil(each, untilMs, signal)));
  for (const [at, { record }] of seen.entries()) {
    const above = locks[at];
    if (above && record?.state === 'held' && record.tree) return { lock: above, record };
  }
  return undefined;
}

/**
 * The locks below that are held, at the moment of the read.
 * @throws StoreError also when a record there can't be read: it may be that of a lease
 */
export async function heldBelow(lock: LockContext, signal: AbortSignal | undefined): Promise<LockContext[]> {
  const limit = { limitMs: lock.callTimeoutMs, signal };
  const keys = await callStore(lock, limit, (limited) => lock.store.list(treePrefix(lock.name), limited));
  const below = keys.filter((key) => isRecordKey(key) && key !== recordKey(lock.name));
  const held: LockContext[] = [];
  const queue = below.values();
  const readThem = async (): Promise<void> => {
    for (const key of queue) {
      const reading = await callStore(lock, limit, (limited) => lock.store.read(key, limited));
      if (reading.kind !== 'found') continue;
      const { state, name } = parseRecord(reading.body, { key, storeUrl: lock.store.url });
      if (state === 'held') held.push({ ...lock, name });
    }
  };
  await all(Array.from({ length: READS_AT_A_TIME }, readThem));
  return held;
}

/** The results of all; where one fails, only once none goes on behind the back of who gives up. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
