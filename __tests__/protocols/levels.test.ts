import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { acquireBy, isStale } from '../../src/protocols/acquire.ts';
import { type DirectoryLock, directoryLock, levelsProtocol } from '../../src/protocols/levels.ts';
import { Judge, parseRecord, Scribe, type System, thisSystem } from '../../src/protocols/levels-record.ts';
import type { Held, Hold, Protocol, Request, Standing } from '../../src/protocols/protocol.ts';
import { startUnderIdleParent, until } from '../support/fake-processes.ts';

const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? test : test.skip;

/** Sleeps are over at once: what they wait for is not there, or there already. */
const hasty: Clock = { ...systemClock, sleep: async () => {} };
const surroundings = { clock: hasty, random: systemRandom, platform: process.platform };

const recordOf = (pid: number): string => new Scribe(systemClock).recordOf(pid);

let folder: string;
let protocol: Protocol;
let started: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-levels-'));
  protocol = levelsProtocol(surroundings);
  started = [];
});
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const request = (more: Partial<Request> = {}): Request => ({
  path: folder,
  pid: process.pid,
  mayTake: async (held) => isStale(held, 'expired'),
  ...more,
});

async function acquire(more: Partial<Request> = {}): Promise<Hold> {
  const attempt = await protocol.tryAcquire(request(more));
  if (attempt.kind !== 'acquired') throw new Error(`held: ${attempt.by.standing.detail}`);
  return attempt.hold;
}

async function refused(more: Partial<Request> = {}): Promise<Held> {
  const attempt = await protocol.tryAcquire(request(more));
  if (attempt.kind !== 'held') throw new Error('nobody held it');
  return attempt.by;
}

/** A process that sleeps, and what the record of it would be. */
function sleeper(options: { env?: NodeJS.ProcessEnv; uid?: number } = {}): {
  pid: number;
  child: ChildProcess;
} {
  const child = spawn('sleep', ['600'], { stdio: 'ignore', ...options });
  started.push(child);
  return { pid: child.pid ?? -1, child };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

async function deadRecord(): Promise<string> {
  const { pid, child } = sleeper();
  const record = recordOf(pid);
  await kill(child);
  return record;
}

const lock = (level = 0): string => join(folder, `lock${level}`);
const put = (record: string, level = 0): void => writeFileSync(lock(level), record, 'latin1');
const there = (): string[] => readdirSync(folder).sort();

describe('the lock', () => {
  test('is a file with the record of the process, for its user only, and nothing beside it', async () => {
    const { holding } = await acquire();
    expect(readFileSync(lock(), 'latin1')).toBe(recordOf(process.pid));
    expect(readFileSync(lock(), 'latin1')).toMatch(
      /^VERSION:1\nSYSTEM ID:[^\n]*\nPID:\d+\n *PID +STARTED USER +COMMAND\n *\d+ \w{3} \w{3} [ \d]\d [\d:]{8} \d{4} \S+ +[^\n]+\n$/,
    );
    expect(statSync(lock()).mode & 0o777).toBe(0o600);
    expect(there()).toEqual(['lock0']);
    expect(holding).toMatchObject({ protocol: 'levels', path: folder, pid: process.pid });
  });

  test('names the process that it is taken for', async () => {
    const { pid, child } = sleeper();
    const hold = await acquire({ pid });
    expect(readFileSync(lock(), 'latin1')).toBe(recordOf(pid));
    expect(await refused()).toMatchObject({ pid, standing: { holder: 'alive', takeable: false } });
    await kill(child);
    const attempt = await protocol.tryAcquire(request());
    expect(attempt).toMatchObject({
      kind: 'acquired',
      took: { pid, standing: { detail: `its process ${pid} is gone` } },
    });
    expect(await hold.check()).toMatchObject({
      kind: 'compromised',
      detail: expect.stringContaining('was replaced by another program'),
      by: { pid: process.pid },
    });
  });

  test('is not taken for a process that does not run', async () => {
    const { pid, child } = sleeper();
    await kill(child);
    for (const bad of [pid, 0, -1, 1.5, Number.NaN])
      await expect(protocol.tryAcquire(request({ pid: bad }))).rejects.toMatchObject({
        problem: 'invalid-pid',
      });
    expect(there()).toEqual([]);
  });

  test('is held for whoever asks, by pid, command and user, until it is released', async () => {
    const hold = await acquire();
    const by = await refused();
    expect(by).toMatchObject({ path: folder, pid: process.pid, identity: hold.holding.identity });
    expect(by.standing.detail).toMatch(/^its process \d+ \([^,]+, user \S+\) runs$/);
    expect(by.since).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(await protocol.inspect(folder)).toEqual(by);
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(there()).toEqual([]);
    expect(await protocol.inspect(folder)).toBeUndefined();
  });

  test('is released by another process that was told what is held', async () => {
    const { holding } = await acquire();
    const resumed = levelsProtocol(surroundings).resume(JSON.parse(JSON.stringify(holding)));
    expect(await resumed?.check()).toEqual({ kind: 'ours' });
    expect(await resumed?.release()).toEqual({ kind: 'ours' });
    expect(there()).toEqual([]);
  });

  test('that is gone or another’s is not released', async () => {
    const hold = await acquire();
    unlinkSync(lock());
    expect(await hold.check()).toMatchObject({
      kind: 'compromised',
      detail: expect.stringContaining('was removed'),
    });
    const record = recordOf(sleeper().pid);
    put(record);
    expect(await hold.release()).toMatchObject({
      kind: 'compromised',
      by: { standing: { holder: 'alive' } },
    });
    expect(readFileSync(lock(), 'latin1')).toBe(record);
    expect(there()).toEqual(['lock0']);
  });

  test('a relative path is locked where this process is now', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect((await acquire({ path: '.' })).holding.path).toBe(process.cwd());
    } finally {
      process.chdir(before);
    }
    expect(there()).toEqual(['lock0']);
  });
});

