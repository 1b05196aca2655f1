// Vectors of 4 lanes in plain C, for gemm_body.h.
#include <string.h>

#include "gemm_block.h"

#define GEMM_TILE_ROWS 6

typedef float vector __attribute__((vector_size(16)));

enum {
  WIDTH = 4,
  TILE_ROWS = GEMM_TILE_ROWS,
  BLOCK_ROWS = 86 * TILE_ROWS,
};

INLINE vector zero(void) { return (vector){0}; }
INLINE vector broadcast(float x) { return (vector){x, x, x, x}; }
INLINE vector add(vector x, vector y) { return x + y; }

INLINE vector load(const float *x) {
  vector v;
  memcpy(&v, x, sizeof v);
  return v;
}

INLINE void store(float *x, vector v) { memcpy(x, &v, sizeof v); }

/// The first `count` lanes; the others are zero, and not read.
INLINE vector load_first(const float *x, ptrdiff_t count) {
  if (count >= WIDTH) return load(x);
  vector v = {0};
  for (ptrdiff_t i = 0; i < count; i++) v[i] = x[i];
  return v;
}

/// Stores the first `count` lanes.
INLINE void store_first(float *x, ptrdiff_t count, vector v) {
  for (ptrdiff_t i = 0; i < WIDTH && i < count; i++) x[i] = v[i];
}

/// Transposes 4 x 4 lanes.
INLINE void transpose(vector r[WIDTH]) {
  vector t[WIDTH];
  for (int i = 0; i < WIDTH; i++) t[i] = (vector){r[0][i], r[1][i], r[2][i], r[3][i]};
  for (int i = 0; i < WIDTH; i++) r[i] = t[i];
}
