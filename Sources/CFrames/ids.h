// How ids are told: docs/format.md, "Where ids are found".
#ifndef CF_IDS_H
#define CF_IDS_H

#include "walk.h"

/// An id by itself, and where it was found: 0 in the recalled row, 1 in the list, 2 in the tables.
typedef struct {
  uint32_t number, source, place;
} cf_found;

/// The contexts of an id by itself.
typedef struct {
  uint32_t source, recall, list, kind, rank;
} cf_single_contexts;

/// Those of an argmax after a token of a kind.
CF_INLINE cf_single_contexts cf_argmax_contexts(const cf_walk *walk, uint32_t kind) {
  return (cf_single_contexts){
      .source = cf_context(CF_ARGMAX, CF_RECALL_COUNT, cf_digits(walk->recall_count, 0, 5),
                           cf_digits(walk->listed, 4, 7)),
      .recall = cf_context(CF_ARGMAX, CF_RECALL, cf_digits(walk->recall_count, 0, 6), 0),
      .list = cf_context(CF_ARGMAX, CF_LIST, cf_digits(walk->listed, 6, 7), 0),
      .kind = cf_context(CF_ARGMAX, CF_KIND, kind, 0),
      .rank = cf_context(CF_ARGMAX, CF_RANK, 0, 0)};
}

/// Those of a token after an argmax of a kind; 7 at a fragment's start.
CF_INLINE cf_single_contexts cf_token_contexts(uint32_t kind) {
  return (cf_single_contexts){
      cf_context(CF_NEXT, CF_RECALL_COUNT, 0, 0), cf_context(CF_NEXT, CF_RECALL, 0, 0),
      cf_context(CF_NEXT, CF_LIST, 0, 0), cf_context(CF_NEXT, CF_KIND, kind, 0),
      cf_context(CF_NEXT, CF_RANK, 0, 0)};
}

/// An id by itself, for which there is room.
CF_INLINE cf_problem cf_single(cf_walk *walk, cf_single_contexts contexts, cf_found *found) {
  const cf_codec *codec = walk->codec;
  uint64_t source = cf_number(&walk->source, contexts.source);
  CF_CHECK(source <= 2, CF_NO_ID);
  found->source = (uint32_t)source;
  if (source < 2) {
    uint64_t place = cf_number(&walk->source, source ? contexts.list : contexts.recall);
    CF_CHECK(place < (source ? walk->listed : walk->recall_count), CF_NO_ID);
    found->place = (uint32_t)place;
    found->number = (source ? walk->memory->list : walk->memory->rows + walk->recall)[place];
    return CF_WHOLE;
  }
  uint64_t kind = cf_number(&walk->source, contexts.kind);
  CF_CHECK(kind < CF_KINDS, CF_NO_KIND);
  uint64_t rank = cf_number(&walk->source, contexts.rank + 8 * (uint32_t)kind);
  uint32_t first = codec->settings.firsts[kind];
  CF_CHECK(rank < codec->settings.firsts[kind + 1] - first, CF_NO_ID);
  found->place = (uint32_t)rank;
  uint32_t id = (uint32_t)codec->tables.order[first + rank];
  return cf_tabled_number(walk, id, (uint32_t)kind, &found->number);
}

/// Ascending places below a bound, as gaps; what `numbers` has there becomes ids of the row.
CF_INLINE cf_problem cf_places(cf_walk *walk, const uint32_t *numbers, size_t bound,
                               uint32_t context, size_t count, int32_t *ids) {
  uint32_t *row = walk->memory->rows + walk->row_ids;
  const uint32_t *known_ids = walk->memory->ids;
  uint64_t next = 0;
  for (size_t index = 0; index < count; index++) {
    next += cf_number(&walk->source, context + cf_rest(count - index));
    CF_CHECK(next < bound, CF_NO_ID);
    uint32_t number = numbers[next++];
    row[index] = number;
    ids[index] = (int32_t)known_ids[number];
  }
  walk->row_ids += count;
  return CF_WHOLE;
}

/// Ids from the tables: their kinds in ascending order, then within each kind their ranks.
CF_INLINE cf_problem cf_tabled(cf_walk *walk, cf_role role, uint32_t argmax_kind, size_t count,
                               int32_t *ids) {
  const cf_codec *codec = walk->codec;
  uint32_t *row = walk->memory->rows + walk->row_ids;
  // Per kind, how many there are.
  size_t rest[CF_KINDS] = {0};
  uint64_t kind = 0;
  uint32_t context = cf_context(role, CF_KIND, argmax_kind, 7);
  for (size_t index = 0; index < count; index++) {
    uint64_t previous = kind;
    kind = cf_number(&walk->source, context);
    CF_CHECK(kind < CF_KINDS, CF_NO_KIND);
    CF_CHECK(kind >= previous, CF_KINDS_DESCEND);
    context = cf_context(role, CF_KIND, argmax_kind, (uint32_t)kind);
    rest[kind]++;
    row[index] = (uint32_t)kind;
  }
  uint64_t next = 0;
  uint32_t last = 7;
  for (size_t index = 0; index < count; index++) {
    uint32_t own = row[index], first = codec->settings.firsts[own];
    next = own == last ? next : 0;
    last = own;
    next += cf_number(&walk->source, cf_context(role, CF_RANK, 0, own) + cf_rest(rest[own]--));
    CF_CHECK(next < codec->settings.firsts[own + 1] - first, CF_NO_ID);
    uint32_t id = (uint32_t)codec->tables.order[first + next++];
    ids[index] = (int32_t)id;
    CF_TRY(cf_tabled_number(walk, id, own, &row[index]));
  }
  walk->row_ids += count;
  return CF_WHOLE;
}

/// A set of ids: how many are where, then their places in ascending order.
CF_INLINE cf_problem cf_set(cf_walk *walk, cf_role role, uint32_t argmax_kind, size_t count,
                            int32_t *ids) {
  if (count == 0) return CF_WHOLE;
  CF_TRY(cf_reserve(walk, count));
  cf_memory *memory = walk->memory;
  uint64_t recalled = 0, listed = 0;
  if (walk->recall_count > 0) {
    uint32_t size = cf_least(3, cf_digits(walk->recall_count, 0, 7) / 2);
    recalled = cf_number(&walk->source,
                         cf_context(role, CF_RECALL_COUNT, cf_count_class(count), size));
    CF_CHECK(recalled <= count, CF_MANY_MEMBERS);
    CF_TRY(cf_places(walk, memory->rows + walk->recall, walk->recall_count,
                     cf_context(role, CF_RECALL, 0, 0), recalled, ids));
  }
  size_t rest = count - recalled;
  if (rest > 0 && walk->listed > 0) {
    listed = cf_number(&walk->source, cf_context(role, CF_LIST_COUNT, cf_count_class(rest),
                                                 cf_digits(walk->listed, 7, 4)));
    CF_CHECK(listed <= rest, CF_MANY_MEMBERS);
    CF_TRY(cf_places(walk, memory->list, walk->listed,
                     cf_context(role, CF_LIST, 0, cf_digits(walk->listed, 8, 3)), listed,
                     ids + recalled));
  }
  return cf_tabled(walk, role, argmax_kind, rest - listed, ids + recalled + listed);
}

#endif
