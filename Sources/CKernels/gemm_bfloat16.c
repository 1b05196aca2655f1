// Products of float32 operands rounded to bfloat16, summed in float32: a lane is two elements that
// follow each other along the inner index.
#include "CKernels.h"
#include "gemm_block.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define GEMM_TARGET "avx512f,avx512bw,avx512bf16,prfchw"
#define GEMM_NAME ck_gemm_bfloat16
#define LANE_ELEMENTS 2

#define INLINE static inline __attribute__((always_inline, target(GEMM_TARGET)))

/// sum + x * y in every lane, over both elements of it.
INLINE __m512 multiply_add(__m512 x, __m512 y, __m512 sum) {
  return _mm512_dpbf16_ps(sum, (__m512bh)x, (__m512bh)y);
}

/// 16 lanes that follow each other along the inner index, of which `left` elements exist.
INLINE __m512 lanes_along(const float *x, ptrdiff_t left) {
  __m512 low = _mm512_maskz_loadu_ps(first_lanes(left), x);
  __m512 high = _mm512_maskz_loadu_ps(first_lanes(left - 16), x + 16);
  return (__m512)_mm512_cvtne2ps_pbh(high, low);
}

/// The same place along the inner index of 16 neighbours; `left` elements exist along it.
INLINE __m512 lanes_across(const float *x, ptrdiff_t stride, ptrdiff_t left, __mmask16 present) {
  const __m512i pairs = _mm512_set_epi16(
      31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19,
      3, 18, 2, 17, 1, 16, 0);
  __m512 even = _mm512_maskz_loadu_ps(left > 0 ? present : 0, x);
  __m512 odd = _mm512_maskz_loadu_ps(left > 1 ? present : 0, x + stride);
  return (__m512)_mm512_permutexvar_epi16(pairs, (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

#include "gemm_body.h"

bool ck_has_gemm_bfloat16(void) {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512bf16");
}
#else
bool ck_has_gemm_bfloat16(void) { return false; }
void ck_gemm_bfloat16(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a, ck_operand b, bool adding, float *c,
    ptrdiff_t stride, float *scratch) {
  __builtin_trap();  // ck_has_gemm_bfloat16 says no
}
#endif
