// Numbers out of a frame's words (rANS) and bits.
#ifndef CF_SYMBOLS_H
#define CF_SYMBOLS_H

#include "CFrames.h"
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define CF_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CF_CLONES
#endif
#define CF_INLINE static inline __attribute__((always_inline))
#define CF_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define CF_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/// A frame's numbers from some place on. Behind the end it reads zeros, which `cf_is_over` tells.
typedef struct {
  uint32_t state;
  /// The words that come next, and the end of all; behind it are zeros for a record.
  const uint16_t *words, *words_end;
  /// The bits that come next, the lowest first, how many of them there are, and where more are.
  uint64_t held;
  uint32_t held_count;
  const uint8_t *bits;
  uint64_t byte, bit_bytes;
  const uint32_t *heads;
  const uint32_t *layouts;
} cf_source;

enum { CF_SHARE_BITS = 12, CF_LOWEST = 1 << 16, CF_ESCAPE = 255 };

/// The numbers that a symbol begins, and how many extra bits tell them apart.
typedef struct {
  uint32_t base, extra_bits;
} cf_meaning;

/// Per symbol; of numbers of 2^30 and more, which nothing is, only that they are so large. The
/// escape takes more bits than are ever held.
extern const cf_meaning cf_meanings[256];

/// The symbol that the state points to in a layout; the state moves on.
CF_INLINE uint32_t cf_next_symbol(cf_source *source, uint32_t head) {
  const uint32_t *layout = source->layouts + head;
  uint32_t state = source->state, slot = state & (CF_SLOTS - 1);
  const uint32_t *place =
      layout + CF_BUCKET_WORDS + ((const uint8_t *)layout)[slot / CF_BUCKET_SLOTS];
  // Symbols that begin at the slot or before are less: only one that is alone has all bits below.
  uint32_t symbol = place[0], second = place[1], key = slot << 20 | 0xfffff;
  // A branch could not be foretold.
  symbol = __builtin_unpredictable(second < key) ? second : symbol;
  if (CF_UNLIKELY(place[2] < key)) {
    do place++;
    while (place[2] < key);
    symbol = place[1];
  }
  state >>= CF_SHARE_BITS;
  state = (symbol & (CF_SLOTS - 1)) * state + (state + slot) - (symbol >> 20);
  bool is_low = state < CF_LOWEST;
  uint32_t more = *source->words;
  // Known to be at hand, or the compiler would branch to where it is loaded.
  __asm__("" : "+r"(more));
  source->state = __builtin_unpredictable(is_low) ? state << 16 | more : state;
  source->words += is_low;
  return symbol >> CF_SHARE_BITS & 0xff;
}

/// Fills the held bits up to 56 at least.
CF_INLINE void cf_hold(cf_source *source) {
  uint64_t eight;
  uint64_t byte = source->byte < source->bit_bytes ? source->byte : source->bit_bytes;
  memcpy(&eight, source->bits + byte, sizeof eight);
  source->held |= eight << source->held_count;
  source->byte += (63 - source->held_count) >> 3;
  source->held_count |= 56;
}

/// The next bits, which are held.
CF_INLINE uint64_t cf_take(cf_source *source, uint32_t count) {
  uint64_t bits = source->held & ((UINT64_C(1) << count) - 1);
  source->held >>= count;
  source->held_count -= count;
  return bits;
}

/// The next number, in a layout.
CF_INLINE uint64_t cf_number_in(cf_source *source, uint32_t head) {
  uint32_t symbol = cf_next_symbol(source, head);
  cf_meaning meaning = cf_meanings[symbol];
  if (CF_UNLIKELY(meaning.extra_bits > source->held_count)) {
    cf_hold(source);
    if (symbol == CF_ESCAPE) {
      symbol = (uint32_t)cf_take(source, 8);
      meaning = cf_meanings[symbol < CF_ESCAPE ? symbol : CF_ESCAPE - 1];
    }
  }
  return meaning.base + cf_take(source, meaning.extra_bits);
}

/// The next number, in a context.
CF_INLINE uint64_t cf_number(cf_source *source, uint32_t context) {
  return cf_number_in(source, source->heads[context]);
}

/// The next number of those that are symbols themselves, below 255.
CF_INLINE uint32_t cf_plain(cf_source *source, uint32_t context) {
  uint32_t symbol = cf_next_symbol(source, source->heads[context]);
  if (CF_LIKELY(symbol != CF_ESCAPE)) return symbol;
  cf_hold(source);
  symbol = (uint32_t)cf_take(source, 8);
  return symbol < CF_ESCAPE ? symbol : CF_ESCAPE - 1;
}

/// The number of bits so far.
CF_INLINE uint64_t cf_bits(const cf_source *source) {
  return 8 * source->byte - source->held_count;
}

/// Whether everything was read, and nothing was missing.
CF_INLINE bool cf_is_whole(const cf_source *source) {
  return source->state == CF_LOWEST && source->words == source->words_end &&
         (cf_bits(source) + 7) >> 3 == source->bit_bytes && source->held == 0;
}

/// Whether the source was read beyond its end.
CF_INLINE bool cf_is_over(const cf_source *source) {
  return source->words > source->words_end || cf_bits(source) > 8 * source->bit_bytes;
}

#endif
