import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import type { Attempt, Held, Hold, Request } from '../../src/protocols/protocol.ts';
import { VfsProtocol, withLock } from '../../src/protocols/vfs.ts';
import { S3Store } from '../../src/store/s3.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';

let server: Awaited<ReturnType<typeof startMiniflareS3>>;
let store: S3Store;
const environment = { ...process.env };

beforeAll(async () => {
  server = await startMiniflareS3({ bucket: 'data' });
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
  process.env.AWS_CONFIG_FILE = '/nonexistent/config';
  process.env.AWS_SHARED_CREDENTIALS_FILE = '/nonexistent/credentials';
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  store = await S3Store.open(server.url);
});
afterAll(async () => {
  process.env = environment;
  await server.close();
});

/** As in vfs.test.ts: who sleeps is woken at once, after `whileAsleep`. */
class TestClock implements Clock {
  aheadMs = 0;
  slept: number[] = [];
  whileAsleep: (() => Promise<void>) | undefined;
  wallMs = (): number => systemClock.wallMs() + this.aheadMs;
  monotonicMs = systemClock.monotonicMs;
  alarm = systemClock.alarm;
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    await this.whileAsleep?.();
  }
}

let clock: TestClock;
let protocol: VfsProtocol;
let keys = 0;
let name: string;

beforeEach(() => {
  keys += 1;
  name = `in box/${keys}.csv`;
  clock = new TestClock();
  protocol = new VfsProtocol({ clock, random: systemRandom, platform: 'win32' });
  server.reset();
});
afterEach(() => server.inject());

function pathOf(key: string): string {
  const { origin, search } = new URL(server.url.replace('s3:', 'http:'));
  return `${origin.replace('http:', 's3:')}/${key}${search}`;
}

function tryOnce(given: Partial<Request> = {}): Promise<Attempt> {
  const usual = { path: pathOf(name), pid: process.pid, ttlMs: 60_000 };
  return protocol.tryAcquire({ ...usual, mayTake: async ({ standing }) => standing.takeable, ...given });
}

async function taken(given: Partial<Request> = {}): Promise<Hold> {
  const attempt = await tryOnce(given);
  if (attempt.kind === 'held') throw new Error(`held: ${attempt.by.standing.detail}`);
  return attempt.hold;
}

