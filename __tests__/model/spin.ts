import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How one run of a verifier that Spin made has ended. */
export interface SearchReport {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly memoryMb: number;
  readonly seconds: number;
  readonly end: /** Every reachable state was visited and nothing was violated. */
    | { readonly kind: 'holds' }
    /** `what` is the verifier's word for it; the trail has the property. */
    | { readonly kind: 'violated'; readonly what: string }
    /** It stopped, or looked away, before it had seen all. */
    | { readonly kind: 'incomplete'; readonly why: string };
}

const TRUNCATIONS = [
  'max search depth too small',
  'Search not completed',
  'out of memory',
  'memory limit',
  'DMEMLIM',
  'bit statespace',
  'hash-compact',
  'vectorsz too small',
  'VECTORSZ',
  'too many processes',
  'State tables too big',
];

/**
 * Reads what a verifier printed. Whatever is not known to be a search to the end is incomplete: a number that is missing,
 * a warning, an inexact way to store states.
 */
export function parseReport(output: string): SearchReport {
  const number = (pattern: RegExp): number | undefined => {
    const text = pattern.exec(output)?.[1];
    return text === undefined ? undefined : Number(text);
  };
  const states = number(/^\s*([\d.e+]+) states, stored/m);
  const transitions = number(/^\s*([\d.e+]+) transitions/m);
  const depth = number(/depth reached (\d+)/);
  const errors = number(/errors: (\d+)/);
  const memoryMb = number(/([\d.]+)\s+total actual memory usage/);
  const seconds = number(/pan: elapsed time ([\d.e+-]+) seconds/);
  const violated = /^pan:\d+: (.*?) \(at depth \d+\)/m.exec(output)?.[1];
  const numbers = { states: states ?? 0, transitions: transitions ?? 0, depth: depth ?? 0 };
  const report = { ...numbers, memoryMb: memoryMb ?? 0, seconds: seconds ?? 0 };
  if (violated !== undefined) return { ...report, end: { kind: 'violated', what: violated } };
  const truncation = TRUNCATIONS.find((words) => output.includes(words));
  if (truncation !== undefined) return { ...report, end: { kind: 'incomplete', why: truncation } };
  const full = /^Full statespace search/m.test(output);
  const missing = [states, transitions, depth, seconds].includes(undefined) || errors === undefined;
  if (!full || missing) return { ...report, end: { kind: 'incomplete', why: 'no report of a full search' } };
  if (errors > 0) return { ...report, end: { kind: 'violated', what: `${errors} errors` } };
  return { ...report, end: { kind: 'holds' } };
}

/** A counterexample as people read it: one line a step, and the property that does not hold after the last. */
export interface Trail {
  readonly steps: readonly string[];
  readonly violates: string;
}

/** Reads what Spin prints when it replays a trail. */
export function parseTrail(output: string): Trail {
  const lines = output.split('\n');
  const violates = lines.find((line) => line.startsWith('violated: '))?.slice('violated: '.length);
  const steps = lines.filter((line) => /^(client \d|an operator|-- | {2}the store applies )/.test(line));
  if (violates !== undefined) return { steps, violates };
  if (output.includes('START OF CYCLE')) {
    const at = lines.findIndex((line) => line.includes('START OF CYCLE'));
    const before = lines.slice(0, at).filter((line) => steps.includes(line)).length;
    const marked = [...steps.slice(0, before), '(from here again and again)', ...steps.slice(before)];
    return { steps: marked, violates: 'somebody acquires again and again' };
  }
  return { steps, violates: 'nobody is stuck' };
}

export interface SearchOptions {
  readonly model: string;
  readonly switches: readonly string[];
  readonly kind: 'states' | 'fair';
  /** `shortest`: breadth first, so that a counterexample is a shortest one. `all`: depth first, with less memory. */
  readonly order: 'all' | 'shortest';
  /** Worth the time that an optimising compiler takes. */
  readonly large: boolean;
  /** Clients that differ in their numbers only are one. Not for what people are to read. */
  readonly symmetry: boolean;
  readonly limitS: number;
}

const MEMORY_MB = 3_500;
const DEEPEST = 2_000_000;

/**
 * Searches the model, in a folder of its own that is gone afterwards.
 * @throws Error when Spin or the compiler fails
 */
