#include "CKernels.h"
#include "clones.h"

CK_CLONES
static float maximum(ptrdiff_t count, const float *restrict row) {
  CK_FAST
  float lanes[32];
  for (int l = 0; l < 32; l++) lanes[l] = -INFINITY;
  ptrdiff_t c = 0;
  for (; c + 32 <= count; c += 32)
    for (int l = 0; l < 32; l++) lanes[l] = row[c + l] > lanes[l] ? row[c + l] : lanes[l];
  float peak = -INFINITY;
  for (; c < count; c++) peak = row[c] > peak ? row[c] : peak;
  for (int l = 0; l < 32; l++) peak = lanes[l] > peak ? lanes[l] : peak;
  return peak;
}

// Blocks summed in float32, their sums in float64: 200,000 terms lose nothing.
enum { BLOCK = 512 };

// Outside of CK_FAST, which could multiply the difference out.
static inline __attribute__((always_inline)) float scaled(float x, float scale, float peak) {
  return scale * (x - peak);
}

CK_CLONES
void ck_add_exponentials(
    ptrdiff_t count, float scale, const float *restrict row, ck_exponential_sum *state) {
  CK_FAST
  float peak = maximum(count, row);
  if (peak > state->peak) {
    state->sum *= exp(scale * ((double)state->peak - peak));
    state->peak = peak;
  }
  double sum = 0;
  for (ptrdiff_t block = 0; block < count; block += BLOCK) {
    ptrdiff_t end = block + BLOCK < count ? block + BLOCK : count;
    float part = 0;
    for (ptrdiff_t c = block; c < end; c++) part += ck_exp(scaled(row[c], scale, state->peak));
    sum += part;
  }
  state->sum += sum;
}

ck_normalizer ck_normalize(ptrdiff_t count, float scale, const float *row) {
  ck_exponential_sum state = {-INFINITY, 0};
  ck_add_exponentials(count, scale, row, &state);
  return (ck_normalizer){state.peak, (float)log(state.sum)};
}

CK_CLONES
void ck_scaled_softmax(
    ptrdiff_t count, float scale, ck_normalizer normalizer, float coefficient,
    const float *restrict row, float *restrict out) {
  for (ptrdiff_t c = 0; c < count; c++)
    out[c] = coefficient * ck_exp(ck_log_probability(row[c], scale, normalizer));
}

CK_CLONES
void ck_add_scaled_softmax(
    ptrdiff_t count, float scale, ck_normalizer normalizer, float coefficient,
    const float *restrict row, float *restrict out) {
  for (ptrdiff_t c = 0; c < count; c++)
    out[c] += coefficient * ck_exp(ck_log_probability(row[c], scale, normalizer));
}

ptrdiff_t ck_argmax(ptrdiff_t count, const float *row) {
  float peak = maximum(count, row);
  for (ptrdiff_t c = 0; c < count; c++)
    if (row[c] == peak) return c;
  return 0;
}

CK_CLONES
double ck_kl_divergence(
    ptrdiff_t count, const float *restrict p_logits, ck_normalizer p_normalizer,
    const float *restrict q_logits, ck_normalizer q_normalizer) {
  CK_FAST
  double sum = 0;
  for (ptrdiff_t block = 0; block < count; block += BLOCK) {
    ptrdiff_t end = block + BLOCK < count ? block + BLOCK : count;
    float part = 0;
    for (ptrdiff_t c = block; c < end; c++) {
      float p = ck_log_probability(p_logits[c], 1, p_normalizer);
      float q = ck_log_probability(q_logits[c], 1, q_normalizer);
      part += ck_exp(p) * (p - q);
    }
    sum += part;
  }
  return sum;
}

CK_CLONES
double ck_entropy(
    ptrdiff_t count, float scale, ck_normalizer normalizer, const float *restrict row) {
  CK_FAST
  double sum = 0;
  for (ptrdiff_t block = 0; block < count; block += BLOCK) {
    ptrdiff_t end = block + BLOCK < count ? block + BLOCK : count;
    float part = 0;
    for (ptrdiff_t c = block; c < end; c++) {
      float p = ck_log_probability(row[c], scale, normalizer);
      part -= ck_exp(p) * p;
    }
    sum += part;
  }
  return sum;
}

CK_CLONES
double ck_overlap(
    ptrdiff_t count, const float *restrict p_logits, ck_normalizer p_normalizer,
    const float *restrict q_logits, ck_normalizer q_normalizer) {
  CK_FAST
  double sum = 0;
  for (ptrdiff_t block = 0; block < count; block += BLOCK) {
    ptrdiff_t end = block + BLOCK < count ? block + BLOCK : count;
    float part = 0;
    for (ptrdiff_t c = block; c < end; c++) {
      float p = ck_log_probability(p_logits[c], 1, p_normalizer);
      float q = ck_log_probability(q_logits[c], 1, q_normalizer);
      float more = ck_exp(p) - ck_exp(q);
      part += more > 0 ? more : 0;
    }
    sum += part;
  }
  return sum < 1 ? 1 - sum : 0;
}
