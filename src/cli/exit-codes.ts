import { constants } from 'node:os';
import type { StoreErrorKind } from '../store/store.ts';

/**
 * Why a command did not do what it was asked for: part of the documented contract, as `error.kind` of the JSON documents.
 * - `timed-out`, `busy` somebody else holds the lock
 * - `lost` the lease was lost while it was held · `not-held` there was no such lease to act on
 * - `not-released` all is done but the release
 * - `cancelled` a signal ended the wait
 * - `defect` Leasehold itself failed
 */
export type FailureKind =
  | StoreErrorKind
  | 'usage'
  | 'busy'
  | 'timed-out'
  | 'lost'
  | 'not-held'
  | 'not-released'
  | 'cancelled'
  | 'defect';

/**
 * The exit code of a failure. The numbers are those of sysexits(3) as far as it has one that fits, so that they stay clear
 * of what commands usually end with.
 */
export function exitCodeOf(kind: Exclude<FailureKind, 'cancelled'>): number {
  switch (kind) {
    case 'usage':
      return 64;
    case 'unavailable':
    case 'indeterminate':
      return 69;
    case 'defect':
      return 70;
    case 'not-released':
      return 73;
    case 'busy':
    case 'timed-out':
      return 75;
    case 'lost':
    case 'not-held':
      return 76;
    case 'denied':
      return 77;
    case 'misconfigured':
    case 'corrupt':
      return 78;
  }
}

/** What a shell makes of a process that a signal ended: 128 and the signal's number. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
