import Capture
import Measuring
import Models
import Text
import Training

extension Checkpoint {
  /// Returns the teacher at a path, cut to its tokenizer, if its ids mean the same as those of a
  /// student, which was cut before.
  ///
  /// Throws: `mismatch`, `PreparationError.vocabulary`.
  static func teacher(
    at path: String, of student: Checkpoint, at model: String, _ tokenizer: Tokenizer?
  ) throws -> Checkpoint {
    let padded = try Checkpoint.open(Checkpoint.path(ofModel: path))
    let other = try padded.tokenizer()
    let checkpoint = padded.cut(to: other ?? tokenizer)
    let sizes = (student: student.config.vocabSize, teacher: checkpoint.config.vocabSize)
    guard sizes.student == sizes.teacher else {
      throw PreparationError.vocabulary(student: sizes.student, cache: sizes.teacher, path: path)
    }
    if let tokenizer, let other, tokenizer.fingerprint != other.fingerprint {
      throw CommandError.mismatch(
        "\(path): has another tokenizer than \(model); give a teacher with the same one")
    }
    return checkpoint
  }
}

extension HeldOutData {
  /// Returns the texts apart from those that a model's run trained on, and notes what is to be known
  /// of them.
  ///
  /// Throws: `PreparationError.trainedOn`, where the rule refuses them.
  func apart(
    fromTextsOf model: String, _ tokenizer: Tokenizer?, _ overlap: OverlapRule
  ) throws -> HeldOutData {
    let trained: [TrainedText]
    do {
      trained = try RunDirectory.trainedTexts(ofModel: model)
    } catch {
      let note = "what \(model) trained on cannot be read, so that it may have seen this text"
      Console.note("\(note): \(error)")
      return self
    }
    guard !trained.isEmpty else { return self }
    let (heldOut, notes) = try apart(
      from: trained, tokenizer: tokenizer, overlap, key: "--overlap")
    for note in notes { Console.note(note) }
    return heldOut
  }
}
