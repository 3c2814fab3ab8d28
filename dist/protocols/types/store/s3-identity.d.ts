export type Environment = Readonly<Record<string, string | undefined>>;
/**
 * A new identity token (a JWT, RFC 7519) of this job of GitHub Actions, which lasts a few minutes. Fetched without the
 * runner's toolkit, whose function prints the token as a command to the runner: in a keeper, that would put it into a file.
 *
 * https://docs.github.com/en/actions/reference/security/oidc
 * @param audience for whom it is made out: its claim `aud`
 * @throws StoreError `denied` with the lines to add to the workflow, `unavailable` when it may be tried again
 */
export declare function identityToken(audience: string, environment: Environment): Promise<string>;
/** What a trust policy looks at. The claims of a token are no secret, its signature is. */
export declare function claimsOf(token: string): string;
