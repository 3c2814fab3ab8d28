import { describe, expect, test } from '@jest/globals';
import { instantOf } from '../../src/base/clock.ts';
import {
  type AcquireOutcome,
  type AcquireRequest,
  acquire,
  type Stolen,
  type Waiting,
} from '../../src/lease/acquire.ts';
import { type LockContext, look } from '../../src/lease/context.ts';
import { describeWaiting } from '../../src/lease/describe.ts';
import { keep } from '../../src/lease/keeper.ts';
import type { Lease } from '../../src/lease/lease.ts';
import { ancestorsOf, recordKey, treePrefix } from '../../src/lease/name.ts';
import type { LeaseRecord } from '../../src/lease/record.ts';
import { reserve } from '../../src/lease/reserve.ts';
import { FakeLock, holderOf, leaseIdOf, leaseOf } from '../support/fake-lock.ts';

/** Several locks of one store, whose names are paths. */
class Locks extends FakeLock {
  /** Of a store that was probed: each lock was held and released before. */
  static async used(...names: string[]): Promise<Locks> {
    const locks = new Locks();
    for (const name of names) {
      await locks.release(await locks.have(name, { holder: holderOf('f') }));
    }
    locks.store.forgetCalls();
    return locks;
  }

  at(name: string, store: LockContext['store'] = this.store): LockContext {
    return { ...this.context, name, store };
  }

  take(name: string, more: Partial<AcquireRequest> = {}): Promise<AcquireOutcome> {
    return acquire(this.at(name), this.request({ waitTimeoutMs: 0, ...more }));
  }

  async have(name: string, more: Partial<AcquireRequest> = {}): Promise<Lease> {
    return leaseOf(await this.clock.run(this.take(name, more)));
  }

  async release(lease: Lease): Promise<void> {
    await this.clock.run(lease.release(this.clock.monotonicMs() + 5_000));
  }

  async recordOf(name: string): Promise<LeaseRecord | undefined> {
    return (await look(this.at(name, this.memory))).record;
  }

  async stateOf(name: string): Promise<string | undefined> {
    return (await this.recordOf(name))?.state;
  }
}

const PERSON = { holder: holderOf('9', { ownerId: 'ann', reason: 'database upgrade' }), tree: true };

describe('names', () => {
  test.each([
    ['prod', []],
    ['prod/api', ['prod']],
    ['prod/api/eu', ['prod', 'prod/api']],
  ])('above %s are %j', (name, above) => {
    expect(ancestorsOf(name)).toEqual(above);
  });

  test('below a name are those in its folder, and none that only begins like it', () => {
    expect(recordKey('prod/api/eu').startsWith(treePrefix('prod/api'))).toBe(true);
    expect(recordKey('prod/api-2').startsWith(treePrefix('prod/api'))).toBe(false);
    expect(recordKey('production').startsWith(treePrefix('prod'))).toBe(false);
  });
});

describe('what it costs', () => {
  const costOf = (locks: Locks): string[] => locks.store.calls.map(({ operation }) => operation);

  test('a name below nothing pays nothing', async () => {
    const locks = await Locks.used('prod');
    await locks.have('prod');
    expect(costOf(locks)).toEqual(['read', 'write']);
  });

  test('a nested name pays one read for each name above, after its write', async () => {
    const locks = await Locks.used('prod/api/eu');
    await locks.have('prod/api/eu');
    expect(locks.store.calls.map(({ operation, key }) => [operation, key])).toEqual([
      ['read', recordKey('prod/api/eu')],
      ['write', recordKey('prod/api/eu')],
      ['read', recordKey('prod')],
      ['read', recordKey('prod/api')],
    ]);
  });

  test('a tree pays one list and one read for each name below', async () => {
    const locks = await Locks.used('prod', 'prod/api', 'prod/web', 'stage/api');
    await locks.have('prod', PERSON);
    expect(costOf(locks)).toEqual(['read', 'write', 'list', 'read', 'read']);
  });
});

