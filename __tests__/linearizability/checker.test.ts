import { describe, expect, test } from '@jest/globals';
import { FakeRandom } from '../support/fake-random.ts';
import { check } from './checker.ts';
import { hasAnOrder } from './every-order.ts';
import { ABSENT, type Operation, type WriteOutcome } from './history.ts';
import { damaged, randomHistory } from './random-history.ts';

/*
 * A line is an operation: what, what it was answered, from when to when. `a1` is the first value that client a writes.
 *
 *   a1 creates, written 0 2      b1 replaces a1, conflict 3 4      c reads a1 5 6      c reads absent 0 1
 *   a1 creates, unknown 0 -      b1 replaces a1, written-as-z1 3 4
 *
 * `written-as-z1` has the version that belongs to the value z1.
 */
function history(lines: readonly string[]): Operation[] {
  return lines.map((line): Operation => {
    const [, name = '', verb, object = '', answer = '', callNs, end] =
      /^(\w+) (creates|replaces|reads) ?(\w*),? ?([\w-]*) (\d+) ([\d-]+)$/.exec(line) ?? [];
    const returnNs = end === '-' ? Number.POSITIVE_INFINITY : Number(end);
    const call = { client: name.slice(0, 1), callNs: Number(callNs), returnNs };
    if (verb === undefined) throw new Error(`Not an operation: ${line}`);
    if (verb !== 'reads') {
      const expected = verb === 'creates' ? ABSENT : versionOf(object);
      return { ...call, kind: 'write', expected, value: name, outcome: writeOutcome(name, answer) };
    }
    if (object === ABSENT) return { ...call, kind: 'read', outcome: { kind: 'absent' } };
    return { ...call, kind: 'read', outcome: { kind: 'found', version: versionOf(object), value: object } };
  });
}

const versionOf = (value: string): string => `v(${value})`;

function writeOutcome(value: string, answer: string): WriteOutcome {
  switch (answer) {
    case 'written':
      return { kind: 'written', version: versionOf(value) };
    case 'conflict':
    case 'refused':
    case 'unknown':
      return { kind: answer };
    default:
      return { kind: 'written', version: versionOf(answer.replace('written-as-', '')) };
  }
}

const RIGHT: [what: string, lines: string[]][] = [
  ['nothing at all', []],
  ['one after the other', ['a1 creates, written 0 1', 'b1 replaces a1, written 2 3', 'c reads b1 4 5']],
  ['a read during a write sees what was before', ['a1 creates, written 0 9', 'b reads absent 1 2']],
  ['a read during a write sees what comes', ['a1 creates, written 0 9', 'b reads a1 1 2']],
  ['two reads during a write', ['a1 creates, written 0 9', 'b reads absent 1 2', 'c reads a1 3 4']],
  ['of two that create one wins', ['a1 creates, written 0 5', 'b1 creates, conflict 1 4']],
  ['a conflict that is over before the winner is', ['a1 creates, written 0 9', 'b1 creates, conflict 1 2']],
  [
    'a conflict with a version of the past',
    ['a1 creates, written 0 1', 'b1 replaces a1, written 2 3', 'a2 replaces a1, conflict 4 5'],
  ],
  ['a conflict on a missing key', ['a1 replaces z1, conflict 0 1', 'b reads absent 2 3']],
  ['no answer, and it applied', ['a1 creates, unknown 0 -', 'b reads a1 5 6', 'b1 replaces a1, written 7 8']],
  ['no answer, and it applied late', ['a1 creates, unknown 0 -', 'b reads absent 5 6', 'b reads a1 7 8']],
  [
    'no answer, and it never applied',
    ['a1 creates, unknown 0 -', 'b1 creates, written 5 6', 'c reads b1 7 8'],
  ],
  [
    'sent again without an answer, and the first had applied',
    ['a1 creates, unknown 0 -', 'a1 creates, conflict 5 6', 'b reads a1 7 8'],
  ],
  [
    'sent again without an answer, and the second applied',
    ['a1 creates, unknown 0 -', 'b reads absent 3 4', 'a1 creates, written 5 6'],
  ],
  [
    'two without an answer applied in the reverse order of their calls',
    ['a1 replaces b1, unknown 0 -', 'b1 creates, unknown 1 -', 'c reads b1 3 4', 'c reads a1 5 6'],
  ],
  ['one begins at the moment when another ends', ['a1 creates, written 0 5', 'b reads absent 5 6']],
  ['a write that was refused', ['a1 creates, refused 0 1', 'b reads absent 2 3', 'b1 creates, written 4 5']],
];

