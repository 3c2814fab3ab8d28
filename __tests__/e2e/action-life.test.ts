import { execFile } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { OUTPUTS } from '../../src/action/keys.ts';
import { isAlive } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, runJob, shownLog } from '../support/runner/runner.mjs';
import type { Contexts } from '../support/runner/types.ts';
import { SCRIPTED } from '../support/runner.test-fixtures/actions.ts';
import {
  expectCourse,
  heldIn,
  hold,
  LOCK,
  lockStep,
  NODE,
  NORMAL,
  newStore,
  ROOT,
  recordFiles,
  recordIn,
  removeAll,
  runWith,
  said,
  startWith,
  stateOf,
  until,
  untilLine,
} from './action-jobs.ts';

jest.setTimeout(60_000);
afterEach(killJobs);
afterAll(removeAll);

const WORK = {
  id: 'work',
  run: ({ steps }: Contexts) => `echo "token $LEASEHOLD_TOKEN, output ${steps.lock?.outputs.token ?? ''}"`,
};

/** A summary with what differs from run to run taken out. */
function golden(summary: string): string {
  return summary
    .replace(/run \d+/g, 'run <id>')
    .replace(/(Fencing token \| )\d+/, '$1<token>')
    .replace(/\| \d+ms \|/, '| <time> |')
    .replace(/\| [\d.]+m?s, /, '| <time>, ')
    .replace(/(waited|held) [\d.]+m?s /g, '$1 <time> ')
    .replace(/(active, )[\d: .-]+/, '$1<moment>')
    .replace(/, \d+ms$/gm, ', <time>');
}

