import CKernels
import Foundation
import Tensors

/// One walk through the vocabulary projection in chunks of rows.
///
/// Wide vocabularies move more memory than they multiply numbers, so the work on a chunk is done in
/// blocks of columns that stay in the second-level cache: their logits are made and summed up in
/// one go, and their gradient, made in a buffer of the cache's size, is multiplied into both
/// results at once. Neighbouring blocks form groups that are worked on in parallel and added up in
/// order, so that the bits do not depend on the number of threads.
final class VocabularyPass {
  /// The rows of a chunk: so many that reading the projection for each chunk costs little, and no
  /// more than one layout of our matrix product holds.
  static let chunkRows = 336
  private static let mostGroups = 16

  let needsGradient: Bool
  /// The gradient of the hidden states, when they need one.
  let hiddenGradient: Storage?
  private(set) var sums = LossSums()
  private let hidden, output: Tensor
  private let targets: LossTargets
  private let inverseNormalizer: Float
  private let precision: Precision
  private let chunkRows: Int
  /// The columns of each group.
  private let groups: [Range<Int>]

  init(
    _ hidden: Tensor, _ output: Tensor, _ targets: LossTargets, normalizer: Float,
    precision: Precision, chunkRows: Int
  ) {
    (self.hidden, self.output, self.targets) = (hidden, output, targets)
    (self.precision, self.chunkRows) = (precision, chunkRows)
    inverseNormalizer = 1 / normalizer
    needsGradient = hidden.requiresGradient || output.requiresGradient
    hiddenGradient = hidden.requiresGradient ? Storage(count: hidden.count) : nil
    groups = Self.groups(vocabulary: output.rows)
  }

  private static func groups(vocabulary: Int) -> [Range<Int>] {
    let blocks = (vocabulary + LogitBlocks.width - 1) / LogitBlocks.width
    let count = min(mostGroups, blocks)
    return (0..<count).map { group in
      let (first, end) = (blocks * group / count, blocks * (group + 1) / count)
      return (first * LogitBlocks.width)..<min(vocabulary, end * LogitBlocks.width)
    }
  }

  /// The loss of all rows, over the normalizer; the gradients are computed on the way.
  func run() -> Float {
    let logits = LogitBlocks(rows: min(chunkRows, hidden.rows), vocabulary: output.rows)
    var total = 0.0
    for first in stride(from: 0, to: hidden.rows, by: chunkRows) {
      let rows = first..<min(hidden.rows, first + chunkRows)
      let found = predictions(rows, logits)
      for prediction in found { total += add(prediction) }
      if needsGradient {
        Profile.backward(of: .loss) { addGradients(rows, logits, found) }
      }
    }
    return Float(total * Double(inverseNormalizer))
  }

  private func add(_ prediction: Prediction) -> Double {
    let (hard, soft) = (Double(prediction.hard), Double(prediction.soft))
    guard hard != 0 || soft != 0 else { return 0 }
    let temperature = Double(targets.temperature)
    sums.hard += prediction.hardLoss
    sums.soft += prediction.softLoss
    sums.count += 1
    return hard * prediction.hardLoss + soft * temperature * temperature * prediction.softLoss
  }

  // MARK: - Logits

  /// Makes the logits of some rows and measures each against its targets.
  private func predictions(_ rows: Range<Int>, _ logits: LogitBlocks) -> [Prediction] {
    let (plain, tempered) = (RowSums(rows.count, groups.count), RowSums(rows.count, groups.count))
    let isTempered = targets.temperature != 1
    Parallel.forEach(groups.count) { group in
      forEachBlock(of: group) { columns in
        let block = logits.base(of: columns)
        project(rows, columns, into: block)
        plain.add(rows.count, columns.count, block, scale: 1, group)
        guard isTempered else { return }
        tempered.add(rows.count, columns.count, block, scale: 1 / targets.temperature, group)
      }
    }
    return rows.indices.map { row in
      let index = row - rows.lowerBound
      let logSumExp = plain.logarithm(index)
      return Prediction(
        logits.row(index), targets, row: row, logSumExp: logSumExp,
        softLogSumExp: isTempered ? tempered.logarithm(index) : logSumExp)
    }
  }

  private func forEachBlock(of group: Int, _ body: (_ columns: Range<Int>) -> Void) {
    let end = groups[group].upperBound
    for first in stride(from: groups[group].lowerBound, to: end, by: LogitBlocks.width) {
      body(first..<min(end, first + LogitBlocks.width))
    }
  }

  private func project(
    _ rows: Range<Int>, _ columns: Range<Int>, into block: UnsafeMutablePointer<Float>
  ) {
    let D = hidden.columns
    gemm(
      rows.count, columns.count, D, Operand(hidden.values + rows.lowerBound * D, stride: D),
      Operand(output.values + columns.lowerBound * D, stride: D, transposed: true),
      precision: precision, into: block, stride: LogitBlocks.width)
  }

  // MARK: - Gradients

