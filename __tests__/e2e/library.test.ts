import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/* `leasehold/protocols` as who installs the package gets it: a program in TypeScript is compiled against it, and run. */

const ROOT = resolve(import.meta.dirname, '../..');
if (!existsSync(join(ROOT, 'dist/protocols/index.js')))
  throw new Error('There is no dist/ to test. Run "npm run build" first.');
const NODE = process.env.LEASEHOLD_NODE24 ?? process.execPath;
const TEST_WITHIN_MS = 60_000;

const PROGRAM = `
import { acquireBy, keepHold, openProtocol, ProtocolError, systemSurroundings } from 'leasehold/protocols';

const [path = ''] = process.argv.slice(2);
const pid = await openProtocol('pid', systemSurroundings);
const request = { path, pid: process.pid, stalePolicy: 'expired', waitTimeoutMs: 0 } as const;
try {
  const outcome = await acquireBy(pid, request, systemSurroundings);
  if (outcome.kind === 'busy') console.log('busy:', outcome.by.pid);
  if (outcome.kind === 'acquired') {
    const done = new AbortController();
    const keeping = keepHold(outcome.hold, { clock: systemSurroundings.clock, signal: done.signal });
    console.log('held by', (await pid.inspect(path))?.pid === process.pid ? 'us' : 'others');
    done.abort();
    console.log((await keeping).kind, (await outcome.hold.release()).kind);
  }
} catch (error) {
  if (!(error instanceof ProtocolError)) throw error;
  console.log(error.problem, error.temporary);
}
`;

const OPERATIONS = `
import { AsteriskFlock, AsteriskLockfile, directoryLock, lockPath, PidLockfile, systemSurroundings, vfs } from 'leasehold/protocols';

const [folder = ''] = process.argv.slice(2);
const file = new PidLockfile(folder + '/x.lock', systemSurroundings);
console.log((await file.tryLockExpire(5)).kind, (await file.getOwner()) === process.pid);
await file.unlock();
const scoped = await vfs.withLock(folder + '/data.csv', (lost: AbortSignal) => lost.aborted, { ttlMs: 5_000, ownerId: 'me' });
console.log(scoped.kind === 'done' && [scoped.result, scoped.released.kind].join());
const lock = directoryLock(folder, { surroundings: systemSurroundings }).must();
console.log(await lock.tryLock());
await lock.unlock();
for (const asterisk of [new AsteriskLockfile(systemSurroundings), new AsteriskFlock(systemSurroundings)]) {
  const outcome = await lockPath(asterisk, folder, systemSurroundings);
  console.log(asterisk.name, outcome.kind, outcome.kind === 'success' && (await outcome.hold.release()).kind);
}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-library-'));
  install();
}, TEST_WITHIN_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As npm installs it, without a registry: the package from its tarball, what it depends on from here. */
function install(): void {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }));
  const installed = join(folder, 'node_modules/leasehold');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['xzf', join(folder, filename), '--strip-components=1', '-C', installed]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const scopes = new Set(
    [...Object.keys(dependencies), '@types/node'].map((name) => name.split('/')[0] ?? ''),
  );
  for (const name of scopes)
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
}

/** What the compiler says of a program; nothing when all is well. */
function compile(name: string, program: string, options: readonly string[] = []): string {
  writeFileSync(join(folder, `${name}.ts`), program);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const strict = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', ...options];
  const { stdout } = spawnSync(NODE, [tsc, ...strict, `${name}.ts`], { cwd: folder, encoding: 'utf8' });
  return stdout;
}

function run(name: string, ...args: readonly string[]): string {
  return execFileSync(NODE, [join(folder, `${name}.js`), ...args], { encoding: 'utf8', stdio: 'pipe' });
}

describe('leasehold/protocols, installed', () => {
  test(
    'a program of ten lines compiles, takes a pid file and is told who has it',
    () => {
      expect(compile('program', PROGRAM, ['--exactOptionalPropertyTypes'])).toBe('');
      const path = join(folder, 'agent.lock');
      expect(run('program', path)).toBe('held by us\nstopped ours\n');
      expect(existsSync(path)).toBe(false);
      writeFileSync(path, `${process.pid}\n`);
      expect(run('program', path)).toBe(`busy: ${process.pid}\n`);
      expect(run('program', join(folder, 'no/where'))).toBe('path-missing false\n');
    },
    TEST_WITHIN_MS,
  );

  test(
    'the operations of the originals are there, with their types',
    () => {
      expect(compile('operations', OPERATIONS)).toBe('');
      const box = join(folder, 'box');
      mkdirSync(box);
      expect(run('operations', box).split('\n')).toEqual([
        'acquired true',
        'false,ours',
        'true',
        'asterisk-lockfile success ours',
        'asterisk-flock success ours',
        '',
      ]);
    },
    TEST_WITHIN_MS,
  );

  test(
    'what its types forbid does not compile',
    () => {
      const said = compile('wrong', PROGRAM.replace("'expired'", "'sometimes'").replace('by.pid', 'by.uid'));
      expect(said).toContain('Type \'"sometimes"\' is not assignable to type');
      expect(said).toContain("Property 'uid' does not exist on type 'Held'");
      expect(said.match(/error TS/g)).toHaveLength(2);
    },
    TEST_WITHIN_MS,
  );

  test('nothing else of the package can be imported', () => {
    writeFileSync(join(folder, 'inner.js'), "await import('leasehold/dist/bundle/index.js');");
    expect(() => run('inner')).toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
