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
