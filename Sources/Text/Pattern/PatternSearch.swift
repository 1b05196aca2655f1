import CPCRE2

extension Pattern {
  /// One pass over one subject, whose time is bounded by the subject's length.
  ///
  /// A match is first looked for in a small window and with few steps, as nearly all of them need.
  /// A match that reaches the window's end, or needs more steps, is looked for in the whole subject
  /// with every step counted: by a callout before each item of the pattern, and the distance
  /// between two of them. The steps of all matches together are limited.
  struct Search: ~Copyable {
    /// The bytes of the subject that a match may see before its steps are counted.
    private static let window = 128
    /// The steps that it may then take, by the just-in-time compiler's coarse count.
    private static let uncountedSteps: UInt32 = 32

    private let code: OpaquePointer
    private let counting: OpaquePointer
    private let subject: UnsafeBufferPointer<UInt8>
    private let data: OpaquePointer?
    private let brief, counted: OpaquePointer?
    private let meter: UnsafeMutablePointer<StepMeter>

    /// A search of `subject`, which must outlive it.
    init(_ pattern: Pattern, _ subject: UnsafeBufferPointer<UInt8>) {
      code = pattern.code
      counting = pattern.counting
      self.subject = subject
      data = pcre2_match_data_create_from_pattern_8(code, nil)
      brief = pcre2_match_context_create_8(nil)
      counted = pcre2_match_context_create_8(nil)
      meter = .allocate(capacity: 1)
      meter.initialize(to: StepMeter(bytes: subject.count))
      pcre2_set_match_limit_8(brief, Self.uncountedSteps)
      pcre2_set_match_limit_8(counted, .max)
      pcre2_set_depth_limit_8(counted, .max)
      pcre2_set_heap_limit_8(
        counted, UInt32(clamping: Int(Pattern.heapLimit) + subject.count / 4))
      pcre2_set_callout_8(counted, { StepMeter.count($0, $1) }, meter)
    }

    deinit {
      pcre2_match_data_free_8(data)
      pcre2_match_context_free_8(brief)
      pcre2_match_context_free_8(counted)
      meter.deallocate()
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

    /// PCRE2's status of the next match at or after an offset.
    private func match(from start: Int) -> Int32 {
      var start = start
      while true {
        let end = windowEnd(start)
        let isWhole = end == subject.count
        let options = PCRE2_NO_UTF_CHECK | (isWhole ? 0 : PCRE2_PARTIAL_HARD)
        let status = pcre2_match_8(code, subject.baseAddress, end, start, options, data, brief)
        // Where the window ends there may be more; an empty match there is none yet.
        let isAtEnd = status >= 0 && !isWhole && bounds()?.lowerBound == end
        if status == PCRE2_ERROR_NOMATCH && !isWhole || isAtEnd {
          start = end
        } else if status >= 0 || status == PCRE2_ERROR_NOMATCH {
          return status
        } else {
          return countedMatch(from: start)
        }
      }
    }

    private func windowEnd(_ start: Int) -> Int {
      var end = start + Self.window
      guard end < subject.count else { return subject.count }
      while subject[end] & 0xC0 == 0x80, end > start + 1 { end -= 1 }
      return end
    }

    /// The interpreter takes over when the JIT's 32 KB stack does not suffice.
    private func countedMatch(from start: Int) -> Int32 {
      meter.pointee.position = start
      let status = pcre2_match_8(
        counting, subject.baseAddress, subject.count, start, PCRE2_NO_UTF_CHECK, data, counted)
      guard status == PCRE2_ERROR_JIT_STACKLIMIT else { return status }
      return pcre2_match_8(
        counting, subject.baseAddress, subject.count, start, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
        data, counted)
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

/// The rest of the steps that a pattern may take on a subject.
struct StepMeter {
  /// The steps for each byte of the subject: published patterns take fewer than 20.
  private static let stepsPerByte = 256
  /// The steps that the shortest subject has.
  private static let fewestSteps = 16_384

  private var left: Int
  /// The offset in the subject of the last step.
  var position = 0

  /// The steps for a subject of so many bytes.
  init(bytes: Int) { left = Self.fewestSteps + Self.stepsPerByte * bytes }

  /// Counts a step, and the bytes between it and the last one; PCRE2 stops at any number but 0.
  static func count(
    _ block: UnsafeMutablePointer<pcre2_callout_block_8>?, _ meter: UnsafeMutableRawPointer?
  ) -> Int32 {
    guard let block, let meter = meter?.assumingMemoryBound(to: StepMeter.self) else { return 0 }
    let position = block.pointee.current_position
    meter.pointee.left -= 1 + abs(position - meter.pointee.position)
    meter.pointee.position = position
    return meter.pointee.left < 0 ? PCRE2_ERROR_CALLOUT : 0
  }
}
