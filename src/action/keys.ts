/** The closed lists of what the action reads and gives; a test holds them against action.yml. */
export const INPUTS = [
  'name',
  'store',
  'protocol',
  'path',
  'vfs-keys',
  'ttl',
  'wait-timeout',
  'on-busy',
  'stale-policy',
  'on-stale',
  'lock-delay',
  'scope',
  'gap',
  'release',
  'owner-id',
  'reason',
  'heartbeat',
  'max-hold',
  'on-lost',
  'enabled',
  'summary',
  'github-token',
  'check-run-id',
  'role-to-assume',
  'aws-region',
  'role-session-name',
  'audience',
  'notify',
  'notify-after',
] as const;
export type Input = (typeof INPUTS)[number];

export const OUTPUTS = ['acquired', 'token', 'lease', 'waited-ms', 'stolen-from', 'holder'] as const;
export type Output = (typeof OUTPUTS)[number];
