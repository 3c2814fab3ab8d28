import { type PidAttempt, type PidHold } from './pid.js';
import { type Surroundings } from './protocol.js';
/** `hold`: the lock, under its new owner. */
export type OwnerChange = {
    readonly kind: 'changed';
    readonly hold: PidHold;
} | Extract<PidAttempt, {
    kind: 'held';
}>;
/**
 * The operations of github.com/nightlyone/lockfile v1.0.0 and of its fork with expiry in the AWS SSM agent, for this process
 * and one path. What the original calls busy is the outcome `held`; its other errors are `ProtocolError`s, those that may
 * pass with `temporary`. A lock that this process holds already is held; the original takes it once more.
 */
export declare class PidLockfile {
    #private;
    readonly path: string;
    constructor(path: string, surroundings: Surroundings);
    /**
     * TryLock: one try, for as long as this process runs.
     * @throws ProtocolError `not-absolute`; `vanished` (temporary) when it was there and is gone; others as the system refuses
     */
    tryLock(): Promise<PidAttempt>;
    /**
     * TryLockExpire: one try; others may take the lock when `minutes` are over.
     * @throws UsageError when `minutes` is not a whole number above 0, ProtocolError as `tryLock`
     */
    tryLockExpire(minutes: number): Promise<PidAttempt>;
    /**
     * TryLockExpireWithRetry: up to two rounds of a try, 100 ms, and another, as long as they fail; a lock that is held ends
     * them. After a round the original deletes the lock, whoever's it is; this deletes nothing.
     * @throws as `tryLockExpire`
     */
    tryLockExpireWithRetry(minutes: number): Promise<PidAttempt>;
    /**
     * GetOwner.
     * @returns the pid of the process that has the lock; `undefined` when there is no lock
     * @throws ProtocolError `invalid-pid` when the record names none, `dead-owner` when that process is gone
     */
    getOwner(): Promise<number | undefined>;
    /**
     * ChangeOwner: hands the lock over to a process that runs; only its owner can. The time of a lock with one begins anew.
     * @throws ProtocolError `dead-owner` when there is no process `pid`, `rogue-deletion` when the lock is gone
     */
    changeOwner(pid: number): Promise<OwnerChange>;
    /**
     * Unlock: removes the lock, and its companion after it.
     * @throws ProtocolError `rogue-deletion` when it is not ours (any more); it is left as it is then
     */
    unlock(): Promise<void>;
}
