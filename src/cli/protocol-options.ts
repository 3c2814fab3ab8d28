import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { userAtHost } from '../lease/self.ts';
import { PROTOCOLS } from '../protocols/protocol.ts';
import { isObject, type ProtocolSettings, parseSettings } from '../protocols/settings.ts';
import { type CommandLine, refuseSkip } from './command-line.ts';
import type { CommandName, OptionName } from './grammar.ts';
import type { Wait } from './options.ts';

/** Which lock of another program: what a store and a name are for a lease. */
export interface ProtocolCommon extends ProtocolSettings {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** How it is to be taken. */
export type ProtocolTake = ProtocolCommon &
  Wait & {
    readonly lockDelayMs: number;
    /** For the notify command: no record has a place for it. */
    readonly reason?: string;
  };
export type ProtocolRunOptions = ProtocolTake & { readonly command: readonly [string, ...string[]] };
export type ProtocolAcquireOptions = ProtocolTake & { readonly maxHoldMs: number; readonly pid?: number };
export type ProtocolReleaseOptions = ProtocolCommon & { readonly leaseId: string; readonly notify: string };
/** Without a reason, `break` only says what is missing. */
export type ProtocolBreakOptions = ProtocolCommon & { readonly reason?: string; readonly by: string };

export type ProtocolInvocation =
  | { readonly kind: 'run-protocol'; readonly options: ProtocolRunOptions }
  | { readonly kind: 'acquire-protocol'; readonly options: ProtocolAcquireOptions }
  | { readonly kind: 'release-protocol'; readonly options: ProtocolReleaseOptions }
  | { readonly kind: 'status-protocol'; readonly options: ProtocolCommon }
  | { readonly kind: 'break-protocol'; readonly options: ProtocolBreakOptions };

const FIELDS = { protocol: '--protocol', path: '--path', ttl: '--ttl', vfsKeys: '--vfs-keys' };

/**
 * What is to be done about the lock of another program; `undefined` where a lease is meant.
 * @throws UsageError
 */
export function protocolInvocation(command: CommandName, line: CommandLine): ProtocolInvocation | undefined {
  const protocol = line.oneOf('protocol', ['lease', ...PROTOCOLS]) ?? 'lease';
  if (protocol === 'lease') {
    refuse(line, ['path', 'vfs-keys'], 'is for the locks of other programs: say which with --protocol.');
    return undefined;
  }
  refuse(line, ['store'], `and --protocol ${protocol} contradict each other: its lock is at --path.`);
  switch (command) {
    case 'run':
      return { kind: 'run-protocol', options: { ...take(protocol, line), command: line.command() } };
    case 'acquire':
      return {
        kind: 'acquire-protocol',
        options: { ...refuseSkip(take(protocol, line)), ...line.keeping() },
      };
    case 'release':
      return {
        kind: 'release-protocol',
        options: {
          ...common(protocol, line),
          leaseId: line.neededLease(),
          notify: line.text('notify') ?? '',
        },
      };
    case 'status':
      return { kind: 'status-protocol', options: common(protocol, line) };
    case 'break':
      return { kind: 'break-protocol', options: breakOptions(protocol, line) };
    case 'history':
    case 'list':
    case 'reserve':
    case 'doctor':
      // Their grammar has no --protocol.
      return undefined;
  }
}

function common(protocol: string, line: CommandLine): ProtocolCommon {
  line.nothingElse(' With --protocol the lock is named by --path.');
  const given = {
    protocol,
    path: line.text('path')?.trim() ?? '',
    ttl: line.text('ttl') ?? '',
    vfsKeys: line.text('vfs-keys') ?? '',
  };
  const settings = parseSettings(given, FIELDS);
  return { ...settings, path: absolutePath(settings), json: line.has('json'), quiet: line.has('quiet') };
}

function take(protocol: string, line: CommandLine): ProtocolTake {
  const reason = line.text('reason');
  return {
    ...common(protocol, line),
    ...line.wait(),
    lockDelayMs: line.lockDelay(),
    ...(reason ? { reason } : {}),
  };
}

function breakOptions(protocol: string, line: CommandLine): ProtocolBreakOptions {
  refuse(line, ['lease'], 'is for leases. With --protocol the lock at --path is broken.');
  const reason = line.text('reason');
  return {
    ...common(protocol, line),
    ...(reason === undefined ? {} : { reason }),
    by: line.text('by') ?? userAtHost(),
  };
}

/** @throws UsageError when one of `options` is given; `why` goes on from its name */
function refuse(line: CommandLine, options: readonly OptionName[], why: string): void {
  const given = options.find((option) => line.text(option) !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} ${why}`);
}

function absolutePath(settings: ProtocolSettings): string {
  const { path, protocol } = settings;
  if (isObject(settings)) return path;
  if (path.includes('\0')) throw new UsageError(`--path: ${quote(path)} has a NUL character in it.`);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    const s3 = protocol === 'vfs' ? ', or s3://bucket/key?region=…' : '';
    throw new UsageError(`--path: ${quote(path)} is a URL. Protocol ${protocol} takes a path${s3}.`);
  }
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path);
}
