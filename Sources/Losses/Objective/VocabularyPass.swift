import Base
import CKernels
import Models
import Tensors

/// One walk through the vocabulary projection in chunks of rows.
///
/// Wide vocabularies move more memory than they multiply numbers, so the work on a chunk is done in
/// blocks of columns that about fit the second-level cache: their logits are made and summed up in
/// one go, and their gradient, made in a buffer as small, is multiplied into both results at once.
/// Neighbouring blocks form groups that are worked on in parallel and added up in
/// order, so that the bits do not depend on the number of threads.
final class VocabularyPass {
  /// The most rows of a chunk: so many that reading the projection for each chunk costs little.
  static let chunkRows = 336
  /// The most logits of a chunk, 128 MB, which binds from vocabularies of 100,000 on.
  private static let chunkLogits = 1 << 25
  private static let mostGroups = 16

  private let needsGradient: Bool
  /// The gradient of the hidden states, when they need one.
  let hiddenGradient: Storage?
  private(set) var sums = LossSums()
  private let hidden, output: Tensor
  private let targets: LossTargets
  private let inverseNormalizer: Float
  private let precision: Precision
  private let chunkRows: Int
  private let projection: VocabularyProjection
  // Asked for once: threads that ask for a computed tensor's memory might each make their own.
  private let hiddenValues, outputValues: UnsafeMutablePointer<Float>
  private let outputGradient: UnsafeMutablePointer<Float>?
  /// The columns of each group.
  private let groups: [Range<Int>]

  /// A walk for some hidden states (N, D) and the projection (V, D).
  init(
    _ hidden: Tensor, _ output: Tensor, _ targets: LossTargets, normalizer: Float,
    precision: Precision, chunkRows: Int
  ) {
    self.hidden = hidden
    self.output = output
    self.targets = targets
    self.precision = precision
    // A whole teacher's rows are as large as the student's.
    let kinds = targets.signal?.hasWholeRows == true ? 2 : 1
    let most = max(64, Self.chunkLogits / (kinds * output.rows))
    self.chunkRows = min(chunkRows, most)
    projection = VocabularyProjection(hidden: hidden, weight: output, precision: precision)
    hiddenValues = hidden.values
    outputValues = output.values
    outputGradient = output.requiresGradient ? output.gradient : nil
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
    let (hardTerm, softTerm) = (
      hard * prediction.hardLoss,
      soft == 0 ? 0 : soft * temperature * temperature * prediction.softLoss
    )
    sums.hard += prediction.hardLoss
    sums.soft += prediction.softLoss
    sums.teacherHard += prediction.teacherHardLoss
    sums.hardWeight += hard
    sums.softWeight += soft
    sums.hardTerm += hardTerm
    sums.softTerm += softTerm
    sums.count += 1
    return hardTerm + softTerm
  }

  // MARK: - Logits

  /// Makes the logits of some rows and measures each against its targets.
  private func predictions(_ rows: Range<Int>, _ logits: LogitBlocks) -> [Prediction] {
    let (plain, tempered) = (RowSums(rows.count, groups.count), RowSums(rows.count, groups.count))
    let isTempered = targets.temperature != 1
    let teacher = teacherLogits(rows.count)
    Parallel.forEach(groups.count) { group in
      forEachBlock(of: group) { columns in
        let block = logits.base(of: columns)
        projection.fill(rows, columns, into: block, stride: LogitBlocks.width)
        plain.add(rows.count, columns.count, block, scale: 1, group)
        teacher?.fill(rows, columns, group: group)
        guard isTempered else { return }
        tempered.add(rows.count, columns.count, block, scale: 1 / targets.temperature, group)
      }
    }
    var predictions = [Prediction?](repeating: nil, count: rows.count)
    predictions.withUnsafeMutableBufferPointer { buffer in
      let buffer = buffer
      Parallel.forEach(rows.count) { index in
        let row = rows.lowerBound + index
        let student = ScaledRow(
          row: logits.row(index), scale: 1, normalizer: plain.normalizer(index, scale: 1))
        buffer[index] = Prediction(
          targets, row: row, student: student,
          tempered: isTempered
            ? ScaledRow(
              row: student.row, scale: 1 / targets.temperature,
              normalizer: tempered.normalizer(index, scale: 1 / targets.temperature)) : student,
          teacher: teacher?.row(row, index: index))
      }
    }
    return predictions.compactMap { $0 }
  }

  /// Room for the teacher's logits of a chunk, where it has any.
  private func teacherLogits(_ rows: Int) -> TeacherLogits? {
    guard let signal = targets.signal, signal.hasWholeRows else { return nil }
    return TeacherLogits(
      signal, rows: rows, vocabulary: output.rows, groups: groups.count,
      temperature: targets.temperature)
  }

  private func forEachBlock(of group: Int, _ body: (_ columns: Range<Int>) -> Void) {
    let end = groups[group].upperBound
    for first in stride(from: groups[group].lowerBound, to: end, by: LogitBlocks.width) {
      body(first..<min(end, first + LogitBlocks.width))
    }
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
        Operand(outputValues + at, stride: D), adding: !isFirst, precision: precision,
        into: hiddenPart, stride: D)
    }
    if let outputGradient {
      gemm(
        width, D, rows.count, Operand(gradient, stride: width, transposed: true),
        Operand(hiddenValues + rows.lowerBound * D, stride: D), adding: true,
        precision: precision, into: outputGradient + at, stride: D)
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
