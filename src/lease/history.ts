import * as v from 'valibot';
import { withTimeout } from '../base/clock.ts';
import { formatInstant, parseInstant } from '../base/duration.ts';
import { sanitise } from '../base/sanitise.ts';
import { type Reading, StoreError, type Version } from '../store/store.ts';
import { callStore, isStoreError, type LockContext } from './context.ts';
import type { LossCause } from './lease.ts';
import { historyKey } from './name.ts';
import type { HeldRecord, Holder, LeaseRecord } from './record.ts';

/*
 * The last holds of a lock, in an object of their own beside the record. For people only: nothing is decided by it, it is
 * written when a hold is over, and a hold may be missing.
 */

const SCHEMA = 1;
export const MOST_HOLDS = 20;
/** With 20 holds the whole stays well below what a store reads back, whatever characters they have. */
const LONGEST_OWNER = 100;
const LONGEST_URL = 200;
const CONFLICTS = 3;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const holdSchema = v.object({
  leaseId: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  ownerId: v.pipe(v.string(), v.maxLength(LONGEST_OWNER)),
  runUrl: v.exactOptional(v.pipe(v.string(), v.maxLength(LONGEST_URL))),
  token: whole,
  /** Absent where it was written by somebody else, who can't know. */
  waitedMs: v.exactOptional(whole),
  /** Of a hold that somebody else ended: by the two clocks of holder and writer. */
  heldMs: v.exactOptional(whole),
  how: v.picklist(['released', 'lost', 'broken', 'stolen']),
  /** A person held it for a time of their own choice, which says nothing of the next hold. */
  reserved: v.exactOptional(v.literal(true)),
  /** When that was known, ISO 8601, by the writer's clock. */
  at: v.pipe(v.string(), v.maxLength(30)),
});
const historySchema = v.object({
  schema: v.literal(SCHEMA),
  /** New for every write, so that equal contents never give equal versions. */
  nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  /** The newest first. */
  holds: v.pipe(v.array(holdSchema), v.maxLength(MOST_HOLDS)),
});

/** One hold that is over. Its texts are somebody else's, and not sanitised. */
export type Hold = v.InferOutput<typeof holdSchema>;

type OwnRecord = Pick<LeaseRecord, 'holder' | 'token'> & Partial<Pick<HeldRecord, 'shared' | 'acquiredAt'>>;

/**
 * A hold that is over, by what its own holder knows.
 * @param ended `released`, or why the lease was lost
 */
export function ownHold(
  { holder, token, shared, acquiredAt }: OwnRecord,
  of: {
    readonly ended: 'released' | LossCause;
    readonly waitedMs?: number | undefined;
    readonly heldMs?: number | undefined;
    readonly nowMs: number;
  },
): Hold {
  // Of a run that has it for its jobs, since the first of them took it.
  const sharedMs = shared && acquiredAt !== undefined ? parseInstant(acquiredAt) : undefined;
  const heldMs = sharedMs === undefined ? of.heldMs : of.nowMs - sharedMs;
  return {
    ...named(holder),
    token,
    ...(of.waitedMs === undefined ? {} : { waitedMs: wholeMs(of.waitedMs) }),
    ...(heldMs === undefined ? {} : { heldMs: wholeMs(heldMs) }),
    how: of.ended === 'released' ? 'released' : howLost(of.ended),
    at: formatInstant(of.nowMs),
  };
}

/** A hold that somebody else has ended, by its last record: for a holder that may never say so itself. */
export function endedHold(record: LeaseRecord, how: 'stolen' | 'broken' | 'released', nowMs: number): Hold {
  const acquiredMs = parseInstant(record.acquiredAt);
  return {
    ...named(record.holder),
    token: record.token,
    ...(acquiredMs === undefined ? {} : { heldMs: wholeMs(nowMs - acquiredMs) }),
    how,
    ...(record.state === 'held' && record.reserved ? { reserved: true } : {}),
    at: formatInstant(nowMs),
  };
}

function named({ leaseId, ownerId, runUrl }: Holder): Pick<Hold, 'leaseId' | 'ownerId' | 'runUrl'> {
  return {
    leaseId,
    ownerId: ownerId.slice(0, LONGEST_OWNER),
    ...(runUrl !== undefined && runUrl.length <= LONGEST_URL ? { runUrl } : {}),
  };
}

