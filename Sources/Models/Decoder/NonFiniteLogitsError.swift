package import Base
import CKernels
package import Tensors

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

extension NonFiniteLogitsError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}