async function heldBy(given: Partial<Request> = {}): Promise<Held> {
  const attempt = await tryOnce(given);
  if (attempt.kind === 'acquired') throw new Error('it was acquired');
  return attempt.by;
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => `no failure but ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
}

async function body(): Promise<string | undefined> {
  const reading = await store.read(`${name}.lock`);
  return reading.kind === 'found' ? reading.body : undefined;
}

/** As the original writes: without a condition. */
async function put(more: Record<string, unknown> = {}): Promise<string> {
  const createdAt = new Date(clock.wallMs()).toISOString();
  const text = JSON.stringify({ createdAt, ttl: 60e9, hostname: 'elsewhere', pid: 4711, ...more });
  const before = await store.read(`${name}.lock`);
  await store.write(`${name}.lock`, text, before.kind === 'found' ? before.version : 'absent');
  return text;
}

function sent(): string[] {
  return server.requests().map(({ method, headers }) => {
    const condition = headers['if-none-match'] ? ' if absent' : headers['if-match'] ? ' if version' : '';
    return `${method}${condition}`;
  });
}

describe('in S3', () => {
  test('an object beside the object, created, renewed and removed under conditions', async () => {
    const hold = await taken({ ownerId: 'nightly' });
    expect(sent()).toEqual(['GET', 'PUT if absent', 'GET']);
    expect(server.requests()[1]?.path).toContain(`/data/in%20box/${keys}.csv.lock`);
    expect(clock.slept).toEqual([500]);
    expect(JSON.parse((await body()) ?? '')).toMatchObject({
      ttl: 60e9,
      hostname: hostname(),
      pid: process.pid,
      ownerId: 'nightly',
    });
    expect(await body()).toMatch(/^\{\n {2}"createdAt": "[^"]*Z",\n {2}"ttl": 60000000000,\n/);
    server.reset();
    const before = await body();
    expect(await hold.renew?.()).toEqual({ kind: 'ours' });
    expect(await body()).not.toBe(before);
    expect(sent().filter((request) => request !== 'GET')).toEqual(['PUT if version']);
    server.reset();
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(sent().filter((request) => request !== 'GET')).toEqual(['DELETE if version']);
    expect(await body()).toBeUndefined();
  });

  test('one that is held costs one GET', async () => {
    await taken({ ownerId: 'first' });
    server.reset();
    expect(await heldBy()).toMatchObject({ ownerId: 'first', pid: process.pid, ttlMs: 60_000 });
    expect(sent()).toEqual(['GET']);
    expect(protocol.watched(pathOf(name))).toBeUndefined();
  });

  test('of many at once exactly one has it, free or stale', async () => {
    for (let round = 0; round < 6; round += 1) {
      name = `race-${keys}-${round}.csv`;
      if (round % 2 === 1) await put({ createdAt: '2020-01-01T00:00:00Z' });
      const attempts = await Promise.all(Array.from({ length: 6 }, () => tryOnce()));
      expect(attempts.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
    }
  });

  test('a stale one is taken over at its version, and what is there instead by then stays', async () => {
    await put();
    clock.aheadMs = 60_001;
    expect(await tryOnce()).toMatchObject({ kind: 'acquired', took: { host: 'elsewhere' } });
    clock.aheadMs = 130_000;
    const mayTake = async (): Promise<boolean> => {
      await put({ hostname: 'faster' });
      return true;
    };
    expect(await heldBy({ mayTake })).toMatchObject({ host: 'faster' });
    expect(JSON.parse((await body()) ?? '')).toMatchObject({ hostname: 'faster' });
  });

  test('who looked before us and writes after us without a condition: theirs, and said so at once', async () => {
    clock.whileAsleep = async () => void (await put());
    expect(await heldBy()).toMatchObject({ host: 'elsewhere' });
    expect(JSON.parse((await body()) ?? '')).toMatchObject({ hostname: 'elsewhere' });
  });

  test('who writes over it later: compromised, and theirs is neither renewed nor removed', async () => {
    const hold = await taken();
    const text = await put();
    const compromised = { kind: 'compromised', by: { host: 'elsewhere' } };
    expect(await hold.check()).toMatchObject(compromised);
    expect(await hold.renew?.()).toMatchObject(compromised);
    expect(await hold.release()).toMatchObject(compromised);
    expect(await body()).toBe(text);
  });

  test('who writes between our look and our renewal: theirs stays', async () => {
    const hold = await taken();
    let theirs: string | undefined;
    server.inject(async ({ method }) => {
      if (method !== 'PUT' || theirs !== undefined) return undefined;
      theirs = '';
      theirs = await put();
      return undefined;
    });
    expect(await hold.renew?.()).toMatchObject({ kind: 'compromised', by: { host: 'elsewhere' } });
    expect(await body()).toBe(theirs);
  });

  test('who writes over our renewal at once: told by the same renewal', async () => {
    const hold = await taken();
    server.reset();
    server.inject(async ({ method }) => {
      const renewed = server.requests().some((request) => request.method === 'PUT' && request.status === 200);
      if (method !== 'GET' || !renewed) return undefined;
      server.inject();
      await put();
      return undefined;
    });
    expect(await hold.renew?.()).toMatchObject({ kind: 'compromised', by: { host: 'elsewhere' } });
  });

  test('who writes between our look and our removal, where the service minds the condition: theirs stays', async () => {
    const hold = await taken();
    let theirs: string | undefined;
    server.inject(async ({ method }) => {
      if (method !== 'DELETE') return undefined;
      theirs = await put();
      return { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' };
    });
    expect(await hold.release()).toMatchObject({ kind: 'compromised', by: { host: 'elsewhere' } });
    expect(await body()).toBe(theirs);
  });

  test('who removes it: compromised', async () => {
    const hold = await taken();
    await store.remove(`${name}.lock`);
    expect(await hold.release()).toMatchObject({
      kind: 'compromised',
      detail: expect.stringContaining('removed'),
    });
  });

  test('a process of this host’s name is never proof of death: another machine may have that name', async () => {
    await put({ ttl: 0, hostname: hostname(), pid: 3_999_998 });
    expect((await heldBy()).standing).toMatchObject({ holder: 'unknown', takeable: false });
    await put({ ttl: 0, hostname: hostname(), pid: process.pid });
    expect((await heldBy()).standing).toMatchObject({ holder: 'alive' });
  });

  test('another process can look after it, and it can be broken by hand', async () => {
    const { holding } = await taken();
    const hold = new VfsProtocol({ clock, random: systemRandom, platform: 'linux' }).resume(
      JSON.parse(JSON.stringify(holding)),
    );
    expect(await hold.renew?.()).toEqual({ kind: 'ours' });
    const held = await heldBy();
    const theirs = await put();
    expect(await protocol.break(held)).toBe(false);
    expect(await body()).toBe(theirs);
    expect(await protocol.break(await heldBy())).toBe(true);
    expect(await protocol.break(held)).toBe(false);
    expect(await hold.check()).toMatchObject({ kind: 'compromised' });
  });

  test('withLock', async () => {
    const surroundings = { clock: systemClock, random: systemRandom, platform: process.platform };
    expect(await withLock(pathOf(name), body, { surroundings, ownerId: 'scoped' })).toMatchObject({
      kind: 'done',
      result: expect.stringContaining('"ownerId": "scoped"'),
      released: { kind: 'ours' },
    });
    expect(await body()).toBeUndefined();
  });
});

describe('answers that are lost', () => {
  /** Applied to the first so many requests of a method. */
  function lose(method: string, how: 'cut-before' | 'cut-after', times = 1): void {
    let left = times;
    server.inject((request) => {
      if (request.method !== method || left === 0) return undefined;
      left -= 1;
      return how;
    });
  }

  test.each(['cut-before', 'cut-after'] as const)('of a creation: %s', async (how) => {
    lose('PUT', how, 2);
    const hold = await taken();
    expect(await hold.check()).toEqual({ kind: 'ours' });
    expect(await hold.release()).toEqual({ kind: 'ours' });
  });

  test.each(['cut-before', 'cut-after'] as const)('of a takeover: %s', async (how) => {
    await put({ createdAt: '2020-01-01T00:00:00Z' });
    lose('PUT', how, 2);
    const hold = await taken();
    expect(await hold.renew?.()).toEqual({ kind: 'ours' });
    expect(await hold.release()).toEqual({ kind: 'ours' });
  });

  test.each(['cut-before', 'cut-after'] as const)('of a renewal: %s', async (how) => {
    const hold = await taken();
    lose('PUT', how, 1);
    expect(await hold.renew?.()).toEqual({ kind: 'ours' });
    lose('PUT', how, 3);
    expect(await failure(hold.renew?.() ?? Promise.resolve())).toMatchObject({
      problem: 'io',
      temporary: true,
    });
    expect((await tryOnce()).kind).toBe('held');
    expect(await hold.renew?.()).toEqual({ kind: 'ours' });
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(await body()).toBeUndefined();
  });

  test.each(['cut-before', 'cut-after'] as const)(
    'of a release: %s, and it is asked for again',
    async (how) => {
      const hold = await taken();
      lose('DELETE', how);
      expect(await failure(hold.release())).toMatchObject({ problem: 'io', temporary: true });
      expect(await hold.release()).toEqual({ kind: 'ours' });
      expect(await body()).toBeUndefined();
    },
  );

  test('of a creation, each time: the next try knows its own record', async () => {
    lose('PUT', 'cut-after', 3);
    expect(await failure(tryOnce())).toMatchObject({ problem: 'io', temporary: true });
    const first = await body();
    expect(first).toBeDefined();
    clock.aheadMs = 50_000;
    const hold = await taken();
    const [before = '', after = ''] = [first, await body()].map((text) => JSON.parse(text ?? '').createdAt);
    expect(Date.parse(after) - Date.parse(before)).toBeGreaterThanOrEqual(50_000);
    expect(await hold.release()).toEqual({ kind: 'ours' });
  });

  test('of the look after a creation: what was created is removed', async () => {
    let gets = 0;
    server.inject(({ method }) => {
      if (method !== 'GET') return undefined;
      gets += 1;
      return gets === 2 ? 'cut-before' : undefined;
    });
    expect(await failure(tryOnce())).toMatchObject({ problem: 'io' });
    expect(await body()).toBeUndefined();
  });

  test('of the look after a creation and of the removal: the next try knows its own record', async () => {
    let gets = 0;
    server.inject(({ method }) => {
      gets += method === 'GET' ? 1 : 0;
      return gets >= 2 ? 'cut-before' : undefined;
    });
    expect(await failure(tryOnce())).toMatchObject({ problem: 'io' });
    server.inject();
    expect(await body()).toBeDefined();
    expect((await tryOnce()).kind).toBe('acquired');
  });
});

describe('a service that', () => {
  test('ignores conditions: who was written over is told by the look afterwards', async () => {
    server.inject(() => ({ strip: ['if-none-match', 'if-match'] }));
    let first = true;
    clock.whileAsleep = async () => {
      if (!first) return;
      first = false;
      await store.write(`${name}.lock`, '{"hostname":"second","ttl":0}', 'absent');
    };
    expect(await heldBy()).toMatchObject({ host: 'second' });
  });

  test('never matches the version that it gave: a renewal says so', async () => {
    const hold = await taken();
    server.inject(({ method }) =>
      method === 'PUT' ? { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' } : undefined,
    );
    expect(await failure(hold.renew?.() ?? Promise.resolve())).toMatchObject({
      problem: 'io',
      message: expect.stringContaining('If-Match'),
    });
  });

  test.each<[number, string, string]>([
    [403, 'AccessDenied', 'denied'],
    [404, 'NoSuchBucket', 'unsupported'],
    [503, 'SlowDown', 'io'],
  ])('answers %s %s: nothing is held', async (status, code, problem) => {
    server.inject(() => ({ status, body: `<Error><Code>${code}</Code></Error>` }));
    expect(await failure(tryOnce())).toMatchObject({ problem });
  });

  test('refuses a condition on a removal: it is removed after a look', async () => {
    const hold = await taken();
    server.inject(({ method, headers }) =>
      method === 'DELETE' && headers['if-match']
        ? { status: 501, body: '<Error><Code>NotImplemented</Code></Error>' }
        : undefined,
    );
    expect(await hold.release()).toEqual({ kind: 'ours' });
    expect(await body()).toBeUndefined();
  });
});

test.each([
  ['s3://data', 'names no object'],
  ['s3://data/', 'names no object'],
  ['s3://data/folder/', 'names no object'],
  ['s3://data/a%zz', '%25'],
  ['s3://data/key?colour=red', 'not an option'],
  ['s3://data/key#part', 'no meaning'],
])('%s can’t be locked', async (path, words) => {
  const error = await failure(tryOnce({ path }));
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain(words);
});
