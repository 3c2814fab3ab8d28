import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalStore } from '../../src/store/local.ts';
import { type Disk, pooledDisk } from '../../src/store/local-io.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { describeStore, type OpenedStore } from './store-contract.ts';

// A new store is one line here.
describeStore('memory', async () => ({ store: new MemoryStore(), close: async () => {} }));
describeStore('local', () => openLocal());
describeStore('local, with calls that do not block', () => openLocal(pooledDisk));

async function openLocal(disk?: Disk): Promise<OpenedStore> {
  const directory = await mkdtemp(join(tmpdir(), 'leasehold-contract-'));
  const store = await LocalStore.open(join(directory, 'store'), disk ? { disk } : {});
  return { store, close: () => rm(directory, { recursive: true }) };
}
