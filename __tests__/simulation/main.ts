import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { coverageTable, missing } from './coverage.ts';
import { crew, type Done, sumOf, type Task } from './crew.ts';
import { minimise } from './minimise.ts';
import { MUTANTS, programWith } from './mutants.ts';
import { useLightSignals } from './signals.ts';
import type { Cut } from './strikes.ts';
import { simulate } from './world.ts';

const COMMAND = 'npm run simulate --';
const USAGE = `Runs the lease in a simulated world: clients, clocks, a network and a store, on all of which anything may fail.

  ${COMMAND} --seeds N [--from K] [--workers N]
      the seeds K … K+N-1 (K = 1) on all cores, and what came up in them
  ${COMMAND} --seed N [--only FAULTS | --without FAULTS] [--clients LETTERS] [--mutant NUMBER]
      one seed with its history, of the lease as it is or with a mistake; FAULTS are ids as a history shows them: a1.17,b2.3
  ${COMMAND} --mutants [--seeds N] [--mutant NUMBER] [--workers N]
      looks for each mistake, or that one and its least history, in N seeds (20,000); all must be found

The exit status is 1 when something happened that must not, when a mistake was not found, and when in 20,000 seeds or more a
fault, a transition or an outcome never came up; 2 when the arguments are wrong.
`;
/** From so many seeds on, what never came up is a hole in the simulation. */
const SEEDS_THAT_COVER = 20_000;
const SEEDS_A_MUTANT = 20_000;
const SEEDS_A_TASK = 500;

class UsageFault extends Error {}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Arguments {
  readonly seed: number | undefined;
  readonly seeds: number | undefined;
  readonly from: number;
  readonly workers: number;
  readonly mutant: number | undefined;
  readonly hunt: boolean;
  readonly cut: Cut;
}

function parse(argv: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string' },
      workers: { type: 'string' },
      only: { type: 'string' },
      without: { type: 'string' },
      clients: { type: 'string' },
      mutant: { type: 'string' },
      mutants: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'seed' | 'seeds' | 'from' | 'workers' | 'mutant'): number | undefined =>
    values[name] === undefined ? undefined : count(`--${name}`, values[name]);
  const [seed, seeds, mutant] = [number('seed'), number('seeds'), number('mutant')];
  if (mutant !== undefined && mutant > MUTANTS.length)
    throw new UsageFault(`--mutant must be at most ${MUTANTS.length}.`);
  if (seed === undefined && seeds === undefined && !values.mutants)
    throw new UsageFault('Say one of --seed, --seeds and --mutants.');
  if (seed !== undefined && (seeds !== undefined || values.mutants))
    throw new UsageFault('--seed is one history; --seeds and --mutants are many.');
  return {
    seed,
    seeds,
    from: number('from') ?? 1,
    workers: number('workers') ?? availableParallelism(),
    mutant,
    hunt: values.mutants === true,
    cut: {
      ...(values.only === undefined ? {} : { only: idsIn(values.only) }),
      ...(values.without === undefined ? {} : { without: idsIn(values.without) }),
      ...(values.clients === undefined ? {} : { clients: values.clients }),
    },
  };
}

function idsIn(text: string): ReadonlySet<string> {
  return new Set(text.split(',').filter((id) => id !== ''));
}

function count(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UsageFault(`${option} is "${text}", and must be a whole number from 1 on.`);
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
  const { seed } = parsed;
  if (seed !== undefined) return (await replay(seed, parsed)) ? 0 : 1;
  return (await (parsed.hunt ? hunt(parsed) : runAll(parsed))) ? 0 : 1;
}

async function programOf(mutant: number | undefined): Promise<typeof simulate> {
  const mistake = mutant === undefined ? undefined : MUTANTS[mutant - 1];
  return mistake ? (await programWith(mistake)).simulate : simulate;
}

async function replay(seed: number, { mutant, cut }: Arguments): Promise<boolean> {
  useLightSignals();
  const run = await programOf(mutant);
  const { violation, operations, lines } = await run(seed, { cut, log: true });
  for (const line of lines) say(line);
  say(violation ? `\nViolation: ${violation}` : `\n${operations} calls to the store, and no violation.`);
  return violation === undefined;
}

function* tasksOf({ seeds = 0, from }: Arguments): Generator<Task> {
  for (let at = 0; at < seeds; at += SEEDS_A_TASK)
    yield { from: from + at, count: Math.min(SEEDS_A_TASK, seeds - at) };
}

async function runAll(given: Arguments): Promise<boolean> {
  const startedMs = systemClock.monotonicMs();
  const all: Done[] = [];
  await crew(tasksOf(given), given.workers, (done) => {
    all.push(done);
    return done.violated === undefined;
  });
  const seconds = (systemClock.monotonicMs() - startedMs) / 1_000;
  const { histories, operations, coverage } = sumOf(all);
  for (const line of coverageTable(coverage)) say(line);
  say(
    `\n${histories} seeds in ${seconds.toFixed(1)} s by ${given.workers} processes: ${Math.round(histories / seconds)} a second, of ${(operations / histories).toFixed(1)} calls to the store each.`,
  );
  const violated = all.find((done) => done.violated)?.violated;
  if (violated) {
    await tell(violated, undefined);
    return false;
  }
  const never = missing(coverage);
  if (never.length > 0) say(`Never came up: ${never.join('; ')}.`);
  else say('No violation, and everything came up.');
  return never.length === 0 || histories < SEEDS_THAT_COVER;
}

/** The violation with a history that has as little in it as could be found. */
async function tell(
  { seed, violation }: { seed: number; violation: string },
  mutant: number | undefined,
): Promise<void> {
  useLightSignals();
  const minimal = await minimise(await programOf(mutant), seed);
  const option = mutant === undefined ? '' : ` --mutant ${mutant}`;
  say(`\nSeed ${seed}: ${violation}`);
  say(`Its whole history: ${COMMAND} --seed ${seed}${option}`);
  if (!minimal) return say('It did not come up again: the simulation is not the same each time.');
  const { only, clients, history } = minimal;
  say(
    `With as little as could be found: ${COMMAND} --seed ${seed} --only '${only.join()}' --clients ${clients}${option}\n`,
  );
  for (const line of history.lines) say(line);
  say(`\nViolation: ${history.violation}`);
}

async function hunt({ seeds = SEEDS_A_MUTANT, from, workers, mutant }: Arguments): Promise<boolean> {
  const numbers = mutant === undefined ? MUTANTS.map((_, index) => index) : [mutant - 1];
  const tasks = numbers.map((index): Task => ({ from, count: seeds, mutant: index }));
  const survivors: string[] = [];
  let last: Done['violated'];
  say('mutant   seeds  mistake, and what it leads to');
  await crew(tasks, workers, ({ task, histories, violated }) => {
    last = violated;
    const index = task.mutant ?? 0;
    const mistake = MUTANTS[index]?.mistake ?? '';
    // What does not run at all is no mistake that was found.
    const found = violated && !/(Reference|Type|Syntax)Error/.test(violated.violation);
    if (!found) survivors.push(mistake);
    say(
      `${String(index + 1).padStart(6)} ${String(histories).padStart(7)}  ${mistake}\n                ${violated?.violation ?? 'NOT FOUND'}`,
    );
    return true;
  });
  const found = numbers.length - survivors.length;
  say(`\n${found} of ${numbers.length} mistakes found, in at most ${seeds} seeds each.`);
  if (mutant !== undefined && last) await tell(last, mutant);
  if (survivors.length > 0) say(`Not found: ${survivors.join('; ')}.`);
  return survivors.length === 0;
}

process.exitCode = await main(process.argv.slice(2));
