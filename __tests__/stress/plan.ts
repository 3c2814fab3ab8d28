import { FakeRandom } from '../support/fake-random.ts';
import type { AttackKind, Form, LockRules } from './journal.ts';

/**
 * When a client is attacked.
 * - `waiting` so long after its start: it mostly waits then
 * - `racing` so long after the first release that it waited for: it may be taking the lock just then
 * - `working` so long after its worker entered
 * - `leaving` so long after its worker left: it is releasing the lock just then
 */
export type Moment = 'waiting' | 'racing' | 'working' | 'leaving';

export interface PlannedAttack {
  readonly kind: AttackKind;
  readonly moment: Moment;
  readonly delayMs: number;
  /** Between SIGSTOP and SIGCONT. */
  readonly pauseMs: number;
  /** How long before leasehold and the guard the worker gets its SIGCONT: a machine that wakes runs one before the other. */
  readonly leadMs: number;
}

/** What one client will do and suffer: decided by the seed, before it is started. */
export interface Plan {
  readonly form: Form;
  readonly workMs: number;
  readonly attack?: PlannedAttack;
}

type Choice = readonly [form: Form, kind: AttackKind, moment: Moment];
type Bag = readonly (readonly [count: number, ...choice: Choice])[];

/** What ends a hold. Where proof of death ends the wait at once, a stop blocks the lock for long: there are few. */
const ENDING: Record<LockRules['policy'], Bag> = {
  'holder-finished': [
    [100, 'run', 'kill-leasehold', 'working'],
    [40, 'run', 'kill-leasehold', 'leaving'],
    [30, 'run', 'kill-command', 'working'],
    [60, 'run', 'kill-all', 'working'],
    [30, 'job', 'kill-job', 'working'],
    [10, 'job', 'kill-job', 'leaving'],
    [20, 'job', 'kill-all', 'working'],
    [1, 'run', 'stop-leasehold', 'working'],
    [1, 'run', 'stop-all', 'working'],
  ],
  expired: [
    [3, 'run', 'stop-all', 'working'],
    [3, 'run', 'kill-leasehold', 'working'],
    [2, 'run', 'kill-all', 'working'],
    [1, 'run', 'kill-leasehold', 'leaving'],
    [2, 'run', 'stop-leasehold', 'working'],
    [1, 'run', 'kill-command', 'working'],
    [2, 'job', 'kill-keeper', 'working'],
    [1, 'job', 'stop-all', 'working'],
    [1, 'job', 'kill-job', 'working'],
    [1, 'job', 'kill-all', 'working'],
  ],
};

/** What hits a client that waits, or does not end its hold. */
const OTHER: Record<LockRules['policy'], Bag> = {
  'holder-finished': [
    [4, 'run', 'kill-leasehold', 'waiting'],
    [8, 'run', 'kill-leasehold', 'racing'],
    [2, 'run', 'kill-all', 'racing'],
    [2, 'run', 'kill-guard', 'racing'],
    [6, 'run', 'kill-guard', 'working'],
    [4, 'job', 'kill-job', 'waiting'],
    [4, 'job', 'kill-job', 'racing'],
    [3, 'job', 'kill-keeper', 'working'],
    [1, 'run', 'stop-leasehold', 'waiting'],
  ],
  expired: [
    [2, 'run', 'stop-leasehold', 'racing'],
    [1, 'run', 'stop-all', 'racing'],
    [1, 'run', 'kill-leasehold', 'racing'],
    [1, 'job', 'kill-job', 'racing'],
    [1, 'run', 'kill-guard', 'working'],
  ],
};

const BLOCK = 20;
const OTHERS_IN_BLOCK = 2;
const JOBS_IN_BLOCK = 2;

export interface PlanOptions {
  readonly seed: number;
  readonly policy: LockRules['policy'];
  /** Which share of the holds is ended. */
  readonly kills: number;
  readonly ttlMs: number;
  /** Whether clients are stopped too, each for longer than a ttl. */
  readonly stops: boolean;
}

