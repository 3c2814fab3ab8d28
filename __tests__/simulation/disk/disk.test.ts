import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

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

/** How often it came up. */
function countOf(stdout: string, what: string): number {
  const line = stdout.split('\n').find((each) => each.endsWith(`  ${what}`));
  return Number.parseInt(line ?? '', 10);
}

describe.each(['local', 'network'])('a directory on a %s disk that several processes write to', (kind) => {
  test.concurrent('is what the contract of a store says, whatever fails, and the seeds are worth something', async () => {
    const { code, stdout } = await run('--seeds', '500', '--kind', kind);
    expect(stdout).not.toContain('breaks a promise');
    expect(code).toBe(0);
    const often = ['fault of link: lost', 'fault of link: false', 'a process crashes', 'minutes pass'];
    for (const what of [...often, 'written, and superseded already', 'indeterminate, and it counts']) {
      expect([what, countOf(stdout, what)]).toEqual([what, expect.any(Number)]);
      expect(countOf(stdout, what)).toBeGreaterThan(20);
    }
    // Who comes so late is the hardest to arrange.
    expect(countOf(stdout, 'a record linked late, below the highest')).toBeGreaterThan(0);
  }, 120_000);
});

test.concurrent('each mistake in the local store is found', async () => {
  const { code, stdout } = await run('--mutants', '--seeds', '1500');
  expect(stdout).not.toContain('NOT FOUND');
  expect(stdout).toMatch(/(\d+) of \1 mistakes are found/);
  expect(code).toBe(0);
}, 300_000);

test('a seed is the same each time, and its history says what was done and what is wrong', async () => {
  const one = ['--seed', '1', '--kind', 'local', '--mutant', '5'];
  const found = await run('--mutants', '--mutant', '5', '--seeds', '100');
  const [, seed = '', kind = ''] = /seed (\d+), (\w+):/.exec(found.stdout) ?? [];
  const words = ['--seed', seed, '--kind', kind, '--mutant', '5'];
  const [first, second] = [await run(...words), await run(...words)];
  expect(first).toEqual(second);
  expect(first.code).toBe(1);
  expect(first.stdout).toMatch(/link\(v\.\d+\) → \w+/);
  expect(first.stdout).toMatch(/Violation: .* is said to be a conflict, and it counts/);
  expect((await run(...one.slice(0, 4))).code).toBe(0);
}, 60_000);

test.each([
  [[], 'say one of'],
  [['--seed', 'x'], 'whole number'],
  [['--seeds', '1', '--kind', 'floppy'], '"floppy"'],
  [['--seed', '1', '--mutant', '999'], 'at most'],
  [['--speed'], '--speed'],
])('%j is refused, with what is wrong and the options there are', async (args, message) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('--mutants [--seeds N]');
});

test('--help shows the options', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--seed N') });
});
