import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codeSpan, quote, sanitise } from '../../src/base/sanitise.ts';

/*
 * The runner's two parsers, written anew from its behaviour: the newer one takes a line that starts with `::command::`
 * after any Unicode white space, the older one `##[command]` anywhere in a line. Lines end at CR, LF or both.
 */
function commandsIn(output: string): string[] {
  return output.split(/\r\n|\r|\n/).flatMap((line) => {
    const start = line.replace(/^[\s\u0085\u180e\u200b]+/u, '');
    const newer = start.startsWith('::') && start.indexOf('::', 2) > 2;
    const bracket = line.indexOf('##[');
    const older = bracket >= 0 && line.indexOf(']', bracket) >= 0;
    return newer || older ? [line] : [];
  });
}

// Text made of what the parsers look for is far likelier to slip through than text drawn from all of Unicode.
const hostilePart = fc.constantFrom(
  '::',
  ':',
  '#',
  '##',
  '##[',
  '[',
  ']',
  '::error::',
  '::add-mask::',
  '##[error]',
  '\n',
  '\r',
  '\u0085',
  '\u2028',
  '\u00a0',
  '\u3000',
  '\ufeff',
  '\u200b',
  '\ud83d',
  '\ude00',
  '\u202e',
  '\u061c',
  '\u001b[31m',
  '\u009b',
  '\u0000',
  '\\',
  '"',
  ' ',
  'x',
  '🔒',
);
const hostile = fc.oneof(
  fc.array(hostilePart, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 600 })
    .map((units) => String.fromCharCode(...units)),
);

describe('the parsers of this test take commands, so that it can fail', () => {
  test.each([
    '::error::boo',
    ' \u00a0\u3000::add-mask::x',
    'abc\n::set-output name=x::y',
    'abc ##[error]boo',
    'abc\r##[command]',
  ])('%j', (output) => {
    expect(commandsIn(output)).toHaveLength(1);
  });
});

describe('sanitise', () => {
  test('leaves nothing that either log parser takes for a command', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom('', ' ', '\t', '  reason  ', '##', ':'), (text, before) => {
        // Our own words may end in "##" or ":" by accident only if we write them so: a line starts with them at worst.
        const line = before === '##' || before === ':' ? ` ${sanitise(text)}` : before + sanitise(text);
        expect(commandsIn(line)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('leaves no control character, nothing that reorders text, no line break and no half of a surrogate pair', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(sanitise(text)).not.toMatch(
          /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/u,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('changes nothing that it has sanitised before', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = sanitise(text);
        fc.pre(once.length <= 512);
        expect(sanitise(once)).toBe(once);
      }),
    );
  });

  test.each([
    ['plain text stays', 'Deploy to prod (Grüße, 日本語, 🔒)', 'Deploy to prod (Grüße, 日本語, 🔒)'],
    ['a new command is broken up', '::error::x', ':\\u003aerror:\\u003ax'],
    ['an old command is broken up', 'x ##[error]y', 'x ##\\u005berror]y'],
    ['three colons hold two twice', ':::', ':\\u003a:'],
    ['a line break shows', 'a\nb', 'a\\u000ab'],
    ['an escape sequence shows', '\u001b[2J', '\\u001b[2J'],
    ['a half of a pair shows', 'a\ud83db', 'a\\ud83db'],
    ['a bidirectional override shows', 'a\u202eb', 'a\\u202eb'],
    ['an invisible tag shows both units', '\u{e0041}', '\\udb40\\udc41'],
    ['a joiner that nobody sees shows', 'a\u034fb\u3164', 'a\\u034fb\\u3164'],
    ['an emoji keeps its style', '⚠\ufe0f', '⚠\ufe0f'],
  ])('%s', (_, text, expected) => {
    expect(sanitise(text)).toBe(expected);
  });

  test('cuts what is longer than 512 characters, never through a pair', () => {
    expect(sanitise('x'.repeat(512))).toBe('x'.repeat(512));
    expect(sanitise('x'.repeat(513))).toBe(`${'x'.repeat(511)}…`);
    expect(sanitise(`${'x'.repeat(510)}🔒🔒`)).toBe(`${'x'.repeat(510)}…`);
  });
});

test('quote puts it in double quotes that the text can not end', () => {
  expect(quote('a "b" c')).toBe('"a \\"b\\" c"');
});

describe('codeSpan', () => {
  test('has nothing in it that ends a code span or a cell of a table', () => {
    fc.assert(
      fc.property(hostile, fc.string(), (first, second) => {
        expect(codeSpan(first + second)).toMatch(/^`[^`|\n\r]+`$|^–$/);
      }),
      { numRuns: 1_000 },
    );
  });

  test('shows the text itself once it is rendered', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (text) => {
        const rendered = codeSpan(text).slice(1, -1);
        expect(rendered.replaceAll('\\u0060', '`').replaceAll('\\u007c', '|')).toBe(sanitise(text));
      }),
    );
  });

  test.each([
    ['', '–'],
    ['<script>', '`<script>`'],
    ['a|b', '`a\\u007cb`'],
    ['a \\| `b`', '`a \\\\u007c \\u0060b\\u0060`'],
    ['[x](https://e) mona@e.example', '`[x](https://e) mona@e.example`'],
    ['@octo #1', '`@octo #1`'],
    ['&lt;', '`&lt;`'],
  ])('%s becomes %s', (text, expected) => {
    expect(codeSpan(text)).toBe(expected);
  });
});
