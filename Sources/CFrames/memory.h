// What a frame said so far, and the rows that it is read into: docs/format.md, "Where ids are
// found".
//
// Ids are numbered as they come, so that what is known of them lies close together, however large
// the vocabulary.
#ifndef CF_MEMORY_H
#define CF_MEMORY_H

#include "symbols.h"

enum {
  /// The entries of a row that are sorted at a time; what is behind a row's end may be read and
  /// written over as far.
  CF_LANES = CF_ROOM
};

/// How often an id was counted, and its place in the list.
typedef struct {
  uint32_t count, place;
} cf_standing;

/// An id's kind, where the row begins that it last was the current token of, and that row's length.
typedef struct {
  uint32_t kind, recall, recall_count;
} cf_fact;

/// The rows of a draw under construction.
typedef struct {
  int32_t *offsets, *ids;
  float *values;
  size_t offset_capacity, capacity, count;
} cf_draw_rows;

struct cf_codec {
  cf_settings settings;
  cf_tables tables;
  /// The most words that a record can take, one for each number.
  size_t record_words;
};

struct cf_memory {
  uint32_t draws;
  /// The frame's words, and zeros for a record.
  uint16_t *words;
  size_t word_capacity;
  /// Per id, whether it is known (V bits).
  uint64_t *known;
  /// By number: ids, what is known of them, and the list, the most frequent first.
  uint32_t *ids;
  cf_standing *standings;
  cf_fact *facts;
  uint32_t *list;
  size_t id_capacity;
  /// Per count, how many ids were counted more often; those with the count follow them.
  uint32_t *firsts;
  size_t first_capacity;
  /// The numbers of the ids of all rows as they were coded.
  uint32_t *rows;
  size_t row_capacity;
  /// The levels of the row at hand; of those that descend the negatives.
  int32_t *levels;
  cf_draw_rows *draw_rows;
  /// The records of the frame.
  size_t records;
};

/// Makes room for more than so many words; ids; counts; ids of rows; and records and entries of a
/// draw.
bool cf_grow_words(cf_memory *memory, size_t count);
bool cf_grow_ids(cf_memory *memory, size_t count);
bool cf_grow_firsts(cf_memory *memory, size_t count);
bool cf_grow_rows(cf_memory *memory, size_t count);
bool cf_grow_draw(cf_draw_rows *rows, size_t records, size_t entries);

#endif
