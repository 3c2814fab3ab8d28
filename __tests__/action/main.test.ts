import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runMain } from '../../src/action/run.ts';
import { parsePairs } from '../support/runner/file-commands.mjs';

let folder: string;
const before = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'main-'));
  writeFileSync(join(folder, 'output'), '');
  process.env.GITHUB_OUTPUT = join(folder, 'output');
});
afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

test('a main that fails before it knows anything has said that the lock is not acquired', async () => {
  process.env.INPUT_ENABLED = 'maybe';
  await expect(runMain()).rejects.toThrow('enabled: "maybe" is neither "true" nor "false".');
  expect(parsePairs(readFileSync(join(folder, 'output'), 'utf8'))).toEqual({ acquired: 'false' });
});
