// A walk over a frame's numbers, and what it remembers: docs/format.md, "Where ids are found".
#ifndef CF_WALK_H
#define CF_WALK_H

#include "memory.h"

/// Leaves with a problem unless something holds.
#define CF_CHECK(condition, problem) \
  if (!CF_LIKELY(condition)) return problem
/// Leaves with the problem of a step.
#define CF_TRY(step)                                    \
  do {                                                  \
    cf_problem found_ = step;                           \
    if (!CF_LIKELY(found_ == CF_WHOLE)) return found_;  \
  } while (0)

/// Families of contexts; those of ids are 6 · role + place.
enum {
  CF_FAMILY = 64,
  CF_ARGMAX_LEVEL = 24,
  CF_HEAD_COUNT = 25,
  CF_ENTROPY = 28,
  CF_NEXT_CLASS = 30,
  CF_NEXT_HEAD = 31,
  CF_NEXT_TAIL = 32,
  CF_NEXT_PROBABILITY = 33,
};

typedef enum { CF_ARGMAX, CF_HEAD, CF_TAIL, CF_NEXT } cf_role;
typedef enum { CF_RECALL_COUNT, CF_LIST_COUNT, CF_RECALL, CF_LIST, CF_KIND, CF_RANK } cf_place;

/// A walk over a frame.
typedef struct {
  cf_source source;
  const cf_codec *codec;
  cf_memory *memory;
  /// How many ids are known, and how many were when the record began, all of them counted.
  uint32_t known, listed;
  /// How many ids of rows there are, and where those of the record at hand begin.
  size_t row_ids, record_ids;
  /// The row in which ids are looked up first.
  uint32_t recall, recall_count;
} cf_walk;

/// The context of a number about ids, with two facts below 8.
CF_INLINE uint32_t cf_context(cf_role role, cf_place place, uint32_t first, uint32_t second) {
  return (role * 6 + place) * CF_FAMILY + first * 8 + second;
}

CF_INLINE uint32_t cf_other(uint32_t family, uint32_t index) { return family * CF_FAMILY + index; }

CF_INLINE uint32_t cf_least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/// The number of binary digits beyond the lowest `above`, at most `most`.
CF_INLINE uint32_t cf_digits(uint64_t value, uint32_t above, uint32_t most) {
  return cf_least(most, 63 - (uint32_t)__builtin_clzll((value >> above) << 1 | 1));
}

/// Classes of a count that is to be divided.
CF_INLINE uint32_t cf_count_class(size_t count) {
  static const uint8_t classes[15] = {0, 1, 2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6, 7};
  return classes[count < 14 ? count : 14];
}

/// How much further the context of a member of a set is, by how many are still to come.
CF_INLINE uint32_t cf_rest(size_t count) {
  static const uint8_t contexts[9] = {0, 8, 16, 24, 32, 32, 32, 32, 40};
  return contexts[count < 8 ? count : 8];
}

CF_INLINE int64_t cf_signed(uint64_t number) {
  return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

/// Makes room for so many further ids of rows.
CF_INLINE cf_problem cf_reserve(cf_walk *walk, size_t count) {
  cf_memory *memory = walk->memory;
  CF_CHECK(walk->row_ids + count < memory->row_capacity ||
               cf_grow_rows(memory, walk->row_ids + count),
           CF_NO_MEMORY);
  CF_CHECK(walk->known + count < memory->id_capacity || cf_grow_ids(memory, walk->known + count),
           CF_NO_MEMORY);
  return CF_WHOLE;
}

/// The number of an id of a kind that came from the tables: the next one, at the end of the list,
/// or that of this record. Others are in the list, and would have come from there. There is room.
CF_INLINE cf_problem cf_tabled_number(cf_walk *walk, uint32_t id, uint32_t kind,
                                      uint32_t *number) {
  cf_memory *memory = walk->memory;
  uint64_t *known = &memory->known[id / 64], bit = UINT64_C(1) << (id & 63);
  uint32_t next = walk->known;
  *number = next;
  if (CF_UNLIKELY(*known & bit)) {
    uint32_t found = walk->listed;
    while (found < next && memory->ids[found] != id) found++;
    CF_CHECK(found < next, CF_NO_ID);
    *number = found;
    return CF_WHOLE;
  }
  *known |= bit;
  memory->ids[next] = id;
  memory->standings[next] = (cf_standing){.place = next};
  memory->facts[next] = (cf_fact){.kind = kind};
  memory->list[next] = next;
  walk->known = next + 1;
  return CF_WHOLE;
}

/// Counts ids: each moves to the front of those that occurred as often, and ahead of them.
CF_INLINE cf_problem cf_count(cf_walk *walk, const uint32_t *numbers, size_t count) {
  cf_memory *memory = walk->memory;
  // The first of the list has the largest count, which grows by one a time at most.
  size_t most = memory->standings[memory->list[0]].count + count + 1;
  CF_CHECK(most < memory->first_capacity || cf_grow_firsts(memory, most), CF_NO_MEMORY);
  cf_standing *standings = memory->standings;
  uint32_t *list = memory->list, *firsts = memory->firsts;
  for (size_t index = 0; index < count; index++) {
    uint32_t number = numbers[index];
    cf_standing standing = standings[number];
    uint32_t first = firsts[standing.count]++, other = list[first];
    list[standing.place] = other;
    // Whole, because whole is how it is read; the other's count is the same.
    standings[other] = standing;
    list[first] = number;
    standings[number] = (cf_standing){standing.count + 1, first};
  }
  return CF_WHOLE;
}

/// Ends a record: the ids of its rows are counted, and recalled when its current token comes again.
CF_INLINE cf_problem cf_keep(cf_walk *walk, uint32_t current) {
  cf_fact *fact = &walk->memory->facts[current];
  size_t count = walk->row_ids - walk->record_ids;
  CF_TRY(cf_count(walk, walk->memory->rows + walk->record_ids, count));
  fact->recall = (uint32_t)walk->record_ids;
  fact->recall_count = (uint32_t)count;
  walk->record_ids = walk->row_ids;
  return CF_WHOLE;
}

#endif
