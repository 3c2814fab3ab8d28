import { describe, expect, test } from '@jest/globals';
import { type KeepEnd, type KeepOptions, keepHold, releaseWithin } from '../../src/protocols/keep.ts';
import { ProtocolError } from '../../src/protocols/protocol.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeHold } from '../support/fake-protocol.ts';

const TTL_MS = 90_000;
const GONE = { kind: 'compromised', detail: 'somebody removed it' } as const;
const DOWN = new ProtocolError('io', 'no answer');

class Trial {
  readonly clock = new FakeClock();
  readonly hold: FakeHold;
  readonly startMs: number;
  readonly stop = new AbortController();
  readonly renewedMs: number[] = [];
  readonly troubles: string[] = [];

  constructor(ttlMs?: number) {
    this.hold = new FakeHold(ttlMs);
    this.startMs = this.clock.monotonicMs();
    this.hold.nowMs = () => this.nowMs;
  }

  get nowMs(): number {
    return Math.round(this.clock.monotonicMs() - this.startMs);
  }

  keep(options: Partial<KeepOptions> = {}): Promise<KeepEnd> {
    return keepHold(this.hold, {
      clock: this.clock,
      signal: this.stop.signal,
      onRenewed: ({ monotonicMs }) => void this.renewedMs.push(Math.round(monotonicMs - this.startMs)),
      onTrouble: ({ message }) => void this.troubles.push(message),
      ...options,
    });
  }

  times(what: string): number[] {
    return this.hold.calls.filter((call) => call.what === what).map(({ atMs }) => atMs);
  }
}

