import * as v from 'valibot';
import type { Random } from '../base/random.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { StoreError } from '../store/store.ts';
import { recordKey } from './name.ts';

/** The schema that this version writes and reads. */
export const SCHEMA = 1;
const LONGEST_TRAIL = 8;
/** How many jobs of a run may share a lease at a time: with these its record stays well below what a store reads back. */
export const MOST_MEMBERS = 64;

const text = v.pipe(v.string(), v.maxLength(1_024));
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const nonce = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const idSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const shortText = v.pipe(v.string(), v.maxLength(100));

export const processSchema = v.object({
  pid: v.pipe(whole, v.minValue(1)),
  startTime: v.exactOptional(text),
});

export const holderSchema = v.object({
  /** What the user calls the holder; by default the run id. Not an identity: jobs of one run share it. */
  ownerId: text,
  /** The identity: random, one for each acquisition. */
  leaseId: idSchema,
  repository: v.exactOptional(text),
  workflow: v.exactOptional(text),
  runId: v.exactOptional(text),
  runAttempt: v.exactOptional(whole),
  job: v.exactOptional(text),
  checkRunId: v.exactOptional(text),
  actor: v.exactOptional(text),
  ref: v.exactOptional(text),
  sha: v.exactOptional(text),
  runUrl: v.exactOptional(text),
  host: v.exactOptional(text),
  reason: v.exactOptional(text),
  /** Processes that live as long as the hold does; when all are gone, the holder is. Pids of `bootId` and `pidNamespace`. */
  processes: v.exactOptional(v.pipe(v.array(processSchema), v.maxLength(8))),
  bootId: v.exactOptional(text),
  pidNamespace: v.exactOptional(text),
});

const memberSchema = v.object({
  /** The identity of this job, as a lease id is that of a holder who shares with nobody. The first member's is the lease id. */
  memberId: idSchema,
  /** Its own: what is written never runs out before any member's does. */
  ttlMs: v.pipe(whole, v.minValue(1)),
  /** How long the lease lives on for jobs that are to come, once this one has left. */
  gapMs: v.pipe(whole, v.minValue(1)),
  /** After it nobody is to come: the lock is released as soon as no member is left. */
  last: v.exactOptional(v.literal(true)),
  job: v.exactOptional(shortText),
  checkRunId: v.exactOptional(shortText),
  host: v.exactOptional(shortText),
  /** Its wall clock, ISO 8601. For people only. */
  joinedAt: shortText,
});

const sharedSchema = v.object({
  /** The jobs that hold the lease now. None: the lease waits for the next job of its run, and nobody renews it. */
  members: v.pipe(v.array(memberSchema), v.maxLength(MOST_MEMBERS)),
  /** Since it was taken, one of its members has seen that no lease on a tree above is in its way. */
  entered: v.exactOptional(v.literal(true)),
  /** The last member has left that was to: whoever leaves last releases. */
  closing: v.exactOptional(v.literal(true)),
});

const common = {
  schema: v.literal(SCHEMA),
  name: text,
  /** The fencing token: rises with every change of holder, never falls. */
  token: whole,
  /** New for every write, so that equal contents never give equal versions. */
  nonce,
  /** The nonces of the last writes before this one, newest first: by it a writer whose answer was lost sees that it was superseded. */
  trail: v.pipe(v.array(nonce), v.maxLength(LONGEST_TRAIL)),
  ttlMs: v.pipe(whole, v.minValue(1)),
  renewals: whole,
  /** The holder's wall clock, ISO 8601. For people only: nothing is decided by it. */
  acquiredAt: text,
  /** Who holds the lock; once it is released, who held it last. */
  holder: holderSchema,
  /** What the probe found of this store, so that the next acquisition need not probe again. */
  probed: v.exactOptional(text),
};

