import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import type { ProtocolName } from '../../src/protocols/protocol.ts';
import { startDriver } from '../interop/driver.ts';
import { suite } from '../interop/pid/suite.ts';
import type { Driver } from '../interop/suite.ts';
import { isRunning, pidsIn, Sandbox, until, untilGone } from '../support/cli-process.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';

/* The CLI as it is published, dist/, with the locks of other programs: what takes its time, and what can go wrong. */

const ENTRY = resolve(import.meta.dirname, '../../dist/cli/index.js');
if (!existsSync(ENTRY)) throw new Error('There is no dist/ to test. Run "npm run build" first.');
const NODE = process.env.LEASEHOLD_NODE24 ?? process.execPath;
const TEST_WITHIN_MS = 90_000;

/** The shortest ttl there is. */
const TTL_MS = 5_000;
/** How often a hold is looked at, and what a command gets to end in order. */
const LOOK_MS = 2_000;
const GRACE_MS = 5_000;

function scenario(name: string, play: (sandbox: Sandbox) => Promise<void>): void {
  test.concurrent(
    name,
    async () => {
      const sandbox = new Sandbox(ENTRY, NODE);
      mkdirSync(sandbox.file('box'));
      try {
        await play(sandbox);
      } finally {
        await sandbox.close();
      }
    },
    TEST_WITHIN_MS,
  );
}

const PATHS: Readonly<Record<ProtocolName, { path: string; file: string }>> = {
  pid: { path: 'box/agent.lock', file: 'box/agent.lock' },
  vfs: { path: 'box/data.csv', file: 'box/data.csv.lock' },
  levels: { path: 'box', file: 'box/lock0' },
  'asterisk-lockfile': { path: 'box', file: 'box/.lock' },
  'asterisk-flock': { path: 'box', file: 'box/lock' },
};
const PROTOCOLS = Object.keys(PATHS) as ProtocolName[];

function at(sandbox: Sandbox, protocol: ProtocolName): string[] {
  return ['--protocol', protocol, '--path', sandbox.file(PATHS[protocol].path)];
}

function run(sandbox: Sandbox, protocol: ProtocolName, ...options: string[]): string[] {
  return ['run', ...at(sandbox, protocol), ...options];
}

async function status(sandbox: Sandbox, protocol: ProtocolName) {
  return JSON.parse((await sandbox.run(['status', ...at(sandbox, protocol), '--json'])).stdout);
}

/** A command that writes its pid and that of a child, which is deaf to SIGTERM, and for a minute the time every 0.1 s. */
function beating(sandbox: Sandbox): string[] {
  const [pids, beat] = [sandbox.file('pids'), sandbox.file('beat')];
  const deaf = `trap "" TERM; echo $$ >>${pids}; for i in $(seq 600); do date +%s%N >>${beat}; sleep 0.1; done`;
  return ['--', 'sh', '-c', `sh -c '${deaf}' & echo $$ >>${pids}; wait`];
}

/** When the command was last seen at work, milliseconds since the epoch. */
function lastBeatMs(sandbox: Sandbox): number {
  return Number(readFileSync(sandbox.file('beat'), 'utf8').trim().split('\n').at(-1)) / 1_000_000;
}

const ENTERED = ['--', 'sh', '-c', 'date +%s%N'];

function enteredMs(stdout: string): number {
  return Number(stdout) / 1_000_000;
}

function guardOf(sandbox: Sandbox, protocol: ProtocolName): number {
  const list = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'args='], { encoding: 'utf8' });
  const path = sandbox.file(PATHS[protocol].path);
  const line = list.split('\n').find((text) => text.includes('leasehold-guard') && text.endsWith(` ${path}`));
  return Number.parseInt(line ?? '', 10);
}

/** An object in S3, and what it takes to get at it. */
function inS3(server: Awaited<ReturnType<typeof startMiniflareS3>>) {
  const path = server.url.replace(/^(s3:\/\/[^/?]+)[^?]*/, '$1/in/data.csv');
  return {
    words: ['--protocol', 'vfs', '--path', path],
    variables: {
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    },
  };
}

