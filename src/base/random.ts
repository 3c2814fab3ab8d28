import { randomBytes } from 'node:crypto';

/** The only source of randomness, a parameter everywhere, so that a run can be replayed from a seed. */
export interface Random {
  /** `bytes` random bytes in hexadecimal. */
  hex(bytes: number): string;
  /** Uniform in [0, 1). */
  fraction(): number;
}

export const systemRandom: Random = {
  hex: (bytes) => randomBytes(bytes).toString('hex'),
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};

/** `value` spread uniformly over ±`share` of itself, so that clients that started together drift apart. */
export function jitter(random: Random, value: number, share: number): number {
  return value * (1 + share * (2 * random.fraction() - 1));
}
