import { describe, expect, test } from '@jest/globals';
import { check, type ViolationKind } from './checker.ts';
import type { Attack, ClientEntry, LockRules } from './journal.ts';

const EXPIRED: LockRules = { lock: 'x', policy: 'expired', ttlMs: 15_000 };
const FINISHED: LockRules = { lock: 'x', policy: 'holder-finished', ttlMs: 15_000 };

/** A hold: when its worker gave a sign of life, the first to enter and the last to leave unless it was `cut`. */
interface Play {
  readonly token: number;
  readonly atMs: readonly number[];
  readonly cut?: true;
  readonly attack?: Attack;
  readonly entry?: Partial<ClientEntry>;
  readonly refusedAtMs?: number;
}

/** What the logs say of holds whose clients are numbered from 1. */
function logsOf(rules: LockRules, plays: readonly Play[]) {
  const witnesses = plays.flatMap(({ token, atMs, cut, refusedAtMs }, index) => {
    const line = (ms: number, what: string) => `${ms.toFixed(3)} ${what} ${token} ${index + 1} 4711`;
    const last = atMs.length - 1;
    return [
      ...atMs.map((ms, i) => line(ms, i === 0 ? 'enter' : i === last && !cut ? 'leave' : 'beat')),
      ...(refusedAtMs === undefined ? [] : [line(refusedAtMs, 'refused')]),
    ];
  });
  const writes = plays.flatMap(({ token, atMs, refusedAtMs }, index) =>
    atMs.map((ms) => ({
      ms,
      token,
      client: index + 1,
      refused: refusedAtMs !== undefined && ms >= refusedAtMs,
    })),
  );
  const resource = writes
    .sort((a, b) => a.ms - b.ms)
    .map(
      ({ ms, token, client, refused }) => `${ms} ${refused ? 'refused' : 'accepted'} x ${token} ${client}`,
    );
  const clients = plays.map(
    ({ attack, cut, entry }, index): ClientEntry => ({
      client: index + 1,
      lock: 'x',
      form: 'run',
      exit: attack && cut ? (attack.kind.startsWith('stop') ? '76' : 'SIGKILL') : '0',
      said: '',
      ...(attack ? { attack } : {}),
      ...entry,
    }),
  );
  return { rules, witnesses: witnesses.join('\n'), resource: resource.join('\n'), clients };
}

function violationsOf(rules: LockRules, plays: readonly Play[]): ViolationKind[] {
  return check(logsOf(rules, plays)).violations.map(({ kind }) => kind);
}

describe('logs in which all is well', () => {
  const cases: [name: string, rules: LockRules, plays: Play[]][] = [
    [
      'one after the other',
      EXPIRED,
      [
        { token: 7, atMs: [100, 120] },
        { token: 8, atMs: [121, 140] },
      ],
    ],
    [
      'a killed holder, and the next when its lease has run out',
      EXPIRED,
      [
        { token: 7, atMs: [100, 120], cut: true, attack: { kind: 'kill-leasehold', atMs: 118 } },
        { token: 8, atMs: [17_100, 17_140], entry: { waitingMs: 50 } },
      ],
    ],
    [
      'a killed holder, and the next at once by proof of its death',
      FINISHED,
      [
        { token: 7, atMs: [100, 120], cut: true, attack: { kind: 'kill-all', atMs: 120 } },
        { token: 8, atMs: [300, 340] },
      ],
    ],
    [
      'a command that was killed, and the lock released',
      EXPIRED,
      [
        {
          token: 7,
          atMs: [100, 120],
          cut: true,
          attack: { kind: 'kill-command', atMs: 120 },
          entry: { exit: '137' },
        },
        { token: 8, atMs: [180, 340] },
      ],
    ],
    [
      'a token that a killed waiter got and never used',
      EXPIRED,
      [
        { token: 7, atMs: [100, 120] },
        { token: 9, atMs: [18_000, 18_100] },
      ],
    ],
    [
      'one stopped, whose worker its guard has ended',
      EXPIRED,
      [
        {
          token: 7,
          atMs: [100, 15_100],
          cut: true,
          attack: { kind: 'stop-leasehold', atMs: 110, resumedMs: 19_000 },
        },
        { token: 8, atMs: [17_100, 17_140] },
      ],
    ],
  ];
  test.each(cases)('%s', (_name, rules, plays) => {
    const { violations, lateWorkers } = check(logsOf(rules, plays));
    expect(violations).toEqual([]);
    expect(lateWorkers).toEqual([]);
  });

  test('one suspended past its deadline with all its processes: its late writes are refused', () => {
    const { violations, lateWorkers, refusedWrites } = check(logsOf(EXPIRED, [...SUSPENDED]));
    expect(violations).toEqual([]);
    expect(lateWorkers).toMatchObject([{ hold: { client: 1 }, next: { client: 2 }, refusedWrites: 2 }]);
    expect(refusedWrites).toBe(2);
  });

  test('a job whose keeper was killed goes on, and is refused', () => {
    const attack: Attack = { kind: 'kill-keeper', atMs: 150 };
    const { violations, lateWorkers } = check(
      logsOf(EXPIRED, [
        { token: 7, atMs: [100, 20_000], attack, refusedAtMs: 20_000, entry: { form: 'job', exit: '76' } },
        { token: 8, atMs: [17_100, 17_140] },
      ]),
    );
    expect(violations).toEqual([]);
    expect(lateWorkers).toHaveLength(1);
  });
});

