import Base
import Foundation
import Tensors

/// One walk over the rows of two matrices of features: their distances, and the gradients of those.
struct FeaturePass {
  private let kind: FeatureConfig.Kind
  private let student, teacher: UnsafePointer<Float>
  private let width: Int
  private let scale: Float

  /// A walk over rows of a width; `scale` is the factor of every distance.
  init(
    _ kind: FeatureConfig.Kind, _ student: UnsafePointer<Float>, _ teacher: UnsafePointer<Float>,
    width: Int, scale: Float
  ) {
    self.kind = kind
    self.student = student
    self.teacher = teacher
    self.width = width
    self.scale = scale
  }

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
