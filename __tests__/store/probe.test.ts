import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { openStore } from '../../src/store/open.ts';
import { type ProbeReport, probeStore } from '../../src/store/probe.ts';
import { type Store, StoreError, type Version } from '../../src/store/store.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';

// Waiting is counted, not done.
const clock = { ...systemClock, sleep: async () => {} };
const random = systemRandom;

function probe(store: Store): Promise<ProbeReport> {
  return probeStore(store, { clock, random });
}

function broken({ promises }: ProbeReport): string[] {
  return promises.filter(({ held, safety }) => safety && held === 'no').map(({ id }) => id);
}

function heldOf({ promises }: ProbeReport, id: string): string | undefined {
  return promises.find((promise) => promise.id === id)?.held;
}

/** A memory store of which some methods are replaced. */
function altered(change: (honest: MemoryStore) => Partial<Store>): Store {
  const honest = new MemoryStore();
  const store: Store = {
    url: 'memory:',
    read: (key, options) => honest.read(key, options),
    write: (key, body, expected, options) => honest.write(key, body, expected, options),
    list: (prefix, options) => honest.list(prefix, options),
    remove: (key, options) => honest.remove(key, options),
  };
  return Object.assign(store, change(honest));
}

/** What is there now, as the expectation of a write that wants to apply come what may. */
async function current(honest: MemoryStore, key: string): Promise<Version | 'absent'> {
  const reading = await honest.read(key);
  return reading.kind === 'found' ? reading.version : 'absent';
}

const always = { held: 'yes', safety: true };

describe('an honest store', () => {
  test('passes, has a clock, and nothing of the probe stays behind', async () => {
    const store = new MemoryStore();
    const report = await probe(store);
    expect(report.promises.filter(({ held }) => held !== 'yes')).toEqual([]);
    expect(report).toMatchObject({ ok: true, storeClock: true });
    expect(report).not.toHaveProperty('dialect');
    expect(await store.list('')).toEqual([]);
  });

  test('passes although it turns away most writes of a race, with fewer racers', async () => {
    let underWay = 0;
    const store = altered((honest) => ({
      async write(key, body, expected) {
        underWay += 1;
        const busy = underWay > 4;
        await Promise.resolve();
        underWay -= 1;
        if (busy && underWay > 0) throw new StoreError('unavailable', 'SlowDown');
        return honest.write(key, body, expected);
      },
    }));
    expect(broken(await probe(store))).toEqual([]);
    expect((await probe(store)).ok).toBe(true);
  });

  test('of which too little gets through is neither kept nor broken', async () => {
    let writes = 0;
    const store = altered((honest) => ({
      async write(key, body, expected) {
        writes += 1;
        if (body.includes('racer')) throw new StoreError('unavailable', 'SlowDown');
        return honest.write(key, body, expected);
      },
    }));
    const report = await probe(store);
    expect(report.ok).toBe(false);
    expect(broken(report)).toEqual([]);
    expect(heldOf(report, 'create')).toBe('unknown');
    expect(heldOf(report, 'replace-race')).toBe('unknown');
    expect(writes).toBeLessThan(80);
  });

  test('that lets no two writes of a key race (R2: one a second) passes on what it shows one after another', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        if (/racer [1-9]/.test(body)) throw new StoreError('unavailable', 'SlowDown');
        return honest.write(key, body, expected);
      },
    }));
    const report = await probe(store);
    expect(report.ok).toBe(true);
    expect(heldOf(report, 'exists')).toBe('yes');
    expect(heldOf(report, 'create')).toBe('unknown');
    expect(heldOf(report, 'replace-race')).toBe('unknown');
  });

  test('that lets no two writes of a key race, and lies, is found out one after another', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        if (/racer [1-9]/.test(body)) throw new StoreError('unavailable', 'SlowDown');
        return honest.write(key, body, expected === 'absent' ? await current(honest, key) : expected);
      },
    }));
    const report = await probe(store);
    expect(report.ok).toBe(false);
    expect(broken(report)).toEqual(['exists']);
  });

  test('passes although every write loses its answer', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        await honest.write(key, body, expected);
        throw new StoreError('indeterminate', 'reset');
      },
    }));
    const report = await probe(store);
    expect(report.promises.filter(({ held }) => held !== 'yes')).toEqual([]);
  });

  test('may forbid listing and deleting, and have no clock: a lock is safe all the same', async () => {
    const denied = async (): Promise<never> => {
      throw new StoreError('denied', 'not allowed');
    };
    const store = altered((honest) => ({
      list: denied,
      remove: denied,
      async read(key, options) {
        const reading = await honest.read(key, options);
        if (reading.kind !== 'found') return { kind: 'absent' };
        return { kind: 'found', body: reading.body, version: reading.version };
      },
    }));
    const report = await probe(store);
    expect(report).toMatchObject({ ok: true, storeClock: false });
    expect(heldOf(report, 'list')).toBe('no');
    expect(heldOf(report, 'remove')).toBe('no');
    expect(heldOf(report, 'clock')).toBe('no');
  });
});

