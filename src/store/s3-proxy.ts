import type { Agent } from 'node:http';
import { getProxyForUrl } from 'proxy-from-env';

/**
 * The agents that reach `target` through the proxy which HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY (in either case)
 * name for it; none when they name no proxy. The SDK does not look at these variables, and Node only from 24.5 on.
 */
export async function proxyAgents(target: URL): Promise<{ httpAgent?: Agent; httpsAgent?: Agent }> {
  const proxy = getProxyForUrl(target.href);
  if (!proxy) return {};
  if (target.protocol === 'http:') {
    const { HttpProxyAgent } = await import('http-proxy-agent');
    return { httpAgent: new HttpProxyAgent(proxy, { keepAlive: true }) };
  }
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return { httpsAgent: new HttpsProxyAgent(proxy, { keepAlive: true }) };
}
