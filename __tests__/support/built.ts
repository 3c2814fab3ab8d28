import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'leasehold-built');

/** The entry of the CLI, compiled from src/ as it is now; laid out as dist/ is. Node 20 runs no TypeScript. */
export function builtCli(): string {
  return join(built(), 'dist', 'cli', 'index.js');
}

/** A module of src/, compiled; `path` as in `base/clock.js`. */
export function builtModule(path: string): string {
  return join(built(), 'lib', path);
}

function built(): string {
  const folder = join(CACHE, fingerprint());
  if (!existsSync(folder)) build(folder);
  return folder;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const file of sources()) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex').slice(0, 16);
}

function sources(): string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return [
    'package.json',
    ...files.filter((file) => file.endsWith('.ts')).map((file) => join('src', file)),
  ].sort();
}

/** Made aside and moved into place whole: test files build at the same time. */
function build(folder: string): void {
  mkdirSync(CACHE, { recursive: true });
  const aside = mkdtempSync(join(CACHE, 'making-'));
  compile(join(aside, 'lib'));
  cpSync(join(ROOT, 'package.json'), join(aside, 'package.json'));
  for (const part of ['cli', 'keeper']) {
    mkdirSync(join(aside, 'dist', part), { recursive: true });
    writeFileSync(join(aside, 'dist', part, 'index.js'), `import '../../lib/${part}/main.js';\n`);
  }
  try {
    renameSync(aside, folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function compile(outDir: string): void {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('typescript/package.json');
  const tsc = join(dirname(manifest), require(manifest).bin.tsc);
  // What does not type-check is for `npm run check` to say; what was emitted is tested.
  execFileSync(process.execPath, [tsc, '-p', ROOT, '--outDir', outDir, '--noCheck']);
}
