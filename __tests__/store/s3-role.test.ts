import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { instantOf } from '../../src/base/clock.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import { keep } from '../../src/lease/keeper.ts';
import { Lease } from '../../src/lease/lease.ts';
import { recordKey } from '../../src/lease/name.ts';
import { serialise } from '../../src/lease/record.ts';
import { S3Store } from '../../src/store/s3.ts';
import { assumeRole, type Role } from '../../src/store/s3-role.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { heldRecord, NAME, TIMING } from '../support/fake-lock.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { IdentityServer } from '../support/identity-server.mjs';
import { startMiniflareS3 } from '../support/s3-server.mjs';
import { StsServer } from '../support/sts-server.mjs';

const ROLE: Role = {
  arn: 'arn:aws:iam::111122223333:role/locks',
  sessionName: 'leasehold-4711',
  audience: 'sts.amazonaws.com',
};
const MINUTE_MS = 60_000;
/** How far simulated time may run on at most while a call is on its way. */
const STEP_MS = 250;

let identity: IdentityServer;
let sts: StsServer;
const environment = { ...process.env };

beforeAll(async () => {
  identity = await IdentityServer.start();
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    delete process.env[name];
    delete process.env[name.toLowerCase()];
  }
});
beforeEach(async () => {
  sts = await StsServer.start();
});
afterEach(async () => {
  identity.reset();
  await sts.close();
});
afterAll(async () => {
  process.env = environment;
  await identity.close();
});

function environmentOf(): Record<string, string> {
  return { ...identity.environment, AWS_ENDPOINT_URL_STS: sts.endpoint };
}

function sessionIn(environment: Record<string, string>, clock = new FakeClock(), role = ROLE) {
  return assumeRole(role, { region: 'eu-west-1', environment, clock });
}

