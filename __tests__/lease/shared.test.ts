import { describe, expect, test } from '@jest/globals';
import { type Instant, instantOf } from '../../src/base/clock.ts';
import { type AcquireOutcome, type AcquireRequest, acquire, type Waiting } from '../../src/lease/acquire.ts';
import { breakLease } from '../../src/lease/break.ts';
import { type Evidence, laterAttemptEvidence } from '../../src/lease/evidence.ts';
import { keep } from '../../src/lease/keeper.ts';
import type { Lease } from '../../src/lease/lease.ts';
import { STALE_POLICIES, type StalePolicy } from '../../src/lease/policy.ts';
import { type HeldRecord, type Holder, MOST_MEMBERS } from '../../src/lease/record.ts';
import { isOwnRun } from '../../src/lease/shared.ts';
import { FakeLock, heldRecord, holderOf, leaseIdOf, leaseOf, TIMING } from '../support/fake-lock.ts';

const GAP_MS = 1_800_000;
const SHARING = { gapMs: GAP_MS, last: false };
const LAST = { gapMs: GAP_MS, last: true };

/** A job of run 42, or of what else it is said to be of. */
function jobOf(digit: string, more: Partial<Holder> = {}): Holder {
  return holderOf(digit, {
    ownerId: '42',
    repository: 'octo/app',
    runId: '42',
    runAttempt: 1,
    runUrl: 'https://github.com/octo/app/actions/runs/42/attempts/1',
    ...more,
  });
}

const OVER: Evidence = {
  name: 'over',
  check: async () => ({ kind: 'finished', proof: 'the run is over' }),
};
const RUNNING: Evidence = {
  name: 'running',
  check: async () => ({ kind: 'alive', detail: 'the run goes on' }),
};

/** A lock that jobs of run 42 share, and others want. */
class SharedLock extends FakeLock {
  /** One that was held and released before. */
  static async used(): Promise<SharedLock> {
    const lock = new SharedLock();
    const first = await lock.acquired({ holder: holderOf('f') });
    await lock.leave(first);
    lock.store.forgetCalls();
    return lock;
  }

  join(digit: string, more: Partial<AcquireRequest> = {}): Promise<AcquireOutcome> {
    return this.acquire({ holder: jobOf(digit), sharing: SHARING, waitTimeoutMs: 0, ...more });
  }

  async joined(digit: string, more: Partial<AcquireRequest> = {}): Promise<Lease> {
    return leaseOf(await this.join(digit, more));
  }

  leave(lease: Lease): Promise<unknown> {
    return this.clock.run(lease.release(this.clock.monotonicMs() + 5_000));
  }

  /** One that is of another run and can't wait. */
  other(more: Partial<AcquireRequest> = {}): Promise<AcquireOutcome> {
    return this.acquire({
      holder: jobOf('e', { runId: '43', runUrl: 'https://github.com/octo/app/actions/runs/43/attempts/1' }),
      waitTimeoutMs: 0,
      ...more,
    });
  }

  /** For how long one of another run has to wait. */
  async waitOfOther(more: Partial<AcquireRequest> = {}): Promise<number> {
    const outcome = await this.other({ waitTimeoutMs: 86_400_000, ...more });
    return outcome.kind === 'acquired' ? outcome.waitedMs : Number.NaN;
  }

  async held(): Promise<HeldRecord> {
    const record = await this.stored();
    if (record?.state !== 'held') throw new Error(`expected a held lock, but it is ${record?.state}`);
    return record;
  }

  async members(): Promise<string[]> {
    return ((await this.held()).shared?.members ?? []).map(({ memberId }) => memberId.slice(0, 1));
  }
}

function ms(deadline: Instant, now: Instant): number {
  return deadline.monotonicMs - now.monotonicMs;
}

