import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, formatInstant, parseDuration, parseInstant } from '../../src/base/duration.ts';
import { UsageError } from '../../src/base/usage-error.ts';

describe('parseDuration', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1.5h', 5_400_000],
    [' 90s ', 90_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text, 'ttl')).toBe(ms);
  });

  test.each([
    '',
    ' ',
    '90',
    '-5s',
    '5 s',
    '5s 3m',
    's',
    '1e3s',
    '5sec',
    '5S',
    '٣s',
    '1.s',
    '.5s',
    'Infinity',
    'NaNs',
    '5m3',
    '1,5h',
    '0.0004s',
  ])('%j is refused, and the message names the field and shows a good one', (text) => {
    expect(() => parseDuration(text, 'wait-timeout')).toThrow(UsageError);
    expect(() => parseDuration(text, 'wait-timeout')).toThrow(/^wait-timeout: .*is not a duration\..*90s/);
  });

  test('a refused text can not command the runner', () => {
    expect(() => parseDuration('##[error]::x', 'ttl')).toThrow(
      'ttl: "##\\u005berror]:\\u003ax" is not a duration.',
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0ms'],
    [340, '340ms'],
    [999.6, '1s'],
    [1_000, '1s'],
    [1_550, '1.6s'],
    [9_999, '10s'],
    [12_000, '12s'],
    [59_700, '1m'],
    [252_000, '4m12s'],
    [3_599_600, '1h'],
    [5_400_000, '1h30m'],
    [86_399_000, '1d'],
    [187_200_000, '2d4h'],
    [-12_000, '-12s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('can be read back, true to its smaller unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 86_400_000 }), (ms) => {
        const back = parseDuration(formatDuration(ms), 'x');
        const grainMs =
          ms < 1_000 ? 1 : ms < 10_000 ? 100 : ms < 3_600_000 ? 1_000 : ms < 86_400_000 ? 60_000 : 3_600_000;
        expect(Math.abs(back - ms)).toBeLessThanOrEqual(grainMs);
        expect(formatDuration(back)).toBe(formatDuration(ms));
      }),
    );
  });
});

test('formatInstant gives whole seconds in UTC', () => {
  expect(formatInstant(Date.UTC(2026, 2, 1, 12, 0, 0, 999))).toBe('2026-03-01T12:00:00Z');
});

test('parseInstant reads back what formatInstant writes, and nothing else', () => {
  const ms = Date.UTC(2026, 2, 1, 12);
  expect(parseInstant(formatInstant(ms))).toBe(ms);
  for (const text of ['', 'noon', '2026-03-01', '2026-13-01T12:00:00Z', '2026-03-01T12:00:00+01:00', '12']) {
    expect(parseInstant(text)).toBeUndefined();
  }
});
