// The last resort where memory runs out: what a command needs is estimated beforehand, but Swift
// itself asks for memory anywhere and ends the process with a page of backtrace when there is none.
// Every allocation of the process comes through here and ends it with a line and a code of ours.
#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// glibc's own, under the names that it keeps for such wrappers.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

_Noreturn void cp_end(const char *text, int status) {
  // Not stdio, which may allocate.
  static const char start[] = "codistill: error: ";
  (void)!write(STDERR_FILENO, start, sizeof start - 1);
  (void)!write(STDERR_FILENO, text, strlen(text));
  (void)!write(STDERR_FILENO, "\n", 1);
  _exit(status);
}

_Noreturn void cp_end_without_memory(size_t bytes) {
  char text[160];
  snprintf(
    text, sizeof text,
    "out of memory: %zu more bytes cannot be had; take a smaller model or batch, or raise the limit",
    bytes);
  cp_end(text, 69);
}

bool cp_has_room(size_t bytes) {
  void *room = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return false;
  munmap(room, bytes);
  return true;
}

static void *given(void *memory, size_t bytes) {
  if (memory == NULL && bytes > 0) cp_end_without_memory(bytes);
  return memory;
}

void *malloc(size_t bytes) { return given(__libc_malloc(bytes), bytes); }

void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
  return given(__libc_calloc(count, size), bytes);
}

void *realloc(void *old, size_t bytes) { return given(__libc_realloc(old, bytes), bytes); }

void *memalign(size_t alignment, size_t bytes) {
  return given(__libc_memalign(alignment, bytes), bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0)
    return EINVAL;
  *memory = memalign(alignment, bytes);
  return 0;
}
