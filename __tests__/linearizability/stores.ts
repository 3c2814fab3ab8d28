import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Store } from '../../src/store/store.ts';
import { builtModule } from '../support/built.ts';
import type { FakeRandom } from '../support/fake-random.ts';
import { startMiniflareS3, startS3rver, startVersitygw } from '../support/s3-server.mjs';
import { type Entry, historiesOf, type Load, runClients } from './load.ts';
import { DistantMemory } from './memory.ts';
import { type Recording, runProcesses } from './processes.ts';

/** How much is recorded. */
export interface Extent {
  readonly seconds: number;
  readonly operations: number;
  readonly random: FakeRandom;
}

const PROCESSES_LOCAL = 8;
const PROCESSES_S3 = 4;

/** Clients of this process, which share the store's memory. `alter` puts something between them and it. */
export async function recordMemory(
  extent: Extent,
  alter: (store: Store, random: FakeRandom) => Store = (store) => store,
): Promise<Recording> {
  const entries: Entry[] = [];
  const load: Load = {
    ...loadOf(extent),
    name: 'm',
    originNs: String(process.hrtime.bigint()),
    seed: extent.random.below(2 ** 32),
    clients: 8,
    habits: { longestThinkMs: 4, abortShare: 0.1, longestAbortMs: 4 },
    roundMs: 100,
  };
  const store = alter(new DistantMemory(extent.random), extent.random);
  await runClients(store, load, (entry) => entries.push(entry));
  return { histories: historiesOf(entries), killed: 0, stopped: 0 };
}

/** Processes of the built store on a directory. `isFar`: as on a network file system. */
export function recordLocal(
  extent: Extent,
  options: { isFar?: boolean; fsync?: boolean } = {},
): Promise<Recording> {
  const { isFar = false, fsync = true } = options;
  return inFolder((folder) =>
    runProcesses({
      store: {
        library: library(),
        url: `file://${join(folder, 'store')}${fsync ? '' : '?fsync=never'}`,
        isFar,
      },
      env: {},
      directory: logsIn(folder),
      processes: PROCESSES_LOCAL,
      load: {
        ...loadOf(extent),
        clients: 2,
        habits: { longestThinkMs: 4, abortShare: 0.1, longestAbortMs: 4 },
        roundMs: 200,
      },
      killEveryMs: 500,
      random: extent.random,
    }),
  );
}

/** Processes of the built store on an S3 server. */
function recordS3(server: S3Server, extent: Extent, forgives = false): Promise<Recording> {
  return inFolder((folder) =>
    runProcesses({
      store: { library: library(), url: server.url },
      env: { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey },
      directory: logsIn(folder),
      processes: PROCESSES_S3,
      load: {
        ...loadOf(extent),
        clients: 4,
        habits: { longestThinkMs: 10, abortShare: 0.1, longestAbortMs: 30, forgives },
        roundMs: 500,
      },
      killEveryMs: 1_500,
      random: extent.random,
    }),
  );
}

type S3Server = Awaited<ReturnType<typeof startS3rver>>;

/** Behind a proxy that cuts and delays some requests, as a network does. */
export async function recordMiniflare(extent: Extent): Promise<Recording> {
  const server = await startMiniflareS3({
    onRequest: () => {
      if (extent.random.chance(0.02)) return 'cut-after';
      if (extent.random.chance(0.01)) return 'cut-before';
      if (extent.random.chance(0.01)) return { status: 503, apply: extent.random.chance(0.5) };
      return extent.random.chance(0.1) ? { delayMs: extent.random.between(0, 40) } : undefined;
    },
  });
  return recordServer(server, extent);
}

export async function recordVersitygw(extent: Extent): Promise<Recording> {
  return recordServer(await startVersitygw(), extent);
}

/** Beside all else it answers with parts of what is being written. */
export async function recordS3rver(extent: Extent): Promise<Recording> {
  return recordServer(await startS3rver(), extent, true);
}

async function recordServer(
  server: S3Server & { close: () => Promise<void> },
  extent: Extent,
  forgives = false,
): Promise<Recording> {
  try {
    return await recordS3(server, extent, forgives);
  } finally {
    await server.close();
  }
}

function loadOf({ seconds, operations }: Extent): Pick<Load, 'prefix' | 'untilMs' | 'operations'> {
  return {
    prefix: 'linearizability',
    untilMs: seconds * 1_000,
    operations,
  };
}

const library = (): string => dirname(builtModule('store/open.js'));

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-linearizability-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function logsIn(folder: string): string {
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  return logs;
}
