import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { KeeperFolder } from '../../src/keeper/folder.ts';
import { parseHandover } from '../../src/keeper/handover.ts';
import { finishProtocolHold } from '../../src/keeper/protocol-finish.ts';
import {
  type ProtocolHandover,
  type ProtocolStatus,
  parseProtocolHandover,
  parseProtocolStatus,
} from '../../src/keeper/protocol-handover.ts';
import { openFor } from '../../src/keeper/protocol-open.ts';
import { runProtocolKeeper } from '../../src/keeper/protocol-run.ts';
import type { ProtocolName } from '../../src/protocols/protocol.ts';

/* A keeper of another program's lock, in this process and on a real disk. */

let root: string;
let folder: KeeperFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keeper-'));
  folder = new KeeperFolder(join(root, 'hold'));
  folder.create();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const lockPath = (): string => join(root, 'agent.lock');

function handover(more: Partial<ProtocolHandover> = {}): ProtocolHandover {
  return {
    kind: 'protocol',
    opening: { protocol: 'pid', path: lockPath(), access: {} },
    ownerId: '42',
    stalePolicy: 'expired',
    waitTimeoutMs: 0,
    maxHoldMs: 60_000,
    folder: folder.path,
    self: { ownerId: '42', leaseId: 'a'.repeat(32) },
    commands: { onStale: '', notify: '', environment: {} },
    environment: {},
    ...more,
  };
}

const log: string[] = [];
const run = (given: ProtocolHandover): Promise<void> => runProtocolKeeper(given, (line) => log.push(line));

async function untilState(kind: ProtocolStatus['state']['kind']): Promise<ProtocolStatus> {
  for (let tries = 0; tries < 500; tries += 1, await sleep(10)) {
    const status = folder.readProtocolStatus();
    if (status?.state.kind === kind) return status;
  }
  throw new Error(`It is ${JSON.stringify(folder.readProtocolStatus())}, and not ${kind}.`);
}

