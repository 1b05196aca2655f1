#include "CKernels.h"
#include "clones.h"

CK_CLONES
void ck_rms_norm(
    ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, const float *restrict weight,
    float eps, float *restrict rstd, float *restrict y) {
  CK_FAST
  for (ptrdiff_t n = 0; n < rows; n++) {
    const float *row = x + n * columns;
    float *out = y + n * columns;
    float sum = 0;
    for (ptrdiff_t c = 0; c < columns; c++) sum += row[c] * row[c];
    float r = 1.0f / sqrtf(sum / (float)columns + eps);
    rstd[n] = r;
    if (weight)
      for (ptrdiff_t c = 0; c < columns; c++) out[c] = row[c] * r * weight[c];
    else
      for (ptrdiff_t c = 0; c < columns; c++) out[c] = row[c] * r;
  }
}

CK_CLONES
void ck_rms_norm_backward(
    ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, const float *restrict weight,
    const float *restrict rstd, const float *restrict dy, bool adding,
    float *restrict dx) {
  CK_FAST
  for (ptrdiff_t n = 0; n < rows; n++) {
    const float *row = x + n * columns, *up = dy + n * columns;
    float *down = dx + n * columns, r = rstd[n], dot = 0;
    if (!adding) memset(down, 0, sizeof(float) * (size_t)columns);
    if (weight) {
      for (ptrdiff_t c = 0; c < columns; c++) dot += up[c] * weight[c] * row[c];
      float mean = dot * r * r / (float)columns;
      for (ptrdiff_t c = 0; c < columns; c++) down[c] += r * (up[c] * weight[c] - row[c] * mean);
    } else {
      for (ptrdiff_t c = 0; c < columns; c++) dot += up[c] * row[c];
      float mean = dot * r * r / (float)columns;
      for (ptrdiff_t c = 0; c < columns; c++) down[c] += r * (up[c] - row[c] * mean);
    }
  }
}

CK_CLONES
void ck_rms_norm_weight_backward(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t from, ptrdiff_t to, const float *restrict x,
    const float *restrict rstd, const float *restrict dy, float *restrict dweight) {
  for (ptrdiff_t n = 0; n < rows; n++) {
    const float *row = x + n * columns, *up = dy + n * columns;
    for (ptrdiff_t c = from; c < to; c++) dweight[c] += up[c] * row[c] * rstd[n];
  }
}
