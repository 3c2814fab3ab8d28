import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { S3Store } from '../../src/store/s3.ts';
import {
  type Reading,
  StoreError,
  type StoreErrorKind,
  type Version,
  type WriteResult,
} from '../../src/store/store.ts';
import { catches, holds } from './fuzz.ts';
import { harmIn } from './hostile.ts';
import { type Answer, AnsweringServer, answer, hasHead, headerOf, isWhole } from './s3-answers.ts';

/*
 * Whatever a service answers, each call of the store ends, soon after its signal at the latest, with an outcome of the
 * contract or with a StoreError of a kind that is true.
 */

const KINDS: readonly StoreErrorKind[] = [
  'unavailable',
  'denied',
  'misconfigured',
  'corrupt',
  'indeterminate',
];
const CUT_AFTER_MS = 40;
/** How much later than its signal a call may end, on a machine that is busy with other tests. */
const PATIENCE_MS = 2_000;

const server = new AnsweringServer();
const environment = { ...process.env };
let url = '';

beforeAll(async () => {
  for (const name of Object.keys(process.env)) if (/^AWS_|_PROXY$/i.test(name)) delete process.env[name];
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
  url = `s3://locks/fuzz?force-path-style=true&endpoint=${await server.listen()}`;
  // The SDK loads much of itself at its first request.
  server.answers = [RIGHT];
  await (await S3Store.open(url)).read('key');
});
afterAll(() => {
  process.env = environment;
  server.close();
});

type Outcome<T> = { readonly value: T } | { readonly error: StoreError };
/** What the properties call: the store, or one with a mistake. */
type Calls = Pick<S3Store, 'read' | 'write' | 'list' | 'remove'>;