async function failureOf(promise: Promise<unknown>): Promise<StoreError> {
  const failure = await promise.then(
    (value) => `no failure but ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(StoreError);
  return failure as StoreError;
}

describe('a role', () => {
  test('is assumed by a token of the job for its audience', async () => {
    const credentials = await sessionIn(environmentOf()).credentials();
    expect(credentials).toMatchObject({ accessKeyId: 'ASgeIAIOSFODNN7EXAMPLE' });
    expect(sts.assumed).toMatchObject([
      { roleArn: ROLE.arn, sessionName: 'leasehold-4711', audience: 'sts.amazonaws.com' },
    ]);
    expect(identity.requests).toMatchObject([{ status: 200, audience: 'sts.amazonaws.com' }]);
  });

  test.each([
    ['an hour behind', -60],
    ['an hour ahead', 60],
    ['right', 0],
  ])('its credentials are renewed after 55 minutes by a clock that is %s', async (_, offMinutes) => {
    const clock = new FakeClock();
    sts.nowMs = () => clock.wallMs() - offMinutes * MINUTE_MS;
    identity.nowS = () => Math.floor(sts.nowMs() / 1_000);
    const session = sessionIn(environmentOf(), clock);
    await session.credentials();
    await clock.advance(54 * MINUTE_MS);
    await session.credentials();
    expect(sts.assumed).toHaveLength(1);
    await clock.advance(7 * MINUTE_MS);
    await session.credentials();
    expect(sts.assumed).toHaveLength(2);
    expect(new Set(sts.assumed.map(({ jti }) => jti)).size).toBe(2);
  });
});

describe('no identity token', () => {
  test.each([
    ['nothing to ask', {}],
    ['no token to ask with', { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://example.com' }],
    [
      'blank ones, as in a pull request of a fork',
      { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
    ],
  ])('%s: denied, with the lines to add', async (_, variables) => {
    const { kind, message } = await failureOf(sessionIn(variables as Record<string, string>).credentials());
    expect(kind).toBe('denied');
    expect(message).toContain('permissions: { id-token: write, contents: read }');
    expect(message).toContain('fork');
  });

  test.each<[string, ReturnType<NonNullable<IdentityServer['onRequest']>>, string, RegExp]>([
    ['refused', { status: 403, body: 'no' }, 'denied', /status 403 .* ends with the job/],
    ['out of order', { status: 500 }, 'unavailable', /status 500 .* may be tried again/],
    ['cut off', 'cut', 'unavailable', /did not answer \(ECONNRESET\)/],
    [
      'answered with something else',
      { status: 200, body: '<html>' },
      'unavailable',
      /gave no identity token/,
    ],
    ['answered without one', { status: 200, body: '{"value":7}' }, 'unavailable', /gave no identity token/],
    ['answered without an end', { status: 200, body: 'x'.repeat(70_000) }, 'unavailable', /too long/],
  ])('%s', async (_, injection, kind, message) => {
    identity.onRequest = () => injection;
    const failure = await failureOf(sessionIn(environmentOf()).credentials());
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(failure.message).not.toContain(identity.requestToken);
  });
});

describe('what STS answers', () => {
  const claims =
    /iss "http:.*", sub "repo:octo-org\/octo-repo:ref:refs\/heads\/main", aud "sts\.amazonaws\.com"/;
  /** By https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html and CommonErrors.html. */
  test.each<[string, number, string, RegExp]>([
    ['AccessDenied', 403, 'denied', claims],
    [
      'InvalidIdentityToken',
      400,
      'denied',
      /identity provider for the issuer, with the audience "sts\.amazonaws\.com"/,
    ],
    ['IDPRejectedClaim', 403, 'denied', claims],
    ['IDPCommunicationError', 400, 'unavailable', /may be tried again/],
    ['ExpiredTokenException', 400, 'unavailable', /may be tried again/],
    ['ValidationError', 400, 'misconfigured', /Check role-to-assume, .* and role-session-name/],
    ['RegionDisabledException', 403, 'misconfigured', /Activate STS in that region/],
    ['Throttling', 400, 'unavailable', /may be tried again/],
    ['ServiceUnavailable', 503, 'unavailable', /may be tried again/],
    // What MinIO says of everything.
    ['InvalidParameterValue', 400, 'denied', claims],
  ])('%s (%i) is %s', async (code, status, kind, message) => {
    sts.onRequest = () => ({ code, status, message: 'Because.' });
    const failure = await failureOf(sessionIn(environmentOf()).credentials());
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(failure.message).toMatch(
      /^role-to-assume: role locks of account 111122223333 could not be assumed \(.*Because\.\)\. /,
    );
  });

  const NOT_STS = '\\. 127.0.0.1:\\d+ did not answer as STS does: .*HTTPS_PROXY\\.';
  test.each<[string, ReturnType<NonNullable<StsServer['onRequest']>>, string, string]>([
    ['a broken connection', 'cut', 'unavailable', 'gave no answer\\. It may'],
    [
      'a page of a proxy',
      { status: 502, body: '<html>Bad gateway</html>' },
      'unavailable',
      `\\(status 502\\)${NOT_STS} It may`,
    ],
    ['no page at all', { status: 500, body: 'no' }, 'unavailable', `\\(status 500\\)${NOT_STS} It may`],
    [
      'a success that is none',
      { status: 200, body: '<html>Hello</html>' },
      'unavailable',
      `\\(status 200\\)${NOT_STS} It may`,
    ],
    [
      'a proxy that refuses',
      { status: 403, body: '<html>##[error]No</html>' },
      'denied',
      `\\(status 403\\)${NOT_STS}$`,
    ],
  ])('%s is asked for once, and told as what it is', async (_, injection, kind, message) => {
    let requests = 0;
    sts.onRequest = () => {
      requests += 1;
      return injection;
    };
    const failure = await failureOf(sessionIn(environmentOf()).credentials());
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(requests).toBe(1);
  });

  test('a service that is not there is unavailable, and named', async () => {
    const nowhere = { ...environmentOf(), AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' };
    const failure = await failureOf(sessionIn(nowhere).credentials());
    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('127.0.0.1:1 gave no answer'),
    });
  });

  test('a variable that is no URL is an error of use', async () => {
    const wrong = { ...environmentOf(), AWS_ENDPOINT_URL_STS: 'sts' };
    await expect(sessionIn(wrong).credentials()).rejects.toThrow(UsageError);
  });

  test('a subject with ids is shown as it is', async () => {
    identity.subjectWithIds = true;
    sts.onRequest = () => ({ code: 'AccessDenied', status: 403, message: 'Not authorized' });
    const { message } = await failureOf(sessionIn(environmentOf()).credentials());
    expect(message).toContain('sub "repo:octo-org@65/octo-repo@74:ref:refs/heads/main"');
  });

  test('no token is in an error, whatever the service repeats', async () => {
    sts.onRequest = (body) => ({
      ...{ code: 'AccessDenied', status: 403 },
      message: `Not with ${body.get('WebIdentityToken')}`,
    });
    const failure = await failureOf(sessionIn(environmentOf()).credentials());
    const [token = ''] = identity.tokens.slice(-1);
    expect(token).not.toBe('');
    for (const text of [failure.message, inspect(failure, { depth: 9, showHidden: true })]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain(identity.requestToken);
    }
  });
});

describe('the S3 store by a role', () => {
  let server: Awaited<ReturnType<typeof startMiniflareS3>>;
  beforeAll(async () => {
    server = await startMiniflareS3({ clock: true });
  });
  beforeEach(() => {
    server.reset();
    Object.assign(process.env, environmentOf());
  });
  afterAll(() => server.close());

  /** The server takes the credentials of the STS as long as they last; what reaches it behind that is signed with its own. */
  function takeSessions(): { expired: () => number } {
    let expired = 0;
    server.inject(({ headers }) => {
      if (sts.isValid(String(headers['x-amz-security-token']))) return { strip: ['x-amz-security-token'] };
      expired += 1;
      const body =
        '<?xml version="1.0" encoding="UTF-8"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
      return { status: 400, body, headers: { 'content-type': 'application/xml' } };
    });
    return { expired: () => expired };
  }

  function open(clock: FakeClock): Promise<S3Store> {
    sts.nowMs = () => clock.wallMs();
    identity.nowS = () => Math.floor(clock.wallMs() / 1_000);
    return S3Store.open(server.url, { role: ROLE, clock });
  }

  test('what the provider throws comes out of the store as it is', async () => {
    sts.onRequest = () => ({ code: 'AccessDenied', status: 403, message: 'Not authorized' });
    const store = await open(new FakeClock());
    const failure = await failureOf(store.read('locks/x'));
    expect(failure).toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(/^role-to-assume: role locks/),
    });
    expect(server.requests()).toEqual([]);
  });

  test('credentials that ended too early are got anew, and the call may be tried again', async () => {
    const clock = new FakeClock();
    takeSessions();
    const store = await open(clock);
    await store.read('locks/x');
    // Revoked, for instance.
    sts.isValid = () => false;
    expect(await failureOf(store.read('locks/x'))).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('New ones are asked for at the next try.'),
    });
    sts.isValid = () => true;
    expect(await store.read('locks/x')).toMatchObject({ kind: 'absent' });
    expect(sts.assumed).toHaveLength(2);
  });

  test('credentials that the service does not know: denied, and no word of keys that nobody gave', async () => {
    server.inject(() => ({
      status: 403,
      body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code><Message>No.</Message></Error>',
      headers: { 'content-type': 'application/xml' },
    }));
    const { kind, message } = await failureOf((await open(new FakeClock())).read('locks/x'));
    expect(kind).toBe('denied');
    expect(message).toContain('AWS_ENDPOINT_URL_STS');
    expect(message).not.toContain('AWS_ACCESS_KEY_ID');
  });

  test('without a region there is no STS to ask', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) process.env[name] = '';
    await expect(S3Store.open('s3://locks', { role: ROLE })).rejects.toThrow(/^aws-region: is missing/);
  });

  /*
   * Simulated time: the lease, its keeper, the session of the role, the tokens and the STS are on one clock that the test
   * moves; it stands still while a call is on its way. The SDK, the requests and the S3 server are real.
   */
  class CountedStore {
    pending = 0;
    readonly #store: Store;
    constructor(store: Store) {
      this.#store = store;
    }
    get counted(): Store {
      const count = async <T>(work: Promise<T>): Promise<T> => {
        this.pending += 1;
        try {
          return await work;
        } finally {
          this.pending -= 1;
        }
      };
      const store = this.#store;
      return {
        url: store.url,
        read: (...call) => count(store.read(...call)),
        write: (...call) => count(store.write(...call)),
        list: (...call) => count(store.list(...call)),
        remove: (...call) => count(store.remove(...call)),
      };
    }
  }

  /** Until no call is on its way, and no renewal of the credentials either. */
  async function untilIdle(store: CountedStore): Promise<void> {
    do await sleep(2);
    while (store.pending > 0 || identity.requests.length > sts.answered);
  }

  async function holdFor(minutes: number, meanwhile: (minute: number) => void = () => {}) {
    // Far ahead of the real time, by which nothing here may judge what is expired.
    const clock = new FakeClock({ wallMs: Date.UTC(2099, 0, 1) });
    const { expired } = takeSessions();
    const opened = new CountedStore(await open(clock));
    const lock = {
      name: NAME,
      store: opened.counted,
      clock,
      random: new FakeRandom(1),
      callTimeoutMs: TIMING.callTimeoutMs,
    };
    const record = heldRecord();
    const written = await opened.counted.write(
      recordKey(NAME),
      serialise(record),
      await versionOf(opened.counted),
    );
    if (written.kind !== 'written') throw new Error('the fixture was not written');
    const lease = new Lease(lock, TIMING, { record, version: written.version, sentAt: instantOf(clock) });
    const stop = new AbortController();
    const troubles: string[] = [];
    const keeping = keep(lease, {
      signal: stop.signal,
      onTrouble: ({ message }) => void troubles.push(message),
    });
    for (let ms = 0; ms < minutes * MINUTE_MS && !keeping.lost.aborted; ms += STEP_MS) {
      meanwhile(ms / MINUTE_MS);
      await clock.advance(STEP_MS);
      if (opened.pending > 0) await untilIdle(opened);
    }
    stop.abort();
    return { end: await keeping.ended, lease, troubles, expired };
  }

  async function versionOf(store: Store) {
    const reading = await store.read(recordKey(NAME));
    return reading.kind === 'found' ? reading.version : 'absent';
  }

  test('a hold of 70 minutes survives that its credentials expire twice', async () => {
    sts.lifetimeMs = 30 * MINUTE_MS;
    const { end, lease, troubles, expired } = await holdFor(70);
    expect(end).toEqual({ kind: 'stopped' });
    expect(troubles).toEqual([]);
    expect(expired()).toBe(0);
    expect(lease.record.renewals).toBeGreaterThan(120);
    // At the start, and after 25 and 50 minutes.
    expect(sts.assumed).toHaveLength(3);
    expect(new Set(sts.assumed.map(({ jti }) => jti)).size).toBe(3);
    // The first would have been over for more than half an hour.
    expect(sts.assumed.at(-1)?.atMs).toBeGreaterThan((sts.assumed[0]?.atMs ?? 0) + 49 * MINUTE_MS);
  }, 60_000);

  test('STS is down for the last five minutes of the credentials: the lease is kept', async () => {
    sts.lifetimeMs = 30 * MINUTE_MS;
    const { end, troubles, expired } = await holdFor(40, (minute) => {
      sts.onRequest =
        minute >= 24 && minute < 29
          ? () => ({ status: 503, code: 'ServiceUnavailable', message: 'x' })
          : undefined;
    });
    expect(end).toEqual({ kind: 'stopped' });
    expect(troubles).toEqual([]);
    expect(expired()).toBe(0);
  }, 60_000);

  test('STS is down for longer: what is wrong is told at each try, and the loss before the ttl is over', async () => {
    sts.lifetimeMs = 30 * MINUTE_MS;
    let lostAfterMs = 0;
    const { end, lease, troubles } = await holdFor(40, (minute) => {
      if (minute >= 24) sts.onRequest = () => ({ status: 503, code: 'ServiceUnavailable', message: 'Slow.' });
      lostAfterMs = minute * MINUTE_MS;
    });
    expect(end).toMatchObject({
      kind: 'lost',
      cause: {
        kind: 'unreachable',
        detail: expect.stringMatching(/role-to-assume: role locks .* could not be assumed/),
      },
    });
    expect(troubles[0]).toContain('ServiceUnavailable');
    const { sentAt } = lease.snapshot;
    expect(sentAt.wallMs - (sts.assumed[0]?.atMs ?? 0)).toBeGreaterThan(29 * MINUTE_MS);
    expect(lostAfterMs).toBeLessThan(31.5 * MINUTE_MS);
  }, 60_000);
});
