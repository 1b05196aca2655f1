import Base
import CKernels

/// `silu(gate) ⊙ up`, the gated half of a SwiGLU feed-forward, from both side by side: x (N, 2F),
/// the gate in the first F columns.
package func swiGLU(packed x: Tensor) -> Tensor {
  let (N, F) = (x.rows, x.columns / 2)
  return .apply([x], shape: [N, F], mayRepeat: true) { y in
    swiGLU(N, F, stride: 2 * F, x.values, x.values + F, y)
  } backward: { y in
    x.receiveGradient { dx, adding in
      swiGLUBackward(
        N, F, stride: 2 * F, x.values, x.values + F, y.gradient, adding: adding, dx, dx + F)
    }
  }
}

private func swiGLU(
  _ rows: Int, _ columns: Int, stride: Int, _ gate: UnsafePointer<Float>,
  _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  Parallel.rows(rows, columns: columns) { range in
    let (at, out) = (range.lowerBound * stride, range.lowerBound * columns)
    ck_swiglu(range.count, columns, stride, gate + at, up + at, y + out)
  }
}

private func swiGLUBackward(
  _ rows: Int, _ columns: Int, stride: Int, _ gate: UnsafePointer<Float>,
  _ up: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, adding: Bool,
  _ dgate: UnsafeMutablePointer<Float>,
  _ dup: UnsafeMutablePointer<Float>
) {
  Parallel.rows(rows, columns: columns) { range in
    let (at, out) = (range.lowerBound * stride, range.lowerBound * columns)
    ck_swiglu_backward(
      range.count, columns, stride, gate + at, up + at, dy + out, adding, dgate + at, dup + at)
  }
}
