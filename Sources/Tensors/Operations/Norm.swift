import Base
import CKernels

/// RMS norm over runs of `width` features: `x · rsqrt(mean(x²) + eps) · weight`.
///
/// It is docs/llama4.md §2.1. `width` defaults to the last axis. Without a weight it is the QK norm
/// of Llama 4 (docs/llama4.md §2.3), where the width is that of a head.
package func rmsNorm(_ x: Tensor, _ weight: Tensor?, eps: Float, width: Int? = nil) -> Tensor {
  let C = width ?? x.columns
  let N = x.count / C
  precondition(weight.map { $0.count == C } ?? true, "rmsNorm: width \(C), \(x.shape)")
  let rstd = Storage(count: N)
  return .apply([x] + (weight.map { [$0] } ?? []), shape: x.shape, mayRepeat: true) { y in
    let values = x.values
    Parallel.rows(N, columns: C) { rows in
      let first = rows.lowerBound
      ck_rms_norm(
        rows.count, C, values + first * C, weight?.values, eps, rstd.base + first, y + first * C)
    }
  } backward: { y in
    let (values, dy) = (x.values, y.gradient)
    if x.requiresGradient {
      x.receiveGradient { dx, adding in
        Parallel.rows(N, columns: C) { rows in
          let first = rows.lowerBound
          ck_rms_norm_backward(
            rows.count, C, values + first * C, weight?.values, rstd.base + first, dy + first * C,
            adding, dx + first * C)
        }
      }
    }
    if let weight, weight.requiresGradient {
      let dweight = weight.gradient
      let run = 64  // By columns, so that no two threads add into the same place.
      Parallel.forEach((C + run - 1) / run) { index in
        ck_rms_norm_weight_backward(
          N, C, index * run, min(C, (index + 1) * run), values, rstd.base, dy, dweight)
      }
    }
  }
}
