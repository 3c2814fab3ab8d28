import type { Attack, AttackKind, ClientEntry, LockRules } from './journal.ts';

/*
 * The judge. It knows logs and what docs/guarantees.md and docs/cli.md promise, and nothing of how Leasehold works.
 */

/** All that is known of what happened at one lock. */
export interface LockLogs {
  readonly rules: LockRules;
  /** Lines of the witnesses: time, enter|beat|refused|leave, token, client, pid. */
  readonly witnesses: string;
  /** Lines of the resource: time, accepted|refused, lock, token, client. */
  readonly resource: string;
  readonly clients: readonly ClientEntry[];
}

export type ViolationKind =
  /** Two at work at the same time, and nothing was done to the first that explains it. */
  | 'overlap'
  /** Somebody entered with a smaller token than one who had entered before. */
  | 'token-fell'
  | 'token-repeated'
  /** The resource did not keep to the tokens: then it is no witness. */
  | 'resource-wrong'
  /** A write was refused of one whose turn it was. */
  | 'refused-in-its-right'
  /** Entered before the lease of the one before can have run out. */
  | 'stolen-early'
  /** Entered by `holder-finished` though the holder was only stopped. */
  | 'stolen-from-living'
  /** Entered later than a dead holder may block. */
  | 'stuck'
  /** A worker was ended though nothing was done to its client. */
  | 'ended-without-cause'
  | 'wrong-exit'
  | 'unreadable';

export interface Violation {
  readonly kind: ViolationKind;
  readonly lock: string;
  readonly message: string;
}

/** One acquisition whose worker began. */
export interface Hold {
  readonly client: number;
  readonly token: number;
  readonly enterMs: number;
  /** The last sign of life. */
  readonly lastMs: number;
  readonly leaveMs?: number;
  readonly entry?: ClientEntry;
}

/** One that was at work when somebody else had entered, because of what was done to it. */
export interface LateWorker {
  readonly hold: Hold;
  readonly next: Hold;
  readonly refusedWrites: number;
}

export interface Findings {
  readonly rules: LockRules;
  readonly violations: readonly Violation[];
  /** By token. */
  readonly holds: readonly Hold[];
  readonly lateWorkers: readonly LateWorker[];
  readonly refusedWrites: number;
}

/** docs/cli.md: a lease is renewed every third of the ttl; docs/algorithm.md: give or take a tenth. */
const RENEWED_WITHIN = 1.1 / 3;
/** docs/guarantees.md, 5: "at most ttl + 4 s and one poll (5.5 s at most) after the last renewal". */
const GRACE_MS = 4_000;
const LONGEST_POLL_MS = 5_500;
/** docs/cli.md, run: SIGKILL five seconds after the loss. */
const STOPPED_WITHIN_MS = 5_000;
/** A machine with more processes than cores is late with everything. */
const SLACK_MS = 1_500;

/** Judges one lock by its logs. */
export function check(logs: LockLogs): Findings {
  return new Checker(logs).findings();
}

class Checker {
  readonly #logs: LockLogs;
  readonly #violations: Violation[] = [];
  readonly #lateWorkers: LateWorker[] = [];

  constructor(logs: LockLogs) {
    this.#logs = logs;
  }

  findings(): Findings {
    const holds = this.#readHolds();
    const refused = this.#readResource();
    this.#checkTokens(holds);
    this.#checkOverlaps(holds, refused);
    for (const [index, hold] of holds.entries()) {
      this.#checkEnd(hold);
      const next = holds[index + 1];
      // With a gap in the tokens somebody acquired in between and was killed before its worker began.
      if (next && next.token === hold.token + 1) this.#checkSuccession(hold, next, holds);
    }
    for (const entry of this.#logs.clients) this.#checkExit(entry);
    return {
      rules: this.#logs.rules,
      violations: this.#violations,
      holds,
      lateWorkers: this.#lateWorkers,
      refusedWrites: [...refused.values()].reduce((sum, count) => sum + count, 0),
    };
  }

  #violated(kind: ViolationKind, message: string): void {
    const { lock } = this.#logs.rules;
    this.#violations.push({ kind, lock, message: `Lock "${lock}": ${message}` });
  }

  #readHolds(): Hold[] {
    const entries = new Map(this.#logs.clients.map((entry) => [entry.client, entry]));
    const holds = new Map<number, Hold>();
    for (const line of linesOf(this.#logs.witnesses)) {
      const [time, what = '', ...numbers] = line.split(' ');
      const [atMs, token, client] = [Number(time), ...numbers.slice(0, 2).map(Number)];
      const hold = holds.get(client ?? Number.NaN);
      const fits =
        what === 'enter' ? !hold : ['beat', 'refused', 'leave'].includes(what) && hold?.token === token;
      if (
        !fits ||
        token === undefined ||
        client === undefined ||
        ![atMs, token, client].every(Number.isFinite)
      ) {
        this.#violated(
          'unreadable',
          `this line of a witness does not fit those before it: ${JSON.stringify(line)}`,
        );
        continue;
      }
      const entry = entries.get(client);
      const began: Hold = hold ?? { client, token, enterMs: atMs, lastMs: atMs, ...(entry ? { entry } : {}) };
      holds.set(client, {
        ...began,
        lastMs: Math.max(began.lastMs, atMs),
        ...(what === 'leave' ? { leaveMs: atMs } : {}),
      });
    }
    return [...holds.values()].sort((a, b) => a.token - b.token || a.enterMs - b.enterMs);
  }

