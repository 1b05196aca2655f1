/// What the frames of a capture are coded with: a pure function of its teacher and first sequences.
///
/// Workers agree on them without talking, because each computes them, or finds them on the disk.
public struct CodingTables: Sendable, Equatable {
  /// How many records from the start of the data they are calibrated on.
  public static let calibrationRecords = 8_192

  let ranks: FrequencyRanks

  init(ranks: FrequencyRanks) { self.ranks = ranks }

  /// Tables from the first sequences of a capture, at least `calibrationRecords` records of them
  /// if the data has so many.
  public init(
    calibrating sequences: [CachedSequence], capture: CaptureConfig
  ) throws(ShardError) {
    ranks = FrequencyRanks(
      counting: sequences.lazy.flatMap(\.tokens), vocabularySize: capture.vocabularySize)
  }
}
