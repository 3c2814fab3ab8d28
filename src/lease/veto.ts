import { spawn } from 'node:child_process';
import { formatDuration } from '../base/duration.ts';
import { sanitise } from '../base/sanitise.ts';
import type { LeaseRecord } from './record.ts';

/** Asked before a steal: may it be done? */
export type Veto = (
  record: LeaseRecord,
  signal?: AbortSignal,
) => Promise<{ allowed: boolean; detail: string }>;

const LONGEST_ANSWER = 4_096;

/**
 * The `on-stale` command as a veto. It runs in the system's shell with the stale record as JSON on standard input. Only
 * exit status 0 allows the steal; anything else, a time-out and a command that can't be started forbid it.
 */
export function commandVeto(command: string, timeoutMs = 30_000): Veto {
  return (record, signal) =>
    new Promise((resolve) => {
      const child = spawn(command, {
        shell: true,
        stdio: ['pipe', 'pipe', 'pipe'],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        // A group of its own: what the shell started must end with it, or it holds our pipes open past the time-out.
        detached: process.platform !== 'win32',
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
      child.stdin.end(`${JSON.stringify(record)}\n`);
      child.on('error', (error) =>
        resolve({ allowed: false, detail: `could not be run: ${sanitise(error.message)}` }),
      );
      child.on('exit', () => endGroup(child.pid));
      child.on('close', (code, killedBy) => {
        const last = sanitise(said.trim().split('\n').at(-1) ?? '');
        const how = killedBy
          ? `ended by ${killedBy}, limit ${formatDuration(timeoutMs)}`
          : `exit status ${code}`;
        resolve({ allowed: code === 0, detail: last === '' ? how : `${how}: ${last}` });
      });
    });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of it was left.
  }
}
