import CPCRE2

extension Pattern {
  /// One pass over one subject: PCRE2's match data and limits, and where the next search starts.
  struct Search: ~Copyable {
    private let code: OpaquePointer
    private let subject: UnsafeBufferPointer<UInt8>
    private let data: OpaquePointer?
    private let limits: OpaquePointer?

    /// A search of `subject`, which must outlive it.
    init(_ code: OpaquePointer, _ subject: UnsafeBufferPointer<UInt8>) {
      self.code = code
      self.subject = subject
      data = pcre2_match_data_create_from_pattern_8(code, nil)
      limits = pcre2_match_context_create_8(nil)
      // Long runs of one class legitimately backtrack in proportion to their length.
      let steps = UInt32(clamping: Int(Pattern.stepLimit) + 64 * subject.count)
      pcre2_set_match_limit_8(limits, steps)
      pcre2_set_heap_limit_8(limits, Pattern.heapLimit)
    }

    deinit {
      pcre2_match_data_free_8(data)
      pcre2_match_context_free_8(limits)
    }

    /// Calls `body` with every match; false when the limits ended the search early.
    consuming func forEach(_ body: (Range<Int>) -> Void) -> Bool {
      var (start, lastEnd) = (0, -1)
      while start <= subject.count {
        let status = match(from: start)
        guard status >= 0 else { return status == PCRE2_ERROR_NOMATCH }
        guard let found = bounds(), found.lowerBound >= max(lastEnd, 0) else { return false }
        if found.isEmpty && found.upperBound == lastEnd {
          start = afterScalar(at: start)
        } else {
          body(found)
          (start, lastEnd) = (found.upperBound, found.upperBound)
        }
      }
      return true
    }

    /// PCRE2's status: the interpreter takes over when the JIT's 32 KB stack does not suffice.
    private func match(from start: Int) -> Int32 {
      let status = pcre2_match_8(
        code, subject.baseAddress, subject.count, start, PCRE2_NO_UTF_CHECK, data, limits)
      guard status == PCRE2_ERROR_JIT_STACKLIMIT else { return status }
      return pcre2_match_8(
        code, subject.baseAddress, subject.count, start, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data,
        limits)
    }

    /// The last match, or nil if `\K` turned it around.
    private func bounds() -> Range<Int>? {
      guard let vector = pcre2_get_ovector_pointer_8(data), vector[0] <= vector[1] else {
        return nil
      }
      return vector[0]..<vector[1]
    }

    private func afterScalar(at start: Int) -> Int {
      var end = start + 1
      while end < subject.count, subject[end] & 0xC0 == 0x80 { end += 1 }
      return end
    }
  }
}
