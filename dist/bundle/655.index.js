export const id = 655;
export const ids = [655];
export const modules = {

/***/ 655:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  S3Store: () => (/* binding */ S3Store)
});

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-s3/dist-cjs/index.js
var dist_cjs = __webpack_require__(3711);
;// CONCATENATED MODULE: ./lib/base/http-date.js
/**
 * Milliseconds since the epoch of a date in an HTTP header (RFC 9110, section 5.6.7; whole seconds), `undefined` when there
 * is none or it can't be read.
 */
function parseHttpDate(text) {
    const ms = Date.parse(text ?? '');
    return Number.isNaN(ms) ? undefined : ms;
}

// EXTERNAL MODULE: ./lib/base/sanitise.js
var sanitise = __webpack_require__(9507);
// EXTERNAL MODULE: ./lib/base/usage-error.js
var usage_error = __webpack_require__(6485);
;// CONCATENATED MODULE: ./lib/store/s3-location.js

const FORM = 's3://bucket/prefix?region=…&endpoint=…&force-path-style=true';
const QUERY_KEYS = ['region', 'endpoint', 'force-path-style'];
/**
 * Takes `s3://bucket/prefix?region=…&endpoint=…&force-path-style=true` apart. The region falls back to `AWS_REGION`,
 * `AWS_DEFAULT_REGION` and, with an endpoint of its own, `us-east-1`, which compatible services accept.
 * @throws UsageError when it is anything else
 */
function parseS3Url(text, env) {
    const url = parse(text);
    const option = (name) => url.searchParams.get(name) || undefined;
    const endpoint = endpointOf(option('endpoint'));
    const region = option('region') ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? (endpoint && 'us-east-1');
    return {
        bucket: url.hostname,
        prefix: prefixOf(url),
        ...(region ? { region } : {}),
        ...(endpoint ? { endpoint } : {}),
        forcePathStyle: switchOf('force-path-style', option('force-path-style')),
    };
}
/** The messages never repeat the whole URL: somebody may have put a secret into it. */
function parse(text) {
    if (!URL.canParse(text))
        throw new usage_error/* UsageError */.e(`store: this is not a URL of the form ${FORM}.`);
    const url = new URL(text);
    if (url.username || url.password) {
        throw new usage_error/* UsageError */.e('store: credentials do not belong in the URL. Give them in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).');
    }
    if (!url.hostname)
        throw new usage_error/* UsageError */.e(`store: the bucket is missing. Use ${FORM}.`);
    if (url.port || url.hash)
        throw new usage_error/* UsageError */.e(`store: a port or a # has no meaning here. Use ${FORM}.`);
    for (const key of url.searchParams.keys()) {
        if (QUERY_KEYS.includes(key))
            continue;
        throw new usage_error/* UsageError */.e(`store: ${JSON.stringify(key.slice(0, 40))} is not an option of an s3:// URL. Options: ${QUERY_KEYS.join(', ')}.`);
    }
    return url;
}
function prefixOf(url) {
    try {
        const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
        return path === '' ? '' : `${path}/`;
    }
    catch {
        throw new usage_error/* UsageError */.e('store: the prefix has a % that begins no escape. Write %25 for a percent sign.');
    }
}
function endpointOf(text) {
    if (text === undefined)
        return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
        throw new usage_error/* UsageError */.e('store: endpoint must be an http:// or https:// URL without credentials in it.');
    }
    return url;
}
function switchOf(name, value) {
    if (value === undefined || value === 'false')
        return false;
    if (value === 'true')
        return true;
    throw new usage_error/* UsageError */.e(`store: ${name} is ${JSON.stringify(value.slice(0, 40))}. Use true or false.`);
}

// EXTERNAL MODULE: ./node_modules/proxy-from-env/index.js
var proxy_from_env = __webpack_require__(8182);
;// CONCATENATED MODULE: ./lib/store/s3-proxy.js


/**
 * The agents that reach `target` through the proxy which HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY (in either case)
 * name for it; none when they name no proxy. The SDK does not look at these variables, and Node only from 24.5 on.
 * @throws UsageError when the proxy is not an http:// or https:// URL
 */
