import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { currentScope, isAlive } from '../base/process.ts';
import type { Standing } from './protocol.ts';

/** The pid namespace that the kernel starts with: PROC_PID_INIT_INO of include/linux/proc_ns.h. */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

/** Linux gives no higher pid (PID_MAX_LIMIT, proc_sys_kernel(5)). */
const HIGHEST_PID = 2 ** 22;

/** What is known of a record's process, and why, as a part of a sentence. */
export type Whereabouts = Pick<Standing, 'holder' | 'detail'>;

/**
 * Whether the process that a record names still runs. A record names it by host name and pid, and that is little: containers
 * may share the host's name and have pids of their own, and machines may have the same name. So it is `finished` only if
 * the record can only have been written on this machine, this process sees all pids of it, and no process, in whatever
 * container, has that pid.
 */
export function whereaboutsOf(
  { host, pid }: { host: string; pid: number },
  ofThisMachine: boolean,
): Whereabouts {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid > HIGHEST_PID)
    return { holder: 'unknown', detail: 'its record names no process' };
  const elsewhere = `its process ${pid} may run elsewhere`;
  if (host !== hostname()) return { holder: 'unknown', detail: `${elsewhere}, on the host that it names` };
  if (isAlive({ pid })) return { holder: 'alive', detail: `its process ${pid} runs` };
  if (!ofThisMachine)
    return { holder: 'unknown', detail: `${elsewhere}: another machine may have this one's name` };
  if (!seesAllProcesses())
    return {
      holder: 'unknown',
      detail: `${elsewhere}: processes of other containers can't be seen from here`,
    };
  if (runsInContainer(pid))
    return { holder: 'unknown', detail: `its process ${pid} may be one in a container, for there it runs` };
  return { holder: 'finished', detail: `its process ${pid} is gone` };
}

function seesAllProcesses(): boolean {
  try {
    readFileSync('/proc/1/status');
  } catch {
    // Mounted with hidepid, or no Linux.
    return false;
  }
  return currentScope()?.pidNamespace === INITIAL_PID_NAMESPACE;
}

/** Whether a process has this pid in a namespace below ours (NSpid of proc_pid_status(5)). */
function runsInContainer(pid: number): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((name) => nestedPidsOf(name).includes(String(pid)));
}

function nestedPidsOf(process: string): string[] {
  try {
    const [, pids = ''] = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${process}/status`, 'utf8')) ?? [];
    return pids.split('\t').slice(1);
  } catch {
    // It has ended.
    return [];
  }
}
