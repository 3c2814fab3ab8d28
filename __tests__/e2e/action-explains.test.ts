import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Hold, readHistory } from '../../src/lease/history.ts';
import { GitHubServer } from '../support/github-server.mjs';
import { killAll } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, rawLog, shownLog } from '../support/runner/runner.mjs';
import type { JobResult, JobSpec } from '../support/runner/types.ts';
import { SCRIPTED } from '../support/runner.test-fixtures/actions.ts';
import {
  DIST,
  expectCourse,
  Gate,
  heldIn,
  hold,
  LOCK,
  lockIn,
  lockStep,
  NODE,
  NORMAL,
  newStore,
  readStatus,
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

/* What the Action does and says when a lease is lost, and all that it tells of a hold: annotations, summary, notifications, history. */

jest.setTimeout(90_000);
afterEach(killJobs);
afterAll(removeAll);

const run = promisify(execFile);
const leasehold = (...args: string[]) => run(NODE, [join(DIST, 'cli/index.js'), ...args]);

const WORK = { id: 'work', run: 'echo working' };
const FAILED_AT_THE_END = ['lock.pre success', 'lock.main success', 'work.main success', 'lock.post failure'];
const GOLDEN = join(import.meta.dirname, 'golden');

/** Compares with a file of golden/. `LEASEHOLD_GOLDEN=write` makes it anew. */
function expectGolden(name: string, text: string): void {
  const file = join(GOLDEN, name);
  if (process.env.LEASEHOLD_GOLDEN === 'write') {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}

/** What differs from run to run, taken out. */
function steady(text: string): string {
  return text
    .replace(/runs\/\d+/g, 'runs/<id>')
    .replace(/\brun \d+/g, 'run <id>')
    .replace(/token \d{10}/g, 'token <token>')
    .replace(/(Fencing token \| )\d+/, '$1<token>')
    .replace(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<moment>')
    .replace(/2000-01-01 [\d:.]+/g, '<time>')
    .replace(/\b[0-9a-f]{32}\b/g, '<lease>')
    .replace(/\d+ms$/gm, '<ms>')
    .replace(/\b(\d+(\.\d)?(ms|s|m|h))+\b/g, '<duration>')
    .replace(/\/tmp\/leasehold-e2e-\w+/g, '<store>');
}

/** The annotations as a person sees them. */
function annotations({ annotations: all }: JobResult): string {
  return steady(
    all
      .map(({ level, properties, message }) => `${level}: ${properties.title ?? '–'}\n${message}\n`)
      .join('\n'),
  );
}

async function breakIt(store: string, leaseId: string, reason = 'stuck', by = 'mona'): Promise<void> {
  await leasehold('break', LOCK, '--store', store, '--lease', leaseId, '--reason', reason, '--by', by);
}

async function historyOf(store: string): Promise<readonly Hold[]> {
  return readHistory(await lockIn(store));
}

const until20 = <T>(what: string, condition: Parameters<typeof until<T>>[1]) =>
  until(what, condition, 20_000);

describe('on-lost: cancel-run', () => {
  const REPOSITORY = 'octo-org/octo-app';
  const TOKEN = 'ghs_aSecretOfThisVeryJob';
  const RUN = { repository: REPOSITORY, runId: 7_700, attempt: 1 };
  const CANCEL = { method: 'POST', path: `/repos/${REPOSITORY}/actions/runs/7700/cancel` };

  let github: GitHubServer;
  beforeEach(async () => {
    github = await GitHubServer.start();
    github.repositories.set(REPOSITORY, { private: true });
    github.tokens.set(TOKEN, { repositories: [REPOSITORY], actions: 'write' });
    github.setRun({ ...RUN, status: 'in_progress', conclusion: null });
  });
  afterEach(() => github.close());

  const spec = (): Partial<JobSpec> => ({
    github: { api_url: github.apiUrl, token: TOKEN, run_id: String(RUN.runId) },
  });
  const cancelling = (more: Record<string, string> = {}) => ({ 'on-lost': 'cancel-run', ...more });

  test('the right endpoint is called once, when the lease is lost and not at the end; the job is told and fails', async () => {
    const store = newStore();
    const { job, leaseId, folder } = await hold(store, cancelling(), spec());
    expect(github.requests).toEqual([]);
    await breakIt(store, leaseId);
    await until20('the request', () => github.requests.length > 0);
    await until('the outcome', () => {
      const state = readStatus(folder)?.state;
      return state?.kind === 'lost' && state.cancel !== undefined;
    });
    // What GitHub then does.
    job.cancel();
    const result = await job.done;
    expect(result.conclusion).toBe('cancelled');
    expect(github.requests).toMatchObject([{ ...CANCEL, status: 202 }]);
    expect(github.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(phaseOf(result, 'lock', 'post').status).toBe('failure');
    expectGolden('cancel-run.annotations.txt', annotations(result));
    expectGolden('cancel-run.summary.md', steady(result.steps.lock?.summary ?? ''));
  });

  test('without the permission the run goes on, and the job fails at its end with the line to add', async () => {
    github.tokens.set(TOKEN, { repositories: [REPOSITORY], actions: true });
    const store = newStore();
    const { leaseId, folder, end } = await hold(store, cancelling(), spec());
    await breakIt(store, leaseId);
    await until20('the outcome', () => {
      const state = readStatus(folder)?.state;
      return state?.kind === 'lost' && state.cancel !== undefined;
    });
    const result = await end();
    expectCourse(result, FAILED_AT_THE_END);
    expect(said(result, 'error')).toContain(
      'The run was to be cancelled: GitHub refuses (403, Resource not accessible by integration): add "actions: write" to the permissions of this job.',
    );
    expect(github.requests).toHaveLength(1);
  });

  test('a GitHub that does not answer is asked again, until it does', async () => {
    const outages: ('cut' | { status: number })[] = ['cut', { status: 502 }];
    github.onRequest = () => outages.shift();
    const store = newStore();
    const { leaseId, end } = await hold(store, cancelling(), spec());
    await breakIt(store, leaseId);
    await until20('it is accepted', () => github.requests.some(({ status }) => status === 202));
    const result = await end();
    expectCourse(result, FAILED_AT_THE_END);
    expect(github.requests.map(({ status }) => status)).toEqual([0, 502, 202]);
    expect(said(result, 'error')).toContain('The run was to be cancelled: GitHub has accepted it.');
  });

  test('a job that ends while GitHub does not answer does not wait for it', async () => {
    github.onRequest = () => 'hang';
    const store = newStore();
    const { leaseId, end } = await hold(store, cancelling(), spec());
    await breakIt(store, leaseId);
    await until20('the request', () => github.requests.length > 0);
    const result = await end();
    expectCourse(result, FAILED_AT_THE_END);
    expect(phaseOf(result, 'lock', 'post').durationMs).toBeLessThan(6_000);
    expect(said(result, 'error')).toMatch(
      /The run was to be cancelled: (GitHub did not answer|that was not done)/,
    );
  });

  test('a lease that is kept cancels nothing, and neither does one that is lost with another on-lost', async () => {
    const kept = await runWith([lockStep(newStore(), cancelling()), WORK], spec());
    expectCourse(kept, NORMAL);
    const store = newStore();
    const { leaseId, folder, end } = await hold(store, { 'on-lost': 'fail' }, spec());
    await breakIt(store, leaseId);
    await until20('the loss', () => readStatus(folder)?.state.kind === 'lost');
    expectCourse(await end(), FAILED_AT_THE_END);
    expect(github.requests).toEqual([]);
  });

  test('a keeper that main starts, for one that was killed, can cancel as well', async () => {
    const store = newStore();
    const pause = {
      id: 'other',
      uses: SCRIPTED,
      with: { pre: 'console.log("paused"); await new Promise((r) => setTimeout(r, 800))' },
    };
    const gate = new Gate();
    const job = startWith([lockStep(store, cancelling()), pause, gate.step], spec());
    await untilLine(job, 'paused');
    const { folder, holder } = stateOf(job.result);
    await killAll([readStatus(folder)?.keeper.pid ?? 0]);
    await untilLine(job, 'holding');
    await breakIt(store, holder.leaseId);
    await until20('the request', () => github.requests.length > 0);
    gate.open();
    await job.done;
    expect(github.requests).toMatchObject([{ ...CANCEL, status: 202 }]);
  });

  test.each([
    ['no token', cancelling({ 'github-token': '' }), 'on-lost and github-token: cancel-run needs a token'],
    [
      'no keeper',
      cancelling({ heartbeat: 'false' }),
      'on-lost and heartbeat: cancel-run is done by the keeper',
    ],
  ])('with %s the job does not begin', async (_, inputs, message) => {
    const store = newStore();
    const result = await runWith([lockStep(store, inputs), WORK], spec());
    expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
    expect(said(result, 'error')).toContain(message);
    expect(existsSync(store)).toBe(false);
  });

  test('the token is in no state, no file, no record, no command line and no environment', async () => {
    const store = newStore();
    const { job, folder, keeperPid, leaseId, end } = await hold(store, cancelling(), spec());
    const processFiles = ['environ', 'cmdline'].map((file) =>
      readFileSync(`/proc/${keeperPid}/${file}`, 'utf8'),
    );
    await breakIt(store, leaseId);
    await until20('the request', () => github.requests.length > 0);
    const files = [folder, recordFolder(store)].flatMap((path) =>
      readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8')),
    );
    const state = JSON.stringify(stateOf(job.result));
    const result = await end();
    for (const text of [...processFiles, ...files, state, result.steps.lock?.summary, shownLog(result)]) {
      expect(text).not.toContain(TOKEN);
    }
    const lines = rawLog(result).split('\n');
    expect(lines.filter((line) => line.includes(TOKEN) && !line.includes(`::add-mask::${TOKEN}`))).toEqual(
      [],
    );
  });
});

describe('one annotation for each thing', () => {
  test('a lock that is stolen, and the victim that learns of it', async () => {
    const store = newStore();
    const victim = await hold(store, { 'on-lost': 'warn' });
    await killAll([victim.keeperPid]);
    const thief = await hold(store);
    expectGolden('stolen-victim.annotations.txt', annotations(await victim.end()));
    const result = await thief.end();
    expectGolden('stolen-thief.annotations.txt', annotations(result));
    expectGolden('stolen-thief.summary.md', steady(result.steps.lock?.summary ?? ''));
  });

  test('a wait that is over, with a summary of who holds', async () => {
    const store = newStore();
    const holder = await hold(store, {
      reason: 'release | `1.2` <b>##[error]x</b>',
      'owner-id': 'night\u202ely',
    });
    const result = await runWith([lockStep(store, { 'wait-timeout': '1s' }), WORK]);
    expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
    expectGolden('timed-out.annotations.txt', annotations(result));
    expectGolden('timed-out.summary.md', steady(result.steps.lock?.summary ?? ''));
    await holder.end();
  });

  test('a lease that is broken by hostile words', async () => {
    const store = newStore();
    const { leaseId, folder, end } = await hold(store, { 'on-lost': 'fail' });
    await breakIt(
      store,
      leaseId,
      'a | b `c` ##[error]d\n::error::e <script>',
      '[x](https://evil.example) @octocat',
    );
    await until20('the loss', () => readStatus(folder)?.state.kind === 'lost');
    const result = await end();
    expectCourse(result, FAILED_AT_THE_END);
    expectGolden('broken.annotations.txt', annotations(result));
    expectGolden('broken.summary.md', steady(result.steps.lock?.summary ?? ''));
  });

  test('the moment from which the job was not alone is that of the break, not that of its discovery', async () => {
    const store = newStore();
    const { leaseId, folder, end } = await hold(store);
    const beforeMs = Math.floor(Date.now() / 1_000) * 1_000;
    await breakIt(store, leaseId);
    const afterMs = Date.now();
    const lost = await until20('the loss', () => {
      const state = readStatus(folder)?.state;
      return state?.kind === 'lost' && state;
    });
    expect(Date.parse(lost.aloneUntil)).toBeGreaterThanOrEqual(beforeMs);
    expect(Date.parse(lost.aloneUntil)).toBeLessThanOrEqual(afterMs);
    const result = await end();
    expect(said(result, 'warning')).toContain(
      `From ${lost.aloneUntil} on another job may have run beside this one.`,
    );
  });
});

describe('notify', () => {
  /** A command that writes what it is told to a file, and what it wrote. */
  function listener(): { command: string; told: () => Record<string, unknown>[] } {
    const file = join(temporary(), 'told');
    const told = () =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [];
    return { command: `cat >> '${file}'`, told };
  }
  const names = (told: Record<string, unknown>[]) => told.map(({ event }) => event);

  test('a job that waits, steals and releases tells all of it, in order', async () => {
    const store = newStore();
    const { command, told } = listener();
    const victim = await hold(store);
    await killAll([victim.keeperPid]);
    const thief = await hold(store, { notify: command, 'notify-after': '1s' });
    const token = (await heldIn(store)).token;
    expectCourse(await thief.end(), NORMAL);
    expect(names(told())).toEqual(['waited-too-long', 'stolen', 'acquired', 'released']);
    for (const document of told()) {
      expect(document).toMatchObject({ schema: 1, name: LOCK, self: { leaseId: thief.leaseId } });
      expect(document.at).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(document.store).toContain(store);
    }
    expect(told()).toMatchObject([
      { holder: { leaseId: victim.leaseId }, waitedMs: expect.any(Number) },
      { token, from: { leaseId: victim.leaseId }, because: 'expired' },
      { token, waitedMs: expect.any(Number) },
      { token, heldMs: expect.any(Number) },
    ]);
    expect(Number(told()[0]?.waitedMs)).toBeLessThan(5_000);
    await victim.end();
  });

  test('a loss is told by the keeper at once, with the environment of pre, and not again at the end', async () => {
    const store = newStore();
    const { command, told } = listener();
    const env = { WEBHOOK: 'https://hooks.example/secret' };
    const { leaseId, end } = await hold(
      store,
      { notify: `test "$WEBHOOK" = '${env.WEBHOOK}' && ${command}` },
      { env },
    );
    await breakIt(store, leaseId);
    await until20('the event', () => names(told()).includes('lost'));
    const result = await end();
    expectCourse(result, NORMAL);
    expect(names(told())).toEqual(['acquired', 'lost']);
    expect(told()[1]).toMatchObject({
      self: { leaseId },
      cause: { kind: 'broken', by: 'mona', reason: 'stuck' },
      aloneUntil: expect.stringMatching(/Z$/),
    });
    expect(result.annotations).toHaveLength(1);
  });

  test('a loss that no keeper saw is told by post', async () => {
    const store = newStore();
    const { command, told } = listener();
    const victim = await hold(store, { notify: command });
    await killAll([victim.keeperPid]);
    const thief = await hold(store);
    await victim.end();
    expect(names(told())).toEqual(['acquired', 'lost']);
    expect(told()[1]).toMatchObject({ cause: { kind: 'stolen', by: { leaseId: thief.leaseId } } });
    await thief.end();
  });

  test('a command that fails is one warning a phase, and changes nothing', async () => {
    const store = newStore();
    const result = await runWith([lockStep(store, { notify: 'echo no route >&2; exit 7' }), WORK]);
    expectCourse(result, NORMAL);
    expect(said(result, 'warning').split('\n')).toEqual([
      'The notify command failed for "acquired": exit status 7: no route. Nothing else changes by it.',
      'The notify command failed for "released": exit status 7: no route. Nothing else changes by it.',
    ]);
  });

  test('a cancel does not wait for it', async () => {
    const store = newStore();
    const holder = await hold(store);
    const job = startWith([lockStep(store, { notify: 'sleep 25', 'notify-after': '0s' }), WORK]);
    await untilLine(job, 'is held by');
    await until('the command', () => true);
    const cancelledMs = Date.now();
    job.cancel();
    await job.done;
    expect(Date.now() - cancelledMs).toBeLessThan(6_000);
    await holder.end();
  });
});

describe('history', () => {
  test('released, stolen and lost holds, and what a waiter is told by them', async () => {
    const store = newStore();
    for (let n = 0; n < 3; n += 1) expectCourse(await runWith([lockStep(store), WORK]), NORMAL);
    expect((await historyOf(store)).map(({ how }) => how)).toEqual(['released', 'released', 'released']);

    const victim = await hold(store);
    const victims = await heldIn(store);
    await killAll([victim.keeperPid]);
    const thief = startWith([lockStep(store), { id: 'work', run: 'sleep 3' }]);
    await thief.until('phase-end', ({ step, phase }) => step === 'lock' && phase === 'pre');
    expect(shownLog(thief.result)).toMatch(
      / {2}usual {3}(about \w+ left|longer than usual); it is usually held for \S+ \(median of 3 holds\)\n/,
    );
    // Told by the thief's keeper, while it holds.
    await until('the victim in the history', async () => (await historyOf(store)).length === 4);
    expect((await historyOf(store))[0]).toMatchObject({
      how: 'stolen',
      leaseId: victim.leaseId,
      token: victims.token,
    });
    expect((await historyOf(store))[0]).not.toHaveProperty('waitedMs');
    await victim.end();
    // And by the victim's post, which knows more.
    expect((await historyOf(store))[0]).toMatchObject({ how: 'stolen', waitedMs: expect.any(Number) });
    expectCourse(await thief.done, NORMAL);

    const broken = await hold(store);
    await breakIt(store, broken.leaseId);
    await until20('the loss', () => readStatus(broken.folder)?.state.kind === 'lost');
    await broken.end();
    const holds = await historyOf(store);
    expect(holds.map(({ how }) => how)).toEqual([
      'broken',
      'released',
      'stolen',
      'released',
      'released',
      'released',
    ]);
    expect(holds[0]).toMatchObject({
      leaseId: broken.leaseId,
      runUrl: expect.stringContaining('/actions/runs/'),
      waitedMs: expect.any(Number),
      heldMs: expect.any(Number),
    });

    const shown = await leasehold('history', LOCK, '--store', store);
    expect(shown.stdout.split('\n')[0]).toMatch(/^ENDED +HOW +HELD +WAITED +TOKEN +OWNER +RUN$/);
    expect(shown.stdout).toMatch(/\nIt is usually held for \S+ \(median of 4 holds\)\.\n$/);
    const json = JSON.parse((await leasehold('history', LOCK, '--store', store, '--json')).stdout);
    expect(json).toEqual({ name: LOCK, store, usuallyHeldMs: expect.any(Number), holds });
    // It is no lock.
    const listed = JSON.parse((await leasehold('list', '--store', store, '--json')).stdout);
    expect(listed).toHaveLength(1);
  });

  test('a hold without a keeper, or whose keeper died, is in it too', async () => {
    const store = newStore();
    expectCourse(await runWith([lockStep(store, { heartbeat: 'false' }), WORK]), NORMAL);
    const { keeperPid, end } = await hold(store);
    await killAll([keeperPid]);
    expectCourse(await end(), NORMAL);
    const holds = await historyOf(store);
    expect(holds.map(({ how }) => how)).toEqual(['released', 'released']);
    for (const each of holds)
      expect(each).toMatchObject({ waitedMs: expect.any(Number), heldMs: expect.any(Number) });
  });
});
