import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDuration } from '../base/duration.ts';
import { UsageError } from '../base/usage-error.ts';
import { checkName } from '../lease/name.ts';
import {
  buildTiming,
  DEFAULT_TTL_MS,
  parseLockDelay,
  STALE_POLICIES,
  type StalePolicy,
  type Timing,
} from '../lease/policy.ts';
import type { Sharing } from '../lease/shared.ts';
import type { S3Access } from '../store/s3.ts';
import { parseAccess } from './access.ts';
import type { Input } from './keys.ts';
import { parseSharing } from './sharing.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export const ON_BUSY = ['wait', 'skip', 'fail'] as const;
export const SCOPES = ['job', 'run'] as const;
export const ON_LOST = ['warn', 'fail', 'cancel-run'] as const;

/** What is asked of every lock, whatever it is taken by. */
export interface CommonInputs {
  readonly waitTimeoutMs: number;
  readonly onBusy: (typeof ON_BUSY)[number];
  readonly stalePolicy: StalePolicy;
  readonly onStale: string;
  readonly lockDelayMs: number;
  readonly ownerId: string;
  readonly reason: string;
  readonly maxHoldMs: number;
  readonly onLost: (typeof ON_LOST)[number];
  readonly summary: boolean;
  /** The command that is told what happens; empty: none. */
  readonly notify: string;
  readonly notifyAfterMs: number;
}

/** The inputs for a lease, checked. */
export interface Inputs extends CommonInputs {
  readonly name: string;
  readonly store: string;
  /** How that store is reached, where it is S3. */
  readonly access: S3Access;
  readonly timing: Timing;
  /** With `scope: run`. */
  readonly sharing?: Sharing;
  readonly heartbeat: boolean;
  /** Said once in the log: what the choice of store means for who is kept out. */
  readonly notes: readonly string[];
}

const LONGEST_TEXT = 500;

/**
 * All inputs, read and checked before anything is written.
 * @param read an input's text, as `core.getInput` gives it
 * @returns `undefined` when the action is not `enabled`: then the other inputs are not looked at
 * @throws UsageError for the first that can't be used, naming what is allowed
 */
export function parseInputs(read: (input: Input) => string, environment: Environment): Inputs | undefined {
  if (!parseBoolean(read('enabled'), 'enabled')) return undefined;
  for (const field of ['path', 'vfs-keys'] as const) {
    if (read(field) !== '') {
      throw new UsageError(
        `${field} and protocol: ${field} is for the lock of another program, which protocol names. A lease is named by name.`,
      );
    }
  }
  const name = read('name');
  if (name === '') {
    throw new UsageError(
      'name: is empty. The lock is taken before the first step runs, when the outputs of steps do not exist yet: build the name from needs, matrix, vars or env instead.',
    );
  }
  const { store, notes } = chooseStore(read('store'), environment);
  const ttl = read('ttl');
  const timing = buildTiming({ ttlMs: ttl === '' ? DEFAULT_TTL_MS : parseDuration(ttl, 'ttl') });
  const sharing = parseSharing(read, {
    scope: oneOf(read('scope'), 'scope', SCOPES),
    release: parseBoolean(read('release'), 'release'),
    ttlMs: timing.ttlMs,
  });
  const heartbeat = parseBoolean(read('heartbeat'), 'heartbeat');
  return {
    name: checkName(name),
    store,
    access: parseAccess(read, { store, environment }),
    timing,
    ...(sharing ? { sharing } : {}),
    heartbeat,
    ...parseCommon(read, heartbeat),
    notes,
  };
}

/**
 * The inputs that every lock has.
 * @throws UsageError for the first that can't be used
 */
export function parseCommon(read: (input: Input) => string, heartbeat: boolean): CommonInputs {
  const onBusy = oneOf(read('on-busy'), 'on-busy', ON_BUSY);
  return {
    waitTimeoutMs: onBusy === 'wait' ? parseDuration(read('wait-timeout'), 'wait-timeout') : 0,
    onBusy,
    stalePolicy: oneOf(read('stale-policy'), 'stale-policy', STALE_POLICIES),
    onStale: read('on-stale'),
    lockDelayMs: parseLockDelay(read('lock-delay'), 'lock-delay'),
    ownerId: shortText(read('owner-id'), 'owner-id'),
    reason: shortText(read('reason'), 'reason'),
    maxHoldMs: parseMaxHold(read('max-hold')),
    onLost: parseOnLost(read('on-lost'), heartbeat),
    summary: parseBoolean(read('summary'), 'summary'),
    notify: read('notify'),
    notifyAfterMs: parseDuration(read('notify-after'), 'notify-after'),
  };
}

/** The booleans of YAML's core schema, https://yaml.org/spec/1.2/spec.html#id2804923. */
export function parseBoolean(text: string, field: Input): boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  throw new UsageError(`${field}: ${shown(text)} is neither "true" nor "false".`);
}

export function oneOf<T extends string>(text: string, field: Input, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) {
    throw new UsageError(`${field}: ${shown(text)} is not known. Allowed: ${allowed.join(', ')}.`);
  }
  return found;
}

