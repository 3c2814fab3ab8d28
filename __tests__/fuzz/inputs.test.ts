import { isAbsolute } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseInputs } from '../../src/action/inputs.ts';
import { INPUTS, type Input } from '../../src/action/keys.ts';
import { parseDuration } from '../../src/base/duration.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import { COMMANDS, OPTIONS } from '../../src/cli/grammar.ts';
import { messageLines } from '../../src/cli/io.ts';
import { type Invocation, parseInvocation } from '../../src/cli/options.ts';
import { checkName, isRecordKey, recordKey } from '../../src/lease/name.ts';
import { parseRecord, serialise } from '../../src/lease/record.ts';
import { describeSelf } from '../../src/lease/self.ts';
import { openStore } from '../../src/store/open.ts';
import { S3Store } from '../../src/store/s3.ts';
import { parseS3Url } from '../../src/store/s3-location.ts';
import { StoreError } from '../../src/store/store.ts';
import { heldRecord, KEY, leaseIdOf, NAME } from '../support/fake-lock.ts';
import { catches, holds } from './fuzz.ts';
import { harmIn, hostileText } from './hostile.ts';

/*
 * Whatever a user, a workflow or an environment gives: it is taken and means what it says, or refused with a UsageError
 * that can be printed. Never anything else.
 */

/** What `work` gives, or the UsageError; anything else that is thrown fails the property. */
function refusedOr<T>(work: () => T): { readonly value: T } | { readonly refused: UsageError } {
  try {
    return { value: work() };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { refused: isPrintable(error) };
  }
}

function isPrintable<E extends Error>(error: E): E {
  if (error.message === '') throw new Error('it says nothing');
  for (const line of messageLines(error.message)) {
    const harm = harmIn(`leasehold: ${line}`);
    if (harm) throw new Error(harm);
  }
  return error;
}

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

const fine = (...values: string[]) => ({ weight: 3, arbitrary: fc.constantFrom(...values) });
const text = { weight: 1, arbitrary: hostileText };
const durations = fc.oneof(
  fine('0', '15s', '90s', '1h30m', '500ms', '2d', '1.5s', '999999999999d', '90', '-1s', '1s 1s'),
  text,
);
const stores = fc.oneof(
  fine(
    '/locks',
    '~/locks',
    'file:///locks',
    's3://b/p?region=r',
    'locks',
    'memory:',
    '/a/../b',
    '/work/_temp/x',
    'C:\\locks',
    '',
  ),
  fine(
    'file:///locks?fsync=never',
    'file://host/locks',
    'file:locks',
    'FILE:///x',
    'S3://B',
    's3:',
    'ftp://x',
    '/locks?x',
    'file:///%00',
  ),
  text,
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('s3://', 'file:///', '/', 's3://b/', 's3://b?region='), hostileText)
      .map((both) => both.join('')),
  },
);
const OF: Partial<Record<Input, fc.Arbitrary<string>>> = {
  name: fc.oneof(fine(NAME, 'deploy', 'Prod', '.', '..', 'a/../b', ''), text),
  store: stores,
  enabled: fc.oneof(fine('true', 'True', 'TRUE', 'true', 'true', 'false', 'yes'), text),
  heartbeat: fc.oneof(fine('true', 'false', 'FALSE', ''), text),
  summary: fc.oneof(fine('true', 'false'), text),
  'on-busy': fc.oneof(fine('wait', 'skip', 'fail'), text),
  'on-lost': fc.oneof(fine('warn', 'fail'), text),
  'stale-policy': fc.oneof(fine('never', 'expired', 'holder-finished', 'expired-and-holder-finished'), text),
  ttl: durations,
  'wait-timeout': durations,
  'lock-delay': durations,
  'max-hold': durations,
  scope: fc.oneof(fine('job', 'run'), text),
  gap: durations,
  release: fc.oneof(fine('true', 'false'), text),
};
const RIGHT: Record<string, string> = {
  ...{
    name: NAME,
    store: '/locks',
    ttl: '90s',
    'wait-timeout': '30m',
    'on-busy': 'wait',
    'stale-policy': 'expired',
  },
  ...{ 'on-stale': '', 'lock-delay': '0s', 'owner-id': '', reason: '', heartbeat: 'true', 'max-hold': '6h' },
  ...{ 'on-lost': 'warn', enabled: 'true', summary: 'true' },
  ...{ scope: 'job', gap: '30m', release: 'false', 'notify-after': '10m' },
};

