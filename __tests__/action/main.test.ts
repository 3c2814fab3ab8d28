import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
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

test('without RUNNER_TEMP there is no place that is ours alone: refused before anything is written', async () => {
  const manifest = parse(readFileSync('action.yml', 'utf8')) as {
    inputs: Record<string, { default?: string }>;
  };
  for (const [name, input] of Object.entries(manifest.inputs)) {
    process.env[`INPUT_${name.toUpperCase()}`] = input.default ?? '';
  }
  const store = join(folder, 'locks');
  Object.assign(process.env, { INPUT_NAME: 'x', INPUT_STORE: store, GITHUB_STATE: join(folder, 'state') });
  writeFileSync(join(folder, 'state'), '');
  delete process.env.RUNNER_TEMP;
  await expect(runMain()).rejects.toThrow(/^RUNNER_TEMP is not set/);
  expect(existsSync(store)).toBe(false);
  expect(readFileSync(join(folder, 'state'), 'utf8')).toBe('');
});
