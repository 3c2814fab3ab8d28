/** The GitHub that a process may ask: github.com, or an Enterprise Server. */
export interface GitHubServer {
  /** Where its pages are, `https://github.com`. */
  readonly origin: string;
  /** Where its API is, without a slash at the end: `https://api.github.com`, `https://ghe.example/api/v3`. */
  readonly apiUrl: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The server by GITHUB_SERVER_URL and GITHUB_API_URL, which every job of GitHub Actions has
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/variables); github.com where they are not set.
 * `undefined` when they are no URLs.
 */
export function gitHubServer(environment: Environment): GitHubServer | undefined {
  const server = environment.GITHUB_SERVER_URL || 'https://github.com';
  if (!URL.canParse(server)) return undefined;
  const { origin } = new URL(server);
  const own = origin === 'https://github.com' ? 'https://api.github.com' : `${origin}/api/v3`;
  const apiUrl = (environment.GITHUB_API_URL || own).replace(/\/+$/, '');
  return URL.canParse(apiUrl) ? { origin, apiUrl } : undefined;
}

/** The token for GitHub by the variables that its own CLI reads (https://cli.github.com/manual/gh_help_environment), or ''. */
export function tokenIn({ GH_TOKEN, GITHUB_TOKEN }: Environment): string {
  return (GH_TOKEN || GITHUB_TOKEN || '').trim();
}
