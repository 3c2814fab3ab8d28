import { parseDuration } from '../base/duration.ts';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { DEFAULT_TTL_MS, LONGEST_TTL_MS } from '../lease/policy.ts';
import { PROTOCOLS, type ProtocolName } from './protocol.ts';

/** What a user asks for to take a lock by a protocol, checked. */
export interface ProtocolSettings {
  readonly protocol: ProtocolName;
  readonly path: string;
  /** Absent: the protocol has none, or none was asked for. */
  readonly ttlMs?: number;
  /** With `vfs`: how the keys of a record are spelt. */
  readonly keys?: (typeof VFS_KEYS)[number];
}

export const VFS_KEYS = ['new', 'old', 'both'] as const;

/** Texts as the user gave them; empty: not given. */
export interface GivenSettings {
  readonly protocol: string;
  readonly path: string;
  readonly ttl: string;
  readonly vfsKeys: string;
}

/** What the user calls these: `ttl` in a workflow, `--ttl` on a command line. */
export type FieldNames = Readonly<Record<keyof GivenSettings, string>>;

/** For the vfs protocol: other programs on other machines judge it by their own clocks. */
const SHORTEST_TTL_MS = 5_000;

/**
 * @throws UsageError for the first that can't be used, naming what is allowed
 */
export function parseSettings(given: GivenSettings, field: FieldNames): ProtocolSettings {
  const protocol = oneOf(given.protocol, field.protocol, PROTOCOLS);
  if (given.path === '') {
    throw new UsageError(
      `${field.path}: is missing. With ${field.protocol} ${protocol} it names what is locked${protocol === 'vfs' ? ': a file, or s3://bucket/key' : ''}.`,
    );
  }
  if (/^s3:/i.test(given.path) && protocol !== 'vfs') {
    throw new UsageError(
      `${field.path} and ${field.protocol}: only vfs has its locks in S3; those of ${protocol} lie on a disk.`,
    );
  }
  if (given.vfsKeys !== '' && protocol !== 'vfs') {
    throw new UsageError(
      `${field.vfsKeys} and ${field.protocol}: how keys are spelt is for vfs; the records of ${protocol} have none.`,
    );
  }
  const ttlMs = parseTtl(given.ttl, { protocol, field: field.ttl });
  return {
    protocol,
    path: given.path,
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(given.vfsKeys === '' ? {} : { keys: oneOf(given.vfsKeys, field.vfsKeys, VFS_KEYS) }),
  };
}

/** Whether a path of the vfs protocol names an object in S3. */
export function isObject({ protocol, path }: Pick<ProtocolSettings, 'protocol' | 'path'>): boolean {
  return protocol === 'vfs' && /^s3:/i.test(path);
}

function parseTtl(
  text: string,
  { protocol, field }: { protocol: ProtocolName; field: string },
): number | undefined {
  if (text === '') return protocol === 'vfs' ? DEFAULT_TTL_MS : undefined;
  switch (protocol) {
    case 'levels':
    case 'asterisk-flock':
      throw new UsageError(
        `${field}: can't be given with ${protocol}, which has none: its lock lasts exactly as long as its holder's process. Leave it out.`,
      );
    case 'pid': {
      const ttlMs = bounded(text, field);
      if (ttlMs % 60_000 === 0) return ttlMs;
      throw new UsageError(`${field}: ${quote(text)} is not a number of whole minutes, as pid wants it: 5m.`);
    }
    case 'vfs':
    case 'asterisk-lockfile':
      return bounded(text, field);
  }
}

function bounded(text: string, field: string): number {
  const ttlMs = parseDuration(text, field);
  if (ttlMs >= SHORTEST_TTL_MS && ttlMs <= LONGEST_TTL_MS) return ttlMs;
  throw new UsageError(
    `${field}: ${quote(text)} is not between 5s and 24h: so long after its last renewal a dead holder's lock may be taken over.`,
  );
}

function oneOf<T extends string>(text: string, field: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found !== undefined) return found;
  throw new UsageError(`${field}: ${quote(text.slice(0, 60))} is not known. Allowed: ${allowed.join(', ')}.`);
}
