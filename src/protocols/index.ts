import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Surroundings } from './protocol.ts';

/*
 * `leasehold/protocols`: the locks of other programs, for programs of yours. docs/protocols.md, "As a library".
 */

/** Time, chance and platform as they are, for all that asks for `Surroundings`. */
export const systemSurroundings: Surroundings = {
  clock: systemClock,
  random: systemRandom,
  platform: process.platform,
};

export type { Clock, Instant } from '../base/clock.ts';
export type { Random } from '../base/random.ts';
export { STALE_POLICIES, type StalePolicy } from '../lease/policy.ts';
export { StoreError, type StoreErrorKind } from '../store/store.ts';
export {
  type AcquireOutcome,
  type AcquireRequest,
  acquireBy,
  type Decision,
  isStale,
  type Waiting,
} from './acquire.ts';
export {
  ASTERISK_TIMINGS,
  ASTERISK_VARIANTS,
  type AsteriskOptions,
  type AsteriskProtocol,
  type AsteriskTiming,
  type AsteriskVariant,
  type LockPathOptions,
  type LockPathOutcome,
  lockPath,
} from './asterisk.ts';
export { AsteriskFlock } from './asterisk-flock.ts';
export { AsteriskLockfile } from './asterisk-lockfile.ts';
export {
  describeHeld,
  describeHolder,
  describeLimits,
  describeLossCause,
  type HeldDocument,
  heldDocument,
} from './describe.ts';
export { type KeepEnd, type KeepOptions, keepHold, type LossCause, releaseWithin } from './keep.ts';
export {
  type DirectoryLock,
  type DirectoryLockOptions,
  directoryLock,
  levelsProtocol,
  type MustDirectoryLock,
  type TryLocked,
  type Unlocked,
} from './levels.ts';
export { openProtocol, type ProtocolOptions } from './open.ts';
export { type PidAttempt, PidHold, PidProtocol } from './pid.ts';
export { type OwnerChange, PidLockfile } from './pid-lockfile.ts';
export {
  type Abilities,
  type Attempt,
  type Check,
  type Held,
  type Hold,
  type Holding,
  type Identity,
  PROTOCOLS,
  type Protocol,
  ProtocolError,
  type ProtocolName,
  type ProtocolProblem,
  type Request,
  type Standing,
  type Surroundings,
} from './protocol.ts';
/** `vfs.acquire`, `vfs.withLock` and the other operations of c2fo/vfs. */
export * as vfs from './vfs.ts';
