// The matrix product, compiled once for each set of instructions: gemm_float32_avx2.c and its
// neighbours define what differs and include this.
//
// The loops are those of Goto & van de Geijn (Anatomy of High-Performance Matrix Multiplication,
// 2008) with the roles of the caches chosen for the CPUs we measured: a block of A (BLOCK_ROWS rows
// x 256 lanes) is laid out row by row in the second-level cache, then every two vectors' columns of B
// in turn in the first, and tiles of TILE_ROWS x two vectors of sums stay in registers while the
// inner index runs.
//
// A lane is 32 bits: one float32, or two bfloat16 that follow each other along the inner index,
// which is what the CPU multiplies in one go. So both types share all of the layout code.
//
// Every sum runs along the inner index in blocks that depend on its length only. The bits of an
// element of C therefore depend on its row of A and column of B alone: not on the number of rows,
// nor on how callers split the work over threads.

#include <stddef.h>

#include "gemm_block.h"

enum { TILE_COLUMNS = 2 * WIDTH };

/// The lanes that `length` elements along the inner index fill.
INLINE ptrdiff_t lanes(ptrdiff_t length) { return (length + LANE_ELEMENTS - 1) / LANE_ELEMENTS; }

// MARK: - Sums in registers

/// c (height x `columns`, rows `stride` apart) = or += the product of `depth` lanes of a and b.
INLINE void tile(
    int height, ptrdiff_t depth, const float *a, const float *b, ptrdiff_t b_stride, bool adding,
    float *c, ptrdiff_t stride, ptrdiff_t columns) {
  vector sums[TILE_ROWS][2];
  UNROLL for (int i = 0; i < height; i++) {
    sums[i][0] = sums[i][1] = zero();
    // C is asked for now, so that it is there when the sums are.
    __builtin_prefetch(c + i * stride, 1);
    __builtin_prefetch(c + i * stride + TILE_COLUMNS - 1, 1);
  }
  for (ptrdiff_t p = 0; p < depth; p++) {
    vector b0 = load(b), b1 = load(b + WIDTH);
    UNROLL for (int i = 0; i < height; i++) {
      vector x = broadcast(a[i * BLOCK_STRIDE]);
      sums[i][0] = multiply_add(x, b0, sums[i][0]);
      sums[i][1] = multiply_add(x, b1, sums[i][1]);
    }
    a += 1;
    b += b_stride;
  }
  UNROLL for (int i = 0; i < height; i++, c += stride) {
    if (adding) {
      sums[i][0] = add(sums[i][0], load_first(c, columns));
      sums[i][1] = add(sums[i][1], load_first(c + WIDTH, columns - WIDTH));
    }
    store_first(c, columns, sums[i][0]);
    store_first(c + WIDTH, columns - WIDTH, sums[i][1]);
  }
}

// A tile's height must be a constant, or its sums would not stay in registers.
#define TILE(height)                                                                            \
  FUNCTION void tile_##height(                                                                  \
      ptrdiff_t depth, const float *a, const float *b, ptrdiff_t b_stride, bool adding,         \
      float *c, ptrdiff_t stride, ptrdiff_t columns) {                                          \
    tile(height, depth, a, b, b_stride, adding, c, stride, columns);                            \
  }
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if GEMM_TILE_ROWS > 6
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12) TILE(13) TILE(14)
#endif

typedef void (*tile_function)(
    ptrdiff_t, const float *, const float *, ptrdiff_t, bool, float *, ptrdiff_t, ptrdiff_t);
static const tile_function tiles[TILE_ROWS + 1] = {
    NULL,   tile_1, tile_2,  tile_3,  tile_4,  tile_5,  tile_6,
#if GEMM_TILE_ROWS > 6
    tile_7, tile_8, tile_9, tile_10, tile_11, tile_12, tile_13, tile_14,
#endif
};

// MARK: - Laying out

