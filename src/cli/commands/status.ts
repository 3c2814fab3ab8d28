import { formatDuration } from '../../base/duration.ts';
import { sanitise } from '../../base/sanitise.ts';
import { tokenIn } from '../../github/server.ts';
import { type LockContext, look, type Seen } from '../../lease/context.ts';
import { describeHelp, describeRecord, describeRefusal } from '../../lease/describe.ts';
import { ancestorsOf } from '../../lease/name.ts';
import { EXPIRY_GRACE_MS } from '../../lease/policy.ts';
import type { HeldRecord, LeaseRecord } from '../../lease/record.ts';
import { endsByItself } from '../../lease/shared.ts';
import { treeAbove } from '../../lease/tree.ts';
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
  const lock = await openLock(cli, options);
  const [seen, frozen] = await Promise.all([look(lock, { age: true }), frozenBy(lock)]);
  if (json) {
    const by = frozen && lockDocument({ name: frozen.name, store }, frozen);
    const document = lockDocument({ name, store, ageMs: seen.ageMs }, seen.record);
    cli.print(jsonLine({ ...document, ...(by ? { frozenBy: by } : {}) }));
    return 0;
  }
  for (const line of statusLines(options, seen, await runLine(cli, seen.record))) cli.print(line);
  if (frozen) for (const line of describeRefusal(name, frozen)) cli.print(line);
  return 0;
}

/** The lease on a tree above, by which this lock can't be had, held or not. */
async function frozenBy(lock: LockContext): Promise<HeldRecord | undefined> {
  const untilMs = lock.clock.monotonicMs();
  return (await treeAbove(lock, ancestorsOf(lock.name), { untilMs, signal: undefined }))?.record;
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
    `  lease   ${leaseLine(record, ageMs)}`,
    ...run,
    `${describeHelp(record)}: ${breakCommand(options, record.holder.leaseId)}`,
  ];
}

/** What a lease is worth, by its age on the store's clock. */
function leaseLine(record: HeldRecord, ageMs: number | undefined): string {
  const { ttlMs } = record;
  if (ageMs === undefined) {
    return `the store has no clock to tell its age: watch it for ${formatDuration(ttlMs + EXPIRY_GRACE_MS)}, and if it shows no renewal it has run out`;
  }
  if (isExpired(ttlMs, ageMs)) {
    return `ran out ${formatDuration(ageMs - ttlMs)} ago: whoever wants the lock takes it (stale policy "expired")`;
  }
  const left = formatDuration(Math.max(0, ttlMs - ageMs));
  if (endsByItself(record)) return `runs out in ${left}, and nobody renews it`;
  return `runs out in ${left} unless it is renewed (ttl ${formatDuration(ttlMs)})`;
}
