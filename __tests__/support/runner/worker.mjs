// @ts-check
/**
 * The process in which one job runs, as Runner.Worker does: the parent of its phases. runner.mjs starts it and speaks with
 * it over the IPC channel; when that process goes, so does the job, and nothing of it stays behind.
 */
import { removeOwnRoot } from './directories.mjs';
import { Job } from './job.mjs';
import { descendantsOf, isAlive, killAll, processesOfJob } from './processes.mjs';

/**
 * @import { Contexts, FromWorker, ToWorker, WorkerSpec } from './types.ts'
 */

/** @type {Map<number, { resolve(value: string | boolean): void, reject(error: Error): void }>} */
const questions = new Map();
let lastQuestion = 0;
/** @type {Job | undefined} */
let job;

process.on('message', (/** @type {ToWorker} */ message) => {
  switch (message.kind) {
    case 'start':
      start(message.spec);
      return;
    case 'cancel':
      job?.cancel();
      return;
    case 'answer': {
      const question = questions.get(message.id);
      questions.delete(message.id);
      if (message.value !== undefined) question?.resolve(message.value);
      else question?.reject(new Error(message.error));
    }
  }
});

/** @param {WorkerSpec} spec */
function start(spec) {
  process.on('disconnect', () => endAll(spec));
  job = new Job(spec, { emit: (event) => send({ kind: 'event', ...event }), ask });
  job.run().then(
    // Exits by itself: output that somebody still holds open would keep it alive.
    (data) => send({ kind: 'event', event: 'job-end', data }, () => process.exit(0)),
    (error) =>
      send({ kind: 'fault', message: error instanceof Error ? (error.stack ?? '') : String(error) }, () =>
        endAll(spec),
      ),
  );
}

/**
 * @param {FromWorker} message
 * @param {() => void} [sent] called when this and all before it have been sent
 */
function send(message, sent) {
  // Otherwise nobody is there any more to tell.
  if (process.connected) process.send?.(message, undefined, undefined, sent);
}

/**
 * @param {number} call
 * @param {Contexts} contexts
 * @returns {Promise<string | boolean>}
 */
function ask(call, contexts) {
  lastQuestion += 1;
  const id = lastQuestion;
  return new Promise((resolve, reject) => {
    questions.set(id, { resolve, reject });
    send({ kind: 'ask', id, call, contexts });
  });
}

/**
 * Until nothing is left: the job goes on meanwhile, and may start its next phase.
 * @param {WorkerSpec} spec
 */
async function endAll({ trackingId, directories }) {
  for (let pids = leftOf(trackingId); pids.length > 0; pids = leftOf(trackingId)) await killAll(pids);
  removeOwnRoot(directories);
  process.exit(1);
}

/** @param {string} trackingId */
function leftOf(trackingId) {
  const pids = new Set([...descendantsOf(process.pid), ...processesOfJob(trackingId)]);
  return [...pids].filter((pid) => pid !== process.pid && isAlive(pid));
}
