// Products of float32 with AVX2.
#if defined(__x86_64__)
#define GEMM_TARGET __attribute__((target("avx2,fma,prfchw")))
#include "gemm_macros.h"
#include "gemm_vectors_avx2.h"
#include "gemm_lanes_float32.h"

/// sum + x * y in every lane.
INLINE vector multiply_add(vector x, vector y, vector sum) { return _mm256_fmadd_ps(x, y, sum); }

static bool is_supported(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

#define GEMM_NAME gemm_float32_avx2
#include "gemm_body.h"
#endif
