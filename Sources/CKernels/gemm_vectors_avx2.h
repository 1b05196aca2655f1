// Vectors of 8 lanes, for gemm_body.h. The includer defines GEMM_TARGET and INLINE.
#include <immintrin.h>

#include "gemm_block.h"

#define GEMM_TILE_ROWS 6

typedef __m256 vector;

enum {
  WIDTH = 8,
  TILE_ROWS = GEMM_TILE_ROWS,  // 12 sums, two vectors of B and one of A: 15 of 16 registers
  BLOCK_ROWS = 64 * TILE_ROWS,  // 384: 400 KB of a second-level cache of 512
};

INLINE vector zero(void) { return _mm256_setzero_ps(); }
INLINE vector load(const float *x) { return _mm256_loadu_ps(x); }
INLINE void store(float *x, vector v) { _mm256_storeu_ps(x, v); }
INLINE vector broadcast(float x) { return _mm256_set1_ps(x); }
INLINE vector add(vector x, vector y) { return _mm256_add_ps(x, y); }

/// A mask of the first `count` of 8 lanes.
INLINE __m256i first_lanes(ptrdiff_t count) {
  static const int32_t ones_then_zeros[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256((const __m256i *)(ones_then_zeros + 8 - count));
}

/// The first `count` lanes; the others are zero, and not read.
INLINE vector load_first(const float *x, ptrdiff_t count) {
  if (count >= WIDTH) return load(x);
  return count <= 0 ? zero() : _mm256_maskload_ps(x, first_lanes(count));
}

/// Stores the first `count` lanes; a store by mask takes AMD's processors 20 times as long.
INLINE void store_first(float *x, ptrdiff_t count, vector v) {
  if (count >= WIDTH) {
    store(x, v);
  } else if (count > 0) {
    _mm256_maskstore_ps(x, first_lanes(count), v);
  }
}

/// Transposes 8 x 8 lanes.
INLINE void transpose(vector r[WIDTH]) {
  vector t[WIDTH];
  UNROLL for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  UNROLL for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; j++) {
      r[i + 2 * j] = _mm256_shuffle_ps(t[i + j], t[i + j + 2], 0x44);
      r[i + 2 * j + 1] = _mm256_shuffle_ps(t[i + j], t[i + j + 2], 0xee);
    }
  }
  UNROLL for (int j = 0; j < 4; j++) {
    t[j] = _mm256_permute2f128_ps(r[j], r[4 + j], 0x20);
    t[4 + j] = _mm256_permute2f128_ps(r[j], r[4 + j], 0x31);
  }
  UNROLL for (int i = 0; i < 8; i++) r[i] = t[i];
}
