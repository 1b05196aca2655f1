import Foundation

/// The two auxiliary losses of a router, as one scalar (docs/llama4.md §7).
///
/// Load balance (Switch, Fedus et al. 2021): `E Σ fₑ Pₑ`, with fₑ the share of the assignments that
/// went to expert e, a constant, and Pₑ its mean softmax probability. Z-loss (ST-MoE, Zoph et al.
/// 2022): the mean square of the log-sum-exp.
package func routerLoss(
  _ logits: Tensor, assignments: [Int], balance: Float, z: Float
) -> Tensor {
  let (N, E) = (logits.rows, logits.columns)
  let total = Float(max(assignments.reduce(0, +), 1))
  let shares = assignments.map { Float($0) / total }
  let terms = RouterTerms(logits, shares: shares)
  return .apply([logits], shape: [1]) { y in
    y[0] = balance * terms.balance + z * terms.z
  } backward: { y in
    let (dy, dlogits) = (y.gradient[0], logits.gradient)
    for n in 0..<N {
      let p = terms.probabilities[(n * E)..<((n + 1) * E)]
      let mean = zip(p, shares).reduce(0) { $0 + $1.0 * $1.1 }
      for (e, pe) in p.enumerated() {
        let slope = balance * Float(E) * (shares[e] - mean) + 2 * z * terms.logSumExp[n]
        dlogits[n * E + e] += dy * pe * slope / Float(N)
      }
    }
  }
}

/// Softmax statistics of a router's logits, and the two losses before their coefficients.
package struct RouterTerms {
  /// The softmax of each row, (N, E).
  let probabilities: [Float]
  /// The log-sum-exp of each row.
  let logSumExp: [Float]
  /// `E Σ fₑ Pₑ`, 1 when perfectly balanced.
  package let balance: Float
  /// The mean square of the log-sum-exp.
  package let z: Float

  /// The terms for logits (N, E) and each expert's share of the assignments.
  package init(_ logits: Tensor, shares: [Float]) {
    let (N, E) = (logits.rows, logits.columns)
    var (probabilities, logSumExp) = ([Float](repeating: 0, count: N * E), [Float]())
    logits.withValues { values in
      for n in 0..<N {
        let row = values[(n * E)..<((n + 1) * E)]
        let peak = row.max() ?? 0
        let sum = row.reduce(0) { $0 + exp($1 - peak) }
        for (e, r) in row.enumerated() { probabilities[n * E + e] = exp(r - peak) / sum }
        logSumExp.append(peak + log(sum))
      }
    }
    let mass = probabilities.indices.reduce(0) { $0 + shares[$1 % E] * probabilities[$1] }
    balance = Float(E) * mass / Float(max(N, 1))
    z = logSumExp.reduce(0) { $0 + $1 * $1 } / Float(max(N, 1))
    self.probabilities = probabilities
    self.logSumExp = logSumExp
  }
}

/// The softmax of logits (N, E) at the chosen columns, one per entry of `rows`.
///
/// With `overChosen` it is that of a row's chosen columns alone, which add up to one; otherwise
/// that of the whole row. No pair of row and column comes twice.
package func softmaxGather(
  _ logits: Tensor, rows: [Int32], columns: [Int32], overChosen: Bool
) -> Tensor {
  let (N, E) = (logits.rows, logits.columns)
  let places = zip(rows, columns).map { Int($0) * E + Int($1) }
  precondition(places.allSatisfy { $0 >= 0 && $0 < logits.count }, "softmaxGather: out of range")
  var counts = [Bool](repeating: !overChosen, count: logits.count)
  for place in places { counts[place] = true }
  let probabilities = logits.withValues { rowSoftmax($0, counts, columns: E) }
  return .apply([logits], shape: [places.count, 1]) { y in
    for (n, place) in places.enumerated() { y[n] = probabilities[place] }
  } backward: { y in
    let (dy, dlogits) = (y.gradient, logits.gradient)
    var means = [Float](repeating: 0, count: N)
    for (n, place) in places.enumerated() {
      means[place / E] += dy[n] * y.values[n]
      dlogits[place] += dy[n] * y.values[n]
    }
    for place in probabilities.indices { dlogits[place] -= probabilities[place] * means[place / E] }
  }
}

/// The softmax of each row over the columns that count; zero elsewhere.
private func rowSoftmax(
  _ values: UnsafeBufferPointer<Float>, _ counts: [Bool], columns: Int
) -> [Float] {
  var result = [Float](repeating: 0, count: values.count)
  for start in stride(from: 0, to: values.count, by: columns) {
    let row = (start..<(start + columns)).filter { counts[$0] }
    let peak = row.map { values[$0] }.max() ?? 0
    for place in row { result[place] = exp(values[place] - peak) }
    let sum = row.reduce(0) { $0 + result[$1] }
    for place in row { result[place] /= sum }
  }
  return result
}

/// The sigmoid of logits (N, E) at the chosen columns, one per entry of `rows`.
package func sigmoidGather(_ logits: Tensor, rows: [Int32], columns: [Int32]) -> Tensor {
  let E = logits.columns
  let places = zip(rows, columns).map { Int($0) * E + Int($1) }
  precondition(places.allSatisfy { $0 >= 0 && $0 < logits.count }, "sigmoidGather: out of range")
  return .apply([logits], shape: [places.count, 1]) { y in
    for (n, place) in places.enumerated() { y[n] = sigmoid(logits.values[place]) }
  } backward: { y in
    let (dy, dlogits) = (y.gradient, logits.gradient)
    for (n, place) in places.enumerated() {
      let s = y.values[n]
      dlogits[place] += dy[n] * s * (1 - s)
    }
  }
}

private func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
