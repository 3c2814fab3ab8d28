import * as v from 'valibot';
import { STALE_POLICIES } from '../lease/policy.ts';
import { holderSchema, processSchema } from '../lease/record.ts';
import type { Decision } from '../protocols/acquire.ts';
import type { LossCause } from '../protocols/keep.ts';
import { type Held, type Holding, type Identity, PROTOCOLS } from '../protocols/protocol.ts';
import { VFS_KEYS } from '../protocols/settings.ts';
import { accessSchema, cancelSchema, parse, runSchema } from './handover.ts';

/*
 * What passes between a process that wants a lock of another program's and the keeper that takes and holds it. Unlike a lease,
 * such a lock is taken by the keeper itself: its record may name a process, or the system tie it to one.
 */

const ms = v.pipe(v.number(), v.finite());

/** Whatever a protocol tells its locks by: all of it strings. */
const identitySchema = v.custom<Identity>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((part) => typeof part === 'string'),
);

export const heldSchema = v.object({
  path: v.string(),
  pid: v.exactOptional(v.number()),
  host: v.exactOptional(v.string()),
  ownerId: v.exactOptional(v.string()),
  since: v.exactOptional(v.string()),
  ttlMs: v.exactOptional(ms),
  standing: v.object({
    expired: v.exactOptional(v.boolean()),
    holder: v.picklist(['alive', 'finished', 'unknown']),
    takeable: v.boolean(),
    detail: v.string(),
  }),
  identity: identitySchema,
}) satisfies v.GenericSchema<Held>;

const holdingSchema = v.object({
  protocol: v.picklist(PROTOCOLS),
  path: v.string(),
  pid: v.number(),
  identity: identitySchema,
  ownerId: v.exactOptional(v.string()),
  ttlMs: v.exactOptional(ms),
}) satisfies v.GenericSchema<Holding>;

/** What a protocol is opened with, for all processes of a hold. */
export const openingSchema = v.object({
  protocol: v.picklist(PROTOCOLS),
  path: v.string(),
  keys: v.exactOptional(v.picklist(VFS_KEYS)),
  /** How S3 is reached, where the path is there. */
  access: accessSchema,
});
export type Opening = v.InferOutput<typeof openingSchema>;

const handoverSchema = v.object({
  kind: v.literal('protocol'),
  opening: openingSchema,
  ownerId: v.string(),
  ttlMs: v.exactOptional(ms),
  stalePolicy: v.picklist(STALE_POLICIES),
  waitTimeoutMs: ms,
  maxHoldMs: ms,
  folder: v.string(),
  /** Who holds the lock, as the notify command is told. */
  self: holderSchema,
  /** The user's commands, empty where there is none, with the environment that they are to have, which may be secret. */
  commands: v.object({
    onStale: v.string(),
    notify: v.string(),
    environment: v.record(v.string(), v.string()),
  }),
  /** The run that is cancelled when the lock is lost. There is a secret in it. */
  cancel: v.exactOptional(runSchema),
  /** When this process is gone, so is the job. */
  worker: v.exactOptional(processSchema),
  /** Variables that may be secret: credentials, proxies. They come by the pipe and are in no process list. */
  environment: v.record(v.string(), v.string()),
});
/** All that such a keeper is given, once, on its standard input. */
export type ProtocolHandover = v.InferOutput<typeof handoverSchema>;

const lossSchema = v.variant('kind', [
  v.object({ kind: v.literal('compromised'), detail: v.string(), by: v.exactOptional(heldSchema) }),
  v.object({ kind: v.literal('unreachable'), detail: v.string() }),
  v.object({ kind: v.literal('max-hold'), maxHoldMs: ms }),
]) satisfies v.GenericSchema<LossCause>;

/** The kind of a StoreError, or that it was a UsageError. */
const faultSchema = v.picklist([
  'unavailable',
  'denied',
  'misconfigured',
  'corrupt',
  'indeterminate',
  'usage',
]);

const decisionSchema = v.variant('kind', [
  v.object({ kind: v.literal('wait') }),
  v.object({ kind: v.literal('spare'), why: v.string() }),
]) satisfies v.GenericSchema<Decision>;

const holdSchema = v.object({
  /** As it was renewed last. */
  holding: holdingSchema,
  /** On this boot's monotonic clock. */
  acquiredMs: ms,
  waitedMs: ms,
  /** The stale lock that was taken over. */
  took: v.exactOptional(heldSchema),
  renewals: v.number(),
  /** When it was renewed, on the monotonic clock; of many renewals some. */
  renewedMs: v.array(ms),
  /** Wall clock: when it was last seen to be ours. At most some seconds ago, while its keeper lives. */
  oursAtMs: ms,
});
export type KeptHold = v.InferOutput<typeof holdSchema>;

const statusSchema = v.object({
  kind: v.literal('protocol'),
  keeper: processSchema,
  state: v.variant('kind', [
    /** Nothing is known yet of who has the lock; `trouble`: why not. */
    v.object({ kind: v.literal('trying'), trouble: v.exactOptional(v.string()) }),
    v.object({ kind: v.literal('waiting'), held: heldSchema, decision: decisionSchema }),
    v.object({
      kind: v.picklist(['busy', 'timed-out']),
      by: heldSchema,
      waitedMs: ms,
    }),
    /** It was closed before it had the lock. */
    v.object({ kind: v.literal('cancelled') }),
    v.object({ kind: v.literal('keeping') }),
    v.object({ kind: v.literal('released') }),
    v.object({
      kind: v.literal('lost'),
      cause: lossSchema,
      at: v.string(),
      /** From then on another holder may have been beside this one. */
      aloneUntil: v.string(),
      cancel: v.exactOptional(cancelSchema),
      notifyFailed: v.exactOptional(v.string()),
    }),
    /** It ended with an error: without the lock, or (where there is a `hold`) without having given it back. */
    v.object({ kind: v.literal('failed'), detail: v.string(), fault: v.exactOptional(faultSchema) }),
  ]),
  /** Since it was acquired. */
  hold: v.exactOptional(holdSchema),
});
/** What the keeper says of itself, written anew at every change, and every few seconds while it keeps the lock. */
export type ProtocolStatus = v.InferOutput<typeof statusSchema>;
export type ProtocolState = ProtocolStatus['state'];

/** `undefined` when `text` is something else: the handover of a lease, for instance. */
export function parseProtocolHandover(text: string): ProtocolHandover | undefined {
  return parse(handoverSchema, text);
}

/** `undefined` when `text` is not such a status, cut off for instance. */
export function parseProtocolStatus(text: string): ProtocolStatus | undefined {
  return parse(statusSchema, text);
}
