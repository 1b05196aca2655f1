// The products by their names.
#include "gemm_block.h"

#include <stddef.h>

/// The product of a kernel; NULL where this architecture has none.
static const gemm_product *product_of(ck_gemm_kernel kernel) {
  switch (kernel) {
    case ck_gemm_float32_portable: return &gemm_float32_portable;
#if defined(__x86_64__)
    case ck_gemm_float32_avx2: return &gemm_float32_avx2;
    case ck_gemm_float32_avx512: return &gemm_float32_avx512;
    case ck_gemm_bfloat16_avx512: return &gemm_bfloat16_avx512;
#endif
    default: return NULL;
  }
}

bool ck_gemm_is_supported(ck_gemm_kernel kernel) {
  const gemm_product *product = product_of(kernel);
  return product && product->is_supported();
}

ck_gemm_extents ck_gemm_extents_of(ck_gemm_kernel kernel) { return product_of(kernel)->extents; }

void ck_gemm(
    ck_gemm_kernel kernel, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a, ck_operand b,
    bool adding, float *c, ptrdiff_t stride, float *scratch) {
  product_of(kernel)->multiply(m, n, k, a, b, adding, c, stride, scratch);
}
