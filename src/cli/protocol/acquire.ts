import type { Cli } from '../io.ts';
import type { ProtocolAcquireOptions } from '../protocol-options.ts';
export async function acquireHeld(_cli: Cli, _options: ProtocolAcquireOptions): Promise<number> {
  throw new Error('to come');
}
