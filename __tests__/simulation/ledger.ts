import { type LeaseRecord, parseRecord } from '../../src/lease/record.ts';
import type { MemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';

/** Watches every write that applies to the lock, in the order in which they do, and checks what must hold of each. */
export class Ledger {
  readonly #name: string;
  readonly #key: string;
  readonly #report: (violation: string) => void;
  readonly #holders = new Map<number, string>();
  #newest: LeaseRecord | undefined;

  constructor(lock: { name: string; key: string }, report: (violation: string) => void) {
    this.#name = lock.name;
    this.#key = lock.key;
    this.#report = report;
  }

  /** `memory` as one client has it. `isOwn` tells its lease ids, `onApplied` hears of each of its writes. */
  witness(
    memory: MemoryStore,
    client: {
      isOwn: (leaseId: string) => boolean;
      onApplied: (next: LeaseRecord, previous?: LeaseRecord) => void;
    },
  ): Store {
    return {
      url: memory.url,
      read: (key, options) => memory.read(key, options),
      list: (prefix, options) => memory.list(prefix, options),
      remove: (key, options) => memory.remove(key, options),
      write: async (key, body, expected, options) => {
        const result = await memory.write(key, body, expected, options);
        if (key === this.#key && result.kind === 'written') {
          const next = parseRecord(body, { name: this.#name, key, storeUrl: memory.url });
          const previous = this.#newest;
          this.#newest = next;
          this.#check(next, previous, client.isOwn);
          client.onApplied(next, previous);
        }
        return result;
      },
    };
  }

  #check(next: LeaseRecord, previous: LeaseRecord | undefined, isOwn: (leaseId: string) => boolean): void {
    const { leaseId } = next.holder;
    if (!isOwn(leaseId)) this.#report(`a client wrote the lease ${leaseId} of somebody else`);
    const before = this.#holders.get(next.token);
    if (before !== undefined && before !== leaseId) this.#report(`token ${next.token} was given twice`);
    this.#holders.set(next.token, leaseId);
    if (!previous) return;
    if (next.token < previous.token) this.#report(`the token fell from ${previous.token} to ${next.token}`);
    const enters = next.holder.leaseId !== previous.holder.leaseId || previous.state !== 'held';
    if (enters && next.token !== previous.token + 1) {
      this.#report(`a new holder has token ${next.token} after ${previous.token}`);
    }
    if (!enters && next.token !== previous.token) this.#report(`a lease changed its token to ${next.token}`);
    if (next.trail[0] !== previous.nonce) this.#report('a write is not the successor of the one before');
  }
}
