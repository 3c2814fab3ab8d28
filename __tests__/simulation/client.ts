import { type AcquireOutcome, type AcquireRequest, acquire } from '../../src/lease/acquire.ts';
import { isStoreError } from '../../src/lease/context.ts';
import { type Evidence, laterAttemptEvidence, type Verdict } from '../../src/lease/evidence.ts';
import { type KeepEnd, keep } from '../../src/lease/keeper.ts';
import { Lease, type LeaseSnapshot, type LossCause } from '../../src/lease/lease.ts';
import type { Holder } from '../../src/lease/record.ts';
import type { Veto } from '../../src/lease/veto.ts';
import type { StoreErrorKind } from '../../src/store/store.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { hash, numberOf } from './chance.ts';
import { Life } from './life.ts';
import type { Machine, Process } from './process.ts';
import type { World } from './world.ts';

/** What a client does this time. */
interface Turn {
  readonly waitTimeoutMs: number;
  readonly cancelAfterMs: number | undefined;
  readonly closeAfterMs: number | undefined;
  /** It is cancelled just when it may steal, or has stolen: while the write or the lock delay is under way. */
  readonly hasty: boolean;
  readonly vetoes: boolean;
  readonly lockDelayMs: number;
  readonly holdMs: number;
  readonly maxHoldMs: number | undefined;
  readonly handsOver: boolean;
  readonly random: FakeRandom;
}

type Acquired = Extract<AcquireOutcome, { kind: 'acquired' }>;

/** How long post waits for its keeper, as src/keeper/finish.ts does. */
const POST_PATIENCE_MS = 12_000;
const RELEASE_WITHIN_MS = 10_000;
/** How often a keeper looks whether the job is still there. */
const LOOK_EVERY_MS = 500;

/** One that takes the lock, works under it and gives it back, over and over, until the calm; started anew when it has crashed. */
export class Client {
  readonly #world: World;
  readonly #letter: string;
  readonly #machine: Machine;
  #turns = 0;
  #attempts = 0;

  constructor(world: World, letter: string, machine: Machine) {
    this.#world = world;
    this.#letter = letter;
    this.#machine = machine;
  }

