import { formatDuration } from '../base/duration.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import type { Waiting } from './acquire.ts';
import { expiresInMs } from './decide.ts';
import type { LossCause } from './lease.ts';
import { EXPIRY_GRACE_MS, type StalePolicy } from './policy.ts';
import { type HeldRecord, type Holder, isBetweenJobs, type LeaseRecord, type Member } from './record.ts';
import { endsByItself } from './shared.ts';

/*
 * The words in which locks are told to people. Everything taken from a record is somebody else's text and goes through the
 * sanitiser here, so that nobody who prints these lines has to think of it.
 */

/** Who holds: `run 42 attempt 2 of octo/app (workflow "Deploy", job "prod", by "mona")`, or `"mona" on host "ci-3"`. */
export function describeHolder(holder: Holder): string {
  const { runId, runAttempt, repository, workflow, job, actor, host, ownerId } = holder;
  if (runId === undefined) {
    return host === undefined ? quote(ownerId) : `${quote(ownerId)} on host ${quote(host)}`;
  }
  const details = [
    ownerId === runId ? undefined : `owner ${quote(ownerId)}`,
    workflow && `workflow ${quote(workflow)}`,
    job && `job ${quote(job)}`,
    actor && `by ${quote(actor)}`,
  ].filter((detail) => detail !== undefined && detail !== '');
  const attempt = runAttempt === undefined ? '' : ` attempt ${runAttempt}`;
  const of = repository === undefined ? '' : ` of ${sanitise(repository)}`;
  const run = `run ${sanitise(runId)}${attempt}${of}`;
  return details.length === 0 ? run : `${run} (${details.join(', ')})`;
}

/** The holder, its run, since when and why, one fact a line. */
export function describeRecord(record: LeaseRecord): string[] {
  const { holder } = record;
  switch (record.state) {
    case 'held':
      return [
        `${describeHeld(record)}.`,
        ...(holder.runUrl ? [`  run     ${sanitise(holder.runUrl)}`] : []),
        ...(record.shared ? [`  jobs    ${describeMembers(record.shared.members)}`] : []),
        `  since   ${sanitise(record.acquiredAt)}, token ${record.token}, ${count(record.renewals, 'renewal')}, lease ${holder.leaseId}`,
        ...(holder.reason ? [`  reason  ${quote(holder.reason)}`] : []),
        ...(record.reserved ? [`  until   ${sanitise(record.reserved.until)}`] : []),
      ];
    case 'granted':
      return [
        `Lock "${record.name}" is handed to the ticket ${quote(record.grant.ticket)} and waits to be claimed.`,
      ];
    case 'released': {
      const { how, at, by, reason } = record.ended;
      const broken = how === 'broken' ? ` by ${quote(by ?? 'somebody')}: ${quote(reason ?? '')}` : '';
      return [
        `Lock "${record.name}" is free. Token ${record.token}; last held by ${describeHolder(holder)}, ${how} ${sanitise(at)}${broken}.`,
      ];
    }
  }
}

/** `Lock "prod" and all below it is reserved by "ann" on host "desk"`. */
function describeHeld({ name, holder, tree, reserved }: HeldRecord): string {
  const what = `Lock "${name}"${tree ? ' and all below it' : ''}`;
  return `${what} ${tree ? 'are' : 'is'} ${reserved ? 'reserved' : 'held'} by ${describeHolder(holder)}`;
}

const MEMBERS_SHOWN = 8;

