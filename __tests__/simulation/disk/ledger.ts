import type { Witness } from './file-system.ts';

/*
 * What truly happened to one key, and whether what the processes were told is that. It reads the records by the format
 * that is documented, with none of the code that is tested.
 */

/** What must not be. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** One call of a process, and what it knew. */
export interface Operation {
  /** Of a write, the body: unique, so that it names the write. */
  readonly name: string;
  readonly calledMs: number;
  /** The body that a write is to follow; `undefined` is the key's absence. */
  readonly expected?: string | undefined;
}

/** The key had this body, or was absent, from one moment to another. */
interface State {
  readonly body: string | undefined;
  readonly fromMs: number;
  untilMs: number;
}

interface Counted {
  readonly number: number;
  readonly chain: readonly string[];
  readonly body: string;
}

const NUMBER = /^v\.(\d+)$/;
const RECORD = /^leasehold\/1 ([0-9a-f]{16}(?: [0-9a-f]{16})*)\n(.+)$/;
const LONGEST_CHAIN = 128;

export class Ledger implements Witness {
  readonly #directory: string;
  readonly #nowMs: () => number;
  readonly #cover: (what: string) => void;
  readonly #states: State[] = [{ body: undefined, fromMs: 0, untilMs: Number.POSITIVE_INFINITY }];
  /** The records that counted one after the other since the directory was made, newest last. */
  #chain: Counted[] = [];
  /** How many of them must survive a power cut. */
  #durable = 0;
  readonly #writes = new Map<string, Operation>();
  /** When a write applied, and in which directory. */
  readonly #applied = new Map<string, { readonly atMs: number; readonly era: number }>();
  /** Of which the caller was told that they did not apply. */
  readonly #refused = new Set<string>();
  readonly #late = new Set<string>();
  readonly #writtenMs = new Map<string, number>();
  readonly #bodyOf = new Map<string, string>();
  /** Counts the directories that the key has had. */
  #era = 0;

  constructor(directory: string, nowMs: () => number, cover: (what: string) => void) {
    this.#directory = directory;
    this.#nowMs = nowMs;
    this.#cover = cover;
  }

  get current(): Counted | undefined {
    return this.#chain.at(-1);
  }

  // What happens to the files.

