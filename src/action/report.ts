import { formatDuration } from '../base/duration.ts';
import { codeSpan } from '../base/sanitise.ts';
import { describeHolder } from '../lease/describe.ts';
import type { Holder } from '../lease/record.ts';

/** One hold, as the job summary tells it. */
export interface HoldReport {
  readonly name: string;
  readonly holder: Holder;
  readonly token: number;
  readonly waitedMs: number;
  readonly heldMs: number;
  readonly renewals: number;
  readonly stolenFrom?: Holder;
  /** How it ended, a sentence of ours in which foreign text is sanitised. */
  readonly ended: string;
}

/** The job summary of a hold: a small table in GitHub's Markdown. */
export function holdSummary(report: HoldReport): string {
  return table(`Lock ${codeSpan(report.name)}`, [
    ['Owner', codeSpan(describeHolder(report.holder))],
    ['Fencing token', String(report.token)],
    ['Waited', formatDuration(report.waitedMs)],
    ['Held', `${formatDuration(report.heldMs)}, ${codeSpan(report.ended)}`],
    ['Renewals', String(report.renewals)],
    ['Stolen from', report.stolenFrom ? codeSpan(describeHolder(report.stolenFrom)) : '–'],
  ]);
}

/** The job summary of a job that went on without the lock. */
export function skipSummary(name: string, by: Holder): string {
  return table(`Lock ${codeSpan(name)}: skipped`, [
    ['Held by', codeSpan(describeHolder(by))],
    ['Reason', by.reason ? codeSpan(by.reason) : '–'],
  ]);
}

function table(title: string, rows: [string, string][]): string {
  return [
    `### ${title}`,
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
  ].join('\n');
}
