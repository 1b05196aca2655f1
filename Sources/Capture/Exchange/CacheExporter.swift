import Base
import Foundation
package import Shards
import Tensors

/// Writes what a cache holds into plain files that other programs read.
///
/// Memory is bounded at any size: a few sequences for each thread are decoded at a time.
package struct CacheExporter {
  /// The form of the plain file.
  package enum Format: String, CaseIterable, Sendable {
    /// A JSON object a sequence, a line each.
    case jsonl
    /// Flat tensors over all sequences, with offsets.
    case safetensors
  }

  private static let sequencesPerThread = 4

  let reader: CacheReader
  let sequences: Range<Int>

  /// An exporter of some of a cache's sequences; nil takes all.
  ///
  /// - Throws: `ShardError.noSuchSequence`.
  package init(_ reader: CacheReader, sequences: Range<Int>? = nil) throws(ShardError) {
    let sequences = sequences ?? 0..<reader.count
    for index in [sequences.lowerBound, sequences.upperBound - 1]
    where index < 0 || index >= reader.count {
      throw .noSuchSequence(index: index, count: reader.count)
    }
    self.reader = reader
    self.sequences = sequences
  }

  /// Writes the file, which appears only when it is complete; `progress` is told the sequences
  /// done.
  ///
  /// - Throws: `ShardError` where the cache is damaged, `FileError` where nothing can be written.
  package func write(
    to path: String, format: Format, progress: (_ sequences: Int) -> Void = { _ in }
  ) throws {
    switch format {
    case .jsonl: try writeLines(to: path, progress)
    case .safetensors: try writeTensors(to: path, progress)
    }
  }

  private func writeLines(to path: String, _ progress: (Int) -> Void) throws {
    let file = try AtomicFile(path: path)
    try forEachBatch(progress) { sequence, number in
      sequence.jsonLine(number: number)
    } body: {
      try file.write($0)
    }
    try file.commit()
  }

  /// Decodes and transforms the sequences on all threads; `body` gets the results in order.
  func forEachBatch<Part>(
    _ progress: (Int) -> Void, _ transform: (CachedSequence, Int) throws -> Part,
    body: (Part) throws -> Void
  ) throws {
    let size = Self.sequencesPerThread * Parallel.threadCount
    for first in stride(from: sequences.lowerBound, to: sequences.upperBound, by: size) {
      let count = min(size, sequences.upperBound - first)
      let parts = try Parallel.map(count) { offset in
        try transform(try reader.sequence(at: first + offset), first + offset)
      }
      for part in parts { try body(part) }
      progress(first + count - sequences.lowerBound)
    }
  }
}

extension CachedSequence {
  /// The sequence as a line of JSON: what `cache export --format jsonl` writes.
  ///
  /// `{"sequence", "identity" (16 hexadecimal digits), "tokens", "fragments", "loss_mask" (null
  /// when all count), "argmax", "entropy", "next_log_probability", "draws"}`, where the three
  /// before the last have an element a record. Each draw has a row a record: `{"ids", "values"}` of
  /// sparse targets, `{"log_probabilities"}` of dense ones, with null for a token that cannot
  /// follow.
  func jsonLine(number: Int) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("sequence")
      json.word("\(number)")
      json.key("identity")
      json.string(identity.hexadecimal)
      json.key("tokens")
      json.integers(tokens)
      json.key("fragments")
      json.integers(fragments)
      json.key("loss_mask")
      if let lossMask { json.array(lossMask) { $0.word($1 ? "true" : "false") } }
      if lossMask == nil { json.word("null") }
      targets.appendScalars(to: &json)
      json.key("draws")
      json.array(draws) { json, draw in json.object { draw.appendRows(to: &$0) } }
    }
    return json.line()
  }
}

extension Targets {
  /// The keys with one number a record, the same in every draw.
  fileprivate func appendScalars(to json: inout JSONWriter) {
    let (argmax, entropy, next) = scalars
    json.key("argmax")
    json.integers(argmax)
    json.key("entropy")
    json.numbers(entropy)
    json.key("next_log_probability")
    json.numbers(next)
  }

  /// The keys with a row a record.
  fileprivate func appendRows(to json: inout JSONWriter) {
    switch self {
    case .sparse(let targets):
      json.key("ids")
      json.array(0..<targets.count) { $0.integers(targets.ids[targets.entries(of: $1)]) }
      json.key("values")
      json.array(0..<targets.count) { $0.numbers(targets.values[targets.entries(of: $1)]) }
    case .dense(let targets):
      let V = targets.vocabularySize
      json.key("log_probabilities")
      json.array(0..<targets.count) {
        $0.numbers(targets.logProbabilities[($1 * V)..<(($1 + 1) * V)])
      }
    }
  }

  /// The scalars that every codec stores once a record.
  var scalars: (argmax: [Int32], entropy: [Float], nextLogProbability: [Float]) {
    switch self {
    case .sparse(let targets): (targets.argmax, targets.entropy, targets.nextLogProbability)
    case .dense(let targets): (targets.argmax, targets.entropy, targets.nextLogProbability)
    }
  }
}
