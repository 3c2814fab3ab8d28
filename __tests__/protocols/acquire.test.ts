import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { STALE_POLICIES } from '../../src/lease/policy.ts';
import {
  type AcquireOutcome,
  type AcquireRequest,
  acquireBy,
  isStale,
  type Waiting,
} from '../../src/protocols/acquire.ts';
import { ProtocolError } from '../../src/protocols/protocol.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeHold, FakeProtocol, heldBy, STALE } from '../support/fake-protocol.ts';
import { FakeRandom } from '../support/fake-random.ts';

const REQUEST: AcquireRequest = {
  path: '/srv/x.lock',
  pid: 1,
  stalePolicy: 'expired',
  waitTimeoutMs: 60_000,
};

/** Acquires in a time of its own. */
class Trial {
  readonly clock = new FakeClock();
  readonly waits: Waiting[] = [];
  readonly troubles: string[] = [];

  acquire(protocol: FakeProtocol, request: Partial<AcquireRequest> = {}): Promise<AcquireOutcome> {
    const told = {
      onWait: (waiting: Waiting) => void this.waits.push(waiting),
      onTrouble: ({ message }: ProtocolError) => void this.troubles.push(message),
    };
    const surroundings = { clock: this.clock, random: new FakeRandom(1), platform: process.platform };
    return acquireBy(protocol, { ...REQUEST, ...told, ...request }, surroundings);
  }

  run(protocol: FakeProtocol, request: Partial<AcquireRequest> = {}): Promise<AcquireOutcome> {
    return this.clock.run(this.acquire(protocol, request));
  }
}

