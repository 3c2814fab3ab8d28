import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { directoryLock } from '../../../src/protocols/levels.ts';
import { Judge, Scribe, thisSystem } from '../../../src/protocols/levels-record.ts';
import type { Standing } from '../../../src/protocols/protocol.ts';
import { FakeRandom } from '../../support/fake-random.ts';
import { startDriver } from '../driver.ts';
import { judge, stress } from '../stress.ts';
import { type Driver, NotToBeHad, type Original, type Scenario, type Suite, type Trial } from '../suite.ts';
import { buildOriginal, MODULE } from './original.mjs';
import { processesOf, recordTable } from './records.ts';

const TYPESCRIPT = join(import.meta.dirname, '../../../scripts/typescript.mjs');

let program = '';

async function build(folder: string): Promise<Original> {
  program = buildOriginal(folder);
  return { program };
}

const recordOf = (pid: number): string => new Scribe(systemClock).recordOf(pid);

/** Counts what was compared. */
class Checks {
  count = 0;

  equal(what: string, actual: unknown, expected: unknown): void {
    this.count += 1;
    const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (one !== other) throw new Error(`${what}: ${one} instead of ${other}`);
  }

  match(what: string, actual: string, expected: RegExp): void {
    this.count += 1;
    if (!expected.test(actual))
      throw new Error(`${what}: ${JSON.stringify(actual)} does not match ${expected}`);
  }
}

interface OurAnswer {
  readonly kind?: string;
  readonly problem?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly by?: { readonly pid?: number; readonly standing: Standing };
  readonly took?: { readonly pid?: number };
}

async function ask(driver: Driver, command: string): Promise<OurAnswer> {
  return JSON.parse(await driver.ask(command)) as OurAnswer;
}

/** A scenario in the locked directory `trial.folder`. */
function scenario(
  direction: Scenario['direction'],
  name: string,
  run: (trial: Trial, checks: Checks) => Promise<void>,
): Scenario {
  return {
    direction,
    name,
    run: async (trial) => {
      const checks = new Checks();
      await run(trial, checks);
      return checks.count;
    },
  };
}

function locks(folder: string): string[] {
  return readdirSync(folder).sort();
}

function master(folder: string): string {
  return readFileSync(join(folder, 'lock0'), 'latin1');
}

function put(folder: string, level: number, record: string): void {
  writeFileSync(join(folder, `lock${level}`), record, { encoding: 'latin1', mode: 0o600 });
}

/** The record of a process of the original that is dead now. */
async function deadRecord(trial: Trial): Promise<string> {
  const driver = trial.theirs();
  const record = Buffer.from(await driver.ask(`record ${trial.folder}`), 'hex').toString('latin1');
  await driver.kill();
  return record;
}

