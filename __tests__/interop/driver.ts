import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Driver } from './suite.ts';

const ANSWER_WITHIN_MS = 20_000;

/** Starts a program that answers each line on its standard input with one line. What it says on standard error is ours too. */
export function startDriver(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string | undefined>>; uid?: number } = {},
): Driver {
  const child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit').catch((error: unknown) => [error]);
  child.stdin.on('error', () => {});
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  return {
    pid: child.pid ?? -1,
    ask: async (command) => {
      let timer: NodeJS.Timeout | undefined;
      const answer = new Promise<string>((resolve) => waiting.push(resolve));
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`${program}: no answer to "${command}"`)),
          ANSWER_WITHIN_MS,
        );
      });
      const gone = exited.then(([how]) =>
        Promise.reject(new Error(`${program} ended (${how}) at "${command}"`)),
      );
      child.stdin.write(`${command}\n`);
      try {
        return await Promise.race([answer, late, gone]);
      } finally {
        clearTimeout(timer);
      }
    },
    signal: (signal) => child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
