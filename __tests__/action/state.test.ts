import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Config, parseConfig, parseResult, type Result } from '../../src/action/state.ts';
import { parseStatus } from '../../src/keeper/handover.ts';
import { buildTiming } from '../../src/lease/policy.ts';

const holder = { ownerId: '42', leaseId: 'a'.repeat(32), processes: [{ pid: 7, startTime: '99' }] };
const config: Config = {
  name: 'prod/api',
  store: 's3://bucket/prefix',
  access: {
    region: 'eu-west-1',
    role: {
      arn: 'arn:aws:iam::111122223333:role/locks',
      sessionName: 'leasehold-1',
      audience: 'sts.amazonaws.com',
    },
  },
  timing: buildTiming({ ttlMs: 90_000 }),
  holder,
  folder: '/work/_temp/leasehold/aaaa',
  heartbeat: true,
  maxHoldMs: 3_600_000,
  onLost: 'warn',
  summary: true,
};
const results: Result[] = [
  {
    kind: 'acquired',
    token: 7,
    waitedMs: 1.5,
    acquiredMs: 12.25,
    snapshot: { body: '{}', version: '1', sentAt: { wallMs: 1, monotonicMs: 2 } },
    stolenFrom: holder,
  },
  { kind: 'skipped', by: holder, waitedMs: 0 },
  { kind: 'disabled' },
];

describe('the state', () => {
  test('a configuration comes back as it was saved', () => {
    expect(parseConfig(JSON.stringify(config))).toEqual(config);
  });

  test.each(results.map((result) => [result.kind, result] as const))(
    'a result "%s" comes back as it was saved',
    (_, result) => {
      expect(parseResult(JSON.stringify(result))).toEqual(result);
    },
  );

  test('cut off anywhere, it is nothing: never half a configuration or a lease', () => {
    const texts = [JSON.stringify(config), ...results.map((result) => JSON.stringify(result))];
    for (const text of texts) {
      for (let length = 0; length < text.length; length += 1) {
        const cut = text.slice(0, length);
        expect(parseConfig(cut)).toBeUndefined();
        expect(parseResult(cut)).toBeUndefined();
        expect(parseStatus(cut)).toBeUndefined();
      }
    }
  });

  test('without any one of its fields a configuration is nothing', () => {
    for (const field of Object.keys(config)) {
      const rest = Object.entries(config).filter(([name]) => name !== field);
      expect([field, parseConfig(JSON.stringify(Object.fromEntries(rest)))]).toEqual([field, undefined]);
    }
  });

  test('no text makes the parsers throw', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const parse of [parseConfig, parseResult, parseStatus]) parse(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a configuration with any one value put wrong is nothing or whole, and never throws', () => {
    const paths = [
      'name',
      'store',
      'access',
      'timing',
      'holder',
      'folder',
      'heartbeat',
      'maxHoldMs',
      'onLost',
      'summary',
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const parsed = parseConfig(JSON.stringify({ ...config, [path]: value }));
        if (parsed) expect(typeof parsed[path]).toBe(typeof config[path]);
      }),
    );
  });
});
