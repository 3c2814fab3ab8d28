export const id = 212;
export const ids = [
    212
];
export const modules = {
    7212: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            VfsProtocol: ()=>VfsProtocol,
            acquire: ()=>acquire,
            age: ()=>age,
            isStale: ()=>isStale,
            metadata: ()=>metadata,
            release: ()=>release,
            withLock: ()=>withLock
        });
        var external_node_os_ = __webpack_require__(8161);
        var external_node_path_ = __webpack_require__(6760);
        var external_node_url_ = __webpack_require__(3136);
        var base_clock = __webpack_require__(4743);
        var duration = __webpack_require__(8045);
        var random = __webpack_require__(5874);
        var sanitise = __webpack_require__(9507);
        var usage_error = __webpack_require__(6485);
        var store_open = __webpack_require__(4805);
        var keep = __webpack_require__(8336);
        var protocol = __webpack_require__(7057);
        var external_node_fs_ = __webpack_require__(3024);
        var base_process = __webpack_require__(8208);
        let INITIAL_PID_NAMESPACE = 'pid:[4026531836]';
        let HIGHEST_PID = 2 ** 22;
        function whereaboutsOf({ host, pid }, ofThisMachine) {
            if (!Number.isSafeInteger(pid) || pid <= 0 || pid > HIGHEST_PID) return {
                holder: 'unknown',
                detail: 'its record names no process'
            };
            let elsewhere = `its process ${pid} may run elsewhere`;
            if (host !== (0, external_node_os_.hostname)()) return {
                holder: 'unknown',
                detail: `${elsewhere}, on the host that it names`
            };
            if ((0, base_process._n)({
                pid
            })) return {
                holder: 'alive',
                detail: `its process ${pid} runs`
            };
            if (!ofThisMachine) return {
                holder: 'unknown',
                detail: `${elsewhere}: another machine may have this one's name`
            };
            if (!seesAllProcesses()) return {
                holder: 'unknown',
                detail: `${elsewhere}: processes of other containers can't be seen from here`
            };
            if (runsInContainer(pid)) return {
                holder: 'unknown',
                detail: `its process ${pid} may be one in a container, for there it runs`
            };
            return {
                holder: 'finished',
                detail: `its process ${pid} is gone`
            };
        }
        function seesAllProcesses() {
            try {
                (0, external_node_fs_.readFileSync)('/proc/1/status');
            } catch  {
                return false;
            }
            return (0, base_process.Aq)()?.pidNamespace === INITIAL_PID_NAMESPACE;
        }
        function runsInContainer(pid) {
            return (0, external_node_fs_.readdirSync)('/proc').filter((name)=>/^\d+$/.test(name)).some((name)=>nestedPidsOf(name).includes(String(pid)));
        }
        function nestedPidsOf(process1) {
            try {
                let [, pids = ''] = /^NSpid:\t(.*)$/m.exec((0, external_node_fs_.readFileSync)(`/proc/${process1}/status`, 'utf8')) ?? [];
                return pids.split('\t').slice(1);
            } catch  {
                return [];
            }
        }
        let NS_PER_MS = 1000000n;
        let NS_PER_S = 1000000000n;
        let ZERO_TIME_NS = -62135596800n * NS_PER_S;
        function encodeRecord(record, keys) {
            let { createdAtNs, ttlNs, hostname, pid, ownerId } = record;
            let time = `"${formatTime(createdAtNs)}"`;
            let owner = '' === ownerId ? [] : [
                vfs_record_text(ownerId)
            ];
            let spelt = (createdAt, ownerKey)=>[
                    [
                        createdAt,
                        time
                    ],
                    [
                        'ttl',
                        String(ttlNs)
                    ],
                    [
                        'hostname',
                        vfs_record_text(hostname)
                    ],
                    [
                        'pid',
                        String(pid)
                    ],
                    ...owner.map((value)=>[
                            ownerKey,
                            value
                        ])
                ];
            let old = [
                [
                    'created_at',
                    time
                ],
                ...owner.map((value)=>[
                        'owner_id',
                        value
                    ])
            ];
            let lines = ({
                new: spelt('createdAt', 'ownerId'),
                old: spelt('created_at', 'owner_id'),
                both: [
                    ...spelt('createdAt', 'ownerId'),
                    ...old
                ]
            })[keys].map(([key, value])=>`  "${key}": ${value}`);
            return Buffer.from(`{\n${lines.join(',\n')}\n}`, 'utf8').toString('latin1');
        }
        function vfs_record_text(value) {
            let parts = value.split(/\p{Cs}/u).map((part)=>JSON.stringify(part).slice(1, -1));
            return `"${parts.join('\\ufffd')}"`.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
        }
        function unicodeEscape(character) {
            return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
        }
        function formatTime(ns) {
            let fraction = (ns % NS_PER_S + NS_PER_S) % NS_PER_S;
            let seconds = (0, duration.r4)(Number((ns - fraction) / NS_PER_MS)).slice(0, -1);
            let digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
            return `${seconds}${'' === digits ? '' : `.${digits}`}Z`;
        }
        let TIME = /^(\d{4}-\d\d-\d\dT)(\d\d?)(:\d\d:\d\d)(?:[.,](\d+))?(?:Z|([+-])([01]\d|2[0-4]):([0-5]\d|60))$/;
        function parseTime(written) {
            let [, date = '', hour = '', rest = '', fraction = '', sign = '+', hours = '0', minutes = '0'] = TIME.exec(written) ?? [];
            let seconds = `${date}${hour.padStart(2, '0')}${rest}Z`;
            let ms = (0, duration.nV)(seconds);
            if (void 0 === ms || (0, duration.r4)(ms) !== seconds) return;
            let ahead = BigInt(`${sign}1`) * BigInt(3_600 * Number(hours) + 60 * Number(minutes)) * NS_PER_S;
            return BigInt(ms) * NS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, '0')) - ahead;
        }
        function decodeRecord(bytes) {
            let source = Buffer.from(bytes, 'latin1').toString('utf8');
            if (/^[ \t\r\n]*$/.test(source)) return {
                kind: 'unreadable',
                why: 'its record is empty'
            };
            try {
                let value = new Scanner(source).value(0);
                if ('object' !== value.kind && 'null' !== value.kind) throw new SyntaxError('it is no JSON object');
                return {
                    kind: 'record',
                    record: recordOf('object' === value.kind ? value.members : [])
                };
            } catch (error) {
                if (!(error instanceof SyntaxError)) throw error;
                return {
                    kind: 'unreadable',
                    why: `its record can't be read (${error.message})`
                };
            }
        }
        function recordOf(members) {
            let [createdAtNs, oldCreatedAtNs] = [];
            let [ownerId, oldOwnerId] = [];
            let [ttlNs, hostname, pid] = [
                0n,
                '',
                0
            ];
            for (let [key, value] of members)if ('null' !== value.kind) switch(folded(key)){
                case 'createdat':
                    createdAtNs = timeOf(key, value);
                    break;
                case 'created_at':
                    oldCreatedAtNs = timeOf(key, value);
                    break;
                case 'ttl':
                    ttlNs = integerOf(key, value);
                    break;
                case 'hostname':
                    hostname = textOf(key, value);
                    break;
                case 'pid':
                    pid = Number(integerOf(key, value));
                    break;
                case 'ownerid':
                    ownerId = textOf(key, value);
                    break;
                case 'owner_id':
                    oldOwnerId = textOf(key, value);
                    break;
            }
            return {
                createdAtNs: createdAtNs ?? oldCreatedAtNs ?? ZERO_TIME_NS,
                ttlNs,
                hostname,
                pid,
                ownerId: ownerId ?? oldOwnerId ?? ''
            };
        }
        function folded(key) {
            return key.replace(/\u017f/g, 's').toLowerCase();
        }
        function timeOf(key, value) {
            let ns = 'string' === value.kind ? parseTime(value.written.slice(1, -1)) : void 0;
            if (void 0 === ns) throw new SyntaxError(`${key} is no time of RFC 3339`);
            return ns;
        }
        let [LEAST, MOST] = [
            -(2n ** 63n),
            2n ** 63n - 1n
        ];
        function integerOf(key, value) {
            let written = 'number' === value.kind ? value.written : '';
            let integer = /^-?\d+$/.test(written) ? BigInt(written) : void 0;
            if (void 0 === integer || integer < LEAST || integer > MOST) throw new SyntaxError(`${key} is no whole number of 64 bits`);
            return integer;
        }
        function textOf(key, value) {
            if ('string' !== value.kind) throw new SyntaxError(`${key} is no text`);
            return String(JSON.parse(value.written)).replace(/\p{Cs}/gu, '\ufffd');
        }
        let BLANK = /[ \t\r\n]*/y;
        let NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
        let STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
        let UNENDED = /"(?:[^"\\]|\\.)*\\?$/y;
        let WORD = /true|false|null/y;
        let DEEPEST = 500;
        class Scanner {
            #source;
            #at = 0;
            constructor(source){
                this.#source = source;
            }
            value(depth) {
                if (depth > DEEPEST) throw new SyntaxError('it is nested too deeply');
                this.#match(BLANK);
                switch(this.#source[this.#at]){
                    case '{':
                        return {
                            kind: 'object',
                            members: this.#list('}', ()=>this.#member(depth))
                        };
                    case '[':
                        this.#list(']', ()=>this.value(depth + 1));
                        return {
                            kind: 'other'
                        };
                    case '"':
                        return {
                            kind: 'string',
                            written: this.#demand(STRING)
                        };
                    case 't':
                    case 'f':
                    case 'n':
                        return {
                            kind: 'null' === this.#demand(WORD) ? 'null' : 'other'
                        };
                    default:
                        return {
                            kind: 'number',
                            written: this.#demand(NUMBER)
                        };
                }
            }
            #member(depth) {
                this.#match(BLANK);
                let key = String(JSON.parse(this.#demand(STRING)));
                this.#match(BLANK);
                this.#expect(':');
                return [
                    key,
                    this.value(depth + 1)
                ];
            }
            #list(close, item) {
                let items = [];
                this.#at += 1;
                this.#match(BLANK);
                if (this.#source[this.#at] === close) {
                    this.#at += 1;
                    return items;
                }
                for(;;){
                    items.push(item());
                    this.#match(BLANK);
                    if (this.#source[this.#at] === close) break;
                    this.#expect(',');
                }
                this.#at += 1;
                return items;
            }
            #expect(character) {
                if (this.#source[this.#at] !== character) throw this.#broken();
                this.#at += 1;
            }
            #demand(pattern) {
                let found = this.#match(pattern);
                if ('' === found) throw this.#broken();
                return found;
            }
            #match(pattern) {
                pattern.lastIndex = this.#at;
                let [found = ''] = pattern.exec(this.#source) ?? [];
                this.#at += found.length;
                return found;
            }
            #broken() {
                if ('' !== this.#match(UNENDED) || this.#at >= this.#source.length) return new SyntaxError('it is cut off');
                return new SyntaxError(`no JSON at character ${this.#at + 1}`);
            }
        }
        var local_io = __webpack_require__(8039);
        var store = __webpack_require__(7208);
        var files = __webpack_require__(4850);
        let TURNS = {
            most: 100,
            everyMs: 20
        };
        class FileSidecar {
            settleMs = 50;
            #path;
            #clock;
            #random;
            constructor(path, { clock, random }){
                this.#path = path;
                this.#clock = clock;
                this.#random = random;
            }
            async ofThisMachine() {
                return (await (0, local_io.fs)(this.#path)).local;
            }
            async read() {
                return (0, files.Un)(this.#path)?.identity;
            }
            isSame(one, other) {
                return (0, files.Dl)(one, other);
            }
            async create(bytes) {
                return (0, files.mk)({
                    ...this.#temporary(bytes),
                    path: this.#path
                });
            }
            async takeOver(bytes, expected) {
                return (0, files.QR)(this.#path, async ()=>{
                    let taken = (0, files.uu)(this.#path, expected, (0, files.w6)(this.#path, this.#random));
                    if ('removed' === taken) return this.create(bytes);
                    if ('lost' !== taken) return;
                    throw new protocol.b('rogue-deletion', `While the stale lock ${(0, sanitise.hD)(this.#path)} was taken away, it was replaced twice by programs that do not lock exclusively: two of them may believe that they have it. Nothing is held here.`);
                });
            }
            async renew(bytes, expected, { isStale = ()=>true } = {}) {
                for(let turns = 0; turns < TURNS.most; turns += 1){
                    let turn = await (0, files.QR)(this.#path, async ()=>({
                            done: this.#exchange(bytes, expected)
                        }));
                    if (turn) return turn.done;
                    await this.#clock.sleep(TURNS.everyMs);
                }
                if (!isStale()) return this.#exchange(bytes, expected);
                throw new protocol.b('contended', `${(0, sanitise.hD)(this.#path)} could not be renewed: another process of Leasehold is at it and does not end.`);
            }
            #exchange(bytes, expected) {
                let publishing = this.#temporary(bytes);
                let written = (0, files.bW)(publishing);
                try {
                    let there = (0, files.Un)(this.#path);
                    if (!there || !(0, files.Dl)(there.identity, expected)) return;
                    (0, external_node_fs_.renameSync)(publishing.temporary, this.#path);
                    return written;
                } catch (error) {
                    throw (0, files.Zw)(error, 'renew', this.#path);
                } finally{
                    (0, files.S2)(publishing.temporary);
                }
            }
            async remove(expected) {
                return (0, files.uu)(this.#path, expected, (0, files.w6)(this.#path, this.#random));
            }
            #temporary(bytes) {
                return {
                    temporary: (0, files.w6)(this.#path, this.#random),
                    bytes,
                    mode: 0o666,
                    durable: true
                };
            }
        }
        let MOST_SENDS = 3;
        class ObjectSidecar {
            settleMs = 500;
            #store;
            #key;
            #options;
            constructor(store, key, options){
                this.#store = store;
                this.#key = key;
                this.#options = options;
            }
            async ofThisMachine() {
                return false;
            }
            async read(signal) {
                let reading = await this.#call(signal, (limited)=>this.#store.read(this.#key, {
                        signal: limited
                    }));
                if ('found' !== reading.kind) return;
                return {
                    version: reading.version,
                    bytes: Buffer.from(reading.body, 'utf8').toString('latin1')
                };
            }
            isSame(one, other) {
                return one.bytes === other.bytes;
            }
            create(bytes) {
                return this.#put(bytes, 'absent');
            }
            takeOver(bytes, expected) {
                return this.#put(bytes, versionOf(expected));
            }
            renew(bytes, expected, { signal } = {}) {
                return this.#put(bytes, versionOf(expected), signal);
            }
            async #put(bytes, expected, signal) {
                let body = Buffer.from(bytes, 'latin1').toString('utf8');
                for(let sends = 1;; sends += 1)try {
                    let result = await this.#call(signal, (limited)=>this.#store.write(this.#key, body, expected, {
                            signal: limited
                        }));
                    if ('written' === result.kind) return {
                        version: result.version,
                        bytes
                    };
                    let there = sends > 1 ? await this.read(signal) : void 0;
                    return there?.bytes === bytes ? there : void 0;
                } catch (error) {
                    if (!isIndeterminate(error)) throw error;
                    if (sends === MOST_SENDS || signal?.aborted) throw error;
                }
            }
            async remove(expected, signal) {
                let there = await this.read(signal);
                if (!there) return 'gone';
                if (!this.isSame(there, expected)) return 'other';
                let removed = await this.#removeVersion(versionOf(there), signal);
                if ('removed' === removed) return removed;
                return await this.read(signal) ? 'other' : 'gone';
            }
            async #removeVersion(version, signal) {
                let store = this.#store;
                let removeVersion = store.removeVersion?.bind(store);
                if (removeVersion) try {
                    return await this.#call(signal, (limited)=>removeVersion(this.#key, version, {
                            signal: limited
                        }));
                } catch (error) {
                    if (!(error instanceof protocol.b && 'unsupported' === error.problem)) throw error;
                }
                await this.#call(signal, (limited)=>store.remove(this.#key, {
                        signal: limited
                    }));
                return 'removed';
            }
            async #call(signal, work) {
                let { clock, callTimeoutMs } = this.#options;
                try {
                    return await (0, base_clock.wj)(clock, callTimeoutMs, signal, work);
                } catch (error) {
                    throw error instanceof store.AD ? new protocol.b(PROBLEMS[error.kind], error.message, {
                        cause: error
                    }) : error;
                }
            }
        }
        let PROBLEMS = {
            unavailable: 'io',
            indeterminate: 'io',
            denied: 'denied',
            misconfigured: 'unsupported',
            corrupt: 'refused-file'
        };
        function isIndeterminate(error) {
            let { cause } = Object(error);
            return cause instanceof store.AD && 'indeterminate' === cause.kind;
        }
        function versionOf({ version }) {
            if (void 0 === version) throw new TypeError('a file was taken for an object');
            return version;
        }
        let vfs_NS_PER_MS = 1_000_000;
        let CALL_TIMEOUT_MS = 10_000;
        let MOST_ROUNDS = 4;
        let LIMITS = [
            'The original programs of the vfs protocol do not lock exclusively: one that looked just before the lock was taken writes over it. That is noticed, at once or at the next check, but not prevented.',
            'When a vfs lock is stale is judged by the clock of who looks: machines that share one need clocks that agree.'
        ];
        class VfsProtocol {
            name = 'vfs';
            abilities = {
                ttl: 'any',
                owner: 'pid-and-text',
                takeover: 'yes',
                limits: LIMITS
            };
            retry = {
                everyMs: 2_000,
                jitterMs: 1_000
            };
            #surroundings;
            #options;
            #stores = new Map();
            #unsettled = new Set();
            constructor(surroundings, options = {}){
                this.#surroundings = surroundings;
                this.#options = options;
            }
            async tryAcquire(request) {
                let { path, signal } = request;
                checkTtl(request.ttlMs);
                let sidecar = await this.#sidecar(path, request.ttlMs);
                let found = await sidecar.read(signal);
                for(let rounds = 0; rounds < MOST_ROUNDS; rounds += 1){
                    let attempt = found ? await this.#tryOver(request, sidecar, found) : await this.#settled(request, sidecar, {
                        written: await this.#written(request, (bytes)=>sidecar.create(bytes))
                    });
                    if (attempt) return attempt;
                    found = await sidecar.read(signal);
                }
                throw new protocol.b('contended', `The lock of ${(0, sanitise.hD)(path)} came and went ${MOST_ROUNDS} times while it was tried: try again.`);
            }
            async inspect(path, signal) {
                let sidecar = await this.#sidecar(path);
                let found = await sidecar.read(signal);
                return found && this.#held(path, sidecar, found);
            }
            async metadata(path, signal) {
                let held = await this.inspect(path, signal);
                if (!held) return;
                let decoded = decodeRecord(held.identity.bytes ?? '');
                if ('record' === decoded.kind) return metadataOf(decoded.record);
                throw new protocol.b('refused-file', `The lock of ${(0, sanitise.hD)(path)}: ${held.standing.detail}`);
            }
            resume(holding) {
                return new VfsHold(holding, this.#keeping(holding));
            }
            async break(held) {
                let sidecar = await this.#sidecar(held.path);
                return await sidecar.remove(held.identity) === 'removed';
            }
            watched(path) {
                let place = placeOf(path, this.#surroundings.platform);
                return 'file' === place.kind ? (0, external_node_path_.dirname)(place.sidecar) : void 0;
            }
            concerns(name, path) {
                return (0, external_node_path_.basename)(placeOf(path, this.#surroundings.platform).sidecar) === name;
            }
            async #tryOver(request, sidecar, found) {
                let { path, signal, mayTake } = request;
                let write = ()=>this.#written(request, (bytes)=>sidecar.takeOver(bytes, found));
                if (this.#unsettled.has(found.bytes ?? '')) return this.#settled(request, sidecar, {
                    written: await write()
                });
                let held = await this.#held(path, sidecar, found);
                let { takeable, holder } = held.standing;
                let may = (takeable || 'finished' === holder) && await mayTake(held);
                if (!may) return {
                    kind: 'held',
                    by: held
                };
                let settled = await this.#settled(request, sidecar, {
                    written: await write(),
                    took: held
                });
                if (settled) return settled;
                let faster = await sidecar.read(signal);
                return faster && {
                    kind: 'held',
                    by: await this.#held(path, sidecar, faster)
                };
            }
            async #written(request, write) {
                let bytes = this.#record(request);
                try {
                    return await write(bytes);
                } catch (error) {
                    this.#unsettled.add(bytes);
                    throw error;
                }
            }
            async #settled(request, sidecar, { written: identity, took }) {
                if (!identity) return;
                let { path, pid, ownerId, ttlMs, signal } = request;
                await this.#surroundings.clock.sleep(sidecar.settleMs, signal);
                let found = await this.#readOrRemove(sidecar, identity);
                if (!found) {
                    let said = `The lock of ${(0, sanitise.hD)(path)} was taken, and removed at once by somebody else: try again.`;
                    throw new protocol.b('vanished', said);
                }
                if (!sidecar.isSame(found, identity)) return {
                    kind: 'held',
                    by: await this.#held(path, sidecar, found)
                };
                let optional = {
                    ...void 0 === ownerId ? {} : {
                        ownerId
                    },
                    ...void 0 === ttlMs ? {} : {
                        ttlMs
                    }
                };
                let hold = this.resume({
                    protocol: 'vfs',
                    path,
                    pid,
                    identity: found,
                    ...optional
                });
                return {
                    kind: 'acquired',
                    hold,
                    ...took ? {
                        took
                    } : {}
                };
            }
            async #readOrRemove(sidecar, identity) {
                try {
                    return await sidecar.read();
                } catch (error) {
                    this.#unsettled.add(identity.bytes ?? '');
                    await sidecar.remove(identity).catch(()=>{});
                    throw error;
                }
            }
            #keeping({ path, ttlMs }) {
                let opened;
                return {
                    sidecar: ()=>{
                        opened ??= this.#sidecar(path, ttlMs);
                        return opened;
                    },
                    record: (holding)=>this.#record(holding),
                    isExpired: ({ bytes = '' })=>{
                        let decoded = decodeRecord(bytes);
                        return 'record' === decoded.kind && this.#leftNs(decoded.record) < 0n;
                    },
                    held: (sidecar, found)=>this.#held(path, sidecar, found)
                };
            }
            async #held(path, sidecar, identity) {
                let decoded = decodeRecord(identity.bytes ?? '');
                if ('unreadable' === decoded.kind) {
                    let detail = `${decoded.why}, so it counts as held; the original can't take it either, ever. Look at it, and break it by hand if nobody is writing it`;
                    return {
                        path,
                        standing: {
                            holder: 'unknown',
                            takeable: false,
                            detail
                        },
                        identity
                    };
                }
                let { record } = decoded;
                let { hostname: host, pid, ownerId, ttlNs, createdAtNs } = record;
                let { holder, detail } = whereaboutsOf({
                    host,
                    pid
                }, await sidecar.ofThisMachine());
                let leftNs = this.#leftNs(record);
                let expired = 0n === ttlNs ? {} : {
                    expired: leftNs < 0n
                };
                return {
                    path,
                    ...pid > 0 ? {
                        pid
                    } : {},
                    ...'' === host ? {} : {
                        host
                    },
                    ...'' === ownerId ? {} : {
                        ownerId
                    },
                    since: formatTime(createdAtNs),
                    ...0n === ttlNs ? {} : {
                        ttlMs: Number(ttlNs) / vfs_NS_PER_MS
                    },
                    standing: {
                        ...expired,
                        holder,
                        takeable: true === expired.expired,
                        detail: `${describeTtl(record, leftNs)}, and ${detail}`
                    },
                    identity
                };
            }
            #leftNs({ createdAtNs, ttlNs }) {
                return createdAtNs + ttlNs - BigInt(Math.floor(this.#surroundings.clock.wallMs())) * BigInt(vfs_NS_PER_MS);
            }
            #record({ pid, ttlMs = 0, ownerId = '' }) {
                let { clock, random } = this.#surroundings;
                let belowMs = Math.floor(random.fraction() * vfs_NS_PER_MS);
                let createdAtNs = BigInt(Math.floor(clock.wallMs())) * BigInt(vfs_NS_PER_MS) + BigInt(belowMs);
                let ttlNs = BigInt(Math.round(ttlMs * vfs_NS_PER_MS));
                let keys = this.#options.keys ?? 'new';
                return encodeRecord({
                    createdAtNs,
                    ttlNs,
                    hostname: (0, external_node_os_.hostname)(),
                    pid,
                    ownerId
                }, keys);
            }
            async #sidecar(path, ttlMs = 1 / 0) {
                let { clock, random, platform } = this.#surroundings;
                let place = placeOf(path, platform);
                switch(place.kind){
                    case 'file':
                        return new FileSidecar(place.sidecar, {
                            clock,
                            random
                        });
                    case 'object':
                        return new ObjectSidecar(await this.#store(place.store), place.sidecar, {
                            clock,
                            callTimeoutMs: Math.min(CALL_TIMEOUT_MS, ttlMs / 6)
                        });
                }
            }
            #store(url) {
                let { region, role } = this.#options;
                let access = {
                    ...void 0 === region ? {} : {
                        region
                    },
                    ...void 0 === role ? {} : {
                        role
                    }
                };
                let opened = this.#stores.get(url) ?? (0, store_open.C)(url, access);
                this.#stores.set(url, opened);
                return opened;
            }
        }
        class VfsHold {
            renew;
            #holding;
            #keeping;
            #unsettled = new Set();
            #removing = false;
            constructor(holding, keeping){
                this.#holding = holding;
                this.#keeping = keeping;
                if (void 0 !== holding.ttlMs) this.renew = (signal)=>this.#renew(signal);
            }
            get holding() {
                return this.#holding;
            }
            async check(signal) {
                let sidecar = await this.#keeping.sidecar();
                let found = await sidecar.read(signal);
                if (!found) return {
                    kind: 'compromised',
                    detail: `${this.#subject()} was removed by somebody else`
                };
                if (this.#isOurs(sidecar, found)) {
                    this.#holding = {
                        ...this.#holding,
                        identity: found
                    };
                    return {
                        kind: 'ours'
                    };
                }
                let by = await this.#keeping.held(sidecar, found);
                return {
                    kind: 'compromised',
                    detail: `${this.#subject()} was written over by somebody else`,
                    by
                };
            }
            async #renew(signal) {
                let before = await this.check(signal);
                if ('compromised' === before.kind) return before;
                let sidecar = await this.#keeping.sidecar();
                let bytes = this.#keeping.record(this.#holding);
                let { identity } = this.#holding;
                this.#unsettled.add(bytes);
                let isStale = ()=>this.#keeping.isExpired(identity);
                let renewed = isStale() ? await sidecar.takeOver(bytes, identity) : await sidecar.renew(bytes, identity, {
                    signal,
                    isStale
                });
                if (renewed) {
                    this.#unsettled.clear();
                    this.#holding = {
                        ...this.#holding,
                        identity: renewed
                    };
                }
                let after = await this.check(signal);
                if ('compromised' === after.kind || renewed) return after;
                throw new protocol.b('io', `${this.#subject()} could not be renewed, though it is still ours: something else refuses the write. On S3, see whether the service supports If-Match.`);
            }
            async release(signal) {
                let sidecar = await this.#keeping.sidecar();
                let before = await this.check(signal);
                if ('compromised' === before.kind) return this.#removing && !before.by ? {
                    kind: 'ours'
                } : before;
                this.#removing = true;
                switch(await sidecar.remove(this.#holding.identity, signal)){
                    case 'removed':
                        return {
                            kind: 'ours'
                        };
                    case 'gone':
                    case 'other':
                    case 'lost':
                        return this.check(signal);
                }
            }
            #isOurs(sidecar, found) {
                if (sidecar.isSame(found, this.#holding.identity)) return true;
                return void 0 !== found.bytes && this.#unsettled.has(found.bytes);
            }
            #subject() {
                return `the lock of ${(0, sanitise.hD)(this.#holding.path)}`;
            }
        }
        function placeOf(path, platform) {
            let scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1]?.toLowerCase();
            if ('s3' === scheme) return objectOf(path);
            if (void 0 !== scheme && 'file' !== scheme) {
                let said = `vfs: ${(0, sanitise.hD)(path)} is on a backend that Leasehold does not lock on. Use a path on a disk, or s3://bucket/key.`;
                throw new protocol.b('unsupported', said);
            }
            if ('win32' === platform) {
                let said = `vfs: ${(0, sanitise.hD)(path)} can't be locked on Windows, where a file that somebody reads can't be replaced. Use s3://bucket/key, or a runner with Linux or macOS.`;
                throw new protocol.b('unsupported', said);
            }
            return {
                kind: 'file',
                sidecar: `${fileOf(path, scheme)}.lock`
            };
        }
        function fileOf(path, scheme) {
            let file = 'file' === scheme && URL.canParse(path) && '' === new URL(path).host ? (0, external_node_url_.fileURLToPath)(path) : path;
            if (!(0, external_node_path_.isAbsolute)(file)) {
                let said = `vfs: ${(0, sanitise.hD)(path)} is not absolute, and who shares the lock may run in another directory. Write the whole path.`;
                throw new protocol.b('not-absolute', said);
            }
            if (file.endsWith('/') || file.includes('\0')) {
                let said = `vfs: ${(0, sanitise.hD)(path)} names no file. The lock of a file is beside it: of /data/in.csv it is /data/in.csv.lock.`;
                throw new protocol.b('refused-file', said);
            }
            return (0, external_node_path_.normalize)(file);
        }
        function objectOf(path) {
            let url = URL.canParse(path) ? new URL(path) : void 0;
            let key = url && decodedKey(url);
            if (!url || !key || key.endsWith('/')) throw new usage_error.e('path: names no object. Write s3://bucket/key, for the lock at key.lock in the bucket.');
            url.pathname = '';
            return {
                kind: 'object',
                sidecar: `${key}.lock`,
                store: url.href
            };
        }
        function decodedKey({ pathname }) {
            try {
                return decodeURIComponent(pathname).slice(1);
            } catch  {
                throw new usage_error.e('path: the key has a % that begins no escape. Write %25 for a percent sign.');
            }
        }
        function checkTtl(ttlMs) {
            if (void 0 === ttlMs || ttlMs > 0 && ttlMs * vfs_NS_PER_MS < 2 ** 63) return;
            throw new usage_error.e(`ttl: ${ttlMs} ms can't be written into a record of vfs. Leave it out for a lock that is never stale.`);
        }
        function describeTtl({ ttlNs, createdAtNs }, leftNs) {
            if (0n === ttlNs) return 'it has no ttl, so it is never stale';
            let ttl = `its ttl of ${(0, duration.a3)(Number(ttlNs) / vfs_NS_PER_MS)}`;
            let ms = Number(leftNs) / vfs_NS_PER_MS;
            if (leftNs >= 0n) return `${ttl} lasts for another ${(0, duration.a3)(ms)}`;
            return createdAtNs < 0n ? `${ttl} has no beginning, which counts as over` : `${ttl} ran out ${(0, duration.a3)(-ms)} ago`;
        }
        function metadataOf({ createdAtNs, ttlNs, ...rest }) {
            return {
                createdAt: formatTime(createdAtNs),
                createdAtMs: Number(createdAtNs) / vfs_NS_PER_MS,
                ttlMs: Number(ttlNs) / vfs_NS_PER_MS,
                ...rest
            };
        }
        let SYSTEM = {
            clock: base_clock.ml,
            random: random.v,
            platform: process.platform
        };
        async function acquire(path, options = {}) {
            let { ttlMs, ownerId, onStale, pid = process.pid, signal, surroundings = SYSTEM, ...rest } = options;
            return new VfsProtocol(surroundings, rest).tryAcquire({
                path,
                pid,
                ...void 0 === ttlMs ? {} : {
                    ttlMs
                },
                ...void 0 === ownerId ? {} : {
                    ownerId
                },
                ...void 0 === signal ? {} : {
                    signal
                },
                mayTake: async ({ standing, identity })=>{
                    let decoded = decodeRecord(identity.bytes ?? '');
                    if (!standing.takeable || 'record' !== decoded.kind) return false;
                    await askHandler(path, metadataOf(decoded.record), onStale);
                    return true;
                }
            });
        }
        async function askHandler(path, stale, onStale) {
            try {
                await onStale?.(stale);
            } catch (cause) {
                let said = `The stale lock of ${(0, sanitise.hD)(path)} is left alone, for its handler forbids that it is taken over: ${(0, sanitise.hD)(String(cause))}.`;
                throw new protocol.b('vetoed', said, {
                    cause
                });
            }
        }
        function release(hold, signal) {
            return hold.release(signal);
        }
        function metadata(path, options = {}) {
            let { surroundings = SYSTEM, signal, ...rest } = options;
            return new VfsProtocol(surroundings, rest).metadata(path, signal);
        }
        async function age(path, options = {}) {
            let { clock } = options.surroundings ?? SYSTEM;
            let said = await metadata(path, options);
            return said && clock.wallMs() - said.createdAtMs;
        }
        async function isStale(path, options = {}) {
            let { surroundings = SYSTEM, signal, ...rest } = options;
            let held = await new VfsProtocol(surroundings, rest).inspect(path, signal);
            return held?.standing.takeable;
        }
        let RELEASE_WITHIN_MS = 30_000;
        async function withLock(path, work, options = {}) {
            let { clock } = options.surroundings ?? SYSTEM;
            let since = (0, base_clock.B9)(clock);
            let attempt = await acquire(path, options);
            if ('held' === attempt.kind) return attempt;
            let { hold } = attempt;
            let [over, lost] = [
                new AbortController(),
                new AbortController()
            ];
            let keeping = (0, keep.p)(hold, {
                clock,
                since,
                signal: over.signal
            }).then((end)=>{
                if ('lost' === end.kind) lost.abort(lossOf(path, end.cause));
            });
            let result;
            try {
                result = await work(lost.signal);
            } catch (error) {
                over.abort();
                await keeping.catch(()=>{});
                await (0, keep.z)(hold, clock, RELEASE_WITHIN_MS).catch(()=>{});
                throw error;
            }
            over.abort();
            await keeping;
            return {
                kind: 'done',
                result,
                released: await (0, keep.z)(hold, clock, RELEASE_WITHIN_MS)
            };
        }
        function lossOf(path, cause) {
            let detail = 'max-hold' === cause.kind ? 'it was held for too long' : cause.detail;
            return new protocol.b('rogue-deletion', `The lock of ${(0, sanitise.hD)(path)} was lost: ${detail}.`);
        }
    }
};
