#include "CKernels.h"
#include "clones.h"

// A row's window in tile columns.
static inline __attribute__((always_inline)) ptrdiff_t clamp_column(
    int32_t key, int32_t first_key, ptrdiff_t columns) {
  ptrdiff_t column = (ptrdiff_t)key - first_key;
  return column < 0 ? 0 : column > columns ? columns : column;
}

CK_CLONES
void ck_window_softmax(
    ptrdiff_t rows, ptrdiff_t columns, const int32_t *restrict starts,
    const int32_t *restrict ends, int32_t first_key, float scale, float *restrict scores,
    float *restrict log_sum_exp) {
  CK_FAST
  for (ptrdiff_t r = 0; r < rows; r++) {
    float *row = scores + r * columns;
    ptrdiff_t from = clamp_column(starts[r], first_key, columns);
    ptrdiff_t to = clamp_column(ends[r], first_key, columns);
    float peak = -INFINITY, sum = 0;
    for (ptrdiff_t c = from; c < to; c++) peak = row[c] > peak ? row[c] : peak;
    float shift = scale * peak;
    for (ptrdiff_t c = from; c < to; c++) {
      float e = ck_exp(scale * row[c] - shift);
      row[c] = e;
      sum += e;
    }
    float inverse = 1.0f / sum;
    for (ptrdiff_t c = from; c < to; c++) row[c] *= inverse;
    memset(row, 0, sizeof(float) * (size_t)from);
    memset(row + to, 0, sizeof(float) * (size_t)(columns - to));
    log_sum_exp[r] = shift + logf(sum);
  }
}

CK_CLONES
void ck_window_probabilities(
    ptrdiff_t rows, ptrdiff_t columns, const int32_t *restrict starts,
    const int32_t *restrict ends, int32_t first_key, float scale,
    const float *restrict log_sum_exp, float *restrict scores) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    float *row = scores + r * columns, shift = log_sum_exp[r];
    ptrdiff_t from = clamp_column(starts[r], first_key, columns);
    ptrdiff_t to = clamp_column(ends[r], first_key, columns);
    for (ptrdiff_t c = from; c < to; c++) row[c] = ck_exp(scale * row[c] - shift);
    memset(row, 0, sizeof(float) * (size_t)from);
    memset(row + to, 0, sizeof(float) * (size_t)(columns - to));
  }
}

CK_CLONES
void ck_softmax_backward(
    ptrdiff_t rows, ptrdiff_t columns, float scale, const float *restrict p,
    const float *restrict row_dot, float *restrict dp) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = 0; c < columns; c++) {
      ptrdiff_t i = r * columns + c;
      dp[i] = scale * p[i] * (dp[i] - row_dot[r]);
    }
}

CK_CLONES
void ck_row_dots(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *restrict a,
    const float *restrict b, float *restrict out) {
  CK_FAST
  for (ptrdiff_t r = 0; r < rows; r++) {
    float dot = 0;
    for (ptrdiff_t c = 0; c < columns; c++) dot += a[r * stride + c] * b[r * stride + c];
    out[r] = dot;
  }
}
