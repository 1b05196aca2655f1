import Capture
import Foundation
public import Models
public import Shards
import Tensors
import Text

/// The source of the teacher's whole distributions.
public enum LogitsSource {
  /// The teacher itself, which is run again.
  case teacher(Models.Decoder)
  /// A dense cache of the same sequences; its rounding to float16 is below what is measured.
  case dense(CacheReader)

  private static let rowsPerBlock = 64

  /// Gives the logits of a sequence, the number it has in a dense cache, some rows at a time: the
  /// first row, their count, and their memory (rows × V).
  func forEachBlock(
    of text: SequenceTokens, number: Int, vocabularySize: Int,
    _ body: (Int, Int, UnsafeMutablePointer<Float>) throws -> Void
  ) throws {
    let block = Storage(count: Self.rowsPerBlock * vocabularySize)
    let rows = try rowFiller(text, number, vocabularySize)
    for first in stride(from: 0, to: text.recordCount, by: Self.rowsPerBlock) {
      let count = min(Self.rowsPerBlock, text.recordCount - first)
      try rows(first, count, block.base)
      try withExtendedLifetime(block) { try body(first, count, block.base) }
    }
  }

  private typealias RowFiller = (Int, Int, UnsafeMutablePointer<Float>) throws -> Void

  private func rowFiller(
    _ text: SequenceTokens, _ number: Int, _ vocabularySize: Int
  ) throws -> RowFiller {
    switch self {
    case .teacher(let teacher):
      let projection = VocabularyProjection(
        hidden: teacher(TokenBatch([PackedSequence(text)])), weight: teacher.output,
        precision: teacher.precision)
      return { first, count, logits in
        projection.fill(
          first..<first + count, 0..<vocabularySize, into: logits, stride: vocabularySize)
      }
    case .dense(let reader):
      let targets = try Self.rows(of: text, number, in: reader)
      let temperature = Float(reader.manifest.capture.codec.temperature)
      return { first, count, logits in
        let values = targets.logProbabilities[(first * vocabularySize)...]
        for (index, value) in values.prefix(count * vocabularySize).enumerated() {
          // Below float16's range is −infinity, whose product with a probability of 0 is no number.
          logits[index] = max(Float(value), -65_504) * temperature
        }
      }
    }
  }

  /// The dense rows of a sequence; throws `AuditError.otherData` if it holds other tokens.
  private static func rows(
    of text: SequenceTokens, _ number: Int, in reader: CacheReader
  ) throws -> DenseTargets {
    guard number < reader.count else { throw AuditError.otherData }
    let found = try reader.sequence(at: number)
    guard found.tokens == text.tokens, found.fragments == text.fragments,
      case .dense(let targets) = found.targets
    else { throw AuditError.otherData }
    return targets
  }
}
