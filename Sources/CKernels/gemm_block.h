// The sizes that both products share; BLOCK_STRIDE keeps rows out of each other's cache sets.
#ifndef CK_GEMM_BLOCK_H
#define CK_GEMM_BLOCK_H

enum {
  TILE_ROWS = 14,
  TILE_COLUMNS = 32,
  BLOCK_ROWS = 32 * TILE_ROWS,
  BLOCK_DEPTH = 256,
  BLOCK_STRIDE = BLOCK_DEPTH + 16,
};

#endif
