import { formatDuration } from '../../base/duration.ts';
import { sanitise } from '../../base/sanitise.ts';
import { tokenIn } from '../../github/server.ts';
import { look, type Seen } from '../../lease/context.ts';
import { describeRecord } from '../../lease/describe.ts';
import { EXPIRY_GRACE_MS } from '../../lease/policy.ts';
import type { LeaseRecord } from '../../lease/record.ts';
import { isExpired, lockDocument } from '../documents.ts';
import type { Cli } from '../io.ts';
import { jsonLine } from '../json.ts';
import { breakCommand, gitHubEvidence, openLock } from '../lock.ts';
import type { StatusOptions } from '../options.ts';

/**
 * Says who holds the lock. Free or held, that is no failure.
 * @throws StoreError
 */
export async function status(cli: Cli, options: StatusOptions): Promise<number> {
  const { name, store, json } = options;
  const seen = await look(await openLock(cli, options), { age: true });
  if (json) cli.print(jsonLine(lockDocument({ name, store, ageMs: seen.ageMs }, seen.record)));
  else for (const line of statusLines(options, seen, await runLine(cli, seen.record))) cli.print(line);
  return 0;
}

/** Whether the holder's run is over, where there is a token to ask GitHub with. */
async function runLine(cli: Cli, record: LeaseRecord | undefined): Promise<string[]> {
  if (record?.state !== 'held' || record.holder.runUrl === undefined || tokenIn(cli.environment) === '')
    return [];
  const verdict = await gitHubEvidence(cli).check(record);
  return [`  state   ${sanitise(verdict.kind === 'finished' ? verdict.proof : verdict.detail)}`];
}

function statusLines(options: StatusOptions, { record, ageMs }: Seen, run: readonly string[]): string[] {
  if (!record)
    return [`Lock "${options.name}" is free. Nobody has ever held it in ${sanitise(options.store)}.`];
  if (record.state !== 'held') return describeRecord(record);
  return [
    ...describeRecord(record),
    `  lease   ${leaseLine(record.ttlMs, ageMs)}`,
    ...run,
    `To end that lease by hand, when its holder is dead: ${breakCommand(options, record.holder.leaseId)}`,
  ];
}

/** What a lease is worth, by its age on the store's clock. */
function leaseLine(ttlMs: number, ageMs: number | undefined): string {
  if (ageMs === undefined) {
    return `the store has no clock to tell its age: watch it for ${formatDuration(ttlMs + EXPIRY_GRACE_MS)}, and if it shows no renewal it has run out`;
  }
  if (isExpired(ttlMs, ageMs)) {
    return `ran out ${formatDuration(ageMs - ttlMs)} ago: whoever wants the lock takes it (stale policy "expired")`;
  }
  return `runs out in ${formatDuration(Math.max(0, ttlMs - ageMs))} unless it is renewed (ttl ${formatDuration(ttlMs)})`;
}
