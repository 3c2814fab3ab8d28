import { formatDuration } from '../base/duration.ts';
import type { Waiting } from '../lease/acquire.ts';
import { describeHolder, WaitLog } from '../lease/describe.ts';
import { eventDocument, eventLines, type LockEvent } from './events.ts';
import type { Cli } from './io.ts';
import { jsonLine } from './json.ts';
import type { Common, Take } from './options.ts';
import { LiveLine } from './terminal.ts';

const REDRAW_EVERY_MS = 1_000;

/**
 * Tells what happens to a lock, on standard error: JSON lines, plain lines, or on a terminal one live line while waiting.
 */
export class Reporter {
  readonly #cli: Cli;
  readonly #options: Common & Take;
  readonly #waitLog: WaitLog;
  readonly #live: LiveLine | undefined;
  #redrawing: AbortController | undefined;
  #wait: { readonly waiting: Waiting; readonly seenMs: number } | undefined;

  constructor(cli: Cli, options: Common & Take) {
    this.#cli = cli;
    this.#options = options;
    this.#waitLog = new WaitLog(options.stalePolicy);
    const { json, quiet } = options;
    this.#live = cli.screen && !json && !quiet ? new LiveLine(cli.screen) : undefined;
  }

  waiting(waiting: Waiting): void {
    const { clock } = this.#cli;
    if (this.#live) {
      this.#wait = { waiting, seenMs: clock.monotonicMs() };
      if (this.#redrawing) this.#redraw();
      else void this.#keepDrawn();
      return;
    }
    const lines = this.#waitLog.lines(waiting, clock.monotonicMs());
    if (lines.length === 0 || this.#options.quiet) return;
    if (this.#options.json) this.#sayDocument({ kind: 'waiting', waiting });
    else this.#sayLines(lines);
  }

  /** The wait is over, however it ended. */
  waited(): void {
    this.#redrawing?.abort();
    this.#redrawing = undefined;
    this.#live?.clear();
  }

  tell(event: Exclude<LockEvent, { kind: 'waiting' }>): void {
    if (this.#options.quiet) return;
    this.#live?.clear();
    if (this.#options.json) this.#sayDocument(event);
    else this.#sayLines(eventLines(event, this.#options));
  }

  #sayDocument(event: LockEvent): void {
    this.#cli.say(jsonLine(eventDocument(event, this.#options)));
  }

  #sayLines(lines: readonly string[]): void {
    for (const line of lines) this.#cli.say(`leasehold: ${line}`);
  }

  async #keepDrawn(): Promise<void> {
    const redrawing = new AbortController();
    this.#redrawing = redrawing;
    while (!redrawing.signal.aborted) {
      this.#redraw();
      await this.#cli.clock.sleep(REDRAW_EVERY_MS, redrawing.signal);
    }
  }

  #redraw(): void {
    if (this.#wait)
      this.#live?.show(liveText(this.#wait.waiting, this.#cli.clock.monotonicMs() - this.#wait.seenMs));
  }
}

/** What must be seen first comes first, since the end may be cut off. */
function liveText({ record, waitedMs, nextLookMs }: Waiting, sinceMs: number): string {
  const who = record.state === 'held' ? `held by ${describeHolder(record.holder)}` : record.state;
  // Tenths of a second would only flicker.
  const whole = (ms: number): string => formatDuration(Math.max(1, Math.round(ms / 1_000)) * 1_000);
  return `Waiting for lock "${record.name}" ${whole(waitedMs + sinceMs)}, next look in ${whole(nextLookMs - sinceMs)}: ${who}`;
}
