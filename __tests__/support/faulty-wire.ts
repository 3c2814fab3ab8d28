import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/base/random.ts';

/*
 * A wire between a client and a real HTTP server, which fails on purpose. Toxiproxy and its like act on bytes and seconds:
 * they can't cut "after this conditional PUT was sent and before its answer", nor deliver a request that its client has long
 * given up, which are the faults that make two holders. This relay passes on bytes as they come, but knows where a request
 * begins and ends, and asks the test what is to become of it.
 */

/** A request as it came from the client, whole. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What may happen to one request. A cut is a reset (RST), after which the client knows nothing of what the server does.
 * - `cut-before-request` nothing of it reaches the server · `cut-in-request` half of it does
 * - `cut-after-request` all of it does, and the client is cut off at once · `cut-before-answer` once the server has answered
 * - `cut-in-answer` half of the answer arrives · `end-in-answer` half of it, and then an orderly end (FIN)
 * - `half-open` the connection stays open, and nothing passes any more
 * - `delay-request` it reaches the server `ms` later, also if the client is gone by then
 * - `delay-answer`, `stall-in-answer` the answer, or its second half, arrives `ms` later
 * - `trickle` both directions at so many bytes a second
 * - `deliver-twice` the server gets it twice, and the client the second answer
 */
export type Fault =
  | {
      readonly kind:
        | 'cut-before-request'
        | 'cut-in-request'
        | 'cut-after-request'
        | 'cut-before-answer'
        | 'cut-in-answer'
        | 'end-in-answer'
        | 'half-open'
        | 'deliver-twice';
    }
  | { readonly kind: 'delay-request' | 'delay-answer' | 'stall-in-answer'; readonly ms: number }
  | { readonly kind: 'trickle'; readonly bytesPerSecond: number };

/** A request's way over the wire. Times are of the wall clock, milliseconds. */
export interface Crossing {
  readonly request: WireRequest;
  readonly fault: Fault | undefined;
  /** When all of it had come from the client. */
  readonly receivedMs: number;
  /** When the server began to answer, and with which status; whether the client ever saw that is another question. */
  answeredMs?: number;
  status?: number;
  /** Settles when the server has answered and that has passed, or when the request can't reach it any more. */
  over: Promise<void>;
}

export class FaultyWire {
  /** What has crossed, or tried to. */
  readonly crossings: Crossing[] = [];
  /** Decides about each request from now on. */
  decide: (request: WireRequest) => Fault | undefined = () => undefined;
  /** Every passage takes this long, in each direction. */
  latency: { readonly ms: number; readonly jitterMs: number } = { ms: 0, jitterMs: 0 };
  readonly #server: Server;
  readonly #target: URL;
  readonly #random: Random;
  readonly #sockets = new Set<Socket>();
  readonly #closed = new AbortController();
  #connections: Connection[] = [];
  /** While the wire is broken: resolves when it is whole again. */
  #broken: { readonly whole: Promise<void>; readonly mend: () => void } | undefined;

  private constructor(server: Server, target: URL, random: Random) {
    this.#server = server;
    this.#target = target;
    this.#random = random;
    server.on('connection', (socket) => {
      this.#connections.push(new Connection(this, this.own(socket)));
    });
  }

