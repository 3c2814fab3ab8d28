import { breakLease } from '../../src/lease/break.ts';
import { isStoreError, look } from '../../src/lease/context.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { hash, numberOf } from './chance.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

const BREAK_WITHIN_MS = 20_000;

/** Somebody who looks at the lock now and then, and breaks the lease that he saw: perhaps another one is there by now. */
export class Operator {
  readonly #world: World;
  readonly #letter: string;
  readonly #random: FakeRandom;

  constructor(world: World, letter: string) {
    this.#world = world;
    this.#letter = letter;
    this.#random = new FakeRandom(hash(world.plan.seed, numberOf(letter), 1));
  }

  /** Breaks what it finds, now and then until the calm. */
  start(): void {
    const process = this.#process();
    this.#world.run(process, () => this.#live(process));
  }

  /** Breaks what nobody stands for any more: the way out under the policy `never`. */
  startToFree(): void {
    const process = this.#process();
    this.#world.run(process, () => this.#free(process));
  }

  #process(): Process {
    return this.#world.startProcess(this.#letter, this.#world.newMachine(this.#letter));
  }

  async #live(process: Process): Promise<void> {
    const { plan, calm } = this.#world;
    while (!calm.aborted) {
      await process.sleepUnless(this.#random.between(500, plan.timing.ttlMs), calm);
      if (calm.aborted) return;
      const leaseId = await this.#look(process);
      if (leaseId === undefined) continue;
      await process.sleepUnless(this.#random.between(0, 3_000), calm);
      await this.#break(process, leaseId);
    }
  }

  async #free(process: Process): Promise<void> {
    const leaseId = await this.#look(process);
    if (leaseId !== undefined && this.#world.lifeOf(leaseId)?.finished) {
      await this.#break(process, leaseId);
      this.#world.count('calm: never: freed by the operator');
    }
  }

  async #look(process: Process): Promise<string | undefined> {
    try {
      const { record } = await look(this.#world.contextOf(process));
      return record?.state === 'held' ? record.holder.leaseId : undefined;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      return undefined;
    }
  }

  async #break(process: Process, leaseId: string): Promise<void> {
    const world = this.#world;
    world.startsToBreak(process, leaseId);
    world.say(process.name, () => `breaks ${leaseId}`);
    const since = world.referee.writes;
    try {
      const outcome = await breakLease(world.contextOf(process), {
        leaseId,
        by: 'operator',
        reason: 'drawn',
        untilMs: process.clock.monotonicMs() + BREAK_WITHIN_MS,
      });
      world.say(process.name, () => `break: ${outcome.kind}`);
      world.broke(leaseId, { kind: outcome.kind, since });
    } catch (error) {
      if (!isStoreError(error)) throw error;
      world.say(process.name, () => `break failed: ${error.kind}`);
    }
  }
}
