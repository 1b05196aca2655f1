import CKernels
import Foundation
import TestSupport
import Testing

/// Two rows of logits, and what the kernels should say of them, in float64.
private struct Rows {
  let p, q: [Float]

  init(_ count: Int) {
    p = .random(count, seed: 1, deviation: 3)
    q = .random(count, seed: 2, deviation: 3)
  }

  var normalizers: (p: ck_normalizer, q: ck_normalizer) {
    (ck_normalize(p.count, 1, p), ck_normalize(q.count, 1, q))
  }

  static func logSumExp(_ row: [Float], scale: Double = 1) -> Double {
    let peak = row.reduce(-.infinity) { max($0, scale * Double($1)) }
    return peak + log(row.reduce(0) { $0 + exp(scale * Double($1) - peak) })
  }

  static func logSoftmax(_ row: [Float]) -> [Double] {
    let sum = logSumExp(row)
    return row.map { Double($0) - sum }
  }
}

@Suite struct VocabularyTests {
  static let counts = [1, 7, 31, 32, 1000, 49_153]

  @Test(arguments: counts, [0.5, 1, 2.5, 20] as [Float]) func logSumExp(count: Int, scale: Float) {
    let row = Rows(count).p
    let expected = Rows.logSumExp(row, scale: Double(scale))
    let normalizer = ck_normalize(count, scale, row)
    let found = Double(scale) * Double(normalizer.peak) + Double(normalizer.log_sum)
    #expect(abs(found - expected) < 1e-6 * max(1, abs(expected)))
  }

  @Test(arguments: counts) func exponentialsOfParts(count: Int) {
    let row = Rows(count).p
    var state = ck_exponential_sum(peak: -.infinity, sum: 0)
    for part in stride(from: 0, to: count, by: 100) {
      let columns = Array(row[part..<min(count, part + 100)])
      ck_add_exponentials(columns.count, 2.5, columns, &state)
    }
    let expected = Rows.logSumExp(row, scale: 2.5)
    #expect(
      abs(2.5 * Double(state.peak) + log(state.sum) - expected) < 1e-6 * max(1, abs(expected)))
  }

  @Test(arguments: counts) func softmax(count: Int) {
    let rows = Rows(count)
    let expected = Rows.logSoftmax(rows.p).map { Float(3 * exp($0)) }
    var row = rows.q
    ck_scaled_softmax(count, 1, rows.normalizers.p, 3, rows.p, &row)
    expectClose(row, expected, relative: 3e-6)
    var sum = rows.q
    ck_add_scaled_softmax(count, 1, rows.normalizers.p, 3, rows.p, &sum)
    expectClose(sum, zip(rows.q, expected).map(+), relative: 3e-6)
  }

  @Test(arguments: counts) func klDivergence(count: Int) {
    let rows = Rows(count)
    let (p, q) = (Rows.logSoftmax(rows.p), Rows.logSoftmax(rows.q))
    let expected = zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    let sums = rows.normalizers
    let found = ck_kl_divergence(count, rows.p, sums.p, rows.q, sums.q)
    #expect(abs(found - expected) < 5e-6 * max(1, expected))
    #expect(ck_kl_divergence(count, rows.p, sums.p, rows.p, sums.p) == 0)
  }

  @Test(
    "case nll-zero: a large common offset changes nothing", arguments: [1e6, 1e20] as [Float])
  func offsets(offset: Float) {
    // The same logits in steps that the offset's own precision can hold.
    let step = offset * 0x1p-22
    let steps = (p: [0, 3, 1, 7, 2] as [Float], q: [1, 2, 2, 7, 0] as [Float])
    let near = (p: steps.p.map { $0 * step }, q: steps.q.map { $0 * step })
    let far = (p: near.p.map { $0 + offset }, q: near.q.map { $0 + offset })
    let scale = 1 / step
    for (near, far) in [(near.p, far.p), (near.q, far.q)] {
      let expected = Rows.logSoftmax(near.map { $0 * scale })
      let scaled = far.map { $0 * scale }
      let normalizer = ck_normalize(5, 1, scaled)
      var p = [Float](repeating: 0, count: 5)
      ck_scaled_softmax(5, 1, normalizer, 1, scaled, &p)
      expectClose(p, expected.map { Float(exp($0)) }, relative: 3e-6)
      let entropy = expected.reduce(0) { $0 - exp($1) * $1 }
      #expect(abs(ck_entropy(5, 1, normalizer, scaled) - entropy) < 5e-6)
    }
    let scaled = (p: far.p.map { $0 * scale }, q: far.q.map { $0 * scale })
    let (p, q) = (
      Rows.logSoftmax(near.p.map { $0 * scale }), Rows.logSoftmax(near.q.map { $0 * scale })
    )
    let found = ck_kl_divergence(
      5, scaled.p, ck_normalize(5, 1, scaled.p), scaled.q, ck_normalize(5, 1, scaled.q))
    #expect(abs(found - zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }) < 5e-6)
  }

  @Test(arguments: counts) func entropy(count: Int) {
    let rows = Rows(count)
    let expected = Rows.logSoftmax(rows.p).reduce(0) { $0 - exp($1) * $1 }
    #expect(
      abs(ck_entropy(count, 1, rows.normalizers.p, rows.p) - expected) < 5e-6 * max(1, expected))
  }

  @Test(arguments: counts) func overlap(count: Int) {
    let rows = Rows(count)
    let expected = zip(Rows.logSoftmax(rows.p), Rows.logSoftmax(rows.q)).reduce(0) {
      $0 + exp(min($1.0, $1.1))
    }
    let sums = rows.normalizers
    #expect(abs(ck_overlap(count, rows.p, sums.p, rows.q, sums.q) - expected) < 5e-6)
    #expect(abs(ck_overlap(count, rows.p, sums.p, rows.p, sums.p) - 1) < 5e-6)
  }

  @Test(arguments: counts) func argmax(count: Int) {
    let row = Rows(count).p
    #expect(ck_argmax(count, row) == row.indices.max { row[$0] < row[$1] })
    for place in Set([0, count / 2, count - 1]) {
      var peaked = row
      peaked[place] = 100
      peaked[count - 1] = 100
      #expect(ck_argmax(count, peaked) == place, "the lowest index wins a tie")
    }
  }
}
