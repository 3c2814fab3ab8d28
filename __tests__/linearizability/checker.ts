import { ABSENT, describeOperation, formatNs, type Operation, type Write } from './history.ts';

export type Verdict =
  /** `order` is one in which the operations may have taken effect one after the other. */
  | { readonly kind: 'linearizable'; readonly order: readonly Operation[] }
  | { readonly kind: 'not-linearizable'; readonly explanation: string };

/**
 * Whether a history of one key is linearizable: whether each operation can have taken effect at one moment between its call
 * and its return, so that the answers are those of a single register with compare-and-set.
 *
 * It is the search of Wing and Gong (Testing and Verifying Concurrent Objects, 1993) with the memory of Lowe (Testing for
 * Linearizability, 2017): what was tried is a set of operations and the state it leads to. A write whose outcome is not known
 * has no return, so that it may come anywhere after its call, or never.
 */
export function check(history: readonly Operation[]): Verdict {
  const versions = valuesOfVersions(history);
  if (typeof versions === 'string') return { kind: 'not-linearizable', explanation: versions };
  const order = linearize(history, versions);
  if (order) return { kind: 'linearizable', order };
  return { kind: 'not-linearizable', explanation: explain(history, versions) };
}

/** The value that each version stands for. As values are written once, a value is a state of the register. */
type Versions = ReadonlyMap<string, string>;

/**
 * What the writes were told, and of those that got no answer what the first read shows. A read that says otherwise fits
 * nowhere. Two writes that were told the same break the promise about versions, in the words that are returned.
 */
function valuesOfVersions(history: readonly Operation[]): Versions | string {
  const values = new Map<string, string>();
  const versions = new Map<string, string>();
  const bind = (version: string, value: string): boolean => {
    if ((values.get(version) ?? value) !== value || (versions.get(value) ?? version) !== version)
      return false;
    values.set(version, value);
    versions.set(value, version);
    return true;
  };
  for (const operation of history) {
    if (operation.kind !== 'write' || operation.outcome.kind !== 'written') continue;
    if (!bind(operation.outcome.version, operation.value))
      return `A version is used twice, or a value was written twice, as this shows:\n  ${describeOperation(operation)}`;
  }
  for (const { outcome } of history) {
    if (outcome.kind === 'found' && outcome.value !== undefined) bind(outcome.version, outcome.value);
  }
  return values;
}

/** The value of the register; `undefined` when the key is absent. */
type State = string | undefined;

/** What an operation does to a register that is at `state`. */
type Effect =
  /** It can't have been answered what it was. */
  | { readonly kind: 'impossible' }
  | { readonly kind: 'none' }
  | { readonly kind: 'changes'; readonly value: string };

const IMPOSSIBLE: Effect = { kind: 'impossible' };
const NONE: Effect = { kind: 'none' };

function effectOf(operation: Operation, state: State, versions: Versions): Effect {
  const isAt = (expected: string): boolean =>
    expected === ABSENT ? state === undefined : state !== undefined && versions.get(expected) === state;
  switch (operation.kind) {
    case 'read': {
      const { outcome } = operation;
      if (outcome.kind === 'absent') return isAt(ABSENT) ? NONE : IMPOSSIBLE;
      const isSame = outcome.value === undefined || outcome.value === state;
      return isSame && isAt(outcome.version) ? NONE : IMPOSSIBLE;
    }
    case 'write': {
      const applies = isAt(operation.expected);
      switch (operation.outcome.kind) {
        case 'written':
          return applies ? { kind: 'changes', value: operation.value } : IMPOSSIBLE;
        // A write of unknown outcome that would not change anything is left out: it may never have come.
        case 'unknown':
          return applies ? { kind: 'changes', value: operation.value } : IMPOSSIBLE;
        case 'conflict':
          return applies ? IMPOSSIBLE : NONE;
        case 'refused':
          return NONE;
      }
    }
  }
}

/** A call or a return, in a list from which operations are taken out as they get their place in the order. */
interface Entry {
  readonly operation: Operation;
  readonly index: number;
  /** Of a call; absent when the operation has no end. */
  readonly matching?: Entry;
  readonly isReturn: boolean;
  previous: Entry | undefined;
  next: Entry | undefined;
}

interface Placed {
  readonly entry: Entry;
  readonly stateBefore: State;
  /** There may be other ways to go on from the state before. */
  readonly isChoice: boolean;
}

/** An order of all operations that have an end, and of those without one that are needed; `undefined` when there is none. */
function linearize(history: readonly Operation[], versions: Versions): Operation[] | undefined {
  const search = new Search(history, versions);
  return search.run() ? search.order : undefined;
}

class Search {
  readonly #versions: Versions;
  readonly #head: Entry;
  readonly #placed: Placed[] = [];
  readonly #isPlaced: Uint8Array;
  readonly #tried = new Map<State, Uint8Array[]>();
  #state: State;
  /** How many that have an end have no place yet. */
  #left: number;

