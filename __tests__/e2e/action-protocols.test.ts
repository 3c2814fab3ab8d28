import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { type ProtocolStatus, parseProtocolStatus } from '../../src/keeper/protocol-handover.ts';
import type { ProtocolName } from '../../src/protocols/protocol.ts';
import { GitHubServer } from '../support/github-server.mjs';
import { isAlive, killAll } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, type RunningJob, shownLog } from '../support/runner/runner.mjs';
import type { ActionStep, JobResult, JobSpec } from '../support/runner/types.ts';
import { SCRIPTED } from '../support/runner.test-fixtures/actions.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';
import {
  expectCourse,
  Gate,
  killPhase,
  NORMAL,
  ROOT,
  removeAll,
  runWith,
  said,
  startWith,
  temporary,
  until,
  untilLine,
} from './action-jobs.ts';

/* The action with the locks of other programs, each of them through pre, main and post, with cancels, kills and losses. */

jest.setTimeout(120_000);
afterAll(killJobs);
afterAll(removeAll);

interface Kind {
  readonly protocol: ProtocolName;
  /** What is locked, in a folder of its own. */
  readonly pathIn: (folder: string) => string;
  /** The file in that folder that is the lock. */
  readonly file: string;
  /** What a record says of the process that holds it. */
  readonly pidIn?: (record: string) => number;
  /** What lets a dead holder's lock be taken over. */
  readonly stale: Record<string, string>;
}

const PID: Kind = {
  protocol: 'pid',
  pathIn: (folder) => join(folder, 'agent.lock'),
  file: 'agent.lock',
  pidIn: Number,
  stale: {},
};
const VFS: Kind = {
  protocol: 'vfs',
  pathIn: (folder) => join(folder, 'data.csv'),
  file: 'data.csv.lock',
  pidIn: (record) => JSON.parse(record).pid,
  stale: { ttl: '5s' },
};
const LEVELS: Kind = {
  protocol: 'levels',
  pathIn: (folder) => folder,
  file: 'lock0',
  pidIn: (record) => Number(/^PID:(\d+)$/m.exec(record)?.[1]),
  stale: {},
};
const LOCKFILE: Kind = {
  protocol: 'asterisk-lockfile',
  pathIn: (folder) => folder,
  file: '.lock',
  stale: { ttl: '5s' },
};
const FLOCK: Kind = { protocol: 'asterisk-flock', pathIn: (folder) => folder, file: 'lock', stale: {} };
const KINDS = [PID, VFS, LEVELS, LOCKFILE, FLOCK];
const each = KINDS.map((kind) => [kind.protocol, kind] as const);

/** One lock in a folder of its own. */
class Lock {
  readonly folder = mkdtempSync(join(temporary(), 'x'));
  readonly kind: Kind;
  constructor(kind: Kind) {
    this.kind = kind;
  }

  get path(): string {
    return this.kind.pathIn(this.folder);
  }

  get file(): string {
    return join(this.folder, this.kind.file);
  }

  /** Whether somebody has it, as another program sees that. */
  get held(): boolean {
    if (this.kind !== FLOCK) return existsSync(this.file);
    return existsSync(this.file) && spawnSync('flock', ['-n', '-E', '75', this.file, 'true']).status === 75;
  }

  /** All files there, but the lock of a protocol that never removes it. */
  get left(): string[] {
    return readdirSync(this.folder).filter((name) => !(this.kind === FLOCK && name === 'lock'));
  }

  step(inputs: Record<string, string> = {}, step: Partial<ActionStep> = {}): ActionStep {
    return {
      id: 'lock',
      uses: ROOT,
      with: { protocol: this.kind.protocol, path: this.path, ...inputs },
      ...step,
    };
  }
}

const WORK = { id: 'work', run: 'echo "working, token $LEASEHOLD_TOKEN."' };
const FAILED_AT_THE_END = ['lock.pre success', 'lock.main success', 'work.main success', 'lock.post failure'];
const FAILED_IN_PRE = ['lock.pre failure', 'lock.main skipped', 'work.main skipped', 'lock.post success'];

interface Held {
  readonly job: RunningJob;
  readonly folder: string;
  readonly keeperPid: number;
  readonly end: () => Promise<JobResult>;
}

/** A job that has the lock by now, and until `end`. */
async function hold(
  lock: Lock,
  inputs: Record<string, string> = {},
  spec: Partial<JobSpec> = {},
): Promise<Held> {
  const gate = new Gate();
  const job = startWith([lock.step(inputs), gate.step], spec);
  await untilLine(job, 'holding');
  const folder = folderOf(job.result);
  return {
    job,
    folder,
    keeperPid: statusIn(folder)?.keeper.pid ?? 0,
    end: () => {
      gate.open();
      return job.done;
    },
  };
}

