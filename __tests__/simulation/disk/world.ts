import { dirname } from 'node:path';
import type { Clock } from '../../../src/base/clock.ts';
import type { LocalStore } from '../../../src/store/local.ts';
import { FakeRandom } from '../../support/fake-random.ts';
import { type Kernel, SimulatedDisk, STALE_MS, type SystemCall, type View } from './disk.ts';
import { FileSystem } from './file-system.ts';
import { Ledger, Violation } from './ledger.ts';
import { KEY, Process, type Surroundings } from './process.ts';
import { type CallFault, type CallName, type EventName, type Kind, Weather } from './weather.ts';

const ROOT = '/sim/store';
const DIRECTORY = `${ROOT}/${KEY}`;
const START_MS = 1_000_000_000;
const MINUTE_MS = 60_000;
/** Far more than any course takes. */
const MOST_STEPS = 30_000;
/** More takes long, for listings get long, and shows nothing else. */
const MOST_RACED = 180;
const EXACT: View = { cache: 'none', pageLength: Number.POSITIVE_INFINITY, sftp: false };
/** docs/stores.md: 8, and up to 7 until the next cleaning; on a network 32. */
const MOST_RECORDS: Readonly<Record<Kind, number>> = { local: 15, network: 39 };

/** A call that a process has made, and that has not happened yet. */
interface Pending {
  readonly process: Process;
  readonly call: SystemCall | { readonly name: 'sleep' | 'rest'; readonly ms: number };
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface Report {
  readonly seed: number;
  readonly kind: Kind;
  /** System calls. */
  readonly calls: number;
  readonly operations: number;
  readonly covered: ReadonlyMap<string, number>;
  readonly violation: string | undefined;
}

export interface Replay {
  /** The store as it is, or with a mistake. */
  readonly Store: typeof LocalStore;
  /** Takes the history, line by line. */
  readonly log?: (line: string) => void;
}

/** One seed's course of one directory that several processes write to. */
export async function simulate(seed: number, kind: Kind, replay: Replay): Promise<Report> {
  return new World(seed, kind, replay).run();
}

class World {
  readonly #seed: number;
  readonly #replay: Replay;
  readonly #weather: Weather;
  readonly #random: FakeRandom;
  readonly #files: FileSystem;
  readonly #ledger: Ledger;
  readonly #covered = new Map<string, number>();
  readonly #around: Surroundings;
  #processes: Process[] = [];
  #pending: Pending[] = [];
  /** What a server does some time after it was asked. */
  #later: { readonly step: number; readonly run: () => void }[] = [];
  /** Writes many records while everybody else stands still. */
  #hare: Process | undefined;
  #raced = 0;
  #sleeping = false;
  #last: Process | undefined;
  #started = 0;
  #steps = 0;
  #calls = 0;
  #operations = 0;
  #disturbances = 0;
  /** Files that a fault has left behind. */
  readonly #excused = new Set<string>();
  readonly #createdBy = new Map<string, Process>();
  #violation: unknown;

  constructor(seed: number, kind: Kind, replay: Replay) {
    this.#seed = seed;
    this.#replay = replay;
    this.#weather = new Weather(seed, kind);
    this.#random = this.#weather.random;
    const cover = (what: string): void => {
      this.#covered.set(what, (this.#covered.get(what) ?? 0) + 1);
    };
    const nowMs = (): number => this.#files.nowMs;
    this.#ledger = new Ledger(DIRECTORY, nowMs, cover);
    this.#files = new FileSystem(START_MS, this.#ledger);
    this.#files.mkdir(dirname(ROOT));
    this.#files.sync(this.#files.openDirectory('/'));
    this.#around = {
      kind,
      random: this.#random,
      ledger: this.#ledger,
      nowMs,
      sftp: this.#weather.sftp,
      staleMs: this.#weather.cache === 'all' ? STALE_MS : 0,
      disturbances: () => this.#disturbances,
      cover,
      say: (line) => this.#say(line),
    };
  }

