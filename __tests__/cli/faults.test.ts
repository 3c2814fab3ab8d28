import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Guard } from '../../src/cli/guard.ts';
import { builtCli } from '../support/built.ts';
import { Sandbox, until } from '../support/cli-process.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(builtCli());
});
afterEach(() => sandbox.close());

async function status(): Promise<Record<string, unknown>> {
  return JSON.parse((await sandbox.run(['status', 'x', '--json'])).stdout);
}

/** The guard of the process `pid`, by the list of processes: its lock is not held yet. */
function guardOf(pid: number): number {
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(pid)], { encoding: 'utf8' });
  const line = list.split('\n').find((each) => each.includes('leasehold-guard'));
  if (line === undefined) throw new Error(`no guard of ${pid}: ${list}`);
  return Number.parseInt(line, 10);
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('leasehold run, when its command can not be started', () => {
  test('a guard that was killed during the wait is told, and the lock is freed and not renewed for ever', async () => {
    const holder = sandbox.start(['run', 'x', '--', 'sh', '-c', 'read line']);
    await holder.untilSays('acquired');
    const waiter = sandbox.start(['run', 'x', '--', 'echo', 'in']);
    await waiter.untilSays('is held by');
    process.kill(guardOf(waiter.pid), 'SIGKILL');
    holder.type('\n');
    expect(await waiter.ended).toMatchObject({
      code: 126,
      stdout: '',
      stderr: expect.stringMatching(/leasehold-guard, pid \d+\) was killed, so the command was not run/),
    });
    expect(await status()).toMatchObject({ state: 'released', ended: { how: 'released' } });
  });
});

onLinux('leasehold run, while its command runs', () => {
  test('a guard that is killed is told, and the command and its lock go on', async () => {
    const run = sandbox.start(['run', 'x', '--', 'sh', '-c', 'echo in; read line; echo out']);
    await run.untilSays('in');
    process.kill(guardOf(run.pid), 'SIGKILL');
    await run.untilSays('The process that guards the command under lock "x" was killed');
    run.type('\n');
    expect(await run.ended).toMatchObject({ code: 0, stdout: 'in\nout\n' });
    expect(await status()).toMatchObject({ state: 'released', ended: { how: 'released' } });
  });

  test('a guard that is dismissed was not killed', async () => {
    const { code, stderr } = await sandbox.run(['run', 'x', '--', 'true']);
    expect(code).toBe(0);
    expect(stderr).not.toContain('guards');
  });
});

onLinux('the guard', () => {
  test('leaves no process behind, however soon one timer follows another', async () => {
    const guard = Guard.start('group', 'x');
    if (!guard) throw new Error('there is no /bin/sh');
    const { argv, pipe } = guard.launch(['sleep', '60']);
    const command = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'ignore', 'ignore', pipe] });
    for (let renewal = 0; renewal < 1_000; renewal += 1) guard.extend(60_000);
    expect(await guard.dismiss()).toEqual({ fired: false });
    command.kill('SIGKILL');
    // All that it started is in its process group.
    await until('the group is empty', () => groupOf(guard.id.pid).length === 0, 2_000);
  });
});

function groupOf(leader: number): string[] {
  const list = execFileSync('ps', ['-A', '-o', 'pgid=,stat=,args='], { encoding: 'utf8' });
  return list.split('\n').filter((line) => new RegExp(`^ *${leader} +[^Z]`).test(line));
}

describe('leasehold acquire, when its keeper can not be started', () => {
  test('gives the lock back, although the folder of keepers can not be made', async () => {
    const store = sandbox.file('locks');
    // In the place of the folder.
    writeFileSync(sandbox.file('leasehold'), '');
    const ended = await sandbox.run(['acquire', 'x', '--store', store]);
    expect(ended).toMatchObject({ code: 70, stdout: '', stderr: expect.stringContaining('ENOTDIR') });
    const { stdout } = await sandbox.run(['status', 'x', '--json', '--store', store]);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'released', ended: { how: 'released' } });
  });
});
