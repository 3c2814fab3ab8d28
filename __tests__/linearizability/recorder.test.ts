import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FakeRandom } from '../support/fake-random.ts';
import type { Operation, Write } from './history.ts';
import { type Entry, historiesOf } from './load.ts';
import { MISTAKES } from './memory.ts';
import { examine, gapsOf } from './recording.ts';
import { type Extent, recordLocal, recordMemory } from './stores.ts';

const LIMIT_MS = 60_000;

/** So many operations, however long they take on a busy machine. */
function manyOperations(operations: number): Extent {
  return { seconds: LIMIT_MS / 1_000, operations, random: new FakeRandom(operations) };
}

test(
  'what eight clients are told by the memory store is linearizable',
  async () => {
    const findings = examine((await recordMemory(manyOperations(1_500))).histories);
    expect(findings.violation).toBeUndefined();
    expect(findings.operations).toBeGreaterThan(1_000);
    expect(gapsOf(findings, false)).toEqual([]);
  },
  LIMIT_MS,
);

describe('a store with a mistake is found out', () => {
  test.each(Object.entries(MISTAKES))(
    '%s',
    async (_mistake, alter) => {
      const { violation } = examine((await recordMemory(manyOperations(1_500), alter)).histories);
      expect(violation?.explanation).toContain('fits nowhere');
    },
    LIMIT_MS,
  );
});

describe('what processes are told by the local store, while some are killed and some stand still, is linearizable', () => {
  test.each([
    // Where fsync takes no time, nothing may come between a call and its answer.
    ['on a disk of this machine', { isFar: false, isPrompt: true }],
    ['as on a network file system', { isFar: true, fsync: false, isPrompt: false }],
  ])(
    '%s',
    async (_what, { isPrompt, ...options }) => {
      const twoSeconds = { seconds: 2, operations: Number.MAX_SAFE_INTEGER, random: new FakeRandom(1) };
      const { histories, killed, stopped } = await recordLocal(twoSeconds, options);
      const findings = examine(histories);
      expect(findings.violation).toBeUndefined();
      expect(findings.operations).toBeGreaterThan(100);
      expect(gapsOf(findings, isPrompt)).toEqual([]);
      expect(killed + stopped).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});

test('a process that is killed leaves a write of unknown outcome, and the end of a write takes the place of its beginning', () => {
  const begun = (client: string, value: string, callNs: number): Write => ({
    kind: 'write',
    client,
    expected: 'absent',
    value,
    callNs,
    returnNs: Number.POSITIVE_INFINITY,
    outcome: { kind: 'unknown' },
  });
  const ended: Write = { ...begun('a', 'a1', 3), returnNs: 5, outcome: { kind: 'conflict' } };
  const read: Operation = { kind: 'read', client: 'b', callNs: 6, returnNs: 7, outcome: { kind: 'absent' } };
  const entries: Entry[] = [begun('a', 'a1', 1), begun('b', 'b1', 2), ended, read, begun('a', 'a1', 8)].map(
    (operation) => ({ key: 'k', operation }),
  );
  expect(historiesOf(entries)).toEqual(
    new Map([['k', [ended, begun('b', 'b1', 2), read, begun('a', 'a1', 8)]]]),
  );
});

describe('the program', () => {
  test.each([
    [['--store', 'floppy'], /^--store: "floppy" is not known\./],
    [['--seconds', '0'], /^--seconds: "0" is no whole number above 0\./],
    [['--seconds', '1', '--operations', '1'], /^--seconds and --operations: only one of them\./],
    [['--seed', '1'], /^Unknown option '--seed'/],
  ])('says what is wrong with %j, and what there is', (args, complaint) => {
    const root = resolve(import.meta.dirname, '../..');
    const program = [join(root, 'scripts/typescript.mjs'), join(import.meta.dirname, 'main.ts')];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...args], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(complaint);
    expect(stderr).toContain('--store memory|local|miniflare|versitygw|s3rver|all');
  });
});
