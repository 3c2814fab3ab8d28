import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { shellQuote } from '../base/shell.ts';
import { probeStore } from './probe.ts';
import { type Store, StoreError } from './store.ts';

/** Raised when the probe learns to ask for more: what an older probe found is then not enough. */
const PROBE_VERSION = 1;

/**
 * Makes sure that a store was probed before it is trusted, once for each store and version of the probe. What was found
 * is kept as a mark in the store and in each lock's record, so that the usual acquisition pays nothing for it.
 *
 * @param known the mark in the record that was read, if any
 * @returns the mark to write into the record
 * @throws StoreError `misconfigured` when the store breaks a promise, saying which
 */
export async function trustStore(
  store: Store,
  options: { clock: Clock; random: Random; known?: string | undefined; signal?: AbortSignal },
): Promise<string> {
  const prefix = markPrefix(store);
  if (speakAs(store, prefix, options.known)) return options.known;
  const key = `probe/passed-${prefix.replace('/', '-')}`;
  const reading = await store.read(key, options.signal ? { signal: options.signal } : {});
  if (reading.kind === 'found' && speakAs(store, prefix, reading.body)) return reading.body;
  const report = await probeStore(store, options);
  if (!report.ok) {
    const broken = report.promises.filter(({ held, safety }) => safety && held !== 'yes');
    throw new StoreError(
      'misconfigured',
      `${store.url} can't be trusted with locks: ${broken.map(({ promise, detail }) => `${promise} – ${detail}`).join('; ')}. The whole report: leasehold doctor --store ${shellQuote(store.url)}`,
    );
  }
  const mark = `${prefix}/${report.dialect ?? ''}`;
  try {
    await store.write(key, mark, reading.kind === 'found' ? reading.version : 'absent');
  } catch (error) {
    // The mark only saves the next one the probing.
    if (!(error instanceof StoreError)) throw error;
  }
  return mark;
}

/** Sets a store up as its probe found it, for a process that goes on with a lease. `mark`: what the record carries. */
export function speakProbed(store: Store, mark: string | undefined): void {
  speakAs(store, markPrefix(store), mark);
}

// A process works with one store, and asks at every acquisition.
let last: { readonly url: string; readonly prefix: string } | undefined;

function markPrefix({ url }: Store): string {
  if (last?.url !== url) {
    const hash = createHash('sha256').update(url).digest('hex').slice(0, 12);
    last = { url, prefix: `probe-${PROBE_VERSION}/${hash}` };
  }
  return last.prefix;
}

/** Whether `mark` is this store's and this probe's; the store then speaks the dialect that was found. */
function speakAs(store: Store, prefix: string, mark: string | undefined): mark is string {
  if (!mark?.startsWith(`${prefix}/`)) return false;
  const dialect = mark.slice(prefix.length + 1);
  if (dialect === '') return true;
  if (!store.dialects?.includes(dialect)) return false;
  store.speak?.(dialect);
  return true;
}
