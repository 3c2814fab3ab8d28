import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { shellQuote } from '../../src/base/shell.ts';

test('what needs no quotes has none', () => {
  expect(shellQuote('/var/lib/locks')).toBe('/var/lib/locks');
});

test.each([
  'file:///locks?fsync=never',
  's3://b/p?region=eu-west-1&endpoint=http://x',
  "/it's",
  '/a b/$(id)/`id`',
  '',
])('a shell reads %j as one word, and as it is', (text) => {
  expect(execFileSync('/bin/sh', ['-c', `printf '<%s>' ${shellQuote(text)}`], { encoding: 'utf8' })).toBe(
    `<${text}>`,
  );
});
