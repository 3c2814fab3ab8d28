import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ON_BUSY, ON_LOST, parseInputs } from '../../src/action/inputs.ts';
import { INPUTS, type Input, OUTPUTS } from '../../src/action/keys.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import { STALE_POLICIES } from '../../src/lease/policy.ts';
import { PROTOCOLS } from '../../src/protocols/protocol.ts';
import { VFS_KEYS } from '../../src/protocols/settings.ts';

interface Manifest {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>;
  outputs: Record<string, { description: string }>;
  runs: Record<string, string>;
}
const manifest: Manifest = parse(readFileSync('action.yml', 'utf8'));

/** As the runner gives them: the defaults of action.yml, and over them what the workflow says. */
function reader(given: Partial<Record<Input, string>>): (input: Input) => string {
  return (input) => given[input] ?? manifest.inputs[input]?.default ?? '';
}

const SELF_HOSTED = {
  RUNNER_ENVIRONMENT: 'self-hosted',
  HOME: '/home/ci',
  GITHUB_WORKSPACE: '/work/app/app',
  RUNNER_TEMP: '/work/_temp',
};
const NAMED = { name: 'prod/api', store: '/mnt/locks' };

describe('action.yml', () => {
  test('has the inputs and outputs that the code has, in its order, each with a description', () => {
    expect(Object.keys(manifest.inputs)).toEqual([...INPUTS]);
    expect(Object.keys(manifest.outputs)).toEqual([...OUTPUTS]);
    for (const { description } of [...Object.values(manifest.inputs), ...Object.values(manifest.outputs)]) {
      expect(description).toMatch(/\S\.?$/);
    }
  });

  test('has a default for every input: a lock is named by name, or by path', () => {
    for (const [name, input] of Object.entries(manifest.inputs)) {
      expect([name, input.required ?? false, typeof input.default]).toEqual([name, false, 'string']);
    }
  });

  test('runs pre only while the job succeeds, so that a cancel reaches it, and post always', () => {
    expect(manifest.runs).toEqual({
      using: 'node24',
      pre: 'dist/pre/index.js',
      'pre-if': 'success()',
      main: 'dist/main/index.js',
      post: 'dist/post/index.js',
      'post-if': 'always()',
    });
  });

  test.each([
    ['on-busy', ON_BUSY],
    ['on-lost', ON_LOST],
    ['stale-policy', STALE_POLICIES],
    ['protocol', PROTOCOLS],
    ['vfs-keys', VFS_KEYS],
  ] as const)('describes every value of %s', (input, values) => {
    for (const value of values) expect(manifest.inputs[input]?.description).toContain(`\`${value}\``);
  });
});

