import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildOriginal, Checks, namesDuring, pause, RESTATED, withBlog } from '../asterisk/original.ts';
import { judge, stress } from '../stress.ts';
import type { Scenario, Suite, Trial } from '../suite.ts';

const scenarios: readonly Scenario[] = [
  {
    direction: 'ours → theirs',
    name: 'our hold refuses the original; our release leaves the file',
    run: oursRefuses,
  },
  { direction: 'ours → theirs', name: 'the original waits, and gets it when we release', run: theirsWaits },
  { direction: 'theirs → ours', name: 'its lock refuses us, who are told its pid', run: theirsRefuses },
  { direction: 'theirs → ours', name: 'it dies: we have it at once', run: theirsDies },
  { direction: 'ours → theirs', name: 'we die: it has it at once', run: oursDies },
  { direction: 'both', name: 'the file: empty, 0600 under every umask', run: files },
  { direction: 'both', name: 'a symbolic link or a second name is refused by both', run: refusals },
  { direction: 'both', name: 'no directory', run: noDirectory },
  {
    direction: 'ours → theirs',
    name: 'we never give the file a second name, nor make another',
    run: oneName,
  },
  {
    direction: 'theirs → ours',
    name: 'a second name: the original removes our lock and enters, and we are told',
    run: secondName,
  },
  {
    direction: 'theirs → ours',
    name: 'the original unlocks what is not its own: compromised, and its lock is left alone',
    run: theirsBreaks,
  },
  {
    direction: 'theirs → ours',
    name: "the blog's variant unlocks at once: two of it enter, ours keeps it out",
    run: blogs,
  },
  { direction: 'both', name: 'stress with SIGKILL: nobody enters beside a holder', run: stressed },
];

export const suite: Suite = {
  protocol: 'asterisk-flock',
  original: RESTATED,
  needs: ['cc'],
  build: async (folder) => buildOriginal(folder, 'flock'),
  scenarios,
};

