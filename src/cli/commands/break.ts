import { formatDuration } from '../../base/duration.ts';
import { sanitise } from '../../base/sanitise.ts';
import { breakLease } from '../../lease/break.ts';
import { type LockContext, look } from '../../lease/context.ts';
import { describeHolder, describeRecord } from '../../lease/describe.ts';
import { endedHold, recordHolds } from '../../lease/history.ts';
import type { LeaseRecord } from '../../lease/record.ts';
import { endsByItself } from '../../lease/shared.ts';
import { lockDocument } from '../documents.ts';
import { type Cli, fail } from '../io.ts';
import { jsonLine } from '../json.ts';
import { breakCommand, openLock } from '../lock.ts';
import { RECORD_WITHIN_MS } from '../memory.ts';
import type { BreakOptions } from '../options.ts';

const WRITE_WITHIN_MS = 20_000;

/**
 * Ends somebody else's lease by hand, if it is the one that is named.
 * @throws StoreError
 */
export async function breakLock(cli: Cli, options: BreakOptions): Promise<number> {
  const lock = await openLock(cli, options);
  const { leaseId, reason, by } = options;
  if (leaseId === undefined || reason === undefined || reason.trim() === '') return ask(cli, options, lock);
  const untilMs = cli.clock.monotonicMs() + WRITE_WITHIN_MS;
  const outcome = await breakLease(lock, { leaseId, by, reason, untilMs });
  switch (outcome.kind) {
    case 'broken': {
      const code = broken(cli, options, outcome.record);
      // Its holder may be dead.
      const hold = endedHold(outcome.record, 'broken', cli.clock.wallMs());
      await recordHolds(lock, [hold], { withinMs: RECORD_WITHIN_MS });
      return code;
    }
    case 'not-held':
      return notHeld(cli, options, outcome.record);
  }
}

/** Which lease it is must be said by whoever breaks it: the lock may have changed hands since they looked. */
async function ask(cli: Cli, options: BreakOptions, lock: LockContext): Promise<number> {
  const { name, store, json } = options;
  const { record } = await look(lock);
  const lines =
    record?.state === 'held'
      ? [
          ...describeRecord(record),
          `Name that lease and say why, and its holder will be told: ${breakCommand(options, record.holder.leaseId)}`,
        ]
      : [`Lock "${name}" is not held: there is nothing to break.`];
  return fail(cli, json, { kind: 'usage', lines, details: { lock: lockDocument({ name, store }, record) } });
}

function broken(cli: Cli, { name, store, by, json }: BreakOptions, record: LeaseRecord): number {
  const { holder, ttlMs } = record;
  if (json) {
    cli.print(jsonLine({ name, store, lease: holder.leaseId, broken: true, by, holder }));
    return 0;
  }
  const ends = record.state === 'held' && endsByItself(record);
  cli.print(
    `Lock "${name}" is free: the ${ends && record.reserved ? 'reservation' : 'lease'} of ${describeHolder(holder)} is broken.`,
  );
  // Nobody renews such a lease, or believes in it.
  if (ends) return 0;
  cli.print(
    `If that holder is still alive, it learns of it at its next renewal, within about ${formatDuration(ttlMs / 3)}: "leasehold run" then stops its command; a job of the action goes on, and says at its end that it lost the lock, unless its on-lost is cancel-run.`,
  );
  return 0;
}

/** Nothing was written. That the lock is free is what was wanted. */
function notHeld(cli: Cli, options: BreakOptions, record: LeaseRecord | undefined): number {
  const { name, store, leaseId, json } = options;
  if (record?.state === 'held' || record?.state === 'granted') {
    return fail(cli, json, {
      kind: 'busy',
      lines: [
        `Lease ${leaseId} has ended by itself, and nothing was broken. Look again before you break the next:`,
        ...describeRecord(record),
      ],
      details: { lock: lockDocument({ name, store }, record) },
    });
  }
  if (json) cli.print(jsonLine({ name, store, lease: leaseId, broken: false }));
  else for (const line of freeLines(name, store, record)) cli.print(line);
  return 0;
}

function freeLines(name: string, store: string, record: LeaseRecord | undefined): string[] {
  const how = record
    ? describeRecord(record)
    : [`Nobody has ever held lock "${name}" in ${sanitise(store)}.`];
  return ['There was nothing to break.', ...how];
}