  /** Decides anew what the resource decided. @returns how many writes it refused, by client */
  #readResource(): Map<number, number> {
    const refused = new Map<number, number>();
    let highest = 0;
    for (const line of linesOf(this.#logs.resource)) {
      const [, what, lock, token, client] = line.split(' ');
      if (lock !== this.#logs.rules.lock) continue;
      const late = Number(token) < highest;
      if (what !== (late ? 'refused' : 'accepted')) {
        this.#violated('resource-wrong', `the resource said "${line}" when it had seen token ${highest}.`);
      }
      if (late) refused.set(Number(client), (refused.get(Number(client)) ?? 0) + 1);
      else highest = Number(token);
    }
    return refused;
  }

  #checkTokens(holds: readonly Hold[]): void {
    for (const [index, hold] of holds.entries()) {
      const before = holds[index - 1];
      if (before?.token === hold.token) {
        this.#violated(
          'token-repeated',
          `token ${hold.token} was given to client ${before.client} and to client ${hold.client}.`,
        );
      }
    }
  }

  #checkOverlaps(holds: readonly Hold[], refused: ReadonlyMap<number, number>): void {
    const late = new Set<number>();
    // From the highest token down: who of those with a higher one was the first to enter.
    let first: Hold | undefined;
    for (const hold of [...holds].reverse()) {
      if (first && hold.lastMs > first.enterMs) {
        late.add(hold.client);
        this.#checkOverlap(hold, first, refused.get(hold.client) ?? 0);
      }
      if (!first || hold.enterMs < first.enterMs) first = hold;
    }
    for (const [client, count] of refused) {
      if (late.has(client)) continue;
      this.#violated(
        'refused-in-its-right',
        `${count} writes of client ${client} were refused, though nobody with a higher token entered while it worked.`,
      );
    }
  }

  #checkOverlap(hold: Hold, next: Hold, refusedWrites: number): void {
    const why = whyNotExcused(hold, next, this.#logs.rules);
    if (why === undefined) {
      this.#lateWorkers.push({ hold, next, refusedWrites });
      return;
    }
    const [first, second] = [nameOf(hold), nameOf(next)];
    if (hold.enterMs > next.enterMs) {
      this.#violated(
        'token-fell',
        `${first} entered ${ms(hold.enterMs - next.enterMs)} after ${second}, whose token is higher. ${why}`,
      );
      return;
    }
    this.#violated(
      'overlap',
      `${first} was still at work ${ms(hold.lastMs - next.enterMs)} after ${second} had entered (at ${next.enterMs}). ${why}`,
    );
  }

  #checkEnd({ client, token, leaveMs, lastMs, entry }: Hold): void {
    if (!entry) {
      this.#violated('unreadable', `client ${client} (token ${token}) entered, and is not in the journal.`);
      return;
    }
    const { attack, exit, said } = entry;
    if (leaveMs !== undefined || (attack && attack.kind !== 'kill-guard')) return;
    const done = attack ? 'but for the kill of its guard' : 'and nothing was done to it';
    this.#violated(
      'ended-without-cause',
      `the worker of client ${client} (token ${token}) was ended at ${lastMs}, ${done}. The client ended with ${exit}: ${said}`,
    );
  }

  #checkSuccession(hold: Hold, next: Hold, holds: readonly Hold[]): void {
    const attack = hold.entry?.attack;
    if (!attack || hold.leaveMs !== undefined) return;
    switch (attack.kind) {
      case 'kill-command':
      case 'kill-guard':
        return;
      case 'kill-leasehold':
      case 'kill-job':
      case 'kill-all':
        this.#checkNotEarly(hold, next, attack);
        if (somebodyWaited(holds, attack.atMs)) this.#checkNotStuck(hold, next, attack);
        return;
      case 'kill-keeper':
        this.#checkNotEarly(hold, next, attack);
        return;
      case 'stop-leasehold':
      case 'stop-all':
        if (attack.resumedMs !== undefined && next.enterMs > attack.resumedMs) return;
        this.#checkNotEarly(hold, next, attack);
        this.#checkNotLiving(hold, next);
        return;
    }
  }

  #checkNotEarly(hold: Hold, next: Hold, { kind, atMs }: Attack): void {
    const { policy, ttlMs } = this.#logs.rules;
    if (policy !== 'expired' || next.enterMs - atMs >= earliestMs(ttlMs)) return;
    this.#violated(
      'stolen-early',
      `${nameOf(next)} entered ${ms(next.enterMs - atMs)} after ${kind} of ${nameOf(hold)}, whose lease ran for ${ms(earliestMs(ttlMs))} more at least.`,
    );
  }

  #checkNotLiving(hold: Hold, next: Hold): void {
    if (this.#logs.rules.policy !== 'holder-finished') return;
    this.#violated(
      'stolen-from-living',
      `${nameOf(next)} entered while ${nameOf(hold)} was stopped, which is no proof that it is gone.`,
    );
  }

  #checkNotStuck(hold: Hold, next: Hold, { kind, atMs }: Attack): void {
    const longestMs = longestBlockMs(this.#logs.rules) + SLACK_MS;
    if (next.enterMs - atMs <= longestMs) return;
    this.#violated(
      'stuck',
      `others waited, and ${nameOf(next)} entered only ${ms(next.enterMs - atMs)} after ${kind} of ${nameOf(hold)}; it may take ${ms(longestMs)}.`,
    );
  }

  #checkExit({ client, attack, exit, said }: ClientEntry): void {
    const expected = expectedExits(attack?.kind, this.#logs.rules.policy);
    if (expected.includes(exit)) return;
    this.#violated(
      'wrong-exit',
      `client ${client} ended with ${exit} after ${attack?.kind ?? 'nothing was done to it'}; expected: ${expected.join(' or ')}. It said: ${said}`,
    );
  }
}

