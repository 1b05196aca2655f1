import Base
import CKernels

/// Rows of x (N, C) at `indices`: an embedding look-up, or the dispatch of tokens to experts.
package func gather(_ x: Tensor, _ indices: [Int32]) -> Tensor {
  let C = x.columns
  precondition(indices.allSatisfy { $0 >= 0 && Int($0) < x.rows }, "gather: row out of range")
  return .apply([x], shape: [indices.count, C], mayRepeat: true) { y in
    let values = x.values
    Parallel.rows(indices.count, columns: C) { rows in
      for n in rows { (y + n * C).update(from: values + Int(indices[n]) * C, count: C) }
    }
  } backward: { y in
    let (dy, dx) = (y.gradient, x.gradient)
    for (n, i) in indices.enumerated() { ck_add(C, dy + n * C, dx + Int(i) * C) }
  }
}

/// `base` (N, C) with row n of x added into row `indices[n]`: the return of tokens from experts.
package func scatterAdd(_ x: Tensor, _ indices: [Int32], to base: Tensor) -> Tensor {
  let C = x.columns
  precondition(indices.allSatisfy { $0 >= 0 && Int($0) < base.rows }, "scatterAdd: out of range")
  return .apply([x, base], shape: base.shape) { y in
    y.update(from: base.values, count: base.count)
    for (n, i) in indices.enumerated() { ck_add(C, x.values + n * C, y + Int(i) * C) }
  } backward: { y in
    let dy = y.gradient
    if x.requiresGradient {
      x.receiveGradient { dx, adding in
        Parallel.rows(indices.count, columns: C) { rows in
          for n in rows {
            let (source, target) = (dy + Int(indices[n]) * C, dx + n * C)
            if adding { ck_add(C, source, target) } else { target.update(from: source, count: C) }
          }
        }
      }
    }
    if base.requiresGradient { base.receiveGradient(of: y) }
  }
}

/// Row n of x times `scale[n]`, a learned factor.
package func scaleRows(_ x: Tensor, by scale: Tensor) -> Tensor {
  let (N, C) = (x.rows, x.columns)
  precondition(scale.count == N, "scaleRows: \(scale.count) factors for \(N) rows")
  return .apply([x, scale], shape: x.shape, mayRepeat: true) { y in
    let values = x.values
    Parallel.rows(N, columns: C) { rows in
      let at = rows.lowerBound
      ck_scale_rows(rows.count, C, values + at * C, scale.values + at, y + at * C)
    }
  } backward: { y in
    func propagate(to dx: UnsafeMutablePointer<Float>?, adding: Bool) {
      let (values, dy) = (x.values, y.gradient)
      let dscale = scale.requiresGradient ? scale.gradient : nil
      Parallel.rows(N, columns: C) { rows in
        let at = rows.lowerBound
        ck_scale_rows_backward(
          rows.count, C, values + at * C, scale.values + at, dy + at * C, adding,
          dx.map { $0 + at * C }, dscale.map { $0 + at })
      }
    }
    if x.requiresGradient {
      x.receiveGradient { dx, adding in propagate(to: dx, adding: adding) }
    } else {
      propagate(to: nil, adding: false)
    }
  }
}

/// Row n of x times `scale[n]`, a constant: Llama 4's temperature tuning (docs/llama4.md §2.3).
package func scaleRows(_ x: Tensor, by scale: [Float]) -> Tensor {
  scaleRows(x, by: Tensor([scale.count], scale))
}
