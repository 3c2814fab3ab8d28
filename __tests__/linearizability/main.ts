// `npm run linearizability`: many clients at once on one key of a store, and whether what they were told can be true of a
// register with compare-and-set. See docs/adr/0016.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemRandom } from '../../src/base/random.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { whyNoVersitygw } from '../support/s3-server.mjs';
import { describeOperation, type Operation } from './history.ts';
import { MISTAKES } from './memory.ts';
import { compareWithPorcupine, PORCUPINE, randomHistories } from './porcupine.ts';
import type { Recording } from './processes.ts';
import { examine, type Findings, gapsOf, type Violation } from './recording.ts';
import {
  type Extent,
  recordLocal,
  recordMemory,
  recordMiniflare,
  recordS3rver,
  recordVersitygw,
} from './stores.ts';

const STORES = ['memory', 'local', 'miniflare', 'versitygw', 's3rver'] as const;
type StoreName = (typeof STORES)[number];

const USAGE = `npm run linearizability [-- --store ${STORES.join('|')}|all] [--seconds N | --operations N]

  --store       which store; all of them without it
  --seconds     how long each good store is recorded, 5 without it
  --operations  or about how many operations
`;

/** With a number of operations, there is no other limit to speak of. */
const LONGEST_S = 3_600;
const COMPARED = 4_000;
/** The longest histories that porcupine is asked about. It gives up on few of them. */
const MOST_COMPARED = 5_000;
/** What is bad is found at once. */
const BAD_SHARE = 0.25;

interface Check {
  readonly store: StoreName;
  readonly name: string;
  readonly processes: number;
  readonly isGood: boolean;
  /** Calls may be over before anything can interrupt them. */
  readonly isPrompt?: boolean;
  readonly record: (extent: Extent) => Promise<Recording>;
  readonly whyNot?: () => Promise<string | undefined>;
}

const CHECKS: readonly Check[] = [
  { store: 'memory', name: 'memory', processes: 1, isGood: true, record: (extent) => recordMemory(extent) },
  ...Object.entries(MISTAKES).map(
    ([mistake, alter]): Check => ({
      store: 'memory',
      name: `memory, but ${mistake}`,
      processes: 1,
      isGood: false,
      record: (extent) => recordMemory(extent, alter),
    }),
  ),
  {
    store: 'local',
    name: 'local',
    processes: 8,
    isGood: true,
    // Where fsync takes no time.
    isPrompt: true,
    record: (extent) => recordLocal(extent),
  },
  {
    store: 'local',
    name: 'local, fsync=never',
    processes: 8,
    isGood: true,
    isPrompt: true,
    record: (extent) => recordLocal(extent, { fsync: false }),
  },
  {
    store: 'local',
    name: 'local, as on a network',
    processes: 8,
    isGood: true,
    record: (extent) => recordLocal(extent, { isFar: true, fsync: false }),
  },
  { store: 'miniflare', name: 'miniflare', processes: 4, isGood: true, record: recordMiniflare },
  {
    store: 'versitygw',
    name: 'versitygw',
    processes: 4,
    isGood: true,
    record: recordVersitygw,
    whyNot: whyNoVersitygw,
  },
  { store: 's3rver', name: 's3rver, which lies', processes: 4, isGood: false, record: recordS3rver },
];

type Result =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'skipped'; readonly why: string };

const PASSED: Result = { kind: 'passed' };

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const COLUMNS = [
  ['killed', 6],
  ['histories', 9],
  ['longest', 7],
  ['operations', 10],
  ['written', 7],
  ['conflict', 8],
  ['read', 7],
  ['refused', 7],
  ['unknown', 7],
  ['overlapping', 11],
  ['checked in', 10],
] as const;
const NAME_WIDTH = 48;

async function main(): Promise<void> {
  const options = parseOptions();
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const { stores, extent } = options;
  const checks = CHECKS.filter(({ store }) => stores.includes(store));
  say(
    ['store and processes'.padEnd(NAME_WIDTH), ...COLUMNS.map(([title]) => title), 'linearizable'].join('  '),
  );
  const results: Result[] = [];
  const recorded: (readonly Operation[])[] = [];
  for (const each of checks) results.push(reported(await carryOut(each, extent, recorded)));
  results.push(reported(await comparePorcupine([...randomHistories(COMPARED, extent.random), ...recorded])));
  const count = (kind: Result['kind']): number => results.filter((result) => result.kind === kind).length;
  const reasons = results.flatMap((result) => (result.kind === 'skipped' ? [result.why] : []));
  const why = reasons.length > 0 ? `: ${reasons.join('; ')}` : '';
  say(`\n${count('passed')} checks passed, ${count('failed')} failed, ${reasons.length} skipped${why}`);
  process.exitCode = count('failed') > 0 ? 1 : 0;
}

function reported(result: Result): Result {
  if (result.kind === 'failed') say(`\nFAILED: ${result.why}\n`);
  return result;
}

