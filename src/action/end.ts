import { info, warning } from '@actions/core';
import { systemClock } from '../base/clock.ts';
import { formatDuration, formatInstant, parseInstant } from '../base/duration.ts';
import { isAlive } from '../base/process.ts';
import { sanitise } from '../base/sanitise.ts';
import type { CancelOutcome } from '../github/cancel.ts';
import { gitHubServer } from '../github/server.ts';
import { finishHold, type HoldEnd } from '../keeper/finish.ts';
import { KeeperFolder } from '../keeper/folder.ts';
import type { KeeperStatus } from '../keeper/handover.ts';
import { isStoreError, type LockContext } from '../lease/context.ts';
import { describeLoss } from '../lease/describe.ts';
import { ownHold, recordHolds } from '../lease/history.ts';
import { aloneUntilMs } from '../lease/lease.ts';
import type { Happening } from '../lease/notify.ts';
import { holdSummary, type LossReport, skipSummary } from './report.ts';
import type { Config, Result } from './state.ts';
import { openLock } from './take.ts';
import { lossTitle, notifierOf } from './tell.ts';
import { addSummary, failWith, type Left, readInput, takeSecret } from './toolkit.ts';

/** A job that is cancelled has no patience for its post. */
export const END_WITHIN_MS = 18_000;
/** How long writing the history may take, for a hold whose keeper can't do it. */
const RECORD_WITHIN_MS = 3_000;

type Acquired = Extract<Result, { kind: 'acquired' }>;

/** Ends the hold, whatever is left of it, and reports. */
export async function end({ config, result, lossTold }: Left): Promise<void> {
  if (!config) return info('No lock to release.');
  if (result?.kind === 'skipped') {
    info(`Lock "${config.name}" was not taken (on-busy: skip).`);
    if (config.summary) await addSummary(skipSummary(config.name, result.by, origin()));
    return;
  }
  await new End(config, result?.kind === 'acquired' ? result : undefined, lossTold).run();
}

function origin(): string | undefined {
  return gitHubServer(process.env)?.origin;
}

/** The end of one hold. `acquired` is absent after a pre that could not be stopped and may still be acquiring. */
class End {
  readonly #config: Config;
  readonly #acquired: Acquired | undefined;
  readonly #lossTold: boolean;
  #lock: LockContext | undefined;

  constructor(config: Config, acquired: Acquired | undefined, lossTold: boolean) {
    this.#config = config;
    this.#acquired = acquired;
    this.#lossTold = lossTold;
  }

