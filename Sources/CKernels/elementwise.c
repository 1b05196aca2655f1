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

CK_CLONES
static uint32_t non_finite(ptrdiff_t count, const float *restrict x) {
  uint32_t found = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    found |= (bits & 0x7f800000u) == 0x7f800000u;
  }
  return found;
}

ptrdiff_t ck_first_non_finite(ptrdiff_t count, const float *x) {
  enum { BLOCK = 4096 };
  for (ptrdiff_t start = 0; start < count; start += BLOCK) {
    ptrdiff_t length = count - start < BLOCK ? count - start : BLOCK;
    if (!non_finite(length, x + start)) continue;
    for (ptrdiff_t i = start; i < start + length; i++)
      if (!isfinite(x[i])) return i;
  }
  return -1;
}
