import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { MemoryStore } from '../../src/store/memory.ts';
import {
  type Reading,
  type ReadOptions,
  type Store,
  StoreError,
  type Version,
  type WriteOptions,
  type WriteResult,
} from '../../src/store/store.ts';
import type { FakeRandom } from '../support/fake-random.ts';

/**
 * The memory store as over a wire: each call takes a while there and back, so that those of several clients overlap, and who
 * aborts gets no answer.
 */
export class DistantMemory implements Store {
  readonly url = 'memory:';
  readonly #random: FakeRandom;
  readonly #memory = new MemoryStore();

  constructor(random: FakeRandom) {
    this.#random = random;
  }

  async read(key: string, options: ReadOptions = {}): Promise<Reading> {
    await this.#travel();
    const reading = await this.#memory.read(key, options);
    await this.#travel();
    return reading;
  }

  async write(
    key: string,
    body: string,
    expected: Version | 'absent',
    { signal }: WriteOptions = {},
  ): Promise<WriteResult> {
    await this.#travel();
    const result = await this.#memory.write(key, body, expected, signal ? { signal } : {});
    await this.#travel();
    if (!signal?.aborted) return result;
    throw new StoreError('indeterminate', 'The answer came too late.');
  }

  list(prefix: string): Promise<string[]> {
    return this.#memory.list(prefix);
  }

  remove(key: string): Promise<void> {
    return this.#memory.remove(key);
  }

  async #travel(): Promise<void> {
    await (this.#random.chance(0.5) ? turn() : pause(this.#random.between(0, 3)));
  }
}

/** Stores with one mistake each, of the kinds that stores really have. All must be found. */
export const MISTAKES: Readonly<Record<string, (store: Store, random: FakeRandom) => Store>> = {
  'reads are cached for 5 ms': (store) => {
    const cache = new Map<string, { reading: Reading; untilMs: number }>();
    return altered(store, {
      read: async (key) => {
        const cached = cache.get(key);
        if (cached && performance.now() < cached.untilMs) return cached.reading;
        const reading = await store.read(key);
        cache.set(key, { reading, untilMs: performance.now() + 5 });
        return reading;
      },
    });
  },
  'reads the version, then the body': (store) =>
    altered(store, { read: (key) => torn(store, key, (first, second) => ({ ...first, body: second.body })) }),
  'reads the body, then the version': (store) =>
    altered(store, { read: (key) => torn(store, key, (first, second) => ({ ...second, body: first.body })) }),
  'looks first and writes later': (store) =>
    altered(store, {
      write: async (key, body, expected, options) => {
        if (versionIn(await store.read(key)) !== expected) return { kind: 'conflict' };
        await pause(1);
        return store.write(key, body, versionIn(await store.read(key)), options);
      },
    }),
  'retries its own writes': (store, random) =>
    altered(store, {
      write: async (key, body, expected, options) => {
        const result = await store.write(key, body, expected, options);
        return random.chance(0.05) ? store.write(key, body, expected, options) : result;
      },
    }),
  'calls lost answers unavailable': (store, random) =>
    altered(store, {
      write: async (key, body, expected, options) => {
        const result = await store.write(key, body, expected, options);
        if (random.chance(0.05)) throw new StoreError('unavailable', 'It did not apply.');
        return result;
      },
    }),
  'applies a conflict later': (store, random) =>
    altered(store, {
      write: async (key, body, expected, options) => {
        const late = random.chance(0.05);
        if (!late) return store.write(key, body, expected, options);
        void pause(5).then(() => store.write(key, body, expected));
        return { kind: 'conflict' };
      },
    }),
};

type Found = Extract<Reading, { readonly kind: 'found' }>;

/** Two readings made one. */
async function torn(
  store: Store,
  key: string,
  mix: (first: Found, second: Found) => Reading,
): Promise<Reading> {
  const first = await store.read(key);
  const second = await store.read(key);
  return first.kind === 'found' && second.kind === 'found' ? mix(first, second) : second;
}

function versionIn(reading: Reading): Version | 'absent' {
  return reading.kind === 'found' ? reading.version : 'absent';
}

function altered(store: Store, changes: Partial<Pick<Store, 'read' | 'write'>>): Store {
  return {
    url: store.url,
    read: (key, options) => store.read(key, options),
    write: (key, body, expected, options) => store.write(key, body, expected, options),
    list: (prefix) => store.list(prefix),
    remove: (key) => store.remove(key),
    ...changes,
  };
}
