import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import { acquireBy, isStale } from '../../src/protocols/acquire.ts';
import { alone } from '../../src/protocols/files.ts';
import { type PidHold, PidProtocol } from '../../src/protocols/pid.ts';
import { PidLockfile } from '../../src/protocols/pid-lockfile.ts';
import { companionRecord, parsePid, pidRecord, scanInteger } from '../../src/protocols/pid-record.ts';
import { type Held, ProtocolError, type Request } from '../../src/protocols/protocol.ts';
import { startDriver } from '../interop/driver.ts';
import { builtModule } from '../support/built.ts';
import { compileDiskFaults, faultsBelow, loggedCalls, whyNoDiskFaults } from '../support/disk-faults.ts';
import { FakeRandom } from '../support/fake-random.ts';

jest.setTimeout(60_000);

const isRoot = process.getuid?.() === 0;
/** Only root can become another user, and back. */
const asRoot = isRoot ? test : test.skip;

const TTL_MS = 300_000;
const HOUR_S = 3_600;

let folder: string;
let path: string;
let random: FakeRandom;
let slept: number[];
/** What happens while somebody sleeps. */
let meanwhile: () => void;
let children: ChildProcess[];

const clock: Clock = {
  ...systemClock,
  sleep: async (ms) => {
    slept.push(ms);
    meanwhile();
  },
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-pid-'));
  path = join(folder, 'x.lock');
  random = new FakeRandom(1);
  slept = [];
  meanwhile = () => {};
  children = [];
});

afterEach(async () => {
  for (const child of children) await stop(child);
  rmSync(folder, { recursive: true, force: true });
});

function open(platform: NodeJS.Platform = process.platform): PidProtocol {
  return new PidProtocol({ clock, random, platform });
}

function lockfile(): PidLockfile {
  return new PidLockfile(path, { clock, random, platform: process.platform });
}

function request(over: Partial<Request> = {}): Request {
  return { path, pid: process.pid, mayTake: async () => true, ...over };
}

async function acquired(over: Partial<Request> = {}): Promise<PidHold> {
  const attempt = await open().tryAcquire(request(over));
  if (attempt.kind !== 'acquired') throw new Error(`held: ${attempt.by.standing.detail}`);
  return attempt.hold;
}

async function heldBy(over: Partial<Request> = {}): Promise<Held> {
  const attempt = await open().tryAcquire(request(over));
  if (attempt.kind !== 'held') throw new Error('acquired');
  return attempt.by;
}

async function problemOf(work: Promise<unknown>): Promise<ProtocolError> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof ProtocolError) return error;
  throw new Error(`no problem: ${String(error)}`);
}

