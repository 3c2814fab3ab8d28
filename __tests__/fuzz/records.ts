import fc from 'fast-check';
import type { Holder, LeaseRecord } from '../../src/lease/record.ts';
import { NAME } from '../support/fake-lock.ts';
import { hostileJson, hostileNumber, hostileText } from './hostile.ts';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const whole = fc.oneof(fc.nat({ max: 1_000_000 }), fc.maxSafeNat());
const text = hostileText.map((given) => given.slice(0, 1_024));

/** A holder as the format allows it, with texts that somebody wrote to do harm. */
export const holder: fc.Arbitrary<Holder> = fc.record(
  {
    ownerId: text,
    leaseId: hex(32),
    ...{ repository: text, workflow: text, runId: text, runAttempt: whole, job: text, checkRunId: text },
    ...{ actor: text, ref: text, sha: text, runUrl: text, host: text, reason: text },
    processes: fc.array(
      fc.record({ pid: fc.integer({ min: 1 }), startTime: text }, { requiredKeys: ['pid'] }),
      { maxLength: 8 },
    ),
    bootId: text,
    pidNamespace: text,
  },
  { requiredKeys: ['ownerId', 'leaseId'] },
) as fc.Arbitrary<Holder>;

const common = {
  schema: fc.constant(1 as const),
  name: fc.constant(NAME),
  token: whole,
  nonce: hex(32),
  trail: fc.array(hex(32), { maxLength: 8 }),
  ttlMs: whole.map((ms) => Math.max(1, ms)),
  renewals: whole,
  acquiredAt: fc.oneof(text, fc.constant('2026-03-01T12:00:00Z')),
  holder,
};

const short = text.map((given) => given.slice(0, 100));
const member = fc.record(
  {
    ...{ memberId: hex(32), ttlMs: common.ttlMs, gapMs: common.ttlMs, last: fc.constant(true as const) },
    ...{ job: short, checkRunId: short, host: short, joinedAt: short },
  },
  { requiredKeys: ['memberId', 'ttlMs', 'gapMs', 'joinedAt'] },
);
const flag = fc.constant(true as const);

const held = { ...common, state: fc.constant('held' as const) };

/** Whoever has it: one, a run with or without a job, a person, a tree. */
export const heldRecord = fc.oneof(
  { weight: 3, arbitrary: fc.record(held) },
  fc.record(
    {
      ...held,
      shared: fc.record(
        { members: fc.array(member, { maxLength: 3 }), entered: flag, closing: flag },
        { requiredKeys: ['members'] },
      ),
      reserved: fc.record({ until: text }),
      tree: flag,
    },
    { requiredKeys: Object.keys(held) as (keyof typeof held)[] },
  ),
) as fc.Arbitrary<Extract<LeaseRecord, { state: 'held' }>>;

/** Every record that the format allows, its texts hostile. */
export const record: fc.Arbitrary<LeaseRecord> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: heldRecord },
      fc.record({
        ...common,
        state: fc.constant('granted' as const),
        grant: fc.record({ ticket: text, leaseId: text }),
      }),
      fc.record({
        ...common,
        state: fc.constant('released' as const),
        ended: fc.record(
          {
            how: fc.constantFrom('released', 'broken', 'given-up', 'expired'),
            at: text,
            by: text,
            reason: text,
          },
          { requiredKeys: ['how', 'at'] },
        ),
      }),
    ),
    fc.option(text, { nil: undefined }),
  )
  .map(([written, probed]) => (probed === undefined ? written : { ...written, probed }) as LeaseRecord);

type Path = readonly (string | number)[];

/** The paths of all values in `value`, itself included. */
function pathsIn(value: unknown, here: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [here];
  const inner = Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...here, key]));
  return [here, ...inner];
}

/** A copy of `value` with what is at `path` replaced; `undefined` leaves it out. */
function withAt(value: unknown, path: Path, put: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return put(value);
  if (Array.isArray(value))
    return value.map((each, index) => (index === Number(key) ? withAt(each, rest, put) : each));
  const entries = Object.entries(value as object).map(
    ([name, each]) => [name, name === key ? withAt(each, rest, put) : each] as const,
  );
  return Object.fromEntries(entries);
}

