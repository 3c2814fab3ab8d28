import { type BigIntStats, lstatSync } from 'node:fs';
import { formatDuration, formatInstant } from '../base/duration.ts';
import { bootedMs, isAlive } from '../base/process.ts';
import { quote } from '../base/sanitise.ts';
import { type FileState, isSameFile, problemOf, readFileState } from './files.ts';
import { parsePid, scanInteger } from './pid-record.ts';
import { type Held, type Identity, ProtocolError, type Standing } from './protocol.ts';

/** What one look at a lock of the protocol `pid` showed. */
export interface Sight {
  readonly held: Held;
  readonly lock?: FileState;
  readonly companion?: FileState;
  /** A record was empty or no number: somebody may be writing it just now. */
  readonly unclear: boolean;
}

type Judgement = { readonly standing: Standing; readonly unclear: boolean };

/** What the file says of the holder's time: nothing, something nobody can read, or when it ends. */
type Term =
  | { readonly kind: 'none' }
  | { readonly kind: 'unclear' }
  | { readonly kind: 'known'; readonly endSeconds: bigint };

// No system has larger ones. The original passes them on to the system, which cuts them off: they may name anybody.
const LARGEST_PID = 2 ** 31 - 1;

export function companionOf(path: string): string {
  return `${path}.expire`;
}

export function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // What it is, the call that needs it will say.
    return true;
  }
}

/** The locks that this process holds. A record that names this process is one of them, or a dead one's that had our pid. */
const ours = new Set<string>();

export function remember(pid: number, identity: Identity): void {
  if (pid === process.pid) ours.add(keyOf(identity));
}

export function forget(identity: Identity): void {
  ours.delete(keyOf(identity));
}

function keyOf({ dev, ino }: Identity): string {
  return `${dev} ${ino}`;
}

/**
 * Who holds the lock at `path`, by what its two files say now; `undefined`: nobody. Waits for nothing and changes nothing.
 * @throws ProtocolError when it can't be looked at
 */
export function see(path: string, wallMs: number): Sight | undefined {
  const lock = readIfAllowed(path);
  if (lock === 'denied') return seeHidden(path);
  if (!lock) return refuseDangling(path);
  const companion = readFileState(companionOf(path));
  const pid = parsePid(lock.identity.bytes);
  const term = termOf(lock, companion);
  const { standing, unclear } = judge({ path, lock, pid, term, wallMs });
  const ttlMs = ttlOf(term, companion);
  const sinceMs = Math.max(lock.mtimeMs, companion?.mtimeMs ?? 0);
  return {
    held: {
      path,
      ...(pid === undefined ? {} : { pid }),
      since: formatInstant(sinceMs),
      ...(ttlMs === undefined ? {} : { ttlMs }),
      standing,
      identity: lock.identity,
    },
    lock,
    ...(companion ? { companion } : {}),
    unclear,
  };
}

/** @returns `denied` for a record of another user that this one may not read: none of ours is. @throws ProtocolError */
export function readIfAllowed(path: string): FileState | 'denied' | undefined {
  try {
    return readFileState(path);
  } catch (error) {
    if (error instanceof ProtocolError && error.problem === 'denied') return 'denied';
    throw error;
  }
}

/** Whether nothing has changed between two looks: not the lock, and not how long its holder may have it. */
export function isSameSight(one: Sight, other: Sight): boolean {
  return isSameState(one.lock, other.lock) && isSameState(one.companion, other.companion);
}

// A file may be gone and another have its number and the same few bytes: then its time tells them apart.
function isSameState(one: FileState | undefined, other: FileState | undefined): boolean {
  if (!one || !other) return one === other;
  return isSameFile(one.identity, other.identity) && one.mtimeMs === other.mtimeMs;
}

/** A record of another user that we may not read. It is held as long as it is there. */
function seeHidden(path: string): Sight | undefined {
  const stat = statOf(path);
  if (!stat) return undefined;
  const standing: Standing = {
    holder: 'unknown',
    takeable: false,
    detail: `its record is for its owner alone (uid ${stat.uid}), and the user of this process is another (uid ${process.geteuid?.() ?? '?'})`,
  };
  const identity = { dev: String(stat.dev), ino: String(stat.ino) };
  return {
    held: { path, since: formatInstant(Number(stat.mtimeMs)), standing, identity },
    unclear: false,
  };
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw problemOf(error, 'look at', path);
  }
}

