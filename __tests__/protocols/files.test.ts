import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { alone, problemOf } from '../../src/protocols/files.ts';
import { ProtocolError } from '../../src/protocols/protocol.ts';
import { builtModule } from '../support/built.ts';
import { compileDiskFaults, faultsBelow, loggedCalls, whyNoDiskFaults } from '../support/disk-faults.ts';

jest.setTimeout(60_000);

let shared: string;
let folder: string;

beforeEach(() => {
  shared = mkdtempSync(join(tmpdir(), 'leasehold-files-'));
  folder = join(shared, 'locks');
  mkdirSync(folder);
});
afterEach(() => rmSync(shared, { recursive: true, force: true }));

const onLinux = process.platform === 'linux' ? describe : describe.skip;
onLinux('alone', () => {
  test('by whatever path the file is reached', async () => {
    symlinkSync(folder, join(shared, 'link'));
    const [path, other] = [join(folder, 'lock'), join(folder, 'other')];
    const inside = await alone(path, async () => [
      await alone(join(shared, 'link', 'lock'), async () => 'in'),
      await alone(other, async () => 'in'),
    ]);
    expect(inside).toEqual([undefined, 'in']);
    expect(await alone(join(shared, 'link', 'lock'), async () => 'in')).toBe('in');
  });

  test('the address is as long as one can be, so that every Node takes the same', async () => {
    const sockets = await alone(join(folder, 'lock'), async () => readFileSync('/proc/net/unix', 'utf8'));
    expect(sockets).toMatch(/@leasehold-[0-9a-f]{97}$/m);
  });
});

function sysctl(name: string): string {
  try {
    return readFileSync(join('/proc/sys', name), 'utf8').trim();
  } catch {
    return '';
  }
}

function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version']).status === 0;
}

/** A built module where every user may read it. */
function copied(path: string): string {
  const lib = resolve(dirname(builtModule(path)), '..');
  cpSync(lib, join(shared, 'lib'), { recursive: true });
  return join(shared, 'lib', path);
}

const why = whyNoDiskFaults();
(why === undefined ? describe : describe.skip)(`takeAway where calls fail${why ? ` (${why})` : ''}`, () => {
  /** What a process whose calls fail answers, and what lies there then. */
  function takeAway(rules: string): { said: string; left: string[]; isSame: boolean } {
    const path = join(folder, 'lock');
    writeFileSync(path, 'record');
    const { dev, ino } = statSync(path, { bigint: true });
    const [library, log] = [compileDiskFaults(shared), join(shared, 'log')];
    const expected = { dev: String(dev), ino: String(ino), bytes: 'record' };
    const script = `
        import { takeAway } from ${JSON.stringify(builtModule('protocols/files.js'))};
        const [path, expected] = process.argv.slice(1);
        try { console.log(takeAway(path, JSON.parse(expected), path + '.1')); }
        catch (error) { console.log(error.problem ?? 'a defect: ' + error); }`;
    const args = ['--input-type=module', '-e', script, path, JSON.stringify(expected)];
    const env = { ...process.env, ...faultsBelow(folder, { library, log, rules }) };
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    if (!loggedCalls(log).some(({ fault }) => fault !== undefined))
      throw new Error(`${rules} met no call. ${stderr}`);
    const left = readdirSync(folder);
    const isSame = left.includes('lock') && statSync(path, { bigint: true }).ino === ino;
    return { said: stdout.trim(), left, isSame };
  }

  test.each(['open:2:EIO', 'open:2:EMFILE', 'read:2:EIO', 'rename:1:EIO'])(
    '%s: it is there as before',
    (rules) => {
      expect(takeAway(rules)).toEqual({ said: 'io', left: ['lock'], isSame: true });
    },
  );

  test.each(['rename:1:lost=EIO', 'rename:1:lost=ENOENT'])(
    '%s: it is gone, whatever the answer was',
    (rules) => {
      expect(takeAway(rules)).toEqual({ said: 'removed', left: [], isSame: false });
    },
  );

  test('a rename that only says that it was made is no removal', () => {
    expect(takeAway('rename:1:false')).toEqual({ said: 'vanished', left: ['lock'], isSame: true });
  });

  test('what can’t be removed aside is one file too many, and no lock', () => {
    const { said, left } = takeAway('unlink:1:EIO');
    expect({ said, left }).toEqual({ said: 'removed', left: ['lock.1'] });
  });

  test('a file that fails to be closed was read all the same', () => {
    expect(takeAway('close:1:EIO')).toMatchObject({ said: 'removed', left: [] });
  });
});

const isProtected =
  process.getuid?.() === 0 && sysctl('fs/protected_hardlinks') === '1' && hasProgram('setpriv');
(isProtected ? test : test.skip)(
  'what can’t be linked, for it is another user’s, gets its name back all the same',
  () => {
    const [aside, path] = [join(folder, 'aside'), join(folder, 'lock')];
    const script = `
    import { putBack } from ${JSON.stringify(copied('protocols/files.js'))};
    console.log(putBack(...process.argv.slice(1)));`;
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
    const args = [...user, '--input-type=module', '-e', script, aside, path];
    const run = (): string => {
      writeFileSync(aside, 'theirs', { mode: 0o600 });
      return spawnSync('setpriv', args, { encoding: 'utf8' }).stdout.trim();
    };
    chmodSync(shared, 0o755);
    chmodSync(folder, 0o777);
    expect(run()).toBe('other');
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['lock']);
    writeFileSync(path, 'newer');
    expect(run()).toBe('lost');
    expect(readFileSync(path, 'utf8')).toBe('newer');
    expect(readdirSync(folder)).toEqual(['lock']);
  },
);

test('a name that is too long stays too long, however often it is tried', () => {
  const path = join(folder, 'x'.repeat(300));
  let failure: unknown;
  try {
    readFileSync(path);
  } catch (error) {
    failure = problemOf(error, 'read', path);
  }
  expect(failure).toBeInstanceOf(ProtocolError);
  expect(failure).toMatchObject({ problem: 'refused-file', temporary: false });
});
