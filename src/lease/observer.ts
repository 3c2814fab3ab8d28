import { firstToken, type LockContext, look, type Seen } from './context.ts';
import { type Decision, decide, type Observation, observe } from './decide.ts';
import { type Evidence, type Verdict, weigh } from './evidence.ts';
import { recordKey } from './name.ts';
import type { StalePolicy } from './policy.ts';
import type { Holder } from './record.ts';
import type { Veto } from './veto.ts';

/** By what a client judges a lock that it wants, or that is in its way. */
export interface Judgement {
  readonly stalePolicy: StalePolicy;
  readonly evidence: readonly Evidence[];
  /** The `on-stale` command, which may forbid a steal. */
  readonly veto?: Veto;
  /** Who asks, if it would share the lease of its own run. */
  readonly sharing?: Holder;
  readonly signal?: AbortSignal;
}

/** How long a "no" of the veto command stands before it is asked again about the same version. */
const VETO_STANDS_MS = 60_000;

/** What a client sees of one lock over several looks, and makes of it. It writes nothing. */
export class Observer {
  readonly lock: LockContext;
  readonly #judgement: Judgement;
  #seen: Seen | undefined;
  #observation: Observation | undefined;
  /** How often this version was looked at. */
  #looks = 0;
  #verdict: Verdict | undefined;
  #vetoed: { readonly detail: string; readonly untilMs: number } | undefined;
  #wake: (() => void) | undefined;
  #watch: AbortController | undefined;

  constructor(lock: LockContext, judgement: Judgement) {
    this.lock = lock;
    this.#judgement = judgement;
  }

  /**
   * The record as it is now, kept with since when it has been so.
   * @throws StoreError
   */
  async look(): Promise<Seen> {
    const seen = await look(this.lock, {
      previous: this.#seen,
      age: this.#seen !== undefined,
      signal: this.#judgement.signal,
    });
    this.saw(seen);
    return seen;
  }

  /** The record as something else than a look has shown it. */
  saw(seen: Seen): void {
    const same = this.#seen?.version === seen.version;
    if (!same) {
      this.#looks = 0;
      this.#verdict = undefined;
      this.#vetoed = undefined;
    }
    this.#looks += 1;
    this.#observation = observe(same ? this.#observation : undefined, {
      seenMs: this.#nowMs,
      ...(seen.ageMs === undefined ? {} : { ageMs: seen.ageMs }),
    });
    this.#seen = seen;
  }

  /** What has been found out about the version that was seen last. */
  get findings(): { observation: Observation; verdict?: Verdict; vetoed?: string } {
    return {
      observation: this.#seenBefore(),
      ...(this.#verdict ? { verdict: this.#verdict } : {}),
      ...(this.#vetoed ? { vetoed: this.#vetoed.detail } : {}),
    };
  }

  /** A first look does not ask for the age, which costs extra on some stores; where it matters, look again at once. */
  get mayLearnAge(): boolean {
    return this.#observation?.ageMs === undefined && this.#looks === 1;
  }

  /** What may be done about the record that was seen last. Asks the evidence where its answer matters. */
  async decide(seen: Seen): Promise<Decision> {
    const { stalePolicy, sharing, evidence, signal } = this.#judgement;
    const observation = this.#seenBefore();
    const request = {
      stalePolicy,
      remoteClock: this.lock.store.remoteClock ?? false,
      firstToken: firstToken(this.lock, seen),
      ...(sharing ? { sharing } : {}),
    };
    const decision = decide(seen.record, observation, this.#nowMs, request);
    if (decision.kind !== 'ask' || !seen.record) return decision;
    this.#verdict = await weigh(evidence, seen.record, signal);
    return decide(seen.record, observation, this.#nowMs, { ...request, verdict: this.#verdict });
  }

  /** Asks the veto command, once for each version and minute. */
  async allows({ record }: Seen): Promise<boolean> {
    const { veto, signal } = this.#judgement;
    if (!veto || !record) return true;
    if (this.#vetoed && this.#nowMs < this.#vetoed.untilMs) return false;
    const answer = await veto(record, signal);
    this.#vetoed = answer.allowed
      ? undefined
      : { detail: answer.detail, untilMs: this.#nowMs + VETO_STANDS_MS };
    return answer.allowed;
  }

  /** Sleeps until the next look, less if the store says that the record may have changed. */
  async sleep(ms: number, stop?: AbortSignal): Promise<void> {
    const { signal } = this.#judgement;
    const awake = new AbortController();
    this.#wake = () => awake.abort();
    if (!this.#watch && this.lock.store.watch) {
      this.#watch = new AbortController();
      this.lock.store.watch(recordKey(this.lock.name), () => this.#wake?.(), this.#watch.signal);
    }
    const signals = [awake.signal, signal, stop].filter((one) => one !== undefined);
    await this.lock.clock.sleep(ms, signals.length === 1 ? awake.signal : AbortSignal.any(signals));
    this.#wake = undefined;
  }

  /** It is not looked at any more. */
  close(): void {
    this.#watch?.abort();
  }

  get #nowMs(): number {
    return this.lock.clock.monotonicMs();
  }

  #seenBefore(): Observation {
    if (!this.#observation) throw new Error('a record is looked at before it is judged');
    return this.#observation;
  }
}
