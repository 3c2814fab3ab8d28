import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import type { ProtocolName } from '../../src/protocols/protocol.ts';
import { builtCli } from '../support/built.ts';
import { isRunning, pidsIn, Sandbox, until, untilGone } from '../support/cli-process.ts';

// A loss is seen within 2 s, and the machine may be busy.
jest.setTimeout(20_000);

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(builtCli());
  mkdirSync(sandbox.file('box'));
});
afterEach(() => sandbox.close());

const onPosix = process.platform === 'win32' ? describe.skip : describe;

interface Kind {
  readonly protocol: ProtocolName;
  readonly path: string;
  /** What is there while it is held. */
  readonly file: string;
  readonly options?: readonly string[];
  /** What its record says of the process that holds it. */
  readonly named?: true;
}

const KINDS: readonly Kind[] = [
  { protocol: 'pid', path: 'box/agent.lock', file: 'box/agent.lock', named: true },
  { protocol: 'vfs', path: 'box/data.csv', file: 'box/data.csv.lock', options: ['--ttl', '5s'], named: true },
  { protocol: 'levels', path: 'box', file: 'box/lock0', named: true },
  { protocol: 'asterisk-lockfile', path: 'box', file: 'box/.lock' },
  { protocol: 'asterisk-flock', path: 'box', file: 'box/lock' },
];

function at({ protocol, path }: Kind): string[] {
  return ['--protocol', protocol, '--path', sandbox.file(path)];
}

function taking(kind: Kind, ...more: string[]): string[] {
  return [...at(kind), ...(kind.options ?? []), ...more];
}

async function status(kind: Kind): Promise<Record<string, unknown>> {
  return JSON.parse((await sandbox.run(['status', ...at(kind), '--json'])).stdout);
}

