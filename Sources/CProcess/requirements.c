// What every command needs of the system, asked for at once: without threads Dispatch waits for
// them for ever, and without descriptors it traps.
#define _GNU_SOURCE
#include "CProcess.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>

enum { LEAST_DESCRIPTORS = 64, LEAST_STACK = 256 << 10, MOST_THREADS = 1024 };

static void require_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= LEAST_DESCRIPTORS) return;
  rlim_t allowed = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max < LEAST_DESCRIPTORS ? limit.rlim_max : LEAST_DESCRIPTORS;
  if (limit.rlim_cur == LEAST_DESCRIPTORS && setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  char text[120];
  snprintf(
    text, sizeof text, "only %llu files may be open at once; raise the limit (ulimit -n %d)",
    (unsigned long long)allowed, LEAST_DESCRIPTORS);
  cp_end(text, 69);
}

static void require_stack(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= LEAST_STACK) return;
  cp_end("the stack may have less than 256 KB; raise the limit (ulimit -s 8192)", 69);
}

static void *wait_at(void *gate) {
  pthread_mutex_lock(gate);
  pthread_mutex_unlock(gate);
  return NULL;
}

/// How many of some threads can be alive at once.
static int startable(int wanted) {
  static pthread_t threads[MOST_THREADS];
  pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
  int started = 0;
  pthread_mutex_lock(&gate);
  while (started < wanted && pthread_create(&threads[started], NULL, wait_at, &gate) == 0)
    started++;
  pthread_mutex_unlock(&gate);
  for (int index = 0; index < started; index++) pthread_join(threads[index], NULL);
  return started;
}

void cp_require_basics(int threads) {
  require_descriptors();
  require_stack();
  int wanted = threads < MOST_THREADS ? threads : MOST_THREADS;
  int started = startable(wanted);
  if (started >= wanted) return;
  char text[160];
  snprintf(
    text, sizeof text,
    "only %d of %d threads can be started; raise the limit on processes (ulimit -u) or addresses "
    "(ulimit -v)", started, wanted);
  cp_end(text, 69);
}
