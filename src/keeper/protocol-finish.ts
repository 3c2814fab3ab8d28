import { hostname } from 'node:os';
import { type Clock, withTimeout } from '../base/clock.ts';
import { formatInstant } from '../base/duration.ts';
import { isAlive, type ProcessId } from '../base/process.ts';
import { type LossCause, releaseWithin } from '../protocols/keep.ts';
import type { Hold, Protocol } from '../protocols/protocol.ts';
import { StoreError } from '../store/store.ts';
import { GONE_WITHIN_MS } from './finish.ts';
import type { KeeperFolder } from './folder.ts';
import type { ProtocolStatus } from './protocol-handover.ts';
import { RELEASE_WITHIN_MS } from './run.ts';

/** How the hold of another program's lock ended. `status` is the keeper's last word. */
export type ProtocolEnd =
  | { readonly kind: 'released'; readonly keeperDied: boolean; readonly status: ProtocolStatus }
  | {
      readonly kind: 'lost';
      readonly cause: EndCause;
      /** From then on another holder may have been beside this one. */
      readonly aloneUntil: string;
      readonly status: ProtocolStatus;
    }
  /** It may still be there. The message is for people. */
  | { readonly kind: 'unreleased'; readonly detail: string; readonly status?: ProtocolStatus }
  /** As far as is known it was never held. */
  | { readonly kind: 'nothing' };

export type EndCause =
  | LossCause
  /** The system frees the lock with the process that holds it. */
  | { readonly kind: 'keeper-died'; readonly lastWords: string };

export interface ProtocolFinishOptions {
  readonly folder: KeeperFolder;
  readonly path: string;
  /** As far as it is known to who finishes. The keeper's status says so, too. */
  readonly keeper?: ProcessId;
  /** Opened only when the keeper is not there to release. */
  readonly openProtocol: () => Promise<Protocol>;
  readonly clock: Clock;
  /** How long all of it may take. */
  readonly withinMs: number;
}

/**
 * Ends a hold: closes it, lets the keeper release, and releases itself what a keeper that died has left.
 */
export async function finishProtocolHold(options: ProtocolFinishOptions): Promise<ProtocolEnd> {
  const { folder, clock } = options;
  const startedMs = clock.monotonicMs();
  const untilMs = startedMs + options.withinMs;
  const patienceMs = folder.tryClose() ? RELEASE_WITHIN_MS + 2_000 : 0;
  const status = await untilKeeperEnds(options, Math.min(untilMs, startedMs + patienceMs));
  switch (status?.state.kind) {
    case undefined:
    case 'busy':
    case 'timed-out':
    case 'cancelled':
      return { kind: 'nothing' };
    case 'released':
      return { kind: 'released', keeperDied: false, status };
    case 'lost': {
      const { cause, aloneUntil } = status.state;
      if (cause.kind !== 'compromised') await freeEarly(options, { status, untilMs });
      return { kind: 'lost', cause, aloneUntil, status };
    }
    case 'trying':
    case 'waiting':
      return removeLeft(options, { status, untilMs });
    case 'keeping':
      return releaseLeft(options, { status, untilMs });
    case 'failed':
      return status.hold ? releaseLeft(options, { status, untilMs }) : { kind: 'nothing' };
  }
}

/** The keeper's last word, once it is gone; of one that does not answer in time what it has said until then. */
async function untilKeeperEnds(
  { folder, clock, keeper }: ProtocolFinishOptions,
  untilMs: number,
): Promise<ProtocolStatus | undefined> {
  let endMs = untilMs;
  for (;;) {
    const status = folder.readProtocolStatus();
    const id = status?.keeper ?? keeper;
    const nowMs = clock.monotonicMs();
    if (!id || !isAlive(id) || nowMs >= endMs) return folder.readProtocolStatus();
    if (status && isLastWord(status) && endMs === untilMs) endMs = Math.min(untilMs, nowMs + GONE_WITHIN_MS);
    await clock.sleep(20);
  }
}

function isLastWord({ state }: ProtocolStatus): boolean {
  return !['trying', 'waiting', 'keeping'].includes(state.kind);
}

interface Left {
  readonly status: ProtocolStatus;
  readonly untilMs: number;
}

/** Releases the hold of a keeper that has died, or does not answer. */
async function releaseLeft(options: ProtocolFinishOptions, left: Left): Promise<ProtocolEnd> {
  const { status } = left;
  try {
    const check = await resumeAndRelease(options, left);
    switch (check?.kind) {
      case 'ours':
        return { kind: 'released', keeperDied: true, status };
      case 'compromised':
        return { kind: 'lost', cause: check, aloneUntil: lastSeen(status), status };
      case undefined: {
        if (isAlive(status.keeper)) {
          const detail = `its keeper (process ${status.keeper.pid}) does not answer, and the lock is free when that ends`;
          return { kind: 'unreleased', detail, status };
        }
        const cause = { kind: 'keeper-died', lastWords: options.folder.logEnd() } as const;
        return { kind: 'lost', cause, aloneUntil: lastSeen(status), status };
      }
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { kind: 'unreleased', detail: error.message, status };
  }
}

async function resumeAndRelease(
  { openProtocol, clock }: ProtocolFinishOptions,
  { status, untilMs }: Left,
): Promise<Awaited<ReturnType<Hold['release']>> | undefined> {
  const hold = status.hold && (await openProtocol()).resume(status.hold.holding);
  return hold && releaseWithin(hold, clock, Math.max(untilMs - clock.monotonicMs(), 1));
}

/** What the keeper gave up may still be there until its ttl is over: then nobody needs to wait for that. Best effort. */
async function freeEarly(options: ProtocolFinishOptions, left: Left): Promise<void> {
  try {
    await resumeAndRelease(options, left);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}

/**
 * A keeper that died while it wanted the lock may have taken it just then, unsaid. A record that names this very process is
 * removed; one that names nobody can't be told from somebody else's.
 */
async function removeLeft(options: ProtocolFinishOptions, { status, untilMs }: Left): Promise<ProtocolEnd> {
  const { path, clock, openProtocol } = options;
  const { keeper } = status;
  const unsure = `its keeper (process ${keeper.pid}) ${isAlive(keeper) ? 'does not answer' : 'died'} before it said whether it had the lock`;
  if (isAlive(keeper)) return { kind: 'unreleased', detail: unsure, status };
  try {
    return await withTimeout(clock, untilMs - clock.monotonicMs(), undefined, async (signal) => {
      const protocol = await openProtocol();
      const held = await protocol.inspect(path, signal);
      if (!held || protocol.abilities.takeover === 'freed') return { kind: 'nothing' };
      if (held.pid === undefined) return { kind: 'unreleased', detail: unsure, status };
      const own = held.pid === keeper.pid && (held.host === undefined || held.host === hostname());
      if (own) await protocol.break?.(held);
      return { kind: 'nothing' };
    });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { kind: 'unreleased', detail: `${unsure}: ${error.message}`, status };
  }
}

function lastSeen({ hold }: ProtocolStatus): string {
  return formatInstant(hold?.oursAtMs ?? 0);
}
