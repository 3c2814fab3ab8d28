import { type Clock, systemClock } from '../base/clock.ts';
import {
  LONGEST_BODY,
  type Reading,
  type ReadOptions,
  refuseAborted,
  type Store,
  StoreError,
  type Version,
  type WriteOptions,
  type WriteResult,
} from './store.ts';

interface Entry {
  readonly body: string;
  readonly version: Version;
  readonly writtenMs: number;
}

/** The oracle of the tests, and `memory:` within one process. Versions count up over the whole store, so none comes twice. */
export class MemoryStore implements Store {
  readonly url = 'memory:';
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #clock: Clock;
  #writes = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async read(key: string, options: ReadOptions = {}): Promise<Reading> {
    refuseAborted(options.signal, this.url, key);
    const entry = this.#entries.get(key);
    if (!entry) return { kind: 'absent', storeTimeMs: this.#clock.wallMs() };
    const ageMs = this.#clock.wallMs() - entry.writtenMs;
    if (entry.version === options.known) return { kind: 'unchanged', ageMs };
    if (Buffer.byteLength(entry.body) > LONGEST_BODY) {
      throw new StoreError(
        'corrupt',
        `memory: ${key} holds more than ${LONGEST_BODY} bytes, so it is no record. Choose another name.`,
      );
    }
    return { kind: 'found', body: entry.body, version: entry.version, ageMs };
  }

  async write(
    key: string,
    body: string,
    expected: Version | 'absent',
    options: WriteOptions = {},
  ): Promise<WriteResult> {
    refuseAborted(options.signal, this.url, key);
    if ((this.#entries.get(key)?.version ?? 'absent') !== expected) return { kind: 'conflict' };
    this.#writes += 1;
    const version = String(this.#writes) as Version;
    this.#entries.set(key, { body, version, writtenMs: this.#clock.wallMs() });
    for (const wake of this.#watchers.get(key) ?? []) wake();
    return { kind: 'written', version };
  }

  async list(prefix: string, options: { readonly signal?: AbortSignal } = {}): Promise<string[]> {
    refuseAborted(options.signal, this.url, prefix);
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async remove(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    refuseAborted(options.signal, this.url, key);
    this.#entries.delete(key);
  }

  watch(key: string, wake: () => void, signal: AbortSignal): void {
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(wake));
    signal.addEventListener('abort', () => watchers.delete(wake), { once: true });
  }
}
