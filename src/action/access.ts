import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import type { S3Access } from '../store/s3.ts';
import type { Input } from './keys.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: 2048 characters at most. */
const LONGEST_ARN = 2_048;
/** Also of other partitions (`aws-cn`, `aws-us-gov`), and of services that have no accounts: `arn:minio:iam:::role/…`. */
const ROLE_ARN = /^arn:[a-z][a-z0-9-]*:iam::(?:\d{12})?:role\/[\w+=,.@/-]+$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const REGION = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LONGEST_AUDIENCE = 255;

/**
 * How an S3 store (or what a protocol locks there) is reached, by the inputs. The region is settled here once for all phases, for the variables that name one
 * may be set and blanked by other steps.
 * @throws UsageError for the first input that can't be used, or a role that has no use
 */
export function parseAccess(
  read: (input: Input) => string,
  {
    store,
    environment,
    what = 'store',
  }: { store: string; environment: Environment; what?: 'store' | 'path' },
): S3Access {
  const arn = read('role-to-assume');
  const s3 = /^s3:/i.test(store);
  if (arn !== '' && !s3) {
    const shown = quote(store.slice(0, 80));
    throw new UsageError(
      what === 'path'
        ? `role-to-assume: is for a path in S3, and this one is ${shown}. Leave the role out.`
        : `role-to-assume: is for a store in S3, and this one is ${shown}. Name a store s3://bucket/prefix, or leave the role out.`,
    );
  }
  if (!s3) return {};
  const given = checkRegion(read('aws-region'));
  const region = given || environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  return {
    ...(region ? { region } : {}),
    ...(arn ? { role: { arn: checkArn(arn), ...identity(read, environment) } } : {}),
  };
}

function checkArn(arn: string): string {
  if (ROLE_ARN.test(arn) && arn.length <= LONGEST_ARN) return arn;
  throw new UsageError(
    `role-to-assume: ${quote(arn.slice(0, 120))} is not the ARN of a role. IAM shows it: it begins with arn:aws:iam and ends with role/ and the name.`,
  );
}

function checkRegion(region: string): string {
  if (region === '' || (REGION.test(region) && region.length <= 63)) return region;
  throw new UsageError(`aws-region: ${quote(region.slice(0, 60))} is no region, such as eu-west-1.`);
}

function identity(read: (input: Input) => string, { GITHUB_RUN_ID }: Environment) {
  const sessionName = read('role-session-name') || `leasehold-${GITHUB_RUN_ID ?? 'job'}`;
  if (!SESSION_NAME.test(sessionName)) {
    throw new UsageError(
      `role-session-name: ${quote(sessionName.slice(0, 80))} can't be used: 2 to 64 letters, digits, "_", "+", "=", ",", ".", "@" and "-".`,
    );
  }
  const audience = read('audience');
  if (audience === '' || audience.length > LONGEST_AUDIENCE || /\s/.test(audience)) {
    throw new UsageError(
      `audience: ${quote(audience.slice(0, 80))} can't be used: the default is sts.amazonaws.com; 1 to ${LONGEST_AUDIENCE} characters without a space.`,
    );
  }
  return { sessionName, audience };
}
