import type { Dirent } from 'node:fs';
import { codeOf, type Disk } from '../../../src/store/local-io.ts';
import { type Entry, errno, type FileSystem, type OpenFile } from './file-system.ts';
import type { CALLS, Cache, CallName } from './weather.ts';

/** What a system call does. */
export interface SystemCall {
  readonly name: CallName;
  readonly path: string;
  readonly run: () => unknown;
  /** Of calls that a fault may do by half. */
  readonly half?: () => unknown;
  /** What happens where the files are, of which the process may hear nothing. Its names are looked up at once. */
  readonly send?: () => () => unknown;
}

/** Does one call at some time, with some fault. */
export type Kernel = (call: SystemCall) => Promise<unknown>;

/** What a process sees of the files. */
export interface View {
  readonly cache: Cache;
  /** How many names one call of a listing gives. */
  readonly pageLength: number;
  /** A server that says EPERM of a name that exists, after which a client asks for nothing anew (sshfs). */
  readonly sftp: boolean;
}

/** How long a client of a network file system believes what it has seen. */
export const STALE_MS = 200;

/** What a client remembers of a network file system. What it changes itself it knows. */
class Memory {
  readonly #files: FileSystem;
  readonly #cache: Cache;
  readonly #attributes = new Map<string, { readonly atMs: number; readonly value: unknown }>();
  readonly #listings = new Map<string, { readonly atMs: number; readonly entries: Entry[] }>();

  constructor(files: FileSystem, cache: Cache) {
    this.#files = files;
    this.#cache = cache;
  }

  attribute<T>(what: string, look: () => T): T {
    const known = this.#attributes.get(what);
    if (this.#cache !== 'none' && known && this.#isFresh(known.atMs)) return known.value as T;
    const value = look();
    this.#attributes.set(what, { atMs: this.#files.nowMs, value });
    return value;
  }

  listing(path: string): Entry[] | undefined {
    const known = this.#listings.get(path);
    return this.#cache === 'all' && known && this.#isFresh(known.atMs) ? known.entries : undefined;
  }

  listed(path: string, sinceMs: number, entries: Entry[]): void {
    this.#listings.set(path, { atMs: sinceMs, entries });
    // A directory that turns out to be another one takes along what was believed of the names in it.
    this.#attributes.clear();
  }

  changed(): void {
    this.#attributes.clear();
    this.#listings.clear();
  }

  #isFresh(atMs: number): boolean {
    return this.#files.nowMs - atMs < STALE_MS;
  }
}

/** The `Disk` of one process, each of whose system calls goes through its kernel. */
export class SimulatedDisk implements Disk {
  readonly #files: FileSystem;
  readonly #kernel: Kernel;
  readonly #pageLength: number;
  readonly #sftp: boolean;
  readonly #memory: Memory;
  readonly #open = new Map<number, OpenFile>();
  #opened = 2;

  constructor(files: FileSystem, kernel: Kernel, { cache, pageLength, sftp }: View) {
    this.#sftp = sftp;
    this.#files = files;
    this.#kernel = kernel;
    this.#pageLength = pageLength;
    this.#memory = new Memory(files, cache);
  }

  /** How many files it has not closed. */
  get openFiles(): number {
    return this.#open.size;
  }

