import { describe, expect, test } from '@jest/globals';
import { decodeRecord, encodeRecord, formatTime, type VfsRecord } from '../../src/protocols/vfs-record.ts';

const NOON_NS = BigInt(Date.UTC(2026, 2, 1, 12)) * 1_000_000n;
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

  test.each<[string, Partial<VfsRecord>]>([
    ['{}', {}],
    ['null', {}],
    [' \t\r\nnull', {}],
    ['{"pid":1} and more', { pid: 1 }],
    ['{"pid":1}{"pid":2}', { pid: 1 }],
    ['nullify', {}],
    ['{"PID":7,"HostName":"a","TTL":5}', { pid: 7, hostname: 'a', ttlNs: 5n }],
    ['{"ho\u017ftname":"long s"}', { hostname: 'long s' }],
    ['{"p\\u0069d":8}', { pid: 8 }],
    ['{"pid":1,"pid":2}', { pid: 2 }],
    ['{"pid":1,"pid":null}', { pid: 1 }],
    ['{"createdAt":null,"ttl":null,"hostname":null,"pid":null,"ownerId":null}', {}],
    ['{"other":{"a":[1,{"b":null}],"c":"}"},"pid":3}', { pid: 3 }],
    ['{"other":[],"more":{},"t":true,"f":false,"n":-1.5e+9}', {}],
    ['{"ttl":9223372036854775807}', { ttlNs: 2n ** 63n - 1n }],
    ['{"ttl":-5}', { ttlNs: -5n }],
    ['{"ttl":-0}', {}],
    ['{"hostname":"\\u003ca\\ud83d\\ude00\\ud800\\"\\/"}', { hostname: '<a😀\ufffd"/' }],
    ['{"created_at":"2026-03-01T12:00:00Z","owner_id":"old"}', { createdAtNs: NOON_NS, ownerId: 'old' }],
    ['{"createdAt":"2026-03-01T14:00:00+02:00"}', { createdAtNs: NOON_NS }],
    ['{"createdAt":"2026-03-01T11:30:00.0000000019-00:30"}', { createdAtNs: NOON_NS + 1n }],
    ['{"createdAt":"2028-02-29T00:00:00Z"}', { createdAtNs: BigInt(Date.UTC(2028, 1, 29)) * 1_000_000n }],
    ['{"createdAt":"2026-03-01T12:00:00Z","created_at":"2020-01-01T00:00:00Z"}', { createdAtNs: NOON_NS }],
  ])('%s', (text, expected) => {
    expect(decoded(text)).toEqual({ ...EMPTY, ...expected });
  });

  test.each([
    ['', 'its record is empty'],
    [' \n\t\r', 'its record is empty'],
    ['{', 'it is cut off'],
    ['{"pid":1', 'it is cut off'],
    ['{"pid":1,}', 'no JSON at character 10'],
    ['[1,]', 'no JSON at character 4'],
    ['{"pid" 1}', 'no JSON at character 8'],
    ['{pid:1}', 'no JSON at character 2'],
    ["{'pid':1}", 'no JSON at character 2'],
    ['\ufeff{}', 'no JSON at character 1'],
    ['nul', 'no JSON at character 1'],
    ['4711\n', 'it is no JSON object'],
    ['"text"', 'it is no JSON object'],
    ['[]', 'it is no JSON object'],
    ['true', 'it is no JSON object'],
    ['{"pid":"1"}', 'pid is no whole number of 64 bits'],
    ['{"pid":1.0}', 'pid is no whole number of 64 bits'],
    ['{"pid":1e3}', 'pid is no whole number of 64 bits'],
    ['{"pid":01}', 'no JSON at character 9'],
    ['{"pid":+1}', 'no JSON at character 8'],
    ['{"ttl":9223372036854775808}', 'ttl is no whole number of 64 bits'],
    ['{"ttl":"90s"}', 'ttl is no whole number of 64 bits'],
    ['{"hostname":1}', 'hostname is no text'],
    ['{"ownerId":{}}', 'ownerId is no text'],
    ['{"hostname":"a\nb"}', 'no JSON at character 13'],
    ['{"hostname":"\\x"}', 'no JSON at character 13'],
    ['{"createdAt":""}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":1}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01 12:00:00Z"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01t12:00:00z"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-02-30T12:00:00Z"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-02-29T12:00:00Z"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01T24:00:00Z"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01T12:00:60Z"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01T12:00:00,5Z"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01T12:00:00.Z"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01T12:00:00+24:00"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01T12:00:00"}', 'createdAt is no time of RFC 3339'],
    ['{"createdAt":"2026-03-01T12:00:00\\u005a"}', 'createdAt is no time of RFC 3339'],
    ['{"pid":1,"createdAt":""}', 'createdAt is no time of RFC 3339'],
    [`${'['.repeat(20_000)}`, 'it is nested too deeply'],
  ])('%s is nobody’s record', (text, why) => {
    const result = decodeRecord(Buffer.from(text, 'utf8').toString('latin1'));
    expect(result).toMatchObject({ kind: 'unreadable', why: expect.stringContaining(why) });
  });

  test('bytes that are no UTF-8 are told by a sign that stands for them', () => {
    expect(decodeRecord('{"hostname":"a\xffb"}')).toMatchObject({ record: { hostname: 'a\ufffdb' } });
  });
});
