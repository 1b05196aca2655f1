import Foundation
import Tensors

/// The mean cross-entropy of logits (N, V), for tests only; rows whose label is nil do not count.
func crossEntropy(_ logits: Tensor, _ labels: [Int32?]) -> Tensor {
  let (N, V) = (logits.rows, logits.columns)
  let counted = Float(labels.count { $0 != nil })
  let values = logits.array
  var probabilities = values
  var loss = 0.0
  for (n, label) in labels.enumerated() {
    let row = values[(n * V)..<((n + 1) * V)].map(Double.init)
    let peak = row.reduce(-.infinity, max)
    let logSumExp = peak + log(row.reduce(0) { $0 + exp($1 - peak) })
    if let label { loss += logSumExp - row[Int(label)] }
    for c in 0..<V { probabilities[n * V + c] = Float(exp(row[c] - logSumExp)) }
  }
  return .apply([logits], shape: [1]) {
    $0[0] = Float(loss) / counted
  } backward: { y in
    let (scale, slope) = (y.gradient[0] / counted, logits.gradient)
    for n in 0..<N {
      guard let label = labels[n] else { continue }
      for c in 0..<V {
        slope[n * V + c] += scale * (probabilities[n * V + c] - (c == Int(label) ? 1 : 0))
      }
    }
  }
}

/// Each token's successor in its document; none for the last one.
func nextTokens(_ documents: [[Int32]]) -> [Int32?] {
  documents.flatMap { $0.dropFirst().map { $0 } + [nil] }
}
