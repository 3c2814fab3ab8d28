import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { isRunning, pidsIn, Sandbox, untilGone } from '../support/cli-process.ts';

/* The CLI as it is published, dist/, with leases that run out in real time. */

const ENTRY = resolve(import.meta.dirname, '../../dist/cli/index.js');
if (!existsSync(ENTRY)) throw new Error('There is no dist/ to test. Run "npm run build" first.');
const NODE = process.env.LEASEHOLD_NODE24 ?? process.execPath;

/** The shortest ttl there is: renewed every 5 s, stolen 17 s after the last renewal. */
const TTL_MS = 15_000;
const RUN = ['run', 'x', '--ttl', '15s'];
const TEST_WITHIN_MS = 60_000;

function scenario(name: string, play: (sandbox: Sandbox) => Promise<void>): void {
  test.concurrent(
    name,
    async () => {
      const sandbox = new Sandbox(ENTRY, NODE);
      try {
        await play(sandbox);
      } finally {
        await sandbox.close();
      }
    },
    TEST_WITHIN_MS,
  );
}

/** A command that writes its pid and that of a child, which is deaf to SIGTERM, and for a minute the time every 0.1 s. */
function beating(sandbox: Sandbox): string[] {
  const [pids, beat] = [sandbox.file('pids'), sandbox.file('beat')];
  const deaf = `trap "" TERM; echo $$ >>${pids}; for i in $(seq 600); do date +%s%N >>${beat}; sleep 0.1; done`;
  return ['sh', '-c', `sh -c '${deaf}' & echo $$ >>${pids}; wait`];
}

/** When the command was last seen at work, milliseconds since the epoch. */
function lastBeatMs(sandbox: Sandbox): number {
  return Number(readFileSync(sandbox.file('beat'), 'utf8').trim().split('\n').at(-1)) / 1_000_000;
}

async function status(sandbox: Sandbox) {
  return JSON.parse((await sandbox.run(['status', 'x', '--json'])).stdout);
}

async function guardPid(sandbox: Sandbox): Promise<number> {
  const { holder } = await status(sandbox);
  const pid = holder.processes[1]?.pid;
  if (pid === undefined) throw new Error(`no guard: ${JSON.stringify(holder)}`);
  return pid;
}

/** Stands still for longer than a steal takes, once, after it has told its guard how long the lease is good for. */
function stopsBeforeItsCommand(sandbox: Sandbox): NodeJS.ProcessEnv {
  const file = sandbox.file('stop.mjs');
  writeFileSync(
    file,
    `import { Socket } from 'node:net';
    const { write } = Socket.prototype;
    Socket.prototype.write = function (chunk, ...rest) {
      const written = write.call(this, chunk, ...rest);
      if (!String(chunk).startsWith('lease ')) return written;
      Socket.prototype.write = write;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${TTL_MS + 5_000});
      return written;
    };`,
  );
  return { NODE_OPTIONS: `--import=${file}` };
}

const ENTERED = ['sh', '-c', 'echo "$LEASEHOLD_TOKEN $(date +%s%N)"'];

