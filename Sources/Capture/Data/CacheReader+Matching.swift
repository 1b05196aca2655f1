package import Shards
package import Text

extension CacheReader {
  /// Checks that a model and its tokenizer, as far as they are known, read the cache's tokens as
  /// its teacher did.
  ///
  /// - Parameters:
  ///   - vocabulary: The size of the model's vocabulary; nil takes any.
  ///   - tokenizer: The model's tokenizer; nil where it has none.
  ///   - path: The path of the cache, for the message.
  /// - Throws: ``PreparationError/vocabulary(student:cache:path:)``,
  ///   ``PreparationError/tokenizer(found:expected:path:)``, or
  ///   ``PreparationError/paddedCache(path:cache:tokenizer:)`` for a cache of an earlier version,
  ///   which kept the ids that pad a teacher's matrices.
  package func requireMatch(
    vocabulary: Int?, tokenizer: Tokenizer?, path: String
  ) throws(PreparationError) {
    let capture = manifest.capture
    if let tokenizer, tokenizer.fingerprint == capture.tokenizerSHA256,
      capture.vocabularySize > tokenizer.vocabularySize
    {
      throw .paddedCache(
        path: path, cache: capture.vocabularySize, tokenizer: tokenizer.vocabularySize)
    }
    if let vocabulary, vocabulary != capture.vocabularySize {
      throw .vocabulary(student: vocabulary, cache: capture.vocabularySize, path: path)
    }
    if let tokenizer, tokenizer.fingerprint != capture.tokenizerSHA256 {
      throw .tokenizer(
        found: tokenizer.fingerprint, expected: capture.tokenizerSHA256, path: path)
    }
  }
}

extension CacheReader {
  /// All its documents.
  ///
  /// - Throws: `ShardError` where the cache is damaged.
  package func documents() throws(ShardError) -> KnownDocuments {
    var known = KnownDocuments()
    for index in 0..<count {
      let text = try text(at: index)
      known.read(tokens: text.tokens, fragments: text.fragments)
    }
    known.finish()
    return known
  }

  /// Says in words how much of some data is in the cache already.
  ///
  /// - Parameters:
  ///   - data: The data, without the documents that are in the cache as they are.
  ///   - tokenizer: The tokenizer of both.
  ///   - path: The name of the cache.
  /// - Returns: One line; nil where nothing is.
  /// - Throws: `ShardError` where the cache is damaged.
  package func note(
    of data: PackedData, tokenizer: Tokenizer?, path: String
  ) throws -> String? {
    var documents: [[[Int32]]] = []
    try TrainingData.text(data.sequences).forEachDocument { documents.append([$0]) }
    var search = OverlapSearch(for: documents, tokenizer: tokenizer)
    let own = Set(data.sequences.map(\.tokens))
    var (found, unpacker) = (Set<[Int32]>(), SequenceUnpacker())
    for index in 0..<count {
      let text = try text(at: index)
      if own.contains(text.tokens) { found.insert(text.tokens) }
      for document in unpacker.append(tokens: text.tokens, fragments: text.fragments) {
        search.read(document)
      }
    }
    if let last = unpacker.finish() { search.read(last) }
    let partly = search.shares.count { $0 >= OverlapSearch.near }
    let twice = data.sequences.count { found.contains($0.tokens) }
    let parts = [
      data.alreadyKnown > 0
        ? "left out \(data.alreadyKnown) documents that are in \(path) already" : nil,
      partly > 0 ? "half or more of \(partly) others is in \(path), and read twice" : nil,
      twice > 0 ? "\(twice) sequences are in \(path) as they are, and read twice" : nil,
    ].compactMap { $0 }
    return parts.isEmpty ? nil : "data: " + parts.joined(separator: "; ")
  }

  /// Counts the documents of some caches, and those of them that an earlier cache has, too.
  ///
  /// - Throws: `ShardError` where a cache is damaged.
  package static func repeatedDocuments(
    of caches: [CacheReader], progress: (_ sequences: Int) -> Void = { _ in }
  ) throws -> (repeated: Int, all: Int) {
    var (known, repeated, all, done) = (KnownDocuments(), 0, 0, 0)
    for cache in caches {
      var own = KnownDocuments()
      try TrainingData.cachedTokens(cache).forEachDocument { document in
        all += 1
        if known.contains(document) { repeated += 1 }
        own.insert(document)
      }
      known.formUnion(own)
      done += cache.count
      progress(done)
    }
    return (repeated, all)
  }
}
