import { fromWebToken } from '@aws-sdk/credential-provider-web-identity';
import type { Clock } from '../base/clock.js';
import { type Environment } from './s3-identity.js';
import { RoleSession } from './s3-session.js';
/** A role of AWS that a job of GitHub Actions assumes by its own identity. Nothing in it is a secret. */
export interface Role {
    /** `arn:aws:iam::<account>:role/<name>` */
    readonly arn: string;
    /** What the session is called in AWS's logs. */
    readonly sessionName: string;
    /** For whom the identity token is made out: what the role's trust policy wants to see as `aud`. */
    readonly audience: string;
}
export type Credentials = Awaited<ReturnType<ReturnType<typeof fromWebToken>>>;
/**
 * The credentials of `role`, got by the identity of this job, and renewed with a new identity token each time: one lasts a
 * few minutes, and a job may take hours.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @returns a session that throws StoreError: `denied` with what to change, `unavailable` when it may be tried again
 */
export declare function assumeRole(role: Role, { environment, ...sts }: Access): RoleSession<Credentials>;
interface Access {
    readonly region: string;
    readonly environment: Environment;
    readonly clock: Clock;
}
export {};
