import { describe, expect, test } from '@jest/globals';
import { decodeRecord, encodeRecord, formatTime, type VfsRecord } from '../../src/protocols/vfs-record.ts';
import { NOON_NS, READABLE, UNREADABLE } from '../support/vfs-rows.ts';

const RECORD: VfsRecord = {
  createdAtNs: NOON_NS + 123_456_700n,
  ttlNs: 90_000_000_000n,
  hostname: 'ci-3',
  pid: 4711,
  ownerId: 'nightly',
};

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function decoded(text: string): VfsRecord {
  const result = decodeRecord(Buffer.from(text, 'utf8').toString('latin1'));
  if (result.kind === 'unreadable') throw new Error(result.why);
  return result.record;
}

describe('a record as Go writes it', () => {
  test('with the new keys', () => {
    expect(encodeRecord(RECORD, 'new')).toBe(
      '{\n  "createdAt": "2026-03-01T12:00:00.1234567Z",\n  "ttl": 90000000000,\n  "hostname": "ci-3",\n  "pid": 4711,\n  "ownerId": "nightly"\n}',
    );
  });

  test('with the old keys, and no owner', () => {
    expect(encodeRecord({ ...RECORD, ownerId: '' }, 'old')).toBe(
      '{\n  "created_at": "2026-03-01T12:00:00.1234567Z",\n  "ttl": 90000000000,\n  "hostname": "ci-3",\n  "pid": 4711\n}',
    );
  });

  test('with both, each read rightly by who knows one', () => {
    expect(JSON.parse(encodeRecord(RECORD, 'both'))).toEqual({
      createdAt: '2026-03-01T12:00:00.1234567Z',
      created_at: '2026-03-01T12:00:00.1234567Z',
      ttl: 90_000_000_000,
      hostname: 'ci-3',
      pid: 4711,
      ownerId: 'nightly',
      owner_id: 'nightly',
    });
  });

  test.each([
    ['<script> & co', '\\u003cscript\\u003e \\u0026 co'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['"quoted" \\ back', '\\"quoted\\" \\\\ back'],
    ['\b\f\n\r\t\u0001\u001f\u007f', '\\b\\f\\n\\r\\t\\u0001\\u001f\u007f'],
    ['half \ud800 a pair', 'half \\ufffd a pair'],
    ['\\ud800', '\\\\ud800'],
    ['a whole 😀 and �', 'a whole 😀 and �'],
  ])('the text %j', (ownerId, written) => {
    expect(utf8(encodeRecord({ ...RECORD, ownerId }, 'new'))).toContain(`"ownerId": "${written}"\n}`);
  });

  test.each([
    [0n, '1970-01-01T00:00:00Z'],
    [NOON_NS, '2026-03-01T12:00:00Z'],
    [NOON_NS + 1n, '2026-03-01T12:00:00.000000001Z'],
    [NOON_NS + 500_000_000n, '2026-03-01T12:00:00.5Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z'],
    [-62_135_596_800_000_000_000n, '0001-01-01T00:00:00Z'],
  ])('the time %s', (ns, written) => {
    expect(formatTime(ns)).toBe(written);
    expect(decoded(`{"createdAt":"${written}"}`).createdAtNs).toBe(ns);
  });
});

describe('a record as Go reads it', () => {
  test.each(['new', 'old', 'both'] as const)('reads what it has written itself: keys %s', (keys) => {
    expect(decodeRecord(encodeRecord(RECORD, keys))).toEqual({ kind: 'record', record: RECORD });
  });

  const EMPTY: VfsRecord = {
    createdAtNs: -62_135_596_800_000_000_000n,
    ttlNs: 0n,
    hostname: '',
    pid: 0,
    ownerId: '',
  };

  test.each(READABLE)('%s', (text, expected) => {
    expect(decoded(text)).toEqual({ ...EMPTY, ...expected });
  });

  test.each(UNREADABLE)('%s is nobody’s record', (text, why) => {
    const result = decodeRecord(Buffer.from(text, 'utf8').toString('latin1'));
    expect(result).toMatchObject({ kind: 'unreadable', why: expect.stringContaining(why) });
  });

  test('bytes that are no UTF-8 are told by a sign that stands for them', () => {
    expect(decodeRecord('{"hostname":"a\xffb"}')).toMatchObject({ record: { hostname: 'a\ufffdb' } });
  });
});
