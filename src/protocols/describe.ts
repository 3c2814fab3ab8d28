import { formatDuration } from '../base/duration.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import { shellQuote } from '../base/shell.ts';
import type { StalePolicy } from '../lease/policy.ts';
import type { Waiting } from './acquire.ts';
import type { LossCause } from './keep.ts';
import type { Held, Holding, Protocol, ProtocolName } from './protocol.ts';

/*
 * The words in which the locks of other programs are told to people. All that a record says is somebody else's text and goes
 * through the sanitiser here, so that nobody who prints these lines has to think of it.
 */

/** Which lock: `Lock "/var/run/agent.lock"`. */
export function describeLock(path: string): string {
  return `Lock ${quote(path)}`;
}

/** Who has it, as far as its record says: `"nightly" (process 4711 on host "ci-3")`, `process 4711`. */
export function describeHolder({ pid, host, ownerId }: Held): string {
  const on = host === undefined ? '' : `on host ${quote(host)}`;
  const where = [pid === undefined ? '' : `process ${pid}`, on].filter((part) => part !== '').join(' ');
  if (ownerId) return where === '' ? quote(ownerId) : `${quote(ownerId)} (${where})`;
  if (pid !== undefined) return where;
  return where === '' ? 'somebody whom its record does not name' : `somebody ${where}`;
}

/** Who has it, since when, and what is known of them, one fact a line. */
export function describeHeld(protocol: ProtocolName, held: Held): string[] {
  const { path, since, ttlMs, standing } = held;
  const ttl = ttlMs === undefined || ttlMs === 0 ? '' : `, for ${formatDuration(ttlMs)} without a renewal`;
  return [
    `${describeLock(path)} (${protocol}) is held by ${describeHolder(held)}.`,
    ...(since === undefined ? [] : [`  since   ${sanitise(since)}${ttl}`]),
    `  state   ${sanitise(standing.detail)}`,
  ];
}

/** `describeHeld`, and what will come of the wait. */
export function describeWaiting(protocol: Protocol, waiting: Waiting, stalePolicy: StalePolicy): string[] {
  return [
    ...describeHeld(protocol.name, waiting.held),
    `  policy  ${describePolicy(protocol, waiting, stalePolicy)}`,
  ];
}

/** What the stale policy makes of a lock that is held, and why. */
export function describePolicy(
  { abilities }: Protocol,
  { held, decision }: Pick<Waiting, 'held' | 'decision'>,
  stalePolicy: StalePolicy,
): string {
  if (decision.kind === 'spare')
    return `${stalePolicy}: it could be taken over, but ${sanitise(decision.why)}`;
  if (abilities.takeover === 'freed')
    return "whatever the policy, the system frees it when its holder's process ends";
  if (stalePolicy === 'never')
    return 'never: it is not taken over; only its holder or "leasehold break" frees it';
  if (abilities.takeover === 'by-age' && held.standing.expired === undefined)
    return `${stalePolicy}: its record says nothing of its holder, and no ttl is given by which its age could be judged; only its holder or "leasehold break" frees it`;
  switch (stalePolicy) {
    case 'expired':
      return "expired: it is taken over when the protocol's own rule calls it stale";
    case 'holder-finished':
      return 'holder-finished: it is taken over on proof that its process is gone';
    case 'expired-and-holder-finished':
      return 'expired-and-holder-finished: it is taken over on proof that its process is gone, not before its time is over where it has one';
  }
}

/** Why a stale lock could be taken over: `from process 4711 (its process 4711 is gone)`. */
export function describeTakenOver(took: Held): string {
  return `from ${describeHolder(took)} (${sanitise(took.standing.detail)})`;
}

/** Why a hold is lost, as the end of a sentence that begins with "The lock was lost: ". */
export function describeLossCause(cause: LossCause): string {
  switch (cause.kind) {
    case 'compromised': {
      const by = cause.by ? `; ${describeHolder(cause.by)} has it now` : '';
      return `${withoutPeriod(sanitise(cause.detail))}${by}`;
    }
    case 'unreachable':
      return withoutPeriod(sanitise(cause.detail));
    case 'max-hold':
      return `it was held for the maximum of ${formatDuration(cause.maxHoldMs)}`;
  }
}

