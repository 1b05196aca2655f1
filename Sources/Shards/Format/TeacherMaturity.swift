/// The course of a teacher's own training, for caches that are written during it.
///
/// The sequences of such a cache lie in the order of the training, so that three numbers tell the
/// step of each.
public struct TeacherMaturity: Sendable, Equatable, Codable {
  /// The updates that the teacher had made before the first sequence.
  package var firstStep: Int
  /// The sequences of a step of its training.
  package var sequencesPerStep: Int
  /// The updates that it made in all.
  package var steps: Int

  private enum CodingKeys: String, CodingKey {
    case firstStep = "first_step"
    case sequencesPerStep = "sequences_per_step"
    case steps
  }

  /// The maturity of a teacher's captured training.
  package init(firstStep: Int, sequencesPerStep: Int, steps: Int) {
    self.firstStep = firstStep
    self.sequencesPerStep = sequencesPerStep
    self.steps = steps
  }

  /// The updates that the teacher had made before the sequence of a number in its part.
  package func step(of ordinal: Int) -> Int { firstStep + ordinal / sequencesPerStep }

  /// The share of its training that the teacher had behind it, from 0 to 1.
  package func share(of ordinal: Int) -> Double {
    min(1, Double(step(of: ordinal)) / Double(steps))
  }

  /// Throws `invalidSetting` for numbers that describe no training.
  func validate() throws(ShardError) {
    let most = 1 << 40
    guard (1...most).contains(steps), (0..<steps).contains(firstStep),
      (1...most).contains(sequencesPerStep)
    else {
      throw .invalidSetting(
        name: "maturity",
        reason: "first_step \(firstStep) of \(steps) steps with \(sequencesPerStep) sequences each"
          + " describe no training")
    }
  }
}