describe('jobs of one run attempt', () => {
  test('share one lease with one token, each under an id of its own', async () => {
    const lock = await SharedLock.used();
    const [one, two] = [await lock.joined('1'), await lock.joined('2')];
    expect([two.id, two.token]).toEqual([one.id, one.token]);
    expect(one.id).toBe(leaseIdOf('1'));
    expect(await lock.members()).toEqual(['1', '2']);
    expect(await lock.join('3')).toMatchObject({ kind: 'acquired', joined: true });
  });

  test('joining costs 1 read and 1 write, as taking does', async () => {
    const lock = await SharedLock.used();
    await lock.joined('1');
    lock.store.forgetCalls();
    await lock.joined('2');
    expect(lock.store.calls.map(({ operation }) => operation)).toEqual(['read', 'write']);
  });

  test('both are in when both come at the same moment', async () => {
    const lock = await SharedLock.used();
    let two: Lease | undefined;
    lock.store.beforeNextWrite(async () => {
      const request = lock.request({ holder: jobOf('2'), sharing: SHARING });
      two = leaseOf(await acquire(lock.elsewhere, request));
    });
    const one = await lock.joined('1');
    expect(one.id).toBe(two?.id);
    expect((await lock.members()).sort()).toEqual(['1', '2']);
  });

  test('the first to leave frees nothing under the others', async () => {
    const lock = await SharedLock.used();
    const [one, two] = [await lock.joined('1'), await lock.joined('2')];
    await lock.leave(one);
    expect(await lock.members()).toEqual(['2']);
    expect(await lock.other()).toMatchObject({ kind: 'busy' });
    expect(await lock.clock.run(two.renew(lock.clock.monotonicMs() + 5_000))).toEqual({ kind: 'renewed' });
  });

  test('each has a deadline of its own, which no renewal of another moves', async () => {
    const lock = await SharedLock.used();
    const [one, two] = [await lock.joined('1'), await lock.joined('2')];
    await lock.clock.advance(30_000);
    await lock.clock.run(two.renew(lock.clock.monotonicMs() + 5_000));
    const now = instantOf(lock.clock);
    expect([ms(one.deadline, now), ms(two.deadline, now)]).toEqual([50_000, 80_000]);
    await lock.clock.run(one.renew(lock.clock.monotonicMs() + 5_000));
    expect(ms(one.deadline, instantOf(lock.clock))).toBe(80_000);
  });

  test('are all kept for hours by their keepers, that get into each other’s way', async () => {
    const lock = await SharedLock.used();
    const leases = [await lock.joined('1'), await lock.joined('2'), await lock.joined('3')];
    const stop = new AbortController();
    const keeping = leases.map((lease) => keep(lease, { signal: stop.signal }));
    await lock.clock.advance(3 * 3_600_000);
    stop.abort();
    await lock.clock.advance(1_000);
    expect(await Promise.all(keeping.map(({ ended }) => ended))).toEqual(
      leases.map(() => ({ kind: 'stopped' })),
    );
    expect(leases.every((lease) => lease.believes(instantOf(lock.clock)))).toBe(true);
  });

  test('a lease with several ttls never runs out before any of its members', async () => {
    const lock = await SharedLock.used();
    const short = { ...TIMING, ttlMs: 15_000 };
    await lock.joined('1');
    const two = await lock.joined('2', { timing: short });
    expect((await lock.held()).ttlMs).toBe(90_000);
    await lock.clock.run(two.renew(lock.clock.monotonicMs() + 5_000));
    expect((await lock.held()).ttlMs).toBe(90_000);
  });

  test(`no more than ${MOST_MEMBERS} at a time: one more waits until one of them leaves`, async () => {
    const lock = await SharedLock.used();
    const leases: Lease[] = [];
    for (let job = 0; job < MOST_MEMBERS; job += 1) {
      const leaseId = job.toString(16).padStart(32, '0');
      leases.push(await lock.joined('1', { holder: jobOf('1', { leaseId }) }));
    }
    expect(await lock.join('a')).toMatchObject({ kind: 'busy' });
    await lock.leave(leases[7] as Lease);
    expect(await lock.join('a')).toMatchObject({ kind: 'acquired', joined: true });
  });
});

