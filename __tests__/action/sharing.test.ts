import { describe, expect, test } from '@jest/globals';
import { jobOf, refuseOwnWait, runOf } from '../../src/action/sharing.ts';
import { UsageError } from '../../src/base/usage-error.ts';
import { type Holder, MOST_MEMBERS, parseRecord, serialise } from '../../src/lease/record.ts';
import { LONGEST_BODY } from '../../src/store/store.ts';
import { heldRecord, KEY, leaseIdOf, NAME } from '../support/fake-lock.ts';

const JOB: Holder = {
  ownerId: '42',
  leaseId: leaseIdOf('a'),
  repository: 'octo/app',
  runId: '42',
  runAttempt: 1,
  runUrl: 'https://github.com/octo/app/actions/runs/42/attempts/1',
  job: 'deploy',
  checkRunId: '7',
  host: 'ci-3',
  processes: [{ pid: 8, startTime: '9' }],
  bootId: 'b',
  pidNamespace: 'n',
};

describe('the holder of a lease that jobs share', () => {
  test('has nothing that ends with one of the jobs', () => {
    expect(runOf(JOB)).toEqual({
      ownerId: '42',
      leaseId: leaseIdOf('a'),
      repository: 'octo/app',
      runId: '42',
      runAttempt: 1,
      runUrl: 'https://github.com/octo/app/actions/runs/42/attempts/1',
    });
  });

  test.each(['repository', 'runId', 'runAttempt', 'runUrl'] as const)('must say its %s', (field) => {
    const { [field]: _, ...unknown } = JOB;
    expect(() => runOf(unknown)).toThrow(/^scope: run does not know which run this is: GITHUB_SERVER_URL/);
  });

  test('a member is told by its job, cut to what a record holds', () => {
    expect(jobOf({ ...JOB, job: 'x'.repeat(300) })).toEqual({
      job: 'x'.repeat(60),
      checkRunId: '7',
      host: 'ci-3',
    });
    expect(jobOf({ ownerId: 'mona', leaseId: leaseIdOf('a') })).toEqual({});
  });
});

test('the record of a lease that all members there may be share is no larger than a store reads back', () => {
  const about = jobOf({
    ...JOB,
    job: '"'.repeat(300),
    checkRunId: '9'.repeat(20),
    host: '\u0001'.repeat(300),
  });
  const member = {
    ...{ memberId: leaseIdOf('b'), ttlMs: 86_400_000, gapMs: 30 * 86_400_000, last: true as const },
    ...{ ...about, joinedAt: '2026-03-01T12:00:00.000Z' },
  };
  const texts = ['repository', 'workflow', 'runId', 'actor', 'ref', 'sha', 'runUrl', 'reason'] as const;
  const holder = { ...runOf(JOB), ...Object.fromEntries(texts.map((text) => [text, '"'.repeat(1_000)])) };
  const record = heldRecord({ holder, shared: { members: Array(MOST_MEMBERS).fill(member) } });
  expect(Buffer.byteLength(serialise(record))).toBeLessThan(LONGEST_BODY);
  expect(parseRecord(serialise(record), { name: NAME, key: KEY, storeUrl: 'memory:' })).toEqual(record);
});

describe('a wait that could never end', () => {
  const shared = heldRecord({ holder: runOf(JOB), shared: { members: [] } });

  test('for its own run, which holds the lock for the jobs that share it, is refused', () => {
    expect(() => refuseOwnWait(JOB, { shares: false }, shared)).toThrow(UsageError);
    expect(() => refuseOwnWait(JOB, { shares: false }, shared)).toThrow(/give it "scope: run", too\.$/);
  });

  test.each<[string, Holder, boolean]>([
    ['a job that shares it, too, while there is no room', JOB, true],
    ['a job of a later attempt', { ...JOB, runAttempt: 2 }, false],
    ['a job of another run', { ...JOB, runId: '43' }, false],
  ])('is none for %s', (_, self, shares) => {
    expect(() => refuseOwnWait(self, { shares }, shared)).not.toThrow();
  });

  test.each([true, false])('for an earlier step of its own job is refused, sharing or not: %s', (shares) => {
    const earlier = heldRecord({ holder: { ...JOB, leaseId: leaseIdOf('b') } });
    expect(() => refuseOwnWait(JOB, { shares }, earlier)).toThrow(/an earlier step of this very job/);
  });

  test('for another job of its run that has it for itself is none', () => {
    const other = heldRecord({ holder: { ...JOB, job: 'other', leaseId: leaseIdOf('b') } });
    expect(() => refuseOwnWait(JOB, { shares: true }, other)).not.toThrow();
  });
});