describe('a store that lies', () => {
  test('by ignoring that a key exists', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        return honest.write(key, body, expected === 'absent' ? await current(honest, key) : expected);
      },
    }));
    expect(broken(await probe(store))).toEqual(['exists']);
  });

  test('by ignoring that a key exists, though it keeps races apart', async () => {
    const racing = new Set<string>();
    const store = altered((honest) => ({
      async write(key, body, expected) {
        const first = !racing.has(key);
        racing.add(key);
        if (expected === 'absent' && !first && body.includes('late')) {
          return honest.write(key, body, await current(honest, key));
        }
        return honest.write(key, body, expected);
      },
    }));
    expect(broken(await probe(store))).toEqual(['exists']);
  });

  test('by ignoring the version altogether', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        let result = await honest.write(key, body, expected);
        while (expected !== 'absent' && result.kind === 'conflict') {
          result = await honest.write(key, body, await current(honest, key));
        }
        return result;
      },
    }));
    const report = await probe(store);
    expect(report.ok).toBe(false);
    expect(broken(report)).toEqual(['stale', 'missing', 'replace-race']);
  });

  test('by making a missing key when a version is named', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        const missing = (await current(honest, key)) === 'absent';
        return honest.write(key, body, missing ? 'absent' : expected);
      },
    }));
    expect(broken(await probe(store))).toEqual(['missing']);
  });

  test('by accepting the version before the current one', async () => {
    const previous = new Map<string, Version | 'absent'>();
    const store = altered((honest) => ({
      async write(key, body, expected) {
        const now = await current(honest, key);
        const stale = expected !== 'absent' && previous.get(key) === expected;
        const result = await honest.write(key, body, stale ? now : expected);
        if (result.kind === 'written') previous.set(key, now);
        return result;
      },
    }));
    expect(broken(await probe(store))).toContain('stale');
  });

  test('by refusing a stale write and applying it', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        const result = await honest.write(key, body, expected);
        if (result.kind === 'conflict' && body.includes('stale')) {
          await honest.write(key, body, await current(honest, key));
        }
        return result;
      },
    }));
    expect(broken(await probe(store))).toEqual(['stale']);
  });

  test('by checking the version first and writing later', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        const matches = (await current(honest, key)) === expected;
        await new Promise(setImmediate);
        return matches ? honest.write(key, body, await current(honest, key)) : { kind: 'conflict' };
      },
    }));
    expect(broken(await probe(store))).toEqual(['create', 'replace-race']);
  });

  test('by calling a write not applied that did apply', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        const result = await honest.write(key, body, expected);
        if (body.includes('racer') && result.kind === 'written')
          throw new StoreError('unavailable', 'SlowDown');
        return result;
      },
    }));
    expect(broken(await probe(store))).toEqual(['create', 'replace-race']);
  });

  test('by telling a loser that it won', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        const result = await honest.write(key, body, expected);
        const { version } = { version: 'none' as Version, ...result };
        return body.includes('racer 1"') ? { kind: 'written', version } : result;
      },
    }));
    expect(broken(await probe(store))).toEqual(['create', 'replace-race']);
  });

  test('by applying a write that it refused', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        const result = await honest.write(key, body, expected);
        if (result.kind === 'conflict' && body.includes('racer')) {
          await honest.write(key, body, await current(honest, key));
        }
        return result;
      },
    }));
    expect(broken(await probe(store))).toEqual(['create', 'replace-race']);
  });

  test('by refusing all of those that race', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        return body.includes('racer') ? { kind: 'conflict' } : honest.write(key, body, expected);
      },
    }));
    expect(broken(await probe(store))).toEqual(['create', 'replace-race']);
  });

  test('by refusing every write that names a version', async () => {
    const store = altered((honest) => ({
      async write(key, body, expected) {
        return expected === 'absent' ? honest.write(key, body, expected) : { kind: 'conflict' };
      },
    }));
    const report = await probe(store);
    expect(report.ok).toBe(false);
    expect(broken(report)).toEqual(['replace']);
    expect(heldOf(report, 'replace-race')).toBe('unknown');
  });
});

