// Rows put into the order of their ids.
#ifndef CF_ROWS_H
#define CF_ROWS_H

#include "memory.h"

// Functions that return vectors would differ between clones; these are all inlined.
#pragma clang diagnostic ignored "-Wpsabi"

enum {
  /// The most entries of a row that are compared each with all.
  CF_MOST_COMPARED = 8 * CF_LANES
};

/// Eight numbers that are compared at a time; they need not be aligned.
typedef int32_t cf_eight __attribute__((vector_size(32), aligned(4)));

CF_INLINE cf_eight cf_all(int32_t number) { return (cf_eight){} + number; }

/// Eight ids of a row of `count` from a place on; behind its end the largest number.
CF_INLINE cf_eight cf_eight_ids(const int32_t *ids, size_t place, size_t count) {
  cf_eight places = cf_all((int32_t)place) + (cf_eight){0, 1, 2, 3, 4, 5, 6, 7};
  cf_eight is_behind = places >= cf_all((int32_t)count);
  return (*(const cf_eight *)(ids + place) & ~is_behind) | (is_behind & cf_all(INT32_MAX));
}

/// The same as `cf_sort` for rows of any length.
bool cf_sort_long(const int32_t *ids, const float *values, size_t count, int32_t *to_ids,
                  float *to_values);

/// Puts the entries of a row where they belong, ids ascending; false if an id comes twice. CF_LANES
/// entries behind the last may be read and written over.
///
/// The place of each is the number of smaller ids, which needs no branches: nothing could foretell
/// where they go.
CF_INLINE bool cf_sort(const int32_t *ids, const float *values, size_t count, int32_t *to_ids,
                       float *to_values) {
  int32_t own[CF_MOST_COMPARED], places[CF_LANES];
  for (size_t start = 0; start < count; start += CF_LANES) {
    *(cf_eight *)(own + start) = cf_eight_ids(ids, start, count);
    *(cf_eight *)(own + start + 8) = cf_eight_ids(ids, start + 8, count);
  }
  cf_eight sum = cf_all(0);
  for (size_t start = 0; start < count; start += CF_LANES) {
    cf_eight low = *(cf_eight *)(own + start), high = *(cf_eight *)(own + start + 8);
    cf_eight low_places = cf_all(0), high_places = cf_all(0);
    for (size_t from = 0; from < count; from += CF_LANES) {
      for (size_t lane = 0; lane < CF_LANES; lane++) {
        cf_eight other = cf_all(own[from + lane]);
        low_places -= low > other;
        high_places -= high > other;
      }
    }
    *(cf_eight *)places = low_places;
    *(cf_eight *)(places + 8) = high_places;
    for (size_t lane = 0; lane < CF_LANES; lane++) {
      to_ids[places[lane]] = own[start + lane];
      to_values[places[lane]] = values[start + lane];
    }
    sum += low_places + high_places;
  }
  int32_t all = (int32_t)count, spare = -all & (CF_LANES - 1), found = 0;
  for (int lane = 0; lane < 8; lane++) found += sum[lane];
  // Two that are equal have the same place, which makes the sum smaller.
  return found == all * (all - 1) / 2 + spare * all;
}

/// The place of the number before which `rank` of so many come: larger ones, and of equal ones the
/// earlier.
CF_INLINE uint32_t cf_place_of_rank(const int32_t *numbers, uint32_t count, uint32_t rank) {
  uint32_t place = 0;
  for (uint32_t index = 0; index < count; index++) {
    uint32_t before = 0;
    for (uint32_t other = 0; other < count; other++)
      before += (numbers[other] > numbers[index]) |
                ((numbers[other] == numbers[index]) & (other < index));
    place = before == rank ? index : place;
  }
  return place;
}

#endif
