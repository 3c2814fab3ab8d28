import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Expectation, usualHold } from '../../src/lease/expectation.ts';
import {
  endedHold,
  type Hold,
  MOST_HOLDS,
  ownHold,
  readHistory,
  recordHolds,
} from '../../src/lease/history.ts';
import type { LossCause } from '../../src/lease/lease.ts';
import { historyKey, isRecordKey, recordKey } from '../../src/lease/name.ts';
import { LONGEST_BODY, type StoreErrorKind } from '../../src/store/store.ts';
import { FakeLock, heldRecord, holderOf, leaseIdOf, NAME } from '../support/fake-lock.ts';

const HISTORY = historyKey(NAME);
const WITHIN = { withinMs: 5_000 };

let lock: FakeLock;
beforeEach(() => {
  lock = new FakeLock();
});

/** A lease id for each number. */
const idOf = (number: number): string => number.toString(16).padStart(32, '0');

function hold(more: Partial<Hold> = {}): Hold {
  return {
    leaseId: leaseIdOf('b'),
    ownerId: 'owner b',
    token: 7,
    waitedMs: 1_000,
    heldMs: 60_000,
    how: 'released',
    at: '2026-03-01T12:00:00Z',
    ...more,
  };
}

const record = (...holds: Hold[]) => lock.clock.run(recordHolds(lock.context, holds, WITHIN));
const read = () => readHistory(lock.elsewhere);

async function put(body: string): Promise<void> {
  const reading = await lock.memory.read(HISTORY);
  await lock.memory.write(HISTORY, body, reading.kind === 'found' ? reading.version : 'absent');
}

async function stored(): Promise<string> {
  const reading = await lock.memory.read(HISTORY);
  return reading.kind === 'found' ? reading.body : '';
}

describe('its key', () => {
  test('is beside the record, below the prefix of the name, and is no record', () => {
    expect(HISTORY).toBe(recordKey(NAME).replace(/lease\.json$/, 'history.json'));
    expect(isRecordKey(HISTORY)).toBe(false);
  });

  test('is the key of no lock, whatever that is called', () => {
    for (const name of ['history.json', `${NAME}/history.json`]) expect(recordKey(name)).not.toBe(HISTORY);
  });
});

describe('what it costs', () => {
  test('a hold is added by one read and one write of its own key', async () => {
    await record(hold());
    expect(lock.store.calls).toEqual([
      { operation: 'read', key: HISTORY },
      { operation: 'write', key: HISTORY },
    ]);
  });

  test('taking, renewing and releasing a lock that was held before reads and writes nothing but its record', async () => {
    await lock.acquired().then((lease) => lock.clock.run(lease.release(lock.clock.monotonicMs() + 1_000)));
    await record(hold());
    lock.store.forgetCalls();
    const lease = await lock.acquired({ holder: holderOf('c') });
    await lock.clock.run(lease.renew(lock.clock.monotonicMs() + 1_000));
    await lock.clock.run(lease.release(lock.clock.monotonicMs() + 1_000));
    expect(lock.store.calls.map(({ operation, key }) => [operation, key])).toEqual([
      ['read', recordKey(NAME)],
      ['write', recordKey(NAME)],
      ['write', recordKey(NAME)],
      ['write', recordKey(NAME)],
    ]);
  });
});

