import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StoreKind } from './options.ts';

/** A store for one storm. */
export interface StressStore {
  readonly url: string;
  readonly credentials: NodeJS.ProcessEnv;
  /** What is there that is neither a record nor a directory of records. Of a store that can't have such: nothing. */
  readonly leftovers: () => string[];
  readonly close: () => Promise<void>;
}

export async function openStressStore(kind: StoreKind, folder: string): Promise<StressStore> {
  switch (kind) {
    case 'local':
      return localStore(join(folder, 'store'));
    case 's3':
      return s3Store();
  }
}

function localStore(path: string): StressStore {
  mkdirSync(path, { mode: 0o700 });
  const leftovers = (): string[] => {
    const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter(
      (file) => !file.isDirectory(),
    );
    return files.map(({ name }) => name).filter((name) => !/^v\.\d+$/.test(name));
  };
  return { url: path, credentials: {}, leftovers, close: async () => {} };
}

async function s3Store(): Promise<StressStore> {
  const host = spawn(process.execPath, [join(import.meta.dirname, 's3-host.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(host, 'exit');
  const lines = createInterface({ input: host.stdout });
  const [line] = await Promise.race([
    once(lines, 'line'),
    exited.then(([code]) => {
      throw new Error(`The S3 server ended with exit code ${code} before it listened.`);
    }),
  ]);
  const { url, accessKeyId, secretAccessKey } = JSON.parse(String(line));
  return {
    url,
    credentials: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    leftovers: () => [],
    close: async () => {
      host.stdin.end();
      await exited;
    },
  };
}