describe('parseInputs', () => {
  test('the defaults of action.yml', () => {
    expect(parseInputs(reader(NAMED), SELF_HOSTED)).toEqual({
      name: 'prod/api',
      store: '/mnt/locks',
      access: {},
      timing: { ttlMs: 90_000, renewEveryMs: 30_000, marginMs: 10_000, callTimeoutMs: 10_000 },
      waitTimeoutMs: 1_800_000,
      onBusy: 'wait',
      stalePolicy: 'expired',
      onStale: '',
      lockDelayMs: 0,
      ownerId: '',
      reason: '',
      heartbeat: true,
      maxHoldMs: 21_600_000,
      onLost: 'warn',
      summary: true,
      notify: '',
      notifyAfterMs: 600_000,
      notes: [],
    });
  });

  test('all of them given', () => {
    const inputs = parseInputs(
      reader({
        ...NAMED,
        ttl: '15s',
        'wait-timeout': '1h30m',
        'stale-policy': 'expired-and-holder-finished',
        'on-stale': './ask.sh',
        'owner-id': 'nightly',
        reason: 'release 1.2',
        heartbeat: 'False',
        'max-hold': '1m',
        scope: 'run',
        gap: '2h',
        release: 'true',
        'on-lost': 'fail',
        summary: 'FALSE',
      }),
      SELF_HOSTED,
    );
    expect(inputs).toMatchObject({
      timing: { ttlMs: 15_000, renewEveryMs: 5_000 },
      waitTimeoutMs: 5_400_000,
      stalePolicy: 'expired-and-holder-finished',
      onStale: './ask.sh',
      ownerId: 'nightly',
      reason: 'release 1.2',
      heartbeat: false,
      maxHoldMs: 60_000,
      sharing: { gapMs: 7_200_000, last: true },
      onLost: 'fail',
      summary: false,
    });
  });

  test.each(['skip', 'fail'])('on-busy: %s looks once, whatever wait-timeout says', (onBusy) => {
    const inputs = parseInputs(reader({ ...NAMED, 'on-busy': onBusy, 'wait-timeout': '?' }), SELF_HOSTED);
    expect(inputs?.waitTimeoutMs).toBe(0);
  });

  test('enabled: false looks at nothing else', () => {
    expect(parseInputs(reader({ enabled: 'false', ttl: '?' }), {})).toBeUndefined();
  });

  test.each<[string, Partial<Record<Input, string>>, RegExp]>([
    [
      'no name',
      { name: '' },
      /^name: is empty\. .*build the name from needs, matrix, vars or env instead\.$/,
    ],
    ['a name of 201 characters', { name: 'a'.repeat(201) }, /^name: .* has 201 characters/],
    ['a name with ..', { name: 'prod/../dev' }, /^name: .* has the segment "\.\."/],
    ['a name with an empty segment', { name: 'prod//dev' }, /^name: .* has an empty segment/],
    ['a name with a space', { name: 'my lock' }, /^name: .* has the segment "my lock"/],
    ['a name with a command', { name: '##[error]x' }, /^name: "##\\u005berror/],
    ['a ttl of 5s', { ttl: '5s' }, /^ttl: 5s is not between 15s and 1d\. The default is 1m30s/],
    ['a ttl of 25h', { ttl: '25h' }, /^ttl: 1d1h is not between/],
    ['a ttl without a unit', { ttl: '90' }, /^ttl: "90" is not a duration\. Write a number with a unit/],
    [
      'a path without a protocol',
      { path: '/x' },
      /^path and protocol: path is for the lock of another program/,
    ],
    ['vfs-keys without a protocol', { 'vfs-keys': 'old' }, /^vfs-keys and protocol: /],
    ['a wait-timeout without a unit', { 'wait-timeout': '30' }, /^wait-timeout: "30" is not a duration/],
    [
      'an unknown on-busy',
      { 'on-busy': 'queue' },
      /^on-busy: "queue" is not known\. Allowed: wait, skip, fail\.$/,
    ],
    [
      'an unknown stale-policy',
      { 'stale-policy': 'EXPIRED' },
      /^stale-policy: "EXPIRED" is not known\. Allowed: never, expired,/,
    ],
    [
      'an unknown on-lost',
      { 'on-lost': 'cancel' },
      /^on-lost: "cancel" is not known\. Allowed: warn, fail, cancel-run\.$/,
    ],
    [
      'cancel-run without the keeper that would do it',
      { 'on-lost': 'cancel-run', heartbeat: 'false' },
      /^on-lost and heartbeat: cancel-run is done by the keeper/,
    ],
    ['a notify-after that is no duration', { 'notify-after': '10' }, /^notify-after: "10" is not a duration/],
    ['enabled that is neither', { enabled: '' }, /^enabled: "" is neither "true" nor "false"\.$/],
    ['heartbeat that is neither', { heartbeat: 'yes' }, /^heartbeat: "yes" is neither "true" nor "false"\.$/],
    ['summary that is neither', { summary: '1' }, /^summary: "1" is neither/],
    ['a lock-delay over an hour', { 'lock-delay': '61m' }, /^lock-delay: 1h1m is over 1h\./],
    ['an unknown scope', { scope: 'workflow' }, /^scope: "workflow" is not known\. Allowed: job, run\.$/],
    ['release without scope: run', { release: 'true' }, /^release and scope: release is for scope: run/],
    [
      'a gap under the ttl',
      { scope: 'run', gap: '1m' },
      /^gap and ttl: a gap of 1m is not between the ttl of 1m30s and 30d\./,
    ],
    ['a gap of months', { scope: 'run', gap: '31d' }, /^gap and ttl: a gap of 31d/],
    ['a max-hold under a minute', { 'max-hold': '59s' }, /^max-hold: is under 1m\./],
    [
      'an owner-id too long',
      { 'owner-id': 'x'.repeat(501) },
      /^owner-id: has 501 characters, more than 500\.$/,
    ],
    ['a reason too long', { reason: 'x'.repeat(501) }, /^reason: has 501 characters/],
  ])('%s is refused', (_, inputs, message) => {
    expectRefused({ ...NAMED, ...inputs }, message);
  });
});

function expectRefused(
  inputs: Partial<Record<Input, string>>,
  message: RegExp,
  environment: Record<string, string> = SELF_HOSTED,
): void {
  let caught: unknown;
  try {
    parseInputs(reader(inputs), environment);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(UsageError);
  expect(String((caught as UsageError).message)).toMatch(message);
}

describe('store', () => {
  const storeOf = (store: string, environment: Record<string, string> = SELF_HOSTED) =>
    parseInputs(reader({ name: 'deploy', store }), environment);

  test.each([
    ['a path', '/mnt/locks', '/mnt/locks'],
    ['a file: URL', 'file:///mnt/locks', '/mnt/locks'],
    ['a file: URL with an option', 'file:///mnt/locks?fsync=never', 'file:///mnt/locks?fsync=never'],
    ['a path in the home directory', '~/locks', '/home/ci/locks'],
    ['S3', 's3://bucket/prefix?region=eu-west-1', 's3://bucket/prefix?region=eu-west-1'],
    ['a directory whose name begins like the workspace', '/work/app/app-locks', '/work/app/app-locks'],
    ['the parent of RUNNER_TEMP', '/work', '/work'],
  ])('%s', (_, given, store) => {
    expect(storeOf(given)).toMatchObject({ store, notes: [] });
  });

  test.each([
    ['a relative path', 'locks', /^store: "locks" is a relative path, and what it means differs/],
    [
      'a relative file: URL',
      'file:locks',
      /^store: "file:locks" is not the URL of a directory\. Write file:\/\/\/directory\.$/,
    ],
    ['a file: URL of another host', 'file://server/locks', /^store: .* is not the URL of a directory/],
    ['a file: URL that is none', 'file:///%2Flocks', /^store: .* is not the URL of a directory/],
    ['..', '/mnt/../locks', /^store: "\/mnt\/\.\.\/locks" contains "\.\."/],
    ['.. in a file: URL by escapes', 'file:///work/_temp/x/%2e%2e/y', /^store: .* is inside RUNNER_TEMP/],
    ['memory:', 'memory:', /^store: memory: ends with the process/],
    [
      'the workspace itself',
      '/work/app/app',
      /^store: .* is inside GITHUB_WORKSPACE, which the runner empties/,
    ],
    [
      'below RUNNER_TEMP',
      'file:///work/_temp/locks',
      /^store: .* is inside RUNNER_TEMP, which the runner empties/,
    ],
    ['with a double slash', '/work//_temp/locks', /^store: .* is inside RUNNER_TEMP/],
    ['the home of a container job', '/github/home/locks', /^store: .* is inside the container's home/],
  ])('%s is refused', (_, store, message) => {
    expectRefused({ name: 'deploy', store }, message);
  });

  test('none on a self-hosted runner: its own disk, which is said', () => {
    expect(storeOf('')).toMatchObject({
      store: '/home/ci/.local/state/leasehold',
      notes: [expect.stringContaining('the lock is kept in /home/ci/.local/state/leasehold')],
    });
    expect(storeOf('', { ...SELF_HOSTED, XDG_STATE_HOME: '/state' })?.store).toBe('/state/leasehold');
    expect(storeOf('', { ...SELF_HOSTED, XDG_STATE_HOME: 'state', HOME: '/home/ci' })?.store).toBe(
      '/home/ci/.local/state/leasehold',
    );
  });

  test('none in a container job: its home does not outlive the job', () => {
    expectRefused({ name: 'deploy' }, /^store: is missing, and the default .* does not outlive this job/, {
      ...SELF_HOSTED,
      HOME: '/github/home',
    });
  });

  const HOSTED = { ...SELF_HOSTED, RUNNER_ENVIRONMENT: 'github-hosted' };
  test('none on a GitHub-hosted runner is refused, with what to do', () => {
    expectRefused(
      { name: 'deploy' },
      /^store: is missing\. This is a GitHub-hosted runner, .*s3:\/\/bucket.*"queue: max"/,
      HOSTED,
    );
  });

  test('a directory on a GitHub-hosted runner is taken, with a doubt', () => {
    expect(storeOf('/mnt/efs', HOSTED)?.notes).toEqual([expect.stringContaining('unless that is a mount')]);
    expect(storeOf('s3://bucket', HOSTED)?.notes).toEqual([]);
  });
});

describe('a role of AWS', () => {
  const ARN = 'arn:aws:iam::111122223333:role/locks';
  const S3 = { name: 'deploy', store: 's3://locks/ci', 'role-to-assume': ARN };
  const accessOf = (given: Partial<Record<Input, string>>, environment: Record<string, string> = {}) =>
    parseInputs(reader({ ...S3, ...given }), { ...SELF_HOSTED, GITHUB_RUN_ID: '4711', ...environment })
      ?.access;

  test('is assumed under the name of the run, for the audience that AWS wants', () => {
    expect(accessOf({ 'aws-region': 'eu-west-1' })).toEqual({
      region: 'eu-west-1',
      role: { arn: ARN, sessionName: 'leasehold-4711', audience: 'sts.amazonaws.com' },
    });
  });

  test('everything given', () => {
    const given = { 'role-session-name': 'deploy@acme', audience: 'https://locks.example' };
    expect(accessOf(given)?.role).toMatchObject({ sessionName: 'deploy@acme', audience: given.audience });
  });

  test.each([
    'arn:aws-cn:iam::111122223333:role/locks',
    'arn:aws-us-gov:iam::111122223333:role/path/of/locks',
    'arn:minio:iam:::role/oxnUw3DAuQF1uggjXGxI2AmW8IA',
  ])('%s is the ARN of one', (arn) => {
    expect(accessOf({ 'role-to-assume': arn })?.role?.arn).toBe(arn);
  });

  test('the region: of the input, else of the environment; what is blank is none', () => {
    const environment = { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-central-1' };
    expect(accessOf({}, environment)?.region).toBe('eu-central-1');
    expect(accessOf({}, { ...environment, AWS_REGION: 'us-east-1' })?.region).toBe('us-east-1');
    expect(accessOf({ 'aws-region': 'eu-west-1' }, environment)?.region).toBe('eu-west-1');
    expect(accessOf({}, { AWS_REGION: '' })).not.toHaveProperty('region');
  });

  test('without one the store is reached as the environment says', () => {
    expect(accessOf({ 'role-to-assume': '', 'aws-region': 'eu-west-1' })).toEqual({ region: 'eu-west-1' });
  });

  test.each<[string, Partial<Record<Input, string>>, RegExp]>([
    [
      'a store on a disk',
      { store: '/mnt/locks' },
      /^role-to-assume: is for a store in S3, and this one is "\/mnt\/locks"/,
    ],
    ['no store', { store: '' }, /^role-to-assume: is for a store in S3/],
    [
      'a name for the ARN',
      { 'role-to-assume': 'locks' },
      /^role-to-assume: "locks" is not the ARN of a role\. IAM shows it/,
    ],
    [
      'a user',
      { 'role-to-assume': 'arn:aws:iam::111122223333:user/locks' },
      /^role-to-assume: .* is not the ARN of a role/,
    ],
    [
      'an account of 11 digits',
      { 'role-to-assume': 'arn:aws:iam::11112222333:role/locks' },
      /^role-to-assume: .* is not the ARN/,
    ],
    [
      'a line break in the ARN',
      { 'role-to-assume': `${ARN}\n::error::x` },
      /^role-to-assume: .* is not the ARN/,
    ],
    ['an ARN too long', { 'role-to-assume': ARN + 'x'.repeat(2_048) }, /^role-to-assume: .* is not the ARN/],
    [
      'a region that is none',
      { 'aws-region': 'eu west 1' },
      /^aws-region: "eu west 1" is no region, such as eu-west-1\.$/,
    ],
    [
      'a session name with a space',
      { 'role-session-name': 'my lock' },
      /^role-session-name: "my lock" can't be used: 2 to 64 letters/,
    ],
    ['a session name of one letter', { 'role-session-name': 'x' }, /^role-session-name: "x" can't be used/],
    ['a session name of 65', { 'role-session-name': 'x'.repeat(65) }, /^role-session-name: .* can't be used/],
    ['no audience', { audience: '' }, /^audience: "" can't be used: the default is sts\.amazonaws\.com/],
    ['an audience with a space', { audience: 'a b' }, /^audience: "a b" can't be used/],
  ])('%s is refused', (_, inputs, message) => {
    expectRefused({ ...S3, ...inputs }, message);
  });
});
