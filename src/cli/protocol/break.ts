import { quote } from '../../base/sanitise.ts';
import { describeHeld, describeHelp, describeHolder } from '../../protocols/describe.ts';
import type { Held, Protocol } from '../../protocols/protocol.ts';
import { type Cli, fail } from '../io.ts';
import { jsonLine } from '../json.ts';
import type { ProtocolBreakOptions } from '../protocol-options.ts';
import { protocolLockDocument } from './documents.ts';
import { openFor } from './open.ts';
import { freeLine, recordLines } from './status.ts';

/**
 * Ends the lock of another program by hand: the very one that it shows, and no other that has come in its place.
 * @throws ProtocolError
 */
export async function breakHeld(cli: Cli, options: ProtocolBreakOptions): Promise<number> {
  const protocol = await openFor(cli, options);
  const held = await protocol.inspect(options.path);
  if (!held) return free(cli, options);
  if (!protocol.break || !options.reason?.trim()) return ask(cli, options, { protocol, held });
  if (!options.json) for (const line of heldLines(protocol, held)) cli.say(`leasehold: ${line}`);
  if (await protocol.break(held)) return broken(cli, options, held);
  const now = await protocol.inspect(options.path);
  return now ? changed(cli, options, { protocol, held: now }) : free(cli, options);
}

function heldLines(protocol: Protocol, held: Held): string[] {
  return [...describeHeld(protocol.name, held), ...recordLines(held)];
}

/** That the lock is free is what was wanted. */
function free(cli: Cli, options: ProtocolBreakOptions): number {
  const { protocol, path, json } = options;
  if (json) cli.print(jsonLine({ protocol, path, broken: false }));
  else for (const line of ['There was nothing to break.', freeLine(options)]) cli.print(line);
  return 0;
}

/** Whoever breaks it says why, having seen what it is. */
function ask(
  cli: Cli,
  options: ProtocolBreakOptions,
  { protocol, held }: { protocol: Protocol; held: Held },
): number {
  return fail(cli, options.json, {
    kind: 'usage',
    lines: [...heldLines(protocol, held), describeHelp(protocol, held)],
    details: { lock: protocolLockDocument(options, held) },
  });
}

function broken(cli: Cli, options: ProtocolBreakOptions, held: Held): number {
  const { protocol, path, by, reason = '', json } = options;
  if (json) {
    const lock = protocolLockDocument(options, held);
    cli.print(jsonLine({ protocol, path, broken: true, by, reason, lock }));
    return 0;
  }
  cli.print(
    `Lock ${quote(path)} is free: that of ${describeHolder(held)} is broken by ${quote(by)}: ${quote(reason)}`,
  );
  cli.print(
    'If that holder is still alive, it may go on: "leasehold run" and the jobs of the action notice within seconds, other programs of this protocol perhaps never.',
  );
  return 0;
}

function changed(
  cli: Cli,
  options: ProtocolBreakOptions,
  { protocol, held }: { protocol: Protocol; held: Held },
): number {
  return fail(cli, options.json, {
    kind: 'busy',
    lines: [
      'It has changed in the meantime, and nothing was broken. Look again before you break the next:',
      ...heldLines(protocol, held),
    ],
    details: { lock: protocolLockDocument(options, held) },
  });
}
