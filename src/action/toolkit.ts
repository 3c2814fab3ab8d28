import {
  error as annotateError,
  ExitCode,
  getInput,
  getState,
  info,
  saveState,
  setFailed,
  setOutput,
  setSecret,
  summary,
} from '@actions/core';
import { exitWithin, killWithin } from '../base/process.ts';
import { sanitise } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { isStoreError } from '../lease/context.ts';
import type { Input, Output } from './keys.ts';
import { type Config, parseConfig, parseResult, type Result, type StateKey } from './state.ts';

/* The toolkit with our closed lists of names, and what all phases do alike. */

export function readInput(name: Input): string {
  return getInput(name);
}

const taken = new Map<Input, string>();

/** The text of an input that is secret: masked in the log from now on, and not in what this process starts. */
export function takeSecret(name: Input): string {
  const secret = taken.get(name) ?? getInput(name);
  taken.set(name, secret);
  delete process.env[`INPUT_${name.toUpperCase()}`];
  if (secret !== '') setSecret(secret);
  return secret;
}

/** Fails the step, with an annotation that has a title of our own words. */
export function failWith(title: string, message: string): void {
  process.exitCode = ExitCode.Failure;
  annotateError(message, { title });
}

export function setOutputs(outputs: Partial<Record<Output, string>>): void {
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}

export function save(key: StateKey, value: unknown): void {
  saveState(key, JSON.stringify(value));
}

export function saveConfig(config: Config): void {
  save('config', config);
}

export function saveResult(result: Result): void {
  save('result', result);
}

/** What was given back was not lost: whoever took it since did so by right. */
export function forgetResult(): void {
  saveState('result' satisfies StateKey, '');
}

/** The loss of the lease has been told, and need not be told again. */
export function saveLossTold(): void {
  saveState('loss-told' satisfies StateKey, 'true');
}

/** What an earlier phase has left. */
export interface Left {
  readonly config: Config | undefined;
  readonly result: Result | undefined;
  readonly lossTold: boolean;
}

export function readState(): Left {
  return {
    lossTold: getState('loss-told' satisfies StateKey) === 'true',
    config: parseConfig(getState('config' satisfies StateKey)),
    result: parseResult(getState('result' satisfies StateKey)),
  };
}

/** One value of the state, as text; empty where there is none. */
export function readStateText(key: StateKey): string {
  return getState(key);
}

export async function addSummary(markdown: string): Promise<void> {
  // Without the file (an old server) there is no summary to write to, and that is no reason to fail a deploy.
  if (process.env.GITHUB_STEP_SUMMARY) await summary.addRaw(markdown, true).write();
}

/** Nothing but a call that hangs takes that long after all is done. */
const END_WITHIN_MS = 5_000;

/** Runs a phase; what it throws fails the step, in words for people. */
export async function phase(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (isForPeople(error)) setFailed(sanitise(error.message, Number.POSITIVE_INFINITY));
    else setFailed(sanitise(error instanceof Error ? (error.stack ?? error.message) : String(error), 4_096));
  }
  killWithin(END_WITHIN_MS, () => info('A call to the store still hangs, so this process is killed.'));
}

/** By its name: what starts keepers is loaded only when one is started. */
function isForPeople(error: unknown): error is Error {
  return (
    error instanceof UsageError ||
    isStoreError(error) ||
    (error instanceof Error && error.name === 'KeeperError')
  );
}

/** The runner kills a step 10 s after the first signal; what is not done by now must be left to post and to the ttl. */
const EXIT_AFTER_MS = 6_500;

/** Aborts at the first SIGINT or SIGTERM. The process ends within 7 s of it, whatever still hangs. */
export function cancellation(): AbortSignal {
  const cancelled = new AbortController();
  const cancel = (): void => {
    if (cancelled.signal.aborted) return;
    cancelled.abort(new Error('cancelled'));
    exitWithin(EXIT_AFTER_MS);
  };
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  return cancelled.signal;
}
