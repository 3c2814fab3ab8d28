import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recordKey } from '../../src/lease/name.ts';
import { serialise } from '../../src/lease/record.ts';
import { openStore } from '../../src/store/open.ts';
import { builtCli } from '../support/built.ts';
import { type Ended, Sandbox } from '../support/cli-process.ts';
import { heldRecord, holderOf, leaseIdOf } from '../support/fake-lock.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(builtCli());
});
afterEach(() => sandbox.close());

const WHY = ['--reason', 'database upgrade', '--owner-id', 'ann'];

function reserve(...args: string[]): Promise<Ended> {
  return sandbox.run(['reserve', ...args, ...WHY]);
}

async function status(name: string): Promise<Record<string, unknown>> {
  return JSON.parse((await sandbox.run(['status', name, '--json'])).stdout);
}

/** Tries once to run something under the lock. */
function deploy(name: string): Promise<Ended> {
  return sandbox.run(['run', name, '--on-busy', 'fail', '--', 'true']);
}

describe('a reservation', () => {
  test('blocks a deploy, which is told who has the lock, why and until when, and can be released', async () => {
    const done = await reserve('prod', '--for', '2h');
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toMatch(
      /^Lock "prod" is reserved for 2h, until 20\d\d-.*Z\.\nTo end that before its time: /,
    );
    const refused = await deploy('prod');
    expect(refused.code).toBe(75);
    expect(refused.stderr).toContain('Lock "prod" is reserved by "ann" on host');
    expect(refused.stderr).toContain('  reason  "database upgrade"\n');
    expect(refused.stderr).toMatch(/ {2}until {3}20\d\d-/);
    expect(refused.stderr).toContain('To end that reservation before its time: leasehold break prod --lease');
    expect(await status('prod')).toMatchObject({
      state: 'held',
      ttlMs: 7_200_000,
      reservedUntil: expect.any(String),
    });
    const [, command = ''] = /before its time: leasehold (.*)\n/.exec(done.stdout) ?? [];
    const released = await sandbox.run(command.split(' '));
    expect(released).toMatchObject({ code: 0, stdout: 'Lock "prod" is released.\n' });
    expect((await deploy('prod')).code).toBe(0);
  });

  test('of days is released as well, though no lease that is kept may be that long', async () => {
    const { stdout } = await reserve('prod', '--for', '30d', '--json');
    const { lease } = JSON.parse(stdout);
    expect(await sandbox.run(['release', 'prod', '--lease', lease])).toMatchObject({ code: 0 });
  });

  test('of a tree blocks what is below, and status and list say so', async () => {
    const done = await reserve('prod', '--tree', '--for', '2h', '--json');
    expect(JSON.parse(done.stdout)).toEqual({
      name: 'prod',
      store: sandbox.store,
      lease: expect.stringMatching(/^[0-9a-f]{32}$/),
      token: expect.any(Number),
      tree: true,
      forMs: 7_200_000,
      until: expect.stringMatching(/Z$/),
      waitedMs: expect.any(Number),
    });
    const refused = await deploy('prod/api');
    expect(refused.code).toBe(75);
    expect(refused.stderr).toContain('Lock "prod/api" can\'t be had, for it is below "prod":');
    expect(refused.stderr).toContain('Lock "prod" and all below it are reserved by "ann"');
    expect(await status('prod/api')).toMatchObject({
      state: 'released',
      frozenBy: { name: 'prod', tree: true, reservedUntil: expect.any(String) },
    });
    expect((await sandbox.run(['status', 'prod/api'])).stdout).toContain('is below "prod"');
    expect((await sandbox.run(['list'])).stdout).toMatch(/^prod +reserved, tree +\d/m);
    expect((await deploy('stage/api')).code).toBe(0);
  });

  test('of a tree waits for the deploys that run below, while new ones give way', async () => {
    const running = sandbox.start(['run', 'prod/api', '--', 'sleep', '60']);
    await running.untilSays('acquired');
    const reserving = sandbox.start(['reserve', 'prod', '--tree', '--for', '1h', ...WHY]);
    await reserving.untilSays('can\'t be had before "prod/api" is free');
    expect((await deploy('prod/web')).code).toBe(75);
    expect(await status('prod')).not.toHaveProperty('reservedUntil');
    running.signal('SIGTERM');
    const { code, stdout } = await reserving.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('are reserved for 1h') });
    await running.ended;
  }, 30_000);

  test('that is broken is free at once, and nobody is told of a holder who might go on', async () => {
    const { lease } = JSON.parse((await reserve('prod', '--for', '2h', '--json')).stdout);
    const { code, stdout } = await sandbox.run(['break', 'prod', '--lease', lease, '--reason', 'done']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Lock "prod" is free: the reservation of "ann" on host "[^"]+" is broken\.\n$/);
    expect((await deploy('prod')).code).toBe(0);
  });

  test('that is cancelled while it waits leaves nothing', async () => {
    const running = sandbox.start(['run', 'prod/api', '--', 'sleep', '60']);
    await running.untilSays('acquired');
    const reserving = sandbox.start(['reserve', 'prod', '--tree', '--for', '1h', ...WHY]);
    await reserving.untilSays('is free:');
    reserving.signal('SIGINT');
    expect((await reserving.ended).code).toBe(130);
    expect(await status('prod')).toMatchObject({ state: 'released' });
    running.signal('SIGTERM');
    await running.ended;
  }, 30_000);

  test.each([
    [['prod'], /^leasehold: --for is missing: for how long\./],
    [['prod', '--for', '2h'], /^leasehold: --reason is missing: why: everybody who waits reads it\./],
    [['prod', '--for', '30s', '--reason', 'x'], /^leasehold: --for: 30s is not between 1m and 30d\./],
    [['prod', '--for', '31d', '--reason', 'x'], /^leasehold: --for: 31d is not between/],
    [['prod', '--for', '1h', '--reason', 'x', '--on-busy', 'skip'], /^leasehold: --on-busy: skip is for run/],
    [['prod', '--for', '1h', '--reason', ' '], /^leasehold: --reason is missing/],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await sandbox.run(['reserve', ...args]);
    expect(code).toBe(64);
    expect(stderr).toMatch(message);
  });
});

