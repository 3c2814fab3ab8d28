import { FakeRandom } from '../support/fake-random.ts';
import type { Driver, Trial } from './suite.ts';

export interface StressOptions {
  readonly path: string;
  /** How many processes of each side want the lock. */
  readonly ours: number;
  readonly theirs: number;
  /** It ends after as many. */
  readonly acquisitions: number;
  /** The share of holds, and of one in ten tries, that end by SIGKILL. */
  readonly killShare: number;
  readonly seed: number;
  /** For `Trial.ours`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** How the original's driver is spoken to. */
  readonly original: {
    readonly acquire: string;
    readonly acquired: (answer: string) => boolean;
    readonly release: string;
  };
  /** Frees a lock that nobody takes over, when its holder was killed: for protocols without takeover. */
  readonly afterKill?: () => void;
}

export interface StressResult {
  readonly acquisitions: { readonly ours: number; readonly theirs: number };
  readonly killed: { readonly ours: number; readonly theirs: number };
  /** Ours has taken the lock over from a holder that was alive, or entered beside one when no original was there. */
  readonly byOurs: readonly string[];
  /** The original did, or ours found the name free that an original had taken away from a living holder. */
  readonly byOriginal: readonly string[];
  /** Of ours that were so robbed: who was told so by `check` or at the release, and who was not. */
  readonly told: number;
  readonly untold: readonly string[];
}

/**
 * Processes of both sides want one lock, and some of them are killed. Who believes that it holds the lock is known here, and
 * only here: from the answer "acquired" until it is told to release or is killed. That is the witness, which knows nothing of
 * protocols.
 */
export async function stress(trial: Trial, options: StressOptions): Promise<StressResult> {
  return new Stress(trial, options).run();
}

/** @returns the number of checks @throws Error when ours was at fault, or nothing was put to the test */
export function judge(result: StressResult, { mustTell = true } = {}): number {
  const { acquisitions, killed, byOurs, untold, told, byOriginal } = result;
  const total = acquisitions.ours + acquisitions.theirs;
  const summary = `${acquisitions.ours} of ours and ${acquisitions.theirs} of theirs, killed ${killed.ours} and ${killed.theirs}; broken by the original ${byOriginal.length} times, of which ours was told ${told}`;
  if (byOurs.length > 0) throw new Error(`Broken by ours: ${byOurs.slice(0, 5).join('; ')} (${summary})`);
  if (mustTell && untold.length > 0)
    throw new Error(`Not told: ${untold.slice(0, 5).join('; ')} (${summary})`);
  if (acquisitions.ours === 0) throw new Error(`Ours never had the lock (${summary})`);
  process.stdout.write(`    ${summary}\n`);
  return total;
}

type Side = 'ours' | 'theirs';

interface Believer {
  readonly side: Side;
  readonly driver: Driver;
  robbed: boolean;
}

/** What an original that removes what is not its own does to a try of ours: nothing is held, and the next may succeed. */
const PASSING = ['vanished', 'contended'];

interface OurAnswer {
  readonly kind: string;
  readonly problem?: string;
  readonly took?: { readonly pid?: number };
  readonly detail?: string;
  readonly message?: string;
}

class Stress {
  readonly #trial: Trial;
  readonly #options: StressOptions;
  readonly #random: FakeRandom;
  readonly #believers = new Set<Believer>();
  readonly #acquisitions = { ours: 0, theirs: 0 };
  readonly #killed = { ours: 0, theirs: 0 };
  readonly #byOurs: string[] = [];
  readonly #byOriginal: string[] = [];
  readonly #untold: string[] = [];
  #told = 0;

  constructor(trial: Trial, options: StressOptions) {
    this.#trial = trial;
    this.#options = options;
    this.#random = new FakeRandom(options.seed);
  }

  async run(): Promise<StressResult> {
    const { ours, theirs } = this.#options;
    const clients = [
      ...Array.from({ length: ours }, () => this.#client('ours')),
      ...Array.from({ length: theirs }, () => this.#client('theirs')),
    ];
    await Promise.all(clients);
    return {
      acquisitions: this.#acquisitions,
      killed: this.#killed,
      byOurs: this.#byOurs,
      byOriginal: this.#byOriginal,
      told: this.#told,
      untold: this.#untold,
    };
  }

  get #done(): boolean {
    return this.#acquisitions.ours + this.#acquisitions.theirs >= this.#options.acquisitions;
  }

  async #client(side: Side): Promise<void> {
    let driver = this.#start(side);
    while (!this.#done) {
      const { killShare } = this.#options;
      if (this.#random.chance(killShare / 10)) {
        void this.#ask(side, driver, 'acquire').catch(() => {});
        await pause(this.#random.between(0, 5));
        driver = await this.#replace(side, driver);
        continue;
      }
      const believer = await this.#acquire(side, driver);
      if (!believer) {
        await pause(this.#random.between(0, 10));
        continue;
      }
      await pause(this.#random.between(0, 10));
      if (this.#random.chance(killShare)) {
        driver = await this.#replace(side, driver, believer);
      } else await this.#release(believer);
    }
    await driver.kill();
  }

  #start(side: Side): Driver {
    return side === 'ours' ? this.#trial.ours(this.#options.options) : this.#trial.theirs();
  }

  async #replace(side: Side, driver: Driver, believer?: Believer): Promise<Driver> {
    this.#killed[side] += 1;
    const dead = driver.kill();
    if (believer) this.#believers.delete(believer);
    await dead;
    this.#options.afterKill?.();
    return this.#start(side);
  }

  async #acquire(side: Side, driver: Driver): Promise<Believer | undefined> {
    const answer = await this.#ask(side, driver, 'acquire');
    const ours = side === 'ours' ? (JSON.parse(answer) as OurAnswer) : undefined;
    if (ours?.kind === 'error' && !PASSING.includes(ours.problem ?? ''))
      throw new Error(`Ours failed: ${ours.message}`);
    if (ours ? ours.kind !== 'acquired' : !this.#options.original.acquired(answer)) return undefined;
    this.#acquisitions[side] += 1;
    for (const other of this.#believers) this.#judge(side, ours, other);
    const believer: Believer = { side, driver, robbed: false };
    this.#believers.add(believer);
    return believer;
  }

  /** `other` believed that it holds the lock when this side got it too. */
  #judge(side: Side, ours: OurAnswer | undefined, other: Believer): void {
    other.robbed = true;
    const what = `${side} entered beside ${other.side} ${other.driver.pid}${ours?.took ? `, taking over from ${ours.took.pid}` : ''}`;
    const fault = side === 'ours' && (this.#options.theirs === 0 || ours?.took?.pid === other.driver.pid);
    (fault ? this.#byOurs : this.#byOriginal).push(what);
  }

  async #release(believer: Believer): Promise<void> {
    this.#believers.delete(believer);
    const { side, driver, robbed } = believer;
    const answer = await this.#ask(side, driver, 'release');
    if (side !== 'ours' || !robbed) return;
    if ((JSON.parse(answer) as OurAnswer).kind === 'compromised') this.#told += 1;
    else this.#untold.push(`ours ${driver.pid} released a lock that was not its own any more: ${answer}`);
  }

  #ask(side: Side, driver: Driver, what: 'acquire' | 'release'): Promise<string> {
    const { original, path } = this.#options;
    if (side === 'theirs') return driver.ask(original[what]);
    return driver.ask(what === 'acquire' ? `try ${path}` : 'unlock');
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
