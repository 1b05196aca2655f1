import Foundation
import Measuring
import Shards

/// DistillKit 1.0's logit compression (arcee-ai): the k largest ids packed at fixed width in the
/// order of their probabilities, the first few log-probabilities in bfloat16, and the others as a
/// polynomial in their place, fitted by least squares, with float32 coefficients.
///
/// Missing mass is handled as its two options do: `zero` renormalises, `symmetric_uniform` is a
/// bucket that is spread evenly.
final class DistillKit: Baseline {
  let temperature = 1.0
  let readings = [TargetReading.renormalized, .even]
  private(set) var positions = 0
  private let entries, exact: Int
  private let fit: LeastSquares
  private let bytesPerPosition: Int

  var name: String { "DistillKit, k = \(entries)" }
  var bytes: Double { Double(bytesPerPosition * positions) }

  /// Its budget preset: k = 50, one exact value, constant, linear and square root.
  static func budget(vocabularySize: Int) -> DistillKit {
    DistillKit(entries: 50, exact: 1, exponents: [0, 1, 0.5], vocabularySize: vocabularySize)
  }

  /// Its recommended preset: k = 128, sixteen exact values, degree four and square root.
  static func recommended(vocabularySize: Int) -> DistillKit {
    DistillKit(
      entries: 128, exact: 16, exponents: [0, 1, 2, 3, 4, 0.5], vocabularySize: vocabularySize)
  }

  private init(entries: Int, exact: Int, exponents: [Double], vocabularySize: Int) {
    (self.entries, self.exact) = (min(entries, vocabularySize), exact)
    let count = self.entries - exact
    let design = (0..<count).map { place in
      exponents.map { pow(Double(place) / Double(max(1, count - 1)), $0) }
    }
    fit = LeastSquares(design)
    bytesPerPosition =
      (self.entries * idBits(vocabularySize) + 7) / 8 + 2 * exact + 4 * exponents.count
  }

  func begin(_ text: SequenceTokens) {}
  func end() {}

  func estimates(_ row: ReferenceRow) -> [TargetEstimate] {
    positions += 1
    let ids = TopEntries.largest(entries, of: row.logits)
    let logs = ids.map { row.logProbability($0) }
    let restored = logs.prefix(exact).map(Self.bfloat16) + fit.fitted(Array(logs.dropFirst(exact)))
    let values = zip(ids, restored).map { (id: $0, value: Float(exp(min($1, 0)))) }
    let estimate = TargetEstimate(unordered: values, argmax: ids.first ?? 0)
    return [estimate.normalized(), estimate.completed { .even(mass: $0) }]
  }

  /// To the nearest, ties to even.
  private static func bfloat16(_ value: Double) -> Double {
    let bits = Float(value).bitPattern
    let rounded = (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000
    return Double(Float(bitPattern: rounded))
  }
}

/// Least squares on a fixed design, whose columns are made orthonormal once.
struct LeastSquares {
  private let design: [[Double]]
  /// Orthonormal columns, and the triangle that makes them from the design's.
  private let (columns, triangle): ([[Double]], [[Double]])

  /// A design of rows (observations × terms); terms that add nothing get the coefficient 0.
  init(_ design: [[Double]]) {
    self.design = design
    let terms = design.first?.count ?? 0
    var columns: [[Double]] = []
    var triangle = Array(repeating: Array(repeating: 0.0, count: terms), count: terms)
    for term in 0..<terms {
      var column = design.map { $0[term] }
      // Twice: once is not orthogonal enough for neighbouring powers.
      for _ in 0..<2 {
        for (other, basis) in columns.enumerated() {
          let share = zip(column, basis).reduce(0) { $0 + $1.0 * $1.1 }
          triangle[other][term] += share
          column = zip(column, basis).map { $0 - share * $1 }
        }
      }
      let length = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      triangle[term][term] = length
      columns.append(column.map { length > 1e-12 ? $0 / length : 0 })
    }
    (self.columns, self.triangle) = (columns, triangle)
  }

  /// The values of the best fit, from coefficients that were rounded to float32.
  func fitted(_ observations: [Double]) -> [Double] {
    let coefficients = coefficients(observations).map { Float($0) }
    return design.map { row in
      Double(zip(row, coefficients).reduce(Float(0)) { $0 + Float($1.0) * $1.1 })
    }
  }

  /// The coefficients of the best fit.
  func coefficients(_ observations: [Double]) -> [Double] {
    var result = columns.map { zip($0, observations).reduce(0) { $0 + $1.0 * $1.1 } }
    for term in result.indices.reversed() {
      for later in result.indices where later > term {
        result[term] -= triangle[term][later] * result[later]
      }
      result[term] = triangle[term][term] > 1e-12 ? result[term] / triangle[term][term] : 0
    }
    return result
  }
}
