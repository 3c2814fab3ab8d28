// @ts-check
/**
 * One job, as the runner's worker process runs it (actions/runner, src/Runner.Worker: StepsRunner.cs, ActionRunner.cs,
 * JobExtension.cs): all pres in step order, then the mains, then the posts as a stack, then the sweep.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { inputVariable, readAction } from './action.mjs';
import { emptyDirectory } from './directories.mjs';
import { holds, interpolate } from './expressions.mjs';
import { createCommandFiles, readCommandFiles } from './file-commands.mjs';
import { PhaseOutput } from './phase-output.mjs';
import { killAll, processesOfJob } from './processes.mjs';
import { withoutProcess } from './results.mjs';
import { runProcess } from './step-process.mjs';

/**
 * @import { Action } from './action.mjs'
 * @import { ParsedCommand } from './commands.mjs'
 * @import { CommandFiles } from './file-commands.mjs'
 * @import { Annotation, Contexts, JobEvent, JobEvents, JobStatus, LogLine, Phase, PhaseResult, Status, StepContext, Variables,
 *   WorkerCondition, WorkerSpec, WorkerStep, WorkerValue } from './types.ts'
 */

/**
 * The process that asked for the job: it hears what happens, and it has the functions of the spec.
 * @typedef {{ emit(event: JobEvent): void, ask(call: number, contexts: Contexts): Promise<string | boolean> }} Host
 */

/** A step, and what is known of it by now. @typedef {WorkerStep & { action?: Action, state: Variables }} LiveStep */

/** One phase of a step. @typedef {{ step: LiveStep, phase: Phase }} Task */

/** What a phase runs. @typedef {{ file: string, args: string[], ownGroup: boolean, env: Variables }} Command */

export class Job {
  #spec;
  #host;
  #steps;
  /** @type {JobStatus} */
  #status = 'success';
  /** Looks again whether the running phase may go on, after a cancel. */
  #reconsider = () => {};
  /** The job's `env:`, and over it what GITHUB_ENV brought. */
  #env;
  /** @type {string[]} */
  #path = [];
  /** @type {Record<string, StepContext>} */
  #outcomes = {};
  /** @type {Task[]} */
  #posts = [];
  #masks;

  /**
   * @param {WorkerSpec} spec
   * @param {Host} host
   */
  constructor(spec, host) {
    this.#spec = spec;
    this.#host = host;
    this.#env = { ...spec.env };
    this.#masks = new Set(Object.values(spec.secrets).filter((secret) => secret !== ''));
    this.#steps = spec.steps.map((step) => /** @type {LiveStep} */ ({ ...step, state: {} }));
  }

