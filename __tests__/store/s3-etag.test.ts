import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { S3Store } from '../../src/store/s3.ts';
import { EtagCheck, type Tagged } from '../../src/store/s3-etag.ts';
import { StoreError, type Version } from '../../src/store/store.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';

let server: Awaited<ReturnType<typeof startMiniflareS3>>;
/** Knows nothing of the service yet. */
let store: S3Store;
/** Another client of the same service. */
let other: S3Store;
const environment = { ...process.env };

beforeAll(async () => {
  server = await startMiniflareS3({ clock: true });
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
});
beforeEach(async () => {
  store = await S3Store.open(server.url);
  other = await S3Store.open(server.url);
});
afterEach(() => server.reset());
afterAll(async () => {
  process.env = environment;
  await server.close();
});

let keys = 0;
async function keyWith(body: string): Promise<{ key: string; version: Version }> {
  keys += 1;
  const key = `locks/torn-${keys}.json`;
  const result = await other.write(key, body, 'absent');
  server.reset();
  if (result.kind !== 'written') throw new Error('the fixture was not written');
  return { key, version: result.version };
}

const gets = () => server.requests().filter(({ method }) => method === 'GET').length;

async function failureOf(promise: Promise<unknown>): Promise<StoreError> {
  const failure = await promise.then(
    (value) => `no failure but ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(StoreError);
  return failure as StoreError;
}

/** What a service does that reads body and ETag one after the other, when the other client's write comes in between. */
const TEARS = ['ETag, then body', 'body, then ETag'] as const;

/** The next `times` reads of the key, which begins as `before`, are torn by writes of the other client. */
function tearReads(
  order: (typeof TEARS)[number],
  { key, version, body, times }: { key: string; version: Version; body: string; times: number },
): { now: () => { body: string; version: Version } } {
  let now = { body, version };
  let left = times;
  server.inject(async ({ method }) => {
    if (method !== 'GET' || left === 0) return undefined;
    left -= 1;
    const before = now;
    const next = `{"nonce":"${times - left}"}`;
    const result = await other.write(key, next, before.version);
    if (result.kind !== 'written') throw new Error('nobody else writes there');
    now = { body: next, version: result.version };
    if (order === 'ETag, then body') return { addHeaders: { etag: before.version } };
    return { status: 200, headers: { etag: now.version }, body: before.body };
  });
  return { now: () => now };
}

describe.each(TEARS)('a service that reads %s', (order) => {
  const body = '{"nonce":"0"}';

  test.each([
    ['of which nothing is known', async () => {}],
    ['whose ETag of a write was an MD5', () => store.write(`locks/known-${keys}`, '1', 'absent')],
    ['whose ETag of a read was an MD5', async () => store.read((await keyWith('1')).key)],
  ])('%s: the read is made again', async (_, learn) => {
    const { key, version } = await keyWith(body);
    await learn();
    server.reset();
    const { now } = tearReads(order, { key, version, body, times: 1 });
    expect(await store.read(key)).toMatchObject({ kind: 'found', ...now() });
    expect(now().version).not.toBe(version);
    expect(gets()).toBe(2);
  });

  test('torn once and again and again: what it gives in the end belongs together', async () => {
    const { key, version } = await keyWith(body);
    const { now } = tearReads(order, { key, version, body, times: 3 });
    expect(await store.read(key)).toMatchObject({ kind: 'found', ...now() });
    expect(gets()).toBe(4);
  });

  test('and is torn every time is unavailable, says why, and is soon left alone', async () => {
    const { key, version } = await keyWith(body);
    tearReads(order, { key, version, body, times: 99 });
    const failure = await failureOf(store.read(key));
    expect(failure.kind).toBe('unavailable');
    expect(failure.message).toContain(key);
    expect(failure.message).toContain('body and ETag do not belong together');
    expect(failure.message).toContain('may be tried again');
    expect(gets()).toBe(4);
  });

  test('a write under the version that a read gave replaces the very body that it gave', async () => {
    const { key, version } = await keyWith(body);
    const { now } = tearReads(order, { key, version, body, times: 1 });
    const reading = await store.read(key);
    const replaced = now().body;
    if (reading.kind !== 'found') throw new Error('it is there');
    expect(await store.write(key, '{"nonce":"mine"}', reading.version)).toMatchObject({ kind: 'written' });
    expect(replaced).toBe(reading.body);
  });

  test('a version that is known: the same', async () => {
    const { key, version } = await keyWith(body);
    expect(await store.read(key)).toMatchObject({ version });
    const { now } = tearReads(order, { key, version, body, times: 1 });
    // Of the old version with a newer body, the version is true of a moment ago.
    const reading = await store.read(key, { known: version });
    if (order === 'ETag, then body') expect(reading).toMatchObject({ kind: 'unchanged' });
    else expect(reading).toMatchObject({ kind: 'found', ...now() });
  });
});

test('an ordinary read is one request, the first one too', async () => {
  const { key } = await keyWith('{"nonce":"ü"}');
  expect(await store.read(key)).toMatchObject({ body: '{"nonce":"ü"}' });
  expect(gets()).toBe(1);
});

test('what is no text has an MD5 as well: it is left to the caller to judge it', async () => {
  const body = Buffer.from([0x7b, 0xff, 0xfe, 0x00]);
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  let requests = 0;
  const service = createServer((_, response) => {
    requests += 1;
    response.writeHead(200, { etag }).end(body);
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  try {
    const there = await S3Store.open(`s3://locks?endpoint=http://127.0.0.1:${port}&force-path-style=true`);
    expect(await there.read('key')).toEqual({ kind: 'found', body: body.toString(), version: etag });
    expect(requests).toBe(1);
  } finally {
    service.close();
    service.closeAllConnections();
  }
});