/// A block of A, row by row: rows x length elements become rows x lanes, BLOCK_STRIDE apart.
FUNCTION void lay_out_rows(ptrdiff_t rows, ptrdiff_t length, ck_operand a, float *out) {
  ptrdiff_t depth = lanes(length);
  if (!a.transposed) {
    for (ptrdiff_t i = 0; i < rows; i++, a.base += a.stride, out += BLOCK_STRIDE) {
      for (ptrdiff_t p = 0; p < depth; p += WIDTH) {
        ptrdiff_t at = p * LANE_ELEMENTS;
        store(out + p, lanes_along(a.base + at, length - at));
      }
    }
    return;
  }
  for (ptrdiff_t p = 0; p < depth; p += WIDTH) {
    for (ptrdiff_t i = 0; i < rows; i += WIDTH) {
      vector r[WIDTH];
      for (int q = 0; q < WIDTH; q++) {
        ptrdiff_t at = (p + q) * LANE_ELEMENTS;
        const float *x = a.base + at * a.stride + i;
        // So many rows at once are more than the CPU foresees by itself.
        __builtin_prefetch(x + 8 * WIDTH);
        r[q] = lanes_across(x, a.stride, length - at, rows - i);
      }
      transpose(r);
      for (int q = 0; q < WIDTH && i + q < rows; q++) store(out + (i + q) * BLOCK_STRIDE + p, r[q]);
    }
  }
}

/// A panel of B, inner index first: lanes x TILE_COLUMNS, columns past the last one zero.
FUNCTION void lay_out_columns(ptrdiff_t columns, ptrdiff_t length, ck_operand b, float *out) {
  ptrdiff_t depth = lanes(length);
  if (!b.transposed) {
    for (ptrdiff_t p = 0; p < depth; p++, out += TILE_COLUMNS) {
      ptrdiff_t at = p * LANE_ELEMENTS;
      const float *row = b.base + at * b.stride;
      store(out, lanes_across(row, b.stride, length - at, columns));
      store(out + WIDTH, lanes_across(row + WIDTH, b.stride, length - at, columns - WIDTH));
    }
    return;
  }
  for (ptrdiff_t half = 0; half < TILE_COLUMNS; half += WIDTH) {
    for (ptrdiff_t p = 0; p < depth; p += WIDTH) {
      ptrdiff_t at = p * LANE_ELEMENTS;
      vector r[WIDTH];
      for (int q = 0; q < WIDTH; q++) {
        const float *column = b.base + (half + q) * b.stride + at;
        r[q] = half + q < columns ? lanes_along(column, length - at) : zero();
      }
      transpose(r);
      for (int q = 0; q < WIDTH; q++) store(out + (p + q) * TILE_COLUMNS + half, r[q]);
    }
  }
}

// MARK: - Fetching ahead

/// The rows, as they are stored, of the next panel of B: fetched bit by bit while the present one
/// is used, because the CPU does not foresee the step from panel to panel.
typedef struct {
  const float *row;
  ptrdiff_t stride, rows, width;
} panel_fetch;

/// What the next columns of B are stored in; nothing without any.
INLINE panel_fetch fetch_of(ptrdiff_t columns, ptrdiff_t length, ck_operand b) {
  return b.transposed ? (panel_fetch){b.base, b.stride, columns > 0 ? columns : 0, length}
                      : (panel_fetch){b.base, b.stride, columns > 0 ? length : 0, columns};
}

/// Asks for some more rows.
INLINE void fetch_rows(panel_fetch *fetch, ptrdiff_t count) {
  for (; count > 0 && fetch->rows > 0; count--, fetch->rows--, fetch->row += fetch->stride) {
    for (ptrdiff_t at = 0; at < fetch->width; at += 16) {
      __builtin_prefetch(fetch->row + at, 0, 2);
    }
  }
}

// MARK: - The loops

