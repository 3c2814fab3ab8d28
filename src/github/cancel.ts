import type { Clock } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import { sanitise } from '../base/sanitise.ts';

/** A run, and what it takes to cancel it. */
export interface RunToCancel {
  /** Without a slash at the end. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly runId: string;
  readonly token: string;
}

export type CancelOutcome =
  /** GitHub has accepted it: the run's jobs are told soon. */
  { readonly kind: 'accepted' } | { readonly kind: 'failed'; readonly detail: string };

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Whoever has lost a lock for want of a network goes on meanwhile, so it is worth trying for long. */
const TRIES_MS = 3_600_000;

/**
 * Cancels a run: one request, `POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel`, sent again only while GitHub does
 * not answer or wants a rest, for an hour at most.
 * https://docs.github.com/en/rest/actions/workflow-runs#cancel-a-workflow-run
 */
export async function cancelRun(
  run: RunToCancel,
  { clock, random, signal }: { clock: Clock; random: Random; signal: AbortSignal },
): Promise<CancelOutcome> {
  const { order } = await import('./api.ts');
  const url = `${run.apiUrl}/repos/${run.repository}/actions/runs/${run.runId}/cancel`;
  const untilMs = clock.monotonicMs() + TRIES_MS;
  let failure: string | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const answer = await order({ url, token: run.token }, clock, signal);
    // What our own stop cuts off says less than the answer before it.
    if (signal.aborted && failure !== undefined && answer.kind === 'failed') return failed(failure);
    switch (answer.kind) {
      case 'accepted':
        return answer;
      case 'refused':
        return failed(refusal(answer));
      case 'found':
      case 'unchanged':
        return failed('GitHub answered something else than it should');
      case 'moved':
        return failed('GitHub has moved this repository');
      case 'limited':
        failure = `GitHub answers no more for now (a ${answer.limit} rate limit)`;
        break;
      case 'failed':
        failure = `GitHub did not answer: ${sanitise(answer.detail)}`;
        break;
    }
    if (signal.aborted || clock.monotonicMs() >= untilMs) return failed(failure);
    await clock.sleep(Math.max(jitter(random, pauseMs, 0.3), answer.restMs), signal);
    if (signal.aborted) return failed(failure);
  }
}

function failed(detail: string): CancelOutcome {
  return { kind: 'failed', detail };
}

function refusal({ status, message }: { status: number; message: string }): string {
  const said = sanitise(message, 80);
  if (status === 401)
    return `GitHub does not accept the token (401, ${said}): give a valid one (input github-token)`;
  if (status === 403 || status === 404) {
    return `GitHub refuses (${status}, ${said}): add "actions: write" to the permissions of this job`;
  }
  // So it answers all but the first of the jobs that lost one lease.
  if (status === 409) return `GitHub refuses (409, ${said}): the run is over, or is being cancelled already`;
  return `GitHub refuses (${status}, ${said})`;
}
