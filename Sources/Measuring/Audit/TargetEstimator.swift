public import Shards

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

/// A scheme's estimate of the teacher's distribution at one position.
public struct TargetEstimate: Sendable, Equatable {
  /// The treatment of the ids that an estimate does not list.
  public enum Rest: Sendable, Equatable {
    /// Nothing: they count as zero.
    case nothing
    /// They share this much mass evenly.
    case even(mass: Double)
    /// They share this much mass as the student itself does: what a loss with a bucket for the
    /// tail teaches (its gradient there is that of the bucket alone).
    case asStudent(mass: Double)
  }

  /// The listed ids, ascending.
  public var ids: [Int32]
  /// The estimates of their probabilities.
  public var values: [Float]
  /// The treatment of the other ids.
  public var rest: Rest
  /// The teacher's most probable token, if the scheme knows it, else its largest entry.
  public var argmax: Int32
  /// The entropy that goes into an unbiased estimate of KL; nil takes the estimate for a
  /// distribution and computes it.
  public var entropy: Double?

  /// An estimate.
  public init(
    ids: [Int32], values: [Float], rest: Rest = .nothing, argmax: Int32, entropy: Double? = nil
  ) {
    precondition(ids.count == values.count, "an entry is an id and a value")
    self.ids = ids
    self.values = values
    self.rest = rest
    self.argmax = argmax
    self.entropy = entropy
  }

  /// The mass of the listed entries.
  var mass: Double { values.reduce(0) { $0 + Double($1) } }

  /// The entries alone, scaled to a mass of 1.
  func renormalized() -> TargetEstimate {
    let mass = mass
    var result = self
    if mass > 0 { result.values = values.map { Float(Double($0) / mass) } }
    result.rest = .nothing
    return result
  }
}
