import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { sanitise } from '../base/sanitise.ts';
import { exitCodeOf, type FailureKind } from './exit-codes.ts';
import { jsonLine } from './json.ts';
import type { Environment } from './options.ts';
import type { Screen } from './terminal.ts';

/** The world as a command sees it. */
export interface Cli {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: Random;
  /** One line on standard output: results. */
  readonly print: (line: string) => void;
  /** One line on standard error: all else. */
  readonly say: (line: string) => void;
  /** Standard error, where it is a terminal on which a line can be redrawn. */
  readonly screen?: Screen;
}

/** How a command ended that did not do what it was asked for. */
export interface Failure {
  readonly kind: Exclude<FailureKind, 'cancelled'>;
  /** For people; what is foreign in it is sanitised. */
  readonly lines: readonly string[];
  /** What the JSON document has besides kind, message and exit code. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Tells of a failure on standard error, and returns the exit code for it. */
export function fail(cli: Cli, json: boolean, { kind, lines, details }: Failure): number {
  const exitCode = exitCodeOf(kind);
  sayError(cli, json, { kind, exitCode, lines, ...(details ? { details } : {}) });
  return exitCode;
}

/** The one place where an error is printed. */
export function sayError(
  cli: Cli,
  json: boolean,
  error: { kind: FailureKind; exitCode: number; lines: readonly string[]; details?: Failure['details'] },
): void {
  const { kind, exitCode, lines, details } = error;
  if (json) cli.say(jsonLine({ error: { kind, message: lines.join('\n'), exitCode, ...details } }));
  else for (const line of lines) cli.say(`leasehold: ${line}`);
}

const LONGEST_LINE = 4_096;

/** The lines of an error's message, safe to print. */
export function messageLines(text: string): string[] {
  return text.split('\n').map((line) => sanitise(line, LONGEST_LINE));
}
