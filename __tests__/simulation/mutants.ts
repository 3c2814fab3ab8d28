import { type Instant, instantOf } from '../../src/base/clock.ts';
import type { acquire } from '../../src/lease/acquire.ts';
import { commit } from '../../src/lease/commit.ts';
import { look } from '../../src/lease/context.ts';
import { decide, type Observation, observe } from '../../src/lease/decide.ts';
import { Lease, type RenewOutcome } from '../../src/lease/lease.ts';
import { STEAL_WATCH_MS } from '../../src/lease/policy.ts';
import { successor } from '../../src/lease/record.ts';
import type { Store } from '../../src/store/store.ts';
import type { Scenario, Variant } from './world.ts';

/** The algorithm with one mistake. The simulation must find each, or it proves nothing. */
export interface Mutant {
  readonly mistake: string;
  readonly scenario: Scenario;
  readonly variant: Variant;
}

/** Counts its deadline from when the answer was seen. */
class CountsFromTheAnswer extends Lease {
  #answeredAt: Instant = instantOf(this.lock.clock);

  override get deadline(): Instant {
    const believedMs = this.timing.ttlMs - this.timing.marginMs;
    return {
      wallMs: this.#answeredAt.wallMs + believedMs,
      monotonicMs: this.#answeredAt.monotonicMs + believedMs,
    };
  }

  override async renew(untilMs: number, signal?: AbortSignal): Promise<RenewOutcome> {
    const outcome = await super.renew(untilMs, signal);
    if (outcome.kind === 'renewed') this.#answeredAt = instantOf(this.lock.clock);
    return outcome;
  }
}

/** Looks at its monotonic clock alone, which stands still while the machine sleeps. */
class TrustsTheMonotonicClock extends Lease {
  override believes(now: Instant): boolean {
    return now.monotonicMs < this.deadline.monotonicMs;
  }
}

function copyAs(Kind: typeof Lease): (lease: Lease) => Lease {
  return (lease) => new Kind(lease.lock, lease.timing, lease.snapshot);
}

/** Writes over whatever is there. */
function blind(store: Store): Store {
  return {
    url: store.url,
    read: (key, options) => store.read(key, options),
    list: (prefix, options) => store.list(prefix, options),
    remove: (key, options) => store.remove(key, options),
    write: async (key, body, _expected, options) => {
      const reading = await store.read(key);
      return store.write(key, body, reading.kind === 'found' ? reading.version : 'absent', options);
    },
  };
}

/** Takes for a record's age the own wall clock less the writer's: what comparing with a time in the record comes to. */
const agesByWallClocks: Variant['store'] = (store, { clock, writtenAtMs }) => ({
  url: store.url,
  write: (key, body, expected, options) => store.write(key, body, expected, options),
  list: (prefix, options) => store.list(prefix, options),
  remove: (key, options) => store.remove(key, options),
  read: async (key, { known: _, ...options } = {}) => {
    const reading = await store.read(key, options);
    if (reading.kind !== 'found') return reading;
    const nonce = /"nonce":"([0-9a-f]{32})"/.exec(reading.body)?.[1] ?? '';
    return { ...reading, ageMs: clock.wallMs() - writtenAtMs(nonce) };
  },
});

/** What a plain acquisition makes of what it saw. `before` is undefined when the version is new. */
type Observe = (before: Observation | undefined, answer: { seenMs: number; ageMs?: number }) => Observation;

/** Takes each version for one that it has watched long enough. */
const watchesNothing: Observe = (before, answer) => {
  const observation = observe(before, answer);
  return before ? observation : { ...observation, firstSeenMs: observation.firstSeenMs - STEAL_WATCH_MS };
};

/** Takes the newest age that the store gives for the truth. */
const believesTheNewestAge: Observe = (before, answer) => ({
  firstSeenMs: before?.firstSeenMs ?? answer.seenMs,
  ...answer,
});

/** An acquisition in its simplest form, for mistakes that no store or lease given to the real one can make. */
export function plainAcquire(observeBy: Observe): typeof acquire {
  return async (lock, request) => {
    const endMs = lock.clock.monotonicMs() + request.waitTimeoutMs;
    let last: { version: string; observation: Observation } | undefined;
    while (lock.clock.monotonicMs() < endMs && request.signal?.aborted !== true) {
      const seen = await look(lock, { age: true });
      const nowMs = lock.clock.monotonicMs();
      const observation = observeBy(last?.version === seen.version ? last.observation : undefined, {
        seenMs: nowMs,
        ...(seen.ageMs === undefined ? {} : { ageMs: seen.ageMs }),
      });
      last = { version: seen.version, observation };
      const decision = decide(seen.record, observation, nowMs, {
        stalePolicy: request.stalePolicy,
        firstToken: 1,
      });
      if (decision.kind === 'take' || decision.kind === 'steal') {
        const { timing, holder } = request;
        const record = successor(
          seen.record,
          {
            state: 'held' as const,
            name: lock.name,
            token: decision.token,
            ttlMs: timing.ttlMs,
            renewals: 0,
            acquiredAt: '',
            holder,
          },
          lock.random,
        );
        const outcome = await commit(lock, record, { expected: seen.version, untilMs: nowMs + 5_000 });
        if (outcome.kind === 'applied') {
          return { kind: 'acquired', lease: new Lease(lock, timing, { record, ...outcome }), waitedMs: 0 };
        }
      }
      await lock.clock.sleep(250);
    }
    return { kind: 'cancelled' };
  };
}

export const MUTANTS: readonly Mutant[] = [
  {
    mistake: 'the deadline is counted from the answer',
    scenario: 'far apart',
    variant: { lease: copyAs(CountsFromTheAnswer) },
  },
  {
    mistake: 'the deadline is counted on the monotonic clock alone',
    scenario: 'far apart',
    variant: { lease: copyAs(TrustsTheMonotonicClock) },
  },
  { mistake: 'writes do not name the version', scenario: 'far apart', variant: { store: blind } },
  {
    mistake: 'expiry is judged by the wall clocks of writer and waiter',
    scenario: 'far apart',
    variant: { store: agesByWallClocks },
  },
  {
    mistake: 'a lease that the store calls old is stolen without watching it',
    scenario: 'one machine',
    variant: { acquire: plainAcquire(watchesNothing) },
  },
  {
    mistake: 'a lease that looks old since the clock of the store was set is stolen at once',
    scenario: 'one machine',
    variant: { acquire: plainAcquire(believesTheNewestAge) },
  },
];