function folderOf(result: JobResult): string {
  return JSON.parse(result.steps.lock?.state.protocol ?? '{}').folder;
}

/** The folder of the only hold of a job whose pre still runs. */
function waitingFolder(job: RunningJob): string {
  const folders = join(job.directories.temp, 'leasehold');
  return join(folders, readdirSync(folders)[0] ?? '');
}

function statusIn(folder: string): ProtocolStatus | undefined {
  try {
    return parseProtocolStatus(readFileSync(join(folder, 'status.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

// Jest runs those side by side that stand in no `describe`: the longest first.
test.concurrent('max-hold: when it is over the lock is given back, for nothing else would free it, and the job is told', async () => {
  const lock = new Lock(LEVELS);
  const { folder, end } = await hold(lock, { 'max-hold': '1m', 'on-lost': 'fail' });
  await until('the end of the longest hold', () => statusIn(folder)?.state.kind === 'lost', 70_000);
  expect(lock.held).toBe(false);
  const result = await end();
  expectCourse(result, FAILED_AT_THE_END);
  expect(said(result, 'error')).toContain('it was held for the maximum of 1m. From 20');
});

test.concurrent('max-hold: with a ttl the lock is not renewed any more, and post frees it', async () => {
  const lock = new Lock(VFS);
  const { folder, end } = await hold(lock, { 'max-hold': '1m', ttl: '2m' });
  await until('the end of the longest hold', () => statusIn(folder)?.state.kind === 'lost', 70_000);
  expect(lock.held).toBe(true);
  const result = await end();
  expectCourse(result, NORMAL);
  expect(said(result, 'warning')).toContain('it was held for the maximum of 1m. From 20');
  expect(lock.left).toEqual([]);
});

test.concurrent('the keeper stands still when the job ends: post gives the lock back without it, in its time', async () => {
  const lock = new Lock(VFS);
  const { keeperPid, end } = await hold(lock);
  process.kill(keeperPid, 'SIGSTOP');
  const result = await end();
  expectCourse(result, NORMAL);
  expect(phaseOf(result, 'lock', 'post').durationMs).toBeLessThan(20_000);
  expect(said(result, 'warning')).toMatch(/^The keeper of lock ".*" did not answer \(its log ends: /);
  expect(lock.left).toEqual([]);
  expect(result.swept.map(({ pid }) => pid)).toEqual([keeperPid]);
});

test.concurrent('asterisk-flock: the keeper stands still when the job ends: post says what frees the lock, and the runner ends it', async () => {
  const lock = new Lock(FLOCK);
  const { keeperPid, end } = await hold(lock);
  process.kill(keeperPid, 'SIGSTOP');
  const result = await end();
  expectCourse(result, NORMAL);
  expect(said(result, 'warning')).toMatch(
    /^Lock ".*" could not be released: its keeper \(process \d+\) does not answer, and the lock is free when that ends$/,
  );
  await until('the runner has ended the keeper', () => !lock.held);
});

test.concurrent.each(each)(
  '%s: the lock is taken before the first step, held through the job, and given back',
  async (_, kind) => {
    const lock = new Lock(kind);
    const holder = await hold(lock);
    expect(lock.held).toBe(true);
    expect(isAlive(holder.keeperPid)).toBe(true);
    if (kind.pidIn) expect(kind.pidIn(readFileSync(lock.file, 'utf8'))).toBe(holder.keeperPid);
    const result = await holder.end();
    expectCourse(result, NORMAL);
    expect(lock.held).toBe(false);
    expect(lock.left).toEqual([]);
    expect(isAlive(holder.keeperPid)).toBe(false);
    expect(result.annotations).toEqual([]);
    expect(result.swept).toEqual([]);
    const { outputs = {}, summary = '' } = result.steps.lock ?? {};
    expect(outputs).toEqual({
      acquired: 'true',
      token: '',
      lease: '',
      'waited-ms': expect.stringMatching(/^\d+$/),
      'stolen-from': '',
    });
    expect(result.env.LEASEHOLD_TOKEN).toBeUndefined();
    expect(summary).toContain(`| Protocol | \`${kind.protocol}\` |`);
    expect(summary).toMatch(/\| Held \| [\d.]+m?s, `released` \|/);
    const log = shownLog(result);
    expect(log).toContain(`The protocol ${kind.protocol} has no fencing token`);
    expect(log).toMatch(
      new RegExp(`Lock "${lock.path}" acquired after \\d+ms: held by process ${holder.keeperPid}`),
    );
    expect(log).toContain(`Lock "${lock.path}" is released.`);
    expect(result.phases.map(({ heldByStdoutMs }) => heldByStdoutMs < 300)).toEqual([true, true, true, true]);
  },
);

test.concurrent.each(each)('%s: jobs exclude each other, and who waits is told of whom', async (_, kind) => {
  const lock = new Lock(kind);
  const first = await hold(lock);
  const second = startWith([lock.step(), WORK]);
  await untilLine(second, 'is held by');
  const releasing = first.end();
  const [a, b] = await Promise.all([releasing, second.done]);
  expectCourse(b, NORMAL);
  expect(b.annotations).toEqual([]);
  expect(shownLog(b)).toMatch(new RegExp(`Lock "${lock.path}" \\(${kind.protocol}\\) is held by .*\\.\n`));
  expect(shownLog(b)).toMatch(/\n {2}state {3}\S.*\n {2}policy {2}\S/);
  const endOfWork = a.log.findLast(({ step }) => step === 'work')?.atMs ?? Number.POSITIVE_INFINITY;
  const entered = b.log.find(({ raw }) => raw.includes('acquired after'))?.atMs ?? 0;
  expect(entered).toBeGreaterThanOrEqual(endOfWork);
  expect(Number(b.steps.lock?.outputs['waited-ms'])).toBeGreaterThan(0);
});

test.concurrent.each(each)('%s: a cancel while it holds: post gives the lock back', async (_, kind) => {
  const lock = new Lock(kind);
  const { job, keeperPid } = await hold(lock);
  job.cancel();
  const result = await job.done;
  expectCourse(result, ['lock.pre success', 'lock.main success', 'work.main cancelled', 'lock.post success']);
  expect(lock.held).toBe(false);
  expect(lock.left).toEqual([]);
  expect(isAlive(keeperPid)).toBe(false);
  expect(result.annotations).toEqual([]);
  expect(result.swept).toEqual([]);
});

test.concurrent.each(each)(
  '%s: a cancel while it waits: it ends at once, and the lock is untouched',
  async (_, kind) => {
    const lock = new Lock(kind);
    const holder = await hold(lock);
    const waiter = startWith([lock.step(), WORK]);
    await untilLine(waiter, 'is held by');
    const before = [
      readdirSync(lock.folder).filter((name) => name === kind.file),
      kind.pidIn ? readFileSync(lock.file) : '',
    ];
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
    expect(said(result, 'error')).toBe(
      `Cancelled while waiting for lock "${lock.path}". Nothing is left behind.`,
    );
    expect([
      readdirSync(lock.folder).filter((name) => name === kind.file),
      kind.pidIn ? readFileSync(lock.file) : '',
    ]).toEqual(before);
    expect(result.swept).toEqual([]);
    expectCourse(await holder.end(), NORMAL);
  },
);

test.concurrent.each(each)('%s: on-busy fail, skip, and a wait in vain', async (_, kind) => {
  const lock = new Lock(kind);
  const holder = await hold(lock);
  const failed = await runWith([lock.step({ 'on-busy': 'fail' }), WORK]);
  expectCourse(failed, FAILED_IN_PRE);
  const help =
    kind === FLOCK
      ? /It can't be broken by hand: it is free when process \d+ ends\.$/
      : /npx leasehold break --protocol \S+ --path \S+ --reason '…'$/;
  expect(said(failed, 'error')).toMatch(
    new RegExp(`^Lock "${lock.path}" \\(${kind.protocol}\\) is held by `),
  );
  expect(said(failed, 'error')).toMatch(help);
  expect(failed.annotations.map(({ properties }) => properties.title)).toEqual([
    `Lock "${lock.path}" is busy`,
  ]);
  if (kind.pidIn) expect(said(failed, 'error')).toContain(`process ${holder.keeperPid}`);

  const skipped = await runWith([lock.step({ 'on-busy': 'skip' }), WORK]);
  expectCourse(skipped, NORMAL);
  const { outputs = {}, summary = '' } = skipped.steps.lock ?? {};
  expect(Object.keys(outputs).sort()).toEqual(['acquired', 'holder', 'waited-ms']);
  expect(outputs.acquired).toBe('false');
  expect(JSON.parse(outputs.holder ?? '')).toMatchObject({
    protocol: kind.protocol,
    path: lock.path,
    ...(kind.pidIn ? { pid: holder.keeperPid, standing: { holder: 'alive', takeable: false } } : {}),
  });
  expect(said(skipped, 'notice')).toMatch(/^Skipped: Lock "/);
  expect(summary).toContain(`### Lock \`${lock.path}\`: skipped`);

  const inVain = await runWith([lock.step({ 'wait-timeout': '1500ms' }), WORK]);
  expectCourse(inVain, FAILED_IN_PRE);
  expect(said(inVain, 'error')).toMatch(/^The wait of 1\.\ds is over \(input wait-timeout\)\.\nLock "/);
  expect(phaseOf(inVain, 'lock', 'pre').durationMs).toBeGreaterThanOrEqual(1_500);
  expect(lock.held).toBe(true);
  expectCourse(await holder.end(), NORMAL);
});

const outlive = KINDS.filter((kind) => kind !== FLOCK).map((kind) => [kind.protocol, kind] as const);

test.concurrent.each(outlive)(
  '%s: the keeper is killed and nobody takes the lock: post gives it back, and warns',
  async (_, kind) => {
    const lock = new Lock(kind);
    const { keeperPid, end } = await hold(lock, { 'on-lost': 'fail' });
    await killAll([keeperPid]);
    expect(lock.held).toBe(true);
    const result = await end();
    expectCourse(result, NORMAL);
    expect(said(result, 'warning')).toMatch(
      /^The keeper of lock ".*" died \(its log ends: .*keeping .*\) before the job was over\. .*so the job was alone\.$/,
    );
    expect(lock.left).toEqual([]);
  },
);

test.concurrent.each(['warn', 'fail'])(
  'asterisk-flock: the keeper is killed, and so the lock is free: on-lost: %s',
  async (onLost) => {
    const lock = new Lock(FLOCK);
    const { keeperPid, end } = await hold(lock, { 'on-lost': onLost });
    await killAll([keeperPid]);
    await until('the system frees the lock', () => !lock.held);
    const result = await end();
    expectCourse(result, onLost === 'fail' ? FAILED_AT_THE_END : NORMAL);
    expect(said(result, onLost === 'fail' ? 'error' : 'warning')).toMatch(
      /^Lock ".*" was lost while the job ran: its keeper died, and the system frees the lock with it .*\. From 20\S+Z on another holder may have been beside this job\.$/,
    );
  },
);

test.concurrent.each([
  ['pid', PID],
  ['levels', LEVELS],
] as const)('%s: the keeper is killed and another job takes over: the loss is told', async (_, kind) => {
  const lock = new Lock(kind);
  const victim = await hold(lock, { 'on-lost': 'fail' });
  await killAll([victim.keeperPid]);
  const next = await hold(lock);
  const record = readFileSync(lock.file, 'utf8');
  const result = await victim.end();
  expectCourse(result, FAILED_AT_THE_END);
  expect(said(result, 'error')).toMatch(
    /^Lock ".*" was lost while the job ran: .*From 20\S+Z on another holder/,
  );
  expect(result.steps.lock?.summary).toMatch(/\| Held \| [\d.]+m?s, `lost: /);
  expect(readFileSync(lock.file, 'utf8')).toBe(record);
  const taker = await next.end();
  expectCourse(taker, NORMAL);
  expect(said(taker, 'warning')).toMatch(
    new RegExp(`^Lock ".*" was taken over from process ${victim.keeperPid} \\(.*\\)\\.$`),
  );
  expect(JSON.parse(taker.steps.lock?.outputs['stolen-from'] ?? '')).toMatchObject({
    pid: victim.keeperPid,
    standing: { holder: 'finished' },
  });
});

test.concurrent.each(each)(
  '%s: the machine of the holder is lost: the next job gets the lock',
  async (_, kind) => {
    const lock = new Lock(kind);
    const { job, keeperPid } = await hold(lock, kind.stale);
    // As a machine that is cut off: no process of the job is left, and nothing was given back.
    await killAll([keeperPid]);
    await job.kill();
    const result = await runWith([lock.step({ ...kind.stale, 'wait-timeout': '30s' }), WORK]);
    expectCourse(result, NORMAL);
    if (kind === FLOCK) expect(result.annotations).toEqual([]);
    else expect(said(result, 'warning')).toMatch(/^Lock ".*" was taken over from /);
    expect(lock.left).toEqual([]);
  },
);

test.concurrent.each(each)(
  '%s: the worker dies: the keeper ends, and nobody is locked out for ever',
  async (_, kind) => {
    const lock = new Lock(kind);
    const { job, keeperPid, folder } = await hold(lock, kind.stale);
    await job.killWorker();
    await until('the keeper ends', () => !isAlive(keeperPid), 5_000);
    // With a ttl the lock runs out, for the job's processes may live on for a while; without one nothing else would free it.
    const runsOut = kind.stale.ttl !== undefined;
    expect(lock.held).toBe(runsOut);
    expect(statusIn(folder)?.state.kind).toBe(runsOut ? 'failed' : 'released');
    await job.sweep();
    expectCourse(await runWith([lock.step({ ...kind.stale, 'wait-timeout': '30s' }), WORK]), NORMAL);
  },
);

/** What a program that does not keep to the protocol does: the lock is gone, or somebody else's. */
function compromise(lock: Lock): void {
  rmSync(lock.file);
  writeFileSync(lock.file, lock.kind === PID ? '1\n' : '');
}

test.concurrent.each(each)(
  '%s: somebody removes the lock and makes another: the loss is told with its time, theirs is left alone',
  async (_, kind) => {
    const lock = new Lock(kind);
    const { folder, end } = await hold(lock, { 'on-lost': 'fail' });
    compromise(lock);
    const status = await until('the keeper notices', () => {
      const now = statusIn(folder);
      return now?.state.kind === 'lost' && now;
    });
    expect(status.state).toMatchObject({ cause: { kind: 'compromised' } });
    const result = await end();
    expectCourse(result, FAILED_AT_THE_END);
    expect(said(result, 'error')).toMatch(
      /^Lock ".*" was lost while the job ran, at 20\S+Z: .*\. From 20\S+Z on another holder may have been beside this job\.$/,
    );
    expect(result.annotations.map(({ properties }) => properties.title)).toEqual([
      `Lock "${lock.path}" was lost`,
    ]);
    expect(result.steps.lock?.summary).toContain('| Alone until |');
    expect(existsSync(lock.file)).toBe(true);
  },
);

test.concurrent('on-lost: warn, and the notify command is told of all of it', async () => {
  const lock = new Lock(PID);
  const told = join(temporary(), 'told');
  const { folder, end } = await hold(lock, { notify: `cat >>'${told}'` });
  compromise(lock);
  await until('the keeper notices', () => statusIn(folder)?.state.kind === 'lost');
  const result = await end();
  expectCourse(result, NORMAL);
  expect(said(result, 'warning')).toMatch(/^Lock ".*" was lost while the job ran/);
  const events = readFileSync(told, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ event }) => event)).toEqual(['acquired', 'lost']);
  expect(events[1]).toMatchObject({
    schema: 1,
    protocol: 'pid',
    path: lock.path,
    cause: { kind: 'compromised' },
    text: expect.stringMatching(/^Lock ".*" was lost by run \d+ /),
  });
});

test.concurrent('notify: taken over, acquired, released; waited too long', async () => {
  const lock = new Lock(PID);
  const told = join(temporary(), 'told');
  const notify = `cat >>'${told}'`;
  const first = await hold(lock);
  const second = startWith([lock.step({ notify, 'notify-after': '500ms' }), WORK]);
  await until('a long wait is told', () => existsSync(told));
  await killAll([first.keeperPid]);
  expectCourse(await second.done, NORMAL);
  const events = readFileSync(told, 'utf8').trim().split('\n');
  expect(events.map((line) => JSON.parse(line).event)).toEqual([
    'waited-too-long',
    'stolen',
    'acquired',
    'released',
  ]);
  expect(JSON.parse(events[1] ?? '')).toMatchObject({ from: { pid: first.keeperPid, protocol: 'pid' } });
  await first.end();
});

test.concurrent("on-stale: a command that fails leaves a dead holder's lock alone, one that succeeds was given it as JSON", async () => {
  const lock = new Lock(PID);
  writeFileSync(lock.file, '4194303\n');
  const refused = await runWith([
    lock.step({ 'on-stale': 'echo "prod is red"; exit 1', 'wait-timeout': '1s' }),
    WORK,
  ]);
  expectCourse(refused, FAILED_IN_PRE);
  expect(shownLog(refused)).toContain('exit status 1: prod is red');
  expect(readFileSync(lock.file, 'utf8')).toBe('4194303\n');
  const allowed = await runWith([
    lock.step({ 'on-stale': `grep -q '"protocol":"pid".*"pid":4194303.*"record":"4194303'` }),
    WORK,
  ]);
  expectCourse(allowed, NORMAL);
  expect(said(allowed, 'warning')).toMatch(/was taken over from process 4194303/);
});

test.concurrent("stale-policy never: a dead holder's lock is left alone, and the log says what frees it", async () => {
  const lock = new Lock(PID);
  writeFileSync(lock.file, '4194303\n');
  const result = await runWith([lock.step({ 'stale-policy': 'never', 'wait-timeout': '500ms' }), WORK]);
  expectCourse(result, FAILED_IN_PRE);
  expect(shownLog(result)).toContain('policy  never: it could be taken over, but stale-policy is never');
  expect(readFileSync(lock.file, 'utf8')).toBe('4194303\n');
});

test.concurrent('lock-delay: the job begins that much later after a lock was taken over', async () => {
  const lock = new Lock(PID);
  writeFileSync(lock.file, '4194303\n');
  const result = await runWith([lock.step({ 'lock-delay': '2s' }), WORK]);
  expectCourse(result, NORMAL);
  expect(phaseOf(result, 'lock', 'pre').durationMs).toBeGreaterThanOrEqual(2_000);
  expect(said(result, 'warning')).toContain('The job begins in 2s (lock-delay).');
});

test.concurrent('the keeper is killed before main: main fails, nothing runs unprotected, and the lock is given back', async () => {
  const lock = new Lock(PID);
  const pause = {
    id: 'other',
    uses: SCRIPTED,
    with: { pre: 'console.log("paused"); await new Promise((r) => setTimeout(r, 1500))' },
  };
  const job = startWith([lock.step(), pause, WORK]);
  await untilLine(job, 'paused');
  await killAll([statusIn(folderOf(job.result))?.keeper.pid ?? 0]);
  const result = await job.done;
  expect(phaseOf(result, 'lock', 'main').status).toBe('failure');
  expect(phaseOf(result, 'work', 'main').status).toBe('skipped');
  expect(result.steps.lock?.outputs.acquired).toBe('false');
  expect(said(result, 'error')).toMatch(
    /^Lock ".*" is lost before this step began: its keeper died \(its log ends: .*\)\. Nothing protects the steps that follow\.$/,
  );
  expect(lock.left).toEqual([]);
});

test.concurrent.each(each)(
  '%s: pre is killed while it waits: the lock is still the other holder’s, and its keeper ends with the job',
  async (_, kind) => {
    const lock = new Lock(kind);
    const holder = await hold(lock);
    const job = startWith([lock.step(), WORK]);
    const { pid } = await job.until('phase-start', ({ phase }) => phase === 'pre');
    await untilLine(job, 'is held by');
    const keeper = statusIn(waitingFolder(job))?.keeper.pid ?? 0;
    expect(isAlive(keeper)).toBe(true);
    process.kill(pid, 'SIGKILL');
    const result = await job.done;
    expect(phaseOf(result, 'lock', 'post').status).toBe('success');
    expect(isAlive(keeper)).toBe(false);
    expect(lock.held).toBe(true);
    expectCourse(await holder.end(), NORMAL);
    expect(lock.left).toEqual([]);
  },
);

test.concurrent('a pre that hears no signal (a container job) gives up when post has closed the hold', async () => {
  const lock = new Lock(PID);
  const holder = await hold(lock);
  const waiter = startWith([lock.step(), WORK]);
  await untilLine(waiter, 'is held by');
  writeFileSync(join(waitingFolder(waiter), 'closed'), '');
  expectCourse(await holder.end(), NORMAL);
  const result = await waiter.done;
  expect(phaseOf(result, 'lock', 'pre')).toMatchObject({ status: 'failure', signalled: [] });
  expect(said(result, 'error')).toMatch(/^Cancelled while waiting for lock /);
  expect(lock.left).toEqual([]);
});

test('pre is killed at any time: the job ends with the lock free for the next one', async () => {
  const lives = 16;
  const lock = new Lock(PID);
  // The first of all is slower than those that follow.
  await runWith([lock.step(), WORK]);
  const unharmed = await runWith([lock.step(), WORK]);
  const lifeMs = phaseOf(unharmed, 'lock', 'pre').durationMs;
  let killed = 0;
  for (let life = 0; life < lives; life += 1) {
    const job = startWith([lock.step(), WORK]);
    const { pid } = await job.until('phase-start', ({ phase }) => phase === 'pre');
    await sleep((lifeMs * life) / lives);
    killPhase(job, pid);
    const result = await job.done;
    expect(phaseOf(result, 'lock', 'post').status).toBe('success');
    expect([life, lock.left]).toEqual([life, []]);
    if (result.phases[0]?.signal === 'SIGKILL') killed += 1;
  }
  expect(killed).toBeGreaterThan(lives / 3);
});

describe('on-lost: cancel-run', () => {
  const REPOSITORY = 'octo-org/octo-app';
  const TOKEN = 'ghs_aSecretOfThisVeryJob';

  test('the run is cancelled when the lock is lost; the token is in no file of the hold', async () => {
    const github = await GitHubServer.start();
    try {
      github.repositories.set(REPOSITORY, { private: true });
      github.tokens.set(TOKEN, { repositories: [REPOSITORY], actions: 'write' });
      const run = { repository: REPOSITORY, runId: 7_700, attempt: 1 };
      github.setRun({ ...run, status: 'in_progress', conclusion: null });
      const lock = new Lock(LEVELS);
      const { folder, end, job } = await hold(
        lock,
        { 'on-lost': 'cancel-run' },
        { github: { api_url: github.apiUrl, token: TOKEN, run_id: '7700' } },
      );
      compromise(lock);
      await until('the outcome', () => {
        const state = statusIn(folder)?.state;
        return state?.kind === 'lost' && state.cancel !== undefined;
      });
      const kept = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
      expect([...kept, JSON.stringify(job.result.steps.lock?.state)].join()).not.toContain(TOKEN);
      const result = await end();
      expectCourse(result, FAILED_AT_THE_END);
      expect(github.requests).toMatchObject([
        { method: 'POST', path: `/repos/${REPOSITORY}/actions/runs/7700/cancel`, status: 202 },
      ]);
      expect(said(result, 'error')).toContain('The run was to be cancelled: GitHub has accepted it.');
    } finally {
      await github.close();
    }
  });
});

describe('vfs on S3', () => {
  const REQUIRED = { 'wait-timeout': '30s', ttl: '15s' };

  test('the sidecar object is created, seen by who waits, and removed; that of a keeper that was killed too', async () => {
    const server = await startMiniflareS3({ clock: true });
    try {
      const env = {
        AWS_ACCESS_KEY_ID: server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
      };
      const account = { env, processEnv: { HOME: temporary() } };
      const path = server.url.replace('?', '/data.csv?');
      const step = { id: 'lock', uses: ROOT, with: { protocol: 'vfs', path, ...REQUIRED } };
      const gate = new Gate();
      const first = startWith([step, gate.step], account);
      await untilLine(first, 'holding');
      const keeperPid = statusIn(folderOf(first.result))?.keeper.pid ?? 0;
      const busy = await runWith([{ ...step, with: { ...step.with, 'on-busy': 'fail' } }, WORK], account);
      expect(said(busy, 'error')).toContain(`process ${keeperPid}`);
      await killAll([keeperPid]);
      gate.open();
      const result = await first.done;
      expectCourse(result, NORMAL);
      expect(said(result, 'warning')).toMatch(/^The keeper of lock ".*" died /);
      const second = await runWith([step, WORK], account);
      expectCourse(second, NORMAL);
      expect(second.annotations).toEqual([]);
      expect(Number(second.steps.lock?.outputs['waited-ms'])).toBeLessThan(5_000);
      for (const job of [result, second, busy]) {
        expect(JSON.stringify(job.steps.lock?.state)).not.toContain(server.secretAccessKey);
      }
    } finally {
      await server.close();
    }
  });
});

test.concurrent.each([
  ['', ''],
  ['/', '/'],
  ['', '//'],
])(
  'one lock twice in one job, written with %p and %p, is an error at once, and the first is given back',
  async (first, second) => {
    const lock = new Lock(LOCKFILE);
    const [path, again] = [`${lock.path}${first}`, `${lock.path}${second}`];
    const result = await runWith([lock.step({ path }), lock.step({ path: again }, { id: 'again' }), WORK]);
    expect(phaseOf(result, 'again', 'pre').status).toBe('failure');
    expect(said(result, 'error')).toBe(
      `path: lock "${again}" is held by an earlier step of this very job, until the job ends; to wait for it would be to wait for ever. Take it once for each job.`,
    );
    expect(lock.left).toEqual([]);
  },
);

test.concurrent('two locks of one job, by two protocols, and a lease', async () => {
  const [pid, levels] = [new Lock(PID), new Lock(LEVELS)];
  const lease = { id: 'lease', uses: ROOT, with: { name: 'deploy', store: join(temporary(), 'locks') } };
  const result = await runWith([pid.step(), levels.step({}, { id: 'second' }), lease, WORK]);
  expect(result.conclusion).toBe('success');
  expect(result.annotations).toEqual([]);
  expect(shownLog(result)).toMatch(/working, token \d{10}\./);
  expect([...pid.left, ...levels.left]).toEqual([]);
  expect(result.swept).toEqual([]);
});

test.concurrent('a local action, which gets no pre: main takes the lock', async () => {
  const lock = new Lock(LEVELS);
  const result = await runWith([lock.step({}, { local: true }), WORK]);
  expectCourse(result, ['lock.main success', 'work.main success', 'lock.post success']);
  expect(result.steps.lock?.outputs.acquired).toBe('true');
  expect(lock.left).toEqual([]);
  expect(result.swept).toEqual([]);
});

test.concurrent('continue-on-error after a wait in vain: main fails, for the lock is absent', async () => {
  const lock = new Lock(PID);
  const holder = await hold(lock);
  const result = await runWith([lock.step({ 'on-busy': 'fail' }, { continueOnError: true }), WORK]);
  expectCourse(result, ['lock.pre failure', 'lock.main failure', 'work.main success', 'lock.post success']);
  expect(said(result, 'error')).toContain('This job does not have the lock');
  expect(result.steps.lock?.outputs.acquired).toBe('false');
  expectCourse(await holder.end(), NORMAL);
});

test.concurrent('enabled: false: nothing is done and nothing is asked of the other inputs', async () => {
  const lock = new Lock(PID);
  const result = await runWith([lock.step({ enabled: 'false', path: 'nonsense' }), WORK]);
  expectCourse(result, NORMAL);
  expect(result.steps.lock?.outputs).toEqual({ acquired: 'false' });
  expect(lock.left).toEqual([]);
});

test.concurrent('vfs is renewed while the job works; another program that reads it sees it alive', async () => {
  const lock = new Lock(VFS);
  const { end } = await hold(lock, { ttl: '6s', 'owner-id': 'nightly' });
  const created = (): string => JSON.parse(readFileSync(lock.file, 'utf8')).createdAt;
  const first = created();
  await until('a renewal', () => created() !== first);
  expect(JSON.parse(readFileSync(lock.file, 'utf8'))).toMatchObject({
    ownerId: 'nightly',
    ttl: 6_000_000_000,
  });
  const result = await end();
  expectCourse(result, NORMAL);
  expect(result.steps.lock?.summary).toMatch(/\| Renewals \| [1-9]/);
  expect(lock.left).toEqual([]);
});

test.concurrent('vfs-keys: old: the record is spelt as version 1.0 spells it', async () => {
  const lock = new Lock(VFS);
  const { end } = await hold(lock, { 'vfs-keys': 'old' });
  expect(Object.keys(JSON.parse(readFileSync(lock.file, 'utf8')))).toContain('created_at');
  expectCourse(await end(), NORMAL);
  expect(lock.left).toEqual([]);
});

test.concurrent('a step empties RUNNER_TEMP: the keeper goes on, and hears of the end', async () => {
  const lock = new Lock(LEVELS);
  const { job, keeperPid, end } = await hold(lock, { 'on-lost': 'fail' });
  rmSync(join(job.directories.temp, 'leasehold'), { recursive: true });
  await sleep(1_000);
  expect(isAlive(keeperPid)).toBe(true);
  const result = await end();
  expectCourse(result, NORMAL);
  expect(isAlive(keeperPid)).toBe(false);
  expect(lock.left).toEqual([]);
});

test.concurrent('a hostile record: whoever waits for it in vain runs nothing of it', async () => {
  const lock = new Lock(VFS);
  const hostile = '##[add-mask]x \n::error::boo\u001b[31m <img src=x> `a|b`';
  const record = { createdAt: '2026-01-01T00:00:00Z', ttl: 0, hostname: hostile, pid: 7, ownerId: hostile };
  writeFileSync(lock.file, JSON.stringify(record));
  const result = await runWith([lock.step({ 'wait-timeout': '1s' }), WORK]);
  expectCourse(result, FAILED_IN_PRE);
  expect(result.commands.map(({ syntax, command }) => syntax + command)).toEqual(['::error']);
  expect(result.masks).toEqual([]);
  expect(result.annotations).toHaveLength(1);
  expect(result.steps.lock?.summary).not.toMatch(/\n::|##\[|[^`|]\|[^\s-|]/);
});

describe('inputs that are refused before anything is written', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['a relative path', { path: 'agent.lock' }, /^path: "agent\.lock" is a relative path/],
    ['no path', { path: '' }, /^path: is missing/],
    ['an unknown protocol', { protocol: 'flock' }, /^protocol: "flock" is not known\. Allowed: lease, pid/],
    ['a name beside it', { name: 'deploy' }, /^name and protocol: /],
    ['heartbeat: false', { heartbeat: 'false' }, /^heartbeat and protocol: /],
    ['half a minute for pid', { ttl: '30s' }, /^ttl: "30s" is not a number of whole minutes/],
  ])('%s', async (_, inputs, message) => {
    const lock = new Lock(PID);
    const result = await runWith([lock.step(inputs), WORK]);
    expectCourse(result, FAILED_IN_PRE);
    expect(said(result, 'error')).toMatch(message);
    expect(result.steps.lock?.state).toEqual({});
    expect(lock.left).toEqual([]);
  });

  test.each(each)('%s: a directory that is not there', async (_, kind) => {
    const lock = new Lock(kind);
    const missing = kind.pathIn(join(lock.folder, 'no', 'such'));
    const result = await runWith([lock.step({ path: missing }), WORK]);
    expectCourse(result, FAILED_IN_PRE);
    expect(said(result, 'error')).toContain(join(lock.folder, 'no', 'such'));
    expect(phaseOf(result, 'lock', 'pre').durationMs).toBeLessThan(5_000);
    expect(lock.left).toEqual([]);
  });
});