describe('acquiring by a protocol', () => {
  test('what is free is had at once, with the request handed on', async () => {
    const protocol = new FakeProtocol(['free']);
    const trial = new Trial();
    const before = { wallMs: trial.clock.wallMs(), monotonicMs: trial.clock.monotonicMs() };
    expect(await trial.run(protocol, { ttlMs: 90_000, ownerId: 'me' })).toEqual({
      kind: 'acquired',
      hold: protocol.hold,
      triedAt: before,
      waitedMs: 0,
    });
    expect(protocol.requests).toMatchObject([{ path: '/srv/x.lock', pid: 1, ttlMs: 90_000, ownerId: 'me' }]);
  });

  test('without a wait one try is made, and says who has it', async () => {
    const protocol = new FakeProtocol([heldBy()]);
    const trial = new Trial();
    expect(await trial.run(protocol, { waitTimeoutMs: 0 })).toEqual({ kind: 'busy', by: heldBy() });
    expect([protocol.requests.length, trial.waits.length]).toEqual([1, 0]);
  });

  test('it tries with the timing of the protocol until the wait is over, and not a moment longer', async () => {
    const protocol = new FakeProtocol([heldBy()]);
    const trial = new Trial();
    const outcome = await trial.run(protocol, { waitTimeoutMs: 1_000 });
    expect(outcome).toMatchObject({ kind: 'timed-out', by: heldBy() });
    expect(outcome.kind === 'timed-out' && outcome.waitedMs).toBeCloseTo(1_000, 3);
    // 100 to 120 ms between two.
    expect(protocol.requests.length).toBeGreaterThanOrEqual(10);
    expect(protocol.requests.length).toBeLessThanOrEqual(12);
    for (const { nextTryMs } of trial.waits.slice(0, -1)) {
      expect(nextTryMs).toBeGreaterThanOrEqual(100);
      expect(nextTryMs).toBeLessThan(120);
    }
  });

  test('it has the lock at the first try after it became free', async () => {
    const protocol = new FakeProtocol([heldBy(), heldBy(), 'free']);
    const trial = new Trial();
    const outcome = await trial.run(protocol);
    expect(outcome.kind === 'acquired' && outcome.waitedMs).toBeLessThan(250);
    expect(trial.waits.map(({ decision }) => decision)).toEqual([{ kind: 'wait' }, { kind: 'wait' }]);
  });

  test('a stale lock is taken over, and told of', async () => {
    const protocol = new FakeProtocol([heldBy(STALE)]);
    expect(await new Trial().run(protocol)).toMatchObject({ kind: 'acquired', took: heldBy(STALE) });
  });

  test('what the policy spares is waited for, saying why', async () => {
    const trial = new Trial();
    await trial.run(new FakeProtocol([heldBy(STALE)]), { stalePolicy: 'never', waitTimeoutMs: 150 });
    expect(trial.waits[0]?.decision).toEqual({ kind: 'spare', why: 'stale-policy is never' });
  });

  test('the on-stale command may forbid it, and is not asked again for 5 s about the same lock', async () => {
    const asked: number[] = [];
    const trial = new Trial();
    const veto: AcquireRequest['veto'] = async (held) => {
      asked.push(held.pid ?? 0);
      return { allowed: held.pid === 3, detail: 'exit status 1' };
    };
    const before = Array.from({ length: 60 }, () => heldBy(STALE, 1));
    const outcome = await trial.run(new FakeProtocol([...before, heldBy(STALE, 2), heldBy(STALE, 3)]), {
      veto,
    });
    expect(outcome).toMatchObject({ kind: 'acquired', took: { pid: 3 } });
    expect(asked).toEqual([1, 1, 2, 3]);
    expect(trial.waits).toHaveLength(61);
    for (const { decision } of trial.waits)
      expect(decision).toEqual({ kind: 'spare', why: 'the on-stale command forbids it (exit status 1)' });
  });

  test('the ttl counts from the answer of the on-stale command, not from before the question', async () => {
    const trial = new Trial();
    const startMs = trial.clock.monotonicMs();
    const veto: AcquireRequest['veto'] = async () => {
      await trial.clock.sleep(20_000);
      return { allowed: true, detail: '' };
    };
    const outcome = await trial.run(new FakeProtocol([heldBy(STALE)]), { veto });
    expect(outcome.kind === 'acquired' && outcome.triedAt.monotonicMs - startMs).toBeCloseTo(20_000, 3);
  });

  test('a failure that may pass is tried again, and told of now and then', async () => {
    const full = new ProtocolError('no-space', 'no space');
    const trial = new Trial();
    const failures = Array.from({ length: 150 }, () => full);
    expect(await trial.run(new FakeProtocol([...failures, 'free']))).toMatchObject({ kind: 'acquired' });
    // 150 tries, 100 to 120 ms apart.
    expect(trial.troubles).toEqual(['no space', 'no space']);
  });

  test.each([
    ['at once when nothing is waited for', 0, 0],
    ['when the wait is over', 5_000, 5_000],
    ['after two minutes, however long the wait', 3_600_000, 120_000],
  ])('a failure that does not pass is thrown %s', async (_, waitTimeoutMs, afterMs) => {
    const trial = new Trial();
    const startMs = trial.clock.monotonicMs();
    const full = new ProtocolError('no-space', 'no space');
    await expect(trial.run(new FakeProtocol([full]), { waitTimeoutMs })).rejects.toBe(full);
    const tookMs = trial.clock.monotonicMs() - startMs;
    expect(tookMs).toBeGreaterThanOrEqual(afterMs);
    expect(tookMs).toBeLessThan(afterMs + 250);
  });

  test('a wait that ends with such a failure is over by whom it waited for', async () => {
    const full = new ProtocolError('no-space', 'no space');
    const outcome = await new Trial().run(new FakeProtocol([heldBy(), full]), { waitTimeoutMs: 5_000 });
    expect(outcome).toMatchObject({ kind: 'timed-out', by: heldBy() });
  });

  test('a failure that can not pass is thrown at once', async () => {
    const denied = new ProtocolError('denied', 'no');
    const protocol = new FakeProtocol([denied]);
    await expect(new Trial().run(protocol)).rejects.toBe(denied);
    expect(protocol.requests).toHaveLength(1);
  });

  test('a cancelled wait ends at once, and takes nothing', async () => {
    const trial = new Trial();
    const protocol = new FakeProtocol([heldBy()]);
    const cancel = new AbortController();
    const acquired = trial.acquire(protocol, { signal: cancel.signal });
    await trial.clock.advance(1_000);
    const tries = protocol.requests.length;
    cancel.abort();
    expect(await acquired).toEqual({ kind: 'cancelled' });
    expect(protocol.requests).toHaveLength(tries);
  });

  test('cancelled while it takes the lock, it gives it back', async () => {
    const protocol = new FakeProtocol(['free']);
    const cancel = new AbortController();
    let looks = 0;
    // Asked before the try, and after.
    const closed = (): boolean => {
      looks += 1;
      return looks > 1;
    };
    expect(await new Trial().run(protocol, { signal: cancel.signal, closed })).toEqual({ kind: 'cancelled' });
    expect(protocol.hold.calls.map(({ what }) => what)).toEqual(['release']);
  });

  test('a change in the watched directory wakes it, unless it is none of its own', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'leasehold-watch-'));
    class Watched extends FakeProtocol {
      override readonly retry = { everyMs: 60_000, jitterMs: 0 };
      watched = (): string => directory;
      concerns = (name: string): boolean => name === 'x.lock';
    }
    const protocol = new Watched([heldBy(), 'free'], new FakeHold());
    const startMs = systemClock.monotonicMs();
    const surroundings = { clock: systemClock, random: new FakeRandom(1), platform: process.platform };
    const onWait = (): void => {
      writeFileSync(join(directory, 'other'), '');
      systemClock.alarm(300, () => writeFileSync(join(directory, 'x.lock'), ''));
    };
    try {
      const outcome = await acquireBy(protocol, { ...REQUEST, onWait }, surroundings);
      expect(outcome).toMatchObject({ kind: 'acquired' });
      const tookMs = systemClock.monotonicMs() - startMs;
      expect(tookMs).toBeGreaterThanOrEqual(299);
      expect(tookMs).toBeLessThan(5_000);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('whether a lock is stale', () => {
  const alive = heldBy();
  const expired = heldBy({ expired: true, takeable: true });
  const dead = heldBy(STALE);
  const deadInTime = heldBy({ holder: 'finished', expired: false });
  const unknownExpired = heldBy({ holder: 'unknown', expired: true, takeable: true });
  const deadAndExpired = heldBy({ ...STALE, expired: true });

  test.each([
    ['alive', alive, []],
    ['expired, its process alive', expired, ['expired']],
    ['dead, no time in its record', dead, ['expired', 'holder-finished', 'expired-and-holder-finished']],
    ['dead, but in time', deadInTime, ['holder-finished']],
    ['expired, its process unknown', unknownExpired, ['expired']],
    ['dead and expired', deadAndExpired, ['expired', 'holder-finished', 'expired-and-holder-finished']],
  ])('%s', (_, held, policies) => {
    expect(STALE_POLICIES.filter((policy) => isStale(held, policy))).toEqual(policies);
  });
});
