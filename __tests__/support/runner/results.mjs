// @ts-check
/** How the events of a job add up to its result, and how to read it. */

/**
 * @import { JobEvent, JobResult, Phase, PhaseResult, RunningPhase, StepResult, WorkerStep } from './types.ts'
 */

/**
 * `lost` until the job itself says how it ended.
 * @param {WorkerStep[]} steps
 * @returns {JobResult}
 */
export function emptyResult(steps) {
  /** @type {Record<string, StepResult>} */
  const results = {};
  for (const { id, name } of steps) results[id] = { id, name, outputs: {}, state: {}, summary: '' };
  return {
    conclusion: 'lost',
    steps: results,
    phases: [],
    log: [],
    commands: [],
    annotations: [],
    masks: [],
    env: {},
    path: [],
    swept: [],
    durationMs: 0,
  };
}

/**
 * @param {JobResult} result
 * @param {JobEvent} message
 */
export function record(result, { event, data }) {
  switch (event) {
    case 'phase-start':
      return;
    case 'phase-end':
      return recordPhase(result, data);
    case 'line':
      result.log.push(data);
      return;
    case 'command':
      result.commands.push(data);
      if (data.command === 'add-mask') result.masks.push(data.data);
      return;
    case 'annotation':
      result.annotations.push(data);
      return;
    case 'swept':
      result.swept.push(data);
      return;
    case 'job-end':
      Object.assign(result, data);
  }
}

/**
 * @param {JobResult} result
 * @param {PhaseResult} phase
 */
function recordPhase(result, phase) {
  result.phases.push(phase);
  const step = result.steps[phase.step];
  if (!step) return;
  step[phase.phase] = phase;
  if (phase.phase === 'main') step.outputs = phase.outputs;
  Object.assign(step.state, phase.state);
  step.summary += phase.summary;
}

/**
 * @param {JobResult} result
 * @param {RunningPhase} running of which nobody knows how it ends
 */
export function recordLost(result, { step, phase, pid }) {
  recordPhase(result, { ...withoutProcess({ step, phase, status: 'lost' }), pid });
}

/**
 * A phase of which no process has given a result.
 * @param {{ step: string, phase: Phase, status: 'skipped' | 'lost' }} phase
 * @returns {PhaseResult}
 */
export function withoutProcess({ step, phase, status }) {
  return {
    step,
    phase,
    status,
    conclusion: status,
    pid: null,
    exitCode: null,
    signal: null,
    signalled: [],
    durationMs: 0,
    heldByStdoutMs: 0,
    outputs: {},
    state: {},
    env: {},
    path: [],
    summary: '',
  };
}

/**
 * @param {JobResult} result
 * @param {string} step
 * @param {Phase} phase
 * @returns {PhaseResult}
 * @throws when the phase was never reached
 */
export function phaseOf(result, step, phase) {
  const found = result.steps[step]?.[phase];
  if (found) return found;
  const reached = result.phases.map((known) => `${known.step}.${known.phase} (${known.status})`).join(', ');
  throw new Error(`${step}.${phase} was never reached; reached were: ${reached || 'none'}`);
}

/**
 * The log as people see it: masked, commands swallowed.
 * @param {JobResult} result
 */
export function shownLog(result) {
  return result.log.flatMap(({ text }) => text ?? []).join('\n');
}

/**
 * The log as the processes wrote it, each line with its phase, for the message of a failed test.
 * @param {JobResult} result
 */
export function rawLog(result) {
  return result.log.map(({ step, phase, raw }) => `${step ?? 'job'}.${phase ?? 'runner'}: ${raw}`).join('\n');
}
