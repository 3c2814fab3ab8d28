import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/base/usage-error.ts';
import { S3Store } from '../../src/store/s3.ts';
import { LONGEST_BODY, StoreError, type Version } from '../../src/store/store.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';

let server: Awaited<ReturnType<typeof startMiniflareS3>>;
let store: S3Store;
const environment = { ...process.env };

beforeAll(async () => {
  server = await startMiniflareS3({ clock: true });
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
  // Nothing of the machine that the tests run on.
  process.env.AWS_CONFIG_FILE = '/nonexistent/config';
  process.env.AWS_SHARED_CREDENTIALS_FILE = '/nonexistent/credentials';
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  delete process.env.AWS_REGION;
  delete process.env.AWS_DEFAULT_REGION;
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    delete process.env[name];
    delete process.env[name.toLowerCase()];
  }
  store = await S3Store.open(server.url);
});
afterEach(() => server.reset());
afterAll(async () => {
  process.env = environment;
  await server.close();
});

let keys = 0;
function freshKey(): string {
  keys += 1;
  return `locks/key-${keys}.json`;
}

async function written(key: string, body = '{}'): Promise<Version> {
  const result = await store.write(key, body, 'absent');
  if (result.kind !== 'written') throw new Error('the fixture was not written');
  return result.version;
}

