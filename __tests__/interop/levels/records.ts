import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { thisSystem } from '../../../src/protocols/levels-record.ts';
import type { Standing } from '../../../src/protocols/protocol.ts';
import { startUnderIdleParent, until } from '../../support/fake-processes.ts';
import type { Driver } from '../suite.ts';

/** Processes that records may name, with what ps says of them. */
export interface Processes {
  readonly living: number;
  readonly livingPs: string;
  readonly dead: number;
  readonly deadPs: string;
  /** Killed, and never waited for; what ps said before. */
  readonly zombie: number;
  readonly zombiePs: string;
  end(): void;
}

export async function processesOf(original: Driver, folder: string): Promise<Processes> {
  const dead = spawn('true', { stdio: 'ignore' });
  const deadPid = dead.pid ?? -1;
  await new Promise((resolve) => dead.on('exit', resolve));
  const { parent, pid: zombie } = await startUnderIdleParent();
  const zombiePs = thisSystem.ps(zombie) ?? '';
  process.kill(zombie, 'SIGKILL');
  await until(() => / Z /.test(readFileSync(`/proc/${zombie}/stat`, 'utf8')));
  const record = Buffer.from(await original.ask(`record ${folder}`), 'hex').toString('latin1');
  const livingPs = record.split('\n').slice(3).join('\n');
  return {
    living: original.pid,
    livingPs,
    dead: deadPid,
    deadPs: livingPs.replaceAll(String(original.pid), String(deadPid)),
    zombie,
    zombiePs,
    end: () => parent.kill('SIGKILL'),
  };
}

export interface Row {
  readonly name: string;
  readonly bytes: string;
  /** What `StillHeld` of the original answers. */
  readonly original: 'true' | 'false' | 'error';
  readonly ours: Standing['holder'];
}

