import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import { alone } from '../../src/protocols/files.ts';
import { openProtocol, type ProtocolOptions } from '../../src/protocols/open.ts';
import type { Attempt, Held, Hold, Protocol, Request } from '../../src/protocols/protocol.ts';
import * as vfs from '../../src/protocols/vfs.ts';
import { FileSidecar } from '../../src/protocols/vfs-sidecar.ts';
import { builtModule } from '../support/built.ts';
import { compileDiskFaults, faultsBelow, whyNoDiskFaults } from '../support/disk-faults.ts';
import { readLine } from '../support/fake-processes.ts';

const INTEROP = join(import.meta.dirname, '../interop');
let folder: string;
let path: string;
let sidecar: string;

/** The system's clock, set as the test likes; who sleeps is woken at once, after `whileAsleep`. */
class TestClock implements Clock {
  aheadMs = 0;
  slept: number[] = [];
  whileAsleep: (() => void) | undefined;
  wallMs = (): number => systemClock.wallMs() + this.aheadMs;
  monotonicMs = systemClock.monotonicMs;
  alarm = systemClock.alarm;
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.whileAsleep?.();
  }
}

let clock: TestClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-vfs-'));
  path = join(folder, 'in.csv');
  sidecar = `${path}.lock`;
  clock = new TestClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(options: ProtocolOptions = {}, platform: NodeJS.Platform = 'linux'): Promise<Protocol> {
  return openProtocol('vfs', { clock, random: systemRandom, platform }, options);
}

async function tryOnce(given: Partial<Request> & ProtocolOptions = {}): Promise<Attempt> {
  const { keys, ...request } = given;
  const protocol = await open(keys ? { keys } : {});
  const usual = { path, pid: process.pid, mayTake: async (held: Held) => held.standing.takeable };
  return protocol.tryAcquire({ ...usual, ...request });
}

async function taken(given: Partial<Request> & ProtocolOptions = {}): Promise<Hold> {
  const attempt = await tryOnce(given);
  if (attempt.kind === 'held') throw new Error(`held: ${attempt.by.standing.detail}`);
  return attempt.hold;
}

