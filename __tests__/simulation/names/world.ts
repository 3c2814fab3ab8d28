import { setMaxListeners } from 'node:events';
import type { LockContext } from '../../../src/lease/context.ts';
import { recordKey } from '../../../src/lease/name.ts';
import type { StalePolicy } from '../../../src/lease/policy.ts';
import type { LeaseRecord } from '../../../src/lease/record.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { trustStore } from '../../../src/store/trust.ts';
import { FakeClock, Timeline } from '../../support/fake-clock.ts';
import { FakeRandom } from '../../support/fake-random.ts';
import { hash, numberOf } from '../chance.ts';
import type { MessageFault } from '../faults.ts';
import type { Life as LifeOfOne } from '../life.ts';
import { type Machine, type Place, Process, type Surroundings } from '../process.ts';
import { type Network, RemoteStore, Server } from '../store.ts';
import { Strikes, type Victim } from '../strikes.ts';
import { Client } from './client.ts';
import type { Life, Run } from './life.ts';
import { NAMES, type Name, type Plan, planOf, type Role } from './plan.ts';
import { Referee, type Scene, Violation } from './referee.ts';

const HOUR_MS = 3_600_000;
/** After the calm everything must have ended within this: nobody waits for ever. */
export const END_WITHIN_MS = 1_800_000;

export type Counts = Map<string, number>;

export interface History {
  readonly seed: number;
  readonly operations: number;
  readonly violation: string | undefined;
  readonly lines: readonly string[];
}

/** Runs the history of a seed, the same way each time. */
export async function simulate(
  seed: number,
  options: { log?: boolean; counts?: Counts } = {},
): Promise<History> {
  return new World(planOf(seed), options).history();
}

/** The mark of a store that was probed before: the probe has tests of its own. */
async function probedMark(): Promise<{ key: string; body: string }> {
  const clock = new FakeClock();
  const memory = new MemoryStore(clock);
  await clock.run(trustStore(memory, { clock, random: new FakeRandom(1) }));
  const [key = ''] = await memory.list('probe/');
  const reading = await memory.read(key);
  if (reading.kind !== 'found') throw new Error('the probe has left no mark');
  return { key, body: reading.body };
}

const MARK = await probedMark();

/** One history: clients that want names above and below each other, or share them, on a simulated store, network and time. */
export class World implements Surroundings, Network, Scene, Victim {
  readonly plan: Plan['one'];
  readonly names: Plan;
  readonly timeline: Timeline;
  readonly server: Server;
  outageUntilMs = 0;
  storeClockSet = false;
  readonly #calm = new AbortController();
  readonly #strikes: Strikes;
  readonly #counts: Counts;
  readonly #lines: string[] | undefined;
  readonly #referees = new Map<string, Referee>();
  readonly #lives: Life[] = [];
  readonly #processes = new Map<string, number>();
  readonly #running = new Set<Process>();
  readonly #runs = new Map<number, Run>();
  #operations = 0;
  #violation: string | undefined;
  #ended: (() => void) | undefined;

