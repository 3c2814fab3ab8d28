import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Driver, Scenario } from '../suite.ts';

/** Counts what it finds to be right. */
export class Checks {
  count = 0;

  /** @throws Error when it is not so */
  same(what: string, seen: unknown, expected: unknown): void {
    this.count += 1;
    if (isDeepStrictEqual(seen, expected)) return;
    throw new Error(`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
  }

  holds(what: string, is: boolean): void {
    this.same(what, is, true);
  }
}

export interface OurAnswer {
  readonly kind: string;
  readonly problem?: string;
  readonly detail?: string;
  readonly pid?: number;
  readonly took?: { readonly pid?: number };
  readonly by?: OurHeld;
}

export interface OurHeld {
  readonly pid?: number;
  readonly standing: { readonly holder: string; readonly takeable: boolean; readonly expired?: boolean };
}

export async function ask(ours: Driver, command: string): Promise<OurAnswer> {
  return JSON.parse(await ours.ask(command)) as OurAnswer;
}

export async function inspect(ours: Driver, path: string): Promise<OurHeld | null> {
  return JSON.parse(await ours.ask(`inspect ${path}`)) as OurHeld | null;
}

/** Scenarios in which somebody becomes another user; without root they are left out, and that is said. */
export function forRoot(scenarios: readonly Scenario[]): readonly Scenario[] {
  if (process.getuid?.() === 0) return scenarios;
  process.stdout.write(`  Left out, for root only: ${scenarios.map(({ name }) => name).join('; ')}\n`);
  return [];
}

/** Name, mode and bytes of all that is in a folder. */
export function filesIn(folder: string): { name: string; mode: string; bytes: string }[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const mode = (statSync(path).mode & 0o777).toString(8);
      return { name, mode, bytes: readFileSync(path, 'latin1') };
    });
}

/** The driver around a module, which is fetched for it. `replace`: another module in its place. */
export function buildDriver(folder: string, sources: readonly string[], replace?: string): string {
  // Another user has to run what is built here.
  chmodSync(folder, 0o755);
  for (const source of sources) copyFileSync(join(import.meta.dirname, source), join(folder, source));
  go(folder, 'mod', 'init', 'driver');
  go(folder, 'get', 'github.com/nightlyone/lockfile@v1.0.0');
  if (replace) {
    // It calls itself by the name of what it replaces, so its version has to be found out beforehand.
    const { Version } = JSON.parse(go(folder, 'mod', 'download', '-json', `${replace}@latest`)) as {
      Version: string;
    };
    go(folder, 'mod', 'edit', `-replace=github.com/nightlyone/lockfile=${replace}@${Version}`);
    go(folder, 'mod', 'tidy');
  }
  go(folder, 'build', '-o', 'driver', '.');
  return join(folder, 'driver');
}

function go(folder: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('go', args, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return stdout;
  // With -json it says there what went wrong.
  throw new Error(`go ${args.join(' ')} failed: ${error?.message ?? `${stderr.trim()} ${stdout.trim()}`}`);
}
