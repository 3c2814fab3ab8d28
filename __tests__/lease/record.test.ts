import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LeaseRecord, parseRecord, serialise, successor } from '../../src/lease/record.ts';
import { StoreError } from '../../src/store/store.ts';
import { heldRecord, holderOf, KEY, NAME } from '../support/fake-lock.ts';
import { FakeRandom } from '../support/fake-random.ts';

const ORIGIN = { name: NAME, key: KEY, storeUrl: 's3://bucket/locks' };
const parse = (body: string): LeaseRecord => parseRecord(body, ORIGIN);
const nonces = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => index.toString(16).padStart(32, '0'));

/** The record with a field set, or left out when `value` is undefined. */
function withField(path: string, value: unknown): string {
  const record = structuredClone(heldRecord()) as Record<string, unknown>;
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  let inner = record;
  for (const part of parts) inner = inner[part] as Record<string, unknown>;
  inner[last] = value;
  return JSON.stringify(record);
}

function failure(body: string): StoreError {
  try {
    parse(body);
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('it was taken for a record');
}

describe('a record that is no record', () => {
  test.each<[string, string, RegExp]>([
    ['is empty', '', /is empty/],
    ['is white space', ' \n', /is not JSON/],
    ['is cut off', serialise(heldRecord()).slice(0, 100), /is not JSON \(cut off/],
    ['is two records', serialise(heldRecord()).repeat(2), /is not JSON/],
    ['is HTML', '<html><body>503</body></html>', /is not JSON/],
    ['is null', 'null', /is not a lease/],
    ['is a list', '[]', /is not a lease/],
    ['is a number', '42', /is not a lease/],
    ['is of another program', '{"ID":"x","Operation":"OperationTypeApply"}', /is not a lease/],
    ['is nested too deeply to be one', '['.repeat(30_000) + ']'.repeat(30_000), /is not a lease/],
    [
      'is of a newer schema',
      withField('schema', 2),
      /schema 2; this version of Leasehold reads schema 1.*update Leasehold/,
    ],
    ['is of an older schema', withField('schema', 0), /is not a lease \(schema/],
    ['has no schema', withField('schema', undefined), /is not a lease/],
    ['has a state that nobody knows', withField('state', 'toString'), /is not a lease \(state/],
    ['has no state', withField('state', undefined), /is not a lease/],
    ['has a token that is text', withField('token', '7'), /is not a lease \(token/],
    ['has a token that is negative', withField('token', -1), /is not a lease \(token/],
    ['has a token with a fraction', withField('token', 1.5), /is not a lease \(token/],
    ['has a token beyond whole numbers', withField('token', 2 ** 53), /is not a lease \(token/],
    ['has a nonce that is too short', withField('nonce', 'ab'), /is not a lease \(nonce/],
    ['has a nonce in capitals', withField('nonce', 'A'.repeat(32)), /is not a lease \(nonce/],
    ['has a trail of 9', withField('trail', nonces(9)), /is not a lease \(trail/],
    ['has a trail of anything', withField('trail', [1]), /is not a lease \(trail\.0/],
    ['has a ttl of zero', withField('ttlMs', 0), /is not a lease \(ttlMs/],
    ['has no holder', withField('holder', undefined), /is not a lease/],
    [
      'has a holder without a lease id',
      withField('holder.leaseId', undefined),
      /is not a lease \(holder\.leaseId/,
    ],
    [
      'has a process with pid 0',
      withField('holder.processes', [{ pid: 0 }]),
      /is not a lease \(holder\.processes\.0\.pid/,
    ],
    [
      'has an owner of 2 kB',
      withField('holder.ownerId', 'x'.repeat(2_048)),
      /is not a lease \(holder\.ownerId/,
    ],
    ['is granted to nobody', withField('state', 'granted'), /is not a lease \(grant/],
    ['is released by nobody', withField('state', 'released'), /is not a lease \(ended/],
    ['is of another lock', withField('name', 'prod/web'), /names the lock "prod\/web" instead/],
    [
      'is of a lock with a hostile name',
      withField('name', '##[error]'),
      /names the lock "##\\u005berror\]" instead/,
    ],
    ['has a hostile state', withField('state', '##[error]\n::error::x'), /^[^\n]*##\\u005berror[^\n]*$/],
  ])('%s', (_, body, message) => {
    const error = failure(body);
    expect(error.kind).toBe('corrupt');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`${KEY} in s3://bucket/locks`);
    expect(error.message).toContain(`The record of lock "${NAME}"`);
  });

  test('5 MB of a record are refused quickly', () => {
    expect(failure(withField('holder.reason', 'x'.repeat(5_000_000))).message).toMatch(/holder\.reason/);
    expect(failure('x'.repeat(5_000_000)).message.length).toBeLessThan(1_000);
  });
});

describe('a record that is one', () => {
  test('comes back as it was written', () => {
    expect(parse(serialise(heldRecord()))).toEqual(heldRecord());
  });

  test('fields that this version does not know are ignored, at every level', () => {
    const body = JSON.stringify({
      ...heldRecord({ holder: { ...holderOf('b'), shoeSize: 46 } as never }),
      weather: 'fine',
    });
    expect(parse(body)).toEqual(heldRecord());
  });

  test('a field called __proto__ changes nothing', () => {
    const body = serialise(heldRecord()).replace('{', '{"__proto__":{"state":"released"},');
    expect(parse(body)).toEqual(heldRecord());
  });
});

describe('nothing else is ever taken for a record, and nothing but "corrupt" is thrown', () => {
  const outcome = (body: string): 'record' | 'corrupt' => {
    try {
      const record = parse(body);
      // What it takes must hold what the algorithm counts on.
      expect(record.name).toBe(NAME);
      expect(['held', 'granted', 'released']).toContain(record.state);
      expect(Number.isSafeInteger(record.token) && record.token >= 0).toBe(true);
      expect(record.nonce).toMatch(/^[0-9a-f]{32}$/);
      expect(record.trail.length).toBeLessThanOrEqual(8);
      expect(Number.isSafeInteger(record.ttlMs) && record.ttlMs > 0).toBe(true);
      expect(record.holder.leaseId).toMatch(/^[0-9a-f]{32}$/);
      return 'record';
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'corrupt') throw error;
      return 'corrupt';
    }
  };

  test('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (body) => outcome(body) === 'corrupt'));
  });

  test('any JSON', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), (body) => outcome(body) === 'corrupt'));
  });

  test('a record with any fields replaced by anything', () => {
    const fields = Object.keys({ ...heldRecord(), grant: 0, ended: 0 });
    const change = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue(), { minKeys: 1, maxKeys: 3 });
    let taken = 0;
    fc.assert(
      fc.property(change, (changes) => {
        if (outcome(JSON.stringify({ ...heldRecord(), ...changes })) === 'record') taken += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(taken).toBeLessThan(1_000);
  });

  test('a record cut off anywhere', () => {
    const body = serialise(heldRecord());
    for (let end = 0; end < body.length; end += 1) expect(outcome(body.slice(0, end))).toBe('corrupt');
  });
});

describe('a successor', () => {
  test('has a nonce of its own, even for equal contents', () => {
    const random = new FakeRandom(1);
    const first = successor(heldRecord(), heldRecord(), random);
    const second = successor(heldRecord(), heldRecord(), random);
    expect(first.nonce).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set([first.nonce, second.nonce, heldRecord().nonce]).size).toBe(3);
    expect(serialise(first)).not.toBe(serialise(second));
  });

  test('carries the trail on, newest first, 8 at most', () => {
    const random = new FakeRandom(1);
    const written: LeaseRecord[] = [successor(undefined, heldRecord(), random)];
    for (let count = 0; count < 20; count += 1) {
      written.unshift(successor(written[0], heldRecord(), random));
      const [newest, ...before] = written.map(({ nonce }) => nonce);
      expect(written[0]?.nonce).toBe(newest);
      expect(written[0]?.trail).toEqual(before.slice(0, 8));
      expect(parse(serialise(written[0] ?? heldRecord()))).toEqual(written[0]);
    }
  });
});
