import { buildTiming, STALE_POLICIES, type StalePolicy, type Timing } from '../../src/lease/policy.ts';
import { FakeRandom } from '../support/fake-random.ts';
import type { Times } from '../support/fake-store.ts';
import { hash } from './chance.ts';
import {
  FAULTS,
  type Fault,
  isProcessFault,
  MESSAGE_FAULTS,
  PROCESS_FAULTS,
  type ProcessFault,
} from './faults.ts';

/**
 * How time passes.
 * - `timed` each message takes some milliseconds, so that the order of things comes from their times
 * - `instant` messages take no time, so that many things happen at one moment, in an order that the seed draws
 * - `grid` as `instant`, and timers ring late, on common strokes, so that still more things meet
 */
export type Pace = 'timed' | 'instant' | 'grid';

/** What kind of store the clients share. */
export interface StoreTraits {
  readonly times: Times;
  /** By content as an ETag is, or counted as on a disk. */
  readonly versions: 'content' | 'counter';
  /** Its clock is that of another machine, and may be set. */
  readonly remoteClock: boolean;
  /** It waits for nothing outside of the process: no message can be lost. */
  readonly prompt: boolean;
  /** It may wake a waiter. */
  readonly watch: boolean;
}

/**
 * All that a seed decides before anything happens. Faults by *swarm testing* (Groce, Zhang, Eide, Chen, Regehr: Swarm
 * testing, ISSTA 2012): each seed has a random subset of them, at random rates. One that always has all of them never gets
 * far enough for some.
 *
 * Two of five seeds are duels: two clients, one of whom holds long and is likely to be cut off while the other waits. What
 * is decided by deadlines comes up in few histories otherwise.
 */
export interface Plan {
  readonly seed: number;
  readonly duel: boolean;
  readonly timing: Timing;
  readonly pace: Pace;
  readonly gridMs: number;
  /** True time at which all faults stop. */
  readonly calmMs: number;
  /** One letter for each. */
  readonly clients: readonly string[];
  readonly store: StoreTraits;
  /** All clients and the store are on one machine, with one clock. */
  readonly oneMachine: boolean;
  /** Clock rates are drawn from 1 ± this, or are right at the ends. */
  readonly rateSpread: number;
  readonly policies: readonly [StalePolicy, ...StalePolicy[]];
  /** All clients are jobs of one matrix, with one owner id. */
  readonly matrix: boolean;
  /** A client that starts again is a later attempt of the same run. */
  readonly reruns: boolean;
  /** How often each thing is done by a client, in [0, 1]. */
  readonly habits: Habits;
  readonly rates: ReadonlyMap<Fault, number>;
}

export interface Habits {
  readonly wait0: number;
  readonly cancel: number;
  readonly hasty: number;
  readonly close: number;
  readonly veto: number;
  readonly lockDelay: number;
  readonly handover: number;
  readonly maxHold: number;
  readonly longHold: number;
  readonly unknownEvidence: number;
  /** An operator who breaks leases. */
  readonly operator: number;
}

/** How far rates may be apart: (1 + s) / (1 - s) must stay under 9/8, for the margin is a ninth of the ttl. */
export const RATE_SPREAD = 0.0585;

/** What keeps a holder from renewing, and may keep it from noticing. */
const CUTS_OFF: readonly Fault[] = [
  'pause',
  'suspend',
  'partition',
  'request delayed',
  'wall clock set back',
  'store clock set forward',
];

const MESSAGE_RATES = [0.01, 0.05, 0.15] as const;
const PROCESS_RATES: Record<ProcessFault, readonly [number, ...number[]]> = {
  crash: [0.003, 0.01],
  pause: [0.003, 0.01, 0.03],
  suspend: [0.003, 0.01, 0.03],
  'wall clock set forward': [0.003, 0.01],
  'wall clock set back': [0.003, 0.01],
  partition: [0.005, 0.02, 0.05],
  'status 403 for a while': [0.005, 0.02],
  outage: [0.003, 0.01],
};

