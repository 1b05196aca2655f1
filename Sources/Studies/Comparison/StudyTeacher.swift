import Models
import Shards
import Tensors
import Text
import Training

/// The teacher that all students of a comparison are measured beside, and the tokenizer of its text.
///
/// Its weights are read when a student is measured that was not before.
final class StudyTeacher {
  /// The teacher's files, without padding of its vocabulary; nil without a teacher.
  let checkpoint: Checkpoint?
  /// The tokenizer that all share: the teacher's, else that of the first run that has one.
  let tokenizer: Tokenizer?
  private var decoder: Models.Decoder?

  /// Opens the teacher of a comparison, if it has one.
  ///
  /// - Throws: `CheckpointError`, `GGUFError`, `TokenizerError`.
  init(_ path: String?, beside runs: [StudyRun]) throws {
    let teacher = try path.map { try Checkpoint.open(RunDirectory.modelPath($0)) }
    tokenizer = try teacher?.tokenizer() ?? runs.lazy.compactMap(\.tokenizer).first
    checkpoint = teacher?.withoutPadding(tokenizer).checkpoint
  }

  /// SHA-256 of the teacher; nil without one.
  var fingerprint: String? { checkpoint?.fingerprint }

  /// The teacher in memory; nil without one.
  func opened() throws -> Models.Decoder? {
    if decoder == nil { decoder = try checkpoint.map { try Models.Decoder($0) } }
    return decoder
  }

  /// Gives the memory back, until a student is measured again.
  func rest() {
    decoder = nil
    Pool.trim()
  }
}
