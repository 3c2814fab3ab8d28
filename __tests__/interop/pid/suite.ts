import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scanInteger } from '../../../src/protocols/pid-record.ts';
import { FakeRandom } from '../../support/fake-random.ts';
import { startDriver } from '../driver.ts';
import { judge, stress } from '../stress.ts';
import type { Driver, Scenario, Suite } from '../suite.ts';
import { ask, buildDriver, Checks, filesIn, forRoot, inspect } from './side.ts';

const NOBODY = 65_534;

let program = '';

export const suite: Suite = {
  protocol: 'pid',
  original: 'github.com/nightlyone/lockfile@v1.0.0',
  needs: ['go'],
  build: async (folder) => {
    program = buildDriver(folder, ['driver.go']);
    return { program };
  },
  get scenarios() {
    return [...SCENARIOS, ...forRoot(AS_ANOTHER_USER)];
  },
};

const SCENARIOS: readonly Scenario[] = [
  {
    direction: 'ours → theirs',
    name: 'we hold: refused until we release',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'acquired');
      checks.same('theirs', await them.ask(`try ${path}`), 'error busy');
      checks.same('their view of the owner', await them.ask(`owner ${path}`), `ok ${us.pid}`);
      checks.same('their unlock', await them.ask(`unlock ${path}`), 'error rogue-deletion');
      checks.same('still ours', (await ask(us, 'check')).kind, 'ours');
      checks.same('our release', await ask(us, 'unlock'), { kind: 'ours' });
      checks.same('theirs, then', await them.ask(`try ${path}`), 'ok');
      return checks.count;
    },
  },
  {
    direction: 'theirs → ours',
    name: 'it holds: we are refused until it unlocks',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      const held = await ask(us, `try ${path}`);
      checks.same('ours', [held.kind, held.by?.pid, held.by?.standing.holder], ['held', them.pid, 'alive']);
      checks.same('their unlock', await them.ask(`unlock ${path}`), 'ok');
      checks.same('ours, then', (await ask(us, `try ${path}`)).kind, 'acquired');
      return checks.count;
    },
  },
  {
    direction: 'theirs → ours',
    name: 'it is killed: we take over',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      await them.kill();
      const taken = await ask(us, `try ${path}`);
      checks.same('ours', [taken.kind, taken.took?.pid], ['acquired', them.pid]);
      checks.same('what is there', filesIn(folder), [{ name: 'x.lock', mode: '600', bytes: `${us.pid}\n` }]);
      return checks.count;
    },
  },
  {
    direction: 'theirs → ours',
    name: 'it is killed, and the policy is never: we leave it',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours({ policy: 'never' }), theirs()];
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      await them.kill();
      const held = await ask(us, `try ${path}`);
      checks.same('ours', [held.kind, held.by?.standing.holder], ['held', 'finished']);
      checks.same('its record', readFileSync(path, 'latin1'), `${them.pid}\n`);
      return checks.count;
    },
  },
  {
    direction: 'ours → theirs',
    name: 'we are killed: it takes over',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'acquired');
      await us.kill();
      checks.same('their view of the owner', await them.ask(`owner ${path}`), 'error dead-owner');
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      checks.same('what is there', filesIn(folder), [
        { name: 'x.lock', mode: '600', bytes: `${them.pid}\n` },
      ]);
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'the record, byte for byte',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      await ask(us, `try ${path}`);
      const our = filesIn(folder);
      await ask(us, 'unlock');
      checks.same('nothing is left by us', filesIn(folder), []);
      await them.ask(`try ${path}`);
      const their = filesIn(folder);
      await them.ask(`unlock ${path}`);
      checks.same('nothing is left by them', filesIn(folder), []);
      const expected = (pid: number) => [{ name: 'x.lock', mode: '600', bytes: `${pid}\n` }];
      checks.same('ours', our, expected(us.pid));
      checks.same('theirs', their, expected(them.pid));
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'the parser: what names a process',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      const { accepted, rejected } = parserTable(us.pid);
      for (const bytes of accepted) {
        writeFileSync(path, bytes, 'latin1');
        checks.same(`theirs on ${JSON.stringify(bytes)}`, await them.ask(`owner ${path}`), `ok ${us.pid}`);
        checks.same(`theirs on ${JSON.stringify(bytes)}`, await them.ask(`try ${path}`), 'error busy');
        checks.same(`ours on ${JSON.stringify(bytes)}`, (await inspect(us, path))?.pid, us.pid);
      }
      for (const bytes of rejected) {
        writeFileSync(path, bytes, 'latin1');
        checks.same(
          `theirs on ${JSON.stringify(bytes)}`,
          await them.ask(`owner ${path}`),
          'error invalid-pid',
        );
        const held = await ask(us, `try ${path}`);
        const seen = [held.kind, held.by?.pid, held.by?.standing.holder, held.by?.standing.takeable];
        checks.same(`ours on ${JSON.stringify(bytes)}`, seen, ['held', undefined, 'unknown', false]);
      }
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'the parser: 5,000 texts at random',
    run: async ({ theirs }) => {
      const checks = new Checks();
      const them = theirs();
      const random = new FakeRandom(5);
      let numbers = 0;
      for (let one = 0; one < 5_000; one += 1) {
        const bytes = randomText(random);
        const value = scanInteger(bytes);
        if (value !== undefined) numbers += 1;
        const theirs = await them.ask(`scan ${Buffer.from(bytes, 'latin1').toString('hex')}`);
        checks.same(JSON.stringify(bytes), value === undefined ? 'error invalid' : `ok ${value}`, theirs);
      }
      checks.holds(`numbers and others, ${numbers} of 5,000`, numbers > 1_000 && numbers < 4_000);
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'a record that nobody can read: it removes it, we leave it alone',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      writeFileSync(path, '');
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'held');
      checks.same('what is there', readFileSync(path, 'latin1'), '');
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: "a path that is not absolute, a folder that isn't there",
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [us, them] = [ours(), theirs()];
      checks.same('theirs', await them.ask('new x.lock'), 'error not-absolute');
      checks.same('ours', (await ask(us, 'try x.lock')).problem, 'not-absolute');
      const missing = join(folder, 'missing', 'x.lock');
      checks.same('theirs', await them.ask(`try ${missing}`), 'error errno 2');
      checks.same('ours', (await ask(us, `try ${missing}`)).problem, 'path-missing');
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'twice in one process: it is let in again, we are not',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      checks.same('theirs', [await them.ask(`try ${path}`), await them.ask(`try ${path}`)], ['ok', 'ok']);
      await them.ask(`unlock ${path}`);
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'acquired');
      checks.same('ours again', (await ask(us, `try ${path}`)).kind, 'held');
      checks.same('our release', (await ask(us, 'unlock')).kind, 'ours');
      return checks.count;
    },
  },
  {
    direction: 'ours → theirs',
    name: 'our lock is removed by hand: the original enters, and we are told',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      await ask(us, `try ${path}`);
      rmSync(path);
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      const check = await ask(us, 'check');
      checks.same('our check', [check.kind, check.by?.pid], ['compromised', them.pid]);
      checks.same('our release', (await ask(us, 'unlock')).kind, 'compromised');
      checks.same('its record stays', readFileSync(path, 'latin1'), `${them.pid}\n`);
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'stress: 3 of ours, 3 of theirs, 20 % killed',
    run: async (trial) => {
      const path = join(trial.folder, 'x.lock');
      const result = await stress(trial, {
        path,
        ours: 3,
        theirs: 3,
        acquisitions: 200,
        killShare: 0.2,
        seed: 1,
        original: {
          acquire: `try ${path}`,
          acquired: (answer) => answer === 'ok',
          release: `unlock ${path}`,
        },
      });
      return judge(result);
    },
  },
  {
    direction: 'both',
    name: 'stress: 5 of ours alone, 20 % killed',
    run: async (trial) => {
      const path = join(trial.folder, 'x.lock');
      const original = { acquire: '', acquired: () => false, release: '' };
      const options = { path, ours: 5, theirs: 0, acquisitions: 150, killShare: 0.2, seed: 2, original };
      return judge(await stress(trial, options));
    },
  },
];

