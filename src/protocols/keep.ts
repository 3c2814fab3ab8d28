import { type Clock, type Instant, instantOf, withTimeout } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { type Check, type Hold, ProtocolError } from './protocol.ts';

/** How often a hold is looked at that has nothing to renew. */
const CHECK_EVERY_MS = 2_000;
/** How long one look may take, where it goes over a network. */
const CALL_TIMEOUT_MS = 10_000;

export type KeepEnd =
  /** `signal` aborted: it is still ours as far as is known. */
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'lost';
      readonly cause: LossCause;
      /** Wall clock: until then nobody else can have held it, as far as is known. */
      readonly aloneUntilMs: number;
    };

export type LossCause =
  | Extract<Check, { kind: 'compromised' }>
  /** It could not be renewed before others may call it stale. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'max-hold'; readonly maxHoldMs: number };

export interface KeepOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly maxHoldMs?: number;
  /** Just before it was taken. Default: now. */
  readonly since?: Instant;
  /** Told of each renewal, and when it was begun: the ttl counts from then. */
  readonly onRenewed?: (at: Instant) => void;
  /** Told of each look, renewals too, that found it ours, and when it was begun. */
  readonly onOurs?: (at: Instant) => void;
  /** Told when it could not be looked at this time. */
  readonly onTrouble?: (error: ProtocolError) => void;
}

/**
 * Looks after a hold until `signal` aborts: renews it three times in its ttl where it has one, and looks every 2 s whether it
 * is still there. With a ttl the holder stops believing a ninth of it before it is over.
 */
export async function keepHold(hold: Hold, options: KeepOptions): Promise<KeepEnd> {
  const { clock, signal, maxHoldMs = Number.POSITIVE_INFINITY } = options;
  const startedMs = clock.monotonicMs();
  const { ttlMs } = hold.holding;
  let renewed = options.since ?? instantOf(clock);
  let seenOurs = renewed;
  let renewAtMs = renewed.monotonicMs + (ttlMs ?? 0) / 3;
  for (;;) {
    await clock.sleep(ttlMs === undefined ? CHECK_EVERY_MS : Math.min(CHECK_EVERY_MS, ttlMs / 6), signal);
    if (signal.aborted) return { kind: 'stopped' };
    const now = instantOf(clock);
    if (now.monotonicMs - startedMs >= maxHoldMs)
      return { kind: 'lost', cause: { kind: 'max-hold', maxHoldMs }, aloneUntilMs: now.wallMs };
    const due = hold.renew !== undefined && ttlMs !== undefined && now.monotonicMs >= renewAtMs;
    try {
      const check = await withTimeout(clock, CALL_TIMEOUT_MS, signal, async (call) =>
        due ? hold.renew?.(call) : hold.check(call),
      );
      if (check?.kind === 'compromised') return { kind: 'lost', cause: check, aloneUntilMs: seenOurs.wallMs };
      seenOurs = now;
      options.onOurs?.(now);
      if (!due) continue;
      renewed = now;
      renewAtMs = now.monotonicMs + ttlMs / 3;
      options.onRenewed?.(now);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (signal.aborted) return { kind: 'stopped' };
      options.onTrouble?.(error);
      if (ttlMs === undefined || elapsedMs(renewed, clock) < (ttlMs * 8) / 9) continue;
      const detail = `it was not renewed for ${formatDuration(elapsedMs(renewed, clock))}: ${error.message}`;
      return {
        kind: 'lost',
        cause: { kind: 'unreachable', detail },
        aloneUntilMs: Math.max(seenOurs.wallMs, renewed.wallMs + ttlMs),
      };
    }
  }
}

const RELEASE_EVERY_MS = 500;

/**
 * Gives a hold back, trying again for `withinMs` when that fails for a reason that may pass.
 * @throws ProtocolError when it may still be there
 */
export async function releaseWithin(hold: Hold, clock: Clock, withinMs: number): Promise<Check> {
  const untilMs = clock.monotonicMs() + withinMs;
  for (;;) {
    try {
      return await withTimeout(clock, Math.max(untilMs - clock.monotonicMs(), 1), undefined, (signal) =>
        hold.release(signal),
      );
    } catch (error) {
      if (!(error instanceof ProtocolError) || !error.temporary) throw error;
      if (clock.monotonicMs() + RELEASE_EVERY_MS >= untilMs) throw error;
    }
    await clock.sleep(RELEASE_EVERY_MS);
  }
}

/** By the clock on which more has passed: one stands still while the machine sleeps, the other may be set. */
function elapsedMs(since: Instant, clock: Clock): number {
  const now = instantOf(clock);
  return Math.max(now.wallMs - since.wallMs, now.monotonicMs - since.monotonicMs);
}
