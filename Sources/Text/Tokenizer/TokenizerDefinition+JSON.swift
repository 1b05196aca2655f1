import Base

/// Reading a Hugging Face tokenizer.json.
extension TokenizerDefinition {
  private static let readKeys: Set = [
    "model", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
  ]

  /// Reads the text of a tokenizer.json.
  init(json: [UInt8], source: String) throws {
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONParser.parse(json, reading: Self.readKeys)
    } catch {
      throw TokenizerError.malformedJSON(source: source, reason: "\(error)")
    }
    try self.init(JSONNode(value: value, source: source, path: ""))
  }

  private init(_ top: JSONNode) throws {
    let model = try top.required("model")
    try Self.checkModel(model)
    try Self.checkDecoder(top.child("decoder"))
    self.init(
      source: top.source, vocabulary: try Self.vocabulary(model), merges: [],
      addedTokens: try top.child("added_tokens")?.elements().map { try AddedToken($0) } ?? [],
      preTokenizer: try PreTokenizer(top.child("pre_tokenizer"), source: top.source))
    normalizers = try Normalizer.steps(top.child("normalizer"))
    template = try SpecialTokenTemplate(top.child("post_processor"))
    ignoresMerges = try model.flag("ignore_merges", absent: false)
    fusesUnknown = try model.flag("fuse_unk", absent: false)
    let table = try contentTable()
    merges = try Self.merges(model, in: table)
    try readUnknown(model, table)
  }

  private static func checkModel(_ model: JSONNode) throws {
    let type = try model.child("type")?.text() ?? "BPE"
    guard type == "BPE" else { throw model.unsupported("the model", type, supported: "type BPE") }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let text = try model.child(key)?.text(), !text.isEmpty {
        throw model.unsupported("the \(key)", text, supported: "none")
      }
    }
    if let dropout = model.child("dropout"), dropout.value.integer != 0 {
      throw model.unsupported("the dropout", "of merges", supported: "dropout null")
    }
  }

  private static func checkDecoder(_ decoder: JSONNode?) throws {
    guard let decoder else { return }
    let type = try decoder.required("type").text()
    if type == "Sequence" {
      return try decoder.required("decoders").elements().forEach { try checkDecoder($0) }
    }
    guard type == "ByteLevel" else {
      throw decoder.unsupported("the decoder", type, supported: "the decoder ByteLevel")
    }
  }

  private static func vocabulary(_ model: JSONNode) throws -> [Entry] {
    let vocabulary = try model.required("vocab")
    return try vocabulary.members().map { member in
      guard let id = member.value.integer.flatMap(Int32.init(exactly:)), ids.contains(id) else {
        throw TokenizerError.vocabulary(
          source: model.source,
          reason: "the token '\(member.key)' has no id from 0 to \(ids.upperBound - 1)")
      }
      return Entry(content: member.key, id: id)
    }
  }

  /// The merges, written as "a b" or as ["a", "b"].
  private static func merges(_ model: JSONNode, in table: TokenTable) throws -> [Merge] {
    let node = try model.required("merges")
    guard let elements = node.value.array else { throw node.wrongKind("an array") }
    var list = MergeList(in: table, source: model.source, capacity: elements.count)
    for element in elements {
      if case .string(let text) = element {
        try list.append(text)
      } else {
        try list.append(element.array?.compactMap(\.string) ?? [])
      }
    }
    return list.merges
  }

  private mutating func readUnknown(_ model: JSONNode, _ table: TokenTable) throws {
    if let unknown = try model.child("unk_token")?.text() {
      guard let id = table.id(of: Array(unknown.utf8).span) else {
        throw invalid("the unk_token '\(unknown)' is not in it")
      }
      unknownID = id
    }
    guard try model.flag("byte_fallback", absent: false) else { return }
    let known = Set(
      vocabulary.compactMap { ByteAlphabet.bytes(of: $0.content) }.filter { $0.count == 1 })
    guard known.count == 256 else {
      throw model.unsupported(
        "byte_fallback", "true", supported: "byte_fallback false, or all 256 bytes present,")
    }
  }
}

