/// Splits normalised text into the pieces within which bytes may merge.
struct PreTokenizer: Sendable {
  /// One stage of the splitting, named as in a tokenizer.json.
  enum Stage: Sendable {
    case split(Splitter)
    case digits(individual: Bool)
    case whitespace
    case whitespaceSplit
    case byteLevel(addsPrefixSpace: Bool, splits: Bool)
  }

  /// The stages in order; the last, and only the last, is ByteLevel.
  let stages: [Stage]

  private enum Step: Sendable {
    case split(Splitter)
    case prefixSpace
  }
  private let steps: [Step]

  /// Compiles the stages.
  init(_ stages: [Stage]) throws(PatternError) {
    self.stages = stages
    var steps: [Step] = []
    for stage in stages { steps += try Self.steps(of: stage) }
    self.steps = steps
  }

  private static func steps(of stage: Stage) throws(PatternError) -> [Step] {
    switch stage {
    case .split(let splitter): return [.split(splitter)]
    case .digits(let individual):
      let behavior = individual ? SplitBehavior.isolated : .contiguous
      return [.split(Splitter(pattern: try Pattern(#"\p{N}"#), behavior: behavior))]
    case .whitespace:
      // The reference matches this one with Rust's expressions, where joiners are word characters.
      let words = try Pattern(#"[\w\x{200C}\x{200D}]+|[^\w\x{200C}\x{200D}\s]+"#)
      return [.split(Splitter(pattern: words, behavior: .removed, isInverted: true))]
    case .whitespaceSplit:
      return [.split(Splitter(pattern: try Pattern(#"\s"#), behavior: .removed))]
    case .byteLevel(let addsPrefixSpace, let splits):
      let prefix: [Step] = addsPrefixSpace ? [.prefixSpace] : []
      guard splits else { return prefix }
      let words = try Pattern(PreTokenizerPattern.gpt2)
      return prefix + [.split(Splitter(pattern: words, behavior: .isolated))]
    }
  }

  /// Text and the pieces that it has been split into; a prefix space makes the text another.
  struct Pieces {
    var text: [UInt8]
    var ranges: [Range<Int>]
  }

  /// The pieces of `text[range]`.
  ///
  /// - Throws: when a pattern takes too many steps.
  func pieces(of text: [UInt8], _ range: Range<Int>) throws(PatternError) -> Pieces {
    var pieces = Pieces(text: text, ranges: range.isEmpty ? [] : [range])
    for step in steps {
      switch step {
      case .split(let splitter): try pieces.split(with: splitter)
      case .prefixSpace: pieces.prefixWithSpaces()
      }
    }
    return pieces
  }
}

extension PreTokenizer.Pieces {
  fileprivate mutating func split(with splitter: Splitter) throws(PatternError) {
    var finer: [Range<Int>] = []
    finer.reserveCapacity(max(ranges.count, text.count / 4))
    for range in ranges { try splitter.split(text, range, into: &finer) }
    ranges = finer
  }

  /// Puts a space before every piece that does not start with one.
  fileprivate mutating func prefixWithSpaces() {
    var (spaced, moved) = ([UInt8](), [Range<Int>]())
    for range in ranges {
      let start = spaced.count
      if text[range.lowerBound] != UInt8(ascii: " ") { spaced.append(UInt8(ascii: " ")) }
      spaced += text[range]
      moved.append(start..<spaced.count)
    }
    (text, ranges) = (spaced, moved)
  }
}