/** Records, and what both sides make of them. `finished` is the only answer that lets ours take a lock over. */
export function recordTable({ living, livingPs, dead, deadPs, zombie, zombiePs }: Processes): Row[] {
  const id = thisSystem.systemId();
  const one = (pid: number | string, ps = '', system = id): string =>
    `VERSION:1\nSYSTEM ID:${system}\nPID:${pid}\n${ps}`;
  const started = /\d\d:(\d\d):\d\d/.exec(livingPs)?.[0] ?? '';
  const at = (hours: number, minutes: number, seconds: number): string => {
    const [h, m, s] = started.split(':').map(Number) as [number, number, number];
    const total = ((h * 60 + m) * 60 + s + (hours * 60 + minutes) * 60 + seconds + 86_400) % 86_400;
    const two = (number: number): string => String(Math.floor(number)).padStart(2, '0');
    return livingPs.replace(started, `${two(total / 3_600)}:${two((total / 60) % 60)}:${two(total % 60)}`);
  };
  const row = (name: string, bytes: string, original: Row['original'], ours: Row['ours']): Row => ({
    name,
    bytes,
    original,
    ours,
  });
  return [
    row('a living process', one(living, livingPs), 'true', 'alive'),
    row('a dead process', one(dead, deadPs), 'false', 'finished'),
    row('a living process without ps', one(living), 'true', 'unknown'),
    row('a dead process without ps', one(dead), 'false', 'finished'),
    row('a dead process of another machine', one(dead, deadPs, `${id}0`), 'true', 'unknown'),
    row('a machine id that ends in a blank', one(dead, deadPs, `${id} `), 'true', 'unknown'),
    row('an empty machine id, where this one has one', one(dead, deadPs, ''), 'true', 'unknown'),
    row('an unknown machine', one(dead, deadPs, 'UNKNOWN'), 'true', 'unknown'),
    row('an unknown machine and no pid', 'VERSION:1\nSYSTEM ID:UNKNOWN\n', 'true', 'unknown'),
    row('the pid of a process that started 7 minutes later', one(living, at(0, -7, 0)), 'false', 'finished'),
    row(
      'and with another name',
      one(living, at(0, -7, 0).replace(' driver\n', ' sshd\n')),
      'false',
      'finished',
    ),
    row('version 0, a living process', `VERSION:0\n${livingPs}`, 'true', 'alive'),
    row('version 0, a dead process', `VERSION:0\n${deadPs}`, 'false', 'finished'),
    row('version 0, another process has its pid', `VERSION:0\n${at(0, -7, 0)}`, 'false', 'finished'),
    row('version 00', `VERSION:00\n${livingPs}`, 'true', 'alive'),
    row('version 01', one(dead, deadPs).replace('VERSION:1', 'VERSION:01'), 'false', 'finished'),
    row('a pid with a sign', one(`+${dead}`, deadPs), 'false', 'finished'),
    row('a pid with zeros before it', one(`000${living}`, livingPs), 'true', 'alive'),
    // What the original fails at, for ours is held.
    row('nothing', '', 'error', 'unknown'),
    row('an end of line', '\n', 'error', 'unknown'),
    row('NULs', '\0'.repeat(100), 'error', 'unknown'),
    row('a word', 'locked\n', 'error', 'unknown'),
    row('a version without an end of line', 'VERSION:1', 'error', 'unknown'),
    row('no version', 'VERSION:\n', 'error', 'unknown'),
    row('version 2', one(dead, deadPs).replace('VERSION:1', 'VERSION:2'), 'error', 'unknown'),
    row('version +1', one(dead, deadPs).replace('VERSION:1', 'VERSION:+1'), 'error', 'unknown'),
    row(
      'a blank before the version',
      one(dead, deadPs).replace('VERSION:1', 'VERSION: 1'),
      'error',
      'unknown',
    ),
    row('lower case', one(dead, deadPs).replace('VERSION', 'version'), 'error', 'unknown'),
    row('lines that end in CR LF', one(dead, deadPs).replaceAll('\n', '\r\n'), 'error', 'unknown'),
    row('version 0 and nothing', 'VERSION:0\n', 'error', 'unknown'),
    row('version 0 and no pid', 'VERSION:0\n  PID STARTED\nnone\n', 'error', 'unknown'),
    row('no machine', `VERSION:1\nPID:${dead}\n`, 'error', 'unknown'),
    row('cut off in the machine id', `VERSION:1\nSYSTEM ID:${id.slice(0, 7)}`, 'error', 'unknown'),
    row('cut off after the machine id', `VERSION:1\nSYSTEM ID:${id}\n`, 'error', 'unknown'),
    row('cut off in the pid', one(dead).slice(0, -1), 'error', 'unknown'),
    row('a pid in words', one('abc', deadPs), 'error', 'unknown'),
    row('a pid after a blank', one(` ${dead}`, deadPs), 'error', 'unknown'),
    row('a pid before a CR', one(`${dead}\r`, deadPs), 'error', 'unknown'),
    row('a pid with an underscore', one('1_0', deadPs), 'error', 'unknown'),
    row('a hexadecimal pid', one('0x10', deadPs), 'error', 'unknown'),
    row('a pid that no number holds', one('99999999999999999999', deadPs), 'error', 'unknown'),
    row('pid 0, a whole group', one(0), 'true', 'unknown'),
    row('pid -1, everybody', one(-1), 'true', 'unknown'),
    // Where the original takes the lock of a process that lives, or may: ours does not.
    row('a group of dead processes', one(-dead), 'false', 'unknown'),
    row('the record was cut off in what ps said', one(living, livingPs.slice(0, -3)), 'false', 'unknown'),
    row(
      'only the head of what ps said',
      one(living, livingPs.slice(0, livingPs.indexOf('\n') + 1)),
      'false',
      'unknown',
    ),
    row('what ps said is of another ps', one(living, 'BLAH\n'), 'false', 'unknown'),
    row(
      'the process had another name',
      one(living, livingPs.replace(' driver\n', ' other\n')),
      'false',
      'unknown',
    ),
    row('an hour apart: a time zone', one(living, at(1, 0, 0)), 'false', 'unknown'),
    row('five and three quarter hours apart', one(living, at(-5, -45, 0)), 'false', 'unknown'),
    row('two seconds apart: the clock was set', one(living, at(0, 0, -2)), 'false', 'unknown'),
    // A process that was killed and that nobody waits for does nothing any more. To the original it lives; ps says of it what
    // it said before.
    row('a zombie', one(zombie, zombiePs), 'true', 'finished'),
    row('a zombie without ps', one(zombie), 'true', 'finished'),
  ];
}