async function failureOf(promise: Promise<unknown>): Promise<StoreError> {
  const failure = await promise.then(
    (value) => `no failure but ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(StoreError);
  return failure as StoreError;
}

/** An error as S3 words it. */
function s3Error(
  status: number,
  code: string,
  { more = '', headers = {}, message = 'Because.', apply = false } = {},
) {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;
  return { status, body, apply, headers: { 'content-type': 'application/xml', ...headers } };
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Starts a server of its own, for what no S3 service does within the tests' reach; it ends with the test. */
async function listening(own: Server | TcpServer): Promise<string> {
  const sockets = new Set<Socket>();
  own.on('connection', (socket: Socket) => sockets.add(socket));
  closers.push(() => {
    own.close();
    for (const socket of sockets) socket.destroy();
  });
  own.listen(0, '127.0.0.1');
  await once(own, 'listening');
  return `127.0.0.1:${(own.address() as AddressInfo).port}`;
}

describe('open', () => {
  test('without a region says what to add', async () => {
    const opening = S3Store.open('s3://locks');
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow('Add ?region=… to the URL, or set AWS_REGION');
  });

  test('sends nothing', async () => {
    await S3Store.open(server.url);
    expect(server.requests()).toEqual([]);
  });

  test('a prefix stands before every key and is not seen', async () => {
    const below = await S3Store.open(server.url.replace('?', '/team%20a/ci?'));
    const key = freshKey();
    await below.write(key, '{"a":1}', 'absent');
    expect(await below.list('')).toEqual([key]);
    expect(await store.list('team a/')).toEqual([`team a/ci/${key}`]);
    expect(await store.read(`team a/ci/${key}`)).toMatchObject({ kind: 'found', body: '{"a":1}' });
  });
});

describe('read', () => {
  test('shows body, version and age by the clock of the store', async () => {
    const key = freshKey();
    const version = await written(key, '{"nonce":"ü"}');
    expect(await store.read(key)).toEqual({
      kind: 'found',
      body: '{"nonce":"ü"}',
      version,
      ageMs: expect.any(Number),
    });
    server.inject(() => ({ addHeaders: { date: new Date(Date.now() + 60_000).toUTCString() } }));
    const reading = await store.read(key);
    const ageMs = reading.kind === 'found' ? reading.ageMs : undefined;
    expect(ageMs).toBeGreaterThanOrEqual(59_000);
    expect(ageMs).toBeLessThanOrEqual(62_000);
  });

  test('of a known version is one GET answered 304, without a body', async () => {
    const key = freshKey();
    const known = await written(key);
    server.reset();
    expect(await store.read(key, { known })).toEqual({ kind: 'unchanged', ageMs: expect.any(Number) });
    expect(server.requests()).toMatchObject([
      { method: 'GET', status: 304, headers: { 'if-none-match': known } },
    ]);
  });

  test('knows the age at a 304 that does not repeat when the version was written', async () => {
    const key = freshKey();
    const known = await written(key);
    const date = new Date(Date.now() + 90_000).toUTCString();
    server.inject(() => ({ status: 304, headers: { etag: known, date } }));
    expect(await store.read(key, { known })).toEqual({ kind: 'unchanged' });
    server.reset();
    await store.read(key);
    server.inject(() => ({ status: 304, headers: { etag: known, date } }));
    const reading = await store.read(key, { known });
    expect(reading).toEqual({ kind: 'unchanged', ageMs: expect.any(Number) });
    expect(reading.kind === 'unchanged' && reading.ageMs).toBeGreaterThanOrEqual(89_000);
  });

  test('is unchanged, too, when a service ignores that the version is known', async () => {
    const key = freshKey();
    const known = await written(key);
    server.reset();
    server.inject(() => ({ strip: ['if-none-match'] }));
    expect(await store.read(key, { known })).toMatchObject({ kind: 'unchanged' });
    expect(server.requests()).toMatchObject([{ status: 200 }]);
  });

  test('of a missing key says what time it is in the store', async () => {
    expect(await store.read(freshKey())).toEqual({ kind: 'absent', storeTimeMs: expect.any(Number) });
  });

  test('tells no time where the service sends no Date', async () => {
    const dateless = await startMiniflareS3();
    const other = await S3Store.open(dateless.url);
    expect(await other.read('missing')).toEqual({ kind: 'absent' });
    await other.write('key', '{}', 'absent');
    expect(await other.read('key')).toEqual({ kind: 'found', body: '{}', version: expect.any(String) });
    await dateless.close();
  });

  test('refuses what is too long, by its length, without reading it', async () => {
    const key = freshKey();
    await written(key, 'x'.repeat(LONGEST_BODY + 1));
    const failure = await failureOf(store.read(key));
    expect(failure).toMatchObject({ kind: 'corrupt', message: expect.stringContaining(key) });
    await written(freshKey(), 'x'.repeat(LONGEST_BODY));
    expect(await store.read(`locks/key-${keys}.json`)).toMatchObject({ kind: 'found' });
  });

  test('refuses what is too long while it comes in, when nobody said how long it is', async () => {
    let cutOff: (() => void) | undefined;
    const cut = new Promise<void>((resolve) => {
      cutOff = resolve;
    });
    const endless = createServer((_, response) => {
      response.writeHead(200, { etag: '"e"' });
      const more = (): void => {
        while (response.write('x'.repeat(16 * 1024)));
      };
      response.on('drain', more).on('close', () => cutOff?.());
      more();
    });
    const other = await S3Store.open(
      `s3://locks?endpoint=http://${await listening(endless)}&force-path-style=true`,
    );
    expect(await failureOf(other.read('key'))).toMatchObject({ kind: 'corrupt' });
    await cut;
  });

  test('is unavailable when the answer breaks off', async () => {
    const breaking = createServer((_, response) => {
      response.writeHead(200, { etag: '"e"', 'content-length': '100' });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    const other = await S3Store.open(
      `s3://locks?endpoint=http://${await listening(breaking)}&force-path-style=true`,
    );
    expect(await failureOf(other.read('key'))).toMatchObject({ kind: 'unavailable' });
  });

  test('stops in the middle of a body when the caller does', async () => {
    const stop = new AbortController();
    const stalling = createServer((_, response) => {
      response.writeHead(200, { etag: '"e"', 'content-length': '100' });
      response.write('half');
      setTimeout(() => stop.abort(new Error('no answer within 50 ms')), 50);
    });
    const other = await S3Store.open(
      `s3://locks?endpoint=http://${await listening(stalling)}&force-path-style=true`,
    );
    const failure = await failureOf(other.read('key', { signal: stop.signal }));
    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('no answer within 50 ms'),
    });
  });

  test('without an ETag is of no use', async () => {
    server.inject(() => ({ status: 200, body: '{}' }));
    expect(await failureOf(store.read(freshKey()))).toMatchObject({ kind: 'misconfigured' });
  });
});

