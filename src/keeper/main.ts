import { text } from 'node:stream/consumers';
import { systemClock } from '../base/clock.ts';
import { formatInstant } from '../base/duration.ts';
import { sanitise } from '../base/sanitise.ts';
import { parseHandover } from './handover.ts';
import { parseProtocolHandover } from './protocol-handover.ts';
import { runProtocolKeeper } from './protocol-run.ts';
import { runKeeper } from './run.ts';

// The log is a file, and the disk may be full: that is no reason to lose the lease.
process.stderr.on('error', () => {});
const log = (line: string): void => {
  process.stderr.write(`${formatInstant(systemClock.wallMs())} ${sanitise(line)}\n`);
};

try {
  const given = await text(process.stdin);
  const protocol = parseProtocolHandover(given);
  if (protocol) {
    Object.assign(process.env, protocol.environment);
    await runProtocolKeeper(protocol, log);
  } else {
    const handover = parseHandover(given);
    Object.assign(process.env, handover.environment);
    await runKeeper(handover, log);
  }
  process.exit(0);
} catch (error) {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
