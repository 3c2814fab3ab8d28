// `npm run build`: src/ → JavaScript (tsc) → dist/ (ncc).
//
// dist/bundle   pre, main, post and the CLI in one file that loads fast, and in chunks what only some jobs load: the AWS SDK
//               for an S3 store, the client of GitHub's API for who waits and wants proof, the locks of other programs
// dist/pre, …   two lines each, which start their part of the bundle
// dist/protocols  the library `leasehold/protocols`: names what a chunk of the bundle exports, with its types
// dist/keeper   one self-contained file: the keeper outlives the phases, and must not load anything later
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from '@swc/core';

const require = createRequire(import.meta.url);
const ROOT = resolve(import.meta.dirname, '..');

/** What the bundle can start. Each runs when it is imported. */
const PHASES = {
  pre: './action/pre.js',
  main: './action/main.js',
  post: './action/post.js',
  cli: './cli/main.js',
};

const KEEPER = './keeper/main.js';

/** What other programs import, as `leasehold/protocols`. */
const LIBRARY = 'protocols/index';

/** What stays out of the bundle's one file until it is asked for. A job has no use for the CLI, and few have for a protocol. */
const LAZY = /\/(s3[^/]*|api|cli\/main|protocols\/index|protocol|pid|vfs|levels|asterisk-\w+)\.js$/;

/** Every phase of every job parses all of it: 1 MB costs about 25 ms. */
const LARGEST_ENTRY_BYTES = 500_000;

/**
 * Builds dist/ from src/, in a folder of its own that holds the production dependencies only: some packages look whether
 * others are installed (debug: supports-color), and would take ours for development with them.
 * @param dist the folder that becomes dist/
 */
export async function build(dist) {
  const stage = realpathSync(mkdtempSync(join(tmpdir(), 'leasehold-build-')));
  try {
    const { sdk } = fillStage(stage);
    const { bundle, keeper, licenses, library } = await packAll(stage, sdk);
    judge(bundle, keeper);
    rmSync(dist, { recursive: true, force: true });
    write(dist, 'package.json', `${JSON.stringify({ type: 'module' }, null, 2)}\n`);
    write(dist, 'licenses.txt', licenses);
    write(dist, 'bundle/index.js', bundle.code);
    for (const [name, { source }] of Object.entries(bundle.assets)) write(dist, `bundle/${name}`, source);
    write(dist, 'keeper/index.js', keeper.code);
    write(dist, 'protocols/index.js', library.code);
    for (const [name, text] of library.types) write(dist, `protocols/types/${name}`, text);
    for (const phase of Object.keys(PHASES)) {
      write(dist, `${phase}/index.js`, launcher(phase), phase === 'cli' ? 0o755 : 0o644);
    }
  } finally {
    process.chdir(ROOT);
    rmSync(stage, { recursive: true, force: true });
  }
}

