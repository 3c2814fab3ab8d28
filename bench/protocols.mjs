// Uncontended acquire + release of other programs' locks, against the original program doing the same on the same disk.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildOriginal } from '../__tests__/interop/levels/original.mjs';
import { median, ROOT, row } from './support.mjs';

const LEVELS = {
  protocol: 'levels',
  bound: 1.2,
  needs: 'go',
  path: (folder) => folder,
  build: (folder) => {
    const program = buildOriginal(folder);
    return (path, cycles) => [program, 'bench', path, String(cycles)];
  },
};

/** Asterisk itself is not built here: the Go variant of its lock stands for it, and a restatement in C, which is faster. */
const ASTERISK = { protocol: 'asterisk-lockfile', bound: 2, cycles: 200, path: (folder) => folder };

/**
 * One entry a protocol. `against`: what its original is called. `bound`: how many times the original's time ours may take. `path`: what is locked, in a folder of its
 * own. `build(folder)`: builds the original's program and gives its command line; for each line on standard input it takes and
 * gives back the lock `path` `cycles` times, and prints how many nanoseconds that took. `first`: each cycle of ours is the first
 * of a protocol that was just opened, and `bound` is not asked of it.
 */
const CONTESTS = [
  {
    protocol: 'pid',
    bound: 2,
    needs: 'go',
    cycles: 200,
    path: (folder) => join(folder, 'bench.lock'),
    build: (folder) => {
      const program = buildGo(folder, {
        source: join(ROOT, '__tests__/interop/pid/driver.go'),
        module: 'github.com/nightlyone/lockfile@v1.0.0',
      });
      return (path, cycles) => [program, 'bench', path, String(cycles)];
    },
  },
  // The original asks ps what it says of the holder in each cycle, and that is nearly all of its time. Ours asks once.
  { ...LEVELS, cycles: 20 },
  { ...LEVELS, cycles: 1, first: true, bound: undefined },
  {
    ...ASTERISK,
    against: 'one in Go',
    needs: 'go',
    build: (folder) => {
      const program = buildGo(folder, { source: join(ROOT, 'bench/blog-lockfile.go') });
      return (path, cycles) => [program, 'bench', path, String(cycles)];
    },
  },
  {
    ...ASTERISK,
    against: 'one in C',
    bound: undefined,
    needs: 'cc',
    build: (folder) => {
      const program = buildC(folder, join(ROOT, '__tests__/interop/asterisk/driver.c'));
      return (path, cycles) => [program, 'lockfile', path, String(cycles)];
    },
  },
];

/** `folder`: on which disk. By default on the repository's: /tmp is memory on many machines. */
export async function benchProtocols(
  importSource,
  { quick, folder = join(ROOT, 'node_modules', '.cache'), only },
) {
  const rows = [];
  for (const contest of CONTESTS.filter(({ protocol }) => (only ?? protocol) === protocol))
    rows.push(await run(importSource, contest, { quick, folder }));
  return rows;
}

async function run(importSource, contest, { quick, folder }) {
  const { protocol, against = 'the original', bound, needs, cycles, first = false, path, build } = contest;
  const what = `${protocol}: ${first ? 'the first ' : ''}acquire + release, against ${against}`;
  if (spawnSync(needs, [needs === 'go' ? 'version' : '--version']).status !== 0)
    return { what, number: '–', verdict: 'skipped', note: `there is no "${needs}" here` };
  mkdirSync(folder, { recursive: true });
  const [built, root] = [
    mkdtempSync(join(tmpdir(), 'leasehold-bench-')),
    mkdtempSync(join(folder, 'bench-')),
  ];
  const places = ['ours', 'theirs'].map((side) => join(root, side));
  for (const place of places) mkdirSync(place);
  const [ours, theirs] = places.map(path);
  const original = startOriginal(build(built)(theirs, cycles));
  try {
    const cycle = await cycleOf(importSource, { name: protocol, path: ours, first });
    const { oursUs, theirsUs } = await alternate(
      {
        ours: () => timed(cycles, cycle),
        theirs: () => original.batch(),
      },
      { rounds: quick ? 9 : 40, cycles },
    );
    const note = `${Math.round(oursUs)} µs : ${Math.round(theirsUs)} µs`;
    return row(what, oursUs / theirsUs, { bound, note });
  } finally {
    original.stop();
    rmSync(built, { recursive: true, force: true });
    rmSync(root, { recursive: true, force: true });
  }
}

/** Medians, in microseconds a cycle. The first rounds warm both sides up. */
async function alternate({ ours, theirs }, { rounds, cycles }) {
  const [oursNs, theirsNs] = [[], []];
  for (let round = -5; round < rounds; round += 1) {
    const pair = [await ours(), await theirs()];
    if (round < 0) continue;
    oursNs.push(pair[0]);
    theirsNs.push(pair[1]);
  }
  return { oursUs: median(oursNs) / cycles / 1_000, theirsUs: median(theirsNs) / cycles / 1_000 };
}

async function timed(cycles, cycle) {
  const started = process.hrtime.bigint();
  for (let one = 0; one < cycles; one += 1) await cycle();
  return Number(process.hrtime.bigint() - started);
}

async function cycleOf(importSource, { name, path, first }) {
  const { openProtocol } = await importSource('protocols/open.js');
  const { systemClock: clock } = await importSource('base/clock.js');
  const { systemRandom: random } = await importSource('base/random.js');
  const open = () => openProtocol(name, { clock, random, platform: process.platform });
  const opened = await open();
  const request = { path, pid: process.pid, mayTake: async () => false };
  return async () => {
    const protocol = first ? await open() : opened;
    const attempt = await protocol.tryAcquire(request);
    if (attempt.kind !== 'acquired') throw new Error(`${name}: the lock is ${attempt.kind}`);
    const released = await attempt.hold.release();
    if (released.kind !== 'ours') throw new Error(`${name}: the lock is ${released.kind}`);
  };
}

function startOriginal([program, ...args]) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(Number(line)));
  child.stdin.on('error', () => {});
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting) reject(new Error(`${program} ended (${signal ?? code})`));
  });
  return {
    batch: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write('\n');
      }),
    stop: () => child.kill(),
  };
}

/** A program of one Go source of ours, around a module where one is named, which is fetched for it. @returns the program's path */
function buildGo(folder, { source, module }) {
  copyFileSync(source, join(folder, 'main.go'));
  for (const args of [
    ['mod', 'init', 'driver'],
    ...(module === undefined ? [] : [['get', module]]),
    ['build', '-o', 'driver', '.'],
  ]) {
    const { status, stderr } = spawnSync('go', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`go ${args.join(' ')} failed: ${stderr}`);
  }
  return join(folder, 'driver');
}

/** A program of one C source of ours. @returns the program's path */
function buildC(folder, source) {
  const program = join(folder, 'driver');
  const { status, stderr } = spawnSync('cc', ['-std=c11', '-O2', '-o', program, source], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cc ${source} failed: ${stderr}`);
  return program;
}
