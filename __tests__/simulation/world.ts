import type { BreakOutcome } from '../../src/lease/break.ts';
import type { LockContext } from '../../src/lease/context.ts';
import type { LossCause, ReleaseOutcome } from '../../src/lease/lease.ts';
import { recordKey } from '../../src/lease/name.ts';
import type { StalePolicy } from '../../src/lease/policy.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { trustStore } from '../../src/store/trust.ts';
import { FakeClock, Timeline } from '../support/fake-clock.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { Calm } from './calm.ts';
import { hash, numberOf } from './chance.ts';
import { Client } from './client.ts';
import { type Coverage, type Event, emptyCoverage } from './coverage.ts';
import type { Injected, MessageFault } from './faults.ts';
import type { Life } from './life.ts';
import { Operator } from './operator.ts';
import { type Plan, planOf } from './plan.ts';
import { type Machine, type Place, Process, type Surroundings } from './process.ts';
import { Referee, type Scene, Violation } from './referee.ts';
import { type Network, RemoteStore, Server } from './store.ts';
import { type Cut, Strikes, type Victim } from './strikes.ts';

const NAME = 'simulated';
const KEY = recordKey(NAME);
const HOUR_MS = 3_600_000;
/** After the calm everything must have ended within this. */
const END_WITHIN_MS = 900_000;

export interface Options {
  readonly cut?: Cut;
  /** Whether to write down what happens. */
  readonly log?: boolean;
  /** Where to count what happens; several histories may share it. */
  readonly coverage?: Coverage;
}

export interface History {
  readonly seed: number;
  /** Calls to the store. */
  readonly operations: number;
  readonly injected: readonly Injected[];
  /** What must not have happened. */
  readonly violation: string | undefined;
  /** What happened, line by line, where it was asked for. */
  readonly lines: readonly string[];
}

/** Runs the history of a seed, the same way each time. */
export async function simulate(seed: number, options: Options = {}): Promise<History> {
  return new World(planOf(seed), options).history();
}

/** The mark of a store that was probed before: the probe has tests of its own. */
async function probedMark(): Promise<{ key: string; body: string }> {
  const clock = new FakeClock();
  const memory = new MemoryStore(clock);
  await clock.run(trustStore(memory, { clock, random: new FakeRandom(1) }));
  for (const key of await memory.list('probe/')) {
    const reading = await memory.read(key);
    if (reading.kind === 'found') return { key, body: reading.body };
  }
  throw new Error('the probe has left no mark');
}

const MARK = await probedMark();

/** One history: the clients of a seed on a simulated store, network and time. */
export class World implements Surroundings, Network, Scene, Victim {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly server: Server;
  readonly referee: Referee;
  outageUntilMs = 0;
  storeClockSet = false;
  readonly #calm: Calm;
  readonly #strikes: Strikes;
  readonly #clients: string;
  readonly #coverage: Coverage;
  readonly #lines: string[] | undefined;
  readonly #lives = new Map<string, Life>();
  readonly #processes = new Map<string, number>();
  /** What an operator's process was told to break. */
  readonly #breaking = new Map<Process, string>();
  /** The processes that have not come to their end, and what to do when they have. */
  readonly #running = new Set<Process>();
  #oneMachine: Machine | undefined;
  #held: Life[] = [];
  #operations = 0;
  #violation: string | undefined;
  #ended: (() => void) | undefined;

