import type { Eventually } from '../store/local-io.ts';
import { isSameFile } from './files.ts';
import { type Held, type Identity, ProtocolError } from './protocol.ts';

/*
 * How a process comes to the lock of the protocol `levels`. Level 0 is the lock. Who finds it stale climbs: it skips the levels
 * that are stale too and takes the first that is free. Only who has a level while level 0 is unchanged may replace level 0,
 * and it removes the levels afterwards, from its own down: all others who are on their way up see then that level 0 has
 * changed. Why that is safe with a crash at any step: __tests__/protocols/levels-climb.test.ts tries them all.
 */

/** Levels 0 to 19. */
export const LEVELS = 20;
export const MOST_TRIES = 50;

/** The files of one locked directory: one table, so that tests can stop a process between any two calls. */
export interface Levels {
  /** Who has a level; `undefined` when it is free. */
  look(level: number): Eventually<Held | undefined>;
  /** What lies at level 0 now, not judged. */
  master(): Eventually<Identity | undefined>;
  /** Takes a level that is free. @returns our record there; `undefined` when it is not free */
  grab(level: number): Eventually<Identity | undefined>;
  /** Puts our record at level 0, whatever is there. @throws ProtocolError, and level 0 is as it was */
  replaceMaster(): Eventually<Identity>;
  /** Removes a level. Never fails: one that stays is stale when its process ends. */
  drop(level: number): Eventually<void>;
  /** Waits until another process may have got on. @returns false when there is no time left */
  pause(): Promise<boolean>;
}

export type Climbed =
  | { readonly kind: 'acquired'; readonly identity: Identity; readonly took?: Held }
  | { readonly kind: 'held'; readonly by: Held };

/**
 * One TryLock of the original: it does not wait for a holder, but up to 50 times for one who is about to take over a stale lock.
 * @param mayTake asked once for each stale lock that is met
 * @throws ProtocolError when nothing can be told; nothing is held then
 */
export async function climb(levels: Levels, mayTake: (held: Held) => Promise<boolean>): Promise<Climbed> {
  let allowed: Held | undefined;
  let obstacle: Obstacle = { why: 'somebody was always faster' };
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const master = await levels.look(0);
    if (!master) {
      const identity = await levels.grab(0);
      if (identity) return { kind: 'acquired', identity };
      continue;
    }
    if (!master.standing.takeable) return { kind: 'held', by: master };
    if (!allowed || !isSameFile(allowed.identity, master.identity)) {
      if (!(await mayTake(master))) return { kind: 'held', by: master };
      allowed = master;
    }
    const reached = await climbOver(levels, master);
    if (reached.kind === 'acquired') return { ...reached, took: master };
    obstacle = reached;
    if (!(await levels.pause())) return { kind: 'held', by: master };
  }
  throw new ProtocolError(
    'contended',
    `Tried ${MOST_TRIES} times, and nothing is held: ${obstacle.why}. Try again; if it stays so, look at the files lock0 to lock${LEVELS - 1} and who made them.`,
  );
}

interface Obstacle {
  readonly why: string;
}

type Reached =
  | { readonly kind: 'acquired'; readonly identity: Identity }
  | ({ readonly kind: 'retry' } & Obstacle);

async function climbOver(levels: Levels, master: Held): Promise<Reached> {
  for (let level = 1; level < LEVELS; level += 1) {
    if (await levels.grab(level)) return replace(levels, { master, level });
    const by = await levels.look(level);
    if (!by) return { kind: 'retry', why: `lock${level} was released just then` };
    if (!by.standing.takeable) return { kind: 'retry', why: `lock${level} is held: ${by.standing.detail}` };
  }
  throw new ProtocolError(
    'refused-file',
    `All ${LEVELS} levels of the lock are stale: so many processes died while they took it over. Make sure that no program locks the directory now, and remove lock0 to lock${LEVELS - 1} in it.`,
  );
}

/** With a level in hand: replaces level 0 if it is still the one that was stale. */
async function replace(levels: Levels, { master, level }: { master: Held; level: number }): Promise<Reached> {
  let identity: Identity;
  try {
    const now = await levels.master();
    if (!now || !isSameFile(now, master.identity)) {
      await levels.drop(level);
      return { kind: 'retry', why: 'another process has taken it over' };
    }
    identity = await levels.replaceMaster();
  } catch (error) {
    await levels.drop(level);
    throw error;
  }
  for (let below = level; below > 0; below -= 1) await levels.drop(below);
  return { kind: 'acquired', identity };
}