describe('a lock whose holder is dead', () => {
  test('is taken over, and levels that are stale too are cleared away', async () => {
    const record = await deadRecord();
    for (let level = 0; level <= 3; level += 1) put(record, level);
    const hold = await acquire();
    expect(there()).toEqual(['lock0']);
    expect(await hold.check()).toEqual({ kind: 'ours' });
  });

  test('is left alone when the policy or a handler forbids it', async () => {
    put(await deadRecord());
    expect(await refused({ mayTake: async () => false })).toMatchObject({ standing: { takeable: true } });
    expect(await refused({ mayTake: async (held) => isStale(held, 'never') })).toBeDefined();
    expect(there()).toEqual(['lock0']);
    for (const policy of ['holder-finished', 'expired-and-holder-finished'] as const) {
      const hold = await acquire({ mayTake: async (held) => isStale(held, policy) });
      await hold.release();
      put(await deadRecord());
    }
  });

  test('is waited for by acquireBy, and taken when it dies', async () => {
    const { pid, child } = sleeper();
    await acquire({ pid });
    const waits: Standing[] = [];
    const outcome = await acquireBy(
      protocol,
      {
        path: folder,
        pid: process.pid,
        stalePolicy: 'expired',
        waitTimeoutMs: 20_000,
        onWait: ({ held }) => {
          if (waits.push(held.standing) === 3) child.kill('SIGKILL');
        },
      },
      { ...surroundings, clock: systemClock },
    );
    expect(outcome).toMatchObject({ kind: 'acquired', took: { pid } });
    expect(waits.length).toBeGreaterThanOrEqual(3);
    expect(waits[0]).toMatchObject({ holder: 'alive' });
  });

  test('a lock that is waited for asks ps once, and sees its holder die', async () => {
    const { pid, child } = sleeper();
    await acquire({ pid });
    let asked = 0;
    const counting: System = {
      ...thisSystem,
      ps: (of) => {
        asked += 1;
        return thisSystem.ps(of);
      },
    };
    protocol = levelsProtocol(surroundings, counting);
    for (let look = 0; look < 5; look += 1) expect((await refused()).standing.holder).toBe('alive');
    expect(asked).toBe(1);
    put(await deadRecord());
    expect((await protocol.inspect(folder))?.standing.holder).toBe('finished');
    put(recordOf(pid));
    expect((await protocol.inspect(folder))?.standing.holder).toBe('alive');
    await kill(child);
    expect((await protocol.inspect(folder))?.standing.holder).toBe('finished');
  });

  test('is ended by hand only if it is the one that was shown', async () => {
    put(await deadRecord());
    const shown = (await protocol.inspect(folder)) as Held;
    const other = recordOf(sleeper().pid);
    put(other);
    expect(await protocol.break?.(shown)).toBe(false);
    expect(readFileSync(lock(), 'latin1')).toBe(other);
    expect(await protocol.break?.((await protocol.inspect(folder)) as Held)).toBe(true);
    expect(there()).toEqual([]);
  });
});

