// @ts-check
/** From the spec of a test to what a worker is told: every default filled in, every function taken out. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';

/**
 * @import { Contexts, Detached, JobSpec, Step, Timings, Variables, WorkerSpec, WorkerStep } from './types.ts'
 */

/** @typedef {(contexts: Contexts) => string | boolean} SpecFunction */

/** @type {Timings} */
const REAL_TIMINGS = { sigintMs: 7_500, sigtermMs: 2_500, stdoutMs: 5_000 };

/** Functions can't be sent to another process: it gets their numbers, and asks. */
class Functions {
  /** @type {SpecFunction[]} */
  all = [];

  /**
   * @template T
   * @param {T} value
   * @returns {Detached<T>}
   */
  detach(value) {
    const detached =
      typeof value === 'function' ? { call: this.all.push(/** @type {SpecFunction} */ (value)) - 1 } : value;
    return /** @type {Detached<T>} */ (detached);
  }

  /**
   * @template T
   * @param {Record<string, T>} values
   * @returns {Record<string, Detached<T>>}
   */
  detachAll(values) {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, this.detach(value)]));
  }
}

/**
 * @param {JobSpec} spec
 * @returns {{ workerSpec: WorkerSpec, functions: SpecFunction[] }} the functions by the numbers that stand for them
 */
export function prepare(spec) {
  const functions = new Functions();
  const steps = workerSteps(spec.steps, functions);
  const github = githubContext(spec.github ?? {});
  const {
    root = mkdtempSync(join(tmpdir(), 'runner-')),
    name = 'runner-1',
    environment = 'self-hosted',
  } = spec.runner ?? {};
  const repository = basename(github.repository ?? '');
  const home = join(root, repository);
  const workspace = spec.workspace ?? join(home, repository);
  const [temp, toolCache] = [join(root, '_temp'), join(root, '_tool')];
  const workerSpec = {
    steps,
    trackingId: `github_${randomUUID()}`,
    github: { ...github, workspace, event_path: join(temp, '_github_workflow', 'event.json') },
    runner: {
      name,
      environment,
      os: 'Linux',
      arch: process.arch.toUpperCase(),
      temp,
      tool_cache: toolCache,
      workspace: home,
    },
    env: spec.env ?? {},
    secrets: spec.secrets ?? {},
    processEnv: spec.processEnv ?? {},
    event: spec.event ?? {},
    job: spec.job ?? {},
    nodePath: spec.runner?.nodePath ?? process.execPath,
    keepTemp: spec.runner?.keepTemp ?? false,
    directories: { root, ownRoot: spec.runner?.root === undefined, temp, toolCache, workspace },
    timings: { ...REAL_TIMINGS, ...spec.timings },
  };
  return { workerSpec, functions: functions.all };
}

/**
 * @param {Step[]} steps
 * @param {Functions} functions
 * @returns {WorkerStep[]}
 */
function workerSteps(steps, functions) {
  const ids = idsOf(steps);
  return steps.map((step, index) => {
    const id = ids[index] ?? '';
    return {
      id,
      name: step.name ?? id,
      if: functions.detach(step.if ?? 'success()'),
      env: functions.detachAll(step.env ?? {}),
      continueOnError: step.continueOnError ?? false,
      timeoutMinutes: step.timeoutMinutes ?? 0,
      what: workOf(step, functions),
    };
  });
}

/**
 * @param {Step} step
 * @param {Functions} functions
 * @returns {WorkerStep['what']}
 */
function workOf(step, functions) {
  if ('run' in step) return { kind: 'script', run: functions.detach(step.run) };
  const local = step.local ?? !isAbsolute(step.uses);
  return { kind: 'action', directory: step.uses, local, with: functions.detachAll(step.with ?? {}) };
}

/** @param {Step[]} steps */
function idsOf(steps) {
  /** @type {Map<string, number>} */
  const used = new Map();
  return steps.map((step) => {
    const wanted =
      step.id ?? ('run' in step ? '__run' : isAbsolute(step.uses) ? `__${basename(step.uses)}` : '__self');
    const count = (used.get(wanted) ?? 0) + 1;
    used.set(wanted, count);
    if (count > 1 && step.id !== undefined)
      throw new Error(`Two steps have the id "${wanted}": ids of one job differ.`);
    return count === 1 ? wanted : `${wanted}_${count}`;
  });
}

let lastRunId = Date.now() * 1_000;

/**
 * The `github` context: every job is of a run of its own, unless the spec says otherwise.
 * @param {Variables} given
 * @returns {Variables}
 */
function githubContext(given) {
  const repository = given.repository ?? 'octo-org/octo-app';
  const sha = given.sha ?? '6dcb09b5b57875f334f61aebed695e2e4193db5e';
  lastRunId += 1;
  return {
    repository,
    repository_id: '1296269',
    repository_owner: repository.split('/')[0] ?? '',
    repository_owner_id: '583231',
    run_id: String(lastRunId),
    run_number: '1',
    run_attempt: '1',
    retention_days: '90',
    job: 'deploy',
    workflow: 'Deploy',
    workflow_ref: `${repository}/.github/workflows/deploy.yml@refs/heads/main`,
    workflow_sha: sha,
    sha,
    ref: 'refs/heads/main',
    ref_name: 'main',
    ref_type: 'branch',
    ref_protected: 'false',
    head_ref: '',
    base_ref: '',
    event_name: 'push',
    actor: 'octocat',
    actor_id: '583231',
    triggering_actor: 'octocat',
    server_url: 'https://github.com',
    api_url: 'https://api.github.com',
    graphql_url: 'https://api.github.com/graphql',
    ...given,
  };
}
