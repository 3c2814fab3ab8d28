import { MUTANTS, programWith } from './mutants.ts';
import { type Counts, simulate } from './world.ts';

const USAGE = `Simulates clients that take locks above and below each other, or share them.

  --seeds N     the histories of N seeds (default 2000), from --from (default 1)
  --seed N      one history, line by line
  --mutants     the same for each mistake, up to --seeds histories (default 4000) each, until it is found
  --mutant N    only that mistake, with --seed its history
`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const options = new Map<string, number>();
const words = process.argv.slice(2);
for (let at = 0; at < words.length; at += 1) {
  const word = words[at] ?? '';
  if (word === '--help') {
    say(USAGE);
    process.exit(0);
  }
  const flag = word === '--mutants';
  const value = flag ? 1 : Number(words[at + 1]);
  if (!['--seeds', '--from', '--seed', '--mutants', '--mutant'].includes(word) || !Number.isInteger(value)) {
    process.stderr.write(`${word}: not an option, or without a whole number.\n\n${USAGE}`);
    process.exit(2);
  }
  options.set(word, value);
  if (!flag) at += 1;
}

const from = options.get('--from') ?? 1;
const mutant = options.get('--mutant');

async function one(seed: number): Promise<number> {
  const program = mutant === undefined ? { simulate } : await programWith(mutant);
  const { lines, violation } = await program.simulate(seed, { log: true });
  for (const line of lines) say(line);
  say(violation ? `Violation: ${violation}` : 'Nothing is wrong.');
  return violation ? 1 : 0;
}

async function all(seeds: number): Promise<number> {
  const counts: Counts = new Map();
  let operations = 0;
  let wrong = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const history = await simulate(seed, { counts });
    operations += history.operations;
    if (history.violation === undefined) continue;
    wrong += 1;
    say(`seed ${seed}: ${history.violation}`);
  }
  for (const [event, times] of [...counts].sort()) say(`${String(times).padStart(9)}  ${event}`);
  say(`${seeds} histories, ${operations} calls to the store: ${wrong} violations.`);
  return wrong > 0 ? 1 : 0;
}

async function mistakes(seeds: number): Promise<number> {
  let found = 0;
  const numbers = mutant === undefined ? [...MUTANTS.keys()] : [mutant];
  for (const number of numbers) {
    const program = await programWith(number);
    let result = 'NOT FOUND';
    for (let seed = from; seed < from + seeds; seed += 1) {
      const { violation } = await program.simulate(seed);
      if (violation === undefined) continue;
      result = `seed ${seed}: ${violation.split('\n')[0]}`;
      found += 1;
      break;
    }
    say(`${number}. ${MUTANTS[number]?.mistake}\n   ${result}`);
  }
  say(`${found} of ${numbers.length} mistakes are found.`);
  return found < numbers.length ? 1 : 0;
}

const seed = options.get('--seed');
if (seed !== undefined) process.exitCode = await one(seed);
else if (options.has('--mutants')) process.exitCode = await mistakes(options.get('--seeds') ?? 4_000);
else process.exitCode = await all(options.get('--seeds') ?? 2_000);
