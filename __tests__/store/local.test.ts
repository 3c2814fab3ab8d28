import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Clock } from '../../src/base/clock.ts';
import { LocalStore } from '../../src/store/local.ts';
import { blockingDisk, type Disk, filesystemOf } from '../../src/store/local-io.ts';
import type { Reading, Version, WriteResult } from '../../src/store/store.ts';

const MINUTE_MS = 60_000;
const KEY = 'locks/a';

let root: string;
let store: LocalStore;
beforeEach(async () => {
  root = join(mkdtempSync(join(tmpdir(), 'leasehold-local-')), 'store');
  store = await LocalStore.open(`${pathToFileURL(root).href}?fsync=never`);
});
afterEach(() => rmSync(join(root, '..'), { recursive: true }));

/** Tells no time, for the store must not ask: its time is the disk's. Sleeping takes none. */
const timelessClock: Clock = {
  wallMs: () => {
    throw new Error('the wall clock was asked');
  },
  monotonicMs: () => {
    throw new Error('the monotonic clock was asked');
  },
  alarm: () => () => {},
  sleep: async () => {},
};

/** A store in the same directory whose disk differs from a real one in a few calls. */
const openWith = (calls: Partial<Disk>, fsync: 'always' | 'never' = 'never'): Promise<LocalStore> =>
  LocalStore.open(`${pathToFileURL(root).href}?fsync=${fsync}`, {
    disk: { ...blockingDisk, ...calls },
    clock: timelessClock,
  });

const fail = (code: string, call = 'call', path = '/some/path'): never => {
  throw Object.assign(new Error(`${code}: it failed, ${call} '${path}'`), { code });
};
const written = (result: WriteResult): Version => {
  if (result.kind === 'written') return result.version;
  throw new Error('A write that should have applied was a conflict.');
};
const create = async (body = 'one'): Promise<Version> => written(await store.write(KEY, body, 'absent'));
const replace = async (version: Version, body: string): Promise<Version> =>
  written(await store.write(KEY, body, version));
const replaceTimes = async (version: Version, count: number): Promise<Version> => {
  let latest = version;
  for (let round = 1; round <= count; round += 1) latest = await replace(latest, `round ${round}`);
  return latest;
};
const currentVersion = async (): Promise<Version> => {
  const reading = await store.read(KEY);
  if (reading.kind === 'found') return reading.version;
  throw new Error('The key is absent.');
};
const nonceOf = (version: Version): string | undefined => version.split('.')[1];
const filesOf = (key: string): string[] => readdirSync(join(root, key)).sort();
const recordPath = (number: number): string => join(root, KEY, `v.${number}`);
const bodyOf = (reading: Reading): string | undefined =>
  reading.kind === 'found' ? reading.body : undefined;
const setAge = (path: string, ageMs: number): void => {
  const seconds = (statSync(path).mtimeMs - ageMs) / 1_000;
  utimesSync(path, seconds, seconds);
};

