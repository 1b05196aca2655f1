// Lanes of one float32 each, for gemm_body.h.
#define LANE_ELEMENTS 1

/// The lanes that follow each other along the inner index, of which `left` elements exist.
INLINE vector lanes_along(const float *x, ptrdiff_t left) { return load_first(x, left); }

/// The same place along the inner index of neighbours, of which `count` exist; `left` elements
/// exist along it.
INLINE vector lanes_across(const float *x, ptrdiff_t stride, ptrdiff_t left, ptrdiff_t count) {
  (void)stride;
  return load_first(x, left > 0 ? count : 0);
}
