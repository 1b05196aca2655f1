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
      kl: kl, agrees: Int(sparse.argmax[row]) == q.argmax, acceptance: overlap(q, sparse))
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
      acceptance: overlap(q, sparse))
  }

  /// An upper bound of Σ min(p, q): the exact entries on their own, all other tokens as one.
  private func overlap(
    _ q: LogitRow, _ sparse: SparseTargets
  ) -> PredictionComparison.Acceptance {
    guard let threshold else { return .unknown }
    var (shared, teacherHead, studentHead) = (0.0, 0.0, 0.0)
    for (id, value) in zip(sparse.row(row).ids, sparse.row(row).values)
    where value > threshold || id == sparse.argmax[row] {
      let (teacher, student) = (Double(value), exp(q.logProbability(Int(id))))
      shared += min(teacher, student)
      (teacherHead, studentHead) = (teacherHead + teacher, studentHead + student)
    }
    return .atMost(shared + max(0, min(1 - teacherHead, 1 - studentHead)))
  }

  private func compare(_ q: LogitRow, _ dense: DenseTargets) -> PredictionComparison {
    let p = dense.probabilities(at: row)
    let logits = Tensor([p.count], p.map { $0 > 0 ? log($0) : -100 })
    return logits.withValues { values in
      guard let base = values.baseAddress else {
        return PredictionComparison(kl: 0, klIsExact: true, agrees: true, acceptance: .exact(1))
      }
      // Two tokens whose float16 is the same are told apart by what was stored of the logits.
      let teacher = LogitRow(
        base, count: p.count, owner: logits.storage, argmax: Int(dense.argmax[row]))
      return q.compared(with: teacher)
    }
  }
}
