import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MUTANTS } from './mutants.ts';
import { useLightSignals } from './signals.ts';
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

const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test('2,000 seeds: nothing happens that must not, and nearly all that can happen does', () => {
  const { stdout } = program('--seeds', '2000');
  expect(stdout).not.toMatch(/^Seed \d+: /m);
  expect(stdout).toMatch(/^2000 seeds in .* a second, of (?:[3-9]\d|\d{3})\.\d calls to the store each\.$/m);
  // What is too rare for so few seeds is said, and comes up in more.
  const never = /^Never came up: (.*)\.$/m.exec(stdout)?.[1]?.split('; ') ?? [];
  expect(never.length).toBeLessThanOrEqual(5);
}, 120_000);

describe('mistakes', () => {
  // All of them are found in some thousand seeds: `npm run simulate -- --mutants` takes its time, and is part of CI.
  test('are nearly all found in 1,000 seeds', () => {
    const { stdout } = program('--mutants', '--seeds', '1000');
    const found = Number(/^(\d+) of (\d+) mistakes found/m.exec(stdout)?.[1]);
    expect(found).toBeGreaterThanOrEqual(MUTANTS.length - 6);
  }, 300_000);

  test('have a least history, which goes wrong again by the line that is printed', () => {
    const number =
      MUTANTS.findIndex(
        ({ mistake }) => mistake === 'the deadline is looked up on the monotonic clock alone',
      ) + 1;
    const { stdout } = program('--mutants', '--mutant', String(number), '--seeds', '500');
    const [, line = ''] = /^With as little as could be found: npm run simulate -- (.*)$/m.exec(stdout) ?? [];
    const only = /--only '([^']+)'/.exec(line)?.[1]?.split(',') ?? [];
    expect(only.length).toBeGreaterThan(0);
    expect(only.length).toBeLessThanOrEqual(12);
    const again = program(...line.replaceAll("'", '').split(' '));
    expect(again.status).toBe(1);
    expect(again.stdout).toMatch(/\nViolation: /);
  }, 60_000);

  test.each(MUTANTS)('fits the source in one place: $mistake', ({ file, find }) => {
    expect(readFileSync(join(ROOT, file), 'utf8').split(find)).toHaveLength(2);
  });
});

test.each<[string, () => (() => void) | undefined]>([
  ['the same', () => undefined],
  ["with light signals in place of Node's own", useLightSignals],
])('a seed gives the same history each time: %s', async (_, change) => {
  for (const seed of seeds(60)) {
    const one = await simulate(seed, { log: true });
    const undo = change();
    const other = await simulate(seed, { log: true });
    undo?.();
    expect(one.lines.length).toBeGreaterThan(20);
    expect(other.lines).toEqual(one.lines);
  }
});

test('a fault that is left out shifts none of the others that come before it', async () => {
  for (const seed of seeds(60)) {
    const { injected } = await simulate(seed);
    const [first, last] = [injected[0], injected.at(-1)];
    if (!first || !last || injected.length < 2) continue;
    const without = await simulate(seed, { cut: { without: new Set([last.id]) } });
    expect(without.injected.slice(0, injected.length - 1)).toEqual(injected.slice(0, -1));
    const only = await simulate(seed, { cut: { only: new Set([first.id]) } });
    expect(only.injected).toEqual([first]);
  }
});

test('--help lists the options', () => {
  const { status, stdout } = program('--help');
  expect(status).toBe(0);
  for (const option of ['--seeds', '--seed', '--only', '--without', '--clients', '--mutants'])
    expect(stdout).toContain(option);
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
