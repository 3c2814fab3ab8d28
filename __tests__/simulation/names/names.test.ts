import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** The program, as a process: the mistakes are loaded by hooks of Node. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const words = [join(REPOSITORY, 'scripts/typescript.mjs'), join(import.meta.dirname, 'main.ts'), ...args];
  return new Promise((done) => {
    execFile(process.execPath, words, { cwd: REPOSITORY, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test.concurrent('no deploy slips past a freeze, no two runs are in at once, and nobody waits for ever', async () => {
  const { code, stdout } = await run('--seeds', '400');
  expect(stdout).toMatch(/400 histories, \d+ calls to the store: 0 violations\./);
  expect(code).toBe(0);
  const often = [
    'freeze: entered',
    'gave way to a tree',
    'tree: waited for one below',
    'job: joined',
    'gap: joined',
  ];
  for (const what of [...often, 'ended a stale lease on another name', 'left to others', 'gap: taken']) {
    const line = stdout.split('\n').find((each) => each.endsWith(`  ${what}`));
    expect([what, Number.parseInt(line ?? '', 10) > 20]).toEqual([what, true]);
  }
}, 120_000);

test('a seed is the same each time, and its history says what was done and what is wrong', async () => {
  const { stdout } = await run('--mutants', '--mutant', '3', '--seeds', '100');
  const [, seed = ''] = /seed (\d+):/.exec(stdout) ?? [];
  const words = ['--seed', seed, '--mutant', '3'];
  const [first, second] = [await run(...words), await run(...words)];
  expect(first).toEqual(second);
  expect(first.code).toBe(1);
  expect(first.stdout).toMatch(/WROTE prod: held, token \d+/);
  expect(first.stdout).toMatch(/Violation: .* are in at once/);
  expect((await run('--seed', seed)).code).toBe(0);
}, 60_000);

test.each([
  [['--seed', 'x'], '--seed'],
  [['--speed'], '--speed'],
])('%j is refused, with the options there are', async (args, message) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('--mutants');
});
