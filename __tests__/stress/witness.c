/*
 * What works under the lock: a process that knows nothing of Leasehold. `witness LOG SOCKET WORK_MS`
 *
 * It appends to LOG that it has entered, that it still works (every 5 ms), that the resource refused its write, and that it
 * leaves: one line and one write(2) each, so that a kill leaves whole lines. Times are CLOCK_MONOTONIC in milliseconds,
 * which all processes of a machine share. Each time it also writes to the resource behind SOCKET, showing its token. It goes
 * on when it is refused: a worker that does not care is the worst there is.
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int witness_log;

static const char *variable(const char *name) {
  const char *value = getenv(name);
  if (value) return value;
  fprintf(stderr, "witness: %s is not set\n", name);
  exit(2);
}

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void note(const char *what) {
  char line[200];
  int length = snprintf(line, sizeof line, "%.3f %s %s %s %d\n", now_ms(), what, variable("LEASEHOLD_TOKEN"),
                        variable("STRESS_CLIENT"), (int)getpid());
  if (write(witness_log, line, length) != length) _exit(3);
}

static int open_resource(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int resource = socket(AF_UNIX, SOCK_STREAM, 0);
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (connect(resource, (struct sockaddr *)&address, sizeof address) != 0) _exit(4);
  return resource;
}

static void write_to(int resource) {
  char line[300], answer;
  int length = snprintf(line, sizeof line, "%s %s %s %d %s\n", variable("LEASEHOLD_NAME"), variable("LEASEHOLD_TOKEN"),
                        variable("STRESS_CLIENT"), (int)getpid(), variable("LEASEHOLD_LEASE"));
  if (write(resource, line, length) != length || read(resource, &answer, 1) != 1) _exit(5);
  if (answer != '+') note("refused");
}

int main(int count, char **words) {
  if (count != 4) return 2;
  witness_log = open(words[1], O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (witness_log < 0) return 3;
  note("enter");
  double until_ms = now_ms() + atof(words[3]);
  int resource = open_resource(words[2]);
  write_to(resource);
  do {
    struct timespec pause = {0, 5000000};
    nanosleep(&pause, 0);
    note("beat");
    write_to(resource);
  } while (now_ms() < until_ms);
  note("leave");
  return 0;
}
