// @ts-check
/**
 * Runs a job the way GitHub's runner does, on this machine, in real processes.
 *
 *     const job = startJob({ steps: [{ id: 'lock', uses: '/path/of/an/action', with: { name: 'prod' } }] });
 *     await job.until('line', ({ raw }) => raw.includes('waiting'));
 *     job.cancel();
 *     const { conclusion, steps } = await job.done;
 *
 * Every job has a worker process of its own, so several run side by side, and a worker can be killed. Linux only: the
 * orphan sweep reads /proc.
 *
 * Not here: containers, composite actions, expressions beyond plain paths, problem matchers, the job's own time-out.
 */
import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { removeOwnRoot } from './directories.mjs';
import { descendantsOf, killAll, processesOfJob, sendSignal } from './processes.mjs';
import { emptyResult, rawLog, record, recordLost } from './results.mjs';
import { prepare } from './spec.mjs';

export { phaseOf, rawLog, shownLog } from './results.mjs';

/**
 * @import { Contexts, FromWorker, JobEvent, JobEvents, JobResult, JobSpec, KilledProcess, RunningPhase, ToWorker,
 *   WorkerSpec } from './types.ts'
 */

/**
 * Starts a job and returns at once.
 * @param {JobSpec} spec
 */
export function startJob(spec) {
  if (process.platform !== 'linux') throw new Error('The runner harness reads /proc: it runs on Linux only.');
  const job = new RunningJob(spec);
  started.add(job);
  return job;
}

/** @type {Set<RunningJob>} */
const started = new Set();

/** Ends all that this process started since it last did so, for `afterEach`: a test that failed leaves nothing behind. */
export async function killJobs() {
  const jobs = [...started];
  started.clear();
  await Promise.all(jobs.map((job) => job.kill().catch(() => {})));
}

/**
 * Runs a job to its end.
 * @param {JobSpec} spec
 * @returns {Promise<JobResult>}
 */
export function runJob(spec) {
  return startJob(spec).done;
}

/** A job, and the control over it. */
export class RunningJob {
  /**
   * What is known by now; complete when `done` resolves.
   * @type {JobResult}
   */
  result;
  /**
   * Resolves however the job ends. Rejects when the spec can't be run, or when the harness itself fails.
   * @type {Promise<JobResult>}
   */
  done;
  /** RUNNER_TRACKING_ID. */
  trackingId;
  directories;
  /** The process that is the parent of the phases. */
  workerPid;

  #worker;
  #functions;
  #emitter = new EventEmitter();
  /** @type {JobEvent[]} */
  #history = [];
  /** @type {Set<RunningPhase>} */
  #running = new Set();
  #startedMs = performance.now();
  /** @type {Error | undefined} */
  #fault;

