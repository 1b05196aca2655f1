// The sizes that both products share; BLOCK_STRIDE keeps rows out of each other's cache sets.
#ifndef CK_GEMM_BLOCK_H
#define CK_GEMM_BLOCK_H

#include <stddef.h>
#include <stdint.h>

enum {
  TILE_ROWS = 14,
  TILE_COLUMNS = 32,
  BLOCK_ROWS = 37 * TILE_ROWS,  // 518: a sequence of 512 tokens lays B out once
  BLOCK_DEPTH = 256,
  BLOCK_STRIDE = BLOCK_DEPTH + 16,
};

/// A mask of the first `count` of 16 lanes.
static inline __attribute__((always_inline)) uint16_t first_lanes(ptrdiff_t count) {
  return count >= 16 ? 0xffff : count <= 0 ? 0 : (uint16_t)((1u << count) - 1);
}

#endif
