#include "CKernels.h"
#include "clones.h"

CK_CLONES
void ck_rotary(
    ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t head_width, bool interleaved, bool inverse,
    bool adding, const float *restrict cosines, const float *restrict sines,
    const float *restrict x, float *restrict out) {
  ptrdiff_t half = head_width / 2;
  ptrdiff_t step = interleaved ? 2 : 1, partner = interleaved ? 1 : half;
  float sign = inverse ? -1.0f : 1.0f, keep = adding ? 1.0f : 0.0f;
  for (ptrdiff_t n = 0; n < rows; n++) {
    const float *c = cosines + n * half, *s = sines + n * half;
    for (ptrdiff_t h = 0; h < heads; h++) {
      const float *from = x + (n * heads + h) * head_width;
      float *to = out + (n * heads + h) * head_width;
      if (!adding) memset(to, 0, sizeof(float) * (size_t)head_width);
      for (ptrdiff_t j = 0; j < half; j++) {
        float a = from[j * step], b = from[j * step + partner], sine = sign * s[j];
        to[j * step] = keep * to[j * step] + a * c[j] - b * sine;
        to[j * step + partner] = keep * to[j * step + partner] + a * sine + b * c[j];
      }
    }
  }
}