test.each([
  ['SSE-KMS', { 'x-amz-server-side-encryption': 'aws:kms' }],
  ['SSE-KMS in two layers', { 'x-amz-server-side-encryption': 'aws:kms:dsse' }],
  ['SSE-C', { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }],
])('an object under %s is read once and believed, also where other ETags are MD5s', async (_, encryption) => {
  const { key } = await keyWith('{}');
  await store.read(key);
  server.reset();
  const etag = `"${'ab'.repeat(16)}"`;
  server.inject(() => ({ addHeaders: { etag, ...encryption } }));
  expect(await store.read(key)).toMatchObject({ kind: 'found', version: etag });
  expect(gets()).toBe(1);
  expect(await store.write(`${key}.2`, '1', 'absent')).toEqual({ kind: 'written', version: etag });
});

test('an object under SSE-S3 has an MD5', async () => {
  const { key, version } = await keyWith('{}');
  const encryption = { 'x-amz-server-side-encryption': 'AES256' };
  let reads = 0;
  server.inject(() => {
    reads += 1;
    return { addHeaders: { ...encryption, ...(reads === 1 ? { etag: `"${'ab'.repeat(16)}"` } : {}) } };
  });
  expect(await store.read(key)).toMatchObject({ kind: 'found', version });
  expect(gets()).toBe(2);
});

test.each(['"v1"', `"${'ab'.repeat(16)}-2"`, `W/"${'ab'.repeat(16)}"`, `"${'ab'.repeat(20)}"`])(
  'an ETag like %s is no MD5: nothing is asked again',
  async (etag) => {
    const { key } = await keyWith('{}');
    await store.read(key);
    server.reset();
    server.inject(() => ({ addHeaders: { etag } }));
    expect(await store.read(key)).toMatchObject({ kind: 'found', version: etag });
    expect(gets()).toBe(1);
  },
);

