import { describe, expect, test } from '@jest/globals';
import { observe } from '../../src/lease/decide.ts';
import { MUTANTS, plainAcquire } from './mutants.ts';
import { type Scenario, simulate, type Tally, type Variant, Violation } from './world.ts';

const seeds = (count: number, from = 1): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

async function simulateAll(from: number[], scenario: Scenario, variant?: Variant): Promise<Tally> {
  const sum: Tally = { acquired: 0, stolen: 0, renewed: 0, late: 0, lost: 0, crashed: 0, faults: 0 };
  for (const seed of from) {
    const { tally } = await simulate(seed, scenario, variant);
    for (const field of Object.keys(sum) as (keyof Tally)[]) sum[field] += tally[field];
  }
  return sum;
}

/** The first seed that shows the mistake, with what it shows. */
async function firstViolation(
  scenario: Scenario,
  variant: Variant,
): Promise<{ seed: number; message: string } | undefined> {
  for (const seed of seeds(100)) {
    try {
      await simulate(seed, scenario, variant);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return { seed, message: error.message };
    }
  }
  return undefined;
}

describe('at most one believes, tokens rise, and nobody touches the lease of another', () => {
  test('far apart: clocks that differ, lost messages, pauses, crashes, suspends, outages', async () => {
    const tally = await simulateAll(seeds(250), 'far apart');
    // The peace is worth nothing if nothing happened.
    expect(tally.acquired).toBeGreaterThan(800);
    expect(tally.stolen).toBeGreaterThan(100);
    expect(tally.renewed).toBeGreaterThan(2_000);
    expect(tally.late).toBeGreaterThan(50);
    expect(tally.lost).toBeGreaterThan(50);
    expect(tally.crashed).toBeGreaterThan(100);
    expect(tally.faults).toBeGreaterThan(5_000);
  }, 120_000);

  test('one machine, whose clock is set by an hour now and then: nobody alive is stolen from either', async () => {
    const tally = await simulateAll(seeds(50), 'one machine');
    expect(tally.acquired).toBeGreaterThan(200);
    expect(tally.stolen).toBe(0);
    expect(tally.late).toBeGreaterThan(20);
  }, 60_000);
});

describe('the simulation finds mistakes', () => {
  test.each(MUTANTS)(
    '$mistake',
    async ({ scenario, variant }) => {
      const found = await firstViolation(scenario, variant);
      expect(found?.message).toMatch(/Replay: simulate\(\d+/);
    },
    60_000,
  );

  test('and finds none in the simplest acquisition that makes no mistake', async () => {
    for (const seed of seeds(30)) await simulate(seed, 'one machine', { acquire: plainAcquire(observe) });
  }, 60_000);
});

test('a seed gives the same history each time', async () => {
  for (const seed of seeds(5)) {
    const [one, other] = [await simulate(seed, 'far apart'), await simulate(seed, 'far apart')];
    expect(one.history.length).toBeGreaterThan(20);
    expect(other.history).toEqual(one.history);
  }
});
