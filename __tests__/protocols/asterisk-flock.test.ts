import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AsteriskFlock } from '../../src/protocols/asterisk-flock.ts';
import { listedLock, lockDescriptor, lockingProcess } from '../../src/protocols/flock.ts';
import { type Held, type Hold, ProtocolError, type Request } from '../../src/protocols/protocol.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeRandom } from '../support/fake-random.ts';

const usable = process.platform === 'linux' && spawnSync('flock', ['--version']).status === 0;
const there = usable ? describe : describe.skip;

let folder: string;
let lock: string;
let protocol: AsteriskFlock;
const PATH = process.env.PATH ?? '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-asterisk-'));
  lock = join(folder, 'lock');
  protocol = open();
});

afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true, force: true });
});

function open(platform: NodeJS.Platform = 'linux'): AsteriskFlock {
  return new AsteriskFlock({ clock: new FakeClock(), random: new FakeRandom(1), platform });
}

function request(changes: Partial<Request> = {}): Request {
  const mayTake = async (): Promise<boolean> => {
    throw new Error('there is nothing to take over');
  };
  return { path: folder, pid: process.pid, mayTake, ...changes };
}

async function acquired(from = protocol): Promise<Hold> {
  const attempt = await from.tryAcquire(request());
  if (attempt.kind !== 'acquired') throw new Error(`it is held: ${attempt.by.standing.detail}`);
  return attempt.hold;
}

async function held(from = protocol): Promise<Held> {
  const attempt = await from.tryAcquire(request());
  if (attempt.kind !== 'held') throw new Error('it was acquired');
  return attempt.by;
}

async function problemOf(work: Promise<unknown>): Promise<{ problem: string; message: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProtocolError)) throw new Error(`no ProtocolError: ${String(error)}`);
  return { problem: error.problem, message: error.message };
}

/** A program flock that is found before the real one. */
function flockIs(script: string): void {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'flock'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env.PATH = `${bin}:${PATH}`;
}

/** Locks really, and then does something, in the lock's directory. Version and number of locks are told as they are. */
function flockThen(command: string): void {
  flockIs(
    `cd '${folder}'; PATH='${PATH}'; flock "$@"; status=$?; if [ "$1" = -x ]; then ${command}; fi; exit $status`,
  );
}

