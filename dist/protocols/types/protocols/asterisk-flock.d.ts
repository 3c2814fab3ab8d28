import { type AsteriskOptions, type AsteriskProtocol, type AsteriskTiming } from './asterisk.js';
import { type Abilities, type Attempt, type Held, type Request, type Surroundings } from './protocol.js';
export declare class AsteriskFlock implements AsteriskProtocol {
    #private;
    readonly name = "asterisk-flock";
    readonly abilities: Abilities;
    readonly timing: AsteriskTiming;
    readonly retry: AsteriskProtocol['retry'];
    constructor(surroundings: Surroundings, { variant }?: AsteriskOptions);
    tryAcquire({ path: given, pid, signal }: Request): Promise<Attempt>;
    /** Where the kernel does not say, it is tried with a shared lock for a moment. */
    inspect(given: string, signal?: AbortSignal): Promise<Held | undefined>;
    /** The lock ends with the process that has its descriptor. */
    resume(): undefined;
    /** Asterisk removes the file when it unlocks; what only closes it is not seen. */
    watched(path: string): string;
    concerns(name: string): boolean;
}
