import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises';
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { processesOfJob } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, type RunningJob, rawLog } from '../support/runner/runner.mjs';
import type { JobResult } from '../support/runner/types.ts';
import {
  hold,
  killPhase,
  lockStep,
  newStore,
  recordFolder,
  recordIn,
  removeAll,
  startWith,
  until,
} from './action-jobs.ts';

/* A pre that is killed at any point of its life: post ends with the lock free, and nobody waits for a ttl. */

jest.setTimeout(120_000);
afterEach(killJobs);
afterAll(removeAll);

/** Starts a job, kills its pre once `moment` has come, and returns the job when it is over. */
async function killedAt(
  store: string,
  moment: (job: RunningJob) => Promise<unknown>,
): Promise<JobResult & { trackingId: string }> {
  const job = startWith([lockStep(store), { id: 'work', run: 'true' }]);
  const { pid } = await job.until('phase-start', ({ phase }) => phase === 'pre');
  await moment(job);
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster: then it is a job like any other.
  }
  return { ...(await job.done), trackingId: job.trackingId };
}

function files(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Looks as often as it can: the moments between two steps of a process are short. */
async function soon(condition: () => boolean): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error('It did not come to that.');
    await tick();
  }
}

const leaseFolders = (job: RunningJob): string => join(job.directories.temp, 'leasehold');

/** The files in the folder of the job's only lease. */
function leaseFiles(job: RunningJob): string[] {
  const [lease] = files(leaseFolders(job));
  return lease === undefined ? [] : files(join(leaseFolders(job), lease));
}

async function expectFree(store: string, result: JobResult & { trackingId: string }): Promise<void> {
  const record = await recordIn(store);
  if (record && record.state !== 'released')
    throw new Error(`The lock is ${record.state}.\n${rawLog(result)}`);
  expect(phaseOf(result, 'lock', 'post').status).toBe('success');
  expect(processesOfJob(result.trackingId)).toEqual([]);
}

function expectKilled(result: JobResult): void {
  expect(phaseOf(result, 'lock', 'pre')).toMatchObject({ status: 'failure', signal: 'SIGKILL' });
  expect(result.conclusion).toBe('failure');
  expect(result.steps.work?.main?.status).toBe('skipped');
}

test.each<[string, (store: string) => (job: RunningJob) => Promise<unknown>]>([
  ['before it has saved its state', () => async () => {}],
  ['after the state, before the write', () => (job) => soon(() => files(leaseFolders(job)).length > 0)],
  [
    'right after the write that acquires, before there is a keeper',
    (store) => () => soon(() => files(recordFolder(store)).some((name) => /^v\.\d+$/.test(name))),
  ],
  ['when the keeper is being started', () => (job) => soon(() => leaseFiles(job).includes('keeper.log'))],
  ['when the keeper keeps', () => (job) => soon(() => leaseFiles(job).includes('status.json'))],
])('pre is killed %s: the lock is free when the job is over', async (_, momentIn) => {
  const store = newStore();
  const result = await killedAt(store, momentIn(store));
  expectKilled(result);
  await expectFree(store, result);
});

test('pre is killed while it waits: the lock is still the other holder’s, untouched', async () => {
  const store = newStore();
  const holder = await hold(store);
  const result = await killedAt(store, (job) => job.until('line', ({ raw }) => raw.includes('is held by')));
  expectKilled(result);
  expect(phaseOf(result, 'lock', 'post').status).toBe('success');
  expect(await recordIn(store)).toMatchObject({ state: 'held', holder: { leaseId: holder.leaseId } });
  expect((await holder.end()).conclusion).toBe('success');
});

test('30 pres killed at any time: each job ends with the lock free for the next one', async () => {
  const lives = 30;
  const store = newStore();
  const unharmed = await startWith([lockStep(store), { id: 'work', run: 'true' }]).done;
  const lifeMs = phaseOf(unharmed, 'lock', 'pre').durationMs;
  let killed = 0;
  for (let life = 0; life < lives; life += 1) {
    // Not at random: so that every part of it has its turn in every run, on a slow machine and on a fast one.
    const result = await killedAt(store, () => sleep((lifeMs * life) / lives));
    await expectFree(store, result);
    if (result.phases[0]?.signal === 'SIGKILL') killed += 1;
  }
  expect(killed).toBeGreaterThan(lives / 3);
});

test('a pre that is killed under continue-on-error: main has the lock or fails, and the job never goes on without it', async () => {
  for (const delayMs of [0, 100, 200, 250, 300]) {
    const store = newStore();
    const job = startWith([
      lockStep(store, {}, { continueOnError: true }),
      { id: 'work', if: ({ steps }) => steps.lock?.outputs.acquired === 'true', run: 'echo working' },
    ]);
    let heldAtWork: Promise<unknown> | undefined;
    job.on('line', ({ raw }) => {
      if (raw === 'working') heldAtWork = recordIn(store);
    });
    const { pid } = await job.until('phase-start', ({ phase }) => phase === 'pre');
    await sleep(delayMs);
    killPhase(job, pid);
    const result = await job.done;
    const worked = result.steps.work?.main?.status === 'success';
    expect(result.steps.lock?.outputs.acquired).toBe(worked ? 'true' : 'false');
    if (worked) expect(await heldAtWork).toMatchObject({ token: Number(result.steps.lock?.outputs.token) });
    await until('the lock is free', async () => (await recordIn(store))?.state !== 'held', 1_000);
    expect(phaseOf(result, 'lock', 'post').status).toBe('success');
  }
});
