import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Clock } from '../base/clock.ts';
import { exitCodeOfSignal } from './exit-codes.ts';
import type { Guard, Reach } from './guard.ts';

// What a shell answers for a command that it can't run (POSIX.1-2024, Shell & Utilities, 2.8.2).
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

const LOOK_EVERY_MS = 50;

/** The command that runs under the lock. */
export class CommandProcess {
  /** Its exit code, 128 + n if signal n ended it, 126 or 127 if it could not be run. */
  readonly ended: Promise<number>;
  /** Why it could not be run, where no launcher says so itself. */
  failure: string | undefined;
  /** Absent when it could not even be tried. */
  readonly #child: ChildProcess | undefined;
  readonly #guard: Guard | undefined;
  readonly #reach: Reach;

  private constructor(start: () => ChildProcess, reach: Reach, guard: Guard | undefined) {
    this.#guard = guard;
    this.#reach = reach;
    try {
      const child = start();
      this.#child = child;
      this.ended = new Promise((resolve) => {
        child.on('error', (error) => resolve(this.#failed(error)));
        child.on('exit', (code, signal) => resolve(signal ? exitCodeOfSignal(signal) : (code ?? 0)));
      });
    } catch (error) {
      // Some faults are thrown instead of told: no memory for a process, too long a command line, a guard that was killed.
      this.ended = Promise.resolve(this.#failed(error));
    }
  }

  static start(
    command: readonly [string, ...string[]],
    options: { reach: Reach; guard: Guard | undefined; environment: NodeJS.ProcessEnv },
  ): CommandProcess {
    const { reach, guard, environment } = options;
    const start = (): ChildProcess => {
      const { argv, pipe } = guard ? guard.launch(command) : { argv: command, pipe: undefined };
      const [program, ...words] = argv;
      const settings: SpawnOptions = {
        // On Windows it would get a console window of its own.
        detached: reach === 'group' && process.platform !== 'win32',
        stdio: ['inherit', 'inherit', 'inherit', ...(pipe ? [pipe] : [])],
        env: environment,
      };
      return spawn(program, words, settings);
    };
    return new CommandProcess(start, reach, guard);
  }

  #failed(error: unknown): number {
    const { message, code } = error as NodeJS.ErrnoException;
    this.failure = message;
    return code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE;
  }

  signal(signal: NodeJS.Signals): void {
    const child = this.#child;
    if (child?.pid === undefined) return;
    if (this.#reach === 'tree' && this.#guard?.signal(signal)) return;
    if (this.#group !== undefined) this.#kill(this.#group, signal);
    // The pid of one that has ended may be another's by now.
    else if (child.exitCode === null && child.signalCode === null) this.#kill(child.pid, signal);
  }

  /** Asks the command and its processes to end, and kills what is left of them after `graceMs`. */
  async terminate(graceMs: number, clock: Clock): Promise<void> {
    this.signal('SIGTERM');
    this.signal('SIGCONT');
    const untilMs = clock.monotonicMs() + graceMs;
    const over = new AbortController();
    void this.ended.then(() => over.abort());
    await clock.sleep(graceMs, over.signal);
    while (this.#hasMembers() && clock.monotonicMs() < untilMs) await clock.sleep(LOOK_EVERY_MS);
    this.signal('SIGKILL');
    await this.ended;
  }

  /** How kill(2) names its process group, where it has one of its own. */
  get #group(): number | undefined {
    const pid = this.#child?.pid;
    return this.#reach === 'group' && process.platform !== 'win32' && pid !== undefined ? -pid : undefined;
  }

  /** Whether others of its group are left, where there is a group. */
  #hasMembers(): boolean {
    return this.#group !== undefined && this.#kill(this.#group, 0);
  }

  /** Whether there was anything to send it to. */
  #kill(target: number, signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(target, signal);
    } catch {
      return false;
    }
  }
}
