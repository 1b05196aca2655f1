import Capture
import Models
import Reports
import Tensors
import Text
import Training

/// The calls from the commands into the libraries, one function each, in `Engine/`.
///
/// A command reads its options, checks them, calls one of these, and prints what comes back.
enum Engine {}

extension Engine {
  /// A checkpoint without rows beyond the tokenizer's ids, having said how many there were.
  static func withoutPadding(_ checkpoint: Checkpoint, _ tokenizer: Tokenizer?) -> Checkpoint {
    let (checkpoint, note) = checkpoint.withoutPadding(tokenizer)
    if let note { Console.note(note) }
    return checkpoint
  }

  /// Says where the ids of a tokenizer that was named stand for other text than in a model's own.
  static func tell(
    _ named: Tokenizer?, inPlaceOfThatOf checkpoint: Checkpoint, _ model: String
  ) throws {
    guard let named, let own = try checkpoint.tokenizer() else { return }
    if let note = named.note(inPlaceOf: own, of: model) { Console.warning("--tokenizer: \(note)") }
  }

  /// The path of the model that a path means, having said which checkpoints were passed over.
  static func modelPath(_ path: String) throws -> String {
    let model = try RunDirectory.model(path)
    for checkpoint in model.skipped { Console.warning(checkpoint.note) }
    return model.path
  }
}

extension Engine {
  /// The teacher of a checkpoint: in memory where it fits, otherwise (or when `streaming` is asked
  /// for) layer by layer from its file, of which standard error tells.
  ///
  /// `beside` is the memory for what is done with it.
  ///
  /// Throws: `CheckpointError` where a weight is missing or cannot be read.
  static func teacher(
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

  /// Throws where work does not fit into the memory.
  static func requireRoom(_ work: String, for needed: Int) throws(MemoryShortage) {
    try MemoryShortage.check(work, needs: needed, of: MemoryFacts.current.usable)
  }
}