const given: fc.Arbitrary<Record<Input, string>> = fc
  .tuple(
    fc.record(
      Object.fromEntries(INPUTS.map((input) => [input, OF[input] ?? hostileText])) as Record<
        Input,
        fc.Arbitrary<string>
      >,
    ),
    // Few at a time are wrong, or nobody would get past the first.
    fc.subarray([...INPUTS], { maxLength: 3 }),
  )
  .map(
    ([values, wrong]) =>
      Object.fromEntries(
        INPUTS.map((input) => [input, wrong.includes(input) ? values[input] : (RIGHT[input] ?? '')]),
      ) as Record<Input, string>,
  );

const VARIABLES = [
  'HOME',
  'XDG_STATE_HOME',
  'GITHUB_WORKSPACE',
  'RUNNER_TEMP',
  'RUNNER_ENVIRONMENT',
  'LEASEHOLD_STORE',
];
const variables = fc
  .tuple(
    fc.record(
      Object.fromEntries(
        VARIABLES.map((name) => [name, fc.oneof(fine('/home/ci', '/work/_temp', 'github-hosted', ''), text)]),
      ),
      { requiredKeys: [] },
    ),
    fc.boolean(),
  )
  .map(([values, none]) => (none ? {} : values));

type Inputs = ReturnType<typeof parseInputs>;

const readsInputs = (parse: typeof parseInputs) => {
  return fc.property(given, variables, (values, environ) => {
    const outcome = refusedOr<Inputs>(() => parse((input) => values[input], environ));
    if ('refused' in outcome || outcome.value === undefined) return true;
    const { name, store, timing, waitTimeoutMs, lockDelayMs, maxHoldMs, ownerId, reason } = outcome.value;
    const isLocal = !/^[a-z][a-z0-9+.-]+:/i.test(store) || /^file:/i.test(store);
    return (
      /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*){0,7}$/.test(name) &&
      (!isLocal || /^(\/|[A-Za-z]:|file:\/\/\/)/i.test(store)) &&
      (!isLocal || !/(^|\/)\.\.(\/|$)/.test(store.split('?')[0] ?? '')) &&
      [waitTimeoutMs, lockDelayMs, maxHoldMs, timing.callTimeoutMs].every(
        (ms) => Number.isFinite(ms) && ms >= 0,
      ) &&
      timing.ttlMs >= 15_000 &&
      timing.marginMs >= 1_000 &&
      timing.renewEveryMs * 2 < timing.ttlMs - timing.marginMs &&
      lockDelayMs <= 3_600_000 &&
      maxHoldMs >= 60_000 &&
      ownerId.length <= 500 &&
      reason.length <= 500
    );
  });
};

describe('the inputs of the action', () => {
  test('are all right, or refused', async () => {
    await holds(readsInputs(parseInputs), 3_000);
  });

  test.each<[string, typeof parseInputs]>([
    [
      'lets any name through',
      (read, environ) => {
        const inputs = parseInputs((input) => (input === 'name' ? NAME : read(input)), environ);
        return inputs && { ...inputs, name: read('name') };
      },
    ],
    [
      'takes a relative directory',
      (read, environ) => {
        const inputs = parseInputs((input) => (input === 'store' ? '/locks' : read(input)), environ);
        return inputs && { ...inputs, store: read('store') };
      },
    ],
    [
      'takes a bare number for milliseconds',
      (read, environ) => {
        const inputs = parseInputs((input) => (input === 'wait-timeout' ? '1s' : read(input)), environ);
        return inputs && { ...inputs, waitTimeoutMs: Number.parseInt(read('wait-timeout'), 10) };
      },
    ],
    [
      'fails with errors of its own',
      (read, environ) => {
        if (read('on-busy') === '') throw new TypeError('on-busy');
        return parseInputs(read, environ);
      },
    ],
  ])('that would not pass if it %s', async (_, wrong) => {
    expect(await catches(readsInputs(wrong), 20_000)).toBe(true);
  });
});