/** What was asked for, or what is wrong with it. */
function parseOptions(): { stores: readonly StoreName[]; extent: Extent } | string {
  const number = (name: string, text: string): number => {
    if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
    throw new Error(`--${name}: "${text}" is no whole number above 0.`);
  };
  try {
    const { values } = parseArgs({
      options: {
        store: { type: 'string', default: 'all' },
        seconds: { type: 'string' },
        operations: { type: 'string' },
      },
    });
    const stores = STORES.filter((store) => values.store === 'all' || values.store === store);
    if (stores.length === 0) throw new Error(`--store: "${values.store}" is not known.`);
    if (values.seconds && values.operations) throw new Error('--seconds and --operations: only one of them.');
    const random = new FakeRandom(Number.parseInt(systemRandom.hex(4), 16));
    const extent = values.operations
      ? { seconds: LONGEST_S, operations: number('operations', values.operations) }
      : { seconds: number('seconds', values.seconds ?? '5'), operations: Number.MAX_SAFE_INTEGER };
    return { stores, extent: { ...extent, random } };
  } catch (error) {
    return (error as Error).message;
  }
}

/** @param recorded the histories that are not too long are added to it */
async function carryOut(each: Check, extent: Extent, recorded: (readonly Operation[])[]): Promise<Result> {
  const missing = await each.whyNot?.();
  if (missing !== undefined) return { kind: 'skipped', why: `${each.name} (${missing})` };
  const { seconds, operations, random } = extent;
  const share = each.isGood ? 1 : BAD_SHARE;
  const own = { seconds: Math.ceil(seconds * share), operations: Math.ceil(operations * share), random };
  const findings = await recordOnce(each, own, recorded);
  if (!saysLittle(each, findings)) return judge(each, findings);
  say('  That says little: once more, three times as long.');
  const longer = { ...own, seconds: 3 * own.seconds, operations: 3 * own.operations };
  return judge(each, await recordOnce(each, longer, recorded));
}

async function recordOnce(
  each: Check,
  extent: Extent,
  recorded: (readonly Operation[])[],
): Promise<Findings> {
  const recording = await each.record(extent);
  const findings = examine(recording.histories);
  recorded.push(...[...recording.histories.values()].filter(({ length }) => length <= MOST_COMPARED));
  say(row(each, recording, findings));
  if (!each.isGood && findings.violation) say(evidence(findings.violation));
  return findings;
}

/** A violation always says enough. */
function saysLittle({ isGood, isPrompt = false }: Check, findings: Findings): boolean {
  return !findings.violation && (!isGood || gapsOf(findings, isPrompt).length > 0);
}

function row({ name, processes }: Check, { killed }: Recording, findings: Findings): string {
  const share = Math.round((100 * findings.overlapping) / Math.max(1, findings.operations));
  const cells = [
    killed,
    findings.histories,
    findings.longest,
    findings.operations,
    findings.written,
    findings.conflicts,
    findings.reads,
    findings.refused,
    findings.unknown,
    `${share} %`,
    `${Math.round(findings.checkMs)} ms`,
  ];
  const columns = cells.map((cell, index) => String(cell).padStart(COLUMNS[index]?.[1] ?? 0));
  const verdict = findings.violation ? 'no' : 'yes';
  return [`${name}, ${processes}`.padEnd(NAME_WIDTH), ...columns, verdict].join('  ');
}

function judge({ name, isGood, isPrompt = false }: Check, findings: Findings): Result {
  const { violation } = findings;
  if (!isGood && violation) return PASSED;
  if (!isGood) return failed(`${name}: nothing was found, though there is something to be found.`);
  if (violation) return failed(`${name}: ${describeViolation(violation)}`);
  const gaps = gapsOf(findings, isPrompt).join(', ');
  if (gaps === '') return PASSED;
  return failed(`${name}: too little happened to say anything: ${gaps}. Record more, with --seconds.`);
}

/** What gave a bad store away, without all that was before and at the same time. */
function evidence({ explanation }: Violation): string {
  return explanation.split('\nThe last that wrote', 1)[0] ?? '';
}

function describeViolation({ key, explanation, history }: Violation): string {
  const file = join(mkdtempSync(join(tmpdir(), 'leasehold-history-')), 'history.txt');
  const byCall = [...history].sort((a, b) => a.callNs - b.callNs);
  writeFileSync(file, byCall.map((operation) => `${describeOperation(operation)}\n`).join(''));
  return `the history of ${key} is not linearizable.\n${explanation}\nThe whole history: ${file}`;
}

async function comparePorcupine(histories: readonly (readonly Operation[])[]): Promise<Result> {
  const name = `the checker against ${PORCUPINE}`;
  const answer = await compareWithPorcupine(histories);
  if (answer.kind === 'unable') return { kind: 'skipped', why: `${name} (${answer.reason})` };
  const { illegal, undecided, dispute } = answer.value;
  if (dispute) {
    const lines = dispute.history.map((operation) => `\n  ${describeOperation(operation)}`).join('');
    return failed(`${name}: its verdict on this history is ${dispute.verdict}, and ours is not:${lines}`);
  }
  const recorded = histories.length - COMPARED;
  say(`
${name}: the same verdict on ${COMPARED} random histories and ${recorded} of these stores; ${illegal} are not linearizable, and ${undecided} were too much for it`);
  return PASSED;
}

function failed(why: string): Result {
  return { kind: 'failed', why };
}

await main();
