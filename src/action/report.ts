import { formatDuration } from '../base/duration.ts';
import { escapeMarkup } from '../base/sanitise.ts';
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
  return table(`Lock ${code(report.name)}`, [
    ['Owner', escapeMarkup(describeHolder(report.holder))],
    ['Fencing token', String(report.token)],
    ['Waited', formatDuration(report.waitedMs)],
    ['Held', `${formatDuration(report.heldMs)}, ${escapeMarkup(report.ended)}`],
    ['Renewals', String(report.renewals)],
    ['Stolen from', report.stolenFrom ? escapeMarkup(describeHolder(report.stolenFrom)) : '–'],
  ]);
}

/** The job summary of a job that went on without the lock. */
export function skipSummary(name: string, by: Holder): string {
  return table(`Lock ${code(name)}: skipped`, [
    ['Held by', escapeMarkup(describeHolder(by))],
    ['Reason', by.reason ? escapeMarkup(by.reason) : '–'],
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

/** A lock's name is of a strict character set. */
function code(name: string): string {
  return `\`${name}\``;
}
