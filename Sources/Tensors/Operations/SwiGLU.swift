import Base
import CKernels

/// `silu(gate) ⊙ up`, the gated half of a SwiGLU feed-forward, from both side by side: x (N, 2F),
/// the gate in the first F columns.
package func swiGLU(packed x: Tensor) -> Tensor {
  let (N, F) = (x.rows, x.columns / 2)
  return .apply([x], shape: [N, F], mayRepeat: true) { y in
    let (gate, up) = (x.values, x.values + F)
    Parallel.rows(N, columns: F) { rows in
      let (at, out) = (rows.lowerBound * 2 * F, rows.lowerBound * F)
      ck_swiglu(rows.count, F, 2 * F, gate + at, up + at, y + out)
    }
  } backward: { y in
    let (gate, up, dy) = (x.values, x.values + F, y.gradient)
    x.receiveGradient { dx, adding in
      Parallel.rows(N, columns: F) { rows in
        let (at, out) = (rows.lowerBound * 2 * F, rows.lowerBound * F)
        ck_swiglu_backward(
          rows.count, F, 2 * F, gate + at, up + at, dy + out, adding, dx + at, dx + F + at)
      }
    }
  }
}
