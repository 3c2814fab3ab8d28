import { formatDuration, formatInstant } from '../base/duration.ts';
import { sanitise } from '../base/sanitise.ts';
import type { AcquireOutcome, Stolen, Waiting } from '../lease/acquire.ts';
import { describeHolder, describeLoss, describeRefusal } from '../lease/describe.ts';
import type { Expectation } from '../lease/expectation.ts';
import type { LossCause } from '../lease/lease.ts';
import type { LeaseRecord } from '../lease/record.ts';
import { lockDocument } from './documents.ts';

/** What the lock's history lets a waiter expect, where it does. */
export type Expected = Pick<Expectation, 'usual' | 'leftMs'>;

export type Acquired = Extract<AcquireOutcome, { kind: 'acquired' }>;

/** What happens to a lock while a command has to do with it, in the order in which it may happen. */
export type LockEvent =
  | { readonly kind: 'waiting'; readonly waiting: Waiting; readonly expectation?: Expected }
  | { readonly kind: 'store-trouble'; readonly error: Error }
  | { readonly kind: 'skipped'; readonly record: LeaseRecord }
  | { readonly kind: 'stolen'; readonly stolen: Stolen; readonly lockDelayMs: number }
  /** The stale lease of another lock was ended, one that stood in the way. */
  | { readonly kind: 'freed'; readonly ended: Stolen }
  | { readonly kind: 'acquired'; readonly acquired: Acquired }
  | { readonly kind: 'renewal-trouble'; readonly error: Error }
  | { readonly kind: 'renewed-late'; readonly lateMs: number }
  | { readonly kind: 'unguarded' }
  | {
      readonly kind: 'lost';
      readonly token: number;
      readonly cause: LossCause;
      /** Wall clock, see `aloneUntilMs`. */
      readonly aloneUntilMs: number;
    }
  | { readonly kind: 'released'; readonly token: number; readonly heldMs: number }
  | { readonly kind: 'notify-failed'; readonly detail: string };

/** Which lock, in which store. */
export interface Subject {
  readonly name: string;
  readonly store: string;
}

/** The event as lines for people. A wait has its own, see `WaitLog`. */
export function eventLines(event: Exclude<LockEvent, { kind: 'waiting' }>, { name }: Subject): string[] {
  switch (event.kind) {
    case 'store-trouble':
      return [`${sanitise(event.error.message)} Trying again.`];
    case 'skipped':
      return [...describeRefusal(name, event.record), 'Skipped (--on-busy skip): the command was not run.'];
    case 'stolen': {
      const { from, because, proof } = event.stolen;
      const why = proof === undefined ? because : `${because}: ${sanitise(proof)}`;
      const delay = event.lockDelayMs > 0 ? ` It is entered in ${formatDuration(event.lockDelayMs)}.` : '';
      return [`Lock "${name}" was stolen from ${describeHolder(from.holder)} (${why}).${delay}`];
    }
    case 'freed': {
      const { from, because, proof } = event.ended;
      const why = proof === undefined ? because : `${because}: ${sanitise(proof)}`;
      return [
        `The lease of lock "${from.name}" stood in the way, held by ${describeHolder(from.holder)}. It was ended (${why}).`,
      ];
    }
    case 'acquired': {
      const { lease, waitedMs } = event.acquired;
      return [
        `Lock "${name}" acquired after ${formatDuration(waitedMs)}: token ${lease.token}, lease ${lease.id}.`,
      ];
    }
    case 'renewal-trouble':
      return [`Lock "${name}" could not be renewed: ${sanitise(event.error.message)} Trying again.`];
    case 'renewed-late':
      return [
        `Lock "${name}" was renewed ${formatDuration(event.lateMs)} past its deadline (the machine slept, or its clock was set). Nobody had entered in between.`,
      ];
    case 'unguarded':
      return [
        `The process that guards the command under lock "${name}" was killed. If leasehold is killed too, the command goes on without the lock.`,
      ];
    case 'lost':
      return [
        `The lease of lock "${name}" was lost: ${describeLoss(event.cause)}. From ${formatInstant(event.aloneUntilMs)} on others may hold it. Stopping the command.`,
      ];
    case 'released':
      return [`Lock "${name}" is released.`];
    case 'notify-failed':
      return [event.detail];
  }
}

/** The event as a JSON document; part of the documented contract. */
export function eventDocument(event: LockEvent, { name, store }: Subject): Record<string, unknown> {
  const head = { event: event.kind, name, store };
  switch (event.kind) {
    case 'waiting': {
      const { record, observation, waitedMs, nextLookMs } = event.waiting;
      const lock = lockDocument({ name: record.name, store, ageMs: observation.ageMs }, record);
      const { usual, leftMs } = event.expectation ?? {};
      return {
        ...head,
        waitedMs: Math.round(waitedMs),
        nextLookMs: Math.round(nextLookMs),
        ...(usual ? { usuallyHeldMs: Math.round(usual.heldMs) } : {}),
        ...(leftMs === undefined ? {} : { leftMs: Math.round(leftMs) }),
        lock,
      };
    }
    case 'skipped':
      return { ...head, lock: lockDocument({ name: event.record.name, store }, event.record) };
    case 'stolen': {
      const { from, because, proof } = event.stolen;
      const { lockDelayMs } = event;
      return { ...head, from: from.holder, because, ...(proof === undefined ? {} : { proof }), lockDelayMs };
    }
    case 'freed': {
      const { from, because, proof } = event.ended;
      return {
        ...head,
        lock: from.name,
        from: from.holder,
        because,
        ...(proof === undefined ? {} : { proof }),
      };
    }
    case 'acquired':
      return { ...head, ...leaseDocument(event.acquired) };
    case 'store-trouble':
    case 'renewal-trouble':
      return { ...head, message: event.error.message };
    case 'renewed-late':
      return { ...head, lateMs: Math.round(event.lateMs) };
    case 'lost':
      return {
        ...head,
        cause: event.cause,
        message: describeLoss(event.cause),
        aloneUntil: formatInstant(event.aloneUntilMs),
      };
    case 'released':
      return { ...head, heldMs: Math.round(event.heldMs) };
    case 'notify-failed':
      return { ...head, message: event.detail };
    case 'unguarded':
      return head;
  }
}

/** A lease that was just acquired, in the JSON documents. */
export function leaseDocument({ lease, waitedMs, stolen }: Acquired): Record<string, unknown> {
  return {
    lease: lease.id,
    token: lease.token,
    ttlMs: lease.timing.ttlMs,
    waitedMs: Math.round(waitedMs),
    ...(stolen ? { stolenFrom: stolen.from.holder } : {}),
  };
}
