import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LocalStore } from '../../src/store/local.ts';

const repository = resolve(import.meta.dirname, '../..');
const WORKER = join(import.meta.dirname, 'local-race-worker.mjs');
let directory: string;
let library: string;

// Real processes need JavaScript: only the store is compiled, and nothing that is under work elsewhere.
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-processes-'));
  library = join(directory, 'lib');
  const config = {
    extends: join(repository, 'tsconfig.json'),
    compilerOptions: { outDir: library, typeRoots: [join(repository, 'node_modules/@types')] },
    include: [],
    files: [join(repository, 'src/store/local.ts')],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  execFileSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', directory], {
    stdio: 'inherit',
  });
}, 30_000);
afterAll(() => rmSync(directory, { recursive: true }));

interface Worker {
  readonly child: ChildProcess;
  readonly words: string[];
  readonly exited: Promise<unknown>;
}

function startWorker(location: string, name: string, count: number): Worker {
  const args = [WORKER, join(library, 'store/local.js'), location, 'counter', name, String(count)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const words: string[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    words.push(...lines);
  });
  return { child, words, exited: once(child, 'close') };
}

async function wordsIn(location: string): Promise<string[]> {
  const reading = await (await LocalStore.open(location)).read('counter');
  return reading.kind === 'found' ? reading.body.split(' ') : [];
}

test('processes that write one key at once lose nothing and apply nothing twice, though one of them is killed', async () => {
  const location = `file://${join(directory, 'race')}?fsync=never`;
  const survivors = ['a', 'b', 'c'].map((name) => startWorker(location, name, 60));
  const victim = startWorker(location, 'victim', 1_000_000);
  while (victim.words.length < 20) await once(victim.child.stdout ?? victim.child, 'data');
  victim.child.kill('SIGKILL');
  await Promise.all([...survivors, victim].map(({ exited }) => exited));

  const words = await wordsIn(location);
  expect(survivors.map(({ words: own }) => own.length)).toEqual([60, 60, 60]);
  expect(new Set(words).size).toBe(words.length);
  expect(words).toEqual(expect.arrayContaining([...survivors, victim].flatMap(({ words: own }) => own)));
  // What was killed between the link and its answer applied, and nobody was told.
  const untold = words.length - 180 - victim.words.length;
  expect([0, 1]).toContain(untold);
  // Each word is one record, and none of the numbers was used twice.
  const highest = Math.max(
    ...readdirSync(join(directory, 'race/counter')).map((name) => Number(/^v\.(\d+)$/.exec(name)?.[1] ?? 0)),
  );
  expect(highest).toBe(words.length);
}, 30_000);
