import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MUTANTS } from './mutants.ts';
import { simulate } from './world.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The program as a process of its own: patches of the source need Node's own loader, which Jest goes around. */
function program(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const command = [join(ROOT, 'scripts', 'typescript.mjs'), join(import.meta.dirname, 'main.ts'), ...args];
  return spawnSync(process.execPath, command, {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

test('2,000 seeds: nothing happens that must not, and nearly all that can happen does', () => {
  const { stdout } = program('--seeds', '2000');
  expect(stdout).not.toMatch(/^Seed \d+: /m);
  expect(stdout).toMatch(/^2000 seeds in .* a second, of (?:[3-9]\d|\d{3})\.\d calls to the store each\.$/m);
  // What is too rare for so few seeds is said, and comes up in more.
  const never = /^Never came up: (.*)\.$/m.exec(stdout)?.[1]?.split('; ') ?? [];
  expect(never.length).toBeLessThanOrEqual(5);
}, 120_000);

describe('mistakes', () => {
  test('are found: most of them in a few seeds, the others by the program that has the time', () => {
    const { stdout } = program('--mutants', '--seeds', '150');
    const found = Number(/^(\d+) of \d+ mistakes found/m.exec(stdout)?.[1]);
    expect(found).toBeGreaterThanOrEqual(20);
    expect(stdout).not.toMatch(/(?:Reference|Type|Syntax)Error/);
  }, 120_000);

  test('have a least history, which goes wrong again by the line that is printed', () => {
    const number =
      MUTANTS.findIndex(({ mistake }) => mistake === 'a write without an answer is taken for a conflict') + 1;
    const { stdout } = program('--mutants', '--mutant', String(number), '--seeds', '500');
    const [, line = ''] = /^With as little as could be found: npm run simulate -- (.*)$/m.exec(stdout) ?? [];
    const only = /--only '([^']+)'/.exec(line)?.[1]?.split(',') ?? [];
    expect(only.length).toBeGreaterThan(0);
    expect(only.length).toBeLessThanOrEqual(4);
    const again = program(...line.replaceAll("'", '').split(' '));
    expect(again.status).toBe(1);
    expect(again.stdout).toMatch(/\nViolation: /);
  }, 60_000);

  test.each(MUTANTS)('fits the source in one place: $mistake', ({ file, find }) => {
    expect(readFileSync(join(ROOT, file), 'utf8').split(find)).toHaveLength(2);
  });
});

test('a seed gives the same history each time', async () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const [one, other] = [await simulate(seed, { log: true }), await simulate(seed, { log: true })];
    expect(one.lines.length).toBeGreaterThan(20);
    expect(other.lines).toEqual(one.lines);
  }
});

test.each([
  [['--seed', 'x'], '--seed is "x", and must be a whole number from 1 on.'],
  [[], 'Say one of --seed, --seeds and --mutants.'],
  [['--seed', '1', '--seeds', '2'], '--seed is one history'],
  [['--mutants', '--mutant', '999'], '--mutant must be at most'],
  [['--sede', '1'], "Unknown option '--sede'"],
])('%j are refused with words', (args, words) => {
  const { status, stderr } = program(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(words);
  expect(stderr).toContain('npm run simulate -- --seeds N');
});
