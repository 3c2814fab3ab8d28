import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Input } from '../../src/action/keys.ts';
import { parseProtocolInputs } from '../../src/action/protocol-inputs.ts';
import { UsageError } from '../../src/base/usage-error.ts';

const manifest: { inputs: Record<string, { default: string }> } = parse(readFileSync('action.yml', 'utf8'));

/** As the runner gives them: the defaults of action.yml, and over them what the workflow says. */
function parsed(given: Partial<Record<Input, string>>, environment: Record<string, string> = {}) {
  return parseProtocolInputs((input) => given[input] ?? manifest.inputs[input]?.default ?? '', {
    RUNNER_ENVIRONMENT: 'self-hosted',
    HOME: '/home/ci',
    ...environment,
  });
}

const PID = { protocol: 'pid', path: '/run/agent.lock' };

describe('parseProtocolInputs', () => {
  test('the defaults of action.yml', () => {
    expect(parsed(PID)).toEqual({
      settings: { protocol: 'pid', path: '/run/agent.lock' },
      access: {},
      waitTimeoutMs: 1_800_000,
      onBusy: 'wait',
      stalePolicy: 'expired',
      onStale: '',
      lockDelayMs: 0,
      ownerId: '',
      reason: '',
      maxHoldMs: 21_600_000,
      onLost: 'warn',
      summary: true,
      notify: '',
      notifyAfterMs: 600_000,
      notes: [],
    });
  });

  test.each<[string, Partial<Record<Input, string>>, object]>([
    ['vfs has a ttl by default', { protocol: 'vfs', path: '/data/a' }, { ttlMs: 90_000 }],
    [
      'vfs: a ttl, and how keys are spelt',
      { protocol: 'vfs', path: '/data/a', ttl: '5m', 'vfs-keys': 'both' },
      { ttlMs: 300_000, keys: 'both' },
    ],
    ['pid: whole minutes', { ...PID, ttl: '2h' }, { ttlMs: 7_200_000 }],
    [
      'asterisk-lockfile: the age of a stale lock',
      { protocol: 'asterisk-lockfile', path: '/spool/1001', ttl: '10m' },
      { ttlMs: 600_000 },
    ],
    ['the home of the user', { protocol: 'levels', path: '~/vanadium' }, { path: '/home/ci/vanadium' }],
  ])('%s', (_, given, expected) => {
    expect(parsed(given)?.settings).toMatchObject(expected);
  });

  test('an object in S3: the region of the inputs, and the role', () => {
    const arn = 'arn:aws:iam::111122223333:role/locks';
    const given = {
      protocol: 'vfs',
      path: 's3://bucket/key',
      'aws-region': 'eu-west-1',
      'role-to-assume': arn,
    } as const;
    expect(parsed(given, { GITHUB_RUN_ID: '7' })?.access).toEqual({
      region: 'eu-west-1',
      role: { arn, sessionName: 'leasehold-7', audience: 'sts.amazonaws.com' },
    });
  });

  test.each(['skip', 'fail'])('on-busy %s waits for nothing', (onBusy) => {
    expect(parsed({ ...PID, 'on-busy': onBusy })?.waitTimeoutMs).toBe(0);
  });

  test('a file on a GitHub-hosted runner: who is kept out is said, and of an object nothing', () => {
    const hosted = { RUNNER_ENVIRONMENT: 'github-hosted' };
    expect(parsed(PID, hosted)?.notes).toEqual([expect.stringContaining('it keeps nobody out')]);
    expect(parsed({ protocol: 'vfs', path: 's3://bucket/key' }, hosted)?.notes).toEqual([]);
  });

  test('not enabled: the other inputs are not looked at', () => {
    expect(parsed({ enabled: 'false', protocol: 'nonsense' })).toBeUndefined();
  });

  test.each<[string, Partial<Record<Input, string>>, RegExp]>([
    [
      'an unknown protocol',
      { protocol: 'flock', path: '/x' },
      /^protocol: "flock" is not known\. Allowed: lease, pid, vfs, levels, asterisk-lockfile, asterisk-flock\.$/,
    ],
    ['no path', { protocol: 'pid' }, /^path: is missing\. With protocol pid it names what is locked\.$/],
    ['no path for vfs', { protocol: 'vfs' }, /^path: is missing\. .* a file, or s3:\/\/bucket\/key\.$/],
    ['a relative path', { ...PID, path: 'agent.lock' }, /^path: "agent\.lock" is a relative path/],
    [
      'a name',
      { ...PID, name: 'deploy' },
      /^name and protocol: name is for leases, and protocol is pid\. The lock is what path names\.$/,
    ],
    ['a store', { ...PID, store: '/mnt/locks' }, /^store and protocol: .* The lock lies where path says\.$/],
    ['scope: run', { ...PID, scope: 'run' }, /^scope and protocol: /],
    ['release', { ...PID, release: 'true' }, /^release and protocol: /],
    [
      'heartbeat: false',
      { ...PID, heartbeat: 'false' },
      /^heartbeat and protocol: .* held by a process that lives as long as the job\.$/,
    ],
    [
      'vfs-keys with another',
      { ...PID, 'vfs-keys': 'new' },
      /^vfs-keys and protocol: how keys are spelt is for vfs/,
    ],
    [
      'unknown vfs-keys',
      { protocol: 'vfs', path: '/x', 'vfs-keys': 'camel' },
      /^vfs-keys: "camel" is not known\. Allowed: new, old, both\.$/,
    ],
    [
      's3 with another than vfs',
      { ...PID, path: 's3://bucket/key' },
      /^path and protocol: only vfs has its locks in S3/,
    ],
    [
      'a role for a file',
      { ...PID, 'role-to-assume': 'arn:aws:iam::111122223333:role/l' },
      /^role-to-assume: is for a path in S3, and this one is "\/run\/agent\.lock"\. Leave the role out\.$/,
    ],
    [
      'seconds for pid',
      { ...PID, ttl: '90s' },
      /^ttl: "90s" is not a number of whole minutes, as pid wants it: 5m\.$/,
    ],
    ['a ttl for levels', { protocol: 'levels', path: '/x', ttl: '5m' }, /^ttl: can't be given with levels/],
    [
      'a ttl for asterisk-flock',
      { protocol: 'asterisk-flock', path: '/x', ttl: '5m' },
      /^ttl: can't be given with asterisk-flock/,
    ],
    ['a ttl of 1s', { protocol: 'vfs', path: '/x', ttl: '1s' }, /^ttl: "1s" is not between 5s and 24h/],
    ['a ttl of 25h', { protocol: 'vfs', path: '/x', ttl: '25h' }, /^ttl: "25h" is not between 5s and 24h/],
    ['a ttl that is none', { protocol: 'vfs', path: '/x', ttl: '90' }, /^ttl: "90" is not a duration/],
    ['an unknown on-busy', { ...PID, 'on-busy': 'queue' }, /^on-busy: "queue" is not known/],
    ['a short max-hold', { ...PID, 'max-hold': '5s' }, /^max-hold: is under 1m/],
  ])('%s is refused', (_, given, message) => {
    expect(() => parsed(given)).toThrow(UsageError);
    expect(() => parsed(given)).toThrow(message);
  });
});
