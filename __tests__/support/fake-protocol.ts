import {
  type Abilities,
  type Attempt,
  type Check,
  type Held,
  type Hold,
  type Holding,
  type Protocol,
  ProtocolError,
  type Request,
  type Standing,
} from '../../src/protocols/protocol.ts';

/** A lock that somebody has, in good standing but for what is given. */
export function heldBy(standing: Partial<Standing> = {}, pid = 4711): Held {
  return {
    path: '/srv/x.lock',
    pid,
    standing: { holder: 'alive', takeable: false, detail: 'its process runs', ...standing },
    identity: { dev: '1', ino: String(pid), bytes: `${pid}\n` },
  };
}

export const STALE: Partial<Standing> = { holder: 'finished', takeable: true, detail: 'its process is gone' };

/** What the next call comes to: who has the lock, nobody, or what goes wrong. */
export type Next = Held | 'free' | ProtocolError;

/** A protocol whose every try comes to what the test says; the last of it for ever. */
export class FakeProtocol implements Protocol {
  readonly name = 'pid';
  readonly abilities: Abilities = { ttl: 'any', owner: 'pid', takeover: 'yes', limits: [] };
  readonly retry = { everyMs: 100, jitterMs: 20 };
  readonly requests: Request[] = [];
  readonly hold: FakeHold;
  readonly #next: Next[];

  constructor(next: readonly Next[], hold = new FakeHold()) {
    this.#next = [...next];
    this.hold = hold;
  }

  async tryAcquire(request: Request): Promise<Attempt> {
    this.requests.push(request);
    const next = this.#next.length > 1 ? this.#next.shift() : this.#next[0];
    if (next === undefined || next === 'free') return { kind: 'acquired', hold: this.hold };
    if (next instanceof ProtocolError) throw next;
    return (await request.mayTake(next))
      ? { kind: 'acquired', hold: this.hold, took: next }
      : { kind: 'held', by: next };
  }

  async inspect(): Promise<Held | undefined> {
    return undefined;
  }

  resume(): Hold {
    return this.hold;
  }
}

type Answer = Check | ProtocolError | 'hangs';

/** A hold that answers what the test says, and writes down when it was asked what. */
export class FakeHold implements Hold {
  readonly holding: Holding;
  readonly renew?: (signal?: AbortSignal) => Promise<Check>;
  readonly calls: { readonly what: 'check' | 'renew' | 'release'; readonly atMs: number }[] = [];
  /** What it answers from now on. */
  answer: Answer = { kind: 'ours' };
  nowMs: () => number = () => 0;

  constructor(ttlMs?: number) {
    const identity = { dev: '1', ino: '2', bytes: '1\n' };
    this.holding = {
      protocol: 'pid',
      path: '/srv/x.lock',
      pid: 1,
      identity,
      ...(ttlMs === undefined ? {} : { ttlMs }),
    };
    if (ttlMs !== undefined) this.renew = (signal) => this.#answer('renew', signal);
  }

  check(signal?: AbortSignal): Promise<Check> {
    return this.#answer('check', signal);
  }

  release(signal?: AbortSignal): Promise<Check> {
    return this.#answer('release', signal);
  }

  async #answer(what: 'check' | 'renew' | 'release', signal: AbortSignal | undefined): Promise<Check> {
    this.calls.push({ what, atMs: this.nowMs() });
    const { answer } = this;
    if (answer instanceof ProtocolError) throw answer;
    if (answer !== 'hangs') return answer;
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    throw new ProtocolError('io', `no answer: ${String(signal?.reason)}`);
  }
}
