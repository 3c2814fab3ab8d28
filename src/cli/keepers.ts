import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../base/process.ts';
import { KeeperFolder } from '../keeper/folder.ts';
import { stateHome } from './command-line.ts';
import type { Environment } from './options.ts';

/** For how long one can look up what became of a lease that nobody released here. */
const KEPT_MS = 7 * 86_400_000;

/** Where `acquire` and `release` of this user meet the keeper of a lease. */
export function keeperFolder(environment: Environment, leaseId: string): KeeperFolder {
  return new KeeperFolder(join(keepersHome(environment), leaseId));
}

/**
 * Removes the folders of keepers that have ended a week ago or more: of leases that were lost, or released on another
 * machine. Best effort: what can't be looked at stays.
 */
export function sweepKeepers(environment: Environment, nowMs: number): void {
  const home = keepersHome(environment);
  try {
    for (const leaseId of readdirSync(home)) {
      const folder = new KeeperFolder(join(home, leaseId));
      const { keeper } = folder.readStatus() ?? folder.readProtocolStatus() ?? {};
      const gone = keeper === undefined || !isAlive(keeper);
      if (gone && nowMs - statSync(folder.path).mtimeMs >= KEPT_MS) folder.remove();
    }
  } catch {
    // The next one sweeps.
  }
}

function keepersHome(environment: Environment): string {
  return join(stateHome(environment), 'leasehold', 'keepers');
}
