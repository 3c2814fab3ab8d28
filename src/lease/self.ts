import { hostname, userInfo } from 'node:os';
import { currentScope, type ProcessId } from '../base/process.ts';
import type { Holder } from './record.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A record's texts are at most this long, or nobody could read it; a branch's name may be longer. */
const LONGEST = 1_000;

/**
 * How this process names itself as a holder: this host, and the run of GitHub Actions that the environment tells of.
 *
 * @param processes what lives as long as the hold does: when all of it is gone, so is the holder
 * @param checkRunId the id of its job, if the lease ends with that; what is no number is left out
 */
export function describeSelf(
  environment: Environment,
  given: {
    leaseId: string;
    ownerId: string;
    reason?: string;
    processes?: readonly ProcessId[];
    checkRunId?: string;
  },
): Holder {
  const { processes = [], checkRunId } = given;
  const scope = processes.length > 0 ? currentScope() : undefined;
  return {
    ownerId: given.ownerId.slice(0, LONGEST),
    leaseId: given.leaseId,
    ...(given.reason ? { reason: given.reason.slice(0, LONGEST) } : {}),
    host: hostname(),
    ...gitHubRun(environment),
    ...(checkRunId && /^\d{1,20}$/.test(checkRunId) ? { checkRunId } : {}),
    ...(scope ? { ...scope, processes: [...processes] } : {}),
  };
}

/** The run id, or who is at this terminal: what an owner is called when the user does not say. */
export function defaultOwnerId(environment: Environment): string {
  return environment.GITHUB_RUN_ID || `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user need not be in its passwd.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function gitHubRun(environment: Environment): Partial<Holder> {
  if (environment.GITHUB_ACTIONS !== 'true') return {};
  const value = (name: string): string | undefined =>
    environment[`GITHUB_${name}`]?.slice(0, LONGEST) || undefined;
  const [server, repository, runId] = [value('SERVER_URL'), value('REPOSITORY'), value('RUN_ID')];
  const attempt = value('RUN_ATTEMPT') ?? '';
  const runAttempt = /^\d{1,9}$/.test(attempt) ? Number(attempt) : undefined;
  const runUrl =
    server && repository && runId
      ? `${server}/${repository}/actions/runs/${runId}${runAttempt === undefined ? '' : `/attempts/${runAttempt}`}`
      : undefined;
  const run = {
    repository,
    runId,
    runAttempt,
    runUrl,
    workflow: value('WORKFLOW'),
    job: value('JOB'),
    actor: value('ACTOR'),
    ref: value('REF'),
    sha: value('SHA'),
  };
  const fits = (field: string | number | undefined): boolean =>
    typeof field === 'string' ? field.length <= LONGEST : field !== undefined;
  return Object.fromEntries(Object.entries(run).filter(([, field]) => fits(field)));
}
