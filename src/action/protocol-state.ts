import * as v from 'valibot';
import { parse } from '../keeper/handover.ts';
import { heldSchema, openingSchema } from '../keeper/protocol-handover.ts';
import { holderSchema, processSchema } from '../lease/record.ts';
import { ON_LOST } from './inputs.ts';
import { readStateText, save } from './toolkit.ts';

/*
 * What pre (or main) leaves for main and post of a lock that is another program's. It is saved before the keeper is started,
 * so that post can end whatever there is. No secret is in it.
 */

const ms = v.pipe(v.number(), v.finite());

const configSchema = v.object({
  opening: openingSchema,
  /** Who holds the lock, for people. */
  self: holderSchema,
  folder: v.string(),
  onLost: v.picklist(ON_LOST),
  summary: v.boolean(),
});
export type ProtocolConfig = v.InferOutput<typeof configSchema>;

const resultSchema = v.variant('kind', [
  v.object({
    kind: v.literal('acquired'),
    waitedMs: ms,
    /** On this boot's monotonic clock. */
    acquiredMs: ms,
    keeper: processSchema,
    /** The stale lock that was taken over. */
    took: v.exactOptional(heldSchema),
  }),
  v.object({ kind: v.literal('skipped'), by: heldSchema, waitedMs: ms }),
]);
export type ProtocolResult = v.InferOutput<typeof resultSchema>;

export function saveProtocolConfig(config: ProtocolConfig): void {
  save('protocol', config);
}

export function saveProtocolResult(result: ProtocolResult): void {
  save('protocol-result', result);
}

/** What an earlier phase has left; `undefined` where it is empty, cut off or something else. */
export function readProtocolState(): {
  readonly config: ProtocolConfig | undefined;
  readonly result: ProtocolResult | undefined;
} {
  return {
    config: parse(configSchema, readStateText('protocol')),
    result: parse(resultSchema, readStateText('protocol-result')),
  };
}