describe('a duration', () => {
  const PATTERN = /^\s*(0|((\d{1,12}(\.\d{1,3})?)(ms|s|m|h|d))+)\s*$/;
  test('is what it says in milliseconds, or refused', async () => {
    const reads = fc.property(
      fc.oneof(durations, fc.stringMatching(/^[0-9.]{1,6}(ms|s|m|h|d|y)?[0-9]{0,3}(s|m)?$/)),
      (written) => {
        const outcome = refusedOr(() => parseDuration(written, 'ttl'));
        if ('refused' in outcome) return !PATTERN.test(written);
        return PATTERN.test(written) && Number.isInteger(outcome.value) && outcome.value >= 0;
      },
    );
    await holds(reads, 2_000);
  });
});

describe('a name', () => {
  test('has a key that is safe on every store, or is refused', async () => {
    const keys = fc.property(fc.oneof(hostileText, fc.stringMatching(/^[A-Za-z0-9._/-]{1,210}$/)), (name) => {
      const outcome = refusedOr(() => recordKey(checkName(name)));
      if ('refused' in outcome) return true;
      return (
        isRecordKey(outcome.value) &&
        /^locks(\/[a-z0-9][a-z0-9._-]*-[0-9a-f]{12})+\/lease\.json$/.test(outcome.value)
      );
    });
    await holds(keys, 1_500);
  });
});

describe('the command line', () => {
  const word = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...Object.keys(COMMANDS),
        'help',
        '--',
        '-h',
        '--version',
        '-',
        '--=',
        '--no-json',
        '-xyz',
      ),
    },
    { weight: 6, arbitrary: fc.constantFrom(...Object.keys(OPTIONS)).map((name) => `--${name}`) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom(...Object.keys(OPTIONS)), fc.oneof(hostileText, durations))
        .map(([name, value]) => `--${name}=${value}`),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        NAME,
        '15s',
        '/locks',
        'true',
        '7',
        leaseIdOf('a'),
        'skip',
        'expired',
        'pid',
        'vfs',
        'sh',
        'toString',
        '__proto__',
      ),
    },
    { weight: 2, arbitrary: hostileText },
  );
  const line = fc
    .tuple(fc.constantFrom(...Object.keys(COMMANDS)), fc.array(word, { maxLength: 6 }), fc.boolean())
    .map(([command, words, named]) => (named ? [command, NAME, ...words] : words));

  const reads = (parse: typeof parseInvocation) =>
    fc.property(line, variables, (argv, environ) => {
      const outcome = refusedOr<Invocation>(() => parse(argv, environ));
      if ('refused' in outcome || outcome.value.kind === 'version' || outcome.value.kind === 'help')
        return true;
      const { options } = outcome.value;
      const where = 'protocol' in options ? options.path : options.store;
      if (!isAbsolute(where) && !/^[a-z][a-z0-9+.-]+:/i.test(where)) return false;
      if (where.includes('\0') && 'protocol' in options) return false;
      if ('name' in options && checkName(options.name) !== options.name) return false;
      if ('leaseId' in options && !/^[0-9a-f]{32}$/.test(options.leaseId ?? leaseIdOf('a'))) return false;
      if ('pid' in options && !(Number.isSafeInteger(options.pid) && Number(options.pid) > 0)) return false;
      return !('command' in options) || (options.command[0] !== '' && argv.includes('--'));
    });

  test('is an invocation that can be carried out, or refused', async () => {
    await holds(reads(parseInvocation), 4_000);
  });

  test('that would not pass if a lease id were taken unchecked', async () => {
    const unchecked: typeof parseInvocation = (argv, environ) => {
      const at = argv.findIndex((word) => word.startsWith('--lease='));
      const checked = argv.map((word, index) => (index === at ? `--lease=${leaseIdOf('a')}` : word));
      const invocation = parseInvocation(checked, environ);
      if (at < 0 || invocation.kind !== 'release') return invocation;
      return { kind: 'release', options: { ...invocation.options, leaseId: (argv[at] ?? '').slice(8) } };
    };
    expect(await catches(reads(unchecked), 200_000)).toBe(true);
  });
});

