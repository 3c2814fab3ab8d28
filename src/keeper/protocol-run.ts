import { type Instant, systemClock } from '../base/clock.ts';
import { formatInstant, parseInstant } from '../base/duration.ts';
import { identify } from '../base/process.ts';
import { systemRandom } from '../base/random.ts';
import { UsageError } from '../base/usage-error.ts';
import { cancelRun } from '../github/cancel.ts';
import { type AcquireOutcome, acquireBy } from '../protocols/acquire.ts';
import { type KeepEnd, keepHold, type LossCause, releaseWithin } from '../protocols/keep.ts';
import { Notifier } from '../protocols/notify.ts';
import type { Held, Hold } from '../protocols/protocol.ts';
import { commandVeto } from '../protocols/veto.ts';
import { StoreError } from '../store/store.ts';
import { KeeperFolder } from './folder.ts';
import type { KeptHold, ProtocolHandover, ProtocolState } from './protocol-handover.ts';
import { openFor, SURROUNDINGS } from './protocol-open.ts';
import { Renewals } from './renewals.ts';
import { RELEASE_WITHIN_MS, untilOver } from './run.ts';

/** How often the status is written anew while nothing happens, so that it shows when the keeper was last well. */
const REPORT_EVERY_MS = 5_000;

/**
 * The life of a keeper of another program's lock: waits for it, takes it, looks after it until the hold is closed, the lock is
 * lost, the longest hold is over, or the job's worker is gone. What it sees and how it ends is in the folder's status.
 */
export async function runProtocolKeeper(
  handover: ProtocolHandover,
  log: (line: string) => void,
): Promise<void> {
  await new ProtocolKeeper(handover, log).run();
}

class ProtocolKeeper {
  readonly #handover: ProtocolHandover;
  readonly #log: (line: string) => void;
  readonly #folder: KeeperFolder;
  readonly #renewals = new Renewals();
  #kept: Kept | undefined;
  #reported: { readonly text: string; readonly atMs: number } = { text: '', atMs: 0 };

  constructor(handover: ProtocolHandover, log: (line: string) => void) {
    this.#handover = handover;
    this.#log = log;
    this.#folder = new KeeperFolder(handover.folder);
  }

  async run(): Promise<void> {
    this.#mustReport({ kind: 'trying' });
    const jobOver = new AbortController();
    const done = new AbortController();
    const around = { clock: systemClock, signal: done.signal };
    const over = untilOver(this.#folder, this.#handover.worker, around);
    void over.then(() => jobOver.abort());
    try {
      const outcome = await this.#acquire(jobOver.signal);
      switch (outcome.kind) {
        case 'acquired':
          return await this.#keep(outcome, { over, jobOver: jobOver.signal });
        case 'busy':
          return this.#report({ kind: 'busy', by: outcome.by, waitedMs: 0 });
        case 'timed-out':
          return this.#report(outcome);
        case 'cancelled':
          return this.#report({ kind: 'cancelled' });
      }
    } catch (error) {
      if (!(error instanceof StoreError) && !(error instanceof UsageError)) throw error;
      this.#log(error.message);
      const fault = error instanceof StoreError ? error.kind : 'usage';
      this.#report({ kind: 'failed', detail: error.message, fault });
    } finally {
      done.abort();
    }
  }

  async #acquire(signal: AbortSignal): Promise<AcquireOutcome> {
    const { opening, ownerId, ttlMs, stalePolicy, waitTimeoutMs, commands } = this.#handover;
    const { protocol, path } = opening;
    const request = {
      path,
      pid: process.pid,
      ownerId,
      ...(ttlMs === undefined ? {} : { ttlMs }),
      stalePolicy,
      waitTimeoutMs,
      ...(commands.onStale === ''
        ? {}
        : { veto: commandVeto(commands.onStale, protocol, commands.environment) }),
      signal,
      closed: () => this.#folder.closed,
    };
    return acquireBy(
      await openFor(opening),
      {
        ...request,
        onWait: ({ held, decision }) => this.#report({ kind: 'waiting', held, decision }),
        onTrouble: ({ message }) => this.#report({ kind: 'trying', trouble: message }),
      },
      SURROUNDINGS,
    );
  }

