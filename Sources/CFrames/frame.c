#include "ids.h"
#include "rows.h"

#include <stdlib.h>

/// The row at hand.
typedef struct {
  cf_found argmax;
  uint32_t argmax_id, argmax_kind, argmax_level;
  /// Whether the argmax is an entry, and how many others there are.
  uint32_t has_argmax, heads, tails;
  uint32_t certainty, certainty_class;
  /// What the levels so far leave of a whole; negative where there are more.
  int64_t left;
} cf_row;

/// Where the numbers go of which a frame has one a token or one a record.
typedef struct {
  int32_t *tokens, *argmax;
  float *next_log_probability, *entropy;
} cf_columns;

CF_INLINE const cf_level *cf_level_of(const cf_codec *codec, uint32_t level) {
  return &codec->tables.levels[cf_least(level, (uint32_t)codec->tables.level_count - 1)];
}

/// Makes room for a row of a draw with so many entries beside the argmax.
CF_INLINE cf_problem cf_room(cf_draw_rows *rows, size_t record, size_t entries) {
  size_t end = rows->count + entries + 1;
  if (CF_LIKELY(record + 1 < rows->offset_capacity && end + CF_LANES < rows->capacity))
    return CF_WHOLE;
  CF_CHECK(end <= INT32_MAX, CF_MANY_ENTRIES);
  CF_CHECK(cf_grow_draw(rows, record + 1, end + CF_LANES), CF_NO_MEMORY);
  return CF_WHOLE;
}

/// The argmax's level and the entries with levels of their own.
CF_INLINE cf_problem cf_head(cf_walk *walk, cf_row *row, cf_draw_rows *rows, size_t record) {
  const cf_codec *codec = walk->codec;
  uint32_t found = row->argmax.source * 3;
  if (row->argmax.source < 2) found += cf_least(2, row->argmax.place);
  uint64_t level = cf_number(&walk->source, cf_other(CF_ARGMAX_LEVEL, found));
  CF_CHECK(level <= codec->settings.most_level, CF_OFF_GRID);
  if (codec->settings.is_ascending) level = codec->settings.most_level - level;
  const cf_level *meaning = cf_level_of(codec, (uint32_t)level);
  row->argmax_level = (uint32_t)level;
  // On an ascending grid level 0 is no entry.
  row->has_argmax = !(codec->settings.is_ascending && level == 0);
  row->certainty = meaning->certainty;
  row->certainty_class = meaning->certainty_class;
  uint64_t count = cf_number(&walk->source, cf_other(CF_HEAD_COUNT, meaning->certainty / 4));
  CF_CHECK(count <= codec->settings.most_entries, CF_MANY_ENTRIES);
  row->heads = (uint32_t)count;
  row->tails = 0;
  CF_TRY(cf_room(rows, record, count));
  int32_t *ids = rows->ids + rows->count, *levels = walk->memory->levels;
  float *values = rows->values + rows->count;
  ids[0] = (int32_t)row->argmax_id;
  values[0] = meaning->value;
  CF_TRY(cf_set(walk, CF_HEAD, row->argmax_kind, count, ids + row->has_argmax));
  int64_t left = (int64_t)codec->settings.whole - (int64_t)level;
  for (size_t index = 0; index < count; index++) {
    // Where rows have a whole the context is that of what is left, else that of the level before.
    if (codec->settings.whole) meaning = &codec->tables.levels[left > 0 ? left : 0];
    level = cf_number_in(&walk->source, meaning->next);
    CF_CHECK(level <= codec->settings.most_level, CF_OFF_GRID);
    meaning = cf_level_of(codec, (uint32_t)level);
    levels[index] = codec->settings.is_ascending ? (int32_t)level : -(int32_t)level;
    values[row->has_argmax + index] = meaning->value;
    left -= (int64_t)level;
  }
  row->left = left;
  return CF_WHOLE;
}

/// The sampled entries, after those with levels of their own.
CF_INLINE cf_problem cf_tail(cf_walk *walk, cf_row *row, cf_draw_rows *rows, size_t record) {
  const cf_codec *codec = walk->codec;
  const cf_level *rest = &codec->tables.levels[row->left > 0 ? row->left : 0];
  int64_t count =
      rest->expected + cf_signed(cf_number(&walk->source, rest->tail + cf_least(2, row->heads)));
  CF_CHECK(count >= 0 && count <= (int64_t)codec->settings.most_entries - row->heads,
           CF_MANY_SAMPLED);
  row->tails = (uint32_t)count;
  CF_TRY(cf_room(rows, record, row->heads + (size_t)count));
  size_t start = rows->count + row->has_argmax + row->heads;
  for (int64_t index = 0; index < count; index += CF_LANES)
    for (int64_t lane = 0; lane < CF_LANES; lane++)
      rows->values[start + (size_t)(index + lane)] = codec->settings.sampled;
  return cf_set(walk, CF_TAIL, row->argmax_kind, (size_t)count, rows->ids + start);
}

