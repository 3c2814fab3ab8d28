import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { FastTime } from '../support/fast-time.mjs';
import { GitHubServer } from '../support/github-server.mjs';
import { killJobs, phaseOf, rawLog, shownLog } from '../support/runner/runner.mjs';
import type { JobSpec } from '../support/runner/types.ts';
import {
  DIST,
  expectCourse,
  heldIn,
  hold,
  lockStep,
  NODE,
  NORMAL,
  newStore,
  nodeWith,
  putRecord,
  recordFolder,
  removeAll,
  runWith,
  said,
  startWith,
  stateOf,
  temporary,
  until,
  untilLine,
} from './action-jobs.ts';

/* A holder on another machine, about which GitHub is asked. */

jest.setTimeout(60_000);

const REPOSITORY = 'octo-org/octo-app';
const TOKEN = 'ghs_aSecretOfThisVeryJob';
const CHECK_RUN_ID = 51_725_241_954;
const RUN = { repository: REPOSITORY, runId: 7_700, attempt: 1 };
const ENDED = { status: 'completed', conclusion: 'cancelled' };
const RUNNING = { status: 'in_progress', conclusion: null };
const WORK = { id: 'work', run: 'echo working' };

let github: GitHubServer;
beforeEach(async () => {
  github = await GitHubServer.start();
  github.repositories.set(REPOSITORY, { private: true });
  github.tokens.set(TOKEN, { repositories: [REPOSITORY], actions: true });
});
afterEach(async () => {
  await killJobs();
  await github.close();
});
afterAll(removeAll);

/** A job that can ask the server. */
function asking(): Partial<JobSpec> {
  return { github: { api_url: github.apiUrl, token: TOKEN } };
}

/** A store in which a run holds the lock that was lost together with its machine, which was not this one. */
async function heldElsewhere(): Promise<string> {
  const store = newStore();
  const spec = { github: { run_id: String(RUN.runId) }, job: { check_run_id: CHECK_RUN_ID } };
  const { job } = await hold(store, {}, spec);
  await job.kill();
  const record = await heldIn(store);
  expect(record.holder.checkRunId).toBe(String(CHECK_RUN_ID));
  const holder = { ...record.holder, host: 'runner-of-theirs', bootId: 'theirs' };
  await putRecord(store, JSON.stringify({ ...record, holder, nonce: 'd'.repeat(32) }));
  return store;
}

const wanting = (store: string, more: Record<string, string> = {}) =>
  lockStep(store, { 'stale-policy': 'holder-finished', ...more });

test('the lock of a dead run is taken at the first look', async () => {
  const store = await heldElsewhere();
  github.setRun({ ...RUN, ...ENDED });
  const result = await runWith([wanting(store), WORK], asking());
  expectCourse(result, NORMAL);
  expect(Number(result.steps.lock?.outputs['waited-ms'])).toBeLessThan(2_000);
  expect(JSON.parse(result.steps.lock?.outputs['stolen-from'] ?? '')).toMatchObject({ runId: '7700' });
  expect(said(result, 'warning')).toContain(
    '(holder-finished: GitHub says that attempt 1 of run 7700 is completed (cancelled))',
  );
  // It asked for the job first, of which the server does not know.
  expect(github.requests.map(({ status }) => status)).toEqual([404, 200]);
});

test('a job that is over is proof although its run goes on', async () => {
  const store = await heldElsewhere();
  github.setRun({ ...RUN, ...RUNNING });
  github.setJob({ ...RUN, jobId: CHECK_RUN_ID, status: 'completed', conclusion: 'failure' });
  const result = await runWith([wanting(store), WORK], asking());
  expectCourse(result, NORMAL);
  expect(said(result, 'warning')).toContain(`GitHub says that job ${CHECK_RUN_ID} of run 7700 is completed`);
});

test('a run that ends while somebody waits: the renewal that is missing is reason to ask again', async () => {
  const store = await heldElsewhere();
  github.setRun({ ...RUN, ...RUNNING });
  const job = startWith([wanting(store), WORK], asking());
  await untilLine(job, 'GitHub says that attempt 1 of run 7700 is in_progress');
  github.setRun({ ...RUN, ...ENDED });
  const result = await job.done;
  expectCourse(result, NORMAL);
  const waitedMs = Number(result.steps.lock?.outputs['waited-ms']);
  // Half the ttl of 15 s, and one poll.
  expect(waitedMs).toBeGreaterThan(6_500);
  expect(waitedMs).toBeLessThan(12_000);
  expect(github.requests).toHaveLength(3);
});

test('an hour of waiting for a run that goes on: GitHub is asked 60 times at most, and the log has a line a minute', async () => {
  const store = await heldElsewhere();
  github.setRun({ ...RUN, ...RUNNING });
  const time = new FastTime(temporary());
  const runner = { nodePath: nodeWith(time.preload) };
  const job = startWith([wanting(store, { 'wait-timeout': '1h' }), WORK], { ...asking(), runner });
  await untilLine(job, 'GitHub says that attempt 1 of run 7700 is in_progress');
  time.run(100);
  const result = await job.done;
  expect(said(result, 'error')).toContain('The wait of 1h is over (input wait-timeout).');
  expect(github.requests.length).toBeGreaterThan(20);
  expect(github.requests.length).toBeLessThanOrEqual(60);
  const heartbeats = shownLog(result).match(/^Still waiting for lock "deploy" after \d+m/gm) ?? [];
  expect(heartbeats.length).toBeGreaterThan(50);
  expect(heartbeats.length).toBeLessThanOrEqual(60);
}, 120_000);

