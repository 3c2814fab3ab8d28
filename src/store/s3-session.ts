import { type Clock, type Instant, instantOf } from '../base/clock.ts';

/** What a role's credentials are good for, and until when. */
export interface Assumed<C> {
  readonly credentials: C;
  /** By the clock of who gave them, counted from before they were asked for. */
  readonly lifetimeMs: number;
}

/** New credentials are asked for that long before the old ones end, but not in the first half of their life. */
const AHEAD_MS = 5 * 60_000;
/** A request may be under way for a while. */
const LEAST_MS = 1_000;
/** How many times new ones are asked for, in vain, while the old ones last. */
const TRIES = 10;

/**
 * Credentials that are renewed ahead of their end. Whoever asks is given the old ones as long as they last: a service that
 * is down or slow when new ones are wanted must not cost a lease that could still be renewed.
 *
 * How long they last is measured on both of this machine's clocks and never read off them: on a machine whose clock is an
 * hour wrong, credentials for an hour would be over when they come, or be taken for good long after their end.
 */
export class RoleSession<C> {
  readonly #assume: () => Promise<Assumed<C>>;
  readonly #clock: Clock;
  #current: (Assumed<C> & { readonly since: Instant }) | undefined;
  #renewing: Promise<C> | undefined;
  /** On the monotonic clock. */
  #nextTryMs = Number.NEGATIVE_INFINITY;

  constructor(assume: () => Promise<Assumed<C>>, clock: Clock) {
    this.#assume = assume;
    this.#clock = clock;
  }

  /** @throws what assuming the role throws, once no credentials are left */
  async credentials(): Promise<C> {
    const current = this.#current;
    const leftMs = this.#leftMs();
    if (!current || leftMs <= LEAST_MS) return this.#renew();
    const aheadMs = Math.min(AHEAD_MS, current.lifetimeMs / 2);
    if (leftMs <= aheadMs && this.#clock.monotonicMs() >= this.#nextTryMs) {
      this.#nextTryMs = this.#clock.monotonicMs() + aheadMs / TRIES;
      // Its error is worth telling only when nothing is left to go on with.
      this.#renew().catch(() => {});
    }
    return current.credentials;
  }

  /** The service takes them no longer, whatever was reckoned here. */
  forget(): void {
    this.#current = undefined;
  }

  #leftMs(): number {
    if (!this.#current) return 0;
    const { since, lifetimeMs } = this.#current;
    const now = instantOf(this.#clock);
    // The monotonic clock stands still while the machine sleeps, the wall clock may be set.
    return lifetimeMs - Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
  }

  /** One at a time, whoever asks. */
  #renew(): Promise<C> {
    this.#renewing ??= this.#assumeAnew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #assumeAnew(): Promise<C> {
    const since = instantOf(this.#clock);
    const assumed = await this.#assume();
    this.#current = { ...assumed, since };
    this.#nextTryMs = Number.NEGATIVE_INFINITY;
    return assumed.credentials;
  }
}
