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
import { type AcquireOutcome, acquire, GIVE_UP_MS, type Stolen } from '../lease/acquire.ts';
import { isStoreError, type LockContext } from '../lease/context.ts';
import { describeHolder, describeRecord, WaitLog } from '../lease/describe.ts';
import { type Evidence, laterAttemptEvidence, processEvidence } from '../lease/evidence.ts';
import type { Lease } from '../lease/lease.ts';
import type { Holder, LeaseRecord } from '../lease/record.ts';
import { defaultOwnerId, describeSelf } from '../lease/self.ts';
import type { Veto } from '../lease/veto.ts';
import { openStore } from '../store/open.ts';
import { type Inputs, parseInputs } from './inputs.ts';
import type { Config, Result } from './state.ts';
import { cancellation, forgetResult, readInput, saveConfig, saveResult, takeSecret } from './toolkit.ts';

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
  const config = configure(inputs);
  const lock = await openLock(config);
  const folder = new KeeperFolder(config.folder);
  folder.create();
  // Before the first write to the store: post can then clean up after this process, wherever it dies.
  saveConfig(config);
  return { config, ...(await takeAs(config, inputs, { lock, folder, token })) };
}

function configure(inputs: Inputs): Config {
  const { name, store, access, timing, heartbeat, maxHoldMs, onLost, summary } = inputs;
  const worker = jobWorker();
  const leaseId = systemRandom.hex(16);
  const holder = describeSelf(process.env, {
    leaseId,
    ownerId: inputs.ownerId || defaultOwnerId(process.env),
    reason: inputs.reason,
    processes: worker ? [worker] : [],
    checkRunId: readInput('check-run-id'),
  });
  const folder = KeeperFolder.of(temporaryFolder(), leaseId).path;
  return { name, store, access, timing, holder, folder, heartbeat, maxHoldMs, onLost, summary };
}

/** Ours alone on every runner; the folder that all users of a machine share is no place for what a keeper is told by. */
function temporaryFolder(): string {
  const { RUNNER_TEMP } = process.env;
  if (RUNNER_TEMP) return RUNNER_TEMP;
  throw new UsageError(
    'RUNNER_TEMP is not set, as it is in every job of GitHub Actions. Outside of one use the CLI: npx leasehold run.',
  );
}

/** The runner's worker lives exactly as long as the job. In a container our parent is not it, and mostly not there. */
function jobWorker(): ProcessId | undefined {
  const inContainer = process.env.GITHUB_WORKSPACE?.startsWith('/__w/') === true;
  return inContainer || process.ppid <= 1 ? undefined : identify(process.ppid);
}

/** The lock that a configuration names, in its store. */
export async function openLock({ name, store, access, timing }: Config): Promise<LockContext> {
  const { callTimeoutMs } = timing;
  const opened = await openStore(store, access);
  return { name, store: opened, clock: systemClock, random: systemRandom, callTimeoutMs };
}

