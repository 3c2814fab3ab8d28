// @ts-check
/**
 * Puts a process into a time of fast-time.mjs: Date, process.hrtime, setTimeout, setInterval and AbortSignal.timeout. What
 * Node does inside with clocks of its own stays in real time; nothing here relies on that.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ANNOUNCE_MS, aheadMs, realMs } from './fast-time.mjs';

const file = fileURLToPath(new URL(import.meta.url).searchParams.get('course') ?? '');
const { Date: RealDate, setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;

/** @type {{ atMs: number, course: import('./fast-time.mjs').Course }} */
let read = { atMs: realMs(), course: JSON.parse(readFileSync(file, 'utf8')) };

function course() {
  const nowMs = realMs();
  if (nowMs - read.atMs > ANNOUNCE_MS / 10) {
    try {
      read = { atMs: nowMs, course: JSON.parse(readFileSync(file, 'utf8')) };
    } catch {
      // It is just being written.
    }
  }
  return read.course;
}

const monotonicMs = () => realMs() + aheadMs(course(), realMs());
const wallMs = () => Math.floor(RealDate.now() + aheadMs(course(), realMs()));

globalThis.Date = new Proxy(RealDate, {
  construct: (Real, given, self) => Reflect.construct(Real, given.length === 0 ? [wallMs()] : given, self),
  apply: () => new Date().toString(),
  get: (Real, name) => (name === 'now' ? wallMs : Reflect.get(Real, name)),
});

process.hrtime.bigint = () => BigInt(Math.round(monotonicMs() * 1e6));

/** What setTimeout and setInterval return. */
class Timer {
  #dueMs = 0;
  #refed = true;
  /** @type {NodeJS.Timeout | undefined} */
  #real;
  /** @param {{ ms: number, repeats: boolean, ring: () => void }} options */
  constructor({ ms, repeats, ring }) {
    this.ms = Math.max(1, Number(ms) || 0);
    this.repeats = repeats;
    this.ring = ring;
    this.refresh();
  }
  refresh() {
    this.close();
    this.#dueMs = monotonicMs() + this.ms;
    this.#wait();
    return this;
  }
  close() {
    realClearTimeout(this.#real);
    this.#real = undefined;
    return this;
  }
  ref() {
    this.#refed = true;
    this.#real?.ref();
    return this;
  }
  unref() {
    this.#refed = false;
    this.#real?.unref();
    return this;
  }
  hasRef() {
    return this.#refed;
  }
  #wait() {
    const leftMs = this.#dueMs - monotonicMs();
    const { fromMs, untilMs, rate } = course();
    const fast = realMs() >= fromMs && realMs() < untilMs;
    this.#real = realSetTimeout(
      () => (this.#dueMs <= monotonicMs() ? this.#ring() : this.#wait()),
      Math.min(leftMs / (fast ? rate : 1), ANNOUNCE_MS / 2),
    );
    if (!this.#refed) this.#real.unref();
  }
  #ring() {
    this.#real = undefined;
    if (this.repeats) this.refresh();
    this.ring();
  }
}

/** @param {boolean} repeats */
const starter =
  (repeats) =>
  /** @type {(ring: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => Timer} */
  (ring, ms = 0, ...args) =>
    new Timer({ ms, repeats, ring: () => ring(...args) });
/** @param {unknown} timer */
const stop = (timer) =>
  timer instanceof Timer ? void timer.close() : realClearTimeout(/** @type {NodeJS.Timeout} */ (timer));
Object.assign(globalThis, { setTimeout: starter(false), setInterval: starter(true) });
Object.assign(globalThis, { clearTimeout: stop, clearInterval: stop });

AbortSignal.timeout = (ms) => {
  const over = new AbortController();
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  setTimeout(() => over.abort(reason), ms).unref();
  return over.signal;
};
