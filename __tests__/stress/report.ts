import { type Findings, type Hold, somebodyWaited } from './checker.ts';
import type { AttackKind, ClientEntry } from './journal.ts';
import type { StressOptions } from './options.ts';
import type { StormResult } from './storm.ts';

/** Whether the hold was ended by what was done to its client. */
export function endedByAttack({ entry, leaveMs }: Hold, late: ReadonlySet<number>): boolean {
  if (!entry?.attack || entry.attack.kind === 'kill-guard') return false;
  return leaveMs === undefined || late.has(entry.client) || entry.exit === 'SIGKILL';
}

export interface Counts {
  readonly acquisitions: number;
  readonly ended: number;
}

/** @returns over all locks */
export function countsOf(findings: readonly Findings[]): Counts {
  const each = findings.map(({ holds, lateWorkers }) => {
    const late = new Set(lateWorkers.map(({ hold }) => hold.client));
    return { acquisitions: holds.length, ended: holds.filter((hold) => endedByAttack(hold, late)).length };
  });
  return each.reduce(
    (a, b) => ({ acquisitions: a.acquisitions + b.acquisitions, ended: a.ended + b.ended }),
    {
      acquisitions: 0,
      ended: 0,
    },
  );
}

/** What makes the run a failure, for people. */
export function failuresOf(
  { findings, remains }: StormResult,
  { acquisitions, kills }: StressOptions,
): string[] {
  const counts = countsOf(findings);
  const share = counts.ended / counts.acquisitions;
  return [
    ...findings.flatMap(({ violations }) => violations.map(({ kind, message }) => `${kind}: ${message}`)),
    ...remains,
    ...(counts.acquisitions < acquisitions
      ? [`Only ${counts.acquisitions} of ${acquisitions} acquisitions were made.`]
      : []),
    ...(share < kills
      ? [`Only ${percent(share)} of the acquisitions were ended, not ${percent(kills)}.`]
      : []),
  ];
}

/** All that is to be said of one storm. */
export function describeStorm(result: StormResult): string {
  const { findings, tookMs, clients, aftermath } = result;
  const counts = countsOf(findings);
  const perSecond = (counts.acquisitions / tookMs) * 1_000;
  return [
    `${counts.acquisitions} acquisitions in ${seconds(tookMs)}: ${perSecond.toFixed(1)} a second, ${counts.ended} (${percent(counts.ended / counts.acquisitions)}) ended by a kill or a stop.`,
    '',
    table(['lock', 'acquisitions', 'ended', 'share', 'tokens'], findings.map(lockRow)),
    '',
    table(['what was done', 'waiting', 'holding', 'of a job'], attackRows(clients, findings)),
    '',
    table(
      ['from … to the next enter, while others wait', 'count', 'median', 'p95', 'max'],
      handOverRows(findings),
    ),
    '',
    ...afterlife(findings),
    ...lateness(findings),
    `At the end every lock was acquired within ${seconds(Math.max(...aftermath.acquired.map(({ tookMs: ms }) => ms)))}; ${aftermath.processes.length} processes are left, ${aftermath.files.length} temporary files of killed writers (swept when ten minutes old), ${aftermath.keeperFolders} folders of killed jobs' keepers (swept after a week).`,
  ].join('\n');
}

function lockRow({ rules, holds, lateWorkers }: Findings): string[] {
  const { acquisitions, ended } = countsOf([{ rules, holds, lateWorkers, violations: [], refusedWrites: 0 }]);
  const tokens = acquisitions > 0 ? `${holds[0]?.token} to ${holds.at(-1)?.token}` : 'none';
  return [rules.lock, String(acquisitions), String(ended), percent(ended / acquisitions), tokens];
}

const KINDS: readonly (readonly [AttackKind, string])[] = [
  ['kill-leasehold', 'SIGKILL to leasehold run'],
  ['kill-command', 'SIGKILL to the command'],
  ['kill-guard', 'SIGKILL to the guard (the hold goes on)'],
  ['kill-job', 'SIGKILL to a job, not to its keeper'],
  ['kill-keeper', 'SIGKILL to the keeper of a job'],
  ['kill-all', 'SIGKILL to everything at once'],
  ['stop-leasehold', 'SIGSTOP past the ttl to leasehold run'],
  ['stop-all', 'SIGSTOP past the ttl to everything'],
];

function attackRows(clients: readonly ClientEntry[], findings: readonly Findings[]): string[][] {
  const entered = new Map(findings.flatMap(({ holds }) => holds.map((hold) => [hold.client, hold.enterMs])));
  return KINDS.map(([kind, name]) => {
    const struck = clients.filter(({ attack }) => attack?.kind === kind);
    const holding = struck.filter(
      ({ client, attack }) => attack && (entered.get(client) ?? Number.POSITIVE_INFINITY) <= attack.atMs,
    );
    const jobs = struck.filter(({ form }) => form === 'job');
    return [name, ...[struck.length - holding.length, holding.length, jobs.length].map(String)];
  });
}

