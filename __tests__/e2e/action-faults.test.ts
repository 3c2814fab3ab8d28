import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import type { Handover } from '../../src/keeper/handover.ts';
import type { HeldRecord, Holder } from '../../src/lease/record.ts';
import { isAlive } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, rawLog, shownLog } from '../support/runner/runner.mjs';
import type { JobResult } from '../support/runner/types.ts';
import {
  DIST,
  expectCourse,
  heldIn,
  hold,
  lockStep,
  NODE,
  NORMAL,
  newStore,
  putRecord,
  readStatus,
  recordFiles,
  recordFolder,
  recordIn,
  removeAll,
  runWith,
  said,
  startWith,
  temporary,
  until,
} from './action-jobs.ts';

/* Records that somebody else has made, disks that fail, clocks that jump. Those that wait do so side by side. */

const WORK = { id: 'work', run: 'echo working' };
const mounts: string[] = [];

jest.setTimeout(120_000);
afterAll(async () => {
  await killJobs();
  for (const path of mounts) execFileSync('umount', ['-l', path]);
  removeAll();
});

const HOSTILE = [
  '##[add-mask]x',
  '\n::set-output name=a::b\n',
  '\u2028::error::boo',
  '%0A::warning::sneaked in',
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1)) **bold** | cell | `code`',
  '\u001b[31mred\u001b[0m\u0007',
  '\u202eevil',
  '$(touch /tmp/pwned)',
].join(' ');

function hostileRecord(more: Partial<HeldRecord> = {}): string {
  const holder: Holder = {
    ownerId: HOSTILE,
    leaseId: 'a'.repeat(32),
    repository: HOSTILE,
    workflow: HOSTILE,
    runId: HOSTILE,
    runAttempt: 1,
    job: HOSTILE,
    actor: HOSTILE,
    ref: HOSTILE,
    sha: HOSTILE,
    runUrl: HOSTILE,
    host: HOSTILE,
    reason: HOSTILE,
  };
  const record: HeldRecord = {
    schema: 1,
    state: 'held',
    name: 'deploy',
    token: 41,
    nonce: 'b'.repeat(32),
    trail: [],
    ttlMs: 60_000,
    renewals: 0,
    acquiredAt: HOSTILE,
    holder,
    ...more,
  };
  return JSON.stringify(record);
}

/** What must hold of a job that read it, however it ended. */
function expectHarmless(result: JobResult, expected: string[]): void {
  expect(result.commands.map(({ syntax, command }) => syntax + command)).toEqual(expected);
  expect(result.masks).toEqual([]);
  expect(result.annotations).toHaveLength(expected.length);
  expect(result.steps.lock?.outputs).not.toHaveProperty('a');
  const log = rawLog(result);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(log).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u202e]/);
  expect(log).toContain('add-mask]x');
  // No HTML, no link, no emphasis, no code, no cell but ours.
  for (const row of (result.steps.lock?.summary ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line !== '| | |')) {
    // In a code span nothing renders, and nothing ends it but a backtick or the cell.
    expect(row.replace(/`[^`|]+`/g, 'text')).toMatch(/^\| [^|<>[\]`*]* \| [^|<>[\]`*]* \|$/);
  }
}

test.concurrent('a hostile record: a job that waits for it in vain', async () => {
  const store = newStore();
  await putRecord(store, hostileRecord());
  const result = await runWith([lockStep(store, { 'wait-timeout': '1s' }), WORK]);
  expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
  expectHarmless(result, ['::error']);
});

test.concurrent('a hostile record: a job that skips', async () => {
  const store = newStore();
  await putRecord(store, hostileRecord());
  const result = await runWith([lockStep(store, { 'on-busy': 'skip' }), WORK]);
  expectCourse(result, NORMAL);
  expectHarmless(result, ['::notice']);
  expect(result.steps.lock?.summary).toContain('| Held by |');
  expect(JSON.parse(result.steps.lock?.outputs.holder ?? '')).toMatchObject({ reason: HOSTILE });
});

test.concurrent('a hostile record: a job that steals from it', async () => {
  const store = newStore();
  await putRecord(store, hostileRecord({ ttlMs: 1 }));
  const result = await runWith([lockStep(store), WORK]);
  expectCourse(result, NORMAL);
  expectHarmless(result, ['::warning']);
  expect(result.steps.lock?.outputs.token).toBe('42');
  expect(result.steps.lock?.summary).toContain('| Stolen from |');
});

test.concurrent('a hostile record: a job from which it steals', async () => {
  const store = newStore();
  const { folder, end } = await hold(store);
  const { token } = await heldIn(store);
  await putRecord(store, hostileRecord({ token: token + 1 }));
  await until('the keeper notices', () => readStatus(folder)?.state.kind === 'lost');
  const result = await end();
  expectCourse(result, NORMAL);
  expectHarmless(result, ['::warning']);
});

const NEWER = JSON.stringify({ ...JSON.parse(hostileRecord()), schema: 2 });
test.each([
  [
    'empty',
    '',
    /^The record of lock "deploy" is empty\. Nobody gets the lock until it is put right\. It is at locks\//,
  ],
  [
    'cut off',
    hostileRecord().slice(0, 200),
    /^The record of lock "deploy" is not JSON \(cut off, or written by something else\)\./,
  ],
  [
    'of a newer schema',
    NEWER,
    /^The record of lock "deploy" has schema 2; this version of Leasehold reads schema 1\. .*update Leasehold/,
  ],
  [
    'another lock’s',
    hostileRecord({ name: 'other' }),
    /^The record of lock "deploy" names the lock "other" instead\./,
  ],
])(
  'a record that is none: %s: an error that says where it is and what to do, and the record stays',
  async (_, body, message) => {
    const store = newStore();
    await putRecord(store, body);
    const before = recordFiles(store);
    const result = await runWith([lockStep(store), WORK]);
    expectCourse(result, ['lock.pre failure', 'lock.main skipped', 'work.main skipped', 'lock.post success']);
    expect(said(result, 'error')).toMatch(message);
    expect(said(result, 'error')).toContain(`in file://${store}`);
    expect(phaseOf(result, 'lock', 'pre').durationMs).toBeLessThan(5_000);
    expect(recordFiles(store)).toEqual(before);
  },
);

