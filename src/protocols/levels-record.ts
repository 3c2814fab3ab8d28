import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { identify, isAlive, type ProcessId } from '../base/process.ts';
import { type FileState, isSameFile } from './files.ts';
import { type Identity, ProtocolError, type Standing } from './protocol.ts';

/*
 * The record of the protocol `levels`, as the package x/ref/services/agent/internal/lockutil of v.io@v0.1.9 writes and judges
 * it. Bytes are Latin-1 characters here, one each, so that they are compared and written as they are.
 */

/** What a record says of its holder. */
export interface LevelsRecord {
  readonly version: 0 | 1;
  /** The machine; absent in version 0, which knows of one only. */
  readonly systemId?: string;
  readonly pid: number;
  /** What `ps` said of the process, verbatim; empty where there was none to ask. */
  readonly ps: string;
}

/** Where the original has no way to tell the machine. */
const UNKNOWN_ID = 'UNKNOWN';
/** What systemd leaves in /etc/machine-id of an image that was never booted (machine-id(5)). */
const UNINITIALIZED_ID = 'uninitialized';
const LONGEST_PS_MS = 10_000;
/** In /proc/<pid>/status (proc_pid_status(5)): the command and the users of a process. */
const NAMES = /^(Name|Uid):.*$/gm;
/** By how much the clock may have been set without that `ps` is asked again. It counts in whole seconds. */
const CLOCK_MOVED_MS = 500;

/** What a record is made of and judged by: the system's own, unless a test hands in another. */
export interface System {
  /** @throws ProtocolError where the machine can't be told */
  systemId(): string;
  isAlive(process: ProcessId): boolean;
  identify(pid: number): ProcessId;
  /** `undefined` when there is no `ps`, or it knows no such process or no such options. */
  ps(pid: number): string | undefined;
  /** What a process is called and how this one describes others: when it is the same, and the clock, so is what `ps` says. */
  namesOf(pid: number): string;
  /** Since when this system runs, by its wall clock; `undefined` where it does not say. */
  bootMs(): number | undefined;
}

export const thisSystem: System = {
  systemId,
  isAlive,
  identify,
  ps: (pid) => {
    const { status, stdout } = spawnSync('ps', ['-o', 'pid,lstart,user,comm', '-p', String(pid)], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: LONGEST_PS_MS,
    });
    return status === 0 ? stdout : undefined;
  },
  namesOf: (pid) => JSON.stringify([readText(`/proc/${pid}/status`)?.match(NAMES), process.env.TZ]),
  bootMs: () => {
    const seconds = readText('/proc/stat')?.match(/^btime (\d+)$/m)?.[1];
    return seconds === undefined ? undefined : Number(seconds) * 1_000;
  },
};

