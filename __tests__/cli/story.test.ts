import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { builtCli } from '../support/built.ts';
import { type CliProcess, type Ended, Sandbox, until, untilGone } from '../support/cli-process.ts';

/* What the command line tells of a hold beside the terminal: the notify command, and the history. */

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(builtCli());
});
afterEach(() => sandbox.close());

/** The options of a command that writes what it is told to a file. */
const telling = (): string[] => ['--notify', `cat >> '${sandbox.file('told')}'`];

function told(): Record<string, unknown>[] {
  const file = sandbox.file('told');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
const events = () => told().map(({ event }) => event);

interface Document {
  readonly usuallyHeldMs?: number;
  readonly holds: { readonly how: string }[];
}

async function history(): Promise<Document> {
  const { stdout } = await sandbox.run(['history', 'x', '--json']);
  return JSON.parse(stdout);
}
const hows = async () => (await history()).holds.map(({ how }) => how);

async function holder(...options: string[]): Promise<CliProcess> {
  const run = sandbox.start(['run', 'x', ...options, '--', 'sleep', '60']);
  await run.untilSays('acquired');
  return run;
}

async function lease(): Promise<string> {
  const { stdout } = await sandbox.run(['status', 'x', '--json']);
  return JSON.parse(stdout).holder.leaseId;
}

async function breakIt(): Promise<Ended> {
  return sandbox.run(['break', 'x', '--lease', await lease(), '--reason', 'stuck', '--by', 'mona']);
}

/** The events among what was said. */
function said({ stderr }: Ended, event: string): Record<string, unknown>[] {
  return stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((document) => document.event === event);
}

describe('run', () => {
  test('tells of the acquisition and the release, and the history of the hold', async () => {
    expect(await sandbox.run(['run', 'x', ...telling(), '--', 'true'])).toMatchObject({ code: 0 });
    expect(told()).toMatchObject([
      {
        schema: 1,
        event: 'acquired',
        name: 'x',
        store: expect.stringContaining(sandbox.store),
        waitedMs: expect.any(Number),
      },
      { schema: 1, event: 'released', heldMs: expect.any(Number) },
    ]);
    expect(await history()).toEqual({
      name: 'x',
      store: sandbox.store,
      holds: [
        {
          leaseId: expect.stringMatching(/^[0-9a-f]{32}$/),
          ownerId: expect.any(String),
          token: told()[0]?.token,
          waitedMs: expect.any(Number),
          heldMs: expect.any(Number),
          how: 'released',
          at: expect.stringMatching(/Z$/),
        },
      ],
    });
  });

  test('that loses its lease tells so at once, and the history knows who ended it and how long was waited', async () => {
    const run = await holder('--ttl', '15s', ...telling());
    expect(await breakIt()).toMatchObject({ code: 0 });
    const ended = await run.ended;
    expect(ended.code).toBe(76);
    expect(ended.stderr).toMatch(
      /"mona": "stuck"\. From 20\S+Z on others may hold it\. Stopping the command\./,
    );
    expect(events()).toEqual(['acquired', 'lost']);
    expect(told()[1]).toMatchObject({
      cause: { kind: 'broken', by: 'mona' },
      aloneUntil: expect.stringMatching(/Z$/),
    });
    expect((await history()).holds).toMatchObject([{ how: 'broken', waitedMs: expect.any(Number) }]);
  }, 20_000);

  test('that steals tells from whom, and the history of the hold that nobody else can tell of', async () => {
    const dead = await holder();
    dead.signal('SIGKILL');
    const args = ['run', 'x', '--stale-policy', 'holder-finished', ...telling(), '--', 'true'];
    expect(await sandbox.run(args)).toMatchObject({ code: 0 });
    expect(events()).toEqual(['stolen', 'acquired', 'released']);
    expect(told()[0]).toMatchObject({ because: 'holder-finished', from: { leaseId: expect.any(String) } });
    expect(await hows()).toEqual(['released', 'stolen']);
  });

  test('a notify command that fails is told once and changes nothing', async () => {
    const args = ['run', 'x', '--notify', 'echo no route; exit 7', '--json', '--', 'true'];
    const ended = await sandbox.run(args);
    expect(ended.code).toBe(0);
    expect(said(ended, 'notify-failed')).toEqual([
      {
        event: 'notify-failed',
        name: 'x',
        store: sandbox.store,
        message:
          'The notify command failed for "acquired": exit status 7: no route. Nothing else changes by it.',
      },
    ]);
  });

  test('who waits is told by the history how long that usually takes, and the notify command that it takes long', async () => {
    for (let n = 0; n < 3; n += 1) await sandbox.run(['run', 'x', '--', 'true']);
    const other = await holder();
    const options = [...telling(), '--notify-after', '500ms', '--json'];
    const waiter = sandbox.start(['run', 'x', ...options, '--', 'true']);
    await until('the notification', () => events().includes('waited-too-long'));
    other.signal('SIGTERM');
    const ended = await waiter.ended;
    expect(ended.code).toBe(0);
    const [first, second] = said(ended, 'waiting');
    expect(first).not.toHaveProperty('usuallyHeldMs');
    expect(second).toMatchObject({ usuallyHeldMs: expect.any(Number), leftMs: expect.any(Number) });
    expect(events()).toEqual(['waited-too-long', 'acquired', 'released']);
    expect(told()[0]).toMatchObject({ holder: { leaseId: expect.any(String) } });
  });

  test('in words it is one line more', async () => {
    for (let n = 0; n < 3; n += 1) await sandbox.run(['run', 'x', '--', 'true']);
    await holder();
    const waiter = sandbox.start(['run', 'x', '--', 'true']);
    await waiter.untilSays('usually held');
    expect(waiter.output).toMatch(
      /\nleasehold: {3}usual {3}(about \w+ left|longer than usual); it is usually held for \w+ \(median of 3 holds\)\n$/,
    );
    waiter.signal('SIGTERM');
    await waiter.ended;
  });
});

describe('acquire and release', () => {
  const SHORT = ['--max-hold', '1m', '--ttl', '15s'];

  test('each tells its part; the keeper writes the history', async () => {
    const acquired = await sandbox.run(['acquire', 'x', ...SHORT, ...telling()]);
    expect(events()).toEqual(['acquired']);
    const { lease: id } = JSON.parse(acquired.stdout);
    expect(await sandbox.run(['release', 'x', '--lease', id, ...telling()])).toMatchObject({ code: 0 });
    expect(events()).toEqual(['acquired', 'released']);
    expect((await history()).holds).toMatchObject([
      { how: 'released', waitedMs: expect.any(Number), leaseId: id },
    ]);
  });

  test('a loss is told by the keeper, once', async () => {
    const acquired = await sandbox.run(['acquire', 'x', ...SHORT, ...telling()]);
    const { lease: id } = JSON.parse(acquired.stdout);
    await breakIt();
    await until('the loss', () => events().includes('lost'));
    expect(await sandbox.run(['release', 'x', '--lease', id, ...telling()])).toMatchObject({ code: 76 });
    expect(events()).toEqual(['acquired', 'lost']);
    expect(await hows()).toEqual(['broken']);
  }, 20_000);

  test('a lease that is released without its keeper is in the history, too', async () => {
    const acquired = await sandbox.run(['acquire', 'x', ...SHORT]);
    const { lease: id } = JSON.parse(acquired.stdout);
    const status = readFileSync(`${sandbox.store}/keepers/${id}/status.json`, 'utf8');
    const { pid } = JSON.parse(status).keeper;
    process.kill(pid, 'SIGKILL');
    await untilGone([pid]);
    expect(await sandbox.run(['release', 'x', '--lease', id, ...telling()])).toMatchObject({ code: 0 });
    expect(events()).toEqual(['released']);
    expect((await history()).holds).toMatchObject([
      { how: 'released', leaseId: id, heldMs: expect.any(Number) },
    ]);
  });
});

test('the history of a lock that was never held says so', async () => {
  expect(await sandbox.run(['history', 'x'])).toMatchObject({
    code: 0,
    stdout: 'Nothing is known of earlier holds of lock "x".\n',
  });
  expect(await history()).toEqual({ name: 'x', store: sandbox.store, holds: [] });
});