async function takeAs(
  config: Config,
  inputs: Inputs,
  { lock, folder, token }: { lock: LockContext; folder: KeeperFolder; token: string },
): Promise<{ result?: Result }> {
  const signal = cancellation();
  const waitLog = new WaitLog(inputs.stalePolicy);
  const outcome = await acquire(lock, {
    holder: config.holder,
    timing: config.timing,
    stalePolicy: inputs.stalePolicy,
    evidence: evidenceFor(config.holder, token),
    ...(inputs.onStale ? { veto: await vetoBy(inputs.onStale) } : {}),
    waitTimeoutMs: inputs.waitTimeoutMs,
    signal,
    closed: () => folder.closed,
    onWait: (waiting) => {
      refuseOwnJob(config, waiting.record);
      for (const line of waitLog.lines(waiting, systemClock.monotonicMs())) info(line);
    },
    lockDelayMs: inputs.lockDelayMs,
    onStolen: (stolen) => warning(describeSteal(inputs, stolen)),
    onTrouble: (error) => info(`${sanitise(error.message)} Trying again.`),
  });
  switch (outcome.kind) {
    case 'acquired':
      return enter(config, outcome, { folder, signal });
    case 'busy':
    case 'timed-out':
      return refused(outcome, inputs);
    case 'cancelled':
      setFailed(
        `Cancelled while waiting for lock "${config.name}". ${outcome.mayBeHeld ? 'The store did not let it be known that nothing is held; the end of the job looks again.' : 'Nothing is left behind.'}`,
      );
      return {};
  }
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

/** Every step of a job takes its lock before the first of them runs: who waits for a step of its own job waits for ever. */
function refuseOwnJob({ name, holder }: Config, { state, holder: other }: LeaseRecord): void {
  const job = ({ bootId, pidNamespace, processes, repository, runId, runAttempt, job }: Holder): string =>
    JSON.stringify([bootId, pidNamespace, processes, repository, runId, runAttempt, job]);
  const known = holder.runId !== undefined && holder.processes?.[0]?.startTime !== undefined;
  if (state !== 'held' || !known || job(holder) !== job(other)) return;
  throw new UsageError(
    `name: lock "${name}" is held by an earlier step of this very job, until the job ends; to wait for it would be to wait for ever. Take it once for each job.`,
  );
}

function describeSteal({ name, lockDelayMs }: Inputs, { from, because, proof }: Stolen): string {
  const why = proof ? `${because}: ${sanitise(proof)}` : because;
  const run = from.holder.runUrl ? `, ${sanitise(from.holder.runUrl)}` : '';
  const delay = lockDelayMs > 0 ? ` The job begins in ${formatDuration(lockDelayMs)} (lock-delay).` : '';
  return `Lock "${name}" was stolen from ${describeHolder(from.holder)} (${why})${run}.${delay}`;
}

async function enter(
  config: Config,
  { lease, waitedMs, stolen }: Extract<AcquireOutcome, { kind: 'acquired' }>,
  { folder, signal }: { folder: KeeperFolder; signal: AbortSignal },
): Promise<{ result?: Result }> {
  const result: Result = {
    kind: 'acquired',
    token: lease.token,
    waitedMs,
    acquiredMs: systemClock.monotonicMs(),
    snapshot: storeSnapshot(lease),
    ...(stolen ? { stolenFrom: stolen.from.holder } : {}),
  };
  saveResult(result);
  if (config.heartbeat) await handOver(lease, config, folder);
  if (signal.aborted || folder.closed) {
    folder.close();
    if (!config.heartbeat) await giveBack(lease);
    setFailed(`Cancelled just as lock "${config.name}" was acquired. It is given back.`);
    return {};
  }
  exportVariable('LEASEHOLD_TOKEN', String(lease.token));
  info(
    `Lock "${config.name}" acquired after ${formatDuration(waitedMs)}: token ${lease.token}, lease ${lease.id}, for ${formatDuration(lease.timing.ttlMs)} and ${config.heartbeat ? 'renewed while the job runs' : 'not renewed'}.`,
  );
  return { result };
}

/** Starts the keeper. Without one the lease would run out under the job, so then it is given back at once. */
async function handOver(lease: Lease, config: Config, folder: KeeperFolder): Promise<void> {
  try {
    await keepByProcess(lease, config);
  } catch (error) {
    folder.tryClose();
    await giveBack(lease);
    throw error;
  }
}

/** The worker is this phase's own: should pre have been started by something else than the runner, main was not. */
export async function keepByProcess(lease: Lease, config: Config): Promise<void> {
  const { folder, store, access, maxHoldMs } = config;
  const worker = jobWorker();
  // Only now, with the lock held: what starts processes takes a while to load.
  const { keeperEntry, startKeeper } = await import('../keeper/start.ts');
  await startKeeper(lease, {
    entry: keeperEntry(),
    folder: new KeeperFolder(folder),
    store,
    access,
    maxHoldMs,
    ...(worker ? { worker } : {}),
    environment: process.env,
  });
}

async function giveBack(lease: Lease): Promise<void> {
  try {
    await lease.release(systemClock.monotonicMs() + GIVE_UP_MS);
    forgetResult();
  } catch (error) {
    if (!isStoreError(error)) throw error;
    warning(
      `${sanitise(error.message)} The lease runs out by itself in ${formatDuration(lease.timing.ttlMs)}.`,
    );
  }
}

function refused(
  outcome: Extract<AcquireOutcome, { kind: 'busy' | 'timed-out' }>,
  inputs: Inputs,
): { result?: Result } {
  const { record } = outcome;
  const waitedMs = outcome.kind === 'timed-out' ? outcome.waitedMs : 0;
  const who = describeRecord(record).join('\n');
  if (inputs.onBusy === 'skip') {
    notice(`Skipped: ${who}`);
    const result: Result = { kind: 'skipped', by: record.holder, waitedMs };
    saveResult(result);
    return { result };
  }
  const waited =
    outcome.kind === 'timed-out'
      ? `The wait of ${formatDuration(waitedMs)} is over (input wait-timeout).\n`
      : '';
  setFailed(`${waited}${who}\n${howToBreak(inputs, record.holder.leaseId)}`);
  return {};
}

function howToBreak({ name, store }: Inputs, leaseId: string): string {
  return `If that holder is dead and its lock must go now: npx leasehold break ${name} --store ${shellQuote(store)} --lease ${leaseId} --reason '…'`;
}

async function vetoBy(command: string): Promise<Veto> {
  const { commandVeto } = await import('../lease/veto.ts');
  return commandVeto(command);
}
