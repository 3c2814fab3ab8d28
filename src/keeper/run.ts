import { type Clock, systemClock } from '../base/clock.ts';
import { formatDuration, formatInstant } from '../base/duration.ts';
import { identify, isAlive } from '../base/process.ts';
import { systemRandom } from '../base/random.ts';
import { type KeepEnd, keep } from '../lease/keeper.ts';
import type { Lease } from '../lease/lease.ts';
import { openStore } from '../store/open.ts';
import { StoreError } from '../store/store.ts';
import { KeeperFolder } from './folder.ts';
import type { Handover, KeeperStatus } from './handover.ts';
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
  const clock = systemClock;
  const folder = new KeeperFolder(handover.folder);
  const lease = await leaseOf(handover, clock);
  const stop = new AbortController();
  let latestMs: number | undefined;
  const report = (state: KeeperStatus['state']): void => {
    const status: KeeperStatus = {
      keeper: identify(process.pid),
      state,
      snapshot: storeSnapshot(lease),
      renewals: lease.record.renewals,
      ...(latestMs === undefined ? {} : { latestMs }),
    };
    try {
      folder.writeStatus(status);
    } catch (error) {
      // A full disk here is no reason to stop renewing there.
      log(`the status could not be written: ${String(error)}`);
    }
  };
  const keeping = keep(lease, {
    signal: stop.signal,
    maxHoldMs: handover.maxHoldMs,
    onRenewed: (lateMs) => {
      if (lateMs !== undefined) {
        latestMs = Math.max(latestMs ?? 0, lateMs);
        log(`renewed ${formatDuration(lateMs)} past the deadline; nobody had entered in between`);
      }
      report({ kind: 'keeping' });
    },
    onTrouble: (error) => log(error.message),
  });
  report({ kind: 'keeping' });
  log(`keeping lease ${lease.id} of lock "${handover.name}", token ${lease.token}`);
  const why = await Promise.race([keeping.ended, untilOver(folder, handover, clock)]);
  stop.abort();
  const end = await keeping.ended;
  const state = await conclude(lease, end, why === 'worker-gone');
  log(`ended: ${JSON.stringify(state)}`);
  report(state);
}

async function leaseOf({ name, store, access, timing, snapshot }: Handover, clock: Clock): Promise<Lease> {
  const { callTimeoutMs } = timing;
  const opened = await openStore(store, access);
  const lock = { name, store: opened, clock, random: systemRandom, callTimeoutMs };
  return resumeLease(lock, timing, snapshot);
}

/** Resolves when the hold was closed or the worker is gone. Waits in the background of whatever ends first. */
async function untilOver(
  folder: KeeperFolder,
  handover: Handover,
  clock: Clock,
): Promise<'closed' | 'worker-gone'> {
  const over = new AbortController();
  let awake = new AbortController();
  folder.watch(() => awake.abort(), over.signal);
  try {
    for (;;) {
      if (folder.closed) return 'closed';
      if (handover.worker && !isAlive(handover.worker)) return 'worker-gone';
      awake = new AbortController();
      await clock.sleep(LOOK_EVERY_MS, awake.signal);
    }
  } finally {
    over.abort();
  }
}

async function conclude(lease: Lease, end: KeepEnd, workerGone: boolean): Promise<KeeperStatus['state']> {
  const { clock } = lease.lock;
  const at = formatInstant(clock.wallMs());
  if (end.kind === 'lost') return { kind: 'lost', cause: end.cause, at };
  // The job's processes may outlive its worker for a while: the ttl gives them that while.
  if (workerGone)
    return { kind: 'failed', detail: "the job's worker process is gone; the lease is left to run out" };
  try {
    const outcome = await lease.release(clock.monotonicMs() + RELEASE_WITHIN_MS);
    // Post, which did not see this keeper, may have released the lease already.
    if (outcome.kind === 'released' || outcome.cause.kind === 'released') return { kind: 'released' };
    return { kind: 'lost', cause: outcome.cause, at };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { kind: 'failed', detail: error.message };
  }
}
