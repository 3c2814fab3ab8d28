import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { builtCli } from '../support/built.ts';
import { isRunning, pidsIn, Sandbox, until, untilGone } from '../support/cli-process.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(builtCli());
});
afterEach(() => sandbox.close());

const onPosix = process.platform === 'win32' ? describe.skip : describe;

/** A command that writes its pid and that of a child of its own, and then does not end. */
function twoProcesses(file: string): string[] {
  return ['sh', '-c', `sleep 60 & echo $! >>${file}; echo $$ >>${file}; wait`];
}

/** A script that says in `file` that a signal came, and then ends with exit code 9. */
function answering(signal: string, file: string, who: string): string {
  return `trap "echo ${who} >>${file}; wait; exit 9" ${signal.slice(3)}; echo 1 >>${file}.up; while :; do sleep 0.05; done`;
}

async function status(name = 'x'): Promise<Record<string, unknown>> {
  return JSON.parse((await sandbox.run(['status', name, '--json'])).stdout);
}

/** What the record says lives as long as the hold: leasehold and its guard. */
async function holderPids(): Promise<[leasehold: number, guard: number]> {
  const { holder } = (await status()) as { holder: { processes: { pid: number }[] } };
  const [leasehold, guard] = holder.processes;
  if (!leasehold || !guard) throw new Error(`not two processes: ${JSON.stringify(holder)}`);
  return [leasehold.pid, guard.pid];
}

/** What a descendant of the tests keeps running: nothing may be left. */
function guards(name: string): string[] {
  const list = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.includes('leasehold-guard') && line.endsWith(` ${name}`));
}