  async #keep(
    { hold, triedAt, waitedMs, took }: Extract<AcquireOutcome, { kind: 'acquired' }>,
    { over, jobOver }: { over: ReturnType<typeof untilOver>; jobOver: AbortSignal },
  ): Promise<void> {
    const kept = {
      hold,
      acquiredMs: systemClock.monotonicMs(),
      waitedMs,
      ...(took ? { took } : {}),
      renewals: 0,
      oursAt: triedAt,
    };
    this.#kept = kept;
    try {
      this.#mustReport({ kind: 'keeping' });
    } catch (error) {
      await this.#release(hold);
      throw error;
    }
    const stop = new AbortController();
    const keeping = keepHold(hold, {
      clock: systemClock,
      signal: stop.signal,
      maxHoldMs: this.#handover.maxHoldMs,
      since: triedAt,
      onRenewed: (at) => this.#renewed(kept, at),
      onOurs: (at) => this.#ours(kept, at),
      onTrouble: (error) => this.#log(error.message),
    });
    this.#log(`keeping ${hold.holding.protocol} lock ${hold.holding.path}`);
    const why = await Promise.race([keeping, over]);
    stop.abort();
    const state = await this.#conclude(kept, await keeping, why === 'worker-gone');
    this.#log(`ended: ${JSON.stringify(state)}`);
    this.#report(state);
    if (state.kind === 'lost')
      await this.#afterLoss(state, why === 'closed' || why === 'worker-gone', jobOver);
  }

  #renewed(kept: Kept, at: Instant): void {
    kept.renewals += 1;
    this.#renewals.add(at.monotonicMs);
    this.#report({ kind: 'keeping' });
  }

  #ours(kept: Kept, at: Instant): void {
    kept.oursAt = at;
    if (systemClock.monotonicMs() - this.#reported.atMs >= REPORT_EVERY_MS) this.#report({ kind: 'keeping' });
  }

  async #conclude(kept: Kept, end: KeepEnd, workerGone: boolean): Promise<ProtocolState> {
    const { hold } = kept;
    if (end.kind === 'lost') {
      // Of the longest hold no renewal comes any more; without a ttl nothing but this would ever end it.
      if (end.cause.kind === 'max-hold' && hold.holding.ttlMs === undefined) await this.#release(hold);
      return lost(end.cause, end.aloneUntilMs);
    }
    // The job's processes may outlive its worker for a while: a ttl gives them that while. Without one nobody would free it.
    if (workerGone && hold.holding.ttlMs !== undefined) {
      return { kind: 'failed', detail: "the job's worker process is gone; the lock is left to run out" };
    }
    const state = await this.#release(hold);
    return state.kind === 'compromised' ? lost(state, kept.oursAt.wallMs) : state;
  }

  async #release(
    hold: Hold,
  ): Promise<
    Extract<ProtocolState, { kind: 'released' | 'failed' }> | Extract<LossCause, { kind: 'compromised' }>
  > {
    try {
      const check = await releaseWithin(hold, systemClock, RELEASE_WITHIN_MS);
      return check.kind === 'ours' ? { kind: 'released' } : check;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { kind: 'failed', detail: error.message };
    }
  }

  /** As for a lease: cancels the run, and tells the notify command. Each is best effort, and neither waits for the other. */
  async #afterLoss(state: Lost, jobEnds: boolean, jobOver: AbortSignal): Promise<void> {
    let told = state;
    const amend = (more: Partial<Lost>): void => {
      told = { ...told, ...more };
      this.#report(told);
    };
    await Promise.all([jobEnds ? undefined : this.#cancel(amend, jobOver), this.#tellLost(state, amend)]);
  }

  async #cancel(amend: (more: Partial<Lost>) => void, signal: AbortSignal): Promise<void> {
    const { cancel } = this.#handover;
    if (!cancel) return;
    const outcome = await cancelRun(cancel, { clock: systemClock, random: systemRandom, signal });
    this.#log(
      outcome.kind === 'accepted' ? 'the run is being cancelled' : `not cancelled: ${outcome.detail}`,
    );
    amend({ cancel: outcome });
  }

  async #tellLost({ cause, aloneUntil }: Lost, amend: (more: Partial<Lost>) => void): Promise<void> {
    const { commands, opening, self } = this.#handover;
    const { protocol, path } = opening;
    const notifier = new Notifier({
      command: commands.notify,
      environment: commands.environment,
      teller: { protocol, path, self },
      clock: systemClock,
      onFailure: (notifyFailed) => {
        this.#log(notifyFailed);
        amend({ notifyFailed });
      },
    });
    const aloneUntilMs = parseInstant(aloneUntil) ?? systemClock.wallMs();
    notifier.tell({ kind: 'lost', cause, aloneUntilMs });
    await notifier.done;
  }

  #report(state: ProtocolState): void {
    try {
      this.#mustReport(state);
    } catch (error) {
      // A full disk here is no reason to let the lock go there.
      this.#log(`the status could not be written: ${String(error)}`);
    }
  }

  /** @throws Error when the status can't be written: nobody would know then that there is a hold, or end it */
  #mustReport(state: ProtocolState): void {
    const hold = this.#keptHold();
    const text = JSON.stringify([state, hold]);
    // A wait looks often, and mostly finds what it knows.
    if (text === this.#reported.text) return;
    const status = { kind: 'protocol', keeper: identify(process.pid), state } as const;
    this.#folder.writeStatus({ ...status, ...(hold ? { hold } : {}) });
    this.#reported = { text, atMs: systemClock.monotonicMs() };
  }

  #keptHold(): KeptHold | undefined {
    if (!this.#kept) return undefined;
    const { hold, oursAt, ...rest } = this.#kept;
    return {
      ...rest,
      holding: hold.holding,
      renewedMs: [...this.#renewals.times],
      oursAtMs: oursAt.wallMs,
    };
  }
}

type Lost = Extract<ProtocolState, { kind: 'lost' }>;

/** The hold while it is kept. */
interface Kept extends Pick<KeptHold, 'acquiredMs' | 'waitedMs'> {
  readonly hold: Hold;
  readonly took?: Held;
  renewals: number;
  oursAt: Instant;
}

function lost(cause: LossCause, aloneUntilMs: number): Lost {
  const at = formatInstant(systemClock.wallMs());
  return { kind: 'lost', cause, at, aloneUntil: formatInstant(aloneUntilMs) };
}
