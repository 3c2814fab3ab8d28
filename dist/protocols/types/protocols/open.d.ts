import type { Role } from '../store/s3-role.js';
import type { Protocol, ProtocolName, Surroundings } from './protocol.js';
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
export declare function openProtocol(name: ProtocolName, surroundings: Surroundings, options?: ProtocolOptions): Promise<Protocol>;
