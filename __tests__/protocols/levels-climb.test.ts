import { describe, expect, test } from '@jest/globals';
import { climb, LEVELS, type Levels, MOST_TRIES } from '../../src/protocols/levels-climb.ts';
import type { Held, Identity } from '../../src/protocols/protocol.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { type Mistake, runOne, searchAll } from './levels-world.ts';

/** The levels at which dead processes have left their records. */
const LEFT_BEHIND = [[], [0], [1], [0, 1], [0, 2], [0, 1, 2]];

// These take seconds. By hand: three processes with up to two kills, after each of LEFT_BEHIND (3.2 million states, four minutes).
describe('whoever runs, waits or dies at any step', () => {
  test.each(LEFT_BEHIND.map((dead) => ({ dead })))(
    'two processes never hold the lock at once, with up to two kills, after $dead were left behind',
    async ({ dead }) => {
      const found = await searchAll({ processes: 2, dead }, 2);
      expect(found.violation).toBeUndefined();
      expect(found.acquisitions).toBeGreaterThan(0);
      expect(found.states).toBeGreaterThan(100);
    },
  );

  test('nor do three', async () => {
    const found = await searchAll({ processes: 3, dead: [0] }, 0);
    expect(found.violation).toBeUndefined();
    expect(found.states).toBeGreaterThan(10_000);
  });

  test('nor do four by chance, of whom any may die', async () => {
    const random = new FakeRandom(5);
    const fraction = (): number => random.fraction();
    let acquisitions = 0;
    for (let run = 0; run < 1_000; run += 1) {
      const found = await runOne({ processes: 4, dead: [0, 1, 2, 3] }, { fraction, crashes: 3 });
      expect(found.violation).toBeUndefined();
      acquisitions += found.acquisitions;
    }
    expect(acquisitions).toBeGreaterThan(1_000);
  });
});

/** The rules of the climb, each left out. */
const MISTAKES: Readonly<Record<string, { mistake: Mistake; says: RegExp }>> = {
  'level 0 is replaced without a second look at it': {
    mistake: (levels) => {
      let seen: Identity | undefined;
      return {
        ...levels,
        look: async (level) => {
          const held = await levels.look(level);
          if (level === 0) seen = held?.identity;
          return held;
        },
        master: () => seen,
      };
    },
    says: /took the lock while process \d held it/,
  },
  'a level stays when level 0 has changed': {
    mistake: (levels) => ({ ...levels, drop: () => {} }),
    says: /is left behind by process \d, which lives/,
  },
  'level 0 is replaced without a level in hand': {
    mistake: (levels) => ({ ...levels, grab: (level) => (level === 0 ? levels.grab(0) : { ino: '0' }) }),
    says: /took the lock while process \d held it/,
  },
  'a living holder counts as dead': {
    mistake: (levels) => ({
      ...levels,
      look: async (level) => {
        const held = await levels.look(level);
        return held && { ...held, standing: { ...held.standing, takeable: true } };
      },
    }),
    says: /took the lock while process \d held it/,
  },
  'a stale level is removed and taken instead of passed by': {
    mistake: (levels) => ({
      ...levels,
      look: async (level) => {
        const held = await levels.look(level);
        if (level > 0 && held?.standing.takeable) await levels.drop(level);
        return held;
      },
    }),
    says: /took the lock while process \d held it/,
  },
};

describe('the search finds what is wrong when', () => {
  test.each(Object.entries(MISTAKES).map(([name, what]) => ({ name, ...what })))(
    '$name',
    async ({ mistake, says }) => {
      let violation: string | undefined;
      for (const dead of LEFT_BEHIND)
        violation ??= (await searchAll({ processes: 2, dead, mistake }, 1)).violation;
      violation ??= (await searchAll({ processes: 3, dead: [0, 1], mistake }, 0)).violation;
      expect(violation).toMatch(says);
    },
  );
});

const identity = (ino: string): Identity => ({ dev: '1', ino, bytes: 'record' });

