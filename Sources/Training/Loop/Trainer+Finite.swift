import Losses
import Models
import Tensors
import Text

extension Trainer {
  /// Checks that every weight and moment is a number, and every logit of a sequence.
  ///
  /// An update may overflow what the loss and gradient before it do not tell; weights may be so
  /// large that only what is computed of them overflows.
  ///
  /// - Throws: ``TrainingError/notFinite(_:)``.
  func requireFinite(probe sequence: PackedSequence) throws {
    if let name = optimizer.notFinite(in: student.parameters) ?? features?.notFinite {
      throw TrainingError.notFinite(name)
    }
    let hidden = student(TokenBatch([sequence]))
    try student.forEachLogits(of: hidden) { row in
      guard row.allSatisfy(\.isFinite) else { throw TrainingError.notFinite("a logit") }
    }
  }
}
