import Base
import CKernels
import Shards
public import Tensors

/// A live teacher's distributions of consecutive predictions: what they are computed from.
///
/// Its logits are made again, chunk by chunk, where the loss needs them, so that nothing of the size
/// (predictions × vocabulary) is held.
public final class LiveTargets {
  /// The temperature of its distributions.
  let temperature: Float
  /// What it says about each prediction beside its distribution.
  let facts: [TokenRule.Facts]
  // Kept for their memory, which is asked for once: threads might each compute their own.
  private let hidden, output: Tensor
  private let hiddenValues, outputValues: UnsafeMutablePointer<Float>
  private let precision: Precision

  /// The targets of a teacher's final hidden states (N, D) and its projection (V, D), of which
  /// neither is trained, for the true next tokens (N).
  ///
  /// - Throws: `ShardError.invalidLogits` where a logit is no number.
  public init(
    hidden: Tensor, output: Tensor, labels: [Int32], temperature: Float,
    precision: Precision = .float32
  ) throws {
    precondition(hidden.rows == labels.count, "a label for each of the teacher's hidden states")
    (self.hidden, self.output, self.precision) = (hidden, output, precision)
    (hiddenValues, outputValues) = (hidden.values, output.values)
    self.temperature = temperature
    let units = LogitUnit.units(of: hidden.rows)
    facts = try Parallel.map(units.count) {
      try Self.facts(hidden, output, units[$0], labels, temperature, precision)
    }.flatMap { $0 }
  }

  /// The number of predictions.
  public var count: Int { facts.count }

  /// Makes the logits of some rows and columns, `LogitBlocks.width` apart.
  func project(_ rows: Range<Int>, _ columns: Range<Int>, into block: UnsafeMutablePointer<Float>) {
    let width = hidden.columns
    gemm(
      rows.count, columns.count, width,
      Operand(hiddenValues + rows.lowerBound * width, stride: width),
      Operand(outputValues + columns.lowerBound * width, stride: width, transposed: true),
      precision: precision, into: block, stride: LogitBlocks.width)
  }

  private static func facts(
    _ hidden: Tensor, _ output: Tensor, _ rows: Range<Int>, _ labels: [Int32],
    _ temperature: Float, _ precision: Precision
  ) throws -> [TokenRule.Facts] {
    let unit = LogitUnit(vocabulary: output.rows)
    for block in LogitUnit.blocks(vocabulary: output.rows, width: hidden.columns) {
      output.withValues { weight in
        guard let weight = weight.baseAddress else { return }
        unit.fill(
          block, hidden: hidden, rows: rows, weight: weight + block.lowerBound * hidden.columns,
          precision: precision)
      }
    }
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
