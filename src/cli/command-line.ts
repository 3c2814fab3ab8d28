import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { checkName } from '../lease/name.ts';
import { buildTiming, parseLockDelay, STALE_POLICIES } from '../lease/policy.ts';
import { defaultOwnerId } from '../lease/self.ts';
import { type OptionName, type Parsed, usagesOf } from './grammar.ts';
import type { Common, Environment, Take, Wait } from './options.ts';

export const ON_BUSY = ['wait', 'fail', 'skip'] as const;
export type OnBusy = (typeof ON_BUSY)[number];

const LONGEST_TEXT = 500;
const SHORTEST_MAX_HOLD_MS = 60_000;
const DEFAULT = { ttl: '90s', waitTimeout: '30m', maxHold: '6h', notifyAfter: '10m' };
/** A URL may be long, and so may a command. */
const OF_ANY_LENGTH: readonly OptionName[] = ['store', 'path', 'on-stale', 'notify'];

/** Reads the parts of one command line. */
export class CommandLine {
  readonly #parsed: Extract<Parsed, { kind: 'command' }>;
  readonly #environment: Environment;

  constructor(parsed: Extract<Parsed, { kind: 'command' }>, environment: Environment) {
    this.#parsed = parsed;
    this.#environment = environment;
  }

  text(option: OptionName): string | undefined {
    const text = this.#parsed.values[option];
    if (text !== undefined && text.length > LONGEST_TEXT && !OF_ANY_LENGTH.includes(option)) {
      throw new UsageError(`--${option}: has ${text.length} characters, more than ${LONGEST_TEXT}.`);
    }
    return text;
  }

  /** @throws UsageError when the option is missing or empty, which `what` explains */
  needed(option: OptionName, what: string): string {
    const text = this.text(option);
    if (text === undefined || text.trim() === '') throw this.wrong(`--${option} is missing: ${what}.`);
    return text;
  }

  has(flag: OptionName): boolean {
    return this.#parsed.flags.has(flag);
  }

  nameless(): Common {
    this.nothingElse();
    return this.#common();
  }

  /** @throws UsageError for an argument that no option takes; `hint` says what is meant instead */
  nothingElse(hint = ''): void {
    const { positionals, command, rest } = this.#parsed;
    const [surplus] = positionals;
    if (surplus !== undefined) throw this.wrong(`${quote(surplus)} is one argument too many.${hint}`);
    if (rest !== undefined && command !== 'run') throw this.wrong('There is nothing to stand after "--".');
  }

