import type { Clock } from '../../src/base/clock.ts';
import type { FakeClock, Timeline } from '../support/fake-clock.ts';
import { numberOf, ProcessRandom } from './chance.ts';
import type { MessageFault } from './faults.ts';

/** A computer with the clock that all of its processes share. */
export interface Machine {
  readonly name: string;
  readonly clock: FakeClock;
  /** Its monotonic clock when its wall clock was last set back. */
  setBackAtMs: number;
  /** Its monotonic clock when its wall clock last went ahead of it: by a suspend, or set forward. */
  wentAheadAtMs: number;
}

/** Where a fault may strike: when a request leaves, and when a process goes on after it has waited. */
export type Place = 'read' | 'write' | 'wake';

/** What a process needs of the world around it. */
export interface Surroundings {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly gridMs: number;
  /** Draws what strikes `process` at this step. What strikes the process itself is done then; what strikes a message is told. */
  strike(process: Process, at: Place): MessageFault | undefined;
}

/**
 * A process: what runs in it runs only while it is neither paused nor crashed and its machine awake. Each time that it goes
 * on after having waited for something outside is one of its steps, at which a fault may strike.
 */
export class Process {
  readonly name: string;
  /** The name as a number, for what is drawn. */
  readonly number: number;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly random: ProcessRandom;
  readonly world: Surroundings;
  crashed = false;
  /** Steps so far: together with the name the address of a fault. */
  steps = 0;
  /** Alarms that have been set, and have neither rung nor been cancelled. */
  alarms = 0;
  /** True time until which a fault last had to do with this process. */
  troubledUntilMs = Number.NEGATIVE_INFINITY;
  /** Nothing gets through until then. */
  partitionedUntilMs = 0;
  deniedUntilMs = 0;
  /** It keeps a lease: what strikes it matters more, and so is drawn more often. */
  keeps = false;
  /** Its machine's monotonic clock when it last looked at the time of day. */
  lookedAtMs = Number.NEGATIVE_INFINITY;
  onCrash: (() => void) | undefined;
  #opensMs = 0;

  constructor(world: Surroundings, name: string, machine: Machine) {
    this.world = world;
    this.name = name;
    this.number = numberOf(name);
    this.machine = machine;
    this.random = new ProcessRandom(world.seed, name);
    this.clock = new ProcessClock(this);
  }

  pauseUntil(trueMs: number): void {
    this.#opensMs = Math.max(this.#opensMs, trueMs);
  }

  crash(): void {
    this.crashed = true;
    this.onCrash?.();
  }

  /** When it can go on. */
  get runsMs(): number {
    return Math.max(this.#opensMs, this.machine.clock.wakesMs);
  }

  whenRunning(run: () => void): void {
    if (this.crashed) return;
    const { timeline } = this.world;
    if (this.runsMs <= timeline.nowMs) run();
    else
      timeline.schedule(
        () => this.runsMs,
        () => this.whenRunning(run),
      );
  }

  /** It goes on with `run` after it has waited for something outside. */
  wake(run: () => void): void {
    if (this.crashed) return;
    this.world.strike(this, 'wake');
    this.whenRunning(run);
  }

  /** Sleeps for `ms`, less if one of `signals` aborts. */
  async sleepUnless(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
    if (signals.some(({ aborted }) => aborted)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        for (const signal of signals) signal.removeEventListener('abort', wake);
        resolve();
      };
      const wake = (): void => this.whenRunning(done);
      const cancel = this.clock.alarm(ms, done);
      for (const signal of signals) signal.addEventListener('abort', wake);
    });
  }
}

/** The clock of a machine as one of its processes has it: it rings only while that runs. */
class ProcessClock implements Clock {
  readonly #process: Process;
  readonly #machine: FakeClock;

  constructor(process: Process) {
    this.#process = process;
    this.#machine = process.machine.clock;
  }

  wallMs(): number {
    this.#process.lookedAtMs = this.#machine.monotonicMs();
    return this.#machine.wallMs();
  }

  monotonicMs(): number {
    return this.#machine.monotonicMs();
  }

  alarm(ms: number, ring: () => void): () => void {
    const alarm = new Alarm(this.#process, this.#machine.monotonicMs() + Math.max(0, ms), ring);
    return () => alarm.cancel();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.alarm(ms, done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}

/** An alarm of one process. */
class Alarm {
  readonly #process: Process;
  readonly #untilMs: number;
  readonly #unschedule: () => void;
  #ring: (() => void) | undefined;

  constructor(process: Process, untilMs: number, ring: () => void) {
    this.#process = process;
    this.#untilMs = untilMs;
    this.#ring = ring;
    process.alarms += 1;
    this.#unschedule = process.world.timeline.schedule(
      () => this.#dueMs(),
      () => process.wake(() => this.#take()?.()),
    );
  }

  cancel(): void {
    if (this.#take()) this.#unschedule();
  }

  #take(): (() => void) | undefined {
    const ring = this.#ring;
    if (ring) this.#process.alarms -= 1;
    this.#ring = undefined;
    return ring;
  }

  #dueMs(): number {
    const { machine, world } = this.#process;
    const dueMs = machine.clock.trueTimeOf(this.#untilMs);
    return world.gridMs === 0 ? dueMs : Math.ceil(dueMs / world.gridMs) * world.gridMs;
  }
}
