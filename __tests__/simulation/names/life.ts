import { instantOf } from '../../../src/base/clock.ts';
import type { Lease } from '../../../src/lease/lease.ts';
import type { StalePolicy } from '../../../src/lease/policy.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import type { Process } from '../process.ts';
import type { Name, Role } from './plan.ts';
import type { World } from './world.ts';

/** One run attempt, as GitHub knows it. */
export interface Run {
  readonly id: string;
  readonly attempt: number;
  open: number;
  over: boolean;
}

/** One attempt of a client to take a lock: the truth about one holder, or one member of a lease that is shared. */
export class Life {
  readonly id: string;
  readonly client: string;
  readonly role: Role;
  readonly run: Run | undefined;
  readonly policy: StalePolicy;
  readonly job: Process;
  readonly beganAtMs: number;
  /** By how much the clocks of its machine were apart then: a clock that was set, or a sleep, changes it. */
  readonly clocksApartMs: number;
  state: 'acquiring' | 'held' | 'over' = 'acquiring';
  lease: Lease | undefined;
  /** Whether it was ever in. */
  entered = false;
  told = false;
  /** Who looks at the clock for it. */
  keeper: { readonly process: Process; readonly lookedAtMs: number } | undefined;
  /** True time until which whoever reserved relies on it. */
  reservedUntilMs: number | undefined;
  readonly #world: World;

  constructor(
    world: World,
    job: Process,
    given: { client: string; role: Role; run: Run | undefined; policy: StalePolicy },
  ) {
    this.#world = world;
    this.job = job;
    this.client = given.client;
    this.role = given.role;
    this.run = given.run;
    this.policy = given.policy;
    this.id = job.random.hex(16);
    this.beganAtMs = job.machine.clock.monotonicMs();
    this.clocksApartMs = clocksApart(job.machine.clock);
  }

  get name(): Name {
    return this.role.name;
  }

  get tree(): boolean {
    return this.role.kind === 'freeze' || this.role.kind === 'reserve';
  }

  get finished(): boolean {
    return this.run ? this.run.over : this.state === 'over' || this.job.crashed;
  }

  /** Whether it believes that it holds its lock. Who is paused counts, who has crashed does not; a reservation needs no process. */
  get believes(): boolean {
    if (this.reservedUntilMs !== undefined)
      return this.#world.nowMs < this.reservedUntilMs && !this.#world.storeClockSet;
    if (this.state !== 'held' || this.job.crashed || this.told || !this.lease) return false;
    return this.lease.believes(instantOf(this.job.machine.clock));
  }

  toString(): string {
    const { kind, name } = this.role;
    return `${this.client} (${kind} of ${name}${this.run ? `, run ${this.run.id}.${this.run.attempt}` : ''})`;
  }
}

export function clocksApart(clock: FakeClock): number {
  return clock.wallMs() - clock.monotonicMs();
}
