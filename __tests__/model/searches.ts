/** What is searched, with which switches of `lease.pml`, and what must come out. */

export interface Search {
  readonly name: string;
  readonly clients: 2 | 3;
  /** Switches of the model, as the C preprocessor takes them. */
  readonly switches: readonly string[];
  /** `fair`: for cycles in which something never happens although no process is passed over for ever. */
  readonly kind: 'states' | 'fair';
  readonly quick: boolean;
}

const SMALLEST_TTL = ['TTL=3', 'NO_WATCH'];

export const SEARCHES: readonly Search[] = [
  { name: 'a service with a clock', clients: 2, switches: [], kind: 'states', quick: true },
  { name: 'no clock', clients: 2, switches: ['STORE_CLOCK=NONE'], kind: 'states', quick: true },
  {
    name: 'one machine, clock set forward',
    clients: 2,
    switches: ['STORE_CLOCK=SHARED'],
    kind: 'states',
    quick: true,
  },
  {
    name: 'other machine, clock set forward',
    clients: 2,
    switches: ['STORE_CLOCK=REMOTE'],
    kind: 'states',
    quick: true,
  },
  {
    name: 'one machine, clock set, no faults',
    clients: 2,
    switches: ['STORE_CLOCK=SHARED', 'QUIET'],
    kind: 'states',
    quick: true,
  },
  {
    name: 'other machine, clock set, no faults',
    clients: 2,
    switches: ['STORE_CLOCK=REMOTE', 'QUIET'],
    kind: 'states',
    quick: true,
  },
  { name: 'faults end', clients: 2, switches: ['LIVE'], kind: 'states', quick: true },
  {
    name: 'faults end, no clock',
    clients: 2,
    switches: ['LIVE', 'STORE_CLOCK=NONE'],
    kind: 'states',
    quick: true,
  },
  {
    name: 'faults end, fairly',
    clients: 2,
    switches: ['LIVE', 'FAIRLY', ...SMALLEST_TTL],
    kind: 'fair',
    quick: true,
  },
  {
    name: 'sleep, wall clocks set',
    clients: 2,
    switches: ['CLOCKS', ...SMALLEST_TTL],
    kind: 'states',
    quick: false,
  },
  {
    name: 'fewer faults',
    clients: 3,
    switches: ['CLIENTS=3', 'FEWER_FAULTS', ...SMALLEST_TTL],
    kind: 'states',
    quick: true,
  },
  {
    name: 'a service with a clock',
    clients: 3,
    switches: ['CLIENTS=3'],
    kind: 'states',
    quick: false,
  },
  { name: 'no clock', clients: 3, switches: ['CLIENTS=3', 'STORE_CLOCK=NONE'], kind: 'states', quick: false },
  {
    name: 'faults end',
    clients: 3,
    switches: ['CLIENTS=3', 'LIVE', 'TTL=3'],
    kind: 'states',
    quick: false,
  },
];

/** Variants that between them must take every transition that they have. */
export const WORLDS: readonly Pick<Search, 'switches' | 'quick'>[] = [
  { switches: [], quick: true },
  { switches: ['STORE_CLOCK=SHARED'], quick: true },
  { switches: ['LIVE'], quick: true },
  { switches: ['CLOCKS', 'FEWER_FAULTS', ...SMALLEST_TTL], quick: false },
];

/** The algorithm with one rule broken, or the world with one assumption less. Each must give a counterexample. */
export interface Mutant {
  /** What `--trail` takes. */
  readonly id: string;
  readonly mistake: string;
  readonly switches: readonly string[];
  readonly kind: 'states' | 'fair';
  /** The property that must be violated. */
  readonly violates: string;
}

const ONE_BELIEVES = 'at most one believes that it holds the lock';
const NEEDLESS = 'nobody steals from a holder that is awake and reaches the store';
const CONFLICT = 'what is called a conflict did not apply';
const TOKENS = 'tokens rise';

/** `NAME` as the id and the switch. */
function mutant(name: string, mistake: string, violates: string, ...more: string[]): Mutant {
  const id = name.toLowerCase().replaceAll('_', '-');
  return { id, mistake, switches: [name, ...more], kind: 'states', violates };
}

