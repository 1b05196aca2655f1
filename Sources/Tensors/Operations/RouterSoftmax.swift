import Foundation

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
