import { register } from 'node:module';
import type { LocalStore } from '../../../src/store/local.ts';
import { KINDS, type Kind } from './weather.ts';

/** The local store with one mistake: a patch of its source, which must fit in exactly one place. */
export interface Mutant {
  readonly mistake: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Where it is a mistake; absent: of both. */
  readonly only?: Kind;
}

const DIRECTORY = 'src/store/local-directory.ts';
const RECORD = 'src/store/local-record.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: what is found and replaced is source
export const MUTANTS: readonly Mutant[] = [
  {
    mistake: 'link is believed when it says that it worked',
    file: DIRECTORY,
    find: 'fault === undefined && (await this.#isApplied(temporary, step.previous))',
    replace: 'fault === undefined',
  },
  {
    mistake: 'link is believed when it says EEXIST: a conflict',
    file: DIRECTORY,
    find: 'result = applied ? written(step.next) : await',
    replace: `result = codeOf(fault) === 'EEXIST' ? { kind: 'conflict' } : applied ? written(step.next) : await`,
  },
  {
    mistake: 'link is believed when it says EIO: it did nothing',
    file: DIRECTORY,
    find: `new Set(['ENOTDIR',`,
    replace: `new Set(['EIO', 'ETIMEDOUT', 'ENOTDIR',`,
    only: 'network',
  },
  {
    mistake: 'link is believed when it says EPERM: there are no hard links',
    file: DIRECTORY,
    find: 'if (await this.#canLink(temporary)) return undefined;',
    replace: '',
    only: 'network',
  },
  {
    mistake: 'what is not to be seen after the link is a conflict',
    file: DIRECTORY,
    find: 'throw this.#indeterminate(`the new record is not to be seen after ${LISTINGS} listings`, fault)',
    replace: `return { kind: 'conflict' }`,
    only: 'network',
  },
  {
    mistake: 'a record counts as applied only as long as it is the highest: the chain is not looked at',
    file: DIRECTORY,
    find: 'highest.chain.includes(mine.nonce)',
    replace: 'highest.nonce === mine.nonce',
  },
  {
    mistake: 'what no chain reaches back to is a conflict',
    file: DIRECTORY,
    find: `if (highest.number - mine.number < CHAIN_LENGTH) return { kind: 'conflict' };`,
    replace: `return { kind: 'conflict' };`,
  },
  {
    mistake: 'whoever has the number has it: the nonce is not compared',
    file: DIRECTORY,
    find: 'highest.chain.includes(mine.nonce)',
    replace: 'highest.number === mine.number',
  },
  {
    mistake: 'what wrote last goes without listings on a network, too',
    file: DIRECTORY,
    find: 'if (this.#around.filesystem.local) this.#own = step.next',
    replace: 'this.#own = step.next',
    only: 'network',
  },
  {
    mistake: 'the record before is not looked for after the link',
    file: DIRECTORY,
    find: '(await this.#disk.links(temporary)) === 2 && (await this.#isThere(previous))',
    replace: '(await this.#disk.links(temporary)) === 2',
    only: 'local',
  },
  {
    mistake: 'the names of the file are not counted after the link',
    file: DIRECTORY,
    find: '(await this.#disk.links(temporary)) === 2 && (await this.#isThere(previous))',
    replace: 'await this.#isThere(previous)',
    only: 'local',
  },
  {
    mistake: 'the own record is looked for first, and then the next number',
    file: DIRECTORY,
    find: '!(await this.#isUsed(own.number + 1)) && (await this.#isThere(own))',
    replace: '(await this.#isThere(own)) && !(await this.#isUsed(own.number + 1))',
    only: 'local',
  },
  {
    mistake: 'the next number is not looked for',
    file: DIRECTORY,
    find: '!(await this.#isUsed(own.number + 1)) && (await this.#isThere(own))',
    replace: 'await this.#isThere(own)',
    only: 'local',
  },
  {
    mistake: 'the own record is not looked for',
    file: DIRECTORY,
    find: '!(await this.#isUsed(own.number + 1)) && (await this.#isThere(own))',
    replace: '!(await this.#isUsed(own.number + 1))',
    only: 'local',
  },
  {
    mistake: 'the own record is known by its number, not by its nonce',
    file: DIRECTORY,
    find: 'start !== undefined && hasNonce(start, nonce)',
    replace: 'start !== undefined && nonce !== undefined',
    only: 'local',
  },
  {
    mistake: 'the version is the number alone',
    file: RECORD,
    find: 'return `${record.number}.${record.nonce}` as Version',
    replace: 'return String(record.number) as Version',
  },
  {
    mistake: 'the version that is expected is not compared',
    file: DIRECTORY,
    find: `if ((previous ? versionOf(previous) : 'absent') !== expected) return undefined;`,
    replace: '',
  },
  {
    mistake: 'the temporary file is not written before the link',
    file: DIRECTORY,
    find: 'await this.#disk.write(file, encodeRecord(next));',
    replace: '',
  },
  {
    mistake: 'the temporary file is made after the look',
    file: DIRECTORY,
    find: 'if (!previous) await this.#syncParents();',
    replace: `const again = \`\${this.path}/\${temporaryName(nonce)}\`;
      await this.#disk.close(file);
      await quietly(() => this.#disk.unlink(again));
      file = await this.#disk.create(again);
      if (!previous) await this.#syncParents();`,
  },
  {
    mistake: 'a file is not synced before it is linked',
    file: DIRECTORY,
    find: 'if (this.#around.fsync) await this.#disk.sync(file);',
    replace: '',
    only: 'local',
  },
  {
    mistake: 'the directory is not synced after a durable write',
    file: DIRECTORY,
    find: `if (result.kind === 'written' && change.durable) await this.#confirm();`,
    replace: '',
    only: 'local',
  },
  {
    mistake: 'the directories above are synced by whoever made them alone',
    file: DIRECTORY,
    find: 'if (!this.#around.fsync) return;\n    for (',
    replace: 'if (!this.#around.fsync || this.#top === this.#around.root) return;\n    for (',
    only: 'local',
  },
  {
    mistake: 'a fault of sync is passed over',
    file: DIRECTORY,
    find: 'if (this.#around.fsync) await this.#disk.sync(file);',
    replace: 'if (this.#around.fsync) await quietly(() => this.#disk.sync(file));',
    only: 'local',
  },
  {
    mistake: 'a fault of close is passed over, with which a network tells that it could not write',
    file: DIRECTORY,
    find: `      return { previous, next };
    } finally {
      await this.#disk.close(file);`,
    replace: `      return { previous, next };
    } finally {
      await quietly(() => this.#disk.close(file));`,
    only: 'network',
  },
  {
    mistake: 'the highest record is cleaned away, too',
    file: DIRECTORY,
    find: 'recordNames(names).slice(0, isQuiet ? -RETAINED_WHEN_QUIET : -RETAINED_RECORDS)',
    replace: 'recordNames(names)',
  },
  {
    mistake: 'young records are cleaned away though somebody may be about to use their numbers',
    file: DIRECTORY,
    find: 'const isQuiet = (await',
    replace: 'const isQuiet = (await this.#sweep(this.path, others, nowMs)) >= 0 || (await',
  },
  {
    mistake: 'the temporary file of a writer is swept although it is young',
    file: DIRECTORY,
    find: 'if (await unlessMissing(() => this.#isOld(path, nowMs))) {',
    replace: 'if ((await unlessMissing(() => this.#isOld(path, nowMs))) !== undefined) {',
  },
  {
    mistake: 'nothing is cleaned',
    file: DIRECTORY,
    find: 'await quietly(() => this.#clean(step.next));',
    replace: '',
  },
  {
    mistake: 'the temporary file stays',
    file: DIRECTORY,
    find: 'await quietly(() => this.#disk.unlink(temporary));',
    replace: '',
  },
  {
    mistake: 'what crashes left of asking for the time stays for ever',
    file: DIRECTORY,
    find: 'await this.#sweep(root, await this.#disk.list(root), nowMs);',
    replace: 'await this.#disk.list(root);',
  },
  {
    mistake: 'a record that is gone when it is read is an absent key',
    file: DIRECTORY,
    find: 'if (highest) return highest;\n    }',
    replace: 'return highest;\n    }',
  },
  {
    mistake: 'a write that is given up did not apply',
    file: 'src/store/local.ts',
    find: `abandoned: 'indeterminate'`,
    replace: `abandoned: 'unavailable'`,
  },
  {
    mistake: 'an age is told a second too high',
    file: 'src/store/local.ts',
    find: 'return Math.max(0, storeTimeMs - (await this.#disk.mtimeMs(path)));',
    replace: 'return Math.max(0, storeTimeMs - (await this.#disk.mtimeMs(path))) + 1_000;',
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

register('./mutant-hooks.mjs', import.meta.url, { data: { mutants: MUTANTS } });

export function kindsOf({ only }: Mutant): readonly Kind[] {
  return only === undefined ? KINDS : [only];
}

/** The store with the mistake. @throws Error when the patch does not fit */
export async function storeWith(mutant: Mutant): Promise<typeof LocalStore> {
  const url = new URL('../../../src/store/local.ts', import.meta.url);
  url.search = `mutant=${MUTANTS.indexOf(mutant)}`;
  const module = (await import(url.href)) as { readonly LocalStore: typeof LocalStore };
  return module.LocalStore;
}
