import Foundation
import Shards
import Tensors

/// A teacher's stored distribution at one prediction, dense or sparse.
struct StoredRow {
  private let targets: Targets
  private let row: Int
  private let threshold: Float

  init(_ targets: Targets, _ row: Int, threshold: Float) {
    (self.targets, self.row, self.threshold) = (targets, row, threshold)
  }

  func compare(_ q: LogitRow) -> PredictionComparison {
    switch targets {
    case .sparse(let sparse): compare(q, sparse)
    case .dense(let dense): compare(q, dense)
    }
  }

  /// KL is exact on average; a single prediction may come out negative (DESIGN §5).
  private func compare(_ q: LogitRow, _ sparse: SparseTargets) -> PredictionComparison {
    var kl = -Double(sparse.entropy[row])
    var (shared, teacherHead, studentHead) = (0.0, 0.0, 0.0)
    for entry in sparse.entries(of: row) {
      let (id, t) = (Int(sparse.ids[entry]), Double(sparse.values[entry]))
      let logQ = q.logProbability(id)
      kl -= t * logQ
      guard sparse.values[entry] > threshold || sparse.ids[entry] == sparse.argmax[row] else {
        continue
      }
      let qi = exp(logQ)
      (shared, teacherHead, studentHead) = (
        shared + min(t, qi), teacherHead + t, studentHead + qi
      )
    }
    return PredictionComparison(
      kl: kl, agrees: Int(sparse.argmax[row]) == q.argmax,
      acceptance: shared + max(0, min(1 - teacherHead, 1 - studentHead)), isBound: true)
  }

  private func compare(_ q: LogitRow, _ dense: DenseTargets) -> PredictionComparison {
    let p = dense.probabilities(at: row)
    let logits = Tensor([p.count], p.map { $0 > 0 ? log($0) : -100 })
    return logits.withValues { values in
      guard let base = values.baseAddress else {
        return PredictionComparison(kl: 0, agrees: true, acceptance: 1, isBound: false)
      }
      return q.compared(with: LogitRow(base, count: p.count, owner: logits.storage))
    }
  }
}
