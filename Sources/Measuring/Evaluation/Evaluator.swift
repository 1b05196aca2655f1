import Base
import CKernels
public import Capture
import Foundation
import Losses
public import Models
public import Shards
import Tensors
public import Text

/// Scores a model on windows of text, against the text and against a teacher.
///
/// ```swift
/// let packed = try PackedData.load(
///   paths: ["held-out.jsonl"], tokenizer: tokenizer, length: 512, documentsApart: true)
/// let report = try Evaluator(student, against: .live(teacher)).evaluate(packed.sequences)
/// print("NLL \(report.nll), KL \(report.teacher?.kl ?? 0) nats")
/// ```
public struct Evaluator {
  /// The reference that a model is scored against.
  public enum Reference {
    /// The text alone.
    case text
    /// A teacher that runs beside it.
    case live(Decoder)
    /// Stored targets, one for each window, captured at this temperature; the entries of sparse
    /// ones are exact above this probability, none are where it is nil.
    case stored([Targets], threshold: Float?, temperature: Float = 1)
    /// The same with the targets that come with each window.
    case sampled(threshold: Float?, temperature: Float)
  }

  private static let rowsPerProduct = 64

  private let model: Decoder
  private let reference: Reference

  /// An evaluator of a model.
  public init(_ model: Decoder, against reference: Reference = .text) {
    self.model = model
    self.reference = reference
  }

  /// Scores every window; masked predictions do not count.
  ///
  /// Each window is scored on one thread, so the figures are the same for any number of threads.
  ///
  /// - Throws: `NonFiniteLogitsError`.
  public func evaluate(
    _ windows: [PackedSequence], progress: (_ tokens: Int) -> Void = { _ in }
  ) throws -> EvaluationReport {
    try evaluate(
      count: windows.count,
      read: { TrainingSample(sequence: windows[$0], targets: storedTargets?[$0]) },
      progress: progress)
  }

  /// Scores windows that are read one by one, so that few of them are in memory at once.
  ///
  /// - Throws: what `read` throws, and `NonFiniteLogitsError`.
  public func evaluate(
    count: Int, read: (Int) throws -> TrainingSample,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) throws -> EvaluationReport {
    var sums = EvaluationSums()
    let batch = 4 * Parallel.threadCount
    for first in stride(from: 0, to: count, by: batch) {
      let parts = try Parallel.map(min(batch, count - first)) { offset in
        try score(try read(first + offset))
      }
      for part in parts { sums += part }
      progress(sums.count)
    }
    return sums.report
  }

  private func score(_ sample: TrainingSample) throws -> EvaluationSums {
    let window = sample.sequence
    let batch = TokenBatch([window])
    let student = LogitRows(model, batch, chunk: Self.rowsPerProduct)
    let teacher = liveTeacher.map { LogitRows($0, batch, chunk: Self.rowsPerProduct) }
    let (labels, positions) = (window.labels, window.positions)
    var sums = EvaluationSums()
    for row in labels.indices {
      // A window that knows no document may hold several, each from its position 0.
      if row == 0 || (window.origin == nil && positions[row] == 0) {
        sums.beginDocument(window.origin)
      }
      guard window.lossMask?[row] ?? true else { continue }
      let q = try student.row(row, of: "the model")
      sums.add(nll: q.negativeLogLikelihood(labels[row]), position: Int(positions[row]))
      sums.add(confidence: q.peakProbability, isRight: q.argmax == Int(labels[row]))
      if let teacher {
        sums.add(q.compared(with: try teacher.row(row, of: "the teacher")))
      }
      if teacher == nil, let targets = sample.targets {
        let stored = StoredRow(targets, row, threshold: capture.threshold)
        let scaled = q.scaled(capture.temperature)
        sums.add(withExtendedLifetime(scaled) { stored.compare(scaled) })
      }
    }
    return sums
  }

  private var liveTeacher: Decoder? {
    guard case .live(let teacher) = reference else { return nil }
    return teacher
  }

  /// The stored targets of each window, if there are any.
  private var storedTargets: [Targets]? {
    guard case .stored(let targets, _, _) = reference else { return nil }
    return targets
  }

