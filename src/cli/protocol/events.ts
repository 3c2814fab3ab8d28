import { formatDuration, formatInstant } from '../../base/duration.ts';
import { quote, sanitise } from '../../base/sanitise.ts';
import type { AcquireOutcome, Waiting } from '../../protocols/acquire.ts';
import {
  describeHeld,
  describeLock,
  describeLossCause,
  describeTakenOver,
  heldDocument,
} from '../../protocols/describe.ts';
import type { KeepEnd } from '../../protocols/keep.ts';
import { causeDocument } from '../../protocols/notify.ts';
import type { Held, Holding } from '../../protocols/protocol.ts';
import type { ProtocolCommon } from '../protocol-options.ts';
import { protocolLockDocument } from './documents.ts';

export type ProtocolAcquired = Extract<AcquireOutcome, { kind: 'acquired' }>;
export type ProtocolLoss = Extract<KeepEnd, { kind: 'lost' }>;

/** What happens to the lock of another program, in the order in which it may happen. The words are those of leases. */
export type ProtocolEvent =
  /** What the protocol can't promise, said once before anything is taken. */
  | { readonly kind: 'limits'; readonly limits: readonly string[] }
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  | { readonly kind: 'store-trouble'; readonly error: Error }
  | { readonly kind: 'skipped'; readonly held: Held }
  /** A stale lock was taken over. */
  | { readonly kind: 'stolen'; readonly took: Held; readonly lockDelayMs: number }
  | { readonly kind: 'acquired'; readonly holding: Holding; readonly waitedMs: number; readonly took?: Held }
  | { readonly kind: 'renewal-trouble'; readonly error: Error }
  | { readonly kind: 'unguarded' }
  | ProtocolLoss
  | { readonly kind: 'released'; readonly heldMs: number }
  | { readonly kind: 'notify-failed'; readonly detail: string };

type Subject = Pick<ProtocolCommon, 'protocol' | 'path'>;

/** The event as lines for people. A wait has its own, see `WaitLog`. */
export function protocolEventLines(
  event: Exclude<ProtocolEvent, { kind: 'waiting' }>,
  { protocol, path }: Subject,
): string[] {
  const lock = describeLock(path);
  switch (event.kind) {
    case 'limits':
      return event.limits.map((limit) => `note: ${limit}`);
    case 'store-trouble':
      return [`${sanitise(event.error.message)} Trying again.`];
    case 'skipped':
      return [...describeHeld(protocol, event.held), 'Skipped (--on-busy skip): the command was not run.'];
    case 'stolen':
      return [
        `${lock} was taken over ${describeTakenOver(event.took)}.${event.lockDelayMs > 0 ? ` It is entered in ${formatDuration(event.lockDelayMs)}.` : ''}`,
      ];
    case 'acquired':
      return [`${lock} acquired after ${formatDuration(event.waitedMs)} (${protocol}).`];
    case 'renewal-trouble':
      return [`${lock} could not be looked at: ${sanitise(event.error.message)} Trying again.`];
    case 'unguarded':
      return [
        `The process that guards the command under lock ${quote(path)} was killed. If leasehold is killed too, the command goes on without the lock.`,
      ];
    case 'lost':
      return [
        `${lock} was lost: ${describeLossCause(event.cause)}. From ${formatInstant(event.aloneUntilMs)} on others may hold it. Stopping the command.`,
      ];
    case 'released':
      return [`${lock} is released.`];
    case 'notify-failed':
      return [event.detail];
  }
}

/** The event as a JSON document; part of the documented contract. */
export function protocolEventDocument(event: ProtocolEvent, subject: Subject): Record<string, unknown> {
  const { protocol, path } = subject;
  const head = { event: event.kind, protocol, path };
  switch (event.kind) {
    case 'limits':
      return { ...head, limits: event.limits };
    case 'waiting': {
      const { held, decision, waitedMs, nextTryMs } = event.waiting;
      return {
        ...head,
        waitedMs: Math.round(waitedMs),
        nextLookMs: Math.round(nextTryMs),
        ...(decision.kind === 'spare' ? { spared: decision.why } : {}),
        lock: protocolLockDocument(subject, held),
      };
    }
    case 'skipped':
      return { ...head, lock: protocolLockDocument(subject, event.held) };
    case 'stolen':
      return {
        ...head,
        from: heldDocument(protocol, event.took),
        because: event.took.standing.detail,
        lockDelayMs: event.lockDelayMs,
      };
    case 'acquired':
      return { ...head, ...holdingDocument(event, subject) };
    case 'store-trouble':
    case 'renewal-trouble':
      return { ...head, message: event.error.message };
    case 'lost':
      return {
        ...head,
        cause: causeDocument(protocol, event.cause),
        message: describeLossCause(event.cause),
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

/** A lock that was just acquired, in the JSON documents. */
export function holdingDocument(
  { holding, waitedMs, took }: { holding: Holding; waitedMs: number; took?: Held },
  { protocol }: Subject,
): Record<string, unknown> {
  const { pid, ttlMs } = holding;
  return {
    pid,
    ...(ttlMs === undefined ? {} : { ttlMs }),
    waitedMs: Math.round(waitedMs),
    ...(took ? { stolenFrom: heldDocument(protocol, took) } : {}),
  };
}
