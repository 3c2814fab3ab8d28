import type { Holder } from './record.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a CI system tells a job of its run. */
export type Run = Pick<
  Holder,
  'repository' | 'workflow' | 'runId' | 'runAttempt' | 'job' | 'actor' | 'ref' | 'sha' | 'runUrl'
>;

/** A variable's value; `undefined` where it is not set, empty, or too long to be stored. */
type Variable = (name: string) => string | undefined;
type Described = { readonly [Field in keyof Run]: Run[Field] | undefined };

interface System {
  /** By the variable that this system sets in each of its jobs, and no other does. */
  readonly isHere: (variable: Variable) => boolean;
  readonly describe: (variable: Variable) => Described;
}

/** A record's texts are at most this long, or nobody could read it. */
export const LONGEST_TEXT = 1_000;

/**
 * Only GitHub's runs have a `runAttempt`. By it a later attempt proves the earlier one dead, and that is so nowhere else:
 * what other systems count is retries of single jobs, beside which the rest of the run goes on.
 */
const SYSTEMS: readonly System[] = [
  {
    // https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    isHere: (variable) => variable('GITHUB_ACTIONS') === 'true',
    describe: gitHubRun,
  },
  {
    // https://docs.gitlab.com/ci/variables/predefined_variables
    isHere: (variable) => variable('GITLAB_CI') === 'true',
    describe: (variable) => ({
      repository: variable('CI_PROJECT_PATH'),
      workflow: variable('CI_PIPELINE_NAME'),
      runId: variable('CI_PIPELINE_ID'),
      job: variable('CI_JOB_NAME'),
      actor: variable('GITLAB_USER_LOGIN'),
      ref: variable('CI_COMMIT_REF_NAME'),
      sha: variable('CI_COMMIT_SHA'),
      runUrl: variable('CI_JOB_URL') ?? variable('CI_PIPELINE_URL'),
    }),
  },
  {
    // https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables; JENKINS_URL and BUILD_URL are
    // there only where the administrator has set the address, BUILD_USER_ID and GIT_… only with their plugins.
    isHere: (variable) => variable('BUILD_TAG')?.startsWith('jenkins-') === true,
    describe: (variable) => ({
      repository: repositoryIn(variable('GIT_URL')),
      workflow: variable('JOB_NAME'),
      runId: variable('BUILD_TAG'),
      job: variable('STAGE_NAME'),
      actor: variable('BUILD_USER_ID'),
      ref: variable('BRANCH_NAME') ?? variable('GIT_BRANCH'),
      sha: variable('GIT_COMMIT'),
      runUrl: variable('BUILD_URL'),
    }),
  },
  {
    // https://buildkite.com/docs/pipelines/configure/environment-variables
    isHere: (variable) => variable('BUILDKITE') === 'true',
    describe: (variable) => ({
      repository: repositoryIn(variable('BUILDKITE_REPO')),
      // A build's number is unique within its pipeline.
      runId: joined([variable('BUILDKITE_PIPELINE_SLUG'), variable('BUILDKITE_BUILD_NUMBER')], '#'),
      job: variable('BUILDKITE_LABEL') ?? variable('BUILDKITE_STEP_KEY'),
      actor: variable('BUILDKITE_UNBLOCKER') ?? variable('BUILDKITE_BUILD_CREATOR'),
      ref: variable('BUILDKITE_TAG') ?? variable('BUILDKITE_BRANCH'),
      sha: variable('BUILDKITE_COMMIT'),
      // The anchor opens the job in the page of its build.
      runUrl: joined([variable('BUILDKITE_BUILD_URL'), variable('BUILDKITE_JOB_ID')], '#'),
    }),
  },
  {
    // https://circleci.com/docs/reference/variables/
    isHere: (variable) => variable('CIRCLECI') === 'true',
    describe: (variable) => ({
      repository: joined([variable('CIRCLE_PROJECT_USERNAME'), variable('CIRCLE_PROJECT_REPONAME')], '/'),
      runId: variable('CIRCLE_WORKFLOW_ID'),
      job: variable('CIRCLE_JOB'),
      actor: variable('CIRCLE_USERNAME'),
      ref: variable('CIRCLE_TAG') ?? variable('CIRCLE_BRANCH'),
      sha: variable('CIRCLE_SHA1'),
      runUrl: variable('CIRCLE_BUILD_URL'),
    }),
  },
];

/** The run of the CI system that this process is part of, empty where there is none. One system is believed, the first. */
export function currentRun(environment: Environment): Run {
  const variable: Variable = (name) => {
    const value = environment[name];
    return value && value.length <= LONGEST_TEXT ? value : undefined;
  };
  const system = SYSTEMS.find(({ isHere }) => isHere(variable));
  if (!system) return {};
  const run = system.describe(variable);
  const known = Object.entries({ ...run, runUrl: webAddress(run.runUrl) });
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function gitHubRun(variable: Variable): Described {
  const [server, repository, runId] = [
    variable('GITHUB_SERVER_URL'),
    variable('GITHUB_REPOSITORY'),
    variable('GITHUB_RUN_ID'),
  ];
  const attempt = variable('GITHUB_RUN_ATTEMPT') ?? '';
  const runAttempt = /^\d{1,9}$/.test(attempt) ? Number(attempt) : undefined;
  return {
    repository,
    workflow: variable('GITHUB_WORKFLOW'),
    runId,
    runAttempt,
    job: variable('GITHUB_JOB'),
    actor: variable('GITHUB_ACTOR'),
    ref: variable('GITHUB_REF'),
    sha: variable('GITHUB_SHA'),
    runUrl:
      server && repository && runId
        ? `${server}/${repository}/actions/runs/${runId}${runAttempt === undefined ? '' : `/attempts/${runAttempt}`}`
        : undefined,
  };
}

function joined(parts: readonly (string | undefined)[], separator: string): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join(separator);
}

/**
 * `acme/app` of `git@github.com:acme/app.git` or `https://token@github.com/acme/app.git`: a clone's address may hold a
 * secret, and everybody who may read the store reads the record.
 */
function repositoryIn(cloneUrl: string | undefined): string | undefined {
  const path = /^(?:[a-z+]+:\/\/[^/]+\/|[^/:]+:(?!\/\/))([\w./~-]+?)(?:\.git)?\/?$/i.exec(
    cloneUrl ?? '',
  )?.[1];
  return path?.replace(/^\/+/, '') || undefined;
}

/** `url` if people can open it in a browser and there is no password in it. */
function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || url.length > LONGEST_TEXT || !URL.canParse(url)) return undefined;
  const { protocol, username, password } = new URL(url);
  return /^https?:$/.test(protocol) && username === '' && password === '' ? url : undefined;
}