function documents(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

const PID: Kind = { protocol: 'pid', path: 'box/agent.lock', file: 'box/agent.lock' };

onPosix.each(KINDS)('leasehold run --protocol $protocol', (kind) => {
  test('runs the command under the lock, tells it which, and frees it', async () => {
    const script = `echo "$LEASEHOLD_PROTOCOL $LEASEHOLD_PATH [$LEASEHOLD_TOKEN]"; ls -d ${sandbox.file(kind.file)}; exit 7`;
    const { code, stdout, stderr } = await sandbox.run([
      ...['run', ...taking(kind, '--json')],
      ...['--', 'sh', '-c', script],
    ]);
    const path = sandbox.file(kind.path);
    expect({ code, stdout }).toEqual({
      code: 7,
      stdout: `${kind.protocol} ${path} []\n${sandbox.file(kind.file)}\n`,
    });
    const head = { protocol: kind.protocol, path };
    expect(documents(stderr)).toEqual([
      {
        event: 'limits',
        ...head,
        limits: expect.arrayContaining([expect.stringContaining('fencing token')]),
      },
      {
        ...{ event: 'acquired', ...head, pid: expect.any(Number), waitedMs: expect.any(Number) },
        ...(kind.protocol === 'vfs' ? { ttlMs: 5_000 } : {}),
      },
      { event: 'released', ...head, heldMs: expect.any(Number) },
    ]);
    expect(await status(kind)).toEqual({ state: 'free', ...head });
  });

  test('lets nobody in beside the holder, who is named as far as the record does', async () => {
    const holder = sandbox.start(['run', ...taking(kind), '--', 'sleep', '60']);
    await holder.untilSays('acquired');
    const busy = await sandbox.run(['run', ...taking(kind, '--on-busy', 'fail'), '--', 'echo', 'in']);
    expect(busy).toMatchObject({ code: 75, stdout: '' });
    expect(busy.stderr).toContain(`Lock "${sandbox.file(kind.path)}" (${kind.protocol}) is held by`);
    if (kind.named) expect(busy.stderr).toContain(`process ${holder.pid}`);
    expect(busy.stderr).toContain(
      kind.protocol === 'asterisk-flock'
        ? `can't be broken by hand`
        : `leasehold break --protocol ${kind.protocol} --path ${sandbox.file(kind.path)} --reason '…'`,
    );
    const late = await sandbox.run([
      ...['run', ...taking(kind, '--wait-timeout', '300ms', '--json')],
      ...['--', 'echo', 'in'],
    ]);
    expect(late).toMatchObject({ code: 75, stdout: '' });
    expect(documents(late.stderr).at(-1)).toMatchObject({
      error: { kind: 'timed-out', exitCode: 75, lock: { state: 'held', protocol: kind.protocol } },
    });
    const skipped = await sandbox.run(['run', ...taking(kind, '--on-busy', 'skip'), '--', 'echo', 'in']);
    expect(skipped).toMatchObject({ code: 0, stdout: '' });
    expect(skipped.stderr).toContain('the command was not run');
    expect(await status(kind)).toMatchObject({ state: 'held', takenOverBy: [] });
  });

  test('waits, saying for whom, and goes in when the holder is done', async () => {
    const holder = sandbox.start(['run', ...taking(kind), '--', 'sh', '-c', 'read line']);
    await holder.untilSays('acquired');
    const waiter = sandbox.start(['run', ...taking(kind), '--', 'echo', 'in']);
    await waiter.untilSays('is held by');
    await waiter.untilSays('  policy  ');
    holder.type('\n');
    expect(await waiter.ended).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(await holder.ended).toMatchObject({ code: 0 });
  });

  test('a signal ends the wait and leaves nothing behind; another one reaches the command', async () => {
    const holder = sandbox.start([...['run', ...taking(kind)], '--', 'sleep', '60']);
    await holder.untilSays('acquired');
    const before = readdirSync(sandbox.file('box')).sort();
    const waiter = sandbox.start(['run', ...taking(kind), '--', 'echo', 'in']);
    await waiter.untilSays('is held by');
    waiter.signal('SIGTERM');
    const { code, stdout, stderr } = await waiter.ended;
    expect({ code, stdout }).toEqual({ code: 143, stdout: '' });
    expect(stderr).toContain(`Cancelled by SIGTERM while waiting for lock "${sandbox.file(kind.path)}".`);
    expect(readdirSync(sandbox.file('box')).sort()).toEqual(before);
    holder.signal('SIGTERM');
    expect(await holder.ended).toMatchObject({ code: 143 });
    expect(await status(kind)).toMatchObject({ state: 'free' });
  });

  test('killed without a word, it takes the command with it', async () => {
    const file = sandbox.file('pids');
    const command = ['sh', '-c', `sleep 60 & echo $! >>${file}; echo $$ >>${file}; wait`];
    const run = sandbox.start(['run', ...taking(kind), '--', ...command]);
    const pids = await pidsIn(file, 2);
    run.signal('SIGKILL');
    await untilGone(pids, 2_000);
    await until('the guard has said why', () => run.output.includes('leasehold itself was killed'));
  });

  test('acquire leaves a keeper behind that has it, until release', async () => {
    const acquired = await sandbox.run(['acquire', ...taking(kind), '--max-hold', '1m']);
    expect(acquired).toMatchObject({ code: 0 });
    const document = JSON.parse(acquired.stdout);
    expect(document).toMatchObject({
      protocol: kind.protocol,
      path: sandbox.file(kind.path),
      lease: expect.stringMatching(/^[0-9a-f]{32}$/),
      pid: expect.any(Number),
    });
    expect(isRunning(document.pid)).toBe(true);
    expect(await status(kind)).toMatchObject({
      state: 'held',
      ...(kind.named ? { pid: document.pid, standing: { holder: 'alive' } } : {}),
    });
    const release = ['release', ...at(kind), '--lease', document.lease];
    const busy = await sandbox.run(['acquire', ...taking(kind, '--on-busy', 'fail')]);
    expect(busy).toMatchObject({ code: 75, stdout: '' });
    expect(await sandbox.run([...release, '--json'])).toEqual({
      code: 0,
      stdout: expect.stringContaining('"released":true,"keeperDied":false'),
      stderr: '',
    });
    expect(await status(kind)).toMatchObject({ state: 'free' });
    await untilGone([document.pid]);
    expect(await sandbox.run(release)).toMatchObject({ code: 76, stdout: '' });
    expect(readdirSync(sandbox.file('leasehold/keepers'))).toEqual([]);
  });
});

onPosix('the lock of a leasehold that was killed', () => {
  /** Holds the lock, and is killed with all that belongs to it. */
  async function die(kind: Kind): Promise<void> {
    const run = sandbox.start(['run', ...taking(kind), '--', 'sleep', '60']);
    await run.untilSays('acquired');
    run.signal('SIGKILL');
    await run.ended;
    await untilGone([run.pid]);
  }

  test.each(KINDS.filter(({ protocol }) => ['pid', 'levels'].includes(protocol)))(
    '$protocol: is taken over at once, since its process is gone; --on-stale and never forbid it',
    async (kind) => {
      await die(kind);
      expect(await status(kind)).toMatchObject({
        standing: { holder: 'finished', takeable: true },
        takenOverBy: ['expired', 'holder-finished', 'expired-and-holder-finished'],
      });
      const refused = (...more: string[]) =>
        sandbox.run(['run', ...taking(kind, '--on-busy', 'fail', ...more), '--', 'echo', 'in']);
      expect(await refused('--stale-policy', 'never')).toMatchObject({ code: 75, stdout: '' });
      const asked = sandbox.file('asked');
      const vetoed = await sandbox.run([
        ...['run', ...taking(kind, '--wait-timeout', '1s')],
        ...['--on-stale', `cat >${asked}; echo not that one; exit 3`, '--', 'echo', 'in'],
      ]);
      expect(vetoed).toMatchObject({ code: 75, stdout: '' });
      expect(vetoed.stderr).toContain('the on-stale command forbids it (exit status 3: not that one)');
      expect(JSON.parse(readFileSync(asked, 'utf8'))).toMatchObject({
        protocol: kind.protocol,
        standing: { holder: 'finished' },
      });
      const told = sandbox.file('told');
      const next = await sandbox.run([
        ...['run', ...taking(kind, '--notify', `cat >>${told}`, '--json'), '--', 'echo', 'in'],
      ]);
      expect(next).toMatchObject({ code: 0, stdout: 'in\n' });
      const [, stolen, acquired] = documents(next.stderr);
      expect(stolen).toMatchObject({ event: 'stolen', from: { standing: { holder: 'finished' } } });
      expect(acquired).toMatchObject({ event: 'acquired', stolenFrom: { path: sandbox.file(kind.path) } });
      expect(documents(readFileSync(told, 'utf8')).map(({ event }) => event)).toEqual([
        ...['stolen', 'acquired', 'released'],
      ]);
    },
  );

  test('vfs: is taken over on proof, and else when its ttl is over', async () => {
    const [, vfs = PID] = KINDS;
    await die(vfs);
    expect(await status(vfs)).toMatchObject({ takenOverBy: ['holder-finished'] });
    const run = (policy: string) =>
      sandbox.run([
        ...['run', ...taking(vfs, '--on-busy', 'fail', '--stale-policy', policy)],
        ...['--', 'echo', 'in'],
      ]);
    expect(await run('expired')).toMatchObject({ code: 75, stdout: '' });
    const taken = await run('holder-finished');
    expect(taken).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(taken.stderr).toContain('was taken over from');
  });

  test('asterisk-lockfile: stays, until it is broken', async () => {
    const kind = KINDS.find(({ protocol }) => protocol === 'asterisk-lockfile') ?? PID;
    await die(kind);
    const run = ['run', ...taking(kind, '--wait-timeout', '1s'), '--', 'echo', 'in'];
    expect(await sandbox.run(run)).toMatchObject({ code: 75, stdout: '' });
    expect(await sandbox.run(['break', ...at(kind), '--reason', 'dead'])).toMatchObject({ code: 0 });
    expect(await sandbox.run(run)).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  test('asterisk-flock: is free at once', async () => {
    const kind = KINDS.find(({ protocol }) => protocol === 'asterisk-flock') ?? PID;
    await die(kind);
    const run = ['run', ...taking(kind, '--on-busy', 'fail'), '--', 'echo', 'in'];
    expect(await sandbox.run(run)).toMatchObject({ code: 0, stdout: 'in\n' });
  });
});

onPosix('leasehold, with the locks of other programs', () => {
  test.each(KINDS.filter(({ protocol }) => protocol !== 'asterisk-flock'))(
    'break of $protocol shows what it breaks; its holder, if it lives, stops with 76',
    async (kind) => {
      const holder = sandbox.start(['run', ...taking(kind, '--json'), '--', 'sleep', '60']);
      await holder.untilSays('"acquired"');
      const asked = await sandbox.run(['break', ...at(kind), '--json']);
      expect(asked).toMatchObject({ code: 64, stdout: '' });
      expect(documents(asked.stderr)).toEqual([
        {
          error: expect.objectContaining({ kind: 'usage', lock: expect.objectContaining({ state: 'held' }) }),
        },
      ]);
      expect(existsSync(sandbox.file(kind.file))).toBe(true);
      const broken = await sandbox.run(['break', ...at(kind), '--reason', 'stuck', '--by', 'mona']);
      expect(broken).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('is broken by "mona": "stuck"'),
      });
      expect(broken.stderr).toContain(`Lock "${sandbox.file(kind.path)}" (${kind.protocol}) is held by`);
      expect(await status(kind)).toMatchObject({ state: 'free' });
      const { code, stderr } = await holder.ended;
      expect(code).toBe(76);
      const [lost, error] = documents(stderr).slice(-2);
      expect(lost).toMatchObject({ event: 'lost', cause: { kind: 'compromised' } });
      expect(error).toMatchObject({ error: { kind: 'lost', exitCode: 76, cause: { kind: 'compromised' } } });
      expect(await sandbox.run(['break', ...at(kind), '--reason', 'again', '--json'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('"broken":false'),
      });
    },
  );

  test('asterisk-flock can not be broken: it says which process to end', async () => {
    const kind = KINDS.find(({ protocol }) => protocol === 'asterisk-flock') ?? PID;
    const holder = sandbox.start(['run', ...taking(kind), '--', 'sleep', '60']);
    await holder.untilSays('acquired');
    const { code, stderr } = await sandbox.run(['break', ...at(kind), '--reason', 'stuck']);
    expect(code).toBe(64);
    expect(stderr).toContain("It can't be broken by hand: it is free when");
    expect(await status(kind)).toMatchObject({ state: 'held' });
  });

  test('a lock that went away before the command had ended gives 76, not before the command has ended', async () => {
    const script = `rm ${sandbox.file(PID.file)}; exit 0`;
    const { code, stderr } = await sandbox.run(['run', ...at(PID), '--json', '--', 'sh', '-c', script]);
    expect(code).toBe(76);
    expect(documents(stderr).at(-1)).toMatchObject({
      error: { kind: 'lost', message: expect.stringContaining('only when the command had ended') },
    });
    const failed = await sandbox.run([
      'run',
      ...at(PID),
      '--',
      'sh',
      '-c',
      `rm ${sandbox.file(PID.file)}; exit 9`,
    ]);
    expect(failed).toMatchObject({ code: 9 });
  });

  test('status shows the record as it is read, safe to print', async () => {
    writeFileSync(sandbox.file(PID.file), '12\u001b[2J::error::34\n');
    const { stdout } = await sandbox.run(['status', ...at(PID)]);
    expect(stdout).toContain('  record  12\\u001b[2J:\\u003aerror:\\u003a34');
    expect(stdout).not.toContain('\u001b');
  });

  test.each([
    ['a path that is not there', () => ['--protocol', 'pid', '--path', sandbox.file('no/x')]],
    ['a directory that is a file', () => ['--protocol', 'levels', '--path', sandbox.file('plain')]],
  ])('%s: run and acquire refuse it alike', async (_, words) => {
    writeFileSync(sandbox.file('plain'), '');
    const run = await sandbox.run(['run', ...words(), '--json', '--', 'echo', 'in']);
    const acquired = await sandbox.run(['acquire', ...words(), '--json']);
    expect([run.code, acquired.code]).toEqual([78, 78]);
    expect([run.stdout, acquired.stdout]).toEqual(['', '']);
    const [error, other] = [run, acquired].map(({ stderr }) => documents(stderr).at(-1));
    expect(error).toMatchObject({ error: { kind: 'misconfigured', exitCode: 78 } });
    expect(other).toMatchObject({ error: { kind: 'misconfigured', exitCode: 78 } });
    expect(readdirSync(sandbox.file('leasehold/keepers'))).toEqual([]);
  });

  test('release refuses a lease of another lock, and releases what a dead keeper has left', async () => {
    const { stdout } = await sandbox.run(['acquire', ...at(PID)]);
    const { lease, pid } = JSON.parse(stdout);
    const other = ['release', '--protocol', 'pid', '--path', sandbox.file('other'), '--lease', lease];
    expect(await sandbox.run(other)).toMatchObject({ code: 64 });
    process.kill(pid, 'SIGKILL');
    await untilGone([pid]);
    const { code, stderr } = await sandbox.run(['release', ...at(PID), '--lease', lease]);
    expect(code).toBe(0);
    expect(stderr).toContain('had died');
    expect(existsSync(sandbox.file(PID.file))).toBe(false);
  });

  test('release tells of a lock that others have taken away', async () => {
    const { stdout } = await sandbox.run(['acquire', ...at(PID)]);
    const { lease } = JSON.parse(stdout);
    rmSync(sandbox.file(PID.file));
    const told = sandbox.file('told');
    const released = await sandbox.run([
      ...['release', ...at(PID), '--lease', lease, '--json', '--notify', `cat >>${told}`],
    ]);
    expect(released).toMatchObject({ code: 76, stdout: '' });
    expect(documents(released.stderr)).toMatchObject([
      { error: { kind: 'lost', cause: { kind: 'compromised' } } },
    ]);
  });

  test('a cancelled acquire leaves no lock and no keeper behind', async () => {
    const holder = sandbox.start(['run', ...at(PID), '--', 'sleep', '60']);
    await holder.untilSays('acquired');
    const waiter = sandbox.start(['acquire', ...at(PID)]);
    await waiter.untilSays('is held by');
    waiter.signal('SIGINT');
    expect(await waiter.ended).toMatchObject({ code: 130, stdout: '' });
    expect(await status(PID)).toMatchObject({ pid: holder.pid });
    expect(readdirSync(sandbox.file('leasehold/keepers'))).toEqual([]);
  });

  test('the keeper gives the lock back when the process of --pid is gone', async () => {
    const job = sandbox.start(['run', 'job', '--', 'sleep', '60']);
    await job.untilSays('acquired');
    const acquired = await sandbox.run(['acquire', ...at(PID), '--pid', String(job.pid)]);
    expect(acquired).toMatchObject({ code: 0 });
    const { lease, pid } = JSON.parse(acquired.stdout);
    job.signal('SIGTERM');
    await job.ended;
    await untilGone([pid]);
    expect(existsSync(sandbox.file(PID.file))).toBe(false);
    // The keeper has said so.
    expect(await sandbox.run(['release', ...at(PID), '--lease', lease])).toMatchObject({ code: 0 });
    const gone = await sandbox.run(['acquire', ...at(PID), '--pid', String(job.pid)]);
    expect(gone).toMatchObject({ code: 64, stderr: expect.stringContaining('there is no process') });
  });

  test('a wait as JSON says who holds the lock, and why a stale one is left alone', async () => {
    writeFileSync(sandbox.file(PID.file), '999999999\n');
    const waits = ['run', ...at(PID), '--stale-policy', 'never', '--wait-timeout', '300ms', '--json'];
    const { code, stderr } = await sandbox.run([...waits, '--', 'echo', 'in']);
    expect(code).toBe(75);
    expect(documents(stderr)).toMatchObject([
      { event: 'limits' },
      {
        event: 'waiting',
        protocol: 'pid',
        path: sandbox.file(PID.file),
        waitedMs: expect.any(Number),
        nextLookMs: expect.any(Number),
        spared: 'stale-policy is never',
        lock: { state: 'held', pid: 999_999_999, standing: { holder: 'finished', takeable: true } },
      },
      { error: { kind: 'timed-out' } },
    ]);
  });

  test('what was taken over is entered only after --lock-delay, by run and by acquire', async () => {
    const delayed = ['--lock-delay', '1s', '--json'];
    for (const words of [
      ['run', ...at(PID), ...delayed, '--', 'date', '+%s%N'],
      ['acquire', ...at(PID), ...delayed],
    ]) {
      writeFileSync(sandbox.file(PID.file), '999999999\n');
      const startedMs = systemClock.monotonicMs();
      const { code, stdout, stderr } = await sandbox.run(words);
      expect(code).toBe(0);
      expect(systemClock.monotonicMs() - startedMs).toBeGreaterThan(1_000);
      expect(documents(stderr)[1]).toMatchObject({
        event: 'stolen',
        lockDelayMs: 1_000,
        from: { pid: 999_999_999 },
      });
      if (words[0] === 'acquire')
        await sandbox.run(['release', ...at(PID), '--lease', JSON.parse(stdout).lease]);
    }
  });

  test.each(['run', 'acquire'])('%s, cancelled in its --lock-delay, gives the lock back', async (command) => {
    writeFileSync(sandbox.file(PID.file), '999999999\n');
    const rest = command === 'run' ? ['--', 'echo', 'in'] : [];
    const taking = sandbox.start([command, ...at(PID), '--lock-delay', '1m', ...rest]);
    await taking.untilSays('It is entered in 1m.');
    taking.signal('SIGTERM');
    expect(await taking.ended).toMatchObject({ code: 143, stdout: '' });
    expect(await status(PID)).toMatchObject({ state: 'free' });
  });

  test('a lock that is lost in its --lock-delay is not entered', async () => {
    writeFileSync(sandbox.file(PID.file), '999999999\n');
    const taking = sandbox.start(['run', ...at(PID), '--lock-delay', '1m', '--', 'echo', 'in']);
    await taking.untilSays('It is entered in 1m.');
    rmSync(sandbox.file(PID.file));
    const { code, stdout, stderr } = await taking.ended;
    expect({ code, stdout }).toEqual({ code: 76, stdout: '' });
    expect(stderr).toContain('The command was not run.');
  });

  test('a long wait is told to the notify command, and --quiet says nothing of it', async () => {
    const holder = sandbox.start(['run', ...at(PID), '--', 'sh', '-c', 'read line']);
    await holder.untilSays('acquired');
    const told = sandbox.file('told');
    const waits = ['run', ...at(PID), '--quiet', '--notify', `cat >>${told}`, '--notify-after', '200ms'];
    const waiter = sandbox.start([...waits, '--', 'echo', 'in']);
    await until('it is told', () => existsSync(told) && readFileSync(told, 'utf8').endsWith('\n'));
    holder.type('\n');
    expect(await waiter.ended).toEqual({ code: 0, stdout: 'in\n', stderr: '' });
    expect(documents(readFileSync(told, 'utf8'))).toMatchObject([
      { event: 'waited-too-long', protocol: 'pid', holder: { pid: holder.pid } },
      { event: 'acquired', self: { processes: [{ pid: waiter.pid }] } },
      { event: 'released' },
    ]);
  });
});

const atTerminal = existsSync('/usr/bin/script') && process.platform === 'linux' ? describe : describe.skip;

atTerminal('leasehold run --protocol at a terminal', () => {
  test('shows one live line while it waits, takes it away, and lets the command read', async () => {
    const holder = sandbox.start(['run', ...at(PID), '--', 'sh', '-c', 'read line']);
    await holder.untilSays('acquired');
    const waiter = sandbox.startAtTerminal([
      ...['run', '--protocol', 'pid', '--path', 'box/agent.lock'],
      ...['--', 'sh', '-c', 'echo ready; read line; echo "read $line"'],
    ]);
    await waiter.untilSays(`Waiting 2s for the lock, held by process ${holder.pid}: "`);
    holder.type('\n');
    await waiter.untilSays('ready');
    waiter.type('typed\n');
    const { code, stdout } = await waiter.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('read typed');
    const drawn = stdout.split('\r\u001b[K').filter((text) => text.startsWith('Waiting'));
    expect(drawn.length).toBeGreaterThan(1);
    for (const line of drawn) expect(line.length).toBeLessThan(60);
    expect(stdout.split('\r\u001b[K').at(-1)).toContain('acquired after');
  });
});
