// @ts-check
/**
 * MinIO: S3 and a real STS in one process, which checks signature, audience and expiry of a job's identity token and gives
 * credentials that end with it. Written in Go: the first start installs it below `node_modules/.cache`, which takes
 * minutes. In front of it stands the recording proxy of s3-server.mjs; what goes to STS are its `POST /`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, startRecordingProxy } from './s3-server.mjs';

const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const ROOT_USER = 'leasehold-root';
const ROOT_PASSWORD = 'leasehold-root-password';
const START_WITHIN_MS = 60_000;

/** Why MinIO can't run on this machine; `undefined` when it can. Installs it. */
export async function whyNoMinio() {
  try {
    await installed();
    return undefined;
  } catch (error) {
    const { code, stderr, message } = /** @type {NodeJS.ErrnoException & { stderr?: string }} */ (error);
    return code === 'ENOENT' ? 'MinIO needs Go' : `MinIO can't be installed: ${stderr || message}`;
  }
}

async function installed() {
  const directory = fileURLToPath(new URL(`../../node_modules/.cache/minio-${VERSION}`, import.meta.url));
  const executable = join(directory, 'minio');
  if (!existsSync(executable)) {
    const env = { ...process.env, GOBIN: directory };
    await promisify(execFile)('go', ['install', `github.com/minio/minio@${VERSION}`], { env });
  }
  return executable;
}

/**
 * Credentials of the role that may do no more than `policy`: what a session policy does.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 * @param {{ endpoint: string, roleArn: string }} minio
 * @param {{ token: string, policy: object }} session
 * @returns {Promise<{ AWS_ACCESS_KEY_ID: string, AWS_SECRET_ACCESS_KEY: string, AWS_SESSION_TOKEN: string }>}
 */
export async function restrictedCredentials({ endpoint, roleArn }, { token, policy }) {
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleArn: roleArn },
      ...{ RoleSessionName: 'restricted', WebIdentityToken: token, Policy: JSON.stringify(policy) },
    }),
  });
  const text = await response.text();
  /** @param {string} name */
  const field = (name) => {
    const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1];
    if (!value) throw new Error(`MinIO gives no ${name}: ${text}`);
    return value;
  };
  return {
    AWS_ACCESS_KEY_ID: field('AccessKeyId'),
    AWS_SECRET_ACCESS_KEY: field('SecretAccessKey'),
    AWS_SESSION_TOKEN: field('SessionToken'),
  };
}

/** @param {import('./s3-server.mjs').RecordedRequest} request */
export function isForSts({ method, path }) {
  return method === 'POST' && path === '/';
}

/**
 * A bucket, and a role that may do everything in it and is assumed by tokens of `issuer` for `audience`.
 * @param {{ issuer: string, audience?: string, bucket?: string }} options
 */
export async function startMinio({ issuer, audience = 'sts.amazonaws.com', bucket = 'locks' }) {
  const executable = await installed();
  const directory = await mkdtemp(join(tmpdir(), 'leasehold-minio-'));
  // A folder of the root is a bucket.
  await mkdir(join(directory, bucket));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(executable, ['server', '--address', address, directory], {
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      MINIO_ROOT_USER: ROOT_USER,
      MINIO_ROOT_PASSWORD: ROOT_PASSWORD,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
      MINIO_IDENTITY_OPENID_CONFIG_URL: `${issuer}/.well-known/openid-configuration`,
      MINIO_IDENTITY_OPENID_CLIENT_ID: audience,
      MINIO_IDENTITY_OPENID_ROLE_POLICY: 'readwrite',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const roleArn = await roleOf(child);
    await untilUp(`http://${address}/minio/health/live`);
    const proxy = await startRecordingProxy(new URL(`http://${address}`), { clock: false });
    const query = new URLSearchParams({ endpoint: proxy.origin, 'force-path-style': 'true' });
    return {
      url: `s3://${bucket}/ci?${query}`,
      /** Where its STS is. */
      endpoint: proxy.origin,
      roleArn,
      accessKeyId: ROOT_USER,
      secretAccessKey: ROOT_PASSWORD,
      /** What reached the server since the start or the last `reset`. */
      requests: () => [...proxy.recorded],
      /** @param {import('./s3-server.mjs').OnRequest} [hook] decides about each request from now on; none: everything is passed on */
      inject(hook) {
        proxy.onRequest = hook;
      },
      reset() {
        proxy.recorded.length = 0;
        proxy.onRequest = undefined;
      },
      async close() {
        await proxy.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The ARN that it prints when it starts.
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child
 * @returns {Promise<string>}
 */
function roleOf(child) {
  let said = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`MinIO names no role: ${said}`)), START_WITHIN_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said = `${said}${chunk}`.slice(-4_000);
        const arn = /arn:minio:iam:::role\/[\w-]+(?=\s)/.exec(said)?.[0];
        if (!arn) return;
        clearTimeout(timer);
        resolve(arn);
      });
    }
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`MinIO ended with exit code ${code} before it listened: ${said}`));
    });
  });
}

/** @param {string} url */
async function untilUp(url) {
  const endMs = Date.now() + START_WITHIN_MS;
  for (;;) {
    const up = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return;
    if (Date.now() > endMs) throw new Error('MinIO does not come up.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
