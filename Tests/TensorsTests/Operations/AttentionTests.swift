import Foundation
import Tensors
import TestSupport
import Testing

/// A shape of heads with windows over the keys.
struct AttentionCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  var heads = 2
  var keyValueHeads = 1
  var width = 5
  let keys: Int
  let starts, ends: [Int32]

  /// Causal attention within documents, and within chunks of them.
  init(
    _ name: String, documents: [Int], chunk: Int? = nil, heads: Int = 2, keyValueHeads: Int = 1,
    width: Int = 5
  ) {
    var (starts, first) = ([Int32](), 0)
    for length in documents {
      for position in 0..<length {
        starts.append(Int32(first + (chunk.map { position / $0 * $0 } ?? 0)))
      }
      first += length
    }
    self.init(
      name, keys: first, starts: starts, ends: starts.indices.map { Int32($0 + 1) }, heads: heads,
      keyValueHeads: keyValueHeads, width: width)
  }

  init(
    _ name: String, keys: Int, starts: [Int32], ends: [Int32], heads: Int = 2,
    keyValueHeads: Int = 1, width: Int = 5
  ) {
    testDescription = name
    self.keys = keys
    self.starts = starts
    self.ends = ends
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.width = width
  }

  static let small = [
    AttentionCase("one token", documents: [1], heads: 1, width: 1),
    AttentionCase("causal", documents: [7]),
    AttentionCase("grouped heads", documents: [9], heads: 6, keyValueHeads: 2, width: 3),
    AttentionCase("a head each", documents: [9], heads: 3, keyValueHeads: 3, width: 17),
    AttentionCase("chunks", documents: [11], chunk: 4),
    AttentionCase("documents", documents: [3, 1, 5]),
    AttentionCase("chunks of documents", documents: [5, 7, 2], chunk: 3),
    AttentionCase(
      "new queries on old keys", keys: 9, starts: [0, 0, 6], ends: [7, 8, 9]),
    AttentionCase("more queries than keys", keys: 2, starts: [0, 0, 0, 1], ends: [1, 2, 2, 2]),
    AttentionCase("queries that see nothing", keys: 4, starts: [0, 0, 2, 3], ends: [0, 2, 2, 4]),
    AttentionCase("nobody sees anything", keys: 3, starts: [1, 1], ends: [1, 1]),
  ]

  static let large = [
    AttentionCase("several tiles", documents: [150], heads: 4, keyValueHeads: 2, width: 8),
    AttentionCase("tiles and chunks", documents: [100, 70, 3], chunk: 70, width: 16),
    AttentionCase("long chunks", documents: [200], chunk: 90, keyValueHeads: 2, width: 20),
  ]

  func tensors() -> (q: Tensor, k: Tensor, v: Tensor) {
    (
      .random([starts.count, heads * width], seed: 1),
      .random([keys, keyValueHeads * width], seed: 2),
      .random([keys, keyValueHeads * width], seed: 3)
    )
  }

  func callAsFunction(_ q: Tensor, _ k: Tensor, _ v: Tensor) -> Tensor {
    attention(
      q, k, v, heads: heads, keyValueHeads: keyValueHeads,
      AttentionWindows(starts: starts, ends: ends))
  }

  /// The definition, one query and head at a time, in float64.
  func reference(_ q: [Float], _ k: [Float], _ v: [Float]) -> [Float] {
    let (stride, group) = (keyValueHeads * width, heads / keyValueHeads)
    var y = [Float](repeating: 0, count: q.count)
    for n in starts.indices where starts[n] < ends[n] {
      for head in 0..<heads {
        let (at, keyAt) = ((n * heads + head) * width, head / group * width)
        let seen = Int(starts[n])..<Int(ends[n])
        let query = q[at..<(at + width)]
        let scores = seen.map { m -> Double in
          exp(dot(query, k[(m * stride + keyAt)...]) / Double(width).squareRoot())
        }
        let sum = scores.reduce(0, +)
        for c in 0..<width {
          let column = seen.map { v[$0 * stride + keyAt + c] }
          y[at + c] = Float(zip(scores, column).reduce(0) { $0 + $1.0 * Double($1.1) } / sum)
        }
      }
    }
    return y
  }
}

/// The sum of products in float64, as far as the shorter one reaches.
private func dot(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
  zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

@Suite struct AttentionTests {
  @Test(arguments: AttentionCase.small) func gradients(_ example: AttentionCase) {
    let (q, k, v) = example.tensors()
    expectGradients(of: [q, k, v]) { example(q, k, v) }
  }

  @Test(arguments: AttentionCase.large) func gradientsOfTiles(_ example: AttentionCase) {
    let (q, k, v) = example.tensors()
    let weights = [Float].random(q.count, seed: 4)
    weightedSum(example(q, k, v), weights).backward()
    // Every element would take long, so the slope along random directions is compared.
    for (number, leaf) in [q, k, v].enumerated() {
      let direction = [Float].random(leaf.count, seed: UInt64(number) + 5)
      let scalars = [Float(1e-2), -1e-2].map { step in
        var moved = [q, k, v]
        moved[number] = Tensor(leaf.shape, zip(leaf.array, direction).map { $0 + step * $1 })
        return dot(example(moved[0], moved[1], moved[2]).array, weights)
      }
      let slope = (scalars[0] - scalars[1]) / 2e-2
      #expect(abs(dot(leaf.gradientArray, direction) - slope) < 2e-3 * max(1, abs(slope)))
    }
  }

  @Test(arguments: AttentionCase.small + AttentionCase.large)
  func reference(_ example: AttentionCase) {
    let (q, k, v) = example.tensors()
    let expected = example.reference(q.array, k.array, v.array)
    expectClose(example(q, k, v).array, expected, within: 3e-6)
  }

  @Test func largeScoresDoNotOverflow() {
    // The second query's scores are 3,000 and 0: all its weight is on the first key.
    let (q, k) = (Tensor([2, 1], [1, 100]), Tensor([2, 1], [30, 0]))
    let windows = AttentionWindows(starts: [0, 0], ends: [1, 2])
    let v = Tensor([2, 1], [5, 7])
    let y = attention(q, k, v, heads: 1, keyValueHeads: 1, windows)
    expectClose(y.array, [5, 5], within: 1e-6)
  }
}
