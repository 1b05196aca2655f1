// Threshold sampling of one row of logits: docs/design.md, "The targets".
//
// Every sum runs over 16 fixed lanes and nothing is contracted into fused multiply-adds, so the
// clones for different CPUs give the same bits; a cache must not depend on the machine's vectors.
#include "CKernelsSampling.h"
#include <float.h>
#include <math.h>
#include <string.h>

#pragma clang fp contract(off)

#if defined(__x86_64__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif
#define CK_INLINE static inline __attribute__((always_inline))

enum { LANES = 16, BLOCK = 128 };

typedef float floats __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef int32_t ints __attribute__((vector_size(LANES * sizeof(int32_t)), aligned(4)));
typedef double doubles __attribute__((vector_size(LANES * sizeof(double)), aligned(8)));

/// exp(z) below this is taken as 0: its float would be subnormal.
static const float smallest_exponent = -87.0f;

ptrdiff_t ck_threshold_scratch(ptrdiff_t vocabulary) {
  ptrdiff_t blocks = (vocabulary + BLOCK - 1) / BLOCK;
  // Exponentials, then per block its largest logit (float) and its sum (double).
  return blocks * (BLOCK + 1 + 2) + 2;
}

ptrdiff_t ck_threshold_capacity(double threshold) {
  return (ptrdiff_t)ceil(1.0 / threshold) + 4;
}

/// exp of 16 values in [-87, 0], within 1.5e-7 of the true value.
///
/// Cody and Waite's reduction z = n ln 2 + r, |r| <= ln 2 / 2, and a polynomial of degree 6 in r.
CK_INLINE void exp_lanes(const floats *input, floats *output) {
  const floats z = *input;
  const floats magic = (floats){0} + 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer.
  floats shifted = z * 1.44269504088896341f + magic;
  floats n = shifted - magic;
  floats r = (z - n * 0.693145751953125f) - n * 1.42860682030941723e-6f;
  floats y = r * 1.3888888889e-3f + 8.3333333333e-3f;
  y = y * r + 4.1666666667e-2f;
  y = y * r + 1.6666666667e-1f;
  y = y * r + 0.5f;
  y = y * r * r + r + 1.0f;
  ints power = ((ints)shifted - (ints)magic + 127) << 23;
  *output = y * (floats)power;
}

/// The block that starts at `logits`, copied and padded with -infinity where the row ends.
CK_INLINE const float *padded_block(const float *logits, ptrdiff_t left, float *padding) {
  if (left >= BLOCK) return logits;
  for (ptrdiff_t i = 0; i < BLOCK; i++) padding[i] = i < left ? logits[i] : -INFINITY;
  return padding;
}

/// The largest logit of each block; returns whether every logit is below +infinity and no NaN.
CK_CLONES
static int block_maxima(const float *logits, ptrdiff_t vocabulary, float *maxima) {
  float padding[BLOCK];
  ints bad = {0};
  for (ptrdiff_t start = 0; start < vocabulary; start += BLOCK) {
    const float *block = padded_block(logits + start, vocabulary - start, padding);
    floats largest = *(const floats *)block;
    bad |= ~(largest <= FLT_MAX);
    for (ptrdiff_t i = LANES; i < BLOCK; i += LANES) {
      floats x = *(const floats *)(block + i);
      bad |= ~(x <= FLT_MAX);
      ints greater = x > largest;
      largest = (floats)(((ints)x & greater) | ((ints)largest & ~greater));
    }
    float maximum = largest[0];
    for (int lane = 1; lane < LANES; lane++) {
      if (largest[lane] > maximum) maximum = largest[lane];
    }
    maxima[start / BLOCK] = maximum;
  }
  for (int lane = 0; lane < LANES; lane++) {
    if (bad[lane]) return 0;
  }
  return 1;
}

