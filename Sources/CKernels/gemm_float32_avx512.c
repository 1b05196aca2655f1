// Products of float32 with AVX-512.
#if defined(__x86_64__)
#define GEMM_TARGET __attribute__((target("avx512f,prfchw")))
#include "gemm_macros.h"
#include "gemm_vectors_avx512.h"
#include "gemm_lanes_float32.h"

/// sum + x * y in every lane.
INLINE vector multiply_add(vector x, vector y, vector sum) { return _mm512_fmadd_ps(x, y, sum); }

static bool is_supported(void) { return __builtin_cpu_supports("avx512f"); }

#define GEMM_NAME gemm_float32_avx512
#include "gemm_body.h"
#endif
