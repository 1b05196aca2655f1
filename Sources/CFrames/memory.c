#include "memory.h"

#include <stdlib.h>

/// Makes an array larger than `count` elements, and at least twice as large as it was.
static bool grow(void *array, size_t element, size_t capacity) {
  void **base = array;
  void *larger = realloc(*base, capacity * element);
  if (!larger) return false;
  *base = larger;
  return true;
}

static size_t more(size_t capacity, size_t count) {
  return count < 2 * capacity ? 2 * capacity : count + count / 2 + 64;
}

bool cf_grow_words(cf_memory *memory, size_t count) {
  size_t capacity = more(memory->word_capacity, count);
  if (!grow(&memory->words, sizeof *memory->words, capacity)) return false;
  memory->word_capacity = capacity;
  return true;
}

bool cf_grow_ids(cf_memory *memory, size_t count) {
  size_t capacity = more(memory->id_capacity, count);
  if (!grow(&memory->ids, sizeof *memory->ids, capacity) ||
      !grow(&memory->standings, sizeof *memory->standings, capacity) ||
      !grow(&memory->facts, sizeof *memory->facts, capacity) ||
      !grow(&memory->list, sizeof *memory->list, capacity))
    return false;
  memory->id_capacity = capacity;
  return true;
}

bool cf_grow_firsts(cf_memory *memory, size_t count) {
  size_t old = memory->first_capacity, capacity = more(old, count);
  if (!grow(&memory->firsts, sizeof *memory->firsts, capacity)) return false;
  memset(memory->firsts + old, 0, (capacity - old) * sizeof *memory->firsts);
  memory->first_capacity = capacity;
  return true;
}

bool cf_grow_rows(cf_memory *memory, size_t count) {
  size_t capacity = more(memory->row_capacity, count);
  if (!grow(&memory->rows, sizeof *memory->rows, capacity)) return false;
  memory->row_capacity = capacity;
  return true;
}

bool cf_grow_draw(cf_draw_rows *rows, size_t records, size_t entries) {
  if (records >= rows->offset_capacity) {
    size_t capacity = more(rows->offset_capacity, records);
    if (!grow(&rows->offsets, sizeof *rows->offsets, capacity)) return false;
    rows->offset_capacity = capacity;
  }
  if (entries < rows->capacity) return true;
  size_t capacity = more(rows->capacity, entries);
  if (!grow(&rows->ids, sizeof *rows->ids, capacity) ||
      !grow(&rows->values, sizeof *rows->values, capacity))
    return false;
  rows->capacity = capacity;
  return true;
}

static void *copy(const void *array, size_t element, size_t count) {
  void *copy = malloc(count * element);
  return copy ? memcpy(copy, array, count * element) : NULL;
}

cf_codec *cf_codec_create(cf_settings settings, cf_tables tables) {
  cf_codec *codec = malloc(sizeof *codec);
  if (!codec) return NULL;
  codec->settings = settings;
  codec->tables = tables;
  // Nine for the record and three for a token before it; per draw seven, and of an entry the kind,
  // the rank and the level; and one is read before it is known whether it is needed.
  codec->record_words = 13 + settings.draws * (7 + 3 * (size_t)settings.most_entries);
  cf_tables *own = &codec->tables;
  own->heads = copy(tables.heads, sizeof *tables.heads, tables.head_count);
  own->layouts = aligned_alloc(64, tables.layout_count * sizeof *tables.layouts);
  if (own->layouts)
    memcpy((void *)own->layouts, tables.layouts, tables.layout_count * sizeof *tables.layouts);
  own->order = copy(tables.order, sizeof *tables.order, settings.vocabulary);
  own->levels = copy(tables.levels, sizeof *tables.levels, tables.level_count);
  if (own->heads && own->layouts && own->order && own->levels) {
    for (size_t level = 0; level < tables.level_count; level++)
      ((cf_level *)own->levels)[level].next = own->heads[own->levels[level].next];
    return codec;
  }
  cf_codec_free(codec);
  return NULL;
}

void cf_codec_free(cf_codec *codec) {
  free((void *)codec->tables.heads);
  free((void *)codec->tables.layouts);
  free((void *)codec->tables.order);
  free((void *)codec->tables.levels);
  free(codec);
}

cf_memory *cf_memory_create(const cf_codec *codec) {
  cf_memory *memory = calloc(1, sizeof *memory);
  if (!memory) return NULL;
  memory->draws = codec->settings.draws;
  memory->known = calloc(codec->settings.vocabulary / 64 + 1, sizeof *memory->known);
  memory->levels = calloc((size_t)codec->settings.most_entries + 1, sizeof *memory->levels);
  memory->draw_rows = calloc(codec->settings.draws, sizeof *memory->draw_rows);
  if (memory->known && memory->levels && memory->draw_rows && cf_grow_ids(memory, 0) &&
      cf_grow_firsts(memory, 0) && cf_grow_rows(memory, 0))
    return memory;
  cf_memory_free(memory);
  return NULL;
}

void cf_memory_free(cf_memory *memory) {
  for (uint32_t draw = 0; memory->draw_rows && draw < memory->draws; draw++) {
    free(memory->draw_rows[draw].offsets);
    free(memory->draw_rows[draw].ids);
    free(memory->draw_rows[draw].values);
  }
  free(memory->known);
  free(memory->words);
  free(memory->levels);
  free(memory->ids);
  free(memory->standings);
  free(memory->facts);
  free(memory->list);
  free(memory->firsts);
  free(memory->rows);
  free(memory->draw_rows);
  free(memory);
}

const int32_t *cf_offsets(const cf_memory *memory, uint32_t draw) {
  return memory->draw_rows[draw].offsets;
}