/** Plans for the clients of one lock, without end, the same for the same seed. */
export function* plans(options: PlanOptions): Generator<Plan, never> {
  const { policy, kills, ttlMs } = options;
  const random = new FakeRandom(options.seed);
  const chosen = (bag: Bag): Bag => bag.filter(([, , kind]) => options.stops || !kind.startsWith('stop'));
  const ending = draws(chosen(ENDING[policy]), random);
  const other = draws(chosen(OTHER[policy]), random);
  const endings = Math.ceil(kills * BLOCK);
  const others = endings > 0 ? OTHERS_IN_BLOCK : 0;
  for (;;) {
    const block = Array.from({ length: BLOCK }, (_, place): Plan => {
      if (place < endings) return attacked(ending.next().value, { random, policy, ttlMs });
      if (place < endings + others) return attacked(other.next().value, { random, policy, ttlMs });
      return { form: place >= BLOCK - JOBS_IN_BLOCK ? 'job' : 'run', workMs: random.between(5, 40) };
    });
    yield* shuffled(block, random);
  }
}

/** A short run's clients of a lock whose dead holders block for a ttl: one is attacked, and some follow it. */
export function* fewPlans(kind: 'stop-all' | 'stop-leasehold', options: PlanOptions): Generator<Plan, void> {
  const random = new FakeRandom(options.seed);
  const plan = attacked(['run', kind, 'working'], { random, ...options });
  // Late enough for another one to wait, and not over before that one has entered.
  const sure = { delayMs: 1_500, pauseMs: options.ttlMs + 4_000 };
  yield plan.attack ? { ...plan, attack: { ...plan.attack, ...sure } } : plan;
  for (let follower = 0; follower < 4; follower += 1) yield { form: 'run', workMs: random.between(5, 40) };
}

/** Long enough for the attack to end it; if the attack does not, that is seen. */
const UNTIL_ENDED_MS = 60_000;

/** How long after its moment an attack comes at the latest. A job starts a process for each step that it takes. */
const LATEST_MS: Record<Form, Record<Moment, number>> = {
  run: { waiting: 800, racing: 60, working: 60, leaving: 25 },
  job: { waiting: 800, racing: 300, working: 60, leaving: 250 },
};
/** Where a dead holder blocks for a ttl anyway: before a renewal or after one, and with others waiting. */
const LATEST_WORKING_MS = 7_000;

function attacked(
  [form, kind, moment]: Choice,
  { random, policy, ttlMs }: { random: FakeRandom; policy: LockRules['policy']; ttlMs: number },
): Plan {
  const unhurried = policy === 'expired' && moment === 'working';
  const delayMs = random.between(0, unhurried ? LATEST_WORKING_MS : LATEST_MS[form][moment]);
  const pauseMs = random.between(ttlMs + 1_000, ttlMs + 6_000);
  const attack = { kind, moment, delayMs, pauseMs, leadMs: random.between(0, 30) };
  return { form, attack, workMs: workOf({ form, attack, policy, ttlMs }, random) };
}

function workOf(
  { form, attack, policy, ttlMs }: { form: Form; attack: PlannedAttack; policy: string; ttlMs: number },
  random: FakeRandom,
): number {
  const { kind, moment, delayMs, pauseMs } = attack;
  const shortMs = random.between(5, 40);
  if (moment !== 'working') return shortMs;
  switch (kind) {
    case 'kill-guard':
      return delayMs + shortMs;
    case 'kill-keeper':
      // Under `expired` it works until somebody else has entered; where nobody may enter it is released all the same.
      return delayMs + (policy === 'expired' ? ttlMs + 6_000 : shortMs);
    case 'stop-all':
      // Nobody ends the work of a job: it goes on for a while.
      return form === 'job' ? delayMs + pauseMs + 1_000 : UNTIL_ENDED_MS;
    case 'kill-leasehold':
    case 'kill-command':
    case 'kill-job':
    case 'kill-all':
    case 'stop-leasehold':
      return UNTIL_ENDED_MS;
  }
}

/** All of the bag in an order of chance, then again: nothing is left out for long. */
function* draws(bag: Bag, random: FakeRandom): Generator<Choice, never> {
  for (;;) {
    yield* shuffled(
      bag.flatMap(([count, ...choice]) => Array.from({ length: count }, () => choice)),
      random,
    );
  }
}

function shuffled<T>(items: readonly T[], random: FakeRandom): T[] {
  return items
    .map((item) => ({ item, place: random.fraction() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
