import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { type CliProcess, type Ended, isRunning, pidsIn, Sandbox } from '../support/cli-process.ts';
import { compileDiskFaults, faultsBelow, loggedCalls, whyNoDiskFaults } from '../support/disk-faults.ts';

/*
 * The CLI as it is published, on disks whose calls fail, one after the other, and on file systems of other kinds. What a
 * machine lacks for a test is in the test's name, and the test is skipped.
 */

const ENTRY = resolve(import.meta.dirname, '../../dist/cli/index.js');
if (!existsSync(ENTRY)) throw new Error('There is no dist/ to test. Run "npm run build" first.');
const NODE = process.env.LEASEHOLD_NODE24 ?? process.execPath;
const TTL_MS = 15_000;
/** The token it was given, and the newest record of the lock as the disk has it at that moment. */
const WITNESS = `cd "$1"/locks/"$2"-*/lease.json && echo "$LEASEHOLD_TOKEN $LEASEHOLD_LEASE"; tail -n 1 "$(ls -v v.* | tail -n 1)"`;

jest.setTimeout(120_000);
const folder = mkdtempSync(join(tmpdir(), 'leasehold-disk-'));
const mounted: string[] = [];
afterAll(() => {
  for (const path of mounted.reverse()) execFileSync('umount', ['-l', path]);
  rmSync(folder, { recursive: true, force: true });
});

/** `test`, or a test that is skipped and says in its name what is missing. */
function unless(missing: string | undefined, name: string, run: () => Promise<void>): void {
  if (missing === undefined) test.concurrent(name, run);
  else test.skip(`${name} (skipped: ${missing})`, run);
}

let names = 0;
function fresh(what: string): string {
  names += 1;
  return `${what}-${names}`;
}

/** Works in a sandbox of its own, which is taken away afterwards. */
async function inSandbox<T>(play: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = new Sandbox(ENTRY, NODE);
  try {
    return await play(sandbox);
  } finally {
    await sandbox.close();
  }
}

interface LockFiles {
  readonly record: Record<string, unknown> | undefined;
  readonly temporaries: string[];
}

/** What the directory of a lock shows, with none of Leasehold's code. */
function filesOf(store: string, lock: string): LockFiles {
  const above = join(store, 'locks');
  const found = existsSync(above)
    ? readdirSync(above).find((name) => name.startsWith(`${lock}-`))
    : undefined;
  if (found === undefined) return { record: undefined, temporaries: [] };
  const directory = join(above, found, 'lease.json');
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const numbers = names.filter((name) => name.startsWith('v.')).map((name) => Number(name.slice(2)));
  const newest = Math.max(0, ...numbers);
  const lines = newest === 0 ? [] : readFileSync(join(directory, `v.${newest}`), 'utf8').split('\n');
  return {
    record: lines[1] === undefined ? undefined : JSON.parse(lines[1]),
    temporaries: names.filter((name) => name.startsWith('tmp~')),
  };
}

// ---------------------------------------------------------------------------------------------------------------------

const noFaults = whyNoDiskFaults();
const store = join(folder, 'store');
let library = '';

interface Trial extends Ended {
  readonly lock: string;
  readonly hit: number;
  readonly calls: ReturnType<typeof loggedCalls>;
}

/** Takes a lock, has the command look at its record, and gives the lock back, while calls fail. */
async function attempt(
  rules: string,
  { after, stopAt }: { after?: 'the command ran'; stopAt?: string } = {},
): Promise<Trial> {
  const lock = fresh('lock');
  const log = join(folder, `${lock}.log`);
  const trigger = join(folder, `${lock}.on`);
  const environment = faultsBelow(store, { library, log, rules, ...(after ? { after: trigger } : {}) });
  const command = after ? `${WITNESS}; : >'${trigger}'` : WITNESS;
  const words = ['run', lock, '--store', store, '--ttl', '15s', '--wait-timeout', '1s'];
  const ended = await inSandbox(async (sandbox) => {
    const run = sandbox.start(
      [...words, '--', 'env', '-u', 'LD_PRELOAD', 'sh', '-c', command, 'sh', store, lock],
      environment,
    );
    if (stopAt !== undefined) {
      await run.untilSays(stopAt);
      run.signal('SIGTERM');
    }
    return run.ended;
  });
  const calls = loggedCalls(log);
  return { ...ended, lock, calls, hit: calls.filter(({ fault }) => fault !== undefined).length };
}

