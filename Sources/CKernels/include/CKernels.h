// The kernels that operations call: the seam where another device will plug in.
//
// All arrays are row-major float32 unless said otherwise. "rows" counts tokens, "columns" the
// features of one token. Functions whose name ends in _backward add into the gradients they are
// given, or write them where they take `adding` and it is false. None allocates, none starts
// threads: callers split the rows.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CKernelsDivergence.h"
#include "CKernelsSampling.h"

// MARK: - Matrix products

/// One operand of a product: its rows `stride` apart, taken transposed or as it lies.
typedef struct {
  const float *base;
  ptrdiff_t stride;
  bool transposed;
} ck_operand;

/// A set of instructions that products are made with, and what it rounds operands to.
typedef enum {
  /// float32 in plain C, for every processor.
  ck_gemm_float32_portable,
  /// float32 with AVX2 and FMA.
  ck_gemm_float32_avx2,
  /// float32 with AVX-512.
  ck_gemm_float32_avx512,
  /// A and B rounded to bfloat16 (nearest, ties to even; what is subnormal counts as zero) and the
  /// sums in float32, with AVX-512 and its BF16.
  ck_gemm_bfloat16_avx512,
} ck_gemm_kernel;

/// The sizes of a kernel.
typedef struct {
  /// The rows and columns of C that are summed up at once.
  ptrdiff_t tile_rows, tile_columns;
  /// The rows of A that share one layout of B.
  ptrdiff_t block_rows;
  /// The number of floats that a product needs as scratch, 64-byte aligned.
  ptrdiff_t scratch;
} ck_gemm_extents;

/// Whether this CPU has a kernel's instructions; of others nothing else may be asked.
bool ck_gemm_is_supported(ck_gemm_kernel kernel);
/// The sizes of a kernel.
ck_gemm_extents ck_gemm_extents_of(ck_gemm_kernel kernel);
/// C (m, n) = op(A) op(B), or C += when adding; the inner size is k.
///
/// An element's bits depend on its row of A and its column of B only.
void ck_gemm(
    ck_gemm_kernel kernel, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a, ck_operand b,
    bool adding, float *c, ptrdiff_t stride, float *scratch);

// MARK: - Elementwise

/// y += x.
void ck_add(ptrdiff_t count, const float *x, float *y);
/// y += scale * x.
void ck_add_scaled(ptrdiff_t count, float scale, const float *x, float *y);
/// y[n, :] = x[n, :] * scale[n].
void ck_scale_rows(ptrdiff_t rows, ptrdiff_t columns, const float *x, const float *scale, float *y);
/// dx[n, :] = or += dy[n, :] * scale[n] and dscale[n] += dy[n, :] . x[n, :]; either may be NULL.
void ck_scale_rows_backward(
    ptrdiff_t rows, ptrdiff_t columns, const float *x, const float *scale, const float *dy,
    bool adding, float *dx, float *dscale);

// MARK: - Norms

/// y = x * rstd * weight, rstd = (mean(x^2) + eps)^-1/2 kept for the backward; weight may be NULL.
void ck_rms_norm(
    ptrdiff_t rows, ptrdiff_t columns, const float *x, const float *weight, float eps,
    float *rstd, float *y);
/// The gradient of ck_rms_norm in x; weight may be NULL.
void ck_rms_norm_backward(
    ptrdiff_t rows, ptrdiff_t columns, const float *x, const float *weight, const float *rstd,
    const float *dy, bool adding, float *dx);
/// The gradient of ck_rms_norm in the weight, over columns [from, to).
void ck_rms_norm_weight_backward(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t from, ptrdiff_t to, const float *x,
    const float *rstd, const float *dy, float *dweight);

// MARK: - Rotary embedding

/// Rotates the pairs of every head by the angle of its row, or back when inverse: out = R(x), or
/// out += R(x) when adding. cosines and sines are (rows, head_width / 2). Pairs are (2j, 2j+1) when
/// interleaved, else (j, j + head_width / 2).
void ck_rotary(
    ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t head_width, bool interleaved, bool inverse,
    bool adding, const float *cosines, const float *sines, const float *x, float *out);

