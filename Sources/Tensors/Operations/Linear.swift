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
