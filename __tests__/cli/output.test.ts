import { constants } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { reportLines } from '../../src/cli/commands/doctor.ts';
import { historyLines } from '../../src/cli/commands/history.ts';
import { listLines } from '../../src/cli/commands/list.ts';
import { graceMs } from '../../src/cli/commands/run.ts';
import { lockDocument } from '../../src/cli/documents.ts';
import { eventDocument, eventLines, type LockEvent } from '../../src/cli/events.ts';
import { exitCodeOf, exitCodeOfSignal } from '../../src/cli/exit-codes.ts';
import { jsonLine } from '../../src/cli/json.ts';
import { breakCommand } from '../../src/cli/lock.ts';
import { fitTo, LiveLine } from '../../src/cli/terminal.ts';
import type { Waiting } from '../../src/lease/acquire.ts';
import type { Hold } from '../../src/lease/history.ts';
import { heldRecord, holderOf, NAME } from '../support/fake-lock.ts';

const SUBJECT = { name: NAME, store: 's3://locks/ci' };
const ESCAPE = '\u001b';

describe('exit codes', () => {
  test.each([
    ['usage', 64],
    ['unavailable', 69],
    ['indeterminate', 69],
    ['defect', 70],
    ['not-released', 73],
    ['busy', 75],
    ['timed-out', 75],
    ['lost', 76],
    ['not-held', 76],
    ['denied', 77],
    ['misconfigured', 78],
    ['corrupt', 78],
  ] as const)('%s is %i', (kind, code) => {
    expect(exitCodeOf(kind)).toBe(code);
  });

  test('a signal is 128 and its number', () => {
    expect(exitCodeOfSignal('SIGKILL')).toBe(137);
    expect(exitCodeOfSignal('SIGUSR1')).toBe(128 + constants.signals.SIGUSR1);
  });
});

describe('JSON on one line', () => {
  const nasty = `a\n::error::b##[warning]c${ESCAPE}[2J\u0085\u2028\u202e\u{e0041}\ud800"\\##\\u005b`;

  test('reads back as the very same text', () => {
    expect(JSON.parse(jsonLine({ nasty }))).toEqual({ nasty });
  });

  test('has nothing that a terminal or the runner acts on', () => {
    const line = jsonLine({ nasty, [nasty]: [nasty] });
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|##\[/u);
    expect(line.startsWith('{')).toBe(true);
  });

  test('leaves letters as they are', () => {
    expect(jsonLine(['größer', '鍵'])).toBe('["größer","鍵"]');
  });
});

describe('the live line', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly ten', 11, 'exactly ten'],
    ['one too many', 11, 'one too ma…'],
    ['鍵鍵鍵鍵', 8, '鍵鍵鍵鍵'],
    ['鍵鍵鍵鍵', 7, '鍵鍵鍵…'],
    ['👩‍👩‍👧‍👦 family', 6, '👩‍👩‍👧‍👦 fa…'],
    ['any', 1, '…'],
    ['any', 0, ''],
  ])('%j in %i columns is %j', (text, columns, fitted) => {
    expect(fitTo(text, columns)).toBe(fitted);
  });

  test('is redrawn in place, within the width that the terminal has at the time, and taken away once', () => {
    const written: string[] = [];
    let columns = 20;
    const line = new LiveLine({ write: (text) => written.push(text), columns: () => columns });
    line.clear();
    line.show('0123456789abcdefghijklmnopq');
    columns = 6;
    line.show('0123456789');
    line.clear();
    line.clear();
    const clear = `\r${ESCAPE}[K`;
    expect(written).toEqual([`${clear}0123456789abcdefgh…`, `${clear}0123…`, clear]);
  });
});

describe('the command that breaks a lease', () => {
  const common = { name: NAME, json: false, quiet: false };
  test.each([
    ['/var/lock', '/var/lock'],
    ['s3://b/p?region=eu-west-1&x=y', "'s3://b/p?region=eu-west-1&x=y'"],
    ["/it's", "'/it'\\''s'"],
  ])('names the store %s so that a shell reads it right', (store, shown) => {
    expect(breakCommand({ ...common, store, defaultStore: false }, 'f00')).toBe(
      `leasehold break ${NAME} --lease f00 --reason '…' --store ${shown}`,
    );
  });

  test('names no store where the default one will be found', () => {
    expect(breakCommand({ ...common, store: '/home/x', defaultStore: true }, 'f00')).not.toContain('--store');
  });
});