  start(): void {
    const world = this.#world;
    const job = world.startProcess(this.#letter, this.#machine);
    this.#attempts += 1;
    job.onCrash = () => this.#startAgain();
    world.run(job, () => this.#live(job));
  }

  /** One that waits for as long as it takes, takes the lock once and gives it back. Tells whether it got it. */
  async takeOnce(job: Process): Promise<boolean> {
    const random = new FakeRandom(hash(this.#world.plan.seed, numberOf(this.#letter), 0));
    const turn: Turn = {
      waitTimeoutMs: 600_000,
      cancelAfterMs: undefined,
      closeAfterMs: undefined,
      hasty: false,
      vetoes: false,
      lockDelayMs: 0,
      holdMs: 0,
      maxHoldMs: undefined,
      handsOver: false,
      random,
    };
    // Sometimes he tries once before he waits.
    const once = random.chance(0.4) && (await this.#take(job, { ...turn, waitTimeoutMs: 0 }));
    return once || this.#take(job, turn);
  }

  #startAgain(): void {
    const { timeline, plan } = this.#world;
    const dueMs =
      timeline.nowMs + 5_000 * this.#random(this.#turns).fraction() * (plan.pace === 'timed' ? 1 : 0.2);
    if (dueMs < plan.calmMs) timeline.schedule(dueMs, () => this.start());
  }

  #random(turn: number): FakeRandom {
    return new FakeRandom(hash(this.#world.plan.seed, numberOf(this.#letter), turn));
  }

  async #live(job: Process): Promise<void> {
    const { calm } = this.#world;
    while (!calm.aborted) {
      this.#turns += 1;
      const random = this.#random(this.#turns);
      await job.sleepUnless(this.#thinkMs(random), calm);
      if (!calm.aborted) await this.#take(job, this.#plan(random));
    }
  }

  /** Often not at all: who is first after a release is the harder case. In a duel one comes at once and one some time later. */
  #thinkMs(random: FakeRandom): number {
    const { duel, timing } = this.#world.plan;
    const { ttlMs } = timing;
    if (duel && this.#turns === 1)
      return this.#letter === 'a' ? 0 : random.between(random.pick([0, 0.7]) * ttlMs, 0.95 * ttlMs);
    return random.chance(0.3) ? 0 : random.between(0, ttlMs / 2);
  }

  #plan(random: FakeRandom): Turn {
    const { habits, timing } = this.#world.plan;
    const { ttlMs } = timing;
    const sometimes = (share: number, ms: number): number | undefined => {
      const drawn = random.between(0, ms);
      return random.chance(share) ? drawn : undefined;
    };
    return {
      waitTimeoutMs: random.chance(habits.wait0) ? 0 : random.pick([5_000, 2 * ttlMs, 4 * ttlMs]),
      cancelAfterMs: sometimes(habits.cancel, random.pick([300, 3_000, ttlMs])),
      closeAfterMs: sometimes(habits.close, random.pick([300, 3_000, ttlMs])),
      hasty: random.chance(habits.hasty),
      vetoes: random.chance(habits.veto),
      lockDelayMs: random.chance(habits.lockDelay) ? random.pick([500, 3_000, 8_000]) : 0,
      holdMs: random.chance(habits.longHold) ? random.between(0, 3 * ttlMs) : random.between(0, 2_000),
      maxHoldMs: random.chance(habits.maxHold) ? random.between(1_000, ttlMs) : undefined,
      handsOver: random.chance(habits.handover),
      random,
    };
  }

  /** One attempt from its first look to its end. */
  async #take(job: Process, turn: Turn): Promise<boolean> {
    const world = this.#world;
    const leaseId = job.random.hex(16);
    const policy = world.policyOf(this.#letter);
    const life = world.begin(new Life(job, { leaseId, client: this.#letter, policy }));
    const acquired = await this.#acquire(life, turn);
    if (acquired) await this.#hold(life, acquired, turn);
    life.state = 'over';
    job.keeps = false;
    if (job.alarms > 0) world.violated(`${job.name} has ended its turn and left ${job.alarms} alarms set`);
    return acquired !== undefined;
  }

  async #acquire(life: Life, turn: Turn): Promise<Acquired | undefined> {
    const world = this.#world;
    const { job } = life;
    const cancel = new AbortController();
    let closed = false;
    const alarms: (() => void)[] = [];
    const cancelAfter = (ms: number): void => {
      alarms.push(
        job.clock.alarm(ms, () => {
          world.say(job.name, () => 'is cancelled');
          cancel.abort();
        }),
      );
    };
    const close = (): void => {
      world.say(job.name, () => 'is closed');
      closed = true;
    };
    if (turn.cancelAfterMs !== undefined) cancelAfter(turn.cancelAfterMs);
    if (turn.closeAfterMs !== undefined) alarms.push(job.clock.alarm(turn.closeAfterMs, close));
    try {
      const outcome = await acquire(world.contextOf(job), {
        ...this.#request(life, turn),
        closed: () => closed,
        ...(turn.hasty ? this.#hastily(life, turn, cancelAfter) : {}),
        ...(turn.cancelAfterMs === undefined && !turn.hasty ? {} : { signal: cancel.signal }),
      });
      return this.#ended(life, turn, { outcome, over: closed || cancel.signal.aborted, closed });
    } catch (error) {
      if (!isStoreError(error)) throw error;
      this.#failed(life, error.kind);
      return undefined;
    } finally {
      for (const off of alarms) off();
    }
  }

  #request(life: Life, turn: Turn): AcquireRequest {
    const world = this.#world;
    const { timing } = world.plan;
    const holder = this.#holder(life);
    life.vetoes = turn.vetoes;
    return {
      holder,
      timing,
      stalePolicy: life.policy,
      evidence: [this.#laterAttempt(holder), this.#truth(turn.random)],
      ...(turn.vetoes ? { veto: this.#veto(life, turn.random) } : {}),
      waitTimeoutMs: turn.waitTimeoutMs,
      lockDelayMs: turn.lockDelayMs,
      onStolen: () => {
        life.stolenAtMs = life.machine.clock.monotonicMs();
      },
    };
  }

  /** Cancels once, when the next look may lead to a steal or when the lock was stolen. */
  #hastily(
    life: Life,
    { random, lockDelayMs }: Turn,
    cancelAfter: (ms: number) => void,
  ): Pick<AcquireRequest, 'onWait' | 'onStolen'> {
    let waits = random.chance(0.5);
    return {
      onWait: ({ decision, nextLookMs }) => {
        if (!waits || decision.kind !== 'wait' || (decision.dueMs ?? 0) > nextLookMs) return;
        waits = false;
        cancelAfter(nextLookMs + random.between(0, 400));
      },
      onStolen: () => {
        life.stolenAtMs = life.machine.clock.monotonicMs();
        cancelAfter(random.between(0, 2 * lockDelayMs));
      },
    };
  }

  #holder({ leaseId }: Life): Holder {
    const { matrix, reruns } = this.#world.plan;
    const ownerId = matrix ? 'matrix' : this.#letter;
    if (!reruns) return { ownerId, leaseId };
    const runId = this.#letter;
    const runUrl = `https://example.com/octo/app/actions/runs/${runId}`;
    return { ownerId, leaseId, repository: 'octo/app', runId, runAttempt: this.#attempts, runUrl };
  }

  /** The real one: with `reruns` a client that has crashed comes again as a later attempt of the same run. */
  #laterAttempt(holder: Holder): Evidence {
    const evidence = laterAttemptEvidence(holder);
    return {
      name: evidence.name,
      check: async (record) => {
        const verdict = await evidence.check(record);
        if (verdict.kind === 'finished') this.#world.count('evidence: later attempt');
        return verdict;
      },
    };
  }

  /** What is really so, or no answer. */
  #truth(random: FakeRandom): Evidence {
    const world = this.#world;
    return {
      name: 'truth',
      check: async ({ holder }) => {
        const asks = !world.calm.aborted && random.chance(world.plan.habits.unknownEvidence);
        const life = world.lifeOf(holder.leaseId);
        const verdict: Verdict =
          asks || !life
            ? { kind: 'unknown', detail: 'no answer' }
            : life.finished
              ? { kind: 'finished', proof: 'it is over' }
              : { kind: 'alive', detail: 'it runs' };
        world.count(`evidence: ${verdict.kind}`);
        return verdict;
      },
    };
  }

  #veto(life: Life, random: FakeRandom): Veto {
    const world = this.#world;
    return async (record, signal) => {
      await life.job.clock.sleep(random.between(0, 500), signal);
      const allowed = world.calm.aborted || random.chance(0.5);
      if (!allowed) world.count('acquisition: vetoed');
      life.allowed = allowed ? record.nonce : undefined;
      return { allowed, detail: 'drawn' };
    };
  }

  #ended(
    life: Life,
    turn: Turn,
    { outcome, over, closed }: { outcome: AcquireOutcome; over: boolean; closed: boolean },
  ): Acquired | undefined {
    const world = this.#world;
    world.say(life.job.name, () => `acquisition: ${outcome.kind}`);
    switch (outcome.kind) {
      case 'acquired':
        world.count('acquisition: acquired');
        if (over) world.violated('a lock was acquired by one that had been cancelled or closed');
        this.#checkEntry(life, turn, outcome);
        world.entered(life);
        return outcome;
      case 'busy':
        world.count('acquisition: busy');
        // What could not be given back is looked at as any other lease.
        if (outcome.record.holder.leaseId !== life.leaseId) world.gaveUp(life, 'busy');
        return undefined;
      case 'timed-out':
        world.count('acquisition: timed out');
        if (outcome.record.holder.leaseId !== life.leaseId) world.gaveUp(life, 'timed out');
        return undefined;
      case 'cancelled':
        if (life.stolenAtMs !== undefined) world.count('acquisition: lock delay cut short');
        if (closed) world.count('acquisition: closed');
        world.count(outcome.mayBeHeld ? 'acquisition: cancelled, and may be held' : 'acquisition: cancelled');
        if (!outcome.mayBeHeld) world.gaveUp(life, 'cancelled, nothing is left behind');
        return undefined;
    }
  }

  #failed(life: Life, kind: StoreErrorKind): void {
    const world = this.#world;
    world.say(life.job.name, () => `acquisition failed: ${kind}`);
    if (kind === 'corrupt' || kind === 'misconfigured') {
      world.violated(`an acquisition failed as ${kind}, which nothing in this world is`);
      return;
    }
    world.count(`acquisition: failed: ${kind}`);
    // Then nothing was ever sent that may apply; what had applied before is another matter.
    if (kind !== 'indeterminate' && !life.entry) world.gaveUp(life, `failed: ${kind}`);
  }

  #checkEntry(life: Life, { waitTimeoutMs, lockDelayMs }: Turn, { lease, stolen }: Acquired): void {
    const world = this.#world;
    const { clock } = life.machine;
    if (stolen && waitTimeoutMs === 0) world.count('acquisition: confirmed in a single try');
    if (stolen && lockDelayMs > 0) {
      world.count('acquisition: acquired after a lock delay');
      if (life.stolenAtMs === undefined || clock.monotonicMs() - life.stolenAtMs < lockDelayMs - 1)
        world.violated(`a stolen lock was entered before its lock delay of ${lockDelayMs} ms was over`);
    }
    if (!life.entry) world.violated('a lock was acquired that was never written');
    else if (!life.entry.heard) {
      if (lease.record.renewals === 0)
        world.violated('an acquisition that was found only by reading was entered without a renewal');
      else world.count('acquisition: found late and kept after a renewal');
    }
  }

  async #hold(life: Life, { lease }: Acquired, turn: Turn): Promise<void> {
    life.state = 'held';
    life.lease = lease;
    life.enteredMs = this.#world.nowMs;
    this.#world.say(life.job.name, () => `holds, token ${lease.token}`);
    if (turn.handsOver) await this.#holdByKeeper(life, lease, turn);
    else await this.#holdAlone(life, lease, turn);
  }

  /** As `leasehold run` does: one process for all. */
  async #holdAlone(life: Life, lease: Lease, { holdMs, maxHoldMs, random }: Turn): Promise<void> {
    const { job } = life;
    const stop = new AbortController();
    const keeping = this.#keep(life, lease, { process: job, signal: stop.signal, maxHoldMs });
    await job.sleepUnless(holdMs, keeping.lost, this.#world.calm);
    life.state = 'ending';
    stop.abort();
    const end = await keeping.ended;
    if (end.kind === 'stopped') await this.#release(life, lease, job);
    else await this.#lost(life, lease, { cause: end.cause, by: job, freesEarly: random.chance(0.5) });
  }

  #keep(
    life: Life,
    lease: Lease,
    {
      process,
      signal,
      maxHoldMs,
      onRenewed,
    }: { process: Process; signal: AbortSignal; maxHoldMs: number | undefined; onRenewed?: () => void },
  ): { lost: AbortSignal; ended: Promise<KeepEnd> } {
    const world = this.#world;
    life.keeper = { process };
    process.keeps = true;
    const keeping = keep(lease, {
      signal,
      ...(maxHoldMs === undefined ? {} : { maxHoldMs }),
      onRenewed: (lateMs) => {
        if (lateMs !== undefined) {
          world.count('transition: late renewal');
          world.say(process.name, () => `renewed ${Math.round(lateMs)} ms late`);
        }
        onRenewed?.();
      },
    });
    const told = (): void => {
      life.told = true;
    };
    keeping.lost.addEventListener('abort', told, { once: true });
    return keeping;
  }

