/// Compiling the tables of merging.
extension BytePairEncoder {
  /// The tables of a definition; refuses a token or id that comes twice.
  init(_ definition: TokenizerDefinition) throws {
    let contents = try definition.contentTable()
    let spelled = definition.vocabulary.compactMap { entry in
      ByteAlphabet.bytes(of: entry.content).map { (bytes: $0, id: entry.id) }
    }
    self.init(
      tokens: TokenTable(capacity: spelled.count),
      merges: MergeTable(capacity: definition.merges.count),
      byteIDs: [Int32](repeating: -1, count: 256),
      isWhole: [Bool](repeating: definition.ignoresMerges, count: definition.vocabularySize),
      unknownID: definition.unknownID, fusesUnknown: definition.fusesUnknown)
    for (bytes, id) in spelled {
      _ = tokens.insert(bytes, id)
      if bytes.count == 1 { byteIDs[Int(bytes[0])] = id }
    }
    try addMerges(of: definition, contents)
    if !definition.ignoresMerges { findWholeTokens(spelled) }
  }

  private mutating func addMerges(of definition: TokenizerDefinition, _ contents: TokenTable) throws
  {
    var names = [[UInt8]](repeating: [], count: definition.vocabularySize)
    for entry in definition.vocabulary { names[Int(entry.id)] = Array(entry.content.utf8) }
    for (rank, merge) in definition.merges.enumerated() {
      let joined = names[Int(merge.left)] + names[Int(merge.right)]
      guard let id = contents.id(of: joined.span) else {
        throw TokenizerError.merge(
          source: definition.source, index: rank, reason: "makes no token of the vocabulary")
      }
      merges[merge.left, merge.right] = MergeTable.Merge(rank: Int32(rank), id: id)
    }
  }

  /// Marks the tokens that merging their own bytes gives, so that most words need no merging.
  private mutating func findWholeTokens(_ tokens: [(bytes: [UInt8], id: Int32)]) {
    var (scratch, ids) = (MergeScratch(), [Int32]())
    for (bytes, id) in tokens {
      ids.removeAll(keepingCapacity: true)
      merge(bytes.span, into: &ids, using: &scratch)
      isWhole[Int(id)] = ids.count == 1 && ids[0] == id
    }
  }
}
