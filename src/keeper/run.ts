import { type Clock, systemClock } from '../base/clock.ts';
import { formatDuration, formatInstant } from '../base/duration.ts';
import { identify, isAlive, type ProcessId } from '../base/process.ts';
import { systemRandom } from '../base/random.ts';
import { recordHolds } from '../lease/history.ts';
import { type KeepEnd, keep } from '../lease/keeper.ts';
import { aloneUntilMs, type Lease, type LossCause } from '../lease/lease.ts';
import { openStore } from '../store/open.ts';
import { StoreError } from '../store/store.ts';
import { afterHold, RECORD_WITHIN_MS } from './after.ts';
import { KeeperFolder } from './folder.ts';
import type { Handover, KeeperStatus } from './handover.ts';
import { Renewals } from './renewals.ts';
import { resumeLease, storeSnapshot } from './snapshot.ts';

/** How often the keeper looks for the marker and the worker, in case nothing woke it. */
const LOOK_EVERY_MS = 500;
/** How long the keeper tries to release. The process that closed the hold waits a little longer. */
export const RELEASE_WITHIN_MS = 10_000;

/**
 * The life of a keeper: renews the lease until the hold is closed (then releases it), the lease is lost, the longest hold
 * is over, or the job's worker is gone. What it sees and how it ends is in the folder's status.
 */
export async function runKeeper(handover: Handover, log: (line: string) => void): Promise<void> {
  await new Keeper(handover, await leaseOf(handover, systemClock), log).run();
}

class Keeper {
  readonly #handover: Handover;
  readonly #lease: Lease;
  readonly #log: (line: string) => void;
  readonly #folder: KeeperFolder;
  readonly #renewals = new Renewals();
  #latestMs: number | undefined;

  constructor(handover: Handover, lease: Lease, log: (line: string) => void) {
    this.#handover = handover;
    this.#lease = lease;
    this.#log = log;
    this.#folder = new KeeperFolder(handover.folder);
  }

  async run(): Promise<void> {
    const { lock } = this.#lease;
    const stop = new AbortController();
    const keeping = keep(this.#lease, {
      signal: stop.signal,
      maxHoldMs: this.#handover.maxHoldMs,
      onRenewed: (lateMs) => this.#renewed(lateMs),
      onTrouble: (error) => this.#log(error.message),
    });
    this.#report({ kind: 'keeping' });
    this.#log(`keeping lease ${this.#lease.id} of lock "${lock.name}", token ${this.#lease.token}`);
    const victimTold = this.#tellOfVictim();
    const jobOver = new AbortController();
    const over = untilOver(this.#folder, this.#handover.worker, { clock: lock.clock });
    void over.then(() => jobOver.abort());
    const why = await Promise.race([keeping.ended, over]);
    stop.abort();
    const state = await conclude(this.#lease, await keeping.ended, why === 'worker-gone');
    this.#log(`ended: ${JSON.stringify(state)}`);
    this.#report(state);
    await victimTold;
    await afterHold({
      handover: this.#handover,
      lease: this.#lease,
      state,
      jobGoesOn: why !== 'closed' && why !== 'worker-gone',
      jobOver: jobOver.signal,
      log: this.#log,
      report: (more) => this.#report(more),
    });
  }

  #renewed(lateMs: number | undefined): void {
    this.#renewals.add(this.#lease.snapshot.sentAt.monotonicMs);
    if (lateMs !== undefined) {
      this.#latestMs = Math.max(this.#latestMs ?? 0, lateMs);
      this.#log(`renewed ${formatDuration(lateMs)} past the deadline; nobody had entered in between`);
    }
    this.#report({ kind: 'keeping' });
  }

  #report(state: KeeperStatus['state']): void {
    const { times } = this.#renewals;
    const status: KeeperStatus = {
      keeper: identify(process.pid),
      state,
      snapshot: storeSnapshot(this.#lease),
      renewals: this.#lease.record.renewals,
      ...(this.#latestMs === undefined ? {} : { latestMs: this.#latestMs }),
      ...(times.length > 0 ? { renewedMs: [...times] } : {}),
    };
    try {
      this.#folder.writeStatus(status);
    } catch (error) {
      // A full disk here is no reason to stop renewing there.
      this.#log(`the status could not be written: ${String(error)}`);
    }
  }

  /** The history is told at once of a hold that was stolen: its own holder may never do it, nor may this one live to. */
  async #tellOfVictim(): Promise<void> {
    const { victim } = this.#handover;
    if (!victim) return;
    const failure = await recordHolds(this.#lease.lock, [victim], { withinMs: RECORD_WITHIN_MS });
    if (failure !== undefined) this.#log(`the history was not written: ${failure}`);
  }
}

async function leaseOf({ name, store, access, timing, snapshot }: Handover, clock: Clock): Promise<Lease> {
  const { callTimeoutMs } = timing;
  const opened = await openStore(store, access);
  const lock = { name, store: opened, clock, random: systemRandom, callTimeoutMs };
  return resumeLease(lock, timing, snapshot);
}

/** Resolves when the hold was closed or the worker is gone, or at once when `signal` aborts. Waits in the background. */
export async function untilOver(
  folder: KeeperFolder,
  worker: ProcessId | undefined,
  { clock, signal }: { clock: Clock; signal?: AbortSignal },
): Promise<'closed' | 'worker-gone' | 'stopped'> {
  const over = new AbortController();
  let awake = new AbortController();
  folder.watch(() => awake.abort(), over.signal);
  try {
    while (!signal?.aborted) {
      if (folder.closed) return 'closed';
      if (worker && !isAlive(worker)) return 'worker-gone';
      awake = new AbortController();
      await clock.sleep(LOOK_EVERY_MS, signal ? AbortSignal.any([awake.signal, signal]) : awake.signal);
    }
    return 'stopped';
  } finally {
    over.abort();
  }
}

async function conclude(lease: Lease, end: KeepEnd, workerGone: boolean): Promise<KeeperStatus['state']> {
  const { clock } = lease.lock;
  if (end.kind === 'lost') return lost(lease, end.cause);
  // The job's processes may outlive its worker for a while: the ttl gives them that while.
  if (workerGone)
    return { kind: 'failed', detail: "the job's worker process is gone; the lease is left to run out" };
  try {
    const outcome = await lease.release(clock.monotonicMs() + RELEASE_WITHIN_MS);
    // Post, which did not see this keeper, may have released the lease already.
    if (outcome.kind === 'released' || outcome.cause.kind === 'released') return { kind: 'released' };
    return lost(lease, outcome.cause);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { kind: 'failed', detail: error.message };
  }
}

function lost({ lock, timing, snapshot, token }: Lease, cause: LossCause): KeeperStatus['state'] {
  const nowMs = lock.clock.wallMs();
  const aloneMs = aloneUntilMs(cause, { sentAt: snapshot.sentAt, token }, { timing, nowMs });
  return { kind: 'lost', cause, at: formatInstant(nowMs), aloneUntil: formatInstant(aloneMs) };
}
