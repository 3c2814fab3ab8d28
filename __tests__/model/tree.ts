import { fileURLToPath } from 'node:url';
import { search } from './spin.ts';
import { inTurns, table } from './table.ts';

/* The handshake between a lease on a tree and those below it: `tree.pml`, and what must break it. */

const MODEL = fileURLToPath(new URL('./tree.pml', import.meta.url));
const LONGEST_SEARCH_S = 600;

const SEARCHES: readonly { name: string; switches: readonly string[]; holds: boolean }[] = [
  { name: 'two that want the name below, one the tree', switches: [], holds: true },
  { name: 'the lower one looks first and writes after', switches: ['LOWER_LOOKS_FIRST'], holds: false },
  { name: 'the tree looks first and writes after', switches: ['TREE_LOOKS_FIRST'], holds: false },
  { name: 'a stale lease on the other name is judged ended', switches: ['JUDGED_ENDED'], holds: false },
  { name: 'the lower one does not give way', switches: ['NO_GIVING_WAY'], holds: false },
  { name: 'the tree does not wait', switches: ['NO_WAITING'], holds: false },
];

/** Searches them all. The answer: what is not as it must be. */
export async function checkTree(jobs: number, say: (text: string) => void): Promise<string[]> {
  const done = await inTurns(SEARCHES, jobs, async (one) => {
    const { switches } = one;
    const how = { model: MODEL, switches, kind: 'states', order: 'all', limitS: LONGEST_SEARCH_S } as const;
    return { one, ...(await search({ ...how, large: false, symmetry: false })).report };
  });
  say('Two names, one below the other: none is in below a tree that somebody is in');
  say(
    table(
      ['model', 'states', 'result'],
      done.map(({ one, states, end }) => [one.name, String(states), end.kind]),
    ),
  );
  return done.flatMap(({ one, end }) =>
    end.kind === (one.holds ? 'holds' : 'violated') ? [] : [`tree.pml, ${one.name}: ${end.kind}`],
  );
}