describe('a service whose ETags only look like MD5s', () => {
  const random = (): string => `"${randomBytes(16).toString('hex')}"`;

  test('costs one read more, once', async () => {
    const [first, second] = [await keyWith('1'), await keyWith('2')];
    const etags = new Map([first, second].map(({ key }) => [key, random()]));
    server.inject(({ path }) => ({
      addHeaders: { etag: [...etags].find(([key]) => path.includes(key))?.[1] ?? random() },
    }));
    expect(await store.read(first.key)).toMatchObject({ body: '1', version: etags.get(first.key) });
    expect(gets()).toBe(2);
    expect(await store.read(second.key)).toMatchObject({ body: '2', version: etags.get(second.key) });
    expect(await store.read(first.key)).toMatchObject({ body: '1', version: etags.get(first.key) });
    expect(gets()).toBe(4);
  });

  test('takes writes, before and after that is known', async () => {
    const { key } = await keyWith('1');
    const etag = random();
    server.inject(() => ({ addHeaders: { etag } }));
    expect(await store.write(`${key}.2`, '1', 'absent')).toEqual({ kind: 'written', version: etag });
    await store.read(key);
    expect(await store.write(`${key}.3`, '1', 'absent')).toEqual({ kind: 'written', version: etag });
  });

  test('is recognised beside another writer, too, by two equal answers in a row', async () => {
    const { key } = await keyWith('1');
    const etag = random();
    server.inject(() => ({ addHeaders: { etag: gets() === 1 ? random() : etag } }));
    expect(await store.read(key)).toMatchObject({ kind: 'found', body: '1', version: etag });
    expect(gets()).toBe(3);
  });

  test('is not recognised by two different answers', async () => {
    const { key } = await keyWith('1');
    server.inject(() => ({ addHeaders: { etag: random() } }));
    expect(await failureOf(store.read(key))).toMatchObject({ kind: 'unavailable' });
  });
});

test('a write that is answered with the ETag of another may have applied, under a version that is not known', async () => {
  const { key, version } = await keyWith('{"nonce":"theirs"}');
  await store.read(key);
  server.inject(() => ({ addHeaders: { etag: `"${'ab'.repeat(16)}"` } }));
  const failure = await failureOf(store.write(key, '{"nonce":"mine"}', version));
  expect(failure.kind).toBe('indeterminate');
  expect(failure.message).toContain('body and ETag do not belong together');
  expect(failure.message).toContain('reading the key will tell');
});

describe('what is learnt', () => {
  const answer = (body: string, version: string): Tagged => ({
    body: Buffer.from(body),
    version: version as Version,
    headers: {},
  });
  // printf 1 | md5sum
  const [RIGHT, WRONG] = ['c4ca4238a0b923820dcc509a6f75849b', 'c81e728d9d4c2f636f067f89cc14862c'];

  test.each([`"${RIGHT}"`, RIGHT, RIGHT.toUpperCase()])('%s is the MD5 of "1"', (etag) => {
    const check = new EtagCheck();
    expect(check.judge(answer('1', etag))).toBe('together');
    expect(check.judge(answer('1', WRONG))).toBe('apart');
    // The same once more proves nothing any more: something may cache the one and not the other.
    expect(check.judge(answer('1', WRONG), answer('1', WRONG))).toBe('apart');
  });

  test('a match is proof, also after it seemed that ETags are no MD5s', () => {
    const check = new EtagCheck();
    expect(check.judge(answer('1', WRONG))).toBe('unclear');
    expect(check.judge(answer('1', WRONG.replace('c', 'd')), answer('1', WRONG))).toBe('unclear');
    expect(check.judge(answer('3', WRONG), answer('1', WRONG))).toBe('unclear');
    expect(check.judge(answer('1', WRONG), answer('1', WRONG))).toBe('together');
    expect(check.judge(answer('3', WRONG))).toBe('together');
    expect(check.judge(answer('1', RIGHT))).toBe('together');
    expect(check.judge(answer('3', WRONG))).toBe('apart');
  });

  test('nothing, and no harm is done, where there is no MD5', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'leasehold-no-md5-'));
    try {
      const file = join(folder, 'fips.ts');
      await writeFile(file, FIPS);
      const args = [resolve('scripts/typescript.mjs'), file];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      expect(stdout).toBe('no MD5, together\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** A process of its own: FIPS mode is for all of it, and some versions of Node keep what they had before. */
const FIPS = `import { createHash, setFips } from 'node:crypto';
import { EtagCheck } from '${resolve('src/store/s3-etag.ts')}';

setFips(true);
let md5 = 'MD5';
try {
  createHash('md5');
} catch {
  md5 = 'no MD5';
}
const wrong = { body: Buffer.from('1'), version: '${'ab'.repeat(16)}', headers: {} };
process.stdout.write(\`\${md5}, \${new EtagCheck().judge(wrong)}\\n\`);
`;
