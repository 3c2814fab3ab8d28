export const id = 535;
export const ids = [
    535
];
export const modules = {
    3056: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            EC: ()=>scanInteger,
            Ng: ()=>parsePid,
            hL: ()=>pidRecord,
            sl: ()=>companionRecord
        });
        let BLANK = '[\\t\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
        let LITERAL = '0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*';
        let LINE = new RegExp(`^${BLANK}*([+-]?)(${LITERAL})${BLANK}*(?:\\n|$)`);
        let LARGEST = 2n ** 63n - 1n;
        function scanInteger(bytes) {
            let [, sign, literal] = LINE.exec(Buffer.from(bytes, 'latin1').toString('utf8')) ?? [];
            if (void 0 === literal) return;
            let digits = literal.replaceAll('_', '');
            let size = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
            if ('-' === sign) return size <= LARGEST + 1n ? -size : void 0;
            return size <= LARGEST ? size : void 0;
        }
        function parsePid(bytes) {
            let value = scanInteger(bytes);
            return void 0 !== value && value > 0n ? Number(value) : void 0;
        }
        function pidRecord(pid) {
            return `${pid}\n`;
        }
        function companionRecord(nowMs, ttlMs) {
            return `${Math.floor(nowMs / 1_000) + ttlMs / 1_000}\n`;
        }
    },
    2535: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            z: ()=>PidHold,
            PidProtocol: ()=>PidProtocol
        });
        var external_node_fs_ = __webpack_require__(3024);
        var external_node_path_ = __webpack_require__(6760);
        var base_process = __webpack_require__(8208);
        var sanitise = __webpack_require__(9507);
        var usage_error = __webpack_require__(6485);
        var local_io = __webpack_require__(8039);
        var files = __webpack_require__(4850);
        var pid_record = __webpack_require__(3056);
        var duration = __webpack_require__(8045);
        var protocol = __webpack_require__(7057);
        let LARGEST_PID = 2 ** 31 - 1;
        function companionOf(path) {
            return `${path}.expire`;
        }
        function exists(path) {
            try {
                return void 0 !== (0, external_node_fs_.lstatSync)(path, {
                    throwIfNoEntry: false
                });
            } catch  {
                return true;
            }
        }
        let ours = new Set();
        function remember(pid, identity) {
            if (pid === process.pid) ours.add(keyOf(identity));
        }
        function forget(identity) {
            ours.delete(keyOf(identity));
        }
        function keyOf({ dev, ino }) {
            return `${dev} ${ino}`;
        }
        function see(path, wallMs) {
            let lock = readIfAllowed(path);
            if ('denied' === lock) return seeHidden(path);
            if (!lock) return refuseDangling(path);
            let companion = (0, files.Un)(companionOf(path));
            let pid = (0, pid_record.Ng)(lock.identity.bytes);
            let term = termOf(lock, companion);
            let { standing, unclear } = judge({
                path,
                lock,
                pid,
                term,
                wallMs
            });
            let ttlMs = ttlOf(term, companion);
            let sinceMs = Math.max(lock.mtimeMs, companion?.mtimeMs ?? 0);
            return {
                held: {
                    path,
                    ...void 0 === pid ? {} : {
                        pid
                    },
                    since: (0, duration.r4)(sinceMs),
                    ...void 0 === ttlMs ? {} : {
                        ttlMs
                    },
                    standing,
                    identity: lock.identity
                },
                lock,
                ...companion ? {
                    companion
                } : {},
                unclear
            };
        }
        function readIfAllowed(path) {
            try {
                return (0, files.Un)(path);
            } catch (error) {
                if (error instanceof protocol.b && 'denied' === error.problem) return 'denied';
                throw error;
            }
        }
        function isSameSight(one, other) {
            return isSameState(one.lock, other.lock) && isSameState(one.companion, other.companion);
        }
        function isSameState(one, other) {
            if (!one || !other) return one === other;
            return (0, files.Dl)(one.identity, other.identity) && one.mtimeMs === other.mtimeMs;
        }
        function seeHidden(path) {
            let stat = statOf(path);
            if (!stat) return;
            let standing = {
                holder: 'unknown',
                takeable: false,
                detail: `its record is for its owner alone (uid ${stat.uid}), and the user of this process is another (uid ${process.geteuid?.() ?? '?'})`
            };
            let identity = {
                dev: String(stat.dev),
                ino: String(stat.ino)
            };
            return {
                held: {
                    path,
                    since: (0, duration.r4)(Number(stat.mtimeMs)),
                    standing,
                    identity
                },
                unclear: false
            };
        }
        function statOf(path) {
            try {
                return (0, external_node_fs_.lstatSync)(path, {
                    bigint: true,
                    throwIfNoEntry: false
                });
            } catch (error) {
                throw (0, files.Zw)(error, 'look at', path);
            }
        }
        function refuseDangling(path) {
            if (!statOf(path)?.isSymbolicLink()) return;
            throw new protocol.b('refused-file', `${(0, sanitise.hD)(path)} is a symbolic link that leads nowhere. Look who made it: ls -l ${(0, sanitise.hD)(path)}`);
        }
        function termOf(lock, companion) {
            if (!companion || companion.mtimeMs < lock.bornMs) return {
                kind: 'none'
            };
            let endSeconds = (0, pid_record.EC)(companion.identity.bytes);
            return void 0 === endSeconds ? {
                kind: 'unclear'
            } : {
                kind: 'known',
                endSeconds
            };
        }
        function ttlOf(term, companion) {
            if ('known' !== term.kind || !companion) return;
            let ttlMs = 60_000 * Math.round((1_000 * Number(term.endSeconds) - companion.mtimeMs) / 60_000);
            return ttlMs > 0 && Number.isSafeInteger(ttlMs) ? ttlMs : void 0;
        }
        function judge(look) {
            let { path, lock, pid, term, wallMs } = look;
            let nowSeconds = BigInt(Math.floor(wallMs / 1_000));
            let expired = 'known' === term.kind ? {
                expired: term.endSeconds < nowSeconds
            } : {};
            if (void 0 === pid) return judgeUnreadable(path, lock);
            let { holder, detail } = judgeProcess(pid, lock.identity);
            if ('alive' !== holder) return {
                standing: {
                    ...expired,
                    holder,
                    takeable: 'finished' === holder,
                    detail
                },
                unclear: false
            };
            switch(term.kind){
                case 'none':
                    return {
                        standing: {
                            holder,
                            takeable: false,
                            detail
                        },
                        unclear: false
                    };
                case 'unclear':
                    {
                        let hint = `${companionOf(path)} is no number: look at it, and remove it if nobody is writing it`;
                        return {
                            standing: {
                                holder,
                                takeable: false,
                                detail: `${detail}, and ${hint}`
                            },
                            unclear: true
                        };
                    }
                case 'known':
                    {
                        let over = 1_000 * Number(nowSeconds - term.endSeconds);
                        let time = over > 0 ? `its time is over since ${(0, duration.a3)(over)}` : `it has ${(0, duration.a3)(-over)} left`;
                        return {
                            standing: {
                                ...expired,
                                holder,
                                takeable: over > 0,
                                detail: `${detail}, and ${time}`
                            },
                            unclear: false
                        };
                    }
            }
        }
        function judgeUnreadable(path, lock) {
            let what = '' === lock.identity.bytes ? 'its record is empty' : 'its record names no process';
            let booted = (0, base_process.CM)();
            if (void 0 !== booted && lock.mtimeMs < booted) {
                let detail = `${what} and is from before this machine was started, as a power cut leaves it`;
                return {
                    standing: {
                        holder: 'finished',
                        takeable: true,
                        detail
                    },
                    unclear: false
                };
            }
            let detail = `${what}: look at ${(0, sanitise.hD)(path)} and who has it open (cat, fuser), and remove it if nobody needs it`;
            return {
                standing: {
                    holder: 'unknown',
                    takeable: false,
                    detail
                },
                unclear: true
            };
        }
        function judgeProcess(pid, identity) {
            if (pid > LARGEST_PID) return {
                holder: 'unknown',
                detail: `its record names ${pid}, which is no pid`
            };
            if (pid === process.pid) {
                if (ours.has(keyOf(identity))) return {
                    holder: 'alive',
                    detail: `this process (${pid}) holds it`
                };
                let detail = `it names this process (${pid}), which does not hold it: left by a dead one with the same pid`;
                return {
                    holder: 'finished',
                    detail
                };
            }
            if ((0, base_process._n)({
                pid
            })) return {
                holder: 'alive',
                detail: `its process ${pid} is running`
            };
            return {
                holder: 'finished',
                detail: `its process ${pid} is gone`
            };
        }
        let MOMENT_MS = 100;
        let ROUNDS = 20;
        let BETWEEN_ROUNDS_MS = 20;
        let MODE = 0o600;
        let MINUTE_MS = 60_000;
        let ABILITIES = {
            ttl: 'minutes',
            owner: 'pid',
            takeover: 'yes',
            limits: [
                'The record names a process of this machine: it excludes nobody on another machine, or in a container with pids of its own.',
                'Programs with the original library can remove a lock that is held (see docs/protocols.md); that is noticed, and cannot be prevented.'
            ]
        };
        class PidProtocol {
            name = 'pid';
            abilities = ABILITIES;
            retry = {
                everyMs: 100,
                jitterMs: 20
            };
            #surroundings;
            constructor(surroundings){
                this.#surroundings = surroundings;
            }
            async tryAcquire(request) {
                this.#refuse(request.path);
                refuseRequest(request);
                let took;
                for(let round = 0; round < ROUNDS; round += 1){
                    if (round > 0 && !took) await this.#stepAside(request.signal);
                    let sight = exists(request.path) ? await this.#look(request.path, request.signal) : void 0;
                    if (!sight) {
                        let hold = await this.#enter(request);
                        if (hold) return {
                            kind: 'acquired',
                            hold,
                            ...took ? {
                                took
                            } : {}
                        };
                        continue;
                    }
                    if (!sight.held.standing.takeable || !await request.mayTake(sight.held)) return {
                        kind: 'held',
                        by: sight.held
                    };
                    if (await this.#takeOver(sight)) took = sight.held;
                }
                throw new protocol.b('contended', `${(0, sanitise.hD)(request.path)} changed hands again and again while it was tried, or somebody on this machine is at it all the time: try again.`);
            }
            async inspect(path, signal) {
                this.#refuse(path);
                return (await this.#look(path, signal))?.held;
            }
            resume(holding) {
                return new PidHold(holding, this.#surroundings);
            }
            async break({ path, identity }) {
                let broken = await (0, files.QR)(path, async ()=>{
                    let sight = this.#see(path);
                    return void 0 !== sight && (0, files.Dl)(sight.held.identity, identity) && this.#remove(sight);
                });
                return true === broken;
            }
            watched(path) {
                return (0, external_node_path_.dirname)(path);
            }
            concerns(name, path) {
                return (0, external_node_path_.join)((0, external_node_path_.dirname)(path), name) === (0, external_node_path_.normalize)(path);
            }
            #refuse(path) {
                if ('win32' === this.#surroundings.platform) throw new protocol.b('unsupported', 'The protocol pid is not offered on Windows, where its record and its files mean something else. Use a lease there: leave out "protocol".');
                if (!(0, external_node_path_.isAbsolute)(path)) throw new protocol.b('not-absolute', `${(0, sanitise.hD)(path)} is not an absolute path, and the protocol pid wants one: begin it with "/".`);
            }
            async #stepAside(signal) {
                let { clock, random } = this.#surroundings;
                await clock.sleep(BETWEEN_ROUNDS_MS * random.fraction(), signal);
            }
            async #look(path, signal) {
                let first = this.#see(path);
                if (!first?.unclear) return first;
                await this.#surroundings.clock.sleep(MOMENT_MS, signal);
                return this.#see(path);
            }
            #see(path) {
                return see(path, this.#surroundings.clock.wallMs());
            }
            async #enter(request) {
                let companion = companionOf(request.path);
                if (void 0 === request.ttlMs && !exists(companion)) return this.#publish(request, request.path);
                return (0, files.QR)(request.path, async ()=>{
                    let orphan = (0, files.Un)(companion);
                    if (exists(request.path)) return;
                    if (orphan) (0, files.uu)(companion, orphan.identity, this.#beside(request.path));
                    return this.#publish(request, request.path);
                });
            }
            #publish({ pid, ttlMs }, path) {
                let companion = companionOf(path);
                let placed;
                let place = (ttlMs)=>{
                    placed = (0, files.mk)({
                        ...this.#record(path, (0, pid_record.sl)(this.#surroundings.clock.wallMs(), ttlMs)),
                        path: companion
                    });
                    return void 0 !== placed;
                };
                let identity;
                try {
                    let record = {
                        ...this.#record(path, (0, pid_record.hL)(pid)),
                        path
                    };
                    identity = (0, files.mk)(record, void 0 === ttlMs ? {} : {
                        before: ()=>place(ttlMs)
                    });
                } finally{
                    if (!identity && placed) (0, files.uu)(companion, placed, this.#beside(path));
                }
                if (!identity) return;
                let ttl = void 0 === ttlMs ? {} : {
                    ttlMs
                };
                return new PidHold({
                    protocol: 'pid',
                    path,
                    pid,
                    identity,
                    ...ttl
                }, this.#surroundings);
            }
            #record(path, bytes) {
                return {
                    temporary: this.#beside(path),
                    bytes,
                    mode: MODE,
                    durable: false
                };
            }
            async #takeOver(stale) {
                let { path } = stale.held;
                let taken = await (0, files.QR)(path, async ()=>{
                    let sight = this.#see(path);
                    return sight?.held.standing.takeable === true && isSameSight(sight, stale) && this.#remove(sight);
                });
                return true === taken;
            }
            #remove({ held: { path, identity }, companion }) {
                let removed = (0, files.uu)(path, identity, this.#beside(path));
                if ('lost' === removed) throw new protocol.b('rogue-deletion', `${(0, sanitise.hD)(path)} was exchanged just when it was to be removed, and two programs may now believe that they hold it.`);
                if ('removed' !== removed) return false;
                if (companion) (0, files.uu)(companionOf(path), companion.identity, this.#beside(path));
                return true;
            }
            #beside(path) {
                return (0, files.w6)(path, this.#surroundings.random);
            }
        }
        function refuseRequest({ pid, ttlMs }) {
            if (!Number.isSafeInteger(pid) || pid <= 0) throw new usage_error.e(`pid: ${pid} is not the pid of a process.`);
            if (void 0 !== ttlMs && !(Number.isSafeInteger(ttlMs / MINUTE_MS) && ttlMs > 0)) throw new usage_error.e('ttl: the protocol pid counts whole minutes: write 5m or 1h, or leave it out, and the lock lasts as long as its process.');
        }
        class PidHold {
            holding;
            renew;
            #surroundings;
            #orphan;
            constructor(holding, surroundings){
                this.holding = holding;
                this.#surroundings = surroundings;
                let { ttlMs } = holding;
                if (void 0 !== ttlMs) this.renew = async ()=>this.#renew(ttlMs);
                remember(holding.pid, holding.identity);
            }
            async check() {
                let check = this.#check();
                if ('ours' === check.kind && void 0 === this.holding.ttlMs) this.#removeStray();
                return check;
            }
            async release() {
                let { path, identity, ttlMs } = this.holding;
                if (!this.#orphan) {
                    let check = this.#check();
                    if ('compromised' === check.kind) return check;
                    let companion = void 0 === ttlMs ? void 0 : (0, files.Un)(companionOf(path));
                    if (!this.#remove()) return this.#compromised();
                    forget(identity);
                    this.#orphan = companion?.identity;
                }
                if (this.#orphan) (0, files.uu)(companionOf(path), this.#orphan, this.#beside());
                this.#orphan = void 0;
                return {
                    kind: 'ours'
                };
            }
            async changeOwner(pid) {
                if (!Number.isSafeInteger(pid) || pid <= 0 || !(0, base_process._n)({
                    pid
                })) throw new protocol.b('dead-owner', `Process ${pid} does not run: it can't hold a lock.`);
                let { path, identity } = this.holding;
                let check = this.renew ? await this.renew() : this.#check();
                if ('compromised' === check.kind) throw new protocol.b('rogue-deletion', `${(0, sanitise.hD)(path)} is no longer ours: ${check.detail}.`);
                let changed = this.#replace(path, (0, pid_record.hL)(pid));
                forget(identity);
                let hold = new PidHold({
                    ...this.holding,
                    pid,
                    identity: changed
                }, this.#surroundings);
                await hold.renew?.();
                return hold;
            }
            #remove() {
                let { path, pid, ttlMs, identity } = this.holding;
                if (pid !== process.pid || void 0 !== ttlMs) return 'removed' === (0, files.uu)(path, identity, this.#beside());
                try {
                    (0, external_node_fs_.unlinkSync)(path);
                    return true;
                } catch (error) {
                    if ('ENOENT' === (0, local_io.$N)(error)) return false;
                    if (!exists(path)) return true;
                    throw (0, files.Zw)(error, 'remove', path);
                }
            }
            #check() {
                let { path, identity } = this.holding;
                let now = readIfAllowed(path);
                return now && 'denied' !== now && (0, files.Dl)(now.identity, identity) ? {
                    kind: 'ours'
                } : this.#compromised();
            }
            #compromised() {
                let { path, identity } = this.holding;
                forget(identity);
                let by = see(path, this.#surroundings.clock.wallMs())?.held;
                if (!by) return {
                    kind: 'compromised',
                    detail: `somebody has removed ${(0, sanitise.hD)(path)}`
                };
                let who = void 0 === by.pid ? 'somebody else' : `process ${by.pid}`;
                return {
                    kind: 'compromised',
                    detail: `${who} has put its own record into ${(0, sanitise.hD)(path)}`,
                    by
                };
            }
            #renew(ttlMs) {
                let before = this.#check();
                if ('compromised' === before.kind) return before;
                let { path } = this.holding;
                let companion = companionOf(path);
                let written = this.#replace(companion, (0, pid_record.sl)(this.#surroundings.clock.wallMs(), ttlMs));
                let after = this.#check();
                if ('compromised' === after.kind) (0, files.uu)(companion, written, this.#beside());
                return after;
            }
            #replace(target, bytes) {
                let temporary = this.#beside();
                let written = (0, files.bW)({
                    temporary,
                    bytes,
                    mode: MODE,
                    durable: false
                });
                try {
                    (0, external_node_fs_.renameSync)(temporary, target);
                } catch (error) {
                    (0, files.S2)(temporary);
                    throw (0, files.Zw)(error, 'write', target);
                }
                return written;
            }
            #removeStray() {
                let companion = companionOf(this.holding.path);
                let stray = exists(companion) ? (0, files.Un)(companion) : void 0;
                if (stray) (0, files.uu)(companion, stray.identity, this.#beside());
            }
            #beside() {
                return (0, files.w6)(this.holding.path, this.#surroundings.random);
            }
        }
    }
};
