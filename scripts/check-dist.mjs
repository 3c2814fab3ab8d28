// `npm run check:dist`: is the dist/ that is committed what src/ gives? Built in another folder, so that a build that
// depends on where it ran is found too.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { build } from './build.mjs';

const ROOT = resolve(import.meta.dirname, '..');

/** A copy of what `build` asks of its stage: the production dependencies, ncc, and package.json for its "type". */
function makeStage() {
  const stage = mkdtempSync(join(tmpdir(), 'leasehold-check-dist-'));
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const dependencies = Object.keys(packages).filter(
    (path) => path !== '' && !packages[path].dev && !packages[path].optional,
  );
  for (const path of ['package.json', 'node_modules/@vercel/ncc', ...dependencies]) {
    cpSync(join(ROOT, path), join(stage, path), { recursive: true });
  }
  return stage;
}

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

function built(stage) {
  const entries = readdirSync(join(stage, 'dist'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes = git('hash-object', '--no-filters', ...files).split('\n');
  return new Map(files.map((file, index) => [relative(stage, file).split(sep).join('/'), hashes[index]]));
}

function git(...args) {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });
}

const stage = makeStage();
try {
  await build({ stage });
  const [expected, actual] = [committed(), built(stage)];
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
  process.chdir(ROOT);
  rmSync(stage, { recursive: true, force: true });
}