function shortText(text: string, field: Input): string {
  if (text.length > LONGEST_TEXT) {
    throw new UsageError(`${field}: has ${text.length} characters, more than ${LONGEST_TEXT}.`);
  }
  return text;
}

function parseMaxHold(text: string): number {
  const maxHoldMs = parseDuration(text, 'max-hold');
  if (maxHoldMs < 60_000)
    throw new UsageError('max-hold: is under 1m. After that time the lease is not renewed any more.');
  return maxHoldMs;
}

function parseOnLost(text: string, heartbeat: boolean): Inputs['onLost'] {
  const onLost = oneOf(text, 'on-lost', ON_LOST);
  if (onLost === 'cancel-run' && !heartbeat) {
    throw new UsageError(
      'on-lost and heartbeat: cancel-run is done by the keeper, and with heartbeat "false" there is none. Use on-lost: fail, or leave heartbeat as it is.',
    );
  }
  return onLost;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

/** Which store, and whether it can keep anybody out at all. */
function chooseStore(given: string, environment: Environment): { store: string; notes: string[] } {
  const hosted = environment.RUNNER_ENVIRONMENT === 'github-hosted';
  if (given === '') {
    if (hosted) {
      throw new UsageError(
        'store: is missing. This is a GitHub-hosted runner, whose disk is thrown away after the job, so the lock must live elsewhere: store: s3://bucket/prefix?region=eu-west-1 (any S3-compatible service with conditional writes). To limit the runs of this one repository only, GitHub\'s own "concurrency" with "queue: max" is enough.',
      );
    }
    const path = defaultStore(environment);
    return {
      store: path,
      notes: [
        `No store is named: the lock is kept in ${path} and excludes jobs of runners that use this directory.`,
      ],
    };
  }
  if (/^memory:/i.test(given)) {
    throw new UsageError(
      'store: memory: ends with the process, before the job begins. Use s3://bucket/prefix or a directory.',
    );
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(given) && !/^file:/i.test(given)) return { store: given, notes: [] };
  const store = checkLocal(given, environment);
  const notes = hosted
    ? [
        'The store is a directory, and this is a GitHub-hosted runner: unless that is a mount, it keeps nobody out.',
      ]
    : [];
  return { store, notes };
}

function defaultStore(environment: Environment): string {
  // XDG Base Directory Specification 0.8: a relative path is ignored.
  const given = isAbsolute(environment.XDG_STATE_HOME ?? '') ? environment.XDG_STATE_HOME : undefined;
  const path = join(given ?? resolve(environment.HOME || homedir(), '.local', 'state'), 'leasehold');
  if (temporary(path, environment) !== undefined) {
    throw new UsageError(
      `store: is missing, and the default (${path}) does not outlive this job, which runs in a container. Name a store: s3://bucket/prefix, or a directory of the host that is mounted into the container.`,
    );
  }
  return path;
}

/** @throws UsageError for a directory that the runner empties, or that differs from job to job */
function checkLocal(given: string, environment: Environment): string {
  const [location = '', query] = given.split('?', 2);
  const path = /^file:/i.test(location)
    ? pathOfUrl(location)
    : location.replace(/^~(?=\/)/, environment.HOME ?? homedir());
  if (!isAbsolute(path)) {
    throw new UsageError(
      `store: ${shown(given)} is a relative path, and what it means differs from job to job. Give an absolute one.`,
    );
  }
  if (path.split(/[\\/]/).includes('..'))
    throw new UsageError(`store: ${shown(given)} contains "..". Give the path without it.`);
  const where = temporary(path, environment);
  if (where !== undefined) {
    throw new UsageError(
      `store: ${shown(given)} is inside ${where}, which the runner empties. Choose a directory that all jobs share.`,
    );
  }
  return query === undefined ? path : given;
}

function pathOfUrl(location: string): string {
  const refuse = (cause?: unknown): never => {
    throw new UsageError(
      `store: ${shown(location)} is not the URL of a directory. Write file:///directory.`,
      { cause },
    );
  };
  // `file:locks` would be /locks, which nobody means.
  if (!/^file:\/\/\//i.test(location)) return refuse();
  try {
    return fileURLToPath(location);
  } catch (cause) {
    return refuse(cause);
  }
}

/** Where container jobs have their home: a folder of RUNNER_TEMP on the host. */
const CONTAINER_HOME = '/github/home';

/** What the runner empties that `path` is in, if it is. */
function temporary(path: string, environment: Environment): string | undefined {
  const places = {
    GITHUB_WORKSPACE: environment.GITHUB_WORKSPACE,
    RUNNER_TEMP: environment.RUNNER_TEMP,
  };
  const emptied = Object.entries({ ...places, "the container's home": CONTAINER_HOME });
  return emptied.find(([, parent]) => parent && isInside(resolve(path), resolve(parent)))?.[0];
}

function isInside(path: string, parent: string): boolean {
  const way = relative(parent, path);
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}
