import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  LONGEST_BODY,
  type Reading,
  type Store,
  StoreError,
  type Version,
  type WriteResult,
} from '../../src/store/store.ts';

export interface OpenedStore {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

type Expected = Version | 'absent';

const times = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** What `store.ts` promises, tried on a real store. Every store passes it; `stores.test.ts` has a line for each. */
export function describeStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`the store contract: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    let keys = 0;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    /** A key that no other test and no earlier run has used. */
    const newKey = (): string => {
      keys += 1;
      return `contract/${process.pid}-${Date.now()}-${keys}`;
    };
    const create = async (key: string, body: string): Promise<Version> =>
      versionOf(await put(store, key, body, 'absent'));

    describe('reading and writing', () => {
      test('a key that was never written is absent, with a plausible store time if any', async () => {
        const reading = await store.read(newKey());
        expect(reading.kind).toBe('absent');
        if (reading.kind !== 'absent' || reading.storeTimeMs === undefined) return;
        expect(Math.abs(reading.storeTimeMs - Date.now())).toBeLessThan(24 * 3_600_000);
      });

      test('what was created is read back, with the version that the write gave', async () => {
        const key = newKey();
        const version = await create(key, 'one');
        expect(await store.read(key)).toMatchObject({ kind: 'found', body: 'one', version });
      });

      test('to create what exists is a conflict, and changes nothing', async () => {
        const key = newKey();
        const version = await create(key, 'one');
        expect(await put(store, key, 'two', 'absent')).toEqual({ kind: 'conflict' });
        expect(await store.read(key)).toMatchObject({ body: 'one', version });
      });

      test('a write that expects the present version replaces it', async () => {
        const key = newKey();
        const first = await create(key, 'one');
        const second = versionOf(await put(store, key, 'two', first));
        expect(second).not.toBe(first);
        expect(await store.read(key)).toMatchObject({ kind: 'found', body: 'two', version: second });
      });

      test('a write that expects a version of the past is a conflict, and changes nothing', async () => {
        const key = newKey();
        const first = await create(key, 'one');
        const second = versionOf(await put(store, key, 'two', first));
        expect(await put(store, key, 'three', first)).toEqual({ kind: 'conflict' });
        expect(await store.read(key)).toMatchObject({ body: 'two', version: second });
      });

      test('a write that expects a version of a missing key is a conflict, and creates nothing', async () => {
        const version = await create(newKey(), 'one');
        const missing = newKey();
        expect(await put(store, missing, 'two', version)).toEqual({ kind: 'conflict' });
        expect((await store.read(missing)).kind).toBe('absent');
        expect(await store.list(missing)).toEqual([]);
      });

      test('a durable write is as good as any', async () => {
        const key = newKey();
        const version = versionOf(await store.write(key, 'one', 'absent', { durable: true }));
        expect(await store.read(key)).toMatchObject({ body: 'one', version });
      });

      test('a known version reads as unchanged until it is replaced', async () => {
        const key = newKey();
        const first = await create(key, 'one');
        expect((await store.read(key, { known: first })).kind).toBe('unchanged');
        const second = versionOf(await put(store, key, 'two', first));
        expect(await store.read(key, { known: first })).toMatchObject({
          kind: 'found',
          body: 'two',
          version: second,
        });
      });

      test.each([
        ['many alphabets', 'Grüße, 日本語, עברית, 🔒\u0000\u2028'],
        ['lines and quotes', '\r\n"\\\n\n'],
        ['as much as is allowed', 'é'.repeat(LONGEST_BODY / 2)],
      ])('a body of %s comes back as it was', async (_what, body) => {
        const key = newKey();
        await create(key, body);
        expect(await store.read(key)).toMatchObject({ kind: 'found', body });
      });

      test('a body that is too long for a record is corrupt', async () => {
        const key = newKey();
        await create(key, 'x'.repeat(LONGEST_BODY + 1));
        await expect(store.read(key)).rejects.toMatchObject({ name: 'StoreError', kind: 'corrupt' });
      });
    });

    describe('listing and removing', () => {
      test('a list has every key with the prefix and no other, sorted, as soon as it is written', async () => {
        const prefix = newKey();
        const wanted = ['b', 'a/2', 'a/10', 'ab', 'B'].map((name) => `${prefix}/${name}`);
        for (const key of [...wanted, `${prefix}x`]) {
          await create(key, key);
          expect(await store.list(key)).toEqual([key]);
        }
        expect(await store.list(`${prefix}/`)).toEqual([...wanted].sort());
        expect(await store.list(`${prefix}/a`)).toEqual([`${prefix}/a/10`, `${prefix}/a/2`, `${prefix}/ab`]);
      });

      test('a key that was written many times is listed once', async () => {
        const key = newKey();
        let version: Expected = 'absent';
        for (const body of ['one', 'two', 'three']) version = versionOf(await put(store, key, body, version));
        expect(await store.list(key)).toEqual([key]);
      });

      test('a prefix that nothing has gives an empty list', async () => {
        expect(await store.list(`${newKey()}/`)).toEqual([]);
      });

      test('what was removed is absent and not listed, and its neighbours stay', async () => {
        const prefix = newKey();
        for (const name of ['a', 'b']) await create(`${prefix}/${name}`, name);
        await store.remove(`${prefix}/a`);
        expect((await store.read(`${prefix}/a`)).kind).toBe('absent');
        expect(await store.list(`${prefix}/`)).toEqual([`${prefix}/b`]);
      });

      test('to remove what is not there is no error', async () => {
        await expect(store.remove(newKey())).resolves.toBeUndefined();
      });
    });

    describe('time and signals', () => {
      test('an age, where there is one, is small at first, and grows', async () => {
        const key = newKey();
        const version = await create(key, 'one');
        const ageMs = async (): Promise<number | undefined> =>
          ageOf(await store.read(key, { age: true, known: version }));
        const firstMs = await ageMs();
        if (firstMs === undefined) return;
        expect(firstMs).toBeGreaterThanOrEqual(0);
        expect(firstMs).toBeLessThan(30_000);
        // The store's own clock, so it is waited for: some have a grain of a second.
        const deadlineMs = performance.now() + 4_000;
        let laterMs: number | undefined = firstMs;
        while (laterMs !== undefined && laterMs <= firstMs && performance.now() < deadlineMs) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          laterMs = await ageMs();
        }
        expect(laterMs).toBeGreaterThan(firstMs);
        expect(laterMs).toBeLessThan(firstMs + 30_000);
      });

      test.each<[string, (key: string, signal: AbortSignal) => Promise<unknown>]>([
        ['read', (key, signal) => store.read(key, { signal })],
        ['write', (key, signal) => store.write(key, 'one', 'absent', { signal })],
        ['list', (key, signal) => store.list(key, { signal })],
        ['remove', (key, signal) => store.remove(key, { signal })],
      ])(
        'a %s whose signal has aborted already is refused as unavailable, and does nothing',
        async (_name, call) => {
          const absent = newKey();
          const present = newKey();
          await create(present, 'kept');
          for (const key of [absent, present]) {
            await expect(call(key, AbortSignal.abort())).rejects.toMatchObject({
              name: 'StoreError',
              kind: 'unavailable',
            });
          }
          expect((await store.read(absent)).kind).toBe('absent');
          expect(await store.read(present)).toMatchObject({ body: 'kept' });
        },
      );

      test('a signal that does not abort changes nothing', async () => {
        const key = newKey();
        const { signal } = new AbortController();
        const version = versionOf(await store.write(key, 'one', 'absent', { signal }));
        expect(await store.read(key, { signal })).toMatchObject({ body: 'one', version });
      });
    });

    describe('races', () => {
      test('of 16 that create a key at once exactly one succeeds', async () => {
        const key = newKey();
        await expectOneWinner(key, 'absent');
      });

      test('of 16 that replace one version at once exactly one succeeds', async () => {
        const key = newKey();
        await expectOneWinner(key, await create(key, 'old'));
      });

      async function expectOneWinner(key: string, expected: Expected): Promise<void> {
        const results = await Promise.all(
          times(16).map((writer) => put(store, key, `writer ${writer}`, expected)),
        );
        const winners = times(16).filter((writer) => results[writer]?.kind === 'written');
        expect(winners).toHaveLength(1);
        expect(await store.read(key)).toMatchObject({ kind: 'found', body: `writer ${winners[0]}` });
      }

      test('races on different keys know nothing of each other', async () => {
        const contested = times(4).map(newKey);
        await Promise.all(contested.map((key) => expectOneWinner(key, 'absent')));
      });

      // The test that Apache's object_store runs on each of its stores.
      test('5 that each add 10 times to one counter bring it to 50, and no version has two successors', async () => {
        const key = newKey();
        const replaced: Expected[] = [];
        await Promise.all(
          times(5).map(async (worker) => {
            for (const round of times(10)) replaced.push(await add(store, key, `${worker}-${round}`));
          }),
        );
        const reading = await store.read(key);
        const additions = reading.kind === 'found' ? reading.body.split(' ') : [];
        expect(additions).toHaveLength(50);
        expect(new Set(additions).size).toBe(50);
        expect(new Set(replaced).size).toBe(50);
      }, 60_000);
    });
  });
}

/** Adds a word to a body by reading and conditionally writing until it applied, and gives the version that it replaced. */
async function add(store: Store, key: string, word: string): Promise<Expected> {
  for (;;) {
    const reading = await patiently(() => store.read(key));
    const [body, expected]: [string, Expected] =
      reading.kind === 'found' ? [`${reading.body} ${word}`, reading.version] : [word, 'absent'];
    const result = await put(store, key, body, expected);
    if (result.kind === 'written') return expected;
  }
}

/**
 * One conditional write as the contract has its callers do it: what did not apply is sent again; where nobody knows, the
 * store is read. Bodies are all different and hold the words that were there before, so a body shows what applied.
 */
async function put(store: Store, key: string, body: string, expected: Expected): Promise<WriteResult> {
  for (;;) {
    try {
      return await patiently(() => store.write(key, body, expected));
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'indeterminate') throw error;
    }
    const reading = await patiently(() => store.read(key));
    if (reading.kind === 'found' && reading.body.startsWith(body))
      return { kind: 'written', version: reading.version };
    const current = reading.kind === 'found' ? reading.version : 'absent';
    if (current !== expected) return { kind: 'conflict' };
  }
}

/** A store under load may say that it is unavailable: nothing was applied, so the same again, 50 times at most. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'unavailable' || attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5 * attempt));
    }
  }
}

function versionOf(result: WriteResult): Version {
  if (result.kind === 'written') return result.version;
  throw new Error('A write that should have applied was a conflict.');
}

function ageOf(reading: Reading): number | undefined {
  switch (reading.kind) {
    case 'found':
    case 'unchanged':
      return reading.ageMs;
    case 'absent':
      throw new Error('A key that was written is absent.');
  }
}