/** What is wrong with a trial; nothing when it ended as it should. */
function wrongIn(
  rules: string,
  trial: Trial,
  expected: { code: number; entered: boolean; message?: RegExp },
): string[] {
  const wrong: string[] = [];
  const [own = '', seen = ''] = trial.stdout.split('\n');
  const entered = trial.stdout !== '';
  const record = seen === '' ? undefined : JSON.parse(seen);
  if (trial.hit === 0) wrong.push('the fault never came');
  if (trial.code !== expected.code) wrong.push(`exit status ${trial.code}`);
  if (entered !== expected.entered) wrong.push(entered ? 'the command ran' : 'the command did not run');
  if (entered && (record?.state !== 'held' || own !== `${record.token} ${record.holder.leaseId}`)) {
    wrong.push(`it entered by "${own}", and the record is ${seen}`);
  }
  if (expected.message && !expected.message.test(trial.stderr)) wrong.push('the message is another one');
  const { record: left, temporaries } = filesOf(store, trial.lock);
  const mayBeHeld = expected.code === 73;
  if (left?.state === 'held' && !mayBeHeld) wrong.push('the lock is held still');
  const unremoved = trial.calls.filter(
    ({ call, fault }) => (call === 'unlink' || call === 'open') && fault,
  ).length;
  if (temporaries.length > unremoved) wrong.push(`${temporaries.length} temporary files are left`);
  return wrong.map((each) => `${rules}: ${each}. ${trial.stderr}`);
}

/** The next one gets the lock, at once or when the lease has run out. */
async function wrongAfter(rules: string, { lock, code }: Trial): Promise<string[]> {
  const wait = code === 73 ? '30s' : '5s';
  const words = ['run', lock, '--store', store, '--ttl', '15s', '--wait-timeout', wait, '--', 'echo', 'in'];
  const next = await inSandbox((sandbox) => sandbox.run(words));
  const { record } = filesOf(store, lock);
  if (next.code === 0 && next.stdout === 'in\n' && record?.state === 'released') return [];
  return [`${rules}: the next one ends with ${next.code}, and the lock is ${record?.state}. ${next.stderr}`];
}

/** Some at a time, for a process is not cheap. */
async function each<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** How often each call is made in an acquisition and a release in which nothing fails. */
async function callCounts(): Promise<Map<string, number>> {
  // The first in a store tests the store.
  await inSandbox((sandbox) => sandbox.run(['run', 'first', '--store', store, '--', 'true']));
  const clean = await attempt('');
  expect(clean).toMatchObject({ code: 0, hit: 0 });
  const counts = new Map<string, number>();
  for (const { call, number } of clean.calls) counts.set(call, number);
  return counts;
}

let counts: Promise<Map<string, number>>;
beforeAll(() => {
  if (noFaults !== undefined) return;
  library = compileDiskFaults(folder);
  counts = callCounts();
});

/** Faults that pass. Whatever the call, it is tried again, or does not matter. */
const PASSING: Readonly<Record<string, readonly string[]>> = {
  link: ['EIO', 'EINTR', 'ENOSPC', 'EEXIST', 'EPERM', 'lost=EIO', 'lost=EEXIST', 'lost=EINTR', 'false'],
  write: ['ENOSPC', 'EIO', 'EINTR', 'short', 'lost=EIO'],
  fsync: ['EIO', 'ENOSPC'],
  close: ['EIO'],
  open: ['EIO', 'EMFILE', 'lost=EIO'],
  read: ['EIO', 'EINTR'],
  unlink: ['EIO', 'lost=EIO', 'false'],
  mkdir: ['ENOSPC', 'lost=EIO'],
  scandir: ['EIO'],
  stat: ['EIO'],
};

