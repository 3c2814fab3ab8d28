import { instantOf } from '../../src/base/clock.ts';
import { type AcquireRequest, acquire } from '../../src/lease/acquire.ts';
import { isStoreError, type LockContext } from '../../src/lease/context.ts';
import { keep } from '../../src/lease/keeper.ts';
import type { Lease } from '../../src/lease/lease.ts';
import { recordKey } from '../../src/lease/name.ts';
import { buildTiming, type Timing } from '../../src/lease/policy.ts';
import type { LeaseRecord } from '../../src/lease/record.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { trustStore } from '../../src/store/trust.ts';
import { FakeClock, Timeline } from '../support/fake-clock.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { type Fault, FaultyStore, type Times } from '../support/fake-store.ts';
import { Ledger } from './ledger.ts';
import { Gate, GatedClock, GatedStore } from './process.ts';

const NAME = 'simulated';
const HOUR_MS = 3_600_000;
const RUN_MS = 180_000;

/** A change to the algorithm, made from outside: what a client is given instead of the real thing. */
export interface Variant {
  readonly acquire?: typeof acquire;
  readonly lease?: (lease: Lease) => Lease;
  readonly store?: (
    store: Store,
    client: { clock: FakeClock; writtenAtMs: (nonce: string) => number },
  ) => Store;
}

/**
 * - `far apart` several machines with clocks of their own, faults, pauses, crashes, suspends, outages
 * - `one machine` one clock for all and for the store too, which somebody sets by an hour now and then; nothing else goes wrong
 */
export type Scenario = 'far apart' | 'one machine';

export class Violation extends Error {
  override readonly name = 'Violation';
}

/** What happened in a run, so that a test can see that something did. */
export interface Tally {
  acquired: number;
  stolen: number;
  renewed: number;
  late: number;
  lost: number;
  crashed: number;
  faults: number;
}

export interface Run {
  readonly tally: Tally;
  readonly history: readonly string[];
}

/**
 * Runs clients against each other from a seed, the same way each time.
 * @throws Violation when two believe that they hold the lock, a token is not new, or a client writes another's lease; the
 * message has the seed and the history
 */
export async function simulate(seed: number, scenario: Scenario, variant: Variant = {}): Promise<Run> {
  const world = new World(seed, scenario, variant);
  return world.run();
}

class World {
  readonly timeline = new Timeline();
  readonly random: FakeRandom;
  readonly scenario: Scenario;
  readonly variant: Variant;
  readonly timing: Timing;
  readonly times: Times;
  readonly storeClock: FakeClock;
  readonly memory: MemoryStore;
  readonly ledger: Ledger;
  readonly tally: Tally = { acquired: 0, stolen: 0, renewed: 0, late: 0, lost: 0, crashed: 0, faults: 0 };
  /** Who says that it holds the lock, with the clock by which it believes so. */
  readonly holders = new Map<Lease, { readonly client: string; readonly clock: FakeClock }>();
  /** The wall clock of the writer at each write, which nothing in the algorithm may look at. */
  readonly writtenAtMs = new Map<string, number>();
  readonly #seed: number;
  readonly #history: string[] = [];
  #violation: string | undefined;

  constructor(seed: number, scenario: Scenario, variant: Variant) {
    this.#seed = seed;
    this.scenario = scenario;
    this.variant = variant;
    this.random = new FakeRandom(seed);
    this.timing = buildTiming({ ttlMs: this.random.pick([15_000, 15_000, 30_000, 90_000]) });
    this.times = this.random.pick<Times>(['exact', 'seconds', 'asked', 'none']);
    this.storeClock = new FakeClock({ timeline: this.timeline });
    this.memory = new MemoryStore(this.storeClock);
    this.ledger = new Ledger({ name: NAME, key: recordKey(NAME) }, (violation) => this.violated(violation));
  }

  async run(): Promise<Run> {
    await this.timeline.run(trustStore(this.memory, { clock: this.storeClock, random: this.random }));
    const count = 2 + this.random.below(3);
    for (let index = 0; index < count; index += 1) {
      const clock = this.scenario === 'one machine' ? this.storeClock : this.#machine();
      new Client(this, `client ${index + 1}`, clock).start();
      if (this.scenario === 'far apart') this.#disturb(clock);
    }
    if (this.scenario === 'one machine') this.#setClock(this.storeClock, [HOUR_MS, HOUR_MS, -HOUR_MS]);
    this.timeline.onStep = () => this.#check();
    await this.timeline.advance(RUN_MS);
    return { tally: this.tally, history: this.#history };
  }

  say(who: string, what: string): void {
    this.#history.push(`${(this.timeline.nowMs / 1_000).toFixed(3).padStart(8)} s  ${who}: ${what}`);
  }

  violated(violation: string): void {
    this.say('VIOLATION', violation);
    this.#violation ??= violation;
  }

  /** Rates differ by less than the margin of the lease covers; wall clocks by up to an hour. */
  #machine(): FakeClock {
    return new FakeClock({
      timeline: this.timeline,
      rate: this.random.between(0.97, 1.03),
      wallMs: this.storeClock.wallMs() + this.random.between(-HOUR_MS, HOUR_MS),
    });
  }