export async function search(options: SearchOptions): Promise<{ report: SearchReport; trail?: Trail }> {
  const folder = await mkdtemp(join(tmpdir(), 'lease-model-'));
  try {
    await copyFile(options.model, join(folder, 'lease.pml'));
    const report = await searchIn(folder, options);
    if (report.end.kind !== 'violated') return { report };
    const defines = options.switches.map((name) => `-D${name}`);
    const replay = await run('spin', ['-t', '-T', ...defines, 'lease.pml'], { folder, limitS: 60 });
    return { report, trail: parseTrail(replay.output) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function searchIn(folder: string, options: SearchOptions): Promise<SearchReport> {
  const switches = [...options.switches, ...(options.symmetry ? ['SYMMETRY'] : [])];
  const made = await run('spin', ['-a', ...switches.map((name) => `-D${name}`), 'lease.pml'], {
    folder,
    limitS: 60,
  });
  if (made.status !== 0) throw new Error(`spin could not read lease.pml:\n${made.output}`);
  const fair = options.kind === 'fair';
  const how = fair ? ['-DNFAIR=3'] : ['-DSAFETY', ...(options.order === 'shortest' ? ['-DBFS'] : [])];
  // NOREDUCE: all steps touch shared variables, so partial order reduction has nothing to leave out.
  // COLLAPSE stores states exactly, only smaller.
  const flags = [
    options.order === 'shortest' ? '-O0' : options.large ? '-O2' : '-O1',
    '-DCOLLAPSE',
    '-DNOREDUCE',
    `-DMEMLIM=${MEMORY_MB}`,
  ];
  const built = await run('gcc', [...flags, ...how, '-o', 'pan', 'pan.c'], { folder, limitS: 120 });
  if (built.status !== 0) throw new Error(`gcc could not build the verifier:\n${built.output}`);
  const depth = options.order === 'shortest' && !fair ? [] : [`-m${DEEPEST}`];
  const searched = await run('./pan', ['-n', ...depth, ...(fair ? ['-a', '-f'] : [])], {
    folder,
    limitS: options.limitS,
  });
  if (searched.timedOut)
    return { ...parseReport(''), end: { kind: 'incomplete', why: `over ${options.limitS} s` } };
  return parseReport(searched.output);
}

/** The transitions that a variant of the model has, by what they print, and whether a search to the end takes each. */
export async function transitionsOf(
  model: string,
  switches: readonly string[],
): Promise<{ readonly words: string; readonly taken: boolean }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lease-model-'));
  try {
    await copyFile(model, join(folder, 'whole.pml'));
    const defines = switches.map((name) => `-D${name}`);
    const source = await run('gcc', ['-E', '-P', '-x', 'c', ...defines, 'whole.pml'], { folder, limitS: 60 });
    const { text, transitions } = withMarks(source.output);
    await writeFile(join(folder, 'lease.pml'), text);
    const options = { model, switches: [], kind: 'states', order: 'all', symmetry: false } as const;
    const report = await searchIn(folder, { ...options, large: false, limitS: 900 });
    if (report.end.kind !== 'holds')
      throw new Error(`the search for transitions ended as ${report.end.kind}`);
    const taken = new Set((await readFile(join(folder, 'taken'), 'utf8')).split('\n'));
    return transitions.map((words, index) => ({ words, taken: taken.has(String(index)) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The model with a mark in place of each line that a transition prints; the marks are written to the file `taken`. */
export function withMarks(model: string): { text: string; transitions: string[] } {
  const transitions: string[] = [];
  const marked = model.replace(/printf\("(?!violated)(.*?)\\n"(?:, [a-z]+)*\)/g, (_, words: string) => {
    transitions.push(words.trim());
    return `c_code { taken[${transitions.length - 1}] = 1; }`;
  });
  const marks = `c_code {
  unsigned char taken[${transitions.length}];
  __attribute__((destructor)) void writeTaken(void) {
    FILE *file = fopen("taken", "w");
    for (int i = 0; file && i < ${transitions.length}; i++) if (taken[i]) fprintf(file, "%d\\n", i);
    if (file) fclose(file);
  }
};
`;
  return { text: marks + marked, transitions };
}

interface Ran {
  readonly status: number;
  readonly output: string;
  readonly timedOut: boolean;
}

/** @throws Error when the program can't be started */
function run(
  program: string,
  args: readonly string[],
  where: { folder: string; limitS: number },
): Promise<Ran> {
  const options = { cwd: where.folder, timeout: where.limitS * 1_000, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code === 'string') return reject(error);
      const status = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ status, output: `${stdout}${stderr}`, timedOut: error?.killed === true });
    });
  });
}

/** What must be installed and is not. */
export async function missingPrograms(): Promise<string[]> {
  const asked = await Promise.all(
    [['spin', '-V'] as const, ['gcc', '--version'] as const].map(async ([program, flag]) => {
      try {
        await run(program, [flag], { folder: tmpdir(), limitS: 20 });
        return [];
      } catch {
        return [program];
      }
    }),
  );
  return asked.flat();
}
