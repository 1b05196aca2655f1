#include "CKernelsDivergence.h"
#include "clones.h"

/// log(x) to 1e-7 for normal x > 0.
///
/// x = 2^n m with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh((m - 1) / (m + 1)) by its series, whose
/// next term is below 2e-9 there.
static inline __attribute__((always_inline)) float ck_log(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  int32_t n = (int32_t)(bits - 0x3f3504f3u) >> 23;  // rounded so that m lies around 1
  bits -= (uint32_t)n << 23;
  float m;
  memcpy(&m, &bits, sizeof m);
  float s = (m - 1.0f) / (m + 1.0f), z = s * s;
  float series = 2.0f / 9.0f;
  series = series * z + 2.0f / 7.0f;
  series = series * z + 2.0f / 5.0f;
  series = series * z + 2.0f / 3.0f;
  series = series * z * s + 2.0f * s;
  return (float)n * 0.693147180559945f + series;
}

typedef struct {
  float value, slope;  // f, and q df/dq
} term;

/// One column: p and q by their logarithms.
static inline __attribute__((always_inline)) term divergence_term(
    ck_divergence_kind kind, float a, float b, float lp, float lq) {
  float p = ck_exp(lp), q = ck_exp(lq);
  switch (kind) {
    case CK_FORWARD_KL: return (term){p * (lp - lq), -p};
    case CK_REVERSE_KL: return (term){q * (lq - lp), q * (lq - lp + 1.0f)};
    case CK_JENSEN_SHANNON: {
      float lm = ck_log(a * p + (1.0f - a) * q);
      float own = (1.0f - a) * q * (lq - lm);
      return (term){a * p * (lp - lm) + own, own};
    }
    case CK_SKEW_FORWARD_KL: {
      float m = a * p + (1.0f - a) * q;
      return (term){p * (lp - ck_log(m)), -(1.0f - a) * p * q / m};
    }
    case CK_SKEW_REVERSE_KL: {
      float m = (1.0f - a) * p + a * q, ratio = lq - ck_log(m);
      return (term){q * ratio, q * (ratio + 1.0f - a * q / m)};
    }
    case CK_ALPHA_BETA: {
      float mixed = ck_exp(a * lp + b * lq), own = ck_exp((a + b) * lq);
      float teacher = ck_exp((a + b) * lp);
      float value = (a * teacher + b * own) / (a + b) - mixed;
      return (term){value / (a * b), (own - mixed) / a};
    }
    case CK_INTERPOLATED_KL: {
      float lr = a * lp + (1.0f - a) * lq - b, r = ck_exp(lr);
      return (term){r * (lr - lq), -r};
    }
  }
  return (term){0, 0};
}

// Blocks summed in float32, their sums in float64: 200,000 terms lose nothing.
enum { BLOCK = 512 };

// A loop for each kind, so that the choice is made outside of it and the loop vectorises.
#define FOR_EACH_KIND(LOOP)                                   \
  switch (divergence.kind) {                                  \
    case CK_FORWARD_KL: LOOP(CK_FORWARD_KL) break;            \
    case CK_REVERSE_KL: LOOP(CK_REVERSE_KL) break;            \
    case CK_JENSEN_SHANNON: LOOP(CK_JENSEN_SHANNON) break;    \
    case CK_SKEW_FORWARD_KL: LOOP(CK_SKEW_FORWARD_KL) break;  \
    case CK_SKEW_REVERSE_KL: LOOP(CK_SKEW_REVERSE_KL) break;  \
    case CK_ALPHA_BETA: LOOP(CK_ALPHA_BETA) break;            \
    case CK_INTERPOLATED_KL: LOOP(CK_INTERPOLATED_KL) break;  \
  }

#define LOG_P(c) ck_log_probability(p.logits[c], p.scale, p.normalizer)
#define LOG_Q(c) ck_log_probability(q.logits[c], q.scale, q.normalizer)

CK_CLONES
void ck_add_divergence(
    ck_divergence divergence, ptrdiff_t count, ck_distribution p, ck_distribution q,
    ck_divergence_sums *sums) {
  CK_FAST
  for (ptrdiff_t block = 0; block < count; block += BLOCK) {
    ptrdiff_t end = block + BLOCK < count ? block + BLOCK : count;
    float value = 0, pull = 0;
#define SUM(KIND)                                                                              \
  for (ptrdiff_t c = block; c < end; c++) {                                                    \
    term found = divergence_term(KIND, divergence.a, divergence.b, LOG_P(c), LOG_Q(c));        \
    value += found.value;                                                                      \
    pull += found.slope;                                                                       \
  }
    FOR_EACH_KIND(SUM)
    sums->value += value;
    sums->pull += pull;
  }
}

CK_CLONES
void ck_add_divergence_gradient(
    ck_divergence divergence, ptrdiff_t count, ck_distribution p, ck_distribution q, float pull,
    float coefficient, float *restrict out) {
  CK_FAST
#define WRITE(KIND)                                                                            \
  for (ptrdiff_t c = 0; c < count; c++) {                                                      \
    float lq = LOG_Q(c);                                                                       \
    term found = divergence_term(KIND, divergence.a, divergence.b, LOG_P(c), lq);              \
    out[c] += coefficient * (found.slope - pull * ck_exp(lq));                                 \
  }
  FOR_EACH_KIND(WRITE)
}

CK_CLONES
double ck_geometric_mixture(
    ptrdiff_t count, float share, ck_distribution p, ck_distribution q) {
  CK_FAST
  double sum = 0;
  for (ptrdiff_t block = 0; block < count; block += BLOCK) {
    ptrdiff_t end = block + BLOCK < count ? block + BLOCK : count;
    float part = 0;
    for (ptrdiff_t c = block; c < end; c++)
      part += ck_exp(share * LOG_P(c) + (1.0f - share) * LOG_Q(c));
    sum += part;
  }
  return sum;
}
