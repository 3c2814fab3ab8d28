import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { checkName } from '../lease/name.ts';
import {
  buildTiming,
  parseLockDelay,
  STALE_POLICIES,
  type StalePolicy,
  type Timing,
} from '../lease/policy.ts';
import { defaultOwnerId, userAtHost } from '../lease/self.ts';
import { COMMANDS, type CommandName, type OptionName, type Parsed, parseCommandLine } from './grammar.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const ON_BUSY = ['wait', 'fail', 'skip'] as const;
export type OnBusy = (typeof ON_BUSY)[number];

/** What every command has. */
export interface Common {
  /** As `openStore` takes it, but never relative: processes in other directories get it too. */
  readonly store: string;
  /** Nothing named the store: it is the default. */
  readonly defaultStore: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** How a lock is to be taken. */
export interface Take {
  readonly name: string;
  readonly timing: Timing;
  readonly waitTimeoutMs: number;
  readonly onBusy: OnBusy;
  readonly stalePolicy: StalePolicy;
  readonly onStale?: string;
  readonly lockDelayMs: number;
  readonly ownerId: string;
  readonly reason?: string;
  /** The command that is told what happens; empty: none. */
  readonly notify: string;
  readonly notifyAfterMs: number;
}

export type RunOptions = Common & Take & { readonly command: readonly [string, ...string[]] };
export type AcquireOptions = Common & Take & { readonly maxHoldMs: number; readonly pid?: number };
export type ReserveOptions = Common &
  Take & { readonly forMs: number; readonly reason: string; readonly tree: boolean };
export type ReleaseOptions = Common & {
  readonly name: string;
  readonly leaseId: string;
  readonly notify: string;
};
export type StatusOptions = Common & { readonly name: string };
/** Without a lease, or without a reason, `break` only says what is missing. */
export type BreakOptions = Common & {
  readonly name: string;
  readonly leaseId?: string;
  readonly reason?: string;
  readonly by: string;
};

/** A command line, checked: what is to be done. */
export type Invocation =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly command?: CommandName }
  | { readonly kind: 'run'; readonly options: RunOptions }
  | { readonly kind: 'acquire'; readonly options: AcquireOptions }
  | { readonly kind: 'reserve'; readonly options: ReserveOptions }
  | { readonly kind: 'release'; readonly options: ReleaseOptions }
  | { readonly kind: 'status'; readonly options: StatusOptions }
  | { readonly kind: 'history'; readonly options: StatusOptions }
  | { readonly kind: 'list'; readonly options: Common }
  | { readonly kind: 'break'; readonly options: BreakOptions }
  | { readonly kind: 'doctor'; readonly options: Common };

/**
 * All that a command line says, checked before anything is opened or written.
 * @param argv what follows the program's name
 * @throws UsageError for the first thing that can't be used, naming it and what is allowed
 */
export function parseInvocation(argv: readonly string[], environment: Environment): Invocation {
  const parsed = parseCommandLine(argv);
  if (parsed.kind !== 'command') return parsed;
  const line = new CommandLine(parsed, environment);
  switch (parsed.command) {
    case 'run':
      return { kind: 'run', options: { ...line.take(), command: line.command() } };
    case 'acquire':
      return { kind: 'acquire', options: acquireOptions(line) };
    case 'reserve':
      return { kind: 'reserve', options: reserveOptions(line) };
    case 'release':
      return {
        kind: 'release',
        options: { ...line.named(), leaseId: line.neededLease(), notify: line.text('notify') ?? '' },
      };
    case 'status':
      return { kind: 'status', options: line.named() };
    case 'history':
      return { kind: 'history', options: line.named() };
    case 'list':
      return { kind: 'list', options: line.nameless() };
    case 'break':
      return { kind: 'break', options: breakOptions(line) };
    case 'doctor':
      return { kind: 'doctor', options: line.nameless() };
  }
}

function acquireOptions(line: CommandLine): AcquireOptions {
  const take = line.take();
  if (take.onBusy === 'skip') {
    throw new UsageError('--on-busy: skip is for run, which has a command to skip. Use wait or fail.');
  }
  const pid = line.text('pid');
  return {
    ...take,
    maxHoldMs: maxHoldMs(line.text('max-hold')),
    ...(pid === undefined ? {} : { pid: pidOf(pid) }),
  };
}

function reserveOptions(line: CommandLine): ReserveOptions {
  const take = line.take();
  if (take.onBusy === 'skip') {
    throw new UsageError('--on-busy: skip is for run, which has a command to skip. Use wait or fail.');
  }
  return {
    ...take,
    // Whoever reserves is a person more often than a run.
    ownerId: line.text('owner-id') || userAtHost(),
    forMs: reservationMs(line.needed('for', 'for how long')),
    reason: line.needed('reason', 'why: everybody who waits reads it'),
    tree: line.has('tree'),
  };
}