/** machine-id(5), else that of D-Bus, else when this system's first process appeared, in nanoseconds. */
function systemId(): string {
  const id = readText('/etc/machine-id') ?? readText('/var/lib/dbus/machine-id');
  if (id !== undefined) return id.trim();
  try {
    return String(statSync('/proc/1', { bigint: true }).mtimeNs);
  } catch (error) {
    throw new ProtocolError(
      'unsupported',
      'There is no /etc/machine-id, and /proc/1 can\'t be looked at: this machine has no name by which a lock could say where its holder runs. Make one with "systemd-machine-id-setup" or "dbus-uuidgen --ensure".',
      { cause: error },
    );
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * Writes records, version 1, as the original does. To ask `ps` takes far longer than all else that a lock takes, so what it said
 * of a process is kept: no other than that is what the record of a lock that is held for long says.
 */
export class Scribe {
  readonly #clock: Clock;
  readonly #system: System;
  #said: { readonly about: string; readonly clockOffsetMs: number; readonly ps: string } | undefined;

  constructor(clock: Clock, system: System = thisSystem) {
    this.#clock = clock;
    this.#system = system;
  }

  /** @throws ProtocolError when the process does not run: its lock would be anybody's at once */
  recordOf(pid: number): string {
    if (!(Number.isInteger(pid) && pid > 0 && this.#system.isAlive({ pid })))
      throw new ProtocolError(
        'invalid-pid',
        `Process ${pid}, which is to hold the lock, does not run. The record must name a process that lives as long as the lock is held.`,
      );
    return `VERSION:1\nSYSTEM ID:${this.#system.systemId()}\nPID:${pid}\n${this.#ps(pid) ?? ''}`;
  }

  #ps(pid: number): string | undefined {
    const about = JSON.stringify([this.#system.identify(pid), this.#system.namesOf(pid)]);
    // Its start as ps tells it moves with the clock.
    const clockOffsetMs = this.#clock.wallMs() - this.#clock.monotonicMs();
    const said = this.#said;
    if (said?.about === about && Math.abs(said.clockOffsetMs - clockOffsetMs) < CLOCK_MOVED_MS)
      return said.ps;
    const ps = this.#system.ps(pid);
    this.#said = ps === undefined ? undefined : { about, clockOffsetMs, ps };
    return ps;
  }
}

/** @returns `undefined` for what is no record: then nobody knows whether the lock is held */
export function parseRecord(bytes: string): LevelsRecord | undefined {
  const version = /^VERSION:0*([01])\n/.exec(bytes);
  if (!version) return undefined;
  const rest = bytes.slice(version[0].length);
  return version[1] === '0' ? parseVersion0(rest) : parseVersion1(rest);
}

function parseVersion0(ps: string): LevelsRecord | undefined {
  const pid = pidOf(/\n\s*(\d+)/.exec(ps)?.[1]);
  return pid === undefined ? undefined : { version: 0, pid, ps };
}

function parseVersion1(rest: string): LevelsRecord | undefined {
  const head = /^SYSTEM ID:([^\n]*)\n(?:PID:([+-]?\d+)\n)?/.exec(rest);
  if (!head) return undefined;
  const [whole, systemId = '', digits] = head;
  const pid = pidOf(digits);
  return pid === undefined ? undefined : { version: 1, systemId, pid, ps: rest.slice(whole.length) };
}

/** Only what can be one process: signal 0 to 0 or less asks for a whole group. */
function pidOf(digits: string | undefined): number | undefined {
  const pid = Number(digits);
  return pid > 0 && pid < 2 ** 31 ? pid : undefined;
}

/**
 * Judges records. It asks `ps` only once of a holder that it has found alive: who waits looks ten times a second, and after that
 * the kernel's start time of the process tells whether it is still the same.
 */
export class Judge {
  readonly #system: System;
  #alive:
    | { readonly identity: Identity; readonly process: ProcessId; readonly standing: Standing }
    | undefined;

  constructor(system: System = thisSystem) {
    this.#system = system;
  }

  /** Whether the holder that a record names still has the lock. */
  standingOf(state: FileState): Standing {
    const { identity } = state;
    const known = this.#alive;
    if (known && isSameFile(known.identity, identity) && this.#system.isAlive(known.process))
      return known.standing;
    // Before ps is asked: a process that takes the pid over later must not be the one that is remembered.
    const pid = parseRecord(identity.bytes)?.pid;
    const process = pid === undefined ? undefined : this.#system.identify(pid);
    const standing = judge(state, this.#system);
    this.#alive = process && standing.holder === 'alive' ? { identity, process, standing } : undefined;
    return standing;
  }
}

function judge(state: FileState, system: System): Standing {
  const { bytes } = state.identity;
  const record = parseRecord(bytes);
  if (record) return judgeRecord(record, system);
  const bootMs = system.bootMs();
  if (/^\0*$/.test(bytes) && bootMs !== undefined && state.mtimeMs < bootMs)
    return finished('its record was emptied by a crash of this system before its last start');
  return unknown(
    'nobody can read its record, so it counts as held; if no program of yours holds it, end it by hand',
  );
}

function judgeRecord({ version, systemId: id, pid, ps }: LevelsRecord, system: System): Standing {
  if (version === 1) {
    const elsewhere = whyElsewhere(id ?? '', system.systemId());
    if (elsewhere !== undefined) return unknown(elsewhere);
  }
  if (!system.isAlive({ pid })) return finished(`its process ${pid} is gone`);
  if (ps === '')
    return unknown(
      `there is a process ${pid}, and the record does not tell how ps described it, so it counts as the holder`,
    );
  const now = system.ps(pid);
  if (now === undefined)
    return unknown(
      `there is a process ${pid}, and no ps here tells more of it, so it counts as the holder; install ps (procps)`,
    );
  return compare(pid, { recorded: ps, now });
}

/** Why the pid of a record says nothing here; `undefined` when it is a process of this machine, as far as ids can tell. */
function whyElsewhere(id: string, own: string): string | undefined {
  if (id === UNKNOWN_ID) return 'its record does not tell on which machine its process runs';
  if (id !== own) return `its process runs on another machine (its id is ${id}, here it is ${own})`;
  if (id === '' || id === UNINITIALIZED_ID)
    return 'the machine id in its record is empty, as it is here and in many container images, so nobody knows where its process runs; make one with "systemd-machine-id-setup" or delete the empty /etc/machine-id';
  return undefined;
}

/**
 * The original takes any difference for another process. But `ps` prints the start in its reader's time zone, computes it from
 * a boot time that moves when the clock is set, and cuts its lines to COLUMNS; and a process may change its name. Each time
 * the holder lives, and its lock is not ours to take.
 */
function compare(pid: number, { recorded, now }: { recorded: string; now: string }): Standing {
  const then = parsePs(recorded);
  const here = parsePs(now);
  const alive = `its process ${pid}${here ? ` (${here.command}, user ${here.user})` : ''} runs`;
  if (recorded === now) return { holder: 'alive', takeable: false, detail: alive };
  if (now.startsWith(recorded)) return unknown(`${alive}; the record was cut off when it was written`);
  if (!then || !here) return unknown(`${alive}, and what ps says of it can't be compared with the record`);
  if (then.started === here.started)
    return unknown(
      `${alive}; it had another name when it took the lock (${then.command}, user ${then.user}), but it started when the holder did`,
    );
  const sameName = then.command === here.command && then.user === here.user;
  if (sameName && isMovedClock(then.started, here.started))
    return unknown(
      `${alive}; the record says that it started at ${then.started}, here ps says ${here.started}: most likely the holder has another time zone (TZ) or the clock was set since`,
    );
  return finished(`its process ${pid} is gone; another one has its pid (${here.command}, user ${here.user})`);
}

/** The one process in the output of `ps -o pid,lstart,user,comm`. */
function parsePs(output: string): { started: string; user: string; command: string } | undefined {
  const row = /\n *\d+ (\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d+) (\S+) +([^\n]*)/.exec(output);
  if (!row) return undefined;
  const [, started = '', user = '', command = ''] = row;
  return { started, user, command: command.trim() };
}

const QUARTER_HOUR_S = 900;
const CLOCK_MOVES_S = 2;

/** Whether two moments differ by a time zone, of which all are whole quarters of an hour apart, give or take a clock that was set. */
function isMovedClock(one: string, other: string): boolean {
  const apart = Math.abs(secondOfQuarter(one) - secondOfQuarter(other));
  return Math.min(apart, QUARTER_HOUR_S - apart) <= CLOCK_MOVES_S;
}

function secondOfQuarter(started: string): number {
  const [, minutes, seconds] = /:(\d\d):(\d\d)/.exec(started) ?? [];
  return (Number(minutes) * 60 + Number(seconds)) % QUARTER_HOUR_S;
}

function finished(detail: string): Standing {
  return { holder: 'finished', takeable: true, detail };
}

function unknown(detail: string): Standing {
  return { holder: 'unknown', takeable: false, detail };
}
