// Products of float32: a lane is one element.
#include "CKernels.h"
#include "gemm_block.h"

ptrdiff_t ck_gemm_scratch(void) {
  return BLOCK_ROWS * BLOCK_STRIDE + (BLOCK_DEPTH + 16) * TILE_COLUMNS;
}

ptrdiff_t ck_gemm_block_rows(void) { return BLOCK_ROWS; }

#if defined(__x86_64__)
#include <immintrin.h>

#define GEMM_TARGET "avx512f,prfchw"
#define GEMM_NAME ck_gemm_float32
#define LANE_ELEMENTS 1

#define INLINE static inline __attribute__((always_inline, target(GEMM_TARGET)))

/// sum + x * y in every lane.
INLINE __m512 multiply_add(__m512 x, __m512 y, __m512 sum) {
  return _mm512_fmadd_ps(x, y, sum);
}

/// 16 lanes that follow each other along the inner index, of which `left` elements exist.
INLINE __m512 lanes_along(const float *x, ptrdiff_t left) {
  return _mm512_maskz_loadu_ps(first_lanes(left), x);
}

/// The same place along the inner index of 16 neighbours; `left` elements exist along it.
INLINE __m512 lanes_across(const float *x, ptrdiff_t stride, ptrdiff_t left, __mmask16 present) {
  (void)stride;
  return _mm512_maskz_loadu_ps(left > 0 ? present : 0, x);
}

#include "gemm_body.h"

bool ck_has_gemm_float32(void) { return __builtin_cpu_supports("avx512f"); }
#else
bool ck_has_gemm_float32(void) { return false; }
void ck_gemm_float32(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a, ck_operand b, bool adding, float *c,
    ptrdiff_t stride, float *scratch) {
  __builtin_trap();  // ck_has_gemm_float32 says no
}
#endif