/// Writes exp((x - maximum) * scale) and each block's sum; returns the sum, and of exp(z) z.
CK_CLONES
static double exponentials(
    const float *logits, ptrdiff_t vocabulary, float maximum, float scale,
    float *out, double *block_sums, double *weighted) {
  float padding[BLOCK];
  double total = 0, total_weighted = 0;
  for (ptrdiff_t start = 0; start < vocabulary; start += BLOCK) {
    const float *block = padded_block(logits + start, vocabulary - start, padding);
    doubles sum = {0};
    floats product = {0};
    for (ptrdiff_t i = 0; i < BLOCK; i += LANES) {
      floats z = (*(const floats *)(block + i) - maximum) * scale;
      ints kept = z > smallest_exponent;
      // A cut z becomes +0, and its exponential 0, also for -infinity.
      z = (floats)((ints)z & kept);
      floats e;
      exp_lanes(&z, &e);
      e = (floats)((ints)e & kept);
      *(floats *)(out + start + i) = e;
      sum += __builtin_convertvector(e, doubles);
      product += e * z;
    }
    double block_sum = 0, block_product = 0;
    for (int lane = 0; lane < LANES; lane++) {
      block_sum += sum[lane];
      block_product += (double)product[lane];
    }
    block_sums[start / BLOCK] = block_sum;
    total += block_sum;
    total_weighted += block_product;
  }
  *weighted = total_weighted;
  return total;
}

/// Where the systematic draw stands, in units of exponentials (p times their sum).
typedef struct {
  double cutoff;   ///< Entries of at least this are certain.
  double step;     ///< threshold times the sum.
  double point;    ///< The next sampling point on the running sum.
  double running;  ///< The sum of the uncertain entries before this block.
  double uniform;
  int64_t drawn;
  int32_t argmax;
} draw;

CK_INLINE int certain(const draw *d, float e, ptrdiff_t id) {
  return (double)e >= d->cutoff || id == d->argmax;
}

/// The last entry of the block that the draw may still take, or -1.
static ptrdiff_t last_uncertain(const draw *d, const float *e, ptrdiff_t start, ptrdiff_t count) {
  for (ptrdiff_t i = count - 1; i >= 0; i--) {
    if (e[start + i] > 0 && !certain(d, e[start + i], start + i)) return start + i;
  }
  return -1;
}

/// Scans a block that holds certain entries or sampling points, and appends what it keeps.
static int32_t scan_block(
    draw *d, const float *e, ptrdiff_t start, ptrdiff_t count, double block_sum, int has_certain,
    double sum, float threshold, int32_t kept, int32_t *ids, float *values, uint8_t *head) {
  // The same numbers summed in another order: the block's end is where *this* scan ends, so that
  // the last entry, not a rounding edge, decides about a point that lies at it.
  double end = d->running + block_sum;
  if (has_certain) {
    end = d->running;
    for (ptrdiff_t i = 0; i < count; i++) {
      if (!certain(d, e[start + i], start + i)) end += (double)e[start + i];
    }
  }
  ptrdiff_t last = last_uncertain(d, e, start, count);
  double cumulative = d->running;
  for (ptrdiff_t id = start; id < start + count; id++) {
    if (certain(d, e[id], id)) {
      ids[kept] = (int32_t)id;
      values[kept] = (float)((double)e[id] / sum);
      head[kept++] = 1;
      continue;
    }
    cumulative = id == last ? end : cumulative + (double)e[id];
    if (d->point >= cumulative) continue;
    ids[kept] = (int32_t)id;
    values[kept] = threshold;
    head[kept++] = 0;
    d->drawn++;
    d->point = (d->uniform + (double)d->drawn) * d->step;
  }
  d->running = end;
  return kept;
}

static int32_t first_of(const float *logits, ptrdiff_t vocabulary, const float *maxima, float x) {
  ptrdiff_t block = 0;
  while (maxima[block] != x) block++;
  ptrdiff_t id = block * BLOCK;
  while (id < vocabulary - 1 && logits[id] != x) id++;
  return (int32_t)id;
}

/// log_sum at temperature 1; the exponentials are overwritten.
static double plain_log_sum(
    const float *logits, ptrdiff_t vocabulary, float maximum, float *e, double *sums) {
  double weighted;
  return log(exponentials(logits, vocabulary, maximum, 1, e, sums, &weighted));
}

