import { statSync } from 'node:fs';
import { quote } from '../base/sanitise.ts';
import { acquireBy } from './acquire.ts';
import { problemOf } from './files.ts';
import {
  type Check,
  type Held,
  type Hold,
  type Protocol,
  ProtocolError,
  type Surroundings,
} from './protocol.ts';

/*
 * What Asterisk's two ways to lock a directory share: option `lockmode` of asterisk.conf, `ast_lock_path` and
 * `ast_unlock_path` of its main/app.c.
 */

/** Whose timing and file mode are used; the locks are the same. */
export const ASTERISK_VARIANTS = ['asterisk', 'blog'] as const;
export type AsteriskVariant = (typeof ASTERISK_VARIANTS)[number];

export interface AsteriskTiming {
  /** Between two tries. Asterisk itself does not pause at all, or for a millisecond. */
  readonly everyMs: number;
  /** How long `lockPath` goes on trying. */
  readonly waitMs: number;
  /** Of the file `.lock`, before the umask. */
  readonly mode: number;
}

/** The program's own, which tries for less than 5 s, and those of the Go variant: 12 tries, half a second apart. */
export const ASTERISK_TIMINGS: Readonly<Record<AsteriskVariant, AsteriskTiming>> = {
  asterisk: { everyMs: 50, waitMs: 4_950, mode: 0o666 },
  blog: { everyMs: 500, waitMs: 11 * 500, mode: 0o600 },
};

export interface AsteriskOptions {
  /** Default: `asterisk`. */
  readonly variant?: AsteriskVariant;
}

/** A protocol of Asterisk's, with the timing of its variant. */
export interface AsteriskProtocol extends Protocol {
  readonly timing: AsteriskTiming;
}

/** How Asterisk's `ast_lock_path` ends, and `cancelled` by the caller's signal. */
export type LockPathOutcome =
  | { readonly kind: 'success'; readonly hold: Hold }
  | { readonly kind: 'timeout'; readonly by: Held }
  | { readonly kind: 'path-not-found' | 'failure'; readonly error: ProtocolError }
  | { readonly kind: 'cancelled' };

export interface LockPathOptions extends Surroundings {
  /** With `asterisk-lockfile`: the age at which a `.lock` is taken over. Absent: never, as Asterisk. */
  readonly ttlMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asterisk's `ast_lock_path`: locks a directory, trying for as long as the protocol's variant does. Its `ast_unlock_path` is
 * the hold's `release`.
 */
export async function lockPath(
  protocol: AsteriskProtocol,
  directory: string,
  { ttlMs, signal, ...surroundings }: LockPathOptions,
): Promise<LockPathOutcome> {
  const request = {
    path: directory,
    pid: process.pid,
    stalePolicy: ttlMs === undefined ? ('never' as const) : ('expired' as const),
    waitTimeoutMs: protocol.timing.waitMs,
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(signal ? { signal } : {}),
  };
  try {
    const outcome = await acquireBy(protocol, request, surroundings);
    switch (outcome.kind) {
      case 'acquired':
        return { kind: 'success', hold: outcome.hold };
      case 'busy':
      case 'timed-out':
        return { kind: 'timeout', by: outcome.by };
      case 'cancelled':
        return outcome;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { problem } = error;
    const notFound = problem === 'path-missing' || problem === 'not-a-directory';
    return { kind: notFound ? 'path-not-found' : 'failure', error };
  }
}

export const OURS: Check = { kind: 'ours' };

/** @throws ProtocolError `path-missing` or `not-a-directory` */
export function requireDirectory(directory: string): void {
  try {
    if (statSync(directory).isDirectory()) return;
  } catch (error) {
    throw problemOf(error, 'look at', directory);
  }
  throw new ProtocolError(
    'not-a-directory',
    `${quote(directory)} is no directory. Asterisk locks directories: give the one in which the lock file lies.`,
  );
}
