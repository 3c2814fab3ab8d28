import * as v from 'valibot';
import { sanitise } from '../base/sanitise.ts';
import type { Verdict } from '../lease/evidence.ts';
import type { Holder } from '../lease/record.ts';
import type { GitHubServer } from './server.ts';

/** Where to ask, and how to read the answer. */
export interface Source {
  readonly url: string;
  readonly read: (body: unknown) => Verdict;
}

/**
 * Where to ask about a holder, the best first; or why there is nothing to ask. The record is somebody else's text: nothing
 * of it but a name and numbers of the expected form becomes part of a URL, and never its server.
 */
export function sourcesFor(holder: Holder, server: GitHubServer | undefined): Source[] | string {
  const { repository = '', runId = '', runAttempt, checkRunId = '', runUrl } = holder;
  const origin = runUrl !== undefined && URL.canParse(runUrl) ? new URL(runUrl).origin : undefined;
  if (origin === undefined || runAttempt === undefined || !isNumber(runId) || !isRepository(repository)) {
    return 'it is no run of GitHub Actions';
  }
  if (!server) return 'GitHub was not asked: GITHUB_SERVER_URL or GITHUB_API_URL is no URL';
  if (origin !== server.origin) {
    return `its run is on ${sanitise(origin, 80)}, and only ${server.origin} can be asked from here`;
  }
  const actions = `${server.apiUrl}/repos/${repository}/actions`;
  const run = { runId, runAttempt };
  return [
    ...(isNumber(checkRunId)
      ? [{ url: `${actions}/jobs/${checkRunId}`, read: (body: unknown) => judgeJob(body, checkRunId, run) }]
      : []),
    {
      url: `${actions}/runs/${runId}/attempts/${runAttempt}`,
      read: (body: unknown) => judgeRun(body, run),
    },
  ];
}

function isNumber(text: string): boolean {
  return /^[1-9]\d{0,19}$/.test(text);
}

function isRepository(text: string): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(text) && !text.split('/').some((part) => /^\.+$/.test(part));
}

const id = v.pipe(v.number(), v.safeInteger());
const phase = { status: v.string(), conclusion: v.nullish(v.string()) };

/** As much of the schema `workflow-run` of GitHub's OpenAPI description as decides. */
const runSchema = v.object({ id, run_attempt: id, ...phase });
/** The same of `job`, whose id is that of its check run. */
const jobSchema = v.object({ id, run_id: id, run_attempt: v.nullish(id), ...phase });

type RunOf = { readonly runId: string; readonly runAttempt: number };

function judgeRun(body: unknown, { runId, runAttempt }: RunOf): Verdict {
  const run = v.safeParse(runSchema, body);
  if (!run.success || String(run.output.id) !== runId || run.output.run_attempt !== runAttempt)
    return odd('run');
  return judgePhase(run.output, `attempt ${runAttempt} of run ${runId}`);
}

function judgeJob(body: unknown, checkRunId: string, { runId, runAttempt }: RunOf): Verdict {
  const job = v.safeParse(jobSchema, body);
  if (!job.success) return odd('job');
  const { id: jobId, run_id, run_attempt } = job.output;
  const same = String(jobId) === checkRunId && String(run_id) === runId;
  if (!same || (run_attempt ?? runAttempt) !== runAttempt) return odd('job');
  return judgePhase(job.output, `job ${checkRunId} of run ${runId}`);
}

function odd(what: 'run' | 'job'): Verdict {
  return { kind: 'unknown', detail: `GitHub's answer does not describe that ${what}` };
}

/** Phases before the end; https://docs.github.com/en/rest/actions/workflow-runs lists them. */
const UNDER_WAY = ['queued', 'in_progress', 'waiting', 'requested', 'pending'];

function judgePhase(
  { status, conclusion }: { status: string; conclusion?: string | null | undefined },
  what: string,
): Verdict {
  if (UNDER_WAY.includes(status)) return { kind: 'alive', detail: `GitHub says that ${what} is ${status}` };
  // A run that nobody has approved yet is "completed" with this conclusion, and goes on afterwards as the same attempt.
  if (status === 'completed' && conclusion && conclusion !== 'action_required') {
    return { kind: 'finished', proof: `GitHub says that ${what} is completed (${sanitise(conclusion, 40)})` };
  }
  const detail = `GitHub says that ${what} is ${sanitise(status, 40)} (${sanitise(String(conclusion), 40)})`;
  return { kind: 'unknown', detail };
}