  /**
   * Runs all of it.
   * @returns {Promise<JobEvents['job-end']>} rejects when the spec can't be run at all
   */
  async run() {
    const { temp, toolCache, workspace } = this.#spec.directories;
    for (const directory of [temp, toolCache, workspace]) mkdirSync(directory, { recursive: true });
    emptyDirectory(temp);
    this.#writeEvent();
    for (const step of this.#steps) this.#loadRemoteAction(step);
    const withPre = this.#steps.filter((step) => !isLocal(step) && step.action?.scripts.pre);
    for (const step of withPre) await this.#runPhase({ step, phase: 'pre' });
    for (const step of this.#steps) await this.#runPhase({ step, phase: 'main' });
    for (let post = this.#posts.pop(); post; post = this.#posts.pop()) await this.#runPhase(post);
    await this.#sweep();
    if (!this.#spec.keepTemp) emptyDirectory(temp);
    return { conclusion: this.#status, env: this.#env, path: this.#path };
  }

  /** The running phase is stopped unless its condition still holds; later ones start if theirs does. */
  cancel() {
    // A phase that starts in a cancelled job is one that may: it is not asked again.
    if (this.#status === 'cancelled') return;
    this.#status = 'cancelled';
    this.#reconsider();
  }

  #writeEvent() {
    const path = this.#spec.github.event_path ?? '';
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(this.#spec.event));
  }

  /** @param {LiveStep} step */
  #loadRemoteAction(step) {
    if (step.what.kind === 'action' && !step.what.local) step.action = readAction(step.what.directory);
  }

  /** @param {Task} task */
  async #runPhase(task) {
    const stop = new AbortController();
    const mayRun = async () => this.#holds(conditionOf(task), await this.#contextsFor(task));
    this.#reconsider = () => {
      mayRun().then(
        (may) => may || stop.abort('cancelled'),
        (error) => stop.abort(error),
      );
    };
    const skipped = withoutProcess({ step: task.step.id, phase: task.phase, status: 'skipped' });
    const result = (await mayRun()) ? await this.#execute(task, stop) : skipped;
    this.#reconsider = () => {};
    if (stop.signal.reason instanceof Error) throw stop.signal.reason;
    this.#finish(task, result);
  }

  /**
   * @param {Task} task
   * @param {AbortController} stop
   * @returns {Promise<PhaseResult>}
   */
  async #execute(task, stop) {
    const { step, phase } = task;
    if (phase === 'main' && isLocal(step)) this.#loadLocalAction(task);
    this.#registerPost(task);
    const { temp, workspace } = this.#spec.directories;
    const files = createCommandFiles(temp);
    const command = await this.#commandOf(task);
    const env = this.#environmentOf(task, { files, own: command.env });
    const output = new PhaseOutput(task, this);
    const minutes = step.timeoutMinutes;
    const timer = minutes > 0 ? setTimeout(() => stop.abort('timeout'), minutes * 60_000) : undefined;
    const ended = await runProcess(
      { ...command, cwd: workspace, env },
      {
        timings: this.#spec.timings,
        stop: stop.signal,
        onStart: (pid) => {
          output.pid = pid;
          this.#host.emit({ event: 'phase-start', data: { step: step.id, phase, pid } });
        },
        onLine: (stream, line) => output.take(stream, line),
      },
    );
    clearTimeout(timer);
    const { complaints, ...left } = readCommandFiles(files);
    for (const complaint of complaints) output.complain(complaint);
    const outputs = { ...output.outputs, ...left.outputs };
    const state = { ...output.state, ...left.state };
    const status = this.#statusOf({ ended, stop: stop.signal, output, step });
    const conclusion = status === 'failure' && step.continueOnError ? 'success' : status;
    return { step: step.id, phase, status, conclusion, pid: output.pid, ...ended, ...left, outputs, state };
  }

  /** @param {Task} task */
  #loadLocalAction({ step, phase }) {
    if (step.what.kind !== 'action') return;
    step.action = readAction(resolve(this.#spec.directories.workspace, step.what.directory));
    if (step.action.scripts.pre) {
      const message = `\`pre\` execution is not supported for local action from '${step.what.directory}'`;
      this.annotate({ level: 'warning', message, properties: {}, step: step.id, phase });
    }
  }

  /**
   * At the start of pre if there is one, else of main: so the post of an action with a pre runs after all others.
   * @param {Task} task
   */
  #registerPost({ step, phase }) {
    if (phase === 'post' || !step.action?.scripts.post) return;
    if (!this.#posts.some((post) => post.step === step)) this.#posts.push({ step, phase: 'post' });
  }

  /**
   * @param {{ ended: { exitCode: number }, stop: AbortSignal, output: PhaseOutput, step: LiveStep }} facts
   * @returns {Status}
   */
  #statusOf({ ended, stop, output, step }) {
    // Whatever its exit code: who was told to stop has not succeeded.
    if (stop.reason === 'cancelled') return 'cancelled';
    if (stop.reason === 'timeout') {
      output.fail(`The action '${step.name}' has timed out after ${step.timeoutMinutes} minutes.`);
    } else if (step.what.kind === 'script' && ended.exitCode !== 0) {
      output.fail(`Process completed with exit code ${ended.exitCode}.`);
    }
    return output.failed || ended.exitCode !== 0 ? 'failure' : 'success';
  }

  /**
   * @param {Task} task
   * @param {PhaseResult} result
   */
  #finish({ step, phase }, result) {
    Object.assign(this.#env, result.env);
    this.#path = [...this.#path.filter((known) => !result.path.includes(known)), ...result.path];
    Object.assign(step.state, result.state);
    // Pre and post have no name under `steps`: what they put out is dropped.
    if (phase === 'main') {
      const { outputs, status: outcome, conclusion } = result;
      this.#outcomes[step.id] = { outputs, outcome, conclusion };
    }
    if (result.conclusion === 'failure' && this.#status === 'success') this.#status = 'failure';
    this.#host.emit({ event: 'phase-end', data: result });
  }

  async #sweep() {
    const orphans = processesOfJob(this.#spec.trackingId).filter((pid) => pid !== process.pid);
    for (const killed of await killAll(orphans)) {
      this.#host.emit({ event: 'swept', data: killed });
      const text = `Terminate orphan process: pid (${killed.pid}) (${killed.cmdline})`;
      this.log({ step: null, phase: null, stream: 'runner', raw: text, text });
    }
  }

  /**
   * @param {Task} task
   * @returns {Promise<Contexts>} with the step's own `env:` in it
   */
  async #contextsFor({ step }) {
    const { github, runner, secrets } = this.#spec;
    /** @type {Contexts} */
    const contexts = {
      github: { ...github, action: step.id },
      runner,
      secrets,
      env: { ...this.#env },
      job: { ...this.#spec.job, status: this.#status },
      steps: this.#outcomes,
    };
    const own = await this.#resolveAll(step.env, contexts);
    return { ...contexts, env: { ...contexts.env, ...own } };
  }

  /**
   * @param {Task} task
   * @returns {Promise<Command>} `env`: what is in the environment for this phase alone
   */
  async #commandOf(task) {
    const contexts = await this.#contextsFor(task);
    const { what, action, state } = task.step;
    if (what.kind === 'script') {
      const path = join(this.#spec.directories.temp, `${crypto.randomUUID()}.sh`);
      writeFileSync(path, await this.#resolve(what.run, contexts));
      return { file: 'bash', args: ['-e', path], ownGroup: true, env: contexts.env };
    }
    if (!action) throw new Error(`Step ${task.step.id} has no action.`);
    const states = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]);
    const inputs = await this.#inputsOf(task, { action, given: what.with, contexts });
    const script = join(action.directory, action.scripts[task.phase] ?? '');
    const env = { ...contexts.env, ...Object.fromEntries(states), ...inputs };
    return { file: this.#spec.nodePath, args: [script], ownGroup: false, env };
  }

  /**
   * @param {Task} task
   * @param {{ action: Action, given: Record<string, WorkerValue>, contexts: Contexts }} values
   * @returns {Promise<Variables>} as `INPUT_*`
   */
  async #inputsOf({ step, phase }, { action, given, contexts }) {
    const known = Object.keys(action.inputs);
    const unknown = Object.keys(given).filter((name) => !known.some((input) => sameName(input, name)));
    if (unknown.length > 0) {
      const message = `Unexpected input(s) '${unknown.join("', '")}', valid inputs are ['${known.join("', '")}']`;
      this.annotate({ level: 'warning', message, properties: {}, step: step.id, phase });
    }
    /** @type {Variables} */
    const inputs = {};
    for (const [name, value] of [...Object.entries(action.inputs), ...Object.entries(given)]) {
      inputs[inputVariable(name)] = await this.#resolve(value, contexts);
    }
    return inputs;
  }

  /**
   * The whole environment of a process, the later the stronger. Of the machine's own, PATH and HOME only.
   * @param {Task} task
   * @param {{ files: CommandFiles, own: Variables }} parts
   * @returns {Variables}
   */
  #environmentOf({ step }, { files, own }) {
    const { processEnv, trackingId, github, runner } = this.#spec;
    const { PATH = '', HOME = '' } = process.env;
    // The token is in the context only.
    const { token: _, ...shown } = github;
    const base = { PATH, HOME, CI: 'true', ...processEnv, RUNNER_TRACKING_ID: trackingId, ...own };
    return {
      ...base,
      PATH: [...this.#path.toReversed(), base.PATH].join(':'),
      ...prefixed('GITHUB_', { ...shown, action: step.id, ...files }),
      ...prefixed('RUNNER_', runner),
      GITHUB_ACTIONS: 'true',
    };
  }

  /**
   * @param {WorkerValue} value
   * @param {Contexts} contexts
   */
  async #resolve(value, contexts) {
    if (typeof value === 'string') return interpolate(value, contexts);
    return String(await this.#host.ask(value.call, contexts));
  }

  /**
   * @param {Record<string, WorkerValue>} values
   * @param {Contexts} contexts
   */
  async #resolveAll(values, contexts) {
    /** @type {Variables} */
    const resolved = {};
    for (const [name, value] of Object.entries(values)) resolved[name] = await this.#resolve(value, contexts);
    return resolved;
  }

  /**
   * @param {WorkerCondition} condition
   * @param {Contexts} contexts
   */
  async #holds(condition, contexts) {
    if (typeof condition === 'string') return holds(condition, contexts.job.status);
    return (await this.#host.ask(condition.call, contexts)) === true;
  }

  /** @param {Annotation} annotation */
  annotate(annotation) {
    this.#host.emit({ event: 'annotation', data: annotation });
    const { step, phase, level, message } = annotation;
    const text = `##[${level}]${message}`;
    this.log({ step, phase, stream: 'runner', raw: text, text });
  }

  /** @param {Omit<LogLine, 'atMs'>} line */
  log(line) {
    const masks = [...this.#masks].toSorted((a, b) => b.length - a.length);
    const text =
      line.text === null ? null : masks.reduce((shown, mask) => shown.replaceAll(mask, '***'), line.text);
    this.#host.emit({ event: 'line', data: { ...line, text, atMs: Date.now() } });
  }

  /**
   * @param {Task} task
   * @param {ParsedCommand} command
   */
  commanded({ step, phase }, command) {
    this.#host.emit({ event: 'command', data: { step: step.id, phase, ...command } });
  }

  /** @param {string} secret of several lines: each of them too */
  mask(secret) {
    for (const line of [secret, ...secret.split(/[\r\n]+/)])
      if (line.trim() !== '') this.#masks.add(line.trim());
  }
}

/** @param {LiveStep} step */
function isLocal(step) {
  return step.what.kind === 'action' && step.what.local;
}

/**
 * @param {Task} task
 * @returns {WorkerCondition}
 */
function conditionOf({ step, phase }) {
  switch (phase) {
    case 'pre':
      return step.action?.preIf ?? 'always()';
    case 'main':
      return step.if;
    case 'post':
      return step.action?.postIf ?? 'always()';
  }
}

/**
 * @param {string} prefix
 * @param {Variables} variables
 */
function prefixed(prefix, variables) {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`${prefix}${name.toUpperCase()}`, value]),
  );
}

/**
 * @param {string} a
 * @param {string} b
 */
function sameName(a, b) {
  return a.toLowerCase() === b.toLowerCase();
}
