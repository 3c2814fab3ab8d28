import type { Role } from '../store/s3-role.ts';
import type { Protocol, ProtocolName, Surroundings } from './protocol.ts';

/** What only some protocols have a use for. */
export interface ProtocolOptions {
  /** `vfs`: how the keys of a record are spelt. Default: `new`. */
  readonly keys?: 'new' | 'old' | 'both';
  /** `vfs` on S3: the bucket's region. */
  readonly region?: string;
  /** The protocols of Asterisk: whose timing and file mode. Default: `asterisk`. */
  readonly variant?: 'asterisk' | 'blog';
  /** `vfs` on S3: the role whose credentials are used; absent: those of the SDK's default chain. */
  readonly role?: Role;
}

/** The protocol of a name; each is loaded only when it is asked for. */
export async function openProtocol(
  name: ProtocolName,
  surroundings: Surroundings,
  options: ProtocolOptions = {},
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
    case 'vfs': {
      const { VfsProtocol } = await import('./vfs.ts');
      return new VfsProtocol(surroundings, options);
    }
    case 'asterisk-lockfile': {
      const { AsteriskLockfile } = await import('./asterisk-lockfile.ts');
      return new AsteriskLockfile(surroundings, options);
    }
    case 'asterisk-flock': {
      const { AsteriskFlock } = await import('./asterisk-flock.ts');
      return new AsteriskFlock(surroundings, options);
    }
  }
}
