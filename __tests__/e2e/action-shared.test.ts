import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Ended, Sandbox } from '../support/cli-process.ts';
import { GitHubServer } from '../support/github-server.mjs';
import { killAll } from '../support/runner/processes.mjs';
import { killJobs, shownLog } from '../support/runner/runner.mjs';
import type { JobSpec } from '../support/runner/types.ts';
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
  recordIn,
  removeAll,
  runWith,
  said,
  startWith,
  untilLine,
} from './action-jobs.ts';

/* Jobs of one run that share its lock, and reservations for maintenance. */

jest.setTimeout(90_000);

const REPOSITORY = 'octo-org/octo-app';
const TOKEN = 'ghs_aSecretOfThisVeryJob';
const SHARED = { scope: 'run' };
const WORK = { id: 'work', run: 'echo working' };
const REFUSED = ['lock.pre failure', 'lock.main skipped', 'lock.post success'];

let github: GitHubServer;
let sandbox: Sandbox;
beforeEach(async () => {
  github = await GitHubServer.start();
  github.repositories.set(REPOSITORY, { private: true });
  github.tokens.set(TOKEN, { repositories: [REPOSITORY], actions: true });
  sandbox = new Sandbox(join(DIST, 'cli', 'index.js'), NODE);
});
afterEach(async () => {
  await killJobs();
  await github.close();
  await sandbox.close();
});
afterAll(removeAll);

/** A job of a run. */
function jobOf(runId: number, job: string, attempt = 1): Partial<JobSpec> {
  const run = { run_id: String(runId), run_attempt: String(attempt), job };
  return { github: { api_url: github.apiUrl, token: TOKEN, ...run } };
}

function members(store: string): Promise<(string | undefined)[]> {
  return heldIn(store).then(({ shared }) => (shared?.members ?? []).map(({ job }) => job));
}

function cli(store: string, ...args: string[]): Promise<Ended> {
  return sandbox.run([...args, '--store', store]);
}

describe('scope: run', () => {
  test('three jobs of one run share the lock while another run waits, which gets it when the run is over', async () => {
    const store = newStore();
    github.setRun({ repository: REPOSITORY, runId: 1, attempt: 1, status: 'in_progress', conclusion: null });
    const first = await hold(store, SHARED, jobOf(1, 'build'));
    const other = startWith([lockStep(store), WORK], jobOf(2, 'deploy'));
    await untilLine(other, 'Lock "deploy" is held by run 1');
    const [second, third] = [
      await hold(store, SHARED, jobOf(1, 'deploy')),
      await hold(store, SHARED, jobOf(1, 'check')),
    ];
    expect(await members(store)).toEqual(['build', 'deploy', 'check']);
    const ended = await first.end();
    expectCourse(ended, NORMAL);
    expect(await members(store)).toEqual(['deploy', 'check']);
    const [also, last] = [await second.end(), await third.end()];
    const tokens = [ended, also, last].map(({ steps }) => steps.lock?.outputs.token);
    expect(new Set(tokens).size).toBe(1);
    expect(new Set([ended, also, last].map(({ steps }) => steps.lock?.outputs.lease)).size).toBe(1);
    expect(shownLog(also)).toContain(`Lock "deploy" joined, for this job's run has it`);
    // Between two jobs it is still the run's.
    expect(await members(store)).toEqual([]);
    expect(other.result.phases).toHaveLength(0);
    github.setRun({
      repository: REPOSITORY,
      runId: 1,
      attempt: 1,
      status: 'completed',
      conclusion: 'success',
    });
    const result = await other.done;
    expectCourse(result, NORMAL);
    expect(Number(result.steps.lock?.outputs.token)).toBe(Number(tokens[0]) + 1);
    expect(said(result, 'warning')).toBe('');
  });

  test('a re-run of the failed jobs alone takes the lock at once, with a new token', async () => {
    const store = newStore();
    const first = await hold(store, SHARED, jobOf(1, 'build'));
    await first.end();
    const { token } = await heldIn(store);
    const again = await hold(store, SHARED, jobOf(1, 'deploy', 2));
    expect(await heldIn(store)).toMatchObject({ token: token + 1, holder: { runAttempt: 2 } });
    expectCourse(await again.end(), NORMAL);
  });

  test('a run that waits for an approval between two jobs keeps its lock for the gap', async () => {
    const store = newStore();
    const waiting = { repository: REPOSITORY, runId: 1, attempt: 1, status: 'waiting', conclusion: null };
    github.setRun(waiting);
    await (await hold(store, { ...SHARED, gap: '1h' }, jobOf(1, 'build'))).end();
    expect(await heldIn(store)).toMatchObject({ ttlMs: 3_600_000, shared: { members: [] } });
    const other = await runWith([lockStep(store, { 'wait-timeout': '4s' })], jobOf(2, 'deploy'));
    expectCourse(other, REFUSED);
    expect(shownLog(other)).toContain('  jobs    none now: it is kept for the next job of its run');
    const approved = await hold(store, { ...SHARED, release: 'true' }, jobOf(1, 'deploy'));
    expectCourse(await approved.end(), NORMAL);
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
  });

  test('the last job frees the lock only when no other is in it', async () => {
    const store = newStore();
    const [one, last] = [
      await hold(store, SHARED, jobOf(1, 'deploy')),
      await hold(store, { ...SHARED, release: 'true' }, jobOf(1, 'check')),
    ];
    expect(shownLog(await last.end())).toContain(
      'it is released as soon as no other job of the run is in it',
    );
    expect(await members(store)).toEqual(['deploy']);
    await one.end();
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
  });

  test('a job of the run that would have the lock for itself fails at once, and says what to do', async () => {
    const store = newStore();
    const sharing = await hold(store, SHARED, jobOf(1, 'build'));
    const alone = await runWith([lockStep(store)], jobOf(1, 'deploy'));
    expectCourse(alone, REFUSED);
    expect(said(alone, 'error')).toContain('give it "scope: run", too.');
    expectCourse(await sharing.end(), NORMAL);
  });

  test('a job that dies leaves the lock to the others', async () => {
    const store = newStore();
    const [one, two] = [
      await hold(store, SHARED, jobOf(1, 'build')),
      await hold(store, SHARED, jobOf(1, 'deploy')),
    ];
    await one.job.kill();
    process.kill(one.keeperPid, 'SIGKILL');
    const ended = await two.end();
    expectCourse(ended, NORMAL);
    expect(await members(store)).toEqual(['build']);
  });

  test('the history has one hold of a run, also where the keeper of a job has died', async () => {
    const store = newStore();
    const [one, two] = [
      await hold(store, SHARED, jobOf(1, 'build')),
      await hold(store, SHARED, jobOf(1, 'deploy')),
    ];
    await killAll([two.keeperPid]);
    const ended = await two.end();
    expect(said(ended, 'warning')).toContain('The keeper of lock "deploy" died');
    expectCourse(await one.end(), NORMAL);
    const { stdout } = await cli(store, 'history', LOCK, '--json');
    expect(JSON.parse(stdout).holds).toMatchObject([
      { leaseId: ended.steps.lock?.outputs.lease, how: 'released' },
    ]);
  });

  test('an operator ends the lease of the whole run, and each of its jobs says so', async () => {
    const store = newStore();
    const [one, two] = [
      await hold(store, SHARED, jobOf(1, 'build')),
      await hold(store, SHARED, jobOf(1, 'deploy')),
    ];
    const { holder } = await heldIn(store);
    const broken = await cli(
      store,
      'break',
      LOCK,
      '--lease',
      holder.leaseId,
      '--reason',
      'stuck',
      '--by',
      'ann',
    );
    expect(broken.code).toBe(0);
    for (const holding of [one, two]) {
      const ended = await holding.end();
      expect(said(ended, 'warning')).toContain('broken by "ann": "stuck"');
    }
  });

  test('jobs of a matrix without it exclude each other', async () => {
    const store = newStore();
    const one = await hold(store, {}, jobOf(1, 'deploy'));
    const other = await runWith([lockStep(store, { 'on-busy': 'fail' })], jobOf(1, 'deploy'));
    expectCourse(other, REFUSED);
    expectCourse(await one.end(), NORMAL);
  });
});

