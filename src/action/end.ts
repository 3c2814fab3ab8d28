import { info, setFailed, warning } from '@actions/core';
import { systemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { isAlive } from '../base/process.ts';
import { sanitise } from '../base/sanitise.ts';
import { finishHold, type HoldEnd } from '../keeper/finish.ts';
import { KeeperFolder } from '../keeper/folder.ts';
import type { KeeperStatus } from '../keeper/handover.ts';
import { isStoreError } from '../lease/context.ts';
import { describeLoss } from '../lease/describe.ts';
import { holdSummary, skipSummary } from './report.ts';
import type { Config, Result } from './state.ts';
import { openLock } from './take.ts';
import { addSummary } from './toolkit.ts';

/** A job that is cancelled has no patience for its post. */
const END_WITHIN_MS = 18_000;

/** Ends the hold, whatever is left of it, and reports. */
export async function end(config: Config | undefined, result: Result | undefined): Promise<void> {
  if (!config) return info('No lock to release.');
  if (result?.kind === 'skipped') {
    info(`Lock "${config.name}" was not taken (on-busy: skip).`);
    if (config.summary) await addSummary(skipSummary(config.name, result.by));
    return;
  }
  // Also without a result: a pre that could not be stopped may still be acquiring.
  const hold = await finish(config, result?.kind === 'acquired');
  const ended = hold ? report(config, hold) : 'not released';
  if (result?.kind !== 'acquired' || !config.summary) return;
  const status = hold && 'status' in hold ? hold.status : undefined;
  await addSummary(
    holdSummary({
      name: config.name,
      holder: config.holder,
      token: result.token,
      waitedMs: result.waitedMs,
      heldMs: Math.max(0, systemClock.monotonicMs() - result.acquiredMs),
      renewals: status?.renewals ?? 0,
      ...(result.stolenFrom ? { stolenFrom: result.stolenFrom } : {}),
      ended,
    }),
  );
}

/** `undefined`: the store did not let it be released, and that was said. */
async function finish(config: Config, acquired: boolean): Promise<HoldEnd | undefined> {
  const folder = new KeeperFolder(config.folder);
  try {
    return await finishHold({
      folder,
      holder: config.holder,
      timing: config.timing,
      acquired,
      openLock: () => openLock(config),
      clock: systemClock,
      withinMs: END_WITHIN_MS,
    });
  } catch (error) {
    if (!isStoreError(error)) throw error;
    // The keeper may have had other credentials, and another reason.
    const keeper = folder.readStatus()?.state;
    const first = keeper?.kind === 'failed' ? ` Its keeper: ${sanitise(keeper.detail)}` : '';
    const what = acquired
      ? 'could not be released'
      : 'is not held by this job as far as is known, but the store does not say';
    warning(
      `Lock "${config.name}" ${what}: ${sanitise(error.message)}${first} If it is held, its lease runs out by itself within ${formatDuration(config.timing.ttlMs)}.`,
    );
    return undefined;
  }
}

/** Says how it ended; returns it in a few words for the summary. */
function report(config: Config, hold: HoldEnd): string {
  switch (hold.kind) {
    case 'released':
      if (hold.status?.latestMs !== undefined) {
        warning(
          `The lease of lock "${config.name}" was renewed ${formatDuration(hold.status.latestMs)} past its deadline (the machine slept, or its clock was set). Nobody had entered in between.`,
        );
      }
      if (hold.keeperDied && config.heartbeat) {
        warning(keeperDied(config, hold.status));
        return 'released; the keeper had died or did not answer';
      }
      info(`Lock "${config.name}" is released.`);
      return 'released';
    case 'lost': {
      const at = hold.status?.state.kind === 'lost' ? `, at ${sanitise(hold.status.state.at)}` : '';
      const why = `Lock "${config.name}" was lost while the job ran${at}: ${describeLoss(hold.cause)}. Since then another job may have run beside this one.`;
      if (config.onLost === 'fail') setFailed(why);
      else warning(why);
      return `lost: ${describeLoss(hold.cause)}`;
    }
    case 'nothing':
      info(`Lock "${config.name}" was not held by this job.`);
      return 'not held';
  }
}

function keeperDied(config: Config, status: KeeperStatus | undefined): string {
  const detail =
    status?.state.kind === 'failed'
      ? ` (${sanitise(status.state.detail)})`
      : ` (its log ends: ${new KeeperFolder(config.folder).logEnd()})`;
  const how = status && isAlive(status.keeper) ? 'did not answer' : 'died';
  return `The keeper of lock "${config.name}" ${how}${detail} before the job was over. Nobody else had taken the lock when it was released, so the job was alone.`;
}
