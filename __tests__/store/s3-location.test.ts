import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/base/usage-error.ts';
import { parseS3Url } from '../../src/store/s3-location.ts';

describe('an s3:// URL', () => {
  test.each([
    ['s3://locks', {}, { bucket: 'locks', prefix: '', forcePathStyle: false }],
    ['s3://locks/', {}, { prefix: '' }],
    ['s3://locks/team/ci/', {}, { prefix: 'team/ci/' }],
    ['s3://locks//team%20a', {}, { prefix: 'team a/' }],
    ['s3://locks?region=eu-west-1', { AWS_REGION: 'us-west-2' }, { region: 'eu-west-1' }],
    ['s3://locks', { AWS_REGION: 'us-west-2', AWS_DEFAULT_REGION: 'x' }, { region: 'us-west-2' }],
    ['s3://locks', { AWS_DEFAULT_REGION: 'ap-south-1' }, { region: 'ap-south-1' }],
    [
      's3://locks?endpoint=http://minio:9000',
      {},
      { region: 'us-east-1', endpoint: new URL('http://minio:9000') },
    ],
    ['s3://locks?endpoint=http://minio:9000', { AWS_REGION: 'eu-west-1' }, { region: 'eu-west-1' }],
    ['s3://locks?force-path-style=true', {}, { forcePathStyle: true }],
    ['s3://locks?force-path-style=false', {}, { forcePathStyle: false }],
  ])('%s with %j', (url, env, location) => {
    expect(parseS3Url(url, env)).toMatchObject(location);
  });

  test('leaves the region open when nothing names it', () => {
    expect(parseS3Url('s3://locks', {})).not.toHaveProperty('region');
  });

  test('a region of the environment that is none is refused, too', () => {
    expect(() => parseS3Url('s3://locks', { AWS_REGION: '::' })).toThrow('is no region');
  });

  test.each([
    ['s3:///prefix', 'the bucket is missing'],
    ['s3://?region=eu-west-1', 'the bucket is missing'],
    ['s3://two words', 'not a URL of the form s3://bucket/prefix'],
    [
      's3://locks?regoin=eu-west-1',
      '"regoin" is not an option of an s3:// URL. Options: region, endpoint, force-path-style',
    ],
    ['s3://locks?endpoint=minio:9000', 'endpoint must be an http:// or https:// URL'],
    ['s3://locks?endpoint=http://me:hidden@minio', 'without credentials'],
    ['s3://me:hidden@locks', 'credentials do not belong in the URL'],
    ['s3://locks?force-path-style=yes', 'Use true or false'],
    ['s3://a%00b/x', '"a%00b" is no name of a bucket'],
    ['s3://bücket', 'is no name of a bucket'],
    ['s3://locks?region=a%20b', '"a b" is no region, such as eu-west-1'],
    ['s3://locks?region=x.evil.example%2F', 'is no region'],
    ['s3://locks:80/x', 'a port or a # has no meaning'],
    ['s3://locks/100%', 'Write %25'],
  ])('%s is refused', (url, reason) => {
    const parsing = (): unknown => parseS3Url(url, {});
    expect(parsing).toThrow(UsageError);
    expect(parsing).toThrow(reason);
    expect(parsing).not.toThrow('hidden');
  });
});
