import type { Protocol, ProtocolName, Surroundings } from './protocol.ts';

/** What only some protocols have a use for. */
export interface ProtocolOptions {
  /** `vfs`: how the keys of a record are spelt. Default: `new`. */
  readonly keys?: 'new' | 'old' | 'both';
  /** `vfs` on S3: the bucket's region. */
  readonly region?: string;
}

/** The protocol of a name; each is loaded only when it is asked for. */
export async function openProtocol(
  name: ProtocolName,
  surroundings: Surroundings,
  _options: ProtocolOptions = {},
): Promise<Protocol> {
  switch (name) {
    case 'levels': {
      const { levelsProtocol } = await import('./levels.ts');
      return levelsProtocol(surroundings);
    }
    case 'pid': {
      const { PidProtocol } = await import('./pid.ts');
      return new PidProtocol(surroundings);
    }
    case 'vfs':
    case 'asterisk-lockfile':
    case 'asterisk-flock':
      throw new Error(`not built yet: ${name} ${surroundings.platform}`);
  }
}
