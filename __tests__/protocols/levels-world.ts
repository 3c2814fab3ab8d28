import { type Climbed, climb, type Levels } from '../../src/protocols/levels-climb.ts';
import type { Held, Identity } from '../../src/protocols/protocol.ts';

/*
 * A locked directory in memory and some processes that want it, one step at a time: each call to the directory waits until it
 * is chosen, and instead of it the process may be killed. Whatever one process sees follows from the schedule alone.
 */

/** What a process may do with the directory, before a mistake is built in. */
export type Mistake = (levels: Levels) => Levels;

export interface Setup {
  readonly processes: number;
  /** The levels at which there is the record of a process that was dead before. */
  readonly dead: readonly number[];
  readonly mistake?: Mistake;
}

export interface Choice {
  readonly process: number;
  readonly does: 'step' | 'crash';
}

const DEAD = -1;
/** A process that has waited twice gives up, so that schedules end. */
const MOST_PAUSES = 2;

interface File {
  readonly inode: number;
  readonly owner: number;
}

interface Process {
  alive: boolean;
  ended: boolean;
  pauses: number;
  /** The call that it waits for. */
  pending: (() => void) | undefined;
  /** All that it has learnt: with the directory it is the whole of its state. */
  learnt: string;
  /** Resolves when it makes its next call, or has ended. */
  settled: Promise<void>;
  settle: () => void;
}

export class World {
  readonly #files = new Map<number, File>();
  readonly #processes: Process[] = [];
  readonly #holders = new Set<number>();
  #inodes = 0;
  /** How often the lock was taken. */
  acquisitions = 0;
  violation: string | undefined;

  private constructor() {}

  static async start(setup: Setup): Promise<World> {
    const world = new World();
    for (const level of setup.dead) world.#put(level, DEAD);
    for (let id = 0; id < setup.processes; id += 1) await world.#spawn(id, setup.mistake);
    return world;
  }

  choices(crashesLeft: number): Choice[] {
    return this.#processes.flatMap((process, id): Choice[] => {
      if (process.ended || !process.alive) return [];
      const step: Choice = { process: id, does: 'step' };
      return crashesLeft > 0 ? [step, { process: id, does: 'crash' }] : [step];
    });
  }

  async take({ process: id, does }: Choice): Promise<void> {
    const process = this.#processes[id];
    if (!process?.pending) throw new Error(`process ${id} has nothing to do`);
    const { pending } = process;
    process.pending = undefined;
    if (does === 'crash') {
      process.alive = false;
      this.#holders.delete(id);
      return;
    }
    process.settled = new Promise((resolve) => {
      process.settle = resolve;
    });
    pending();
    await process.settled;
  }

  /** Equal for two schedules after which nothing can differ any more. Inodes are compared, never ordered. */
  key(): string {
    const names = new Map<number, number>();
    const files = [...this.#files].sort(([one], [other]) => one - other);
    const named = (text: string): string =>
      text.replace(/#(\d+)/g, (_, inode: string) => {
        if (!names.has(Number(inode))) names.set(Number(inode), names.size);
        return `#${names.get(Number(inode))}`;
      });
    const processes = this.#processes.map(({ alive, ended, learnt }) => `${alive}${ended}${learnt}`);
    return named(
      [...files.map(([level, { inode, owner }]) => `${level}=#${inode}by${owner}`), ...processes].join('|'),
    );
  }

  /** What must be so when nobody has anything more to do. */
  judgeEnd(): void {
    for (const [level, { owner }] of this.#files)
      if (this.#processes[owner]?.alive)
        this.violation ??= `level ${level} is left behind by process ${owner}, which lives: nobody can pass it`;
  }

  async #spawn(id: number, mistake: Mistake = (levels) => levels): Promise<void> {
    const process: Process = {
      alive: true,
      ended: false,
      pauses: 0,
      pending: undefined,
      learnt: '',
      settled: Promise.resolve(),
      settle: () => {},
    };
    this.#processes[id] = process;
    process.settled = new Promise((resolve) => {
      process.settle = resolve;
    });
    void this.#live(id, mistake(this.#levels(id))).then(() => {
      process.ended = true;
      process.settle();
    });
    await process.settled;
  }

  /** One TryLock, and the release when it was successful. */
  async #live(id: number, levels: Levels): Promise<void> {
    let climbed: Climbed;
    try {
      climbed = await climb(levels, async () => true);
    } catch (error) {
      this.violation ??= `process ${id} failed: ${String(error)}`;
      return;
    }
    if (climbed.kind === 'held') return;
    const { identity } = climbed;
    await this.#call(id, () => {
      const master = this.#files.get(0);
      if (String(master?.inode) !== identity.ino)
        this.violation ??= `process ${id} finds that the lock is not its own any more`;
      else this.#files.delete(0);
      this.#holders.delete(id);
      return '';
    });
  }

  #levels(id: number): Levels {
    return {
      look: async (level) => {
        const file = await this.#call(id, () => this.#files.get(level), show);
        if (!file) return undefined;
        // Between reading a record and asking for its process anything may happen.
        const finished = await this.#call(id, () => !this.#processes[file.owner]?.alive);
        return heldBy(file, finished);
      },
      master: () => this.#call(id, () => this.#files.get(0), show).then((file) => file && identityOf(file)),
      grab: (level) =>
        this.#call(
          id,
          () => {
            if (this.#files.has(level)) return undefined;
            return this.#enter(id, level);
          },
          show,
        ).then((file) => file && identityOf(file)),
      replaceMaster: () => this.#call(id, () => this.#enter(id, 0), show).then(identityOf),
      drop: (level) =>
        this.#call(id, () => {
          this.#files.delete(level);
        }),
      pause: () =>
        this.#call(id, () => {
          const process = this.#processes[id] as Process;
          process.pauses += 1;
          return process.pauses < MOST_PAUSES;
        }),
    };
  }

  #enter(id: number, level: number): File {
    const file = this.#put(level, id);
    if (level > 0) return file;
    for (const other of this.#holders)
      this.violation ??= `process ${id} took the lock while process ${other} held it`;
    this.#holders.add(id);
    this.acquisitions += 1;
    return file;
  }

  #put(level: number, owner: number): File {
    this.#inodes += 1;
    const file = { inode: this.#inodes, owner };
    this.#files.set(level, file);
    return file;
  }

  /** A call of a process: it is made when it is chosen, and never if the process is killed instead. */
  #call<T>(id: number, effect: () => T, show: (result: T) => string = String): Promise<T> {
    const process = this.#processes[id] as Process;
    return new Promise((resolve) => {
      process.pending = () => {
        const result = effect();
        process.learnt += `${show(result)},`;
        resolve(result);
      };
      process.settle();
    });
  }
}

