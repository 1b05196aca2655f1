package import Base
import CKernels
import Foundation
package import Tensors

/// Continues a text token by token, with a key-value cache.
///
/// ```swift
/// let prompt = try tokenizer.encode("Once upon a time")
/// let sampling = TextGenerator.Sampling(temperature: 0.8, topP: 0.95, seed: 1)
/// let generator = TextGenerator(model, sampling)
/// let tokens = try generator.continuation(of: prompt, limit: 100)
/// print(tokenizer.decode(prompt + tokens))
/// ```
public struct TextGenerator {
  /// The choice of the next token.
  public struct Sampling: Sendable, Equatable {
    /// The temperature: 0 takes the most probable token, 1 samples the model's distribution.
    public var temperature: Float
    /// The mass of the nucleus: the most probable tokens that reach it are sampled, no others.
    public var topP: Float
    /// The seed of the draws.
    public var seed: UInt64

    /// A choice that is greedy unless a temperature is given.
    public init(temperature: Float = 0, topP: Float = 1, seed: UInt64 = 0) {
      self.temperature = temperature
      self.topP = topP
      self.seed = seed
    }
  }

  private let model: Decoder
  private let sampling: Sampling

  /// A generator for a model.
  public init(_ model: Decoder, _ sampling: Sampling = Sampling()) {
    self.model = model
    self.sampling = sampling
  }

  /// The continuation of a prompt of at least one token, at most `limit` tokens long.
  ///
  /// Ends early after one of the end tokens, the model's where none are given, or when `onToken`
  /// returns false.
  ///
  /// - Throws: `NonFiniteLogitsError`.
  public func continuation(
    of prompt: [Int32], limit: Int, ends: [Int]? = nil, onToken: (Int32) -> Bool = { _ in true }
  ) throws -> [Int32] {
    precondition(!prompt.isEmpty, "a prompt has at least one token")
    let cache = KeyValueCache(model.config, capacity: prompt.count + limit)
    var generator = SplitMix64(seed: sampling.seed, name: "generation")
    var (next, generated) = (prompt, [Int32]())
    while generated.count < limit {
      let hidden = model(TokenBatch(continuing: next, seen: cache.count), cache: cache)
      let logits = model.logits(gather(hidden, [Int32(hidden.rows - 1)]))
      try logits.requireLogits(from: cache.count - 1)
      let token = logits.withValues { choose($0, &generator) }
      generated.append(token)
      let isEnd = (ends ?? model.config.eosTokenIds).contains(Int(token))
      if isEnd || !onToken(token) { break }
      next = [token]
    }
    return generated
  }

  private func choose(
    _ logits: UnsafeBufferPointer<Float>, _ generator: inout SplitMix64
  ) -> Int32 {
    guard sampling.temperature > 0 else { return Int32(argmax(logits)) }
    let peak = logits[argmax(logits)]
    let weights = logits.map { exp(($0 - peak) / sampling.temperature) }
    let total = weights.reduce(0, +)
    var candidates = weights.indices.filter { weights[$0] > total * 1e-7 }
    candidates.sort { (weights[$1], $0) < (weights[$0], $1) }
    var kept: Float = 0
    let nucleus = candidates.prefix { id in
      defer { kept += weights[id] }
      return kept < sampling.topP * total
    }
    let mass = nucleus.reduce(0) { $0 + weights[$1] }
    var point = Float(generator.uniform()) * mass
    for id in nucleus {
      point -= weights[id]
      if point <= 0 { return Int32(id) }
    }
    return Int32(nucleus.last ?? argmax(logits))
  }

  private func argmax(_ values: UnsafeBufferPointer<Float>) -> Int {
    values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
  }
}

/// A model whose weights are numbers and whose logits are not: its activations overflow.
package struct NonFiniteLogitsError: Error, Equatable, CustomStringConvertible {
  /// The model that the logits are of, in words.
  package var model: String
  /// The position of the token in its text, counted from 0.
  package var position: Int

  /// An error about the logits after a token.
  package init(model: String = "the model", position: Int) {
    self.model = model
    self.position = position
  }

  /// One line: the fault, its place, and the remedy.
  package var description: String {
    "\(model)'s logits after the token at position \(position) are no numbers, because its weights "
      + "are too large; it diverged in training: use an earlier checkpoint"
  }
}

extension NonFiniteLogitsError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}

extension Tensor {
  /// Refuses logits (N, V) of which one is NaN or an infinity.
  ///
  /// - Parameter first: The position of the first row's token in its text.
  /// - Throws: `NonFiniteLogitsError`.
  package func requireLogits(from first: Int = 0) throws {
    let index = withValues { ck_first_non_finite($0.count, $0.baseAddress) }
    guard index >= 0 else { return }
    throw NonFiniteLogitsError(position: first + index / columns)
  }
}
