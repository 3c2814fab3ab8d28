import type { Clock } from '../../src/base/clock.ts';
import type {
  Reading,
  ReadOptions,
  Store,
  Version,
  WriteOptions,
  WriteResult,
} from '../../src/store/store.ts';
import type { FakeClock, Timeline } from '../support/fake-clock.ts';

/** Whether a process runs at the moment. It may be paused, or have crashed: then nothing of it goes on, ever. */
export class Gate {
  readonly #timeline: Timeline;
  readonly #hazard: (gate: Gate) => void;
  #opensMs = 0;

  /** @param hazard asked at every await of the process: the moment to pause or to crash it */
  constructor(timeline: Timeline, hazard: (gate: Gate) => void) {
    this.#timeline = timeline;
    this.#hazard = hazard;
  }

  get crashed(): boolean {
    return this.#opensMs === Number.POSITIVE_INFINITY;
  }

  pause(ms: number): void {
    this.#opensMs = Math.max(this.#opensMs, this.#timeline.nowMs + ms);
  }

  crash(): void {
    this.#opensMs = Number.POSITIVE_INFINITY;
  }

  whenOpen(run: () => void): void {
    if (this.#opensMs <= this.#timeline.nowMs) run();
    else this.#timeline.schedule(() => this.#opensMs, run);
  }

  async pass(): Promise<void> {
    this.#hazard(this);
    await new Promise<void>((resolve) => this.whenOpen(resolve));
  }
}

/** The clock of a machine as one process on it has it: it is woken only while it runs. */
export class GatedClock implements Clock {
  readonly #machine: FakeClock;
  readonly #gate: Gate;

  constructor(machine: FakeClock, gate: Gate) {
    this.#machine = machine;
    this.#gate = gate;
  }

  wallMs(): number {
    return this.#machine.wallMs();
  }

  monotonicMs(): number {
    return this.#machine.monotonicMs();
  }

  alarm(ms: number, ring: () => void): () => void {
    let cancelled = false;
    const cancel = this.#machine.alarm(ms, () =>
      this.#gate.whenOpen(() => {
        if (!cancelled) ring();
      }),
    );
    return () => {
      cancelled = true;
      cancel();
    };
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.#machine.sleep(ms, signal);
    await this.#gate.pass();
  }
}

/** A store as one process has it: it may be paused before it sends, and before it sees the answer. */
export class GatedStore implements Store {
  readonly url: string;
  readonly #inner: Store;
  readonly #gate: Gate;

  constructor(inner: Store, gate: Gate) {
    this.url = inner.url;
    this.#inner = inner;
    this.#gate = gate;
  }

  read(key: string, options?: ReadOptions): Promise<Reading> {
    return this.#gated(() => this.#inner.read(key, options));
  }

  write(
    key: string,
    body: string,
    expected: Version | 'absent',
    options?: WriteOptions,
  ): Promise<WriteResult> {
    return this.#gated(() => this.#inner.write(key, body, expected, options));
  }

  list(prefix: string, options?: { readonly signal?: AbortSignal }): Promise<string[]> {
    return this.#gated(() => this.#inner.list(prefix, options));
  }

  remove(key: string, options?: { readonly signal?: AbortSignal }): Promise<void> {
    return this.#gated(() => this.#inner.remove(key, options));
  }

  async #gated<T>(call: () => Promise<T>): Promise<T> {
    await this.#gate.pass();
    try {
      return await call();
    } finally {
      await this.#gate.pass();
    }
  }
}