function refuseDangling(path: string): undefined {
  if (!statOf(path)?.isSymbolicLink()) return undefined;
  throw new ProtocolError(
    'refused-file',
    `${quote(path)} is a symbolic link that leads nowhere. Look who made it: ls -l ${quote(path)}`,
  );
}

/**
 * A companion that is older than its lock's file was there before the lock: left over from another one, it says nothing of
 * this (the original lets such a lock expire). A holder writes it after, or with us between writing and linking the record.
 */
function termOf(lock: FileState, companion: FileState | undefined): Term {
  if (!companion || companion.mtimeMs < lock.bornMs) return { kind: 'none' };
  const endSeconds = scanInteger(companion.identity.bytes);
  return endSeconds === undefined ? { kind: 'unclear' } : { kind: 'known', endSeconds };
}

/** In whole minutes, as it was asked for when the companion was written. */
function ttlOf(term: Term, companion: FileState | undefined): number | undefined {
  if (term.kind !== 'known' || !companion) return undefined;
  const ttlMs = Math.round((Number(term.endSeconds) * 1_000 - companion.mtimeMs) / 60_000) * 60_000;
  return ttlMs > 0 && Number.isSafeInteger(ttlMs) ? ttlMs : undefined;
}

function judge(look: {
  path: string;
  lock: FileState;
  pid: number | undefined;
  term: Term;
  wallMs: number;
}): Judgement {
  const { path, lock, pid, term, wallMs } = look;
  const nowSeconds = BigInt(Math.floor(wallMs / 1_000));
  const expired = term.kind === 'known' ? { expired: term.endSeconds < nowSeconds } : {};
  if (pid === undefined) return judgeUnreadable(path, lock);
  const { holder, detail } = judgeProcess(pid, lock.identity);
  if (holder !== 'alive')
    return { standing: { ...expired, holder, takeable: holder === 'finished', detail }, unclear: false };
  switch (term.kind) {
    case 'none':
      return { standing: { holder, takeable: false, detail }, unclear: false };
    case 'unclear': {
      // The original writes its companion after its lock, and is seen with an empty one at each acquisition.
      const hint = `${companionOf(path)} is no number: look at it, and remove it if nobody is writing it`;
      return { standing: { holder, takeable: false, detail: `${detail}, and ${hint}` }, unclear: true };
    }
    case 'known': {
      const over = Number(nowSeconds - term.endSeconds) * 1_000;
      const time =
        over > 0 ? `its time is over since ${formatDuration(over)}` : `it has ${formatDuration(-over)} left`;
      return {
        standing: { ...expired, holder, takeable: over > 0, detail: `${detail}, and ${time}` },
        unclear: false,
      };
    }
  }
}

function judgeUnreadable(path: string, lock: FileState): Judgement {
  const what = lock.identity.bytes === '' ? 'its record is empty' : 'its record names no process';
  const booted = bootedMs();
  if (booted !== undefined && lock.mtimeMs < booted) {
    const detail = `${what} and is from before this machine was started, as a power cut leaves it`;
    return { standing: { holder: 'finished', takeable: true, detail }, unclear: false };
  }
  const detail = `${what}: look at ${quote(path)} and who has it open (cat, fuser), and remove it if nobody needs it`;
  return { standing: { holder: 'unknown', takeable: false, detail }, unclear: true };
}

function judgeProcess(pid: number, identity: Identity): Pick<Standing, 'holder' | 'detail'> {
  if (pid > LARGEST_PID) return { holder: 'unknown', detail: `its record names ${pid}, which is no pid` };
  if (pid === process.pid) {
    if (ours.has(keyOf(identity))) return { holder: 'alive', detail: `this process (${pid}) holds it` };
    const detail = `it names this process (${pid}), which does not hold it: left by a dead one with the same pid`;
    return { holder: 'finished', detail };
  }
  if (isAlive({ pid })) return { holder: 'alive', detail: `its process ${pid} is running` };
  return { holder: 'finished', detail: `its process ${pid} is gone` };
}
