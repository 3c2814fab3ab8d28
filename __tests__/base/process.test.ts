import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { currentScope, identify, isAlive } from '../../src/base/process.ts';
import { builtModule } from '../support/built.ts';
import { startUnderIdleParent, until } from '../support/fake-processes.ts';

const children: ChildProcess[] = [];

function start(command: string): ChildProcess {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  return child;
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('isAlive, about real processes', () => {
  test('a running process is alive, a killed one that was waited for is not', async () => {
    const child = start('exec sleep 60');
    const id = identify(child.pid ?? 0);
    expect(id.startTime).toMatch(/^\d+$/);
    expect(isAlive(id)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(id)).toBe(false);
  });

  test('a zombie is dead: killed, under a parent that never waits for it', async () => {
    const { parent, pid } = await startUnderIdleParent();
    children.push(parent);
    const id = identify(pid);
    expect(isAlive(id)).toBe(true);
    process.kill(id.pid, 'SIGKILL');
    await until(() => !isAlive(id));
    // It is a zombie and no less: the kernel still finds its pid.
    expect(() => process.kill(id.pid, 0)).not.toThrow();
  });

  const hasCompiler = spawnSync('cc', ['--version']).status === 0;
  (hasCompiler ? test : test.skip)('a zombie some of whose threads run is alive', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'process-'));
    const [source, program] = [join(folder, 'threads.c'), join(folder, 'threads')];
    writeFileSync(
      source,
      `#include <pthread.h>
      #include <unistd.h>
      static void *work(void *it) { sleep(60); return it; }
      int main(void) {
        pthread_t thread;
        pthread_create(&thread, 0, work, 0);
        pthread_exit(0);
      }`,
    );
    execFileSync('cc', ['-pthread', '-o', program, source]);
    const child = start(`exec '${program}'`);
    const id = identify(child.pid ?? 0);
    await until(() => readFileSync(`/proc/${id.pid}/stat`, 'utf8').includes(') Z '));
    rmSync(folder, { recursive: true });
    expect(isAlive(id)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(id)).toBe(false);
  });

  test('the same pid with another start time is another process', async () => {
    const child = start('exec sleep 60');
    const id = identify(child.pid ?? 0);
    expect(isAlive({ pid: id.pid, startTime: `${Number(id.startTime) - 1}` })).toBe(false);
    expect(isAlive({ pid: id.pid })).toBe(true);
  });

  test('a process is read right although its name looks like the fields after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'process-'));
    const command = join(folder, ') Z 1 (');
    symlinkSync('/bin/sleep', command);
    const child = start(`exec '${command}' 60`);
    await until(() => readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') Z 1 ('));
    const id = identify(child.pid ?? 0);
    rmSync(folder, { recursive: true });
    expect(id.startTime).toMatch(/^\d{3,}$/);
    expect(isAlive(id)).toBe(true);
  });

  test('a pid that no system gives is no proof of death: only "no such process" is', () => {
    expect(isAlive({ pid: 2 ** 40 })).toBe(true);
  });
});

test('a process that a hanging call would keep for ever is killed, and says so before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'process-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const script = `
    import { open } from 'node:fs';
    import { killWithin } from ${JSON.stringify(builtModule('base/process.js'))};
    // Nobody ever opens the other end.
    open(${JSON.stringify(pipe)}, 'r', () => {});
    killWithin(100, () => process.stdout.write('killed'));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  children.push(child);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  expect(said).toBe('killed');
  rmSync(folder, { recursive: true });
});

test('the scope of this process names its boot, its pid namespace and its host', () => {
  expect(currentScope()).toEqual({
    bootId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    pidNamespace: expect.stringMatching(/^pid:\[\d+\]$/),
    host: hostname(),
  });
});
