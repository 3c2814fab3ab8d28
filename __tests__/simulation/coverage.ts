import { FAULTS } from './faults.ts';

/** What a simulation must have seen to be worth something, by the part of the program that it belongs to. */
export const EVENTS = {
  fault: FAULTS,
  store: [
    'with exact times',
    'with times in whole seconds',
    'with the age only when asked',
    'without a clock',
    'with a clock of another machine',
    'versions by content',
    'versions counted',
    'that answers at once',
    'that wakes waiters',
    'on the one machine of all clients',
  ],
  pace: ['timed', 'instant', 'grid'],
  transition: [
    'absent to held',
    'released to held',
    'renewal',
    'late renewal',
    'release',
    'given up over nothing',
    'given up over a released lock',
    'given up over a stale lease',
    'steal: expired',
    'steal: holder-finished',
    'steal: expired-and-holder-finished',
    'steal from a holder that lives',
    'break',
  ],
  commit: ['conflict', 'superseded', 'own write answered 412'],
  acquisition: [
    'acquired',
    'acquired after a lock delay',
    'lock delay cut short',
    'found late and kept after a renewal',
    'given back',
    'vetoed',
    'confirmed in a single try',
    'busy',
    'timed out',
    'cancelled',
    'cancelled, and may be held',
    'closed',
    'failed: unavailable',
    'failed: indeterminate',
    'failed: denied',
  ],
  hold: [
    'released',
    'released, known only by reading',
    'release failed',
    'lost: stolen',
    'lost: broken',
    'lost: released',
    'lost: unreachable',
    'lost: refused',
    'lost: max-hold',
    'adopted a renewal whose answer was lost',
    'handed over to a keeper',
    'keeper dead, replaced',
    'keeper dead, released by post',
    'released by post beside its keeper',
    'released by post from the first snapshot',
    'renewed by main beside its keeper',
  ],
  evidence: ['finished', 'alive', 'unknown', 'later attempt'],
  operator: ['broke a lease', 'found it ended'],
  calm: [
    'lock free',
    'lock held by a dead holder',
    'lock held by a living holder',
    'never: freed by the operator',
  ],
} as const;

type Events = typeof EVENTS;
export type Event = { [Part in keyof Events]: `${Part}: ${Events[Part][number]}` }[keyof Events];

/** How often each thing happened. */
export type Coverage = Record<Event, number>;

export const ALL_EVENTS: readonly Event[] = Object.entries(EVENTS).flatMap(([part, names]) =>
  names.map((name) => `${part}: ${name}` as Event),
);

export function emptyCoverage(): Coverage {
  return Object.fromEntries(ALL_EVENTS.map((event) => [event, 0])) as Coverage;
}

export function addCoverage(sum: Coverage, more: Coverage): void {
  for (const event of ALL_EVENTS) sum[event] += more[event];
}

/** What never happened. */
export function missing(coverage: Coverage): Event[] {
  return ALL_EVENTS.filter((event) => coverage[event] === 0);
}

/** A table for people, one event a line. */
export function coverageTable(coverage: Coverage): string[] {
  const widest = Math.max(...ALL_EVENTS.map(({ length }) => length));
  return ALL_EVENTS.map((event) => `  ${event.padEnd(widest)} ${String(coverage[event]).padStart(9)}`);
}
