/** What clients did to one key of a store, and what they were told. Times are of one monotonic clock, in nanoseconds. */
export type Operation = Read | Write;

interface Call {
  readonly client: string;
  readonly callNs: number;
  /** `Infinity` when it has no end: nobody knows whether it took effect, so it may do so at any time after the call. */
  readonly returnNs: number;
}

export interface Read extends Call {
  readonly kind: 'read';
  readonly outcome: ReadOutcome;
}

/** Creates the key, if `expected` is `absent`, or replaces that version. Each value is written by one operation. */
export interface Write extends Call {
  readonly kind: 'write';
  readonly expected: string;
  readonly value: string;
  readonly outcome: WriteOutcome;
}

export type ReadOutcome =
  | { readonly kind: 'absent' }
  /** Without a value, the answer was that it is still the version that the client knows. */
  | { readonly kind: 'found'; readonly version: string; readonly value?: string };

export type WriteOutcome =
  | { readonly kind: 'written'; readonly version: string }
  | { readonly kind: 'conflict' }
  /** The store promised that it did not and will not apply. */
  | { readonly kind: 'refused' }
  /** No answer, or the client died. */
  | { readonly kind: 'unknown' };

export const ABSENT = 'absent';

/** A time for people, from the start of the history. */
export function formatNs(ns: number): string {
  return Number.isFinite(ns) ? `${(ns / 1e6).toFixed(3)} ms` : 'no end';
}

export function describeOperation(operation: Operation): string {
  const { client, callNs, returnNs } = operation;
  return `${client}: ${actionOf(operation)}: ${outcomeOf(operation)}  [${formatNs(callNs)} to ${formatNs(returnNs)}]`;
}

function actionOf(operation: Operation): string {
  switch (operation.kind) {
    case 'read':
      return 'read';
    case 'write':
      return operation.expected === ABSENT
        ? `create "${operation.value}"`
        : `replace ${operation.expected} by "${operation.value}"`;
  }
}

function outcomeOf({ outcome }: Operation): string {
  switch (outcome.kind) {
    case 'written':
      return `written as ${outcome.version}`;
    case 'found':
      return outcome.value === undefined
        ? `still ${outcome.version}`
        : `"${outcome.value}" (${outcome.version})`;
    case 'conflict':
    case 'absent':
      return outcome.kind;
    case 'refused':
      return 'refused, so it never applies';
    case 'unknown':
      return 'not known whether it applied';
  }
}
