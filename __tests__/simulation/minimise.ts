import type { Cut } from './strikes.ts';
import type { History, simulate } from './world.ts';

/** A history that still goes wrong, with as little in it as could be found. */
export interface Minimal {
  /** The ids of the faults that it needs. */
  readonly only: readonly string[];
  readonly clients: string;
  readonly history: History;
}

/**
 * Leaves out faults, and clients, as long as something still goes wrong: delta debugging after Zeller and Hildebrandt,
 * "Simplifying and isolating failure-inducing input" (2002). A fault is known by the step of its process, so that what is
 * left out shifts none of the others.
 * @returns `undefined` when nothing goes wrong
 */
export async function minimise(
  run: typeof simulate,
  seed: number,
  { clients = 'abcd', ...cut }: Cut = {},
): Promise<Minimal | undefined> {
  const whole = await run(seed, { cut: { ...cut, clients } });
  if (whole.violation === undefined) return undefined;
  const fails = async (only: readonly string[], who: string): Promise<boolean> =>
    (await run(seed, { cut: { only: new Set(only), clients: who } })).violation !== undefined;
  const ids = whole.injected.map(({ id }) => id);
  let who = clients;
  for (const client of clients) {
    const fewer = who.replace(client, '');
    if (fewer !== '' && (await fails(ids, fewer))) who = fewer;
  }
  const only = await fewest(ids, (some) => fails(some, who));
  const history = await run(seed, { cut: { only: new Set(only), clients: who }, log: true });
  return { only, clients: who, history };
}

/** The ddmin algorithm: a part of `items` of which every single one is needed. */
async function fewest(
  items: readonly string[],
  fails: (some: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  let rest = items;
  if (await fails([])) return [];
  for (let parts = 2; rest.length > 1; ) {
    const size = Math.ceil(rest.length / parts);
    let shorter: readonly string[] | undefined;
    for (let at = 0; at < rest.length && !shorter; at += size) {
      const without = [...rest.slice(0, at), ...rest.slice(at + size)];
      if (await fails(without)) shorter = without;
    }
    if (shorter) {
      rest = shorter;
      parts = Math.max(parts - 1, 2);
    } else if (size === 1) {
      return rest;
    } else {
      parts = Math.min(parts * 2, rest.length);
    }
  }
  return rest;
}
