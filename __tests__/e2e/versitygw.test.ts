import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { S3Store } from '../../src/store/s3.ts';
import { describeStore } from '../contract/store-contract.ts';
import { Sandbox } from '../support/cli-process.ts';
import { startVersitygw, whyNoVersitygw } from '../support/s3-server.mjs';

// The first time it is downloaded and compiled.
const reason = await whyNoVersitygw();

if (reason !== undefined) test.skip(`the S3 store and the built program on versitygw (${reason})`, () => {});
else {
  describeStore('s3 on versitygw', async () => {
    const server = await startVersitygw();
    process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
    return { store: await S3Store.open(server.url), close: server.close };
  });
  describe('the built program on versitygw', describeProgram);
}

function describeProgram(): void {
  const sandbox = new Sandbox(resolve('dist/cli/index.js'));
  let server: Awaited<ReturnType<typeof startVersitygw>>;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    server = await startVersitygw();
    env = {
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      LEASEHOLD_STORE: server.url,
    };
  });
  afterAll(async () => {
    await sandbox.close();
    await server?.close();
  });

  test('doctor finds every promise kept, that of a clock too', async () => {
    const { code, stdout } = await sandbox.run(['doctor', '--json'], env);
    const { promises } = JSON.parse(stdout) as { promises: { id: string; held: string }[] };
    expect(promises.filter(({ held }) => held !== 'yes')).toEqual([]);
    expect(promises.map(({ id }) => id)).toEqual(expect.arrayContaining(['create', 'replace-race', 'clock']));
    expect(code).toBe(0);
  });

  test('a lease is taken, stolen when its holder is proved dead, and released', async () => {
    const token = (output: string): number => Number(/^entered (\d+)$/m.exec(output)?.[1]);
    const command = ['sh', '-c', 'echo "entered $LEASEHOLD_TOKEN"; exec sleep "$0"'];
    const holder = sandbox.start(['run', 'deploy', '--', ...command, '600'], env);
    await holder.untilSays('entered ');
    holder.signal('SIGKILL');
    await holder.ended;
    const thief = await sandbox.run(
      ['run', 'deploy', '--stale-policy', 'holder-finished', '--', ...command, '0'],
      env,
    );
    expect(thief).toMatchObject({ code: 0, stderr: expect.stringContaining('stolen') });
    expect(token(thief.stdout)).toBe(token(holder.output) + 1);
    const { stdout } = await sandbox.run(['status', 'deploy', '--json'], env);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'released', token: token(thief.stdout) });
  }, 60_000);
}
