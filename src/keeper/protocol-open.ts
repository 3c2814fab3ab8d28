import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { openProtocol } from '../protocols/open.ts';
import type { Protocol, Surroundings } from '../protocols/protocol.ts';
import type { Opening } from './protocol-handover.ts';

export const SURROUNDINGS: Surroundings = {
  clock: systemClock,
  random: systemRandom,
  platform: process.platform,
};

/**
 * The protocol of a hold, for each of its processes alike.
 * @throws StoreError where it is not to be had
 */
export function openFor({ protocol, keys, access }: Opening): Promise<Protocol> {
  return openProtocol(protocol, SURROUNDINGS, { ...access, ...(keys ? { keys } : {}) });
}
