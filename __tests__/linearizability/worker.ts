// The clients of one process. What they do is appended to a file, each line with one call, so that it is there however
// the process ends. It says when it is ready, and begins when it is told, on its standard input, where time begins.
// node scripts/typescript.mjs worker.ts <its orders as JSON>
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { Store } from '../../src/store/store.ts';
import { type Load, runClients } from './load.ts';

export interface Orders {
  readonly store: StorePlan;
  readonly log: string;
  readonly load: Omit<Load, 'originNs'>;
}

export interface StorePlan {
  /** The folder of the compiled stores. */
  readonly library: string;
  readonly url: string;
  /** Treats a directory as one on a network file system. */
  readonly isFar?: boolean;
}

const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const log = openSync(orders.log, 'ax');
const store = await openStore(orders.store);
process.stdout.write('ready\n');
const originNs = await text(process.stdin);
await runClients(store, { ...orders.load, originNs }, (entry) => {
  writeSync(log, `${JSON.stringify(entry)}\n`);
});

async function openStore({ library, url, isFar }: StorePlan): Promise<Store> {
  const load = (file: string) => import(pathToFileURL(join(library, file)).href);
  if (isFar) {
    const { LocalStore } = (await load('local.js')) as typeof import('../../src/store/local.ts');
    return LocalStore.open(url, { filesystem: { name: 'taken for a network', local: false } });
  }
  const { openStore: open } = (await load('open.js')) as typeof import('../../src/store/open.ts');
  return open(url);
}
