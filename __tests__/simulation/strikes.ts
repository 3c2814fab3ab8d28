import type { FakeClock, Timeline } from '../support/fake-clock.ts';
import { hash, unit } from './chance.ts';
import type { Event } from './coverage.ts';
import { type Fault, type Injected, isProcessFault, type MessageFault, type ProcessFault } from './faults.ts';
import type { Life } from './life.ts';
import { hazardsOf, type Plan } from './plan.ts';
import type { Machine, Place, Process } from './process.ts';

/** What is left out of a history, to find out what of it matters. */
export interface Cut {
  /** Faults, by their ids. */
  readonly without?: ReadonlySet<string>;
  /** All faults but these. */
  readonly only?: ReadonlySet<string>;
  /** All clients but these. */
  readonly clients?: string;
}

/** What faults do to the world. */
export interface Victim {
  readonly plan: Plan;
  readonly timeline: Timeline;
  outageUntilMs: number;
  storeClockSet: boolean;
  readonly storeClock: FakeClock;
  /** The attempts of that machine's clients that are not over. */
  openLivesOn(machine: Machine): readonly Life[];
  crashed(process: Process): void;
  count(event: Event): void;
  say(who: string, what: () => string): void;
}

const HOUR_MS = 3_600_000;
/** However much weighs on a step: at least half of all steps pass in peace, or nothing would ever get on. */
const MOST = 0.5;

/** A keeper looks at its clocks every half second, or half a second late on the strokes of a grid. */
const LOOKED_MS = 1_100;

/** Forward or back. An hour is a wrong time zone; seconds are what a first synchronisation sets. */
const CLOCK_STEPS_MS = [2_000, 5_000, 20_000, HOUR_MS] as const;

/**
 * Draws the faults of a history, and lets them strike. Each is drawn from the seed, the process and the number of the
 * process's step alone, and all of them are over when the calm begins.
 *
 * What is not drawn, since the algorithm is not promised to bear it (docs/guarantees.md, Assumptions):
 * - rates further apart than the margin covers (`RATE_SPREAD`);
 * - a store's clock that jumps, unless it is a `remoteClock`, or the clock of the one machine on which all are;
 * - a wall clock that is set back between the same two looks of a keeper as it goes ahead, by a suspend or set forward
 *   (`#haveLooked`): neither clock shows then how much time has passed; and where the store's clock is the same, a record
 *   that was written in between looks older than it is, or a thief came who saw it so. A keeper looks twice a second unless
 *   it is paused;
 * - a second delivery of a request that was answered with a refusal: `unavailable` means that it never applies;
 * - records that are deleted or changed by somebody else, or that can't be read.
 */
export class Strikes {
  readonly injected: Injected[] = [];
  readonly #victim: Victim;
  readonly #plan: Plan;
  readonly #cut: Cut;
  readonly #send: readonly { fault: Fault; below: number }[];
  readonly #wake: readonly { fault: Fault; below: number }[];

  constructor(victim: Victim, cut: Cut) {
    this.#victim = victim;
    this.#plan = victim.plan;
    this.#cut = cut;
    const { send, wake } = hazardsOf(victim.plan);
    this.#send = send;
    this.#wake = wake;
  }

