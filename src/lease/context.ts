import { type Clock, withTimeout } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import { type Store, StoreError, type Version } from '../store/store.ts';
import { recordKey } from './name.ts';
import { type LeaseRecord, parseRecord } from './record.ts';

/** What every operation on a lock needs: the lock, its store, and the world. */
export interface LockContext {
  readonly name: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** How long one call to the store may take. */
  readonly callTimeoutMs: number;
}

/**
 * The token of the first holder of a lock that has no record: whole seconds of the store's clock, or of our own, so that a
 * record that was deleted does not send tokens back. Of a clock before 1970, 0.
 */
export function firstToken({ clock }: Pick<LockContext, 'clock'>, { storeTimeMs }: Seen): number {
  return Math.max(0, Math.floor((storeTimeMs ?? clock.wallMs()) / 1_000));
}

/** One state of a lock's record. */
export interface Seen {
  readonly record: LeaseRecord | undefined;
  readonly version: Version | 'absent';
  readonly ageMs?: number;
  /** The store's own clock, milliseconds since the epoch, when the record is absent and the store has a clock. */
  readonly storeTimeMs?: number;
}

/** One call to the store of the lock, over at the latest after `limitMs`. `signal` cuts it short. */
export async function callStore<T>(
  lock: Pick<LockContext, 'store' | 'clock'>,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal | undefined },
  call: (options: { readonly signal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  if (lock.store.prompt) return call(signal ? { signal } : {});
  return withTimeout(lock.clock, limitMs, signal, (limited) => call({ signal: limited }));
}

/**
 * One read of the lock's record. With `previous`, an unchanged record costs no body.
 * @throws StoreError
 */
export async function look(
  lock: LockContext,
  options: { previous?: Seen | undefined; age?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<Seen> {
  const { previous, age = false } = options;
  const key = recordKey(lock.name);
  const known = previous && previous.version !== 'absent' ? { known: previous.version } : {};
  const limit = { limitMs: lock.callTimeoutMs, signal: options.signal };
  const reading = await callStore(lock, limit, (limited) =>
    lock.store.read(key, { ...known, age, ...limited }),
  );
  switch (reading.kind) {
    case 'absent':
      return {
        record: undefined,
        version: 'absent',
        ...(reading.storeTimeMs === undefined ? {} : { storeTimeMs: reading.storeTimeMs }),
      };
    case 'unchanged':
      if (!previous)
        throw new StoreError('corrupt', `${lock.store.url} answered "unchanged" to a first read of ${key}.`);
      return {
        record: previous.record,
        version: previous.version,
        ...(reading.ageMs === undefined ? {} : { ageMs: reading.ageMs }),
      };
    case 'found':
      return {
        record: parseRecord(reading.body, { name: lock.name, key, storeUrl: lock.store.url }),
        version: reading.version,
        ...(reading.ageMs === undefined ? {} : { ageMs: reading.ageMs }),
      };
  }
}

/**
 * `look`, again and again while the store does not answer.
 * @param untilMs when to stop trying, on the monotonic clock
 * @throws StoreError the last one, when time is up or `signal` aborts; at once what does not pass by itself
 */
export async function lookUntil(lock: LockContext, untilMs: number, signal?: AbortSignal): Promise<Seen> {
  let last: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await look(lock, { signal });
    } catch (error) {
      if (!isStoreError(error, 'unavailable', 'indeterminate')) throw error;
      // What our own stop cuts off says nothing of the store; what failed before that does.
      if (signal?.aborted) throw last ?? error;
      if (lock.clock.monotonicMs() >= untilMs) throw error;
      last = error;
      await backOff(lock, attempt, signal);
    }
  }
}

/** Waits before the `attempt`-th try again (from 0): 0.2 s doubling to 5 s, ± 30 %. */
export async function backOff(
  { clock, random }: Pick<LockContext, 'clock' | 'random'>,
  attempt: number,
  signal?: AbortSignal,
): Promise<void> {
  await clock.sleep(jitter(random, Math.min(200 * 2 ** attempt, 5_000), 0.3), signal);
}

export function isStoreError(error: unknown, ...kinds: StoreError['kind'][]): error is StoreError {
  return error instanceof StoreError && (kinds.length === 0 || kinds.includes(error.kind));
}