describe('the document of a lock', () => {
  test('says that it was never held', () => {
    expect(lockDocument(SUBJECT, undefined)).toEqual({ ...SUBJECT, state: 'absent' });
  });

  test.each([
    [91_999, false],
    [92_000, true],
  ])('at an age of %i ms says expired: %s', (ageMs, expired) => {
    expect(lockDocument({ ...SUBJECT, ageMs }, heldRecord())).toEqual({
      ...SUBJECT,
      state: 'held',
      token: 7,
      holder: holderOf('b'),
      ttlMs: 90_000,
      renewals: 3,
      acquiredAt: '2026-03-01T12:00:00Z',
      ageMs,
      expired,
    });
  });

  test('claims nothing of its age where the store has no clock', () => {
    const document = lockDocument(SUBJECT, heldRecord());
    expect(document).not.toHaveProperty('ageMs');
    expect(document).not.toHaveProperty('expired');
  });

  test('says how it ended, and nothing of expiry then', () => {
    const ended = { how: 'broken' as const, at: '2026-03-01T13:00:00Z', by: 'mona', reason: 'stuck' };
    const document = lockDocument(
      { ...SUBJECT, ageMs: 500_000 },
      { ...heldRecord(), state: 'released', ended },
    );
    expect(document).toMatchObject({ state: 'released', ended });
    expect(document).not.toHaveProperty('expired');
  });
});

describe('a listing', () => {
  const held = lockDocument({ ...SUBJECT, ageMs: 30_000 }, heldRecord());

  test('is a table with one lock a line, and below it what can not be read', () => {
    const late = lockDocument({ name: 'x', store: SUBJECT.store, ageMs: 150_000 }, heldRecord({ name: 'x' }));
    const corrupt = {
      key: 'locks/y',
      store: SUBJECT.store,
      state: 'corrupt' as const,
      message: 'It is not JSON.',
    };
    expect(listLines([held, corrupt, late], SUBJECT.store)).toEqual([
      'NAME        STATE  TOKEN  SINCE                 LEASE LEFT      HOLDER',
      'deploy-api  held   7      2026-03-01T12:00:00Z  1m              "owner b"',
      'x           held   7      2026-03-01T12:00:00Z  ran out 1m ago  "owner b"',
      'corrupt: It is not JSON.',
    ]);
  });

  test('of nothing says so', () => {
    expect(listLines([], '/locks')).toEqual(['There is no lock in /locks.']);
  });
});

describe('events', () => {
  const hostile = { ...holderOf('c'), ownerId: `x\n::error::y##[error]${ESCAPE}` };
  const events: Exclude<LockEvent, { kind: 'waiting' }>[] = [
    { kind: 'store-trouble', error: new Error(`no answer\n::error::${ESCAPE}`) },
    { kind: 'skipped', record: heldRecord({ holder: hostile }) },
    {
      kind: 'stolen',
      stolen: { from: heldRecord({ holder: hostile }), because: 'expired', proof: hostile.ownerId },
      lockDelayMs: 30_000,
    },
    { kind: 'renewal-trouble', error: new Error(hostile.ownerId) },
    { kind: 'unguarded' },
    { kind: 'renewed-late', lateMs: 1_234 },
    { kind: 'lost', token: 8, cause: { kind: 'stolen', by: hostile, token: 9 }, aloneUntilMs: 0 },
    {
      kind: 'lost',
      token: 8,
      cause: { kind: 'broken', by: hostile.ownerId, reason: hostile.ownerId },
      aloneUntilMs: 0,
    },
    { kind: 'released', token: 8, heldMs: 1.5 },
    { kind: 'notify-failed', detail: 'The notify command failed for "lost": exit status 1.' },
  ];

  test.each(events)('$kind is told in lines without anything that acts', (event) => {
    const lines = eventLines(event, SUBJECT);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]|##\[|::/u);
  });

  test.each(events)('$kind as a document names the event, the lock and the store', (event) => {
    expect(eventDocument(event, SUBJECT)).toMatchObject({ event: event.kind, ...SUBJECT });
  });
});

