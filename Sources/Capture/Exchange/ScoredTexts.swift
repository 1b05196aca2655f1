import Base
import Tensors
import Text

/// The texts of files with log-probabilities, parsed and checked on all threads, in order.
///
/// Memory is bounded by some lines for each thread.
struct ScoredTexts {
  private static let (linesPerThread, bytesPerThread) = (16, 16 << 20)

  let paths: [String]
  let parser: ScoredTextParser

  /// Calls `body` with each text and its place until it says that there are enough.
  func forEach(
    _ body: (ScoredText, _ path: String, _ line: Int) throws -> Bool
  ) throws {
    var lines = try ScoredLines(paths: paths)
    let threads = Parallel.threadCount
    while true {
      let batch = try lines.next(
        Self.linesPerThread * threads, bytes: Self.bytesPerThread * threads)
      guard !batch.isEmpty else { return }
      let parsed = try Parallel.map(batch.count) { try parser.texts(batch[$0]) }
      for (line, texts) in zip(batch, parsed) {
        for text in texts where text.tokens.count > 1 {
          guard try body(text, line.path, line.number) else { return }
        }
      }
    }
  }
}

/// A packed sequence with what is known of each of its predictions.
struct ScoredSequence {
  let sequence: PackedSequence
  let rows: [ScoredText.Row]
}

/// Lays scored texts end to end in sequences, as training texts are.
struct ScoredPacker {
  private var packer: SequencePacker
  /// The rows of predictions that are in no full sequence yet.
  private var waiting: ArraySlice<ScoredText.Row> = []

  /// A packer for sequences of so many predictions.
  init(length: Int) { packer = SequencePacker(length: length) }

  /// Adds a text, and returns the sequences that are now full.
  mutating func append(_ text: ScoredText) -> [ScoredSequence] {
    waiting += text.rows
    return packer.append(text.tokens).map { take($0) }
  }

  /// The last, shorter sequence, if there is one.
  mutating func finish() -> ScoredSequence? { packer.finish().map { take($0) } }

  private mutating func take(_ sequence: PackedSequence) -> ScoredSequence {
    let rows = waiting.prefix(sequence.predictionCount)
    // Of a slice it is quick, however long the text.
    waiting = waiting.dropFirst(rows.count)
    return ScoredSequence(sequence: sequence, rows: Array(rows))
  }
}
