import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { exitCodeOf } from '../../src/cli/exit-codes.ts';
import { COMMANDS, type CommandName, OPTIONS } from '../../src/cli/grammar.ts';

const DOCS = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');

/** The cells of all rows of the table whose head begins with `head`. */
function table(head: string): string[][] {
  const start = DOCS.indexOf(`| ${head}`);
  if (start < 0) throw new Error(`docs/cli.md has no table ${head}`);
  const [block = ''] = DOCS.slice(start).split('\n\n');
  const rows = block.split('\n').slice(2);
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/cli.md', () => {
  test('names every option, with the commands that have it', () => {
    const documented = table('option | commands').map(([option = '', commands = '']) => {
      const [, name = ''] = /^`--([a-z-]+)/.exec(option) ?? [];
      return [name, commands === 'all' ? Object.keys(COMMANDS) : commands.split(', ')] as const;
    });
    const names = Object.keys(COMMANDS) as CommandName[];
    const known = Object.keys(OPTIONS)
      .filter((option) => option !== 'help')
      .map((option) => [
        option,
        names.filter((name) => (COMMANDS[name].options as readonly string[]).includes(option)),
      ]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(known));
  });

  test('names every kind of error with its exit code', () => {
    const documented = table('`kind` | exit code').flatMap(([kinds = '', code = '']) =>
      [...kinds.matchAll(/`([a-z-]+)`/g)].map(([, kind]) => [kind, Number.parseInt(code, 10)]),
    );
    const kinds = [
      ...([
        'usage',
        'unavailable',
        'indeterminate',
        'defect',
        'not-released',
        'busy',
        'timed-out',
        'lost',
      ] as const),
      ...(['not-held', 'denied', 'misconfigured', 'corrupt'] as const),
    ];
    expect(documented).toEqual([...kinds.map((kind) => [kind, exitCodeOf(kind)]), ['cancelled', 128]]);
  });

  test('names every exit code', () => {
    const codes = table('code | meaning')
      .map(([code]) => Number(code))
      .filter((code) => code > 0 && code < 128);
    expect(codes).toEqual([64, 69, 70, 73, 75, 76, 77, 78]);
  });

  test('has a section for every command', () => {
    for (const name of Object.keys(COMMANDS)) expect(DOCS).toMatch(new RegExp(`^## (.* )?${name}\\b`, 'm'));
  });
});
