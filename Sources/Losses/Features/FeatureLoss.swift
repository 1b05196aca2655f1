import Base
import Foundation
package import Tensors

/// `weight / normalizer · Σ distance(h Pᵀ, t)` over the predictions that count.
///
/// From the student's hidden states h (N, D), a projection P (D_teacher, D) where the widths
/// differ, and the teacher's t (N, D_teacher), which gets no gradient, to one scalar. The distance
/// of `mse` is `Σ (y − t)² / D_teacher`, that of `cosine` is `1 − y · t / (|y| |t|)` (1 where
/// either is zero). Predictions that do not count give exactly nothing. The normalizer is the
/// number of predictions of the whole step that count, so that splitting a step changes nothing.
package func featureLoss(
  _ kind: FeatureConfig.Kind, student: Tensor, teacher: Tensor, projection: Tensor? = nil,
  counts: [Bool], weight: Float, normalizer: Float, precision: Precision = .float32
) -> Tensor {
  let (N, D, W) = (student.rows, student.columns, teacher.columns)
  precondition(teacher.rows == N && counts.count == N, "a teacher's row for each of \(N)")
  precondition(projection.map { $0.shape == [W, D] } ?? (W == D), "features of \(D) and \(W)")
  let gradient = Storage(count: N * W)  // of the projected features
  let inputs = projection.map { [student, $0] } ?? [student]
  return .apply(inputs, shape: [1]) { loss in
    let features = projection.map { projected(student, $0, precision) } ?? student
    loss[0] = FeaturePass(
      kind: kind, student: features.values, teacher: teacher.values, width: W,
      scale: weight / normalizer
    ).run(counts, gradient: gradient.base)
  } backward: { loss in
    let slope = loss.gradient[0]
    if slope != 1 { for index in 0..<gradient.count { gradient.base[index] *= slope } }
    if let projection {
      carry(gradient.base, through: projection, to: student, precision)
    } else if student.requiresGradient {
      student.receiveGradient(keeping: gradient)
    }
  }
}

/// `h Pᵀ` for values alone.
private func projected(_ student: Tensor, _ projection: Tensor, _ precision: Precision) -> Tensor {
  let (N, D, W) = (student.rows, student.columns, projection.shape[0])
  let features = Storage(count: N * W)
  gemm(
    N, W, D, Operand(student.values, stride: D),
    Operand(projection.values, stride: D, transposed: true), precision: precision,
    into: features.base, stride: W)
  return Tensor([N, W], features)
}

/// Adds `g P` to the student's gradient and `gᵀ h` to the projection's.
private func carry(
  _ gradient: UnsafePointer<Float>, through projection: Tensor, to student: Tensor,
  _ precision: Precision
) {
  let (N, D, W) = (student.rows, student.columns, projection.shape[0])
  if student.requiresGradient {
    student.receiveGradient { hidden, adding in
      gemm(
        N, D, W, Operand(gradient, stride: W), Operand(projection.values, stride: D),
        adding: adding, precision: precision, into: hidden, stride: D)
    }
  }
  if projection.requiresGradient {
    gemm(
      W, D, N, Operand(gradient, stride: W, transposed: true), Operand(student.values, stride: D),
      adding: true, precision: precision, into: projection.gradient, stride: D)
  }
}

/// One walk over the rows of two matrices of features: their distances, and the gradients of those.
private struct FeaturePass {
  let kind: FeatureConfig.Kind
  let student, teacher: UnsafePointer<Float>
  let width: Int
  /// The factor of every distance.
  let scale: Float

  /// The scaled sum of the distances that count; writes the whole gradient by the student's rows.
  func run(_ counts: [Bool], gradient: UnsafeMutablePointer<Float>) -> Float {
    var distances = [Double](repeating: 0, count: counts.count)
    distances.withUnsafeMutableBufferPointer { distances in
      let distances = distances
      Parallel.rows(counts.count, columns: width) { rows in
        for row in rows {
          let target = gradient + row * width
          if counts[row] {
            distances[row] = self.row(student + row * width, teacher + row * width, target)
          } else {
            target.update(repeating: 0, count: width)
          }
        }
      }
    }
    // Added up in order, so that the bits do not depend on the threads.
    return Float(distances.reduce(0, +) * Double(scale))
  }

  private func row(
    _ y: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    switch kind {
    case .mse: squared(y, t, gradient)
    case .cosine: angular(y, t, gradient)
    }
  }

  private func squared(
    _ y: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let factor = 2 * scale / Float(width)
    var sum = 0.0
    for i in 0..<width {
      let difference = y[i] - t[i]
      sum += Double(difference) * Double(difference)
      gradient[i] = factor * difference
    }
    return sum / Double(width)
  }

  /// d(1 − c)/dy = −(t / (|y| |t|) − c y / |y|²).
  private func angular(
    _ y: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    var (product, squareY, squareT) = (0.0, 0.0, 0.0)
    for i in 0..<width {
      let (y, t) = (Double(y[i]), Double(t[i]))
      product += y * t
      squareY += y * y
      squareT += t * t
    }
    let norms = (squareY * squareT).squareRoot()
    guard norms > 0 else {  // There is no angle to a vector of zeros.
      gradient.update(repeating: 0, count: width)
      return 1
    }
    let cosine = product / norms
    let (towards, along) = (-Double(scale) / norms, Double(scale) * cosine / squareY)
    for i in 0..<width { gradient[i] = Float(towards * Double(t[i]) + along * Double(y[i])) }
    return 1 - cosine
  }
}