describe('keeping a hold', () => {
  test('without a ttl it looks every 2 s, and stops when told', async () => {
    const trial = new Trial();
    const kept = trial.keep();
    await trial.clock.advance(7_000);
    expect(trial.times('check')).toEqual([2_000, 4_000, 6_000]);
    expect(trial.times('renew')).toEqual([]);
    trial.stop.abort();
    expect(await kept).toEqual({ kind: 'stopped' });
  });

  test('with a ttl it renews three times in it, and looks in between', async () => {
    const trial = new Trial(TTL_MS);
    const kept = trial.keep();
    await trial.clock.advance(TTL_MS + 1_000);
    expect(trial.renewedMs).toEqual([30_000, 60_000, 90_000]);
    expect(trial.times('renew')).toEqual(trial.renewedMs);
    expect(trial.times('check').length).toBeGreaterThan(40);
    trial.stop.abort();
    await kept;
  });

  test('a short ttl is renewed in time, too', async () => {
    const trial = new Trial(5_000);
    const kept = trial.keep();
    await trial.clock.advance(10_000);
    const gaps = trial.renewedMs.map((atMs, index) => atMs - (trial.renewedMs[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(2_600);
    trial.stop.abort();
    await kept;
  });

  test('the first renewal counts from when it was taken, not from now', async () => {
    const trial = new Trial(TTL_MS);
    const since = { wallMs: trial.clock.wallMs(), monotonicMs: trial.clock.monotonicMs() };
    await trial.clock.advance(50_000);
    const kept = trial.keep({ since });
    await trial.clock.advance(2_500);
    expect(trial.renewedMs).toEqual([52_000]);
    trial.stop.abort();
    await kept;
  });

  test.each([undefined, TTL_MS])(
    'what is gone is lost, alone until it was last seen (ttl %s)',
    async (ttlMs) => {
      const trial = new Trial(ttlMs);
      const wallMs = trial.clock.wallMs();
      const kept = trial.keep();
      await trial.clock.advance(5_000);
      trial.hold.answer = GONE;
      const end = await trial.clock.run(kept);
      expect(end).toEqual({ kind: 'lost', cause: GONE, aloneUntilMs: wallMs + 4_000 });
      expect(trial.nowMs).toBe(6_000);
    },
  );

  test('what does not answer is lost when others may soon take it, and alone until they may', async () => {
    const trial = new Trial(TTL_MS);
    const wallMs = trial.clock.wallMs();
    const kept = trial.keep();
    await trial.clock.advance(30_500);
    trial.hold.answer = DOWN;
    const end = await trial.clock.run(kept);
    expect(end).toMatchObject({
      kind: 'lost',
      cause: { kind: 'unreachable' },
      aloneUntilMs: wallMs + 120_000,
    });
    // 8/9 of the ttl after the renewal at 30 s, and up to 2 s.
    expect(trial.nowMs).toBeGreaterThanOrEqual(110_000);
    expect(trial.nowMs).toBeLessThanOrEqual(112_000);
    expect(trial.troubles.length).toBeGreaterThan(30);
  });

  test('a look that hangs is given up, and does not hide that the ttl is over', async () => {
    const trial = new Trial(TTL_MS);
    trial.hold.answer = 'hangs';
    const end = await trial.clock.run(trial.keep());
    expect(end).toMatchObject({ kind: 'lost', cause: { kind: 'unreachable' } });
    expect(trial.nowMs).toBeLessThan(TTL_MS + 2_000);
  });

  test('it gets over what passes in time', async () => {
    const trial = new Trial(TTL_MS);
    const kept = trial.keep();
    await trial.clock.advance(29_000);
    trial.hold.answer = DOWN;
    await trial.clock.advance(40_000);
    trial.hold.answer = { kind: 'ours' };
    await trial.clock.advance(2_000);
    expect(trial.renewedMs).toEqual([70_000]);
    trial.stop.abort();
    expect(await kept).toEqual({ kind: 'stopped' });
  });

  test('without a ttl nobody may take it, so no answer is no loss', async () => {
    const trial = new Trial();
    trial.hold.answer = DOWN;
    const kept = trial.keep();
    await trial.clock.advance(3_600_000);
    trial.stop.abort();
    expect(await kept).toEqual({ kind: 'stopped' });
  });

  test('after a sleep of the machine the wall clock says that it was not renewed', async () => {
    const trial = new Trial(TTL_MS);
    const kept = trial.keep();
    await trial.clock.advance(10_000);
    trial.hold.answer = DOWN;
    trial.clock.suspend(600_000);
    expect(await trial.clock.run(kept)).toMatchObject({ kind: 'lost', cause: { kind: 'unreachable' } });
    expect(trial.hold.calls.at(-1)?.atMs).toBeLessThan(20_000);
  });

  test('the longest hold ends it', async () => {
    const trial = new Trial();
    const end = await trial.clock.run(trial.keep({ maxHoldMs: 60_000 }));
    expect(end).toMatchObject({ kind: 'lost', cause: { kind: 'max-hold', maxHoldMs: 60_000 } });
    expect(trial.nowMs).toBe(60_000);
  });

  test('what is no fault of a protocol is thrown', async () => {
    const trial = new Trial();
    const defect = new TypeError('defect');
    trial.hold.check = async () => Promise.reject(defect);
    await expect(trial.clock.run(trial.keep())).rejects.toBe(defect);
  });
});

describe('giving a hold back', () => {
  test('is tried again while it fails for a reason that may pass', async () => {
    const trial = new Trial();
    trial.hold.answer = DOWN;
    const released = releaseWithin(trial.hold, trial.clock, 10_000);
    await trial.clock.advance(2_200);
    trial.hold.answer = { kind: 'ours' };
    expect(await trial.clock.run(released)).toEqual({ kind: 'ours' });
    expect(trial.times('release')).toEqual([0, 500, 1_000, 1_500, 2_000, 2_500]);
  });

  test('fails in time when that does not pass', async () => {
    const trial = new Trial();
    trial.hold.answer = DOWN;
    await expect(trial.clock.run(releaseWithin(trial.hold, trial.clock, 2_000))).rejects.toBe(DOWN);
    expect(trial.nowMs).toBeLessThanOrEqual(2_000);
  });

  test('fails in time when nobody answers', async () => {
    const trial = new Trial();
    trial.hold.answer = 'hangs';
    await expect(trial.clock.run(releaseWithin(trial.hold, trial.clock, 2_000))).rejects.toThrow('no answer');
    expect(trial.nowMs).toBe(2_000);
  });

  test('is not tried again when it is denied, or is not ours any more', async () => {
    const denied = new Trial();
    denied.hold.answer = new ProtocolError('denied', 'no');
    await expect(releaseWithin(denied.hold, denied.clock, 2_000)).rejects.toThrow('no');
    const gone = new Trial();
    gone.hold.answer = GONE;
    expect(await releaseWithin(gone.hold, gone.clock, 2_000)).toBe(GONE);
    expect([...denied.hold.calls, ...gone.hold.calls]).toHaveLength(2);
  });
});
