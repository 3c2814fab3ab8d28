import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type KeeperStatus, parseStatus } from '../../src/keeper/handover.ts';
import { type LockContext, look } from '../../src/lease/context.ts';
import { recordKey } from '../../src/lease/name.ts';
import type { HeldRecord, LeaseRecord } from '../../src/lease/record.ts';
import { LocalStore } from '../../src/store/local.ts';
import { type RunningJob, rawLog, startJob } from '../support/runner/runner.mjs';
import type { ActionStep, Annotation, JobResult, JobSpec, RunStep, Step } from '../support/runner/types.ts';

/* Jobs that use the Action as it is committed: its action.yml and the dist/ that `npm run build` made. */

export const ROOT = resolve(import.meta.dirname, '../..');
export const DIST = join(ROOT, 'dist');
if (!existsSync(join(DIST, 'pre', 'index.js'))) {
  throw new Error('There is no dist/ to test. Run "npm run build" first.');
}
/** What `using: node24` means. */
export const NODE = process.env.LEASEHOLD_NODE24 ?? process.execPath;

export const LOCK = 'deploy';
/** The shortest there is: renewed every 5 s, stolen 17 s after the last renewal. */
export const TTL = '15s';

/** What a test leaves on the disk; `removeAll` for the end of the file. */
const made: string[] = [];

export function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'leasehold-e2e-'));
  made.push(path);
  return path;
}

export function removeAll(): void {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
}

/** A directory for locks that is not there yet. */
export function newStore(): string {
  return join(temporary(), 'locks');
}

/** The step under test, with the id `lock`. */
export function lockStep(
  store: string,
  inputs: Record<string, string> = {},
  step: Partial<ActionStep> = {},
): ActionStep {
  return { id: 'lock', uses: ROOT, with: { name: LOCK, store, ttl: TTL, ...inputs }, ...step };
}

/** A node that runs `preload`, a module, before all else; so do the processes that it starts by its own path. */
export function nodeWith(preload: string): string {
  const folder = temporary();
  const [wrapper, own] = [join(folder, 'node'), join(folder, 'own-path.mjs')];
  writeFileSync(own, `process.execPath = ${JSON.stringify(wrapper)};`);
  // dash would drop INPUT_ON-BUSY, which is no name of a variable in a shell.
  writeFileSync(wrapper, `#!/bin/bash\nexec '${NODE}' --import '${own}' --import '${preload}' "$@"\n`);
  chmodSync(wrapper, 0o755);
  return wrapper;
}

export function startWith(steps: Step[], spec: Partial<JobSpec> = {}): RunningJob {
  return startJob({ steps, ...spec, runner: { nodePath: NODE, ...spec.runner } });
}

export function runWith(steps: Step[], spec: Partial<JobSpec> = {}): Promise<JobResult> {
  return startWith(steps, spec).done;
}

/** A step that goes on until somebody opens the gate. It says `holding`, and a cancel ends it at once. */
export class Gate {
  readonly #path = join(temporary(), 'open');
  readonly step: RunStep = {
    id: 'work',
    // `exec`: a shell that waits for a child hears a signal only afterwards.
    run: `echo holding; exec '${NODE}' -e 'setInterval(() => fs.existsSync("${this.#path}") && process.exit(0), 30)'`,
  };

  open(): void {
    writeFileSync(this.#path, '');
  }
}

/** A job that holds the lock by now, and until `end`. */
export interface Holding {
  readonly job: RunningJob;
  readonly leaseId: string;
  /** The folder of the hold: status.json, keeper.log, closed. */
  readonly folder: string;
  readonly keeperPid: number;
  /** Lets the job come to its end. */
  end(): Promise<JobResult>;
}

export async function hold(
  store: string,
  inputs: Record<string, string> = {},
  spec: Partial<JobSpec> = {},
): Promise<Holding> {
  const gate = new Gate();
  const job = startWith([lockStep(store, inputs), gate.step], spec);
  await untilLine(job, 'holding');
  const { folder, holder } = stateOf(job.result);
  return {
    job,
    leaseId: holder.leaseId,
    folder,
    keeperPid: readStatus(folder)?.keeper.pid ?? 0,
    end: () => {
      gate.open();
      return job.done;
    },
  };
}

/** What pre (or main) saved. */
export function stateOf(result: JobResult): {
  folder: string;
  holder: { leaseId: string; processes?: { pid: number }[] };
} {
  return JSON.parse(result.steps.lock?.state.config ?? '{}');
}

export function untilLine(job: RunningJob, text: string): Promise<unknown> {
  return job.until('line', ({ raw }) => raw.includes(text));
}

export function readStatus(folder: string): KeeperStatus | undefined {
  try {
    return parseStatus(readFileSync(join(folder, 'status.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Polls until `condition` gives something. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 10_000,
): Promise<T> {
  for (const endMs = Date.now() + withinMs; ; await sleep(20)) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > endMs) throw new Error(`It did not come to that within ${withinMs} ms: ${what}`);
  }
}

export async function lockIn(store: string, name = LOCK): Promise<LockContext> {
  return {
    name,
    store: await LocalStore.open(store),
    clock: systemClock,
    random: systemRandom,
    callTimeoutMs: 5_000,
  };
}

/** What is stored of the lock. */
export async function recordIn(store: string, name = LOCK): Promise<LeaseRecord | undefined> {
  return (await look(await lockIn(store, name))).record;
}

export async function heldIn(store: string, name = LOCK): Promise<HeldRecord> {
  const record = await recordIn(store, name);
  if (record?.state !== 'held')
    throw new Error(`The lock is not held but ${record?.state ?? 'was never taken'}.`);
  return record;
}

/** The folder of the lock's records in a directory. */
export function recordFolder(store: string, name = LOCK): string {
  return join(store, recordKey(name));
}

/** The names of the files that make up a lock's record: its versions, and writes under way. */
export function recordFiles(store: string, name = LOCK): string[] {
  return readdirSync(recordFolder(store, name)).sort();
}

/** Puts `body` under the lock's key as another program might: as the directory's next version. */
export async function putRecord(store: string, body: string, name = LOCK): Promise<void> {
  const opened = await LocalStore.open(store);
  const key = recordKey(name);
  const reading = await opened.read(key);
  await opened.write(key, body, reading.kind === 'found' ? reading.version : 'absent');
}

/** A job's annotations of one level, one text. */
export function said(result: JobResult, level: Annotation['level']): string {
  return result.annotations
    .filter((annotation) => annotation.level === level)
    .map(({ message }) => message)
    .join('\n');
}

/** `lock.pre success, lock.main success, …`: what a failed assertion needs to show. */
export function course(result: JobResult): string[] {
  return result.phases.map(({ step, phase, status }) => `${step}.${phase} ${status}`);
}

/** The job's log, kept for the message of a failed test. */
export function expectCourse(result: JobResult, expected: string[]): void {
  const found = course(result);
  if (found.join() !== expected.join()) {
    throw new Error(`Expected ${expected.join(', ')}\nbut it was ${found.join(', ')}\n${rawLog(result)}`);
  }
}

export const NORMAL = ['lock.pre success', 'lock.main success', 'work.main success', 'lock.post success'];

/** Kills a phase of `job`, unless it has come to its end by itself. */
export function killPhase(job: RunningJob, pid: number): void {
  if (!job.processes().some((running) => running.pid === pid)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