there('a lock of ours', () => {
  test('is an empty file of mode 0600 with one name, and the same file after the release', async () => {
    const hold = await acquired();
    expect(readdirSync(folder)).toEqual(['lock']);
    const { size, nlink, mode, ino } = lstatSync(lock);
    expect({ size, nlink, mode: mode & 0o777 }).toEqual({ size: 0, nlink: 1, mode: 0o600 });
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(lstatSync(lock).ino).toBe(ino);
    expect(await (await acquired()).release()).toEqual({ kind: 'ours' });
  });

  test('is held for others, who are told by whom', async () => {
    const hold = await acquired();
    const by = await held(open());
    expect(by).toMatchObject({ path: folder, pid: process.pid });
    expect(by.standing).toMatchObject({ holder: 'alive', takeable: false });
    expect(by.standing.detail).toMatch(new RegExp(`^process ${process.pid} \\(.+\\) has it locked$`));
    expect(await protocol.inspect(folder)).toEqual(by);
    await hold.release();
    expect(await protocol.inspect(folder)).toBeUndefined();
  });

  test('of many at once is the lock of one', async () => {
    const attempts = await Promise.all(Array.from({ length: 8 }, () => open().tryAcquire(request())));
    expect(attempts.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
  });

  test('is not inherited by the programs that we start', async () => {
    const hold = await acquired();
    const child = spawn('sleep', ['60'], { stdio: 'inherit' });
    try {
      await once(child, 'spawn');
      await hold.release();
      await (await acquired()).release();
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('is not ours when its file was removed, and when it was made anew', async () => {
    const hold = await acquired();
    unlinkSync(lock);
    expect(await hold.check()).toMatchObject({
      kind: 'compromised',
      detail: `somebody has removed "${lock}": whoever makes it anew does not see our lock`,
    });
    writeFileSync(lock, '');
    const anew = await hold.check();
    expect(anew).toMatchObject({ kind: 'compromised' });
    expect(anew).not.toHaveProperty('by');
    const other = await acquired(open());
    expect(await hold.check()).toMatchObject({ kind: 'compromised', by: { pid: process.pid } });
    expect(await hold.release()).toMatchObject({ kind: 'compromised' });
    expect(await other.release()).toEqual({ kind: 'ours' });
  });

  test('is compromised by a second name', async () => {
    const hold = await acquired();
    linkSync(lock, join(folder, 'other'));
    const { detail } = (await hold.check()) as { detail: string };
    expect(detail).toContain('a second name, which makes Asterisk go on without a lock');
    expect(detail).toContain(`find "$(stat -c %m ${lock})" -xdev -samefile ${lock}`);
    unlinkSync(join(folder, 'other'));
    expect(await hold.check()).toEqual({ kind: 'ours' });
  });

  test('with a second name is refused for others, as Asterisk does, not waited for', async () => {
    await acquired();
    linkSync(lock, join(folder, 'other'));
    expect((await problemOf(open().tryAcquire(request()))).problem).toBe('refused-file');
  });

  test("that can't be looked at when it is released stays locked until it can", async () => {
    const hold = await acquired();
    const moved = `${folder}.moved`;
    renameSync(folder, moved);
    symlinkSync(folder, folder);
    const { problem } = await problemOf(hold.release());
    unlinkSync(folder);
    renameSync(moved, folder);
    expect(problem).toBe('refused-file');
    await held(open());
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(await (await acquired()).release()).toEqual({ kind: 'ours' });
  });

  test('is released once', async () => {
    const hold = await acquired();
    await hold.release();
    const other = await acquired();
    expect(await hold.check()).toMatchObject({ kind: 'compromised' });
    expect(await hold.release()).toMatchObject({ kind: 'compromised' });
    expect(await other.check()).toEqual({ kind: 'ours' });
    await held(open());
  });

  test('cannot be resumed, taken over or broken', async () => {
    expect(protocol.resume()).toBeUndefined();
    expect(protocol).not.toHaveProperty('break');
    expect(protocol.abilities).toMatchObject({ ttl: 'none', takeover: 'freed' });
    expect(await acquired()).not.toHaveProperty('renew');
  });
});

there('a file that changes while it is being locked', () => {
  test('is opened anew when Asterisk has removed it', async () => {
    flockThen('[ -e once ] || { touch once; rm lock; }');
    const hold = await acquired();
    expect(String(lstatSync(lock).ino)).toBe(hold.holding.identity.ino);
    expect(await hold.check()).toEqual({ kind: 'ours' });
  });

  test('is opened anew when Asterisk has made another', async () => {
    flockThen('[ -e once ] || { touch once; mv lock old; touch lock; }');
    const hold = await acquired();
    expect(String(lstatSync(lock).ino)).toBe(hold.holding.identity.ino);
  });

  test('for ever is given up', async () => {
    flockThen('rm lock');
    const { problem, message } = await problemOf(protocol.tryAcquire(request()));
    expect(problem).toBe('vanished');
    expect(message).toContain('exchanged 8 times');
  });

  test('and gets a second name is refused, and not left locked', async () => {
    flockThen('ln lock other');
    expect((await problemOf(protocol.tryAcquire(request()))).problem).toBe('refused-file');
    unlinkSync(join(folder, 'other'));
    process.env.PATH = PATH;
    await acquired();
  });
});

there('looking', () => {
  test('at no lock makes none', async () => {
    expect(await protocol.inspect(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('at a lock that is free leaves it free', async () => {
    await (await acquired()).release();
    expect(await protocol.inspect(folder)).toBeUndefined();
    expect(listedLock(statSync(lock, { bigint: true }))).toBeUndefined();
  });

  test('hears of the lock alone', () => {
    expect(protocol.watched(folder)).toBe(folder);
    expect([protocol.concerns('lock'), protocol.concerns('msg0001.wav')]).toEqual([true, false]);
  });
});

there('what is refused', () => {
  test.each([
    ['a symbolic link', () => symlinkSync('target', lock), 'is a symbolic link, which Asterisk refuses'],
    [
      'a second name',
      () => {
        writeFileSync(lock, '');
        linkSync(lock, join(folder, 'z'));
      },
      'has 2 names (hard links)',
    ],
    ['a directory', () => mkdirSync(lock), 'is no ordinary file'],
    ['a FIFO', () => spawnSync('mkfifo', [lock]), 'is no ordinary file'],
  ])('%s', async (_, make, words) => {
    make();
    const before = readdirSync(folder);
    const { problem, message } = await problemOf(protocol.tryAcquire(request()));
    expect(problem).toBe('refused-file');
    expect(message).toContain(`"${lock}" ${words}`);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('a directory that is not there, or is none', async () => {
    const missing = join(folder, 'missing');
    expect((await problemOf(protocol.tryAcquire(request({ path: missing })))).problem).toBe('path-missing');
    expect((await problemOf(protocol.inspect(missing))).problem).toBe('path-missing');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect((await problemOf(protocol.tryAcquire(request({ path: file })))).problem).toBe('not-a-directory');
  });

  test("another user's file, and a directory that may not be written to", async () => {
    await (await acquired()).release();
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(folder, 0o755);
    chmodSync(lock, 0o400);
    chmodSync(closed, 0o555);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect((await problemOf(protocol.tryAcquire(request()))).problem).toBe('denied');
      expect((await problemOf(protocol.tryAcquire(request({ path: closed })))).problem).toBe('denied');
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    expect(readdirSync(closed)).toEqual([]);
  });

  test('a system without flock, before anything is made', async () => {
    process.env.PATH = folder;
    const { problem, message } = await problemOf(protocol.tryAcquire(request()));
    expect(problem).toBe('unsupported');
    expect(message).toContain('no program flock on the PATH');
    expect(message).toContain('apt-get install util-linux');
    expect(readdirSync(folder)).toEqual([]);
  });

  test("busybox's flock, before anything is made", async () => {
    flockIs('echo "flock: unrecognized option: version" >&2; exit 1');
    const { problem, message } = await problemOf(protocol.tryAcquire(request()));
    expect(problem).toBe('unsupported');
    expect(message).toContain('not that of util-linux (it says: flock: unrecognized option: version)');
    expect(readdirSync(folder)).toEqual(['bin']);
  });

  test('a flock that fails: nothing is held, and what it says is told', async () => {
    flockIs(
      '[ "$1" = --version ] && { echo util-linux; exit; }; echo "flock: no locks available" >&2; exit 71',
    );
    const { problem, message } = await problemOf(protocol.tryAcquire(request()));
    expect(problem).toBe('io');
    expect(message).toBe('The program flock could not lock it: flock: no locks available. Nothing is held.');
  });

  test('a wait for a flock that hangs ends with the signal', async () => {
    flockIs('[ "$1" = --version ] && { echo util-linux; exit; }; exec sleep 60');
    const over = new AbortController();
    const failed = problemOf(protocol.tryAcquire(request({ signal: over.signal })));
    while (!existsSync(lock)) await new Promise((resolve) => setImmediate(resolve));
    over.abort();
    expect((await failed).problem).toBe('io');
    process.env.PATH = PATH;
    await acquired(open());
  });
});

describe('other systems', () => {
  test.each([
    ['darwin', 'macOS'],
    ['win32', 'Windows'],
    ['freebsd', 'freebsd'],
  ] as const)('%s is refused', async (platform, name) => {
    const { problem, message } = await problemOf(open(platform).tryAcquire(request()));
    expect(problem).toBe('unsupported');
    expect(message).toBe(
      `asterisk-flock is offered on Linux only, not on ${name}: it locks by the program flock of util-linux. Run the job on Linux, or use asterisk-lockfile if Asterisk is set to it (lockmode=lockfile).`,
    );
    expect((await problemOf(open(platform).inspect(folder))).problem).toBe('unsupported');
    expect(readdirSync(folder)).toEqual([]);
  });
});

there('flock(1) on a descriptor', () => {
  test('keeps others out until the descriptor is closed, shared ones too', async () => {
    const [one, other, third] = [openSync(lock, 'w'), openSync(lock, 'r'), openSync(lock, 'r')];
    const stat = statSync(lock, { bigint: true });
    expect(listedLock(stat)).toBeUndefined();
    expect(await lockDescriptor(one, 'exclusive')).toBe('locked');
    expect(listedLock(stat)).toBeDefined();
    expect(await lockDescriptor(other, 'exclusive')).toBe('held');
    expect(await lockDescriptor(other, 'shared')).toBe('held');
    // Its asker has ended: only its descriptor tells whose it is.
    expect(lockingProcess(lock, stat, 1)).toBe(process.pid);
    closeSync(one);
    expect(listedLock(stat)).toBeUndefined();
    expect(lockingProcess(lock, stat, process.pid)).toBeUndefined();
    expect(await lockDescriptor(other, 'shared')).toBe('locked');
    expect(await lockDescriptor(third, 'shared')).toBe('locked');
    closeSync(third);
    closeSync(other);
  });
});
