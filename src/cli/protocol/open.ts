import { openProtocol } from '../../protocols/open.ts';
import type { Protocol } from '../../protocols/protocol.ts';
import type { Cli } from '../io.ts';
import type { ProtocolCommon } from '../protocol-options.ts';

/** The protocol that the options name. */
export function openFor({ clock, random }: Cli, { protocol, keys }: ProtocolCommon): Promise<Protocol> {
  const surroundings = { clock, random, platform: process.platform };
  return openProtocol(protocol, surroundings, keys ? { keys } : {});
}
