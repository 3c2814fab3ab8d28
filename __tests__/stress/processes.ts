import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/* Processes as Linux shows them, proc(5). */

/** Sends a signal to a process, or to a group as its negative number. Whether there was anything to send it to. */
export function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}

/** Stops a process, and waits until it is stopped or gone. */
export async function stop(pid: number): Promise<void> {
  send(pid, 'SIGSTOP');
  while (/^State:\s+[RSD]/m.test(textOf(`/proc/${pid}/status`))) await sleep(1);
}

export function childrenOf(pid: number): number[] {
  return textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** The guard that `leasehold run` has started, by its name in the list of processes. */
export function guardOf(leaseholdPid: number): number | undefined {
  return childrenOf(leaseholdPid).find((pid) => textOf(`/proc/${pid}/cmdline`).includes('leasehold-guard'));
}

export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

/** All processes whose environment has `mark`, a `NAME=value`. */
export function processesWith(mark: string): MarkedProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .filter((pid) => textOf(`/proc/${pid}/environ`).split('\0').includes(mark))
    .map((pid) => ({
      pid: Number(pid),
      command: textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim(),
    }));
}

/** Empty when the process is gone, or not ours. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