/** A process that is gone. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('a keeper', () => {
  test('takes the lock for its own process, holds it until the hold is closed, and gives it back', async () => {
    const over = run(handover());
    const { hold, keeper } = await untilState('keeping');
    expect(keeper.pid).toBe(process.pid);
    expect(readFileSync(lockPath(), 'utf8')).toBe(`${process.pid}\n`);
    expect(hold).toMatchObject({
      holding: { protocol: 'pid', path: lockPath(), pid: process.pid },
      renewals: 0,
    });
    folder.close();
    await over;
    expect(folder.readProtocolStatus()?.state).toEqual({ kind: 'released' });
    expect(existsSync(lockPath())).toBe(false);
  });

  test('refuses for a lock that is held: busy at once, timed-out after its wait', async () => {
    writeFileSync(lockPath(), `${process.ppid}\n`);
    await run(handover());
    expect(folder.readProtocolStatus()?.state).toMatchObject({ kind: 'busy', by: { pid: process.ppid } });
    await run(handover({ waitTimeoutMs: 250 }));
    expect(folder.readProtocolStatus()?.state).toMatchObject({
      kind: 'timed-out',
      by: { pid: process.ppid },
    });
    expect(readFileSync(lockPath(), 'utf8')).toBe(`${process.ppid}\n`);
  });

  test('a hold that is closed while it waits ends the wait', async () => {
    writeFileSync(lockPath(), `${process.ppid}\n`);
    const over = run(handover({ waitTimeoutMs: 60_000 }));
    expect((await untilState('waiting')).state).toMatchObject({
      held: { pid: process.ppid, standing: { holder: 'alive' } },
      decision: { kind: 'wait' },
    });
    folder.close();
    await over;
    expect(folder.readProtocolStatus()?.state).toEqual({ kind: 'cancelled' });
    expect(readFileSync(lockPath(), 'utf8')).toBe(`${process.ppid}\n`);
  });

  test('a hold that is closed before it began acquires nothing', async () => {
    folder.close();
    await run(handover());
    expect(folder.readProtocolStatus()?.state).toEqual({ kind: 'cancelled' });
    expect(existsSync(lockPath())).toBe(false);
  });

  test('a lock that somebody exchanged is lost, and left alone', async () => {
    const over = run(handover());
    await untilState('keeping');
    rmSync(lockPath());
    writeFileSync(lockPath(), '1\n');
    await over;
    expect(folder.readProtocolStatus()?.state).toMatchObject({
      kind: 'lost',
      cause: { kind: 'compromised', by: { pid: 1 } },
      aloneUntil: expect.stringMatching(/Z$/),
    });
    expect(readFileSync(lockPath(), 'utf8')).toBe('1\n');
  });

  test('a lock that was exchanged just before the end is lost as well', async () => {
    const over = run(handover());
    await untilState('keeping');
    rmSync(lockPath());
    writeFileSync(lockPath(), '1\n');
    folder.close();
    await over;
    expect(folder.readProtocolStatus()?.state).toMatchObject({
      kind: 'lost',
      cause: { kind: 'compromised' },
    });
    expect(readFileSync(lockPath(), 'utf8')).toBe('1\n');
  });

  test.each([
    ['without a ttl the lock is given back', {}, 'released', false],
    ['with one it is left to run out', { ttlMs: 60_000 }, 'failed', true],
  ] as const)('whose worker is gone ends: %s', async (_, ttl, state, left) => {
    const worker = spawn('sleep', ['60']);
    const path = join(root, 'data');
    const over = run(
      handover({
        opening: { protocol: 'vfs', path, access: {} },
        worker: { pid: worker.pid ?? 0 },
        ...ttl,
      }),
    );
    await untilState('keeping');
    worker.kill('SIGKILL');
    await over;
    expect(folder.readProtocolStatus()?.state.kind).toBe(state);
    expect(existsSync(`${path}.lock`)).toBe(left);
  });

  test('whose worker is gone from the beginning takes no lock', async () => {
    await run(handover({ worker: { pid: await deadPid() } }));
    expect(folder.readProtocolStatus()?.state).toEqual({ kind: 'cancelled' });
    expect(existsSync(lockPath())).toBe(false);
  });

  test('what can not be locked is told, with its kind', async () => {
    await run(handover({ opening: { protocol: 'pid', path: join(root, 'no', 'x'), access: {} } }));
    expect(folder.readProtocolStatus()?.state).toMatchObject({
      kind: 'failed',
      fault: 'misconfigured',
      detail: expect.stringContaining(join(root, 'no')),
    });
  });

  test('whose folder can not be written leaves the lock alone, however stale it is', async () => {
    const stale = `${await deadPid()}\n`;
    writeFileSync(lockPath(), stale);
    writeFileSync(join(root, 'file'), '');
    await expect(run(handover({ folder: join(root, 'file', 'hold') }))).rejects.toThrow(/ENOTDIR|EEXIST/);
    expect(readFileSync(lockPath(), 'utf8')).toBe(stale);
  });

  test('whose folder can not be written any more when it has the lock gives it back', async () => {
    const pid = await deadPid();
    writeFileSync(lockPath(), `${pid}\n`);
    const onStale = `rm -r '${folder.path}' && touch '${folder.path}'`;
    const environment = { PATH: process.env.PATH ?? '' };
    await expect(run(handover({ commands: { onStale, notify: '', environment } }))).rejects.toThrow(
      /ENOTDIR|EEXIST/,
    );
    expect(existsSync(lockPath())).toBe(false);
  });
});

describe('the end of a hold', () => {
  const DEAD: ProtocolStatus['keeper'] = { pid: 4_194_303 };
  const finish = (protocol: ProtocolName, path: string, keeper?: ProtocolStatus['keeper']) =>
    finishProtocolHold({
      folder,
      path,
      ...(keeper ? { keeper } : {}),
      openProtocol: () => openFor({ protocol, path, access: {} }),
      clock: systemClock,
      withinMs: 3_000,
    });

  /** What a keeper that was killed has left: the lock, and its last status. */
  async function abandoned(protocol: ProtocolName, path: string): Promise<void> {
    const opened = await openFor({ protocol, path, access: {} });
    const attempt = await opened.tryAcquire({ path, pid: DEAD.pid, mayTake: async () => false });
    if (attempt.kind !== 'acquired') throw new Error('It is held.');
    const hold = { acquiredMs: 1, waitedMs: 0, renewals: 0, renewedMs: [], oursAtMs: 1_000 };
    folder.writeStatus({
      kind: 'protocol',
      keeper: DEAD,
      state: { kind: 'keeping' },
      hold: { ...hold, holding: attempt.hold.holding },
    });
  }

  test('of a keeper that was killed: what it left is given back', async () => {
    await abandoned('pid', lockPath());
    expect(await finish('pid', lockPath())).toMatchObject({ kind: 'released', keeperDied: true });
    expect(existsSync(lockPath())).toBe(false);
    expect(folder.closed).toBe(true);
  });

  test('of a keeper that was killed, whose lock another program has by now: lost, and left alone', async () => {
    await abandoned('pid', lockPath());
    rmSync(lockPath());
    writeFileSync(lockPath(), `${process.pid}\n`);
    expect(await finish('pid', lockPath())).toMatchObject({
      kind: 'lost',
      cause: { kind: 'compromised' },
      aloneUntil: '1970-01-01T00:00:01Z',
    });
    expect(readFileSync(lockPath(), 'utf8')).toBe(`${process.pid}\n`);
  });

  test('of a keeper that was killed while it waited, having taken the lock unsaid: its record is removed', async () => {
    writeFileSync(lockPath(), `${DEAD.pid}\n`);
    folder.writeStatus({ kind: 'protocol', keeper: DEAD, state: { kind: 'trying' } });
    expect(await finish('pid', lockPath())).toEqual({ kind: 'nothing' });
    expect(existsSync(lockPath())).toBe(false);
  });

  test('of a keeper that was killed while it waited for somebody else: theirs is left alone', async () => {
    writeFileSync(lockPath(), `${process.ppid}\n`);
    folder.writeStatus({ kind: 'protocol', keeper: DEAD, state: { kind: 'trying' } });
    expect(await finish('pid', lockPath())).toEqual({ kind: 'nothing' });
    expect(readFileSync(lockPath(), 'utf8')).toBe(`${process.ppid}\n`);
  });

  test('of a keeper that was killed while it waited for a lock whose record names nobody: said, and left alone', async () => {
    writeFileSync(join(root, '.lock'), '');
    folder.writeStatus({ kind: 'protocol', keeper: DEAD, state: { kind: 'trying' } });
    expect(await finish('asterisk-lockfile', root)).toMatchObject({
      kind: 'unreleased',
      detail: expect.stringContaining('died before it said whether it had the lock'),
    });
    expect(existsSync(join(root, '.lock'))).toBe(true);
  });

  test('without a keeper that ever said a word there was nothing', async () => {
    expect(await finish('pid', lockPath())).toEqual({ kind: 'nothing' });
    expect(await finish('pid', lockPath(), DEAD)).toEqual({ kind: 'nothing' });
  });
});

