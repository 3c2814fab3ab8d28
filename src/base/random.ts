import { randomBytes } from 'node:crypto';

/** The only source of randomness, a parameter everywhere, so that a run can be replayed from a seed. */
export interface Random {
  /** `bytes` random bytes in hexadecimal. */
  hex(bytes: number): string;
  /** Uniform in [0, 1). */
  fraction(): number;
}

// Asking the system for 16 bytes takes as long as for 4,096.
const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);
let used = 0;

export const systemRandom: Random = {
  hex: (bytes) => {
    if (pool.length - used < bytes) {
      pool = randomBytes(Math.max(POOL_BYTES, bytes));
      used = 0;
    }
    used += bytes;
    return pool.toString('hex', used - bytes, used);
  },
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};

/** `value` spread uniformly over ±`share` of itself, so that clients that started together drift apart. */
export function jitter(random: Random, value: number, share: number): number {
  return value * (1 + share * (2 * random.fraction() - 1));
}
