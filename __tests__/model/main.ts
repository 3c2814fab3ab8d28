/** `npm run model`: searches every state of the model of a lease. Exit 1 if a property or a mutant is not as it must be. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Asked, parseArguments, USAGE } from './arguments.ts';
import { ASSUMPTIONS, MUTANTS, type Mutant, REDUNDANT, SEARCHES, type Search, WORLDS } from './searches.ts';
import { missingPrograms, type SearchReport, search, type Trail, transitionsOf } from './spin.ts';
import { inTurns, table } from './table.ts';
import { checkTree } from './tree.ts';

const MODEL = fileURLToPath(new URL('./lease.pml', import.meta.url));
const LONGEST_SEARCH_S = 3_600;
const KNOWN = [...MUTANTS, ...ASSUMPTIONS];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let asked: Asked;
  try {
    asked = parseArguments(args, { ids: KNOWN.map(({ id }) => id), cores: availableParallelism() });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (asked.kind === 'help') {
    say(`${USAGE}\nMutants: ${KNOWN.map(({ id }) => id).join(', ')}`);
    return 0;
  }
  const missing = await missingPrograms();
  if (missing.length > 0) {
    process.stderr.write(
      `Not installed: ${missing.join(', ')}. On Debian and Ubuntu: apt-get install spin gcc. On macOS: brew install spin, and the Xcode command line tools.\n`,
    );
    return 1;
  }
  return asked.kind === 'trail' ? showTrail(asked.mutant) : check(asked);
}

async function check({ quick, jobs }: Extract<Asked, { kind: 'check' }>): Promise<number> {
  const startedMs = performance.now();
  const failures = [
    ...(await checkTransitions(quick, jobs)),
    ...(await checkSearches(
      SEARCHES.filter((one) => one.quick || !quick),
      jobs,
    )),
    ...(await checkMutants('Mutants: one rule broken', MUTANTS, jobs)),
    ...(await checkMutants('Assumptions: the world with one less', ASSUMPTIONS, jobs)),
    ...(await checkRedundant(jobs)),
    ...(await checkTree(jobs, say)),
  ];
  for (const failure of failures) say(`FAILED: ${failure}`);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  say(failures.length === 0 ? `All is as it must be, after ${seconds} s.` : `${failures.length} failed.`);
  return failures.length === 0 ? 0 : 1;
}

/** A transition that is taken in no world shows nothing. Those that are there to be impossible assert false. */
async function checkTransitions(quick: boolean, jobs: number): Promise<string[]> {
  const worlds = WORLDS.filter((world) => world.quick || !quick);
  const found = (await inTurns(worlds, jobs, ({ switches }) => transitionsOf(MODEL, switches))).flat();
  const taken = new Set(found.filter((transition) => transition.taken).map(({ words }) => words));
  const never = new Set(found.map(({ words }) => words).filter((words) => !taken.has(words)));
  say(`Transitions: ${taken.size}, taken in some state.\n`);
  return [...never]
    .filter((words) => !words.includes('should never'))
    .map((words) => `no state enables "${words}", so the model does not show what comes of it`);
}

async function checkSearches(searches: readonly Search[], jobs: number): Promise<string[]> {
  const done = await inTurns(searches, jobs, async (one) => {
    const { report, trail } = await search({
      model: MODEL,
      ...one,
      order: 'all',
      large: one.clients === 3,
      symmetry: one.kind === 'states',
      limitS: LONGEST_SEARCH_S,
    });
    return { one, report, trail };
  });
  say(
    'Exhaustive: every reachable state of histories of any length; no bit-state hashing, no bound on depth.',
  );
  say(
    table(
      ['model', 'clients', 'states', 'transitions', 'depth', 'seconds', 'MB', 'result'],
      done.map(({ one, report }) => [
        one.name,
        String(one.clients),
        String(report.states),
        String(report.transitions),
        String(report.depth),
        report.seconds.toFixed(1),
        report.memoryMb.toFixed(0),
        wordOf(report, 'holds'),
      ]),
    ),
  );
  return done.flatMap(({ one, report, trail }) => {
    if (report.end.kind === 'holds') return [];
    const name = `"${one.name}", ${one.clients} clients`;
    return report.end.kind === 'incomplete'
      ? [`${name}: the search did not see all states (${report.end.why})`]
      : [
          `${name}: violated: ${trail?.violates ?? report.end.what}\n${(trail?.steps ?? []).slice(-60).join('\n')}`,
        ];
  });
}

function searchMutant({
  switches,
  kind,
}: Pick<Mutant, 'switches' | 'kind'>): Promise<{ report: SearchReport; trail?: Trail }> {
  return search({
    model: MODEL,
    switches,
    kind,
    order: kind === 'fair' ? 'all' : 'shortest',
    large: false,
    symmetry: false,
    limitS: LONGEST_SEARCH_S,
  });
}

async function checkMutants(title: string, mutants: readonly Mutant[], jobs: number): Promise<string[]> {
  const done = await inTurns(mutants, jobs, async (mutant) => ({ mutant, ...(await searchMutant(mutant)) }));
  say(title);
  say(
    table(
      ['mistake', 'violated', 'steps', '--trail'],
      done.map(({ mutant, report, trail }) => [
        mutant.mistake,
        trail?.violates ?? wordOf(report, 'NOT FOUND'),
        String(trail?.steps.length ?? 0),
        mutant.id,
      ]),
    ),
  );
  return done.flatMap(({ mutant, report, trail }) => {
    if (trail?.violates === mutant.violates) return [];
    const found = trail
      ? `it violates "${trail.violates}" instead`
      : wordOf(report, 'nothing is violated: the model is too weak');
    return [`${mutant.id} (${mutant.mistake}) must violate "${mutant.violates}": ${found}`];
  });
}

async function checkRedundant(jobs: number): Promise<string[]> {
  const done = await inTurns(REDUNDANT, jobs, async (rule) => ({ rule, ...(await searchMutant(rule)) }));
  say('Not needed for any of these properties, by a search to the end');
  say(
    table(
      ['mistake', 'states', 'result', 'why'],
      done.map(({ rule, report }) => [
        rule.mistake,
        String(report.states),
        wordOf(report, 'holds'),
        rule.why,
      ]),
    ),
  );
  return done
    .filter(({ report }) => report.end.kind !== 'holds')
    .map(
      ({ rule, report }) =>
        `${rule.id}: expected to hold, and is ${wordOf(report, 'holds')}: make it a mutant`,
    );
}

async function showTrail(id: string): Promise<number> {
  const mutant = KNOWN.find((known) => known.id === id);
  if (!mutant) throw new Error(`no mutant ${id}`);
  const { report, trail } = await searchMutant(mutant);
  if (!trail) {
    say(`${mutant.mistake}: ${wordOf(report, 'nothing is violated')}`);
    return 1;
  }
  say(`${mutant.mistake}:\n\n${trail.steps.join('\n')}\n\nviolated: ${trail.violates}`);
  return 0;
}

function wordOf({ end }: SearchReport, holds: string): string {
  switch (end.kind) {
    case 'holds':
      return holds;
    case 'violated':
      return 'VIOLATED';
    case 'incomplete':
      return `INCOMPLETE: ${end.why}`;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