describe('the lease of a run', () => {
  const run = { repository: 'octo/app', runId: '42', runAttempt: 1, runUrl: 'https://github.com/octo/app' };

  async function hold(members: readonly string[]): Promise<void> {
    const store = await openStore(sandbox.store);
    const shared = {
      members: members.map((job, at) => ({
        ...{ memberId: String(at).repeat(32), ttlMs: 90_000, gapMs: 1_800_000, job },
        joinedAt: '2026-03-01T12:00:00Z',
      })),
    };
    const record = heldRecord({ name: 'prod', holder: holderOf('b', { ...run, ownerId: '42' }), shared });
    await store.write(recordKey('prod'), serialise(record), 'absent');
  }

  test('is shown with its jobs', async () => {
    await hold(['build', 'deploy']);
    expect((await sandbox.run(['status', 'prod'])).stdout).toContain('  jobs    "build", "deploy"\n');
    expect(await status('prod')).toMatchObject({ members: [{ job: 'build' }, { job: 'deploy' }] });
    expect((await sandbox.run(['list'])).stdout).toMatch(/run 42 attempt 1 of octo\/app, 2 jobs$/m);
  });

  test('is shown between two jobs', async () => {
    await hold([]);
    expect((await sandbox.run(['status', 'prod'])).stdout).toContain(
      'jobs    none now: it is kept for the next',
    );
  });

  test('is not released by hand, but broken', async () => {
    await hold(['build']);
    const refused = await sandbox.run(['release', 'prod', '--lease', leaseIdOf('b')]);
    expect(refused.code).toBe(75);
    const [, command = ''] =
      /To end it under them: leasehold (break prod --lease \w+)/.exec(refused.stderr) ?? [];
    expect(await sandbox.run([...command.split(' '), '--reason', 'stuck'])).toMatchObject({ code: 0 });
    expect(await status('prod')).toMatchObject({ state: 'released', ended: { how: 'broken' } });
  });
});