/** How one call ended. What is no StoreError, and what does not end, fails the property. */
async function ended<T>(
  call: (signal: AbortSignal) => Promise<T>,
  cutAfterMs = CUT_AFTER_MS,
): Promise<Outcome<T>> {
  const stop = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const late = new Promise<never>((_, reject) => {
    timers.push(setTimeout(() => stop.abort(new Error('cut')), cutAfterMs));
    timers.push(setTimeout(() => reject(new Error('it hangs past its signal')), cutAfterMs + PATIENCE_MS));
  });
  try {
    return { value: await Promise.race([call(stop.signal), late]) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (!KINDS.includes(error.kind)) throw new Error(`there is no kind ${error.kind}`);
    const harm = harmIn(error.message);
    if (harm) throw new Error(`it says ${harm}`);
    return { error };
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** Says what came out when it is wrong, which the counterexample alone does not. */
function isRight(outcome: Outcome<unknown>, right: boolean, mostSent = 1): boolean {
  // One that was cut may arrive later.
  const sent = server.received.filter(({ path }) => path.includes(`/key-${keys}?`)).length;
  // Cut before it was sent, or read, on a machine that is busy with other tests.
  const cut =
    sent === 0 && 'error' in outcome && ['unavailable', 'indeterminate'].includes(outcome.error.kind);
  if (cut || (right && sent >= 1 && sent <= mostSent)) return true;
  const how =
    'error' in outcome ? `${outcome.error.kind}: ${outcome.error.message}` : JSON.stringify(outcome.value);
  throw new Error(`after ${sent} requests: ${how}`);
}

const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300;
/** An entity tag by which a later write can name this very version: `*` would name any. */
const isUsable = (etag: string | undefined): etag is string =>
  etag !== undefined && /^(W\/)?("[^"*,\s]+"|[^"*,\s]+)$/.test(etag);

const counted = new Map<string, number>();
const count = (what: string): void => void counted.set(what, (counted.get(what) ?? 0) + 1);

type Opened = () => Promise<Calls>;
let keys = 0;

function rightOfWrite(given: Answer, outcome: Outcome<WriteResult>, expected: Version | 'absent'): boolean {
  if ('value' in outcome) {
    count(outcome.value.kind);
    if (outcome.value.kind === 'written') {
      return (
        hasHead(given) &&
        isSuccess(given) &&
        isUsable(headerOf(given, 'etag')) &&
        outcome.value.version === headerOf(given, 'etag')
      );
    }
    return given.status === 412 || (given.status === 404 && expected !== 'absent');
  }
  count(outcome.error.kind);
  // It was sent. Only an answer that refuses it says that it did not apply; an error of the service's own says nothing.
  const refused = hasHead(given) && !isSuccess(given);
  const busy = given.status < 500 || /SlowDown|RequestTime/.test(given.body);
  switch (outcome.error.kind) {
    case 'unavailable':
      return refused && busy;
    case 'denied':
      return refused;
    case 'misconfigured':
      return refused || (isSuccess(given) && !isUsable(headerOf(given, 'etag')));
    case 'indeterminate':
      return true;
    case 'corrupt':
      return false;
  }
}

const versions = fc.constantFrom('absent' as const, '"0123456789abcdef0123456789abcdef"' as Version);

const tellsWrites = (open: Opened) =>
  fc.asyncProperty(answer, versions, async (given, expected) => {
    server.answers = [given];
    const store = await open();
    keys += 1;
    const outcome = await ended((signal) => store.write(`key-${keys}`, '{"nonce":1}', expected, { signal }));
    return isRight(outcome, rightOfWrite(given, outcome, expected));
  });

function rightOfRead(given: Answer, outcome: Outcome<Reading>, known: Version | undefined): boolean {
  if ('error' in outcome) {
    count(outcome.error.kind);
    return outcome.error.kind !== 'indeterminate';
  }
  const reading = outcome.value;
  count(reading.kind);
  const date = headerOf(given, 'date');
  const isDate = (text: string | undefined): boolean =>
    text !== undefined && /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(text);
  switch (reading.kind) {
    case 'absent':
      return (
        given.status === 404 &&
        (reading.storeTimeMs === undefined || (isDate(date) && Number.isFinite(reading.storeTimeMs)))
      );
    case 'unchanged':
      if (known === undefined || (given.status !== 304 && headerOf(given, 'etag') !== known)) return false;
      break;
    case 'found':
      if (
        !isSuccess(given) ||
        !(isWhole(given) || given.status === 204) ||
        reading.version !== headerOf(given, 'etag') ||
        !isUsable(reading.version)
      )
        return false;
      if (
        given.status !== 204 &&
        !given.gzip &&
        given.delivery !== 'more-than-said' &&
        reading.body !== Buffer.from(given.body).toString('utf8')
      )
        return false;
  }
  const { ageMs } = reading;
  if (ageMs === undefined) return true;
  return Number.isFinite(ageMs) && ageMs >= 0 && isDate(date) && isDate(headerOf(given, 'last-modified'));
}

const tellsReads = (open: Opened) =>
  fc.asyncProperty(answer, fc.constantFrom(undefined, '"e"' as Version), async (given, known) => {
    server.answers = [given];
    const store = await open();
    keys += 1;
    const outcome = await ended((signal) =>
      store.read(`key-${keys}`, { signal, ...(known ? { known } : {}) }),
    );
    // What looks like an MD5 and is not that of the body may be torn: until the same answer has come twice.
    const mayBeTorn = /^"?[\da-f]{32}"?$/i.test(headerOf(given, 'etag') ?? '');
    return isRight(outcome, rightOfRead(given, outcome, known), mayBeTorn ? 2 : 1);
  });

const RIGHT: Answer = {
  status: 200,
  headers: [
    ['etag', '"right"'],
    ['date', 'Sun, 01 Mar 2026 12:00:05 GMT'],
    ['last-modified', 'Sun, 01 Mar 2026 12:00:00 GMT'],
  ],
  body: '{"right":true}',
  gzip: false,
  delivery: 'right',
};

describe('a service that answers anything', () => {
  const fresh: Opened = () => S3Store.open(url);
  let shared: Promise<S3Store> | undefined;
  const one: Opened = () => {
    shared ??= S3Store.open(url);
    return shared;
  };

  test('a write is written, a conflict or open only if the answer says so', async () => {
    counted.clear();
    await holds(tellsWrites(one), 800);
    for (const what of ['written', 'conflict', 'unavailable', 'denied', 'misconfigured', 'indeterminate'])
      expect([what, counted.get(what) ?? 0]).toEqual([what, expect.any(Number)]);
    expect([...counted.keys()].sort()).toEqual([
      'conflict',
      'denied',
      'indeterminate',
      'misconfigured',
      'unavailable',
      'written',
    ]);
  });

  test('a read is found, unchanged or absent only if the answer says so, and an age is a true one', async () => {
    counted.clear();
    await holds(tellsReads(one), 600);
    expect([...counted.keys()].sort()).toEqual([
      'absent',
      'corrupt',
      'denied',
      'found',
      'misconfigured',
      'unavailable',
      'unchanged',
    ]);
  });

  test('a list is a list of keys below the prefix, in finite time', async () => {
    const lists = fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 3 }), async (given) => {
      server.answers = given;
      const store = await one();
      const outcome = await ended((signal) => store.list('queue/', { signal }));
      if ('error' in outcome) return outcome.error.kind !== 'indeterminate';
      return outcome.value.every((key) => typeof key === 'string' && key.startsWith('queue/'));
    });
    await holds(lists, 200);
  });

  test('a removal succeeds only on a success, or where nothing is', async () => {
    const removes = fc.asyncProperty(answer, async (given) => {
      server.answers = [given];
      const store = await one();
      const outcome = await ended((signal) => store.remove('key', { signal }));
      return 'error' in outcome
        ? outcome.error.kind !== 'indeterminate'
        : isSuccess(given) || given.status === 404;
    });
    await holds(removes, 200);
  });

  test('what it said before does not matter once it answers right', async () => {
    const recovers = fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 3 }), async (given) => {
      const store = await fresh();
      for (const each of given) {
        server.answers = [each];
        await ended((signal) => store.read('key', { signal }));
      }
      server.answers = [RIGHT];
      const reading = await ended((signal) => store.read('key', { signal }), PATIENCE_MS);
      server.answers = [{ ...RIGHT, headers: [['etag', '"next"']], body: '' }];
      const write = (signal: AbortSignal) => store.write('key', '{}', '"right"' as Version, { signal });
      expect([reading, await ended(write, PATIENCE_MS)]).toEqual([
        { value: { kind: 'found', body: RIGHT.body, version: '"right"', ageMs: 5_000 } },
        { value: { kind: 'written', version: '"next"' } },
      ]);
    });
    await holds(recovers, 80);
  });
});

