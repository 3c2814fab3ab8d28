import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Random } from '../../src/base/random.ts';
import { AsteriskLockfile } from '../../src/protocols/asterisk-lockfile.ts';
import { alone } from '../../src/protocols/files.ts';
import { type Held, type Hold, ProtocolError, type Request } from '../../src/protocols/protocol.ts';
import { startDriver } from '../interop/driver.ts';
import { builtModule } from '../support/built.ts';
import { compileDiskFaults, faultsBelow, loggedCalls, whyNoDiskFaults } from '../support/disk-faults.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeRandom } from '../support/fake-random.ts';

let folder: string;
let lock: string;
let clock: FakeClock;
let protocol: AsteriskLockfile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-asterisk-'));
  lock = join(folder, '.lock');
  clock = new FakeClock();
  protocol = open();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(random: Random = new FakeRandom(1), platform: NodeJS.Platform = 'linux'): AsteriskLockfile {
  return new AsteriskLockfile({ clock, random, platform });
}

function request(changes: Partial<Request> = {}): Request {
  return { path: folder, pid: process.pid, mayTake: async () => true, ...changes };
}

async function acquired(from = protocol, changes: Partial<Request> = {}): Promise<Hold> {
  const attempt = await from.tryAcquire(request(changes));
  if (attempt.kind !== 'acquired') throw new Error(`it is held: ${attempt.by.standing.detail}`);
  return attempt.hold;
}

async function held(from = protocol, changes: Partial<Request> = {}): Promise<Held> {
  const attempt = await from.tryAcquire(request(changes));
  if (attempt.kind !== 'held') throw new Error('it was acquired');
  return attempt.by;
}

/** A lock as Asterisk makes it, so old by the filesystem's clock. */
function lockOf(ageMs: number): void {
  writeFileSync(lock, '');
  age(ageMs);
}

function age(ageMs: number): void {
  const seconds = (Date.now() - ageMs) / 1_000;
  utimesSync(lock, seconds, seconds);
}

/** Does something at the n-th time that a name is drawn. */
function interrupted(at: number, work: () => void): Random {
  const random = new FakeRandom(2);
  let draws = 0;
  return {
    fraction: () => random.fraction(),
    hex: (bytes) => {
      draws += 1;
      if (draws === at) work();
      return random.hex(bytes);
    },
  };
}

async function problemOf(work: Promise<unknown>): Promise<{ problem: string; message: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProtocolError)) throw new Error(`no ProtocolError: ${String(error)}`);
  return { problem: error.problem, message: error.message };
}

