import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { VfsProtocol } from '../../../src/protocols/vfs.ts';
import { decodeRecord, encodeRecord, type Keys, type VfsRecord } from '../../../src/protocols/vfs-record.ts';
import { FakeRandom } from '../../support/fake-random.ts';
import { NOON_NS, READABLE, UNREADABLE } from '../../support/vfs-rows.ts';
import { ask, Checks, inspect } from '../pid/side.ts';
import { judge, type StressOptions, stress } from '../stress.ts';
import type { Driver, Scenario, Trial } from '../suite.ts';

/** What the driver of the original says. */
export interface TheirAnswer {
  readonly kind: string;
  readonly message?: string;
  readonly asked?: number;
  readonly createdAt?: string;
  readonly ttlNs?: string;
  readonly hostname?: string;
  readonly pid?: number;
  readonly ownerId?: string;
  readonly ageMs?: number;
  readonly bytes?: string;
}

export async function tell(theirs: Driver, command: string): Promise<TheirAnswer> {
  return JSON.parse(await theirs.ask(command)) as TheirAnswer;
}

/** Long enough for a try while everything is slow, short enough to be waited for. */
export const TTL_MS = 1_500;

/** The scenarios with an original that spells the keys of its records in one way. */
export function scenariosOf(spelling: 'new' | 'old'): readonly Scenario[] {
  const keys: Keys = spelling === 'new' ? 'new' : 'both';
  const place = ({ folder }: Trial): string => join(folder, 'in.csv');
  const us = (trial: Trial, more: Readonly<Record<string, unknown>> = {}): Driver =>
    trial.ours({ keys, ...more });

  return [
    {
      direction: 'ours → theirs',
      name: 'we hold: refused until we release',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [
          place(trial),
          us(trial, { ttlMs: 60_000, ownerId: 'a <job> & more' }),
          trial.theirs(),
        ];
        checks.same('ours', (await ask(ours, `try ${path}`)).kind, 'acquired');
        checks.same('theirs', (await tell(theirs, `try ${path}`)).kind, 'held');
        checks.same('stale, they say', (await tell(theirs, `stale ${path}`)).kind, 'live');
        const { ageMs = -1, createdAt = '', ...said } = await tell(theirs, `meta ${path}`);
        checks.same('what they read', said, {
          kind: 'record',
          ttlNs: '60000000000',
          hostname: hostname(),
          pid: ours.pid,
          ownerId: 'a <job> & more',
        });
        checks.same('the time that they read', createdAt, (await heldOf(ours, path))?.since);
        checks.holds('the age that they read', ageMs >= 0 && ageMs < 60_000);
        checks.same('our renewal', (await ask(ours, 'renew')).kind, 'ours');
        checks.same('theirs, still', (await tell(theirs, `try ${path}`)).kind, 'held');
        checks.same('our release', await ask(ours, 'unlock'), { kind: 'ours' });
        checks.same('what is left', readdirSync(trial.folder), []);
        checks.same('theirs, then', (await tell(theirs, `try ${path}`)).kind, 'acquired');
        return checks.count;
      },
    },
    {
      direction: 'theirs → ours',
      name: 'it holds: we are refused until it releases',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial), trial.theirs()];
        await tell(theirs, 'set ttl 60s');
        await tell(theirs, 'set owner ingest');
        checks.same('theirs', (await tell(theirs, `try ${path}`)).kind, 'acquired');
        checks.same('ours', (await ask(ours, `try ${path}`)).kind, 'held');
        const held = await heldOf(ours, path);
        checks.same(
          'who it is, we say',
          [held?.pid, held?.ownerId, held?.ttlMs, held?.standing],
          [
            theirs.pid,
            'ingest',
            60_000,
            { ...held?.standing, expired: false, holder: 'alive', takeable: false },
          ],
        );
        const meta = await tell(theirs, `meta ${path}`);
        checks.same('since when, we say', held?.since, meta.createdAt);
        checks.same('their release', (await tell(theirs, 'unlock')).kind, 'done');
        checks.same('ours, then', (await ask(ours, `try ${path}`)).kind, 'acquired');
        return checks.count;
      },
    },
    {
      direction: 'theirs → ours',
      name: 'it is killed: we take over when its ttl is over',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial), trial.theirs()];
        await tell(theirs, `set ttl ${TTL_MS}ms`);
        await tell(theirs, `try ${path}`);
        await theirs.kill();
        checks.same('ours', (await ask(ours, `try ${path}`)).kind, 'held');
        await pause(TTL_MS + 100);
        const taken = await ask(ours, `try ${path}`);
        checks.same('ours, then', [taken.kind, taken.took?.pid], ['acquired', theirs.pid]);
        checks.same('our check', (await ask(ours, 'check')).kind, 'ours');
        checks.same('what is there', readdirSync(trial.folder), ['in.csv.lock']);
        return checks.count;
      },
    },
    {
      direction: 'theirs → ours',
      name: 'it is killed without a ttl: we take over by proof, and only where the policy says so',
      run: async (trial) => {
        const checks = new Checks();
        const [path, theirs] = [place(trial), trial.theirs()];
        const [patient, sure] = [us(trial), us(trial, { policy: 'holder-finished' })];
        await tell(theirs, `try ${path}`);
        checks.same('alive', (await ask(sure, `try ${path}`)).kind, 'held');
        await theirs.kill();
        checks.same('by the rule of the original', (await ask(patient, `try ${path}`)).kind, 'held');
        const taken = await ask(sure, `try ${path}`);
        checks.same('by proof', [taken.kind, taken.took?.pid], ['acquired', theirs.pid]);
        return checks.count;
      },
    },
    {
      direction: 'ours → theirs',
      name: 'we are killed: it takes over when our ttl is over',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial, { ttlMs: TTL_MS }), trial.theirs()];
        checks.same('ours', (await ask(ours, `try ${path}`)).kind, 'acquired');
        await ours.kill();
        checks.same('theirs', (await tell(theirs, `try ${path}`)).kind, 'held');
        await pause(TTL_MS + 100);
        const { kind, asked } = await tell(theirs, `try ${path}`);
        checks.same('theirs, then', [kind, asked], ['acquired', 1]);
        return checks.count;
      },
    },
    {
      direction: 'ours → theirs',
      name: 'we are killed without a ttl: never stale to the original; another of ours takes over by proof',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial), trial.theirs()];
        await ask(ours, `try ${path}`);
        await ours.kill();
        checks.same('theirs', (await tell(theirs, `try ${path}`)).kind, 'held');
        const another = us(trial, { policy: 'holder-finished' });
        checks.same('another of ours', (await ask(another, `try ${path}`)).took?.pid, ours.pid);
        return checks.count;
      },
    },
    {
      direction: 'ours → theirs',
      name: 'its stale handler is asked about our lock, and forbids it',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial, { ttlMs: 300 }), trial.theirs()];
        await ask(ours, `try ${path}`);
        const record = readFileSync(`${path}.lock`, 'latin1');
        await pause(400);
        await tell(theirs, 'set veto on');
        const { kind, asked } = await tell(theirs, `try ${path}`);
        checks.same('theirs', [kind, asked], ['error', 1]);
        checks.same('our record', readFileSync(`${path}.lock`, 'latin1'), record);
        checks.same('our late renewal', (await ask(ours, 'renew')).kind, 'ours');
        return checks.count;
      },
    },
    {
      direction: 'both',
      name: 'the record, byte for byte',
      run: (trial) => compareRecords(trial, spelling),
    },
    {
      direction: 'both',
      name: 'the parser: what is a record, by table and at random',
      run: (trial) => compareParsers(trial, spelling),
    },
    {
      direction: 'both',
      name: 'an empty record stops the original for ever; ours says so, and it can be broken',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial), trial.theirs()];
        writeFileSync(`${path}.lock`, '');
        checks.same('theirs', (await tell(theirs, `try ${path}`)).kind, 'error');
        checks.same('ours', (await ask(ours, `try ${path}`)).kind, 'held');
        const standing = (await heldOf(ours, path))?.standing;
        checks.same('ours', [standing?.holder, standing?.takeable], ['unknown', false]);
        checks.holds('what ours says', standing?.detail.includes('its record is empty') === true);
        return checks.count;
      },
    },
    {
      direction: 'ours → theirs',
      name: 'the original releases what is not its own any more: we are told',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial, { ttlMs: 60_000 }), trial.theirs()];
        await tell(theirs, `try ${path}`);
        rmSync(`${path}.lock`);
        checks.same('ours', (await ask(ours, `try ${path}`)).kind, 'acquired');
        checks.same('their release', (await tell(theirs, 'unlock')).kind, 'done');
        checks.holds('our record is gone', !existsSync(`${path}.lock`));
        checks.same('our check', (await ask(ours, 'check')).kind, 'compromised');
        checks.same('our renewal', (await ask(ours, 'renew')).kind, 'compromised');
        checks.same('our release', (await ask(ours, 'unlock')).kind, 'compromised');
        return checks.count;
      },
    },
    {
      direction: 'theirs → ours',
      name: 'we do not release what is not ours any more',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial), trial.theirs()];
        await ask(ours, `try ${path}`);
        rmSync(`${path}.lock`);
        checks.same('theirs', (await tell(theirs, `try ${path}`)).kind, 'acquired');
        const released = await ask(ours, 'unlock');
        checks.same('our release', [released.kind, released.by?.pid], ['compromised', theirs.pid]);
        checks.same('theirs is there', (await tell(theirs, `meta ${path}`)).pid, theirs.pid);
        return checks.count;
      },
    },
    {
      direction: 'both',
      name: 'two of the original at once: both have it in some rounds',
      run: async (trial) => {
        const path = place(trial);
        const pair = [trial.theirs(), trial.theirs()];
        const rounds = 300;
        let both = 0;
        for (let round = 0; round < rounds; round += 1) {
          const said = await Promise.all(pair.map((one) => tell(one, `try ${path}`)));
          const entered = said.filter(({ kind }) => kind === 'acquired').length;
          if (entered === 2) both += 1;
          await Promise.all(pair.map((one, at) => said[at]?.kind === 'acquired' && tell(one, 'unlock')));
          rmSync(`${path}.lock`, { force: true });
        }
        process.stdout.write(
          `    both of two processes of the original in ${percent(both, rounds)} of ${rounds} rounds\n`,
        );
        if (both === 0) throw new Error(`The original was exclusive in ${rounds} rounds: is it so by now?`);
        return rounds;
      },
    },
    {
      direction: 'both',
      name: 'one of ours and one of the original at once: when both enter, it was the original, and ours knows',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial), trial.theirs()];
        const rounds = 100;
        let [both, yielded] = [0, 0];
        for (let round = 0; round < rounds; round += 1) {
          const [our, their] = await Promise.all([ask(ours, `try ${path}`), tell(theirs, `try ${path}`)]);
          checks.holds('one of them entered', our.kind === 'acquired' || their.kind === 'acquired');
          if (our.kind !== 'acquired') yielded += 1;
          if (our.kind === 'acquired') {
            if (their.kind === 'acquired') both += 1;
            checks.same(
              'our check',
              (await ask(ours, 'check')).kind,
              their.kind === 'acquired' ? 'compromised' : 'ours',
            );
            await ask(ours, 'unlock');
          }
          if (their.kind === 'acquired') {
            checks.same('their record is theirs', (await tell(theirs, `meta ${path}`)).pid, theirs.pid);
            await tell(theirs, 'unlock');
          }
        }
        process.stdout.write(
          `    both in ${percent(both, rounds)} of ${rounds} rounds, and told each time; ours gave way in ${percent(yielded, rounds)}\n`,
        );
        return checks.count;
      },
    },
    {
      direction: 'ours → theirs',
      name: 'the original has judged a stale lock, and removes ours in its place: we are told, and leave it',
      run: async (trial) => {
        const checks = new Checks();
        const [path, ours, theirs] = [place(trial), us(trial, { ttlMs: 60_000 }), trial.theirs()];
        const judging = join(trial.folder, 'judging');
        const stale: VfsRecord = { createdAtNs: 0n, ttlNs: 1n, hostname: 'elsewhere', pid: 1, ownerId: '' };
        writeFileSync(`${path}.lock`, encodeRecord(stale, spelling), 'latin1');
        await tell(theirs, `set wait ${judging}`);
        const trying = tell(theirs, `try ${path}`);
        while (!existsSync(judging)) await pause(1);
        checks.same('ours', (await ask(ours, `try ${path}`)).kind, 'acquired');
        rmSync(judging);
        checks.same('theirs', (await trying).kind, 'acquired');
        for (const command of ['check', 'renew', 'unlock']) {
          const { kind, by } = await ask(ours, command);
          checks.same(`our ${command}`, [kind, by?.pid], ['compromised', theirs.pid]);
        }
        checks.same('their record is theirs', (await tell(theirs, `meta ${path}`)).pid, theirs.pid);
        return checks.count;
      },
    },
    {
      direction: 'theirs → ours',
      name: 'we have judged a stale lock, and leave what the original has put in its place',
      run: async (trial) => {
        const checks = new Checks();
        const [path, theirs] = [place(trial), trial.theirs()];
        const protocol = new VfsProtocol(
          { clock: systemClock, random: systemRandom, platform: 'linux' },
          { keys },
        );
        const stale: VfsRecord = { createdAtNs: 0n, ttlNs: 1n, hostname: 'elsewhere', pid: 1, ownerId: '' };
        writeFileSync(`${path}.lock`, encodeRecord(stale, spelling), 'latin1');
        const attempt = await protocol.tryAcquire({
          path,
          pid: process.pid,
          mayTake: async () => {
            checks.same('theirs', (await tell(theirs, `try ${path}`)).kind, 'acquired');
            return true;
          },
        });
        checks.same('ours', attempt.kind === 'held' && attempt.by.pid, theirs.pid);
        checks.same('their record is theirs', (await tell(theirs, `meta ${path}`)).pid, theirs.pid);
        return checks.count;
      },
    },
    {
      direction: 'both',
      name: 'stress: 3 of ours, 3 of theirs, 20 % killed',
      run: async (trial) => {
        const path = place(trial);
        const result = await stress(trial, {
          path,
          ours: 3,
          theirs: 3,
          acquisitions: 150,
          killShare: 0.2,
          seed: 1,
          // What the original leaves without a ttl is taken over by proof; it can itself not take over from us.
          options: { keys, policy: 'holder-finished' },
          original: theirWords(path),
          afterKill: () => breakEmpty(path),
        });
        return judge(result);
      },
    },
    {
      direction: 'both',
      name: 'stress: 4 of ours, 1 of theirs, 20 % killed',
      run: async (trial) => {
        const path = place(trial);
        const size = { ours: 4, theirs: 1, acquisitions: 80, killShare: 0.2, seed: 3 };
        const options = { keys, policy: 'holder-finished' };
        return judge(
          await stress(trial, {
            path,
            ...size,
            options,
            original: theirWords(path),
            afterKill: () => breakEmpty(path),
          }),
        );
      },
    },
    {
      direction: 'both',
      name: 'stress: 5 of ours alone, 20 % killed',
      run: async (trial) => {
        const options = { keys, policy: 'holder-finished' };
        const original = { acquire: '', acquired: () => false, release: '' };
        const size = { ours: 5, theirs: 0, acquisitions: 80, killShare: 0.2, seed: 2 };
        return judge(await stress(trial, { path: place(trial), ...size, options, original }));
      },
    },
    ...(spelling === 'old' ? SPELLINGS : []),
  ];
}

