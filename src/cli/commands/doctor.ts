import { withTimeout } from '../../base/clock.ts';
import { sanitise } from '../../base/sanitise.ts';
import { openStore } from '../../store/open.ts';
import { type ProbedPromise, type ProbeReport, probeStore } from '../../store/probe.ts';
import { exitCodeOf } from '../exit-codes.ts';
import type { Cli } from '../io.ts';
import { jsonLine } from '../json.ts';
import type { Common } from '../options.ts';

const PROBE_WITHIN_MS = 120_000;

/**
 * Tests whether the store keeps the promises that a lock rests on, and says of each whether it did.
 * @throws StoreError when the store can't be used at all
 */
export async function doctor(cli: Cli, options: Common): Promise<number> {
  const store = await openStore(options.store);
  const { clock, random } = cli;
  const report = await withTimeout(clock, PROBE_WITHIN_MS, undefined, (signal) =>
    probeStore(store, { clock, random, signal }),
  );
  if (options.json) cli.print(jsonLine({ store: options.store, ...report }));
  else for (const line of reportLines(options.store, report)) cli.print(line);
  return report.ok ? 0 : exitCodeOf('misconfigured');
}

const MARKS = { yes: '✓', no: '✗', unknown: '?' } as const satisfies Record<ProbedPromise['held'], string>;

/** The report for people, one promise a line. */
export function reportLines(store: string, { ok, dialect, promises, storeClock }: ProbeReport): string[] {
  return [
    `Store ${sanitise(store)}`,
    ...promises.map(({ held, promise, detail, safety }) => {
      // What a lock does without is no broken promise, and must not look like one.
      const mark = safety || held === 'yes' ? MARKS[held] : '·';
      const optional = safety || held === 'yes' ? '' : ' (a lock does without)';
      return `  ${mark} ${promise}${optional}${detail === '' ? '' : ` – ${sanitise(detail)}`}`;
    }),
    ...(dialect === undefined ? [] : [`It is spoken to in the dialect "${sanitise(dialect)}".`]),
    storeClock
      ? 'It has a clock: how old a lease is can be told at the first look.'
      : 'It has no clock: a lease must be watched for its whole ttl before it is known to have run out.',
    ok
      ? 'It keeps all promises that a lock needs.'
      : 'It can NOT be trusted with locks: what is marked ✗ or ? above would let two holders in at once.',
  ];
}
