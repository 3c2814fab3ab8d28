export const id = 420;
export const ids = [
    420,
    587,
    475
];
export const modules = {
    3475: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            AsteriskFlock: ()=>AsteriskFlock
        });
        var external_node_fs_ = __webpack_require__(3024);
        var external_node_path_ = __webpack_require__(6760);
        var sanitise = __webpack_require__(9507);
        var shell = __webpack_require__(4239);
        var local_io = __webpack_require__(8039);
        var asterisk = __webpack_require__(4157);
        var files = __webpack_require__(4850);
        var external_node_child_process_ = __webpack_require__(1421);
        var protocol = __webpack_require__(7057);
        let HELD = 75;
        async function lockDescriptor(file, how, signal) {
            let flag = 'exclusive' === how ? '-x' : '-s';
            let { status, said } = await runFlock([
                flag,
                '-n',
                '-E',
                String(HELD),
                '3'
            ], {
                file,
                signal
            });
            if (0 === status) return 'locked';
            if (status === HELD) return 'held';
            throw new protocol.b('io', `The program flock could not lock it: ${said || `it ended with ${status}`}. Nothing is held.`);
        }
        async function requireFlock(signal) {
            let { status, said } = await runFlock([
                '--version'
            ], {
                signal
            });
            if (0 === status && said.includes('util-linux')) return;
            let version = said.split('\n')[0] ?? '';
            throw new protocol.b('unsupported', `The program flock here is not that of util-linux (it says: ${version || `status ${status}`}). Install util-linux: apk add util-linux-misc, apt-get install util-linux.`);
        }
        function runFlock(args, { file, signal }) {
            return new Promise((resolve, reject)=>{
                let child = (0, external_node_child_process_.spawn)('flock', args, {
                    stdio: [
                        'ignore',
                        'pipe',
                        'pipe',
                        file ?? 'ignore'
                    ],
                    env: process.env,
                    ...signal ? {
                        signal
                    } : {}
                });
                let said = '';
                for (let stream of [
                    child.stdout,
                    child.stderr
                ])stream?.setEncoding('utf8').on('data', (text)=>{
                    said += text;
                });
                child.on('error', (error)=>reject(startProblem(error)));
                child.on('close', (code, killedBy)=>resolve({
                        status: code ?? killedBy ?? '',
                        said: said.trim()
                    }));
            });
        }
        function startProblem(error) {
            let options = {
                cause: error
            };
            if ('ENOENT' === (0, local_io.$N)(error)) return new protocol.b('unsupported', 'There is no program flock on the PATH, and asterisk-flock needs that of util-linux: apt-get install util-linux, dnf install util-linux-core, apk add util-linux-misc.', options);
            return new protocol.b('io', `The program flock could not be run: ${error.message}.`, options);
        }
        function listedLock(stat) {
            let list;
            try {
                list = (0, external_node_fs_.readFileSync)('/proc/locks', 'latin1');
            } catch  {
                return;
            }
            let file = kernelName(stat);
            for (let line of list.split('\n')){
                let [, pid, name] = /^\d+: FLOCK +\S+ +\S+ +(\d+) (\S+) /.exec(line) ?? [];
                if (void 0 !== pid && name === file) return {
                    key: `${pid} ${name}`,
                    pid: Number(pid)
                };
            }
        }
        function lockingProcess(path, stat, first) {
            let file = kernelName(stat);
            let others = readdirQuietly('/proc').filter((name)=>/^\d+$/.test(name));
            return [
                first,
                ...others.map(Number)
            ].find((pid)=>hasLocked(pid, {
                    path,
                    file
                }));
        }
        function hasLocked(pid, { path, file }) {
            return readdirQuietly(`/proc/${pid}/fd`).some((descriptor)=>{
                try {
                    return (0, external_node_fs_.readlinkSync)(`/proc/${pid}/fd/${descriptor}`) === path && new RegExp(`^lock:.* FLOCK .* ${file} `, 'm').test((0, external_node_fs_.readFileSync)(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1'));
                } catch  {
                    return false;
                }
            });
        }
        function commandOf(pid) {
            try {
                return (0, external_node_fs_.readFileSync)(`/proc/${pid}/comm`, 'utf8').trim();
            } catch  {
                return;
            }
        }
        function kernelName({ dev, ino }) {
            let major = dev >> 8n & 0xfffn | dev >> 32n & ~0xfffn;
            let minor = 0xffn & dev | dev >> 12n & ~0xffn;
            return `${[
                major,
                minor
            ].map((number)=>number.toString(16).padStart(2, '0')).join(':')}:${ino}`;
        }
        function readdirQuietly(directory) {
            try {
                return (0, external_node_fs_.readdirSync)(directory);
            } catch  {
                return [];
            }
        }
        let MOST_ROUNDS = 8;
        let LOCK = 'lock';
        let SYSTEMS = new Map([
            [
                'darwin',
                'macOS'
            ],
            [
                'win32',
                'Windows'
            ]
        ]);
        class AsteriskFlock {
            name = 'asterisk-flock';
            abilities = {
                ttl: 'none',
                owner: 'none',
                takeover: 'freed',
                limits: [
                    "The lock lasts exactly as long as the process that holds it: there is no ttl, and it can't be broken by hand.",
                    'A program that removes the lock file, or gives it a second name, lets others in beside the holder: that is noticed within seconds, not prevented.'
                ]
            };
            timing;
            retry;
            #surroundings;
            #flockIsThere = false;
            #known;
            constructor(surroundings, { variant = 'asterisk' } = {}){
                this.#surroundings = surroundings;
                this.timing = asterisk.pS[variant];
                this.retry = {
                    everyMs: this.timing.everyMs,
                    jitterMs: 0
                };
            }
            async tryAcquire({ path: given, pid, signal }) {
                let directory = (0, external_node_path_.resolve)(given);
                let path = lockIn(directory);
                await this.#requireSystem(directory, signal);
                for(let round = 0; round < MOST_ROUNDS; round += 1){
                    let file = openLock(path, external_node_fs_.constants.O_RDWR | external_node_fs_.constants.O_CREAT);
                    let kept = false;
                    try {
                        let stat = statOf(file, path);
                        requireOneName(stat, path);
                        if (await this.#isHeld(file, {
                            stat,
                            how: 'exclusive',
                            signal
                        })) return {
                            kind: 'held',
                            by: this.#heldBy(given, stat)
                        };
                        let there = lookAt(path);
                        if (!there || !isSame(there, stat)) continue;
                        requireOneName(there, path);
                        let identity = {
                            dev: String(stat.dev),
                            ino: String(stat.ino)
                        };
                        let holding = {
                            protocol: this.name,
                            path: directory,
                            pid,
                            identity
                        };
                        let find = (other)=>this.#heldBy(given, other);
                        kept = true;
                        return {
                            kind: 'acquired',
                            hold: new FlockHold(holding, file, find)
                        };
                    } finally{
                        if (!kept) (0, files.EO)(file);
                    }
                }
                throw new protocol.b('vanished', `${(0, sanitise.hD)(path)} was exchanged ${MOST_ROUNDS} times while it was being locked. Nothing is held; try again.`);
            }
            async inspect(given, signal) {
                let directory = (0, external_node_path_.resolve)(given);
                let path = lockIn(directory);
                await this.#requireSystem(directory, signal);
                if (!lookAt(path)) return;
                let file = openLock(path, external_node_fs_.constants.O_RDONLY);
                try {
                    let stat = statOf(file, path);
                    let held = await this.#isHeld(file, {
                        stat,
                        how: 'shared',
                        signal
                    });
                    return held ? this.#heldBy(given, stat) : void 0;
                } finally{
                    (0, files.EO)(file);
                }
            }
            resume() {}
            watched(path) {
                return (0, external_node_path_.resolve)(path);
            }
            concerns(name) {
                return name === LOCK;
            }
            async #requireSystem(directory, signal) {
                let { platform } = this.#surroundings;
                if ('linux' !== platform) throw new protocol.b('unsupported', `asterisk-flock is offered on Linux only, not on ${SYSTEMS.get(platform) ?? platform}: it locks by the program flock of util-linux. Run the job on Linux, or use asterisk-lockfile if Asterisk is set to it (lockmode=lockfile).`);
                (0, asterisk.T)(directory);
                if (this.#flockIsThere) return;
                await requireFlock(signal);
                this.#flockIsThere = true;
            }
            async #isHeld(file, { stat, how, signal }) {
                return void 0 !== listedLock(stat) || await lockDescriptor(file, how, signal) === 'held';
            }
            #heldBy(path, stat) {
                let pid = this.#holder(lockIn((0, external_node_path_.resolve)(path)), stat);
                let command = void 0 === pid ? void 0 : commandOf(pid);
                let detail = void 0 === pid ? `a process has it locked; to see which: sudo fuser -v ${(0, shell.Z)(lockIn((0, external_node_path_.resolve)(path)))}` : `process ${pid}${void 0 === command ? '' : ` (${command})`} has it locked`;
                return {
                    path,
                    ...void 0 === pid ? {} : {
                        pid
                    },
                    standing: {
                        holder: 'alive',
                        takeable: false,
                        detail
                    },
                    identity: {
                        dev: String(stat.dev),
                        ino: String(stat.ino)
                    }
                };
            }
            #holder(path, stat) {
                let listed = listedLock(stat);
                if (!listed) return;
                if (this.#known?.key !== listed.key) this.#known = {
                    key: listed.key,
                    pid: lockingProcess(path, stat, listed.pid)
                };
                return this.#known.pid;
            }
        }
        class FlockHold {
            holding;
            #path;
            #find;
            #file;
            constructor(holding, file, find){
                this.holding = holding;
                this.#path = lockIn(holding.path);
                this.#file = file;
                this.#find = find;
            }
            async check() {
                let path = (0, sanitise.hD)(this.#path);
                if (void 0 === this.#file) return {
                    kind: 'compromised',
                    detail: `${path} was unlocked already`
                };
                let there = lookAt(this.#path);
                if (!there) return {
                    kind: 'compromised',
                    detail: `somebody has removed ${path}: whoever makes it anew does not see our lock`
                };
                if (!isSame(there, statOf(this.#file, this.#path))) {
                    let by = listedLock(there) ? {
                        by: this.#find(there)
                    } : {};
                    return {
                        kind: 'compromised',
                        detail: `${path} is another file than ours: somebody has removed ours and made it anew`,
                        ...by
                    };
                }
                if (1n === there.nlink) return asterisk.o6;
                return {
                    kind: 'compromised',
                    detail: `somebody has given ${path} a second name, which makes Asterisk go on without a lock; to find it: ${findOther(this.#path)}`
                };
            }
            async release() {
                let check = await this.check();
                if (void 0 !== this.#file) (0, files.EO)(this.#file);
                this.#file = void 0;
                return check;
            }
        }
        function lockIn(directory) {
            return (0, external_node_path_.join)(directory, LOCK);
        }
        function openLock(path, flags) {
            let file;
            try {
                file = (0, external_node_fs_.openSync)(path, flags | external_node_fs_.constants.O_NOFOLLOW | external_node_fs_.constants.O_NONBLOCK, 0o600);
            } catch (error) {
                switch((0, local_io.$N)(error)){
                    case 'ELOOP':
                        throw refused(path, 'is a symbolic link', error);
                    case 'EISDIR':
                    case 'ENXIO':
                        throw refused(path, 'is no ordinary file', error);
                    default:
                        throw (0, files.Zw)(error, 'open', path);
                }
            }
            try {
                if (statOf(file, path).isFile()) return file;
                throw refused(path, 'is no ordinary file');
            } catch (error) {
                (0, files.EO)(file);
                throw error;
            }
        }
        function refused(path, why, cause) {
            return new protocol.b('refused-file', `${(0, sanitise.hD)(path)} ${why}, which Asterisk refuses to lock. Look what it is, and remove it if it is nobody's: ls -l ${(0, shell.Z)(path)}`, {
                cause
            });
        }
        function requireOneName({ nlink }, path) {
            if (nlink <= 1n) return;
            throw new protocol.b('refused-file', `${(0, sanitise.hD)(path)} has ${nlink} names (hard links). Asterisk refuses to lock it then and goes on unlocked. Find the others and remove them: ${findOther(path)}`);
        }
        function findOther(path) {
            let word = (0, shell.Z)(path);
            return `find "$(stat -c %m ${word})" -xdev -samefile ${word}`;
        }
        function statOf(file, path) {
            try {
                return (0, external_node_fs_.fstatSync)(file, {
                    bigint: true
                });
            } catch (error) {
                throw (0, files.Zw)(error, 'look at', path);
            }
        }
        function lookAt(path) {
            try {
                return (0, external_node_fs_.lstatSync)(path, {
                    bigint: true,
                    throwIfNoEntry: false
                });
            } catch (error) {
                throw (0, files.Zw)(error, 'look at', path);
            }
        }
        function isSame(one, other) {
            return one.dev === other.dev && one.ino === other.ino;
        }
    },
    1587: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            AsteriskLockfile: ()=>AsteriskLockfile
        });
        var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
        var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9507);
        var _base_shell_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(4239);
        var _store_local_io_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8039);
        var _asterisk_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4157);
        var _files_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4850);
        var _protocol_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(7057);
        let YOUNG_MS = 1_000;
        let LOCK = '.lock';
        let MICROS = 1_000_000;
        let MOST_ROUNDS = 8;
        class AsteriskLockfile {
            name = 'asterisk-lockfile';
            abilities = {
                ttl: 'age',
                owner: 'none',
                takeover: 'by-age',
                limits: [
                    'Its record is empty: nobody can see who holds it, or whether the holder is still there.',
                    'What a dead holder left is taken over only with a ttl, by its age. Asterisk never does that, and never renews its own: the ttl must be longer than Asterisk ever holds the lock.',
                    'A clock that is set forward makes a lock look older than it is.'
                ]
            };
            timing;
            retry;
            #surroundings;
            #looksFirst = false;
            #young;
            constructor(surroundings, { variant = 'asterisk' } = {}){
                this.#surroundings = surroundings;
                this.timing = _asterisk_js__WEBPACK_IMPORTED_MODULE_4__.pS[variant];
                this.retry = {
                    everyMs: this.timing.everyMs,
                    jitterMs: 0
                };
            }
            async tryAcquire(request) {
                this.#requireSystem();
                let directory = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(request.path);
                let took;
                for(let round = 0; round < MOST_ROUNDS; round += 1){
                    let look = this.#looksFirst ? lookAt(lockIn(directory)) : void 0;
                    if (!look) {
                        let hold = this.#publish(directory, request);
                        this.#looksFirst = void 0 === hold;
                        if (hold) return {
                            kind: 'acquired',
                            hold,
                            ...took ? {
                                took
                            } : {}
                        };
                        continue;
                    }
                    let by = heldBy(request.path, look, this.#standing(directory, look, request.ttlMs));
                    if (!by.standing.takeable || !await request.mayTake(by)) return {
                        kind: 'held',
                        by
                    };
                    let removed = await (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.QR)(lockIn(directory), async ()=>this.#remove(directory, look));
                    if (void 0 === removed) return {
                        kind: 'held',
                        by
                    };
                    if (removed) took = by;
                }
                throw new _protocol_js__WEBPACK_IMPORTED_MODULE_6__.b('vanished', `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_7__.hD)(lockIn(directory))} came and went ${MOST_ROUNDS} times while it was looked at. Nothing is held; try again.`);
            }
            async inspect(path) {
                let directory = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(path);
                let look = lookAt(lockIn(directory));
                if (look) return heldBy(path, look, this.#standing(directory, look, void 0));
                (0, _asterisk_js__WEBPACK_IMPORTED_MODULE_4__.T)(directory);
            }
            resume(holding) {
                return new LockfileHold(holding, this.#surroundings);
            }
            async break(held) {
                let directory = (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(held.path);
                let look = lookAt(lockIn(directory));
                if (!look || !isSame(look.identity, held.identity)) return false;
                if (void 0 === look.alien) return this.#remove(directory, look);
                throw new _protocol_js__WEBPACK_IMPORTED_MODULE_6__.b('refused-file', `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_7__.hD)(lockIn(directory))} is ${look.alien}, which no program of this protocol makes. See what it is, and remove it by hand if it is nobody's: ls -ld ${(0, _base_shell_js__WEBPACK_IMPORTED_MODULE_8__.Z)(lockIn(directory))}`);
            }
            watched(path) {
                return (0, node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(path);
            }
            concerns(name) {
                return name === LOCK;
            }
            #requireSystem() {
                if ('win32' !== this.#surroundings.platform) return;
                throw new _protocol_js__WEBPACK_IMPORTED_MODULE_6__.b('unsupported', 'asterisk-lockfile is not offered on Windows, where Asterisk does not run. Run the job on Linux or macOS.');
            }
            #publish(directory, { pid, ttlMs }) {
                let path = lockIn(directory);
                let startedMs = this.#surroundings.clock.monotonicMs();
                let { file, temporary, stat } = createTemporary(directory, this.timing.mode, this.#surroundings);
                let published = false;
                try {
                    touch(file, stat.mtimeNs, drawn(this.#surroundings.random) % MICROS);
                    let failure = (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.g5)(()=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.linkSync)(temporary, path));
                    let look = lookAt(path);
                    published = look?.identity.dev === String(stat.dev) && look.identity.ino === String(stat.ino);
                    if (look && published) {
                        let { identity } = look;
                        let timed = void 0 === ttlMs ? {} : {
                            ttlMs
                        };
                        let holding = {
                            protocol: this.name,
                            path: directory,
                            pid,
                            identity,
                            ...timed
                        };
                        return new LockfileHold(holding, this.#surroundings, {
                            file,
                            madeMs: startedMs
                        });
                    }
                    if (!look && void 0 !== failure && 'EEXIST' !== (0, _store_local_io_js__WEBPACK_IMPORTED_MODULE_3__.$N)(failure)) throw failure;
                    return;
                } catch (error) {
                    if ((0, node_fs__WEBPACK_IMPORTED_MODULE_0__.fstatSync)(file).nlink > 1) (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.S2)(path);
                    throw (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.Zw)(error, 'create', path);
                } finally{
                    (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.S2)(temporary);
                    if (!published) (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.EO)(file);
                }
            }
            #standing(directory, look, ttlMs) {
                let unknown = {
                    holder: 'unknown',
                    takeable: false
                };
                if (void 0 !== look.alien) return {
                    ...unknown,
                    detail: `it is ${look.alien}, which Asterisk never makes: see what it is`
                };
                if (void 0 === ttlMs) return {
                    ...unknown,
                    detail: 'its record is empty, and no ttl says when it is too old'
                };
                let ageMs = this.#ageMs(directory, look, ttlMs);
                let expired = ageMs >= ttlMs;
                let detail = `it was touched ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.a3)(Math.max(ageMs, 0))} ago, with a ttl of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.a3)(ttlMs)}`;
                return {
                    ...unknown,
                    expired,
                    takeable: expired,
                    detail
                };
            }
            #ageMs(directory, look, ttlMs) {
                let nowMs = this.#surroundings.clock.monotonicMs();
                let young = this.#young;
                if (young && isUntouched(young.look, look) && nowMs < young.untilMs) return ttlMs - (young.untilMs - nowMs);
                let ageMs = Number(filesystemNow(directory, this.#surroundings) - look.mtimeNs) / 1e6;
                this.#young = {
                    look,
                    untilMs: nowMs + ttlMs - ageMs
                };
                return ageMs;
            }
            #remove(directory, look) {
                return takeAway(directory, (now)=>isUntouched(now, look), this.#surroundings);
            }
        }
        class LockfileHold {
            holding;
            #surroundings;
            #lock;
            #madeMs;
            #file;
            #released = false;
            constructor(holding, surroundings, open){
                this.holding = holding;
                this.#surroundings = surroundings;
                this.#lock = lockIn(holding.path);
                this.#file = open?.file;
                this.#madeMs = open?.madeMs ?? -1 / 0;
            }
            async check() {
                return this.#look();
            }
            async renew() {
                this.#claim();
                if (void 0 === this.#file) return this.#compromised();
                try {
                    touch(this.#file, this.#filesystemNow(this.#file), Number(this.holding.identity.mark));
                } catch (error) {
                    throw (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.Zw)(error, 'renew', this.#lock);
                }
                return this.#look();
            }
            async release() {
                let check = this.#look();
                if ('ours' === check.kind) {
                    let removed = this.#isNobodyElses() ? this.#unlink() : this.#takeAway();
                    if (!removed) return this.#compromised();
                }
                this.#released = true;
                if (void 0 !== this.#file) (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.EO)(this.#file);
                this.#file = void 0;
                return check;
            }
            #look() {
                this.#claim();
                let look = lookAt(this.#lock);
                return look && this.#isOurs(look) ? _asterisk_js__WEBPACK_IMPORTED_MODULE_4__.o6 : this.#compromised(look);
            }
            #claim() {
                if (this.#released || void 0 !== this.#file) return;
                let look = lookAt(this.#lock);
                if (!look || void 0 !== look.alien || !isSame(look.identity, this.holding.identity)) return;
                let file;
                try {
                    file = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.openSync)(this.#lock, node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_WRONLY | node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_NOFOLLOW | node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_NONBLOCK);
                } catch (error) {
                    if ('ENOENT' === (0, _store_local_io_js__WEBPACK_IMPORTED_MODULE_3__.$N)(error)) return;
                    throw (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.Zw)(error, 'open', this.#lock);
                }
                if (isSame(identityOf((0, node_fs__WEBPACK_IMPORTED_MODULE_0__.fstatSync)(file, {
                    bigint: true
                })), this.holding.identity)) this.#file = file;
                else (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.EO)(file);
            }
            #isOurs({ identity: { dev, ino } }) {
                return void 0 !== this.#file && dev === this.holding.identity.dev && ino === this.holding.identity.ino;
            }
            #compromised(look = lookAt(this.#lock)) {
                if (!look) return {
                    kind: 'compromised',
                    detail: `somebody has removed ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_7__.hD)(this.#lock)}`
                };
                let standing = {
                    holder: 'unknown',
                    takeable: false,
                    detail: 'its record is empty'
                };
                return {
                    kind: 'compromised',
                    detail: `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_7__.hD)(this.#lock)} is another file than ours: somebody has removed ours, and it was locked anew`,
                    by: heldBy(this.holding.path, look, standing)
                };
            }
            #filesystemNow(file) {
                let before = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.fstatSync)(file, {
                    bigint: true
                });
                (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.ftruncateSync)(file, 0);
                let after = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.fstatSync)(file, {
                    bigint: true
                });
                return after.mtimeNs === before.mtimeNs ? filesystemNow(this.holding.path, this.#surroundings) : after.mtimeNs;
            }
            #isNobodyElses() {
                let { ttlMs } = this.holding;
                return void 0 === ttlMs && this.#surroundings.clock.monotonicMs() - this.#madeMs < YOUNG_MS;
            }
            #unlink() {
                try {
                    (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.unlinkSync)(this.#lock);
                    return true;
                } catch (error) {
                    if ('ENOENT' === (0, _store_local_io_js__WEBPACK_IMPORTED_MODULE_3__.$N)(error)) return false;
                    throw (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.Zw)(error, 'remove', this.#lock);
                }
            }
            #takeAway() {
                return takeAway(this.holding.path, (look)=>this.#isOurs(look), this.#surroundings);
            }
        }
        function lockIn(directory) {
            return (0, node_path__WEBPACK_IMPORTED_MODULE_1__.join)(directory, LOCK);
        }
        function besideLock(directory, { random }) {
            return `${lockIn(directory)}-${drawn(random).toString(16).padStart(8, '0')}`;
        }
        function drawn(random) {
            return Number.parseInt(random.hex(4), 16) >>> 1;
        }
        function lookAt(path) {
            try {
                let stat = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.lstatSync)(path, {
                    bigint: true,
                    throwIfNoEntry: false
                });
                return stat && {
                    identity: identityOf(stat),
                    mtimeNs: stat.mtimeNs,
                    ...isPlain(stat) ? {} : alienOf(stat)
                };
            } catch (error) {
                throw (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.Zw)(error, 'look at', path);
            }
        }
        function identityOf({ dev, ino, mtimeNs }) {
            return {
                dev: String(dev),
                ino: String(ino),
                mark: String(mtimeNs / 1000n % BigInt(MICROS))
            };
        }
        function isPlain(stat) {
            return stat.isFile() && 0n === stat.size;
        }
        function alienOf(stat) {
            if (stat.isFile()) return {
                alien: `a file of ${stat.size} bytes`
            };
            if (stat.isDirectory()) return {
                alien: 'a directory'
            };
            return {
                alien: stat.isSymbolicLink() ? 'a symbolic link' : 'no file'
            };
        }
        function isSame(one, other) {
            return one.dev === other.dev && one.ino === other.ino && one.mark === other.mark;
        }
        function isUntouched(one, other) {
            return isSame(one.identity, other.identity) && one.mtimeNs === other.mtimeNs;
        }
        function touch(file, nowNs, mark) {
            let seconds = Number(nowNs / 1000000000n) + 1 + (mark + 0.5) / MICROS;
            (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.futimesSync)(file, seconds, seconds);
        }
        function filesystemNow(directory, surroundings) {
            let { file, temporary, stat } = createTemporary(directory, 0o600, surroundings);
            (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.EO)(file);
            (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.S2)(temporary);
            return stat.mtimeNs;
        }
        function createTemporary(directory, mode, surroundings) {
            for(let round = 0;; round += 1){
                let temporary = besideLock(directory, surroundings);
                let file;
                try {
                    file = (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.openSync)(temporary, 'wx', mode);
                } catch (error) {
                    if ('EEXIST' === (0, _store_local_io_js__WEBPACK_IMPORTED_MODULE_3__.$N)(error) && round < MOST_ROUNDS) continue;
                    throw (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.Zw)(error, 'create', temporary);
                }
                try {
                    return {
                        file,
                        temporary,
                        stat: (0, node_fs__WEBPACK_IMPORTED_MODULE_0__.fstatSync)(file, {
                            bigint: true
                        })
                    };
                } catch (error) {
                    (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.EO)(file);
                    (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.S2)(temporary);
                    throw (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.Zw)(error, 'create', temporary);
                }
            }
        }
        function takeAway(directory, isIt, surroundings) {
            let path = lockIn(directory);
            let before = lookAt(path);
            if (!before || !isIt(before)) return false;
            let aside = besideLock(directory, surroundings);
            let failure = (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.g5)(()=>(0, node_fs__WEBPACK_IMPORTED_MODULE_0__.renameSync)(path, aside));
            let caught = lookAside(aside, path);
            if (!caught && void 0 !== failure && 'ENOENT' !== (0, _store_local_io_js__WEBPACK_IMPORTED_MODULE_3__.$N)(failure)) throw (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.Zw)(failure, 'remove', path);
            if (!caught) return void 0 === failure;
            let isOurs = isIt(caught);
            if (isOurs) (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.S2)(aside);
            else returnTo(path, aside);
            return isOurs;
        }
        function returnTo(path, aside) {
            if ('other' === (0, _files_js__WEBPACK_IMPORTED_MODULE_5__.pK)(aside, path)) return;
            throw new _protocol_js__WEBPACK_IMPORTED_MODULE_6__.b('rogue-deletion', `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_7__.hD)(path)} changed while it was being removed, and could not be put back: somebody has locked the directory anew. Whoever held it has lost it. Nothing is held here.`);
        }
        function lookAside(aside, path) {
            try {
                return lookAt(aside);
            } catch (error) {
                returnTo(path, aside);
                throw error;
            }
        }
        function heldBy(path, { identity, mtimeNs }, standing) {
            return {
                path,
                since: (0, _base_duration_js__WEBPACK_IMPORTED_MODULE_2__.r4)(Number(mtimeNs) / 1e6),
                standing,
                identity
            };
        }
    },
    9220: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            $h: ()=>describeLeftBehind,
            $o: ()=>heldDocument,
            FB: ()=>describeHelp,
            FD: ()=>describeLock,
            Hf: ()=>describeTakenOver,
            T0: ()=>describeHeld,
            Wm: ()=>describeLimits,
            kI: ()=>WaitLog,
            sG: ()=>describeHolder,
            yt: ()=>describeLossCause
        });
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8045);
        var _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9507);
        var _base_shell_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4239);
        function describeLock(path) {
            return `Lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.hD)(path)}`;
        }
        function describeHolder({ pid, host, ownerId }) {
            let on = void 0 === host ? '' : `on host ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.hD)(host)}`;
            let where = [
                void 0 === pid ? '' : `process ${pid}`,
                on
            ].filter((part)=>'' !== part).join(' ');
            if (ownerId) return '' === where ? (0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.hD)(ownerId) : `${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.hD)(ownerId)} (${where})`;
            if (void 0 !== pid) return where;
            return '' === where ? 'somebody whom its record does not name' : `somebody ${where}`;
        }
        function describeHeld(protocol, held) {
            let { path, since, ttlMs, standing } = held;
            let ttl = void 0 === ttlMs || 0 === ttlMs ? '' : `, for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs)} without a renewal`;
            return [
                `${describeLock(path)} (${protocol}) is held by ${describeHolder(held)}.`,
                ...void 0 === since ? [] : [
                    `  since   ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.tB)(since)}${ttl}`
                ],
                `  state   ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.tB)(standing.detail)}`
            ];
        }
        function describeWaiting(protocol, waiting, stalePolicy) {
            return [
                ...describeHeld(protocol.name, waiting.held),
                `  policy  ${describePolicy(protocol, waiting, stalePolicy)}`
            ];
        }
        function describePolicy({ abilities }, { held, decision }, stalePolicy) {
            if ('spare' === decision.kind) return `${stalePolicy}: it could be taken over, but ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.tB)(decision.why)}`;
            if ('freed' === abilities.takeover) return "whatever the policy, the system frees it when its holder's process ends";
            if ('never' === stalePolicy) return 'never: it is not taken over; only its holder or "leasehold break" frees it';
            if ('by-age' === abilities.takeover && void 0 === held.standing.expired) return `${stalePolicy}: its record says nothing of its holder, and no ttl is given by which its age could be judged; only its holder or "leasehold break" frees it`;
            switch(stalePolicy){
                case 'expired':
                    return "expired: it is taken over when the protocol's own rule calls it stale";
                case 'holder-finished':
                    return 'holder-finished: it is taken over on proof that its process is gone';
                case 'expired-and-holder-finished':
                    return 'expired-and-holder-finished: it is taken over on proof that its process is gone, not before its time is over where it has one';
            }
        }
        function describeTakenOver(took) {
            return `from ${describeHolder(took)} (${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.tB)(took.standing.detail)})`;
        }
        function describeLossCause(cause) {
            switch(cause.kind){
                case 'compromised':
                    {
                        let by = cause.by ? `; ${describeHolder(cause.by)} has it now` : '';
                        return `${withoutPeriod((0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.tB)(cause.detail))}${by}`;
                    }
                case 'unreachable':
                    return withoutPeriod((0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.tB)(cause.detail));
                case 'max-hold':
                    return `it was held for the maximum of ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(cause.maxHoldMs)}`;
            }
        }
        function withoutPeriod(text) {
            return text.replace(/\.$/, '');
        }
        function describeLimits({ name, abilities }) {
            return [
                `The protocol ${name} has no fencing token: what the lock protects cannot tell a late write of an earlier holder.`,
                ...abilities.limits
            ];
        }
        function describeHelp(protocol, { path, pid }) {
            if (!protocol.break) {
                let which = void 0 === pid ? 'the process that holds it' : `process ${pid}`;
                return `It can't be broken by hand: it is free when ${which} ends.`;
            }
            return `To end it by hand, when its holder is dead: npx leasehold break --protocol ${protocol.name} --path ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.tB)((0, _base_shell_js__WEBPACK_IMPORTED_MODULE_2__.Z)(path))} --reason '…'`;
        }
        function describeLeftBehind({ abilities }, { ttlMs }) {
            if ('freed' === abilities.takeover) return "The system frees it with its holder's process.";
            if (void 0 !== ttlMs && ttlMs > 0) return `It is not renewed any more: within ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(ttlMs)} others may take it over.`;
            if ('by-age' === abilities.takeover) return 'It stays until it is removed by hand ("leasehold break").';
            return "Others may take it over when its holder's process has ended.";
        }
        function heldDocument(protocol, { identity, ...held }) {
            let { bytes } = identity;
            return {
                protocol,
                ...held,
                ...void 0 === bytes ? {} : {
                    record: bytes
                }
            };
        }
        let HEARTBEAT_MS = 60_000;
        class WaitLog {
            #protocol;
            #stalePolicy;
            #said = '';
            #saidMs = 0;
            constructor(protocol, stalePolicy){
                this.#protocol = protocol;
                this.#stalePolicy = stalePolicy;
            }
            lines(waiting, nowMs) {
                let { held, waitedMs } = waiting;
                let state = stateOf(waiting);
                if (state !== this.#said) {
                    this.#said = state;
                    this.#saidMs = nowMs;
                    return describeWaiting(this.#protocol, waiting, this.#stalePolicy);
                }
                if (nowMs - this.#saidMs < HEARTBEAT_MS) return [];
                this.#saidMs = nowMs;
                return [
                    `Still waiting for lock ${(0, _base_sanitise_js__WEBPACK_IMPORTED_MODULE_1__.hD)(held.path)} after ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_0__.a3)(waitedMs)}: held by ${describeHolder(held)}, ${describePolicy(this.#protocol, waiting, this.#stalePolicy)}.`
                ];
            }
        }
        function stateOf({ held, decision }) {
            let { pid, host, ownerId, identity, standing } = held;
            let named = void 0 !== pid || void 0 !== ownerId;
            let who = named ? [
                pid,
                host,
                ownerId
            ] : [
                identity.dev,
                identity.ino,
                identity.version
            ];
            let why = 'spare' === decision.kind ? decision.why : '';
            return JSON.stringify([
                ...who,
                standing.holder,
                standing.expired,
                standing.takeable,
                why
            ]);
        }
    },
    8420: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.r(__webpack_exports__);
        __webpack_require__.d(__webpack_exports__, {
            ASTERISK_TIMINGS: ()=>asterisk.pS,
            ASTERISK_VARIANTS: ()=>asterisk.We,
            AsteriskFlock: ()=>asterisk_flock.AsteriskFlock,
            AsteriskLockfile: ()=>asterisk_lockfile.AsteriskLockfile,
            PROTOCOLS: ()=>protocol.y,
            PidHold: ()=>pid.z,
            PidLockfile: ()=>PidLockfile,
            PidProtocol: ()=>pid.PidProtocol,
            ProtocolError: ()=>protocol.b,
            STALE_POLICIES: ()=>policy.tS,
            StoreError: ()=>store.AD,
            acquireBy: ()=>acquire.I,
            describeHeld: ()=>describe.T0,
            describeHolder: ()=>describe.sG,
            describeLimits: ()=>describe.Wm,
            describeLossCause: ()=>describe.yt,
            directoryLock: ()=>levels.J,
            heldDocument: ()=>describe.$o,
            isStale: ()=>acquire.Q,
            keepHold: ()=>keep.p,
            levelsProtocol: ()=>levels.levelsProtocol,
            lockPath: ()=>asterisk.HZ,
            openProtocol: ()=>protocols_open.L,
            releaseWithin: ()=>keep.z,
            systemSurroundings: ()=>systemSurroundings,
            vfs: ()=>vfs
        });
        var clock = __webpack_require__(4743);
        var random = __webpack_require__(5874);
        var policy = __webpack_require__(206);
        var store = __webpack_require__(7208);
        var acquire = __webpack_require__(6609);
        var asterisk = __webpack_require__(4157);
        var asterisk_flock = __webpack_require__(3475);
        var asterisk_lockfile = __webpack_require__(1587);
        var describe = __webpack_require__(9220);
        var keep = __webpack_require__(8336);
        var levels = __webpack_require__(6850);
        var protocols_open = __webpack_require__(4489);
        var pid = __webpack_require__(2535);
        var base_process = __webpack_require__(8208);
        var sanitise = __webpack_require__(9507);
        var usage_error = __webpack_require__(6485);
        var files = __webpack_require__(4850);
        var pid_record = __webpack_require__(3056);
        var protocol = __webpack_require__(7057);
        let MINUTE_MS = 60_000;
        let PAUSE_MS = 100;
        let RETRY_ROUNDS = 2;
        class PidLockfile {
            path;
            #protocol;
            #surroundings;
            #hold;
            constructor(path, surroundings){
                this.path = path;
                this.#surroundings = surroundings;
                this.#protocol = new pid.PidProtocol(surroundings);
            }
            async tryLock() {
                return this.#try();
            }
            async tryLockExpire(minutes) {
                if (!Number.isSafeInteger(minutes) || minutes <= 0) throw new usage_error.e(`minutes: ${minutes} is not a whole number above 0.`);
                return this.#try(minutes * MINUTE_MS);
            }
            async tryLockExpireWithRetry(minutes) {
                for(let round = 1;; round += 1){
                    let first = await this.#bearing(()=>this.tryLockExpire(minutes));
                    if (!(first instanceof protocol.b)) return first;
                    await this.#surroundings.clock.sleep(PAUSE_MS);
                    let second = await this.#bearing(()=>this.tryLockExpire(minutes));
                    if (!(second instanceof protocol.b)) return second;
                    if (round === RETRY_ROUNDS) throw second;
                }
            }
            async getOwner() {
                let record = (0, files.Un)(this.path);
                if (!record) return;
                let pid = (0, pid_record.Ng)(record.identity.bytes);
                if (void 0 === pid) throw new protocol.b('invalid-pid', `${(0, sanitise.hD)(this.path)} names no process: look at it (cat).`);
                if (!(0, base_process._n)({
                    pid
                })) throw new protocol.b('dead-owner', `${(0, sanitise.hD)(this.path)} names process ${pid}, which is gone.`);
                return pid;
            }
            async changeOwner(pid) {
                let hold = await this.#owned();
                if ('standing' in hold) return {
                    kind: 'held',
                    by: hold
                };
                let changed = await hold.changeOwner(pid);
                this.#hold = pid === process.pid ? changed : void 0;
                return {
                    kind: 'changed',
                    hold: changed
                };
            }
            async unlock() {
                let hold = await this.#owned();
                if ('standing' in hold) throw new protocol.b('rogue-deletion', `${(0, sanitise.hD)(this.path)} is not ours: ${hold.standing.detail}.`);
                this.#hold = void 0;
                let released = await hold.release();
                if ('compromised' === released.kind) throw new protocol.b('rogue-deletion', `${(0, sanitise.hD)(this.path)} was ours: ${released.detail}.`);
            }
            async #try(ttlMs) {
                let attempt = await this.#protocol.tryAcquire({
                    path: this.path,
                    pid: process.pid,
                    ...void 0 === ttlMs ? {} : {
                        ttlMs
                    },
                    mayTake: async ({ standing })=>standing.takeable
                });
                if ('acquired' === attempt.kind) this.#hold = attempt.hold;
                return attempt;
            }
            async #owned() {
                if (this.#hold) return this.#hold;
                let held = await this.#protocol.inspect(this.path);
                if (!held) throw new protocol.b('rogue-deletion', `${(0, sanitise.hD)(this.path)} is not there.`);
                if (held.pid !== process.pid || 'alive' === held.standing.holder) return held;
                let { path, identity, ttlMs = MINUTE_MS } = held;
                let ttl = void 0 === held.standing.expired ? {} : {
                    ttlMs
                };
                this.#hold = this.#protocol.resume({
                    protocol: 'pid',
                    path,
                    pid: process.pid,
                    identity,
                    ...ttl
                });
                return this.#hold;
            }
            async #bearing(work) {
                try {
                    return await work();
                } catch (error) {
                    if (error instanceof protocol.b) return error;
                    throw error;
                }
            }
        }
        var vfs = __webpack_require__(7212);
        let systemSurroundings = {
            clock: clock.ml,
            random: random.v,
            platform: process.platform
        };
    },
    8336: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            p: ()=>keepHold,
            z: ()=>releaseWithin
        });
        var _base_clock_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4743);
        var _base_duration_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8045);
        var _protocol_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7057);
        let CHECK_EVERY_MS = 2_000;
        let CALL_TIMEOUT_MS = 10_000;
        async function keepHold(hold, options) {
            let { clock, signal, maxHoldMs = 1 / 0 } = options;
            let startedMs = clock.monotonicMs();
            let { ttlMs } = hold.holding;
            let renewed = options.since ?? (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(clock);
            let seenOurs = renewed;
            let renewAtMs = renewed.monotonicMs + (ttlMs ?? 0) / 3;
            for(;;){
                await clock.sleep(void 0 === ttlMs ? CHECK_EVERY_MS : Math.min(CHECK_EVERY_MS, ttlMs / 6), signal);
                if (signal.aborted) return {
                    kind: 'stopped'
                };
                let now = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(clock);
                if (now.monotonicMs - startedMs >= maxHoldMs) return {
                    kind: 'lost',
                    cause: {
                        kind: 'max-hold',
                        maxHoldMs
                    },
                    aloneUntilMs: now.wallMs
                };
                let due = void 0 !== hold.renew && void 0 !== ttlMs && now.monotonicMs >= renewAtMs;
                try {
                    let check = await (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(clock, CALL_TIMEOUT_MS, signal, async (call)=>due ? hold.renew?.(call) : hold.check(call));
                    if (check?.kind === 'compromised') return {
                        kind: 'lost',
                        cause: check,
                        aloneUntilMs: seenOurs.wallMs
                    };
                    seenOurs = now;
                    options.onOurs?.(now);
                    if (!due) continue;
                    renewed = now;
                    renewAtMs = now.monotonicMs + ttlMs / 3;
                    options.onRenewed?.(now);
                } catch (error) {
                    if (!(error instanceof _protocol_js__WEBPACK_IMPORTED_MODULE_2__.b)) throw error;
                    if (signal.aborted) return {
                        kind: 'stopped'
                    };
                    options.onTrouble?.(error);
                    if (void 0 === ttlMs || elapsedMs(renewed, clock) < 8 * ttlMs / 9) continue;
                    let detail = `it was not renewed for ${(0, _base_duration_js__WEBPACK_IMPORTED_MODULE_1__.a3)(elapsedMs(renewed, clock))}: ${error.message}`;
                    return {
                        kind: 'lost',
                        cause: {
                            kind: 'unreachable',
                            detail
                        },
                        aloneUntilMs: Math.max(seenOurs.wallMs, renewed.wallMs + ttlMs)
                    };
                }
            }
        }
        let RELEASE_EVERY_MS = 500;
        async function releaseWithin(hold, clock, withinMs) {
            let untilMs = clock.monotonicMs() + withinMs;
            for(;;){
                try {
                    return await (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.wj)(clock, Math.max(untilMs - clock.monotonicMs(), 1), void 0, (signal)=>hold.release(signal));
                } catch (error) {
                    if (!(error instanceof _protocol_js__WEBPACK_IMPORTED_MODULE_2__.b) || !error.temporary) throw error;
                    if (clock.monotonicMs() + RELEASE_EVERY_MS >= untilMs) throw error;
                }
                await clock.sleep(RELEASE_EVERY_MS);
            }
        }
        function elapsedMs(since, clock) {
            let now = (0, _base_clock_js__WEBPACK_IMPORTED_MODULE_0__.B9)(clock);
            return Math.max(now.wallMs - since.wallMs, now.monotonicMs - since.monotonicMs);
        }
    },
    4489: (__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__)=>{
        __webpack_require__.d(__webpack_exports__, {
            L: ()=>openProtocol
        });
        async function openProtocol(name, surroundings, options = {}) {
            switch(name){
                case 'levels':
                    {
                        let { levelsProtocol } = await Promise.all([
                            __webpack_require__.e(231),
                            __webpack_require__.e(850)
                        ]).then(__webpack_require__.bind(__webpack_require__, 6850));
                        return levelsProtocol(surroundings);
                    }
                case 'pid':
                    {
                        let { PidProtocol } = await Promise.all([
                            __webpack_require__.e(535),
                            __webpack_require__.e(469)
                        ]).then(__webpack_require__.bind(__webpack_require__, 2535));
                        return new PidProtocol(surroundings);
                    }
                case 'vfs':
                    {
                        let { VfsProtocol } = await Promise.all([
                            __webpack_require__.e(212),
                            __webpack_require__.e(612)
                        ]).then(__webpack_require__.bind(__webpack_require__, 7212));
                        return new VfsProtocol(surroundings, options);
                    }
                case 'asterisk-lockfile':
                    {
                        let { AsteriskLockfile } = await Promise.all([
                            __webpack_require__.e(157),
                            __webpack_require__.e(587)
                        ]).then(__webpack_require__.bind(__webpack_require__, 1587));
                        return new AsteriskLockfile(surroundings, options);
                    }
                case 'asterisk-flock':
                    {
                        let { AsteriskFlock } = await Promise.all([
                            __webpack_require__.e(157),
                            __webpack_require__.e(475)
                        ]).then(__webpack_require__.bind(__webpack_require__, 3475));
                        return new AsteriskFlock(surroundings, options);
                    }
            }
        }
    }
};
