import { resolve } from 'node:path';
import { info, notice, setFailed, warning } from '@actions/core';
import { systemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { isAlive, type ProcessId } from '../base/process.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { KeeperFolder } from '../keeper/folder.ts';
import { secretEnvironment, wholeEnvironment } from '../keeper/handover.ts';
import type { ProtocolHandover, ProtocolStatus } from '../keeper/protocol-handover.ts';
import { openFor } from '../keeper/protocol-open.ts';
import { followKeeper, startProtocolKeeper } from '../keeper/protocol-start.ts';
import { KeeperError, keeperEntry } from '../keeper/start.ts';
import {
  describeHeld,
  describeHelp,
  describeLimits,
  describeLock,
  describeLossCause,
  describeTakenOver,
  WaitLog,
} from '../protocols/describe.ts';
import { Notifier } from '../protocols/notify.ts';
import type { Held, Protocol } from '../protocols/protocol.ts';
import { isObject } from '../protocols/settings.ts';
import { ownRun } from './own-run.ts';
import { type ProtocolInputs, parseProtocolInputs } from './protocol-inputs.ts';
import { protocolRefusedSummary } from './protocol-report.ts';
import {
  type ProtocolConfig,
  type ProtocolResult,
  saveProtocolConfig,
  saveProtocolResult,
} from './protocol-state.ts';
import { describeJob, jobWorker, temporaryFolder } from './take.ts';
import {
  addSummary,
  cancellation,
  failWith,
  readInput,
  saveLossTold,
  saveResult,
  takeSecret,
} from './toolkit.ts';

/** A hold as the phase that took it has it. `result` is absent when it failed, was refused or cancelled. */
interface Taken {
  readonly config?: ProtocolConfig;
  readonly result?: ProtocolResult;
}

/** Takes the lock of another program by the inputs: what pre does, and main where the runner ran no pre. */
export async function takeByProtocol(): Promise<Taken> {
  const token = takeSecret('github-token');
  const inputs = parseProtocolInputs(readInput, process.env);
  if (!inputs) {
    info('Leasehold is not enabled for this job: no lock is taken.');
    saveResult({ kind: 'disabled' });
    return {};
  }
  for (const note of inputs.notes) notice(note);
  const config = configure(inputs);
  // Said before the job has begun, not when the lock is lost.
  if (inputs.onLost === 'cancel-run') ownRun(token, process.env);
  refuseOwnWait(config);
  const protocol = await openFor(config.opening);
  for (const limit of describeLimits(protocol)) info(limit);
  const folder = new KeeperFolder(config.folder);
  folder.create();
  saveProtocolConfig(config);
  const signal = cancellation();
  return new Taking({ config, inputs, protocol, folder, signal, token }).run();
}

function configure(inputs: ProtocolInputs): ProtocolConfig {
  const { settings, access, onLost, summary } = inputs;
  const { protocol, path, keys } = settings;
  const self = describeJob(inputs);
  return {
    opening: { protocol, path, access, ...(keys ? { keys } : {}) },
    self,
    folder: KeeperFolder.of(temporaryFolder(), self.leaseId).path,
    onLost,
    summary,
  };
}

/**
 * Every step of a job takes its lock before the first of them runs: who waits for a step of its own job waits for ever.
 * @throws UsageError
 */
function refuseOwnWait({ opening, folder }: ProtocolConfig): void {
  const { protocol, path } = opening;
  for (const other of new KeeperFolder(folder).siblings()) {
    const status = other.readProtocolStatus();
    const holding = status?.hold?.holding;
    const own = holding?.protocol === protocol && placeOf(holding) === placeOf(opening);
    if (!own || status?.state.kind !== 'keeping' || !isAlive(status.keeper)) continue;
    throw new UsageError(
      `path: lock ${quote(path)} is held by an earlier step of this very job, until the job ends; to wait for it would be to wait for ever. Take it once for each job.`,
    );
  }
}

/** One text for each place, however its path is written: with a slash at its end, or two in between. */
function placeOf(named: Pick<ProtocolConfig['opening'], 'protocol' | 'path'>): string {
  return isObject(named) ? named.path : resolve(named.path);
}

/** How long after the end of a wait the keeper may be silent: one look, and the on-stale command, take their time. */
const SILENT_MS = 60_000;

interface TakingBy {
  readonly config: ProtocolConfig;
  readonly inputs: ProtocolInputs;
  readonly protocol: Protocol;
  readonly folder: KeeperFolder;
  readonly signal: AbortSignal;
  readonly token: string;
}

/** One acquisition, which the keeper does and this process tells of. */
class Taking {
  readonly #by: TakingBy;
  readonly #lock: string;
  readonly #waitLog: WaitLog;
  readonly #notifier: Notifier;
  readonly #startedMs = systemClock.monotonicMs();
  #trouble = '';

  constructor(by: TakingBy) {
    const { config, inputs, protocol, signal } = by;
    const { notify, notifyAfterMs } = inputs;
    this.#by = by;
    this.#lock = describeLock(config.opening.path);
    this.#waitLog = new WaitLog(protocol, inputs.stalePolicy);
    this.#notifier = protocolNotifier(notify, config, { notifyAfterMs, signal });
  }

  async run(): Promise<Taken> {
    const { config, folder, signal } = this.#by;
    const close = (): void => void folder.tryClose();
    signal.addEventListener('abort', close, { once: true });
    try {
      const keeper = await startProtocolKeeper(this.#handover(), {
        entry: keeperEntry(),
        folder,
        environment: process.env,
        clock: systemClock,
      });
      if (signal.aborted) close();
      const onStatus = (status: ProtocolStatus): void => this.#told(status);
      const status = await followKeeper(folder, { clock: systemClock, onStatus });
      return { config, ...(await this.#taken(keeper, status)) };
    } catch (error) {
      // Whatever the keeper has, or is about to have, the job will not run under it.
      close();
      throw error;
    } finally {
      signal.removeEventListener('abort', close);
      await this.#notifier.done;
    }
  }

  #handover(): ProtocolHandover {
    const { config, inputs, token } = this.#by;
    const { opening, self, folder, onLost } = config;
    const { settings, stalePolicy, waitTimeoutMs, maxHoldMs, onStale, notify } = inputs;
    const worker = jobWorker();
    const commands = onStale !== '' || notify !== '';
    return {
      kind: 'protocol',
      opening,
      ownerId: self.ownerId,
      ...(settings.ttlMs === undefined ? {} : { ttlMs: settings.ttlMs }),
      stalePolicy,
      waitTimeoutMs,
      maxHoldMs,
      folder,
      self,
      commands: { onStale, notify, environment: commands ? wholeEnvironment(process.env) : {} },
      ...(onLost === 'cancel-run' ? { cancel: ownRun(token, process.env) } : {}),
      ...(worker ? { worker } : {}),
      environment: secretEnvironment(process.env, opening.access),
    };
  }

  /**
   * Says what the keeper knows while it waits.
   * @throws KeeperError when it should have come to an end by now
   */
  #told({ state, keeper }: ProtocolStatus): void {
    const nowMs = systemClock.monotonicMs();
    const waitedMs = nowMs - this.#startedMs;
    if (waitedMs > this.#by.inputs.waitTimeoutMs + SILENT_MS) {
      throw new KeeperError(
        `The keeper, which takes ${this.#words} and holds it, does not answer (process ${keeper.pid}). See whether it was stopped, or hangs on the filesystem.`,
      );
    }
    if (state.kind === 'trying' && state.trouble !== undefined && state.trouble !== this.#trouble) {
      this.#trouble = state.trouble;
      info(`${sanitise(state.trouble)} Trying again.`);
    }
    if (state.kind !== 'waiting') return;
    const { held, decision } = state;
    for (const line of this.#waitLog.lines({ held, decision, waitedMs, nextTryMs: 0 }, nowMs)) info(line);
    this.#notifier.waiting(waitedMs, held);
  }

  async #taken(keeper: ProcessId, status: ProtocolStatus | undefined): Promise<{ result?: ProtocolResult }> {
    switch (status?.state.kind) {
      case 'keeping':
        return isAlive(keeper) ? this.#enter(keeper, status) : this.#died();
      case 'busy':
      case 'timed-out':
        return this.#refused(status.state);
      case 'cancelled':
        setFailed(`Cancelled while waiting for ${this.#words}. Nothing is left behind.`);
        return {};
      case 'released':
        setFailed(`Cancelled just as ${this.#words} was acquired. It is given back.`);
        return {};
      case 'failed':
        setFailed(sanitise(status.state.detail, Number.POSITIVE_INFINITY));
        return {};
      case 'lost':
        saveLossTold();
        failWith(`${this.#lock} was lost`, lostAtOnce(this.#lock, status.state));
        return {};
      case undefined:
      case 'trying':
      case 'waiting':
        return this.#died();
    }
  }

  get #words(): string {
    return `lock ${quote(this.#by.config.opening.path)}`;
  }

  #died(): never {
    throw new KeeperError(
      `The keeper, which takes ${this.#words} and holds it, died. ${this.#by.folder.logEnd()} The lock is not held.`,
    );
  }

  async #enter(keeper: ProcessId, { hold }: ProtocolStatus): Promise<{ result?: ProtocolResult }> {
    if (!hold) return this.#died();
    const { waitedMs, acquiredMs, took } = hold;
    const result: ProtocolResult = {
      kind: 'acquired',
      ...{ waitedMs, acquiredMs, keeper },
      ...(took ? { took } : {}),
    };
    saveProtocolResult(result);
    if (took) await this.#tookOver(took);
    const { signal, folder } = this.#by;
    if (signal.aborted || folder.closed) {
      folder.tryClose();
      setFailed(`Cancelled just as ${this.#words} was acquired. It is given back.`);
      return {};
    }
    info(
      `${this.#lock} acquired after ${formatDuration(waitedMs)}: held by process ${keeper.pid}${renewalWords(hold.holding.ttlMs)}.`,
    );
    this.#notifier.tell({ kind: 'acquired', waitedMs });
    return { result };
  }

  async #tookOver(took: Held): Promise<void> {
    const { inputs, signal } = this.#by;
    const delay =
      inputs.lockDelayMs > 0 ? ` The job begins in ${formatDuration(inputs.lockDelayMs)} (lock-delay).` : '';
    warning(`${this.#lock} was taken over ${describeTakenOver(took)}.${delay}`, {
      title: `${this.#lock} was taken over`,
    });
    this.#notifier.tell({ kind: 'stolen', took });
    // What is lost meanwhile main says.
    await systemClock.sleep(inputs.lockDelayMs, signal);
  }

  async #refused({
    kind,
    by,
    waitedMs,
  }: {
    kind: 'busy' | 'timed-out';
    by: Held;
    waitedMs: number;
  }): Promise<{ result?: ProtocolResult }> {
    const { config, inputs, protocol } = this.#by;
    const who = describeHeld(protocol.name, by).join('\n');
    if (inputs.onBusy === 'skip') {
      notice(`Skipped: ${who}`, { title: `${this.#lock} is busy` });
      const result: ProtocolResult = { kind: 'skipped', by, waitedMs };
      saveProtocolResult(result);
      return { result };
    }
    const [title, waited] =
      kind === 'timed-out'
        ? [
            `${this.#lock} was not free in time`,
            `The wait of ${formatDuration(waitedMs)} is over (input wait-timeout).\n`,
          ]
        : [`${this.#lock} is busy`, ''];
    failWith(title, `${waited}${who}\n${describeHelp(protocol, by)}`);
    if (config.summary) await addSummary(protocolRefusedSummary(config, by, waitedMs));
    return {};
  }
}

/** A notifier of this process, whose failure is a warning. */
export function protocolNotifier(
  command: string,
  { opening, self }: ProtocolConfig,
  more: { notifyAfterMs?: number; signal?: AbortSignal } = {},
): Notifier {
  const { protocol, path } = opening;
  const onFailure = (detail: string): void =>
    warning(detail, { title: `${describeLock(path)}: notify failed` });
  const teller = { protocol, path, self };
  return new Notifier({ command, teller, clock: systemClock, onFailure, ...more });
}

function renewalWords(ttlMs: number | undefined): string {
  return ttlMs === undefined || ttlMs === 0
    ? ' while the job runs'
    : `, for ${formatDuration(ttlMs)} and renewed while the job runs`;
}

function lostAtOnce(lock: string, { cause }: Extract<ProtocolStatus['state'], { kind: 'lost' }>): string {
  return `${lock} was lost just as it was acquired: ${describeLossCause(cause)}. The job is not protected.`;
}
