public import Base

extension DecoderConfig {
  /// The keys that are read from a `config.json`, in Hugging Face's spelling; it holds others, which
  /// are inert.
  static let knownKeys: [String] =
    sharedKeys + familyKeys + [
      "text_config", "vision_config", "architectures", "dtype", "torch_dtype",
    ]

  /// The keys that a family alone has; none of an unknown one.
  package static func keys(ofFamily name: String) -> [String] {
    Architecture.all.first { $0.name == name || $0.wrapper?.name == name }?.keys ?? []
  }

  /// The keys that some families alone have, each once.
  private static var familyKeys: [String] {
    var seen: Set<String> = []
    return Architecture.all.flatMap(\.keys).filter { seen.insert($0).inserted }
  }

  private static let sharedKeys = [
    "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
    "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_act",
    "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings", "initializer_range",
    "rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor", "attention_bias",
    "mlp_bias", "bos_token_id", "eos_token_id", "pad_token_id", "quantization_config",
  ]

  /// The decoder that a Hugging Face config describes, with the defaults of transformers.
  ///
  /// Both generations of keys are understood (`rope_theta` with `rope_scaling`, and
  /// `rope_parameters`), and the text part of a multimodal model's config. The sizes
  /// `vocab_size`, `hidden_size`, `intermediate_size`, `num_hidden_layers` and
  /// `num_attention_heads` must be there: a default for them could only be a mistake.
  ///
  /// - Parameters:
  ///   - hugging: The parsed values by key.
  ///   - source: The file they came from, for messages.
  /// - Throws: `DecoderConfigError`.
  public init(hugging: [String: JSONValue], source: String) throws(DecoderConfigError) {
    let top = ConfigReader(file: source, members: hugging)
    let (family, isWrapped) = try Architecture.find(top)
    var reader = top
    if let wrapper = family.wrapper, isWrapped {
      guard let text = try top.object(wrapper.section) else {
        throw .missingKey(file: source, key: wrapper.section)
      }
      reader = text
    }
    for reader in isWrapped ? [top, reader] : [reader] {
      try reader.refuseUnsupported(besides: family.keys)
    }
    try self.init(sizes: reader, modelType: family)
    let tiesInside = try reader.bool("tie_word_embeddings")
    let tiesOutside = try top.bool("tie_word_embeddings")
    tieWordEmbeddings = tiesInside ?? tiesOutside ?? family.defaults.tiesEmbeddings
    try readShared(reader)
    try family.read(&self, reader)
    try checkParameterCount(reader)
    try readTokens(reader)
  }

  private init(
    sizes reader: ConfigReader, modelType: Architecture
  ) throws(DecoderConfigError) {
    let heads = try reader.required("num_attention_heads", in: 1...65_536)
    let hidden = try reader.required("hidden_size", in: 1...1_048_576)
    let defaults = modelType.defaults
    // Null is as good as no key, except that then nothing is taken but what the others give.
    let defaultHeads = reader.has("num_key_value_heads") ? nil : defaults.keyValueHeads
    let keyValueHeads = try reader.int("num_key_value_heads", in: 1...65_536)
    let headDim = try reader.int("head_dim", in: 2...65_536)
    self.init(
      modelType: modelType,
      vocabSize: try reader.required("vocab_size", in: 1...16_777_216),
      hiddenSize: hidden,
      intermediateSize: try reader.required("intermediate_size", in: 1...16_777_216),
      numHiddenLayers: try reader.required("num_hidden_layers", in: 1...10_000),
      numAttentionHeads: heads,
      numKeyValueHeads: keyValueHeads ?? defaultHeads ?? heads,
      headDim: headDim ?? (reader.has("head_dim") ? nil : defaults.headDim))
    try checkHeads(reader, explicitHeadDim: headDim != nil)
  }

  private func checkHeads(
    _ reader: ConfigReader, explicitHeadDim: Bool
  ) throws(DecoderConfigError) {
    let heads = numAttentionHeads
    // transformers insists on this for some families even where head_dim is given.
    if hiddenSize % heads != 0, modelType.needsWholeHeads || !explicitHeadDim {
      throw reader.invalid("hidden_size", "is \(hiddenSize), no multiple of the \(heads) heads")
    }
    if heads % numKeyValueHeads != 0 {
      throw reader.invalid(
        "num_key_value_heads", "is \(numKeyValueHeads), which does not divide the \(heads) heads")
    }
    if headDim % 2 != 0 || headDim < 2 {
      throw reader.invalid("head_dim", "is \(headDim), but rotary pairs need an even number")
    }
  }

