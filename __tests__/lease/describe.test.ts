import { describe, expect, test } from '@jest/globals';
import type { Waiting } from '../../src/lease/acquire.ts';
import {
  describeHolder,
  describeLoss,
  describeRecord,
  describeWaiting,
  WaitLog,
} from '../../src/lease/describe.ts';
import type { Holder, LeaseRecord } from '../../src/lease/record.ts';
import { heldRecord, leaseIdOf } from '../support/fake-lock.ts';

const NOW_MS = 1_000_000;
const holder: Holder = {
  ownerId: '42',
  leaseId: leaseIdOf('b'),
  repository: 'octo/app',
  workflow: 'Deploy',
  runId: '42',
  runAttempt: 2,
  job: 'prod',
  actor: 'mona',
  runUrl: 'https://github.com/octo/app/actions/runs/42',
  reason: 'release 1.2',
};
const record = heldRecord({ holder });
const waiting: Waiting = {
  name: record.name,
  record,
  observation: { firstSeenMs: NOW_MS - 5_000, seenMs: NOW_MS, ageMs: 20_000 },
  decision: { kind: 'wait', dueMs: 72_000, confirming: false },
  waitedMs: 5_000,
  nextLookMs: 250,
};

const HOSTILE = '\n::error::pwned\r##[error]pwned\u001b[2J\u2028::add-mask::x\ud83d';
const hostileHolder = Object.fromEntries(
  Object.entries({ ...holder, host: '' }).map(([field, value]) => [
    field,
    typeof value === 'string' && field !== 'leaseId' ? HOSTILE : value,
  ]),
) as Holder;

function expectHarmless(lines: string[]): void {
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(line).not.toContain('##[');
    expect(line).not.toMatch(/^\s*::/);
    expect(line).toContain('pwned');
  }
}

describe('a holder', () => {
  test.each<[string, Partial<Holder>, string]>([
    ['of a run', holder, 'run 42 attempt 2 of octo/app (workflow "Deploy", job "prod", by "mona")'],
    [
      'with a name of its own',
      { ...holder, ownerId: 'deploy-bot' },
      'run 42 attempt 2 of octo/app (owner "deploy-bot", workflow "Deploy", job "prod", by "mona")',
    ],
    [
      'of a run and nothing more',
      { runId: '42', repository: 'octo/app', ownerId: '42' },
      'run 42 of octo/app',
    ],
    [
      'of a run whose repository is not known',
      { runId: 'jenkins-deploy-12', ownerId: 'jenkins-deploy-12', workflow: 'deploy' },
      'run jenkins-deploy-12 (workflow "deploy")',
    ],
    ['on a host', { ownerId: 'mona', host: 'ci-3' }, '"mona" on host "ci-3"'],
    ['with a name alone', { ownerId: 'mona' }, '"mona"'],
  ])('%s', (_, given, expected) => {
    expect(describeHolder({ leaseId: leaseIdOf('b'), ownerId: '', ...given })).toBe(expected);
  });
});

