#include "CKernels.h"
#include "clones.h"

CK_CLONES
double ck_sum_of_squares(ptrdiff_t count, const float *restrict x) {
  CK_FAST
  double sum = 0;
  for (ptrdiff_t i = 0; i < count; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}

CK_CLONES
void ck_adamw(
    ptrdiff_t count, float *restrict gradient, float gradient_scale, float beta1,
    float beta2, float epsilon, float step_size, float second_scale, float decay,
    float *restrict first, float *restrict second, float *restrict values) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float g = gradient[i] * gradient_scale;
    gradient[i] = 0;
    float m = beta1 * first[i] + (1.0f - beta1) * g;
    float v = beta2 * second[i] + (1.0f - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    values[i] -= decay * values[i] + step_size * m / (sqrtf(v) * second_scale + epsilon);
  }
}