  private mutating func readShared(_ reader: ConfigReader) throws(DecoderConfigError) {
    let defaults = modelType.defaults
    maxPositionEmbeddings =
      try reader.int("max_position_embeddings", in: 1...Int(Int32.max))
      ?? defaults.maxPositionEmbeddings
    rmsNormEps = Float(try reader.positive("rms_norm_eps") ?? defaults.rmsNormEps)
    initializerRange = Float(try reader.positive("initializer_range") ?? 0.02)
    try readRope(reader)
  }

  // The bound leaves room for bytes, and for the operations on a long text, in 64 bits.
  private func checkParameterCount(_ reader: ConfigReader) throws(DecoderConfigError) {
    guard estimatedParameterCount > 0x1p53 else { return }
    throw reader.invalid("hidden_size", "with the other sizes makes over 2^53 parameters")
  }

  private mutating func readTokens(_ reader: ConfigReader) throws(DecoderConfigError) {
    // None where the config names none: transformers' 1 and 2 are tokens like others here.
    eosTokenIds = try reader.tokens("eos_token_id", vocabSize: vocabSize) ?? []
    bosTokenId = try reader.tokens("bos_token_id", vocabSize: vocabSize)?.first
    padTokenId = try reader.tokens("pad_token_id", vocabSize: vocabSize)?.first
  }
}

extension DecoderConfig {
  /// The decoder that a `config.json` file describes.
  ///
  /// - Throws: `CheckpointError` when the file cannot be read, else `DecoderConfigError`.
  public init(contentsOf path: String) throws {
    try self.init(hugging: try Self.members(of: path), source: path)
  }

  /// The most text that the values of a `config.json` may have together, in bytes.
  private static let mostRead = 1 << 20

  /// The keys of a `config.json` whose values are looked at.
  private static let readKeys = Set(knownKeys).union(UnsupportedKeys.keysOfConfig)

  /// The values of a `config.json` file by key, of those keys that anybody looks at.
  ///
  /// - Throws: `CheckpointError` when the file cannot be read, else `DecoderConfigError`.
  static func members(of path: String) throws -> [String: JSONValue] {
    let file = try MappedFile(path: path)
    do {
      return try file.withBytes { try members(in: $0, path: path) }
    } catch let error as JSONSyntaxError {
      throw DecoderConfigError.badJSON(file: path, offset: error.offset, problem: error.problem)
    } catch let error as JSONDuplicateKey {
      throw DecoderConfigError.duplicateKey(file: path, key: error.key)
    }
  }

  private static func members(
    in text: UnsafeRawBufferPointer, path: String
  ) throws -> [String: JSONValue] {
    guard text.count <= NameList.largestText else {
      throw DecoderConfigError.badJSON(
        file: path, offset: NameList.largestText, problem: "no config is that long")
    }
    var (scanner, keys, members) = (JSONScanner(text), NameList(), [String: JSONValue]())
    var read = 0
    try scanner.members { scanner in
      try keys.append(&scanner, in: text)
      try scanner.expect(UInt8(ascii: ":"))
      _ = scanner.peek()
      var value = JSONScanner(scanner, at: scanner.offset)
      value.checksAllKeys = true
      try scanner.skipValue(depth: 63)
      let key = keys.string(keys.count - 1, in: text)
      guard readKeys.contains(key) else { return }
      read += scanner.offset - value.offset
      guard read <= mostRead else {
        throw DecoderConfigError.invalidValue(
          file: path, key: key, problem: "is longer than any model's (\(mostRead) bytes)")
      }
      members[key] = try value.value(depth: 63)
    }
    try scanner.expectEnd()
    if let twice = keys.index(in: text) {
      throw JSONDuplicateKey(key: keys.string(twice, in: text), offset: scanner.offset)
    }
    return members
  }
}

extension ConfigReader {
  /// Token ids, given as one number or a list; a negative number is an old way to say "none".
  func tokens(
    _ key: String, vocabSize: Int
  ) throws(DecoderConfigError) -> [Int]? {
    var ids: [Int]?
    if case .array? = value(key) { ids = try ints(key) } else { ids = try int(key).map { [$0] } }
    guard var given = ids?.filter({ $0 >= 0 }) else { return nil }
    var seen: Set<Int> = []
    given = given.filter { seen.insert($0).inserted }
    if let outside = given.first(where: { $0 >= vocabSize }) {
      throw invalid(key, "is \(outside), outside the vocabulary of \(vocabSize)")
    }
    return given
  }
}
