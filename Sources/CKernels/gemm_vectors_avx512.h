// Vectors of 16 lanes, for gemm_body.h. The includer defines GEMM_TARGET and INLINE.
#include <immintrin.h>

#include "gemm_block.h"

#define GEMM_TILE_ROWS 14

typedef __m512 vector;

enum {
  WIDTH = 16,
  TILE_ROWS = GEMM_TILE_ROWS,
  BLOCK_ROWS = 37 * TILE_ROWS,  // 518: a sequence of 512 tokens lays B out once
};

/// A mask of the first `count` of 16 lanes.
INLINE __mmask16 first_lanes(ptrdiff_t count) {
  return count >= 16 ? 0xffff : count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
}

INLINE vector zero(void) { return _mm512_setzero_ps(); }
INLINE vector load(const float *x) { return _mm512_loadu_ps(x); }
INLINE void store(float *x, vector v) { _mm512_storeu_ps(x, v); }
INLINE vector broadcast(float x) { return _mm512_set1_ps(x); }
INLINE vector add(vector x, vector y) { return _mm512_add_ps(x, y); }

/// The first `count` lanes; the others are zero, and not read.
INLINE vector load_first(const float *x, ptrdiff_t count) {
  return _mm512_maskz_loadu_ps(first_lanes(count), x);
}

/// Stores the first `count` lanes.
INLINE void store_first(float *x, ptrdiff_t count, vector v) {
  _mm512_mask_storeu_ps(x, first_lanes(count), v);
}

/// Transposes 16 x 16 lanes.
INLINE void transpose(vector r[WIDTH]) {
  vector t[WIDTH];
  UNROLL for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  UNROLL for (int i = 0; i < 16; i += 4) {
    for (int j = 0; j < 2; j++) {
      __m512d x = _mm512_castps_pd(t[i + j]), y = _mm512_castps_pd(t[i + j + 2]);
      r[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(x, y));
      r[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(x, y));
    }
  }
  UNROLL for (int j = 0; j < 4; j++) {
    __m512 a = _mm512_shuffle_f32x4(r[j], r[4 + j], 0x88);
    __m512 b = _mm512_shuffle_f32x4(r[j], r[4 + j], 0xdd);
    __m512 c = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0x88);
    __m512 d = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0xdd);
    t[j] = _mm512_shuffle_f32x4(a, c, 0x88);
    t[4 + j] = _mm512_shuffle_f32x4(b, d, 0x88);
    t[8 + j] = _mm512_shuffle_f32x4(a, c, 0xdd);
    t[12 + j] = _mm512_shuffle_f32x4(b, d, 0xdd);
  }
  UNROLL for (int i = 0; i < 16; i++) r[i] = t[i];
}
