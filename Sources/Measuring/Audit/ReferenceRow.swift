import CKernels
import Losses

/// The teacher's whole distribution at one position.
public struct ReferenceRow {
  /// The logits (V).
  public let logits: UnsafeBufferPointer<Float>
  /// softmax(logits / T) (V).
  public let probabilities: UnsafeBufferPointer<Float>
  /// T.
  public let temperature: Double
  /// The normalizer of the logits over T.
  private let normalizer: ck_normalizer
  /// The record within its sequence.
  public let position: Int
  /// The token that truly follows.
  public let nextToken: Int32
  /// Σ p².
  let squares: Double
  /// −Σ p log p, in nats.
  public let entropy: Double
  /// −Σ p log q with the student's q.
  let crossEntropy: Double
  /// Σ p q with the student's q.
  let overlap: Double

  /// The log-probability of an id at T.
  public func logProbability(_ id: Int32) -> Double {
    normalizer.logProbability(logits[Int(id)], scale: Float(1 / temperature))
  }

  /// Measures a row whose probabilities have room for V numbers, and fills them.
  init(
    logits: UnsafeBufferPointer<Float>, into probabilities: UnsafeMutableBufferPointer<Float>,
    student: StudentDistribution, position: Int, nextToken: Int32
  ) {
    let (count, temperature) = (logits.count, student.temperature)
    let scale = Float(1 / temperature)
    let normalizer = ck_normalize(count, scale, logits.baseAddress)
    ck_scaled_softmax(count, scale, normalizer, 1, logits.baseAddress, probabilities.baseAddress)
    self.logits = logits
    let p = UnsafeBufferPointer(probabilities)
    self.probabilities = p
    self.temperature = temperature
    self.position = position
    self.nextToken = nextToken
    self.normalizer = normalizer
    squares = ck_sum_of_squares(count, probabilities.baseAddress)
    entropy = ck_entropy(count, scale, normalizer, logits.baseAddress)
    crossEntropy = student.logProbabilities.withUnsafeBufferPointer { -dot(p, $0) }
    overlap = student.probabilities.withUnsafeBufferPointer { dot(p, $0) }
  }
}

/// The weak student's distribution at a temperature.
struct StudentDistribution: Sendable {
  let temperature: Double
  let logProbabilities: [Float]
  let probabilities: [Float]
  /// Σ q².
  let squares: Double

  init(_ student: WeakStudent, temperature: Double) {
    let logs = student.logProbabilities(temperature: temperature)
    let probabilities = [Float](unsafeUninitializedCapacity: logs.count) { buffer, filled in
      filled = logs.count
      logs.withUnsafeBufferPointer {
        ck_scaled_softmax(
          logs.count, 1, ck_normalizer(peak: 0, log_sum: 0), 1, $0.baseAddress, buffer.baseAddress)
      }
    }
    squares = probabilities.withUnsafeBufferPointer { ck_sum_of_squares($0.count, $0.baseAddress) }
    self.temperature = temperature
    logProbabilities = logs
    self.probabilities = probabilities
  }
}

/// Σ a b: runs of 256 in float32 lanes, their sums in float64.
func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
  let count = min(a.count, b.count)
  guard let a = UnsafeRawPointer(a.baseAddress), let b = UnsafeRawPointer(b.baseAddress) else {
    return 0
  }
  var (sum, index) = (0.0, 0)
  while index + 256 <= count {
    var lanes = SIMD16<Float>()
    for offset in stride(from: index * 4, to: (index + 256) * 4, by: 64) {
      lanes +=
        a.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
        * b.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
    }
    sum += Double(lanes.sum())
    index += 256
  }
  while index < count {
    sum +=
      Double(a.loadUnaligned(fromByteOffset: index * 4, as: Float.self))
      * Double(b.loadUnaligned(fromByteOffset: index * 4, as: Float.self))
    index += 1
  }
  return sum
}
