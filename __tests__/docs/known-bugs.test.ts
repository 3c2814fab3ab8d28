import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT, read } from './documents.ts';

const DOCUMENT = 'docs/known-bugs.md';

interface Row {
  readonly seenIn: string;
  readonly ruledOut: string;
  /** The tests that it names, each a link from its title to its file. */
  readonly tests: readonly (readonly [title: string, file: string])[];
}

function rowsOf(text: string): Row[] {
  const lines = [...text.matchAll(/^\| (.*) \|$/gm)].map(([, line = '']) => line.split(' | '));
  const rows = lines.filter(([first]) => first !== 'Seen in' && first !== '---');
  return rows.map(([seenIn = '', , ruledOut = '', shown = '']) => ({
    seenIn,
    ruledOut,
    tests: [...shown.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title = '', link = '']) => [
      title,
      posix.normalize(posix.join('docs', link)),
    ]),
  }));
}

/** Whether `source` has a test, or a row of a table of tests, that is called `title`; of a row, `%s` may stand before it. */
function hasTest(source: string, title: string): boolean {
  const quoted = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "\\\\?'");
  return new RegExp(`(['"\`])([^'"\`\\n]*%s )?${quoted}\\1,`).test(source);
}

const rows = rowsOf(read(DOCUMENT));

test('every row says where it was seen, by link', () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter(({ seenIn }) => !/^\[[^\]]+\]\(https:\/\/[^)]+\)/.test(seenIn))).toEqual([]);
});

test('every row names a test, or says that there is nothing to test yet', () => {
  expect(rows.filter(({ tests, ruledOut }) => tests.length === 0 && !ruledOut.startsWith('Not yet'))).toEqual(
    [],
  );
});

test('every test that is named exists, in the file that is named', () => {
  const named = rows.flatMap(({ tests }) => tests);
  const missing = named.filter(
    ([title, file]) => !existsSync(join(ROOT, file)) || !hasTest(read(file), title),
  );
  expect(missing).toEqual([]);
  expect(named.length).toBeGreaterThan(rows.length);
});

test('a test that is missing would be seen', () => {
  expect(hasTest("test('it works', () => {})", 'it works')).toBe(true);
  expect(hasTest("test('it works well', () => {})", 'it works')).toBe(false);
  expect(hasTest("test('it works', () => {})", 'it works well')).toBe(false);
  expect(hasTest('// it works', 'it works')).toBe(false);
  expect(hasTest("test.each(['a'])('because it %s works', () => {})", 'works')).toBe(true);
});
