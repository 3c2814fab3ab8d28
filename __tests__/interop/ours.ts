/*
 * Our side of a trial, as a process that can be killed: `ours.ts PROTOCOL [JSON of ProtocolOptions and of the request]`.
 * Each line on standard input is answered by one line of JSON.
 *   try PATH      {"kind":"acquired"|"held"|"error", …}; it tries once
 *   unlock        {"kind":"ours"|"compromised"|"error", …}
 *   check, renew  the same
 *   inspect PATH  who holds it, or null
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { StalePolicy } from '../../src/lease/policy.ts';
import { isStale } from '../../src/protocols/acquire.ts';
import { openProtocol } from '../../src/protocols/open.ts';
import { type Hold, PROTOCOLS, ProtocolError } from '../../src/protocols/protocol.ts';

const [name, given = '{}'] = process.argv.slice(2);
const protocolName = PROTOCOLS.find((known) => known === name);
if (protocolName === undefined) throw new Error(`There is no protocol ${name}.`);
const {
  ttlMs,
  ownerId,
  policy = 'expired',
  ...options
} = JSON.parse(given) as {
  ttlMs?: number;
  ownerId?: string;
  policy?: StalePolicy;
};
const surroundings = { clock: systemClock, random: systemRandom, platform: process.platform };
const protocol = await openProtocol(protocolName, surroundings, options);
let hold: Hold | undefined;

async function answer(command: string, path: string): Promise<unknown> {
  switch (command) {
    case 'try': {
      const attempt = await protocol.tryAcquire({
        path,
        pid: process.pid,
        ...(ttlMs === undefined ? {} : { ttlMs }),
        ...(ownerId === undefined ? {} : { ownerId }),
        mayTake: async (held) => isStale(held, policy),
      });
      if (attempt.kind === 'held') return attempt;
      hold = attempt.hold;
      return { ...attempt, hold: hold.holding };
    }
    case 'unlock': {
      const released = await hold?.release();
      hold = undefined;
      return released ?? { kind: 'error', message: 'nothing is held' };
    }
    case 'check':
      return hold?.check() ?? { kind: 'error', message: 'nothing is held' };
    case 'renew':
      return hold?.renew?.() ?? { kind: 'error', message: 'nothing to renew' };
    case 'inspect':
      return (await protocol.inspect(path)) ?? null;
    default:
      return { kind: 'error', message: `unknown command ${command}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', ...rest] = line.split(' ');
  let said: unknown;
  try {
    said = await answer(command, rest.join(' '));
  } catch (error) {
    const problem = error instanceof ProtocolError ? error.problem : 'defect';
    said = { kind: 'error', problem, message: String(error) };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
