import type { Reading, Store, Version, WriteResult } from '../../../src/store/store.ts';
import type { FakeRandom } from '../../support/fake-random.ts';
import type { SimulatedDisk } from './disk.ts';
import { type Ledger, type Operation, Violation } from './ledger.ts';
import type { CallName, Kind } from './weather.ts';

export const KEY = 'locks/a';

/** What a process sees of the world, and tells it. */
export interface Surroundings {
  readonly kind: Kind;
  readonly random: FakeRandom;
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  /** For how long what a read shows may be out of date. */
  readonly staleMs: number;
  /** Whether a link that failed may leave open what became of it, for its cause is not told and not to be seen. */
  readonly sftp: boolean;
  /** Counts what may be the reason of a fault, beside the faults of the process's own calls. */
  readonly disturbances: () => number;
  readonly cover: (what: string) => void;
  readonly say: (line: () => string) => void;
}

interface Known {
  readonly version: Version;
  readonly body: string;
}

/** A file may be swept that is so old. */
const RETAINED_MS = 10 * 60_000;

/** A process that reads and conditionally writes one key, and holds what it is told against what is so. */
export class Process {
  readonly name: string;
  readonly store: Store;
  readonly disk: SimulatedDisk;
  readonly #around: Surroundings;
  /** Of the operation that goes on. */
  controller: AbortController | undefined;
  alive = true;
  /** No call of it is made before this step. */
  pausedUntil = 0;
  /** How many of its calls failed by an injected fault. */
  faults = 0;
  operationsLeft: number;
  /** Whether it has read a record that was linked late, in the operation that goes on. */
  misled = false;
  /** The calls of the operation that goes on. */
  calls: CallName[] = [];
  /** `undefined` when it has to read first. */
  #known: Known | 'absent' | undefined;
  #older: Known | undefined;
  #writes = 0;
  #reads = 0;
  /** The place in time of the latest that it saw. */
  #seen = 0;

  constructor(
    name: string,
    { store, disk, operations }: { store: Store; disk: SimulatedDisk; operations: number },
    around: Surroundings,
  ) {
    this.name = name;
    this.store = store;
    this.disk = disk;
    this.operationsLeft = operations;
    this.#around = around;
  }

  /** All its operations, one after the other, with `rest` between some. */
  async live(rest: () => Promise<unknown>): Promise<void> {
    const { random } = this.#around;
    while (this.operationsLeft > 0) {
      this.operationsLeft -= 1;
      await this.#act(random.fraction());
      if (random.chance(0.2)) await rest();
    }
  }