describe('the normal life', () => {
  test('the lock is taken before the first step, held through the job, released after the last step', async () => {
    const store = newStore();
    const first = { id: 'first', run: 'echo "before: $LEASEHOLD_TOKEN"' };
    const result = await runWith([first, lockStep(store, { reason: 'release 1.2' }), WORK]);

    expectCourse(result, [
      'lock.pre success',
      'first.main success',
      'lock.main success',
      'work.main success',
      'lock.post success',
    ]);
    const outputs = result.steps.lock?.outputs ?? {};
    expect(Object.keys(outputs).sort()).toEqual(OUTPUTS.filter((name) => name !== 'holder').sort());
    expect(outputs).toMatchObject({
      acquired: 'true',
      lease: stateOf(result).holder.leaseId,
      'stolen-from': '',
    });
    expect(outputs.token).toMatch(/^\d{10}$/);
    expect(outputs['waited-ms']).toMatch(/^\d+$/);
    const log = shownLog(result);
    expect(log).toContain(`before: ${outputs.token}\n`);
    expect(log).toContain(`token ${outputs.token}, output ${outputs.token}\n`);
    expect(await recordIn(store)).toMatchObject({
      state: 'released',
      token: Number(outputs.token),
      ended: { how: 'released' },
    });
    expect(result.annotations).toEqual([]);
    expect(result.swept).toEqual([]);
  });

  test('a second job gets a greater token, and neither of their steps is held up by the keeper', async () => {
    const store = newStore();
    const jobs = [
      await runWith([lockStep(store), WORK]),
      await runWith([lockStep(store, { name: LOCK }), WORK]),
    ];
    const [first = 0, second = 0] = jobs.map(({ steps }) => Number(steps.lock?.outputs.token));
    expect(second).toBeGreaterThan(first);
    for (const { phases, swept } of jobs) {
      expect(phases.map(({ heldByStdoutMs }) => heldByStdoutMs < 300)).toEqual([true, true, true, true]);
      expect(swept).toEqual([]);
    }
  });

  test('the job summary', async () => {
    const result = await runWith([lockStep(newStore(), { 'owner-id': 'release <train> | 7' }), WORK]);
    expect(golden(result.steps.lock?.summary ?? '')).toBe(
      [
        '### Lock `deploy`',
        '',
        '| | |',
        '|---|---|',
        '| Owner | `run <id> attempt 1 of octo-org/octo-app (owner "release <train> \\u007c 7", workflow "Deploy", job "deploy", by "octocat")` |',
        '| Fencing token | <token> |',
        '| Waited | <time> |',
        '| Held | <time>, `released` |',
        '| Renewals | 0 |',
        '| Stolen from | – |',
        '',
        '```mermaid',
        '---',
        'displayMode: compact',
        '---',
        'gantt',
        '    dateFormat YYYY-MM-DD HH:mm:ss.SSS',
        '    axisFormat %H:%M:%S',
        '    section Wait',
        '    waited <time> :done, 2000-01-01 00:00:00.000, <time>',
        '    section Hold',
        '    held <time> :active, <moment>, <time>',
        '```',
        '',
        '',
      ].join('\n'),
    );
  });

  test('the keeper renews while the job works, and is gone when post has ended', async () => {
    const store = newStore();
    const { keeperPid, end } = await hold(store);
    expect(isAlive(keeperPid)).toBe(true);
    await until('a renewal', async () => (await heldIn(store)).renewals >= 1);
    const result = await end();
    expectCourse(result, NORMAL);
    expect(isAlive(keeperPid)).toBe(false);
    expect(result.swept).toEqual([]);
    expect(golden(result.steps.lock?.summary ?? '')).toContain('| Renewals | 1 |');
  });

  test('jobs exclude each other: the second enters after the first has released', async () => {
    const store = newStore();
    const first = await hold(store, { reason: 'migration 41' });
    const second = startWith([lockStep(store), WORK]);
    await untilLine(second, 'is held by');
    const releasing = first.end();
    const [a, b] = await Promise.all([releasing, second.done]);

    expectCourse(b, NORMAL);
    const waiting = shownLog(b);
    expect(waiting).toContain(`run     https://github.com/octo-org/octo-app/actions/runs/`);
    expect(waiting).toContain('reason  "migration 41"');
    const endOfWork = a.log.findLast(({ step }) => step === 'work')?.atMs ?? Number.POSITIVE_INFINITY;
    const entered = b.log.find(({ raw }) => raw.includes('acquired after'))?.atMs ?? 0;
    expect(entered).toBeGreaterThanOrEqual(endOfWork);
  });

  test('jobs of one run exclude each other too', async () => {
    const store = newStore();
    const github = { run_id: '77', run_attempt: '1' };
    const first = await hold(store, {}, { github });
    const other = await runWith([lockStep(store, { 'on-busy': 'fail' }), WORK], { github });
    expect(other.conclusion).toBe('failure');
    expect(said(other, 'error')).toContain('is held by run 77 attempt 1 of octo-org/octo-app');
    expectCourse(await first.end(), NORMAL);
  });

  test('with heartbeat: false there is no keeper; the lease is not renewed, and post releases it', async () => {
    const store = newStore();
    const { keeperPid, folder, end } = await hold(store, { heartbeat: 'false' });
    expect(keeperPid).toBe(0);
    expect(existsSync(join(folder, 'keeper.log'))).toBe(false);
    const result = await end();
    expectCourse(result, NORMAL);
    expect(await recordIn(store)).toMatchObject({ state: 'released', renewals: 0 });
    expect(result.annotations).toEqual([]);
  });

  test('a local action, which gets no pre: main takes the lock', async () => {
    const store = newStore();
    const result = await runWith([lockStep(store, {}, { local: true }), WORK]);
    expectCourse(result, ['lock.main success', 'work.main success', 'lock.post success']);
    expect(result.steps.lock?.outputs).toMatchObject({ acquired: 'true' });
    expect(phaseOf(result, 'lock', 'main').heldByStdoutMs).toBeLessThan(300);
    expect(shownLog(result)).toContain(`token ${result.steps.lock?.outputs.token}, output`);
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
    expect(result.swept).toEqual([]);
  });

  test('two locks in one job, released by the posts in reverse order', async () => {
    const store = newStore();
    const inner = lockStep(store, { name: 'deploy/api' }, { id: 'inner' });
    const result = await runWith([lockStep(store), inner, WORK]);
    expect(result.conclusion).toBe('success');
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
    expect(await recordIn(store, 'deploy/api')).toMatchObject({ state: 'released' });
    expect(result.swept).toEqual([]);
  });

  test('one lock twice in one job is an error at once, and the first is released', async () => {
    const store = newStore();
    const result = await runWith([lockStep(store), lockStep(store, {}, { id: 'again' }), WORK]);
    expect(phaseOf(result, 'again', 'pre').status).toBe('failure');
    expect(phaseOf(result, 'again', 'pre').durationMs).toBeLessThan(5_000);
    expect(said(result, 'error')).toBe(
      'name: lock "deploy" is held by an earlier step of this very job, until the job ends; to wait for it would be to wait for ever. Take it once for each job.',
    );
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
  });

  test('what other actions do in their posts is still under the lock', async () => {
    const store = newStore();
    const post = {
      id: 'other',
      uses: SCRIPTED,
      with: { post: 'console.log("post of other"); await new Promise((r) => setTimeout(r, 200))' },
    };
    const job = startWith([lockStep(store), post]);
    await untilLine(job, 'post of other');
    expect((await heldIn(store)).holder.leaseId).toBe(stateOf(job.result).holder.leaseId);
    const result = await job.done;
    expect(result.phases.slice(-2).map(({ step, phase }) => `${step}.${phase}`)).toEqual([
      'other.post',
      'lock.post',
    ]);
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
  });
});