export const MUTANTS: readonly Mutant[] = [
  mutant('DEADLINE_FROM_ANSWER', 'the deadline is counted from the answer', ONE_BELIEVES),
  mutant('NO_MARGIN', 'the margin is left out', ONE_BELIEVES),
  mutant('NO_GRACE', 'the grace is left out', ONE_BELIEVES),
  mutant('EXPIRY_BY_WALL_CLOCKS', 'expiry compares wall clocks, one tick apart', ONE_BELIEVES),
  mutant(
    'MONOTONIC_CLOCK_ALONE',
    'the deadline is on the monotonic clock alone',
    ONE_BELIEVES,
    'CLOCKS',
    ...SMALLEST_TTL,
  ),
  mutant(
    'WALL_CLOCK_ALONE',
    'the deadline is on the wall clock alone, and no look notices that it was set back',
    ONE_BELIEVES,
    'SET_BACK_UNNOTICED',
    'CLOCKS',
    ...SMALLEST_TTL,
  ),
  mutant(
    'SET_BACK_UNNOTICED',
    'a wall clock that was set back is not noticed, and the machine sleeps',
    ONE_BELIEVES,
    'CLOCKS',
    ...SMALLEST_TTL,
  ),
  mutant(
    'SET_BACK_DURING_RENEWAL_FORGOTTEN',
    '... is noticed for the deadline, and not for the renewal that is under way',
    ONE_BELIEVES,
    'CLOCKS',
    ...SMALLEST_TTL,
  ),
  mutant('ADOPTING_MOVES_THE_DEADLINE', 'a renewal found later moves the deadline', ONE_BELIEVES),
  mutant('COUNTED_FROM_THE_LAST_SEND', 'a write sent again counts from its last send', ONE_BELIEVES),
  mutant('NO_NONCE', 'no nonce: two tries of a renewal have the same bytes', ONE_BELIEVES),
  mutant('UNKNOWN_AS_PROOF', 'not knowing is taken as proof that the holder is gone', ONE_BELIEVES),
  mutant(
    'NO_WATCH',
    'a steal without watching, and the clock is set forward',
    NEEDLESS,
    'STORE_CLOCK=SHARED',
    'QUIET',
  ),
  mutant('NEWEST_AGE', 'the newest age is believed, not the least', NEEDLESS, 'STORE_CLOCK=SHARED', 'QUIET'),
  mutant(
    'REMOTE_WATCHED_FOR_HALF',
    "another machine's clock is believed after half a ttl of watching",
    ONE_BELIEVES,
    'STORE_CLOCK=REMOTE',
  ),
  mutant('CONFLICT_BELIEVED', 'a conflict is believed without reading', CONFLICT),
  mutant('TRAIL_FORGOTTEN', 'the trail is not looked at', CONFLICT),
  mutant('UNKNOWN_AS_CONFLICT', 'no answer is taken for a conflict', CONFLICT),
  mutant(
    'GIVE_UP_WITHOUT_WRITING',
    'a write is given up without writing over it',
    'what is settled as a conflict never applies',
  ),
  mutant(
    'DELETE_INSTEAD_OF_RELEASE',
    'a release deletes the record',
    'what is settled as a conflict never applies',
  ),
  mutant('TOKEN_NOT_RAISED', 'an acquisition does not raise the token', TOKENS),
  mutant('ENTRY_WITHOUT_VERSION', 'a free lock is taken without naming the version', TOKENS),
  mutant('STEAL_WITHOUT_VERSION', 'a steal does not name the version', TOKENS),
  mutant(
    'RENEWAL_WITHOUT_VERSION',
    'a renewal does not name the version',
    'a renewal changes no other lease',
  ),
  mutant(
    'LATE_RENEWAL_WITHOUT_VERSION',
    'the late renewal does not name the version',
    'a renewal changes no other lease',
  ),
  mutant('RELEASE_BY_NAME', 'a release takes whatever is held for its own', 'a release ends no other lease'),
  mutant('OWNER_AS_IDENTITY', 'the owner id is taken for the identity', 'a release ends no other lease'),
  mutant(
    'NEVER_STOLEN',
    'an expired lease is never stolen',
    'once faults are over, somebody acquires within ttl + grace',
    'LIVE',
  ),
  {
    ...mutant(
      'ALWAYS_GIVEN_BACK',
      'whatever is acquired is given back',
      'somebody acquires again and again',
      'LIVE',
      'FAIRLY',
      ...SMALLEST_TTL,
    ),
    kind: 'fair',
  },
];

/** Each assumption is needed: without it, there is a counterexample. */
export const ASSUMPTIONS: readonly Mutant[] = [
  { ...mutant('DRIFT=2', 'clock rates differ by more than the margin', ONE_BELIEVES), id: 'drift' },
  { ...mutant('GRAIN=2', "the store's times are coarser than the grace", ONE_BELIEVES), id: 'grain' },
  mutant(
    'SLEEPS_AND_IS_SET_BACK',
    'a machine sleeps and has its wall clock set back before anybody looks',
    ONE_BELIEVES,
    'CLOCKS',
    ...SMALLEST_TTL,
  ),
];

/** Rules that mutual exclusion does not need. They are searched to the end, so that it is known. */
export const REDUNDANT: readonly (Omit<Mutant, 'violates'> & { readonly why: string })[] = [
  {
    id: 'found-late-counts-at-once',
    mistake: 'an acquisition found late counts without a renewal',
    switches: ['FOUND_LATE_COUNTS_AT_ONCE'],
    kind: 'states',
    why: 'it counts from its first send, so its deadline is right; the renewal gives a job that starts a whole ttl',
  },
  {
    id: 'no-watch-of-a-steady-clock',
    mistake: 'a steal without watching, and the clock is never set',
    switches: ['NO_WATCH'],
    kind: 'states',
    why: 'the watch is there for clocks that are set',
  },
];
