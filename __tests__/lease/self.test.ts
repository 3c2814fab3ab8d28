import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { holderSchema } from '../../src/lease/record.ts';
import { describeSelf } from '../../src/lease/self.ts';
import { leaseIdOf } from '../support/fake-lock.ts';

const RUN = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'octo-org/octo-app',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '2',
};

function describe(environment: Record<string, string>) {
  return describeSelf(environment, { leaseId: leaseIdOf('a'), ownerId: 'me' });
}

test('a run of GitHub Actions is named with its attempt and its address', () => {
  expect(describe(RUN)).toMatchObject({
    repository: 'octo-org/octo-app',
    runId: '42',
    runAttempt: 2,
    runUrl: 'https://github.com/octo-org/octo-app/actions/runs/42/attempts/2',
  });
});

test('without GitHub Actions nothing is taken from variables of that name', () => {
  expect(describe({ ...RUN, GITHUB_ACTIONS: '' })).not.toHaveProperty('runId');
});

// What nobody can read locks everybody out, until a person deletes it.
test.each([
  ['an attempt that is no count', { GITHUB_RUN_ATTEMPT: '-1' }],
  ['texts that are too long', { GITHUB_SERVER_URL: 'x'.repeat(5_000), GITHUB_REF: 'r'.repeat(5_000) }],
])('%s makes no holder that can not be read', (_, environment) => {
  const holder = describe({ ...RUN, ...environment });
  expect(v.parse(holderSchema, holder)).toEqual(holder);
});

test.each([
  ['51725241954', '51725241954'],
  ['', undefined],
  ['of this job', undefined],
  ['1'.repeat(21), undefined],
])('the job is named by the number of its check run: %j', (checkRunId, expected) => {
  const holder = describeSelf(RUN, { leaseId: leaseIdOf('a'), ownerId: 'me', checkRunId });
  expect(holder.checkRunId).toBe(expected);
  expect(v.parse(holderSchema, holder)).toEqual(holder);
});
