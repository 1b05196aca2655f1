import Models
import Reports
import Tensors

extension MemoryShortage {
  /// Throws where work does not fit into the memory that this process may use.
  static func check(_ work: String, needs needed: Int) throws(MemoryShortage) {
    try check(work, needs: needed, of: MemoryFacts.current.usable)
  }
}

extension Teacher {
  /// The teacher of a checkpoint: in memory where it fits, otherwise (or when `streaming` is asked
  /// for) layer by layer from its file, of which standard error tells.
  ///
  /// `beside` is the memory for what is done with it.
  ///
  /// Throws: `CheckpointError` where a weight is missing or cannot be read.
  static func open(
    _ checkpoint: Checkpoint, precision: Precision, streaming: Bool, beside: Int
  ) throws -> Teacher {
    let usable = MemoryFacts.current.usable
    let needed = MemoryNeed.weights(checkpoint.config) + beside
    guard streaming || needed > usable else {
      var decoder = try Decoder(checkpoint)
      decoder.precision = precision
      return .resident(decoder)
    }
    var decoder = try StreamedDecoder(checkpoint)
    try MemoryShortage.check(
      "this capture, with a layer of the teacher at a time,",
      needs: 4 * decoder.largestPart + beside, of: usable)
    decoder.precision = precision
    let teacher = Teacher.streamed(decoder)
    Terminal.tell(
      "running the teacher from its file, layer by layer over \(teacher.sequencesPerBatch) "
        + "sequences: in memory it takes \(Figures.bytes(needed)) of \(Figures.bytes(usable))")
    return teacher
  }
}