describe('a hold', () => {
  const nowMs = Date.UTC(2026, 2, 1, 12, 5);

  test('as its own holder tells it', () => {
    const holder = holderOf('b', { runUrl: 'https://github.com/o/r/actions/runs/1' });
    expect(
      ownHold(heldRecord({ holder }), { ended: 'released', waitedMs: 1.4, heldMs: 59_999.6, nowMs }),
    ).toEqual({
      leaseId: leaseIdOf('b'),
      ownerId: 'owner b',
      runUrl: 'https://github.com/o/r/actions/runs/1',
      token: 7,
      waitedMs: 1,
      heldMs: 60_000,
      how: 'released',
      at: '2026-03-01T12:05:00Z',
    });
  });

  test.each<[LossCause, Hold['how']]>([
    [{ kind: 'stolen', by: holderOf('c'), token: 8 }, 'stolen'],
    [{ kind: 'broken', by: 'mona' }, 'broken'],
    [{ kind: 'released' }, 'lost'],
    [{ kind: 'missing' }, 'lost'],
    [{ kind: 'unreachable', detail: '' }, 'lost'],
    [{ kind: 'refused', detail: '' }, 'lost'],
    [{ kind: 'max-hold', maxHoldMs: 1 }, 'lost'],
  ])('that ended by %j was %s', (ended, how) => {
    expect(ownHold(heldRecord(), { ended, nowMs })).toMatchObject({ how });
  });

  test('of a run, as each of its jobs tells it: since the first of them took it', () => {
    const nowMs = Date.parse('2026-03-01T12:30:00Z');
    const of = { ended: 'released', waitedMs: 10, heldMs: 60_000, nowMs } as const;
    expect(ownHold(heldRecord({ shared: { members: [] } }), of).heldMs).toBe(1_800_000);
    expect(ownHold(heldRecord(), of).heldMs).toBe(60_000);
  });

  test('as its thief tells it, who knows not how long it waited', () => {
    expect(endedHold(heldRecord(), 'stolen', nowMs)).toEqual({
      leaseId: leaseIdOf('b'),
      ownerId: 'owner b',
      token: 7,
      heldMs: 300_000,
      how: 'stolen',
      at: '2026-03-01T12:05:00Z',
    });
    expect(endedHold(heldRecord({ acquiredAt: 'noon' }), 'stolen', nowMs)).not.toHaveProperty('heldMs');
    expect(endedHold(heldRecord({ acquiredAt: '2027-01-01T00:00:00Z' }), 'stolen', nowMs).heldMs).toBe(0);
  });

  test('of a person who reserved the lock is marked as one', () => {
    const reserved = heldRecord({ reserved: { until: '2026-03-01T14:00:00Z' } });
    expect(endedHold(reserved, 'released', lock.clock.wallMs())).toMatchObject({ reserved: true });
    expect(endedHold(heldRecord(), 'released', lock.clock.wallMs())).not.toHaveProperty('reserved');
  });

  test('is cut to what fits', async () => {
    const holder = holderOf('b', { ownerId: 'o'.repeat(1_000), runUrl: `https://x/${'u'.repeat(900)}` });
    const long = ownHold(heldRecord({ holder }), { ended: 'released', nowMs });
    expect(long.ownerId).toHaveLength(100);
    expect(long).not.toHaveProperty('runUrl');
    await record(long);
    expect(await read()).toEqual([long]);
  });
});