async function proxyAgents(target) {
    const proxy = (0,proxy_from_env/* getProxyForUrl */.T)(target.href);
    if (!proxy)
        return {};
    if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol)) {
        // Not repeated: it may have a password in it.
        throw new usage_error/* UsageError */.e(`the proxy for ${target.host} is not an http:// or https:// URL: check HTTP_PROXY and HTTPS_PROXY.`);
    }
    if (target.protocol === 'http:') {
        const { HttpProxyAgent } = await Promise.resolve(/* import() eager */).then(__webpack_require__.t.bind(__webpack_require__, 1970, 19));
        return { httpAgent: new HttpProxyAgent(proxy, { keepAlive: true }) };
    }
    const { HttpsProxyAgent } = await Promise.resolve(/* import() eager */).then(__webpack_require__.t.bind(__webpack_require__, 3669, 19));
    return { httpsAgent: new HttpsProxyAgent(proxy, { keepAlive: true }) };
}

// EXTERNAL MODULE: ./lib/store/store.js
var store = __webpack_require__(7208);
;// CONCATENATED MODULE: ./lib/store/s3.js








const LIMITS = { connectMs: 5_000, answerMs: 15_000 };
/**
 * Amazon S3 and services that speak like it. Versions are ETags, writes are conditional PutObjects, and the store's clock
 * is the `Date` header of each answer (whole seconds).
 *
 * An ETag is the MD5 of the body, so a body must never come twice under one key: the lease's nonce sees to that.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
class S3Store {
    url;
    dialects = ['quoted', 'bare'];
    #client;
    #location;
    /** When the version last seen of each key was written: a 304 need not repeat Last-Modified (RFC 9110, 15.4.5). */
    #modified = new Map();
    #dialect = 'quoted';
    constructor(url, client, location) {
        this.url = url;
        this.#client = client;
        this.#location = location;
    }
    /**
     * Nothing is sent yet. Credentials come from the SDK's default chain when the first request needs them.
     * @param url `s3://bucket/prefix?region=…&endpoint=…&force-path-style=true`
     * @throws UsageError when the URL is not understood, or no region is known
     */
    static async open(url, limits = LIMITS) {
        const location = parseS3Url(url, process.env);
        const { bucket, region, endpoint, forcePathStyle } = location;
        // It warns of what later versions of the SDK will need; which one is bundled is our business, not the user's.
        process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
        const client = new dist_cjs/* S3Client */.YxF({
            ...(region ? { region } : {}),
            ...(endpoint ? { endpoint: endpoint.href } : {}),
            forcePathStyle,
            // A retry of a write that did apply answers 412: the caller would be locked out by its own lease.
            maxAttempts: 1,
            // Compatible services refuse the checksums that the SDK adds otherwise.
            requestChecksumCalculation: 'WHEN_REQUIRED',
            responseChecksumValidation: 'WHEN_REQUIRED',
            requestHandler: {
                connectionTimeout: limits.connectMs,
                requestTimeout: limits.answerMs,
                throwOnRequestTimeout: true,
                socketTimeout: limits.answerMs,
                ...(await proxyAgents(endpoint ?? new URL(`https://${bucket}.s3.${region ?? 'us-east-1'}.amazonaws.com`))),
            },
        });
        await client.config.region().catch((cause) => {
            throw new usage_error/* UsageError */.e('store: the region is not known. Add ?region=… to the URL, or set AWS_REGION.', {
                cause,
            });
        });
        return new S3Store(url, client, location);
    }
    speak(dialect) {
        const known = this.dialects.find((name) => name === dialect);
        if (!known)
            throw new TypeError(`${(0,sanitise/* quote */.hD)(dialect)} is not a dialect of S3: ${this.dialects.join(', ')}`);
        this.#dialect = known;
    }
    async read(key, { known, signal } = {}) {
        const call = { action: 'read', key, signal };
        const condition = known ? { IfNoneMatch: this.#spoken(known) } : {};
        const exchange = await this.#exchange(call, new dist_cjs/* GetObjectCommand */.jLs({ ...this.#object(key), ...condition }));
        if (exchange.kind === 'refused') {
            if (exchange.status === 304 && known)
                return { kind: 'unchanged', ...this.#age(key, known, exchange.headers) };
            if (exchange.status === 404 && exchange.code === 'NoSuchKey')
                return absent(exchange.headers);
            throw this.#refusal(call, exchange);
        }
        const body = await this.#body(call, exchange.output.Body, exchange.output.ContentLength);
        const version = this.#version(call, exchange.output.ETag);
        const age = this.#age(key, version, exchange.headers);
        return version === known ? { kind: 'unchanged', ...age } : { kind: 'found', body, version, ...age };
    }
    async write(key, body, expected, { signal } = {}) {
        const call = { action: 'write', key, signal };
        const condition = expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: this.#spoken(expected) };
        const object = { ...this.#object(key), ContentType: 'application/json', Body: body };
        const exchange = await this.#exchange(call, new dist_cjs/* PutObjectCommand */.wKZ({ ...object, ...condition }));
        if (exchange.kind === 'done')
            return { kind: 'written', version: this.#version(call, exchange.output.ETag) };
        if (exchange.status === 412)
            return { kind: 'conflict' };
        // S3 answers 404 instead of 412 when the key that should match is gone.
        if (exchange.code === 'NoSuchKey' && expected !== 'absent')
            return { kind: 'conflict' };
        throw this.#refusal(call, exchange);
    }
    async list(prefix, { signal } = {}) {
        const call = { action: 'list', key: prefix, signal };
        const keys = [];
        let token;
        do {
            const page = { Bucket: this.#location.bucket, Prefix: this.#location.prefix + prefix };
            const command = new dist_cjs/* ListObjectsV2Command */.u6x({ ...page, ...(token ? { ContinuationToken: token } : {}) });
            const exchange = await this.#exchange(call, command);
            if (exchange.kind === 'refused')
                throw this.#refusal(call, exchange);
            for (const { Key: key = '' } of exchange.output.Contents ?? [])
                keys.push(key.slice(this.#location.prefix.length));
            token = exchange.output.NextContinuationToken;
        } while (token);
        return keys.sort();
    }
    async remove(key, { signal } = {}) {
        const call = { action: 'remove', key, signal };
        const exchange = await this.#exchange(call, new dist_cjs/* DeleteObjectCommand */.k4j(this.#object(key)));
        if (exchange.kind === 'refused' && exchange.code !== 'NoSuchKey')
            throw this.#refusal(call, exchange);
        this.#modified.delete(key);
    }
    /**
     * One attempt. An answer of any status comes back as a value, with its headers, for the SDK's own errors lack them.
     * @throws StoreError when there was no answer
     */
    async #exchange(call, command) {
        (0,store/* refuseAborted */.cv)(call.signal, this.url, call.key);
        let answer;
        let fault;
        // The innermost step: the request is signed before it, the answer is read after it, and no layer of the SDK has wrapped
        // the error of a connection yet.
        command.middlewareStack.add((next) => async (request) => {
            try {
                const result = await next(request);
                const { statusCode: status, headers } = result.response;
                answer = { status, headers };
                return result;
            }
            catch (error) {
                fault = { error };
                throw error;
            }
        }, { step: 'deserialize', priority: 'low', name: 'leaseholdAnswer' });
        try {
            const output = await this.#client.send(command, call.signal ? { abortSignal: call.signal } : {});
            return { kind: 'done', output, headers: answer?.headers ?? {} };
        }
        catch (error) {
            if (answer && answer.status >= 300)
                return { kind: 'refused', ...answer, ...detailsOf(error) };
            const sent = fault !== undefined || answer !== undefined;
            throw silence(this.#subject(call), { call, sent, error: fault ? fault.error : error });
        }
    }
    /** A longer body than a record's is refused: by its Content-Length before it is read, and without one while it is. */
    async #body(call, body, length = 0) {
        if (!(body instanceof external_node_stream_.Readable))
            return '';
        if (length > store/* LONGEST_BODY */._l) {
            body.destroy();
            throw this.#tooLong(call);
        }
        const chunks = [];
        let size = 0;
        try {
            for await (const chunk of body) {
                chunks.push(chunk);
                size += chunk.length;
                if (size > store/* LONGEST_BODY */._l)
                    break;
            }
        }
        catch (error) {
            throw silence(this.#subject(call), { call, sent: true, error });
        }
        if (size > store/* LONGEST_BODY */._l)
            throw this.#tooLong(call);
        return Buffer.concat(chunks).toString('utf8');
    }
    #tooLong(call) {
        const advice = 'so it is no record. Look at it and move it away, or use another prefix.';
        return new store/* StoreError */.AD('corrupt', `${this.#subject(call)}: it has more than ${store/* LONGEST_BODY */._l} bytes, ${advice}`);
    }
    #object(key) {
        return { Bucket: this.#location.bucket, Key: this.#location.prefix + key };
    }
    /** Ceph RGW never matches the quoted ETag that it gave, only the bare one; S3 and R2 want the quotes. */
    #spoken(version) {
        switch (this.#dialect) {
            case 'quoted':
                return version;
            case 'bare':
                return version.replace(/^"|"$/g, '');
        }
    }
    #version(call, etag) {
        if (etag)
            return etag;
        throw new store/* StoreError */.AD('misconfigured', `${this.#subject(call)}: the answer has no ETag, without which nothing can be locked. Is something between here and the service that removes it?`);
    }
    /** How old a version is by the store's own clock; nothing where the service sends no Date. */
    #age(key, version, headers) {
        const dateMs = parseHttpDate(headers.date);
        const seen = this.#modified.get(key);
        const modifiedMs = parseHttpDate(headers['last-modified']) ?? (seen?.version === version ? seen.modifiedMs : undefined);
        if (modifiedMs !== undefined)
            this.#modified.set(key, { version, modifiedMs });
        // Two of the service's machines may disagree by a little.
        return dateMs === undefined || modifiedMs === undefined
            ? {}
            : { ageMs: Math.max(0, dateMs - modifiedMs) };
    }
    #refusal(call, refused) {
        const { kind, advice } = judge(call, refused);
        const { status, code, message, error } = refused;
        const answered = `answered ${status}${code ? ` ${(0,sanitise/* sanitise */.tB)(code)}` : ''}${message ? ` (${(0,sanitise/* sanitise */.tB)(message)})` : ''}`;
        return new store/* StoreError */.AD(kind, `${this.#subject(call)}: the service ${answered}. ${advice}`, {
            cause: error,
        });
    }
    #subject({ action, key }) {
        const { bucket, prefix, endpoint } = this.#location;
        const place = `s3://${bucket}/${prefix}${endpoint ? ` at ${endpoint.host}` : ''}`;
        return `could not ${action} ${(0,sanitise/* quote */.hD)(key)} in ${(0,sanitise/* sanitise */.tB)(place)}`;
    }
}
function absent(headers) {
    const storeTimeMs = parseHttpDate(headers.date);
    return { kind: 'absent', ...(storeTimeMs === undefined ? {} : { storeTimeMs }) };
}
/*
 * Translation of errors. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
/**
 * What an SDK error says. As a cause it is stripped to name and message: the SDK copies every field of the answer onto it,
 * and S3 answers a wrong signature with the whole signed request, session token included.
 */
