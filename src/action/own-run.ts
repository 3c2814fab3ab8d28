import { UsageError } from '../base/usage-error.ts';
import type { RunToCancel } from '../github/cancel.ts';
import { gitHubServer } from '../github/server.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The run of this job, for `on-lost: cancel-run`. Whether the token may cancel it shows only then: nobody can be asked before.
 * @throws UsageError when something is missing that is there in every job, or the token
 */
export function ownRun(token: string, environment: Environment): RunToCancel {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: runId = '' } = environment;
  const server = gitHubServer(environment);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(
      'on-lost and github-token: cancel-run needs a token that may cancel the run. Leave github-token as it is, and add "actions: write" to the permissions of this job.',
    );
  }
  if (!server || !/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^\d+$/.test(runId)) {
    throw new UsageError(
      'on-lost: cancel-run does not know which run this is: GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_API_URL is not what it is in every job.',
    );
  }
  return { apiUrl: server.apiUrl, repository, runId, token };
}