describe('the location', () => {
  test.each([
    ['a path', (path: string) => path],
    ['a URL', (path: string) => pathToFileURL(path).href],
    ['a URL that says how to sync', (path: string) => `${pathToFileURL(path).href}?fsync=always`],
    ['a URL with a slash at its end', (path: string) => `${pathToFileURL(path).href}/`],
  ])('%s names the directory', async (_what, locate) => {
    const opened = await LocalStore.open(locate(root));
    expect(opened.url).toBe(pathToFileURL(root).href);
    await opened.write(KEY, 'one', 'absent', { durable: true });
    expect(filesOf(KEY)).toEqual(['v.1']);
  });

  test('characters that a URL escapes are themselves in the path', async () => {
    const opened = await LocalStore.open(`${pathToFileURL(root).href}%20of%20mine`);
    await opened.write(KEY, 'one', 'absent');
    expect(existsSync(`${root} of mine/${KEY}/v.1`)).toBe(true);
  });

  test.each([
    ['a host', 'file://server/share', /names a host/],
    ['a relative URL', 'file:locks', /a relative path/],
    ['a relative path', 'locks', /no absolute path/],
    ['an unknown option', 'file:///locks?sync=never', /"sync"; the only one is "fsync"/],
    ['an unknown value', 'file:///locks?fsync=maybe', /"maybe"; it is "always" or "never"/],
    ['a fragment', 'file:///locks#1', /%23/],
    ['an escaped slash', 'file:///locks%2Fa', /no path of this system/],
  ])('%s is refused, with what is allowed', async (_what, location, message) => {
    await expect(LocalStore.open(location)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(message),
    });
  });

  test('nothing is created before the first write, and then for its owner only', async () => {
    expect((await store.read(KEY)).kind).toBe('absent');
    expect(await store.list('')).toEqual([]);
    await store.remove(KEY);
    expect(existsSync(root)).toBe(false);
    await create();
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });

  test.each(['', '..', '.', '/a', 'a/', 'a//b', 'a/../b', 'a b', 'a\\b', 'v.1', 'a/v.12'])(
    '%j is no key, which is an error of the program',
    async (key) => {
      for (const call of [
        () => store.read(key),
        () => store.write(key, 'one', 'absent'),
        () => store.remove(key),
        async () => store.watch(key, () => {}, new AbortController().signal),
      ]) {
        await expect(call()).rejects.toMatchObject({
          name: 'Error',
          message: expect.stringContaining('Not a key'),
        });
      }
    },
  );

  test('a prefix does not lead out of the directory', async () => {
    await expect(store.list('../')).rejects.toThrow('Not a key');
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux.each([
    ['/dev/shm', { name: 'tmpfs', local: true }],
    ['/dev/shm/not/there', { name: 'tmpfs', local: true }],
    ['/proc', { name: 'type 0x9fa0', local: false }],
  ])('(Linux) the filesystem of %s is known for what it is', async (directory, filesystem) => {
    expect(await filesystemOf(directory)).toEqual(filesystem);
  });
});

describe('the files', () => {
  test('a record is a header line and the body, and nothing else stays behind', async () => {
    const first = await create('{"n":1}');
    const second = await replace(first, '{"n":2}');
    expect(filesOf(KEY)).toEqual(['v.1', 'v.2']);
    const [header, body] = readFileSync(recordPath(2), 'utf8').split('\n');
    expect(body).toBe('{"n":2}');
    expect(header).toBe(`leasehold/1 ${nonceOf(second)} ${nonceOf(first)}`);
  });

  test('a chain keeps 128 nonces, newest first, and fits into one page with the record of a lease', async () => {
    const last = await replaceTimes(await create(), 200);
    const chainOf = (number: number): string[] =>
      (readFileSync(recordPath(number), 'utf8').split('\n')[0] ?? '').split(' ').slice(1);
    expect(chainOf(201)).toEqual([nonceOf(last), ...chainOf(200).slice(0, 127)]);
    expect(new Set(chainOf(201)).size).toBe(128);
    expect(statSync(recordPath(201)).size).toBeLessThan(4_096 - 1_500);
  });

  test.each([
    ['empty', '', /is empty/],
    ['without a header', 'x'.repeat(100), /header line/],
    ['with a header of something else', 'hello\nbody', /header that is not of this format/],
    ['with a header of another version', 'leasehold/2 0123456789abcdef\nbody', /not of this format/],
    ['without a nonce', 'leasehold/1 \nbody', /not of this format/],
    ['with half a nonce', 'leasehold/1 01234567\nbody', /not of this format/],
    ['cut off in its header', 'leasehold/1 0123456789ab', /header line/],
  ])(
    'a record that is %s is corrupt for readers and writers, and the message says where it is',
    async (_what, content, why) => {
      const first = await create();
      writeFileSync(recordPath(2), content);
      const corrupt = { name: 'StoreError', kind: 'corrupt', message: expect.stringMatching(why) };
      await expect(store.read(KEY)).rejects.toMatchObject(corrupt);
      await expect(store.write(KEY, 'two', first)).rejects.toMatchObject(corrupt);
      await expect(store.read(KEY)).rejects.toThrow(recordPath(2));
      expect(filesOf(KEY)).toEqual(['v.1', 'v.2']);
    },
  );

  test('a record that is larger than memory should hold is not read to its end', async () => {
    const first = await create();
    writeFileSync(recordPath(2), readFileSync(recordPath(1), 'utf8') + 'x'.repeat(10_000_000));
    const read = jest.fn<Disk['read']>(blockingDisk.read);
    await expect((await openWith({ read })).read(KEY)).rejects.toMatchObject({ kind: 'corrupt' });
    expect(String(await read.mock.results[0]?.value).length).toBeLessThan(80_000);
    expect(first).toMatch(/^1\./);
  });

  test('a directory that was removed and made again never gives an old version again', async () => {
    const first = await create();
    await store.remove(KEY);
    expect(existsSync(join(root, KEY))).toBe(false);
    const again = await create();
    expect(again).not.toBe(first);
    expect(await store.write(KEY, 'two', first)).toEqual({ kind: 'conflict' });
    expect((await store.read(KEY, { known: first })).kind).toBe('found');
    expect((await store.read(KEY, { known: again })).kind).toBe('unchanged');
  });

  test('when the whole directory vanishes its keys are absent, and can be created', async () => {
    await create();
    rmSync(root, { recursive: true });
    expect((await store.read(KEY)).kind).toBe('absent');
    await create('anew');
    expect(bodyOf(await store.read(KEY))).toBe('anew');
  });

  test('a key can be above others: each is listed and removed on its own', async () => {
    await create();
    await store.write(`${KEY}/b`, 'below', 'absent');
    expect(await store.list('locks')).toEqual([KEY, `${KEY}/b`]);
    await store.remove(KEY);
    expect(await store.list('')).toEqual([`${KEY}/b`]);
  });

  test('what is not of this store is not listed, not read, and not removed', async () => {
    await create();
    for (const directory of ['lost+found', 'empty']) mkdirSync(join(root, directory));
    writeFileSync(join(root, 'lost+found', 'v.1'), '');
    for (const name of ['notes.txt', 'v.0', 'v.01', 'v.1.bak', 'v.'])
      writeFileSync(join(root, KEY, name), 'mine');
    expect(await store.list('')).toEqual([KEY]);
    expect(bodyOf(await store.read(KEY))).toBe('one');
    await store.remove(KEY);
    expect(await store.list('')).toEqual([]);
    expect(filesOf(KEY)).toEqual(['notes.txt', 'v.', 'v.0', 'v.01', 'v.1.bak']);
  });
});

describe('what link says is not believed', () => {
  const worksBut = (code: string): Partial<Disk> => ({
    link: (from, to) => {
      linkSync(from, to);
      fail(code);
    },
  });

  test.each(['EEXIST', 'EIO', 'ETIMEDOUT', 'EPERM'])(
    'a link that worked and reports %s is a write that applied',
    async (code) => {
      const liar = await openWith(worksBut(code));
      const first = written(await liar.write(KEY, 'one', 'absent'));
      const second = written(await liar.write(KEY, 'two', first));
      expect(await store.read(KEY)).toMatchObject({ body: 'two', version: second });
      expect(filesOf(KEY)).toEqual(['v.1', 'v.2']);
    },
  );

  test.each([
    ['success', () => {}],
    ['EEXIST', () => fail('EEXIST')],
    ['EIO', () => fail('EIO')],
    ['ETIMEDOUT', () => fail('ETIMEDOUT')],
  ])(
    'a link that did nothing and reports %s is indeterminate, and the same write can be sent again',
    async (_what, link) => {
      const first = await create();
      const liar = await openWith({ link });
      await expect(liar.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'indeterminate' });
      expect(await store.read(KEY)).toMatchObject({ body: 'one', version: first });
      expect(filesOf(KEY)).toEqual(['v.1']);
      await replace(first, 'two');
    },
  );

  test.each([
    ['EPERM', 'misconfigured'],
    ['ENOTSUP', 'misconfigured'],
    ['EOPNOTSUPP', 'misconfigured'],
    ['EXDEV', 'misconfigured'],
    ['ENOSYS', 'misconfigured'],
    ['ENOSPC', 'unavailable'],
    ['EDQUOT', 'unavailable'],
    ['ENOENT', 'unavailable'],
    ['EROFS', 'denied'],
    ['EACCES', 'denied'],
  ])('a link refused with %s, with nothing to be seen of it, is %s', async (code, kind) => {
    const first = await create();
    const refusing = await openWith({ link: () => fail(code, 'link') });
    await expect(refusing.write(KEY, 'two', first)).rejects.toMatchObject({ name: 'StoreError', kind });
    expect(filesOf(KEY)).toEqual(['v.1']);
  });

  test('a link refused with EPERM where there are hard links is no proof that there are none', async () => {
    const first = await create();
    const link = jest.fn<Disk['link']>(linkSync).mockImplementationOnce(() => fail('EPERM', 'link'));
    const odd = await openWith({ link });
    await expect(odd.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'indeterminate' });
    expect(filesOf(KEY)).toEqual(['v.1']);
    expect(await odd.write(KEY, 'two', first)).toMatchObject({ kind: 'written' });
  });

  test('where there are no hard links the message names the filesystem', async () => {
    const { name } = await filesystemOf(tmpdir());
    const refusing = await openWith({ link: () => fail('EPERM', 'link') });
    await expect(refusing.write(KEY, 'one', 'absent')).rejects.toThrow(`filesystem: ${name}`);
  });

  /** A writer whose link is preceded and followed by what others do. */
  const between = (before: () => Promise<unknown>, after: () => Promise<unknown>): Promise<LocalStore> =>
    openWith({
      link: async (from, to) => {
        await before();
        try {
          linkSync(from, to);
        } finally {
          await after();
        }
      },
    });
  const nothing = async (): Promise<void> => {};
  test('another writer came first: a conflict', async () => {
    const first = await create();
    const slow = await between(() => replace(first, 'other'), nothing);
    expect(await slow.write(KEY, 'two', first)).toEqual({ kind: 'conflict' });
    expect(bodyOf(await store.read(KEY))).toBe('other');
  });

  test('others went on before it looked: the chain shows that it applied', async () => {
    const first = await create();
    const slow = await between(nothing, async () => replaceTimes(await currentVersion(), 100));
    const result = await slow.write(KEY, 'two', first);
    expect(result).toMatchObject({ kind: 'written', version: expect.stringMatching(/^2\./) });
    expect(bodyOf(await store.read(KEY))).toBe('round 100');
  });

  test('so many went on that no chain reaches back: indeterminate', async () => {
    const first = await create();
    const slow = await between(nothing, async () => replaceTimes(await currentVersion(), 150));
    await expect(slow.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'indeterminate' });
  });

  test('the key was removed and made again meanwhile: nothing is written to its successor', async () => {
    const first = await create();
    const slow = await between(async () => {
      await store.remove(KEY);
      await create('successor');
    }, nothing);
    await expect(slow.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(bodyOf(await store.read(KEY))).toBe('successor');
    expect(filesOf(KEY)).toEqual(['v.1']);
  });

  test('the key was removed meanwhile: unavailable, and it stays absent', async () => {
    const first = await create();
    const slow = await between(() => store.remove(KEY), nothing);
    await expect(slow.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'unavailable' });
    expect((await store.read(KEY)).kind).toBe('absent');
  });

  test('what can not be read after the link is indeterminate, whatever the reason', async () => {
    const first = await create();
    let linked = false;
    const failing = await openWith({
      link: (from, to) => {
        linkSync(from, to);
        linked = true;
      },
      list: (directory) => (linked ? fail('EACCES', 'scandir') : blockingDisk.list(directory)),
    });
    await expect(failing.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'indeterminate' });
    expect(bodyOf(await store.read(KEY))).toBe('two');
  });

  test('a reader whose record is cleaned away under it looks again', async () => {
    const first = await create();
    let moved = false;
    const slow = await openWith({
      read: async (path, limitBytes) => {
        if (!moved) {
          moved = true;
          await replaceTimes(first, 60);
        }
        return blockingDisk.read(path, limitBytes);
      },
    });
    expect(bodyOf(await slow.read(KEY))).toBe('round 60');
  });
});

