import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { parseArguments } from './arguments.ts';
import { ASSUMPTIONS, MUTANTS, REDUNDANT, SEARCHES } from './searches.ts';

const KNOWN = { ids: ['no-nonce', 'drift'], cores: 8 };

describe('arguments', () => {
  test.each([
    ['nothing is the whole check, two searches at once', [], { kind: 'check', quick: false, jobs: 2 }],
    ['--quick', ['--quick'], { kind: 'check', quick: true, jobs: 2 }],
    ['--jobs', ['--jobs', '4'], { kind: 'check', quick: false, jobs: 4 }],
    ['--trail', ['--trail', 'no-nonce'], { kind: 'trail', mutant: 'no-nonce' }],
    ['--help', ['--help', '--quick'], { kind: 'help' }],
  ])('%s', (_, args, asked) => {
    expect(parseArguments(args, KNOWN)).toEqual(asked);
  });

  test('one core is one search at once', () => {
    expect(parseArguments([], { ...KNOWN, cores: 1 })).toMatchObject({ jobs: 1 });
  });

  test.each([
    ['an unknown mutant', ['--trail', 'nonce'], 'there is no mutant "nonce". There are: no-nonce, drift.'],
    ['no mutant', ['--trail'], '--trail'],
    ['no number', ['--jobs', 'two'], '--jobs: two is not a number'],
    ['no jobs', ['--jobs', '0'], '--jobs: 0 is not a number'],
    ['--trail with --quick', ['--trail', 'drift', '--quick'], 'Leave out --quick'],
    ['an unknown option', ['--fast'], '--fast'],
    ['a word', ['quick'], 'quick'],
  ])('%s is refused', (_, args, why) => {
    expect(() => parseArguments(args, KNOWN)).toThrow(why);
  });
});

test('each switch is one that the model looks at, and no mutant is there twice', async () => {
  const model = await readFile(new URL('./lease.pml', import.meta.url), 'utf8');
  const all = [...SEARCHES, ...MUTANTS, ...ASSUMPTIONS, ...REDUNDANT].flatMap(({ switches }) => switches);
  const unknown = all
    .map((name) => name.replace(/=.*/, ''))
    .filter((name) => !new RegExp(`#(ifdef|ifndef|if|elif)\\b.*\\b${name}\\b`).test(model));
  expect(unknown).toEqual([]);
  const ids = [...MUTANTS, ...ASSUMPTIONS, ...REDUNDANT].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('each switch of a mutant that the model knows is tried', async () => {
  const model = await readFile(new URL('./lease.pml', import.meta.url), 'utf8');
  const variants = ['SYMMETRY', 'SHARED', 'REMOTE', 'NONE', 'STEADY'];
  const tried = [...SEARCHES, ...MUTANTS, ...ASSUMPTIONS, ...REDUNDANT].flatMap(({ switches }) => switches);
  const names = new Set(tried.map((name) => name.replace(/=.*/, '')));
  const lines = model.split('\n').filter((line) => /^#(if|elif|ifdef|ifndef)\b/.test(line));
  const looked = lines.flatMap((line) => line.match(/\b[A-Z][A-Z_]+\b/g) ?? []);
  expect(looked.filter((name) => !names.has(name) && !variants.includes(name))).toEqual([]);
});