describe('what passes between the processes', () => {
  test('a handover comes back as it was given, and is no handover of a lease', () => {
    const text = JSON.stringify(handover({ ttlMs: 60_000, worker: { pid: 7 } }));
    expect(parseProtocolHandover(text)).toEqual(JSON.parse(text));
    expect(() => parseHandover(text)).toThrow(/is no handover/);
  });

  test('cut off anywhere it is none, and neither is a status', () => {
    const status: ProtocolStatus = {
      kind: 'protocol',
      keeper: { pid: 7 },
      state: { kind: 'trying' },
    };
    for (const whole of [JSON.stringify(handover()), JSON.stringify(status)]) {
      for (let length = 0; length < whole.length; length += 1) {
        expect(parseProtocolHandover(whole.slice(0, length))).toBeUndefined();
        expect(parseProtocolStatus(whole.slice(0, length))).toBeUndefined();
      }
    }
    expect(parseProtocolStatus(JSON.stringify(status))).toEqual(status);
  });

  test('an identity is all of strings, whatever a protocol puts into it', () => {
    const by = {
      path: '/x',
      standing: { holder: 'unknown', takeable: false, detail: 'd' },
      identity: { dev: '1', ino: '2', ctime: '3' },
    };
    const status = { kind: 'protocol', keeper: { pid: 7 }, state: { kind: 'busy', by, waitedMs: 0 } };
    expect(parseProtocolStatus(JSON.stringify(status))).toEqual(status);
    const wrong = { ...status, state: { ...status.state, by: { ...by, identity: { dev: 1 } } } };
    expect(parseProtocolStatus(JSON.stringify(wrong))).toBeUndefined();
  });
});
