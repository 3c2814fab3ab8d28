import type { FakeRandom } from '../support/fake-random.ts';
import { ABSENT, type Operation, type ReadOutcome, type Write } from './history.ts';

interface Plan {
  readonly client: string;
  readonly callNs: number;
  readonly returnNs: number;
  /** When it takes effect. */
  readonly momentNs: number;
}

/** A small history of a register that does what it should. Its times are few, so that many of them are the same. */
export function randomHistory(random: FakeRandom, operations: number): Operation[] {
  const plans = Array.from({ length: operations }, (_, index): Plan => {
    const callNs = random.below(2 * operations);
    const returnNs = callNs + random.below(8);
    return { client: `c${index}`, callNs, returnNs, momentNs: random.between(callNs, returnNs) };
  });
  plans.sort((a, b) => a.momentNs - b.momentNs);
  const register = new Register(random);
  return plans.map((plan) => register.carryOut(plan));
}

class Register {
  readonly #random: FakeRandom;
  #version = ABSENT;
  #value: string | undefined;
  /** The versions that somebody was told of: nobody can expect another. */
  readonly #told: [string, ...string[]] = [ABSENT];

  constructor(random: FakeRandom) {
    this.#random = random;
  }

  carryOut({ client, callNs, returnNs }: Plan): Operation {
    const call = { client, callNs, returnNs };
    if (this.#random.chance(0.4)) return { ...call, kind: 'read', outcome: this.#read() };
    const isLast = this.#random.chance(0.7);
    const expected = (isLast ? this.#told.at(-1) : undefined) ?? this.#random.pick(this.#told);
    const write = { ...call, kind: 'write', expected, value: `by ${client}` } as const;
    const isLost = this.#random.chance(0.2);
    const applies = expected === this.#version && !(isLost && this.#random.chance(0.5));
    if (applies) {
      this.#version = `version ${client}`;
      this.#value = write.value;
    }
    if (isLost) return { ...write, returnNs: Number.POSITIVE_INFINITY, outcome: { kind: 'unknown' } };
    if (!applies) return { ...write, outcome: { kind: 'conflict' } };
    this.#told.push(this.#version);
    return { ...write, outcome: { kind: 'written', version: this.#version } };
  }

  #read(): ReadOutcome {
    if (this.#value === undefined) return { kind: 'absent' };
    this.#told.push(this.#version);
    return { kind: 'found', version: this.#version, value: this.#value };
  }
}

/** `history` with one thing changed. It may be linearizable all the same. */
export function damaged(random: FakeRandom, history: readonly Operation[]): Operation[] {
  const victim = random.below(history.length);
  return history.map((operation, index) => {
    if (index !== victim) return operation;
    return random.chance(0.3) ? moved(random, operation) : answeredOtherwise(random, operation, history);
  });
}

function moved(random: FakeRandom, operation: Operation): Operation {
  const callNs = random.below(30);
  const lastsNs = operation.returnNs - operation.callNs;
  return { ...operation, callNs, returnNs: callNs + lastsNs };
}

function answeredOtherwise(
  random: FakeRandom,
  operation: Operation,
  history: readonly Operation[],
): Operation {
  const { callNs } = operation;
  const returnNs = Number.isFinite(operation.returnNs) ? operation.returnNs : callNs + random.below(8);
  if (operation.kind === 'read') {
    const written = history.filter(
      (other): other is Write => other.kind === 'write' && other.outcome.kind === 'written',
    );
    const other = written[random.below(written.length)];
    if (other?.outcome.kind !== 'written') return { ...operation, outcome: { kind: 'absent' } };
    const { version } = other.outcome;
    return { ...operation, outcome: { kind: 'found', version, value: other.value } };
  }
  const write = { ...operation, returnNs };
  switch (random.pick(['written', 'conflict', 'refused', 'unknown'] as const)) {
    case 'written':
      return { ...write, outcome: { kind: 'written', version: `version ${operation.client}` } };
    case 'conflict':
      return { ...write, outcome: { kind: 'conflict' } };
    case 'refused':
      return { ...write, outcome: { kind: 'refused' } };
    case 'unknown':
      return { ...write, returnNs: Number.POSITIVE_INFINITY, outcome: { kind: 'unknown' } };
  }
}
