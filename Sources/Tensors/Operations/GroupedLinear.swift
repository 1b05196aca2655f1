import Foundation

/// One matrix per group of rows: rows `offsets[e] ..< offsets[e + 1]` of x times `weight[e]`.
///
/// x (N, I), weight (E, I, O) with the input axis first, as Llama 4 stores its experts
/// (llama4.md §2.7). Empty groups cost nothing.
public func groupedLinear(
  _ x: Tensor, _ weight: Tensor, offsets: [Int], precision: Precision = .float32
) -> Tensor {
  let (I, O) = (weight.shape[1], weight.shape[2])
  precondition(x.columns == I, "groupedLinear: \(x.shape) × \(weight.shape)")
  precondition(offsets.count == weight.shape[0] + 1 && offsets.last == x.rows, "group offsets")
  return .apply([x, weight], shape: [x.rows, O]) { y in
    let values = x.values
    forEachGroup(offsets, extent: O) { e, rows, part in
      gemm(
        rows.count, part.count, I, Operand(values + rows.lowerBound * I, stride: I),
        Operand(weight.values + e * I * O + part.lowerBound, stride: O),
        precision: precision, into: y + rows.lowerBound * O + part.lowerBound, stride: O)
    }
  } backward: { y in
    let dy = y.gradient
    if x.requiresGradient {
      x.receiveGradient { dx, adding in
        forEachGroup(offsets, extent: I) { e, rows, part in
          gemm(
            rows.count, part.count, O, Operand(dy + rows.lowerBound * O, stride: O),
            Operand(weight.values + (e * I + part.lowerBound) * O, stride: O, transposed: true),
            adding: adding, precision: precision, into: dx + rows.lowerBound * I + part.lowerBound,
            stride: I)
        }
      }
    }
    if weight.requiresGradient {
      let (values, dweight) = (x.values, weight.gradient)
      forEachGroup(offsets, extent: I) { e, rows, part in
        gemm(
          part.count, O, rows.count,
          Operand(values + rows.lowerBound * I + part.lowerBound, stride: I, transposed: true),
          Operand(dy + rows.lowerBound * O, stride: O), adding: true,
          precision: precision, into: dweight + (e * I + part.lowerBound) * O, stride: O)
      }
    }
  }
}

/// Runs `body` for every group that has rows and every part of `extent`, spread over the threads.
///
/// The parts even out groups of different sizes; they depend on the extent only.
private func forEachGroup(
  _ offsets: [Int], extent: Int,
  _ body: (_ group: Int, _ rows: Range<Int>, _ part: Range<Int>) -> Void
) {
  let groups = (0..<(offsets.count - 1)).filter { offsets[$0] < offsets[$0 + 1] }
  let parts = max(1, min(4, extent / 128))
  Parallel.forEach(groups.count * parts) { index in
    let (group, part) = (groups[index / parts], index % parts)
    body(
      group, offsets[group]..<offsets[group + 1],
      (extent * part / parts)..<(extent * (part + 1) / parts))
  }
}

/// The logistic function.
func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
