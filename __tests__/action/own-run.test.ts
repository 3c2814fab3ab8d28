import { expect, test } from '@jest/globals';
import { ownRun } from '../../src/action/own-run.ts';

const JOB = {
  GITHUB_SERVER_URL: 'https://ghe.example',
  GITHUB_API_URL: 'https://ghe.example/api/v3',
  GITHUB_REPOSITORY: 'octo/app',
  GITHUB_RUN_ID: '42',
};

test('the run to cancel is the one of this job, on its own server', () => {
  expect(ownRun('ghs_x', JOB)).toEqual({
    apiUrl: 'https://ghe.example/api/v3',
    repository: 'octo/app',
    runId: '42',
    token: 'ghs_x',
  });
});

test.each([
  ['no token', '', JOB, /add "actions: write"/],
  ['a token with a line break', 'ghs_x\n', JOB, /^on-lost and github-token/],
  ['no run', 'ghs_x', { ...JOB, GITHUB_RUN_ID: '' }, /GITHUB_RUN_ID/],
  [
    'a repository that leads elsewhere',
    'ghs_x',
    { ...JOB, GITHUB_REPOSITORY: 'a/b/../c' },
    /GITHUB_REPOSITORY/,
  ],
  ['no server', 'ghs_x', { ...JOB, GITHUB_API_URL: 'nowhere' }, /GITHUB_API_URL/],
])('with %s it is refused before the job begins', (_, token, environment, message) => {
  expect(() => ownRun(token, environment)).toThrow(message);
});
