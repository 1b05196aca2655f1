#include "rows.h"

#include <stdlib.h>

/// An entry of a row.
typedef struct {
  int32_t id;
  float value;
} entry;

static int compare(const void *first, const void *second) {
  int32_t a = ((const entry *)first)->id, b = ((const entry *)second)->id;
  return (a > b) - (a < b);
}

bool cf_sort_long(const int32_t *ids, const float *values, size_t count, int32_t *to_ids,
                  float *to_values) {
  entry *entries = malloc(count * sizeof *entries);
  if (!entries) return false;
  for (size_t index = 0; index < count; index++)
    entries[index] = (entry){ids[index], values[index]};
  qsort(entries, count, sizeof *entries, compare);
  bool ascends = true;
  for (size_t index = 0; index < count; index++) {
    to_ids[index] = entries[index].id;
    to_values[index] = entries[index].value;
    ascends &= index == 0 || to_ids[index - 1] < to_ids[index];
  }
  free(entries);
  return ascends;
}

CF_CLONES static cf_problem sort_rows(const cf_draw_rows *rows, size_t count, int32_t *to_ids,
                                      float *to_values) {
  for (size_t row = 0; row < count; row++) {
    int32_t start = rows->offsets[row];
    size_t length = (size_t)(rows->offsets[row + 1] - start);
    bool is_row = CF_LIKELY(length <= CF_MOST_COMPARED)
                      ? cf_sort(rows->ids + start, rows->values + start, length, to_ids + start,
                                to_values + start)
                      : cf_sort_long(rows->ids + start, rows->values + start, length,
                                     to_ids + start, to_values + start);
    if (!is_row) return CF_ID_TWICE;
  }
  return CF_WHOLE;
}

cf_problem cf_sort_rows(const cf_memory *memory, uint32_t draw, int32_t *ids, float *values) {
  return sort_rows(&memory->draw_rows[draw], memory->records, ids, values);
}
