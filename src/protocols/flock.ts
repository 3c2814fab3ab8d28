import { spawn } from 'node:child_process';
import { type BigIntStats, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from '../store/local-io.ts';
import { ProtocolError } from './protocol.ts';

/*
 * flock(2) from Node, which has no call for it: flock(1) of util-linux locks a descriptor that it inherits. The lock belongs
 * to the open file description, which we share with it, and so stays ours after it has ended.
 */

/** What flock(1) is told to end with when the lock is held: EX_TEMPFAIL, nothing it says by itself. */
const HELD = 75;

/**
 * Locks an open file exclusively, or shared, without waiting. Closing the descriptor unlocks it.
 * @throws ProtocolError when it could not be tried
 */
export async function lockDescriptor(
  file: number,
  how: 'exclusive' | 'shared',
  signal?: AbortSignal,
): Promise<'locked' | 'held'> {
  const flag = how === 'exclusive' ? '-x' : '-s';
  const { status, said } = await runFlock([flag, '-n', '-E', String(HELD), '3'], { file, signal });
  if (status === 0) return 'locked';
  if (status === HELD) return 'held';
  throw new ProtocolError(
    'io',
    `The program flock could not lock it: ${said || `it ended with ${status}`}. Nothing is held.`,
  );
}

/**
 * @throws ProtocolError `unsupported` when there is no flock(1) of util-linux: busybox has one with other options
 */
export async function requireFlock(signal?: AbortSignal): Promise<void> {
  const { status, said } = await runFlock(['--version'], { signal });
  if (status === 0 && said.includes('util-linux')) return;
  const version = said.split('\n')[0] ?? '';
  throw new ProtocolError(
    'unsupported',
    `The program flock here is not that of util-linux (it says: ${version || `status ${status}`}). Install util-linux: apk add util-linux-misc, apt-get install util-linux.`,
  );
}

function runFlock(
  args: readonly string[],
  { file, signal }: { file?: number; signal: AbortSignal | undefined },
): Promise<{ status: number | string; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', args, {
      stdio: ['ignore', 'pipe', 'pipe', file ?? 'ignore'],
      // What Node takes by itself, but for Jest, which has a copy: its tests set the PATH.
      env: process.env,
      ...(signal ? { signal } : {}),
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    child.on('error', (error) => reject(startProblem(error)));
    child.on('close', (code, killedBy) => resolve({ status: code ?? killedBy ?? '', said: said.trim() }));
  });
}

function startProblem(error: Error): ProtocolError {
  const options = { cause: error };
  if (codeOf(error) === 'ENOENT')
    return new ProtocolError(
      'unsupported',
      'There is no program flock on the PATH, and asterisk-flock needs that of util-linux: apt-get install util-linux, dnf install util-linux-core, apk add util-linux-misc.',
      options,
    );
  return new ProtocolError('io', `The program flock could not be run: ${error.message}.`, options);
}

/** A lock on a file as the kernel lists it (proc_locks(5)). */
export interface ListedLock {
  /** Tells it from the next lock on the same file. */
  readonly key: string;
  /** Who asked for it; it may have ended, and left the lock to those who share its descriptor. */
  readonly pid: number;
}

/**
 * The flock(2) lock on a file, by the list of the kernel. `undefined` is no proof that there is none: the list leaves out
 * what processes of other pid namespaces asked for, and some filesystems go by another device number there.
 */
export function listedLock(stat: Pick<BigIntStats, 'dev' | 'ino'>): ListedLock | undefined {
  let list: string;
  try {
    list = readFileSync('/proc/locks', 'latin1');
  } catch {
    return undefined;
  }
  const file = kernelName(stat);
  for (const line of list.split('\n')) {
    const [, pid, name] = /^\d+: FLOCK +\S+ +\S+ +(\d+) (\S+) /.exec(line) ?? [];
    if (pid !== undefined && name === file) return { key: `${pid} ${name}`, pid: Number(pid) };
  }
  return undefined;
}

/**
 * The process that has the lock on the file at `path` now, of those that we may look into.
 * @param first whom to look at before all others
 */
export function lockingProcess(
  path: string,
  stat: Pick<BigIntStats, 'dev' | 'ino'>,
  first: number,
): number | undefined {
  const file = kernelName(stat);
  const others = readdirQuietly('/proc').filter((name) => /^\d+$/.test(name));
  return [first, ...others.map(Number)].find((pid) => hasLocked(pid, { path, file }));
}

/** By the descriptors of a process (proc_pid_fdinfo(5)). */
function hasLocked(pid: number, { path, file }: { path: string; file: string }): boolean {
  return readdirQuietly(`/proc/${pid}/fd`).some((descriptor) => {
    try {
      return (
        readlinkSync(`/proc/${pid}/fd/${descriptor}`) === path &&
        new RegExp(`^lock:.* FLOCK .* ${file} `, 'm').test(
          readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1'),
        )
      );
    } catch {
      return false;
    }
  });
}

/** The command of a process, for people. */
export function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** As the kernel names a file in its lists: `fe:00:4711`. */
function kernelName({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `${[major, minor].map((number) => number.toString(16).padStart(2, '0')).join(':')}:${ino}`;
}

function readdirQuietly(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