describe('write', () => {
  test('creates once', async () => {
    const key = freshKey();
    expect(await store.write(key, '{"a":1}', 'absent')).toEqual({
      kind: 'written',
      version: expect.any(String),
    });
    expect(await store.write(key, '{"a":2}', 'absent')).toEqual({ kind: 'conflict' });
    expect(await store.read(key)).toMatchObject({ body: '{"a":1}' });
    expect(server.requests()[0]?.headers).toMatchObject({
      'if-none-match': '*',
      'content-type': 'application/json',
    });
  });

  test('replaces at the version and conflicts at any other', async () => {
    const key = freshKey();
    const first = await written(key, '1');
    expect(await store.write(key, '2', first)).toMatchObject({ kind: 'written' });
    expect(await store.write(key, '3', first)).toEqual({ kind: 'conflict' });
    expect(await store.write(freshKey(), '4', first)).toEqual({ kind: 'conflict' });
    expect(await store.read(key)).toMatchObject({ body: '2' });
    expect(server.requests()[1]?.headers['if-match']).toBe(first);
  });

  test('names the version in the dialect that is spoken', async () => {
    const other = await S3Store.open(server.url);
    const key = freshKey();
    const version = await written(key);
    expect(version).toMatch(/^"\w+"$/);
    server.inject(() => ({ status: 412 }));
    other.speak('bare');
    await other.write(key, '2', version);
    other.speak('quoted');
    await other.write(key, '2', version);
    const sent = server.requests().slice(1);
    expect(sent.map(({ headers }) => headers['if-match'])).toEqual([version.replaceAll('"', ''), version]);
    expect(() => other.speak('klingon')).toThrow('quoted, bare');
  });

  test('without an ETag in the answer is of no use', async () => {
    server.inject(() => ({ status: 200 }));
    expect(await failureOf(store.write(freshKey(), '{}', 'absent'))).toMatchObject({ kind: 'misconfigured' });
  });

  test.each(['*', '"*"', '""', '"a", "b"'])(
    '%s is no ETag: it would name any version, or several',
    async (etag) => {
      server.inject(() => ({ status: 200, headers: { etag } }));
      expect(await failureOf(store.write(freshKey(), '{}', 'absent'))).toMatchObject({
        kind: 'misconfigured',
        message: expect.stringContaining('no ETag that can be used'),
      });
      expect(await failureOf(store.read(freshKey()))).toMatchObject({ kind: 'misconfigured' });
    },
  );
});

describe('list and remove', () => {
  test('lists everything below a prefix, page by page, sorted', async () => {
    const names = ['many/a', 'many/b c', 'many/ü', 'many/d/e', 'many/+&'];
    for (const name of names) await store.write(name, name, 'absent');
    server.reset();
    server.inject(() => ({ query: { 'max-keys': '2' } }));
    expect(await store.list('many/')).toEqual([...names].sort());
    expect(server.requests()).toHaveLength(3);
    expect(await store.list('many/d')).toEqual(['many/d/e']);
    expect(await store.list('none/')).toEqual([]);
  });

  test('sorts what a service lists in any order, as S3 Express does', async () => {
    const contents = ['b', 'a', 'c'].map((key) => `<Contents><Key>q/${key}</Key></Contents>`).join('');
    server.inject(() => ({ status: 200, body: `<ListBucketResult>${contents}</ListBucketResult>` }));
    expect(await store.list('q/')).toEqual(['q/a', 'q/b', 'q/c']);
  });

  test('leaves out what is not below the prefix, should a service list it', async () => {
    const contents = ['q/a', 'r/b', ''].map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    server.inject(() => ({
      status: 200,
      body: `<ListBucketResult>${contents}<Contents/></ListBucketResult>`,
    }));
    expect(await store.list('q/')).toEqual(['q/a']);
  });

  test('removes, and what is not there is no error', async () => {
    const key = freshKey();
    await written(key);
    await store.remove(key);
    await store.remove(key);
    expect(await store.read(key)).toMatchObject({ kind: 'absent' });
    server.inject(() => s3Error(404, 'NoSuchKey'));
    await store.remove(key);
  });

  test('removes a version under its condition, for the service to judge', async () => {
    const key = freshKey();
    const version = await written(key);
    server.inject(() => s3Error(412, 'PreconditionFailed'));
    expect(await store.removeVersion(key, version)).toBe('conflict');
    server.inject(() => s3Error(404, 'NoSuchKey'));
    expect(await store.removeVersion(key, version)).toBe('conflict');
    server.inject();
    expect(await store.removeVersion(key, version)).toBe('removed');
    expect(await store.read(key)).toMatchObject({ kind: 'absent' });
    const deletes = server.requests().filter(({ method }) => method === 'DELETE');
    expect(deletes.map(({ headers }) => headers['if-match'])).toEqual([version, version, version]);
    server.inject(() => s3Error(500, 'InternalError'));
    expect(await failureOf(store.removeVersion(key, version))).toMatchObject({ kind: 'unavailable' });
  });
});

