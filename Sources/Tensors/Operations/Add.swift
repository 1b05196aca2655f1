import CKernels

/// The elementwise sum of two tensors of one shape.
package func + (a: Tensor, b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "\(a.shape) + \(b.shape)")
  let count = a.count
  return .apply([a, b], shape: a.shape) { y in
    y.update(from: a.values, count: count)
    accumulate(b.values, into: y, count)
  } backward: { y in
    if a.requiresGradient {
      a.receiveGradient { da, adding in
        if adding {
          accumulate(y.gradient, into: da, count)
        } else {
          da.update(from: y.gradient, count: count)
        }
      }
    }
    if b.requiresGradient { b.receiveGradient(of: y) }
  }
}