describe('a wait as a document', () => {
  const record = heldRecord();
  const waiting: Waiting = {
    name: NAME,
    record,
    observation: { firstSeenMs: 0, seenMs: 1 },
    decision: { kind: 'wait', confirming: false },
    waitedMs: 1.2,
    nextLookMs: 250.4,
  };

  test('says what the history lets one expect', () => {
    const expectation = { usual: { heldMs: 60_000.5, holds: 3 }, leftMs: 29_999.7 };
    expect(eventDocument({ kind: 'waiting', waiting, expectation }, SUBJECT)).toMatchObject({
      waitedMs: 1,
      nextLookMs: 250,
      usuallyHeldMs: 60_001,
      leftMs: 30_000,
    });
  });

  test('says nothing of it where nothing is known', () => {
    const document = eventDocument({ kind: 'waiting', waiting }, SUBJECT);
    expect(Object.keys(document)).toEqual(['event', 'name', 'store', 'waitedMs', 'nextLookMs', 'lock']);
  });
});

describe('the history', () => {
  const hold: Hold = {
    leaseId: 'b'.repeat(32),
    ownerId: '42',
    runUrl: 'https://github.com/o/r/actions/runs/42',
    token: 7,
    waitedMs: 1_000,
    heldMs: 61_000,
    how: 'released',
    at: '2026-03-01T12:00:00Z',
  };

  test('as a table, with the usual time once enough is known', () => {
    const {
      waitedMs: _,
      runUrl: __,
      ...stolen
    } = { ...hold, how: 'stolen' as const, ownerId: 'a\n::error::b' };
    expect(historyLines('x', [stolen, hold, hold, hold])).toEqual([
      'ENDED                 HOW       HELD  WAITED  TOKEN  OWNER                          RUN',
      '2026-03-01T12:00:00Z  stolen    1m1s          7      "a\\u000a:\\u003aerror:\\u003ab"',
      ...Array.from(
        { length: 3 },
        () =>
          '2026-03-01T12:00:00Z  released  1m1s  1s      7      "42"                           https://github.com/o/r/actions/runs/42',
      ),
      'It is usually held for 1m1s (median of 3 holds).',
    ]);
  });

  test('of nothing says so', () => {
    expect(historyLines('x', [])).toEqual(['Nothing is known of earlier holds of lock "x".']);
  });
});

describe('the report of the doctor', () => {
  const promise = {
    id: 'create',
    promise: 'One create applies.',
    safety: true,
    held: 'yes',
    detail: '16 raced',
  } as const;

  test('of a sound store', () => {
    expect(reportLines('/locks', { ok: true, storeClock: true, promises: [promise] })).toEqual([
      'Store /locks',
      '  ✓ One create applies. – 16 raced',
      'It has a clock: how old a lease is can be told at the first look.',
      'It keeps all promises that a lock needs.',
    ]);
  });

  test('of one that lies', () => {
    const lines = reportLines('/locks', {
      ok: false,
      storeClock: false,
      dialect: 'bare',
      promises: [
        { ...promise, held: 'no', detail: '16 applied' },
        { id: 'list', promise: 'Listing works.', safety: false, held: 'unknown', detail: '' },
      ],
    });
    expect(lines).toContain('  ✗ One create applies. – 16 applied');
    expect(lines).toContain('  · Listing works. (a lock does without)');
    expect(lines).toContain('It is spoken to in the dialect "bare".');
    expect(lines.at(-1)).toContain('can NOT be trusted');
  });
});

describe('how long a command may take to end when its lease is lost', () => {
  test.each([
    ['what is left of the ttl, when nobody else can have it yet', 'unreachable', 1_700, 1_700],
    ['five seconds of a long rest', 'unreachable', 60_000, 5_000],
    ['nothing when the ttl is over', 'refused', -3_000, 0],
    ['five seconds when it is somebody else’s anyway', 'missing', -3_000, 5_000],
  ] as const)('%s', (_, kind, leftMs, grace) => {
    expect(graceMs(kind === 'missing' ? { kind } : { kind, detail: '' }, leftMs)).toBe(grace);
  });
});