/** What only root can try. */
const AS_ANOTHER_USER: readonly Scenario[] = [
  {
    direction: 'ours → theirs',
    name: 'a process of another user is dead to the original: it takes our lock, and we are told',
    run: async ({ folder, ours }) => {
      const checks = new Checks();
      const [path, us] = [join(folder, 'x.lock'), ours()];
      await ask(us, `try ${path}`);
      await asNobody(folder, path, async (them) => {
        checks.same('theirs', await them.ask(`try ${path}`), 'ok');
        const check = await ask(us, 'check');
        checks.same('our check', [check.kind, check.by?.pid], ['compromised', them.pid]);
        checks.same('its record stays', readFileSync(path, 'latin1'), `${them.pid}\n`);
      });
      return checks.count;
    },
  },
  {
    direction: 'theirs → ours',
    name: 'a process of another user is alive to us',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      await asNobody(folder, path, async (nobody) => {
        checks.same('theirs', await nobody.ask(`try ${path}`), 'ok');
        checks.same('ours', (await ask(us, `try ${path}`)).by?.standing.holder, 'alive');
        checks.same('theirs, by root', await them.ask(`try ${path}`), 'error busy');
      });
      return checks.count;
    },
  },
];

/** With a driver of another user, who may write into the folder and read the lock. */
async function asNobody(
  folder: string,
  path: string,
  work: (driver: Driver) => Promise<void>,
): Promise<void> {
  chmodSync(folder, 0o777);
  if (existsSync(path)) chmodSync(path, 0o644);
  const driver = startDriver(program, [], { uid: NOBODY });
  try {
    await work(driver);
  } finally {
    await driver.kill();
  }
}