describe('a lock of ours', () => {
  test('is an empty file with one name and nothing beside it, and is gone after the release', async () => {
    const hold = await acquired();
    expect(readdirSync(folder)).toEqual(['.lock']);
    const { size, nlink } = lstatSync(lock);
    expect({ size, nlink }).toEqual({ size: 0, nlink: 1 });
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("has the umask's mode, with the blog's timing 0600", async () => {
    const before = process.umask(0o002);
    try {
      await acquired();
      expect(lstatSync(lock).mode & 0o777).toBe(0o664);
      unlinkSync(lock);
      await acquired(
        new AsteriskLockfile({ clock, random: new FakeRandom(1), platform: 'linux' }, { variant: 'blog' }),
      );
      expect(lstatSync(lock).mode & 0o777).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });

  test('is held for others, who leave nothing behind', async () => {
    await acquired();
    const { standing, since } = await held(open(new FakeRandom(3)));
    expect(standing).toEqual({
      holder: 'unknown',
      takeable: false,
      detail: 'its record is empty, and no ttl says when it is too old',
    });
    expect(Math.abs(Date.parse(since ?? '') - Date.now())).toBeLessThan(5_000);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('has another mark than the one before, whatever its inode number', async () => {
    const marks = new Set<string | undefined>();
    for (let round = 0; round < 20; round += 1) {
      const hold = await acquired();
      marks.add(hold.holding.identity.mark);
      await hold.release();
    }
    expect(marks.size).toBeGreaterThan(18);
  });

  test('does not touch a temporary file that somebody else has left', async () => {
    const first = Number.parseInt(new FakeRandom(1).hex(4), 16) >>> 1;
    const theirs = join(folder, `.lock-${first.toString(16).padStart(8, '0')}`);
    writeFileSync(theirs, 'theirs');
    await acquired();
    expect(readFileSync(theirs, 'utf8')).toBe('theirs');
  });

  test('of a relative path is found from everywhere', async () => {
    const hold = await acquired(protocol, { path: relative(process.cwd(), folder) });
    expect(hold.holding.path).toBe(folder);
  });

  test('of many at once is the lock of one', async () => {
    const attempts = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => open(new FakeRandom(seed)).tryAcquire(request())),
    );
    expect(attempts.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test.each([0, 60_000])('is not ours when it was removed, after %d ms', async (ms) => {
    const hold = await acquired();
    await clock.advance(ms);
    unlinkSync(lock);
    const gone = { kind: 'compromised', detail: `somebody has removed "${lock}"` };
    expect(await hold.check()).toEqual(gone);
    expect(await hold.renew?.()).toEqual(gone);
    expect(await hold.release()).toEqual(gone);
  });

  test.each([0, 60_000])('that somebody has exchanged is left to them, after %d ms', async (ms) => {
    const hold = await acquired();
    await clock.advance(ms);
    unlinkSync(lock);
    lockOf(5_000);
    const before = lstatSync(lock);
    expect(await hold.check()).toMatchObject({ kind: 'compromised', by: { path: folder } });
    expect(await hold.renew?.()).toMatchObject({ kind: 'compromised' });
    expect(await hold.release()).toMatchObject({ kind: 'compromised' });
    const { ino, mtimeMs } = lstatSync(lock);
    expect({ ino, mtimeMs }).toEqual({ ino: before.ino, mtimeMs: before.mtimeMs });
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  // Who is stopped between two calls may find that its ttl is over, however young the lock was.
  test.each([
    [undefined, 60_000],
    [5_000, 0],
  ])('that is exchanged while it is released is put back (ttl %p, after %d ms)', async (ttlMs, ms) => {
    const hold = await acquired(
      open(
        // The name of the temporary file, the mark, and the name under which it is released.
        interrupted(3, () => {
          unlinkSync(lock);
          lockOf(0);
        }),
      ),
      ttlMs === undefined ? {} : { ttlMs },
    );
    await clock.advance(ms);
    expect(await hold.release()).toMatchObject({ kind: 'compromised' });
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('that is touched by hand is ours still', async () => {
    const hold = await acquired();
    age(3_600_000);
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(await hold.release()).toEqual({ kind: 'ours' });
  });

  test('is released once', async () => {
    const hold = await acquired();
    await hold.release();
    await acquired();
    expect(await hold.release()).toMatchObject({ kind: 'compromised' });
    expect(existsSync(lock)).toBe(true);
  });
});

describe('a renewal', () => {
  test('makes it young by the clock of the filesystem, and keeps its mark', async () => {
    const hold = await acquired(protocol, { ttlMs: 60_000 });
    const mark = Number(hold.holding.identity.mark);
    for (let round = 0; round < 5; round += 1) {
      age(3_600_000);
      expect(await hold.renew?.()).toEqual({ kind: 'ours' });
      const { mtimeNs } = lstatSync(lock, { bigint: true });
      const aheadMs = Number(mtimeNs) / 1e6 - Date.now();
      expect(aheadMs).toBeGreaterThan(-50);
      expect(aheadMs).toBeLessThan(2_000);
      expect(Number((mtimeNs / 1_000n) % 1_000_000n)).toBe(mark);
    }
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('leaves what another process resumes the same', async () => {
    const { holding } = await acquired(protocol, { ttlMs: 60_000 });
    const resumed = protocol.resume(JSON.parse(JSON.stringify(holding)));
    expect(await resumed.renew?.()).toEqual({ kind: 'ours' });
    const again = protocol.resume(JSON.parse(JSON.stringify(holding)));
    expect(await again.check()).toEqual({ kind: 'ours' });
    expect(await again.release()).toEqual({ kind: 'ours' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a hold that another process has left', () => {
  test.each(['dev', 'ino', 'mark'] as const)('is not ours by another %s', async (part) => {
    const { holding } = await acquired();
    const identity = { ...holding.identity, [part]: `${Number(holding.identity[part]) + 1}` };
    const resumed = protocol.resume({ ...holding, identity });
    expect(await resumed.check()).toMatchObject({ kind: 'compromised' });
    expect(await resumed.release()).toMatchObject({ kind: 'compromised' });
    expect(existsSync(lock)).toBe(true);
  });

  test('is not ours when Asterisk has its inode number now', async () => {
    const lib = resolve(dirname(builtModule('protocols/open.js')), '..');
    const ours = join(import.meta.dirname, '../interop/ours.mjs');
    const process_ = startDriver(process.execPath, [ours, lib, 'asterisk-lockfile']);
    const { hold } = JSON.parse(await process_.ask(`try ${folder}`)) as { hold: Hold['holding'] };
    await process_.kill();
    unlinkSync(lock);
    writeFileSync(lock, '');
    // Most filesystems give the number anew at once; where this one has not, it is as if.
    const identity = { ...hold.identity, ino: String(lstatSync(lock).ino) };
    expect(await protocol.resume({ ...hold, identity }).release()).toMatchObject({ kind: 'compromised' });
    expect(existsSync(lock)).toBe(true);
  });

  test('is gone when its file is', async () => {
    const { holding } = await acquired();
    unlinkSync(lock);
    expect(await protocol.resume(holding).check()).toMatchObject({ kind: 'compromised' });
  });
});

describe('what a dead holder left', () => {
  test.each([
    [58_000, undefined],
    [59_000, 90_000],
    [-60_000, 60_000],
    [1e9, undefined],
  ])('is held at the age of %d ms with a ttl of %s', async (ageMs, ttlMs) => {
    lockOf(ageMs);
    const mayTake = async (): Promise<boolean> => {
      throw new Error('nobody may be asked');
    };
    const by = await held(protocol, { mayTake, ...(ttlMs === undefined ? {} : { ttlMs }) });
    expect(by.standing.expired).toBe(ttlMs === undefined ? undefined : false);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('is taken over when it is old enough, whatever our own clocks say', async () => {
    lockOf(61_000);
    const attempt = await protocol.tryAcquire(request({ ttlMs: 60_000 }));
    expect(attempt).toMatchObject({
      kind: 'acquired',
      took: { standing: { expired: true, takeable: true, holder: 'unknown' } },
    });
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('is measured again when it may have become old enough, and not before', async () => {
    lockOf(58_000);
    const draws: string[] = [];
    const random = new FakeRandom(1);
    const counting = open({
      fraction: () => random.fraction(),
      hex: (bytes) => {
        draws.push('drawn');
        return random.hex(bytes);
      },
    });
    await held(counting, { ttlMs: 60_000 });
    const first = draws.length;
    for (let round = 0; round < 10; round += 1) {
      await clock.advance(100);
      await held(counting, { ttlMs: 60_000 });
    }
    expect(draws.length).toBe(first);
    age(61_000);
    await acquired(counting, { ttlMs: 60_000 });
  });

  test('is as old as its filesystem says, however long somebody has waited for it', async () => {
    lockOf(58_000);
    await held(protocol, { ttlMs: 60_000 });
    await clock.advance(30_000);
    await held(protocol, { ttlMs: 60_000 });
  });

  test('stays when the policy or the veto says so', async () => {
    lockOf(61_000);
    const { ino } = lstatSync(lock);
    await held(protocol, { ttlMs: 60_000, mayTake: async () => false });
    expect(lstatSync(lock).ino).toBe(ino);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('stays when its holder renews it while the veto is asked', async () => {
    lockOf(61_000);
    const { ino } = lstatSync(lock);
    await held(protocol, {
      ttlMs: 60_000,
      mayTake: async () => {
        age(0);
        return true;
      },
    });
    expect(lstatSync(lock).ino).toBe(ino);
  });

  test('is put back when its holder renews it just before it is taken away', async () => {
    lockOf(61_000);
    const { ino } = lstatSync(lock);
    // A vain try draws two; its probe of the clock one; then the name under which it is taken away.
    const late = open(interrupted(4, () => age(0)));
    await held(late, { ttlMs: 60_000 });
    expect(lstatSync(lock).ino).toBe(ino);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('is taken over by one of many', async () => {
    lockOf(61_000);
    const attempts = await Promise.all(
      Array.from({ length: 10 }, (_, seed) =>
        open(new FakeRandom(seed)).tryAcquire(request({ ttlMs: 60_000 })),
      ),
    );
    expect(attempts.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('is not taken over by who comes while somebody else is at it', async () => {
    lockOf(61_000);
    const [one, other] = [open(new FakeRandom(5)), open(new FakeRandom(6))];
    // The second is let in by its policy only when the first has taken it.
    let first: Hold | undefined;
    const attempt = await other.tryAcquire(
      request({
        ttlMs: 60_000,
        mayTake: async () => {
          first = await acquired(one, { ttlMs: 60_000 });
          return true;
        },
      }),
    );
    expect(attempt.kind).toBe('held');
    expect(await first?.check()).toEqual({ kind: 'ours' });
  });

  test('is left to another process of ours that is taking it over', async () => {
    lockOf(61_000);
    const by = await alone(lock, () => held(protocol, { ttlMs: 60_000 }));
    expect(by?.standing.takeable).toBe(true);
    await acquired(protocol, { ttlMs: 60_000 });
  });

  test.each([
    ['a directory', () => mkdirSync(lock)],
    ['a symbolic link', () => symlinkSync('nowhere', lock)],
    ['a file of 5 bytes', () => writeFileSync(lock, '4711\n')],
  ])('is left alone when it is %s', async (kind, make) => {
    make();
    const by = await held(protocol, { ttlMs: -1e9 });
    expect(by.standing).toMatchObject({ takeable: false });
    expect(by.standing.detail).toContain(kind);
    const { problem, message } = await problemOf(protocol.break(by));
    expect(problem).toBe('refused-file');
    expect(message).toContain(`is ${kind}`);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });
});

describe('looking and breaking', () => {
  test('nobody, and somebody', async () => {
    expect(await protocol.inspect(folder)).toBeUndefined();
    lockOf(60_000);
    expect(await protocol.inspect(folder)).toMatchObject({ path: folder, standing: { takeable: false } });
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  test('only what was looked at is broken', async () => {
    lockOf(60_000);
    const seen = (await protocol.inspect(folder)) as Held;
    renameSync(lock, join(folder, 'kept'));
    lockOf(30_000);
    expect(await protocol.break(seen)).toBe(false);
    expect(existsSync(lock)).toBe(true);
    expect(await protocol.break((await protocol.inspect(folder)) as Held)).toBe(true);
    expect(readdirSync(folder)).toEqual(['kept']);
    expect(await protocol.break(seen)).toBe(false);
  });

  test('a renewed hold can be broken: it is the same', async () => {
    const hold = await acquired(protocol, { ttlMs: 60_000 });
    const seen = (await protocol.inspect(folder)) as Held;
    await hold.renew?.();
    expect(await protocol.break(seen)).toBe(true);
    expect(await hold.check()).toMatchObject({ kind: 'compromised' });
  });

  test('what can be heard in the directory: the lock, not the temporary files', () => {
    expect(protocol.watched(folder)).toBe(folder);
    expect([protocol.concerns('.lock'), protocol.concerns('.lock-0badcafe')]).toEqual([true, false]);
  });
});

describe('what is refused', () => {
  test('a directory that is not there, or is none', async () => {
    const missing = join(folder, 'missing');
    expect((await problemOf(protocol.tryAcquire(request({ path: missing })))).problem).toBe('path-missing');
    expect((await problemOf(protocol.inspect(missing))).problem).toBe('path-missing');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect((await problemOf(protocol.tryAcquire(request({ path: file })))).problem).toBe('not-a-directory');
    expect((await problemOf(protocol.inspect(file))).problem).toBe('not-a-directory');
  });

  test('a directory that may not be written to', async () => {
    chmodSync(folder, 0o555);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect((await problemOf(protocol.tryAcquire(request()))).problem).toBe('denied');
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(folder, 0o755);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test('Windows; macOS is not', async () => {
    const { problem, message } = await problemOf(open(new FakeRandom(1), 'win32').tryAcquire(request()));
    expect(problem).toBe('unsupported');
    expect(message).toBe(
      'asterisk-lockfile is not offered on Windows, where Asterisk does not run. Run the job on Linux or macOS.',
    );
    await acquired(open(new FakeRandom(1), 'darwin'));
  });
});

const why = whyNoDiskFaults();
(why === undefined ? describe : describe.skip)(`calls that fail${why ? ` (${why})` : ''}`, () => {
  interface Answer {
    readonly kind: string;
    readonly problem?: string;
  }

  /** What a process whose calls fail answers to `try` and then to `unlock`. */
  async function faulty(
    rules: string,
    { ttlMs, unlocks = 0 }: { ttlMs?: number; unlocks?: number } = {},
  ): Promise<{ tried: Answer; unlocked: unknown[]; calls: string[]; left: string[] }> {
    const shared = mkdtempSync(join(tmpdir(), 'leasehold-faults-'));
    const [library, log] = [compileDiskFaults(shared), join(shared, 'log')];
    const lib = resolve(dirname(builtModule('protocols/open.js')), '..');
    const ours = join(import.meta.dirname, '../interop/ours.mjs');
    const env = { ...process.env, ...faultsBelow(folder, { library, log, rules }) };
    const args = [ours, lib, 'asterisk-lockfile', JSON.stringify({ ttlMs })];
    const driver = startDriver(process.execPath, args, { env });
    try {
      const tried = JSON.parse(await driver.ask(`try ${folder}`)) as Answer;
      const unlocked: unknown[] = [];
      while (unlocked.length < unlocks) unlocked.push(JSON.parse(await driver.ask('unlock')));
      const calls = loggedCalls(log).map(({ call, fault }) => `${call}${fault ? ` ${fault}` : ''}`);
      return { tried, unlocked, calls, left: readdirSync(folder) };
    } finally {
      await driver.kill();
      rmSync(shared, { recursive: true, force: true });
    }
  }

  test.each([
    ['open:1:ENOSPC', 'no-space'],
    ['link:1:ENOSPC', 'no-space'],
    ['link:1:EIO', 'io'],
    ['link:1:EMLINK', 'unsupported'],
    ['stat:1:EIO', 'io'],
  ])('%s: not acquired', async (rules, problem) => {
    const { tried, calls, left } = await faulty(rules);
    expect(tried).toMatchObject({ kind: 'error', problem });
    expect(calls.some((call) => call.includes(rules.slice(rules.lastIndexOf(':') + 1)))).toBe(true);
    expect(left).toEqual([]);
  });

  test('a link whose answer is lost is believed by what lies there', async () => {
    const { tried, left } = await faulty('link:1:lost=EEXIST');
    expect(tried.kind).toBe('acquired');
    expect(left).toEqual(['.lock']);
  });

  test('a link that only says that it was made is not', async () => {
    const { tried, left } = await faulty('link:1+:false');
    expect(tried).toMatchObject({ kind: 'error', problem: 'vanished' });
    expect(left).toEqual([]);
  });

  test('a rename whose answer is lost is believed by what lies there', async () => {
    const { unlocked, left } = await faulty('rename:1:lost=EIO', { ttlMs: 60_000, unlocks: 1 });
    expect(unlocked).toEqual([{ kind: 'ours' }]);
    expect(left).toEqual([]);
  });

  test('what was moved aside and can’t be looked at is put back', async () => {
    // Looked at after the link, before it is moved aside twice, and then.
    const { unlocked, left } = await faulty('stat:4:EIO', { ttlMs: 60_000, unlocks: 1 });
    expect(unlocked).toEqual([expect.objectContaining({ problem: 'io' })]);
    expect(left).toEqual(['.lock']);
  });

  test('a temporary file that stays does not take the lock', async () => {
    const { tried, left } = await faulty('unlink:1:EIO');
    expect(tried.kind).toBe('acquired');
    expect(left).toContain('.lock');
    expect(left).toHaveLength(2);
    for (const name of left) expect(readFileSync(join(folder, name), 'utf8')).toBe('');
  });
});
