public import Shards

/// A way of reading a scheme's stored entries as a distribution.
public enum TargetReading: String, Sendable, Codable, CaseIterable {
  /// As they are: an unbiased estimate, never renormalised.
  case stored
  /// Scaled to a mass of 1, nothing for the rest.
  case renormalized
  /// With the rest of the mass as one bucket, which a loss spreads as the student does.
  case bucket
  /// With the rest of the mass spread evenly.
  case even
  /// Taken at one temperature and raised to another's power, renormalised: what a loss at another
  /// temperature than the capture's would see.
  case softened
}

/// A way of storing a teacher's distributions, from the whole row to what a reader gets back.
public protocol TargetEstimator: AnyObject {
  /// The temperature of the rows that it takes.
  var temperature: Double { get }
  /// The readings of the stored entries, each with an estimate of its own.
  var readings: [TargetReading] { get }
  /// Begins a sequence.
  func begin(_ text: SequenceTokens) throws
  /// Returns the estimates that a reader gets back at the next position, one a reading.
  func estimates(_ row: ReferenceRow) throws -> [TargetEstimate]
  /// Ends the sequence.
  func end() throws
}