test.each([
  ['an empty file', (path: string) => truncateSync(path), /is empty, so it is no record of a lock/],
  [
    'a file of 5 MB',
    (path: string) => writeFileSync(path, Buffer.alloc(5_000_000, 'x')),
    /so it is no record of a lock/,
  ],
])('a record that is none: %s in its directory', async (_, damage, message) => {
  const store = newStore();
  await putRecord(store, hostileRecord());
  damage(join(recordFolder(store), 'v.1'));
  const result = await runWith([lockStep(store), WORK]);
  expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
  expect(said(result, 'error')).toMatch(message);
  expect(said(result, 'error')).toContain(
    `Look at it with: head -c 400 '${join(recordFolder(store), 'v.1')}'`,
  );
});

test.concurrent('a record that is none: it appears while the job holds: the loss is told, the record stays', async () => {
  const store = newStore();
  const { folder, end } = await hold(store, { 'on-lost': 'fail' });
  await putRecord(store, '{"who": "me"}');
  await until('the keeper notices', () => readStatus(folder)?.state.kind === 'lost');
  const before = recordFiles(store);
  const result = await end();
  expect(said(result, 'error')).toMatch(
    /^Lock "deploy" was lost while the job ran, at .*: The record of lock "deploy" is not a lease/,
  );
  expect(phaseOf(result, 'lock', 'post').status).toBe('failure');
  expect(recordFiles(store)).toEqual(before);
});

/** A disk of its own, or `undefined` where this user may not mount one. */
function mounted(size: string): string | undefined {
  const path = temporary();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'leasehold-e2e', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  mounts.push(path);
  return path;
}

const remount = (path: string, option: 'ro' | 'rw'): unknown =>
  execFileSync('mount', ['-o', `remount,${option}`, path]);

/** Takes up all that is left. */
function fill(path: string): void {
  const file = openSync(join(path, 'ballast'), 'w');
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4_096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(file);
  }
}

const empty = (path: string): void => rmSync(join(path, 'ballast'));

const mayMount = mounted('1m') !== undefined;
/** Skipped where this user may not mount a disk. */
const onDisk = mayMount ? test.concurrent : test.skip;

onDisk('the disk of the store is read-only: the error says so', async () => {
  const disk = mounted('1m') ?? '';
  remount(disk, 'ro');
  const result = await runWith([lockStep(join(disk, 'locks')), WORK]);
  expectCourse(result, ['lock.pre failure', 'lock.main skipped', 'work.main skipped', 'lock.post success']);
  expect(said(result, 'error')).toContain('is the filesystem mounted read-only?');
  expect(phaseOf(result, 'lock', 'pre').durationMs).toBeLessThan(5_000);
});