describe('who is no job of that run attempt', () => {
  test.each<[string, Holder]>([
    ['another run', jobOf('2', { runId: '43' })],
    ['the same run number of another repository', jobOf('2', { repository: 'octo/lib' })],
    [
      'the same run of another server',
      jobOf('2', { runUrl: 'https://ghes.example/octo/app/actions/runs/42' }),
    ],
    ['an earlier attempt', jobOf('2', { runAttempt: 0 })],
    ['a later attempt', jobOf('2', { runAttempt: 2 })],
  ])('does not join: %s', async (_, holder) => {
    const lock = await SharedLock.used();
    await lock.joined('1');
    expect(await lock.join('2', { holder })).toMatchObject({ kind: 'busy' });
  });

  test.each(['runId', 'runAttempt', 'repository', 'runUrl'] as const)(
    'two of whom neither says %s are not of one run',
    (field) => {
      const { [field]: _, ...unknown } = jobOf('1');
      expect(isOwnRun(heldRecord({ holder: unknown, shared: { members: [] } }), unknown)).toBe(false);
    },
  );

  test('the same owner id makes nobody a member', async () => {
    const lock = await SharedLock.used();
    await lock.joined('1');
    expect(await lock.join('2', { holder: holderOf('2', { ownerId: '42' }) })).toMatchObject({
      kind: 'busy',
    });
  });

  test('a job of that run that would not share does not join', async () => {
    const lock = await SharedLock.used();
    await lock.joined('1');
    expect(await lock.acquire({ holder: jobOf('2'), waitTimeoutMs: 0 })).toMatchObject({ kind: 'busy' });
  });

  test('a lease that a job of that run has for itself is not joined', async () => {
    const lock = await SharedLock.used();
    await lock.acquired({ holder: jobOf('1') });
    expect(await lock.join('2')).toMatchObject({ kind: 'busy' });
  });
});

describe('between two jobs of the run', () => {
  test('the lease lives on for the gap, and not longer', async () => {
    const lock = await SharedLock.used();
    await lock.leave(await lock.joined('1'));
    expect(await lock.waitOfOther()).toBeCloseTo(GAP_MS + 2_000, -3);
  });

  test('the next job finds it, with the same token, and the ttl is the usual one again', async () => {
    const lock = await SharedLock.used();
    const one = await lock.joined('1');
    await lock.leave(one);
    await lock.clock.advance(GAP_MS - 1_000);
    const two = await lock.joined('2');
    expect(two.token).toBe(one.token);
    expect(await lock.held()).toMatchObject({ ttlMs: 90_000 });
    expect(await lock.waitOfOther()).toBeCloseTo(92_000, -3);
  });

  test('a job that comes after the gap, before anybody else, still finds it', async () => {
    const lock = await SharedLock.used();
    const one = await lock.joined('1');
    await lock.leave(one);
    await lock.clock.advance(2 * GAP_MS);
    expect((await lock.joined('2')).token).toBe(one.token);
  });

  test.each(STALE_POLICIES)(
    'under the policy %s it is over after the gap: nobody is stolen from',
    async (stalePolicy) => {
      const lock = await SharedLock.used();
      await lock.leave(await lock.joined('1'));
      await lock.clock.advance(GAP_MS + 3_000);
      const stolen: unknown[] = [];
      const outcome = await lock.other({
        stalePolicy,
        waitTimeoutMs: 60_000,
        evidence: [RUNNING],
        veto: async () => ({ allowed: false, detail: 'no' }),
        onStolen: (each) => stolen.push(each),
      });
      expect(outcome).toMatchObject({ kind: 'acquired' });
      expect(stolen).toEqual([]);
    },
  );

  test.each<[StalePolicy, boolean]>([
    ['expired', true],
    ['holder-finished', true],
    ['expired-and-holder-finished', true],
    ['never', false],
  ])('under the policy %s proof that the run is over frees it at once: %s', async (stalePolicy, frees) => {
    const lock = await SharedLock.used();
    const one = await lock.joined('1');
    await lock.leave(one);
    const outcome = await lock.other({ stalePolicy, evidence: [OVER] });
    expect(outcome.kind).toBe(frees ? 'acquired' : 'busy');
    if (outcome.kind === 'acquired') expect(outcome.lease.token).toBe(one.token + 1);
  });

  test('a later attempt of the run takes it at once, with a new token', async () => {
    const lock = await SharedLock.used();
    const one = await lock.joined('1');
    await lock.leave(one);
    const again = jobOf('2', { runAttempt: 2 });
    const two = await lock.joined('2', { holder: again, evidence: [laterAttemptEvidence(again)] });
    expect([two.token, two.id]).toEqual([one.token + 1, leaseIdOf('2')]);
  });

  test('nothing but proof of the run’s end frees it: unknown and alive do not', async () => {
    const lock = await SharedLock.used();
    await lock.leave(await lock.joined('1'));
    for (const evidence of [[], [RUNNING]]) {
      expect(await lock.other({ evidence, waitTimeoutMs: 600_000 })).toMatchObject({ kind: 'timed-out' });
    }
  });

  test('proof does not free it while a job is in it, under the policy expired', async () => {
    const lock = await SharedLock.used();
    const stop = new AbortController();
    keep(await lock.joined('1'), { signal: stop.signal });
    expect(await lock.other({ evidence: [OVER], waitTimeoutMs: 600_000 })).toMatchObject({
      kind: 'timed-out',
    });
    stop.abort();
  });

  test('those who are still in it make its ttl the usual one again', async () => {
    const lock = await SharedLock.used();
    const [one, two] = [await lock.joined('1'), await lock.joined('2')];
    await lock.leave(one);
    expect((await lock.held()).ttlMs).toBe(GAP_MS);
    await lock.clock.run(two.renew(lock.clock.monotonicMs() + 5_000));
    expect((await lock.held()).ttlMs).toBe(90_000);
  });

  test('a gap that is shorter than the ttl of another member ends nothing before that', async () => {
    const lock = await SharedLock.used();
    const one = await lock.joined('1', { sharing: { gapMs: 1_000, last: false } });
    await lock.joined('2');
    await lock.leave(one);
    expect((await lock.held()).ttlMs).toBe(90_000);
  });
});