function describeMembers(members: readonly Member[]): string {
  if (members.length === 0) return 'none now: it is kept for the next job of its run';
  const shown = members.slice(0, MEMBERS_SHOWN).map(({ job, host }) => quote(job ?? host ?? 'a job'));
  const more = members.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What may be done by hand about a lease, up to the command for it. */
export function describeHelp(record: LeaseRecord): string {
  return record.state === 'held' && record.reserved
    ? 'To end that reservation before its time'
    : 'To end that lease by hand, when its holder is dead';
}

/** Who has it, in one line: `held by "ann" on host "desk"`. */
export function describeNow({ name, record }: Waiting): string {
  if (record.state !== 'held') return record.state;
  const { holder, reserved } = record;
  const verb = reserved ? 'reserved' : 'held';
  const what =
    record.name === name ? verb : `"${record.name}"${record.tree ? ' and all below it are' : ' is'} ${verb}`;
  const until = reserved ? ` until ${sanitise(reserved.until)}` : '';
  const reason = reserved && holder.reason ? ` (${quote(holder.reason)})` : '';
  return `${what} by ${describeHolder(holder)}${until}${reason}`;
}

/** `describeRecord` for who wanted the lock `name` and did not get it, for this record. */
export function describeRefusal(name: string, record: LeaseRecord): string[] {
  return [...describeObstacle({ name, record }), ...describeRecord(record)];
}

/** Why somebody else's record is waited for. */
function describeObstacle({ name, record }: Pick<Waiting, 'name' | 'record'>): string[] {
  if (record.name === name) return [];
  return name.startsWith(`${record.name}/`)
    ? [`Lock "${name}" can't be had, for it is below "${record.name}":`]
    : [`Lock "${name}" and all below it can't be had before "${record.name}" is free:`];
}

/** `describeRecord` and what will come of the wait: how much of the lease is left, what the policy does and when. */
export function describeWaiting(waiting: Waiting, stalePolicy: StalePolicy, nowMs: number): string[] {
  const { record, observation } = waiting;
  if (record.state !== 'held') return describeRecord(record);
  const leftMs = expiresInMs(record, observation, nowMs) - EXPIRY_GRACE_MS;
  const unless = record.reserved
    ? ''
    : isBetweenJobs(record)
      ? ' unless the next job of its run comes'
      : ' unless it is renewed';
  const left =
    leftMs > 0 ? `runs out in ${formatDuration(leftMs)}${unless}` : `ran out ${formatDuration(-leftMs)} ago`;
  return [
    ...describeRefusal(waiting.name, record),
    `  lease   ${left}`,
    `  policy  ${describePolicy(waiting, stalePolicy)}`,
  ];
}

function describePolicy({ record, decision, verdict, vetoed }: Waiting, stalePolicy: StalePolicy): string {
  if (vetoed !== undefined)
    return `${stalePolicy}: it may be stolen, but the on-stale command said no (${sanitise(vetoed)})`;
  const ttl = formatDuration(record.ttlMs + EXPIRY_GRACE_MS);
  const evidence = verdict && 'detail' in verdict ? ` (${sanitise(verdict.detail)})` : '';
  const due =
    decision.kind === 'wait' && decision.dueMs !== undefined
      ? `, in ${formatDuration(Math.max(decision.dueMs, 0))}`
      : '';
  if (record.state === 'held' && endsByItself(record)) {
    const proof = record.shared ? `, or on proof that its run is over${evidence}` : '';
    return `whatever the policy, it is free when that is over${due}${stalePolicy === 'never' ? '' : proof}`;
  }
  switch (stalePolicy) {
    case 'never':
      return 'never: it is not stolen; only its holder or "leasehold break" frees it';
    case 'expired':
      return `expired: it is taken when no renewal comes for ${ttl}${due}`;
    case 'holder-finished':
      return `holder-finished: it is taken on proof that its holder is gone${evidence}`;
    case 'expired-and-holder-finished':
      return `expired-and-holder-finished: it is taken when no renewal comes for ${ttl}${due} and there is proof that its holder is gone${evidence}`;
  }
}

/** Why a lease is lost, as the end of a sentence that begins with "The lease was lost: ". */
export function describeLoss(cause: LossCause): string {
  switch (cause.kind) {
    case 'stolen':
      return `${describeHolder(cause.by)} has the lock now, with token ${cause.token}${cause.by.runUrl ? ` (${sanitise(cause.by.runUrl)})` : ''}`;
    case 'broken':
      return `it was broken by ${quote(cause.by ?? 'somebody')}: ${quote(cause.reason ?? 'no reason given')}`;
    case 'expired':
      return `it had run out, and was ended for a lease on a tree${cause.by === undefined ? '' : ` by ${quote(cause.by)}`}`;
    case 'released':
      return 'it was released elsewhere';
    case 'missing':
      return 'its record was deleted from the store';
    case 'unreachable':
    case 'refused':
      return sanitise(cause.detail);
    case 'max-hold':
      return `it was held for the maximum of ${formatDuration(cause.maxHoldMs)}`;
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const HEARTBEAT_MS = 60_000;

/** Decides what a wait says when: everything once for each change, and a line each minute in between. */
export class WaitLog {
  readonly #stalePolicy: StalePolicy;
  #said = '';
  #saidMs = 0;

  constructor(stalePolicy: StalePolicy) {
    this.#stalePolicy = stalePolicy;
  }

  /**
   * The lines to print for this look at the lock, often none.
   * @param nowMs the monotonic clock
   * @param expected what the history lets one expect, in words
   */
  lines(waiting: Waiting, nowMs: number, expected?: string): string[] {
    const { name, record, verdict, vetoed, waitedMs } = waiting;
    const held = record.state === 'held' ? [record.reserved?.until, endsByItself(record)] : [record.state];
    const { leaseId } = record.holder;
    const state = [record.name, leaseId, record.token, ...held, verdict?.kind, vetoed].join();
    if (state !== this.#said) {
      this.#said = state;
      this.#saidMs = nowMs;
      return [
        ...describeWaiting(waiting, this.#stalePolicy, nowMs),
        ...(expected === undefined || record.state !== 'held' ? [] : [`  usual   ${expected}`]),
      ];
    }
    if (nowMs - this.#saidMs < HEARTBEAT_MS) return [];
    this.#saidMs = nowMs;
    return [
      `Still waiting for lock "${name}" after ${formatDuration(waitedMs)}: ${describeNow(waiting)}, ${describePolicy(waiting, this.#stalePolicy)}.${expected === undefined ? '' : ` ${capitalised(expected)}.`}`,
    ];
  }
}
