// Uncontended acquire + release on a local disk, against the bare file system calls it is made of, and against a peer.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT, race, row } from './support.mjs';

const properLockfile = createRequire(import.meta.url)('proper-lockfile');

/** So many that the cleaning up of old records, which is done now and then, is in it. */
const CYCLES = 40;

export async function benchLocal(importSource, { quick }) {
  // Not in /tmp, which is memory on many machines.
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.cache', 'bench-'));
  try {
    const rounds = quick ? 5 : 25;
    const durable = await contest(importSource, { folder, fsync: 'always', rounds });
    const volatile = await contest(importSource, { folder, fsync: 'never', rounds });
    const us = (ms) => `${Math.round(ms * 1_000)} µs`;
    return [
      row('acquire + release, fsync, against its bare calls', durable.leasehold / durable.bare, {
        bound: 2,
        note: `${us(durable.leasehold)} : ${us(durable.bare)} (${durable.calls} calls)`,
      }),
      row('acquire + release, no fsync, against its bare calls', volatile.leasehold / volatile.bare, {
        note: `${us(volatile.leasehold)} : ${us(volatile.bare)} (${volatile.calls} calls)`,
      }),
      row('acquire + release, no fsync, against proper-lockfile', volatile.leasehold / volatile.peer, {
        bound: 1,
        note: `${us(volatile.leasehold)} : ${us(volatile.peer)}`,
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function contest(importSource, { folder, fsync, rounds }) {
  const { blockingDisk } = await importSource('store/local-io.js');
  const root = join(folder, fsync);
  const calls = [];
  const recorder = recording(blockingDisk, calls);
  const recorded = await cycle(importSource, join(root, 'recorded'), fsync, recorder);
  // The steady state: the store is trusted, the directories are there, the old records are being cleaned up.
  for (let warm = 0; warm < 60; warm += 1) await recorded();
  const before = snapshot(blockingDisk, join(root, 'recorded'));
  calls.length = 0;
  for (let one = 0; one < CYCLES; one += 1) await recorded();
  const leasehold = await cycle(importSource, join(root, 'leasehold'), fsync);
  const bare = replay(blockingDisk, calls, { before, from: join(root, 'recorded'), to: join(root, 'bare') });
  const file = join(root, 'peer');
  const peer = async () => (await properLockfile.lock(file, { realpath: false }))();
  for (let warm = 0; warm < 60; warm += 1) {
    await leasehold();
    await peer();
  }
  const cycles = async () => {
    for (let one = 0; one < CYCLES; one += 1) await leasehold();
  };
  const peers = async () => {
    for (let one = 0; one < CYCLES; one += 1) await peer();
  };
  const times = await race({ leasehold: cycles, bare, peer: peers }, { rounds, batch: 1 });
  const each = Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, ms / CYCLES]));
  return { ...each, calls: Math.round(calls.length / CYCLES) };
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
 * are numbered on from round to round, as they are in the original.
 */
function replay(disk, calls, { before, from, to }) {
  const links = calls.filter(({ name }) => name === 'link').length;
  let round = 0;
  const there = (path) =>
    path.replace(from, to).replace(/\/v\.(\d+)$/, (_, number) => `/v.${Number(number) + round * links}`);
  for (const { path, text } of before) {
    disk.mkdir(dirname(there(path)), 0o700);
    const file = disk.create(there(path));
    disk.write(file, text);
    disk.close(file);
  }
  const open = [];
  const run = {
    create: (path) => open.push(disk.create(there(path))),
    open: (path) => open.push(disk.open(there(path))),
    write: (_file, text) => disk.write(open.at(-1), text),
    sync: () => disk.sync(open.at(-1)),
    close: () => disk.close(open.pop()),
    link: (existing, path) => disk.link(there(existing), there(path)),
  };
  return async () => {
    for (const { name, args } of calls) {
      if (run[name]) await run[name](...args);
      else disk[name](there(args[0]), ...args.slice(1));
    }
    round += 1;
  };
}
