// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of a workflow, and of a shell, look like that
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { killJobs, phaseOf, runJob, shownLog } from '../support/runner/runner.mjs';
import type { Condition, JobResult, Status, Step } from '../support/runner/types.ts';
import { COMPOSITE, GUARDED, PLAIN, SCRIPTED } from '../support/runner.test-fixtures/actions.ts';

afterEach(killJobs);

const FAIL = 'process.exit(3)';

/** `step.phase status` of each phase, in the order they ended. */
function courseOf({ phases }: JobResult): string[] {
  return phases.map(({ step, phase, status }) => `${step}.${phase} ${status}`);
}

describe('the order of a job', () => {
  test('pres in step order, then mains, then posts as a stack, on which a pre puts its post first', async () => {
    const result = await runJob({
      steps: [
        { id: 'plain', uses: PLAIN },
        { id: 'a', uses: SCRIPTED },
        { id: 'b', uses: SCRIPTED },
        { id: 'script', run: 'true' },
      ],
    });

    expect(courseOf(result)).toEqual([
      'a.pre success',
      'b.pre success',
      'plain.main success',
      'a.main success',
      'b.main success',
      'script.main success',
      'plain.post success',
      'b.post success',
      'a.post success',
    ]);
    expect(result.conclusion).toBe('success');
  });

  test('a pre that fails: mains are skipped, its post runs, the post of a main that never started does not', async () => {
    const result = await runJob({
      steps: [
        { id: 'a', uses: SCRIPTED, with: { pre: FAIL } },
        { id: 'plain', uses: PLAIN },
      ],
    });

    expect(courseOf(result)).toEqual([
      'a.pre failure',
      'a.main skipped',
      'plain.main skipped',
      'a.post success',
    ]);
    expect(result.conclusion).toBe('failure');
    expect(phaseOf(result, 'a', 'pre')).toMatchObject({ exitCode: 3, signal: null, conclusion: 'failure' });
    expect(() => phaseOf(result, 'plain', 'post')).toThrow(
      'plain.post was never reached; reached were: a.pre (failure)',
    );
  });

  test('a pre that fails with continue-on-error: main runs, and the job succeeds', async () => {
    const result = await runJob({
      steps: [{ id: 'a', uses: SCRIPTED, with: { pre: FAIL }, continueOnError: true }],
    });

    expect(courseOf(result)).toEqual(['a.pre failure', 'a.main success', 'a.post success']);
    expect(phaseOf(result, 'a', 'pre').conclusion).toBe('success');
    expect(result.conclusion).toBe('success');
  });

  test('a post that fails fails the job, and the posts after it still run', async () => {
    const result = await runJob({
      steps: [
        { id: 'a', uses: PLAIN },
        { id: 'b', uses: PLAIN, with: { post: FAIL } },
      ],
    });

    expect(courseOf(result)).toEqual([
      'a.main success',
      'b.main success',
      'b.post failure',
      'a.post success',
    ]);
    expect(result.conclusion).toBe('failure');
  });

  test('pre-if and post-if of success() hold their phase back once something has failed', async () => {
    const steps: Step[] = [
      { id: 'a', uses: SCRIPTED, with: { pre: FAIL } },
      { id: 'guarded', uses: GUARDED, if: 'always()' },
    ];
    expect(courseOf(await runJob({ steps }))).toEqual([
      'a.pre failure',
      'guarded.pre skipped',
      'a.main skipped',
      'guarded.main success',
      'guarded.post skipped',
      'a.post success',
    ]);
  });
});

