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
    try MemoryShortage.check(
      "a layer of the teacher", needs: 4 * decoder.largestPart, of: usable)
    decoder.precision = precision
    let teacher = Teacher.streamed(decoder)
    Terminal.tell(
      "running the teacher from its file, layer by layer over \(teacher.sequencesPerBatch) "
        + "sequences: in memory it takes \(Figures.bytes(needed)) of \(Figures.bytes(usable))")
    return teacher
  }

  /// Throws where the weights of some models, and the logits of so many rows, do not fit.
  static func requireRoom(
    _ work: String, for models: [DecoderConfig], logitRows rows: Int
  ) throws(MemoryShortage) {
    let needed = models.reduce(0) { $0 + 4 * ($1.parameterCount + rows * $1.vocabSize) }
    try MemoryShortage.check(work, needs: needed, of: MemoryFacts.current.usable)
  }
}
