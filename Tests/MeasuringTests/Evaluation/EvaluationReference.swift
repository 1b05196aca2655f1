import Foundation
import Models
import TestRuns
import TestSupport
import Text

/// An evaluation as the definitions say it, in float64 over whole distributions.
struct EvaluationReference {
  private(set) var nll: [Double] = []
  private(set) var positions: [[Double]] = []
  private(set) var divergences: [Double] = []
  private(set) var agreements = 0
  /// Of each prediction, whether teacher and model agree, and its fragment.
  private var agreed: [Double] = []
  private var fragments: [Int] = []
  private(set) var overlaps: [Double] = []
  /// Of each prediction, the teacher's probability of the model's favourite.
  private(set) var greedyAcceptances: [Double] = []
  private var confidences: [(peak: Double, isRight: Bool)] = []

  /// Scores windows; the teacher's distribution at a window and a row, if there is one.
  init(
    _ model: Models.Decoder, _ windows: [PackedSequence],
    teacher: ((_ window: Int, _ row: Int) -> [Double])? = nil, temperature: Double = 1
  ) {
    for (index, window) in windows.enumerated() {
      let rows = logitRows(model, window)
      var fragment = 1000 * index
      for (row, label) in window.labels.enumerated() {
        if window.positions[row] == 0 { fragment += 1 }
        guard window.lossMask?[row] ?? true else { continue }
        fragments.append(fragment)
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
    greedyAcceptances.append(p[q.firstIndex(of: q.max() ?? 0) ?? 0])
    if p.firstIndex(of: p.max() ?? 0) == q.firstIndex(of: q.max() ?? 0) { agreements += 1 }
    agreed.append(p.firstIndex(of: p.max() ?? 0) == q.firstIndex(of: q.max() ?? 0) ? 1 : 0)
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

  /// The standard errors of the means, over fragments.
  var nllError: Double { error(of: nll) }
  var divergenceError: Double { error(of: divergences) }
  var agreementError: Double { error(of: agreed) }
  var overlapError: Double { error(of: overlaps) }
  var greedyAcceptanceError: Double { error(of: greedyAcceptances) }

  /// Each fragment's sum less what its length would have at the mean, as one draw.
  private func error(of values: [Double]) -> Double {
    let center = mean(values)
    var residuals: [Int: Double] = [:]
    for (value, fragment) in zip(values, fragments) {
      residuals[fragment, default: 0] += value - center
    }
    let D = Double(residuals.count)
    let squares = residuals.values.reduce(0) { $0 + $1 * $1 }
    return (squares * D / (D - 1)).squareRoot() / Double(values.count)
  }
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
