// Divergences of a student's distribution q from a teacher's p over the vocabulary.
#ifndef CKERNELS_DIVERGENCE_H
#define CKERNELS_DIVERGENCE_H

#include <stddef.h>

/// Which f(p, q) is summed over the vocabulary; a and b are the numbers of a ck_divergence.
typedef enum {
  /// p log(p / q).
  CK_FORWARD_KL,
  /// q log(q / p).
  CK_REVERSE_KL,
  /// a p log(p / m) + (1 - a) q log(q / m), m = a p + (1 - a) q.
  CK_JENSEN_SHANNON,
  /// p log(p / m), m = a p + (1 - a) q.
  CK_SKEW_FORWARD_KL,
  /// q log(q / m), m = (1 - a) p + a q.
  CK_SKEW_REVERSE_KL,
  /// -(p^a q^b - a/(a+b) p^(a+b) - b/(a+b) q^(a+b)) / (a b).
  CK_ALPHA_BETA,
  /// r log(r / q), r = p^a q^(1-a) / e^b held fixed; b is the log of its sum (ck_geometric_mixture).
  CK_INTERPOLATED_KL,
} ck_divergence_kind;

/// A divergence with its numbers.
typedef struct {
  ck_divergence_kind kind;
  float a, b;
} ck_divergence;

/// log Σ exp(scale * x) = scale * peak + log_sum with the largest x as peak.
///
/// Kept apart: beside a large peak their sum would lose log_sum.
typedef struct {
  float peak, log_sum;
} ck_normalizer;

/// The distribution softmax(scale * logits) over some columns.
typedef struct {
  const float *logits;
  float scale;
  ck_normalizer normalizer;
} ck_distribution;

/// What a divergence sums to over some columns.
typedef struct {
  /// The sum of f.
  double value;
  /// The sum of q df/dq, which each logit's gradient is measured against.
  double pull;
} ck_divergence_sums;

/// Adds the sums over some columns.
void ck_add_divergence(
    ck_divergence divergence, ptrdiff_t count, ck_distribution p, ck_distribution q,
    ck_divergence_sums *sums);
/// out += coefficient * (q df/dq - pull q): the gradient with respect to scale * logits of q.
void ck_add_divergence_gradient(
    ck_divergence divergence, ptrdiff_t count, ck_distribution p, ck_distribution q, float pull,
    float coefficient, float *out);
/// The sum of p^share q^(1-share).
double ck_geometric_mixture(
    ptrdiff_t count, float share, ck_distribution p, ck_distribution q);

#endif
