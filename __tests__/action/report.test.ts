import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type HoldReport, holdSummary, refusedSummary, skipSummary } from '../../src/action/report.ts';
import { timeline } from '../../src/action/timeline.ts';
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

const GOLDEN = join(import.meta.dirname, 'golden');
const OURS = 'https://github.com';

/** The file of a summary as it should be. `LEASEHOLD_GOLDEN=write` makes it anew. */
function golden(name: string, summary: string): string {
  const file = join(GOLDEN, name);
  if (process.env.LEASEHOLD_GOLDEN === 'write') writeFileSync(file, summary);
  return readFileSync(file, 'utf8');
}

const HOLD: HoldReport = {
  name: 'prod/api',
  holder: ALICE,
  token: 7,
  waitedMs: 61_000,
  heldMs: 754_000,
  renewals: 4,
  renewedMs: [30_100, 59_800, 91_250, 121_000],
  ended: 'released',
  origin: OURS,
};
const BOB: Holder = {
  ...ALICE,
  runId: '41',
  ownerId: 'nightly',
  runAttempt: 1,
  runUrl: `${OURS}/octo/app/actions/runs/41/attempts/1`,
};
const HOSTILE: Holder = {
  ...ALICE,
  ownerId: '<img src=x onerror=alert(1)> | `rm` ##[error]x\n::error::y @octocat #1 https://evil.example',
  workflow: '```\n# h\n```mermaid\ngantt',
  reason: '[a](javascript:b) ![x](https://evil.example/y.png) **d** \u202e',
  runUrl: `${OURS}/octo/app/actions/runs/41) [x](https://evil.example`,
};

describe('the summary', () => {
  test.each<[string, string]>([
    ['hold.md', holdSummary(HOLD)],
    ['stolen.md', holdSummary({ ...HOLD, stolenFrom: BOB })],
    [
      'lost.md',
      holdSummary({
        ...HOLD,
        ended: 'lost: it was broken by "mona": "stuck"',
        lost: {
          aloneUntilMs: 500_000,
          aloneUntil: '2026-03-01T12:09:21Z',
          cancel: 'GitHub has accepted it',
        },
      }),
    ],
    ['hostile.md', holdSummary({ ...HOLD, holder: HOSTILE, stolenFrom: HOSTILE })],
    ['skipped.md', skipSummary('deploy', { ownerId: 'mona', leaseId: 'b'.repeat(32), host: 'ci-3' })],
    ['not-free.md', refusedSummary({ name: 'deploy', holder: BOB }, 1_800_000, OURS)],
  ])('%s', (name, summary) => {
    expect(summary).toBe(golden(name, summary));
  });

  test('of a run on another server has no link to it', () => {
    const elsewhere = { ...BOB, runUrl: 'https://ghe.example/octo/app/actions/runs/41' };
    expect(skipSummary('deploy', elsewhere, OURS)).not.toContain('](');
    expect(skipSummary('deploy', BOB, undefined)).not.toContain('](');
    expect(skipSummary('deploy', BOB, OURS)).toContain(`([run](${BOB.runUrl}))`);
  });
});

describe('the course as a chart', () => {
  const course = { waitedMs: 0, endedMs: 3_600_000, renewals: 0, renewedMs: [] };

  test('many renewals are thinned, with the first and the last among them', () => {
    const renewedMs = Array.from({ length: 120 }, (_, index) => (index + 1) * 30_000);
    const chart = timeline({ ...course, renewals: 120, renewedMs });
    expect(chart).toContain(
      '    section Renewals, 12 of 120\n    30s :milestone, 2000-01-01 00:00:30.000, 0ms\n',
    );
    expect(chart).toContain('    1h :milestone, 2000-01-01 01:00:00.000, 0ms\n');
    expect(chart.match(/:milestone/g)).toHaveLength(12);
  });

  test('without a renewal there is no row for them', () => {
    expect(timeline(course)).not.toContain('Renewals');
  });

  test('a hold of days has days on its axis', () => {
    expect(timeline(course)).toContain('axisFormat %H:%M:%S');
    expect(timeline({ ...course, endedMs: 2 * 86_400_000 })).toContain('axisFormat day %-d %H:%M');
  });

  test.each([
    ['before it began', -5, 'lost 1h :crit, 2000-01-01 00:00:00.000, 3600000ms'],
    ['after it ended', 9_000_000, 'held 1h :active, 2000-01-01 00:00:00.000, 3600000ms'],
  ])('a loss %s is put within it', (_, aloneUntilMs, row) => {
    expect(timeline({ ...course, aloneUntilMs })).toContain(row);
  });

  test('times that can be none break nothing', () => {
    const odd = {
      waitedMs: 1e300,
      endedMs: -1,
      renewals: 2,
      renewedMs: [-1e300, 1e300],
      aloneUntilMs: -1e300,
    };
    expect(timeline(odd).split('\n')).toHaveLength(12);
  });
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
          renewedMs: [],
          ended: `lost: ${reason}`,
        };
        for (const [summary, lines] of [
          [holdSummary({ ...hold, holder, stolenFrom: holder }), 10],
          [skipSummary('deploy', holder), 6],
        ] as const) {
          const [markdown = ''] = summary.split('```mermaid');
          const rows = markdown.trimEnd().split('\n');
          expect(rows).toHaveLength(lines);
          for (const row of rows.slice(4))
            expect(row.replace(/`[^`]+`/, '')).toMatch(/^\| [A-Z][a-z ]+ \| [0-9a-z, –]* \|$/);
        }
      }),
    );
  });
});
