import { register } from 'node:module';
import type * as Program from './world.ts';

/** One mistake: a patch of the real source, which must fit in exactly one place. */
export interface Mutant extends Patch {
  readonly mistake: string;
  /** Where one place is not enough. */
  readonly more?: readonly Patch[];
}

export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const LEASE = 'src/lease/lease.ts';
const ACQUIRE = 'src/lease/acquire.ts';
const COMMIT = 'src/lease/commit.ts';
const DECIDE = 'src/lease/decide.ts';
const POLICY = 'src/lease/policy.ts';
const KEEPER = 'src/lease/keeper.ts';
const OBSERVER = 'src/lease/observer.ts';

/**
 * The algorithm with one of its rules left out at a time. The simulation must find each, or it proves nothing.
 *
 * Not here, since they do no harm that anybody could see from outside:
 * - a keeper that never checks its deadline between renewals: whether a lease is believed in is asked of its deadline, not
 *   of its keeper; the keeper only brings the news (its tests show that it does);
 * - a give-back that is not tried again at the next look: the client then waits for its own lease to run out, within the
 *   bound that holds for a dead holder.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    mistake: 'the deadline is counted from the answer',
    file: COMMIT,
    find: 'version: result.version, sentAt, late',
    replace: 'version: result.version, sentAt: instantOf(lock.clock), late',
  },
  {
    mistake: 'the deadline is looked up on the monotonic clock alone',
    file: LEASE,
    find: 'return now.wallMs < deadline.wallMs && now.monotonicMs < deadline.monotonicMs;',
    replace: 'return now.monotonicMs < deadline.monotonicMs;',
  },
  {
    mistake: 'the deadline is looked up on the wall clock alone',
    file: LEASE,
    find: 'return now.wallMs < deadline.wallMs && now.monotonicMs < deadline.monotonicMs;',
    replace: 'return now.wallMs < deadline.wallMs;',
  },
  {
    mistake: 'the margin is left out',
    file: LEASE,
    find: 'const believedMs = ttlMs - marginMs;',
    replace: 'const believedMs = ttlMs;',
  },
  {
    mistake: 'the grace is left out',
    file: POLICY,
    find: 'export const EXPIRY_GRACE_MS = 2_000;',
    replace: 'export const EXPIRY_GRACE_MS = 0;',
  },
  {
    mistake: 'expiry is judged by the time in the record and the own wall clock',
    file: OBSERVER,
    find: '...(seen.ageMs === undefined ? {} : { ageMs: seen.ageMs }),\n    });\n    this.#seen = seen;',
    replace:
      '...(seen.record ? { ageMs: this.lock.clock.wallMs() - Date.parse(seen.record.acquiredAt) } : {}),\n    });\n    this.#seen = seen;',
  },
  {
    mistake: 'a lease is stolen without watching it',
    file: POLICY,
    find: 'export const STEAL_WATCH_MS = 2_000;',
    replace: 'export const STEAL_WATCH_MS = 0;',
  },
  {
    mistake: 'the newest age that the store gives is believed, not the least',
    file: DECIDE,
    find: '{ ageMs: Math.min(...ages) }',
    replace: '{ ageMs: ages[0] }',
  },
  {
    mistake: "another machine's clock is believed after half a ttl of watching",
    file: DECIDE,
    find: 'return remoteClock ? ttlMs + EXPIRY_GRACE_MS',
    replace: 'return remoteClock ? ttlMs / 2 + EXPIRY_GRACE_MS',
  },
  {
    mistake: 'a wall clock that is set back is not looked for',
    file: KEEPER,
    find: 'if (setBackMs > SET_BACK_MS) {',
    replace: 'if (setBackMs > Number.POSITIVE_INFINITY) {',
  },
  {
    mistake: 'where the wall clock is set back the keeper renews, and leaves the deadline until then',
    file: KEEPER,
    find: 'this.#lease.setBack(setBackMs);',
    replace: '',
  },
  {
    mistake: 'a release deletes the record',
    file: LEASE,
    find: '      const at = formatInstant(this.lock.clock.wallMs());',
    replace: `      for (const key of await this.lock.store.list('locks/')) await this.lock.store.remove(key);
      if (this.#record) return { kind: 'released' };
      const at = '';`,
  },
  {
    mistake: 'no nonce',
    file: 'src/lease/record.ts',
    find: 'nonce: random.hex(16)',
    replace: `nonce: '0'.repeat(32)`,
  },
  {
    mistake: "the client library's own retries are on",
    file: '__tests__/simulation/store.ts',
    find: 'const SENDS = 1;',
    replace: 'const SENDS = 3;',
  },
  {
    mistake: 'no answer is taken for proof (holder-finished)',
    file: DECIDE,
    find: `return verdict.kind === 'finished'
        ? { kind: 'steal', token, because: 'holder-finished', proof`,
    replace: `return verdict.kind !== 'alive'
        ? { kind: 'steal', token, because: 'holder-finished', proof`,
  },
  {
    mistake: 'no answer is taken for proof (expired-and-holder-finished)',
    file: DECIDE,
    find: `return verdict.kind === 'finished'
        ? { kind: 'steal', token, because: 'expired-and-holder-finished', proof`,
    replace: `return verdict.kind !== 'alive'
        ? { kind: 'steal', token, because: 'expired-and-holder-finished', proof`,
  },
  {
    mistake: 'proof alone is enough where expiry is wanted too',
    file: DECIDE,
    find: `case 'expired-and-holder-finished':
      if (!expired) return notYet;`,
    replace: `case 'expired-and-holder-finished':`,
  },
  {
    mistake: 'the policy never is taken for expired',
    file: DECIDE,
    find: `case 'never':
      return { kind: 'wait', confirming: false };`,
    replace: `case 'never':`,
  },
  {
    mistake: 'the veto command is not asked',
    file: ACQUIRE,
    find: 'if (await this.#own.allows(seen)) return',
    replace: 'return',
  },
  {
    mistake: 'a write without an answer is taken for a conflict',
    file: COMMIT,
    find: `if (error.kind === 'indeterminate') openSince = sentAt;`,
    replace: `if (error.kind === 'indeterminate') return { kind: 'conflict', seen: await lookUntil(lock, options.untilMs, signal) };`,
  },
  {
    mistake: 'a conflict is believed without looking whose record is there',
    file: COMMIT,
    find: 'contradictions += 1;',
    replace: `return { kind: 'conflict', seen: await lookUntil(lock, options.untilMs, signal) };`,
  },
  {
    mistake: 'a conflict that could not be looked into is taken for certain',
    file: COMMIT,
    find: 'throw timeIsUp(lock, sentAt, ',
    replace: 'throw timeIsUp(lock, open ? sentAt : undefined, ',
  },
  {
    mistake: 'a conflict that the read contradicts is not left open',
    file: COMMIT,
    find: 'openSince ??= sentAt;',
    replace: '',
  },
  {
    mistake: 'a write that is sent again counts from its last send',
    file: COMMIT,
    find: 'const sentAt = openSince ?? instantOf(lock.clock);',
    replace: 'const sentAt = instantOf(lock.clock);',
  },
  {
    mistake: 'the trail is not looked at',
    file: COMMIT,
    find: `if (seen.record?.trail.includes(record.nonce)) return { kind: 'superseded', seen };`,
    replace: '',
  },
  {
    mistake: 'a steal does not name the version that was seen',
    file: ACQUIRE,
    find: 'expected: seen.version,\n        untilMs: this.#nowMs',
    replace:
      "expected: decision.kind === 'steal' ? (await this.#lock.store.read(recordKey(this.#lock.name)).then((now) => (now.kind === 'found' ? now.version : 'absent'))) : seen.version,\n        untilMs: this.#nowMs",
  },
  {
    mistake: 'an entry does not name the version that was seen',
    file: ACQUIRE,
    find: 'expected: seen.version,\n        untilMs: this.#nowMs',
    replace:
      "expected: decision.kind === 'take' ? (await this.#lock.store.read(recordKey(this.#lock.name)).then((now) => (now.kind === 'found' ? now.version : 'absent'))) : seen.version,\n        untilMs: this.#nowMs",
  },
  {
    mistake: 'a give-up does not name the version that was seen',
    file: ACQUIRE,
    find: `expected: seen.version,
        untilMs,
      });`,
    replace: `expected: (await this.#own.look()).version,
        untilMs,
      });`,
  },
  {
    mistake: 'a renewal goes over whatever version is there',
    file: LEASE,
    find: `return { kind: 'renewed' };
      }`,
    replace: `return { kind: 'renewed' };
      }
      if (outcome.seen.version !== 'absent') {
        this.#version = outcome.seen.version;
        continue;
      }`,
  },
  {
    mistake: 'a late renewal goes over whatever version is there',
    file: LEASE,
    find: `return { kind: 'renewed' };
      }`,
    replace: `return { kind: 'renewed' };
      }
      const { clock } = this.lock;
      const late = !this.believes({ wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() });
      if (late && outcome.seen.version !== 'absent') {
        this.#version = outcome.seen.version;
        continue;
      }`,
  },
  {
    mistake: 'a lease is released by the name of its lock, whoever holds it',
    file: LEASE,
    find: `if (!isHeldBy(record, this.#memberId) || version === 'absent') return false;`,
    replace: `if (record?.state !== 'held' || version === 'absent') return false;`,
  },
  {
    mistake: 'the owner id is taken for an identity by a holder',
    file: LEASE,
    find: `if (!isHeldBy(record, this.#memberId) || version === 'absent') return false;`,
    replace: `if (record?.state !== 'held' || record.holder.ownerId !== this.#record.holder.ownerId || version === 'absent') return false;`,
  },
  {
    mistake: 'the owner id is taken for an identity by a waiter',
    file: ACQUIRE,
    find: 'if (!isHeldBy(record, this.#request.holder.leaseId)',
    replace: `if (!(record?.state === 'held' && record.holder.ownerId === this.#request.holder.ownerId)`,
  },
  {
    mistake: 'a break does not look whose lease it is',
    file: 'src/lease/break.ts',
    find: 'if (!isLease(seen.record, request.leaseId))',
    replace: `if (seen.record?.state !== 'held')`,
  },
  {
    mistake: 'going on from an unknown renewal moves the deadline',
    file: LEASE,
    find: `    this.#version = version;
    return true;`,
    replace: `    this.#version = version;
    this.#sentAt = { wallMs: this.lock.clock.wallMs(), monotonicMs: this.lock.clock.monotonicMs() };
    return true;`,
  },
  {
    mistake: 'a write in flight is given up without writing over it',
    file: ACQUIRE,
    find: `if (isStoreError(error, 'indeterminate')) await this.#giveUp(seen, record);`,
    replace: '',
  },
  {
    mistake: 'an acquisition that was found late counts without a renewal',
    file: ACQUIRE,
    find: 'if (fresh() && !late) return true;',
    replace: 'if (fresh()) return true;',
  },
  {
    mistake: 'what was acquired when it was cancelled is not given back',
    file: ACQUIRE,
    find: `    if (this.#over()) {
      await this.#giveBack(lease);`,
    replace: '    if (this.#over()) {',
  },
  {
    mistake: 'the token is not raised at a steal',
    file: DECIDE,
    find: `  const token = record.token + 1;
  const leftMs`,
    replace: `  const token = record.token;
  const leftMs`,
  },
  {
    mistake: 'the lock delay is not kept',
    file: ACQUIRE,
    find: 'const delays = this.#robbed && lockDelayMs > 0;',
    replace: 'const delays = false;',
  },
  {
    mistake: 'a torn read has a newer version than its body',
    file: '__tests__/simulation/store.ts',
    find: '{ ...last, version: first.version }',
    replace: '{ ...first, version: last.version }',
  },
];

let registered = false;

/** The simulation of the program with that mistake in it: all of its modules are loaded anew. */
export async function programWith(mutant: Mutant): Promise<typeof Program> {
  if (!registered) register('./mutant-hooks.mjs', import.meta.url, { data: { mutants: MUTANTS } });
  registered = true;
  return import(`./world.ts?mutant=${MUTANTS.indexOf(mutant)}`);
}