function handOverRows(findings: readonly Findings[]): string[][] {
  const by = (policy: string) => findings.filter(({ rules }) => rules.policy === policy);
  const rows: [string, number[]][] = [
    ['the worker leaves', handOvers(findings, left)],
    ['the command is killed', handOvers(findings, attacked('kill-command'))],
    ['the holder is killed, holder-finished', handOvers(by('holder-finished'), attacked(...DEATHS))],
    ['the holder is killed, expired', handOvers(by('expired'), attacked(...DEATHS))],
    ['the holder is stopped, expired', handOvers(by('expired'), attacked('stop-leasehold', 'stop-all'))],
    ['the keeper is killed, expired', handOvers(by('expired'), attacked('kill-keeper'))],
  ];
  return rows.map(([name, times]) => [name, ...statistics(times)]);
}

const DEATHS = ['kill-leasehold', 'kill-job', 'kill-all'] as const;

/** From the end of a hold to the next enter, if somebody waited at that end and nobody acquired in between. */
function handOvers(
  findings: readonly Findings[],
  endOf: (hold: Hold, next: Hold) => number | undefined,
): number[] {
  return findings.flatMap(({ holds }) =>
    holds.flatMap((hold, index) => {
      const next = holds[index + 1];
      if (next?.token !== hold.token + 1) return [];
      const endMs = endOf(hold, next);
      return endMs !== undefined && endMs < next.enterMs && somebodyWaited(holds, endMs)
        ? [next.enterMs - endMs]
        : [];
    }),
  );
}

function left({ entry, leaveMs }: Hold): number | undefined {
  return entry?.attack ? undefined : leaveMs;
}

/** When the hold was attacked, if that is what ended it. */
function attacked(...kinds: AttackKind[]) {
  return ({ entry, leaveMs }: Hold, next: Hold): number | undefined => {
    const ended = leaveMs === undefined || leaveMs > next.enterMs;
    return ended && entry?.attack && kinds.includes(entry.attack.kind) ? entry.attack.atMs : undefined;
  };
}

/** How long workers went on after the kill or the stop that should have ended them. */
function afterlife(findings: readonly Findings[]): string[] {
  const pairs = findings.flatMap(({ holds }) =>
    holds.map((hold, index) => ({ hold, next: holds[index + 1] })),
  );
  const of = (kind: AttackKind, form: string) =>
    pairs.filter(
      ({ hold }) =>
        hold.entry?.attack?.kind === kind && hold.entry.form === form && hold.leaveMs === undefined,
    );
  const wentOnMs = (kind: AttackKind): number[] =>
    of(kind, 'run').map(({ hold }) => Math.max(0, hold.lastMs - (hold.entry?.attack?.atMs ?? 0)));
  const killed = wentOnMs('kill-leasehold');
  const stopped = wentOnMs('stop-leasehold');
  const gaps = of('kill-leasehold', 'run').flatMap(({ hold, next }) =>
    next ? [next.enterMs - hold.lastMs] : [],
  );
  const resumed = of('stop-all', 'run').flatMap(({ hold }) => {
    const resumedMs = hold.entry?.attack?.resumedMs;
    return resumedMs === undefined || hold.lastMs < resumedMs ? [] : [hold.lastMs - resumedMs];
  });
  return [
    `After SIGKILL to leasehold run its worker went on for ${longest(killed)} at most, and was last seen ${shortest(gaps)} or more before the next one entered.`,
    ...(stopped.length > 0
      ? [`After SIGSTOP to leasehold run its guard ended the worker within ${longest(stopped)}.`]
      : []),
    ...(resumed.length > 0
      ? [
          `Resumed past the ttl up to 30 ms before leasehold and its guard, a worker went on for ${longest(resumed)} at most.`,
        ]
      : []),
  ];
}

function lateness(findings: readonly Findings[]): string[] {
  const late = findings.flatMap(({ lateWorkers }) => lateWorkers);
  const wrote = late.filter(({ refusedWrites }) => refusedWrites > 0);
  const writes = late.reduce((sum, { refusedWrites }) => sum + refusedWrites, 0);
  return [
    `Late workers, paused past their deadline or without their keeper: ${late.length}; ${wrote.length} of them wrote after the next one had, ${writes} writes, all refused by their token.`,
  ];
}

function statistics(times: readonly number[]): string[] {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => seconds(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  return sorted.length === 0 ? ['0', '', '', ''] : [String(sorted.length), at(0.5), at(0.95), at(1)];
}

function longest(times: readonly number[]): string {
  return times.length > 0 ? seconds(Math.max(...times)) : 'no time';
}

function shortest(times: readonly number[]): string {
  return times.length > 0 ? seconds(Math.min(...times)) : 'no time';
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function percent(share: number): string {
  return `${((Number.isFinite(share) ? share : 0) * 100).toFixed(1)} %`;
}

/** Columns under their names, the first to the left and the others to the right. */
function table(names: readonly string[], rows: readonly string[][]): string {
  const widths = names.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [names, ...rows].map((cells) => `  ${line(cells)}`).join('\n');
}
