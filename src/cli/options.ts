import type { StalePolicy, Timing } from '../lease/policy.ts';
import { userAtHost } from '../lease/self.ts';
import { CommandLine, type OnBusy, refuseSkip, reservationMs } from './command-line.ts';
import { type CommandName, parseCommandLine } from './grammar.ts';
import { type ProtocolInvocation, protocolInvocation } from './protocol-options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What every command has. */
export interface Common {
  /** As `openStore` takes it, but never relative: processes in other directories get it too. */
  readonly store: string;
  /** Nothing named the store: it is the default. */
  readonly defaultStore: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What is done about a lock that is held, and who is told. */
export interface Wait {
  readonly waitTimeoutMs: number;
  readonly onBusy: OnBusy;
  readonly stalePolicy: StalePolicy;
  readonly onStale?: string;
  readonly ownerId: string;
  /** The command that is told what happens; empty: none. */
  readonly notify: string;
  readonly notifyAfterMs: number;
}

/** How a lock is to be taken. */
export interface Take extends Wait {
  readonly name: string;
  readonly timing: Timing;
  readonly lockDelayMs: number;
  readonly reason?: string;
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
  | { readonly kind: 'doctor'; readonly options: Common }
  | ProtocolInvocation;

/**
 * All that a command line says, checked before anything is opened or written.
 * @param argv what follows the program's name
 * @throws UsageError for the first thing that can't be used, naming it and what is allowed
 */
export function parseInvocation(argv: readonly string[], environment: Environment): Invocation {
  const parsed = parseCommandLine(argv);
  if (parsed.kind !== 'command') return parsed;
  const line = new CommandLine(parsed, environment);
  const ofProtocol = protocolInvocation(parsed.command, line);
  if (ofProtocol) return ofProtocol;
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
  return { ...refuseSkip(line.take()), ...line.keeping() };
}

function reserveOptions(line: CommandLine): ReserveOptions {
  return {
    ...refuseSkip(line.take()),
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

/** Whether errors are wanted as JSON, known even of a command line that can't be parsed. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}
