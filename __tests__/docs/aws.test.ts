import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { fences, read } from './documents.ts';

/* The examples for AWS say what examples/*.json say, in their own languages. */

const BUCKET_POLICY = JSON.parse(read('examples/s3-bucket-policy.json'));
const PERMISSIONS = JSON.parse(read('examples/s3-permissions.json'));
const TERRAFORM = 'examples/aws/terraform';

test.each([
  ['bucket-policy.json.tftpl', BUCKET_POLICY],
  ['permissions.json.tftpl', PERMISSIONS],
])('Terraform: %s', (file, policy) => {
  const values: Record<string, string> = { partition: 'aws', bucket: 'acme-locks', prefix: 'ci' };
  const filled = read(`${TERRAFORM}/${file}`).replace(/\$\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  expect(JSON.parse(filled)).toEqual(policy);
  expect(read(`${TERRAFORM}/main.tf`)).toContain(`templatefile("\${path.module}/${file}", local.place)`);
});

describe('CloudFormation', () => {
  const values: Record<string, string> = {
    'AWS::Partition': 'aws',
    'AWS::AccountId': '111122223333',
    'AWS::Region': 'eu-west-1',
    BucketName: 'acme-locks',
    Prefix: 'ci',
    Audience: 'sts.amazonaws.com',
  };
  const filled = (text: string) => text.replace(/\$\{([\w:]+)\}/g, (whole, name) => values[name] ?? whole);
  const { Resources, Parameters, Outputs } = parse(read('examples/aws/cloudformation.yaml'), {
    customTags: [
      { tag: '!Sub', resolve: filled },
      { tag: '!Ref', resolve: (name: string) => values[name] ?? `the ${name}` },
      { tag: '!GetAtt', resolve: (name: string) => `the ${name}` },
      { tag: '!If', collection: 'seq' },
      { tag: '!Equals', collection: 'seq' },
    ],
  });

  test('the bucket policy', () => {
    expect(Resources.LocksPolicy.Properties.PolicyDocument).toEqual(BUCKET_POLICY);
  });

  test('the permissions of the role', () => {
    expect(Resources.Role.Properties.Policies).toEqual([
      { PolicyName: 'locks', PolicyDocument: PERMISSIONS },
    ]);
  });

  test('the trust policy is that of the document, for the given subjects', () => {
    const [shown = ''] = fences(read('docs/aws.md'), 'json');
    const [statement] = Resources.Role.Properties.AssumeRolePolicyDocument.Statement;
    const [, created, existing] = statement.Principal.Federated;
    expect(created).toBe('the GitHub');
    const [wanted] = JSON.parse(shown).Statement;
    wanted.Condition.StringLike['token.actions.githubusercontent.com:sub'] = 'the Subjects';
    expect({ ...statement, Principal: { Federated: existing } }).toEqual(wanted);
  });

  test('what it gives out goes into the inputs', () => {
    expect(Outputs.Store.Value).toBe('s3://acme-locks/ci?region=eu-west-1');
    expect(Outputs.RoleToAssume.Value).toBe('the Role.Arn');
  });

  test.each<[string, string, boolean]>([
    ['Subjects', 'repo:acme/api:ref:refs/heads/main', true],
    ['Subjects', 'repo:acme@65/*', true],
    ['Subjects', 'repo:*', false],
    ['Subjects', 'repo:*/api:*', false],
    ['Prefix', 'team/ci', true],
    ['Prefix', '/ci', false],
    ['Prefix', 'ci/', false],
  ])('%s may be %s: %s', (name, value, allowed) => {
    expect(new RegExp(`^(?:${Parameters[name].AllowedPattern})$`).test(value)).toBe(allowed);
  });
});