  /**
   * A machine is suspended, or its clock is set, not both: a clock that is set back and a suspend within one renewal hide
   * from each other: a limit of the algorithm, which reads these two clocks alone.
   */
  #disturb(clock: FakeClock): void {
    if (this.random.chance(0.5)) {
      this.#setClock(clock, [HOUR_MS, 20_000, -20_000, -HOUR_MS]);
      return;
    }
    this.#every(20_000, 120_000, () => {
      const ms = this.random.between(0, 2 * this.timing.ttlMs);
      this.say('machine', `is suspended for ${Math.round(ms)} ms`);
      clock.suspend(ms);
    });
  }

  #setClock(clock: FakeClock, steps: readonly [number, ...number[]]): void {
    this.#every(10_000, 90_000, () => {
      const ms = this.random.pick(steps);
      this.say('machine', `its clock is set by ${ms} ms`);
      clock.jumpWall(ms);
    });
  }

  #every(fromMs: number, toMs: number, act: () => void): void {
    const dueMs = this.timeline.nowMs + this.random.between(fromMs, toMs);
    this.timeline.schedule(
      () => dueMs,
      () => {
        act();
        this.#every(fromMs, toMs, act);
      },
    );
  }

  #check(): void {
    const believers = [...this.holders].filter(([lease, { clock }]) => lease.believes(instantOf(clock)));
    if (believers.length > 1) {
      const names = believers.map(([{ token }, { client }]) => `${client} (token ${token})`).join(' and ');
      this.violated(`${names} believe that they hold the lock`);
    }
    if (this.#violation === undefined) return;
    throw new Violation(
      `${this.#violation}. Replay: simulate(${this.#seed}, '${this.scenario}'), ttl ${this.timing.ttlMs} ms, store times: ${this.times}.\n${this.#history.slice(-60).join('\n')}`,
    );
  }
}

/** One machine's process that takes the lock, holds it for a while and gives it back, over and over, until it crashes. */
class Client {
  readonly #world: World;
  readonly #name: string;
  readonly #machine: FakeClock;
  readonly #random: FakeRandom;
  readonly #gate: Gate;
  readonly #lock: LockContext;
  readonly #leaseIds = new Set<string>();
  #outageEndsMs = 0;

  constructor(world: World, name: string, machine: FakeClock) {
    this.#world = world;
    this.#name = name;
    this.#machine = machine;
    this.#random = new FakeRandom(world.random.below(2 ** 32));
    this.#gate = new Gate(world.timeline, (gate) => this.#hazard(gate));
    this.#lock = {
      name: NAME,
      store: this.#store(),
      clock: new GatedClock(machine, this.#gate),
      random: this.#random,
      callTimeoutMs: world.timing.callTimeoutMs,
    };
  }

  start(): void {
    this.#live().catch((error: unknown) => {
      this.#world.violated(`${this.#name} failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  }

  #store(): Store {
    const world = this.#world;
    const witnessed = world.ledger.witness(world.memory, {
      isOwn: (leaseId) => this.#leaseIds.has(leaseId),
      onApplied: (next, previous) => this.#applied(next, previous),
    });
    const faulty = new FaultyStore(witnessed, {
      clock: world.storeClock,
      times: world.times,
      choose: () => this.#fault(),
    });
    const changed = world.variant.store?.(faulty, {
      clock: this.#machine,
      writtenAtMs: (nonce) => world.writtenAtMs.get(nonce) ?? 0,
    });
    return new GatedStore(changed ?? faulty, this.#gate);
  }

  async #live(): Promise<void> {
    for (;;) {
      await this.#lock.clock.sleep(this.#random.between(0, 10_000));
      try {
        await this.#turn();
      } catch (error) {
        if (!isStoreError(error)) throw error;
        this.#say(`gives up: ${error.kind}`);
      }
    }
  }