describe('doing without listings', () => {
  /** A store that wrote the first record, and whose calls are then others. */
  async function ownerWith(calls: Partial<Disk>): Promise<{ owner: LocalStore; first: Version }> {
    const disk = { ...blockingDisk };
    const owner = await LocalStore.open(`${pathToFileURL(root).href}?fsync=never`, {
      disk,
      clock: timelessClock,
    });
    const first = written(await owner.write(KEY, 'one', 'absent'));
    Object.assign(disk, calls);
    return { owner, first };
  }
  const linkAfter = (before: () => Promise<unknown>): Partial<Disk> => ({
    link: async (from, to) => {
      await before();
      linkSync(from, to);
    },
  });
  /** Others add records until the first ten, which are old, are cleaned away though somebody is writing. */
  async function bury(): Promise<void> {
    const last = await replaceTimes(await currentVersion(), 62);
    for (let number = 1; number <= 10; number += 1) setAge(recordPath(number), 11 * MINUTE_MS);
    await replace(last, 'the 64th');
    expect(existsSync(recordPath(10))).toBe(false);
  }

  test('whoever wrote last reads and writes without a listing, but for the cleaning', async () => {
    const list = jest.fn<Disk['list']>(blockingDisk.list);
    const read = jest.fn<Disk['read']>(blockingDisk.read);
    const { owner, first } = await ownerWith({ list, read });
    let version = first;
    for (let number = 2; number <= 7; number += 1) {
      version = written(await owner.write(KEY, `body ${number}`, version));
      expect(await owner.read(KEY)).toEqual({ kind: 'found', body: `body ${number}`, version });
    }
    expect(list).not.toHaveBeenCalled();
    for (const [, limitBytes] of read.mock.calls) expect(limitBytes).toBeLessThan(30);
    await owner.write(KEY, 'body 8', version);
    expect(list.mock.calls).toEqual([[join(root, KEY)], [root]]);
    expect(await store.read(KEY)).toMatchObject({ body: 'body 8' });
  });

  test('on a network each look takes a listing', async () => {
    const list = jest.fn<Disk['list']>(blockingDisk.list);
    const remote = await LocalStore.open(`${pathToFileURL(root).href}?fsync=never`, {
      disk: { ...blockingDisk, list },
      filesystem: { name: 'nfs', local: false },
    });
    const first = written(await remote.write(KEY, 'one', 'absent'));
    await remote.write(KEY, 'two', first);
    await remote.read(KEY);
    expect(list).toHaveBeenCalledTimes(5);
  });

  test('what another wrote in between is seen by the next read and the next write', async () => {
    const { owner, first } = await ownerWith({});
    const second = await replace(first, 'two');
    expect(await owner.write(KEY, 'late', first)).toEqual({ kind: 'conflict' });
    expect(await owner.read(KEY, { known: first })).toEqual({ kind: 'found', body: 'two', version: second });
  });

  test('a key that another removed and made again is another one, though its numbers are the same', async () => {
    const { owner, first } = await ownerWith({});
    await store.remove(KEY);
    await create('successor');
    expect(bodyOf(await owner.read(KEY, { known: first }))).toBe('successor');
  });

  test('a key that another removed and made again is not written to', async () => {
    const { owner, first } = await ownerWith({});
    await store.remove(KEY);
    await create('successor');
    expect(await owner.write(KEY, 'late', first)).toEqual({ kind: 'conflict' });
    expect(filesOf(KEY)).toEqual(['v.1']);
  });

  test('a reader that sleeps between its two looks does not take what was superseded for the newest', async () => {
    const { owner, first } = await ownerWith({
      exists: async (path) => {
        await replaceTimes(await currentVersion(), 63);
        return blockingDisk.exists(path);
      },
    });
    expect(bodyOf(await owner.read(KEY, { known: first }))).toBe('round 63');
    expect(existsSync(recordPath(2))).toBe(false);
  });

  test.each([
    ['that wrote last', async () => ownerWith(linkAfter(bury))],
    ['of any other kind', async () => ({ first: await create(), owner: await openWith(linkAfter(bury)) })],
  ])('a writer %s that sleeps until its number is used and deleted gets a conflict', async (_kind, open) => {
    const { owner, first } = await open();
    expect(await owner.write(KEY, 'late', first)).toEqual({ kind: 'conflict' });
    expect(readFileSync(recordPath(2), 'utf8')).toContain('late');
    expect(bodyOf(await store.read(KEY))).toBe('the 64th');
  });

  test('so it does when another late writer has put back the number before', async () => {
    const { owner, first } = await ownerWith(
      linkAfter(async () => {
        await bury();
        writeFileSync(recordPath(1), 'leasehold/1 0123456789abcdef\nlate, too');
      }),
    );
    expect(await owner.write(KEY, 'late', first)).toEqual({ kind: 'conflict' });
  });

  test('a link that did nothing and reports success is indeterminate for it as well', async () => {
    const { owner, first } = await ownerWith({ link: () => {} });
    await expect(owner.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'indeterminate' });
    expect(bodyOf(await store.read(KEY))).toBe('one');
  });

  test('a second name that a backup made does not pass for a link that lost', async () => {
    const { owner, first } = await ownerWith({
      link: async (from, to) => {
        linkSync(from, join(root, 'backup'));
        await replace(await currentVersion(), 'two');
        linkSync(from, to);
      },
    });
    expect(await owner.write(KEY, 'late', first)).toEqual({ kind: 'conflict' });
  });

  test('however many went on before it looked, its write applied', async () => {
    const { owner, first } = await ownerWith({
      link: async (from, to) => {
        linkSync(from, to);
        await replaceTimes(await currentVersion(), 150);
      },
    });
    expect(await owner.write(KEY, 'two', first)).toMatchObject({
      kind: 'written',
      version: expect.stringMatching(/^2\./),
    });
    expect(bodyOf(await owner.read(KEY))).toBe('round 150');
  });

  test('a damaged record that follows is corrupt for whoever wrote last, too', async () => {
    const { owner, first } = await ownerWith({});
    writeFileSync(recordPath(2), '');
    await expect(owner.read(KEY)).rejects.toMatchObject({ kind: 'corrupt' });
    await expect(owner.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

describe('crashes and cleaning', () => {
  /** A disk on which every call after the first `calls` fails, as if the process were gone. */
  function dyingAfter(calls: number): { disk: Disk; died: () => boolean } {
    let left = calls;
    const disk = new Proxy(blockingDisk, {
      get:
        (target, name: keyof Disk) =>
        (...args: unknown[]) => {
          left -= 1;
          return left < 0 ? fail('EIO', 'dead') : Reflect.apply(target[name], target, args);
        },
    });
    return { disk, died: () => left < 0 };
  }

  // The 24th record cleans up, so that it dies there too.
  test.each([0, 1, 23])(
    'a writer that dies at any of its calls, after %d records, leaves a key that others read and write',
    async (records) => {
      let calls = 0;
      for (let died = true; died; calls += 1) {
        rmSync(root, { recursive: true, force: true });
        const expected = records === 0 ? 'absent' : await replaceTimes(await create('round 0'), records - 1);
        const life = dyingAfter(calls);
        const mortal = await LocalStore.open(root, { disk: life.disk, clock: timelessClock });
        const outcome = await mortal.write(KEY, 'its own', expected, { durable: true }).catch(() => 'dead');
        died = life.died();
        if (!died) expect(outcome).toMatchObject({ kind: 'written' });

        const reading = await store.read(KEY);
        expect(['its own', records === 0 ? undefined : `round ${records - 1}`]).toContain(bodyOf(reading));
        await store.write(KEY, 'after', reading.kind === 'found' ? reading.version : 'absent');
        expect(bodyOf(await store.read(KEY))).toBe('after');
        expect(filesOf(KEY).filter((name) => !/^v\.\d+$|^tmp~/.test(name))).toEqual([]);
      }
      expect(calls).toBeGreaterThan(12);
    },
  );

  const onNetwork = (): Promise<LocalStore> =>
    LocalStore.open(`${pathToFileURL(root).href}?fsync=never`, {
      disk: blockingDisk,
      filesystem: { name: 'nfs', local: false },
    });
  const foreign = (): string => join(root, KEY, 'tmp~0123456789abcdef');
  const numbersLeft = (): number[] =>
    filesOf(KEY)
      .filter((name) => name.startsWith('v.'))
      .map((name) => Number(name.slice(2)))
      .sort((a, b) => a - b);
  const span = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);

  test('with nobody else writing, a directory keeps the newest 8 records and up to 7 more', async () => {
    const version = await replaceTimes(await create(), 199);
    expect(numbersLeft()).toEqual(span(193, 200));
    await replaceTimes(version, 7);
    expect(numbersLeft()).toEqual(span(193, 207));
  });

  test('while somebody is writing, young records stay: that one may be about to use their numbers', async () => {
    const first = await create();
    writeFileSync(foreign(), '');
    const version = await replaceTimes(first, 99);
    expect(numbersLeft()).toEqual(span(1, 100));
    rmSync(foreign());
    await replaceTimes(version, 4);
    expect(numbersLeft()).toEqual(span(97, 104));
  });

  test('on a network young records stay, though nobody is seen to write', async () => {
    store = await onNetwork();
    await replaceTimes(await create(), 99);
    expect(numbersLeft()).toEqual(span(1, 100));
  });

  test.each([
    ['while somebody is writing', async () => writeFileSync(foreign(), '')],
    [
      'on a network',
      async () => {
        store = await onNetwork();
      },
    ],
  ])('%s records older than ten minutes go, but for the newest 32', async (_when, arrange) => {
    const first = await create();
    await arrange();
    const last = await replaceTimes(first, 62);
    for (const number of span(1, 10)) setAge(recordPath(number), 11 * MINUTE_MS);
    setAge(recordPath(11), 9 * MINUTE_MS);
    const next = await replace(last, 'the 64th');
    expect(numbersLeft()).toEqual(span(11, 64));
    for (const number of span(11, 64)) setAge(recordPath(number), 11 * MINUTE_MS);
    await replaceTimes(next, 8);
    expect(numbersLeft()).toEqual(span(41, 72));
  });

  test('what a crash left is swept when it is older than ten minutes, and holds cleaning up no more', async () => {
    const first = await create();
    writeFileSync(foreign(), '');
    const last = await replaceTimes(first, 62);
    setAge(foreign(), 11 * MINUTE_MS);
    await replace(last, 'the 64th');
    expect(filesOf(KEY).filter((name) => name.startsWith('tmp~'))).toEqual([]);
    expect(numbersLeft()).toEqual(span(57, 64));
  });

  test('what a crash left of asking for the time is swept as well', async () => {
    const first = await create();
    const [old, young] = ['tmp~0123456789abcdef', 'tmp~fedcba9876543210'].map((name) => join(root, name));
    for (const path of [old, young]) writeFileSync(String(path), '');
    setAge(String(old), 11 * MINUTE_MS);
    await replaceTimes(first, 7);
    expect(readdirSync(root).sort()).toEqual(['locks', 'tmp~fedcba9876543210']);
  });

  test('a directory that can not be cleaned is written all the same', async () => {
    const stuck = await openWith({ unlink: () => fail('EBUSY', 'unlink') });
    let version = await create();
    for (let round = 0; round < 50; round += 1)
      version = written(await stuck.write(KEY, `round ${round}`, version));
    expect(bodyOf(await store.read(KEY))).toBe('round 49');
  });

  test('two stores in one directory see each other at once, and only one of them gets a version', async () => {
    const other = await LocalStore.open(root);
    const first = await create();
    const results = await Promise.all(
      [store, other].map((each, index) => each.write(KEY, `of ${index}`, first)),
    );
    expect(results.map(({ kind }) => kind).sort()).toEqual(['conflict', 'written']);
    expect(await other.read(KEY)).toEqual(await store.read(KEY));
  });
});

describe('syncing', () => {
  /** What is synced, as names relative to the directory that holds the store. */
  async function syncsOf(
    work: (watched: LocalStore) => Promise<unknown>,
    fsync: 'always' | 'never',
  ): Promise<string[]> {
    const names = new Map<number, string>();
    const synced: string[] = [];
    const base = join(root, '..');
    const remember = (file: number, path: string): number => {
      names.set(file, path === base ? '.' : path.slice(base.length + 1).replace(/~.*/, '~'));
      return file;
    };
    const watched = await openWith(
      {
        create: async (path) => remember(await blockingDisk.create(path), path),
        open: async (path) => remember(await blockingDisk.open(path), path),
        sync: async (file) => {
          synced.push(names.get(file) ?? '?');
          await blockingDisk.sync(file);
        },
      },
      fsync,
    );
    await work(watched);
    return synced;
  }
  const file = `store/${KEY}/tmp~`;

  test('the first durable write syncs the directories that it made, its file, and then its directory', async () => {
    const synced = await syncsOf(
      (watched) => watched.write(KEY, 'one', 'absent', { durable: true }),
      'always',
    );
    expect(synced).toEqual(['store/locks', 'store', '.', file, `store/${KEY}`]);
  });

  test('so does whoever writes it, though somebody else made them, who may not have come to that', async () => {
    mkdirSync(join(root, KEY), { recursive: true });
    const synced = await syncsOf(
      (watched) => watched.write(KEY, 'one', 'absent', { durable: true }),
      'always',
    );
    expect(synced).toEqual(['store/locks', 'store', '.', file, `store/${KEY}`]);
  });

  test('a later durable write syncs its file and its directory', async () => {
    const first = await create();
    const synced = await syncsOf((watched) => watched.write(KEY, 'two', first, { durable: true }), 'always');
    expect(synced).toEqual([file, `store/${KEY}`]);
  });

  test('a write that need not be durable syncs its file only, so that a power cut leaves no empty record', async () => {
    const first = await create();
    const synced = await syncsOf((watched) => watched.write(KEY, 'two', first), 'always');
    expect(synced).toEqual([file]);
  });

  test('a conflict syncs nothing', async () => {
    await create();
    const synced = await syncsOf(
      (watched) => watched.write(KEY, 'two', 'absent', { durable: true }),
      'always',
    );
    expect(synced).toEqual([]);
  });

  test('fsync=never syncs nothing', async () => {
    const synced = await syncsOf(
      (watched) => watched.write(KEY, 'one', 'absent', { durable: true }),
      'never',
    );
    expect(synced).toEqual([]);
  });

  test('a parent that may not be opened, or can not be synced, is left to the system, and any other fault of it stops the write', async () => {
    const parentFails = (code: string): Promise<LocalStore> =>
      openWith(
        { open: (path) => (path === join(root, '..') ? fail(code, 'open', path) : blockingDisk.open(path)) },
        'always',
      );
    await expect((await parentFails('EIO')).write(KEY, 'one', 'absent')).rejects.toMatchObject({
      kind: 'unavailable',
    });
    for (const code of ['EACCES', 'EINVAL', 'EROFS']) {
      rmSync(root, { recursive: true });
      expect((await (await parentFails(code)).write(KEY, 'one', 'absent')).kind).toBe('written');
    }
  });

  test('a directory that the disk does not confirm is indeterminate: the record may be there or not after a power cut', async () => {
    const failing = await openWith({ open: () => fail('EIO', 'open') }, 'always');
    const first = await create();
    await expect(failing.write(KEY, 'two', first, { durable: true })).rejects.toMatchObject({
      kind: 'indeterminate',
    });
  });
});

test.each([
  ['on a disk of this machine without fsync', 'never', {}, true],
  ['with fsync, which takes as long as the disk does', 'always', {}, false],
  ['on a network', 'never', { filesystem: { name: 'nfs', local: false } }, false],
  ['with calls of another kind', 'never', { disk: { ...blockingDisk } }, false],
] as const)(
  '%s (fsync=%s) it says rightly whether its calls wait for nothing',
  async (_where, fsync, options, prompt) => {
    const url = `${pathToFileURL('/dev/shm').href}?fsync=${fsync}`;
    const local = { name: 'tmpfs', local: true };
    expect(await LocalStore.open(url, { filesystem: local, ...options })).toMatchObject({ prompt });
  },
);

describe('time', () => {
  test('an age is the difference of two times of the disk, and the local clock is never asked', async () => {
    const first = await create();
    setAge(recordPath(1), 90_000);
    const timeless = await openWith({});
    const reading = await timeless.read(KEY, { age: true, known: first });
    expect(reading).toMatchObject({ kind: 'unchanged', ageMs: expect.any(Number) });
    if (reading.kind !== 'unchanged') return;
    expect(reading.ageMs).toBeGreaterThanOrEqual(90_000);
    expect(reading.ageMs).toBeLessThan(120_000);
    expect(readdirSync(root)).toEqual(['locks']);
  });

  test('a record from the future is no younger than now', async () => {
    await create();
    setAge(recordPath(1), -90_000);
    expect(await store.read(KEY, { age: true })).toMatchObject({ ageMs: 0 });
  });

  test('an age that nobody asked for costs nothing', async () => {
    await create();
    const strict = await openWith({ create: () => fail('EIO'), mtimeMs: () => fail('EIO') });
    expect(await strict.read(KEY)).not.toHaveProperty('ageMs');
  });

  test('an absent key comes with the time of the disk, once there is a directory to ask', async () => {
    expect(await store.read(KEY)).toEqual({ kind: 'absent' });
    await create();
    const reading = await store.read('locks/b');
    expect(reading).toEqual({ kind: 'absent', storeTimeMs: expect.any(Number) });
    if (reading.kind !== 'absent') return;
    expect(Math.abs((reading.storeTimeMs ?? 0) - statSync(recordPath(1)).mtimeMs)).toBeLessThan(30_000);
  });

  test('where no file can be created there is no time, but the record is read', async () => {
    await create();
    const readOnly = await openWith({ create: () => fail('EROFS', 'open') });
    const reading = await readOnly.read(KEY, { age: true });
    expect(bodyOf(reading)).toBe('one');
    expect(reading).not.toHaveProperty('ageMs');
    expect(await readOnly.read('locks/b')).toEqual({ kind: 'absent' });
  });
});

describe('faults of the disk', () => {
  // Injected, for root is refused nothing: a directory without permissions would prove nothing there.
  test.each([
    ['EACCES', 'denied', /must be able to read and write/],
    ['EPERM', 'denied', /must be able to read and write/],
    ['EROFS', 'denied', /mounted read-only/],
    ['ENOSPC', 'unavailable', /disk is full/],
    ['EDQUOT', 'unavailable', /quota/],
    ['EMFILE', 'unavailable', /too many files/],
    ['EIO', 'unavailable', /look at the disk/],
    ['ENOTDIR', 'misconfigured', /must be a directory/],
    ['ENAMETOOLONG', 'misconfigured', /too long/],
  ])(
    '%s on creating a file is %s, with the store, the key, the path, what to do, and the cause',
    async (code, kind, advice) => {
      const path = join(root, KEY, 'tmp~1');
      const failing = await openWith({ create: () => fail(code, 'open', path) });
      const error = await failing.write(KEY, 'one', 'absent').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'StoreError', kind, cause: { code } });
      const { message } = error as Error;
      for (const part of [advice, store.url, KEY, path]) expect(message).toMatch(part);
    },
  );

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('(Linux) what Node has no name for is known by its number: a quota that is used up', async () => {
    const unnamed = 'Unknown system error -122';
    const full = (call: string) => (): never => {
      throw Object.assign(new Error(`${unnamed}: ${unnamed}, ${call}`), { code: unnamed, errno: -122 });
    };
    const first = await create();
    for (const calls of [{ write: full('write') }, { link: full('link') }]) {
      const error = await (await openWith(calls)).write(KEY, 'two', first).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
      expect((error as Error).message).toMatch(/EDQUOT: .*\. The disk quota is used up: make room\.$/);
    }
  });

  test('a file that could not be written or synced is not linked, and not left behind', async () => {
    const first = await create();
    for (const calls of [
      { write: () => fail('ENOSPC', 'write') },
      { sync: async () => fail('ENOSPC', 'fsync') },
    ]) {
      const full = await openWith(calls, 'always');
      await expect(full.write(KEY, 'two', first)).rejects.toMatchObject({ kind: 'unavailable' });
      expect(filesOf(KEY)).toEqual(['v.1']);
    }
  });

  test('a file in the place of the directory is misconfigured, for every call', async () => {
    writeFileSync(root, '');
    for (const call of [
      store.read(KEY),
      store.write(KEY, 'one', 'absent'),
      store.list(''),
      store.remove(KEY),
    ]) {
      await expect(call).rejects.toMatchObject({ name: 'StoreError', kind: 'misconfigured' });
    }
  });

  test('a file in the place of a key is misconfigured', async () => {
    mkdirSync(join(root, 'locks'), { recursive: true });
    writeFileSync(join(root, KEY), '');
    await expect(store.write(KEY, 'one', 'absent')).rejects.toMatchObject({ kind: 'misconfigured' });
  });

  test('a mount that hangs: the write is indeterminate, the read unavailable, as soon as the signal aborts', async () => {
    const first = await create();
    const never = new Promise<never>(() => {});
    const controller = new AbortController();
    const hanging = await openWith({
      link: () => {
        controller.abort(new Error('the deadline'));
        return never;
      },
      read: (path, limitBytes) => (controller.signal.aborted ? never : blockingDisk.read(path, limitBytes)),
    });
    const { signal } = controller;
    await expect(hanging.write(KEY, 'two', first, { signal })).rejects.toMatchObject({
      kind: 'indeterminate',
      cause: new Error('the deadline'),
    });
    const later = new AbortController();
    const reading = hanging.read(KEY, { signal: later.signal });
    later.abort();
    await expect(reading).rejects.toMatchObject({ kind: 'unavailable' });
  });

  describe('on a real disk', () => {
    let mounted: string;
    const mount = (...options: string[]): boolean =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', mounted]).status === 0;
    beforeEach(() => {
      mounted = join(root, '..', 'mounted');
      mkdirSync(mounted);
    });
    afterEach(() => {
      spawnSync('umount', [mounted]);
    });
    const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? test : test.skip;

    asRoot(
      '(only as root, who may mount) a full disk is unavailable, and the record before it is unharmed',
      async () => {
        expect(mount('size=32k')).toBe(true);
        const small = await LocalStore.open(mounted);
        const first = written(await small.write(KEY, 'one', 'absent', { durable: true }));
        writeFileSync(join(mounted, 'ballast'), 'x'.repeat(4_096 * 7 - 100));
        await expect(small.write(KEY, 'two', first)).rejects.toMatchObject({
          kind: 'unavailable',
          cause: { code: 'ENOSPC' },
        });
        rmSync(join(mounted, 'ballast'));
        expect(await small.read(KEY)).toMatchObject({ body: 'one', version: first });
        expect(readdirSync(join(mounted, KEY))).toEqual(['v.1']);
      },
    );

    asRoot(
      '(only as root, who may mount) a read-only disk is denied to writers, and readers do without an age',
      async () => {
        expect(mount('size=32k')).toBe(true);
        const frozen = await LocalStore.open(mounted);
        const first = written(await frozen.write(KEY, 'one', 'absent'));
        expect(mount('remount', 'ro')).toBe(true);
        await expect(frozen.write(KEY, 'two', first)).rejects.toMatchObject({
          kind: 'denied',
          cause: { code: 'EROFS' },
        });
        const reading = await frozen.read(KEY, { age: true });
        expect(bodyOf(reading)).toBe('one');
        expect(reading).not.toHaveProperty('ageMs');
      },
    );
  });
});

describe('watching', () => {
  test('a write by another store wakes, until the signal aborts', async () => {
    const first = await create();
    const controller = new AbortController();
    const wake = jest.fn();
    const woken = new Promise<void>((resolve) => {
      wake.mockImplementation(() => resolve());
    });
    store.watch(KEY, wake, controller.signal);
    const other = await LocalStore.open(root);
    const second = written(await other.write(KEY, 'two', first));
    await woken;
    controller.abort();
    const calls = wake.mock.calls.length;
    await other.write(KEY, 'three', second);
    await new Promise((resolve) => setImmediate(resolve));
    expect(wake).toHaveBeenCalledTimes(calls);
  });

  test('a signal that has aborted before, and a key that does not exist, wake nobody', async () => {
    const first = await create();
    const controller = new AbortController();
    const wake = jest.fn();
    store.watch(KEY, wake, AbortSignal.abort());
    store.watch('locks/absent', wake, controller.signal);
    await new Promise<void>((resolve) => {
      store.watch(KEY, resolve, controller.signal);
      void replace(first, 'two');
    });
    expect(wake).not.toHaveBeenCalled();
    controller.abort();
  });
});
