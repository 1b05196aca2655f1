#include "CKernels.h"
#include "clones.h"

CK_CLONES
void ck_swiglu(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *restrict gate,
    const float *restrict up, float *restrict y) {
  for (ptrdiff_t n = 0; n < rows; n++)
    for (ptrdiff_t c = 0; c < columns; c++) {
      float g = gate[n * stride + c];
      y[n * columns + c] = g / (1.0f + ck_exp(-g)) * up[n * stride + c];
    }
}

CK_CLONES
void ck_swiglu_backward(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *restrict gate,
    const float *restrict up, const float *restrict dy, bool adding, float *restrict dgate,
    float *restrict dup) {
  for (ptrdiff_t n = 0; n < rows; n++)
    for (ptrdiff_t c = 0; c < columns; c++) {
      ptrdiff_t i = n * stride + c;
      float g = gate[i], d = dy[n * columns + c], s = 1.0f / (1.0f + ck_exp(-g));
      float dg = d * up[i] * s * (1.0f + g * (1.0f - s)), du = d * g * s;
      dgate[i] = adding ? dgate[i] + dg : dg;
      dup[i] = adding ? dup[i] + du : du;
    }
}
