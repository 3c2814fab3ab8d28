import { chmodSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { PidLockfile } from '../../../src/protocols/pid-lockfile.ts';
import { startDriver } from '../driver.ts';
import { judge, stress } from '../stress.ts';
import type { Scenario, Suite } from '../suite.ts';
import { ask, buildDriver, Checks, filesIn, forRoot, inspect } from './side.ts';

const FORK = 'github.com/aws/amazon-ssm-agent/extra/lockfile';
const NOBODY = 65_534;
const FIVE_MINUTES = { ttlMs: 300_000 };

let program = '';

/** The fork with expiry: with a second file `x.lock.expire`, which `expire MINUTES PATH` writes. */
export const suite: Suite = {
  protocol: 'pid',
  original: `${FORK}, or where its module can't be had, nightlyone/lockfile with its companion restated`,
  needs: ['go'],
  build: async (folder) => {
    program = build(folder);
    return { program };
  },
  get scenarios() {
    return [...SCENARIOS, ...forRoot(AS_ANOTHER_USER)];
  },
};

function build(folder: string): string {
  const [original, restated] = ['original', 'restated'].map((name) => join(folder, name));
  try {
    mkdirSync(original ?? '');
    return buildDriver(original ?? '', ['driver.go'], FORK);
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
    process.stdout.write(`  ${FORK} can't be had here, what follows is against its restatement: ${reason}\n`);
    mkdirSync(restated ?? '');
    return buildDriver(restated ?? '', ['driver.go', 'restated.go']);
  } finally {
    chmodSync(folder, 0o755);
  }
}

const SCENARIOS: readonly Scenario[] = [
  {
    direction: 'both',
    name: 'expiry: both records, byte for byte',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(FIVE_MINUTES), theirs()];
      const nowSeconds = Math.floor(Date.now() / 1_000);
      await ask(us, `try ${path}`);
      const our = filesIn(folder);
      await ask(us, 'unlock');
      checks.same('nothing is left by us', filesIn(folder), []);
      await them.ask(`expire 5 ${path}`);
      const their = filesIn(folder);
      await them.ask(`unlock ${path}`);
      checks.same('nothing is left by them', filesIn(folder), []);
      for (const [who, files, pid] of [
        ['ours', our, us.pid],
        ['theirs', their, them.pid],
      ] as const) {
        const [lock, companion, ...more] = files;
        checks.same(who, lock, { name: 'x.lock', mode: '600', bytes: `${pid}\n` });
        const bytes = companion?.bytes ?? '';
        checks.same(`${who}, beside it`, companion, { name: 'x.lock.expire', mode: '600', bytes });
        const late = Number(bytes) - nowSeconds - 300;
        checks.holds(
          `${who}: ${JSON.stringify(bytes)} after ${nowSeconds}`,
          /^\d+\n$/.test(bytes) && late >= 0 && late <= 3,
        );
        checks.same(`${who}, more`, more, []);
      }
      return checks.count;
    },
  },
  {
    direction: 'ours → theirs',
    name: 'expiry: we hold with a ttl, it is refused; when it is over, it enters and we are told',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(FIVE_MINUTES), theirs()];
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'acquired');
      checks.same('theirs', await them.ask(`try ${path}`), 'error busy');
      checks.same('theirs, with expiry', await them.ask(`expire 5 ${path}`), 'error busy');
      end(path);
      checks.same('our renewal', (await ask(us, 'renew')).kind, 'ours');
      checks.same('theirs after it', await them.ask(`try ${path}`), 'error busy');
      end(path);
      checks.same('theirs, over', await them.ask(`expire 5 ${path}`), 'ok');
      const [record, companion] = filesIn(folder);
      checks.same('our check', (await ask(us, 'check')).kind, 'compromised');
      checks.same('our renewal', (await ask(us, 'renew')).kind, 'compromised');
      checks.same('our release', (await ask(us, 'unlock')).kind, 'compromised');
      checks.same('theirs is left', filesIn(folder), [record, companion]);
      checks.same('their unlock', await them.ask(`unlock ${path}`), 'ok');
      return checks.count;
    },
  },
  {
    direction: 'theirs → ours',
    name: 'expiry: it holds with minutes, we are refused; when they are over, we enter and it finds out',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      checks.same('theirs', await them.ask(`retry 5 ${path}`), 'ok');
      const held = await ask(us, `try ${path}`);
      checks.same('ours', [held.kind, held.by?.standing.expired], ['held', false]);
      end(path);
      const cautious = ours({ policy: 'expired-and-holder-finished' });
      checks.same('ours, cautious', (await ask(cautious, `try ${path}`)).kind, 'held');
      const taken = await ask(us, `try ${path}`);
      checks.same('ours, over', [taken.kind, taken.took?.pid], ['acquired', them.pid]);
      checks.same('what is there', filesIn(folder), [{ name: 'x.lock', mode: '600', bytes: `${us.pid}\n` }]);
      checks.same('their unlock', await them.ask(`unlock ${path}`), 'error rogue-deletion');
      checks.same('theirs again', await them.ask(`expire 5 ${path}`), 'error busy');
      return checks.count;
    },
  },
  {
    direction: 'theirs → ours',
    name: 'expiry: it is killed before its minutes are over: we take over, nothing of it is left',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(), theirs()];
      checks.same('theirs', await them.ask(`expire 5 ${path}`), 'ok');
      await them.kill();
      const taken = await ask(us, `try ${path}`);
      checks.same('ours', [taken.kind, taken.took?.pid], ['acquired', them.pid]);
      checks.same('what is there', filesIn(folder), [{ name: 'x.lock', mode: '600', bytes: `${us.pid}\n` }]);
      return checks.count;
    },
  },
  {
    direction: 'ours → theirs',
    name: 'expiry: we are killed before our ttl is over: it takes over',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them] = [join(folder, 'x.lock'), ours(FIVE_MINUTES), theirs()];
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'acquired');
      await us.kill();
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      checks.same('what is there', filesIn(folder), [
        { name: 'x.lock', mode: '600', bytes: `${them.pid}\n` },
      ]);
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'expiry: an empty companion: it takes a live lock, we do not',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them, another] = [join(folder, 'x.lock'), ours(), theirs(), theirs()];
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      writeFileSync(`${path}.expire`, '');
      const held = await ask(us, `try ${path}`);
      checks.same('ours', [held.kind, held.by?.standing.takeable], ['held', false]);
      checks.same('another of theirs', await another.ask(`try ${path}`), 'ok');
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'expiry: an orphan companion lets a later lock of theirs expire, not to us; and none of ours',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them, another] = [join(folder, 'x.lock'), ours(), theirs(), theirs()];
      orphan(path, 600);
      checks.same('theirs', await them.ask(`try ${path}`), 'ok');
      checks.holds('the orphan is there', existsSync(`${path}.expire`));
      orphan(path, -10);
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'held');
      checks.same('another of theirs', await another.ask(`try ${path}`), 'ok');
      await another.ask(`unlock ${path}`);
      orphan(path, -10);
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'acquired');
      checks.same('what is there', filesIn(folder), [{ name: 'x.lock', mode: '600', bytes: `${us.pid}\n` }]);
      checks.same('theirs', await them.ask(`try ${path}`), 'error busy');
      orphan(path, -10);
      checks.same('our check', (await ask(us, 'check')).kind, 'ours');
      checks.same('theirs', await them.ask(`try ${path}`), 'error busy');
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: "expiry: the companion's parser",
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us] = [join(folder, 'x.lock'), ours()];
      for (const [bytes, verdict] of companionTable()) {
        const [owner, other] = [theirs(), theirs()];
        checks.same('theirs', await owner.ask(`try ${path}`), 'ok');
        writeFileSync(`${path}.expire`, bytes, 'latin1');
        const seen = (await inspect(us, path))?.standing.expired;
        checks.same(
          `ours on ${JSON.stringify(bytes)}`,
          seen,
          { live: false, over: true, neither: undefined }[verdict],
        );
        const theirs_ = await other.ask(`try ${path}`);
        checks.same(`theirs on ${JSON.stringify(bytes)}`, theirs_, verdict === 'live' ? 'error busy' : 'ok');
        await (verdict === 'live' ? owner : other).ask(`unlock ${path}`);
        await Promise.all([owner.kill(), other.kill()]);
      }
      return checks.count;
    },
  },
  {
    direction: 'theirs → ours',
    name: 'expiry: it makes us the owner: what it holds becomes ours',
    run: async ({ folder, ours, theirs }) => {
      const checks = new Checks();
      const [path, us, them, other] = [join(folder, 'x.lock'), ours(), theirs(), ours()];
      checks.same('theirs', await them.ask(`expire 5 ${path}`), 'ok');
      checks.same('a dead owner', await them.ask(`change ${2 ** 22 + 1} ${path}`), 'error dead-owner');
      checks.same('change', await them.ask(`change ${us.pid} ${path}`), 'ok');
      checks.same('the record', readFileSync(path, 'latin1'), `${us.pid}\n`);
      const held = await ask(other, `try ${path}`);
      checks.same(
        'another of ours',
        [held.kind, held.by?.pid, held.by?.standing.expired],
        ['held', us.pid, false],
      );
      checks.same('ours', (await ask(us, `try ${path}`)).kind, 'acquired');
      checks.same('theirs', await them.ask(`change ${them.pid} ${path}`), 'error busy');
      return checks.count;
    },
  },
  {
    direction: 'ours → theirs',
    name: 'expiry: we make it the owner: what we hold becomes its own',
    run: async ({ folder, theirs }) => {
      const checks = new Checks();
      const [path, them, other] = [join(folder, 'x.lock'), theirs(), theirs()];
      const surroundings = { clock: systemClock, random: systemRandom, platform: process.platform };
      const lockfile = new PidLockfile(path, surroundings);
      checks.same('ours', (await lockfile.tryLockExpire(5)).kind, 'acquired');
      checks.same('change', (await lockfile.changeOwner(them.pid)).kind, 'changed');
      checks.same(
        'the owner',
        [await lockfile.getOwner(), await other.ask(`owner ${path}`)],
        [them.pid, `ok ${them.pid}`],
      );
      checks.same('another of theirs', await other.ask(`try ${path}`), 'error busy');
      const refused = await lockfile.unlock().then(
        () => 'unlocked',
        (error: { problem?: string }) => error.problem,
      );
      checks.same('our unlock', refused, 'rogue-deletion');
      checks.same('their unlock', await them.ask(`unlock ${path}`), 'ok');
      checks.same('what is left', filesIn(folder), []);
      return checks.count;
    },
  },
  {
    direction: 'both',
    name: 'expiry, stress: ours with a ttl among plain ones of theirs, none killed: nobody ever sees an empty companion',
    run: async (trial) => {
      const path = join(trial.folder, 'x.lock');
      const original = {
        acquire: `try ${path}`,
        acquired: (answer: string) => answer === 'ok',
        release: `unlock ${path}`,
      };
      const options = { path, ours: 3, theirs: 3, acquisitions: 200, killShare: 0, seed: 3, original };
      const result = await stress(trial, { ...options, options: FIVE_MINUTES });
      if (result.byOriginal.length > 0)
        throw new Error(`Broken without a kill: ${result.byOriginal.join('; ')}`);
      return judge(result);
    },
  },
  {
    direction: 'both',
    name: 'expiry, stress: 3 of ours, 3 of theirs, all with a ttl, 20 % killed',
    run: async (trial) => {
      const path = join(trial.folder, 'x.lock');
      const original = {
        acquire: `expire 5 ${path}`,
        acquired: (answer: string) => answer === 'ok',
        release: `unlock ${path}`,
      };
      const options = { path, ours: 3, theirs: 3, acquisitions: 200, killShare: 0.2, seed: 4, original };
      return judge(await stress(trial, { ...options, options: FIVE_MINUTES }));
    },
  },
  {
    direction: 'both',
    name: 'expiry, stress: 5 of ours alone, 20 % killed',
    run: async (trial) => {
      const path = join(trial.folder, 'x.lock');
      const original = { acquire: '', acquired: () => false, release: '' };
      const options = { path, ours: 5, theirs: 0, acquisitions: 150, killShare: 0.2, seed: 6, original };
      return judge(await stress(trial, { ...options, options: FIVE_MINUTES }));
    },
  },
];

