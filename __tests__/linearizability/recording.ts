import { check } from './checker.ts';
import type { Operation } from './history.ts';

/** What a recording holds, and what the checker says of it. */
export interface Findings {
  readonly histories: number;
  readonly operations: number;
  readonly longest: number;
  readonly written: number;
  readonly conflicts: number;
  readonly reads: number;
  readonly refused: number;
  readonly unknown: number;
  /** How many operations were under way at the same time as another on the same key. */
  readonly overlapping: number;
  readonly checkMs: number;
  /** For the first history that is not linearizable. */
  readonly violation?: Violation;
}

export interface Violation {
  readonly key: string;
  readonly explanation: string;
  readonly history: readonly Operation[];
}

export function examine(recorded: ReadonlyMap<string, readonly Operation[]>): Findings {
  const histories = [...recorded];
  const operations = histories.flatMap(([, history]) => history);
  const count = (kind: Operation['outcome']['kind']): number =>
    operations.filter(({ outcome }) => outcome.kind === kind).length;
  const startMs = performance.now();
  const violation = firstViolation(histories);
  return {
    histories: histories.length,
    operations: operations.length,
    longest: Math.max(0, ...histories.map(([, history]) => history.length)),
    written: count('written'),
    conflicts: count('conflict'),
    reads: count('found') + count('absent'),
    refused: count('refused'),
    unknown: count('unknown'),
    overlapping: histories.reduce((sum, [, history]) => sum + overlapping(history), 0),
    checkMs: performance.now() - startMs,
    ...(violation ? { violation } : {}),
  };
}

function firstViolation(
  histories: readonly (readonly [string, readonly Operation[]])[],
): Violation | undefined {
  for (const [key, history] of histories) {
    const verdict = check(history);
    if (verdict.kind === 'not-linearizable') return { key, history, explanation: verdict.explanation };
  }
  return undefined;
}

function overlapping(history: readonly Operation[]): number {
  const ended = history
    .filter(({ returnNs }) => returnNs !== Number.POSITIVE_INFINITY)
    .sort((a, b) => a.callNs - b.callNs);
  let latestNs = Number.NEGATIVE_INFINITY;
  return ended.filter(({ callNs, returnNs }, index) => {
    const next = ended[index + 1]?.callNs ?? Number.POSITIVE_INFINITY;
    const overlaps = callNs <= latestNs || next <= returnNs;
    latestNs = Math.max(latestNs, returnNs);
    return overlaps;
  }).length;
}

/**
 * Why a verdict would mean little: something that was to happen never did.
 * @param isPrompt calls may be over before anything can interrupt them
 */
export function gapsOf(findings: Findings, isPrompt: boolean): string[] {
  const kinds = ['written', 'conflicts', 'reads', ...(isPrompt ? [] : (['unknown'] as const))] as const;
  const gaps = kinds.filter((kind) => findings[kind] === 0).map((kind) => `no ${kind}`);
  return findings.overlapping * 10 < findings.operations ? [...gaps, 'hardly any that overlap'] : gaps;
}
