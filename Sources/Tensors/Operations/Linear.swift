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

/// One matrix per group of rows: rows `offsets[e] ..< offsets[e + 1]` of x times `weight[e]`.
///
/// x (N, I), weight (E, I, O) with the input axis first, as Llama 4 stores its experts
/// (docs/llama4.md §2.7), or with `outputFirst` (E, O, I). Empty groups cost nothing.
package func groupedLinear(
  _ x: Tensor, _ weight: Tensor, offsets: [Int], outputFirst: Bool = false,
  precision: Precision = .float32
) -> Tensor {
  let matrices = Matrices(weight, outputFirst: outputFirst)
  let (I, O) = (matrices.inputs, matrices.outputs)
  precondition(x.columns == I, "groupedLinear: \(x.shape) × \(weight.shape)")
  precondition(
    offsets.count == weight.shape[0] + 1 && offsets.first == 0 && offsets.last == x.rows,
    "group offsets")
  return .apply([x, weight], shape: [x.rows, O]) { y in
    let values = x.values
    forEachGroup(offsets, extent: O) { e, rows, part in
      gemm(
        rows.count, part.count, I, Operand(values + rows.lowerBound * I, stride: I),
        matrices.operand(e, outputs: part.lowerBound),
        precision: precision, into: y + rows.lowerBound * O + part.lowerBound, stride: O)
    }
  } backward: { y in
    let dy = y.gradient
    if x.requiresGradient {
      x.receiveGradient { dx, adding in
        forEachGroup(offsets, extent: I) { e, rows, part in
          gemm(
            rows.count, part.count, O, Operand(dy + rows.lowerBound * O, stride: O),
            matrices.operand(e, inputs: part.lowerBound, transposed: true), adding: adding,
            precision: precision, into: dx + rows.lowerBound * I + part.lowerBound, stride: I)
        }
      }
    }
    if weight.requiresGradient {
      let (values, dweight) = (x.values, weight.gradient)
      // The rows of the gradient are the weight's: its inputs, or its outputs.
      let (left, L) = outputFirst ? (dy, O) : (values, I)
      let (right, R) = outputFirst ? (values, I) : (dy, O)
      forEachGroup(offsets, extent: L) { e, rows, part in
        gemm(
          part.count, R, rows.count,
          Operand(left + rows.lowerBound * L + part.lowerBound, stride: L, transposed: true),
          Operand(right + rows.lowerBound * R, stride: R), adding: true,
          precision: precision, into: dweight + (e * L + part.lowerBound) * R, stride: R)
      }
    }
  }
}

/// A matrix for each group, with the input axis first or last.
private struct Matrices {
  let weight: Tensor
  let outputFirst: Bool

  init(_ weight: Tensor, outputFirst: Bool) {
    self.weight = weight
    self.outputFirst = outputFirst
  }

  var inputs: Int { weight.shape[outputFirst ? 2 : 1] }
  var outputs: Int { weight.shape[outputFirst ? 1 : 2] }

  /// A group's matrix (inputs, outputs) from an input and an output on, or its transpose.
  func operand(
    _ group: Int, inputs first: Int = 0, outputs column: Int = 0, transposed: Bool = false
  ) -> Operand {
    let stride = weight.shape[2]
    let place = outputFirst ? column * stride + first : first * stride + column
    return Operand(
      weight.values + group * inputs * outputs + place, stride: stride,
      transposed: transposed != outputFirst)
  }
}

/// Runs `body` for every group that has rows and every part of `extent`, spread over the threads.
///
/// A group of more than an eighth of the rows is split along `extent`, and the large ones go first,
/// which evens out groups of different sizes.
private func forEachGroup(
  _ offsets: [Int], extent: Int,
  _ body: (_ group: Int, _ rows: Range<Int>, _ part: Range<Int>) -> Void
) {
  var parts: [(group: Int, rows: Range<Int>, part: Range<Int>)] = []
  let sizes = zip(offsets, offsets.dropFirst()).map { $1 - $0 }
  let total = sizes.reduce(0, +)
  let order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
  for group in order where sizes[group] > 0 {
    let rows = offsets[group]..<offsets[group + 1]
    let count = partCount(extent: extent, rows: sizes[group], of: total)
    for part in 0..<count {
      parts.append((group, rows, (extent * part / count)..<(extent * (part + 1) / count)))
    }
  }
  let work = parts
  Parallel.forEach(work.count) { body(work[$0].group, work[$0].rows, work[$0].part) }
}

/// The number of parts that a group of so many of all rows is split into, where threads share them.
private func partCount(extent: Int, rows: Int, of total: Int) -> Int {
  Parallel.availableThreads == 1 ? 1 : max(1, min(extent / 128, rows * 8 / total))
}