describe('one system call of an acquisition and a release fails', () => {
  for (const [call, faults] of Object.entries(PASSING)) {
    unless(noFaults, `${call}, each of them: ${faults.join(', ')}`, async () => {
      const count = (await counts).get(call) ?? 0;
      expect(count).toBeGreaterThan(0);
      const numbers = Array.from({ length: count }, (_, index) => index + 1);
      const all = faults.flatMap((fault) => numbers.map((number) => `${call}:${number}:${fault}`));
      const wrong: string[] = [];
      await each(all, 2, async (rules) => {
        const trial = await attempt(rules);
        wrong.push(...wrongIn(rules, trial, { code: 0, entered: true }));
        if (rules.includes(':1:')) wrong.push(...(await wrongAfter(rules, trial)));
      });
      expect(wrong).toEqual([]);
    });
  }
});

/** Faults that stay: what the acquisition ends with, and what its message says. */
const STAYING: readonly [rules: string, code: number, message: RegExp][] = [
  [
    'link:1+:EPERM',
    78,
    /Hard links are refused in .*\(EPERM; filesystem: \S+\).* Use a directory on a filesystem/,
  ],
  ['link:1+:ENOSPC', 69, /ENOSPC: .* The disk is full \(or has no inodes left\): make room\./],
  ['link:1+:EDQUOT', 69, /EDQUOT: .* The disk quota is used up: make room\./],
  ['link:1+:EROFS', 77, /EROFS: .* The filesystem is mounted read-only\./],
  ['write:1+:ENOSPC', 69, /ENOSPC: .* The disk is full/],
  ['fsync:1+:EIO', 69, /EIO: .*fsync.* Try again; if it stays, look at the disk\./],
  ['close:1+:EIO', 69, /EIO: .*close.* Try again; if it stays, look at the disk\./],
  ['open:1+:EACCES', 77, /EACCES: .* The user that this runs as must be able to read and write/],
  ['open:1+:EMFILE', 69, /EMFILE: .* This process has too many files open\./],
  ['read:1+:EIO', 69, /EIO: .*read.* Try again; if it stays, look at the disk\./],
  ['mkdir:1+:ENOSPC', 69, /ENOSPC: .*mkdir.* The disk is full/],
  ['stat:1+:EIO', 69, /EIO: .* Try again; if it stays, look at the disk\./],
  ['scandir:1+:EIO', 69, /EIO: .*scandir.* Try again; if it stays, look at the disk\./],
];
/** Faults that stay and do no harm. */
const HARMLESS = ['link:1+:lost=EIO', 'link:1+:lost=EEXIST', 'unlink:1+:EIO', 'unlink:1+:false'];
/** From when the command has run. */
const AT_RELEASE = [
  'link:1+:EIO',
  'link:1+:false',
  'link:1+:EPERM',
  'write:1+:ENOSPC',
  'open:1+:EACCES',
  'fsync:1+:EIO',
];

