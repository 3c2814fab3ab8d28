import { type ChildProcess, fork } from 'node:child_process';
import { join, resolve } from 'node:path';
import { addCoverage, type Coverage, emptyCoverage } from './coverage.ts';
import { MUTANTS, programWith } from './mutants.ts';
import { useLightSignals } from './signals.ts';
import { simulate } from './world.ts';

/** The histories of some seeds, of the program as it is or with a mistake in it. */
export interface Task {
  readonly from: number;
  readonly count: number;
  /** The number of a mutant. */
  readonly mutant?: number;
}

/** What came of a task. It ends with the first violation. */
export interface Done {
  readonly task: Task;
  readonly histories: number;
  readonly operations: number;
  readonly coverage: Coverage;
  readonly violated?: { readonly seed: number; readonly violation: string };
  /** The task could not be done at all. */
  readonly failure?: string;
}

export async function carryOut(task: Task): Promise<Done> {
  const coverage = emptyCoverage();
  let operations = 0;
  let histories = 0;
  const mutant = task.mutant === undefined ? undefined : MUTANTS[task.mutant];
  const run = mutant ? (await programWith(mutant)).simulate : simulate;
  for (let seed = task.from; seed < task.from + task.count; seed += 1) {
    const history = await run(seed, { coverage });
    histories += 1;
    operations += history.operations;
    const { violation } = history;
    if (violation !== undefined)
      return { task, histories, operations, coverage, violated: { seed, violation } };
  }
  return { task, histories, operations, coverage };
}

const SCRIPTS = resolve(import.meta.dirname, '../../scripts');

/**
 * Does `tasks` in `size` processes side by side, and hands each result on as it comes. `false` from `onDone` ends it all.
 * Processes, not threads: a program with a mistake in it is loaded beside the one without.
 */
export async function crew(
  tasks: Iterable<Task>,
  size: number,
  onDone: (done: Done) => boolean,
): Promise<void> {
  const left = tasks[Symbol.iterator]();
  const members: ChildProcess[] = [];
  const work = (): Promise<void> =>
    new Promise((end, fail) => {
      const member = fork(join(SCRIPTS, 'typescript.mjs'), [import.meta.filename], {
        // Most of what a history makes is garbage at its end: a large nursery spares copying it.
        execArgv: ['--max-semi-space-size=64'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      members.push(member);
      const next = (): void => {
        const task = left.next();
        if (task.done) member.disconnect();
        else member.send(task.value);
      };
      member.on('message', (done: Done) => {
        if (done.failure === undefined && onDone(done)) return next();
        if (done.failure !== undefined) fail(new Error(done.failure));
        for (const each of members) each.kill();
      });
      member.on('exit', () => end());
      next();
    });
  await Promise.all(Array.from({ length: size }, work));
}

export function sumOf(done: readonly Done[]): Pick<Done, 'histories' | 'operations' | 'coverage'> {
  const coverage = emptyCoverage();
  for (const each of done) addCoverage(coverage, each.coverage);
  return {
    histories: done.reduce((sum, { histories }) => sum + histories, 0),
    operations: done.reduce((sum, { operations }) => sum + operations, 0),
    coverage,
  };
}

if (process.send && process.argv[1] === import.meta.filename) {
  useLightSignals();
  Error.stackTraceLimit = 0;
  process.on('message', (task: Task) => {
    carryOut(task).then(
      (done) => process.send?.(done),
      (error: unknown) =>
        process.send?.({
          task,
          histories: 0,
          operations: 0,
          coverage: emptyCoverage(),
          failure: String(error),
        }),
    );
  });
}
