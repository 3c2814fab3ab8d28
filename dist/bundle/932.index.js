export const id = 932;
export const ids = [
    932
];
export const modules = {
    7862: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            m: ()=>parseHttpDate
        });
        let IMF_FIXDATE_CHARACTERS = 29;
        function parseHttpDate(text = '') {
            let ms = Date.parse(text);
            let isDate = text.length === IMF_FIXDATE_CHARACTERS && !Number.isNaN(ms);
            return isDate && new Date(ms).toUTCString() === text ? ms : void 0;
        }
    },
    5309: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            H: ()=>proxyAgents
        });
        var proxy_from_env__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8182);
        var _usage_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6485);
        async function proxyAgents(target) {
            let proxy = (0, proxy_from_env__WEBPACK_IMPORTED_MODULE_0__.T)(target.href);
            if (!proxy) return {};
            if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol)) throw new _usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`the proxy for ${target.host} is not an http:// or https:// URL: check HTTP_PROXY and HTTPS_PROXY.`);
            if ('http:' === target.protocol) {
                let { HttpProxyAgent } = await Promise.resolve().then(__webpack_require__.t.bind(__webpack_require__, 1970, 19));
                return {
                    httpAgent: new HttpProxyAgent(proxy, {
                        keepAlive: true
                    })
                };
            }
            let { HttpsProxyAgent } = await Promise.resolve().then(__webpack_require__.t.bind(__webpack_require__, 3669, 19));
            return {
                httpsAgent: new HttpsProxyAgent(proxy, {
                    keepAlive: true
                })
            };
        }
    },
    1932: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            S3Store: ()=>S3Store
        });
        var external_node_stream_ = __webpack_require__(7075);
        var S3Client = __webpack_require__(8507);
        var GetObjectCommand = __webpack_require__(40);
        var PutObjectCommand = __webpack_require__(5539);
        var ListObjectsV2Command = __webpack_require__(9693);
        var DeleteObjectCommand = __webpack_require__(715);
        var base_clock = __webpack_require__(4743);
        var http_date = __webpack_require__(7862);
        var proxy = __webpack_require__(5309);
        var sanitise = __webpack_require__(9507);
        var usage_error = __webpack_require__(6485);
        var external_node_crypto_ = __webpack_require__(7598);
        class EtagCheck {
            #etags = 'not-known';
            judge(answer, before) {
                let claimed = MD5.exec(answer.version)?.[1]?.toLowerCase();
                let actual = void 0 === claimed || isEncrypted(answer) ? void 0 : md5Of(answer.body);
                if (void 0 === actual) return 'together';
                if (actual === claimed) this.#etags = 'md5';
                else if ('md5' === this.#etags) return 'apart';
                else if (before?.version === answer.version && before.body.equals(answer.body)) this.#etags = 'opaque';
                else if ('not-known' === this.#etags) return 'unclear';
                return 'together';
            }
        }
        let MD5 = /^"?([\da-f]{32})"?$/i;
        function isEncrypted({ headers }) {
            return headers['x-amz-server-side-encryption']?.startsWith('aws:kms') === true || void 0 !== headers['x-amz-server-side-encryption-customer-algorithm'];
        }
        function md5Of(body) {
            try {
                return (0, external_node_crypto_.createHash)('md5').update(body).digest('hex');
            } catch  {
                return;
            }
        }
        let FORM = 's3://bucket/prefix?region=…&endpoint=…&force-path-style=true';
        let QUERY_KEYS = [
            'region',
            'endpoint',
            'force-path-style'
        ];
        function parseS3Url(text, env) {
            let url = parse(text);
            let option = (name)=>url.searchParams.get(name) || void 0;
            let endpoint = endpointOf(option('endpoint'));
            let region = option('region') || env.AWS_REGION || env.AWS_DEFAULT_REGION || endpoint && 'us-east-1';
            return {
                bucket: bucketOf(url),
                prefix: prefixOf(url),
                ...region ? {
                    region: checkRegion(region)
                } : {},
                ...endpoint ? {
                    endpoint
                } : {},
                forcePathStyle: switchOf('force-path-style', option('force-path-style'))
            };
        }
        function parse(text) {
            if (!URL.canParse(text)) throw new usage_error.e(`store: this is not a URL of the form ${FORM}.`);
            let url = new URL(text);
            if (url.username || url.password) throw new usage_error.e('store: credentials do not belong in the URL. Give them in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).');
            if (url.port || url.hash) throw new usage_error.e(`store: a port or a # has no meaning here. Use ${FORM}.`);
            for (let key of url.searchParams.keys())if (!QUERY_KEYS.includes(key)) throw new usage_error.e(`store: ${JSON.stringify(key.slice(0, 40))} is not an option of an s3:// URL. Options: ${QUERY_KEYS.join(', ')}.`);
            return url;
        }
        function bucketOf({ hostname }) {
            if (!hostname) throw new usage_error.e(`store: the bucket is missing. Use ${FORM}.`);
            if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(hostname)) return hostname;
            throw new usage_error.e(`store: ${(0, sanitise.hD)(hostname.slice(0, 80))} is no name of a bucket: letters, digits, ".", "_" and "-". Use ${FORM}.`);
        }
        function checkRegion(region) {
            if (/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(region)) return region;
            throw new usage_error.e(`store: ${(0, sanitise.hD)(region.slice(0, 80))} is no region, such as eu-west-1: correct ?region=… in the URL, or AWS_REGION.`);
        }
        function prefixOf(url) {
            try {
                let path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
                return '' === path ? '' : `${path}/`;
            } catch  {
                throw new usage_error.e('store: the prefix has a % that begins no escape. Write %25 for a percent sign.');
            }
        }
        function endpointOf(text) {
            if (void 0 === text) return;
            let url = URL.canParse(text) ? new URL(text) : void 0;
            if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) throw new usage_error.e('store: endpoint must be an http:// or https:// URL without credentials in it.');
            return url;
        }
        function switchOf(name, value) {
            if (void 0 === value || 'false' === value) return false;
            if ('true' === value) return true;
            throw new usage_error.e(`store: ${name} is ${JSON.stringify(value.slice(0, 40))}. Use true or false.`);
        }
        var store = __webpack_require__(7208);
        let LIMITS = {
            connectMs: 5_000,
            answerMs: 15_000
        };
        let MOST_READS = 4;
        class S3Store {
            remoteClock;
            url;
            dialects = [
                'quoted',
                'bare'
            ];
            #client;
            #location;
            #session;
            #modified = new Map();
            #etags = new EtagCheck();
            #dialect = 'quoted';
            constructor(url, client, { location, session }){
                this.url = url;
                this.#client = client;
                this.#session = session;
                this.#location = location;
                this.remoteClock = void 0 !== location.endpoint;
            }
            static async open(url, access = {}) {
                let { region: given, role, clock, ...limits } = {
                    ...LIMITS,
                    clock: base_clock.ml,
                    ...access
                };
                let location = parseS3Url(url, given ? {
                    ...process.env,
                    AWS_REGION: given
                } : process.env);
                let { bucket, region, endpoint, forcePathStyle } = location;
                process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
                let session = role ? await sessionOf(role, region, clock) : void 0;
                let client = new S3Client.Y({
                    ...region ? {
                        region
                    } : {},
                    ...endpoint ? {
                        endpoint: endpoint.href
                    } : {},
                    ...session ? {
                        credentials: providerOf(session)
                    } : {},
                    forcePathStyle,
                    maxAttempts: 1,
                    requestChecksumCalculation: 'WHEN_REQUIRED',
                    responseChecksumValidation: 'WHEN_REQUIRED',
                    requestHandler: {
                        connectionTimeout: limits.connectMs,
                        requestTimeout: limits.answerMs,
                        throwOnRequestTimeout: true,
                        socketTimeout: limits.answerMs,
                        ...await (0, proxy.H)(endpoint ?? new URL(`https://${bucket}.s3.${region ?? 'us-east-1'}.amazonaws.com`))
                    }
                });
                await client.config.region().catch((cause)=>{
                    throw new usage_error.e('store: the region is not known. Add ?region=… to the URL, or set AWS_REGION.', {
                        cause
                    });
                });
                return new S3Store(url, client, {
                    location,
                    session
                });
            }
            speak(dialect) {
                let known = this.dialects.find((name)=>name === dialect);
                if (!known) throw new TypeError(`${(0, sanitise.hD)(dialect)} is not a dialect of S3: ${this.dialects.join(', ')}`);
                this.#dialect = known;
            }
            async read(key, { known, signal } = {}) {
                let call = {
                    action: 'read',
                    key,
                    signal
                };
                let torn;
                for(let reads = 0; reads < MOST_READS; reads += 1){
                    let answer = await this.#get(call, known);
                    if ('tagged' !== answer.kind) return answer;
                    if ('together' === this.#etags.judge(answer, torn)) {
                        let { body, version, headers } = answer;
                        return {
                            kind: 'found',
                            body: body.toString('utf8'),
                            version,
                            ...this.#age(key, version, headers)
                        };
                    }
                    torn = answer;
                }
                throw this.#torn(call, 'unavailable', TORN_READ);
            }
            async #get(call, known) {
                let condition = known ? {
                    IfNoneMatch: this.#spoken(known)
                } : {};
                let command = new GetObjectCommand.j({
                    ...this.#object(call.key),
                    ...condition
                });
                let exchange = await this.#exchange(call, command);
                if ('refused' === exchange.kind) {
                    if (304 === exchange.status && known) return {
                        kind: 'unchanged',
                        ...this.#age(call.key, known, exchange.headers)
                    };
                    if (isNoSuchKey(exchange)) return absent(exchange.headers);
                    throw this.#refusal(call, exchange);
                }
                let { output, headers } = exchange;
                let body = await this.#body(call, output.Body, output.ContentLength);
                let version = this.#version(call, output.ETag);
                if (version === known) return {
                    kind: 'unchanged',
                    ...this.#age(call.key, version, headers)
                };
                return {
                    kind: 'tagged',
                    body,
                    version,
                    headers
                };
            }
            async write(key, body, expected, { signal } = {}) {
                let call = {
                    action: 'write',
                    key,
                    signal
                };
                let condition = 'absent' === expected ? {
                    IfNoneMatch: '*'
                } : {
                    IfMatch: this.#spoken(expected)
                };
                let object = {
                    ...this.#object(key),
                    ContentType: 'application/json',
                    Body: body
                };
                let exchange = await this.#exchange(call, new PutObjectCommand.w({
                    ...object,
                    ...condition
                }));
                if ('done' === exchange.kind) {
                    let version = this.#version(call, exchange.output.ETag);
                    let bond = this.#etags.judge({
                        body: Buffer.from(body),
                        version,
                        headers: exchange.headers
                    });
                    if ('apart' === bond) throw this.#torn(call, 'indeterminate', OPEN.advice);
                    return {
                        kind: 'written',
                        version
                    };
                }
                if (412 === exchange.status) return {
                    kind: 'conflict'
                };
                if (isNoSuchKey(exchange) && 'absent' !== expected) return {
                    kind: 'conflict'
                };
                throw this.#refusal(call, exchange);
            }
            async list(prefix, { signal } = {}) {
                let call = {
                    action: 'list',
                    key: prefix,
                    signal
                };
                let keys = [];
                let token;
                do {
                    let page = {
                        Bucket: this.#location.bucket,
                        Prefix: this.#location.prefix + prefix
                    };
                    let command = new ListObjectsV2Command.u({
                        ...page,
                        ...token ? {
                            ContinuationToken: token
                        } : {}
                    });
                    let exchange = await this.#exchange(call, command);
                    if ('refused' === exchange.kind) throw this.#refusal(call, exchange);
                    for (let { Key: key = '' } of exchange.output.Contents ?? [])if (key.startsWith(page.Prefix)) keys.push(key.slice(this.#location.prefix.length));
                    token = exchange.output.NextContinuationToken;
                }while (token)
                return keys.sort();
            }
            async remove(key, { signal } = {}) {
                let call = {
                    action: 'remove',
                    key,
                    signal
                };
                let exchange = await this.#exchange(call, new DeleteObjectCommand.k(this.#object(key)));
                if ('refused' === exchange.kind && !isNoSuchKey(exchange)) throw this.#refusal(call, exchange);
                this.#modified.delete(key);
            }
            async removeVersion(key, expected, { signal } = {}) {
                let call = {
                    action: 'remove',
                    key,
                    signal
                };
                let condition = {
                    IfMatch: this.#spoken(expected)
                };
                let exchange = await this.#exchange(call, new DeleteObjectCommand.k({
                    ...this.#object(key),
                    ...condition
                }));
                if ('refused' === exchange.kind) {
                    if (412 === exchange.status || isNoSuchKey(exchange)) return 'conflict';
                    throw this.#refusal(call, exchange);
                }
                this.#modified.delete(key);
                return 'removed';
            }
            async #exchange(call, command) {
                (0, store.cv)(call.signal, this.url, call.key);
                let answer;
                let fault;
                let stage = 'unsent';
                command.middlewareStack.add((next)=>async (request)=>{
                        stage = 'sent';
                        try {
                            let result = await next(request);
                            let { statusCode: status, headers, body } = result.response;
                            answer = {
                                status,
                                headers,
                                isWhole: ()=>body.complete
                            };
                            if (void 0 === (0, http_date.m)(headers.date)) delete headers.date;
                            stage = 'answered';
                            return result;
                        } catch (error) {
                            fault = {
                                error
                            };
                            throw error;
                        }
                    }, {
                    step: 'deserialize',
                    priority: 'low',
                    name: 'leaseholdAnswer'
                });
                try {
                    let output = await orAborted(call.signal, this.#client.send(command, call.signal ? {
                        abortSignal: call.signal
                    } : {}));
                    if (answer && isSuccess(answer)) return {
                        kind: 'done',
                        output,
                        headers: answer.headers
                    };
                } catch (error) {
                    if (error instanceof store.AD || error instanceof usage_error.e) throw error;
                    if (answer && !isSuccess(answer) && answer.isWhole()) return {
                        kind: 'refused',
                        ...answer,
                        ...detailsOf(error)
                    };
                    let said = 'answered' === stage ? detailsOf(error).error : fault ? fault.error : error;
                    throw silence(this.#subject(call), {
                        call,
                        stage,
                        error: said
                    });
                }
                return {
                    kind: 'refused',
                    status: 0,
                    headers: {},
                    ...answer,
                    ...detailsOf(new Error(''))
                };
            }
            async #body(call, body, length = 0) {
                if (!(body instanceof external_node_stream_.Readable)) return Buffer.alloc(0);
                if (length > store._l) {
                    body.destroy();
                    throw this.#tooLong(call);
                }
                let chunks = [];
                let size = 0;
                try {
                    for await (let chunk of body){
                        chunks.push(chunk);
                        size += chunk.length;
                        if (size > store._l) break;
                    }
                } catch (error) {
                    throw silence(this.#subject(call), {
                        call,
                        stage: 'answered',
                        error
                    });
                }
                if (size > store._l) throw this.#tooLong(call);
                return Buffer.concat(chunks);
            }
            #tooLong(call) {
                let advice = 'so it is no record. Look at it and move it away, or use another prefix.';
                return new store.AD('corrupt', `${this.#subject(call)}: it has more than ${store._l} bytes, ${advice}`);
            }
            #torn(call, kind, advice) {
                let what = 'body and ETag do not belong together, as if they were of two different writes';
                return new store.AD(kind, `${this.#subject(call)}: ${what}. ${advice}`);
            }
            #object(key) {
                return {
                    Bucket: this.#location.bucket,
                    Key: this.#location.prefix + key
                };
            }
            #spoken(version) {
                switch(this.#dialect){
                    case 'quoted':
                        return version;
                    case 'bare':
                        return version.replace(/^"|"$/g, '');
                }
            }
            #version(call, etag) {
                if (etag && USABLE_ETAG.test(etag)) return etag;
                throw new store.AD('misconfigured', `${this.#subject(call)}: the answer has no ETag${etag ? ` that can be used, but ${(0, sanitise.hD)(etag)}` : ''}, and without one nothing can be locked. Is something between here and the service that ${etag ? 'changes' : 'removes'} it?`);
            }
            #age(key, version, headers) {
                let dateMs = (0, http_date.m)(headers.date);
                let seen = this.#modified.get(key);
                let modifiedMs = (0, http_date.m)(headers['last-modified']) ?? (seen?.version === version ? seen.modifiedMs : void 0);
                if (void 0 !== modifiedMs) this.#modified.set(key, {
                    version,
                    modifiedMs
                });
                return void 0 === dateMs || void 0 === modifiedMs ? {} : {
                    ageMs: Math.max(0, dateMs - modifiedMs)
                };
            }
            #refusal(call, refused) {
                let { kind, advice } = this.#outlived(refused) ?? judge(call, refused);
                let { status, code, message, error } = refused;
                let answered = `answered ${status}${code ? ` ${(0, sanitise.tB)(code)}` : ''}${message ? ` (${(0, sanitise.tB)(message)})` : ''}`;
                return new store.AD(kind, `${this.#subject(call)}: the service ${answered}. ${advice}`, {
                    cause: error
                });
            }
            #outlived({ code }) {
                let expired = EXPIRED.includes(code);
                if (!this.#session || !(expired || UNKNOWN.includes(code))) return;
                this.#session.forget();
                if (expired) return {
                    kind: 'unavailable',
                    advice: 'New ones are asked for at the next try.'
                };
                let advice = 'The service does not accept the credentials of the role. Did another one give them? Check AWS_ENDPOINT_URL_STS.';
                return {
                    kind: 'denied',
                    advice
                };
            }
            #subject({ action, key }) {
                let { bucket, prefix, endpoint } = this.#location;
                let place = `s3://${bucket}/${prefix}${endpoint ? ` at ${endpoint.host}` : ''}`;
                return `could not ${action} ${(0, sanitise.hD)(key)} in ${(0, sanitise.tB)(place)}`;
            }
        }
        async function sessionOf(role, region, clock) {
            if (!region) throw new usage_error.e('aws-region: is missing, and the URL of the store names no region either. role-to-assume needs one of them.');
            let { assumeRole } = await __webpack_require__.e(380).then(__webpack_require__.bind(__webpack_require__, 9380));
            return assumeRole(role, {
                region,
                environment: process.env,
                clock
            });
        }
        function providerOf(session) {
            return Object.assign(()=>session.credentials(), {
                memoized: true
            });
        }
        async function orAborted(signal, work) {
            if (!signal) return work;
            let stop = ()=>{};
            let aborted = new Promise((_, reject)=>{
                stop = ()=>reject(signal.reason);
                signal.addEventListener('abort', stop, {
                    once: true
                });
            });
            try {
                return await Promise.race([
                    work,
                    aborted
                ]);
            } finally{
                signal.removeEventListener('abort', stop);
            }
        }
        let USABLE_ETAG = /^(?:W\/)?(?:"[^"*,\s]+"|[^"*,\s]+)$/;
        function isSuccess({ status }) {
            return status >= 200 && status < 300;
        }
        function isNoSuchKey({ status, code }) {
            return 404 === status && 'NoSuchKey' === code;
        }
        function absent(headers) {
            let storeTimeMs = (0, http_date.m)(headers.date);
            return {
                kind: 'absent',
                ...void 0 === storeTimeMs ? {} : {
                    storeTimeMs
                }
            };
        }
        function detailsOf(thrown) {
            let fields = thrown;
            let text = (field)=>'string' == typeof fields[field] ? fields[field] : '';
            let [name, message = ''] = [
                text('name'),
                text('message').split('\n')[0]
            ];
            let named = 'Unknown' !== name && 'Error' !== name ? name : '';
            let said = 'UnknownError' !== message && message !== named ? message : '';
            return {
                code: named,
                message: said,
                region: text('Region'),
                error: Object.assign(new Error(said), {
                    name: named || 'Error'
                })
            };
        }
        function judge(call, refused) {
            return judgeCredentials(call, refused) ?? judgePlace(call, refused) ?? judgeMoment(call, refused);
        }
        let EXPIRED = [
            'ExpiredToken',
            'ExpiredTokenException',
            'TokenRefreshRequired'
        ];
        let UNKNOWN = [
            'InvalidAccessKeyId',
            'SignatureDoesNotMatch',
            'InvalidToken',
            'InvalidClientTokenId'
        ];
        let PERMISSIONS = {
            read: 's3:GetObject and s3:ListBucket (without it, S3 answers 403 for a key that does not exist)',
            write: 's3:PutObject',
            list: 's3:ListBucket',
            remove: 's3:DeleteObject'
        };
        function judgeCredentials({ action }, { status, code, headers }) {
            let denied = (advice)=>({
                    kind: 'denied',
                    advice
                });
            if ('RequestTimeTooSkewed' === code) {
                let advice = "This machine's clock is wrong by more than the service allows: synchronise it (NTP).";
                return headers.date ? {
                    kind: 'unavailable',
                    advice
                } : denied(advice);
            }
            if (EXPIRED.includes(code)) return denied('The credentials have expired: get new ones, or let the role session last longer.');
            if (407 === status) return denied('The proxy wants credentials: put them into HTTPS_PROXY or HTTP_PROXY.');
            if (401 === status || UNKNOWN.includes(code)) {
                let variables = 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN';
                return denied(`The service does not accept these credentials: check ${variables}, or the profile.`);
            }
            if (403 === status) return denied(`Allow these credentials ${PERMISSIONS[action]} on this bucket and prefix.`);
        }
        let ELSEWHERE = [
            'PermanentRedirect',
            'TemporaryRedirect',
            'AuthorizationHeaderMalformed',
            'IllegalLocationConstraintException'
        ];
        function judgePlace({ action }, { status, code, headers, region }) {
            let misconfigured = (advice)=>({
                    kind: 'misconfigured',
                    advice
                });
            if (status >= 300 && status < 400 || ELSEWHERE.includes(code)) {
                let right = (0, sanitise.tB)(headers['x-amz-bucket-region'] ?? region);
                if (right) return misconfigured(`The bucket is in the region ${right}: add ?region=${right} to the URL.`);
                return misconfigured('The bucket is in another region, or at another endpoint: check both in the URL.');
            }
            if ('NoSuchBucket' === code) return misconfigured('Create the bucket, or correct its name in the URL.');
            if (405 === status || 501 === status) {
                let what = 'write' === action ? 'conditional writes, so nothing can be locked on it' : 'this';
                return misconfigured(`The service does not support ${what}: use another one.`);
            }
        }
        function judgeMoment({ action }, { status, code }) {
            let busy = [
                408,
                409,
                429
            ].includes(status) || 'RequestTimeout' === code || code.startsWith('SlowDown');
            if (busy) return {
                kind: 'unavailable',
                advice: 'It did not apply; it may be tried again.'
            };
            if (status < 500) return {
                kind: 'misconfigured',
                advice: 'Trying again would not help: check the URL of the store.'
            };
            return 'write' === action ? OPEN : {
                kind: 'unavailable',
                advice: 'It may be tried again.'
            };
        }
        let OPEN = {
            kind: 'indeterminate',
            advice: 'Nobody knows yet whether the write applied; reading the key will tell.'
        };
        let TORN_READ = 'It may be tried again. If it stays so, something between here and the service caches or changes one of the two.';
        let UNTRUSTED = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/;
        function silence(subject, failure) {
            let { signal } = failure.call;
            let { message, code } = failure.error;
            let reason = signal?.aborted ? String(signal.reason?.message ?? 'aborted') : message.split('\n')[0] || code || 'no answer';
            let { kind, advice } = judgeSilence(failure);
            return new store.AD(kind, `${subject}: ${(0, sanitise.tB)(reason)}. ${advice}`, {
                cause: failure.error
            });
        }
        function judgeSilence({ call, stage, error }) {
            let { name, code = '' } = error;
            let sent = 'unsent' !== stage;
            if ('answered' !== stage && UNTRUSTED.test(code)) {
                let advice = 'No trusted TLS connection: check the endpoint, or add its authority with NODE_EXTRA_CA_CERTS.';
                return {
                    kind: 'misconfigured',
                    advice
                };
            }
            if ('answered' !== stage && neverConnected(error)) return {
                kind: 'unavailable',
                advice: 'Nothing was sent. Check the endpoint and the network, or try again.'
            };
            if (sent && 'write' === call.action) return OPEN;
            if (sent || call.signal?.aborted) return {
                kind: 'unavailable',
                advice: 'It may be tried again.'
            };
            if ('EndpointError' === name) return {
                kind: 'misconfigured',
                advice: 'Check the bucket and the endpoint in the URL.'
            };
            let advice = 'Nothing was sent without credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or assume a role.';
            return {
                kind: 'denied',
                advice
            };
        }
        function neverConnected(error) {
            let { errors, syscall = '', name = '', message = '' } = error;
            if (errors && errors.length > 0) return errors.every(neverConnected);
            return 'connect' === syscall || 'getaddrinfo' === syscall || 'TimeoutError' === name && message.includes('did not establish a connection');
        }
    }
};
