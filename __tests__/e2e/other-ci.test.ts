import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { currentRun } from '../../src/lease/ci.ts';
import { IdentityServer } from '../support/identity-server.mjs';
import { isForSts, startMinio, whyNoMinio } from '../support/minio.mjs';
import { Checkout, recipes } from '../support/recipes.ts';
import { DIST, NODE } from './action-jobs.ts';

/* The recipes for other CI systems sign in by the token of their system: with dist/, at a real STS (MinIO's). */

jest.setTimeout(120_000);

const LOOKS = 'npx --yes leasehold@1 status prod/api --json >held.json';
const names = recipes()
  .filter(({ environment }) => environment.AWS_ROLE_ARN !== undefined)
  .map(({ system }) => system);

const reason = await whyNoMinio();
if (reason !== undefined) test.skip(`recipes that sign in (${reason})`, () => {});
else describe.each(names)('the recipe for %s', describeSignIn);

function describeSignIn(name: string): void {
  let identity: IdentityServer;
  let minio: Awaited<ReturnType<typeof startMinio>>;
  beforeAll(async () => {
    identity = await IdentityServer.start();
    // MinIO's sessions are over with the token, and the SDK renews what has less than five minutes left.
    identity.lifeS = 3_600;
    minio = await startMinio(identity);
  }, 120_000);
  afterAll(async () => {
    await minio.close();
    await identity.close();
  });

  async function run(idToken: string) {
    const recipe = recipes(idToken).find(({ system }) => system === name);
    if (!recipe) throw new Error(name);
    const checkout = new Checkout(`${DIST}/cli/index.js`, LOOKS, NODE);
    try {
      const { code, stderr } = await checkout.start(recipe, {
        LEASEHOLD_STORE: minio.url,
        AWS_ROLE_ARN: minio.roleArn,
        AWS_ENDPOINT_URL_STS: minio.endpoint,
        AWS_REGION: 'us-east-1',
      }).ended;
      return { recipe, code, stderr, held: code === 0 ? JSON.parse(checkout.read('held.json')) : undefined };
    } finally {
      await checkout.close();
    }
  }

  test('exchanges the token of its system for the role, and holds the lock under the name of its run', async () => {
    const { recipe, code, stderr, held } = await run(identity.token('sts.amazonaws.com'));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(held).toMatchObject({ state: 'held', holder: currentRun(recipe.environment) });
    const assumed = minio.requests().filter(isForSts);
    expect(assumed.map(({ status }) => status)).toEqual(assumed.map(() => 200));
    // Of `run`, and of the `status` within.
    expect(assumed).toHaveLength(2);
  });

  test('with a token that the role does not trust nothing is run, and the exit code says why', async () => {
    const { code, held } = await run('no.token.at-all');
    expect({ code, held }).toEqual({ code: 77, held: undefined });
  });
}
