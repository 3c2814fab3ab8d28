/* What CI systems set in a job, as their documentation has it. */

const SHA = '83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d';

export const GITHUB = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/app',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_WORKFLOW: 'Deploy',
  GITHUB_JOB: 'prod',
  GITHUB_ACTOR: 'mona',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_SHA: SHA,
};

export const GITLAB = {
  CI: 'true',
  GITLAB_CI: 'true',
  CI_SERVER_URL: 'https://gitlab.com',
  CI_PROJECT_PATH: 'acme/shop/app',
  CI_PIPELINE_ID: '1234567',
  CI_PIPELINE_IID: '12',
  CI_PIPELINE_NAME: 'Deploy',
  CI_PIPELINE_URL: 'https://gitlab.com/acme/shop/app/-/pipelines/1234567',
  CI_JOB_ID: '987654',
  CI_JOB_NAME: 'deploy: prod',
  CI_JOB_URL: 'https://gitlab.com/acme/shop/app/-/jobs/987654',
  GITLAB_USER_LOGIN: 'mona',
  CI_COMMIT_REF_NAME: 'main',
  CI_COMMIT_SHA: SHA,
  CI_COMMIT_SHORT_SHA: SHA.slice(0, 8),
};

export const JENKINS = {
  CI: 'true',
  JENKINS_URL: 'https://ci.acme.example/jenkins/',
  BUILD_TAG: 'jenkins-shop-deploy-12',
  BUILD_NUMBER: '12',
  BUILD_ID: '12',
  BUILD_URL: 'https://ci.acme.example/jenkins/job/shop/job/deploy/12/',
  JOB_NAME: 'shop/deploy',
  STAGE_NAME: 'Deploy',
  BRANCH_NAME: 'main',
  GIT_BRANCH: 'origin/main',
  GIT_COMMIT: SHA,
  GIT_URL: 'https://mona:hunter2@git.acme.example/acme/app.git',
};

export const BUILDKITE = {
  CI: 'true',
  BUILDKITE: 'true',
  BUILDKITE_ORGANIZATION_SLUG: 'acme-inc',
  BUILDKITE_PIPELINE_SLUG: 'my-project',
  BUILDKITE_BUILD_ID: '4735ba57-80d0-46e2-8fa0-b28223a86586',
  BUILDKITE_BUILD_NUMBER: '1514',
  BUILDKITE_BUILD_URL: 'https://buildkite.com/acme-inc/my-project/builds/1514',
  BUILDKITE_JOB_ID: 'e44f9784-e20e-4b93-a21d-f41fd5869db9',
  BUILDKITE_RETRY_COUNT: '1',
  BUILDKITE_LABEL: ':rocket: Deploy',
  BUILDKITE_STEP_KEY: 'deploy',
  BUILDKITE_REPO: 'git@github.com:acme/app.git',
  BUILDKITE_BUILD_CREATOR: 'Carol Danvers',
  BUILDKITE_BRANCH: 'main',
  BUILDKITE_TAG: '',
  BUILDKITE_COMMIT: SHA,
};

export const CIRCLECI = {
  CI: 'true',
  CIRCLECI: 'true',
  CIRCLE_PROJECT_USERNAME: 'acme',
  CIRCLE_PROJECT_REPONAME: 'app',
  CIRCLE_WORKFLOW_ID: '5034460f-c7c4-4c43-9457-de07e2029e7b',
  CIRCLE_PIPELINE_ID: '0d6f8c6c-1d5e-4bd4-8d3e-8b7d7e9c1111',
  CIRCLE_BUILD_NUM: '77',
  CIRCLE_BUILD_URL: 'https://circleci.com/gh/acme/app/77',
  CIRCLE_JOB: 'deploy',
  CIRCLE_USERNAME: 'mona',
  CIRCLE_BRANCH: 'main',
  CIRCLE_SHA1: SHA,
};
