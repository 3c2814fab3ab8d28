import type { Agent } from 'node:http';
import { getProxyForUrl } from 'proxy-from-env';
import { UsageError } from './usage-error.ts';

/**
 * The agents that reach `target` through the proxy which HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY (in either case)
 * name for it; none when they name no proxy. The SDK does not look at these variables, and Node only from 24.5 on.
 * @throws UsageError when the proxy is not an http:// or https:// URL
 */
export async function proxyAgents(target: URL): Promise<{ httpAgent?: Agent; httpsAgent?: Agent }> {
  const proxy = getProxyForUrl(target.href);
  if (!proxy) return {};
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol)) {
    // Not repeated: it may have a password in it.
    throw new UsageError(
      `the proxy for ${target.host} is not an http:// or https:// URL: check HTTP_PROXY and HTTPS_PROXY.`,
    );
  }
  if (target.protocol === 'http:') {
    const { HttpProxyAgent } = await import('http-proxy-agent');
    return { httpAgent: new HttpProxyAgent(proxy, { keepAlive: true }) };
  }
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return { httpsAgent: new HttpsProxyAgent(proxy, { keepAlive: true }) };
}
