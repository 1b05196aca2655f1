package import Models
import Shards
import Text

/// The setting that decides how long the windows are that a model reads.
package enum ContextRemedy: Sendable, Equatable {
  /// An option of the command line; `--beyond-context` allows what it asks for.
  case option(String)
  /// A cache, whose sequences are as they are; this allows them.
  case cache(allowing: String)
  /// A key of a config, and the one that allows what it asks for.
  case key(String, allowing: String)

  /// The remedy where it asks for more than a context of so many tokens.
  func text(context: Int) -> String {
    switch self {
    case .option(let name): "give \(name) of at most \(context), or --beyond-context"
    case .cache(let allowing):
      "give a cache of --sequence-length \(context), or \(allowing)"
    case .key(let name, let allowing): "make \(name) at most \(context), or set \(allowing): true"
    }
  }
}

extension DecoderConfig {
  /// Checks that a model reads no more tokens at once than it was made for.
  ///
  /// - Parameters:
  ///   - longest: The most tokens that it reads, counted from the beginning of a document's part.
  ///   - name: The model's name in the message.
  ///   - isAllowed: Whether it may read more all the same.
  ///   - remedy: The setting that decides how long the windows are.
  /// - Returns: A note where it is allowed to and does; else nil.
  /// - Throws: ``PreparationError/beyondContext(model:context:longest:remedy:)``.
  package func contextNote(
    reading longest: Int, _ name: String, isAllowed: Bool, _ remedy: ContextRemedy
  ) throws(PreparationError) -> String? {
    guard longest > maxPositionEmbeddings else { return nil }
    guard isAllowed else {
      throw .beyondContext(
        model: name, context: maxPositionEmbeddings, longest: longest, remedy: remedy)
    }
    return
      "\(name) was made for \(maxPositionEmbeddings) tokens and reads up to \(longest): what it "
      + "says beyond is not what it learnt"
  }
}

extension [PackedSequence] {
  /// The most tokens that a model reads at once of these, counted from the beginning of a
  /// document's part.
  package var longestContext: Int {
    lazy.compactMap { $0.fragments.max() }.max().map { $0 - 1 } ?? 0
  }
}

extension TrainingData {
  /// The most tokens that a model reads at once, or any number up to a limit where that is as much.
  package func longestContext(above limit: Int) throws -> Int {
    switch self {
    case .text(let sequences): sequences.longestContext
    case .live(let data): try data.longestContext(above: limit)
    case .cached(let cache), .cachedTokens(let cache): try cache.longestContext(above: limit)
    case .mixed(let cache, let sequences):
      max(try cache.longestContext(above: limit), sequences.longestContext)
    }
  }
}

extension CacheReader {
  /// A cache says how long its sequences may be; only where that is too much are they looked at.
  fileprivate func longestContext(above limit: Int) throws -> Int {
    let most = manifest.parts.map(\.capture.sequenceLength).max() ?? 0
    guard most > limit else { return most }
    return try (0..<count).reduce(0) { max($0, (try text(at: $1).fragments.max() ?? 1) - 1) }
  }
}
