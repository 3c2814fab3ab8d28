// Uncontended acquire + release on a local disk, against the bare file system calls it is made of, and against a peer.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT, race, row } from './support.mjs';

const properLockfile = createRequire(import.meta.url)('proper-lockfile');

/** So many that the cleaning up of old records, which is done now and then, is in it. */
const CYCLES = 40;
/** So many that both sides are compiled, the store is trusted, and old records are being cleaned up. */
const WARM_UP = { always: 80, never: 1_000 };

/** `folder`: on which disk. By default on the repository's: /tmp is memory on many machines. */
export async function benchLocal(importSource, { quick, folder = join(ROOT, 'node_modules', '.cache') }) {
  const { filesystemOf } = await importSource('store/local-io.js');
  const root = mkdtempSync(join(folder, 'bench-'));
  try {
    const durable = await contest(importSource, { root, fsync: 'always', rounds: quick ? 5 : 25 });
    const volatile = await contest(importSource, { root, fsync: 'never', rounds: quick ? 25 : 100 });
    const us = (ms) => `${Math.round(ms * 1_000)} µs`;
    const { name } = await filesystemOf(root);
    return [
      row('acquire + release, fsync, against its bare calls', durable.leasehold / durable.bare, {
        bound: 2,
        note: `${us(durable.leasehold)} : ${us(durable.bare)} (${durable.calls} calls; ${name})`,
      }),
      row('acquire + release, no fsync, against its bare calls', volatile.leasehold / volatile.bare, {
        note: `${us(volatile.leasehold)} : ${us(volatile.bare)} (${volatile.calls} calls)`,
      }),
      row('acquire + release, no fsync, against proper-lockfile', volatile.leasehold / volatile.peer, {
        bound: 1,
        note: `${us(volatile.leasehold)} : ${us(volatile.peer)}, with its defaults`,
      }),
      row('… told not to resolve the path of what it locks', volatile.leasehold / volatile.barePeer, {
        bound: 1,
        note: `${us(volatile.leasehold)} : ${us(volatile.barePeer)}: mkdir, stat, rmdir, and no record of who holds`,
      }),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function contest(importSource, { root, fsync, rounds }) {
  const { blockingDisk } = await importSource('store/local-io.js');
  const folder = join(root, fsync);
  const leasehold = await cycle(importSource, join(folder, 'leasehold'), fsync);
  const file = join(folder, 'peer');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, '');
  const peer = async () => (await properLockfile.lock(file))();
  const barePeer = async () => (await properLockfile.lock(file, { realpath: false }))();
  await times(WARM_UP[fsync], leasehold);
  await times(WARM_UP[fsync], peer);
  const { calls, before, from } = await record(importSource, blockingDisk, join(folder, 'recorded'), fsync);
  const bare = replay(blockingDisk, calls, { before, from, to: join(folder, 'bare'), rounds });
  const contestants = {
    leasehold: () => times(CYCLES, leasehold),
    bare,
    peer: () => times(CYCLES, peer),
    barePeer: () => times(CYCLES, barePeer),
  };
  const measured = await race(contestants, { rounds, batch: 1 });
  const each = Object.fromEntries(Object.entries(measured).map(([name, ms]) => [name, ms / CYCLES]));
  return { ...each, calls: Math.round(calls.length / CYCLES) };
}

async function times(count, work) {
  for (let one = 0; one < count; one += 1) await work();
}

/** The calls of `CYCLES` cycles in the steady state, and the files that were there before them. */
async function record(importSource, disk, from, fsync) {
  const calls = [];
  const recorded = await cycle(importSource, from, fsync, recording(disk, calls));
  await times(60, recorded);
  const before = snapshot(disk, from);
  calls.length = 0;
  await times(CYCLES, recorded);
  return { calls, before, from };
}

async function cycle(importSource, root, fsync, disk) {
  const { LocalStore } = await importSource('store/local.js');
  const { acquire } = await importSource('lease/acquire.js');
  const { buildTiming } = await importSource('lease/policy.js');
  const { systemClock: clock } = await importSource('base/clock.js');
  const { systemRandom: random } = await importSource('base/random.js');
  const store = await LocalStore.open(`file://${root}?fsync=${fsync}`, disk ? { disk } : {});
  const timing = buildTiming({ ttlMs: 90_000 });
  const lock = { name: 'bench', store, clock, random, callTimeoutMs: timing.callTimeoutMs };
  return async () => {
    const holder = { ownerId: 'bench', leaseId: random.hex(16) };
    const outcome = await acquire(lock, {
      holder,
      timing,
      stalePolicy: 'expired',
      evidence: [],
      waitTimeoutMs: 0,
    });
    if (outcome.kind !== 'acquired') throw new Error(`the lock is ${outcome.kind}`);
    const end = await outcome.lease.release(clock.monotonicMs() + 10_000);
    if (end.kind !== 'released') throw new Error(`the lease is ${end.kind}`);
  };
}

/** `disk`, with every call noted. */
function recording(disk, calls) {
  const noted = ([name, call]) => [
    name,
    (...args) => {
      calls.push({ name, args });
      return call(...args);
    },
  ];
  return Object.fromEntries(Object.entries(disk).map(noted));
}

/** All files of the lock's directory with their contents. */
function snapshot(disk, root) {
  return disk.entries(root).flatMap((entry) => {
    const path = join(root, entry.name);
    return entry.isDirectory() ? snapshot(disk, path) : [{ path, text: disk.read(path, 100_000).toString() }];
  });
}

/**
 * The same calls in the same order on files of its own, with nothing in between: what the disk takes for them. Records
 * are numbered on from round to round, as they are in the original. All is made ready before the first round.
 */
function replay(disk, calls, { before, from, to, rounds }) {
  const links = calls.filter(({ name }) => name === 'link').length;
  const there = (path, round) =>
    path.replace(from, to).replace(/\/v\.(\d+)$/, (_, number) => `/v.${Number(number) + round * links}`);
  for (const { path, text } of before) {
    disk.mkdir(dirname(there(path, 0)), 0o700);
    const file = disk.create(there(path, 0));
    disk.write(file, text);
    disk.close(file);
  }
  const open = [];
  const run = {
    create: (path) => open.push(disk.create(path)),
    open: (path) => open.push(disk.open(path)),
    write: (_file, text) => disk.write(open.at(-1), text),
    sync: () => disk.sync(open.at(-1)),
    close: () => disk.close(open.pop()),
  };
  const moved = (round) => (arg) => (String(arg).startsWith(from) ? there(arg, round) : arg);
  const plans = Array.from({ length: rounds }, (_, round) =>
    calls.map(({ name, args }) => ({ call: run[name] ?? disk[name], args: args.map(moved(round)) })),
  );
  return async () => {
    for (const { call, args } of plans.shift()) {
      const answer = call(...args);
      if (answer instanceof Promise) await answer;
    }
  };
}
