import type { Clock } from '../base/clock.ts';
import { identify, isAlive, type ProcessId } from '../base/process.ts';
import type { KeeperFolder } from './folder.ts';
import type { ProtocolHandover, ProtocolStatus } from './protocol-handover.ts';
import { spawnKeeper, untilAnswer } from './start.ts';

/** How often a status is looked at, in case nothing woke who waits for it. */
const LOOK_EVERY_MS = 100;

/**
 * Starts a keeper that takes a lock of another program's, and holds it.
 * @returns it, once it has said its first word
 * @throws KeeperError when it does not within 10 s, with the end of its log
 */
export async function startProtocolKeeper(
  handover: ProtocolHandover,
  options: {
    /** The keeper's bundled file. */
    readonly entry: string;
    readonly folder: KeeperFolder;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly clock: Clock;
  },
): Promise<ProcessId> {
  const { folder, clock } = options;
  const keeper = spawnKeeper(handover, options);
  const failed = 'The keeper, which takes the lock and holds it, could not be started';
  await untilAnswer(clock, folder, {
    keeper,
    failed,
    pidSaid: () => folder.readProtocolStatus()?.keeper.pid,
  });
  return identify(keeper.pid);
}

/**
 * Follows what a keeper does until it has the lock, or will not have it. A hold that is closed meanwhile is followed to its end.
 * @param onStatus told of every look
 * @returns its last status; where that is no end, the keeper has died
 */
export async function followKeeper(
  folder: KeeperFolder,
  { clock, onStatus }: { clock: Clock; onStatus: (status: ProtocolStatus) => void },
): Promise<ProtocolStatus | undefined> {
  const over = new AbortController();
  let awake = new AbortController();
  folder.watch(() => awake.abort(), over.signal);
  try {
    for (;;) {
      awake = new AbortController();
      // Whether it lives first: what a dead one said is its last word.
      const known = folder.readProtocolStatus();
      const alive = known !== undefined && isAlive(known.keeper);
      const status = alive ? known : folder.readProtocolStatus();
      if (status) onStatus(status);
      if (!alive || !isUnderWay(status, folder.closed)) return status;
      await clock.sleep(LOOK_EVERY_MS, awake.signal);
    }
  } finally {
    over.abort();
  }
}

function isUnderWay(status: ProtocolStatus | undefined, closed: boolean): boolean {
  const kind = status?.state.kind;
  return kind === 'trying' || kind === 'waiting' || (kind === 'keeping' && closed);
}
