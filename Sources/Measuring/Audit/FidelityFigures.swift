/// The fidelity of a scheme's targets to the teacher's distributions, over many positions.
public struct FidelityFigures: Sendable, Equatable, Encodable {
  /// The positions that were looked at.
  public var tokens: Int
  /// Stored entries a position.
  public var entriesPerToken: Double
  /// The root of the mean of ‖t − p‖².
  public var rmsError: Double
  /// The angle between the output layer's gradient on these targets and on the whole
  /// distributions, for a weak student and a batch, in degrees.
  public var gradientAngle: Double
  /// The mean of (KL to the weak student by these targets) − (the same by p), in nats.
  public var klBias: Double
  /// The standard error of `klBias` over sequences, whose positions are alike; nil of one sequence.
  public var klBiasStderr: Double?
  /// The mean of −log of the mass under p that the entries hold, in nats.
  ///
  /// That is the KL from p of a target that is cut off there and renormalised; nil where the
  /// targets are not cut off.
  public var truncationKl: Double?
  /// The mean mass under p of the ids that have an entry.
  public var massKept: Double
  /// The mean of Σt; 1 in expectation where targets are unbiased.
  public var meanMass: Double
  /// The expected calibration error of t at the most probable token, against the tokens that truly
  /// follow (15 bins of equal width).
  public var calibrationError: Double
}
