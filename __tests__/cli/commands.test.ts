import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recordKey } from '../../src/lease/name.ts';
import { serialise } from '../../src/lease/record.ts';
import { openStore } from '../../src/store/open.ts';
import { builtCli } from '../support/built.ts';
import { type CliProcess, type Ended, Sandbox, until, untilGone } from '../support/cli-process.ts';
import { heldRecord } from '../support/fake-lock.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(builtCli());
});
afterEach(() => sandbox.close());

interface Acquired {
  readonly lease: string;
  readonly token: number;
}

// No keeper outlives a test that fails by more than this.
const SHORT = ['--max-hold', '1m'];

async function acquire(name = 'x', ...options: string[]): Promise<Acquired> {
  const { code, stdout, stderr } = await sandbox.run(['acquire', name, ...SHORT, ...options]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function status(name = 'x'): Promise<Record<string, unknown>> {
  return document(await sandbox.run(['status', name, '--json']));
}

function document({ stdout }: Ended): Record<string, unknown> {
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

function error({ stderr }: Ended): Record<string, unknown> {
  return JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error;
}

async function holder(name = 'x', ...options: string[]): Promise<CliProcess> {
  const run = sandbox.start(['run', name, ...options, '--', 'sleep', '60']);
  await run.untilSays('acquired');
  return run;
}

/** Puts something under a lock's key, as another program might. */
async function spoil(name: string, body: string): Promise<void> {
  const store = await openStore(sandbox.store);
  await store.write(recordKey(name), body, 'absent');
}

function keepers(): string[] {
  const folder = join(sandbox.store, 'keepers');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function keeperPid(lease: string): number {
  return JSON.parse(readFileSync(join(sandbox.store, 'keepers', lease, 'status.json'), 'utf8')).keeper.pid;
}

describe('acquire and release', () => {
  test('leave a keeper behind, and take it away again', async () => {
    const ended = await sandbox.run(['acquire', 'x', '--ttl', '20s', '--reason', 'steps', ...SHORT]);
    expect(ended.code).toBe(0);
    const lease = document(ended);
    expect(lease).toEqual({
      name: 'x',
      store: sandbox.store,
      lease: expect.stringMatching(/^[0-9a-f]{32}$/),
      token: expect.any(Number),
      ttlMs: 20_000,
      waitedMs: expect.any(Number),
    });
    expect(await status()).toMatchObject({ state: 'held', token: lease.token, holder: { reason: 'steps' } });
    const pid = keeperPid(String(lease.lease));
    const released = await sandbox.run(['release', 'x', '--lease', String(lease.lease)]);
    expect(released).toMatchObject({ code: 0, stdout: 'Lock "x" is released.\n', stderr: '' });
    expect(await status()).toMatchObject({
      state: 'released',
      token: lease.token,
      ended: { how: 'released' },
    });
    await untilGone([pid]);
    expect(keepers()).toEqual([]);
  });

  test('an acquisition says nothing of processes that would prove it dead at once', async () => {
    const { lease } = await acquire();
    expect((await status()).holder).not.toHaveProperty('processes');
    const thief = ['run', 'x', '--stale-policy', 'holder-finished', '--on-busy', 'fail', '--', 'echo', 'in'];
    expect(await sandbox.run(thief)).toMatchObject({ code: 75 });
    await sandbox.run(['release', 'x', '--lease', lease]);
  });

  test('the keeper follows the process that --pid names, and its death is proof', async () => {
    const other = await holder('other');
    const { lease } = await acquire('x', '--pid', String(other.pid));
    const keeper = keeperPid(lease);
    other.signal('SIGKILL');
    await untilGone([keeper]);
    expect(await status()).toMatchObject({ state: 'held' });
    const thief = ['run', 'x', '--stale-policy', 'holder-finished', '--on-busy', 'fail', '--', 'echo', 'in'];
    expect(await sandbox.run(thief)).toMatchObject({ code: 0, stdout: 'in\n' });
    const late = await sandbox.run(['release', 'x', '--lease', lease, '--json']);
    expect(late.code).toBe(76);
    expect(error(late)).toMatchObject({ kind: 'lost', exitCode: 76, cause: { kind: 'stolen' } });
  });

  test('a process that is not there is refused before anything is written', async () => {
    const ended = await sandbox.run(['acquire', 'x', '--pid', '4194304']);
    expect(ended).toMatchObject({ code: 64, stdout: '' });
    expect(await status()).toMatchObject({ state: 'absent' });
  });

  test('a lease is released from another machine too, by the store alone', async () => {
    const { lease } = await acquire();
    const elsewhere = { XDG_STATE_HOME: sandbox.file('elsewhere'), LEASEHOLD_STORE: sandbox.store };
    const ended = await sandbox.run(['release', 'x', '--lease', lease, '--json'], elsewhere);
    expect(ended.code).toBe(0);
    expect(document(ended)).toEqual({
      name: 'x',
      store: sandbox.store,
      lease,
      released: true,
      keeperDied: false,
    });
    expect(await status()).toMatchObject({ state: 'released' });
    process.kill(keeperPid(lease), 'SIGKILL');
  });

  test('a keeper that died is missed, and the lease released all the same', async () => {
    const { lease } = await acquire();
    process.kill(keeperPid(lease), 'SIGKILL');
    const ended = await sandbox.run(['release', 'x', '--lease', lease]);
    expect(ended).toMatchObject({ code: 0, stdout: 'Lock "x" is released.\n' });
    expect(ended.stderr).toContain('The keeper of lock "x" had died');
  });

  test('a lease that was broken is not released but reported, with who broke it and why', async () => {
    const { lease } = await acquire();
    await sandbox.run(['break', 'x', '--lease', lease, '--reason', 'stuck', '--by', 'mona']);
    const ended = await sandbox.run(['release', 'x', '--lease', lease]);
    expect(ended).toMatchObject({ code: 76, stdout: '' });
    expect(ended.stderr).toContain('was lost before it was released: it was broken by "mona": "stuck"');
  });

  test('what is not held is not released: neither twice, nor for another, nor under a mistyped name', async () => {
    const { lease } = await acquire();
    const mistyped = await sandbox.run(['release', 'y', '--lease', lease]);
    expect(mistyped.code).toBe(76);
    expect(mistyped.stderr).toContain('Lock "y" is not held by lease');
    expect(await status('y')).toMatchObject({ state: 'absent' });
    expect(await sandbox.run(['release', 'x', '--lease', 'f'.repeat(32)])).toMatchObject({ code: 76 });
    expect(await status()).toMatchObject({ state: 'held' });
    expect(await sandbox.run(['release', 'x', '--lease', lease])).toMatchObject({ code: 0 });
    const twice = await sandbox.run(['release', 'x', '--lease', lease, '--json']);
    expect(twice.code).toBe(76);
    expect(error(twice)).toMatchObject({ kind: 'not-held', lock: { state: 'released' } });
  });

  test('acquire waits for nobody with --on-busy fail, and prints no lease then', async () => {
    await holder();
    const ended = await sandbox.run(['acquire', 'x', '--on-busy', 'fail', '--json']);
    expect(ended).toMatchObject({ code: 75, stdout: '' });
    expect(error(ended)).toMatchObject({ kind: 'busy', exitCode: 75 });
    expect(keepers()).toEqual([]);
  });

  test('a steal is told', async () => {
    const victim = await holder('x', '--owner-id', 'mona');
    victim.signal('SIGKILL');
    await victim.ended;
    await until('the guard is done', () => victim.output.includes('leasehold itself was killed'));
    const ended = await sandbox.run([
      'acquire',
      'x',
      '--stale-policy',
      'holder-finished',
      '--json',
      ...SHORT,
    ]);
    expect(document(ended)).toMatchObject({ stolenFrom: { ownerId: 'mona' } });
    const [stolen] = ended.stderr.split('\n').map((line) => JSON.parse(line || '{}'));
    expect(stolen).toMatchObject({ event: 'stolen', because: 'holder-finished', from: { ownerId: 'mona' } });
    await sandbox.run(['release', 'x', '--lease', String(document(ended).lease)]);
  });
});

describe('status', () => {
  test('of a lock that was never held', async () => {
    const { code, stdout } = await sandbox.run(['status', 'x']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Lock "x" is free. Nobody has ever held it in ${sandbox.store}.\n`,
    });
  });

  test('of a held one names the holder, what is left, and the line that breaks it', async () => {
    await holder('x', '--reason', 'a ##[group]reason', '--owner-id', 'mona');
    const { code, stdout } = await sandbox.run(['status', 'x']);
    expect(code).toBe(0);
    expect(stdout).toContain('Lock "x" is held by "mona" on host "');
    expect(stdout).toContain('reason  "a ##\\u005bgroup]reason"');
    expect(stdout).toMatch(/lease {3}runs out in 1m\d+s unless it is renewed \(ttl 1m30s\)/);
    const [, line = ''] = /^To end .*: leasehold (break .*)$/m.exec(stdout) ?? [];
    expect(await sandbox.run(line.replace("'…'", 'why').split(' '))).toMatchObject({ code: 0 });
  });

  test('of a record that is none is exit code 78 with what to do', async () => {
    await spoil('x', 'no JSON');
    const ended = await sandbox.run(['status', 'x', '--json']);
    expect(ended).toMatchObject({ code: 78, stdout: '' });
    expect(error(ended)).toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('delete it once'),
    });
  });
});

describe('list', () => {
  test('shows all locks by the names in their records, and those that can not be read as such', async () => {
    await holder('prod/api', '--owner-id', 'mona');
    await sandbox.run(['run', 'prod', '--', 'true']);
    await spoil('broken', '{}');
    await spoil('elsewhere', serialise(heldRecord()));
    const ended = await sandbox.run(['list', '--json']);
    expect(ended.code).toBe(0);
    const entries = JSON.parse(ended.stdout);
    expect(entries).toHaveLength(4);
    expect(entries).toContainEqual(
      expect.objectContaining({ name: 'prod/api', state: 'held', expired: false, ageMs: expect.any(Number) }),
    );
    expect(entries).toContainEqual(expect.objectContaining({ name: 'prod', state: 'released' }));
    for (const name of ['broken', 'elsewhere']) {
      expect(entries).toContainEqual(
        expect.objectContaining({ state: 'corrupt', key: recordKey(name), message: expect.any(String) }),
      );
    }
    const text = await sandbox.run(['list']);
    expect(text.stdout).toMatch(/^prod\/api {2}held .*"mona" on host/m);
    expect(text.stdout).toMatch(/^corrupt: The record of a lock/m);
  });

  test('of a store that is not there yet is empty, and makes none', async () => {
    expect(await sandbox.run(['list', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' });
    expect(existsSync(sandbox.store)).toBe(false);
  });
});

describe('break', () => {
  test('tells what to name when nothing is named, and changes nothing', async () => {
    await holder('x', '--owner-id', 'mona');
    const before = await status();
    const { code, stderr } = await sandbox.run(['break', 'x']);
    expect(code).toBe(64);
    expect(stderr).toContain('is held by "mona"');
    expect(stderr).toMatch(/leasehold break x --lease [0-9a-f]{32} --reason '…'/);
    const { holder: found } = before as { holder: { leaseId: string } };
    const unreasoned = await sandbox.run(['break', 'x', '--lease', found.leaseId, '--json']);
    expect(unreasoned.code).toBe(64);
    expect(error(unreasoned)).toMatchObject({ kind: 'usage', lock: { state: 'held' } });
    expect(await status()).toMatchObject({ state: 'held', token: before.token });
  });

  test('frees the lock of the lease that is named, for a greater token', async () => {
    const { lease, token } = await acquire();
    const ended = await sandbox.run([
      'break',
      'x',
      '--lease',
      lease,
      '--reason',
      'stuck',
      '--by',
      'mona',
      '--json',
    ]);
    expect(ended.code).toBe(0);
    expect(document(ended)).toMatchObject({ name: 'x', lease, broken: true, by: 'mona' });
    expect(await status()).toMatchObject({
      state: 'released',
      ended: { how: 'broken', by: 'mona', reason: 'stuck' },
    });
    const next = await sandbox.run(['run', 'x', '--', 'sh', '-c', 'echo $LEASEHOLD_TOKEN']);
    expect(Number(next.stdout)).toBe(token + 1);
    process.kill(keeperPid(lease), 'SIGKILL');
  });

  test('leaves a lock alone that another lease has by now', async () => {
    await holder('x', '--owner-id', 'mona');
    const ended = await sandbox.run(['break', 'x', '--lease', 'f'.repeat(32), '--reason', 'stuck']);
    expect(ended.code).toBe(75);
    expect(ended.stderr).toContain('is held by "mona"');
    expect(await status()).toMatchObject({ state: 'held' });
  });

  test('of a lock that is free is done already', async () => {
    const ended = await sandbox.run(['break', 'x', '--lease', 'f'.repeat(32), '--reason', 'stuck', '--json']);
    expect(ended.code).toBe(0);
    expect(document(ended)).toMatchObject({ broken: false });
    expect(await status()).toMatchObject({ state: 'absent' });
  });
});

describe('doctor', () => {
  test('finds that a directory keeps all promises', async () => {
    const { code, stdout } = await sandbox.run(['doctor']);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('  ✓ ')).length).toBeGreaterThanOrEqual(6);
    expect(stdout).not.toMatch(/[✗?] /);
    const json = document(await sandbox.run(['doctor', '--json']));
    expect(json).toMatchObject({ store: sandbox.store, ok: true, storeClock: true });
    expect(json.promises).toContainEqual(
      expect.objectContaining({ id: 'create', held: 'yes', safety: true }),
    );
  });

  test('of a store that can not be there is exit code 78', async () => {
    writeFileSync(sandbox.file('file'), '');
    const ended = await sandbox.run(['doctor', '--store', sandbox.file('file'), '--json']);
    expect(ended.code).toBe(78);
    expect(error(ended)).toMatchObject({ kind: 'misconfigured' });
  });
});

describe('the frame', () => {
  test('an unknown command is exit code 64, as JSON where that was asked for', async () => {
    expect(await sandbox.run(['statsu', 'x'])).toMatchObject({
      code: 64,
      stdout: '',
      stderr: 'leasehold: There is no command "statsu". Did you mean status?\n',
    });
    const json = await sandbox.run(['statsu', 'x', '--json']);
    expect(error(json)).toEqual({
      kind: 'usage',
      exitCode: 64,
      message: 'There is no command "statsu". Did you mean status?',
    });
  });

  test('tells its version, and its help on standard output', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(await sandbox.run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect((await sandbox.run(['run', '--help'])).stdout).toMatch(
      /^Usage: leasehold run NAME .*\n {3}or: leasehold run --protocol PROTOCOL --path PATH /,
    );
  });

  test('the default store is made for its user alone', async () => {
    await sandbox.run(['run', 'x', '--', 'true']);
    expect(statSync(sandbox.store).mode & 0o777).toBe(0o700);
    rmSync(sandbox.store, { recursive: true });
  });
});
