import { formatDuration, formatInstant } from '../../base/duration.ts';
import { identify } from '../../base/process.ts';
import { GIVE_UP_MS } from '../../lease/acquire.ts';
import { isStoreError } from '../../lease/context.ts';
import { describeLoss } from '../../lease/describe.ts';
import type { Lease, LossCause } from '../../lease/lease.ts';
import { reserve as reserveLease } from '../../lease/reserve.ts';
import type { Acquired } from '../events.ts';
import { type Cli, fail } from '../io.ts';
import { jsonLine } from '../json.ts';
import { releaseCommand } from '../lock.ts';
import type { ReserveOptions } from '../options.ts';
import { Reporter } from '../reporter.ts';
import { Cancellation } from '../signals.ts';
import { cancelled, takeLock } from '../take.ts';

/**
 * Takes the lock, with all below it if that is asked for, and holds it for a person and a time. Nothing is left running:
 * the reservation ends by itself, or by `release`.
 * @throws StoreError when the lock could not be taken, or the reservation not be written (the lock is then given back)
 */
export async function reserve(cli: Cli, options: ReserveOptions): Promise<number> {
  const cancellation = new Cancellation();
  const reporter = new Reporter(cli, options);
  try {
    // It keeps the lease while it waits for those below; after that no process stands for it.
    const processes = [identify(process.pid)];
    const taken = await takeLock(cli, options, { processes, cancellation, reporter, tree: options.tree });
    if (taken.kind === 'not-taken') return taken.exitCode;
    const { lease } = taken;
    if (cancellation.received) {
      await giveBack(cli, lease);
      return cancelled(cli, options, { signal: cancellation.received });
    }
    const outcome = await written(cli, options, lease);
    if (outcome.kind === 'lost') return lost(cli, options, outcome.cause);
    reserved(cli, options, taken);
    return 0;
  } finally {
    cancellation.close();
    await reporter.told;
  }
}

async function written(cli: Cli, { forMs }: ReserveOptions, lease: Lease) {
  try {
    return await reserveLease(lease, { forMs, untilMs: lease.deadline.monotonicMs });
  } catch (error) {
    await giveBack(cli, lease);
    throw error;
  }
}

/** Best effort: what fails here runs out after the ttl. */
async function giveBack(cli: Cli, lease: Lease): Promise<void> {
  try {
    await lease.release(cli.clock.monotonicMs() + GIVE_UP_MS);
  } catch (error) {
    if (!isStoreError(error)) throw error;
  }
}

function lost(cli: Cli, { name, json }: ReserveOptions, cause: LossCause): number {
  return fail(cli, json, {
    kind: 'lost',
    lines: [`Lock "${name}" was lost before it was reserved: ${describeLoss(cause)}.`],
    details: { cause },
  });
}

function reserved(cli: Cli, options: ReserveOptions, { lease, waitedMs }: Acquired): void {
  const { name, store, json, tree, forMs } = options;
  const until = lease.record.reserved?.until ?? formatInstant(cli.clock.wallMs() + forMs);
  if (json) {
    const { id, token } = lease;
    const document = { name, store, lease: id, token, tree, forMs, until, waitedMs: Math.round(waitedMs) };
    cli.print(jsonLine(document));
    return;
  }
  const what = tree ? `"${name}" and all below it are` : `"${name}" is`;
  cli.print(`Lock ${what} reserved for ${formatDuration(forMs)}, until ${until}.`);
  cli.print(`To end that before its time: ${releaseCommand(options, lease.id)}`);
}
