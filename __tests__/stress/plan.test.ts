import { describe, expect, test } from '@jest/globals';
import { type Plan, type PlanOptions, plans } from './plan.ts';

const OPTIONS: PlanOptions = { seed: 1, policy: 'holder-finished', kills: 0.2, ttlMs: 15_000, stops: true };

function first(count: number, options: Partial<PlanOptions> = {}): Plan[] {
  const each = plans({ ...OPTIONS, ...options });
  return Array.from({ length: count }, () => each.next().value);
}

const kindsOf = (some: readonly Plan[]): string[] =>
  some.flatMap(({ attack }) => (attack ? [attack.kind] : []));

describe('the plans of the killer', () => {
  test('are those of the seed, and others for another seed', () => {
    expect(first(200)).toEqual(first(200));
    expect(first(200, { seed: 2 })).not.toEqual(first(200));
  });

  test.each([0.1, 0.2, 0.5])('end at least %d of the holds, spread over all of them', (kills) => {
    for (const start of [0, 100, 900]) {
      const some = first(1_000, { kills }).slice(start, start + 20);
      const ending = some.filter(
        ({ attack }) => attack?.moment === 'working' || attack?.moment === 'leaving',
      );
      expect(ending.length).toBeGreaterThanOrEqual(20 * kills);
    }
  });

  test('with no kills nobody is attacked', () => {
    expect(kindsOf(first(500, { kills: 0 }))).toEqual([]);
  });

  test.each(['expired', 'holder-finished'] as const)(
    'have every kind of attack under %s in a full run',
    (policy) => {
      const kinds = new Set(kindsOf(first(2_000, { policy })));
      expect([...kinds].sort()).toEqual(
        [
          'kill-all',
          'kill-command',
          'kill-guard',
          'kill-job',
          'kill-keeper',
          'kill-leasehold',
          'stop-all',
          'stop-leasehold',
        ].sort(),
      );
    },
  );

  test('stop nobody where there is no time for it', () => {
    expect(kindsOf(first(5_000, { stops: false })).filter((kind) => kind.startsWith('stop'))).toEqual([]);
  });

  test('pause for longer than the ttl', () => {
    for (const { attack } of first(5_000)) {
      if (attack?.kind.startsWith('stop')) expect(attack.pauseMs).toBeGreaterThan(OPTIONS.ttlMs);
    }
  });
});
