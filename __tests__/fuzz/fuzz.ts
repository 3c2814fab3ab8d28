import { jest } from '@jest/globals';
import fc from 'fast-check';

/*
 * How long the properties search: a few seconds in `npm test`, as long as one likes with
 *
 *     FUZZ=100 npm test -- __tests__/fuzz
 *
 * which makes a hundred times as many runs. A property that fails prints its seed and its smallest counterexample;
 * `FUZZ_SEED=<seed>` starts every property from that seed.
 */
const FACTOR = Math.max(1, Number(process.env.FUZZ ?? 1));
const { FUZZ_SEED } = process.env;

jest.setTimeout(30_000 * FACTOR);

/** For `fc.assert`: the usual number of runs, more where more were asked for. */
export function runs(usual: number): fc.Parameters<unknown> {
  return { numRuns: Math.round(usual * FACTOR), ...(FUZZ_SEED ? { seed: Number(FUZZ_SEED) } : {}) };
}

/** Holds for the code. */
export async function holds<T>(property: fc.IRawProperty<T>, usual: number): Promise<void> {
  await fc.assert(property, runs(usual) as fc.Parameters<T>);
}

/** Does not hold for a variant of the code that has a mistake in it: what shows that the property can fail. */
export async function catches<T>(property: fc.IRawProperty<T>, usual: number): Promise<boolean> {
  const details = await fc.check(property, { numRuns: usual, endOnFailure: true });
  return details.failed;
}
