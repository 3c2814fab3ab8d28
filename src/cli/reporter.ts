import { formatDuration } from '../base/duration.ts';
import type { Waiting } from '../lease/acquire.ts';
import type { LockContext } from '../lease/context.ts';
import { describeNow, WaitLog } from '../lease/describe.ts';
import { Expectation } from '../lease/expectation.ts';
import { type Happening, Notifier } from '../lease/notify.ts';
import type { Holder } from '../lease/record.ts';
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
  #notifier: Notifier | undefined;
  #expectation: Expectation | undefined;
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

  /** Which lock it is about, and who wants it: from now on the notify command is told as well. */
  follow(lock: LockContext, self: Holder, signal: AbortSignal): void {
    const { name, notify: command, notifyAfterMs } = this.#options;
    this.#expectation = new Expectation(lock);
    this.#notifier = new Notifier({
      command,
      notifyAfterMs,
      teller: { name, store: lock.store.url, self },
      clock: this.#cli.clock,
      signal,
      onFailure: (detail) => this.tell({ kind: 'notify-failed', detail }),
    });
  }

  /** The notify command has been told of everything. */
  get told(): Promise<void> {
    return this.#notifier?.done ?? Promise.resolve();
  }

  waiting(waiting: Waiting): void {
    this.#say(waiting);
    if (this.#options.waitTimeoutMs === 0) return;
    this.#notifier?.waiting(waiting);
    if (isOwn(waiting)) this.#expectation?.follow(waiting.record, () => this.#sayExpectation(waiting));
  }

  #say(waiting: Waiting): void {
    const { clock } = this.#cli;
    if (this.#live) {
      this.#wait = { waiting, seenMs: clock.monotonicMs() };
      if (this.#redrawing) this.#redraw();
      else void this.#keepDrawn();
      return;
    }
    const expected = isOwn(waiting) ? this.#expectation?.words : undefined;
    const lines = this.#waitLog.lines(waiting, clock.monotonicMs(), expected);
    if (lines.length === 0 || this.#options.quiet) return;
    if (this.#options.json) this.#sayDocument(this.#waitingEvent(waiting));
    else this.#sayLines(lines);
  }

  #waitingEvent(waiting: Waiting): LockEvent {
    const expectation = isOwn(waiting) ? this.#expectation : undefined;
    return { kind: 'waiting', waiting, ...(expectation ? { expectation } : {}) };
  }

  /** Said once, when the history has been read; from then on it is part of what is said. */
  #sayExpectation(waiting: Waiting): void {
    if (this.#live || this.#options.quiet) return;
    if (this.#options.json) this.#sayDocument(this.#waitingEvent(waiting));
    else this.#sayLines([`  usual   ${this.#expectation?.words ?? ''}`]);
  }

  /** The wait is over, however it ended. */
  waited(): void {
    this.#expectation?.end();
    this.#redrawing?.abort();
    this.#redrawing = undefined;
    this.#live?.clear();
  }

  /** Tells the notify command alone. */
  notify(happening: Happening): void {
    this.#notifier?.tell(happening);
  }

  tell(event: Exclude<LockEvent, { kind: 'waiting' }>): void {
    const happening = happeningOf(event);
    if (happening) this.notify(happening);
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
      this.#live?.show(
        liveText(
          this.#wait.waiting,
          this.#cli.clock.monotonicMs() - this.#wait.seenMs,
          this.#expectation?.left,
        ),
      );
  }
}

/** What the notify command is told of an event, where it is told. */
function happeningOf(event: LockEvent): Happening | undefined {
  switch (event.kind) {
    case 'stolen':
      return { kind: 'stolen', token: event.stolen.from.token + 1, stolen: event.stolen };
    case 'acquired': {
      const { lease, waitedMs } = event.acquired;
      return { kind: 'acquired', token: lease.token, waitedMs };
    }
    case 'lost':
    case 'released':
      return event;
    case 'waiting':
    case 'store-trouble':
    case 'skipped':
    case 'freed':
    case 'renewal-trouble':
    case 'renewed-late':
    case 'unguarded':
    case 'notify-failed':
      return undefined;
  }
}

/** Whether it waits for the holder of the lock itself, not for a lease above or below it. */
function isOwn({ name, record }: Waiting): boolean {
  return name === record.name;
}

/** What must be seen first comes first, since the end may be cut off. */
function liveText(waiting: Waiting, sinceMs: number, expected?: string): string {
  const { name, waitedMs, nextLookMs } = waiting;
  // Tenths of a second would only flicker.
  const whole = (ms: number): string => formatDuration(Math.max(1, Math.round(ms / 1_000)) * 1_000);
  const left = expected === undefined ? '' : `, ${expected}`;
  return `Waiting for lock "${name}" ${whole(waitedMs + sinceMs)}${left}, next look in ${whole(nextLookMs - sinceMs)}: ${describeNow(waiting)}`;
}
