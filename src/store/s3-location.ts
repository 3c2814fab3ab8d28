import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';

/** What an `s3://` URL and the environment say about where records live. */
export interface S3Location {
  readonly bucket: string;
  /** Stands before every key: empty, or it ends with `/`. */
  readonly prefix: string;
  /** Absent: the SDK looks into its configuration files. */
  readonly region?: string;
  readonly endpoint?: URL;
  readonly forcePathStyle: boolean;
}

const FORM = 's3://bucket/prefix?region=…&endpoint=…&force-path-style=true';
const QUERY_KEYS = ['region', 'endpoint', 'force-path-style'];

/**
 * Takes `s3://bucket/prefix?region=…&endpoint=…&force-path-style=true` apart. The region falls back to `AWS_REGION`,
 * `AWS_DEFAULT_REGION` and, with an endpoint of its own, `us-east-1`, which compatible services accept.
 * @throws UsageError when it is anything else
 */
export function parseS3Url(text: string, env: NodeJS.ProcessEnv): S3Location {
  const url = parse(text);
  const option = (name: string): string | undefined => url.searchParams.get(name) || undefined;
  const endpoint = endpointOf(option('endpoint'));
  // An empty variable is none: configure-aws-credentials leaves some behind.
  const region = option('region') || env.AWS_REGION || env.AWS_DEFAULT_REGION || (endpoint && 'us-east-1');
  return {
    bucket: bucketOf(url),
    prefix: prefixOf(url),
    ...(region ? { region: checkRegion(region) } : {}),
    ...(endpoint ? { endpoint } : {}),
    forcePathStyle: switchOf('force-path-style', option('force-path-style')),
  };
}

/** The messages never repeat the whole URL: somebody may have put a secret into it. */
function parse(text: string): URL {
  if (!URL.canParse(text)) throw new UsageError(`store: this is not a URL of the form ${FORM}.`);
  const url = new URL(text);
  if (url.username || url.password) {
    throw new UsageError(
      'store: credentials do not belong in the URL. Give them in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).',
    );
  }
  if (url.port || url.hash) throw new UsageError(`store: a port or a # has no meaning here. Use ${FORM}.`);
  for (const key of url.searchParams.keys()) {
    if (QUERY_KEYS.includes(key)) continue;
    throw new UsageError(
      `store: ${JSON.stringify(key.slice(0, 40))} is not an option of an s3:// URL. Options: ${QUERY_KEYS.join(', ')}.`,
    );
  }
  return url;
}

/** Services of one's own allow more than S3 does; what can be in none of them would end up in the name of a host. */
function bucketOf({ hostname }: URL): string {
  if (!hostname) throw new UsageError(`store: the bucket is missing. Use ${FORM}.`);
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(hostname)) return hostname;
  throw new UsageError(
    `store: ${quote(hostname.slice(0, 80))} is no name of a bucket: letters, digits, ".", "_" and "-". Use ${FORM}.`,
  );
}

/** It becomes a part of the name of a host (RFC 1123, section 2.1). */
function checkRegion(region: string): string {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(region)) return region;
  throw new UsageError(
    `store: ${quote(region.slice(0, 80))} is no region, such as eu-west-1: correct ?region=… in the URL, or AWS_REGION.`,
  );
}

function prefixOf(url: URL): string {
  try {
    const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
    return path === '' ? '' : `${path}/`;
  } catch {
    throw new UsageError('store: the prefix has a % that begins no escape. Write %25 for a percent sign.');
  }
}

function endpointOf(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new UsageError('store: endpoint must be an http:// or https:// URL without credentials in it.');
  }
  return url;
}

function switchOf(name: string, value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new UsageError(`store: ${name} is ${JSON.stringify(value.slice(0, 40))}. Use true or false.`);
}
