import Foundation

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

/// Running sums of one scheme's fidelity, in float64.
struct FidelitySums {
  private var count = 0
  private var entries = 0
  private var squares = 0.0
  private var klBias = 0.0
  /// The current sequence's part of the count.
  private var sequenceCount = 0
  /// The current sequence's part of the bias.
  private var sequenceBias = 0.0
  /// The parts of the sequences before it.
  private var sequences: [(count: Int, klBias: Double)] = []
  private var truncation = 0.0
  private var isTruncated = false
  private var massKept = 0.0
  private var mass = 0.0
  private var calibration = CalibrationBins()

  mutating func add(_ estimate: TargetEstimate, _ row: ReferenceRow, _ student: StudentDistribution)
  {
    let parts = Parts(estimate, row, student)
    count += 1
    entries += estimate.ids.count
    squares += max(0, parts.squaredError)
    let bias = parts.divergence - (row.crossEntropy - row.entropy)
    klBias += bias
    sequenceBias += bias
    sequenceCount += 1
    isTruncated = isTruncated || estimate.entropy == nil
    truncation -= log(max(parts.massKept, 1e-30))
    massKept += parts.massKept
    mass += parts.mass
    let place = estimate.ids.firstIndex(of: estimate.argmax)
    calibration.add(
      confidence: place.map { Double(estimate.values[$0]) } ?? 0,
      isRight: estimate.argmax == row.nextToken)
  }

  /// Ends a sequence: everything added from here on belongs to another.
  mutating func endSequence() {
    sequences.append((sequenceCount, sequenceBias))
    sequenceCount = 0
    sequenceBias = 0
  }

  func figures(gradientAngle: Double) -> FidelityFigures {
    let n = Double(max(count, 1))
    let error = HeldOutMean(sums: [sequences.map(\.klBias)], tokens: sequences.map(\.count))
    return FidelityFigures(
      tokens: count, entriesPerToken: Double(entries) / n, rmsError: (squares / n).squareRoot(),
      gradientAngle: gradientAngle, klBias: klBias / n,
      klBiasStderr: error.standardError,
      truncationKl: isTruncated ? truncation / n : nil, massKept: massKept / n,
      meanMass: mass / n, calibrationError: calibration.gaps / n)
  }
}

/// The figures of one estimate against the teacher's row.
private struct Parts {
  private(set) var squaredError: Double
  private(set) var massKept = 0.0
  private(set) var mass = 0.0
  /// KL to the student, by the estimate.
  private(set) var divergence: Double

  init(_ estimate: TargetEstimate, _ row: ReferenceRow, _ student: StudentDistribution) {
    // ‖t − p‖² is ‖p‖² but for what is listed; so are the sums over the student's q.
    squaredError = row.squares
    var (listedOverlap, listedSquares, listedQ) = (0.0, 0.0, 0.0)
    var (cross, negativeEntropy) = (0.0, 0.0)
    for (id, value) in zip(estimate.ids, estimate.values) {
      let (p, t) = (Double(row.probabilities[Int(id)]), Double(value))
      let q = Double(student.probabilities[Int(id)])
      squaredError += t * (t - 2 * p)
      massKept += p
      mass += t
      cross -= t * Double(student.logProbabilities[Int(id)])
      negativeEntropy += t > 0 ? t * log(t) : 0
      listedOverlap += p * q
      listedSquares += q * q
      listedQ += q
    }
    divergence = cross + (estimate.entropy.map { -$0 } ?? negativeEntropy)
    let rest = row.probabilities.count - estimate.ids.count
    let sums = RestSums(
      ids: rest, p: max(0, 1 - massKept), q: max(1e-30, 1 - listedQ),
      overlap: row.overlap - listedOverlap, squares: student.squares - listedSquares)
    add(estimate.rest, sums)
  }

  /// Sums over the ids that are not listed.
  private struct RestSums {
    let ids: Int
    let p, q, overlap, squares: Double
  }

  private mutating func add(_ rest: TargetEstimate.Rest, _ sums: RestSums) {
    switch rest {
    case .nothing: break
    case .even(let amount):
      guard sums.ids > 0 else { return }
      let each = amount / Double(sums.ids)
      squaredError += each * (amount - 2 * sums.p)
      mass += amount
      addBucket(amount, q: sums.q)
    case .asStudent(let amount):
      let factor = amount / sums.q
      squaredError += factor * (factor * sums.squares - 2 * sums.overlap)
      mass += amount
      addBucket(amount, q: sums.q)
    }
  }

  /// The rest as one bucket beside the student's: by the chain rule of KL all that a bucket says.
  private mutating func addBucket(_ amount: Double, q: Double) {
    if amount > 0 { divergence += amount * log(amount / q) }
  }
}
