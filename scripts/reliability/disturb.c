// Ends or disturbs a process at its n-th change to a file system; loaded with LD_PRELOAD.
//
//   DISTURB_AT    n, counted from 1 over write (to files), ftruncate, fsync, rename, unlink, mkdir
//   DISTURB_HOW   before | after | half: die by SIGKILL before the call, after it, or after half
//                 of a write; eio | enospc: let the call fail
//   DISTURB_LOG   a file that the number of calls of each kind is appended to at a normal end
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { WRITE, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, KINDS };
static atomic_long total, calls[KINDS];

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int how(const char *name) {
  const char *value = getenv("DISTURB_HOW");
  return value && strcmp(value, name) == 0;
}

// Counts a call; true if it is the one.
static int is_chosen(enum kind kind) {
  long number = atomic_fetch_add(&total, 1) + 1;
  atomic_fetch_add(&calls[kind], 1);
  const char *at = getenv("DISTURB_AT");
  return at && atol(at) == number;
}

// True, with errno set, if the call is to fail.
static int fails(void) {
  if (how("eio")) return errno = EIO, 1;
  if (how("enospc")) return errno = ENOSPC, 1;
  return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define DISTURB(kind, result, call)      \
  do {                                   \
    if (!is_chosen(kind)) return call;   \
    if (how("before")) die();            \
    if (fails()) return -1;              \
    result = call;                       \
    if (how("after")) die();             \
    return result;                       \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t count) {
  struct stat status;
  int saved = errno;
  int is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  errno = saved;
  if (!is_file) return REAL(write)(fd, bytes, count);
  if (getenv("DISTURB_AT") && how("half") && atol(getenv("DISTURB_AT")) == total + 1) {
    REAL(write)(fd, bytes, count / 2);
    die();
  }
  ssize_t result;
  DISTURB(WRITE, result, REAL(write)(fd, bytes, count));
}

int ftruncate(int fd, off_t length) {
  int result;
  DISTURB(TRUNCATE, result, REAL(ftruncate)(fd, length));
}

int fsync(int fd) {
  int result;
  DISTURB(SYNC, result, REAL(fsync)(fd));
}

int rename(const char *from, const char *to) {
  int result;
  DISTURB(RENAME, result, REAL(rename)(from, to));
}

int unlink(const char *path) {
  int result;
  DISTURB(UNLINK, result, REAL(unlink)(path));
}

int mkdir(const char *path, mode_t mode) {
  int result;
  DISTURB(MKDIR, result, REAL(mkdir)(path, mode));
}

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("DISTURB_LOG");
  if (!path) return;
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  dprintf(fd, "%ld write %ld ftruncate %ld fsync %ld rename %ld unlink %ld mkdir %ld\n", total,
    calls[WRITE], calls[TRUNCATE], calls[SYNC], calls[RENAME], calls[UNLINK], calls[MKDIR]);
  close(fd);
}