describe('a store with dialects', () => {
  /** Applies a replace only in `works`; in another dialect it does what `otherwise` says. */
  function speaking(
    works: string,
    otherwise: 'conflict' | StoreError,
  ): { store: Store; spoken: () => string } {
    let spoken = 'quoted';
    const store = altered((honest) => ({
      dialects: ['quoted', 'bare'],
      speak(dialect: string) {
        spoken = dialect;
      },
      async write(key, body, expected) {
        if (expected === 'absent' || spoken === works) return honest.write(key, body, expected);
        if (otherwise instanceof StoreError) throw otherwise;
        return { kind: otherwise };
      },
    }));
    return { store, spoken: () => spoken };
  }

  test.each([
    ['refused as a conflict', 'conflict'],
    ['refused as bad', new StoreError('misconfigured', '400 InvalidArgument')],
    ['answered with a fault', new StoreError('indeterminate', '500 InternalError')],
  ] as const)('is settled on the one that works, the other being %s', async (_, otherwise) => {
    const { store, spoken } = speaking('bare', otherwise);
    expect(await probe(store)).toMatchObject({ ok: true, dialect: 'bare' });
    expect(spoken()).toBe('bare');
  });

  test('stays with the first when it works', async () => {
    const { store, spoken } = speaking('quoted', 'conflict');
    expect(await probe(store)).toMatchObject({ ok: true, dialect: 'quoted' });
    expect(spoken()).toBe('quoted');
  });

  test('fails when none works', async () => {
    const { store, spoken } = speaking('neither', 'conflict');
    const report = await probe(store);
    expect(report.ok).toBe(false);
    expect(report).not.toHaveProperty('dialect');
    expect(broken(report)).toEqual(['replace']);
    expect(spoken()).toBe('quoted');
  });
});

describe('a store that can not be used', () => {
  test.each(['denied', 'misconfigured', 'unavailable'] as const)('throws what it is: %s', async (kind) => {
    const fault = new StoreError(kind, 'no');
    let reads = 0;
    const store = altered(() => ({
      async read() {
        reads += 1;
        throw fault;
      },
    }));
    await expect(probe(store)).rejects.toBe(fault);
    expect(reads).toBe(1);
  });

  test('throws a write that is denied, once all racers have ended', async () => {
    const fault = new StoreError('denied', 'read only');
    let open = 0;
    const store = altered(() => ({
      async write() {
        open += 1;
        await new Promise(setImmediate);
        open -= 1;
        throw fault;
      },
    }));
    await expect(probe(store)).rejects.toBe(fault);
    expect(open).toBe(0);
  });

  test('gives up when it stays busy, after a few tries', async () => {
    const waits: number[] = [];
    const store = altered(() => ({
      async write() {
        throw new StoreError('unavailable', 'busy');
      },
    }));
    const counting = { ...clock, sleep: async (ms: number) => void waits.push(ms) };
    await expect(probeStore(store, { clock: counting, random })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(waits.length).toBeLessThan(12);
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    const store = altered((honest) => ({
      async write(key, body, expected, options) {
        stop.abort();
        return honest.write(key, body, expected, options);
      },
    }));
    const stopped = probeStore(store, { clock, random, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('S3 as miniflare serves it', () => {
  let server: Awaited<ReturnType<typeof startMiniflareS3>>;
  beforeAll(async () => {
    server = await startMiniflareS3();
    process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
  });
  afterAll(() => server.close());

  test('passes with quoted versions and without a clock, and is left clean', async () => {
    const store = await openStore(server.url);
    const report = await probe(store);
    expect(report).toMatchObject({ ok: true, dialect: 'quoted', storeClock: false });
    expect(report.promises.filter(({ safety }) => safety)).toEqual(
      Array.from({ length: 6 }, () => expect.objectContaining(always)),
    );
    expect(await store.list('')).toEqual([]);
    expect(server.requests().length).toBeLessThan(80);
  });

  test('has a clock when it sends the Date', async () => {
    server.inject(() => ({ addHeaders: { date: new Date().toUTCString() } }));
    expect(await probe(await openStore(server.url))).toMatchObject({ ok: true, storeClock: true });
    server.reset();
  });

  test('fails when the conditions are lost on the way', async () => {
    server.inject(() => ({ strip: ['if-match', 'if-none-match'] }));
    const report = await probe(await openStore(server.url));
    server.reset();
    expect(report.ok).toBe(false);
    expect(broken(report)).toEqual(['create', 'exists', 'stale', 'missing', 'replace-race']);
  });

  test('fails when only If-None-Match is lost', async () => {
    server.inject(() => ({ strip: ['if-none-match'] }));
    const report = await probe(await openStore(server.url));
    server.reset();
    expect(broken(report)).toEqual(['create', 'exists']);
  });
});
