import { afterEach, describe, expect, test } from '@jest/globals';
import { isAlive } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, type RunningJob, shownLog, startJob } from '../support/runner/runner.mjs';
import type { JobResult, JobSpec } from '../support/runner/types.ts';
import { GUARDED, PLAIN, QUICK, SCRIPTED } from '../support/runner.test-fixtures/actions.ts';

afterEach(killJobs);

/** JavaScript that says `ready`, answers SIGINT by `answer`, and waits for ever. */
const waitAnd = (answer: string): string =>
  `process.on("SIGINT", () => { ${answer} }); console.log("ready"); await t.forever()`;

async function cancelWhenReady(spec: JobSpec): Promise<JobResult> {
  const job = startJob({ timings: QUICK, ...spec });
  await ready(job);
  job.cancel();
  return job.done;
}

const ready = (job: RunningJob): Promise<unknown> => job.until('line', ({ raw }) => raw === 'ready');

describe('a cancelled job', () => {
  test('signals the running step, skips the mains after it, runs its posts', async () => {
    const result = await cancelWhenReady({
      steps: [
        {
          id: 'a',
          uses: PLAIN,
          with: { main: waitAnd('console.log("stopping"); process.exit(0)'), post: '' },
        },
        { id: 'next', run: 'true' },
        { id: 'anyway', run: 'true', if: 'always()' },
        { id: 'cleanup', run: 'true', if: 'cancelled()' },
        { id: 'unless', run: 'true', if: '!cancelled()' },
        { id: 'mend', run: 'true', if: 'failure()' },
      ],
    });

    expect(result.conclusion).toBe('cancelled');
    // Even with exit code 0.
    expect(phaseOf(result, 'a', 'main')).toMatchObject({
      status: 'cancelled',
      exitCode: 0,
      signalled: ['SIGINT'],
    });
    expect(shownLog(result)).toBe('ready\nstopping');
    const rest = Object.fromEntries(
      result.phases.slice(1).map(({ step, phase, status }) => [`${step}.${phase}`, status]),
    );
    expect(rest).toEqual({
      'next.main': 'skipped',
      'anyway.main': 'success',
      'cleanup.main': 'success',
      'unless.main': 'skipped',
      'mend.main': 'skipped',
      'a.post': 'success',
    });
  });

  test('does not signal a pre with the default condition, and starts the next pre all the same', async () => {
    const result = await cancelWhenReady({
      steps: [
        {
          id: 'a',
          uses: SCRIPTED,
          with: { pre: 'console.log("ready"); await new Promise((r) => setTimeout(r, 300))' },
        },
        { id: 'b', uses: SCRIPTED },
      ],
    });

    expect(phaseOf(result, 'a', 'pre')).toMatchObject({ status: 'success', signalled: [] });
    expect(result.phases.map(({ step, phase, status }) => `${step}.${phase} ${status}`)).toEqual([
      'a.pre success',
      'b.pre success',
      'a.main skipped',
      'b.main skipped',
      'b.post success',
      'a.post success',
    ]);
    expect(result.conclusion).toBe('cancelled');
  });

  test('signals a pre whose pre-if is success(), and starts no further one; its state reaches post', async () => {
    const result = await cancelWhenReady({
      steps: [
        {
          id: 'a',
          uses: GUARDED,
          with: { pre: `t.state("ticket", "5"); ${waitAnd('process.exit(1)')}` },
        },
        { id: 'b', uses: GUARDED },
        { id: 'c', uses: SCRIPTED, with: { post: 'console.log(process.env.STATE_ticket ?? "none")' } },
      ],
    });

    expect(phaseOf(result, 'a', 'pre')).toMatchObject({
      status: 'cancelled',
      signalled: ['SIGINT'],
      state: { ticket: '5' },
    });
    expect(phaseOf(result, 'b', 'pre').status).toBe('skipped');
    expect(phaseOf(result, 'a', 'post').status).toBe('skipped');
    expect(shownLog(result)).toBe('ready\nnone');
  });

  test('goes from SIGINT to SIGTERM to SIGKILL, in its time', async () => {
    const deaf = `process.on("SIGTERM", () => console.log("SIGTERM")); ${waitAnd('console.log("SIGINT")')}`;
    const result = await cancelWhenReady({ steps: [{ id: 'a', uses: PLAIN, with: { main: deaf } }] });

    const main = phaseOf(result, 'a', 'main');
    expect(main).toMatchObject({ status: 'cancelled', signal: 'SIGKILL', exitCode: 137 });
    expect(main.signalled).toEqual(['SIGINT', 'SIGTERM', 'SIGKILL']);
    expect(result.log.map(({ raw }) => raw)).toEqual(['ready', 'SIGINT', 'SIGTERM']);
    const [readyAt = 0, , sigtermAt = 0] = result.log.map(({ atMs }) => atMs);
    expect(sigtermAt - readyAt).toBeGreaterThanOrEqual(QUICK.sigintMs - 20);
    expect(main.durationMs).toBeGreaterThanOrEqual(QUICK.sigintMs + QUICK.sigtermMs - 20);
  });

  test('signals the process of the step alone: its child hears nothing', async () => {
    const child = 'process.on("SIGINT", () => console.log("child hears")); setInterval(() => {}, 1000)';
    const main = `
      const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" });
      console.log("child " + child.pid);
      ${waitAnd('setTimeout(() => process.exit(1), 100)')}`;
    const result = await cancelWhenReady({
      steps: [
        {
          id: 'a',
          uses: PLAIN,
          with: {
            main: main.replace('require("node:child_process")', '(await import("node:child_process"))'),
          },
        },
      ],
    });

    expect(result.log.map(({ raw }) => raw)).not.toContain('child hears');
    // The child had the output open, so the step waited for it; the sweep at the end found it.
    expect(phaseOf(result, 'a', 'main').heldByStdoutMs).toBeGreaterThanOrEqual(QUICK.stdoutMs - 20);
    expect(result.swept.map(({ pid }) => `child ${pid}`)).toEqual([result.log[0]?.raw]);
  });

  test('signals the shell of a script, not what the shell waits for', async () => {
    const run = `
      trap "echo trapped; exit 9" INT
      echo ready
      (trap "echo child hears" INT; sleep 0.2; echo child ends)
      echo never`;
    const result = await cancelWhenReady({ steps: [{ id: 's', run }] });
    expect(phaseOf(result, 's', 'main')).toMatchObject({
      status: 'cancelled',
      exitCode: 9,
      signalled: ['SIGINT'],
    });
    expect(shownLog(result)).toBe('ready\nchild ends\ntrapped');
  });

  test('asks a condition that is a function again', async () => {
    const main = waitAnd('process.exit(1)');
    const keep = await cancelWhenReady({
      steps: [
        {
          id: 'a',
          uses: PLAIN,
          if: () => true,
          with: { main: 'console.log("ready"); await new Promise((r) => setTimeout(r, 200))' },
        },
      ],
    });
    expect(phaseOf(keep, 'a', 'main')).toMatchObject({ status: 'success', signalled: [] });
    const stop = await cancelWhenReady({
      steps: [{ id: 'a', uses: PLAIN, if: ({ job }) => job.status === 'success', with: { main } }],
    });
    expect(phaseOf(stop, 'a', 'main')).toMatchObject({ status: 'cancelled', signalled: ['SIGINT'] });
  });
});

describe('timeout-minutes', () => {
  test('stops each phase on its own, always() or not, and fails it', async () => {
    const slow = waitAnd('process.exit(0)');
    const job = startJob({
      timings: QUICK,
      steps: [
        { id: 'a', uses: SCRIPTED, name: 'Lock', timeoutMinutes: 0.015, with: { pre: slow, post: slow } },
      ],
    });
    const result = await job.done;

    expect(phaseOf(result, 'a', 'pre')).toMatchObject({
      status: 'failure',
      exitCode: 0,
      signalled: ['SIGINT'],
    });
    expect(phaseOf(result, 'a', 'main').status).toBe('skipped');
    expect(phaseOf(result, 'a', 'post')).toMatchObject({ status: 'failure', signalled: ['SIGINT'] });
    expect(result.annotations[0]?.message).toBe("The action 'Lock' has timed out after 0.015 minutes.");
    expect(isAlive(phaseOf(result, 'a', 'pre').pid ?? 0)).toBe(false);
  });
});
