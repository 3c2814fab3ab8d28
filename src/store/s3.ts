import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import {
  type $Command,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import { type Clock, systemClock } from '../base/clock.ts';
import { parseHttpDate } from '../base/http-date.ts';
import { proxyAgents } from '../base/proxy.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { EtagCheck, type Tagged } from './s3-etag.ts';
import { parseS3Url, type S3Location } from './s3-location.ts';
import type { Credentials, Role } from './s3-role.ts';
import type { RoleSession } from './s3-session.ts';
import {
  LONGEST_BODY,
  type Reading,
  type ReadOptions,
  refuseAborted,
  type Store,
  StoreError,
  type StoreErrorKind,
  type Version,
  type WriteOptions,
  type WriteResult,
} from './store.ts';

/** How long one attempt may take where the caller's signal does not end it earlier, in milliseconds. */
export interface S3Limits {
  readonly connectMs: number;
  /** Until the answer begins, and again for each silence within it. */
  readonly answerMs: number;
}

const LIMITS: S3Limits = { connectMs: 5_000, answerMs: 15_000 };

/** How a store is reached, beside what its URL says. Nothing in it is a secret. */
export interface S3Access {
  /** Where the URL names none. */
  readonly region?: string;
  /** Absent: credentials come from the SDK's default chain. */
  readonly role?: Role;
}

/** How many answers one read asks for, at once, until body and ETag of one belong together. */
const MOST_READS = 4;

type Dialect = 'quoted' | 'bare';

/**
 * Amazon S3 and services that speak like it. Versions are ETags, writes are conditional PutObjects, and the store's clock
 * is the `Date` header of each answer (whole seconds).
 *
 * An ETag is the MD5 of the body, so a body must never come twice under one key: the lease's nonce sees to that.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export class S3Store implements Store {
  readonly remoteClock: boolean;
  readonly url: string;
  readonly dialects: readonly Dialect[] = ['quoted', 'bare'];
  readonly #client: S3Client;
  readonly #location: S3Location;
  readonly #session: RoleSession<Credentials> | undefined;
  /** When the version last seen of each key was written: a 304 need not repeat Last-Modified (RFC 9110, 15.4.5). */
  readonly #modified = new Map<string, { version: Version; modifiedMs: number }>();
  readonly #etags = new EtagCheck();
  #dialect: Dialect = 'quoted';

  private constructor(
    url: string,
    client: S3Client,
    { location, session }: { location: S3Location; session: RoleSession<Credentials> | undefined },
  ) {
    this.url = url;
    this.#client = client;
    this.#session = session;
    this.#location = location;
    // AWS's own clock is trusted not to jump; who runs another service is not known.
    this.remoteClock = location.endpoint !== undefined;
  }

  /**
   * Nothing is sent yet. Credentials are looked for when the first request needs them.
   * @param url `s3://bucket/prefix?region=…&endpoint=…&force-path-style=true`
   * @throws UsageError when the URL is not understood, or no region is known
   */
  static async open(
    url: string,
    access: S3Access & Partial<S3Limits> & { readonly clock?: Clock } = {},
  ): Promise<S3Store> {
    const { region: given, role, clock, ...limits } = { ...LIMITS, clock: systemClock, ...access };
    const location = parseS3Url(url, given ? { ...process.env, AWS_REGION: given } : process.env);
    const { bucket, region, endpoint, forcePathStyle } = location;
    // It warns of what later versions of the SDK will need; which one is bundled is our business, not the user's.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const session = role ? await sessionOf(role, region, clock) : undefined;
    const client = new S3Client({
      ...(region ? { region } : {}),
      ...(endpoint ? { endpoint: endpoint.href } : {}),
      ...(session ? { credentials: providerOf(session) } : {}),
      forcePathStyle,
      // A retry of a write that did apply answers 412: the caller would be locked out by its own lease.
      maxAttempts: 1,
      // Compatible services refuse the checksums that the SDK adds otherwise.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: limits.connectMs,
        requestTimeout: limits.answerMs,
        throwOnRequestTimeout: true,
        socketTimeout: limits.answerMs,
        ...(await proxyAgents(
          endpoint ?? new URL(`https://${bucket}.s3.${region ?? 'us-east-1'}.amazonaws.com`),
        )),
      },
    });
    await client.config.region().catch((cause: unknown) => {
      throw new UsageError('store: the region is not known. Add ?region=… to the URL, or set AWS_REGION.', {
        cause,
      });
    });
    return new S3Store(url, client, { location, session });
  }

  speak(dialect: string): void {
    const known = this.dialects.find((name) => name === dialect);
    if (!known) throw new TypeError(`${quote(dialect)} is not a dialect of S3: ${this.dialects.join(', ')}`);
    this.#dialect = known;
  }

  /** One request. A torn answer is no answer yet, so it is asked for again, but not for long. */
  async read(key: string, { known, signal }: ReadOptions = {}): Promise<Reading> {
    const call: Call = { action: 'read', key, signal };
    let torn: Tagged | undefined;
    for (let reads = 0; reads < MOST_READS; reads += 1) {
      const answer = await this.#get(call, known);
      if (answer.kind !== 'tagged') return answer;
      if (this.#etags.judge(answer, torn) === 'together') {
        const { body, version, headers } = answer;
        return { kind: 'found', body: body.toString('utf8'), version, ...this.#age(key, version, headers) };
      }
      torn = answer;
    }
    throw this.#torn(call, 'unavailable', TORN_READ);
  }

  async #get(
    call: Call,
    known: Version | undefined,
  ): Promise<Bodiless | ({ readonly kind: 'tagged' } & Tagged)> {
    const condition = known ? { IfNoneMatch: this.#spoken(known) } : {};
    const command = new GetObjectCommand({ ...this.#object(call.key), ...condition });
    const exchange = await this.#exchange(call, command);
    if (exchange.kind === 'refused') {
      if (exchange.status === 304 && known)
        return { kind: 'unchanged', ...this.#age(call.key, known, exchange.headers) };
      if (isNoSuchKey(exchange)) return absent(exchange.headers);
      throw this.#refusal(call, exchange);
    }
    const { output, headers } = exchange;
    const body = await this.#body(call, output.Body, output.ContentLength);
    const version = this.#version(call, output.ETag);
    if (version === known) return { kind: 'unchanged', ...this.#age(call.key, version, headers) };
    return { kind: 'tagged', body, version, headers };
  }

  async write(
    key: string,
    body: string,
    expected: Version | 'absent',
    { signal }: WriteOptions = {},
  ): Promise<WriteResult> {
    const call: Call = { action: 'write', key, signal };
    const condition = expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: this.#spoken(expected) };
    const object = { ...this.#object(key), ContentType: 'application/json', Body: body };
    const exchange = await this.#exchange(call, new PutObjectCommand({ ...object, ...condition }));
    if (exchange.kind === 'done') {
      const version = this.#version(call, exchange.output.ETag);
      const bond = this.#etags.judge({ body: Buffer.from(body), version, headers: exchange.headers });
      // Who takes the version of another's write for its own writes over it next time.
      if (bond === 'apart') throw this.#torn(call, 'indeterminate', OPEN.advice);
      return { kind: 'written', version };
    }
    if (exchange.status === 412) return { kind: 'conflict' };
    // S3 answers 404 instead of 412 when the key that should match is gone.
    if (isNoSuchKey(exchange) && expected !== 'absent') return { kind: 'conflict' };
    throw this.#refusal(call, exchange);
  }

  async list(prefix: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<string[]> {
    const call: Call = { action: 'list', key: prefix, signal };
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = { Bucket: this.#location.bucket, Prefix: this.#location.prefix + prefix };
      const command = new ListObjectsV2Command({ ...page, ...(token ? { ContinuationToken: token } : {}) });
      const exchange = await this.#exchange(call, command);
      if (exchange.kind === 'refused') throw this.#refusal(call, exchange);
      for (const { Key: key = '' } of exchange.output.Contents ?? [])
        if (key.startsWith(page.Prefix)) keys.push(key.slice(this.#location.prefix.length));
      token = exchange.output.NextContinuationToken;
    } while (token);
    return keys.sort();
  }

  async remove(key: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const call: Call = { action: 'remove', key, signal };
    const exchange = await this.#exchange(call, new DeleteObjectCommand(this.#object(key)));
    if (exchange.kind === 'refused' && !isNoSuchKey(exchange)) throw this.#refusal(call, exchange);
    this.#modified.delete(key);
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
  async removeVersion(
    key: string,
    expected: Version,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<'removed' | 'conflict'> {
    const call: Call = { action: 'remove', key, signal };
    const condition = { IfMatch: this.#spoken(expected) };
    const exchange = await this.#exchange(
      call,
      new DeleteObjectCommand({ ...this.#object(key), ...condition }),
    );
    if (exchange.kind === 'refused') {
      if (exchange.status === 412 || isNoSuchKey(exchange)) return 'conflict';
      throw this.#refusal(call, exchange);
    }
    this.#modified.delete(key);
    return 'removed';
  }

  /**
   * One attempt. An answer of any status comes back as a value, with its headers, for the SDK's own errors lack them.
   * @throws StoreError when there was no answer, or no credentials
   */
  async #exchange<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    call: Call,
    command: $Command<Input, Output, S3ClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>,
  ): Promise<Exchange<Output>> {
    refuseAborted(call.signal, this.url, call.key);
    let answer: (Answer & { readonly isWhole: () => boolean }) | undefined;
    let fault: { readonly error: unknown } | undefined;
    let stage = 'unsent' as Silence['stage'];
    // The innermost step: the request is signed before it, the answer is read after it, and no layer of the SDK has wrapped
    // the error of a connection yet.
    command.middlewareStack.add(
      (next) => async (request) => {
        stage = 'sent';
        try {
          const result = await next(request);
          const { statusCode: status, headers, body } = result.response as RawResponse;
          answer = { status, headers, isWhole: () => body.complete };
          // The SDK signs the next request by it, and one that is no date ends that, and all after it.
          if (parseHttpDate(headers.date) === undefined) delete headers.date;
          stage = 'answered';
          return result;
        } catch (error) {
          fault = { error };
          throw error;
        }
      },
      { step: 'deserialize', priority: 'low', name: 'leaseholdAnswer' },
    );
    try {
      const output = await orAborted(
        call.signal,
        this.#client.send(command, call.signal ? { abortSignal: call.signal } : {}),
      );
      if (answer && isSuccess(answer)) return { kind: 'done', output, headers: answer.headers };
    } catch (error) {
      // There are no credentials, and why not is said already.
      if (error instanceof StoreError || error instanceof UsageError) throw error;
      // Which 404 it is, or which 403, only the body says.
      if (answer && !isSuccess(answer) && answer.isWhole())
        return { kind: 'refused', ...answer, ...detailsOf(error) };
      const said = stage === 'answered' ? detailsOf(error).error : fault ? fault.error : error;
      throw silence(this.#subject(call), { call, stage, error: said });
    }
    // The SDK takes 1xx for a success.
    return { kind: 'refused', status: 0, headers: {}, ...answer, ...detailsOf(new Error('')) };
  }

  /** A longer body than a record's is refused: by its Content-Length before it is read, and without one while it is. */
  async #body(call: Call, body: unknown, length = 0): Promise<Buffer> {
    if (!(body instanceof Readable)) return Buffer.alloc(0);
    if (length > LONGEST_BODY) {
      body.destroy();
      throw this.#tooLong(call);
    }
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of body) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LONGEST_BODY) break;
      }
    } catch (error) {
      throw silence(this.#subject(call), { call, stage: 'answered', error });
    }
    if (size > LONGEST_BODY) throw this.#tooLong(call);
    return Buffer.concat(chunks);
  }

  #tooLong(call: Call): StoreError {
    const advice = 'so it is no record. Look at it and move it away, or use another prefix.';
    return new StoreError(
      'corrupt',
      `${this.#subject(call)}: it has more than ${LONGEST_BODY} bytes, ${advice}`,
    );
  }

  #torn(call: Call, kind: StoreErrorKind, advice: string): StoreError {
    const what = 'body and ETag do not belong together, as if they were of two different writes';
    return new StoreError(kind, `${this.#subject(call)}: ${what}. ${advice}`);
  }

  #object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#location.bucket, Key: this.#location.prefix + key };
  }

  /** Ceph RGW never matches the quoted ETag that it gave, only the bare one; S3 and R2 want the quotes. */
  #spoken(version: Version): string {
    switch (this.#dialect) {
      case 'quoted':
        return version;
      case 'bare':
        return version.replace(/^"|"$/g, '');
    }
  }

  #version(call: Call, etag: string | undefined): Version {
    if (etag && USABLE_ETAG.test(etag)) return etag as Version;
    throw new StoreError(
      'misconfigured',
      `${this.#subject(call)}: the answer has no ETag${etag ? ` that can be used, but ${quote(etag)}` : ''}, and without one nothing can be locked. Is something between here and the service that ${etag ? 'changes' : 'removes'} it?`,
    );
  }

  /** How old a version is by the store's own clock; nothing where the service sends no Date. */
  #age(key: string, version: Version, headers: Headers): { ageMs?: number } {
    const dateMs = parseHttpDate(headers.date);
    const seen = this.#modified.get(key);
    const modifiedMs =
      parseHttpDate(headers['last-modified']) ?? (seen?.version === version ? seen.modifiedMs : undefined);
    if (modifiedMs !== undefined) this.#modified.set(key, { version, modifiedMs });
    // Two of the service's machines may disagree by a little.
    return dateMs === undefined || modifiedMs === undefined
      ? {}
      : { ageMs: Math.max(0, dateMs - modifiedMs) };
  }

  #refusal(call: Call, refused: Refused): StoreError {
    const { kind, advice } = this.#outlived(refused) ?? judge(call, refused);
    const { status, code, message, error } = refused;
    const answered = `answered ${status}${code ? ` ${sanitise(code)}` : ''}${message ? ` (${sanitise(message)})` : ''}`;
    return new StoreError(kind, `${this.#subject(call)}: the service ${answered}. ${advice}`, {
      cause: error,
    });
  }

  /** What was had by a role is had anew by the next call. */
  #outlived({ code }: Refused): Judgement | undefined {
    const expired = EXPIRED.includes(code);
    if (!this.#session || !(expired || UNKNOWN.includes(code))) return undefined;
    this.#session.forget();
    if (expired) return { kind: 'unavailable', advice: 'New ones are asked for at the next try.' };
    const advice =
      'The service does not accept the credentials of the role. Did another one give them? Check AWS_ENDPOINT_URL_STS.';
    return { kind: 'denied', advice };
  }

  #subject({ action, key }: Call): string {
    const { bucket, prefix, endpoint } = this.#location;
    const place = `s3://${bucket}/${prefix}${endpoint ? ` at ${endpoint.host}` : ''}`;
    return `could not ${action} ${quote(key)} in ${sanitise(place)}`;
  }
}