/** What only root can try. */
const AS_ANOTHER_USER: readonly Scenario[] = [
  {
    direction: 'ours → theirs',
    name: "expiry: its WithRetry deletes what it can't read: we are told",
    run: async ({ folder, ours }) => {
      const checks = new Checks();
      const [path, us] = [join(folder, 'x.lock'), ours()];
      await ask(us, `try ${path}`);
      chmodSync(folder, 0o777);
      const nobody = startDriver(program, [], { uid: NOBODY });
      try {
        const answer = await nobody.ask(`retry 5 ${path}`);
        checks.holds(`theirs: ${answer}`, answer === 'ok' || answer === 'error errno 13');
        const check = await ask(us, 'check');
        checks.same('our check', check.kind, 'compromised');
      } finally {
        await nobody.kill();
      }
      return checks.count;
    },
  },
];

/** Lets the time of a lock be over, as its companion says it. */
function end(path: string): void {
  writeFileSync(`${path}.expire`, `${Math.floor(Date.now() / 1_000) - 10}\n`);
}

/** A companion from before any lock that is there; its time ends in so many seconds. */
function orphan(path: string, seconds: number): void {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  writeFileSync(`${path}.expire`, `${nowSeconds + seconds}\n`);
  utimesSync(`${path}.expire`, nowSeconds - 3_600, nowSeconds - 3_600);
}

/** `neither`: it takes that for over, and we for something that nobody may act upon. */
function companionTable(): readonly (readonly [string, 'live' | 'over' | 'neither'])[] {
  const [past, future] = [-60, 600].map((seconds) => Math.floor(Date.now() / 1_000) + seconds);
  const spelt = (seconds = 0): string[] => [
    ...[`${seconds}\n`, `${seconds}`, ` ${seconds}\r\n`, `+${seconds}\n`],
    ...[`0x${seconds.toString(16)}\n`, `0${seconds.toString(8)}\n`, `${seconds}\njunk`],
  ];
  return [
    ...spelt(future).map((bytes) => [bytes, 'live'] as const),
    ...spelt(past).map((bytes) => [bytes, 'over'] as const),
    ['9223372036854775807\n', 'live'],
    ['0\n', 'over'],
    ['-1\n', 'over'],
    ...['', '\n', `\n${future}\n`, `${future} 5\n`, `${future}s\n`, '9223372036854775808\n', 'never\n'].map(
      (bytes) => [bytes, 'neither'] as const,
    ),
  ];
}
