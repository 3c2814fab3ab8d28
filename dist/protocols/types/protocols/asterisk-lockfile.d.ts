import { type AsteriskOptions, type AsteriskProtocol, type AsteriskTiming } from './asterisk.js';
import { type Abilities, type Attempt, type Held, type Hold, type Holding, type Request, type Surroundings } from './protocol.js';
export declare class AsteriskLockfile implements AsteriskProtocol {
    #private;
    readonly name = "asterisk-lockfile";
    readonly abilities: Abilities;
    readonly timing: AsteriskTiming;
    readonly retry: AsteriskProtocol['retry'];
    constructor(surroundings: Surroundings, { variant }?: AsteriskOptions);
    tryAcquire(request: Request): Promise<Attempt>;
    inspect(path: string): Promise<Held | undefined>;
    resume(holding: Holding): Hold;
    break(held: Held): Promise<boolean>;
    watched(path: string): string;
    /** The temporary files of each try come and go too. */
    concerns(name: string): boolean;
}