/** @throws UsageError without a region: there is an STS in each */
async function sessionOf(
  role: Role,
  region: string | undefined,
  clock: Clock,
): Promise<RoleSession<Credentials>> {
  if (!region) {
    throw new UsageError(
      'aws-region: is missing, and the URL of the store names no region either. role-to-assume needs one of them.',
    );
  }
  const { assumeRole } = await import('./s3-role.ts');
  return assumeRole(role, { region, environment: process.env, clock });
}

/** Marked as one that remembers: the SDK would remember, too, and judge what is expired by the wall clock. */
function providerOf(session: RoleSession<Credentials>): () => Promise<Credentials> {
  return Object.assign(() => session.credentials(), { memoized: true });
}

/** The SDK hears of no signal while it waits for credentials. */
async function orAborted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** One entity tag (RFC 9110, section 8.8.3), quoted or bare. `If-Match: *` would match any version. */
const USABLE_ETAG = /^(?:W\/)?(?:"[^"*,\s]+"|[^"*,\s]+)$/;

interface Call {
  readonly action: 'read' | 'write' | 'list' | 'remove';
  readonly key: string;
  readonly signal: AbortSignal | undefined;
}

type Headers = Readonly<Record<string, string>>;

type Bodiless = Exclude<Reading, { readonly kind: 'found' }>;

