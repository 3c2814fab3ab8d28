import { identify, isAlive, type ProcessId } from '../../base/process.ts';
import { UsageError } from '../../base/usage-error.ts';
import { keeperEntry, startKeeper } from '../../keeper/start.ts';
import { GIVE_UP_MS } from '../../lease/acquire.ts';
import { isStoreError } from '../../lease/context.ts';
import { endedHold } from '../../lease/history.ts';
import type { Lease } from '../../lease/lease.ts';
import { type Acquired, leaseDocument } from '../events.ts';
import type { Cli } from '../io.ts';
import { jsonLine } from '../json.ts';
import { keeperFolder, sweepKeepers } from '../keepers.ts';
import type { AcquireOptions } from '../options.ts';
import { Reporter } from '../reporter.ts';
import { Cancellation } from '../signals.ts';
import { cancelled, takeLock } from '../take.ts';

/**
 * Takes the lock and leaves a keeper behind that renews it, until `release` or `--max-hold`.
 * @throws StoreError when the lock could not be taken; Error when the keeper could not be started (the lock is given back)
 */
export async function acquire(cli: Cli, options: AcquireOptions): Promise<number> {
  const worker = workerOf(options.pid);
  const cancellation = new Cancellation();
  const reporter = new Reporter(cli, options);
  try {
    // Our own process ends long before the hold does, and so proves nothing.
    const processes = worker ? [worker] : [];
    const taken = await takeLock(cli, options, { processes, cancellation, reporter });
    if (taken.kind === 'not-taken') return taken.exitCode;
    await handOver(cli, options, { taken, worker, cancellation });
    if (cancellation.received) return cancelled(cli, options, { signal: cancellation.received });
    cli.print(jsonLine({ name: options.name, store: options.store, ...leaseDocument(taken) }));
    sweepKeepers(cli.environment, cli.clock.wallMs());
    return 0;
  } finally {
    cancellation.close();
    await reporter.told;
  }
}

/** @throws UsageError when there is no such process */
export function workerOf(pid: number | undefined): ProcessId | undefined {
  if (pid === undefined) return undefined;
  const worker = identify(pid);
  if (!isAlive(worker)) throw new UsageError(`--pid: there is no process ${pid}.`);
  return worker;
}

/** Starts the keeper. Where that fails, or nobody wants the lock any more, it is given back. */
async function handOver(
  cli: Cli,
  options: AcquireOptions,
  hold: { taken: Acquired; worker: ProcessId | undefined; cancellation: Cancellation },
): Promise<void> {
  const { taken, worker, cancellation } = hold;
  const { lease, waitedMs, stolen } = taken;
  const folder = keeperFolder(cli.environment, lease.id);
  try {
    folder.create();
    await startKeeper(lease, {
      entry: keeperEntry(),
      folder,
      store: options.store,
      maxHoldMs: options.maxHoldMs,
      acquiredMs: cli.clock.monotonicMs(),
      waitedMs,
      notify: options.notify,
      ...(stolen ? { victim: endedHold(stolen.from, 'stolen', cli.clock.wallMs()) } : {}),
      ...(worker ? { worker } : {}),
      environment: cli.environment,
    });
  } catch (error) {
    folder.tryClose();
    await giveBack(cli, lease);
    throw error;
  }
  // The keeper gives it back.
  if (cancellation.received) folder.close();
}

/** Best effort: what fails here runs out after the ttl. */
async function giveBack(cli: Cli, lease: Lease): Promise<void> {
  try {
    await lease.release(cli.clock.monotonicMs() + GIVE_UP_MS);
  } catch (error) {
    if (!isStoreError(error)) throw error;
  }
}
