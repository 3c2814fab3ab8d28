import type { CommandProcess } from './child.ts';
import type { Reach } from './guard.ts';

/** The signals that end a wait, and that are passed on to a command. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const satisfies NodeJS.Signals[];

/** Aborts at the first signal that asks this process to end. */
export class Cancellation {
  readonly #aborted = new AbortController();
  #received: NodeJS.Signals | undefined;
  readonly #handlers = new Map<NodeJS.Signals, () => void>();

  constructor() {
    for (const signal of ENDING) {
      this.on(signal, () => {
        this.#received ??= signal;
        this.#aborted.abort();
      });
    }
  }

  get signal(): AbortSignal {
    return this.#aborted.signal;
  }

  /** Which signal it was. */
  get received(): NodeJS.Signals | undefined {
    return this.#received;
  }

  /** From now on `handle` answers `signal`, and nothing else does. */
  on(signal: NodeJS.Signals, handle: () => void): void {
    // Before the old one is taken away: where nobody listens, Node drops a signal that has come in but not been told yet.
    process.on(signal, handle);
    this.#off(signal);
    this.#handlers.set(signal, handle);
  }

  #off(signal: NodeJS.Signals): void {
    const handle = this.#handlers.get(signal);
    if (handle) process.off(signal, handle);
  }

  /** Gives all signals back to the system. */
  close(): void {
    for (const signal of this.#handlers.keys()) this.#off(signal);
  }
}

/** From now on signals are the command's. */
export function passOn(signals: Cancellation, command: CommandProcess, reach: Reach): void {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) {
    signals.on(signal, () => command.signal(signal));
  }
  if (reach === 'tree') {
    // The terminal sends these to the command as well, and a second Ctrl-C means "at once" to many programs.
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) signals.on(signal, () => {});
    return;
  }
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGWINCH', 'SIGCONT'] as const) {
    signals.on(signal, () => command.signal(signal));
  }
  // Stopped with us, the command can't outrun a lease that nobody renews.
  signals.on('SIGTSTP', () => {
    command.signal('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
}
