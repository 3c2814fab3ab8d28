/** One process, told apart from a later one with the same pid by its start time (clock ticks since boot; Linux only). */
export interface ProcessId {
    readonly pid: number;
    readonly startTime?: string;
}
/** Where pids mean something: one boot of one kernel, one pid namespace. */
export interface ProcessScope {
    readonly bootId: string;
    readonly pidNamespace: string;
    /** Clones of a machine that was snapshot while it ran share the rest. */
    readonly host: string;
}
/** `undefined` where the system does not say (anything but Linux): then there is no proof of death by pid. */
export declare function currentScope(): ProcessScope | undefined;
/**
 * Ends this process after `ms`, with exit status 1, unless it has ended by itself until then: whatever hangs. Does not keep
 * it alive.
 */
export declare function exitWithin(ms: number): void;
/**
 * Kills this process if it has not ended by itself `ms` after its work was done, and calls `tell` right before. For calls
 * that hang in the thread pool (a mount whose server is gone): process.exit waits for them too, so only a signal ends it.
 * Does not keep it alive.
 */
export declare function killWithin(ms: number, tell: () => void): void;
export declare function identify(pid: number): ProcessId;
/**
 * Whether a process of *this* scope still runs. Only ESRCH says that it does not (EPERM: it
 * does, under another user; anything else is no answer); nor does a zombie
 * (a killed process whose parent never waits for it stays one) without any thread: the first may end before the others, by
 * pthread_exit(3), or in a call that a killed process still has to come back from. Another start time means that the pid was
 * given anew.
 */
export declare function isAlive(id: ProcessId): boolean;
/** When this machine was started, milliseconds since the epoch by its wall clock (btime of proc_stat(5)); Linux only. */
export declare function bootedMs(): number | undefined;
