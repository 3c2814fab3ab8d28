import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, 'disk-faults.c');

/** A system call on a file of the directory, of one process. */
export interface LoggedCall {
  readonly call: string;
  /** Which of that name it was, from 1. */
  readonly number: number;
  readonly path: string;
  /** As in the rule; absent when nothing happened to it. */
  readonly fault?: string;
}

/** Why no calls can be made to fail here; `undefined` when they can. */
export function whyNoDiskFaults(): string | undefined {
  if (process.platform !== 'linux') return 'the preloaded library is for Linux';
  return spawnSync('cc', ['--version']).status === 0 ? undefined : 'there is no C compiler "cc"';
}

/**
 * Compiles the library that makes calls fail. @throws Error with what the compiler says
 */
export function compileDiskFaults(folder: string): string {
  const library = join(folder, 'disk-faults.so');
  const flags = ['-Wall', '-Wextra', '-Werror', '-O1', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl'];
  const { status, stderr } = spawnSync('cc', flags, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${SOURCE} does not compile: ${stderr}`);
  return library;
}

/** The environment of a process some of whose calls below `directory` fail; for the rules see disk-faults.c. */
export function faultsBelow(
  directory: string,
  { library, log, rules, after }: { library: string; log: string; rules: string; after?: string },
): NodeJS.ProcessEnv {
  return {
    LD_PRELOAD: library,
    DISK_FAULTS_BELOW: directory,
    DISK_FAULTS_LOG: log,
    DISK_FAULTS: rules,
    // Calls that go to the kernel by a ring can't be caught.
    UV_USE_IO_URING: '0',
    ...(after === undefined ? {} : { DISK_FAULTS_AFTER: after }),
  };
}

export function loggedCalls(log: string): LoggedCall[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [call = '', number, path = '', fault] = line.split(' ');
    return { call, number: Number(number), path, ...(fault === undefined ? {} : { fault }) };
  });
}
