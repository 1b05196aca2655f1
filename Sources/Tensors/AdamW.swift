import Base
import CKernels

/// AdamW with decoupled weight decay (Loshchilov & Hutter 2019) over a model's flat buffer.
///
/// ```swift
/// let optimizer = AdamW(count: student.parameters.count, AdamW.Settings(weightDecay: 0.01))
/// for batch in batches {
///   let loss = trainingLoss(student, batch)
///   loss.backward()
///   let norm = optimizer.update(student.parameters, learningRate: 1e-3)
///   print("loss \(loss.item), gradient norm \(norm)")
/// }
/// ```
public final class AdamW {
  /// The constants of the optimizer.
  public struct Settings: Sendable, Equatable {
    /// The decay rate of the mean of gradients.
    public var beta1: Float
    /// The decay rate of the mean of squared gradients.
    public var beta2: Float
    /// The constant added to the root of the second moment.
    public var epsilon: Float
    /// The weight decay, multiplied by the learning rate; none on norms and embeddings.
    public var weightDecay: Float
    /// The largest allowed norm of the whole gradient.
    public var maxGradientNorm: Float

    /// Settings from their values.
    public init(
      beta1: Float = 0.9, beta2: Float = 0.95, epsilon: Float = 1e-8, weightDecay: Float = 0.1,
      maxGradientNorm: Float = 1
    ) {
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.maxGradientNorm = maxGradientNorm
    }
  }

  /// The constants.
  public let settings: Settings
  /// The number of updates made.
  public private(set) var step: Int
  private let first, second: Storage

  /// The floats that one task of the pool updates.
  private static let run = 1 << 18

  /// A fresh optimizer for a store of `count` floats.
  public init(count: Int, _ settings: Settings) {
    self.settings = settings
    step = 0
    first = Storage(zeros: count)
    second = Storage(zeros: count)
  }

  /// Clips the gradients, updates the parameters and clears the gradients.
  ///
  /// - Returns: the norm of the gradient before clipping; when it is not finite nothing is updated.
  public func update(_ store: ParameterStore, learningRate: Float) -> Double {
    let norm = gradientNorm(store)
    guard norm.isFinite else { return discard(store) }
    step += 1
    let clip = min(1, Double(settings.maxGradientNorm) / (norm + 1e-6))
    store.withValues { values in
      store.withGradients { gradients in
        guard let values = values.baseAddress, let gradients = gradients.baseAddress else { return }
        for parameter in store.parameters {
          update(
            parameter.range, values, gradients, scale: Float(clip), learningRate,
            decays: parameter.decays)
        }
      }
    }
    return norm
  }

  /// Clears the gradients without an update, and returns the norm that they had.
  @discardableResult
  package func discard(_ store: ParameterStore) -> Double {
    let norm = gradientNorm(store)
    store.withGradients { $0.update(repeating: 0) }
    return norm
  }

  private func update(
    _ range: Range<Int>, _ values: UnsafeMutablePointer<Float>,
    _ gradients: UnsafeMutablePointer<Float>, scale: Float, _ learningRate: Float, decays: Bool
  ) {
    let (b1, b2) = (settings.beta1, settings.beta2)
    let stepSize = learningRate / Float(1 - power(Double(b1), step))
    let secondScale = Float(1 / (1 - power(Double(b2), step)).squareRoot())
    let decay = decays ? learningRate * settings.weightDecay : 0
    forEachRun(range) { run in
      let at = run.lowerBound
      ck_adamw(
        run.count, gradients + at, scale, b1, b2, settings.epsilon, stepSize, secondScale, decay,
        first.base + at, second.base + at, values + at)
    }
  }

  /// The norm of all gradients; the order of summation does not depend on the threads.
  private func gradientNorm(_ store: ParameterStore) -> Double {
    var sums = [Double](repeating: 0, count: (store.count + Self.run - 1) / Self.run)
    store.withGradients { gradients in
      guard let base = gradients.baseAddress else { return }
      sums.withUnsafeMutableBufferPointer { sums in
        let sums = sums
        forEachRun(0..<store.count) { run in
          sums[run.lowerBound / Self.run] = ck_sum_of_squares(run.count, base + run.lowerBound)
        }
      }
    }
    return sums.reduce(0, +).squareRoot()
  }

  /// Checks that all parameters and moments are numbers, and that the squares of the parameters can
  /// be summed in a float, as norms of what is computed of them do.
  ///
  /// - Returns: the name of the first parameter that is none, or "a moment"; nil where all are.
  package func notFinite(in store: ParameterStore) -> String? {
    let limit = Double(Float.greatestFiniteMagnitude)
    let bad = store.withValues { values in
      store.parameters.first { parameter in
        let values = UnsafeMutableBufferPointer(rebasing: values[parameter.range])
        return !isFinite(values, upTo: limit)
      }
    }
    if let bad { return bad.name }
    return withMoments({ isFinite($0) && isFinite($1) }) ? nil : "a moment"
  }

  /// No sum of squares of floats overflows a double; one that is no number stays none.
  private func isFinite(
    _ values: UnsafeMutableBufferPointer<Float>, upTo limit: Double = .greatestFiniteMagnitude
  ) -> Bool {
    guard let base = values.baseAddress else { return true }
    let runs = (values.count + Self.run - 1) / Self.run
    return (0..<runs).allSatisfy { index in
      let start = index * Self.run
      return ck_sum_of_squares(min(Self.run, values.count - start), base + start) <= limit
    }
  }

  private func forEachRun(_ range: Range<Int>, _ body: (Range<Int>) -> Void) {
    let runs = (range.count + Self.run - 1) / Self.run
    Parallel.forEach(runs) { index in
      let start = range.lowerBound + index * Self.run
      body(start..<min(range.upperBound, start + Self.run))
    }
  }

  /// Reads or restores both moments, for checkpoints.
  package func withMoments<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(
        UnsafeMutableBufferPointer(start: first.base, count: first.count),
        UnsafeMutableBufferPointer(start: second.base, count: second.count))
    }
  }

  /// Continues at the given number of updates.
  package func restore(step: Int) { self.step = step }
}

/// xⁿ by repeated squaring, exact in its operations on every platform.
private func power(_ x: Double, _ n: Int) -> Double {
  var (result, base, exponent) = (1.0, x, n)
  while exponent > 0 {
    if exponent & 1 == 1 { result *= base }
    base *= base
    exponent >>= 1
  }
  return result
}
