import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotToBeHad, type Original, type Suite } from '../suite.ts';
import { s3ScenariosOf } from './s3-scenarios.ts';
import { scenariosOf } from './scenarios.ts';

const MODULE = 'github.com/c2fo/vfs/contrib/lockfile';

/** The suite with one version of the original, which is fetched for it. */
export function suiteOf(version: string, spelling: 'new' | 'old'): Suite {
  return {
    protocol: 'vfs',
    original: `${MODULE}@${version}`,
    needs: ['go'],
    build: async (folder) => {
      copySources(folder, ['driver.go', 'original.go']);
      go(folder, 'mod', 'init', 'driver');
      const { status, stderr } = run(folder, 'get', `${MODULE}@${version}`);
      if (status !== 0) throw new NotToBeHad(`${MODULE}@${version}: ${lastLine(stderr)}`);
      // The sums of what the driver imports beside it, its backend for S3.
      go(folder, 'get', '.');
      return buildIn(folder);
    },
    scenarios: [...scenariosOf(spelling), ...s3ScenariosOf(spelling)],
  };
}

/** The same with what stands for the original where its module can't be had. */
export const restated: Suite = {
  protocol: 'vfs',
  original: 'a restatement of it in Go, from the specification',
  needs: ['go'],
  build: async (folder) => {
    copySources(folder, ['driver.go', 'restated.go']);
    go(folder, 'mod', 'init', 'driver');
    return buildIn(folder);
  },
  scenarios: scenariosOf('new'),
};

function buildIn(folder: string): Original {
  go(folder, 'build', '-o', 'driver', '.');
  return { program: join(folder, 'driver') };
}

function copySources(folder: string, sources: readonly string[]): void {
  for (const source of sources) copyFileSync(join(import.meta.dirname, source), join(folder, source));
}

function go(folder: string, ...args: string[]): void {
  const { status, stderr, error } = run(folder, ...args);
  if (status !== 0) throw new Error(`go ${args.join(' ')} failed: ${error?.message ?? stderr.trim()}`);
}

function run(
  folder: string,
  ...args: string[]
): { status: number | null; stderr: string; error?: Error | undefined } {
  return spawnSync('go', args, { cwd: folder, encoding: 'utf8' });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
