import { homedir } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/base/usage-error.ts';
import { COMMANDS, OPTIONS } from '../../src/cli/grammar.ts';
import { help } from '../../src/cli/help.ts';
import { type Invocation, parseInvocation, wantsJson } from '../../src/cli/options.ts';

const ENVIRONMENT = { HOME: '/home/mona', GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '42' };
const LEASE = 'a'.repeat(32);

function parse(line: string, environment: Record<string, string> = ENVIRONMENT): Invocation {
  return parseInvocation(line.split(' ').filter(Boolean), environment);
}

/** The message of the usage error that the line must give. */
function refusal(line: string): string {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`accepted: ${line}`);
}

describe('a command line', () => {
  test('run has all the defaults that its help names', () => {
    expect(parse('run prod/api -- make deploy --json')).toMatchObject({
      kind: 'run',
      options: {
        name: 'prod/api',
        command: ['make', 'deploy', '--json'],
        store: '/home/mona/.local/state/leasehold',
        defaultStore: true,
        json: false,
        quiet: false,
        timing: { ttlMs: 90_000, renewEveryMs: 30_000, marginMs: 10_000 },
        waitTimeoutMs: 1_800_000,
        onBusy: 'wait',
        stalePolicy: 'expired',
        ownerId: '42',
      },
    });
  });

  test('options may stand before the name, after it, and with "="', () => {
    const lines = ['run --ttl 30s x --reason=why -- a', 'run x --reason why --ttl=30s -- a'];
    for (const line of lines) {
      expect(parse(line)).toMatchObject({
        options: { name: 'x', timing: { ttlMs: 30_000 }, reason: 'why', command: ['a'] },
      });
    }
  });

  test.each([
    ['the option', 'status x --store /a', { LEASEHOLD_STORE: '/b', XDG_STATE_HOME: '/c' }, '/a'],
    ['the variable', 'status x', { LEASEHOLD_STORE: 's3://b/p', XDG_STATE_HOME: '/c' }, 's3://b/p'],
    ['the state directory', 'status x', { XDG_STATE_HOME: '/c' }, '/c/leasehold'],
    [
      'no state directory that is relative',
      'status x',
      { XDG_STATE_HOME: 'c', HOME: '/home/d' },
      '/home/d/.local/state/leasehold',
    ],
    ['the home', 'status x', { HOME: '/home/x' }, '/home/x/.local/state/leasehold'],
    ['an absolute path made of a relative one', 'status x --store locks', {}, `${process.cwd()}/locks`],
  ])('the store is taken from %s', (_, line, environment, store) => {
    expect(parse(line, environment)).toMatchObject({ options: { store } });
  });

  test.each(['--on-busy fail', '--on-busy skip', '--wait-timeout 0'])('%s does not wait', (option) => {
    expect(parse(`run x ${option} -- a`)).toMatchObject({ options: { waitTimeoutMs: 0 } });
  });

  test('a stolen lock is entered at once, unless a delay is asked for', () => {
    expect(parse('run x -- a')).toMatchObject({ options: { lockDelayMs: 0 } });
    expect(parse('run x --lock-delay 30s -- a')).toMatchObject({ options: { lockDelayMs: 30_000 } });
    expect(() => parse('run x --lock-delay 2h -- a')).toThrow(/^--lock-delay: 2h is over 1h/);
  });

  test('acquire has a longest hold and may follow a process', () => {
    expect(parse('acquire x')).toMatchObject({ options: { maxHoldMs: 21_600_000 } });
    expect(parse('acquire x --max-hold 2h --pid 7')).toMatchObject({
      options: { maxHoldMs: 7_200_000, pid: 7 },
    });
  });

  test('break is signed by who is here, not by the run that the environment tells of', () => {
    expect(parse(`break x --lease ${LEASE} --reason why`)).toMatchObject({
      kind: 'break',
      options: { leaseId: LEASE, reason: 'why', by: expect.stringContaining('@') },
    });
    expect(parse(`break x --lease ${LEASE} --reason why --by mona`)).toMatchObject({
      options: { by: 'mona' },
    });
  });

  test.each([
    ['', { kind: 'help' }],
    ['--help', { kind: 'help' }],
    ['help run', { kind: 'help', command: 'run' }],
    ['run --help', { kind: 'help', command: 'run' }],
    ['break -h', { kind: 'help', command: 'break' }],
    ['--version', { kind: 'version' }],
  ])('"%s" asks for a text', (line, invocation) => {
    expect(parse(line)).toEqual(invocation);
  });

  test('with --protocol the lock is named by its path, and nothing of a lease is left', () => {
    const line = 'run --protocol pid --path agent.lock --ttl 5m --wait-timeout 10s --json -- make deploy';
    expect(parse(line, { ...ENVIRONMENT, LEASEHOLD_STORE: 's3://b/p' })).toEqual({
      kind: 'run-protocol',
      options: {
        protocol: 'pid',
        path: `${process.cwd()}/agent.lock`,
        ttlMs: 300_000,
        json: true,
        quiet: false,
        waitTimeoutMs: 10_000,
        onBusy: 'wait',
        stalePolicy: 'expired',
        ownerId: '42',
        lockDelayMs: 0,
        notify: '',
        notifyAfterMs: 600_000,
        command: ['make', 'deploy'],
      },
    });
  });

  test.each([
    ['status --protocol levels --path /srv/x', 'status-protocol', { protocol: 'levels', path: '/srv/x' }],
    [
      'break --protocol pid --path /x --reason why --by mona',
      'break-protocol',
      { reason: 'why', by: 'mona' },
    ],
    [
      `release --protocol pid --path /x --lease ${LEASE} --notify cmd`,
      'release-protocol',
      { leaseId: LEASE, notify: 'cmd' },
    ],
    [
      'acquire --protocol vfs --path s3://b/k?region=r --vfs-keys both --max-hold 2h --pid 7',
      'acquire-protocol',
      { path: 's3://b/k?region=r', keys: 'both', ttlMs: 90_000, maxHoldMs: 7_200_000, pid: 7 },
    ],
    ['run --protocol levels --path ~/x -- a', 'run-protocol', { path: `${homedir()}/x` }],
    [
      'run --protocol pid --path /x --lock-delay 5s --reason why -- a',
      'run-protocol',
      { lockDelayMs: 5_000, reason: 'why' },
    ],
    ['run --protocol lease x -- a', 'run', { name: 'x' }],
  ])('"%s" is %s', (line, kind, options) => {
    expect(parse(line)).toMatchObject({ kind, options });
  });

  test.each([
    [
      'run x --protocol pid --path /x -- a',
      '"x" is one argument too many. With --protocol the lock is named',
    ],
    ['run --protocol pid -- a', '--path: is missing. With --protocol pid it names what is locked.'],
    ['run --protocol vfs -- a', 'a file, or s3://bucket/key'],
    [
      'run --protocol pdi --path /x -- a',
      '--protocol: "pdi" is not known. Allowed: lease, pid, vfs, levels,',
    ],
    ['run --protocol pid --path /x', 'The command to run is missing'],
    ['run x --path /x -- a', '--path is for the locks of other programs: say which with --protocol.'],
    ['run x --vfs-keys old -- a', '--vfs-keys is for the locks of other programs'],
    ['run x --protocol lease --path /x -- a', '--path is for the locks of other programs'],
    ['run --protocol pid --path /x --store /s -- a', '--store and --protocol pid contradict each other'],
    ['run --protocol pid --path /x --lock-delay 2h -- a', '--lock-delay: 2h is over 1h'],
    [
      'run --protocol pid --path /x --vfs-keys old -- a',
      '--vfs-keys and --protocol: how keys are spelt is for vfs',
    ],
    [
      'run --protocol vfs --path /x --vfs-keys odd -- a',
      '--vfs-keys: "odd" is not known. Allowed: new, old, both.',
    ],
    ['run --protocol pid --path /x --ttl 90s -- a', '--ttl: "90s" is not a number of whole minutes'],
    ['run --protocol vfs --path /x --ttl 2s -- a', '--ttl: "2s" is not between 5s and 24h'],
    ['run --protocol levels --path /x --ttl 2m -- a', "--ttl: can't be given with levels"],
    ['run --protocol asterisk-flock --path /x --ttl 2m -- a', "--ttl: can't be given with asterisk-flock"],
    ['run --protocol pid --path s3://b/k -- a', '--path and --protocol: only vfs has its locks in S3'],
    ['run --protocol vfs --path gs://b/k -- a', 'Protocol vfs takes a path, or s3://bucket/key?region=…'],
    ['acquire --protocol pid --path /x --on-busy skip', 'skip is for run'],
    ['acquire --protocol pid --path /x --max-hold 5s', '--max-hold: is under 1m'],
    ['acquire --protocol pid --path /x -- a', 'nothing to stand after "--"'],
    ['release --protocol pid --path /x', '--lease is missing'],
    [
      `break --protocol pid --path /x --lease ${LEASE}`,
      '--lease is for leases. With --protocol the lock at --path',
    ],
    ['status --protocol pid --path /x --ttl 1m', '--ttl is no option of "status"'],
    ['history --protocol pid --path /x', '--protocol is no option of "history"'],
    ['reserve --protocol pid --path /x --for 1h --reason r', '--protocol is no option of "reserve"'],
  ])('"%s" is refused, saying why', (line, message) => {
    expect(refusal(line)).toContain(message);
  });

  test.each([
    ['rnu x', 'There is no command "rnu". Did you mean run?'],
    ['frobnicate', 'Known: run, acquire, release, status, history, list, reserve, break, doctor.'],
    ['--json status x', 'The command comes first'],
    ['run x --tll 5s -- a', 'There is no option "--tll". Did you mean --ttl?'],
    ['run x --zzzzzzzz -- a', 'Known: --store, --ttl,'],
    ['run x -q -- a', 'There is no option "-q"'],
    [
      'status x --ttl 5s',
      '--ttl is no option of "status". Its options: --store, --protocol, --path, --json.',
    ],
    ['run x --ttl', '--ttl needs a value'],
    ['run x --reason --json -- a', '--reason needs a value'],
    ['run x --json=yes -- a', '--json takes no value'],
    ['run x --json --json -- a', '--json is given twice'],
    ['run x --ttl 20s --ttl 30s -- a', '--ttl is given twice'],
    ['run', 'The name of the lock is missing'],
    ['run x', 'The command to run is missing'],
    ['run x --', 'The command to run is missing'],
    ['run x make all', 'leasehold run x -- make'],
    ['run x y -- a', '"y" is one argument too many'],
    ['status x -- a', 'nothing to stand after "--"'],
    ['list x', '"x" is one argument too many'],
    ['run ../x -- a', 'name: "../x"'],
    ['run x --ttl 5s -- a', 'ttl: 5s is not between 15s and 1d'],
    ['run x --ttl 90 -- a', '--ttl: "90" is not a duration'],
    ['run x --wait-timeout soon -- a', '--wait-timeout: "soon" is not a duration'],
    ['run x --on-busy fail --wait-timeout 5s -- a', 'contradict each other'],
    ['run x --on-busy never -- a', '--on-busy: "never" is not known. Allowed: wait, fail, skip.'],
    [
      'run x --stale-policy always -- a',
      'Allowed: never, expired, holder-finished, expired-and-holder-finished.',
    ],
    ['acquire x --on-busy skip', 'skip is for run'],
    ['acquire x --max-hold 5s', '--max-hold: is under 1m'],
    ['acquire x --pid 0', '--pid: "0" is not a process id'],
    ['acquire x --pid self', '--pid: "self" is not a process id'],
    ['release x', '--lease is missing'],
    ['release x --lease ../../etc', '--lease: "../../etc" is not a lease id'],
    ['status x --store memory:', 'memory: ends with this process'],
    [`run x --owner-id ${'o'.repeat(501)} -- a`, '--owner-id: has 501 characters, more than 500'],
  ])('"%s" is refused, saying why', (line, message) => {
    expect(refusal(line)).toContain(message);
  });

  test('whether errors are wanted as JSON is known even of a line that is refused', () => {
    expect(wantsJson(['status', '--jsno', '--json'])).toBe(true);
    expect(wantsJson(['run', 'x', '--', 'tool', '--json'])).toBe(false);
  });
});

describe('the help', () => {
  test.each(Object.entries(COMMANDS))(
    'of %s tells of all its options and of no other',
    (name, { options }) => {
      const text = help(name as keyof typeof COMMANDS);
      const told = [...text.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, option]) => option);
      expect(told).toEqual([...options, 'help']);
    },
  );

  test('tells of all commands', () => {
    for (const [name, { summary }] of Object.entries(COMMANDS))
      expect(help(undefined)).toContain(`${name} `.padEnd(9) + summary);
  });

  test('keeps to the width as far as words allow', () => {
    const lines = Object.keys(COMMANDS).flatMap((name) =>
      help(name as keyof typeof COMMANDS, 72).split('\n'),
    );
    expect(lines.filter((line) => line.length > 72 && !line.includes('expired-and-holder-finished'))).toEqual(
      [],
    );
  });

  test('no option is known that no command has', () => {
    const used = new Set<string>(Object.values(COMMANDS).flatMap(({ options }) => [...options]));
    expect(Object.keys(OPTIONS).filter((name) => !used.has(name))).toEqual(['help']);
  });
});
