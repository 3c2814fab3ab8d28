/*
 * Makes system calls of one process fail: LD_PRELOAD this, see disk-faults.ts. Only calls on files below the directory
 * DISK_FAULTS_BELOW count. DISK_FAULTS is a comma-separated list of rules `call:number[+]:fault`: the number-th such call of
 * the process, or (+) that and all after it. A fault is
 *   E…           the call does nothing, and fails with that
 *   lost=E…      the call does what it should, and fails with that; if it fails by itself, as it does
 *   false        the call does nothing, and succeeds
 *   short        a write writes half
 * Each call is a line in the file DISK_FAULTS_LOG: `call number path [fault]`. With DISK_FAULTS_AFTER nothing is counted until
 * there is such a file.
 *
 * The calls are those that libuv makes on Linux; `stat` and `close` go through syscall(2).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { NONE, REFUSED, LOST, FALSE_SUCCESS, SHORT };
struct fault { enum kind kind; int code; };

#define MOST_FILES 4096
static char *paths[MOST_FILES];
static const char *CALLS[] = {"open", "write", "read", "fsync", "link", "unlink", "rename", "mkdir", "scandir", "stat", "close"};
enum { OPEN, WRITE, READ, FSYNC, LINK, UNLINK, RENAME, MKDIR, SCANDIR, STAT, CLOSE, CALL_COUNT };
static int counts[CALL_COUNT];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const struct { const char *name; int code; } CODES[] = {
  {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EEXIST", EEXIST}, {"EINTR", EINTR}, {"EPERM", EPERM},
  {"EMFILE", EMFILE}, {"EROFS", EROFS}, {"EACCES", EACCES}, {"ETIMEDOUT", ETIMEDOUT}, {"ESTALE", ESTALE},
  {"ENOTSUP", ENOTSUP}, {"EMLINK", EMLINK}, {"ENOENT", ENOENT},
};

static int code_of(const char *name) {
  for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
    if (strcmp(CODES[i].name, name) == 0) return CODES[i].code;
  fprintf(stderr, "disk-faults: unknown error %s\n", name);
  abort();
}

static struct fault fault_named(const char *name) {
  if (strcmp(name, "false") == 0) return (struct fault){FALSE_SUCCESS, 0};
  if (strcmp(name, "short") == 0) return (struct fault){SHORT, 0};
  if (strncmp(name, "lost=", 5) == 0) return (struct fault){LOST, code_of(name + 5)};
  return (struct fault){REFUSED, code_of(name)};
}

static int is_below(const char *path) {
  const char *below = getenv("DISK_FAULTS_BELOW");
  if (!below || !path) return 0;
  size_t length = strlen(below);
  return strncmp(path, below, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* The fault of this call, which is counted and logged. */
static struct fault next(int call, const char *path) {
  struct fault found = {NONE, 0};
  char name[40] = "";
  pthread_mutex_lock(&lock);
  const char *after = getenv("DISK_FAULTS_AFTER");
  struct stat ignored;
  if (after && stat(after, &ignored) != 0) {
    pthread_mutex_unlock(&lock);
    return found;
  }
  int number = ++counts[call];
  const char *rules = getenv("DISK_FAULTS");
  char copy[1024], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", rules ? rules : "");
  for (char *rule = strtok_r(copy, ",", &rest); rule; rule = strtok_r(NULL, ",", &rest)) {
    char which[16], plus = 0, fault[32];
    int at;
    int fields = sscanf(rule, "%15[a-z]:%d%1[+]:%31s", which, &at, &plus, fault);
    if (fields != 4) {
      plus = 0;
      fields = sscanf(rule, "%15[a-z]:%d:%31s", which, &at, fault) + 1;
    }
    if (fields != 4) { fprintf(stderr, "disk-faults: not a rule: %s\n", rule); abort(); }
    if (strcmp(which, CALLS[call]) == 0 && (number == at || (plus && number > at))) {
      found = fault_named(fault);
      snprintf(name, sizeof name, " %s", fault);
    }
  }
  const char *log = getenv("DISK_FAULTS_LOG");
  if (log) {
    char line[PATH_MAX + 96];
    int length = snprintf(line, sizeof line, "%s %d %s%s\n", CALLS[call], number, path, name);
    int file = REAL(open64)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) {
      if (REAL(write)(file, line, (size_t)length) < 0) abort();
      REAL(close)(file);
    }
  }
  pthread_mutex_unlock(&lock);
  return found;
}