const recordSchema = v.variant('state', [
  v.object({
    ...common,
    state: v.literal('held'),
    /** It is held by a run, for all of its jobs that want it. */
    shared: v.exactOptional(sharedSchema),
    /** It is held by a person, for `ttlMs` from this write on, and nobody renews it. */
    reserved: v.exactOptional(
      v.object({
        /** When it ends by the wall clock of who reserved it, ISO 8601. For people only. */
        until: text,
      }),
    ),
    /** It is for the name and all names below it. */
    tree: v.exactOptional(v.literal(true)),
  }),
  v.object({
    ...common,
    state: v.literal('granted'),
    /** The ticket that the lock was handed to. */
    grant: v.object({ ticket: text, leaseId: text }),
  }),
  v.object({
    ...common,
    state: v.literal('released'),
    ended: v.object({
      how: v.picklist(['released', 'broken', 'given-up', 'expired']),
      at: text,
      by: v.exactOptional(text),
      reason: v.exactOptional(text),
    }),
  }),
]);

/** What is stored under a lock's key: who has it, or who had it last. JSON, a few hundred bytes. */
export type LeaseRecord = v.InferOutput<typeof recordSchema>;
export type HeldRecord = Extract<LeaseRecord, { state: 'held' }>;
export type ReleasedRecord = Extract<LeaseRecord, { state: 'released' }>;
export type Holder = v.InferOutput<typeof holderSchema>;
/** One job of a run that shares a lease. Its texts are somebody else's, and not sanitised. */
export type Member = v.InferOutput<typeof memberSchema>;
export type Unsigned<R> = R extends LeaseRecord ? Omit<R, 'schema' | 'nonce' | 'trail'> : never;

/** `next` made ready to be written over `previous`: with a nonce of its own and the trail carried on. */
export function successor<R extends Unsigned<LeaseRecord>>(
  previous: LeaseRecord | undefined,
  next: R,
  random: Random,
): R & Pick<LeaseRecord, 'schema' | 'nonce' | 'trail'> {
  const trail = previous ? [previous.nonce, ...previous.trail].slice(0, LONGEST_TRAIL) : [];
  return { ...next, schema: SCHEMA, nonce: random.hex(16), trail };
}

/** Whether a run holds it for jobs that are to come, and none has it now. */
export function isBetweenJobs(record: LeaseRecord): boolean {
  return record.state === 'held' && record.shared?.members.length === 0;
}

/** `record` ended: nothing is left of how it was held, but who held it. */
export function ended(record: HeldRecord, how: ReleasedRecord['ended']): Unsigned<ReleasedRecord> {
  const { shared: _shared, reserved: _reserved, tree: _tree, ...rest } = record;
  return { ...rest, state: 'released', ended: how };
}

export function serialise(record: LeaseRecord): string {
  return JSON.stringify(record);
}

/** Where a body came from: what it must fit, and the words for it when it does not. */
export interface Origin {
  /** Absent when the key comes from a listing: the record must then name the lock that the key belongs to. */
  readonly name?: string;
  readonly key: string;
  readonly storeUrl: string;
}

/**
 * The record in `body`. Fields that this version does not know are ignored.
 * @throws StoreError `corrupt` when it is not one: nobody enters then, until a person has looked
 */
export function parseRecord(body: string, origin: Origin): LeaseRecord {
  const corrupt = (why: string, advice: string, cause?: unknown): never => {
    throw new StoreError(
      'corrupt',
      `The record of ${origin.name === undefined ? 'a lock' : `lock "${origin.name}"`} ${why}. Nobody gets the lock until it is put right. It is at ${origin.key} in ${sanitise(origin.storeUrl)}; ${advice}.`,
      { cause },
    );
  };
  const look = 'look at it there, and delete it once you are sure that nobody holds the lock';
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    return corrupt(
      body === '' ? 'is empty' : 'is not JSON (cut off, or written by something else)',
      look,
      cause,
    );
  }
  const schema = typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined;
  if (typeof schema === 'number' && schema > SCHEMA) {
    return corrupt(
      `has schema ${schema}; this version of Leasehold reads schema ${SCHEMA}`,
      'update Leasehold to the version that the other users of this lock run',
    );
  }
  const parsed = v.safeParse(recordSchema, json);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return corrupt(
      `is not a lease (${sanitise(`${v.getDotPath(issue) ?? 'record'}: ${issue.message}`)})`,
      look,
    );
  }
  const { name } = parsed.output;
  if (origin.name === undefined ? !isKeyOf(name, origin.key) : name !== origin.name) {
    return corrupt(`names the lock ${quote(name)} instead`, look);
  }
  return parsed.output;
}

function isKeyOf(name: string, key: string): boolean {
  try {
    return recordKey(name) === key;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return false;
  }
}
