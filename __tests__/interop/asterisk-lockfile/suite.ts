import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildOriginal, Checks, namesDuring, pause, RESTATED, withBlog } from '../asterisk/original.ts';
import { judge, stress } from '../stress.ts';
import type { Driver, Scenario, Suite, Trial } from '../suite.ts';

const scenarios: readonly Scenario[] = [
  { direction: 'ours → theirs', name: 'our hold refuses the original for its whole 5 s', run: oursRefuses },
  { direction: 'ours → theirs', name: 'the original waits, and gets it when we release', run: theirsWaits },
  { direction: 'theirs → ours', name: 'its lock refuses us until it unlocks', run: theirsRefuses },
  {
    direction: 'theirs → ours',
    name: 'it dies: we wait without a ttl, and take over by age with one',
    run: theirsDies,
  },
  {
    direction: 'ours → theirs',
    name: 'we die: it waits for ever, as for its own; it has it after our takeover',
    run: oursDies,
  },
  { direction: 'both', name: 'the file: empty, its mode under every umask, its temporary names', run: files },
  { direction: 'both', name: 'a .lock of another kind is held for both', run: aliens },
  { direction: 'both', name: 'no directory', run: noDirectory },
  { direction: 'both', name: 'a renewed hold is never too old, and refuses the original', run: renewals },
  {
    direction: 'theirs → ours',
    name: 'the original unlocks what is not its own: compromised, and its lock is left alone',
    run: theirsBreaks,
  },
  { direction: 'both', name: "the blog's variant", run: blogs },
  {
    direction: 'both',
    name: 'stress with SIGKILL: nobody enters beside a holder',
    run: (trial) => stressed(trial, { ours: 3, theirs: 3, acquisitions: 600, seed: 20 }),
  },
  {
    direction: 'both',
    name: 'stress of ours alone, who take over from their dead',
    run: (trial) => stressed(trial, { ours: 5, theirs: 0, acquisitions: 300, seed: 22 }),
  },
];

export const suite: Suite = {
  protocol: 'asterisk-lockfile',
  original: RESTATED,
  needs: ['cc'],
  build: async (folder) => buildOriginal(folder, 'lockfile'),
  scenarios,
};

