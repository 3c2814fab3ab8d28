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
import type { FakeClock } from '../support/fake-clock.ts';
import type { MessageFault } from './faults.ts';
import type { StoreTraits } from './plan.ts';
import type { Process } from './process.ts';

interface Entry {
  readonly body: string;
  readonly version: Version;
  readonly writtenMs: number;
}

/** The store itself: what it does with a request once that has arrived, at one moment and without fault. */
export class Server {
  readonly clock: FakeClock;
  /** Hears of each write that applies, in their order. */
  onApplied: ((by: Process, key: string, body: string) => void) | undefined;
  readonly #traits: StoreTraits;
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<string, Set<() => void>>();
  #writes = 0;

  constructor(clock: FakeClock, traits: StoreTraits) {
    this.clock = clock;
    this.#traits = traits;
  }

  put(key: string, body: string): Version {
    this.#writes += 1;
    // As an ETag is a hash of the body, the body itself will do: equal bytes give equal versions.
    const version = (this.#traits.versions === 'content' ? body : String(this.#writes)) as Version;
    this.#entries.set(key, { body, version, writtenMs: this.clock.wallMs() });
    return version;
  }

  keys(prefix = ''): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  read(key: string, { known, age = false }: ReadOptions): Reading {
    const entry = this.#entries.get(key);
    if (!entry) return { kind: 'absent', ...this.#now() };
    const times = this.#age(entry, age);
    if (entry.version === known) return { kind: 'unchanged', ...times };
    return { kind: 'found', body: entry.body, version: entry.version, ...times };
  }

  write(by: Process, request: { key: string; body: string; expected: Version | 'absent' }): WriteResult {
    const { key, body, expected } = request;
    if ((this.#entries.get(key)?.version ?? 'absent') !== expected) return { kind: 'conflict' };
    const version = this.put(key, body);
    this.onApplied?.(by, key, body);
    for (const wake of this.#watchers.get(key) ?? []) wake();
    return { kind: 'written', version };
  }

  remove(key: string): void {
    this.#entries.delete(key);
  }

  watch(key: string, wake: () => void, signal: AbortSignal): void {
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(wake));
    signal.addEventListener('abort', () => watchers.delete(wake), { once: true });
  }

  #now(): { storeTimeMs?: number } {
    const nowMs = this.clock.wallMs();
    switch (this.#traits.times) {
      case 'exact':
      case 'asked':
        return { storeTimeMs: nowMs };
      case 'seconds':
        return { storeTimeMs: wholeSeconds(nowMs) };
      case 'none':
        return {};
    }
  }

  #age({ writtenMs }: Entry, asked: boolean): { ageMs?: number } {
    const nowMs = this.clock.wallMs();
    switch (this.#traits.times) {
      case 'exact':
        return { ageMs: nowMs - writtenMs };
      case 'asked':
        return asked ? { ageMs: nowMs - writtenMs } : {};
      case 'seconds':
        // As S3Store does it: `Date` less `Last-Modified`, and never less than nothing.
        return { ageMs: Math.max(0, wholeSeconds(nowMs) - wholeSeconds(writtenMs)) };
      case 'none':
        return {};
    }
  }
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

/** The way between the clients and the store. */
export interface Network {
  readonly calmMs: number;
  readonly nowMs: number;
  readonly instant: boolean;
  /** The store answers nobody until then. */
  readonly outageUntilMs: number;
  /** Does it after `ms` of true time; those that are due at one moment in an order that the seed draws. */
  after(ms: number, act: () => void): void;
  /** A number in [0, 1) that belongs to this step of `process`, another one for each `salt`. */
  draw(process: Process, salt: number): number;
  called(): void;
  /** A fault that is not this process's own had to do with it. */
  troubled(process: Process): void;
  heard(process: Process, body: string, kind: WriteResult['kind']): void;
  say(who: string, what: () => string): void;
}

/** How often a request is sent: once, as `maxAttempts: 1` has it in src/store/s3.ts. */
const SENDS = 1;
const SLOW_MS = 8_000;
const LATE_MS = 40_000;
const SOON_MS = 6_000;
/** With whole calls of 0.2 s and less nobody is troubled. */
const USUAL_MS = 100;

interface Call<T> {
  readonly operation: 'read' | 'write' | 'list' | 'remove';
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  readonly arrive: () => T;
  /** Where what is looked at first and last can differ: what comes of both. */
  readonly tear?: (first: T, last: T) => T;
  /** Right before the caller learns of it. */
  readonly heard?: (result: T) => void;
}

/** What becomes of one request. */
interface Fate<T> {
  readonly resolve: (result: T) => void;
  readonly refuse: (kind: StoreErrorKind, why: string) => void;
}

/** The store as one process has it, through the network. */
export class RemoteStore implements Store {
  readonly url = 'memory:';
  readonly remoteClock: boolean;
  readonly prompt: boolean;
  watch?: (key: string, wake: () => void, signal: AbortSignal) => void;
  readonly #server: Server;
  readonly #network: Network;
  readonly #process: Process;

  constructor(server: Server, traits: StoreTraits, between: { network: Network; process: Process }) {
    this.#server = server;
    this.#network = between.network;
    this.#process = between.process;
    this.remoteClock = traits.remoteClock;
    this.prompt = traits.prompt;
    if (traits.watch) {
      this.watch = (key, wake, signal) => server.watch(key, () => this.#wake(wake, signal), signal);
    }
  }

  read(key: string, options: ReadOptions = {}): Promise<Reading> {
    const arrive = (): Reading => this.#server.read(key, options);
    return this.#call({ operation: 'read', key, signal: options.signal, arrive, tear });
  }

  write(
    key: string,
    body: string,
    expected: Version | 'absent',
    { signal }: WriteOptions = {},
  ): Promise<WriteResult> {
    const arrive = (): WriteResult => this.#server.write(this.#process, { key, body, expected });
    const heard = ({ kind }: WriteResult): void => this.#network.heard(this.#process, body, kind);
    return this.#call({ operation: 'write', key, signal, arrive, heard });
  }

  list(prefix: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<string[]> {
    return this.#call({ operation: 'list', key: prefix, signal, arrive: () => this.#server.keys(prefix) });
  }

  remove(key: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#call({ operation: 'remove', key, signal, arrive: () => this.#server.remove(key) });
  }

  /** An accelerator that may stay silent. */
  #wake(wake: () => void, signal: AbortSignal): void {
    if (this.#network.draw(this.#process, 21) < 0.2) return;
    this.#network.after(this.#network.instant ? 0 : 1, () =>
      this.#process.whenRunning(() => {
        if (!signal.aborted) wake();
      }),
    );
  }

  /** What a client library makes of one call: the failure that its last sending met is the one that is told. */
  #call<T>(call: Call<T>, sends = SENDS): Promise<T> {
    const sent = this.#send(call);
    if (sends === 1) return sent;
    return sent.catch(async (error: unknown) => {
      if (call.signal?.aborted) throw error;
      await this.#process.clock.sleep(100, call.signal);
      return this.#call(call, sends - 1);
    });
  }

  async #send<T>(call: Call<T>): Promise<T> {
    const { signal, operation } = call;
    refuseAborted(signal, this.url, call.key);
    const network = this.#network;
    const process = this.#process;
    network.called();
    const fault = process.world.strike(process, operation === 'write' ? 'write' : 'read');
    return new Promise((resolve, reject) => {
      let waiting = true;
      const settle = (done: () => void): void => {
        if (!waiting) return;
        waiting = false;
        signal?.removeEventListener('abort', cut);
        done();
      };
      const fail = (kind: StoreErrorKind, why: string): void => {
        network.say(process.name, () => `${operation}: ${kind} (${why})`);
        reject(new StoreError(kind, `${operation}: ${why}`));
      };
      const cut = (): void => settle(() => fail(unanswered(operation), 'no answer in time'));
      signal?.addEventListener('abort', cut, { once: true });
      const { there, back } = this.#delays(fault);
      const hear = (done: () => void): void => process.wake(() => settle(done));
      this.#carry(call, fault, {
        there,
        fate: {
          resolve: (result) =>
            network.after(back, () =>
              hear(() => {
                network.say(process.name, () => `${operation}: ${describe(result)}`);
                call.heard?.(result);
                resolve(result);
              }),
            ),
          refuse: (kind, why) => network.after(back, () => hear(() => fail(kind, why))),
        },
      });
    });
  }

  #delays(fault: MessageFault | undefined): { there: number; back: number } {
    const network = this.#network;
    const process = this.#process;
    const usual = network.instant ? 0 : USUAL_MS;
    const slow = Math.max(usual, Math.min(SLOW_MS, network.calmMs - network.nowMs));
    const longest = fault === 'slow' ? slow : usual;
    // A process that stops before the request has left sends it when it goes on.
    const held = Math.max(0, process.runsMs - network.nowMs);
    if (longest === 0) return { there: held, back: 0 };
    return {
      there: held + longest * network.draw(process, 2),
      back: longest * network.draw(process, 3),
    };
  }

  #carry<T>(
    call: Call<T>,
    fault: MessageFault | undefined,
    { there, fate }: { there: number; fate: Fate<T> },
  ): void {
    const network = this.#network;
    const process = this.#process;
    if (process.crashed) return;
    if (process.deniedUntilMs > network.nowMs) {
      network.after(there, () => fate.refuse('denied', 'status 403'));
    } else if (process.partitionedUntilMs > network.nowMs || network.outageUntilMs > network.nowMs) {
      this.#carryNowhere(call, { there, fate });
    } else if (fault === undefined || fault === 'slow') {
      network.after(there, () => fate.resolve(call.arrive()));
    } else {
      this.#carryBadly(call, fault, { there, fate });
    }
  }

  /** What becomes of a request in an outage or partition differs from one to the next. */
  #carryNowhere<T>(call: Call<T>, { there, fate }: { there: number; fate: Fate<T> }): void {
    this.#network.troubled(this.#process);
    const chance = this.#network.draw(this.#process, 4);
    if (chance < 0.4) this.#carryBadly(call, 'connection refused', { there, fate });
    else if (chance < 0.6) this.#carryBadly(call, 'request lost', { there, fate });
    else if (chance < 0.7) this.#carryBadly(call, 'answer lost', { there, fate });
    // Else it is never answered, and ends by the caller's time limit.
  }

  #carryBadly<T>(
    call: Call<T>,
    fault: Exclude<MessageFault, 'slow'>,
    { there, fate }: { there: number; fate: Fate<T> },
  ): void {
    const network = this.#network;
    const { operation, arrive } = call;
    const reset = (): void => fate.refuse(unanswered(operation), fault);
    const later = (): void => network.after(this.#lateMs(there), arrive);
    switch (fault) {
      case 'request lost':
        network.after(there, reset);
        return;
      case 'answer lost':
      case 'status 500 after applying':
        network.after(there, () => {
          arrive();
          reset();
        });
        return;
      case 'request delayed':
        later();
        network.after(there, reset);
        return;
      case 'delivered twice':
        network.after(there, () => {
          arrive();
          fate.resolve(arrive());
        });
        return;
      case 'delivered again later':
        later();
        network.after(there, () => fate.resolve(arrive()));
        return;
      case 'conflict too early':
        // Only a write can conflict.
        if (operation !== 'write') {
          network.after(there, () => fate.resolve(arrive()));
          return;
        }
        later();
        network.after(there, () => fate.resolve({ kind: 'conflict' } as T));
        return;
      case 'status 409':
      case 'status 429':
      case 'connection refused':
        network.after(there, () => fate.refuse('unavailable', fault));
        return;
      case 'status 500 before applying':
        network.after(there, reset);
        return;
      case 'torn read':
        network.after(there, () => {
          const first = arrive();
          network.after(this.#lateMs(0), () => fate.resolve(call.tear ? call.tear(first, arrive()) : first));
        });
        return;
      case 'hang':
        this.#hang(call, there);
        return;
    }
  }

  /** Never answered; it may have got through, at once or late. */
  #hang<T>({ arrive }: Call<T>, there: number): void {
    const network = this.#network;
    const chance = network.draw(this.#process, 5);
    if (chance < 0.3) network.after(there, arrive);
    else if (chance < 0.6) network.after(this.#lateMs(there), arrive);
  }

  /** Before the calm, when nothing is under way any more. */
  #lateMs(there: number): number {
    const { calmMs, nowMs } = this.#network;
    // Soon as often as late: what comes while its sender still follows it up is the harder case.
    const longest = this.#network.draw(this.#process, 6) < 0.5 ? SOON_MS : LATE_MS;
    const ms = there + longest * this.#network.draw(this.#process, 7);
    return Math.max(there, Math.min(ms, calmMs - nowMs));
  }
}

/** The other way round, a write under the version would replace a record that nobody has looked at. */
function tear(first: Reading, last: Reading): Reading {
  return first.kind === 'found' && last.kind === 'found' ? { ...last, version: first.version } : first;
}

/** A write that was sent may have applied; nothing else changes anything. */
function unanswered(operation: Call<unknown>['operation']): StoreErrorKind {
  return operation === 'write' || operation === 'remove' ? 'indeterminate' : 'unavailable';
}

function describe(result: unknown): string {
  if (typeof result !== 'object' || result === null || !('kind' in result)) return 'done';
  const age = 'ageMs' in result ? `, ${String(result.ageMs)} ms old` : '';
  return `${String(result.kind)}${age}`;
}
