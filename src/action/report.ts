import { formatDuration } from '../base/duration.ts';
import { codeSpan } from '../base/sanitise.ts';
import { describeHolder } from '../lease/describe.ts';
import type { Holder, LeaseRecord } from '../lease/record.ts';
import { timeline } from './timeline.ts';

/** One hold, as the job summary tells it. */
export interface HoldReport {
  readonly name: string;
  readonly holder: Holder;
  readonly token: number;
  readonly waitedMs: number;
  readonly heldMs: number;
  readonly renewals: number;
  /** When renewals were made, in milliseconds since the lock was taken, as far as is known. */
  readonly renewedMs: readonly number[];
  readonly stolenFrom?: Holder;
  /** How it ended, a sentence of ours in which foreign text is sanitised. */
  readonly ended: string;
  readonly lost?: LossReport;
  /** The origin of this job's GitHub server: links lead there alone. */
  readonly origin?: string | undefined;
}

export interface LossReport {
  /** From when on the job was not alone for certain: in milliseconds since the lock was taken, and in words. */
  readonly aloneUntilMs: number;
  readonly aloneUntil: string;
  /** What became of cancelling the run, in our words with foreign text sanitised; absent: it was not asked for. */
  readonly cancel?: string | undefined;
}

/** The job summary of a hold: a small table in GitHub's Markdown, and its course as a chart. */
export function holdSummary(report: HoldReport): string {
  const { heldMs, lost, stolenFrom, origin } = report;
  const rows: Row[] = [
    ['Owner', codeSpan(describeHolder(report.holder))],
    ['Fencing token', String(report.token)],
    ['Waited', formatDuration(report.waitedMs)],
    ['Held', `${formatDuration(heldMs)}, ${codeSpan(report.ended)}`],
    ...(lost ? lostRows(lost) : []),
    ['Renewals', String(report.renewals)],
    ['Stolen from', stolenFrom ? holderCell(stolenFrom, origin) : '–'],
  ];
  const { waitedMs, renewals, renewedMs } = report;
  const course = { waitedMs, endedMs: heldMs, renewals, renewedMs };
  return [
    table(`Lock ${codeSpan(report.name)}`, rows),
    timeline(lost ? { ...course, aloneUntilMs: lost.aloneUntilMs } : course),
    '',
  ].join('\n');
}

export type Row = readonly [string, string];

export function lostRows({ aloneUntil, cancel }: LossReport): Row[] {
  return [
    ['Alone until', codeSpan(aloneUntil)],
    ...(cancel === undefined ? [] : [['Run cancelled', codeSpan(cancel)] as const]),
  ];
}

/** The job summary of a job that went on without the lock. */
export function skipSummary(name: string, by: Holder, origin?: string): string {
  return table(`Lock ${codeSpan(name)}: skipped`, holderRows(by, origin));
}

/** The job summary of a job that did not get the lock. */
export function refusedSummary(
  { name, holder }: Pick<LeaseRecord, 'name' | 'holder'>,
  waitedMs: number,
  origin: string | undefined,
): string {
  const rows = [['Waited', formatDuration(waitedMs)] as const, ...holderRows(holder, origin)];
  return table(`Lock ${codeSpan(name)}: not free`, rows);
}

function holderRows(holder: Holder, origin: string | undefined): Row[] {
  return [
    ['Held by', holderCell(holder, origin)],
    ['Reason', holder.reason ? codeSpan(holder.reason) : '–'],
  ];
}

function holderCell(holder: Holder, origin: string | undefined): string {
  const { runUrl = '' } = holder;
  const who = codeSpan(describeHolder(holder));
  return isRunOf(runUrl, origin) ? `${who} ([run](${runUrl}))` : who;
}

/** Whether a URL, somebody else's text, is that of a run on this very server, and has no character that means anything. */
function isRunOf(url: string, origin: string | undefined): boolean {
  const isRun = /^https?:\/\/[\w.:-]+\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d{1,20}(\/attempts\/\d{1,9})?$/;
  return origin !== undefined && isRun.test(url) && url.length <= 300 && url.startsWith(`${origin}/`);
}

/** A small table in GitHub's Markdown. The title, and all cells, are code spans or our own words. */
export function table(title: string, rows: readonly Row[]): string {
  return [
    `### ${title}`,
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
  ].join('\n');
}
