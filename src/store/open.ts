import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { UsageError } from '../base/usage-error.ts';
import type { S3Access } from './s3.ts';
import type { Store } from './store.ts';

/**
 * The store that a URL names; the only registry of stores. Each is imported when it is asked for, so that a lock on the
 * local disk does not pay for loading the AWS SDK.
 *
 * @param location `file:///dir`, a path, `memory:`, or `s3://bucket/prefix?region=…&endpoint=…&force-path-style=true`
 * @param access how an S3 store is reached; a directory has no use for it
 * @throws UsageError when it names none
 */
export async function openStore(location: string, access: S3Access = {}): Promise<Store> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return openLocal(pathOf(location));
    case 'file':
      return openLocal(location);
    case 's3': {
      const { S3Store } = await import('./s3.ts');
      return S3Store.open(location, access);
    }
    case 'memory': {
      const { MemoryStore } = await import('./memory.ts');
      return new MemoryStore();
    }
    default:
      throw new UsageError(
        `store: the scheme ${JSON.stringify(scheme.slice(0, 40))} is not known. Use s3://bucket/prefix, file:///directory, a path, or memory:.`,
      );
  }
}

async function openLocal(location: string): Promise<Store> {
  const { LocalStore } = await import('./local.ts');
  return LocalStore.open(location);
}

function pathOf(location: string): string {
  if (location.trim() === '')
    throw new UsageError('store: is empty. Use s3://bucket/prefix, file:///directory or a path.');
  const path = location.startsWith('~/') ? resolve(homedir(), location.slice(2)) : location;
  return isAbsolute(path) ? path : resolve(path);
}
