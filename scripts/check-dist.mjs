// `npm run check:dist`: is the dist/ that is committed what src/ gives, byte for byte?
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { build } from './build.mjs';

const ROOT = resolve(import.meta.dirname, '..');

/** Git's names for the contents of all files of the commit's dist/, by path. */
function committed() {
  const lines = git('ls-tree', '-r', 'HEAD', 'dist').split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [, hash, path] = /^\d+ blob ([0-9a-f]+)\t(.*)$/.exec(line);
      return [path, hash];
    }),
  );
}

function built(dist) {
  const entries = readdirSync(dist, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes = git('hash-object', '--no-filters', ...files).split('\n');
  return new Map(
    files.map((file, index) => [`dist/${relative(dist, file).split(sep).join('/')}`, hashes[index]]),
  );
}

function git(...args) {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });
}

const fresh = mkdtempSync(join(tmpdir(), 'leasehold-check-dist-'));
try {
  await build(fresh);
  const [expected, actual] = [committed(), built(fresh)];
  const different = [...new Set([...expected.keys(), ...actual.keys()])]
    .filter((path) => expected.get(path) !== actual.get(path))
    .sort();
  for (const path of different) {
    console.error(
      `${expected.has(path) ? (actual.has(path) ? 'differs' : 'is left over') : 'is missing'}: ${path}`,
    );
  }
  if (different.length > 0) {
    console.error(
      '\nThe dist/ of the last commit is not what src/ gives. Run `npm ci && npm run build` and commit dist/.',
    );
    process.exitCode = 1;
  } else {
    console.log(`dist/ is what src/ gives: ${actual.size} files, byte for byte.`);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
