/// The `pre_tokenizer` of a tokenizer.json.
extension PreTokenizer {
  private static let supported = "Sequence, Split, ByteLevel, Digits, Whitespace, WhitespaceSplit"

  /// How many stages split a text at most; published tokenizers have up to 5.
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
    do throws(PatternError) {
      try self.init(stages)
    } catch {
      throw TokenizerError.pattern(source: source, reason: "\(error)")
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
