import { info, warning } from '@actions/core';
import { systemClock } from '../base/clock.ts';
import { parseInstant } from '../base/duration.ts';
import { isAlive } from '../base/process.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import { KeeperFolder } from '../keeper/folder.ts';
import { type EndCause, finishProtocolHold, type ProtocolEnd } from '../keeper/protocol-finish.ts';
import type { ProtocolStatus } from '../keeper/protocol-handover.ts';
import { openFor } from '../keeper/protocol-open.ts';
import { describeLock, describeLossCause } from '../protocols/describe.ts';
import { CANCEL_NOT_TRIED, describeCancel, END_WITHIN_MS } from './end.ts';
import { protocolSkipSummary, protocolSummary } from './protocol-report.ts';
import { type ProtocolConfig, type ProtocolResult, readProtocolState } from './protocol-state.ts';
import { protocolNotifier } from './protocol-take.ts';
import type { LossReport } from './report.ts';
import { addSummary, failWith, readInput, readState, takeSecret } from './toolkit.ts';

/** What post does for the lock of another program: ends the hold, whatever is left of it, and reports. */
export async function endByProtocol(): Promise<void> {
  const { config, result } = readProtocolState();
  if (!config) return info('No lock to release.');
  if (result?.kind === 'skipped') {
    info(`${describeLock(config.opening.path)} was not taken (on-busy: skip).`);
    if (config.summary) await addSummary(protocolSkipSummary(config, result.by));
    return;
  }
  await new End(config, result, readState().lossTold).run();
}

type Acquired = Extract<ProtocolResult, { kind: 'acquired' }>;
type LostEnd = Extract<ProtocolEnd, { kind: 'lost' }>;

/** The end of one hold. `acquired` is absent after a pre that failed, or that was killed and whose keeper may live. */
class End {
  readonly #config: ProtocolConfig;
  readonly #acquired: Acquired | undefined;
  readonly #lossTold: boolean;
  readonly #lock: string;

  constructor(config: ProtocolConfig, acquired: Acquired | undefined, lossTold: boolean) {
    this.#config = config;
    this.#acquired = acquired;
    this.#lossTold = lossTold;
    this.#lock = describeLock(config.opening.path);
  }