describe('what the service answers', () => {
  const create = (): Promise<unknown> => store.write(freshKey(), '{}', 'absent');
  const replace = (): Promise<unknown> => store.write(freshKey(), '{}', '"e"' as Version);
  const read = (): Promise<unknown> => store.read(freshKey());
  const list = (): Promise<unknown> => store.list('queue/');
  const remove = (): Promise<unknown> => store.remove(freshKey());
  const region = { 'x-amz-bucket-region': 'eu-west-1' };

  test.each([
    ['503 SlowDown on a create', create, s3Error(503, 'SlowDown'), 'unavailable', 'did not apply'],
    ['503 SlowDown on a read', read, s3Error(503, 'SlowDown'), 'unavailable', ''],
    ['503 of a gateway on a write', create, { status: 503 }, 'indeterminate', 'reading the key will tell'],
    ['429 on a write', replace, s3Error(429, 'TooManyRequests'), 'unavailable', 'did not apply'],
    ['429 without a body', replace, { status: 429 }, 'unavailable', 'answered 429'],
    ['409 on a create', create, s3Error(409, 'ConditionalRequestConflict'), 'unavailable', 'did not apply'],
    ['409 on a replace', replace, s3Error(409, 'ConditionalRequestConflict'), 'unavailable', 'did not apply'],
    ['400 RequestTimeout on a write', create, s3Error(400, 'RequestTimeout'), 'unavailable', 'did not apply'],
    ['500 on a create', create, s3Error(500, 'InternalError'), 'indeterminate', 'InternalError'],
    ['500 on a replace', replace, s3Error(500, 'InternalError'), 'indeterminate', ''],
    ['502 on a write', replace, { status: 502, body: '<html>Bad Gateway' }, 'indeterminate', ''],
    ['504 on a write', replace, { status: 504 }, 'indeterminate', ''],
    ['500 on a read', read, s3Error(500, 'InternalError'), 'unavailable', 'may be tried again'],
    ['500 on a list', list, s3Error(500, 'InternalError'), 'unavailable', ''],
    ['500 on a remove', remove, s3Error(500, 'InternalError'), 'unavailable', ''],
    ['403 on a read', read, s3Error(403, 'AccessDenied'), 'denied', 's3:GetObject and s3:ListBucket'],
    ['403 on a write', create, s3Error(403, 'AccessDenied'), 'denied', 's3:PutObject'],
    ['403 on a list', list, s3Error(403, 'AccessDenied'), 'denied', 's3:ListBucket'],
    ['403 on a remove', remove, s3Error(403, 'AccessDenied'), 'denied', 's3:DeleteObject'],
    ['400 ExpiredToken', read, s3Error(400, 'ExpiredToken'), 'denied', 'expired'],
    ['403 InvalidAccessKeyId', read, s3Error(403, 'InvalidAccessKeyId'), 'denied', 'AWS_ACCESS_KEY_ID'],
    [
      '403 SignatureDoesNotMatch',
      create,
      s3Error(403, 'SignatureDoesNotMatch'),
      'denied',
      'AWS_SECRET_ACCESS_KEY',
    ],
    ['403 RequestTimeTooSkewed', create, s3Error(403, 'RequestTimeTooSkewed'), 'denied', 'NTP'],
    ['404 NoSuchBucket on a read', read, s3Error(404, 'NoSuchBucket'), 'misconfigured', 'Create the bucket'],
    [
      '404 NoSuchBucket on a create',
      create,
      s3Error(404, 'NoSuchBucket'),
      'misconfigured',
      'Create the bucket',
    ],
    [
      '404 NoSuchBucket on a replace',
      replace,
      s3Error(404, 'NoSuchBucket'),
      'misconfigured',
      'Create the bucket',
    ],
    [
      '404 NoSuchBucket on a remove',
      remove,
      s3Error(404, 'NoSuchBucket'),
      'misconfigured',
      'Create the bucket',
    ],
    [
      '404 of some other server',
      read,
      { status: 404, body: '<html>Not Found' },
      'misconfigured',
      'check the URL',
    ],
    [
      '301',
      read,
      s3Error(301, 'PermanentRedirect', { headers: region }),
      'misconfigured',
      '?region=eu-west-1',
    ],
    ['301 without a region', read, s3Error(301, 'PermanentRedirect'), 'misconfigured', 'another region'],
    [
      '400 for a wrong region',
      create,
      s3Error(400, 'AuthorizationHeaderMalformed', { more: '<Region>eu-central-1</Region>' }),
      'misconfigured',
      '?region=eu-central-1',
    ],
    [
      '501 on a write',
      create,
      s3Error(501, 'NotImplemented'),
      'misconfigured',
      'does not support conditional writes',
    ],
    [
      '400 for anything else',
      create,
      s3Error(400, 'InvalidArgument'),
      'misconfigured',
      'InvalidArgument (Because.)',
    ],
    ['407 of a proxy', create, { status: 407 }, 'denied', 'HTTPS_PROXY'],
  ] as const)('%s', async (_, call, answer, kind, words) => {
    server.inject(() => answer);
    const failure = await failureOf(call());
    expect(failure).toMatchObject({
      kind,
      message: expect.stringContaining(words),
      cause: expect.any(Error),
    });
    expect(failure.message).toMatch(
      /^could not (read|write|list|remove) ".+" in s3:\/\/locks\/ at 127\.0\.0\.1:\d+: /,
    );
    // One attempt: a client that sends again by itself conflicts with itself.
    expect(server.requests()).toHaveLength(1);
  });

  test('404 on a replace is a conflict, for the key is gone', async () => {
    server.inject(() => s3Error(404, 'NoSuchKey'));
    expect(await replace()).toEqual({ kind: 'conflict' });
    expect(await failureOf(create())).toMatchObject({ kind: 'misconfigured' });
  });

  test('a missing key is told by 404 alone: any other answer that says so leaves a replace open, or refuses it', async () => {
    server.inject(() => s3Error(500, 'NoSuchKey'));
    expect(await failureOf(replace())).toMatchObject({ kind: 'indeterminate' });
    expect(await failureOf(remove())).toMatchObject({ kind: 'unavailable' });
    server.inject(() => s3Error(403, 'NoSuchKey'));
    expect(await failureOf(replace())).toMatchObject({ kind: 'denied' });
  });

  test.each([
    ['nested', '<Error><Code><a>1</a></Code><Message><b/></Message><Region><c/></Region></Error>'],
    ['doubled', '<Error><Code>SlowDown</Code><Code>x</Code><Message>a</Message><Message>b</Message></Error>'],
    ['none', 'Bad Gateway'],
  ])('an error whose fields are %s is judged by its status', async (_, body) => {
    server.inject(() => ({ status: 500, body }));
    expect(await failureOf(create())).toMatchObject({ kind: 'indeterminate' });
    server.inject(() => ({ status: 404, body }));
    const failure = await failureOf(read());
    expect(failure).toMatchObject({ kind: 'misconfigured' });
    expect(failure.message).not.toMatch(/\$response|\[object/);
  });

  test.each([
    ['that it never connected', '<Code>x</Code><syscall>connect</syscall>'],
    ['that it timed out', '<Code>TimeoutError</Code><Message>did not establish a connection</Message>'],
    ['that it has no certificate', '<Code>x</Code><code>CERT_HAS_EXPIRED</code>'],
  ])('a success with an error in it leaves a write open, whatever it says: %s', async (_, fields) => {
    server.inject(() => ({ status: 200, body: `<Error>${fields}</Error>` }));
    expect(await failureOf(create())).toMatchObject({ kind: 'indeterminate' });
  });

  test('switching to another protocol is no success, though it has an ETag', async () => {
    const switching = createServer((request) => {
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\netag: "e"\r\nconnection: close\r\n\r\n');
    });
    const url = `s3://locks?endpoint=http://${await listening(switching)}&force-path-style=true`;
    const other = await S3Store.open(url);
    expect(await failureOf(other.write('key', '{}', 'absent'))).toMatchObject({ kind: 'misconfigured' });
    expect(await failureOf(other.read('key'))).toMatchObject({ kind: 'misconfigured' });
  });

  test('an absurd date does not spoil the requests after it', async () => {
    const other = await S3Store.open(server.url);
    server.inject(() => ({ addHeaders: { date: 'Sat, 13 Sep 275760 00:00:00 GMT' } }));
    const key = freshKey();
    expect(await other.write(key, '{}', 'absent')).toMatchObject({ kind: 'written' });
    const reading = await other.read(key);
    expect(reading).toEqual({ kind: 'found', body: '{}', version: expect.any(String) });
  });

  test('a wrong clock is corrected by the time of the answer: the next attempt is signed with it', async () => {
    const other = await S3Store.open(server.url);
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    server.inject(() => s3Error(403, 'RequestTimeTooSkewed', { headers: { date } }));
    const failure = await failureOf(other.read(freshKey()));
    expect(failure).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('NTP') });
    await failureOf(other.read(freshKey()));
    const [first, second] = server
      .requests()
      .map(({ headers }) => String(headers['x-amz-date']).slice(9, 11));
    expect(Number(second)).toBe((Number(first) + 1) % 24);
  });

  test('wrong credentials, as the service itself answers them', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong-secret-key';
    const other = await S3Store.open(server.url);
    const failure = await failureOf(other.write(freshKey(), '{}', 'absent'));
    process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
    expect(failure).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('AWS_SECRET_ACCESS_KEY'),
    });
  });

  test('a missing bucket, as the service itself answers it', async () => {
    const other = await S3Store.open(server.url.replace('s3://locks', 's3://lokcs'));
    expect(await failureOf(other.read('key'))).toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('s3://lokcs/'),
    });
  });

  test('no secret shows in an error, though the service repeats the signed request', async () => {
    process.env.AWS_SESSION_TOKEN = 'session-token-of-the-tests';
    const other = await S3Store.open(server.url);
    server.inject(({ headers }) => {
      const more = `<AWSAccessKeyId>${server.accessKeyId}</AWSAccessKeyId><SignatureProvided>${headers.authorization}</SignatureProvided><CanonicalRequest>x-amz-security-token:${headers['x-amz-security-token']}</CanonicalRequest>`;
      return s3Error(403, 'SignatureDoesNotMatch', { more });
    });
    const shown = inspect(await failureOf(other.write(freshKey(), '{}', 'absent')), {
      depth: null,
      showHidden: true,
    });
    delete process.env.AWS_SESSION_TOKEN;
    expect(server.requests()[0]?.headers['x-amz-security-token']).toBe('session-token-of-the-tests');
    expect(shown).toContain('SignatureDoesNotMatch');
    for (const secret of [
      'session-token-of-the-tests',
      server.secretAccessKey,
      server.accessKeyId,
      'Signature=',
    ]) {
      expect(shown).not.toContain(secret);
    }
  });

  test('a hostile message stays on one line, without commands', async () => {
    server.inject(() => s3Error(403, 'AccessDenied', { message: 'a&#10;::error::b ##[group]' }));
    const { message } = await failureOf(store.read(freshKey()));
    expect(message).not.toMatch(/\n|::error|##\[/);
  });
});