describe('conditions of main', () => {
  const cases: [name: string, condition: Condition, afterSuccess: Status, afterFailure: Status][] = [
    ['success()', 'success()', 'success', 'skipped'],
    ['failure()', 'failure()', 'skipped', 'success'],
    ['always()', 'always()', 'success', 'success'],
    ['cancelled()', 'cancelled()', 'skipped', 'skipped'],
    ['!cancelled() in braces', '${{ !cancelled() }}', 'success', 'success'],
    ['success() || failure()', 'success() || failure()', 'success', 'success'],
    ['a function', ({ job }) => job.status === 'failure', 'skipped', 'success'],
    ['a function of steps', ({ steps }) => steps.first?.outcome === 'failure', 'skipped', 'success'],
  ];
  test.each([
    ['succeeds', 'true', 2],
    ['fails', 'false', 3],
  ] as const)('when the step before %s', async (_, first, column) => {
    const steps = cases.map((row, index) => ({ id: `case${index}`, run: 'true', if: row[1] }));
    const result = await runJob({ steps: [{ id: 'first', run: first }, ...steps] });

    expect(cases.map(([name], index) => [name, phaseOf(result, `case${index}`, 'main').status])).toEqual(
      cases.map((row) => [row[0], row[column]]),
    );
  });

  test('one that the harness can not read is an error, not a skipped step', async () => {
    await expect(runJob({ steps: [{ run: 'true', if: "github.ref == 'x'" }] })).rejects.toThrow(
      'use a function',
    );
  });

  test('a function that throws is an error that shows where', async () => {
    const broken = (): boolean => {
      throw new Error('a mistake in the test');
    };
    await expect(runJob({ steps: [{ run: 'true', if: broken }] })).rejects.toThrow(
      /a mistake in the test[\s\S]*order\.test/,
    );
  });
});

describe('actions and scripts', () => {
  test('pre of a local action does not run, with a warning; main registers its post', async () => {
    const result = await runJob({
      workspace: join(SCRIPTED, '..'),
      steps: [
        { id: 'relative', uses: './scripted' },
        { id: 'absolute', uses: GUARDED, local: true },
      ],
    });

    expect(courseOf(result)).toEqual([
      'relative.main success',
      'absolute.main success',
      'absolute.post success',
      'relative.post success',
    ]);
    expect(result.annotations).toEqual([
      {
        level: 'warning',
        message: "`pre` execution is not supported for local action from './scripted'",
        properties: {},
        step: 'relative',
        phase: 'main',
      },
      expect.objectContaining({ step: 'absolute', level: 'warning' }),
    ]);
  });

  test('a directory without an action, and one that is no JavaScript action, are refused before anything runs', async () => {
    const steps = [{ run: 'true' }];
    await expect(runJob({ steps: [...steps, { uses: '/nowhere' }] })).rejects.toThrow("under '/nowhere'");
    await expect(runJob({ steps: [...steps, { uses: COMPOSITE }] })).rejects.toThrow(
      'not "using: composite"',
    );
  });

  test('a script is run by bash -e and fails with its exit code', async () => {
    const result = await runJob({ steps: [{ id: 's', run: 'echo first\n(exit 7)\necho never' }] });

    expect(phaseOf(result, 's', 'main')).toMatchObject({ status: 'failure', exitCode: 7 });
    expect(shownLog(result)).toBe('first\n##[error]Process completed with exit code 7.');
    expect(result.annotations).toMatchObject([{ message: 'Process completed with exit code 7.', step: 's' }]);
  });

  test('a script has a process group of its own', async () => {
    const run = 'read -r _ _ _ _ group _ < /proc/$$/stat; [ "$group" = "$$" ]';
    expect(phaseOf(await runJob({ steps: [{ id: 's', run }] }), 's', 'main').status).toBe('success');
  });

  test('steps without an id are named after their action and numbered; an id given twice is refused', async () => {
    const { steps } = await runJob({ steps: [{ run: 'true' }, { run: 'true' }, { uses: PLAIN }] });
    expect(Object.keys(steps)).toEqual(['__run', '__run_2', '__plain']);
    const twice = { id: 'x', run: 'true' };
    expect(() => runJob({ steps: [twice, twice] })).toThrow('Two steps have the id "x"');
  });
});
