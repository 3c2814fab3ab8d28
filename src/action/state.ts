import * as v from 'valibot';
import { accessSchema, snapshotSchema } from '../keeper/handover.ts';
import { holderSchema } from '../lease/record.ts';
import { ON_LOST } from './inputs.ts';

/*
 * What pre (or main) leaves for main and post: values of the runner's state, which is one dictionary over the three
 * phases. `config` is saved before the first write to the store, so that post can clean up after a process that died at
 * any point. Neither holds a secret.
 */

const ms = v.pipe(v.number(), v.finite());

const configSchema = v.object({
  name: v.string(),
  store: v.string(),
  access: accessSchema,
  timing: v.object({ ttlMs: ms, renewEveryMs: ms, marginMs: ms, callTimeoutMs: ms }),
  holder: holderSchema,
  /** With `scope: run`: what this job is as a member of the lease of its run. Its member id is the holder's lease id. */
  sharing: v.exactOptional(
    v.object({
      gapMs: ms,
      last: v.boolean(),
      job: v.exactOptional(v.string()),
      checkRunId: v.exactOptional(v.string()),
      host: v.exactOptional(v.string()),
    }),
  ),
  folder: v.string(),
  heartbeat: v.boolean(),
  maxHoldMs: ms,
  onLost: v.picklist(ON_LOST),
  summary: v.boolean(),
});
/** What main and post go by, in place of the inputs, which they never read anew. */
export type Config = v.InferOutput<typeof configSchema>;

const resultSchema = v.variant('kind', [
  v.object({
    kind: v.literal('acquired'),
    token: v.number(),
    waitedMs: ms,
    /** On this boot's monotonic clock. */
    acquiredMs: ms,
    /** Body, version and send time of the record, for a main that must renew it without a keeper. */
    snapshot: snapshotSchema,
    stolenFrom: v.exactOptional(holderSchema),
    /** The lease, where that is not this job's own but that of its run. */
    joined: v.exactOptional(v.string()),
  }),
  v.object({ kind: v.literal('skipped'), by: holderSchema, waitedMs: ms }),
  v.object({ kind: v.literal('disabled') }),
]);
/** How the acquisition ended, when it ended well. Absent: it failed, was cancelled or died. */
export type Result = v.InferOutput<typeof resultSchema>;

/** `protocol` and `protocol-result`: those of a lock of another program, see protocol-state.ts. */
export const STATE_KEYS = ['config', 'result', 'loss-told', 'protocol', 'protocol-result'] as const;
export type StateKey = (typeof STATE_KEYS)[number];

/** `undefined` when the text is empty, cut off or not a configuration. */
export function parseConfig(text: string): Config | undefined {
  return parse(configSchema, text);
}

/** `undefined` when the text is empty, cut off or not a result. */
export function parseResult(text: string): Result | undefined {
  return parse(resultSchema, text);
}

function parse<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