  async #act(dice: number): Promise<unknown> {
    if (dice < 0.05) return this.#list();
    if (this.#known === undefined || dice < 0.3) return this.read();
    if (dice < 0.37 && this.#older) return this.write(this.#older);
    if (dice < 0.4) return this.write('absent');
    return this.write(this.#known);
  }

  async read(): Promise<void> {
    const { ledger, random, cover } = this.#around;
    this.#reads += 1;
    const operation = this.#begin(`${this.name} read ${this.#reads}`);
    const known = this.#known === 'absent' || random.chance(0.5) ? undefined : this.#known?.version;
    const age = random.chance(0.3);
    const faults = this.#faults();
    let reading: Reading;
    try {
      reading = await this.store.read(KEY, {
        age,
        signal: this.#signal(),
        ...(known === undefined ? {} : { known }),
      });
    } catch (error) {
      this.#known = undefined;
      cover(`read: ${this.#fault(error, { operation, faults }).kind}`);
      return;
    }
    this.#say(operation, reading.kind === 'found' ? `found ${reading.body}` : reading.kind);
    const version =
      reading.kind === 'absent' ? undefined : reading.kind === 'found' ? reading.version : known;
    const place = ledger.read(operation, version, {
      staleMs: this.#around.staleMs,
      ...(reading.kind === 'found' ? { body: reading.body } : {}),
    });
    if (place < this.#seen) throw new Violation(`${operation.name} goes back behind what ${this.name} knew`);
    this.#seen = place;
    if (reading.kind !== 'absent' && version !== undefined) {
      this.#checkAge(operation, reading.ageMs, ledger.ageMs(version));
    }
    cover(`read: ${reading.kind}`);
    this.#coverRead();
    if (reading.kind === 'absent') this.#known = 'absent';
    if (reading.kind === 'found') this.#learn(reading);
  }

  /** @returns whether it was written */
  async write(after: Known | 'absent' | undefined = this.#known): Promise<boolean> {
    const { ledger, random, cover } = this.#around;
    this.#writes += 1;
    const body = `${this.name}.${this.#writes}`;
    const operation = {
      ...this.#begin(body),
      expected: after === 'absent' ? undefined : after?.body,
    };
    ledger.begin(operation);
    const faults = this.#faults();
    const durable = random.chance(0.4);
    let result: WriteResult;
    try {
      result = await this.store.write(
        KEY,
        body,
        after === 'absent' ? 'absent' : (after?.version ?? 'absent'),
        {
          durable,
          signal: this.#signal(),
        },
      );
    } catch (error) {
      this.#known = undefined;
      const { kind, message } = this.#fault(error, { operation, faults });
      cover(`write: ${kind}`);
      if (kind === 'indeterminate') {
        for (const [part, why] of INDETERMINATE) if (part.test(message)) cover(`indeterminate: ${why}`);
        cover(
          `indeterminate, and ${ledger.hasApplied(operation) ? 'it counts' : 'it does not count so far'}`,
        );
      } else ledger.failed(operation);
      return false;
    }
    this.#say(operation, result.kind);
    this.#coverWrite(result);
    if (result.kind === 'conflict') {
      if (this.#isLeftOut(operation)) return false;
      ledger.conflict(operation, this.#around.staleMs);
      this.#known = undefined;
      return false;
    }
    ledger.written(operation, result.version, durable);
    this.#seen = Math.max(this.#seen, ledger.placeOf(body));
    this.#learn({ version: result.version, body });
    return true;
  }

  async #list(): Promise<void> {
    const { ledger, cover, staleMs } = this.#around;
    const operation = this.#begin(`${this.name} list`);
    const faults = this.#faults();
    try {
      const keys = await this.store.list('', { signal: this.#signal() });
      this.#say(operation, keys.join());
      ledger.list(operation, keys.includes(KEY), staleMs);
      cover('list');
    } catch (error) {
      cover(`list: ${this.#fault(error, { operation, faults }).kind}`);
    }
  }

  #begin(name: string): Operation {
    this.calls = [];
    this.misled = false;
    this.#around.say(() => `${this.name} begins ${name}`);
    return { name, calledMs: this.#around.nowMs() };
  }

  #signal(): AbortSignal {
    this.controller = new AbortController();
    return this.controller.signal;
  }

  #faults(): number {
    return this.faults + this.#around.disturbances();
  }

  #learn({ version, body }: Known): void {
    if (this.#known !== 'absent') this.#older = this.#known ?? this.#older;
    this.#known = { version, body };
  }

  #say({ name }: Operation, outcome: string): void {
    this.#around.say(() => `${this.name} ends ${name}: ${outcome}`);
  }

  /**
   * What the store does not promise: that one who sleeps between a listing and the reading of what was listed, for so long
   * that it is deleted, does not read what another has linked in its place, who slept as long. The caller's own deadline
   * is over by then. A second listing after each reading would be the price.
   */
  #isLeftOut({ calledMs }: Operation): boolean {
    if (!this.misled || this.#around.nowMs() - calledMs <= RETAINED_MS) return false;
    this.#known = undefined;
    return true;
  }

  /** A fault as it is thrown. Without a reason none may be. */
  #fault(
    error: unknown,
    { operation, faults }: { operation: Operation; faults: number },
  ): { readonly kind: string; readonly message: string } {
    if (error instanceof Violation) throw error;
    const { name, kind, message } = Object(error) as { name?: string; kind?: string; message?: string };
    this.#say(operation, `${kind}: ${message}`);
    if (name !== 'StoreError' || kind === undefined) {
      throw new Violation(`${operation.name} ends with what is no fault of the store: ${String(error)}`);
    }
    if (kind === 'corrupt') throw new Violation(`${operation.name} finds a record corrupt: ${message}`);
    const slept = this.#around.nowMs() - operation.calledMs > RETAINED_MS;
    const blind = this.#around.sftp && kind === 'indeterminate';
    if (!slept && !blind && !this.controller?.signal.aborted && this.#faults() === faults) {
      throw new Violation(`${operation.name} fails for no reason: ${message}`);
    }
    return { kind, message: String(message) };
  }

  /** It may be too low, for the waiter then waits longer, and never too high. */
  #checkAge({ name }: Operation, ageMs: number | undefined, oldestMs: number): void {
    if (ageMs === undefined) return;
    if (ageMs > oldestMs)
      throw new Violation(`${name} shows an age of ${ageMs} ms, and it is ${oldestMs} ms`);
    this.#around.cover('read: with an age');
  }

  #coverRead(): void {
    const lists = this.calls.filter((name) => name === 'list').length;
    if (this.#around.kind === 'local' && lists === 0) this.#around.cover('read: without a listing');
    if (this.#around.kind === 'local' && lists === 1) this.#around.cover('read: by a listing');
    if (this.#around.kind === 'local' && lists > 1)
      this.#around.cover('read: listed again, for the record was gone');
  }

  #coverWrite({ kind }: WriteResult): void {
    const linked = this.calls.indexOf('link');
    const after = this.calls.slice(linked);
    if (kind === 'conflict')
      this.#around.cover(linked < 0 ? 'conflict before the link' : 'conflict after the link');
    else if (linked < 0) return;
    else if (after.includes('sleep')) this.#around.cover('written: seen by a later listing');
    else this.#around.cover(`written: seen by ${after.includes('list') ? 'a listing' : 'its second name'}`);
  }
}

const INDETERMINATE: readonly (readonly [message: RegExp, why: string])[] = [
  [/is not to be seen/, 'not to be seen'],
  [/records were added/, 'so many came after'],
  [/could not be read afterwards/, 'the directory could not be read'],
  [/did not confirm/, 'the directory was not synced'],
  [/no answer in time/, 'given up'],
];

/** What the processes can be told, of one kind; `INDETERMINATE` has more. */
export function outcomesOf(kind: Kind): string[] {
  const local = ['read: without a listing', 'read: by a listing', 'written: seen by its second name'];
  const network = ['written: seen by a later listing'];
  return [
    ...['found', 'unchanged', 'absent', 'unavailable', 'denied', 'with an age'].map(
      (each) => `read: ${each}`,
    ),
    ...(kind === 'local' ? [...local, 'read: listed again, for the record was gone'] : network),
    ...['list', 'list: unavailable'],
    'written: seen by a listing',
    ...[
      'written, and the highest',
      'written, and superseded already',
      'written, and gone with its directory',
    ],
    ...['conflict before the link', 'conflict after the link'],
    ...['unavailable', 'denied', 'misconfigured', 'indeterminate'].map((each) => `write: ${each}`),
    ...INDETERMINATE.map(([, why]) => `indeterminate: ${why}`),
    ...['indeterminate, and it counts', 'indeterminate, and it does not count so far'],
    ...['a record linked late, below the highest', 'an old record cleaned away'],
    ...(kind === 'local' ? ['records that the power cut took back'] : []),
  ];
}