  constructor(plan: Plan, { cut = {}, log = false, coverage = emptyCoverage() }: Options) {
    this.plan = plan;
    this.#coverage = coverage;
    this.#clients = cut.clients ?? plan.clients.join('');
    this.#lines = log ? [] : undefined;
    const ties = new FakeRandom(hash(plan.seed, 2, 2));
    this.timeline = new Timeline({ settle: 'tick', tie: () => ties.fraction() });
    this.timeline.onStep = () => this.#check();
    this.server = new Server(this.#newClock('store'), plan.store);
    this.server.onApplied = (by, key, body) => this.#applied(by, key, body);
    this.server.put(MARK.key, MARK.body);
    this.referee = new Referee(this);
    this.#strikes = new Strikes(this, cut);
    this.#calm = new Calm(this);
  }

  async history(): Promise<History> {
    this.#countPlan();
    this.#strikes.disturbStoreClock();
    for (const letter of this.plan.clients) {
      if (this.#clients.includes(letter)) new Client(this, letter, this.newMachine(letter)).start();
    }
    if (this.plan.habits.operator > 0) new Operator(this, 'o').start();
    this.#calm.schedule();
    try {
      await this.timeline.run(
        new Promise<void>((resolve) => {
          this.#ended = resolve;
        }),
        this.plan.calmMs + END_WITHIN_MS,
      );
      this.#checkEnd();
    } catch (error) {
      this.#violation ??= error instanceof Violation ? error.message : `it never ends: ${String(error)}`;
    }
    return {
      seed: this.plan.seed,
      operations: this.#operations,
      injected: this.#strikes.injected,
      violation: this.#violation,
      lines: this.#lines ?? [],
    };
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

  /** Aborts when all faults have stopped. */
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

  /** A process learns what became of its write. */
  heard(process: Process, body: string, kind: 'written' | 'conflict'): void {
    const life = this.#lifeIn(body);
    if (!life) return;
    if (kind === 'conflict') {
      this.count(
        life.newest?.body === body || life.entry?.body === body
          ? 'commit: own write answered 412'
          : 'commit: conflict',
      );
      return;
    }
    for (const write of [life.entry, life.newest]) {
      if (write?.body === body && (write === life.entry || life.newest?.by === process)) write.heard = true;
    }
  }

  // What happens.

  count(event: Event): void {
    this.#coverage[event] += 1;
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

  /** The machine of a client: the same for all where there is only one. */
  newMachine(name: string): Machine {
    const { oneMachine } = this.plan;
    if (oneMachine && this.#oneMachine) return this.#oneMachine;
    const never = Number.NEGATIVE_INFINITY;
    const clock = oneMachine ? this.server.clock : this.#newClock(name);
    this.#oneMachine = { name: oneMachine ? 'one' : name, clock, setBackAtMs: never, wentAheadAtMs: never };
    return this.#oneMachine;
  }

  startProcess(letter: string, machine: Machine): Process {
    const count = (this.#processes.get(letter) ?? 0) + 1;
    this.#processes.set(letter, count);
    return new Process(this, `${letter}${count}`, machine);
  }

  contextOf(process: Process): LockContext {
    const { callTimeoutMs } = this.plan.timing;
    const store = new RemoteStore(this.server, this.plan.store, { network: this, process });
    return { name: NAME, store, clock: process.clock, random: process.random, callTimeoutMs };
  }

  /** Follows what a process does until its end, after which nothing of it may be left. */
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
    const { policies } = this.plan;
    return policies[numberOf(letter) % policies.length] ?? policies[0];
  }

  begin(life: Life): Life {
    this.#lives.set(life.leaseId, life);
    return life;
  }

  entered(life: Life): void {
    this.#held.push(life);
    this.#calm.entered();
  }

  lifeOf(leaseId: string): Life | undefined {
    return this.#lives.get(leaseId);
  }

  openLivesOn({ clock }: Machine): readonly Life[] {
    return [...this.#lives.values()].filter((life) => !life.finished && life.machine.clock === clock);
  }

  isOwn(process: Process, life: Life): boolean {
    return process.name.startsWith(life.client);
  }

  startsToBreak(process: Process, leaseId: string): void {
    this.#breaking.set(process, leaseId);
  }

  breakingBy(process: Process): string | undefined {
    return this.#breaking.get(process);
  }

  /** From now on that lease may never be held: so it was said. */
  gaveUp(life: Life, words: string): void {
    life.gaveUp = words;
    if (life.isIn(this.referee.newest))
      this.violated(`a lease whose client had said "${words}" is held after all`);
  }

  released(life: Life, by: Process, { kind }: ReleaseOutcome): void {
    const known = life.newest?.by === by && life.newest.heard;
    if (kind === 'lost') {
      const write = life.releasedBy.get(by);
      if (write !== undefined && this.referee.remembers(write))
        this.violated('a release that had applied was called lost');
      this.gaveUp(life, 'lost');
      return;
    }
    if (!life.releasedBy.has(by)) this.violated('a release was said that never applied');
    this.count('hold: released');
    if (!known) this.count('hold: released, known only by reading');
    if (!known && this.referee.newest?.holder.leaseId !== life.leaseId) this.count('commit: superseded');
    this.gaveUp(life, 'released');
  }

  lost(life: Life, cause: LossCause): void {
    if (cause.kind !== 'missing' && cause.kind !== 'expired') this.count(`hold: lost: ${cause.kind}`);
    const own = cause.kind === 'max-hold' || life.releasedBy.size > 0 || life.broken || life.job.crashed;
    if (life.unharmed && !own) this.violated(`a lease was lost though nothing had gone wrong: ${cause.kind}`);
    if (['stolen', 'broken', 'released', 'missing'].includes(cause.kind)) this.gaveUp(life, 'lost');
  }

  /** An operator's break has ended. `since`: how many writes there had been when it began. */
  broke(leaseId: string, { kind, since }: { kind: BreakOutcome['kind']; since: number }): void {
    this.count(kind === 'broken' ? 'operator: broke a lease' : 'operator: found it ended');
    const life = this.#lives.get(leaseId);
    if (!life) return;
    const { brokenAt } = life;
    const applied = brokenAt !== undefined && brokenAt > since;
    if (kind === 'not-held' && applied && this.referee.remembers(brokenAt))
      this.violated('a break that had applied was called none');
    if (kind === 'broken' && !applied) this.violated('a break was said that never applied');
    // One that is still acquiring may take the lock anew, and may have done so.
    if (life.broken && life.state !== 'acquiring') this.gaveUp(life, 'broken');
  }

  // What must hold.

  #applied(by: Process, key: string, body: string): void {
    if (key !== KEY) this.violated(`a key was written that is not the lock's: ${key}`);
    if (key !== KEY) return;
    const next = this.referee.applied(by, body);
    this.say(
      by.name,
      () => `WROTE ${next.state}, token ${next.token}, ${next.renewals} renewals, ${next.holder.leaseId}`,
    );
  }

  #check(): void {
    if (this.#held.length > 1) this.#checkBelievers();
    for (const life of this.#held) {
      if (life.countsFromTooLate)
        this.violated(`${life.client} counts its deadline from a moment after its write had applied`);
    }
    if (this.#violation !== undefined) throw new Violation(this.#violation);
  }

  #checkBelievers(): void {
    this.#held = this.#held.filter(({ state, job }) => state === 'held' && !job.crashed);
    const believers = this.#held.filter(({ believes }) => believes);
    if (believers.length < 2) return;
    this.violated(`${believers.map(({ client }) => client).join(' and ')} believe that they hold the lock`);
  }

  #checkEnd(): void {
    this.#calm.checkEnd();
    const { newest } = this.referee;
    if (newest && newest.state !== 'released') this.violated(`at the end the lock is ${newest.state}`);
    const left = this.server.keys().filter((key) => key !== KEY && key !== MARK.key);
    if (left.length > 0) this.violated(`left in the store: ${left.join(', ')}`);
  }

  #lifeIn(body: string): Life | undefined {
    const leaseId = /"leaseId":"([0-9a-f]{32})"/.exec(body)?.[1];
    return leaseId === undefined ? undefined : this.#lives.get(leaseId);
  }

  /** Rates as far apart as may be, or anywhere between; wall clocks an hour apart, since nobody may compare them. */
  #newClock(name: string): FakeClock {
    const random = new FakeRandom(hash(this.plan.seed, 3, numberOf(name)));
    const spread = this.plan.rateSpread;
    const ends = [-spread, spread] as const;
    const rate =
      1 + (this.plan.duel ? random.pick(ends) : random.pick([...ends, 0, random.between(...ends)]));
    const { timeline } = this;
    // The store's seconds begin at any moment.
    const offsetMs = name === 'store' ? random.below(1_000) : random.between(-HOUR_MS, HOUR_MS);
    return new FakeClock({ timeline, rate, wallMs: Date.UTC(2026, 2, 1, 12) + offsetMs });
  }

  #countPlan(): void {
    const { store, pace, oneMachine } = this.plan;
    const times = {
      exact: 'with exact times',
      seconds: 'with times in whole seconds',
      asked: 'with the age only when asked',
      none: 'without a clock',
    } as const;
    this.count(`store: ${times[store.times]}`);
    this.count(store.versions === 'content' ? 'store: versions by content' : 'store: versions counted');
    if (store.remoteClock) this.count('store: with a clock of another machine');
    if (store.prompt) this.count('store: that answers at once');
    if (store.watch) this.count('store: that wakes waiters');
    if (oneMachine) this.count('store: on the one machine of all clients');
    this.count(`pace: ${pace}`);
    this.say('plan', () => JSON.stringify({ ...this.plan, rates: [...this.plan.rates.keys()] }));
  }
}
