import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { currentRun } from '../../src/lease/ci.ts';
import { laterAttemptEvidence } from '../../src/lease/evidence.ts';
import { holderSchema } from '../../src/lease/record.ts';
import { defaultOwnerId, describeSelf } from '../../src/lease/self.ts';
import { BUILDKITE, CIRCLECI, GITHUB, GITLAB, JENKINS } from '../support/ci-variables.ts';
import { heldRecord, leaseIdOf } from '../support/fake-lock.ts';

const SHA = GITHUB.GITHUB_SHA;
const ALL = { GITHUB, GITLAB, JENKINS, BUILDKITE, CIRCLECI };
const each = Object.entries(ALL);

describe('the run is named by the variables of', () => {
  test('GitHub Actions', () => {
    expect(currentRun(GITHUB)).toEqual({
      repository: 'acme/app',
      workflow: 'Deploy',
      runId: '42',
      runAttempt: 2,
      job: 'prod',
      actor: 'mona',
      ref: 'refs/heads/main',
      sha: SHA,
      runUrl: 'https://github.com/acme/app/actions/runs/42/attempts/2',
    });
  });

  test('GitLab CI, with a link to the job', () => {
    expect(currentRun(GITLAB)).toEqual({
      repository: 'acme/shop/app',
      workflow: 'Deploy',
      runId: '1234567',
      job: 'deploy: prod',
      actor: 'mona',
      ref: 'main',
      sha: SHA,
      runUrl: 'https://gitlab.com/acme/shop/app/-/jobs/987654',
    });
  });

  test('Jenkins', () => {
    expect(currentRun(JENKINS)).toEqual({
      repository: 'acme/app',
      workflow: 'shop/deploy',
      runId: 'jenkins-shop-deploy-12',
      job: 'Deploy',
      ref: 'main',
      sha: SHA,
      runUrl: 'https://ci.acme.example/jenkins/job/shop/job/deploy/12/',
    });
  });

  test('Jenkins whose address is not configured, without any plugin', () => {
    const bare = { BUILD_TAG: 'jenkins-deploy-7', JOB_NAME: 'deploy', BUILD_NUMBER: '7' };
    expect(currentRun(bare)).toEqual({ runId: 'jenkins-deploy-7', workflow: 'deploy' });
  });

  test('Buildkite, with a link to the job in the page of the build', () => {
    expect(currentRun(BUILDKITE)).toEqual({
      repository: 'acme/app',
      runId: 'my-project#1514',
      job: ':rocket: Deploy',
      actor: 'Carol Danvers',
      ref: 'main',
      sha: SHA,
      runUrl: 'https://buildkite.com/acme-inc/my-project/builds/1514#e44f9784-e20e-4b93-a21d-f41fd5869db9',
    });
  });

  test('Buildkite, where whoever unblocked the deploy is its actor', () => {
    expect(currentRun({ ...BUILDKITE, BUILDKITE_UNBLOCKER: 'Mona' }).actor).toBe('Mona');
  });

  test('CircleCI', () => {
    expect(currentRun(CIRCLECI)).toEqual({
      repository: 'acme/app',
      runId: '5034460f-c7c4-4c43-9457-de07e2029e7b',
      job: 'deploy',
      actor: 'mona',
      ref: 'main',
      sha: SHA,
      runUrl: 'https://circleci.com/gh/acme/app/77',
    });
  });
});

test.each(each)('%s: the owner is called by the run id', (_, environment) => {
  expect(defaultOwnerId(environment)).toBe(currentRun(environment).runId);
});

test('outside of all of them an owner is user@host, and there is no run', () => {
  expect(currentRun({ CI: 'true', BUILD_TAG: 'v1.2' })).toEqual({});
  expect(defaultOwnerId({ CI: 'true', GITHUB_RUN_ID: '42' })).toMatch(/^.+@.+$/);
});

describe('one system is believed', () => {
  test.each(each)('%s: nothing is taken from its variables without its mark', (_, environment) => {
    const marks = ['GITHUB_ACTIONS', 'GITLAB_CI', 'BUILD_TAG', 'BUILDKITE', 'CIRCLECI'];
    const unmarked = Object.entries(environment).filter(([name]) => !marks.includes(name));
    expect(currentRun(Object.fromEntries(unmarked))).toEqual({});
  });

  test('GitHub Actions before all others, and not one field of theirs beside its own', () => {
    const others = { ...GITLAB, ...JENKINS, ...BUILDKITE, ...CIRCLECI };
    expect(currentRun({ ...others, ...GITHUB })).toEqual(currentRun(GITHUB));
    const { GITHUB_ACTOR, GITHUB_WORKFLOW, ...little } = GITHUB;
    expect(currentRun({ ...others, ...little })).toEqual(currentRun(little));
  });
});

describe('what the variables say is nobody’s word of honour', () => {
  const hostile = ['x'.repeat(5_000), '', '\n::error::x', '{"a":1}', '-1', 'https://a:b@c.example/'];

  test.each(each)('%s: whatever they say, the holder can be stored and read', (_, environment) => {
    for (const name of Object.keys(environment)) {
      for (const value of hostile) {
        const holder = describeSelf(
          { ...environment, [name]: value },
          { leaseId: leaseIdOf('a'), ownerId: 'me' },
        );
        expect(v.parse(holderSchema, holder)).toEqual(holder);
      }
    }
  });

  test.each([
    ['https://mona:hunter2@ci.example/job/1'],
    ['https://token@ci.example/job/1'],
    ['javascript:alert(1)'],
    ['file:///etc/passwd'],
    ['job/1'],
    [`https://ci.example/${'x'.repeat(2_000)}`],
  ])('an address that is no link, or holds a password, is left out: %s', (url) => {
    expect(currentRun({ ...CIRCLECI, CIRCLE_BUILD_URL: url })).not.toHaveProperty('runUrl');
  });

  test.each([
    ['git@github.com:acme/app.git', 'acme/app'],
    ['https://github.com/acme/app', 'acme/app'],
    ['https://x-token:ghs_secret@github.com/acme/app.git', 'acme/app'],
    ['ssh://git@git.acme.example:2222/acme/shop/app.git/', 'acme/shop/app'],
    ['https://github.com', undefined],
    ['https://hunter2@github.com', undefined],
    ['https://github.com/acme/app?token=hunter2', undefined],
    ['/srv/git/app.git', undefined],
    ['', undefined],
  ])('of the address of a clone only the path is kept: %s', (url, repository) => {
    expect(currentRun({ ...BUILDKITE, BUILDKITE_REPO: url }).repository).toBe(repository);
  });
});

describe('a later attempt is proof', () => {
  const attempts = {
    GITHUB: [GITHUB, { ...GITHUB, GITHUB_RUN_ATTEMPT: '3' }],
    // Retried jobs of a run whose other jobs go on.
    BUILDKITE: [BUILDKITE, { ...BUILDKITE, BUILDKITE_RETRY_COUNT: '2' }],
    GITLAB: [GITLAB, { ...GITLAB, CI_JOB_ID: '987655' }],
  } as const;

  test.each([
    ['GITHUB', 'finished'],
    ['BUILDKITE', 'unknown'],
    ['GITLAB', 'unknown'],
  ] as const)('of %s: %s', async (system, verdict) => {
    const [held, asking] = attempts[system].map((environment) =>
      describeSelf(environment, { leaseId: leaseIdOf('a'), ownerId: 'me' }),
    );
    if (!held || !asking) throw new Error('two holders');
    const judged = await laterAttemptEvidence(asking).check(heldRecord({ holder: held }));
    expect(judged.kind).toBe(verdict);
  });
});