  named(): Common & { name: string } {
    const [name, surplus] = this.#parsed.positionals;
    if (name === undefined) throw this.wrong('The name of the lock is missing.');
    if (surplus !== undefined) {
      const forgotten = this.#parsed.command === 'run' && this.#parsed.rest === undefined;
      throw this.wrong(
        forgotten
          ? `The command to run stands after "--": leasehold run ${name} -- ${surplus} …`
          : `${quote(surplus)} is one argument too many.`,
      );
    }
    return { ...this.#common(), name: checkName(name) };
  }

  take(): Common & Take {
    const reason = this.text('reason');
    return {
      ...this.named(),
      ...this.wait(),
      timing: buildTiming({ ttlMs: parseDuration(this.text('ttl') ?? DEFAULT.ttl, '--ttl') }),
      lockDelayMs: this.lockDelay(),
      ...(reason ? { reason } : {}),
    };
  }

  wait(): Wait {
    const onBusy = this.oneOf('on-busy', ON_BUSY) ?? 'wait';
    const waitTimeout = this.text('wait-timeout');
    if (waitTimeout !== undefined && onBusy !== 'wait') {
      throw new UsageError(
        `--wait-timeout and --on-busy ${onBusy} contradict each other: ${onBusy} does not wait.`,
      );
    }
    const onStale = this.text('on-stale');
    return {
      waitTimeoutMs:
        onBusy === 'wait' ? parseDuration(waitTimeout ?? DEFAULT.waitTimeout, '--wait-timeout') : 0,
      onBusy,
      stalePolicy: this.oneOf('stale-policy', STALE_POLICIES) ?? 'expired',
      ...(onStale ? { onStale } : {}),
      ownerId: this.text('owner-id') || defaultOwnerId(this.#environment),
      notify: this.text('notify') ?? '',
      notifyAfterMs: parseDuration(this.text('notify-after') ?? DEFAULT.notifyAfter, '--notify-after'),
    };
  }

  lockDelay(): number {
    return parseLockDelay(this.text('lock-delay') ?? '0', '--lock-delay');
  }

  keeping(): { maxHoldMs: number; pid?: number } {
    const pid = this.text('pid');
    return {
      maxHoldMs: maxHoldMs(this.text('max-hold')),
      ...(pid === undefined ? {} : { pid: pidOf(pid) }),
    };
  }

  command(): [string, ...string[]] {
    const [program, ...words] = this.#parsed.rest ?? [];
    if (program === undefined || program === '') throw this.wrong('The command to run is missing.');
    return [program, ...words];
  }

  lease(): string | undefined {
    const id = this.text('lease');
    // It becomes part of a path.
    if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) {
      throw new UsageError(
        `--lease: ${quote(id)} is not a lease id, which has 32 hexadecimal digits: "leasehold status" shows it.`,
      );
    }
    return id;
  }

  neededLease(): string {
    const id = this.lease();
    if (id === undefined) throw this.wrong('--lease is missing: the id that acquire printed.');
    return id;
  }

  #common(): Common {
    const { rest, command } = this.#parsed;
    if (rest !== undefined && command !== 'run') throw this.wrong('There is nothing to stand after "--".');
    const given = this.text('store') || this.#environment.LEASEHOLD_STORE || undefined;
    return {
      store: given === undefined ? join(stateHome(this.#environment), 'leasehold') : absoluteStore(given),
      defaultStore: given === undefined,
      json: this.has('json'),
      quiet: this.has('quiet'),
    };
  }

  /** @throws UsageError when it is given and is none of them */
  oneOf<T extends string>(option: OptionName, allowed: readonly T[]): T | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const found = allowed.find((value) => value === text);
    if (found === undefined) {
      throw new UsageError(`--${option}: ${quote(text)} is not known. Allowed: ${allowed.join(', ')}.`);
    }
    return found;
  }

  wrong(what: string): UsageError {
    const { command } = this.#parsed;
    return new UsageError(`${what}\nUsage: ${usagesOf(command).join('\n   or: ')}`);
  }
}

/** @throws UsageError when a command is to be skipped and there is none */
export function refuseSkip<T extends Wait>(wait: T): T {
  if (wait.onBusy !== 'skip') return wait;
  throw new UsageError('--on-busy: skip is for run, which has a command to skip. Use wait or fail.');
}

/** Where a user's programs keep what outlives them (XDG Base Directory Specification 0.8: a relative path is ignored). */
export function stateHome({ XDG_STATE_HOME: given, HOME }: Environment): string {
  return given && isAbsolute(given) ? given : resolve(HOME || homedir(), '.local', 'state');
}

function absoluteStore(given: string): string {
  if (/^memory:/i.test(given)) {
    throw new UsageError(
      '--store: memory: ends with this process and keeps nobody out. Use s3://bucket/prefix, file:///directory or a path.',
    );
  }
  // Two letters at least: C:\ is a drive.
  if (/^[a-z][a-z0-9+.-]+:/i.test(given)) return given;
  return given.startsWith('~/') ? join(homedir(), given.slice(2)) : resolve(given);
}

function maxHoldMs(text = DEFAULT.maxHold): number {
  const ms = parseDuration(text, '--max-hold');
  if (ms < SHORTEST_MAX_HOLD_MS) {
    throw new UsageError('--max-hold: is under 1m. After that time the lease is not renewed any more.');
  }
  return ms;
}

const RESERVATION_MS = { shortest: 60_000, longest: 30 * 86_400_000 };

export function reservationMs(text: string): number {
  const ms = parseDuration(text, '--for');
  const { shortest, longest } = RESERVATION_MS;
  if (ms < shortest || ms > longest) {
    throw new UsageError(
      `--for: ${formatDuration(ms)} is not between ${formatDuration(shortest)} and ${formatDuration(longest)}. A reservation ends by itself after that time.`,
    );
  }
  return ms;
}

function pidOf(text: string): number {
  const pid = Number(text);
  if (!/^\d{1,10}$/.test(text) || pid < 1) throw new UsageError(`--pid: ${quote(text)} is not a process id.`);
  return pid;
}