onPosix('leasehold run', () => {
  test('hands the lease to the command, passes its streams and its exit code, and frees the lock', async () => {
    const script = 'echo "$LEASEHOLD_NAME $LEASEHOLD_TOKEN $LEASEHOLD_LEASE"; cat; echo err >&2; exit 7';
    const run = sandbox.start(['run', 'x', '--json', '--', 'sh', '-c', script]);
    run.type('typed');
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(7);
    const [line = '', ...rest] = stdout.split('\n');
    expect(rest.join('\n')).toBe('typed');
    expect(stderr).toContain('err\n');
    const [acquired, released] = stderr
      .split('\n')
      .filter((text) => text.startsWith('{'))
      .map((text) => JSON.parse(text));
    expect(acquired).toMatchObject({ event: 'acquired', name: 'x', store: sandbox.store, ttlMs: 90_000 });
    expect(released).toEqual({
      event: 'released',
      name: 'x',
      store: sandbox.store,
      heldMs: expect.any(Number),
    });
    expect(line).toBe(`x ${acquired.token} ${acquired.lease}`);
    expect(await status()).toMatchObject({
      state: 'released',
      token: acquired.token,
      ended: { how: 'released' },
    });
    expect(guards('x')).toEqual([]);
  });

  test('gives every holder a greater token', async () => {
    const tokens: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const { stdout } = await sandbox.run(['run', 'x', '--', 'sh', '-c', 'echo $LEASEHOLD_TOKEN']);
      tokens.push(Number(stdout));
    }
    const [first = 0] = tokens;
    expect(tokens).toEqual([first, first + 1, first + 2]);
  });

  test.each([
    [['false'], 1],
    [['no-such-command'], 127],
    [['/'], 126],
    [['sh', '-c', 'kill -9 $$'], 137],
  ])('%j gives exit code %i', async (command, code) => {
    expect(await sandbox.run(['run', 'x', '--quiet', '--', ...command])).toMatchObject({ code, stdout: '' });
  });

  test('lets nobody in beside the holder, who is named with the way to break the lease', async () => {
    const holder = sandbox.start(['run', 'x', '--reason', 'maintenance', '--', 'sleep', '60']);
    await holder.untilSays('acquired');
    const busy = await sandbox.run(['run', 'x', '--on-busy', 'fail', '--', 'echo', 'in']);
    expect(busy).toMatchObject({ code: 75, stdout: '' });
    expect(busy.stderr).toContain('Lock "x" is held by "');
    expect(busy.stderr).toContain('reason  "maintenance"');
    expect(busy.stderr).toMatch(/leasehold break x --lease [0-9a-f]{32} --reason '…'\n/);
    const timedOut = await sandbox.run(['run', 'x', '--wait-timeout', '300ms', '--', 'echo', 'in']);
    expect(timedOut).toMatchObject({ code: 75, stdout: '' });
    expect(timedOut.stderr).toContain('not free within 300ms');
    const skipped = await sandbox.run(['run', 'x', '--on-busy', 'skip', '--', 'echo', 'in']);
    expect(skipped).toMatchObject({ code: 0, stdout: '' });
    expect(skipped.stderr).toContain('the command was not run');
    const json = await sandbox.run(['run', 'x', '--on-busy', 'fail', '--json', '--', 'echo', 'in']);
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { kind: 'busy', exitCode: 75, lock: { name: 'x', holder: { reason: 'maintenance' } } },
    });
  });

  test('waits, saying for whom, and goes in as soon as the holder is done', async () => {
    const holder = sandbox.start(['run', 'x', '--owner-id', 'mona', '--', 'sh', '-c', 'read line']);
    await holder.untilSays('acquired');
    const waiter = sandbox.start(['run', 'x', '--', 'echo', 'in']);
    await waiter.untilSays('is held by "mona"');
    holder.type('\n');
    expect(await waiter.ended).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends a wait with exit code %i and leaves nothing behind', async (signal, code) => {
    const holder = sandbox.start(['run', 'x', '--', 'sleep', '60']);
    await holder.untilSays('acquired');
    const [before, guardsBefore] = [await status(), guards('x')];
    const waiter = sandbox.start(['run', 'x', '--', 'echo', 'in']);
    await waiter.untilSays('is held by');
    waiter.signal(signal);
    expect(await waiter.ended).toMatchObject({ code, stdout: '' });
    expect(await status()).toMatchObject({ token: before.token, state: 'held' });
    expect(guards('x')).toEqual(guardsBefore);
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)(
    '%s reaches the command and its children, and the lock is freed when it has ended',
    async (signal) => {
      const said = sandbox.file('said');
      const child = `sh -c '${answering(signal, said, 'child')}'`;
      const run = sandbox.start([
        'run',
        'x',
        '--',
        'sh',
        '-c',
        `${child} & ${answering(signal, said, 'parent')}`,
      ]);
      await pidsIn(`${said}.up`, 2);
      run.signal(signal);
      expect(await run.ended).toMatchObject({ code: 9 });
      expect(readFileSync(said, 'utf8').split('\n').sort()).toEqual(['', 'child', 'parent']);
      expect(await status()).toMatchObject({ state: 'released' });
    },
  );

  // A shell makes what it starts with "&" deaf to these two, so there is no child here.
  test.each(['SIGINT', 'SIGQUIT'] as const)('%s reaches the command', async (signal) => {
    const said = sandbox.file('said');
    const run = sandbox.start(['run', 'x', '--', 'sh', '-c', answering(signal, said, 'it')]);
    await pidsIn(`${said}.up`);
    run.signal(signal);
    expect(await run.ended).toMatchObject({ code: 9 });
    expect(readFileSync(said, 'utf8')).toBe('it\n');
  });

  test('a command that a signal ends gives 128 and its number', async () => {
    const run = sandbox.start(['run', 'x', '--', 'sleep', '60']);
    await run.untilSays('acquired');
    await systemClock.sleep(100);
    run.signal('SIGTERM');
    expect(await run.ended).toMatchObject({ code: 143 });
  });

  test('killed without a word, it takes the command and its children with it, and that is proof for the next', async () => {
    const file = sandbox.file('pids');
    const run = sandbox.start(['run', 'x', '--', ...twoProcesses(file)]);
    const pids = await pidsIn(file, 2);
    expect(pids.every(isRunning)).toBe(true);
    run.signal('SIGKILL');
    await untilGone(pids, 2_000);
    await until('the guard is gone', () => guards('x').length === 0);
    // Its last line may still be in the pipe when the guard is gone.
    await until('the guard has said why', () => run.output.includes('leasehold itself was killed'));
    const next = await sandbox.run(['run', 'x', '--stale-policy', 'holder-finished', '--', 'echo', 'in']);
    expect(next).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(next.stderr).toContain('was stolen from');
  });

  test('as long as its guard has not done its work, there is no proof that the holder is gone', async () => {
    const file = sandbox.file('pids');
    const run = sandbox.start(['run', 'x', '--', ...twoProcesses(file)]);
    const pids = await pidsIn(file, 2);
    const [leasehold, guard] = await holderPids();
    expect(leasehold).toBe(run.pid);
    process.kill(guard, 'SIGSTOP');
    run.signal('SIGKILL');
    const thief = ['run', 'x', '--stale-policy', 'holder-finished', '--on-busy', 'fail', '--', 'echo', 'in'];
    expect(await sandbox.run(thief)).toMatchObject({ code: 75, stdout: '' });
    expect(pids.every(isRunning)).toBe(true);
    process.kill(guard, 'SIGCONT');
    await untilGone([...pids, guard], 2_000);
    expect(await sandbox.run(thief)).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  test('a command may leave processes behind that do not belong to it any more', async () => {
    const file = sandbox.file('pids');
    const script = `sleep 60 >/dev/null 2>&1 & echo $! >>${file}`;
    expect(await sandbox.run(['run', 'x', '--', 'sh', '-c', script])).toMatchObject({ code: 0 });
    const pids = await pidsIn(file);
    expect(pids.map(isRunning)).toEqual([true]);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  });

  test('a reader of its messages that goes away does not end the command', async () => {
    const file = sandbox.file('done');
    const args = ['run', 'x', '--', 'sh', '-c', `sleep 0.3; echo 1 >>${file}`];
    const run = sandbox.start(args);
    run.closeOutput();
    expect(await run.ended).toMatchObject({ code: 0 });
    expect(existsSync(file)).toBe(true);
  });
});

const atTerminal = existsSync('/usr/bin/script') && process.platform === 'linux' ? describe : describe.skip;

atTerminal('leasehold run at a terminal', () => {
  test('lets the command read what is typed, and ask at the terminal itself', async () => {
    const run = sandbox.startAtTerminal([
      ...['run', 'x', '--', 'sh', '-c'],
      'echo ready; read a; read b </dev/tty; echo "read $a and $b"',
    ]);
    await run.untilSays('ready');
    run.type('one\ntwo\n');
    expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('read one and two') });
  });

  test('Ctrl-C reaches the command once, and its exit code is the answer', async () => {
    const count = `n=; trap 'n=x$n' INT; sleep 1 & echo ready; wait; wait; wait; echo "count=$n."; exit 5`;
    const run = sandbox.startAtTerminal(['run', 'x', '--', 'sh', '-c', count]);
    await run.untilSays('ready\r');
    run.type('\u0003');
    expect(await run.ended).toMatchObject({ code: 5, stdout: expect.stringContaining('count=x.') });
    expect(await status()).toMatchObject({ state: 'released' });
  });

  test('killed without a word, it takes all that descends from the command with it', async () => {
    const file = sandbox.file('pids');
    const run = sandbox.startAtTerminal(['run', 'x', '--', ...twoProcesses(file)]);
    const pids = await pidsIn(file, 2);
    const [leasehold] = await holderPids();
    process.kill(leasehold, 'SIGKILL');
    await untilGone(pids, 2_000);
    await run.ended;
  });

  test('shows one live line within the width, and takes it away', async () => {
    const holder = sandbox.start([
      'run',
      'x',
      '--owner-id',
      'mona'.repeat(30),
      '--',
      'sh',
      '-c',
      'read line',
    ]);
    await holder.untilSays('acquired');
    const waiter = sandbox.startAtTerminal(['run', 'x', '--', 'echo', 'in']);
    await waiter.untilSays('Waiting for lock "x" 2s');
    holder.type('\n');
    const { stdout } = await waiter.ended;
    const drawn = stdout.split('\r\u001b[K').slice(1, -1);
    expect(drawn.length).toBeGreaterThan(3);
    for (const line of drawn) {
      expect(line).toHaveLength(59);
      expect(line).toMatch(/^Waiting for lock "x" \d+s, next look in 1s: held by "m.*…$/);
    }
    expect(stdout.split('\r\u001b[K').at(-1)).toMatch(/^leasehold: Lock "x" acquired/);
  });
});