describe('a fault stays', () => {
  unless(
    noFaults,
    'nobody enters, and the message names the store, the lock, the cause and what to do',
    async () => {
      await counts;
      const wrong: string[] = [];
      await each(STAYING, STAYING.length, async ([rules, code, message]) => {
        const trial = await attempt(rules);
        wrong.push(...wrongIn(rules, trial, { code, entered: false, message }));
        if (!trial.stderr.includes(`${store}/`) && !trial.stderr.includes(`file://${store}`)) {
          wrong.push(`${rules}: the message does not name the store. ${trial.stderr}`);
        }
        // What fails first may be the mark of the store, which is no lock's.
        if (!trial.stderr.includes(trial.lock) && !trial.stderr.includes('key probe/')) {
          wrong.push(`${rules}: the message names neither the lock nor the key`);
        }
        wrong.push(...(await wrongAfter(rules, trial)));
      });
      expect(wrong).toEqual([]);
    },
  );

  // It is followed up for two minutes, so this one is told to stop.
  unless(
    noFaults,
    'nobody enters by a link of which nothing is known, and the next one gets the lock',
    async () => {
      await counts;
      const wrong: string[] = [];
      await each(['link:1+:EIO', 'link:1+:ETIMEDOUT', 'link:1+:false'], 3, async (rules) => {
        const trial = await attempt(rules, { stopAt: 'whether it counts is not known' });
        const message = /Cancelled by SIGTERM while waiting for lock "lock-\d+"/;
        wrong.push(
          ...wrongIn(rules, trial, { code: 143, entered: false, message }),
          ...(await wrongAfter(rules, trial)),
        );
      });
      expect(wrong).toEqual([]);
    },
  );

  unless(noFaults, 'where it does no harm, the lock is taken and given back', async () => {
    await counts;
    const wrong: string[] = [];
    await each(HARMLESS, 2, async (rules) => {
      const trial = await attempt(rules);
      wrong.push(...wrongIn(rules, trial, { code: 0, entered: true }), ...(await wrongAfter(rules, trial)));
    });
    expect(wrong).toEqual([]);
  });

  unless(noFaults, 'when it comes after the command: 73, and the lease runs out by itself', async () => {
    await counts;
    const wrong: string[] = [];
    await each(AT_RELEASE, AT_RELEASE.length, async (rules) => {
      const trial = await attempt(rules, { after: 'the command ran' });
      const message =
        /The command ended with 0, but lock "lock-\d+" could not be released: .*\n.*runs out by itself within/;
      wrong.push(
        ...wrongIn(rules, trial, { code: 73, entered: true, message }),
        ...(await wrongAfter(rules, trial)),
      );
    });
    expect(wrong).toEqual([]);
  });
});

// ---------------------------------------------------------------------------------------------------------------------

function whyNoMounts(): string | undefined {
  const path = mkdtempSync(join(folder, 'may-mount-'));
  if (process.platform !== 'linux') return 'mounts are made as on Linux';
  if (spawnSync('mount', ['-t', 'tmpfs', 'leasehold', path]).status !== 0) return 'this user may not mount';
  execFileSync('umount', [path]);
  return undefined;
}

function whyNo(program: string): string | undefined {
  if (noMounts !== undefined) return noMounts;
  if (!existsSync('/dev/fuse')) return 'there is no /dev/fuse';
  return spawnSync(program, ['--version']).status === 0 ? undefined : `there is no ${program}`;
}

const noMounts = whyNoMounts();
const SFTP_SERVER = '/usr/lib/openssh/sftp-server';
const noSshfs = whyNo('sshfs') ?? (existsSync(SFTP_SERVER) ? undefined : `there is no ${SFTP_SERVER}`);

function mountPoint(): string {
  const path = mkdtempSync(join(folder, 'mount-'));
  mounted.push(path);
  return path;
}

function tmpfs(): string {
  const path = mountPoint();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'leasehold', path]);
  return path;
}

/** A directory by way of SFTP, with the caches that sshfs has. No network and no sshd: the server is at a pipe. */
function sshfs(directory: string, ...options: string[]): string {
  const server = join(folder, 'sftp.sh');
  writeFileSync(server, `#!/bin/sh\nexec ${SFTP_SERVER}\n`, { mode: 0o755 });
  const path = mountPoint();
  execFileSync('sshfs', ['-o', [`ssh_command=${server}`, ...options].join(','), `here:${directory}`, path]);
  return path;
}

/** A command that writes its pid, and the time every 0.1 s. */
function beating(sandbox: Sandbox): string[] {
  const script = `echo $$ >>${sandbox.file('pids')}; for i in $(seq 600); do date +%s%N >>${sandbox.file('beat')}; sleep 0.1; done`;
  return ['sh', '-c', script];
}

function lastBeatMs(sandbox: Sandbox): number {
  return Number(readFileSync(sandbox.file('beat'), 'utf8').trim().split('\n').at(-1)) / 1_000_000;
}

async function holding(
  sandbox: Sandbox,
  path: string,
): Promise<{ run: CliProcess; pids: number[]; sinceMs: number }> {
  const run = sandbox.start(['run', 'x', '--store', path, '--ttl', '15s', '--', ...beating(sandbox)]);
  const pids = await pidsIn(sandbox.file('pids'));
  return { run, pids, sinceMs: systemClock.wallMs() };
}