  async run(): Promise<Report> {
    const { processes, operations, kind } = this.#weather;
    let violation: string | undefined;
    try {
      for (let count = 0; count < processes; count += 1) await this.#start(operations);
      await this.#course();
      await this.#afterwards();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      violation = error.message;
    }
    return {
      seed: this.#seed,
      kind,
      calls: this.#calls,
      operations: this.#operations,
      covered: this.#covered,
      violation,
    };
  }

  // The processes.

  async #start(operations: number): Promise<void> {
    const process = await this.#newProcess((call) => this.#ask(process, call));
    process.operationsLeft = operations;
    this.#processes.push(process);
    this.#running(
      process,
      process.live(() => this.#ask(process, { name: 'rest', ms: 1 })),
    );
  }

  async #newProcess(kernel: Kernel, view: View = this.#weather): Promise<Process> {
    const { kind, fsync } = this.#weather;
    this.#started += 1;
    const disk = new SimulatedDisk(this.#files, kernel, view);
    const store = await this.#replay.Store.open(`file://${ROOT}?fsync=${fsync ? 'always' : 'never'}`, {
      disk,
      random: new FakeRandom(this.#seed * 1_000 + this.#started),
      clock: timeless((ms) => kernel({ name: 'sleep', path: '', run: () => this.#pass(ms) })),
      filesystem: { name: kind === 'local' ? 'ext4' : 'nfs', local: kind === 'local' },
    });
    return new Process(nameOf(this.#started), { store, disk, operations: 0 }, this.#around);
  }

  /** What it finds wrong ends the course. */
  #running(process: Process, life: Promise<unknown>): void {
    life.then(
      () => {
        process.operationsLeft = 0;
      },
      (error: unknown) => {
        this.#violation ??= error;
      },
    );
  }

  #ask(process: Process, call: Pending['call']): Promise<unknown> {
    process.calls.push(call.name);
    const { slowAt, pausesAtCalls, sleepy } = this.#weather;
    if (pausesAtCalls && slowAt.has(call.name) && this.#random.chance(0.15)) {
      this.#pause(process, sleepy ? 40 : 400);
      if (sleepy) this.#sleeping = true;
    }
    return new Promise((resolve, reject) => {
      this.#pending.push({ process, call, resolve, reject });
    });
  }

  // The course of things.

  async #course(): Promise<void> {
    for (;;) {
      await settled();
      if (this.#violation !== undefined) throw this.#violation;
      this.#steps += 1;
      if (this.#steps > MOST_STEPS) throw new Violation(`it goes on after ${MOST_STEPS} steps`);
      if (!this.#processes.some(({ operationsLeft }) => operationsLeft > 0)) this.#weather.clear();
      this.#pass(0.5 + 2 * this.#random.fraction());
      this.#deliver();
      if (this.#sleeping) await this.#goOn();
      const event = this.#weather.event();
      if (event !== undefined) await this.#happen(event);
      else if (this.#pending.length > 0) this.#do(this.#next());
      else if (this.#processes.every(({ operationsLeft }) => operationsLeft === 0)) return;
    }
  }

  #pass(ms: number): void {
    this.#files.nowMs += ms;
  }

  #deliver(): void {
    if (this.#later.length === 0) return;
    const due = this.#later.filter(({ step }) => step <= this.#steps);
    this.#later = this.#later.filter(({ step }) => step > this.#steps);
    for (const { run } of due) run();
  }

  #next(): Pending {
    const ready = this.#pending.filter(({ process }) => process.pausedUntil <= this.#steps);
    const choices = ready.length > 0 ? ready : this.#pending;
    const steady = this.#random.chance(this.#weather.steadiness)
      ? choices.find(({ process }) => process === this.#last)
      : undefined;
    const chosen = steady ?? choices[this.#random.below(choices.length)];
    if (!chosen) throw new Error('there is nothing to do');
    this.#pending.splice(this.#pending.indexOf(chosen), 1);
    this.#last = chosen.process;
    return chosen;
  }

  #do({ process, call, resolve, reject }: Pending): void {
    this.#calls += 1;
    if (!('run' in call)) {
      this.#pass(call.ms);
      resolve(undefined);
      return;
    }
    const { name = '', fault } = this.#weather.faultOf(call.name) ?? {};
    if (fault) {
      process.faults += 1;
      this.#excused.add(call.path);
      this.#around.cover(`fault of ${name}`);
    }
    this.#noteFile(process, call);
    try {
      const value = fault ? this.#suffer(call, fault) : call.run();
      this.#say(() => describe(process, call, { fault, value }));
      if (this.#ledger.isLate(value)) process.misled = true;
      resolve(value);
    } catch (error) {
      if (error instanceof Violation) {
        this.#say(() => describe(process, call, { fault, value: error.message }));
        throw error;
      }
      this.#say(() => describe(process, call, { fault, value: error }));
      reject(error);
    }
  }

  #noteFile(process: Process, { name, path }: SystemCall): void {
    if (name === 'create') this.#createdBy.set(path, process);
  }

  #suffer(call: SystemCall, fault: CallFault): unknown {
    const { run, half = run, send = () => run } = call;
    switch (fault.kind) {
      case 'refused':
        throw failure(fault.code, call);
      case 'lost':
        send()();
        throw failure(fault.code, call);
      case 'half':
        half();
        throw failure(fault.code, call);
      case 'false':
        return undefined;
      case 'later':
        this.#plan(send());
        throw failure(fault.code, call);
      case 'twice': {
        const work = send();
        const value = run();
        this.#plan(work);
        return value;
      }
    }
  }

  #plan(work: () => void): void {
    const step = this.#steps + 1 + this.#random.below(60);
    const run = (): void => {
      try {
        work();
        this.#say(() => 'the server does what it was asked to before');
      } catch (error) {
        if (error instanceof Violation) throw error;
        // Nobody hears of it.
      }
    };
    this.#later.push({ step, run });
  }

  // What happens beside the calls.

  async #happen(event: EventName): Promise<void> {
    const living = this.#processes.filter(({ alive }) => alive);
    const process = living[this.#random.below(living.length)];
    if (process === undefined) return;
    this.#around.cover(event);
    this.#say(() => event);
    switch (event) {
      case 'a process crashes':
        return this.#crash(process);
      case 'a process is paused':
        this.#pause(process, 200);
        return;
      case 'a call is given up':
        this.#say(() => `${process.name} gives up`);
        process.controller?.abort(new Error('given up'));
        return;
      case 'minutes pass':
        this.#pass(MINUTE_MS * this.#random.pick([2, 5, 9.9, 10.1]));
        return;
      case 'others write many records':
        this.#disturbances += 1;
        return this.#race(this.#random.chance(0.07) ? 135 : 1 + this.#random.below(45));
      case 'the directory vanishes':
        this.#vanish();
        return;
      case 'the power is cut':
        return this.#cutPower(living);
    }
  }

  async #crash(process: Process): Promise<void> {
    this.#say(() => `${process.name} is dead`);
    process.alive = false;
    this.#pending = this.#pending.filter((pending) => pending.process !== process);
    const { operationsLeft } = process;
    process.operationsLeft = 0;
    await this.#start(operationsLeft);
  }

  #pause(process: Process, longest: number): void {
    process.pausedUntil = Math.max(process.pausedUntil, this.#steps + 5 + this.#random.below(longest));
    this.#say(() => `${process.name} is paused until step ${process.pausedUntil}`);
  }

  /** Time for those who do not sleep. */
  async #goOn(): Promise<void> {
    this.#sleeping = false;
    await this.#happen('others write many records');
    await this.#happen('minutes pass');
    if (this.#random.chance(0.5)) await this.#happen('others write many records');
  }

  async #race(records: number): Promise<void> {
    this.#raced += records;
    if (this.#raced > MOST_RACED) return;
    const atOnce: Kernel = async ({ run }) => {
      this.#pass(0.01);
      return run();
    };
    this.#hare ??= await this.#newProcess(atOnce, EXACT);
    await this.#hare.read();
    for (let count = 0; count < records; count += 1) await this.#hare.write();
  }

  #vanish(): void {
    if (this.#files.filesOf(DIRECTORY).length === 0) return;
    this.#disturbances += 1;
    this.#files.detach(this.#random.chance(0.7) ? DIRECTORY : ROOT);
    this.#ledger.vanished();
  }

  async #cutPower(living: readonly Process[]): Promise<void> {
    this.#files.cutPower(() => this.#random.pick([0, 1, this.#random.fraction()]));
    this.#hare = undefined;
    this.#ledger.powerCut(this.#files.filesOf(DIRECTORY));
    for (const process of living) await this.#crash(process);
  }

  // When nothing goes wrong any more.

  async #afterwards(): Promise<void> {
    this.#later = [];
    this.#say(() => 'Nothing goes wrong from here on.');
    const living = this.#processes.filter(({ alive }) => alive);
    for (const process of living) await this.#mustWrite(process);
    this.#checkNothingIsLeftBy(living);
    this.#pass(11 * MINUTE_MS);
    const [process] = living;
    for (let count = 0; count < 16 && process; count += 1) await this.#mustWrite(process);
    const files = this.#files.filesOf(DIRECTORY);
    const left = [...files, ...this.#files.filesOf(ROOT)].filter(({ name }) => !name.startsWith('v.'));
    if (left.length > 0)
      throw new Violation(`${left[0]?.name} is still there after ten minutes and 16 writes`);
    const records = files.length;
    const most = MOST_RECORDS[this.#weather.kind];
    if (records > most)
      throw new Violation(`${records} records are kept, and ${most} are the most that is documented`);
  }

  async #mustWrite(process: Process): Promise<void> {
    const end = async (): Promise<void> => {
      await process.read();
      if (!(await process.write())) throw new Violation(`${process.name} can not write, though it is alone`);
      process.operationsLeft = 0;
    };
    process.operationsLeft = 1;
    this.#operations += 2;
    // What a cache shows of the past is over.
    this.#pass(STALE_MS);
    this.#running(process, end());
    await this.#course();
  }

  #checkNothingIsLeftBy(living: readonly Process[]): void {
    for (const { name, disk } of living) {
      if (disk.openFiles > 0) throw new Violation(`${name} has left ${disk.openFiles} files open`);
    }
    for (const directory of [ROOT, DIRECTORY]) {
      for (const { name } of this.#files.filesOf(directory)) {
        const path = `${directory}/${name}`;
        const creator = this.#createdBy.get(path);
        if (!name.startsWith('v.') && creator?.alive && !this.#excused.has(path)) {
          throw new Violation(`${creator.name} has left ${path}`);
        }
      }
    }
  }

  #say(line: () => string): void {
    this.#replay.log?.(`${String(this.#steps).padStart(5)}  ${line()}`);
  }
}