  constructor(history: readonly Operation[], versions: Versions) {
    this.#versions = versions;
    this.#head = entriesOf(history);
    this.#isPlaced = new Uint8Array(Math.ceil(history.length / 8));
    this.#left = history.filter(({ returnNs }) => returnNs !== Number.POSITIVE_INFINITY).length;
  }

  get order(): Operation[] {
    return this.#placed.map(({ entry }) => entry.operation);
  }

  run(): boolean {
    this.#placeWhatChangesNothing();
    let from = this.#head.next;
    while (this.#left > 0) {
      const choice = this.#nextChoice(from);
      if (choice) {
        this.#place(choice, true);
        this.#placeWhatChangesNothing();
        from = this.#head.next;
      } else {
        const last = this.#takeBack();
        if (!last) return false;
        from = last.next;
      }
    }
    return true;
  }

  /**
   * What fits the present state and leaves it as it is may come at once: in any order in which it comes later, it can be
   * moved here. So there is nothing else to try.
   */
  #placeWhatChangesNothing(): void {
    for (let entry = this.#head.next; entry && !entry.isReturn; entry = entry.next) {
      if (effectOf(entry.operation, this.#state, this.#versions).kind === 'none') this.#place(entry, false);
    }
  }

  /** The first call from `from` on that changes the state and was not tried in this place. None may come after a return. */
  #nextChoice(from: Entry | undefined): Entry | undefined {
    for (let entry = from; entry && !entry.isReturn; entry = entry.next) {
      const effect = effectOf(entry.operation, this.#state, this.#versions);
      if (effect.kind === 'changes' && this.#isNew(entry, effect.value)) return entry;
    }
    return undefined;
  }

  #isNew(entry: Entry, state: State): boolean {
    const known = this.#tried.get(state) ?? [];
    const placed = this.#isPlaced.slice();
    flip(placed, entry.index);
    if (known.some((other) => Buffer.compare(other, placed) === 0)) return false;
    this.#tried.set(state, [...known, placed]);
    return true;
  }

  #place(entry: Entry, isChoice: boolean): void {
    this.#placed.push({ entry, stateBefore: this.#state, isChoice });
    const effect = effectOf(entry.operation, this.#state, this.#versions);
    if (effect.kind === 'changes') this.#state = effect.value;
    flip(this.#isPlaced, entry.index);
    if (entry.matching) this.#left -= 1;
    if (entry.matching) unlink(entry.matching);
    unlink(entry);
  }

  /** Takes back the last choice and all that followed from it. `undefined`: there was none. */
  #takeBack(): Entry | undefined {
    for (let last = this.#placed.pop(); last; last = this.#placed.pop()) {
      const { entry, stateBefore, isChoice } = last;
      // The reverse of what was done, for each finds its place by its neighbours of that moment.
      relink(entry);
      if (entry.matching) relink(entry.matching);
      if (entry.matching) this.#left += 1;
      flip(this.#isPlaced, entry.index);
      this.#state = stateBefore;
      if (isChoice) return entry;
    }
    return undefined;
  }
}

function flip(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) ^ (1 << (index & 7));
}

function unlink({ previous, next }: Entry): void {
  if (previous) previous.next = next;
  if (next) next.previous = previous;
}

function relink(entry: Entry): void {
  if (entry.previous) entry.previous.next = entry;
  if (entry.next) entry.next.previous = entry;
}

/** All calls and returns by time, behind a head of its own. Intervals are closed: at one moment calls come first. */
function entriesOf(history: readonly Operation[]): Entry {
  const entries = history.flatMap((operation, index): Entry[] => {
    const unlinked = { operation, index, previous: undefined, next: undefined };
    if (operation.returnNs === Number.POSITIVE_INFINITY) return [{ ...unlinked, isReturn: false }];
    const matching: Entry = { ...unlinked, isReturn: true };
    return [{ ...unlinked, matching, isReturn: false }, matching];
  });
  const timeOf = ({ operation, isReturn }: Entry): number =>
    isReturn ? operation.returnNs : operation.callNs;
  entries.sort((a, b) => timeOf(a) - timeOf(b) || Number(a.isReturn) - Number(b.isReturn));
  const unused: Operation = { kind: 'read', client: '', callNs: 0, returnNs: 0, outcome: { kind: 'absent' } };
  const head: Entry = { operation: unused, index: -1, isReturn: false, previous: undefined, next: undefined };
  let last = head;
  for (const entry of entries) {
    last.next = entry;
    entry.previous = last;
    last = entry;
  }
  return head;
}

const MOST_LINES = 6;

/**
 * The operation whose answer can't be true, given all that was answered before: the shortest beginning of the history that is
 * not linearizable ends with it. What is under way at that moment counts as unknown.
 */
function explain(history: readonly Operation[], versions: Versions): string {
  const byReturn = history
    .filter(({ returnNs }) => returnNs !== Number.POSITIVE_INFINITY)
    .sort((a, b) => a.returnNs - b.returnNs);
  // The first beginning is sound and the last is not, and what has no order gets none by going on.
  let sound = -1;
  let unsound = byReturn.length - 1;
  while (unsound - sound > 1) {
    const middle = (sound + unsound) >> 1;
    if (linearize(beginning(history, byReturn[middle]?.returnNs ?? 0), versions)) sound = middle;
    else unsound = middle;
  }
  const misfit = byReturn[unsound];
  if (!misfit) throw new Error('A history without any answer is always linearizable.');
  const before = beginning(history, misfit.returnNs, misfit);
  return report(misfit, { before, order: linearize(before, versions) ?? [], history, versions });
}

/** What was known at `atNs`, and of `misfit` no more than that it was called. */
function beginning(history: readonly Operation[], atNs: number, misfit?: Operation): Operation[] {
  return history.flatMap((operation): Operation[] => {
    if (operation.callNs > atNs) return [];
    if (operation.returnNs <= atNs && operation !== misfit) return [operation];
    if (operation.kind === 'read' || operation.outcome.kind === 'refused') return [];
    return [{ ...operation, returnNs: Number.POSITIVE_INFINITY, outcome: { kind: 'unknown' } }];
  });
}

interface Findings {
  readonly before: readonly Operation[];
  /** One in which all of `before` fits. */
  readonly order: readonly Operation[];
  readonly history: readonly Operation[];
  readonly versions: Versions;
}

function report(misfit: Operation, { before, order, history, versions }: Findings): string {
  const answers = before.filter(({ returnNs }) => returnNs !== Number.POSITIVE_INFINITY).length;
  const isMisfit = ({ client, callNs }: Operation): boolean =>
    client === misfit.client && callNs === misfit.callNs;
  const writes = order.filter(
    (operation) =>
      operation.kind === 'write' && operation.outcome.kind !== 'conflict' && !isMisfit(operation),
  );
  const concurrent = history.filter(
    (other) => other !== misfit && other.callNs <= misfit.returnNs && other.returnNs >= misfit.callNs,
  );
  const list = (operations: readonly Operation[]): string =>
    operations.map((operation) => `\n  ${describeOperation(operation)}`).join('') || '\n  none';
  const reason = reasonOf(misfit, history, versions);
  return [
    `All answers before it (${answers}) fit into one order, and this one fits nowhere:\n  ${describeOperation(misfit)}`,
    ...(reason ? [reason] : []),
    `The last that wrote before it, in an order that fits all but this one:${list(writes.slice(-MOST_LINES))}`,
    `Under way at the same time${concurrent.length > MOST_LINES ? ` (${MOST_LINES} of ${concurrent.length})` : ''}:${list(concurrent.slice(0, MOST_LINES))}`,
  ].join('\n');
}

/** The usual mistakes by their names. Only for people: the verdict does not depend on it. */
function reasonOf(misfit: Operation, history: readonly Operation[], versions: Versions): string | undefined {
  const writes = history.filter((operation): operation is Write => operation.kind === 'write');
  const replacing = (expected: string): Write | undefined =>
    writes.find(
      (write) => write !== misfit && write.expected === expected && write.outcome.kind === 'written',
    );
  if (misfit.outcome.kind === 'conflict' && misfit.kind === 'write') {
    return `It is a conflict although ${misfit.expected === ABSENT ? 'the key was absent' : `${misfit.expected} was the version`} all the time, or it did apply.`;
  }
  if (misfit.outcome.kind === 'written' && misfit.kind === 'write') {
    const other = replacing(misfit.expected);
    return (
      other && `Both replaced the same state (${misfit.expected}): it and\n  ${describeOperation(other)}`
    );
  }
  if (misfit.outcome.kind === 'absent') return 'It had been created before, and nobody deletes it.';
  if (misfit.outcome.kind !== 'found') return undefined;
  const { version, value } = misfit.outcome;
  if (value !== undefined && value !== versions.get(version))
    return `Its version and its value do not belong together: ${version} is "${versions.get(version) ?? 'unknown'}".`;
  const source = writes.find(({ value }) => value === versions.get(version));
  if (!source) return 'Nobody ever wrote that.';
  if (source.outcome.kind === 'refused')
    return `It was refused, and yet it applied:\n  ${describeOperation(source)}`;
  if (source.outcome.kind === 'conflict')
    return `It was a conflict, and yet it applied:\n  ${describeOperation(source)}`;
  if (source.callNs > misfit.returnNs)
    return `It was read before it was written:\n  ${describeOperation(source)}`;
  const successor = replacing(version);
  if (!successor || successor.returnNs >= misfit.callNs) return undefined;
  return `It was read ${formatNs(misfit.callNs - successor.returnNs)} after it had been replaced:\n  ${describeOperation(successor)}`;
}