describe('the last job', () => {
  test('releases the lock when nobody else is in', async () => {
    const lock = await SharedLock.used();
    await lock.leave(await lock.joined('1'));
    await lock.leave(await lock.joined('2', { sharing: LAST }));
    expect(await lock.stored()).toMatchObject({ state: 'released', ended: { how: 'released' } });
    expect(await lock.stored()).not.toHaveProperty('shared');
  });

  test('leaves it to the others when some are, of whom the last releases', async () => {
    const lock = await SharedLock.used();
    const [one, two] = [await lock.joined('1'), await lock.joined('2', { sharing: LAST })];
    await lock.leave(two);
    expect(await lock.members()).toEqual(['1']);
    await lock.leave(one);
    expect(await lock.stored()).toMatchObject({ state: 'released' });
  });
});

describe('an acquisition that is given back', () => {
  /** Cancelled right after its write had applied. */
  function joinCancelled(lock: SharedLock, digit: string): Promise<AcquireOutcome> {
    let closed = false;
    lock.store.afterNextWrite(async () => {
      closed = true;
    });
    return lock.join(digit, { sharing: LAST, closed: () => closed });
  }

  test('leaves nothing behind where it had taken the lock', async () => {
    const lock = await SharedLock.used();
    expect(await joinCancelled(lock, '1')).toEqual({ kind: 'cancelled' });
    expect(await lock.stored()).toMatchObject({ state: 'released' });
  });

  test('changes nothing for the others where it had joined them', async () => {
    const lock = await SharedLock.used();
    await lock.joined('1');
    expect(await joinCancelled(lock, '2')).toEqual({ kind: 'cancelled' });
    expect(await lock.held()).toMatchObject({ ttlMs: 90_000, shared: { members: [{}] } });
    expect((await lock.held()).shared).not.toHaveProperty('closing');
  });

  test('leaves the run its gap where it had joined a lease without a job', async () => {
    const lock = await SharedLock.used();
    await lock.leave(await lock.joined('1'));
    expect(await joinCancelled(lock, '2')).toEqual({ kind: 'cancelled' });
    expect(await lock.held()).toMatchObject({ ttlMs: GAP_MS, shared: { members: [] } });
  });

  test('a join whose fate is unknown never applies later', async () => {
    const lock = await SharedLock.used();
    await lock.joined('1');
    lock.store.script('write', { kind: 'apply-later', ms: 60_000 });
    const cancel = new AbortController();
    lock.clock.alarm(1_000, () => cancel.abort());
    lock.store.stand('read', { kind: 'fail', error: 'unavailable' });
    expect(await lock.join('2', { signal: cancel.signal })).toMatchObject({ kind: 'cancelled' });
    lock.store.stand('read', undefined);
    await lock.clock.advance(120_000);
    expect(await lock.members()).toEqual(['1']);
  });
});

