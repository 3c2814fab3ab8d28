import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
var __webpack_modules__ = {
    2613: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("assert");
    },
    4434: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("events");
    },
    9896: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");
    },
    8611: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("http");
    },
    5692: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("https");
    },
    9278: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("net");
    },
    6698: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:async_hooks");
    },
    1421: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:child_process");
    },
    7598: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");
    },
    8474: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");
    },
    3024: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");
    },
    1455: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs/promises");
    },
    7067: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http");
    },
    4708: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:https");
    },
    7030: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:net");
    },
    8161: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:os");
    },
    6760: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");
    },
    1708: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:process");
    },
    7075: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream");
    },
    3136: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:url");
    },
    7975: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util");
    },
    8522: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");
    },
    857: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("os");
    },
    4756: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("tls");
    },
    2018: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("tty");
    },
    7016: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("url");
    },
    9023: (module)=>{
        module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("util");
    },
    4934: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            C: ()=>parseAccess
        });
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9507);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6485);
        let LONGEST_ARN = 2_048;
        let ROLE_ARN = /^arn:[a-z][a-z0-9-]*:iam::(?:\d{12})?:role\/[\w+=,.@/-]+$/;
        let SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
        let REGION = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
        let LONGEST_AUDIENCE = 255;
        function parseAccess(read, { store, environment, what = 'store' }) {
            let arn = read('role-to-assume');
            let s3 = /^s3:/i.test(store);
            if ('' !== arn && !s3) {
                let shown = (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_0__.hD)(store.slice(0, 80));
                throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e('path' === what ? `role-to-assume: is for a path in S3, and this one is ${shown}. Leave the role out.` : `role-to-assume: is for a store in S3, and this one is ${shown}. Name a store s3://bucket/prefix, or leave the role out.`);
            }
            if (!s3) return {};
            let given = checkRegion(read('aws-region'));
            let region = given || environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
            return {
                ...region ? {
                    region
                } : {},
                ...arn ? {
                    role: {
                        arn: checkArn(arn),
                        ...identity(read, environment)
                    }
                } : {}
            };
        }
        function checkArn(arn) {
            if (ROLE_ARN.test(arn) && arn.length <= LONGEST_ARN) return arn;
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`role-to-assume: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_0__.hD)(arn.slice(0, 120))} is not the ARN of a role. IAM shows it: it begins with arn:aws:iam and ends with role/ and the name.`);
        }
        function checkRegion(region) {
            if ('' === region || REGION.test(region) && region.length <= 63) return region;
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`aws-region: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_0__.hD)(region.slice(0, 60))} is no region, such as eu-west-1.`);
        }
        function identity(read, { GITHUB_RUN_ID }) {
            let sessionName = read('role-session-name') || `leasehold-${GITHUB_RUN_ID ?? 'job'}`;
            if (!SESSION_NAME.test(sessionName)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`role-session-name: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_0__.hD)(sessionName.slice(0, 80))} can't be used: 2 to 64 letters, digits, "_", "+", "=", ",", ".", "@" and "-".`);
            let audience = read('audience');
            if ('' === audience || audience.length > LONGEST_AUDIENCE || /\s/.test(audience)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`audience: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_0__.hD)(audience.slice(0, 80))} can't be used: the default is sts.amazonaws.com; 1 to ${LONGEST_AUDIENCE} characters without a space.`);
            return {
                sessionName,
                audience
            };
        }
    },
    915: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Hr: ()=>END_WITHIN_MS,
            Sv: ()=>CANCEL_NOT_TRIED,
            _N: ()=>end,
            wW: ()=>describeCancel
        });
        var _actions_core__WEBPACK_IMPORTED_MODULE_13__ = __nccwpck_require__(7449);
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8045);
        var _base_process_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(8208);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__ = __nccwpck_require__(9507);
        var _github_server_js__WEBPACK_IMPORTED_MODULE_14__ = __nccwpck_require__(2712);
        var _keeper_finish_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(1607);
        var _keeper_folder_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(4984);
        var _lease_context_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(6149);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(8553);
        var _lease_history_js__WEBPACK_IMPORTED_MODULE_7__ = __nccwpck_require__(7646);
        var _lease_lease_js__WEBPACK_IMPORTED_MODULE_8__ = __nccwpck_require__(6940);
        var _report_js__WEBPACK_IMPORTED_MODULE_9__ = __nccwpck_require__(7058);
        var _take_js__WEBPACK_IMPORTED_MODULE_10__ = __nccwpck_require__(7539);
        var _tell_js__WEBPACK_IMPORTED_MODULE_11__ = __nccwpck_require__(8251);
        var _toolkit_js__WEBPACK_IMPORTED_MODULE_12__ = __nccwpck_require__(8168);
        let END_WITHIN_MS = 18_000;
        let RECORD_WITHIN_MS1 = 3_000;
        async function end({ config, result, lossTold }) {
            if (!config) return (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.pq)('No lock to release.');
            if (result?.kind === 'skipped') {
                (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.pq)(`Lock "${config.name}" was not taken (on-busy: skip).`);
                if (config.summary) await (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_12__.S0)((0, _report_js__WEBPACK_IMPORTED_MODULE_9__.UY)(config.name, result.by, origin()));
                return;
            }
            await new End(config, result?.kind === 'acquired' ? result : void 0, lossTold).run();
        }
        function origin() {
            return (0, _github_server_js__WEBPACK_IMPORTED_MODULE_14__.f)(process.env)?.origin;
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
            }
            async run() {
                let hold = await this.#finish();
                let endedMs = _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.monotonicMs();
                if (hold) this.#report(hold);
                if (!this.#acquired) return;
                let heldMs = Math.max(0, endedMs - this.#acquired.acquiredMs);
                if (this.#config.summary) await this.#summarise(this.#acquired, {
                    hold,
                    heldMs
                });
                if (!hold || 'nothing' === hold.kind) return;
                await Promise.all([
                    this.#notify(this.#acquired, {
                        hold,
                        heldMs
                    }),
                    this.#record(this.#acquired, {
                        hold,
                        heldMs
                    })
                ]);
            }
            async #openLock() {
                this.#lock ??= await (0, _take_js__WEBPACK_IMPORTED_MODULE_10__.qB)(this.#config);
                return this.#lock;
            }
            async #finish() {
                let { folder: path1, holder, timing, name, sharing } = this.#config;
                let folder = new _keeper_folder_js__WEBPACK_IMPORTED_MODULE_4__.J(path1);
                try {
                    return await (0, _keeper_finish_js__WEBPACK_IMPORTED_MODULE_3__.F)({
                        folder,
                        holder,
                        timing,
                        shares: void 0 !== sharing,
                        acquired: void 0 !== this.#acquired,
                        openLock: ()=>this.#openLock(),
                        clock: _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml,
                        withinMs: END_WITHIN_MS
                    });
                } catch (error) {
                    if (!(0, _lease_context_js__WEBPACK_IMPORTED_MODULE_5__.A1)(error)) throw error;
                    let keeper = folder.readStatus()?.state;
                    let first = keeper?.kind === 'failed' ? ` Its keeper: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(keeper.detail)}` : '';
                    let what = this.#acquired ? 'could not be released' : 'is not held by this job as far as is known, but the store does not say';
                    (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.$e)(`Lock "${name}" ${what}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(error.message)}${first} If it is held, its lease runs out by itself within ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(timing.ttlMs)}.`);
                    return;
                }
            }
            #report(hold) {
                let { name, heartbeat, sharing } = this.#config;
                switch(hold.kind){
                    case 'released':
                        if (hold.status?.latestMs !== void 0) (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.$e)(`The lease of lock "${name}" was renewed ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(hold.status.latestMs)} past its deadline (the machine slept, or its clock was set). Nobody had entered in between.`);
                        if (hold.keeperDied && heartbeat) (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.$e)(keeperDied(this.#config, hold.status));
                        else if (this.#acquired || !sharing) (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.pq)(releasedWords(this.#config));
                        else (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.pq)(`Lock "${name}" is not held by this job.`);
                        break;
                    case 'lost':
                        this.#reportLoss(hold);
                        break;
                    case 'nothing':
                        (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.pq)(`Lock "${name}" was not held by this job.`);
                        break;
                }
            }
            #reportLoss(hold) {
                let { name, onLost } = this.#config;
                let at = hold.status?.state.kind === 'lost' ? `, at ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(hold.status.state.at)}` : '';
                let { aloneUntil, cancel } = this.#lossOf(hold);
                let cancelled = void 0 === cancel ? '' : ` The run was to be cancelled: ${cancel}.`;
                let why = `Lock "${name}" was lost while the job ran${at}: ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_6__.$4)(hold.cause)}. From ${aloneUntil} on another job may have run beside this one.${cancelled}`;
                let title = (0, _tell_js__WEBPACK_IMPORTED_MODULE_11__.oj)(name, hold.cause);
                if (this.#lossTold) (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.pq)(why);
                else if ('warn' === onLost) (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.$e)(why, {
                    title
                });
                else (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_12__.ff)(title, why);
            }
            #lossOf({ cause, status }) {
                let { timing, onLost } = this.#config;
                let nowMs = _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.wallMs();
                let sentAt = (status ?? this.#acquired)?.snapshot.sentAt;
                let token = this.#acquired?.token ?? 0 / 0;
                let known = status?.state.kind === 'lost' ? (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.nV)(status.state.aloneUntil) : void 0;
                let aloneMs = known ?? (sentAt ? (0, _lease_lease_js__WEBPACK_IMPORTED_MODULE_8__.Q1)(cause, {
                    sentAt,
                    token
                }, {
                    timing,
                    nowMs
                }) : nowMs);
                let startedMs = this.#acquired?.acquiredMs ?? _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.monotonicMs();
                return {
                    aloneUntilMs: aloneMs - (nowMs - (_base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.monotonicMs() - startedMs)),
                    aloneUntil: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.r4)(aloneMs),
                    cancel: 'cancel-run' === onLost ? cancelWords(status) : void 0
                };
            }
            async #summarise(acquired, { hold, heldMs }) {
                let status = hold && 'status' in hold ? hold.status : void 0;
                await (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_12__.S0)((0, _report_js__WEBPACK_IMPORTED_MODULE_9__.Wi)({
                    name: this.#config.name,
                    holder: this.#config.holder,
                    token: acquired.token,
                    waitedMs: acquired.waitedMs,
                    heldMs,
                    renewals: status?.renewals ?? 0,
                    renewedMs: (status?.renewedMs ?? []).map((ms)=>ms - acquired.acquiredMs),
                    ...acquired.stolenFrom ? {
                        stolenFrom: acquired.stolenFrom
                    } : {},
                    ended: endedWords(hold, this.#config),
                    ...hold?.kind === 'lost' ? {
                        lost: this.#lossOf(hold)
                    } : {},
                    origin: origin()
                }));
            }
            async #notify({ token }, { hold, heldMs }) {
                let seen = hold.status?.state;
                if (seen?.kind === 'lost') {
                    if (void 0 !== seen.notifyFailed) (0, _actions_core__WEBPACK_IMPORTED_MODULE_13__.$e)((0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(seen.notifyFailed), {
                        title: `Lock "${this.#config.name}": notify failed`
                    });
                    return;
                }
                let command = (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_12__.R5)('notify');
                if ('' === command) return;
                (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_12__.uP)('github-token');
                let notifier = (0, _tell_js__WEBPACK_IMPORTED_MODULE_11__.yt)(command, this.#config, {
                    store: (await this.#openLock()).store.url
                });
                notifier.tell(this.#happening(token, {
                    hold,
                    heldMs
                }));
                await notifier.done;
            }
            #happening(token, { hold, heldMs }) {
                if ('released' === hold.kind) return {
                    kind: 'released',
                    token,
                    heldMs
                };
                let aloneMs = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.nV)(this.#lossOf(hold).aloneUntil) ?? _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.wallMs();
                return {
                    kind: 'lost',
                    token,
                    cause: hold.cause,
                    aloneUntilMs: aloneMs
                };
            }
            async #record(acquired, { hold, heldMs }) {
                let seen = hold.status?.state;
                let cutOff = seen?.kind === 'lost' && 'unreachable' === seen.cause.kind;
                if ((seen?.kind === 'released' || seen?.kind === 'lost') && !cutOff) return;
                let { token, waitedMs, joined } = acquired;
                let ended = 'released' === hold.kind ? 'released' : hold.cause;
                let told = {
                    ended,
                    waitedMs,
                    heldMs,
                    nowMs: _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.wallMs()
                };
                let { holder } = this.#config;
                let own = (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_7__.Yy)({
                    holder: {
                        ...holder,
                        leaseId: joined ?? holder.leaseId
                    },
                    token
                }, told);
                await (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_7__.u1)(await this.#openLock(), [
                    own
                ], {
                    withinMs: RECORD_WITHIN_MS1
                });
            }
        }
        function releasedWords({ name, sharing }) {
            if (!sharing) return `Lock "${name}" is released.`;
            return sharing.last ? `This job was the last for lock "${name}": it is released as soon as no other job of the run is in it.` : `This job is done with lock "${name}". The run keeps it for its jobs, and for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(sharing.gapMs)} for the next to come.`;
        }
        function endedWords(hold, { heartbeat, sharing }) {
            switch(hold?.kind){
                case void 0:
                    return 'not released';
                case 'released':
                    if (hold.keeperDied && heartbeat) return 'released; the keeper had died or did not answer';
                    return sharing ? 'left to the run' : 'released';
                case 'lost':
                    return `lost: ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_6__.$4)(hold.cause)}`;
                case 'nothing':
                    return 'not held';
            }
        }
        function cancelWords(status) {
            if (status?.state.kind !== 'lost') return CANCEL_NOT_TRIED;
            return describeCancel(status.state.cancel);
        }
        let CANCEL_NOT_TRIED = 'that was not done, for the keeper had died or did not answer';
        function describeCancel(outcome) {
            switch(outcome?.kind){
                case void 0:
                    return 'that was not done before the job was over';
                case 'accepted':
                    return 'GitHub has accepted it';
                case 'failed':
                    return (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(outcome.detail);
            }
        }
        function keeperDied(config, status) {
            let detail = status?.state.kind === 'failed' ? ` (${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_15__.tB)(status.state.detail)})` : ` (its log ends: ${new _keeper_folder_js__WEBPACK_IMPORTED_MODULE_4__.J(config.folder).logEnd()})`;
            let how = status && (0, _base_process_js__WEBPACK_IMPORTED_MODULE_2__._n)(status.keeper) ? 'did not answer' : 'died';
            return `The keeper of lock "${config.name}" ${how}${detail} before the job was over. Nobody else had taken the lock when it was released, so the job was alone.`;
        }
    },
    1413: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            H0: ()=>ON_LOST,
            TL: ()=>parseInputs,
            dw: ()=>parseCommon,
            yG: ()=>parseBoolean,
            yL: ()=>oneOf
        });
        var node_os__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8161);
        var node_path__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6760);
        var node_url__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(3136);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(8045);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__ = __nccwpck_require__(6485);
        var _lease_name_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(7495);
        var _lease_policy_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(206);
        var _access_js__WEBPACK_IMPORTED_MODULE_8__ = __nccwpck_require__(4934);
        var _sharing_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(8194);
        let ON_BUSY = [
            'wait',
            'skip',
            'fail'
        ];
        let SCOPES = [
            'job',
            'run'
        ];
        let ON_LOST = [
            'warn',
            'fail',
            'cancel-run'
        ];
        let LONGEST_TEXT = 500;
        function parseInputs(read, environment) {
            if (!parseBoolean(read('enabled'), 'enabled')) return;
            for (let field of [
                'path',
                'vfs-keys'
            ])if ('' !== read(field)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`${field} and protocol: ${field} is for the lock of another program, which protocol names. A lease is named by name.`);
            let name = read('name');
            if ('' === name) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e('name: is empty. The lock is taken before the first step runs, when the outputs of steps do not exist yet: build the name from needs, matrix, vars or env instead.');
            let { store, notes } = chooseStore(read('store'), environment);
            let ttl = read('ttl');
            let timing = (0, _lease_policy_js__WEBPACK_IMPORTED_MODULE_5__.vJ)({
                ttlMs: '' === ttl ? _lease_policy_js__WEBPACK_IMPORTED_MODULE_5__.KT : (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_3__.E9)(ttl, 'ttl')
            });
            let sharing = (0, _sharing_js__WEBPACK_IMPORTED_MODULE_6__.EZ)(read, {
                scope: oneOf(read('scope'), 'scope', SCOPES),
                release: parseBoolean(read('release'), 'release'),
                ttlMs: timing.ttlMs
            });
            let heartbeat = parseBoolean(read('heartbeat'), 'heartbeat');
            return {
                name: (0, _lease_name_js__WEBPACK_IMPORTED_MODULE_4__.I3)(name),
                store,
                access: (0, _access_js__WEBPACK_IMPORTED_MODULE_8__.C)(read, {
                    store,
                    environment
                }),
                timing,
                ...sharing ? {
                    sharing
                } : {},
                heartbeat,
                ...parseCommon(read, heartbeat),
                notes
            };
        }
        function parseCommon(read, heartbeat) {
            let onBusy = oneOf(read('on-busy'), 'on-busy', ON_BUSY);
            return {
                waitTimeoutMs: 'wait' === onBusy ? (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_3__.E9)(read('wait-timeout'), 'wait-timeout') : 0,
                onBusy,
                stalePolicy: oneOf(read('stale-policy'), 'stale-policy', _lease_policy_js__WEBPACK_IMPORTED_MODULE_5__.tS),
                onStale: read('on-stale'),
                lockDelayMs: (0, _lease_policy_js__WEBPACK_IMPORTED_MODULE_5__.IM)(read('lock-delay'), 'lock-delay'),
                ownerId: shortText(read('owner-id'), 'owner-id'),
                reason: shortText(read('reason'), 'reason'),
                maxHoldMs: parseMaxHold(read('max-hold')),
                onLost: parseOnLost(read('on-lost'), heartbeat),
                summary: parseBoolean(read('summary'), 'summary'),
                notify: read('notify'),
                notifyAfterMs: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_3__.E9)(read('notify-after'), 'notify-after')
            };
        }
        function parseBoolean(text, field) {
            if (/^(true|True|TRUE)$/.test(text)) return true;
            if (/^(false|False|FALSE)$/.test(text)) return false;
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`${field}: ${shown(text)} is neither "true" nor "false".`);
        }
        function oneOf(text, field, allowed) {
            let found = allowed.find((value)=>value === text);
            if (void 0 === found) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`${field}: ${shown(text)} is not known. Allowed: ${allowed.join(', ')}.`);
            return found;
        }
        function shortText(text, field) {
            if (text.length > LONGEST_TEXT) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`${field}: has ${text.length} characters, more than ${LONGEST_TEXT}.`);
            return text;
        }
        function parseMaxHold(text) {
            let maxHoldMs = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_3__.E9)(text, 'max-hold');
            if (maxHoldMs < 60_000) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e('max-hold: is under 1m. After that time the lease is not renewed any more.');
            return maxHoldMs;
        }
        function parseOnLost(text, heartbeat) {
            let onLost = oneOf(text, 'on-lost', ON_LOST);
            if ('cancel-run' === onLost && !heartbeat) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e('on-lost and heartbeat: cancel-run is done by the keeper, and with heartbeat "false" there is none. Use on-lost: fail, or leave heartbeat as it is.');
            return onLost;
        }
        function shown(text) {
            return JSON.stringify(text.slice(0, 60));
        }
        function chooseStore(given, environment) {
            let hosted = 'github-hosted' === environment.RUNNER_ENVIRONMENT;
            if ('' === given) {
                if (hosted) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e('store: is missing. This is a GitHub-hosted runner, whose disk is thrown away after the job, so the lock must live elsewhere: store: s3://bucket/prefix?region=eu-west-1 (any S3-compatible service with conditional writes). To limit the runs of this one repository only, GitHub\'s own "concurrency" with "queue: max" is enough.');
                let path1 = defaultStore(environment);
                return {
                    store: path1,
                    notes: [
                        `No store is named: the lock is kept in ${path1} and excludes jobs of runners that use this directory.`
                    ]
                };
            }
            if (/^memory:/i.test(given)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e('store: memory: ends with the process, before the job begins. Use s3://bucket/prefix or a directory.');
            if (/^[a-z][a-z0-9+.-]+:/i.test(given) && !/^file:/i.test(given)) return {
                store: given,
                notes: []
            };
            let store = checkLocal(given, environment);
            let notes = hosted ? [
                'The store is a directory, and this is a GitHub-hosted runner: unless that is a mount, it keeps nobody out.'
            ] : [];
            return {
                store,
                notes
            };
        }
        function defaultStore(environment) {
            let given = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.isAbsolute)(environment.XDG_STATE_HOME ?? '') ? environment.XDG_STATE_HOME : void 0;
            let path1 = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(given ?? (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(environment.HOME || (0, node_os__WEBPACK_IMPORTED_MODULE_0__.homedir)(), '.local', 'state'), 'leasehold');
            if (void 0 !== temporary(path1, environment)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`store: is missing, and the default (${path1}) does not outlive this job, which runs in a container. Name a store: s3://bucket/prefix, or a directory of the host that is mounted into the container.`);
            return path1;
        }
        function checkLocal(given, environment) {
            let [location = '', query] = given.split('?', 2);
            let path1 = /^file:/i.test(location) ? pathOfUrl(location) : location.replace(/^~(?=\/)/, environment.HOME ?? (0, node_os__WEBPACK_IMPORTED_MODULE_0__.homedir)());
            if (!(0, node_path__WEBPACK_IMPORTED_MODULE_1__.isAbsolute)(path1)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`store: ${shown(given)} is a relative path, and what it means differs from job to job. Give an absolute one.`);
            if (path1.split(/[\\/]/).includes('..')) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`store: ${shown(given)} contains "..". Give the path without it.`);
            let where = temporary(path1, environment);
            if (void 0 !== where) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`store: ${shown(given)} is inside ${where}, which the runner empties. Choose a directory that all jobs share.`);
            return void 0 === query ? path1 : given;
        }
        function pathOfUrl(location) {
            let refuse = (cause)=>{
                throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_7__.e(`store: ${shown(location)} is not the URL of a directory. Write file:///directory.`, {
                    cause
                });
            };
            if (!/^file:\/\/\//i.test(location)) return refuse();
            try {
                return (0, node_url__WEBPACK_IMPORTED_MODULE_2__.fileURLToPath)(location);
            } catch (cause) {
                return refuse(cause);
            }
        }
        let CONTAINER_HOME = '/github/home';
        function temporary(path1, environment) {
            let places = {
                GITHUB_WORKSPACE: environment.GITHUB_WORKSPACE,
                RUNNER_TEMP: environment.RUNNER_TEMP
            };
            let emptied = Object.entries({
                ...places,
                "the container's home": CONTAINER_HOME
            });
            return emptied.find(([, parent])=>parent && isInside((0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(path1), (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(parent)))?.[0];
        }
        function isInside(path1, parent) {
            let way = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.relative)(parent, path1);
            return '..' !== way && !/^\.\.[\\/]/.test(way) && !(0, node_path__WEBPACK_IMPORTED_MODULE_1__.isAbsolute)(way);
        }
    },
    4905: (__webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.a(__webpack_module__, async (__webpack_handle_async_dependencies__, __webpack_async_result__)=>{
            try {
                __nccwpck_require__.r(__webpack_exports__);
                var _run_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7990);
                var _toolkit_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8168);
                await (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_1__.Oi)(_run_js__WEBPACK_IMPORTED_MODULE_0__.VN);
                __webpack_async_result__();
            } catch (e) {
                __webpack_async_result__(e);
            }
        }, 1);
    },
    3266: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            S: ()=>ownRun
        });
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6485);
        var _github_server_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(2712);
        function ownRun(token, environment) {
            let { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: runId = '' } = environment;
            let server = (0, _github_server_js__WEBPACK_IMPORTED_MODULE_0__.f)(environment);
            if (!/^[\x21-\x7e]+$/.test(token)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e('on-lost and github-token: cancel-run needs a token that may cancel the run. Leave github-token as it is, and add "actions: write" to the permissions of this job.');
            if (!server || !/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^\d+$/.test(runId)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e('on-lost: cancel-run does not know which run this is: GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_API_URL is not what it is in every job.');
            return {
                apiUrl: server.apiUrl,
                repository,
                runId,
                token
            };
        }
    },
    5242: (__webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.a(__webpack_module__, async (__webpack_handle_async_dependencies__, __webpack_async_result__)=>{
            try {
                __nccwpck_require__.r(__webpack_exports__);
                var _run_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7990);
                var _toolkit_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8168);
                await (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_1__.Oi)(_run_js__WEBPACK_IMPORTED_MODULE_0__.a2);
                __webpack_async_result__();
            } catch (e) {
                __webpack_async_result__(e);
            }
        }, 1);
    },
    3671: (__webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.a(__webpack_module__, async (__webpack_handle_async_dependencies__, __webpack_async_result__)=>{
            try {
                __nccwpck_require__.r(__webpack_exports__);
                var _run_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7990);
                var _toolkit_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8168);
                await (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_1__.Oi)(_run_js__WEBPACK_IMPORTED_MODULE_0__.X0);
                __webpack_async_result__();
            } catch (e) {
                __webpack_async_result__(e);
            }
        }, 1);
    },
    7058: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Ae: ()=>lostRows,
            UY: ()=>skipSummary,
            Wi: ()=>holdSummary,
            n$: ()=>refusedSummary,
            tp: ()=>table
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(9507);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8553);
        var _timeline_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6091);
        function holdSummary(report) {
            let { heldMs, lost, stolenFrom, origin } = report;
            let rows = [
                [
                    'Owner',
                    (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)((0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.sG)(report.holder))
                ],
                [
                    'Fencing token',
                    String(report.token)
                ],
                [
                    'Waited',
                    (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(report.waitedMs)
                ],
                [
                    'Held',
                    `${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(heldMs)}, ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)(report.ended)}`
                ],
                ...lost ? lostRows(lost) : [],
                [
                    'Renewals',
                    String(report.renewals)
                ],
                [
                    'Stolen from',
                    stolenFrom ? holderCell(stolenFrom, origin) : '–'
                ]
            ];
            let { waitedMs, renewals, renewedMs } = report;
            let course = {
                waitedMs,
                endedMs: heldMs,
                renewals,
                renewedMs
            };
            return [
                table(`Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)(report.name)}`, rows),
                (0, _timeline_js__WEBPACK_IMPORTED_MODULE_2__.I)(lost ? {
                    ...course,
                    aloneUntilMs: lost.aloneUntilMs
                } : course),
                ''
            ].join('\n');
        }
        function lostRows({ aloneUntil, cancel }) {
            return [
                [
                    'Alone until',
                    (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)(aloneUntil)
                ],
                ...void 0 === cancel ? [] : [
                    [
                        'Run cancelled',
                        (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)(cancel)
                    ]
                ]
            ];
        }
        function skipSummary(name, by, origin) {
            return table(`Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)(name)}: skipped`, holderRows(by, origin));
        }
        function refusedSummary({ name, holder }, waitedMs, origin) {
            let rows = [
                [
                    'Waited',
                    (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(waitedMs)
                ],
                ...holderRows(holder, origin)
            ];
            return table(`Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)(name)}: not free`, rows);
        }
        function holderRows(holder, origin) {
            return [
                [
                    'Held by',
                    holderCell(holder, origin)
                ],
                [
                    'Reason',
                    holder.reason ? (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)(holder.reason) : '–'
                ]
            ];
        }
        function holderCell(holder, origin) {
            let { runUrl = '' } = holder;
            let who = (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.SS)((0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_1__.sG)(holder));
            return isRunOf(runUrl, origin) ? `${who} ([run](${runUrl}))` : who;
        }
        function isRunOf(url, origin) {
            let isRun = /^https?:\/\/[\w.:-]+\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d{1,20}(\/attempts\/\d{1,9})?$/;
            return void 0 !== origin && isRun.test(url) && url.length <= 300 && url.startsWith(`${origin}/`);
        }
        function table(title, rows) {
            return [
                `### ${title}`,
                '',
                '| | |',
                '|---|---|',
                ...rows.map(([name, value])=>`| ${name} | ${value} |`),
                ''
            ].join('\n');
        }
    },
    7990: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            VN: ()=>runMain,
            a2: ()=>runPost,
            X0: ()=>runPre
        });
        var end = __nccwpck_require__(915);
        var take = __nccwpck_require__(7539);
        var toolkit = __nccwpck_require__(8168);
        var core = __nccwpck_require__(7449);
        var clock = __nccwpck_require__(4743);
        var process1 = __nccwpck_require__(8208);
        var sanitise1 = __nccwpck_require__(9507);
        var folder = __nccwpck_require__(4984);
        var keeper_snapshot = __nccwpck_require__(8316);
        var context = __nccwpck_require__(6149);
        var describe = __nccwpck_require__(8553);
        var lease_lease = __nccwpck_require__(6940);
        var tell = __nccwpck_require__(8251);
        async function verify(config, result) {
            if (result?.kind === 'disabled') return;
            if (!config || !result) return (0, core.C1)('This job does not have the lock: it was not acquired before the job began, and "continue-on-error" let the job go on. The steps that follow are not protected.');
            if ('skipped' === result.kind) return (0, toolkit.n0)({
                'waited-ms': String(Math.round(result.waitedMs)),
                holder: JSON.stringify(result.by)
            });
            let lost = await findLoss(config, result);
            if (lost) {
                (0, toolkit.ux)();
                return (0, toolkit.ff)((0, tell.oj)(config.name, lost), `Lock "${config.name}" is lost before this step began: ${(0, describe.$4)(lost)}. Nothing protects the steps that follow.`);
            }
            (0, toolkit.n0)({
                acquired: 'true',
                token: String(result.token),
                lease: result.joined ?? config.holder.leaseId,
                'waited-ms': String(Math.round(result.waitedMs)),
                'stolen-from': result.stolenFrom ? JSON.stringify(result.stolenFrom) : ''
            });
            (0, core.pq)(`Lock "${config.name}" is held: token ${result.token}.`);
        }
        async function findLoss(config, result) {
            let status = new folder.J(config.folder).readStatus();
            if (status?.state.kind === 'lost') return status.state.cause;
            let snapshot = status?.snapshot ?? result.snapshot;
            let kept = status?.state.kind === 'keeping' && (0, process1._n)(status.keeper);
            let believed = (0, lease_lease.Y8)((0, clock.B9)(clock.ml), (0, lease_lease.G0)(snapshot.sentAt, config.timing));
            if (believed && (kept || !config.heartbeat)) return;
            let lease = (0, keeper_snapshot.c)(await (0, take.qB)(config), config.timing, snapshot);
            try {
                let outcome = await lease.renew(clock.ml.monotonicMs() + 2 * config.timing.callTimeoutMs);
                if ('lost' === outcome.kind) return outcome.cause;
            } catch (error) {
                if (!(0, context.A1)(error)) throw error;
                return {
                    kind: 'unreachable',
                    detail: error.message
                };
            }
            if (config.heartbeat && !kept) {
                (0, core.$e)(`The keeper that renews lock "${config.name}" died${status?.state.kind === 'failed' ? ` (${(0, sanitise1.tB)(status.state.detail)})` : ''}. The lease is still this job's; a new keeper renews it from now on.`);
                await (0, take.Yc)(lease, config, {
                    result
                });
            }
        }
        async function runPre() {
            if (isByProtocol()) await (await byProtocol()).takeByProtocol();
            else await (0, take.s)();
        }
        async function runMain() {
            (0, toolkit.n0)({
                acquired: 'false'
            });
            let { config, result } = (0, toolkit.un)();
            if (config || result) return verify(config, result);
            if (isByProtocol()) return (await byProtocol()).runMainByProtocol();
            let taken = await (0, take.s)();
            if (taken.result) await verify(taken.config, taken.result);
        }
        async function runPost() {
            if (wasByProtocol()) await (await byProtocol()).endByProtocol();
            else await (0, end._N)((0, toolkit.un)());
        }
        function isByProtocol() {
            let protocol = (0, toolkit.R5)('protocol');
            return wasByProtocol() || '' !== protocol && 'lease' !== protocol;
        }
        function wasByProtocol() {
            return '' !== (0, toolkit.Rw)('protocol');
        }
        function byProtocol() {
            return Promise.all([
                __nccwpck_require__.e(817),
                __nccwpck_require__.e(209)
            ]).then(__nccwpck_require__.bind(__nccwpck_require__, 2209));
        }
    },
    8194: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            EZ: ()=>parseSharing,
            Zw: ()=>jobOf,
            gY: ()=>refuseOwnWait,
            ng: ()=>runOf
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6485);
        var _lease_evidence_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8033);
        let LONGEST_GAP_MS = 2592000000;
        function parseSharing(read, given) {
            let { scope, release, ttlMs } = given;
            if ('job' === scope) {
                if (!release) return;
                throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__.e('release and scope: release is for scope: run, where it marks the last job. With scope: job the lock is always released when the job ends.');
            }
            let gapMs = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.E9)(read('gap'), 'gap');
            if (gapMs < ttlMs || gapMs > LONGEST_GAP_MS) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__.e(`gap and ttl: a gap of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(gapMs)} is not between the ttl of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs)} and ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(LONGEST_GAP_MS)}. It is how long the lock waits for the next job of its run; the default is 30m.`);
            return {
                gapMs,
                last: release
            };
        }
        function runOf(self) {
            let { ownerId, leaseId, repository, workflow, runId, runAttempt, actor, ref, sha, runUrl, reason } = self;
            if (!(0, _lease_evidence_js__WEBPACK_IMPORTED_MODULE_1__.Ib)(self, self)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__.e('scope: run does not know which run this is: GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is not set, as it is in every job.');
            let run = {
                repository,
                workflow,
                runId,
                runAttempt,
                actor,
                ref,
                sha,
                runUrl,
                reason
            };
            let known = Object.fromEntries(Object.entries(run).filter(([, value])=>void 0 !== value));
            return {
                ...known,
                ownerId,
                leaseId
            };
        }
        let LONGEST_ABOUT = 60;
        function jobOf({ job, checkRunId, host }) {
            let about = {
                job,
                checkRunId,
                host
            };
            return Object.fromEntries(Object.entries(about).flatMap(([name, value])=>void 0 === value ? [] : [
                    [
                        name,
                        plain(value).slice(0, LONGEST_ABOUT)
                    ]
                ]));
        }
        function plain(text) {
            return text.replace(/[^\x20-\x7e]/g, '?');
        }
        function refuseOwnWait(self, { shares }, record) {
            if ('held' !== record.state) return;
            let { holder, name } = record;
            if (record.shared && !shares && (0, _lease_evidence_js__WEBPACK_IMPORTED_MODULE_1__.Ib)(self, holder)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__.e(`scope: lock "${name}" is held by this very run, for all of its jobs with "scope: run". This job has "scope: job" and would wait for its own run: give it "scope: run", too.`);
            let known = void 0 !== self.runId && self.processes?.[0]?.startTime !== void 0;
            if (!known || identityOf(self) !== identityOf(holder)) return;
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__.e(`name: lock "${name}" is held by an earlier step of this very job, until the job ends; to wait for it would be to wait for ever. Take it once for each job.`);
        }
        function identityOf({ bootId, pidNamespace, processes, repository, runId, runAttempt, job }) {
            return JSON.stringify([
                bootId,
                pidNamespace,
                processes,
                repository,
                runId,
                runAttempt,
                job
            ]);
        }
    },
    7539: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Qc: ()=>jobWorker,
            Yc: ()=>keepByProcess,
            hx: ()=>describeJob,
            qB: ()=>openLock,
            s: ()=>take,
            yy: ()=>temporaryFolder
        });
        var _actions_core__WEBPACK_IMPORTED_MODULE_19__ = __nccwpck_require__(7449);
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8045);
        var _base_process_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(8208);
        var _base_random_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(5874);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_23__ = __nccwpck_require__(9507);
        var _base_shell_js__WEBPACK_IMPORTED_MODULE_24__ = __nccwpck_require__(4239);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_21__ = __nccwpck_require__(6485);
        var _github_evidence_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(7961);
        var _github_server_js__WEBPACK_IMPORTED_MODULE_22__ = __nccwpck_require__(2712);
        var _keeper_folder_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(4984);
        var _keeper_snapshot_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(8316);
        var _lease_acquire_js__WEBPACK_IMPORTED_MODULE_7__ = __nccwpck_require__(474);
        var _lease_context_js__WEBPACK_IMPORTED_MODULE_8__ = __nccwpck_require__(6149);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_9__ = __nccwpck_require__(8553);
        var _lease_evidence_js__WEBPACK_IMPORTED_MODULE_10__ = __nccwpck_require__(8033);
        var _lease_history_js__WEBPACK_IMPORTED_MODULE_11__ = __nccwpck_require__(7646);
        var _lease_self_js__WEBPACK_IMPORTED_MODULE_12__ = __nccwpck_require__(8380);
        var _store_open_js__WEBPACK_IMPORTED_MODULE_13__ = __nccwpck_require__(4805);
        var _inputs_js__WEBPACK_IMPORTED_MODULE_14__ = __nccwpck_require__(1413);
        var _own_run_js__WEBPACK_IMPORTED_MODULE_20__ = __nccwpck_require__(3266);
        var _report_js__WEBPACK_IMPORTED_MODULE_15__ = __nccwpck_require__(7058);
        var _sharing_js__WEBPACK_IMPORTED_MODULE_16__ = __nccwpck_require__(8194);
        var _tell_js__WEBPACK_IMPORTED_MODULE_17__ = __nccwpck_require__(8251);
        var _toolkit_js__WEBPACK_IMPORTED_MODULE_18__ = __nccwpck_require__(8168);
        let RECORD_WITHIN_MS1 = 3_000;
        async function take() {
            let token = (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.uP)('github-token');
            let inputs = (0, _inputs_js__WEBPACK_IMPORTED_MODULE_14__.TL)(_toolkit_js__WEBPACK_IMPORTED_MODULE_18__.R5, process.env);
            if (!inputs) {
                (0, _actions_core__WEBPACK_IMPORTED_MODULE_19__.pq)('Leasehold is not enabled for this job: no lock is taken.');
                let result = {
                    kind: 'disabled'
                };
                (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.bB)(result);
                return {
                    result
                };
            }
            for (let note of inputs.notes)(0, _actions_core__WEBPACK_IMPORTED_MODULE_19__.lm)(note);
            let self = describeJob(inputs);
            let config = configure(inputs, self);
            if ('cancel-run' === inputs.onLost) (0, _own_run_js__WEBPACK_IMPORTED_MODULE_20__.S)(token, process.env);
            let lock = await openLock(config);
            let folder = new _keeper_folder_js__WEBPACK_IMPORTED_MODULE_5__.J(config.folder);
            folder.create();
            (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.ql)(config);
            let signal = (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.WN)();
            return {
                config,
                ...await takeAs(config, inputs, {
                    lock,
                    folder,
                    token,
                    signal,
                    self
                })
            };
        }
        function describeJob(inputs) {
            let worker = jobWorker();
            return (0, _lease_self_js__WEBPACK_IMPORTED_MODULE_12__.As)(process.env, {
                leaseId: _base_random_js__WEBPACK_IMPORTED_MODULE_3__.v.hex(16),
                ownerId: inputs.ownerId || (0, _lease_self_js__WEBPACK_IMPORTED_MODULE_12__.Y3)(process.env),
                reason: inputs.reason,
                processes: worker ? [
                    worker
                ] : [],
                checkRunId: (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.R5)('check-run-id')
            });
        }
        function configure(inputs, self) {
            let { name, store, access, timing, heartbeat, maxHoldMs, onLost, summary } = inputs;
            let sharing = inputs.sharing && {
                ...inputs.sharing,
                ...(0, _sharing_js__WEBPACK_IMPORTED_MODULE_16__.Zw)(self)
            };
            let folder = _keeper_folder_js__WEBPACK_IMPORTED_MODULE_5__.J.of(temporaryFolder(), self.leaseId).path;
            return {
                ...{
                    name,
                    store,
                    access,
                    timing,
                    folder,
                    heartbeat,
                    maxHoldMs,
                    onLost,
                    summary
                },
                holder: sharing ? (0, _sharing_js__WEBPACK_IMPORTED_MODULE_16__.ng)(self) : self,
                ...sharing ? {
                    sharing
                } : {}
            };
        }
        function temporaryFolder() {
            let { RUNNER_TEMP } = process.env;
            if (RUNNER_TEMP) return RUNNER_TEMP;
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_21__.e('RUNNER_TEMP is not set, as it is in every job of GitHub Actions. Outside of one use the CLI: npx leasehold run.');
        }
        function jobWorker() {
            let inContainer = process.env.GITHUB_WORKSPACE?.startsWith('/__w/') === true;
            return inContainer || process.ppid <= 1 ? void 0 : (0, _base_process_js__WEBPACK_IMPORTED_MODULE_2__.ls)(process.ppid);
        }
        async function openLock({ name, store, access, timing }) {
            let { callTimeoutMs } = timing;
            let opened = await (0, _store_open_js__WEBPACK_IMPORTED_MODULE_13__.C)(store, access);
            return {
                name,
                store: opened,
                clock: _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml,
                random: _base_random_js__WEBPACK_IMPORTED_MODULE_3__.v,
                callTimeoutMs
            };
        }
        async function takeAs(config, inputs, by) {
            let report = new _tell_js__WEBPACK_IMPORTED_MODULE_17__.SW(config, inputs, by);
            try {
                let outcome = await acquireWith(config, inputs, {
                    ...by,
                    report
                });
                switch(outcome.kind){
                    case 'acquired':
                        return await enter(config, outcome, {
                            ...by,
                            report
                        });
                    case 'busy':
                    case 'timed-out':
                        return await refused(outcome, config, inputs);
                    case 'cancelled':
                        (0, _actions_core__WEBPACK_IMPORTED_MODULE_19__.C1)(`Cancelled while waiting for lock "${config.name}". ${outcome.mayBeHeld ? 'The store did not let it be known that nothing is held; the end of the job looks again.' : 'Nothing is left behind.'}`);
                        return {};
                }
            } finally{
                await report.end();
            }
        }
        async function acquireWith(config, inputs, { lock, folder, token, signal, self, report }) {
            let { onWait, onStolen, onTrouble, onEnded } = report.callbacks;
            let { sharing } = config;
            return (0, _lease_acquire_js__WEBPACK_IMPORTED_MODULE_7__.X)(lock, {
                holder: config.holder,
                ...sharing ? {
                    sharing
                } : {},
                timing: config.timing,
                stalePolicy: inputs.stalePolicy,
                evidence: evidenceFor(config.holder, token),
                ...inputs.onStale ? {
                    veto: await vetoBy(inputs.onStale)
                } : {},
                waitTimeoutMs: inputs.waitTimeoutMs,
                signal,
                closed: ()=>folder.closed,
                onWait: (waiting)=>{
                    (0, _sharing_js__WEBPACK_IMPORTED_MODULE_16__.gY)(self, {
                        shares: void 0 !== sharing
                    }, waiting.record);
                    onWait(waiting);
                },
                lockDelayMs: inputs.lockDelayMs,
                onStolen,
                onEnded,
                onTrouble
            });
        }
        function evidenceFor(holder, token) {
            return [
                (0, _lease_evidence_js__WEBPACK_IMPORTED_MODULE_10__.NZ)(holder),
                (0, _lease_evidence_js__WEBPACK_IMPORTED_MODULE_10__.$6)((0, _base_process_js__WEBPACK_IMPORTED_MODULE_2__.Aq)()),
                (0, _github_evidence_js__WEBPACK_IMPORTED_MODULE_4__.f)({
                    server: (0, _github_server_js__WEBPACK_IMPORTED_MODULE_22__.f)(process.env),
                    token,
                    tokenFrom: 'input github-token',
                    repository: holder.repository,
                    clock: _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml,
                    random: _base_random_js__WEBPACK_IMPORTED_MODULE_3__.v
                })
            ];
        }
        async function enter(config, { lease, waitedMs, stolen, joined }, { folder, signal, report }) {
            let result = {
                kind: 'acquired',
                token: lease.token,
                waitedMs,
                acquiredMs: _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.monotonicMs(),
                snapshot: (0, _keeper_snapshot_js__WEBPACK_IMPORTED_MODULE_6__.M)(lease),
                ...stolen ? {
                    stolenFrom: stolen.from.holder
                } : {},
                ...joined ? {
                    joined: lease.id
                } : {}
            };
            (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.bB)(result);
            let victim = stolen && (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_11__.oy)(stolen.from, 'stolen', _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.wallMs());
            if (config.heartbeat) await handOver(lease, config, {
                folder,
                result,
                victim
            });
            if (signal.aborted || folder.closed) {
                folder.close();
                if (!config.heartbeat) await giveBack(lease);
                (0, _actions_core__WEBPACK_IMPORTED_MODULE_19__.C1)(`Cancelled just as lock "${config.name}" was acquired. It is given back.`);
                return {};
            }
            (0, _actions_core__WEBPACK_IMPORTED_MODULE_19__.dN)('LEASEHOLD_TOKEN', String(lease.token));
            (0, _actions_core__WEBPACK_IMPORTED_MODULE_19__.pq)(`Lock "${config.name}" ${joined ? "joined, for this job's run has it," : 'acquired'} after ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(waitedMs)}: token ${lease.token}, lease ${lease.id}, for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(lease.timing.ttlMs)} and ${config.heartbeat ? 'renewed while the job runs' : 'not renewed'}.`);
            report.notify({
                kind: 'acquired',
                token: lease.token,
                waitedMs
            });
            if (victim && !config.heartbeat) await (0, _lease_history_js__WEBPACK_IMPORTED_MODULE_11__.u1)(lease.lock, [
                victim
            ], {
                withinMs: RECORD_WITHIN_MS1
            });
            return {
                result
            };
        }
        async function handOver(lease, config, { folder, ...hold }) {
            try {
                await keepByProcess(lease, config, hold);
            } catch (error) {
                folder.tryClose();
                await giveBack(lease);
                throw error;
            }
        }
        async function keepByProcess(lease, config, { result, victim }) {
            let { folder, store, access, maxHoldMs, onLost } = config;
            let token = (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.uP)('github-token');
            let worker = jobWorker();
            let { keeperEntry, startKeeper } = await Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 4686));
            await startKeeper(lease, {
                entry: keeperEntry(),
                folder: new _keeper_folder_js__WEBPACK_IMPORTED_MODULE_5__.J(folder),
                store,
                access,
                maxHoldMs,
                acquiredMs: result.acquiredMs,
                waitedMs: result.waitedMs,
                ...victim ? {
                    victim
                } : {},
                notify: (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.R5)('notify'),
                ...'cancel-run' === onLost ? {
                    cancel: (0, _own_run_js__WEBPACK_IMPORTED_MODULE_20__.S)(token, process.env)
                } : {},
                ...worker ? {
                    worker
                } : {},
                environment: process.env
            });
        }
        async function giveBack(lease) {
            try {
                await lease.release(_base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.monotonicMs() + _lease_acquire_js__WEBPACK_IMPORTED_MODULE_7__.h, void 0, {
                    entered: false
                });
                (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.JA)();
            } catch (error) {
                if (!(0, _lease_context_js__WEBPACK_IMPORTED_MODULE_8__.A1)(error)) throw error;
                (0, _actions_core__WEBPACK_IMPORTED_MODULE_19__.$e)(`${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_23__.tB)(error.message)} The lease runs out by itself in ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(lease.timing.ttlMs)}.`);
            }
        }
        async function refused(outcome, { name, summary }, inputs) {
            let { record } = outcome;
            let waitedMs = 'timed-out' === outcome.kind ? outcome.waitedMs : 0;
            let who = (0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_9__.a2)(name, record).join('\n');
            if ('skip' === inputs.onBusy) {
                (0, _actions_core__WEBPACK_IMPORTED_MODULE_19__.lm)(`Skipped: ${who}`, {
                    title: `Lock "${name}" is busy`
                });
                let result = {
                    kind: 'skipped',
                    by: record.holder,
                    waitedMs
                };
                (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.bB)(result);
                return {
                    result
                };
            }
            let [title, waited] = 'timed-out' === outcome.kind ? [
                `Lock "${name}" was not free in time`,
                `The wait of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(waitedMs)} is over (input wait-timeout).\n`
            ] : [
                `Lock "${name}" is busy`,
                ''
            ];
            (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.ff)(title, `${waited}${who}\n${howToBreak(inputs, record)}`);
            if (summary) await (0, _toolkit_js__WEBPACK_IMPORTED_MODULE_18__.S0)((0, _report_js__WEBPACK_IMPORTED_MODULE_15__.n$)({
                name,
                holder: record.holder
            }, waitedMs, (0, _github_server_js__WEBPACK_IMPORTED_MODULE_22__.f)(process.env)?.origin));
            return {};
        }
        function howToBreak({ store }, record) {
            return `${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_9__.FB)(record)}: npx leasehold break ${record.name} --store ${(0, _base_shell_js__WEBPACK_IMPORTED_MODULE_24__.Z)(store)} --lease ${record.holder.leaseId} --reason '…'`;
        }
        async function vetoBy(command) {
            let { commandVeto } = await Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 8752));
            return commandVeto(command);
        }
    },
    8251: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            SW: ()=>TakeReport,
            oj: ()=>lossTitle,
            yt: ()=>notifierOf
        });
        var _actions_core__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(7449);
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(9507);
        var _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(8553);
        var _lease_expectation_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(9456);
        var _lease_notify_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(7281);
        function notifierOf(command, { name, holder }, more) {
            let { store, ...rest } = more;
            let teller = {
                name,
                store,
                self: holder
            };
            let onFailure = (detail)=>(0, _actions_core__WEBPACK_IMPORTED_MODULE_5__.$e)(detail, {
                    title: `Lock "${name}": notify failed`
                });
            return new _lease_notify_js__WEBPACK_IMPORTED_MODULE_4__.ze({
                command,
                teller,
                clock: _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml,
                onFailure,
                ...rest
            });
        }
        function lossTitle(name, { kind }) {
            return 'broken' === kind ? `Lock "${name}" was broken by an operator` : `Lock "${name}" was lost`;
        }
        class TakeReport {
            #inputs;
            #waitLog;
            #expectation;
            #notifier;
            constructor(config, inputs, { lock, signal }){
                this.#inputs = inputs;
                this.#waitLog = new _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.kI(inputs.stalePolicy);
                this.#expectation = new _lease_expectation_js__WEBPACK_IMPORTED_MODULE_3__.d(lock);
                let { notify, notifyAfterMs } = inputs;
                this.#notifier = notifierOf(notify, config, {
                    store: lock.store.url,
                    notifyAfterMs,
                    signal
                });
            }
            get callbacks() {
                return {
                    onWait: (waiting)=>this.#wait(waiting),
                    onStolen: (stolen)=>this.#steal(stolen),
                    onEnded: (ended)=>this.#end(ended),
                    onTrouble: (error)=>(0, _actions_core__WEBPACK_IMPORTED_MODULE_5__.pq)(`${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.tB)(error.message)} Trying again.`)
                };
            }
            notify(happening) {
                this.#notifier.tell(happening);
            }
            async end() {
                this.#expectation.end();
                await this.#notifier.done;
            }
            #wait(waiting) {
                let expectation = this.#expectation;
                let own = waiting.record.name === waiting.name;
                let lines = this.#waitLog.lines(waiting, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml.monotonicMs(), own ? expectation.words : void 0);
                for (let line of lines)(0, _actions_core__WEBPACK_IMPORTED_MODULE_5__.pq)(line);
                if (0 === this.#inputs.waitTimeoutMs) return;
                if (own) expectation.follow(waiting.record, ()=>(0, _actions_core__WEBPACK_IMPORTED_MODULE_5__.pq)(`  usual   ${expectation.words}`));
                this.#notifier.waiting(waiting);
            }
            #end({ from, because, proof }) {
                let why = proof ? `${because}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.tB)(proof)}` : because;
                (0, _actions_core__WEBPACK_IMPORTED_MODULE_5__.$e)(`The lease of lock "${from.name}" stood in the way, held by ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.sG)(from.holder)}. It was ended (${why}).`, {
                    title: `Lock "${from.name}" was freed`
                });
            }
            #steal(stolen) {
                let { name } = this.#inputs;
                (0, _actions_core__WEBPACK_IMPORTED_MODULE_5__.$e)(describeSteal(this.#inputs, stolen), {
                    title: `Lock "${name}" was stolen`
                });
                this.#notifier.tell({
                    kind: 'stolen',
                    token: stolen.from.token + 1,
                    stolen
                });
            }
        }
        function describeSteal({ name, lockDelayMs }, { from, because, proof }) {
            let why = proof ? `${because}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.tB)(proof)}` : because;
            let run = from.holder.runUrl ? `, ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.tB)(from.holder.runUrl)}` : '';
            let delay = lockDelayMs > 0 ? ` The job begins in ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(lockDelayMs)} (lock-delay).` : '';
            return `Lock "${name}" was stolen from ${(0, _lease_describe_js__WEBPACK_IMPORTED_MODULE_2__.sG)(from.holder)} (${why})${run}.${delay}`;
        }
    },
    6091: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            I: ()=>timeline
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        let MOST_MILESTONES = 12;
        let DAY_MS = 86_400_000;
        let LONGEST_MS = 366 * DAY_MS;
        let MIDNIGHT_MS = 946_684_800_000;
        function timeline(course) {
            let { waitedMs, endedMs, renewals } = course;
            let bounded = (ms)=>Math.min(Math.max(0, Math.round(ms)), LONGEST_MS);
            let at = (ms)=>(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.w3)(MIDNIGHT_MS + bounded(waitedMs + ms));
            let bar = (label, kind, [fromMs, toMs])=>`    ${label} :${kind}, ${at(fromMs)}, ${bounded(toMs - fromMs)}ms`;
            let aloneMs = Math.min(Math.max(course.aloneUntilMs ?? endedMs, 0), endedMs);
            let shown = chosen(course.renewedMs.filter((ms)=>ms >= 0 && ms <= endedMs));
            return [
                '```mermaid',
                '---',
                'displayMode: compact',
                '---',
                'gantt',
                '    dateFormat YYYY-MM-DD HH:mm:ss.SSS',
                `    axisFormat ${waitedMs + endedMs < DAY_MS ? '%H:%M:%S' : 'day %-d %H:%M'}`,
                '    section Wait',
                bar(`waited ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(waitedMs)}`, 'done', [
                    -waitedMs,
                    0
                ]),
                '    section Hold',
                bar(`held ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(aloneMs)}`, 'active', [
                    0,
                    aloneMs
                ]),
                ...aloneMs < endedMs ? [
                    bar(`lost ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(endedMs - aloneMs)}`, 'crit', [
                        aloneMs,
                        endedMs
                    ])
                ] : [],
                ...shown.length > 0 ? [
                    `    section ${renewalsTitle(renewals, shown.length)}`
                ] : [],
                ...shown.map((ms)=>bar((0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ms), 'milestone', [
                        ms,
                        ms
                    ])),
                '```'
            ].join('\n');
        }
        function renewalsTitle(renewals, shown) {
            return shown < renewals ? `Renewals, ${shown} of ${renewals}` : 'Renewals';
        }
        function chosen(times) {
            if (times.length <= MOST_MILESTONES) return times;
            let step = (times.length - 1) / (MOST_MILESTONES - 1);
            return Array.from({
                length: MOST_MILESTONES
            }, (_, index)=>times[Math.round(index * step)] ?? 0);
        }
    },
    8168: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            S0: ()=>addSummary,
            WN: ()=>cancellation,
            ff: ()=>failWith,
            JA: ()=>forgetResult,
            Oi: ()=>phase,
            R5: ()=>readInput,
            un: ()=>readState,
            Rw: ()=>readStateText,
            UN: ()=>save,
            ql: ()=>saveConfig,
            ux: ()=>saveLossTold,
            bB: ()=>saveResult,
            n0: ()=>setOutputs,
            uP: ()=>takeSecret
        });
        var core = __nccwpck_require__(7449);
        var external_os_ = __nccwpck_require__(857);
        var external_fs_ = __nccwpck_require__(9896);
        var __awaiter = function(thisArg, _arguments, P, generator) {
            function adopt(value) {
                return value instanceof P ? value : new P(function(resolve) {
                    resolve(value);
                });
            }
            return new (P || (P = Promise))(function(resolve, reject) {
                function fulfilled(value) {
                    try {
                        step(generator.next(value));
                    } catch (e) {
                        reject(e);
                    }
                }
                function rejected(value) {
                    try {
                        step(generator["throw"](value));
                    } catch (e) {
                        reject(e);
                    }
                }
                function step(result) {
                    result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
                }
                step((generator = generator.apply(thisArg, _arguments || [])).next());
            });
        };
        let { access, appendFile, writeFile } = external_fs_.promises;
        let SUMMARY_ENV_VAR = 'GITHUB_STEP_SUMMARY';
        class Summary {
            constructor(){
                this._buffer = '';
            }
            filePath() {
                return __awaiter(this, void 0, void 0, function*() {
                    if (this._filePath) return this._filePath;
                    let pathFromEnv = process.env[SUMMARY_ENV_VAR];
                    if (!pathFromEnv) throw new Error(`Unable to find environment variable for $${SUMMARY_ENV_VAR}. Check if your runtime environment supports job summaries.`);
                    try {
                        yield access(pathFromEnv, external_fs_.constants.R_OK | external_fs_.constants.W_OK);
                    } catch (_a) {
                        throw new Error(`Unable to access summary file: '${pathFromEnv}'. Check if the file has correct read/write permissions.`);
                    }
                    this._filePath = pathFromEnv;
                    return this._filePath;
                });
            }
            wrap(tag, content, attrs = {}) {
                let htmlAttrs = Object.entries(attrs).map(([key, value])=>` ${key}="${value}"`).join('');
                if (!content) return `<${tag}${htmlAttrs}>`;
                return `<${tag}${htmlAttrs}>${content}</${tag}>`;
            }
            write(options) {
                return __awaiter(this, void 0, void 0, function*() {
                    let overwrite = !!(null == options ? void 0 : options.overwrite);
                    let filePath = yield this.filePath();
                    let writeFunc = overwrite ? writeFile : appendFile;
                    yield writeFunc(filePath, this._buffer, {
                        encoding: 'utf8'
                    });
                    return this.emptyBuffer();
                });
            }
            clear() {
                return __awaiter(this, void 0, void 0, function*() {
                    return this.emptyBuffer().write({
                        overwrite: true
                    });
                });
            }
            stringify() {
                return this._buffer;
            }
            isEmptyBuffer() {
                return 0 === this._buffer.length;
            }
            emptyBuffer() {
                this._buffer = '';
                return this;
            }
            addRaw(text, addEOL = false) {
                this._buffer += text;
                return addEOL ? this.addEOL() : this;
            }
            addEOL() {
                return this.addRaw(external_os_.EOL);
            }
            addCodeBlock(code, lang) {
                let attrs = Object.assign({}, lang && {
                    lang
                });
                let element = this.wrap('pre', this.wrap('code', code), attrs);
                return this.addRaw(element).addEOL();
            }
            addList(items, ordered = false) {
                let tag = ordered ? 'ol' : 'ul';
                let listItems = items.map((item)=>this.wrap('li', item)).join('');
                let element = this.wrap(tag, listItems);
                return this.addRaw(element).addEOL();
            }
            addTable(rows) {
                let tableBody = rows.map((row)=>{
                    let cells = row.map((cell)=>{
                        if ('string' == typeof cell) return this.wrap('td', cell);
                        let { header, data, colspan, rowspan } = cell;
                        let tag = header ? 'th' : 'td';
                        let attrs = Object.assign(Object.assign({}, colspan && {
                            colspan
                        }), rowspan && {
                            rowspan
                        });
                        return this.wrap(tag, data, attrs);
                    }).join('');
                    return this.wrap('tr', cells);
                }).join('');
                let element = this.wrap('table', tableBody);
                return this.addRaw(element).addEOL();
            }
            addDetails(label, content) {
                let element = this.wrap('details', this.wrap('summary', label) + content);
                return this.addRaw(element).addEOL();
            }
            addImage(src, alt, options) {
                let { width, height } = options || {};
                let attrs = Object.assign(Object.assign({}, width && {
                    width
                }), height && {
                    height
                });
                let element = this.wrap('img', null, Object.assign({
                    src,
                    alt
                }, attrs));
                return this.addRaw(element).addEOL();
            }
            addHeading(text, level) {
                let tag = `h${level}`;
                let allowedTag = [
                    'h1',
                    'h2',
                    'h3',
                    'h4',
                    'h5',
                    'h6'
                ].includes(tag) ? tag : 'h1';
                let element = this.wrap(allowedTag, text);
                return this.addRaw(element).addEOL();
            }
            addSeparator() {
                let element = this.wrap('hr', null);
                return this.addRaw(element).addEOL();
            }
            addBreak() {
                let element = this.wrap('br', null);
                return this.addRaw(element).addEOL();
            }
            addQuote(text, cite) {
                let attrs = Object.assign({}, cite && {
                    cite
                });
                let element = this.wrap('blockquote', text, attrs);
                return this.addRaw(element).addEOL();
            }
            addLink(text, href) {
                let element = this.wrap('a', text, {
                    href
                });
                return this.addRaw(element).addEOL();
            }
        }
        let _summary = new Summary();
        let summary = _summary;
        var base_process = __nccwpck_require__(8208);
        var sanitise1 = __nccwpck_require__(9507);
        var usage_error = __nccwpck_require__(6485);
        var context = __nccwpck_require__(6149);
        var dist = __nccwpck_require__(7934);
        var handover = __nccwpck_require__(3387);
        var record = __nccwpck_require__(3061);
        var inputs = __nccwpck_require__(1413);
        let ms = dist.FsL(dist.aig(), dist.E2x());
        let configSchema = dist.Ikc({
            name: dist.YjP(),
            store: dist.YjP(),
            access: handover._O,
            timing: dist.Ikc({
                ttlMs: ms,
                renewEveryMs: ms,
                marginMs: ms,
                callTimeoutMs: ms
            }),
            holder: record.SE,
            sharing: dist.yqP(dist.Ikc({
                gapMs: ms,
                last: dist.zMY(),
                job: dist.yqP(dist.YjP()),
                checkRunId: dist.yqP(dist.YjP()),
                host: dist.yqP(dist.YjP())
            })),
            folder: dist.YjP(),
            heartbeat: dist.zMY(),
            maxHoldMs: ms,
            onLost: dist.KIO(inputs.H0),
            summary: dist.zMY()
        });
        let resultSchema = dist.Oxt('kind', [
            dist.Ikc({
                kind: dist.euz('acquired'),
                token: dist.aig(),
                waitedMs: ms,
                acquiredMs: ms,
                snapshot: handover.ap,
                stolenFrom: dist.yqP(record.SE),
                joined: dist.yqP(dist.YjP())
            }),
            dist.Ikc({
                kind: dist.euz('skipped'),
                by: record.SE,
                waitedMs: ms
            }),
            dist.Ikc({
                kind: dist.euz('disabled')
            })
        ]);
        function parseConfig(text) {
            return parse1(configSchema, text);
        }
        function parseResult(text) {
            return parse1(resultSchema, text);
        }
        function parse1(schema, text) {
            try {
                let parsed = dist.xLC(schema, JSON.parse(text));
                return parsed.success ? parsed.output : void 0;
            } catch  {
                return;
            }
        }
        function readInput(name) {
            return (0, core.V4)(name);
        }
        let taken = new Map();
        function takeSecret(name) {
            let secret = taken.get(name) ?? (0, core.V4)(name);
            taken.set(name, secret);
            delete process.env[`INPUT_${name.toUpperCase()}`];
            if ('' !== secret) (0, core.Pq)(secret);
            return secret;
        }
        function failWith(title, message) {
            process.exitCode = core.yU.Failure;
            (0, core.z3)(message, {
                title
            });
        }
        function setOutputs(outputs) {
            for (let [name, value] of Object.entries(outputs))(0, core.uH)(name, value);
        }
        function save(key, value) {
            (0, core.LZ)(key, JSON.stringify(value));
        }
        function saveConfig(config) {
            save('config', config);
        }
        function saveResult(result) {
            save('result', result);
        }
        function forgetResult() {
            (0, core.LZ)('result', '');
        }
        function saveLossTold() {
            (0, core.LZ)('loss-told', 'true');
        }
        function readState() {
            return {
                lossTold: 'true' === (0, core.Gu)('loss-told'),
                config: parseConfig((0, core.Gu)('config')),
                result: parseResult((0, core.Gu)('result'))
            };
        }
        function readStateText(key) {
            return (0, core.Gu)(key);
        }
        async function addSummary(markdown) {
            if (process.env.GITHUB_STEP_SUMMARY) await summary.addRaw(markdown, true).write();
        }
        let END_WITHIN_MS = 5_000;
        async function phase(run) {
            try {
                await run();
            } catch (error) {
                if (isForPeople(error)) (0, core.C1)((0, sanitise1.tB)(error.message, 1 / 0));
                else (0, core.C1)((0, sanitise1.tB)(error instanceof Error ? error.stack ?? error.message : String(error), 4_096));
            }
            (0, base_process.eT)(END_WITHIN_MS, ()=>(0, core.pq)('A call to the store still hangs, so this process is killed.'));
        }
        function isForPeople(error) {
            return error instanceof usage_error.e || (0, context.A1)(error) || error instanceof Error && 'KeeperError' === error.name;
        }
        let EXIT_AFTER_MS = 6_500;
        function cancellation() {
            let cancelled = new AbortController();
            let cancel = ()=>{
                if (cancelled.signal.aborted) return;
                cancelled.abort(new Error('cancelled'));
                (0, base_process.yb)(EXIT_AFTER_MS);
            };
            process.on('SIGINT', cancel);
            process.on('SIGTERM', cancel);
            return cancelled.signal;
        }
    },
    4743: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            B9: ()=>instantOf,
            ml: ()=>systemClock1,
            wj: ()=>withTimeout
        });
        function instantOf(clock) {
            return {
                wallMs: clock.wallMs(),
                monotonicMs: clock.monotonicMs()
            };
        }
        let LONGEST_TIMER_MS = 2 ** 31 - 1;
        let systemClock1 = {
            wallMs: ()=>Date.now(),
            monotonicMs: ()=>Number(process.hrtime.bigint() / 1000n) / 1_000,
            alarm,
            sleep: (ms, signal)=>new Promise((resolve)=>{
                    if (signal?.aborted) return resolve();
                    let done = ()=>{
                        cancel();
                        signal?.removeEventListener('abort', done);
                        resolve();
                    };
                    let cancel = alarm(ms, done);
                    signal?.addEventListener('abort', done, {
                        once: true
                    });
                })
        };
        function alarm(ms, ring) {
            let timer = setTimeout(ring, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
            return ()=>clearTimeout(timer);
        }
        async function withTimeout(clock, ms, parent, work) {
            let call = new AbortController();
            let pass = ()=>call.abort(parent?.reason);
            if (parent?.aborted) pass();
            parent?.addEventListener('abort', pass, {
                once: true
            });
            let cancel = clock.alarm(ms, ()=>call.abort(new Error(`no answer within ${Math.round(ms)} ms`)));
            try {
                return await work(call.signal);
            } finally{
                cancel();
                parent?.removeEventListener('abort', pass);
            }
        }
    },
    972: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            runCommand: ()=>runCommand
        });
        var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1421);
        var _duration_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8045);
        var _sanitise_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(9507);
        let LONGEST_ANSWER = 4_096;
        let LAST_WORDS_MS = 1_000;
        function runCommand(command, input, options) {
            let { timeoutMs, signal, environment } = options;
            return new Promise((resolve)=>{
                let child = (0, node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)(command, {
                    shell: true,
                    stdio: [
                        'pipe',
                        'pipe',
                        'pipe'
                    ],
                    timeout: timeoutMs,
                    killSignal: 'SIGKILL',
                    detached: 'win32' !== process.platform,
                    windowsHide: true,
                    ...environment ? {
                        env: environment
                    } : {},
                    ...signal ? {
                        signal
                    } : {}
                });
                let said = '';
                let collect = (chunk)=>{
                    said = (said + chunk.toString('utf8')).slice(-LONGEST_ANSWER);
                };
                child.stdout.on('data', collect);
                child.stderr.on('data', collect);
                child.stdin.on('error', ()=>{});
                child.stdin.end(`${JSON.stringify(input)}\n`);
                child.on('error', (error)=>resolve({
                        ok: false,
                        detail: `could not be run: ${(0, _sanitise_js__WEBPACK_IMPORTED_MODULE_2__.tB)(error.message)}`
                    }));
                child.on('exit', ()=>{
                    endGroup(child.pid);
                    letGo(child);
                });
                child.on('close', (code, killedBy)=>{
                    let last = (0, _sanitise_js__WEBPACK_IMPORTED_MODULE_2__.tB)(said.trim().split('\n').at(-1) ?? '');
                    let how = killedBy ? `ended by ${killedBy}, limit ${(0, _duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(timeoutMs)}` : `exit status ${code}`;
                    resolve({
                        ok: 0 === code,
                        detail: '' === last ? how : `${how}: ${last}`
                    });
                });
            });
        }
        function letGo({ stdout, stderr }) {
            setTimeout(()=>{
                stdout?.destroy();
                stderr?.destroy();
            }, LAST_WORDS_MS).unref();
        }
        function endGroup(pid) {
            if (void 0 === pid || 'win32' === process.platform) return;
            try {
                process.kill(-pid, 'SIGKILL');
            } catch  {}
        }
    },
    8045: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            E9: ()=>parseDuration,
            a3: ()=>formatDuration1,
            nV: ()=>parseInstant1,
            r4: ()=>formatInstant1,
            w3: ()=>formatLocalTime
        });
        var _sanitise_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(9507);
        var _usage_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(6485);
        let UNIT_MS = {
            ms: 1,
            s: 1_000,
            m: 60_000,
            h: 3_600_000,
            d: 86_400_000
        };
        function parseDuration(text, field) {
            let trimmed = text.trim();
            if ('0' === trimmed) return 0;
            let parts = [
                ...trimmed.matchAll(/(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)/gy)
            ];
            if (0 === parts.length || parts.map(([part])=>part).join('') !== trimmed) throw new _usage_error_js__WEBPACK_IMPORTED_MODULE_0__.e(`${field}: ${(0, _sanitise_js__WEBPACK_IMPORTED_MODULE_1__.hD)(text.slice(0, 40))} is not a duration. Write a number with a unit: 90s, 30m, 1h30m, 500ms, 2d.`);
            return Math.round(parts.reduce((sum, [, amount, unit])=>sum + Number(amount) * UNIT_MS[unit], 0));
        }
        function formatDuration1(ms) {
            if (ms < 0) return `-${formatDuration1(-ms)}`;
            if (Math.round(ms) < 1_000) return `${Math.round(ms)}ms`;
            if (ms < 10_000) return `${Number((ms / 1_000).toFixed(1))}s`;
            let seconds = Math.round(ms / 1_000);
            let pair = (big, bigUnit, small, smallUnit)=>0 === small ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
            if (seconds < 60) return `${seconds}s`;
            if (seconds < 3_600) return pair(Math.floor(seconds / 60), 'm', seconds % 60, 's');
            let minutes = Math.round(seconds / 60);
            if (minutes < 1_440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
            let hours = Math.round(minutes / 60);
            return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
        }
        function formatInstant1(wallMs) {
            return `${new Date(wallMs).toISOString().slice(0, -5)}Z`;
        }
        function formatLocalTime(ms) {
            return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
        }
        function parseInstant1(text) {
            let ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : 0 / 0;
            return Number.isNaN(ms) ? void 0 : ms;
        }
    },
    8208: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Aq: ()=>currentScope,
            CM: ()=>bootedMs,
            _n: ()=>isAlive1,
            eT: ()=>killWithin,
            ls: ()=>identify1,
            yb: ()=>exitWithin
        });
        var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(3024);
        var node_os__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8161);
        function currentScope() {
            try {
                return {
                    bootId: (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
                    pidNamespace: (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readlinkSync)('/proc/self/ns/pid'),
                    host: (0, node_os__WEBPACK_IMPORTED_MODULE_1__.hostname)()
                };
            } catch  {
                return;
            }
        }
        function statOf(pid) {
            try {
                let text = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)(`/proc/${pid}/stat`, 'utf8');
                let fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
                let [state, threads, startTime] = [
                    fields[0],
                    fields[17],
                    fields[19]
                ];
                return state && startTime ? {
                    state,
                    threads: Number(threads),
                    startTime
                } : void 0;
            } catch  {
                return;
            }
        }
        function exitWithin(ms) {
            setTimeout(()=>process.exit(1), ms).unref();
        }
        function killWithin(ms, tell) {
            setTimeout(()=>{
                tell();
                process.kill(process.pid, 'SIGKILL');
            }, ms).unref();
        }
        function identify1(pid) {
            let stat = statOf(pid);
            return stat ? {
                pid,
                startTime: stat.startTime
            } : {
                pid
            };
        }
        function isAlive1(id) {
            try {
                process.kill(id.pid, 0);
            } catch (error) {
                return 'ESRCH' !== error.code;
            }
            let stat = statOf(id.pid);
            if (!stat) return true;
            let hasEnded = 'Z' === stat.state || 'X' === stat.state;
            if (hasEnded && stat.threads <= 1) return false;
            return void 0 === id.startTime || id.startTime === stat.startTime;
        }
        function bootedMs() {
            try {
                let seconds = /^btime (\d+)$/m.exec((0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)('/proc/stat', 'utf8'))?.[1];
                return void 0 === seconds ? void 0 : 1_000 * Number(seconds);
            } catch  {
                return;
            }
        }
    },
    5874: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            p: ()=>jitter1,
            v: ()=>systemRandom1
        });
        var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7598);
        let POOL_BYTES = 4_096;
        let pool = Buffer.alloc(0);
        let used = 0;
        let systemRandom1 = {
            hex: (bytes)=>{
                if (pool.length - used < bytes) {
                    pool = (0, node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(Math.max(POOL_BYTES, bytes));
                    used = 0;
                }
                used += bytes;
                return pool.toString('hex', used - bytes, used);
            },
            fraction: ()=>(0, node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(4).readUInt32BE() / 2 ** 32
        };
        function jitter1(random, value, share) {
            return value * (1 + share * (2 * random.fraction() - 1));
        }
    },
    9507: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            O8: ()=>escapeUnprintable,
            SS: ()=>codeSpan,
            hD: ()=>quote,
            tB: ()=>sanitise1
        });
        let UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/gu;
        let LONGEST = 512;
        function sanitise1(text, longest = LONGEST) {
            let cut = text.length > longest ? `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
            return escapeUnprintable(cut).replace(/##\[/g, `##${unicodeEscape('[')}`).replace(/::/g, `:${unicodeEscape(':')}`);
        }
        function escapeUnprintable(text) {
            return text.replace(UNPRINTABLE, unicodeEscape);
        }
        function unicodeEscape(character) {
            return [
                ...Array(character.length).keys()
            ].map((index)=>`\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');
        }
        function quote(text) {
            return `"${sanitise1(text).replace(/"/g, '\\"')}"`;
        }
        function codeSpan(text) {
            if ('' === text) return '–';
            return `\`${sanitise1(text).replace(/[`|]/g, unicodeEscape)}\``;
        }
    },
    4239: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Z: ()=>shellQuote
        });
        function shellQuote(text) {
            return /^[A-Za-z0-9_/.:@%+,=-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
        }
    },
    6485: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            e: ()=>UsageError
        });
        class UsageError extends Error {
            name = 'UsageError';
        }
    },
    7961: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            f: ()=>runEvidence
        });
        var duration = __nccwpck_require__(8045);
        var base_random = __nccwpck_require__(5874);
        var sanitise1 = __nccwpck_require__(9507);
        var lease_record = __nccwpck_require__(3061);
        var dist = __nccwpck_require__(7934);
        function sourcesFor(holder, server) {
            let { repository = '', runId = '', runAttempt, checkRunId = '', runUrl } = holder;
            let origin = void 0 !== runUrl && URL.canParse(runUrl) ? new URL(runUrl).origin : void 0;
            if (void 0 === origin || void 0 === runAttempt || !isNumber(runId) || !isRepository(repository)) return 'it is no run of GitHub Actions';
            if (!server) return 'GitHub was not asked: GITHUB_SERVER_URL or GITHUB_API_URL is no URL';
            if (origin !== server.origin) return `its run is on ${(0, sanitise1.tB)(origin, 80)}, and only ${server.origin} can be asked from here`;
            let actions = `${server.apiUrl}/repos/${repository}/actions`;
            let run = {
                runId,
                runAttempt
            };
            return [
                ...isNumber(checkRunId) ? [
                    {
                        url: `${actions}/jobs/${checkRunId}`,
                        read: (body)=>judgeJob(body, checkRunId, run)
                    }
                ] : [],
                {
                    url: `${actions}/runs/${runId}/attempts/${runAttempt}`,
                    read: (body)=>judgeRun(body, run)
                }
            ];
        }
        function isNumber(text) {
            return /^[1-9]\d{0,19}$/.test(text);
        }
        function isRepository(text) {
            return /^[\w.-]+\/[\w.-]+$/.test(text) && !text.split('/').some((part)=>/^\.+$/.test(part));
        }
        let id = dist.FsL(dist.aig(), dist.Y2b());
        let phase = {
            status: dist.YjP(),
            conclusion: dist.cl6(dist.YjP())
        };
        let runSchema = dist.Ikc({
            id,
            run_attempt: id,
            ...phase
        });
        let jobSchema = dist.Ikc({
            id,
            run_id: id,
            run_attempt: dist.cl6(id),
            ...phase
        });
        function judgeRun(body, { runId, runAttempt }) {
            let run = dist.xLC(runSchema, body);
            if (!run.success || String(run.output.id) !== runId || run.output.run_attempt !== runAttempt) return odd('run');
            return judgePhase(run.output, `attempt ${runAttempt} of run ${runId}`);
        }
        function judgeJob(body, checkRunId, { runId, runAttempt }) {
            let job = dist.xLC(jobSchema, body);
            if (!job.success) return odd('job');
            let { id: jobId, run_id, run_attempt } = job.output;
            let same = String(jobId) === checkRunId && String(run_id) === runId;
            if (!same || (run_attempt ?? runAttempt) !== runAttempt) return odd('job');
            return judgePhase(job.output, `job ${checkRunId} of run ${runId}`);
        }
        function odd(what) {
            return {
                kind: 'unknown',
                detail: `GitHub's answer does not describe that ${what}`
            };
        }
        let UNDER_WAY = [
            'queued',
            'in_progress',
            'waiting',
            'requested',
            'pending'
        ];
        function judgePhase({ status, conclusion }, what) {
            if (UNDER_WAY.includes(status)) return {
                kind: 'alive',
                detail: `GitHub says that ${what} is ${status}`
            };
            if ('completed' === status && conclusion && 'action_required' !== conclusion) return {
                kind: 'finished',
                proof: `GitHub says that ${what} is completed (${(0, sanitise1.tB)(conclusion, 40)})`
            };
            let detail = `GitHub says that ${what} is ${(0, sanitise1.tB)(status, 40)} (${(0, sanitise1.tB)(String(conclusion), 40)})`;
            return {
                kind: 'unknown',
                detail
            };
        }
        function runEvidence(options) {
            let inquiry = new Inquiry(options);
            return {
                name: 'github-run',
                check: (record, signal)=>inquiry.check(record, signal)
            };
        }
        let FIRST_INTERVAL_MS = 15_000;
        let LONGEST_INTERVAL_MS = 120_000;
        let MOST_AT_A_TIME = 3;
        class Inquiry {
            #options;
            #budget;
            #subject;
            #restUntilMs = -1 / 0;
            constructor(options){
                this.#options = options;
                this.#budget = new Budget(options.clock);
            }
            async check(record, signal) {
                let { server, token, tokenFrom } = this.#options;
                let { holder } = record;
                let sources = sourcesFor(holder, server);
                if ('string' == typeof sources) return {
                    kind: 'unknown',
                    detail: sources
                };
                if (!/^[\x21-\x7e]+$/.test(token)) {
                    let wrong = '' === token ? 'there is no token' : 'the token has characters that no token has';
                    return {
                        kind: 'unknown',
                        detail: `GitHub was not asked: ${wrong} (${tokenFrom})`
                    };
                }
                let subject = this.#follow(record, sources);
                if (this.#isDue(subject, record)) await this.#ask(subject, holder, signal);
                return subject.verdict;
            }
            get #nowMs() {
                return this.#options.clock.monotonicMs();
            }
            #follow(record, sources) {
                let { holder, nonce } = record;
                let nowMs = this.#nowMs;
                if (this.#subject?.leaseId !== holder.leaseId) this.#subject = {
                    leaseId: holder.leaseId,
                    sources,
                    verdict: {
                        kind: 'unknown',
                        detail: 'GitHub was not asked yet'
                    },
                    askAtMs: this.#subject ? nowMs + FIRST_INTERVAL_MS : nowMs,
                    intervalMs: FIRST_INTERVAL_MS,
                    nonce,
                    renewedMs: nowMs,
                    overdue: false
                };
                else if (this.#subject.nonce !== nonce) {
                    let ask = (0, lease_record.Z3)(record) ? {
                        askAtMs: nowMs,
                        intervalMs: FIRST_INTERVAL_MS
                    } : {};
                    Object.assign(this.#subject, {
                        nonce,
                        renewedMs: nowMs,
                        overdue: false,
                        ...ask
                    });
                }
                return this.#subject;
            }
            #isDue(subject, { ttlMs }) {
                let nowMs = this.#nowMs;
                if (!subject.overdue && nowMs - subject.renewedMs >= ttlMs / 2) Object.assign(subject, {
                    overdue: true,
                    askAtMs: nowMs,
                    intervalMs: FIRST_INTERVAL_MS
                });
                let open = nowMs >= subject.askAtMs && nowMs >= this.#restUntilMs;
                return 'finished' !== subject.verdict.kind && open && this.#budget.spend();
            }
            async #ask(subject, holder, signal) {
                let { token, clock, random } = this.#options;
                let { ask } = await Promise.all([
                    __nccwpck_require__.e(239),
                    __nccwpck_require__.e(671)
                ]).then(__nccwpck_require__.bind(__nccwpck_require__, 7671));
                let source = subject.sources[0];
                for(let asked = 0; source && asked < MOST_AT_A_TIME; asked += 1){
                    let answer = await ask({
                        url: source.url,
                        token,
                        etag: subject.known?.etag
                    }, clock, signal);
                    if (answer.restMs > 0) this.#restUntilMs = this.#nowMs + answer.restMs;
                    let next = this.#learn(subject, {
                        source,
                        answer,
                        holder
                    });
                    source = next && 0 === answer.restMs && this.#budget.spend() ? next : void 0;
                }
                subject.askAtMs = this.#nowMs + (0, base_random.p)(random, subject.intervalMs, 0.1);
                subject.intervalMs = Math.min(2 * subject.intervalMs, LONGEST_INTERVAL_MS);
            }
            #learn(subject, { source, answer, holder }) {
                let { sources } = subject;
                switch(answer.kind){
                    case 'found':
                        {
                            let verdict = source.read(answer.body);
                            subject.verdict = verdict;
                            if ('unknown' === verdict.kind) return this.#discard(subject);
                            if (void 0 !== answer.etag) subject.known = {
                                etag: answer.etag,
                                verdict
                            };
                            return;
                        }
                    case 'unchanged':
                        if (subject.known) subject.verdict = subject.known.verdict;
                        return;
                    case 'moved':
                        subject.verdict = unknown('GitHub has moved that repository');
                        return this.#turnTo(subject, [
                            {
                                ...source,
                                url: answer.url
                            },
                            ...sources.slice(1)
                        ]);
                    case 'limited':
                        subject.verdict = unknown(limitDetail(answer.limit, answer.restMs));
                        return;
                    case 'refused':
                        subject.verdict = unknown(this.#refusal(answer, holder));
                        return 404 === answer.status ? this.#discard(subject) : void 0;
                    case 'failed':
                        subject.verdict = unknown(`GitHub did not say: ${(0, sanitise1.tB)(answer.detail)}`);
                        return;
                }
            }
            #discard(subject) {
                return subject.sources.length > 1 ? this.#turnTo(subject, subject.sources.slice(1)) : void 0;
            }
            #turnTo(subject, sources) {
                subject.sources = sources;
                delete subject.known;
                return sources[0];
            }
            #refusal({ status, message }, { repository = '' }) {
                let { tokenFrom, repository: own } = this.#options;
                if (401 === status) return `GitHub does not accept the token (401): give a valid one (${tokenFrom})`;
                if (403 !== status && 404 !== status) return `GitHub refuses with status ${status}: ${(0, sanitise1.tB)(message, 80)}`;
                if (own?.toLowerCase() !== repository.toLowerCase()) return `GitHub does not show runs of ${repository} to this token (${status}): give one with "actions: read" there (${tokenFrom})`;
                if (404 === status) return 'GitHub shows no such run (404): it was deleted, or the token lacks "permissions: actions: read"';
                return `GitHub refuses (403, ${(0, sanitise1.tB)(message, 80)}): add "actions: read" to the permissions of this job`;
            }
        }
        function unknown(detail) {
            return {
                kind: 'unknown',
                detail
            };
        }
        function limitDetail(limit, restMs) {
            let what = 'primary' === limit ? 'the hourly rate limit of this token is used up' : 'its secondary rate limit';
            return `GitHub answers no more for now (${what}): asked again in ${(0, duration.a3)(restMs)} at the earliest`;
        }
        let BURST = 10;
        let ONE_IN_MS = 72_000;
        class Budget {
            #clock;
            #left = BURST;
            #filledMs;
            constructor(clock){
                this.#clock = clock;
                this.#filledMs = clock.monotonicMs();
            }
            spend() {
                let nowMs = this.#clock.monotonicMs();
                this.#left = Math.min(BURST, this.#left + (nowMs - this.#filledMs) / ONE_IN_MS);
                this.#filledMs = nowMs;
                if (this.#left < 1) return false;
                this.#left -= 1;
                return true;
            }
        }
    },
    2712: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            f: ()=>gitHubServer,
            j: ()=>tokenIn
        });
        function gitHubServer(environment) {
            let server = environment.GITHUB_SERVER_URL || 'https://github.com';
            if (!URL.canParse(server)) return;
            let { origin } = new URL(server);
            let own = 'https://github.com' === origin ? 'https://api.github.com' : `${origin}/api/v3`;
            let apiUrl = (environment.GITHUB_API_URL || own).replace(/\/+$/, '');
            return URL.canParse(apiUrl) ? {
                origin,
                apiUrl
            } : void 0;
        }
        function tokenIn({ GH_TOKEN, GITHUB_TOKEN }) {
            return (GH_TOKEN || GITHUB_TOKEN || '').trim();
        }
    },
    1607: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            D: ()=>GONE_WITHIN_MS,
            F: ()=>finishHold
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8045);
        var _base_process_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(8208);
        var _lease_commit_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(8245);
        var _lease_context_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(6149);
        var _lease_evidence_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(8033);
        var _lease_lease_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(6940);
        var _lease_record_js__WEBPACK_IMPORTED_MODULE_7__ = __nccwpck_require__(3061);
        var _store_store_js__WEBPACK_IMPORTED_MODULE_8__ = __nccwpck_require__(7208);
        var _run_js__WEBPACK_IMPORTED_MODULE_9__ = __nccwpck_require__(3071);
        let GONE_WITHIN_MS = 2_000;
        async function finishHold(options) {
            let { folder, clock } = options;
            let startedMs = clock.monotonicMs();
            let untilMs = startedMs + options.withinMs;
            let keeperHears = folder.tryClose();
            let patienceMs = keeperHears ? _run_js__WEBPACK_IMPORTED_MODULE_9__.F2 + 2_000 : 0;
            let status = await untilKeeperEnds(options, Math.min(untilMs, startedMs + patienceMs));
            if (status?.state.kind === 'released') return {
                kind: 'released',
                keeperDied: false,
                status
            };
            if (status?.state.kind === 'lost') {
                await freeEarly(options, {
                    status,
                    untilMs
                });
                return {
                    kind: 'lost',
                    cause: status.state.cause,
                    status
                };
            }
            let outcome = await releaseById(options, untilMs);
            let last = status ? {
                status
            } : {};
            if ('released' === outcome.kind || 'released' === outcome.cause.kind) return {
                kind: 'released',
                keeperDied: void 0 !== status,
                ...last
            };
            return options.acquired || status ? {
                kind: 'lost',
                cause: outcome.cause,
                ...last
            } : {
                kind: 'nothing'
            };
        }
        async function freeEarly(options, { status, untilMs }) {
            let { state } = status;
            if ('lost' !== state.kind || ![
                'unreachable',
                'refused',
                'max-hold'
            ].includes(state.cause.kind)) return;
            try {
                await releaseById(options, untilMs);
            } catch (error) {
                if (!(error instanceof _store_store_js__WEBPACK_IMPORTED_MODULE_8__.AD)) throw error;
            }
        }
        async function untilKeeperEnds({ folder, clock }, untilMs) {
            let endMs = untilMs;
            for(let status = folder.readStatus(); status; status = folder.readStatus()){
                let nowMs = clock.monotonicMs();
                if (!(0, _base_process_js__WEBPACK_IMPORTED_MODULE_2__._n)(status.keeper) || nowMs >= endMs) break;
                if ('keeping' !== status.state.kind && endMs === untilMs) endMs = Math.min(untilMs, nowMs + GONE_WITHIN_MS);
                await clock.sleep(20);
            }
            return folder.readStatus();
        }
        async function releaseById(options, untilMs) {
            let { clock } = options;
            let lock = await options.openLock();
            return (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(clock, untilMs - clock.monotonicMs(), void 0, (signal)=>releaseOrSeal(lock, options, {
                    untilMs,
                    signal
                }));
        }
        async function releaseOrSeal(lock, { holder, timing, shares = false, acquired }, within) {
            let { untilMs, signal } = within;
            for(;;){
                let seen = await (0, _lease_context_js__WEBPACK_IMPORTED_MODULE_4__.c)(lock, untilMs, signal);
                let { record, version } = seen;
                if ((0, _lease_lease_js__WEBPACK_IMPORTED_MODULE_6__.D0)(record, holder.leaseId) && 'absent' !== version) {
                    let sentAt = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(lock.clock);
                    let lease = new _lease_lease_js__WEBPACK_IMPORTED_MODULE_6__.nD(lock, timing, {
                        record,
                        version,
                        sentAt,
                        memberId: holder.leaseId
                    });
                    return lease.release(untilMs, signal, {
                        entered: acquired
                    });
                }
                let ofRun = shares && void 0 !== record && (0, _lease_evidence_js__WEBPACK_IMPORTED_MODULE_5__.Ib)(record.holder, holder);
                let leaseId = ofRun ? record.holder.leaseId : holder.leaseId;
                let lost = {
                    kind: 'lost',
                    cause: (0, _lease_lease_js__WEBPACK_IMPORTED_MODULE_6__.fb)(seen, leaseId)
                };
                if (record && 'released' !== record.state) return lost;
                let sealed = (0, _lease_record_js__WEBPACK_IMPORTED_MODULE_7__.hG)(record, record ?? neverHeld(lock, holder, {
                    timing,
                    seen
                }), lock.random);
                let outcome = await (0, _lease_commit_js__WEBPACK_IMPORTED_MODULE_3__.c)(lock, sealed, {
                    expected: version,
                    ...within
                });
                if ('conflict' !== outcome.kind) return lost;
            }
        }
        function neverHeld(lock, holder, { timing, seen }) {
            let now = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.r4)(lock.clock.wallMs());
            return {
                state: 'released',
                name: lock.name,
                token: (0, _lease_context_js__WEBPACK_IMPORTED_MODULE_4__.wk)(lock, seen),
                ttlMs: timing.ttlMs,
                renewals: 0,
                acquiredAt: now,
                holder,
                ended: {
                    how: 'given-up',
                    at: now
                }
            };
        }
    },
    4984: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            J: ()=>KeeperFolder1
        });
        var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(3024);
        var node_path__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6760);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(9507);
        var _handover_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(3387);
        var _protocol_handover_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(2462);
        class KeeperFolder1 {
            path;
            constructor(path1){
                this.path = path1;
            }
            static of(parent, leaseId) {
                return new KeeperFolder1((0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(parent, 'leasehold', leaseId));
            }
            siblings() {
                let parent = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.dirname)(this.path);
                try {
                    return (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readdirSync)(parent).map((name)=>new KeeperFolder1((0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(parent, name))).filter(({ path: path1 })=>path1 !== this.path);
                } catch  {
                    return [];
                }
            }
            get logPath() {
                return (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(this.path, 'keeper.log');
            }
            create() {
                (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.mkdirSync)(this.path, {
                    recursive: true,
                    mode: 0o700
                });
            }
            get closed() {
                return (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)((0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(this.path, 'closed'));
            }
            close() {
                this.create();
                (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.writeFileSync)((0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(this.path, 'closed'), '', {
                    mode: 0o600
                });
            }
            tryClose() {
                try {
                    this.close();
                    return true;
                } catch  {
                    return false;
                }
            }
            readStatus() {
                return (0, _handover_js__WEBPACK_IMPORTED_MODULE_2__.i$)(this.#statusText());
            }
            readProtocolStatus() {
                return (0, _protocol_handover_js__WEBPACK_IMPORTED_MODULE_3__.wS)(this.#statusText());
            }
            #statusText() {
                try {
                    return (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)((0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(this.path, 'status.json'), 'utf8');
                } catch  {
                    return '';
                }
            }
            writeStatus(status) {
                this.create();
                let temporary = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(this.path, `status.${process.pid}`);
                (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.writeFileSync)(temporary, JSON.stringify(status), {
                    mode: 0o600
                });
                (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.renameSync)(temporary, (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(this.path, 'status.json'));
            }
            logEnd() {
                try {
                    let lines = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)(this.logPath, 'utf8').trim().split('\n').slice(-3);
                    return lines.map((line)=>(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__.tB)(line)).join(' ');
                } catch  {
                    return '';
                }
            }
            watch(wake, signal) {
                try {
                    let watcher = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.watch)(this.path, {
                        signal,
                        persistent: false
                    }, wake);
                    watcher.on('error', ()=>{});
                } catch  {}
            }
            remove() {
                (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.rmSync)(this.path, {
                    recursive: true,
                    force: true
                });
            }
        }
    },
    3387: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            CK: ()=>cancelSchema,
            Lx: ()=>runSchema,
            Ud: ()=>plainEnvironment,
            _O: ()=>accessSchema,
            ap: ()=>snapshotSchema,
            gY: ()=>secretEnvironment,
            i$: ()=>parseStatus,
            qg: ()=>parse1,
            zr: ()=>wholeEnvironment
        });
        var valibot__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7934);
        var _lease_history_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7646);
        var _lease_record_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(3061);
        let ms = valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.aig(), valibot__WEBPACK_IMPORTED_MODULE_2__.E2x());
        let instantSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            wallMs: ms,
            monotonicMs: ms
        });
        let snapshotSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            body: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
            version: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
            sentAt: instantSchema,
            memberId: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP())
        });
        let accessSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            region: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()),
            role: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                arn: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
                sessionName: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
                audience: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()
            }))
        });
        let runSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            apiUrl: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
            repository: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
            runId: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
            token: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()
        });
        valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            name: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
            store: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
            access: accessSchema,
            timing: valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                ttlMs: ms,
                renewEveryMs: ms,
                marginMs: ms,
                callTimeoutMs: ms
            }),
            snapshot: snapshotSchema,
            folder: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
            maxHoldMs: ms,
            acquiredMs: ms,
            waitedMs: ms,
            victim: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(_lease_history_js__WEBPACK_IMPORTED_MODULE_0__.Jr),
            notify: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                command: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
                environment: valibot__WEBPACK_IMPORTED_MODULE_2__.g1P(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_2__.YjP())
            })),
            cancel: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(runSchema),
            worker: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(_lease_record_js__WEBPACK_IMPORTED_MODULE_1__.Lp),
            environment: valibot__WEBPACK_IMPORTED_MODULE_2__.g1P(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_2__.YjP())
        });
        let lossSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Oxt('kind', [
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('stolen'),
                by: _lease_record_js__WEBPACK_IMPORTED_MODULE_1__.SE,
                token: valibot__WEBPACK_IMPORTED_MODULE_2__.aig(),
                at: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP())
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('broken'),
                by: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()),
                reason: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()),
                at: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP())
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('released'),
                at: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP())
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('expired'),
                by: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()),
                at: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP())
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('missing')
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('unreachable'),
                detail: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('refused'),
                detail: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('max-hold'),
                maxHoldMs: ms
            })
        ]);
        let cancelSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Oxt('kind', [
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('accepted')
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('failed'),
                detail: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()
            })
        ]);
        let statusSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            keeper: _lease_record_js__WEBPACK_IMPORTED_MODULE_1__.Lp,
            state: valibot__WEBPACK_IMPORTED_MODULE_2__.Oxt('kind', [
                valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('keeping')
                }),
                valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('released')
                }),
                valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('lost'),
                    cause: lossSchema,
                    at: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
                    aloneUntil: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(),
                    cancel: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(cancelSchema),
                    notifyFailed: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP())
                }),
                valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('failed'),
                    detail: valibot__WEBPACK_IMPORTED_MODULE_2__.YjP()
                })
            ]),
            snapshot: snapshotSchema,
            renewals: valibot__WEBPACK_IMPORTED_MODULE_2__.aig(),
            latestMs: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(ms),
            renewedMs: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.YOg(ms))
        });
        function parseStatus(text) {
            return parse1(statusSchema, text);
        }
        function parse1(schema, text) {
            try {
                let parsed = valibot__WEBPACK_IMPORTED_MODULE_2__.xLC(schema, JSON.parse(text));
                return parsed.success ? parsed.output : void 0;
            } catch  {
                return;
            }
        }
        let PLAIN = [
            'PATH',
            'HOME',
            'USERPROFILE',
            'SYSTEMROOT',
            'TEMP',
            'TMP',
            'TMPDIR',
            'LANG',
            'TZ',
            'NODE_EXTRA_CA_CERTS',
            'SSL_CERT_FILE',
            'SSL_CERT_DIR',
            'RUNNER_TRACKING_ID'
        ];
        let PROXIES = [
            'HTTP_PROXY',
            'HTTPS_PROXY',
            'NO_PROXY',
            'ALL_PROXY'
        ];
        function plainEnvironment(from) {
            return pick(from, (name)=>PLAIN.includes(name.toUpperCase()));
        }
        let IDENTITY = [
            'ACTIONS_ID_TOKEN_REQUEST_URL',
            'ACTIONS_ID_TOKEN_REQUEST_TOKEN'
        ];
        function secretEnvironment(from, { role }) {
            return pick(from, (name)=>name.startsWith('AWS_') || PROXIES.includes(name.toUpperCase()) || void 0 !== role && IDENTITY.includes(name));
        }
        function wholeEnvironment(from) {
            return pick(from, ()=>true);
        }
        function pick(from, wanted) {
            return Object.fromEntries(Object.entries(from).filter((entry)=>void 0 !== entry[1] && wanted(entry[0])));
        }
    },
    2462: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            HF: ()=>heldSchema,
            s5: ()=>openingSchema,
            wS: ()=>parseProtocolStatus
        });
        var valibot__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(7934);
        var _lease_policy_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(206);
        var _lease_record_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(3061);
        var _protocols_protocol_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7057);
        var _protocols_settings_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(6848);
        var _handover_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(3387);
        let ms = valibot__WEBPACK_IMPORTED_MODULE_5__.FsL(valibot__WEBPACK_IMPORTED_MODULE_5__.aig(), valibot__WEBPACK_IMPORTED_MODULE_5__.E2x());
        let identitySchema = valibot__WEBPACK_IMPORTED_MODULE_5__.IeY((value)=>'object' == typeof value && null !== value && Object.values(value).every((part)=>'string' == typeof part));
        let heldSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
            path: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
            pid: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.aig()),
            host: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP()),
            ownerId: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP()),
            since: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP()),
            ttlMs: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(ms),
            standing: valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                expired: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.zMY()),
                holder: valibot__WEBPACK_IMPORTED_MODULE_5__.KIO([
                    'alive',
                    'finished',
                    'unknown'
                ]),
                takeable: valibot__WEBPACK_IMPORTED_MODULE_5__.zMY(),
                detail: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP()
            }),
            identity: identitySchema
        });
        let holdingSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
            protocol: valibot__WEBPACK_IMPORTED_MODULE_5__.KIO(_protocols_protocol_js__WEBPACK_IMPORTED_MODULE_2__.y),
            path: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
            pid: valibot__WEBPACK_IMPORTED_MODULE_5__.aig(),
            identity: identitySchema,
            ownerId: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP()),
            ttlMs: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(ms)
        });
        let openingSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
            protocol: valibot__WEBPACK_IMPORTED_MODULE_5__.KIO(_protocols_protocol_js__WEBPACK_IMPORTED_MODULE_2__.y),
            path: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
            keys: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.KIO(_protocols_settings_js__WEBPACK_IMPORTED_MODULE_3__.ni)),
            access: _handover_js__WEBPACK_IMPORTED_MODULE_4__._O
        });
        valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
            kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('protocol'),
            opening: openingSchema,
            ownerId: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
            ttlMs: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(ms),
            stalePolicy: valibot__WEBPACK_IMPORTED_MODULE_5__.KIO(_lease_policy_js__WEBPACK_IMPORTED_MODULE_0__.tS),
            waitTimeoutMs: ms,
            maxHoldMs: ms,
            folder: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
            self: _lease_record_js__WEBPACK_IMPORTED_MODULE_1__.SE,
            commands: valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                onStale: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
                notify: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
                environment: valibot__WEBPACK_IMPORTED_MODULE_5__.g1P(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_5__.YjP())
            }),
            cancel: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(_handover_js__WEBPACK_IMPORTED_MODULE_4__.Lx),
            worker: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(_lease_record_js__WEBPACK_IMPORTED_MODULE_1__.Lp),
            environment: valibot__WEBPACK_IMPORTED_MODULE_5__.g1P(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_5__.YjP())
        });
        let lossSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Oxt('kind', [
            valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('compromised'),
                detail: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
                by: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(heldSchema)
            }),
            valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('unreachable'),
                detail: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP()
            }),
            valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('max-hold'),
                maxHoldMs: ms
            })
        ]);
        let faultSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.KIO([
            'unavailable',
            'denied',
            'misconfigured',
            'corrupt',
            'indeterminate',
            'usage'
        ]);
        let decisionSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Oxt('kind', [
            valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('wait')
            }),
            valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('spare'),
                why: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP()
            })
        ]);
        let holdSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
            holding: holdingSchema,
            acquiredMs: ms,
            waitedMs: ms,
            took: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(heldSchema),
            renewals: valibot__WEBPACK_IMPORTED_MODULE_5__.aig(),
            renewedMs: valibot__WEBPACK_IMPORTED_MODULE_5__.YOg(ms),
            oursAtMs: ms
        });
        let statusSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
            kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('protocol'),
            keeper: _lease_record_js__WEBPACK_IMPORTED_MODULE_1__.Lp,
            state: valibot__WEBPACK_IMPORTED_MODULE_5__.Oxt('kind', [
                valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('trying'),
                    trouble: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP())
                }),
                valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('waiting'),
                    held: heldSchema,
                    decision: decisionSchema
                }),
                valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_5__.KIO([
                        'busy',
                        'timed-out'
                    ]),
                    by: heldSchema,
                    waitedMs: ms
                }),
                valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('cancelled')
                }),
                valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('keeping')
                }),
                valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('released')
                }),
                valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('lost'),
                    cause: lossSchema,
                    at: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
                    aloneUntil: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
                    cancel: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(_handover_js__WEBPACK_IMPORTED_MODULE_4__.CK),
                    notifyFailed: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP())
                }),
                valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
                    kind: valibot__WEBPACK_IMPORTED_MODULE_5__.euz('failed'),
                    detail: valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(),
                    fault: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(faultSchema)
                })
            ]),
            hold: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(holdSchema)
        });
        function parseProtocolStatus(text) {
            return (0, _handover_js__WEBPACK_IMPORTED_MODULE_4__.qg)(statusSchema, text);
        }
    },
    3071: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            F2: ()=>RELEASE_WITHIN_MS
        });
        __nccwpck_require__(4743);
        __nccwpck_require__(8045);
        __nccwpck_require__(8208);
        __nccwpck_require__(5874);
        __nccwpck_require__(7646);
        __nccwpck_require__(5574);
        __nccwpck_require__(6940);
        __nccwpck_require__(4805);
        __nccwpck_require__(7208);
        __nccwpck_require__(7281);
        __nccwpck_require__(4984);
        __nccwpck_require__(8316);
        let RELEASE_WITHIN_MS = 10_000;
    },
    8316: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            M: ()=>storeSnapshot1,
            c: ()=>resumeLease1
        });
        var _lease_lease_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(6940);
        var _lease_name_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7495);
        var _lease_record_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(3061);
        var _store_store_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(7208);
        var _store_trust_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(8559);
        function storeSnapshot1(lease) {
            let { record, ...rest } = lease.snapshot;
            return {
                body: (0, _lease_record_js__WEBPACK_IMPORTED_MODULE_2__.GY)(record),
                ...rest
            };
        }
        function resumeLease1(lock, timing, snapshot) {
            let { body, version, ...rest } = snapshot;
            let record = (0, _lease_record_js__WEBPACK_IMPORTED_MODULE_2__.Hh)(body, {
                name: lock.name,
                key: (0, _lease_name_js__WEBPACK_IMPORTED_MODULE_1__.Hy)(lock.name),
                storeUrl: lock.store.url
            });
            if ('held' !== record.state) throw new _store_store_js__WEBPACK_IMPORTED_MODULE_3__.AD('corrupt', `The snapshot of lock "${lock.name}" is ${record.state}, not held.`);
            (0, _store_trust_js__WEBPACK_IMPORTED_MODULE_4__.l)(lock.store, record.probed);
            return new _lease_lease_js__WEBPACK_IMPORTED_MODULE_0__.nD(lock, timing, {
                record,
                version: version,
                ...rest
            });
        }
    },
    4686: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Hc: ()=>KeeperError,
            keeperEntry: ()=>keeperEntry,
            m3: ()=>spawnKeeper,
            startKeeper: ()=>startKeeper,
            te: ()=>untilAnswer
        });
        var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1421);
        var node_fs__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(3024);
        var node_path__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6760);
        var _handover_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(3387);
        var _snapshot_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(8316);
        function keeperEntry() {
            return (0, node_path__WEBPACK_IMPORTED_MODULE_2__.join)((0, node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)((0, node_fs__WEBPACK_IMPORTED_MODULE_1__.realpathSync)(process.argv[1] ?? '')), '..', 'keeper', 'index.js');
        }
        let START_WITHIN_MS = 10_000;
        let LOOK_EVERY_MS = 20;
        class KeeperError extends Error {
            name = 'KeeperError';
        }
        async function startKeeper(lease, options) {
            let { folder, entry, environment } = options;
            let keeper = spawnKeeper(handoverOf(lease, options), {
                folder,
                entry,
                environment
            });
            await untilAnswer(lease.lock.clock, folder, {
                keeper,
                failed: 'The keeper, which renews the lease, could not be started',
                pidSaid: ()=>folder.readStatus()?.keeper.pid
            });
            return keeper.pid;
        }
        function spawnKeeper(handover, { folder, entry, environment }) {
            let log = (0, node_fs__WEBPACK_IMPORTED_MODULE_1__.openSync)(folder.logPath, 'a', 0o600);
            let child = (0, node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)(process.execPath, [
                entry
            ], {
                detached: true,
                stdio: [
                    'pipe',
                    log,
                    log
                ],
                cwd: (0, node_path__WEBPACK_IMPORTED_MODULE_2__.parse)(folder.path).root,
                env: (0, _handover_js__WEBPACK_IMPORTED_MODULE_3__.Ud)(environment),
                windowsHide: true
            });
            (0, node_fs__WEBPACK_IMPORTED_MODULE_1__.closeSync)(log);
            let failure;
            child.on('error', (error)=>{
                failure = error.message;
            });
            child.on('exit', (code, signal)=>{
                failure ??= `it ended with ${signal ?? `exit status ${code}`}`;
            });
            child.stdin?.on('error', ()=>{});
            child.stdin?.end(JSON.stringify(handover));
            child.unref();
            return {
                pid: child.pid ?? 0,
                failure: ()=>failure
            };
        }
        function handoverOf(lease, options) {
            let { folder, store, access = {}, maxHoldMs, acquiredMs, waitedMs } = options;
            let { victim, notify, cancel, worker, environment } = options;
            return {
                name: lease.lock.name,
                store,
                access,
                timing: lease.timing,
                snapshot: (0, _snapshot_js__WEBPACK_IMPORTED_MODULE_4__.M)(lease),
                folder: folder.path,
                maxHoldMs,
                acquiredMs,
                waitedMs,
                ...victim ? {
                    victim
                } : {},
                ...notify ? {
                    notify: {
                        command: notify,
                        environment: (0, _handover_js__WEBPACK_IMPORTED_MODULE_3__.zr)(environment)
                    }
                } : {},
                ...cancel ? {
                    cancel
                } : {},
                ...worker ? {
                    worker
                } : {},
                environment: (0, _handover_js__WEBPACK_IMPORTED_MODULE_3__.gY)(environment, access)
            };
        }
        async function untilAnswer(clock, folder, { keeper, failed, pidSaid }) {
            let untilMs = clock.monotonicMs() + START_WITHIN_MS;
            while(pidSaid() !== keeper.pid){
                let late = clock.monotonicMs() >= untilMs ? 'it did not answer within 10s' : void 0;
                let why = keeper.failure() ?? late;
                if (void 0 !== why) throw new KeeperError(`${failed}: ${why}. ${folder.logEnd()} See whether ${folder.path} can be written and processes can be started.`);
                await clock.sleep(LOOK_EVERY_MS);
            }
        }
    },
    474: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            h: ()=>GIVE_UP_MS,
            X: ()=>acquire
        });
        var base_clock = __nccwpck_require__(4743);
        var duration = __nccwpck_require__(8045);
        var base_random = __nccwpck_require__(5874);
        var sanitise1 = __nccwpck_require__(9507);
        var store_store = __nccwpck_require__(7208);
        var trust = __nccwpck_require__(8559);
        var commit = __nccwpck_require__(8245);
        var context = __nccwpck_require__(6149);
        var keeper = __nccwpck_require__(5574);
        var lease_lease = __nccwpck_require__(6940);
        var lease_name = __nccwpck_require__(7495);
        var decide = __nccwpck_require__(488);
        var lease_evidence = __nccwpck_require__(8033);
        let VETO_STANDS_MS = 60_000;
        class Observer {
            lock;
            #judgement;
            #seen;
            #observation;
            #looks = 0;
            #verdict;
            #vetoed;
            #wake;
            #watch;
            constructor(lock, judgement){
                this.lock = lock;
                this.#judgement = judgement;
            }
            async look() {
                let seen = await (0, context.Op)(this.lock, {
                    previous: this.#seen,
                    age: void 0 !== this.#seen,
                    signal: this.#judgement.signal
                });
                this.saw(seen);
                return seen;
            }
            saw(seen) {
                let same = this.#seen?.version === seen.version;
                if (!same) {
                    this.#looks = 0;
                    this.#verdict = void 0;
                    this.#vetoed = void 0;
                }
                this.#looks += 1;
                this.#observation = (0, decide.lB)(same ? this.#observation : void 0, {
                    seenMs: this.#nowMs,
                    ...void 0 === seen.ageMs ? {} : {
                        ageMs: seen.ageMs
                    }
                });
                this.#seen = seen;
            }
            get findings() {
                return {
                    observation: this.#seenBefore(),
                    ...this.#verdict ? {
                        verdict: this.#verdict
                    } : {},
                    ...this.#vetoed ? {
                        vetoed: this.#vetoed.detail
                    } : {}
                };
            }
            get mayLearnAge() {
                return this.#observation?.ageMs === void 0 && 1 === this.#looks;
            }
            async decide(seen) {
                let { stalePolicy, sharing, evidence, signal } = this.#judgement;
                let observation = this.#seenBefore();
                let request = {
                    stalePolicy,
                    remoteClock: this.lock.store.remoteClock ?? false,
                    firstToken: (0, context.wk)(this.lock, seen),
                    ...sharing ? {
                        sharing
                    } : {}
                };
                let decision = (0, decide.LD)(seen.record, observation, this.#nowMs, request);
                if ('ask' !== decision.kind || !seen.record) return decision;
                this.#verdict = await (0, lease_evidence.vi)(evidence, seen.record, signal);
                return (0, decide.LD)(seen.record, observation, this.#nowMs, {
                    ...request,
                    verdict: this.#verdict
                });
            }
            async allows({ record }) {
                let { veto, signal } = this.#judgement;
                if (!veto || !record) return true;
                if (this.#vetoed && this.#nowMs < this.#vetoed.untilMs) return false;
                let answer = await veto(record, signal);
                this.#vetoed = answer.allowed ? void 0 : {
                    detail: answer.detail,
                    untilMs: this.#nowMs + VETO_STANDS_MS
                };
                return answer.allowed;
            }
            async sleep(ms, stop) {
                let { signal } = this.#judgement;
                let awake = new AbortController();
                this.#wake = ()=>awake.abort();
                if (!this.#watch && this.lock.store.watch) {
                    this.#watch = new AbortController();
                    this.lock.store.watch((0, lease_name.Hy)(this.lock.name), ()=>this.#wake?.(), this.#watch.signal);
                }
                let signals = [
                    awake.signal,
                    signal,
                    stop
                ].filter((one)=>void 0 !== one);
                await this.lock.clock.sleep(ms, 1 === signals.length ? awake.signal : AbortSignal.any(signals));
                this.#wake = void 0;
            }
            close() {
                this.#watch?.abort();
            }
            get #nowMs() {
                return this.lock.clock.monotonicMs();
            }
            #seenBefore() {
                if (!this.#observation) throw new Error('a record is looked at before it is judged');
                return this.#observation;
            }
        }
        var lease_record = __nccwpck_require__(3061);
        var shared = __nccwpck_require__(5797);
        var tree = __nccwpck_require__(44);
        let STORE_PATIENCE_MS = 120_000;
        let PROBE_TIMEOUT_MS = 60_000;
        let SETTLE_MS = 120_000;
        let GIVE_UP_MS = 5_000;
        async function acquire(lock, request) {
            return new Acquisition(lock, request).run();
        }
        class Acquisition {
            #lock;
            #request;
            #own;
            #startedMs;
            #probed;
            #mayBeHeld = false;
            #robbed = false;
            constructor(lock, request){
                this.#lock = lock;
                this.#request = request;
                this.#own = this.#observe(lock, request.sharing ? request.holder : void 0);
                this.#startedMs = lock.clock.monotonicMs();
            }
            async run() {
                try {
                    while(!this.#over()){
                        let outcome = await this.#round();
                        if (outcome) return outcome;
                    }
                    return this.#cancelled();
                } catch (error) {
                    if (this.#over() && (0, context.A1)(error)) return this.#cancelled();
                    throw error;
                } finally{
                    this.#own.close();
                }
            }
            async #round() {
                let seen = await this.#patiently(()=>this.#own.look());
                this.#probed ??= await this.#trust(seen);
                let left = this.#leaseIn(seen);
                if (left) return await this.#giveBack(left) ? void 0 : this.#wait(this.#own, seen);
                return this.#act(seen, await this.#own.decide(seen));
            }
            get #nowMs() {
                return this.#lock.clock.monotonicMs();
            }
            get #waitedMs() {
                return this.#nowMs - this.#startedMs;
            }
            #observe(lock, sharing) {
                let { stalePolicy, evidence, veto, signal } = this.#request;
                return new Observer(lock, {
                    stalePolicy,
                    evidence,
                    ...veto ? {
                        veto
                    } : {},
                    ...sharing ? {
                        sharing
                    } : {},
                    ...signal ? {
                        signal
                    } : {}
                });
            }
            #over() {
                return this.#request.signal?.aborted === true || this.#request.closed?.() === true;
            }
            #cancelled() {
                return {
                    kind: 'cancelled',
                    ...this.#mayBeHeld ? {
                        mayBeHeld: true
                    } : {}
                };
            }
            get #patienceMs() {
                let { waitTimeoutMs } = this.#request;
                return Math.min(STORE_PATIENCE_MS, Math.max(waitTimeoutMs, 4 * this.#lock.callTimeoutMs));
            }
            async #patiently(call) {
                let patienceMs = this.#patienceMs;
                let silentSinceMs = this.#nowMs;
                for(let attempt = 0;; attempt += 1)try {
                    return await call();
                } catch (error) {
                    let passing = (0, context.A1)(error, 'unavailable', 'indeterminate');
                    if (!passing || this.#over() || this.#nowMs - silentSinceMs >= patienceMs) throw error;
                    this.#request.onTrouble?.(error);
                    await (0, context.fu)(this.#lock, attempt, this.#request.signal);
                }
            }
            async #trust({ record }) {
                let { store, clock, random } = this.#lock;
                let known = record?.probed;
                return this.#patiently(()=>(0, context.EK)(this.#lock, {
                        limitMs: PROBE_TIMEOUT_MS,
                        signal: this.#request.signal
                    }, (limited)=>(0, trust.K)(store, {
                            clock,
                            random,
                            known,
                            ...limited
                        })));
            }
            async #act(seen, decision) {
                switch(decision.kind){
                    case 'take':
                    case 'join':
                        return this.#write(seen, decision);
                    case 'steal':
                        if (await this.#own.allows(seen)) return this.#write(seen, decision);
                        return this.#own.mayLearnAge ? void 0 : this.#wait(this.#own, seen, decision);
                    case 'ask':
                    case 'wait':
                        return this.#own.mayLearnAge ? void 0 : this.#wait(this.#own, seen, decision);
                }
            }
            async #write(seen, decision) {
                if (this.#over()) return this.#cancelled();
                let record = this.#recordAfter(seen, decision);
                let outcome;
                try {
                    outcome = await (0, commit.c)(this.#lock, record, {
                        expected: seen.version,
                        untilMs: this.#nowMs + this.#patienceMs,
                        settleUntilMs: this.#nowMs + SETTLE_MS,
                        durable: true,
                        signal: this.#request.signal,
                        onTrouble: this.#request.onTrouble
                    });
                } catch (error) {
                    if ((0, context.A1)(error, 'indeterminate')) await this.#giveUp(seen, record);
                    throw error;
                }
                if ('applied' !== outcome.kind) return void this.#own.saw(outcome.seen);
                let memberId = this.#request.holder.leaseId;
                let lease = new lease_lease.nD(this.#lock, this.#request.timing, {
                    record,
                    ...outcome,
                    memberId
                });
                return this.#enter(lease, {
                    seen,
                    decision,
                    late: outcome.late
                });
            }
            async #enter(lease, how) {
                let { seen, decision } = how;
                let stolen = stolenBy(decision, seen);
                this.#robbed ||= void 0 !== stolen;
                let above = await this.#clearAbove(lease, how);
                if ('clear' !== above) return above;
                if (!await this.#counts(lease, how.late)) return;
                if (stolen) this.#request.onStolen?.(stolen);
                let below = await this.#clearBelow(lease);
                if ('clear' !== below) return below;
                if (this.#over()) {
                    await this.#giveBack(lease);
                    return this.#cancelled();
                }
                return {
                    kind: 'acquired',
                    lease,
                    waitedMs: this.#waitedMs,
                    ...stolen ? {
                        stolen
                    } : {},
                    ...'join' === decision.kind ? {
                        joined: true
                    } : {}
                };
            }
            async #clearAbove(lease, { seen, decision }) {
                let above = lease.record.shared?.entered ? [] : (0, lease_name.Gw)(this.#lock.name);
                if (0 === above.length) return 'clear';
                let frozen;
                try {
                    frozen = await (0, tree._)(this.#lock, above, {
                        untilMs: this.#halfTime(lease),
                        signal: this.#request.signal
                    });
                } catch (error) {
                    await this.#giveBack(lease);
                    if (!(0, context.A1)(error, 'unavailable', 'indeterminate')) throw error;
                    this.#request.onTrouble?.(error);
                    let { signal } = this.#request;
                    await this.#patiently(()=>(0, tree._)(this.#lock, above, {
                            untilMs: this.#nowMs,
                            signal
                        }));
                    return;
                }
                if (!frozen) return this.#markEntered(lease);
                await this.#giveBack(lease);
                if ('join' === decision.kind) return this.#wait(this.#own, {
                    ...seen,
                    record: frozen.record
                });
                return this.#outlast(frozen.lock, ({ tree })=>true === tree);
            }
            async #markEntered(lease) {
                if (!lease.record.shared) return 'clear';
                try {
                    let outcome = await lease.rewrite(shared.Un, {
                        untilMs: this.#halfTime(lease),
                        signal: this.#request.signal
                    });
                    return 'renewed' === outcome.kind ? 'clear' : void 0;
                } catch (error) {
                    if (!(0, context.A1)(error)) throw error;
                    this.#request.onTrouble?.(error);
                    return 'clear';
                }
            }
            async #clearBelow(lease) {
                let { tree = false, lockDelayMs = 0, signal } = this.#request;
                let delays = this.#robbed && lockDelayMs > 0;
                if (!tree && !delays) return 'clear';
                let stop = new AbortController();
                let keeping = (0, keeper.a)(lease, {
                    signal: stop.signal,
                    onTrouble: (error)=>{
                        if ((0, context.A1)(error)) this.#request.onTrouble?.(error);
                    }
                });
                let outcome;
                try {
                    if (tree) outcome = await this.#outlastBelow(keeping.lost);
                    if (!outcome && this.#robbed && lockDelayMs > 0) await this.#lock.clock.sleep(lockDelayMs, signal ? AbortSignal.any([
                        signal,
                        keeping.lost
                    ]) : keeping.lost);
                } catch (error) {
                    stop.abort();
                    await keeping.ended;
                    await this.#giveBack(lease);
                    throw error;
                }
                stop.abort();
                if ('lost' === (await keeping.ended).kind) return;
                if (outcome) await this.#giveBack(lease);
                else if (!lease.believes((0, base_clock.B9)(this.#lock.clock))) return void await this.#giveBack(lease);
                return outcome ?? 'clear';
            }
            async #outlastBelow(lost) {
                let below = await this.#patiently(()=>(0, tree.r)(this.#lock, this.#request.signal));
                for (let other of below){
                    let outcome = await this.#outlast(other, ()=>true, lost);
                    if (outcome || lost.aborted) return outcome;
                }
            }
            async #outlast(other, inTheWay, stop) {
                let observer = this.#observe(other);
                try {
                    while(!this.#over() && stop?.aborted !== true){
                        let seen = await this.#patiently(()=>observer.look());
                        let { record } = seen;
                        if (record?.state !== 'held' || !inTheWay(record)) return;
                        let decision = await observer.decide(seen);
                        let over = 'take' === decision.kind || 'steal' === decision.kind && await observer.allows(seen);
                        if (over) await this.#end(other, {
                            ...seen,
                            record
                        }, decision);
                        if (over || observer.mayLearnAge) continue;
                        let outcome = await this.#wait(observer, seen, decision, stop);
                        if (outcome) return outcome;
                    }
                    return this.#over() ? this.#cancelled() : void 0;
                } finally{
                    observer.close();
                }
            }
            async #end(other, seen, decision) {
                let { holder, signal, onTrouble } = this.#request;
                let { record, version } = seen;
                let at = (0, duration.r4)(this.#lock.clock.wallMs());
                let next = (0, lease_record.hG)(record, (0, lease_record.v6)(record, {
                    how: 'expired',
                    at,
                    by: holder.ownerId
                }), this.#lock.random);
                let outcome = await (0, commit.c)(other, next, {
                    expected: version,
                    untilMs: this.#nowMs + this.#patienceMs,
                    durable: true,
                    signal,
                    onTrouble
                });
                let stolen = 'steal' === decision.kind ? stolenBy(decision, seen) : void 0;
                if ('conflict' === outcome.kind || !stolen) return;
                this.#robbed = true;
                this.#request.onEnded?.(stolen);
            }
            #recordAfter(seen, decision) {
                let { record } = seen;
                if ('join' === decision.kind) {
                    if (record?.state !== 'held') throw new Error('what is joined is held');
                    return (0, lease_record.hG)(record, (0, shared.oR)(record, this.#member(this.#request.sharing)), this.#lock.random);
                }
                let { holder, timing, sharing, tree } = this.#request;
                if (!Number.isSafeInteger(decision.token)) throw tokensUsedUp(this.#lock);
                return (0, lease_record.hG)(record, {
                    state: 'held',
                    name: this.#lock.name,
                    token: decision.token,
                    ttlMs: timing.ttlMs,
                    renewals: 0,
                    acquiredAt: (0, duration.r4)(this.#lock.clock.wallMs()),
                    holder,
                    ...sharing ? {
                        shared: {
                            members: [
                                this.#member(sharing)
                            ]
                        }
                    } : {},
                    ...tree ? {
                        tree
                    } : {},
                    ...this.#probed ? {
                        probed: this.#probed
                    } : {}
                }, this.#lock.random);
            }
            #member(sharing) {
                let { holder, timing } = this.#request;
                let { gapMs = timing.ttlMs, last = false, ...about } = sharing ?? {};
                return {
                    memberId: holder.leaseId,
                    ttlMs: timing.ttlMs,
                    gapMs,
                    ...last ? {
                        last
                    } : {},
                    ...about,
                    joinedAt: (0, duration.r4)(this.#lock.clock.wallMs())
                };
            }
            #halfTime({ snapshot, timing }) {
                return snapshot.sentAt.monotonicMs + timing.ttlMs / 2;
            }
            async #counts(lease, late) {
                let { clock } = this.#lock;
                let { sentAt } = lease.snapshot;
                let halfMs = lease.timing.ttlMs / 2;
                let fresh = ()=>clock.monotonicMs() - sentAt.monotonicMs < halfMs && clock.wallMs() - sentAt.wallMs < halfMs;
                if (fresh() && !late) return true;
                try {
                    if (fresh()) {
                        let outcome = await lease.renew(sentAt.monotonicMs + halfMs, this.#request.signal);
                        if ('lost' === outcome.kind) return false;
                        if (lease.believes((0, base_clock.B9)(clock))) return true;
                    }
                } catch (error) {
                    if (!(0, context.A1)(error)) throw error;
                    this.#request.onTrouble?.(error);
                }
                await this.#giveBack(lease);
                return false;
            }
            #leaseIn({ record, version }) {
                if (!(0, lease_lease.D0)(record, this.#request.holder.leaseId) || 'absent' === version) return;
                let sentAt = (0, base_clock.B9)(this.#lock.clock);
                let memberId = this.#request.holder.leaseId;
                return new lease_lease.nD(this.#lock, this.#request.timing, {
                    record,
                    version,
                    sentAt,
                    memberId
                });
            }
            async #giveBack(lease) {
                this.#mayBeHeld = true;
                try {
                    await lease.release(this.#nowMs + GIVE_UP_MS, void 0, {
                        entered: false
                    });
                    this.#mayBeHeld = false;
                    return true;
                } catch (error) {
                    if (!(0, context.A1)(error)) throw error;
                    this.#request.onTrouble?.(error);
                    return false;
                }
            }
            async #giveUp(seen, record) {
                let { clock, random } = this.#lock;
                let untilMs = clock.monotonicMs() + GIVE_UP_MS;
                let joins = (0, lease_lease.TL)(seen.record, record.holder.leaseId);
                let over = joins ? seen.record : (0, lease_record.v6)(record, {
                    how: 'given-up',
                    at: (0, duration.r4)(clock.wallMs())
                });
                this.#mayBeHeld = true;
                try {
                    let outcome = await (0, commit.c)(this.#lock, (0, lease_record.hG)(seen.record, over, random), {
                        expected: seen.version,
                        untilMs
                    });
                    if ('conflict' === outcome.kind) await this.#leaseIn(outcome.seen)?.release(untilMs, void 0, {
                        entered: false
                    });
                    this.#mayBeHeld = false;
                } catch (error) {
                    if (!(0, context.A1)(error)) throw error;
                    this.#request.onTrouble?.(error);
                }
            }
            async #wait(observer, { record }, decision = {
                kind: 'wait',
                confirming: false
            }, stop) {
                let { waitTimeoutMs } = this.#request;
                if (!record) return;
                let confirming = 'wait' === decision.kind && decision.confirming;
                if (0 === waitTimeoutMs && !confirming) return {
                    kind: 'busy',
                    record
                };
                let leftMs = waitTimeoutMs - this.#waitedMs;
                if (leftMs <= 0 && !(0 === waitTimeoutMs && confirming)) return {
                    kind: 'timed-out',
                    record,
                    waitedMs: this.#waitedMs
                };
                let nextLookMs = this.#nextLookMs(decision, leftMs > 0 ? leftMs : 1 / 0);
                this.#request.onWait?.({
                    name: this.#lock.name,
                    record,
                    decision,
                    ...observer.findings,
                    waitedMs: this.#waitedMs,
                    nextLookMs
                });
                await observer.sleep(nextLookMs, stop);
            }
            #nextLookMs(decision, leftMs) {
                let { random } = this.#lock;
                let pollMs = Math.min(Math.max(250, 90 * Math.sqrt(this.#waitedMs / 1_000)), 5_000);
                let dueMs = 'wait' === decision.kind && void 0 !== decision.dueMs ? decision.dueMs : 1 / 0;
                return Math.max(1, Math.min((0, base_random.p)(random, pollMs, 0.1), dueMs, leftMs));
            }
        }
        function tokensUsedUp({ name, store }) {
            return new store_store.AD('corrupt', `The record of lock "${name}" has the largest fencing token there is, so nobody can get a greater one. It is at ${(0, lease_name.Hy)(name)} in ${(0, sanitise1.tB)(store.url)}; delete it once you are sure that nobody holds the lock: tokens then begin anew with the store's clock.`);
        }
        function stolenBy(decision, { record }) {
            if ('steal' !== decision.kind || !record) return;
            let { because, proof } = decision;
            return {
                from: record,
                because,
                ...proof ? {
                    proof
                } : {}
            };
        }
    },
    8245: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            c: ()=>commit
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _base_shell_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(4239);
        var _store_store_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7208);
        var _context_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6149);
        var _name_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(7495);
        var _record_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(3061);
        let MOST_CONTRADICTIONS = 8;
        async function commit(lock, record, options) {
            let { expected, signal } = options;
            let key = (0, _name_js__WEBPACK_IMPORTED_MODULE_3__.Hy)(lock.name);
            let body = (0, _record_js__WEBPACK_IMPORTED_MODULE_4__.GY)(record);
            let openSince;
            let contradictions = 0;
            for(let attempt = 0;; attempt += 1){
                let sentAt = openSince ?? (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(lock.clock);
                let failure;
                try {
                    let result = await (0, _context_js__WEBPACK_IMPORTED_MODULE_2__.EK)(lock, {
                        limitMs: lock.callTimeoutMs,
                        signal
                    }, (limited)=>lock.store.write(key, body, expected, {
                            durable: options.durable ?? false,
                            ...limited
                        }));
                    if ('written' === result.kind) return {
                        kind: 'applied',
                        version: result.version,
                        sentAt,
                        late: void 0 !== openSince
                    };
                    contradictions += 1;
                } catch (error) {
                    if (!(0, _context_js__WEBPACK_IMPORTED_MODULE_2__.A1)(error)) throw error;
                    failure = error;
                    if ('indeterminate' === error.kind) openSince = sentAt;
                    else if ('unavailable' !== error.kind && !openSince) throw error;
                }
                if (failure?.kind !== 'unavailable' || openSince) {
                    let settled = await settle(lock, record, {
                        ...options,
                        sentAt,
                        open: void 0 !== openSince,
                        failure
                    });
                    if (settled) return settled;
                    openSince ??= sentAt;
                }
                if (contradictions >= MOST_CONTRADICTIONS) throw new _store_store_js__WEBPACK_IMPORTED_MODULE_1__.AD('misconfigured', `${lock.store.url} refuses to write ${key} although its version is the expected one, ${contradictions} times over. See what is wrong with the store: leasehold doctor --store ${(0, _base_shell_js__WEBPACK_IMPORTED_MODULE_5__.Z)(lock.store.url)}`);
                let open = void 0 !== openSince;
                if (isOver(lock, {
                    ...options,
                    open
                })) throw timeIsUp(lock, openSince, failure);
                if (failure) options.onTrouble?.(failure);
                await (0, _context_js__WEBPACK_IMPORTED_MODULE_2__.fu)(lock, attempt, signal);
                if (isOver(lock, {
                    ...options,
                    open
                })) throw timeIsUp(lock, openSince, failure);
            }
        }
        async function settle(lock, record, options) {
            let { sentAt, open, failure, signal } = options;
            let stopped = signal?.aborted === true;
            let seen;
            try {
                seen = await (0, _context_js__WEBPACK_IMPORTED_MODULE_2__.c)(lock, lastMs(options), signal);
            } catch (error) {
                if (!open && (0, _context_js__WEBPACK_IMPORTED_MODULE_2__.A1)(error, 'corrupt')) throw error;
                throw timeIsUp(lock, sentAt, stopped && failure || error);
            }
            if (seen.record?.nonce === record.nonce && 'absent' !== seen.version) return {
                kind: 'applied',
                version: seen.version,
                sentAt,
                late: true
            };
            if (seen.record?.trail.includes(record.nonce)) return {
                kind: 'superseded',
                seen
            };
            return seen.version === options.expected ? void 0 : {
                kind: 'conflict',
                seen
            };
        }
        function isOver({ clock }, options) {
            return options.signal?.aborted === true || clock.monotonicMs() >= lastMs(options);
        }
        function lastMs({ untilMs, settleUntilMs = untilMs, open }) {
            return open ? settleUntilMs : untilMs;
        }
        function timeIsUp(lock, openSince, cause) {
            let why = cause instanceof Error ? ` ${cause.message}` : '';
            return openSince ? new _store_store_js__WEBPACK_IMPORTED_MODULE_1__.AD('indeterminate', `Lock "${lock.name}": a write was sent and no answer says whether it applied.${why}`, {
                cause
            }) : new _store_store_js__WEBPACK_IMPORTED_MODULE_1__.AD('unavailable', `Lock "${lock.name}": could not be written.${why}`, {
                cause
            });
        }
    },
    6149: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            A1: ()=>isStoreError,
            EK: ()=>callStore,
            Op: ()=>look,
            c: ()=>lookUntil,
            fu: ()=>backOff,
            wk: ()=>firstToken
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _base_random_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(5874);
        var _store_store_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7208);
        var _name_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(7495);
        var _record_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(3061);
        function firstToken({ clock }, { storeTimeMs }) {
            return Math.max(0, Math.floor((storeTimeMs ?? clock.wallMs()) / 1_000));
        }
        async function callStore(lock, { limitMs, signal }, call) {
            if (lock.store.prompt) return call(signal ? {
                signal
            } : {});
            return (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(lock.clock, limitMs, signal, (limited)=>call({
                    signal: limited
                }));
        }
        async function look(lock, options = {}) {
            let { previous, age = false } = options;
            let key = (0, _name_js__WEBPACK_IMPORTED_MODULE_3__.Hy)(lock.name);
            let known = previous && 'absent' !== previous.version ? {
                known: previous.version
            } : {};
            let limit = {
                limitMs: lock.callTimeoutMs,
                signal: options.signal
            };
            let reading = await callStore(lock, limit, (limited)=>lock.store.read(key, {
                    ...known,
                    age,
                    ...limited
                }));
            switch(reading.kind){
                case 'absent':
                    return {
                        record: void 0,
                        version: 'absent',
                        ...void 0 === reading.storeTimeMs ? {} : {
                            storeTimeMs: reading.storeTimeMs
                        }
                    };
                case 'unchanged':
                    if (!previous) throw new _store_store_js__WEBPACK_IMPORTED_MODULE_2__.AD('corrupt', `${lock.store.url} answered "unchanged" to a first read of ${key}.`);
                    return {
                        record: previous.record,
                        version: previous.version,
                        ...void 0 === reading.ageMs ? {} : {
                            ageMs: reading.ageMs
                        }
                    };
                case 'found':
                    return {
                        record: (0, _record_js__WEBPACK_IMPORTED_MODULE_4__.Hh)(reading.body, {
                            name: lock.name,
                            key,
                            storeUrl: lock.store.url
                        }),
                        version: reading.version,
                        ...void 0 === reading.ageMs ? {} : {
                            ageMs: reading.ageMs
                        }
                    };
            }
        }
        async function lookUntil(lock, untilMs, signal) {
            let last;
            for(let attempt = 0;; attempt += 1)try {
                return await look(lock, {
                    signal
                });
            } catch (error) {
                if (!isStoreError(error, 'unavailable', 'indeterminate')) throw error;
                if (signal?.aborted) throw last ?? error;
                if (lock.clock.monotonicMs() >= untilMs) throw error;
                last = error;
                await backOff(lock, attempt, signal);
            }
        }
        async function backOff({ clock, random }, attempt, signal) {
            await clock.sleep((0, _base_random_js__WEBPACK_IMPORTED_MODULE_1__.p)(random, Math.min(200 * 2 ** attempt, 5_000), 0.3), signal);
        }
        function isStoreError(error, ...kinds) {
            return error instanceof _store_store_js__WEBPACK_IMPORTED_MODULE_2__.AD && (0 === kinds.length || kinds.includes(error.kind));
        }
    },
    488: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Kq: ()=>expiresInMs,
            LD: ()=>decide,
            lB: ()=>observe
        });
        var _policy_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(206);
        var _record_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(3061);
        var _shared_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(5797);
        function observe(before, answer) {
            let { seenMs } = answer;
            if (!before) return {
                firstSeenMs: seenMs,
                ...answer
            };
            let ages = [
                ...void 0 === answer.ageMs ? [] : [
                    answer.ageMs
                ],
                ...void 0 === before.ageMs ? [] : [
                    before.ageMs + seenMs - before.seenMs
                ]
            ];
            return {
                firstSeenMs: before.firstSeenMs,
                seenMs,
                ...ages.length > 0 ? {
                    ageMs: Math.min(...ages)
                } : {}
            };
        }
        function decide(record, observation, nowMs, request) {
            if (!record) return {
                kind: 'take',
                token: request.firstToken
            };
            let token = record.token + 1;
            switch(record.state){
                case 'released':
                    return {
                        kind: 'take',
                        token
                    };
                case 'granted':
                    {
                        let dueMs = _policy_js__WEBPACK_IMPORTED_MODULE_0__.XH + _policy_js__WEBPACK_IMPORTED_MODULE_0__.uh - quietMs(observation, nowMs);
                        return dueMs <= 0 ? {
                            kind: 'take',
                            token
                        } : {
                            kind: 'wait',
                            dueMs,
                            confirming: false
                        };
                    }
                case 'held':
                    return decideHeld(record, observation, nowMs, request);
            }
        }
        function decideHeld(record, observation, nowMs, request) {
            let { stalePolicy, verdict, remoteClock = false, sharing } = request;
            if (sharing && (0, _shared_js__WEBPACK_IMPORTED_MODULE_2__.qK)(record, sharing)) return (0, _shared_js__WEBPACK_IMPORTED_MODULE_2__.AB)(record) ? {
                kind: 'join'
            } : {
                kind: 'wait',
                confirming: false
            };
            if ((0, _shared_js__WEBPACK_IMPORTED_MODULE_2__.Rw)(record)) return decideEnding(record, observation, nowMs, request);
            let token = record.token + 1;
            let leftMs = expiresInMs(record, observation, nowMs);
            let watchMs = stealWatchMs(record, remoteClock) - (nowMs - observation.firstSeenMs);
            let expired = leftMs <= 0 && watchMs <= 0;
            let notYet = {
                kind: 'wait',
                dueMs: Math.max(leftMs, watchMs),
                confirming: leftMs <= 0
            };
            switch(stalePolicy){
                case 'never':
                    return {
                        kind: 'wait',
                        confirming: false
                    };
                case 'expired':
                    return expired ? {
                        kind: 'steal',
                        token,
                        because: 'expired'
                    } : notYet;
                case 'holder-finished':
                    if (!verdict) return {
                        kind: 'ask'
                    };
                    return 'finished' === verdict.kind ? {
                        kind: 'steal',
                        token,
                        because: 'holder-finished',
                        proof: verdict.proof
                    } : {
                        kind: 'wait',
                        confirming: false
                    };
                case 'expired-and-holder-finished':
                    if (!expired) return notYet;
                    if (!verdict) return {
                        kind: 'ask'
                    };
                    return 'finished' === verdict.kind ? {
                        kind: 'steal',
                        token,
                        because: 'expired-and-holder-finished',
                        proof: verdict.proof
                    } : {
                        kind: 'wait',
                        confirming: false
                    };
            }
        }
        function decideEnding(record, observation, nowMs, { stalePolicy, verdict }) {
            let take = {
                kind: 'take',
                token: record.token + 1
            };
            let leftMs = expiresInMs(record, observation, nowMs);
            let watchMs = _policy_js__WEBPACK_IMPORTED_MODULE_0__.pk - (nowMs - observation.firstSeenMs);
            if (leftMs <= 0 && watchMs <= 0) return take;
            let askable = (0, _record_js__WEBPACK_IMPORTED_MODULE_1__.Z3)(record) && 'never' !== stalePolicy;
            if (askable && !verdict) return {
                kind: 'ask'
            };
            if (askable && verdict?.kind === 'finished') return take;
            return {
                kind: 'wait',
                dueMs: Math.max(leftMs, watchMs),
                confirming: leftMs <= 0
            };
        }
        function stealWatchMs({ ttlMs }, remoteClock) {
            return remoteClock ? ttlMs + _policy_js__WEBPACK_IMPORTED_MODULE_0__.uh : _policy_js__WEBPACK_IMPORTED_MODULE_0__.pk;
        }
        function expiresInMs(record, observation, nowMs) {
            return record.ttlMs + _policy_js__WEBPACK_IMPORTED_MODULE_0__.uh - quietMs(observation, nowMs);
        }
        function quietMs({ firstSeenMs, seenMs, ageMs }, nowMs) {
            let watchedMs = nowMs - firstSeenMs;
            return void 0 === ageMs ? watchedMs : Math.max(ageMs + (nowMs - seenMs), watchedMs);
        }
    },
    8553: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            $4: ()=>describeLoss,
            Et: ()=>describeNow,
            FB: ()=>describeHelp,
            TV: ()=>describeRecord,
            a2: ()=>describeRefusal,
            kI: ()=>WaitLog,
            sG: ()=>describeHolder
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(9507);
        var _decide_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(488);
        var _policy_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(206);
        var _record_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(3061);
        var _shared_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(5797);
        function describeHolder(holder) {
            let { runId, runAttempt, repository, workflow, job, actor, host, ownerId } = holder;
            if (void 0 === runId) return void 0 === host ? (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(ownerId) : `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(ownerId)} on host ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(host)}`;
            let details = [
                ownerId === runId ? void 0 : `owner ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(ownerId)}`,
                workflow && `workflow ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(workflow)}`,
                job && `job ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(job)}`,
                actor && `by ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(actor)}`
            ].filter((detail)=>void 0 !== detail && '' !== detail);
            let attempt = void 0 === runAttempt ? '' : ` attempt ${runAttempt}`;
            let of = void 0 === repository ? '' : ` of ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(repository)}`;
            let run = `run ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(runId)}${attempt}${of}`;
            return 0 === details.length ? run : `${run} (${details.join(', ')})`;
        }
        function describeRecord(record) {
            let { holder } = record;
            switch(record.state){
                case 'held':
                    return [
                        `${describeHeld(record)}.`,
                        ...holder.runUrl ? [
                            `  run     ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(holder.runUrl)}`
                        ] : [],
                        ...record.shared ? [
                            `  jobs    ${describeMembers(record.shared.members)}`
                        ] : [],
                        `  since   ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(record.acquiredAt)}, token ${record.token}, ${count(record.renewals, 'renewal')}, lease ${holder.leaseId}`,
                        ...holder.reason ? [
                            `  reason  ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(holder.reason)}`
                        ] : [],
                        ...record.reserved ? [
                            `  until   ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(record.reserved.until)}`
                        ] : []
                    ];
                case 'granted':
                    return [
                        `Lock "${record.name}" is handed to the ticket ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(record.grant.ticket)} and waits to be claimed.`
                    ];
                case 'released':
                    {
                        let { how, at, by, reason } = record.ended;
                        let broken = 'broken' === how ? ` by ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(by ?? 'somebody')}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(reason ?? '')}` : '';
                        return [
                            `Lock "${record.name}" is free. Token ${record.token}; last held by ${describeHolder(holder)}, ${how} ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(at)}${broken}.`
                        ];
                    }
            }
        }
        function describeHeld({ name, holder, tree, reserved }) {
            let what = `Lock "${name}"${tree ? ' and all below it' : ''}`;
            return `${what} ${tree ? 'are' : 'is'} ${reserved ? 'reserved' : 'held'} by ${describeHolder(holder)}`;
        }
        let MEMBERS_SHOWN = 8;
        function describeMembers(members) {
            if (0 === members.length) return 'none now: it is kept for the next job of its run';
            let shown = members.slice(0, MEMBERS_SHOWN).map(({ job, host })=>(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(job ?? host ?? 'a job'));
            let more = members.length - shown.length;
            return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
        }
        function describeHelp(record) {
            return 'held' === record.state && record.reserved ? 'To end that reservation before its time' : 'To end that lease by hand, when its holder is dead';
        }
        function describeNow({ name, record }) {
            if ('held' !== record.state) return record.state;
            let { holder, reserved } = record;
            let verb = reserved ? 'reserved' : 'held';
            let what = record.name === name ? verb : `"${record.name}"${record.tree ? ' and all below it are' : ' is'} ${verb}`;
            let until = reserved ? ` until ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(reserved.until)}` : '';
            let reason = reserved && holder.reason ? ` (${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(holder.reason)})` : '';
            return `${what} by ${describeHolder(holder)}${until}${reason}`;
        }
        function describeRefusal(name, record) {
            return [
                ...describeObstacle({
                    name,
                    record
                }),
                ...describeRecord(record)
            ];
        }
        function describeObstacle({ name, record }) {
            if (record.name === name) return [];
            return name.startsWith(`${record.name}/`) ? [
                `Lock "${name}" can't be had, for it is below "${record.name}":`
            ] : [
                `Lock "${name}" and all below it can't be had before "${record.name}" is free:`
            ];
        }
        function describeWaiting(waiting, stalePolicy, nowMs) {
            let { record, observation } = waiting;
            if ('held' !== record.state) return describeRecord(record);
            let leftMs = (0, _decide_js__WEBPACK_IMPORTED_MODULE_1__.Kq)(record, observation, nowMs) - _policy_js__WEBPACK_IMPORTED_MODULE_2__.uh;
            let unless = record.reserved ? '' : (0, _record_js__WEBPACK_IMPORTED_MODULE_3__.Z3)(record) ? ' unless the next job of its run comes' : ' unless it is renewed';
            let left = leftMs > 0 ? `runs out in ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(leftMs)}${unless}` : `ran out ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(-leftMs)} ago`;
            return [
                ...describeRefusal(waiting.name, record),
                `  lease   ${left}`,
                `  policy  ${describePolicy(waiting, stalePolicy)}`
            ];
        }
        function describePolicy({ record, decision, verdict, vetoed }, stalePolicy) {
            if (void 0 !== vetoed) return `${stalePolicy}: it may be stolen, but the on-stale command said no (${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(vetoed)})`;
            let ttl = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(record.ttlMs + _policy_js__WEBPACK_IMPORTED_MODULE_2__.uh);
            let evidence = verdict && 'detail' in verdict ? ` (${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(verdict.detail)})` : '';
            let due = 'wait' === decision.kind && void 0 !== decision.dueMs ? `, in ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(Math.max(decision.dueMs, 0))}` : '';
            if ('held' === record.state && (0, _shared_js__WEBPACK_IMPORTED_MODULE_4__.Rw)(record)) {
                let proof = record.shared ? `, or on proof that its run is over${evidence}` : '';
                return `whatever the policy, it is free when that is over${due}${'never' === stalePolicy ? '' : proof}`;
            }
            switch(stalePolicy){
                case 'never':
                    return 'never: it is not stolen; only its holder or "leasehold break" frees it';
                case 'expired':
                    return `expired: it is taken when no renewal comes for ${ttl}${due}`;
                case 'holder-finished':
                    return `holder-finished: it is taken on proof that its holder is gone${evidence}`;
                case 'expired-and-holder-finished':
                    return `expired-and-holder-finished: it is taken when no renewal comes for ${ttl}${due} and there is proof that its holder is gone${evidence}`;
            }
        }
        function describeLoss(cause) {
            switch(cause.kind){
                case 'stolen':
                    return `${describeHolder(cause.by)} has the lock now, with token ${cause.token}${cause.by.runUrl ? ` (${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(cause.by.runUrl)})` : ''}`;
                case 'broken':
                    return `it was broken by ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(cause.by ?? 'somebody')}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(cause.reason ?? 'no reason given')}`;
                case 'expired':
                    return `it had run out, and was ended for a lease on a tree${void 0 === cause.by ? '' : ` by ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.hD)(cause.by)}`}`;
                case 'released':
                    return 'it was released elsewhere';
                case 'missing':
                    return 'its record was deleted from the store';
                case 'unreachable':
                case 'refused':
                    return (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_5__.tB)(cause.detail);
                case 'max-hold':
                    return `it was held for the maximum of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(cause.maxHoldMs)}`;
            }
        }
        function count(number, noun) {
            return `${number} ${noun}${1 === number ? '' : 's'}`;
        }
        function capitalised(text) {
            return text.slice(0, 1).toUpperCase() + text.slice(1);
        }
        let HEARTBEAT_MS = 60_000;
        class WaitLog {
            #stalePolicy;
            #said = '';
            #saidMs = 0;
            constructor(stalePolicy){
                this.#stalePolicy = stalePolicy;
            }
            lines(waiting, nowMs, expected) {
                let { name, record, verdict, vetoed, waitedMs } = waiting;
                let held = 'held' === record.state ? [
                    record.reserved?.until,
                    (0, _shared_js__WEBPACK_IMPORTED_MODULE_4__.Rw)(record)
                ] : [
                    record.state
                ];
                let { leaseId } = record.holder;
                let state = [
                    record.name,
                    leaseId,
                    record.token,
                    ...held,
                    verdict?.kind,
                    vetoed
                ].join();
                if (state !== this.#said) {
                    this.#said = state;
                    this.#saidMs = nowMs;
                    return [
                        ...describeWaiting(waiting, this.#stalePolicy, nowMs),
                        ...void 0 === expected || 'held' !== record.state ? [] : [
                            `  usual   ${expected}`
                        ]
                    ];
                }
                if (nowMs - this.#saidMs < HEARTBEAT_MS) return [];
                this.#saidMs = nowMs;
                return [
                    `Still waiting for lock "${name}" after ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(waitedMs)}: ${describeNow(waiting)}, ${describePolicy(waiting, this.#stalePolicy)}.${void 0 === expected ? '' : ` ${capitalised(expected)}.`}`
                ];
            }
        }
    },
    8033: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            $6: ()=>processEvidence,
            Ib: ()=>isSameAttempt,
            NZ: ()=>laterAttemptEvidence,
            vi: ()=>weigh
        });
        var _base_process_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8208);
        async function weigh(evidence, record, signal) {
            let details = [];
            for (let source of evidence){
                let verdict = await source.check(record, signal);
                if ('unknown' !== verdict.kind) return verdict;
                details.push(verdict.detail);
            }
            return {
                kind: 'unknown',
                detail: details.join('; ') || 'no evidence to ask'
            };
        }
        function processEvidence(here) {
            return {
                name: 'process',
                async check ({ holder }) {
                    let { processes = [], bootId, pidNamespace, host } = holder;
                    if (!here || 0 === processes.length || !bootId) return {
                        kind: 'unknown',
                        detail: 'the holder left no process to look for'
                    };
                    if (bootId !== here.bootId || pidNamespace !== here.pidNamespace || host !== here.host) return {
                        kind: 'unknown',
                        detail: 'the holder runs on another machine, boot or container'
                    };
                    let alive = processes.find(_base_process_js__WEBPACK_IMPORTED_MODULE_0__._n);
                    if (alive) return {
                        kind: 'alive',
                        detail: `its process ${alive.pid} runs on this machine`
                    };
                    return {
                        kind: 'finished',
                        proof: `its process ${processes.map(({ pid })=>pid).join(', ')} is gone`
                    };
                }
            };
        }
        function laterAttemptEvidence(asking) {
            return {
                name: 'later-attempt',
                async check ({ holder }) {
                    let later = (asking.runAttempt ?? 0) > (holder.runAttempt ?? 1 / 0);
                    if (later && isSameRun(asking, holder)) return {
                        kind: 'finished',
                        proof: `attempt ${asking.runAttempt} of the same run is asking, so attempt ${holder.runAttempt} has ended`
                    };
                    return {
                        kind: 'unknown',
                        detail: 'it is not an earlier attempt of this run'
                    };
                }
            };
        }
        function isSameRun(one, other) {
            return void 0 !== one.runId && one.runId === other.runId && void 0 !== one.repository && one.repository === other.repository && void 0 !== originOf(one.runUrl) && originOf(one.runUrl) === originOf(other.runUrl);
        }
        function isSameAttempt(one, other) {
            return void 0 !== one.runAttempt && one.runAttempt === other.runAttempt && isSameRun(one, other);
        }
        function originOf(url) {
            return void 0 !== url && URL.canParse(url) ? new URL(url).origin : void 0;
        }
    },
    9456: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            O: ()=>usualHold,
            d: ()=>Expectation
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        var _history_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7646);
        let FEWEST = 3;
        function usualHold(holds) {
            let times = holds.filter(({ how, reserved })=>'released' === how && !reserved).map(({ heldMs })=>heldMs).filter((ms)=>void 0 !== ms).sort((a, b)=>a - b);
            if (times.length < FEWEST) return;
            let [lower = 0, upper = 0] = [
                times[times.length - 1 >> 1],
                times[times.length >> 1]
            ];
            return {
                heldMs: (lower + upper) / 2,
                holds: times.length
            };
        }
        class Expectation {
            #lock;
            #over = new AbortController();
            #record;
            #usual;
            constructor(lock){
                this.#lock = lock;
            }
            follow(record, onKnown) {
                let first = void 0 === this.#record;
                this.#record = record;
                if (first) this.#read(onKnown);
            }
            get usual() {
                return this.#usual;
            }
            get leftMs() {
                let held = this.#record?.state !== 'held' || this.#record.reserved ? void 0 : this.#record;
                let acquiredMs = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.nV)(held?.acquiredAt ?? '');
                if (!this.#usual || void 0 === acquiredMs) return;
                let heldMs = Math.max(0, this.#lock.clock.wallMs() - acquiredMs);
                return Math.max(0, this.#usual.heldMs - heldMs);
            }
            get left() {
                let { leftMs } = this;
                if (void 0 === leftMs) return;
                return leftMs > 0 ? `about ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(roughly(leftMs))} left` : 'longer than usual';
            }
            get words() {
                let { usual, left } = this;
                if (!usual || void 0 === left) return;
                return `${left}; it is usually held for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(usual.heldMs)} (median of ${usual.holds} holds)`;
            }
            end() {
                this.#over.abort();
            }
            async #read(onKnown) {
                try {
                    this.#usual = usualHold(await (0, _history_js__WEBPACK_IMPORTED_MODULE_1__.Lu)(this.#lock, this.#over.signal));
                } catch  {
                    return;
                }
                if (!this.#over.signal.aborted && void 0 !== this.words) onKnown();
            }
        }
        function roughly(ms) {
            let grainMs = ms < 60_000 ? 10_000 : 60_000;
            return Math.ceil(ms / grainMs) * grainMs;
        }
    },
    7646: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Jr: ()=>holdSchema,
            Lu: ()=>readHistory,
            Yy: ()=>ownHold1,
            oy: ()=>endedHold,
            u1: ()=>recordHolds1
        });
        var valibot__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(7934);
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(9507);
        var _store_store_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7208);
        var _context_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(6149);
        var _name_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(7495);
        let SCHEMA = 1;
        let MOST_HOLDS = 20;
        let LONGEST_OWNER = 100;
        let LONGEST_URL = 200;
        let CONFLICTS = 3;
        let whole = valibot__WEBPACK_IMPORTED_MODULE_5__.FsL(valibot__WEBPACK_IMPORTED_MODULE_5__.aig(), valibot__WEBPACK_IMPORTED_MODULE_5__.Y2b(), valibot__WEBPACK_IMPORTED_MODULE_5__.Wwf(0));
        let holdSchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
            leaseId: valibot__WEBPACK_IMPORTED_MODULE_5__.FsL(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_5__.yGV(/^[0-9a-f]{32}$/)),
            ownerId: valibot__WEBPACK_IMPORTED_MODULE_5__.FsL(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_5__.Ru6(LONGEST_OWNER)),
            runUrl: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.FsL(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_5__.Ru6(LONGEST_URL))),
            token: whole,
            waitedMs: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(whole),
            heldMs: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(whole),
            how: valibot__WEBPACK_IMPORTED_MODULE_5__.KIO([
                'released',
                'lost',
                'broken',
                'stolen'
            ]),
            reserved: valibot__WEBPACK_IMPORTED_MODULE_5__.yqP(valibot__WEBPACK_IMPORTED_MODULE_5__.euz(true)),
            at: valibot__WEBPACK_IMPORTED_MODULE_5__.FsL(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_5__.Ru6(30))
        });
        let historySchema = valibot__WEBPACK_IMPORTED_MODULE_5__.Ikc({
            schema: valibot__WEBPACK_IMPORTED_MODULE_5__.euz(SCHEMA),
            nonce: valibot__WEBPACK_IMPORTED_MODULE_5__.FsL(valibot__WEBPACK_IMPORTED_MODULE_5__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_5__.yGV(/^[0-9a-f]{32}$/)),
            holds: valibot__WEBPACK_IMPORTED_MODULE_5__.FsL(valibot__WEBPACK_IMPORTED_MODULE_5__.YOg(holdSchema), valibot__WEBPACK_IMPORTED_MODULE_5__.Ru6(MOST_HOLDS))
        });
        function ownHold1({ holder, token, shared, acquiredAt }, of) {
            let sharedMs = shared && void 0 !== acquiredAt ? (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.nV)(acquiredAt) : void 0;
            let heldMs = void 0 === sharedMs ? of.heldMs : of.nowMs - sharedMs;
            return {
                ...named(holder),
                token,
                ...void 0 === of.waitedMs ? {} : {
                    waitedMs: wholeMs(of.waitedMs)
                },
                ...void 0 === heldMs ? {} : {
                    heldMs: wholeMs(heldMs)
                },
                how: 'released' === of.ended ? 'released' : howLost(of.ended),
                at: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.r4)(of.nowMs)
            };
        }
        function endedHold(record, how, nowMs) {
            let acquiredMs = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.nV)(record.acquiredAt);
            return {
                ...named(record.holder),
                token: record.token,
                ...void 0 === acquiredMs ? {} : {
                    heldMs: wholeMs(nowMs - acquiredMs)
                },
                how,
                ...'held' === record.state && record.reserved ? {
                    reserved: true
                } : {},
                at: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.r4)(nowMs)
            };
        }
        function named({ leaseId, ownerId, runUrl }) {
            return {
                leaseId,
                ownerId: ownerId.slice(0, LONGEST_OWNER),
                ...void 0 !== runUrl && runUrl.length <= LONGEST_URL ? {
                    runUrl
                } : {}
            };
        }
        function howLost({ kind }) {
            switch(kind){
                case 'stolen':
                case 'broken':
                    return kind;
                case 'released':
                case 'expired':
                case 'missing':
                case 'unreachable':
                case 'refused':
                case 'max-hold':
                    return 'lost';
            }
        }
        function wholeMs(ms) {
            return Math.max(0, Math.round(ms));
        }
        async function readHistory(lock, signal) {
            return (await lookAt(lock, signal)).holds;
        }
        async function lookAt(lock, signal) {
            let reading = await readObject(lock, signal);
            if ('found' !== reading.kind) return {
                holds: [],
                version: 'absent'
            };
            return {
                holds: parseHistory(reading.body),
                version: reading.version
            };
        }
        async function readObject(lock, signal) {
            let key = (0, _name_js__WEBPACK_IMPORTED_MODULE_4__.Ox)(lock.name);
            try {
                return await (0, _context_js__WEBPACK_IMPORTED_MODULE_3__.EK)(lock, {
                    limitMs: lock.callTimeoutMs,
                    signal
                }, (limited)=>lock.store.read(key, limited));
            } catch (cause) {
                if (!(0, _context_js__WEBPACK_IMPORTED_MODULE_3__.A1)(cause, 'corrupt')) throw cause;
                throw new _store_store_js__WEBPACK_IMPORTED_MODULE_2__.AD('corrupt', `The history of lock "${lock.name}" was written by something else, and no hold is added to it any more. The lock itself does not need it. Delete ${key} in ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_6__.tB)(lock.store.url)}, and a new one is begun.`, {
                    cause
                });
            }
        }
        function parseHistory(body) {
            try {
                let parsed = valibot__WEBPACK_IMPORTED_MODULE_5__.xLC(historySchema, JSON.parse(body));
                return parsed.success ? parsed.output.holds : [];
            } catch  {
                return [];
            }
        }
        async function recordHolds1(lock, holds, { withinMs, signal }) {
            try {
                return await (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(lock.clock, withinMs, signal, (limited)=>add(lock, holds, limited));
            } catch (error) {
                return error instanceof Error ? error.message : String(error);
            }
        }
        async function add(lock, holds, signal) {
            for(let conflicts = 0; conflicts < CONFLICTS; conflicts += 1){
                let seen = await lookAt(lock, signal);
                let body = JSON.stringify({
                    schema: SCHEMA,
                    nonce: lock.random.hex(16),
                    holds: [
                        ...holds
                    ].reduce(withHold, seen.holds)
                });
                let result = await (0, _context_js__WEBPACK_IMPORTED_MODULE_3__.EK)(lock, {
                    limitMs: lock.callTimeoutMs,
                    signal
                }, (limited)=>lock.store.write((0, _name_js__WEBPACK_IMPORTED_MODULE_4__.Ox)(lock.name), body, seen.version, limited));
                if ('written' === result.kind) return;
            }
            return `others wrote ${(0, _name_js__WEBPACK_IMPORTED_MODULE_4__.Ox)(lock.name)} at the same time, ${CONFLICTS} times over`;
        }
        function withHold(before, hold) {
            let known = before.find(({ leaseId })=>leaseId === hold.leaseId);
            if (!known) return [
                hold,
                ...before
            ].slice(0, MOST_HOLDS);
            let { how, at } = 'stolen' === known.how || 'broken' === known.how ? known : hold;
            let merged = {
                ...known,
                ...hold,
                how,
                at
            };
            return before.map((other)=>other === known ? withLonger(merged, known) : other);
        }
        function withLonger(merged, known) {
            if ('released' !== merged.how || void 0 === merged.heldMs || void 0 === known.heldMs) return merged;
            return {
                ...merged,
                heldMs: Math.max(merged.heldMs, known.heldMs)
            };
        }
    },
    5574: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            a: ()=>keep1
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8045);
        var _base_random_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(5874);
        var _context_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(6149);
        var _policy_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(206);
        function keep1(lease, options) {
            let lost = new AbortController();
            let ended = new KeeperLoop(lease, options).run().then((end)=>{
                if ('lost' === end.kind) lost.abort(end.cause);
                return end;
            }, (error)=>{
                lost.abort(error);
                throw error;
            });
            return {
                lost: lost.signal,
                ended
            };
        }
        let LATE_RENEWAL_MS = 5_000;
        let SET_BACK_MS = 100;
        class KeeperLoop {
            #lease;
            #options;
            #startedMs;
            #looked;
            #setBacks = [];
            #dueMs;
            #failures = 0;
            constructor(lease, options){
                this.#lease = lease;
                this.#options = options;
                this.#startedMs = lease.lock.clock.monotonicMs();
                this.#looked = lease.snapshot.sentAt;
                this.#dueMs = this.#nextDueMs();
            }
            async run() {
                let { clock } = this.#lease.lock;
                let { signal, maxHoldMs = 1 / 0 } = this.#options;
                while(!signal.aborted){
                    let now = this.#look();
                    let end;
                    if (now.monotonicMs - this.#startedMs >= maxHoldMs) end = lostTo({
                        kind: 'max-hold',
                        maxHoldMs
                    });
                    else if (this.#lease.believes(now)) if (now.monotonicMs >= this.#dueMs) end = await this.#renew();
                    else await clock.sleep(Math.min(this.#dueMs - now.monotonicMs, _policy_js__WEBPACK_IMPORTED_MODULE_4__.Zn), signal);
                    else end = await this.#renewLate();
                    if (end) return end;
                }
                return {
                    kind: 'stopped'
                };
            }
            #look() {
                let now = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(this.#lease.lock.clock);
                let { sentAt } = this.#lease.snapshot;
                let last = sentAt.monotonicMs > this.#looked.monotonicMs ? sentAt : this.#looked;
                let setBackMs = now.monotonicMs - last.monotonicMs - (now.wallMs - last.wallMs);
                this.#looked = now;
                if (setBackMs > SET_BACK_MS) {
                    this.#lease.setBack(setBackMs);
                    this.#setBacks.push({
                        seenMs: now.monotonicMs,
                        ms: setBackMs
                    });
                    this.#dueMs = now.monotonicMs;
                }
                return now;
            }
            #nextDueMs() {
                let { timing, lock, snapshot } = this.#lease;
                return snapshot.sentAt.monotonicMs + (0, _base_random_js__WEBPACK_IMPORTED_MODULE_2__.p)(lock.random, timing.renewEveryMs, 0.1);
            }
            async #renew() {
                let guard = this.#guardDeadline();
                try {
                    let outcome = await this.#lease.renew(this.#lease.deadline.monotonicMs, guard.signal);
                    if ('lost' === outcome.kind) return lostTo(outcome.cause);
                    this.#renewed(void 0);
                } catch (error) {
                    if (this.#options.signal.aborted) return;
                    if (!(0, _context_js__WEBPACK_IMPORTED_MODULE_3__.A1)(error)) throw error;
                    if ('corrupt' === error.kind) return lostTo({
                        kind: 'refused',
                        detail: error.message
                    });
                    this.#options.onTrouble?.(error);
                    if (!guard.signal.aborted) await (0, _context_js__WEBPACK_IMPORTED_MODULE_3__.fu)(this.#lease.lock, this.#failures, guard.signal);
                    this.#failures += 1;
                } finally{
                    guard.end();
                }
            }
            #guardDeadline() {
                let { clock } = this.#lease.lock;
                let cut = new AbortController();
                let done = new AbortController();
                let watch = async ()=>{
                    while(!done.signal.aborted){
                        if (!this.#lease.believes(this.#look())) return cut.abort(new Error('no answer before the deadline'));
                        let leftMs = this.#lease.deadline.monotonicMs - clock.monotonicMs();
                        await clock.sleep(Math.max(1, Math.min(leftMs, _policy_js__WEBPACK_IMPORTED_MODULE_4__.Zn)), done.signal);
                    }
                };
                watch();
                return {
                    signal: AbortSignal.any([
                        cut.signal,
                        this.#options.signal
                    ]),
                    end: ()=>done.abort()
                };
            }
            async #renewLate() {
                let { clock } = this.#lease.lock;
                let { deadline, timing } = this.#lease;
                let now = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(clock);
                let lateMs = Math.max(now.monotonicMs - deadline.monotonicMs, now.wallMs - deadline.wallMs);
                let untilMs = now.monotonicMs + Math.min(LATE_RENEWAL_MS, timing.marginMs / 2);
                let timeUp = new AbortController();
                let done = new AbortController();
                let leftMs = untilMs - now.monotonicMs;
                let tooLate = new Error(`no answer within ${Math.round(leftMs)} ms`);
                clock.sleep(leftMs, done.signal).then(()=>timeUp.abort(tooLate));
                try {
                    let outcome = await this.#lease.renew(untilMs, AbortSignal.any([
                        timeUp.signal,
                        this.#options.signal
                    ]));
                    if ('lost' === outcome.kind) return lostTo(outcome.cause);
                    this.#renewed(lateMs);
                    return;
                } catch (error) {
                    if (this.#options.signal.aborted) return;
                    if (!(0, _context_js__WEBPACK_IMPORTED_MODULE_3__.A1)(error)) throw error;
                    let detail = `no renewal got through for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(timing.ttlMs - timing.marginMs + Math.max(lateMs, 0))}: ${error.message.replace(/\.$/, '')}`;
                    return lostTo('unavailable' === error.kind || 'indeterminate' === error.kind ? {
                        kind: 'unreachable',
                        detail
                    } : {
                        kind: 'refused',
                        detail
                    });
                } finally{
                    done.abort();
                }
            }
            #renewed(lateMs) {
                let { sentAt } = this.#lease.snapshot;
                for (let { seenMs, ms } of this.#setBacks)if (seenMs > sentAt.monotonicMs) this.#lease.setBack(ms);
                this.#setBacks = [];
                this.#failures = 0;
                this.#dueMs = this.#nextDueMs();
                this.#options.onRenewed?.(lateMs);
            }
        }
        function lostTo(cause) {
            return {
                kind: 'lost',
                cause
            };
        }
    },
    6940: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            D0: ()=>isHeldBy,
            G0: ()=>deadlineOf,
            Q1: ()=>aloneUntilMs1,
            TL: ()=>isLease,
            Y8: ()=>isBefore,
            fb: ()=>lossCause,
            nD: ()=>Lease
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        var _commit_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8245);
        var _record_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(3061);
        var _shared_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(5797);
        class Lease {
            lock;
            timing;
            #record;
            #version;
            #sentAt;
            #memberId;
            constructor(lock, timing, snapshot){
                this.lock = lock;
                this.timing = timing;
                this.#record = snapshot.record;
                this.#version = snapshot.version;
                this.#sentAt = snapshot.sentAt;
                this.#memberId = snapshot.memberId ?? snapshot.record.holder.leaseId;
            }
            get id() {
                return this.#record.holder.leaseId;
            }
            get token() {
                return this.#record.token;
            }
            get record() {
                return this.#record;
            }
            get snapshot() {
                let joined = this.#memberId === this.id ? {} : {
                    memberId: this.#memberId
                };
                return {
                    record: this.#record,
                    version: this.#version,
                    sentAt: this.#sentAt,
                    ...joined
                };
            }
            get deadline() {
                return deadlineOf(this.#sentAt, this.timing);
            }
            believes(now) {
                return isBefore(now, this.deadline);
            }
            setBack(ms) {
                let { wallMs, monotonicMs } = this.#sentAt;
                this.#sentAt = {
                    wallMs: wallMs - ms,
                    monotonicMs
                };
            }
            async renew(untilMs, signal) {
                return this.rewrite(_shared_js__WEBPACK_IMPORTED_MODULE_3__.Fv, {
                    untilMs,
                    signal
                });
            }
            async rewrite(change, { untilMs, signal }) {
                for(;;){
                    let next = (0, _record_js__WEBPACK_IMPORTED_MODULE_2__.hG)(this.#record, change(this.#record), this.lock.random);
                    let outcome = await (0, _commit_js__WEBPACK_IMPORTED_MODULE_1__.c)(this.lock, next, {
                        expected: this.#version,
                        untilMs,
                        signal
                    });
                    if ('applied' === outcome.kind) {
                        this.#record = next;
                        this.#version = outcome.version;
                        this.#sentAt = outcome.sentAt;
                        return {
                            kind: 'renewed'
                        };
                    }
                    if (!this.#adopt(outcome.seen)) return {
                        kind: 'lost',
                        cause: this.#lossCause(outcome.seen)
                    };
                }
            }
            async release(untilMs, signal, { entered = true } = {}) {
                for(;;){
                    let at = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.r4)(this.lock.clock.wallMs());
                    let next = (0, _record_js__WEBPACK_IMPORTED_MODULE_2__.hG)(this.#record, (0, _shared_js__WEBPACK_IMPORTED_MODULE_3__.kb)(this.#record, this.#memberId, {
                        entered,
                        at
                    }), this.lock.random);
                    let outcome = await (0, _commit_js__WEBPACK_IMPORTED_MODULE_1__.c)(this.lock, next, {
                        expected: this.#version,
                        untilMs,
                        signal
                    });
                    if ('conflict' !== outcome.kind) return {
                        kind: 'released'
                    };
                    if (!this.#adopt(outcome.seen)) {
                        if (isLease(outcome.seen.record, this.id)) return {
                            kind: 'released'
                        };
                        return {
                            kind: 'lost',
                            cause: this.#lossCause(outcome.seen)
                        };
                    }
                }
            }
            #adopt({ record, version }) {
                if (!isHeldBy(record, this.#memberId) || 'absent' === version) return false;
                this.#record = record;
                this.#version = version;
                return true;
            }
            #lossCause(seen) {
                return lossCause(seen, this.id);
            }
        }
        function deadlineOf(sentAt, { ttlMs, marginMs }) {
            let believedMs = ttlMs - marginMs;
            return {
                wallMs: sentAt.wallMs + believedMs,
                monotonicMs: sentAt.monotonicMs + believedMs
            };
        }
        function isBefore(now, deadline) {
            return now.wallMs < deadline.wallMs && now.monotonicMs < deadline.monotonicMs;
        }
        function isLease(record, leaseId) {
            return record?.state === 'held' && record.holder.leaseId === leaseId;
        }
        function isHeldBy(record, id) {
            if (record?.state !== 'held') return false;
            let { shared, holder } = record;
            return shared ? shared.members.some(({ memberId })=>memberId === id) : holder.leaseId === id;
        }
        function lossCause({ record }, leaseId) {
            if (!record) return {
                kind: 'missing'
            };
            if (record.holder.leaseId !== leaseId) return {
                kind: 'stolen',
                by: record.holder,
                token: record.token,
                at: record.acquiredAt
            };
            if ('released' !== record.state) return {
                kind: 'released'
            };
            let { how, at, by, reason } = record.ended;
            let who = void 0 === by ? {} : {
                by
            };
            switch(how){
                case 'broken':
                    return {
                        kind: 'broken',
                        at,
                        ...who,
                        ...void 0 === reason ? {} : {
                            reason
                        }
                    };
                case 'expired':
                    return {
                        kind: 'expired',
                        at,
                        ...who
                    };
                case 'released':
                case 'given-up':
                    return {
                        kind: 'released',
                        at
                    };
            }
        }
        function aloneUntilMs1(cause, { sentAt, token }, { timing, nowMs }) {
            let bounded = (at)=>Math.max(sentAt.wallMs, Math.min((0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.nV)(at ?? '') ?? sentAt.wallMs, nowMs));
            switch(cause.kind){
                case 'stolen':
                    return bounded(cause.token === token + 1 ? cause.at : void 0);
                case 'broken':
                case 'expired':
                case 'released':
                    return bounded(cause.at);
                case 'missing':
                    return sentAt.wallMs;
                case 'unreachable':
                case 'refused':
                case 'max-hold':
                    return deadlineOf(sentAt, timing).wallMs;
            }
        }
    },
    7495: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            $X: ()=>treePrefix,
            Gw: ()=>ancestorsOf,
            Hy: ()=>recordKey,
            I3: ()=>checkName,
            Ox: ()=>historyKey,
            ep: ()=>RECORDS_PREFIX,
            tf: ()=>isRecordKey
        });
        var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7598);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(9507);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6485);
        let LONGEST_NAME = 200;
        let MOST_SEGMENTS = 8;
        let SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
        function checkName(name) {
            let refuse = (why)=>{
                let shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
                throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`name: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__.hD)(shown)} ${why}. A lock's name is a path such as "deploy" or "prod/api": letters, digits, ".", "_" and "-", segments joined by "/", at most ${LONGEST_NAME} characters.`);
            };
            if ('' === name) refuse('is empty');
            if (name.length > LONGEST_NAME) refuse(`has ${name.length} characters`);
            let segments = name.split('/');
            if (segments.length > MOST_SEGMENTS) refuse(`has ${segments.length} segments, more than ${MOST_SEGMENTS}`);
            for (let segment of segments){
                if ('' === segment) refuse('has an empty segment');
                if ('.' === segment || '..' === segment) refuse(`has the segment "${segment}"`);
                if (!SEGMENT.test(segment)) refuse(`has the segment ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__.hD)(segment.slice(0, 60))}`);
            }
            return name;
        }
        let RECORD = 'lease.json';
        let HISTORY = 'history.json';
        let ROOT = 'locks';
        function recordKey(name) {
            if (last?.name !== name) last = {
                name,
                key: keyOf(name)
            };
            return last.key;
        }
        let last;
        function keyOf(name) {
            return [
                ROOT,
                ...checkName(name).split('/').map(folder),
                RECORD
            ].join('/');
        }
        function historyKey(name) {
            return `${treePrefix(name)}${HISTORY}`;
        }
        function ancestorsOf(name) {
            let segments = name.split('/');
            return segments.slice(1).map((_, above)=>segments.slice(0, above + 1).join('/'));
        }
        function treePrefix(name) {
            return recordKey(name).slice(0, -RECORD.length);
        }
        let RECORDS_PREFIX = `${ROOT}/`;
        function isRecordKey(key) {
            return key.startsWith(RECORDS_PREFIX) && key.endsWith(`/${RECORD}`);
        }
        function folder(segment) {
            let hash = (0, node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(segment).digest('hex').slice(0, 12);
            return `${segment.toLowerCase().slice(0, 40)}-${hash}`;
        }
    },
    7281: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Qp: ()=>NOTIFICATION_SCHEMA,
            e0: ()=>Messenger,
            ze: ()=>Notifier1
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(9507);
        var _describe_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8553);
        let NOTIFICATION_SCHEMA = 1;
        function notification(happening, { name, store, self }, atMs) {
            return {
                schema: NOTIFICATION_SCHEMA,
                event: happening.kind,
                at: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.r4)(atMs),
                name,
                store,
                text: textOf(happening, name, self),
                self,
                ...detailsOf(happening)
            };
        }
        function detailsOf(happening) {
            switch(happening.kind){
                case 'waited-too-long':
                    return {
                        waitedMs: Math.round(happening.waitedMs),
                        holder: happening.holder
                    };
                case 'stolen':
                    {
                        let { from, because, proof } = happening.stolen;
                        let why = void 0 === proof ? {
                            because
                        } : {
                            because,
                            proof
                        };
                        return {
                            token: happening.token,
                            from: from.holder,
                            ...why
                        };
                    }
                case 'acquired':
                    return {
                        token: happening.token,
                        waitedMs: Math.round(happening.waitedMs)
                    };
                case 'lost':
                    {
                        let { token, cause, aloneUntilMs: aloneUntilMs1 } = happening;
                        return {
                            token,
                            cause,
                            aloneUntil: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.r4)(aloneUntilMs1)
                        };
                    }
                case 'released':
                    {
                        let { token, heldMs } = happening;
                        return {
                            token,
                            ...void 0 === heldMs ? {} : {
                                heldMs: Math.round(heldMs)
                            }
                        };
                    }
            }
        }
        function textOf(happening, name, self) {
            let lock = `Lock "${name}"`;
            let who = (0, _describe_js__WEBPACK_IMPORTED_MODULE_1__.sG)(self);
            switch(happening.kind){
                case 'waited-too-long':
                    return `${lock}: ${who} has been waiting for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(happening.waitedMs)}. It is held by ${linked(happening.holder)}.`;
                case 'stolen':
                    {
                        let { from, because, proof } = happening.stolen;
                        let why = void 0 === proof ? because : `${because}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__.tB)(proof)}`;
                        return `${lock} was stolen from ${linked(from.holder)} by ${who} (${why}).`;
                    }
                case 'acquired':
                    return `${lock} was taken by ${who} after ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(happening.waitedMs)}.`;
                case 'lost':
                    return `${lock} was lost by ${linked(self)}: ${(0, _describe_js__WEBPACK_IMPORTED_MODULE_1__.$4)(happening.cause)}. From ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.r4)(happening.aloneUntilMs)} on another holder may have been beside it.`;
                case 'released':
                    {
                        let { heldMs } = happening;
                        return `${lock} was released by ${who}${void 0 === heldMs ? '' : ` after ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(heldMs)}`}.`;
                    }
            }
        }
        function linked(holder) {
            return `${(0, _describe_js__WEBPACK_IMPORTED_MODULE_1__.sG)(holder)}${void 0 === holder.runUrl ? '' : ` (${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_2__.tB)(holder.runUrl)})`}`;
        }
        let NOTIFY_WITHIN_MS = 30_000;
        class Messenger {
            #options;
            #queue = Promise.resolve();
            #failed = false;
            constructor(options){
                this.#options = options;
            }
            get done() {
                return this.#queue;
            }
            tell(event, document) {
                if ('' === this.#options.command) return;
                this.#queue = this.#queue.then(()=>this.#run(event, document));
            }
            async #run(event, document) {
                let { command, signal, environment } = this.#options;
                if (signal?.aborted) return;
                let { runCommand } = await Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 972));
                let end = await runCommand(command, document, {
                    timeoutMs: NOTIFY_WITHIN_MS,
                    signal,
                    environment
                });
                if (end.ok || this.#failed || signal?.aborted) return;
                this.#failed = true;
                this.#options.onFailure(`The notify command failed for "${event}": ${end.detail}. Nothing else changes by it.`);
            }
        }
        class Notifier1 {
            #options;
            #messenger;
            #waitedTooLong = false;
            constructor(options){
                this.#options = options;
                this.#messenger = new Messenger(options);
            }
            get done() {
                return this.#messenger.done;
            }
            tell(happening) {
                let { teller, clock } = this.#options;
                this.#messenger.tell(happening.kind, notification(happening, teller, clock.wallMs()));
            }
            waiting({ waitedMs, record }) {
                let { notifyAfterMs = 1 / 0 } = this.#options;
                if (this.#waitedTooLong || waitedMs < notifyAfterMs) return;
                this.#waitedTooLong = true;
                this.tell({
                    kind: 'waited-too-long',
                    waitedMs,
                    holder: record.holder
                });
            }
        }
    },
    206: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            DQ: ()=>LONGEST_TTL_MS,
            IM: ()=>parseLockDelay,
            KT: ()=>DEFAULT_TTL_MS,
            XH: ()=>CLAIM_WINDOW_MS,
            Zn: ()=>DEADLINE_CHECK_MS,
            pk: ()=>STEAL_WATCH_MS,
            tS: ()=>STALE_POLICIES,
            uh: ()=>EXPIRY_GRACE_MS,
            vJ: ()=>buildTiming
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6485);
        let STALE_POLICIES = [
            'never',
            'expired',
            'holder-finished',
            'expired-and-holder-finished'
        ];
        let SHORTEST_TTL_MS = 15_000;
        let LONGEST_TTL_MS = 86_400_000;
        let DEFAULT_TTL_MS = 90_000;
        let EXPIRY_GRACE_MS = 2_000;
        let STEAL_WATCH_MS = 2_000;
        let DEADLINE_CHECK_MS = 500;
        let CLAIM_WINDOW_MS = 15_000;
        function buildTiming(given) {
            let { ttlMs } = given;
            if (!(ttlMs >= SHORTEST_TTL_MS && ttlMs <= LONGEST_TTL_MS)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`ttl: ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs)} is not between ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(SHORTEST_TTL_MS)} and ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(LONGEST_TTL_MS)}. The default is ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(DEFAULT_TTL_MS)}: a dead holder's lock is free after about that long.`);
            let renewEveryMs = given.renewEveryMs ?? ttlMs / 3;
            let marginMs = given.marginMs ?? ttlMs / 9;
            let callTimeoutMs = Math.min(10_000, ttlMs / 6);
            if (!(marginMs >= 1_000)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`margin: ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(marginMs)} is under 1s.`);
            if (!(renewEveryMs >= 1_000)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`renew-every: ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(renewEveryMs)} is under 1s.`);
            if (!(marginMs <= ttlMs / 2)) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`margin and ttl: a margin of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(marginMs)} is more than half of the ttl of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs)}. Lower the margin, or raise the ttl.`);
            if (2 * renewEveryMs * 1.1 > ttlMs - marginMs) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`renew-every and ttl: renewing every ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(renewEveryMs)} leaves no second chance within a ttl of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs)} less the margin of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(marginMs)}. Renew at most every ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)((ttlMs - marginMs) / 2.2)}, or raise the ttl.`);
            return {
                ttlMs,
                renewEveryMs,
                marginMs,
                callTimeoutMs
            };
        }
        let LONGEST_LOCK_DELAY_MS = 3_600_000;
        function parseLockDelay(text, field) {
            let ms = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.E9)(text, field);
            if (ms > LONGEST_LOCK_DELAY_MS) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_1__.e(`${field}: ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ms)} is over ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(LONGEST_LOCK_DELAY_MS)}. It is how long a stolen lock is held before it is entered; the default is none.`);
            return ms;
        }
    },
    3061: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            GY: ()=>serialise,
            Hh: ()=>parseRecord,
            Lp: ()=>processSchema,
            SE: ()=>holderSchema,
            Wr: ()=>MOST_MEMBERS,
            Z3: ()=>isBetweenJobs,
            hG: ()=>successor,
            v6: ()=>ended
        });
        var valibot__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7934);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(9507);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(6485);
        var _store_store_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7208);
        var _name_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7495);
        let SCHEMA = 1;
        let LONGEST_TRAIL = 8;
        let MOST_MEMBERS = 64;
        let text = valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_2__.Ru6(1_024));
        let whole = valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.aig(), valibot__WEBPACK_IMPORTED_MODULE_2__.Y2b(), valibot__WEBPACK_IMPORTED_MODULE_2__.Wwf(0));
        let nonce = valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_2__.yGV(/^[0-9a-f]{32}$/));
        let idSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_2__.yGV(/^[0-9a-f]{32}$/));
        let shortText = valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.YjP(), valibot__WEBPACK_IMPORTED_MODULE_2__.Ru6(100));
        let processSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            pid: valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(whole, valibot__WEBPACK_IMPORTED_MODULE_2__.Wwf(1)),
            startTime: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text)
        });
        let holderSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            ownerId: text,
            leaseId: idSchema,
            repository: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            workflow: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            runId: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            runAttempt: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(whole),
            job: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            checkRunId: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            actor: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            ref: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            sha: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            runUrl: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            host: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            reason: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            processes: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.YOg(processSchema), valibot__WEBPACK_IMPORTED_MODULE_2__.Ru6(8))),
            bootId: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
            pidNamespace: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text)
        });
        let memberSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            memberId: idSchema,
            ttlMs: valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(whole, valibot__WEBPACK_IMPORTED_MODULE_2__.Wwf(1)),
            gapMs: valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(whole, valibot__WEBPACK_IMPORTED_MODULE_2__.Wwf(1)),
            last: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.euz(true)),
            job: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(shortText),
            checkRunId: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(shortText),
            host: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(shortText),
            joinedAt: shortText
        });
        let sharedSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
            members: valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.YOg(memberSchema), valibot__WEBPACK_IMPORTED_MODULE_2__.Ru6(MOST_MEMBERS)),
            entered: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.euz(true)),
            closing: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.euz(true))
        });
        let common = {
            schema: valibot__WEBPACK_IMPORTED_MODULE_2__.euz(SCHEMA),
            name: text,
            token: whole,
            nonce,
            trail: valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(valibot__WEBPACK_IMPORTED_MODULE_2__.YOg(nonce), valibot__WEBPACK_IMPORTED_MODULE_2__.Ru6(LONGEST_TRAIL)),
            ttlMs: valibot__WEBPACK_IMPORTED_MODULE_2__.FsL(whole, valibot__WEBPACK_IMPORTED_MODULE_2__.Wwf(1)),
            renewals: whole,
            acquiredAt: text,
            holder: holderSchema,
            probed: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text)
        };
        let recordSchema = valibot__WEBPACK_IMPORTED_MODULE_2__.Oxt('state', [
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                ...common,
                state: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('held'),
                shared: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(sharedSchema),
                reserved: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                    until: text
                })),
                tree: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(valibot__WEBPACK_IMPORTED_MODULE_2__.euz(true))
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                ...common,
                state: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('granted'),
                grant: valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                    ticket: text,
                    leaseId: text
                })
            }),
            valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                ...common,
                state: valibot__WEBPACK_IMPORTED_MODULE_2__.euz('released'),
                ended: valibot__WEBPACK_IMPORTED_MODULE_2__.Ikc({
                    how: valibot__WEBPACK_IMPORTED_MODULE_2__.KIO([
                        'released',
                        'broken',
                        'given-up',
                        'expired'
                    ]),
                    at: text,
                    by: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text),
                    reason: valibot__WEBPACK_IMPORTED_MODULE_2__.yqP(text)
                })
            })
        ]);
        function successor(previous, next, random) {
            let trail = previous ? [
                previous.nonce,
                ...previous.trail
            ].slice(0, LONGEST_TRAIL) : [];
            return {
                ...next,
                schema: SCHEMA,
                nonce: random.hex(16),
                trail
            };
        }
        function isBetweenJobs(record) {
            return 'held' === record.state && record.shared?.members.length === 0;
        }
        function ended(record, how) {
            let { shared: _shared, reserved: _reserved, tree: _tree, ...rest } = record;
            return {
                ...rest,
                state: 'released',
                ended: how
            };
        }
        function serialise(record) {
            return JSON.stringify(record);
        }
        function parseRecord(body, origin) {
            let corrupt = (why, advice, cause)=>{
                throw new _store_store_js__WEBPACK_IMPORTED_MODULE_0__.AD('corrupt', `The record of ${void 0 === origin.name ? 'a lock' : `lock "${origin.name}"`} ${why}. Nobody gets the lock until it is put right. It is at ${origin.key} in ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.tB)(origin.storeUrl)}; ${advice}.`, {
                    cause
                });
            };
            let look = 'look at it there, and delete it once you are sure that nobody holds the lock';
            let json;
            try {
                json = JSON.parse(body);
            } catch (cause) {
                return corrupt('' === body ? 'is empty' : 'is not JSON (cut off, or written by something else)', look, cause);
            }
            let schema = 'object' == typeof json && null !== json && 'schema' in json ? json.schema : void 0;
            if ('number' == typeof schema && schema > SCHEMA) return corrupt(`has schema ${schema}; this version of Leasehold reads schema ${SCHEMA}`, 'update Leasehold to the version that the other users of this lock run');
            let parsed = valibot__WEBPACK_IMPORTED_MODULE_2__.xLC(recordSchema, json);
            if (!parsed.success) {
                let issue1 = parsed.issues[0];
                return corrupt(`is not a lease (${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.tB)(`${valibot__WEBPACK_IMPORTED_MODULE_2__.BuJ(issue1) ?? 'record'}: ${issue1.message}`)})`, look);
            }
            let { name } = parsed.output;
            if (void 0 === origin.name ? !isKeyOf(name, origin.key) : name !== origin.name) return corrupt(`names the lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_3__.hD)(name)} instead`, look);
            return parsed.output;
        }
        function isKeyOf(name, key) {
            try {
                return (0, _name_js__WEBPACK_IMPORTED_MODULE_1__.Hy)(name) === key;
            } catch (error) {
                if (!(error instanceof _base_usage_error_js__WEBPACK_IMPORTED_MODULE_4__.e)) throw error;
                return false;
            }
        }
    },
    8380: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Y3: ()=>defaultOwnerId,
            As: ()=>describeSelf,
            TP: ()=>userAtHost
        });
        var external_node_os_ = __nccwpck_require__(8161);
        var base_process = __nccwpck_require__(8208);
        let LONGEST_TEXT = 1_000;
        let SYSTEMS = [
            {
                isHere: (variable)=>'true' === variable('GITHUB_ACTIONS'),
                describe: gitHubRun
            },
            {
                isHere: (variable)=>'true' === variable('GITLAB_CI'),
                describe: (variable)=>({
                        repository: variable('CI_PROJECT_PATH'),
                        workflow: variable('CI_PIPELINE_NAME'),
                        runId: variable('CI_PIPELINE_ID'),
                        job: variable('CI_JOB_NAME'),
                        actor: variable('GITLAB_USER_LOGIN'),
                        ref: variable('CI_COMMIT_REF_NAME'),
                        sha: variable('CI_COMMIT_SHA'),
                        runUrl: variable('CI_JOB_URL') ?? variable('CI_PIPELINE_URL')
                    })
            },
            {
                isHere: (variable)=>variable('BUILD_TAG')?.startsWith('jenkins-') === true,
                describe: (variable)=>({
                        repository: repositoryIn(variable('GIT_URL')),
                        workflow: variable('JOB_NAME'),
                        runId: variable('BUILD_TAG'),
                        job: variable('STAGE_NAME'),
                        actor: variable('BUILD_USER_ID'),
                        ref: variable('BRANCH_NAME') ?? variable('GIT_BRANCH'),
                        sha: variable('GIT_COMMIT'),
                        runUrl: variable('BUILD_URL')
                    })
            },
            {
                isHere: (variable)=>'true' === variable('BUILDKITE'),
                describe: (variable)=>({
                        repository: repositoryIn(variable('BUILDKITE_REPO')),
                        runId: joined([
                            variable('BUILDKITE_PIPELINE_SLUG'),
                            variable('BUILDKITE_BUILD_NUMBER')
                        ], '#'),
                        job: variable('BUILDKITE_LABEL') ?? variable('BUILDKITE_STEP_KEY'),
                        actor: variable('BUILDKITE_UNBLOCKER') ?? variable('BUILDKITE_BUILD_CREATOR'),
                        ref: variable('BUILDKITE_TAG') ?? variable('BUILDKITE_BRANCH'),
                        sha: variable('BUILDKITE_COMMIT'),
                        runUrl: joined([
                            variable('BUILDKITE_BUILD_URL'),
                            variable('BUILDKITE_JOB_ID')
                        ], '#')
                    })
            },
            {
                isHere: (variable)=>'true' === variable('CIRCLECI'),
                describe: (variable)=>({
                        repository: joined([
                            variable('CIRCLE_PROJECT_USERNAME'),
                            variable('CIRCLE_PROJECT_REPONAME')
                        ], '/'),
                        runId: variable('CIRCLE_WORKFLOW_ID'),
                        job: variable('CIRCLE_JOB'),
                        actor: variable('CIRCLE_USERNAME'),
                        ref: variable('CIRCLE_TAG') ?? variable('CIRCLE_BRANCH'),
                        sha: variable('CIRCLE_SHA1'),
                        runUrl: variable('CIRCLE_BUILD_URL')
                    })
            }
        ];
        function currentRun(environment) {
            let variable = (name)=>{
                let value = environment[name];
                return value && value.length <= LONGEST_TEXT ? value : void 0;
            };
            let system = SYSTEMS.find(({ isHere })=>isHere(variable));
            if (!system) return {};
            let run = system.describe(variable);
            let known = Object.entries({
                ...run,
                runUrl: webAddress(run.runUrl)
            });
            return Object.fromEntries(known.filter(([, value])=>void 0 !== value));
        }
        function gitHubRun(variable) {
            let [server, repository, runId] = [
                variable('GITHUB_SERVER_URL'),
                variable('GITHUB_REPOSITORY'),
                variable('GITHUB_RUN_ID')
            ];
            let attempt = variable('GITHUB_RUN_ATTEMPT') ?? '';
            let runAttempt = /^\d{1,9}$/.test(attempt) ? Number(attempt) : void 0;
            return {
                repository,
                workflow: variable('GITHUB_WORKFLOW'),
                runId,
                runAttempt,
                job: variable('GITHUB_JOB'),
                actor: variable('GITHUB_ACTOR'),
                ref: variable('GITHUB_REF'),
                sha: variable('GITHUB_SHA'),
                runUrl: server && repository && runId ? `${server}/${repository}/actions/runs/${runId}${void 0 === runAttempt ? '' : `/attempts/${runAttempt}`}` : void 0
            };
        }
        function joined(parts, separator) {
            return parts.includes(void 0) ? void 0 : parts.join(separator);
        }
        function repositoryIn(cloneUrl) {
            let path1 = /^(?:[a-z+]+:\/\/[^/]+\/|[^/:]+:(?!\/\/))([\w./~-]+?)(?:\.git)?\/?$/i.exec(cloneUrl ?? '')?.[1];
            return path1?.replace(/^\/+/, '') || void 0;
        }
        function webAddress(url) {
            if (void 0 === url || url.length > LONGEST_TEXT || !URL.canParse(url)) return;
            let { protocol, username, password } = new URL(url);
            return /^https?:$/.test(protocol) && '' === username && '' === password ? url : void 0;
        }
        function describeSelf(environment, given) {
            let { processes = [], checkRunId } = given;
            let scope = processes.length > 0 ? (0, base_process.Aq)() : void 0;
            return {
                ownerId: given.ownerId.slice(0, LONGEST_TEXT),
                leaseId: given.leaseId,
                ...given.reason ? {
                    reason: given.reason.slice(0, LONGEST_TEXT)
                } : {},
                host: (0, external_node_os_.hostname)(),
                ...currentRun(environment),
                ...checkRunId && /^\d{1,20}$/.test(checkRunId) ? {
                    checkRunId
                } : {},
                ...scope ? {
                    ...scope,
                    processes: [
                        ...processes
                    ]
                } : {}
            };
        }
        function defaultOwnerId(environment) {
            return currentRun(environment).runId ?? userAtHost();
        }
        function userAtHost() {
            return `${userName()}@${(0, external_node_os_.hostname)()}`;
        }
        function userName() {
            try {
                return (0, external_node_os_.userInfo)().username;
            } catch  {
                return `uid ${process.getuid?.() ?? 'unknown'}`;
            }
        }
    },
    5797: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            AB: ()=>hasRoom,
            Fv: ()=>renewed,
            Rw: ()=>endsByItself,
            Un: ()=>entered,
            kb: ()=>left,
            oR: ()=>joined,
            qK: ()=>isOwnRun
        });
        var _evidence_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8033);
        var _record_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(3061);
        function isOwnRun(record, asking) {
            return void 0 !== record.shared && (0, _evidence_js__WEBPACK_IMPORTED_MODULE_0__.Ib)(record.holder, asking);
        }
        function hasRoom({ shared }) {
            return void 0 !== shared && shared.members.length < _record_js__WEBPACK_IMPORTED_MODULE_1__.Wr;
        }
        function endsByItself(record) {
            return void 0 !== record.reserved || (0, _record_js__WEBPACK_IMPORTED_MODULE_1__.Z3)(record);
        }
        function joined(record, member) {
            let { shared = {
                members: []
            } } = record;
            return renewed({
                ...record,
                shared: {
                    ...shared,
                    members: [
                        ...shared.members,
                        member
                    ]
                }
            });
        }
        function renewed(record) {
            let { shared, ttlMs, renewals } = record;
            return {
                ...record,
                ttlMs: shared ? longestTtl(shared.members, 0) : ttlMs,
                renewals: renewals + 1
            };
        }
        function entered(record) {
            let next = renewed(record);
            return next.shared ? {
                ...next,
                shared: {
                    ...next.shared,
                    entered: true
                }
            } : next;
        }
        function left(record, memberId, { entered: began, at }) {
            let released = (0, _record_js__WEBPACK_IMPORTED_MODULE_1__.v6)(record, {
                how: 'released',
                at
            });
            let { shared } = record;
            if (!shared) return released;
            let { members: before, closing: closed } = shared;
            let own = before.find((member)=>member.memberId === memberId);
            let members = before.filter((member)=>member !== own);
            let closing = closed ?? (began && own?.last ? true : void 0);
            let unused = !began && record.holder.leaseId === memberId;
            if (0 === members.length && (closing || unused)) return released;
            return {
                ...record,
                ttlMs: longestTtl(members, began || 0 === members.length ? own?.gapMs ?? record.ttlMs : 0),
                shared: {
                    ...shared,
                    members,
                    ...closing ? {
                        closing
                    } : {}
                }
            };
        }
        function longestTtl(members, leastMs) {
            return Math.max(leastMs, ...members.map(({ ttlMs })=>ttlMs));
        }
    },
    44: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            _: ()=>treeAbove,
            r: ()=>heldBelow
        });
        var _context_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(6149);
        var _name_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7495);
        var _record_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(3061);
        let READS_AT_A_TIME = 4;
        async function treeAbove(lock, above, { untilMs, signal }) {
            let locks = above.map((name)=>({
                    ...lock,
                    name
                }));
            let seen = await all(locks.map((each)=>(0, _context_js__WEBPACK_IMPORTED_MODULE_0__.c)(each, untilMs, signal)));
            for (let [at, { record }] of seen.entries()){
                let above = locks[at];
                if (above && record?.state === 'held' && record.tree) return {
                    lock: above,
                    record
                };
            }
        }
        async function heldBelow(lock, signal) {
            let limit = {
                limitMs: lock.callTimeoutMs,
                signal
            };
            let keys = await (0, _context_js__WEBPACK_IMPORTED_MODULE_0__.EK)(lock, limit, (limited)=>lock.store.list((0, _name_js__WEBPACK_IMPORTED_MODULE_1__.$X)(lock.name), limited));
            let below = keys.filter((key)=>(0, _name_js__WEBPACK_IMPORTED_MODULE_1__.tf)(key) && key !== (0, _name_js__WEBPACK_IMPORTED_MODULE_1__.Hy)(lock.name));
            let held = [];
            let queue = below.values();
            let readThem = async ()=>{
                for (let key of queue){
                    let reading = await (0, _context_js__WEBPACK_IMPORTED_MODULE_0__.EK)(lock, limit, (limited)=>lock.store.read(key, limited));
                    if ('found' !== reading.kind) continue;
                    let { state, name } = (0, _record_js__WEBPACK_IMPORTED_MODULE_2__.Hh)(reading.body, {
                        key,
                        storeUrl: lock.store.url
                    });
                    if ('held' === state) held.push({
                        ...lock,
                        name
                    });
                }
            };
            await all(Array.from({
                length: READS_AT_A_TIME
            }, readThem));
            return held;
        }
        async function all(promises) {
            let settled = await Promise.allSettled(promises);
            return settled.map((one)=>{
                if ('rejected' === one.status) throw one.reason;
                return one.value;
            });
        }
    },
    8752: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            commandVeto: ()=>commandVeto
        });
        var _base_command_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(972);
        function commandVeto(command, timeoutMs = 30_000) {
            return async (record, signal)=>{
                let { ok, detail } = await (0, _base_command_js__WEBPACK_IMPORTED_MODULE_0__.runCommand)(command, record, {
                    timeoutMs,
                    signal
                });
                return {
                    allowed: ok,
                    detail
                };
            };
        }
    },
    7449: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            yU: ()=>ExitCode,
            z3: ()=>error,
            dN: ()=>exportVariable,
            V4: ()=>getInput,
            Gu: ()=>getState,
            pq: ()=>info,
            lm: ()=>notice,
            LZ: ()=>saveState,
            C1: ()=>setFailed,
            uH: ()=>setOutput,
            Pq: ()=>setSecret,
            $e: ()=>warning
        });
        var external_os_ = __nccwpck_require__(857);
        function toCommandValue(input) {
            if (null == input) return '';
            else if ('string' == typeof input || input instanceof String) return input;
            return JSON.stringify(input);
        }
        function toCommandProperties(annotationProperties) {
            if (!Object.keys(annotationProperties).length) return {};
            return {
                title: annotationProperties.title,
                file: annotationProperties.file,
                line: annotationProperties.startLine,
                endLine: annotationProperties.endLine,
                col: annotationProperties.startColumn,
                endColumn: annotationProperties.endColumn
            };
        }
        function command_issueCommand(command, properties, message) {
            let cmd = new Command(command, properties, message);
            process.stdout.write(cmd.toString() + external_os_.EOL);
        }
        let CMD_STRING = '::';
        class Command {
            constructor(command, properties, message){
                if (!command) command = 'missing.command';
                this.command = command;
                this.properties = properties;
                this.message = message;
            }
            toString() {
                let cmdStr = CMD_STRING + this.command;
                if (this.properties && Object.keys(this.properties).length > 0) {
                    cmdStr += ' ';
                    let first = true;
                    for(let key in this.properties)if (this.properties.hasOwnProperty(key)) {
                        let val = this.properties[key];
                        if (val) {
                            if (first) first = false;
                            else cmdStr += ',';
                            cmdStr += `${key}=${escapeProperty(val)}`;
                        }
                    }
                }
                cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
                return cmdStr;
            }
        }
        function escapeData(s) {
            return toCommandValue(s).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
        }
        function escapeProperty(s) {
            return toCommandValue(s).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/:/g, '%3A').replace(/,/g, '%2C');
        }
        let external_crypto_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("crypto");
        var external_fs_ = __nccwpck_require__(9896);
        function file_command_issueFileCommand(command, message) {
            let filePath = process.env[`GITHUB_${command}`];
            if (!filePath) throw new Error(`Unable to find environment variable for file command ${command}`);
            if (!external_fs_.existsSync(filePath)) throw new Error(`Missing file at path: ${filePath}`);
            external_fs_.appendFileSync(filePath, `${toCommandValue(message)}${external_os_.EOL}`, {
                encoding: 'utf8'
            });
        }
        function prepareKeyValueMessage(key, value) {
            let delimiter = `ghadelimiter_${external_crypto_namespaceObject.randomUUID()}`;
            let convertedValue = toCommandValue(value);
            if (key.includes(delimiter)) throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
            if (convertedValue.includes(delimiter)) throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
            return `${key}<<${delimiter}${external_os_.EOL}${convertedValue}${external_os_.EOL}${delimiter}`;
        }
        __WEBPACK_EXTERNAL_createRequire(import.meta.url)("path");
        var ExitCode;
        (function(ExitCode) {
            ExitCode[ExitCode["Success"] = 0] = "Success";
            ExitCode[ExitCode["Failure"] = 1] = "Failure";
        })(ExitCode || (ExitCode = {}));
        function exportVariable(name, val) {
            let convertedVal = toCommandValue(val);
            process.env[name] = convertedVal;
            let filePath = process.env['GITHUB_ENV'] || '';
            if (filePath) return file_command_issueFileCommand('ENV', prepareKeyValueMessage(name, val));
            command_issueCommand('set-env', {
                name
            }, convertedVal);
        }
        function setSecret(secret) {
            command_issueCommand('add-mask', {}, secret);
        }
        function getInput(name, options) {
            let val = process.env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] || '';
            if (options && options.required && !val) throw new Error(`Input required and not supplied: ${name}`);
            if (options && false === options.trimWhitespace) return val;
            return val.trim();
        }
        function setOutput(name, value) {
            let filePath = process.env['GITHUB_OUTPUT'] || '';
            if (filePath) return file_command_issueFileCommand('OUTPUT', prepareKeyValueMessage(name, value));
            process.stdout.write(external_os_.EOL);
            command_issueCommand('set-output', {
                name
            }, toCommandValue(value));
        }
        function setFailed(message) {
            process.exitCode = ExitCode.Failure;
            error(message);
        }
        function error(message, properties = {}) {
            command_issueCommand('error', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
        }
        function warning(message, properties = {}) {
            command_issueCommand('warning', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
        }
        function notice(message, properties = {}) {
            command_issueCommand('notice', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
        }
        function info(message) {
            process.stdout.write(message + external_os_.EOL);
        }
        function saveState(name, value) {
            let filePath = process.env['GITHUB_STATE'] || '';
            if (filePath) return file_command_issueFileCommand('STATE', prepareKeyValueMessage(name, value));
            command_issueCommand('save-state', {
                name
            }, toCommandValue(value));
        }
        function getState(name) {
            return process.env[`STATE_${name}`] || '';
        }
    },
    7057: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            b: ()=>ProtocolError,
            y: ()=>PROTOCOLS
        });
        var _store_store_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7208);
        let PROTOCOLS = [
            'pid',
            'vfs',
            'levels',
            'asterisk-lockfile',
            'asterisk-flock'
        ];
        let KINDS = {
            'not-absolute': 'misconfigured',
            'path-missing': 'misconfigured',
            'not-a-directory': 'misconfigured',
            'refused-file': 'misconfigured',
            unsupported: 'misconfigured',
            denied: 'denied',
            'no-space': 'unavailable',
            io: 'unavailable',
            vanished: 'unavailable',
            contended: 'unavailable',
            'invalid-pid': 'corrupt',
            'dead-owner': 'corrupt',
            'rogue-deletion': 'corrupt',
            vetoed: 'denied'
        };
        class ProtocolError extends _store_store_js__WEBPACK_IMPORTED_MODULE_0__.AD {
            problem;
            constructor(problem, message, options){
                super(KINDS[problem], message, options);
                this.problem = problem;
            }
            get temporary() {
                return 'unavailable' === this.kind;
            }
        }
    },
    6848: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            Gv: ()=>isObject,
            P$: ()=>parseSettings,
            ni: ()=>VFS_KEYS
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(9507);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(6485);
        var _lease_policy_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(206);
        var _protocol_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7057);
        let VFS_KEYS = [
            'new',
            'old',
            'both'
        ];
        let SHORTEST_TTL_MS = 5_000;
        function parseSettings(given, field) {
            let protocol = oneOf(given.protocol, field.protocol, _protocol_js__WEBPACK_IMPORTED_MODULE_2__.y);
            if ('' === given.path) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_3__.e(`${field.path}: is missing. With ${field.protocol} ${protocol} it names what is locked${'vfs' === protocol ? ': a file, or s3://bucket/key' : ''}.`);
            if (/^s3:/i.test(given.path) && 'vfs' !== protocol) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_3__.e(`${field.path} and ${field.protocol}: only vfs has its locks in S3; those of ${protocol} lie on a disk.`);
            if ('' !== given.vfsKeys && 'vfs' !== protocol) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_3__.e(`${field.vfsKeys} and ${field.protocol}: how keys are spelt is for vfs; the records of ${protocol} have none.`);
            let ttlMs = parseTtl(given.ttl, {
                protocol,
                field: field.ttl
            });
            return {
                protocol,
                path: given.path,
                ...void 0 === ttlMs ? {} : {
                    ttlMs
                },
                ...'' === given.vfsKeys ? {} : {
                    keys: oneOf(given.vfsKeys, field.vfsKeys, VFS_KEYS)
                }
            };
        }
        function isObject({ protocol, path: path1 }) {
            return 'vfs' === protocol && /^s3:/i.test(path1);
        }
        function parseTtl(text, { protocol, field }) {
            if ('' === text) return 'vfs' === protocol ? _lease_policy_js__WEBPACK_IMPORTED_MODULE_1__.KT : void 0;
            switch(protocol){
                case 'levels':
                case 'asterisk-flock':
                    throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_3__.e(`${field}: can't be given with ${protocol}, which has none: its lock lasts exactly as long as its holder's process. Leave it out.`);
                case 'pid':
                    {
                        let ttlMs = bounded(text, field);
                        if (ttlMs % 60_000 === 0) return ttlMs;
                        throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_3__.e(`${field}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__.hD)(text)} is not a number of whole minutes, as pid wants it: 5m.`);
                    }
                case 'vfs':
                case 'asterisk-lockfile':
                    return bounded(text, field);
            }
        }
        function bounded(text, field) {
            let ttlMs = (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.E9)(text, field);
            if (ttlMs >= SHORTEST_TTL_MS && ttlMs <= _lease_policy_js__WEBPACK_IMPORTED_MODULE_1__.DQ) return ttlMs;
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_3__.e(`${field}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__.hD)(text)} is not between 5s and 24h: so long after its last renewal a dead holder's lock may be taken over.`);
        }
        function oneOf(text, field, allowed) {
            let found = allowed.find((value)=>value === text);
            if (void 0 !== found) return found;
            throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_3__.e(`${field}: ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_4__.hD)(text.slice(0, 60))} is not known. Allowed: ${allowed.join(', ')}.`);
        }
    },
    8039: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            $N: ()=>codeOf,
            V5: ()=>pooledDisk,
            VR: ()=>blockingDisk,
            fs: ()=>filesystemOf
        });
        var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(3024);
        var node_os__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8161);
        var node_path__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6760);
        var node_util__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(7975);
        let UNNAMED = /^Unknown system error -(\d+)$/;
        let NAMES = new Map(Object.entries(node_os__WEBPACK_IMPORTED_MODULE_1__.constants.errno).map(([name, number])=>[
                number,
                name
            ]));
        function codeOf(error) {
            let { code } = Object(error);
            if ('string' != typeof code) return;
            let [, number] = UNNAMED.exec(code) ?? [];
            return void 0 === number ? code : NAMES.get(Number(number)) ?? code;
        }
        let opened = (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.open);
        let closed = (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.close);
        let fsynced = (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.fsync);
        let readInto = (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.read);
        let madeDirectory = (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.mkdir);
        let statted = (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.stat);
        let listed = (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.readdir);
        let scratch = Buffer.alloc(0);
        let blockingDisk = {
            create: (path1)=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.openSync)(path1, 'wx'),
            write: (file, text)=>{
                let written = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.writeSync)(file, text);
                if (written < Buffer.byteLength(text)) (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.writeFileSync)(file, Buffer.from(text).subarray(written));
            },
            open: (directory)=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.openSync)(directory, 'r'),
            sync: fsynced,
            close: node_fs__WEBPACK_IMPORTED_MODULE_0__.closeSync,
            read: (path1, limitBytes)=>{
                if (scratch.length <= limitBytes) scratch = Buffer.allocUnsafeSlow(limitBytes + 1);
                let file = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.openSync)(path1, 'r');
                try {
                    return scratch.toString('utf8', 0, (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readSync)(file, scratch, 0, limitBytes + 1, 0));
                } finally{
                    (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.closeSync)(file);
                }
            },
            exists: (path1)=>void 0 !== (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(path1, {
                    throwIfNoEntry: false
                }),
            links: (path1)=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(path1).nlink,
            mtimeMs: (path1)=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(path1).mtimeMs,
            link: node_fs__WEBPACK_IMPORTED_MODULE_0__.linkSync,
            unlink: node_fs__WEBPACK_IMPORTED_MODULE_0__.unlinkSync,
            mkdir: (path1, mode)=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.mkdirSync)(path1, {
                    recursive: true,
                    mode
                }),
            rmdir: (path1)=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.rmdirSync)(path1),
            list: (directory)=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readdirSync)(directory),
            entries: (directory)=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.readdirSync)(directory, {
                    withFileTypes: true
                })
        };
        let pooledDisk = {
            create: (path1)=>opened(path1, 'wx'),
            write: (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.writeFile),
            open: (directory)=>opened(directory, 'r'),
            sync: fsynced,
            close: closed,
            read: async (path1, limitBytes)=>{
                let file = await opened(path1, 'r');
                try {
                    let buffer = Buffer.allocUnsafe(limitBytes + 1);
                    let length = 0;
                    while(length < buffer.length){
                        let { bytesRead } = await readInto(file, buffer, length, buffer.length - length, length);
                        if (0 === bytesRead) break;
                        length += bytesRead;
                    }
                    return buffer.toString('utf8', 0, length);
                } finally{
                    await closed(file);
                }
            },
            exists: async (path1)=>{
                try {
                    await statted(path1);
                    return true;
                } catch (error) {
                    if ('ENOENT' === codeOf(error)) return false;
                    throw error;
                }
            },
            links: async (path1)=>(await statted(path1)).nlink,
            mtimeMs: async (path1)=>(await statted(path1)).mtimeMs,
            link: (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.link),
            unlink: (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.unlink),
            mkdir: (path1, mode)=>madeDirectory(path1, {
                    recursive: true,
                    mode
                }),
            rmdir: (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.rmdir),
            list: (directory)=>listed(directory),
            entries: (directory)=>listed(directory, {
                    withFileTypes: true
                })
        };
        let LOCAL = true;
        let REMOTE = false;
        let FILESYSTEMS = new Map([
            [
                0xef53,
                [
                    'ext2/3/4',
                    LOCAL
                ]
            ],
            [
                0x58465342,
                [
                    'xfs',
                    LOCAL
                ]
            ],
            [
                0x9123683e,
                [
                    'btrfs',
                    LOCAL
                ]
            ],
            [
                0x01021994,
                [
                    'tmpfs',
                    LOCAL
                ]
            ],
            [
                0x858458f6,
                [
                    'ramfs',
                    LOCAL
                ]
            ],
            [
                0x794c7630,
                [
                    'overlayfs',
                    LOCAL
                ]
            ],
            [
                0xf2f52010,
                [
                    'f2fs',
                    LOCAL
                ]
            ],
            [
                0x2fc12fc1,
                [
                    'zfs',
                    LOCAL
                ]
            ],
            [
                0xca451a4e,
                [
                    'bcachefs',
                    LOCAL
                ]
            ],
            [
                0x7366746e,
                [
                    'ntfs3',
                    LOCAL
                ]
            ],
            [
                0x4d44,
                [
                    'fat',
                    LOCAL
                ]
            ],
            [
                0x2011bab0,
                [
                    'exfat',
                    LOCAL
                ]
            ],
            [
                0x6969,
                [
                    'nfs',
                    REMOTE
                ]
            ],
            [
                0x517b,
                [
                    'smb',
                    REMOTE
                ]
            ],
            [
                0xff534d42,
                [
                    'cifs',
                    REMOTE
                ]
            ],
            [
                0xfe534d42,
                [
                    'smb2',
                    REMOTE
                ]
            ],
            [
                0x65735546,
                [
                    'fuse',
                    REMOTE
                ]
            ],
            [
                0x01021997,
                [
                    '9p',
                    REMOTE
                ]
            ],
            [
                0x00c36400,
                [
                    'ceph',
                    REMOTE
                ]
            ],
            [
                0x0bd00bd0,
                [
                    'lustre',
                    REMOTE
                ]
            ],
            [
                0x786f4256,
                [
                    'vboxsf',
                    REMOTE
                ]
            ]
        ]);
        async function filesystemOf(directory) {
            if ('linux' !== process.platform) return {
                name: `a filesystem of ${process.platform}`,
                local: false
            };
            try {
                let { type } = await (0, node_util__WEBPACK_IMPORTED_MODULE_3__.promisify)(node_fs__WEBPACK_IMPORTED_MODULE_0__.statfs)(directory);
                let [name, local] = FILESYSTEMS.get(Number(type)) ?? [
                    `type 0x${type.toString(16)}`,
                    REMOTE
                ];
                return {
                    name,
                    local
                };
            } catch (error) {
                let parent = (0, node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(directory);
                if ('ENOENT' === codeOf(error) && parent !== directory) return filesystemOf(parent);
                throw error;
            }
        }
    },
    4062: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            LocalStore: ()=>LocalStore
        });
        var external_node_fs_ = __nccwpck_require__(3024);
        var external_node_path_ = __nccwpck_require__(6760);
        var external_node_url_ = __nccwpck_require__(3136);
        var clock = __nccwpck_require__(4743);
        var random = __nccwpck_require__(5874);
        var usage_error = __nccwpck_require__(6485);
        var local_io = __nccwpck_require__(8039);
        var store = __nccwpck_require__(7208);
        let NONCE_BYTES = 8;
        let NONCE_CHARACTERS = 2 * NONCE_BYTES;
        let CHAIN_LENGTH = 128;
        let CHAIN_CHARACTERS = CHAIN_LENGTH * (NONCE_CHARACTERS + 1) - 1;
        let FORMAT = 'leasehold/1 ';
        let CHAIN = /^[0-9a-f]{16}(?: [0-9a-f]{16})*$/;
        let ID_BYTES = FORMAT.length + NONCE_CHARACTERS;
        let LONGEST_HEADER = 8192;
        let LONGEST_FILE = LONGEST_HEADER + store._l;
        let TEMPORARY_PREFIX = 'tmp~';
        let RECORD_NAME = /^v\.[1-9]\d{0,14}$/;
        function recordName(number) {
            return `v.${number}`;
        }
        function numberOf(name) {
            return RECORD_NAME.test(name) ? Number(name.slice(2)) : 0;
        }
        function temporaryName(nonce) {
            return TEMPORARY_PREFIX + nonce;
        }
        function isTemporary(name) {
            return name.startsWith(TEMPORARY_PREFIX);
        }
        function versionOf(record) {
            return `${record.number}.${record.nonce}`;
        }
        function nextRecord(nonce, body, previous) {
            let chain = previous ? `${nonce} ${previous.chain}`.slice(0, CHAIN_CHARACTERS) : nonce;
            return {
                number: (previous?.number ?? 0) + 1,
                nonce,
                chain,
                body
            };
        }
        function encodeRecord({ chain, body }) {
            return `${FORMAT}${chain}\n${body}`;
        }
        function hasNonce(content, nonce) {
            return content.startsWith(nonce, FORMAT.length) && content.startsWith(FORMAT);
        }
        function decodeRecord(number, content) {
            if ('' === content) return {
                damage: 'is empty'
            };
            let headerLength = content.indexOf('\n');
            if (headerLength < 0 || headerLength > LONGEST_HEADER) return {
                damage: 'does not begin with a header line'
            };
            let chain = content.slice(FORMAT.length, headerLength);
            if (!content.startsWith(FORMAT) || !CHAIN.test(chain)) return {
                damage: 'has a header that is not of this format'
            };
            return {
                number,
                nonce: chain.slice(0, NONCE_CHARACTERS),
                chain,
                body: content.slice(headerLength + 1)
            };
        }
        let RETAINED_RECORDS = 32;
        let RETAINED_MS = 600000;
        let RETAINED_WHEN_QUIET = 8;
        let CLEANING_INTERVAL = 8;
        let ATTEMPTS = 20;
        let NO_HARD_LINKS = new Set([
            'EPERM',
            'ENOTSUP',
            'EOPNOTSUPP',
            'EXDEV',
            'ENOSYS'
        ]);
        let NOT_LINKED = new Set([
            'ENOTDIR',
            'EACCES',
            'EROFS',
            'ENOSPC',
            'EDQUOT',
            'EMLINK'
        ]);
        let NOT_SYNCABLE = new Set([
            'EACCES',
            'EINVAL',
            'EROFS'
        ]);
        let LISTINGS = 5;
        let LISTING_PAUSE_MS = 20;
        class RecordDirectory {
            path;
            #around;
            #disk;
            #own;
            #top;
            constructor(path1, around){
                this.path = path1;
                this.#top = around.root;
                this.#around = around;
                this.#disk = around.disk;
            }
            async latest() {
                let own = this.#own;
                if (own && !await this.#isUsed(own.number + 1) && await this.#isThere(own)) return own;
                this.#own = void 0;
                return this.#highest();
            }
            async #highest() {
                for(let attempt = 1; attempt <= ATTEMPTS; attempt++){
                    let number = (await this.#names()).reduce((highest, name)=>Math.max(highest, numberOf(name)), 0);
                    if (0 === number) return;
                    let highest = await unlessMissing(()=>this.#record(number));
                    if (highest) return highest;
                }
                throw new store.AD('unavailable', `The records in ${this.path} vanish as fast as they are listed. Try again.`);
            }
            bodyOf({ number, body }) {
                if (Buffer.byteLength(body) <= store._l) return body;
                throw this.#corrupt(number, `has more than ${store._l} bytes`);
            }
            async append(change) {
                let nonce = this.#around.random.hex(NONCE_BYTES);
                let temporary = `${this.path}/${temporaryName(nonce)}`;
                let file = await this.#createTemporary(temporary, 'absent' === change.expected);
                if (void 0 === file) return {
                    kind: 'conflict'
                };
                let result;
                try {
                    let step = await this.#fill(file, nonce, change);
                    if (!step) return {
                        kind: 'conflict'
                    };
                    let fault = await this.#link(temporary, step.next.number);
                    let applied = void 0 === fault && await this.#isApplied(temporary, step.previous);
                    result = applied ? written(step.next) : await this.#settle(step.next, {
                        temporary,
                        fault
                    });
                    if ('written' === result.kind) {
                        if (this.#around.filesystem.local) this.#own = step.next;
                        await quietly(()=>this.#clean(step.next));
                    }
                } finally{
                    await quietly(()=>this.#disk.unlink(temporary));
                }
                if ('written' === result.kind && change.durable) await this.#confirm();
                return result;
            }
            async remove() {
                this.#own = void 0;
                let names = await this.#names();
                let temporaries = names.filter(isTemporary);
                for (let name of [
                    ...temporaries,
                    ...recordNames(names)
                ])await unlessMissing(()=>this.#disk.unlink(`${this.path}/${name}`));
                await quietly(()=>this.#disk.rmdir(this.path));
            }
            async #createTemporary(temporary, mayCreateKey) {
                for(let attempt = 1;; attempt++)try {
                    return await this.#disk.create(temporary);
                } catch (error) {
                    if ('ENOENT' !== (0, local_io.$N)(error) || attempt === ATTEMPTS) throw error;
                    if (!mayCreateKey) return;
                    await this.#create();
                }
            }
            async #create() {
                let first = await this.#disk.mkdir(this.#around.root, 0o700) ?? await this.#disk.mkdir(this.path, 0o777);
                await this.#disk.mkdir(this.path, 0o777);
                if (void 0 !== first && first.length < this.#top.length) this.#top = first;
            }
            async #fill(file, nonce, { body, expected }) {
                try {
                    let previous = await this.latest();
                    if ((previous ? versionOf(previous) : 'absent') !== expected) return;
                    let next = nextRecord(nonce, body, previous);
                    if (!previous) await this.#syncParents();
                    await this.#disk.write(file, encodeRecord(next));
                    if (this.#around.fsync) await this.#disk.sync(file);
                    return {
                        previous,
                        next
                    };
                } finally{
                    await this.#disk.close(file);
                }
            }
            async #link(temporary, number) {
                try {
                    await this.#disk.link(temporary, this.#pathOf(number));
                    return;
                } catch (fault) {
                    return fault;
                }
            }
            async #isApplied(temporary, previous) {
                if (!previous || previous !== this.#own) return false;
                try {
                    return await this.#disk.links(temporary) === 2 && await this.#isThere(previous);
                } catch  {
                    return false;
                }
            }
            async #settle(mine, { temporary, fault }) {
                for(let listing = 1; listing <= LISTINGS; listing++){
                    if (listing > 1) await this.#around.clock.sleep(LISTING_PAUSE_MS);
                    let highest = await this.#highestAfterwards();
                    if (highest && highest.number >= mine.number) {
                        if (highest.chain.includes(mine.nonce)) return written(mine);
                        if (highest.number - mine.number < CHAIN_LENGTH) return {
                            kind: 'conflict'
                        };
                        throw this.#indeterminate(`${highest.number - mine.number} records were added meanwhile`, fault);
                    }
                    let refusal = await this.#refusal({
                        temporary,
                        fault
                    });
                    if (refusal) throw refusal;
                }
                throw this.#indeterminate(`the new record is not to be seen after ${LISTINGS} listings`, fault);
            }
            async #highestAfterwards() {
                try {
                    return await this.#highest();
                } catch (error) {
                    throw this.#indeterminate('the directory could not be read afterwards', error);
                }
            }
            async #refusal({ temporary, fault }) {
                let code = (0, local_io.$N)(fault);
                if (void 0 === code) return;
                if (NO_HARD_LINKS.has(code)) {
                    if (await this.#canLink(temporary)) return;
                    return new store.AD('misconfigured', `Hard links are refused in ${this.path} (${code}; filesystem: ${this.#around.filesystem.name}), and a lock is taken by one. Use a directory on a filesystem that has them (ext4, xfs, btrfs, APFS, NTFS, NFS), or an S3 store.`, {
                        cause: fault
                    });
                }
                if ('ENOENT' === code) return new store.AD('unavailable', `The directory ${this.path} was removed during the write. Try again.`, {
                    cause: fault
                });
                return NOT_LINKED.has(code) ? fault : void 0;
            }
            async #canLink(temporary) {
                let trial = `${this.path}/${temporaryName(this.#around.random.hex(NONCE_BYTES))}`;
                try {
                    await this.#disk.link(temporary, trial);
                } catch (error) {
                    return !NO_HARD_LINKS.has((0, local_io.$N)(error) ?? '');
                }
                await quietly(()=>this.#disk.unlink(trial));
                return true;
            }
            async #confirm() {
                if (!this.#around.fsync) return;
                try {
                    await this.#sync(this.path);
                } catch (error) {
                    throw this.#indeterminate('the disk did not confirm the directory', error);
                }
            }
            async #syncParents() {
                if (!this.#around.fsync) return;
                for(let parent = (0, external_node_path_.dirname)(this.path);; parent = (0, external_node_path_.dirname)(parent)){
                    await this.#syncParent(parent);
                    if (parent.length < this.#top.length) return;
                }
            }
            async #syncParent(directory) {
                try {
                    await this.#sync(directory);
                } catch (error) {
                    if (!NOT_SYNCABLE.has((0, local_io.$N)(error) ?? '')) throw error;
                }
            }
            async #sync(directory) {
                if ('win32' === process.platform) return;
                let file = await this.#disk.open(directory);
                try {
                    await this.#disk.sync(file);
                } finally{
                    await this.#disk.close(file);
                }
            }
            async #clean(newest) {
                if (newest.number % CLEANING_INTERVAL !== 0) return;
                let nowMs = await this.#disk.mtimeMs(this.#pathOf(newest.number));
                let names = await this.#names();
                let others = names.filter((name)=>name !== temporaryName(newest.nonce));
                let isQuiet = await this.#sweep(this.path, others, nowMs) === 0 && this.#around.filesystem.local;
                for (let name of recordNames(names).slice(0, isQuiet ? -RETAINED_WHEN_QUIET : -RETAINED_RECORDS)){
                    let path1 = `${this.path}/${name}`;
                    if (!isQuiet && !await this.#isOld(path1, nowMs)) break;
                    await unlessMissing(()=>this.#disk.unlink(path1));
                }
                let { root } = this.#around;
                await this.#sweep(root, await this.#disk.list(root), nowMs);
            }
            async #sweep(directory, names, nowMs) {
                let inUse = 0;
                for (let name of names.filter(isTemporary)){
                    let path1 = `${directory}/${name}`;
                    if (await unlessMissing(()=>this.#isOld(path1, nowMs))) await unlessMissing(()=>this.#disk.unlink(path1));
                    else inUse += 1;
                }
                return inUse;
            }
            async #isOld(path1, nowMs) {
                return nowMs - await this.#disk.mtimeMs(path1) > RETAINED_MS;
            }
            async #names() {
                return await unlessMissing(()=>this.#disk.list(this.path)) ?? [];
            }
            #pathOf(number) {
                return `${this.path}/${recordName(number)}`;
            }
            async #isUsed(number) {
                return this.#disk.exists(this.#pathOf(number));
            }
            async #isThere({ number, nonce }) {
                let path1 = this.#pathOf(number);
                let start = await unlessMissing(()=>this.#disk.read(path1, ID_BYTES));
                return void 0 !== start && hasNonce(start, nonce);
            }
            async #record(number) {
                let content = await this.#disk.read(this.#pathOf(number), LONGEST_FILE);
                let record = decodeRecord(number, content);
                if ('damage' in record) throw this.#corrupt(number, record.damage);
                return record;
            }
            #corrupt(number, damage) {
                let path1 = this.#pathOf(number);
                return new store.AD('corrupt', `The file ${path1} ${damage}, so it is no record of a lock, and nobody gets the lock until it is put right. Look at it with: head -c 400 '${path1}'. If nobody holds the lock, delete the whole directory ${this.path}: with this file alone gone, an older record would count again, and a fencing token would be given twice.`);
            }
            #indeterminate(why, cause) {
                return new store.AD('indeterminate', `A record was written to ${this.path}, but whether it counts is not known: ${why} (filesystem: ${this.#around.filesystem.name}).`, {
                    cause
                });
            }
        }
        function written(record) {
            return {
                kind: 'written',
                version: versionOf(record)
            };
        }
        function recordNames(names) {
            return names.filter((name)=>numberOf(name) > 0).sort((a, b)=>numberOf(a) - numberOf(b));
        }
        async function unlessMissing(work) {
            try {
                return await work();
            } catch (error) {
                if ('ENOENT' === (0, local_io.$N)(error)) return;
                throw error;
            }
        }
        async function quietly(work) {
            try {
                await work();
            } catch  {}
        }
        let MOST_DIRECTORIES = 16;
        class LocalStore {
            url;
            remoteClock;
            prompt;
            #root;
            #disk;
            #random;
            #around;
            #watchable;
            #directories = new Map();
            constructor(place, filesystem, options){
                this.url = (0, external_node_url_.pathToFileURL)(place.root).href;
                this.#root = place.root;
                this.#disk = options.disk ?? (filesystem.local ? local_io.VR : local_io.V5);
                this.remoteClock = !filesystem.local;
                this.prompt = this.#disk === local_io.VR && !place.fsync;
                this.#random = options.random ?? random.v;
                this.#around = {
                    ...place,
                    disk: this.#disk,
                    random: this.#random,
                    clock: options.clock ?? clock.ml,
                    filesystem
                };
                this.#watchable = filesystem.local || 'linux' !== process.platform;
            }
            static async open(location, options = {}) {
                let place = parseLocation(location);
                try {
                    return new LocalStore(place, options.filesystem ?? await (0, local_io.fs)(place.root), options);
                } catch (error) {
                    throw translate(error, (0, external_node_url_.pathToFileURL)(place.root).href);
                }
            }
            read(key, options = {}) {
                return this.#call(key, {
                    signal: options.signal,
                    abandoned: 'unavailable'
                }, ()=>this.#read(key, options));
            }
            write(key, body, expected, options = {}) {
                return this.#call(key, {
                    signal: options.signal,
                    abandoned: 'indeterminate'
                }, ()=>this.#directoryOf(key).append({
                        body,
                        expected,
                        durable: options.durable ?? false
                    }));
            }
            list(prefix, options = {}) {
                return this.#call(prefix, {
                    signal: options.signal,
                    abandoned: 'unavailable'
                }, ()=>this.#list(prefix));
            }
            remove(key, options = {}) {
                return this.#call(key, {
                    signal: options.signal,
                    abandoned: 'unavailable'
                }, ()=>this.#directoryOf(key).remove());
            }
            watch(key, wake, signal) {
                let { path: path1 } = this.#directoryOf(key);
                if (!this.#watchable || signal.aborted) return;
                try {
                    let watcher = (0, external_node_fs_.watch)(path1, {
                        persistent: false,
                        signal
                    });
                    watcher.on('change', (_event, name)=>{
                        if (null === name || numberOf(String(name)) > 0) wake();
                    });
                    watcher.on('error', ()=>watcher.close());
                } catch  {}
            }
            async #read(key, { known, age }) {
                let directory = this.#directoryOf(key);
                let highest = await directory.latest();
                if (!highest) {
                    let storeTimeMs = await this.#storeTimeMs();
                    return {
                        kind: 'absent',
                        ...void 0 === storeTimeMs ? {} : {
                            storeTimeMs
                        }
                    };
                }
                let ageMs = age ? await this.#ageMs((0, external_node_path_.join)(directory.path, recordName(highest.number))) : void 0;
                let aged = void 0 === ageMs ? {} : {
                    ageMs
                };
                let version = versionOf(highest);
                if (version === known) return {
                    kind: 'unchanged',
                    ...aged
                };
                return {
                    kind: 'found',
                    body: directory.bodyOf(highest),
                    version,
                    ...aged
                };
            }
            async #ageMs(path1) {
                let storeTimeMs = await this.#storeTimeMs();
                if (void 0 === storeTimeMs) return;
                try {
                    return Math.max(0, storeTimeMs - await this.#disk.mtimeMs(path1));
                } catch  {
                    return;
                }
            }
            async #storeTimeMs() {
                let probe = (0, external_node_path_.join)(this.#root, temporaryName(this.#random.hex(NONCE_BYTES)));
                try {
                    let file = await this.#disk.create(probe);
                    try {
                        await this.#disk.close(file);
                        return await this.#disk.mtimeMs(probe);
                    } finally{
                        await this.#disk.unlink(probe);
                    }
                } catch  {
                    return;
                }
            }
            async #list(prefix) {
                let start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
                if ('' !== start) assertKey(start.slice(0, -1));
                let keys = [];
                let pending = [
                    start
                ];
                for(let above = pending.pop(); void 0 !== above; above = pending.pop()){
                    let entries = await this.#entries(above);
                    if ('' !== above && entries.some((entry)=>numberOf(entry.name) > 0)) keys.push(above.slice(0, -1));
                    for (let entry of entries)if (entry.isDirectory() && SEGMENT.test(entry.name)) pending.push(`${above}${entry.name}/`);
                }
                return keys.filter((key)=>key.startsWith(prefix)).sort();
            }
            async #entries(above) {
                try {
                    return await this.#disk.entries((0, external_node_path_.join)(this.#root, above));
                } catch (error) {
                    if ('ENOENT' === (0, local_io.$N)(error)) return [];
                    throw error;
                }
            }
            #directoryOf(key) {
                let known = this.#directories.get(key);
                if (known) return known;
                assertKey(key);
                if (this.#directories.size >= MOST_DIRECTORIES) this.#directories.clear();
                let directory = new RecordDirectory((0, external_node_path_.join)(this.#root, key), this.#around);
                this.#directories.set(key, directory);
                return directory;
            }
            async #call(key, { signal, abandoned }, work) {
                (0, store.cv)(signal, this.url, key);
                let fault = ()=>new store.AD(abandoned, `${this.url}: no answer in time from the filesystem (${this.#around.filesystem.name}) for ${key}. See whether the disk is overloaded or the mount hangs.`, {
                        cause: signal?.reason
                    });
                try {
                    return await unlessAborted(signal, work(), fault);
                } catch (error) {
                    throw translate(error, `${this.url}, key ${key}`);
                }
            }
        }
        function unlessAborted(signal, work, fault) {
            if (!signal) return work;
            return new Promise((resolve, reject)=>{
                let giveUp = ()=>reject(fault());
                signal.addEventListener('abort', giveUp, {
                    once: true
                });
                work.then(resolve, reject).then(()=>signal.removeEventListener('abort', giveUp));
            });
        }
        let SEGMENT = /^(?!\.{1,2}$|v\.\d+$)[A-Za-z0-9._-]+$/;
        function assertKey(key) {
            if (!key.split('/').every((segment)=>SEGMENT.test(segment))) throw new Error(`Not a key: ${JSON.stringify(key)}. Segments of [A-Za-z0-9._-], not "v.<number>", joined by "/".`);
        }
        function parseLocation(location) {
            if (!/^file:/i.test(location)) {
                if ((0, external_node_path_.isAbsolute)(location)) return {
                    root: (0, external_node_path_.resolve)(location),
                    fsync: true
                };
                throw new usage_error.e(`store: ${JSON.stringify(location)} is no absolute path. Write /directory or file:///directory.`);
            }
            let wrong = (what)=>new usage_error.e(`store: ${JSON.stringify(location)} ${what}. Write file:///directory, or file:///directory?fsync=never.`);
            if (!/^file:\/\/\//i.test(location)) throw wrong('names a host or a relative path; a directory must be on this machine');
            let url = new URL(location);
            if ('' !== url.hash) throw wrong('has a "#"; in a path it is written %23');
            for (let key of url.searchParams.keys())if ('fsync' !== key) throw wrong(`has the option ${JSON.stringify(key)}; the only one is "fsync"`);
            let fsync = url.searchParams.get('fsync') ?? 'always';
            if ('always' !== fsync && 'never' !== fsync) throw wrong(`has fsync=${JSON.stringify(fsync)}; it is "always" or "never"`);
            url.search = '';
            try {
                return {
                    root: (0, external_node_path_.resolve)((0, external_node_url_.fileURLToPath)(url)),
                    fsync: 'always' === fsync
                };
            } catch (error) {
                throw new usage_error.e(`store: ${JSON.stringify(location)} is no path of this system: ${String(error)}.`);
            }
        }
        function translate(error, where) {
            let code = (0, local_io.$N)(error);
            if (error instanceof store.AD || void 0 === code) return error;
            let [kind, advice] = FAULTS.get(code) ?? [
                'unavailable',
                'Try again; if it stays, look at the disk.'
            ];
            let { message } = error;
            let said = message.startsWith(code) ? message : `${code}: ${message}`;
            return new store.AD(kind, `${where}: ${said}. ${advice}`, {
                cause: error
            });
        }
        let NOT_ALLOWED = 'The user that this runs as must be able to read and write this directory and all that is in it.';
        let NO_DIRECTORY = 'Every part of the path must be a directory, or be missing so that it can be created; is the filesystem mounted read-only?';
        let FAULTS = new Map([
            [
                'EACCES',
                [
                    'denied',
                    NOT_ALLOWED
                ]
            ],
            [
                'EPERM',
                [
                    'denied',
                    NOT_ALLOWED
                ]
            ],
            [
                'EROFS',
                [
                    'denied',
                    'The filesystem is mounted read-only.'
                ]
            ],
            [
                'ENOSPC',
                [
                    'unavailable',
                    'The disk is full (or has no inodes left): make room.'
                ]
            ],
            [
                'EDQUOT',
                [
                    'unavailable',
                    'The disk quota is used up: make room.'
                ]
            ],
            [
                'EMFILE',
                [
                    'unavailable',
                    'This process has too many files open.'
                ]
            ],
            [
                'ENFILE',
                [
                    'unavailable',
                    'The system has too many files open.'
                ]
            ],
            [
                'ENOENT',
                [
                    'misconfigured',
                    NO_DIRECTORY
                ]
            ],
            [
                'ENOTDIR',
                [
                    'misconfigured',
                    NO_DIRECTORY
                ]
            ],
            [
                'EEXIST',
                [
                    'misconfigured',
                    NO_DIRECTORY
                ]
            ],
            [
                'EISDIR',
                [
                    'misconfigured',
                    'A directory is in the place of a file: these files are not of this store.'
                ]
            ],
            [
                'ELOOP',
                [
                    'misconfigured',
                    'Its symbolic links go round in a circle.'
                ]
            ],
            [
                'ENAMETOOLONG',
                [
                    'misconfigured',
                    'The path is too long for this filesystem: choose a shorter one.'
                ]
            ]
        ]);
    },
    5217: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            MemoryStore: ()=>MemoryStore
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4743);
        var _store_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7208);
        class MemoryStore {
            url = 'memory:';
            #entries = new Map();
            #watchers = new Map();
            #clock;
            #writes = 0;
            constructor(clock = _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.ml){
                this.#clock = clock;
            }
            async read(key, options = {}) {
                (0, _store_js__WEBPACK_IMPORTED_MODULE_1__.cv)(options.signal, this.url, key);
                let entry = this.#entries.get(key);
                if (!entry) return {
                    kind: 'absent',
                    storeTimeMs: this.#clock.wallMs()
                };
                let ageMs = this.#clock.wallMs() - entry.writtenMs;
                if (entry.version === options.known) return {
                    kind: 'unchanged',
                    ageMs
                };
                if (Buffer.byteLength(entry.body) > _store_js__WEBPACK_IMPORTED_MODULE_1__._l) throw new _store_js__WEBPACK_IMPORTED_MODULE_1__.AD('corrupt', `memory: ${key} holds more than ${_store_js__WEBPACK_IMPORTED_MODULE_1__._l} bytes, so it is no record. Choose another name.`);
                return {
                    kind: 'found',
                    body: entry.body,
                    version: entry.version,
                    ageMs
                };
            }
            async write(key, body, expected, options = {}) {
                (0, _store_js__WEBPACK_IMPORTED_MODULE_1__.cv)(options.signal, this.url, key);
                if ((this.#entries.get(key)?.version ?? 'absent') !== expected) return {
                    kind: 'conflict'
                };
                this.#writes += 1;
                let version = String(this.#writes);
                this.#entries.set(key, {
                    body,
                    version,
                    writtenMs: this.#clock.wallMs()
                });
                for (let wake of this.#watchers.get(key) ?? [])wake();
                return {
                    kind: 'written',
                    version
                };
            }
            async list(prefix, options = {}) {
                (0, _store_js__WEBPACK_IMPORTED_MODULE_1__.cv)(options.signal, this.url, prefix);
                return [
                    ...this.#entries.keys()
                ].filter((key)=>key.startsWith(prefix)).sort();
            }
            async remove(key, options = {}) {
                (0, _store_js__WEBPACK_IMPORTED_MODULE_1__.cv)(options.signal, this.url, key);
                this.#entries.delete(key);
            }
            watch(key, wake, signal) {
                let watchers = this.#watchers.get(key) ?? new Set();
                this.#watchers.set(key, watchers.add(wake));
                signal.addEventListener('abort', ()=>watchers.delete(wake), {
                    once: true
                });
            }
        }
    },
    4805: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            C: ()=>openStore1
        });
        var node_os__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8161);
        var node_path__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6760);
        var _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(6485);
        async function openStore1(location, access = {}) {
            let scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
            switch(scheme){
                case void 0:
                    return openLocal(pathOf(location));
                case 'file':
                    return openLocal(location);
                case 's3':
                    {
                        let { S3Store } = await Promise.all([
                            __nccwpck_require__.e(239),
                            __nccwpck_require__.e(478),
                            __nccwpck_require__.e(932)
                        ]).then(__nccwpck_require__.bind(__nccwpck_require__, 1932));
                        return S3Store.open(location, access);
                    }
                case 'memory':
                    {
                        let { MemoryStore } = await Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 5217));
                        return new MemoryStore();
                    }
                default:
                    throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__.e(`store: the scheme ${JSON.stringify(scheme.slice(0, 40))} is not known. Use s3://bucket/prefix, file:///directory, a path, or memory:.`);
            }
        }
        async function openLocal(location) {
            let { LocalStore } = await Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 4062));
            return LocalStore.open(location);
        }
        function pathOf(location) {
            if ('' === location.trim()) throw new _base_usage_error_js__WEBPACK_IMPORTED_MODULE_2__.e('store: is empty. Use s3://bucket/prefix, file:///directory or a path.');
            let path1 = location.startsWith('~/') ? (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)((0, node_os__WEBPACK_IMPORTED_MODULE_0__.homedir)(), location.slice(2)) : location;
            return (0, node_path__WEBPACK_IMPORTED_MODULE_1__.isAbsolute)(path1) ? path1 : (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(path1);
        }
    },
    5851: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            s: ()=>probeStore
        });
        var node_events__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8474);
        var _store_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(7208);
        let RACERS = [
            16,
            8,
            4,
            2
        ];
        let PAUSE_MS = 1_200;
        let ATTEMPTS = 5;
        async function probeStore(store, options) {
            return new Probe(store, options).run();
        }
        class Probe {
            #store;
            #clock;
            #random;
            #options;
            #prefix;
            #keys = new Set();
            constructor(store, { clock, random, signal }){
                this.#store = store;
                this.#clock = clock;
                this.#random = random;
                this.#options = signal ? {
                    signal
                } : {};
                if (signal) (0, node_events__WEBPACK_IMPORTED_MODULE_0__.setMaxListeners)(0, signal);
                this.#prefix = `probe/${random.hex(8)}/`;
            }
            async run() {
                try {
                    await this.#store.read(`${this.#prefix}first`, this.#options);
                    let { race, exists } = await this.#create();
                    let { finding: replace, key, dialect, stale, current } = await this.#replace();
                    let promises = [
                        {
                            id: 'create',
                            promise: 'Of concurrent creates of one key, exactly one applies.',
                            safety: true,
                            ...race
                        },
                        {
                            id: 'exists',
                            promise: 'A create of a key that exists does not apply.',
                            safety: true,
                            ...exists
                        },
                        {
                            id: 'replace',
                            promise: 'A write that names the current version applies.',
                            safety: true,
                            ...replace
                        },
                        {
                            id: 'stale',
                            promise: 'A write that names an older version does not apply.',
                            safety: true,
                            ...await this.#stale(key, stale, current)
                        },
                        {
                            id: 'missing',
                            promise: 'A write that names a version of a missing key writes nothing.',
                            safety: true,
                            ...await this.#missing(stale)
                        },
                        {
                            id: 'replace-race',
                            promise: 'Of concurrent writes at one version, exactly one applies.',
                            safety: true,
                            ...await this.#replaceRace(void 0 !== current)
                        },
                        {
                            id: 'list',
                            promise: 'Listing shows what was written.',
                            safety: false,
                            ...await this.#list(key)
                        }
                    ];
                    let clock = await this.#storeClock(key);
                    promises.push({
                        id: 'clock',
                        promise: 'The store says how old a record is.',
                        safety: false,
                        ...clock
                    }, {
                        id: 'remove',
                        promise: 'Removing a key works.',
                        safety: false,
                        ...await this.#remove(key)
                    });
                    return {
                        ok: promises.every(({ safety, held, throttled })=>!safety || 'yes' === held || throttled),
                        ...void 0 === dialect ? {} : {
                            dialect
                        },
                        promises,
                        storeClock: 'yes' === clock.held
                    };
                } finally{
                    await this.#cleanUp();
                }
            }
            async #create() {
                let { finding, key } = await this.#race('create', async ()=>'absent');
                let stored = await this.#bodyOf(key);
                let late = await this.#write(key, this.#body('late'), 'absent');
                if (void 0 === stored) return {
                    race: finding,
                    exists: {
                        held: 'unknown',
                        detail: 'no create before it applied'
                    }
                };
                let kept = 'conflict' === late.kind && await this.#bodyOf(key) === stored;
                let exists = kept ? {
                    held: 'yes',
                    detail: 'it was refused'
                } : {
                    held: 'no',
                    detail: 'it replaced what was there'
                };
                return {
                    race: finding,
                    exists
                };
            }
            async #replace() {
                let key = this.#key('replace');
                let created = await this.#write(key, this.#body('first'), 'absent');
                if ('conflict' === created.kind) {
                    let detail = 'a create of a fresh key was refused, so nothing could be replaced';
                    return {
                        finding: {
                            held: 'no',
                            detail
                        },
                        key,
                        stale: void 0
                    };
                }
                let stale = created.version;
                let failures = [];
                for (let dialect of this.#store.dialects ?? [
                    void 0
                ]){
                    if (void 0 !== dialect) this.#store.speak?.(dialect);
                    let result = await this.#tryReplace(key, stale);
                    let name = void 0 === dialect ? '' : ` (${dialect} versions)`;
                    if ('string' != typeof result && 'written' === result.kind) {
                        let finding = {
                            held: 'yes',
                            detail: `it applied${name}`
                        };
                        return {
                            finding,
                            key,
                            stale,
                            current: result.version,
                            ...void 0 === dialect ? {} : {
                                dialect
                            }
                        };
                    }
                    failures.push('string' == typeof result ? `${result}${name}` : `it was refused as a conflict${name}`);
                }
                let [first] = this.#store.dialects ?? [];
                if (void 0 !== first) this.#store.speak?.(first);
                return {
                    finding: {
                        held: 'no',
                        detail: failures.join('; ')
                    },
                    key,
                    stale
                };
            }
            async #tryReplace(key, expected) {
                try {
                    return await this.#write(key, this.#body('second'), expected);
                } catch (error) {
                    if (isOf(error, 'misconfigured', 'indeterminate', 'unavailable')) return error.message;
                    throw error;
                }
            }
            async #stale(key, stale, current) {
                if (!stale || !current) return {
                    held: 'unknown',
                    detail: 'no write made an older version'
                };
                let before = await this.#bodyOf(key);
                let result = await this.#write(key, this.#body('stale'), stale);
                if ('written' === result.kind) return {
                    held: 'no',
                    detail: 'a write that named an older version applied'
                };
                let after = await this.#bodyOf(key);
                return after === before ? {
                    held: 'yes',
                    detail: 'it was refused'
                } : {
                    held: 'no',
                    detail: 'a write that named an older version was refused, and applied all the same'
                };
            }
            async #missing(version) {
                if (!version) return {
                    held: 'unknown',
                    detail: 'no version was there to be named'
                };
                let key = this.#key('missing');
                let result = await this.#write(key, this.#body('missing'), version);
                if ('conflict' === result.kind && await this.#bodyOf(key) === void 0) return {
                    held: 'yes',
                    detail: 'it was refused'
                };
                return {
                    held: 'no',
                    detail: 'it made the key'
                };
            }
            async #replaceRace(replaces) {
                if (!replaces) return {
                    held: 'unknown',
                    detail: 'no write that named a version applied'
                };
                let { finding } = await this.#race('replace-race', async (key)=>{
                    let created = await this.#write(key, this.#body('first'), 'absent');
                    return 'written' === created.kind ? created.version : void 0;
                });
                return finding;
            }
            async #list(key) {
                return this.#informal('then there can be no queue', async ()=>{
                    let listed = await this.#store.list(this.#prefix, this.#options);
                    return listed.includes(key) ? {
                        held: 'yes',
                        detail: 'it does'
                    } : {
                        held: 'no',
                        detail: 'a key was missing from the list; then there can be no queue'
                    };
                });
            }
            async #remove(key) {
                return this.#informal('tickets and probe keys will stay behind; a lifecycle rule can expire them', async ()=>{
                    await this.#store.remove(key, this.#options);
                    return await this.#bodyOf(key) === void 0 ? {
                        held: 'yes',
                        detail: 'it does'
                    } : {
                        held: 'no',
                        detail: 'the key was still there afterwards'
                    };
                });
            }
            async #storeClock(key) {
                let reading = await this.#read(key, true);
                let clock = 'absent' === reading.kind ? reading.storeTimeMs : reading.ageMs;
                let fallback = 'a lease counts as expired once a waiter has seen it unchanged for its ttl on its own clock';
                return void 0 === clock ? {
                    held: 'no',
                    detail: `it does not; ${fallback}`
                } : {
                    held: 'yes',
                    detail: 'expiry is judged by the clock of the store'
                };
            }
            async #informal(consequence, look) {
                try {
                    return await look();
                } catch (error) {
                    if (!(error instanceof _store_js__WEBPACK_IMPORTED_MODULE_1__.AD)) throw error;
                    let passing = isOf(error, 'unavailable', 'indeterminate');
                    return {
                        held: passing ? 'unknown' : 'no',
                        detail: `${error.message} (${consequence})`
                    };
                }
            }
            async #race(name, prepare) {
                let key = '';
                for (let count of RACERS){
                    if (count !== RACERS[0]) await this.#clock.sleep(PAUSE_MS, this.#options.signal);
                    key = this.#key(`${name}-${count}`);
                    let expected = await prepare(key);
                    if (void 0 === expected) continue;
                    let racers = await this.#start(key, count, expected);
                    let stored = await this.#bodyOf(key);
                    let finding = judge(racers, stored);
                    if (finding) return {
                        finding,
                        key
                    };
                }
                let detail = `the store lets no writes of one key race: of ${RACERS.at(-1)} at once it turned away all but one`;
                return {
                    finding: {
                        held: 'unknown',
                        detail,
                        throttled: true
                    },
                    key
                };
            }
            async #start(key, count, expected) {
                let racing = Array.from({
                    length: count
                }, async (_, index)=>{
                    let body = this.#body(`racer ${index}`);
                    try {
                        return {
                            body,
                            end: (await this.#store.write(key, body, expected, this.#options)).kind
                        };
                    } catch (error) {
                        if (isOf(error, 'unavailable')) return {
                            body,
                            end: 'turned away'
                        };
                        if (isOf(error, 'indeterminate')) return {
                            body,
                            end: 'open'
                        };
                        throw error;
                    }
                });
                await Promise.allSettled(racing);
                return Promise.all(racing);
            }
            async #write(key, body, expected) {
                return this.#patiently(async ()=>{
                    try {
                        return await this.#store.write(key, body, expected, this.#options);
                    } catch (error) {
                        if (!isOf(error, 'indeterminate')) throw error;
                        let reading = await this.#read(key);
                        if ('found' === reading.kind && reading.body === body) return {
                            kind: 'written',
                            version: reading.version
                        };
                        let version = 'found' === reading.kind ? reading.version : 'absent';
                        if (version !== expected) return {
                            kind: 'conflict'
                        };
                        throw error;
                    }
                });
            }
            async #read(key, age = false) {
                return this.#patiently(()=>this.#store.read(key, {
                        age,
                        ...this.#options
                    }));
            }
            async #bodyOf(key) {
                let reading = await this.#read(key);
                return 'found' === reading.kind ? reading.body : void 0;
            }
            async #patiently(call) {
                for(let attempt = 1;; attempt += 1)try {
                    return await call();
                } catch (error) {
                    let passing = isOf(error, 'unavailable', 'indeterminate');
                    if (!passing || attempt === ATTEMPTS || this.#options.signal?.aborted) throw error;
                    await this.#clock.sleep(PAUSE_MS, this.#options.signal);
                }
            }
            #key(name) {
                let key = this.#prefix + name;
                this.#keys.add(key);
                return key;
            }
            #body(name) {
                return JSON.stringify({
                    probe: name,
                    nonce: this.#random.hex(16)
                });
            }
            async #cleanUp() {
                await Promise.allSettled([
                    ...this.#keys
                ].map((key)=>this.#store.remove(key, this.#options)));
            }
        }
        function judge(racers, stored) {
            let ended = (end)=>racers.filter((racer)=>racer.end === end);
            let no = (detail)=>({
                    held: 'no',
                    detail
                });
            let [winner, ...others] = ended('written');
            if (others.length > 0) return no(`${others.length + 1} of ${racers.length} concurrent writes were told that they applied`);
            let holder = racers.find(({ body })=>body === stored);
            if (winner && holder !== winner) return no('a write was told that it applied, and something else is stored');
            if (holder?.end === 'turned away') return no('a write was told that it did not apply, and it is stored');
            let through = racers.length - ended('turned away').length;
            if (!holder && through === ended('conflict').length && through > 0) return no(`all of ${through} concurrent writes were refused as conflicts`);
            if (!holder || through < 2) return;
            return {
                held: 'yes',
                detail: `of ${through} concurrent writes one applied`
            };
        }
        function isOf(error, ...kinds) {
            return error instanceof _store_js__WEBPACK_IMPORTED_MODULE_1__.AD && kinds.includes(error.kind);
        }
    },
    7208: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            AD: ()=>StoreError1,
            _l: ()=>LONGEST_BODY,
            cv: ()=>refuseAborted
        });
        let LONGEST_BODY = 65536;
        class StoreError1 extends Error {
            name = 'StoreError';
            kind;
            constructor(kind, message, options){
                super(message, options);
                this.kind = kind;
            }
        }
        function refuseAborted(signal, url, key) {
            if (!signal?.aborted) return;
            throw new StoreError1('unavailable', `${url}: stopped before anything was sent for ${key}.`, {
                cause: signal.reason
            });
        }
    },
    8559: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            K: ()=>trustStore,
            l: ()=>speakProbed
        });
        var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7598);
        var _base_shell_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(4239);
        var _probe_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(5851);
        var _store_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7208);
        let PROBE_VERSION = 1;
        async function trustStore(store, options) {
            let prefix = markPrefix(store);
            if (speakAs(store, prefix, options.known)) return options.known;
            let key = `probe/passed-${prefix.replace('/', '-')}`;
            let reading = await store.read(key, options.signal ? {
                signal: options.signal
            } : {});
            if ('found' === reading.kind && speakAs(store, prefix, reading.body)) return reading.body;
            let report = await (0, _probe_js__WEBPACK_IMPORTED_MODULE_1__.s)(store, options);
            if (!report.ok) {
                let broken = report.promises.filter(({ held, safety })=>safety && 'yes' !== held);
                throw new _store_js__WEBPACK_IMPORTED_MODULE_2__.AD('misconfigured', `${store.url} can't be trusted with locks: ${broken.map(({ promise, detail })=>`${promise} – ${detail}`).join('; ')}. The whole report: leasehold doctor --store ${(0, _base_shell_js__WEBPACK_IMPORTED_MODULE_3__.Z)(store.url)}`);
            }
            let mark = `${prefix}/${report.dialect ?? ''}`;
            try {
                await store.write(key, mark, 'found' === reading.kind ? reading.version : 'absent');
            } catch (error) {
                if (!(error instanceof _store_js__WEBPACK_IMPORTED_MODULE_2__.AD)) throw error;
            }
            return mark;
        }
        function speakProbed(store, mark) {
            speakAs(store, markPrefix(store), mark);
        }
        let last;
        function markPrefix({ url }) {
            if (last?.url !== url) {
                let hash = (0, node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(url).digest('hex').slice(0, 12);
                last = {
                    url,
                    prefix: `probe-${PROBE_VERSION}/${hash}`
                };
            }
            return last.prefix;
        }
        function speakAs(store, prefix, mark) {
            if (!mark?.startsWith(`${prefix}/`)) return false;
            let dialect = mark.slice(prefix.length + 1);
            if ('' === dialect) return true;
            if (!store.dialects?.includes(dialect)) return false;
            store.speak?.(dialect);
            return true;
        }
    },
    7934: (__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__)=>{
        __nccwpck_require__.d(__webpack_exports__, {
            BuJ: ()=>getDotPath,
            E2x: ()=>finite,
            FsL: ()=>pipe,
            IeY: ()=>custom,
            Ikc: ()=>object,
            KIO: ()=>picklist,
            Oxt: ()=>variant,
            Ru6: ()=>maxLength,
            Wwf: ()=>minValue,
            Y2b: ()=>safeInteger,
            YOg: ()=>array,
            YjP: ()=>string,
            aig: ()=>number,
            cl6: ()=>nullish,
            euz: ()=>literal,
            g1P: ()=>record,
            qgA: ()=>parse1,
            xLC: ()=>safeParse,
            yGV: ()=>regex,
            yqP: ()=>exactOptional,
            zMY: ()=>boolean
        });
        let store$4;
        let DEFAULT_CONFIG = {
            lang: void 0,
            message: void 0,
            abortEarly: void 0,
            abortPipeEarly: void 0
        };
        function getGlobalConfig(config$1) {
            if (!config$1 && !store$4) return DEFAULT_CONFIG;
            return {
                lang: config$1?.lang ?? store$4?.lang,
                message: config$1?.message,
                abortEarly: config$1?.abortEarly ?? store$4?.abortEarly,
                abortPipeEarly: config$1?.abortPipeEarly ?? store$4?.abortPipeEarly
            };
        }
        let store$3;
        function getGlobalMessage(lang) {
            return store$3?.get(lang);
        }
        let store$2;
        function getSchemaMessage(lang) {
            return store$2?.get(lang);
        }
        let store$1;
        function getSpecificMessage(reference, lang) {
            return store$1?.get(reference)?.get(lang);
        }
        function _stringify(input) {
            let type = typeof input;
            if ("string" === type) return `"${input}"`;
            if ("number" === type || "bigint" === type || "boolean" === type) return `${input}`;
            if ("object" === type || "function" === type) return (input && Object.getPrototypeOf(input)?.constructor?.name) ?? "null";
            return type;
        }
        function _addIssue(context, label, dataset, config$1, other) {
            let input = other && "input" in other ? other.input : dataset.value;
            let expected = other?.expected ?? context.expects ?? null;
            let received = other?.received ?? _stringify(input);
            let issue1 = {
                kind: context.kind,
                type: context.type,
                input,
                expected,
                received,
                message: `Invalid ${label}: ${expected ? `Expected ${expected} but r` : "R"}eceived ${received}`,
                requirement: context.requirement,
                path: other?.path,
                issues: other?.issues,
                lang: config$1.lang,
                abortEarly: config$1.abortEarly,
                abortPipeEarly: config$1.abortPipeEarly
            };
            let isSchema = "schema" === context.kind;
            let message$1 = other?.message ?? context.message ?? getSpecificMessage(context.reference, issue1.lang) ?? (isSchema ? getSchemaMessage(issue1.lang) : null) ?? config$1.message ?? getGlobalMessage(issue1.lang);
            if (void 0 !== message$1) issue1.message = "function" == typeof message$1 ? message$1(issue1) : message$1;
            if (isSchema) dataset.typed = false;
            if (dataset.issues) dataset.issues.push(issue1);
            else dataset.issues = [
                issue1
            ];
        }
        function _isSameValueZero(value1, value2) {
            return value1 === value2 || Number.isNaN(value1) && Number.isNaN(value2);
        }
        function _isValidObjectKey(object$1, key) {
            return Object.prototype.hasOwnProperty.call(object$1, key) && "__proto__" !== key && "prototype" !== key && "constructor" !== key;
        }
        function _joinExpects(values$1, separator) {
            let list = [
                ...new Set(values$1)
            ];
            if (list.length > 1) return `(${list.join(` ${separator} `)})`;
            return list[0] ?? "never";
        }
        function _standardSchema(schema) {
            schema["~standard"] = {
                version: 1,
                vendor: "valibot",
                validate: (value$1)=>schema["~run"]({
                        value: value$1
                    }, getGlobalConfig())
            };
            return schema;
        }
        function getDotPath(issue1) {
            if (issue1.path) {
                let key = "";
                for (let item of issue1.path)if ("string" != typeof item.key && "number" != typeof item.key) return null;
                else if (key) key += `.${item.key}`;
                else key += item.key;
                return key;
            }
            return null;
        }
        var ValiError = class extends Error {
            constructor(issues){
                super(issues[0].message);
                this.name = "ValiError";
                this.issues = issues;
            }
        };
        function finite(message$1) {
            return {
                kind: "validation",
                type: "finite",
                reference: finite,
                async: false,
                expects: null,
                requirement: Number.isFinite,
                message: message$1,
                "~run" (dataset, config$1) {
                    if (dataset.typed && !this.requirement(dataset.value)) _addIssue(this, "finite", dataset, config$1);
                    return dataset;
                }
            };
        }
        function maxLength(requirement, message$1) {
            return {
                kind: "validation",
                type: "max_length",
                reference: maxLength,
                async: false,
                expects: `<=${requirement}`,
                requirement,
                message: message$1,
                "~run" (dataset, config$1) {
                    if (dataset.typed && dataset.value.length > this.requirement) _addIssue(this, "length", dataset, config$1, {
                        received: `${dataset.value.length}`
                    });
                    return dataset;
                }
            };
        }
        function minValue(requirement, message$1) {
            return {
                kind: "validation",
                type: "min_value",
                reference: minValue,
                async: false,
                expects: `>=${requirement instanceof Date ? requirement.toJSON() : _stringify(requirement)}`,
                requirement,
                message: message$1,
                "~run" (dataset, config$1) {
                    if (dataset.typed && !(dataset.value >= this.requirement)) _addIssue(this, "value", dataset, config$1, {
                        received: dataset.value instanceof Date ? dataset.value.toJSON() : _stringify(dataset.value)
                    });
                    return dataset;
                }
            };
        }
        function regex(requirement, message$1) {
            return {
                kind: "validation",
                type: "regex",
                reference: regex,
                async: false,
                expects: `${requirement}`,
                requirement,
                message: message$1,
                "~run" (dataset, config$1) {
                    if (dataset.typed && !this.requirement.test(dataset.value)) _addIssue(this, "format", dataset, config$1);
                    return dataset;
                }
            };
        }
        function safeInteger(message$1) {
            return {
                kind: "validation",
                type: "safe_integer",
                reference: safeInteger,
                async: false,
                expects: null,
                requirement: Number.isSafeInteger,
                message: message$1,
                "~run" (dataset, config$1) {
                    if (dataset.typed && !this.requirement(dataset.value)) _addIssue(this, "safe integer", dataset, config$1);
                    return dataset;
                }
            };
        }
        let ABORT_EARLY_CONFIG = {
            abortEarly: true
        };
        function getFallback(schema, dataset, config$1) {
            return "function" == typeof schema.fallback ? schema.fallback(dataset, config$1) : schema.fallback;
        }
        function getDefault(schema, dataset, config$1) {
            return "function" == typeof schema.default ? schema.default(dataset, config$1) : schema.default;
        }
        function array(item, message$1) {
            return _standardSchema({
                kind: "schema",
                type: "array",
                reference: array,
                expects: "Array",
                async: false,
                item,
                message: message$1,
                "~run" (dataset, config$1) {
                    let input = dataset.value;
                    if (Array.isArray(input)) {
                        dataset.typed = true;
                        dataset.value = [];
                        for(let key = 0; key < input.length; key++){
                            let value$1 = input[key];
                            let itemDataset = this.item["~run"]({
                                value: value$1
                            }, config$1);
                            if (itemDataset.issues) {
                                let pathItem = {
                                    type: "array",
                                    origin: "value",
                                    input,
                                    key,
                                    value: value$1
                                };
                                for (let issue1 of itemDataset.issues){
                                    if (issue1.path) issue1.path.unshift(pathItem);
                                    else issue1.path = [
                                        pathItem
                                    ];
                                    dataset.issues?.push(issue1);
                                }
                                if (!dataset.issues) dataset.issues = itemDataset.issues;
                                if (config$1.abortEarly) {
                                    dataset.typed = false;
                                    break;
                                }
                            }
                            if (!itemDataset.typed) dataset.typed = false;
                            dataset.value.push(itemDataset.value);
                        }
                    } else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function boolean(message$1) {
            return _standardSchema({
                kind: "schema",
                type: "boolean",
                reference: boolean,
                expects: "boolean",
                async: false,
                message: message$1,
                "~run" (dataset, config$1) {
                    if ("boolean" == typeof dataset.value) dataset.typed = true;
                    else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function custom(check$1, message$1) {
            return _standardSchema({
                kind: "schema",
                type: "custom",
                reference: custom,
                expects: "unknown",
                async: false,
                check: check$1,
                message: message$1,
                "~run" (dataset, config$1) {
                    if (this.check(dataset.value)) dataset.typed = true;
                    else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function exactOptional(wrapped, default_) {
            return _standardSchema({
                kind: "schema",
                type: "exact_optional",
                reference: exactOptional,
                expects: wrapped.expects,
                async: false,
                wrapped,
                default: default_,
                "~run" (dataset, config$1) {
                    return this.wrapped["~run"](dataset, config$1);
                }
            });
        }
        function literal(literal_, message$1) {
            return _standardSchema({
                kind: "schema",
                type: "literal",
                reference: literal,
                expects: _stringify(literal_),
                async: false,
                literal: literal_,
                message: message$1,
                "~run" (dataset, config$1) {
                    if (_isSameValueZero(dataset.value, this.literal)) dataset.typed = true;
                    else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function nullish(wrapped, default_) {
            return _standardSchema({
                kind: "schema",
                type: "nullish",
                reference: nullish,
                expects: `(${wrapped.expects} | null | undefined)`,
                async: false,
                wrapped,
                default: default_,
                "~run" (dataset, config$1) {
                    if (null === dataset.value || void 0 === dataset.value) {
                        if (void 0 !== this.default) dataset.value = getDefault(this, dataset, config$1);
                        if (null === dataset.value || void 0 === dataset.value) {
                            dataset.typed = true;
                            return dataset;
                        }
                    }
                    return this.wrapped["~run"](dataset, config$1);
                }
            });
        }
        function number(message$1) {
            return _standardSchema({
                kind: "schema",
                type: "number",
                reference: number,
                expects: "number",
                async: false,
                message: message$1,
                "~run" (dataset, config$1) {
                    if ("number" != typeof dataset.value || isNaN(dataset.value)) _addIssue(this, "type", dataset, config$1);
                    else dataset.typed = true;
                    return dataset;
                }
            });
        }
        function object(entries$1, message$1) {
            return _standardSchema({
                kind: "schema",
                type: "object",
                reference: object,
                expects: "Object",
                async: false,
                entries: entries$1,
                message: message$1,
                "~run" (dataset, config$1) {
                    let input = dataset.value;
                    if (input && "object" == typeof input) {
                        dataset.typed = true;
                        dataset.value = {};
                        for(let key in this.entries){
                            let valueSchema = this.entries[key];
                            if (key in input || ("exact_optional" === valueSchema.type || "optional" === valueSchema.type || "nullish" === valueSchema.type) && void 0 !== valueSchema.default) {
                                let value$1 = key in input ? input[key] : getDefault(valueSchema);
                                let valueDataset = valueSchema["~run"]({
                                    value: value$1
                                }, config$1);
                                if (valueDataset.issues) {
                                    let pathItem = {
                                        type: "object",
                                        origin: "value",
                                        input,
                                        key,
                                        value: value$1
                                    };
                                    for (let issue1 of valueDataset.issues){
                                        if (issue1.path) issue1.path.unshift(pathItem);
                                        else issue1.path = [
                                            pathItem
                                        ];
                                        dataset.issues?.push(issue1);
                                    }
                                    if (!dataset.issues) dataset.issues = valueDataset.issues;
                                    if (config$1.abortEarly) {
                                        dataset.typed = false;
                                        break;
                                    }
                                }
                                if (!valueDataset.typed) dataset.typed = false;
                                dataset.value[key] = valueDataset.value;
                            } else if (void 0 !== valueSchema.fallback) dataset.value[key] = getFallback(valueSchema);
                            else if ("exact_optional" !== valueSchema.type && "optional" !== valueSchema.type && "nullish" !== valueSchema.type) {
                                _addIssue(this, "key", dataset, config$1, {
                                    input: void 0,
                                    expected: `"${key}"`,
                                    path: [
                                        {
                                            type: "object",
                                            origin: "key",
                                            input,
                                            key,
                                            value: input[key]
                                        }
                                    ]
                                });
                                if (config$1.abortEarly) break;
                            }
                        }
                    } else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function picklist(options, message$1) {
            return _standardSchema({
                kind: "schema",
                type: "picklist",
                reference: picklist,
                expects: _joinExpects(options.map(_stringify), "|"),
                async: false,
                options,
                message: message$1,
                "~run" (dataset, config$1) {
                    if (this.options.includes(dataset.value)) dataset.typed = true;
                    else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function record(key, value$1, message$1) {
            return _standardSchema({
                kind: "schema",
                type: "record",
                reference: record,
                expects: "Object",
                async: false,
                key,
                value: value$1,
                message: message$1,
                "~run" (dataset, config$1) {
                    let input = dataset.value;
                    if (input && "object" == typeof input) {
                        dataset.typed = true;
                        dataset.value = {};
                        for(let entryKey in input)if (_isValidObjectKey(input, entryKey)) {
                            let entryValue = input[entryKey];
                            let keyDataset = this.key["~run"]({
                                value: entryKey
                            }, config$1);
                            if (keyDataset.issues) {
                                let pathItem = {
                                    type: "object",
                                    origin: "key",
                                    input,
                                    key: entryKey,
                                    value: entryValue
                                };
                                for (let issue1 of keyDataset.issues){
                                    issue1.path = [
                                        pathItem
                                    ];
                                    dataset.issues?.push(issue1);
                                }
                                if (!dataset.issues) dataset.issues = keyDataset.issues;
                                if (config$1.abortEarly) {
                                    dataset.typed = false;
                                    break;
                                }
                            }
                            let valueDataset = this.value["~run"]({
                                value: entryValue
                            }, config$1);
                            if (valueDataset.issues) {
                                let pathItem = {
                                    type: "object",
                                    origin: "value",
                                    input,
                                    key: entryKey,
                                    value: entryValue
                                };
                                for (let issue1 of valueDataset.issues){
                                    if (issue1.path) issue1.path.unshift(pathItem);
                                    else issue1.path = [
                                        pathItem
                                    ];
                                    dataset.issues?.push(issue1);
                                }
                                if (!dataset.issues) dataset.issues = valueDataset.issues;
                                if (config$1.abortEarly) {
                                    dataset.typed = false;
                                    break;
                                }
                            }
                            if (!keyDataset.typed || !valueDataset.typed) dataset.typed = false;
                            if (keyDataset.typed) dataset.value[keyDataset.value] = valueDataset.value;
                        }
                    } else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function string(message$1) {
            return _standardSchema({
                kind: "schema",
                type: "string",
                reference: string,
                expects: "string",
                async: false,
                message: message$1,
                "~run" (dataset, config$1) {
                    if ("string" == typeof dataset.value) dataset.typed = true;
                    else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function variant(key, options, message$1) {
            return _standardSchema({
                kind: "schema",
                type: "variant",
                reference: variant,
                expects: "Object",
                async: false,
                key,
                options,
                message: message$1,
                "~run" (dataset, config$1) {
                    let input = dataset.value;
                    if (input && "object" == typeof input) {
                        let outputDataset;
                        let maxDiscriminatorPriority = 0;
                        let invalidDiscriminatorKey = this.key;
                        let expectedDiscriminators = [];
                        let parseOptions = (variant$1, allKeys)=>{
                            for (let schema of variant$1.options){
                                if ("variant" === schema.type) parseOptions(schema, new Set(allKeys).add(schema.key));
                                else {
                                    let keysAreValid = true;
                                    let currentPriority = 0;
                                    for (let currentKey of allKeys){
                                        let discriminatorSchema = schema.entries[currentKey];
                                        if (currentKey in input ? discriminatorSchema["~run"]({
                                            typed: false,
                                            value: input[currentKey]
                                        }, ABORT_EARLY_CONFIG).issues : "exact_optional" !== discriminatorSchema.type && "optional" !== discriminatorSchema.type && "nullish" !== discriminatorSchema.type) {
                                            keysAreValid = false;
                                            if (invalidDiscriminatorKey !== currentKey && (maxDiscriminatorPriority < currentPriority || maxDiscriminatorPriority === currentPriority && currentKey in input && !(invalidDiscriminatorKey in input))) {
                                                maxDiscriminatorPriority = currentPriority;
                                                invalidDiscriminatorKey = currentKey;
                                                expectedDiscriminators = [];
                                            }
                                            if (invalidDiscriminatorKey === currentKey) expectedDiscriminators.push(schema.entries[currentKey].expects);
                                            break;
                                        }
                                        currentPriority++;
                                    }
                                    if (keysAreValid) {
                                        let optionDataset = schema["~run"]({
                                            value: input
                                        }, config$1);
                                        if (!outputDataset || !outputDataset.typed && optionDataset.typed) outputDataset = optionDataset;
                                    }
                                }
                                if (outputDataset && !outputDataset.issues) break;
                            }
                        };
                        parseOptions(this, new Set([
                            this.key
                        ]));
                        if (outputDataset) return outputDataset;
                        _addIssue(this, "type", dataset, config$1, {
                            input: input[invalidDiscriminatorKey],
                            expected: _joinExpects(expectedDiscriminators, "|"),
                            path: [
                                {
                                    type: "object",
                                    origin: "value",
                                    input,
                                    key: invalidDiscriminatorKey,
                                    value: input[invalidDiscriminatorKey]
                                }
                            ]
                        });
                    } else _addIssue(this, "type", dataset, config$1);
                    return dataset;
                }
            });
        }
        function parse1(schema, input, config$1) {
            let dataset = schema["~run"]({
                value: input
            }, getGlobalConfig(config$1));
            if (dataset.issues) throw new ValiError(dataset.issues);
            return dataset.value;
        }
        function pipe(...pipe$1) {
            return _standardSchema({
                ...pipe$1[0],
                pipe: pipe$1,
                "~run" (dataset, config$1) {
                    for (let item of pipe$1)if ("metadata" !== item.kind) {
                        if (dataset.issues && ("schema" === item.kind || "transformation" === item.kind)) {
                            dataset.typed = false;
                            break;
                        }
                        if (!dataset.issues || !config$1.abortEarly && !config$1.abortPipeEarly) dataset = item["~run"](dataset, config$1);
                    }
                    return dataset;
                }
            });
        }
        function safeParse(schema, input, config$1) {
            let dataset = schema["~run"]({
                value: input
            }, getGlobalConfig(config$1));
            return {
                typed: dataset.typed,
                success: !dataset.issues,
                output: dataset.value,
                issues: dataset.issues
            };
        }
    }
};
var __webpack_module_cache__ = {};
function __nccwpck_require__(moduleId) {
    var cachedModule = __webpack_module_cache__[moduleId];
    if (void 0 !== cachedModule) return cachedModule.exports;
    var module = __webpack_module_cache__[moduleId] = {
        exports: {}
    };
    var threw = true;
    try {
        __webpack_modules__[moduleId].call(module.exports, module, module.exports, __nccwpck_require__);
        threw = false;
    } finally{
        if (threw) delete __webpack_module_cache__[moduleId];
    }
    return module.exports;
}
__nccwpck_require__.m = __webpack_modules__;
if (void 0 !== __nccwpck_require__) __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
(()=>{
    var webpackQueues = "function" == typeof Symbol ? Symbol("webpack queues") : "__webpack_queues__";
    var webpackExports = "function" == typeof Symbol ? Symbol("webpack exports") : "__webpack_exports__";
    var webpackError = "function" == typeof Symbol ? Symbol("webpack error") : "__webpack_error__";
    var resolveQueue = (queue)=>{
        if (queue && queue.d < 1) {
            queue.d = 1;
            queue.forEach((fn)=>fn.r--);
            queue.forEach((fn)=>fn.r-- ? fn.r++ : fn());
        }
    };
    var wrapDeps = (deps)=>deps.map((dep)=>{
            if (null !== dep && "object" == typeof dep) {
                if (dep[webpackQueues]) return dep;
                if (dep.then) {
                    var queue = [];
                    queue.d = 0;
                    dep.then((r)=>{
                        obj[webpackExports] = r;
                        resolveQueue(queue);
                    }, (e)=>{
                        obj[webpackError] = e;
                        resolveQueue(queue);
                    });
                    var obj = {};
                    obj[webpackQueues] = (fn)=>fn(queue);
                    return obj;
                }
            }
            var ret = {};
            ret[webpackQueues] = (x)=>{};
            ret[webpackExports] = dep;
            return ret;
        });
    __nccwpck_require__.a = (module, body, hasAwait)=>{
        var queue;
        hasAwait && ((queue = []).d = -1);
        var depQueues = new Set();
        var exports = module.exports;
        var currentDeps;
        var outerResolve;
        var reject;
        var promise = new Promise((resolve, rej)=>{
            reject = rej;
            outerResolve = resolve;
        });
        promise[webpackExports] = exports;
        promise[webpackQueues] = (fn)=>(queue && fn(queue), depQueues.forEach(fn), promise["catch"]((x)=>{}));
        module.exports = promise;
        body((deps)=>{
            currentDeps = wrapDeps(deps);
            var fn;
            var getResult = ()=>currentDeps.map((d)=>{
                    if (d[webpackError]) throw d[webpackError];
                    return d[webpackExports];
                });
            var promise = new Promise((resolve)=>{
                fn = ()=>resolve(getResult);
                fn.r = 0;
                var fnQueue = (q)=>q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn)));
                currentDeps.map((dep)=>dep[webpackQueues](fnQueue));
            });
            return fn.r ? promise : getResult();
        }, (err)=>(err ? reject(promise[webpackError] = err) : outerResolve(exports), resolveQueue(queue)));
        queue && queue.d < 0 && (queue.d = 0);
    };
})();
(()=>{
    __nccwpck_require__.n = (module)=>{
        var getter = module && module.__esModule ? ()=>module['default'] : ()=>module;
        __nccwpck_require__.d(getter, {
            a: getter
        });
        return getter;
    };
})();
(()=>{
    var getProto = Object.getPrototypeOf ? (obj)=>Object.getPrototypeOf(obj) : (obj)=>obj.__proto__;
    var leafPrototypes;
    __nccwpck_require__.t = function(value, mode) {
        if (1 & mode) value = this(value);
        if (8 & mode) return value;
        if ('object' == typeof value && value) {
            if (4 & mode && value.__esModule) return value;
            if (16 & mode && 'function' == typeof value.then) return value;
        }
        var ns = Object.create(null);
        __nccwpck_require__.r(ns);
        var def = {};
        leafPrototypes = leafPrototypes || [
            null,
            getProto({}),
            getProto([]),
            getProto(getProto)
        ];
        for(var current = 2 & mode && value; 'object' == typeof current && !~leafPrototypes.indexOf(current); current = getProto(current))Object.getOwnPropertyNames(current).forEach((key)=>def[key] = ()=>value[key]);
        def['default'] = ()=>value;
        __nccwpck_require__.d(ns, def);
        return ns;
    };
})();
(()=>{
    __nccwpck_require__.d = (exports, definition)=>{
        for(var key in definition)if (__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) Object.defineProperty(exports, key, {
            enumerable: true,
            get: definition[key]
        });
    };
})();
(()=>{
    __nccwpck_require__.f = {};
    __nccwpck_require__.e = (chunkId)=>Promise.all(Object.keys(__nccwpck_require__.f).reduce((promises, key)=>{
            __nccwpck_require__.f[key](chunkId, promises);
            return promises;
        }, []));
})();
(()=>{
    __nccwpck_require__.u = (chunkId)=>"" + chunkId + ".index.js";
})();
(()=>{
    __nccwpck_require__.o = (obj, prop)=>Object.prototype.hasOwnProperty.call(obj, prop);
})();
(()=>{
    __nccwpck_require__.r = (exports)=>{
        if ("u" > typeof Symbol && Symbol.toStringTag) Object.defineProperty(exports, Symbol.toStringTag, {
            value: 'Module'
        });
        Object.defineProperty(exports, '__esModule', {
            value: true
        });
    };
})();
(()=>{
    var installedChunks = {
        792: 0
    };
    var installChunk = (data)=>{
        var { ids, modules, runtime } = data;
        var moduleId, chunkId, i = 0;
        for(moduleId in modules)if (__nccwpck_require__.o(modules, moduleId)) __nccwpck_require__.m[moduleId] = modules[moduleId];
        if (runtime) runtime(__nccwpck_require__);
        for(; i < ids.length; i++){
            chunkId = ids[i];
            if (__nccwpck_require__.o(installedChunks, chunkId) && installedChunks[chunkId]) installedChunks[chunkId][0]();
            installedChunks[ids[i]] = 0;
        }
    };
    __nccwpck_require__.f.j = (chunkId, promises)=>{
        var installedChunkData = __nccwpck_require__.o(installedChunks, chunkId) ? installedChunks[chunkId] : void 0;
        if (0 !== installedChunkData) if (installedChunkData) promises.push(installedChunkData[1]);
        else {
            var promise = import("./" + __nccwpck_require__.u(chunkId)).then(installChunk, (e)=>{
                if (0 !== installedChunks[chunkId]) installedChunks[chunkId] = void 0;
                throw e;
            });
            var promise = Promise.race([
                promise,
                new Promise((resolve)=>installedChunkData = installedChunks[chunkId] = [
                        resolve
                    ])
            ]);
            promises.push(installedChunkData[1] = promise);
        }
    };
})();
var __webpack_exports__ = {};
__nccwpck_require__.d(__webpack_exports__, {
    n: ()=>start
});
let phases = {
    pre: ()=>Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 3671)),
    main: ()=>Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 4905)),
    post: ()=>Promise.resolve().then(__nccwpck_require__.bind(__nccwpck_require__, 5242)),
    cli: ()=>Promise.all([
            __nccwpck_require__.e(817),
            __nccwpck_require__.e(273)
        ]).then(__nccwpck_require__.bind(__nccwpck_require__, 1273)),
    protocols: ()=>Promise.all([
            __nccwpck_require__.e(157),
            __nccwpck_require__.e(212),
            __nccwpck_require__.e(231),
            __nccwpck_require__.e(535),
            __nccwpck_require__.e(420)
        ]).then(__nccwpck_require__.bind(__nccwpck_require__, 8420))
};
let start = (phase)=>phases[phase]();
var __webpack_exports__start = __webpack_exports__.n;
export { __webpack_exports__start as start };