/** What is judged of a record on a system that is made up where a test says so. */
function standingOf(bytes: string, made: Partial<System> = {}, mtimeMs = Date.now()): Standing {
  const state = { identity: { dev: '1', ino: '1', bytes }, mtimeMs, bornMs: mtimeMs, links: 1 };
  return new Judge({ ...thisSystem, ...made }).standingOf(state);
}

const PS = '  PID                  STARTED USER     COMMAND\n   77 Sat Nov  7 13:25:59 2026 deploy   agent\n';
const RECORD = `VERSION:1\nSYSTEM ID:abc\nPID:77\n${PS}`;
const made = (parts: Partial<System>): Partial<System> => ({ ...alive, ...parts });
const alive: Partial<System> = { systemId: () => 'abc', isAlive: () => true, ps: () => PS };

/** What a process with another environment makes of a record, or of itself. */
function said(env: NodeJS.ProcessEnv, bytes?: string): { bytes: string; standing: Standing } {
  const args = [
    'scripts/typescript.mjs',
    join(import.meta.dirname, 'levels-said.ts'),
    ...(bytes ? [bytes] : []),
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as { bytes: string; standing: Standing };
}

describe('a record', () => {
  test.each([
    ['of a living process', RECORD, alive, 'alive', 'its process 77 (agent, user deploy) runs'],
    ['of a dead process', RECORD, made({ isAlive: () => false }), 'finished', 'its process 77 is gone'],
    [
      'of another machine',
      RECORD,
      made({ systemId: () => 'xyz', isAlive: () => false }),
      'unknown',
      'its process runs on another machine (its id is abc, here it is xyz)',
    ],
    [
      'of no known machine',
      RECORD.replace('abc', 'UNKNOWN'),
      made({ systemId: () => 'UNKNOWN', isAlive: () => false }),
      'unknown',
      'does not tell on which machine',
    ],
    [
      'of a machine with an empty id, as this one has',
      RECORD.replace('abc', ''),
      made({ systemId: () => '', isAlive: () => false }),
      'unknown',
      'the machine id in its record is empty',
    ],
    [
      'of a machine that was never booted, as this one',
      RECORD.replace('abc', 'uninitialized'),
      made({ systemId: () => 'uninitialized', isAlive: () => false }),
      'unknown',
      'the machine id in its record is empty',
    ],
    [
      'judged where there is no ps',
      RECORD,
      made({ ps: () => undefined }),
      'unknown',
      'no ps here tells more of it',
    ],
    [
      'written where there was no ps',
      RECORD.replace(PS, ''),
      alive,
      'unknown',
      'the record does not tell how ps described it',
    ],
    [
      'of a pid that another process has',
      RECORD,
      made({ ps: () => PS.replace('13:25:59', '13:40:12').replace('agent', 'cron') }),
      'finished',
      'its process 77 is gone; another one has its pid (cron, user deploy)',
    ],
    [
      'of a pid that the same program has again',
      RECORD,
      made({ ps: () => PS.replace('13:25:59', '13:33:12') }),
      'finished',
      'another one has its pid (agent, user deploy)',
    ],
    [
      'in another time zone',
      RECORD,
      made({ ps: () => PS.replace(' 7 13:25:59', ' 7 18:55:59') }),
      'unknown',
      'most likely the holder has another time zone (TZ) or the clock was set since',
    ],
    [
      'in a time zone on another day',
      RECORD,
      made({ ps: () => PS.replace('Sat Nov  7 13:25:59', 'Sun Nov  8 02:10:59') }),
      'unknown',
      'the record says that it started at Sat Nov  7 13:25:59 2026, here ps says Sun Nov  8 02:10:59 2026',
    ],
    [
      'after the clock was set by a second',
      RECORD,
      made({ ps: () => PS.replace('13:25:59', '13:26:00') }),
      'unknown',
      'or the clock was set since',
    ],
    [
      'of a process that has changed its name',
      RECORD,
      made({ ps: () => PS.replace('agent', 'agent: idle') }),
      'unknown',
      'it had another name when it took the lock (agent, user deploy)',
    ],
    ['that was cut off', RECORD.slice(0, -5), alive, 'unknown', 'the record was cut off'],
    [
      'with the output of some other ps',
      `${RECORD.replace(PS, '')}BLAH\n`,
      alive,
      'unknown',
      "can't be compared with the record",
    ],
    [
      'of version 0',
      `VERSION:0\n${PS}`,
      made({ systemId: () => 'xyz' }),
      'alive',
      'its process 77 (agent, user deploy) runs',
    ],
    [
      'of version 0, dead',
      `VERSION:0\n${PS}`,
      made({ isAlive: () => false }),
      'finished',
      'its process 77 is gone',
    ],
    [
      'that nobody can read',
      'locked by me\n',
      alive,
      'unknown',
      'nobody can read its record, so it counts as held',
    ],
  ] as const)('%s', (_, bytes, made, holder, says) => {
    const standing = standingOf(bytes, made);
    expect(standing).toMatchObject({ holder, takeable: holder === 'finished' });
    expect(standing.detail).toContain(says);
  });

  test('that is empty was emptied by a crash if this system has started since, and is held otherwise', () => {
    const bootMs = (): number => 1_000_000;
    for (const bytes of ['', '\0\0\0']) {
      expect(standingOf(bytes, { bootMs }, 999_999)).toMatchObject({ holder: 'finished', takeable: true });
      expect(standingOf(bytes, { bootMs }, 1_000_001)).toMatchObject({ holder: 'unknown', takeable: false });
      expect(standingOf(bytes, { bootMs: () => undefined }, 1)).toMatchObject({ takeable: false });
    }
    expect(standingOf('VERSION:1\n', { bootMs }, 999_999)).toMatchObject({ takeable: false });
    expect(thisSystem.bootMs()).toBeGreaterThan(1_500_000_000_000);
  });

  test('the start of a zombie is no sign of life', async () => {
    const { parent, pid } = await startUnderIdleParent();
    started.push(parent);
    const record = recordOf(pid);
    expect(standingOf(record).holder).toBe('alive');
    process.kill(pid, 'SIGKILL');
    await until(() => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    expect(standingOf(record).holder).toBe('finished');
  });

  test('is judged in the time zone of this process: another one is no proof of death', async () => {
    const { pid, child } = sleeper();
    const record = recordOf(pid);
    expect(said({ TZ: process.env.TZ }, record).standing.holder).toBe('alive');
    expect(said({ TZ: 'Asia/Kathmandu' }, record).standing).toMatchObject({
      holder: 'unknown',
      takeable: false,
      detail: expect.stringContaining('another time zone'),
    });
    await kill(child);
    expect(said({ TZ: 'Asia/Kathmandu' }, record).standing.holder).toBe('finished');
  });

  test('says nothing of ps where there is none, or one that knows no such options, as that of BusyBox', async () => {
    const bare = `VERSION:1\nSYSTEM ID:${thisSystem.systemId()}\nPID:`;
    expect(said({ PATH: folder })).toMatchObject({
      bytes: expect.stringMatching(new RegExp(`^${bare}\\d+\n$`)),
      standing: { holder: 'unknown' },
    });
    writeFileSync(join(folder, 'ps'), '#!/bin/sh\necho "  PID"\nexit 1\n', { mode: 0o755 });
    expect(said({ PATH: folder }).bytes).toMatch(new RegExp(`^${bare}\\d+\n$`));
    const { pid } = sleeper();
    expect(said({ PATH: folder }, recordOf(pid)).standing).toMatchObject({
      holder: 'unknown',
      takeable: false,
      detail: expect.stringContaining('no ps here tells more of it'),
    });
  });

  test('is written with what ps said before, until the process, its names or the clock are others', () => {
    let [asked, wallMs, start, names] = [0, 5_000_000, '100', 'agent'];
    const system: System = {
      ...thisSystem,
      ...alive,
      identify: (pid) => ({ pid, startTime: start }),
      namesOf: () => names,
      ps: () => {
        asked += 1;
        return asked === 1 ? undefined : `answer ${asked}\n`;
      },
    };
    const scribe = new Scribe({ ...systemClock, wallMs: () => wallMs, monotonicMs: () => 1_000 }, system);
    const written = (pid = 77): string | undefined => scribe.recordOf(pid).split('\n')[3];
    // A ps that fails may not fail the next time.
    expect([written(), written(), written()]).toEqual(['', 'answer 2', 'answer 2']);
    expect(written(78)).toBe('answer 3');
    expect(written(77)).toBe('answer 4');
    start = '200';
    expect([written(), written()]).toEqual(['answer 5', 'answer 5']);
    names = 'agent: idle';
    expect([written(), written()]).toEqual(['answer 6', 'answer 6']);
    wallMs += 499;
    expect(written()).toBe('answer 6');
    wallMs += 1;
    expect([written(), written()]).toEqual(['answer 7', 'answer 7']);
    wallMs -= 3_600_000;
    expect(written()).toBe('answer 8');
  });

  test('is written anew when the names of the process are others, or the time zone of this one', () => {
    const { pid } = sleeper();
    const before = thisSystem.namesOf(pid);
    expect(before).toContain('sleep');
    expect(thisSystem.namesOf(pid)).toBe(before);
    expect(thisSystem.namesOf(process.pid)).not.toBe(before);
    const zone = process.env.TZ;
    try {
      process.env.TZ = 'Asia/Kathmandu';
      expect(thisSystem.namesOf(pid)).not.toBe(before);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  test('is parsed as the original parses it', () => {
    expect(parseRecord(RECORD)).toEqual({ version: 1, systemId: 'abc', pid: 77, ps: PS });
    expect(parseRecord('VERSION:01\nSYSTEM ID:\nPID:+077\n')).toEqual({
      version: 1,
      systemId: '',
      pid: 77,
      ps: '',
    });
    expect(parseRecord(`VERSION:0\n${PS}`)).toEqual({ version: 0, pid: 77, ps: PS });
    for (const bytes of [
      '',
      'VERSION:2\n',
      'VERSION:1\nSYSTEM ID:abc\n',
      RECORD.replace('77', '0'),
      RECORD.replace('77', '2147483648'),
    ])
      expect(parseRecord(bytes)).toBeUndefined();
  });
});

describe('a record that nobody can read', () => {
  test('is read again, for it may just be written', async () => {
    put('VERS');
    const record = recordOf(sleeper().pid);
    protocol = levelsProtocol({ ...surroundings, clock: { ...systemClock, sleep: async () => put(record) } });
    expect(await refused()).toMatchObject({ standing: { holder: 'alive' } });
  });

  test('is held for good, is not touched, and can be ended by hand', async () => {
    put('');
    expect(await refused()).toMatchObject({ standing: { holder: 'unknown', takeable: false } });
    expect(there()).toEqual(['lock0']);
    expect(await protocol.break?.((await protocol.inspect(folder)) as Held)).toBe(true);
    await acquire();
  });

  test('is taken over when it is empty and older than this system', async () => {
    put('');
    utimesSync(lock(), 1_000, 1_000);
    await acquire();
    expect(readFileSync(lock(), 'latin1')).toBe(recordOf(process.pid));
    expect(there()).toEqual(['lock0']);
  });

  asRoot('(only as root, who may become others) because it is another user’s: it is held', async () => {
    const record = await deadRecord();
    put(record);
    chmodSync(lock(), 0o600);
    chmodSync(folder, 0o777);
    await asUser(65_534, async () => {
      expect(await refused()).toMatchObject({
        standing: {
          holder: 'unknown',
          takeable: false,
          detail: expect.stringContaining('another user (uid 0)'),
        },
      });
      expect((await protocol.inspect(folder))?.standing.holder).toBe('unknown');
    });
    expect(there()).toEqual(['lock0']);
  });
});

asRoot(
  '(only as root, who may become others) a stale lock of another user in a sticky directory is not claimed',
  async () => {
    const record = await deadRecord();
    put(record);
    chownSync(lock(), 65_533, 65_533);
    chmodSync(folder, 0o1777);
    await asUser(65_534, async () => {
      await expect(protocol.tryAcquire(request())).rejects.toMatchObject({
        problem: 'denied',
        message: expect.stringContaining(`Can't replace "${lock()}" (EPERM)`),
      });
    });
    expect(there()).toEqual(['lock0']);
    expect(readFileSync(lock(), 'latin1')).toBe(record);
  },
);

/** Does `work` with the rights of another user. */
async function asUser(uid: number, work: () => Promise<void>): Promise<void> {
  process.seteuid?.(uid);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

asRoot('(only as root, who may become others) EPERM: a process of another user is alive', async () => {
  const { pid } = sleeper({ uid: 65_533 });
  const record = recordOf(pid);
  await asUser(65_534, async () => {
    expect(() => process.kill(pid, 0)).toThrow(expect.objectContaining({ code: 'EPERM' }));
    expect(standingOf(record)).toMatchObject({ holder: 'alive', takeable: false });
  });
});

describe('what can’t be locked', () => {
  test.each([
    ['a missing directory', () => join(folder, 'not', 'there'), 'path-missing'],
    ['a file', () => join(folder, 'file'), 'not-a-directory'],
    ['below a file', () => join(folder, 'file', 'below'), 'not-a-directory'],
  ] as const)('%s', async (_, path, problem) => {
    writeFileSync(join(folder, 'file'), '');
    await expect(protocol.tryAcquire(request({ path: path() }))).rejects.toMatchObject({
      problem,
      kind: 'misconfigured',
      message: expect.stringContaining(path()),
    });
    await expect(protocol.inspect(path())).rejects.toMatchObject({ problem });
  });

  test('where level 0 is a directory or a link to nothing', async () => {
    mkdirSync(lock());
    await expect(protocol.tryAcquire(request())).rejects.toMatchObject({ problem: 'refused-file' });
    rmSync(lock(), { recursive: true });
    symlinkSync('nothing', lock());
    await expect(protocol.tryAcquire(request())).rejects.toMatchObject({ problem: 'contended' });
    expect(there()).toEqual(['lock0']);
  });

  test('with a ttl, for there is none', async () => {
    await expect(protocol.tryAcquire(request({ ttlMs: 60_000 }))).rejects.toMatchObject({
      problem: 'unsupported',
      message: expect.stringContaining('has no ttl'),
    });
    expect(there()).toEqual([]);
  });

  test.each(['win32', 'darwin', 'freebsd'] as const)('on %s', (platform) => {
    expect(() => levelsProtocol({ ...surroundings, platform })).toThrow(
      expect.objectContaining({
        problem: 'unsupported',
        message: expect.stringContaining(`The protocol levels is not offered on ${platform}.`),
      }),
    );
  });

  asRoot('(only as root, who may become others) a directory that this user may not write', async () => {
    chmodSync(folder, 0o755);
    await asUser(65_534, async () => {
      await expect(protocol.tryAcquire(request())).rejects.toMatchObject({
        problem: 'denied',
        message: expect.stringContaining('uid'),
      });
    });
    expect(there()).toEqual([]);
  });
});

describe('(only as root, who may mount) a disk', () => {
  let disk: string;
  const mount = (options: string): void => {
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'leasehold', disk]).status).toBe(0);
  };
  const onDisk = (): string[] => readdirSync(disk).sort();
  beforeEach(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
  });
  afterEach(() => {
    spawnSync('umount', ['-l', disk]);
  });

  /** How much room is left: pages for records, inodes for names (tmpfs counts each hard link). */
  asRoot.each([
    ['without room for the record', 'size=4k', 0, ['ballast']],
    ['without room for one more file', 'nr_inodes=2', 0, ['ballast']],
    ['without room for the link', 'nr_inodes=3', 0, ['ballast']],
    ['with room at level 1, and none to replace level 0', 'size=12k', 1, ['ballast', 'lock0']],
    ['with names for level 1, and none to replace level 0', 'nr_inodes=5', 1, ['ballast', 'lock0']],
  ] as const)(
    '%s: an error, never a lock, and nothing is left behind',
    async (name, options, stale, left) => {
      const record = await deadRecord();
      mount(options);
      if (stale) writeFileSync(join(disk, 'lock0'), record);
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(4_096));
      const room = name.includes('names') ? protocolThatFills(join(disk, 'filler')) : protocol;
      await expect(room.tryAcquire(request({ path: disk }))).rejects.toMatchObject({
        problem: 'no-space',
        temporary: true,
      });
      expect(onDisk().filter((file) => file !== 'filler')).toEqual(left);
      if (stale) expect(readFileSync(join(disk, 'lock0'), 'latin1')).toBe(record);
    },
  );

  asRoot('that is read-only: denied', async () => {
    mount('size=16k');
    expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0);
    await expect(protocol.tryAcquire(request({ path: disk }))).rejects.toMatchObject({ problem: 'denied' });
  });
});

