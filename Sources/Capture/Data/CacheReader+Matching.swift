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