async function oursRefuses({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  await checks.ours(our, `try ${folder}`, 'acquired');
  await checks.theirs(their, `try ${folder}`, 'timeout');
  const startedMs = performance.now();
  await checks.theirs(their, `lock ${folder}`, 'timeout');
  const tookMs = performance.now() - startedMs;
  checks.isTrue(tookMs > 3_900 && tookMs < 5_500, `under five seconds of time(2), it took ${tookMs} ms`);
  await checks.ours(our, 'check', 'ours');
  await checks.ours(our, 'unlock', 'ours');
  await checks.theirs(their, `try ${folder}`, 'success');
  return checks.count;
}

async function theirsWaits({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  await checks.ours(our, `try ${folder}`, 'acquired');
  let answered = false;
  const waiting = checks.theirs(their, `lock ${folder}`, 'success').then(() => {
    answered = true;
  });
  await pause(500);
  checks.equal(answered, false, 'it waits');
  await checks.ours(our, 'unlock', 'ours');
  await waiting;
  await checks.ours(our, `try ${folder}`, 'held');
  return checks.count;
}

async function theirsRefuses({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  await checks.theirs(their, `lock ${folder}`, 'success');
  const { by } = await checks.ours(our, `try ${folder}`, 'held');
  checks.equal(
    by?.standing.detail,
    'its record is empty, and no ttl says when it is too old',
    'what is told',
  );
  checks.isTrue((await our.ask(`inspect ${folder}`)) !== 'null', 'it is seen');
  await checks.theirs(their, `unlock ${folder}`, 'success');
  checks.equal(await our.ask(`inspect ${folder}`), 'null', 'it is free');
  await checks.ours(our, `try ${folder}`, 'acquired');
  await checks.ours(our, 'unlock', 'ours');
  checks.equal(readdirSync(folder), [], 'nothing is left');
  return checks.count;
}

async function theirsDies({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const their = theirs();
  await checks.theirs(their, `lock ${folder}`, 'success');
  await their.kill();
  const [patient, timed] = [ours(), ours({ ttlMs: 1_500 })];
  await checks.ours(timed, `try ${folder}`, 'held');
  await pause(1_600);
  await checks.ours(patient, `try ${folder}`, 'held');
  const { took } = await checks.ours(timed, `try ${folder}`, 'acquired');
  checks.isTrue(took !== undefined, 'what was taken over is told');
  await checks.theirs(theirs(), `try ${folder}`, 'timeout');
  await checks.ours(timed, 'unlock', 'ours');
  checks.equal(readdirSync(folder), [], 'nothing is left');
  return checks.count;
}

async function oursDies({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const our = ours();
  await checks.ours(our, `try ${folder}`, 'acquired');
  await our.kill();
  const their = theirs();
  await checks.theirs(their, `lock ${folder}`, 'timeout');
  // It has waited for longer than the ttl.
  const other = ours({ ttlMs: 1_000 });
  await checks.ours(other, `try ${folder}`, 'acquired');
  await checks.theirs(their, `try ${folder}`, 'timeout');
  await checks.ours(other, 'unlock', 'ours');
  await checks.theirs(their, `try ${folder}`, 'success');
  await their.kill();
  await checks.theirs(theirs(), `try ${folder}`, 'timeout');
  return checks.count;
}

async function files(trial: Trial): Promise<number> {
  const checks = new Checks();
  const before = process.umask();
  for (const umask of [0o022, 0o077, 0o002]) {
    process.umask(umask);
    const [our, their] = [trial.ours(), trial.theirs()];
    process.umask(before);
    const folder = join(trial.folder, String(umask));
    mkdirSync(folder);
    let theirFile = '';
    const theirNames = await namesDuring(folder, async () => {
      await checks.theirs(their, `lock ${folder}`, 'success');
      theirFile = described(folder);
      await checks.theirs(their, `unlock ${folder}`, 'success');
    });
    const ourNames = await namesDuring(folder, async () => {
      await checks.ours(our, `try ${folder}`, 'acquired');
      checks.equal(described(folder), theirFile, `the file under umask ${umask.toString(8)}`);
      await checks.ours(our, 'unlock', 'ours');
    });
    for (const [whose, names] of Object.entries({ theirs: theirNames, ours: ourNames })) {
      const temporary = [...names].filter((name) => name !== '.lock');
      checks.isTrue(
        temporary.length === 1 && /^\.lock-[0-7][0-9a-f]{7}$/.test(temporary[0] ?? ''),
        `the temporary name of ${whose}: ${temporary.join(' ')}`,
      );
    }
  }
  return checks.count;
}

/** All that can be seen of the lock in a directory. */
function described(folder: string): string {
  const stat = lstatSync(join(folder, '.lock'));
  const names = readdirSync(folder).join(' ');
  return `${names}: ${stat.size} bytes, mode ${stat.mode.toString(8)}, ${stat.nlink} link, uid ${stat.uid}`;
}

async function aliens(trial: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [trial.ours({ ttlMs: 1 }), trial.theirs()];
  const kinds: Readonly<Record<string, (path: string) => void>> = {
    directory: (path) => mkdirSync(path),
    'dangling-link': (path) => symlinkSync('nowhere', path),
    record: (path) => writeFileSync(path, '4711\n'),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    const folder = join(trial.folder, kind);
    mkdirSync(folder);
    make(join(folder, '.lock'));
    await checks.theirs(their, `try ${folder}`, 'timeout');
    await checks.ours(our, `try ${folder}`, 'held');
    checks.equal(readdirSync(folder), ['.lock'], `the ${kind} is left alone, and nothing else there`);
  }
  return checks.count;
}

async function noDirectory({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  await checks.theirs(their, `try ${join(folder, 'missing')}`, 'path not found');
  await checks.ours(our, `try ${join(folder, 'missing')}`, 'path-missing');
  writeFileSync(join(folder, 'file'), '');
  await checks.theirs(their, `try ${join(folder, 'file')}`, 'path not found');
  await checks.ours(our, `try ${join(folder, 'file')}`, 'not-a-directory');
  return checks.count;
}

async function renewals({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, other, their] = [ours({ ttlMs: 2_500 }), ours({ ttlMs: 2_500 }), theirs()];
  await checks.ours(our, `try ${folder}`, 'acquired');
  for (let renewal = 0; renewal < 6; renewal += 1) {
    await pause(800);
    await checks.ours(other, `try ${folder}`, 'held');
    await checks.theirs(their, `try ${folder}`, 'timeout');
    await checks.ours(our, 'renew', 'ours');
  }
  await checks.ours(our, 'unlock', 'ours');
  return checks.count;
}

async function theirsBreaks({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  const lock = join(folder, '.lock');
  let again = 0;
  for (let round = 0; round < 20; round += 1) {
    await checks.ours(our, `try ${folder}`, 'acquired');
    const { ino } = lstatSync(lock);
    await checks.theirs(their, `unlock ${folder}`, 'success');
    await checks.ours(our, 'check', 'compromised');
    await checks.theirs(their, `lock ${folder}`, 'success');
    if (lstatSync(lock).ino === ino) again += 1;
    await checks.ours(our, 'check', 'compromised');
    await checks.ours(our, 'unlock', 'compromised');
    checks.isTrue(existsSync(lock), 'the lock of the original is left alone');
    await checks.theirs(their, `unlock ${folder}`, 'success');
  }
  checks.equal(again, 0, 'inode numbers given anew while ours was open');
  return checks.count;
}

async function blogs({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours({ variant: 'blog' }), theirs()];
  await withBlog('blog-lockfile', async (blog) => {
    await checks.theirs(blog, `lock ${folder}`, 'success');
    const theirFile = described(folder);
    await checks.ours(our, `try ${folder}`, 'held');
    await checks.theirs(their, `try ${folder}`, 'timeout');
    await checks.theirs(blog, `unlock ${folder}`, 'success');
    await checks.ours(our, `try ${folder}`, 'acquired');
    checks.equal(described(folder), theirFile, 'the file');
    await expectTwelveTries(checks, blog, folder);
    await checks.ours(our, 'unlock', 'ours');
  });
  return checks.count;
}

async function expectTwelveTries(checks: Checks, blog: Driver, folder: string): Promise<void> {
  const startedMs = performance.now();
  await checks.theirs(blog, `lock ${folder}`, 'timeout');
  const tookMs = performance.now() - startedMs;
  checks.isTrue(tookMs > 5_400 && tookMs < 6_500, `12 tries with 500 ms between two, it took ${tookMs} ms`);
}

async function stressed(
  trial: Trial,
  sides: { ours: number; theirs: number; acquisitions: number; seed: number },
): Promise<number> {
  const folder = join(trial.folder, 'voicemail');
  mkdirSync(folder);
  const result = await stress(trial, {
    ...sides,
    path: folder,
    killShare: 0.02,
    // Far longer than any hold of this trial: who is older is dead.
    options: { ttlMs: 2_500 },
    original: {
      acquire: `try ${folder}`,
      acquired: (answer) => answer === 'success',
      release: `unlock ${folder}`,
    },
  });
  if (result.byOriginal.length > 0)
    throw new Error(`Beside a living holder: ${result.byOriginal.slice(0, 5).join('; ')}`);
  rmSync(folder, { recursive: true, force: true });
  return judge(result);
}
