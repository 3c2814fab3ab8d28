// @ts-check
/** The body of every fixture action: the input named after the phase is the JavaScript that the phase runs. */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

/** What the snippets have at hand. */
const toolkit = {
  output: write('GITHUB_OUTPUT'),
  state: write('GITHUB_STATE'),
  env: write('GITHUB_ENV'),
  append(/** @type {string} */ variable, /** @type {string} */ text) {
    appendFileSync(process.env[variable] ?? '', text);
  },
  /** Another process that sleeps, and outlives this one if `detached`; its pid is printed and returned. */
  sleeper(
    /** @type {import('node:child_process').SpawnOptions} */ options,
    /** @type {number} */ ms = 60_000,
  ) {
    const child = spawn(process.execPath, ['-e', `setTimeout(() => {}, ${ms})`], options);
    child.unref();
    process.stdout.write(`sleeper ${child.pid}\n`);
    return String(child.pid);
  },
  /** Never resolves, and keeps the process alive. */
  forever: () => new Promise(() => setInterval(() => {}, 60_000)),
};

/** @param {string} variable */
function write(variable) {
  return (/** @type {string} */ name, /** @type {string} */ value) =>
    appendFileSync(process.env[variable] ?? '', `${name}<<EOF-of-value\n${value}\nEOF-of-value\n`);
}

/** @param {'pre' | 'main' | 'post'} phase */
export async function play(phase) {
  await new AsyncFunction('t', process.env[`INPUT_${phase.toUpperCase()}`] ?? '')(toolkit);
}