/// Ends the row of a draw.
CF_INLINE void cf_end_row(cf_draw_rows *rows, const cf_row *row, size_t record) {
  rows->count += row->has_argmax + row->heads + row->tails;
  rows->offsets[record + 1] = (int32_t)rows->count;
}

/// The rows of a record's draws after the first.
CF_INLINE cf_problem cf_further_draws(cf_walk *walk, cf_row *row, size_t record, size_t start) {
  const cf_draw_rows *first = &walk->memory->draw_rows[0];
  for (uint32_t draw = 1; draw < walk->codec->settings.draws; draw++) {
    cf_draw_rows *rows = &walk->memory->draw_rows[draw];
    if (walk->codec->settings.has_tail) {
      size_t certain = row->has_argmax + row->heads;
      CF_TRY(cf_room(rows, record, row->heads));
      memcpy(rows->ids + rows->count, first->ids + start, certain * sizeof *rows->ids);
      memcpy(rows->values + rows->count, first->values + start, certain * sizeof *rows->values);
      CF_TRY(cf_tail(walk, row, rows, record));
    } else {
      CF_TRY(cf_head(walk, row, rows, record));
    }
    cf_end_row(rows, row, record);
  }
  return CF_WHOLE;
}

/// The token that follows, as a number, whether no row had it, and its log-probability's code.
CF_INLINE cf_problem cf_next(cf_walk *walk, const cf_row *row, uint32_t *number, bool *is_other,
                             uint32_t *code) {
  cf_source *source = &walk->source;
  const cf_codec *codec = walk->codec;
  const cf_memory *memory = walk->memory;
  const uint32_t *numbers = memory->rows + walk->record_ids;
  uint32_t row_class = cf_least(9, row->certainty / 8) * 6 + cf_least(2, row->heads) * 2 +
                       cf_least(1, row->tails);
  uint64_t class = cf_number(source, cf_other(CF_NEXT_CLASS, row_class));
  CF_CHECK(class <= 3, CF_NO_CLASS);
  *is_other = class == 3;
  // Of tokens without a level of their own the reference is that of level 0, the class 0.
  uint32_t level = 0, sure = 0;
  if (class == 0) {
    *number = numbers[0];
    level = row->argmax_level;
    sure = row->certainty_class;
  } else if (class == 1) {
    uint64_t rank = cf_number(source, cf_other(CF_NEXT_HEAD, cf_least(7, row->heads)));
    CF_CHECK(rank < row->heads, CF_NO_ENTRY);
    uint32_t place = cf_place_of_rank(memory->levels, row->heads, (uint32_t)rank);
    *number = numbers[1 + place];
    level = (uint32_t)abs(memory->levels[place]);
    sure = cf_level_of(codec, level)->certainty_class;
  } else if (class == 2) {
    uint64_t place = cf_number(source, cf_other(CF_NEXT_TAIL, cf_least(15, row->tails)));
    CF_CHECK(place < row->tails, CF_NO_ENTRY);
    *number = numbers[1 + row->heads + place];
  } else {
    cf_found found;
    CF_TRY(cf_reserve(walk, 1));
    CF_TRY(cf_single(walk, cf_token_contexts(row->argmax_kind), &found));
    *number = found.number;
  }
  int64_t reference =
      codec->settings.reference_is_level ? level : codec->tables.levels[level].reference;
  uint32_t context = cf_other(CF_NEXT_PROBABILITY, (uint32_t)class * 11 + sure);
  int64_t found = reference + cf_signed(cf_number(source, context));
  CF_CHECK(found >= 0 && found <= UINT16_MAX, CF_NO_PROBABILITY);
  *code = (uint32_t)found;
  return CF_WHOLE;
}

