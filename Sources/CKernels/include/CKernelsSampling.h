#ifndef CKERNELS_SAMPLING_H
#define CKERNELS_SAMPLING_H
#include <stddef.h>
#include <stdint.h>

/// What `ck_threshold_sample` found out about one row of logits.
typedef struct {
  /// The log of the sum of exp((logits - their maximum) / temperature).
  double log_sum;
  /// Entropy in nats of p = softmax(logits / temperature).
  double entropy;
  /// Log-probability of the next token at temperature 1.
  double next_log_probability;
  /// The lowest id among those with the largest logit.
  int32_t argmax;
  /// The number of kept entries, or -1 when a logit is NaN or +infinity, or all are -infinity.
  int32_t count;
} ck_threshold_result;

/// The number of floats that `ck_threshold_sample` needs as scratch for a vocabulary.
ptrdiff_t ck_threshold_scratch(ptrdiff_t vocabulary);

/// The largest number of entries that a row can keep: certain ones, sampled ones, the argmax.
ptrdiff_t ck_threshold_capacity(double threshold);

/// Samples one row of logits (V) so that the kept entries are an unbiased estimate of p.
///
/// p_i >= threshold and the argmax are kept with their values (`head` = 1); every other p_i is kept
/// with probability p_i / threshold and value `threshold` (`head` = 0), drawn systematically with
/// one `uniform` in [0, 1) along the running sum in id order. Entries come out in ascending id.
/// The bits of the result are the same on every x86-64 (fixed lanes, no contraction).
/// `scratch` holds `ck_threshold_scratch` floats; `ids`, `values` and `head` hold
/// `ck_threshold_capacity` entries; `next_token` may be -1 for none.
void ck_threshold_sample(
    const float *logits, ptrdiff_t vocabulary, float temperature, double threshold,
    double uniform, int32_t next_token, float *scratch,
    int32_t *ids, float *values, uint8_t *head, ck_threshold_result *result);

/// Writes log softmax(logits / temperature), given the maximum and the `log_sum` of a result, as
/// float16 (V).
void ck_log_probabilities_half(
    const float *logits, ptrdiff_t vocabulary, float temperature, float maximum, double log_sum,
    void *output);

/// Reads float16 log-probabilities (V) as probabilities that sum to 1; returns the log of the sum
/// that they had, or NaN when they hold no probability at all.
double ck_probabilities_from_half(const void *input, ptrdiff_t vocabulary, float *probabilities);

#endif
