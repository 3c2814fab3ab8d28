/** A file system in memory. Each method is one system call: it happens at once, and all or nothing of it. */

interface FileNode {
  readonly kind: 'file';
  content: string;
  /** What is on the disk for sure; `undefined` until it was synced. */
  synced: string | undefined;
  names: number;
  mtimeMs: number;
}

interface DirectoryNode {
  readonly kind: 'directory';
  readonly entries: Map<string, Node>;
  /** The entries that a power cut leaves for sure, and what was changed since, in that order. */
  lasting: Map<string, Node>;
  unsynced: { readonly name: string; readonly node: Node | undefined }[];
}

type Node = FileNode | DirectoryNode;

/** Told of every name that comes and goes, whoever did it. */
export interface Witness {
  linked(directory: string, name: string, file: { content: string; mtimeMs: number }): void;
  unlinked(directory: string, name: string): void;
}

export interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** An open file, or directory, of a process. */
export interface OpenFile {
  readonly node: Node;
}

export class FileSystem {
  nowMs: number;
  readonly #root = newDirectory();
  readonly #witness: Witness;

  constructor(nowMs: number, witness: Witness) {
    this.nowMs = nowMs;
    this.#witness = witness;
  }

  create(path: string): OpenFile {
    const { directory, name } = this.#parentOf(path, 'open');
    if (directory.entries.has(name)) throw errno('EEXIST', 'open', path);
    const node: FileNode = { kind: 'file', content: '', synced: undefined, names: 1, mtimeMs: this.nowMs };
    set(directory, name, node);
    return { node };
  }

  write({ node }: OpenFile, text: string): void {
    if (node.kind === 'directory') throw errno('EISDIR', 'write', '');
    node.content += text;
    node.mtimeMs = this.nowMs;
  }