interface RawResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: IncomingMessage;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
}

interface Details {
  /** The service's name for the error; empty when the answer had none. */
  readonly code: string;
  readonly message: string;
  /** The region in which the bucket is; empty where the service does not say it. */
  readonly region: string;
  readonly error: Error;
}

type Refused = { readonly kind: 'refused' } & Answer & Details;
type Exchange<Output> =
  | { readonly kind: 'done'; readonly output: Output; readonly headers: Headers }
  | Refused;

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function isNoSuchKey({ status, code }: Refused): boolean {
  return status === 404 && code === 'NoSuchKey';
}

function absent(headers: Headers): Bodiless {
  const storeTimeMs = parseHttpDate(headers.date);
  return { kind: 'absent', ...(storeTimeMs === undefined ? {} : { storeTimeMs }) };
}

/*
 * Translation of errors. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */

/**
 * What an SDK error says. As a cause it is stripped to name and message: the SDK copies every field of the answer onto it,
 * and S3 answers a wrong signature with the whole signed request, session token included. A field that comes twice, or with
 * others in it, is no text.
 */
function detailsOf(thrown: unknown): Details {
  const fields = thrown as Readonly<Record<string, unknown>>;
  const text = (field: string): string => (typeof fields[field] === 'string' ? fields[field] : '');
  // Below the first line the SDK writes advice for its own users.
  const [name, message = ''] = [text('name'), text('message').split('\n')[0]];
  const named = name !== 'Unknown' && name !== 'Error' ? name : '';
  const said = message !== 'UnknownError' && message !== named ? message : '';
  return {
    code: named,
    message: said,
    region: text('Region'),
    error: Object.assign(new Error(said), { name: named || 'Error' }),
  };
}

