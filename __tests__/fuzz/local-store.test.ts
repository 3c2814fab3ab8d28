import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock as clock } from '../../src/base/clock.ts';
import { LocalStore } from '../../src/store/local.ts';
import { decodeRecord, encodeRecord, isTemporary, numberOf } from '../../src/store/local-record.ts';
import {
  LONGEST_BODY,
  type Reading,
  StoreError,
  type Version,
  type WriteResult,
} from '../../src/store/store.ts';
import { trustStore } from '../../src/store/trust.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { catches, holds } from './fuzz.ts';
import { harmIn, hostileText } from './hostile.ts';

/*
 * Whatever lies in the directory of a store, on a real disk: what counts is the highest record, whole or not at all, and
 * nothing is written over what can't be read.
 */

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'leasehold-fuzz-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const nonce = hex(16);
const chain = fc.oneof(
  { weight: 5, arbitrary: fc.array(nonce, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(nonce, { minLength: 128, maxLength: 128 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 400, max: 520 }).map((length) => Array<string>(length).fill('0'.repeat(16))),
  },
);
const right = fc
  .tuple(
    chain,
    fc.oneof(
      hostileText,
      fc.constantFrom('', '{}', '\n', 'x'.repeat(LONGEST_BODY), 'x'.repeat(LONGEST_BODY + 1)),
    ),
  )
  .map(([nonces, body]) => `leasehold/1 ${nonces.join(' ')}\n${body}`);

/** A record's file as it was written, half of it, or something else. */
const content: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: right },
  { weight: 2, arbitrary: fc.tuple(right, fc.nat({ max: 40 })).map(([whole, end]) => whole.slice(0, end)) },
  { weight: 1, arbitrary: right.map((whole) => whole.toUpperCase()) },
  { weight: 1, arbitrary: right.map((whole) => whole.replace('/1', '/2')) },
  { weight: 1, arbitrary: right.map((whole) => ` ${whole}`) },
  { weight: 1, arbitrary: right.map((whole) => whole.replace('\n', '\r\n')) },
  { weight: 1, arbitrary: right.map((whole) => `\ufeff${whole}`) },
  { weight: 1, arbitrary: right.map((whole) => whole.replace(' ', '  ')) },
  { weight: 2, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.constantFrom('', '\n', 'leasehold/1 ', 'leasehold/1 \n', '\0'.repeat(4_096)) },
);

/** What a record's file holds, told once more; `undefined` when it is none. */
function recordIn(file: string): { nonce: string; body: string } | undefined {
  const [, nonces, body] = /^leasehold\/1 ([0-9a-f]{16}(?: [0-9a-f]{16})*)\n(.*)$/s.exec(file) ?? [];
  if (nonces === undefined || body === undefined || 'leasehold/1 '.length + nonces.length > 8 * 1024)
    return undefined;
  return { nonce: nonces.slice(0, 16), body };
}

type Decode = typeof decodeRecord;

const decodes = (decode: Decode) =>
  fc.property(fc.integer({ min: 1, max: 1e15 - 1 }), content, (number, file) => {
    const record = decode(number, file);
    const expected = recordIn(file);
    if ('damage' in record) return expected === undefined && harmIn(record.damage) === undefined;
    return (
      record.number === number &&
      record.nonce === expected?.nonce &&
      record.body === expected.body &&
      encodeRecord(record) === file
    );
  });

describe("a record's file", () => {
  test('is a record, byte for byte, or damaged', async () => {
    await holds(decodes(decodeRecord), 1_500);
  });

  test.each<[string, Decode]>([
    [
      'takes any first line',
      (number, file) => decodeRecord(number, file.replace(/^[^\n]*/, `leasehold/1 ${'0'.repeat(16)}`)),
    ],
    [
      'takes what has no body yet',
      (number, file) => decodeRecord(number, file.includes('\n') ? file : `${file}\n`),
    ],
    ['forgives the case', (number, file) => decodeRecord(number, file.toLowerCase())],
    ['forgives white space', (number, file) => decodeRecord(number, file.trimStart())],
  ])('that would not pass for a reader that %s', async (_, wrong) => {
    expect(await catches(decodes(wrong), 10_000)).toBe(true);
  });

  test('its name is v. and a number from 1 on, as it is written and in no other way', async () => {
    const names = fc.oneof(
      hostileText,
      fc.stringMatching(/^(v|V|tmp)[.~ ]-?[0-9]{0,17}(e3|\.0|~)?$/),
      fc.constantFrom('v.1', 'v.0', 'v.01', 'v.1 '),
    );
    const reads = fc.property(names, (name) => {
      const number = numberOf(name);
      if (number === 0) return !/^v\.[1-9][0-9]{0,14}$/.test(name);
      return name === `v.${number}` && Number.isSafeInteger(number) && !isTemporary(name);
    });
    await holds(reads, 1_000);
  });
});

