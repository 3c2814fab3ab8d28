import { quote, sanitise } from '../../base/sanitise.ts';
import { STALE_POLICIES, type StalePolicy } from '../../lease/policy.ts';
import { isStale } from '../../protocols/acquire.ts';
import { describeHeld, describeHelp } from '../../protocols/describe.ts';
import type { Held, Protocol } from '../../protocols/protocol.ts';
import type { Cli } from '../io.ts';
import { jsonLine } from '../json.ts';
import type { ProtocolCommon } from '../protocol-options.ts';
import { protocolLockDocument } from './documents.ts';
import { openFor } from './open.ts';

/**
 * Says who holds the lock of another program, and what each stale policy would make of it. Free or held, that is no failure.
 * @throws ProtocolError
 */
export async function statusOf(cli: Cli, options: ProtocolCommon): Promise<number> {
  const protocol = await openFor(cli, options);
  const held = await protocol.inspect(options.path);
  if (options.json) {
    const policies = held ? { takenOverBy: STALE_POLICIES.filter((policy) => isStale(held, policy)) } : {};
    cli.print(jsonLine({ ...protocolLockDocument(options, held), ...policies }));
    return 0;
  }
  for (const line of held ? heldLines(protocol, held) : [freeLine(options)]) cli.print(line);
  return 0;
}

export function freeLine({ protocol, path }: Pick<ProtocolCommon, 'protocol' | 'path'>): string {
  return `Lock ${quote(path)} (${protocol}) is free.`;
}

/** All that is known of it, one fact a line. */
function heldLines(protocol: Protocol, held: Held): string[] {
  return [
    ...describeHeld(protocol.name, held),
    ...recordLines(held),
    `  policy  ${policyLine(protocol, held)}`,
    describeHelp(protocol, held),
  ];
}

const RECORD_LINES_SHOWN = 12;

/** The record as it is read, where there is one. */
export function recordLines({ identity: { bytes } }: Held): string[] {
  if (bytes === undefined) return [];
  if (bytes === '') return ['  record  empty'];
  // What bytes stand for is its writer's affair; UTF-8 is the best guess.
  const lines = Buffer.from(bytes, 'latin1').toString('utf8').replace(/\n$/, '').split('\n');
  const shown = lines.slice(0, RECORD_LINES_SHOWN).map((line) => sanitise(line));
  if (lines.length > RECORD_LINES_SHOWN) shown.push(`… and ${lines.length - RECORD_LINES_SHOWN} lines more`);
  return shown.map((line, index) => `  ${(index === 0 ? 'record' : '').padEnd(8)}${line}`.trimEnd());
}

function policyLine({ abilities }: Protocol, held: Held): string {
  if (abilities.takeover === 'freed')
    return "none: the system frees it when its holder's process ends, and nobody can take it over";
  const by = (stale: boolean): readonly StalePolicy[] =>
    STALE_POLICIES.filter((policy) => isStale(held, policy) === stale);
  const left = `left alone by ${by(false).join(', ')}`;
  return by(true).length === 0 ? left : `taken over by ${by(true).join(', ')}; ${left}`;
}
