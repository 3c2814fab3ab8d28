import type { Clock } from '../../src/base/clock.ts';
import {
  type Reading,
  type ReadOptions,
  refuseAborted,
  type Store,
  StoreError,
  type StoreErrorKind,
  type Version,
  type WriteOptions,
  type WriteResult,
} from '../../src/store/store.ts';

/** What goes wrong with one call. */
export type Fault =
  /** Refused before anything happened. */
  | { readonly kind: 'fail'; readonly error: StoreErrorKind }
  /** Sent and dropped on the way: it never applies, and the caller does not know that. */
  | { readonly kind: 'lose-request' }
  /** It applies, and the answer is lost. */
  | { readonly kind: 'lose-answer' }
  /** The caller gives up at once; the request applies, or conflicts, `ms` later. */
  | { readonly kind: 'apply-later'; readonly ms: number }
  /** Something on the way sends it twice, and the second answer is the one that comes back. */
  | { readonly kind: 'deliver-twice' }
  /** No answer until the caller gives up; `applies` says whether the request got through. */
  | { readonly kind: 'hang'; readonly applies: boolean }
  /** It takes its time on the way there and back. */
  | { readonly kind: 'slow'; readonly thereMs: number; readonly backMs: number };

export type Operation = 'read' | 'write' | 'list' | 'remove';

export interface Call {
  readonly operation: Operation;
  readonly key: string;
}

/**
 * What the store says of its own time: all of it exactly, in whole seconds as S3 does, a record's age only to those who ask
 * as a disk does, or nothing.
 */
export type Times = 'exact' | 'seconds' | 'asked' | 'none';

export interface FaultyOptions {
  readonly clock: Clock;
  readonly times?: Times;
  /** Asked for each call that no script stands for. */
  readonly choose?: (call: Call) => Fault | undefined;
}

/** A store with faults, scripted call by call or drawn by chance, and with a count of its calls. */
export class FaultyStore implements Store {
  readonly url: string;
  remoteClock = false;
  readonly calls: Call[] = [];
  readonly #inner: Store;
  readonly #options: FaultyOptions;
  readonly #scripts: Record<Operation, (Fault | undefined)[]> = { read: [], write: [], list: [], remove: [] };
  readonly #standing: Partial<Record<Operation, Fault>> = {};
  #before: (() => Promise<void>) | undefined;
  #after: (() => Promise<void>) | undefined;

  constructor(inner: Store, options: FaultyOptions) {
    this.url = inner.url;
    this.#inner = inner;
    this.#options = options;
  }

  /** The faults of the next calls of `operation`, in order; `undefined` lets one through. */
  script(operation: Operation, ...faults: (Fault | undefined)[]): void {
    this.#scripts[operation].push(...faults);
  }

  /** A fault of every call of `operation` from now on that no script stands for; `undefined` ends it. */
  stand(operation: Operation, fault: Fault | undefined): void {
    if (fault) this.#standing[operation] = fault;
    else delete this.#standing[operation];
  }

  /** Runs once, right before the store carries out the next write. */
  beforeNextWrite(run: () => Promise<void>): void {
    this.#before = run;
  }

  /** Runs once, right after the store has carried out the next write and before its answer comes back. */
  afterNextWrite(run: () => Promise<void>): void {
    this.#after = run;
  }

  count(operation: Operation, part = ''): number {
    return this.calls.filter((call) => call.operation === operation && call.key.includes(part)).length;
  }

  forgetCalls(): void {
    this.calls.length = 0;
  }

  async read(key: string, options: ReadOptions = {}): Promise<Reading> {
    const reading = await this.#call({ operation: 'read', key }, options.signal, () =>
      this.#inner.read(key, withoutSignal(options)),
    );
    return this.#timed(reading, options);
  }

  write(
    key: string,
    body: string,
    expected: Version | 'absent',
    options: WriteOptions = {},
  ): Promise<WriteResult> {
    return this.#call({ operation: 'write', key }, options.signal, async () => {
      const [before, after] = [this.#before, this.#after];
      this.#before = undefined;
      this.#after = undefined;
      await before?.();
      const result = await this.#inner.write(key, body, expected, withoutSignal(options));
      await after?.();
      return result;
    });
  }

  list(prefix: string, options: { readonly signal?: AbortSignal } = {}): Promise<string[]> {
    return this.#call({ operation: 'list', key: prefix }, options.signal, () => this.#inner.list(prefix));
  }

  remove(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#call({ operation: 'remove', key }, options.signal, () => this.#inner.remove(key));
  }

  #timed(reading: Reading, { age = false }: ReadOptions): Reading {
    const { clock, times = 'exact' } = this.#options;
    switch (times) {
      case 'exact':
        return reading;
      case 'asked':
        return age ? reading : without(reading, 'ageMs');
      case 'none':
        return without(reading, 'ageMs', 'storeTimeMs');
      case 'seconds': {
        if (reading.kind === 'absent') return { kind: 'absent', storeTimeMs: wholeSeconds(clock.wallMs()) };
        if (reading.ageMs === undefined) return reading;
        const nowMs = clock.wallMs();
        return { ...reading, ageMs: wholeSeconds(nowMs) - wholeSeconds(nowMs - reading.ageMs) };
      }
    }
  }

  async #call<T>(call: Call, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    refuseAborted(signal, this.url, call.key);
    this.calls.push(call);
    const scripts = this.#scripts[call.operation];
    const fault =
      scripts.length > 0 ? scripts.shift() : (this.#standing[call.operation] ?? this.#options.choose?.(call));
    return fault ? this.#fail(fault, call, { signal, work }) : work();
  }

  async #fail<T>(
    fault: Fault,
    call: Call,
    { signal, work }: { signal: AbortSignal | undefined; work: () => Promise<T> },
  ): Promise<T> {
    const { clock } = this.#options;
    const lost = (): StoreError =>
      new StoreError(
        call.operation === 'read' || call.operation === 'list' ? 'unavailable' : 'indeterminate',
        `${this.url}: no answer about ${call.key} (${fault.kind}).`,
      );
    switch (fault.kind) {
      case 'fail':
        throw new StoreError(fault.error, `${this.url}: ${call.operation} of ${call.key} is ${fault.error}.`);
      case 'lose-request':
        throw lost();
      case 'lose-answer':
        await work();
        throw lost();
      case 'apply-later':
        void clock.sleep(fault.ms).then(work);
        throw lost();
      case 'deliver-twice':
        await work();
        return work();
      case 'hang':
        if (fault.applies) await work();
        await aborted(signal);
        throw lost();
      case 'slow': {
        // What was sent goes on although the caller stops waiting for it.
        const answer = clock.sleep(fault.thereMs).then(work);
        answer.catch(() => {});
        const back = answer.then(() => clock.sleep(fault.backMs, signal));
        await Promise.race([back, aborted(signal)]);
        if (signal?.aborted) throw lost();
        return answer;
      }
    }
  }
}

/** Resolves when `signal` aborts, so perhaps never. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

function withoutSignal<T extends { readonly signal?: AbortSignal }>(options: T): Omit<T, 'signal'> {
  const { signal: _, ...rest } = options;
  return rest;
}

function without<T extends object>(value: T, ...fields: string[]): T {
  return Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field))) as T;
}