  /** @param {JobSpec} spec */
  constructor(spec) {
    const { workerSpec, functions } = prepare(spec);
    this.#functions = functions;
    this.trackingId = workerSpec.trackingId;
    this.directories = workerSpec.directories;
    this.result = emptyResult(workerSpec.steps);
    this.#worker = startWorker(workerSpec);
    if (this.#worker.pid === undefined)
      throw new Error('The worker process of the runner harness did not start.');
    this.workerPid = this.#worker.pid;
    this.#emitter.setMaxListeners(0);
    this.#worker.on('message', (/** @type {FromWorker} */ message) => this.#receive(message));
    this.done = once(this.#worker, 'close').then(() => this.#end());
    // Whoever awaits it hears of a fault; a test that failed before it could should show its own failure only.
    this.done.catch(() => {});
  }

  /**
   * @template {keyof JobEvents} Name
   * @param {Name} event
   * @param {(data: JobEvents[Name]) => void} listener
   */
  on(event, listener) {
    this.#emitter.on(event, listener);
    return this;
  }

  /**
   * The first event that is as asked for, be it past: asking late misses nothing.
   * @template {keyof JobEvents} Name
   * @param {Name} event
   * @param {(data: JobEvents[Name]) => boolean} [wanted]
   * @returns {Promise<JobEvents[Name]>} rejects when the job ends without it
   */
  async until(event, wanted = () => true) {
    for (const past of this.#history) {
      const data = /** @type {JobEvents[Name]} */ (past.data);
      if (past.event === event && wanted(data)) return data;
    }
    return new Promise((resolve, reject) => {
      this.on(event, (data) => wanted(data) && resolve(data));
      const missed = () =>
        reject(new Error(`The job ended without the ${event} waited for:\n${rawLog(this.result)}`));
      this.done.then(missed, reject);
    });
  }

  /** The phases that run now: one, or none between two. */
  processes() {
    return [...this.#running];
  }

  /** What the Cancel button does. */
  cancel() {
    this.#send({ kind: 'cancel' });
  }

  /**
   * The runner goes, at once: no post runs. After the end of the job there is nothing left to do.
   * @param {{ orphans?: 'sweep' | 'leave' }} [options] `sweep` (default): nothing of the job lives on, as when the
   *   machine is lost. `leave`: the worker and the running phase die, what they started lives on.
   */
  async kill({ orphans = 'sweep' } = {}) {
    if (this.#worker.exitCode === null && this.#worker.signalCode === null) {
      // Stopped first, so that it starts nothing while it is being killed.
      sendSignal(this.workerPid, 'SIGSTOP');
      const phases = this.processes().map(({ pid }) => pid);
      await killAll([this.workerPid, ...(orphans === 'sweep' ? descendantsOf(this.workerPid) : phases)]);
    }
    if (orphans === 'sweep') await this.sweep();
    return this.done;
  }

  /** The worker crashes: the running phase and all that was started live on without it. Clean up with `sweep`. */
  async killWorker() {
    await killAll([this.workerPid]);
    return this.done;
  }

  /**
   * Kills what is left of the job after `kill` or `killWorker`, and removes the folder if it was made for the job.
   * @returns {Promise<KilledProcess[]>}
   */
  async sweep() {
    const killed = await killAll(processesOfJob(this.trackingId));
    removeOwnRoot(this.directories);
    return killed;
  }

  /** @param {ToWorker} message */
  #send(message) {
    if (this.#worker.connected) this.#worker.send(message);
  }

  /** @param {FromWorker} message */
  #receive(message) {
    switch (message.kind) {
      case 'event':
        this.#history.push(message);
        record(this.result, message);
        this.#follow(message);
        this.#emitter.emit(message.event, message.data);
        return;
      case 'ask':
        this.#answer(message);
        return;
      case 'fault':
        this.#fault = new Error(message.message);
    }
  }

  /** @param {JobEvent} message */
  #follow({ event, data }) {
    if (event === 'phase-start') this.#running.add(data);
    // One phase at a time.
    if (event === 'phase-end') this.#running.clear();
  }

  /** @param {{ id: number, call: number, contexts: Contexts }} question */
  #answer({ id, call, contexts }) {
    try {
      this.#send({ kind: 'answer', id, value: this.#functions[call]?.(contexts) ?? '' });
    } catch (error) {
      this.#send({
        kind: 'answer',
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }

  #end() {
    this.result.durationMs = Math.round(performance.now() - this.#startedMs);
    for (const running of this.#running) recordLost(this.result, running);
    this.#running.clear();
    if (this.#fault || this.result.conclusion !== 'lost') removeOwnRoot(this.directories);
    if (this.#fault) throw this.#fault;
    return this.result;
  }
}

/** @param {WorkerSpec} spec */
function startWorker(spec) {
  const { PATH = '', HOME = '' } = process.env;
  const worker = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
    env: { PATH, HOME },
    // Not those of the test runner.
    execArgv: [],
    // A group of its own, so that Ctrl-C in a terminal does not reach the phases past their runner.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  worker.send(/** @type {ToWorker} */ ({ kind: 'start', spec }));
  return worker;
}