interface Judgement {
  readonly kind: StoreErrorKind;
  readonly advice: string;
}

/** What an answer means that is no expected outcome. */
function judge(call: Call, refused: Refused): Judgement {
  return judgeCredentials(call, refused) ?? judgePlace(call, refused) ?? judgeMoment(call, refused);
}

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'];
const UNKNOWN = ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'InvalidClientTokenId'];
const PERMISSIONS = {
  // Without s3:ListBucket S3 does not say that a key is absent.
  read: 's3:GetObject and s3:ListBucket (without it, S3 answers 403 for a key that does not exist)',
  write: 's3:PutObject',
  list: 's3:ListBucket',
  remove: 's3:DeleteObject',
};

function judgeCredentials({ action }: Call, { status, code, headers }: Refused): Judgement | undefined {
  const denied = (advice: string): Judgement => ({ kind: 'denied', advice });
  if (code === 'RequestTimeTooSkewed') {
    const advice = "This machine's clock is wrong by more than the service allows: synchronise it (NTP).";
    // The SDK has taken over the time of the answer, if it had one: the next request is signed with it.
    return headers.date ? { kind: 'unavailable', advice } : denied(advice);
  }
  if (EXPIRED.includes(code)) {
    return denied('The credentials have expired: get new ones, or let the role session last longer.');
  }
  if (status === 407) return denied('The proxy wants credentials: put them into HTTPS_PROXY or HTTP_PROXY.');
  if (status === 401 || UNKNOWN.includes(code)) {
    const variables = 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN';
    return denied(`The service does not accept these credentials: check ${variables}, or the profile.`);
  }
  if (status === 403)
    return denied(`Allow these credentials ${PERMISSIONS[action]} on this bucket and prefix.`);
  return undefined;
}

