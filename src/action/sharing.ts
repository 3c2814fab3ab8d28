import { formatDuration, parseDuration } from '../base/duration.ts';
import { UsageError } from '../base/usage-error.ts';
import { isSameAttempt } from '../lease/evidence.ts';
import type { Holder, LeaseRecord } from '../lease/record.ts';
import type { Sharing } from '../lease/shared.ts';
import type { Input } from './keys.ts';

/** Approvals may be waited for as long as that. */
const LONGEST_GAP_MS = 30 * 86_400_000;

/**
 * How the lock is shared with the other jobs of the run, for `scope: run`.
 * @throws UsageError for a gap out of bounds, and for `release` where there is nothing to share
 */
export function parseSharing(
  read: (input: Input) => string,
  given: { readonly scope: 'job' | 'run'; readonly release: boolean; readonly ttlMs: number },
): Sharing | undefined {
  const { scope, release, ttlMs } = given;
  if (scope === 'job') {
    if (!release) return undefined;
    throw new UsageError(
      'release and scope: release is for scope: run, where it marks the last job. With scope: job the lock is always released when the job ends.',
    );
  }
  const gapMs = parseDuration(read('gap'), 'gap');
  if (gapMs < ttlMs || gapMs > LONGEST_GAP_MS) {
    throw new UsageError(
      `gap and ttl: a gap of ${formatDuration(gapMs)} is not between the ttl of ${formatDuration(ttlMs)} and ${formatDuration(LONGEST_GAP_MS)}. It is how long the lock waits for the next job of its run; the default is 30m.`,
    );
  }
  return { gapMs, last: release };
}

/** Of a holder what its run's other jobs have in common: nothing that ends with this job may speak for all. */
export function runOf(self: Holder): Holder {
  const { ownerId, leaseId, repository, workflow, runId, runAttempt, actor, ref, sha, runUrl, reason } = self;
  if (!isSameAttempt(self, self)) {
    throw new UsageError(
      'scope: run does not know which run this is: GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is not set, as it is in every job.',
    );
  }
  const run = { repository, workflow, runId, runAttempt, actor, ref, sha, runUrl, reason };
  const known = Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined));
  return { ...known, ownerId, leaseId };
}

/** With all members there may be, and whatever is in them, a record stays well below what a store reads back. */
const LONGEST_ABOUT = 60;

/** What of a holder tells this job from the others of its run. For people only. */
export function jobOf({ job, checkRunId, host }: Holder): {
  job?: string;
  checkRunId?: string;
  host?: string;
} {
  const about = { job, checkRunId, host };
  return Object.fromEntries(
    Object.entries(about).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, plain(value).slice(0, LONGEST_ABOUT)]],
    ),
  );
}

/** Without what takes more than two bytes as JSON. Ids of jobs and names of hosts have none of it. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

/**
 * Refuses to wait for what can't end before this job does.
 * - Every step of a job takes its lock before the first of them runs: who waits for a step of its own job waits for ever.
 * - A run that shares its lease keeps it until its jobs are done, of which this is one.
 *
 * @throws UsageError
 */
export function refuseOwnWait(
  self: Holder,
  { shares }: { readonly shares: boolean },
  record: LeaseRecord,
): void {
  if (record.state !== 'held') return;
  const { holder, name } = record;
  if (record.shared && !shares && isSameAttempt(self, holder)) {
    throw new UsageError(
      `scope: lock "${name}" is held by this very run, for all of its jobs with "scope: run". This job has "scope: job" and would wait for its own run: give it "scope: run", too.`,
    );
  }
  const known = self.runId !== undefined && self.processes?.[0]?.startTime !== undefined;
  if (!known || identityOf(self) !== identityOf(holder)) return;
  throw new UsageError(
    `name: lock "${name}" is held by an earlier step of this very job, until the job ends; to wait for it would be to wait for ever. Take it once for each job.`,
  );
}

function identityOf({ bootId, pidNamespace, processes, repository, runId, runAttempt, job }: Holder): string {
  return JSON.stringify([bootId, pidNamespace, processes, repository, runId, runAttempt, job]);
}
