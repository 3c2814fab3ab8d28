// @ts-check
/** The folders of a runner, and how they are cleared. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @import { Directories } from './types.ts'
 */

/**
 * As far as it goes: somebody who outlived the last job may still write there.
 * @param {string} directory
 */
export function emptyDirectory(directory) {
  for (const name of readdirSync(directory)) {
    try {
      rmSync(join(directory, name), { recursive: true, force: true });
    } catch {
      // The runner goes on too.
    }
  }
}

/** @param {Directories} directories */
export function removeOwnRoot({ root, ownRoot }) {
  // Tried again, for somebody may still be writing there.
  if (ownRoot) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