/** What lies in a key's directory. */
type Thing =
  | { readonly kind: 'file'; readonly name: string; readonly content: string }
  | { readonly kind: 'directory'; readonly name: string }
  | { readonly kind: 'link'; readonly name: string; readonly to: string };

const recordNames = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }).map((number) => `v.${number}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'v.999999999999998',
      'v.0',
      'v.01',
      'v.1e3',
      'v.',
      'V.9',
      'v.12~',
      'v.1000000000000000',
    ),
  },
);
const otherNames = fc.constantFrom(
  'tmp~0123456789abcdef',
  'tmp~',
  'README',
  'lost+found',
  '.nfs0001',
  'status.json',
  'a b',
  'é',
  '-rf',
);
const thing: fc.Arbitrary<Thing> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('file' as const), name: recordNames, content }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('file' as const), name: otherNames, content }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('directory' as const),
      name: fc.oneof(recordNames, otherNames),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('link' as const),
      name: recordNames,
      to: fc.constantFrom('/nonexistent', '.', 'v.1', '/dev/null', '/dev/zero', '/proc/self/mem'),
    }),
  },
);
const litter = fc.uniqueArray(thing, { selector: ({ name }) => name, maxLength: 6 });

let stores = 0;

/** A directory of a store with these things under one key. */
function directoryWith(things: readonly Thing[]): { location: string; folder: string } {
  stores += 1;
  const location = join(root, String(stores));
  const folder = join(location, 'locks', 'x-1');
  mkdirSync(folder, { recursive: true });
  for (const each of things) {
    const path = join(folder, each.name);
    if (each.kind === 'file') writeFileSync(path, each.content);
    else if (each.kind === 'directory') mkdirSync(path);
    else symlinkSync(each.to, path);
  }
  return { location, folder };
}

const KEY = 'locks/x-1';

/** The thing that counts: the file, link or directory with the greatest number in its name. */
function highestOf(things: readonly Thing[]): Thing | undefined {
  const numbered = things.filter(({ name }) => /^v\.[1-9][0-9]{0,14}$/.test(name));
  return numbered.sort((a, b) => Number(a.name.slice(2)) - Number(b.name.slice(2))).at(-1);
}

async function orStoreError<T>(call: Promise<T>): Promise<T | StoreError> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // Ours are the names in it: a path, that is all.
    expect(harmIn(error.message)).toBeUndefined();
    return error;
  }
}

type Opens = (location: string) => Promise<Pick<LocalStore, 'read' | 'write' | 'list'>>;

const readsLitter = (open: Opens, filesystem: string) =>
  fc.asyncProperty(litter, async (things) => {
    const { location, folder } = directoryWith(things);
    const before = readdirSync(folder).sort();
    const store = await open(location);
    const reading = await orStoreError<Reading>(store.read(KEY, { age: true }));
    const highest = highestOf(things);
    const record = highest?.kind === 'file' ? recordIn(highest.content) : undefined;
    const isRight = record !== undefined && Buffer.byteLength(record.body) <= LONGEST_BODY;
    const listed = await orStoreError(store.list('locks/'));
    const create = await orStoreError<WriteResult>(store.write(KEY, 'mine', 'absent'));
    if (listed instanceof StoreError || listed.includes(KEY) !== (highest !== undefined))
      throw new Error(`${filesystem}: listed ${String(listed)}`);
    if (highest === undefined) {
      return (
        !(reading instanceof StoreError) &&
        reading.kind === 'absent' &&
        !(create instanceof StoreError) &&
        create.kind === 'written'
      );
    }
    // A link may lead to a record; it is what it leads to.
    if (highest.kind === 'link') return create instanceof StoreError || create.kind === 'conflict';
    if (!isRight) {
      const refused =
        reading instanceof StoreError && reading.kind !== 'indeterminate' && reading.kind !== 'unavailable';
      const untouched = create instanceof StoreError || create.kind === 'conflict';
      return refused && untouched && before.every((name) => readdirSync(folder).includes(name));
    }
    if (reading instanceof StoreError || reading.kind !== 'found') return false;
    if (
      reading.body !== Buffer.from(record.body).toString('utf8') ||
      create instanceof StoreError ||
      create.kind !== 'conflict'
    )
      return false;
    const stale = await orStoreError<WriteResult>(
      store.write(KEY, 'mine', `${highest.name.slice(2)}.${'f'.repeat(16)}` as Version),
    );
    if (stale instanceof StoreError || stale.kind !== 'conflict') return false;
    const replaced = await orStoreError<WriteResult>(store.write(KEY, 'mine', reading.version));
    const after = await orStoreError<Reading>(store.read(KEY));
    // A directory in the next record's place is no record, and nothing of ours.
    if (replaced instanceof StoreError) return replaced.kind !== 'unavailable' || after instanceof StoreError;
    return (
      replaced.kind === 'written' &&
      !(after instanceof StoreError) &&
      after.kind === 'found' &&
      after.body === 'mine' &&
      after.version === replaced.version
    );
  });

describe('a directory full of things', () => {
  const here: Opens = (location) => LocalStore.open(location);
  // As on NFS, whose listings and link counts are not trusted.
  const remote: Opens = (location) =>
    LocalStore.open(location, { filesystem: { name: 'nfs', local: false } });

  test('on a disk of this machine: the highest record counts, or nothing is read and written', async () => {
    await holds(readsLitter(here, 'disk'), 400);
  });

  test('on a network file system, too', async () => {
    await holds(readsLitter(remote, 'nfs'), 150);
  });

  test.each<[string, Opens]>([
    [
      'goes back to an older record when the newest is damaged',
      async (location) => {
        const store = await LocalStore.open(location);
        return {
          list: (prefix) => store.list(prefix),
          write: (...call) => store.write(...call),
          read: async (key) => {
            try {
              return await store.read(key);
            } catch {
              return { kind: 'found', body: '', version: '1.0' as Version };
            }
          },
        };
      },
    ],
    [
      'begins anew over what it can not read',
      async (location) => {
        const store = await LocalStore.open(location);
        return {
          list: (prefix) => store.list(prefix),
          read: (...call) => store.read(...call),
          write: async (...call) => {
            try {
              return await store.write(...call);
            } catch {
              rmSync(join(location, call[0]), { recursive: true, force: true });
              return store.write(...call);
            }
          },
        };
      },
    ],
  ])('that would not pass for a store that %s', async (_, wrong) => {
    expect(await catches(readsLitter(wrong, 'wrong'), 2_000)).toBe(true);
  });
});

test('whatever is in the mark of the probe, a store is believed only by its own mark', async () => {
  const random = new FakeRandom(1);
  const { location } = directoryWith([]);
  const store = await LocalStore.open(location);
  const mark = await trustStore(store, { clock, random });
  const texts = fc.oneof(
    hostileText,
    fc
      .tuple(fc.nat({ max: mark.length }), hostileText)
      .map(([at, more]) => mark.slice(0, at) + more + mark.slice(at)),
    fc.constantFrom(mark, `${mark}quoted`, mark.toUpperCase(), ` ${mark}`, mark.slice(0, -1)),
  );
  let calls = 0;
  const counting = {
    url: store.url,
    read: async () => {
      calls += 1;
      throw new StoreError('denied', 'not asked for');
    },
  };
  const believed = fc.asyncProperty(texts, async (known) => {
    calls = 0;
    const outcome = await orStoreError(
      trustStore({ ...store, ...counting } as unknown as LocalStore, { clock, random, known }),
    );
    return known === mark ? outcome === mark && calls === 0 : outcome instanceof StoreError && calls === 1;
  });
  await holds(believed, 400);
});
