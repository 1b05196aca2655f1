import Shards
import Tensors

/// The logits of a teacher's whole distributions for a chunk of predictions.
struct TeacherLogits {
  private let blocks: LogitBlocks
  private let sums: RowSums
  private let signal: TeacherSignal
  private let temperature: Float

  /// Room for the rows of a chunk, in some groups of columns.
  init(_ signal: TeacherSignal, rows: Int, vocabulary: Int, groups: Int, temperature: Float) {
    blocks = LogitBlocks(rows: rows, vocabulary: vocabulary)
    sums = RowSums(rows, groups)
    self.signal = signal
    self.temperature = temperature
  }

  /// Makes the logits of some columns, which lie in one block of one group; sparse rows have none.
  func fill(_ rows: Range<Int>, _ columns: Range<Int>, group: Int) {
    for (part, first, run) in signal.segments(of: rows) {
      let offset = run.lowerBound - rows.lowerBound
      let base = blocks.base(of: columns) + offset * LogitBlocks.width
      switch part {
      case .stored(.sparse): continue
      case .stored(.dense(let targets)):
        for row in run.indices {
          let index = row - run.lowerBound
          targets.copyLogProbabilities(
            first + index, columns, to: base + index * LogitBlocks.width)
        }
        sums.add(run.count, columns.count, base, scale: 1, group, from: offset)
      case .live(let targets):
        precondition(targets.temperature == temperature, "teacher and loss at two temperatures")
        targets.project(first..<(first + run.count), columns, into: base)
        sums.add(run.count, columns.count, base, scale: 1 / temperature, group, from: offset)
      }
    }
  }

  /// The distribution of a prediction, which is row `index` of the chunk; nil where it is sparse.
  func row(_ prediction: Int, index: Int) -> ScaledRow? {
    guard let scale = scale(prediction) else { return nil }
    return ScaledRow(
      row: blocks.row(index), scale: scale, normalizer: sums.normalizer(index, scale: scale))
  }

  /// The factor of a row's logits: stored ones are at the temperature already.
  private func scale(_ prediction: Int) -> Float? {
    switch signal.part(prediction) {
    case .stored(.sparse): nil
    case .stored(.dense): 1
    case .live: 1 / temperature
    }
  }
}

extension DenseTargets {
  /// Copies the log-probabilities of some columns as they are stored, rounded to float16.
  ///
  /// A probability of 0, which a masked logit leaves, has no logarithm: e⁻¹⁰⁰ stands for it.
  fileprivate func copyLogProbabilities(
    _ row: Int, _ columns: Range<Int>, to target: UnsafeMutablePointer<Float>
  ) {
    logProbabilities.withUnsafeBufferPointer { stored in
      let start = row * vocabularySize + columns.lowerBound
      for index in 0..<columns.count { target[index] = max(Float(stored[start + index]), -100) }
    }
  }
}