  constructor(names: Plan, { log = false, counts = new Map() }: { log?: boolean; counts?: Counts }) {
    this.names = names;
    this.plan = names.one;
    this.#counts = counts;
    this.#lines = log ? [] : undefined;
    const ties = new FakeRandom(hash(this.plan.seed, 2, 2));
    this.timeline = new Timeline({ settle: 'tick', tie: () => ties.fraction() });
    this.timeline.onStep = () => this.#check();
    this.server = new Server(this.#newClock('store'), this.plan.store);
    for (const name of NAMES) this.#referees.set(recordKey(name), new Referee(this, name));
    this.server.onApplied = (by, key, body) => this.#applied(by, key, body);
    this.server.put(MARK.key, MARK.body);
    this.#strikes = new Strikes(this, {});
    // Those that have crashed listen on.
    setMaxListeners(0, this.#calm.signal);
  }

  async history(): Promise<History> {
    this.#strikes.disturbStoreClock();
    for (const [letter, role] of this.names.roles) new Client(this, letter, role).start();
    this.timeline.schedule(this.plan.calmMs + 1, () => this.#beginCalm());
    try {
      const ended = new Promise<void>((resolve) => {
        this.#ended = resolve;
      });
      await this.timeline.run(ended, this.plan.calmMs + END_WITHIN_MS);
    } catch (error) {
      this.#violation ??= error instanceof Violation ? error.message : `it never ends: ${String(error)}`;
    }
    return {
      seed: this.plan.seed,
      operations: this.#operations,
      violation: this.#violation,
      lines: this.#lines ?? [],
    };
  }

  /** One who wants each of the names that were fought for, and a tree over all of them: each must get it. */
  #beginCalm(): void {
    this.say('calm', () => 'all faults have stopped');
    this.#calm.abort();
    const wanted = new Set([...this.names.roles.values()].map(({ name }) => name));
    const patients: Role[] = [...wanted].map((name) => ({ kind: 'deploy', name }));
    for (const [at, role] of [...patients, { kind: 'freeze', name: 'prod' } as const].entries()) {
      const client = new Client(this, 'pqrstu'.charAt(at), role);
      client.takeOnce();
    }
  }

  // What processes and the network ask.

  get seed(): number {
    return this.plan.seed;
  }

  get nowMs(): number {
    return this.timeline.nowMs;
  }

  get gridMs(): number {
    return this.plan.gridMs;
  }

  get calmMs(): number {
    return this.plan.calmMs;
  }

  get instant(): boolean {
    return this.plan.pace !== 'timed';
  }

  get storeClock(): FakeClock {
    return this.server.clock;
  }

  get calm(): AbortSignal {
    return this.#calm.signal;
  }

  after(ms: number, act: () => void): void {
    this.timeline.schedule(this.timeline.nowMs + ms, act);
  }

  draw(process: Process, salt: number): number {
    return this.#strikes.draw(process, salt);
  }

  strike(process: Process, at: Place): MessageFault | undefined {
    return this.#strikes.strike(process, at);
  }

  called(): void {
    this.#operations += 1;
  }

  troubled(process: Process): void {
    process.troubledUntilMs = Math.max(process.troubledUntilMs, this.timeline.nowMs);
  }

  heard(): void {}

  // What happens.

  count(event: string): void {
    this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
  }

  say(who: string, what: () => string): void {
    this.#lines?.push(
      `${(this.timeline.nowMs / 1_000).toFixed(3).padStart(8)} s  ${who.padEnd(6)} ${what()}`,
    );
  }

  violated(what: string): void {
    this.say('', () => `VIOLATION: ${what}`);
    this.#violation ??= what;
  }

  newMachine(name: string): Machine {
    const clock = this.plan.oneMachine ? this.server.clock : this.#newClock(name);
    const long = Number.NEGATIVE_INFINITY;
    const machine = { name, clock, setBackAtMs: long, suspendedAtMs: long, wentAheadAtMs: long };
    return machine;
  }

  startProcess(letter: string, machine: Machine): Process {
    const count = (this.#processes.get(letter) ?? 0) + 1;
    this.#processes.set(letter, count);
    return new Process(this, `${letter}${count}`, machine);
  }

  contextOf(process: Process, name: Name): LockContext {
    const { callTimeoutMs } = this.plan.timing;
    const store = new RemoteStore(this.server, this.plan.store, { network: this, process });
    return { name, store, clock: process.clock, random: process.random, callTimeoutMs };
  }

  run(process: Process, work: () => Promise<void>): void {
    this.#running.add(process);
    work().then(
      () => {
        if (process.alarms > 0)
          this.violated(`${process.name} has ended and left ${process.alarms} alarms set`);
        this.#stopped(process);
      },
      (error: unknown) => {
        this.violated(`${process.name} failed: ${error instanceof Error ? error.stack : String(error)}`);
      },
    );
  }

  crashed(process: Process): void {
    process.crash();
    this.#stopped(process);
  }

  #stopped(process: Process): void {
    this.#running.delete(process);
    if (this.#running.size === 0 && this.calm.aborted) this.#ended?.();
  }

  policyOf(letter: string): StalePolicy {
    const { policies } = this.names;
    return policies[numberOf(letter) % policies.length] ?? policies[0];
  }

  begin(life: Life): Life {
    this.#lives.push(life);
    if (life.run) life.run.open += 1;
    return life;
  }

  lifeOf(id: string): Life | undefined {
    return this.#lives.find((life) => life.id === id);
  }

  /** As `Strikes` asks: who may not have looked at its clock since. */
  openLivesOn({ clock }: Machine): readonly LifeOfOne[] {
    const open = this.#lives.filter(
      ({ state, job }) => state !== 'over' && !job.crashed && job.machine.clock === clock,
    );
    return open as unknown as readonly LifeOfOne[];
  }

  /** The run of which a job is one now. One that is over is started again, or another begins. */
  runOf(slot: number, random: FakeRandom): Run {
    const now = this.#runs.get(slot);
    if (now && !now.over) return now;
    const again = now !== undefined && random.chance(0.4);
    const id = again ? now.id : String(slot * 100 + Number(now?.id ?? 0) + 1);
    const next = { id, attempt: again ? now.attempt + 1 : 1, open: 0, over: false };
    this.#runs.set(slot, next);
    return next;
  }

  runNamed(id: string | undefined, attempt: number | undefined): Run | undefined {
    return this.#lives.find(({ run }) => run?.id === id && run?.attempt === attempt)?.run;
  }

  /** A job is over. When no other of its run is open, the run may be. */
  ended(life: Life, runEnds: boolean): void {
    life.state = 'over';
    const { run } = life;
    if (!run) return;
    run.open -= 1;
    if (run.open === 0 && runEnds) run.over = true;
  }

  // What must hold.

  #applied(by: Process, key: string, body: string): void {
    const referee = this.#referees.get(key);
    if (!referee) {
      this.violated(`a key was written that is no lock's: ${key}`);
      return;
    }
    const next = JSON.parse(body) as LeaseRecord;
    this.say(by.name, () => {
      const jobs = next.state === 'held' && next.shared ? `, ${next.shared.members.length} jobs` : '';
      return `WROTE ${next.name}: ${next.state}, token ${next.token}, ${next.renewals} renewals${jobs}, ttl ${next.ttlMs}`;
    });
    referee.applied(by, next);
  }

  #check(): void {
    const believers = this.#lives.filter(({ believes }) => believes);
    for (const [at, one] of believers.entries()) {
      for (const other of believers.slice(at + 1)) {
        if (excludes(one, other)) this.violated(`${one} and ${other} are in at once`);
      }
    }
    if (this.#violation !== undefined) throw new Violation(this.#violation);
  }

  #newClock(name: string): FakeClock {
    const random = new FakeRandom(hash(this.plan.seed, 3, numberOf(name)));
    const spread = this.plan.rateSpread;
    const rate = 1 + random.pick([-spread, spread, 0, random.between(-spread, spread)]);
    const { timeline } = this;
    const offsetMs = name === 'store' ? 0 : random.between(-HOUR_MS, HOUR_MS);
    return new FakeClock({ timeline, rate, wallMs: Date.UTC(2026, 2, 1, 12) + offsetMs });
  }
}

/** Whether no two such may be in at once. */
function excludes(one: Life, other: Life): boolean {
  if (one.name === other.name) return one.run === undefined || one.run !== other.run;
  const below = (lower: Life, upper: Life): boolean => upper.tree && lower.name.startsWith(`${upper.name}/`);
  return below(one, other) || below(other, one);
}