function held(ino: string, takeable: boolean): Held {
  const detail = takeable ? 'its process 7 is gone' : 'its process 8 runs';
  return {
    path: '/locked',
    standing: { holder: takeable ? 'finished' : 'alive', takeable, detail },
    identity: identity(ino),
  };
}

/** Nothing can be taken; every call that is not expected fails the test. */
function fixed(look: (level: number) => Held | undefined, calls: string[] = []): Levels {
  const unexpected = (): never => {
    throw new Error('unexpected call');
  };
  return {
    look,
    master: () => look(0)?.identity,
    grab: (level) => {
      calls.push(`grab ${level}`);
      return undefined;
    },
    replaceMaster: unexpected,
    drop: unexpected,
    pause: async () => {
      calls.push('pause');
      return true;
    },
  };
}

const always = async (): Promise<boolean> => true;

describe('its bounds', () => {
  test('50 tries while another takes the lock over, then an error that may pass, naming the obstacle', async () => {
    const calls: string[] = [];
    const levels = fixed((level) => held(String(level), level === 0), calls);
    await expect(climb(levels, always)).rejects.toMatchObject({
      problem: 'contended',
      temporary: true,
      message: expect.stringContaining(
        'Tried 50 times, and nothing is held: lock1 is held: its process 8 runs',
      ),
    });
    expect(calls.filter((call) => call === 'pause')).toHaveLength(MOST_TRIES);
  });

  test('20 stale levels are too many: an error that does not pass by itself', async () => {
    const calls: string[] = [];
    const levels = fixed((level) => held(String(level), true), calls);
    await expect(climb(levels, always)).rejects.toMatchObject({ problem: 'refused-file', temporary: false });
    expect(calls).toEqual(Array.from({ length: LEVELS - 1 }, (_, index) => `grab ${index + 1}`));
  });

  test('level 19 is the last one that is taken', async () => {
    const dropped: number[] = [];
    const levels: Levels = {
      ...fixed((level) => held(String(level), true)),
      grab: (level) => (level === 19 ? identity('ours') : undefined),
      replaceMaster: () => identity('ours'),
      drop: (level) => void dropped.push(level),
    };
    await expect(climb(levels, always)).resolves.toMatchObject({
      kind: 'acquired',
      identity: { ino: 'ours' },
    });
    expect(dropped).toEqual(Array.from({ length: 19 }, (_, index) => 19 - index));
  });

  test('a level whose holder can be replaced by nobody is given back when the replacing fails', async () => {
    const dropped: number[] = [];
    const levels: Levels = {
      ...fixed((level) => (level === 0 ? held('0', true) : undefined)),
      grab: () => identity('ours'),
      replaceMaster: () => {
        throw new Error('no space');
      },
      drop: (level) => void dropped.push(level),
    };
    await expect(climb(levels, always)).rejects.toThrow('no space');
    expect(dropped).toEqual([1]);
  });

  test('who is told to stop waiting says who is in the way', async () => {
    const levels: Levels = {
      ...fixed((level) => held(String(level), level === 0)),
      pause: async () => false,
    };
    await expect(climb(levels, always)).resolves.toMatchObject({
      kind: 'held',
      by: { identity: { ino: '0' } },
    });
  });
});

describe('a stale lock that may not be taken', () => {
  test('is held, and no level is touched', async () => {
    const calls: string[] = [];
    const climbed = await climb(
      fixed((level) => held(String(level), true), calls),
      async () => false,
    );
    expect(climbed).toMatchObject({ kind: 'held', by: { identity: { ino: '0' } } });
    expect(calls).toEqual([]);
  });

  test('is asked about once, however often it is tried, and again when it is another', async () => {
    const asked: string[] = [];
    let looks = 0;
    const levels = fixed((level) => {
      if (level > 0) return held('1', false);
      looks += 1;
      return held(looks <= 3 ? 'first' : 'second', true);
    });
    await expect(
      climb(levels, async ({ identity }) => {
        asked.push(identity.ino ?? '');
        return true;
      }),
    ).rejects.toMatchObject({ problem: 'contended' });
    expect(asked).toEqual(['first', 'second']);
  });
});
