import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../src/base/usage-error.ts';
import { checkName, isRecordKey, RECORDS_PREFIX, recordKey } from '../../src/lease/name.ts';

describe('a name that is refused', () => {
  test.each([
    ['nothing', '', 'is empty'],
    ['201 characters', 'a'.repeat(201), 'has 201 characters'],
    ['a way up', '..', 'has the segment ".."'],
    ['a way up in the middle', 'prod/../secret', 'has the segment ".."'],
    ['a segment that is the folder itself', 'prod/.', 'has the segment "."'],
    ['an absolute path', '/etc/passwd', 'has an empty segment'],
    ['a slash at the end', 'prod/', 'has an empty segment'],
    ['two slashes', 'prod//api', 'has an empty segment'],
    ['nine segments', 'a/b/c/d/e/f/g/h/i', 'has 9 segments, more than 8'],
    ['a hidden file', '.git', 'has the segment ".git"'],
    ['an option', '-rf', 'has the segment "-rf"'],
    ['a space', 'my lock', 'has the segment "my lock"'],
    ['a line break', 'a\nb', 'has the segment "a\\u000ab"'],
    ['a line break at the end', 'deploy\n', 'has the segment "deploy\\u000a"'],
    ['a NUL', 'a\0b', 'has the segment "a\\u0000b"'],
    ['a backslash', 'a\\b', 'has the segment "a\\b"'],
    ['a drive', 'C:\\locks', 'has the segment'],
    ['a percent sign', 'a%2e%2e', 'has the segment'],
    ['letters that only look like ours', 'dеploy', 'has the segment'],
    ['a letter in two parts', 'cafe\u0301', 'has the segment'],
    ['a command to the runner', '##[error]x', 'has the segment "##\\u005berror]x"'],
  ])('%s', (_, name, why) => {
    expect(() => checkName(name)).toThrow(UsageError);
    expect(() => checkName(name)).toThrow(why);
    expect(() => checkName(name)).toThrow(/^name: /);
    expect(() => recordKey(name)).toThrow(UsageError);
  });
});

test.each([
  'deploy',
  'prod/api',
  'a',
  '0',
  'a.b_c-d',
  'A/b/C/d/e/f/g/h',
  'x'.repeat(200),
  'a..b',
  'con',
  'lease.json',
])('the name %s is taken as it is', (name) => {
  expect(checkName(name)).toBe(name);
});

const segment = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const name = fc.array(segment, { minLength: 1, maxLength: 8 }).map((segments) => segments.join('/'));

describe('the key of a name', () => {
  test('shows the name to people', () => {
    expect(recordKey('Prod/api')).toMatch(/^locks\/prod-[0-9a-f]{12}\/api-[0-9a-f]{12}\/lease\.json$/);
  });

  test.each([
    ['prod', 'Prod'],
    ['PROD/api', 'prod/api'],
    ['a/b', 'a-b'],
    ['a.', 'a'],
  ])('%s and %s have different keys on a disk that ignores case', (one, other) => {
    expect(recordKey(one).toLowerCase()).not.toBe(recordKey(other).toLowerCase());
  });

  test('no two names share one, even lower-cased, and none leads out of its folder or is one of the other', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const [key, otherKey] = [recordKey(one), recordKey(other)];
        expect(key).toMatch(/^locks(\/[a-z0-9][a-z0-9._-]*-[0-9a-f]{12}){1,8}\/lease\.json$/);
        expect(key.startsWith(RECORDS_PREFIX) && isRecordKey(key)).toBe(true);
        expect(key.split('/').every((part) => part.length <= 60)).toBe(true);
        if (one !== other) {
          expect(key.toLowerCase()).not.toBe(otherKey.toLowerCase());
          // A key that was a folder of the other could not be stored beside it on a disk.
          expect(otherKey.startsWith(`${key}/`)).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('names that differ in case alone never meet', () => {
    fc.assert(
      fc.property(name, (lower) => {
        const upper = lower.toUpperCase();
        fc.pre(upper !== lower);
        expect(recordKey(upper).toLowerCase()).not.toBe(recordKey(lower).toLowerCase());
      }),
    );
  });

  test('whatever text is given, it is refused or has a safe key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        try {
          expect(recordKey(text)).toMatch(/^locks(\/[a-z0-9][a-z0-9._-]*){1,8}\/lease\.json$/);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(['locks/lease.jsonx', 'queue/prod/lease.json', 'locks/prod-abc/ticket'])(
    '%s is no key of a record',
    (key) => {
      expect(isRecordKey(key)).toBe(false);
    },
  );
});
