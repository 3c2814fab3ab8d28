import type { Clock } from '../base/clock.ts';
import { formatDuration, formatInstant } from '../base/duration.ts';
import { sanitise } from '../base/sanitise.ts';
import type { Stolen, Waiting } from './acquire.ts';
import { describeHolder, describeLoss } from './describe.ts';
import type { LossCause } from './lease.ts';
import type { Holder } from './record.ts';

/*
 * The `notify` command: told what happens to a lock, one JSON document on its standard input for each event. The documents are
 * a contract (docs/action.md, "Notifications"): fields are added, never changed.
 */

export const NOTIFICATION_SCHEMA = 1;

/** What the notify command is told of. */
export type Happening =
  | { readonly kind: 'waited-too-long'; readonly waitedMs: number; readonly holder: Holder }
  | { readonly kind: 'stolen'; readonly token: number; readonly stolen: Stolen }
  | { readonly kind: 'acquired'; readonly token: number; readonly waitedMs: number }
  | {
      readonly kind: 'lost';
      readonly token: number;
      readonly cause: LossCause;
      /** Wall clock, see `aloneUntilMs`. */
      readonly aloneUntilMs: number;
    }
  | { readonly kind: 'released'; readonly token: number; readonly heldMs?: number };

/** Whose events they are. */
export interface Teller {
  readonly name: string;
  /** The store's URL, without secrets. */
  readonly store: string;
  /** Who holds the lock, or wants it. */
  readonly self: Holder;
}

/** The document for one event. `atMs`: the wall clock. Its texts are other people's; only `text` is made to be shown. */
export function notification(
  happening: Happening,
  { name, store, self }: Teller,
  atMs: number,
): Record<string, unknown> {
  return {
    schema: NOTIFICATION_SCHEMA,
    event: happening.kind,
    at: formatInstant(atMs),
    name,
    store,
    text: textOf(happening, name, self),
    self,
    ...detailsOf(happening),
  };
}

function detailsOf(happening: Happening): Record<string, unknown> {
  switch (happening.kind) {
    case 'waited-too-long':
      return { waitedMs: Math.round(happening.waitedMs), holder: happening.holder };
    case 'stolen': {
      const { from, because, proof } = happening.stolen;
      const why = proof === undefined ? { because } : { because, proof };
      return { token: happening.token, from: from.holder, ...why };
    }
    case 'acquired':
      return { token: happening.token, waitedMs: Math.round(happening.waitedMs) };
    case 'lost': {
      const { token, cause, aloneUntilMs } = happening;
      return { token, cause, aloneUntil: formatInstant(aloneUntilMs) };
    }
    case 'released': {
      const { token, heldMs } = happening;
      return { token, ...(heldMs === undefined ? {} : { heldMs: Math.round(heldMs) }) };
    }
  }
}

/** The event as one sentence or two, sanitised. */
function textOf(happening: Happening, name: string, self: Holder): string {
  const lock = `Lock "${name}"`;
  const who = describeHolder(self);
  switch (happening.kind) {
    case 'waited-too-long':
      return `${lock}: ${who} has been waiting for ${formatDuration(happening.waitedMs)}. It is held by ${linked(happening.holder)}.`;
    case 'stolen': {
      const { from, because, proof } = happening.stolen;
      const why = proof === undefined ? because : `${because}: ${sanitise(proof)}`;
      return `${lock} was stolen from ${linked(from.holder)} by ${who} (${why}).`;
    }
    case 'acquired':
      return `${lock} was taken by ${who} after ${formatDuration(happening.waitedMs)}.`;
    case 'lost':
      return `${lock} was lost by ${linked(self)}: ${describeLoss(happening.cause)}. From ${formatInstant(happening.aloneUntilMs)} on another holder may have been beside it.`;
    case 'released': {
      const { heldMs } = happening;
      return `${lock} was released by ${who}${heldMs === undefined ? '' : ` after ${formatDuration(heldMs)}`}.`;
    }
  }
}

function linked(holder: Holder): string {
  return `${describeHolder(holder)}${holder.runUrl === undefined ? '' : ` (${sanitise(holder.runUrl)})`}`;
}

/** How long one call of the command may take. */
const NOTIFY_WITHIN_MS = 30_000;

export interface MessengerOptions {
  /** Empty: nobody is told. */
  readonly command: string;
  /** Called once, for the first call that failed. */
  readonly onFailure: (detail: string) => void;
  /** Ends a call under way, and those to come. */
  readonly signal?: AbortSignal;
  /** The command's environment. Default: that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Runs the notify command for one document after the other, beside everything else. */
export class Messenger {
  readonly #options: MessengerOptions;
  #queue: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(options: MessengerOptions) {
    this.#options = options;
  }

  /** All that was told so far is done, or was given up. */
  get done(): Promise<void> {
    return this.#queue;
  }

  tell(event: string, document: Record<string, unknown>): void {
    if (this.#options.command === '') return;
    this.#queue = this.#queue.then(() => this.#run(event, document));
  }

  async #run(event: string, document: Record<string, unknown>): Promise<void> {
    const { command, signal, environment } = this.#options;
    if (signal?.aborted) return;
    // What starts processes takes a while to load, and most jobs have no use for it.
    const { runCommand } = await import('../base/command.ts');
    const end = await runCommand(command, document, { timeoutMs: NOTIFY_WITHIN_MS, signal, environment });
    if (end.ok || this.#failed || signal?.aborted) return;
    this.#failed = true;
    this.#options.onFailure(
      `The notify command failed for "${event}": ${end.detail}. Nothing else changes by it.`,
    );
  }
}

export interface NotifierOptions extends MessengerOptions {
  readonly teller: Teller;
  readonly clock: Clock;
  /** How long a wait may be before `waited-too-long`. Default: any. */
  readonly notifyAfterMs?: number;
}

/** Tells the notify command what happens to a lease: what the command does, and that it fails, changes nothing. */
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
  waiting({ waitedMs, record }: Waiting): void {
    const { notifyAfterMs = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#waitedTooLong || waitedMs < notifyAfterMs) return;
    this.#waitedTooLong = true;
    this.tell({ kind: 'waited-too-long', waitedMs, holder: record.holder });
  }
}
