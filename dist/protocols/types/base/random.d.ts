/** The only source of randomness, a parameter everywhere, so that a run can be replayed from a seed. */
export interface Random {
    /** `bytes` random bytes in hexadecimal. */
    hex(bytes: number): string;
    /** Uniform in [0, 1). */
    fraction(): number;
}
export declare const systemRandom: Random;
/** `value` spread uniformly over ±`share` of itself, so that clients that started together drift apart. */
export declare function jitter(random: Random, value: number, share: number): number;