  open(path: string): OpenFile {
    return { node: this.#find(path, 'open') };
  }

  sync({ node }: OpenFile): void {
    if (node.kind === 'file') {
      node.synced = node.content;
      return;
    }
    node.lasting = new Map(node.entries);
    node.unsynced = [];
  }

  /** What a close that fails may leave behind of what was written. */
  lose({ node }: OpenFile): void {
    if (node.kind === 'file') node.content = '';
  }

  read(path: string): string {
    const node = this.#find(path, 'open');
    if (node.kind === 'directory') throw errno('EISDIR', 'read', path);
    return node.content;
  }

  exists(path: string): boolean {
    return this.#lookUp(path) !== undefined;
  }

  names(path: string): number {
    const node = this.#find(path, 'stat');
    return node.kind === 'file' ? node.names : 2;
  }

  mtimeMs(path: string): number {
    const node = this.#find(path, 'stat');
    return node.kind === 'file' ? node.mtimeMs : this.nowMs;
  }

  /** The link of a file that was looked up, into a directory that was: neither may be there any more. */
  prepareLink(existing: string, path: string): () => void {
    const { directory, name, where } = this.#parentOf(path, 'link');
    const file = this.#find(existing, 'link');
    return () => {
      const isThere = this.#lookUp(where) === directory;
      if (file.kind === 'directory' || file.names === 0 || !isThere) throw errno('ENOENT', 'link', existing);
      if (directory.entries.has(name)) throw errno('EEXIST', 'link', path);
      file.names += 1;
      set(directory, name, file);
      this.#witness.linked(where, name, file);
    };
  }

  unlink(path: string): void {
    const { directory, name, where } = this.#parentOf(path, 'unlink');
    const node = directory.entries.get(name);
    if (node === undefined) throw errno('ENOENT', 'unlink', path);
    if (node.kind === 'directory') throw errno('EISDIR', 'unlink', path);
    node.names -= 1;
    set(directory, name, undefined);
    this.#witness.unlinked(where, name);
  }

  /** With all parents. The first that it made, if any. */
  mkdir(path: string): string | undefined {
    let made: string | undefined;
    let above = this.#root;
    let where = '';
    for (const name of namesIn(path)) {
      where += `/${name}`;
      let next = above.entries.get(name);
      if (next?.kind === 'file') throw errno('ENOTDIR', 'mkdir', where);
      if (next === undefined) {
        next = newDirectory();
        set(above, name, next);
        made ??= where;
      }
      above = next;
    }
    return made;
  }

  openDirectory(path: string): OpenFile {
    const node = this.#find(path, 'scandir');
    if (node.kind === 'file') throw errno('ENOTDIR', 'scandir', path);
    return { node };
  }

  entries({ node }: OpenFile): Entry[] {
    if (node.kind === 'file') return [];
    return [...node.entries].map(([name, { kind }]) => ({ name, isDirectory: kind === 'directory' }));
  }

  /** The files of a directory; none when there is no such directory. */
  filesOf(path: string): { readonly name: string; readonly content: string; readonly mtimeMs: number }[] {
    const node = this.#lookUp(path);
    if (node?.kind !== 'directory') return [];
    return [...node.entries].flatMap(([name, each]) => (each.kind === 'file' ? [{ name, ...each }] : []));
  }

  /** Somebody moves the whole directory away. What has a file in it open, or looked up, keeps it. */
  detach(path: string): void {
    const { directory, name } = this.#parentOf(path, 'rename');
    directory.entries.delete(name);
    directory.lasting.delete(name);
    directory.unsynced = [];
  }

  /**
   * What was not synced is gone: of a file its content, of a directory the latest changes, `keeps` of each (a share, asked
   * for each directory). In one directory changes last in the order in which they were made, as on file systems with a
   * journal; nothing is promised between two.
   */
  cutPower(keeps: () => number): void {
    const restore = (directory: DirectoryNode): void => {
      const kept = Math.round(keeps() * directory.unsynced.length);
      for (const { name, node } of directory.unsynced.slice(0, kept)) apply(directory.lasting, name, node);
      directory.unsynced = [];
      directory.entries.clear();
      for (const [name, node] of directory.lasting) {
        directory.entries.set(name, node);
        if (node.kind === 'directory') restore(node);
        else node.names += 1;
      }
    };
    for (const file of filesIn(this.#root)) {
      file.content = file.synced ?? '';
      file.names = 0;
    }
    restore(this.#root);
  }

  #lookUp(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of namesIn(path)) {
      if (node?.kind !== 'directory') return undefined;
      node = node.entries.get(name);
    }
    return node;
  }

  #find(path: string, call: string): Node {
    const node = this.#lookUp(path);
    if (node === undefined) throw errno('ENOENT', call, path);
    return node;
  }

  #parentOf(path: string, call: string): { directory: DirectoryNode; name: string; where: string } {
    const cut = path.lastIndexOf('/');
    const where = path.slice(0, cut);
    const directory = where === '' ? this.#root : this.#find(where, call);
    if (directory.kind === 'file') throw errno('ENOTDIR', call, path);
    return { directory, name: path.slice(cut + 1), where };
  }
}

/** A slash at the end means nothing. */
function namesIn(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function newDirectory(): DirectoryNode {
  return { kind: 'directory', entries: new Map(), lasting: new Map(), unsynced: [] };
}

function set(directory: DirectoryNode, name: string, node: Node | undefined): void {
  apply(directory.entries, name, node);
  directory.unsynced.push({ name, node });
}

function apply(entries: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

/** All that have a name, or may have one again when changes are taken back. */
function filesIn(directory: DirectoryNode): Set<FileNode> {
  const files = new Set<FileNode>();
  const nodes = [...directory.entries.values(), ...directory.lasting.values()];
  for (const { node } of directory.unsynced) if (node !== undefined) nodes.push(node);
  for (const node of new Set(nodes)) {
    if (node.kind === 'file') files.add(node);
    else for (const file of filesIn(node)) files.add(file);
  }
  return files;
}

/** An error as Node has it. */
export function errno(code: string, call: string, path: string): Error & { readonly code: string } {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, syscall: call, path });
}