const scenarios: Scenario[] = [
  scenario(
    'ours → theirs',
    'we hold, and the original is refused; we release, and it gets in',
    async (trial, checks) => {
      const { folder } = trial;
      const [ours, theirs] = [trial.ours(), trial.theirs()];
      checks.equal('ours', (await ask(ours, `try ${folder}`)).kind, 'acquired');
      checks.equal('the original', await theirs.ask(`try ${folder}`), 'false');
      checks.equal('its Must form', await theirs.ask(`must-try ${folder}`), 'false');
      checks.equal('ours is still ours', (await ask(ours, 'check')).kind, 'ours');
      checks.equal('the directory', locks(folder), ['lock0']);
      checks.equal('release', (await ask(ours, 'unlock')).kind, 'ours');
      checks.equal('the directory', locks(folder), []);
      checks.equal('the original', await theirs.ask(`try ${folder}`), 'true');
    },
  ),

  scenario(
    'theirs → ours',
    'it holds, and we are refused, and say who holds it; it unlocks, and we get in',
    async (trial, checks) => {
      const { folder } = trial;
      const [ours, theirs] = [trial.ours(), trial.theirs()];
      checks.equal('the original', await theirs.ask(`try ${folder}`), 'true');
      const { kind, by } = await ask(ours, `try ${folder}`);
      checks.equal('ours', kind, 'held');
      checks.equal(
        'holder',
        [by?.pid, by?.standing.holder, by?.standing.takeable],
        [theirs.pid, 'alive', false],
      );
      checks.match('message', by?.standing.detail ?? '', /^its process \d+ \(driver, user \S+\) runs$/);
      checks.equal('the directory', locks(folder), ['lock0']);
      checks.equal('it unlocks', await theirs.ask(`unlock ${folder}`), 'ok');
      checks.equal('ours', (await ask(ours, `try ${folder}`)).kind, 'acquired');
    },
  ),

  scenario('theirs → ours', 'it is killed, and we take the lock over', async (trial, checks) => {
    const { folder } = trial;
    const [ours, theirs] = [trial.ours(), trial.theirs()];
    checks.equal('the original', await theirs.ask(`try ${folder}`), 'true');
    await theirs.kill();
    const { kind, took } = await ask(ours, `try ${folder}`);
    checks.equal('ours', [kind, took?.pid], ['acquired', theirs.pid]);
    checks.equal('the directory', locks(folder), ['lock0']);
    checks.equal('another of them', await trial.theirs().ask(`try ${folder}`), 'false');
    checks.equal('release', (await ask(ours, 'unlock')).kind, 'ours');
  }),

  scenario('ours → theirs', 'we are killed, and it takes the lock over', async (trial, checks) => {
    const { folder } = trial;
    const [ours, theirs] = [trial.ours(), trial.theirs()];
    checks.equal('ours', (await ask(ours, `try ${folder}`)).kind, 'acquired');
    await ours.kill();
    checks.equal('the original', await theirs.ask(`try ${folder}`), 'true');
    checks.equal('the directory', locks(folder), ['lock0']);
    checks.equal('another of ours', (await ask(trial.ours(), `try ${folder}`)).by?.pid, theirs.pid);
  }),

  scenario('both', 'records are equal, byte for byte', async (trial, checks) => {
    const { folder } = trial;
    const [ours, theirs] = [trial.ours(), trial.theirs()];
    checks.equal('the original', await theirs.ask(`try ${folder}`), 'true');
    checks.equal('its record and ours of its process', master(folder), recordOf(theirs.pid));
    checks.equal('it unlocks', await theirs.ask(`unlock ${folder}`), 'ok');
    checks.equal('ours', (await ask(ours, `try ${folder}`)).kind, 'acquired');
    const record = master(folder);
    const held = (bytes: string) => theirs.ask(`held ${Buffer.from(bytes, 'latin1').toString('hex')}`);
    checks.equal('the original judges our record', await held(record), 'true');
    // It compares what ps said with what it says: one byte more or less is another process to it.
    for (const other of [
      `${record} `,
      record.slice(0, -1),
      record.replace('COMMAND', 'COMMAND '),
      record.replace('STARTED', 'STARTEd'),
    ])
      checks.equal('and a byte beside it', await held(other), 'false');
  }),

  scenario('both', 'each row of the table of records', async (trial, checks) => {
    const theirs = trial.theirs();
    const processes = await processesOf(theirs, trial.folder);
    try {
      for (const { name, bytes, original, ours } of recordTable(processes)) {
        const said = await theirs.ask(`held ${Buffer.from(bytes, 'latin1').toString('hex')}`);
        checks.equal(`the original, ${name}`, said.replace(/^error .*/, 'error'), original);
        checks.equal(`ours, ${name}`, standingOf(bytes).holder, ours);
      }
    } finally {
      processes.end();
    }
  }),

  scenario(
    'both',
    'of 1,500 records with bytes changed by chance, ours takes none that the original leaves',
    async (trial, checks) => {
      const theirs = trial.theirs();
      const record = await deadRecord(trial);
      const random = new FakeRandom(20);
      const answers = { true: 0, false: 0, error: 0 };
      for (let round = 0; round < 1_500; round += 1) {
        const bytes = changed(record, random);
        const said = (await theirs.ask(`held ${Buffer.from(bytes, 'latin1').toString('hex')}`)).replace(
          /^error .*/,
          'error',
        );
        const { takeable } = standingOf(bytes);
        answers[said as keyof typeof answers] += 1;
        if (said !== 'false') checks.equal(`takeable: ${JSON.stringify(bytes)}`, takeable, false);
        else
          checks.equal(`takeable or looked at twice: ${JSON.stringify(bytes)}`, typeof takeable, 'boolean');
      }
      for (const [answer, times] of Object.entries(answers))
        checks.equal(`"${answer}" was met`, times > 20, true);
    },
  ),

  ...[1, 5, 18].map((stale) =>
    scenario(
      'both',
      `level 0 and ${stale} more are stale: whoever comes passes them all and leaves none`,
      async (trial, checks) => {
        const { folder } = trial;
        const record = await deadRecord(trial);
        const [ours, theirs] = [trial.ours(), trial.theirs()];
        const fill = (): void => {
          for (let level = 0; level <= stale; level += 1) put(folder, level, record);
        };
        fill();
        checks.equal('ours', (await ask(ours, `try ${folder}`)).kind, 'acquired');
        checks.equal('the directory', locks(folder), ['lock0']);
        checks.equal('release', (await ask(ours, 'unlock')).kind, 'ours');
        fill();
        checks.equal('the original', await theirs.ask(`try ${folder}`), 'true');
        checks.equal('the directory', locks(folder), ['lock0']);
      },
    ),
  ),

  scenario('both', 'all 20 levels are stale: both give up, and say so', async (trial, checks) => {
    const { folder } = trial;
    const record = await deadRecord(trial);
    for (let level = 0; level < 20; level += 1) put(folder, level, record);
    checks.match(
      'the original',
      await trial.theirs().ask(`try ${folder}`),
      /^error max number of lock levels exceeded: 20/,
    );
    const { problem, message } = await ask(trial.ours(), `try ${folder}`);
    checks.equal('ours', problem, 'refused-file');
    checks.match('message', message ?? '', /All 20 levels of the lock are stale/);
    checks.equal('the directory', locks(folder).length, 20);
  }),

  scenario(
    'theirs → ours',
    'it has level 1 of a stale lock: we wait for it, 50 tries at most, and pass when it is gone',
    async (trial, checks) => {
      const { folder } = trial;
      const [ours, theirs] = [trial.ours(), trial.theirs()];
      put(folder, 0, await deadRecord(trial));
      put(folder, 1, Buffer.from(await theirs.ask(`record ${folder}`), 'hex').toString('latin1'));
      const { problem, message } = await ask(ours, `try ${folder}`);
      checks.equal('ours', problem, 'contended');
      checks.match('message', message ?? '', /Tried 50 times, .*lock1 is held: its process \d+ \(driver,/);
      checks.match(
        'another original',
        await trial.theirs().ask(`try ${folder}`),
        /^error max number of tries exceeded: 50/,
      );
      checks.equal('the directory', locks(folder), ['lock0', 'lock1']);
      const waiting = ask(ours, `try ${folder}`);
      await systemClock.sleep(300);
      await theirs.kill();
      checks.equal('ours', (await waiting).kind, 'acquired');
      checks.equal('the directory', locks(folder), ['lock0']);
    },
  ),

  scenario(
    'ours → theirs',
    'TryLock, Lock, Unlock and the Must form do the same on both sides',
    async (trial, checks) => {
      const { folder } = trial;
      const theirs = trial.theirs();
      const surroundings = { clock: systemClock, random: systemRandom, platform: process.platform };
      const lock = directoryLock(folder, { surroundings });
      const must = lock.must();
      checks.equal('ours', (await lock.tryLock()).kind, 'locked');
      checks.equal('ours again', (await lock.tryLock()).kind, 'held');
      checks.equal('Must again', await must.tryLock(), false);
      checks.equal('the original', await theirs.ask(`must-try ${folder}`), 'false');
      const waiting = theirs.ask(`lock ${folder}`);
      checks.equal('ours', (await lock.unlock()).kind, 'unlocked');
      checks.equal('the original has waited', await waiting, 'ok');
      const ourTurn = must.lock();
      checks.equal('the original', await theirs.ask(`must-unlock ${folder}`), 'ok');
      checks.equal('ours has waited', await ourTurn, true);
      await must.unlock();
      checks.match(
        'the original, nothing locked',
        await theirs.ask(`must-unlock ${folder}`),
        /^panic remove .*lock0: no such file/,
      );
      checks.match(
        'ours, nothing locked',
        String(await must.unlock().catch((error: unknown) => error)),
        /is not locked by this object/,
      );
    },
  ),

  scenario(
    'ours → theirs',
    'the original unlocks what is not its own: ours says that it was robbed',
    async (trial, checks) => {
      const { folder } = trial;
      const [ours, theirs] = [trial.ours(), trial.theirs()];
      checks.equal('ours', (await ask(ours, `try ${folder}`)).kind, 'acquired');
      checks.equal('the original, which holds nothing', await theirs.ask(`unlock ${folder}`), 'ok');
      checks.match(
        'check',
        JSON.stringify(await ask(ours, 'check')),
        /"compromised".*was removed by another program/,
      );
      checks.equal('the original', await theirs.ask(`try ${folder}`), 'true');
      const released = await ask(ours, 'unlock');
      checks.equal('release', [released.kind, released.by?.pid], ['compromised', theirs.pid]);
      checks.equal('the lock of the original stays', master(folder), recordOf(theirs.pid));
    },
  ),

  scenario(
    'both',
    'another time zone: the original takes a living lock, ours leaves it and is told when it is robbed',
    async (trial, checks) => {
      const { folder } = trial;
      const abroad = startDriver(program, [], { env: { ...process.env, TZ: 'Asia/Kolkata' } });
      try {
        const ours = trial.ours();
        checks.equal('abroad', await abroad.ask(`try ${folder}`), 'true');
        const { kind, by } = await ask(ours, `try ${folder}`);
        checks.equal(
          'ours',
          [kind, by?.pid, by?.standing.holder, by?.standing.takeable],
          ['held', abroad.pid, 'unknown', false],
        );
        checks.match(
          'message',
          by?.standing.detail ?? '',
          /another time zone \(TZ\) or the clock was set since/,
        );
        const record = master(folder);
        checks.equal(
          'the original in this time zone',
          await trial.theirs().ask(`held ${Buffer.from(record, 'latin1').toString('hex')}`),
          'false',
        );
        checks.equal('abroad', await abroad.ask(`unlock ${folder}`), 'ok');
        checks.equal('ours', (await ask(ours, `try ${folder}`)).kind, 'acquired');
        checks.equal('abroad, while ours lives', await abroad.ask(`try ${folder}`), 'true');
        const check = await ask(ours, 'check');
        checks.equal('check', [check.kind, check.by?.pid], ['compromised', abroad.pid]);
        checks.match(
          'why',
          check.detail ?? '',
          /was replaced by another program, which took its holder for dead/,
        );
        checks.equal('release', (await ask(ours, 'unlock')).kind, 'compromised');
        checks.equal('and takes nothing away', locks(folder), ['lock0']);
      } finally {
        await abroad.kill();
      }
    },
  ),

  scenario('both', 'the machine is named alike, and one without a name proves nothing', machineIds),

  scenario(
    'both',
    'a disk that is full when the stale lock is to be replaced: the original claims it, ours says that there is no space',
    fullDisk,
  ),

  scenario(
    'both',
    'stress: 3 of ours, 3 of theirs, one hold in five ends by SIGKILL',
    async (trial, checks) => {
      const result = await stress(trial, {
        path: trial.folder,
        ours: 3,
        theirs: 3,
        acquisitions: 300,
        killShare: 0.2,
        seed: 11,
        original: {
          acquire: `try ${trial.folder}`,
          acquired: (answer) => answer === 'true',
          release: `unlock ${trial.folder}`,
        },
      });
      checks.count += judge(result);
      checks.equal('broken by the original', result.byOriginal, []);
      checks.equal('both sides took part', result.acquisitions.theirs > 0, true);
    },
  ),
];

/** Where the name of a machine may come from: mounts that only the process behind them sees. */
const MACHINES = [
  { name: '/etc/machine-id', mounts: 'true', id: /^[0-9a-f]{32}$/ },
  {
    name: 'D-Bus',
    mounts:
      'mount -t tmpfs none /etc && mount -t tmpfs none /var/lib && mkdir /var/lib/dbus && echo 00dbus00 >/var/lib/dbus/machine-id',
    id: /^00dbus00$/,
  },
  {
    name: 'the age of /proc/1',
    mounts: 'mount -t tmpfs none /etc && mount -t tmpfs none /var/lib',
    id: /^\d{19}$/,
  },
  { name: 'an empty /etc/machine-id', mounts: 'mount --bind /dev/null /etc/machine-id', id: /^$/ },
] as const;

async function machineIds(trial: Trial, checks: Checks): Promise<void> {
  for (const { name, mounts, id } of MACHINES) {
    const behind = ['--mount', 'sh', '-c', `${mounts} && exec "$@"`, 'sh'];
    if (spawnSync('unshare', [...behind, 'true']).status !== 0)
      throw new NotToBeHad('only root may make the mounts that this needs (unshare --mount)');
    const theirs = startDriver('unshare', [...behind, program]);
    try {
      const record = Buffer.from(await theirs.ask(`record ${trial.folder}`), 'hex').toString('latin1');
      checks.match(name, machineOf(record), id);
      checks.equal(`${name}, as ours has it`, machineOf(said(behind).bytes), machineOf(record));
      const dead = record.replaceAll(String(theirs.pid), String(spawnSync('true').pid));
      const held = await theirs.ask(`held ${Buffer.from(dead, 'latin1').toString('hex')}`);
      checks.equal(`${name}, a dead process, to the original`, held, 'false');
      const empty = machineOf(record) === '';
      checks.equal(
        `${name}, a dead process, to ours`,
        said(behind, dead).standing.holder,
        empty ? 'unknown' : 'finished',
      );
    } finally {
      await theirs.kill();
    }
  }
}

function machineOf(record: string): string {
  return /^SYSTEM ID:(.*)$/m.exec(record)?.[1] ?? 'none';
}

/** Our record of a process behind some mounts, or what it makes of one. */
function said(behind: readonly string[], bytes?: string): { bytes: string; standing: Standing } {
  const args = [TYPESCRIPT, join(import.meta.dirname, '../../protocols/levels-said.ts')];
  const { stdout, stderr } = spawnSync(
    'unshare',
    [...behind, process.execPath, ...args, ...(bytes === undefined ? [] : [bytes])],
    { encoding: 'utf8' },
  );
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as { bytes: string; standing: Standing };
}

/** One page of a memory disk is left: a record fits at level 1, and the one for level 0 does not any more. */
async function fullDisk(trial: Trial, checks: Checks): Promise<void> {
  const record = await deadRecord(trial);
  const disk = join(trial.folder, 'disk');
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'leasehold', disk]);
  if (mounted.status !== 0) throw new NotToBeHad('only root may mount the disk that this needs');
  try {
    const [ours, theirs] = [trial.ours(), trial.theirs()];
    put(disk, 0, record);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(2 * 4_096));
    const { problem } = await ask(ours, `try ${disk}`);
    checks.equal('ours', problem, 'no-space');
    checks.equal('the disk after ours', locks(disk), ['ballast', 'lock0']);
    checks.equal("the lock is still the dead holder's", master(disk), record);
    checks.equal('the original claims that it has the lock', await theirs.ask(`try ${disk}`), 'true');
    checks.equal('and has it not', master(disk), record);
    checks.match('it leaves a file behind', locks(disk).join(' '), /templock\d+/);
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
}

function standingOf(bytes: string): Standing {
  const state = {
    identity: { dev: '1', ino: '1', bytes },
    mtimeMs: Date.now(),
    bornMs: Date.now(),
    links: 1,
  };
  return new Judge(thisSystem).standingOf(state);
}

function changed(record: string, random: FakeRandom): string {
  const bytes = Buffer.from(record, 'latin1');
  // The head: what follows it is of a process that is dead anyway.
  const head = record.indexOf('\n', record.indexOf('PID:')) + 2;
  for (let changes = random.below(3); changes >= 0; changes -= 1)
    bytes[random.below(head)] = random.pick([
      10,
      32,
      43,
      45,
      48,
      49,
      50,
      57,
      58,
      65,
      95,
      120,
      random.below(256),
    ]);
  return bytes.toString('latin1', 0, random.chance(0.1) ? random.below(head) : bytes.length);
}

export const suite: Suite = {
  protocol: 'levels',
  original: `${MODULE}, x/ref/services/agent/internal/lock`,
  needs: ['go'],
  build,
  scenarios,
};