describe('recording', () => {
  test('puts the newest first and keeps the last 20', async () => {
    for (let token = 1; token <= MOST_HOLDS + 3; token += 1)
      await record(hold({ token, leaseId: idOf(token) }));
    expect((await read()).map(({ token }) => token)).toEqual([...Array(20).keys()].map((n) => 23 - n));
  });

  test('20 holds of the longest texts are read back by every store', async () => {
    for (let n = 0; n < MOST_HOLDS; n += 1) {
      const holder = holderOf('b', {
        leaseId: idOf(n),
        ownerId: '\u0001'.repeat(900),
        runUrl: '\u0001'.repeat(200),
      });
      const long = heldRecord({ holder, token: Number.MAX_SAFE_INTEGER });
      await record(ownHold(long, { ended: 'released', waitedMs: 9e15, heldMs: 9e15, nowMs: 0 }));
    }
    expect(await read()).toHaveLength(MOST_HOLDS);
    expect(Buffer.byteLength(await stored())).toBeLessThan(LONGEST_BODY);
  });

  test('a victim that tells of its hold after its thief adds what only it knows; stolen it was', async () => {
    const { waitedMs: _, ...theirs } = hold({ how: 'stolen', heldMs: 99_000 });
    await record(theirs);
    await record(hold({ leaseId: leaseIdOf('c'), token: 8 }));
    await record(hold({ how: 'lost', heldMs: 61_000, at: '2026-03-01T13:00:00Z' }));
    expect(await read()).toEqual([
      hold({ leaseId: leaseIdOf('c'), token: 8 }),
      hold({ how: 'stolen', heldMs: 61_000 }),
    ]);
  });

  test('a thief that tells of its victim after that says how it came', async () => {
    await record(hold({ how: 'lost' }));
    await record(hold({ how: 'stolen', at: '2026-03-01T13:00:00Z' }));
    expect(await read()).toEqual([hold({ how: 'stolen', at: '2026-03-01T13:00:00Z' })]);
  });

  test('beside somebody who writes at the same time loses neither', async () => {
    lock.store.beforeNextWrite(async () => {
      await recordHolds(lock.elsewhere, [hold({ leaseId: leaseIdOf('c') })], WITHIN);
    });
    expect(await record(hold())).toBeUndefined();
    expect((await read()).map(({ leaseId }) => leaseId)).toEqual([leaseIdOf('b'), leaseIdOf('c')]);
  });

  test('gives up when others are always faster', async () => {
    const compete = async (): Promise<void> => {
      await put(`{"other":${lock.random.fraction()}}`);
      lock.store.beforeNextWrite(compete);
    };
    lock.store.beforeNextWrite(compete);
    expect(await record(hold())).toContain('3 times over');
    expect(lock.store.count('write')).toBe(3);
  });

  test.each<StoreErrorKind>(['unavailable', 'denied', 'misconfigured', 'corrupt', 'indeterminate'])(
    'a store that is %s is told of and does no harm',
    async (error) => {
      for (const operation of ['read', 'write'] as const) {
        lock.store.script(operation, { kind: 'fail', error });
        expect(await record(hold())).toEqual(expect.any(String));
      }
      expect(await read()).toEqual([]);
    },
  );

  test('a store that hangs is given up after the time that was given', async () => {
    lock.store.stand('read', { kind: 'hang', applies: false });
    const startMs = lock.clock.monotonicMs();
    expect(await record(hold())).toEqual(expect.any(String));
    expect(lock.clock.monotonicMs() - startMs).toBeLessThanOrEqual(WITHIN.withinMs + 1);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{"schema":1,"holds":['],
    ['another schema', JSON.stringify({ schema: 2, nonce: 'e'.repeat(32), holds: [hold()] })],
    [
      'a hold without a token',
      JSON.stringify({ schema: 1, nonce: 'e'.repeat(32), holds: [{ ...hold(), token: -1 }] }),
    ],
    [
      'too many holds',
      JSON.stringify({ schema: 1, nonce: 'e'.repeat(32), holds: Array.from({ length: 21 }, () => hold()) }),
    ],
    [
      'a text that is too long',
      JSON.stringify({ schema: 1, nonce: 'e'.repeat(32), holds: [hold({ ownerId: 'x'.repeat(101) })] }),
    ],
  ])('a history that is %s is ignored and overwritten', async (_, body) => {
    await put(body);
    expect(await read()).toEqual([]);
    expect(await record(hold())).toBeUndefined();
    expect(await read()).toEqual([hold()]);
  });

  test('what is no object of this kind at all is left alone, and said to be no concern of the lock', async () => {
    await put('x'.repeat(LONGEST_BODY + 1));
    const why =
      /^The history of lock ".*" was written by something else.*The lock itself does not need it\. Delete /;
    await expect(read()).rejects.toThrow(why);
    expect(await record(hold())).toMatch(why);
  });

  test('any text at all is a history or none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (body) => {
        await put(body);
        expect(await read()).toEqual([]);
      }),
    );
  });
});

