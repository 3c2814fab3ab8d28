import { spawnSync } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { startDriver } from '../driver.ts';
import type { Driver, Original } from '../suite.ts';

/** What stands for Asterisk: see driver.c. */
export const RESTATED = 'a restatement in C of the locks of its main/app.c';

let program = '';

/** @throws Error with what the compiler says */
export function buildOriginal(folder: string, mode: 'lockfile' | 'flock'): Original {
  program = join(folder, 'driver');
  const source = join(import.meta.dirname, 'driver.c');
  const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-O2', '-o', program, source];
  const { status, stderr, error } = spawnSync('cc', flags, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${source} does not compile: ${stderr ?? error}`);
  return { program, args: [mode] };
}

/** The Go variant of the blog, which is not the original that a trial starts. Ends with `work`. */
export async function withBlog<T>(
  mode: 'blog-lockfile' | 'blog-flock',
  work: (blog: Driver) => Promise<T>,
): Promise<T> {
  const blog = startDriver(program, [mode]);
  try {
    return await work(blog);
  } finally {
    await blog.kill();
  }
}

/** Counts what it checks. */
export class Checks {
  count = 0;

  /** @throws Error with both values */
  equal(actual: unknown, expected: unknown, what: string): void {
    this.count += 1;
    if (isDeepStrictEqual(actual, expected)) return;
    throw new Error(`${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }

  isTrue(holds: boolean, what: string): void {
    this.equal(holds, true, what);
  }

  /** What ours answers: its kind, and the problem of an error. */
  async ours(driver: Driver, command: string, expected: string): Promise<Answer> {
    const answer = JSON.parse(await driver.ask(command)) as Answer;
    this.equal(answer.problem ?? answer.kind, expected, `ours, ${command} (${JSON.stringify(answer)})`);
    return answer;
  }

  async theirs(driver: Driver, command: string, expected: string): Promise<void> {
    this.equal(await driver.ask(command), expected, `theirs, ${command}`);
  }
}

export interface Answer {
  readonly kind: string;
  readonly problem?: string;
  readonly detail?: string;
  readonly by?: { readonly pid?: number; readonly standing: { readonly detail: string } };
  readonly took?: unknown;
}

/** All names that come or go in a directory during `work`. */
export async function namesDuring(directory: string, work: () => Promise<void>): Promise<Set<string>> {
  const names = new Set<string>();
  const over = new AbortController();
  watch(directory, { signal: over.signal }, (_, name) => {
    if (name !== null) names.add(name);
  });
  await pause(50);
  await work();
  await pause(100);
  over.abort();
  return names;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
