import type { Store } from '../../src/store/store.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { Client, type Habits } from './client.ts';
import type { Operation } from './history.ts';

/** What the clients of one process do, as JSON can carry it. */
export interface Load {
  readonly name: string;
  readonly seed: number;
  readonly clients: number;
  readonly habits: Habits;
  /** Stands before each key. */
  readonly prefix: string;
  /** How long a key is used, before all go over to the next. One more is used all the time. */
  readonly roundMs: number;
  /** Zero of all times: a value of `process.hrtime.bigint()`, which all processes of one boot share. */
  readonly originNs: string;
  readonly untilMs: number;
  /** No more than about so many in all. */
  readonly operations: number;
}

export interface Entry {
  readonly key: string;
  readonly operation: Operation;
}

const LONG_SHARE = 0.2;

export function nowNsSince(originNs: string): () => number {
  const origin = BigInt(originNs);
  return () => Number(process.hrtime.bigint() - origin);
}

/** Lets the clients of a load loose on `store`, all at once, until their time or their operations are used up. */
export async function runClients(store: Store, load: Load, record: (entry: Entry) => void): Promise<void> {
  const random = new FakeRandom(load.seed);
  const nowNs = nowNsSince(load.originNs);
  let left = load.operations;
  const nextKey = (): string | undefined => {
    const nowMs = nowNs() / 1e6;
    if (nowMs >= load.untilMs || left <= 0) return undefined;
    left -= 1;
    if (random.chance(LONG_SHARE)) return `${load.prefix}/long`;
    return `${load.prefix}/round-${Math.floor(nowMs / load.roundMs)}`;
  };
  const clients = Array.from({ length: load.clients }, (_, index) => {
    const name = `${load.name}${String.fromCharCode(97 + index)}`;
    const write = (key: string, operation: Operation): void => record({ key, operation });
    return new Client({ ...load, name, store, random, nowNs, nextKey, record: write });
  });
  await Promise.all(clients.map((client) => client.run()));
}

/** The history of each key. A client does one thing after the other, so what ended is the last write that it began. */
export function historiesOf(entries: Iterable<Entry>): Map<string, Operation[]> {
  const histories = new Map<string, Operation[]>();
  const begun = new Map<string, { history: Operation[]; index: number }>();
  for (const { key, operation } of entries) {
    const history = histories.get(key) ?? [];
    histories.set(key, history);
    const open = operation.kind === 'write' ? begun.get(operation.client) : undefined;
    if (open && operation.outcome.kind !== 'unknown') open.history[open.index] = operation;
    else if (operation.kind === 'write')
      begun.set(operation.client, { history, index: history.push(operation) - 1 });
    else history.push(operation);
  }
  return histories;
}
