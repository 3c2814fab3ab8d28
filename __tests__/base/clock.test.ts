import { describe, expect, test } from '@jest/globals';
import { systemClock, withTimeout } from '../../src/base/clock.ts';
import { FakeClock, Timeline } from '../support/fake-clock.ts';

/** Ends when its signal does, as a store must. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
}

describe('withTimeout', () => {
  test('hands on the answer, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    await expect(clock.run(withTimeout(clock, 1_000, undefined, async () => 'yes'))).resolves.toBe('yes');
    expect(clock.timeline.sleepers).toBe(0);
  });

  test('aborts the work when its time is over', async () => {
    const clock = new FakeClock();
    const startMs = clock.monotonicMs();
    await expect(clock.run(withTimeout(clock, 1_000, undefined, untilAborted))).rejects.toThrow(
      'no answer within 1000 ms',
    );
    expect(clock.monotonicMs() - startMs).toBeCloseTo(1_000, 3);
  });

  test('aborts the work when the parent does, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const working = withTimeout(clock, 1_000, parent.signal, untilAborted);
    parent.abort(new Error('cancelled'));
    await expect(clock.run(working)).rejects.toThrow('cancelled');
    expect(clock.timeline.sleepers).toBe(0);
  });
});

describe('the system clock', () => {
  test('sleeps at least as long as asked, and not at all when the signal has aborted', async () => {
    const startMs = systemClock.monotonicMs();
    await systemClock.sleep(20);
    expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(19);
    await systemClock.sleep(86_400_000 * 60, AbortSignal.abort());
  });

  test('a sleep of months ends with its signal, and does not fire at once', async () => {
    const ending = new AbortController();
    let awake = false;
    const sleeping = systemClock.sleep(86_400_000 * 60, ending.signal).then(() => {
      awake = true;
    });
    await systemClock.sleep(20);
    expect(awake).toBe(false);
    ending.abort();
    await sleeping;
  });
});

describe('the fake clock', () => {
  test('stands still until it is told to move', async () => {
    const clock = new FakeClock({ wallMs: 1_000, monotonicMs: 50 });
    await clock.timeline.settle();
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual([1_000, 50]);
    await clock.advance(10);
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual([1_010, 60]);
  });

  test('wakes sleepers in their order, each at its own moment', async () => {
    const clock = new FakeClock({ monotonicMs: 0 });
    const woken: [string, number][] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push([name, Math.round(clock.monotonicMs())]);
    };
    void sleeper('late', 30);
    void sleeper('early', 10).then(() => sleeper('again', 10));
    await clock.timeline.runUntilIdle();
    expect(woken).toEqual([
      ['early', 10],
      ['again', 20],
      ['late', 30],
    ]);
  });

  test('ends a sleep with its signal', async () => {
    const clock = new FakeClock();
    const ending = new AbortController();
    const sleeping = clock.sleep(1_000, ending.signal);
    ending.abort();
    await sleeping;
    expect(clock.timeline.sleepers).toBe(0);
  });

  test('a jump moves the wall clock only', async () => {
    const clock = new FakeClock({ wallMs: 0, monotonicMs: 0 });
    clock.jumpWall(-3_600_000);
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual([-3_600_000, 0]);
  });

  test('a suspend stops the monotonic clock and the sleepers, while the wall clock goes on', async () => {
    const clock = new FakeClock({ wallMs: 0, monotonicMs: 0 });
    let awake = false;
    void clock.sleep(100).then(() => {
      awake = true;
    });
    await clock.advance(50);
    clock.suspend(1_000);
    await clock.advance(1_049);
    expect([clock.wallMs(), clock.monotonicMs(), awake]).toEqual([1_099, 99, false]);
    await clock.advance(2);
    expect(awake).toBe(true);
  });

  test('two clocks of one timeline run at their own rates', async () => {
    const timeline = new Timeline();
    const fast = new FakeClock({ timeline, monotonicMs: 0, rate: 1.01 });
    const slow = new FakeClock({ timeline, monotonicMs: 0, rate: 0.99 });
    await timeline.run(fast.sleep(10_100));
    expect(timeline.nowMs).toBeCloseTo(10_000, 3);
    expect(slow.monotonicMs()).toBeCloseTo(9_900, 3);
  });

  test('says so when a promise waits for nothing that time could bring', async () => {
    const clock = new FakeClock();
    await expect(clock.run(new Promise(() => {}))).rejects.toThrow('waits for ever');
  });
});
