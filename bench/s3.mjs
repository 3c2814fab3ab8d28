// Requests to S3, counted at the server.
import { startMiniflareS3 } from '../__tests__/support/s3-server.mjs';
import { row } from './support.mjs';

/** What each step may cost. */
const BUDGET = {
  acquire: 'GET 200, PUT 200',
  renew: 'PUT 200',
  'poll of a waiter': 'GET 304',
  release: 'PUT 200',
};

export async function benchS3(importSource) {
  const server = await startMiniflareS3({ bucket: 'locks' });
  try {
    process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
    const seen = await countRequests(importSource, server);
    return Object.entries(BUDGET).map(([step, budget]) => {
      const requests = seen[step].join(', ');
      return {
        ...row(`${step}: requests`, seen[step].length, { unit: '' }),
        verdict: requests === budget ? 'ok' : 'OVER',
        note: requests,
      };
    });
  } finally {
    await server.close();
  }
}

async function countRequests(importSource, server) {
  const { openStore } = await importSource('store/open.js');
  const { acquire } = await importSource('lease/acquire.js');
  const { look } = await importSource('lease/context.js');
  const { buildTiming } = await importSource('lease/policy.js');
  const { systemClock: clock } = await importSource('base/clock.js');
  const { systemRandom: random } = await importSource('base/random.js');
  const timing = buildTiming({ ttlMs: 90_000 });
  const store = await openStore(server.url);
  const lock = { name: 'bench', store, clock, random, callTimeoutMs: timing.callTimeoutMs };
  const untilMs = () => clock.monotonicMs() + 10_000;
  const take = () =>
    acquire(lock, {
      holder: { ownerId: 'bench', leaseId: random.hex(16) },
      timing,
      stalePolicy: 'expired',
      evidence: [],
      waitTimeoutMs: 0,
    });
  const counted = {};
  const count = async (step, work) => {
    server.reset();
    const result = await work();
    counted[step] = server.requests().map(({ method, status }) => `${method} ${status}`);
    return result;
  };
  // The first acquisition of a lock in a store probes it; what is counted is the usual one.
  await (await take()).lease.release(untilMs());
  const { lease } = await count('acquire', take);
  await count('renew', () => lease.renew(untilMs()));
  const previous = await look(lock);
  await count('poll of a waiter', () => look(lock, { previous, age: true }));
  await count('release', () => lease.release(untilMs()));
  return counted;
}