function withoutPeriod(text: string): string {
  return text.replace(/\.$/, '');
}

/** What the protocol cannot promise, sentences to be said once before the lock is taken. */
export function describeLimits({ name, abilities }: Pick<Protocol, 'name' | 'abilities'>): string[] {
  return [
    `The protocol ${name} has no fencing token: what the lock protects cannot tell a late write of an earlier holder.`,
    ...abilities.limits,
  ];
}

/** What may be done by hand about a lock whose holder is dead. */
export function describeHelp(protocol: Protocol, { path, pid }: Held): string {
  if (!protocol.break) {
    const which = pid === undefined ? 'the process that holds it' : `process ${pid}`;
    return `It can't be broken by hand: it is free when ${which} ends.`;
  }
  return `To end it by hand, when its holder is dead: npx leasehold break --protocol ${protocol.name} --path ${sanitise(shellQuote(path))} --reason '…'`;
}

/** What becomes of a hold that could not be given back. */
export function describeLeftBehind({ abilities }: Protocol, { ttlMs }: Holding): string {
  if (abilities.takeover === 'freed') return "The system frees it with its holder's process.";
  if (ttlMs !== undefined && ttlMs > 0)
    return `It is not renewed any more: within ${formatDuration(ttlMs)} others may take it over.`;
  if (abilities.takeover === 'by-age') return 'It stays until it is removed by hand ("leasehold break").';
  return "Others may take it over when its holder's process has ended.";
}

/** A lock as JSON for programs: outputs, events, the `on-stale` command. Its texts are somebody else's, and not sanitised. */
export interface HeldDocument {
  readonly protocol: ProtocolName;
  readonly path: string;
  readonly pid?: number;
  readonly host?: string;
  readonly ownerId?: string;
  readonly since?: string;
  readonly ttlMs?: number;
  readonly standing: Held['standing'];
  /** The record as it was read, one character a byte; absent where there is none. */
  readonly record?: string;
}

export function heldDocument(protocol: ProtocolName, { identity, ...held }: Held): HeldDocument {
  const { bytes } = identity;
  return { protocol, ...held, ...(bytes === undefined ? {} : { record: bytes }) };
}

const HEARTBEAT_MS = 60_000;

/** Decides what a wait says when: everything once for each change, and a line each minute in between. */
export class WaitLog {
  readonly #protocol: Protocol;
  readonly #stalePolicy: StalePolicy;
  #said = '';
  #saidMs = 0;

  constructor(protocol: Protocol, stalePolicy: StalePolicy) {
    this.#protocol = protocol;
    this.#stalePolicy = stalePolicy;
  }

  /**
   * The lines to print for this look at the lock, often none.
   * @param nowMs the monotonic clock
   */
  lines(waiting: Waiting, nowMs: number): string[] {
    const { held, waitedMs } = waiting;
    const state = stateOf(waiting);
    if (state !== this.#said) {
      this.#said = state;
      this.#saidMs = nowMs;
      return describeWaiting(this.#protocol, waiting, this.#stalePolicy);
    }
    if (nowMs - this.#saidMs < HEARTBEAT_MS) return [];
    this.#saidMs = nowMs;
    return [
      `Still waiting for lock ${quote(held.path)} after ${formatDuration(waitedMs)}: held by ${describeHolder(held)}, ${describePolicy(this.#protocol, waiting, this.#stalePolicy)}.`,
    ];
  }
}

/** What a new holder, and no renewal of the same one, changes. */
function stateOf({ held, decision }: Waiting): string {
  const { pid, host, ownerId, identity, standing } = held;
  const named = pid !== undefined || ownerId !== undefined;
  const who = named ? [pid, host, ownerId] : [identity.dev, identity.ino, identity.version];
  const why = decision.kind === 'spare' ? decision.why : '';
  return JSON.stringify([...who, standing.holder, standing.expired, standing.takeable, why]);
}
