import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startMiniflareS3 } from '../support/s3-server.mjs';

const run = promisify(execFile);
// Below the project, so that the compiled files find its dependencies.
const directory = join(process.cwd(), 'node_modules/.cache/s3-process');
const script = `
  const { S3Store } = await import('./lib/store/s3.js');
  const store = await S3Store.open(process.argv[2]);
  await store.write('key', '{}', 'absent');
  console.log((await store.read('key')).kind);
  const doneMs = performance.now();
  process.on('exit', () => console.log(performance.now() - doneMs));
`;

let server: Awaited<ReturnType<typeof startMiniflareS3>>;
beforeAll(async () => {
  server = await startMiniflareS3();
  await mkdir(directory, { recursive: true });
  await run(process.execPath, [
    'node_modules/typescript/bin/tsc',
    '--noCheck',
    '--outDir',
    join(directory, 'lib'),
  ]);
  await writeFile(join(directory, 'use.mjs'), script);
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

test('a process that is done with a store ends at once, though the connection is kept alive', async () => {
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
  const { stdout } = await run(process.execPath, ['--no-warnings', join(directory, 'use.mjs'), server.url], {
    env,
  });
  const [read, lingeringMs] = stdout.trim().split('\n');
  expect(read).toBe('found');
  expect(Number(lingeringMs)).toBeLessThan(500);
}, 60_000);