/// The operand without its first rows and columns.
INLINE ck_operand dropping(ck_operand x, ptrdiff_t rows, ptrdiff_t columns) {
  x.base += x.transposed ? columns * x.stride + rows : rows * x.stride + columns;
  return x;
}

/// One panel's columns of C for all rows of the block of A.
INLINE void multiply_panel(
    ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const float *block, const float *panel,
    ptrdiff_t panel_stride, bool adding, float *c, ptrdiff_t stride, panel_fetch *fetch) {
  ptrdiff_t strips = (rows + TILE_ROWS - 1) / TILE_ROWS;
  // With few rows there is too little work to hide a fetch behind.
  ptrdiff_t fetched = strips < 4 ? 0 : (fetch->rows + strips - 1) / strips;
  for (ptrdiff_t i = 0; i < rows; i += TILE_ROWS) {
    fetch_rows(fetch, fetched);
    tiles[rows - i < TILE_ROWS ? rows - i : TILE_ROWS](
        depth, block + i * BLOCK_STRIDE, panel, panel_stride, adding, c + i * stride, stride,
        columns);
  }
}

/// A block's rows of C for all columns.
INLINE void multiply_block(
    ptrdiff_t rows, ptrdiff_t n, ptrdiff_t length, const float *block, ck_operand b, bool adding,
    float *c, ptrdiff_t stride, float *panel) {
  ptrdiff_t depth = lanes(length);
  for (ptrdiff_t j = 0; j < n; j += TILE_COLUMNS) {
    ptrdiff_t columns = n - j < TILE_COLUMNS ? n - j : TILE_COLUMNS;
    ptrdiff_t following = n - j - columns < TILE_COLUMNS ? n - j - columns : TILE_COLUMNS;
    panel_fetch fetch = fetch_of(following, length, dropping(b, 0, j + columns));
    ck_operand here = dropping(b, 0, j);
    // A panel that is used once may be read where it lies.
    bool in_place = LANE_ELEMENTS == 1 && !b.transposed && rows <= TILE_ROWS
        && columns == TILE_COLUMNS;
    if (!in_place) lay_out_columns(columns, length, here, panel);
    multiply_panel(
        rows, columns, depth, block, in_place ? here.base : panel,
        in_place ? here.stride : TILE_COLUMNS, adding, c + j, stride, &fetch);
  }
}

GEMM_TARGET static void multiply(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a, ck_operand b, bool adding, float *c,
    ptrdiff_t stride, float *scratch) {
  float *panel = scratch + BLOCK_ROWS * BLOCK_STRIDE;
  const ptrdiff_t longest = BLOCK_DEPTH * LANE_ELEMENTS;
  ptrdiff_t inner = k > 0 ? k : 1;
  ptrdiff_t parts = (inner + longest - 1) / longest;
  ptrdiff_t part = ((inner + parts - 1) / parts + 31) / 32 * 32;
  for (ptrdiff_t i = 0; i < m; i += BLOCK_ROWS) {
    ptrdiff_t rows = m - i < BLOCK_ROWS ? m - i : BLOCK_ROWS;
    // Runs once for k = 0, too, which clears C.
    for (ptrdiff_t p = 0; p == 0 || p < k; p += part) {
      ptrdiff_t length = k - p < part ? k - p : part;
      lay_out_rows(rows, length, dropping(a, i, p), scratch);
      multiply_block(
          rows, n, length, scratch, dropping(b, p, 0), adding || p > 0, c + i * stride, stride,
          panel);
    }
  }
}

const gemm_product GEMM_NAME = {
    .is_supported = is_supported,
    .extents = {
        .tile_rows = TILE_ROWS,
        .tile_columns = TILE_COLUMNS,
        .block_rows = BLOCK_ROWS,
        .scratch = BLOCK_ROWS * BLOCK_STRIDE + (BLOCK_DEPTH + 16) * TILE_COLUMNS,
    },
    .multiply = multiply,
};
