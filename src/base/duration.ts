import { quote } from './sanitise.ts';
import { UsageError } from './usage-error.ts';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Milliseconds of a duration as people write it: `90s`, `30m`, `1h30m`, `500ms`, `2d`; a bare `0` is zero.
 * @param field what the user calls this value, for the message
 * @throws UsageError when it is anything else: a bare number is refused, for nobody knows its unit
 */
export function parseDuration(text: string, field: string): number {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  const parts = [...trimmed.matchAll(/(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== trimmed) {
    throw new UsageError(
      `${field}: ${quote(text.slice(0, 40))} is not a duration. Write a number with a unit: 90s, 30m, 1h30m, 500ms, 2d.`,
    );
  }
  return Math.round(
    parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS], 0),
  );
}

/** A duration for people, two units at most: `340ms`, `12s`, `4m12s`, `1h30m`, `2d4h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (Math.round(ms) < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 10_000) return `${Number((ms / 1_000).toFixed(1))}s`;
  const seconds = Math.round(ms / 1_000);
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), 'm', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** A moment for people, UTC, whole seconds: `2026-03-01T12:00:00Z`. */
export function formatInstant(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, -'.000Z'.length)}Z`;
}

/** A moment to the millisecond, as if there were no time zones: `2000-01-01 00:01:01.250`. */
export function formatLocalTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** Milliseconds since the epoch of a moment as `formatInstant` writes it; `undefined` when it is anything else. */
export function parseInstant(text: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
