import { type HeldDocument, heldDocument } from '../../protocols/describe.ts';
import type { Held } from '../../protocols/protocol.ts';
import type { ProtocolCommon } from '../protocol-options.ts';

/** The lock of another program as JSON; part of the documented contract. */
export type ProtocolLockDocument =
  | ({ readonly state: 'held' } & HeldDocument)
  | { readonly state: 'free'; readonly protocol: string; readonly path: string };

export function protocolLockDocument(
  { protocol, path }: Pick<ProtocolCommon, 'protocol' | 'path'>,
  held: Held | undefined,
): ProtocolLockDocument {
  return held ? { state: 'held', ...heldDocument(protocol, held) } : { state: 'free', protocol, path };
}
