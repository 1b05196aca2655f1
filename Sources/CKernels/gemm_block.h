// The sizes that all products share, and the form of one; BLOCK_STRIDE keeps rows out of each
// other's cache sets.
#ifndef CK_GEMM_BLOCK_H
#define CK_GEMM_BLOCK_H

#include "CKernels.h"

enum {
  BLOCK_DEPTH = 256,
  BLOCK_STRIDE = BLOCK_DEPTH + 16,
};

/// A product by one set of instructions.
typedef struct {
  bool (*is_supported)(void);
  ck_gemm_extents extents;
  void (*multiply)(
      ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a, ck_operand b, bool adding, float *c,
      ptrdiff_t stride, float *scratch);
} gemm_product;

extern const gemm_product gemm_float32_portable;
#if defined(__x86_64__)
extern const gemm_product gemm_float32_avx2, gemm_float32_avx512, gemm_bfloat16_avx512;
#endif

#endif
