import { formatDuration } from '../base/duration.ts';
import { codeSpan } from '../base/sanitise.ts';
import { describeHolder as describeSelf } from '../lease/describe.ts';
import { describeHolder } from '../protocols/describe.ts';
import type { Held } from '../protocols/protocol.ts';
import type { ProtocolConfig } from './protocol-state.ts';
import { type LossReport, lostRows, type Row, table } from './report.ts';
import { timeline } from './timeline.ts';

/** One hold of another program's lock, as the job summary tells it. */
export interface ProtocolReport {
  readonly config: ProtocolConfig;
  readonly waitedMs: number;
  readonly heldMs: number;
  readonly renewals: number;
  /** When renewals were made, in milliseconds since the lock was taken, as far as is known. */
  readonly renewedMs: readonly number[];
  readonly took?: Held;
  /** How it ended, a sentence of ours in which foreign text is sanitised. */
  readonly ended: string;
  readonly lost?: LossReport;
}

/** The job summary of a hold: a small table in GitHub's Markdown, and its course as a chart. */
export function protocolSummary(report: ProtocolReport): string {
  const { config, waitedMs, heldMs, renewals, renewedMs, took, lost } = report;
  const rows: Row[] = [
    ['Protocol', codeSpan(config.opening.protocol)],
    ['Owner', codeSpan(describeSelf(config.self))],
    ['Waited', formatDuration(waitedMs)],
    ['Held', `${formatDuration(heldMs)}, ${codeSpan(report.ended)}`],
    ...(lost ? lostRows(lost) : []),
    ['Renewals', String(renewals)],
    ['Taken over from', took ? codeSpan(describeHolder(took)) : '–'],
  ];
  const course = { waitedMs, endedMs: heldMs, renewals, renewedMs };
  return [
    table(title(config), rows),
    timeline(lost ? { ...course, aloneUntilMs: lost.aloneUntilMs } : course),
    '',
  ].join('\n');
}

/** The job summary of a job that went on without the lock. */
export function protocolSkipSummary(config: ProtocolConfig, by: Held): string {
  return table(`${title(config)}: skipped`, holderRows(config, by));
}

/** The job summary of a job that did not get the lock. */
export function protocolRefusedSummary(config: ProtocolConfig, by: Held, waitedMs: number): string {
  return table(`${title(config)}: not free`, [
    ['Waited', formatDuration(waitedMs)],
    ...holderRows(config, by),
  ]);
}

function title({ opening }: ProtocolConfig): string {
  return `Lock ${codeSpan(opening.path)}`;
}

function holderRows({ opening }: ProtocolConfig, by: Held): Row[] {
  return [
    ['Protocol', codeSpan(opening.protocol)],
    ['Held by', codeSpan(describeHolder(by))],
    ['State', codeSpan(by.standing.detail)],
  ];
}