/// A record: its rows, and the token that follows, which becomes the current one.
CF_INLINE cf_problem cf_record(cf_walk *walk, size_t record, uint32_t *current,
                               cf_columns columns) {
  cf_memory *memory = walk->memory;
  const cf_codec *codec = walk->codec;
  cf_draw_rows *rows = &memory->draw_rows[0];
  cf_fact fact = memory->facts[*current];
  walk->recall = fact.recall;
  walk->recall_count = fact.recall_count;
  walk->listed = walk->known;
  cf_row row;
  CF_TRY(cf_reserve(walk, 1));
  CF_TRY(cf_single(walk, cf_argmax_contexts(walk, fact.kind), &row.argmax));
  memory->rows[walk->row_ids++] = row.argmax.number;
  row.argmax_id = memory->ids[row.argmax.number];
  row.argmax_kind = memory->facts[row.argmax.number].kind;
  CF_TRY(cf_head(walk, &row, rows, record));
  if (codec->settings.has_tail) CF_TRY(cf_tail(walk, &row, rows, record));
  uint32_t entropy = cf_plain(
      &walk->source, cf_other(CF_ENTROPY, row.certainty_class * 8 + cf_count_class(row.tails)));
  uint32_t next, code;
  bool is_other;
  CF_TRY(cf_next(walk, &row, &next, &is_other, &code));
  columns.argmax[record] = (int32_t)row.argmax_id;
  columns.entropy[record] = (float)entropy / 8;
  columns.next_log_probability[record] = -(float)code / 16;
  size_t start = rows->count;
  cf_end_row(rows, &row, record);
  if (CF_UNLIKELY(codec->settings.draws > 1)) CF_TRY(cf_further_draws(walk, &row, record, start));
  CF_TRY(cf_keep(walk, *current));
  if (is_other) CF_TRY(cf_count(walk, &next, 1));
  *current = next;
  CF_CHECK(!cf_is_over(&walk->source), CF_NO_END);
  return CF_WHOLE;
}

CF_CLONES static cf_problem read_records(cf_memory *memory, const cf_codec *codec,
                                         cf_source source, const ptrdiff_t *fragments,
                                         size_t fragment_count, cf_columns columns) {
  cf_walk walk = {.source = source, .codec = codec, .memory = memory};
  size_t token = 0, record = 0;
  for (size_t fragment = 0; fragment < fragment_count; fragment++) {
    cf_found first;
    walk.recall_count = 0;
    walk.listed = walk.known;
    CF_TRY(cf_reserve(&walk, 1));
    CF_TRY(cf_single(&walk, cf_token_contexts(7), &first));
    uint32_t current = first.number;
    CF_TRY(cf_count(&walk, &current, 1));
    columns.tokens[token++] = (int32_t)memory->ids[current];
    for (ptrdiff_t place = 1; place < fragments[fragment]; place++) {
      CF_TRY(cf_record(&walk, record++, &current, columns));
      columns.tokens[token++] = (int32_t)memory->ids[current];
    }
  }
  memory->records = record;
  return cf_is_whole(&walk.source) ? CF_WHOLE : CF_NO_END;
}

cf_problem cf_read(cf_memory *memory, const cf_codec *codec, const uint16_t *words,
                   size_t word_count, const uint8_t *bits, size_t bit_bytes,
                   const ptrdiff_t *fragments, size_t fragment_count, int32_t *tokens,
                   int32_t *argmax, float *next_log_probability, float *entropy) {
  CF_CHECK(word_count >= 2, CF_NO_BEGINNING);
  size_t room = word_count + codec->record_words;
  CF_CHECK(room < memory->word_capacity || cf_grow_words(memory, room), CF_NO_MEMORY);
  memcpy(memory->words, words, word_count * sizeof *words);
  memset(memory->words + word_count, 0, codec->record_words * sizeof *words);
  memset(memory->firsts, 0, memory->first_capacity * sizeof *memory->firsts);
  memset(memory->known, 0, (codec->settings.vocabulary / 64 + 1) * sizeof *memory->known);
  for (uint32_t draw = 0; draw < memory->draws; draw++) {
    cf_draw_rows *rows = &memory->draw_rows[draw];
    rows->count = 0;
    CF_TRY(cf_room(rows, 0, 0));
    rows->offsets[0] = 0;
  }
  cf_source source = {
      .state = (uint32_t)words[0] << 16 | words[1],
      .words = memory->words + 2,
      .words_end = memory->words + word_count,
      .bits = bits,
      .bit_bytes = bit_bytes,
      .heads = codec->tables.heads,
      .layouts = codec->tables.layouts};
  cf_columns columns = {tokens, argmax, next_log_probability, entropy};
  return read_records(memory, codec, source, fragments, fragment_count, columns);
}
