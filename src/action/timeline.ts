import { formatDuration, formatLocalTime } from '../base/duration.ts';

/** The course of a hold. Times are milliseconds since the lock was taken. */
export interface Course {
  readonly waitedMs: number;
  readonly endedMs: number;
  /** When renewals were made, as far as is known, in order. */
  readonly renewedMs: readonly number[];
  /** How many renewals there were. */
  readonly renewals: number;
  /** From when on the holder was not alone for certain. */
  readonly aloneUntilMs?: number;
}

/** A row of the chart for each would make it too high, and more than that nobody looks at. */
const MOST_MILESTONES = 12;
const DAY_MS = 86_400_000;
/** No chart shows more. */
const LONGEST_MS = 366 * DAY_MS;
/**
 * Mermaid shows moments in the reader's time zone: so they are given without one, from a midnight on near which no clock is
 * changed. 1 January 2000, in milliseconds since the epoch.
 */
const MIDNIGHT_MS = 946_684_800_000;

/**
 * The course of a hold as a Mermaid Gantt chart (https://mermaid.js.org/syntax/gantt.html), its times counted from the begin
 * of the wait. There is no text in it but ours.
 */
export function timeline(course: Course): string {
  const { waitedMs, endedMs, renewals } = course;
  const bounded = (ms: number): number => Math.min(Math.max(0, Math.round(ms)), LONGEST_MS);
  const at = (ms: number): string => formatLocalTime(MIDNIGHT_MS + bounded(waitedMs + ms));
  const bar = (label: string, kind: string, [fromMs, toMs]: readonly [number, number]): string =>
    `    ${label} :${kind}, ${at(fromMs)}, ${bounded(toMs - fromMs)}ms`;
  const aloneMs = Math.min(Math.max(course.aloneUntilMs ?? endedMs, 0), endedMs);
  const shown = chosen(course.renewedMs.filter((ms) => ms >= 0 && ms <= endedMs));
  return [
    '```mermaid',
    '---',
    'displayMode: compact',
    '---',
    'gantt',
    '    dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `    axisFormat ${waitedMs + endedMs < DAY_MS ? '%H:%M:%S' : 'day %-d %H:%M'}`,
    '    section Wait',
    bar(`waited ${formatDuration(waitedMs)}`, 'done', [-waitedMs, 0]),
    '    section Hold',
    bar(`held ${formatDuration(aloneMs)}`, 'active', [0, aloneMs]),
    ...(aloneMs < endedMs
      ? [bar(`lost ${formatDuration(endedMs - aloneMs)}`, 'crit', [aloneMs, endedMs])]
      : []),
    ...(shown.length > 0 ? [`    section ${renewalsTitle(renewals, shown.length)}`] : []),
    ...shown.map((ms) => bar(formatDuration(ms), 'milestone', [ms, ms])),
    '```',
  ].join('\n');
}

function renewalsTitle(renewals: number, shown: number): string {
  return shown < renewals ? `Renewals, ${shown} of ${renewals}` : 'Renewals';
}

/** Some of them, evenly, with the first and the last. */
function chosen(times: readonly number[]): readonly number[] {
  if (times.length <= MOST_MILESTONES) return times;
  const step = (times.length - 1) / (MOST_MILESTONES - 1);
  return Array.from({ length: MOST_MILESTONES }, (_, index) => times[Math.round(index * step)] ?? 0);
}