/** The last name on the disk is taken when level 1 has been. */
function protocolThatFills(file: string): Protocol {
  let names = 0;
  const random = {
    ...systemRandom,
    hex: (bytes: number): string => {
      names += 1;
      if (names === 2) writeFileSync(file, '');
      return systemRandom.hex(bytes);
    },
  };
  return levelsProtocol({ ...surroundings, random });
}

describe('the API of the original', () => {
  let lockOf: DirectoryLock;
  beforeEach(() => {
    lockOf = directoryLock(folder, { surroundings });
  });

  test('TryLock answers at once, Unlock gives back', async () => {
    const other = directoryLock(folder, { surroundings });
    expect(await lockOf.tryLock()).toEqual({ kind: 'locked' });
    expect(await lockOf.tryLock()).toMatchObject({ kind: 'held', by: { pid: process.pid } });
    expect(await other.tryLock()).toMatchObject({ kind: 'held' });
    expect(await other.unlock()).toMatchObject({ kind: 'compromised' });
    expect(await lockOf.unlock()).toEqual({ kind: 'unlocked' });
    expect(await lockOf.unlock()).toMatchObject({ kind: 'compromised' });
    expect(await other.tryLock()).toEqual({ kind: 'locked' });
  });

  test('Lock waits 100 to 120 ms between two tries', async () => {
    await lockOf.tryLock();
    const sleeps: number[] = [];
    const clock: Clock = {
      ...systemClock,
      sleep: async (ms) => {
        if (sleeps.push(ms) === 3) await lockOf.unlock();
      },
    };
    const other = directoryLock(folder, { surroundings: { ...surroundings, clock } });
    expect(await other.lock()).toEqual({ kind: 'locked' });
    expect(sleeps).toHaveLength(3);
    for (const ms of sleeps) {
      expect(ms).toBeGreaterThanOrEqual(100);
      expect(ms).toBeLessThanOrEqual(120);
    }
  });

  test('a Lock that is called off has not got it', async () => {
    await lockOf.tryLock();
    const other = directoryLock(folder, { surroundings });
    expect(await other.lock(AbortSignal.abort())).toMatchObject({ kind: 'held' });
    expect(await other.must().lock(AbortSignal.abort())).toBe(false);
  });

  test('what goes wrong is an answer, and the Must form fails with it', async () => {
    const nowhere = directoryLock(join(folder, 'missing'), { surroundings });
    expect(await nowhere.tryLock()).toMatchObject({ kind: 'failed', error: { problem: 'path-missing' } });
    expect(await nowhere.lock()).toMatchObject({ kind: 'failed', error: { problem: 'path-missing' } });
    await expect(nowhere.must().tryLock()).rejects.toMatchObject({ problem: 'path-missing' });
    await expect(nowhere.must().lock()).rejects.toMatchObject({ problem: 'path-missing' });
    await expect(nowhere.must().unlock()).rejects.toMatchObject({ problem: 'rogue-deletion' });
  });

  test('the Must form answers plainly', async () => {
    const must = lockOf.must();
    expect(await must.tryLock()).toBe(true);
    expect(await must.tryLock()).toBe(false);
    await must.unlock();
    expect(await must.lock()).toBe(true);
    unlinkSync(lock());
    await expect(must.unlock()).rejects.toMatchObject({ problem: 'rogue-deletion' });
  });
});
