import Base
import Foundation
import Tensors

/// A fixed student that knows no context, by which gradients and divergences are compared.
///
/// It predicts the frequencies of the tokens in the sample (each count plus one), softened by the
/// temperature, and its last hidden state is a constant beside a random code of the input token
/// (±1, the same for every run). So the output layer's gradient is the one that a bigram model sees
/// which has learned the frequencies alone; it needs neither a second model nor the teacher's
/// hidden states, which a dense cache does not have.
public struct WeakStudent: Sendable {
  /// The width of the hidden state.
  static let width = 64
  // The constant weighs as much as four of the code's numbers, as a mean activation does.
  private static let constant: Float = 2

  /// V, the number of token ids.
  public let vocabularySize: Int
  private let logFrequencies: [Float]

  /// A student of a vocabulary that has seen some tokens.
  public init(vocabularySize: Int, seeing tokens: some Sequence<Int32>) {
    self.vocabularySize = vocabularySize
    var counts = [Float](repeating: 1, count: vocabularySize)
    for token in tokens where token >= 0 && token < vocabularySize { counts[Int(token)] += 1 }
    let total = counts.reduce(0.0) { $0 + Double($1) }
    logFrequencies = counts.map { Float(log(Double($0) / total)) }
  }

  /// The log-probabilities of every token at a temperature (V).
  func logProbabilities(temperature: Double) -> [Float] {
    let scaled = logFrequencies.map { $0 / Float(temperature) }
    let normaliser = Float(log(scaled.reduce(0.0) { $0 + exp(Double($1)) }))
    return scaled.map { $0 - normaliser }
  }

  /// The hidden state after a token (width).
  static func hidden(after token: Int32) -> [Float] {
    var generator = SplitMix64(seed: UInt64(UInt32(bitPattern: token)), name: "weak student")
    let bits = generator.next()
    return [constant]
      + (1..<width).map { (bits >> UInt64($0)) & 1 == 0 ? 1 : -1 }
  }
}