describe('a reservation', () => {
  const FOR = ['--for', '2h', '--reason', 'database upgrade', '--owner-id', 'ann'];

  test('blocks a job, whose log shows the reason and the end', async () => {
    const store = newStore();
    expect((await cli(store, 'reserve', LOCK, ...FOR)).code).toBe(0);
    const blocked = startWith([lockStep(store), WORK], jobOf(1, 'deploy'));
    await untilLine(blocked, '  policy');
    const { holder, reserved } = await heldIn(store);
    expect((await cli(store, 'release', LOCK, '--lease', holder.leaseId)).code).toBe(0);
    const result = await blocked.done;
    expectCourse(result, NORMAL);
    const log = shownLog(result);
    expect(log).toContain('Lock "deploy" is reserved by "ann" on host');
    expect(log).toContain('  reason  "database upgrade"');
    expect(log).toContain(`  until   ${reserved?.until}`);
  });

  test('of a tree waits for the deploy that runs below, lets no other in, and then blocks', async () => {
    const store = newStore();
    const running = await hold(store, { name: 'prod/api' }, jobOf(1, 'deploy'));
    const reserving = sandbox.start(['reserve', 'prod', '--tree', ...FOR, '--store', store]);
    await reserving.untilSays('can\'t be had before "prod/api" is free');
    const other = await runWith(
      [lockStep(store, { ...SHARED, name: 'prod/web', 'on-busy': 'fail' })],
      jobOf(2, 'deploy'),
    );
    expect(said(other, 'error')).toContain('Lock "prod/web" can\'t be had, for it is below "prod":');
    expect(shownLog(other)).toMatch(/Lock "prod\/web" is not held by this job\.$/);
    expectCourse(await running.end(), NORMAL);
    expect((await reserving.ended).code).toBe(0);
    const blocked = await runWith(
      [lockStep(store, { name: 'prod/api', 'on-busy': 'skip' })],
      jobOf(2, 'deploy'),
    );
    expect(blocked.steps.lock?.outputs.acquired).toBe('false');
    expect(shownLog(blocked)).toContain('Lock "prod" and all below it are reserved by "ann"');
    expect(shownLog(blocked)).toContain('"database upgrade"');
  });
});