describe('that would not pass for a store that', () => {
  const variant =
    (change: (store: S3Store) => Partial<Calls>): Opened =>
    async () => {
      const store = await S3Store.open(url);
      const right: Calls = {
        read: (key, options) => store.read(key, options),
        write: (key, body, expected, options) => store.write(key, body, expected, options),
        list: (prefix, options) => store.list(prefix, options),
        remove: (key, options) => store.remove(key, options),
      };
      return { ...right, ...change(store) };
    };
  const onFault = (judge: (error: StoreError) => WriteResult): Opened =>
    variant((store) => ({
      write: (...call) =>
        store.write(...call).catch((error: unknown) => {
          if (error instanceof StoreError) return judge(error);
          throw error;
        }),
    }));
  const as = (error: StoreError, kind: StoreErrorKind): never => {
    throw new StoreError(kind, error.message);
  };

  test.each<[string, Opened]>([
    [
      'takes every 4xx for a conflict',
      onFault((error) => (/answered 4/.test(error.message) ? { kind: 'conflict' } : as(error, error.kind))),
    ],
    [
      'takes 409 for a conflict',
      onFault((error) => (/answered 409/.test(error.message) ? { kind: 'conflict' } : as(error, error.kind))),
    ],
    [
      'takes what is open for not applied',
      onFault((error) => as(error, error.kind === 'indeterminate' ? 'unavailable' : error.kind)),
    ],
    [
      'takes what is open for written',
      onFault((error) =>
        error.kind === 'indeterminate'
          ? { kind: 'written', version: '"e"' as Version }
          : as(error, error.kind),
      ),
    ],
    [
      'needs no ETag',
      onFault((error) =>
        /no ETag/.test(error.message) ? { kind: 'written', version: '' as Version } : as(error, error.kind),
      ),
    ],
    [
      'sends again by itself',
      variant((store) => ({ write: (...call) => store.write(...call).catch(() => store.write(...call)) })),
    ],
    [
      'shows what the service says as it is',
      onFault((error) => {
        throw new StoreError(error.kind, `${error.message} \u001b[2J`);
      }),
    ],
    ['hangs', variant((store) => ({ write: (key, body, expected) => store.write(key, body, expected) }))],
  ])('%s', async (_, open) => {
    expect(await catches(tellsWrites(open), 2_000)).toBe(true);
  });

  test.each<[string, Opened]>([
    [
      'takes any 404 and 403 for absent',
      variant((store) => ({
        read: (...call) =>
          store.read(...call).catch((error: StoreError) => {
            if (/answered 40[34]/.test(error.message)) return { kind: 'absent' as const };
            throw error;
          }),
      })),
    ],
    [
      'tells an age without a clock',
      variant((store) => ({
        read: async (...call) => {
          const reading = await store.read(...call);
          return reading.kind === 'found' ? { ageMs: 0, ...reading } : reading;
        },
      })),
    ],
    [
      'takes half a body for one',
      variant((store) => ({
        read: (...call) =>
          store.read(...call).catch((error: StoreError) => {
            if (error.kind === 'unavailable')
              return { kind: 'found' as const, body: '{', version: '"e"' as Version };
            throw error;
          }),
      })),
    ],
  ])('%s', async (_, open) => {
    expect(await catches(tellsReads(open), 2_000)).toBe(true);
  });
});
