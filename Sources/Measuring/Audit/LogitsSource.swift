package import Base
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

  /// The name of the source in a report.
  var name: String {
    switch self {
    case .teacher: "teacher"
    case .dense: "dense"
    }
  }

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

/// Why a cache cannot be audited.
package enum AuditError: Error, Equatable, CustomStringConvertible {
  /// The teacher is not the one that made the cache.
  case otherTeacher(path: String, found: String, expected: String)
  /// The dense cache does not hold the sequences of the cache.
  case otherData
  /// A cache that should be dense is not.
  case notDense(path: String, codec: String)
  /// The cache was emitted by its teacher's own training, of which only the end is there.
  case movingTeacher
  /// There is no source of the teacher's distributions.
  case noReference(teacher: String)

  /// One line: what was found, what was expected, and the remedy.
  package var description: String {
    switch self {
    case .otherTeacher(let path, let found, let expected):
      "\(path): has fingerprint \(found.prefix(12)), and the cache's teacher \(expected.prefix(12));"
        + " give the teacher that made the cache"
    case .otherData:
      "the reference holds other sequences than the cache; build it from the same data with"
        + " --codec dense and the same --sequence-length"
    case .notDense(let path, let codec):
      "\(path): is a \(codec) cache; --reference takes one built with --codec dense"
    case .movingTeacher:
      "the cache was emitted while its teacher was trained, and the finished teacher says other"
        + " things; emit a dense cache of the same training, and name it with --reference"
    case .noReference(let teacher):
      "the cache's teacher is not at \(teacher) any more; name it with --teacher, or a dense cache"
        + " of the same data with --reference"
    }
  }
}

extension AuditError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .otherTeacher, .otherData, .notDense, .movingTeacher: .badData
    case .noReference: .missingInput
    }
  }
}
