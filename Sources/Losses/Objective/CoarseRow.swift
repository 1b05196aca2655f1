import CKernels
import Foundation

/// A sparse teacher's row against the student's as a divergence of classes: each token that the row
/// has exactly, and all others together.
///
/// A lower bound of the divergence of all tokens, because classes were merged, but for the rounding
/// of the stored values (docs/design.md, "What sparse targets say").
struct CoarseRow {
  /// The divergence, in nats.
  let value: Double
  /// The tokens that are classes of their own, each with its slope by the student's scaled logit.
  let kept: [(column: Int32, slope: Double)]
  /// The slope of all other tokens together; each has its part of it by q.
  let restSlope: Double
  /// The log of the student's mass on all other tokens.
  let restLogMass: Double

  /// The classes of a row.
  init(
    _ divergence: Divergence, _ row: SparseRow, above threshold: Float, resolution: Double,
    argmax: Int32,
    _ student: ScaledRow
  ) {
    let exact = zip(row.ids, row.values).filter { $0.1 > threshold || $0.0 == argmax }
    let outside = student.logMass(outside: exact.lazy.map(\.0))
    // Values are rounded without bias, so that together they may reach 1 and more where the truth
    // is a little less: the rest is taken for half a step of their grid at least.
    let mass = exact.reduce(0) { $0 + Double($1.1) }
    let rest = outside > -.infinity ? max(1 - mass, resolution / 2) : 0
    let total = Float(log(mass + rest))
    var (p, q) = (
      exact.map { log($0.1) - total }, exact.map { Float(student.logProbability($0.0)) }
    )
    let hasRest = outside > -.infinity
    if hasRest {
      p.append(Float(log(rest)) - total)
      q.append(Float(outside))
    }
    let (value, slopes) = Self.classes(divergence.kernel, p, q)
    self.value = value
    restSlope = hasRest ? Double(slopes[exact.count]) : 0
    restLogMass = hasRest ? outside : 0
    kept = zip(exact, slopes).map { ($0.0, Double($1)) }
  }

  /// The divergence of some classes from the logarithms of both, with its slopes.
  private static func classes(
    _ divergence: ck_divergence, _ p: [Float], _ q: [Float]
  ) -> (value: Double, slopes: [Float]) {
    var sums = ck_divergence_sums(value: 0, pull: 0)
    var slopes = [Float](repeating: 0, count: p.count)
    p.withUnsafeBufferPointer { p in
      q.withUnsafeBufferPointer { q in
        let (p, q) = (p.distribution, q.distribution)
        ck_add_divergence(divergence, slopes.count, p, q, &sums)
        ck_add_divergence_gradient(
          divergence, slopes.count, p, q, Float(sums.pull), 1, &slopes)
      }
    }
    return (sums.value, slopes)
  }
}

extension UnsafeBufferPointer<Float> {
  /// The distribution that these logarithms are of.
  fileprivate var distribution: ck_distribution {
    ck_distribution(
      logits: baseAddress, scale: 1, normalizer: ck_normalizer(peak: 0, log_sum: 0))
  }
}