  create(path: string): Promise<number> {
    const create = (): OpenFile => this.#files.create(path);
    return this.#call('create', path, () => this.#changing(() => this.#keep(create())), {
      send: () => create,
    });
  }

  write(file: number, text: string): Promise<void> {
    const put = (part: string) => () => this.#files.write(this.#file(file), part);
    return this.#call('write', `fd ${file}`, put(text), { half: put(text.slice(0, text.length / 2)) });
  }

  open(path: string): Promise<number> {
    return this.#call('open', path, () => this.#keep(this.#files.open(path)));
  }

  sync(file: number): Promise<void> {
    return this.#call('sync', `fd ${file}`, () => this.#files.sync(this.#file(file)));
  }

  close(file: number): Promise<void> {
    const close = (): OpenFile => {
      const open = this.#file(file);
      this.#open.delete(file);
      return open;
    };
    return this.#call('close', `fd ${file}`, () => void close(), { half: () => this.#files.lose(close()) });
  }

  read(path: string, limitBytes: number): Promise<string> {
    return this.#call('read', path, () => {
      // A name that turns out to be gone: so the directory is not as it was known.
      if (!this.#files.exists(path)) this.#memory.changed();
      return this.#files.read(path).slice(0, limitBytes + 1);
    });
  }

  exists(path: string): Promise<boolean> {
    return this.#call('exists', path, () =>
      this.#memory.attribute(`exists ${path}`, () => this.#files.exists(path)),
    );
  }

  links(path: string): Promise<number> {
    return this.#call('names', path, () =>
      this.#memory.attribute(`names ${path}`, () => this.#files.names(path)),
    );
  }

  mtimeMs(path: string): Promise<number> {
    return this.#call('mtime', path, () => this.#files.mtimeMs(path));
  }

  link(existing: string, path: string): Promise<void> {
    const send = (): (() => void) => this.#files.prepareLink(existing, path);
    return this.#call('link', path, () => this.#link(send()), { send });
  }

  #link(link: () => void): void {
    if (!this.#sftp) this.#memory.changed();
    try {
      link();
    } catch (error) {
      throw this.#sftp && codeOf(error) === 'EEXIST' ? errno('EPERM', 'link', '') : error;
    }
    this.#memory.changed();
  }

  unlink(path: string): Promise<void> {
    const unlink = (): void => this.#files.unlink(path);
    return this.#call('unlink', path, () => this.#changing(unlink), { send: () => unlink });
  }

  mkdir(path: string): Promise<string | undefined> {
    return this.#call('mkdir', path, () => this.#changing(() => this.#files.mkdir(path)));
  }

  rmdir(path: string): Promise<void> {
    return Promise.reject(errno('ENOTEMPTY', 'rmdir', path));
  }

  async list(path: string): Promise<string[]> {
    return (await this.#entries(path)).map(({ name }) => name);
  }

  async entries(path: string): Promise<Dirent[]> {
    const entries = await this.#entries(path);
    return entries.map(({ name, isDirectory }) => ({ name, isDirectory: () => isDirectory }) as Dirent);
  }

  /** Page after page, in an order that has nothing to do with that of the changes: what changes meanwhile may be missed. */
  async #entries(path: string): Promise<Entry[]> {
    let directory: OpenFile | undefined;
    let sinceMs = 0;
    const all: Entry[] = [];
    for (let after = ''; ; ) {
      const page = await this.#call('list', path, (): Entry[] | 'known' => {
        const known = directory ? undefined : this.#memory.listing(path);
        if (known) {
          all.push(...known);
          return 'known';
        }
        if (!directory) sinceMs = this.#files.nowMs;
        directory ??= this.#files.openDirectory(path);
        return this.#page(this.#files.entries(directory), after);
      });
      if (page === 'known') return all;
      all.push(...page);
      if (page.length < this.#pageLength) break;
      after = placeOf(page.at(-1)?.name ?? '');
    }
    this.#memory.listed(path, sinceMs, all);
    return all;
  }

  #page(entries: Entry[], after: string): Entry[] {
    if (this.#pageLength === Number.POSITIVE_INFINITY) return entries;
    return entries
      .filter(({ name }) => placeOf(name) > after)
      .sort((a, b) => (placeOf(a.name) < placeOf(b.name) ? -1 : 1))
      .slice(0, this.#pageLength);
  }

  #keep(file: OpenFile): number {
    this.#opened += 1;
    this.#open.set(this.#opened, file);
    return this.#opened;
  }

  #file(file: number): OpenFile {
    const open = this.#open.get(file);
    if (!open) throw errno('EBADF', 'fd', String(file));
    return open;
  }

  #changing<T>(work: () => T): T {
    this.#memory.changed();
    return work();
  }

  #call<T>(
    name: (typeof CALLS)[number],
    path: string,
    run: () => T,
    more: Pick<SystemCall, 'half' | 'send'> = {},
  ): Promise<T> {
    return this.#kernel({ name, path, run, ...more }) as Promise<T>;
  }
}

const places = new Map<string, string>();

/** Where a name stands in a listing: FNV-1a, as good a hash as any. */
function placeOf(name: string): string {
  const known = places.get(name);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  const place = (hash >>> 0).toString(16).padStart(8, '0') + name;
  if (places.size > 10_000) places.clear();
  places.set(name, place);
  return place;
}
