import Base
public import Tensors

extension Tensor {
  /// Normal numbers that depend on the seed and the shape only.
  public static func random(
    _ shape: [Int], seed: UInt64 = 1, deviation: Float = 1, requiresGradient: Bool = true
  ) -> Tensor {
    let values = [Float].random(shape.reduce(1, *), seed: seed, deviation: deviation)
    return Tensor(shape, values, requiresGradient: requiresGradient)
  }
}

extension [Float] {
  /// Normal numbers that depend on the seed and the count only.
  public static func random(_ count: Int, seed: UInt64 = 1, deviation: Float = 1) -> [Float] {
    var generator = SplitMix64(seed: seed, name: "\(count)")
    return (0..<count).map { _ in deviation * generator.normal() }
  }
}
