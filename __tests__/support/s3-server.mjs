/**
 * Real S3 servers for tests and the demo, on this machine and without an account: miniflare (Cloudflare's simulator of R2,
 * which keeps its promises), versitygw 1.8.0 (an S3 gateway to a directory, which keeps them too; needs Go) and s3rver
 * 3.7.1 (which accepts conditional headers and ignores them). In front of miniflare
 * stands a proxy that records every request as the server sees it and injects faults. Plain JavaScript, so that the demo
 * runs it without a compiler.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * One request as it reached the server. `status` is what the client was answered; 0: the connection was cut.
 * @typedef {{ method: string, path: string, headers: import('node:http').IncomingHttpHeaders, body: string, status: number }} RecordedRequest
 *
 * An answer in place of the server's. With `apply` the server gets the request all the same, and its answer is dropped.
 * @typedef {{ status: number, headers?: Record<string, string>, body?: string, apply?: boolean }} InjectedAnswer
 *
 * What to do with a request: `cut-before` it reaches the server, `cut-after` the server has done it, let it `hang`
 * unanswered (`hang-after`: once the server has done it), answer something else, or pass it on: later, without some of its
 * headers, with some set, with more in its query, with headers added to the answer.
 * @typedef {undefined | 'cut-before' | 'cut-after' | 'hang' | 'hang-after' | InjectedAnswer
 *   | { delayMs?: number, strip?: string[], set?: Record<string, string>, query?: Record<string, string>, addHeaders?: Record<string, string> }} Injection
 *
 * @typedef {(request: RecordedRequest) => Injection | Promise<Injection>} OnRequest
 *
 * @typedef {{ url: string, endpoint: string, bucket: string, accessKeyId: string, secretAccessKey: string }} S3Server
 */

const ACCESS_KEY_ID = 'LEASEHOLDTESTKEY';
const SECRET_ACCESS_KEY = 'leasehold-test-secret-access-key';
const REGION = 'us-east-1';
/** Where miniflare serves S3; the endpoint that the clients get has it in its path. */
const MINIFLARE_PATH = '/cdn-cgi/local/r2/s3';

/**
 * miniflare behind the recording proxy. `url` is for `openStore`; the credentials go into `AWS_ACCESS_KEY_ID` and
 * `AWS_SECRET_ACCESS_KEY`. As miniflare itself sends no `Date`, its store has no clock; `clock: true` lets the proxy add
 * the header, as S3 and R2 do.
 * @param {{ bucket?: string, clock?: boolean, hosts?: string[], onRequest?: OnRequest }} [options] `hosts`: under which
 * names or addresses, beside this machine's own, clients may ask for it
 */
export async function startMiniflareS3({ bucket = 'locks', clock = false, hosts = [], onRequest } = {}) {
  const { Miniflare } = await import('miniflare');
  const credentials = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY };
  const miniflare = new Miniflare({
    modules: true,
    script: 'export default { fetch: () => new Response(null, { status: 404 }) }',
    compatibilityDate: '2026-01-01',
    cf: false,
    routes: hosts.map((host) => `${host}/*`),
    r2Buckets: { B: { id: bucket, s3Credentials: credentials } },
  });
  const proxy = await startRecordingProxy(await miniflare.ready, { clock, onRequest });
  const endpoint = `${proxy.origin}${MINIFLARE_PATH}`;
  return {
    ...describe(endpoint, bucket),
    /** What reached the server since the start or the last `reset`. */
    requests: () => [...proxy.recorded],
    /** @param {OnRequest} [hook] decides about each request from now on; none: everything is passed on */
    inject(hook) {
      proxy.onRequest = hook;
    },
    /** Forgets the recorded requests and the hook; what is stored stays. */
    reset() {
      proxy.recorded.length = 0;
      proxy.onRequest = onRequest;
    },
    async close() {
      await proxy.close();
      await miniflare.dispose();
    },
  };
}

