import type { StalePolicy } from '../../../src/lease/policy.ts';
import { FakeRandom } from '../../support/fake-random.ts';
import { hash } from '../chance.ts';
import { type Plan as PlanOfOne, planOf as planOfOne } from '../plan.ts';

/** The locks: paths, of which some are below others. */
export const NAMES = ['prod', 'prod/api', 'prod/api/eu', 'prod/web'] as const;
export type Name = (typeof NAMES)[number];

/**
 * What a client is.
 * - `deploy` takes a name for itself
 * - `freeze` takes a name with all below it, and keeps it
 * - `reserve` the same, and makes a reservation of it, which nobody keeps
 * - `job` is one of a run, and shares the lease of its run
 */
export type Role =
  | { readonly kind: 'deploy' | 'freeze' | 'reserve'; readonly name: Name }
  | { readonly kind: 'job'; readonly name: Name; readonly run: number };

export interface Plan {
  readonly one: PlanOfOne;
  /** One letter for each client. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly policies: readonly [StalePolicy, ...StalePolicy[]];
  readonly gapMs: number;
  readonly reserveMs: number;
}

/** All that a seed decides before anything happens: faults, store and clocks as for one lock, and who wants which. */
export function planOf(seed: number): Plan {
  const one = planOfOne(seed);
  const random = new FakeRandom(hash(seed, 4, 4));
  const { ttlMs } = one.timing;
  const roles = drawRoles(random);
  return {
    one: {
      ...one,
      clients: [...roles.keys()],
      calmMs: ttlMs * random.between(1, 4),
    },
    roles,
    policies: random.chance(0.7) ? ['expired'] : one.policies,
    gapMs: ttlMs * random.pick([1, 1.5, 3]),
    reserveMs: ttlMs * random.pick([0.5, 1, 2]),
  };
}

function drawRoles(random: FakeRandom): Map<string, Role> {
  const deploy = (): Role => ({
    kind: 'deploy',
    name: random.pick(['prod/api', 'prod/api', 'prod/api/eu', 'prod/web']),
  });
  const freeze = (): Role => ({
    kind: random.pick(['freeze', 'freeze', 'reserve']),
    name: random.pick(['prod', 'prod', 'prod/api']),
  });
  const shared = random.pick<Name>(['prod', 'prod/api', 'prod/api/eu']);
  const job = (): Role => ({ kind: 'job', name: shared, run: random.pick([1, 1, 2]) });
  const outsider = (): Role => ({ kind: 'deploy', name: shared });
  const scenes: [() => Role, ...(() => Role)[]][] = [
    [freeze, deploy],
    [freeze, deploy, deploy],
    [freeze, freeze, deploy],
    [job, job, job],
    [job, job, outsider],
    [job, job, job, outsider],
    [freeze, job, job],
    [freeze, job, job, deploy],
  ];
  const scene = scenes[random.below(scenes.length)] ?? [freeze, deploy];
  return new Map(scene.map((draw, at) => ['abcd'.charAt(at), draw()]));
}
