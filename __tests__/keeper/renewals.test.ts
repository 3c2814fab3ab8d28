import { describe, expect, test } from '@jest/globals';
import { Renewals } from '../../src/keeper/renewals.ts';

function timesOf(count: number): readonly number[] {
  const renewals = new Renewals();
  for (let n = 0; n < count; n += 1) renewals.add(n * 30_000);
  return renewals.times;
}

describe('the moments of the renewals', () => {
  test('are all remembered while they are few', () => {
    expect(timesOf(32)).toEqual([...Array(32).keys()].map((n) => n * 30_000));
  });

  test.each([33, 720, 100_000])('of %i are thinned evenly, and never many', (count) => {
    const times = timesOf(count);
    expect(times.length).toBeGreaterThan(8);
    expect(times.length).toBeLessThanOrEqual(32);
    expect(times[0]).toBe(0);
    const steps = new Set(times.slice(1).map((time, index) => time - (times[index] ?? 0)));
    expect(steps.size).toBe(1);
  });
});