/** The original leaves an empty record when it is killed while it writes; nobody takes that, so a person has to end it. */
function breakEmpty(path: string): void {
  if (statSync(`${path}.lock`, { throwIfNoEntry: false })?.size === 0)
    rmSync(`${path}.lock`, { force: true });
}

function theirWords(path: string): StressOptions['original'] {
  const acquired = (answer: string): boolean => (JSON.parse(answer) as TheirAnswer).kind === 'acquired';
  return { acquire: `try ${path}`, acquired, release: 'unlock' };
}

/** What two spellings come to. */
const SPELLINGS: readonly Scenario[] = [
  {
    direction: 'ours → theirs',
    name: 'a record with the other keys is stale to it at once; one with both is not',
    run: async (trial) => {
      const checks = new Checks();
      const path = join(trial.folder, 'in.csv');
      for (const [keys, kind] of [
        ['old', 'held'],
        ['both', 'held'],
        ['new', 'acquired'],
      ]) {
        const [ours, theirs] = [trial.ours({ keys, ttlMs: 60_000 }), trial.theirs()];
        checks.same(`ours, ${keys}`, (await ask(ours, `try ${path}`)).kind, 'acquired');
        checks.same(`theirs, ${keys}`, (await tell(theirs, `try ${path}`)).kind, kind);
        checks.same(
          `our check, ${keys}`,
          (await ask(ours, 'check')).kind,
          kind === 'held' ? 'ours' : 'compromised',
        );
        rmSync(`${path}.lock`);
      }
      return checks.count;
    },
  },
];

