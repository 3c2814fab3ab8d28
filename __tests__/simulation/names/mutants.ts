import { register } from 'node:module';
import type { Mutant } from '../mutants.ts';
import type * as Program from './world.ts';

const ACQUIRE = 'src/lease/acquire.ts';
const DECIDE = 'src/lease/decide.ts';
const LEASE = 'src/lease/lease.ts';
const SHARED = 'src/lease/shared.ts';
const TREE = 'src/lease/tree.ts';

/** What is looked up before the write, and used after it. */
const BEFORE_THE_WRITE = `    if (this.#over()) return this.#cancelled();
    const record = this.#recordAfter(seen, decision);`;

/**
 * The rules for trees and for shared leases, with one left out at a time. The simulation must find each, or it proves nothing.
 *
 * Not here, since it does no harm but that of a delay: who gives way and does not give its lease back. It gives it back at its
 * next look, and whoever wants the tree ends it when it has run out.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    mistake: 'tree: who is below looks first and writes after',
    file: ACQUIRE,
    find: BEFORE_THE_WRITE,
    replace: `${BEFORE_THE_WRITE}
    const names = ancestorsOf(this.#lock.name);
    this.early = await treeAbove(this.#lock, names, { untilMs: this.#nowMs + 5_000, signal: this.#request.signal });`,
    more: [
      {
        file: ACQUIRE,
        find: `frozen = await treeAbove(this.#lock, above, {
        untilMs: this.#halfTime(lease),
        signal: this.#request.signal,
      });`,
        replace: 'frozen = this.early;',
      },
    ],
  },
  {
    mistake: 'tree: who takes it looks first and writes after',
    file: ACQUIRE,
    find: BEFORE_THE_WRITE,
    replace: `${BEFORE_THE_WRITE}
    if (this.#request.tree) this.early = await this.#patiently(() => heldBelow(this.#lock, this.#request.signal));`,
    more: [
      {
        file: ACQUIRE,
        find: 'const below = await this.#patiently(() => heldBelow(this.#lock, this.#request.signal));',
        replace: 'const below = this.early;',
      },
    ],
  },
  {
    mistake: 'tree: a stale lease on the other name is taken as ended, without a write',
    file: ACQUIRE,
    find: 'if (over) await this.#end(other, { ...seen, record }, decision);',
    replace: 'if (over) return undefined;',
  },
  {
    mistake: 'tree: who is below does not give way',
    file: ACQUIRE,
    find: 'if (!frozen) return this.#markEntered(lease);',
    replace: 'return this.#markEntered(lease);',
  },
  {
    mistake: 'tree: those below are not waited for',
    file: ACQUIRE,
    find: 'if (tree) outcome = await this.#outlastBelow(keeping.lost);',
    replace: '',
  },
  {
    mistake: 'tree: only the first of those below is waited for',
    file: ACQUIRE,
    find: 'if (outcome || lost.aborted) return outcome;',
    replace: 'return outcome;',
  },
  {
    mistake: 'tree: that its own lease was lost while it waited for those below does not matter',
    file: ACQUIRE,
    find: `    if ((await keeping.ended).kind === 'lost') return undefined;
    if (outcome) await this.#giveBack(lease);
    else if (!lease.believes(instantOf(this.#lock.clock))) {`,
    replace: `    await keeping.ended;
    if (outcome) await this.#giveBack(lease);
    else if (lease.token < 0) {`,
  },
  {
    mistake: 'tree: only the name right above is looked at',
    file: TREE,
    find: 'const locks = above.map(',
    replace: 'const locks = above.slice(-1).map(',
  },
  {
    mistake: 'tree: a record above is in the way only when it is reserved',
    file: TREE,
    find: `record?.state === 'held' && record.tree`,
    replace: `record?.state === 'held' && record.tree && record.reserved`,
  },
  {
    mistake: 'tree: a job that joins its run never looks above',
    file: ACQUIRE,
    find: 'const above = lease.record.shared?.entered ? []',
    replace: `const above = decision.kind === 'join' ? []`,
  },
  {
    mistake: 'tree: a stale lease on the other name is ended over whatever version is there',
    file: ACQUIRE,
    find: `    const outcome = await commit(other, next, {
      expected: version,`,
    replace: `    const outcome = await commit(other, next, {
      expected: (await this.#observe(other).look()).version as typeof version,`,
  },
  {
    mistake: 'tree: what ends on the other name is ended whatever its age',
    file: ACQUIRE,
    find: `const over = decision.kind === 'take' || `,
    replace: `const over = decision.kind !== 'ask' || `,
  },
  {
    mistake: 'shared: a job joins over whatever version is there',
    file: ACQUIRE,
    find: `      outcome = await commit(this.#lock, record, {
        expected: seen.version,`,
    replace: `      outcome = await commit(this.#lock, record, {
        expected: decision.kind === 'join' ? (await this.#own.look()).version : seen.version,`,
  },
  {
    mistake: 'shared: who leaves frees the lock under the others',
    file: SHARED,
    find: 'if (!shared) return released;',
    replace: 'return released;',
  },
  {
    mistake: 'shared: who leaves as the last of the run frees the lock under the others',
    file: SHARED,
    find: 'if (members.length === 0 && (closing || unused)) return released;',
    replace: 'if (closing || unused) return released;',
  },
  {
    mistake: 'shared: who leaves takes all off the list',
    file: SHARED,
    find: 'const members = before.filter((member) => member !== own);',
    replace: 'const members: Member[] = [];',
  },
  {
    mistake: 'shared: the renewal of another moves the own deadline',
    file: LEASE,
    find: `    this.#record = record;
    this.#version = version;
    return true;`,
    replace: `    this.#record = record;
    this.#version = version;
    this.#sentAt = { wallMs: this.lock.clock.wallMs(), monotonicMs: this.lock.clock.monotonicMs() };
    return true;`,
  },
  {
    mistake: 'shared: whose run it is, is judged by the owner id',
    file: SHARED,
    find: 'return record.shared !== undefined && isSameAttempt(record.holder, asking);',
    replace: 'return record.shared !== undefined && record.holder.ownerId === asking.ownerId;',
  },
  {
    mistake: 'shared: the attempt is not part of a run',
    file: SHARED,
    find: 'return record.shared !== undefined && isSameAttempt(record.holder, asking);',
    replace: 'return record.shared !== undefined && record.holder.runId === asking.runId;',
  },
  {
    mistake: 'shared: the gap stays the ttl while others renew',
    file: SHARED,
    find: 'ttlMs: shared ? longestTtl(shared.members, 0) : ttlMs',
    replace: 'ttlMs',
  },
  {
    mistake: 'shared: a lease without a job is anybody’s',
    file: DECIDE,
    find: 'if (leftMs <= 0 && watchMs <= 0) return take;',
    replace: 'if (watchMs <= 0) return take;',
  },
  {
    mistake: 'shared: a lease without a job is freed by any word about its run',
    file: DECIDE,
    find: `if (askable && verdict?.kind === 'finished') return take;`,
    replace: 'if (askable && verdict) return take;',
  },
  {
    mistake: 'shared: who is not on the list still holds it',
    file: LEASE,
    find: 'return shared ? shared.members.some(({ memberId }) => memberId === id) : holder.leaseId === id;',
    replace:
      'return holder.leaseId === id || shared?.members.some(({ memberId }) => memberId === id) === true;',
  },
  {
    mistake: 'shared: a job that never entered closes the lease for its run',
    file: SHARED,
    find: 'const unused = !began && record.holder.leaseId === memberId;',
    replace: 'const unused = true;',
  },
];

let registered = false;

/** The simulation of the program with that mistake in it: all of its modules are loaded anew. */
export async function programWith(number: number): Promise<typeof Program> {
  if (!registered) register('../mutant-hooks.mjs', import.meta.url, { data: { mutants: MUTANTS } });
  registered = true;
  return import(`./world.ts?mutant=${number}`);
}
