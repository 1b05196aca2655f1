import Foundation
import Losses
import Shards
import Tensors

/// A teacher's stored distribution at one prediction, dense or sparse.
struct StoredRow {
  private let targets: Targets
  private let row: Int
  /// The probability above which sparse entries are exact; nil where none are.
  private let threshold: Float?

  init(_ targets: Targets, _ row: Int, threshold: Float?) {
    self.targets = targets
    self.row = row
    self.threshold = threshold
  }

  /// The teacher's own NLL of the token that truly follows, at temperature 1.
  var negativeLogLikelihood: Double {
    switch targets {
    case .sparse(let sparse): -Double(sparse.nextLogProbability[row])
    case .dense(let dense): -Double(dense.nextLogProbability[row])
    }
  }

  func compare(_ q: LogitRow) -> PredictionComparison {
    switch targets {
    case .sparse(let sparse): sparse.isTruncated ? compareBucketed(q, sparse) : compare(q, sparse)
    case .dense(let dense): compare(q, dense)
    }
  }

  /// KL is exact on average; a single prediction may come out negative (docs/design.md,
  /// "What sparse targets say").
  private func compare(_ q: LogitRow, _ sparse: SparseTargets) -> PredictionComparison {
    let (ids, values) = sparse.row(row)
    let kl = zip(ids, values).reduce(-Double(sparse.entropy[row])) {
      $0 - Double($1.1) * q.logProbability(Int($1.0))
    }
    return PredictionComparison(
      kl: kl, agrees: Int(sparse.argmax[row]) == q.argmax, acceptance: overlap(q, sparse),
      greedyAcceptance: greedyAcceptance(q, sparse))
  }

  /// The kept tokens and all others as one class; where none are left, as any sparse row.
  private func compareBucketed(_ q: LogitRow, _ sparse: SparseTargets) -> PredictionComparison {
    let (ids, values) = sparse.row(row)
    let outside = q.logProbability(outside: ids)
    guard outside > -.infinity else { return compare(q, sparse) }
    let bucket = TailBucket(
      zip(ids, values).map { id, value in
        TailBucket.Entry(
          column: id, teacher: Double(value), logStudent: q.logProbability(Int(id)))
      }, logStudentMass: outside)
    return PredictionComparison(
      kl: bucket.divergence, klIsLowerBound: true, agrees: Int(sparse.argmax[row]) == q.argmax,
      acceptance: overlap(q, sparse), greedyAcceptance: greedyAcceptance(q, sparse))
  }

  /// The bounds of Σ min(p, q): below, the stored entries; above, the exact ones on their own and
  /// all other tokens as one.
  private func overlap(_ q: LogitRow, _ sparse: SparseTargets) -> Acceptance {
    var (stored, shared, teacherHead, studentHead) = (0.0, 0.0, 0.0, 0.0)
    for (id, value) in zip(sparse.row(row).ids, sparse.row(row).values) {
      let (teacher, student) = (Double(value), exp(q.logProbability(Int(id))))
      stored += min(teacher, student)
      guard let threshold, value > threshold || id == sparse.argmax[row] else { continue }
      shared += min(teacher, student)
      (teacherHead, studentHead) = (teacherHead + teacher, studentHead + student)
    }
    guard threshold != nil else { return .between(stored, nil) }
    return .between(stored, shared + max(0, min(1 - teacherHead, 1 - studentHead)))
  }

  /// The stored value at q's most probable token; where truncated targets lack it, no more than
  /// their least one, nor than what they leave.
  private func greedyAcceptance(_ q: LogitRow, _ sparse: SparseTargets) -> Acceptance {
    let (ids, values) = sparse.row(row)
    if let place = ids.firstIndex(of: Int32(q.argmax)) { return .known(Double(values[place])) }
    guard sparse.isTruncated else { return .known(0) }
    let rest = max(0, 1 - values.reduce(0) { $0 + Double($1) })
    return .between(0, min(rest, values.min().map(Double.init) ?? rest))
  }

  private func compare(_ q: LogitRow, _ dense: DenseTargets) -> PredictionComparison {
    let p = dense.probabilities(at: row)
    let logits = Tensor([p.count], p.map { $0 > 0 ? log($0) : -100 })
    return logits.withValues { values in
      guard let base = values.baseAddress else {
        return PredictionComparison(
          kl: 0, klIsExact: true, agrees: true, acceptance: .known(1), greedyAcceptance: .known(1))
      }
      // Two tokens whose float16 is the same are told apart by what was stored of the logits.
      let teacher = LogitRow(
        base, count: p.count, owner: logits.storage, argmax: Int(dense.argmax[row]))
      return q.compared(with: teacher)
    }
  }
}
