import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { recordKey } from '../../src/lease/name.ts';
import { type LeaseRecord, parseRecord } from '../../src/lease/record.ts';
import { Sandbox } from '../support/cli-process.ts';
import { IdentityServer } from '../support/identity-server.mjs';
import { isForSts, restrictedCredentials, startMinio, whyNoMinio } from '../support/minio.mjs';
import { killAll } from '../support/runner/processes.mjs';
import { killJobs, phaseOf, rawLog, shownLog } from '../support/runner/runner.mjs';
import type { ActionStep, JobResult, JobSpec } from '../support/runner/types.ts';
import { PLAIN } from '../support/runner.test-fixtures/actions.ts';
import {
  DIST,
  expectCourse,
  Gate,
  hold,
  LOCK,
  lockStep,
  NORMAL,
  nodeWith,
  ROOT,
  readStatus,
  removeAll,
  runWith,
  said,
  startWith,
  temporary,
  until,
  untilLine,
} from './action-jobs.ts';

/* The Action signs in by itself: a role of a real STS (MinIO's), assumed by identity tokens in GitHub's form. */

jest.setTimeout(120_000);

const WORK = { id: 'work', run: 'echo working' };
const UNAVAILABLE = { status: 503, body: '<html>Service Unavailable</html>' };
const OWN_KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

// The first time it is downloaded and compiled.
const reason = await whyNoMinio();
if (reason !== undefined) test.skip(`jobs that assume a role (${reason})`, () => {});
else describe('a job that assumes a role', describeJobs);

