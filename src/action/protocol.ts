/* What the phases do with `protocol`: they take the lock of another program. One part, for it is loaded as a whole. */

export { endByProtocol } from './protocol-end.ts';
export { takeByProtocol } from './protocol-take.ts';
export { runMainByProtocol } from './protocol-verify.ts';