/** a … z, a2 … */
function nameOf(count: number): string {
  const letter = String.fromCharCode(97 + ((count - 1) % 26));
  return count > 26 ? `${letter}${Math.ceil(count / 26)}` : letter;
}

/** Tells no time, for the store must not ask. */
function timeless(sleep: (ms: number) => Promise<unknown>): Clock {
  const refuse = (): never => {
    throw new Violation('the store asks a clock that is not the disk');
  };
  return {
    wallMs: refuse,
    monotonicMs: refuse,
    alarm: refuse,
    sleep: async (ms) => {
      await sleep(ms);
    },
  };
}

/** Lets everything run that can: a tick comes when no microtask is left, and nothing here waits for anything else. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function failure(code: string, { name, path }: SystemCall): Error {
  return Object.assign(new Error(`${code}: injected, ${name} '${path}'`), { code });
}

function describe(
  { name }: Process,
  call: { readonly name: CallName; readonly path: string },
  { fault, value }: { readonly fault: CallFault | undefined; readonly value: unknown },
): string {
  const path = call.path.startsWith(DIRECTORY) ? call.path.slice(DIRECTORY.length + 1) || '.' : call.path;
  const outcome =
    value instanceof Error ? String((value as { code?: unknown }).code ?? value.message) : shown(value);
  return `${name}   ${call.name}(${path}) → ${outcome}${fault ? `   [${fault.kind}]` : ''}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'done';
  if (Array.isArray(value)) return value.map(({ name }) => name).join(' ') || 'nothing';
  return JSON.stringify(value).slice(0, 120);
}