/** What may happen to a value that was right. */
const change: fc.Arbitrary<(old: unknown) => unknown> = fc.oneof(
  fc.constant(() => undefined),
  fc.constant((old: unknown) => [old]),
  fc.constant((old: unknown) => ({ ...Object(old), __proto__x: old })),
  fc.constant((old: unknown) => (typeof old === 'number' ? String(old) : JSON.stringify(old))),
  fc.constant((old: unknown) => (typeof old === 'string' ? old.toUpperCase() : old === true)),
  fc.constant((old: unknown) => (typeof old === 'string' ? old + old : old)),
  fc.constant((old: unknown) =>
    JSON.parse(`${'['.repeat(200)}${JSON.stringify(old ?? null)}${']'.repeat(200)}`),
  ),
  fc.constant(() => 'x'.repeat(1_025)),
  fc.constantFrom('held', 'released', 'granted', 'given-up').map((state) => () => state),
  hostileNumber.map((number) => () => number),
  hostileText.map((string) => () => string),
  hostileJson.map((json) => () => json),
);

/** The JSON of `right` with one to three of its values dropped, retyped, nested, made longer, replaced; or cut off. */
export function changed<T>(right: fc.Arbitrary<T>): fc.Arbitrary<string> {
  return fc
    .tuple(right, fc.array(fc.tuple(fc.nat(), change), { maxLength: 3 }), fc.nat())
    .map(([value, changes, end]) => {
      const wrong = changes.reduce<unknown>((before, [index, put]) => {
        const paths = pathsIn(before);
        return withAt(before, paths[index % paths.length] ?? [], put);
      }, value);
      const text = JSON.stringify(wrong) ?? '';
      return changes.length === 0 ? text.slice(0, end % (text.length + 1)) : text;
    });
}

const FIELDS = [
  'schema',
  'state',
  'name',
  'token',
  'nonce',
  'ttlMs',
  'holder',
  'ended',
  '__proto__',
  'constructor',
];

/** Records with a key more, which may be there already: which of two equal keys counts is the parser's choice. */
const doubled: fc.Arbitrary<string> = fc
  .tuple(record, fc.constantFrom(...FIELDS), hostileJson, fc.boolean())
  .map(([right, key, value, first]) => {
    const more = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    const body = JSON.stringify(right);
    return first ? `{${more},${body.slice(1)}` : `${body.slice(0, -1)},${more}}`;
  });

/** Records whose text was damaged: cut, doubled, a byte-order mark, a character changed, padded to the longest body. */
const damaged: fc.Arbitrary<string> = fc
  .tuple(record, fc.nat(), fc.nat({ max: 7 }), hostileText)
  .map(([right, at, how, more]) => {
    const body = JSON.stringify(right);
    // At either end now and then, where a parser is likeliest to be lenient.
    const cut = at % 4 === 0 ? (at % 8) * (body.length / 4) : at % body.length;
    const damages = [
      body.slice(0, cut),
      body.slice(cut),
      body + body,
      `\ufeff${body}`,
      body.slice(0, cut) + more + body.slice(cut),
      body.slice(0, cut) + more + body.slice(cut + more.length),
      `${' '.repeat(64 * 1024 - body.length)}${body}`,
      body.replaceAll('"', "'"),
    ];
    return damages[how] ?? '';
  });

/** What may be found where a lock's record should be. */
export const body: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: record.map((right) => JSON.stringify(right)) },
  { weight: 6, arbitrary: changed(record) },
  { weight: 3, arbitrary: doubled },
  { weight: 3, arbitrary: damaged },
  { weight: 1, arbitrary: hostileJson.map((json) => JSON.stringify(json)) },
  { weight: 1, arbitrary: hostileText },
);

/** Whether all that `taken` has is in `given` just so. */
export function isPartOf(taken: unknown, given: unknown): boolean {
  if (Array.isArray(taken)) {
    const list: readonly unknown[] = Array.isArray(given) ? given : [];
    return list.length === taken.length && taken.every((each, at) => isPartOf(each, list[at]));
  }
  if (typeof taken !== 'object' || taken === null) return taken === given;
  return (
    typeof given === 'object' &&
    given !== null &&
    Object.getPrototypeOf(taken) === Object.prototype &&
    Object.entries(taken).every(
      ([key, each]) => Object.hasOwn(given, key) && isPartOf(each, Reflect.get(given, key)),
    )
  );
}
