export const id = 209;
export const ids = [
    209
];
export const modules = {
    2209: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            endByProtocol: ()=>endByProtocol,
            runMainByProtocol: ()=>runMainByProtocol,
            takeByProtocol: ()=>takeByProtocol
        });
        var core = __webpack_require__(7449);
        var clock = __webpack_require__(4743);
        var duration = __webpack_require__(8045);
        var base_process = __webpack_require__(8208);
        var sanitise = __webpack_require__(9507);
        var keeper_folder = __webpack_require__(4984);
        var protocol_finish = __webpack_require__(8950);
        var random = __webpack_require__(5874);
        var protocols_open = __webpack_require__(4489);
        let SURROUNDINGS = {
            clock: clock.ml,
            random: random.v,
            platform: process.platform
        };
        function openFor({ protocol, keys, access }) {
            return (0, protocols_open.L)(protocol, SURROUNDINGS, {
                ...access,
                ...keys ? {
                    keys
                } : {}
            });
        }
        var describe = __webpack_require__(9220);
        var action_end = __webpack_require__(915);
        var lease_describe = __webpack_require__(8553);
        var action_report = __webpack_require__(7058);
        var timeline = __webpack_require__(6091);
        function protocolSummary(report) {
            let { config, waitedMs, heldMs, renewals, renewedMs, took, lost } = report;
            let rows = [
                [
                    'Protocol',
                    (0, sanitise.SS)(config.opening.protocol)
                ],
                [
                    'Owner',
                    (0, sanitise.SS)((0, lease_describe.sG)(config.self))
                ],
                [
                    'Waited',
                    (0, duration.a3)(waitedMs)
                ],
                [
                    'Held',
                    `${(0, duration.a3)(heldMs)}, ${(0, sanitise.SS)(report.ended)}`
                ],
                ...lost ? (0, action_report.Ae)(lost) : [],
                [
                    'Renewals',
                    String(renewals)
                ],
                [
                    'Taken over from',
                    took ? (0, sanitise.SS)((0, describe.sG)(took)) : '–'
                ]
            ];
            let course = {
                waitedMs,
                endedMs: heldMs,
                renewals,
                renewedMs
            };
            return [
                (0, action_report.tp)(title(config), rows),
                (0, timeline.I)(lost ? {
                    ...course,
                    aloneUntilMs: lost.aloneUntilMs
                } : course),
                ''
            ].join('\n');
        }
        function protocolSkipSummary(config, by) {
            return (0, action_report.tp)(`${title(config)}: skipped`, holderRows(config, by));
        }
        function protocolRefusedSummary(config, by, waitedMs) {
            return (0, action_report.tp)(`${title(config)}: not free`, [
                [
                    'Waited',
                    (0, duration.a3)(waitedMs)
                ],
                ...holderRows(config, by)
            ]);
        }
        function title({ opening }) {
            return `Lock ${(0, sanitise.SS)(opening.path)}`;
        }
        function holderRows({ opening }, by) {
            return [
                [
                    'Protocol',
                    (0, sanitise.SS)(opening.protocol)
                ],
                [
                    'Held by',
                    (0, sanitise.SS)((0, describe.sG)(by))
                ],
                [
                    'State',
                    (0, sanitise.SS)(by.standing.detail)
                ]
            ];
        }
        var dist = __webpack_require__(7934);
        var handover = __webpack_require__(3387);
        var protocol_handover = __webpack_require__(2462);
        var record = __webpack_require__(3061);
        var inputs = __webpack_require__(1413);
        var toolkit = __webpack_require__(8168);
        let ms = dist.FsL(dist.aig(), dist.E2x());
        let configSchema = dist.Ikc({
            opening: protocol_handover.s5,
            self: record.SE,
            folder: dist.YjP(),
            onLost: dist.KIO(inputs.H0),
            summary: dist.zMY()
        });
        let resultSchema = dist.Oxt('kind', [
            dist.Ikc({
                kind: dist.euz('acquired'),
                waitedMs: ms,
                acquiredMs: ms,
                keeper: record.Lp,
                took: dist.yqP(protocol_handover.HF)
            }),
            dist.Ikc({
                kind: dist.euz('skipped'),
                by: protocol_handover.HF,
                waitedMs: ms
            })
        ]);
        function saveProtocolConfig(config) {
            (0, toolkit.UN)('protocol', config);
        }
        function saveProtocolResult(result) {
            (0, toolkit.UN)('protocol-result', result);
        }
        function readProtocolState() {
            return {
                config: (0, handover.qg)(configSchema, (0, toolkit.Rw)('protocol')),
                result: (0, handover.qg)(resultSchema, (0, toolkit.Rw)('protocol-result'))
            };
        }
        var external_node_path_ = __webpack_require__(6760);
        var usage_error = __webpack_require__(6485);
        var protocol_start = __webpack_require__(589);
        var start = __webpack_require__(4686);
        var notify = __webpack_require__(4056);
        var protocols_settings = __webpack_require__(6848);
        var own_run = __webpack_require__(3266);
        var external_node_os_ = __webpack_require__(8161);
        var protocols_protocol = __webpack_require__(7057);
        var access = __webpack_require__(4934);
        let LEASE_ONLY = [
            [
                'name',
                '',
                'The lock is what path names.'
            ],
            [
                'store',
                '',
                'The lock lies where path says.'
            ],
            [
                'scope',
                'job',
                'A lock of another program belongs to one job: take it in a job of its own that the others need.'
            ],
            [
                'release',
                'false',
                'It is for scope: run. The lock is always released when the job ends.'
            ],
            [
                'heartbeat',
                'true',
                'The lock is held by a process that lives as long as the job.'
            ]
        ];
        function parseProtocolInputs(read, environment) {
            if (!(0, inputs.yG)(read('enabled'), 'enabled')) return;
            let protocol = (0, inputs.yL)(read('protocol'), 'protocol', [
                'lease',
                ...protocols_protocol.y
            ]);
            for (let [field, unset, why] of LEASE_ONLY)if (read(field).toLowerCase() !== unset) throw new usage_error.e(`${field} and protocol: ${field} is for leases, and protocol is ${protocol}. ${why}`);
            let settings = (0, protocols_settings.P$)({
                protocol,
                path: atHome(read('path'), environment),
                ttl: read('ttl'),
                vfsKeys: read('vfs-keys')
            }, {
                protocol: 'protocol',
                path: 'path',
                ttl: 'ttl',
                vfsKeys: 'vfs-keys'
            });
            let remote = (0, protocols_settings.Gv)(settings);
            if (!remote && !(0, external_node_path_.isAbsolute)(settings.path)) throw new usage_error.e(`path: ${(0, sanitise.hD)(settings.path.slice(0, 60))} is a relative path, and what it means differs from job to job. Give an absolute one.`);
            let hosted = 'github-hosted' === environment.RUNNER_ENVIRONMENT;
            return {
                settings,
                access: (0, access.C)(read, {
                    store: settings.path,
                    environment,
                    what: 'path'
                }),
                ...(0, inputs.dw)(read, true),
                notes: hosted && !remote ? [
                    'The lock is a file, and this is a GitHub-hosted runner: unless it lies on a mount, it keeps nobody out.'
                ] : []
            };
        }
        function atHome(path, environment) {
            return path.replace(/^~(?=\/)/, environment.HOME ?? (0, external_node_os_.homedir)());
        }
        var take = __webpack_require__(7539);
        async function takeByProtocol() {
            let token = (0, toolkit.uP)('github-token');
            let inputs = parseProtocolInputs(toolkit.R5, process.env);
            if (!inputs) {
                (0, core.pq)('Leasehold is not enabled for this job: no lock is taken.');
                (0, toolkit.bB)({
                    kind: 'disabled'
                });
                return {};
            }
            for (let note of inputs.notes)(0, core.lm)(note);
            let config = configure(inputs);
            if ('cancel-run' === inputs.onLost) (0, own_run.S)(token, process.env);
            refuseOwnWait(config);
            let protocol = await openFor(config.opening);
            for (let limit of (0, describe.Wm)(protocol))(0, core.pq)(limit);
            let folder = new keeper_folder.J(config.folder);
            folder.create();
            saveProtocolConfig(config);
            let signal = (0, toolkit.WN)();
            return new Taking({
                config,
                inputs,
                protocol,
                folder,
                signal,
                token
            }).run();
        }
        function configure(inputs) {
            let { settings, access, onLost, summary } = inputs;
            let { protocol, path, keys } = settings;
            let self = (0, take.hx)(inputs);
            return {
                opening: {
                    protocol,
                    path,
                    access,
                    ...keys ? {
                        keys
                    } : {}
                },
                self,
                folder: keeper_folder.J.of((0, take.yy)(), self.leaseId).path,
                onLost,
                summary
            };
        }
        function refuseOwnWait({ opening, folder }) {
            let { protocol, path } = opening;
            for (let other of new keeper_folder.J(folder).siblings()){
                let status = other.readProtocolStatus();
                let holding = status?.hold?.holding;
                let own = holding?.protocol === protocol && placeOf(holding) === placeOf(opening);
                if (own && status?.state.kind === 'keeping' && (0, base_process._n)(status.keeper)) throw new usage_error.e(`path: lock ${(0, sanitise.hD)(path)} is held by an earlier step of this very job, until the job ends; to wait for it would be to wait for ever. Take it once for each job.`);
            }
        }
        function placeOf(named) {
            return (0, protocols_settings.Gv)(named) ? named.path : (0, external_node_path_.resolve)(named.path);
        }
        let SILENT_MS = 60_000;
        class Taking {
            #by;
            #lock;
            #waitLog;
            #notifier;
            #startedMs = clock.ml.monotonicMs();
            #trouble = '';
            constructor(by){
                let { config, inputs, protocol, signal } = by;
                let { notify, notifyAfterMs } = inputs;
                this.#by = by;
                this.#lock = (0, describe.FD)(config.opening.path);
                this.#waitLog = new describe.kI(protocol, inputs.stalePolicy);
                this.#notifier = protocolNotifier(notify, config, {
                    notifyAfterMs,
                    signal
                });
            }
            async run() {
                let { config, folder, signal } = this.#by;
                let close = ()=>void folder.tryClose();
                signal.addEventListener('abort', close, {
                    once: true
                });
                try {
                    let keeper = await (0, protocol_start.T)(this.#handover(), {
                        entry: (0, start.keeperEntry)(),
                        folder,
                        environment: process.env,
                        clock: clock.ml
                    });
                    if (signal.aborted) close();
                    let onStatus = (status)=>this.#told(status);
                    let status = await (0, protocol_start.i)(folder, {
                        clock: clock.ml,
                        onStatus
                    });
                    return {
                        config,
                        ...await this.#taken(keeper, status)
                    };
                } catch (error) {
                    close();
                    throw error;
                } finally{
                    signal.removeEventListener('abort', close);
                    await this.#notifier.done;
                }
            }
            #handover() {
                let { config, inputs, token } = this.#by;
                let { opening, self, folder, onLost } = config;
                let { settings, stalePolicy, waitTimeoutMs, maxHoldMs, onStale, notify } = inputs;
                let worker = (0, take.Qc)();
                let commands = '' !== onStale || '' !== notify;
                return {
                    kind: 'protocol',
                    opening,
                    ownerId: self.ownerId,
                    ...void 0 === settings.ttlMs ? {} : {
                        ttlMs: settings.ttlMs
                    },
                    stalePolicy,
                    waitTimeoutMs,
                    maxHoldMs,
                    folder,
                    self,
                    commands: {
                        onStale,
                        notify,
                        environment: commands ? (0, handover.zr)(process.env) : {}
                    },
                    ...'cancel-run' === onLost ? {
                        cancel: (0, own_run.S)(token, process.env)
                    } : {},
                    ...worker ? {
                        worker
                    } : {},
                    environment: (0, handover.gY)(process.env, opening.access)
                };
            }
            #told({ state, keeper }) {
                let nowMs = clock.ml.monotonicMs();
                let waitedMs = nowMs - this.#startedMs;
                if (waitedMs > this.#by.inputs.waitTimeoutMs + SILENT_MS) throw new start.Hc(`The keeper, which takes ${this.#words} and holds it, does not answer (process ${keeper.pid}). See whether it was stopped, or hangs on the filesystem.`);
                if ('trying' === state.kind && void 0 !== state.trouble && state.trouble !== this.#trouble) {
                    this.#trouble = state.trouble;
                    (0, core.pq)(`${(0, sanitise.tB)(state.trouble)} Trying again.`);
                }
                if ('waiting' !== state.kind) return;
                let { held, decision } = state;
                for (let line of this.#waitLog.lines({
                    held,
                    decision,
                    waitedMs,
                    nextTryMs: 0
                }, nowMs))(0, core.pq)(line);
                this.#notifier.waiting(waitedMs, held);
            }
            async #taken(keeper, status) {
                switch(status?.state.kind){
                    case 'keeping':
                        return (0, base_process._n)(keeper) ? this.#enter(keeper, status) : this.#died();
                    case 'busy':
                    case 'timed-out':
                        return this.#refused(status.state);
                    case 'cancelled':
                        (0, core.C1)(`Cancelled while waiting for ${this.#words}. Nothing is left behind.`);
                        return {};
                    case 'released':
                        (0, core.C1)(`Cancelled just as ${this.#words} was acquired. It is given back.`);
                        return {};
                    case 'failed':
                        (0, core.C1)((0, sanitise.tB)(status.state.detail, 1 / 0));
                        return {};
                    case 'lost':
                        (0, toolkit.ux)();
                        (0, toolkit.ff)(`${this.#lock} was lost`, lostAtOnce(this.#lock, status.state));
                        return {};
                    case void 0:
                    case 'trying':
                    case 'waiting':
                        return this.#died();
                }
            }
            get #words() {
                return `lock ${(0, sanitise.hD)(this.#by.config.opening.path)}`;
            }
            #died() {
                throw new start.Hc(`The keeper, which takes ${this.#words} and holds it, died. ${this.#by.folder.logEnd()} The lock is not held.`);
            }
            async #enter(keeper, { hold }) {
                if (!hold) return this.#died();
                let { waitedMs, acquiredMs, took } = hold;
                let result = {
                    kind: 'acquired',
                    waitedMs,
                    acquiredMs,
                    keeper,
                    ...took ? {
                        took
                    } : {}
                };
                saveProtocolResult(result);
                if (took) await this.#tookOver(took);
                let { signal, folder } = this.#by;
                if (signal.aborted || folder.closed) {
                    folder.tryClose();
                    (0, core.C1)(`Cancelled just as ${this.#words} was acquired. It is given back.`);
                    return {};
                }
                (0, core.pq)(`${this.#lock} acquired after ${(0, duration.a3)(waitedMs)}: held by process ${keeper.pid}${renewalWords(hold.holding.ttlMs)}.`);
                this.#notifier.tell({
                    kind: 'acquired',
                    waitedMs
                });
                return {
                    result
                };
            }
            async #tookOver(took) {
                let { inputs, signal } = this.#by;
                let delay = inputs.lockDelayMs > 0 ? ` The job begins in ${(0, duration.a3)(inputs.lockDelayMs)} (lock-delay).` : '';
                (0, core.$e)(`${this.#lock} was taken over ${(0, describe.Hf)(took)}.${delay}`, {
                    title: `${this.#lock} was taken over`
                });
                this.#notifier.tell({
                    kind: 'stolen',
                    took
                });
                await clock.ml.sleep(inputs.lockDelayMs, signal);
            }
            async #refused({ kind, by, waitedMs }) {
                let { config, inputs, protocol } = this.#by;
                let who = (0, describe.T0)(protocol.name, by).join('\n');
                if ('skip' === inputs.onBusy) {
                    (0, core.lm)(`Skipped: ${who}`, {
                        title: `${this.#lock} is busy`
                    });
                    let result = {
                        kind: 'skipped',
                        by,
                        waitedMs
                    };
                    saveProtocolResult(result);
                    return {
                        result
                    };
                }
                let [title, waited] = 'timed-out' === kind ? [
                    `${this.#lock} was not free in time`,
                    `The wait of ${(0, duration.a3)(waitedMs)} is over (input wait-timeout).\n`
                ] : [
                    `${this.#lock} is busy`,
                    ''
                ];
                (0, toolkit.ff)(title, `${waited}${who}\n${(0, describe.FB)(protocol, by)}`);
                if (config.summary) await (0, toolkit.S0)(protocolRefusedSummary(config, by, waitedMs));
                return {};
            }
        }
        function protocolNotifier(command, { opening, self }, more = {}) {
            let { protocol, path } = opening;
            let onFailure = (detail)=>(0, core.$e)(detail, {
                    title: `${(0, describe.FD)(path)}: notify failed`
                });
            let teller = {
                protocol,
                path,
                self
            };
            return new notify.ze({
                command,
                teller,
                clock: clock.ml,
                onFailure,
                ...more
            });
        }
        function renewalWords(ttlMs) {
            return void 0 === ttlMs || 0 === ttlMs ? ' while the job runs' : `, for ${(0, duration.a3)(ttlMs)} and renewed while the job runs`;
        }
        function lostAtOnce(lock, { cause }) {
            return `${lock} was lost just as it was acquired: ${(0, describe.yt)(cause)}. The job is not protected.`;
        }
        async function endByProtocol() {
            let { config, result } = readProtocolState();
            if (!config) return (0, core.pq)('No lock to release.');
            if (result?.kind === 'skipped') {
                (0, core.pq)(`${(0, describe.FD)(config.opening.path)} was not taken (on-busy: skip).`);
                if (config.summary) await (0, toolkit.S0)(protocolSkipSummary(config, result.by));
                return;
            }
            await new End(config, result, (0, toolkit.un)().lossTold).run();
        }
        class End {
            #config;
            #acquired;
            #lossTold;
            #lock;
            constructor(config, acquired, lossTold){
                this.#config = config;
                this.#acquired = acquired;
                this.#lossTold = lossTold;
                this.#lock = (0, describe.FD)(config.opening.path);
            }
            async run() {
                let { opening, folder, summary } = this.#config;
                let end = await (0, protocol_finish.b)({
                    folder: new keeper_folder.J(folder),
                    path: opening.path,
                    ...this.#acquired ? {
                        keeper: this.#acquired.keeper
                    } : {},
                    openProtocol: ()=>openFor(opening),
                    clock: clock.ml,
                    withinMs: action_end.Hr
                });
                let endedMs = clock.ml.monotonicMs();
                this.#report(end);
                if (!this.#acquired) return;
                let heldMs = Math.max(0, endedMs - this.#acquired.acquiredMs);
                if (summary) await this.#summarise(this.#acquired, {
                    end,
                    heldMs
                });
                await this.#notify(end, heldMs);
            }
            #report(end) {
                switch(end.kind){
                    case 'released':
                        if (end.keeperDied) (0, core.$e)(this.#keeperDied(end.status));
                        else (0, core.pq)(`${this.#lock} is released.`);
                        break;
                    case 'lost':
                        this.#reportLoss(end);
                        break;
                    case 'unreleased':
                        (0, core.$e)(`${this.#lock} could not be released: ${(0, sanitise.tB)(end.detail)}`);
                        break;
                    case 'nothing':
                        (0, core.pq)(`${this.#lock} was not held by this job.`);
                        break;
                }
            }
            #reportLoss(end) {
                let { onLost } = this.#config;
                let { state } = end.status;
                let at = 'lost' === state.kind ? `, at ${(0, sanitise.tB)(state.at)}` : '';
                let cancel = this.#cancelWords(end);
                let cancelled = void 0 === cancel ? '' : ` The run was to be cancelled: ${cancel}.`;
                let why = `${this.#lock} was lost while the job ran${at}: ${describeEndCause(end.cause)}. From ${end.aloneUntil} on another holder may have been beside this job.${cancelled}`;
                let title = `${this.#lock} was lost`;
                if (this.#lossTold) (0, core.pq)(why);
                else if ('warn' === onLost) (0, core.$e)(why, {
                    title
                });
                else (0, toolkit.ff)(title, why);
            }
            #cancelWords({ status }) {
                if ('cancel-run' !== this.#config.onLost) return;
                return 'lost' === status.state.kind ? (0, action_end.wW)(status.state.cancel) : action_end.Sv;
            }
            #keeperDied(status) {
                let detail = 'failed' === status.state.kind ? (0, sanitise.tB)(status.state.detail) : `its log ends: ${new keeper_folder.J(this.#config.folder).logEnd()}`;
                let how = (0, base_process._n)(status.keeper) ? 'did not answer' : 'died';
                return `The keeper of lock ${(0, sanitise.hD)(this.#config.opening.path)} ${how} (${detail}) before the job was over. Others may take a lock whose process is gone, but nobody had when it was released, so the job was alone.`;
            }
            async #summarise({ acquiredMs, waitedMs, took }, { end, heldMs }) {
                let hold = 'status' in end ? end.status?.hold : void 0;
                await (0, toolkit.S0)(protocolSummary({
                    config: this.#config,
                    waitedMs,
                    heldMs,
                    renewals: hold?.renewals ?? 0,
                    renewedMs: (hold?.renewedMs ?? []).map((ms)=>ms - acquiredMs),
                    ...took ? {
                        took
                    } : {},
                    ended: endedWords(end),
                    ...'lost' === end.kind ? {
                        lost: this.#lossReport(end, acquiredMs)
                    } : {}
                }));
            }
            #lossReport(end, acquiredMs) {
                let nowMs = clock.ml.wallMs();
                let aloneMs = (0, duration.nV)(end.aloneUntil) ?? nowMs;
                return {
                    aloneUntilMs: aloneMs - (nowMs - (clock.ml.monotonicMs() - acquiredMs)),
                    aloneUntil: end.aloneUntil,
                    cancel: this.#cancelWords(end)
                };
            }
            async #notify(end, heldMs) {
                if ('lost' !== end.kind && 'released' !== end.kind) return;
                let { state } = end.status;
                if ('lost' === state.kind) {
                    if (void 0 !== state.notifyFailed) (0, core.$e)((0, sanitise.tB)(state.notifyFailed), {
                        title: `${this.#lock}: notify failed`
                    });
                    return;
                }
                let command = (0, toolkit.R5)('notify');
                if ('' === command) return;
                (0, toolkit.uP)('github-token');
                let notifier = protocolNotifier(command, this.#config);
                if ('released' === end.kind) notifier.tell({
                    kind: 'released',
                    heldMs
                });
                else {
                    let aloneUntilMs = (0, duration.nV)(end.aloneUntil) ?? clock.ml.wallMs();
                    notifier.tell({
                        kind: 'lost',
                        cause: lossOf(end.cause),
                        aloneUntilMs
                    });
                }
                await notifier.done;
            }
        }
        function lossOf(cause) {
            return 'keeper-died' === cause.kind ? {
                kind: 'compromised',
                detail: describeEndCause(cause)
            } : cause;
        }
        function describeEndCause(cause) {
            return 'keeper-died' === cause.kind ? `its keeper died, and the system frees the lock with it (its log ends: ${cause.lastWords})` : (0, describe.yt)(cause);
        }
        function endedWords(end) {
            switch(end.kind){
                case 'released':
                    return end.keeperDied ? 'released; the keeper had died or did not answer' : 'released';
                case 'lost':
                    return `lost: ${describeEndCause(end.cause)}`;
                case 'unreleased':
                    return 'not released';
                case 'nothing':
                    return 'not held';
            }
        }
        async function runMainByProtocol() {
            let left = readProtocolState();
            if (left.config) return verify(left.config, left.result);
            let taken = await takeByProtocol();
            if (taken.config && taken.result) verify(taken.config, taken.result);
        }
        function verify(config, result) {
            switch(result?.kind){
                case void 0:
                    (0, core.C1)('This job does not have the lock: it was not acquired before the job began, and "continue-on-error" let the job go on. The steps that follow are not protected.');
                    break;
                case 'skipped':
                    (0, toolkit.n0)({
                        'waited-ms': String(Math.round(result.waitedMs)),
                        holder: JSON.stringify((0, describe.$o)(config.opening.protocol, result.by))
                    });
                    break;
                case 'acquired':
                    verifyHold(config, result);
                    break;
            }
        }
        function verifyHold(config, result) {
            let { protocol, path } = config.opening;
            let lock = (0, describe.FD)(path);
            let lost = whyLost(config, result.keeper);
            if (void 0 !== lost) {
                (0, toolkit.ux)();
                let message = `${lock} is lost before this step began: ${lost}. Nothing protects the steps that follow.`;
                (0, toolkit.ff)(`${lock} was lost`, message);
                return;
            }
            (0, toolkit.n0)({
                acquired: 'true',
                token: '',
                lease: '',
                'waited-ms': String(Math.round(result.waitedMs)),
                'stolen-from': result.took ? JSON.stringify((0, describe.$o)(protocol, result.took)) : ''
            });
            (0, core.pq)(`${lock} is held.`);
        }
        function whyLost({ folder }, keeper) {
            let hold = new keeper_folder.J(folder);
            let state = hold.readProtocolStatus()?.state;
            if (state?.kind === 'lost') return (0, describe.yt)(state.cause);
            if (state?.kind === 'failed') return (0, sanitise.tB)(state.detail);
            return (0, base_process._n)(keeper) ? void 0 : `its keeper died (its log ends: ${hold.logEnd()})`;
        }
    }
};