describe('the end of the whole lease', () => {
  test('a break ends it for all members', async () => {
    const lock = await SharedLock.used();
    const [one, two] = [await lock.joined('1'), await lock.joined('2')];
    await lock.leave(one);
    const untilMs = lock.clock.monotonicMs() + 5_000;
    const by = { leaseId: one.id, by: 'ops', reason: 'stuck', untilMs };
    expect(await lock.clock.run(breakLease(lock.context, by))).toMatchObject({ kind: 'broken' });
    expect(await lock.clock.run(two.renew(untilMs))).toMatchObject({
      kind: 'lost',
      cause: { kind: 'broken', by: 'ops', reason: 'stuck' },
    });
  });

  test('a member that was taken off the list has lost it', async () => {
    const lock = await SharedLock.used();
    await lock.joined('1');
    const two = await lock.joined('2');
    const record = await lock.held();
    const members = record.shared?.members.filter(({ memberId }) => memberId !== leaseIdOf('2')) ?? [];
    await lock.put({ ...record, nonce: '0'.repeat(32), trail: [record.nonce], shared: { members } });
    expect(await lock.clock.run(two.renew(lock.clock.monotonicMs() + 5_000))).toMatchObject({
      kind: 'lost',
      cause: { kind: 'released' },
    });
  });

  test('one that has run out with members in it is stolen, and they learn it', async () => {
    const lock = await SharedLock.used();
    const [one, two] = [await lock.joined('1'), await lock.joined('2')];
    const thief = await lock.other({ waitTimeoutMs: 600_000 });
    expect(thief).toMatchObject({ kind: 'acquired', stolen: { because: 'expired' } });
    for (const lease of [one, two]) {
      expect(await lock.clock.run(lease.renew(lock.clock.monotonicMs() + 5_000))).toMatchObject({
        kind: 'lost',
        cause: { kind: 'stolen' },
      });
      expect(await lock.leave(lease)).toMatchObject({ kind: 'lost' });
    }
  });

  test('leaving whose answer was lost, and others have written much since, is known to be done', async () => {
    const lock = await SharedLock.used();
    const [one, two] = [await lock.joined('1'), await lock.joined('2')];
    lock.store.script('write', { kind: 'lose-answer' });
    lock.store.afterNextWrite(async () => {
      for (let renewal = 0; renewal < 12; renewal += 1) await two.renew(lock.clock.monotonicMs() + 5_000);
    });
    expect(await lock.leave(one)).toEqual({ kind: 'released' });
    expect(await lock.members()).toEqual(['2']);
  });
});

test('whoever waits is told of the jobs, and of a gap', async () => {
  const lock = await SharedLock.used();
  const one = await lock.joined('1', { sharing: { ...SHARING, job: 'build' } });
  const said: Waiting[] = [];
  await lock.other({ waitTimeoutMs: 1_000, onWait: (waiting) => said.push(waiting) });
  await lock.leave(one);
  await lock.other({ waitTimeoutMs: 1_000, onWait: (waiting) => said.push(waiting) });
  expect(said.at(0)?.record).toMatchObject({ shared: { members: [{ job: 'build' }] } });
  expect(said.at(-1)?.record).toMatchObject({ shared: { members: [] } });
});
