/*
 * Our side of a trial, as a process that can be killed: `ours.mjs LIB PROTOCOL [JSON of ProtocolOptions and of the request]`,
 * where LIB is the folder of the compiled sources. Each line on standard input is answered by one line of JSON.
 *   try PATH      {"kind":"acquired"|"held"|"error", …}; it tries once
 *   unlock        {"kind":"ours"|"compromised"|"error", …}
 *   check, renew  the same
 *   inspect PATH  who holds it, or null
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [lib, name, given = '{}'] = process.argv.slice(2);
const load = (path) => import(join(lib, path));
const { systemClock } = await load('base/clock.js');
const { systemRandom } = await load('base/random.js');
const { isStale } = await load('protocols/acquire.js');
const { openProtocol } = await load('protocols/open.js');
const { ProtocolError } = await load('protocols/protocol.js');

const { ttlMs, ownerId, policy = 'expired', ...options } = JSON.parse(given);
const surroundings = { clock: systemClock, random: systemRandom, platform: process.platform };
const protocol = await openProtocol(name, surroundings, options);
let hold;

async function answer(command, path) {
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
      return (await hold?.check()) ?? { kind: 'error', message: 'nothing is held' };
    case 'renew':
      return (await hold?.renew?.()) ?? { kind: 'error', message: 'nothing to renew' };
    case 'inspect':
      return (await protocol.inspect(path)) ?? null;
    default:
      return { kind: 'error', message: `unknown command ${command}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', ...rest] = line.split(' ');
  let said;
  try {
    said = await answer(command, rest.join(' '));
  } catch (error) {
    said = {
      kind: 'error',
      problem: error instanceof ProtocolError ? error.problem : 'defect',
      message: String(error),
    };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