void ck_threshold_sample(
    const float *logits, ptrdiff_t vocabulary, float temperature, double threshold,
    double uniform, int32_t next_token, float *scratch,
    int32_t *ids, float *values, uint8_t *head, ck_threshold_result *result) {
  ptrdiff_t blocks = (vocabulary + BLOCK - 1) / BLOCK;
  double *sums = (double *)(((uintptr_t)scratch + 7) & ~(uintptr_t)7);
  float *maxima = (float *)(sums + blocks);
  float *e = maxima + blocks;

  memset(result, 0, sizeof *result);
  result->count = -1;
  if (!block_maxima(logits, vocabulary, maxima)) return;
  float maximum = maxima[0];
  for (ptrdiff_t b = 1; b < blocks; b++) {
    if (maxima[b] > maximum) maximum = maxima[b];
  }
  if (maximum == -INFINITY) return;
  result->argmax = first_of(logits, vocabulary, maxima, maximum);

  float scale = 1.0f / temperature;
  double plain = 0;
  if (scale != 1.0f) plain = plain_log_sum(logits, vocabulary, maximum, e, sums);
  double weighted, sum = exponentials(logits, vocabulary, maximum, scale, e, sums, &weighted);
  result->log_sum = log(sum);
  result->entropy = fmax(0, log(sum) - weighted / sum);
  if (scale == 1.0f) plain = result->log_sum;
  // Less the maximum first: beside a large one the sum's logarithm would be lost.
  if (next_token >= 0)
    result->next_log_probability = ((double)logits[next_token] - maximum) - plain;

  // A hair below the threshold, so that no uncertain entry is as wide as the step: rounding can
  // then not put two points on one entry. An entry on that hair is merely kept exactly.
  draw d = {
    .cutoff = threshold * sum * (1 - 1e-9), .step = threshold * sum, .uniform = uniform,
    .point = uniform * threshold * sum, .argmax = result->argmax };
  int32_t kept = 0;
  for (ptrdiff_t b = 0; b < blocks; b++) {
    ptrdiff_t start = b * BLOCK;
    ptrdiff_t count = vocabulary - start < BLOCK ? vocabulary - start : BLOCK;
    int has_certain = maxima[b] == maximum
        || (double)(maxima[b] - maximum) * scale >= log(threshold * sum) - 1e-3;
    if (!has_certain && d.point >= d.running + sums[b]) {
      d.running += sums[b];
      continue;
    }
    kept = scan_block(&d, e, start, count, sums[b], has_certain, sum, (float)threshold,
        kept, ids, values, head);
  }
  result->count = kept;
}

CK_CLONES
void ck_log_probabilities_half(
    const float *logits, ptrdiff_t vocabulary, float temperature, float maximum, double log_sum,
    void *output) {
  float scale = 1.0f / temperature;
  float normaliser = (float)log_sum;
  _Float16 *half = output;
  for (ptrdiff_t i = 0; i < vocabulary; i++) half[i] = (_Float16)((logits[i] - maximum) * scale - normaliser);
}

CK_CLONES
static double half_exponentials(const _Float16 *input, ptrdiff_t vocabulary, float *output) {
  double sum = 0;
  float z[LANES] = {0};
  for (ptrdiff_t start = 0; start < vocabulary; start += LANES) {
    ptrdiff_t count = vocabulary - start < LANES ? vocabulary - start : LANES;
    for (ptrdiff_t i = 0; i < count; i++) z[i] = (float)input[start + i];
    floats exponent = *(const floats *)z, e;
    // Above 0 only for a damaged or foreign row, where the polynomial would overflow.
    ints kept = (exponent > smallest_exponent) & (exponent < 1.0f);
    exponent = (floats)((ints)exponent & kept);
    exp_lanes(&exponent, &e);
    e = (floats)((ints)e & kept);
    for (ptrdiff_t i = 0; i < count; i++) {
      output[start + i] = e[i];
      sum += (double)e[i];
    }
  }
  return sum;
}

double ck_probabilities_from_half(const void *input, ptrdiff_t vocabulary, float *probabilities) {
  double sum = half_exponentials(input, vocabulary, probabilities);
  if (!(sum > 0)) return NAN;
  for (ptrdiff_t i = 0; i < vocabulary; i++) {
    probabilities[i] = (float)((double)probabilities[i] / sum);
  }
  return log(sum);
}