describe('a lease on a tree', () => {
  test('keeps everybody out below it, at any depth, and nobody beside it', async () => {
    const locks = await Locks.used('prod');
    await locks.have('prod', PERSON);
    const busy = { kind: 'busy', record: { name: 'prod', tree: true } };
    expect(await locks.take('prod')).toMatchObject(busy);
    expect(await locks.take('prod/api')).toMatchObject(busy);
    expect(await locks.take('prod/api/eu')).toMatchObject(busy);
    expect(await locks.take('stage/api')).toMatchObject({ kind: 'acquired' });
    expect(await locks.stateOf('prod/api')).toBe('released');
  });

  test('a lease on the name alone keeps nobody out below it', async () => {
    const locks = await Locks.used('prod');
    await locks.have('prod');
    expect(await locks.take('prod/api', { holder: holderOf('b') })).toMatchObject({ kind: 'acquired' });
  });

  test('is not entered before the leases below have ended, and keeps its own meanwhile', async () => {
    const locks = await Locks.used('prod');
    const [api, eu] = [
      await locks.have('prod/api'),
      await locks.have('prod/web/eu', { holder: holderOf('b') }),
    ];
    const stop = new AbortController();
    for (const lease of [api, eu]) keep(lease, { signal: stop.signal });
    let entered = false;
    const taking = locks.take('prod', { ...PERSON, waitTimeoutMs: 3_600_000 });
    void taking.then(() => {
      entered = true;
    });
    await locks.clock.advance(600_000);
    expect(entered).toBe(false);
    // Who comes now gives way.
    expect(await locks.take('prod/db', { holder: holderOf('c') })).toMatchObject({ kind: 'busy' });
    stop.abort();
    await locks.release(api);
    await locks.clock.advance(10_000);
    expect(entered).toBe(false);
    await locks.release(eu);
    const tree = leaseOf(await locks.clock.run(taking));
    expect(tree.believes(instantOf(locks.clock))).toBe(true);
    expect(tree.record.renewals).toBeGreaterThan(15);
  });

  test('whoever waits below gets its lock when the tree is released', async () => {
    const locks = await Locks.used('prod');
    const tree = await locks.have('prod', PERSON);
    const stop = new AbortController();
    keep(tree, { signal: stop.signal });
    const taking = locks.take('prod/api', { waitTimeoutMs: 3_600_000 });
    await locks.clock.advance(300_000);
    expect(await locks.stateOf('prod/api')).toBe('released');
    stop.abort();
    await locks.release(tree);
    expect(await locks.clock.run(taking)).toMatchObject({ kind: 'acquired' });
  });

  test('the one below gives way to the one above, also where both are trees', async () => {
    const locks = await Locks.used('prod');
    await locks.have('prod', PERSON);
    expect(await locks.take('prod/api', { tree: true })).toMatchObject({
      kind: 'busy',
      record: { name: 'prod' },
    });
    const other = await Locks.used('prod');
    await other.have('prod/api', { tree: true });
    expect(await other.take('prod', PERSON)).toMatchObject({ kind: 'busy', record: { name: 'prod/api' } });
    expect(await other.stateOf('prod')).toBe('released');
  });

  test.each<[string, number]>([
    ['times out', 60_000],
    ['looks once', 0],
  ])('gives its own back when it %s', async (_, waitTimeoutMs) => {
    const locks = await Locks.used('prod');
    const stop = new AbortController();
    keep(await locks.have('prod/api'), { signal: stop.signal });
    const outcome = await locks.clock.run(locks.take('prod', { ...PERSON, waitTimeoutMs }));
    stop.abort();
    expect(outcome).toMatchObject({ record: { name: 'prod/api' } });
    expect(await locks.stateOf('prod')).toBe('released');
    expect(await locks.take('prod/web')).toMatchObject({ kind: 'acquired' });
  });

  test('gives its own back when it is cancelled while it waits for those below', async () => {
    const locks = await Locks.used('prod');
    const stop = new AbortController();
    keep(await locks.have('prod/api'), { signal: stop.signal });
    const cancel = new AbortController();
    const taking = locks.take('prod', { ...PERSON, waitTimeoutMs: 600_000, signal: cancel.signal });
    await locks.clock.advance(30_000);
    cancel.abort();
    expect(await locks.clock.run(taking)).toEqual({ kind: 'cancelled' });
    stop.abort();
    expect(await locks.stateOf('prod')).toBe('released');
  });

  test('is not entered where a record below can not be read: it may be that of a deploy', async () => {
    const locks = await Locks.used('prod', 'prod/api');
    const key = recordKey('prod/api');
    const reading = await locks.memory.read(key);
    if (reading.kind === 'found') await locks.memory.write(key, '{', reading.version);
    await expect(locks.clock.run(locks.take('prod', PERSON))).rejects.toMatchObject({ kind: 'corrupt' });
    expect(await locks.stateOf('prod')).toBe('released');
  });

  test('nobody enters below a record that can not be read', async () => {
    const locks = await Locks.used('prod');
    const key = recordKey('prod');
    const reading = await locks.memory.read(key);
    if (reading.kind === 'found') await locks.memory.write(key, '{', reading.version);
    await expect(locks.clock.run(locks.take('prod/api'))).rejects.toMatchObject({ kind: 'corrupt' });
    expect(await locks.stateOf('prod/api')).toBe('released');
  });
});

