import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const MODULE = 'v.io@v0.1.9';

const AGENT = 'x/ref/services/agent/internal';
/** What the lock is made of; all else that it imports is Go's own library. */
const PACKAGES = [`${AGENT}/lock`, `${AGENT}/lockutil`, 'x/ref/lib/timekeeper'];

/**
 * Builds the driver around the original's packages. They are internal, so it is built inside a copy of the module, whose
 * go.mod names a hundred other modules that none of them needs.
 * @param {string} folder
 * @returns {string} the program's path
 */
export function buildOriginal(folder) {
  const module = join(folder, 'v.io');
  const { Dir } = JSON.parse(go(['mod', 'download', '-json', MODULE], folder));
  for (const part of PACKAGES) copyPackage(join(Dir, part), join(module, part));
  const driver = join(module, AGENT, 'driver');
  mkdirSync(driver);
  copyFileSync(join(import.meta.dirname, 'driver.go'), join(driver, 'main.go'));
  writeFileSync(join(module, 'go.mod'), 'module v.io\n\ngo 1.21\n');
  const program = join(folder, 'driver');
  go(['build', '-o', program, `./${AGENT}/driver`], module);
  return program;
}

/** Without its tests. The module cache is read-only. */
function copyPackage(from, to) {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))) {
    cpSync(join(from, file), join(to, file));
    chmodSync(join(to, file), 0o644);
  }
}

function go(args, cwd) {
  const { status, stdout, stderr } = spawnSync('go', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=mod' },
  });
  if (status !== 0) throw new Error(`go ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}
