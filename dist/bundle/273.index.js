export const id = 273;
export const ids = [
    273
];
export const modules = {
    3236: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            j: ()=>CommandProcess
        });
        var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1421);
        var _exit_codes_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(535);
        let NOT_EXECUTABLE = 126;
        let NOT_FOUND = 127;
        let LOOK_EVERY_MS = 50;
        class CommandProcess {
            ended;
            failure;
            #child;
            #guard;
            #reach;
            constructor(start, reach, guard){
                this.#guard = guard;
                this.#reach = reach;
                try {
                    let child = start();
                    this.#child = child;
                    this.ended = new Promise((resolve)=>{
                        child.on('error', (error)=>resolve(this.#failed(error)));
                        child.on('exit', (code, signal)=>resolve(signal ? (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_1__.f)(signal) : code ?? 0));
                    });
                } catch (error) {
                    this.ended = Promise.resolve(this.#failed(error));
                }
            }
            static start(command, options) {
                let { reach, guard, environment } = options;
                let start = ()=>{
                    let { argv, pipe } = guard ? guard.launch(command) : {
                        argv: command,
                        pipe: void 0
                    };
                    let [program, ...words] = argv;
                    let settings = {
                        detached: 'group' === reach && 'win32' !== process.platform,
                        stdio: [
                            'inherit',
                            'inherit',
                            'inherit',
                            ...pipe ? [
                                pipe
                            ] : []
                        ],
                        env: environment
                    };
                    return (0, node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)(program, words, settings);
                };
                return new CommandProcess(start, reach, guard);
            }
            #failed(error) {
                let { message, code } = error;
                this.failure = message;
                return 'ENOENT' === code ? NOT_FOUND : NOT_EXECUTABLE;
            }
            signal(signal) {
                let child = this.#child;
                if (child?.pid === void 0) return;
                if ('tree' === this.#reach && this.#guard?.signal(signal)) return;
                if (void 0 !== this.#group) this.#kill(this.#group, signal);
                else if (null === child.exitCode && null === child.signalCode) this.#kill(child.pid, signal);
            }
            async terminate(graceMs, clock) {
                this.signal('SIGTERM');
                this.signal('SIGCONT');
                let untilMs = clock.monotonicMs() + graceMs;
                let over = new AbortController();
                this.ended.then(()=>over.abort());
                await clock.sleep(graceMs, over.signal);
                while(this.#hasMembers() && clock.monotonicMs() < untilMs)await clock.sleep(LOOK_EVERY_MS);
                this.signal('SIGKILL');
                await this.ended;
            }
            get #group() {
                let pid = this.#child?.pid;
                return 'group' === this.#reach && 'win32' !== process.platform && void 0 !== pid ? -pid : void 0;
            }
            #hasMembers() {
                return void 0 !== this.#group && this.#kill(this.#group, 0);
            }
            #kill(target, signal) {
                try {
                    return process.kill(target, signal);
                } catch  {
                    return false;
                }
            }
        }
    },
    1722: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            Fe: ()=>reservationMs,
            Z0: ()=>stateHome,
            oe: ()=>refuseSkip,
            wx: ()=>CommandLine
        });
        var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8161);
        var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(9507);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(6485);
        var _lease_name_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7495);
        var _lease_policy_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(206);
        var _lease_self_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8380);
        var _grammar_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6959);
        let ON_BUSY = [
            'wait',
            'fail',
            'skip'
        ];
        let LONGEST_TEXT = 500;
        let SHORTEST_MAX_HOLD_MS = 60_000;
        let DEFAULT = {
            ttl: '90s',
            waitTimeout: '30m',
            maxHold: '6h',
            notifyAfter: '10m'
        };
        let OF_ANY_LENGTH = [
            'store',
            'path',
            'on-stale',
            'notify'
        ];
        class CommandLine {
            #parsed;
            #environment;
            constructor(parsed, environment){
                this.#parsed = parsed;
                this.#environment = environment;
            }
            text(option) {
                let text = this.#parsed.values[option];
                if (void 0 !== text && text.length > LONGEST_TEXT && !OF_ANY_LENGTH.includes(option)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`--${option}: has ${text.length} characters, more than ${LONGEST_TEXT}.`);
                return text;
            }
            needed(option, what) {
                let text = this.text(option);
                if (void 0 === text || '' === text.trim()) throw this.wrong(`--${option} is missing: ${what}.`);
                return text;
            }
            has(flag) {
                return this.#parsed.flags.has(flag);
            }
            nameless() {
                this.nothingElse();
                return this.#common();
            }
            nothingElse(hint = '') {
                let { positionals, command, rest } = this.#parsed;
                let [surplus] = positionals;
                if (void 0 !== surplus) throw this.wrong(`${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(surplus)} is one argument too many.${hint}`);
                if (void 0 !== rest && 'run' !== command) throw this.wrong('There is nothing to stand after "--".');
            }
            named() {
                let [name, surplus] = this.#parsed.positionals;
                if (void 0 === name) throw this.wrong('The name of the lock is missing.');
                if (void 0 !== surplus) {
                    let forgotten = 'run' === this.#parsed.command && void 0 === this.#parsed.rest;
                    throw this.wrong(forgotten ? `The command to run stands after "--": leasehold run ${name} -- ${surplus} …` : `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(surplus)} is one argument too many.`);
                }
                return {
                    ...this.#common(),
                    name: (0, _lease_name_js__WEBPACK_IMPORTED_MODULE_3__.I3)(name)
                };
            }
            take() {
                let reason = this.text('reason');
                return {
                    ...this.named(),
                    ...this.wait(),
                    timing: (0, _lease_policy_js__WEBPACK_IMPORTED_MODULE_4__.vJ)({
                        ttlMs: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.E9)(this.text('ttl') ?? DEFAULT.ttl, '--ttl')
                    }),
                    lockDelayMs: this.lockDelay(),
                    ...reason ? {
                        reason
                    } : {}
                };
            }
            wait() {
                let onBusy = this.oneOf('on-busy', ON_BUSY) ?? 'wait';
                let waitTimeout = this.text('wait-timeout');
                if (void 0 !== waitTimeout && 'wait' !== onBusy) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`--wait-timeout and --on-busy ${onBusy} contradict each other: ${onBusy} does not wait.`);
                let onStale = this.text('on-stale');
                return {
                    waitTimeoutMs: 'wait' === onBusy ? (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.E9)(waitTimeout ?? DEFAULT.waitTimeout, '--wait-timeout') : 0,
                    onBusy,
                    stalePolicy: this.oneOf('stale-policy', _lease_policy_js__WEBPACK_IMPORTED_MODULE_4__.tS) ?? 'expired',
                    ...onStale ? {
                        onStale
                    } : {},
                    ownerId: this.text('owner-id') || (0, _lease_self_js__WEBPACK_IMPORTED_MODULE_5__.Y3)(this.#environment),
                    notify: this.text('notify') ?? '',
                    notifyAfterMs: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.E9)(this.text('notify-after') ?? DEFAULT.notifyAfter, '--notify-after')
                };
            }
            lockDelay() {
                return (0, _lease_policy_js__WEBPACK_IMPORTED_MODULE_4__.IM)(this.text('lock-delay') ?? '0', '--lock-delay');
            }
            keeping() {
                let pid = this.text('pid');
                return {
                    maxHoldMs: maxHoldMs(this.text('max-hold')),
                    ...void 0 === pid ? {} : {
                        pid: pidOf(pid)
                    }
                };
            }
            command() {
                let [program, ...words] = this.#parsed.rest ?? [];
                if (void 0 === program || '' === program) throw this.wrong('The command to run is missing.');
                return [
                    program,
                    ...words
                ];
            }
            lease() {
                let id = this.text('lease');
                if (void 0 !== id && !/^[0-9a-f]{32}$/.test(id)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`--lease: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(id)} is not a lease id, which has 32 hexadecimal digits: "leasehold status" shows it.`);
                return id;
            }
            neededLease() {
                let id = this.lease();
                if (void 0 === id) throw this.wrong('--lease is missing: the id that acquire printed.');
                return id;
            }
            #common() {
                let { rest, command } = this.#parsed;
                if (void 0 !== rest && 'run' !== command) throw this.wrong('There is nothing to stand after "--".');
                let given = this.text('store') || this.#environment.LEASEHOLD_STORE || void 0;
                return {
                    store: void 0 === given ? (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(stateHome(this.#environment), 'leasehold') : absoluteStore(given),
                    defaultStore: void 0 === given,
                    json: this.has('json'),
                    quiet: this.has('quiet')
                };
            }
            oneOf(option, allowed) {
                let text = this.text(option);
                if (void 0 === text) return;
                let found = allowed.find((value)=>value === text);
                if (void 0 === found) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`--${option}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(text)} is not known. Allowed: ${allowed.join(', ')}.`);
                return found;
            }
            wrong(what) {
                let { command } = this.#parsed;
                return new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`${what}\nUsage: ${(0, _grammar_js__WEBPACK_IMPORTED_MODULE_6__.kl)(command).join('\n   or: ')}`);
            }
        }
        function refuseSkip(wait) {
            if ('skip' !== wait.onBusy) return wait;
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e('--on-busy: skip is for run, which has a command to skip. Use wait or fail.');
        }
        function stateHome({ XDG_STATE_HOME: given, HOME }) {
            return given && (0, node_path__WEBPACK_IMPORTED_MODULE_1__.isAbsolute)(given) ? given : (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(HOME || (0, node_os__WEBPACK_IMPORTED_MODULE_0__.homedir)(), '.local', 'state');
        }
        function absoluteStore(given) {
            if (/^memory:/i.test(given)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e('--store: memory: ends with this process and keeps nobody out. Use s3://bucket/prefix, file:///directory or a path.');
            if (/^[a-z][a-z0-9+.-]+:/i.test(given)) return given;
            return given.startsWith('~/') ? (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)((0, node_os__WEBPACK_IMPORTED_MODULE_0__.homedir)(), given.slice(2)) : (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(given);
        }
        function maxHoldMs(text = DEFAULT.maxHold) {
            let ms = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.E9)(text, '--max-hold');
            if (ms < SHORTEST_MAX_HOLD_MS) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e('--max-hold: is under 1m. After that time the lease is not renewed any more.');
            return ms;
        }
        let RESERVATION_MS = {
            shortest: 60_000,
            longest: 2592000000
        };
        function reservationMs(text) {
            let ms = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.E9)(text, '--for');
            let { shortest, longest } = RESERVATION_MS;
            if (ms < shortest || ms > longest) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`--for: ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.a3)(ms)} is not between ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.a3)(shortest)} and ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.a3)(longest)}. A reservation ends by itself after that time.`);
            return ms;
        }
        function pidOf(text) {
            let pid = Number(text);
            if (!/^\d{1,10}$/.test(text) || pid < 1) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`--pid: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(text)} is not a process id.`);
            return pid;
        }
    },
    4345: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            acquire: ()=>acquire,
            workerOf: ()=>workerOf
        });
        var _base_process_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8208);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(6485);
        var _keeper_start_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4686);
        var _lease_acquire_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(474);
        var _lease_context_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6149);
        var _lease_history_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7646);
        var _events_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6277);
        var _json_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(8910);
        var _keepers_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(457);
        var _reporter_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(2877);
        var _signals_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(2387);
        var _take_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(7811);
        async function acquire(cli, options) {
            let worker = workerOf(options.pid);
            let cancellation = new _signals_js__WEBPACK_IMPORTED_MODULE_9__.m();
            let reporter = new _reporter_js__WEBPACK_IMPORTED_MODULE_7__.a(cli, options);
            try {
                let processes = worker ? [
                    worker
                ] : [];
                let taken = await (0, _take_js__WEBPACK_IMPORTED_MODULE_8__.H)(cli, options, {
                    processes,
                    cancellation,
                    reporter
                });
                if ('not-taken' === taken.kind) return taken.exitCode;
                await handOver(cli, options, {
                    taken,
                    worker,
                    cancellation
                });
                if (cancellation.received) return (0, _take_js__WEBPACK_IMPORTED_MODULE_8__.K)(cli, options, {
                    signal: cancellation.received
                });
                cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_10__.r)({
                    name: options.name,
                    store: options.store,
                    ...(0, _events_js__WEBPACK_IMPORTED_MODULE_5__.YD)(taken)
                }));
                (0, _keepers_js__WEBPACK_IMPORTED_MODULE_6__.O)(cli.environment, cli.clock.wallMs());
                return 0;
            } finally{
                cancellation.close();
                await reporter.told;
            }
        }
        function workerOf(pid) {
            if (void 0 === pid) return;
            let worker = (0, _base_process_js__WEBPACK_IMPORTED_MODULE_0__.ls)(pid);
            if (!(0, _base_process_js__WEBPACK_IMPORTED_MODULE_0__._n)(worker)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_11__.e(`--pid: there is no process ${pid}.`);
            return worker;
        }
        async function handOver(cli, options, hold) {
            let { taken, worker, cancellation } = hold;
            let { lease, waitedMs, stolen } = taken;
            let folder = (0, _keepers_js__WEBPACK_IMPORTED_MODULE_6__.x)(cli.environment, lease.id);
            try {
                folder.create();
                await (0, _keeper_start_js__WEBPACK_IMPORTED_MODULE_1__.startKeeper)(lease, {
                    entry: (0, _keeper_start_js__WEBPACK_IMPORTED_MODULE_1__.keeperEntry)(),
                    folder,
                    store: options.store,
                    maxHoldMs: options.maxHoldMs,
                    acquiredMs: cli.clock.monotonicMs(),
                    waitedMs,
                    notify: options.notify,
                    ...stolen ? {
                        victim: (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_4__.oy)(stolen.from, 'stolen', cli.clock.wallMs())
                    } : {},
                    ...worker ? {
                        worker
                    } : {},
                    environment: cli.environment
                });
            } catch (error) {
                folder.tryClose();
                await giveBack(cli, lease);
                throw error;
            }
            if (cancellation.received) folder.close();
        }
        async function giveBack(cli, lease) {
            try {
                await lease.release(cli.clock.monotonicMs() + _lease_acquire_js__WEBPACK_IMPORTED_MODULE_2__.h);
            } catch (error) {
                if (!(0, _lease_context_js__WEBPACK_IMPORTED_MODULE_3__.A1)(error)) throw error;
            }
        }
    },
    6455: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            breakLock: ()=>breakLock
        });
        var duration = __webpack_require__(8045);
        var sanitise = __webpack_require__(9507);
        var usage_error = __webpack_require__(6485);
        var commit = __webpack_require__(8245);
        var context = __webpack_require__(6149);
        var lease = __webpack_require__(6940);
        var record = __webpack_require__(3061);
        async function breakLease(lock, request) {
            if ('' === request.reason.trim()) throw new usage_error.e('reason: is empty. Say why the lease is broken: its holder will read it.');
            for(;;){
                let seen = await (0, context.Op)(lock);
                if (!(0, lease.TL)(seen.record, request.leaseId)) return {
                    kind: 'not-held',
                    record: seen.record
                };
                let broken = (0, record.v6)(seen.record, {
                    how: 'broken',
                    at: (0, duration.r4)(lock.clock.wallMs()),
                    by: request.by,
                    reason: request.reason
                });
                let released = (0, record.hG)(seen.record, broken, lock.random);
                let outcome = await (0, commit.c)(lock, released, {
                    expected: seen.version,
                    untilMs: request.untilMs,
                    durable: true
                });
                if ('conflict' !== outcome.kind) return {
                    kind: 'broken',
                    record: seen.record
                };
            }
        }
        var describe = __webpack_require__(8553);
        var lease_history = __webpack_require__(7646);
        var shared = __webpack_require__(5797);
        var documents = __webpack_require__(5840);
        var io = __webpack_require__(8908);
        var cli_json = __webpack_require__(8910);
        var cli_lock = __webpack_require__(695);
        var memory = __webpack_require__(3687);
        let WRITE_WITHIN_MS = 20_000;
        async function breakLock(cli, options) {
            let lock = await (0, cli_lock.qB)(cli, options);
            let { leaseId, reason, by } = options;
            if (void 0 === leaseId || void 0 === reason || '' === reason.trim()) return ask(cli, options, lock);
            let untilMs = cli.clock.monotonicMs() + WRITE_WITHIN_MS;
            let outcome = await breakLease(lock, {
                leaseId,
                by,
                reason,
                untilMs
            });
            switch(outcome.kind){
                case 'broken':
                    {
                        let code = broken(cli, options, outcome.record);
                        let hold = (0, lease_history.oy)(outcome.record, 'broken', cli.clock.wallMs());
                        await (0, lease_history.u1)(lock, [
                            hold
                        ], {
                            withinMs: memory.t
                        });
                        return code;
                    }
                case 'not-held':
                    return notHeld(cli, options, outcome.record);
            }
        }
        async function ask(cli, options, lock) {
            let { name, store, json } = options;
            let { record } = await (0, context.Op)(lock);
            let lines = record?.state === 'held' ? [
                ...(0, describe.TV)(record),
                `Name that lease and say why, and its holder will be told: ${(0, cli_lock.hY)(options, record.holder.leaseId)}`
            ] : [
                `Lock "${name}" is not held: there is nothing to break.`
            ];
            return (0, io.fJ)(cli, json, {
                kind: 'usage',
                lines,
                details: {
                    lock: (0, documents.x)({
                        name,
                        store
                    }, record)
                }
            });
        }
        function broken(cli, { name, store, by, json }, record) {
            let { holder, ttlMs } = record;
            if (json) {
                cli.print((0, cli_json.r)({
                    name,
                    store,
                    lease: holder.leaseId,
                    broken: true,
                    by,
                    holder
                }));
                return 0;
            }
            let ends = 'held' === record.state && (0, shared.Rw)(record);
            cli.print(`Lock "${name}" is free: the ${ends && record.reserved ? 'reservation' : 'lease'} of ${(0, describe.sG)(holder)} is broken.`);
            if (ends) return 0;
            cli.print(`If that holder is still alive, it learns of it at its next renewal, within about ${(0, duration.a3)(ttlMs / 3)}: "leasehold run" then stops its command; a job of the action goes on, and says at its end that it lost the lock, unless its on-lost is cancel-run.`);
            return 0;
        }
        function notHeld(cli, options, record) {
            let { name, store, leaseId, json } = options;
            if (record?.state === 'held' || record?.state === 'granted') return (0, io.fJ)(cli, json, {
                kind: 'busy',
                lines: [
                    `Lease ${leaseId} has ended by itself, and nothing was broken. Look again before you break the next:`,
                    ...(0, describe.TV)(record)
                ],
                details: {
                    lock: (0, documents.x)({
                        name,
                        store
                    }, record)
                }
            });
            if (json) cli.print((0, cli_json.r)({
                name,
                store,
                lease: leaseId,
                broken: false
            }));
            else for (let line of freeLines(name, store, record))cli.print(line);
            return 0;
        }
        function freeLines(name, store, record) {
            let how = record ? (0, describe.TV)(record) : [
                `Nobody has ever held lock "${name}" in ${(0, sanitise.tB)(store)}.`
            ];
            return [
                'There was nothing to break.',
                ...how
            ];
        }
    },
    7514: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            doctor: ()=>doctor,
            reportLines: ()=>reportLines
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4743);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(9507);
        var _store_open_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4805);
        var _store_probe_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5851);
        var _exit_codes_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(535);
        var _json_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8910);
        let PROBE_WITHIN_MS = 120_000;
        async function doctor(cli, options) {
            let store = await (0, _store_open_js__WEBPACK_IMPORTED_MODULE_1__.C)(options.store);
            let { clock, random } = cli;
            let report = await (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(clock, PROBE_WITHIN_MS, void 0, (signal)=>(0, _store_probe_js__WEBPACK_IMPORTED_MODULE_2__.s)(store, {
                    clock,
                    random,
                    signal
                }));
            if (options.json) cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_4__.r)({
                store: options.store,
                ...report
            }));
            else for (let line of reportLines(options.store, report))cli.print(line);
            return report.ok ? 0 : (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_3__.F)('misconfigured');
        }
        let MARKS = {
            yes: '✓',
            no: '✗',
            unknown: '?'
        };
        function reportLines(store, { ok, dialect, promises, storeClock }) {
            return [
                `Store ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(store)}`,
                ...promises.map(({ held, promise, detail, safety })=>{
                    let mark = safety || 'yes' === held ? MARKS[held] : '·';
                    let optional = safety || 'yes' === held ? '' : ' (a lock does without)';
                    return `  ${mark} ${promise}${optional}${'' === detail ? '' : ` – ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(detail)}`}`;
                }),
                ...void 0 === dialect ? [] : [
                    `It is spoken to in the dialect "${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(dialect)}".`
                ],
                storeClock ? 'It has a clock: how old a lease is can be told at the first look.' : 'It has no clock: a lease must be watched for its whole ttl before it is known to have run out.',
                ok ? 'It keeps all promises that a lock needs.' : 'It can NOT be trusted with locks: what is marked ✗ or ? above would let two holders in at once.'
            ];
        }
    },
    8569: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            history: ()=>history,
            historyLines: ()=>historyLines
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9507);
        var _lease_expectation_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9456);
        var _lease_history_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7646);
        var _json_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8910);
        var _lock_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(695);
        var _table_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3626);
        async function history(cli, options) {
            let { name, store, json } = options;
            let holds = await (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_2__.Lu)(await (0, _lock_js__WEBPACK_IMPORTED_MODULE_3__.qB)(cli, options));
            let usual = (0, _lease_expectation_js__WEBPACK_IMPORTED_MODULE_1__.O)(holds);
            let median = usual ? {
                usuallyHeldMs: Math.round(usual.heldMs)
            } : {};
            if (json) cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_4__.r)({
                name,
                store,
                ...median,
                holds
            }));
            else for (let line of historyLines(name, holds))cli.print(line);
            return 0;
        }
        let HEAD = [
            'ENDED',
            'HOW',
            'HELD',
            'WAITED',
            'TOKEN',
            'OWNER',
            'RUN'
        ];
        function historyLines(name, holds) {
            if (0 === holds.length) return [
                `Nothing is known of earlier holds of lock "${name}".`
            ];
            let usual = (0, _lease_expectation_js__WEBPACK_IMPORTED_MODULE_1__.O)(holds);
            return [
                ...(0, _table_js__WEBPACK_IMPORTED_MODULE_5__.t)([
                    HEAD,
                    ...holds.map(rowOf)
                ]),
                ...usual ? [
                    `It is usually held for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(usual.heldMs)} (median of ${usual.holds} holds).`
                ] : []
            ];
        }
        function rowOf({ at, how, heldMs, waitedMs, token, ownerId, runUrl }) {
            return [
                (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.tB)(at),
                how,
                void 0 === heldMs ? '' : (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(heldMs),
                void 0 === waitedMs ? '' : (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(waitedMs),
                String(token),
                (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.hD)(ownerId),
                (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.tB)(runUrl ?? '')
            ];
        }
    },
    749: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            list: ()=>list,
            listLines: ()=>listLines
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(9507);
        var _lease_context_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6149);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8553);
        var _lease_name_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7495);
        var _lease_record_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3061);
        var _store_open_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(4805);
        var _documents_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(5840);
        var _io_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(8908);
        var _json_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(8910);
        var _lock_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(695);
        var _table_js__WEBPACK_IMPORTED_MODULE_12__ = __webpack_require__(3626);
        let READS_AT_A_TIME = 8;
        async function list(cli, options) {
            let store = await (0, _store_open_js__WEBPACK_IMPORTED_MODULE_6__.C)(options.store);
            let keys = await (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(cli.clock, _lock_js__WEBPACK_IMPORTED_MODULE_9__.MU, void 0, (signal)=>store.list(_lease_name_js__WEBPACK_IMPORTED_MODULE_4__.ep, {
                    signal
                }));
            let read = await inParallel(keys.filter(_lease_name_js__WEBPACK_IMPORTED_MODULE_4__.tf), (key)=>readEntry(cli, options, {
                    store,
                    key
                }));
            let entries = read.filter((entry)=>void 0 !== entry);
            if (options.json) cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_10__.r)(entries));
            else for (let line of listLines(entries, options.store))cli.print(line);
            return 0;
        }
        async function readEntry(cli, options, { store, key }) {
            try {
                let reading = await (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(cli.clock, _lock_js__WEBPACK_IMPORTED_MODULE_9__.MU, void 0, (signal)=>store.read(key, {
                        age: true,
                        signal
                    }));
                if ('found' !== reading.kind) return;
                let record = (0, _lease_record_js__WEBPACK_IMPORTED_MODULE_5__.Hh)(reading.body, {
                    key,
                    storeUrl: store.url
                });
                return (0, _documents_js__WEBPACK_IMPORTED_MODULE_7__.x)({
                    name: record.name,
                    store: options.store,
                    ageMs: reading.ageMs
                }, record);
            } catch (error) {
                if (!(0, _lease_context_js__WEBPACK_IMPORTED_MODULE_2__.A1)(error, 'corrupt')) throw error;
                return {
                    key,
                    store: options.store,
                    state: 'corrupt',
                    message: error.message
                };
            }
        }
        async function inParallel(items, work) {
            let results = [];
            let queue = items.entries();
            let worker = async ()=>{
                for (let [index, item] of queue)results[index] = await work(item);
            };
            await Promise.all(Array.from({
                length: READS_AT_A_TIME
            }, worker));
            return results;
        }
        let HEAD = [
            'NAME',
            'STATE',
            'TOKEN',
            'SINCE',
            'LEASE LEFT',
            'HOLDER'
        ];
        function listLines(entries, store) {
            if (0 === entries.length) return [
                `There is no lock in ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_11__.tB)(store)}.`
            ];
            let locks = entries.filter((entry)=>'corrupt' !== entry.state);
            let rows = [
                HEAD,
                ...locks.map(rowOf)
            ];
            let corrupt = entries.filter((entry)=>'corrupt' === entry.state);
            return [
                ...0 === locks.length ? [] : (0, _table_js__WEBPACK_IMPORTED_MODULE_12__.t)(rows),
                ...corrupt.flatMap(({ message })=>(0, _io_js__WEBPACK_IMPORTED_MODULE_8__.VL)(`corrupt: ${message}`))
            ];
        }
        function rowOf(lock) {
            let { name, token, acquiredAt, holder } = lock;
            let held = 'held' === lock.state;
            return [
                name,
                stateOf(lock),
                String(token ?? ''),
                held ? (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_11__.tB)(acquiredAt ?? '') : '',
                held ? leaseLeft(lock) : '',
                held && holder ? `${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_3__.sG)(holder)}${jobsOf(lock)}` : ''
            ];
        }
        function stateOf({ state, tree, reservedUntil }) {
            if ('released' === state) return 'free';
            return `${void 0 === reservedUntil ? state : 'reserved'}${tree ? ', tree' : ''}`;
        }
        function jobsOf({ members }) {
            if (void 0 === members) return '';
            return 1 === members.length ? ', 1 job' : `, ${members.length} jobs`;
        }
        function leaseLeft({ ttlMs = 0, ageMs }) {
            if (void 0 === ageMs) return 'unknown';
            return ageMs < ttlMs ? (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(ttlMs - ageMs) : `ran out ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(ageMs - ttlMs)} ago`;
        }
    },
    7980: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            release: ()=>release
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__ = __webpack_require__(9507);
        var _keeper_finish_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1607);
        var _lease_context_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6149);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8553);
        var _lease_history_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7646);
        var _lease_lease_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6940);
        var _lease_name_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(7495);
        var _lease_notify_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(7281);
        var _lease_policy_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(206);
        var _lease_record_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(3061);
        var _documents_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(5840);
        var _io_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(8908);
        var _json_js__WEBPACK_IMPORTED_MODULE_15__ = __webpack_require__(8910);
        var _keepers_js__WEBPACK_IMPORTED_MODULE_12__ = __webpack_require__(457);
        var _lock_js__WEBPACK_IMPORTED_MODULE_13__ = __webpack_require__(695);
        var _memory_js__WEBPACK_IMPORTED_MODULE_14__ = __webpack_require__(3687);
        let RELEASE_WITHIN_MS = 20_000;
        async function release(cli, options) {
            let { leaseId } = options;
            let lock = await (0, _lock_js__WEBPACK_IMPORTED_MODULE_13__.qB)(cli, options);
            let folder = (0, _keepers_js__WEBPACK_IMPORTED_MODULE_12__.x)(cli.environment, leaseId);
            let { record } = await (0, _lease_context_js__WEBPACK_IMPORTED_MODULE_2__.Op)(lock);
            if (record?.state === 'held' && record.shared && (0, _lease_lease_js__WEBPACK_IMPORTED_MODULE_5__.TL)(record, leaseId)) return notOurs(cli, options, record);
            let known = (0, _lease_lease_js__WEBPACK_IMPORTED_MODULE_5__.D0)(record, leaseId) ? record : keptRecord(folder, lock);
            if (!known) return notHeld(cli, options, record);
            let end;
            try {
                end = await (0, _keeper_finish_js__WEBPACK_IMPORTED_MODULE_1__.F)({
                    folder,
                    holder: known.holder,
                    timing: timingOf(known),
                    acquired: true,
                    openLock: async ()=>lock,
                    clock: cli.clock,
                    withinMs: RELEASE_WITHIN_MS
                });
            } catch (error) {
                if (!(0, _lease_context_js__WEBPACK_IMPORTED_MODULE_2__.A1)(error)) throw error;
                return notReleased(cli, options, {
                    why: error.message,
                    ttlMs: known.ttlMs
                });
            }
            folder.remove();
            switch(end.kind){
                case 'released':
                    {
                        let code = released(cli, options, end);
                        await afterwards(cli, options, {
                            lock,
                            known,
                            end
                        });
                        return code;
                    }
                case 'lost':
                    {
                        let code = lost(cli, options, end.cause);
                        await afterwards(cli, options, {
                            lock,
                            known,
                            end
                        });
                        return code;
                    }
                case 'nothing':
                    return notHeld(cli, options, (await (0, _lease_context_js__WEBPACK_IMPORTED_MODULE_2__.Op)(lock)).record);
            }
        }
        function timingOf({ ttlMs }) {
            return (0, _lease_policy_js__WEBPACK_IMPORTED_MODULE_8__.vJ)({
                ttlMs: Math.min(ttlMs, _lease_policy_js__WEBPACK_IMPORTED_MODULE_8__.DQ)
            });
        }
        async function afterwards(cli, { name, notify }, { lock, known, end }) {
            let { clock } = cli;
            let nowMs = clock.wallMs();
            let seen = end.status?.state;
            let hold = 'lost' === end.kind ? (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_4__.Yy)(known, {
                ended: end.cause,
                nowMs
            }) : (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_4__.oy)(known, 'released', nowMs);
            if (seen?.kind !== 'released' && seen?.kind !== 'lost') await (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_4__.u1)(lock, [
                hold
            ], {
                withinMs: _memory_js__WEBPACK_IMPORTED_MODULE_14__.t
            });
            if (seen?.kind === 'lost') return;
            let teller = {
                name,
                store: lock.store.url,
                self: known.holder
            };
            let onFailure = (detail)=>cli.say(`leasehold: ${detail}`);
            let notifier = new _lease_notify_js__WEBPACK_IMPORTED_MODULE_7__.ze({
                command: notify,
                teller,
                clock,
                onFailure
            });
            notifier.tell(happening(known, end, nowMs));
            await notifier.done;
        }
        function happening(record, end, nowMs) {
            let { token, acquiredAt } = record;
            let sinceMs = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.nV)(acquiredAt) ?? nowMs;
            switch(end.kind){
                case 'released':
                    return {
                        kind: 'released',
                        token,
                        heldMs: Math.max(0, nowMs - sinceMs)
                    };
                case 'lost':
                    {
                        let { cause, status } = end;
                        let sentAt = status?.snapshot.sentAt ?? {
                            wallMs: sinceMs,
                            monotonicMs: 0
                        };
                        let at = {
                            timing: timingOf(record),
                            nowMs
                        };
                        return {
                            kind: 'lost',
                            token,
                            cause,
                            aloneUntilMs: (0, _lease_lease_js__WEBPACK_IMPORTED_MODULE_5__.Q1)(cause, {
                                sentAt,
                                token
                            }, at)
                        };
                    }
            }
        }
        function keptRecord(folder, { name, store }) {
            let status = folder.readStatus();
            if (!status) return;
            try {
                return (0, _lease_record_js__WEBPACK_IMPORTED_MODULE_9__.Hh)(status.snapshot.body, {
                    name,
                    key: (0, _lease_name_js__WEBPACK_IMPORTED_MODULE_6__.Hy)(name),
                    storeUrl: store.url
                });
            } catch (error) {
                if ((0, _lease_context_js__WEBPACK_IMPORTED_MODULE_2__.A1)(error)) return;
                throw error;
            }
        }
        function released(cli, { name, store, leaseId, json }, { keeperDied, status }) {
            if (json) cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_15__.r)({
                name,
                store,
                lease: leaseId,
                released: true,
                keeperDied
            }));
            else cli.print(`Lock "${name}" is released.`);
            if (keeperDied && status && !json) cli.say(`leasehold: The keeper of lock "${name}" had died. Nobody else had taken the lock by now.`);
            return 0;
        }
        function lost(cli, { name, json }, cause) {
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_11__.fJ)(cli, json, {
                kind: 'lost',
                lines: [
                    `The lease of lock "${name}" was lost before it was released: ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_3__.$4)(cause)}. Since then others may have held the lock.`
                ],
                details: {
                    cause
                }
            });
        }
        function notOurs(cli, options, record) {
            let { name, store, leaseId, json } = options;
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_11__.fJ)(cli, json, {
                kind: 'busy',
                lines: [
                    ...(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_3__.TV)(record),
                    `Its jobs leave it by themselves. To end it under them: ${(0, _lock_js__WEBPACK_IMPORTED_MODULE_13__.hY)(options, leaseId)}`
                ],
                details: {
                    lock: (0, _documents_js__WEBPACK_IMPORTED_MODULE_10__.x)({
                        name,
                        store
                    }, record)
                }
            });
        }
        function notHeld(cli, options, record) {
            let { name, store, leaseId, json } = options;
            if (record?.state === 'released' && record.holder.leaseId === leaseId && 'broken' === record.ended.how) {
                let { by, reason } = record.ended;
                return lost(cli, options, {
                    kind: 'broken',
                    ...by ? {
                        by
                    } : {},
                    ...reason ? {
                        reason
                    } : {}
                });
            }
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_11__.fJ)(cli, json, {
                kind: 'not-held',
                lines: [
                    `Lock "${name}" is not held by lease ${leaseId}, so there is nothing to release.`,
                    ...record ? (0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_3__.TV)(record) : [
                        `Nobody has ever held it in ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__.tB)(store)}.`
                    ]
                ],
                details: {
                    lock: (0, _documents_js__WEBPACK_IMPORTED_MODULE_10__.x)({
                        name,
                        store
                    }, record)
                }
            });
        }
        function notReleased(cli, { name, json }, { why, ttlMs }) {
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_11__.fJ)(cli, json, {
                kind: 'not-released',
                lines: [
                    `Lock "${name}" could not be released: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__.tB)(why)}`,
                    `It is not renewed any more, so its lease runs out by itself within ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs)}.`
                ]
            });
        }
    },
    4013: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            reserve: ()=>reserve_reserve
        });
        var duration = __webpack_require__(8045);
        var base_process = __webpack_require__(8208);
        var acquire = __webpack_require__(474);
        var context = __webpack_require__(6149);
        var describe = __webpack_require__(8553);
        function reserve(lease, { forMs, untilMs, signal }) {
            let until = (0, duration.r4)(lease.lock.clock.wallMs() + forMs);
            return lease.rewrite((record)=>({
                    ...record,
                    renewals: record.renewals + 1,
                    ttlMs: forMs,
                    reserved: {
                        until
                    }
                }), {
                untilMs,
                signal
            });
        }
        var io = __webpack_require__(8908);
        var cli_json = __webpack_require__(8910);
        var lock = __webpack_require__(695);
        var cli_reporter = __webpack_require__(2877);
        var signals = __webpack_require__(2387);
        var take = __webpack_require__(7811);
        async function reserve_reserve(cli, options) {
            let cancellation = new signals.m();
            let reporter = new cli_reporter.a(cli, options);
            try {
                let processes = [
                    (0, base_process.ls)(process.pid)
                ];
                let taken = await (0, take.H)(cli, options, {
                    processes,
                    cancellation,
                    reporter,
                    tree: options.tree
                });
                if ('not-taken' === taken.kind) return taken.exitCode;
                let { lease } = taken;
                if (cancellation.received) {
                    await giveBack(cli, lease);
                    return (0, take.K)(cli, options, {
                        signal: cancellation.received
                    });
                }
                let outcome = await written(cli, options, lease);
                if ('lost' === outcome.kind) return lost(cli, options, outcome.cause);
                reserved(cli, options, taken);
                return 0;
            } finally{
                cancellation.close();
                await reporter.told;
            }
        }
        async function written(cli, { forMs }, lease) {
            try {
                return await reserve(lease, {
                    forMs,
                    untilMs: lease.deadline.monotonicMs
                });
            } catch (error) {
                await giveBack(cli, lease);
                throw error;
            }
        }
        async function giveBack(cli, lease) {
            try {
                await lease.release(cli.clock.monotonicMs() + acquire.h);
            } catch (error) {
                if (!(0, context.A1)(error)) throw error;
            }
        }
        function lost(cli, { name, json }, cause) {
            return (0, io.fJ)(cli, json, {
                kind: 'lost',
                lines: [
                    `Lock "${name}" was lost before it was reserved: ${(0, describe.$4)(cause)}.`
                ],
                details: {
                    cause
                }
            });
        }
        function reserved(cli, options, { lease, waitedMs }) {
            let { name, store, json, tree, forMs } = options;
            let until = lease.record.reserved?.until ?? (0, duration.r4)(cli.clock.wallMs() + forMs);
            if (json) {
                let { id, token } = lease;
                let document = {
                    name,
                    store,
                    lease: id,
                    token,
                    tree,
                    forMs,
                    until,
                    waitedMs: Math.round(waitedMs)
                };
                cli.print((0, cli_json.r)(document));
                return;
            }
            let what = tree ? `"${name}" and all below it are` : `"${name}" is`;
            cli.print(`Lock ${what} reserved for ${(0, duration.a3)(forMs)}, until ${until}.`);
            cli.print(`To end that before its time: ${(0, lock.Pw)(options, lease.id)}`);
        }
    },
    2124: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            graceMs: ()=>graceMs,
            run: ()=>run
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8045);
        var _base_process_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8208);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__ = __webpack_require__(9507);
        var _lease_context_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6149);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8553);
        var _lease_keeper_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5574);
        var _lease_lease_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6940);
        var _child_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3236);
        var _exit_codes_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(535);
        var _guard_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(7763);
        var _io_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(8908);
        var _memory_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(3687);
        var _reporter_js__WEBPACK_IMPORTED_MODULE_12__ = __webpack_require__(2877);
        var _signals_js__WEBPACK_IMPORTED_MODULE_14__ = __webpack_require__(2387);
        var _take_js__WEBPACK_IMPORTED_MODULE_13__ = __webpack_require__(7811);
        let KILL_AHEAD_MS = 250;
        let GRACE_MS = 5_000;
        let RELEASE_WITHIN_MS = 10_000;
        let FREE_WITHIN_MS = 2_000;
        async function run(cli, options) {
            let cancellation = new _signals_js__WEBPACK_IMPORTED_MODULE_14__.m();
            let reporter = new _reporter_js__WEBPACK_IMPORTED_MODULE_12__.a(cli, options);
            let reach = process.stdin.isTTY ? 'tree' : 'group';
            let guard = _guard_js__WEBPACK_IMPORTED_MODULE_9__.w.start(reach, options.name);
            try {
                let processes = [
                    (0, _base_process_js__WEBPACK_IMPORTED_MODULE_2__.ls)(process.pid),
                    ...guard ? [
                        guard.id
                    ] : []
                ];
                let taken = await (0, _take_js__WEBPACK_IMPORTED_MODULE_13__.H)(cli, options, {
                    processes,
                    cancellation,
                    reporter
                });
                if ('not-taken' === taken.kind) return taken.exitCode;
                return await new Hold(cli, options, {
                    taken,
                    reach,
                    guard,
                    reporter
                }).run(cancellation);
            } finally{
                await guard?.dismiss();
                cancellation.close();
                await reporter.told;
            }
        }
        class Hold {
            #cli;
            #options;
            #held;
            #lease;
            #memory;
            constructor(cli, options, held){
                this.#cli = cli;
                this.#options = options;
                this.#held = held;
                this.#lease = held.taken.lease;
                this.#memory = new _memory_js__WEBPACK_IMPORTED_MODULE_11__.c(held.taken);
            }
            async run(signals) {
                try {
                    return await this.#run(signals);
                } finally{
                    await this.#memory.written;
                }
            }
            async #run(signals) {
                let { guard, reporter } = this.#held;
                let lease = this.#lease;
                let stop = new AbortController();
                let keeping = (0, _lease_keeper_js__WEBPACK_IMPORTED_MODULE_5__.a)(lease, {
                    signal: stop.signal,
                    onRenewed: (lateMs)=>{
                        guard?.extend(this.#leftMs());
                        if (void 0 !== lateMs) reporter.tell({
                            kind: 'renewed-late',
                            lateMs
                        });
                    },
                    onTrouble: (error)=>reporter.tell({
                            kind: 'renewal-trouble',
                            error
                        })
                });
                guard?.extend(this.#leftMs());
                let command;
                try {
                    if (!await this.#believes(keeping)) {
                        let end = await keeping.ended;
                        let cause = 'lost' === end.kind ? end.cause : this.#overslept();
                        await guard?.dismiss();
                        reporter.notify(this.#loss(cause));
                        return this.#failLost(cause, 'The command was not run.', (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_8__.F)('lost'));
                    }
                    if (signals.received) {
                        stop.abort();
                        await keeping.ended;
                        return await this.#giveBack(signals.received);
                    }
                    command = this.#start();
                    guard?.extend(this.#leftMs());
                    (0, _signals_js__WEBPACK_IMPORTED_MODULE_14__.T)(signals, command, this.#held.reach);
                    guard?.killed.then(()=>reporter.tell({
                            kind: 'unguarded'
                        }));
                    let code = await Promise.race([
                        command.ended,
                        keeping.ended.then(()=>void 0)
                    ]);
                    stop.abort();
                    let end = await keeping.ended;
                    if ('lost' === end.kind) return await this.#lose(command, end.cause);
                    let dismissed = await guard?.dismiss();
                    if (dismissed?.fired) return await this.#lose(command, this.#overslept());
                    if (void 0 !== command.failure) this.#cli.say(`leasehold: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(command.failure)}`);
                    return await this.#release(code ?? 0);
                } catch (error) {
                    stop.abort();
                    await command?.terminate(0, this.#cli.clock);
                    throw error;
                }
            }
            async #believes({ lost }) {
                let { clock } = this.#cli;
                while(!this.#lease.believes((0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(clock))){
                    if (lost.aborted) return false;
                    await clock.sleep(20, lost);
                }
                return true;
            }
            async #giveBack(signal) {
                let mayBeHeld = false;
                try {
                    await this.#lease.release(this.#cli.clock.monotonicMs() + RELEASE_WITHIN_MS);
                } catch (error) {
                    if (!(0, _lease_context_js__WEBPACK_IMPORTED_MODULE_3__.A1)(error)) throw error;
                    mayBeHeld = true;
                }
                return (0, _take_js__WEBPACK_IMPORTED_MODULE_13__.K)(this.#cli, this.#options, {
                    signal,
                    mayBeHeld
                });
            }
            #start() {
                let { reach, guard } = this.#held;
                let lease = this.#lease;
                return _child_js__WEBPACK_IMPORTED_MODULE_7__.j.start(this.#options.command, {
                    reach,
                    guard,
                    environment: {
                        ...this.#cli.environment,
                        LEASEHOLD_TOKEN: String(lease.token),
                        LEASEHOLD_LEASE: lease.id,
                        LEASEHOLD_NAME: lease.lock.name
                    }
                });
            }
            #leftMs() {
                let { snapshot, timing } = this.#lease;
                return snapshot.sentAt.monotonicMs + timing.ttlMs - KILL_AHEAD_MS - this.#cli.clock.monotonicMs();
            }
            #overslept() {
                let { ttlMs } = this.#lease.timing;
                return {
                    kind: 'unreachable',
                    detail: `no renewal was made for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(ttlMs)}, since leasehold was stopped`
                };
            }
            async #lose(command, cause) {
                this.#held.reporter.tell(this.#loss(cause));
                await command.terminate(graceMs(cause, this.#leftMs()), this.#cli.clock);
                if (!isGone(cause)) await this.#freeEarly();
                return this.#failLost(cause, 'The command under it was stopped.', (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_8__.F)('lost'));
            }
            async #freeEarly() {
                let { clock } = this.#cli;
                let untilMs = clock.monotonicMs() + FREE_WITHIN_MS;
                try {
                    await (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(clock, FREE_WITHIN_MS, void 0, (signal)=>this.#lease.release(untilMs, signal));
                } catch (error) {
                    if (!(0, _lease_context_js__WEBPACK_IMPORTED_MODULE_3__.A1)(error)) throw error;
                }
            }
            #loss(cause) {
                let { snapshot, token, timing } = this.#lease;
                let { sentAt } = snapshot;
                let aloneMs = (0, _lease_lease_js__WEBPACK_IMPORTED_MODULE_6__.Q1)(cause, {
                    sentAt,
                    token
                }, {
                    timing,
                    nowMs: this.#cli.clock.wallMs()
                });
                return {
                    kind: 'lost',
                    token,
                    cause,
                    aloneUntilMs: aloneMs
                };
            }
            #failLost(cause, consequence, exitCode) {
                this.#memory.add(cause);
                (0, _io_js__WEBPACK_IMPORTED_MODULE_10__.Iq)(this.#cli, this.#options.json, {
                    kind: 'lost',
                    exitCode,
                    lines: [
                        `The lease of lock "${this.#options.name}" was lost: ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_4__.$4)(cause)}. ${consequence}`
                    ],
                    details: {
                        cause
                    }
                });
                return exitCode;
            }
            async #release(code) {
                let { reporter } = this.#held;
                let lease = this.#lease;
                let { clock } = this.#cli;
                try {
                    let outcome = await lease.release(clock.monotonicMs() + RELEASE_WITHIN_MS);
                    if ('lost' === outcome.kind) {
                        reporter.notify(this.#loss(outcome.cause));
                        return this.#failLost(outcome.cause, 'That came to light only when the command had ended: others may have run beside it.', 0 === code ? (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_8__.F)('lost') : code);
                    }
                    this.#memory.add('released');
                    reporter.tell({
                        kind: 'released',
                        token: lease.token,
                        heldMs: this.#memory.heldMs
                    });
                    return code;
                } catch (error) {
                    if (!(0, _lease_context_js__WEBPACK_IMPORTED_MODULE_3__.A1)(error)) throw error;
                    let exitCode = 0 === code ? (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_8__.F)('not-released') : code;
                    (0, _io_js__WEBPACK_IMPORTED_MODULE_10__.Iq)(this.#cli, this.#options.json, {
                        kind: 'not-released',
                        exitCode,
                        lines: [
                            `The command ended with ${code}, but lock "${this.#options.name}" could not be released: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(error.message)}`,
                            `Its lease runs out by itself within ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(lease.timing.ttlMs)}.`
                        ]
                    });
                    return exitCode;
                }
            }
        }
        function graceMs(cause, leftMs) {
            return isGone(cause) ? GRACE_MS : Math.min(Math.max(leftMs, 0), GRACE_MS);
        }
        function isGone(cause) {
            switch(cause.kind){
                case 'stolen':
                case 'broken':
                case 'expired':
                case 'released':
                case 'missing':
                    return true;
                case 'unreachable':
                case 'refused':
                case 'max-hold':
                    return false;
            }
        }
    },
    1175: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            status: ()=>status
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(9507);
        var _github_server_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(2712);
        var _lease_context_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6149);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8553);
        var _lease_name_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7495);
        var _lease_policy_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(206);
        var _lease_shared_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5797);
        var _lease_tree_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(44);
        var _documents_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(5840);
        var _json_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(8910);
        var _lock_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(695);
        async function status(cli, options) {
            let { name, store, json } = options;
            let lock = await (0, _lock_js__WEBPACK_IMPORTED_MODULE_8__.qB)(cli, options);
            let [seen, frozen] = await Promise.all([
                (0, _lease_context_js__WEBPACK_IMPORTED_MODULE_1__.Op)(lock, {
                    age: true
                }),
                frozenBy(lock)
            ]);
            if (json) {
                let by = frozen && (0, _documents_js__WEBPACK_IMPORTED_MODULE_7__.x)({
                    name: frozen.name,
                    store
                }, frozen);
                let document = (0, _documents_js__WEBPACK_IMPORTED_MODULE_7__.x)({
                    name,
                    store,
                    ageMs: seen.ageMs
                }, seen.record);
                cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_9__.r)({
                    ...document,
                    ...by ? {
                        frozenBy: by
                    } : {}
                }));
                return 0;
            }
            for (let line of statusLines(options, seen, await runLine(cli, seen.record)))cli.print(line);
            if (frozen) for (let line of (0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.a2)(name, frozen))cli.print(line);
            return 0;
        }
        async function frozenBy(lock) {
            let untilMs = lock.clock.monotonicMs();
            return (await (0, _lease_tree_js__WEBPACK_IMPORTED_MODULE_6__._)(lock, (0, _lease_name_js__WEBPACK_IMPORTED_MODULE_3__.Gw)(lock.name), {
                untilMs,
                signal: void 0
            }))?.record;
        }
        async function runLine(cli, record) {
            if (record?.state !== 'held' || void 0 === record.holder.runUrl || '' === (0, _github_server_js__WEBPACK_IMPORTED_MODULE_10__.j)(cli.environment)) return [];
            let verdict = await (0, _lock_js__WEBPACK_IMPORTED_MODULE_8__.Lo)(cli).check(record);
            return [
                `  state   ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_11__.tB)('finished' === verdict.kind ? verdict.proof : verdict.detail)}`
            ];
        }
        function statusLines(options, { record, ageMs }, run) {
            if (!record) return [
                `Lock "${options.name}" is free. Nobody has ever held it in ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_11__.tB)(options.store)}.`
            ];
            if ('held' !== record.state) return (0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.TV)(record);
            return [
                ...(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.TV)(record),
                `  lease   ${leaseLine(record, ageMs)}`,
                ...run,
                `${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.FB)(record)}: ${(0, _lock_js__WEBPACK_IMPORTED_MODULE_8__.hY)(options, record.holder.leaseId)}`
            ];
        }
        function leaseLine(record, ageMs) {
            let { ttlMs } = record;
            if (void 0 === ageMs) return `the store has no clock to tell its age: watch it for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs + _lease_policy_js__WEBPACK_IMPORTED_MODULE_4__.uh)}, and if it shows no renewal it has run out`;
            if ((0, _documents_js__WEBPACK_IMPORTED_MODULE_7__._)(ttlMs, ageMs)) return `ran out ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ageMs - ttlMs)} ago: whoever wants the lock takes it (stale policy "expired")`;
            let left = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(Math.max(0, ttlMs - ageMs));
            if ((0, _lease_shared_js__WEBPACK_IMPORTED_MODULE_5__.Rw)(record)) return `runs out in ${left}, and nobody renews it`;
            return `runs out in ${left} unless it is renewed (ttl ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs)})`;
        }
    },
    5840: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            _: ()=>isExpired,
            x: ()=>lockDocument
        });
        var _lease_policy_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(206);
        function lockDocument({ name, store, ageMs }, record) {
            if (!record) return {
                name,
                store,
                state: 'absent'
            };
            let { state, token, holder, ttlMs, renewals, acquiredAt } = record;
            return {
                name,
                store,
                state,
                token,
                holder,
                ttlMs,
                renewals,
                acquiredAt,
                ...void 0 === ageMs ? {} : {
                    ageMs: Math.round(ageMs)
                },
                ...void 0 === ageMs || 'held' !== state ? {} : {
                    expired: isExpired(ttlMs, ageMs)
                },
                ...'held' === state ? heldFields(record) : {},
                ...'released' === state ? {
                    ended: record.ended
                } : {}
            };
        }
        function heldFields({ tree, reserved, shared }) {
            return {
                ...tree ? {
                    tree
                } : {},
                ...reserved ? {
                    reservedUntil: reserved.until
                } : {},
                ...shared ? {
                    members: shared.members
                } : {}
            };
        }
        function isExpired(ttlMs, ageMs) {
            return ageMs >= ttlMs + _lease_policy_js__WEBPACK_IMPORTED_MODULE_0__.uh;
        }
    },
    6277: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            Cl: ()=>eventLines,
            YD: ()=>leaseDocument,
            af: ()=>eventDocument
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9507);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8553);
        var _documents_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5840);
        function eventLines(event, { name }) {
            switch(event.kind){
                case 'store-trouble':
                    return [
                        `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.tB)(event.error.message)} Trying again.`
                    ];
                case 'skipped':
                    return [
                        ...(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.a2)(name, event.record),
                        'Skipped (--on-busy skip): the command was not run.'
                    ];
                case 'stolen':
                    {
                        let { from, because, proof } = event.stolen;
                        let why = void 0 === proof ? because : `${because}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.tB)(proof)}`;
                        let delay = event.lockDelayMs > 0 ? ` It is entered in ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(event.lockDelayMs)}.` : '';
                        return [
                            `Lock "${name}" was stolen from ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.sG)(from.holder)} (${why}).${delay}`
                        ];
                    }
                case 'freed':
                    {
                        let { from, because, proof } = event.ended;
                        let why = void 0 === proof ? because : `${because}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.tB)(proof)}`;
                        return [
                            `The lease of lock "${from.name}" stood in the way, held by ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.sG)(from.holder)}. It was ended (${why}).`
                        ];
                    }
                case 'acquired':
                    {
                        let { lease, waitedMs } = event.acquired;
                        return [
                            `Lock "${name}" acquired after ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(waitedMs)}: token ${lease.token}, lease ${lease.id}.`
                        ];
                    }
                case 'renewal-trouble':
                    return [
                        `Lock "${name}" could not be renewed: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.tB)(event.error.message)} Trying again.`
                    ];
                case 'renewed-late':
                    return [
                        `Lock "${name}" was renewed ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(event.lateMs)} past its deadline (the machine slept, or its clock was set). Nobody had entered in between.`
                    ];
                case 'unguarded':
                    return [
                        `The process that guards the command under lock "${name}" was killed. If leasehold is killed too, the command goes on without the lock.`
                    ];
                case 'lost':
                    return [
                        `The lease of lock "${name}" was lost: ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.$4)(event.cause)}. From ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.r4)(event.aloneUntilMs)} on others may hold it. Stopping the command.`
                    ];
                case 'released':
                    return [
                        `Lock "${name}" is released.`
                    ];
                case 'notify-failed':
                    return [
                        event.detail
                    ];
            }
        }
        function eventDocument(event, { name, store }) {
            let head = {
                event: event.kind,
                name,
                store
            };
            switch(event.kind){
                case 'waiting':
                    {
                        let { record, observation, waitedMs, nextLookMs } = event.waiting;
                        let lock = (0, _documents_js__WEBPACK_IMPORTED_MODULE_2__.x)({
                            name: record.name,
                            store,
                            ageMs: observation.ageMs
                        }, record);
                        let { usual, leftMs } = event.expectation ?? {};
                        return {
                            ...head,
                            waitedMs: Math.round(waitedMs),
                            nextLookMs: Math.round(nextLookMs),
                            ...usual ? {
                                usuallyHeldMs: Math.round(usual.heldMs)
                            } : {},
                            ...void 0 === leftMs ? {} : {
                                leftMs: Math.round(leftMs)
                            },
                            lock
                        };
                    }
                case 'skipped':
                    return {
                        ...head,
                        lock: (0, _documents_js__WEBPACK_IMPORTED_MODULE_2__.x)({
                            name: event.record.name,
                            store
                        }, event.record)
                    };
                case 'stolen':
                    {
                        let { from, because, proof } = event.stolen;
                        let { lockDelayMs } = event;
                        return {
                            ...head,
                            from: from.holder,
                            because,
                            ...void 0 === proof ? {} : {
                                proof
                            },
                            lockDelayMs
                        };
                    }
                case 'freed':
                    {
                        let { from, because, proof } = event.ended;
                        return {
                            ...head,
                            lock: from.name,
                            from: from.holder,
                            because,
                            ...void 0 === proof ? {} : {
                                proof
                            }
                        };
                    }
                case 'acquired':
                    return {
                        ...head,
                        ...leaseDocument(event.acquired)
                    };
                case 'store-trouble':
                case 'renewal-trouble':
                    return {
                        ...head,
                        message: event.error.message
                    };
                case 'renewed-late':
                    return {
                        ...head,
                        lateMs: Math.round(event.lateMs)
                    };
                case 'lost':
                    return {
                        ...head,
                        cause: event.cause,
                        message: (0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.$4)(event.cause),
                        aloneUntil: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.r4)(event.aloneUntilMs)
                    };
                case 'released':
                    return {
                        ...head,
                        heldMs: Math.round(event.heldMs)
                    };
                case 'notify-failed':
                    return {
                        ...head,
                        message: event.detail
                    };
                case 'unguarded':
                    return head;
            }
        }
        function leaseDocument({ lease, waitedMs, stolen }) {
            return {
                lease: lease.id,
                token: lease.token,
                ttlMs: lease.timing.ttlMs,
                waitedMs: Math.round(waitedMs),
                ...stolen ? {
                    stolenFrom: stolen.from.holder
                } : {}
            };
        }
    },
    535: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            F: ()=>exitCodeOf,
            f: ()=>exitCodeOfSignal
        });
        var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8161);
        function exitCodeOf(kind) {
            switch(kind){
                case 'usage':
                    return 64;
                case 'unavailable':
                case 'indeterminate':
                    return 69;
                case 'defect':
                    return 70;
                case 'not-released':
                    return 73;
                case 'busy':
                case 'timed-out':
                    return 75;
                case 'lost':
                case 'not-held':
                    return 76;
                case 'denied':
                    return 77;
                case 'misconfigured':
                case 'corrupt':
                    return 78;
            }
        }
        function exitCodeOfSignal(signal) {
            return 128 + node_os__WEBPACK_IMPORTED_MODULE_0__.constants.signals[signal];
        }
    },
    6959: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            Du: ()=>parseCommandLine,
            Lo: ()=>COMMANDS,
            kl: ()=>usagesOf,
            rI: ()=>specOf
        });
        var node_util__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7975);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9507);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6485);
        let OPTIONS = {
            store: {
                value: 'URL',
                help: 'where the locks are: s3://bucket/prefix?region=…, file:///directory or a path. Default: $LEASEHOLD_STORE, else $XDG_STATE_HOME/leasehold (~/.local/state/leasehold)'
            },
            protocol: {
                value: 'PROTOCOL',
                help: 'take the lock of another program instead of a lease: pid, vfs, levels, asterisk-lockfile or asterisk-flock, see docs/protocols.md'
            },
            path: {
                value: 'PATH',
                help: 'with --protocol: what is locked, instead of NAME'
            },
            'vfs-keys': {
                value: 'new|old|both',
                help: 'with --protocol vfs: how the keys of the record are spelt. Default: new'
            },
            ttl: {
                value: 'DURATION',
                help: 'without a renewal for this long others may take the lock; 15s to 1d. Default: 90s; with --protocol: see docs/protocols.md'
            },
            'wait-timeout': {
                value: 'DURATION',
                help: "how long to wait for a lock that is held; 0: don't. Default: 30m"
            },
            'on-busy': {
                value: 'wait|fail|skip',
                help: 'when the lock is held: wait; fail at once (exit code 75); skip the command and succeed (run only). Default: wait'
            },
            'stale-policy': {
                value: 'POLICY',
                help: "when somebody else's lease may be stolen: never, expired, holder-finished, expired-and-holder-finished. With GH_TOKEN or GITHUB_TOKEN set, GitHub is asked for proof. Default: expired"
            },
            'on-stale': {
                value: 'COMMAND',
                help: 'a shell command that is asked before a steal, with the record as JSON on standard input; only exit status 0 allows it'
            },
            'lock-delay': {
                value: 'DURATION',
                help: 'how long to hold a stolen lock before entering, for resources that can not check a token. Default: 0s'
            },
            'owner-id': {
                value: 'TEXT',
                help: "what the holder is called. Default: the id of the CI system's run, else user@host"
            },
            reason: {
                value: 'TEXT',
                help: 'why the lock is held, or broken: everybody who meets it reads it'
            },
            'max-hold': {
                value: 'DURATION',
                help: 'the longest that the lease is renewed, at least 1m. Default: 6h'
            },
            pid: {
                value: 'PID',
                help: 'stop renewing when this process is gone'
            },
            for: {
                value: 'DURATION',
                help: 'for how long, 1m to 30d'
            },
            tree: {
                help: 'with all locks below it: prod/api and prod/api/eu for prod'
            },
            lease: {
                value: 'ID',
                help: 'the lease, 32 hexadecimal digits, as acquire and status show it'
            },
            by: {
                value: 'TEXT',
                help: 'who breaks it. Default: user@host'
            },
            notify: {
                value: 'COMMAND',
                help: 'a shell command that is told what happens to the lock, as JSON on standard input: acquired, stolen, lost, released, waited-too-long. That it fails changes nothing'
            },
            'notify-after': {
                value: 'DURATION',
                help: 'after how long a wait --notify is told of waited-too-long. Default: 10m'
            },
            json: {
                help: 'results, events and errors as JSON'
            },
            quiet: {
                help: 'say nothing but errors'
            },
            help: {
                help: 'this text'
            }
        };
        let WAIT = [
            'wait-timeout',
            'on-busy',
            'stale-policy',
            'on-stale',
            'lock-delay',
            'owner-id',
            'notify',
            'notify-after'
        ];
        let TAKE = [
            'ttl',
            ...WAIT,
            'reason'
        ];
        let OTHER = [
            'protocol',
            'path'
        ];
        let COMMANDS = {
            run: {
                summary: 'Take the lock, run a command under it, release it.',
                usage: 'NAME [options] -- COMMAND [ARGUMENT…]',
                options: [
                    'store',
                    ...TAKE,
                    ...OTHER,
                    'vfs-keys',
                    'quiet',
                    'json'
                ]
            },
            acquire: {
                summary: 'Take the lock and leave a keeper behind that renews it. Prints the lease as JSON.',
                usage: 'NAME [options]',
                options: [
                    'store',
                    ...TAKE,
                    'max-hold',
                    'pid',
                    ...OTHER,
                    'vfs-keys',
                    'quiet',
                    'json'
                ]
            },
            release: {
                summary: 'Release a lease that acquire took.',
                usage: 'NAME --lease ID [options]',
                options: [
                    'lease',
                    'notify',
                    'store',
                    ...OTHER,
                    'json'
                ]
            },
            status: {
                summary: 'Say who holds the lock.',
                usage: 'NAME [options]',
                options: [
                    'store',
                    ...OTHER,
                    'json'
                ]
            },
            history: {
                summary: 'Show the last 20 holds of the lock: who, for how long, and how they ended.',
                usage: 'NAME [options]',
                options: [
                    'store',
                    'json'
                ]
            },
            list: {
                summary: 'Say who holds which lock of the store.',
                usage: '[options]',
                options: [
                    'store',
                    'json'
                ]
            },
            reserve: {
                summary: 'Hold the lock for a person and a time, without a process: for maintenance.',
                usage: 'NAME --for DURATION --reason TEXT [options]',
                options: [
                    'for',
                    'reason',
                    'tree',
                    'store',
                    ...WAIT,
                    'quiet',
                    'json'
                ]
            },
            break: {
                summary: "End somebody else's lease. Its holder is told, and stops.",
                usage: 'NAME --lease ID --reason TEXT [options]',
                options: [
                    'lease',
                    'reason',
                    'by',
                    'store',
                    ...OTHER,
                    'json'
                ]
            },
            doctor: {
                summary: 'Test whether the store keeps the promises that a lock needs.',
                usage: '[options]',
                options: [
                    'store',
                    'json'
                ]
            }
        };
        function usagesOf(command) {
            let { usage, options } = COMMANDS[command];
            let other = usage.replace('break' === command ? 'NAME --lease ID' : 'NAME', '--protocol PROTOCOL --path PATH');
            let usages = options.includes('protocol') ? [
                usage,
                other
            ] : [
                usage
            ];
            return usages.map((text)=>`leasehold ${command} ${text}`);
        }
        function parseCommandLine(argv) {
            let [first, ...others] = argv;
            if (void 0 === first || '--help' === first || '-h' === first) return {
                kind: 'help'
            };
            if ('--version' === first || '-V' === first) return {
                kind: 'version'
            };
            if ('help' === first) return void 0 === others[0] ? {
                kind: 'help'
            } : helpOn(others[0]);
            return parseCommand(commandCalled(first), others);
        }
        function helpOn(name) {
            return {
                kind: 'help',
                command: commandCalled(name)
            };
        }
        function commandCalled(name) {
            let names = keysOf(COMMANDS);
            let found = names.find((command)=>command === name);
            if (found) return found;
            if (name.startsWith('-')) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`The command comes first, before ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__.hD)(name)}: one of ${names.join(', ')}.`);
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`There is no command ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__.hD)(name)}. ${suggestion(name, names)}`);
        }
        function parseCommand(command, argv) {
            let end = argv.indexOf('--');
            let own = end < 0 ? argv : argv.slice(0, end);
            let { tokens } = (0, node_util__WEBPACK_IMPORTED_MODULE_0__.parseArgs)({
                args: [
                    ...own
                ],
                strict: false,
                allowPositionals: true,
                tokens: true,
                options: Object.fromEntries(keysOf(OPTIONS).map((name)=>[
                        name,
                        {
                            type: takesValue(name) ? 'string' : 'boolean'
                        }
                    ]))
            });
            let values = {};
            let flags = new Set();
            let positionals = [];
            for (let token of tokens){
                if ('positional' === token.kind) positionals.push(token.value);
                if ('option' !== token.kind) continue;
                if ('-h' === token.rawName || 'help' === token.name) return {
                    kind: 'help',
                    command
                };
                let name = optionCalled(token.rawName, command);
                if (name in values || flags.has(name)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`--${name} is given twice.`);
                if (takesValue(name)) values[name] = valueIn(name, token);
                else if (void 0 === token.value) flags.add(name);
                else throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`--${name} takes no value.`);
            }
            return {
                kind: 'command',
                command,
                values,
                flags,
                positionals,
                ...end < 0 ? {} : {
                    rest: argv.slice(end + 1)
                }
            };
        }
        function optionCalled(rawName, command) {
            let allowed = COMMANDS[command].options;
            let found = allowed.find((name)=>`--${name}` === rawName);
            if (found) return found;
            let elsewhere = keysOf(OPTIONS).some((name)=>`--${name}` === rawName);
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(elsewhere ? `${rawName} is no option of "${command}". Its options: ${allowed.map((name)=>`--${name}`).join(', ')}.` : `There is no option ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__.hD)(rawName)}. ${suggestion(rawName, allowed.map((name)=>`--${name}`))}`);
        }
        function valueIn(name, token) {
            let forgotten = token.value?.startsWith('--') === true && true !== token.inlineValue;
            if (void 0 === token.value || forgotten) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`--${name} needs a value: ${OPTIONS[name].help}.`);
            return token.value;
        }
        function specOf(name) {
            return OPTIONS[name];
        }
        function takesValue(name) {
            return void 0 !== specOf(name).value;
        }
        function keysOf(table) {
            return Object.keys(table);
        }
        function suggestion(name, known) {
            let [nearest] = known.map((candidate)=>({
                    candidate,
                    distance: editDistance(name, candidate)
                })).filter(({ candidate, distance })=>distance <= Math.max(2, candidate.length / 3)).sort((a, b)=>a.distance - b.distance);
            return nearest ? `Did you mean ${nearest.candidate}?` : `Known: ${known.join(', ')}.`;
        }
        function editDistance(a, b) {
            let row = [
                ...Array(b.length + 1).keys()
            ];
            for (let [i, letter] of [
                ...a
            ].entries()){
                let next = [
                    i + 1
                ];
                for (let [j, other] of [
                    ...b
                ].entries()){
                    let changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
                    next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
                }
                row = next;
            }
            return row[b.length] ?? 0;
        }
    },
    7763: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            w: ()=>Guard
        });
        var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1421);
        var node_events__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8474);
        var node_fs__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3024);
        var _base_process_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8208);
        var _keeper_handover_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(3387);
        let SCRIPT = `
reach=$1 name=$2 command= seconds= targets= found= asked= timer= fractions=
# POSIX knows whole seconds only; nearly every sleep knows more.
sleep 0.001 2>/dev/null && fractions=yes

processes() {
  if [ -r /proc/self/stat ]; then
    for stat in /proc/[0-9]*/stat; do
      read -r line <"$stat" || continue
      pid=\${stat#/proc/} rest=\${line##*) } rest=\${rest#* }
      echo "\${pid%/stat} \${rest%% *}"
    done
  else
    ps -A -o pid= -o ppid=
  fi
}

below() (
  echo "$1"
  while read -r pid parent; do
    if [ "$parent" = "$1" ]; then below "$pid"; fi
  done <<END
$table
END
)

send() {
  [ -n "$command" ] || return 0
  case $reach in
    group) targets=-$command ;;
    tree)
      table=$(processes)
      found=$(below "$command")
      # What TERM reached and has lost its parent since must be killed too; the pids of older signals may be others' by now.
      case $1 in
        TERM) targets=$found asked=$found ;;
        KILL) targets="$asked $found" ;;
        *) targets=$found ;;
      esac ;;
  esac
  kill -s "$1" -- $targets
  kill -s CONT -- $targets
} 2>/dev/null

watch() {
  # KILL, for a TERM that comes between the fork and the exec of sleep is lost to the shell's own handler.
  # It has no pid yet if TERM comes before the fork.
  trap 'kill -s KILL "$!" 2>/dev/null; exit' TERM
  [ -n "$fractions" ] || set -- "\${1%.*}"
  sleep "$1" 3<&- 2>/dev/null &
  wait "$!" || exit
  send KILL
  echo "leasehold: Lock \\"$name\\" was not renewed in time, so the command is killed." >&2
  kill -s ALRM $$
}

unwatch() {
  [ -z "$timer" ] || kill "$timer"
} 2>/dev/null

rewatch() {
  unwatch
  [ -n "$command" ] && [ -n "$seconds" ] || return 0
  watch "$seconds" &
  timer=$!
}

while read -r word value <&3; do
  case $word in
    command) command=$value; rewatch ;;
    lease) seconds=$value; rewatch ;;
    signal) send "$value" ;;
    done) unwatch; exit 0 ;;
  esac
done
unwatch
[ -n "$command" ] || exit 1
send KILL
echo "leasehold: leasehold itself was killed, so the command under lock \\"$name\\" is killed too." >&2
`;
        let LAUNCHER = 'echo "command $$" >&3 || exit; exec "$@" 3>&-';
        let PIPE = 3;
        class Guard {
            id;
            #child;
            #pipe;
            #ended;
            #dismissed = false;
            constructor(child, pipe){
                this.#child = child;
                this.#pipe = pipe;
                this.id = (0, _base_process_js__WEBPACK_IMPORTED_MODULE_3__.ls)(child.pid);
                pipe.on('error', ()=>{});
                this.#ended = (0, node_events__WEBPACK_IMPORTED_MODULE_1__.once)(child, 'exit').then(([, signal])=>signal);
            }
            static start(reach, name) {
                if ('win32' === process.platform || !(0, node_fs__WEBPACK_IMPORTED_MODULE_2__.existsSync)('/bin/sh')) return;
                let child = (0, node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)('/bin/sh', [
                    '-c',
                    'eval "$LEASEHOLD_GUARD"',
                    'leasehold-guard',
                    reach,
                    name
                ], {
                    detached: true,
                    stdio: [
                        'ignore',
                        'ignore',
                        'inherit',
                        'pipe'
                    ],
                    cwd: '/',
                    env: {
                        ...(0, _keeper_handover_js__WEBPACK_IMPORTED_MODULE_4__.Ud)(process.env),
                        LEASEHOLD_GUARD: SCRIPT
                    }
                });
                let pipe = child.stdio[PIPE];
                if (void 0 === child.pid || !pipe || !('write' in pipe)) throw new Error('/bin/sh could not be started.');
                return new Guard(Object.assign(child, {
                    pid: child.pid
                }), pipe);
            }
            launch(command) {
                if (this.#isOver) throw new Error(`the process that guards the command (leasehold-guard, pid ${this.id.pid}) was killed, so the command was not run. Run it again.`);
                return {
                    argv: [
                        '/bin/sh',
                        '-c',
                        LAUNCHER,
                        'leasehold',
                        ...command
                    ],
                    pipe: this.#pipe
                };
            }
            extend(ms) {
                this.#tell(`lease ${(Math.max(0, Math.floor(ms)) / 1_000).toFixed(3)}`);
            }
            signal(signal) {
                return this.#tell(`signal ${signal.slice(3)}`);
            }
            get killed() {
                return new Promise((resolve)=>{
                    this.#ended.then((signal)=>{
                        if (this.#dismissed || 'SIGALRM' === signal) return;
                        this.#stopTimer();
                        resolve();
                    });
                });
            }
            #stopTimer() {
                try {
                    process.kill(-this.id.pid, 'SIGKILL');
                } catch  {}
            }
            async dismiss() {
                this.#dismissed = true;
                this.#tell('done');
                return {
                    fired: await this.#ended === 'SIGALRM'
                };
            }
            get #isOver() {
                return null !== this.#child.exitCode || null !== this.#child.signalCode;
            }
            #tell(line) {
                if (this.#isOver) return false;
                this.#pipe.write(`${line}\n`);
                return true;
            }
        }
    },
    931: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            y: ()=>help
        });
        var _grammar_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6959);
        function help(command, columns = 100) {
            return void 0 === command ? overview(columns) : helpOn(command, columns);
        }
        let ABOUT = 'A lock for deploys and other things that must not run twice at a time. Its holder renews a lease, so that a dead one never blocks the others for long.';
        function overview(columns) {
            let rows = Object.entries(_grammar_js__WEBPACK_IMPORTED_MODULE_0__.Lo).map(([name, { summary }])=>[
                    name,
                    summary
                ]);
            return [
                'Usage: leasehold COMMAND [options]',
                '',
                ...wrap(ABOUT, columns),
                '',
                'Commands:',
                ...table(rows, columns),
                '',
                '  leasehold COMMAND --help   all about one command',
                '  leasehold --version',
                ''
            ].join('\n');
        }
        function helpOn(command, columns) {
            let { summary, options } = _grammar_js__WEBPACK_IMPORTED_MODULE_0__.Lo[command];
            let rows = [
                ...options,
                'help'
            ].map((name)=>[
                    label(name),
                    (0, _grammar_js__WEBPACK_IMPORTED_MODULE_0__.rI)(name).help
                ]);
            return [
                ...(0, _grammar_js__WEBPACK_IMPORTED_MODULE_0__.kl)(command).flatMap((usage, index)=>usageLines(usage, {
                        first: 0 === index,
                        columns
                    })),
                '',
                ...wrap(summary, columns),
                '',
                'Options:',
                ...table(rows, columns),
                ''
            ].join('\n');
        }
        function usageLines(usage, { first, columns }) {
            let [head = '', ...rest] = wrap(usage, columns - 7);
            return [
                `${first ? 'Usage:' : '   or:'} ${head}`,
                ...rest.map((line)=>`         ${line}`)
            ];
        }
        function label(name) {
            let { value } = (0, _grammar_js__WEBPACK_IMPORTED_MODULE_0__.rI)(name);
            return void 0 === value ? `--${name}` : `--${name} ${value}`;
        }
        function table(rows, columns) {
            let indent = Math.max(...rows.map(([left])=>left.length)) + 4;
            return rows.flatMap(([left, right])=>wrap(right, columns - indent).map((line, index)=>0 === index ? `  ${left.padEnd(indent - 2)}${line}` : `${' '.repeat(indent)}${line}`));
        }
        function wrap(text, columns) {
            let lines = [];
            for (let word of text.split(' ')){
                let last = lines.at(-1);
                if (void 0 !== last && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
                else lines.push(word);
            }
            return lines;
        }
    },
    8908: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            Iq: ()=>sayError,
            VL: ()=>messageLines,
            fJ: ()=>fail
        });
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9507);
        var _exit_codes_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(535);
        var _json_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8910);
        function fail(cli, json, { kind, lines, details }) {
            let exitCode = (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_0__.F)(kind);
            sayError(cli, json, {
                kind,
                exitCode,
                lines,
                ...details ? {
                    details
                } : {}
            });
            return exitCode;
        }
        function sayError(cli, json, error) {
            let { kind, exitCode, lines, details } = error;
            if (json) cli.say((0, _json_js__WEBPACK_IMPORTED_MODULE_1__.r)({
                error: {
                    kind,
                    message: lines.join('\n'),
                    exitCode,
                    ...details
                }
            }));
            else for (let line of lines)cli.say(`leasehold: ${line}`);
        }
        let LONGEST_LINE = 4_096;
        function messageLines(text) {
            return text.split('\n').map((line)=>(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__.tB)(line, LONGEST_LINE));
        }
    },
    8910: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            r: ()=>jsonLine
        });
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9507);
        function jsonLine(value) {
            return (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_0__.O8)(JSON.stringify(value)).replace(/##\[/g, '##\\u005b');
        }
    },
    457: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            O: ()=>sweepKeepers,
            x: ()=>keeperFolder
        });
        var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
        var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
        var _base_process_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8208);
        var _keeper_folder_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4984);
        var _command_line_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1722);
        let KEPT_MS = 604800000;
        function keeperFolder(environment, leaseId) {
            return new _keeper_folder_js__WEBPACK_IMPORTED_MODULE_3__.J((0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(keepersHome(environment), leaseId));
        }
        function sweepKeepers(environment, nowMs) {
            let home = keepersHome(environment);
            try {
                for (let leaseId of (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readdirSync)(home)){
                    let folder = new _keeper_folder_js__WEBPACK_IMPORTED_MODULE_3__.J((0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(home, leaseId));
                    let { keeper } = folder.readStatus() ?? folder.readProtocolStatus() ?? {};
                    let gone = void 0 === keeper || !(0, _base_process_js__WEBPACK_IMPORTED_MODULE_2__._n)(keeper);
                    if (gone && nowMs - (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(folder.path).mtimeMs >= KEPT_MS) folder.remove();
                }
            } catch  {}
        }
        function keepersHome(environment) {
            return (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)((0, _command_line_js__WEBPACK_IMPORTED_MODULE_4__.Z0)(environment), 'leasehold', 'keepers');
        }
    },
    695: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            Lo: ()=>gitHubEvidence,
            MU: ()=>CALL_TIMEOUT_MS,
            Pw: ()=>releaseCommand,
            fo: ()=>requestOf,
            hY: ()=>breakCommand,
            qB: ()=>openLock
        });
        var _base_process_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8208);
        var _base_shell_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(4239);
        var _github_evidence_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7961);
        var _github_server_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(2712);
        var _lease_evidence_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8033);
        var _lease_self_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8380);
        var _lease_veto_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8752);
        var _store_open_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4805);
        let CALL_TIMEOUT_MS = 10_000;
        async function openLock(cli, options, callTimeoutMs = CALL_TIMEOUT_MS) {
            let { clock, random } = cli;
            return {
                name: options.name,
                store: await (0, _store_open_js__WEBPACK_IMPORTED_MODULE_5__.C)(options.store),
                clock,
                random,
                callTimeoutMs
            };
        }
        function requestOf(cli, options, processes) {
            let { ownerId, reason, timing, stalePolicy, onStale, lockDelayMs, waitTimeoutMs } = options;
            let holder = (0, _lease_self_js__WEBPACK_IMPORTED_MODULE_3__.As)(cli.environment, {
                leaseId: cli.random.hex(16),
                ownerId,
                ...reason ? {
                    reason
                } : {},
                processes
            });
            return {
                holder,
                timing,
                stalePolicy,
                evidence: [
                    (0, _lease_evidence_js__WEBPACK_IMPORTED_MODULE_2__.NZ)(holder),
                    (0, _lease_evidence_js__WEBPACK_IMPORTED_MODULE_2__.$6)((0, _base_process_js__WEBPACK_IMPORTED_MODULE_0__.Aq)()),
                    gitHubEvidence(cli)
                ],
                ...onStale ? {
                    veto: (0, _lease_veto_js__WEBPACK_IMPORTED_MODULE_4__.commandVeto)(onStale)
                } : {},
                lockDelayMs,
                waitTimeoutMs
            };
        }
        function gitHubEvidence({ environment, clock, random }) {
            return (0, _github_evidence_js__WEBPACK_IMPORTED_MODULE_1__.f)({
                server: (0, _github_server_js__WEBPACK_IMPORTED_MODULE_6__.f)(environment),
                token: (0, _github_server_js__WEBPACK_IMPORTED_MODULE_6__.j)(environment),
                tokenFrom: 'GH_TOKEN or GITHUB_TOKEN in the environment',
                repository: environment.GITHUB_REPOSITORY,
                clock,
                random
            });
        }
        function releaseCommand({ name, store, defaultStore }, leaseId) {
            return `leasehold release ${name} --lease ${leaseId}${defaultStore ? '' : ` --store ${(0, _base_shell_js__WEBPACK_IMPORTED_MODULE_7__.Z)(store)}`}`;
        }
        function breakCommand({ name, store, defaultStore }, leaseId) {
            let where = defaultStore ? '' : ` --store ${(0, _base_shell_js__WEBPACK_IMPORTED_MODULE_7__.Z)(store)}`;
            return `leasehold break ${name} --lease ${leaseId} --reason '…'${where}`;
        }
    },
    1273: (__webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.a(__webpack_module__, async (__webpack_handle_async_dependencies__, __webpack_async_result__)=>{
            try {
                __webpack_require__.r(__webpack_exports__);
                var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4743);
                var _base_process_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8208);
                var _base_random_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5874);
                var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(6485);
                var _lease_context_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6149);
                var _help_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(931);
                var _io_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8908);
                var _options_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(1632);
                var _version_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(6802);
                let { stdout, stderr } = process;
                for (let stream of [
                    stdout,
                    stderr
                ])stream.on('error', ()=>{});
                let cli = {
                    environment: process.env,
                    clock: _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml,
                    random: _base_random_js__WEBPACK_IMPORTED_MODULE_2__.v,
                    print: (line)=>stdout.write(`${line}\n`),
                    say: (line)=>stderr.write(`${line}\n`),
                    ...stderr.isTTY && 'dumb' !== process.env.TERM ? {
                        screen: {
                            write: (text)=>stderr.write(text),
                            columns: ()=>stderr.columns
                        }
                    } : {}
                };
                async function dispatch(invocation) {
                    switch(invocation.kind){
                        case 'version':
                            cli.print((0, _version_js__WEBPACK_IMPORTED_MODULE_7__.r)());
                            return 0;
                        case 'help':
                            cli.print((0, _help_js__WEBPACK_IMPORTED_MODULE_4__.y)(invocation.command, Math.min(stdout.columns ?? 100, 100)));
                            return 0;
                        case 'run':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 2124))).run(cli, invocation.options);
                        case 'acquire':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 4345))).acquire(cli, invocation.options);
                        case 'reserve':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 4013))).reserve(cli, invocation.options);
                        case 'release':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 7980))).release(cli, invocation.options);
                        case 'status':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 1175))).status(cli, invocation.options);
                        case 'history':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 8569))).history(cli, invocation.options);
                        case 'list':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 749))).list(cli, invocation.options);
                        case 'break':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 6455))).breakLock(cli, invocation.options);
                        case 'doctor':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 7514))).doctor(cli, invocation.options);
                        case 'run-protocol':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 7074))).runUnder(cli, invocation.options);
                        case 'acquire-protocol':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 6695))).acquireHeld(cli, invocation.options);
                        case 'release-protocol':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 1194))).releaseHeld(cli, invocation.options);
                        case 'status-protocol':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 5393))).statusOf(cli, invocation.options);
                        case 'break-protocol':
                            return (await Promise.resolve().then(__webpack_require__.bind(__webpack_require__, 4536))).breakHeld(cli, invocation.options);
                    }
                }
                function failWith(error, json) {
                    if (error instanceof _base_usage_error_js__WEBPACK_IMPORTED_MODULE_8__.e) return (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.fJ)(cli, json, {
                        kind: 'usage',
                        lines: (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.VL)(error.message)
                    });
                    if ((0, _lease_context_js__WEBPACK_IMPORTED_MODULE_3__.A1)(error)) return (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.fJ)(cli, json, {
                        kind: error.kind,
                        lines: (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.VL)(error.message)
                    });
                    if (error instanceof Error && 'KeeperError' === error.name) return (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.fJ)(cli, json, {
                        kind: 'defect',
                        lines: (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.VL)(error.message)
                    });
                    let detail = error instanceof Error ? error.stack ?? error.message : String(error);
                    return (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.fJ)(cli, json, {
                        kind: 'defect',
                        lines: (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.VL)(`Leasehold failed: ${detail}`)
                    });
                }
                let END_WITHIN_MS = 5_000;
                let argv = process.argv.slice(2);
                try {
                    process.exitCode = await dispatch((0, _options_js__WEBPACK_IMPORTED_MODULE_6__.w)(argv, cli.environment));
                } catch (error) {
                    process.exitCode = failWith(error, (0, _options_js__WEBPACK_IMPORTED_MODULE_6__.k)(argv));
                }
                stdout.write('', ()=>{
                    (0, _base_process_js__WEBPACK_IMPORTED_MODULE_1__.eT)(END_WITHIN_MS, ()=>{
                        cli.say(`leasehold: A call to the store still hangs, so this process is killed. Its exit code would have been ${process.exitCode}.`);
                    });
                });
                __webpack_async_result__();
            } catch (e) {
                __webpack_async_result__(e);
            }
        }, 1);
    },
    3687: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            c: ()=>Memory,
            t: ()=>RECORD_WITHIN_MS
        });
        var _lease_history_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7646);
        let RECORD_WITHIN_MS = 2_000;
        class Memory {
            #taken;
            #acquiredMs;
            #queue = Promise.resolve();
            constructor(taken){
                this.#taken = taken;
                let { clock } = taken.lease.lock;
                this.#acquiredMs = clock.monotonicMs();
                if (taken.stolen) this.#write((0, _lease_history_js__WEBPACK_IMPORTED_MODULE_0__.oy)(taken.stolen.from, 'stolen', clock.wallMs()));
            }
            get heldMs() {
                return this.#taken.lease.lock.clock.monotonicMs() - this.#acquiredMs;
            }
            add(ended) {
                let { lease, waitedMs } = this.#taken;
                let nowMs = lease.lock.clock.wallMs();
                this.#write((0, _lease_history_js__WEBPACK_IMPORTED_MODULE_0__.Yy)(lease.record, {
                    ended,
                    waitedMs,
                    heldMs: this.heldMs,
                    nowMs
                }));
            }
            get written() {
                return this.#queue;
            }
            #write(hold) {
                let { lock } = this.#taken.lease;
                this.#queue = this.#queue.then(()=>(0, _lease_history_js__WEBPACK_IMPORTED_MODULE_0__.u1)(lock, [
                        hold
                    ], {
                        withinMs: RECORD_WITHIN_MS
                    }));
            }
        }
    },
    1632: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            w: ()=>parseInvocation,
            k: ()=>wantsJson
        });
        var lease_self = __webpack_require__(8380);
        var command_line = __webpack_require__(1722);
        var grammar = __webpack_require__(6959);
        var external_node_os_ = __webpack_require__(8161);
        var external_node_path_ = __webpack_require__(6760);
        var sanitise = __webpack_require__(9507);
        var usage_error = __webpack_require__(6485);
        var protocols_protocol = __webpack_require__(7057);
        var protocols_settings = __webpack_require__(6848);
        let FIELDS = {
            protocol: '--protocol',
            path: '--path',
            ttl: '--ttl',
            vfsKeys: '--vfs-keys'
        };
        function protocolInvocation(command, line) {
            let protocol = line.oneOf('protocol', [
                'lease',
                ...protocols_protocol.y
            ]) ?? 'lease';
            if ('lease' === protocol) return void refuse(line, [
                'path',
                'vfs-keys'
            ], 'is for the locks of other programs: say which with --protocol.');
            refuse(line, [
                'store'
            ], `and --protocol ${protocol} contradict each other: its lock is at --path.`);
            switch(command){
                case 'run':
                    return {
                        kind: 'run-protocol',
                        options: {
                            ...take(protocol, line),
                            command: line.command()
                        }
                    };
                case 'acquire':
                    return {
                        kind: 'acquire-protocol',
                        options: {
                            ...(0, command_line.oe)(take(protocol, line)),
                            ...line.keeping()
                        }
                    };
                case 'release':
                    return {
                        kind: 'release-protocol',
                        options: {
                            ...common(protocol, line),
                            leaseId: line.neededLease(),
                            notify: line.text('notify') ?? ''
                        }
                    };
                case 'status':
                    return {
                        kind: 'status-protocol',
                        options: common(protocol, line)
                    };
                case 'break':
                    return {
                        kind: 'break-protocol',
                        options: breakOptions(protocol, line)
                    };
                case 'history':
                case 'list':
                case 'reserve':
                case 'doctor':
                    return;
            }
        }
        function common(protocol, line) {
            line.nothingElse(' With --protocol the lock is named by --path.');
            let given = {
                protocol,
                path: line.text('path')?.trim() ?? '',
                ttl: line.text('ttl') ?? '',
                vfsKeys: line.text('vfs-keys') ?? ''
            };
            let settings = (0, protocols_settings.P$)(given, FIELDS);
            return {
                ...settings,
                path: absolutePath(settings),
                json: line.has('json'),
                quiet: line.has('quiet')
            };
        }
        function take(protocol, line) {
            let reason = line.text('reason');
            return {
                ...common(protocol, line),
                ...line.wait(),
                lockDelayMs: line.lockDelay(),
                ...reason ? {
                    reason
                } : {}
            };
        }
        function breakOptions(protocol, line) {
            refuse(line, [
                'lease'
            ], 'is for leases. With --protocol the lock at --path is broken.');
            let reason = line.text('reason');
            return {
                ...common(protocol, line),
                ...void 0 === reason ? {} : {
                    reason
                },
                by: line.text('by') ?? (0, lease_self.TP)()
            };
        }
        function refuse(line, options, why) {
            let given = options.find((option)=>void 0 !== line.text(option));
            if (void 0 !== given) throw new usage_error.e(`--${given} ${why}`);
        }
        function absolutePath(settings) {
            let { path, protocol } = settings;
            if ((0, protocols_settings.Gv)(settings)) return path;
            if (path.includes('\0')) throw new usage_error.e(`--path: ${(0, sanitise.hD)(path)} has a NUL character in it.`);
            if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
                let s3 = 'vfs' === protocol ? ', or s3://bucket/key?region=…' : '';
                throw new usage_error.e(`--path: ${(0, sanitise.hD)(path)} is a URL. Protocol ${protocol} takes a path${s3}.`);
            }
            return path.startsWith('~/') ? (0, external_node_path_.join)((0, external_node_os_.homedir)(), path.slice(2)) : (0, external_node_path_.resolve)(path);
        }
        function parseInvocation(argv, environment) {
            let parsed = (0, grammar.Du)(argv);
            if ('command' !== parsed.kind) return parsed;
            let line = new command_line.wx(parsed, environment);
            let ofProtocol = protocolInvocation(parsed.command, line);
            if (ofProtocol) return ofProtocol;
            switch(parsed.command){
                case 'run':
                    return {
                        kind: 'run',
                        options: {
                            ...line.take(),
                            command: line.command()
                        }
                    };
                case 'acquire':
                    return {
                        kind: 'acquire',
                        options: acquireOptions(line)
                    };
                case 'reserve':
                    return {
                        kind: 'reserve',
                        options: reserveOptions(line)
                    };
                case 'release':
                    return {
                        kind: 'release',
                        options: {
                            ...line.named(),
                            leaseId: line.neededLease(),
                            notify: line.text('notify') ?? ''
                        }
                    };
                case 'status':
                    return {
                        kind: 'status',
                        options: line.named()
                    };
                case 'history':
                    return {
                        kind: 'history',
                        options: line.named()
                    };
                case 'list':
                    return {
                        kind: 'list',
                        options: line.nameless()
                    };
                case 'break':
                    return {
                        kind: 'break',
                        options: options_breakOptions(line)
                    };
                case 'doctor':
                    return {
                        kind: 'doctor',
                        options: line.nameless()
                    };
            }
        }
        function acquireOptions(line) {
            return {
                ...(0, command_line.oe)(line.take()),
                ...line.keeping()
            };
        }
        function reserveOptions(line) {
            return {
                ...(0, command_line.oe)(line.take()),
                ownerId: line.text('owner-id') || (0, lease_self.TP)(),
                forMs: (0, command_line.Fe)(line.needed('for', 'for how long')),
                reason: line.needed('reason', 'why: everybody who waits reads it'),
                tree: line.has('tree')
            };
        }
        function options_breakOptions(line) {
            let [leaseId, reason] = [
                line.lease(),
                line.text('reason')
            ];
            return {
                ...line.named(),
                ...void 0 === leaseId ? {} : {
                    leaseId
                },
                ...void 0 === reason ? {} : {
                    reason
                },
                by: line.text('by') ?? (0, lease_self.TP)()
            };
        }
        function wantsJson(argv) {
            let end = argv.indexOf('--');
            return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
        }
    },
    6695: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            acquireHeld: ()=>acquireHeld
        });
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__ = __webpack_require__(9507);
        var _keeper_handover_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3387);
        var _keeper_protocol_start_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(589);
        var _keeper_start_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4686);
        var _lease_self_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8380);
        var _protocols_describe_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9220);
        var _protocols_notify_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4056);
        var _commands_acquire_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(4345);
        var _io_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(8908);
        var _json_js__WEBPACK_IMPORTED_MODULE_14__ = __webpack_require__(8910);
        var _keepers_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(457);
        var _signals_js__WEBPACK_IMPORTED_MODULE_13__ = __webpack_require__(2387);
        var _events_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(4038);
        var _open_js__WEBPACK_IMPORTED_MODULE_12__ = __webpack_require__(7635);
        var _reporter_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(6122);
        var _take_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(2473);
        async function acquireHeld(cli, options) {
            let worker = (0, _commands_acquire_js__WEBPACK_IMPORTED_MODULE_6__.workerOf)(options.pid);
            let protocol = await (0, _open_js__WEBPACK_IMPORTED_MODULE_12__.q)(cli, options);
            let leaseId = cli.random.hex(16);
            let { ownerId } = options;
            let self = (0, _lease_self_js__WEBPACK_IMPORTED_MODULE_3__.As)(cli.environment, {
                leaseId,
                ownerId,
                ...options.reason ? {
                    reason: options.reason
                } : {},
                processes: worker ? [
                    worker
                ] : []
            });
            let cancellation = new _signals_js__WEBPACK_IMPORTED_MODULE_13__.m();
            let reporter = new _reporter_js__WEBPACK_IMPORTED_MODULE_10__.O(cli, options, {
                protocol,
                self,
                signal: cancellation.signal
            });
            let folder = (0, _keepers_js__WEBPACK_IMPORTED_MODULE_8__.x)(cli.environment, leaseId);
            try {
                let around = {
                    protocol,
                    folder,
                    self,
                    worker,
                    cancellation,
                    reporter
                };
                let code = await acquireBy(cli, options, around);
                if (0 !== code) folder.remove();
                (0, _keepers_js__WEBPACK_IMPORTED_MODULE_8__.O)(cli.environment, cli.clock.wallMs());
                return code;
            } finally{
                cancellation.close();
                await reporter.told;
            }
        }
        async function acquireBy(cli, options, around) {
            let { protocol, folder, cancellation, reporter } = around;
            let { clock, environment } = cli;
            reporter.tell({
                kind: 'limits',
                limits: (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_4__.Wm)(protocol)
            });
            folder.create();
            cancellation.signal.addEventListener('abort', ()=>folder.tryClose(), {
                once: true
            });
            let startedMs = clock.monotonicMs();
            await (0, _keeper_protocol_start_js__WEBPACK_IMPORTED_MODULE_1__.T)(handoverOf(cli, options, around), {
                entry: (0, _keeper_start_js__WEBPACK_IMPORTED_MODULE_2__.keeperEntry)(),
                folder,
                environment,
                clock
            });
            let follow = ()=>(0, _keeper_protocol_start_js__WEBPACK_IMPORTED_MODULE_1__.i)(folder, {
                    clock,
                    onStatus: ({ state })=>tellWait(state, {
                            around,
                            waitedMs: clock.monotonicMs() - startedMs
                        })
                });
            try {
                let status = await follow();
                reporter.waited();
                let took = status?.state.kind === 'keeping' ? status.hold?.took : void 0;
                if (took) {
                    let { lockDelayMs } = options;
                    reporter.tell({
                        kind: 'stolen',
                        took,
                        lockDelayMs
                    });
                    await clock.sleep(lockDelayMs, cancellation.signal);
                    status = await follow();
                }
                return conclude(cli, options, {
                    around,
                    status
                });
            } finally{
                reporter.waited();
            }
        }
        function handoverOf({ environment }, options, { folder, self, worker }) {
            let { protocol, path, keys, ttlMs, ownerId, stalePolicy, onStale = '', notify } = options;
            let { waitTimeoutMs, maxHoldMs } = options;
            return {
                kind: 'protocol',
                opening: {
                    protocol,
                    path,
                    ...keys ? {
                        keys
                    } : {},
                    access: {}
                },
                ownerId,
                ...void 0 === ttlMs ? {} : {
                    ttlMs
                },
                stalePolicy,
                waitTimeoutMs,
                maxHoldMs,
                folder: folder.path,
                self,
                commands: {
                    onStale,
                    notify,
                    environment: (0, _keeper_handover_js__WEBPACK_IMPORTED_MODULE_0__.zr)(environment)
                },
                ...worker ? {
                    worker
                } : {},
                environment: (0, _keeper_handover_js__WEBPACK_IMPORTED_MODULE_0__.gY)(environment, {})
            };
        }
        function tellWait(state, { around, waitedMs }) {
            if ('waiting' !== state.kind) return;
            let { held, decision } = state;
            around.reporter.waiting({
                held,
                decision,
                waitedMs,
                nextTryMs: around.protocol.retry.everyMs
            });
        }
        function conclude(cli, options, { around, status }) {
            let { protocol, reporter, folder, self, cancellation } = around;
            let { state, hold } = status ?? {};
            switch(state?.kind){
                case 'keeping':
                    {
                        if (!hold) break;
                        reporter.tell({
                            ...hold,
                            kind: 'acquired'
                        });
                        let document = {
                            protocol: options.protocol,
                            path: options.path,
                            lease: self.leaseId
                        };
                        cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_14__.r)({
                            ...document,
                            ...(0, _events_js__WEBPACK_IMPORTED_MODULE_9__.D1)(hold, options)
                        }));
                        return 0;
                    }
                case 'busy':
                case 'timed-out':
                    return (0, _take_js__WEBPACK_IMPORTED_MODULE_11__.J5)(cli, options, {
                        kind: state.kind,
                        by: state.by,
                        protocol,
                        reporter
                    });
                case 'cancelled':
                case 'released':
                    return (0, _take_js__WEBPACK_IMPORTED_MODULE_11__.VC)(cli, options, cancellation.received ?? 'SIGTERM');
                case 'failed':
                    return (0, _io_js__WEBPACK_IMPORTED_MODULE_7__.fJ)(cli, options.json, {
                        kind: state.fault ?? 'defect',
                        lines: (0, _io_js__WEBPACK_IMPORTED_MODULE_7__.VL)(state.detail)
                    });
                case 'lost':
                    return (0, _io_js__WEBPACK_IMPORTED_MODULE_7__.fJ)(cli, options.json, {
                        kind: 'lost',
                        lines: [
                            `Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.hD)(options.path)} was lost at once: ${(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_4__.yt)(state.cause)}.`
                        ],
                        details: {
                            cause: (0, _protocols_notify_js__WEBPACK_IMPORTED_MODULE_5__.Xp)(options.protocol, state.cause)
                        }
                    });
                case 'trying':
                case 'waiting':
                case void 0:
            }
            throw new _keeper_start_js__WEBPACK_IMPORTED_MODULE_2__.Hc(`The keeper, which takes the lock and holds it, died. ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(folder.logEnd())} See who has the lock: leasehold status --protocol ${options.protocol} --path …`);
        }
    },
    4536: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            breakHeld: ()=>breakHeld
        });
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9507);
        var _protocols_describe_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9220);
        var _io_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8908);
        var _json_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8910);
        var _documents_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4949);
        var _open_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7635);
        var _status_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5393);
        async function breakHeld(cli, options) {
            let protocol = await (0, _open_js__WEBPACK_IMPORTED_MODULE_4__.q)(cli, options);
            let held = await protocol.inspect(options.path);
            if (!held) return free(cli, options);
            if (!protocol.break || !options.reason?.trim()) return ask(cli, options, {
                protocol,
                held
            });
            if (!options.json) for (let line of heldLines(protocol, held))cli.say(`leasehold: ${line}`);
            if (await protocol.break(held)) return broken(cli, options, held);
            let now = await protocol.inspect(options.path);
            return now ? changed(cli, options, {
                protocol,
                held: now
            }) : free(cli, options);
        }
        function heldLines(protocol, held) {
            return [
                ...(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_0__.T0)(protocol.name, held),
                ...(0, _status_js__WEBPACK_IMPORTED_MODULE_3__.recordLines)(held)
            ];
        }
        function free(cli, options) {
            let { protocol, path, json } = options;
            if (json) cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_5__.r)({
                protocol,
                path,
                broken: false
            }));
            else for (let line of [
                'There was nothing to break.',
                (0, _status_js__WEBPACK_IMPORTED_MODULE_3__.freeLine)(options)
            ])cli.print(line);
            return 0;
        }
        function ask(cli, options, { protocol, held }) {
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_1__.fJ)(cli, options.json, {
                kind: 'usage',
                lines: [
                    ...heldLines(protocol, held),
                    (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_0__.FB)(protocol, held)
                ],
                details: {
                    lock: (0, _documents_js__WEBPACK_IMPORTED_MODULE_2__.n)(options, held)
                }
            });
        }
        function broken(cli, options, held) {
            let { protocol, path, by, reason = '', json } = options;
            if (json) {
                let lock = (0, _documents_js__WEBPACK_IMPORTED_MODULE_2__.n)(options, held);
                cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_5__.r)({
                    protocol,
                    path,
                    broken: true,
                    by,
                    reason,
                    lock
                }));
                return 0;
            }
            cli.print(`Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.hD)(path)} is free: that of ${(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_0__.sG)(held)} is broken by ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.hD)(by)}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.hD)(reason)}`);
            cli.print('If that holder is still alive, it may go on: "leasehold run" and the jobs of the action notice within seconds, other programs of this protocol perhaps never.');
            return 0;
        }
        function changed(cli, options, { protocol, held }) {
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_1__.fJ)(cli, options.json, {
                kind: 'busy',
                lines: [
                    'It has changed in the meantime, and nothing was broken. Look again before you break the next:',
                    ...heldLines(protocol, held)
                ],
                details: {
                    lock: (0, _documents_js__WEBPACK_IMPORTED_MODULE_2__.n)(options, held)
                }
            });
        }
    },
    4949: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            n: ()=>protocolLockDocument
        });
        var _protocols_describe_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9220);
        function protocolLockDocument({ protocol, path }, held) {
            return held ? {
                state: 'held',
                ...(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_0__.$o)(protocol, held)
            } : {
                state: 'free',
                protocol,
                path
            };
        }
    },
    4038: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            CZ: ()=>protocolEventLines,
            D1: ()=>holdingDocument,
            yP: ()=>protocolEventDocument
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9507);
        var _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9220);
        var _protocols_notify_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4056);
        var _documents_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4949);
        function protocolEventLines(event, { protocol, path }) {
            let lock = (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.FD)(path);
            switch(event.kind){
                case 'limits':
                    return event.limits.map((limit)=>`note: ${limit}`);
                case 'store-trouble':
                    return [
                        `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__.tB)(event.error.message)} Trying again.`
                    ];
                case 'skipped':
                    return [
                        ...(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.T0)(protocol, event.held),
                        'Skipped (--on-busy skip): the command was not run.'
                    ];
                case 'stolen':
                    return [
                        `${lock} was taken over ${(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.Hf)(event.took)}.${event.lockDelayMs > 0 ? ` It is entered in ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(event.lockDelayMs)}.` : ''}`
                    ];
                case 'acquired':
                    return [
                        `${lock} acquired after ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(event.waitedMs)} (${protocol}).`
                    ];
                case 'renewal-trouble':
                    return [
                        `${lock} could not be looked at: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__.tB)(event.error.message)} Trying again.`
                    ];
                case 'unguarded':
                    return [
                        `The process that guards the command under lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__.hD)(path)} was killed. If leasehold is killed too, the command goes on without the lock.`
                    ];
                case 'lost':
                    return [
                        `${lock} was lost: ${(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.yt)(event.cause)}. From ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.r4)(event.aloneUntilMs)} on others may hold it. Stopping the command.`
                    ];
                case 'released':
                    return [
                        `${lock} is released.`
                    ];
                case 'notify-failed':
                    return [
                        event.detail
                    ];
            }
        }
        function protocolEventDocument(event, subject) {
            let { protocol, path } = subject;
            let head = {
                event: event.kind,
                protocol,
                path
            };
            switch(event.kind){
                case 'limits':
                    return {
                        ...head,
                        limits: event.limits
                    };
                case 'waiting':
                    {
                        let { held, decision, waitedMs, nextTryMs } = event.waiting;
                        return {
                            ...head,
                            waitedMs: Math.round(waitedMs),
                            nextLookMs: Math.round(nextTryMs),
                            ...'spare' === decision.kind ? {
                                spared: decision.why
                            } : {},
                            lock: (0, _documents_js__WEBPACK_IMPORTED_MODULE_3__.n)(subject, held)
                        };
                    }
                case 'skipped':
                    return {
                        ...head,
                        lock: (0, _documents_js__WEBPACK_IMPORTED_MODULE_3__.n)(subject, event.held)
                    };
                case 'stolen':
                    return {
                        ...head,
                        from: (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.$o)(protocol, event.took),
                        because: event.took.standing.detail,
                        lockDelayMs: event.lockDelayMs
                    };
                case 'acquired':
                    return {
                        ...head,
                        ...holdingDocument(event, subject)
                    };
                case 'store-trouble':
                case 'renewal-trouble':
                    return {
                        ...head,
                        message: event.error.message
                    };
                case 'lost':
                    return {
                        ...head,
                        cause: (0, _protocols_notify_js__WEBPACK_IMPORTED_MODULE_2__.Xp)(protocol, event.cause),
                        message: (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.yt)(event.cause),
                        aloneUntil: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.r4)(event.aloneUntilMs)
                    };
                case 'released':
                    return {
                        ...head,
                        heldMs: Math.round(event.heldMs)
                    };
                case 'notify-failed':
                    return {
                        ...head,
                        message: event.detail
                    };
                case 'unguarded':
                    return head;
            }
        }
        function holdingDocument({ holding, waitedMs, took }, { protocol }) {
            let { pid, ttlMs } = holding;
            return {
                pid,
                ...void 0 === ttlMs ? {} : {
                    ttlMs
                },
                waitedMs: Math.round(waitedMs),
                ...took ? {
                    stolenFrom: (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.$o)(protocol, took)
                } : {}
            };
        }
    },
    7635: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            q: ()=>openFor
        });
        var _protocols_open_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4489);
        function openFor({ clock, random }, { protocol, keys }) {
            let surroundings = {
                clock,
                random,
                platform: process.platform
            };
            return (0, _protocols_open_js__WEBPACK_IMPORTED_MODULE_0__.L)(protocol, surroundings, keys ? {
                keys
            } : {});
        }
    },
    1194: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            releaseHeld: ()=>releaseHeld
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(9507);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(6485);
        var _keeper_protocol_finish_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8950);
        var _lease_self_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8380);
        var _protocols_describe_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9220);
        var _protocols_notify_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4056);
        var _io_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8908);
        var _json_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(8910);
        var _keepers_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(457);
        var _open_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(7635);
        let RELEASE_WITHIN_MS = 20_000;
        async function releaseHeld(cli, options) {
            let { leaseId, path } = options;
            let folder = (0, _keepers_js__WEBPACK_IMPORTED_MODULE_6__.x)(cli.environment, leaseId);
            let holding = folder.readProtocolStatus()?.hold?.holding;
            if (!holding) return notHeld(cli, options);
            if (holding.path !== path || holding.protocol !== options.protocol) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`--lease: ${leaseId} holds the lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(holding.path)} (${holding.protocol}), not ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(path)} (${options.protocol}).`);
            let end = await (0, _keeper_protocol_finish_js__WEBPACK_IMPORTED_MODULE_1__.b)({
                folder,
                path,
                openProtocol: ()=>(0, _open_js__WEBPACK_IMPORTED_MODULE_9__.q)(cli, options),
                clock: cli.clock,
                withinMs: RELEASE_WITHIN_MS
            });
            switch(end.kind){
                case 'released':
                    folder.remove();
                    return released(cli, options, end);
                case 'lost':
                    folder.remove();
                    return lost(cli, options, end);
                case 'unreleased':
                    return unreleased(cli, options, end);
                case 'nothing':
                    folder.remove();
                    return notHeld(cli, options);
            }
        }
        async function released(cli, options, { keeperDied, status: { hold } }) {
            let { protocol, path, leaseId, json } = options;
            if (json) cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_10__.r)({
                protocol,
                path,
                lease: leaseId,
                released: true,
                keeperDied
            }));
            else cli.print(`Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(path)} is released.`);
            if (keeperDied && !json) cli.say(`leasehold: The keeper of lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(path)} had died. Nobody else had taken the lock by now.`);
            let heldMs = hold && cli.clock.monotonicMs() - hold.acquiredMs;
            await notify(cli, options, {
                ownerId: hold?.holding.ownerId,
                happening: {
                    kind: 'released',
                    ...void 0 === heldMs ? {} : {
                        heldMs
                    }
                }
            });
            return 0;
        }
        async function lost(cli, options, { cause, aloneUntil, status }) {
            let { protocol, path, json } = options;
            let known = 'keeper-died' === cause.kind ? void 0 : cause;
            let code = (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.fJ)(cli, json, {
                kind: 'lost',
                lines: [
                    `Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(path)} was lost before it was released: ${causeText(cause)}. Since ${aloneUntil} others may have held it.`
                ],
                details: {
                    cause: known ? (0, _protocols_notify_js__WEBPACK_IMPORTED_MODULE_4__.Xp)(protocol, known) : cause,
                    aloneUntil
                }
            });
            if ('lost' !== status.state.kind && known) {
                let aloneUntilMs = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.nV)(aloneUntil) ?? cli.clock.wallMs();
                let happening = {
                    kind: 'lost',
                    cause: known,
                    aloneUntilMs
                };
                await notify(cli, options, {
                    ownerId: status.hold?.holding.ownerId,
                    happening
                });
            }
            return code;
        }
        function causeText(cause) {
            if ('keeper-died' !== cause.kind) return (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_3__.yt)(cause);
            let words = '' === cause.lastWords ? '' : ` (its last words: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.tB)(cause.lastWords)})`;
            return `its keeper, with whose process the system frees the lock, died${words}`;
        }
        async function unreleased(cli, options, { detail, status }) {
            let { path, json } = options;
            let protocol = await (0, _open_js__WEBPACK_IMPORTED_MODULE_9__.q)(cli, options);
            let holding = status?.hold?.holding;
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.fJ)(cli, json, {
                kind: 'not-released',
                lines: [
                    `Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(path)} could not be released: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.tB)(detail)}`,
                    ...holding ? [
                        (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_3__.$h)(protocol, holding)
                    ] : []
                ]
            });
        }
        function notHeld(cli, { path, protocol, leaseId, json }) {
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.fJ)(cli, json, {
                kind: 'not-held',
                lines: [
                    `Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_8__.hD)(path)} is not held by lease ${leaseId}, as far as this user knows on this machine, so there is nothing to release.`,
                    `Who holds it: leasehold status --protocol ${protocol} --path …`
                ]
            });
        }
        async function notify({ environment, clock, say }, { protocol, path, leaseId, notify: command }, { happening, ownerId = (0, _lease_self_js__WEBPACK_IMPORTED_MODULE_2__.Y3)(environment) }) {
            let self = (0, _lease_self_js__WEBPACK_IMPORTED_MODULE_2__.As)(environment, {
                leaseId,
                ownerId
            });
            let onFailure = (detail)=>say(`leasehold: ${detail}`);
            let notifier = new _protocols_notify_js__WEBPACK_IMPORTED_MODULE_4__.ze({
                command,
                teller: {
                    protocol,
                    path,
                    self
                },
                clock,
                onFailure
            });
            notifier.tell(happening);
            await notifier.done;
        }
    },
    6122: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            O: ()=>ProtocolReporter
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9507);
        var _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9220);
        var _protocols_notify_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4056);
        var _json_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8910);
        var _terminal_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2832);
        var _events_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4038);
        let REDRAW_EVERY_MS = 1_000;
        class ProtocolReporter {
            #cli;
            #options;
            #notifier;
            #waitLog;
            #live;
            #redrawing;
            #wait;
            constructor(cli, options, { protocol, self, signal }){
                this.#cli = cli;
                this.#options = options;
                this.#waitLog = new _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.kI(protocol, options.stalePolicy);
                this.#live = !cli.screen || options.json || options.quiet ? void 0 : new _terminal_js__WEBPACK_IMPORTED_MODULE_4__.D(cli.screen);
                this.#notifier = new _protocols_notify_js__WEBPACK_IMPORTED_MODULE_2__.ze({
                    command: options.notify,
                    notifyAfterMs: options.notifyAfterMs,
                    teller: {
                        protocol: options.protocol,
                        path: options.path,
                        self
                    },
                    clock: cli.clock,
                    signal,
                    onFailure: (detail)=>this.tell({
                            kind: 'notify-failed',
                            detail
                        })
                });
            }
            get told() {
                return this.#notifier.done;
            }
            waiting(waiting) {
                let { json, quiet, waitTimeoutMs } = this.#options;
                if (waitTimeoutMs > 0) this.#notifier.waiting(waiting.waitedMs, waiting.held);
                let nowMs = this.#cli.clock.monotonicMs();
                if (this.#live) {
                    this.#wait = {
                        waiting,
                        seenMs: nowMs
                    };
                    if (!this.#redrawing) this.#keepDrawn();
                    return;
                }
                let lines = this.#waitLog.lines(waiting, nowMs);
                if (0 === lines.length || quiet) return;
                if (json) this.#sayDocument({
                    kind: 'waiting',
                    waiting
                });
                else this.#sayLines(lines);
            }
            waited() {
                this.#redrawing?.abort();
                this.#redrawing = void 0;
                this.#live?.clear();
            }
            notify(happening) {
                this.#notifier.tell(happening);
            }
            tell(event) {
                let happening = happeningOf(event);
                if (happening) this.notify(happening);
                if (this.#options.quiet) return;
                this.#live?.clear();
                if (this.#options.json) this.#sayDocument(event);
                else this.#sayLines((0, _events_js__WEBPACK_IMPORTED_MODULE_3__.CZ)(event, this.#options));
            }
            #sayDocument(event) {
                this.#cli.say((0, _json_js__WEBPACK_IMPORTED_MODULE_5__.r)((0, _events_js__WEBPACK_IMPORTED_MODULE_3__.yP)(event, this.#options)));
            }
            #sayLines(lines) {
                for (let line of lines)this.#cli.say(`leasehold: ${line}`);
            }
            async #keepDrawn() {
                let redrawing = new AbortController();
                this.#redrawing = redrawing;
                while(!redrawing.signal.aborted){
                    if (this.#wait) this.#live?.show(liveText(this.#wait, this.#cli.clock.monotonicMs()));
                    await this.#cli.clock.sleep(REDRAW_EVERY_MS, redrawing.signal);
                }
            }
        }
        function happeningOf(event) {
            switch(event.kind){
                case 'stolen':
                case 'lost':
                case 'released':
                    return event;
                case 'acquired':
                    return {
                        kind: 'acquired',
                        waitedMs: event.waitedMs
                    };
                case 'limits':
                case 'waiting':
                case 'store-trouble':
                case 'skipped':
                case 'renewal-trouble':
                case 'unguarded':
                case 'notify-failed':
                    return;
            }
        }
        function liveText({ waiting, seenMs }, nowMs) {
            let { held, waitedMs } = waiting;
            let seconds = Math.max(1, Math.round((waitedMs + nowMs - seenMs) / 1_000));
            return `Waiting ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(1_000 * seconds)} for the lock, held by ${(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_1__.sG)(held)}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.hD)(held.path)}`;
        }
    },
    7074: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            runUnder: ()=>runUnder
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8045);
        var _base_process_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8208);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__ = __webpack_require__(9507);
        var _lease_self_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8380);
        var _protocols_describe_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9220);
        var _protocols_keep_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8336);
        var _protocols_notify_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(4056);
        var _protocols_protocol_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(7057);
        var _child_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(3236);
        var _exit_codes_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(535);
        var _guard_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(7763);
        var _io_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(8908);
        var _signals_js__WEBPACK_IMPORTED_MODULE_15__ = __webpack_require__(2387);
        var _open_js__WEBPACK_IMPORTED_MODULE_14__ = __webpack_require__(7635);
        var _reporter_js__WEBPACK_IMPORTED_MODULE_12__ = __webpack_require__(6122);
        var _take_js__WEBPACK_IMPORTED_MODULE_13__ = __webpack_require__(2473);
        let KILL_AHEAD_MS = 250;
        let GRACE_MS = 5_000;
        let RELEASE_WITHIN_MS = 10_000;
        let FREE_WITHIN_MS = 2_000;
        let SIGNALS_WITHIN_MS = 20;
        async function runUnder(cli, options) {
            let protocol = await (0, _open_js__WEBPACK_IMPORTED_MODULE_14__.q)(cli, options);
            let cancellation = new _signals_js__WEBPACK_IMPORTED_MODULE_15__.m();
            let reporter = new _reporter_js__WEBPACK_IMPORTED_MODULE_12__.O(cli, options, {
                protocol,
                self: (0, _lease_self_js__WEBPACK_IMPORTED_MODULE_3__.As)(cli.environment, {
                    leaseId: cli.random.hex(16),
                    ownerId: options.ownerId,
                    ...options.reason ? {
                        reason: options.reason
                    } : {},
                    processes: [
                        (0, _base_process_js__WEBPACK_IMPORTED_MODULE_2__.ls)(process.pid)
                    ]
                }),
                signal: cancellation.signal
            });
            let reach = process.stdin.isTTY ? 'tree' : 'group';
            let guard = _guard_js__WEBPACK_IMPORTED_MODULE_10__.w.start(reach, (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__.tB)(options.path));
            try {
                let taken = await (0, _take_js__WEBPACK_IMPORTED_MODULE_13__.Pn)(cli, options, {
                    protocol,
                    cancellation,
                    reporter
                });
                if ('not-taken' === taken.kind) return taken.exitCode;
                let around = {
                    taken,
                    protocol,
                    reach,
                    guard,
                    reporter
                };
                return await new CommandUnderLock(cli, options, around).run(cancellation);
            } finally{
                await guard?.dismiss();
                cancellation.close();
                await reporter.told;
            }
        }
        class CommandUnderLock {
            #cli;
            #options;
            #around;
            #hold;
            #acquiredMs;
            #renewedAt;
            constructor(cli, options, around){
                this.#cli = cli;
                this.#options = options;
                this.#around = around;
                this.#hold = around.taken.hold;
                this.#renewedAt = around.taken.triedAt;
                this.#acquiredMs = cli.clock.monotonicMs();
            }
            async run(signals) {
                let { guard, reporter } = this.#around;
                this.#extend();
                let loss = await this.#delay(signals.signal) ?? await this.#renewIfLate();
                if (loss) {
                    await guard?.dismiss();
                    reporter.notify(loss);
                    if ('compromised' !== loss.cause.kind) await this.#freeEarly();
                    return this.#failLost(loss, 'The command was not run.', (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_9__.F)('lost'));
                }
                if (signals.received) return this.#giveBack(signals.received);
                let stop = new AbortController();
                let keeping = this.#keep(stop.signal);
                let command;
                try {
                    command = this.#start();
                    this.#extend();
                    (0, _signals_js__WEBPACK_IMPORTED_MODULE_15__.T)(signals, command, this.#around.reach);
                    guard?.killed.then(()=>reporter.tell({
                            kind: 'unguarded'
                        }));
                    let code = await Promise.race([
                        command.ended,
                        keeping.then(()=>void 0)
                    ]);
                    stop.abort();
                    let end = await keeping;
                    if ('lost' === end.kind) return await this.#lose(command, end);
                    let dismissed = await guard?.dismiss();
                    if (dismissed?.fired) return await this.#lose(command, this.#overslept());
                    if (void 0 !== command.failure) this.#cli.say(`leasehold: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__.tB)(command.failure)}`);
                    return await this.#release(code ?? 0);
                } catch (error) {
                    stop.abort();
                    await command?.terminate(0, this.#cli.clock);
                    await this.#freeEarly();
                    throw error;
                }
            }
            #keep(signal) {
                return (0, _protocols_keep_js__WEBPACK_IMPORTED_MODULE_5__.p)(this.#hold, {
                    clock: this.#cli.clock,
                    signal,
                    since: this.#renewedAt,
                    onRenewed: (at)=>{
                        this.#renewedAt = at;
                        this.#extend();
                    },
                    onTrouble: (error)=>this.#around.reporter.tell({
                            kind: 'renewal-trouble',
                            error
                        })
                });
            }
            #leftMs() {
                let { ttlMs } = this.#hold.holding;
                if (void 0 === ttlMs || !this.#hold.renew) return 1 / 0;
                return this.#renewedAt.monotonicMs + ttlMs - KILL_AHEAD_MS - this.#cli.clock.monotonicMs();
            }
            #extend() {
                let leftMs = this.#leftMs();
                if (Number.isFinite(leftMs)) this.#around.guard?.extend(leftMs);
            }
            async #delay(cancelled) {
                let { lockDelayMs } = this.#options;
                if (0 === lockDelayMs || !this.#around.taken.took) return;
                let over = new AbortController();
                let keeping = this.#keep(over.signal);
                let signal = AbortSignal.any([
                    over.signal,
                    cancelled
                ]);
                await Promise.race([
                    this.#cli.clock.sleep(lockDelayMs, signal),
                    keeping
                ]);
                over.abort();
                let end = await keeping;
                return 'lost' === end.kind ? end : void 0;
            }
            async #renewIfLate() {
                let { ttlMs = 0 } = this.#hold.holding;
                let { clock } = this.#cli;
                let at = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(clock);
                if (!this.#hold.renew || at.wallMs - this.#renewedAt.wallMs < ttlMs / 2) return;
                try {
                    let check = await this.#hold.renew();
                    if ('compromised' === check.kind) return {
                        kind: 'lost',
                        cause: check,
                        aloneUntilMs: this.#renewedAt.wallMs + ttlMs
                    };
                } catch (error) {
                    await this.#freeEarly();
                    throw error;
                }
                this.#renewedAt = at;
                await clock.sleep(SIGNALS_WITHIN_MS);
            }
            async #giveBack(signal) {
                let left;
                try {
                    await (0, _protocols_keep_js__WEBPACK_IMPORTED_MODULE_5__.z)(this.#hold, this.#cli.clock, RELEASE_WITHIN_MS);
                } catch (error) {
                    if (!(error instanceof _protocols_protocol_js__WEBPACK_IMPORTED_MODULE_7__.b)) throw error;
                    left = `It could not be given back: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__.tB)(error.message)} ${this.#leftBehind()}`;
                }
                return (0, _take_js__WEBPACK_IMPORTED_MODULE_13__.VC)(this.#cli, this.#options, signal, left);
            }
            #start() {
                let { reach, guard } = this.#around;
                let { protocol, path, command } = this.#options;
                return _child_js__WEBPACK_IMPORTED_MODULE_8__.j.start(command, {
                    reach,
                    guard,
                    environment: {
                        ...this.#cli.environment,
                        LEASEHOLD_PROTOCOL: protocol,
                        LEASEHOLD_PATH: path
                    }
                });
            }
            #overslept() {
                let { ttlMs = 0 } = this.#hold.holding;
                let detail = `no renewal was made for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(ttlMs)}, since leasehold was stopped`;
                return {
                    kind: 'lost',
                    cause: {
                        kind: 'unreachable',
                        detail
                    },
                    aloneUntilMs: this.#renewedAt.wallMs + ttlMs
                };
            }
            async #lose(command, loss) {
                this.#around.reporter.tell(loss);
                let compromised = 'compromised' === loss.cause.kind;
                let graceMs = compromised ? GRACE_MS : Math.min(Math.max(this.#leftMs(), 0), GRACE_MS);
                await command.terminate(graceMs, this.#cli.clock);
                if (!compromised) await this.#freeEarly();
                return this.#failLost(loss, 'The command under it was stopped.', (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_9__.F)('lost'));
            }
            async #freeEarly() {
                try {
                    await (0, _protocols_keep_js__WEBPACK_IMPORTED_MODULE_5__.z)(this.#hold, this.#cli.clock, FREE_WITHIN_MS);
                } catch (error) {
                    if (!(error instanceof _protocols_protocol_js__WEBPACK_IMPORTED_MODULE_7__.b)) throw error;
                }
            }
            #failLost({ cause }, consequence, exitCode) {
                let { protocol, path, json } = this.#options;
                (0, _io_js__WEBPACK_IMPORTED_MODULE_11__.Iq)(this.#cli, json, {
                    kind: 'lost',
                    exitCode,
                    lines: [
                        `Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__.hD)(path)} was lost: ${(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_4__.yt)(cause)}. ${consequence}`
                    ],
                    details: {
                        cause: (0, _protocols_notify_js__WEBPACK_IMPORTED_MODULE_6__.Xp)(protocol, cause)
                    }
                });
                return exitCode;
            }
            async #release(code) {
                let { reporter } = this.#around;
                let { clock } = this.#cli;
                try {
                    let check = await (0, _protocols_keep_js__WEBPACK_IMPORTED_MODULE_5__.z)(this.#hold, clock, RELEASE_WITHIN_MS);
                    if ('ours' === check.kind) {
                        reporter.tell({
                            kind: 'released',
                            heldMs: clock.monotonicMs() - this.#acquiredMs
                        });
                        return code;
                    }
                    let loss = {
                        kind: 'lost',
                        cause: check,
                        aloneUntilMs: this.#renewedAt.wallMs
                    };
                    reporter.notify(loss);
                    return this.#failLost(loss, 'That came to light only when the command had ended: others may have run beside it.', 0 === code ? (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_9__.F)('lost') : code);
                } catch (error) {
                    if (!(error instanceof _protocols_protocol_js__WEBPACK_IMPORTED_MODULE_7__.b)) throw error;
                    return this.#notReleased(code, error);
                }
            }
            #notReleased(code, error) {
                let { path, json } = this.#options;
                let exitCode = 0 === code ? (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_9__.F)('not-released') : code;
                (0, _io_js__WEBPACK_IMPORTED_MODULE_11__.Iq)(this.#cli, json, {
                    kind: 'not-released',
                    exitCode,
                    lines: [
                        `The command ended with ${code}, but lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__.hD)(path)} could not be released: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_16__.tB)(error.message)}`,
                        this.#leftBehind()
                    ]
                });
                return exitCode;
            }
            #leftBehind() {
                return (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_4__.$h)(this.#around.protocol, this.#hold.holding);
            }
        }
    },
    5393: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            freeLine: ()=>freeLine,
            recordLines: ()=>recordLines,
            statusOf: ()=>statusOf
        });
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9507);
        var _lease_policy_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(206);
        var _protocols_acquire_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6609);
        var _protocols_describe_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9220);
        var _json_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8910);
        var _documents_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4949);
        var _open_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7635);
        async function statusOf(cli, options) {
            let protocol = await (0, _open_js__WEBPACK_IMPORTED_MODULE_4__.q)(cli, options);
            let held = await protocol.inspect(options.path);
            if (options.json) {
                let policies = held ? {
                    takenOverBy: _lease_policy_js__WEBPACK_IMPORTED_MODULE_0__.tS.filter((policy)=>(0, _protocols_acquire_js__WEBPACK_IMPORTED_MODULE_1__.Q)(held, policy))
                } : {};
                cli.print((0, _json_js__WEBPACK_IMPORTED_MODULE_5__.r)({
                    ...(0, _documents_js__WEBPACK_IMPORTED_MODULE_3__.n)(options, held),
                    ...policies
                }));
                return 0;
            }
            for (let line of held ? heldLines(protocol, held) : [
                freeLine(options)
            ])cli.print(line);
            return 0;
        }
        function freeLine({ protocol, path }) {
            return `Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.hD)(path)} (${protocol}) is free.`;
        }
        function heldLines(protocol, held) {
            return [
                ...(0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_2__.T0)(protocol.name, held),
                ...recordLines(held),
                `  policy  ${policyLine(protocol, held)}`,
                (0, _protocols_describe_js__WEBPACK_IMPORTED_MODULE_2__.FB)(protocol, held)
            ];
        }
        let RECORD_LINES_SHOWN = 12;
        function recordLines({ identity: { bytes } }) {
            if (void 0 === bytes) return [];
            if ('' === bytes) return [
                '  record  empty'
            ];
            let lines = Buffer.from(bytes, 'latin1').toString('utf8').replace(/\n$/, '').split('\n');
            let shown = lines.slice(0, RECORD_LINES_SHOWN).map((line)=>(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.tB)(line));
            if (lines.length > RECORD_LINES_SHOWN) shown.push(`… and ${lines.length - RECORD_LINES_SHOWN} lines more`);
            return shown.map((line, index)=>`  ${(0 === index ? 'record' : '').padEnd(8)}${line}`.trimEnd());
        }
        function policyLine({ abilities }, held) {
            if ('freed' === abilities.takeover) return "none: the system frees it when its holder's process ends, and nobody can take it over";
            let by = (stale)=>_lease_policy_js__WEBPACK_IMPORTED_MODULE_0__.tS.filter((policy)=>(0, _protocols_acquire_js__WEBPACK_IMPORTED_MODULE_1__.Q)(held, policy) === stale);
            let left = `left alone by ${by(false).join(', ')}`;
            return 0 === by(true).length ? left : `taken over by ${by(true).join(', ')}; ${left}`;
        }
    },
    2473: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            VC: ()=>cancelledWait,
            J5: ()=>refused,
            Pn: ()=>takeFor
        });
        var duration = __webpack_require__(8045);
        var sanitise = __webpack_require__(9507);
        var acquire = __webpack_require__(6609);
        var describe = __webpack_require__(9220);
        var base_command = __webpack_require__(972);
        function commandVeto(command, protocol, environment) {
            return async (held, signal)=>{
                let end = await (0, base_command.runCommand)(command, (0, describe.$o)(protocol, held), {
                    timeoutMs: VETO_WITHIN_MS,
                    signal,
                    environment
                });
                return {
                    allowed: end.ok,
                    detail: end.detail
                };
            };
        }
        let VETO_WITHIN_MS = 30_000;
        var exit_codes = __webpack_require__(535);
        var io = __webpack_require__(8908);
        var documents = __webpack_require__(4949);
        async function takeFor(cli, options, around) {
            let { protocol, cancellation, reporter } = around;
            let { path, ownerId, ttlMs, stalePolicy, onStale, waitTimeoutMs } = options;
            reporter.tell({
                kind: 'limits',
                limits: (0, describe.Wm)(protocol)
            });
            let request = {
                path,
                pid: process.pid,
                ownerId,
                ...void 0 === ttlMs ? {} : {
                    ttlMs
                },
                stalePolicy,
                ...onStale ? {
                    veto: commandVeto(onStale, protocol.name)
                } : {},
                waitTimeoutMs,
                signal: cancellation.signal,
                onWait: reporter.waiting.bind(reporter),
                onTrouble: (error)=>reporter.tell({
                        kind: 'store-trouble',
                        error
                    })
            };
            try {
                let { clock, random } = cli;
                let outcome = await (0, acquire.I)(protocol, request, {
                    clock,
                    random,
                    platform: process.platform
                });
                reporter.waited();
                switch(outcome.kind){
                    case 'acquired':
                        {
                            let { hold, took, waitedMs } = outcome;
                            if (took) reporter.tell({
                                kind: 'stolen',
                                took,
                                lockDelayMs: options.lockDelayMs
                            });
                            reporter.tell({
                                kind: 'acquired',
                                holding: hold.holding,
                                waitedMs,
                                ...took ? {
                                    took
                                } : {}
                            });
                            return outcome;
                        }
                    case 'busy':
                    case 'timed-out':
                        return notTaken(refused(cli, options, {
                            ...outcome,
                            protocol,
                            reporter
                        }));
                    case 'cancelled':
                        return notTaken(cancelledWait(cli, options, cancellation.received ?? 'SIGTERM'));
                }
            } finally{
                reporter.waited();
            }
        }
        function notTaken(exitCode) {
            return {
                kind: 'not-taken',
                exitCode
            };
        }
        function refused(cli, options, { kind, by, protocol, reporter }) {
            if ('busy' === kind && 'skip' === options.onBusy) {
                reporter.tell({
                    kind: 'skipped',
                    held: by
                });
                return 0;
            }
            return (0, io.fJ)(cli, options.json, {
                kind,
                lines: refusalLines(options, {
                    kind,
                    by,
                    protocol
                }),
                details: {
                    lock: (0, documents.n)(options, by)
                }
            });
        }
        function refusalLines({ path, waitTimeoutMs }, { kind, by, protocol }) {
            return [
                ...'timed-out' === kind ? [
                    `Lock ${(0, sanitise.hD)(path)} was not free within ${(0, duration.a3)(waitTimeoutMs)} (--wait-timeout).`
                ] : [],
                ...(0, describe.T0)(protocol.name, by),
                (0, describe.FB)(protocol, by)
            ];
        }
        function cancelledWait(cli, { path, json }, signal, behind = 'Nothing is left behind.') {
            let exitCode = (0, exit_codes.f)(signal);
            let lines = [
                `Cancelled by ${signal} while waiting for lock ${(0, sanitise.hD)(path)}. ${behind}`
            ];
            (0, io.Iq)(cli, json, {
                kind: 'cancelled',
                exitCode,
                lines
            });
            return exitCode;
        }
    },
    2877: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            a: ()=>Reporter
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8553);
        var _lease_expectation_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9456);
        var _lease_notify_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7281);
        var _events_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6277);
        var _json_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(8910);
        var _terminal_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2832);
        let REDRAW_EVERY_MS = 1_000;
        class Reporter {
            #cli;
            #notifier;
            #expectation;
            #options;
            #waitLog;
            #live;
            #redrawing;
            #wait;
            constructor(cli, options){
                this.#cli = cli;
                this.#options = options;
                this.#waitLog = new _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.kI(options.stalePolicy);
                let { json, quiet } = options;
                this.#live = !cli.screen || json || quiet ? void 0 : new _terminal_js__WEBPACK_IMPORTED_MODULE_5__.D(cli.screen);
            }
            follow(lock, self, signal) {
                let { name, notify: command, notifyAfterMs } = this.#options;
                this.#expectation = new _lease_expectation_js__WEBPACK_IMPORTED_MODULE_2__.d(lock);
                this.#notifier = new _lease_notify_js__WEBPACK_IMPORTED_MODULE_3__.ze({
                    command,
                    notifyAfterMs,
                    teller: {
                        name,
                        store: lock.store.url,
                        self
                    },
                    clock: this.#cli.clock,
                    signal,
                    onFailure: (detail)=>this.tell({
                            kind: 'notify-failed',
                            detail
                        })
                });
            }
            get told() {
                return this.#notifier?.done ?? Promise.resolve();
            }
            waiting(waiting) {
                this.#say(waiting);
                if (0 === this.#options.waitTimeoutMs) return;
                this.#notifier?.waiting(waiting);
                if (isOwn(waiting)) this.#expectation?.follow(waiting.record, ()=>this.#sayExpectation(waiting));
            }
            #say(waiting) {
                let { clock } = this.#cli;
                if (this.#live) {
                    this.#wait = {
                        waiting,
                        seenMs: clock.monotonicMs()
                    };
                    if (this.#redrawing) this.#redraw();
                    else this.#keepDrawn();
                    return;
                }
                let expected = isOwn(waiting) ? this.#expectation?.words : void 0;
                let lines = this.#waitLog.lines(waiting, clock.monotonicMs(), expected);
                if (0 === lines.length || this.#options.quiet) return;
                if (this.#options.json) this.#sayDocument(this.#waitingEvent(waiting));
                else this.#sayLines(lines);
            }
            #waitingEvent(waiting) {
                let expectation = isOwn(waiting) ? this.#expectation : void 0;
                return {
                    kind: 'waiting',
                    waiting,
                    ...expectation ? {
                        expectation
                    } : {}
                };
            }
            #sayExpectation(waiting) {
                if (this.#live || this.#options.quiet) return;
                if (this.#options.json) this.#sayDocument(this.#waitingEvent(waiting));
                else this.#sayLines([
                    `  usual   ${this.#expectation?.words ?? ''}`
                ]);
            }
            waited() {
                this.#expectation?.end();
                this.#redrawing?.abort();
                this.#redrawing = void 0;
                this.#live?.clear();
            }
            notify(happening) {
                this.#notifier?.tell(happening);
            }
            tell(event) {
                let happening = happeningOf(event);
                if (happening) this.notify(happening);
                if (this.#options.quiet) return;
                this.#live?.clear();
                if (this.#options.json) this.#sayDocument(event);
                else this.#sayLines((0, _events_js__WEBPACK_IMPORTED_MODULE_4__.Cl)(event, this.#options));
            }
            #sayDocument(event) {
                this.#cli.say((0, _json_js__WEBPACK_IMPORTED_MODULE_6__.r)((0, _events_js__WEBPACK_IMPORTED_MODULE_4__.af)(event, this.#options)));
            }
            #sayLines(lines) {
                for (let line of lines)this.#cli.say(`leasehold: ${line}`);
            }
            async #keepDrawn() {
                let redrawing = new AbortController();
                this.#redrawing = redrawing;
                while(!redrawing.signal.aborted){
                    this.#redraw();
                    await this.#cli.clock.sleep(REDRAW_EVERY_MS, redrawing.signal);
                }
            }
            #redraw() {
                if (this.#wait) this.#live?.show(liveText(this.#wait.waiting, this.#cli.clock.monotonicMs() - this.#wait.seenMs, this.#expectation?.left));
            }
        }
        function happeningOf(event) {
            switch(event.kind){
                case 'stolen':
                    return {
                        kind: 'stolen',
                        token: event.stolen.from.token + 1,
                        stolen: event.stolen
                    };
                case 'acquired':
                    {
                        let { lease, waitedMs } = event.acquired;
                        return {
                            kind: 'acquired',
                            token: lease.token,
                            waitedMs
                        };
                    }
                case 'lost':
                case 'released':
                    return event;
                case 'waiting':
                case 'store-trouble':
                case 'skipped':
                case 'freed':
                case 'renewal-trouble':
                case 'renewed-late':
                case 'unguarded':
                case 'notify-failed':
                    return;
            }
        }
        function isOwn({ name, record }) {
            return name === record.name;
        }
        function liveText(waiting, sinceMs, expected) {
            let { name, waitedMs, nextLookMs } = waiting;
            let whole = (ms)=>(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(1_000 * Math.max(1, Math.round(ms / 1_000)));
            let left = void 0 === expected ? '' : `, ${expected}`;
            return `Waiting for lock "${name}" ${whole(waitedMs + sinceMs)}${left}, next look in ${whole(nextLookMs - sinceMs)}: ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.Et)(waiting)}`;
        }
    },
    2387: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            T: ()=>passOn,
            m: ()=>Cancellation
        });
        let ENDING = [
            'SIGINT',
            'SIGTERM',
            'SIGHUP',
            'SIGQUIT'
        ];
        class Cancellation {
            #aborted = new AbortController();
            #received;
            #handlers = new Map();
            constructor(){
                for (let signal of ENDING)this.on(signal, ()=>{
                    this.#received ??= signal;
                    this.#aborted.abort();
                });
            }
            get signal() {
                return this.#aborted.signal;
            }
            get received() {
                return this.#received;
            }
            on(signal, handle) {
                process.on(signal, handle);
                this.#off(signal);
                this.#handlers.set(signal, handle);
            }
            #off(signal) {
                let handle = this.#handlers.get(signal);
                if (handle) process.off(signal, handle);
            }
            close() {
                for (let signal of this.#handlers.keys())this.#off(signal);
            }
        }
        function passOn(signals, command, reach) {
            for (let signal of [
                'SIGTERM',
                'SIGHUP',
                'SIGUSR1',
                'SIGUSR2'
            ])signals.on(signal, ()=>command.signal(signal));
            if ('tree' === reach) {
                for (let signal of [
                    'SIGINT',
                    'SIGQUIT'
                ])signals.on(signal, ()=>{});
                return;
            }
            for (let signal of [
                'SIGINT',
                'SIGQUIT',
                'SIGWINCH',
                'SIGCONT'
            ])signals.on(signal, ()=>command.signal(signal));
            signals.on('SIGTSTP', ()=>{
                command.signal('SIGSTOP');
                process.kill(process.pid, 'SIGSTOP');
            });
        }
    },
    3626: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            t: ()=>table
        });
        function table(rows) {
            let columns = Math.max(...rows.map((row)=>row.length));
            let widths = [
                ...Array(columns).keys()
            ].map((column)=>Math.max(...rows.map((row)=>(row[column] ?? '').length)));
            return rows.map((row)=>row.map((cell, column)=>cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
        }
    },
    7811: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            H: ()=>takeLock,
            K: ()=>cancelled
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _lease_acquire_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(474);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8553);
        var _documents_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5840);
        var _exit_codes_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(535);
        var _io_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8908);
        var _lock_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(695);
        async function takeLock(cli, options, around) {
            let { cancellation, reporter } = around;
            let lock = await (0, _lock_js__WEBPACK_IMPORTED_MODULE_6__.qB)(cli, options, options.timing.callTimeoutMs);
            let request = (0, _lock_js__WEBPACK_IMPORTED_MODULE_6__.fo)(cli, options, around.processes);
            reporter.follow(lock, request.holder, cancellation.signal);
            try {
                let outcome = await (0, _lease_acquire_js__WEBPACK_IMPORTED_MODULE_1__.X)(lock, {
                    ...request,
                    tree: around.tree ?? false,
                    signal: cancellation.signal,
                    onWait: (waiting)=>reporter.waiting(waiting),
                    onStolen: (stolen)=>{
                        reporter.waited();
                        reporter.tell({
                            kind: 'stolen',
                            stolen,
                            lockDelayMs: options.lockDelayMs
                        });
                    },
                    onEnded: (ended)=>{
                        reporter.waited();
                        reporter.tell({
                            kind: 'freed',
                            ended
                        });
                    },
                    onTrouble: (error)=>reporter.tell({
                            kind: 'store-trouble',
                            error
                        })
                });
                reporter.waited();
                switch(outcome.kind){
                    case 'acquired':
                        reporter.tell({
                            kind: 'acquired',
                            acquired: outcome
                        });
                        return outcome;
                    case 'busy':
                        if ('skip' !== options.onBusy) return notTaken(busy(cli, options, outcome.record));
                        reporter.tell({
                            kind: 'skipped',
                            record: outcome.record
                        });
                        return notTaken(0);
                    case 'timed-out':
                        return notTaken(busy(cli, options, outcome.record, true));
                    case 'cancelled':
                        return notTaken(cancelled(cli, options, {
                            ...outcome,
                            signal: cancellation.received ?? 'SIGTERM'
                        }));
                }
            } finally{
                reporter.waited();
            }
        }
        function notTaken(exitCode) {
            return {
                kind: 'not-taken',
                exitCode
            };
        }
        function busy(cli, options, record, timedOut = false) {
            let { name, store, json } = options;
            let { leaseId } = record.holder;
            return (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.fJ)(cli, json, {
                kind: timedOut ? 'timed-out' : 'busy',
                lines: [
                    ...timedOut ? [
                        `Lock "${name}" was not free within ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(options.waitTimeoutMs)} (--wait-timeout).`
                    ] : [],
                    ...(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.a2)(name, record),
                    `${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.FB)(record)}: ${(0, _lock_js__WEBPACK_IMPORTED_MODULE_6__.hY)({
                        ...options,
                        name: record.name
                    }, leaseId)}`
                ],
                details: {
                    lock: (0, _documents_js__WEBPACK_IMPORTED_MODULE_3__.x)({
                        name: record.name,
                        store
                    }, record)
                }
            });
        }
        function cancelled(cli, { name, json, timing }, { signal, mayBeHeld = false }) {
            let exitCode = (0, _exit_codes_js__WEBPACK_IMPORTED_MODULE_4__.f)(signal);
            let behind = mayBeHeld ? `The store did not let it be known that nothing is held: if something is, it runs out by itself within ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(timing.ttlMs)}.` : 'Nothing is left behind.';
            let lines = [
                `Cancelled by ${signal} while waiting for lock "${name}". ${behind}`
            ];
            (0, _io_js__WEBPACK_IMPORTED_MODULE_5__.Iq)(cli, json, {
                kind: 'cancelled',
                exitCode,
                lines
            });
            return exitCode;
        }
    },
    2832: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            D: ()=>LiveLine
        });
        let CLEAR = '\r\u001b[K';
        class LiveLine {
            #screen;
            #shown = false;
            constructor(screen){
                this.#screen = screen;
            }
            show(text) {
                this.#screen.write(`${CLEAR}${fitTo(text, this.#screen.columns() - 1)}`);
                this.#shown = true;
            }
            clear() {
                if (this.#shown) this.#screen.write(CLEAR);
                this.#shown = false;
            }
        }
        function fitTo(text, columns) {
            let characters = [
                ...new Intl.Segmenter().segment(text)
            ].map(({ segment })=>segment);
            let widths = characters.map(widthOf);
            let total = widths.reduce((sum, width)=>sum + width, 0);
            if (total <= columns) return text;
            let used = 1;
            let end = widths.findIndex((width)=>{
                used += width;
                return used > columns;
            });
            return columns < 1 ? '' : `${characters.slice(0, end).join('')}…`;
        }
        function widthOf(character) {
            let codePoint = character.codePointAt(0) ?? 0;
            let narrow = codePoint < 0x1100 || codePoint >= 0x2000 && codePoint < 0x2600;
            return narrow ? 1 : 2;
        }
    },
    6802: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            r: ()=>version
        });
        var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
        var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
        var node_url__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3136);
        var valibot__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7934);
        let manifestSchema = valibot__WEBPACK_IMPORTED_MODULE_3__.Ikc({
            version: valibot__WEBPACK_IMPORTED_MODULE_3__.YjP()
        });
        function version() {
            let manifest = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)((0, node_path__WEBPACK_IMPORTED_MODULE_1__.dirname)((0, node_url__WEBPACK_IMPORTED_MODULE_2__.fileURLToPath)(import.meta.url)), '..', '..', 'package.json');
            return valibot__WEBPACK_IMPORTED_MODULE_3__.qgA(manifestSchema, JSON.parse((0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)(manifest, 'utf8'))).version;
        }
    },
    6609: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            I: ()=>acquireBy,
            Q: ()=>isStale
        });
        var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4743);
        var _protocol_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7057);
        let PATIENCE_MS = 120_000;
        let TELL_EVERY_MS = 10_000;
        let VETO_HOLDS_MS = 5_000;
        async function acquireBy(protocol, request, surroundings) {
            return new Acquisition(protocol, request, surroundings).run();
        }
        class Acquisition {
            #protocol;
            #request;
            #surroundings;
            #startedMs;
            #troubleSinceMs;
            #troubleToldMs = -1 / 0;
            #vetoed;
            #triedAt;
            #spared;
            #last;
            constructor(protocol, request, surroundings){
                this.#protocol = protocol;
                this.#request = request;
                this.#surroundings = surroundings;
                this.#triedAt = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_1__.B9)(surroundings.clock);
                this.#startedMs = this.#triedAt.monotonicMs;
            }
            async run() {
                let over = new AbortController();
                let alarm = new Alarm(this.#protocol, this.#request.path, over.signal);
                try {
                    while(!this.#over()){
                        let outcome = await this.#round(alarm);
                        if (outcome) return outcome;
                    }
                    return {
                        kind: 'cancelled'
                    };
                } finally{
                    over.abort();
                }
            }
            async #round(alarm) {
                let changed = alarm.armed();
                let held = await this.#try();
                if (held && 'kind' in held) return held;
                let { everyMs, jitterMs } = this.#protocol.retry;
                let leftMs = this.#request.waitTimeoutMs - this.#waitedMs();
                let by = held ?? this.#last;
                if (leftMs <= 0 && by) {
                    let outcome = {
                        by,
                        waitedMs: this.#waitedMs()
                    };
                    return 0 === this.#request.waitTimeoutMs ? {
                        kind: 'busy',
                        by
                    } : {
                        kind: 'timed-out',
                        ...outcome
                    };
                }
                let nextTryMs = Math.min(everyMs + jitterMs * this.#surroundings.random.fraction(), Math.max(leftMs, 1));
                if (held) this.#tell(held, nextTryMs);
                await this.#sleep(nextTryMs, changed);
            }
            async #try() {
                this.#spared = void 0;
                this.#triedAt = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_1__.B9)(this.#surroundings.clock);
                try {
                    let attempt = await this.#protocol.tryAcquire({
                        ...this.#request,
                        mayTake: (held)=>this.#mayTake(held)
                    });
                    this.#troubleSinceMs = void 0;
                    if ('held' === attempt.kind) {
                        this.#last = attempt.by;
                        return attempt.by;
                    }
                    let { hold, took } = attempt;
                    if (this.#over()) {
                        await hold.release();
                        return {
                            kind: 'cancelled'
                        };
                    }
                    let outcome = {
                        hold,
                        triedAt: this.#triedAt,
                        waitedMs: this.#waitedMs()
                    };
                    return {
                        kind: 'acquired',
                        ...outcome,
                        ...took ? {
                            took
                        } : {}
                    };
                } catch (error) {
                    this.#bear(error);
                    return;
                }
            }
            #bear(error) {
                if (this.#over() && error instanceof _protocol_js__WEBPACK_IMPORTED_MODULE_2__.b) return;
                if (!(error instanceof _protocol_js__WEBPACK_IMPORTED_MODULE_2__.b) || !error.temporary) throw error;
                let nowMs = this.#surroundings.clock.monotonicMs();
                this.#troubleSinceMs ??= nowMs;
                if (this.#waitedMs() >= this.#request.waitTimeoutMs) {
                    if (this.#last) return;
                    throw error;
                }
                if (nowMs - this.#troubleSinceMs >= PATIENCE_MS) throw error;
                if (nowMs - this.#troubleToldMs < TELL_EVERY_MS) return;
                this.#troubleToldMs = nowMs;
                this.#request.onTrouble?.(error);
            }
            async #mayTake(held) {
                let { stalePolicy } = this.#request;
                if (!isStale(held, stalePolicy)) {
                    if (held.standing.takeable) this.#spared = `stale-policy is ${stalePolicy}`;
                    return false;
                }
                let vetoed = await this.#ask(held);
                this.#triedAt = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_1__.B9)(this.#surroundings.clock);
                if (void 0 !== vetoed) this.#spared = `the on-stale command forbids it (${vetoed})`;
                return void 0 === vetoed;
            }
            async #ask(held) {
                let { veto, signal } = this.#request;
                let { clock } = this.#surroundings;
                let lock = JSON.stringify(held.identity);
                if (this.#vetoed?.lock === lock && clock.monotonicMs() < this.#vetoed.untilMs) return this.#vetoed.detail;
                let verdict = await veto?.(held, signal);
                if (verdict?.allowed !== false) return;
                this.#vetoed = {
                    lock,
                    detail: verdict.detail,
                    untilMs: clock.monotonicMs() + VETO_HOLDS_MS
                };
                return verdict.detail;
            }
            #tell(held, nextTryMs) {
                let decision = void 0 === this.#spared ? {
                    kind: 'wait'
                } : {
                    kind: 'spare',
                    why: this.#spared
                };
                this.#request.onWait?.({
                    held,
                    decision,
                    waitedMs: this.#waitedMs(),
                    nextTryMs
                });
            }
            async #sleep(ms, changed) {
                let { signal } = this.#request;
                let any = signal ? AbortSignal.any([
                    signal,
                    changed
                ]) : changed;
                await this.#surroundings.clock.sleep(ms, any);
            }
            #over() {
                return this.#request.signal?.aborted === true || this.#request.closed?.() === true;
            }
            #waitedMs() {
                return this.#surroundings.clock.monotonicMs() - this.#startedMs;
            }
        }
        function isStale({ standing }, policy) {
            switch(policy){
                case 'never':
                    return false;
                case 'expired':
                    return standing.takeable;
                case 'holder-finished':
                    return 'finished' === standing.holder;
                case 'expired-and-holder-finished':
                    return 'finished' === standing.holder && false !== standing.expired;
            }
        }
        class Alarm {
            #changed = new AbortController();
            constructor(protocol, path, signal){
                let directory = protocol.watched?.(path);
                if (void 0 === directory) return;
                try {
                    let watcher = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.watch)(directory, {
                        signal,
                        persistent: false
                    }, (_, name)=>{
                        if (null === name || protocol.concerns?.(name, path) !== false) this.#changed.abort();
                    });
                    watcher.on('error', ()=>{});
                } catch  {}
            }
            armed() {
                this.#changed = new AbortController();
                return this.#changed.signal;
            }
        }
    }
};
