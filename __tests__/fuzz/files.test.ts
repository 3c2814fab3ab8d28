import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Config, parseConfig, parseResult, type Result } from '../../src/action/state.ts';
import { systemClock } from '../../src/base/clock.ts';
import { sweepKeepers } from '../../src/cli/keepers.ts';
import { KeeperFolder } from '../../src/keeper/folder.ts';
import { type Handover, type KeeperStatus, parseHandover, parseStatus } from '../../src/keeper/handover.ts';
import { resumeLease } from '../../src/keeper/snapshot.ts';
import { buildTiming } from '../../src/lease/policy.ts';
import { serialise } from '../../src/lease/record.ts';
import { StoreError } from '../../src/store/store.ts';
import { heldRecord as anyHeldRecord, FakeLock, holderOf } from '../support/fake-lock.ts';
import { catches, holds } from './fuzz.ts';
import { harmIn, hostileText } from './hostile.ts';
import { changed, holder, isPartOf, record } from './records.ts';

/*
 * What one process leaves for the next: the state of the action, the folder of a keeper, the handover. Cut off, changed or
 * written by something else, it is refused or taken as it is; nothing is made up.
 */

const TIMING = buildTiming({ ttlMs: 90_000 });
const snapshot = fc.record({
  body: record.map(serialise),
  version: hostileText,
  sentAt: fc.record({ wallMs: fc.double({ noNaN: true, noDefaultInfinity: true }), monotonicMs: fc.nat() }),
});
const role = fc.record({ arn: hostileText, sessionName: hostileText, audience: hostileText });
const access = fc.record({ region: hostileText, role }, { requiredKeys: [] });
const config: fc.Arbitrary<Config> = fc.record({
  ...{
    name: hostileText,
    store: hostileText,
    access,
    timing: fc.constant(TIMING),
    holder,
    folder: hostileText,
  },
  ...{
    heartbeat: fc.boolean(),
    maxHoldMs: fc.nat(),
    onLost: fc.constantFrom('warn' as const, 'fail' as const),
  },
  summary: fc.boolean(),
});
const result: fc.Arbitrary<Result> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('acquired' as const),
      ...{ token: fc.nat(), waitedMs: fc.nat(), acquiredMs: fc.nat(), snapshot, stolenFrom: holder },
    },
    { requiredKeys: ['kind', 'token', 'waitedMs', 'acquiredMs', 'snapshot'] },
  ),
  fc.record({ kind: fc.constant('skipped' as const), by: holder, waitedMs: fc.nat() }),
  fc.constant({ kind: 'disabled' as const }),
);
const cause = fc.oneof(
  fc.record({ kind: fc.constant('stolen' as const), by: holder, token: fc.nat() }),
  fc.record(
    { kind: fc.constant('broken' as const), by: hostileText, reason: hostileText },
    { requiredKeys: ['kind'] },
  ),
  fc.record({ kind: fc.constantFrom('released' as const, 'missing' as const) }),
  fc.record({ kind: fc.constantFrom('unreachable' as const, 'refused' as const), detail: hostileText }),
  fc.record({ kind: fc.constant('max-hold' as const), maxHoldMs: fc.nat() }),
);
const status = fc.record(
  {
    keeper: fc.record(
      { pid: fc.integer({ min: 1 }), startTime: hostileText.map((text) => text.slice(0, 1_000)) },
      { requiredKeys: ['pid'] },
    ),
    state: fc.oneof(
      fc.record({ kind: fc.constantFrom('keeping' as const, 'released' as const) }),
      fc.record({ kind: fc.constant('lost' as const), cause, at: hostileText, aloneUntil: hostileText }),
      fc.record({ kind: fc.constant('failed' as const), detail: hostileText }),
    ),
    ...{ snapshot, renewals: fc.nat(), latestMs: fc.nat() },
  },
  { requiredKeys: ['keeper', 'state', 'snapshot', 'renewals'] },
) as fc.Arbitrary<KeeperStatus>;
const SECRET = 'hunter2hunter2';
const handover: fc.Arbitrary<Handover> = fc.record(
  {
    ...{ name: hostileText, store: hostileText, access, timing: fc.constant(TIMING) },
    ...{ snapshot, folder: hostileText },
    ...{ maxHoldMs: fc.nat(), worker: fc.record({ pid: fc.integer({ min: 1 }) }) },
    ...{ acquiredMs: fc.nat(), waitedMs: fc.nat() },
    notify: fc.record({ command: hostileText, environment: fc.constant({ WEBHOOK: SECRET }) }),
    cancel: fc.record({
      ...{ apiUrl: hostileText, repository: hostileText, runId: hostileText },
      token: fc.constant(SECRET),
    }),
    environment: fc.dictionary(fc.constantFrom('AWS_SECRET_ACCESS_KEY', 'HTTPS_PROXY'), fc.constant(SECRET)),
  },
  {
    requiredKeys: [
      'name',
      'store',
      'access',
      'timing',
      'snapshot',
      'folder',
      'maxHoldMs',
      'acquiredMs',
      'waitedMs',
      'environment',
    ],
  },
) as fc.Arbitrary<Handover>;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A parser of these files, for which `undefined` is a refusal. */
type Parse<T> = (text: string) => T | undefined;

