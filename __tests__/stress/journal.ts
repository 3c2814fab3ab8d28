/*
 * What the stress says of itself: which client was started when, and what was done to it. With the logs of the witnesses and
 * of the resource it is all that the checker knows.
 */

/** `run`: `leasehold run`. `job`: a shell script with `leasehold acquire`, the work, and `leasehold release`. */
export type Form = 'run' | 'job';

/**
 * What is done to a client.
 * - `kill-leasehold` SIGKILL to `leasehold run`; its guard lives
 * - `kill-command` SIGKILL to the command under `leasehold run`
 * - `kill-guard` SIGKILL to the guard; the hold goes on
 * - `kill-job` SIGKILL to the script and its children; its keeper lives
 * - `kill-keeper` SIGKILL to the keeper; the job goes on
 * - `kill-all` SIGKILL to all processes of the client, as when a machine dies
 * - `stop-leasehold` SIGSTOP to `leasehold run` past the ttl, then SIGCONT; its guard runs on
 * - `stop-all` SIGSTOP to all processes of the client past the ttl, then SIGCONT, as when a machine is suspended
 */
export type AttackKind =
  | 'kill-leasehold'
  | 'kill-command'
  | 'kill-guard'
  | 'kill-job'
  | 'kill-keeper'
  | 'kill-all'
  | 'stop-leasehold'
  | 'stop-all';

/** Times are milliseconds of CLOCK_MONOTONIC. */
export interface Attack {
  readonly kind: AttackKind;
  readonly atMs: number;
  /** When SIGCONT was sent after a stop. */
  readonly resumedMs?: number;
}

export interface ClientEntry {
  readonly client: number;
  readonly lock: string;
  readonly form: Form;
  /** When it said that it waits for the lock, if it did. */
  readonly waitingMs?: number;
  readonly attack?: Attack;
  /** An exit code, or the name of the signal that ended it. */
  readonly exit: string;
  /** The end of what it said. */
  readonly said: string;
}

export interface LockRules {
  readonly lock: string;
  readonly policy: 'expired' | 'holder-finished';
  readonly ttlMs: number;
}