  /** A whole wire to `target`, an http:// URL. */
  static async open(target: string, random: Random): Promise<FaultyWire> {
    const server = createServer();
    const wire = new FaultyWire(server, new URL(target), random);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  /** The target's URL, by way of this wire. */
  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  /**
   * Nothing passes any more, and no end or reset either; who connects is not answered. What was sent meanwhile arrives when
   * the wire is mended, as a kernel goes on sending what a program that has ended left to it.
   */
  break(): void {
    let mend = (): void => {};
    const whole = new Promise<void>((resolve) => {
      mend = resolve;
    });
    this.#broken ??= { whole, mend };
  }

  mend(): void {
    this.#broken?.mend();
    this.#broken = undefined;
  }

  /** The connections that there are go silent for good, as when a NAT has forgotten them; new ones work. */
  forgetConnections(): void {
    for (const connection of this.#connections) connection.silent = true;
    this.#connections = [];
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.mend();
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  /** @internal Resolves when something that is sent now arrives at the other end; rejects when the wire is closed. */
  async passage(delayMs = 0): Promise<void> {
    const { ms, jitterMs } = this.latency;
    const latencyMs = Math.max(0, ms + jitterMs * (2 * this.#random.fraction() - 1));
    const waitMs = delayMs + latencyMs;
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#closed.signal });
    while (this.#broken) await this.#broken.whole;
    this.#closed.signal.throwIfAborted();
  }

  /** @internal A connection of its own to the server. */
  connect(): Socket {
    const { hostname, port } = this.#target;
    return this.own(createConnection({ host: hostname, port: Number(port) }));
  }

  own(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

const HEAD_END = '\r\n\r\n';

/** A client's connection. Each request has a connection of its own to the server, so that none waits for one that is late. */
class Connection {
  /** Nothing passes any more. */
  silent = false;
  readonly #wire: FaultyWire;
  readonly #client: Socket;
  #received = Buffer.alloc(0);
  #latest: Socket | undefined;
  /** What is on its way to the client, in order. */
  #down: Promise<void> = Promise.resolve();

  constructor(wire: FaultyWire, client: Socket) {
    this.#wire = wire;
    this.#client = client;
    client.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      for (let bytes = this.#next(); bytes; bytes = this.#next()) this.#carry(bytes);
    });
  }

  /** The bytes of the next request, when all of them are there. */
  #next(): Buffer | undefined {
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = headEnd + HEAD_END.length + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (this.#received.length < length) return undefined;
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return bytes;
  }

  #carry(bytes: Buffer): void {
    if (this.silent) return;
    const request = parseRequest(bytes);
    const fault = this.#wire.decide(request);
    const crossing: Crossing = { request, fault, receivedMs: Date.now(), over: Promise.resolve() };
    this.#wire.crossings.push(crossing);
    // Only a wire that is closed ends it before its time.
    crossing.over = this.#meet(crossing, bytes).catch(() => {});
  }

  async #meet(crossing: Crossing, bytes: Buffer): Promise<void> {
    const { fault } = crossing;
    switch (fault?.kind) {
      case undefined:
        return this.#exchange(crossing, bytes, (chunk) => this.#pass(chunk));
      case 'cut-before-request':
        return void this.#client.resetAndDestroy();
      case 'cut-in-request':
        return this.#cutRequest(bytes);
      case 'cut-after-request':
        return this.#exchange(crossing, bytes, () => {}, { onSent: () => this.#client.resetAndDestroy() });
      case 'cut-before-answer':
        return this.#exchange(crossing, bytes, () => this.#client.resetAndDestroy());
      case 'cut-in-answer':
        return this.#exchange(crossing, bytes, (chunk) => this.#endIn(chunk, 'reset'));
      case 'end-in-answer':
        return this.#exchange(crossing, bytes, (chunk) => this.#endIn(chunk, 'end'));
      case 'half-open':
        this.silent = true;
        return;
      case 'delay-request':
        return this.#exchange(crossing, bytes, (chunk) => this.#pass(chunk), { delayMs: fault.ms });
      case 'delay-answer':
        return this.#exchange(crossing, bytes, (chunk) => this.#pass(chunk, fault.ms));
      case 'stall-in-answer':
        return this.#exchange(crossing, bytes, (chunk) => {
          const [first, second] = halves(chunk);
          this.#pass(first);
          this.#pass(second, fault.ms);
        });
      case 'trickle': {
        const { bytesPerSecond } = fault;
        const pass = (chunk: Buffer): void => {
          for (const bit of bits(chunk, bytesPerSecond)) this.#pass(bit, BIT_MS);
        };
        return this.#exchange(crossing, bytes, pass, { bytesPerSecond });
      }
      case 'deliver-twice':
        await this.#exchange(crossing, bytes, () => {});
        return this.#exchange(crossing, bytes, (chunk) => this.#pass(chunk));
    }
  }

  async #exchange(
    crossing: Crossing,
    bytes: Buffer,
    onAnswer: (chunk: Buffer) => void,
    options: {
      readonly delayMs?: number;
      readonly bytesPerSecond?: number;
      readonly onSent?: () => void;
    } = {},
  ): Promise<void> {
    await this.#wire.passage(options.delayMs);
    const server = this.#wire.connect();
    this.#latest = server;
    const answered = once(server, 'data').catch(() => {});
    const closed = once(server, 'close').catch(() => {});
    server.on('data', (chunk) => {
      crossing.answeredMs ??= Date.now();
      crossing.status ??= Number(/^HTTP\/1.1 (\d+)/.exec(chunk.toString('latin1'))?.[1]);
      onAnswer(chunk);
    });
    // A server closes what is idle; the answer to a request that was cut off is nobody's end.
    server.on('end', () => {
      if (this.#latest === server) void this.#inOrder(() => this.#client.end());
    });
    for (const bit of bits(bytes, options.bytesPerSecond)) {
      if (options.bytesPerSecond) await this.#wire.passage(BIT_MS);
      server.write(bit);
    }
    options.onSent?.();
    await Promise.race([answered, closed]);
    // What was given an answer late is under way until it has arrived.
    await this.#down;
  }

  async #cutRequest(bytes: Buffer): Promise<void> {
    await this.#wire.passage();
    const server = this.#wire.connect();
    server.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
      server.resetAndDestroy();
      this.#client.resetAndDestroy();
    });
    await once(server, 'close');
  }

  #endIn(answer: Buffer, how: 'reset' | 'end'): void {
    if (this.silent) return;
    this.silent = true;
    const [first] = halves(answer);
    if (how === 'end') this.#client.end(first);
    // A reset that comes with the bytes may overtake them.
    else this.#client.write(first, () => setTimeout(() => this.#client.resetAndDestroy(), 20));
  }

  #pass(chunk: Buffer, delayMs = 0): void {
    void this.#inOrder(() => this.#client.write(chunk), delayMs);
  }

  async #inOrder(act: () => void, delayMs = 0): Promise<void> {
    this.#down = this.#down.then(async () => {
      await this.#wire.passage(delayMs);
      if (!this.silent && this.#client.writable) act();
    });
    // Only a wire that is closed rejects.
    await this.#down.catch(() => {});
  }
}

/** How often a trickle drips. */
const BIT_MS = 10;

function bits(bytes: Buffer, bytesPerSecond?: number): Buffer[] {
  if (!bytesPerSecond) return [bytes];
  const size = Math.max(1, Math.round((bytesPerSecond * BIT_MS) / 1_000));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

/** An answer cut in its body; in its head, when it has no body. */
function halves(answer: Buffer): [Buffer, Buffer] {
  const bodyAt = answer.indexOf(HEAD_END) + HEAD_END.length;
  const at =
    bodyAt < answer.length ? Math.floor((bodyAt + answer.length) / 2) : Math.floor(answer.length / 2);
  return [answer.subarray(0, at), answer.subarray(at)];
}

function parseRequest(bytes: Buffer): WireRequest {
  const [head = '', body = ''] = splitOnce(bytes.toString('utf8'), HEAD_END);
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = lines
    .map((line) => splitOnce(line, ':'))
    .map(([name, value]) => [name.toLowerCase(), value.trim()]);
  return { method, path, headers: Object.fromEntries(headers), body };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