describe('the golden text of a wait', () => {
  test('for a lease that has time left', () => {
    expect(describeWaiting(waiting, 'expired', NOW_MS)).toEqual([
      'Lock "deploy-api" is held by run 42 attempt 2 of octo/app (workflow "Deploy", job "prod", by "mona").',
      '  run     https://github.com/octo/app/actions/runs/42',
      `  since   2026-03-01T12:00:00Z, token 7, 3 renewals, lease ${leaseIdOf('b')}`,
      '  reason  "release 1.2"',
      '  lease   runs out in 1m10s unless it is renewed',
      '  policy  expired: it is taken when no renewal comes for 1m32s, in 1m12s',
    ]);
  });

  test('for a holder of whom nothing is known', () => {
    const bare = heldRecord({ renewals: 1, holder: { ownerId: 'mona', leaseId: leaseIdOf('b') } });
    expect(describeWaiting({ ...waiting, record: bare }, 'never', NOW_MS)).toEqual([
      'Lock "deploy-api" is held by "mona".',
      `  since   2026-03-01T12:00:00Z, token 7, 1 renewal, lease ${leaseIdOf('b')}`,
      '  lease   runs out in 1m10s unless it is renewed',
      '  policy  never: it is not stolen; only its holder or "leasehold break" frees it',
    ]);
  });

  test.each<[string, Partial<Waiting>, Parameters<typeof describeWaiting>[1], string[]]>([
    [
      'ran out',
      {
        observation: { ...waiting.observation, ageMs: 150_000 },
        decision: { kind: 'wait', confirming: false },
        verdict: { kind: 'alive', detail: 'its process 42 runs on this machine' },
      },
      'expired-and-holder-finished',
      [
        '  lease   ran out 1m ago',
        '  policy  expired-and-holder-finished: it is taken when no renewal comes for 1m32s and there is proof that its holder is gone (its process 42 runs on this machine)',
      ],
    ],
    [
      'is waited for without a proof',
      {
        decision: { kind: 'wait', confirming: false },
        verdict: { kind: 'unknown', detail: 'GitHub answered 403' },
      },
      'holder-finished',
      [
        '  lease   runs out in 1m10s unless it is renewed',
        '  policy  holder-finished: it is taken on proof that its holder is gone (GitHub answered 403)',
      ],
    ],
    [
      'is protected by the on-stale command',
      {
        observation: { ...waiting.observation, ageMs: 150_000 },
        decision: { kind: 'steal', token: 8, because: 'expired' },
        vetoed: 'exit status 1: still deploying',
      },
      'expired',
      [
        '  lease   ran out 1m ago',
        '  policy  expired: it may be stolen, but the on-stale command said no (exit status 1: still deploying)',
      ],
    ],
  ])('for a lease that %s', (_, more, policy, lines) => {
    expect(describeWaiting({ ...waiting, ...more }, policy, NOW_MS).slice(-2)).toEqual(lines);
  });
});

describe('a record', () => {
  const ended = { how: 'released', at: '2026-03-01T12:05:00Z' } as const;
  test.each<[string, LeaseRecord, string]>([
    [
      'that is free',
      { ...record, state: 'released', ended },
      'Lock "deploy-api" is free. Token 7; last held by run 42 attempt 2 of octo/app (workflow "Deploy", job "prod", by "mona"), released 2026-03-01T12:05:00Z.',
    ],
    [
      'that was broken',
      {
        ...record,
        state: 'released',
        ended: { how: 'broken', at: ended.at, by: 'ops', reason: 'runner gone' },
      },
      'Lock "deploy-api" is free. Token 7; last held by run 42 attempt 2 of octo/app (workflow "Deploy", job "prod", by "mona"), broken 2026-03-01T12:05:00Z by "ops": "runner gone".',
    ],
    [
      'that is granted',
      { ...record, state: 'granted', grant: { ticket: '5-1', leaseId: leaseIdOf('c') } },
      'Lock "deploy-api" is handed to the ticket "5-1" and waits to be claimed.',
    ],
  ])('%s', (_, given, line) => {
    expect(describeRecord(given)).toEqual([line]);
  });
});

describe('why a lease was lost', () => {
  test.each<[Parameters<typeof describeLoss>[0], string]>([
    [
      { kind: 'stolen', by: holder, token: 8 },
      'run 42 attempt 2 of octo/app (workflow "Deploy", job "prod", by "mona") has the lock now, with token 8 (https://github.com/octo/app/actions/runs/42)',
    ],
    [{ kind: 'broken', by: 'ops', reason: 'stuck' }, 'it was broken by "ops": "stuck"'],
    [{ kind: 'broken' }, 'it was broken by "somebody": "no reason given"'],
    [{ kind: 'released' }, 'it was released elsewhere'],
    [{ kind: 'missing' }, 'its record was deleted from the store'],
    [{ kind: 'unreachable', detail: 'no renewal got through' }, 'no renewal got through'],
    [{ kind: 'refused', detail: 'denied' }, 'denied'],
    [{ kind: 'max-hold', maxHoldMs: 7_200_000 }, 'it was held for the maximum of 2h'],
  ])('%j', (cause, text) => {
    expect(describeLoss(cause)).toBe(text);
  });
});

