import { info, setFailed, warning } from '@actions/core';
import { instantOf, systemClock } from '../base/clock.ts';
import { isAlive } from '../base/process.ts';
import { sanitise } from '../base/sanitise.ts';
import { KeeperFolder } from '../keeper/folder.ts';
import { resumeLease } from '../keeper/snapshot.ts';
import { isStoreError } from '../lease/context.ts';
import { describeLoss } from '../lease/describe.ts';
import { deadlineOf, isBefore, type LossCause } from '../lease/lease.ts';
import type { Config, Result } from './state.ts';
import { keepByProcess, openLock } from './take.ts';
import { lossTitle } from './tell.ts';
import { failWith, saveLossTold, setOutputs } from './toolkit.ts';

type Acquired = Extract<Result, { kind: 'acquired' }>;

/**
 * What main says of the hold that pre took: it gives the outputs again (those of pre are dropped), once it is sure of the
 * lease. Until then the output `acquired` is what `runMain` made it, false.
 */
export async function verify(config: Config | undefined, result: Result | undefined): Promise<void> {
  if (result?.kind === 'disabled') return;
  if (!config || !result) {
    return setFailed(
      'This job does not have the lock: it was not acquired before the job began, and "continue-on-error" let the job go on. The steps that follow are not protected.',
    );
  }
  if (result.kind === 'skipped') {
    return setOutputs({
      'waited-ms': String(Math.round(result.waitedMs)),
      holder: JSON.stringify(result.by),
    });
  }
  const lost = await findLoss(config, result);
  if (lost) {
    // Post has to say no more than how it ended.
    saveLossTold();
    return failWith(
      lossTitle(config.name, lost),
      `Lock "${config.name}" is lost before this step began: ${describeLoss(lost)}. Nothing protects the steps that follow.`,
    );
  }
  setOutputs({
    acquired: 'true',
    token: String(result.token),
    lease: result.joined ?? config.holder.leaseId,
    'waited-ms': String(Math.round(result.waitedMs)),
    'stolen-from': result.stolenFrom ? JSON.stringify(result.stolenFrom) : '',
  });
  info(`Lock "${config.name}" is held: token ${result.token}.`);
}

/**
 * Whether the lease is still held. A living keeper within its deadline is believed; otherwise one conditional renewal
 * finds out, and a keeper that died is replaced.
 */
async function findLoss(config: Config, result: Acquired): Promise<LossCause | undefined> {
  const status = new KeeperFolder(config.folder).readStatus();
  if (status?.state.kind === 'lost') return status.state.cause;
  const snapshot = status?.snapshot ?? result.snapshot;
  const kept = status?.state.kind === 'keeping' && isAlive(status.keeper);
  const believed = isBefore(instantOf(systemClock), deadlineOf(snapshot.sentAt, config.timing));
  if (believed && (kept || !config.heartbeat)) return undefined;
  const lease = resumeLease(await openLock(config), config.timing, snapshot);
  try {
    const outcome = await lease.renew(systemClock.monotonicMs() + config.timing.callTimeoutMs * 2);
    if (outcome.kind === 'lost') return outcome.cause;
  } catch (error) {
    if (!isStoreError(error)) throw error;
    return { kind: 'unreachable', detail: error.message };
  }
  if (config.heartbeat && !kept) {
    warning(
      `The keeper that renews lock "${config.name}" died${status?.state.kind === 'failed' ? ` (${sanitise(status.state.detail)})` : ''}. The lease is still this job's; a new keeper renews it from now on.`,
    );
    await keepByProcess(lease, config, { result });
  }
  return undefined;
}