  async #lost(
    life: Life,
    lease: Lease,
    { cause, by, freesEarly }: { cause: LossCause; by: Process; freesEarly: boolean },
  ): Promise<void> {
    const world = this.#world;
    world.say(by.name, () => `lost it: ${cause.kind}`);
    world.lost(life, cause);
    if (freesEarly && ['unreachable', 'refused', 'max-hold'].includes(cause.kind)) {
      await this.#release(life, lease, by);
    }
  }

  async #release(life: Life, lease: Lease, by: Process): Promise<void> {
    const world = this.#world;
    try {
      const outcome = await lease.release(by.clock.monotonicMs() + RELEASE_WITHIN_MS);
      world.say(by.name, () => `release: ${outcome.kind}`);
      world.released(life, by, outcome);
    } catch (error) {
      if (!isStoreError(error)) throw error;
      world.say(by.name, () => `release failed: ${error.kind}`);
      world.count('hold: release failed');
    }
  }

  /**
   * As the action does: pre takes the lock and hands it over to a keeper, main may look after both, post ends the hold. The
   * job's processes are one here, since they follow each other; the keeper is another.
   */
  async #holdByKeeper(life: Life, lease: Lease, turn: Turn): Promise<void> {
    const world = this.#world;
    const { job } = life;
    const { random, holdMs } = turn;
    const first = lease.snapshot;
    await job.sleepUnless(random.between(0, 500), world.calm);
    let keeper = new Keeper(first);
    this.#startKeeper(life, keeper, turn.maxHoldMs);
    await job.sleepUnless(holdMs / 2, world.calm);
    if (random.chance(0.5)) keeper = await this.#verify(life, keeper, turn);
    await job.sleepUnless(holdMs / 2, world.calm);
    life.state = 'ending';
    await this.#endHold(life, keeper, { first, random });
  }

  #startKeeper(life: Life, keeper: Keeper, maxHoldMs: number | undefined): void {
    const world = this.#world;
    world.count('hold: handed over to a keeper');
    const process = world.startProcess(this.#letter, this.#machine);
    keeper.process = process;
    const jobGone = life.job.onCrash;
    life.job.onCrash = () => {
      jobGone?.();
      world.timeline.schedule(world.timeline.nowMs + LOOK_EVERY_MS, () => keeper.stop('job gone'));
    };
    world.run(process, () => this.#runKeeper(life, keeper, maxHoldMs));
  }

  async #runKeeper(life: Life, keeper: Keeper, maxHoldMs: number | undefined): Promise<void> {
    const { process } = keeper;
    if (!process) return;
    const lease = this.#resume(keeper.snapshot, process);
    life.lease = lease;
    const keeping = this.#keep(life, lease, {
      process,
      signal: keeper.stopped,
      maxHoldMs,
      onRenewed: () => {
        keeper.snapshot = lease.snapshot;
      },
    });
    const end = await keeping.ended;
    if (end.kind === 'lost') {
      await this.#lost(life, lease, { cause: end.cause, by: process, freesEarly: false });
      keeper.say('lost');
    } else if (keeper.why === 'closed') {
      await this.#release(life, lease, process);
      keeper.say('released');
    }
  }

  /** The lease as another process goes on with it, from what the one before has left. */
  #resume({ record, version, sentAt }: LeaseSnapshot, process: Process): Lease {
    const { plan } = this.#world;
    return new Lease(this.#world.contextOf(process), plan.timing, { record, version, sentAt });
  }

  /** What main does: renews once where the keeper is gone, and starts another; sometimes it renews beside one that lives. */
  async #verify(life: Life, keeper: Keeper, { maxHoldMs }: Turn): Promise<Keeper> {
    const world = this.#world;
    const { job } = life;
    if (keeper.word) return keeper;
    const dead = keeper.process?.crashed === true;
    const lease = this.#resume(keeper.snapshot, job);
    try {
      const withinMs = 2 * world.plan.timing.callTimeoutMs;
      const outcome = await lease.renew(job.clock.monotonicMs() + withinMs);
      if (outcome.kind === 'lost') {
        life.told = true;
        return keeper;
      }
    } catch (error) {
      if (!isStoreError(error)) throw error;
      life.told = true;
      return keeper;
    }
    if (!dead) {
      world.count('hold: renewed by main beside its keeper');
      return keeper;
    }
    world.count('hold: keeper dead, replaced');
    const next = new Keeper(lease.snapshot);
    this.#startKeeper(life, next, maxHoldMs);
    return next;
  }

  /** What post does: lets the keeper release, and releases itself if the keeper does not answer. */
  async #endHold(
    life: Life,
    keeper: Keeper,
    { first, random }: { first: LeaseSnapshot; random: FakeRandom },
  ): Promise<void> {
    const world = this.#world;
    const { job } = life;
    const dead = keeper.process?.crashed === true;
    // On a full disk the keeper can't be told; it sees by its next renewal that the lease is over.
    const hears = random.chance(0.8);
    if (hears) keeper.stop('closed');
    if (hears && !dead) await job.sleepUnless(POST_PATIENCE_MS, keeper.done);
    if (keeper.word) return;
    const snapshot = random.chance(0.5) ? first : keeper.snapshot;
    world.count(dead ? 'hold: keeper dead, released by post' : 'hold: released by post beside its keeper');
    if (snapshot !== keeper.snapshot) world.count('hold: released by post from the first snapshot');
    await this.#release(life, this.#resume(snapshot, job), job);
    if (!hears) world.after(world.plan.timing.renewEveryMs * 1.3, () => keeper.stop('job gone'));
  }
}

/** A keeper as the job knows it: what it last said, and how to stop it. */
class Keeper {
  process: Process | undefined;
  /** Its status: the newest snapshot that it has left. */
  snapshot: LeaseSnapshot;
  word: 'released' | 'lost' | undefined;
  why: 'closed' | 'job gone' | undefined;
  readonly #stop = new AbortController();
  readonly #done = new AbortController();

  constructor(snapshot: LeaseSnapshot) {
    this.snapshot = snapshot;
  }

  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get done(): AbortSignal {
    return this.#done.signal;
  }

  stop(why: 'closed' | 'job gone'): void {
    this.process?.whenRunning(() => {
      this.why ??= why;
      this.#stop.abort();
    });
  }

  say(word: 'released' | 'lost'): void {
    this.word = word;
    this.#done.abort();
  }
}
