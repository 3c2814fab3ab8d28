export const id = 475;
export const ids = [
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
    }
};
