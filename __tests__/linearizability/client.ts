import { setTimeout as pause } from 'node:timers/promises';
import type { Reading, Store, StoreError, Version, WriteResult } from '../../src/store/store.ts';
import type { FakeRandom } from '../support/fake-random.ts';
import { ABSENT, type Operation, type ReadOutcome, type Write } from './history.ts';

/** How clients behave. */
export interface Habits {
  readonly longestThinkMs: number;
  /** The share of operations that are aborted, if they take long enough, and how late at most. */
  readonly abortShare: number;
  readonly longestAbortMs: number;
  /** An answer that a store must never give is as good as none. Otherwise it ends the client. */
  readonly forgives?: boolean;
}

export interface ClientOptions {
  /** Names the client and all that it writes: no two have the same. */
  readonly name: string;
  readonly store: Store;
  readonly random: FakeRandom;
  readonly habits: Habits;
  readonly nowNs: () => number;
  /** The key of the next operation; `undefined` when it is time to stop. */
  readonly nextKey: () => string | undefined;
  /**
   * Called when an operation has ended, and for a write also before it is sent, then as one of unknown outcome: so that
   * what a client did is known however it dies.
   */
  readonly record: (key: string, operation: Operation) => void;
}

const MOST_VERSIONS = 8;

/**
 * A client that reads, creates and replaces at random, one after the other.
 * @throws StoreError when the store is `denied`, `misconfigured` or `corrupt`
 */
export class Client {
  readonly #options: ClientOptions;
  /** What it was told of the present key: versions, the last one last. */
  #told: string[] = [];
  #key: string | undefined;
  #values = 0;
  /** It knows that somebody else wrote, but not what. */
  #isBehind = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { random, nextKey, habits } = this.#options;
    for (let key = nextKey(); key !== undefined; key = nextKey()) {
      if (key !== this.#key) this.#told = [];
      this.#key = key;
      await (random.chance(this.#isBehind ? 0.8 : 0.3) ? this.#read(key) : this.#change(key));
      if (random.chance(0.5)) await pause(random.between(0, habits.longestThinkMs));
    }
  }

  async #change(key: string): Promise<void> {
    this.#values += 1;
    const value = `${this.#options.name}.${this.#values}`;
    const expected = this.#expectation();
    const isKnown = await this.#write(key, value, expected);
    // What the lease does too: the identical bytes again.
    if (!isKnown && this.#options.random.chance(0.5)) await this.#write(key, value, expected);
  }

  /** Mostly what it was told last; at times what is bound to conflict. */
  #expectation(): string {
    const { random } = this.#options;
    if (random.chance(0.05)) return ABSENT;
    const index = random.chance(0.1) ? random.below(this.#told.length) : this.#told.length - 1;
    return this.#told[index] ?? ABSENT;
  }

  async #read(key: string): Promise<void> {
    const { name, store, random, record } = this.#options;
    const known = random.chance(0.5) ? this.#told.at(-1) : undefined;
    const condition = known === undefined || known === ABSENT ? {} : { known: known as Version };
    const { callNs, returnNs, answer } = await this.#timed((signal) =>
      store.read(key, { signal, ...condition }),
    );
    // It told nothing, so it is no part of the history.
    if (answer instanceof Error) {
      this.#isLost(answer);
      return;
    }
    const outcome = readOutcome(answer, known ?? ABSENT);
    this.#learn(outcome.kind === 'found' ? outcome.version : ABSENT);
    record(key, { kind: 'read', client: name, callNs, returnNs, outcome });
  }

  /** Whether it is known what became of it. */
  async #write(key: string, value: string, expected: string): Promise<boolean> {
    const { name, store, nowNs, record } = this.#options;
    const open: Write = {
      kind: 'write',
      client: name,
      expected,
      value,
      callNs: nowNs(),
      returnNs: Number.POSITIVE_INFINITY,
      outcome: { kind: 'unknown' },
    };
    record(key, open);
    const { callNs, returnNs, answer } = await this.#timed((signal) =>
      store.write(key, bodyOf(value), expected as Version | 'absent', { signal }),
    );
    const ended = { ...open, callNs, returnNs };
    if (!(answer instanceof Error)) {
      if (answer.kind === 'written') this.#learn(answer.version);
      else this.#isBehind = true;
      record(key, { ...ended, outcome: answer });
      return true;
    }
    if (this.#isLost(answer)) return false;
    record(key, { ...ended, outcome: { kind: 'refused' } });
    return true;
  }

  /** One call, aborted at times, with the moments right before and after it. */
  async #timed<Answer extends Reading | WriteResult>(
    call: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<{ callNs: number; returnNs: number; answer: Answer | StoreError }> {
    const { random, nowNs, habits } = this.#options;
    const controller = new AbortController();
    const timer = random.chance(habits.abortShare)
      ? setTimeout(() => controller.abort(), random.between(0, habits.longestAbortMs))
      : undefined;
    const callNs = nowNs();
    try {
      const answer = await call(controller.signal);
      return { callNs, returnNs: nowNs(), answer };
    } catch (error) {
      // By name: a store that was compiled has a class of its own.
      if (!(error instanceof Error) || error.name !== 'StoreError') throw error;
      return { callNs, returnNs: nowNs(), answer: error as StoreError };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether nobody knows what became of it; otherwise it did not apply. */
  #isLost(error: StoreError): boolean {
    switch (error.kind) {
      case 'unavailable':
        return false;
      case 'indeterminate':
        return true;
      case 'denied':
      case 'misconfigured':
      case 'corrupt':
        if (this.#options.habits.forgives) return true;
        throw error;
    }
  }

  #learn(version: string): void {
    this.#isBehind = false;
    if (this.#told.at(-1) !== version) this.#told = [...this.#told.slice(1 - MOST_VERSIONS), version];
  }
}

function readOutcome(reading: Reading, known: string): ReadOutcome {
  switch (reading.kind) {
    case 'absent':
      return { kind: 'absent' };
    case 'unchanged':
      return { kind: 'found', version: known };
    case 'found':
      return { kind: 'found', version: reading.version, value: valueIn(reading.body) };
  }
}

/** Bodies differ in length, up to that of a record and beyond, so that parts of two never make up a third. */
function bodyOf(value: string): string {
  const sum = [...value].reduce((hash, character) => (hash * 31 + character.charCodeAt(0)) % 9_973, 0);
  return Array.from({ length: 1 + (sum % 200) }, () => value).join(' ');
}

function valueIn(body: string): string {
  const value = body.split(' ', 1)[0] ?? '';
  return value !== '' && bodyOf(value) === body ? value : `no whole body: ${body.slice(0, 60)}`;
}