function breakOptions(line: CommandLine): BreakOptions {
  const [leaseId, reason] = [line.lease(), line.text('reason')];
  return {
    ...line.named(),
    ...(leaseId === undefined ? {} : { leaseId }),
    ...(reason === undefined ? {} : { reason }),
    // Whoever breaks is a person more often than a run.
    by: line.text('by') ?? userAtHost(),
  };
}

const LONGEST_TEXT = 500;
const SHORTEST_MAX_HOLD_MS = 60_000;
const DEFAULT = { ttl: '90s', waitTimeout: '30m', maxHold: '6h', notifyAfter: '10m' };
/** A URL may be long, and so may a command. */
const OF_ANY_LENGTH: readonly OptionName[] = ['store', 'on-stale', 'notify'];

/** Reads the parts of one command line. */
class CommandLine {
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
    if (text === undefined || text.trim() === '') throw this.#wrong(`--${option} is missing: ${what}.`);
    return text;
  }

  has(flag: OptionName): boolean {
    return this.#parsed.flags.has(flag);
  }

  nameless(): Common {
    const [surplus] = this.#parsed.positionals;
    if (surplus !== undefined) throw this.#wrong(`${quote(surplus)} is one argument too many.`);
    return this.#common();
  }

  named(): Common & { name: string } {
    const [name, surplus] = this.#parsed.positionals;
    if (name === undefined) throw this.#wrong('The name of the lock is missing.');
    if (surplus !== undefined) {
      const forgotten = this.#parsed.command === 'run' && this.#parsed.rest === undefined;
      throw this.#wrong(
        forgotten
          ? `The command to run stands after "--": leasehold run ${name} -- ${surplus} …`
          : `${quote(surplus)} is one argument too many.`,
      );
    }
    return { ...this.#common(), name: checkName(name) };
  }

  take(): Common & Take {
    const onBusy = this.#oneOf('on-busy', ON_BUSY) ?? 'wait';
    const waitTimeout = this.text('wait-timeout');
    if (waitTimeout !== undefined && onBusy !== 'wait') {
      throw new UsageError(
        `--wait-timeout and --on-busy ${onBusy} contradict each other: ${onBusy} does not wait.`,
      );
    }
    const [onStale, reason] = [this.text('on-stale'), this.text('reason')];
    return {
      ...this.named(),
      timing: buildTiming({ ttlMs: parseDuration(this.text('ttl') ?? DEFAULT.ttl, '--ttl') }),
      waitTimeoutMs:
        onBusy === 'wait' ? parseDuration(waitTimeout ?? DEFAULT.waitTimeout, '--wait-timeout') : 0,
      onBusy,
      stalePolicy: this.#oneOf('stale-policy', STALE_POLICIES) ?? 'expired',
      ...(onStale ? { onStale } : {}),
      lockDelayMs: parseLockDelay(this.text('lock-delay') ?? '0', '--lock-delay'),
      ownerId: this.text('owner-id') || defaultOwnerId(this.#environment),
      ...(reason ? { reason } : {}),
      notify: this.text('notify') ?? '',
      notifyAfterMs: parseDuration(this.text('notify-after') ?? DEFAULT.notifyAfter, '--notify-after'),
    };
  }

  command(): [string, ...string[]] {
    const [program, ...words] = this.#parsed.rest ?? [];
    if (program === undefined || program === '') throw this.#wrong('The command to run is missing.');
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
    if (id === undefined) throw this.#wrong('--lease is missing: the id that acquire printed.');
    return id;
  }

  #common(): Common {
    const { rest, command, flags } = this.#parsed;
    if (rest !== undefined && command !== 'run') throw this.#wrong('There is nothing to stand after "--".');
    const given = this.text('store') || this.#environment.LEASEHOLD_STORE || undefined;
    return {
      store: given === undefined ? join(stateHome(this.#environment), 'leasehold') : absoluteStore(given),
      defaultStore: given === undefined,
      json: flags.has('json'),
      quiet: flags.has('quiet'),
    };
  }

  #oneOf<T extends string>(option: OptionName, allowed: readonly T[]): T | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const found = allowed.find((value) => value === text);
    if (found === undefined) {
      throw new UsageError(`--${option}: ${quote(text)} is not known. Allowed: ${allowed.join(', ')}.`);
    }
    return found;
  }

  #wrong(what: string): UsageError {
    const { command } = this.#parsed;
    return new UsageError(`${what}\nUsage: leasehold ${command} ${COMMANDS[command].usage}`);
  }
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

function reservationMs(text: string): number {
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

/** Whether errors are wanted as JSON, known even of a command line that can't be parsed. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}
