import { instantOf } from '../../../src/base/clock.ts';
import { type AcquireRequest, acquire } from '../../../src/lease/acquire.ts';
import { isStoreError } from '../../../src/lease/context.ts';
import { type Evidence, laterAttemptEvidence } from '../../../src/lease/evidence.ts';
import { keep } from '../../../src/lease/keeper.ts';
import type { Lease } from '../../../src/lease/lease.ts';
import type { Holder } from '../../../src/lease/record.ts';
import { reserve } from '../../../src/lease/reserve.ts';
import { FakeRandom } from '../../support/fake-random.ts';
import { hash, numberOf } from '../chance.ts';
import type { Machine, Process } from '../process.ts';
import { clocksApart, Life } from './life.ts';
import type { Role } from './plan.ts';
import { END_WITHIN_MS, type World } from './world.ts';

const RELEASE_WITHIN_MS = 10_000;

/** One that does what its role says, over and over, until the calm; started anew when it has crashed. */
export class Client {
  readonly #world: World;
  readonly #letter: string;
  readonly #role: Role;
  readonly #machine: Machine;
  #turns = 0;

  constructor(world: World, letter: string, role: Role) {
    this.#world = world;
    this.#letter = letter;
    this.#role = role;
    this.#machine = world.newMachine(letter);
  }

  start(): void {
    const job = this.#world.startProcess(this.#letter, this.#machine);
    job.onCrash = () => this.#startAgain();
    this.#world.run(job, () => this.#live(job));
  }

