import { rmSync } from 'node:fs';
import { MUTANTS, withMutant } from './mutants.ts';
import { parseStressOptions, type StoreKind, type StressOptions, USAGE } from './options.ts';
import { countsOf, describeStorm, failuresOf } from './report.ts';
import { storm } from './storm.ts';

/*
 * `npm run stress`: real processes of the built CLI over one lock after the other, with a killer among them. See USAGE, and
 * `checker.ts` for what is looked at.
 */

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseStressOptions(argv);
  switch (parsed.kind) {
    case 'help':
      say(USAGE);
      return 0;
    case 'wrong':
      process.stderr.write(`${parsed.message}\n\n${USAGE}`);
      return 2;
    case 'run':
    case 'mutants':
      break;
  }
  if (process.platform !== 'linux') {
    process.stderr.write(
      'The stress finds the processes that it kills in /proc, so it runs on Linux only.\n',
    );
    return 2;
  }
  const each = parsed.kind === 'run' ? play : hunt;
  let failed = false;
  for (const store of parsed.options.stores) {
    if (!(await each(store, parsed.options))) failed = true;
  }
  return failed ? 1 : 0;
}

async function play(store: StoreKind, options: StressOptions): Promise<boolean> {
  const { processes, seed } = options;
  say(`Store ${store}: ${processes} clients at a time, seed ${seed}.`);
  const result = await storm(store, options, say);
  say(`${describeStorm(result)}\n`);
  const failures = failuresOf(result, options);
  if (options.keepLogs) say(`The logs are in ${result.folder}/logs.`);
  if (failures.length === 0) {
    say(`0 violations in ${countsOf(result.findings).acquisitions} acquisitions.\n`);
    return true;
  }
  say(`FAILED, ${failures.length} times. The logs are in ${result.folder}/logs:`);
  for (const failure of failures) say(`- ${failure}`);
  return false;
}

/** Whether each of the mistakes is found. */
async function hunt(store: StoreKind, options: StressOptions): Promise<boolean> {
  let survivors = 0;
  for (const mutant of MUTANTS) {
    const result = await withMutant(mutant, (cli) => storm(store, { ...options, cli }, () => {}));
    if (!options.keepLogs) rmSync(result.folder, { recursive: true, force: true });
    const found = result.findings.flatMap(({ violations }) => violations);
    const first = found.find(({ kind }) => kind === mutant.violation);
    if (!first) survivors += 1;
    say(`${first ? 'Found' : 'NOT FOUND'}: ${mutant.name}`);
    say(
      `  ${first ? `${first.kind}: ${first.message}` : `Nothing was ${mutant.violation}; ${found.length} other violations.`}`,
    );
  }
  say(`${MUTANTS.length - survivors} of ${MUTANTS.length} mistakes were found over the ${store} store.`);
  return survivors === 0;
}

process.exitCode = await main(process.argv.slice(2));