describe('where the store is', () => {
  const url = fc.oneof(
    stores,
    fc
      .tuple(
        fc.oneof(
          fine('bucket', 'a.b', 'B_1', '%41', 'a%00b', 'x y', 'é', '[::1]', '-', '127.0.0.1', ''),
          text,
        ),
        hostileText,
        fc.oneof(fine('eu-west-1', '', 'a b', 'x/../y', '..', 'a.b', 'x@evil.example/'), text),
        fc.oneof(
          fine(
            '',
            'http://127.0.0.1:1',
            'https://h/p?q#f',
            'http://a b',
            'ftp://x',
            'http://u:p@h',
            'http://%00',
          ),
          text,
        ),
        fc.constantFrom('', 'true', 'false', 'yes'),
      )
      .map(([bucket, prefix, region, endpoint, style]) => {
        const query = new URLSearchParams({ region, endpoint, 'force-path-style': style });
        return `s3://${bucket}/${prefix}?${query}`;
      }),
  );

  test('an s3 URL names a bucket, or is refused, and no secret in it is repeated', async () => {
    const reads = fc.property(url, fc.boolean(), (location, secret) => {
      const told = secret ? location.replace('s3://', 's3://me:hunter2@') : location;
      const outcome = refusedOr(() => parseS3Url(told, {}));
      if ('refused' in outcome) return !outcome.refused.message.includes('hunter2');
      return outcome.value.bucket !== '' && /^$|\/$/.test(outcome.value.prefix);
    });
    await holds(reads, 2_000);
  });

  test('a store opens, or the location is refused', async () => {
    const opens = fc.asyncProperty(url, async (location) => {
      try {
        return (await openStore(location)).url !== '';
      } catch (error) {
        if (error instanceof UsageError || error instanceof StoreError)
          return isPrintable(error) instanceof Error;
        throw error;
      }
    });
    await holds(opens, 600);
  });

  test('whatever the environment holds for the SDK and for proxies, an S3 store opens, or says what is wrong', async () => {
    const names = [
      'HTTP_PROXY',
      'https_proxy',
      'ALL_PROXY',
      'NO_PROXY',
      'AWS_REGION',
      'AWS_DEFAULT_REGION',
      'AWS_PROFILE',
    ];
    const more = [
      'AWS_MAX_ATTEMPTS',
      'AWS_RETRY_MODE',
      'AWS_USE_FIPS_ENDPOINT',
      'AWS_USE_DUALSTACK_ENDPOINT',
      'AWS_DEFAULTS_MODE',
      'AWS_ENDPOINT_URL',
      'AWS_CONFIG_FILE',
      'AWS_S3_USE_ARN_REGION',
    ];
    const value = fc.oneof(
      fine('', 'true', '1', 'x', 'http://127.0.0.1:9', 'socks5://x', 'http://[bad', '*', '/nonexistent'),
      text,
    );
    const environ = fc.dictionary(
      fc.constantFrom(...names, ...more),
      value.map((each) => each.replaceAll('\0', '')),
      { maxKeys: 4 },
    );
    const opens = fc.asyncProperty(
      environ,
      fc.constantFrom('s3://b', 's3://b?region=eu-west-1', 's3://b?endpoint=http://127.0.0.1:9'),
      async (set, location) => {
        process.env = {
          ...Object.fromEntries(Object.entries(environment).filter(([name]) => !/^AWS_|_PROXY$/i.test(name))),
          AWS_EC2_METADATA_DISABLED: 'true',
          ...set,
        };
        try {
          return (await S3Store.open(location)).url === location;
        } catch (error) {
          if (error instanceof UsageError || error instanceof StoreError)
            return isPrintable(error) instanceof Error;
          throw error;
        }
      },
    );
    await holds(opens, 300);
  });
});

test('whatever the environment says of the run, what is written of it can be read', async () => {
  const NAMES = [
    'SERVER_URL',
    'REPOSITORY',
    'RUN_ID',
    'RUN_ATTEMPT',
    'WORKFLOW',
    'JOB',
    'ACTOR',
    'REF',
    'SHA',
  ];
  const value = fc.oneof(
    hostileText,
    hostileText.map((short) => short.repeat(40)),
    fc.constantFrom('https://github.com', '7', '1e3', '0x7'),
  );
  const written = fc.property(
    fc.dictionary(fc.constantFrom(...NAMES.map((name) => `GITHUB_${name}`)), value),
    hostileText,
    (environ, said) => {
      const holder = describeSelf(
        { ...environ, GITHUB_ACTIONS: 'true' },
        { leaseId: leaseIdOf('a'), ownerId: said.repeat(3), reason: said.repeat(9) },
      );
      const body = serialise(heldRecord({ holder }));
      expect(parseRecord(body, { name: NAME, key: KEY, storeUrl: '' }).holder).toEqual(
        JSON.parse(body).holder,
      );
    },
  );
  await holds(written, 500);
});
