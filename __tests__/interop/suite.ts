/** How a protocol is held against the original program. */
export interface Suite {
  readonly protocol: string;
  /** What it is compared with: a Go module and its version, or what stands for it. */
  readonly original: string;
  /** Programs without which it can't be built. */
  readonly needs: readonly ('go' | 'cc')[];
  /** Builds the original's driver in `folder`; nothing of it is kept. */
  build(folder: string): Promise<Original>;
  readonly scenarios: readonly Scenario[];
}

/** The original can't be fetched here: its registry refuses it, or there is no network. Nothing is known then. */
export class NotToBeHad extends Error {}

/** The program that drives the original, and its arguments. */
export interface Original {
  readonly program: string;
  readonly args?: readonly string[];
}

export interface Scenario {
  /** Who acts first: `ours → theirs` is our hold met by the original. */
  readonly direction: 'ours → theirs' | 'theirs → ours' | 'both';
  readonly name: string;
  /** @returns how many checks were made: of each, that it could have failed @throws Error when one did */
  run(trial: Trial): Promise<number>;
}

/** What one scenario has: a folder of its own, and both programs. */
export interface Trial {
  readonly folder: string;
  /** Starts the original's driver. */
  theirs(): Driver;
  /** Starts ours: `ours.mjs` with the protocol's name. It understands `try PATH`, `unlock`, `inspect PATH`, `check`. */
  ours(options?: Readonly<Record<string, unknown>>): Driver;
}

/** A program that reads commands by lines and answers each with one line. */
export interface Driver {
  readonly pid: number;
  /** @throws Error when it ends instead of answering within 20 s */
  ask(command: string): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}
