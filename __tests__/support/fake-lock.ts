import { type AcquireOutcome, type AcquireRequest, acquire } from '../../src/lease/acquire.ts';
import { type LockContext, look } from '../../src/lease/context.ts';
import { isHeldBy, type Lease } from '../../src/lease/lease.ts';
import { recordKey } from '../../src/lease/name.ts';
import { buildTiming } from '../../src/lease/policy.ts';
import { type HeldRecord, type Holder, type LeaseRecord, parseRecord } from '../../src/lease/record.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { trustStore } from '../../src/store/trust.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeRandom } from './fake-random.ts';
import { FaultyStore, type Times } from './fake-store.ts';

export const NAME = 'deploy-api';
export const KEY = recordKey(NAME);
export const TIMING = buildTiming({ ttlMs: 90_000 });

/** A lease id that is easy to tell apart: the given digit 32 times over. */
export function leaseIdOf(digit: string): string {
  return digit.repeat(32);
}

export function holderOf(digit: string, more: Partial<Holder> = {}): Holder {
  return { ownerId: `owner ${digit}`, leaseId: leaseIdOf(digit), ...more };
}

/** A record as another client might have written it. */
export function heldRecord(more: Partial<HeldRecord> = {}): HeldRecord {
  return {
    schema: 1,
    state: 'held',
    name: NAME,
    token: 7,
    nonce: 'e'.repeat(32),
    trail: [],
    ttlMs: 90_000,
    renewals: 3,
    acquiredAt: '2026-03-01T12:00:00Z',
    holder: holderOf('b'),
    ...more,
  };
}

/** One lock in a store with faults, on a clock of its own: what most tests of the lease need. */
export class FakeLock {
  readonly clock = new FakeClock();
  readonly random = new FakeRandom(1);
  readonly memory = new MemoryStore(this.clock);
  readonly store: FaultyStore;
  readonly context: LockContext;

  constructor(times: Times = 'exact') {
    this.store = new FaultyStore(this.memory, { clock: this.clock, times });
    this.context = this.contextOf(this.store);
  }

  /** A lock whose store was probed before. */
  static async trusted(times?: Times): Promise<FakeLock> {
    const lock = new FakeLock(times);
    await trustStore(lock.memory, { clock: lock.clock, random: lock.random });
    return lock;
  }

  /** The same lock seen without the faults, as another client's. */
  get elsewhere(): LockContext {
    return this.contextOf(this.memory);
  }

  contextOf(store: LockContext['store']): LockContext {
    const { clock, random } = this;
    return { name: NAME, store, clock, random, callTimeoutMs: TIMING.callTimeoutMs };
  }

  request(more: Partial<AcquireRequest> = {}): AcquireRequest {
    return {
      holder: holderOf('a'),
      timing: TIMING,
      stalePolicy: 'expired',
      evidence: [],
      waitTimeoutMs: 600_000,
      ...more,
    };
  }

  /** Acquires, moving time on as far as that takes. */
  acquire(more: Partial<AcquireRequest> = {}): Promise<AcquireOutcome> {
    return this.clock.run(acquire(this.context, this.request(more)));
  }

  /** Acquires for another client, by way of a store without faults. */
  async acquiredElsewhere(digit = 'b'): Promise<Lease> {
    return leaseOf(await this.clock.run(acquire(this.elsewhere, this.request({ holder: holderOf(digit) }))));
  }

  /** The same from within a call to the store, where time can't be moved on: the lock must be free. */
  async acquiredElsewhereNow(digit: string): Promise<Lease> {
    return leaseOf(await acquire(this.elsewhere, this.request({ holder: holderOf(digit) })));
  }

  async acquired(more: Partial<AcquireRequest> = {}): Promise<Lease> {
    return leaseOf(await this.acquire(more));
  }

  /** What is stored, whatever the store tells its clients. */
  async stored(): Promise<LeaseRecord | undefined> {
    const reading = await this.memory.read(KEY);
    if (reading.kind !== 'found') return undefined;
    return parseRecord(reading.body, { name: NAME, key: KEY, storeUrl: this.memory.url });
  }

  /** Puts something under the lock's key, as another program might. */
  async put(content: LeaseRecord | string): Promise<void> {
    const reading = await this.memory.read(KEY);
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    await this.memory.write(KEY, body, reading.kind === 'found' ? reading.version : 'absent');
  }
}

/** The lease of an acquisition that must have succeeded. */
export function leaseOf(outcome: AcquireOutcome): Lease {
  if (outcome.kind !== 'acquired') throw new Error(`expected a lease, but it is ${outcome.kind}`);
  return outcome.lease;
}

/** Whether the store still has this lease. */
export async function isHeld(lease: Lease): Promise<boolean> {
  return isHeldBy((await look(lease.lock)).record, lease.id);
}