describe('of two that overlap', () => {
  test('the lower one gives way when the tree was written while it wrote its own', async () => {
    const locks = await Locks.used('prod', 'prod/api');
    let tree: AcquireOutcome | undefined;
    locks.store.beforeNextWrite(async () => {
      tree = await acquire(locks.at('prod', locks.memory), locks.request({ ...PERSON, waitTimeoutMs: 0 }));
    });
    expect(await locks.take('prod/api')).toMatchObject({ kind: 'busy', record: { name: 'prod' } });
    expect(tree).toMatchObject({ kind: 'acquired' });
  });

  test('the tree waits for a lower one that was written while it wrote its own', async () => {
    const locks = await Locks.used('prod', 'prod/api');
    let lower: AcquireOutcome | undefined;
    locks.store.beforeNextWrite(async () => {
      lower = await acquire(locks.at('prod/api', locks.memory), locks.request({ waitTimeoutMs: 0 }));
    });
    expect(await locks.take('prod', PERSON)).toMatchObject({ kind: 'busy', record: { name: 'prod/api' } });
    expect(lower).toMatchObject({ kind: 'acquired' });
  });
});

describe('a stale lease on the other name', () => {
  test('below is ended by a write, its token kept, and its holder learns why', async () => {
    const locks = await Locks.used('prod');
    const api = await locks.have('prod/api', { holder: holderOf('b') });
    const ends: Stolen[] = [];
    const taking = locks.take('prod', {
      ...PERSON,
      waitTimeoutMs: 600_000,
      onEnded: (each) => ends.push(each),
    });
    const tree = leaseOf(await locks.clock.run(taking));
    expect(await locks.recordOf('prod/api')).toMatchObject({
      state: 'released',
      token: api.token,
      ended: { how: 'expired', by: 'ann' },
    });
    expect(ends).toMatchObject([{ because: 'expired', from: { name: 'prod/api' } }]);
    expect(await locks.clock.run(api.renew(locks.clock.monotonicMs() + 5_000))).toMatchObject({
      kind: 'lost',
      cause: { kind: 'expired', by: 'ann' },
    });
    expect(tree.believes(instantOf(locks.clock))).toBe(true);
  });

  test('below is left alone when its holder renews at the last moment: the tree waits on', async () => {
    const locks = await Locks.used('prod');
    const api = await locks.have('prod/api', { holder: holderOf('b') });
    const taking = locks.take('prod', { ...PERSON, waitTimeoutMs: 120_000 });
    await locks.clock.advance(85_000);
    // Right before the write that would end it.
    const write = locks.store.write.bind(locks.store);
    let renewed: Promise<unknown> | undefined;
    locks.store.write = async (key, ...rest) => {
      if (key === recordKey('prod/api')) {
        renewed ??= renewLate();
        await renewed;
      }
      return write(key, ...rest);
    };
    const renewLate = (): Promise<unknown> => {
      locks.store.write = write;
      return api.renew(locks.clock.monotonicMs() + 5_000);
    };
    expect(await locks.clock.run(taking)).toMatchObject({ kind: 'timed-out' });
    expect(await renewed).toEqual({ kind: 'renewed' });
    expect(await locks.stateOf('prod/api')).toBe('held');
  });

  test('above is ended by a write of who wants the name below', async () => {
    const locks = await Locks.used('prod');
    const tree = await locks.have('prod', PERSON);
    const outcome = await locks.clock.run(locks.take('prod/api', { waitTimeoutMs: 600_000 }));
    expect(outcome).toMatchObject({ kind: 'acquired' });
    expect(await locks.recordOf('prod')).toMatchObject({ state: 'released', ended: { how: 'expired' } });
    expect(await locks.clock.run(tree.renew(locks.clock.monotonicMs() + 5_000))).toMatchObject({
      kind: 'lost',
    });
  });

  test.each([['above'], ['below']])('%s is not ended under the policy never', async (where) => {
    const locks = await Locks.used('prod');
    const [other, own] = where === 'above' ? ['prod', 'prod/api'] : ['prod/api', 'prod'];
    await locks.have(other, { holder: holderOf('b'), tree: where === 'above' });
    const taking = locks.take(own, { tree: true, stalePolicy: 'never', waitTimeoutMs: 600_000 });
    expect(await locks.clock.run(taking)).toMatchObject({ kind: 'timed-out', record: { name: other } });
    expect(await locks.stateOf(other)).toBe('held');
  });

  test('is not ended when the on-stale command says no', async () => {
    const locks = await Locks.used('prod');
    await locks.have('prod/api', { holder: holderOf('b') });
    const taking = locks.take('prod', {
      ...PERSON,
      waitTimeoutMs: 600_000,
      veto: async () => ({ allowed: false, detail: 'not now' }),
    });
    expect(await locks.clock.run(taking)).toMatchObject({ kind: 'timed-out' });
    expect(await locks.stateOf('prod/api')).toBe('held');
  });

  test('was ended: the lock delay is kept before the tree is entered', async () => {
    const locks = await Locks.used('prod');
    await locks.have('prod/api', { holder: holderOf('b') });
    const taking = locks.take('prod', { ...PERSON, waitTimeoutMs: 600_000, lockDelayMs: 60_000 });
    const outcome = await locks.clock.run(taking);
    expect(outcome).toMatchObject({ kind: 'acquired' });
    expect(outcome.kind === 'acquired' && outcome.waitedMs).toBeGreaterThan(150_000);
  });
});