  /** Waits for as long as it takes. */
  takeOnce(): void {
    const world = this.#world;
    const job = world.startProcess(this.#letter, this.#machine);
    world.run(job, async () => {
      const got = await this.#take(job, {
        waitTimeoutMs: END_WITHIN_MS,
        holdMs: 0,
        patient: true,
        cancels: false,
      });
      if (!got) world.violated(`${this.#letter} never got ${this.#role.name} after the calm`);
    });
  }

  #startAgain(): void {
    const { timeline, plan } = this.#world;
    const dueMs = timeline.nowMs + 5_000 * this.#random(this.#turns).fraction();
    if (dueMs < plan.calmMs) timeline.schedule(dueMs, () => this.start());
  }

  #random(turn: number): FakeRandom {
    return new FakeRandom(hash(this.#world.plan.seed, numberOf(this.#letter), turn));
  }

  async #live(job: Process): Promise<void> {
    const { calm, plan } = this.#world;
    const { ttlMs } = plan.timing;
    while (!calm.aborted) {
      this.#turns += 1;
      const random = this.#random(this.#turns);
      await job.sleepUnless(random.chance(0.4) ? 0 : random.between(0, ttlMs / 2), calm);
      if (calm.aborted) return;
      await this.#take(job, {
        waitTimeoutMs: random.pick([0, 2 * ttlMs, 6 * ttlMs]),
        holdMs: random.chance(0.6) ? random.between(0, 2 * ttlMs) : random.between(0, 1_000),
        patient: false,
        cancels: random.chance(0.15),
      });
    }
  }

  async #take(
    job: Process,
    turn: { waitTimeoutMs: number; holdMs: number; patient: boolean; cancels: boolean },
  ): Promise<boolean> {
    const world = this.#world;
    const random = this.#random(this.#turns + 1_000);
    const run = this.#role.kind === 'job' ? world.runOf(this.#role.run, random) : undefined;
    const policy = turn.patient ? 'expired' : world.policyOf(this.#letter);
    const life = world.begin(new Life(world, job, { client: this.#letter, role: this.#role, run, policy }));
    const lease = await this.#acquire(life, turn, random);
    if (lease) await this.#hold(life, lease, turn.holdMs);
    // Until its keeper would be gone: whatever is said of the run, its jobs are over only then.
    world.ended(life, random.chance(0.4) || turn.patient);
    job.keeps = false;
    return lease !== undefined;
  }

  async #acquire(
    life: Life,
    turn: { waitTimeoutMs: number; cancels: boolean },
    random: FakeRandom,
  ): Promise<Lease | undefined> {
    const world = this.#world;
    const context = world.contextOf(life.job, life.name);
    const cancel = new AbortController();
    const cancelMs = random.between(0, random.pick([300, 20_000]));
    const off = turn.cancels ? life.job.clock.alarm(cancelMs, () => cancel.abort()) : undefined;
    try {
      const request = this.#request(life, turn.waitTimeoutMs, random);
      const outcome = await acquire(context, {
        ...request,
        ...(turn.cancels ? { signal: cancel.signal } : {}),
      });
      world.say(life.job.name, () => `${life}: ${outcome.kind}`);
      if (outcome.kind !== 'acquired') return undefined;
      world.count(`${life.role.kind}: ${outcome.joined ? 'joined' : 'entered'}`);
      this.#checkFresh(life, outcome.lease);
      life.lease = outcome.lease;
      life.state = 'held';
      life.entered = true;
      return outcome.lease;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      world.say(life.job.name, () => `${life}: ${error.kind}`);
      return undefined;
    } finally {
      off?.();
    }
  }

  /** Who gets the lock gets it with time left, unless something has kept it from looking at its clock, or has set that. */
  #checkFresh({ job, clocksApartMs }: Life, lease: Lease): void {
    const world = this.#world;
    const { clock } = job.machine;
    const calmForMs = world.nowMs - job.troubledUntilMs;
    const clocksSet = Math.abs(clocksApart(clock) - clocksApartMs) > 5;
    if (lease.believes(instantOf(clock)) || clocksSet || calmForMs < world.plan.timing.ttlMs) return;
    world.violated(`${this.#letter} has got a lease of ${this.#role.name} that has run out`);
  }

  #request(life: Life, waitTimeoutMs: number, random: FakeRandom): AcquireRequest {
    const world = this.#world;
    const { run } = life;
    const holder: Holder = {
      // All are called the same, which must mean nothing.
      ownerId: 'ci',
      leaseId: life.id,
      ...(run
        ? {
            ...{ repository: 'octo/app', runId: run.id, runAttempt: run.attempt },
            runUrl: `https://github.com/octo/app/actions/runs/${run.id}`,
          }
        : {}),
    };
    return {
      holder,
      timing: world.plan.timing,
      stalePolicy: life.policy,
      evidence: [laterAttemptEvidence(holder), this.#truth(random.chance(world.plan.habits.unknownEvidence))],
      waitTimeoutMs,
      lockDelayMs: 0,
      ...(life.tree ? { tree: true } : {}),
      ...(run ? { sharing: { gapMs: world.names.gapMs, last: random.chance(0.2) } } : {}),
      onWait: ({ name, record }) => {
        if (record.name === name) return;
        world.count(
          life.name.startsWith(`${record.name}/`) ? 'gave way to a tree' : 'tree: waited for one below',
        );
      },
      onEnded: () => world.count('ended a stale lease on another name'),
    };
  }

  /** What somebody who knows everything says. */
  #truth(knowsNothing: boolean): Evidence {
    const world = this.#world;
    return {
      name: 'truth',
      async check({ holder }) {
        const run = world.runNamed(holder.runId, holder.runAttempt);
        const finished = run ? run.over : world.lifeOf(holder.leaseId)?.finished === true;
        if (knowsNothing) return { kind: 'unknown', detail: '' };
        return finished ? { kind: 'finished', proof: 'it is' } : { kind: 'alive', detail: '' };
      },
    };
  }

  async #hold(life: Life, lease: Lease, holdMs: number): Promise<void> {
    if (life.role.kind === 'reserve') return this.#reserve(life, lease);
    const world = this.#world;
    const { job } = life;
    const stop = new AbortController();
    job.keeps = true;
    life.keeper = {
      process: job,
      get lookedAtMs() {
        return job.lookedAtMs;
      },
    };
    const keeping = keep(lease, {
      signal: stop.signal,
      onRenewed: (lateMs) => {
        if (lateMs !== undefined) world.count('renewed late');
      },
    });
    await job.sleepUnless(holdMs, world.calm, keeping.lost);
    stop.abort();
    const end = await keeping.ended;
    life.told = end.kind === 'lost';
    if (end.kind === 'lost') world.count(`lost: ${end.cause.kind}`);
    // Whatever protects it has ended before it is given back.
    life.state = 'over';
    life.keeper = undefined;
    try {
      const outcome = await lease.release(job.clock.monotonicMs() + RELEASE_WITHIN_MS);
      world.count(`${life.role.kind}: ${outcome.kind}`);
    } catch (error) {
      if (!isStoreError(error)) throw error;
    }
  }

  async #reserve(life: Life, lease: Lease): Promise<void> {
    const world = this.#world;
    const { reserveMs } = world.names;
    const sentMs = world.nowMs;
    life.state = 'over';
    try {
      const untilMs = lease.deadline.monotonicMs;
      const outcome = await reserve(lease, { forMs: reserveMs, untilMs });
      if (outcome.kind === 'lost') return;
      world.count('reserve: reserved');
      // By the slowest clock of the store.
      life.reservedUntilMs = sentMs + 0.88 * reserveMs;
    } catch (error) {
      if (!isStoreError(error)) throw error;
    }
  }
}