const ELSEWHERE = [
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
];

function judgePlace({ action }: Call, { status, code, headers, region }: Refused): Judgement | undefined {
  const misconfigured = (advice: string): Judgement => ({ kind: 'misconfigured', advice });
  if ((status >= 300 && status < 400) || ELSEWHERE.includes(code)) {
    const right = sanitise(headers['x-amz-bucket-region'] ?? region);
    if (right) return misconfigured(`The bucket is in the region ${right}: add ?region=${right} to the URL.`);
    return misconfigured('The bucket is in another region, or at another endpoint: check both in the URL.');
  }
  if (code === 'NoSuchBucket') return misconfigured('Create the bucket, or correct its name in the URL.');
  if (status === 405 || status === 501) {
    const what = action === 'write' ? 'conditional writes, so nothing can be locked on it' : 'this';
    return misconfigured(`The service does not support ${what}: use another one.`);
  }
  return undefined;
}

function judgeMoment({ action }: Call, { status, code }: Refused): Judgement {
  // 409 ConditionalRequestConflict: another write was under way. Ours did not apply, but the version may still be the
  // expected one (the other may have failed), so this is no conflict. Sent again, the same condition gives the true answer.
  const busy = [408, 409, 429].includes(status) || code === 'RequestTimeout' || code.startsWith('SlowDown');
  if (busy) return { kind: 'unavailable', advice: 'It did not apply; it may be tried again.' };
  if (status < 500) {
    return { kind: 'misconfigured', advice: 'Trying again would not help: check the URL of the store.' };
  }
  // Any other 503 may come from a gateway that had passed the write on.
  return action === 'write' ? OPEN : { kind: 'unavailable', advice: 'It may be tried again.' };
}

