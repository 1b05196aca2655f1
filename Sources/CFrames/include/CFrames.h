// Reads the numbers of a sparse frame straight into rows: docs/format.md, "Sparse frames".
//
// A frame is hostile until it was read: no number of it is a place in memory before it was compared
// with that memory's end. The codec's tables are trusted; Swift makes them, and checks their file.
#ifndef CFRAMES_H
#define CFRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: - Symbols

enum {
  /// The slots of a context, which its symbols share.
  CF_SLOTS = 4096,
  /// The slots of a bucket, by which the symbol of a slot is found.
  CF_BUCKET_SLOTS = 64,
  /// The words of a layout that its buckets take, a byte each: one line of a near cache.
  CF_BUCKET_WORDS = CF_SLOTS / CF_BUCKET_SLOTS / 4,
  /// The words of which layouts are whole numbers, so that they begin with lines.
  CF_LINE_WORDS = 16,
  /// The zero bytes that have to follow a frame's bits, because eight bytes are read at a time.
  CF_PADDING = 8,
  /// The entries for which there has to be room behind those of sorted rows.
  CF_ROOM = 16,
};

// MARK: - What frames are read with

enum {
  /// The kinds of ids.
  CF_KINDS = 6
};

/// What a level means.
typedef struct {
  /// The probability.
  float value;
  /// The code that the code of a log-probability is compared with.
  int32_t reference;
  /// How large the probability is, from 0 to 80, and the class of that.
  uint32_t certainty, certainty_class;
  /// The context of the level that follows: where rows have a whole, by what is left of it.
  uint32_t next;
  /// Where rows have sampled entries, by what is left: how many are expected, and the first context
  /// of how many there are.
  uint32_t expected, tail;
} cf_level;

/// The settings of a capture.
typedef struct {
  /// V, the number of ids.
  uint32_t vocabulary;
  /// The place in the order of ids at which each kind begins, and at the end V.
  uint32_t firsts[CF_KINDS + 1];
  /// The largest level.
  uint32_t most_level;
  /// The levels of a whole row, where rows have a whole, else 0.
  uint32_t whole;
  /// Whether larger levels are larger probabilities, and 0 is none.
  bool is_ascending;
  /// Whether a level is its own reference.
  bool reference_is_level;
  /// Whether rows have sampled entries, which are worth `sampled`.
  bool has_tail;
  float sampled;
  uint32_t draws;
  /// No row has more entries beside the argmax.
  uint32_t most_entries;
} cf_settings;

/// The tables of a capture.
typedef struct {
  /// Per context, where its layout begins.
  const uint32_t *heads;
  size_t head_count;
  /// Per layout, for each bucket the number of the symbol that has its first slot; the symbols:
  /// first slot (12 bits), symbol (8), number of slots less 1 (12); at least two words of ones.
  const uint32_t *layouts;
  size_t layout_count;
  /// The ids by kind and rank (V).
  const int32_t *order;
  /// What the levels mean; the last stands for all above it.
  const cf_level *levels;
  size_t level_count;
} cf_tables;

/// What all frames of a capture are read with.
typedef struct cf_codec cf_codec;

/// A codec with copies of the tables; null where there is no memory.
cf_codec *cf_codec_create(cf_settings settings, cf_tables tables);

/// Gives a codec back.
void cf_codec_free(cf_codec *codec);

// MARK: - Frames

/// What is wrong with a frame.
typedef enum {
  CF_WHOLE,
  CF_NO_BEGINNING,
  CF_NO_END,
  CF_MANY_ENTRIES,
  CF_MANY_SAMPLED,
  CF_MANY_MEMBERS,
  CF_NO_ID,
  CF_NO_KIND,
  CF_KINDS_DESCEND,
  CF_OFF_GRID,
  CF_NO_ENTRY,
  CF_NO_CLASS,
  CF_NO_PROBABILITY,
  CF_ID_TWICE,
  CF_NO_MEMORY,
} cf_problem;

/// The memory that frames are read in, one at a time; kept, because it is dear to make.
typedef struct cf_memory cf_memory;

/// Memory for frames of a codec; null where there is none.
cf_memory *cf_memory_create(const cf_codec *codec);

/// Gives memory back.
void cf_memory_free(cf_memory *memory);

/// Reads a frame, whose rows wait in the memory until the next one is read.
///
/// - words, word_count: the first two are the state.
/// - bits, bit_bytes: CF_PADDING zero bytes follow them.
/// - fragments, fragment_count: the token count of each fragment, at least 2.
/// - tokens: one for each token; the others have one for each record, the entropy in nats.
cf_problem cf_read(cf_memory *memory, const cf_codec *codec, const uint16_t *words,
                   size_t word_count, const uint8_t *bits, size_t bit_bytes,
                   const ptrdiff_t *fragments, size_t fragment_count, int32_t *tokens,
                   int32_t *argmax, float *next_log_probability, float *entropy);

/// Where the rows of a draw of the frame that was read last begin, and the last ends.
const int32_t *cf_offsets(const cf_memory *memory, uint32_t draw);

/// The entries of these rows, ids ascending, and CF_ROOM of no meaning behind them.
cf_problem cf_sort_rows(const cf_memory *memory, uint32_t draw, int32_t *ids, float *values);

#endif
