/* Prints the record of this process as this process, with its PATH and time zone, writes it, and how it judges it. */
import { systemClock } from '../../src/base/clock.ts';
import { Judge, Scribe } from '../../src/protocols/levels-record.ts';

const bytes = process.argv[2] ?? new Scribe(systemClock).recordOf(process.pid);
const nowMs = Date.now();
const state = { identity: { dev: '1', ino: '1', bytes }, mtimeMs: nowMs, bornMs: nowMs, links: 1 };
process.stdout.write(JSON.stringify({ bytes, standing: new Judge().standingOf(state) }));
