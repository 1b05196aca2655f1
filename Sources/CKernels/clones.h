// Shared by the kernels: run-time dispatch over instruction sets, and exp as a polynomial.
#ifndef CK_CLONES_H
#define CK_CLONES_H

#include "CKernelsDivergence.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define CK_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif

// Lets a loop sum in vector lanes. The order is fixed for one instruction set.
#define CK_FAST _Pragma("clang fp reassociate(on) contract(fast)")

/// The log-probability of a logit.
///
/// Outside of CK_FAST, which would add peak and log_sum up once and so lose log_sum beside a large peak.
static inline __attribute__((always_inline)) float ck_log_probability(
    float x, float scale, ck_normalizer n) {
  return scale * (x - n.peak) - n.log_sum;
}

/// exp(x) to 1e-7 relative for x in [-87, 88]; clamped to that range outside, NaN for NaN.
///
/// A call of expf does not vectorise; this does: 2^n by the exponent bits, e^r by the minimax
/// polynomial of degree 6 over |r| <= ln 2 / 2 (relative error 3e-9 before rounding).
static inline __attribute__((always_inline)) float ck_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  float shifted = x * 1.44269504088896341f + magic;
  float n = shifted - magic;
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.3814598513e-3f;
  p = p * r + 8.3687168836e-3f;
  p = p * r + 4.1668388048e-2f;
  p = p * r + 1.6666520632e-1f;
  p = p * r + 4.9999993448e-1f;
  p = p * r * r + r + 1.0f;
  // n is in the low bits of `shifted`; converting it instead would be undefined for NaN.
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits - 0x4b400000u + 127u) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

#endif
