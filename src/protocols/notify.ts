import type { Clock } from '../base/clock.ts';
import { formatDuration, formatInstant } from '../base/duration.ts';
import { describeHolder as describeSelf } from '../lease/describe.ts';
import { Messenger, type MessengerOptions, NOTIFICATION_SCHEMA } from '../lease/notify.ts';
import type { Holder } from '../lease/record.ts';
import {
  describeHolder,
  describeLock,
  describeLossCause,
  describeTakenOver,
  heldDocument,
} from './describe.ts';
import type { LossCause } from './keep.ts';
import type { Held, ProtocolName } from './protocol.ts';

/*
 * What the `notify` command is told of the locks of other programs. The documents are those of leases as far as they go (docs/action.md,
 * "Notifications"): without `name`, `store` and `token`, with `protocol` and `path`.
 */

/** What it is told of. `stolen` is the event of a lock that was taken over, as for leases. */
export type Happening =
  | { readonly kind: 'waited-too-long'; readonly waitedMs: number; readonly held: Held }
  | { readonly kind: 'stolen'; readonly took: Held }
  | { readonly kind: 'acquired'; readonly waitedMs: number }
  | {
      readonly kind: 'lost';
      readonly cause: LossCause;
      /** Wall clock: from then on another holder may have been beside this one. */
      readonly aloneUntilMs: number;
    }
  | { readonly kind: 'released'; readonly heldMs?: number };

/** Whose events they are. */
export interface Teller {
  readonly protocol: ProtocolName;
  readonly path: string;
  /** Who holds the lock, or wants it. */
  readonly self: Holder;
}

/** The document for one event. `atMs`: the wall clock. Its texts are other people's; only `text` is made to be shown. */
export function notification(
  happening: Happening,
  { protocol, path, self }: Teller,
  atMs: number,
): Record<string, unknown> {
  return {
    schema: NOTIFICATION_SCHEMA,
    event: happening.kind,
    at: formatInstant(atMs),
    protocol,
    path,
    text: textOf(happening, path, self),
    self,
    ...detailsOf(happening, protocol),
  };
}

function detailsOf(happening: Happening, protocol: ProtocolName): Record<string, unknown> {
  switch (happening.kind) {
    case 'waited-too-long':
      return { waitedMs: Math.round(happening.waitedMs), holder: heldDocument(protocol, happening.held) };
    case 'stolen':
      return { from: heldDocument(protocol, happening.took), because: happening.took.standing.detail };
    case 'acquired':
      return { waitedMs: Math.round(happening.waitedMs) };
    case 'lost':
      return {
        cause: causeDocument(protocol, happening.cause),
        aloneUntil: formatInstant(happening.aloneUntilMs),
      };
    case 'released':
      return happening.heldMs === undefined ? {} : { heldMs: Math.round(happening.heldMs) };
  }
}

/** Why a hold was lost, as JSON for programs; part of the documented contract. */
export function causeDocument(protocol: ProtocolName, cause: LossCause): Record<string, unknown> {
  if (cause.kind !== 'compromised') return { ...cause };
  const { by, ...rest } = cause;
  return { ...rest, ...(by ? { by: heldDocument(protocol, by) } : {}) };
}

/** The event as one sentence or two, sanitised. */
function textOf(happening: Happening, path: string, self: Holder): string {
  const lock = describeLock(path);
  const who = describeSelf(self);
  switch (happening.kind) {
    case 'waited-too-long':
      return `${lock}: ${who} has been waiting for ${formatDuration(happening.waitedMs)}. It is held by ${describeHolder(happening.held)}.`;
    case 'stolen':
      return `${lock} was taken over ${describeTakenOver(happening.took)} by ${who}.`;
    case 'acquired':
      return `${lock} was taken by ${who} after ${formatDuration(happening.waitedMs)}.`;
    case 'lost':
      return `${lock} was lost by ${who}: ${describeLossCause(happening.cause)}. From ${formatInstant(happening.aloneUntilMs)} on another holder may have been beside it.`;
    case 'released': {
      const { heldMs } = happening;
      return `${lock} was released by ${who}${heldMs === undefined ? '' : ` after ${formatDuration(heldMs)}`}.`;
    }
  }
}

export interface NotifierOptions extends MessengerOptions {
  readonly teller: Teller;
  readonly clock: Clock;
  /** How long a wait may be before `waited-too-long`. Default: any. */
  readonly notifyAfterMs?: number;
}

/** Tells the notify command what happens to a lock: what the command does, and that it fails, changes nothing. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #messenger: Messenger;
  #waitedTooLong = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#messenger = new Messenger(options);
  }

  /** All that was told so far is done, or was given up. */
  get done(): Promise<void> {
    return this.#messenger.done;
  }

  tell(happening: Happening): void {
    const { teller, clock } = this.#options;
    this.#messenger.tell(happening.kind, notification(happening, teller, clock.wallMs()));
  }

  /** To be called at every look at a lock that is held: tells once that the wait is long. */
  waiting(waitedMs: number, held: Held): void {
    const { notifyAfterMs = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#waitedTooLong || waitedMs < notifyAfterMs) return;
    this.#waitedTooLong = true;
    this.tell({ kind: 'waited-too-long', waitedMs, held });
  }
}