describe('leasehold', () => {
  scenario('steals the lock of a machine that died, but not before its ttl is over', async (sandbox) => {
    const victim = sandbox.start([...RUN, '--', ...beating(sandbox)]);
    const pids = await pidsIn(sandbox.file('pids'), 2);
    const { token } = await status(sandbox);
    const guard = await guardPid(sandbox);
    // All at once, as a machine dies: the guard gets no chance.
    process.kill(guard, 'SIGKILL');
    victim.signal('SIGKILL');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    const diedMs = systemClock.wallMs();
    const { code, stdout, stderr } = await sandbox.run([...RUN, '--', ...ENTERED]);
    expect(code).toBe(0);
    const [stolenToken = 0, enteredNs = 0] = stdout.split(' ').map(Number);
    expect(stolenToken).toBe(token + 1);
    // It renewed at most 5.5 s before it died, and 2 s are added to the ttl.
    expect(enteredNs / 1_000_000 - diedMs).toBeGreaterThan(TTL_MS + 2_000 - 5_500 - 1_000);
    expect(enteredNs / 1_000_000 - diedMs).toBeLessThan(TTL_MS + 2_000 + 5_000);
    expect(stderr).toContain('was stolen from');
  });

  scenario('stops the command of a lease that was broken, also what is deaf to SIGTERM', async (sandbox) => {
    const holder = sandbox.start([...RUN, '--', ...beating(sandbox)]);
    const pids = await pidsIn(sandbox.file('pids'), 2);
    const { holder: record } = await status(sandbox);
    const broken = ['break', 'x', '--lease', record.leaseId, '--reason', 'stuck', '--by', 'mona'];
    expect(await sandbox.run(broken)).toMatchObject({ code: 0 });
    const brokenMs = systemClock.wallMs();
    const { code, stderr } = await holder.ended;
    expect(code).toBe(76);
    expect(stderr).toContain('it was broken by "mona": "stuck"');
    expect(pids.some(isRunning)).toBe(false);
    // A renewal is due within 5.5 s, and 5 s are given to end in order.
    expect(lastBeatMs(sandbox) - brokenMs).toBeLessThan(12_000);
  });

  scenario(
    'while it is stopped its guard ends the command before anybody else may enter',
    async (sandbox) => {
      const holder = sandbox.start([...RUN, '--', ...beating(sandbox)]);
      const pids = await pidsIn(sandbox.file('pids'), 2);
      holder.signal('SIGSTOP');
      const stoppedMs = systemClock.wallMs();
      const waiter = sandbox.start([...RUN, '--', ...ENTERED]);
      await untilGone(pids, TTL_MS + 1_000);
      expect(waiter.output).not.toContain('acquired');
      const { code, stdout } = await waiter.ended;
      expect(code).toBe(0);
      const [, enteredNs = 0] = stdout.split(' ').map(Number);
      expect(lastBeatMs(sandbox)).toBeLessThan(stoppedMs + TTL_MS);
      expect(enteredNs / 1_000_000).toBeGreaterThan(lastBeatMs(sandbox) + 1_000);
      holder.signal('SIGCONT');
      const late = await holder.ended;
      expect(late.code).toBe(76);
      expect(late.stderr).toContain('was not renewed in time, so the command is killed');
      expect(late.stderr).toContain('has the lock now, with token');
    },
  );

  scenario(
    'stopped past its ttl, with nobody waiting, it still ends with 76 and frees the lock',
    async (sandbox) => {
      const holder = sandbox.start([...RUN, '--', ...beating(sandbox)]);
      const pids = await pidsIn(sandbox.file('pids'), 2);
      holder.signal('SIGSTOP');
      await untilGone(pids, TTL_MS + 1_000);
      await systemClock.sleep(2_000);
      holder.signal('SIGCONT');
      expect(await holder.ended).toMatchObject({ code: 76 });
      expect(await status(sandbox)).toMatchObject({ state: 'released' });
    },
  );

  scenario(
    'stopped just before its command begins, past its ttl: it renews late, and only then begins',
    async (sandbox) => {
      const alone = await sandbox.start([...RUN, '--', ...ENTERED], stopsBeforeItsCommand(sandbox)).ended;
      expect(alone).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ \d+\n$/) });
      expect(alone.stderr).toContain('past its deadline');
    },
  );

  scenario(
    'stopped just before its command begins, and stolen from meanwhile: the command is not run',
    async (sandbox) => {
      const victim = sandbox.start([...RUN, '--', ...ENTERED], stopsBeforeItsCommand(sandbox));
      await victim.untilSays('acquired');
      const thief = sandbox.start([...RUN, '--', 'sleep', '8']);
      const late = await victim.ended;
      expect(late).toMatchObject({ code: 76, stdout: '' });
      expect(late.stderr).toContain('has the lock now');
      expect(late.stderr).toContain('The command was not run.');
      expect(await thief.ended).toMatchObject({ code: 0 });
    },
  );

  scenario(
    'cancelled just before its command begins: the command is not run, and the lock is free',
    async (sandbox) => {
      const run = sandbox.start([...RUN, '--', ...ENTERED], stopsBeforeItsCommand(sandbox));
      await run.untilSays('acquired');
      run.signal('SIGTERM');
      expect(await run.ended).toMatchObject({
        code: 143,
        stdout: '',
        stderr: expect.stringContaining('Cancelled by SIGTERM'),
      });
      expect(await status(sandbox)).toMatchObject({ state: 'released' });
    },
  );

  scenario('holds the lock for longer than its ttl, as long as the command runs', async (sandbox) => {
    const holder = sandbox.start([...RUN, '--', 'sh', '-c', `sleep ${TTL_MS / 1_000 + 4}; echo done`]);
    await holder.untilSays('acquired');
    const waiter = sandbox.start([...RUN, '--', ...ENTERED]);
    expect(await holder.ended).toMatchObject({ code: 0, stdout: 'done\n' });
    expect((await waiter.ended).stderr).not.toContain('stolen');
  });

  scenario('when the store is gone the command is over before the ttl is', async (sandbox) => {
    const holder = sandbox.start([...RUN, '--', ...beating(sandbox)]);
    const pids = await pidsIn(sandbox.file('pids'), 2);
    await holder.untilSays('acquired');
    const acquiredMs = systemClock.wallMs();
    renameSync(sandbox.store, sandbox.file('elsewhere'));
    writeFileSync(sandbox.store, 'not a directory');
    const { code, stderr } = await holder.ended;
    expect(code).toBe(76);
    expect(stderr).toContain('could not be renewed');
    expect(pids.some(isRunning)).toBe(false);
    expect(lastBeatMs(sandbox)).toBeLessThan(acquiredMs + TTL_MS);
  });

  scenario('lets one in at a time, whoever comes, with tokens that rise', async (sandbox) => {
    const log = sandbox.file('log');
    const work = `echo "in $LEASEHOLD_TOKEN" >>${log}; sleep 0.05; echo "out $LEASEHOLD_TOKEN" >>${log}`;
    const worker = async (): Promise<void> => {
      for (let i = 0; i < 5; i += 1) {
        const { code } = await sandbox.run([...RUN, '--quiet', '--', 'sh', '-c', work]);
        expect(code).toBe(0);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const first = Number(lines[0]?.split(' ')[1]);
    const alone = Array.from({ length: 20 }, (_, i) => [`in ${first + i}`, `out ${first + i}`]).flat();
    expect(lines).toEqual(alone);
  });

  scenario('acquire finds the keeper beside it, which renews past the ttl until release', async (sandbox) => {
    const acquired = await sandbox.run(['acquire', 'x', '--ttl', '15s', '--max-hold', '1m']);
    const { lease, token } = JSON.parse(acquired.stdout);
    await systemClock.sleep(TTL_MS + 3_000);
    expect(await status(sandbox)).toMatchObject({ state: 'held', token, expired: false });
    expect((await status(sandbox)).renewals).toBeGreaterThanOrEqual(3);
    expect(await sandbox.run(['release', 'x', '--lease', lease])).toMatchObject({ code: 0 });
    expect(await status(sandbox)).toMatchObject({ state: 'released', token });
  });

  scenario('knows its version', async (sandbox) => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(await sandbox.run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});
