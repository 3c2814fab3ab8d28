/*
 * Signals without what makes Node's own expensive: events, weak references, an exception with a stack for each abort. A
 * history makes some hundreds of them, and Node's take up a third of its time. They do the same as far as src/lease and
 * the simulation use them: a test runs histories with both.
 */

type Listener = () => void;

class LightSignal {
  aborted = false;
  reason: unknown;
  #listeners: { readonly listener: Listener; readonly once: boolean }[] | undefined;
  #dependants: LightSignal[] | undefined;

  static any(sources: readonly LightSignal[]): LightSignal {
    const signal = new LightSignal();
    const aborted = sources.find((source) => source.aborted);
    if (aborted) signal.end(aborted.reason);
    else for (const source of sources) source.#add(signal);
    return signal;
  }

  #add(dependant: LightSignal): void {
    this.#dependants ??= [];
    this.#dependants.push(dependant);
  }

  addEventListener(_: 'abort', listener: Listener, { once = false }: { once?: boolean } = {}): void {
    this.#listeners ??= [];
    this.#listeners.push({ listener, once });
  }

  removeEventListener(_: 'abort', listener: Listener): void {
    const at = this.#listeners?.findIndex((entry) => entry.listener === listener) ?? -1;
    if (at >= 0) this.#listeners?.splice(at, 1);
  }

  end(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const entry of [...(this.#listeners ?? [])]) {
      // One that was removed by a listener before it is not called any more.
      if (!this.#listeners?.includes(entry)) continue;
      if (entry.once) this.removeEventListener('abort', entry.listener);
      entry.listener();
    }
    for (const dependant of this.#dependants ?? []) dependant.end(reason);
  }
}

class LightController {
  readonly signal = new LightSignal();

  abort(reason: unknown = 'aborted'): void {
    this.signal.end(reason);
  }
}

/** Makes all signals of this process light ones from now on; the answer takes that back. */
export function useLightSignals(): () => void {
  const { AbortController: controller, AbortSignal: signal } = globalThis;
  Object.assign(globalThis, { AbortController: LightController, AbortSignal: LightSignal });
  return () => Object.assign(globalThis, { AbortController: controller, AbortSignal: signal });
}