/** How long after its last sign of life a lease that was renewed in time runs at least. */
function earliestMs(ttlMs: number): number {
  return ttlMs - ttlMs * RENEWED_WITHIN;
}

/** Whether one that entered later had said by then that it waits. */
export function somebodyWaited(holds: readonly Hold[], atMs: number): boolean {
  return holds.some(
    ({ entry, enterMs }) => (entry?.waitingMs ?? Number.POSITIVE_INFINITY) < atMs && enterMs > atMs,
  );
}

/** How long a dead holder may keep a waiter out. */
export function longestBlockMs({ policy, ttlMs }: LockRules): number {
  return policy === 'expired' ? ttlMs + GRACE_MS + LONGEST_POLL_MS : LONGEST_POLL_MS;
}

/**
 * Whether what was done to `hold` explains that it was at work when `next` had entered: docs/guarantees.md, "What a paused
 * process can still do". `undefined` when it does: then the resource must have refused what it wrote.
 */
function whyNotExcused(hold: Hold, next: Hold, { policy, ttlMs }: LockRules): string | undefined {
  const attack = hold.entry?.attack;
  if (!attack) return 'Nothing was done to it.';
  const { kind, atMs, resumedMs } = attack;
  switch (kind) {
    case 'kill-leasehold':
    case 'kill-command':
    case 'kill-guard':
    case 'kill-job':
    case 'kill-all':
      return `After ${kind} at ${atMs} nothing of it may be left at work by then.`;
    case 'stop-leasehold':
      return `After ${kind} at ${atMs} its guard must have ended it by then.`;
    case 'kill-keeper':
    case 'stop-all':
      break;
  }
  if (policy !== 'expired')
    return `After ${kind} at ${atMs} it was not finished, so it must not be stolen from.`;
  if (next.enterMs - atMs < earliestMs(ttlMs)) {
    return `It had its lease for ${ms(earliestMs(ttlMs))} more at least after ${kind} at ${atMs}.`;
  }
  // Nobody ends the work of a job; that of a run must end as soon as it is resumed.
  const wentOnMs = resumedMs === undefined || hold.entry?.form === 'job' ? 0 : hold.lastMs - resumedMs;
  return wentOnMs <= STOPPED_WITHIN_MS
    ? undefined
    : `It went on for ${ms(wentOnMs)} after SIGCONT; leasehold and its guard must end it at once.`;
}

/** docs/cli.md, exit codes. `0` of one that was killed: it had ended already. */
function expectedExits(kind: AttackKind | undefined, policy: LockRules['policy']): readonly string[] {
  switch (kind) {
    case undefined:
      return ['0'];
    case 'kill-leasehold':
    case 'kill-job':
    case 'kill-all':
      return ['SIGKILL', '0'];
    case 'kill-command':
      return ['137'];
    case 'kill-guard':
      return ['0', '126'];
    case 'kill-keeper':
      return policy === 'expired' ? ['0', '76'] : ['0'];
    case 'stop-leasehold':
    case 'stop-all':
      return ['0', '76'];
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function nameOf({ client, token }: Hold): string {
  return `client ${client} (token ${token})`;
}

function ms(value: number): string {
  return value < 1_000 ? `${value.toFixed(1)} ms` : `${(value / 1_000).toFixed(2)} s`;
}
