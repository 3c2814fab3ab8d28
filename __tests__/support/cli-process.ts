import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { identify, isAlive } from '../../src/base/process.ts';

export interface Ended {
  /** 128 + n is the process's own word; `undefined` when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the CLI that runs. */
export class CliProcess {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #atTerminal: boolean;
  #stdout = '';
  #stderr = '';

  constructor(child: ChildProcess, atTerminal: boolean) {
    this.#child = child;
    this.#atTerminal = atTerminal;
    this.pid = child.pid ?? 0;
    child.stdout?.on('data', (chunk) => {
      this.#stdout += String(chunk);
    });
    child.stderr?.on('data', (chunk) => {
      this.#stderr += String(chunk);
    });
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) =>
        resolve({ code: code ?? undefined, stdout: this.#stdout, stderr: this.#stderr }),
      );
    });
  }

  get output(): string {
    return this.#stdout + this.#stderr;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What is typed, or piped, into it. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
    if (!this.#atTerminal) this.#child.stdin?.end();
  }

  /** Its readers go away. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async untilSays(text: string): Promise<void> {
    await until(`"${text}" in ${JSON.stringify(this.output)}`, () => this.output.includes(text));
  }
}

/** A machine's corner for the tests of one file: an empty state directory, and the CLI that works in it. */
export class Sandbox {
  readonly path = mkdtempSync(join(tmpdir(), 'leasehold-cli-'));
  readonly #entry: string;
  readonly #node: string;
  readonly #children: CliProcess[] = [];

  constructor(entry: string, node = process.execPath) {
    this.#entry = entry;
    this.#node = node;
  }

  /** The default store. */
  get store(): string {
    return join(this.path, 'leasehold');
  }

  file(name: string): string {
    return join(this.path, name);
  }

  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): CliProcess {
    return this.#started(spawn(this.#node, [this.#entry, ...args], this.#settings(environment)));
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.start(args, environment).ended;
  }

  /** The CLI at a terminal of 60 columns, by script(1), which hands on the exit code of what it runs. */
  startAtTerminal(args: readonly string[]): CliProcess {
    const words = [this.#node, this.#entry, ...args].map((word) => `'${word.replace(/'/g, `'\\''`)}'`);
    const script = ['-qec', `stty cols 60; exec ${words.join(' ')}`, '/dev/null'];
    return this.#started(spawn('script', script, this.#settings({ TERM: 'xterm' })), true);
  }

  /** Ends what is left, and takes everything away. */
  async close(): Promise<void> {
    for (const child of this.#children) {
      child.signal('SIGKILL');
      // What a broken guard left running may hold the pipes open.
      child.closeOutput();
    }
    await Promise.all(this.#children.map(({ ended }) => ended));
    rmSync(this.path, { recursive: true, force: true });
  }

  #settings(environment: NodeJS.ProcessEnv) {
    const { PATH, HOME } = process.env;
    return { env: { PATH, HOME, XDG_STATE_HOME: this.path, ...environment }, cwd: this.path };
  }

  #started(child: ChildProcess, atTerminal = false): CliProcess {
    const started = new CliProcess(child, atTerminal);
    this.#children.push(started);
    return started;
  }
}

/** Waits until `condition` holds. @throws Error after `withinMs` */
export async function until(what: string, condition: () => boolean, withinMs = 10_000): Promise<void> {
  const endMs = systemClock.monotonicMs() + withinMs;
  while (!condition()) {
    if (systemClock.monotonicMs() >= endMs) throw new Error(`Still not after ${withinMs} ms: ${what}`);
    await systemClock.sleep(20);
  }
}

/** The pids that a command under test wrote into a file, as soon as there are `count`. */
export async function pidsIn(file: string, count = 1): Promise<number[]> {
  const read = (): number[] =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number) : [];
  await until(`${count} pids in ${file}`, () => read().length >= count);
  return read();
}

export async function untilGone(pids: readonly number[], withinMs?: number): Promise<void> {
  await until(`${pids.join(', ')} gone`, () => !pids.some((pid) => isAlive(identify(pid))), withinMs);
}

export function isRunning(pid: number): boolean {
  return isAlive(identify(pid));
}
