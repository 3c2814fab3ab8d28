import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** One process, told apart from a later one with the same pid by its start time (clock ticks since boot; Linux only). */
export interface ProcessId {
  readonly pid: number;
  readonly startTime?: string;
}

/** Where pids mean something: one boot of one kernel, one pid namespace. */
export interface ProcessScope {
  readonly bootId: string;
  readonly pidNamespace: string;
  /** Clones of a machine that was snapshot while it ran share the rest. */
  readonly host: string;
}

/** `undefined` where the system does not say (anything but Linux): then there is no proof of death by pid. */
export function currentScope(): ProcessScope | undefined {
  try {
    return {
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      pidNamespace: readlinkSync('/proc/self/ns/pid'),
      host: hostname(),
    };
  } catch {
    return undefined;
  }
}

/** What /proc/<pid>/stat says of a process (proc_pid_stat(5)); the command in it may hold spaces and brackets. */
function statOf(pid: number): { state: string; threads: number; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, threads, startTime] = [fields[0], fields[17], fields[19]];
    return state && startTime ? { state, threads: Number(threads), startTime } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends this process after `ms`, with exit status 1, unless it has ended by itself until then: whatever hangs. Does not keep
 * it alive.
 */
export function exitWithin(ms: number): void {
  setTimeout(() => process.exit(1), ms).unref();
}

/**
 * Kills this process if it has not ended by itself `ms` after its work was done, and calls `tell` right before. For calls
 * that hang in the thread pool (a mount whose server is gone): process.exit waits for them too, so only a signal ends it.
 * Does not keep it alive.
 */
export function killWithin(ms: number, tell: () => void): void {
  setTimeout(() => {
    tell();
    process.kill(process.pid, 'SIGKILL');
  }, ms).unref();
}

export function identify(pid: number): ProcessId {
  const stat = statOf(pid);
  return stat ? { pid, startTime: stat.startTime } : { pid };
}

/**
 * Whether a process of *this* scope still runs. Only ESRCH says that it does not (EPERM: it
 * does, under another user; anything else is no answer); nor does a zombie
 * (a killed process whose parent never waits for it stays one) without any thread: the first may end before the others, by
 * pthread_exit(3), or in a call that a killed process still has to come back from. Another start time means that the pid was
 * given anew.
 */
export function isAlive(id: ProcessId): boolean {
  try {
    process.kill(id.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
  const stat = statOf(id.pid);
  if (!stat) return true;
  const hasEnded = stat.state === 'Z' || stat.state === 'X';
  if (hasEnded && stat.threads <= 1) return false;
  return id.startTime === undefined || id.startTime === stat.startTime;
}

/** When this machine was started, milliseconds since the epoch by its wall clock (btime of proc_stat(5)); Linux only. */
export function bootedMs(): number | undefined {
  try {
    const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
    return seconds === undefined ? undefined : Number(seconds) * 1_000;
  } catch {
    return undefined;
  }
}
