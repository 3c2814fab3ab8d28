import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export type StoreKind = 'local' | 's3';

export interface StressOptions {
  readonly stores: readonly StoreKind[];
  /** At least so many acquisitions in each store. */
  readonly acquisitions: number;
  /** At least this share of them is ended by a kill. */
  readonly kills: number;
  /** So many clients at a time. */
  readonly processes: number;
  readonly seed: number;
  readonly quick: boolean;
  /** The entry of the CLI; dist/ as it was built, where none is given. */
  readonly cli?: string;
  /** The logs stay also when there is nothing to look at in them. */
  readonly keepLogs: boolean;
}

export type Parsed =
  | { readonly kind: 'run'; readonly options: StressOptions }
  /** Short runs of CLIs with mistakes in them, each of which must be found. */
  | { readonly kind: 'mutants'; readonly options: StressOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

export const USAGE = `npm run stress -- [option…]
  --store local|s3|all   where the locks are: a directory, or an S3 server of its own (all)
  --acquisitions N       go on until so many workers have entered in each store (2000; quick: 60)
  --kills SHARE          and until this share of them was ended by a kill or a stop, 0 to 0.5 (0.2)
  --processes N          so many clients at a time, 2 to 64 (8)
  --seed N               whom the killer attacks, and how (1)
  --cli FILE             the entry of another CLI (dist/cli/index.js)
  --keep-logs            say where the logs are, also when nothing is wrong
  --mutants              instead: short runs over CLIs with a mistake in them, each of which must be found
  --quick                under a minute for both stores, for CI
`;

/** Reads the command line. */
export function parseStressOptions(argv: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({ args: [...argv], options: GRAMMAR });
    if (values.help) return { kind: 'help' };
    const quick = values.quick || values.mutants;
    const store = oneOf('--store', values.store ?? (values.mutants ? 'local' : 'all'), [
      'local',
      's3',
      'all',
    ]);
    return {
      kind: values.mutants ? 'mutants' : 'run',
      options: {
        stores: store === 'all' ? ['local', 's3'] : [store],
        acquisitions: whole('--acquisitions', values.acquisitions ?? (quick ? '60' : '2000'), [1, 1_000_000]),
        kills: share('--kills', values.kills),
        processes: whole('--processes', values.processes, [2, 64]),
        seed: whole('--seed', values.seed, [0, 2 ** 31]),
        quick,
        ...(values.cli === undefined ? {} : { cli: existing('--cli', values.cli) }),
        keepLogs: values['keep-logs'],
      },
    };
  } catch (error) {
    return { kind: 'wrong', message: (error as Error).message };
  }
}

const GRAMMAR = {
  store: { type: 'string' },
  acquisitions: { type: 'string' },
  kills: { type: 'string', default: '0.2' },
  processes: { type: 'string', default: '8' },
  seed: { type: 'string', default: '1' },
  quick: { type: 'boolean', default: false },
  mutants: { type: 'boolean', default: false },
  cli: { type: 'string' },
  'keep-logs': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined)
    throw new Error(`${option}: "${text}" is not known. Allowed: ${allowed.join(', ')}.`);
  return found;
}

function whole(option: string, text: string, [least, most]: readonly [number, number]): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new Error(`${option}: "${text}" is not a whole number from ${least} to ${most}.`);
  }
  return number;
}

function share(option: string, text: string): number {
  const number = Number(text);
  if (!/^\d?(\.\d+)?$/.test(text) || text === '' || number > 0.5) {
    throw new Error(`${option}: "${text}" is not a share from 0 to 0.5.`);
  }
  return number;
}

function existing(option: string, path: string): string {
  if (!existsSync(path)) throw new Error(`${option}: there is no file "${path}".`);
  return resolve(path);
}
