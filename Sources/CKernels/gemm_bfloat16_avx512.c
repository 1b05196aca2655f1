// Products of float32 operands rounded to bfloat16, summed in float32, with AVX-512 and its BF16: a
// lane is two elements that follow each other along the inner index.
#if defined(__x86_64__)
#define GEMM_TARGET __attribute__((target("avx512f,avx512bw,avx512bf16,prfchw")))
#include "gemm_macros.h"
#include "gemm_vectors_avx512.h"

#define LANE_ELEMENTS 2

/// sum + x * y in every lane, over both elements of it.
INLINE vector multiply_add(vector x, vector y, vector sum) {
  return _mm512_dpbf16_ps(sum, (__m512bh)x, (__m512bh)y);
}

/// 16 lanes that follow each other along the inner index, of which `left` elements exist.
INLINE vector lanes_along(const float *x, ptrdiff_t left) {
  vector low = load_first(x, left), high = load_first(x + 16, left - 16);
  return (vector)_mm512_cvtne2ps_pbh(high, low);
}

/// The same place along the inner index of 16 neighbours, of which `count` exist; `left` elements
/// exist along it.
INLINE vector lanes_across(const float *x, ptrdiff_t stride, ptrdiff_t left, ptrdiff_t count) {
  const __m512i pairs = _mm512_set_epi16(
      31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19,
      3, 18, 2, 17, 1, 16, 0);
  vector even = load_first(x, left > 0 ? count : 0);
  vector odd = load_first(x + stride, left > 1 ? count : 0);
  return (vector)_mm512_permutexvar_epi16(pairs, (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

static bool is_supported(void) {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512bf16");
}

#define GEMM_NAME gemm_bfloat16_avx512
#include "gemm_body.h"
#endif