/** No symbolic links: webpack's module ids are hashes of the paths of modules and of ncc's loaders, relative to the stage. */
function fillStage(stage) {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const production = Object.keys(packages).filter(
    (path) => path !== '' && !packages[path].dev && !packages[path].optional,
  );
  for (const path of ['package.json', 'node_modules/@vercel/ncc', ...production]) {
    cpSync(join(ROOT, path), join(stage, path), { recursive: true });
  }
  const sdk = production
    .filter((path) => /^node_modules\/@(aws-sdk|smithy)\//.test(path))
    .map((path) => join(stage, path));
  for (const folder of sdk) bundleAsModules(folder);
  return { sdk };
}

/**
 * The AWS SDK comes twice, and Node's own rules choose the CommonJS half, of which a bundler can leave nothing out: all
 * hundred commands of S3. So webpack is given the other half.
 */
function bundleAsModules(folder) {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const main = manifest.module ?? manifest.main;
  writeFileSync(file, JSON.stringify({ ...manifest, main, exports: asModules(manifest.exports) }));
}

/** The `exports` of a package.json without what is only for CommonJS, where there is something else. */
function asModules(exported) {
  if (typeof exported !== 'object' || exported === null) return exported;
  const entries = Object.entries(exported).map(([key, value]) => [key, asModules(value)]);
  const chosen =
    'module' in exported ? entries.filter(([key]) => !['node', 'require'].includes(key)) : entries;
  return Object.fromEntries(chosen);
}

async function packAll(stage, sdk) {
  const lib = join(stage, 'lib');
  compile(lib);
  const library = await libraryOf(lib);
  dropUnusedToolkit(stage, lib);
  const phases = { ...PHASES, protocols: `./${LIBRARY}.js` };
  writeFileSync(join(lib, 'bundle.js'), bundleEntry(phases));
  writeFileSync(join(lib, 'everything.js'), bundleEntry({ ...phases, keeper: KEEPER }));
  // webpack takes the working directory for the root of all relative paths.
  process.chdir(stage);
  const pack = packer(stage);

  inlineImports(lib, (specifier) => !LAZY.test(specifier));
  const bundle = await pack(join(lib, 'bundle.js'));
  bundle.code = await withoutDeadCode(bundle.code);
  for (const asset of Object.values(bundle.assets)) {
    const code = String(asset.source);
    asset.source = isOurs(code) ? await withoutDeadCode(code) : await minified(code);
  }
  // In the bundle the kinds of credentials stay apart: a job needs one of them.
  for (const folder of [lib, ...sdk]) inlineImports(folder, () => true);
  const keeper = await pack(join(lib, KEEPER));
  keeper.code = await withoutDeadCode(keeper.code);
  // Of a bundle with chunks, ncc lists the packages of one chunk only: so they are taken from a bundle without.
  const everything = await pack(join(lib, 'everything.js'), { license: 'licenses.txt' });
  return { bundle, keeper, library, licenses: everything.assets['licenses.txt'].source };
}

/** What a careless import would break, and no test would notice. */
function judge(bundle, keeper) {
  if (bundle.code.length > LARGEST_ENTRY_BYTES) {
    throw new Error(
      `dist/bundle/index.js would have ${bundle.code.length} bytes; at most ${LARGEST_ENTRY_BYTES} are allowed, because ` +
        'every phase loads it. Something heavy is imported statically: the AWS SDK belongs behind import() of ' +
        'src/store/s3*.ts, and of @actions/core getIDToken must not be used (it brings undici), nor may the whole module ' +
        'be passed on as a value.',
    );
  }
  const chunks = Object.keys(keeper.assets);
  if (chunks.length > 0)
    throw new Error(`dist/keeper must be one file, but has ${chunks.join(', ')} beside it.`);
}

function compile(lib) {
  const manifest = require.resolve('typescript/package.json');
  const tsc = join(dirname(manifest), require(manifest).bin.tsc);
  const { status } = spawnSync(process.execPath, [tsc, '-p', ROOT, '--declaration', '--outDir', lib], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('tsc found errors.');
}

/** The library as it is published: its names, taken from the bundle, and the declarations that its types are made of. */
async function libraryOf(lib) {
  const names = Object.keys(await import(pathToFileURL(join(lib, `${LIBRARY}.js`)).href));
  const types = new Map();
  const add = (name) => {
    if (types.has(name)) return;
    const text = readFileSync(join(lib, `${name}.d.ts`), 'utf8');
    types.set(name, text);
    for (const [, path] of text.matchAll(/(?:from |import\()'(\.[^']+)\.ts'/g))
      add(posix.join(posix.dirname(name), path));
  };
  add(LIBRARY);
  return {
    code: `import { start } from '../bundle/index.js';\nexport const {\n  ${names.join(',\n  ')},\n} = await start('protocols');\n`,
    // Older compilers take no declarations for what is imported as ".ts".
    types: [...types].map(([name, text]) => [`${name}.d.ts`, text.replace(/'(\.[^']+)\.ts'/g, "'$1.js'")]),
  };
}

/**
 * `@actions/core` loads an HTTP client (undici, 1 MB, 25 to 45 ms) for the sake of `getIDToken` alone. Its modules have
 * no side effects, but its package.json does not say so; told, webpack leaves out what nobody uses.
 */
function dropUnusedToolkit(stage, lib) {
  const copy = join(lib, 'node_modules', '@actions', 'core');
  cpSync(join(stage, 'node_modules', '@actions', 'core'), copy, { recursive: true });
  const manifest = join(copy, 'package.json');
  writeFileSync(
    manifest,
    JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), sideEffects: false }),
  );
}

function bundleEntry(phases) {
  const cases = Object.entries(phases).map(([phase, file]) => `  ${phase}: () => import('${file}'),`);
  return `const phases = {\n${cases.join('\n')}\n};\nexport const start = (phase) => phases[phase]();\n`;
}

function launcher(phase) {
  const shebang = phase === 'cli' ? '#!/usr/bin/env node\n' : '';
  return `${shebang}import { start } from '../bundle/index.js';\nawait start('${phase}');\n`;
}

/** webpack makes a chunk of every `import()`; with this comment the module stays in the file, and still runs when asked for. */
function inlineImports(folder, chosen) {
  const files = readdirSync(folder, { recursive: true }).filter(
    (file) => file.endsWith('.js') && !file.includes('node_modules'),
  );
  for (const file of files.map((name) => join(folder, name))) {
    const before = readFileSync(file, 'utf8');
    const after = before.replace(/\bimport\((['"])([^'"]+)\1\)/g, (whole, _quote, specifier) =>
      chosen(specifier) ? `import(/* webpackMode: "eager" */ '${specifier}')` : whole,
    );
    if (after !== before) writeFileSync(file, after);
  }
}

/**
 * `code` without what nobody uses (most of valibot): half as large, and a phase is up 8 ms earlier. All that stays keeps
 * its name, so that what a job runs, and the stack of an error, can be read.
 */
async function withoutDeadCode(code) {
  const compress = { defaults: false, unused: true, dead_code: true, side_effects: true, passes: 2 };
  return shrink(code, { mangle: false, compress });
}

/** Whether a chunk has modules of this project in it, by the names that the bundler notes. */
function isOurs(code) {
  return /\.\/lib\/(?!node_modules)/.test(code);
}

/** `code` as short as it goes: for the AWS SDK, which nobody reads here, and which is parsed 15 ms faster so. */
async function minified(code) {
  return shrink(code, { mangle: true, compress: true });
}

async function shrink(code, { mangle, compress }) {
  const minify = { module: true, mangle, compress, format: { comments: false } };
  const options = { configFile: false, swcrc: false, isModule: true, minify: mangle };
  const result = await transform(code, { ...options, jsc: { target: 'es2022', minify } });
  return result.code;
}

function packer(stage) {
  const ncc = createRequire(join(stage, 'package.json'))('@vercel/ncc');
  return async (entry, options = {}) => {
    const { code, assets } = await ncc(entry, { cache: false, quiet: true, target: 'es2022', ...options });
    // ncc puts one into each folder; dist/ has one for all.
    delete assets['package.json'];
    return { code, assets };
  };
}

function write(dist, name, content, mode = 0o644) {
  const file = join(dist, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
}

/** Every file of dist with its size, for people. */
function sizes(dist) {
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map(
      (file) =>
        `${String(Math.ceil(readFileSync(file).length / 1000)).padStart(6)} kB  ${file.slice(dirname(dist).length + 1)}`,
    )
    .join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const dist = join(ROOT, 'dist');
  await build(dist);
  console.log(sizes(dist));
}
