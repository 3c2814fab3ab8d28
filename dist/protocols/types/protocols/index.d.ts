import type { Surroundings } from './protocol.js';
/** Time, chance and platform as they are, for all that asks for `Surroundings`. */
export declare const systemSurroundings: Surroundings;
export type { Clock, Instant } from '../base/clock.js';
export type { Random } from '../base/random.js';
export { STALE_POLICIES, type StalePolicy } from '../lease/policy.js';
export { StoreError, type StoreErrorKind } from '../store/store.js';
export { type AcquireOutcome, type AcquireRequest, acquireBy, type Decision, isStale, type Waiting, } from './acquire.js';
export { ASTERISK_TIMINGS, ASTERISK_VARIANTS, type AsteriskOptions, type AsteriskProtocol, type AsteriskTiming, type AsteriskVariant, type LockPathOptions, type LockPathOutcome, lockPath, } from './asterisk.js';
export { AsteriskFlock } from './asterisk-flock.js';
export { AsteriskLockfile } from './asterisk-lockfile.js';
export { describeHeld, describeHolder, describeLimits, describeLossCause, type HeldDocument, heldDocument, } from './describe.js';
export { type KeepEnd, type KeepOptions, keepHold, type LossCause, releaseWithin } from './keep.js';
export { type DirectoryLock, type DirectoryLockOptions, directoryLock, levelsProtocol, type MustDirectoryLock, type TryLocked, type Unlocked, } from './levels.js';
export { openProtocol, type ProtocolOptions } from './open.js';
export { type PidAttempt, PidHold, PidProtocol } from './pid.js';
export { type OwnerChange, PidLockfile } from './pid-lockfile.js';
export { type Abilities, type Attempt, type Check, type Held, type Hold, type Holding, type Identity, PROTOCOLS, type Protocol, ProtocolError, type ProtocolName, type ProtocolProblem, type Request, type Standing, type Surroundings, } from './protocol.js';
/** `vfs.acquire`, `vfs.withLock` and the other operations of c2fo/vfs. */
export * as vfs from './vfs.js';