/** Stopped at 110 and resumed at 19 s, when another had entered: it writes twice before its guard kills it. */
const SUSPENDED: readonly [Play, Play] = [
  {
    token: 7,
    atMs: [100, 19_001, 19_006],
    cut: true,
    attack: { kind: 'stop-all', atMs: 110, resumedMs: 19_000 },
    refusedAtMs: 19_001,
  },
  { token: 8, atMs: [17_100, 17_140] },
];

describe('logs in which something is wrong', () => {
  const cases: [name: string, expected: ViolationKind[], rules: LockRules, plays: Play[]][] = [
    [
      'two at work at once',
      ['overlap'],
      EXPIRED,
      [
        { token: 7, atMs: [100, 120] },
        { token: 8, atMs: [119, 140] },
      ],
    ],
    [
      'a long hold that reaches over a short one into a third',
      ['overlap'],
      EXPIRED,
      [
        { token: 7, atMs: [100, 400], refusedAtMs: 400 },
        { token: 8, atMs: [200, 210] },
        { token: 9, atMs: [300, 310] },
      ],
    ],
    [
      'a worker that outlives its killed leasehold until the next one enters',
      ['overlap'],
      FINISHED,
      [
        {
          token: 7,
          atMs: [100, 320],
          cut: true,
          attack: { kind: 'kill-leasehold', atMs: 118 },
          refusedAtMs: 320,
        },
        { token: 8, atMs: [300, 340] },
      ],
    ],
    [
      'a guard that did not end the worker of a stopped leasehold',
      ['overlap'],
      EXPIRED,
      [
        {
          token: 7,
          atMs: [100, 17_200],
          cut: true,
          attack: { kind: 'stop-leasehold', atMs: 110, resumedMs: 19_000 },
          refusedAtMs: 17_200,
        },
        { token: 8, atMs: [17_100, 17_140] },
      ],
    ],
    [
      'one resumed past its deadline that is not ended',
      ['overlap'],
      EXPIRED,
      [{ ...SUSPENDED[0], atMs: [100, 19_001, 26_000] }, SUSPENDED[1]],
    ],
    [
      'one suspended for too short a time to be stolen from',
      ['overlap', 'stolen-early'],
      EXPIRED,
      [
        {
          token: 7,
          atMs: [100, 9_010],
          cut: true,
          attack: { kind: 'stop-all', atMs: 110, resumedMs: 9_000 },
          refusedAtMs: 9_010,
        },
        { token: 8, atMs: [8_000, 8_040] },
      ],
    ],
    [
      'one suspended and robbed, though only a finished one may be',
      ['overlap', 'stolen-from-living'],
      FINISHED,
      [...SUSPENDED],
    ],
    [
      'a token that fell',
      ['token-fell'],
      EXPIRED,
      [
        { token: 8, atMs: [100, 120] },
        { token: 7, atMs: [200, 220], refusedAtMs: 200 },
      ],
    ],
    [
      'a token given twice',
      ['token-repeated'],
      EXPIRED,
      [
        { token: 7, atMs: [100, 120] },
        { token: 7, atMs: [200, 220] },
      ],
    ],
    [
      'a dead holder robbed before its lease can have run out',
      ['stolen-early'],
      EXPIRED,
      [
        { token: 7, atMs: [100, 120], cut: true, attack: { kind: 'kill-all', atMs: 120 } },
        { token: 8, atMs: [9_000, 9_100] },
      ],
    ],
    [
      'a dead holder that blocks a waiter for too long',
      ['stuck'],
      EXPIRED,
      [
        { token: 7, atMs: [100, 120], cut: true, attack: { kind: 'kill-all', atMs: 120 } },
        { token: 8, atMs: [30_000, 30_100], entry: { waitingMs: 60 } },
      ],
    ],
    [
      'a dead holder whose proof of death does not help',
      ['stuck'],
      FINISHED,
      [
        { token: 7, atMs: [100, 120], cut: true, attack: { kind: 'kill-all', atMs: 120 } },
        { token: 8, atMs: [17_200, 17_300], entry: { waitingMs: 60 } },
      ],
    ],
    [
      'a worker that was ended for nothing',
      ['ended-without-cause'],
      EXPIRED,
      [{ token: 7, atMs: [100, 120], cut: true }],
    ],
    [
      'a worker that was ended because its guard was killed',
      ['ended-without-cause'],
      EXPIRED,
      [
        {
          token: 7,
          atMs: [100, 120],
          cut: true,
          attack: { kind: 'kill-guard', atMs: 110 },
          entry: { exit: '0' },
        },
      ],
    ],
    [
      'a client that failed though nothing was done to it',
      ['wrong-exit'],
      EXPIRED,
      [{ token: 7, atMs: [100, 120], entry: { exit: '70' } }],
    ],
    [
      'a lease that was lost where nobody may steal it',
      ['wrong-exit'],
      FINISHED,
      [
        {
          token: 7,
          atMs: [100, 120],
          attack: { kind: 'kill-keeper', atMs: 110 },
          entry: { form: 'job', exit: '76' },
        },
      ],
    ],
  ];
  test.each(cases)('%s', (_name, expected, rules, plays) => {
    const found = violationsOf(rules, plays);
    // Where no write is said to be refused that should be, the resource is wrong as well.
    expect(found.filter((kind) => kind !== 'resource-wrong').sort()).toEqual([...expected].sort());
  });

  test('a resource that lets a late writer through', () => {
    const logs = logsOf(EXPIRED, [...SUSPENDED]);
    const resource = logs.resource.replaceAll('refused', 'accepted');
    expect(check({ ...logs, resource }).violations.map(({ kind }) => kind)).toEqual([
      'resource-wrong',
      'resource-wrong',
    ]);
  });

  test('a write that is refused although nobody else was in', () => {
    const logs = logsOf(EXPIRED, [
      { token: 7, atMs: [100, 120] },
      { token: 8, atMs: [130, 140] },
    ]);
    const resource = '95 accepted x 8 2\n100 refused x 7 1\n';
    expect(check({ ...logs, resource }).violations.map(({ kind }) => kind)).toEqual(['refused-in-its-right']);
  });

  test('lines that can not be read, a beat of one that never entered, one that enters twice, one nobody started', () => {
    const logs = logsOf(EXPIRED, [{ token: 7, atMs: [100, 120] }]);
    const witnesses = `${logs.witnesses}\ngarbage\n130 beat 8 2 4711\n130 enter 9 1 4711\n140 enter 10 3 4711\n`;
    expect(check({ ...logs, witnesses }).violations.map(({ kind }) => kind)).toEqual([
      'unreadable',
      'unreadable',
      'unreadable',
      'unreadable',
    ]);
  });

  test('says who, when and why', () => {
    const [{ message } = { message: '' }] = check(
      logsOf(EXPIRED, [
        { token: 7, atMs: [100, 120] },
        { token: 8, atMs: [119, 140] },
      ]),
    ).violations.filter(({ kind }) => kind === 'overlap');
    expect(message).toBe(
      'Lock "x": client 1 (token 7) was still at work 1.0 ms after client 2 (token 8) had entered (at 119). Nothing was done to it.',
    );
  });
});
