#include "CKernels.h"
#include "clones.h"

CK_CLONES
void ck_add(ptrdiff_t count, const float *restrict x, float *restrict y) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] += x[i];
}

CK_CLONES
void ck_add_scaled(ptrdiff_t count, float scale, const float *restrict x, float *restrict y) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] += scale * x[i];
}

CK_CLONES
void ck_scale_rows(
    ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, const float *restrict scale,
    float *restrict y) {
  for (ptrdiff_t n = 0; n < rows; n++)
    for (ptrdiff_t c = 0; c < columns; c++) y[n * columns + c] = x[n * columns + c] * scale[n];
}

CK_CLONES
void ck_scale_rows_backward(
    ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, const float *restrict scale,
    const float *restrict dy, bool adding, float *restrict dx, float *restrict dscale) {
  CK_FAST
  for (ptrdiff_t n = 0; n < rows; n++) {
    const float *row = x + n * columns, *up = dy + n * columns;
    float *down = dx ? dx + n * columns : NULL;
    if (dx && adding)
      for (ptrdiff_t c = 0; c < columns; c++) down[c] += up[c] * scale[n];
    else if (dx)
      for (ptrdiff_t c = 0; c < columns; c++) down[c] = up[c] * scale[n];
    if (dscale) {
      float dot = 0;
      for (ptrdiff_t c = 0; c < columns; c++) dot += up[c] * row[c];
      dscale[n] += dot;
    }
  }
}
