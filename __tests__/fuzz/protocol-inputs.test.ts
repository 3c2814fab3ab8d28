import { isAbsolute } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { INPUTS, type Input } from '../../src/action/keys.ts';
import { parseProtocolInputs } from '../../src/action/protocol-inputs.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import { messageLines } from '../../src/cli/io.ts';
import { PROTOCOLS } from '../../src/protocols/protocol.ts';
import { catches, holds } from './fuzz.ts';
import { harmIn, hostileText } from './hostile.ts';

/* Whatever a workflow gives for the lock of another program: it is taken and means what it says, or refused in words. */

const fine = (...values: string[]) => ({ weight: 3, arbitrary: fc.constantFrom(...values) });
const text = { weight: 1, arbitrary: hostileText };
const durations = fc.oneof(fine('', '0', '5s', '60s', '1m', '90m', '1d', '4s', '25h', '1m30s', '90'), text);

const OF: Partial<Record<Input, fc.Arbitrary<string>>> = {
  protocol: fc.oneof(fine(...PROTOCOLS, 'lease', 'flock'), text),
  path: fc.oneof(
    fine('/run/x.lock', '~/x', 'x', '', 's3://b/k', 'S3://b/k?region=r', '//x', '/a/../b'),
    text,
  ),
  'vfs-keys': fc.oneof(fine('', 'new', 'old', 'both'), text),
  ttl: durations,
  'wait-timeout': durations,
  'max-hold': durations,
  name: fc.oneof(fine('', 'deploy'), text),
  store: fc.oneof(fine('', '/locks'), text),
  heartbeat: fc.oneof(fine('true', 'TRUE', 'false'), text),
  scope: fc.oneof(fine('job', 'run'), text),
  release: fc.oneof(fine('false', 'true'), text),
};
const RIGHT: Partial<Record<Input, string>> = {
  ...{ 'on-busy': 'wait', 'wait-timeout': '30m', 'stale-policy': 'expired', 'lock-delay': '0s' },
  ...{ scope: 'job', release: 'false', heartbeat: 'true', 'max-hold': '6h', 'on-lost': 'warn' },
  ...{ enabled: 'true', summary: 'true', 'notify-after': '10m', audience: 'sts.amazonaws.com' },
};
/** Those that make a request; of the rest few at a time are wrong, or nobody would get past the first. */
const ALWAYS: readonly Input[] = ['protocol', 'path', 'vfs-keys', 'ttl'];

const given = fc
  .tuple(
    fc.record(Object.fromEntries(INPUTS.map((input) => [input, OF[input] ?? hostileText]))),
    fc.subarray([...INPUTS], { maxLength: 2 }),
  )
  .map(([values, wrong]) => (input: Input): string => {
    const any = ALWAYS.includes(input) || wrong.includes(input);
    return (any ? values[input] : RIGHT[input]) ?? '';
  });

type Parse = typeof parseProtocolInputs;

const readsInputs = (parse: Parse) =>
  fc.property(given, (read) => {
    const environment = { HOME: '/home/ci', RUNNER_ENVIRONMENT: 'self-hosted' };
    let inputs: ReturnType<Parse>;
    try {
      inputs = parse(read, environment);
    } catch (error) {
      if (!(error instanceof UsageError) || error.message === '') throw error;
      return messageLines(error.message).every((line) => harmIn(`leasehold: ${line}`) === undefined);
    }
    if (!inputs) return true;
    const { protocol, path, ttlMs, keys } = inputs.settings;
    const inS3 = /^s3:/i.test(path);
    return (
      PROTOCOLS.includes(protocol) &&
      (inS3 ? protocol === 'vfs' : isAbsolute(path)) &&
      (keys === undefined || protocol === 'vfs') &&
      (ttlMs === undefined || (ttlMs >= 5_000 && ttlMs <= 86_400_000)) &&
      (protocol !== 'vfs' || ttlMs !== undefined) &&
      (protocol !== 'pid' || (ttlMs ?? 0) % 60_000 === 0) &&
      (!['levels', 'asterisk-flock'].includes(protocol) || ttlMs === undefined) &&
      read('name') === '' &&
      read('store') === '' &&
      inputs.maxHoldMs >= 60_000
    );
  });

/** The inputs, some of them always taken for what they should be. */
const blindTo =
  (blind: Partial<Record<Input, string>>): Parse =>
  (read, environment) =>
    parseProtocolInputs((input) => blind[input] ?? read(input), environment);

describe('the inputs for the lock of another program', () => {
  test('are all right, or refused', async () => {
    await holds(readsInputs(parseProtocolInputs), 3_000);
  });

  test.each<[string, Parse]>([
    ['takes a lease', blindTo({ name: '', store: '' })],
    [
      'takes seconds for pid',
      (read, environment) => {
        const inputs = parseProtocolInputs((input) => (input === 'ttl' ? '' : read(input)), environment);
        return inputs && { ...inputs, settings: { ...inputs.settings, ttlMs: 5_000 } };
      },
    ],
    [
      'takes a relative path',
      (read, environment) => {
        const inputs = parseProtocolInputs((input) => (input === 'path' ? '/x' : read(input)), environment);
        return inputs && { ...inputs, settings: { ...inputs.settings, path: read('path') } };
      },
    ],
  ])('a version that %s is found out', async (_, parse) => {
    expect(await catches(readsInputs(parse), 10_000)).toBe(true);
  });
});
