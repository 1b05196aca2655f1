import Base
import CKernels
import Models
import Shards
package import Tensors

/// A live teacher's distributions of consecutive predictions: what they are computed from.
///
/// Its logits are made again, chunk by chunk, where the loss needs them, so that nothing of the
/// size (predictions × vocabulary) is held.
public final class LiveTargets {
  /// The temperature of its distributions.
  let temperature: Float
  /// The teacher's facts about each prediction, beside its distribution.
  let facts: [TokenRule.Facts]
  private let projection: VocabularyProjection

  /// The targets of a teacher's final hidden states (N, D) and its projection (V, D), of which
  /// neither is trained, for the true next tokens (N).
  ///
  /// - Throws: `ShardError.invalidLogits` where a logit is not a number.
  package init(
    hidden: Tensor, output: Tensor, labels: [Int32], temperature: Float,
    precision: Precision = .float32
  ) throws {
    precondition(hidden.rows == labels.count, "a label for each of the teacher's hidden states")
    let projection = VocabularyProjection(hidden: hidden, weight: output, precision: precision)
    self.projection = projection
    self.temperature = temperature
    let units = LogitUnit.units(of: hidden.rows)
    facts = try Parallel.map(units.count) {
      try Self.facts(projection, hidden.columns, units[$0], labels, temperature)
    }.flatMap { $0 }
  }

  /// The number of predictions.
  public var count: Int { facts.count }

  /// Makes the logits of some rows and columns, `LogitBlocks.width` apart.
  func project(_ rows: Range<Int>, _ columns: Range<Int>, into block: UnsafeMutablePointer<Float>) {
    projection.fill(rows, columns, into: block, stride: LogitBlocks.width)
  }

  private static func facts(
    _ projection: VocabularyProjection, _ width: Int, _ rows: Range<Int>, _ labels: [Int32],
    _ temperature: Float
  ) throws -> [TokenRule.Facts] {
    let unit = LogitUnit(vocabulary: projection.columnCount)
    unit.fill(rows: rows, projection, width: width)
    var facts: [TokenRule.Facts] = []
    try unit.forEachRow(rows.count) { logits in
      facts.append(
        try TokenRule.Facts(
          logits, label: labels[rows.lowerBound + facts.count], temperature: temperature,
          position: rows.lowerBound + facts.count))
    }
    return facts
  }
}

extension TokenRule.Facts {
  /// The facts of a row of logits (V).
  fileprivate init(
    _ logits: UnsafeBufferPointer<Float>, label: Int32, temperature: Float, position: Int
  ) throws(ShardError) {
    guard let base = logits.baseAddress else { preconditionFailure("a row without logits") }
    let (count, scale) = (logits.count, 1 / temperature)
    let normalizer = ck_normalize(count, 1, base)
    guard normalizer.isFinite else { throw .invalidLogits(position: position) }
    let tempered = temperature == 1 ? normalizer : ck_normalize(count, scale, base)
    self.init(
      entropy: Float(ck_entropy(count, scale, tempered, base)),
      labelLogProbability: Float(normalizer.logProbability(base[Int(label)])),
      argmax: Int32(ck_argmax(count, base)))
  }
}
