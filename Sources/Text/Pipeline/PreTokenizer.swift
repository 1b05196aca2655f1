import Base

/// The published regular expressions that split text before byte-pair merging.
public enum PreTokenizerPattern {
  /// GPT-2's, which ByteLevel with `use_regex` applies.
  package static let gpt2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// Llama 3's: digits in threes, contractions in any case.
  package static let llama3 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"#
    + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Qwen 2's: as Llama 3's, digits one by one.
  package static let qwen2 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"#
    + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Llama 4's, of the o200k family: case changes split, too.
  public static let o200k =
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
    + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#
    + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
    + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#
    + #"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
}

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
    let bytes = (ranges.last?.upperBound ?? 0) - (ranges.first?.lowerBound ?? 0)
    finer.reserveCapacity(max(ranges.count, bytes / 4))
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
    text = spaced
    ranges = moved
  }
}

/// The `pre_tokenizer` of a tokenizer.json.
extension PreTokenizer {
  private static let supported = "Sequence, Split, ByteLevel, Digits, Whitespace, WhitespaceSplit"

  /// The most stages that split a text; published tokenizers have up to 5.
  private static let maximumStages = 64

  /// Compiles a `pre_tokenizer`, which must end in ByteLevel.
  init(_ node: JSONNode?, source: String) throws {
    let stages = try node.map { try Self.stages($0) } ?? []
    if let node, stages.count > Self.maximumStages {
      throw node.unsupported(
        "the pre-tokenizer", "of \(stages.count) stages",
        supported: "at most \(Self.maximumStages) stages")
    }
    let levels = stages.filter { if case .byteLevel = $0 { true } else { false } }
    guard case .byteLevel = stages.last, levels.count == 1 else {
      throw TokenizerError.unsupported(
        source: source, part: "the pre-tokenizer", found: "without ByteLevel at its end",
        supported: "one ByteLevel pre-tokenizer, the last stage,")
    }
    self = try TokenizerError.naming(source) { () throws(PatternError) in
      try PreTokenizer(stages)
    }
  }

  private static func stages(_ node: JSONNode) throws -> [Stage] {
    let type = try node.required("type").text()
    switch type {
    case "Sequence":
      return try node.required("pretokenizers").elements().flatMap { try stages($0) }
    case "Split": return [.split(try Splitter(node))]
    case "Digits": return [.digits(individual: try node.flag("individual_digits", absent: false))]
    case "Whitespace": return [.whitespace]
    case "WhitespaceSplit": return [.whitespaceSplit]
    case "ByteLevel":
      let addsPrefixSpace = try node.flag("add_prefix_space", absent: true)
      let splits = try node.flag("use_regex", absent: true)
      return [.byteLevel(addsPrefixSpace: addsPrefixSpace, splits: splits)]
    default: throw node.unsupported("the pre-tokenizer", type, supported: supported)
    }
  }

  /// The `pre_tokenizer` for these stages.
  var json: JSONValue {
    if stages.count == 1 { return stages[0].json }
    return ["type": "Sequence", "pretokenizers": .array(stages.map(\.json))]
  }
}

extension Splitter {
  /// The splitter of a Split stage.
  init(_ node: JSONNode) throws {
    pattern = try Pattern(node.required("pattern"))
    let name = try node.required("behavior").text()
    guard let behavior = SplitBehavior(rawValue: name) else {
      let known = SplitBehavior.allCases.map(\.rawValue).joined(separator: ", ")
      throw node.unsupported("the split behavior", name, supported: known)
    }
    self.behavior = behavior
    isInverted = try node.flag("invert", absent: false)
  }
}

extension PreTokenizer.Stage {
  /// The stage as an element of a `pre_tokenizer`.
  fileprivate var json: JSONValue {
    switch self {
    case .split(let splitter):
      [
        "type": "Split", "pattern": splitter.pattern.json,
        "behavior": .string(splitter.behavior.rawValue), "invert": .bool(splitter.isInverted),
      ]
    case .digits(let individual): ["type": "Digits", "individual_digits": .bool(individual)]
    case .whitespace: ["type": "Whitespace"]
    case .whitespaceSplit: ["type": "WhitespaceSplit"]
    case .byteLevel(let addsPrefixSpace, let splits):
      [
        "type": "ByteLevel", "add_prefix_space": .bool(addsPrefixSpace), "trim_offsets": true,
        "use_regex": .bool(splits),
      ]
    }
  }
}
