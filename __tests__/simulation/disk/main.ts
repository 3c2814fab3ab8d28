import { parseArgs } from 'node:util';
import { systemClock } from '../../../src/base/clock.ts';
import { LocalStore } from '../../../src/store/local.ts';
import { kindsOf, MUTANTS, type Mutant, storeWith } from './mutants.ts';
import { outcomesOf } from './process.ts';
import { faultsOf, KINDS, type Kind } from './weather.ts';
import { type Report, simulate } from './world.ts';

const PROGRAM = 'node scripts/typescript.mjs __tests__/simulation/disk/main.ts';
const USAGE = `Runs the local store on a simulated disk that several processes share and on which anything may fail.

  ${PROGRAM} --seeds N [--from K] [--kind KIND]
      the seeds K … K+N-1 (K = 1), and what came up in them
  ${PROGRAM} --seed N --kind KIND [--mutant NUMBER]
      one seed with its history, of the store or of the store with a mistake
  ${PROGRAM} --mutants [--seeds N] [--mutant NUMBER]
      looks for each mistake, or that one, in N seeds (4,000); all must be found

KIND is "local", a disk of this machine, or "network"; without it both are run. The exit status is 1 when a promise of the
store was broken, when a mistake was not found, and when in 2,000 seeds or more something did not come up.
`;
/** From so many seeds on, what never came up is a hole in the simulation. */
const SEEDS_THAT_COVER = 2_000;

class UsageFault extends Error {}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Arguments {
  readonly seed: number | undefined;
  readonly seeds: number | undefined;
  readonly from: number;
  readonly kinds: readonly Kind[];
  readonly mutant: Mutant | undefined;
  readonly hunt: boolean;
}

function parse(argv: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string' },
      kind: { type: 'string' },
      mutant: { type: 'string' },
      mutants: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const kinds = values.kind === undefined ? KINDS : KINDS.filter((kind) => kind === values.kind);
  if (kinds.length === 0)
    throw new UsageFault(`--kind is "${values.kind}", and must be one of: ${KINDS.join(', ')}`);
  const mutant = values.mutant === undefined ? undefined : MUTANTS[count('--mutant', values.mutant) - 1];
  if (values.mutant !== undefined && !mutant)
    throw new UsageFault(`--mutant must be at most ${MUTANTS.length}`);
  const wanted = [values.seed ?? values.seeds, values.mutants].filter((each) => each !== undefined);
  if (wanted.length === 0 || (values.seed !== undefined && (values.seeds ?? values.mutants) !== undefined)) {
    throw new UsageFault('say one of --seed, --seeds and --mutants');
  }
  return {
    seed: values.seed === undefined ? undefined : count('--seed', values.seed),
    seeds: values.seeds === undefined ? undefined : count('--seeds', values.seeds),
    from: values.from === undefined ? 1 : count('--from', values.from),
    kinds,
    mutant,
    hunt: values.mutants === true,
  };
}

function count(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UsageFault(`${option} is "${text}", and must be a whole number from 1 on`);
  return Number(text);
}

async function main(argv: readonly string[]): Promise<number> {
  let parsed: Arguments | 'help';
  try {
    parsed = parse(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (parsed === 'help') {
    say(USAGE);
    return 0;
  }
  if (parsed.hunt) return (await hunt(parsed)) ? 0 : 1;
  if (parsed.seed !== undefined) return (await replayAll(parsed.seed, parsed)) ? 0 : 1;
  let isClean = true;
  for (const kind of parsed.kinds) if (!(await runAll(kind, parsed))) isClean = false;
  return isClean ? 0 : 1;
}

async function replayAll(seed: number, { kinds, mutant }: Arguments): Promise<boolean> {
  const Store = mutant ? await storeWith(mutant) : LocalStore;
  let isClean = true;
  for (const kind of kinds) {
    say(
      `Seed ${seed}, ${kind}${mutant ? `, with the mistake: ${mutant.mistake}` : ''}. Step, process, what it does.`,
    );
    const { violation, calls } = await simulate(seed, kind, { Store, log: say });
    say(violation ? `\nViolation: ${violation}` : `\n${calls} calls, and no violation.`);
    isClean &&= violation === undefined;
  }
  return isClean;
}

async function runAll(kind: Kind, { from, seeds = 0 }: Arguments): Promise<boolean> {
  const covered = new Map<string, number>();
  const startedMs = systemClock.monotonicMs();
  let calls = 0;
  let violated: Report | undefined;
  let run = 0;
  for (; run < seeds && !violated; run += 1) {
    const report = await simulate(from + run, kind, { Store: LocalStore });
    calls += report.calls;
    for (const [what, times] of report.covered) covered.set(what, (covered.get(what) ?? 0) + times);
    if (report.violation !== undefined) violated = report;
  }
  const seconds = (systemClock.monotonicMs() - startedMs) / 1_000;
  say(
    `${kind}: ${run} seeds, ${Math.round(run / seconds)} a second, ${Math.round(calls / run)} system calls each.`,
  );
  const missing = showCoverage(kind, covered);
  if (violated) {
    say(`\nSeed ${violated.seed} breaks a promise: ${violated.violation}`);
    say(`Its history: ${PROGRAM} --seed ${violated.seed} --kind ${kind}\n`);
    return false;
  }
  if (missing.length > 0) say(`Never came up: ${missing.join('; ')}.`);
  say('');
  return missing.length === 0 || seeds < SEEDS_THAT_COVER;
}

/** What did not come up. */
function showCoverage(kind: Kind, covered: ReadonlyMap<string, number>): string[] {
  const { calls, events } = faultsOf(kind);
  const all = [...calls.map((name) => `fault of ${name}`), ...events, ...outcomesOf(kind)];
  for (const what of all) say(`${String(covered.get(what) ?? 0).padStart(9)}  ${what}`);
  return all.filter((what) => !covered.has(what));
}

/** Whether each mistake is found. */
async function hunt({ seeds = 4_000, mutant: only }: Arguments): Promise<boolean> {
  const mutants = only ? [only] : MUTANTS;
  let survivors = 0;
  for (const mutant of mutants) {
    const Store = await storeWith(mutant);
    const found = await firstViolation(Store, kindsOf(mutant), seeds);
    if (!found) survivors += 1;
    const outcome = found
      ? `seed ${found.seed}, ${found.kind}: ${found.violation}`
      : `NOT FOUND in ${seeds} seeds: a hole in the simulation, or no mistake`;
    say(`${String(MUTANTS.indexOf(mutant) + 1).padStart(2)}  ${mutant.mistake}\n      ${outcome}`);
  }
  say(`\n${mutants.length - survivors} of ${mutants.length} mistakes are found.`);
  return survivors === 0;
}

async function firstViolation(
  Store: typeof LocalStore,
  kinds: readonly Kind[],
  seeds: number,
): Promise<Report | undefined> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const kind of kinds) {
      const report = await simulate(seed, kind, { Store });
      if (report.violation !== undefined) return report;
    }
  }
  return undefined;
}

process.exitCode = await main(process.argv.slice(2));
