import { setMaxListeners } from 'node:events';
import { instantOf } from '../../../src/base/clock.ts';
import { type AcquireRequest, acquire } from '../../../src/lease/acquire.ts';
import { isStoreError, type LockContext } from '../../../src/lease/context.ts';
import { type Evidence, laterAttemptEvidence } from '../../../src/lease/evidence.ts';
import { keep } from '../../../src/lease/keeper.ts';
import type { Lease } from '../../../src/lease/lease.ts';
import { recordKey } from '../../../src/lease/name.ts';
import type { StalePolicy } from '../../../src/lease/policy.ts';
import type { Holder, LeaseRecord } from '../../../src/lease/record.ts';
import { reserve } from '../../../src/lease/reserve.ts';
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
import { NAMES, type Name, type Plan, planOf, type Role } from './plan.ts';
import { Referee, type Scene, Violation } from './referee.ts';

const HOUR_MS = 3_600_000;
/** After the calm everything must have ended within this: nobody waits for ever. */
const END_WITHIN_MS = 1_800_000;
const RELEASE_WITHIN_MS = 10_000;

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
  keeper: { readonly process: Process; readonly sinceMs: number } | undefined;
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

function clocksApart(clock: FakeClock): number {
  return clock.wallMs() - clock.monotonicMs();
}

/** Whether no two such may be in at once. */
function excludes(one: Life, other: Life): boolean {
  if (one.name === other.name) return one.run === undefined || one.run !== other.run;
  const below = (lower: Life, upper: Life): boolean => upper.tree && lower.name.startsWith(`${upper.name}/`);
  return below(one, other) || below(other, one);
}

/** One that does what its role says, over and over, until the calm; started anew when it has crashed. */
class Client {
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
    life.keeper = { process: job, sinceMs: world.nowMs };
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