test('without the permission nothing is proof, and the log says which line to add', async () => {
  const store = await heldElsewhere();
  github.setRun({ ...RUN, ...ENDED });
  github.tokens.set(TOKEN, { repositories: [REPOSITORY], actions: false });
  const before = await heldIn(store);
  const result = await runWith([wanting(store, { 'wait-timeout': '3s' }), WORK], asking());
  expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
  expect(shownLog(result)).toContain('add "actions: read" to the permissions of this job');
  expect(await heldIn(store)).toEqual(before);
  expect(github.requests).toHaveLength(1);
});

test('with a policy that wants no proof GitHub is not asked', async () => {
  const store = await heldElsewhere();
  github.setRun({ ...RUN, ...ENDED });
  const result = await runWith([lockStep(store, { 'wait-timeout': '2s' }), WORK], asking());
  expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
  expect(github.requests).toEqual([]);
});

test('a cancel ends a wait whose question hangs, at once', async () => {
  const store = await heldElsewhere();
  github.onRequest = () => 'hang';
  const job = startWith([wanting(store), WORK], asking());
  await until('the question', () => github.requests.length > 0);
  const cancelledMs = Date.now();
  job.cancel();
  const result = await job.done;
  expect(Date.now() - cancelledMs).toBeLessThan(3_000);
  expect(said(result, 'error')).toContain('Cancelled while waiting for lock "deploy"');
});

test('a server that hangs does not keep who has the lock from beginning', async () => {
  const store = await heldElsewhere();
  github.onRequest = () => 'hang';
  const job = startWith([wanting(store), WORK], asking());
  await until('the question', () => github.requests.length > 0);
  const { leaseId } = (await heldIn(store)).holder;
  await promisify(execFile)(NODE, [
    join(DIST, 'cli/index.js'),
    ...['break', 'deploy', '--store', store, '--lease', leaseId, '--reason', 'dead'],
  ]);
  const result = await job.done;
  expectCourse(result, NORMAL);
  expect(phaseOf(result, 'lock', 'pre').durationMs).toBeLessThan(8_000);
});

test('the token is in no log, no state, no record, no file, and in no other process', async () => {
  const store = await heldElsewhere();
  github.setRun({ ...RUN, ...ENDED });
  const spec = asking();
  const inputs = { 'stale-policy': 'holder-finished', 'on-stale': 'env; exit 0' };
  const { job, folder, keeperPid, end } = await hold(store, inputs, spec);
  const keeper = ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${keeperPid}/${file}`, 'utf8'));
  const files = [folder, recordFolder(store)].flatMap((path) =>
    readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8')),
  );
  const state = JSON.stringify(stateOf(job.result));
  const result = await end();
  expectCourse(result, NORMAL);
  expect(github.requests.some(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true);
  for (const text of [...keeper, ...files, state, result.steps.lock?.summary, shownLog(result)]) {
    expect(text).not.toContain(TOKEN);
  }
  expect(
    rawLog(result)
      .split('\n')
      .filter((line) => line.includes(TOKEN)),
  ).toEqual(
    rawLog(result)
      .split('\n')
      .filter((line) => line.includes(`::add-mask::${TOKEN}`)),
  );
});

test('on the command line: run takes the lock of a dead run, and status says that it is dead', async () => {
  const store = await heldElsewhere();
  github.setRun({ ...RUN, ...RUNNING });
  const leasehold = (...args: string[]) =>
    promisify(execFile)(NODE, [join(DIST, 'cli/index.js'), ...args, '--store', store], {
      env: { PATH: process.env.PATH, GITHUB_API_URL: github.apiUrl, GH_TOKEN: TOKEN },
    });
  const first = await leasehold('status', 'deploy');
  expect(first.stdout).toContain('\n  state   GitHub says that attempt 1 of run 7700 is in_progress\n');
  github.setRun({ ...RUN, ...ENDED });
  const second = await leasehold('status', 'deploy');
  expect(second.stdout).toContain(
    '\n  state   GitHub says that attempt 1 of run 7700 is completed (cancelled)\n',
  );
  const args = ['--store', store, '--stale-policy', 'holder-finished', '--', 'echo', 'in'];
  const taken = await promisify(execFile)(NODE, [join(DIST, 'cli/index.js'), 'run', 'deploy', ...args], {
    env: { PATH: process.env.PATH, GITHUB_API_URL: github.apiUrl, GITHUB_TOKEN: TOKEN },
  });
  expect(taken.stdout).toBe('in\n');
  expect(taken.stderr).toContain('GitHub says that attempt 1 of run 7700 is completed (cancelled)');
});
