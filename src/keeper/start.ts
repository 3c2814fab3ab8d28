import { spawn } from 'node:child_process';
import { closeSync, openSync, realpathSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { ProcessId } from '../base/process.ts';
import type { RunToCancel } from '../github/cancel.ts';
import type { Hold } from '../lease/history.ts';
import type { Lease } from '../lease/lease.ts';
import type { S3Access } from '../store/s3.ts';
import type { KeeperFolder } from './folder.ts';
import { type Handover, plainEnvironment, secretEnvironment, wholeEnvironment } from './handover.ts';
import { storeSnapshot } from './snapshot.ts';

export interface StartOptions {
  /** The keeper's bundled file. */
  readonly entry: string;
  readonly folder: KeeperFolder;
  /** The store's location as `openStore` takes it. */
  readonly store: string;
  readonly access?: S3Access;
  readonly maxHoldMs: number;
  /** When the lock was taken, on the monotonic clock. */
  readonly acquiredMs: number;
  readonly waitedMs: number;
  /** Whose hold ended by the steal that this one began with. */
  readonly victim?: Hold;
  /** Told of a loss; empty: nobody. It gets all of `environment`. */
  readonly notify?: string;
  /** The run to cancel when the lease is lost. */
  readonly cancel?: RunToCancel;
  readonly worker?: ProcessId;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The bundled keeper, which lies beside the bundled entry that this process was started with (by a link, for `npx`). */
export function keeperEntry(): string {
  return join(dirname(realpathSync(process.argv[1] ?? '')), '..', 'keeper', 'index.js');
}

const START_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** There is no keeper, and so no lock. The message is for people. */
export class KeeperError extends Error {
  override readonly name = 'KeeperError';
}

/**
 * Hands `lease` over to a keeper: a detached process that renews it from now on. The caller must not renew any more.
 * @returns the keeper's pid, once it says that it keeps the lease
 * @throws KeeperError when it does not within 10 s, with the end of its log
 */
export async function startKeeper(lease: Lease, options: StartOptions): Promise<number> {
  const { folder, entry, environment } = options;
  const keeper = spawnKeeper(handoverOf(lease, options), { folder, entry, environment });
  await untilAnswer(lease.lock.clock, folder, {
    keeper,
    failed: 'The keeper, which renews the lease, could not be started',
    pidSaid: () => folder.readStatus()?.keeper.pid,
  });
  return keeper.pid;
}

export interface SpawnedKeeper {
  readonly pid: number;
  /** Why it has ended, if it has. */
  readonly failure: () => string | undefined;
}

/** Starts a keeper and gives it its handover by a pipe. What it says is in the folder's status. */
export function spawnKeeper(
  handover: object,
  { folder, entry, environment }: Pick<StartOptions, 'folder' | 'entry' | 'environment'>,
): SpawnedKeeper {
  const log = openSync(folder.logPath, 'a', 0o600);
  const child = spawn(process.execPath, [entry], {
    // In a session of its own, and with no stream of ours: an inherited one holds the step up until it is closed.
    detached: true,
    stdio: ['pipe', log, log],
    cwd: parse(folder.path).root,
    env: plainEnvironment(environment),
    windowsHide: true,
  });
  closeSync(log);
  let failure: string | undefined;
  child.on('error', (error) => {
    failure = error.message;
  });
  child.on('exit', (code, signal) => {
    failure ??= `it ended with ${signal ?? `exit status ${code}`}`;
  });
  // A keeper that dies at its start closes the pipe under us; its exit says so.
  child.stdin?.on('error', () => {});
  child.stdin?.end(JSON.stringify(handover));
  child.unref();
  return { pid: child.pid ?? 0, failure: () => failure };
}

function handoverOf(lease: Lease, options: StartOptions): Handover {
  const { folder, store, access = {}, maxHoldMs, acquiredMs, waitedMs } = options;
  const { victim, notify, cancel, worker, environment } = options;
  return {
    name: lease.lock.name,
    store,
    access,
    timing: lease.timing,
    snapshot: storeSnapshot(lease),
    folder: folder.path,
    maxHoldMs,
    acquiredMs,
    waitedMs,
    ...(victim ? { victim } : {}),
    ...(notify ? { notify: { command: notify, environment: wholeEnvironment(environment) } } : {}),
    ...(cancel ? { cancel } : {}),
    ...(worker ? { worker } : {}),
    environment: secretEnvironment(environment, access),
  };
}

/**
 * Waits for the first word of a keeper.
 * @param failed what to say if it does not come
 * @param pidSaid whose status it is that is there: that of a keeper before this one may be
 * @throws KeeperError when it does not come within 10 s, with the end of its log
 */
export async function untilAnswer(
  clock: Clock,
  folder: KeeperFolder,
  { keeper, failed, pidSaid }: { keeper: SpawnedKeeper; failed: string; pidSaid: () => number | undefined },
): Promise<void> {
  const untilMs = clock.monotonicMs() + START_WITHIN_MS;
  while (pidSaid() !== keeper.pid) {
    const late = clock.monotonicMs() >= untilMs ? 'it did not answer within 10s' : undefined;
    const why = keeper.failure() ?? late;
    if (why !== undefined) {
      throw new KeeperError(
        `${failed}: ${why}. ${folder.logEnd()} See whether ${folder.path} can be written and processes can be started.`,
      );
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}