  async run(): Promise<void> {
    const { opening, folder, summary } = this.#config;
    const end = await finishProtocolHold({
      folder: new KeeperFolder(folder),
      path: opening.path,
      ...(this.#acquired ? { keeper: this.#acquired.keeper } : {}),
      openProtocol: () => openFor(opening),
      clock: systemClock,
      withinMs: END_WITHIN_MS,
    });
    const endedMs = systemClock.monotonicMs();
    this.#report(end);
    if (!this.#acquired) return;
    const heldMs = Math.max(0, endedMs - this.#acquired.acquiredMs);
    if (summary) await this.#summarise(this.#acquired, { end, heldMs });
    await this.#notify(end, heldMs);
  }

  /** Says how it ended, by one annotation at most. */
  #report(end: ProtocolEnd): void {
    switch (end.kind) {
      case 'released':
        if (end.keeperDied) warning(this.#keeperDied(end.status));
        else info(`${this.#lock} is released.`);
        break;
      case 'lost':
        this.#reportLoss(end);
        break;
      case 'unreleased':
        warning(`${this.#lock} could not be released: ${sanitise(end.detail)}`);
        break;
      case 'nothing':
        info(`${this.#lock} was not held by this job.`);
        break;
    }
  }

  #reportLoss(end: LostEnd): void {
    const { onLost } = this.#config;
    const { state } = end.status;
    const at = state.kind === 'lost' ? `, at ${sanitise(state.at)}` : '';
    const cancel = this.#cancelWords(end);
    const cancelled = cancel === undefined ? '' : ` The run was to be cancelled: ${cancel}.`;
    const why = `${this.#lock} was lost while the job ran${at}: ${describeEndCause(end.cause)}. From ${end.aloneUntil} on another holder may have been beside this job.${cancelled}`;
    const title = `${this.#lock} was lost`;
    if (this.#lossTold) info(why);
    else if (onLost === 'warn') warning(why, { title });
    else failWith(title, why);
  }

  #cancelWords({ status }: LostEnd): string | undefined {
    if (this.#config.onLost !== 'cancel-run') return undefined;
    return status.state.kind === 'lost' ? describeCancel(status.state.cancel) : CANCEL_NOT_TRIED;
  }

  #keeperDied(status: ProtocolStatus): string {
    const detail =
      status.state.kind === 'failed'
        ? sanitise(status.state.detail)
        : `its log ends: ${new KeeperFolder(this.#config.folder).logEnd()}`;
    const how = isAlive(status.keeper) ? 'did not answer' : 'died';
    return `The keeper of lock ${quote(this.#config.opening.path)} ${how} (${detail}) before the job was over. Others may take a lock whose process is gone, but nobody had when it was released, so the job was alone.`;
  }

  async #summarise(
    { acquiredMs, waitedMs, took }: Acquired,
    { end, heldMs }: { end: ProtocolEnd; heldMs: number },
  ): Promise<void> {
    const hold = 'status' in end ? end.status?.hold : undefined;
    await addSummary(
      protocolSummary({
        config: this.#config,
        waitedMs,
        heldMs,
        renewals: hold?.renewals ?? 0,
        renewedMs: (hold?.renewedMs ?? []).map((ms) => ms - acquiredMs),
        ...(took ? { took } : {}),
        ended: endedWords(end),
        ...(end.kind === 'lost' ? { lost: this.#lossReport(end, acquiredMs) } : {}),
      }),
    );
  }

  #lossReport(end: LostEnd, acquiredMs: number): LossReport {
    const nowMs = systemClock.wallMs();
    const aloneMs = parseInstant(end.aloneUntil) ?? nowMs;
    return {
      aloneUntilMs: aloneMs - (nowMs - (systemClock.monotonicMs() - acquiredMs)),
      aloneUntil: end.aloneUntil,
      cancel: this.#cancelWords(end),
    };
  }

  /** A loss that the keeper saw was told by the keeper. */
  async #notify(end: ProtocolEnd, heldMs: number): Promise<void> {
    if (end.kind !== 'lost' && end.kind !== 'released') return;
    const { state } = end.status;
    if (state.kind === 'lost') {
      if (state.notifyFailed !== undefined)
        warning(sanitise(state.notifyFailed), { title: `${this.#lock}: notify failed` });
      return;
    }
    const command = readInput('notify');
    if (command === '') return;
    takeSecret('github-token');
    const notifier = protocolNotifier(command, this.#config);
    if (end.kind === 'released') notifier.tell({ kind: 'released', heldMs });
    else {
      const aloneUntilMs = parseInstant(end.aloneUntil) ?? systemClock.wallMs();
      notifier.tell({ kind: 'lost', cause: lossOf(end.cause), aloneUntilMs });
    }
    await notifier.done;
  }
}

/** A dead keeper as the notify command is told of it: the system has freed the lock, so another may have it. */
function lossOf(cause: EndCause): Exclude<EndCause, { kind: 'keeper-died' }> {
  return cause.kind === 'keeper-died' ? { kind: 'compromised', detail: describeEndCause(cause) } : cause;
}

function describeEndCause(cause: EndCause): string {
  return cause.kind === 'keeper-died'
    ? `its keeper died, and the system frees the lock with it (its log ends: ${cause.lastWords})`
    : describeLossCause(cause);
}

/** How a hold ended, in a few words for the summary. */
function endedWords(end: ProtocolEnd): string {
  switch (end.kind) {
    case 'released':
      return end.keeperDied ? 'released; the keeper had died or did not answer' : 'released';
    case 'lost':
      return `lost: ${describeEndCause(end.cause)}`;
    case 'unreleased':
      return 'not released';
    case 'nothing':
      return 'not held';
  }
}
