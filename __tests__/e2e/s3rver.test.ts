import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startMiniflareS3, startS3rver } from '../support/s3-server.mjs';

// A doctor makes some thirty calls, and the machine has other work.
jest.setTimeout(60_000);

const CLI = resolve('dist/cli/index.js');
const home = mkdtempSync(join(tmpdir(), 'leasehold-doctor-'));

let liar: Awaited<ReturnType<typeof startS3rver>>;
let honest: Awaited<ReturnType<typeof startMiniflareS3>>;
beforeAll(async () => {
  // The first start installs it.
  liar = await startS3rver();
  honest = await startMiniflareS3();
}, 120_000);
afterAll(async () => {
  await liar?.close();
  await honest?.close();
  rmSync(home, { recursive: true, force: true });
});

interface Server {
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function leasehold(
  server: Server,
  ...words: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    LEASEHOLD_STORE: server.url,
  };
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...words], { env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

async function diagnose(server: Server): Promise<{ code: number; held: Record<string, string> }> {
  const { code, stdout } = await leasehold(server, 'doctor', '--json');
  const { promises } = JSON.parse(stdout) as { promises: { id: string; held: string }[] };
  return { code, held: Object.fromEntries(promises.map(({ id, held }) => [id, held])) };
}

describe('s3rver accepts conditions and ignores them', () => {
  test('doctor says which promises are broken, and what else it can', async () => {
    expect(await diagnose(liar)).toEqual({
      code: 78,
      held: {
        create: 'no',
        exists: 'no',
        replace: 'yes',
        stale: 'no',
        missing: 'no',
        'replace-race': 'no',
        list: 'yes',
        clock: 'yes',
        remove: 'yes',
      },
    });
  });

  test('run refuses such a store, says why, and does not run the command', async () => {
    const trace = join(home, 'ran');
    const { code, stderr } = await leasehold(liar, 'run', 'deploy', '--', 'touch', trace);
    expect(code).toBe(78);
    expect(stderr).toMatch(/can't be trusted with locks: .*exactly one applies/);
    expect(existsSync(trace)).toBe(false);
  });
});

test('miniflare keeps every promise, though it has no clock: doctor is content, and run runs', async () => {
  const { code, held } = await diagnose(honest);
  expect(code).toBe(0);
  expect(Object.entries(held).filter(([, verdict]) => verdict !== 'yes')).toEqual([['clock', 'no']]);
  expect(await leasehold(honest, 'run', 'deploy', '--', 'true')).toMatchObject({ code: 0 });
});
