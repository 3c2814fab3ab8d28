import { formatDuration } from '../../base/duration.ts';
import { quote } from '../../base/sanitise.ts';
import type { Holder } from '../../lease/record.ts';
import type { Waiting } from '../../protocols/acquire.ts';
import { describeHolder, WaitLog } from '../../protocols/describe.ts';
import { type Happening, Notifier } from '../../protocols/notify.ts';
import type { Protocol } from '../../protocols/protocol.ts';
import type { Cli } from '../io.ts';
import { jsonLine } from '../json.ts';
import type { ProtocolTake } from '../protocol-options.ts';
import { LiveLine } from '../terminal.ts';
import { type ProtocolEvent, protocolEventDocument, protocolEventLines } from './events.ts';

const REDRAW_EVERY_MS = 1_000;

/**
 * Tells what happens to the lock of another program, on standard error: JSON lines, plain lines, or on a terminal one live
 * line while waiting.
 */
export class ProtocolReporter {
  readonly #cli: Cli;
  readonly #options: ProtocolTake;
  readonly #notifier: Notifier;
  readonly #waitLog: WaitLog;
  readonly #live: LiveLine | undefined;
  #redrawing: AbortController | undefined;
  #wait: { readonly waiting: Waiting; readonly seenMs: number } | undefined;

  /** @param signal ends what is said to the notify command */
  constructor(
    cli: Cli,
    options: ProtocolTake,
    { protocol, self, signal }: { protocol: Protocol; self: Holder; signal: AbortSignal },
  ) {
    this.#cli = cli;
    this.#options = options;
    this.#waitLog = new WaitLog(protocol, options.stalePolicy);
    this.#live = cli.screen && !options.json && !options.quiet ? new LiveLine(cli.screen) : undefined;
    this.#notifier = new Notifier({
      command: options.notify,
      notifyAfterMs: options.notifyAfterMs,
      teller: { protocol: options.protocol, path: options.path, self },
      clock: cli.clock,
      signal,
      onFailure: (detail) => this.tell({ kind: 'notify-failed', detail }),
    });
  }

  /** The notify command has been told of everything. */
  get told(): Promise<void> {
    return this.#notifier.done;
  }

  waiting(waiting: Waiting): void {
    const { json, quiet, waitTimeoutMs } = this.#options;
    if (waitTimeoutMs > 0) this.#notifier.waiting(waiting.waitedMs, waiting.held);
    const nowMs = this.#cli.clock.monotonicMs();
    if (this.#live) {
      this.#wait = { waiting, seenMs: nowMs };
      if (!this.#redrawing) void this.#keepDrawn();
      return;
    }
    const lines = this.#waitLog.lines(waiting, nowMs);
    if (lines.length === 0 || quiet) return;
    if (json) this.#sayDocument({ kind: 'waiting', waiting });
    else this.#sayLines(lines);
  }

  /** The wait is over, however it ended. */
  waited(): void {
    this.#redrawing?.abort();
    this.#redrawing = undefined;
    this.#live?.clear();
  }

  /** Tells the notify command alone. */
  notify(happening: Happening): void {
    this.#notifier.tell(happening);
  }

  tell(event: Exclude<ProtocolEvent, { kind: 'waiting' }>): void {
    const happening = happeningOf(event);
    if (happening) this.notify(happening);
    if (this.#options.quiet) return;
    this.#live?.clear();
    if (this.#options.json) this.#sayDocument(event);
    else this.#sayLines(protocolEventLines(event, this.#options));
  }

  #sayDocument(event: ProtocolEvent): void {
    this.#cli.say(jsonLine(protocolEventDocument(event, this.#options)));
  }

  #sayLines(lines: readonly string[]): void {
    for (const line of lines) this.#cli.say(`leasehold: ${line}`);
  }

  async #keepDrawn(): Promise<void> {
    const redrawing = new AbortController();
    this.#redrawing = redrawing;
    while (!redrawing.signal.aborted) {
      if (this.#wait) this.#live?.show(liveText(this.#wait, this.#cli.clock.monotonicMs()));
      await this.#cli.clock.sleep(REDRAW_EVERY_MS, redrawing.signal);
    }
  }
}

/** What the notify command is told of an event, where it is told. */
function happeningOf(event: ProtocolEvent): Happening | undefined {
  switch (event.kind) {
    case 'stolen':
    case 'lost':
    case 'released':
      return event;
    case 'acquired':
      return { kind: 'acquired', waitedMs: event.waitedMs };
    case 'limits':
    case 'waiting':
    case 'store-trouble':
    case 'skipped':
    case 'renewal-trouble':
    case 'unguarded':
    case 'notify-failed':
      return undefined;
  }
}

/** What must be seen first comes first, since the end may be cut off: a path is long. Tries come too often to be counted down. */
function liveText({ waiting, seenMs }: { waiting: Waiting; seenMs: number }, nowMs: number): string {
  const { held, waitedMs } = waiting;
  // Tenths of a second would only flicker.
  const seconds = Math.max(1, Math.round((waitedMs + nowMs - seenMs) / 1_000));
  return `Waiting ${formatDuration(seconds * 1_000)} for the lock, held by ${describeHolder(held)}: ${quote(held.path)}`;
}