  strike(process: Process, at: Place): MessageFault | undefined {
    process.steps += 1;
    const hazards = at === 'wake' ? this.#wake : this.#send;
    if (hazards.length === 0 || this.#victim.timeline.nowMs >= this.#plan.calmMs) return undefined;
    const total = hazards.at(-1)?.below ?? 0;
    const drawn = this.draw(process, 1) / Math.min(this.#weight(process, at), MOST / total);
    for (const { fault, below } of hazards) {
      if (drawn < below) return this.#strikeWith(fault, process);
    }
    return undefined;
  }

  /** Most of what happens is waiters that look. What strikes a holder, or a write, says more. */
  #weight({ keeps }: Process, at: Place): number {
    const [keeper, other] = this.#plan.duel ? [6, 0.2] : [3, 1];
    return (keeps ? keeper : other) * (at === 'write' ? 2 : 1);
  }

  /** A number in [0, 1) that belongs to this step of `process`, another one for each `salt`. */
  draw(process: Process, salt: number): number {
    return unit(hash(this.#plan.seed + salt * 0x3c6ef35f, process.number, process.steps));
  }

  /** Sets the clock of a store that is another machine's, now and then. */
  disturbStoreClock(): void {
    const { timeline, storeClock } = this.#victim;
    let step = 0;
    for (const fault of ['store clock set forward', 'store clock set back'] as const) {
      const rate = this.#plan.rates.get(fault);
      if (rate === undefined) continue;
      for (let count = 0; count < 2; count += 1) {
        step += 1;
        const id = `s.${step}`;
        const drawn = (salt: number): number => unit(hash(this.#plan.seed, 0x570e + step, salt));
        const ms = (fault === 'store clock set forward' ? 1 : -1) * pick(CLOCK_STEPS_MS, drawn(1));
        if (this.#isCut(id)) continue;
        timeline.schedule(drawn(2) * this.#plan.calmMs, () => {
          this.#note({ id, fault }, `by ${ms} ms`);
          this.#victim.storeClockSet = true;
          storeClock.jumpWall(ms);
        });
      }
    }
  }

  #isCut(id: string): boolean {
    const { without, only } = this.#cut;
    return without?.has(id) === true || only?.has(id) === false;
  }

  #note(injected: Injected, detail: string): void {
    this.injected.push(injected);
    this.#victim.count(`fault: ${injected.fault}`);
    this.#victim.say(injected.id, () => `${injected.fault} ${detail}`.trim());
  }

  #strikeWith(fault: Fault, process: Process): MessageFault | undefined {
    const id = `${process.name}.${process.steps}`;
    if (this.#isCut(id)) return undefined;
    if (isProcessFault(fault)) {
      this.#strikeProcess({ id, fault }, process);
      return undefined;
    }
    if (fault === 'store clock set forward' || fault === 'store clock set back') return undefined;
    process.troubledUntilMs = Math.max(process.troubledUntilMs, this.#victim.timeline.nowMs);
    this.#note({ id, fault }, '');
    return fault;
  }

  #strikeProcess({ id, fault }: { id: string; fault: ProcessFault }, process: Process): void {
    const { machine } = process;
    const ahead = fault === 'suspend' || fault === 'wall clock set forward';
    if (ahead && !this.#haveLooked(machine, machine.setBackAtMs)) return;
    if (fault === 'wall clock set back' && !this.#haveLooked(machine, machine.wentAheadAtMs)) return;
    const untilMs = this.#untilMs(process);
    const lasts = `for ${Math.round(untilMs - this.#victim.timeline.nowMs)} ms`;
    const takesTime =
      fault !== 'crash' && fault !== 'wall clock set forward' && fault !== 'wall clock set back';
    if (takesTime) process.troubledUntilMs = Math.max(process.troubledUntilMs, untilMs);
    switch (fault) {
      case 'crash':
        this.#note({ id, fault }, '');
        this.#victim.crashed(process);
        return;
      case 'pause':
        this.#note({ id, fault }, lasts);
        process.pauseUntil(untilMs);
        return;
      case 'suspend':
        this.#note({ id, fault }, lasts);
        machine.wentAheadAtMs = machine.clock.monotonicMs();
        machine.clock.suspend(
          Math.max(0, untilMs - Math.max(this.#victim.timeline.nowMs, machine.clock.wakesMs)),
        );
        return;
      case 'wall clock set forward':
      case 'wall clock set back':
        this.#setClock({ id, fault }, process);
        return;
      case 'partition':
        this.#note({ id, fault }, lasts);
        process.partitionedUntilMs = untilMs;
        return;
      case 'status 403 for a while':
        this.#note({ id, fault }, lasts);
        process.deniedUntilMs = untilMs;
        return;
      case 'outage':
        this.#note({ id, fault }, lasts);
        this.#victim.outageUntilMs = untilMs;
        return;
    }
  }

  /** Short or long; at the longest twice the ttl, and never into the calm. */
  #untilMs(process: Process): number {
    const { ttlMs } = this.#plan.timing;
    const { nowMs } = this.#victim.timeline;
    const [leastMs, mostMs] =
      this.draw(process, 11) < 0.3 ? [0, 6_000] : this.#plan.duel ? [ttlMs * 0.7, ttlMs * 2] : [0, ttlMs * 2];
    return Math.min(this.#plan.calmMs, nowMs + leastMs + (mostMs - leastMs) * this.draw(process, 12));
  }

  #setClock(
    { id, fault }: { id: string; fault: 'wall clock set forward' | 'wall clock set back' },
    process: Process,
  ): void {
    const { machine } = process;
    const ms = pick(CLOCK_STEPS_MS, this.draw(process, 13)) * (fault === 'wall clock set back' ? -1 : 1);
    this.#note({ id, fault }, `by ${ms} ms`);
    if (ms < 0) machine.setBackAtMs = machine.clock.monotonicMs();
    else machine.wentAheadAtMs = machine.clock.monotonicMs();
    if (machine.clock === this.#victim.storeClock) this.#victim.storeClockSet = true;
    machine.clock.jumpWall(ms);
  }

  /**
   * Whether all keepers on that machine have looked at their clocks since then, as they do twice a second. One that is still
   * acquiring looks at nothing in between.
   */
  #haveLooked(machine: Machine, sinceMs: number): boolean {
    return this.#victim
      .openLivesOn(machine)
      .every(({ keeper, beganAtMs }) =>
        keeper ? keeper.process.lookedAtMs > sinceMs + LOOKED_MS : beganAtMs > sinceMs,
      );
  }
}

function pick<T>(choices: readonly T[], drawn: number): T {
  return choices[Math.floor(drawn * choices.length)] as T;
}
