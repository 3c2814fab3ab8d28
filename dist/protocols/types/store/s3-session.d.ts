import { type Clock } from '../base/clock.js';
/** What a role's credentials are good for, and until when. */
export interface Assumed<C> {
    readonly credentials: C;
    /** By the clock of who gave them, counted from before they were asked for. */
    readonly lifetimeMs: number;
}
/**
 * Credentials that are renewed ahead of their end. Whoever asks is given the old ones as long as they last: a service that
 * is down or slow when new ones are wanted must not cost a lease that could still be renewed.
 *
 * How long they last is measured on both of this machine's clocks and never read off them: on a machine whose clock is an
 * hour wrong, credentials for an hour would be over when they come, or be taken for good long after their end.
 */
export declare class RoleSession<C> {
    #private;
    constructor(assume: () => Promise<Assumed<C>>, clock: Clock);
    /** @throws what assuming the role throws, once no credentials are left */
    credentials(): Promise<C>;
    /** The service takes them no longer, whatever was reckoned here. */
    forget(): void;
}