function describeJobs(): void {
  let identity: IdentityServer;
  let minio: Awaited<ReturnType<typeof startMinio>>;

  beforeAll(async () => {
    identity = await IdentityServer.start();
    minio = await startMinio(identity);
    // Probes the store, which only the first job of all does.
    expectCourse(await runWith([signedIn(), WORK], signingIn()), NORMAL);
  }, 120_000);
  afterEach(async () => {
    await killJobs();
    minio.reset();
    identity.reset();
  });
  afterAll(async () => {
    await minio.close();
    await identity.close();
    removeAll();
  });

  /** A job with `id-token: write`, and no credentials to be found. */
  function signingIn(more: Record<string, string> = {}): Partial<JobSpec> {
    const processEnv = {
      HOME: temporary(),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_STS: minio.endpoint,
      ...identity.environment,
      ...more,
    };
    return { processEnv };
  }

  const role = () => ({ 'role-to-assume': minio.roleArn, 'aws-region': 'us-east-1' });
  const signedIn = (inputs: Record<string, string> = {}) => lockStep(minio.url, { ...role(), ...inputs });

  function holdSignedIn(inputs: Record<string, string> = {}) {
    return hold(minio.url, { ...role(), 'on-lost': 'fail', ...inputs }, signingIn());
  }

  const askedForRole = () =>
    minio
      .requests()
      .filter(isForSts)
      .map(({ body, status }) => ({ status, ...Object.fromEntries(new URLSearchParams(body)) }));

  /** What the S3 part of the server was asked for keys with `key` in them. */
  const askedForRecords = (key = '') =>
    minio
      .requests()
      .filter((request) => !isForSts(request) && request.path.includes(key))
      .map(({ method, status }) => `${method} ${status}`);

  function lastWritten(name = LOCK): LeaseRecord {
    const key = recordKey(name);
    const written = minio.requests().filter(({ method, status }) => method === 'PUT' && status === 200);
    const { body = '' } = written.findLast(({ path }) => path.includes(key)) ?? {};
    return parseRecord(body, { name, key, storeUrl: minio.url });
  }

  const stsAnswers = (answer: typeof UNAVAILABLE | 'hang') =>
    minio.inject((request) => (isForSts(request) ? answer : undefined));

  test('pre and keeper sign in once each, with a token of their own, and the lock costs what it costs without', async () => {
    minio.reset();
    identity.reset();
    const result = await runWith([signedIn(), WORK], { ...signingIn(), github: { run_id: '4711' } });
    expectCourse(result, NORMAL);
    expect(result.annotations).toEqual([]);
    expect(askedForRecords(recordKey(LOCK))).toEqual(['GET 200', 'PUT 200', 'PUT 200']);
    expect(lastWritten()).toMatchObject({ state: 'released', ended: { how: 'released' } });
    expect(identity.requests).toMatchObject([
      { status: 200, audience: 'sts.amazonaws.com' },
      { status: 200, audience: 'sts.amazonaws.com' },
    ]);
    expect(new Set(identity.requests.map(({ jti }) => jti)).size).toBe(2);
    expect(askedForRole()).toMatchObject([
      { status: 200, RoleArn: minio.roleArn, RoleSessionName: 'leasehold-4711' },
      { status: 200, RoleArn: minio.roleArn, RoleSessionName: 'leasehold-4711' },
    ]);
  });

  test('a repository whose subject has ids signs in, too; the session is called what the input says', async () => {
    identity.subjectWithIds = true;
    expectCourse(await runWith([signedIn({ 'role-session-name': 'locks@acme' }), WORK], signingIn()), NORMAL);
    expect(identity.requests[0]?.subject).toBe('repo:octo-org@65/octo-repo@74:ref:refs/heads/main');
    expect(askedForRole()[0]).toMatchObject({ RoleSessionName: 'locks@acme' });
  });

  test('the hold outlives its credentials twice, each renewed by a new token', async () => {
    // MinIO's credentials end with the token by which they were had.
    identity.lifeS = 12;
    const { folder, end } = await holdSignedIn();
    const startedMs = Date.now();
    await until('30 seconds', () => Date.now() - startedMs > 30_000, 60_000);
    expect(readStatus(folder)).toMatchObject({ state: { kind: 'keeping' } });
    expect(readStatus(folder)?.renewals).toBeGreaterThanOrEqual(5);
    const result = await end();
    expectCourse(result, NORMAL);
    expect(result.annotations).toEqual([]);
    const given = identity.requests.filter(({ atMs }) => atMs > startedMs);
    expect(given.length).toBeGreaterThanOrEqual(2);
    expect(new Set(identity.requests.map(({ jti }) => jti)).size).toBe(identity.requests.length);
    // Those of pre, and of the keeper for 30 s with 12 s each.
    expect(new Set(tokensSeen()).size).toBeGreaterThanOrEqual(4);
    expect(minio.requests().filter(({ status }) => status >= 400)).toEqual([]);
    expect(lastWritten()).toMatchObject({ state: 'released' });
  });

  /** The session tokens by which the store was asked. */
  function tokensSeen(): string[] {
    return minio.requests().flatMap(({ headers }) => headers['x-amz-security-token'] ?? []);
  }

  test('STS is down when the credentials are to be renewed, and back before their end: nobody notices', async () => {
    // New ones are asked for after half of that: the rest is time for a renewal by the old ones on a machine that is busy.
    identity.lifeS = 30;
    const { folder, end } = await holdSignedIn();
    // By then the keeper has credentials of its own.
    await until('a renewal', () => (readStatus(folder)?.renewals ?? 0) >= 1);
    stsAnswers(UNAVAILABLE);
    await until(
      'tries in vain',
      () => askedForRole().filter(({ status }) => status === 503).length >= 1,
      30_000,
    );
    const renewed = readStatus(folder)?.renewals ?? 0;
    await until('a renewal by the old ones', () => (readStatus(folder)?.renewals ?? 0) > renewed, 15_000);
    minio.inject();
    const before = new Set(tokensSeen()).size;
    await until('new credentials', () => new Set(tokensSeen()).size > before, 20_000);
    expect(readFileSync(join(folder, 'keeper.log'), 'utf8').trim().split('\n')).toHaveLength(1);
    const result = await end();
    expectCourse(result, NORMAL);
    expect(result.annotations).toEqual([]);
    expect(lastWritten()).toMatchObject({ state: 'released' });
  });

  test('STS hangs for longer: the loss is told before the lease is over, and the lock is freed at the end', async () => {
    identity.lifeS = 12;
    const { folder, leaseId, end } = await holdSignedIn();
    stsAnswers('hang');
    await until('the keeper gives up', () => readStatus(folder)?.state.kind === 'lost', 40_000);
    const sentMs = readStatus(folder)?.snapshot.sentAt.wallMs ?? 0;
    expect(Date.now() - sentMs).toBeLessThan(15_500);
    minio.inject();
    const result = await end();
    expect(phaseOf(result, 'lock', 'post').status).toBe('failure');
    expect(said(result, 'error')).toMatch(
      /^Lock "deploy" was lost while the job ran, at .*: no renewal got through for 1[3-5]s/,
    );
    expect(lastWritten()).toMatchObject({ state: 'released', holder: { leaseId } });
  });

  /** Another account's credentials, as aws-actions/configure-aws-credentials exports them in its main and blanks them in its post. */
  const configureAwsCredentials = (): ActionStep => ({
    id: 'aws',
    uses: PLAIN,
    with: {
      main: `${OWN_KEYS.map((name) => `t.env('${name}', 'of-another-account');`).join('')}
        for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) t.env(name, 'ap-south-2');`,
      post: `for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE'])
        t.env(name, '');`,
    },
  });
  const BESIDE = [
    'lock.pre success',
    'lock.main success',
    'aws.main success',
    'work.main success',
    'aws.post success',
    'lock.post success',
  ];

  test('beside configure-aws-credentials, which exports credentials of its own and blanks them: the role is ours', async () => {
    const result = await runWith([signedIn(), configureAwsCredentials(), WORK], signingIn());
    expect(result.env).toMatchObject({ AWS_ACCESS_KEY_ID: '', AWS_REGION: '' });
    expectCourse(result, BESIDE);
    expect(result.annotations).toEqual([]);
    expect(lastWritten()).toMatchObject({ state: 'released' });
  });

  test('the same, and the keeper is dead: post signs in by itself and releases', async () => {
    const gate = new Gate();
    const name = 'orphaned';
    const job = startWith([signedIn({ name }), configureAwsCredentials(), gate.step], signingIn());
    await untilLine(job, 'holding');
    const { folder } = JSON.parse(job.result.steps.lock?.state.config ?? '');
    await killAll([readStatus(folder)?.keeper.pid ?? 0]);
    const before = identity.requests.length;
    gate.open();
    const result = await job.done;
    expectCourse(result, BESIDE);
    expect(said(result, 'warning')).toContain('The keeper of lock "orphaned" died');
    expect(identity.requests).toHaveLength(before + 1);
    expect(lastWritten(name)).toMatchObject({ state: 'released', ended: { how: 'released' } });
  });

  test('main finds no keeper any more: it signs in and starts a new one, which does too', async () => {
    identity.reset();
    const gate = new Gate();
    const steps = [signedIn(), gate.step];
    const job = startWith([{ id: 'before', run: 'sleep 0.5' }, ...steps], signingIn());
    await job.until('phase-end', ({ step, phase }) => step === 'lock' && phase === 'pre');
    const { folder } = JSON.parse(job.result.steps.lock?.state.config ?? '');
    await killAll([readStatus(folder)?.keeper.pid ?? 0]);
    await untilLine(job, 'holding');
    await until('a renewal', () => (readStatus(folder)?.renewals ?? 0) >= 2);
    gate.open();
    const result = await job.done;
    expect(result.conclusion).toBe('success');
    expect(said(result, 'warning')).toContain('a new keeper renews it from now on');
    // Pre, main and the new keeper.
    expect(identity.requests).toHaveLength(3);
    expect(lastWritten()).toMatchObject({ state: 'released', ended: { how: 'released' } });
  });

  /** The lock is refused at once, and nothing is written. */
  function expectRefused(result: JobResult, message: RegExp): void {
    expect(phaseOf(result, 'lock', 'pre').status).toBe('failure');
    expect(phaseOf(result, 'lock', 'pre').durationMs).toBeLessThan(8_000);
    expect(said(result, 'error')).toMatch(message);
    expect(askedForRecords()).toEqual([]);
    // Post looks whether anything is held, and is refused as well: it says so, and does not fail the job once more.
    expect(phaseOf(result, 'lock', 'post').status).toBe('success');
    for (const token of identity.tokens) expect(rawLog(result)).not.toContain(token);
  }

  test('a role that may not be assumed: refused at once, with the claims that a trust policy looks at', async () => {
    const inputs = { 'role-to-assume': 'arn:minio:iam:::role/of-somebody-else' };
    expectRefused(
      await runWith([signedIn(inputs), WORK], signingIn()),
      /role-to-assume: role of-somebody-else could not be assumed .* sub "repo:octo-org\/octo-repo:ref:refs\/heads\/main", aud "sts\.amazonaws\.com"/,
    );
  });

  test('a wrong audience: refused at once, with the audience', async () => {
    expectRefused(
      await runWith([signedIn({ audience: 'https://github.com/octo-org' }), WORK], signingIn()),
      /could not be assumed .*aud.* aud "https:\/\/github\.com\/octo-org"/,
    );
  });

  test('the permission is missing: the message has the lines to add, and nobody is asked', async () => {
    const none = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
    const result = await runWith([signedIn(), WORK], signingIn(none));
    expectRefused(
      result,
      /Add to the job \(or the workflow\): permissions: \{ id-token: write, contents: read \}/,
    );
    expect(minio.requests()).toEqual([]);
  });

  test('a role for a store on a disk is refused before anything is written', async () => {
    const store = join(temporary(), 'locks');
    const result = await runWith([lockStep(store, role()), WORK], signingIn());
    expect(said(result, 'error')).toContain('role-to-assume: is for a store in S3');
    expect(() => readdirSync(store)).toThrow(/ENOENT/);
  });

  test('STS is away at the start: tried again until it is back', async () => {
    stsAnswers(UNAVAILABLE);
    const job = startWith([signedIn(), WORK], signingIn());
    await untilLine(job, 'Trying again.');
    minio.inject();
    const result = await job.done;
    expectCourse(result, NORMAL);
    expect(shownLog(result)).toMatch(/role-to-assume: role .* could not be assumed .*Trying again\./);
  });

  test('a cancel ends a job whose STS hangs', async () => {
    stsAnswers('hang');
    const job = startWith([signedIn(), WORK], signingIn());
    await until('the question', () => askedForRole().length > 0);
    job.cancel();
    await job.until('phase-end', ({ phase }) => phase === 'pre');
    minio.inject();
    const result = await job.done;
    expect(phaseOf(result, 'lock', 'pre').signalled).toEqual(['SIGINT']);
    expect(result.conclusion).toBe('cancelled');
  });

  test.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])(
    'the clock of the runner is an hour %s: it signs in, holds, is renewed and releases',
    async (_, offMs) => {
      const runner = { nodePath: nodeWithClock(offMs) };
      const gate = new Gate();
      const job = startWith([signedIn({ 'on-lost': 'fail' }), gate.step], { ...signingIn(), runner });
      await untilLine(job, 'holding');
      const { folder } = JSON.parse(job.result.steps.lock?.state.config ?? '');
      const sentMs = readStatus(folder)?.snapshot.sentAt.wallMs ?? 0;
      expect(Math.abs(sentMs - Date.now() - offMs)).toBeLessThan(60_000);
      await until('a renewal', () => (readStatus(folder)?.renewals ?? 0) >= 1, 20_000);
      gate.open();
      const result = await job.done;
      expectCourse(result, NORMAL);
      expect(said(result, 'error') + said(result, 'warning')).toBe('');
      // Once for each process: not again for every request, which by this clock has no valid credentials.
      expect(identity.requests).toHaveLength(2);
      expect(lastWritten()).toMatchObject({ state: 'released' });
    },
  );

  /** A node whose processes see another time. */
  function nodeWithClock(offMs: number): string {
    const shift = join(temporary(), 'shift.mjs');
    writeFileSync(
      shift,
      `const Real = Date;
      globalThis.Date = class Date extends Real {
        constructor(...args) { args.length === 0 ? super(Real.now() + ${offMs}) : super(...args); }
        static now() { return Real.now() + ${offMs}; }
      };`,
    );
    return nodeWith(shift);
  }

  describe('with the permissions of examples/s3-permissions.json and no more', () => {
    const sandbox = new Sandbox(join(DIST, 'cli/index.js'));
    let env: NodeJS.ProcessEnv;
    beforeAll(async () => {
      const example = readFileSync(join(ROOT, 'examples/s3-permissions.json'), 'utf8');
      const policy = JSON.parse(example.replaceAll('acme-locks', 'locks'));
      const token = identity.token('sts.amazonaws.com');
      // A prefix below that of the policy, where no probe was made yet.
      const store = minio.url.replace('/ci?', '/ci/permitted?');
      const credentials = await restrictedCredentials(minio, { token, policy });
      env = { ...credentials, LEASEHOLD_STORE: store, AWS_EC2_METADATA_DISABLED: 'true' };
    });
    afterAll(() => sandbox.close());

    test('a lock that does not exist yet is taken, and listed', async () => {
      const taken = await sandbox.run(
        ['run', 'prod/new', '--', 'sh', '-c', 'echo "token $LEASEHOLD_TOKEN"'],
        env,
      );
      expect(taken).toMatchObject({ code: 0, stdout: expect.stringMatching(/^token \d+$/m) });
      const { stdout } = await sandbox.run(['list', '--json'], env);
      expect(stdout).toContain('prod/new');
    });

    test('another prefix is denied, and the message names the permission', async () => {
      const elsewhere = { ...env, LEASEHOLD_STORE: minio.url.replace('/ci?', '/other?') };
      const { code, stderr } = await sandbox.run(['run', 'deploy', '--', 'true'], elsewhere);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/Allow these credentials s3:/);
    });
  });

  test('no secret is in a log, a command line, the state, a file, a record, or the environment that the keeper starts with', async () => {
    const { folder, keeperPid, job, end } = await holdSignedIn();
    const asked = () => [...identity.tokens, ...tokensSeen(), identity.requestToken];
    expect(asked().length).toBeGreaterThanOrEqual(4);
    const environment = readFileSync(`/proc/${keeperPid}/environ`, 'utf8');
    expect(environment).toContain('RUNNER_TRACKING_ID=');
    const shown = [
      environment,
      ...readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(commandLineOf),
      ...readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')),
      JSON.stringify(job.result.steps.lock?.state),
    ];
    const result = await end();
    expectCourse(result, NORMAL);
    shown.push(
      rawLog(result),
      JSON.stringify(result.env),
      JSON.stringify(result.steps.lock),
      ...minio.requests().flatMap((request) => (isForSts(request) ? [] : request.body)),
    );
    for (const secret of asked()) for (const text of shown) expect(text).not.toContain(secret);
    expect(result.masks).not.toContain(identity.tokens[0]);
  });

  function commandLineOf(pid: string): string {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  }
}