interface HeldText {
  readonly pid?: number;
  readonly since?: string;
  readonly ownerId?: string;
  readonly ttlMs?: number;
  readonly standing: { readonly holder: string; readonly takeable: boolean; readonly detail: string };
}

export async function heldOf(ours: Driver, path: string): Promise<HeldText | undefined> {
  return ((await inspect(ours, path)) as HeldText | null) ?? undefined;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

const TEXTS = [
  'a',
  'Z',
  '<',
  '>',
  '&',
  '"',
  '\\',
  '/',
  '\b',
  '\f',
  '\n',
  '\r',
  '\t',
  '\0',
  '\u001f',
  '\u007f',
  '\u0080',
  'é',
  '\u2027',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '😀',
  '\\u003c',
] as const;

/** What each writes, written by the other. */
async function compareRecords(trial: Trial, spelling: 'new' | 'old'): Promise<number> {
  const checks = new Checks();
  const path = join(trial.folder, 'in.csv');
  const [ours, theirs] = [trial.ours({ keys: spelling, ttlMs: 90_000, ownerId: 'nightly' }), trial.theirs()];
  await ask(ours, `try ${path}`);
  const our = readFileSync(`${path}.lock`, 'latin1');
  checks.same('ours, written by them', await writtenByThem(theirs, recordOf(our)), our);
  await ask(ours, 'unlock');
  await tell(theirs, 'set ttl 90s');
  await tell(theirs, 'set owner nightly');
  await tell(theirs, `try ${path}`);
  const their = readFileSync(`${path}.lock`, 'latin1');
  checks.same('theirs, written by us', encodeRecord(recordOf(their), spelling), their);
  const random = new FakeRandom(3);
  const text = (): string => Array.from({ length: random.below(8) }, () => random.pick([...TEXTS])).join('');
  for (let round = 0; round < 500; round += 1) {
    const record: VfsRecord = {
      createdAtNs: NOON_NS + BigInt(random.below(10 ** random.below(10))) * 10n ** BigInt(random.below(8)),
      ttlNs: BigInt(random.below(2 ** 31)) ** 2n,
      hostname: text(),
      pid: random.below(2 ** 22),
      ownerId: text(),
    };
    const bytes = encodeRecord(record, spelling);
    checks.same('at random', await writtenByThem(theirs, record), bytes);
    checks.same('read back', recordOf(bytes), record);
  }
  return checks.count;
}

async function writtenByThem(theirs: Driver, record: VfsRecord): Promise<string> {
  const { hostname: host, ownerId, pid, ttlNs, createdAtNs } = record;
  const [hostText, ownerText] = [host, ownerId].map(
    (text) => `-${Buffer.from(text, 'utf8').toString('base64')}`,
  );
  const seconds = createdAtNs / 1_000_000_000n;
  const { bytes = '' } = await tell(
    theirs,
    `encode ${hostText} ${ownerText} ${pid} ${ttlNs} ${seconds} ${createdAtNs - seconds * 1_000_000_000n}`,
  );
  return Buffer.from(bytes, 'base64').toString('latin1');
}

function recordOf(bytes: string): VfsRecord {
  const decoded = decodeRecord(bytes);
  if (decoded.kind === 'unreadable') throw new Error(decoded.why);
  return decoded.record;
}

/** What one takes for a record, and what it says, to the other. */
async function compareParsers(trial: Trial, spelling: 'new' | 'old'): Promise<number> {
  const checks = new Checks();
  const path = join(trial.folder, 'in.csv');
  const theirs = trial.theirs();
  const compare = async (text: string): Promise<void> => {
    writeFileSync(`${path}.lock`, text);
    const { ageMs, ...said } = await tell(theirs, `meta ${path}`);
    checks.same(`theirs of ${JSON.stringify(text)}`, { ...said, message: undefined }, whatWeSay(text));
  };
  for (const text of [...READABLE, ...UNREADABLE].map(([row]) => row)) {
    // The one thing in which ours differs is that it reads both spellings.
    if (/created_at|owner_id/.test(text)) continue;
    await compare(
      spelling === 'new' ? text : text.replace(/createdAt/g, 'created_at').replace(/ownerId/g, 'owner_id'),
    );
  }
  const random = new FakeRandom(4);
  for (let round = 0; round < 2_000; round += 1) await compare(randomText(random, spelling));
  return checks.count;
}

function whatWeSay(text: string): Record<string, unknown> {
  const decoded = decodeRecord(Buffer.from(text, 'utf8').toString('latin1'));
  if (decoded.kind === 'unreadable') return { kind: 'error', message: undefined };
  const { createdAtNs, ttlNs, ...rest } = decoded.record;
  const written = JSON.parse(Buffer.from(encodeRecord(decoded.record, 'new'), 'latin1').toString('utf8')) as {
    createdAt: string;
  };
  return { kind: 'record', createdAt: written.createdAt, ttlNs: String(ttlNs), ...rest, message: undefined };
}

/** A record with something changed in it, often nothing. */
function randomText(random: FakeRandom, spelling: 'new' | 'old'): string {
  const names = spelling === 'new' ? ['createdAt', 'ownerId'] : ['created_at', 'owner_id'];
  const [createdAt = '', ownerId = ''] = names;
  const value = (): string =>
    random.pick([
      'null',
      '1',
      '-1',
      '0',
      '1.5',
      '1e2',
      '""',
      '"a"',
      '"\\u0041"',
      '{}',
      '[]',
      'true',
      '90000000000',
      '01',
      '"2026-03-01T12:00:00Z"',
    ]);
  const time = (): string => {
    const digits = (length: number, most: number): string => String(random.below(most)).padStart(length, '0');
    const fraction = random.chance(0.5) ? `.${digits(1 + random.below(11), 1_000)}` : '';
    const zone = random.pick(['Z', 'Z', '+02:00', '-11:59', '+24:00', '+1:00', 'z']);
    return `"${digits(4, 3_000)}-${digits(2, 14)}-${digits(2, 33)}T${digits(2, 26)}:${digits(2, 62)}:${digits(2, 62)}${fraction}${zone}"`;
  };
  const member = (): string => {
    const name = random.pick([
      createdAt,
      'ttl',
      'hostname',
      'pid',
      ownerId,
      'other',
      'PID',
      'Ttl',
      'hoſtname',
      '',
    ]);
    const sensible = name === createdAt ? time() : value();
    return `"${name}"${random.chance(0.1) ? ' ' : ''}:${random.chance(0.8) ? sensible : value()}`;
  };
  const members = Array.from({ length: random.below(6) }, member).join(random.chance(0.95) ? ', ' : ' ');
  const text = `${random.chance(0.1) ? '\n' : ''}{${members}}${random.chance(0.1) ? random.pick([' ', 'x', '{}', '\0']) : ''}`;
  return random.chance(0.1) ? text.slice(0, random.below(text.length + 1)) : text;
}