/** A process that does nothing, of another user if asked for. */
function running(uid?: number): number {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore', ...(uid === undefined ? {} : { uid }) });
  children.push(child);
  return child.pid ?? -1;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function dead(): Promise<number> {
  const pid = running();
  await stop(children[children.length - 1] as ChildProcess);
  return pid;
}

const record = (): string => readFileSync(path, 'latin1');
const companion = (): string => readFileSync(`${path}.expire`, 'latin1');
const left = (): string[] => readdirSync(folder).sort();
const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

function put(bytes: string, expire?: string): void {
  writeFileSync(path, bytes, 'latin1');
  if (expire !== undefined) writeFileSync(`${path}.expire`, expire, 'latin1');
}

/** The file was last written an hour ago. */
function age(file: string): void {
  utimesSync(file, nowSeconds() - HOUR_S, nowSeconds() - HOUR_S);
}

describe('the records', () => {
  test.each([
    ['12\n', 12n],
    ['12', 12n],
    [' \t\v\f\r12\n', 12n],
    ['\u00c2\u00a012 \u00e3\u0080\u0080\n', 12n],
    ['+12\n', 12n],
    ['-12\n', -12n],
    ['0x4ba\n', 1_210n],
    ['0X4BA', 1_210n],
    ['02272\n', 1_210n],
    ['0o2272\n', 1_210n],
    ['0b1\n', 1n],
    ['1_0\n', 10n],
    ['0x_f\n', 15n],
    ['0_7\n', 7n],
    ['12 \r\n', 12n],
    ['12\njunk', 12n],
    ['0\n', 0n],
    ['9223372036854775807\n', 2n ** 63n - 1n],
    ['-9223372036854775808\n', -(2n ** 63n)],
  ])('%j is a number to Go', (bytes, value) => {
    expect(scanInteger(bytes)).toBe(value);
  });

  test.each([
    ...[
      '',
      '\n',
      '\n12\n',
      '\r\n12',
      '12 5\n',
      '12abc\n',
      '12.0',
      '1__0',
      '_1',
      '1_',
      '0x',
      '0x_',
      '0b2',
      '08',
    ],
    ...[
      '+',
      '+ 1',
      '--1',
      '9223372036854775808',
      '-9223372036854775809',
      '\u00ef\u00bb\u00bf12',
      '12\0',
      '\u00ff12',
    ],
    ...['\u00e2\u0080', 'pid'],
  ])('%j is none', (bytes) => {
    expect(scanInteger(bytes)).toBeUndefined();
  });

  test('a pid is above 0', () => {
    expect(['1\n', '0\n', '-1\n', 'x\n'].map(parsePid)).toEqual([1, undefined, undefined, undefined]);
  });

  test('are written as the original writes them', () => {
    expect(pidRecord(4_711)).toBe('4711\n');
    expect(companionRecord(1_700_000_000_999, 120_000)).toBe('1700000120\n');
  });
});

describe('a lock that is free', () => {
  test('is taken: one file, 0600, with the pid; and is gone after the release', async () => {
    const hold = await acquired();
    expect(left()).toEqual(['x.lock']);
    expect(record()).toBe(`${process.pid}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(hold.renew).toBeUndefined();
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(left()).toEqual([]);
  });

  test('with a ttl: the companion says when others may take it; both are gone after the release', async () => {
    const before = nowSeconds();
    const hold = await acquired({ ttlMs: TTL_MS });
    expect(left()).toEqual(['x.lock', 'x.lock.expire']);
    expect(statSync(`${path}.expire`).mode & 0o777).toBe(0o600);
    expect(Number(companion())).toBeGreaterThanOrEqual(before + 300);
    expect(Number(companion())).toBeLessThanOrEqual(nowSeconds() + 300);
    const held = await open().inspect(path);
    expect(held).toMatchObject({
      pid: process.pid,
      ttlMs: TTL_MS,
      standing: { expired: false, holder: 'alive' },
    });
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(left()).toEqual([]);
  });

  test.each([[undefined], [TTL_MS]])(
    'an orphan companion is gone before it is ours (ttl %p)',
    async (ttlMs) => {
      writeFileSync(`${path}.expire`, `${nowSeconds() - 10}\n`);
      const hold = await acquired(ttlMs === undefined ? {} : { ttlMs });
      expect(left()).toEqual(ttlMs === undefined ? ['x.lock'] : ['x.lock', 'x.lock.expire']);
      if (ttlMs !== undefined) expect(Number(companion())).toBeGreaterThan(nowSeconds() + 200);
      await hold.release();
      expect(left()).toEqual([]);
    },
  );

  test.each([[undefined], [TTL_MS]])('of ten that want it at once, one gets it (ttl %p)', async (ttlMs) => {
    const ttl = ttlMs === undefined ? {} : { ttlMs };
    const attempts = await Promise.all(Array.from({ length: 10 }, () => open().tryAcquire(request(ttl))));
    expect(attempts.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
    expect(left()).toEqual(ttlMs === undefined ? ['x.lock'] : ['x.lock', 'x.lock.expire']);
  });

  test('that another takes in the meantime keeps its companion', async () => {
    const pid = running();
    writeFileSync(`${path}.expire`, '1\n');
    const attempt = open().tryAcquire(request());
    const expire = `${nowSeconds() + HOUR_S}\n`;
    put(`${pid}\n`, expire);
    expect(await attempt).toMatchObject({ kind: 'held', by: { pid } });
    expect(companion()).toBe(expire);
  });

  test('is looked at without a trace', async () => {
    expect(await open().inspect(path)).toBeUndefined();
    expect(left()).toEqual([]);
  });

  test.each([0, -60_000, 90_000, 59_999, Number.NaN, Number.POSITIVE_INFINITY])(
    'no ttl of %p ms',
    async (ttlMs) => {
      await expect(open().tryAcquire(request({ ttlMs }))).rejects.toThrow(UsageError);
      await expect(open().tryAcquire(request({ ttlMs }))).rejects.toThrow(/whole minutes: write 5m/);
      expect(left()).toEqual([]);
    },
  );

  test.each([0, -1, 1.5, Number.NaN])('no pid %p', async (pid) => {
    await expect(open().tryAcquire(request({ pid }))).rejects.toThrow(UsageError);
    expect(left()).toEqual([]);
  });
});

describe('a lock that is held', () => {
  const never = async (): Promise<boolean> => {
    throw new Error('asked about a lock that is not stale');
  };

  test('by a process that runs', async () => {
    const pid = running();
    put(`${pid}\n`);
    const held = await heldBy({ mayTake: never });
    expect(held).toMatchObject({ path, pid, standing: { holder: 'alive', takeable: false } });
    expect(held.standing.expired).toBeUndefined();
    expect(held.standing.detail).toBe(`its process ${pid} is running`);
    expect(left()).toEqual(['x.lock']);
  });

  test('by this process: it is not let in twice', async () => {
    await acquired();
    expect((await heldBy({ mayTake: never })).standing).toMatchObject({ holder: 'alive', takeable: false });
  });

  test('by this process, which has it from another', async () => {
    put(`${process.pid}
`);
    const { dev, ino } = lstatSync(path);
    const identity = { dev: String(dev), ino: String(ino), bytes: record() };
    const hold = open().resume({ protocol: 'pid', path, pid: process.pid, identity });
    expect((await heldBy({ mayTake: never })).standing.holder).toBe('alive');
    expect(await hold.release()).toEqual({ kind: 'ours' });
  });

  asRoot('by a process of another user: EPERM is alive', async () => {
    put(`${running(12_345)}\n`);
    chmodSync(path, 0o644);
    chmodSync(folder, 0o777);
    process.seteuid?.(65_534);
    try {
      expect((await heldBy({ mayTake: never })).standing).toMatchObject({ holder: 'alive', takeable: false });
    } finally {
      process.seteuid?.(0);
    }
  });

  asRoot("whose record is for another user's eyes", async () => {
    put(`${await dead()}\n`);
    chmodSync(path, 0o600);
    chmodSync(folder, 0o777);
    process.seteuid?.(65_534);
    try {
      const { standing, pid } = await heldBy({ mayTake: never });
      expect(pid).toBeUndefined();
      expect(standing).toEqual({
        holder: 'unknown',
        takeable: false,
        detail:
          'its record is for its owner alone (uid 0), and the user of this process is another (uid 65534)',
      });
    } finally {
      process.seteuid?.(0);
    }
  });

  test.each([
    ['empty', '', 'its record is empty'],
    ['cut off', '-', 'its record names no process'],
    ['of something else', '{"pid":12}\n', 'its record names no process'],
    [
      'no pid of any system',
      '9223372036854775807\n',
      'its record names 9223372036854776000, which is no pid',
    ],
  ])('a record that is %s is nobody to take over from', async (_, bytes, detail) => {
    put(bytes);
    const { standing } = await heldBy({ mayTake: never });
    expect(standing).toMatchObject({ holder: 'unknown', takeable: false });
    expect(standing.detail).toContain(detail);
    expect(record()).toBe(bytes);
    expect(slept).toEqual(detail.includes('which is no pid') ? [] : [100]);
  });

  test('an empty record is given a moment to be written', async () => {
    put('');
    const pid = running();
    meanwhile = () => put(`${pid}\n`);
    expect(await heldBy({ mayTake: never })).toMatchObject({ pid, standing: { holder: 'alive' } });
    expect(slept).toEqual([100]);
  });

  test.each([
    ['empty', ''],
    ['no number', 'soon\n'],
  ])('a companion that is %s ends nothing', async (_, expire) => {
    put(`${running()}\n`, expire);
    const { standing } = await heldBy({ mayTake: never });
    expect(standing).toMatchObject({ holder: 'alive', takeable: false });
    expect(standing.expired).toBeUndefined();
    expect(standing.detail).toContain('x.lock.expire is no number');
    expect(slept).toEqual([100]);
  });

  test('whose time is not over', async () => {
    put(`${running()}\n`, `${nowSeconds()}\n`);
    // A lock counts as over from the second after the one that is named.
    const at = Number(companion()) * 1_000 + 999;
    const protocol = new PidProtocol({ clock: { ...clock, wallMs: () => at }, random, platform: 'linux' });
    expect(await protocol.inspect(path)).toMatchObject({ standing: { expired: false, takeable: false } });
    const later = new PidProtocol({ clock: { ...clock, wallMs: () => at + 1 }, random, platform: 'linux' });
    expect(await later.inspect(path)).toMatchObject({ standing: { expired: true, takeable: true } });
  });

  test("a companion that is older than the lock's file is another lock's", async () => {
    put(`${running()}\n`, `${nowSeconds() - 10}\n`);
    age(`${path}.expire`);
    const { standing } = await heldBy({ mayTake: never });
    expect(standing).toMatchObject({ holder: 'alive', takeable: false });
    expect(standing.expired).toBeUndefined();
  });
});

describe('a lock that is stale', () => {
  test.each([
    ['its process is gone', async () => put(`${await dead()}\n`), /its process \d+ is gone/],
    [
      'its process is gone before its time was over',
      async () => put(`${await dead()}\n`, `${nowSeconds() + HOUR_S}\n`),
      /its process \d+ is gone/,
    ],
    [
      'its process runs, and its time is over',
      async () => put(`${running()}\n`, `${nowSeconds() - 10}\n`),
      /is running, and its time is over since 1\ds/,
    ],
    [
      'it names this process, which does not hold it',
      async () => put(`${process.pid}\n`),
      /names this process \(\d+\), which does not hold it/,
    ],
    [
      'it is empty, and from before this boot',
      async () => {
        put('');
        utimesSync(path, 1, 1);
      },
      /its record is empty and is from before this machine was started/,
    ],
    [
      'it is torn, and from before this boot',
      async () => {
        put('\0\0\0\0\0');
        utimesSync(path, 1, 1);
      },
      /names no process and is from before/,
    ],
  ])('because %s: taken over once the policy agrees', async (_, prepare, detail) => {
    await prepare();
    const before = record();
    const asked: Held[] = [];
    const mayTake = async (held: Held): Promise<boolean> => {
      asked.push(held);
      return asked.length > 1;
    };
    expect((await heldBy({ mayTake })).standing.detail).toMatch(detail);
    expect(record()).toBe(before);
    const attempt = await open().tryAcquire(request({ mayTake }));
    if (attempt.kind !== 'acquired') throw new Error('held');
    expect(attempt.took?.standing.detail).toMatch(detail);
    expect(asked).toHaveLength(2);
    expect(left()).toEqual(['x.lock']);
    expect(record()).toBe(`${process.pid}\n`);
    expect(await attempt.hold.release()).toEqual({ kind: 'ours' });
  });

  test.each([
    ['dead, no time', undefined, false, { expired: true, finished: true, both: true }],
    ['dead, time left', HOUR_S, false, { expired: true, finished: true, both: false }],
    ['dead, time over', -10, false, { expired: true, finished: true, both: true }],
    ['alive, no time', undefined, true, { expired: false, finished: false, both: false }],
    ['alive, time left', HOUR_S, true, { expired: false, finished: false, both: false }],
    ['alive, time over', -10, true, { expired: true, finished: false, both: false }],
  ])('what the policies make of it: %s', async (_, seconds, alive, expected) => {
    put(
      `${alive ? running() : await dead()}\n`,
      seconds === undefined ? undefined : `${nowSeconds() + seconds}\n`,
    );
    const held = await open().inspect(path);
    if (!held) throw new Error('nobody');
    const policies = {
      expired: 'expired',
      finished: 'holder-finished',
      both: 'expired-and-holder-finished',
    } as const;
    const seen = Object.entries(policies).map(([name, policy]) => [name, isStale(held, policy)]);
    expect(Object.fromEntries(seen)).toEqual(expected);
    expect(isStale(held, 'never')).toBe(false);
  });

  test('of ten that take it over at once, one gets it, and nothing is left beside it', async () => {
    put(`${await dead()}\n`, `${nowSeconds() - 10}\n`);
    const attempts = await Promise.all(Array.from({ length: 10 }, () => open().tryAcquire(request())));
    expect(attempts.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
    expect(left()).toEqual(['x.lock']);
  });

  test('is spared when its holder renews it while the policy is asked', async () => {
    put(`${running()}\n`, `${nowSeconds() - 10}\n`);
    const renewed = `${nowSeconds() + HOUR_S}\n`;
    const mayTake = async (): Promise<boolean> => {
      writeFileSync(`${path}.expire`, renewed);
      return true;
    };
    expect((await heldBy({ mayTake })).standing).toMatchObject({ holder: 'alive', expired: false });
    expect(companion()).toBe(renewed);
  });

  test('is spared when another has taken it while the policy is asked', async () => {
    put(`${await dead()}\n`);
    const pid = running();
    const mayTake = async (): Promise<boolean> => {
      rmSync(path);
      put(`${pid}\n`);
      return true;
    };
    expect(await heldBy({ mayTake })).toMatchObject({ pid, standing: { holder: 'alive' } });
    expect(record()).toBe(`${pid}\n`);
  });

  test('is judged anew when a new record has the number of the old file and the same bytes', async () => {
    put('');
    utimesSync(path, 1, 1);
    let asked = 0;
    const mayTake = async (): Promise<boolean> => {
      asked += 1;
      utimesSync(path, nowSeconds(), nowSeconds());
      return true;
    };
    expect((await heldBy({ mayTake })).standing).toMatchObject({ holder: 'unknown', takeable: false });
    expect(asked).toBe(1);
    expect(existsSync(path)).toBe(true);
  });

  // Elsewhere they don't: see `alone`.
  (process.platform === 'linux' ? test : test.skip).each([
    ['takes over', async () => put(`${await dead()}\n`), undefined],
    ['enters with a ttl', async () => {}, TTL_MS],
    ['removes an orphan', async () => writeFileSync(`${path}.expire`, '1\n'), undefined],
  ])('who %s takes turns with others of Leasehold', async (_, prepare, ttlMs) => {
    await prepare();
    const before = left();
    await alone(path, async () => {
      const ttl = ttlMs === undefined ? {} : { ttlMs };
      const error = await problemOf(open().tryAcquire(request(ttl)));
      expect([error.problem, error.temporary]).toEqual(['contended', true]);
      expect(left()).toEqual(before);
    });
    expect((await open().tryAcquire(request())).kind).toBe('acquired');
  });

  test('that changes all the time is given up on, for now', async () => {
    put(`${await dead()}\n`);
    let at = 1_000;
    const mayTake = async (): Promise<boolean> => {
      utimesSync(path, at, at);
      at += 1;
      return true;
    };
    const error = await problemOf(open().tryAcquire(request({ mayTake })));
    expect([error.problem, error.temporary]).toEqual(['contended', true]);
    expect(left()).toEqual(['x.lock']);
  });
});

describe('a hold', () => {
  test('renews: the companion is exchanged whole, the lock stays as it is', async () => {
    const hold = await acquired({ ttlMs: TTL_MS });
    writeFileSync(`${path}.expire`, `${nowSeconds() - 10}\n`);
    const before = lstatSync(`${path}.expire`).ino;
    expect(await hold.renew?.()).toEqual({ kind: 'ours' });
    expect(Number(companion())).toBeGreaterThan(nowSeconds() + 290);
    expect(lstatSync(`${path}.expire`).ino).not.toBe(before);
    expect(left()).toEqual(['x.lock', 'x.lock.expire']);
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(left()).toEqual([]);
  });

  test('without a ttl: a companion that appears beside it is removed at the next check', async () => {
    const hold = await acquired();
    writeFileSync(`${path}.expire`, `${nowSeconds() + 60}\n`);
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(left()).toEqual(['x.lock']);
  });

  test.each([[undefined], [TTL_MS]])('that was removed is compromised (ttl %p)', async (ttlMs) => {
    const hold = await acquired(ttlMs === undefined ? {} : { ttlMs });
    rmSync(path);
    expect(await hold.check()).toEqual({ kind: 'compromised', detail: `somebody has removed "${path}"` });
    expect(await hold.release()).toMatchObject({ kind: 'compromised' });
    expect((await hold.renew?.())?.kind ?? 'compromised').toBe('compromised');
    expect(existsSync(path)).toBe(false);
  });

  test.each([[undefined], [TTL_MS]])(
    "that is another's is compromised, and left as it is (ttl %p)",
    async (ttlMs) => {
      const hold = await acquired(ttlMs === undefined ? {} : { ttlMs });
      const pid = running();
      rmSync(path);
      put(`${pid}\n`, `${nowSeconds() + 77}\n`);
      const check = await hold.check();
      expect(check).toMatchObject({ kind: 'compromised', by: { pid } });
      if (check.kind === 'compromised')
        expect(check.detail).toContain(`process ${pid} has put its own record`);
      if (hold.renew) expect((await hold.renew()).kind).toBe('compromised');
      expect((await hold.release()).kind).toBe('compromised');
      expect(record()).toBe(`${pid}\n`);
      expect(left()).toEqual(['x.lock', 'x.lock.expire']);
    },
  );

  test('whose file is another one with the same bytes is compromised', async () => {
    const hold = await acquired();
    writeFileSync(join(folder, 'other'), record());
    renameSync(join(folder, 'other'), path);
    expect((await hold.check()).kind).toBe('compromised');
    expect((await hold.release()).kind).toBe('compromised');
    expect(existsSync(path)).toBe(true);
  });

  test('whose bytes were changed in place is compromised', async () => {
    const hold = await acquired();
    put(`${running()}\n`);
    expect((await hold.check()).kind).toBe('compromised');
    expect((await hold.release()).kind).toBe('compromised');
    expect(existsSync(path)).toBe(true);
  });

  test('that is lost in the middle of a renewal takes its companion away again', async () => {
    const hold = await acquired({ ttlMs: TTL_MS });
    const pid = running();
    jest.spyOn(random, 'hex').mockImplementationOnce((bytes) => {
      rmSync(path);
      put(`${pid}\n`);
      return '1'.repeat(bytes * 2);
    });
    expect(await hold.renew?.()).toMatchObject({ kind: 'compromised', by: { pid } });
    expect(left()).toEqual(['x.lock']);
  });

  test.each([[undefined], [TTL_MS]])('of another process is released from here (ttl %p)', async (ttlMs) => {
    const pid = running();
    const { holding } = await acquired({ pid, ...(ttlMs === undefined ? {} : { ttlMs }) });
    expect(record()).toBe(`${pid}\n`);
    const hold = open().resume(JSON.parse(JSON.stringify(holding)));
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(hold.renew === undefined).toBe(ttlMs === undefined);
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(left()).toEqual([]);
    expect((await hold.release()).kind).toBe('compromised');
  });

  asRoot.each([[undefined], [TTL_MS]])(
    'that another user took over, whose records we may not read, is compromised (ttl %p)',
    async (ttlMs) => {
      chmodSync(folder, 0o777);
      process.seteuid?.(65_534);
      try {
        const hold = await acquired(ttlMs === undefined ? {} : { ttlMs });
        process.seteuid?.(0);
        for (const file of left()) rmSync(join(folder, file));
        put('1\n', `${nowSeconds() + 60}\n`);
        for (const file of left()) chmodSync(join(folder, file), 0o600);
        process.seteuid?.(65_534);
        expect((await hold.check()).kind).toBe('compromised');
        if (hold.renew) expect((await hold.renew()).kind).toBe('compromised');
        expect((await hold.release()).kind).toBe('compromised');
        expect(left()).toEqual(['x.lock', 'x.lock.expire']);
      } finally {
        process.seteuid?.(0);
      }
    },
  );
});

describe('by hand', () => {
  test('a lock is broken, with its companion', async () => {
    put(`${running()}\n`, `${nowSeconds() + 60}\n`);
    const held = await open().inspect(path);
    if (!held) throw new Error('nobody');
    expect(await open().break(held)).toBe(true);
    expect(left()).toEqual([]);
    expect(await open().break(held)).toBe(false);
  });

  test('another than the one that was seen is not', async () => {
    put(`${running()}\n`);
    const held = await open().inspect(path);
    if (!held) throw new Error('nobody');
    const pid = running();
    put(`${pid}\n`);
    expect(await open().break(held)).toBe(false);
    expect(record()).toBe(`${pid}\n`);
  });
});

describe('what is refused', () => {
  test('a path that is not absolute', async () => {
    const error = await problemOf(open().tryAcquire(request({ path: 'x.lock' })));
    expect([error.problem, error.temporary]).toEqual(['not-absolute', false]);
    expect((await problemOf(open().inspect(''))).problem).toBe('not-absolute');
  });

  test("a directory that isn't there, or is none", async () => {
    const missing = join(folder, 'missing', 'x.lock');
    const error = await problemOf(open().tryAcquire(request({ path: missing })));
    expect(error.problem).toBe('path-missing');
    expect(error.message).toContain('The directory must be there');
    expect(await open().inspect(missing)).toBeUndefined();
    put('');
    expect((await problemOf(open().tryAcquire(request({ path: join(path, 'y') })))).problem).toBe(
      'not-a-directory',
    );
  });

  test('a directory, a link that leads nowhere', async () => {
    mkdirSync(path);
    expect((await problemOf(open().tryAcquire(request()))).problem).toBe('refused-file');
    rmSync(path, { recursive: true });
    symlinkSync(join(folder, 'nowhere'), path);
    const error = await problemOf(open().tryAcquire(request()));
    expect([error.problem, error.message]).toEqual([
      'refused-file',
      `"${path}" is a symbolic link that leads nowhere. Look who made it: ls -l "${path}"`,
    ]);
    expect(left()).toEqual(['x.lock']);
  });

  test('a directory that may not be written to', async () => {
    chmodSync(folder, 0o555);
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect((await problemOf(open().tryAcquire(request()))).problem).toBe('denied');
      expect((await problemOf(open().tryAcquire(request({ ttlMs: TTL_MS })))).problem).toBe('denied');
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(folder, 0o755);
    }
    expect(left()).toEqual([]);
  });

  asRoot('a directory that may not be looked into', async () => {
    put('1\n');
    chmodSync(folder, 0o700);
    process.seteuid?.(65_534);
    try {
      expect((await problemOf(open().tryAcquire(request()))).problem).toBe('denied');
      expect((await problemOf(open().inspect(path))).problem).toBe('denied');
    } finally {
      process.seteuid?.(0);
    }
  });

  test('Windows; macOS is not', async () => {
    const error = await problemOf(open('win32').tryAcquire(request()));
    expect(error.problem).toBe('unsupported');
    expect(error.message).toMatch(/^The protocol pid is not offered on Windows,/);
    expect((await problemOf(open('win32').inspect(path))).problem).toBe('unsupported');
    expect((await open('darwin').tryAcquire(request())).kind).toBe('acquired');
  });
});

const why = whyNoDiskFaults();
(why === undefined ? describe : describe.skip)(`calls that fail${why ? ` (${why})` : ''}`, () => {
  /** What a process whose calls fail answers to `try`, and to each `unlock` after it. */
  async function faulty(
    rules: string,
    ttlMs?: number,
    unlocks = 0,
  ): Promise<{ tried: unknown; unlocked: unknown[]; calls: string[]; left: string[] }> {
    const shared = mkdtempSync(join(tmpdir(), 'leasehold-faults-'));
    const [library, log] = [compileDiskFaults(shared), join(shared, 'log')];
    const lib = resolve(dirname(builtModule('protocols/open.js')), '..');
    const ours = join(import.meta.dirname, '../interop/ours.mjs');
    const env = { ...process.env, ...faultsBelow(folder, { library, log, rules }) };
    const driver = startDriver(process.execPath, [ours, lib, 'pid', JSON.stringify({ ttlMs })], { env });
    try {
      const tried: unknown = JSON.parse(await driver.ask(`try ${path}`));
      const unlocked: unknown[] = [];
      while (unlocked.length < unlocks) unlocked.push(JSON.parse(await driver.ask('unlock')));
      const calls = loggedCalls(log).map(({ call, path, fault }) =>
        `${call} ${path.slice(folder.length + 1)} ${fault ?? ''}`.trim(),
      );
      return { tried, unlocked, calls, left: left() };
    } finally {
      await driver.kill();
      rmSync(shared, { recursive: true, force: true });
    }
  }

  test.each([
    ['open:1:ENOSPC', undefined, 'no-space'],
    ['write:1:ENOSPC', undefined, 'no-space'],
    ['write:1:EIO', undefined, 'io'],
    ['link:1:ENOSPC', undefined, 'no-space'],
    ['link:1:EMLINK', undefined, 'unsupported'],
    ['link:1+:false', undefined, 'vanished'],
    ['write:1:ENOSPC', TTL_MS, 'no-space'],
    ['write:2:ENOSPC', TTL_MS, 'no-space'],
    ['link:1:ENOSPC', TTL_MS, 'no-space'],
    ['link:2:ENOSPC', TTL_MS, 'no-space'],
    ['link:2:false', TTL_MS, 'vanished'],
  ])('%s, ttl %p: not acquired, nothing left', async (rules, ttlMs, problem) => {
    const { tried, calls, left } = await faulty(rules, ttlMs);
    expect(tried).toMatchObject({ kind: 'error', problem });
    expect(calls.some((call) => call.endsWith(rules.slice(rules.lastIndexOf(':') + 1)))).toBe(true);
    expect(left).toEqual([]);
  });

  test('a short write is written on, a lost answer of link is not believed', async () => {
    const { tried, left } = await faulty('write:1:short,link:1:lost=EEXIST');
    expect(tried).toMatchObject({ kind: 'acquired' });
    expect(record()).toMatch(/^\d+\n$/);
    expect(left).toEqual(['x.lock']);
  });

  test('a lock that can’t be looked at just after its link is believed, and can be released', async () => {
    // Whether there is a lock, a companion; and what the link has made.
    const { tried, unlocked, calls, left } = await faulty('stat:3:EIO', undefined, 1);
    expect(calls).toContain('stat x.lock EIO');
    expect(tried).toMatchObject({ kind: 'acquired' });
    expect(unlocked).toEqual([{ kind: 'ours' }]);
    expect(left).toEqual([]);
  });

  test('a companion that stays when the lock is removed is removed by the next release, and nothing is lost', async () => {
    const { unlocked, calls, left } = await faulty('rename:2:EIO', TTL_MS, 2);
    expect(calls.filter((call) => call.startsWith('rename'))).toEqual([
      expect.stringMatching(/^rename x\.lock\.\d+$/),
      expect.stringMatching(/^rename x\.lock\.\d+ EIO$/),
      expect.stringMatching(/^rename x\.lock\.\d+$/),
    ]);
    expect(unlocked).toEqual([expect.objectContaining({ problem: 'io' }), { kind: 'ours' }]);
    expect(left).toEqual([]);
  });

  test('a release whose answer is lost is believed by what lies there', async () => {
    // The first is that of the temporary file.
    const { unlocked, calls, left } = await faulty('unlink:2:lost=EIO', undefined, 1);
    expect(calls).toContain('unlink x.lock lost=EIO');
    expect(unlocked).toEqual([{ kind: 'ours' }]);
    expect(left).toEqual([]);
  });

  test('the companion is whole before the lock is there', async () => {
    const { tried, calls } = await faulty('', TTL_MS);
    expect(tried).toMatchObject({ kind: 'acquired' });
    // `link` is told with the name that is new.
    const links = calls.filter((call) => call.startsWith('link'));
    expect(links).toHaveLength(2);
    expect(links[0]).toContain('.expire');
    expect(links[1]).not.toContain('.expire');
  });
});

describe('the operations of the original', () => {
  test('TryLock, GetOwner, Unlock', async () => {
    expect(await lockfile().getOwner()).toBeUndefined();
    const mine = lockfile();
    expect((await mine.tryLock()).kind).toBe('acquired');
    expect(await mine.getOwner()).toBe(process.pid);
    expect((await mine.tryLock()).kind).toBe('held');
    await mine.unlock();
    expect(left()).toEqual([]);
    expect((await problemOf(mine.unlock())).problem).toBe('rogue-deletion');
  });

  test('GetOwner of one that is invalid, or dead', async () => {
    put('0\n');
    const invalid = await problemOf(lockfile().getOwner());
    put(`${await dead()}\n`);
    const gone = await problemOf(lockfile().getOwner());
    expect([invalid.problem, gone.problem]).toEqual(['invalid-pid', 'dead-owner']);
    expect([invalid.temporary, gone.temporary]).toEqual([false, false]);
  });

  test('TryLock takes what is stale, and leaves what is not', async () => {
    put(`${await dead()}\n`);
    const attempt = await lockfile().tryLock();
    expect(attempt).toMatchObject({ kind: 'acquired', took: { standing: { holder: 'finished' } } });
    rmSync(path);
    put(`${running()}\n`);
    expect((await lockfile().tryLock()).kind).toBe('held');
  });

  test('TryLockExpire counts minutes', async () => {
    const mine = lockfile();
    await expect(mine.tryLockExpire(0)).rejects.toThrow(UsageError);
    await expect(mine.tryLockExpire(1.5)).rejects.toThrow(UsageError);
    expect((await mine.tryLockExpire(5)).kind).toBe('acquired');
    expect(Number(companion()) - nowSeconds()).toBeGreaterThan(295);
    await mine.unlock();
    expect(left()).toEqual([]);
  });

  test('TryLockExpireWithRetry: two rounds with 100 ms in each, and it deletes nothing', async () => {
    mkdirSync(path);
    const error = await problemOf(lockfile().tryLockExpireWithRetry(5));
    expect(error.problem).toBe('refused-file');
    expect(slept).toEqual([100, 100]);
    expect(left()).toEqual(['x.lock']);
  });

  test('TryLockExpireWithRetry: what fails once is tried again, what is held is not', async () => {
    mkdirSync(path);
    meanwhile = () => rmSync(path, { recursive: true, force: true });
    expect((await lockfile().tryLockExpireWithRetry(5)).kind).toBe('acquired');
    expect(slept).toEqual([100]);
    slept = [];
    expect((await lockfile().tryLockExpireWithRetry(5)).kind).toBe('held');
    expect(slept).toEqual([]);
  });

  test.each([[undefined], [5]])(
    'ChangeOwner, with minutes %p: the new owner has it, with all its time',
    async (minutes) => {
      const mine = lockfile();
      await (minutes === undefined ? mine.tryLock() : mine.tryLockExpire(minutes));
      expect((await problemOf(mine.changeOwner(await dead()))).problem).toBe('dead-owner');
      expect(await mine.getOwner()).toBe(process.pid);
      const pid = running();
      const change = await mine.changeOwner(pid);
      if (change.kind !== 'changed') throw new Error('held');
      expect(await mine.getOwner()).toBe(pid);
      expect(await open().inspect(path)).toMatchObject({ pid, standing: { holder: 'alive' } });
      if (minutes !== undefined) expect((await open().inspect(path))?.standing.expired).toBe(false);
      expect((await problemOf(mine.unlock())).problem).toBe('rogue-deletion');
      expect((await mine.changeOwner(process.pid)).kind).toBe('held');
      expect(await change.hold.release()).toEqual({ kind: 'ours' });
      expect(left()).toEqual([]);
    },
  );

  test('ChangeOwner to this process: it may hand it on, or unlock it', async () => {
    put(`${process.pid}\n`, `${nowSeconds() + HOUR_S}\n`);
    const mine = lockfile();
    const pid = running();
    const change = await mine.changeOwner(pid);
    expect(change.kind).toBe('changed');
    expect(record()).toBe(`${pid}\n`);
    expect(Number(companion()) - nowSeconds()).toBeGreaterThan(HOUR_S - 60);
    put(`${process.pid}\n`);
    await lockfile().unlock();
    expect(left()).toEqual([]);
  });

  test('what another hold of this process has is not for this one', async () => {
    const hold = await acquired();
    expect((await problemOf(lockfile().unlock())).problem).toBe('rogue-deletion');
    expect((await lockfile().changeOwner(running())).kind).toBe('held');
    expect(await hold.check()).toEqual({ kind: 'ours' });
  });

  test('Unlock of what is gone, or changed', async () => {
    const mine = lockfile();
    await mine.tryLock();
    put(`${running()}\n`);
    expect((await problemOf(mine.unlock())).problem).toBe('rogue-deletion');
    expect(existsSync(path)).toBe(true);
    rmSync(path);
    expect((await problemOf(mine.unlock())).message).toBe(`"${path}" is not there.`);
  });
});

test('who waits is woken by the lock alone', () => {
  const names = ['x.lock', 'x.lock.expire', 'x.lock.4711', 'y.lock'];
  expect(names.filter((name) => open().concerns(name, path))).toEqual(['x.lock']);
  expect(open().concerns('x.lock', `${folder}//./x.lock`)).toBe(true);
});

test('who waits is woken when the lock is removed', async () => {
  put(`${running()}\n`);
  const started = performance.now();
  const surroundings = { clock: systemClock, random, platform: process.platform };
  const waits: number[] = [];
  const outcome = await acquireBy(
    open(),
    {
      path,
      pid: process.pid,
      stalePolicy: 'expired',
      waitTimeoutMs: 30_000,
      onWait: ({ nextTryMs }) => {
        waits.push(nextTryMs);
        rmSync(path, { force: true });
      },
    },
    surroundings,
  );
  expect(outcome.kind).toBe('acquired');
  expect(waits.length).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(20_000);
});
