import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, expect, jest, test } from '@jest/globals';
import { isAlive, killAll } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, rawLog, shownLog } from '../support/runner/runner.mjs';
import type { JobResult } from '../support/runner/types.ts';
import { SCRIPTED } from '../support/runner.test-fixtures/actions.ts';
import {
  DIST,
  expectCourse,
  heldIn,
  hold,
  LOCK,
  lockStep,
  NODE,
  NORMAL,
  newStore,
  readStatus,
  recordIn,
  removeAll,
  runWith,
  said,
  startWith,
  stateOf,
  until,
  untilLine,
} from './action-jobs.ts';

/* Keepers that die, machines that are lost, leases that are stolen, broken, deleted. Most of it waits for a ttl: side by side. */

jest.setTimeout(120_000);
afterAll(killJobs);
afterAll(removeAll);

const run = promisify(execFile);
const leasehold = (...args: string[]) => run(NODE, [join(DIST, 'cli/index.js'), ...args]);

const WORK = { id: 'work', run: 'echo working' };
const FAILED_AT_THE_END = ['lock.pre success', 'lock.main success', 'work.main success', 'lock.post failure'];

/** When a line was logged, wall clock in milliseconds. */
function when(result: JobResult, text: string): number {
  const line = result.log.find(({ raw }) => raw.includes(text));
  if (!line) throw new Error(`No line has "${text}":\n${rawLog(result)}`);
  return line.atMs;
}

// Jest runs those side by side that stand in no `describe`, five at a time: the longest first.
test.concurrent('max-hold: when it is over, no renewal comes any more, the lock is freed at the end and the job told', async () => {
  const store = newStore();
  const { folder, end } = await hold(store, { 'max-hold': '1m', 'on-lost': 'fail' });
  await until('the end of the longest hold', () => readStatus(folder)?.state.kind === 'lost', 70_000);
  const result = await end();
  expectCourse(result, FAILED_AT_THE_END);
  expect(said(result, 'error')).toContain('it was held for the maximum of 1m. From 20');
  expect(await recordIn(store)).toMatchObject({ state: 'released' });
});

test.concurrent('the keeper is killed and nobody takes the lock: post releases it, and warns', async () => {
  const store = newStore();
  const { keeperPid, end } = await hold(store, { 'on-lost': 'fail' });
  await killAll([keeperPid]);
  const result = await end();
  expectCourse(result, NORMAL);
  expect(said(result, 'warning')).toMatch(
    /^The keeper of lock "deploy" died \(its log ends: .*keeping lease .*\) before the job was over\. Nobody else had taken the lock when it was released, so the job was alone\.$/,
  );
  expect(await recordIn(store)).toMatchObject({ state: 'released' });
});

test.concurrent('the keeper is killed before main: main starts another, which renews', async () => {
  const store = newStore();
  const pause = {
    id: 'other',
    uses: SCRIPTED,
    with: { pre: 'console.log("paused"); await new Promise((r) => setTimeout(r, 800))' },
  };
  const renewed = { id: 'work', run: 'sleep 7' };
  const job = startWith([lockStep(store), pause, renewed]);
  await untilLine(job, 'paused');
  const { folder } = stateOf(job.result);
  const first = readStatus(folder)?.keeper.pid ?? 0;
  await killAll([first]);
  await job.until('phase-start', ({ step, phase }) => step === 'work' && phase === 'main');
  const second = readStatus(folder)?.keeper.pid ?? 0;
  expect(second).not.toBe(first);
  expect(isAlive(second)).toBe(true);
  const result = await job.done;
  expect(result.conclusion).toBe('success');
  expect(said(result, 'warning')).toBe(
    'The keeper that renews lock "deploy" died. The lease is still this job\'s; a new keeper renews it from now on.',
  );
  // One by main, at least one by the new keeper.
  expect((await recordIn(store))?.renewals).toBeGreaterThanOrEqual(2);
  expect(result.swept).toEqual([]);
});

test.concurrent.each([
  ['fail', FAILED_AT_THE_END],
  ['warn', NORMAL],
])('the keeper is killed and another job steals the lock: on-lost: %s', async (onLost, expected) => {
  const store = newStore();
  const victim = await hold(store, { 'on-lost': onLost });
  await killAll([victim.keeperPid]);
  const thief = await hold(store);
  const thiefs = await heldIn(store);
  const result = await victim.end();

  expectCourse(result, expected);
  const message = said(result, onLost === 'fail' ? 'error' : 'warning');
  expect(message).toMatch(
    /^Lock "deploy" was lost while the job ran: run \d+ attempt 1 of .* has the lock now, with token \d+ \(https:\/\/.*\)\. From 20\S+Z on another job may have run beside this one\.$/,
  );
  expect(result.steps.lock?.summary).toMatch(/\| Held \| \d+s, `lost: run /);
  // Not touched but by its own keeper.
  expect(await heldIn(store)).toMatchObject({ token: thiefs.token, holder: { leaseId: thief.leaseId } });
  const stolen = await thief.end();
  expectCourse(stolen, NORMAL);
  expect(said(stolen, 'warning')).toMatch(/^Lock "deploy" was stolen from run \d+ .* \(expired\), https:/);
  expect(JSON.parse(stolen.steps.lock?.outputs['stolen-from'] ?? '')).toMatchObject({
    leaseId: victim.leaseId,
  });
  expect(stolen.steps.lock?.summary).toMatch(/\| Stolen from \| `run \d+/);
});