async function heldBy(given: Partial<Request> & ProtocolOptions = {}): Promise<Held> {
  const attempt = await tryOnce(given);
  if (attempt.kind === 'acquired') throw new Error('it was acquired');
  return attempt.by;
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => `no failure but ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
}

/** As another program leaves it. */
function put(record: Record<string, unknown> | string): void {
  writeFileSync(`${sidecar}.tmp`, typeof record === 'string' ? record : JSON.stringify(record));
  renameSync(`${sidecar}.tmp`, sidecar);
}

function theirs(more: Record<string, unknown> = {}): Record<string, unknown> {
  const createdAt = new Date(clock.wallMs()).toISOString();
  return { createdAt, ttl: 60e9, hostname: 'elsewhere', pid: 4711, ...more };
}

function left(): string[] {
  return readdirSync(folder).sort();
}

describe('acquire and release', () => {
  test('a record beside the file, which says who, when and for how long', async () => {
    const beforeMs = clock.wallMs();
    const hold = await taken({ ttlMs: 90_000, ownerId: 'nightly' });
    const record = JSON.parse(readFileSync(sidecar, 'utf8'));
    expect(record).toMatchObject({ ttl: 90e9, hostname: hostname(), pid: process.pid, ownerId: 'nightly' });
    expect(Date.parse(record.createdAt)).toBeGreaterThanOrEqual(beforeMs);
    expect(Date.parse(record.createdAt)).toBeLessThanOrEqual(clock.wallMs());
    expect(left()).toEqual(['in.csv.lock']);
    expect(statSync(sidecar).mode & 0o777).toBe(0o666 & ~process.umask());
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(left()).toEqual([]);
  });

  test('two records of the same moment differ', async () => {
    jest.spyOn(clock, 'wallMs').mockReturnValue(1_750_000_000_000);
    const bytes: (string | undefined)[] = [];
    for (let round = 0; round < 5; round += 1) {
      const hold = await taken();
      bytes.push(hold.holding.identity.bytes);
      await hold.release();
    }
    expect(new Set(bytes).size).toBe(5);
  });

  test('one that is held is left alone, and nothing is written to find that out', async () => {
    await taken({ ttlMs: 60_000, ownerId: 'first' });
    const before = statSync(folder, { bigint: true }).mtimeNs;
    const by = await heldBy();
    expect(by).toMatchObject({ path, pid: process.pid, host: hostname(), ownerId: 'first', ttlMs: 60_000 });
    expect(by.standing).toMatchObject({ expired: false, holder: 'alive', takeable: false });
    expect(statSync(folder, { bigint: true }).mtimeNs).toBe(before);
  });

  test('the names of the keys: new, old or both', async () => {
    const keysOf = async (keys: 'new' | 'old' | 'both'): Promise<string[]> => {
      const hold = await taken({ keys, ownerId: 'me' });
      const names = Object.keys(JSON.parse(readFileSync(sidecar, 'utf8')));
      await hold.release();
      return names;
    };
    expect(await keysOf('new')).toEqual(['createdAt', 'ttl', 'hostname', 'pid', 'ownerId']);
    expect(await keysOf('old')).toEqual(['created_at', 'ttl', 'hostname', 'pid', 'owner_id']);
    expect(await keysOf('both')).toEqual([
      'createdAt',
      'ttl',
      'hostname',
      'pid',
      'ownerId',
      'created_at',
      'owner_id',
    ]);
  });

  test('the record names the process that it is asked for', async () => {
    await taken({ pid: 1 });
    expect(JSON.parse(readFileSync(sidecar, 'utf8')).pid).toBe(1);
  });

  test('a file: URL is the file', async () => {
    await taken({ path: `file://${path}` });
    expect(existsSync(sidecar)).toBe(true);
  });

  test('of many at once exactly one has it, free or stale', async () => {
    for (let round = 0; round < 20; round += 1) {
      if (round % 2 === 1) put(theirs({ createdAt: '2020-01-01T00:00:00Z' }));
      const attempts = await Promise.all(Array.from({ length: 8 }, () => tryOnce({ ttlMs: 60_000 })));
      const holds = attempts.flatMap((attempt) => (attempt.kind === 'acquired' ? [attempt.hold] : []));
      expect(holds).toHaveLength(1);
      expect(await holds[0]?.release()).toEqual({ kind: 'ours' });
      expect(left()).toEqual([]);
    }
  });

  test('another process can look after it and release it', async () => {
    const { holding } = await taken({ ttlMs: 60_000 });
    const hold = (await open()).resume(JSON.parse(JSON.stringify(holding)));
    expect(await hold?.renew?.()).toEqual({ kind: 'ours' });
    expect(await hold?.release()).toEqual({ kind: 'ours' });
    expect(left()).toEqual([]);
  });
});