describe('enabled: false', () => {
  test('nothing is done and nothing is asked of the other inputs', async () => {
    const store = newStore();
    const result = await runWith([lockStep(store, { enabled: 'false', ttl: 'nonsense' }), WORK]);
    expectCourse(result, NORMAL);
    expect(result.steps.lock?.outputs).toEqual({ acquired: 'false' });
    expect(result.steps.lock?.summary).toBe('');
    expect(shownLog(result)).toContain('token , output');
    expect(existsSync(store)).toBe(false);
    expect(result.annotations).toEqual([]);
  });
});

describe('on-busy', () => {
  const INPUTS = { reason: 'migration 41', 'owner-id': 'nightly' };

  test('skip: the job goes on, knowing who holds; the holder notices nothing', async () => {
    const store = newStore();
    const holder = await hold(store, INPUTS);
    const before = recordFiles(store);
    const result = await runWith([lockStep(store, { 'on-busy': 'skip' }), WORK]);

    expectCourse(result, NORMAL);
    const { outputs = {}, summary = '' } = result.steps.lock ?? {};
    expect(Object.keys(outputs).sort()).toEqual(['acquired', 'holder', 'waited-ms']);
    expect(outputs.acquired).toBe('false');
    expect(JSON.parse(outputs.holder ?? '')).toMatchObject({
      ownerId: 'nightly',
      leaseId: holder.leaseId,
      reason: 'migration 41',
    });
    expect(result.env.LEASEHOLD_TOKEN).toBeUndefined();
    expect(said(result, 'notice')).toMatch(/^Skipped: Lock "deploy" is held by run \d+/);
    expect(golden(summary)).toContain('### Lock `deploy`: skipped');
    expect(summary).toContain('| Reason | `migration 41` |');
    expect(recordFiles(store)).toEqual(before);
    expectCourse(await holder.end(), NORMAL);
  });

  test('fail: the message says who, which run, why, and how to break it', async () => {
    const store = newStore();
    const holder = await hold(store, INPUTS);
    const result = await runWith([lockStep(store, { 'on-busy': 'fail' }), WORK]);

    expectCourse(result, ['lock.pre failure', 'lock.main skipped', 'work.main skipped', 'lock.post success']);
    const message = said(result, 'error');
    expect(message).toMatch(
      /^Lock "deploy" is held by run \d+ attempt 1 of octo-org\/octo-app \(owner "nightly", /,
    );
    expect(message).toMatch(
      /\n {2}run {5}https:\/\/github\.com\/octo-org\/octo-app\/actions\/runs\/\d+\/attempts\/1\n/,
    );
    expect(message).toContain('\n  reason  "migration 41"\n');
    expect(message).toContain(
      `npx leasehold break deploy --store ${store} --lease ${holder.leaseId} --reason '…'`,
    );
    expect((await heldIn(store)).holder.leaseId).toBe(holder.leaseId);
    await holder.end();
  });

  test('wait: after wait-timeout the job fails and says so', async () => {
    const store = newStore();
    const holder = await hold(store, INPUTS);
    const result = await runWith([lockStep(store, { 'wait-timeout': '1500ms' }), WORK]);
    expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
    expect(phaseOf(result, 'lock', 'pre').durationMs).toBeGreaterThanOrEqual(1_500);
    expect(said(result, 'error')).toMatch(
      /^The wait of 1\.\ds is over \(input wait-timeout\)\.\nLock "deploy" is held by /,
    );
    await holder.end();
  });

  test('continue-on-error after a wait in vain: main fails, for the lock is absent, and acquired is false', async () => {
    const store = newStore();
    const holder = await hold(store, INPUTS);
    const step = lockStep(store, { 'wait-timeout': '1s' }, { continueOnError: true });
    const result = await runWith([
      step,
      { id: 'work', run: ({ steps }) => `echo "acquired: ${steps.lock?.outputs.acquired}"` },
    ]);
    expectCourse(result, ['lock.pre failure', 'lock.main failure', 'work.main success', 'lock.post success']);
    expect(said(result, 'error')).toContain(
      'This job does not have the lock: it was not acquired before the job began',
    );
    expect(shownLog(result)).toContain('acquired: false');
    expect((await heldIn(store)).holder.leaseId).toBe(holder.leaseId);
    await holder.end();
  });
});

describe('post by hand, with what is left of the state', () => {
  const post = (state: Record<string, string>) =>
    promisify(execFile)(NODE, [join(ROOT, 'dist/post/index.js')], {
      env: { ...state, GITHUB_ACTIONS: 'true' },
    });

  test.each([
    ['nothing', () => ({})],
    ['a configuration that was cut off', (config: string) => ({ STATE_config: config.slice(0, -9) })],
    ['another program’s', () => ({ STATE_config: '{"name": "deploy"}', STATE_result: '[]' })],
    ['a result without a configuration', () => ({ STATE_result: '{"kind": "disabled"}' })],
  ] as const)('%s: nothing is done, and nothing fails', async (_, left) => {
    const store = newStore();
    const { job, leaseId, end } = await hold(store);
    const { stdout } = await post(left(job.result.steps.lock?.state.config ?? ''));
    expect(stdout.trim()).toBe('No lock to release.');
    expect((await heldIn(store)).holder.leaseId).toBe(leaseId);
    await end();
  });

  test.each([
    ['without a result', ''],
    ['with a result that was cut off', '{"kind":"acquired","token":'],
  ])('a configuration %s: the lock is released', async (_, STATE_result) => {
    const store = newStore();
    const { job, end } = await hold(store);
    const { config: STATE_config = '' } = job.result.steps.lock?.state ?? {};
    const { stdout } = await post({ STATE_config, STATE_result });
    expect(stdout.trim()).toBe('Lock "deploy" is released.');
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
    // And a second time, by the runner.
    const result = await end();
    expectCourse(result, NORMAL);
    expect(result.annotations).toEqual([]);
  });
});

describe('cancel', () => {
  test('while waiting: it ends at once, the record and its files are as they were', async () => {
    const store = newStore();
    const holder = await hold(store);
    const waiter = startWith([lockStep(store), WORK]);
    await untilLine(waiter, 'is held by');
    const before = { files: recordFiles(store), record: await heldIn(store) };
    const startedMs = Date.now();
    waiter.cancel();
    const result = await waiter.done;

    expect(Date.now() - startedMs).toBeLessThan(3_000);
    expectCourse(result, [
      'lock.pre cancelled',
      'lock.main skipped',
      'work.main skipped',
      'lock.post success',
    ]);
    expect(phaseOf(result, 'lock', 'pre')).toMatchObject({ exitCode: 1, signalled: ['SIGINT'] });
    expect(said(result, 'error')).toBe('Cancelled while waiting for lock "deploy". Nothing is left behind.');
    expect(recordFiles(store)).toEqual(before.files);
    expect(await heldIn(store)).toEqual(before.record);
    expect(result.swept).toEqual([]);
    await holder.end();
  });

  test('while holding: post releases', async () => {
    const store = newStore();
    const { job, keeperPid } = await hold(store);
    job.cancel();
    const result = await job.done;
    expectCourse(result, [
      'lock.pre success',
      'lock.main success',
      'work.main cancelled',
      'lock.post success',
    ]);
    expect(await recordIn(store)).toMatchObject({ state: 'released', ended: { how: 'released' } });
    expect(isAlive(keeperPid)).toBe(false);
    expect(result.annotations).toEqual([]);
    expect(result.swept).toEqual([]);
  });

  test('a pre that hears no signal (a container job) gives up when post has closed the hold', async () => {
    const store = newStore();
    const holder = await hold(store);
    const waiter = startWith([lockStep(store), WORK]);
    await untilLine(waiter, 'is held by');
    const { pid } = await waiter.until('phase-start');
    const folders = join(waiter.directories.temp, 'leasehold');
    const [lease = ''] = readdirSync(folders);
    writeFileSync(join(folders, lease, 'closed'), '');
    await holder.end();
    const result = await waiter.done;
    expect(phaseOf(result, 'lock', 'pre')).toMatchObject({ pid, status: 'failure', signalled: [] });
    expect(await recordIn(store)).toMatchObject({
      state: 'released',
      holder: { leaseId: holder.leaseId },
    });
  });
});

/** One of each kind; all of them are in the tests of `parseInputs`. */
describe('inputs that are refused before anything is written', () => {
  const HOSTED = { runner: { environment: 'github-hosted' as const } };
  test.each<[string, Record<string, string>, RegExp, object?]>([
    ['an empty name', { name: '' }, /^name: is empty\. .*needs, matrix, vars or env/],
    ['a name with a command in it', { name: '##[add-mask]x' }, /^name: /],
    ['a ttl without a unit', { ttl: '90' }, /^ttl: "90" is not a duration\. Write a number with a unit: 90s/],
    ['an unknown scheme', { store: 'redis://cache/locks' }, /^store: the scheme "redis" is not known/],
    [
      'credentials in the store',
      { store: 's3://AKIAX:hunter2@bucket' },
      /^store: credentials do not belong in the URL/,
    ],
    [
      'no store on a GitHub-hosted runner',
      { store: '' },
      /^store: is missing\. This is a GitHub-hosted runner/,
      HOSTED,
    ],
  ])('%s', async (_, inputs, message, spec = {}) => {
    const store = newStore();
    const job = startWith([lockStep(store, inputs), WORK], { ...spec });
    const result = await job.done;
    expectCourse(result, ['lock.pre failure', 'lock.main skipped', 'work.main skipped', 'lock.post success']);
    expect(said(result, 'error')).toMatch(message);
    expect(said(result, 'error')).not.toContain('hunter2');
    expect(result.steps.lock?.state).toEqual({});
    expect(existsSync(store)).toBe(false);
  });

  test.each(['workspace', 'temp'] as const)('a store in the %s of the job', async (place) => {
    const root = newStore();
    const inside = join(root, place === 'temp' ? '_temp' : 'octo-app/octo-app', 'locks');
    const result = await runWith([lockStep(inside), WORK], { runner: { root, keepTemp: true } });
    expect(said(result, 'error')).toBe(
      `store: "${inside}" is inside ${place === 'temp' ? 'RUNNER_TEMP' : 'GITHUB_WORKSPACE'}, which the runner empties. Choose a directory that all jobs share.`,
    );
    expect(existsSync(inside)).toBe(false);
  });

  test('without a store on a self-hosted runner the lock is on its own disk, and that is said', async () => {
    const home = newStore();
    const result = await runJob({
      steps: [lockStep(''), WORK],
      runner: { nodePath: NODE },
      env: { HOME: home, XDG_STATE_HOME: '' },
    });
    expectCourse(result, NORMAL);
    const path = join(home, '.local/state/leasehold');
    expect(said(result, 'notice')).toBe(
      `No store is named: the lock is kept in ${path} and excludes jobs of runners that use this directory.`,
    );
    expect(await recordIn(path)).toMatchObject({ state: 'released' });
  });
});