const takesWhatIsThere = <T>(parse: Parse<T>, right: fc.Arbitrary<T>) =>
  fc.property(
    fc.oneof(
      right.map((value) => JSON.stringify(value)),
      changed(right),
    ),
    (text) => {
      const value = parse(text);
      if (value === undefined) return true;
      const again = JSON.stringify(value);
      return isPartOf(value, jsonOf(text)) && isDeepStrictEqual(parse(again), value);
    },
  );

const comesBack = <T>(parse: Parse<T>, right: fc.Arbitrary<T>) =>
  fc.property(right, (value) =>
    isDeepStrictEqual(parse(JSON.stringify(value)), jsonOf(JSON.stringify(value))),
  );

const parseHandoverOrNot: Parse<Handover> = (text) => {
  try {
    return parseHandover(text);
  } catch (error) {
    // It ends up in the keeper's log, and the end of that in the log of the step.
    if (!(error instanceof Error) || error.message.includes('hunter')) throw new Error('it tells a secret');
    return undefined;
  }
};

describe('what a process leaves', () => {
  const kinds: [string, Parse<unknown>, fc.Arbitrary<unknown>][] = [
    ['the configuration', parseConfig, config],
    ['the result', parseResult, result],
    ["a keeper's status", parseStatus, status],
    ['a handover', parseHandoverOrNot, handover],
  ];

  test.each(kinds)('%s comes back as it was left', async (_, parse, right) => {
    await holds(comesBack(parse, right), 150);
  });

  test.each(kinds)('%s that was changed or cut is refused, or is what it says', async (_, parse, right) => {
    await holds(takesWhatIsThere(parse, right), 700);
  });

  test.each<[string, Parse<unknown>]>([
    [
      'fills in what is missing',
      (text) => parseConfig(JSON.stringify({ heartbeat: true, ...Object(jsonOf(text)) })),
    ],
    [
      'takes any JSON',
      (text) => {
        const json = jsonOf(text);
        return parseConfig(text) ?? (json === undefined ? undefined : { ...Object(json), name: '' });
      },
    ],
    ['throws at what is cut off', (text) => parseConfig(text) ?? JSON.parse(text).holder.leaseId],
  ])('that would not pass for a parser that %s', async (_, wrong) => {
    expect(await catches(takesWhatIsThere(wrong, config as fc.Arbitrary<unknown>), 5_000)).toBe(true);
  });
});

describe("a keeper's folder", () => {
  let parent = '';
  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), 'leasehold-fuzz-'));
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  test('with anything in it is read without a fault, and its log is told without harm', async () => {
    const folder = KeeperFolder.of(parent, 'a'.repeat(32));
    folder.create();
    const reads = fc.property(changed(status), fc.array(hostileText, { maxLength: 5 }), (text, lines) => {
      writeFileSync(join(folder.path, 'status.json'), text);
      writeFileSync(folder.logPath, lines.join('\n'));
      const read = folder.readStatus();
      return (
        isDeepStrictEqual(read, parseStatus(text)) && harmIn(`its log ends: ${folder.logEnd()}`) === undefined
      );
    });
    await holds(reads, 250);
  });

  test('that is no folder, or of a process that is not there, is passed over by the sweep', () => {
    const home = join(parent, 'state');
    const keepers = new KeeperFolder(join(home, 'leasehold', 'keepers', '-rf'));
    keepers.create();
    writeFileSync(join(home, 'leasehold', 'keepers', 'a file'), '');
    writeFileSync(join(keepers.path, 'status.json'), '{"keeper":{"pid":1e15},"state":1}');
    expect(() => sweepKeepers({ XDG_STATE_HOME: home }, systemClock.wallMs())).not.toThrow();
    expect(() => sweepKeepers({ XDG_STATE_HOME: `${home}/nowhere` }, systemClock.wallMs())).not.toThrow();
  });
});

test('a lease goes on from a snapshot only if that holds a lease of this very lock', async () => {
  const { context } = new FakeLock();
  const resumes = fc.property(changed(snapshot), (text) => {
    const given = jsonOf(text) as { body?: unknown } | undefined;
    fc.pre(typeof given?.body === 'string');
    try {
      const lease = resumeLease(context, TIMING, {
        version: '1',
        sentAt: { wallMs: 0, monotonicMs: 0 },
        body: given?.body as string,
      });
      return lease.record.state === 'held' && lease.record.name === context.name;
    } catch (error) {
      return error instanceof StoreError && error.kind === 'corrupt' && harmIn(error.message) === undefined;
    }
  });
  await holds(resumes, 500);
  const lease = resumeLease(context, TIMING, {
    body: serialise(anyHeldRecord({ holder: holderOf('a') })),
    version: '1',
    sentAt: { wallMs: 0, monotonicMs: 0 },
  });
  expect(lease.id).toBe('a'.repeat(32));
});