describe('somebody else', () => {
  test('who looked before us and writes after us: it is theirs, and is said so at once', async () => {
    clock.whileAsleep = () => put(theirs());
    const by = await heldBy({ ttlMs: 60_000 });
    expect(by).toMatchObject({ host: 'elsewhere', pid: 4711 });
    expect(clock.slept).toEqual([50]);
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('who removes it at once: nothing is held', async () => {
    clock.whileAsleep = () => unlinkSync(sidecar);
    expect(await failure(tryOnce())).toMatchObject({ problem: 'vanished', temporary: true });
  });

  test('who writes over it later: compromised, and theirs is neither renewed nor removed', async () => {
    const hold = await taken({ ttlMs: 60_000 });
    put(theirs());
    const bytes = readFileSync(sidecar, 'utf8');
    const compromised = { kind: 'compromised', by: { host: 'elsewhere' } };
    expect(await hold.check()).toMatchObject(compromised);
    expect(await hold.renew?.()).toMatchObject(compromised);
    expect(await hold.release()).toMatchObject(compromised);
    expect(readFileSync(sidecar, 'utf8')).toBe(bytes);
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('who writes the very same bytes into another file', async () => {
    const hold = await taken();
    put(readFileSync(sidecar, 'utf8'));
    expect(await hold.check()).toMatchObject({ kind: 'compromised' });
    expect(await hold.release()).toMatchObject({ kind: 'compromised' });
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('who removes it later: compromised', async () => {
    const hold = await taken({ ttlMs: 60_000 });
    unlinkSync(sidecar);
    const compromised = { kind: 'compromised', detail: expect.stringContaining('removed by somebody else') };
    expect(await hold.check()).toEqual(compromised);
    expect(await hold.renew?.()).toEqual(compromised);
    expect(await hold.release()).toEqual(compromised);
    expect(left()).toEqual([]);
  });

  test('who takes ours while it is stale, just as it is renewed: theirs stays', async () => {
    const hold = await taken({ ttlMs: 60_000 });
    clock.aheadMs = 61_000;
    const other = await taken({ ttlMs: 60_000, ownerId: 'other' });
    expect(await hold.renew?.()).toMatchObject({ kind: 'compromised', by: { ownerId: 'other' } });
    expect(await other.check()).toEqual({ kind: 'ours' });
  });
});

describe('renewal', () => {
  test('dates it anew and leaves no moment without', async () => {
    const hold = await taken({ ttlMs: 60_000, ownerId: 'me' });
    const first = JSON.parse(readFileSync(sidecar, 'utf8'));
    clock.aheadMs = 40_000;
    expect(await hold.renew?.()).toEqual({ kind: 'ours' });
    const second = JSON.parse(readFileSync(sidecar, 'utf8'));
    expect(second).toEqual({ ...first, createdAt: second.createdAt });
    expect(Date.parse(second.createdAt) - Date.parse(first.createdAt)).toBeGreaterThanOrEqual(39_999);
    clock.aheadMs = 61_000;
    expect((await heldBy()).standing).toMatchObject({ expired: false, takeable: false });
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(left()).toEqual([]);
  });

  test('of one that has run out and that nobody took: it is ours again', async () => {
    const hold = await taken({ ttlMs: 60_000 });
    clock.aheadMs = 61_000;
    expect(await hold.renew?.()).toEqual({ kind: 'ours' });
    expect((await heldBy()).standing.expired).toBe(false);
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('of one that has run out goes the way of a takeover: by then it may be anybody’s', async () => {
    const writeOver = jest.spyOn(FileSidecar.prototype, 'renew');
    const hold = await taken({ ttlMs: 60_000 });
    await hold.renew?.();
    expect(writeOver).toHaveBeenCalledTimes(1);
    clock.aheadMs = 61_000;
    await hold.renew?.();
    expect(writeOver).toHaveBeenCalledTimes(1);
    writeOver.mockRestore();
  });

  test('writes over nothing but what was seen, however late', async () => {
    const { holding } = await taken({ ttlMs: 60_000 });
    put(theirs());
    const bytes = readFileSync(sidecar, 'utf8');
    const late = new FileSidecar(sidecar, { clock, random: systemRandom });
    expect(await late.renew('{}', holding.identity)).toBeUndefined();
    expect(await late.takeOver('{}', holding.identity)).toBeUndefined();
    expect(await late.remove(holding.identity)).toBe('other');
    expect(readFileSync(sidecar, 'utf8')).toBe(bytes);
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('and a takeover wait for, or give way to, another process of Leasehold at the same lock', async () => {
    const { holding } = await taken({ ttlMs: 60_000 });
    const late = new FileSidecar(sidecar, { clock, random: systemRandom });
    await alone(sidecar, async () => {
      expect(await late.takeOver('{}', holding.identity)).toBeUndefined();
      expect(await failure(late.renew('{}', holding.identity))).toMatchObject({
        problem: 'contended',
        temporary: true,
      });
      expect(clock.slept.filter((ms) => ms === 20)).toHaveLength(100);
    });
    expect(await late.renew('{}', holding.identity)).toMatchObject({ bytes: '{}' });
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('does not wait for ever for a turn that somebody keeps, while the record is not stale', async () => {
    const hold = await taken({ ttlMs: 60_000 });
    const before = readFileSync(sidecar, 'utf8');
    await alone(sidecar, async () => expect(await hold.renew?.()).toEqual({ kind: 'ours' }));
    expect(readFileSync(sidecar, 'utf8')).not.toBe(before);
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('there is none without a ttl', async () => {
    expect((await taken()).renew).toBeUndefined();
  });
});

describe('stale', () => {
  test('when its ttl has run out, by our clock: it is taken over, whoever wrote it', async () => {
    put(theirs());
    expect((await heldBy()).standing).toMatchObject({ expired: false, takeable: false });
    clock.aheadMs = 60_001;
    const attempt = await tryOnce({ ttlMs: 60_000 });
    expect(attempt).toMatchObject({ kind: 'acquired', took: { host: 'elsewhere', pid: 4711 } });
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('not at the very moment, as the original judges', async () => {
    jest.spyOn(clock, 'wallMs').mockReturnValue(Date.UTC(2026, 2, 1));
    put(theirs({ createdAt: '2026-02-28T23:59:00Z' }));
    expect((await heldBy()).standing).toMatchObject({ expired: false });
    put(theirs({ createdAt: '2026-02-28T23:58:59.999999999Z' }));
    expect((await tryOnce()).kind).toBe('acquired');
  });

  test('not when whoever is asked forbids it', async () => {
    put(theirs({ createdAt: '2020-01-01T00:00:00Z' }));
    const asked: Held[] = [];
    const mayTake = async (held: Held): Promise<boolean> => {
      asked.push(held);
      return false;
    };
    expect(await heldBy({ mayTake })).toMatchObject({ standing: { takeable: true } });
    expect(asked).toHaveLength(1);
  });

  test('nobody is asked of one that is alive', async () => {
    put(theirs());
    const mayTake = async (): Promise<boolean> => {
      throw new Error('asked');
    };
    expect((await heldBy({ mayTake })).host).toBe('elsewhere');
  });

  test('what was replaced while the handler thought about it is left alone', async () => {
    put(theirs({ createdAt: '2020-01-01T00:00:00Z' }));
    const mayTake = async (): Promise<boolean> => {
      put(theirs({ hostname: 'faster' }));
      return true;
    };
    expect((await heldBy({ mayTake })).host).toBe('faster');
    expect(left()).toEqual(['in.csv.lock']);
  });

  test.each(['{}', 'null', '{"ttl":0}'])('%s never is', async (record) => {
    put(record);
    clock.aheadMs = 1e12;
    const { standing } = await heldBy();
    expect(standing).toMatchObject({ holder: 'unknown', takeable: false });
    expect(standing.expired).toBeUndefined();
  });

  test('a record without a time is, as the original judges', async () => {
    put('{"ttl":1000000000}');
    expect((await tryOnce()).kind).toBe('acquired');
  });

  test.each([
    ['', 'its record is empty'],
    ['{"createdAt":"2020-01-01T00:0', 'it is cut off'],
    ['4711\n', 'it is no JSON object'],
    ['\u0000\u0001', 'no JSON at character 1'],
    [`{"ttl":1,"hostname":"${'x'.repeat(70_000)}"}`, 'it is cut off'],
  ])('a record that nobody can read counts as held, and can be broken by hand: %#', async (record, why) => {
    put(record);
    clock.aheadMs = 1e12;
    const by = await heldBy({ mayTake: async () => true });
    expect(by.standing).toMatchObject({ holder: 'unknown', takeable: false });
    expect(by.standing.detail).toContain(why);
    expect(await (await open()).break?.(by)).toBe(true);
    expect(left()).toEqual([]);
  });

  test('what is broken by hand is only what was looked at', async () => {
    put(theirs());
    const held = await heldBy();
    put(theirs({ hostname: 'another' }));
    expect(await (await open()).break?.(held)).toBe(false);
    expect(left()).toEqual(['in.csv.lock']);
  });
});

describe('the process that a record names', () => {
  async function holderOf(record: Record<string, unknown>): Promise<string> {
    put(theirs({ ttl: 0, hostname: hostname(), ...record }));
    return (await heldBy()).standing.holder;
  }

  test('of this machine is alive until it is gone, and then the lock may be taken without a ttl', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    expect(await holderOf({ pid: child.pid })).toBe('alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await holderOf({ pid: child.pid })).toBe('finished');
    const attempt = await tryOnce({ mayTake: async ({ standing }) => standing.holder === 'finished' });
    expect(attempt).toMatchObject({ kind: 'acquired', took: { pid: child.pid } });
  });

  test('of another host is unknown, whatever runs here', async () => {
    expect(await holderOf({ hostname: 'elsewhere', pid: process.pid })).toBe('unknown');
    expect(await holderOf({ hostname: 'elsewhere', pid: 2 ** 22 })).toBe('unknown');
  });

  test.each([0, -1, 2 ** 31, 2 ** 53])('%s is none', async (pid) => {
    expect(await holderOf({ pid })).toBe('unknown');
  });

  test('another user’s is alive', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const own = process.geteuid?.() ?? 0;
    try {
      if (own === 0) process.seteuid?.(65_534);
      expect(await heldAs(own === 0 ? (child.pid ?? 0) : 1)).toBe('alive');
    } finally {
      if (own === 0) process.seteuid?.(0);
      child.kill('SIGKILL');
    }
  });

  /** The folder is root's, so the record is put there before. */
  async function heldAs(pid: number): Promise<string> {
    const euid = process.geteuid?.() ?? 0;
    const own = process.getuid?.() ?? 0;
    process.seteuid?.(own);
    put(theirs({ ttl: 0, hostname: hostname(), pid }));
    spawnSync('chmod', ['-R', 'a+rX', folder]);
    process.seteuid?.(euid);
    return (await heldBy()).standing.holder;
  }

  const nested = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;
  (nested ? test : test.skip)('in a container that bears this host’s name is unknown', async () => {
    const pid = 3_999_999;
    const script = `echo ${pid - 1} > /proc/sys/kernel/ns_last_pid; sleep 60 & echo $!; wait`;
    const child = spawn('unshare', ['--pid', '--fork', '--kill-child', 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      expect(await readLine(child)).toBe(String(pid));
      expect(await holderOf({ pid })).toBe('unknown');
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(await holderOf({ pid })).toBe('finished');
  });
});

describe('what can’t be locked', () => {
  test.each<[string, () => string, string, string]>([
    ['a directory that is not there', () => join(folder, 'no/in.csv'), 'path-missing', 'must be there'],
    ['a file in a file', () => join(sidecar, 'in.csv'), 'not-a-directory', 'no directory'],
    ['a relative path', () => 'in.csv', 'not-absolute', 'Write the whole path'],
    ['a directory', () => `${folder}/`, 'refused-file', 'names no file'],
    ['another backend', () => 'gs://bucket/in.csv', 'unsupported', 's3://bucket/key'],
    ['a file of another machine', () => 'file://host/in.csv', 'not-absolute', 'Write the whole path'],
  ])('%s', async (_, name, problem, words) => {
    writeFileSync(sidecar, '');
    expect(await failure(tryOnce({ path: name() }))).toMatchObject({
      problem,
      message: expect.stringContaining(words),
    });
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('a sidecar that is a directory', async () => {
    mkdirSync(sidecar);
    expect(await failure(tryOnce())).toMatchObject({ problem: 'refused-file' });
  });

  test('anything on a disk of Windows', async () => {
    const protocol = await open({}, 'win32');
    const request = { path, pid: 1, mayTake: async () => true };
    expect(await failure(protocol.tryAcquire(request))).toMatchObject({
      problem: 'unsupported',
      message: expect.stringContaining('on Windows'),
    });
  });

  test('on macOS the same as on Linux', async () => {
    const protocol = await open({}, 'darwin');
    const attempt = await protocol.tryAcquire({ path, pid: process.pid, mayTake: async () => true });
    expect(attempt.kind).toBe('acquired');
  });

  test.each([0, -1, Number.NaN, 1e13])('a ttl of %s ms', async (ttlMs) => {
    expect(await failure(tryOnce({ ttlMs }))).toBeInstanceOf(UsageError);
    expect(left()).toEqual([]);
  });

  const root = process.geteuid?.() === 0;
  (root ? test : test.skip)('a directory that this user may not write to', async () => {
    spawnSync('chmod', ['755', folder]);
    process.seteuid?.(65_534);
    try {
      expect(await failure(tryOnce())).toMatchObject({
        problem: 'denied',
        message: expect.stringContaining('who owns the directory'),
      });
    } finally {
      process.seteuid?.(0);
    }
    expect(left()).toEqual([]);
  });
});

const noFaults = whyNoDiskFaults();
(noFaults === undefined ? describe : describe.skip)('a disk that fails', () => {
  const ask = async (rules: string, commands: string[]): Promise<Record<string, unknown>[]> => {
    const locks = join(folder, 'locks');
    mkdirSync(locks);
    const library = compileDiskFaults(folder);
    const script = [join(INTEROP, 'ours.mjs'), join(builtModule('protocols'), '..'), 'vfs'];
    const { stdout } = spawnSync(process.execPath, [...script, JSON.stringify({ ttlMs: 60_000 })], {
      env: { ...process.env, ...faultsBelow(locks, { library, log: join(folder, 'log'), rules }) },
      input: commands.map((command) => `${command}\n`.replace('PATH', join(locks, 'in.csv'))).join(''),
      encoding: 'utf8',
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const locks = (): string[] => readdirSync(join(folder, 'locks'));

  test.each([
    ['write:1:ENOSPC', 'no-space'],
    ['fsync:1:ENOSPC', 'no-space'],
    ['fsync:1:EIO', 'io'],
    ['link:1:ENOSPC', 'no-space'],
    ['link:1:EACCES', 'denied'],
    ['link:1:EMLINK', 'unsupported'],
    ['open:2:ENOSPC', 'no-space'],
    ['open:2:EDQUOT', 'no-space'],
  ])('%s: nothing is held, and nothing is left behind', async (rules, problem) => {
    const [said] = await ask(rules, ['try PATH']);
    expect(said).toMatchObject({ kind: 'error', problem });
    expect(locks()).toEqual([]);
  });

  test('half a write is written to its end', async () => {
    const [said] = await ask('write:1:short', ['try PATH', 'unlock']);
    expect(said).toMatchObject({ kind: 'acquired' });
  });

  test('a link whose answer is an error though it was made is a lock', async () => {
    const said = await ask('link:1:lost=EEXIST', ['try PATH', 'check', 'unlock']);
    expect(said.map(({ kind }) => kind)).toEqual(['acquired', 'ours', 'ours']);
    expect(locks()).toEqual([]);
  });

  test('a link whose answer is success though none was made is no lock', async () => {
    const [said] = await ask('link:1:false', ['try PATH']);
    expect(said).toMatchObject({ kind: 'error', problem: 'vanished' });
    expect(locks()).toEqual([]);
  });

  test('a renewal that finds no space leaves the lock as it is', async () => {
    const said = await ask('write:2:ENOSPC', ['try PATH', 'renew', 'check', 'renew', 'unlock']);
    expect(said.map(({ kind }) => kind)).toEqual(['acquired', 'error', 'ours', 'ours', 'ours']);
    expect(locks()).toEqual([]);
  });
});

describe('for programs', () => {
  const surroundings = (): vfs.LockOptions => ({
    surroundings: { clock, random: systemRandom, platform: 'linux' },
  });

  test('acquire, metadata, age, isStale, release', async () => {
    expect(await vfs.metadata(path, surroundings())).toBeUndefined();
    expect(await vfs.age(path, surroundings())).toBeUndefined();
    expect(await vfs.isStale(path, surroundings())).toBeUndefined();
    const attempt = await vfs.acquire(path, { ...surroundings(), ttlMs: 60_000, ownerId: 'me', keys: 'old' });
    expect(await vfs.acquire(path, surroundings())).toMatchObject({ kind: 'held', by: { ownerId: 'me' } });
    clock.aheadMs = 59_000;
    expect(await vfs.metadata(path, surroundings())).toMatchObject({
      ttlMs: 60_000,
      hostname: hostname(),
      pid: process.pid,
      ownerId: 'me',
    });
    expect(await vfs.age(path, surroundings())).toBeGreaterThanOrEqual(58_999);
    expect(await vfs.age(path, surroundings())).toBeLessThan(60_000);
    expect(await vfs.isStale(path, surroundings())).toBe(false);
    clock.aheadMs = 61_000;
    expect(await vfs.isStale(path, surroundings())).toBe(true);
    expect(attempt.kind === 'acquired' && (await vfs.release(attempt.hold))).toEqual({ kind: 'ours' });
    expect(left()).toEqual([]);
  });

  test('a stale handler sees the record, and may veto', async () => {
    put(theirs({ createdAt: '2020-01-01T00:00:00Z', ownerId: 'ingest' }));
    const seen: vfs.Metadata[] = [];
    const onStale = (stale: vfs.Metadata): void => {
      seen.push(stale);
      if (seen.length === 1) throw new Error('not yet');
    };
    const vetoed = await failure(vfs.acquire(path, { ...surroundings(), onStale }));
    expect(vetoed).toMatchObject({ problem: 'vetoed', message: expect.stringContaining('not yet') });
    expect(await vfs.acquire(path, { ...surroundings(), onStale })).toMatchObject({ kind: 'acquired' });
    expect(seen[0]).toEqual({
      createdAt: '2020-01-01T00:00:00Z',
      createdAtMs: Date.UTC(2020, 0, 1),
      ttlMs: 60_000,
      hostname: 'elsewhere',
      pid: 4711,
      ownerId: 'ingest',
    });
  });

  test('metadata of a record that nobody can read says so', async () => {
    put('');
    expect(await failure(vfs.metadata(path, surroundings()))).toMatchObject({ problem: 'refused-file' });
  });

  test('withLock does the work while it has the lock', async () => {
    const scoped = await vfs.withLock(path, () => existsSync(sidecar));
    expect(scoped).toEqual({ kind: 'done', result: true, released: { kind: 'ours' } });
    expect(left()).toEqual([]);
  });

  test('withLock releases when the work fails, and hands the failure on', async () => {
    const work = (): never => {
      throw new Error('of the work');
    };
    expect(await failure(vfs.withLock(path, work))).toMatchObject({ message: 'of the work' });
    expect(left()).toEqual([]);
  });

  test('withLock does nothing under somebody else’s lock', async () => {
    put(theirs());
    const work = (): never => {
      throw new Error('it was called');
    };
    expect(await vfs.withLock(path, work)).toMatchObject({ kind: 'held', by: { host: 'elsewhere' } });
    expect(left()).toEqual(['in.csv.lock']);
  });

  test('withLock tells the work when the lock is lost, renews it until then, and says so in the end', async () => {
    let renewed = false;
    const scoped = await vfs.withLock(
      path,
      async (signal) => {
        const first = readFileSync(sidecar, 'utf8');
        while (readFileSync(sidecar, 'utf8') === first) await systemClock.sleep(5);
        renewed = true;
        put(theirs());
        if (!signal.aborted) await once(signal, 'abort');
        return String(signal.reason);
      },
      { ttlMs: 300 },
    );
    expect(renewed).toBe(true);
    expect(scoped).toMatchObject({
      kind: 'done',
      result: expect.stringContaining('written over by somebody else'),
      released: { kind: 'compromised' },
    });
  });
});

test('a second hard link to the record does no harm', async () => {
  const hold = await taken();
  linkSync(sidecar, join(folder, 'copy'));
  expect(await hold.release()).toEqual({ kind: 'ours' });
  expect(left()).toEqual(['copy']);
});

test('who waits is woken by the lock of its own file alone', async () => {
  const protocol = await open();
  const names = ['in.csv.lock', 'in.csv.lock.4711', 'in.csv', 'out.csv.lock'];
  const woken = (given: string): string[] => names.filter((name) => protocol.concerns?.(name, given));
  expect(protocol.watched?.(path)).toBe(folder);
  for (const given of [path, `${folder}//./in.csv`, pathToFileURL(path).href])
    expect(woken(given)).toEqual(['in.csv.lock']);
});