const WRONG: [what: string, lines: string[], explanation: RegExp][] = [
  [
    'a stale read',
    ['a1 creates, written 0 1', 'b1 replaces a1, written 2 3', 'c reads a1 4 5'],
    /nowhere:\n {2}c: read: "a1".*\nIt was read 0\.000 ms after it had been replaced:\n {2}b: replace/,
  ],
  [
    'a read of nothing after a create',
    ['a1 creates, written 0 1', 'c reads absent 4 5'],
    /nowhere:\n {2}c: read: absent.*\nIt had been created before/,
  ],
  [
    'two reads that go back, though the write is still under way',
    ['a1 creates, written 0 9', 'b reads a1 1 2', 'c reads absent 3 4'],
    /nowhere:\n {2}c: read: absent/,
  ],
  [
    'two winners of one create',
    ['a1 creates, written 0 5', 'b1 creates, written 1 4'],
    /nowhere:\n {2}a: create.*\nBoth replaced the same state \(absent\): it and\n {2}b: create/,
  ],
  [
    'two winners of one version',
    ['a1 creates, written 0 1', 'b1 replaces a1, written 2 5', 'c1 replaces a1, written 3 4'],
    /nowhere:\n {2}b: replace.*\nBoth replaced the same state \(v\(a1\)\): it and\n {2}c/,
  ],
  [
    'a lost update',
    [
      'a1 creates, written 0 1',
      'b1 replaces a1, written 2 3',
      'c1 replaces a1, written 4 5',
      'd reads c1 6 7',
    ],
    /nowhere:\n {2}c: replace.*\nBoth replaced the same state \(v\(a1\)\): it and\n {2}b/,
  ],
  [
    'a conflict although nobody else wrote',
    ['a1 creates, written 0 1', 'b1 replaces a1, conflict 2 3', 'c reads a1 4 5'],
    /nowhere:\n {2}b: replace.*\nIt is a conflict although v\(a1\) was the version all the time/,
  ],
  [
    'a conflict although the key is absent',
    ['a1 creates, conflict 0 1'],
    /nowhere:\n {2}a: create.*\nIt is a conflict although the key was absent all the time/,
  ],
  [
    'a conflict that applied',
    ['a1 creates, written 0 1', 'b1 replaces a1, conflict 2 9', 'c reads b1 10 11'],
    /nowhere:\n {2}b: replace.*conflict/,
  ],
  [
    'a value that is seen before it is written',
    ['a reads b1 0 1', 'b1 creates, written 2 3'],
    /nowhere:\n {2}a: read.*\nIt was read before it was written:\n {2}b: create/,
  ],
  [
    'a value that is seen before the write of unknown outcome began',
    ['a reads b1 0 1', 'b1 creates, unknown 2 -'],
    /nowhere:\n {2}a: read.*\nIt was read before it was written:\n {2}b: create/,
  ],
  [
    'a value that nobody wrote',
    ['a1 creates, written 0 1', 'b reads z1 2 3'],
    /nowhere:\n {2}b: read.*\nNobody ever wrote that/,
  ],
  [
    'a version that is replaced before it is written',
    ['a1 replaces b1, written 0 1', 'b1 creates, written 2 3'],
    /^All answers before it \(0\) .* nowhere:\n {2}a: replace/,
  ],
  [
    'an order that time contradicts only in a chain of three',
    ['a1 creates, written 0 1', 'b1 replaces a1, unknown 2 -', 'c reads b1 3 4', 'd reads a1 5 6'],
    /nowhere:\n {2}d: read: "a1"/,
  ],
  [
    'what applied once without an answer applies again',
    ['a1 creates, unknown 0 -', 'b reads a1 1 2', 'b1 replaces a1, written 3 4', 'c reads a1 5 6'],
    /nowhere:\n {2}c: read.*\nIt was read 0\.000 ms after it had been replaced:\n {2}b: replace/,
  ],
  [
    'a write that was refused and applied',
    ['a1 creates, refused 0 1', 'b reads a1 2 3'],
    /nowhere:\n {2}b: read.*\nIt was refused, and yet it applied:\n {2}a: create/,
  ],
  [
    'a version with the value of another',
    ['a1 creates, written-as-b1 0 1', 'c reads b1 4 5'],
    /nowhere:\n {2}c: read: "b1" \(v\(b1\)\).*\nIts version and its value do not belong together: v\(b1\) is "a1"/,
  ],
  [
    'two versions of what got no answer',
    ['a1 creates, unknown 0 -', 'b1 replaces a1, written-as-a1 2 3', 'c reads a1 4 5'],
    /nowhere:\n {2}b: replace v\(a1\)/,
  ],
  [
    'the same bytes sent again, and both applied',
    ['a1 creates, written 0 1', 'a1 replaces a1, written-as-z2 2 3'],
    /^A version is used twice, or a value was written twice, .*\n {2}a: replace.*written as v\(z2\)/,
  ],
  [
    'a version that is used twice',
    ['a1 creates, written-as-z1 0 1', 'b1 creates, written-as-z1 2 3'],
    /^A version is used twice, or a value was written twice, .*\n {2}b: create.*written as v\(z1\)/,
  ],
];

