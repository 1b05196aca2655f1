@testable import Losses
import Tensors
import TestSupport
import Testing

/// The loss and its gradients by its formulas, in float64, one number at a time.
private struct FeatureReference {
  var loss = 0.0
  var student: [Double]
  var projection: [Double]

  init(
    _ kind: FeatureConfig.Kind, student h: [Float], teacher t: [Float], projection p: [Float]?,
    counts: [Bool], scale: Double
  ) {
    let (N, D, W) = (counts.count, h.count / counts.count, t.count / counts.count)
    student = Array(repeating: 0, count: N * D)
    projection = Array(repeating: 0, count: p?.count ?? 0)
    for n in 0..<N where counts[n] {
      let hidden = (0..<D).map { Double(h[n * D + $0]) }
      let target = (0..<W).map { Double(t[n * W + $0]) }
      let y = p.map { p in
        (0..<W).map { w in (0..<D).reduce(0) { $0 + Double(p[w * D + $1]) * hidden[$1] } }
      }
      let (distance, slope) = Self.distance(kind, y ?? hidden, target)
      loss += scale * distance
      for w in 0..<W {
        guard let p else {
          student[n * D + w] += scale * slope[w]
          continue
        }
        for d in 0..<D {
          student[n * D + d] += scale * slope[w] * Double(p[w * D + d])
          projection[w * D + d] += scale * slope[w] * hidden[d]
        }
      }
    }
  }

  private static func distance(
    _ kind: FeatureConfig.Kind, _ y: [Double], _ t: [Double]
  ) -> (Double, [Double]) {
    switch kind {
    case .mse:
      let width = Double(y.count)
      let differences = zip(y, t).map { $0 - $1 }
      return (
        differences.reduce(0) { $0 + $1 * $1 } / width, differences.map { 2 * $0 / width }
      )
    case .cosine:
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      let (lengthY, lengthT) = (dot(y, y).squareRoot(), dot(t, t).squareRoot())
      let cosine = dot(y, t) / lengthY / lengthT
      let slope = zip(y, t).map { -$1 / lengthY / lengthT + cosine * $0 / lengthY / lengthY }
      return (1 - cosine, slope)
    }
  }
}

@Suite struct FeatureLossTests {
  private let counts = [true, false, true, true, false, true, true]

  private func leaf(_ shape: [Int], seed: UInt64) -> Tensor {
    Tensor(shape, .random(shape.reduce(1, *), seed: seed), requiresGradient: true)
  }

  /// The student's hidden states, a projection or none, and the teacher's hidden states.
  private func tensors(isProjected: Bool) -> (Tensor, Tensor?, Tensor) {
    let width = isProjected ? 6 : 5
    return (
      leaf([7, 5], seed: 1), isProjected ? leaf([6, 5], seed: 2) : nil,
      Tensor([7, width], .random(7 * width, seed: 3))
    )
  }

  @Test(arguments: FeatureConfig.Kind.allCases, [false, true])
  func lossAndGradientsAreThoseOfTheFormula(kind: FeatureConfig.Kind, isProjected: Bool) {
    let (student, projection, teacher) = tensors(isProjected: isProjected)
    let loss = featureLoss(
      kind, student: student, teacher: teacher, projection: projection, counts: counts,
      weight: 0.7, normalizer: 5)
    loss.backward()
    let reference = FeatureReference(
      kind, student: student.array, teacher: teacher.array, projection: projection?.array,
      counts: counts, scale: 0.7 / 5)
    #expect(abs(Double(loss.item) - reference.loss) < 1e-6)
    let found = student.gradientArray + (projection?.gradientArray ?? [])
    for (found, wanted) in zip(found, reference.student + reference.projection) {
      #expect(abs(Double(found) - wanted) < 1e-6)
    }
    for row in counts.indices where !counts[row] {
      #expect(student.gradientArray[(row * 5)..<(row * 5 + 5)].allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: FeatureConfig.Kind.allCases, [false, true])
  func gradientsAgreeWithCentralDifferences(kind: FeatureConfig.Kind, isProjected: Bool) {
    let (student, projection, teacher) = tensors(isProjected: isProjected)
    expectGradients(of: [student] + (projection.map { [$0] } ?? []), tolerance: 1e-3) {
      featureLoss(
        kind, student: student, teacher: teacher, projection: projection, counts: counts,
        weight: 2, normalizer: 3)
    }
  }

  @Test func theSameFeaturesCostNothing() {
    let student = leaf([4, 5], seed: 1)
    let teacher = Tensor([4, 5], student.array)
    let doubled = Tensor([4, 5], student.array.map { 2 * $0 })
    let all = Array(repeating: true, count: 4)
    func loss(_ kind: FeatureConfig.Kind, _ teacher: Tensor) -> Float {
      featureLoss(
        kind, student: student, teacher: teacher, counts: all, weight: 1, normalizer: 4
      ).item
    }
    #expect(loss(.mse, teacher) == 0)
    #expect(abs(loss(.cosine, doubled)) < 1e-6)  // It does not see lengths.
    #expect(loss(.mse, doubled) > 0.1)
  }

  @Test func aRowOfZerosHasNoAngle() {
    let student = Tensor([2, 3], [0, 0, 0, 1, 2, 3], requiresGradient: true)
    let loss = featureLoss(
      .cosine, student: student, teacher: Tensor([2, 3], [1, 1, 1, 0, 0, 0]),
      counts: [true, true], weight: 1, normalizer: 2)
    loss.backward()
    #expect(loss.item == 1)
    #expect(student.gradientArray.allSatisfy { $0 == 0 })
  }
}
