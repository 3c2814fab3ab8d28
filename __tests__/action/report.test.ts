import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holdSummary, skipSummary } from '../../src/action/report.ts';
import type { Holder } from '../../src/lease/record.ts';

const ALICE: Holder = {
  ownerId: '42',
  leaseId: 'a'.repeat(32),
  repository: 'octo/app',
  workflow: 'Deploy',
  runId: '42',
  runAttempt: 2,
  job: 'prod',
  actor: 'mona',
  reason: 'release 1.2',
};

test('the summary of a hold', () => {
  const summary = holdSummary({
    name: 'prod/api',
    holder: ALICE,
    token: 7,
    waitedMs: 61_000,
    heldMs: 754_000,
    renewals: 25,
    stolenFrom: { ...ALICE, runId: '41', ownerId: 'nightly', runAttempt: 1 },
    ended: 'released',
  });
  expect(summary).toBe(
    [
      '### Lock `prod/api`',
      '',
      '| | |',
      '|---|---|',
      '| Owner | `run 42 attempt 2 of octo/app (workflow "Deploy", job "prod", by "mona")` |',
      '| Fencing token | 7 |',
      '| Waited | 1m1s |',
      '| Held | 12m34s, `released` |',
      '| Renewals | 25 |',
      '| Stolen from | `run 41 attempt 1 of octo/app (owner "nightly", workflow "Deploy", job "prod", by "mona")` |',
      '',
    ].join('\n'),
  );
});

test('the summary of a job that was skipped', () => {
  expect(skipSummary('deploy', { ownerId: 'mona', leaseId: 'b'.repeat(32), host: 'ci-3' })).toBe(
    [
      '### Lock `deploy`: skipped',
      '',
      '| | |',
      '|---|---|',
      '| Held by | `"mona" on host "ci-3"` |',
      '| Reason | – |',
      '',
    ].join('\n'),
  );
});

describe('whatever is in a record', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '[a](javascript:b) ![x](y) `c` **d** _e_ ~f~',
      'a | b\n| c |',
      '##[add-mask]x',
      '\n::set-output name=a::b',
      '@octocat #1 https://evil.example\u202e',
      '&lt;img&gt;',
    ),
  );

  test('a summary has as many lines and cells as ever, and nothing in them that renders', () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, (reason, ownerId, job) => {
        const holder = { ...ALICE, reason, ownerId, job };
        const hold = {
          name: 'deploy',
          token: 7,
          waitedMs: 0,
          heldMs: 0,
          renewals: 0,
          ended: `lost: ${reason}`,
        };
        for (const [summary, lines] of [
          [holdSummary({ ...hold, holder, stolenFrom: holder }), 11],
          [skipSummary('deploy', holder), 7],
        ] as const) {
          const rows = summary.split('\n');
          expect(rows).toHaveLength(lines);
          for (const row of rows.slice(4, -1))
            expect(row.replace(/`[^`]+`/, '')).toMatch(/^\| [A-Z][a-z ]+ \| [0-9a-z, –]* \|$/);
        }
      }),
    );
  });
});
