import { formatDuration } from '../base/duration.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import type { Waiting } from './acquire.ts';
import { expiresInMs } from './decide.ts';
import type { LossCause } from './lease.ts';
import { EXPIRY_GRACE_MS, type StalePolicy } from './policy.ts';
import type { Holder, LeaseRecord } from './record.ts';

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
        `Lock "${record.name}" is held by ${describeHolder(holder)}.`,
        ...(holder.runUrl ? [`  run     ${sanitise(holder.runUrl)}`] : []),
        `  since   ${sanitise(record.acquiredAt)}, token ${record.token}, ${count(record.renewals, 'renewal')}, lease ${holder.leaseId}`,
        ...(holder.reason ? [`  reason  ${quote(holder.reason)}`] : []),
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

/** `describeRecord` and what will come of the wait: how much of the lease is left, what the policy does and when. */
export function describeWaiting(waiting: Waiting, stalePolicy: StalePolicy, nowMs: number): string[] {
  const { record, observation } = waiting;
  if (record.state !== 'held') return describeRecord(record);
  const leftMs = expiresInMs(record, observation, nowMs) - EXPIRY_GRACE_MS;
  const left =
    leftMs > 0
      ? `runs out in ${formatDuration(leftMs)} unless it is renewed`
      : `ran out ${formatDuration(-leftMs)} ago`;
  return [
    ...describeRecord(record),
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
    const { record, verdict, vetoed, waitedMs } = waiting;
    const state = [record.state, record.holder.leaseId, record.token, verdict?.kind, vetoed].join();
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
    const who = record.state === 'held' ? `held by ${describeHolder(record.holder)}` : record.state;
    return [
      `Still waiting for lock "${record.name}" after ${formatDuration(waitedMs)}: ${who}, ${describePolicy(waiting, this.#stalePolicy)}.${expected === undefined ? '' : ` ${capitalised(expected)}.`}`,
    ];
  }
}
