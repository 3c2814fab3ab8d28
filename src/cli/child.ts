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
  readonly #child: ChildProcess;
  readonly #guard: Guard | undefined;
  readonly #reach: Reach;

  private constructor(child: ChildProcess, reach: Reach, guard: Guard | undefined) {
    this.#child = child;
    this.#guard = guard;
    this.#reach = reach;
    this.ended = new Promise((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        this.failure = error.message;
        resolve(error.code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE);
      });
      child.on('exit', (code, signal) => resolve(signal ? exitCodeOfSignal(signal) : (code ?? 0)));
    });
  }

  static start(
    command: readonly [string, ...string[]],
    options: { reach: Reach; guard: Guard | undefined; environment: NodeJS.ProcessEnv },
  ): CommandProcess {
    const { reach, guard, environment } = options;
    const { argv, pipe } = guard ? guard.launch(command) : { argv: command, pipe: undefined };
    const [program, ...words] = argv;
    const settings: SpawnOptions = {
      // On Windows it would get a console window of its own.
      detached: reach === 'group' && process.platform !== 'win32',
      stdio: ['inherit', 'inherit', 'inherit', ...(pipe ? [pipe] : [])],
      env: environment,
    };
    return new CommandProcess(spawn(program, words, settings), reach, guard);
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (this.#reach === 'tree' && this.#guard?.signal(signal)) return;
    if (this.#group !== undefined) this.#kill(this.#group, signal);
    // The pid of one that has ended may be another's by now.
    else if (this.#child.exitCode === null && this.#child.signalCode === null) this.#kill(pid, signal);
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
    const { pid } = this.#child;
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
