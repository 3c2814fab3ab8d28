import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { identify } from '../../src/base/process.ts';
import { keeperFolder, sweepKeepers } from '../../src/cli/keepers.ts';
import { storeSnapshot } from '../../src/keeper/snapshot.ts';
import { FakeLock } from '../support/fake-lock.ts';

const DAY_MS = 86_400_000;

let environment: { XDG_STATE_HOME: string };
beforeEach(() => {
  environment = { XDG_STATE_HOME: mkdtempSync(join(tmpdir(), 'keepers-')) };
});
afterEach(() => rmSync(environment.XDG_STATE_HOME, { recursive: true }));

/** The folder of a keeper, last written that many days ago. */
async function leave(leaseId: string, pid: number, days: number): Promise<string> {
  const lock = await FakeLock.trusted();
  const folder = keeperFolder(environment, leaseId);
  folder.writeStatus({
    keeper: { ...identify(pid), pid },
    state: { kind: 'keeping' },
    snapshot: storeSnapshot(await lock.acquired()),
    renewals: 0,
  });
  const then = (Date.now() - days * DAY_MS) / 1_000;
  utimesSync(folder.path, then, then);
  return folder.path;
}

// Above the largest pid of Linux.
const DEAD = 2 ** 22 + 1;

test('what keepers left that ended a week ago is removed; what lives, or is younger, stays', async () => {
  const old = await leave('old', DEAD, 8);
  const young = await leave('young', DEAD, 6);
  const living = await leave('living', process.pid, 30);
  sweepKeepers(environment, Date.now());
  expect([old, young, living].map((path) => existsSync(path))).toEqual([false, true, true]);
});

test('without any there is nothing to do', () => {
  expect(() => sweepKeepers(environment, Date.now())).not.toThrow();
});
