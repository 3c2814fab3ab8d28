/*
 * Asterisk's two ways to lock a directory, restated from their description; not one line is Asterisk's.
 *
 *   driver lockfile|flock|blog-lockfile|blog-flock [DIRECTORY CYCLES]
 *
 * Each line on standard input is answered by one line:
 *   lock DIRECTORY        tries for as long as the original does: success, timeout, path not found or failure
 *   try DIRECTORY         the same, without waiting
 *   unlock DIRECTORY      success or failure
 * With a directory, whatever the line is, it is locked and unlocked so many times, and the answer is how many nanoseconds that
 * took.
 *
 * Asterisk: `lock` goes on for less than 5 s of time(2). The Go variant of the blog: 12 tries, half a second apart, files of
 * mode 0600; its flock closes the descriptor once it is locked, and so unlocks it at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum outcome { SUCCESS, TIMEOUT, PATH_NOT_FOUND, FAILURE };
static const char *const OUTCOMES[] = {"success", "timeout", "path not found", "failure"};

enum way { LOCKFILE, FLOCK };

static enum way way;
static int is_blog;

struct held {
  char directory[PATH_MAX];
  int descriptor;
};
/* What this process believes to have locked by flock. */
static struct held held[16];

static void pause_ms(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

/* Whether there is time for another try; pauses before it. */
static int again(time_t started, int tries, int waits) {
  if (!waits) return 0;
  if (is_blog) {
    if (tries >= 12) return 0;
    pause_ms(500);
    return 1;
  }
  if (time(NULL) - started >= 5) return 0;
  pause_ms(1);
  return 1;
}

static enum outcome lock_by_file(const char *directory, int waits) {
  char temporary[PATH_MAX + 32], lock[PATH_MAX + 32];
  snprintf(temporary, sizeof temporary, "%s/.lock-%08lx", directory, random());
  snprintf(lock, sizeof lock, "%s/.lock", directory);
  int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, is_blog ? 0600 : 0666);
  if (file < 0) return PATH_NOT_FOUND;
  close(file);
  time_t started = time(NULL);
  int tries = 1, linked;
  while ((linked = link(temporary, lock)) != 0 && errno == EEXIST && again(started, tries, waits)) tries++;
  int why = errno;
  unlink(temporary);
  if (linked == 0) return SUCCESS;
  return why == EEXIST ? TIMEOUT : FAILURE;
}

static enum outcome unlock_by_file(const char *directory) {
  char lock[PATH_MAX + 32];
  snprintf(lock, sizeof lock, "%s/.lock", directory);
  return unlink(lock) == 0 ? SUCCESS : FAILURE;
}

static struct held *free_place(void) {
  for (size_t i = 0; i < sizeof held / sizeof *held; i++)
    if (held[i].directory[0] == 0) return &held[i];
  abort();
}

static enum outcome lock_by_flock(const char *directory, int waits) {
  char lock[PATH_MAX + 32];
  struct stat named, opened;
  snprintf(lock, sizeof lock, "%s/lock", directory);
  time_t started = time(NULL);
  for (int tries = 1;;) {
    if (lstat(lock, &named) == 0 && (S_ISLNK(named.st_mode) || named.st_nlink > 1)) return FAILURE;
    int file = open(lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return PATH_NOT_FOUND;
    int locked;
    while ((locked = flock(file, LOCK_EX | LOCK_NB)) != 0 && errno == EWOULDBLOCK && again(started, tries, waits)) tries++;
    if (locked != 0) {
      int why = errno;
      close(file);
      return why == EWOULDBLOCK ? TIMEOUT : FAILURE;
    }
    int is_there = stat(lock, &named) == 0 && fstat(file, &opened) == 0 && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
    if (!is_there) {
      /* Who had it locked has removed it meanwhile. */
      close(file);
      continue;
    }
    if (is_blog) {
      close(file);
      return SUCCESS;
    }
    struct held *place = free_place();
    snprintf(place->directory, sizeof place->directory, "%s", directory);
    place->descriptor = file;
    return SUCCESS;
  }
}

/* It removes the file whether it has it locked or not. */
static enum outcome unlock_by_flock(const char *directory) {
  char lock[PATH_MAX + 32];
  snprintf(lock, sizeof lock, "%s/lock", directory);
  int removed = unlink(lock);
  for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
    if (strcmp(held[i].directory, directory) != 0) continue;
    close(held[i].descriptor);
    held[i].directory[0] = 0;
  }
  return removed == 0 ? SUCCESS : FAILURE;
}

static enum outcome lock_path(const char *directory, int waits) {
  return way == LOCKFILE ? lock_by_file(directory, waits) : lock_by_flock(directory, waits);
}

static enum outcome unlock_path(const char *directory) {
  return way == LOCKFILE ? unlock_by_file(directory) : unlock_by_flock(directory);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void time_cycles(const char *directory, int cycles) {
  int64_t started = now_ns();
  for (int i = 0; i < cycles; i++)
    if (lock_path(directory, 0) != SUCCESS || unlock_path(directory) != SUCCESS) exit(1);
  printf("%lld\n", (long long)(now_ns() - started));
}

static void answer(const char *line) {
  if (strncmp(line, "lock ", 5) == 0) {
    puts(OUTCOMES[lock_path(line + 5, 1)]);
  } else if (strncmp(line, "try ", 4) == 0) {
    puts(OUTCOMES[lock_path(line + 4, 0)]);
  } else if (strncmp(line, "unlock ", 7) == 0) {
    puts(OUTCOMES[unlock_path(line + 7)]);
  } else {
    puts("unknown command");
  }
}

int main(int count, char **arguments) {
  const char *mode = count > 1 ? arguments[1] : "";
  is_blog = strncmp(mode, "blog-", 5) == 0;
  const char *rest = is_blog ? mode + 5 : mode;
  if (strcmp(rest, "lockfile") != 0 && strcmp(rest, "flock") != 0) {
    fprintf(stderr, "driver lockfile|flock|blog-lockfile|blog-flock [DIRECTORY CYCLES]\n");
    return 2;
  }
  way = strcmp(rest, "flock") == 0 ? FLOCK : LOCKFILE;
  srandom((unsigned)getpid() ^ (unsigned)now_ns());
  static char line[PATH_MAX + 64];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (count == 4) time_cycles(arguments[2], atoi(arguments[3]));
    else answer(line);
    fflush(stdout);
  }
  return 0;
}
