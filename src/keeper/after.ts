import { parseInstant } from '../base/duration.ts';
import { type CancelOutcome, cancelRun, type RunToCancel } from '../github/cancel.ts';
import { ownHold, recordHolds } from '../lease/history.ts';
import type { Lease } from '../lease/lease.ts';
import { Notifier } from '../lease/notify.ts';
import type { Handover, KeeperStatus } from './handover.ts';

/** How long writing the history may take, which nobody waits for. */
export const RECORD_WITHIN_MS = 5_000;

type Lost = Extract<KeeperStatus['state'], { kind: 'lost' }>;

/** A hold whose keeper has said its last word but one. */
export interface Over {
  readonly handover: Handover;
  readonly lease: Lease;
  readonly state: KeeperStatus['state'];
  /** Whether the job goes on: nobody has closed the hold, and the worker lives. */
  readonly jobGoesOn: boolean;
  /** Aborts when it does not any more. */
  readonly jobOver: AbortSignal;
  readonly log: (line: string) => void;
  readonly report: (state: KeeperStatus['state']) => void;
}

/**
 * What a keeper does when its hold is over and everybody could know it: cancels the run that lost its lock, tells the notify
 * command, writes the history. Each is best effort, and none waits for another.
 */
export async function afterHold(over: Over): Promise<void> {
  const { state } = over;
  switch (state.kind) {
    case 'lost': {
      let told = state;
      const amend: Amend = (more) => {
        told = { ...told, ...more };
        over.report(told);
      };
      await Promise.all([cancel(over, amend), tellLost(over, state, amend), record(over, state.cause)]);
      return;
    }
    case 'released':
      return record(over, 'released');
    case 'keeping':
    case 'failed':
      return;
  }
}

/** Adds to the keeper's last word. */
type Amend = (more: Partial<Pick<Lost, 'cancel' | 'notifyFailed'>>) => void;

async function cancel(over: Over, amend: Amend): Promise<void> {
  const { handover, jobGoesOn } = over;
  if (!handover.cancel || !jobGoesOn) return;
  const outcome = await cancelOf(handover.cancel, over);
  over.log(outcome.kind === 'accepted' ? 'the run is being cancelled' : `not cancelled: ${outcome.detail}`);
  amend({ cancel: outcome });
}

function cancelOf(run: RunToCancel, { lease, jobOver }: Over): Promise<CancelOutcome> {
  const { clock, random } = lease.lock;
  return cancelRun(run, { clock, random, signal: jobOver });
}

async function tellLost(
  { handover, lease, log }: Over,
  { cause, aloneUntil }: Lost,
  amend: Amend,
): Promise<void> {
  const { clock, name, store } = lease.lock;
  const notifier = new Notifier({
    command: handover.notify?.command ?? '',
    environment: handover.notify?.environment,
    teller: { name, store: store.url, self: lease.record.holder },
    clock,
    onFailure: (notifyFailed) => {
      log(notifyFailed);
      amend({ notifyFailed });
    },
  });
  notifier.tell({
    kind: 'lost',
    token: lease.token,
    cause,
    aloneUntilMs: parseInstant(aloneUntil) ?? clock.wallMs(),
  });
  await notifier.done;
}

async function record(
  { handover, lease, log }: Over,
  ended: Parameters<typeof ownHold>[1]['ended'],
): Promise<void> {
  const { clock } = lease.lock;
  const { waitedMs, acquiredMs } = handover;
  const heldMs = clock.monotonicMs() - acquiredMs;
  const hold = ownHold(lease.record, { ended, waitedMs, heldMs, nowMs: clock.wallMs() });
  const failure = await recordHolds(lease.lock, [hold], { withinMs: RECORD_WITHIN_MS });
  if (failure !== undefined) log(`the history was not written: ${failure}`);
}