describe('no answer', () => {
  test('cut before the server did it: nobody knows', async () => {
    const key = freshKey();
    server.inject(() => 'cut-before');
    expect(await failureOf(store.write(key, '{}', 'absent'))).toMatchObject({ kind: 'indeterminate' });
    expect(await failureOf(store.read(key))).toMatchObject({ kind: 'unavailable' });
    expect(server.requests()).toHaveLength(2);
    server.reset();
    expect(await store.read(key)).toMatchObject({ kind: 'absent' });
  });

  test('cut after the server did it: nobody knows, and it was sent once', async () => {
    const key = freshKey();
    server.inject(() => 'cut-after');
    expect(await failureOf(store.write(key, '{}', 'absent'))).toMatchObject({ kind: 'indeterminate' });
    expect(server.requests()).toHaveLength(1);
    server.reset();
    expect(await store.read(key)).toMatchObject({ kind: 'found', body: '{}' });
  });

  test('a 500 after it applied: nobody knows', async () => {
    const key = freshKey();
    server.inject(() => s3Error(500, 'InternalError', { apply: true }));
    expect(await failureOf(store.write(key, '{}', 'absent'))).toMatchObject({ kind: 'indeterminate' });
    server.reset();
    expect(await store.read(key)).toMatchObject({ kind: 'found' });
  });

  test('stopped by the caller while under way', async () => {
    const stop = new AbortController();
    server.inject(() => {
      stop.abort(new Error('no answer within 10 s'));
      return 'hang';
    });
    const failure = await failureOf(store.write(freshKey(), '{}', 'absent', { signal: stop.signal }));
    expect(failure).toMatchObject({
      kind: 'indeterminate',
      message: expect.stringContaining('no answer within 10 s'),
    });
  });

  test('stopped by the caller before anything was sent', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'));
    for (const call of [
      store.write(freshKey(), '{}', 'absent', { signal }),
      store.read(freshKey(), { signal }),
      store.list('', { signal }),
      store.remove(freshKey(), { signal }),
    ]) {
      expect(await failureOf(call)).toMatchObject({ kind: 'unavailable' });
    }
    expect(server.requests()).toEqual([]);
  });

  test('within the time that the store gives one attempt', async () => {
    const hasty = await S3Store.open(server.url, { connectMs: 1_000, answerMs: 60 });
    server.inject(() => 'hang');
    expect(await failureOf(hasty.write(freshKey(), '{}', 'absent'))).toMatchObject({ kind: 'indeterminate' });
    expect(await failureOf(hasty.read(freshKey()))).toMatchObject({ kind: 'unavailable' });
  });

  test('a service that says a little again and again, and never all', async () => {
    const tarpit = createTcpServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-more: ');
      const dripping = setInterval(() => socket.write('x'), 10);
      socket.on('error', () => {}).on('close', () => clearInterval(dripping));
    });
    const other = await S3Store.open(
      `s3://locks?endpoint=http://${await listening(tarpit)}&force-path-style=true`,
      {
        connectMs: 1_000,
        answerMs: 60,
      },
    );
    expect(await failureOf(other.write('key', '{}', 'absent'))).toMatchObject({ kind: 'indeterminate' });
  });

  test('a service that falls silent in the middle of a body', async () => {
    const stalling = createServer((_, response) => {
      response.writeHead(200, { etag: '"e"', 'content-length': '100' });
      response.write('half');
    });
    const other = await S3Store.open(
      `s3://locks?endpoint=http://${await listening(stalling)}&force-path-style=true`,
      {
        connectMs: 1_000,
        answerMs: 60,
      },
    );
    expect(await failureOf(other.read('key'))).toMatchObject({ kind: 'unavailable' });
  });

  test.each([
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['ends', (socket: Socket) => socket.end()],
    ['falls silent', () => {}],
  ])(
    'an error that %s in the middle of its body is no answer: its status alone says too little',
    async (_, fail) => {
      const { body, headers } = s3Error(404, 'NoSuchKey');
      const cutting = createServer((_request, response) => {
        response.writeHead(404, { ...headers, 'content-length': body.length });
        response.write(body.slice(0, 60), () => fail(response.socket as Socket));
      });
      const other = await S3Store.open(
        `s3://locks?endpoint=http://${await listening(cutting)}&force-path-style=true`,
        { connectMs: 1_000, answerMs: 100 },
      );
      const failure = await failureOf(other.read('key'));
      expect(failure).toMatchObject({ kind: 'unavailable', message: expect.not.stringContaining('404') });
      expect(failure.message).not.toContain('Deserialization');
      expect(await failureOf(other.write('key', '{}', 'absent'))).toMatchObject({ kind: 'indeterminate' });
      expect(await failureOf(other.list('l'))).toMatchObject({ kind: 'unavailable' });
    },
  );

  test('nobody listens', async () => {
    const unused = createTcpServer();
    const host = await listening(unused);
    await new Promise((resolve) => unused.close(resolve));
    const other = await S3Store.open(`s3://locks?endpoint=http://${host}&force-path-style=true`);
    const failure = await failureOf(other.write('key', '{}', 'absent'));
    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('Nothing was sent'),
    });
  });

  test('no such host', async () => {
    const other = await S3Store.open('s3://locks?endpoint=http://s3.invalid&force-path-style=true');
    const failure = await failureOf(other.write('key', '{}', 'absent'));
    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('Nothing was sent'),
    });
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('a connection that does not come about in time', async () => {
    // A listener that never accepts: once its queue is full, Linux leaves handshakes unanswered.
    const deaf = spawn(process.execPath, [
      '--eval',
      `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        require('node:fs').writeSync(1, String(server.address().port));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`,
    ]);
    closers.push(() => deaf.kill('SIGKILL'));
    const [port] = await once(deaf.stdout, 'data');
    const fillers = Array.from({ length: 4 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
    closers.push(...fillers.map((filler) => () => void filler.destroy()));
    await once(fillers[0] as Socket, 'connect');
    const hasty = await S3Store.open(`s3://locks?endpoint=http://127.0.0.1:${port}&force-path-style=true`, {
      connectMs: 100,
      answerMs: 5_000,
    });
    const failure = await failureOf(hasty.write('key', '{}', 'absent'));
    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('Nothing was sent'),
    });
  });

  test('TLS where none is spoken', async () => {
    const plain = server.url.replace('http%3A', 'https%3A');
    const other = await S3Store.open(plain);
    const failure = await failureOf(other.write('key', '{}', 'absent'));
    expect(failure).toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  test('no credentials', async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    const other = await S3Store.open(server.url);
    const failure = await failureOf(other.write('key', '{}', 'absent'));
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    expect(failure).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('set AWS_ACCESS_KEY_ID'),
    });
    expect(server.requests()).toEqual([]);
  });
});

