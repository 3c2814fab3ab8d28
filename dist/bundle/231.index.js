export const id = 231;
export const ids = [
    231
];
export const modules = {
    6850: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            J: ()=>directoryLock,
            levelsProtocol: ()=>levelsProtocol
        });
        var external_node_fs_ = __webpack_require__(3024);
        var external_node_path_ = __webpack_require__(6760);
        var duration = __webpack_require__(8045);
        var sanitise = __webpack_require__(9507);
        var files = __webpack_require__(4850);
        var protocol = __webpack_require__(7057);
        let LEVELS = 20;
        let MOST_TRIES = 50;
        async function climb(levels, mayTake) {
            let allowed;
            let obstacle = {
                why: 'somebody was always faster'
            };
            for(let tries = 0; tries < MOST_TRIES; tries += 1){
                let master = await levels.look(0);
                if (!master) {
                    let identity = await levels.grab(0);
                    if (identity) return {
                        kind: 'acquired',
                        identity
                    };
                    continue;
                }
                if (!master.standing.takeable) return {
                    kind: 'held',
                    by: master
                };
                if (!allowed || !(0, files.Dl)(allowed.identity, master.identity)) {
                    if (!await mayTake(master)) return {
                        kind: 'held',
                        by: master
                    };
                    allowed = master;
                }
                let reached = await climbOver(levels, master);
                if ('acquired' === reached.kind) return {
                    ...reached,
                    took: master
                };
                obstacle = reached;
                if (!await levels.pause()) return {
                    kind: 'held',
                    by: master
                };
            }
            throw new protocol.b('contended', `Tried ${MOST_TRIES} times, and nothing is held: ${obstacle.why}. Try again; if it stays so, look at the files lock0 to lock${LEVELS - 1} and who made them.`);
        }
        async function climbOver(levels, master) {
            for(let level = 1; level < LEVELS; level += 1){
                if (await levels.grab(level)) return replace(levels, {
                    master,
                    level
                });
                let by = await levels.look(level);
                if (!by) return {
                    kind: 'retry',
                    why: `lock${level} was released just then`
                };
                if (!by.standing.takeable) return {
                    kind: 'retry',
                    why: `lock${level} is held: ${by.standing.detail}`
                };
            }
            throw new protocol.b('refused-file', `All ${LEVELS} levels of the lock are stale: so many processes died while they took it over. Make sure that no program locks the directory now, and remove lock0 to lock${LEVELS - 1} in it.`);
        }
        async function replace(levels, { master, level }) {
            let identity;
            try {
                let now = await levels.master();
                if (!now || !(0, files.Dl)(now, master.identity)) {
                    await levels.drop(level);
                    return {
                        kind: 'retry',
                        why: 'another process has taken it over'
                    };
                }
                identity = await levels.replaceMaster();
            } catch (error) {
                await levels.drop(level);
                throw error;
            }
            for(let below = level; below > 0; below -= 1)await levels.drop(below);
            return {
                kind: 'acquired',
                identity
            };
        }
        var external_node_child_process_ = __webpack_require__(1421);
        var base_process = __webpack_require__(8208);
        let UNKNOWN_ID = 'UNKNOWN';
        let UNINITIALIZED_ID = 'uninitialized';
        let LONGEST_PS_MS = 10_000;
        let NAMES = /^(Name|Uid):.*$/gm;
        let CLOCK_MOVED_MS = 500;
        let thisSystem = {
            systemId,
            isAlive: base_process._n,
            identify: base_process.ls,
            ps: (pid)=>{
                let { status, stdout } = (0, external_node_child_process_.spawnSync)('ps', [
                    '-o',
                    'pid,lstart,user,comm',
                    '-p',
                    String(pid)
                ], {
                    encoding: 'latin1',
                    stdio: [
                        'ignore',
                        'pipe',
                        'ignore'
                    ],
                    timeout: LONGEST_PS_MS
                });
                return 0 === status ? stdout : void 0;
            },
            namesOf: (pid)=>JSON.stringify([
                    readText(`/proc/${pid}/status`)?.match(NAMES),
                    process.env.TZ
                ]),
            bootMs: ()=>{
                let seconds = readText('/proc/stat')?.match(/^btime (\d+)$/m)?.[1];
                return void 0 === seconds ? void 0 : 1_000 * Number(seconds);
            }
        };
        function systemId() {
            let id = readText('/etc/machine-id') ?? readText('/var/lib/dbus/machine-id');
            if (void 0 !== id) return id.trim();
            try {
                return String((0, external_node_fs_.statSync)('/proc/1', {
                    bigint: true
                }).mtimeNs);
            } catch (error) {
                throw new protocol.b('unsupported', 'There is no /etc/machine-id, and /proc/1 can\'t be looked at: this machine has no name by which a lock could say where its holder runs. Make one with "systemd-machine-id-setup" or "dbus-uuidgen --ensure".', {
                    cause: error
                });
            }
        }
        function readText(path) {
            try {
                return (0, external_node_fs_.readFileSync)(path, 'latin1');
            } catch  {
                return;
            }
        }
        class Scribe {
            #clock;
            #system;
            #said;
            constructor(clock, system = thisSystem){
                this.#clock = clock;
                this.#system = system;
            }
            recordOf(pid) {
                if (!(Number.isInteger(pid) && pid > 0 && this.#system.isAlive({
                    pid
                }))) throw new protocol.b('invalid-pid', `Process ${pid}, which is to hold the lock, does not run. The record must name a process that lives as long as the lock is held.`);
                return `VERSION:1\nSYSTEM ID:${this.#system.systemId()}\nPID:${pid}\n${this.#ps(pid) ?? ''}`;
            }
            #ps(pid) {
                let about = JSON.stringify([
                    this.#system.identify(pid),
                    this.#system.namesOf(pid)
                ]);
                let clockOffsetMs = this.#clock.wallMs() - this.#clock.monotonicMs();
                let said = this.#said;
                if (said?.about === about && Math.abs(said.clockOffsetMs - clockOffsetMs) < CLOCK_MOVED_MS) return said.ps;
                let ps = this.#system.ps(pid);
                this.#said = void 0 === ps ? void 0 : {
                    about,
                    clockOffsetMs,
                    ps
                };
                return ps;
            }
        }
        function parseRecord(bytes) {
            let version = /^VERSION:0*([01])\n/.exec(bytes);
            if (!version) return;
            let rest = bytes.slice(version[0].length);
            return '0' === version[1] ? parseVersion0(rest) : parseVersion1(rest);
        }
        function parseVersion0(ps) {
            let pid = pidOf(/\n\s*(\d+)/.exec(ps)?.[1]);
            return void 0 === pid ? void 0 : {
                version: 0,
                pid,
                ps
            };
        }
        function parseVersion1(rest) {
            let head = /^SYSTEM ID:([^\n]*)\n(?:PID:([+-]?\d+)\n)?/.exec(rest);
            if (!head) return;
            let [whole, systemId = '', digits] = head;
            let pid = pidOf(digits);
            return void 0 === pid ? void 0 : {
                version: 1,
                systemId,
                pid,
                ps: rest.slice(whole.length)
            };
        }
        function pidOf(digits) {
            let pid = Number(digits);
            return pid > 0 && pid < 2 ** 31 ? pid : void 0;
        }
        class Judge {
            #system;
            #alive;
            constructor(system = thisSystem){
                this.#system = system;
            }
            standingOf(state) {
                let { identity } = state;
                let known = this.#alive;
                if (known && (0, files.Dl)(known.identity, identity) && this.#system.isAlive(known.process)) return known.standing;
                let pid = parseRecord(identity.bytes)?.pid;
                let process1 = void 0 === pid ? void 0 : this.#system.identify(pid);
                let standing = judge(state, this.#system);
                this.#alive = process1 && 'alive' === standing.holder ? {
                    identity,
                    process: process1,
                    standing
                } : void 0;
                return standing;
            }
        }
        function judge(state, system) {
            let { bytes } = state.identity;
            let record = parseRecord(bytes);
            if (record) return judgeRecord(record, system);
            let bootMs = system.bootMs();
            if (/^\0*$/.test(bytes) && void 0 !== bootMs && state.mtimeMs < bootMs) return finished('its record was emptied by a crash of this system before its last start');
            return unknown('nobody can read its record, so it counts as held; if no program of yours holds it, end it by hand');
        }
        function judgeRecord({ version, systemId: id, pid, ps }, system) {
            if (1 === version) {
                let elsewhere = whyElsewhere(id ?? '', system.systemId());
                if (void 0 !== elsewhere) return unknown(elsewhere);
            }
            if (!system.isAlive({
                pid
            })) return finished(`its process ${pid} is gone`);
            if ('' === ps) return unknown(`there is a process ${pid}, and the record does not tell how ps described it, so it counts as the holder`);
            let now = system.ps(pid);
            if (void 0 === now) return unknown(`there is a process ${pid}, and no ps here tells more of it, so it counts as the holder; install ps (procps)`);
            return compare(pid, {
                recorded: ps,
                now
            });
        }
        function whyElsewhere(id, own) {
            if (id === UNKNOWN_ID) return 'its record does not tell on which machine its process runs';
            if (id !== own) return `its process runs on another machine (its id is ${id}, here it is ${own})`;
            if ('' === id || id === UNINITIALIZED_ID) return 'the machine id in its record is empty, as it is here and in many container images, so nobody knows where its process runs; make one with "systemd-machine-id-setup" or delete the empty /etc/machine-id';
        }
        function compare(pid, { recorded, now }) {
            let then = parsePs(recorded);
            let here = parsePs(now);
            let alive = `its process ${pid}${here ? ` (${here.command}, user ${here.user})` : ''} runs`;
            if (recorded === now) return {
                holder: 'alive',
                takeable: false,
                detail: alive
            };
            if (now.startsWith(recorded)) return unknown(`${alive}; the record was cut off when it was written`);
            if (!then || !here) return unknown(`${alive}, and what ps says of it can't be compared with the record`);
            if (then.started === here.started) return unknown(`${alive}; it had another name when it took the lock (${then.command}, user ${then.user}), but it started when the holder did`);
            let sameName = then.command === here.command && then.user === here.user;
            if (sameName && isMovedClock(then.started, here.started)) return unknown(`${alive}; the record says that it started at ${then.started}, here ps says ${here.started}: most likely the holder has another time zone (TZ) or the clock was set since`);
            return finished(`its process ${pid} is gone; another one has its pid (${here.command}, user ${here.user})`);
        }
        function parsePs(output) {
            let row = /\n *\d+ (\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d+) (\S+) +([^\n]*)/.exec(output);
            if (!row) return;
            let [, started = '', user = '', command = ''] = row;
            return {
                started,
                user,
                command: command.trim()
            };
        }
        let QUARTER_HOUR_S = 900;
        let CLOCK_MOVES_S = 2;
        function isMovedClock(one, other) {
            let apart = Math.abs(secondOfQuarter(one) - secondOfQuarter(other));
            return Math.min(apart, QUARTER_HOUR_S - apart) <= CLOCK_MOVES_S;
        }
        function secondOfQuarter(started) {
            let [, minutes, seconds] = /:(\d\d):(\d\d)/.exec(started) ?? [];
            return (60 * Number(minutes) + Number(seconds)) % QUARTER_HOUR_S;
        }
        function finished(detail) {
            return {
                holder: 'finished',
                takeable: true,
                detail
            };
        }
        function unknown(detail) {
            return {
                holder: 'unknown',
                takeable: false,
                detail
            };
        }
        let ABILITIES = {
            ttl: 'none',
            owner: 'pid',
            takeover: 'yes',
            limits: [
                'Whether a holder lives is judged by its pid and by what ps says of it: machines or containers that share a machine id (clones, one image) must not share the directory.',
                'The original program takes a live lock when ps describes its holder in other words than the record: all who lock the directory need one time zone (TZ), and the holder must not change its name.'
            ]
        };
        let MODE = 0o600;
        let RETRY = {
            everyMs: 100,
            jitterMs: 20
        };
        let REREAD_MS = 50;
        function levelsProtocol(surroundings, system = thisSystem) {
            let { platform } = surroundings;
            if ('linux' !== platform) throw new protocol.b('unsupported', `The protocol levels is not offered on ${platform}. ${hint(platform)}`);
            let scribe = new Scribe(surroundings.clock, system);
            let context = {
                surroundings,
                judge: new Judge(system),
                scribe
            };
            return {
                name: 'levels',
                abilities: ABILITIES,
                retry: RETRY,
                tryAcquire: (request)=>tryAcquire(request, new Directory(request, context)),
                inspect: async (path, signal)=>{
                    requireDirectory(path);
                    return new Directory({
                        path,
                        signal
                    }, context).look(0);
                },
                resume: (holding)=>'levels' === holding.protocol ? new LevelsHold(holding, context) : void 0,
                break: async ({ path, identity })=>'removed' === (0, files.uu)(masterOf(path), identity, temporaryIn(path, surroundings))
            };
        }
        function hint(platform) {
            return 'darwin' === platform ? 'Its records name the machine by /etc/machine-id or /proc, which macOS has not; the original asks ioreg there, and Leasehold was never tried against it.' : 'It needs hard links, signal 0 and ps as Linux has them.';
        }
        async function tryAcquire(request, directory) {
            if (void 0 !== request.ttlMs) throw new protocol.b('unsupported', 'The protocol levels has no ttl: its lock is stale when the process of its holder ends, and never before. Leave the ttl out.');
            let climbed = await climb(directory, request.mayTake);
            if ('held' === climbed.kind) return climbed;
            let { identity, took } = climbed;
            let holding = {
                protocol: 'levels',
                path: directory.path,
                pid: request.pid,
                identity
            };
            return {
                kind: 'acquired',
                hold: directory.hold(holding),
                ...took ? {
                    took
                } : {}
            };
        }
        class Directory {
            path;
            #request;
            #context;
            constructor(request, context){
                this.path = (0, external_node_path_.resolve)(request.path);
                this.#request = request;
                this.#context = context;
            }
            hold(holding) {
                return new LevelsHold(holding, this.#context);
            }
            async look(level) {
                let file = this.#file(level);
                try {
                    let state = (0, files.Un)(file);
                    if (!state || parseRecord(state.identity.bytes)) return state && this.#judged(state);
                    await this.#context.surroundings.clock.sleep(REREAD_MS, this.#request.signal);
                    let again = (0, files.Un)(file);
                    return again && this.#judged(again);
                } catch (error) {
                    let secret = error instanceof protocol.b && 'denied' === error.problem && this.#unreadable(file);
                    if (secret) return secret;
                    throw error;
                }
            }
            #unreadable(file) {
                let stat = (0, external_node_fs_.lstatSync)(file, {
                    bigint: true,
                    throwIfNoEntry: false
                });
                return stat && {
                    path: this.path,
                    since: (0, duration.r4)(Number(stat.mtimeMs)),
                    standing: {
                        holder: 'unknown',
                        takeable: false,
                        detail: `its record belongs to another user (uid ${stat.uid}), and only that one may read it`
                    },
                    identity: {
                        dev: String(stat.dev),
                        ino: String(stat.ino)
                    }
                };
            }
            #judged(state) {
                let record = parseRecord(state.identity.bytes);
                return {
                    path: this.path,
                    ...record ? {
                        pid: record.pid
                    } : {},
                    since: (0, duration.r4)(state.mtimeMs),
                    standing: this.#context.judge.standingOf(state),
                    identity: state.identity
                };
            }
            master() {
                return (0, files.Un)(this.#file(0))?.identity;
            }
            grab(level) {
                return (0, files.mk)({
                    ...this.#written(),
                    path: this.#file(level)
                });
            }
            replaceMaster() {
                let master = this.#file(0);
                let written = this.#written();
                let identity = (0, files.bW)(written);
                let failure = (0, files.g5)(()=>(0, external_node_fs_.renameSync)(written.temporary, master));
                try {
                    if ((0, files.Vd)(master, identity, failure)) return identity;
                    throw failure ?? vanished(master);
                } catch (error) {
                    (0, files.S2)(written.temporary);
                    throw (0, files.Zw)(error, 'replace', master);
                }
            }
            drop(level) {
                (0, files.S2)(this.#file(level));
            }
            async pause() {
                let { clock, random } = this.#context.surroundings;
                let { signal } = this.#request;
                await clock.sleep(RETRY.everyMs + RETRY.jitterMs * random.fraction(), signal);
                return signal?.aborted !== true;
            }
            #written() {
                let { surroundings, scribe } = this.#context;
                let bytes = scribe.recordOf(this.#request.pid ?? -1);
                return {
                    temporary: temporaryIn(this.path, surroundings),
                    bytes,
                    mode: MODE,
                    durable: false
                };
            }
            #file(level) {
                return (0, external_node_path_.join)(this.path, `lock${level}`);
            }
        }
        function vanished(master) {
            return new protocol.b('vanished', `${(0, sanitise.hD)(master)} was replaced and was another file at once: somebody takes what is not theirs.`);
        }
        function masterOf(path) {
            return (0, external_node_path_.join)((0, external_node_path_.resolve)(path), 'lock0');
        }
        function temporaryIn(path, { random }) {
            return (0, external_node_path_.join)((0, external_node_path_.resolve)(path), `templock${Number.parseInt(random.hex(6), 16)}`);
        }
        function requireDirectory(path) {
            let isDirectory;
            try {
                isDirectory = (0, external_node_fs_.statSync)(path).isDirectory();
            } catch (error) {
                throw (0, files.Zw)(error, 'look into', path);
            }
            if (!isDirectory) throw new protocol.b('not-a-directory', `${(0, sanitise.hD)(path)} is no directory, and the protocol levels locks a directory.`);
        }
        class LevelsHold {
            holding;
            #context;
            constructor(holding, context){
                this.holding = holding;
                this.#context = context;
            }
            async check() {
                let { path, identity } = this.holding;
                let state = (0, files.Un)(masterOf(path));
                return state && (0, files.Dl)(state.identity, identity) ? {
                    kind: 'ours'
                } : this.#compromised();
            }
            async release() {
                let { path, identity } = this.holding;
                switch((0, files.uu)(masterOf(path), identity, temporaryIn(path, this.#context.surroundings))){
                    case 'removed':
                        return {
                            kind: 'ours'
                        };
                    case 'gone':
                    case 'other':
                    case 'lost':
                        return this.#compromised();
                }
            }
            async #compromised() {
                let by = await new Directory(this.holding, this.#context).look(0);
                let what = by ? 'was replaced by another program, which took its holder for dead' : 'was removed by another program';
                return {
                    kind: 'compromised',
                    detail: `${(0, sanitise.hD)(masterOf(this.holding.path))} ${what}`,
                    ...by ? {
                        by
                    } : {}
                };
            }
        }
        function directoryLock(path, options) {
            return new SafeDirectoryLock(path, options);
        }
        class SafeDirectoryLock {
            #path;
            #pid;
            #surroundings;
            #protocol;
            #hold;
            constructor(path, { surroundings, pid = process.pid }){
                this.#path = path;
                this.#pid = pid;
                this.#surroundings = surroundings;
                this.#protocol = levelsProtocol(surroundings);
            }
            tryLock() {
                return this.#try();
            }
            async lock(signal) {
                let { clock, random } = this.#surroundings;
                for(;;){
                    let tried = await this.#try(signal);
                    if ('held' !== tried.kind || signal?.aborted) return tried;
                    await clock.sleep(RETRY.everyMs + RETRY.jitterMs * random.fraction(), signal);
                }
            }
            async unlock() {
                let hold = this.#hold;
                if (!hold) return {
                    kind: 'compromised',
                    detail: `${(0, sanitise.hD)(this.#path)} is not locked by this object`
                };
                return orFailed(async ()=>{
                    let released = await hold.release();
                    this.#hold = void 0;
                    return 'ours' === released.kind ? {
                        kind: 'unlocked'
                    } : released;
                });
            }
            must() {
                return {
                    tryLock: async ()=>'locked' === orThrow(await this.tryLock()).kind,
                    lock: async (signal)=>'locked' === orThrow(await this.lock(signal)).kind,
                    unlock: async ()=>{
                        let unlocked = orThrow(await this.unlock());
                        if ('compromised' === unlocked.kind) throw new protocol.b('rogue-deletion', unlocked.detail);
                    }
                };
            }
            #try(signal) {
                return orFailed(async ()=>{
                    let attempt = await this.#protocol.tryAcquire({
                        path: this.#path,
                        pid: this.#pid,
                        mayTake: async ()=>true,
                        ...signal ? {
                            signal
                        } : {}
                    });
                    if ('held' === attempt.kind) return attempt;
                    this.#hold = attempt.hold;
                    return {
                        kind: 'locked'
                    };
                });
            }
        }
        async function orFailed(work) {
            try {
                return await work();
            } catch (error) {
                if (error instanceof protocol.b) return {
                    kind: 'failed',
                    error
                };
                throw error;
            }
        }
        function orThrow(outcome) {
            if ('error' in outcome) throw outcome.error;
            return outcome;
        }
    }
};
