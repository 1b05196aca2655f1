import Base
import CKernels

/// `y = x Wᵀ`, or `y = residual + x Wᵀ`, with x (N, I) and W (O, I).
public func linear(
  _ x: Tensor, _ weight: Tensor, adding residual: Tensor? = nil, precision: Precision = .float32
) -> Tensor {
  let (N, I, O) = (x.rows, x.columns, weight.shape[0])
  precondition(weight.shape[1] == I, "linear: \(x.shape) × \(weight.shape)ᵀ")
  precondition(residual.map { $0.count == N * O } ?? true, "linear: the residual is not (N, O)")
  let inputs = residual.map { [x, weight, $0] } ?? [x, weight]
  return .apply(inputs, shape: [N, O]) { y in
    if let residual { y.update(from: residual.values, count: N * O) }
    gemm(
      N, O, I, Operand(x.values, stride: I), Operand(weight.values, stride: I, transposed: true),
      adding: residual != nil, precision: precision, into: y, stride: O)
  } backward: { y in
    let dy = y.gradient
    if x.requiresGradient {
      x.receiveGradient { dx, adding in
        gemm(
          N, I, O, Operand(dy, stride: O), Operand(weight.values, stride: I), adding: adding,
          precision: precision, into: dx, stride: I)
      }
    }
    if weight.requiresGradient {
      gemm(
        O, I, N, Operand(dy, stride: O, transposed: true), Operand(x.values, stride: I),
        adding: true, precision: precision, into: weight.gradient, stride: I)
    }
    if let residual, residual.requiresGradient { residual.receiveGradient(of: y) }
  }
}

/// `y = x Wᵀ + b`, with x (N, I), W (O, I) and b (O).
public func linear(
  _ x: Tensor, _ weight: Tensor, bias: Tensor, precision: Precision = .float32
) -> Tensor {
  let (N, O) = (x.rows, weight.shape[0])
  precondition(bias.count == O, "linear: a bias of \(bias.count) for \(weight.shape)")
  let product = linear(x, weight, precision: precision)
  defer { product.forget() }  // A sum's backward reads no values.
  return .apply([product, bias], shape: [N, O]) { y in
    y.update(from: product.values, count: N * O)
    Parallel.rows(N, columns: O) { rows in
      for n in rows { ck_add(O, bias.values, y + n * O) }
    }
  } backward: { y in
    let dy = y.gradient
    if bias.requiresGradient {
      for n in 0..<N { ck_add(O, dy + n * O, bias.gradient) }
    }
    if product.requiresGradient { product.receiveGradient(of: y) }
  }
}
