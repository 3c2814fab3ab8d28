import { formatDuration } from '../../base/duration.ts';
import { quote } from '../../base/sanitise.ts';
import { acquireBy } from '../../protocols/acquire.ts';
import { describeHeld, describeHelp, describeLimits } from '../../protocols/describe.ts';
import type { Held, Protocol } from '../../protocols/protocol.ts';
import { commandVeto } from '../../protocols/veto.ts';
import { exitCodeOfSignal } from '../exit-codes.ts';
import { type Cli, fail, sayError } from '../io.ts';
import type { ProtocolTake } from '../protocol-options.ts';
import type { Cancellation } from '../signals.ts';
import { protocolLockDocument } from './documents.ts';
import type { ProtocolAcquired } from './events.ts';
import type { ProtocolReporter } from './reporter.ts';

/** The hold, or the exit code of the command that did not get it. That was said then. */
export type ProtocolTaken = ProtocolAcquired | { readonly kind: 'not-taken'; readonly exitCode: number };

/**
 * Takes the lock as the options ask. The record names this process.
 * @throws ProtocolError
 */
export async function takeFor(
  cli: Cli,
  options: ProtocolTake,
  around: { protocol: Protocol; cancellation: Cancellation; reporter: ProtocolReporter },
): Promise<ProtocolTaken> {
  const { protocol, cancellation, reporter } = around;
  const { path, ownerId, ttlMs, stalePolicy, onStale, waitTimeoutMs } = options;
  reporter.tell({ kind: 'limits', limits: describeLimits(protocol) });
  const request = {
    path,
    pid: process.pid,
    ownerId,
    ...(ttlMs === undefined ? {} : { ttlMs }),
    stalePolicy,
    ...(onStale ? { veto: commandVeto(onStale, protocol.name) } : {}),
    waitTimeoutMs,
    signal: cancellation.signal,
    onWait: reporter.waiting.bind(reporter),
    onTrouble: (error: Error) => reporter.tell({ kind: 'store-trouble', error }),
  };
  try {
    const { clock, random } = cli;
    const outcome = await acquireBy(protocol, request, { clock, random, platform: process.platform });
    reporter.waited();
    switch (outcome.kind) {
      case 'acquired': {
        const { hold, took, waitedMs } = outcome;
        if (took) reporter.tell({ kind: 'stolen', took, lockDelayMs: options.lockDelayMs });
        reporter.tell({ kind: 'acquired', holding: hold.holding, waitedMs, ...(took ? { took } : {}) });
        return outcome;
      }
      case 'busy':
      case 'timed-out':
        return notTaken(refused(cli, options, { ...outcome, protocol, reporter }));
      case 'cancelled':
        return notTaken(cancelledWait(cli, options, cancellation.received ?? 'SIGTERM'));
    }
  } finally {
    reporter.waited();
  }
}

function notTaken(exitCode: number): ProtocolTaken {
  return { kind: 'not-taken', exitCode };
}

/** Tells why the lock was not taken. @returns the exit code for it */
export function refused(
  cli: Cli,
  options: ProtocolTake,
  {
    kind,
    by,
    protocol,
    reporter,
  }: { kind: 'busy' | 'timed-out'; by: Held; protocol: Protocol; reporter: ProtocolReporter },
): number {
  if (kind === 'busy' && options.onBusy === 'skip') {
    reporter.tell({ kind: 'skipped', held: by });
    return 0;
  }
  return fail(cli, options.json, {
    kind,
    lines: refusalLines(options, { kind, by, protocol }),
    details: { lock: protocolLockDocument(options, by) },
  });
}

/** Why the lock was not taken, who has it, and what may be done about it. */
function refusalLines(
  { path, waitTimeoutMs }: ProtocolTake,
  { kind, by, protocol }: { kind: 'busy' | 'timed-out'; by: Held; protocol: Protocol },
): string[] {
  return [
    ...(kind === 'timed-out'
      ? [`Lock ${quote(path)} was not free within ${formatDuration(waitTimeoutMs)} (--wait-timeout).`]
      : []),
    ...describeHeld(protocol.name, by),
    describeHelp(protocol, by),
  ];
}

export function cancelledWait(
  cli: Cli,
  { path, json }: Pick<ProtocolTake, 'path' | 'json'>,
  signal: NodeJS.Signals,
  behind = 'Nothing is left behind.',
): number {
  const exitCode = exitCodeOfSignal(signal);
  const lines = [`Cancelled by ${signal} while waiting for lock ${quote(path)}. ${behind}`];
  sayError(cli, json, { kind: 'cancelled', exitCode, lines });
  return exitCode;
}
