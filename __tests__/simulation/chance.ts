import type { Random } from '../../src/base/random.ts';

/**
 * 32 bits that depend on the three numbers alone (the finaliser of MurmurHash3 after each). What is drawn at one place of a
 * history thereby does not shift what is drawn at any other, and one fault can be left out while all others stay.
 */
export function hash(one: number, two: number, three: number): number {
  return finalise(
    finalise(finalise(one ^ 0x9e3779b9) ^ Math.imul(two, 0x85ebca6b)) ^ Math.imul(three, 0xc2b2ae35),
  );
}

function finalise(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A hash as a number in [0, 1). */
export function unit(bits: number): number {
  return bits / 2 ** 32;
}

/** A name as a number, for `hash`. */
export function numberOf(name: string): number {
  let sum = 0;
  for (let at = 0; at < name.length; at += 1) sum = (Math.imul(sum, 31) + name.charCodeAt(at)) >>> 0;
  return sum;
}

/** What a process draws itself: jitter from its own seed, and nonces that say whose they are. */
export class ProcessRandom implements Random {
  readonly #prefix: string;
  readonly #seed: number;
  #fractions = 0;
  #count = 0;

  /** @param name a letter and a number, such as `a1`: no two processes of a history have the same */
  constructor(seed: number, name: string) {
    this.#seed = hash(seed, numberOf(name), 0x7a6d);
    this.#prefix = `${name.slice(0, 1).codePointAt(0)?.toString(16) ?? ''}${name.slice(1).padStart(4, '0')}`;
  }

  fraction(): number {
    this.#fractions += 1;
    return unit(hash(this.#seed, this.#fractions, 1));
  }

  hex(bytes: number): string {
    this.#count += 1;
    return this.#prefix + this.#count.toString(16).padStart(2 * bytes - this.#prefix.length, '0');
  }
}
