import { ABSENT, type Operation } from './history.ts';

/**
 * The definition of linearizability, word for word and without any shortcut: is there an order in which nothing comes before
 * what had returned before its call, and in which a register gives these answers? For a dozen operations at most, to see
 * that `checker.ts` says the same.
 */
export function hasAnOrder(history: readonly Operation[]): boolean {
  const register = registerOf(history);
  if (!register) return false;
  const goOn = (left: readonly Operation[], version: string): boolean => {
    if (left.every(({ outcome }) => outcome.kind === 'unknown')) return true;
    return left.some((operation) => {
      if (left.some(({ returnNs }) => returnNs < operation.callNs)) return false;
      const rest = left.filter((other) => other !== operation);
      return register(operation, version).some((next) => goOn(rest, next));
    });
  };
  return goOn(history, ABSENT);
}

/** The versions that a register at `version` may be at after an operation with this answer. */
type Register = (operation: Operation, version: string) => string[];

/** `undefined` when a version has two values, or a value two versions. */
function registerOf(history: readonly Operation[]): Register | undefined {
  const pairs = history.flatMap((operation): [version: string, value: string][] => {
    const { outcome } = operation;
    if (outcome.kind === 'found' && outcome.value !== undefined) return [[outcome.version, outcome.value]];
    return operation.kind === 'write' && outcome.kind === 'written'
      ? [[outcome.version, operation.value]]
      : [];
  });
  const clash = pairs.some(([version, value]) =>
    pairs.some((other) => (other[0] === version) !== (other[1] === value)),
  );
  if (clash) return undefined;
  const versionOf = (value: string): string =>
    pairs.find((pair) => pair[1] === value)?.[0] ?? `never seen: ${value}`;

  return (operation, version) => {
    const { outcome } = operation;
    if (outcome.kind === 'absent') return version === ABSENT ? [version] : [];
    if (outcome.kind === 'found') return version === outcome.version ? [version] : [];
    if (operation.kind === 'read') return [];
    const fits = operation.expected === version;
    const after = versionOf(operation.value);
    switch (outcome.kind) {
      case 'written':
        return fits ? [after] : [];
      case 'conflict':
        return fits ? [] : [version];
      case 'refused':
        return [version];
      case 'unknown':
        return fits ? [version, after] : [version];
    }
  };
}
