/*
 * What can go wrong, each with a name of its own, by which it is counted, told and left out.
 */

/** With one request. How the answers of S3 become errors is in src/store/s3.ts; it is done the same way here. */
export const MESSAGE_FAULTS = [
  /** It never arrives, and the connection is reset. */
  'request lost',
  /** It applies, and the connection is reset. */
  'answer lost',
  /** The connection is reset, and the request arrives after all, when its sender has long given up. */
  'request delayed',
  /** Something on the way sends it twice, and the second answer is the one that comes back: 412 for one's own write. */
  'delivered twice',
  /** It is answered as usual, and arrives once more much later. */
  'delivered again later',
  /** 412 although it is still under way and applies after that: two deliveries, of which the second finds the first at work. */
  'conflict too early',
  /** 409 ConditionalRequestConflict: another write was under way. Not applied. */
  'status 409',
  /** Too many requests, or 503 SlowDown. Not applied. */
  'status 429',
  'status 500 before applying',
  'status 500 after applying',
  'connection refused',
  /** No answer until the caller's time limit, and the request may have got through. */
  'hang',
  /** Seconds on the way there and back. */
  'slow',
  /**
   * The store reads the version, then the body, and a write may come in between. src/store/s3.ts finds that out where ETags
   * are MD5s, and this is what it lets through where they are not.
   */
  'torn read',
] as const;

/** With a process, its machine or its way to the store, from one of its steps on. */
export const PROCESS_FAULTS = [
  'crash',
  'pause',
  /** The machine sleeps: its monotonic clock stands still, its wall clock goes on. */
  'suspend',
  'wall clock set forward',
  'wall clock set back',
  /** Nothing from this client gets through, or no answer back. */
  'partition',
  /** Credentials that are not accepted for a while. */
  'status 403 for a while',
  /** The store answers nobody. */
  'outage',
] as const;

/** With the clock of a store that is another machine's. */
export const STORE_FAULTS = ['store clock set forward', 'store clock set back'] as const;

export const FAULTS = [...MESSAGE_FAULTS, ...PROCESS_FAULTS, ...STORE_FAULTS] as const;
export type MessageFault = (typeof MESSAGE_FAULTS)[number];
export type ProcessFault = (typeof PROCESS_FAULTS)[number];
export type StoreFault = (typeof STORE_FAULTS)[number];
export type Fault = (typeof FAULTS)[number];

export function isProcessFault(fault: Fault): fault is ProcessFault {
  return (PROCESS_FAULTS as readonly Fault[]).includes(fault);
}

/** A fault that was injected: what, and at which step of whom. */
export interface Injected {
  /** The process and the number of its step, `a1.17`: the same in every run of this seed in which that step comes. */
  readonly id: string;
  readonly fault: Fault;
}