onDisk(
  'the disk of the store becomes read-only under the job: the loss is told, with the reason',
  async () => {
    const disk = mounted('1m') ?? '';
    const store = join(disk, 'locks');
    const { folder, leaseId, end } = await hold(store, { 'on-lost': 'fail' });
    remount(disk, 'ro');
    await until('the keeper gives up', () => readStatus(folder)?.state.kind === 'lost', 20_000);
    const result = await end();
    expect(said(result, 'error')).toMatch(
      /: no renewal got through for 1[34]s: .*The filesystem is mounted read-only\./,
    );
    expect(phaseOf(result, 'lock', 'post').status).toBe('failure');
    expect(await heldIn(store)).toMatchObject({ holder: { leaseId } });
  },
);

onDisk(
  'the disk of the store is full for a while under the job: the keeper tries until there is room',
  async () => {
    const disk = mounted('1m') ?? '';
    const store = join(disk, 'locks');
    const { folder, end } = await hold(store, { 'on-lost': 'fail' });
    fill(disk);
    await sleep(7_500);
    expect(readStatus(folder)).toMatchObject({ state: { kind: 'keeping' }, renewals: 0 });
    empty(disk);
    await until('a renewal', async () => (await heldIn(store)).renewals >= 1);
    const result = await end();
    expectCourse(result, NORMAL);
    expect(result.annotations).toEqual([]);
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
  },
);

onDisk(
  'the disk of the store is full when the lock is wanted: the log says so, and the wait has its end',
  async () => {
    const disk = mounted('1m') ?? '';
    const store = join(disk, 'locks');
    await runWith([lockStep(store), WORK]);
    fill(disk);
    const job = startWith([lockStep(store, { 'wait-timeout': '2s' }), WORK]);
    job.on('phase-end', ({ phase }) => phase === 'pre' && empty(disk));
    const result = await job.done;
    expectCourse(result, ['lock.pre failure', 'lock.main skipped', 'work.main skipped', 'lock.post success']);
    expect(said(result, 'error')).toContain('The disk is full (or has no inodes left): make room.');
    expect(shownLog(result)).toMatch(/The disk is full .* Trying again\./);
    expect(phaseOf(result, 'lock', 'pre').durationMs).toBeLessThan(20_000);
  },
);

onDisk(
  'the disk of the runner is full while the job works: the keeper goes on, and the lock is released',
  async () => {
    const root = mounted('4m') ?? '';
    const store = newStore();
    const { keeperPid, end } = await hold(store, { 'on-lost': 'fail' }, { runner: { root } });
    fill(root);
    await until('two renewals', async () => (await heldIn(store)).renewals >= 2, 15_000);
    expect(isAlive(keeperPid)).toBe(true);
    // The runner itself needs a little for the files of the next step; a log or two, and it is full again.
    const result = await end().finally(() => empty(root));
    expect(await recordIn(store)).toMatchObject({ state: 'released' });
    expect(shownLog(result)).not.toContain('was lost');
    expect(isAlive(keeperPid)).toBe(false);
  },
);

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
/** Skipped without Debian's package libfaketime. */
const withFaketime = existsSync(FAKETIME) ? test.concurrent : test.skip;

withFaketime('the wall clock jumps an hour ahead and back: the hold goes on, with a warning', async () => {
  const store = newStore();
  // The keeper's environment is an allowlist, so the one under the false clock is started here, with what pre left behind.
  const { job, folder, end } = await hold(store, { heartbeat: 'false' });
  const { config, result } = job.result.steps.lock?.state ?? {};
  const { name, timing } = JSON.parse(config ?? '');
  const { snapshot } = JSON.parse(result ?? '');
  const handover: Handover = {
    name,
    store,
    access: {},
    timing,
    snapshot,
    folder,
    maxHoldMs: 3_600_000,
    acquiredMs: 0,
    waitedMs: 0,
    environment: {},
  };
  const clock = join(temporary(), 'offset');
  writeFileSync(clock, '+0');
  const keeper = spawn(NODE, [join(DIST, 'keeper/index.js')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  const exited = once(keeper, 'exit');
  keeper.stdin.end(JSON.stringify(handover));
  await until('the keeper keeps', () => readStatus(folder)?.state.kind === 'keeping');

  writeFileSync(clock, '+1h');
  const late = await until('a late renewal', () => readStatus(folder)?.latestMs, 3_000);
  expect(late).toBeGreaterThan(3_500_000);
  expect(late).toBeLessThan(3_600_000);
  const { renewals } = await heldIn(store);
  writeFileSync(clock, '+0');
  await until('it goes on', async () => (await heldIn(store)).renewals > renewals, 8_000);

  const ended = await end();
  await exited;
  expectCourse(ended, NORMAL);
  expect(said(ended, 'warning')).toMatch(
    /^The lease of lock "deploy" was renewed (59m\d+s|1h) past its deadline/,
  );
  expect(await recordIn(store)).toMatchObject({ state: 'released' });
});