async function oursRefuses({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  await checks.ours(our, `try ${folder}`, 'acquired');
  const { ino } = lstatSync(join(folder, 'lock'));
  await checks.theirs(their, `try ${folder}`, 'timeout');
  const startedMs = performance.now();
  await checks.theirs(their, `lock ${folder}`, 'timeout');
  const tookMs = performance.now() - startedMs;
  checks.isTrue(tookMs > 3_900 && tookMs < 5_500, `under five seconds of time(2), it took ${tookMs} ms`);
  await checks.ours(our, 'check', 'ours');
  await checks.ours(our, 'unlock', 'ours');
  checks.equal(lstatSync(join(folder, 'lock')).ino, ino, 'the same file');
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
  const [our, other, their] = [ours(), ours(), theirs()];
  await checks.theirs(their, `lock ${folder}`, 'success');
  const { by } = await checks.ours(our, `try ${folder}`, 'held');
  checks.equal(by?.pid, their.pid, 'who holds it');
  checks.isTrue(
    (await our.ask(`inspect ${folder}`)).includes(`"pid":${their.pid}`),
    'who holds it, looked at',
  );
  await checks.theirs(their, `unlock ${folder}`, 'success');
  checks.equal(await our.ask(`inspect ${folder}`), 'null', 'it is free');
  await checks.ours(our, `try ${folder}`, 'acquired');
  // The process that asked for it, flock(1), has ended: who shares its descriptor is found all the same.
  const seen = await checks.ours(other, `try ${folder}`, 'held');
  checks.equal(seen.by?.pid, our.pid, 'ours holds it');
  await checks.ours(our, 'unlock', 'ours');
  return checks.count;
}

async function theirsDies({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  await checks.theirs(their, `lock ${folder}`, 'success');
  await checks.ours(our, `try ${folder}`, 'held');
  await their.kill();
  await checks.ours(our, `try ${folder}`, 'acquired');
  await checks.theirs(theirs(), `try ${folder}`, 'timeout');
  await checks.ours(our, 'unlock', 'ours');
  return checks.count;
}

async function oursDies({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  await checks.ours(our, `try ${folder}`, 'acquired');
  await checks.theirs(their, `try ${folder}`, 'timeout');
  await our.kill();
  await checks.theirs(their, `try ${folder}`, 'success');
  await checks.ours(ours(), `try ${folder}`, 'held');
  return checks.count;
}

async function files(trial: Trial): Promise<number> {
  const checks = new Checks();
  const before = process.umask();
  for (const umask of [0o022, 0o077, 0o002]) {
    process.umask(umask);
    const [our, their] = [trial.ours(), trial.theirs()];
    process.umask(before);
    const folders = ['theirs', 'ours'].map((whose) => join(trial.folder, `${whose}-${umask}`));
    const [theirFolder = '', ourFolder = ''] = folders;
    for (const folder of folders) mkdirSync(folder);
    await checks.theirs(their, `lock ${theirFolder}`, 'success');
    await checks.ours(our, `try ${ourFolder}`, 'acquired');
    checks.equal(described(ourFolder), described(theirFolder), `the file under umask ${umask.toString(8)}`);
    checks.equal(lstatSync(join(ourFolder, 'lock')).mode & 0o777, 0o600 & ~umask, 'its mode');
  }
  return checks.count;
}

/** All that can be seen of the lock in a directory. */
function described(folder: string): string {
  const stat = lstatSync(join(folder, 'lock'));
  const names = readdirSync(folder).join(' ');
  return `${names}: ${stat.size} bytes, mode ${stat.mode.toString(8)}, ${stat.nlink} link, uid ${stat.uid}`;
}

async function refusals(trial: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [trial.ours(), trial.theirs()];
  const kinds: Readonly<Record<string, (path: string) => void>> = {
    'dangling-link': (path) => symlinkSync('target', path),
    'link-to-a-file': (path) => {
      writeFileSync(`${path}-target`, '');
      symlinkSync('lock-target', path);
    },
    'second-name': (path) => {
      writeFileSync(path, '', { mode: 0o600 });
      linkSync(path, `${path}-2`);
    },
  };
  for (const [kind, make] of Object.entries(kinds)) {
    const folder = join(trial.folder, kind);
    mkdirSync(folder);
    make(join(folder, 'lock'));
    const before = readdirSync(folder);
    await checks.theirs(their, `try ${folder}`, 'failure');
    await checks.ours(our, `try ${folder}`, 'refused-file');
    checks.equal(readdirSync(folder), before, `${kind}: nothing came or went`);
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

async function oneName({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, other, their] = [ours(), ours(), theirs()];
  const lock = join(folder, 'lock');
  await checks.ours(our, `try ${folder}`, 'acquired');
  await checks.ours(our, 'unlock', 'ours');
  const { ino } = lstatSync(lock);
  const names = await namesDuring(folder, async () => {
    for (let round = 0; round < 10; round += 1) {
      await checks.ours(our, `try ${folder}`, 'acquired');
      await checks.ours(other, `try ${folder}`, 'held');
      await checks.ours(our, 'check', 'ours');
      await checks.theirs(their, `try ${folder}`, 'timeout');
      await checks.ours(our, 'unlock', 'ours');
      const stat = lstatSync(lock);
      checks.equal([stat.ino, stat.nlink], [ino, 1], 'the same file with one name');
    }
  });
  // Not one name came or went: a second one, however short-lived, would have.
  checks.equal([...names], [], 'names that came or went');
  return checks.count;
}

async function secondName({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  const lock = join(folder, 'lock');
  await checks.ours(our, `try ${folder}`, 'acquired');
  await checks.theirs(their, `try ${folder}`, 'timeout');
  linkSync(lock, join(folder, 'backup'));
  await checks.ours(our, 'check', 'compromised');
  // Not a timeout: voicemail goes on, and unlocks when it is done.
  await checks.theirs(their, `try ${folder}`, 'failure');
  await checks.theirs(their, `unlock ${folder}`, 'success');
  checks.equal(existsSync(lock), false, 'our lock is there');
  await checks.ours(our, 'check', 'compromised');
  await checks.theirs(their, `try ${folder}`, 'success');
  const { by } = await checks.ours(our, 'check', 'compromised');
  checks.equal(by?.pid, their.pid, 'who has it now');
  await checks.ours(our, 'unlock', 'compromised');
  checks.isTrue(existsSync(lock), 'the lock of the original is left alone');
  return checks.count;
}

async function theirsBreaks({ folder, ours, theirs }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, their] = [ours(), theirs()];
  const lock = join(folder, 'lock');
  for (let round = 0; round < 20; round += 1) {
    await checks.ours(our, `try ${folder}`, 'acquired');
    const { ino } = lstatSync(lock);
    await checks.theirs(their, `unlock ${folder}`, 'success');
    await checks.ours(our, 'check', 'compromised');
    await checks.theirs(their, `try ${folder}`, 'success');
    checks.isTrue(lstatSync(lock).ino !== ino, 'another inode: ours is open still');
    await checks.ours(our, 'check', 'compromised');
    await checks.ours(our, 'unlock', 'compromised');
    checks.isTrue(existsSync(lock), 'the lock of the original is left alone');
    await checks.theirs(their, `unlock ${folder}`, 'success');
  }
  return checks.count;
}

async function blogs({ folder, ours }: Trial): Promise<number> {
  const checks = new Checks();
  const [our, other] = [ours({ variant: 'blog' }), ours()];
  await withBlog('blog-flock', async (blog) => {
    await checks.theirs(blog, `try ${folder}`, 'success');
    await withBlog('blog-flock', (second) => checks.theirs(second, `try ${folder}`, 'success'));
    // Whoever it believes to keep out enters.
    await checks.ours(our, `try ${folder}`, 'acquired');
    await checks.ours(other, `try ${folder}`, 'held');
    await checks.theirs(blog, `try ${folder}`, 'timeout');
    await checks.theirs(blog, `unlock ${folder}`, 'success');
    await checks.ours(our, 'check', 'compromised');
  });
  return checks.count;
}

async function stressed(trial: Trial): Promise<number> {
  const folder = join(trial.folder, 'voicemail');
  mkdirSync(folder);
  const result = await stress(trial, {
    path: folder,
    ours: 3,
    theirs: 3,
    acquisitions: 1_000,
    killShare: 0.2,
    seed: 21,
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