export function planOf(seed: number): Plan {
  const random = new FakeRandom(hash(seed, 1, 1));
  const duel = random.chance(0.4);
  const oneMachine = random.chance(0.3);
  const prompt = oneMachine && random.chance(0.15);
  const remoteClock = !oneMachine && random.chance(0.3);
  const pace = random.pick<Pace>(['timed', duel ? 'grid' : 'timed', 'instant', 'grid']);
  const ttlMs = random.pick([15_000, 15_000, 15_000, duel ? 30_000 : 15_000]);
  const rates =
    duel && oneMachine && random.chance(0.4) ? clocksAlone(random) : swarm(random, { seed, duel });
  // It waits for nothing outside of the process, so there is nothing on the way that could fail.
  if (prompt) for (const fault of [...MESSAGE_FAULTS, 'partition', 'outage'] as const) rates.delete(fault);
  if (!remoteClock) {
    // Assumed: the clock of AWS does not jump. On one machine the store's clock is everybody's, and set as such.
    rates.delete('store clock set forward');
    rates.delete('store clock set back');
  }
  return {
    seed,
    duel,
    timing: buildTiming({ ttlMs }),
    pace,
    gridMs: pace === 'grid' ? random.pick([100, 500, 1_000, 1_000]) : 0,
    calmMs: ttlMs * (duel ? random.between(1.4, 2.3) : random.between(0.3, 1.5)),
    clients: ['a', 'b', 'c', 'd'].slice(0, duel ? 2 : random.pick([2, 2, 3, 4])),
    store: {
      times: random.pick<Times>(['exact', 'seconds', 'seconds', 'asked', 'none']),
      versions: random.pick(['content', 'counter']),
      remoteClock,
      prompt,
      watch: random.chance(0.2),
    },
    oneMachine,
    rateSpread: random.chance(0.7) ? RATE_SPREAD : 0,
    policies: duel ? [random.chance(0.8) ? 'expired' : 'expired-and-holder-finished'] : drawPolicies(random),
    matrix: random.chance(0.3),
    reruns: random.chance(0.3),
    habits: duel ? drawDuelHabits(random) : drawHabits(random),
    rates,
  };
}

function swarm(random: FakeRandom, { seed, duel }: Pick<Plan, 'seed' | 'duel'>): Map<Fault, number> {
  const share = random.pick([0, 0.2, 0.4, 0.6]);
  const rates = new Map<Fault, number>();
  for (const fault of FAULTS) {
    if (fault === 'torn read') continue;
    const on = random.chance(share) || (duel && CUTS_OFF.includes(fault) && random.chance(0.5));
    const rate = random.pick(isProcessFault(fault) ? PROCESS_RATES[fault] : MESSAGE_RATES);
    if (on) rates.set(fault, rate);
  }
  // Drawn apart, so that it leaves everything else in a seed as it is without it. Duels are about deadlines.
  const apart = new FakeRandom(hash(seed, 2, 1));
  if (!duel && apart.chance(0.3)) rates.set('torn read', apart.pick(MESSAGE_RATES));
  return rates;
}

/** Nothing goes wrong but that the one clock is set: then nobody may be stolen from who lives. */
function clocksAlone(random: FakeRandom): Map<Fault, number> {
  const faults = ['wall clock set forward', 'wall clock set back'] as const;
  return new Map(faults.map((fault) => [fault, random.pick([0.01, 0.03])]));
}

function drawPolicies(random: FakeRandom): [StalePolicy, ...StalePolicy[]] {
  if (random.chance(0.6)) return ['expired'];
  if (random.chance(0.7)) return [random.pick(STALE_POLICIES)];
  return [random.pick(STALE_POLICIES), random.pick(STALE_POLICIES)];
}

/** Long holds, and waiters who stay. */
function drawDuelHabits(random: FakeRandom): Habits {
  const habits = drawHabits(random);
  const unknownEvidence = random.pick([0, 0.5]);
  return { ...habits, longHold: 1, wait0: 0, cancel: 0, close: 0, operator: 0, maxHold: 0, unknownEvidence };
}

function drawHabits(random: FakeRandom): Habits {
  const sometimes = (share: number, rate: number): number => (random.chance(share) ? rate : 0);
  return {
    wait0: sometimes(0.3, 0.3),
    cancel: sometimes(0.4, 0.3),
    hasty: sometimes(0.3, 0.6),
    close: sometimes(0.2, 0.2),
    veto: sometimes(0.2, 0.7),
    lockDelay: sometimes(0.3, 0.8),
    handover: sometimes(0.4, 0.6),
    maxHold: sometimes(0.1, 0.5),
    longHold: random.pick([0.1, 0.3, 0.7]),
    unknownEvidence: random.pick([0, 0.3]),
    operator: sometimes(0.15, 1),
  };
}

/** Which faults can strike where: at each request also what strikes a process. Ends of the ranges of one draw in [0, 1). */
export interface Hazards {
  readonly send: readonly Range[];
  readonly wake: readonly Range[];
}

interface Range {
  readonly fault: Fault;
  readonly below: number;
}

export function hazardsOf({ rates }: Plan): Hazards {
  return {
    send: ranges(rates, [...MESSAGE_FAULTS, ...PROCESS_FAULTS]),
    wake: ranges(rates, PROCESS_FAULTS),
  };
}

function ranges(rates: ReadonlyMap<Fault, number>, faults: readonly Fault[]): Range[] {
  let below = 0;
  return faults.flatMap((fault) => {
    const rate = rates.get(fault);
    if (rate === undefined) return [];
    below += rate;
    return [{ fault, below }];
  });
}