function detailsOf(thrown) {
    const { name, message, Region } = thrown;
    const named = name !== 'Unknown' && name !== 'Error' ? name : '';
    const said = message !== 'UnknownError' && message !== named ? message : '';
    return {
        code: named,
        message: said,
        region: Region,
        error: Object.assign(new Error(said), { name: named || 'Error' }),
    };
}
/** What an answer means that is no expected outcome. */
function judge(call, refused) {
    return judgeCredentials(call, refused) ?? judgePlace(call, refused) ?? judgeMoment(call, refused);
}
const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'];
const UNKNOWN = ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'InvalidClientTokenId'];
const PERMISSIONS = {
    // Without s3:ListBucket S3 does not say that a key is absent.
    read: 's3:GetObject and s3:ListBucket (without it, S3 answers 403 for a key that does not exist)',
    write: 's3:PutObject',
    list: 's3:ListBucket',
    remove: 's3:DeleteObject',
};
function judgeCredentials({ action }, { status, code, headers }) {
    const denied = (advice) => ({ kind: 'denied', advice });
    if (code === 'RequestTimeTooSkewed') {
        const advice = "This machine's clock is wrong by more than the service allows: synchronise it (NTP).";
        // The SDK has taken over the time of the answer, if it had one: the next request is signed with it.
        return headers.date ? { kind: 'unavailable', advice } : denied(advice);
    }
    if (EXPIRED.includes(code)) {
        return denied('The credentials have expired: get new ones, or let the role session last longer.');
    }
    if (status === 407)
        return denied('The proxy wants credentials: put them into HTTPS_PROXY or HTTP_PROXY.');
    if (status === 401 || UNKNOWN.includes(code)) {
        const variables = 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN';
        return denied(`The service does not accept these credentials: check ${variables}, or the profile.`);
    }
    if (status === 403)
        return denied(`Allow these credentials ${PERMISSIONS[action]} on this bucket and prefix.`);
    return undefined;
}
const ELSEWHERE = [
    'PermanentRedirect',
    'TemporaryRedirect',
    'AuthorizationHeaderMalformed',
    'IllegalLocationConstraintException',
];
function judgePlace({ action }, { status, code, headers, region }) {
    const misconfigured = (advice) => ({ kind: 'misconfigured', advice });
    if ((status >= 300 && status < 400) || ELSEWHERE.includes(code)) {
        const right = (0,sanitise/* sanitise */.tB)(headers['x-amz-bucket-region'] ?? region ?? '');
        if (right)
            return misconfigured(`The bucket is in the region ${right}: add ?region=${right} to the URL.`);
        return misconfigured('The bucket is in another region, or at another endpoint: check both in the URL.');
    }
    if (code === 'NoSuchBucket')
        return misconfigured('Create the bucket, or correct its name in the URL.');
    if (status === 405 || status === 501) {
        const what = action === 'write' ? 'conditional writes, so nothing can be locked on it' : 'this';
        return misconfigured(`The service does not support ${what}: use another one.`);
    }
    return undefined;
}
function judgeMoment({ action }, { status, code }) {
    // 409 ConditionalRequestConflict: another write was under way. Ours did not apply, but the version may still be the
    // expected one (the other may have failed), so this is no conflict. Sent again, the same condition gives the true answer.
    const busy = [408, 409, 429].includes(status) || code === 'RequestTimeout' || code.startsWith('SlowDown');
    if (busy)
        return { kind: 'unavailable', advice: 'It did not apply; it may be tried again.' };
    if (status < 500) {
        return { kind: 'misconfigured', advice: 'Trying again would not help: check the URL of the store.' };
    }
    // Any other 503 may come from a gateway that had passed the write on.
    return action === 'write' ? OPEN : { kind: 'unavailable', advice: 'It may be tried again.' };
}
const OPEN = {
    kind: 'indeterminate',
    advice: 'Nobody knows yet whether the write applied; reading the key will tell.',
};
const UNTRUSTED = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/;
/** There was no answer. What matters for a write is whether it may have been sent. */
function silence(subject, failure) {
    const { signal } = failure.call;
    const { message, code } = failure.error;
    const reason = signal?.aborted
        ? String(signal.reason?.message ?? 'aborted')
        : message || code || 'no answer';
    const { kind, advice } = judgeSilence(failure);
    return new store/* StoreError */.AD(kind, `${subject}: ${(0,sanitise/* sanitise */.tB)(reason)}. ${advice}`, { cause: failure.error });
}
function judgeSilence({ call, sent, error }) {
    const { name, code = '' } = error;
    if (UNTRUSTED.test(code)) {
        const advice = 'No trusted TLS connection: check the endpoint, or add its authority with NODE_EXTRA_CA_CERTS.';
        return { kind: 'misconfigured', advice };
    }
    if (neverConnected(error)) {
        return {
            kind: 'unavailable',
            advice: 'Nothing was sent. Check the endpoint and the network, or try again.',
        };
    }
    if (sent && call.action === 'write')
        return OPEN;
    if (sent || call.signal?.aborted)
        return { kind: 'unavailable', advice: 'It may be tried again.' };
    if (name === 'EndpointError') {
        return { kind: 'misconfigured', advice: 'Check the bucket and the endpoint in the URL.' };
    }
    const advice = 'Nothing was sent without credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or assume a role.';
    return { kind: 'denied', advice };
}
/** No connection came about, so nothing was sent. Several addresses of one host give an AggregateError. */
function neverConnected(error) {
    const { errors, syscall = '', name = '', message = '', } = error;
    if (errors && errors.length > 0)
        return errors.every(neverConnected);
    return (syscall === 'connect' ||
        syscall === 'getaddrinfo' ||
        // The SDK marks it with nothing but its words; a request that timed out later reads otherwise.
        (name === 'TimeoutError' && message.includes('did not establish a connection')));
}


/***/ })

};
