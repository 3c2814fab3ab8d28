import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalStore } from '../../src/store/local.ts';
import { type Disk, pooledDisk } from '../../src/store/local-io.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { S3Store } from '../../src/store/s3.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';
import { describeStore, type OpenedStore } from './store-contract.ts';

// A new store is one line here.
describeStore('memory', async () => ({ store: new MemoryStore(), close: async () => {} }));
describeStore('local', () => openLocal());
describeStore('local, with calls that do not block', () => openLocal(pooledDisk));
describeStore('s3', () => openS3({ clock: true }));
describeStore('s3, without a clock', () => openS3({ clock: false }));

async function openLocal(disk?: Disk): Promise<OpenedStore> {
  const directory = await mkdtemp(join(tmpdir(), 'leasehold-contract-'));
  const store = await LocalStore.open(join(directory, 'store'), disk ? { disk } : {});
  return { store, close: () => rm(directory, { recursive: true }) };
}

async function openS3(options: { clock: boolean }): Promise<OpenedStore> {
  const server = await startMiniflareS3(options);
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
  return { store: await S3Store.open(server.url), close: server.close };
}
