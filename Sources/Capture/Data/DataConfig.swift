package import Base
public import Text

/// The sequences that a run reads. (`data:`)
public struct DataConfig: Sendable, Equatable {
  /// A source of sequences.
  public enum Source: Sendable, Equatable {
    /// Files or folders of text.
    case paths([String])
    /// A cache: its own sequences, in its own order.
    case cache(String)
  }

  /// The source of the sequences.
  public var source: Source
  /// The documents that are read; unused with a cache.
  public var split = Split.train
  /// The share of documents that is held out, from 0 up to 1.
  public var heldOut = 0.0
  /// The format of the files.
  public var format = DataFormat.auto
  /// The key of a JSON line that holds a document.
  public var textKey = "text"
  /// The key of a JSON line that holds the document's group, such as its language; evaluations tell
  /// each group's figures.
  public var groupKey: String?
  /// Whether each document begins with the tokenizer's BOS.
  public var bos = false
  /// Whether each document ends with the tokenizer's EOS.
  package var eos = false
  /// The length of a packed sequence in tokens; nil leaves it to the reader of the config.
  public var sequenceLength: Int?
  /// The most tokens that are read, of documents taken by their hashes; nil reads all.
  public var tokens: Int?

  /// Sequences of a source, with the defaults for the rest.
  package init(source: Source) { self.source = source }
}

extension DataConfig {
  package enum Key: String, ConfigKey {
    case cache, paths, split
    case heldOut = "held_out"
    case format
    case textKey = "text_key"
    case groupKey = "group_key"
    case bos, eos
    case sequenceLength = "sequence_length"
    case tokens
  }

  package init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    source = try Self.source(section)
    tokens = try section.optionalInteger(.tokens, .tokens)
    if case .cache = source {
      try Self.requireNoTextKeys(section)
      return
    }
    split = try section.optionalChoice(.split, of: Split.self) ?? split
    heldOut = try section.optionalNumber(.heldOut, .within(0..<1)) ?? heldOut
    format = try section.optionalChoice(.format, of: DataFormat.self) ?? format
    textKey = try section.optionalString(.textKey) ?? textKey
    groupKey = try section.optionalString(.groupKey)
    bos = try section.optionalBool(.bos) ?? bos
    eos = try section.optionalBool(.eos) ?? eos
    sequenceLength = try section.optionalInteger(.sequenceLength, .within(2...1 << 20))
    if split == .heldOut, heldOut == 0 {
      throw section.conflict(.split, "split held_out needs held_out above 0 (0.02, say)")
    }
  }

  private static func source(_ section: ConfigSection<Key>) throws(ConfigError) -> Source {
    let cache = try section.optionalString(.cache)
    guard let paths = section[.paths] else {
      if let cache { return .cache(cache) }
      throw .missingKey(section.node.place, key: "paths", section: section.node.path)
    }
    guard cache == nil else {
      throw section.conflict(.paths, "data takes either paths or cache; remove one of them")
    }
    return .paths(try paths.strings())
  }

  private static func requireNoTextKeys(_ section: ConfigSection<Key>) throws(ConfigError) {
    for key in Key.allCases where key != .cache && key != .tokens && section[key] != nil {
      throw section.conflict(
        key, "'\(key.rawValue)' was fixed when the cache was built; remove it, or give paths")
    }
  }

  /// The section as it is written into a run directory.
  package var resolved: ResolvedSection<Key> {
    switch source {
    case .cache(let path): [.cache: .string(path), .tokens: .optional(tokens) { .int($0) }]
    case .paths(let paths):
      [
        .paths: .array(paths.map(JSONValue.string)), .split: .string(split.rawValue),
        .heldOut: .double(heldOut),
        // Left out where it is the default: runs from before it was there go on.
        .format: format == .auto ? .null : .string(format.rawValue), .textKey: .string(textKey),
        .groupKey: .optional(groupKey) { .string($0) }, .bos: .bool(bos), .eos: .bool(eos),
        .sequenceLength: .optional(sequenceLength) { .int($0) },
        .tokens: .optional(tokens) { .int($0) },
      ]
    }
  }
}

extension DataConfig {
  /// Reads, tokenises and packs the texts, except those known; with `documentsApart`, a sequence
  /// holds one document.
  ///
  /// - Throws: `DocumentError`, ``PreparationError``.
  public func load(
    _ tokenizer: Tokenizer?, length: Int?, leavingOut known: KnownDocuments? = nil,
    documentsApart: Bool = false
  ) throws -> PackedData {
    guard case .paths(let paths) = source else { throw PreparationError.noData }
    guard let tokenizer else { throw PreparationError.noTokenizer(path: paths[0]) }
    let marks = try tokenizer.marks(bos: bos, eos: eos)
    return try PackedData.load(
      paths: paths, tokenizer: tokenizer, length: length ?? 512, split: split,
      heldOutFraction: heldOut, format: format, textKey: textKey, groupKey: groupKey,
      marks: marks, tokenLimit: tokens, leavingOut: known,
      documentsApart: documentsApart)
  }
}
