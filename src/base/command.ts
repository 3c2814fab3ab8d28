import { type ChildProcess, spawn } from 'node:child_process';
import { formatDuration } from './duration.ts';
import { sanitise } from './sanitise.ts';

/** How a command of the user's ended. */
export interface CommandEnd {
  /** It ended in time, with exit status 0. */
  readonly ok: boolean;
  /** How it ended, with the last line that it said, sanitised: `exit status 1: still deploying`. */
  readonly detail: string;
}

export interface CommandOptions {
  /** Then it is killed, with all that it has started. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

const LONGEST_ANSWER = 4_096;
/** How long what a command has said may take to arrive once it has ended. */
const LAST_WORDS_MS = 1_000;

/**
 * Runs a command of the user's in the system's shell, with `input` as one line of JSON on its standard input. Whatever goes
 * wrong is an end that is not `ok`: a time-out, a signal, a command that can't be started.
 */
export function runCommand(command: string, input: unknown, options: CommandOptions): Promise<CommandEnd> {
  const { timeoutMs, signal, environment } = options;
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      // A group of its own: what the shell started must end with it, or it holds our pipes open past the time-out.
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(environment ? { env: environment } : {}),
      ...(signal ? { signal } : {}),
    });
    let said = '';
    const collect = (chunk: Buffer): void => {
      said = (said + chunk.toString('utf8')).slice(-LONGEST_ANSWER);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    // A command that does not read its input closes the pipe under us; that is its right.
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify(input)}\n`);
    child.on('error', (error) =>
      resolve({ ok: false, detail: `could not be run: ${sanitise(error.message)}` }),
    );
    child.on('exit', () => {
      endGroup(child.pid);
      letGo(child);
    });
    child.on('close', (code, killedBy) => {
      const last = sanitise(said.trim().split('\n').at(-1) ?? '');
      const how = killedBy
        ? `ended by ${killedBy}, limit ${formatDuration(timeoutMs)}`
        : `exit status ${code}`;
      resolve({ ok: code === 0, detail: last === '' ? how : `${how}: ${last}` });
    });
  });
}

/** What went into a session of its own (a daemon) lives on, and may hold the pipes open for as long. */
function letGo({ stdout, stderr }: ChildProcess): void {
  setTimeout(() => {
    stdout?.destroy();
    stderr?.destroy();
  }, LAST_WORDS_MS).unref();
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of it was left.
  }
}
