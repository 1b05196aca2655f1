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
        let p = try teacher.row(row, of: "the teacher")
        sums.add(q.compared(with: p), teacherNLL: p.negativeLogLikelihood(labels[row]))
      }
      if teacher == nil, let targets = sample.targets {
        let stored = StoredRow(targets, row, threshold: capture.threshold)
        let scaled = q.scaled(capture.temperature)
        let comparison = withExtendedLifetime(scaled) { stored.compare(scaled) }
        sums.add(comparison, teacherNLL: stored.negativeLogLikelihood)
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
