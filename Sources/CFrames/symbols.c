#include "symbols.h"

// Symbols of k extra bits, eight of each: (symbol mod 8 + 8) · 2^k.
#define EIGHT(k)                                                                          \
  {UINT32_C(8) << k, k}, {UINT32_C(9) << k, k}, {UINT32_C(10) << k, k}, {UINT32_C(11) << k, k}, \
      {UINT32_C(12) << k, k}, {UINT32_C(13) << k, k}, {UINT32_C(14) << k, k}, {UINT32_C(15) << k, k}
#define LARGE(k)                                                                            \
  {1 << 30, k}, {1 << 30, k}, {1 << 30, k}, {1 << 30, k}, {1 << 30, k}, {1 << 30, k}, {1 << 30, k}

const cf_meaning cf_meanings[256] = {
    {0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, EIGHT(0), EIGHT(1), EIGHT(2),
    EIGHT(3), EIGHT(4), EIGHT(5), EIGHT(6), EIGHT(7), EIGHT(8), EIGHT(9), EIGHT(10), EIGHT(11),
    EIGHT(12), EIGHT(13), EIGHT(14), EIGHT(15), EIGHT(16), EIGHT(17), EIGHT(18), EIGHT(19),
    EIGHT(20), EIGHT(21), EIGHT(22), EIGHT(23), EIGHT(24), EIGHT(25), EIGHT(26), LARGE(27),
    {1 << 30, 27}, LARGE(28), {1 << 30, 28}, LARGE(29), {1 << 30, 29}, LARGE(30), {0, 64},
};
