import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isAlive, killAll } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, type RunningJob, runJob, startJob } from '../support/runner/runner.mjs';
import type { JobResult } from '../support/runner/types.ts';
import { PLAIN, QUICK, SCRIPTED } from '../support/runner.test-fixtures/actions.ts';

afterEach(killJobs);

const DETACHED = '{ detached: true, stdio: "ignore" }';

function sleeperOf({ log }: JobResult): number {
  const [, pid] = log.map(({ raw }) => /^sleeper (\d+)$/.exec(raw)).find((match) => match !== null) ?? [];
  return Number(pid);
}

async function until(condition: () => boolean): Promise<void> {
  for (const endMs = Date.now() + 5_000; !condition(); ) {
    if (Date.now() > endMs) throw new Error('It did not come to that within 5 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const inMain = (job: RunningJob): Promise<unknown> => job.until('line', ({ raw }) => raw === 'in main');
const WAIT_IN_MAIN = 'console.log("in main"); await t.forever()';

describe('a step ends', () => {
  test.each([
    ['at once when its detached child has other output', 'ignore', 60_000, 3_000, [0, 1_000]],
    ['when the child that has its output open ends', 'inherit', 200, 3_000, [100, 2_000]],
    ['after the longest wait when that child stays', 'inherit', 60_000, 400, [380, 2_000]],
  ] as const)('%s', async (_, stdio, sleepMs, stdoutMs, [shortest, longest]) => {
    const main = `t.sleeper({ detached: true, stdio: "${stdio}" }, ${sleepMs})`;
    const result = await runJob({
      timings: { ...QUICK, stdoutMs },
      steps: [{ id: 'a', uses: PLAIN, with: { main } }],
    });
    const { heldByStdoutMs, durationMs, status } = phaseOf(result, 'a', 'main');
    expect(heldByStdoutMs).toBeGreaterThanOrEqual(shortest);
    expect(heldByStdoutMs).toBeLessThanOrEqual(longest);
    expect(durationMs).toBeGreaterThanOrEqual(heldByStdoutMs);
    expect(status).toBe('success');
  });
});

describe('the sweep at the end of a job', () => {
  test('kills what the job left, after the posts, and lists it', async () => {
    const post = 'process.kill(Number(process.env.STATE_pid), 0); console.log("alive in post")';
    const main = `t.state("pid", t.sleeper(${DETACHED}))`;
    const result = await runJob({ steps: [{ id: 'a', uses: PLAIN, with: { main, post } }] });

    const pid = sleeperOf(result);
    expect(result.log.map(({ raw }) => raw)).toContain('alive in post');
    expect(result.swept).toEqual([{ pid, cmdline: expect.stringContaining('setTimeout(() => {}, 60000)') }]);
    expect(isAlive(pid)).toBe(false);
    expect(result.log.at(-1)?.text).toMatch(`Terminate orphan process: pid (${pid})`);
  });

  test.each([
    ['by its parent', ', env: { ...process.env, RUNNER_TRACKING_ID: "" }', {}],
    ['by the env of the step', '', { RUNNER_TRACKING_ID: '' }],
  ])('leaves a process from which RUNNER_TRACKING_ID was taken %s', async (_, option, env) => {
    const main = `t.sleeper({ detached: true, stdio: "ignore"${option} })`;
    const result = await runJob({ steps: [{ uses: PLAIN, env, with: { main } }] });

    const pid = sleeperOf(result);
    expect(result.swept).toEqual([]);
    expect(isAlive(pid)).toBe(true);
    await killAll([pid]);
  });
});

describe('a worker process', () => {
  test('is the parent of the phases of its job, each job having its own', async () => {
    const steps = [
      { id: 'a', uses: SCRIPTED, with: { pre: 'console.log(process.ppid)', main: WAIT_IN_MAIN } },
    ];
    const jobs = [startJob({ steps }), startJob({ steps })];
    await Promise.all(jobs.map(inMain));
    const results = await Promise.all(jobs.map((job) => job.kill()));

    expect(results.map(({ log }) => Number(log[0]?.raw))).toEqual(jobs.map(({ workerPid }) => workerPid));
    expect(new Set(jobs.map(({ workerPid }) => workerPid)).size).toBe(2);
  });

  test('that crashes leaves the phase running, without a parent, until somebody sweeps', async () => {
    const main = `t.sleeper(${DETACHED}); ${WAIT_IN_MAIN}`;
    const job = startJob({ steps: [{ id: 'a', uses: PLAIN, with: { main } }] });
    await inMain(job);
    const [phase] = job.processes();
    const result = await job.killWorker();

    expect(phase).toMatchObject({ step: 'a', phase: 'main' });
    expect(result).toMatchObject({
      conclusion: 'lost',
      phases: [{ ...phase, status: 'lost', exitCode: null }],
    });
    const left = [phase?.pid ?? 0, sleeperOf(result)];
    expect(left.map(isAlive)).toEqual([true, true]);
    expect(existsSync(job.directories.temp)).toBe(true);

    const swept = await job.sweep();
    expect(swept.map(({ pid }) => pid).sort()).toEqual(left.sort());
    expect(left.map(isAlive)).toEqual([false, false]);
    expect(existsSync(job.directories.root)).toBe(false);
  });

  test('ends with the process that started it, and takes the job along', async () => {
    const runner = fileURLToPath(new URL('../support/runner/runner.mjs', import.meta.url));
    const script = `
      const { startJob } = await import(${JSON.stringify(runner)});
      const job = startJob({ steps: [{ run: 'echo ready; sleep 60' }] });
      await job.until('line');
      console.log(JSON.stringify({ root: job.directories.root, pids: [job.workerPid, job.processes()[0].pid] }));`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await new Promise<Buffer[]>((resolve) =>
      starter.stdout.once('data', (data) => resolve([data])),
    );
    const { root, pids }: { root: string; pids: number[] } = JSON.parse(String(line));
    expect(pids.map(isAlive)).toEqual([true, true]);

    starter.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
    expect(existsSync(root)).toBe(false);
  });
});

describe('the machine is lost', () => {
  test.each([
    ['sweep', false],
    ['leave', true],
  ] as const)('no post runs; %s: what was started lives on: %s', async (orphans, lives) => {
    const main = `t.sleeper(${DETACHED}); ${WAIT_IN_MAIN}`;
    const job = startJob({ steps: [{ id: 'a', uses: SCRIPTED, with: { main } }] });
    await inMain(job);
    const [phase] = job.processes();
    const result = await job.kill({ orphans });

    expect(result.conclusion).toBe('lost');
    expect(result.phases.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
      'pre success',
      'main lost',
    ]);
    expect([job.workerPid, phase?.pid ?? 0].map(isAlive)).toEqual([false, false]);
    expect(isAlive(sleeperOf(result))).toBe(lives);
    expect((await job.sweep()).length).toBe(lives ? 1 : 0);
    expect(job.processes()).toEqual([]);
  });

  test('a phase that a test kills fails its step, and its post runs', async () => {
    const job = startJob({
      steps: [{ id: 'a', uses: SCRIPTED, with: { pre: 't.state("a", "b"); await t.forever()' } }],
    });
    const { pid } = await job.until('phase-start', ({ phase }) => phase === 'pre');
    process.kill(pid, 'SIGKILL');
    const result = await job.done;

    expect(phaseOf(result, 'a', 'pre')).toMatchObject({
      status: 'failure',
      exitCode: 137,
      signal: 'SIGKILL',
      signalled: [],
    });
    expect(phaseOf(result, 'a', 'post').status).toBe('success');
  });
});

describe('waiting for an event', () => {
  test('finds one of the past, hears one of the future, and fails with the log when the job ends without it', async () => {
    const job = startJob({ steps: [{ id: 's', run: 'echo one; sleep 0.05; echo two' }] });
    const heard: string[] = [];
    job.on('phase-end', ({ status }) => heard.push(status));
    await job.until('line', ({ raw }) => raw === 'two');
    expect(await job.until('line', ({ raw }) => raw === 'one')).toMatchObject({
      step: 's',
      phase: 'main',
      stream: 'stdout',
    });
    await expect(job.until('line', ({ raw }) => raw === 'three')).rejects.toThrow(
      /without the line waited for:\ns.main: one/,
    );
    expect(heard).toEqual(['success']);
  });
});
