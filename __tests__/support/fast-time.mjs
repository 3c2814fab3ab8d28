// @ts-check
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * When time runs faster than it is, on the real monotonic clock, and how much: it stands in a file, which all processes of
 * that time read.
 * @typedef {{ fromMs: number, untilMs: number, rate: number }} Course
 */

/** Nobody may have seen a later time already, nor sleep for longer. */
export const ANNOUNCE_MS = 100;

/**
 * How far that time is ahead of the real one.
 * @param {Course} course
 * @param {number} realMs the real monotonic clock
 */
export function aheadMs({ fromMs, untilMs, rate }, realMs) {
  return Math.max(0, Math.min(realMs, untilMs) - fromMs) * (rate - 1);
}

const hrtime = process.hrtime.bigint;
export const realMs = () => Number(hrtime()) / 1e6;
const { now: realNow } = Date;

/**
 * A time that can run faster than the real one, for all processes that are started with `preload`: their wall clock, their
 * monotonic clock and their timers. As with the real clocks of a machine, all of them have the same.
 */
export class FastTime {
  #file;
  /** @type {Course} */
  #course = { fromMs: Number.MAX_SAFE_INTEGER, untilMs: Number.MAX_SAFE_INTEGER, rate: 1 };

  /** @param {string} folder where it is kept */
  constructor(folder) {
    this.#file = join(folder, 'time.json');
    this.#write();
  }

  /** A module for Node's `--import`. */
  get preload() {
    const url = new URL('./fast-time-preload.mjs', import.meta.url);
    url.searchParams.set('course', pathToFileURL(this.#file).href);
    return url.href;
  }

  /** The wall clock, in milliseconds since the epoch. */
  get nowMs() {
    return realNow() + aheadMs(this.#course, realMs());
  }

  /** @param {number} rate from now on, but for the moment in which everybody learns of it */
  run(rate) {
    this.#course = { fromMs: realMs() + ANNOUNCE_MS, untilMs: Number.MAX_SAFE_INTEGER, rate };
    this.#write();
  }

  /** On at the speed of the real time, without a jump. */
  slowDown() {
    this.#course = { ...this.#course, untilMs: realMs() + ANNOUNCE_MS };
    this.#write();
  }

  #write() {
    writeFileSync(this.#file, JSON.stringify(this.#course));
  }
}
