import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FakeRandom } from '../support/fake-random.ts';
import type { Operation } from './history.ts';
import { type Entry, historiesOf, type Load, nowNsSince } from './load.ts';
import type { Orders, StorePlan } from './worker.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const WORKER = join(import.meta.dirname, 'worker.ts');
/** What a process may take to begin and to end, beside its time. */
const GRACE_MS = 60_000;
const LONGEST_STOP_MS = 150;

export interface ProcessesOptions {
  readonly store: StorePlan;
  readonly env: NodeJS.ProcessEnv;
  /** Where their logs go. */
  readonly directory: string;
  readonly processes: number;
  /** Of each process; `operations` of all of them. */
  readonly load: Omit<Load, 'name' | 'seed' | 'originNs'>;
  /** On average one process is killed, and another stopped for a moment, each time. */
  readonly killEveryMs: number;
  readonly random: FakeRandom;
}

export interface Recording {
  /** By key. */
  readonly histories: ReadonlyMap<string, readonly Operation[]>;
  readonly killed: number;
  readonly stopped: number;
}

/** Processes at work on one store. Some are killed and followed by another, some are stopped and go on later. */
export async function runProcesses(options: ProcessesOptions): Promise<Recording> {
  const crew = new Crew(options);
  try {
    await crew.run();
    return {
      histories: historiesOf(readLogs(options.directory)),
      killed: crew.killed,
      stopped: crew.stopped,
    };
  } finally {
    crew.end();
  }
}

interface Worker {
  readonly child: ChildProcess;
  readonly name: string;
  readonly ready: Promise<unknown>;
  /** Its own end; rejects when it failed. */
  readonly ended: Promise<void>;
}

class Crew {
  killed = 0;
  stopped = 0;
  readonly #options: ProcessesOptions;
  readonly #working = new Set<Worker>();
  readonly #victims = new Set<ChildProcess>();
  /** Where time begins, once all are ready. */
  readonly #origin: Promise<string>;
  #begin: (originNs: string) => void = () => {};
  #names = 0;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.#origin = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  async run(): Promise<void> {
    const { processes, load } = this.#options;
    const share = Math.ceil(load.operations / processes);
    const posts = Array.from({ length: processes }, () => this.#man(share));
    // One that fails before it is ready is seen below.
    void Promise.all([...this.#working].map(({ ready }) => ready)).then(() =>
      this.#begin(String(process.hrtime.bigint())),
    );
    const isDone = new AbortController();
    const trouble = this.#trouble(isDone.signal);
    try {
      await Promise.all(posts);
    } finally {
      isDone.abort();
      await trouble;
    }
  }

  end(): void {
    for (const { child } of this.#working) child.kill('SIGKILL');
  }

  /** One post of the crew: whoever is killed is followed by another, for what is left to do. */
  async #man(operations: number): Promise<void> {
    for (let left = operations; left > 0; ) {
      const worker = this.#start(left);
      await worker.ended;
      if (!this.#victims.has(worker.child)) return;
      left -= readLog(this.#logOf(worker.name)).filter(
        ({ operation }) => operation.outcome.kind !== 'unknown',
      ).length;
      if (nowNsSince(await this.#origin)() / 1e6 >= this.#options.load.untilMs) return;
    }
  }

  #start(operations: number): Worker {
    const { store, env, load, random } = this.#options;
    this.#names += 1;
    const name = `p${this.#names}`;
    const own: Omit<Load, 'originNs'> = { ...load, name, seed: random.below(2 ** 32), operations };
    const orders: Orders = { store, log: this.#logOf(name), load: own };
    const args = [join(ROOT, 'scripts/typescript.mjs'), WORKER, JSON.stringify(orders)];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    void this.#origin.then((originNs) => child.stdin.end(originNs));
    // It may be killed before it has read that.
    child.stdin.on('error', () => {});
    const ready = once(child.stdout, 'data');
    const worker: Worker = { child, name, ready, ended: this.#endOf(child, name) };
    this.#working.add(worker);
    void worker.ended.catch(() => {}).then(() => this.#working.delete(worker));
    return worker;
  }

  async #endOf(child: ChildProcess, name: string): Promise<void> {
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-4_000);
    });
    const limitMs = this.#options.load.untilMs + GRACE_MS;
    const timer = setTimeout(() => child.kill('SIGKILL'), Math.min(limitMs, 2 ** 31 - 1));
    const [code, signal] = await once(child, 'close');
    clearTimeout(timer);
    if (code === 0 || this.#victims.has(child)) return;
    throw new Error(`The clients of process ${name} failed (${signal ?? `exit status ${code}`}): ${said}`);
  }

  /** Kills and stops processes at random until the signal. */
  async #trouble(signal: AbortSignal): Promise<void> {
    const { random, killEveryMs } = this.#options;
    while (!signal.aborted) {
      await pause(random.between(0, killEveryMs), undefined, { signal }).catch(() => {});
      const busy = [...this.#working].filter(({ name }) => sizeOf(this.#logOf(name)) > 0);
      const { child } = busy[random.below(busy.length)] ?? {};
      if (!child || signal.aborted) continue;
      if (random.chance(0.5)) {
        this.#victims.add(child);
        this.killed += child.kill('SIGKILL') ? 1 : 0;
      } else {
        this.stopped += child.kill('SIGSTOP') ? 1 : 0;
        await pause(random.between(1, LONGEST_STOP_MS));
        child.kill('SIGCONT');
      }
    }
  }

  #logOf(name: string): string {
    return join(this.#options.directory, `${name}.jsonl`);
  }
}

function readLogs(directory: string): Entry[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readLog(join(directory, name)));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Without the last line if the kill cut it off: a write whose beginning is not there was not sent. */
function readLog(path: string): Entry[] {
  if (sizeOf(path) === 0) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line): Entry => {
    const entry = JSON.parse(line) as Entry;
    // JSON has no Infinity.
    const returnNs = entry.operation.returnNs ?? Number.POSITIVE_INFINITY;
    return { ...entry, operation: { ...entry.operation, returnNs } };
  });
}