describe('how long it is usually held', () => {
  const held = (...times: (number | undefined)[]): Hold[] =>
    times.map((heldMs) => {
      const { heldMs: _, ...rest } = hold();
      return heldMs === undefined ? rest : { ...rest, heldMs };
    });

  test.each<[string, Hold[], number | undefined]>([
    ['the middle one of three', held(1, 900, 30), 30],
    ['between the middle two of four', held(1, 900, 30, 40), 35],
    ['nothing by two', held(1, 900), undefined],
    ['nothing by holds of unknown length', held(1, 900, undefined), undefined],
    [
      'nothing by holds that did not end by themselves',
      [...held(1, 900), hold({ how: 'stolen' }), hold({ how: 'lost' }), hold({ how: 'broken' })],
      undefined,
    ],
    ['nothing by none', [], undefined],
    ['not by reservations', [...held(1, 900, 30), hold({ heldMs: 7_200_000, reserved: true })], 30],
  ])('%s', (_, holds, heldMs) => {
    expect(usualHold(holds)?.heldMs).toBe(heldMs);
  });
});

describe('what a waiter may expect', () => {
  const three = [hold(), hold({ leaseId: leaseIdOf('c') }), hold({ leaseId: leaseIdOf('d') })];

  /** The words after `heldMs` of a hold, with what the history says. */
  async function wordsAfter(heldMs: number, holds = three): Promise<string | undefined> {
    await record(...holds);
    const expectation = new Expectation(lock.context);
    const acquiredAt = '2026-03-01T12:00:00Z';
    lock.clock.jumpWall(Date.parse(acquiredAt) + heldMs - lock.clock.wallMs());
    let told = 0;
    expectation.follow(heldRecord({ acquiredAt }), () => {
      told += 1;
    });
    await lock.clock.advance(0);
    expect(told).toBe(expectation.words === undefined ? 0 : 1);
    return expectation.words;
  }

  test.each([
    [0, 'about 1m left'],
    [30_500, 'about 30s left'],
    [59_900, 'about 10s left'],
    [60_000, 'longer than usual'],
    [9_000_000, 'longer than usual'],
    // The holder's clock is ahead of ours.
    [-5_000, 'about 1m left'],
  ])('after %i ms of a hold that usually takes a minute: %s', async (heldMs, left) => {
    expect(await wordsAfter(heldMs)).toBe(`${left}; it is usually held for 1m (median of 3 holds)`);
  });

  test('nothing where nothing is known', async () => {
    expect(await wordsAfter(0, [hold()])).toBeUndefined();
    lock.store.stand('read', { kind: 'fail', error: 'denied' });
    expect(await wordsAfter(0)).toBeUndefined();
  });

  test('nothing of a reservation, whose end is known', async () => {
    await record(...three);
    const expectation = new Expectation(lock.context);
    const reserved = heldRecord({ reserved: { until: '2026-03-01T14:00:00Z' } });
    expectation.follow(reserved, () => {
      throw new Error('there is nothing to say');
    });
    await lock.clock.advance(0);
    expect(expectation.leftMs).toBeUndefined();
    expectation.follow(heldRecord(), () => {});
    expect(expectation.words).toContain('it is usually held for 1m');
  });

  test('the history is read once, however often it looks', async () => {
    await record(...three);
    lock.store.forgetCalls();
    const expectation = new Expectation(lock.context);
    for (let n = 0; n < 5; n += 1) {
      expectation.follow(heldRecord({ renewals: n }), () => {});
      await lock.clock.advance(1_000);
    }
    expect(lock.store.calls).toEqual([{ operation: 'read', key: HISTORY }]);
  });

  test('a read that hangs ends with the wait, and says nothing then', async () => {
    lock.store.stand('read', { kind: 'hang', applies: false });
    const expectation = new Expectation(lock.context);
    expectation.follow(heldRecord(), () => {
      throw new Error('nobody waits any more');
    });
    await lock.clock.advance(10);
    expectation.end();
    await lock.clock.advance(0);
    expect(lock.clock.timeline.sleepers).toBe(0);
  });
});
