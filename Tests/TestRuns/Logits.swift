import Foundation
package import Models
import Tensors
package import Text

/// The logits of each prediction of a window, in float64.
package func logitRows(_ model: Models.Decoder, _ window: PackedSequence) -> [[Double]] {
  let logits = model.logits(TokenBatch([window]))
  let values = logits.array.map(Double.init)
  return stride(from: 0, to: values.count, by: logits.columns).map {
    Array(values[$0..<($0 + logits.columns)])
  }
}

/// log Σ e^z.
package func logSumExp(_ logits: [Double]) -> Double {
  let peak = logits.max() ?? 0
  return peak + log(logits.reduce(0) { $0 + exp($1 - peak) })
}

/// The distribution of logits.
package func softmax(_ logits: [Double]) -> [Double] {
  let normalizer = logSumExp(logits)
  return logits.map { exp($0 - normalizer) }
}
