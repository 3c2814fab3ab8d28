import { exportVariable, info, notice, setFailed, warning } from '@actions/core';
import { systemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { currentScope, identify, type ProcessId } from '../base/process.ts';
import { systemRandom } from '../base/random.ts';
import { sanitise } from '../base/sanitise.ts';
import { shellQuote } from '../base/shell.ts';
import { UsageError } from '../base/usage-error.ts';
import { runEvidence } from '../github/evidence.ts';
import { gitHubServer } from '../github/server.ts';
import { KeeperFolder } from '../keeper/folder.ts';
import { storeSnapshot } from '../keeper/snapshot.ts';
import { type AcquireOutcome, acquire, GIVE_UP_MS } from '../lease/acquire.ts';
import { isStoreError, type LockContext } from '../lease/context.ts';
import { describeHelp, describeRefusal } from '../lease/describe.ts';
import { type Evidence, laterAttemptEvidence, processEvidence } from '../lease/evidence.ts';
import { endedHold, type Hold, recordHolds } from '../lease/history.ts';
import type { Lease } from '../lease/lease.ts';
import type { Holder, LeaseRecord } from '../lease/record.ts';
import { defaultOwnerId, describeSelf } from '../lease/self.ts';
import type { Veto } from '../lease/veto.ts';
import { openStore } from '../store/open.ts';
import { type Inputs, parseInputs } from './inputs.ts';
import { ownRun } from './own-run.ts';
import { refusedSummary } from './report.ts';
import { jobOf, refuseOwnWait, runOf } from './sharing.ts';
import type { Config, Result } from './state.ts';
import { TakeReport } from './tell.ts';
import {
  addSummary,
  cancellation,
  failWith,
  forgetResult,
  readInput,
  saveConfig,
  saveResult,
  takeSecret,
} from './toolkit.ts';

/** How long telling the history may take before the job begins. */
const RECORD_WITHIN_MS = 3_000;

/** A hold as the phase that took it has it. `result` is absent when it failed or was cancelled. */
export interface Taken {
  readonly config?: Config;
  readonly result?: Result;
}

/** Takes the lock by the inputs: what pre does, and main where the runner ran no pre. */
export async function take(): Promise<Taken> {
  const token = takeSecret('github-token');
  const inputs = parseInputs(readInput, process.env);
  if (!inputs) {
    info('Leasehold is not enabled for this job: no lock is taken.');
    const result: Result = { kind: 'disabled' };
    saveResult(result);
    return { result };
  }
  for (const note of inputs.notes) notice(note);
  const self = describeJob(inputs);
  const config = configure(inputs, self);
  // Said before the job has begun, not when the lock is lost.
  if (inputs.onLost === 'cancel-run') ownRun(token, process.env);
  const lock = await openLock(config);
  const folder = new KeeperFolder(config.folder);
  folder.create();
  // Before the first write to the store: post can then clean up after this process, wherever it dies.
  saveConfig(config);
  const signal = cancellation();
  return { config, ...(await takeAs(config, inputs, { lock, folder, token, signal, self })) };
}

/** This very job, for people; the id is that of its hold. */
export function describeJob(inputs: Pick<Inputs, 'ownerId' | 'reason'>): Holder {
  const worker = jobWorker();
  return describeSelf(process.env, {
    leaseId: systemRandom.hex(16),
    ownerId: inputs.ownerId || defaultOwnerId(process.env),
    reason: inputs.reason,
    processes: worker ? [worker] : [],
    checkRunId: readInput('check-run-id'),
  });
}

function configure(inputs: Inputs, self: Holder): Config {
  const { name, store, access, timing, heartbeat, maxHoldMs, onLost, summary } = inputs;
  const sharing = inputs.sharing && { ...inputs.sharing, ...jobOf(self) };
  const folder = KeeperFolder.of(temporaryFolder(), self.leaseId).path;
  return {
    ...{ name, store, access, timing, folder, heartbeat, maxHoldMs, onLost, summary },
    holder: sharing ? runOf(self) : self,
    ...(sharing ? { sharing } : {}),
  };
}

/** Ours alone on every runner; the folder that all users of a machine share is no place for what a keeper is told by. */
export function temporaryFolder(): string {
  const { RUNNER_TEMP } = process.env;
  if (RUNNER_TEMP) return RUNNER_TEMP;
  throw new UsageError(
    'RUNNER_TEMP is not set, as it is in every job of GitHub Actions. Outside of one use the CLI: npx leasehold run.',
  );
}

/** The runner's worker lives exactly as long as the job. In a container our parent is not it, and mostly not there. */
export function jobWorker(): ProcessId | undefined {
  const inContainer = process.env.GITHUB_WORKSPACE?.startsWith('/__w/') === true;
  return inContainer || process.ppid <= 1 ? undefined : identify(process.ppid);
}

/** The lock that a configuration names, in its store. */
export async function openLock({ name, store, access, timing }: Config): Promise<LockContext> {
  const { callTimeoutMs } = timing;
  const opened = await openStore(store, access);
  return { name, store: opened, clock: systemClock, random: systemRandom, callTimeoutMs };
}

async function takeAs(config: Config, inputs: Inputs, by: TakeBy): Promise<{ result?: Result }> {
  const report = new TakeReport(config, inputs, by);
  try {
    const outcome = await acquireWith(config, inputs, { ...by, report });
    switch (outcome.kind) {
      case 'acquired':
        return await enter(config, outcome, { ...by, report });
      case 'busy':
      case 'timed-out':
        return await refused(outcome, config, inputs);
      case 'cancelled':
        setFailed(
          `Cancelled while waiting for lock "${config.name}". ${outcome.mayBeHeld ? 'The store did not let it be known that nothing is held; the end of the job looks again.' : 'Nothing is left behind.'}`,
        );
        return {};
    }
  } finally {
    await report.end();
  }
}

/** What a lock is taken by. */
interface TakeBy {
  readonly lock: LockContext;
  readonly folder: KeeperFolder;
  readonly token: string;
  readonly signal: AbortSignal;
  /** This very job. */
  readonly self: Holder;
}

async function acquireWith(
  config: Config,
  inputs: Inputs,
  { lock, folder, token, signal, self, report }: TakeBy & { report: TakeReport },
): Promise<AcquireOutcome> {
  const { onWait, onStolen, onTrouble, onEnded } = report.callbacks;
  const { sharing } = config;
  return acquire(lock, {
    holder: config.holder,
    ...(sharing ? { sharing } : {}),
    timing: config.timing,
    stalePolicy: inputs.stalePolicy,
    evidence: evidenceFor(config.holder, token),
    ...(inputs.onStale ? { veto: await vetoBy(inputs.onStale) } : {}),
    waitTimeoutMs: inputs.waitTimeoutMs,
    signal,
    closed: () => folder.closed,
    onWait: (waiting) => {
      refuseOwnWait(self, { shares: sharing !== undefined }, waiting.record);
      onWait(waiting);
    },
    lockDelayMs: inputs.lockDelayMs,
    onStolen,
    onEnded,
    onTrouble,
  });
}

/** What is known here comes before what GitHub is asked for. */
function evidenceFor(holder: Holder, token: string): Evidence[] {
  return [
    laterAttemptEvidence(holder),
    processEvidence(currentScope()),
    runEvidence({
      server: gitHubServer(process.env),
      token,
      tokenFrom: 'input github-token',
      repository: holder.repository,
      clock: systemClock,
      random: systemRandom,
    }),
  ];
}

async function enter(
  config: Config,
  { lease, waitedMs, stolen, joined }: Extract<AcquireOutcome, { kind: 'acquired' }>,
  { folder, signal, report }: TakeBy & { report: TakeReport },
): Promise<{ result?: Result }> {
  const result: Result = {
    kind: 'acquired',
    token: lease.token,
    waitedMs,
    acquiredMs: systemClock.monotonicMs(),
    snapshot: storeSnapshot(lease),
    ...(stolen ? { stolenFrom: stolen.from.holder } : {}),
    ...(joined ? { joined: lease.id } : {}),
  };
  saveResult(result);
  const victim = stolen && endedHold(stolen.from, 'stolen', systemClock.wallMs());
  if (config.heartbeat) await handOver(lease, config, { folder, result, victim });
  if (signal.aborted || folder.closed) {
    folder.close();
    if (!config.heartbeat) await giveBack(lease);
    setFailed(`Cancelled just as lock "${config.name}" was acquired. It is given back.`);
    return {};
  }
  exportVariable('LEASEHOLD_TOKEN', String(lease.token));
  info(
    `Lock "${config.name}" ${joined ? "joined, for this job's run has it," : 'acquired'} after ${formatDuration(waitedMs)}: token ${lease.token}, lease ${lease.id}, for ${formatDuration(lease.timing.ttlMs)} and ${config.heartbeat ? 'renewed while the job runs' : 'not renewed'}.`,
  );
  report.notify({ kind: 'acquired', token: lease.token, waitedMs });
  // With a keeper, it does that.
  if (victim && !config.heartbeat) await recordHolds(lease.lock, [victim], { withinMs: RECORD_WITHIN_MS });
  return { result };
}

/** Starts the keeper. Without one the lease would run out under the job, so then it is given back at once. */
async function handOver(
  lease: Lease,
  config: Config,
  { folder, ...hold }: { folder: KeeperFolder; result: Acquired; victim: Hold | undefined },
): Promise<void> {
  try {
    await keepByProcess(lease, config, hold);
  } catch (error) {
    folder.tryClose();
    await giveBack(lease);
    throw error;
  }
}

type Acquired = Extract<Result, { kind: 'acquired' }>;

/**
 * The worker is this phase's own: should pre have been started by something else than the runner, main was not. What may be
 * secret comes from the inputs, and not from what pre has saved.
 */
export async function keepByProcess(
  lease: Lease,
  config: Config,
  { result, victim }: { result: Acquired; victim?: Hold | undefined },
): Promise<void> {
  const { folder, store, access, maxHoldMs, onLost } = config;
  const token = takeSecret('github-token');
  const worker = jobWorker();
  // Only now, with the lock held: what starts processes takes a while to load.
  const { keeperEntry, startKeeper } = await import('../keeper/start.ts');
  await startKeeper(lease, {
    entry: keeperEntry(),
    folder: new KeeperFolder(folder),
    store,
    access,
    maxHoldMs,
    acquiredMs: result.acquiredMs,
    waitedMs: result.waitedMs,
    ...(victim ? { victim } : {}),
    notify: readInput('notify'),
    ...(onLost === 'cancel-run' ? { cancel: ownRun(token, process.env) } : {}),
    ...(worker ? { worker } : {}),
    environment: process.env,
  });
}

async function giveBack(lease: Lease): Promise<void> {
  try {
    await lease.release(systemClock.monotonicMs() + GIVE_UP_MS, undefined, { entered: false });
    forgetResult();
  } catch (error) {
    if (!isStoreError(error)) throw error;
    warning(
      `${sanitise(error.message)} The lease runs out by itself in ${formatDuration(lease.timing.ttlMs)}.`,
    );
  }
}

async function refused(
  outcome: Extract<AcquireOutcome, { kind: 'busy' | 'timed-out' }>,
  { name, summary }: Config,
  inputs: Inputs,
): Promise<{ result?: Result }> {
  const { record } = outcome;
  const waitedMs = outcome.kind === 'timed-out' ? outcome.waitedMs : 0;
  const who = describeRefusal(name, record).join('\n');
  if (inputs.onBusy === 'skip') {
    notice(`Skipped: ${who}`, { title: `Lock "${name}" is busy` });
    const result: Result = { kind: 'skipped', by: record.holder, waitedMs };
    saveResult(result);
    return { result };
  }
  const [title, waited] =
    outcome.kind === 'timed-out'
      ? [
          `Lock "${name}" was not free in time`,
          `The wait of ${formatDuration(waitedMs)} is over (input wait-timeout).\n`,
        ]
      : [`Lock "${name}" is busy`, ''];
  failWith(title, `${waited}${who}\n${howToBreak(inputs, record)}`);
  if (summary)
    await addSummary(
      refusedSummary({ name, holder: record.holder }, waitedMs, gitHubServer(process.env)?.origin),
    );
  return {};
}

function howToBreak({ store }: Inputs, record: LeaseRecord): string {
  return `${describeHelp(record)}: npx leasehold break ${record.name} --store ${shellQuote(store)} --lease ${record.holder.leaseId} --reason '…'`;
}

async function vetoBy(command: string): Promise<Veto> {
  const { commandVeto } = await import('../lease/veto.ts');
  return commandVeto(command);
}
