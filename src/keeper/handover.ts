import * as v from 'valibot';
import type { CancelOutcome, RunToCancel } from '../github/cancel.ts';
import { holdSchema } from '../lease/history.ts';
import type { LossCause } from '../lease/lease.ts';
import { holderSchema, processSchema } from '../lease/record.ts';
import type { S3Access } from '../store/s3.ts';

/*
 * What passes between the process that takes a lease, the keeper, and the process that ends the hold. All of it is checked
 * when it is read: a file that was cut off must never be taken for a lease.
 */

const ms = v.pipe(v.number(), v.finite());
const instantSchema = v.object({ wallMs: ms, monotonicMs: ms });

export const snapshotSchema = v.object({
  /** The record's body as it is in the store. */
  body: v.string(),
  version: v.string(),
  /** On this boot's clocks, which all of its processes share. */
  sentAt: instantSchema,
  /** Who of those that share the lease it is, where that is not the one that took it. */
  memberId: v.exactOptional(v.string()),
});
export type StoredSnapshot = v.InferOutput<typeof snapshotSchema>;

/** How an S3 store is reached; nothing in it is a secret. */
export const accessSchema = v.object({
  region: v.exactOptional(v.string()),
  role: v.exactOptional(v.object({ arn: v.string(), sessionName: v.string(), audience: v.string() })),
}) satisfies v.GenericSchema<S3Access>;

export const runSchema = v.object({
  apiUrl: v.string(),
  repository: v.string(),
  runId: v.string(),
  token: v.string(),
}) satisfies v.GenericSchema<RunToCancel>;

const handoverSchema = v.object({
  name: v.string(),
  store: v.string(),
  access: accessSchema,
  timing: v.object({ ttlMs: ms, renewEveryMs: ms, marginMs: ms, callTimeoutMs: ms }),
  snapshot: snapshotSchema,
  folder: v.string(),
  maxHoldMs: ms,
  /** When the lock was taken, on this boot's monotonic clock, and after how long a wait: for the history. */
  acquiredMs: ms,
  waitedMs: ms,
  /** Whose hold ended by the steal that this one began with: the history is told of it, too. */
  victim: v.exactOptional(holdSchema),
  /** The command that is told of a loss, with the environment of the process that took the lock, which may be secret. */
  notify: v.exactOptional(v.object({ command: v.string(), environment: v.record(v.string(), v.string()) })),
  /** The run that is cancelled when the lease is lost. There is a secret in it. */
  cancel: v.exactOptional(runSchema),
  /** When this process is gone, so is the job, and the lease is left to run out. */
  worker: v.exactOptional(processSchema),
  /** Variables that may be secret: credentials, proxies. They come by the pipe and are in no process list. */
  environment: v.record(v.string(), v.string()),
});
/** All that a keeper is given, once, on its standard input. */
export type Handover = v.InferOutput<typeof handoverSchema>;

const lossSchema = v.variant('kind', [
  v.object({
    kind: v.literal('stolen'),
    by: holderSchema,
    token: v.number(),
    at: v.exactOptional(v.string()),
  }),
  v.object({
    kind: v.literal('broken'),
    by: v.exactOptional(v.string()),
    reason: v.exactOptional(v.string()),
    at: v.exactOptional(v.string()),
  }),
  v.object({ kind: v.literal('released'), at: v.exactOptional(v.string()) }),
  v.object({
    kind: v.literal('expired'),
    by: v.exactOptional(v.string()),
    at: v.exactOptional(v.string()),
  }),
  v.object({ kind: v.literal('missing') }),
  v.object({ kind: v.literal('unreachable'), detail: v.string() }),
  v.object({ kind: v.literal('refused'), detail: v.string() }),
  v.object({ kind: v.literal('max-hold'), maxHoldMs: ms }),
]) satisfies v.GenericSchema<LossCause>;

export const cancelSchema = v.variant('kind', [
  v.object({ kind: v.literal('accepted') }),
  v.object({ kind: v.literal('failed'), detail: v.string() }),
]) satisfies v.GenericSchema<CancelOutcome>;

const statusSchema = v.object({
  keeper: processSchema,
  state: v.variant('kind', [
    v.object({ kind: v.literal('keeping') }),
    v.object({ kind: v.literal('released') }),
    v.object({
      kind: v.literal('lost'),
      cause: lossSchema,
      at: v.string(),
      /** See `aloneUntilMs`. */
      aloneUntil: v.string(),
      /** What became of cancelling the run, where that was asked for and is known by now. */
      cancel: v.exactOptional(cancelSchema),
      /** The notify command could not be told of it. */
      notifyFailed: v.exactOptional(v.string()),
    }),
    /** It ended without releasing, and the lease runs out by itself. */
    v.object({ kind: v.literal('failed'), detail: v.string() }),
  ]),
  snapshot: snapshotSchema,
  renewals: v.number(),
  /** How far past the deadline a renewal came that still found nobody else in; the longest. */
  latestMs: v.exactOptional(ms),
  /** When it was renewed, on the monotonic clock; of many renewals some. Absent: by no renewal of this keeper. */
  renewedMs: v.exactOptional(v.array(ms)),
});
/** What a keeper says of itself, written anew after every renewal and at its end. */
export type KeeperStatus = v.InferOutput<typeof statusSchema>;

/** @throws Error when `text` is not a handover. It repeats nothing of it: the error goes to a log, and there are secrets in it. */
export function parseHandover(text: string): Handover {
  const handover = parse(handoverSchema, text);
  if (!handover) throw new Error(`What came on standard input (${text.length} characters) is no handover.`);
  return handover;
}

/** `undefined` when `text` is not a status, cut off for instance. */
export function parseStatus(text: string): KeeperStatus | undefined {
  return parse(statusSchema, text);
}

/** `undefined` when `text` is not JSON of that shape. */
export function parse<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Variables a process may see anyway. */
const PLAIN = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'TMPDIR',
  'LANG',
  'TZ',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'RUNNER_TRACKING_ID',
];
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'];

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that a keeper is started with: an allowlist without a secret. */
export function plainEnvironment(from: Environment): Record<string, string> {
  return pick(from, (name) => PLAIN.includes(name.toUpperCase()));
}

/** By what a job asks GitHub for its identity. */
const IDENTITY = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'];

/** The variables that a store may need and that may be secret. With a role these are those by which it is assumed anew. */
export function secretEnvironment(from: Environment, { role }: S3Access): Record<string, string> {
  return pick(
    from,
    (name) =>
      name.startsWith('AWS_') ||
      PROXIES.includes(name.toUpperCase()) ||
      (role !== undefined && IDENTITY.includes(name)),
  );
}

/** All variables, for a command of the user's. */
export function wholeEnvironment(from: Environment): Record<string, string> {
  return pick(from, () => true);
}

function pick(from: Environment, wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(from).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && wanted(entry[0]),
    ),
  );
}