  linked(directory: string, name: string, { content, mtimeMs }: { content: string; mtimeMs: number }): void {
    const number = Number(NUMBER.exec(name)?.[1] ?? 0);
    if (directory !== this.#directory || number === 0) return;
    const [, chain = '', body = ''] = RECORD.exec(content) ?? [];
    if (body === '') throw new Violation(`${name} is linked, and is no finished record: ${show(content)}`);
    const record = { number, chain: chain.split(' '), body };
    this.#writtenMs.set(body, mtimeMs);
    const { current } = this;
    if (number <= (current?.number ?? 0)) {
      this.#cover('a record linked late, below the highest');
      this.#late.add(content);
      return;
    }
    this.#follows(record, current);
    if (this.#refused.has(body)) throw new Violation(`${body} counts now, and was said not to`);
    this.#applied.set(body, { atMs: this.#nowMs(), era: this.#era });
    this.#chain.push(record);
    this.#enter(body);
  }

  unlinked(directory: string, name: string): void {
    if (directory !== this.#directory) return;
    const number = Number(NUMBER.exec(name)?.[1] ?? 0);
    if (number === 0) return;
    if (number === this.current?.number)
      throw new Violation(`${name} is deleted, and it is the record that counts`);
    this.#cover('an old record cleaned away');
  }

  vanished(): void {
    this.#era += 1;
    this.#chain = [];
    this.#durable = 0;
    this.#enter(undefined);
  }

  /** `files` are those of the directory after a power cut; none when it is gone. */
  powerCut(files: readonly { readonly name: string; readonly content: string }[]): void {
    const records = files.filter(({ name }) => NUMBER.test(name));
    for (const { name, content } of records) {
      if (!RECORD.test(content))
        throw new Violation(`the power cut left ${name}, and it is ${show(content)}`);
    }
    const highest = Math.max(0, ...records.map(({ name }) => Number(NUMBER.exec(name)?.[1])));
    const kept = this.#chain.findIndex(({ number }) => number === highest) + 1;
    if (kept < this.#durable) {
      throw new Violation(
        `the power cut took back ${this.#chain[this.#durable - 1]?.body}, which was said to be durable`,
      );
    }
    if (kept < this.#chain.length) this.#cover('records that the power cut took back');
    this.#chain.length = kept;
    this.#enter(this.current?.body);
  }

  // What the processes are told.

  begin(write: Operation): void {
    this.#writes.set(write.name, write);
  }

  written(write: Operation, version: string, durable: boolean): void {
    const applied = this.#applied.get(write.name);
    if (!applied) throw new Violation(`${write.name} is said to be written, and never counted`);
    if (applied.atMs <= write.calledMs) throw new Violation(`${write.name} counted before it was sent`);
    this.#name(version, write.name);
    const index = this.#chain.findIndex(({ body }) => body === write.name);
    if (index < 0) {
      this.#cover('written, and gone with its directory');
      return;
    }
    if (durable) this.#durable = Math.max(this.#durable, index + 1);
    this.#cover(
      index === this.#chain.length - 1 ? 'written, and the highest' : 'written, and superseded already',
    );
  }

  /** @param staleMs for how long a cache may show what was */
  conflict(write: Operation, staleMs: number): void {
    if (this.#applied.get(write.name)?.era === this.#era) {
      throw new Violation(`${write.name} is said to be a conflict, and it counts`);
    }
    this.#refused.add(write.name);
    const fromMs = write.calledMs - staleMs;
    const reason = this.#during(fromMs).some(({ body }) => body !== write.expected);
    if (!reason) throw new Violation(`${write.name} is a conflict, and nothing was in its way`);
  }

  /** The write is said not to have been applied, for a fault. */
  failed(write: Operation): void {
    this.#refused.add(write.name);
    if (this.#applied.get(write.name)?.era === this.#era) {
      throw new Violation(`${write.name} is said to have failed, and it counts`);
    }
  }

  /** What a version was given for, and whether that counted while the read went on. Its place in time, for `notBefore`. */
  read(
    read: Operation,
    version: string | undefined,
    { body, staleMs }: { body?: string; staleMs: number },
  ): number {
    if (version !== undefined && body !== undefined) this.#name(version, body);
    const seen = version === undefined ? undefined : this.#bodyOf.get(version);
    const states = this.#during(read.calledMs - staleMs).filter((state) => state.body === seen);
    const last = states.at(-1);
    if (!last) {
      const were = this.#during(read.calledMs).map((state) => state.body ?? 'no record');
      const shown = were.length > 4 ? [...were.slice(0, 3), '…', were.at(-1)] : were;
      throw new Violation(
        `${read.name} shows ${seen ?? 'no record'}, but meanwhile there was ${shown.join(', ')}`,
      );
    }
    return this.#states.indexOf(last);
  }

  /** A key that was there all the time is listed, and one that was absent all the time is not. */
  list(list: Operation, isListed: boolean, staleMs: number): void {
    const wasThere = this.#during(list.calledMs - staleMs).map(({ body }) => body !== undefined);
    if (!wasThere.includes(isListed)) {
      throw new Violation(
        `${list.name} ${isListed ? 'lists the key' : 'does not list the key'}, which is wrong`,
      );
    }
  }

  /** How old the record of a version is, by the time of its file. */
  ageMs(version: string): number {
    return this.#nowMs() - (this.#writtenMs.get(this.#bodyOf.get(version) ?? '') ?? this.#nowMs());
  }

  /** Whether a file's content is that of a record that was linked below the highest, and so never counted. */
  isLate(content: unknown): boolean {
    return typeof content === 'string' && this.#late.has(content);
  }

  /** The place in time of what was written last. */
  placeOf(body: string): number {
    return this.#states.findLastIndex((state) => state.body === body);
  }

  /** Of an indeterminate write, for the coverage. */
  hasApplied(write: Operation): boolean {
    return this.#applied.has(write.name);
  }

  #follows(record: Counted, previous: Counted | undefined): void {
    const { number, chain, body } = record;
    if (number !== (previous?.number ?? 0) + 1) {
      throw new Violation(`v.${number} (${body}) follows v.${previous?.number ?? 0}`);
    }
    const expected = [chain[0] ?? '', ...(previous?.chain ?? [])].slice(0, LONGEST_CHAIN);
    if (chain.join() !== expected.join()) {
      throw new Violation(`v.${number} (${body}) follows another record than it says`);
    }
    const write = this.#writes.get(body);
    if (write?.expected !== previous?.body) {
      throw new Violation(
        `${body} was to follow ${write?.expected ?? 'no record'}, and follows ${previous?.body ?? 'no record'}`,
      );
    }
  }

  #name(version: string, body: string): void {
    const before = this.#bodyOf.get(version) ?? body;
    if (before !== body) throw new Violation(`version ${version} is given to ${before} and to ${body}`);
    this.#bodyOf.set(version, body);
  }

  #enter(body: string | undefined): void {
    const nowMs = this.#nowMs();
    const last = this.#states.at(-1);
    if (last) last.untilMs = nowMs;
    this.#states.push({ body, fromMs: nowMs, untilMs: Number.POSITIVE_INFINITY });
  }

  /** Oldest first. */
  #during(fromMs: number): State[] {
    let first = this.#states.length - 1;
    while (first > 0 && (this.#states[first - 1]?.untilMs ?? 0) > fromMs) first -= 1;
    return this.#states.slice(first);
  }
}

function show(content: string): string {
  return content === '' ? 'empty' : JSON.stringify(content.slice(0, 60));
}
