export const id = 380;
export const ids = [
    380
];
export const modules = {
    4659: (__unused_webpack_module, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            G: ()=>fromWebToken
        });
        let fromWebToken = (init)=>async (awsIdentityProperties)=>{
                init.logger?.debug("@aws-sdk/credential-provider-web-identity - fromWebToken");
                let { roleArn, roleSessionName, webIdentityToken, providerId, policyArns, policy, durationSeconds } = init;
                let { roleAssumerWithWebIdentity } = init;
                if (!roleAssumerWithWebIdentity) {
                    let { getDefaultRoleAssumerWithWebIdentity } = await __webpack_require__.e(66).then(__webpack_require__.bind(__webpack_require__, 5066));
                    roleAssumerWithWebIdentity = getDefaultRoleAssumerWithWebIdentity({
                        ...init.clientConfig,
                        credentialProviderLogger: init.logger,
                        parentClientConfig: {
                            ...awsIdentityProperties?.callerClientConfig,
                            ...init.parentClientConfig
                        }
                    }, init.clientPlugins);
                }
                return roleAssumerWithWebIdentity({
                    RoleArn: roleArn,
                    RoleSessionName: roleSessionName ?? `aws-sdk-js-session-${Date.now()}`,
                    WebIdentityToken: webIdentityToken,
                    ProviderId: providerId,
                    PolicyArns: policyArns,
                    Policy: policy,
                    DurationSeconds: durationSeconds
                });
            };
    },
    9380: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            assumeRole: ()=>assumeRole
        });
        var fromWebToken = __webpack_require__(4659);
        var http_date = __webpack_require__(7862);
        var proxy = __webpack_require__(5309);
        var sanitise = __webpack_require__(9507);
        var usage_error = __webpack_require__(6485);
        var external_node_http_ = __webpack_require__(7067);
        var external_node_https_ = __webpack_require__(4708);
        var store = __webpack_require__(7208);
        let ANSWER_MS = 10_000;
        let LONGEST_ANSWER = 65536;
        async function identityToken(audience, environment) {
            let { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = environment;
            if (!url || !secret || !URL.canParse(url)) throw new store.AD('denied', 'role-to-assume: this job may not ask for an identity token. Add to the job (or the workflow): permissions: { id-token: write, contents: read }. A pull request from a fork is never given one: let that job run without the lock (enabled).');
            let target = new URL(url);
            target.searchParams.set('audience', audience);
            let { status, body } = await get(target, secret);
            let token = 200 === status ? valueIn(body) : void 0;
            if (void 0 !== token) return token;
            let [kind, advice] = 401 === status || 403 === status ? [
                'denied',
                'It is asked for with a token of the job, which ends with the job.'
            ] : [
                'unavailable',
                'It may be tried again.'
            ];
            throw new store.AD(kind, `role-to-assume: GitHub gave no identity token (status ${status} from ${target.host}). ${advice}`);
        }
        function claimsOf(token) {
            try {
                let claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
                let { iss, sub, aud } = Object(claims);
                return `iss ${(0, sanitise.hD)(String(iss))}, sub ${(0, sanitise.hD)(String(sub))}, aud ${(0, sanitise.hD)(String(aud))}`;
            } catch  {
                return 'claims that can not be read';
            }
        }
        async function get(target, secret) {
            let { httpAgent, httpsAgent } = await (0, proxy.H)(target);
            let send = 'https:' === target.protocol ? external_node_https_.request : external_node_http_.request;
            let signal = AbortSignal.timeout(ANSWER_MS);
            let headers = {
                accept: 'application/json',
                authorization: `Bearer ${secret}`,
                'user-agent': 'leasehold'
            };
            try {
                let response = await new Promise((resolve, reject)=>{
                    signal.addEventListener('abort', ()=>reject(signal.reason), {
                        once: true
                    });
                    let sent = send(target, {
                        agent: httpsAgent ?? httpAgent ?? false,
                        headers,
                        signal
                    });
                    sent.on('response', resolve).on('error', reject).end();
                });
                let body = '';
                for await (let chunk of response.setEncoding('utf8')){
                    body += chunk;
                    if (body.length > LONGEST_ANSWER) throw new Error('the answer is too long');
                }
                return {
                    status: response.statusCode ?? 0,
                    body
                };
            } catch (cause) {
                let { code, message } = cause;
                let reason = (0, sanitise.tB)('string' == typeof code ? code : message);
                throw new store.AD('unavailable', `role-to-assume: GitHub's service for identity tokens at ${target.host} did not answer (${reason}). It may be tried again.`, {
                    cause
                });
            }
        }
        function valueIn(body) {
            try {
                let { value } = Object(JSON.parse(body));
                return 'string' == typeof value && '' !== value ? value : void 0;
            } catch  {
                return;
            }
        }
        var clock = __webpack_require__(4743);
        let AHEAD_MS = 300000;
        let LEAST_MS = 1_000;
        let TRIES = 10;
        class RoleSession {
            #assume;
            #clock;
            #current;
            #renewing;
            #nextTryMs = -1 / 0;
            constructor(assume, clock){
                this.#assume = assume;
                this.#clock = clock;
            }
            async credentials() {
                let current = this.#current;
                let leftMs = this.#leftMs();
                if (!current || leftMs <= LEAST_MS) return this.#renew();
                let aheadMs = Math.min(AHEAD_MS, current.lifetimeMs / 2);
                if (leftMs <= aheadMs && this.#clock.monotonicMs() >= this.#nextTryMs) {
                    this.#nextTryMs = this.#clock.monotonicMs() + aheadMs / TRIES;
                    this.#renew().catch(()=>{});
                }
                return current.credentials;
            }
            forget() {
                this.#current = void 0;
            }
            #leftMs() {
                if (!this.#current) return 0;
                let { since, lifetimeMs } = this.#current;
                let now = (0, clock.B9)(this.#clock);
                return lifetimeMs - Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
            }
            #renew() {
                this.#renewing ??= this.#assumeAnew().finally(()=>{
                    this.#renewing = void 0;
                });
                return this.#renewing;
            }
            async #assumeAnew() {
                let since = (0, clock.B9)(this.#clock);
                let assumed = await this.#assume();
                this.#current = {
                    ...assumed,
                    since
                };
                this.#nextTryMs = -1 / 0;
                return assumed.credentials;
            }
        }
        let CONNECT_MS = 5_000;
        let s3_role_ANSWER_MS = 10_000;
        function assumeRole(role, { environment, ...sts }) {
            return new RoleSession(async ()=>{
                let token = await identityToken(role.audience, environment);
                return askSts(role, token, {
                    environment,
                    ...sts
                });
            }, sts.clock);
        }
        async function askSts(role, token, { region, environment, clock }) {
            let { host, config } = await stsAt(region, environment);
            let dateMs;
            let provider = (0, fromWebToken.G)({
                roleArn: role.arn,
                roleSessionName: role.sessionName,
                webIdentityToken: token,
                clientConfig: config,
                clientPlugins: [
                    onHeaders(({ date })=>{
                        dateMs = (0, http_date.m)(date);
                    })
                ]
            });
            try {
                let credentials = await provider();
                let endMs = credentials.expiration?.getTime() ?? 1 / 0;
                return {
                    credentials,
                    lifetimeMs: endMs - (dateMs ?? clock.wallMs())
                };
            } catch (error) {
                throw refusal({
                    role,
                    token,
                    host
                }, error);
            }
        }
        async function stsAt(region, environment) {
            let endpoint = environment.AWS_ENDPOINT_URL_STS || environment.AWS_ENDPOINT_URL;
            if (endpoint && !URL.canParse(endpoint)) throw new usage_error.e('AWS_ENDPOINT_URL_STS (or AWS_ENDPOINT_URL) is not a URL.');
            let url = new URL(endpoint || `https://sts.${region}.amazonaws.com`);
            let config = {
                region,
                ...endpoint ? {
                    endpoint
                } : {},
                maxAttempts: 1,
                requestHandler: {
                    connectionTimeout: CONNECT_MS,
                    requestTimeout: s3_role_ANSWER_MS,
                    throwOnRequestTimeout: true,
                    ...await (0, proxy.H)(url)
                }
            };
            return {
                host: url.host,
                config
            };
        }
        function onHeaders(tell) {
            let step = (next)=>async (request)=>{
                    let result = await next(request);
                    tell(result.response.headers);
                    return result;
                };
            return {
                applyToStack: (stack)=>stack.add(step, {
                        step: 'deserialize',
                        priority: 'low',
                        name: 'leaseholdHeaders'
                    })
            };
        }
        function refusal(asked, thrown) {
            let { name, code, message, $metadata } = thrown;
            let status = $metadata?.httpStatusCode;
            let foreign = isForeign({
                name,
                code,
                message,
                status
            });
            let { kind, advice } = judge(asked, {
                name: name.replace(/Exception$/, ''),
                status,
                foreign
            });
            let clean = message.replaceAll(asked.token, '…');
            let said = foreign ? `status ${status ?? 200}` : [
                void 0 === status ? code : name,
                clean
            ].filter((part)=>part).join(': ');
            return new store.AD(kind, `role-to-assume: ${nameOf(asked.role)} could not be assumed (${(0, sanitise.tB)(said)}). ${advice}`, {
                cause: Object.assign(new Error(clean), {
                    name
                })
            });
        }
        function isForeign({ name, code, message, status }) {
            if (void 0 === status) return void 0 === code && /^Invalid response/.test(message);
            return 'Unknown' === name || /Deserialization error/.test(message);
        }
        function nameOf({ arn }) {
            let [, , , , account, ...rest] = arn.split(':');
            return `${(0, sanitise.tB)(rest.join(':').replace('/', ' '))}${account ? ` of account ${(0, sanitise.tB)(account)}` : ''}`;
        }
        function judge({ role, token, host }, { name, status, foreign }) {
            let denied = (advice)=>({
                    kind: 'denied',
                    advice
                });
            let misconfigured = (advice)=>({
                    kind: 'misconfigured',
                    advice
                });
            let what = foreign ? `${host} did not answer as STS does: if that stays, see AWS_ENDPOINT_URL_STS and HTTPS_PROXY. ` : void 0 === status ? `${host} gave no answer. ` : '';
            let later = {
                kind: 'unavailable',
                advice: `${what}It may be tried again.`
            };
            let passes = void 0 === status || 408 === status || 429 === status || status >= 500;
            if (passes || /Throttl/.test(name)) return later;
            if (foreign) return denied(what.trim());
            switch(name){
                case 'AccessDenied':
                    return denied(`Its trust policy must allow sts:AssumeRoleWithWebIdentity for this job's token, which has ${claimsOf(token)}.`);
                case 'InvalidIdentityToken':
                    return denied(`The account needs an identity provider for the issuer, with the audience ${(0, sanitise.hD)(role.audience)}; the token has ${claimsOf(token)}.`);
                case 'IDPRejectedClaim':
                    return denied(`The identity provider does not accept the token, which has ${claimsOf(token)}.`);
                case 'IDPCommunicationError':
                case 'ExpiredToken':
                    return later;
                case 'ValidationError':
                    return misconfigured('Check role-to-assume, which is the ARN of a role, and role-session-name.');
                case 'RegionDisabled':
                    return misconfigured('Activate STS in that region, or give another aws-region.');
            }
            return denied(`Check role-to-assume, audience and the role's trust policy; the token has ${claimsOf(token)}.`);
        }
    }
};