describe('histories that are linearizable', () => {
  test.each(RIGHT)('%s', (_what, lines) => {
    expect(check(history(lines))).toMatchObject({ kind: 'linearizable' });
    expect(hasAnOrder(history(lines))).toBe(true);
  });
});

describe('histories that are not linearizable, and what is said of them', () => {
  test.each(WRONG)('%s', (_what, lines, explanation) => {
    expect(check(history(lines))).toEqual({
      kind: 'not-linearizable',
      explanation: expect.stringMatching(explanation),
    });
    expect(hasAnOrder(history(lines))).toBe(false);
  });
});

test('the order that is found holds all that was answered, and nothing comes before what ended before its call', () => {
  const lines = [
    'b1 replaces a1, written 3 9',
    'c reads b1 4 8',
    'a1 creates, written 0 5',
    'd1 creates, unknown 0 -',
  ];
  const verdict = check(history(lines));
  const clients = verdict.kind === 'linearizable' ? verdict.order.map(({ client }) => client) : [];
  expect(clients).toEqual(['a', 'b', 'c']);
});

test('an explanation is whole: what was before, what does not fit, and what was under way', () => {
  const lines = [
    'a1 creates, written 0 1000000',
    'b1 replaces a1, written 2000000 3000000',
    'c reads a1 4000000 5000000',
    'd reads b1 4000000 9000000',
    'd1 replaces b1, unknown 4500000 -',
  ];
  expect(check(history(lines))).toEqual({
    kind: 'not-linearizable',
    explanation: [
      'All answers before it (2) fit into one order, and this one fits nowhere:',
      '  c: read: "a1" (v(a1))  [4.000 ms to 5.000 ms]',
      'It was read 1.000 ms after it had been replaced:',
      '  b: replace v(a1) by "b1": written as v(b1)  [2.000 ms to 3.000 ms]',
      'The last that wrote before it, in an order that fits all but this one:',
      '  a: create "a1": written as v(a1)  [0.000 ms to 1.000 ms]',
      '  b: replace v(a1) by "b1": written as v(b1)  [2.000 ms to 3.000 ms]',
      'Under way at the same time:',
      '  d: read: "b1" (v(b1))  [4.000 ms to 9.000 ms]',
      '  d: replace v(b1) by "d1": not known whether it applied  [4.500 ms to no end]',
    ].join('\n'),
  });
});

test('a history of 5,000 operations, many without an answer, is checked within the time limit of a test', () => {
  const random = new FakeRandom(1);
  const verdict = check(randomHistory(random, 5_000));
  expect(verdict.kind).toBe('linearizable');
});

test('on small histories, right ones and damaged ones, the verdict is the one of trying every order', () => {
  const random = new FakeRandom(2);
  const tally = { right: 0, wrong: 0 };
  for (let round = 0; round < 2_000; round += 1) {
    const sound = randomHistory(random, 2 + random.below(6));
    expect(check(sound).kind).toBe('linearizable');
    expect(hasAnOrder(sound)).toBe(true);
    const unsure = damaged(random, sound);
    const expected = hasAnOrder(unsure) ? 'linearizable' : 'not-linearizable';
    tally[expected === 'linearizable' ? 'right' : 'wrong'] += 1;
    expect({ ...check(unsure), history: unsure }).toMatchObject({ kind: expected });
  }
  expect(Math.min(tally.right, tally.wrong)).toBeGreaterThan(500);
});