test.concurrent('heartbeat: false and the lease runs out under the job: the loss is told just so', async () => {
  const store = newStore();
  const victim = await hold(store, { heartbeat: 'false', 'on-lost': 'fail' });
  const thief = await hold(store);
  const result = await victim.end();
  expectCourse(result, FAILED_AT_THE_END);
  expect(said(result, 'error')).toMatch(
    /^Lock "deploy" was lost while the job ran: run \d+ .* has the lock now/,
  );
  expectCourse(await thief.end(), NORMAL);
});

test.concurrent('the keeper stands still past the ttl, and a thief comes: it notices when it goes on', async () => {
  const store = newStore();
  const victim = await hold(store, { 'on-lost': 'fail' });
  process.kill(victim.keeperPid, 'SIGSTOP');
  const thief = await hold(store);
  process.kill(victim.keeperPid, 'SIGCONT');
  const status = await until('the keeper notices', () => {
    const now = readStatus(victim.folder);
    return now?.state.kind === 'lost' && now;
  });
  expect(status.state).toMatchObject({ cause: { kind: 'stolen', by: { leaseId: thief.leaseId } } });
  const result = await victim.end();
  expectCourse(result, FAILED_AT_THE_END);
  expect(said(result, 'error')).toMatch(/^Lock "deploy" was lost while the job ran, at 20\d\d-.*Z: run /);
  expectCourse(await thief.end(), NORMAL);
});

test.concurrent('the keeper stands still past the ttl, and nobody comes: the hold goes on, with a warning of how late it was', async () => {
  const store = newStore();
  const { keeperPid, end } = await hold(store, { 'on-lost': 'fail' });
  process.kill(keeperPid, 'SIGSTOP');
  await sleep(18_000);
  process.kill(keeperPid, 'SIGCONT');
  await until('a renewal', async () => (await heldIn(store)).renewals >= 1);
  const result = await end();
  expectCourse(result, NORMAL);
  expect(said(result, 'warning')).toMatch(
    /^The lease of lock "deploy" was renewed [\d.]+s past its deadline \(the machine slept, or its clock was set\)\. Nobody had entered in between\.$/,
  );
});

