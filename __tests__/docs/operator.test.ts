import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { builtCli } from '../support/built.ts';
import { Checkout, operator } from '../support/recipes.ts';

jest.setTimeout(60_000);

const onPosix = process.platform === 'win32' ? describe.skip : describe;

onPosix('the workflow for operators', () => {
  let checkout: Checkout;
  beforeEach(() => {
    checkout = new Checkout(builtCli(), 'true');
  });
  afterEach(() => checkout.close());

  const run = (inputs: Record<string, string>) =>
    checkout.start(operator(inputs), { LEASEHOLD_STORE: join(checkout.path, 'locks') }).ended;

  /** The lease of `lock`, as somebody reads it who asks for its status. */
  async function leaseOf(lock: string): Promise<string> {
    const { stdout } = await run({ operation: 'status', lock });
    const [, lease] = /lease ([0-9a-f]{32})/.exec(stdout) ?? [];
    if (lease === undefined) throw new Error(`no lease: ${stdout}`);
    return lease;
  }

  test('status, list and history look, and no more', async () => {
    const seen = [];
    for (const operation of ['status', 'list', 'history'])
      seen.push(await run({ operation, lock: 'prod/api' }));
    expect(seen.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(3).fill({ code: 0, stderr: '' }),
    );
  });

  test('a reservation of a tree blocks what is below, says why, and is given back by its lease', async () => {
    const reason = `database moves; don't "deploy"`;
    expect(await run({ operation: 'reserve', lock: 'prod', for: '1h', tree: 'true', reason })).toMatchObject({
      code: 0,
    });
    const deploy = { ...operator({}), script: 'npx --yes leasehold@1 run prod/api --on-busy fail -- true' };
    const busy = await checkout.start(deploy, { LEASEHOLD_STORE: join(checkout.path, 'locks') }).ended;
    expect(busy).toMatchObject({ code: 75, stderr: expect.stringContaining('database moves') });
    expect(await run({ operation: 'release', lock: 'prod', lease: await leaseOf('prod') })).toMatchObject({
      code: 0,
    });
    expect((await run({ operation: 'status', lock: 'prod' })).stdout).toContain('is free');
  });

  test('a lease is broken, in the name of who started the workflow', async () => {
    await run({ operation: 'reserve', lock: 'prod/api', reason: 'forgotten' });
    const lease = await leaseOf('prod/api');
    expect(await run({ operation: 'break', lock: 'prod/api', lease, reason: 'on holiday' })).toMatchObject({
      code: 0,
    });
    const { stdout } = await run({ operation: 'status', lock: 'prod/api' });
    expect(stdout).toContain('by "mona": "on holiday"');
  });

  test('what is typed into the form is no command', async () => {
    const hostile = '$(touch pwned) `touch pwned`; touch pwned';
    await run({ operation: 'reserve', lock: hostile, reason: hostile, for: hostile });
    await run({ operation: hostile });
    expect(() => checkout.read('pwned')).toThrow();
  });
});
