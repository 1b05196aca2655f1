import CKernels
import Foundation
import Losses
import Models
import Tensors

/// The logits of a batch, made some rows at a time; rows must be asked for in ascending order.
final class LogitRows {
  private let projection: VocabularyProjection
  private let chunk: Int
  private let logits: Storage
  private var first = 0
  private var filled = 0

  init(_ model: Models.Decoder, _ batch: TokenBatch, chunk: Int) {
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
      acceptance: .known(overlap(with: teacher)),
      greedyAcceptance: .known(exp(teacher.logProbability(argmax))))
  }

  /// Σ min(p, q).
  func overlap(with teacher: LogitRow) -> Double {
    ck_overlap(count, teacher.logits, teacher.normalizer, logits, normalizer)
  }
}

/// The comparison of one prediction with the teacher's.
struct PredictionComparison {
  let kl: Double
  /// Whether the divergence is that of merged classes, which the true one is not below.
  var klIsLowerBound = false
  /// Whether the divergence is this prediction's own, not one that is right on average.
  var klIsExact = false
  let agrees: Bool
  /// The acceptance of a token that is drawn from q: Σ min(p, q).
  let acceptance: Acceptance
  /// The acceptance of q's most probable token: p at it.
  let greedyAcceptance: Acceptance
}
