import { parseArgs } from 'node:util';

/** What `npm run model` is asked for. */
export type Asked =
  | { readonly kind: 'check'; readonly quick: boolean; readonly jobs: number }
  | { readonly kind: 'trail'; readonly mutant: string }
  | { readonly kind: 'help' };

/** `ids`: what `--trail` takes. `cores`: how many searches go on at once unless told otherwise. */
export interface Known {
  readonly ids: readonly string[];
  readonly cores: number;
}

export const USAGE = `Searches every state of the model of a lease, __tests__/model/lease.pml, with Spin.

  npm run model                     two and three clients, each mutant, each assumption: some minutes
  npm run model -- --quick          the same with fewer faults for three clients: under a minute
  npm run model -- --jobs N         N searches at once; a search takes up to 1.5 GB
  npm run model -- --trail MUTANT   the shortest counterexample of a mutant, step by step
  npm run model -- --help           this text
`;

/** @throws Error for arguments that are not understood, with what is wrong about them */
export function parseArguments(args: readonly string[], { ids, cores }: Known): Asked {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      jobs: { type: 'string' },
      trail: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, jobs = String(Math.min(cores, 2)), trail, help } = values;
  if (help) return { kind: 'help' };
  if (!/^[1-9]\d?$/.test(jobs)) throw new Error(`--jobs: ${jobs} is not a number from 1 to 99.`);
  if (trail === undefined) return { kind: 'check', quick, jobs: Number(jobs) };
  if (quick) throw new Error('--trail and --quick: a trail is one search. Leave out --quick.');
  if (!ids.includes(trail)) {
    throw new Error(`--trail: there is no mutant "${trail}". There are: ${ids.join(', ')}.`);
  }
  return { kind: 'trail', mutant: trail };
}
