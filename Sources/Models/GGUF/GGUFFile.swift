package import Text

/// A memory-mapped GGUF file whose header has been checked.
package struct GGUFFile: Sendable {
  /// The file's path.
  package var path: String { mapping.path }
  /// The tensors in the order of the file.
  package let tensors: [GGUFTensor]

  let metadata: [String: GGUFValue]
  let mapping: MappedFile
  private let indices: [String: Int]

  /// Maps a file and checks its header.
  ///
  /// - Throws: `CheckpointError` when it cannot be read, `GGUFError` when it is broken.
  package init(path: String) throws {
    let mapping = try MappedFile(path: path)
    let header = try mapping.withBytes { try GGUFHeader($0, file: path) }
    self.mapping = mapping
    tensors = header.tensors
    metadata = header.metadata
    indices = Dictionary(
      uniqueKeysWithValues: header.tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor of a name, such as `blk.0.attn_q.weight`.
  package func tensor(_ name: String) -> GGUFTensor? { indices[name].map { tensors[$0] } }

  /// Runs `body` on a tensor's bytes as they are stored.
  func withBytes<R>(
    of tensor: GGUFTensor, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    try mapping.withBytes(tensor.range, body)
  }

  /// Reads a tensor, de-quantised.
  ///
  /// - Precondition: `values` has room for exactly its elements.
  package func read(_ tensor: GGUFTensor, into values: UnsafeMutableBufferPointer<Float>) {
    withBytes(of: tensor) { tensor.type.dequantize($0, into: values) }
  }
}

extension GGUFFile {
  /// A text of the metadata; nil when the key is absent.
  func string(_ key: String) throws(GGUFError) -> String? {
    switch metadata[key] {
    case nil: return nil
    case .string(let range)?: return try text(range, key)
    default: throw .badMetadata(file: path, key: key, problem: "must be a string")
    }
  }

  /// A whole number of the metadata, zero or above; nil when the key is absent.
  func int(_ key: String) throws(GGUFError) -> Int? {
    switch metadata[key] {
    case nil: return nil
    case .unsigned(let number)? where number <= UInt64(Int.max): return Int(number)
    case .signed(let number)? where number >= 0: return Int(number)
    default: throw .badMetadata(file: path, key: key, problem: "must be a whole number")
    }
  }

  /// A number of the metadata; nil when the key is absent.
  func double(_ key: String) throws(GGUFError) -> Double? {
    switch metadata[key] {
    case .double(let number)?: return number
    default: return try int(key).map(Double.init)
    }
  }

  /// A truth value of the metadata; nil when the key is absent.
  func bool(_ key: String) throws(GGUFError) -> Bool? {
    switch metadata[key] {
    case nil: return nil
    case .bool(let flag)?: return flag
    default: throw .badMetadata(file: path, key: key, problem: "must be a boolean")
    }
  }

  /// A list of texts of the metadata; nil when the key is absent.
  func strings(_ key: String) throws -> [String]? {
    guard let value = metadata[key] else { return nil }
    guard case .array(GGUFValueType.string, let count, let start) = value else {
      throw GGUFError.badMetadata(file: path, key: key, problem: "must be a list of strings")
    }
    return try mapping.withBytes(start..<mapping.count) { bytes in
      var cursor = GGUFCursor(bytes, file: path)
      return try (0..<count).map { _ in try cursor.string(key) }
    }
  }

  /// A list of 32-bit numbers of the metadata; nil when the key is absent.
  func int32s(_ key: String) throws -> [Int32]? {
    guard let value = metadata[key] else { return nil }
    guard case .array(let type, let count, let start) = value, type == 4 || type == 5 else {
      throw GGUFError.badMetadata(
        file: path, key: key, problem: "must be a list of 32-bit numbers")
    }
    return try mapping.withBytes(start..<mapping.count) { bytes in
      var cursor = GGUFCursor(bytes, file: path)
      return try (0..<count).map { _ in try cursor.integer(Int32.self, key) }
    }
  }

  private func text(_ range: Range<Int>, _ key: String) throws(GGUFError) -> String {
    let text = mapping.withBytes(range) { String(validating: $0, as: UTF8.self) }
    guard let text else { throw .notUTF8(file: path, reading: key) }
    return text
  }

  /// Reads some of a tensor's rows, which are so many in all, de-quantised.
  ///
  /// - Precondition: `values` has room for exactly their elements.
  func read(
    _ tensor: GGUFTensor, rows: Range<Int>, of count: Int,
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    withBytes(of: tensor) { tensor.type.dequantize($0.rows(rows, of: count), into: values) }
  }

  /// Reads rows of a query or key projection in Hugging Face's order.
  ///
  /// GGUF keeps the two halves of a rotary pair in neighbouring rows of a head, Hugging Face half a
  /// head apart: row (h, t, j) of the latter is row (h, j, t) of the former, t being 0 or 1.
  ///
  /// - Precondition: `values` has room for exactly the elements, and the heads divide the rows.
  func readUnpermuted(
    _ tensor: GGUFTensor, heads: Int, rows: Range<Int>,
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    let count = tensor.shape[0]
    let (width, half) = (tensor.shape[1], count / heads / 2)
    withBytes(of: tensor) { bytes in
      for (place, row) in rows.enumerated() {
        let (head, inner) = row.quotientAndRemainder(dividingBy: 2 * half)
        let stored = head * 2 * half + inner % half * 2 + inner / half
        tensor.type.dequantize(
          bytes.rows(stored..<(stored + 1), of: count),
          into: UnsafeMutableBufferPointer(
            rebasing: values[(place * width)..<((place + 1) * width)]))
      }
    }
  }

  /// The byte-level BPE vocabulary of the metadata; nil when the file has none.
  ///
  /// - Throws: `GGUFError`, also for a tokenizer of another kind than `gpt2`.
  package func vocabulary() throws -> GGUFVocabulary? {
    guard let model = try string("tokenizer.ggml.model") else { return nil }
    guard model == "gpt2" else {
      throw GGUFError.unsupportedModel(
        file: path, feature: "the tokenizer \(model)", supported: "gpt2 (byte-level BPE)")
    }
    let tokens = try required(strings("tokenizer.ggml.tokens"), "tokenizer.ggml.tokens")
    return GGUFVocabulary(
      tokens: tokens,
      tokenTypes: try int32s("tokenizer.ggml.token_type")
        ?? Array(repeating: 1, count: tokens.count),
      merges: try required(strings("tokenizer.ggml.merges"), "tokenizer.ggml.merges"),
      preTokenizer: try string("tokenizer.ggml.pre") ?? "default",
      bosTokenID: try id("bos"), eosTokenID: try id("eos"), paddingTokenID: try id("padding"),
      endTokenIDs: try Self.endRoles.compactMap { try id($0) },
      addsBOS: try bool("tokenizer.ggml.add_bos_token"))
  }

  /// The roles of the tokens that end a text: of text, of a turn, of a message.
  static let endRoles = ["eos", "eot", "eom"]

  /// The config that fingerprints are of: as it was read before turns' and messages' ends counted.
  func identity(_ config: DecoderConfig) throws -> DecoderConfig {
    var config = config
    let end = try int("tokenizer.ggml.eos_token_id")
    config.eosTokenIds = config.eosTokenIds.filter { $0 == end }
    return config
  }

  private func id(_ role: String) throws -> Int32? {
    let key = "tokenizer.ggml.\(role)_token_id"
    guard let number = try int(key) else { return nil }
    guard let id = Int32(exactly: number) else {
      throw GGUFError.badMetadata(file: path, key: key, problem: "is \(number), which is no id")
    }
    return id
  }

  private func required<Value>(_ value: Value?, _ key: String) throws(GGUFError) -> Value {
    guard let value else { throw .badMetadata(file: path, key: key, problem: "is missing") }
    return value
  }
}
