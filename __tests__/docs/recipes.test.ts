import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { currentRun } from '../../src/lease/ci.ts';
import { builtCli } from '../support/built.ts';
import type { Ended } from '../support/cli-process.ts';
import { Checkout, recipes } from '../support/recipes.ts';

jest.setTimeout(60_000);

const LOOKS = 'echo "$LEASEHOLD_TOKEN" >token; npx --yes leasehold@1 status prod/api --json >held.json';
const each = recipes().map((recipe) => [recipe.system, recipe] as const);

async function play(deploy: string, scenario: (checkout: Checkout) => Promise<void>) {
  const checkout = new Checkout(builtCli(), deploy);
  try {
    await scenario(checkout);
  } finally {
    await checkout.close();
  }
}

const onPosix = process.platform === 'win32' ? describe.skip : describe;

onPosix.each(each)('the recipe for %s', (_, recipe) => {
  const run = (checkout: Checkout): Promise<Ended> =>
    checkout.start(recipe, { LEASEHOLD_STORE: join(checkout.path, 'locks') }).ended;

  test('deploys under the lock, with its token, and names its run', () =>
    play(LOOKS, async (checkout) => {
      const { code, stderr } = await run(checkout);
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining('Lock "prod/api" is released.'),
      });
      const { state, token, holder } = JSON.parse(checkout.read('held.json'));
      expect({ state, token }).toEqual({ state: 'held', token: Number(checkout.read('token')) });
      const named = currentRun(recipe.environment);
      expect(Object.keys(named)).toEqual(expect.arrayContaining(['repository', 'job', 'runUrl', 'sha']));
      expect(holder).toMatchObject({ ...named, ownerId: named.runId });
      expect(holder.reason).not.toContain('$');
    }));

  test("ends with the deploy's exit code", () =>
    play('exit 7', async (checkout) => {
      expect(await run(checkout)).toMatchObject({ code: 7 });
    }));

  test('cancelled by SIGTERM to its processes, the deploy ends in order, and then the lock is released', () =>
    play(
      "trap 'echo cleaned up; exit 1' TERM; echo under way; for i in $(seq 300); do sleep 0.1; done",
      async (checkout) => {
        const child = checkout.start(recipe, { LEASEHOLD_STORE: join(checkout.path, 'locks') });
        await child.untilSays('under way');
        process.kill(-child.pid, 'SIGTERM');
        const { stdout, stderr } = await child.ended;
        expect({ stdout, stderr }).toEqual({
          stdout: expect.stringContaining('cleaned up'),
          stderr: expect.stringContaining('Lock "prod/api" is released.'),
        });
      },
    ));
});