describe('where the store fails', () => {
  test('what was written is given back when the names above can not be read, and it is tried again', async () => {
    const locks = await Locks.used('prod/api');
    const read = locks.store.read.bind(locks.store);
    let open = false;
    locks.clock.alarm(100_000, () => {
      open = true;
    });
    const states: (string | undefined)[] = [];
    locks.store.read = async (key, options) => {
      if (key === recordKey('prod') && !open) {
        states.push(await locks.stateOf('prod/api'));
        await locks.store.list('', {});
        const { StoreError } = await import('../../src/store/store.ts');
        throw new StoreError('unavailable', 'not now');
      }
      return read(key, options);
    };
    const outcome = await locks.clock.run(locks.take('prod/api', { waitTimeoutMs: 600_000 }));
    expect(outcome).toMatchObject({ kind: 'acquired' });
    expect(new Set(states)).toEqual(new Set(['held', 'released']));
    expect(leaseOf(outcome).believes(instantOf(locks.clock))).toBe(true);
  });
});

describe('jobs that share a lease below a tree', () => {
  const run = { repository: 'octo/app', runId: '42', runAttempt: 1, runUrl: 'https://github.com/octo/app' };
  const job = (digit: string) => ({
    holder: holderOf(digit, run),
    sharing: { gapMs: 1_800_000, last: digit === '3' },
  });

  test('go on through a freeze that waits for their run, which ends with its last job', async () => {
    const locks = await Locks.used('prod', 'prod/api');
    const one = await locks.have('prod/api', job('1'));
    const taking = locks.take('prod', { ...PERSON, waitTimeoutMs: 86_400_000 });
    await locks.clock.advance(10_000);
    await locks.release(one);
    await locks.clock.advance(600_000);
    const two = await locks.have('prod/api', job('2'));
    expect(two.token).toBe(one.token);
    await locks.release(two);
    expect(await locks.stateOf('prod/api')).toBe('held');
    await locks.release(await locks.have('prod/api', job('3')));
    expect(await locks.clock.run(taking)).toMatchObject({ kind: 'acquired' });
  });

  test('do not slip past a freeze that the first of them gives way to', async () => {
    const locks = await Locks.used('prod', 'prod/api');
    await locks.have('prod', PERSON);
    let second: AcquireOutcome | undefined;
    locks.store.afterNextWrite(async () => {
      second = await acquire(
        locks.at('prod/api', locks.memory),
        locks.request({ ...job('2'), waitTimeoutMs: 0 }),
      );
    });
    expect(await locks.clock.run(locks.take('prod/api', job('1')))).toMatchObject({ kind: 'busy' });
    expect(second).toMatchObject({ kind: 'busy', record: { name: 'prod' } });
    expect(await locks.stateOf('prod/api')).toBe('released');
  });
});