const OPEN: Judgement = {
  kind: 'indeterminate',
  advice: 'Nobody knows yet whether the write applied; reading the key will tell.',
};

const TORN_READ =
  'It may be tried again. If it stays so, something between here and the service caches or changes one of the two.';

const UNTRUSTED = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/;

/** How far a request came before it failed. What an error says of a connection is only believed before an answer came. */
interface Silence {
  readonly call: Call;
  readonly stage: 'unsent' | 'sent' | 'answered';
  readonly error: unknown;
}

/** There was no answer, or none that can be read. What matters for a write is whether it may have been sent. */
function silence(subject: string, failure: Silence): StoreError {
  const { signal } = failure.call;
  const { message, code } = failure.error as NodeJS.ErrnoException;
  const reason = signal?.aborted
    ? String(signal.reason?.message ?? 'aborted')
    : // The SDK writes advice for its own users below the first line.
      message.split('\n')[0] || code || 'no answer';
  const { kind, advice } = judgeSilence(failure);
  return new StoreError(kind, `${subject}: ${sanitise(reason)}. ${advice}`, { cause: failure.error });
}

function judgeSilence({ call, stage, error }: Silence): Judgement {
  const { name, code = '' } = error as NodeJS.ErrnoException;
  const sent = stage !== 'unsent';
  if (stage !== 'answered' && UNTRUSTED.test(code)) {
    const advice =
      'No trusted TLS connection: check the endpoint, or add its authority with NODE_EXTRA_CA_CERTS.';
    return { kind: 'misconfigured', advice };
  }
  if (stage !== 'answered' && neverConnected(error)) {
    return {
      kind: 'unavailable',
      advice: 'Nothing was sent. Check the endpoint and the network, or try again.',
    };
  }
  if (sent && call.action === 'write') return OPEN;
  if (sent || call.signal?.aborted) return { kind: 'unavailable', advice: 'It may be tried again.' };
  if (name === 'EndpointError') {
    return { kind: 'misconfigured', advice: 'Check the bucket and the endpoint in the URL.' };
  }
  const advice =
    'Nothing was sent without credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or assume a role.';
  return { kind: 'denied', advice };
}

/** No connection came about, so nothing was sent. Several addresses of one host give an AggregateError. */
function neverConnected(error: unknown): boolean {
  const {
    errors,
    syscall = '',
    name = '',
    message = '',
  } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  if (errors && errors.length > 0) return errors.every(neverConnected);
  return (
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    // The SDK marks it with nothing but its words; a request that timed out later reads otherwise.
    (name === 'TimeoutError' && message.includes('did not establish a connection'))
  );
}
