import { once } from 'node:events';
import { openSync, writeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

/** A worker at the resource, as it names itself. */
export interface Visit {
  readonly lock: string;
  readonly token: number;
  readonly client: number;
  readonly pid: number;
  readonly lease: string;
}

export interface Visitors {
  readonly came: (visit: Visit) => void;
  readonly went: (visit: Visit) => void;
}

/**
 * What the locks protect, made as the documents ask for it: it remembers the highest token that it has seen of each lock,
 * and refuses a write that shows a smaller one. One process and one thread, so checking and writing are one step. It knows
 * nothing of Leasehold.
 *
 * Its log has a line for each write: milliseconds of CLOCK_MONOTONIC, `accepted` or `refused`, lock, token, client.
 */
export class Resource {
  readonly #highest = new Map<string, number>();
  readonly #log: number;
  readonly #server: Server;
  readonly #visitors: Visitors;

  private constructor(logPath: string, visitors: Visitors) {
    this.#log = openSync(logPath, 'a', 0o600);
    this.#visitors = visitors;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(paths: { socket: string; log: string }, visitors: Visitors): Promise<Resource> {
    const resource = new Resource(paths.log, visitors);
    resource.#server.listen(paths.socket);
    await once(resource.#server, 'listening');
    return resource;
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    let visit: Visit | undefined;
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const shown = parseVisit(line);
        socket.write(this.#write(shown) ? '+' : '-');
        if (!visit) this.#visitors.came(shown);
        visit = shown;
      }
    });
    // A worker that is killed resets the connection.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (visit) this.#visitors.went(visit);
    });
  }

  #write({ lock, token, client }: Visit): boolean {
    const accepted = token >= (this.#highest.get(lock) ?? 0);
    if (accepted) this.#highest.set(lock, token);
    const nowMs = Number(process.hrtime.bigint() / 1_000n) / 1_000;
    writeSync(
      this.#log,
      `${nowMs.toFixed(3)} ${accepted ? 'accepted' : 'refused'} ${lock} ${token} ${client}\n`,
    );
    return accepted;
  }
}

function parseVisit(line: string): Visit {
  const [lock = '', token, client, pid, lease = ''] = line.split(' ');
  return { lock, token: Number(token), client: Number(client), pid: Number(pid), lease };
}