  /// The probability above which stored entries are exact, nil where none are, and the temperature
  /// that they were captured at.
  private var capture: (threshold: Float?, temperature: Float) {
    switch reference {
    case .stored(_, let threshold, let temperature), .sampled(let threshold, let temperature):
      (threshold, temperature)
    case .text, .live: (nil, 1)
    }
  }
}

/// The logits of a batch, made some rows at a time; rows must be asked for in ascending order.
private final class LogitRows {
  private let projection: VocabularyProjection
  private let chunk: Int
  private let logits: Storage
  private var first = 0
  private var filled = 0

  init(_ model: Decoder, _ batch: TokenBatch, chunk: Int) {
    self.chunk = chunk
    projection = VocabularyProjection(
      hidden: model(batch), weight: model.output, precision: model.precision)
    logits = Storage(count: chunk * model.config.vocabSize)
  }

  /// - Throws: `NonFiniteLogitsError`: a mean with nan in it says nothing.
  func row(_ index: Int, of name: String) throws(NonFiniteLogitsError) -> LogitRow {
    let V = projection.columnCount
    if index >= first + filled {
      first = index
      filled = min(chunk, projection.rowCount - first)
      projection.fill(first..<first + filled, 0..<V, into: logits.base, stride: V)
    }
    let row = LogitRow(logits.base + (index - first) * V, count: V, owner: logits)
    guard row.normalizer.isFinite else {
      throw NonFiniteLogitsError(model: name, position: index)
    }
    return row
  }
}

/// The logits of one prediction.
struct LogitRow {
  let logits: UnsafePointer<Float>
  let count: Int
  let normalizer: ck_normalizer
  let argmax: Int
  private let owner: Storage

  /// A row whose largest logit was found before it was rounded passes its place.
  init(_ logits: UnsafePointer<Float>, count: Int, owner: Storage, argmax: Int? = nil) {
    self.logits = logits
    self.count = count
    self.owner = owner
    normalizer = ck_normalize(count, 1, logits)
    self.argmax = argmax ?? ck_argmax(count, logits)
  }

  /// The row at a temperature: logits over T.
  func scaled(_ temperature: Float) -> LogitRow {
    guard temperature != 1 else { return self }
    let scaled = Storage(zeros: count)
    ck_add_scaled(count, 1 / temperature, logits, scaled.base)
    return LogitRow(scaled.base, count: count, owner: scaled)
  }

  func logProbability(_ id: Int) -> Double { normalizer.logProbability(logits[id]) }

  /// The log-probability of all tokens but some, which ascend, together; −∞ of none.
  func logProbability(outside ids: some Sequence<Int32>) -> Double {
    normalizer.logMass(
      ck_exponential_sum(of: count, excluding: ids) { run, sum in
        ck_add_exponentials(run.count, 1, logits + run.lowerBound, &sum)
      })
  }

  func negativeLogLikelihood(_ label: Int32) -> Double { -logProbability(Int(label)) }
  var peakProbability: Double { exp(logProbability(argmax)) }

  /// This model's q against a teacher's p.
  func compared(with teacher: LogitRow) -> PredictionComparison {
    precondition(count == teacher.count, "two distributions over the same ids")
    return PredictionComparison(
      kl: ck_kl_divergence(count, teacher.logits, teacher.normalizer, logits, normalizer),
      klIsExact: true, agrees: teacher.argmax == argmax,
      acceptance: .exact(
        // Rounding may carry a sum of probabilities a hair above 1.
        min(1, ck_overlap(count, teacher.logits, teacher.normalizer, logits, normalizer))))
  }
}

/// The comparison of one prediction with the teacher's.
struct PredictionComparison {
  /// The value of Σ min(p, q), as far as it is known.
  enum Acceptance {
    case exact(Double)
    case atMost(Double)
    case unknown
  }

  let kl: Double
  /// Whether the divergence is that of merged classes, which the true one is not below.
  var klIsLowerBound = false
  /// Whether the divergence is this prediction's own, not one that is right on average.
  var klIsExact = false
  let agrees: Bool
  let acceptance: Acceptance
}