  /// Carries the gradient of some rows' logits on to the hidden states and to the projection.
  private func addGradients(
    _ rows: Range<Int>, _ logits: LogitBlocks, _ predictions: [Prediction]
  ) {
    let D = hidden.columns
    // A part for each group, because additions in any other order would give other bits.
    let parts = Storage(count: hiddenGradient == nil ? 0 : groups.count * rows.count * D)
    Parallel.forEach(groups.count) { group in
      let gradient = Storage(count: rows.count * LogitBlocks.width)
      forEachBlock(of: group) { columns in
        let block = logits.base(of: columns)
        for (index, prediction) in predictions.enumerated() {
          prediction.writeGradient(
            columns, of: block + index * LogitBlocks.width, scale: inverseNormalizer,
            to: gradient.base + index * columns.count)
        }
        multiply(
          rows, columns, gradient.base, isFirst: columns.lowerBound == groups[group].lowerBound,
          hiddenPart: parts.base + group * rows.count * D)
      }
    }
    guard let hiddenGradient else { return }
    addUp(parts, count: rows.count * D, into: hiddenGradient.base + rows.lowerBound * D)
  }

  /// `dh (+)= g W` and `dW += gᵀ h` for the gradient g of a block's logits.
  private func multiply(
    _ rows: Range<Int>, _ columns: Range<Int>, _ gradient: UnsafePointer<Float>, isFirst: Bool,
    hiddenPart: UnsafeMutablePointer<Float>
  ) {
    let (D, width) = (hidden.columns, columns.count)
    let at = columns.lowerBound * D
    if hiddenGradient != nil {
      gemm(
        rows.count, D, width, Operand(gradient, stride: width),
        Operand(output.values + at, stride: D), adding: !isFirst, precision: precision,
        into: hiddenPart, stride: D)
    }
    if output.requiresGradient {
      gemm(
        width, D, rows.count, Operand(gradient, stride: width, transposed: true),
        Operand(hidden.values + rows.lowerBound * D, stride: D), adding: true,
        precision: precision, into: output.gradient + at, stride: D)
    }
  }

  private func addUp(_ parts: Storage, count: Int, into sum: UnsafeMutablePointer<Float>) {
    Parallel.rows(count, columns: groups.count) { range in
      (sum + range.lowerBound).update(from: parts.base + range.lowerBound, count: range.count)
      for group in 1..<max(1, groups.count) {
        ck_add(range.count, parts.base + group * count + range.lowerBound, sum + range.lowerBound)
      }
    }
  }
}

/// The logits of some rows, block of columns by block: (blocks, rows, width).
///
/// With whole rows side by side, a block's rows would lie a multiple of the page size apart in most
/// vocabularies, and push each other out of the cache.
struct LogitBlocks {
  /// The columns of a block: 336 rows of them fit the second-level cache beside a product's layout.
  static let width = 256

  private let rows, vocabulary: Int
  private let storage: Storage

  init(rows: Int, vocabulary: Int) {
    (self.rows, self.vocabulary) = (rows, vocabulary)
    let blocks = (vocabulary + Self.width - 1) / Self.width
    storage = Storage(count: blocks * rows * Self.width)
  }

  /// The first row of the block that begins with these columns; rows are `width` apart.
  func base(of columns: Range<Int>) -> UnsafeMutablePointer<Float> {
    storage.base + columns.lowerBound * rows
  }

  func row(_ index: Int) -> Row { Row(blocks: self, index: index) }

  /// One row of all blocks.
  struct Row {
    fileprivate let blocks: LogitBlocks
    fileprivate let index: Int

    subscript(column: Int) -> Float {
      let block = column / LogitBlocks.width
      let start = (block * blocks.rows + index) * LogitBlocks.width
      return blocks.storage.base[start + column % LogitBlocks.width]
    }

    /// Σ w · logit over all columns.
    func dot(_ weights: [Float]) -> Float {
      weights.withUnsafeBufferPointer { weights in
        guard let base = weights.baseAddress else { return 0 }
        return stride(from: 0, to: weights.count, by: LogitBlocks.width).reduce(0) { sum, first in
          var part: Float = 0
          let count = min(LogitBlocks.width, weights.count - first)
          let start = first * blocks.rows + index * LogitBlocks.width
          ck_row_dots(1, count, count, base + first, blocks.storage.base + start, &part)
          return sum + part
        }
      }
    }
  }
}

/// The sums of exponentials of some rows, one for each group of columns.
private final class RowSums {
  private let rows, groups: Int
  private let sums: UnsafeMutablePointer<ck_exponential_sum>

  init(_ rows: Int, _ groups: Int) {
    (self.rows, self.groups) = (rows, groups)
    sums = .allocate(capacity: rows * groups)
    sums.initialize(
      repeating: ck_exponential_sum(peak: -.infinity, sum: 0), count: rows * groups)
  }

  deinit { sums.deallocate() }

  /// Adds a block of columns to a group's sums.
  func add(
    _ rows: Int, _ columns: Int, _ block: UnsafePointer<Float>, scale: Float, _ group: Int
  ) {
    for row in 0..<rows {
      ck_add_exponentials(
        columns, scale, block + row * LogitBlocks.width, sums + group * self.rows + row)
    }
  }

  /// The log-sum-exp of a row over all groups.
  func logarithm(_ row: Int) -> Float {
    let all = (0..<groups).map { sums[$0 * rows + row] }
    let peak = all.reduce(-Float.infinity) { max($0, $1.peak) }
    let sum = all.reduce(0.0) { $0 + $1.sum * exp(Double($1.peak - peak)) }
    return peak + Float(log(sum))
  }
}
