import { execFileSync } from 'node:child_process';

/*
 * Hosts as network namespaces of Linux, each with a cable of its own to one router: what is cut here is cut off as hosts are.
 * Packets vanish, and nobody gets an end, a reset or an ICMP message. Nothing of it touches the network of the machine.
 */

/** Addresses that are set aside for tests of networks (RFC 2544). */
const addressOf = (index: number, side: 'router' | 'host'): string =>
  `198.18.${index}.${side === 'router' ? 1 : 2}`;

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Why there can be no namespaces here; `undefined` where there can. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `leasehold-${process.pid}-try`;
  try {
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'add', 'try0', 'type', 'veth', 'peer', 'name', 'try1');
    return undefined;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer };
    return code === 'ENOENT' ? 'there is no ip (iproute2)' : `ip says: ${String(stderr ?? error).trim()}`;
  } finally {
    removeNamespace(name);
  }
}

/** Why packets can't be lost by chance here; `undefined` where they can. */
export function whyNoLoss(): string | undefined {
  const why = whyNoNetwork();
  if (why) return why;
  const network = Network.of('one');
  try {
    network.lose('one', 10);
    return undefined;
  } catch (error) {
    return `tc says: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  } finally {
    network.remove();
  }
}

let networks = 0;

export class Network<Name extends string> {
  readonly #names: readonly Name[];
  readonly #prefix: string;

  private constructor(names: readonly Name[]) {
    networks += 1;
    this.#names = names;
    this.#prefix = `leasehold-${process.pid}-${networks}`;
  }

  /** A network of these hosts and a router. */
  static of<Name extends string>(...names: Name[]): Network<Name> {
    const network = new Network(names);
    network.#build();
    return network;
  }

  #build(): void {
    const router = this.#namespace('router');
    ip('netns', 'add', router);
    execFileSync('ip', ['netns', 'exec', router, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
    for (const [index, name] of this.#names.entries()) {
      const host = this.#namespace(name);
      ip('netns', 'add', host);
      ip('-n', router, 'link', 'add', cableTo(index), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
      ip('-n', router, 'address', 'add', `${addressOf(index, 'router')}/24`, 'dev', cableTo(index));
      ip('-n', host, 'address', 'add', `${addressOf(index, 'host')}/24`, 'dev', 'eth0');
      ip('-n', host, 'link', 'set', 'lo', 'up');
      ip('-n', host, 'link', 'set', 'eth0', 'up');
      ip('-n', router, 'link', 'set', cableTo(index), 'up');
      ip('-n', host, 'route', 'add', 'default', 'via', addressOf(index, 'router'));
    }
  }

  address(name: Name): string {
    return addressOf(this.#names.indexOf(name), 'host');
  }

  /** The words that run a program on this host: they stand before its own. */
  on(name: Name): [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.#namespace(name)];
  }

  /** Pulls the host's cable out of the router. */
  unplug(name: Name): void {
    ip('-n', this.#namespace('router'), 'link', 'set', this.#cable(name), 'down');
  }

  plug(name: Name): void {
    ip('-n', this.#namespace('router'), 'link', 'set', this.#cable(name), 'up');
  }

  /** What the router is to send to the host vanishes; what the host sends arrives. */
  deafen(name: Name): void {
    ip('-n', this.#namespace('router'), 'route', 'replace', 'blackhole', `${this.address(name)}/32`);
  }

  undeafen(name: Name): void {
    ip('-n', this.#namespace('router'), 'route', 'delete', 'blackhole', `${this.address(name)}/32`);
  }

  /** Loses so many of a hundred packets to the host, by chance. @throws Error where the kernel has no netem */
  lose(name: Name, percent: number): void {
    const qdisc = ['qdisc', 'replace', 'dev', this.#cable(name), 'root', 'netem', 'loss', `${percent}%`];
    execFileSync('tc', ['-n', this.#namespace('router'), ...qdisc], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Takes everything away. What still runs on the hosts is not ended. */
  remove(): void {
    for (const name of [...this.#names, 'router']) removeNamespace(this.#namespace(name));
  }

  #namespace(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  #cable(name: Name): string {
    return cableTo(this.#names.indexOf(name));
  }
}

function cableTo(index: number): string {
  return `port${index}`;
}

function removeNamespace(name: string): void {
  try {
    ip('netns', 'delete', name);
  } catch {
    // It was not made.
  }
}