  async run(): Promise<void> {
    const hold = await this.#finish();
    const endedMs = systemClock.monotonicMs();
    if (hold) this.#report(hold);
    if (!this.#acquired) return;
    const heldMs = Math.max(0, endedMs - this.#acquired.acquiredMs);
    if (this.#config.summary) await this.#summarise(this.#acquired, { hold, heldMs });
    if (!hold || hold.kind === 'nothing') return;
    await Promise.all([
      this.#notify(this.#acquired, { hold, heldMs }),
      this.#record(this.#acquired, { hold, heldMs }),
    ]);
  }

  async #openLock(): Promise<LockContext> {
    this.#lock ??= await openLock(this.#config);
    return this.#lock;
  }

  /** `undefined`: the store did not let it be released, and that was said. */
  async #finish(): Promise<HoldEnd | undefined> {
    const { folder: path, holder, timing, name, sharing } = this.#config;
    const folder = new KeeperFolder(path);
    try {
      return await finishHold({
        folder,
        holder,
        timing,
        shares: sharing !== undefined,
        acquired: this.#acquired !== undefined,
        openLock: () => this.#openLock(),
        clock: systemClock,
        withinMs: END_WITHIN_MS,
      });
    } catch (error) {
      if (!isStoreError(error)) throw error;
      // The keeper may have had other credentials, and another reason.
      const keeper = folder.readStatus()?.state;
      const first = keeper?.kind === 'failed' ? ` Its keeper: ${sanitise(keeper.detail)}` : '';
      const what = this.#acquired
        ? 'could not be released'
        : 'is not held by this job as far as is known, but the store does not say';
      warning(
        `Lock "${name}" ${what}: ${sanitise(error.message)}${first} If it is held, its lease runs out by itself within ${formatDuration(timing.ttlMs)}.`,
      );
      return undefined;
    }
  }

  /** Says how it ended, by one annotation at most. */
  #report(hold: HoldEnd): void {
    const { name, heartbeat, sharing } = this.#config;
    switch (hold.kind) {
      case 'released':
        if (hold.status?.latestMs !== undefined) {
          warning(
            `The lease of lock "${name}" was renewed ${formatDuration(hold.status.latestMs)} past its deadline (the machine slept, or its clock was set). Nobody had entered in between.`,
          );
        }
        if (hold.keeperDied && heartbeat) warning(keeperDied(this.#config, hold.status));
        else if (this.#acquired || !sharing) info(releasedWords(this.#config));
        // What stays with its run may never have been this job's.
        else info(`Lock "${name}" is not held by this job.`);
        break;
      case 'lost':
        this.#reportLoss(hold);
        break;
      case 'nothing':
        info(`Lock "${name}" was not held by this job.`);
        break;
    }
  }

  #reportLoss(hold: LostEnd): void {
    const { name, onLost } = this.#config;
    const at = hold.status?.state.kind === 'lost' ? `, at ${sanitise(hold.status.state.at)}` : '';
    const { aloneUntil, cancel } = this.#lossOf(hold);
    const cancelled = cancel === undefined ? '' : ` The run was to be cancelled: ${cancel}.`;
    const why = `Lock "${name}" was lost while the job ran${at}: ${describeLoss(hold.cause)}. From ${aloneUntil} on another job may have run beside this one.${cancelled}`;
    const title = lossTitle(name, hold.cause);
    if (this.#lossTold) info(why);
    else if (onLost === 'warn') warning(why, { title });
    else failWith(title, why);
  }

  /** A loss as the summary tells it, by what the keeper has left, else by what is known here. */
  #lossOf({ cause, status }: LostEnd): LossReport {
    const { timing, onLost } = this.#config;
    const nowMs = systemClock.wallMs();
    const sentAt = (status ?? this.#acquired)?.snapshot.sentAt;
    const token = this.#acquired?.token ?? Number.NaN;
    const known = status?.state.kind === 'lost' ? parseInstant(status.state.aloneUntil) : undefined;
    const aloneMs = known ?? (sentAt ? aloneUntilMs(cause, { sentAt, token }, { timing, nowMs }) : nowMs);
    const startedMs = this.#acquired?.acquiredMs ?? systemClock.monotonicMs();
    return {
      aloneUntilMs: aloneMs - (nowMs - (systemClock.monotonicMs() - startedMs)),
      aloneUntil: formatInstant(aloneMs),
      cancel: onLost === 'cancel-run' ? cancelWords(status) : undefined,
    };
  }

  async #summarise(acquired: Acquired, { hold, heldMs }: { hold: HoldEnd | undefined; heldMs: number }) {
    const status = hold && 'status' in hold ? hold.status : undefined;
    await addSummary(
      holdSummary({
        name: this.#config.name,
        holder: this.#config.holder,
        token: acquired.token,
        waitedMs: acquired.waitedMs,
        heldMs,
        renewals: status?.renewals ?? 0,
        renewedMs: (status?.renewedMs ?? []).map((ms) => ms - acquired.acquiredMs),
        ...(acquired.stolenFrom ? { stolenFrom: acquired.stolenFrom } : {}),
        ended: endedWords(hold, this.#config),
        ...(hold?.kind === 'lost' ? { lost: this.#lossOf(hold) } : {}),
        origin: origin(),
      }),
    );
  }

  /** A loss that the keeper saw was told by the keeper. */
  async #notify({ token }: Acquired, { hold, heldMs }: { hold: Over; heldMs: number }): Promise<void> {
    const seen = hold.status?.state;
    if (seen?.kind === 'lost') {
      if (seen.notifyFailed !== undefined) {
        warning(sanitise(seen.notifyFailed), { title: `Lock "${this.#config.name}": notify failed` });
      }
      return;
    }
    const command = readInput('notify');
    if (command === '') return;
    takeSecret('github-token');
    const notifier = notifierOf(command, this.#config, { store: (await this.#openLock()).store.url });
    notifier.tell(this.#happening(token, { hold, heldMs }));
    await notifier.done;
  }

  #happening(token: number, { hold, heldMs }: { hold: Over; heldMs: number }): Happening {
    if (hold.kind === 'released') return { kind: 'released', token, heldMs };
    const aloneMs = parseInstant(this.#lossOf(hold).aloneUntil) ?? systemClock.wallMs();
    return { kind: 'lost', token, cause: hold.cause, aloneUntilMs: aloneMs };
  }

  /** A keeper that came to its end has written the history itself, if the store let it. */
  async #record(acquired: Acquired, { hold, heldMs }: { hold: Over; heldMs: number }): Promise<void> {
    const seen = hold.status?.state;
    const cutOff = seen?.kind === 'lost' && seen.cause.kind === 'unreachable';
    if ((seen?.kind === 'released' || seen?.kind === 'lost') && !cutOff) return;
    const { token, waitedMs, joined } = acquired;
    const ended = hold.kind === 'released' ? 'released' : hold.cause;
    const told = { ended, waitedMs, heldMs, nowMs: systemClock.wallMs() } as const;
    const { holder } = this.#config;
    const own = ownHold({ holder: { ...holder, leaseId: joined ?? holder.leaseId }, token }, told);
    await recordHolds(await this.#openLock(), [own], { withinMs: RECORD_WITHIN_MS });
  }
}

type LostEnd = Extract<HoldEnd, { kind: 'lost' }>;
type Over = Extract<HoldEnd, { kind: 'lost' | 'released' }>;

function releasedWords({ name, sharing }: Config): string {
  if (!sharing) return `Lock "${name}" is released.`;
  return sharing.last
    ? `This job was the last for lock "${name}": it is released as soon as no other job of the run is in it.`
    : `This job is done with lock "${name}". The run keeps it for its jobs, and for ${formatDuration(sharing.gapMs)} for the next to come.`;
}

/** How a hold ended, in a few words for the summary. */
function endedWords(hold: HoldEnd | undefined, { heartbeat, sharing }: Config): string {
  switch (hold?.kind) {
    case undefined:
      return 'not released';
    case 'released':
      if (hold.keeperDied && heartbeat) return 'released; the keeper had died or did not answer';
      return sharing ? 'left to the run' : 'released';
    case 'lost':
      return `lost: ${describeLoss(hold.cause)}`;
    case 'nothing':
      return 'not held';
  }
}

/** What became of cancelling the run, as the end of a sentence. */
function cancelWords(status: KeeperStatus | undefined): string {
  if (status?.state.kind !== 'lost') return CANCEL_NOT_TRIED;
  return describeCancel(status.state.cancel);
}

export const CANCEL_NOT_TRIED = 'that was not done, for the keeper had died or did not answer';

/** `outcome`: absent where none was known before the job was over. */
export function describeCancel(outcome: CancelOutcome | undefined): string {
  switch (outcome?.kind) {
    case undefined:
      return 'that was not done before the job was over';
    case 'accepted':
      return 'GitHub has accepted it';
    case 'failed':
      return sanitise(outcome.detail);
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
