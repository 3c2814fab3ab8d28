import { formatDuration } from '../../base/duration.ts';
import { quote, sanitise } from '../../base/sanitise.ts';
import { usualHold } from '../../lease/expectation.ts';
import { type Hold, readHistory } from '../../lease/history.ts';
import type { Cli } from '../io.ts';
import { jsonLine } from '../json.ts';
import { openLock } from '../lock.ts';
import type { StatusOptions } from '../options.ts';
import { table } from '../table.ts';

/**
 * Shows the last holds of a lock. That there is none is no failure.
 * @throws StoreError
 */
export async function history(cli: Cli, options: StatusOptions): Promise<number> {
  const { name, store, json } = options;
  const holds = await readHistory(await openLock(cli, options));
  const usual = usualHold(holds);
  const median = usual ? { usuallyHeldMs: Math.round(usual.heldMs) } : {};
  if (json) cli.print(jsonLine({ name, store, ...median, holds }));
  else for (const line of historyLines(name, holds)) cli.print(line);
  return 0;
}

const HEAD = ['ENDED', 'HOW', 'HELD', 'WAITED', 'TOKEN', 'OWNER', 'RUN'];

/** A table for people, the newest hold first. */
export function historyLines(name: string, holds: readonly Hold[]): string[] {
  if (holds.length === 0) return [`Nothing is known of earlier holds of lock "${name}".`];
  const usual = usualHold(holds);
  return [
    ...table([HEAD, ...holds.map(rowOf)]),
    ...(usual
      ? [`It is usually held for ${formatDuration(usual.heldMs)} (median of ${usual.holds} holds).`]
      : []),
  ];
}

function rowOf({ at, how, heldMs, waitedMs, token, ownerId, runUrl }: Hold): string[] {
  return [
    sanitise(at),
    how,
    heldMs === undefined ? '' : formatDuration(heldMs),
    waitedMs === undefined ? '' : formatDuration(waitedMs),
    String(token),
    quote(ownerId),
    sanitise(runUrl ?? ''),
  ];
}
