import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export const ROOT = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** The sources as JavaScript, compiled afresh. @returns a function that imports one of them */
export function compileSources() {
  const lib = join(ROOT, 'node_modules', '.cache', 'leasehold-bench');
  const manifest = require.resolve('typescript/package.json');
  const tsc = join(dirname(manifest), require(manifest).bin.tsc);
  const { status } = spawnSync(process.execPath, [tsc, '-p', ROOT, '--outDir', lib], { stdio: 'inherit' });
  if (status !== 0) throw new Error('tsc found errors.');
  return (file) => import(pathToFileURL(join(lib, file)).href);
}

/** One line of the table. `bound`: what the ratio or number may be at most. */
export function row(what, measured, { bound, unit = '×', note = '' } = {}) {
  const number = `${measured >= 100 ? Math.round(measured) : measured.toFixed(2)}${unit}`;
  const verdict =
    bound === undefined ? '' : measured <= bound ? `≤ ${bound}${unit}  ok` : `≤ ${bound}${unit}  OVER`;
  return { what, number, verdict, note };
}

export function print(title, rows) {
  console.log(`\n${title}`);
  for (const { what, number, verdict, note } of rows) {
    console.log(`  ${what.padEnd(62)} ${number.padStart(10)}  ${verdict.padEnd(14)} ${note}`.trimEnd());
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Median milliseconds of one call, of alternating batches so that all see the same machine. */
export async function race(contestants, { rounds, batch }) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const startedMs = performance.now();
      for (let call = 0; call < batch; call += 1) await run();
      times[name].push((performance.now() - startedMs) / batch);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}
