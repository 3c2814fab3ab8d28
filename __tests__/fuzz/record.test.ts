import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LeaseRecord, parseRecord, serialise } from '../../src/lease/record.ts';
import { StoreError } from '../../src/store/store.ts';
import { KEY, NAME } from '../support/fake-lock.ts';
import { catches, holds } from './fuzz.ts';
import { harmIn } from './hostile.ts';
import { body, isPartOf } from './records.ts';

/*
 * Whatever lies under a lock's key, it is a lease by the format, or nobody gets the lock.
 *
 * The format is told once more here, by hand, and the code's word is held against it.
 */

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value.length <= 1_024;
const isHex: Check = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
const isWhole: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isPositive: Check = (value) => isWhole(value) && Number(value) > 0;
const isListOf =
  (check: Check, most = 8): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check);
const isShort: Check = (value) => isText(value) && String(value).length <= 100;
const isTrue: Check = (value) => value === true;

function has(value: unknown, needed: Record<string, Check>, optional: Record<string, Check> = {}): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const own = new Map(Object.entries(value));
  return (
    Object.entries(needed).every(([key, check]) => own.has(key) && check(own.get(key))) &&
    Object.entries(optional).every(([key, check]) => !own.has(key) || check(own.get(key)))
  );
}

const texts = (...names: string[]): Record<string, Check> =>
  Object.fromEntries(names.map((name) => [name, isText]));

const isHolder: Check = (value) =>
  has(
    value,
    { ownerId: isText, leaseId: isHex },
    {
      ...texts(
        'repository',
        'workflow',
        'runId',
        'job',
        'checkRunId',
        'actor',
        'ref',
        'sha',
        'runUrl',
        'host',
      ),
      ...texts('reason', 'bootId', 'pidNamespace'),
      runAttempt: isWhole,
      processes: isListOf((each) => has(each, { pid: isPositive }, { startTime: isText })),
    },
  );

const isMember: Check = (value) =>
  has(
    value,
    { memberId: isHex, ttlMs: isPositive, gapMs: isPositive, joinedAt: isShort },
    { last: isTrue, job: isShort, checkRunId: isShort, host: isShort },
  );

/** What may be there besides, in one state. */
const MORE: Record<string, Record<string, Check>> = {
  held: {
    shared: (value) => has(value, { members: isListOf(isMember, 64) }, { entered: isTrue, closing: isTrue }),
    reserved: (value) => has(value, { until: isText }),
    tree: isTrue,
  },
};

const STATES: Record<string, Record<string, Check>> = {
  held: {},
  granted: { grant: (value) => has(value, texts('ticket', 'leaseId')) },
  released: {
    ended: (value) =>
      has(
        value,
        {
          how: (how) =>
            ['released', 'broken', 'given-up', 'expired'].includes(String(how)) && typeof how === 'string',
          at: isText,
        },
        texts('by', 'reason'),
      ),
  },
};

function isLease(json: unknown): boolean {
  const state = Object(json).state as unknown;
  const more = typeof state === 'string' && Object.hasOwn(STATES, state) ? STATES[state] : undefined;
  return (
    more !== undefined &&
    has(
      json,
      {
        schema: (value) => value === 1,
        name: (value) => value === NAME,
        state: isText,
        token: isWhole,
        nonce: isHex,
        trail: isListOf(isHex),
        ttlMs: isPositive,
        renewals: isWhole,
        acquiredAt: isText,
        holder: isHolder,
        ...more,
      },
      { probed: isText, ...(typeof state === 'string' ? MORE[state] : {}) },
    )
  );
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

type Parse = typeof parseRecord;
let leases = 0;
let others = 0;

const takesLeasesAlone = (parse: Parse) =>
  fc.property(body, (text) => {
    const right = isLease(parsed(text)?.json);
    let record: LeaseRecord;
    try {
      record = parse(text, { name: NAME, key: KEY, storeUrl: 's3://bucket/locks' });
    } catch (error) {
      others += 1;
      if (!(error instanceof StoreError)) throw error;
      return (
        !right &&
        error.kind === 'corrupt' &&
        harmIn(error.message) === undefined &&
        error.message.length < 1_000
      );
    }
    leases += 1;
    return (
      right &&
      isPartOf(record, parsed(text)?.json) &&
      isDeepStrictEqual(parse(serialise(record), { name: NAME, key: KEY, storeUrl: '' }), record)
    );
  });

test('a body is a lease, which reads back equal, or a StoreError "corrupt"', async () => {
  await holds(takesLeasesAlone(parseRecord), 4_000);
  // Of both there must be enough.
  expect(leases).toBeGreaterThan(500);
  expect(others).toBeGreaterThan(500);
});

test('from a listing, it must be of the lock that its key belongs to', async () => {
  const listed = fc.property(body, (text) => {
    try {
      return parseRecord(text, { key: KEY, storeUrl: 'file:///locks' }).name === NAME;
    } catch (error) {
      return error instanceof StoreError && error.kind === 'corrupt' && harmIn(error.message) === undefined;
    }
  });
  await holds(listed, 1_000);
});

describe('that would not pass for a parser that', () => {
  const parse = (text: string): LeaseRecord => parseRecord(text, { name: NAME, key: KEY, storeUrl: '' });
  const orCorrupt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof StoreError ? error : new StoreError('corrupt', 'is no record');
    }
  };
  const mended = (text: string, mend: (json: Record<string, unknown>) => unknown): LeaseRecord =>
    orCorrupt(() => parse(JSON.stringify(mend(JSON.parse(text)))));

  test.each<[string, Parse]>([
    ['looks at no field', (text) => orCorrupt(() => JSON.parse(text) as LeaseRecord)],
    ['lets the errors of JSON out', (text) => (JSON.parse(text) ? parse(text) : parse(text))],
    [
      'takes a number in quotes for a number',
      (text) => mended(text, (json) => ({ ...json, token: Number(json.token) })),
    ],
    ['fills in what is missing', (text) => mended(text, (json) => ({ trail: [], renewals: 0, ...json }))],
    ['takes the name of any lock', (text) => mended(text, (json) => ({ ...json, name: NAME }))],
    [
      'takes a state in capitals',
      (text) => mended(text, (json) => ({ ...json, state: String(json.state).toLowerCase() })),
    ],
    [
      'cuts what is too long',
      (text) => mended(text, (json) => ({ ...json, acquiredAt: String(json.acquiredAt).slice(0, 1_024) })),
    ],
    ['skips a byte-order mark', (text) => parse(text.replace(/^\ufeff/, ''))],
    ['reads no further than the last brace', (text) => parse(text.slice(0, text.lastIndexOf('}') + 1))],
    [
      'drops what it does not like of a holder',
      (text) =>
        mended(text, (json) => ({
          ...json,
          holder: { ownerId: '', leaseId: '0'.repeat(32), ...Object(json.holder) },
        })),
    ],
    [
      'repeats the text in its message',
      (text) => {
        try {
          return parse(text);
        } catch {
          throw new StoreError('corrupt', `Not a record: ${text.slice(0, 200)}`);
        }
      },
    ],
  ])('%s', async (_, wrong) => {
    expect(await catches(takesLeasesAlone(wrong), 20_000)).toBe(true);
  });
});