/* What the call answers: `real` is evaluated only if it is made. */
#define ANSWER(call, path, real)                                   \
  do {                                                             \
    struct fault fault = next(call, path);                         \
    if (fault.kind == FALSE_SUCCESS) return 0;                     \
    if (fault.kind == REFUSED) { errno = fault.code; return -1; }  \
    __typeof__(real) value = (real);                               \
    if (fault.kind == LOST && value >= 0) {                        \
      errno = fault.code;                                          \
      return -1;                                                   \
    }                                                              \
    return value;                                                  \
  } while (0)

static const char *path_of(int file) { return file >= 0 && file < MOST_FILES ? paths[file] : NULL; }

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (!is_below(path)) return REAL(open64)(path, flags, mode);
  struct fault fault = next(OPEN, path);
  if (fault.kind == REFUSED) { errno = fault.code; return -1; }
  int file = REAL(open64)(path, flags, mode);
  if (fault.kind == LOST && file >= 0) {
    REAL(close)(file);
    errno = fault.code;
    return -1;
  }
  if (file >= 0 && file < MOST_FILES) paths[file] = strdup(path);
  return file;
}

/* A file is closed whatever close says. */
static int close_known(int file) {
  struct fault fault = next(CLOSE, paths[file]);
  free(paths[file]);
  paths[file] = NULL;
  int result = REAL(close)(file);
  if (fault.kind == NONE) return result;
  errno = fault.code;
  return -1;
}

int close(int file) { return path_of(file) ? close_known(file) : REAL(close)(file); }

long syscall(long number, ...) {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_close && path_of((int)a[0])) return close_known((int)a[0]);
  const char *path = (const char *)a[1];
  if (number != SYS_statx || !is_below(path)) return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  ANSWER(STAT, path, REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

ssize_t write(int file, const void *data, size_t length) {
  const char *path = path_of(file);
  if (!path) return REAL(write)(file, data, length);
  struct fault fault = next(WRITE, path);
  if (fault.kind == REFUSED) { errno = fault.code; return -1; }
  if (fault.kind == FALSE_SUCCESS) return (ssize_t)length;
  ssize_t written = REAL(write)(file, data, fault.kind == SHORT ? length / 2 : length);
  if (fault.kind == LOST && written >= 0) { errno = fault.code; return -1; }
  return written;
}

ssize_t read(int file, void *data, size_t length) {
  const char *path = path_of(file);
  if (!path) return REAL(read)(file, data, length);
  ANSWER(READ, path, REAL(read)(file, data, length));
}

ssize_t pread64(int file, void *data, size_t length, off64_t offset) {
  const char *path = path_of(file);
  if (!path) return REAL(pread64)(file, data, length, offset);
  ANSWER(READ, path, REAL(pread64)(file, data, length, offset));
}

int fsync(int file) {
  const char *path = path_of(file);
  if (!path) return REAL(fsync)(file);
  ANSWER(FSYNC, path, REAL(fsync)(file));
}

int link(const char *from, const char *to) {
  if (!is_below(to)) return REAL(link)(from, to);
  ANSWER(LINK, to, REAL(link)(from, to));
}

int unlink(const char *path) {
  if (!is_below(path)) return REAL(unlink)(path);
  ANSWER(UNLINK, path, REAL(unlink)(path));
}

int rename(const char *from, const char *to) {
  if (!is_below(to)) return REAL(rename)(from, to);
  ANSWER(RENAME, to, REAL(rename)(from, to));
}

int mkdir(const char *path, mode_t mode) {
  if (!is_below(path)) return REAL(mkdir)(path, mode);
  ANSWER(MKDIR, path, REAL(mkdir)(path, mode));
}

int scandir64(const char *path, struct dirent64 ***list, int (*filter)(const struct dirent64 *),
              int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  if (!is_below(path)) return REAL(scandir64)(path, list, filter, compare);
  ANSWER(SCANDIR, path, REAL(scandir64)(path, list, filter, compare));
}
