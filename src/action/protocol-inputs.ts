import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { PROTOCOLS } from '../protocols/protocol.ts';
import { isObject, type ProtocolSettings, parseSettings } from '../protocols/settings.ts';
import type { S3Access } from '../store/s3.ts';
import { parseAccess } from './access.ts';
import { type CommonInputs, oneOf, parseBoolean, parseCommon } from './inputs.ts';
import type { Input } from './keys.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The inputs for the lock of another program, checked. */
export interface ProtocolInputs extends CommonInputs {
  readonly settings: ProtocolSettings;
  /** How S3 is reached, where the path is there. */
  readonly access: S3Access;
  /** Said once in the log: who is kept out at all. */
  readonly notes: readonly string[];
}

/** Inputs that only a lease has a use for, each with what it is where nobody has set it. */
const LEASE_ONLY: readonly [Input, string, string][] = [
  ['name', '', 'The lock is what path names.'],
  ['store', '', 'The lock lies where path says.'],
  [
    'scope',
    'job',
    'A lock of another program belongs to one job: take it in a job of its own that the others need.',
  ],
  ['release', 'false', 'It is for scope: run. The lock is always released when the job ends.'],
  ['heartbeat', 'true', 'The lock is held by a process that lives as long as the job.'],
];

/**
 * All inputs, read and checked before anything is written.
 * @returns `undefined` when the action is not `enabled`
 * @throws UsageError for the first that can't be used, naming what is allowed
 */
export function parseProtocolInputs(
  read: (input: Input) => string,
  environment: Environment,
): ProtocolInputs | undefined {
  if (!parseBoolean(read('enabled'), 'enabled')) return undefined;
  const protocol = oneOf(read('protocol'), 'protocol', ['lease', ...PROTOCOLS]);
  for (const [field, unset, why] of LEASE_ONLY) {
    if (read(field).toLowerCase() !== unset)
      throw new UsageError(
        `${field} and protocol: ${field} is for leases, and protocol is ${protocol}. ${why}`,
      );
  }
  const settings = parseSettings(
    { protocol, path: atHome(read('path'), environment), ttl: read('ttl'), vfsKeys: read('vfs-keys') },
    { protocol: 'protocol', path: 'path', ttl: 'ttl', vfsKeys: 'vfs-keys' },
  );
  const remote = isObject(settings);
  if (!remote && !isAbsolute(settings.path)) {
    throw new UsageError(
      `path: ${quote(settings.path.slice(0, 60))} is a relative path, and what it means differs from job to job. Give an absolute one.`,
    );
  }
  const hosted = environment.RUNNER_ENVIRONMENT === 'github-hosted';
  return {
    settings,
    access: parseAccess(read, { store: settings.path, environment, what: 'path' }),
    ...parseCommon(read, true),
    notes:
      hosted && !remote
        ? [
            'The lock is a file, and this is a GitHub-hosted runner: unless it lies on a mount, it keeps nobody out.',
          ]
        : [],
  };
}

function atHome(path: string, environment: Environment): string {
  return path.replace(/^~(?=\/)/, environment.HOME ?? homedir());
}