test.concurrent('the keeper stands still when the job ends: post releases without it, in its time', async () => {
  const store = newStore();
  const { keeperPid, end } = await hold(store, { ttl: '60s' });
  process.kill(keeperPid, 'SIGSTOP');
  const result = await end();
  expectCourse(result, NORMAL);
  expect(phaseOf(result, 'lock', 'post').durationMs).toBeLessThan(20_000);
  expect(said(result, 'warning')).toMatch(/^The keeper of lock "deploy" did not answer \(its log ends: /);
  expect(await recordIn(store)).toMatchObject({ state: 'released' });
  expect(result.swept.map(({ pid }) => pid)).toEqual([keeperPid]);
});

test.concurrent('the machine is lost: the worker dies: the keeper ends, the lease runs out', async () => {
  const store = newStore();
  const { job, keeperPid, leaseId } = await hold(store);
  await job.killWorker();
  await until('the keeper ends', () => !isAlive(keeperPid), 3_000);
  expect(await heldIn(store)).toMatchObject({ holder: { leaseId } });
  const startedMs = Date.now();
  const next = await runWith([lockStep(store), WORK]);
  expectCourse(next, NORMAL);
  const waitedMs = when(next, 'acquired after') - startedMs;
  expect(waitedMs).toBeGreaterThan(8_000);
  expect(waitedMs).toBeLessThan(25_000);
  await job.sweep();
});

test.concurrent('the machine is lost: the worker dies: with holder-finished the next job has the lock at once', async () => {
  const store = newStore();
  const { job, keeperPid } = await hold(store);
  await job.killWorker();
  const next = await runWith([lockStep(store, { 'stale-policy': 'holder-finished' }), WORK]);
  expectCourse(next, NORMAL);
  expect(Number(next.steps.lock?.outputs['waited-ms'])).toBeLessThan(3_000);
  expect(said(next, 'warning')).toMatch(/\(holder-finished: its process \d+ is gone\)/);
  await until('the keeper ends', () => !isAlive(keeperPid), 3_000);
  await job.sweep();
});

test.concurrent('a re-run takes over from its first attempt at once with holder-finished', async () => {
  const store = newStore();
  // It still runs: as a machine that has lost its network would, which GitHub has given up.
  const first = await hold(store, { 'on-lost': 'fail' }, { github: { run_id: '88', run_attempt: '1' } });
  const second = await runWith([lockStep(store, { 'stale-policy': 'holder-finished' }), WORK], {
    github: { run_id: '88', run_attempt: '2' },
  });
  expectCourse(second, NORMAL);
  expect(Number(second.steps.lock?.outputs['waited-ms'])).toBeLessThan(3_000);
  expect(said(second, 'warning')).toContain('attempt 2 of the same run is asking, so attempt 1 has ended');
  expectCourse(await first.end(), FAILED_AT_THE_END);
});

test.concurrent('a re-run takes over from its dead first attempt after the ttl with expired', async () => {
  const store = newStore();
  const first = await hold(store, {}, { github: { run_id: '89', run_attempt: '1' } });
  await first.job.kill();
  const second = await runWith([lockStep(store), WORK], { github: { run_id: '89', run_attempt: '2' } });
  expectCourse(second, NORMAL);
  const waitedMs = Number(second.steps.lock?.outputs['waited-ms']);
  expect(waitedMs).toBeGreaterThan(8_000);
  expect(waitedMs).toBeLessThan(25_000);
});

test.concurrent('on-stale: a command that fails forbids the steal, and the log says so', async () => {
  const store = newStore();
  const dead = await hold(store);
  await dead.job.kill();
  const result = await runWith([
    lockStep(store, {
      'stale-policy': 'holder-finished',
      'on-stale': 'echo "prod is red"; exit 1',
      'wait-timeout': '3s',
    }),
    WORK,
  ]);
  expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
  expect(shownLog(result)).toContain('exit status 1: prod is red');
  expect(await heldIn(store)).toMatchObject({ holder: { leaseId: dead.leaseId } });
});

test.concurrent('on-stale: a command that succeeds allows it; it was given the record', async () => {
  const store = newStore();
  const dead = await hold(store);
  await dead.job.kill();
  const result = await runWith([
    lockStep(store, {
      'stale-policy': 'holder-finished',
      'on-stale': `grep -q '"leaseId":"${dead.leaseId}"'`,
    }),
    WORK,
  ]);
  expectCourse(result, NORMAL);
});

test.concurrent('an operator breaks the lease: the holder learns who did it and why', async () => {
  const store = newStore();
  const { leaseId, folder, end } = await hold(store, { 'on-lost': 'fail' });
  const reason = 'stuck ##[error]since noon';
  await leasehold('break', LOCK, '--store', store, '--lease', leaseId, '--reason', reason, '--by', 'mona');
  await until('the keeper notices', () => readStatus(folder)?.state.kind === 'lost');
  const result = await end();
  expectCourse(result, FAILED_AT_THE_END);
  expect(said(result, 'error')).toMatch(
    /^Lock "deploy" was lost while the job ran, at .*Z: it was broken by "mona": "stuck ##\\u005berror\]since noon"\. From 20\S+Z on/,
  );
  expect(await recordIn(store)).toMatchObject({ state: 'released', ended: { how: 'broken', by: 'mona' } });
});

test.concurrent('the lock is broken before main: main fails, nothing runs unprotected', async () => {
  const store = newStore();
  const pause = {
    id: 'other',
    uses: SCRIPTED,
    with: { pre: 'console.log("paused"); await new Promise((r) => setTimeout(r, 8000))' },
  };
  const job = startWith([lockStep(store), pause, WORK]);
  await untilLine(job, 'paused');
  const { holder } = stateOf(job.result);
  await leasehold(
    'break',
    LOCK,
    '--store',
    store,
    '--lease',
    holder.leaseId,
    '--reason',
    'r',
    '--by',
    'mona',
  );
  const result = await job.done;
  expect(phaseOf(result, 'lock', 'main').status).toBe('failure');
  expect(phaseOf(result, 'work', 'main').status).toBe('skipped');
  expect(result.steps.lock?.outputs.acquired).toBe('false');
  expect(said(result, 'error')).toBe(
    'Lock "deploy" is lost before this step began: it was broken by "mona": "r". Nothing protects the steps that follow.',
  );
});

test.concurrent('the store is removed under the job', async () => {
  const store = newStore();
  const { folder, end } = await hold(store, { 'on-lost': 'fail' });
  rmSync(store, { recursive: true });
  const status = await until('the keeper notices', () => {
    const now = readStatus(folder);
    return now?.state.kind === 'lost' && now;
  });
  expect(status.state).toMatchObject({ cause: { kind: 'missing' } });
  const result = await end();
  expectCourse(result, FAILED_AT_THE_END);
  expect(said(result, 'error')).toContain('its record was deleted from the store. From 20');
});

test.concurrent('a step empties RUNNER_TEMP: the keeper goes on, and hears of the end', async () => {
  const store = newStore();
  const { job, keeperPid, end } = await hold(store, { 'on-lost': 'fail' });
  rmSync(join(job.directories.temp, 'leasehold'), { recursive: true });
  await until('a renewal', async () => (await heldIn(store)).renewals >= 1);
  expect(isAlive(keeperPid)).toBe(true);
  const result = await end();
  expectCourse(result, NORMAL);
  expect(result.annotations).toEqual([]);
  expect(await recordIn(store)).toMatchObject({ state: 'released' });
  expect(isAlive(keeperPid)).toBe(false);
});
