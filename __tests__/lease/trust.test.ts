import { describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../src/store/memory.ts';
import { trustStore } from '../../src/store/trust.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLock, heldRecord, KEY } from '../support/fake-lock.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { FaultyStore } from '../support/fake-store.ts';

const clock = new FakeClock();
const world = { clock, random: new FakeRandom(1) };
const faulty = (inner = new MemoryStore(clock)): FaultyStore => new FaultyStore(inner, { clock });

/** A store of two dialects, of which only the second works; and what it speaks. */
class TwoTongues extends MemoryStore {
  readonly dialects = ['quoted', 'bare'];
  spoken = 'quoted';
  speak(dialect: string): void {
    this.spoken = dialect;
  }
  override async write(
    ...[key, body, expected, options]: Parameters<MemoryStore['write']>
  ): ReturnType<MemoryStore['write']> {
    if (expected !== 'absent' && this.spoken === 'quoted') return { kind: 'conflict' };
    return super.write(key, body, expected, options);
  }
}

/** A store that takes every condition and heeds none. */
class Liar extends MemoryStore {
  override async write(
    ...[key, body, , options]: Parameters<MemoryStore['write']>
  ): ReturnType<MemoryStore['write']> {
    const reading = await this.read(key);
    return super.write(key, body, reading.kind === 'found' ? reading.version : 'absent', options);
  }
}

describe('trusting a store', () => {
  test('probes it once; after that the mark in it is enough', async () => {
    const inner = new MemoryStore(clock);
    const mark = await clock.run(trustStore(inner, world));
    const store = faulty(inner);
    expect(await trustStore(store, world)).toBe(mark);
    expect(store.calls.map(({ operation }) => operation)).toEqual(['read']);
  });

  test('with the mark in the record no call is made', async () => {
    const inner = new MemoryStore(clock);
    const known = await clock.run(trustStore(inner, world));
    const store = faulty(inner);
    expect(await trustStore(store, { ...world, known })).toBe(known);
    expect(store.calls).toEqual([]);
  });

  test.each(['probe-0/abc/', 'probe-1/000000000000/', '', 'nonsense'])(
    'the mark %j is not its own, so it is not believed',
    async (known) => {
      const store = faulty();
      expect(await clock.run(trustStore(store, { ...world, known }))).not.toBe(known);
      expect(store.calls.length).toBeGreaterThan(10);
    },
  );

  test('a store that heeds no condition is misconfigured, and the message says which promise it broke', async () => {
    await expect(clock.run(trustStore(new Liar(clock), world))).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringMatching(
        /^memory: can't be trusted with locks: .*A write that names an older version does not apply\..*leasehold doctor --store memory:$/,
      ),
    });
  });

  test('nobody acquires anything in such a store, and it is not marked', async () => {
    const lock = new FakeLock();
    const liar = new Liar(lock.clock);
    const { acquire } = await import('../../src/lease/acquire.ts');
    await expect(lock.clock.run(acquire(lock.contextOf(liar), lock.request()))).rejects.toMatchObject({
      kind: 'misconfigured',
    });
    expect(await liar.list('')).toEqual([]);
  });

  test('the dialect that worked is spoken, from the probe and from each kind of mark', async () => {
    const first = new TwoTongues(clock);
    const mark = await clock.run(trustStore(first, world));
    expect([first.spoken, mark]).toEqual(['bare', expect.stringMatching(/^probe-1\/[0-9a-f]{12}\/bare$/)]);

    first.speak('quoted');
    await trustStore(first, world);
    expect(first.spoken).toBe('bare');

    const second = new TwoTongues(clock);
    await trustStore(second, { ...world, known: mark });
    expect(second.spoken).toBe('bare');
  });

  test('a mark with a dialect that the store does not have is not believed', async () => {
    const store = new TwoTongues(clock);
    const mark = await clock.run(trustStore(store, world));
    const forged = mark.replace('bare', 'constructor');
    expect(await clock.run(trustStore(store, { ...world, known: forged }))).toBe(mark);
  });

  test('a mark that can not be left costs the next one a probe, and nothing else', async () => {
    const inner = new MemoryStore(clock);
    const store = faulty(inner);
    const write = store.write.bind(store);
    store.write = (key, ...rest) => {
      if (key.startsWith('probe/passed')) store.script('write', { kind: 'fail', error: 'denied' });
      return write(key, ...rest);
    };
    expect(await clock.run(trustStore(store, world))).toMatch(/^probe-1\//);
    expect(await inner.list('')).toEqual([]);
  });

  test('the mark goes into the record of each acquisition', async () => {
    const lock = await FakeLock.trusted();
    await lock.put({ ...heldRecord(), state: 'released', ended: { how: 'released', at: '' } });
    const lease = await lock.acquired();
    expect(lease.record.probed).toMatch(/^probe-1\/[0-9a-f]{12}\/$/);
    expect(await lock.memory.read(KEY)).toMatchObject({
      body: expect.stringContaining('"probed":"probe-1/'),
    });
  });
});
