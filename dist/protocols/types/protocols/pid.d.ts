import { type Abilities, type Attempt, type Check, type Held, type Hold, type Holding, type Protocol, type Request, type Surroundings } from './protocol.js';
export type PidAttempt = {
    readonly kind: 'acquired';
    readonly hold: PidHold;
    readonly took?: Held;
} | Extract<Attempt, {
    kind: 'held';
}>;
/** The protocol `pid`; the operations of the original library stand in pid-lockfile.ts. */
export declare class PidProtocol implements Protocol {
    #private;
    readonly name = "pid";
    readonly abilities: Abilities;
    readonly retry: {
        everyMs: number;
        jitterMs: number;
    };
    constructor(surroundings: Surroundings);
    /** @throws UsageError when the ttl is not in whole minutes */
    tryAcquire(request: Request): Promise<PidAttempt>;
    inspect(path: string, signal?: AbortSignal): Promise<Held | undefined>;
    resume(holding: Holding): PidHold;
    break({ path, identity }: Held): Promise<boolean>;
    watched(path: string): string;
    /** Other locks lie in the same directory, and what others try with comes and goes there. */
    concerns(name: string, path: string): boolean;
}
/** A pid file that is ours. */
export declare class PidHold implements Hold {
    #private;
    readonly holding: Holding;
    readonly renew?: () => Promise<Check>;
    constructor(holding: Holding, surroundings: Surroundings);
    check(): Promise<Check>;
    release(): Promise<Check>;
    /**
     * Makes `pid` its holder, as ChangeOwner of the original does; its time, if it has one, begins anew. The record is exchanged
     * whole: the original empties it first, and counts as stale until it has written it.
     * @returns the new hold; this one is over then
     * @throws ProtocolError `dead-owner` when there is no such process, `rogue-deletion` when the lock is no longer ours
     */
    changeOwner(pid: number): Promise<PidHold>;
}
