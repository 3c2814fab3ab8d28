import { formatDuration } from '../base/duration.ts';
import type { ProcessId } from '../base/process.ts';
import { acquire } from '../lease/acquire.ts';
import { describeHelp, describeRefusal } from '../lease/describe.ts';
import type { LeaseRecord } from '../lease/record.ts';
import { lockDocument } from './documents.ts';
import type { Acquired } from './events.ts';
import { exitCodeOfSignal } from './exit-codes.ts';
import { type Cli, fail, sayError } from './io.ts';
import { breakCommand, openLock, requestOf } from './lock.ts';
import type { Common, Take } from './options.ts';
import type { Reporter } from './reporter.ts';
import type { Cancellation } from './signals.ts';

/** The lock, or the exit code of the command that did not get it. That was said then. */
export type Taken = Acquired | { readonly kind: 'not-taken'; readonly exitCode: number };

/**
 * Takes the lock as the options ask.
 * @throws StoreError
 */
export async function takeLock(
  cli: Cli,
  options: Common & Take,
  around: {
    processes: readonly ProcessId[];
    cancellation: Cancellation;
    reporter: Reporter;
    /** With all locks below it. */
    tree?: boolean;
  },
): Promise<Taken> {
  const { cancellation, reporter } = around;
  const lock = await openLock(cli, options, options.timing.callTimeoutMs);
  const request = requestOf(cli, options, around.processes);
  reporter.follow(lock, request.holder, cancellation.signal);
  try {
    const outcome = await acquire(lock, {
      ...request,
      tree: around.tree ?? false,
      signal: cancellation.signal,
      onWait: (waiting) => reporter.waiting(waiting),
      onStolen: (stolen) => {
        reporter.waited();
        reporter.tell({ kind: 'stolen', stolen, lockDelayMs: options.lockDelayMs });
      },
      onEnded: (ended) => {
        reporter.waited();
        reporter.tell({ kind: 'freed', ended });
      },
      onTrouble: (error) => reporter.tell({ kind: 'store-trouble', error }),
    });
    reporter.waited();
    switch (outcome.kind) {
      case 'acquired':
        reporter.tell({ kind: 'acquired', acquired: outcome });
        return outcome;
      case 'busy':
        if (options.onBusy !== 'skip') return notTaken(busy(cli, options, outcome.record));
        reporter.tell({ kind: 'skipped', record: outcome.record });
        return notTaken(0);
      case 'timed-out':
        return notTaken(busy(cli, options, outcome.record, true));
      case 'cancelled':
        return notTaken(cancelled(cli, options, { ...outcome, signal: cancellation.received ?? 'SIGTERM' }));
    }
  } finally {
    reporter.waited();
  }
}

function notTaken(exitCode: number): Taken {
  return { kind: 'not-taken', exitCode };
}

function busy(cli: Cli, options: Common & Take, record: LeaseRecord, timedOut = false): number {
  const { name, store, json } = options;
  const { leaseId } = record.holder;
  return fail(cli, json, {
    kind: timedOut ? 'timed-out' : 'busy',
    lines: [
      ...(timedOut
        ? [`Lock "${name}" was not free within ${formatDuration(options.waitTimeoutMs)} (--wait-timeout).`]
        : []),
      ...describeRefusal(name, record),
      `${describeHelp(record)}: ${breakCommand({ ...options, name: record.name }, leaseId)}`,
    ],
    details: { lock: lockDocument({ name: record.name, store }, record) },
  });
}

export function cancelled(
  cli: Cli,
  { name, json, timing }: Common & Take,
  { signal, mayBeHeld = false }: { signal: NodeJS.Signals; mayBeHeld?: boolean },
): number {
  const exitCode = exitCodeOfSignal(signal);
  const behind = mayBeHeld
    ? `The store did not let it be known that nothing is held: if something is, it runs out by itself within ${formatDuration(timing.ttlMs)}.`
    : 'Nothing is left behind.';
  const lines = [`Cancelled by ${signal} while waiting for lock "${name}". ${behind}`];
  sayError(cli, json, { kind: 'cancelled', exitCode, lines });
  return exitCode;
}
