import { hostname, userInfo } from 'node:os';
import { currentScope, type ProcessId } from '../base/process.ts';
import { currentRun, type Environment, LONGEST_TEXT } from './ci.ts';
import type { Holder } from './record.ts';

/**
 * How this process names itself as a holder: this host, and the run of a CI system that the environment tells of.
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
    ownerId: given.ownerId.slice(0, LONGEST_TEXT),
    leaseId: given.leaseId,
    ...(given.reason ? { reason: given.reason.slice(0, LONGEST_TEXT) } : {}),
    host: hostname(),
    ...currentRun(environment),
    ...(checkRunId && /^\d{1,20}$/.test(checkRunId) ? { checkRunId } : {}),
    ...(scope ? { ...scope, processes: [...processes] } : {}),
  };
}

/** The run id, or who is at this terminal: what an owner is called when the user does not say. */
export function defaultOwnerId(environment: Environment): string {
  return currentRun(environment).runId ?? userAtHost();
}

/** Who this is to people, whichever run it may be part of: `mona@ci-3`. */
export function userAtHost(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user need not be in its passwd.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
