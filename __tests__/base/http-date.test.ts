import { expect, test } from '@jest/globals';
import { parseHttpDate } from '../../src/base/http-date.ts';

test('a date as HTTP writes it', () => {
  expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
});

test.each([
  ['nothing', undefined],
  ['an empty header', ''],
  ['a number, in which Date.parse sees a year', '1'],
  ['words with a number', 'yesterday 7'],
  ['another format', '2026-03-01T12:00:00Z'],
  ['no time zone, which Date.parse takes for local time', 'Sun Nov  6 08:49:37 1994'],
  ['a day that there is not', 'Tue, 31 Feb 2026 00:00:00 GMT'],
  ['a year of six digits', 'Sat, 13 Sep 275760 00:00:00 GMT'],
  ['the wrong day of the week', 'Mon, 06 Nov 1994 08:49:37 GMT'],
  ['two of them', 'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT'],
])('%s is none', (_, text) => {
  expect(parseHttpDate(text)).toBeUndefined();
});