function show(file: File | undefined): string {
  return file ? `#${file.inode}by${file.owner}` : '-';
}

function identityOf({ inode, owner }: File): Identity {
  return { dev: '1', ino: String(inode), bytes: `process ${owner}` };
}

function heldBy(file: File, finished: boolean): Held {
  return {
    path: '/locked',
    pid: file.owner,
    standing: { holder: finished ? 'finished' : 'alive', takeable: finished, detail: '' },
    identity: identityOf(file),
  };
}

export interface Search {
  readonly states: number;
  readonly acquisitions: number;
  /** The first violation, with the schedule that leads to it. */
  readonly violation?: string;
}

/** Tries every schedule, with at most `crashes` kills. Two that lead to the same state are followed once. */
export async function searchAll(setup: Setup, crashes: number): Promise<Search> {
  const seen = new Set<string>();
  const open: Choice[][] = [[]];
  let acquisitions = 0;
  for (let path = open.pop(); path; path = open.pop()) {
    const world = await World.start(setup);
    for (const choice of path) await world.take(choice);
    for (;;) {
      if (world.violation) return { states: seen.size, acquisitions, violation: tell(world.violation, path) };
      const crashesLeft = crashes - path.filter(({ does }) => does === 'crash').length;
      const key = `${crashesLeft}|${world.key()}`;
      if (seen.has(key)) break;
      seen.add(key);
      const [first, ...others] = world.choices(crashesLeft);
      if (!first) {
        world.judgeEnd();
        acquisitions += world.acquisitions;
        if (world.violation) continue;
        break;
      }
      const before: Choice[] = path;
      open.push(...others.map((choice) => [...before, choice]));
      path = [...before, first];
      await world.take(first);
    }
  }
  return { states: seen.size, acquisitions };
}

/** One schedule by chance. */
export async function runOne(
  setup: Setup,
  { fraction, crashes }: { fraction: () => number; crashes: number },
): Promise<Search> {
  const world = await World.start(setup);
  const path: Choice[] = [];
  let crashesLeft = crashes;
  for (;;) {
    const steps = world.choices(0);
    if (steps.length === 0) world.judgeEnd();
    if (world.violation)
      return {
        states: path.length,
        acquisitions: world.acquisitions,
        violation: tell(world.violation, path),
      };
    const step = steps[Math.floor(fraction() * steps.length)];
    if (!step) return { states: path.length, acquisitions: world.acquisitions };
    const crash = crashesLeft > 0 && fraction() < 0.05;
    if (crash) crashesLeft -= 1;
    const choice: Choice = crash ? { ...step, does: 'crash' } : step;
    path.push(choice);
    await world.take(choice);
  }
}

function tell(violation: string, path: readonly Choice[]): string {
  return `${violation}; schedule: ${path.map(({ process, does }) => `${process}${does === 'crash' ? '†' : ''}`).join(' ')}`;
}