describe('a reservation', () => {
  const HOURS_MS = 2 * 3_600_000;

  async function reserved(locks: Locks, name: string, more: Partial<AcquireRequest> = {}): Promise<Lease> {
    const lease = await locks.have(name, { ...PERSON, tree: false, ...more });
    expect(
      await locks.clock.run(reserve(lease, { forMs: HOURS_MS, untilMs: locks.clock.monotonicMs() + 5_000 })),
    ).toEqual({
      kind: 'renewed',
    });
    return lease;
  }

  test('stands for its time without a keeper, and is then over for every policy', async () => {
    for (const stalePolicy of ['never', 'expired', 'holder-finished'] as const) {
      const locks = await Locks.used('prod');
      await reserved(locks, 'prod');
      const outcome = await locks.clock.run(locks.take('prod', { stalePolicy, waitTimeoutMs: 3 * HOURS_MS }));
      expect(outcome).toMatchObject({ kind: 'acquired' });
      expect(outcome).not.toHaveProperty('stolen');
      expect(outcome.kind === 'acquired' && outcome.waitedMs).toBeCloseTo(HOURS_MS + 2_000, -4);
    }
  });

  test('its end is known to who looks at it once, where the store has a clock', async () => {
    const locks = await Locks.used('prod');
    await reserved(locks, 'prod');
    locks.store.remoteClock = true;
    await locks.clock.advance(HOURS_MS + 5_000);
    expect(
      await locks.clock.run(locks.take('prod', { stalePolicy: 'never', waitTimeoutMs: 10_000 })),
    ).toMatchObject({
      kind: 'acquired',
    });
  });

  test('of a tree keeps those below out until it is over, and is then ended by a write', async () => {
    const locks = await Locks.used('prod');
    await reserved(locks, 'prod', { tree: true });
    const taking = locks.take('prod/api', { stalePolicy: 'never', waitTimeoutMs: 2 * HOURS_MS });
    await locks.clock.advance(HOURS_MS - 10_000);
    expect(await locks.stateOf('prod/api')).toBe('released');
    expect(await locks.clock.run(taking)).toMatchObject({ kind: 'acquired' });
    expect(await locks.recordOf('prod')).toMatchObject({ state: 'released', ended: { how: 'expired' } });
  });

  test('is told to whoever waits, with its reason and its end', async () => {
    const locks = await Locks.used('prod');
    await reserved(locks, 'prod', { tree: true });
    const said: Waiting[] = [];
    await locks.clock.run(
      locks.take('prod/api', { waitTimeoutMs: 1_000, onWait: (each) => said.push(each) }),
    );
    const [waiting] = said.slice(-1);
    if (!waiting) throw new Error('nothing was said');
    expect(describeWaiting(waiting, 'expired', locks.clock.monotonicMs())).toEqual([
      'Lock "prod/api" can\'t be had, for it is below "prod":',
      'Lock "prod" and all below it are reserved by "ann".',
      expect.stringMatching(
        new RegExp(`^  since   2026-.*, token \\d+, 1 renewal, lease ${leaseIdOf('9')}$`),
      ),
      '  reason  "database upgrade"',
      expect.stringMatching(/^ {2}until {3}2026-03-01T14:00:\d\dZ$/),
      '  lease   runs out in 2h',
      '  policy  whatever the policy, it is free when that is over, in 2h',
    ]);
  });
});
