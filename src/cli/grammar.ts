import { parseArgs } from 'node:util';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';

export interface OptionSpec {
  /** What stands for its value in the help; absent: it has none. */
  readonly value?: string;
  readonly help: string;
}

/** All options, a closed list: what is not here is a usage error. */
export const OPTIONS = {
  store: {
    value: 'URL',
    help: 'where the locks are: s3://bucket/prefix?region=…, file:///directory or a path. Default: $LEASEHOLD_STORE, else $XDG_STATE_HOME/leasehold (~/.local/state/leasehold)',
  },
  protocol: {
    value: 'PROTOCOL',
    help: 'take the lock of another program instead of a lease: pid, vfs, levels, asterisk-lockfile or asterisk-flock, see docs/protocols.md',
  },
  path: { value: 'PATH', help: 'with --protocol: what is locked, instead of NAME' },
  'vfs-keys': {
    value: 'new|old|both',
    help: 'with --protocol vfs: how the keys of the record are spelt. Default: new',
  },
  ttl: {
    value: 'DURATION',
    help: 'without a renewal for this long others may take the lock; 15s to 1d. Default: 90s; with --protocol: see docs/protocols.md',
  },
  'wait-timeout': {
    value: 'DURATION',
    help: "how long to wait for a lock that is held; 0: don't. Default: 30m",
  },
  'on-busy': {
    value: 'wait|fail|skip',
    help: 'when the lock is held: wait; fail at once (exit code 75); skip the command and succeed (run only). Default: wait',
  },
  'stale-policy': {
    value: 'POLICY',
    help: "when somebody else's lease may be stolen: never, expired, holder-finished, expired-and-holder-finished. With GH_TOKEN or GITHUB_TOKEN set, GitHub is asked for proof. Default: expired",
  },
  'on-stale': {
    value: 'COMMAND',
    help: 'a shell command that is asked before a steal, with the record as JSON on standard input; only exit status 0 allows it',
  },
  'lock-delay': {
    value: 'DURATION',
    help: 'how long to hold a stolen lock before entering, for resources that can not check a token. Default: 0s',
  },
  'owner-id': {
    value: 'TEXT',
    help: "what the holder is called. Default: the id of the CI system's run, else user@host",
  },
  reason: { value: 'TEXT', help: 'why the lock is held, or broken: everybody who meets it reads it' },
  'max-hold': {
    value: 'DURATION',
    help: 'the longest that the lease is renewed, at least 1m. Default: 6h',
  },
  pid: { value: 'PID', help: 'stop renewing when this process is gone' },
  for: { value: 'DURATION', help: 'for how long, 1m to 30d' },
  tree: { help: 'with all locks below it: prod/api and prod/api/eu for prod' },
  lease: { value: 'ID', help: 'the lease, 32 hexadecimal digits, as acquire and status show it' },
  by: { value: 'TEXT', help: 'who breaks it. Default: user@host' },
  notify: {
    value: 'COMMAND',
    help: 'a shell command that is told what happens to the lock, as JSON on standard input: acquired, stolen, lost, released, waited-too-long. That it fails changes nothing',
  },
  'notify-after': {
    value: 'DURATION',
    help: 'after how long a wait --notify is told of waited-too-long. Default: 10m',
  },
  json: { help: 'results, events and errors as JSON' },
  quiet: { help: 'say nothing but errors' },
  help: { help: 'this text' },
} as const satisfies Record<string, OptionSpec>;

export type OptionName = keyof typeof OPTIONS;

interface CommandSpec {
  readonly summary: string;
  /** What stands after the command's name. */
  readonly usage: string;
  readonly options: readonly OptionName[];
}

const WAIT = [
  'wait-timeout',
  'on-busy',
  'stale-policy',
  'on-stale',
  'lock-delay',
  'owner-id',
  'notify',
  'notify-after',
] as const;
const TAKE = ['ttl', ...WAIT, 'reason'] as const;
/** Instead of a name and a store. */
const OTHER = ['protocol', 'path'] as const;

