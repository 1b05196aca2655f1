import Distillation
import Foundation
import Models
import Shards
import Tensors
import Text

/// An evaluation as the definitions say it, in float64 over whole distributions.
struct EvaluationReference {
  private(set) var nll: [Double] = []
  private(set) var positions: [[Double]] = []
  private(set) var divergences: [Double] = []
  private(set) var agreements = 0
  private(set) var overlaps: [Double] = []
  private var confidences: [(peak: Double, isRight: Bool)] = []

  /// Scores windows; the teacher's distribution at a window and a row, if there is one.
  init(
    _ model: Models.Decoder, _ windows: [PackedSequence],
    teacher: ((_ window: Int, _ row: Int) -> [Double])? = nil, temperature: Double = 1
  ) {
    for (index, window) in windows.enumerated() {
      let rows = logitRows(model, window)
      for (row, label) in window.labels.enumerated() where window.lossMask?[row] ?? true {
        add(rows[row], label: Int(label), position: Int(window.positions[row]))
        if let teacher {
          compare(softmax(rows[row].map { $0 / temperature }), with: teacher(index, row))
        }
      }
    }
  }

  private mutating func add(_ logits: [Double], label: Int, position: Int) {
    let q = softmax(logits)
    nll.append(-log(q[label]))
    while positions.count <= position { positions.append([]) }
    positions[position].append(-log(q[label]))
    confidences.append((q.max() ?? 0, q.firstIndex(of: q.max() ?? 0) == label))
  }

  private mutating func compare(_ q: [Double], with p: [Double]) {
    divergences.append(zip(p, q).reduce(0) { $1.0 > 0 ? $0 + $1.0 * log($1.0 / $1.1) : $0 })
    overlaps.append(zip(p, q).reduce(0) { $0 + min($1.0, $1.1) })
    if p.firstIndex(of: p.max() ?? 0) == q.firstIndex(of: q.max() ?? 0) { agreements += 1 }
  }

  /// Σ over 15 bins of their share times |mean confidence − accuracy|.
  var calibrationError: Double {
    (0..<15).reduce(0) { sum, bin in
      let inside = confidences.filter { min(14, Int($0.peak * 15)) == bin }
      guard !inside.isEmpty else { return sum }
      let (n, all) = (Double(inside.count), Double(confidences.count))
      let confidence = inside.reduce(0) { $0 + $1.peak } / n
      return sum + n / all * abs(confidence - Double(inside.count { $0.isRight }) / n)
    }
  }

  /// The standard error of the mean divergence.
  var divergenceError: Double {
    let center = mean(divergences)
    let squares = divergences.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let n = Double(divergences.count)
    return (squares / (n - 1) / n).squareRoot()
  }
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// The logits of each prediction of a window, in float64.
func logitRows(_ model: Models.Decoder, _ window: PackedSequence) -> [[Double]] {
  let logits = model.logits(TokenBatch([window]))
  let values = logits.array.map(Double.init)
  return stride(from: 0, to: values.count, by: logits.columns).map {
    Array(values[$0..<($0 + logits.columns)])
  }
}
