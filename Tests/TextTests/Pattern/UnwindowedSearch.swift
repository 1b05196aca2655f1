import CPCRE2

@testable import Text

extension Pattern {
  /// All matches by PCRE2 alone, without windows and limits; Oniguruma's rule for empty ones.
  func unwindowedMatches(in text: [UInt8]) throws -> [Range<Int>] {
    let data = pcre2_match_data_create_from_pattern_8(code, nil)
    defer { pcre2_match_data_free_8(data) }
    var (found, start, lastEnd) = ([Range<Int>](), 0, -1)
    while start <= text.count,
      pcre2_match_8(code, text, text.count, start, PCRE2_NO_UTF_CHECK, data, nil) >= 0,
      let vector = pcre2_get_ovector_pointer_8(data)
    {
      let match = Int(vector[0])..<Int(vector[1])
      if match.isEmpty && match.upperBound == lastEnd {
        start += 1
        while start < text.count, text[start] & 0xC0 == 0x80 { start += 1 }
      } else {
        found.append(match)
        (start, lastEnd) = (match.upperBound, match.upperBound)
      }
    }
    return found
  }
}
