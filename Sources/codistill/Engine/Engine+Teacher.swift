import Distillation
import Models
import Reports
import Tensors

extension Engine {
  /// The teacher of a checkpoint: in memory where it fits, otherwise (or when `streaming` is asked
  /// for) layer by layer from its file, of which standard error tells.
  ///
  /// Throws: `CheckpointError` where a weight is missing or cannot be read.
  static func teacher(
    _ checkpoint: Checkpoint, precision: Precision, streaming: Bool
  ) throws -> Teacher {
    let (needed, usable) = (Teacher.residentBytes(checkpoint.config), MemoryFacts.current.usable)
    guard streaming || needed > usable else {
      var decoder = try Decoder(checkpoint)
      decoder.precision = precision
      return .resident(decoder)
    }
    var decoder = try StreamedDecoder(checkpoint)
    decoder.precision = precision
    let teacher = Teacher.streamed(decoder)
    Terminal.writeToStandardError(
      "running the teacher from its file, layer by layer over \(teacher.sequencesPerBatch) "
        + "sequences: in memory it takes \(Figures.bytes(needed)) of \(Figures.bytes(usable))\n")
    return teacher
  }
}
