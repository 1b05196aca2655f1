// Products of float32 for every processor.
#define GEMM_TARGET
#include "gemm_macros.h"
#include "gemm_vectors_portable.h"
#include "gemm_lanes_float32.h"

/// sum + x * y in every lane, rounded once where the processor can.
INLINE vector multiply_add(vector x, vector y, vector sum) {
#pragma clang fp contract(fast)
  return x * y + sum;
}

static bool is_supported(void) { return true; }

#define GEMM_NAME gemm_float32_portable
#include "gemm_body.h"