describe('a proxy', () => {
  let host: string;
  const seen: string[] = [];

  beforeEach(async () => {
    const proxy = createServer((request, response) => {
      seen.push(`${request.method} ${new URL(request.url ?? '').host}`);
      const { method, headers } = request;
      void request.toArray().then(async (chunks) => {
        const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
        const { host: _, connection: __, 'content-length': ___, ...rest } = headers;
        const answer = await fetch(request.url ?? '', {
          method: method ?? 'GET',
          headers: rest as Record<string, string>,
          ...body,
        });
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    });
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url}`);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    });
    host = await listening(proxy);
  });
  afterEach(() => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) delete process.env[name];
    seen.length = 0;
  });

  test('of HTTP_PROXY carries every request', async () => {
    process.env.HTTP_PROXY = `http://${host}`;
    const other = await S3Store.open(server.url);
    const key = freshKey();
    const result = await other.write(key, '{}', 'absent');
    expect(result).toMatchObject({ kind: 'written' });
    expect(await other.read(key)).toMatchObject({ kind: 'found', body: '{}' });
    expect(await other.list('locks/')).toContain(key);
    const target = new URL(server.endpoint).host;
    expect(seen).toEqual([`PUT ${target}`, `GET ${target}`, `GET ${target}`]);
  });

  test('of HTTPS_PROXY is asked for a tunnel, and what it refuses is said', async () => {
    process.env.HTTPS_PROXY = `http://${host}`;
    const other = await S3Store.open('s3://locks?region=eu-west-1');
    const failure = await failureOf(other.write('key', '{}', 'absent'));
    expect(failure).toMatchObject({ kind: 'denied', message: expect.stringContaining('HTTPS_PROXY') });
    expect(seen).toEqual(['CONNECT locks.s3.eu-west-1.amazonaws.com:443']);
  });

  test.each(['socks5://127.0.0.1:1', 'http://me:hidden@[bad'])('that is none is refused: %s', async (url) => {
    process.env.HTTP_PROXY = url;
    const opening = S3Store.open(server.url);
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.not.toThrow('hidden');
  });

  test('is passed by for the hosts of NO_PROXY', async () => {
    process.env.HTTP_PROXY = `http://${host}`;
    process.env.NO_PROXY = 'example.com,127.0.0.1';
    const other = await S3Store.open(server.url);
    expect(await other.read(freshKey())).toMatchObject({ kind: 'absent' });
    expect(seen).toEqual([]);
  });
});
