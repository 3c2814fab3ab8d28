import type { Cli } from '../io.ts';
import type { ProtocolReleaseOptions } from '../protocol-options.ts';
export async function releaseHeld(_cli: Cli, _options: ProtocolReleaseOptions): Promise<number> {
  throw new Error('to come');
}
