// Shorthands of gemm_body.h and what it is made of; GEMM_TARGET names the instructions.
#define INLINE static inline __attribute__((always_inline)) GEMM_TARGET
#define FUNCTION static __attribute__((noinline)) GEMM_TARGET
#define UNROLL _Pragma("clang loop unroll(full)")
