import fc from 'fast-check';
import { CommandParser } from '../support/runner/commands.mjs';

// What parsers, terminals and renderers look for: text made of these is far likelier to slip through than text drawn from
// all of Unicode.
const PARTS = [
  ...['::', ':', '#', '##', '##[', '[', ']', '::error::', '::add-mask::x', '##[error]', '##[group]x', '::'],
  ...[
    '::set-output name=token::9',
    '::save-state name=result::{}',
    '::stop-commands::x',
    '##[add-path]/evil',
  ],
  ...['%0A', '%0D', '%25', '%0A::error::x', '\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\v', '\f'],
  ...['\u00a0', '\u3000', '\ufeff', '\u180e', '\u200b', '\u200d', '\u2060', '\u00ad', '\u034f', '\u3164'],
  ...['\ud83d', '\ude00', '\u202e', '\u2066', '\u061c', '\u{e0041}', '\u{e0101}', '\ufe0f'],
  ...[
    '\u001b[31m',
    '\u001b]8;;https://evil.example\u0007',
    '\u009b2J',
    '\u009d0;x\u009c',
    '\u0000',
    '\b',
    '\u007f',
  ],
  ...[
    '`',
    '``',
    '|',
    '\\|',
    '\\',
    '<script>',
    '</td>',
    '<!--',
    '&lt;',
    '&#64;',
    '![x](y)',
    '[x](javascript:z)',
  ],
  ...[
    'https://evil.example',
    'www.evil.example',
    'a@evil.example',
    '@octocat',
    'octo/app#1',
    '**',
    '~~',
    '$x$',
  ],
  ...[
    '"',
    "'",
    ' ',
    'x',
    '0',
    'null',
    '{',
    '}',
    ',',
    '=',
    '<<',
    '<<EOF',
    'EOF',
    '..',
    '/',
    '%',
    '%zz',
    '?',
    '&',
  ],
  ...['__proto__', 'constructor', 'toString', '🔒', '日本', '\u0301'],
] as const;

/** Text that wants to be more than text. Long now and then, for whatever cuts. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }).map((parts) => parts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...PARTS), { maxLength: 150 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 600 })
      .map((units) => String.fromCharCode(...units)),
  },
);

/** Numbers that are not quite what was asked for. */
export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e21, 1e308, -1e308, 5e-324),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any JSON value, with keys that mean something to JavaScript. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, '', [], {}),
    hostileNumber,
    hostileText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(
          fc.oneof(fc.constantFrom('__proto__', 'constructor', 'length', 'kind'), hostileText),
          tie('value'),
        ),
        {
          maxLength: 4,
        },
      )
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** What the runner does on account of this output: lines end at CR LF, LF and CR alone. */
export function commandsIn(output: string): string[] {
  const parser = new CommandParser();
  return output.split(/\r\n|\n|\r/).flatMap((line) => parser.parse(line)?.command ?? []);
}

/** What a terminal would act on, or nobody would see. The variation selectors of emoji may stay. */
const ALIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/u;

/** Why `line` must not be printed as one line; `undefined` when it may. */
export function harmIn(line: string): string | undefined {
  const alive = ALIVE.exec(line);
  if (alive) return `U+${alive[0].codePointAt(0)?.toString(16)} in ${JSON.stringify(line)}`;
  const [command] = commandsIn(line);
  return command === undefined ? undefined : `the command "${command}" in ${JSON.stringify(line)}`;
}