/**
 * s3rver 3.7.1, the store that lies: it accepts If-Match and If-None-Match and ignores both. It is no devDependency, for
 * its own dependencies are of 2021 and audits complain about them: the first call installs it below `node_modules/.cache`.
 * It runs as a process of its own.
 * @param {{ bucket?: string }} [options]
 */
export async function startS3rver({ bucket = 'locks' } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'leasehold-s3rver-'));
  const options = [
    '-d',
    directory,
    '-a',
    '127.0.0.1',
    '-p',
    '0',
    '--no-vhost-buckets',
    '--configure-bucket',
    bucket,
  ];
  const child = spawn(process.execPath, ['--no-deprecation', await installedS3rver(), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  const endpoint = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      const port = /listening on [\d.]+:(\d+)/.exec(String(chunk))?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`s3rver ended with exit code ${code} before it listened: ${said}`)),
    );
  });
  return {
    ...describe(endpoint, bucket),
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    async close() {
      child.kill();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function installedS3rver() {
  const prefix = fileURLToPath(new URL('../../node_modules/.cache/s3rver', import.meta.url));
  const executable = join(prefix, 'node_modules/s3rver/bin/s3rver.js');
  if (!existsSync(executable)) {
    const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    await promisify(execFile)('npm', ['install', '--prefix', prefix, ...flags, 's3rver@3.7.1'], {
      shell: process.platform === 'win32',
    });
  }
  return executable;
}

const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';

/**
 * Versity's S3 gateway to a directory of this machine, as a process of its own. It is written in Go: the first call
 * installs it below `node_modules/.cache`, which takes a minute.
 * @param {{ bucket?: string }} [options]
 */
export async function startVersitygw({ bucket = 'locks' } = {}) {
  const executable = await installedVersitygw();
  const directory = await mkdtemp(join(tmpdir(), 'leasehold-versitygw-'));
  // A folder of the root is a bucket.
  await mkdir(join(directory, bucket));
  const port = await freePort();
  const options = ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', directory];
  const child = spawn(executable, options, {
    env: { ...process.env, ROOT_ACCESS_KEY_ID: ACCESS_KEY_ID, ROOT_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  while (!(await listens(port))) {
    if (child.exitCode !== null)
      throw new Error(`versitygw ended with exit code ${child.exitCode} before it listened: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    ...describe(`http://127.0.0.1:${port}`, bucket),
    async close() {
      child.kill();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Why versitygw can't run on this machine; `undefined` when it can. Installs it. */
export async function whyNoVersitygw() {
  try {
    await installedVersitygw();
    return undefined;
  } catch (error) {
    const { code, stderr, message } = /** @type {NodeJS.ErrnoException & { stderr?: string }} */ (error);
    return code === 'ENOENT' ? 'versitygw needs Go' : `versitygw can't be installed: ${stderr || message}`;
  }
}

async function installedVersitygw() {
  const directory = fileURLToPath(new URL('../../node_modules/.cache/versitygw-1.8.0', import.meta.url));
  const executable = join(directory, 'versitygw');
  if (!existsSync(executable)) {
    await promisify(execFile)('go', ['install', VERSITYGW], { env: { ...process.env, GOBIN: directory } });
  }
  return executable;
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * @param {string} endpoint
 * @param {string} bucket
 * @returns {S3Server}
 */
function describe(endpoint, bucket) {
  const query = new URLSearchParams({ endpoint, region: REGION, 'force-path-style': 'true' });
  const url = `s3://${bucket}?${query}`;
  return { url, endpoint, bucket, accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY };
}

/**
 * @param {URL} upstream
 * @param {{ clock: boolean, onRequest?: OnRequest | undefined }} options
 */
export async function startRecordingProxy(upstream, { clock, onRequest }) {
  /** @type {{ recorded: RecordedRequest[], onRequest: OnRequest | undefined }} */
  const state = { recorded: [], onRequest };
  const server = createServer(async (request, response) => {
    // What the server does not send must not be added on the way: Node would add a Date.
    response.sendDate = false;
    try {
      const chunks = await request.toArray();
      const { method = '', url: path = '', headers } = request;
      /** @type {RecordedRequest} */
      const record = { method, path, headers, body: String(Buffer.concat(chunks)), status: 0 };
      state.recorded.push(record);
      const injection = await state.onRequest?.(record);
      await answer({ upstream, record, injection, response, clock });
    } catch {
      request.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return Object.assign(state, {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

/**
 * @param {{ upstream: URL, record: RecordedRequest, injection: Injection, response: import('node:http').ServerResponse, clock: boolean }} exchange
 */
async function answer({ upstream, record, injection, response, clock }) {
  if (injection === 'cut-before') return void response.destroy();
  if (injection === 'hang') return;
  if (injection === 'cut-after' || injection === 'hang-after') {
    await forward(upstream, record);
    if (injection === 'cut-after') response.destroy();
    return;
  }
  if (injection && 'status' in injection) {
    if (injection.apply) await forward(upstream, record);
    record.status = injection.status;
    return void response.writeHead(injection.status, injection.headers).end(injection.body);
  }
  const { delayMs = 0, strip, set, query, addHeaders = {} } = injection ?? {};
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const passed = strip || set || query ? altered(record, { strip, set, query }) : record;
  const { status, headers, body } = await forward(upstream, passed);
  record.status = status;
  const date = clock ? { date: new Date().toUTCString() } : {};
  response.writeHead(status, { ...headers, ...date, ...addHeaders }).end(body);
}

/**
 * @param {URL} upstream
 * @param {RecordedRequest} record
 * @returns {Promise<{ status: number, headers: import('node:http').IncomingHttpHeaders, body: Buffer }>}
 */
async function forward(upstream, { method, path, headers, body }) {
  const { hostname, port } = upstream;
  // The Host header stays the client's, for the signature covers it.
  const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  return {
    status: incoming.statusCode,
    headers: incoming.headers,
    body: Buffer.concat(await incoming.toArray()),
  };
}

/**
 * The request without some headers, with some set and with more in its query, signed anew: the signature covers them all.
 * @param {RecordedRequest} record
 * @param {{ strip?: string[] | undefined, set?: Record<string, string> | undefined, query?: Record<string, string> | undefined }} change
 * @returns {RecordedRequest}
 */
function altered(record, { strip = [], set = {}, query = {} }) {
  const url = new URL(record.path, 'http://unused');
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const headers = Object.fromEntries(
    Object.entries(record.headers).filter(([name]) => !strip.includes(name)),
  );
  const changed = { ...record, path: url.pathname + url.search, headers: { ...headers, ...set } };
  return { ...changed, headers: { ...changed.headers, authorization: authorization(changed) } };
}

/**
 * Signature Version 4 of a request that already has `x-amz-date` and `x-amz-content-sha256`
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 * @param {RecordedRequest} record
 */
function authorization({ method, path, headers }) {
  const { pathname, searchParams } = new URL(path, 'http://unused');
  searchParams.sort();
  const signed = Object.keys(headers)
    .filter((name) => name === 'host' || name.startsWith('x-amz-'))
    .sort();
  const lines = signed.map((name) => `${name}:${headers[name]}`);
  const payload = headers['x-amz-content-sha256'];
  const query = [...searchParams].map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  const canonical = [method, pathname, query, ...lines, '', signed.join(';'), payload].join('\n');
  const time = String(headers['x-amz-date']);
  const scope = [time.slice(0, 8), REGION, 's3', 'aws4_request'];
  const digest = createHash('sha256').update(canonical).digest('hex');
  const key = scope.reduce(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    Buffer.from(`AWS4${SECRET_ACCESS_KEY}`),
  );
  const signature = createHmac('sha256', key)
    .update(['AWS4-HMAC-SHA256', time, scope.join('/'), digest].join('\n'))
    .digest('hex');
  return `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/${scope.join('/')}, SignedHeaders=${signed.join(';')}, Signature=${signature}`;
}