// MARK: - SwiGLU

/// y = silu(gate) * up; gate and up advance by stride per row, y by columns.
void ck_swiglu(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *gate, const float *up,
    float *y);
/// The gradients of ck_swiglu; dgate and dup advance by stride per row.
void ck_swiglu_backward(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *gate, const float *up,
    const float *dy, bool adding, float *dgate, float *dup);

/// The index of the first NaN or infinity, -1 where there is none.
ptrdiff_t ck_first_non_finite(ptrdiff_t count, const float *x);

// MARK: - Attention tiles

/// Softmax of scale * scores over each row's window [starts[r], ends[r]) of the tile, zero outside;
/// leaves the probabilities in place and writes log-sum-exp of each row.
void ck_window_softmax(
    ptrdiff_t rows, ptrdiff_t columns, const int32_t *starts, const int32_t *ends,
    int32_t first_key, float scale, float *scores, float *log_sum_exp);
/// The probabilities again, from the scores and the log-sum-exp of each row.
void ck_window_probabilities(
    ptrdiff_t rows, ptrdiff_t columns, const int32_t *starts, const int32_t *ends,
    int32_t first_key, float scale, const float *log_sum_exp, float *scores);
/// dscores = scale * p * (dp - row_dot[r]), written over dp.
void ck_softmax_backward(
    ptrdiff_t rows, ptrdiff_t columns, float scale, const float *p, const float *row_dot,
    float *dp);
/// out[r] = a[r, :] . b[r, :], rows stride apart.
void ck_row_dots(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *a, const float *b,
    float *out);

// MARK: - Vocabulary rows

/// Σ exp(scale * x) = sum * exp(scale * peak) over what has been added; it begins as {-INFINITY, 0}.
typedef struct {
  float peak;
  double sum;
} ck_exponential_sum;

/// Adds exp(scale * row).
void ck_add_exponentials(
    ptrdiff_t count, float scale, const float *row, ck_exponential_sum *state);
/// The normalizer of scale * row.
ck_normalizer ck_normalize(ptrdiff_t count, float scale, const float *row);
/// out = coefficient * softmax(scale * row).
void ck_scaled_softmax(
    ptrdiff_t count, float scale, ck_normalizer normalizer, float coefficient, const float *row,
    float *out);
/// out += coefficient * softmax(scale * row).
void ck_add_scaled_softmax(
    ptrdiff_t count, float scale, ck_normalizer normalizer, float coefficient, const float *row,
    float *out);
/// The index of the largest value, the lowest one on ties.
ptrdiff_t ck_argmax(ptrdiff_t count, const float *row);
/// Sums over the vocabulary of two rows of logits with their normalizers: KL(p || q) in nats.
double ck_kl_divergence(
    ptrdiff_t count, const float *p_logits, ck_normalizer p_normalizer, const float *q_logits,
    ck_normalizer q_normalizer);
/// The entropy in nats of softmax(scale * row).
double ck_entropy(ptrdiff_t count, float scale, ck_normalizer normalizer, const float *row);
/// sum of min(p, q) as 1 - sum of max(p - q, 0), exactly 1 of two equal rows: the share of tokens
/// that speculative decoding would accept.
double ck_overlap(
    ptrdiff_t count, const float *p_logits, ck_normalizer p_normalizer, const float *q_logits,
    ck_normalizer q_normalizer);

// MARK: - Optimizer

/// The sum of squares, in float64.
double ck_sum_of_squares(ptrdiff_t count, const float *x);
/// One AdamW step on a run of parameters (Loshchilov & Hutter 2019, decoupled decay).
///
/// step_size = learning rate / (1 - beta1^t), second_scale = (1 - beta2^t)^-1/2,
/// decay = learning rate * weight decay; the gradient is first multiplied by gradient_scale, and
/// cleared once used.
void ck_adamw(
    ptrdiff_t count, float *gradient, float gradient_scale, float beta1, float beta2,
    float epsilon, float step_size, float second_scale, float decay, float *first, float *second,
    float *values);

#endif