/** All commands, a closed list. */
export const COMMANDS = {
  run: {
    summary: 'Take the lock, run a command under it, release it.',
    usage: 'NAME [options] -- COMMAND [ARGUMENT…]',
    options: ['store', ...TAKE, ...OTHER, 'vfs-keys', 'quiet', 'json'],
  },
  acquire: {
    summary: 'Take the lock and leave a keeper behind that renews it. Prints the lease as JSON.',
    usage: 'NAME [options]',
    options: ['store', ...TAKE, 'max-hold', 'pid', ...OTHER, 'vfs-keys', 'quiet', 'json'],
  },
  release: {
    summary: 'Release a lease that acquire took.',
    usage: 'NAME --lease ID [options]',
    options: ['lease', 'notify', 'store', ...OTHER, 'json'],
  },
  status: {
    summary: 'Say who holds the lock.',
    usage: 'NAME [options]',
    options: ['store', ...OTHER, 'json'],
  },
  history: {
    summary: 'Show the last 20 holds of the lock: who, for how long, and how they ended.',
    usage: 'NAME [options]',
    options: ['store', 'json'],
  },
  list: {
    summary: 'Say who holds which lock of the store.',
    usage: '[options]',
    options: ['store', 'json'],
  },
  reserve: {
    summary: 'Hold the lock for a person and a time, without a process: for maintenance.',
    usage: 'NAME --for DURATION --reason TEXT [options]',
    options: ['for', 'reason', 'tree', 'store', ...WAIT, 'quiet', 'json'],
  },
  break: {
    summary: "End somebody else's lease. Its holder is told, and stops.",
    usage: 'NAME --lease ID --reason TEXT [options]',
    options: ['lease', 'reason', 'by', 'store', ...OTHER, 'json'],
  },
  doctor: {
    summary: 'Test whether the store keeps the promises that a lock needs.',
    usage: '[options]',
    options: ['store', 'json'],
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;

/** How a command is written, for a lease and for the lock of another program. */
export function usagesOf(command: CommandName): string[] {
  const { usage, options }: CommandSpec = COMMANDS[command];
  const other = usage.replace(
    command === 'break' ? 'NAME --lease ID' : 'NAME',
    '--protocol PROTOCOL --path PATH',
  );
  const usages = options.includes('protocol') ? [usage, other] : [usage];
  return usages.map((text) => `leasehold ${command} ${text}`);
}

/** A command line taken apart, and nothing in it judged yet but the names of the command and its options. */
export type Parsed =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly command?: CommandName }
  | {
      readonly kind: 'command';
      readonly command: CommandName;
      readonly values: Readonly<Partial<Record<OptionName, string>>>;
      readonly flags: ReadonlySet<OptionName>;
      readonly positionals: readonly string[];
      /** What follows `--`; absent when there is no `--`. */
      readonly rest?: readonly string[];
    };

/**
 * @param argv what follows the program's name
 * @throws UsageError for a command or option that there is not, naming the nearest, and for a value missing or too many
 */
export function parseCommandLine(argv: readonly string[]): Parsed {
  const [first, ...others] = argv;
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help' };
  if (first === '--version' || first === '-V') return { kind: 'version' };
  if (first === 'help') return others[0] === undefined ? { kind: 'help' } : helpOn(others[0]);
  return parseCommand(commandCalled(first), others);
}

function helpOn(name: string): Parsed {
  return { kind: 'help', command: commandCalled(name) };
}

function commandCalled(name: string): CommandName {
  const names = keysOf(COMMANDS);
  const found = names.find((command) => command === name);
  if (found) return found;
  if (name.startsWith('-')) {
    throw new UsageError(`The command comes first, before ${quote(name)}: one of ${names.join(', ')}.`);
  }
  throw new UsageError(`There is no command ${quote(name)}. ${suggestion(name, names)}`);
}

function parseCommand(command: CommandName, argv: readonly string[]): Parsed {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const { tokens } = parseArgs({
    args: [...own],
    // Lenient, for its own errors know neither the nearest option nor what a value is.
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      keysOf(OPTIONS).map((name) => [name, { type: takesValue(name) ? 'string' : 'boolean' } as const]),
    ),
  });
  const values: Partial<Record<OptionName, string>> = {};
  const flags = new Set<OptionName>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.rawName === '-h' || token.name === 'help') return { kind: 'help', command };
    const name = optionCalled(token.rawName, command);
    if (name in values || flags.has(name)) throw new UsageError(`--${name} is given twice.`);
    if (takesValue(name)) values[name] = valueIn(name, token);
    else if (token.value === undefined) flags.add(name);
    else throw new UsageError(`--${name} takes no value.`);
  }
  return {
    kind: 'command',
    command,
    values,
    flags,
    positionals,
    ...(end < 0 ? {} : { rest: argv.slice(end + 1) }),
  };
}

function optionCalled(rawName: string, command: CommandName): OptionName {
  const allowed: readonly OptionName[] = COMMANDS[command].options;
  const found = allowed.find((name) => `--${name}` === rawName);
  if (found) return found;
  const elsewhere = keysOf(OPTIONS).some((name) => `--${name}` === rawName);
  throw new UsageError(
    elsewhere
      ? `${rawName} is no option of "${command}". Its options: ${allowed.map((name) => `--${name}`).join(', ')}.`
      : `There is no option ${quote(rawName)}. ${suggestion(
          rawName,
          allowed.map((name) => `--${name}`),
        )}`,
  );
}

function valueIn(
  name: OptionName,
  token: { value: string | undefined; inlineValue?: boolean | undefined },
): string {
  // `--reason --json` is a value forgotten, not a reason called "--json"; who means it writes `--reason=--json`.
  const forgotten = token.value?.startsWith('--') === true && token.inlineValue !== true;
  if (token.value === undefined || forgotten)
    throw new UsageError(`--${name} needs a value: ${OPTIONS[name].help}.`);
  return token.value;
}

export function specOf(name: OptionName): OptionSpec {
  return OPTIONS[name];
}

function takesValue(name: OptionName): boolean {
  return specOf(name).value !== undefined;
}

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(table) as K[];
}

function suggestion(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return nearest ? `Did you mean ${nearest.candidate}?` : `Known: ${known.join(', ')}.`;
}

/** How many letters must be put in, left out or changed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = [...Array(b.length + 1).keys()];
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