function howLost({ kind }: LossCause): Hold['how'] {
  switch (kind) {
    case 'stolen':
    case 'broken':
      return kind;
    case 'released':
    case 'expired':
    case 'missing':
    case 'unreachable':
    case 'refused':
    case 'max-hold':
      return 'lost';
  }
}

function wholeMs(ms: number): number {
  return Math.max(0, Math.round(ms));
}

/**
 * The last holds of a lock, the newest first; none when what is there is no history.
 * @throws StoreError when the store can't be read
 */
export async function readHistory(lock: LockContext, signal?: AbortSignal): Promise<readonly Hold[]> {
  return (await lookAt(lock, signal)).holds;
}

async function lookAt(
  lock: LockContext,
  signal: AbortSignal | undefined,
): Promise<{ holds: readonly Hold[]; version: Version | 'absent' }> {
  const reading = await readObject(lock, signal);
  if (reading.kind !== 'found') return { holds: [], version: 'absent' };
  return { holds: parseHistory(reading.body), version: reading.version };
}

async function readObject(lock: LockContext, signal: AbortSignal | undefined): Promise<Reading> {
  const key = historyKey(lock.name);
  try {
    return await callStore(lock, { limitMs: lock.callTimeoutMs, signal }, (limited) =>
      lock.store.read(key, limited),
    );
  } catch (cause) {
    if (!isStoreError(cause, 'corrupt')) throw cause;
    // The store takes it for the record of a lock, and would have nobody enter.
    throw new StoreError(
      'corrupt',
      `The history of lock "${lock.name}" was written by something else, and no hold is added to it any more. The lock itself does not need it. Delete ${key} in ${sanitise(lock.store.url)}, and a new one is begun.`,
      { cause },
    );
  }
}

function parseHistory(body: string): readonly Hold[] {
  try {
    const parsed = v.safeParse(historySchema, JSON.parse(body));
    return parsed.success ? parsed.output.holds : [];
  } catch {
    return [];
  }
}

/**
 * Adds holds that are over to the history. Best effort, within `withinMs`: nothing is thrown, and a history that can't be
 * read as one is begun anew.
 * @returns why it could not be done, `undefined` when it was
 */
export async function recordHolds(
  lock: LockContext,
  holds: readonly Hold[],
  { withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal },
): Promise<string | undefined> {
  try {
    return await withTimeout(lock.clock, withinMs, signal, (limited) => add(lock, holds, limited));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function add(
  lock: LockContext,
  holds: readonly Hold[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let conflicts = 0; conflicts < CONFLICTS; conflicts += 1) {
    const seen = await lookAt(lock, signal);
    const body = JSON.stringify({
      schema: SCHEMA,
      nonce: lock.random.hex(16),
      holds: [...holds].reduce(withHold, seen.holds),
    });
    const result = await callStore(lock, { limitMs: lock.callTimeoutMs, signal }, (limited) =>
      lock.store.write(historyKey(lock.name), body, seen.version, limited),
    );
    if (result.kind === 'written') return undefined;
  }
  return `others wrote ${historyKey(lock.name)} at the same time, ${CONFLICTS} times over`;
}

/** A victim and its thief may both tell of one hold: who ended it stands, and what only the holder knows is added. */
function withHold(before: readonly Hold[], hold: Hold): readonly Hold[] {
  const known = before.find(({ leaseId }) => leaseId === hold.leaseId);
  if (!known) return [hold, ...before].slice(0, MOST_HOLDS);
  const { how, at } = known.how === 'stolen' || known.how === 'broken' ? known : hold;
  const merged = { ...known, ...hold, how, at };
  return before.map((other) => (other === known ? withLonger(merged, known) : other));
}

/** Of the jobs that share a lease each tells when it leaves: the longest is the nearest to the whole. */
function withLonger(merged: Hold, known: Hold): Hold {
  if (merged.how !== 'released' || merged.heldMs === undefined || known.heldMs === undefined) return merged;
  return { ...merged, heldMs: Math.max(merged.heldMs, known.heldMs) };
}