/** Stands still for longer than its ttl, once, after it has told its guard how long the lock is good for. */
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
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${TTL_MS + 3_000});
      return written;
    };`,
  );
  return { NODE_OPTIONS: `--import=${file}` };
}

describe.each(PROTOCOLS)('leasehold run --protocol %s', (protocol) => {
  scenario('lets one in at a time, whoever comes', async (sandbox) => {
    const log = sandbox.file('log');
    const work = `echo "in $$" >>${log}; sleep 0.05; echo "out $$" >>${log}`;
    const worker = async (): Promise<void> => {
      for (let i = 0; i < 4; i += 1) {
        const { code, stderr } = await sandbox.run([
          ...run(sandbox, protocol, '--quiet'),
          ...['--', 'sh', '-c', work],
        ]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(32);
    const pairs = lines.flatMap((line, index) => (index % 2 === 0 ? [[line, lines[index + 1]]] : []));
    expect(pairs).toEqual(pairs.map(([entered]) => [entered, entered?.replace('in', 'out')]));
    // One that stays is Asterisk's way; nothing of ours is left.
    expect(readdirSync(sandbox.file('box'))).toEqual(protocol === 'asterisk-flock' ? ['lock'] : []);
  });

  scenario('killed, its command does not outlive it, and the next one recovers', async (sandbox) => {
    const ttl = protocol === 'vfs' ? ['--ttl', '5s'] : [];
    const victim = sandbox.start([...run(sandbox, protocol, ...ttl), ...beating(sandbox)]);
    const pids = await pidsIn(sandbox.file('pids'), 2);
    const waiter = sandbox.start([
      ...run(sandbox, protocol, ...(protocol === 'asterisk-lockfile' ? ['--ttl', '5s'] : ttl)),
      ...ENTERED,
    ]);
    await waiter.untilSays('is held by');
    expect(waiter.output).not.toContain('acquired');
    victim.signal('SIGKILL');
    const killedMs = systemClock.wallMs();
    await untilGone(pids, 2_000);
    const { code, stdout, stderr } = await waiter.ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(enteredMs(stdout)).toBeGreaterThan(killedMs);
    expect(lastBeatMs(sandbox)).toBeLessThan(killedMs + 1_000);
    if (protocol !== 'asterisk-flock') expect(stderr).toContain('was taken over');
    // A record with a time is good for that time, whoever died.
    if (protocol === 'vfs') expect(enteredMs(stdout) - killedMs).toBeGreaterThan(TTL_MS / 2);
  });

  scenario('leaves nothing open in the command, nor in what that leaves behind', async (sandbox) => {
    const pids = sandbox.file('pids');
    const script = `sleep 60 >/dev/null 2>&1 & echo $! >>${pids}`;
    expect(await sandbox.run([...run(sandbox, protocol, '--quiet'), '--', 'sh', '-c', script])).toMatchObject(
      { code: 0 },
    );
    const [pid = 0] = await pidsIn(pids);
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(open.filter((path) => path.startsWith(sandbox.path))).toEqual([]);
    const next = [...run(sandbox, protocol, '--on-busy', 'fail', '--quiet'), '--', 'echo', 'in'];
    expect(await sandbox.run(next)).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(isRunning(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  scenario('stops its command when the lock is taken away, also what is deaf to SIGTERM', async (sandbox) => {
    const holder = sandbox.start([...run(sandbox, protocol), ...beating(sandbox)]);
    const pids = await pidsIn(sandbox.file('pids'), 2);
    rmSync(sandbox.file(PATHS[protocol].file));
    const brokenMs = systemClock.wallMs();
    const { code, stderr } = await holder.ended;
    expect(code).toBe(76);
    expect(stderr).toContain('The command under it was stopped.');
    expect(pids.some(isRunning)).toBe(false);
    expect(lastBeatMs(sandbox) - brokenMs).toBeLessThan(LOOK_MS + GRACE_MS + 2_000);
  });
});

describe('leasehold, with the locks of other programs', () => {
  scenario('holds a lock for longer than its ttl, as long as the command runs', async (sandbox) => {
    const holder = sandbox.start([...run(sandbox, 'vfs', '--ttl', '5s'), '--', 'sleep', '11']);
    await holder.untilSays('acquired');
    const waiter = sandbox.start([...run(sandbox, 'vfs', '--ttl', '5s'), ...ENTERED]);
    expect(await holder.ended).toMatchObject({ code: 0 });
    const { code, stderr } = await waiter.ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain('was taken over');
  });

  scenario('while it is stopped its guard ends the command before its ttl is over', async (sandbox) => {
    const holder = sandbox.start([...run(sandbox, 'vfs', '--ttl', '5s'), ...beating(sandbox)]);
    const pids = await pidsIn(sandbox.file('pids'), 2);
    holder.signal('SIGSTOP');
    const stoppedMs = systemClock.wallMs();
    const waiter = sandbox.start([...run(sandbox, 'vfs', '--ttl', '5s'), ...ENTERED]);
    await untilGone(pids, TTL_MS + 1_000);
    const { code, stdout } = await waiter.ended;
    expect(code).toBe(0);
    expect(lastBeatMs(sandbox)).toBeLessThan(stoppedMs + TTL_MS);
    expect(enteredMs(stdout)).toBeGreaterThan(lastBeatMs(sandbox));
    holder.signal('SIGCONT');
    const late = await holder.ended;
    expect(late.code).toBe(76);
    expect(late.stderr).toContain('was not renewed in time, so the command is killed');
  });

  scenario(
    'stopped just before its command begins, past its ttl: it renews late, and only then begins',
    async (sandbox) => {
      const words = [...run(sandbox, 'vfs', '--ttl', '5s'), ...ENTERED];
      const startedMs = systemClock.wallMs();
      const { code, stdout, stderr } = await sandbox.start(words, stopsBeforeItsCommand(sandbox)).ended;
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(enteredMs(stdout) - startedMs).toBeGreaterThan(TTL_MS + 3_000);
    },
  );

  scenario(
    'stopped just before its command begins, and taken over meanwhile: the command is not run',
    async (sandbox) => {
      const words = run(sandbox, 'vfs', '--ttl', '5s');
      const victim = sandbox.start([...words, ...ENTERED], stopsBeforeItsCommand(sandbox));
      await victim.untilSays('acquired');
      const thief = sandbox.start([...words, '--', 'sleep', '6']);
      const late = await victim.ended;
      expect(late).toMatchObject({ code: 76, stdout: '' });
      expect(late.stderr).toContain('The command was not run.');
      expect(await thief.ended).toMatchObject({ code: 0 });
    },
  );

  scenario(
    'cancelled just before its command begins: the command is not run, and the lock is free',
    async (sandbox) => {
      const words = [...run(sandbox, 'vfs', '--ttl', '5s'), ...ENTERED];
      const held = sandbox.start(words, stopsBeforeItsCommand(sandbox));
      await held.untilSays('acquired');
      held.signal('SIGTERM');
      const { code, stdout, stderr } = await held.ended;
      expect({ code, stdout }).toEqual({ code: 143, stdout: '' });
      expect(stderr).toContain('Cancelled by SIGTERM');
      expect(await status(sandbox, 'vfs')).toMatchObject({ state: 'free' });
    },
  );

  scenario(
    'stopped past its ttl, with nobody waiting, it still ends with 76 and frees the lock',
    async (sandbox) => {
      const holder = sandbox.start([...run(sandbox, 'vfs', '--ttl', '5s'), ...beating(sandbox)]);
      const pids = await pidsIn(sandbox.file('pids'), 2);
      holder.signal('SIGSTOP');
      await untilGone(pids, TTL_MS + 1_000);
      await systemClock.sleep(1_000);
      holder.signal('SIGCONT');
      expect(await holder.ended).toMatchObject({ code: 76 });
      expect(await status(sandbox, 'vfs')).toMatchObject({ state: 'free' });
    },
  );

  scenario('when S3 is gone the command is over before the ttl is', async (sandbox) => {
    const server = await startMiniflareS3();
    let closed: Promise<void> | undefined;
    try {
      const lock = inS3(server);
      const words = ['run', ...lock.words, '--ttl', '5s', '--json', ...beating(sandbox)];
      const holder = sandbox.start(words, lock.variables);
      const pids = await pidsIn(sandbox.file('pids'), 2);
      closed = server.close();
      await closed;
      const goneMs = systemClock.wallMs();
      const { code, stderr } = await holder.ended;
      expect({ code, stderr }).toMatchObject({ code: 76 });
      expect(stderr).toContain('"renewal-trouble"');
      expect(stderr).toContain('"kind":"unreachable"');
      expect(pids.some(isRunning)).toBe(false);
      expect(lastBeatMs(sandbox)).toBeLessThan(goneMs + TTL_MS);
    } finally {
      await (closed ?? server.close());
    }
  });

  scenario('tells when its guard is killed, and goes on', async (sandbox) => {
    const holder = sandbox.start([...run(sandbox, 'pid', '--json'), '--', 'sleep', '2']);
    await holder.untilSays('"acquired"');
    await until('there is a guard', () => !Number.isNaN(guardOf(sandbox, 'pid')));
    await systemClock.sleep(200);
    process.kill(guardOf(sandbox, 'pid'), 'SIGKILL');
    await holder.untilSays('"unguarded"');
    expect(await holder.ended).toMatchObject({ code: 0 });
    expect(await status(sandbox, 'pid')).toMatchObject({ state: 'free' });
  });

  scenario('acquire finds the keeper beside it, which renews past the ttl until release', async (sandbox) => {
    const acquired = await sandbox.run(['acquire', ...at(sandbox, 'vfs'), '--ttl', '5s', '--max-hold', '1m']);
    const { lease, pid } = JSON.parse(acquired.stdout);
    await systemClock.sleep(TTL_MS + 3_000);
    expect(await status(sandbox, 'vfs')).toMatchObject({ state: 'held', pid, standing: { expired: false } });
    const release = ['release', ...at(sandbox, 'vfs'), '--lease', lease];
    expect(await sandbox.run(release)).toMatchObject({ code: 0 });
    expect(await status(sandbox, 'vfs')).toMatchObject({ state: 'free' });
  });

  scenario(
    'a keeper that was killed frees an flock: release says from when on others may have',
    async (sandbox) => {
      const { stdout } = await sandbox.run(['acquire', ...at(sandbox, 'asterisk-flock')]);
      const { lease, pid } = JSON.parse(stdout);
      process.kill(pid, 'SIGKILL');
      await untilGone([pid]);
      const released = await sandbox.run(['release', ...at(sandbox, 'asterisk-flock'), '--lease', lease]);
      expect(released.code).toBe(76);
      expect(released.stderr).toMatch(
        /its keeper, with whose process the system frees the lock, died.* Since 20/,
      );
    },
  );

  scenario('vfs in S3: one at a time, and nothing is left', async (sandbox) => {
    const server = await startMiniflareS3();
    try {
      const { words: lock, variables } = inS3(server);
      const holder = sandbox.start(['run', ...lock, '--', 'sh', '-c', 'read line'], variables);
      await holder.untilSays('acquired');
      const busy = await sandbox.run(['run', ...lock, '--on-busy', 'fail', '--', 'echo', 'in'], variables);
      expect(busy).toMatchObject({ code: 75, stdout: '' });
      expect(busy.stderr).toContain(`process ${holder.pid}`);
      holder.type('\n');
      expect(await holder.ended).toMatchObject({ code: 0 });
      const acquired = await sandbox.run(['acquire', ...lock], variables);
      expect(acquired).toMatchObject({ code: 0 });
      const { lease } = JSON.parse(acquired.stdout);
      expect(await sandbox.run(['release', ...lock, '--lease', lease], variables)).toMatchObject({ code: 0 });
      const { stdout } = await sandbox.run(['status', ...lock], variables);
      expect(stdout).toContain('is free.');
    } finally {
      await server.close();
    }
  });
});

const withGo = spawnSync('go', ['version']).error ? describe.skip : describe;

withGo('beside the Go program that the lock is from (nightlyone/lockfile)', () => {
  scenario('each waits for the other, and takes what a dead one has left', async (sandbox) => {
    mkdirSync(sandbox.file('go'));
    const { program } = await suite.build(sandbox.file('go'));
    const drivers: Driver[] = [];
    const original = (): Driver => {
      const driver = startDriver(program, []);
      drivers.push(driver);
      return driver;
    };
    try {
      const path = sandbox.file('x.lock');
      const ours = ['run', '--protocol', 'pid', '--path', path];
      const theirs = original();

      const held = sandbox.start([...ours, '--', 'sleep', '5']);
      await held.untilSays('acquired');
      expect(await theirs.ask(`try ${path}`)).toBe('error busy');
      expect(await theirs.ask(`owner ${path}`)).toBe(`ok ${held.pid}`);
      expect(await held.ended).toMatchObject({ code: 0 });

      expect(await theirs.ask(`try ${path}`)).toBe('ok');
      const waiter = sandbox.start([...ours, '--', 'sh', '-c', 'echo in; read line']);
      await waiter.untilSays(`is held by process ${theirs.pid}.`);
      expect(waiter.output).not.toContain('in\n');
      await theirs.kill();
      await waiter.untilSays('in\n');
      expect(waiter.output).toContain(`was taken over from process ${theirs.pid}`);

      const next = original();
      expect(await next.ask(`try ${path}`)).toBe('error busy');
      waiter.signal('SIGKILL');
      // To the original a zombie lives, too.
      await waiter.ended;
      expect(await next.ask(`try ${path}`)).toBe('ok');
      expect(await next.ask(`unlock ${path}`)).toBe('ok');
    } finally {
      await Promise.all(drivers.map((driver) => driver.kill()));
    }
  });
});
