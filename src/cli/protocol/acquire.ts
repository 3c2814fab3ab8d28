import type { ProcessId } from '../../base/process.ts';
import { quote, sanitise } from '../../base/sanitise.ts';
import type { KeeperFolder } from '../../keeper/folder.ts';
import { secretEnvironment, wholeEnvironment } from '../../keeper/handover.ts';
import type { ProtocolHandover, ProtocolStatus } from '../../keeper/protocol-handover.ts';
import { followKeeper, startProtocolKeeper } from '../../keeper/protocol-start.ts';
import { KeeperError, keeperEntry } from '../../keeper/start.ts';
import type { Holder } from '../../lease/record.ts';
import { describeSelf } from '../../lease/self.ts';
import { describeLimits, describeLossCause } from '../../protocols/describe.ts';
import { causeDocument } from '../../protocols/notify.ts';
import type { Protocol } from '../../protocols/protocol.ts';
import { workerOf } from '../commands/acquire.ts';
import { type Cli, fail, messageLines } from '../io.ts';
import { jsonLine } from '../json.ts';
import { keeperFolder, sweepKeepers } from '../keepers.ts';
import type { ProtocolAcquireOptions } from '../protocol-options.ts';
import { Cancellation } from '../signals.ts';
import { holdingDocument } from './events.ts';
import { openFor } from './open.ts';
import { ProtocolReporter } from './reporter.ts';
import { cancelledWait, refused } from './take.ts';

interface Around {
  readonly protocol: Protocol;
  readonly folder: KeeperFolder;
  readonly self: Holder;
  readonly worker: ProcessId | undefined;
  readonly cancellation: Cancellation;
  readonly reporter: ProtocolReporter;
}

/**
 * Has a keeper take the lock of another program and hold it, until `release` or `--max-hold`. The record names the keeper,
 * which lives as long as the hold.
 * @throws KeeperError when it could not be started: nothing is held then
 */
export async function acquireHeld(cli: Cli, options: ProtocolAcquireOptions): Promise<number> {
  const worker = workerOf(options.pid);
  const protocol = await openFor(cli, options);
  const leaseId = cli.random.hex(16);
  const { ownerId } = options;
  const self = describeSelf(cli.environment, {
    leaseId,
    ownerId,
    ...(options.reason ? { reason: options.reason } : {}),
    processes: worker ? [worker] : [],
  });
  const cancellation = new Cancellation();
  const reporter = new ProtocolReporter(cli, options, { protocol, self, signal: cancellation.signal });
  const folder = keeperFolder(cli.environment, leaseId);
  try {
    const around = { protocol, folder, self, worker, cancellation, reporter };
    const code = await acquireBy(cli, options, around);
    if (code !== 0) folder.remove();
    sweepKeepers(cli.environment, cli.clock.wallMs());
    return code;
  } finally {
    cancellation.close();
    await reporter.told;
  }
}

async function acquireBy(cli: Cli, options: ProtocolAcquireOptions, around: Around): Promise<number> {
  const { protocol, folder, cancellation, reporter } = around;
  const { clock, environment } = cli;
  reporter.tell({ kind: 'limits', limits: describeLimits(protocol) });
  folder.create();
  // The keeper gives back what it has by then.
  cancellation.signal.addEventListener('abort', () => folder.tryClose(), { once: true });
  const startedMs = clock.monotonicMs();
  await startProtocolKeeper(handoverOf(cli, options, around), {
    entry: keeperEntry(),
    folder,
    environment,
    clock,
  });
  const follow = (): Promise<ProtocolStatus | undefined> =>
    followKeeper(folder, {
      clock,
      onStatus: ({ state }) => tellWait(state, { around, waitedMs: clock.monotonicMs() - startedMs }),
    });
  try {
    let status = await follow();
    reporter.waited();
    const took = status?.state.kind === 'keeping' ? status.hold?.took : undefined;
    if (took) {
      const { lockDelayMs } = options;
      reporter.tell({ kind: 'stolen', took, lockDelayMs });
      await clock.sleep(lockDelayMs, cancellation.signal);
      status = await follow();
    }
    return conclude(cli, options, { around, status });
  } finally {
    reporter.waited();
  }
}

function handoverOf(
  { environment }: Cli,
  options: ProtocolAcquireOptions,
  { folder, self, worker }: Around,
): ProtocolHandover {
  const { protocol, path, keys, ttlMs, ownerId, stalePolicy, onStale = '', notify } = options;
  const { waitTimeoutMs, maxHoldMs } = options;
  return {
    kind: 'protocol',
    opening: { protocol, path, ...(keys ? { keys } : {}), access: {} },
    ownerId,
    ...(ttlMs === undefined ? {} : { ttlMs }),
    stalePolicy,
    waitTimeoutMs,
    maxHoldMs,
    folder: folder.path,
    self,
    commands: { onStale, notify, environment: wholeEnvironment(environment) },
    ...(worker ? { worker } : {}),
    environment: secretEnvironment(environment, {}),
  };
}

function tellWait(
  state: ProtocolStatus['state'],
  { around, waitedMs }: { around: Around; waitedMs: number },
): void {
  if (state.kind !== 'waiting') return;
  const { held, decision } = state;
  around.reporter.waiting({ held, decision, waitedMs, nextTryMs: around.protocol.retry.everyMs });
}

function conclude(
  cli: Cli,
  options: ProtocolAcquireOptions,
  { around, status }: { around: Around; status: ProtocolStatus | undefined },
): number {
  const { protocol, reporter, folder, self, cancellation } = around;
  const { state, hold } = status ?? {};
  switch (state?.kind) {
    case 'keeping': {
      if (!hold) break;
      reporter.tell({ ...hold, kind: 'acquired' });
      const document = { protocol: options.protocol, path: options.path, lease: self.leaseId };
      cli.print(jsonLine({ ...document, ...holdingDocument(hold, options) }));
      return 0;
    }
    case 'busy':
    case 'timed-out':
      return refused(cli, options, { kind: state.kind, by: state.by, protocol, reporter });
    case 'cancelled':
    case 'released':
      return cancelledWait(cli, options, cancellation.received ?? 'SIGTERM');
    case 'failed':
      return fail(cli, options.json, { kind: state.fault ?? 'defect', lines: messageLines(state.detail) });
    case 'lost':
      return fail(cli, options.json, {
        kind: 'lost',
        lines: [`Lock ${quote(options.path)} was lost at once: ${describeLossCause(state.cause)}.`],
        details: { cause: causeDocument(options.protocol, state.cause) },
      });
    case 'trying':
    case 'waiting':
    case undefined:
  }
  throw new KeeperError(
    `The keeper, which takes the lock and holds it, died. ${sanitise(folder.logEnd())} See who has the lock: leasehold status --protocol ${options.protocol} --path …`,
  );
}