describe('the disk changes under a lock that is held', () => {
  unless(noMounts, 'it becomes read-only: the command is ended before the ttl is over', () =>
    inSandbox(async (sandbox) => {
      const disk = tmpfs();
      const { run, pids, sinceMs } = await holding(sandbox, join(disk, 'locks'));
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const { code, stderr } = await run.ended;
      expect(code).toBe(76);
      expect(stderr).toContain('The filesystem is mounted read-only.');
      expect(pids.some(isRunning)).toBe(false);
      expect(lastBeatMs(sandbox)).toBeLessThan(sinceMs + TTL_MS);
    }),
  );

  test.concurrent('its directory is removed: the command is ended, and a waiter that comes in has a higher token', () =>
    inSandbox(async (sandbox) => {
      const path = sandbox.file('locks');
      const { run, pids, sinceMs } = await holding(sandbox, path);
      const { token } = filesOf(path, 'x').record ?? {};
      const words = [
        'run',
        'x',
        '--store',
        path,
        '--ttl',
        '15s',
        '--',
        'sh',
        '-c',
        'echo "$LEASEHOLD_TOKEN"',
      ];
      const waiter = sandbox.start(words);
      await waiter.untilSays('is held by');
      // A token begins with the seconds of the disk's clock.
      await systemClock.sleep(1_000);
      renameSync(path, sandbox.file('removed'));
      const [holder, next] = await Promise.all([run.ended, waiter.ended]);
      expect(holder.code).toBe(76);
      expect(pids.some(isRunning)).toBe(false);
      expect(lastBeatMs(sandbox)).toBeLessThan(sinceMs + TTL_MS);
      expect(next.code).toBe(0);
      expect(Number(next.stdout)).toBeGreaterThan(Number(token));
      expect(filesOf(path, 'x').record).toMatchObject({ state: 'released' });
    }));
});

/** Several processes by each of the paths: never two at once, with tokens that rise. */
async function excludeEachOther(paths: readonly string[], rounds: number): Promise<void> {
  await inSandbox(async (sandbox) => {
    const log = sandbox.file('log');
    const work = `echo "in $LEASEHOLD_TOKEN" >>${log}; sleep 0.05; echo "out $LEASEHOLD_TOKEN" >>${log}`;
    const worker = async (path: string): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const words = ['run', 'x', '--store', join(path, 'locks'), '--ttl', '15s', '--quiet'];
        const ended = await sandbox.run([...words, '--', 'sh', '-c', work]);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
      }
    };
    await Promise.all([...paths, ...paths].map(worker));
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const first = Number(lines[0]?.split(' ')[1]);
    const alone = Array.from({ length: 2 * paths.length * rounds }, (_, i) => [
      `in ${first + i}`,
      `out ${first + i}`,
    ]);
    expect(lines).toEqual(alone.flat());
  });
}

describe('one directory by several paths', () => {
  unless(noMounts, 'a bind mount: processes that come by either keep each other out', async () => {
    const directory = mkdtempSync(join(folder, 'directory-'));
    const other = mountPoint();
    execFileSync('mount', ['--bind', directory, other]);
    await excludeEachOther([directory, other], 5);
  });

  unless(whyNo('bindfs'), 'bindfs, a file system of another process, and the directory itself', async () => {
    const directory = mkdtempSync(join(folder, 'directory-'));
    const other = mountPoint();
    execFileSync('bindfs', [directory, other]);
    await excludeEachOther([directory, other], 3);
  });

  unless(noSshfs, 'two clients of an SFTP server, each with a cache of twenty seconds', async () => {
    const directory = mkdtempSync(join(folder, 'directory-'));
    await excludeEachOther([sshfs(directory), sshfs(directory)], 2);
  });
});

unless(noSshfs, 'a file system without hard links is refused, with its name', () =>
  inSandbox(async (sandbox) => {
    const directory = mkdtempSync(join(folder, 'directory-'));
    const path = join(sshfs(directory, 'disable_hardlink'), 'locks');
    const { code, stdout, stderr } = await sandbox.run(['run', 'x', '--store', path, '--', 'echo', 'in']);
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(/Hard links are refused in .*\(EPERM; filesystem: fuse\)/);
    expect(stderr).toContain(path);
  }),
);