describe('a record that somebody else wrote to do harm', () => {
  const hostile: LeaseRecord = heldRecord({ acquiredAt: HOSTILE, holder: hostileHolder });

  test('is shown without harm, wherever it is shown', () => {
    expectHarmless(describeRecord(hostile));
    expectHarmless(
      describeRecord({
        ...hostile,
        state: 'released',
        ended: { how: 'broken', at: HOSTILE, by: HOSTILE, reason: HOSTILE },
      }),
    );
    expectHarmless(
      describeRecord({ ...hostile, state: 'granted', grant: { ticket: HOSTILE, leaseId: HOSTILE } }),
    );
    expectHarmless([describeLoss({ kind: 'stolen', by: hostileHolder, token: 8 })]);
    expectHarmless([describeLoss({ kind: 'broken', by: HOSTILE, reason: HOSTILE })]);
    expectHarmless([describeLoss({ kind: 'refused', detail: HOSTILE })]);
    expectHarmless([describeHolder({ ownerId: HOSTILE, host: HOSTILE, leaseId: leaseIdOf('b') })]);
  });

  test('so are what the evidence says of it and what the on-stale command says', () => {
    const told = { ...waiting, record: hostile, verdict: { kind: 'unknown', detail: HOSTILE } } as const;
    expectHarmless(
      describeWaiting(told, 'holder-finished', NOW_MS).filter((line) => !line.startsWith('  lease')),
    );
    expectHarmless(
      describeWaiting({ ...told, vetoed: HOSTILE }, 'expired', NOW_MS).filter(
        (line) => !line.startsWith('  lease'),
      ),
    );
    const log = new WaitLog('holder-finished');
    log.lines(told, NOW_MS);
    expectHarmless(log.lines(told, NOW_MS + 60_000));
  });
});

describe('the log of a wait', () => {
  const STILL = 'Still waiting for lock "deploy-api" after';

  test('says what the history lets one expect, once it is known, with the holder and each minute', () => {
    const log = new WaitLog('expired');
    const expected = 'about 3m left; it is usually held for 4m (median of 9 holds)';
    expect(log.lines(waiting, NOW_MS, expected).at(-1)).toBe(`  usual   ${expected}`);
    expect(log.lines(waiting, NOW_MS + 250, expected)).toEqual([]);
    const [still] = log.lines(waiting, NOW_MS + 60_000, expected);
    expect(still).toMatch(/\. About 3m left; it is usually held for 4m \(median of 9 holds\)\.$/);
  });

  test('says everything once for each change of holder, not for each renewal', () => {
    const log = new WaitLog('expired');
    expect(log.lines(waiting, NOW_MS)).toHaveLength(6);
    expect(log.lines(waiting, NOW_MS + 250)).toEqual([]);
    const renewed = { ...waiting, record: heldRecord({ holder, renewals: 4, nonce: 'd'.repeat(32) }) };
    expect(log.lines(renewed, NOW_MS + 500)).toEqual([]);
    const next = {
      ...waiting,
      record: heldRecord({ token: 8, holder: { ...holder, leaseId: leaseIdOf('c') } }),
    };
    expect(log.lines(next, NOW_MS + 750)).toHaveLength(6);
    expect(log.lines(next, NOW_MS + 1_000)).toEqual([]);
  });

  test('says it again when the evidence or the veto changes', () => {
    const log = new WaitLog('holder-finished');
    log.lines(waiting, NOW_MS);
    const alive = { ...waiting, verdict: { kind: 'alive', detail: 'it runs' } } as const;
    expect(log.lines(alive, NOW_MS + 250)).toHaveLength(6);
    expect(log.lines({ ...alive, vetoed: 'no' }, NOW_MS + 500)).toHaveLength(6);
    expect(log.lines({ ...alive, vetoed: 'no' }, NOW_MS + 750)).toEqual([]);
  });

  test('gives a sign of life each minute in between', () => {
    const log = new WaitLog('expired');
    log.lines(waiting, NOW_MS);
    const said: [number, string[]][] = [];
    for (let ms = 250; ms <= 180_000; ms += 250) {
      const lines = log.lines({ ...waiting, waitedMs: ms }, NOW_MS + ms);
      if (lines.length > 0) said.push([ms, lines]);
    }
    expect(said).toEqual(
      ['1m', '2m', '3m'].map((after, index) => [
        (index + 1) * 60_000,
        [
          `${STILL} ${after}: held by run 42 attempt 2 of octo/app (workflow "Deploy", job "prod", by "mona"), expired: it is taken when no renewal comes for 1m32s, in 1m12s.`,
        ],
      ]),
    );
  });
});
