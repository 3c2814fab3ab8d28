import { join } from 'node:path';
import { KeeperFolder } from '../keeper/folder.ts';
import { type Environment, stateHome } from './options.ts';

/** Where `acquire` and `release` of this user meet the keeper of a lease. */
export function keeperFolder(environment: Environment, leaseId: string): KeeperFolder {
  return new KeeperFolder(join(stateHome(environment), 'leasehold', 'keepers', leaseId));
}