  async #turn(): Promise<void> {
    const cancel = new AbortController();
    const timer = this.#random.chance(0.2)
      ? this.#lock.clock.alarm(this.#random.between(0, 60_000), () => cancel.abort())
      : undefined;
    const outcome = await (this.#world.variant.acquire ?? acquire)(this.#lock, this.#request(cancel.signal));
    timer?.();
    if (outcome.kind !== 'acquired') return this.#say(outcome.kind);
    this.#world.tally.acquired += 1;
    if (outcome.stolen) this.#world.tally.stolen += 1;
    await this.#hold(this.#world.variant.lease?.(outcome.lease) ?? outcome.lease);
  }

  #request(signal: AbortSignal): AcquireRequest {
    const leaseId = this.#random.hex(16);
    this.#leaseIds.add(leaseId);
    return {
      holder: { ownerId: this.#name, leaseId },
      timing: this.#world.timing,
      stalePolicy: 'expired',
      evidence: [],
      waitTimeoutMs: this.#random.pick([0, 30_000, 200_000]),
      signal,
    };
  }

  async #hold(lease: Lease): Promise<void> {
    const { holders, tally } = this.#world;
    this.#say(`holds, token ${lease.token}`);
    holders.set(lease, { client: this.#name, clock: this.#machine });
    const stop = new AbortController();
    const keeping = keep(lease, {
      signal: stop.signal,
      onRenewed: (lateMs) => {
        tally.renewed += 1;
        if (lateMs !== undefined) tally.late += 1;
      },
    });
    await this.#lock.clock.sleep(this.#random.between(0, 3 * this.#world.timing.ttlMs), keeping.lost);
    holders.delete(lease);
    stop.abort();
    const end = await keeping.ended;
    if (end.kind === 'lost') {
      tally.lost += 1;
      return this.#say(`lost it: ${end.cause.kind}`);
    }
    this.#say('releases');
    await lease.release(this.#lock.clock.monotonicMs() + 5_000);
  }

  #applied(next: LeaseRecord, previous: LeaseRecord | undefined): void {
    const { world, machine } = { world: this.#world, machine: this.#machine };
    world.writtenAtMs.set(next.nonce, machine.wallMs());
    this.#say(`wrote ${next.state}, token ${next.token}, ${next.renewals} renewals`);
    if (world.scenario !== 'one machine' || previous?.state !== 'held') return;
    const victim = [...world.holders.keys()].find(({ id }) => id === previous.holder.leaseId);
    if (victim && next.holder.leaseId !== previous.holder.leaseId) {
      world.violated(`${this.#name} stole from a holder that was alive and could renew`);
    }
  }

  #fault(): Fault | undefined {
    const random = this.#random;
    if (this.#world.scenario === 'one machine') {
      return { kind: 'slow', thereMs: random.between(0, 200), backMs: random.between(0, 200) };
    }
    const { nowMs } = this.#world.timeline;
    if (random.chance(0.003)) this.#outageEndsMs = nowMs + random.between(0, 2 * this.#world.timing.ttlMs);
    const fault = nowMs < this.#outageEndsMs ? this.#outage() : this.#mishap();
    if (fault && fault.kind !== 'slow') this.#world.tally.faults += 1;
    return fault;
  }

  #outage(): Fault {
    return this.#random.pick<Fault>([
      { kind: 'fail', error: 'unavailable' },
      { kind: 'hang', applies: false },
      { kind: 'lose-request' },
    ]);
  }

  #mishap(): Fault | undefined {
    const random = this.#random;
    if (random.chance(0.3)) return undefined;
    if (random.chance(0.8)) {
      const longestMs = random.chance(0.1) ? 8_000 : 400;
      return { kind: 'slow', thereMs: random.between(0, longestMs), backMs: random.between(0, longestMs) };
    }
    return random.pick<Fault>([
      { kind: 'fail', error: 'unavailable' },
      { kind: 'lose-request' },
      { kind: 'lose-answer' },
      { kind: 'apply-later', ms: random.between(0, 40_000) },
      { kind: 'deliver-twice' },
      { kind: 'hang', applies: random.chance(0.5) },
    ]);
  }

  #hazard(gate: Gate): void {
    if (this.#world.scenario === 'one machine' || gate.crashed) return;
    if (this.#random.chance(0.01)) {
      const ms = this.#random.between(0, 2 * this.#world.timing.ttlMs);
      this.#say(`is paused for ${Math.round(ms)} ms`);
      gate.pause(ms);
    } else if (this.#random.chance(0.002)) {
      this.#say('crashes');
      this.#world.tally.crashed += 1;
      gate.crash();
      new Client(this.#world, `${this.#name}'`, this.#machine).start();
    }
  }

  #say(what: string): void {
    this.#world.say(this.#name, what);
  }
}