/** Spellings of a pid that runs, and what is none. */
function parserTable(pid: number): { accepted: readonly string[]; rejected: readonly string[] } {
  const decimal = String(pid);
  const [hex, octal, binary] = [16, 8, 2].map((base) => pid.toString(base));
  const grouped = `${decimal.slice(0, 1)}_${decimal.slice(1)}`;
  const accepted = [
    `${decimal}\n`,
    decimal,
    ` ${decimal}\n`,
    `\t\v\f\r ${decimal}\n`,
    `\u00c2\u00a0${decimal}\n`,
    `\u00e2\u0080\u0083${decimal}\n`,
    `+${decimal}\n`,
    `0x${hex}\n`,
    `0X${hex?.toUpperCase()}\n`,
    `0x_${hex}\n`,
    `0${octal}\n`,
    `0o${octal}\n`,
    `0_${octal}\n`,
    `0b${binary}\n`,
    `${grouped}\n`,
    `${decimal} \n`,
    `${decimal}\r\n`,
    `${decimal}\t`,
    `${decimal}\njunk`,
    `${decimal}\n\n`,
  ];
  const rejected = [
    '',
    '\n',
    `\n${decimal}\n`,
    `\r\n${decimal}\n`,
    `${decimal} 5\n`,
    `${decimal}abc\n`,
    `${decimal}.0\n`,
    `${decimal}_\n`,
    `_${decimal}\n`,
    `1__0\n`,
    `+ ${decimal}\n`,
    `\u00ef\u00bb\u00bf${decimal}\n`,
    '99999999999999999999\n',
    '9223372036854775808\n',
    '0x\n',
    '08\n',
    '0\n',
    `-${decimal}\n`,
    '\0\0\0\0\0\n',
    'pid\n',
  ];
  return { accepted, rejected };
}

const PIECES = [
  ...['0', '1', '7', '8', '9', '42', '0x', '0X', '0b', '0o', '0B1', 'f', 'A', '_', '-', '+', '.', 'e'],
  ...[
    ' ',
    '\t',
    '\v',
    '\f',
    '\r',
    '\n',
    '\0',
    'x',
    '9223372036854775807',
    '9223372036854775808',
    '0x7fffffffffffffff',
  ],
  // U+00A0, U+0085, U+3000 and U+FEFF in UTF-8; a byte that is no character; half of one.
  ...['\u00c2\u00a0', '\u00c2\u0085', '\u00e3\u0080\u0080', '\u00ef\u00bb\u00bf', '\u00ff', '\u00e2\u0080'],
] as const;

function randomText(random: FakeRandom): string {
  const piece = (): string => PIECES[random.below(PIECES.length)] ?? '';
  if (random.chance(0.3)) return Array.from({ length: random.below(6) }, piece).join('');
  const sign = random.pick(['', '', '+', '-']);
  const prefix = random.pick(['', '', '0', '0x', '0o', '0b', '0_', '0x_']);
  const digits = Array.from({ length: 1 + random.below(5) }, () =>
    random.pick(['0', '1', '1', '5', '7', '_', 'c']),
  );
  const around = (): string => (random.chance(0.3) ? piece() : '');
  return `${around()}${sign}${prefix}${digits.join('')}${around()}${random.pick(['\n', '\n', '', ' \n', '\r\n'])}`;
}