/// Writing a tokenizer.json, and the fingerprint.
extension TokenizerDefinition {
  /// The tokenizer as Hugging Face's `tokenizers` loads it.
  func json() -> JSONValue {
    let contents = contents
    let appended = Set(appendedTokens.map(\.id))
    let kept = addedTokens.filter { !appended.contains($0.id) }
    let added = Set(addedTokens.map(\.id))
    let entries =
      vocabulary.filter { !added.contains($0.id) }
      + kept.map { Entry(content: $0.content, id: $0.id) }
    return [
      "version": "1.0", "truncation": .null, "padding": .null,
      "added_tokens": .array(addedTokens.sorted { $0.id < $1.id }.map(\.json)),
      "normalizer": Normalizer.json(normalizers), "pre_tokenizer": preTokenizer.json,
      "post_processor": template.json { contents[Int($0)] },
      "decoder": [
        "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true,
      ],
      "model": model(entries.sorted { $0.id < $1.id }, contents),
    ]
  }

  private func model(_ entries: [Entry], _ contents: [String]) -> JSONValue {
    [
      "type": "BPE", "dropout": .null,
      "unk_token": unknownID.map { .string(contents[Int($0)]) } ?? .null,
      "continuing_subword_prefix": .null, "end_of_word_suffix": .null,
      "fuse_unk": .bool(fusesUnknown), "byte_fallback": false,
      "ignore_merges": .bool(ignoresMerges),
      "vocab": .object(entries.map { JSONMember($0.content, .int(Int($0.id))) }),
      "merges": .array(
        merges.map { merge in
          [.string(contents[Int(merge.left)]), .string(contents[Int(merge.right)])]
        }),
    ]
  }

  /// By id, what each token is called in the file; empty where an id has no token.
  private var contents: [String] {
    var contents = [String](repeating: "", count: vocabularySize)
    for entry in vocabulary { contents[Int(entry.id)] = entry.content }
    for token in addedTokens { contents[Int(token.id)] = token.content }
    return contents
  }

  /// The added tokens that may stay out of `vocab`.
  ///
  /// `tokenizers` ignores the ids of added tokens that `vocab` lacks and counts on from its size,
  /// so only an unbroken run at the very end can be left to it.
  private var appendedTokens: ArraySlice<AddedToken> {
    let sorted = addedTokens.sorted { $0.id < $1.id }
    let added = Set(sorted.map(\.id))
    let total = sorted.count + vocabulary.filter { !added.contains($0.id) }.count
    guard total == vocabularySize else { return [] }
    let run = sorted.indices.reversed().prefix { Int(sorted[$0].id) == total - sorted.count + $0 }
    return sorted.suffix(run.count)
  }

  /// SHA-256, in hexadecimal, over tokens, merges and pipeline in one canonical spelling.
  ///
  /// An added token's presence in the vocabulary, the form of the merges and the nesting of
  /// sequences make no difference; the edition of ``YoungCharacters`` does, and Unicode's version
  /// where text is normalised. So a tokenizer keeps its fingerprint from file to file.
  func fingerprint() -> String {
    let unicode = normalizers.contains(where: \.isUnicode) ? " " + UnicodeForm.unicodeVersion : ""
    let pipeline: JSONValue = [
      // The table of characters by which text is split is a part of the format.
      "format": .string("codistill tokenizer \(YoungCharacters.edition)\(unicode)"),
      "added_tokens": .array(addedTokens.sorted { $0.id < $1.id }.map(\.json)),
      "normalizer": Normalizer.json(normalizers), "pre_tokenizer": preTokenizer.json,
      "prefix": .array(template.prefix.map { .int(Int($0)) }),
      "suffix": .array(template.suffix.map { .int(Int($0)) }),
      "unknown": unknownID.map { .int(Int($0)) } ?? .null,
      "fuse_unk": .bool(fusesUnknown), "ignore_merges": .bool(ignoresMerges),
    ]
    var digest = Digest()
    digest.append(pipeline.serialized())
    for content in contents { digest.append(Array("\n\(content)".utf8)) }
    digest.append(merges.flatMap { Array("\n\($0.left) \($0.right)".utf8) })
    return digest.hexadecimal
  }
}
